/* The reference model against examples that were worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"
#include "pcg.h"

static struct sim_plan plan;
static struct sim_model model;

/* Starts over with an empty plan and an empty model. */
static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	memset(&model, 0, sizeof model);
	return 0;
}

/* Adds a report of an order of 100 lots at 50 ticks, and returns its number. */
static uint32_t add(uint32_t order, enum subject_exec_type type, int64_t lots, int64_t cum) {
	struct sim_report *report = &plan.reports[plan.report_count];
	report->order = order;
	report->update.exec_type = type;
	report->update.side = SUBJECT_SIDE_BUY;
	report->update.order_quantity_lots = 100;
	report->update.price_ticks = 50;
	report->update.last_quantity_lots = lots;
	report->update.last_price_ticks = type == SUBJECT_EXEC_TRADE ? 50 : 0;
	report->update.cum_quantity_lots = cum;
	plan.order_count = order >= plan.order_count ? order + 1 : plan.order_count;
	return plan.report_count++;
}

/* A fill of an order of its own: bought when positive, sold when negative. */
static void fill(int64_t signed_lots, int64_t ticks) {
	int64_t lots = signed_lots > 0 ? signed_lots : -signed_lots;
	uint32_t number = add(plan.order_count, SUBJECT_EXEC_TRADE, lots, lots);
	plan.reports[number].update.side = signed_lots > 0 ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
	plan.reports[number].update.last_price_ticks = ticks;
	assert_int_equal(sim_model_predict(&model, &plan, number), SIM_MODEL_APPLIES);
	sim_model_apply(&model, &plan, number);
}

static void expect_position(int64_t quantity, int64_t cost, int64_t realised) {
	assert_int_equal(model.positions[0].quantity_lots, quantity);
	assert_int_equal(model.positions[0].cost_tick_lots, cost);
	assert_int_equal(model.positions[0].realised_tick_lots, realised);
}

static void adding_costs_what_was_paid(void **context) {
	(void)context;
	fill(10, 50);
	expect_position(10, 500, 0);
	fill(5, 60);
	expect_position(15, 800, 0);
}

static void reducing_moves_the_share_of_the_cost(void **context) {
	(void)context;
	fill(10, 50);
	fill(-4, 60);
	expect_position(6, 300, 40);
	fill(-6, 40);
	expect_position(0, 0, -20);
}

static void a_short_mirrors_a_long(void **context) {
	(void)context;
	fill(-10, 50);
	expect_position(-10, -500, 0);
	fill(4, 40);
	expect_position(-6, -300, 40);
	fill(6, 60);
	expect_position(0, 0, -20);
}

static void halves_are_rounded_to_even(void **context) {
	(void)context;
	/* 1 of 2 lots of a cost of 5: 2.5 becomes 2. */
	fill(1, 2);
	fill(1, 3);
	fill(-1, 10);
	expect_position(1, 3, 8);
	begin(NULL);
	/* 1 of 2 lots of a cost of 7: 3.5 becomes 4. */
	fill(1, 3);
	fill(1, 4);
	fill(-1, 10);
	expect_position(1, 3, 6);
	begin(NULL);
	/* The same, short: -2.5 becomes -2. */
	fill(-1, 2);
	fill(-1, 3);
	fill(1, 1);
	expect_position(-1, -3, 1);
}

static void what_is_no_half_is_rounded_to_the_nearest(void **context) {
	(void)context;
	/* 1 of 3 lots of a cost of 10: 3.33 becomes 3; then 1 of 2 lots of 7: 3.5 becomes 4; then
	 * the rest, 3. */
	fill(2, 3);
	fill(1, 4);
	fill(-1, 5);
	expect_position(2, 7, 2);
	fill(-1, 5);
	expect_position(1, 3, 3);
	fill(-1, 5);
	expect_position(0, 0, 5);
	begin(NULL);
	/* 2 of 3 lots of a cost of 10: 6.67 becomes 7. */
	fill(2, 3);
	fill(1, 4);
	fill(-2, 5);
	expect_position(1, 3, 3);
}

static void a_flip_is_a_close_and_an_open(void **context) {
	(void)context;
	fill(10, 50);
	assert_false(model.flipped);
	fill(-15, 60);
	expect_position(-5, -300, 100);
	assert_true(model.flipped);
}

static void a_full_close_is_no_flip(void **context) {
	(void)context;
	fill(10, 50);
	fill(-10, 60);
	expect_position(0, 0, 100);
	assert_false(model.flipped);
}

static void cash_is_realised_profit_minus_open_cost_after_every_fill(void **context) {
	(void)context;
	struct sim_pcg32 chance;
	int64_t cash = 0;
	sim_pcg32_seed(&chance, 9, 9);
	for (int i = 0; i < 200; i++) {
		int64_t lots = 1 + (int64_t)sim_pcg32_below(&chance, 50);
		int64_t signed_lots = sim_pcg32_percent(&chance, 50) ? lots : -lots;
		int64_t ticks = 1 + (int64_t)sim_pcg32_below(&chance, 1000);
		fill(signed_lots, ticks);
		cash -= signed_lots * ticks;
		assert_int_equal(cash, model.positions[0].realised_tick_lots - model.positions[0].cost_tick_lots);
	}
}

static void what_was_seen_changes_nothing_and_what_comes_too_early_is_a_gap(void **context) {
	(void)context;
	uint32_t opened = add(0, SUBJECT_EXEC_NEW, 0, 0);
	uint32_t first = add(0, SUBJECT_EXEC_TRADE, 30, 30);
	uint32_t second = add(0, SUBJECT_EXEC_TRADE, 20, 50);
	uint32_t canceled = add(0, SUBJECT_EXEC_CANCELED, 0, 50);
	assert_int_equal(sim_model_predict(&model, &plan, opened), SIM_MODEL_APPLIES);
	sim_model_apply(&model, &plan, opened);
	assert_int_equal(sim_model_predict(&model, &plan, opened), SIM_MODEL_UNCHANGED);
	assert_int_equal(sim_model_predict(&model, &plan, second), SIM_MODEL_GAP);
	assert_int_equal(sim_model_predict(&model, &plan, canceled), SIM_MODEL_GAP);
	sim_model_apply(&model, &plan, first);
	assert_int_equal(sim_model_predict(&model, &plan, second), SIM_MODEL_APPLIES);
	sim_model_apply(&model, &plan, second);
	assert_int_equal(sim_model_predict(&model, &plan, canceled), SIM_MODEL_APPLIES);
	assert_int_equal(model.version, 3);
}

static void an_order_goes_through_its_statuses(void **context) {
	(void)context;
	const struct sim_model_order *order = &model.orders[0];
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_NEW, 0, 0));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_NEW);
	assert_int_equal(sim_model_leaves(order), 100);
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_TRADE, 30, 30));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_PARTIALLY_FILLED);
	assert_int_equal(sim_model_leaves(order), 70);
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_EXPIRED, 0, 30));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_EXPIRED);
	assert_int_equal(sim_model_leaves(order), 0);
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_CANCELED, 0, 30));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_CANCELED);
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_TRADE, 70, 100));
	assert_int_equal(sim_model_status(order), SUBJECT_ORDER_FILLED);
	assert_int_equal(sim_model_leaves(order), 0);
}

static void the_stronger_end_counts_in_either_order(void **context) {
	(void)context;
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_CANCELED, 0, 0));
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_EXPIRED, 0, 0));
	sim_model_apply(&model, &plan, add(0, SUBJECT_EXEC_REJECTED, 0, 0));
	assert_int_equal(sim_model_status(&model.orders[0]), SUBJECT_ORDER_CANCELED);
	sim_model_apply(&model, &plan, add(1, SUBJECT_EXEC_REJECTED, 0, 0));
	assert_int_equal(sim_model_status(&model.orders[1]), SUBJECT_ORDER_REJECTED);
	assert_int_equal(sim_model_leaves(&model.orders[1]), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(adding_costs_what_was_paid, begin),
	        cmocka_unit_test_setup(reducing_moves_the_share_of_the_cost, begin),
	        cmocka_unit_test_setup(a_short_mirrors_a_long, begin),
	        cmocka_unit_test_setup(halves_are_rounded_to_even, begin),
	        cmocka_unit_test_setup(what_is_no_half_is_rounded_to_the_nearest, begin),
	        cmocka_unit_test_setup(a_flip_is_a_close_and_an_open, begin),
	        cmocka_unit_test_setup(a_full_close_is_no_flip, begin),
	        cmocka_unit_test_setup(cash_is_realised_profit_minus_open_cost_after_every_fill, begin),
	        cmocka_unit_test_setup(what_was_seen_changes_nothing_and_what_comes_too_early_is_a_gap, begin),
	        cmocka_unit_test_setup(an_order_goes_through_its_statuses, begin),
	        cmocka_unit_test_setup(the_stronger_end_counts_in_either_order, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
