/* tests/sim/orders/test_takeover.c: two engines on one database. The honest engine is fenced; one
 * that is not goes red (S16). */
#include "judge_former.h"
#include "library.h"
#include "plan_make.h"
#include "run.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

static void must_hold(const char *name) {
	struct sim_run_result sum = library_run(name, sim_subject_engine(), TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s: %s", name, sum.invariant, sum.detail);
	}
	assert_true(sum.probes[SIM_PROBE_TAKEOVER] > 0);
	assert_true(sum.probes[SIM_PROBE_FORMER_FENCED] > 0);
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static void step_is_in_doubt_though_fenced(void *instance, const struct subject_step *step,
                                           struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (reply->outcome == SUBJECT_STOPPED) {
		reply->outcome = SUBJECT_IN_DOUBT;
	}
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void engine_that_was_taken_over_from_is_fenced(void **state) {
	(void)state;
	must_hold("second-engine");
	must_hold("old-engine-wakes");
}

static void doubt_after_a_takeover_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_is_in_doubt_though_fenced;
	assert_string_equal(library_run("old-engine-wakes", &subject, TEST_SEEDS).invariant, "one_owner");
}

static void without_takeovers_nobody_is_fenced(void **state) {
	(void)state;
	struct sim_run_result sum = library_run("kill-anywhere", sim_subject_engine(), TEST_SEEDS);
	assert_int_equal(sum.probes[SIM_PROBE_TAKEOVER], 0);
	assert_int_equal(sum.probes[SIM_PROBE_FORMER_FENCED], 0);
}

/* ---- the judge ------------------------------------------------------------------------------- */

/* Two reports are in the chain; the former engine was taken over from after the first. */
static struct sim_judge *judge_of_two(struct sim_plan *plan) {
	static struct sim_judge judge;
	struct sim_scenario *scenario = library_load("steady-trading");
	sim_plan_make(plan, scenario, 1);
	sim_scenario_destroy(scenario);
	sim_judge_begin(&judge, plan);
	for (uint32_t report = 0; report < 2; report++) {
		const struct subject_reply reply = {.outcome = SUBJECT_ACKNOWLEDGED, .version = report + 1};
		assert_true(sim_judge_answered(&judge, &report, &reply, 1));
	}
	judge.last_version = 2;
	return &judge;
}

static const struct sim_judge_former after_one = {.length = 1};

static bool former_answers(enum subject_outcome outcome, uint32_t report) {
	static struct sim_plan plan;
	const struct subject_reply reply = {.outcome = outcome};
	return sim_judge_former_answered(judge_of_two(&plan), &after_one, report, &reply);
}

static void former_engine_may_stop_or_know_a_duplicate(void **state) {
	(void)state;
	assert_true(former_answers(SUBJECT_STOPPED, 1));
	assert_true(former_answers(SUBJECT_UNCHANGED, 0));
}

static void former_engine_puts_an_update_off_for_a_reason(void **state) {
	static struct sim_plan plan;
	const struct subject_reply later = {.outcome = SUBJECT_LATER};
	struct sim_judge_former former = after_one;
	struct sim_judge *judge = judge_of_two(&plan);
	(void)state;
	assert_false(sim_judge_former_answered(judge, &former, 1, &later));
	assert_string_equal(judge->violation.invariant, "no_needless_failure");
	former.disturbance = SIM_DISTURBED_BY_LOCK;
	assert_true(sim_judge_former_answered(judge_of_two(&plan), &former, 1, &later));
}

/* Report 2 bears the exec id of report 0, which the former engine has, and other content. */
static void former_engine_may_refuse_what_contradicts_what_it_has(void **state) {
	static struct sim_plan plan;
	const struct subject_reply refused = {.outcome = SUBJECT_REFUSED};
	const struct subject_reply unchanged = {.outcome = SUBJECT_UNCHANGED};
	(void)state;
	struct sim_judge *judge = judge_of_two(&plan);
	plan.reports[2].repeats = 1;
	assert_true(sim_judge_former_answered(judge, &after_one, 2, &refused));
	assert_false(sim_judge_former_answered(judge, &after_one, 2, &unchanged));
}

/* The same content under the same id, in a report of its own. */
static void former_engine_may_know_a_report_of_another_channel(void **state) {
	static struct sim_plan plan;
	const struct subject_reply refused = {.outcome = SUBJECT_REFUSED};
	const struct subject_reply unchanged = {.outcome = SUBJECT_UNCHANGED};
	(void)state;
	struct sim_judge *judge = judge_of_two(&plan);
	plan.reports[2] = plan.reports[0];
	plan.reports[2].repeats = 1;
	assert_true(sim_judge_former_answered(judge, &after_one, 2, &unchanged));
	assert_false(sim_judge_former_answered(judge, &after_one, 2, &refused));
}

static void former_engine_may_not_serve_doubt_refuse_or_know_what_came_later(void **state) {
	(void)state;
	assert_false(former_answers(SUBJECT_ACKNOWLEDGED, 1));
	assert_false(former_answers(SUBJECT_IN_DOUBT, 1));
	assert_false(former_answers(SUBJECT_REFUSED, 1));
	assert_false(former_answers(SUBJECT_OUTCOME_NONE, 1));
	assert_false(former_answers(SUBJECT_UNCHANGED, 1));
}

static void former_engine_with_a_later_version_than_the_owner_goes_red(void **state) {
	static struct sim_plan plan;
	static struct sim_view view;
	(void)state;
	struct sim_judge *judge = judge_of_two(&plan);
	view.version = 3;
	assert_false(sim_judge_former_memory(judge, &after_one, &view));
	assert_string_equal(judge->violation.invariant, "version_monotonic");
}

static void former_engine_that_shows_what_it_never_had_goes_red(void **state) {
	static struct sim_plan plan;
	static struct sim_view view;
	(void)state;
	struct sim_judge *judge = judge_of_two(&plan);
	view.version = 1;
	assert_false(sim_judge_former_memory(judge, &after_one, &view));
	assert_string_equal(judge->violation.invariant, "memory_equals_committed");
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(engine_that_was_taken_over_from_is_fenced),
	        cmocka_unit_test(doubt_after_a_takeover_goes_red),
	        cmocka_unit_test(without_takeovers_nobody_is_fenced),
	        cmocka_unit_test(former_engine_may_stop_or_know_a_duplicate),
	        cmocka_unit_test(former_engine_puts_an_update_off_for_a_reason),
	        cmocka_unit_test(former_engine_may_refuse_what_contradicts_what_it_has),
	        cmocka_unit_test(former_engine_may_know_a_report_of_another_channel),
	        cmocka_unit_test(former_engine_may_not_serve_doubt_refuse_or_know_what_came_later),
	        cmocka_unit_test(former_engine_with_a_later_version_than_the_owner_goes_red),
	        cmocka_unit_test(former_engine_that_shows_what_it_never_had_goes_red),
	};
	return cmocka_run_group_tests_name("owner", tests, set_up, NULL);
}
