/* sim/plan/plan.c: see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

void sim_plan_deinit(struct sim_plan *plan) {
	free(plan->processes.switches);
	plan->processes.switches = NULL;
	plan->processes.switch_count = 0;
}

uint32_t sim_plan_find_process(const struct sim_processes_plan *processes, const char *name) {
	for (uint32_t i = 0; i < processes->count; i++) {
		if (strcmp(processes->members[i].name, name) == 0) {
			return i;
		}
	}
	return SIM_PROCESSES_MAX;
}
