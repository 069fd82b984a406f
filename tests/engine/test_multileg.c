/* Spreads: a fill of the whole order moves the order, and the fills of its legs the positions
 * (docs/order-updates.md, R9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "life.h"
#include "orders.h"

static struct engine_update multileg(const char *exec_id, int64_t last, int64_t cum, int64_t price) {
	struct engine_update update = life_fill(exec_id, last, cum, price);

	update.exec_type = ENGINE_EXEC_MULTILEG_TRADE;
	return update;
}

static bool has_position(void) {
	struct engine_position position;

	return engine_find_position(life_engine, "AAA", &position);
}

static void fill_of_the_whole_moves_its_order_and_no_position(void **context) {
	struct engine_update first = multileg("e1", 10, 10, 5);

	(void)context;
	first.commission_units = 7;
	memcpy(first.comm_currency, "USD", 4);
	life_expect_applied(first);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	assert_int_equal(life_order("o1").filled_tick_lots, 50);
	assert_false(has_position());
	life_expect(ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN, first);
	/* R4 and R7 as for any other fill */
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, multileg("e3", 10, 30, 5));
	life_expect(ENGINE_STALE, ENGINE_RULE_CUM_STALE, multileg("e0", 5, 5, 5));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_CUM_OVERLAP, multileg("e4", 10, 15, 5));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY, multileg("e5", 0, 10, 5));
	life_expect_applied(multileg("e2", 90, 100, 5));
	life_expect_order("o1", ENGINE_ORDER_FILLED, 100, 0);
	assert_false(has_position());
}

static void its_bust_and_correction_move_no_position_either(void **context) {
	struct engine_update correction = life_late("c1", ENGINE_EXEC_CORRECT, "e1", 6);

	(void)context;
	correction.last_quantity_lots = 6;
	correction.last_price_ticks = 4;
	life_expect_applied(multileg("e1", 10, 10, 5));
	life_expect_applied(correction);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 6, 94);
	assert_int_equal(life_order("o1").filled_tick_lots, 24);
	life_expect_applied(life_late("b1", ENGINE_EXEC_BUST, "c1", 0));
	life_expect_order("o1", ENGINE_ORDER_NEW, 0, 100);
	assert_false(has_position());
}

static void position_of_the_same_symbol_stays_as_it_is(void **context) {
	struct engine_update outright = life_fill("f1", 3, 3, 8);

	(void)context;
	memcpy(outright.order_id, "o2", 3);
	life_expect_applied(outright);
	life_expect_applied(multileg("e1", 10, 10, 5));
	life_expect_position(3, 24, 0);
	life_expect_applied(life_late("b1", ENGINE_EXEC_BUST, "e1", 0));
	life_expect_position(3, 24, 0);
}

/* R8: the position of its symbol is of other orders. */
static void split_of_a_spread_is_refused(void **context) {
	struct engine_update outright = life_fill("f1", 3, 3, 8);
	struct engine_update split = orders_report("p1", "o1", ENGINE_EXEC_RESTATED);

	(void)context;
	memcpy(outright.order_id, "o2", 3);
	life_expect_applied(outright);
	life_expect_applied(multileg("e1", 10, 10, 5));
	split.order_quantity_lots = 200;
	split.cum_quantity_lots = 20;
	split.transact_time_ns = 5;
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_SPLIT, split);
	/* that of the other order is as any */
	memcpy(split.order_id, "o2", 3);
	split.cum_quantity_lots = 6;
	life_expect_applied(split);
	life_expect_position(6, 24, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, life_set_up, life_tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(fill_of_the_whole_moves_its_order_and_no_position),
	        TEST(its_bust_and_correction_move_no_position_either),
	        TEST(position_of_the_same_symbol_stays_as_it_is),
	        TEST(split_of_a_spread_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
