/* sim/plan/engines_plan.c: which engine is given which report, and what readers beside them do. The
 * reports and their order are those of the workload (sim/plan/workload.c). */
#include "engines_plan.h"

#include "pcg.h"

#include <stdio.h>
#include <string.h>

static uint32_t sim_engines_draw(struct sim_pcg32 *chance, const struct sim_range *range) {
	return (uint32_t)sim_settings_draw(chance, range);
}

/* Each step of the workload goes to one of the engines. */
static void sim_engines_assign(struct sim_plan *plan, const struct sim_process_group *const *groups) {
	struct sim_pcg32 chance;
	uint32_t engines[SIM_PROCESSES_MAX] = {0};
	uint32_t count = 0;
	sim_pcg32_derive(&chance, plan->seed, "rivals/steps");
	for (uint32_t i = 0; i < plan->processes.count; i++) {
		if (plan->processes.members[i].role == SIM_ROLE_ENGINE) {
			engines[count++] = i;
		}
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		struct sim_step *step = &plan->steps[i];
		step->process = engines[sim_pcg32_below(&chance, count)];
		step->pause_ms = sim_engines_draw(&chance, &groups[step->process]->pause_ms);
	}
}

static void sim_engines_draw_looks(struct sim_plan *plan, uint32_t process, const struct sim_process_group *group) {
	struct sim_pcg32 chance;
	char concern[SIM_PROCESS_NAME_SIZE + 20];
	snprintf(concern, sizeof concern, "rivals/%s", plan->processes.members[process].name);
	sim_pcg32_derive(&chance, plan->seed, concern);
	uint32_t count = sim_engines_draw(&chance, &group->steps);
	for (uint32_t i = 0; i < count && plan->step_count < SIM_PLAN_STEPS_MAX; i++) {
		plan->steps[plan->step_count++] =
		        (struct sim_step){.kind = SIM_STEP_LOOK,
		                          .looks = sim_engines_draw(&chance, &group->looks),
		                          .process = process,
		                          .pause_ms = sim_engines_draw(&chance, &group->pause_ms),
		                          .hold_ms = sim_engines_draw(&chance, &group->hold_ms)};
	}
}

void sim_engines_plan_make(struct sim_plan *plan, const struct sim_process_group *const *groups) {
	sim_engines_assign(plan, groups);
	for (uint32_t i = 0; i < plan->processes.count; i++) {
		if (plan->processes.members[i].role == SIM_ROLE_READER) {
			sim_engines_draw_looks(plan, i, groups[i]);
		}
	}
}
