/* engine/limit.h: worst-case exposure and the halt that a breach latches (docs/order-updates.md, R11). */
#ifndef AFTERSHOCK_ENGINE_LIMIT_H
#define AFTERSHOCK_ENGINE_LIMIT_H

#include "state.h"

/* Completes a draft: the exposure after it, and change->after.halt when it leaves a limit exceeded. `known` is the order as
 * it was, or NULL. */
void engine_limit_draft(const struct engine_state *state, const struct engine_order *known,
                        struct engine_change *change);

/* Which limit an order of our own would exceed on top of everything: what a draft would latch. */
enum engine_halt engine_limit_check(const struct engine_state *state, const struct engine_order *order);

/* One line for people; empty for ENGINE_HALT_NONE. */
const char *engine_limit_explain(enum engine_halt halt);

#endif
