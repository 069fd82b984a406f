/* The reference model of the rarer things against examples worked out by hand from
 * docs/order-updates.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

static struct sim_plan plan;
static struct sim_model model;

static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	memset(&model, 0, sizeof model);
	plan.symbol_count = 1;
	return 0;
}

/* A report of a buy of 100 lots at 50 ticks; the last quantity is at 50 ticks, too. */
static struct sim_report *say(uint32_t order, enum subject_exec_type type, int64_t lots, int64_t cum) {
	struct sim_report *report = &plan.reports[plan.report_count];
	struct subject_order_update *update = &report->update;
	report->order = order;
	snprintf(update->exec_id, sizeof update->exec_id, "E%u", plan.report_count);
	snprintf(update->cl_ord_id, sizeof update->cl_ord_id, "C%u", order);
	update->exec_type = type;
	update->side = SUBJECT_SIDE_BUY;
	update->order_quantity_lots = 100;
	update->price_ticks = 50;
	update->last_quantity_lots = lots;
	update->last_price_ticks = lots > 0 ? 50 : 0;
	update->cum_quantity_lots = cum;
	update->leaves_quantity_lots = cum < 100 ? 100 - cum : 0;
	update->transact_time_ns = 1000 + plan.report_count;
	snprintf(update->comm_currency, sizeof update->comm_currency, "USD");
	plan.order_count = order >= plan.order_count ? order + 1 : plan.order_count;
	plan.report_count++;
	return report;
}

static uint32_t number(const struct sim_report *report) {
	return (uint32_t)(report - plan.reports);
}

static void expect(enum sim_model_answer answer, const struct sim_report *report) {
	assert_int_equal(sim_model_predict(&model, &plan, number(report)), answer);
}

static struct sim_report *apply(struct sim_report *report) {
	expect(SIM_MODEL_APPLIES, report);
	sim_model_apply(&model, &plan, number(report));
	return report;
}

/* A bust or correction of a report. */
static struct sim_report *about(struct sim_report *late, const struct sim_report *fill) {
	late->refers = number(fill) + 1;
	snprintf(late->update.exec_ref_id, sizeof late->update.exec_ref_id, "E%u", number(fill));
	return late;
}

static struct sim_report *at(struct sim_report *report, int64_t ticks) {
	report->update.last_price_ticks = ticks;
	return report;
}

static void expect_position(int64_t quantity, int64_t cost, int64_t realised) {
	assert_int_equal(model.positions[0].quantity_lots, quantity);
	assert_int_equal(model.positions[0].cost_tick_lots, cost);
	assert_int_equal(model.positions[0].realised_tick_lots, realised);
}

/* ---- busts and corrections ------------------------------------------------------------------- */

static void a_bust_folds_what_came_after_it_again(void **context) {
	(void)context;
	struct sim_report *first = apply(at(say(0, SUBJECT_EXEC_TRADE, 10, 10), 100));
	apply(at(say(0, SUBJECT_EXEC_TRADE, 10, 20), 200));
	struct sim_report *sale = at(say(1, SUBJECT_EXEC_TRADE, 5, 5), 300);
	sale->update.side = SUBJECT_SIDE_SELL;
	apply(sale);
	expect_position(15, 2250, 750);
	apply(about(say(0, SUBJECT_EXEC_BUST, 0, 10), first));
	expect_position(5, 1000, 500);
	assert_int_equal(model.orders[0].cum_quantity_lots, 10);
	assert_int_equal(model.orders[0].filled_tick_lots, 2000);
}

static void a_correction_takes_the_place_of_its_fill(void **context) {
	(void)context;
	struct sim_report *fill = apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	fill->update.commission_units = 7;
	struct sim_report *correction = about(at(say(0, SUBJECT_EXEC_CORRECT, 12, 12), 60), fill);
	correction->update.commission_units = 9;
	apply(correction);
	expect_position(12, 720, 0);
	assert_int_equal(sim_model_commission(&model, &plan, "USD"), 9);
	apply(about(say(0, SUBJECT_EXEC_BUST, 0, 0), fill)); /* by the name of the first one */
	expect_position(0, 0, 0);
	assert_int_equal(sim_model_commission(&model, &plan, "USD"), 0);
}

static void a_bust_waits_for_its_fill_and_is_done_once(void **context) {
	(void)context;
	struct sim_report *fill = say(0, SUBJECT_EXEC_TRADE, 10, 10);
	struct sim_report *bust = about(say(0, SUBJECT_EXEC_BUST, 0, 0), fill);
	struct sim_report *again = about(say(0, SUBJECT_EXEC_BUST, 0, 0), fill);
	struct sim_report *other = about(say(1, SUBJECT_EXEC_BUST, 0, 0), fill);
	expect(SIM_MODEL_GAP, bust);
	apply(fill);
	expect(SIM_MODEL_REFUSED, other);
	apply(bust);
	expect(SIM_MODEL_REFUSED, again);
	expect(SIM_MODEL_UNCHANGED, bust);
	expect(SIM_MODEL_UNCHANGED, fill);
}

static void a_bust_that_knows_of_more_fills_waits_and_an_old_report_does_not(void **context) {
	(void)context;
	struct sim_report *first = apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	struct sim_report *second = say(0, SUBJECT_EXEC_TRADE, 20, 30);
	struct sim_report *bust = about(say(0, SUBJECT_EXEC_BUST, 0, 20), first);
	expect(SIM_MODEL_GAP, bust);
	apply(second);
	apply(bust);
	expect(SIM_MODEL_APPLIES, say(0, SUBJECT_EXEC_CANCELED, 0, 30));
	expect(SIM_MODEL_GAP, say(0, SUBJECT_EXEC_CANCELED, 0, 31));
}

/* ---- terms and requests ---------------------------------------------------------------------- */

static void a_replace_below_what_is_filled_is_for_what_is_filled(void **context) {
	(void)context;
	apply(say(0, SUBJECT_EXEC_TRADE, 40, 40));
	struct sim_report *replaced = say(0, SUBJECT_EXEC_REPLACED, 0, 40);
	replaced->update.order_quantity_lots = 30;
	snprintf(replaced->update.cl_ord_id, sizeof replaced->update.cl_ord_id, "R1");
	apply(replaced);
	assert_int_equal(model.orders[0].quantity_lots, 40);
	assert_int_equal(sim_model_leaves(&model.orders[0]), 0);
	assert_int_equal(sim_model_status(&model.orders[0]), SUBJECT_ORDER_FILLED);
	assert_false(sim_model_is_overfilled(&model.orders[0]));
	assert_string_equal(sim_model_client_id(&model.orders[0], &plan), "R1");
}

static void an_older_replace_changes_nothing(void **context) {
	(void)context;
	struct sim_report *older = say(0, SUBJECT_EXEC_REPLACED, 0, 0);
	struct sim_report *newer = say(0, SUBJECT_EXEC_REPLACED, 0, 0);
	newer->update.order_quantity_lots = 70;
	apply(newer);
	expect(SIM_MODEL_UNCHANGED, older);
	assert_false(sim_model_holds(&model, &plan, number(older)));
	assert_int_equal(model.orders[0].quantity_lots, 70);
}

static void requests_are_pending_until_they_are_answered(void **context) {
	(void)context;
	const struct sim_model_order *order = &model.orders[0];
	apply(say(0, SUBJECT_EXEC_PENDING_NEW, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_PENDING_NEW);
	assert_true(order->is_external);
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_NEW);
	assert_false(order->is_external);
	apply(say(0, SUBJECT_EXEC_PENDING_CANCEL, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_PENDING_CANCEL);
	apply(say(0, SUBJECT_EXEC_CANCEL_REJECTED, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_NEW);
	struct sim_report *replace = say(0, SUBJECT_EXEC_PENDING_REPLACE, 0, 0);
	snprintf(replace->update.cl_ord_id, sizeof replace->update.cl_ord_id, "R9");
	apply(replace);
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_PENDING_REPLACE);
	apply(say(0, SUBJECT_EXEC_CANCELED, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_CANCELED);
}

static void an_order_that_is_done_for_the_day_rests_until_it_is_restated(void **context) {
	(void)context;
	const struct sim_model_order *order = &model.orders[0];
	struct sim_report *done = say(0, SUBJECT_EXEC_DONE_FOR_DAY, 0, 0);
	apply(done);
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_DONE_FOR_DAY);
	assert_int_equal(sim_model_leaves(order), 100);
	apply(say(0, SUBJECT_EXEC_RESTATED, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_NEW);
	struct sim_report *over = say(0, SUBJECT_EXEC_DONE_FOR_DAY, 0, 0);
	over->update.leaves_quantity_lots = 0;
	apply(over);
	assert_int_equal(sim_model_leaves(order), 0);
}

/* R8: order quantity and cumulative quantity in one proportion. */
static struct sim_report *split(uint32_t order, int64_t quantity, int64_t cum) {
	struct sim_report *report = say(order, SUBJECT_EXEC_RESTATED, 0, cum);
	report->update.order_quantity_lots = quantity;
	return report;
}

static void a_split_moves_the_position_and_keeps_its_cost(void **context) {
	(void)context;
	apply(at(say(0, SUBJECT_EXEC_TRADE, 20, 20), 50));
	apply(split(0, 200, 40));
	expect_position(40, 1000, 0);
	assert_int_equal(model.orders[0].cum_quantity_lots, 40);
	assert_int_equal(model.orders[0].filled_tick_lots, 1000);
	assert_int_equal(sim_model_leaves(&model.orders[0]), 160);
	apply(split(0, 100, 20)); /* and back: one for two */
	expect_position(20, 1000, 0);
	/* In another proportion it is no split, and a fill is missing. */
	expect(SIM_MODEL_GAP, split(0, 200, 50));
	expect(SIM_MODEL_APPLIES, split(0, 200, 20));
}

static void a_position_follows_a_split_on_its_own_side_only(void **context) {
	(void)context;
	apply(say(0, SUBJECT_EXEC_TRADE, 20, 20));
	struct sim_report *sale = say(1, SUBJECT_EXEC_TRADE, 20, 20);
	sale->update.side = SUBJECT_SIDE_SELL;
	apply(sale);
	expect(SIM_MODEL_REFUSED, split(0, 200, 40));
	apply(say(2, SUBJECT_EXEC_TRADE, 1, 1));
	apply(split(0, 200, 40));
	expect_position(21, 50, 0);
}

static void a_bust_folds_through_a_split(void **context) {
	(void)context;
	struct sim_report *first = apply(at(say(1, SUBJECT_EXEC_TRADE, 10, 10), 30));
	apply(at(say(0, SUBJECT_EXEC_TRADE, 20, 20), 50));
	apply(split(0, 200, 40));
	expect_position(50, 1300, 0);
	apply(about(say(1, SUBJECT_EXEC_BUST, 0, 0), first));
	expect_position(40, 1000, 0);
}

static void a_rejection_that_leaves_something_is_of_another_order(void **context) {
	(void)context;
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	apply(say(0, SUBJECT_EXEC_REJECTED, 0, 0));
	assert_int_equal(sim_model_status(&model.orders[0]), SUBJECT_ORDER_NEW);
	assert_true(model.orders[0].has_reused_id);
}

static void an_overfill_is_applied_and_said(void **context) {
	(void)context;
	apply(say(0, SUBJECT_EXEC_TRADE, 120, 120));
	expect_position(120, 6000, 0);
	assert_true(sim_model_is_overfilled(&model.orders[0]));
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void another_channel_is_no_news_and_other_content_is_refused(void **context) {
	(void)context;
	struct sim_report *fill = apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	struct sim_report *echo = say(0, SUBJECT_EXEC_TRADE, 10, 10);
	struct sim_report *conflict = say(0, SUBJECT_EXEC_TRADE, 10, 10);
	echo->repeats = conflict->repeats = number(fill) + 1;
	memcpy(echo->update.exec_id, fill->update.exec_id, sizeof echo->update.exec_id);
	memcpy(conflict->update.exec_id, fill->update.exec_id, sizeof conflict->update.exec_id);
	echo->update.ord_status = SUBJECT_ORDER_FILLED;
	echo->update.leaves_quantity_lots = 0;
	conflict->update.commission_units = 1;
	expect(SIM_MODEL_UNCHANGED, echo);
	expect(SIM_MODEL_REFUSED, conflict);
	assert_true(sim_model_holds(&model, &plan, number(echo)));
	assert_false(sim_model_holds(&model, &plan, number(conflict)));
}

/* What a bust is about is part of what it says. */
static void a_bust_of_another_fill_under_the_same_id_is_refused(void **context) {
	(void)context;
	struct sim_report *first = apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	struct sim_report *second = apply(say(0, SUBJECT_EXEC_TRADE, 10, 20));
	struct sim_report *bust = apply(about(say(0, SUBJECT_EXEC_BUST, 0, 10), second));
	struct sim_report *other = about(say(0, SUBJECT_EXEC_BUST, 0, 10), first);
	other->repeats = number(bust) + 1;
	memcpy(other->update.exec_id, bust->update.exec_id, sizeof other->update.exec_id);
	expect(SIM_MODEL_REFUSED, other);
	about(other, second);
	expect(SIM_MODEL_UNCHANGED, other);
}

static void reports_without_id_are_one_when_they_say_the_same(void **context) {
	(void)context;
	struct sim_report *fill = say(0, SUBJECT_EXEC_TRADE, 10, 10);
	struct sim_report *again = say(0, SUBJECT_EXEC_TRADE, 10, 10);
	struct sim_report *next = say(0, SUBJECT_EXEC_TRADE, 10, 20);
	fill->update.exec_id[0] = again->update.exec_id[0] = next->update.exec_id[0] = '\0';
	apply(fill);
	expect(SIM_MODEL_UNCHANGED, again);
	apply(next);
	expect_position(20, 1000, 0);
}

static void two_requests_without_id_differ_by_their_client_id(void **context) {
	(void)context;
	struct sim_report *first = say(0, SUBJECT_EXEC_PENDING_CANCEL, 0, 0);
	struct sim_report *second = say(0, SUBJECT_EXEC_PENDING_CANCEL, 0, 0);
	first->update.exec_id[0] = second->update.exec_id[0] = '\0';
	snprintf(second->update.cl_ord_id, sizeof second->update.cl_ord_id, "R2");
	apply(first);
	apply(second);
	assert_int_equal(model.orders[0].pending_cancels, 2);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static struct sim_report *command(enum subject_command_kind kind) {
	struct sim_report *report = &plan.reports[plan.report_count++];
	report->command.kind = kind;
	return report;
}

static void the_worst_case_latches_a_halt_until_a_command_lifts_it(void **context) {
	(void)context;
	struct sim_report *limits = command(SUBJECT_COMMAND_LIMITS);
	limits->command.limits.position_lots = 150;
	apply(limits);
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_NONE);
	apply(say(1, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_POSITION);
	apply(say(1, SUBJECT_EXEC_CANCELED, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_POSITION);
	apply(command(SUBJECT_COMMAND_HALT));
	assert_int_equal(model.halt, SUBJECT_HALT_POSITION); /* the first reason stays */
	struct sim_report *resume = apply(command(SUBJECT_COMMAND_RESUME));
	assert_int_equal(model.halt, SUBJECT_HALT_NONE);
	expect(SIM_MODEL_UNCHANGED, resume);
}

static void buys_and_sells_are_no_exposure_of_one_another(void **context) {
	(void)context;
	struct sim_report *limits = command(SUBJECT_COMMAND_LIMITS);
	struct sim_report *sale = say(1, SUBJECT_EXEC_NEW, 0, 0);
	limits->command.limits.position_lots = 150;
	sale->update.side = SUBJECT_SIDE_SELL;
	apply(limits);
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	apply(sale);
	assert_int_equal(model.halt, SUBJECT_HALT_NONE);
}

static void the_other_limits_have_reasons_of_their_own(void **context) {
	(void)context;
	struct sim_report *limits = command(SUBJECT_COMMAND_LIMITS);
	limits->command.limits.order_notional_tick_lots = 4999;
	apply(limits);
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_ORDER_NOTIONAL);
	begin(NULL);
	limits = command(SUBJECT_COMMAND_LIMITS);
	limits->command.limits.open_orders = 1;
	apply(limits);
	apply(say(0, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_NONE);
	apply(say(1, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(model.halt, SUBJECT_HALT_OPEN_ORDERS);
}

/* ---- what no state takes --------------------------------------------------------------------- */

static void what_is_malformed_is_refused_in_every_state(void **context) {
	(void)context;
	for (int broken = SIM_BROKEN_NONE + 1; broken < SIM_BROKEN_VALUE; broken++) {
		struct sim_report *report = say(0, SUBJECT_EXEC_TRADE, 10, 40);
		expect(SIM_MODEL_GAP, report);
		report->broken = (enum sim_broken)broken;
		expect(SIM_MODEL_REFUSED, report);
	}
}

/* R7 comes before R9: a fill that is too much is a gap, or stale, first. */
static void a_fill_that_64_bits_do_not_hold_is_refused(void **context) {
	(void)context;
	struct sim_report *first = say(0, SUBJECT_EXEC_TRADE, 2, 2);
	struct sim_report *sum = at(say(0, SUBJECT_EXEC_TRADE, 1, 3), INT64_MAX - 50);
	struct sim_report *fits = at(say(0, SUBJECT_EXEC_TRADE, 1, 3), INT64_MAX - 100);
	struct sim_report *value = at(say(1, SUBJECT_EXEC_TRADE, 2, 2), INT64_MAX / 2 + 1);
	struct sim_report *negative = at(say(1, SUBJECT_EXEC_TRADE, 2, 2), -(INT64_MAX / 2 + 1));
	expect(SIM_MODEL_GAP, sum);
	expect(SIM_MODEL_REFUSED, value);
	expect(SIM_MODEL_REFUSED, negative);
	apply(first);
	expect(SIM_MODEL_REFUSED, sum);
	expect(SIM_MODEL_APPLIES, fits);
	apply(say(0, SUBJECT_EXEC_TRADE, 1, 3));
	expect(SIM_MODEL_UNCHANGED, sum);
}

static void what_is_missing_is_a_quantity(void **context) {
	(void)context;
	apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	struct sim_report *early = say(0, SUBJECT_EXEC_TRADE, 5, 40);
	struct sim_report *cancel = say(0, SUBJECT_EXEC_CANCELED, 0, 40);
	struct sim_report *fill = say(0, SUBJECT_EXEC_TRADE, 20, 30);
	struct sim_report *bust = about(say(0, SUBJECT_EXEC_BUST, 0, 10), fill);
	struct subject_gap gap = sim_model_gap(&model, &plan, number(early));
	assert_true(gap.known_lots == 10 && gap.missing_to_lots == 35);
	gap = sim_model_gap(&model, &plan, number(cancel));
	assert_true(gap.known_lots == 10 && gap.missing_to_lots == 40);
	gap = sim_model_gap(&model, &plan, number(bust)); /* a fill, and nobody knows of how much */
	assert_true(gap.known_lots == 0 && gap.missing_to_lots == 0);
	apply(fill);
	struct sim_report *correct = about(say(0, SUBJECT_EXEC_CORRECT, 15, 29), fill);
	gap = sim_model_gap(&model, &plan, number(correct));
	assert_true(gap.known_lots == 30 && gap.missing_to_lots == 34);
}

/* Two reports of one exec id on two symbols are two. */
static void a_shared_exec_id_is_another_key(void **context) {
	(void)context;
	struct sim_report *first = apply(say(0, SUBJECT_EXEC_TRADE, 10, 10));
	struct sim_report *second = say(1, SUBJECT_EXEC_TRADE, 10, 10);
	second->symbol = 1;
	second->borrows = number(first) + 1;
	memcpy(second->update.exec_id, first->update.exec_id, sizeof second->update.exec_id);
	apply(second);
	expect(SIM_MODEL_UNCHANGED, first);
	expect(SIM_MODEL_UNCHANGED, second);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(a_bust_folds_what_came_after_it_again, begin),
	        cmocka_unit_test_setup(a_correction_takes_the_place_of_its_fill, begin),
	        cmocka_unit_test_setup(a_bust_waits_for_its_fill_and_is_done_once, begin),
	        cmocka_unit_test_setup(a_bust_that_knows_of_more_fills_waits_and_an_old_report_does_not, begin),
	        cmocka_unit_test_setup(a_replace_below_what_is_filled_is_for_what_is_filled, begin),
	        cmocka_unit_test_setup(an_older_replace_changes_nothing, begin),
	        cmocka_unit_test_setup(requests_are_pending_until_they_are_answered, begin),
	        cmocka_unit_test_setup(an_order_that_is_done_for_the_day_rests_until_it_is_restated, begin),
	        cmocka_unit_test_setup(a_split_moves_the_position_and_keeps_its_cost, begin),
	        cmocka_unit_test_setup(a_position_follows_a_split_on_its_own_side_only, begin),
	        cmocka_unit_test_setup(a_bust_folds_through_a_split, begin),
	        cmocka_unit_test_setup(a_rejection_that_leaves_something_is_of_another_order, begin),
	        cmocka_unit_test_setup(an_overfill_is_applied_and_said, begin),
	        cmocka_unit_test_setup(another_channel_is_no_news_and_other_content_is_refused, begin),
	        cmocka_unit_test_setup(a_bust_of_another_fill_under_the_same_id_is_refused, begin),
	        cmocka_unit_test_setup(reports_without_id_are_one_when_they_say_the_same, begin),
	        cmocka_unit_test_setup(two_requests_without_id_differ_by_their_client_id, begin),
	        cmocka_unit_test_setup(the_worst_case_latches_a_halt_until_a_command_lifts_it, begin),
	        cmocka_unit_test_setup(buys_and_sells_are_no_exposure_of_one_another, begin),
	        cmocka_unit_test_setup(the_other_limits_have_reasons_of_their_own, begin),
	        cmocka_unit_test_setup(what_is_malformed_is_refused_in_every_state, begin),
	        cmocka_unit_test_setup(a_fill_that_64_bits_do_not_hold_is_refused, begin),
	        cmocka_unit_test_setup(what_is_missing_is_a_quantity, begin),
	        cmocka_unit_test_setup(a_shared_exec_id_is_another_key, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
