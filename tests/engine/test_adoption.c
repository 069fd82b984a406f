/* A beginning in the middle: the engine hears of an order when a status answers a question about it
 * (docs/order-updates.md, R8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "life.h"
#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

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
	life_expect_applied(adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
	assert_int_equal(life_order("o1").flags, ENGINE_FLAG_EXTERNAL | ENGINE_FLAG_ADOPTED);
	assert_int_equal(life_order("o1").filled_tick_lots, 0);
	assert_false(engine_find_position(life_engine, "AAA", &position));
	/* from before the beginning, and behind it */
	life_expect(ENGINE_STALE, ENGINE_RULE_CUM_STALE, life_fill("e1", 10, 40, 100));
	life_expect(ENGINE_GAP, ENGINE_RULE_REF_UNKNOWN, life_late("e9", ENGINE_EXEC_BUST, "e1", 30));
	life_expect_applied(life_fill("e2", 10, 50, 101));
	life_expect_position(10, 1010, 0);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 50, 50);
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, life_fill("e4", 10, 70, 101));
	/* a bust takes back what is there, and nothing of what was before */
	life_expect_applied(life_late("e5", ENGINE_EXEC_BUST, "e2", 40));
	life_expect_position(0, 0, 0);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
}

static void known_order_is_never_adopted(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
	life_expect(ENGINE_STALE, ENGINE_RULE_NO_NEWS, adopting("s2", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90));
	assert_int_equal(life_order("o1").flags & ENGINE_FLAG_ADOPTED, 0);
}

static void only_a_status_adopts(void **context) {
	struct engine_update canceled = orders_report("c1", "o1", ENGINE_EXEC_CANCELED);
	struct engine_update fill = life_fill("e2", 10, 50, 100);

	(void)context;
	canceled.cum_quantity_lots = 40;
	canceled.adopts = true;
	fill.adopts = true;
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, canceled);
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, fill);
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
		life_expect_applied(update);
		life_expect_order(update.order_id, cases[i].status, cases[i].cum, cases[i].is_left);
	}
}

/* The journal has to say that an order was adopted: replayed, it comes to the same state. */
static void adoption_survives_a_crash_in_every_protocol(void **context) {
	static const char *const protocols[] = {"persist_first", "rollback", "journal"};

	(void)context;
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		engine_close(life_engine);
		memory_vfs_reset();
		orders_set_protocol(protocols[i]);
		life_engine = orders_open("delete");
		life_expect_applied(adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
		life_expect_applied(life_fill("e2", 10, 50, 101));
		uint64_t before = orders_fingerprint(life_engine);
		struct engine *next = orders_open("delete"); /* takes over what is stored */
		engine_check_assert(&next->state);
		assert_true(orders_fingerprint(next) == before);
		engine_close(life_engine);
		life_engine = next;
	}
}

/* R8: nobody knows how much of the position the split is about. */
static void split_of_an_adopted_order_is_refused(void **context) {
	struct engine_update split = orders_report("p1", "o1", ENGINE_EXEC_RESTATED);

	(void)context;
	life_expect_applied(adopting("s1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60));
	life_expect_applied(life_fill("e2", 10, 50, 101));
	split.order_quantity_lots = 200;
	split.cum_quantity_lots = 100;
	split.transact_time_ns = 5;
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_SPLIT, split);
	life_expect_position(10, 1010, 0);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 50, 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, life_set_up, life_tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(unknown_order_is_adopted_and_its_fills_move_no_position),
	        TEST(known_order_is_never_adopted),
	        TEST(only_a_status_adopts),
	        TEST(adopted_order_is_as_its_status_says),
	        TEST(adoption_survives_a_crash_in_every_protocol),
	        TEST(split_of_an_adopted_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
