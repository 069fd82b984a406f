/* engine/apply.h: the rules of docs/order-updates.md as one pure function. */
#ifndef AFTERSHOCK_ENGINE_APPLY_H
#define AFTERSHOCK_ENGINE_APPLY_H

#include "state.h"

/* Computes what an update does to a state, and touches nothing. It is total: every input is applied
 * wholly or refused with a rule (E3). Fills the whole change. Call engine_state_prepare() for the
 * update first. */
void engine_apply_draft(const struct engine_state *state, const struct engine_update *update,
                        struct engine_change *change);

/* One line for people about a rule. Static, never NULL; empty for ENGINE_RULE_NONE. */
const char *engine_apply_explain(enum engine_rule rule);

#endif
