/* sim/plan/plan_step.c: see plan_step.h. */
#include "plan_step.h"

#include <stddef.h>

static const char *const sim_plan_steps[] = {"none",     "deliver", "again",  "restart", "checkpoint", "transaction",
                                             "takeover", "wake",    "retire", "batch",   "look",       "backup",
                                             "vacuum",   "check",   "switch", "trade",   NULL};

const char *sim_plan_step_name(enum sim_step_kind kind) {
	return sim_plan_steps[kind];
}

const char *const *sim_plan_step_names(void) {
	return sim_plan_steps;
}
