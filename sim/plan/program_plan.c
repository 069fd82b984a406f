/* sim/plan/program_plan.c: which operations come in which order, and what comes between them. Each
 * concern has its own stream. What the subject has to draw from is known when the run begins, and
 * not here: then an operation is a number. */
#include "program_plan.h"

#include "operation.h"
#include "pcg.h"

/* Chances that are no scenario's business. Swarm works by leaving kinds of operation out; and who
 * makes its database in the first start is to be interrupted in it, too. */
#define SIM_PROGRAM_PLAN_KIND_PERCENT 75
#define SIM_PROGRAM_PLAN_MADE_PERCENT 75

static void sim_program_plan_draw_kinds(struct sim_program_plan *plan, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "program/kinds");
	plan->kinds_on = 0;
	for (uint32_t i = 0; i < 32; i++) {
		plan->kinds_on |= sim_pcg32_percent(&chance, SIM_PROGRAM_PLAN_KIND_PERCENT) ? 1u << i : 0;
	}
	sim_pcg32_derive(&chance, seed, "program/made");
	plan->made = sim_pcg32_percent(&chance, SIM_PROGRAM_PLAN_MADE_PERCENT);
}

static void sim_program_plan_draw_operations(struct sim_program_plan *plan, const struct sim_scenario *scenario,
                                             uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "program/operations");
	plan->operation_count = (uint32_t)sim_settings_draw(&chance, &scenario->workload.updates);
	for (uint32_t i = 0; i < plan->operation_count; i++) {
		struct sim_operation *operation = &plan->operations[i];
		uint64_t number = sim_pcg32_between(&chance, 0, UINT64_MAX);
		*operation = (struct sim_operation){.number = number};
		if (scenario->operation_count > 0) {
			sim_operation_draw(scenario->operations, plan->kinds_on, number, operation->text);
			operation->number = 0;
		}
	}
}

static void sim_program_plan_draw_steps(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "program/steps");
	for (uint32_t i = 0; i < plan->program.operation_count; i++) {
		sim_plan_add_step(plan, SIM_STEP_OPERATION, i);
		if (sim_pcg32_percent(&chance, workload->restarts_percent)) {
			sim_plan_add_step(plan, SIM_STEP_RESTART, 0);
		}
		sim_plan_add_crash(plan, workload, &chance);
	}
}

void sim_program_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario) {
	plan->step_count = plan->report_count = plan->order_count = plan->symbol_count = 0;
	plan->tape_used = false;
	plan->program.is_one = true;
	sim_program_plan_draw_kinds(&plan->program, plan->seed);
	sim_program_plan_draw_operations(&plan->program, scenario, plan->seed);
	sim_program_plan_draw_steps(plan, &scenario->workload);
}
