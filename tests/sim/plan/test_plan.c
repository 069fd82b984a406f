/* Plans: a pure function of scenario and seed, and every fault of every plan of the library can
 * be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"
#include "plan_make.h"
#include "plan_text.h"
#include "scenario_load.h"

#include <glob.h>

#define SEEDS 200u

static struct sim_plan plan;
static struct sim_plan other;
static glob_t files;
static char why[1536];

static int find_library(void **context) {
	(void)context;
	return glob(TESTS_SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &files);
}

static int forget_library(void **context) {
	(void)context;
	globfree(&files);
	return 0;
}

static struct sim_scenario *library(size_t i) {
	struct sim_scenario *scenario = sim_scenario_load(files.gl_pathv[i], why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
	}
	return scenario;
}

/* S1: a plan is a function of scenario and seed. */
static void the_same_seed_makes_the_same_plan(void **context) {
	(void)context;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = library(i);
		/* What was there before must not show through. */
		memset(&plan, 0, sizeof plan);
		memset(&other, 0, sizeof other);
		sim_plan_make(&plan, scenario, 77);
		sim_plan_make(&other, scenario, 77);
		assert_memory_equal(&plan, &other, sizeof plan);
		sim_scenario_destroy(scenario);
	}
}

static void another_seed_makes_another_plan(void **context) {
	(void)context;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = library(i);
		memset(&plan, 0, sizeof plan);
		memset(&other, 0, sizeof other);
		sim_plan_make(&plan, scenario, 77);
		sim_plan_make(&other, scenario, 78);
		if (scenario->sql != NULL) {
			assert_memory_not_equal(&plan.sql, &other.sql, sizeof plan.sql);
		} else {
			assert_memory_not_equal(plan.reports, other.reports, sizeof plan.reports);
			assert_memory_not_equal(plan.steps, other.steps, sizeof plan.steps);
		}
		sim_scenario_destroy(scenario);
	}
}

static char *printed(const struct sim_plan *subject) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	sim_plan_text_print(subject, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_used_plan_leaves_no_traces_in_the_next(void **context) {
	(void)context;
	struct sim_scenario *scenario = library(0);
	memset(&plan, 0, sizeof plan);
	sim_plan_make(&plan, scenario, 5);
	char *fresh = printed(&plan);
	sim_plan_make(&plan, scenario, 6);
	char *between = printed(&plan);
	sim_plan_make(&plan, scenario, 5);
	char *again = printed(&plan);
	assert_string_equal(fresh, again);
	assert_string_not_equal(fresh, between);
	free(fresh);
	free(between);
	free(again);
	sim_scenario_destroy(scenario);
}

static void check_fault(const struct sim_scenario *scenario, uint64_t seed, const struct sim_fault *fault) {
	struct sim_fault parsed;
	char text[SIM_FAULT_TEXT_SIZE];
	sim_fault_print(fault, text);
	if (!sim_fault_check(fault, why, sizeof why) || !sim_fault_parse(text, &parsed, why, sizeof why)) {
		fail_msg("%s seed %llu: %s: %s", scenario->name, (unsigned long long)seed, text, why);
	}
}

static void check_faults(const struct sim_scenario *scenario, uint64_t seed) {
	for (uint32_t i = 0; i < plan.fault_count; i++) {
		check_fault(scenario, seed, &plan.faults[i]);
	}
}

static void every_fault_of_every_plan_can_be_and_can_be_read_back(void **context) {
	(void)context;
	uint64_t faults = 0;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = library(i);
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			sim_plan_make(&plan, scenario, seed);
			check_faults(scenario, seed);
			faults += plan.fault_count;
		}
		sim_scenario_destroy(scenario);
	}
	assert_true(faults > SEEDS * 10);
}

static bool listed(const struct sim_choices *choices, uint64_t value) {
	for (uint32_t i = 0; i < choices->count; i++) {
		if (choices->values[i] == value) {
			return true;
		}
	}
	return false;
}

static void check_bounds(const struct sim_scenario *scenario) {
	const struct sim_workload *workload = &scenario->workload;
	bool sql = scenario->sql != NULL;
	uint32_t count = sql ? plan.sql.transaction_count : plan.report_count;
	assert_in_range(count, workload->updates.min, workload->updates.max);
	assert_true(sql || (plan.symbol_count >= workload->symbols.min && plan.symbol_count <= workload->symbols.max));
	assert_true(listed(&scenario->settings[SIM_SETTING(journal_mode)], plan.settings.journal_mode));
	assert_true(listed(&scenario->settings[SIM_SETTING(synchronous)], plan.settings.synchronous));
	assert_true(listed(&scenario->settings[SIM_SETTING(page_size_bytes)], plan.settings.page_size_bytes));
	assert_true(listed(&scenario->settings[SIM_SETTING(sector_size_bytes)], plan.settings.sector_size_bytes));
	assert_int_equal(plan.tape_used, scenario->workload.tape.count > 0);
}

static void check_steps_deliver_everything(const struct sim_scenario *scenario) {
	bool delivered[SIM_PLAN_REPORTS_MAX] = {false};
	bool sql = scenario->sql != NULL;
	uint32_t count = sql ? plan.sql.transaction_count : plan.report_count;
	for (uint32_t i = 0; i < plan.step_count; i++) {
		const struct sim_step *step = &plan.steps[i];
		bool tunes = step->kind == SIM_STEP_TUNE;
		assert_true(step->kind != SIM_STEP_NONE);
		assert_true(step->report < (tunes ? scenario->sql->tunings.count : count));
		if (step->kind == (sql ? SIM_STEP_TRANSACTION : SIM_STEP_DELIVER) || step->kind == SIM_STEP_TRADE) {
			assert_false(delivered[step->report]);
			delivered[step->report] = true;
		}
		for (uint32_t n = 0; step->kind == SIM_STEP_BATCH && n < step->count; n++) {
			assert_true(step->report + n < count && !delivered[step->report + n]);
			delivered[step->report + n] = true;
		}
	}
	for (uint32_t report = 0; report < count; report++) {
		assert_true(delivered[report]);
	}
}

static void plans_stay_within_their_scenario(void **context) {
	(void)context;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = library(i);
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			sim_plan_make(&plan, scenario, seed);
			check_bounds(scenario);
			check_steps_deliver_everything(scenario);
		}
		sim_scenario_destroy(scenario);
	}
}

/* Counts the faults of the plan that are aimed at the truncation of a WAL or of the database: [0]
 * those that go by number after a while, [1] those that wait as long as it takes. */
static void count_truncations(uint32_t counts[2]) {
	for (uint32_t n = 0; n < plan.fault_count; n++) {
		enum vfs_phase phase = plan.faults[n].phase;
		if (phase == VFS_PHASE_WAL_TRUNCATION || phase == VFS_PHASE_DATABASE_TRUNCATION) {
			counts[plan.faults[n].operation == 0]++;
		}
	}
}

/* Few transactions of SQL have it: some faults wait for it, and some do not. The engine has none of
 * those transactions, so none of its faults waits. */
static void faults_wait_for_what_few_transactions_have(void **context) {
	(void)context;
	uint32_t of_sql[2] = {0, 0};
	uint32_t of_engine[2] = {0, 0};
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct sim_scenario *scenario = library(i);
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			memset(&plan, 0, sizeof plan);
			sim_plan_make(&plan, scenario, seed);
			count_truncations(scenario->sql != NULL ? of_sql : of_engine);
		}
		sim_scenario_destroy(scenario);
	}
	assert_true(of_sql[0] > 0 && of_sql[1] > 0);
	assert_true(of_engine[0] > 0);
	assert_int_equal(of_engine[1], 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_seed_makes_the_same_plan),
	        cmocka_unit_test(another_seed_makes_another_plan),
	        cmocka_unit_test(faults_wait_for_what_few_transactions_have),
	        cmocka_unit_test(a_used_plan_leaves_no_traces_in_the_next),
	        cmocka_unit_test(every_fault_of_every_plan_can_be_and_can_be_read_back),
	        cmocka_unit_test(plans_stay_within_their_scenario),
	};
	return cmocka_run_group_tests(tests, find_library, forget_library);
}
