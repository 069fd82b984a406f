/* engine/limit.h: the worst-case exposure, and the halt that a breach causes
 * (docs/order-updates.md, R11). */
#ifndef AFTERSHOCK_ENGINE_LIMIT_H
#define AFTERSHOCK_ENGINE_LIMIT_H

#include "state.h"

/* Completes a draft with the exposure after it. If the draft leaves a limit exceeded and nothing
 * halts the engine yet, sets change->after.halt. `known` is the order as it was before, or NULL. */
void engine_limit_draft(const struct engine_state *state, const struct engine_order *known,
                        struct engine_change *change);

/* The limit that a new order of our own would exceed, or ENGINE_HALT_NONE: the halt that its draft
 * would cause. */
enum engine_halt engine_limit_check(const struct engine_state *state, const struct engine_order *order);

/* One line for people about a halt. Static, never NULL; empty for ENGINE_HALT_NONE. */
const char *engine_limit_explain(enum engine_halt halt);

#endif
