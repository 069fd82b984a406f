/* engine/agree.h: the agreement with the venue, and the permission to send orders. engine.h has the
 * public calls. */
#ifndef AFTERSHOCK_ENGINE_AGREE_H
#define AFTERSHOCK_ENGINE_AGREE_H

#include "protocol.h"

/* Tells how an update ended. A gap, a conflict, a stop or a doubt ends an agreement. */
void engine_agree_notice(struct engine *engine, enum engine_outcome outcome);

#endif
