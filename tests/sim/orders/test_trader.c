/* tests/sim/orders/test_trader.c: who sends orders, and on what grounds. The plan that a trader
 * gets, what the engine permits, and each way in which a subject could let it trade on wrong
 * grounds (S17). */
#include "plan.h"
#include "library.h"
#include "plan_make.h"
#include "plan_text.h"
#include "run.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

static struct sim_plan plan;

/* ---- the plan -------------------------------------------------------------------------------- */

static void orders_stay_within_the_limit_and_are_filled(void **context) {
	struct sim_scenario *scenario = library_load("founding-story");
	(void)context;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		int64_t position = 0;
		sim_plan_make(&plan, scenario, seed);
		for (uint32_t i = 0; i < plan.report_count; i++) {
			const struct subject_order_update *update = &plan.reports[i].update;
			position += update->side == SUBJECT_SIDE_BUY ? update->last_quantity_lots
			                                             : -update->last_quantity_lots;
			assert_true(position <= plan.trader.limit_lots && -position <= plan.trader.limit_lots);
			bool last = i + 1 == plan.report_count || plan.reports[i + 1].order != plan.reports[i].order;
			assert_true(!last || update->cum_quantity_lots == update->order_quantity_lots);
		}
	}
	sim_scenario_destroy(scenario);
}

/* ---- the engine ------------------------------------------------------------------------------ */

static void engine_lets_a_trusting_trader_keep_its_limit(void **context) {
	(void)context;
	struct sim_run_result sum = library_run("founding-story", sim_subject_engine(), TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s", sum.invariant, sum.detail);
	}
	assert_int_equal(sum.probes[SIM_PROBE_ORDER_PERMITTED], 0);
}

static void engine_permits_orders_in_agreement_only(void **context) {
	(void)context;
	struct sim_run_result sum = library_run("hand-shake", sim_subject_engine(), TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s", sum.invariant, sum.detail);
	}
	assert_true(sum.probes[SIM_PROBE_AGREEMENT] > 0);
	assert_true(sum.probes[SIM_PROBE_DISAGREEMENT] > 0);
	assert_true(sum.probes[SIM_PROBE_ORDER_PERMITTED] > 0);
	assert_true(sum.probes[SIM_PROBE_ORDER_FORBIDDEN_DISAGREEMENT] > 0);
	assert_true(sum.probes[SIM_PROBE_ORDER_FORBIDDEN_HALTED] > 0);
	assert_true(sum.probes[SIM_PROBE_ORDER_FORBIDDEN_LIMIT] > 0);
}

static void subject_that_cannot_be_asked_is_not_asked(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.takes &= ~(uint32_t)SUBJECT_TAKES_PERMISSION;
	struct sim_run_result sum = library_run("hand-shake", &subject, TEST_SEEDS);
	assert_int_equal(sum.verdict, SIM_HELD);
	assert_int_equal(sum.probes[SIM_PROBE_AGREEMENT], 0);
	assert_int_equal(sum.probes[SIM_PROBE_ORDER_PERMITTED], 0);
}

/* Shows no positions: what is bought is bought again. */
static void show_no_position(void *context, const struct subject_position *position) {
	(void)context;
	(void)position;
}

static void observe_without_positions(void *instance, const struct subject_sink *sink) {
	struct subject_sink less = *sink;
	less.position = show_no_position;
	sim_subject_engine()->observe(instance, &less);
}

/* By how much the order is wrong says which of the two it is. */
static void order_sized_from_a_wrong_position_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.observe = observe_without_positions;
	struct sim_run_result sum = library_run("founding-story", &subject, TEST_SEEDS);
	assert_true(strcmp(sum.invariant, "risk_limit_kept") == 0 || strcmp(sum.invariant, "exchange_converges") == 0);
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static void step_permits_everything(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_PERMISSION) {
		reply->permission = SUBJECT_PERMITTED;
	}
}

static void permission_without_agreement_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_permits_everything;
	assert_string_equal(library_run("hand-shake", &subject, TEST_SEEDS).invariant, "trades_only_in_agreement");
}

static void step_takes_a_failed_query_for_an_answer(void *instance, const struct subject_step *step,
                                                    struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_STATEMENT && !step->statement->complete) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
	}
}

static void failed_query_that_is_an_agreement_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_takes_a_failed_query_for_an_answer;
	assert_string_equal(library_run("hand-shake", &subject, TEST_SEEDS).invariant, "trades_only_in_agreement");
}

static void step_says_a_wrong_hello(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_HELLO && step->hello->report_count > 3) {
		step->hello->report_count--;
	}
}

static void hand_shake_that_names_less_than_is_held_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_says_a_wrong_hello;
	assert_string_equal(library_run("hand-shake", &subject, TEST_SEEDS).invariant, "loaded_equals_committed");
}

static void step_never_permits(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_PERMISSION) {
		reply->permission = SUBJECT_FORBIDDEN_OTHERWISE;
	}
}

static void subject_that_never_permits_an_order_goes_red(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)context;
	subject.step = step_never_permits;
	assert_string_equal(library_run("hand-shake", &subject, TEST_SEEDS).invariant, "progress_after_faults");
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Prints the plan of a seed, puts `to` in the place of `from`, and reads that. */
static bool reads(const char *from, const char *to, char *why, size_t why_size) {
	static char edited[SIM_PLAN_FILE_BYTES_MAX];
	struct sim_scenario *scenario = library_load("hand-shake");
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	sim_plan_make(&plan, scenario, 3);
	sim_scenario_destroy(scenario);
	sim_plan_text_print(&plan, out);
	fclose(out);
	const char *at = strstr(text, from);
	assert_non_null(at);
	snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	free(text);
	return sim_plan_text_parse(&plan, edited, "plan", why, why_size);
}

static void must_refuse(const char *from, const char *to, const char *fragment) {
	char why[400] = "";
	assert_false(reads(from, to, why, sizeof why));
	if (strstr(why, fragment) == NULL) {
		fail_msg("%s, expected %s", why, fragment);
	}
}

static void text_of_a_trader_is_read_back_and_edited(void **context) {
	char why[400] = "";
	(void)context;
	assert_true(reads("trader agreeing", "trader trusting", why, sizeof why));
	assert_int_equal(plan.trader.kind, SIM_TRADER_TRUSTING);
	assert_true(reads("step 1 trade 1 whole", "step 1 trade 1 empty", why, sizeof why));
	assert_int_equal(plan.steps[1].count, 2);
	assert_true(reads("judged_by model", "judged_by exchange", why, sizeof why));
	assert_true(plan.trader.exchange_only);
}

static void text_of_a_trader_that_makes_no_sense_is_refused(void **context) {
	(void)context;
	must_refuse("trader agreeing", "trader hoping", "trader hoping, expected one of: trusting, agreeing");
	must_refuse("judged_by model", "judged_by nobody", "judged_by nobody, expected one of: model, exchange");
	must_refuse("step 1 trade 1 whole", "step 1 trade 2 whole", "trade 2, expected a report pending_new");
	must_refuse("step 1 trade 1 whole", "step 1 trade 1 half",
	            "answer half, expected one of: whole, failed, empty");
	must_refuse("report 2 new", "report 2 pending_new", "expected of each order of a trader pending_new");
}

static int set_up(void **context) {
	(void)context;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(orders_stay_within_the_limit_and_are_filled),
	        cmocka_unit_test(engine_lets_a_trusting_trader_keep_its_limit),
	        cmocka_unit_test(engine_permits_orders_in_agreement_only),
	        cmocka_unit_test(subject_that_cannot_be_asked_is_not_asked),
	        cmocka_unit_test(order_sized_from_a_wrong_position_goes_red),
	        cmocka_unit_test(permission_without_agreement_goes_red),
	        cmocka_unit_test(failed_query_that_is_an_agreement_goes_red),
	        cmocka_unit_test(hand_shake_that_names_less_than_is_held_goes_red),
	        cmocka_unit_test(subject_that_never_permits_an_order_goes_red),
	        cmocka_unit_test(text_of_a_trader_is_read_back_and_edited),
	        cmocka_unit_test(text_of_a_trader_that_makes_no_sense_is_refused),
	};
	return cmocka_run_group_tests_name("trader", tests, set_up, NULL);
}
