/* A beginning in the middle: the engine hears of an order when a status answers a question about it
 * (docs/order-updates.md, R8). */
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

static struct engine_update adopting(const char *exec_id, enum engine_order_status status, int64_t cum,
                                     int64_t leaves) {
	struct engine_update update = orders_report(exec_id, "o1", ENGINE_EXEC_ORDER_STATUS);

	update.ord_status = status;
	update.cum_quantity_lots = cum;
	update.leaves_quantity_lots = leaves;
	update.adopts = true;
	return update;
}

static void unknown_order_is_adopted_and_its_fills_move_no_position(void **context) {
	struct engine_position position;

	(void)context;
	expect_applied(adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
	expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
	assert_int_equal(order_of("o1").flags, ENGINE_FLAG_EXTERNAL | ENGINE_FLAG_ADOPTED);
	assert_int_equal(order_of("o1").filled_tick_lots, 0);
	assert_false(engine_find_position(engine, "AAA", &position));
	/* from before the beginning, and behind it */
	expect(ENGINE_STALE, ENGINE_RULE_CUM_STALE, fill_at("e1", 10, 40, 100));
	expect(ENGINE_GAP, ENGINE_RULE_REF_UNKNOWN, late("e9", ENGINE_EXEC_BUST, "e1", 30));
	expect_applied(fill_at("e2", 10, 50, 101));
	expect_position(10, 1010, 0);
	expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 50, 50);
	expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, fill_at("e4", 10, 70, 101));
	/* a bust takes back what is there, and nothing of what was before */
	expect_applied(late("e5", ENGINE_EXEC_BUST, "e2", 40));
	expect_position(0, 0, 0);
	expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
}

static void known_order_is_never_adopted(void **context) {
	(void)context;
	expect_applied(fill_at("e1", 10, 10, 100));
	expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
	expect(ENGINE_STALE, ENGINE_RULE_NO_NEWS, adopting("s2", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90));
	assert_int_equal(order_of("o1").flags & ENGINE_FLAG_ADOPTED, 0);
}

static void only_a_status_adopts(void **context) {
	struct engine_update canceled = orders_report("c1", "o1", ENGINE_EXEC_CANCELED);
	struct engine_update fill = fill_at("e2", 10, 50, 100);

	(void)context;
	canceled.cum_quantity_lots = 40;
	canceled.adopts = true;
	fill.adopts = true;
	expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, canceled);
	expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, fill);
}

static void adopted_order_is_as_its_status_says(void **context) {
	static const struct {
		enum engine_order_status said;
		int64_t cum;
		int64_t leaves;
		enum engine_order_status status;
		int64_t is_left;
	} cases[] = {
	        {ENGINE_ORDER_NEW, 0, 100, ENGINE_ORDER_NEW, 100},
	        {ENGINE_ORDER_NONE, 0, 100, ENGINE_ORDER_PENDING_NEW, 100},
	        {ENGINE_ORDER_PENDING_NEW, 0, 100, ENGINE_ORDER_PENDING_NEW, 100},
	        {ENGINE_ORDER_FILLED, 100, 0, ENGINE_ORDER_FILLED, 0},
	        {ENGINE_ORDER_CANCELED, 40, 0, ENGINE_ORDER_CANCELED, 0},
	        {ENGINE_ORDER_EXPIRED, 40, 0, ENGINE_ORDER_EXPIRED, 0},
	        {ENGINE_ORDER_REJECTED, 0, 0, ENGINE_ORDER_REJECTED, 0},
	        {ENGINE_ORDER_DONE_FOR_DAY, 40, 0, ENGINE_ORDER_DONE_FOR_DAY, 0},
	        {ENGINE_ORDER_DONE_FOR_DAY, 40, 60, ENGINE_ORDER_DONE_FOR_DAY, 60},
	        {ENGINE_ORDER_STOPPED, 40, 60, ENGINE_ORDER_STOPPED, 60},
	        {ENGINE_ORDER_PENDING_CANCEL, 40, 60, ENGINE_ORDER_PENDING_CANCEL, 60},
	        {ENGINE_ORDER_PENDING_REPLACE, 40, 60, ENGINE_ORDER_PENDING_REPLACE, 60},
	};

	(void)context;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update = adopting("", cases[i].said, cases[i].cum, cases[i].leaves);
		memcpy(update.order_id, "p0", 3);
		update.order_id[1] = (char)('a' + i);
		expect_applied(update);
		expect_order(update.order_id, cases[i].status, cases[i].cum, cases[i].is_left);
	}
}

/* The journal has to say that an order was adopted: replayed, it comes to the same state. */
static void adoption_survives_a_crash_in_every_protocol(void **context) {
	static const char *const protocols[] = {"persist_first", "rollback", "journal"};

	(void)context;
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		engine_close(engine);
		memory_vfs_reset();
		orders_set_protocol(protocols[i]);
		engine = orders_open("delete");
		expect_applied(adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
		expect_applied(fill_at("e2", 10, 50, 101));
		uint64_t before = orders_fingerprint(engine);
		struct engine *next = orders_open("delete"); /* takes over what is stored */
		engine_check_assert(&next->state);
		assert_true(orders_fingerprint(next) == before);
		engine_close(engine);
		engine = next;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(unknown_order_is_adopted_and_its_fills_move_no_position),
	        TEST(known_order_is_never_adopted),
	        TEST(only_a_status_adopts),
	        TEST(adopted_order_is_as_its_status_says),
	        TEST(adoption_survives_a_crash_in_every_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
