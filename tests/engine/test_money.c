/* What a fill does to a position: rule R9 and invariant E10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "money.h"

__extension__ typedef __int128 test_int128;

static struct engine_position position_of(int64_t quantity, int64_t cost, int64_t realised) {
	return (struct engine_position){
	        .symbol = "AAA", .quantity_lots = quantity, .cost_tick_lots = cost, .realised_tick_lots = realised};
}

static void expect_fill(struct engine_position before, int64_t signed_quantity, int64_t price,
                        struct engine_position after) {
	enum engine_side side = signed_quantity > 0 ? ENGINE_SIDE_BUY : ENGINE_SIDE_SELL;
	int64_t quantity = signed_quantity > 0 ? signed_quantity : -signed_quantity;

	assert_true(engine_money_fill(&before, side, quantity, price));
	assert_int_equal(before.quantity_lots, after.quantity_lots);
	assert_int_equal(before.cost_tick_lots, after.cost_tick_lots);
	assert_int_equal(before.realised_tick_lots, after.realised_tick_lots);
}

static void opening_and_adding_cost_what_was_paid(void **context) {
	(void)context;
	expect_fill(position_of(0, 0, 0), 10, 50, position_of(10, 500, 0));
	expect_fill(position_of(10, 500, 0), 5, 60, position_of(15, 800, 0));
	expect_fill(position_of(0, 0, 0), -10, 50, position_of(-10, -500, 0));
	expect_fill(position_of(-10, -500, 3), -1, 60, position_of(-11, -560, 3));
}

static void reducing_realises_against_the_average_and_leaves_the_rest(void **context) {
	(void)context;
	expect_fill(position_of(10, 500, 0), -4, 60, position_of(6, 300, 40));
	expect_fill(position_of(-10, -500, 0), 4, 60, position_of(-6, -300, -40));
	expect_fill(position_of(3, 10, 0), -1, 0, position_of(2, 7, -3)); /* 10/3 = 3.33 */
}

static void closing_moves_all_of_the_cost(void **context) {
	(void)context;
	expect_fill(position_of(3, 10, 1), -3, 4, position_of(0, 0, 3));
	expect_fill(position_of(-3, -10, 1), 3, 4, position_of(0, 0, -1));
}

static void flip_closes_and_opens(void **context) {
	(void)context;
	expect_fill(position_of(3, 10, 0), -5, 4, position_of(-2, -8, 2));
	expect_fill(position_of(-3, -10, 0), 5, 4, position_of(2, 8, -2));
}

static void prices_of_zero_and_below_are_prices(void **context) {
	(void)context;
	expect_fill(position_of(0, 0, 0), 5, 0, position_of(5, 0, 0));
	expect_fill(position_of(0, 0, 0), 5, -7, position_of(5, -35, 0));
	expect_fill(position_of(5, -35, 0), -5, -1, position_of(0, 0, 30));
}

static void halves_round_to_even_on_both_sides_of_zero(void **context) {
	(void)context;
	assert_int_equal(engine_money_share(1, 1, 2), 0);
	assert_int_equal(engine_money_share(3, 1, 2), 2);
	assert_int_equal(engine_money_share(5, 1, 2), 2);
	assert_int_equal(engine_money_share(-1, 1, 2), 0);
	assert_int_equal(engine_money_share(-3, 1, 2), -2);
	assert_int_equal(engine_money_share(-5, 1, 2), -2);
	assert_int_equal(engine_money_share(5, 1, 3), 2);
	assert_int_equal(engine_money_share(-4, 1, 3), -1);
	assert_int_equal(engine_money_share(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
	assert_int_equal(engine_money_share(INT64_MAX, INT64_MAX - 1, INT64_MAX), INT64_MAX - 1);
}

static void result_out_of_range_is_refused_and_leaves_the_position(void **context) {
	struct engine_position position = position_of(INT64_MAX - 1, 0, 0);
	struct engine_position before = position;
	(void)context;

	assert_false(engine_money_fill(&position, ENGINE_SIDE_BUY, 2, 0));
	/* -INT64_MAX is the least */
	assert_false(engine_money_fill(&position, ENGINE_SIDE_BUY, 1, INT64_MIN));
	assert_memory_equal(&position, &before, sizeof position);
	assert_true(engine_money_fill(&position, ENGINE_SIDE_BUY, 1, INT64_MAX));
	assert_int_equal(position.quantity_lots, INT64_MAX);

	position = position_of(1, 0, INT64_MAX);
	assert_false(engine_money_fill(&position, ENGINE_SIDE_SELL, 1, 1));
	assert_true(engine_money_fill(&position, ENGINE_SIDE_SELL, 1, 0));
	/* A flip from one end to the other passes through the middle, in 128 bits. */
	position = position_of(INT64_MAX, INT64_MAX, 0);
	assert_false(engine_money_fill(&position, ENGINE_SIDE_SELL, INT64_MAX, INT64_MAX));
	assert_true(engine_money_fill(&position, ENGINE_SIDE_SELL, INT64_MAX, 1));
}

/* A multiplicative generator: the sequence is the same everywhere. */
static uint64_t test_next(uint64_t *seed) {
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void profit_minus_cost_is_the_cash_flow_over_any_fills(void **context) {
	uint64_t seed = 1;
	(void)context;

	for (int sequence = 0; sequence < 200; sequence++) {
		struct engine_position position = position_of(0, 0, 0);
		test_int128 cash = 0;
		int64_t held = 0;
		for (int fill = 0; fill < 200; fill++) {
			int64_t quantity = 1 + (int64_t)(test_next(&seed) % 1000);
			int64_t price = (int64_t)(test_next(&seed) % 100000) - 1000;
			enum engine_side side = test_next(&seed) % 2 == 0 ? ENGINE_SIDE_BUY : ENGINE_SIDE_SELL;
			int64_t sign = side == ENGINE_SIDE_BUY ? 1 : -1;
			assert_true(engine_money_fill(&position, side, quantity, price));
			cash -= (test_int128)sign * quantity * price;
			held += sign * quantity;
			assert_true((test_int128)position.realised_tick_lots - position.cost_tick_lots == cash);
			assert_int_equal(position.quantity_lots, held);
			assert_true(held != 0 || position.cost_tick_lots == 0);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(opening_and_adding_cost_what_was_paid),
	        cmocka_unit_test(reducing_realises_against_the_average_and_leaves_the_rest),
	        cmocka_unit_test(closing_moves_all_of_the_cost),
	        cmocka_unit_test(flip_closes_and_opens),
	        cmocka_unit_test(prices_of_zero_and_below_are_prices),
	        cmocka_unit_test(halves_round_to_even_on_both_sides_of_zero),
	        cmocka_unit_test(result_out_of_range_is_refused_and_leaves_the_position),
	        cmocka_unit_test(profit_minus_cost_is_the_cash_flow_over_any_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
