/* engine/quick_check.h: whether the pages are sound that loading does not read. */
#ifndef AFTERSHOCK_ENGINE_QUICK_CHECK_H
#define AFTERSHOCK_ENGINE_QUICK_CHECK_H

#include "store.h"

/* Runs SQLite's quick_check, which also reads pages that loading does not. False when it finds
 * something or fails; then fills `error`. Writes nothing. */
bool engine_quick_check(struct engine_store *store, struct engine_error *error);

#endif
