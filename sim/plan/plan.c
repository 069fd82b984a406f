/* sim/plan/plan.c: see plan.h. */
#include "plan.h"

#include <stdlib.h>

void sim_plan_deinit(struct sim_plan *plan) {
	free(plan->processes.switches);
	plan->processes.switches = NULL;
	plan->processes.switch_count = 0;
}
