/* Spreads: a fill of the whole order moves the order, and the fills of its legs the positions
 * (docs/order-updates.md, R9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "check.h"
#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

static struct engine *engine; /* of the test that runs */

static int set_up(void **context) {
	(void)context;
	memory_vfs_reset();
	orders_set_protocol(NULL);
	engine = orders_open("delete");
	return 0;
}

static int tear_down(void **context) {
	(void)context;
	engine_check_assert(&engine->state);
	uint64_t before = orders_fingerprint(engine);
	engine_close(engine);
	engine = orders_open("delete");
	engine_check_assert(&engine->state);
	bool is_same = orders_fingerprint(engine) == before;
	engine_close(engine);
	return is_same ? 0 : -1;
}

static void expect(enum engine_outcome outcome, enum engine_rule rule, struct engine_update update) {
	struct engine_receipt receipt;
	uint64_t before = orders_fingerprint(engine);

	engine_submit(engine, &update, &receipt);
	if (receipt.outcome != outcome || receipt.rule != rule) {
		fail_msg("outcome %d, rule %d: %s", (int)receipt.outcome, (int)receipt.rule, receipt.reason);
	}
	assert_true((outcome == ENGINE_APPLIED) == (orders_fingerprint(engine) != before));
	engine_check_assert(&engine->state);
}

static void expect_applied(struct engine_update update) {
	expect(ENGINE_APPLIED, ENGINE_RULE_NONE, update);
}

static struct engine_order order_of(const char *order_id) {
	struct engine_order order;
	bool found = engine_find_order(engine, order_id, &order);

	assert_true(found);
	return order;
}

static void expect_order(const char *order_id, enum engine_order_status status, int64_t cum, int64_t leaves) {
	struct engine_order order = order_of(order_id);

	assert_int_equal(order.status, status);
	assert_int_equal(order.cum_quantity_lots, cum);
	assert_int_equal(order.leaves_quantity_lots, leaves);
}

static void expect_position(int64_t quantity, int64_t cost, int64_t realised) {
	struct engine_position position;
	bool found = engine_find_position(engine, "AAA", &position);

	assert_true(found);
	assert_int_equal(position.quantity_lots, quantity);
	assert_int_equal(position.cost_tick_lots, cost);
	assert_int_equal(position.realised_tick_lots, realised);
}

static struct engine_update fill_at(const char *exec_id, int64_t last, int64_t cum, int64_t price) {
	struct engine_update update = orders_fill(exec_id, "o1", last, cum);

	update.last_price_ticks = price;
	return update;
}

static struct engine_update late(const char *exec_id, enum engine_exec_type type, const char *ref, int64_t cum) {
	struct engine_update update = orders_report(exec_id, "o1", type);

	engine_state_set_text(update.exec_ref_id, sizeof update.exec_ref_id, ref);
	update.cum_quantity_lots = cum;
	return update;
}

static struct engine_update multileg(const char *exec_id, int64_t last, int64_t cum, int64_t price) {
	struct engine_update update = fill_at(exec_id, last, cum, price);

	update.exec_type = ENGINE_EXEC_MULTILEG_TRADE;
	return update;
}

static bool has_position(void) {
	struct engine_position position;

	return engine_find_position(engine, "AAA", &position);
}

static void fill_of_the_whole_moves_its_order_and_no_position(void **context) {
	struct engine_update first = multileg("e1", 10, 10, 5);

	(void)context;
	first.commission_units = 7;
	memcpy(first.comm_currency, "USD", 4);
	expect_applied(first);
	expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	assert_int_equal(order_of("o1").filled_tick_lots, 50);
	assert_false(has_position());
	expect(ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN, first);
	/* R4 and R7 as for any other fill */
	expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, multileg("e3", 10, 30, 5));
	expect(ENGINE_STALE, ENGINE_RULE_CUM_STALE, multileg("e0", 5, 5, 5));
	expect(ENGINE_MALFORMED, ENGINE_RULE_CUM_OVERLAP, multileg("e4", 10, 15, 5));
	expect(ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY, multileg("e5", 0, 10, 5));
	expect_applied(multileg("e2", 90, 100, 5));
	expect_order("o1", ENGINE_ORDER_FILLED, 100, 0);
	assert_false(has_position());
}

static void its_bust_and_correction_move_no_position_either(void **context) {
	struct engine_update correction = late("c1", ENGINE_EXEC_CORRECT, "e1", 6);

	(void)context;
	correction.last_quantity_lots = 6;
	correction.last_price_ticks = 4;
	expect_applied(multileg("e1", 10, 10, 5));
	expect_applied(correction);
	expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 6, 94);
	assert_int_equal(order_of("o1").filled_tick_lots, 24);
	expect_applied(late("b1", ENGINE_EXEC_BUST, "c1", 0));
	expect_order("o1", ENGINE_ORDER_NEW, 0, 100);
	assert_false(has_position());
}

static void position_of_the_same_symbol_stays_as_it_is(void **context) {
	struct engine_update outright = fill_at("f1", 3, 3, 8);

	(void)context;
	memcpy(outright.order_id, "o2", 3);
	expect_applied(outright);
	expect_applied(multileg("e1", 10, 10, 5));
	expect_position(3, 24, 0);
	expect_applied(late("b1", ENGINE_EXEC_BUST, "e1", 0));
	expect_position(3, 24, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(fill_of_the_whole_moves_its_order_and_no_position),
	        TEST(its_bust_and_correction_move_no_position_either),
	        TEST(position_of_the_same_symbol_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
