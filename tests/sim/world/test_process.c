/* tests/sim/world/test_process.c: a life ends when its process does (S5). What a dead process
 * answers is not judged, and its instance is closed before the next life begins. */
#include "library.h"
#include "subject_built_in.h"

#include <setjmp.h>
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

int main(void) {
	if (!sim_run_init()) {
		return 1;
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_the_dead_answer_is_not_judged),
	        cmocka_unit_test(what_the_living_answer_is_judged),
	        cmocka_unit_test(an_instance_is_closed_before_the_next_life),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
