/* engine/identity.h: what a report is about: whose order, and of which instrument. */
#ifndef AFTERSHOCK_ENGINE_IDENTITY_H
#define AFTERSHOCK_ENGINE_IDENTITY_H

#include "engine.h"

/* Whether the scope and the day of an update have their form: the instrument is a list of
 * attributes, the day is a date. The texts end within their fields. */
bool engine_identity_is_sound(const struct engine_update *update);

#endif
