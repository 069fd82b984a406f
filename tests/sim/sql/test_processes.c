/* Several processes at once: the same seed is the same run, a recorded schedule is the run that it
 * was recorded from, the text form of a plan keeps all of it, and who waits for ever or works for
 * ever is told by name. */
#include "coroutine.h"
#include "plan.h"
#include "plan_make.h"
#include "plan_text.h"
#include "processes.h"
#include "run.h"
#include "setting_row.h"
#include "scenario_load.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST_SEEDS 60u

static struct sim_plan plan;
static struct sim_plan other;

static struct sim_scenario *load(const char *name) {
	char path[SIM_SCENARIO_PATH_SIZE];
	char why[300];
	snprintf(path, sizeof path, "%s/%s.yaml", AFTERSHOCK_SOURCE_DIR, name);
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
	}
	return scenario;
}

static void run(const struct sim_scenario *scenario, uint64_t seed, const struct sim_run_options *options,
                struct sim_run_result *result) {
	sim_run(scenario, seed, sim_subject_sql(), options, result);
	assert_int_not_equal(result->verdict, SIM_HARNESS_FAILED);
}

/* The text of a plan, or of one with its schedule as it went. */
static char *text_of(const struct sim_plan *printed) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	sim_plan_text_print(printed, out);
	fclose(out);
	return text;
}

static char *text_of_run(const struct sim_scenario *scenario, uint64_t seed, struct sim_run_result *result) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const struct sim_run_options options = {.schedule = out};
	assert_non_null(out);
	run(scenario, seed, &options, result);
	fclose(out);
	return text;
}

static void read_plan(struct sim_plan *read, const struct sim_scenario *scenario, const char *text) {
	char why[300];
	read->sql_scenario = scenario->sql;
	if (!sim_plan_text_parse(read, text, "plan", why, sizeof why)) {
		fail_msg("%s", why);
	}
}

/* ---- plans ----------------------------------------------------------------------------------- */

static void reads_as_it_prints(const char *name) {
	struct sim_scenario *scenario = load(name);
	for (uint64_t seed = 0; seed < TEST_SEEDS; seed++) {
		sim_plan_make(&plan, scenario, seed);
		char *text = text_of(&plan);
		read_plan(&other, scenario, text);
		char *again = text_of(&other);
		assert_string_equal(again, text);
		assert_memory_equal(other.steps, plan.steps, plan.step_count * sizeof plan.steps[0]);
		assert_memory_equal(&other.processes.schedule, &plan.processes.schedule,
		                    sizeof plan.processes.schedule);
		free(text);
		free(again);
	}
	sim_scenario_destroy(scenario);
}

static void a_plan_with_processes_reads_as_it_prints(void **state) {
	(void)state;
	reads_as_it_prints("scenarios/processes/late-openers");
	reads_as_it_prints("scenarios/processes/read-only");
	reads_as_it_prints("scenarios/processes/tuned");
}

/* The text with the first `from` replaced. */
static char *edit(const char *text, const char *from, const char *to) {
	size_t before = 0;
	while (text[before] != '\0' && strncmp(text + before, from, strlen(from)) != 0) {
		before++;
	}
	assert_int_not_equal(text[before], '\0');
	size_t size = strlen(text) + strlen(to) + 1;
	char *edited = calloc(1, size);
	assert_non_null(edited);
	snprintf(edited, size, "%.*s%s%s", (int)before, text, to, text + before + strlen(from));
	return edited;
}

static void expect_refused(const struct sim_scenario *scenario, const char *text, const char *expected) {
	char why[300];
	other.sql_scenario = scenario->sql;
	assert_false(sim_plan_text_parse(&other, text, "plan", why, sizeof why));
	if (strstr(why, expected) == NULL) {
		fail_msg("\"%s\" without \"%s\"", why, expected);
	}
}

static void a_plan_that_names_what_is_not_there_is_refused(void **state) {
	struct sim_scenario *scenario = load("tests/sim/sql/counter");
	static const struct {
		const char *from;
		const char *to;
		const char *why;
	} rows[] = {
	        {" by writer-1", " by writer-7", "unknown process writer-7, expected one of this plan"},
	        {"process 1 writer-2", "process 1 writer-1", "a second process writer-1, expected another name"},
	        {"schedule uniform", "schedule by_chance", "unknown strategy by_chance"},
	        {" pause ", " wait ", "wait, expected pause"},
	        {"step 0", "switch 4 writer-1\nstep 0", "expected `schedule recorded` before it"},
	};
	(void)state;
	sim_plan_make(&plan, scenario, 1);
	char *text = text_of(&plan);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *edited = edit(text, rows[i].from, rows[i].to);
		expect_refused(scenario, edited, rows[i].why);
		free(edited);
	}
	free(text);
	sim_scenario_destroy(scenario);
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void one_seed_is_one_run(void **state) {
	struct sim_scenario *scenario = load("scenarios/processes/rollback-kill");
	struct sim_run_result first;
	struct sim_run_result second;
	uint64_t switches = 0;
	(void)state;
	for (uint64_t seed = 0; seed < TEST_SEEDS; seed++) {
		run(scenario, seed, NULL, &first);
		run(scenario, seed, NULL, &second);
		assert_memory_equal(&first, &second, sizeof first);
		switches += first.switches;
	}
	assert_true(switches > TEST_SEEDS);
	assert_true(sim_coroutine_stack_used_bytes() < sim_coroutine_stack_bytes() / 2);
	sim_scenario_destroy(scenario);
}

static void a_recorded_schedule_is_the_run_it_was_recorded_from(void **state) {
	struct sim_scenario *scenario = load("scenarios/processes/rollback-power-loss");
	(void)state;
	for (uint64_t seed = 0; seed < TEST_SEEDS; seed++) {
		struct sim_run_result first;
		struct sim_run_result second;
		char *text = text_of_run(scenario, seed, &first);
		read_plan(&plan, scenario, text);
		const struct sim_run_options options = {.plan = &plan};
		run(scenario, seed, &options, &second);
		assert_memory_equal(first.trace_hash, second.trace_hash, sizeof first.trace_hash);
		assert_int_equal(first.schedule_hash, second.schedule_hash);
		sim_plan_deinit(&plan);
		free(text);
	}
	sim_scenario_destroy(scenario);
}

/* One chain explains every read, also of several files, and where damage is measured (S25). */
static void clients_hold_beside_damage_and_over_several_files(void **state) {
	static const char *const names[] = {"scenarios/processes/attached", "scenarios/processes/damage-beside",
	                                    "scenarios/processes/sync-models"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sim_scenario *scenario = load(names[i]);
		uint64_t faults = 0;
		for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
			struct sim_run_result result;
			run(scenario, seed, NULL, &result);
			assert_string_equal(result.invariant, "");
			faults += result.faults;
		}
		assert_true(faults > 0);
		sim_scenario_destroy(scenario);
	}
}

/* Of clients that nothing keeps off each other nothing is promised: what deviates is measured.
 * Where it is demanded all the same, as in a control, it is a violation (S11). */
static void is_measured(const char *name) {
	struct sim_scenario *scenario = load(name);
	uint64_t measured = 0;
	uint64_t violated = 0;
	scenario->demands_locks = false;
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		struct sim_run_result result;
		run(scenario, seed, NULL, &result);
		assert_string_equal(result.invariant, "");
		measured += result.corrupt;
		scenario->demands_locks = true;
		run(scenario, seed, NULL, &result);
		violated += result.verdict == SIM_VIOLATED;
		scenario->demands_locks = false;
	}
	assert_true(measured > TEST_SEEDS / 4);
	/* A call that fails for want of a lock has its reason where nothing is promised. */
	assert_true(violated >= measured);
	sim_scenario_destroy(scenario);
}

static void what_clients_without_locks_do_is_measured(void **state) {
	(void)state;
	is_measured("tests/sim/sql/unlocked");
}

/* A URI takes the locks of one reader only. The twin opens for reading only, in the usual way. */
static void what_a_reader_without_locks_sees_is_measured(void **state) {
	(void)state;
	is_measured("scenarios/contracts/immutable-control");
	is_measured("scenarios/contracts/nolock-control");
}

static void who_only_reads_is_judged_as_ever(void **state) {
	struct sim_scenario *scenario = load("scenarios/processes/read-only");
	struct sim_run_result result;
	uint64_t copies = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		run(scenario, seed, NULL, &result);
		assert_string_equal(result.invariant, "");
		assert_int_equal(result.corrupt, 0);
		copies += result.probes[SIM_PROBE_VACUUMED_INTO];
	}
	assert_true(copies > TEST_SEEDS);
	sim_scenario_destroy(scenario);
}

/* How many runs exceed a bound, each of which says so. */
static uint32_t count_exceeded(const struct sim_scenario *scenario, const char *says) {
	struct sim_run_result result;
	uint32_t exceeded = 0;
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		run(scenario, seed, NULL, &result);
		exceeded += strcmp(result.invariant, "bound_kept") == 0;
		assert_true(result.verdict == SIM_HELD || strstr(result.detail, says) != NULL);
	}
	return exceeded;
}

/* A bound that is exceeded ends the run, and says what exceeded it (S55). The twin keeps it. */
static void a_bound_that_is_exceeded_is_a_violation(void **state) {
	static const struct {
		enum sim_bound bound;
		enum sim_journal_mode mode;
		uint64_t small;
		const char *says;
	} rows[] = {{SIM_BOUND_WAL_BYTES, SIM_JOURNAL_WAL, 4000, "the wal has "},
	            {SIM_BOUND_JOURNAL_BYTES, SIM_JOURNAL_DELETE, 500, "the journal has "},
	            {SIM_BOUND_REFUSALS, SIM_JOURNAL_DELETE, 1, " steps were put off, at most 1"},
	            {SIM_BOUND_HEAL_US, SIM_JOURNAL_DELETE, 1, "healed in "}};
	struct sim_scenario *scenario = load("tests/sim/sql/counter");
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_choices *bound = &scenario->settings[SIM_SETTING(bounds) + rows[i].bound];
		struct sim_choices *mode = &scenario->settings[SIM_SETTING(journal_mode)];
		*mode = (struct sim_choices){.count = 1, .values = {rows[i].mode}};
		bound->values[0] = rows[i].small;
		assert_true(count_exceeded(scenario, rows[i].says) > 0);
		bound->values[0] = 100000000;
		assert_int_equal(count_exceeded(scenario, rows[i].says), 0);
		bound->values[0] = 0;
	}
	sim_scenario_destroy(scenario);
}

/* The twin: with one switch less it is another run. */
static void another_schedule_is_another_run(void **state) {
	struct sim_scenario *scenario = load("tests/sim/sql/counter");
	struct sim_run_result first;
	struct sim_run_result second;
	(void)state;
	char *text = text_of_run(scenario, 3, &first);
	read_plan(&plan, scenario, text);
	assert_true(plan.processes.switch_count > 10);
	plan.processes.switch_count -= 10;
	const struct sim_run_options options = {.plan = &plan};
	run(scenario, 3, &options, &second);
	assert_int_not_equal(first.schedule_hash, second.schedule_hash);
	assert_int_equal(second.verdict, SIM_HELD);
	sim_plan_deinit(&plan);
	free(text);
	sim_scenario_destroy(scenario);
}

/* Kills at every step, and the names of those who died in the trace: whether another one than
 * reader-1 did. */
static bool others_die(const char *process) {
	struct sim_scenario *scenario = load("tests/sim/sql/counter");
	struct sim_run_result result;
	char *trace = NULL;
	size_t size = 0;
	bool others = false;
	sim_plan_make(&plan, scenario, 1);
	plan.fault_count = 0;
	for (uint32_t step = 0; step < plan.step_count; step++) {
		struct sim_fault *fault = &plan.faults[plan.fault_count++];
		*fault = (struct sim_fault){.kind = SIM_FAULT_KILL,
		                            .effect = VFS_EFFECT_BEFORE,
		                            .moment = SIM_MOMENT_STEP,
		                            .moment_number = step,
		                            .operation = 3,
		                            .times = 1};
		snprintf(fault->process, sizeof fault->process, "%s", process);
	}
	FILE *out = open_memstream(&trace, &size);
	assert_non_null(out);
	const struct sim_run_options options = {.plan = &plan, .trace = out};
	run(scenario, 1, &options, &result);
	fclose(out);
	assert_int_equal(result.verdict, SIM_HELD);
	assert_true(result.struck[SIM_FAULT_KILL] > 0);
	for (char *line = strtok(trace, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		others |= strstr(line, " crash ") != NULL && strstr(line, "reader-1") == NULL;
	}
	free(trace);
	sim_scenario_destroy(scenario);
	return others;
}

static void a_fault_of_a_process_strikes_no_other(void **state) {
	(void)state;
	assert_false(others_die("reader-1"));
	assert_true(others_die(""));
}

/* ---- who does not get on --------------------------------------------------------------------- */

/* A lock of the WAL index that could not be given back, and clients that wait for minutes: at one
 * of the calls it is the write lock, after the last transaction of its process, which then waits
 * for the others. */
static void a_deadlock_is_told_with_who_holds_what(void **state) {
	struct sim_scenario *scenario = load("tests/sim/sql/counter");
	struct sim_run_result result = {0};
	(void)state;
	sim_plan_make(&plan, scenario, 1);
	plan.settings.busy_timeout_ms = 900000;
	plan.fault_count = 1;
	for (uint32_t i = 0; i < 12 * 40 && strcmp(result.invariant, "no_deadlock") != 0; i++) {
		const struct sim_run_options options = {.plan = &plan};
		plan.faults[0] = (struct sim_fault){.kind = SIM_FAULT_IO_ERROR,
		                                    .method = VFS_METHOD_SHM_LOCK,
		                                    .effect = VFS_EFFECT_BEFORE,
		                                    .moment = SIM_MOMENT_STEP,
		                                    .moment_number = i % 12,
		                                    .operation = 1 + i / 12,
		                                    .times = 1};
		run(scenario, 1, &options, &result);
	}
	assert_string_equal(result.invariant, "no_deadlock");
	assert_non_null(strstr(result.detail, "waits for a lock; holds"));
	assert_non_null(strstr(result.detail, "WRITE!"));
	sim_scenario_destroy(scenario);
}

static void a_runaway_is_told_with_what_it_ran(void **state) {
	struct sim_scenario *scenario = load("tests/sim/sql/runaway");
	struct sim_run_result result;
	const struct sim_run_options options = {.plan = &plan};
	(void)state;
	sim_plan_make(&plan, scenario, 1);
	run(scenario, 1, &options, &result);
	assert_int_equal(result.verdict, SIM_HELD);
	plan.sql.transactions[0].values[0].number = UINT64_C(1) << 50;
	run(scenario, 1, &options, &result);
	assert_string_equal(result.invariant, "no_runaway");
	assert_non_null(strstr(result.detail, "writer-1"));
	assert_non_null(strstr(result.detail, "WITH RECURSIVE"));
	sim_scenario_destroy(scenario);
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_plan_with_processes_reads_as_it_prints),
	        cmocka_unit_test(a_plan_that_names_what_is_not_there_is_refused),
	        cmocka_unit_test(one_seed_is_one_run),
	        cmocka_unit_test(a_recorded_schedule_is_the_run_it_was_recorded_from),
	        cmocka_unit_test(a_bound_that_is_exceeded_is_a_violation),
	        cmocka_unit_test(what_clients_without_locks_do_is_measured),
	        cmocka_unit_test(what_a_reader_without_locks_sees_is_measured),
	        cmocka_unit_test(who_only_reads_is_judged_as_ever),
	        cmocka_unit_test(clients_hold_beside_damage_and_over_several_files),
	        cmocka_unit_test(another_schedule_is_another_run),
	        cmocka_unit_test(a_fault_of_a_process_strikes_no_other),
	        cmocka_unit_test(a_deadlock_is_told_with_who_holds_what),
	        cmocka_unit_test(a_runaway_is_told_with_what_it_ran),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
