/* What a report is about: accounts, instruments, days, and ids that come again. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "apply.h"
#include "check.h"
#include "memory_vfs.h"
#include "orders.h"

/* ---- form ------------------------------------------------------------------------------------ */

static enum engine_rule rule_of(const struct engine_state *state, const struct engine_update *update) {
	struct engine_change change;

	engine_apply_draft(state, update, &change);
	return change.rule;
}

static void instrument_is_a_list_of_attributes(void **context) {
	static const struct {
		const char *text;
		enum engine_rule rule;
	} cases[] = {
	        {"", ENGINE_RULE_NONE},
	        {"maturity=202403", ENGINE_RULE_NONE},
	        {"id=8:ESH4 maturity=202403 type=FUT", ENGINE_RULE_NONE},
	        {"a=1 ab=1", ENGINE_RULE_NONE},
	        {"maturity", ENGINE_RULE_SCOPE},
	        {"maturity=", ENGINE_RULE_SCOPE},
	        {"=202403", ENGINE_RULE_SCOPE},
	        {" maturity=202403", ENGINE_RULE_SCOPE},
	        {"maturity=202403 ", ENGINE_RULE_SCOPE},
	        {"maturity=202403  type=FUT", ENGINE_RULE_SCOPE},
	        {"type=FUT maturity=202403", ENGINE_RULE_SCOPE},
	        {"type=FUT type=FUT", ENGINE_RULE_SCOPE},
	        {"type=FUT\n", ENGINE_RULE_TEXT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update = orders_report("e1", "o1", ENGINE_EXEC_NEW);
		strcpy(update.scope.instrument, cases[i].text);
		assert_int_equal(rule_of(*context, &update), cases[i].rule);
	}
}

static void day_is_a_date_or_nothing(void **context) {
	static const struct {
		int32_t day;
		enum engine_rule rule;
	} cases[] = {
	        {0, ENGINE_RULE_NONE},         {20240102, ENGINE_RULE_NONE},  {1, ENGINE_RULE_SCOPE},
	        {20241301, ENGINE_RULE_SCOPE}, {20240100, ENGINE_RULE_SCOPE}, {20240132, ENGINE_RULE_SCOPE},
	        {-1, ENGINE_RULE_SCOPE},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update = orders_report("e1", "o1", ENGINE_EXEC_NEW);
		update.trading_day = cases[i].day;
		assert_int_equal(rule_of(*context, &update), cases[i].rule);
	}
}

static void unknown_side_or_uniqueness_is_refused(void **context) {
	struct engine_update side = orders_report("e1", "o1", ENGINE_EXEC_NEW);
	struct engine_update ids = side;

	side.scope.position_side = (enum engine_position_side)3;
	assert_int_equal(rule_of(*context, &side), ENGINE_RULE_SCOPE);
	ids.ids_are_per = 2;
	assert_int_equal(rule_of(*context, &ids), ENGINE_RULE_SCOPE);
}

/* ---- what is what ---------------------------------------------------------------------------- */

static struct engine_update fill_of(const char *exec_id, const char *order_id, int64_t last, int64_t cum, int32_t day) {
	struct engine_update update = orders_fill(exec_id, order_id, last, cum);

	update.trading_day = day;
	return update;
}

static struct engine_update in_account(struct engine_update update, const char *account) {
	strcpy(update.scope.account, account);
	return update;
}

static struct engine_update in_instrument(struct engine_update update, const char *instrument) {
	strcpy(update.scope.instrument, instrument);
	return update;
}

static void expect_apply(struct engine_state *state, struct engine_update update) {
	assert_int_equal(orders_apply(state, &update), ENGINE_APPLIED);
	engine_check_assert(state);
}

static void expect_decline(struct engine_state *state, struct engine_update update, enum engine_outcome outcome,
                           enum engine_rule rule) {
	struct engine_change change;

	assert_true(engine_state_prepare(state, &update));
	engine_apply_draft(state, &update, &change);
	assert_int_equal(change.outcome, outcome);
	assert_int_equal(change.rule, rule);
	assert_true(rule != ENGINE_RULE_AMBIGUOUS || change.detail[0] != '\0');
}

static void expect_quantity(struct engine_state *state, const char *symbol, struct engine_scope scope, int64_t lots) {
	const struct engine_position *position = engine_state_find_position(state, symbol, &scope);

	assert_non_null(position);
	assert_int_equal(position->quantity_lots, lots);
}

static const struct engine_scope nothing;

static void accounts_are_kept_apart(void **context) {
	expect_apply(*context, in_account(orders_fill("e1", "o1", 10, 10), "A"));
	expect_apply(*context, in_account(orders_fill("e1", "o1", 30, 30), "B"));
	expect_quantity(*context, "AAA", (struct engine_scope){.account = "A"}, 10);
	expect_quantity(*context, "AAA", (struct engine_scope){.account = "B"}, 30);
	expect_decline(*context, in_account(orders_fill("e1", "o1", 30, 30), "B"), ENGINE_DUPLICATE,
	               ENGINE_RULE_EXEC_SEEN);
	expect_apply(*context, in_account(orders_fill("e2", "o1", 5, 15), "A"));
	expect_quantity(*context, "AAA", (struct engine_scope){.account = "A"}, 15);
}

static void report_without_account_goes_where_its_order_is(void **context) {
	expect_apply(*context, in_account(orders_fill("e1", "o1", 10, 10), "A"));
	expect_apply(*context, orders_fill("e2", "o1", 10, 20));
	expect_quantity(*context, "AAA", (struct engine_scope){.account = "A"}, 20);
	expect_apply(*context, in_account(orders_fill("e3", "o1", 10, 10), "B"));
	expect_decline(*context, orders_fill("e4", "o1", 10, 30), ENGINE_MALFORMED, ENGINE_RULE_AMBIGUOUS);
}

static void position_sides_are_kept_apart(void **context) {
	struct engine_update buy = orders_fill("e1", "o1", 10, 10);
	struct engine_update sell = orders_fill("e2", "o2", 4, 4);

	buy.scope.position_side = ENGINE_POSITION_SIDE_LONG;
	sell.scope.position_side = ENGINE_POSITION_SIDE_SHORT;
	sell.side = ENGINE_SIDE_SELL;
	expect_apply(*context, buy);
	expect_apply(*context, sell);
	expect_quantity(*context, "AAA", buy.scope, 10);
	expect_quantity(*context, "AAA", sell.scope, -4);
}

static void exec_id_on_both_sides_of_a_self_trade_is_two_executions(void **context) {
	struct engine_update sell = orders_fill("195673", "o2", 3, 3);

	sell.side = ENGINE_SIDE_SELL;
	expect_apply(*context, orders_fill("195673", "o1", 5, 5));
	expect_apply(*context, sell);
	expect_quantity(*context, "AAA", nothing, 2);
	expect_decline(*context, sell, ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	sell.last_price_ticks++;
	expect_decline(*context, sell, ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
}

static void order_ids_per_symbol_are_told_apart_when_the_source_says_so(void **context) {
	struct engine_update update = orders_fill("e2", "o1", 7, 7);

	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
	strcpy(update.symbol, "BBB");
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_ORDER_SYMBOL);
	update.ids_are_per = ENGINE_IDS_PER_SYMBOL;
	expect_apply(*context, update);
	expect_quantity(*context, "BBB", nothing, 7);
}

static void ids_of_a_new_day_are_new(void **context) {
	expect_apply(*context, fill_of("1", "1", 100, 100, 20240102));
	expect_decline(*context, fill_of("1", "1", 100, 100, 20240102), ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	expect_apply(*context, fill_of("1", "1", 100, 100, 20240103));
	expect_quantity(*context, "AAA", nothing, 200);
	expect_decline(*context, fill_of("1", "1", 100, 100, 20240103), ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	expect_decline(*context, fill_of("1", "1", 100, 100, 20240102), ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
}

static void order_of_several_days_stays_one(void **context) {
	struct engine_update cancel = orders_report("3", "1", ENGINE_EXEC_CANCELED);

	expect_apply(*context, fill_of("1", "1", 40, 40, 20240102));
	expect_apply(*context, fill_of("2", "1", 20, 60, 20240103));
	cancel.trading_day = 20240104;
	cancel.cum_quantity_lots = 60;
	expect_apply(*context, cancel);
	const struct engine_order *order = engine_state_find_order(*context, "1", 0);
	assert_int_equal(order->cum_quantity_lots, 60);
	assert_int_equal(order->status, ENGINE_ORDER_CANCELED);
	assert_int_equal(order->first_day, 20240102);
	assert_int_equal(order->last_day, 20240104);
	assert_null(engine_state_find_order(*context, "1", 1));
}

static void fill_that_begins_anew_on_a_later_day_is_of_another_order(void **context) {
	expect_apply(*context, fill_of("1", "1", 40, 40, 20240102));
	expect_apply(*context, fill_of("2", "1", 30, 30, 20240103));
	expect_quantity(*context, "AAA", nothing, 70);
	assert_int_equal(engine_state_find_order(*context, "1", 1)->cum_quantity_lots, 30);
	/* On the same day it is covered. */
	expect_decline(*context, fill_of("3", "1", 30, 30, 20240103), ENGINE_STALE, ENGINE_RULE_CUM_STALE);
}

static void bust_finds_the_order_of_its_fill(void **context) {
	struct engine_update bust = orders_report("b", "1", ENGINE_EXEC_BUST);

	expect_apply(*context, fill_of("1", "1", 100, 100, 20240102));
	expect_apply(*context, fill_of("2", "1", 100, 100, 20240103));
	strcpy(bust.exec_ref_id, "1");
	bust.trading_day = 20240104;
	expect_apply(*context, bust);
	expect_quantity(*context, "AAA", nothing, 100);
	assert_int_equal(engine_state_find_order(*context, "1", 0)->cum_quantity_lots, 0);
	assert_int_equal(engine_state_find_order(*context, "1", 1)->cum_quantity_lots, 100);
}

static void bust_that_two_fills_fit_is_refused(void **context) {
	struct engine_update bust = orders_report("b", "1", ENGINE_EXEC_BUST);

	expect_apply(*context, fill_of("1", "1", 100, 100, 20240102));
	expect_apply(*context, fill_of("1", "1", 100, 100, 20240103));
	strcpy(bust.exec_ref_id, "1");
	bust.trading_day = 20240104;
	expect_decline(*context, bust, ENGINE_MALFORMED, ENGINE_RULE_AMBIGUOUS);
	bust.trading_day = 20240102;
	expect_apply(*context, bust);
	assert_int_equal(engine_state_find_order(*context, "1", 0)->cum_quantity_lots, 0);
}

static void bust_of_a_fill_of_another_day_that_has_not_come_is_a_gap(void **context) {
	struct engine_update bust = orders_report("b", "2", ENGINE_EXEC_BUST);

	expect_apply(*context, fill_of("1", "1", 100, 100, 20240102));
	strcpy(bust.exec_ref_id, "1");
	bust.trading_day = 20240103;
	expect_decline(*context, bust, ENGINE_GAP, ENGINE_RULE_REF_UNKNOWN);
	bust.trading_day = 20240102;
	expect_decline(*context, bust, ENGINE_MALFORMED, ENGINE_RULE_REF_OTHER);
}

static void bust_of_an_order_whose_id_an_older_one_had_waits_for_its_fill(void **context) {
	struct engine_update bust = orders_report("b", "1", ENGINE_EXEC_BUST);

	expect_apply(*context, fill_of("1", "1", 100, 100, 20240102));
	strcpy(bust.symbol, "BBB");
	strcpy(bust.exec_ref_id, "9");
	bust.trading_day = 20240103;
	expect_decline(*context, bust, ENGINE_GAP, ENGINE_RULE_REF_UNKNOWN);
}

static void cancel_on_a_later_day_is_not_about_an_order_that_is_over(void **context) {
	struct engine_update cancel = orders_report("1", "1", ENGINE_EXEC_CANCELED);

	cancel.trading_day = 20240102;
	expect_apply(*context, cancel);
	cancel.trading_day = 20240103;
	expect_apply(*context, cancel);
	assert_non_null(engine_state_find_order(*context, "1", 1));
}

static void months_of_a_future_are_kept_apart(void **context) {
	static const struct engine_scope march = {.instrument = "id=8:ESH4 maturity=202403"};
	static const struct engine_scope june = {.instrument = "id=8:ESM4 maturity=202406"};

	expect_apply(*context, in_instrument(orders_fill("e1", "o1", 1, 1), march.instrument));
	expect_apply(*context, in_instrument(orders_fill("e2", "o2", 2, 2), june.instrument));
	expect_quantity(*context, "AAA", march, 1);
	expect_quantity(*context, "AAA", june, 2);
	/* What says less of it means the one that it fits. */
	expect_apply(*context, in_instrument(orders_fill("e3", "o3", 4, 4), "maturity=202406"));
	expect_quantity(*context, "AAA", june, 6);
	expect_apply(*context, orders_fill("e4", "o3", 4, 8));
	expect_quantity(*context, "AAA", june, 10);
	expect_decline(*context, orders_fill("e5", "o5", 4, 4), ENGINE_MALFORMED, ENGINE_RULE_AMBIGUOUS);
	expect_apply(*context, in_instrument(orders_fill("e6", "o6", 3, 3), "maturity=202409"));
	expect_quantity(*context, "AAA", (struct engine_scope){.instrument = "maturity=202409"}, 3);
}

static void stock_and_what_is_derived_from_it_are_kept_apart(void **context) {
	expect_apply(*context, orders_fill("e1", "o1", 5, 5));
	expect_apply(*context, in_instrument(orders_fill("e2", "o2", 1, 1), "strike=100 type=OPT"));
	expect_quantity(*context, "AAA", nothing, 5);
	expect_apply(*context, orders_fill("e3", "o3", 5, 5));
	expect_quantity(*context, "AAA", nothing, 10);
}

static void exec_id_0_of_a_status_answer_is_none(void **context) {
	struct engine_update first = orders_report("0", "o1", ENGINE_EXEC_ORDER_STATUS);
	struct engine_update second = orders_report("0", "o2", ENGINE_EXEC_ORDER_STATUS);

	expect_apply(*context, first);
	expect_apply(*context, second);
	expect_decline(*context, second, ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
}

/* ---- storage --------------------------------------------------------------------------------- */

static int64_t stored_format(void) {
	sqlite3_stmt *statement;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(ORDERS_PATH, &db, SQLITE_OPEN_READONLY, MEMORY_VFS_NAME), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t format = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return format;
}

static void reopen_in_the_same_state(const char *protocol, uint64_t fingerprint, int64_t format) {
	assert_int_equal(stored_format(), format);
	orders_set_protocol(protocol);
	struct engine *engine = orders_open("delete");
	assert_true(orders_fingerprint(engine) == fingerprint);
	engine_close(engine);
}

static void book_moves_to_format_3_with_the_first_scope_and_keeps_all(void **context) {
	static const char *const protocols[] = {"persist_first", "rollback", "journal"};
	(void)context;

	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		memory_vfs_reset();
		orders_set_protocol(protocols[i]);
		struct engine *engine = orders_open("delete");
		orders_submit_stream(engine, 0, 20);
		uint64_t before = orders_fingerprint(engine);
		struct engine_digest history = engine_read_head(engine).history;
		engine_close(engine);
		reopen_in_the_same_state(protocols[(i + 1) % 3], before, ENGINE_SCHEMA_VERSION);
		orders_set_protocol(protocols[i]);
		engine = orders_open("delete");
		struct engine_digest loaded = engine_read_head(engine).history;
		assert_memory_equal(&loaded, &history, sizeof history);
		orders_say_scopes_from(20);
		orders_submit_stream(engine, 20, 60);
		orders_say_scopes_from(UINT_MAX);
		uint64_t after = orders_fingerprint(engine);
		engine_close(engine);
		reopen_in_the_same_state(protocols[(i + 1) % 3], after, ENGINE_SCHEMA_VERSION_SCOPED);
	}
	orders_set_protocol(NULL);
}

static void journal_with_scopes_is_replayed_into_a_book_of_format_2(void **context) {
	size_t size;
	unsigned char copy[65536];
	(void)context;

	memory_vfs_reset();
	orders_set_protocol("journal");
	struct engine *engine = orders_open("delete");
	orders_submit_stream(engine, 0, 12);
	engine_close(engine);
	const unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
	assert_true(content != NULL && size < sizeof copy);
	engine = orders_open("delete"); /* epoch 2 */
	content = memory_vfs_content(ORDERS_PATH, &size);
	memcpy(copy, content, size);
	size_t size_before = size;
	orders_say_scopes_from(12);
	orders_submit_stream(engine, 12, 20);
	orders_say_scopes_from(UINT_MAX);
	uint64_t after = orders_fingerprint(engine);
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
	/* The disk has lost the move, and not the journal. */
	memory_vfs_set_content(ORDERS_PATH, copy, size_before);
	engine = orders_open("delete");
	assert_true(orders_fingerprint(engine) == after);
	engine_close(engine);
	assert_int_equal(stored_format(), ENGINE_SCHEMA_VERSION_SCOPED);
	orders_set_protocol(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, orders_set_up_state, orders_tear_down_state)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(instrument_is_a_list_of_attributes),
	        TEST(day_is_a_date_or_nothing),
	        TEST(unknown_side_or_uniqueness_is_refused),
	        TEST(accounts_are_kept_apart),
	        TEST(report_without_account_goes_where_its_order_is),
	        TEST(position_sides_are_kept_apart),
	        TEST(exec_id_on_both_sides_of_a_self_trade_is_two_executions),
	        TEST(order_ids_per_symbol_are_told_apart_when_the_source_says_so),
	        TEST(ids_of_a_new_day_are_new),
	        TEST(order_of_several_days_stays_one),
	        TEST(fill_that_begins_anew_on_a_later_day_is_of_another_order),
	        TEST(bust_finds_the_order_of_its_fill),
	        TEST(bust_that_two_fills_fit_is_refused),
	        TEST(bust_of_a_fill_of_another_day_that_has_not_come_is_a_gap),
	        TEST(bust_of_an_order_whose_id_an_older_one_had_waits_for_its_fill),
	        TEST(cancel_on_a_later_day_is_not_about_an_order_that_is_over),
	        TEST(months_of_a_future_are_kept_apart),
	        TEST(stock_and_what_is_derived_from_it_are_kept_apart),
	        TEST(exec_id_0_of_a_status_answer_is_none),
	        cmocka_unit_test(book_moves_to_format_3_with_the_first_scope_and_keeps_all),
	        cmocka_unit_test(journal_with_scopes_is_replayed_into_a_book_of_format_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
