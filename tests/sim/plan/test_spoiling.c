/* tests/sim/plan/test_spoiling.c: each way to spoil a report spoils only what it can. A run
 * draws each of them, and the engine refuses them all (S49). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "plan_make.h"
#include "plan_text.h"
#include "run.h"
#include "spoiling.h"

static struct sim_report a_fill(void) {
	struct sim_report report = {.update = {.exec_id = "E1",
	                                       .order_id = "O0",
	                                       .symbol = "S0",
	                                       .exec_type = SUBJECT_EXEC_TRADE,
	                                       .side = SUBJECT_SIDE_BUY,
	                                       .order_quantity_lots = 10,
	                                       .last_quantity_lots = 4,
	                                       .cum_quantity_lots = 4,
	                                       .leaves_quantity_lots = 6}};
	return report;
}

static struct sim_report a_command(enum subject_command_kind kind) {
	return (struct sim_report){.command = {.command_id = "C1", .kind = kind}};
}

static bool is_same_update(const struct subject_order_update *a, const struct subject_order_update *b) {
	bool is_text = memcmp(a->exec_id, b->exec_id, sizeof a->exec_id) == 0 &&
	               memcmp(a->order_id, b->order_id, sizeof a->order_id) == 0 &&
	               memcmp(a->cl_ord_id, b->cl_ord_id, sizeof a->cl_ord_id) == 0 &&
	               memcmp(a->symbol, b->symbol, sizeof a->symbol) == 0 &&
	               memcmp(a->exec_ref_id, b->exec_ref_id, sizeof a->exec_ref_id) == 0 &&
	               memcmp(a->comm_currency, b->comm_currency, sizeof a->comm_currency) == 0;
	return is_text && a->exec_type == b->exec_type && a->ord_status == b->ord_status && a->side == b->side &&
	       a->order_quantity_lots == b->order_quantity_lots && a->last_quantity_lots == b->last_quantity_lots &&
	       a->cum_quantity_lots == b->cum_quantity_lots && a->leaves_quantity_lots == b->leaves_quantity_lots &&
	       a->price_ticks == b->price_ticks && a->last_price_ticks == b->last_price_ticks &&
	       a->commission_units == b->commission_units;
}

static bool is_same(const struct sim_report *a, const struct sim_report *b) {
	return is_same_update(&a->update, &b->update) &&
	       memcmp(a->command.command_id, b->command.command_id, sizeof a->command.command_id) == 0 &&
	       a->command.limits.order_notional_tick_lots == b->command.limits.order_notional_tick_lots;
}

static bool spoils(enum sim_spoiling spoiling, const struct sim_report *sound) {
	struct sim_report spoiled = *sound;
	bool did = sim_spoiling_spoil(spoiling, &spoiled);
	assert_int_equal(did, !is_same(&spoiled, sound));
	return did;
}

static void a_report_and_a_command_are_spoiled_each_in_its_ways(void **state) {
	const struct sim_report fill = a_fill();
	const struct sim_report limits = a_command(SUBJECT_COMMAND_LIMITS);
	(void)state;
	for (int i = 0; i < SIM_SPOILING_COUNT; i++) {
		enum sim_spoiling spoiling = (enum sim_spoiling)i;
		assert_int_not_equal(spoils(spoiling, &fill), spoils(spoiling, &limits));
		assert_string_equal(sim_spoiling_names()[i], sim_spoiling_name(spoiling));
	}
	assert_null(sim_spoiling_name(SIM_SPOILING_COUNT));
	assert_null(sim_spoiling_names()[SIM_SPOILING_COUNT]);
}

/* What is no mistake there is not done: R3 and R4 have exceptions. */
static void what_is_sound_there_is_left_out(void **state) {
	struct sim_report refusal = a_fill();
	struct sim_report bust = a_fill();
	const struct sim_report halt = a_command(SUBJECT_COMMAND_HALT);
	(void)state;
	refusal.update.exec_type = SUBJECT_EXEC_CANCEL_REJECTED;
	bust.update.exec_type = SUBJECT_EXEC_BUST;
	assert_false(spoils(SIM_SPOILING_ORDER_QUANTITY_LEAST, &refusal));
	assert_false(spoils(SIM_SPOILING_SYMBOL_EMPTY, &refusal));
	assert_false(spoils(SIM_SPOILING_OTHER_SIDE, &refusal));
	assert_false(spoils(SIM_SPOILING_LAST_QUANTITY_WRONG, &bust));
	assert_false(spoils(SIM_SPOILING_LIMIT_NEGATIVE, &halt));
}

/* R5: what contradicts a report has its exec id. So a report without one, or with that of another,
 * is left as it is; and the only lot of an only fill can be neither fewer nor more. */
static void only_what_has_its_own_key_is_contradicted(void **state) {
	struct sim_report nameless = a_fill();
	struct sim_report repeated = a_fill();
	struct sim_report one_lot = a_fill();
	(void)state;
	memset(nameless.update.exec_id, 0, sizeof nameless.update.exec_id);
	repeated.repeats = 1;
	one_lot.update.last_quantity_lots = one_lot.update.cum_quantity_lots = 1;
	for (int i = SIM_SPOILING_OTHER_ORDER; i <= SIM_SPOILING_OTHER_REFERENCE; i++) {
		assert_int_equal(sim_spoiling_needs((enum sim_spoiling)i), SIM_SPOILING_NEEDS_REPORT);
		assert_false(spoils((enum sim_spoiling)i, &nameless));
		assert_false(spoils((enum sim_spoiling)i, &repeated));
	}
	assert_false(spoils(SIM_SPOILING_OTHER_LAST_QUANTITY, &one_lot));
	assert_true(spoils(SIM_SPOILING_OTHER_CUMULATIVE, &one_lot));
}

static void count_drawn(const struct sim_scenario *scenario, uint64_t seed, uint32_t drawn[SIM_SPOILING_COUNT]) {
	static struct sim_plan plan;
	sim_plan_make(&plan, scenario, seed);
	for (uint32_t i = 0; i < plan.step_count; i++) {
		bool is_one = plan.steps[i].kind == SIM_STEP_MALFORMED;
		drawn[is_one ? plan.steps[i].spoiling : 0] += is_one;
	}
	sim_plan_deinit(&plan);
}

/* A run of the library's scenario draws each of them within so many seeds. */
static void each_is_drawn_and_refused(void **state) {
	enum { SEEDS = 120 };
	struct sim_scenario *scenario = library_load("malformed");
	struct sim_run_result result = {.verdict = SIM_HELD};
	uint32_t drawn[SIM_SPOILING_COUNT] = {0};
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS && result.verdict == SIM_HELD; seed++) {
		count_drawn(scenario, seed, drawn);
		sim_run(scenario, seed, NULL, NULL, &result);
	}
	assert_string_equal(result.detail, "");
	assert_int_equal(result.verdict, SIM_HELD);
	for (int i = 0; i < SIM_SPOILING_COUNT; i++) {
		assert_in_range(drawn[i], 5, 100000);
	}
	sim_scenario_destroy(scenario);
}

/* The text of a plan with its first malformed step replaced by this one. */
static char *edited(const struct sim_plan *plan, const char *step) {
	char *text = NULL;
	char *result = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	sim_plan_text_print(plan, out);
	assert_int_equal(fclose(out), 0);
	char *at = strstr(text, "\nstep 0 ");
	assert_non_null(at);
	at = strstr(at, " malformed ");
	assert_non_null(at);
	out = open_memstream(&result, &size);
	assert_non_null(out);
	fprintf(out, "%.*s %s%s", (int)(at - text), text, step, strchr(at, '\n'));
	assert_int_equal(fclose(out), 0);
	free(text);
	return result;
}

static void expect_says(const char *said, const char *expected) {
	if (strstr(said, expected) == NULL) {
		fail_msg("says '%s', expected '%s'", said, expected);
	}
}

static void a_plan_cannot_ask_for_what_does_not_fit(void **state) {
	static const struct {
		const char *step;
		const char *why;
	} cases[] = {
	        {"malformed 0 limit_negative", "malformed 0 limit_negative, expected a report that can be spoiled so"},
	        {"malformed 0 bogus", "way to spoil a report bogus, expected one of: exec_id_control"},
	        {"malformed 0", "nothing, expected one of: exec_id_control"},
	        {"malformed 999 side_unknown", "report 999"},
	};
	struct sim_scenario *scenario = library_load("malformed");
	static struct sim_plan plan;
	static struct sim_plan parsed;
	char why[400];
	(void)state;
	sim_plan_make(&plan, scenario, 3);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *text = edited(&plan, cases[i].step);
		assert_false(sim_plan_text_parse(&parsed, text, "file", why, sizeof why));
		expect_says(why, cases[i].why);
		sim_plan_deinit(&parsed);
		free(text);
	}
	sim_plan_deinit(&plan);
	sim_scenario_destroy(scenario);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_report_and_a_command_are_spoiled_each_in_its_ways),
	        cmocka_unit_test(what_is_sound_there_is_left_out),
	        cmocka_unit_test(only_what_has_its_own_key_is_contradicted),
	        cmocka_unit_test(each_is_drawn_and_refused),
	        cmocka_unit_test(a_plan_cannot_ask_for_what_does_not_fit),
	};

	if (!sim_run_init()) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
