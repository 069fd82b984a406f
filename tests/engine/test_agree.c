/* The hand-shake after a restart: no order before both sides agree, and none on top of what is not
 * known (R12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

static struct engine *engine;
static char reason[ENGINE_REASON_SIZE];

static int set_up(void **context) {
	(void)context;
	memory_vfs_reset();
	engine = orders_open("wal");
	return 0;
}

static int tear_down(void **context) {
	(void)context;
	engine_close(engine);
	return 0;
}

static void apply(struct engine_update update) {
	assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
}

static enum engine_permission permission(int64_t quantity, enum engine_side side) {
	struct engine_order order = {.symbol = "AAA", .side = side, .order_quantity_lots = quantity, .price_ticks = 50};

	return engine_check_order(engine, &order, reason);
}

/* 40 of an order of 100 are filled. */
static void trade_a_little(void) {
	apply(orders_report("e1", "o1", ENGINE_EXEC_NEW));
	apply(orders_fill("e2", "o1", 40, 40));
}

static enum engine_agreement state_truth(void) {
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	engine_agree_position(engine, "AAA", 40);
	return engine_agree_end(engine, reason);
}

static void orders_are_forbidden_until_both_sides_agree(void **context) {
	(void)context;
	trade_a_little();
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
	engine_agree_begin(engine);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
	assert_int_equal(state_truth(), ENGINE_AGREEMENT_REACHED);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_PERMITTED);
	assert_int_equal(permission(0, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_ORDER);
	assert_int_equal(permission(1, ENGINE_SIDE_NONE), ENGINE_FORBIDDEN_ORDER);
	engine_close(engine);
	engine = orders_open("wal");
	assert_int_equal(engine_read_agreement(engine), ENGINE_AGREEMENT_NONE);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
}

static void update_keeps_an_agreement_and_a_gap_ends_it(void **context) {
	(void)context;
	trade_a_little();
	assert_int_equal(state_truth(), ENGINE_AGREEMENT_REACHED);
	apply(orders_fill("e3", "o1", 10, 50));
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_PERMITTED);
	struct engine_update gap = orders_fill("e5", "o1", 10, 80);
	assert_int_equal(orders_submit(engine, &gap), ENGINE_GAP);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
}

static void every_difference_is_named(void **context) {
	(void)context;
	trade_a_little();
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 50, 50);
	engine_agree_position(engine, "AAA", 40);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "quantities differ of order o1"));
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	engine_agree_order(engine, "o2", 0, 100);
	engine_agree_position(engine, "AAA", 40);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "not known: o2"));
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	engine_agree_position(engine, "AAA", 50);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "position AAA"));
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	engine_agree_order(engine, "o1", 40, 60);
	engine_agree_position(engine, "AAA", 40);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "ascending order at o1"));
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
}

static void empty_answer_is_not_no_orders(void **context) {
	(void)context;
	engine_agree_begin(engine);
	/* an empty state agrees */
	assert_int_equal(engine_agree_end(engine, NULL), ENGINE_AGREEMENT_REACHED);
	trade_a_little();
	engine_agree_begin(engine);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "open orders"));
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_non_null(strstr(reason, "positions"));
}

static void update_between_begin_and_end_voids_the_statement(void **context) {
	(void)context;
	trade_a_little();
	engine_agree_begin(engine);
	engine_agree_order(engine, "o1", 40, 60);
	apply(orders_fill("e3", "o1", 10, 50));
	engine_agree_position(engine, "AAA", 50);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_NONE);
	assert_non_null(strstr(reason, "void"));
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_NONE); /* never begun */
}

static void hello_names_the_newest_report(void **context) {
	struct engine_receipt receipt;
	struct engine_command command = {.command_id = "h", .kind = ENGINE_EXEC_HALT};
	(void)context;

	struct engine_hello hello = engine_read_hello(engine);
	assert_int_equal(hello.version + hello.report_count, 0);
	assert_string_equal(hello.exec_id, "");
	trade_a_little();
	engine_command(engine, &command, &receipt);
	engine_close(engine);
	engine = orders_open("wal");
	hello = engine_read_hello(engine);
	assert_int_equal(hello.version, 3);
	assert_int_equal(hello.epoch, 2);
	assert_int_equal(hello.report_count, 2);
	assert_string_equal(hello.symbol, "AAA");
	assert_string_equal(hello.exec_id, "e2");
}

static void limits_and_halts_forbid_orders(void **context) {
	struct engine_receipt receipt;
	struct engine_command limits = {
	        .command_id = "l", .kind = ENGINE_EXEC_SET_LIMITS, .limits = {.position_lots = 150}};
	struct engine_command halt = {.command_id = "h", .kind = ENGINE_EXEC_HALT};
	(void)context;

	trade_a_little();
	engine_command(engine, &limits, &receipt);
	assert_int_equal(state_truth(), ENGINE_AGREEMENT_REACHED);
	assert_int_equal(permission(50, ENGINE_SIDE_BUY), ENGINE_PERMITTED); /* 40 held, 60 open */
	assert_int_equal(permission(51, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_LIMIT);
	assert_int_equal(permission(190, ENGINE_SIDE_SELL), ENGINE_PERMITTED);
	assert_int_equal(permission(191, ENGINE_SIDE_SELL), ENGINE_FORBIDDEN_LIMIT);
	/* asking latches nothing */
	assert_int_equal(engine_read_head(engine).halt, ENGINE_HALT_NONE);
	engine_command(engine, &halt, &receipt);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_HALTED);
}

/* The failure that all this is about: 100 held, 50 more filled, the save fails, the process dies;
 * the restarted engine must neither buy as if it held 100 nor believe to be right. */
static void order_on_top_of_a_lost_update_is_forbidden(void **context) {
	struct engine_receipt receipt;
	struct engine_command limits = {
	        .command_id = "l", .kind = ENGINE_EXEC_SET_LIMITS, .limits = {.position_lots = 150}};
	struct engine_update big = orders_fill("e1", "o1", 100, 100);
	struct engine_update fill = orders_fill("e2", "o2", 50, 50);
	(void)context;

	engine_command(engine, &limits, &receipt);
	fill.order_quantity_lots = 50;
	apply(big);
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	assert_int_not_equal(orders_submit(engine, &fill), ENGINE_APPLIED);
	engine_close(engine);
	memory_vfs_revive();
	engine = orders_open("wal");
	assert_int_equal(permission(50, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
	engine_agree_begin(engine);
	engine_agree_position(engine, "AAA", 150); /* the venue's truth */
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_DIFFERENCES);
	assert_int_equal(permission(50, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_DISAGREEMENT);
	apply(fill); /* redelivered */
	engine_agree_begin(engine);
	engine_agree_position(engine, "AAA", 150);
	assert_int_equal(engine_agree_end(engine, reason), ENGINE_AGREEMENT_REACHED);
	assert_int_equal(permission(50, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_LIMIT);
	assert_int_equal(permission(50, ENGINE_SIDE_SELL), ENGINE_PERMITTED);
}

static void stopped_handle_forbids_orders(void **context) {
	(void)context;
	trade_a_little();
	assert_int_equal(state_truth(), ENGINE_AGREEMENT_REACHED);
	struct engine *other = orders_open("wal");
	struct engine_update update = orders_fill("e3", "o1", 10, 50);
	assert_int_equal(orders_submit(engine, &update), ENGINE_STOPPED);
	assert_int_equal(permission(1, ENGINE_SIDE_BUY), ENGINE_FORBIDDEN_STOPPED);
	engine_agree_begin(engine);
	assert_int_equal(engine_agree_end(engine, NULL), ENGINE_AGREEMENT_NONE);
	engine_close(other);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(orders_are_forbidden_until_both_sides_agree),
	        TEST(update_keeps_an_agreement_and_a_gap_ends_it),
	        TEST(every_difference_is_named),
	        TEST(empty_answer_is_not_no_orders),
	        TEST(update_between_begin_and_end_voids_the_statement),
	        TEST(hello_names_the_newest_report),
	        TEST(limits_and_halts_forbid_orders),
	        TEST(order_on_top_of_a_lost_update_is_forbidden),
	        TEST(stopped_handle_forbids_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
