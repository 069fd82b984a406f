/* engine/agree.h: whether the venue and the engine hold the same, and whether orders may be sent. The rest is in engine.h. */
#ifndef AFTERSHOCK_ENGINE_AGREE_H
#define AFTERSHOCK_ENGINE_AGREE_H

#include "protocol.h"

/* An update ended so: what shows that the venue knows something else ends an agreement. */
void engine_agree_notice(struct engine *engine, enum engine_outcome outcome);

#endif
