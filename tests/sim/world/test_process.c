/* tests/sim/world/test_process.c: a life ends when its process does (S5). What a dead process
 * answers is not judged, and its instance is closed before the next life begins. */
#include "library.h"
#include "plan_make.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 40u

static uint32_t test_open; /* instances that were started and not stopped */
static uint32_t test_open_most;
static uint32_t test_lies;

static enum subject_start_status start_counts(const struct subject_config *config, void **instance,
                                              char reason[SUBJECT_REASON_SIZE]) {
	enum subject_start_status status = sim_subject_engine()->start(config, instance, reason);
	test_open += *instance != NULL;
	test_open_most = test_open > test_open_most ? test_open : test_open_most;
	return status;
}

static void stop_counts(void *instance) {
	test_open--;
	sim_subject_engine()->stop(instance);
}

/* In kill-anywhere only death makes SQLite fail, so whoever says so is dead. It lies instead. */
static void step_lies_when_dead(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	bool failed = reply->outcome == SUBJECT_LATER && reply->sqlite_code != 0;
	if (failed || reply->outcome == SUBJECT_IN_DOUBT || reply->outcome == SUBJECT_STOPPED) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
		reply->version += 1000;
		test_lies++;
	}
}

static void what_the_dead_answer_is_not_judged(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.step = step_lies_when_dead;
	test_lies = 0;
	struct sim_run_result sum = library_run("kill-anywhere", &subject, TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s", sum.invariant, sum.detail);
	}
	assert_true(test_lies > TEST_SEEDS);
}

/* The twin: where a living process may keep an update out, the same lie is judged. */
static void what_the_living_answer_is_judged(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.step = step_lies_when_dead;
	assert_int_equal(library_run("io-errors-anywhere", &subject, TEST_SEEDS).verdict, SIM_VIOLATED);
}

static void an_instance_is_closed_before_the_next_life(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_counts;
	subject.stop = stop_counts;
	test_open = test_open_most = 0;
	struct sim_run_result sum = library_run("kill-anywhere", &subject, TEST_SEEDS);
	assert_int_equal(sum.verdict, SIM_HELD);
	assert_int_equal(test_open_most, 1);
	assert_int_equal(test_open, 0);
}

/* A life that ends in the third step, and a start that finds damage. In between, the journal lies
 * there in mode persist, and does not begin with anything: it is not hot. */
static struct sim_run_result run_damaged(const struct aftershock_subject *subject, const char *damage,
                                         const char *lie) {
	static struct sim_plan plan;
	const char *texts[] = {"kill any any at step 3 operation 1 effect before", damage, lie};
	struct sim_run_result result;
	char why[256] = "";
	struct sim_scenario *scenario = library_load("power-loss-persist");
	sim_plan_make(&plan, scenario, 1);
	sim_scenario_destroy(scenario);
	plan.settings.branches = 0;
	for (plan.fault_count = 0; plan.fault_count < 3; plan.fault_count++) {
		assert_true(sim_fault_parse(texts[plan.fault_count], &plan.faults[plan.fault_count], why, sizeof why));
	}
	sim_run(NULL, 1, subject, &(struct sim_run_options){.plan = &plan}, &result);
	assert_int_equal(result.faults, 3);
	return result;
}

static const char test_rows[] = "bit_flip any db at restart 1 operation 1 bytes 30000 mask 64 aim rows";
/* It was so. */
static const char test_nothing[] = "zero any journal at restart 1 operation 1 bytes 0";
static const char test_misread_journal[] =
        "flipped_read xRead journal at restart 1 operation 1 effect flipped bytes 0 times 1 mask 4";
static const char test_misread_database[] =
        "flipped_read xRead db at restart 1 operation 3 effect flipped bytes 60000 times 1 mask 4";
static const char test_lost[] = "lost_write xWrite journal at restart 1 operation 1 effect lost times 1";
static const char test_late[] = "latency xWrite journal at restart 1 operation 1 times 1 for 1000 ns";

/* S7: the first byte reads as if the journal were hot. SQLite plays it back and deletes it. */
static void a_journal_that_is_misread_as_hot_may_be_played_back(void **context) {
	(void)context;
	struct sim_run_result result = run_damaged(sim_subject_engine(), test_rows, test_misread_journal);
	if (result.verdict != SIM_HELD) {
		fail_msg("%s: %s", result.invariant, result.detail);
	}
	assert_true(result.probes[SIM_PROBE_DAMAGE_DETECTED] > 0);
}

static enum subject_start_status start_deletes_the_journal(const struct subject_config *config, void **instance,
                                                           char reason[SUBJECT_REASON_SIZE]) {
	enum subject_start_status status = sim_subject_engine()->start(config, instance, reason);
	sqlite3_vfs *vfs = sqlite3_vfs_find(config->vfs_name);
	if (status == SUBJECT_START_DAMAGED) {
		assert_int_equal(vfs->xDelete(vfs, "/engine.db-journal", 0), SQLITE_OK);
	}
	return status;
}

/* The twin: what was misread is the database, and the journal is as cold as it was. */
static void a_journal_that_nobody_misread_must_stay(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	struct sim_run_result result = run_damaged(&subject, test_rows, test_misread_database);
	assert_int_equal(result.verdict, SIM_HELD);
	subject.start = start_deletes_the_journal;
	result = run_damaged(&subject, test_rows, test_misread_database);
	assert_string_equal(result.invariant, "corruption_detected");
	assert_non_null(strstr(result.detail, "files changed"));
}

/* It finds everything sound, claims it, and then says that it is damaged. */
static enum subject_start_status start_claims_and_refuses(const struct subject_config *config, void **instance,
                                                          char reason[SUBJECT_REASON_SIZE]) {
	static uint32_t starts;
	enum subject_start_status status = sim_subject_engine()->start(config, instance, reason);
	if (status != SUBJECT_STARTED || starts++ % 2 == 0) {
		return status;
	}
	sim_subject_engine()->stop(*instance);
	*instance = NULL;
	return SUBJECT_START_DAMAGED;
}

/* S7: what the claim wrote has gone astray, and may be called damaged. The twin was only late. */
static void a_start_whose_writes_go_astray_may_name_the_damage(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_claims_and_refuses;
	assert_int_equal(run_damaged(&subject, test_nothing, test_lost).verdict, SIM_HELD);
	assert_string_equal(run_damaged(&subject, test_nothing, test_late).invariant, "corruption_detected");
}

int main(void) {
	if (!sim_run_init()) {
		return 1;
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_the_dead_answer_is_not_judged),
	        cmocka_unit_test(what_the_living_answer_is_judged),
	        cmocka_unit_test(an_instance_is_closed_before_the_next_life),
	        cmocka_unit_test(a_journal_that_is_misread_as_hot_may_be_played_back),
	        cmocka_unit_test(a_journal_that_nobody_misread_must_stay),
	        cmocka_unit_test(a_start_whose_writes_go_astray_may_name_the_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
