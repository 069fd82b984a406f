/* engine/apply.h: the rules of README.md as one pure function. */
#ifndef AFTERSHOCK_ENGINE_APPLY_H
#define AFTERSHOCK_ENGINE_APPLY_H

#include "state.h"

/* Computes what an update does to a state, and touches nothing. Total: every input is applied or refused with a rule, and
 * never half of it (E3). Fills the whole change. engine_state_prepare() must have been called for the update. */
void engine_apply_draft(const struct engine_state *state, const struct engine_update *update,
                        struct engine_change *change);

/* One line for people about a rule. Never NULL; empty for ENGINE_RULE_NONE. */
const char *engine_apply_explain(enum engine_rule rule);

#endif
