/* Small workloads, one after the other: none is missing, none comes twice, and two that begin alike
 * are alike up to there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "plan_make.h"
#include "run.h"
#include "small.h"
#include "sql.h"

static struct sim_plan plan;
static struct sim_plan longer;

static bool are_same(const struct sim_small *one, const struct sim_small *other) {
	return memcmp(one, other, sizeof *one) == 0;
}

static void every_workload_comes_once(void **state) {
	static struct sim_small all[155];
	struct sim_scenario *scenario = library_load("small/small-sql");
	(void)state;
	assert_int_equal(sim_small_template_count(scenario), 5);
	assert_int_equal(sim_small_count(scenario), 5 + 25 + 125);
	for (uint32_t i = 0; i < 155; i++) {
		all[i] = sim_small_of_seed(scenario, i + 1);
		assert_int_equal(all[i].length, i < 5 ? 1 : i < 30 ? 2 : 3);
		for (uint32_t k = 0; k < i; k++) {
			assert_false(are_same(&all[k], &all[i]));
		}
	}
	const struct sim_small anew = sim_small_of_seed(scenario, 156);
	assert_true(are_same(&anew, &all[0]));
	const struct sim_small last = sim_small_of_seed(scenario, 0);
	assert_true(are_same(&last, &all[154]));
	sim_scenario_destroy(scenario);
}

static void values_of_pragmas_multiply(void **state) {
	struct sim_scenario scenario = {.workload.enumerate = 2};
	char full[] = "PRAGMA auto_vacuum = full";
	char none[] = "PRAGMA auto_vacuum = none";
	char on[] = "PRAGMA foreign_keys = on";
	char *texts[] = {full, none, on};
	struct sim_sql sql = {
	        .template_count = 3, .pragma_count = 2, .pragma_values = {{0, 2}, {2, 1}}, .pragmas = {3, texts}};
	char text[SIM_SMALL_TEXT_SIZE];
	(void)state;
	scenario.sql = &sql;
	snprintf(sql.templates[0].name, sizeof sql.templates[0].name, "insert");
	snprintf(sql.templates[2].name, sizeof sql.templates[2].name, "vacuum");
	assert_int_equal(sim_small_count(&scenario), 2 * (3 + 9));
	const struct sim_small one = sim_small_of_seed(&scenario, 12 + 3 + 3);
	assert_int_equal(sim_small_pragma(&sql, one.pragmas, 0), 1);
	assert_int_equal(sim_small_pragma(&sql, one.pragmas, 1), 2);
	sim_small_print(&scenario, &one, text);
	assert_string_equal(text, "insert, vacuum; auto_vacuum = none");
	scenario.workload.enumerate = 4;
	sql.template_count = 32;
	assert_true(sim_small_count(&scenario) > SIM_SMALL_WORKLOADS_MAX);
	scenario.workload.enumerate = 0;
	assert_int_equal(sim_small_count(&scenario), 0);
}

/* The seed whose workload is that of `seed`, and one template more. */
static uint64_t longer_by(const struct sim_scenario *scenario, uint64_t seed, uint32_t template) {
	struct sim_small wanted = sim_small_of_seed(scenario, seed);
	wanted.templates[wanted.length++] = template;
	for (uint64_t other = seed + 1; other <= sim_small_count(scenario); other++) {
		const struct sim_small one = sim_small_of_seed(scenario, other);
		if (are_same(&one, &wanted)) {
			return other;
		}
	}
	fail_msg("no workload is longer by template %u", template);
	return 0;
}

static void what_begins_alike_has_the_same_values(void **state) {
	struct sim_scenario *scenario = library_load("small/small-sql");
	(void)state;
	sim_plan_make(&plan, scenario, 16);
	sim_plan_make(&longer, scenario, longer_by(scenario, 16, 2));
	assert_int_equal(plan.sql.transaction_count, 2);
	assert_int_equal(longer.sql.transaction_count, 3);
	assert_int_equal(plan.seed, longer.seed);
	assert_memory_equal(plan.sql.transactions, longer.sql.transactions, 2 * sizeof plan.sql.transactions[0]);
	/* With another turn chance is another one. */
	sim_plan_make(&longer, scenario, 16 + 155);
	assert_int_equal(longer.sql.transaction_count, 2);
	assert_int_not_equal(plan.seed, longer.seed);
	assert_memory_not_equal(plan.sql.transactions, longer.sql.transactions, 2 * sizeof plan.sql.transactions[0]);
	sim_scenario_destroy(scenario);
}

/* The reports that the steps deliver, in their order. */
static uint32_t delivered(void) {
	uint32_t next = 0;
	for (uint32_t i = 0; i < plan.step_count; i++) {
		const struct sim_step *step = &plan.steps[i];
		bool delivers = step->kind == SIM_STEP_DELIVER || step->kind == SIM_STEP_BATCH;
		assert_true(!delivers || step->report == next);
		next += !delivers ? 0 : step->kind == SIM_STEP_BATCH ? step->count : 1;
	}
	return next;
}

/* Of orders: each report is delivered by one template, in its order. */
static void steps_of_orders_deliver_each_report(void **state) {
	struct sim_scenario *scenario = library_load("small/small-orders");
	(void)state;
	for (uint64_t seed = 1; seed <= sim_small_count(scenario); seed++) {
		sim_plan_make(&plan, scenario, seed);
		assert_int_equal(delivered(), plan.report_count);
		assert_int_equal(plan.fault_count, 0);
	}
	sim_scenario_destroy(scenario);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_workload_comes_once),
	                                   cmocka_unit_test(values_of_pragmas_multiply),
	                                   cmocka_unit_test(what_begins_alike_has_the_same_values),
	                                   cmocka_unit_test(steps_of_orders_deliver_each_report)};
	return sim_run_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
