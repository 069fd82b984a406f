/* sim/plan/workload_small.c: see workload_small.h. */
#include "workload_small.h"

#define SIM_WORKLOAD_SMALL_STEPS_MAX 2

/* One template: the reports that are next, and the steps that deliver them. */
struct sim_workload_small {
	uint32_t reports;
	enum sim_step_kind kinds[SIM_WORKLOAD_SMALL_STEPS_MAX]; /* NONE: there is no second one */
};

static const struct sim_workload_small sim_workload_small[SIM_SMALL_ORDERS_COUNT] = {
        [SIM_SMALL_DELIVER] = {1, {SIM_STEP_DELIVER}},
        [SIM_SMALL_TWICE] = {1, {SIM_STEP_DELIVER, SIM_STEP_AGAIN}},
        [SIM_SMALL_BATCH] = {2, {SIM_STEP_BATCH}},
        [SIM_SMALL_CHECKPOINT] = {1, {SIM_STEP_DELIVER, SIM_STEP_CHECKPOINT}},
        [SIM_SMALL_RESTART] = {1, {SIM_STEP_DELIVER, SIM_STEP_RESTART}},
};

uint32_t sim_workload_small_reports(const struct sim_small *small) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < small->length; i++) {
		count += sim_workload_small[small->templates[i]].reports;
	}
	return count;
}

void sim_workload_small_add_steps(struct sim_plan *plan, const struct sim_small *small) {
	uint32_t report = 0;
	for (uint32_t i = 0; i < small->length; i++) {
		const struct sim_workload_small *template = &sim_workload_small[small->templates[i]];
		for (int k = 0; k < SIM_WORKLOAD_SMALL_STEPS_MAX && template->kinds[k] != SIM_STEP_NONE; k++) {
			struct sim_step *step = &plan->steps[plan->step_count++];
			const struct sim_step_row *row = sim_plan_step_row(template->kinds[k]);
			*step = (struct sim_step){.kind = template->kinds[k]};
			step->argument = row->argument == SIM_STEP_REPORT ? report : 0;
			step->more = row->more == SIM_STEP_COUNT ? template->reports : 0;
		}
		report += template->reports;
	}
}
