/* tests/sim/plan/test_shrink.c: a plan is made as small as its failure allows, and no smaller. The
 * runs are predicates here: what they need is known, and so is what must be left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "shrink.h"

#define STEPS 40u
#define FAULTS 16u

/* Fails when all of these are there. Faults are known by their operation, steps by their number. */
struct needs {
	uint32_t fault_count;
	uint32_t faults[4];
	uint32_t step_count;
	uint32_t steps[4];
	uint64_t points[2]; /* of switches; 0: none */
	uint32_t asked;
};

static bool has_fault(const struct sim_plan *plan, uint32_t operation) {
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		if (plan->faults[i].operation == operation) {
			return true;
		}
	}
	return false;
}

static bool has_switch(const struct sim_plan *plan, uint64_t point) {
	for (size_t i = 0; i < plan->processes.switch_count; i++) {
		if (plan->processes.switches[i].point == point) {
			return true;
		}
	}
	return point == 0;
}

static bool fails(void *context, const struct sim_plan *plan) {
	struct needs *needs = context;
	bool all = true;
	needs->asked++;
	for (uint32_t i = 0; i < needs->fault_count; i++) {
		all = all && has_fault(plan, needs->faults[i]);
	}
	for (uint32_t i = 0; i < needs->step_count; i++) {
		all = all && needs->steps[i] < plan->step_count && plan->steps[needs->steps[i]].kind != SIM_STEP_NONE;
	}
	return all && has_switch(plan, needs->points[0]) && has_switch(plan, needs->points[1]);
}

static struct sim_plan *make_plan(void) {
	struct sim_plan *plan = calloc(1, sizeof *plan);
	assert_non_null(plan);
	plan->report_count = plan->step_count = STEPS;
	for (uint32_t i = 0; i < STEPS; i++) {
		plan->steps[i] = (struct sim_step){.kind = SIM_STEP_DELIVER, .report = i};
	}
	plan->fault_count = FAULTS;
	for (uint32_t i = 0; i < FAULTS; i++) {
		plan->faults[i] = (struct sim_fault){
		        .kind = SIM_FAULT_KILL, .moment = SIM_MOMENT_STEP, .moment_number = 2 * i, .operation = i + 1};
	}
	return plan;
}

static struct sim_shrink shrink_for(struct sim_plan *plan, struct needs *needs, uint32_t runs_max) {
	struct sim_shrink shrink = {.plan = plan, .fails = fails, .context = needs, .runs_max = runs_max};
	assert_true(sim_shrink(&shrink));
	assert_int_equal(shrink.runs, needs->asked);
	return shrink;
}

static void what_is_not_needed_goes(void **state) {
	struct needs needs = {.fault_count = 2, .faults = {3, 12}, .step_count = 2, .steps = {5, 21}};
	struct sim_plan *plan = make_plan();
	(void)state;
	shrink_for(plan, &needs, 10000);
	struct sim_shrink_size size = sim_shrink_measure(plan);
	assert_int_equal(size.faults, 2);
	assert_int_equal(size.steps, 2);
	assert_int_equal(plan->faults[0].operation, 3);
	assert_int_equal(plan->faults[1].operation, 12);
	assert_int_equal(plan->steps[5].kind, SIM_STEP_DELIVER);
	assert_int_equal(plan->steps[21].report, 21);
	/* Fault 12 waits for step 22; the reports behind number 21 are sent by nobody. */
	assert_int_equal(plan->step_count, 23);
	assert_int_equal(plan->report_count, 22);
	free(plan);
}

static void only_the_switches_that_are_needed_are_left_and_in_their_order(void **state) {
	struct sim_switch switches[100];
	struct needs needs = {.step_count = 1, .steps = {3}, .points = {20, 171}};
	struct sim_plan *plan = make_plan();
	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		switches[i] = (struct sim_switch){.point = 2 * i + i % 2, .process = i % 3};
	}
	plan->processes.count = 3;
	plan->processes.switches = switches;
	plan->processes.switch_count = 100;
	shrink_for(plan, &needs, 10000);
	assert_ptr_equal(plan->processes.switches, switches);
	assert_int_equal(sim_shrink_measure(plan).switches, 2);
	assert_int_equal(switches[0].point, 20);
	assert_int_equal(switches[0].process, 10 % 3);
	assert_int_equal(switches[1].point, 171);
	assert_int_equal(switches[1].process, 85 % 3);
	assert_int_equal(sim_shrink_measure(plan).steps, 1);
	free(plan);
}

static void nothing_goes_when_everything_is_needed(void **state) {
	struct needs needs = {.fault_count = 1, .faults = {1}, .step_count = 1, .steps = {0}};
	struct sim_plan *plan = make_plan();
	struct sim_plan *before = make_plan();
	(void)state;
	plan->step_count = plan->report_count = before->step_count = before->report_count = 1;
	plan->fault_count = before->fault_count = 1;
	shrink_for(plan, &needs, 10000);
	assert_memory_equal(plan, before, sizeof *plan);
	free(plan);
	free(before);
}

static void a_failure_that_needs_nothing_leaves_nothing(void **state) {
	struct needs needs = {0};
	struct sim_plan *plan = make_plan();
	(void)state;
	struct sim_shrink shrink = shrink_for(plan, &needs, 10000);
	assert_int_equal(sim_shrink_measure(plan).faults + sim_shrink_measure(plan).steps, 0);
	assert_int_equal(plan->step_count, 1);
	assert_true(shrink.runs < 10);
	free(plan);
}

static void the_number_of_runs_is_bounded_and_what_is_left_still_fails(void **state) {
	struct needs needs = {.fault_count = 3, .faults = {2, 7, 16}, .step_count = 3, .steps = {1, 20, 39}};
	(void)state;
	for (uint32_t runs_max = 1; runs_max < 60; runs_max++) {
		struct sim_plan *plan = make_plan();
		needs.asked = 0;
		struct sim_shrink shrink = shrink_for(plan, &needs, runs_max);
		assert_true(shrink.runs <= runs_max);
		assert_true(fails(&needs, plan));
		free(plan);
	}
}

static void the_same_plan_is_made_smaller_in_the_same_way(void **state) {
	struct sim_plan *plans[2] = {make_plan(), make_plan()};
	uint32_t runs[2];
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct needs needs = {.fault_count = 1, .faults = {9}, .step_count = 2, .steps = {3, 4}};
		runs[i] = shrink_for(plans[i], &needs, 10000).runs;
	}
	assert_int_equal(runs[0], runs[1]);
	assert_memory_equal(plans[0], plans[1], sizeof *plans[0]);
	free(plans[0]);
	free(plans[1]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_not_needed_goes),
	        cmocka_unit_test(only_the_switches_that_are_needed_are_left_and_in_their_order),
	        cmocka_unit_test(nothing_goes_when_everything_is_needed),
	        cmocka_unit_test(a_failure_that_needs_nothing_leaves_nothing),
	        cmocka_unit_test(the_number_of_runs_is_bounded_and_what_is_left_still_fails),
	        cmocka_unit_test(the_same_plan_is_made_smaller_in_the_same_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
