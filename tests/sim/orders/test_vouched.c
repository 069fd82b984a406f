/* tests/sim/orders/test_vouched.c: who starts a subject knows which version it held. A start serves
 * that, or refuses (S41). */
#include "judge.h"
#include "library.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

static uint64_t test_most; /* the highest version that any start was told */

static enum subject_start_status start_listens(const struct subject_config *config, void **instance,
                                               char reason[SUBJECT_REASON_SIZE]) {
	test_most = config->least_version > test_most ? config->least_version : test_most;
	return sim_subject_engine()->start(config, instance, reason);
}

static enum subject_start_status start_does_not_listen(const struct subject_config *config, void **instance,
                                                       char reason[SUBJECT_REASON_SIZE]) {
	struct subject_config deaf = *config;
	deaf.least_version = 0;
	return sim_subject_engine()->start(&deaf, instance, reason);
}

static void expect_held(const struct sim_run_result *sum) {
	if (sum->verdict != SIM_HELD) {
		fail_msg("%s: %s", sum->invariant, sum->detail);
	}
}

static void nothing_is_lost_where_somebody_vouches(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_listens;
	test_most = 0;
	struct sim_run_result sum = library_run("outside-vouched", &subject, TEST_SEEDS);
	expect_held(&sum);
	assert_true(test_most > 10);
	assert_true(sum.probes[SIM_PROBE_OUTSIDE_LEAVES_OLDER] > 0);
	assert_int_equal(sum.probes[SIM_PROBE_LOST_TO_OUTSIDE], 0);
}

/* The twin: what it serves is legal anywhere else. */
static void a_subject_that_does_not_listen_goes_red(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_does_not_listen;
	assert_int_equal(library_run("outside-vouched", &subject, TEST_SEEDS).verdict, SIM_VIOLATED);
	assert_int_equal(library_run("outside-wal", &subject, TEST_SEEDS).verdict, SIM_HELD);
}

static enum subject_start_status start_knows_no_history(const struct subject_config *config, void **instance,
                                                        char reason[SUBJECT_REASON_SIZE]) {
	struct subject_config deaf = *config;
	memset(deaf.least_history, 0, sizeof deaf.least_history);
	return sim_subject_engine()->start(&deaf, instance, reason);
}

static enum subject_start_status start_knows_no_epoch(const struct subject_config *config, void **instance,
                                                      char reason[SUBJECT_REASON_SIZE]) {
	struct subject_config deaf = *config;
	deaf.least_epoch = 0;
	return sim_subject_engine()->start(&deaf, instance, reason);
}

/* E13. It is sound, has come further, and lies where this one did. */
static void another_book_is_refused_by_its_history(void **context) {
	static const char *const scenarios[] = {"outside-other-book", "processes/engine-vouched"};
	(void)context;
	struct aftershock_subject deaf = *sim_subject_engine();
	deaf.start = start_knows_no_history;
	for (size_t i = 0; i < 2; i++) {
		struct sim_run_result sum = library_run(scenarios[i], sim_subject_engine(), TEST_SEEDS);
		expect_held(&sum);
		assert_true(sum.struck[SIM_FAULT_OTHER_BOOK] > 10);
		assert_int_equal(library_run(scenarios[i], &deaf, TEST_SEEDS).verdict, SIM_VIOLATED);
	}
}

static void an_older_moment_of_the_same_version_is_refused_by_its_epoch(void **context) {
	(void)context;
	struct aftershock_subject deaf = *sim_subject_engine();
	deaf.start = start_knows_no_epoch;
	struct sim_run_result sum = library_run("outside-vouched", &deaf, 150);
	assert_int_equal(sum.verdict, SIM_VIOLATED);
	assert_non_null(strstr(sum.detail, "and the caller knows of epoch"));
}

static void nobody_vouches_unless_asked(void **context) {
	(void)context;
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_listens;
	test_most = 0;
	assert_int_equal(library_run("outside-wal", &subject, 10).verdict, SIM_HELD);
	assert_int_equal(test_most, 0);
}

/* What the settings may lose is not vouched for. */
static void only_what_is_durable_is_vouched_for(void **context) {
	static struct sim_judge judge;
	(void)context;
	judge = (struct sim_judge){.chain_length = 3, .commit = {0, 1, 1}};
	assert_int_equal(sim_judge_lowest(&judge, SIM_CONTRACT_DURABLE), 3);
	/* The last commit was a batch of two. */
	assert_int_equal(sim_judge_lowest(&judge, SIM_CONTRACT_LAST_MAY_ROLL_BACK), 1);
	assert_int_equal(sim_judge_lowest(&judge, SIM_CONTRACT_PREFIX), 0);
	assert_int_equal(sim_judge_lowest(&judge, SIM_CONTRACT_MAY_CORRUPT), 0);
}

int main(void) {
	if (!sim_run_init()) {
		return 1;
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_lost_where_somebody_vouches),
	        cmocka_unit_test(a_subject_that_does_not_listen_goes_red),
	        cmocka_unit_test(another_book_is_refused_by_its_history),
	        cmocka_unit_test(an_older_moment_of_the_same_version_is_refused_by_its_epoch),
	        cmocka_unit_test(nobody_vouches_unless_asked),
	        cmocka_unit_test(only_what_is_durable_is_vouched_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
