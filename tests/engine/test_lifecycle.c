/* The life of an order beyond its first fills: busts, corrections, replaces, restatements, answers
 * to requests, commissions, limits, commands; and that memory, database and every protocol agree on
 * all of it (R6 to R11). */
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

static struct engine_update correction(const char *exec_id, const char *ref, int64_t last, int64_t cum, int64_t price) {
	struct engine_update update = life_late(exec_id, ENGINE_EXEC_CORRECT, ref, cum);

	update.last_quantity_lots = last;
	update.last_price_ticks = price;
	return update;
}

/* ---- busts and corrections ------------------------------------------------------------------- */

/* E11: the position is what the ledger folds to, without the fill that was busted. */
/* Not the same as selling back: the average cost is as if the fill had never been. */
static void bust_leaves_the_position_that_the_other_fills_make(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect_applied(life_fill("e2", 10, 20, 200));
	struct engine_update sale = orders_fill("e3", "o2", 10, 10);
	sale.side = ENGINE_SIDE_SELL;
	sale.last_price_ticks = 300;
	life_expect_applied(sale);
	life_expect_position(10, 1500, 1500);
	life_expect_applied(life_late("e4", ENGINE_EXEC_BUST, "e1", 10));
	life_expect_position(0, 0, 1000); /* bought 10 at 200, sold 10 at 300 */
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	assert_int_equal(life_order("o1").filled_tick_lots, 2000);
}

/* R10: a correction takes the place of what stands there. */
static void correction_takes_the_place_of_its_fill(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect_applied(life_fill("e2", 90, 100, 200));
	life_expect_order("o1", ENGINE_ORDER_FILLED, 100, 0);
	life_expect_applied(correction("e3", "e1", 5, 95, 110));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 95, 5);
	life_expect_position(95, 5 * 110 + 90 * 200, 0);
	/* By the id of the first fill or of its correction: the same fill is meant. */
	life_expect_applied(correction("e4", "e3", 6, 96, 110));
	life_expect_applied(correction("e5", "e1", 7, 97, 110));
	life_expect_position(97, 7 * 110 + 90 * 200, 0);
	life_expect_applied(life_late("e6", ENGINE_EXEC_BUST, "e1", 90));
	life_expect_position(90, 90 * 200, 0);
}

static void fill_after_a_bust_applies_also_on_a_canceled_order(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 50, 50, 100));
	struct engine_update cancel = orders_report("e2", "o1", ENGINE_EXEC_CANCELED);
	cancel.cum_quantity_lots = 50;
	life_expect_applied(cancel);
	life_expect_applied(life_late("e3", ENGINE_EXEC_BUST, "e1", 0));
	life_expect_order("o1", ENGINE_ORDER_CANCELED, 0, 0);
	life_expect_applied(life_fill("e4", 40, 40, 102));
	life_expect_order("o1", ENGINE_ORDER_CANCELED, 40, 0);
	life_expect_position(40, 40 * 102, 0);
}

static void bust_of_an_unseen_fill_waits_for_it(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect(ENGINE_GAP, ENGINE_RULE_REF_UNKNOWN, life_late("e9", ENGINE_EXEC_BUST, "e2", 10));
	life_expect_applied(life_fill("e2", 10, 20, 100));
	life_expect_applied(life_late("e9", ENGINE_EXEC_BUST, "e2", 10));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
}

static void bust_that_knows_of_more_fills_waits_for_them(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, life_late("e9", ENGINE_EXEC_BUST, "e1", 10));
	life_expect_applied(life_fill("e2", 10, 20, 100));
	life_expect_applied(life_late("e9", ENGINE_EXEC_BUST, "e1", 10));
}

/* A report of before the bust knows of the fill that the bust took back: nothing is missing. */
static void report_that_arrives_behind_a_bust_that_it_does_not_know_of_applies(void **context) {
	(void)context;
	struct engine_update canceled = orders_report("e4", "o1", ENGINE_EXEC_CANCELED);
	canceled.cum_quantity_lots = 30;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect_applied(life_fill("e2", 20, 30, 100));
	life_expect_applied(life_late("e5", ENGINE_EXEC_BUST, "e1", 20));
	life_expect_applied(canceled);
}

static void report_that_knows_of_more_than_was_ever_filled_waits_behind_a_bust_too(void **context) {
	(void)context;
	struct engine_update canceled = orders_report("e4", "o1", ENGINE_EXEC_CANCELED);
	canceled.cum_quantity_lots = 31;
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect_applied(life_fill("e2", 20, 30, 100));
	life_expect_applied(life_late("e5", ENGINE_EXEC_BUST, "e1", 20));
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, canceled);
}

static void bust_is_refused_of_what_is_no_fill_or_gone(void **context) {
	(void)context;
	life_expect_applied(orders_report("e0", "o1", ENGINE_EXEC_NEW));
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect_applied(orders_fill("f1", "o2", 10, 10));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_REF_OTHER, life_late("e7", ENGINE_EXEC_BUST, "e0", 0));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_REF_OTHER, life_late("e7", ENGINE_EXEC_BUST, "f1", 0));
	life_expect_applied(life_late("e8", ENGINE_EXEC_BUST, "e1", 0));
	life_expect(ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN, life_late("e8", ENGINE_EXEC_BUST, "e1", 0));
	life_expect(ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN, life_late("e8", ENGINE_EXEC_BUST, "e0", 0));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_REF_BUSTED, life_late("e9", ENGINE_EXEC_BUST, "e1", 0));
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_REF_BUSTED, correction("e9", "e1", 5, 5, 100));
	/* redelivered: still busted */
	life_expect(ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN, life_fill("e1", 10, 10, 100));
	/* of the other order */
	life_expect_position(10, 500, 0);
}

/* ---- terms, requests, days ------------------------------------------------------------------- */

static struct engine_update terms(const char *exec_id, enum engine_exec_type type, int64_t quantity, int64_t time_ns) {
	struct engine_update update = orders_report(exec_id, "o1", type);

	update.order_quantity_lots = quantity;
	update.transact_time_ns = time_ns;
	return update;
}

static void replace_below_what_is_filled_is_amended_to_it(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 70, 70, 100));
	life_expect_applied(terms("e2", ENGINE_EXEC_REPLACED, 50, 5));
	life_expect_order("o1", ENGINE_ORDER_FILLED, 70, 0);
	assert_int_equal(life_order("o1").order_quantity_lots, 70);
	life_expect_applied(terms("e3", ENGINE_EXEC_REPLACED, 90, 6));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 70, 20);
}

static void older_replace_that_arrives_late_changes_nothing(void **context) {
	(void)context;
	life_expect_applied(terms("e1", ENGINE_EXEC_NEW, 100, 1));
	life_expect_applied(terms("e3", ENGINE_EXEC_REPLACED, 80, 3));
	life_expect(ENGINE_STALE, ENGINE_RULE_TERMS_STALE, terms("e2", ENGINE_EXEC_REPLACED, 90, 2));
	life_expect_order("o1", ENGINE_ORDER_NEW, 0, 80);
	/* as old: the later arrival counts */
	life_expect_applied(terms("e4", ENGINE_EXEC_RESTATED, 70, 3));
	life_expect_order("o1", ENGINE_ORDER_NEW, 0, 70);
}

static void pending_requests_show_until_they_are_answered(void **context) {
	(void)context;
	life_expect_applied(orders_report("e1", "o1", ENGINE_EXEC_NEW));
	life_expect_applied(orders_report("e2", "o1", ENGINE_EXEC_PENDING_CANCEL));
	life_expect_order("o1", ENGINE_ORDER_PENDING_CANCEL, 0, 100);
	/* as 35=9: no symbol, no side */
	struct engine_update refusal = {.exec_type = ENGINE_EXEC_CANCEL_REJECTED};
	engine_state_set_text(refusal.order_id, sizeof refusal.order_id, "o1");
	engine_state_set_text(refusal.exec_id, sizeof refusal.exec_id, "e3");
	life_expect_applied(refusal);
	life_expect_order("o1", ENGINE_ORDER_NEW, 0, 100);
	life_expect_applied(orders_report("e4", "o1", ENGINE_EXEC_PENDING_REPLACE));
	life_expect_order("o1", ENGINE_ORDER_PENDING_REPLACE, 0, 100);
	life_expect_applied(life_fill("e5", 10, 10, 100));
	life_expect_order("o1", ENGINE_ORDER_PENDING_REPLACE, 10, 90);
	life_expect_applied(orders_report("e6", "o1", ENGINE_EXEC_REPLACE_REJECTED));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	life_expect_applied(orders_report("e7", "o1", ENGINE_EXEC_PENDING_CANCEL));
	life_expect_applied(orders_report("e8", "o1", ENGINE_EXEC_CANCELED));
	/* arrived late */
	life_expect_applied(orders_report("e9", "o1", ENGINE_EXEC_PENDING_CANCEL));
	life_expect_order("o1", ENGINE_ORDER_CANCELED, 10, 0);
}

static void refusal_about_an_unknown_order_needs_its_symbol(void **context) {
	struct engine_update refusal = {.exec_type = ENGINE_EXEC_CANCEL_REJECTED, .ord_status = ENGINE_ORDER_REJECTED};
	(void)context;

	engine_state_set_text(refusal.order_id, sizeof refusal.order_id, "o9");
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_SYMBOL, refusal);
	engine_state_set_text(refusal.symbol, sizeof refusal.symbol, "AAA");
	refusal.side = ENGINE_SIDE_BUY;
	life_expect_applied(refusal);
	life_expect_order("o9", ENGINE_ORDER_REJECTED, 0, 0);
	assert_int_equal(life_order("o9").order_quantity_lots, 0);
}

static void reject_that_leaves_quantity_is_about_another_order(void **context) {
	(void)context;
	life_expect_applied(orders_report("e1", "o1", ENGINE_EXEC_NEW));
	struct engine_update reject = orders_report("e2", "o1", ENGINE_EXEC_REJECTED);
	reject.leaves_quantity_lots = 100;
	life_expect_applied(reject);
	life_expect_order("o1", ENGINE_ORDER_NEW, 0, 100);
	assert_int_equal(life_order("o1").flags, ENGINE_FLAG_REUSED_CLIENT_ID);
	/* the twin: nothing left */
	life_expect_applied(orders_report("e3", "o1", ENGINE_EXEC_REJECTED));
	life_expect_order("o1", ENGINE_ORDER_REJECTED, 0, 0);
}

static void orders_with_one_client_id_are_told_apart_by_order_id(void **context) {
	(void)context;
	struct engine_update one = orders_fill("e1", "o1", 10, 10);
	struct engine_update two = orders_fill("e2", "o2", 20, 20);
	engine_state_set_text(one.cl_ord_id, sizeof one.cl_ord_id, "same");
	engine_state_set_text(two.cl_ord_id, sizeof two.cl_ord_id, "same");
	life_expect_applied(one);
	life_expect_applied(two);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	life_expect_order("o2", ENGINE_ORDER_PARTIALLY_FILLED, 20, 80);
}

static void day_ends_an_order_or_lets_it_rest(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 30, 30, 100));
	struct engine_update rest = orders_report("e2", "o1", ENGINE_EXEC_DONE_FOR_DAY);
	rest.leaves_quantity_lots = 70;
	life_expect_applied(rest);
	life_expect_order("o1", ENGINE_ORDER_DONE_FOR_DAY, 30, 70);
	life_expect_applied(orders_report("e3", "o1", ENGINE_EXEC_RESTATED));
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 30, 70);
	life_expect_applied(orders_report("e4", "o1", ENGINE_EXEC_DONE_FOR_DAY));
	life_expect_order("o1", ENGINE_ORDER_DONE_FOR_DAY, 30, 0);
}

static void split_scales_quantity_and_keeps_cost(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 20, 20, 50));
	struct engine_update split = terms("e2", ENGINE_EXEC_RESTATED, 200, 2);
	split.cum_quantity_lots = 40;
	life_expect_applied(split);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 160);
	life_expect_position(40, 1000, 0);
	/* The twin: a cumulative quantity that does not go with the order quantity is a fill that
	 * is missing. */
	split = terms("e3", ENGINE_EXEC_RESTATED, 200, 3);
	split.cum_quantity_lots = 50;
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, split);
}

/* R8: only a restatement can be a split, and only of a position that goes the same way. */
static void split_of_what_cannot_be_split_is_refused(void **context) {
	(void)context;
	life_expect_applied(life_fill("e1", 20, 20, 50));
	struct engine_update split = terms("e2", ENGINE_EXEC_REPLACED, 200, 2);
	split.cum_quantity_lots = 40;
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, split);
	struct engine_update back = orders_fill("e3", "o2", 20, 20);
	back.side = ENGINE_SIDE_SELL;
	life_expect_applied(back);
	split.exec_type = ENGINE_EXEC_RESTATED;
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_SPLIT, split);
}

/* R11: what is open can be more than 64 bits hold. */
static void limit_counts_what_is_open_beyond_64_bits(void **context) {
	const int64_t quantities[] = {INT64_MAX, INT64_MAX, 7};
	const char *const names[] = {"o1", "o2", "o3"};
	struct engine_command limits = {
	        .command_id = "c1", .kind = ENGINE_EXEC_SET_LIMITS, .limits.position_lots = 100};
	struct engine_receipt receipt;
	(void)context;
	for (size_t i = 0; i < 3; i++) {
		struct engine_update update = orders_report(names[i], names[i], ENGINE_EXEC_NEW);
		update.order_quantity_lots = quantities[i];
		update.price_ticks = 0;
		life_expect_applied(update);
	}
	engine_command(life_engine, &limits, &receipt);
	assert_int_equal(receipt.outcome, ENGINE_APPLIED);
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_NONE);
	life_expect_applied(orders_report("e4", "o3", ENGINE_EXEC_PENDING_CANCEL));
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_POSITION);
}

/* R11: what has a symbol or an order is a report, and of no kind that there is. */
static void command_about_an_order_or_a_symbol_is_none(void **context) {
	struct engine_update halt = {.exec_id = "c1", .exec_type = ENGINE_EXEC_HALT};
	struct engine_update symbol = halt;
	struct engine_update order = halt;
	(void)context;
	engine_state_set_text(symbol.symbol, sizeof symbol.symbol, "AAA");
	engine_state_set_text(order.order_id, sizeof order.order_id, "o1");
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_EXEC_TYPE, symbol);
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_EXEC_TYPE, order);
	life_expect_applied(halt);
}

/* Of an order that is heard of first: the id of a request about it is not its own. */
static void first_report_of_an_order_says_its_client_id(void **context) {
	struct engine_update fill = life_fill("e1", 10, 10, 100);
	struct engine_update request = orders_report("e2", "o2", ENGINE_EXEC_PENDING_CANCEL);
	(void)context;
	engine_state_set_text(fill.cl_ord_id, sizeof fill.cl_ord_id, "now");
	engine_state_set_text(fill.orig_cl_ord_id, sizeof fill.orig_cl_ord_id, "before");
	engine_state_set_text(request.cl_ord_id, sizeof request.cl_ord_id, "request");
	engine_state_set_text(request.orig_cl_ord_id, sizeof request.orig_cl_ord_id, "order");
	life_expect_applied(fill);
	life_expect_applied(request);
	assert_string_equal(life_order("o1").cl_ord_id, "now");
	assert_string_equal(life_order("o2").cl_ord_id, "order");
}

static void status_report_tells_of_gaps_and_unknown_orders_only(void **context) {
	(void)context;
	life_expect_applied(orders_report("s1", "o1", ENGINE_EXEC_ORDER_STATUS));
	life_expect_order("o1", ENGINE_ORDER_PENDING_NEW, 0, 100);
	life_expect(ENGINE_STALE, ENGINE_RULE_NO_NEWS, orders_report("s2", "o1", ENGINE_EXEC_ORDER_STATUS));
	struct engine_update gap = orders_report("s3", "o1", ENGINE_EXEC_ORDER_STATUS);
	gap.cum_quantity_lots = 10;
	life_expect(ENGINE_GAP, ENGINE_RULE_CUM_GAP, gap);
	life_expect_applied(life_fill("e1", 10, 10, 100));
	life_expect(ENGINE_STALE, ENGINE_RULE_NO_NEWS, gap);
}

static void requests_without_exec_ids_are_told_apart(void **context) {
	(void)context;
	struct engine_update first = orders_report("", "o1", ENGINE_EXEC_PENDING_CANCEL);
	engine_state_set_text(first.cl_ord_id, sizeof first.cl_ord_id, "c1");
	struct engine_update second = first;
	engine_state_set_text(second.cl_ord_id, sizeof second.cl_ord_id, "c2");
	life_expect_applied(first);
	life_expect(ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN, first);
	life_expect_applied(second);
	assert_int_equal(life_order("o1").pending_cancels, 2);
}

/* ---- too early ------------------------------------------------------------------------------- */

static struct engine *open_holding(uint32_t held_updates) {
	struct engine_options options = orders_options("delete");
	struct engine_error error;
	struct engine *opened;

	options.held_updates = held_updates;
	assert_int_equal(engine_open(&options, &opened, &error), ENGINE_OPENED);
	return opened;
}

static struct engine_receipt submit(struct engine_update update) {
	struct engine_receipt receipt;

	engine_submit(life_engine, &update, &receipt);
	engine_check_assert(&life_engine->state);
	return receipt;
}

static void early_reports_are_held_and_let_in_by_the_missing_one(void **context) {
	(void)context;
	engine_close(life_engine);
	life_engine = open_holding(3);
	struct engine_receipt receipt = submit(life_fill("e3", 10, 30, 103));
	assert_true(receipt.outcome == ENGINE_GAP && receipt.is_held);
	assert_int_equal(receipt.known_lots, 0);
	assert_int_equal(receipt.missing_to_lots, 20);
	assert_true(submit(life_fill("e3", 10, 30, 103)).is_held); /* again: held once */
	assert_int_equal(engine_read_held(life_engine), 1);
	assert_true(submit(life_late("e9", ENGINE_EXEC_BUST, "e2", 20)).is_held);
	assert_true(submit(life_fill("e2", 10, 20, 102)).is_held);
	assert_false(submit(life_fill("e4", 10, 40, 104)).is_held); /* no room */
	assert_int_equal(engine_read_head(life_engine).version, 0);
	receipt = submit(life_fill("e1", 10, 10, 101));
	assert_true(receipt.outcome == ENGINE_APPLIED && receipt.version == 4);
	assert_int_equal(engine_read_held(life_engine), 0);
	life_expect_order("o1", ENGINE_ORDER_PARTIALLY_FILLED, 20, 80);
	life_expect_position(20, 10 * 101 + 10 * 103, 0);
	/* what its sender hears */
	assert_int_equal(submit(life_fill("e3", 10, 30, 103)).outcome, ENGINE_DUPLICATE);
}

static void early_reports_are_not_held_unless_asked_for(void **context) {
	(void)context;
	struct engine_receipt receipt = submit(life_fill("e2", 10, 20, 100));
	assert_true(receipt.outcome == ENGINE_GAP && !receipt.is_held);
	assert_int_equal(submit(life_fill("e1", 10, 10, 100)).version, 1);
	assert_int_equal(submit(life_fill("e2", 10, 20, 100)).version, 2);
}

/* ---- commissions ----------------------------------------------------------------------------- */

static struct {
	char currency[ENGINE_CURRENCY_SIZE];
	int64_t units;
} sought;

static void seek_commission(void *context, const struct engine_commission *commission) {
	(void)context;
	if (strcmp(commission->comm_currency, sought.currency) == 0) {
		sought.units = commission->total_units;
	}
}

static int64_t commission_in(const char *currency) {
	struct engine_visitor visitor = {.commission = seek_commission};

	engine_state_set_text(sought.currency, sizeof sought.currency, currency);
	sought.units = 0;
	engine_visit(life_engine, &visitor);
	return sought.units;
}

static struct engine_update with_commission(struct engine_update update, const char *currency, int64_t units) {
	engine_state_set_text(update.comm_currency, sizeof update.comm_currency, currency);
	update.commission_units = units;
	return update;
}

static void commissions_are_summed_by_currency_and_follow_corrections(void **context) {
	(void)context;
	life_expect_applied(with_commission(life_fill("e1", 10, 10, 100), "EUR", 7));
	life_expect_applied(with_commission(life_fill("e2", 10, 20, 100), "BNB", -3));
	life_expect_applied(with_commission(life_fill("e3", 10, 30, 100), "EUR", 5));
	assert_int_equal(commission_in("EUR"), 12);
	assert_int_equal(commission_in("BNB"), -3);
	life_expect_applied(with_commission(correction("e4", "e3", 10, 30, 101), "USD", 6));
	assert_int_equal(commission_in("EUR"), 7);
	assert_int_equal(commission_in("USD"), 6);
	life_expect_applied(with_commission(correction("e5", "e1", 10, 30, 102), "EUR", 8));
	assert_int_equal(commission_in("EUR"), 8);
	life_expect_applied(life_late("e6", ENGINE_EXEC_BUST, "e4", 20));
	assert_int_equal(commission_in("USD"), 0);
	engine_close(life_engine);
	life_engine = orders_open("delete");
	assert_int_equal(commission_in("EUR"), 8);
	assert_int_equal(commission_in("BNB"), -3);
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_OVERFLOW,
	            with_commission(life_fill("e7", 10, 30, 100), "EUR", INT64_MAX));
}

/* ---- limits and commands --------------------------------------------------------------------- */

static enum engine_outcome command(const char *id, enum engine_exec_type kind, struct engine_limits limits) {
	struct engine_command request = {.kind = kind, .limits = limits};
	struct engine_receipt receipt;

	engine_state_set_text(request.command_id, sizeof request.command_id, id);
	engine_command(life_engine, &request, &receipt);
	engine_check_assert(&life_engine->state);
	return receipt.outcome;
}

static void halt_is_lifted_by_a_recorded_command_only(void **context) {
	struct engine_limits none = {0};
	(void)context;

	assert_int_equal(command("h1", ENGINE_EXEC_HALT, none), ENGINE_APPLIED);
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_COMMANDED);
	engine_close(life_engine);
	life_engine = orders_open("delete");
	assert_true(engine_read_head(life_engine).halted);
	life_expect_applied(life_fill("e1", 10, 10, 100)); /* a fill is a fact */
	assert_int_equal(command("h1", ENGINE_EXEC_HALT, none), ENGINE_DUPLICATE);
	assert_int_equal(command("h1", ENGINE_EXEC_RESUME, none), ENGINE_CONFLICT);
	assert_true(engine_read_head(life_engine).halted);
	assert_int_equal(command("h2", ENGINE_EXEC_RESUME, none), ENGINE_APPLIED);
	assert_false(engine_read_head(life_engine).halted);
	assert_int_equal(engine_read_head(life_engine).version, 3);
	assert_int_equal(command("", ENGINE_EXEC_HALT, none), ENGINE_MALFORMED);
	assert_int_equal(command("h3", ENGINE_EXEC_NEW, none), ENGINE_MALFORMED);
	assert_int_equal(command("h3", ENGINE_EXEC_SET_LIMITS, (struct engine_limits){-1, 0, 0}), ENGINE_MALFORMED);
	struct engine_update disguised = orders_report("e2", "o1", ENGINE_EXEC_RESUME);
	life_expect(ENGINE_MALFORMED, ENGINE_RULE_EXEC_TYPE, disguised);
}

static void worst_case_position_latches_a_halt(void **context) {
	(void)context;
	/* buy 100, before there are limits */
	life_expect_applied(orders_report("e1", "o1", ENGINE_EXEC_NEW));
	assert_int_equal(command("l1", ENGINE_EXEC_SET_LIMITS, (struct engine_limits){150, 0, 0}), ENGINE_APPLIED);
	life_expect_applied(life_fill("e2", 60, 60, 50)); /* 60 held, 40 open */
	assert_false(engine_read_head(life_engine).halted);
	struct engine_update more = orders_report("e3", "o2", ENGINE_EXEC_NEW);
	more.order_quantity_lots = 50;
	life_expect_applied(more); /* 60 held, 90 open: 150 */
	assert_false(engine_read_head(life_engine).halted);
	more = orders_report("e4", "o3", ENGINE_EXEC_NEW);
	more.order_quantity_lots = 1;
	life_expect_applied(more);
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_POSITION);
	/* below again: the halt stays */
	life_expect_applied(orders_report("e5", "o3", ENGINE_EXEC_CANCELED));
	assert_true(engine_read_head(life_engine).halted);
	engine_close(life_engine);
	life_engine = orders_open("delete");
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_POSITION);
	assert_int_equal(engine_read_head(life_engine).limits.position_lots, 150);
	assert_int_equal(command("l2", ENGINE_EXEC_RESUME, (struct engine_limits){0}), ENGINE_APPLIED);
	struct engine_update sale = orders_report("e6", "o4", ENGINE_EXEC_NEW);
	sale.side = ENGINE_SIDE_SELL;
	sale.order_quantity_lots = 211;
	life_expect_applied(sale); /* 60 - 211 = -151 */
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_POSITION);
}

static void order_notional_and_open_orders_latch_a_halt(void **context) {
	(void)context;
	assert_int_equal(command("l1", ENGINE_EXEC_SET_LIMITS, (struct engine_limits){0, 5000, 2}), ENGINE_APPLIED);
	life_expect_applied(orders_report("e1", "o1", ENGINE_EXEC_NEW)); /* 100 at 50 */
	life_expect_applied(orders_report("e2", "o2", ENGINE_EXEC_NEW));
	assert_false(engine_read_head(life_engine).halted);
	life_expect_applied(orders_report("e3", "o3", ENGINE_EXEC_NEW));
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_OPEN_ORDERS);
	life_expect_applied(orders_report("e4", "o3", ENGINE_EXEC_CANCELED));
	assert_int_equal(command("l2", ENGINE_EXEC_RESUME, (struct engine_limits){0}), ENGINE_APPLIED);
	struct engine_update replace = terms("e5", ENGINE_EXEC_REPLACED, 101, 1);
	life_expect_applied(replace);
	assert_int_equal(engine_read_head(life_engine).halt, ENGINE_HALT_ORDER_NOTIONAL);
}

/* ---- all of it, under every protocol --------------------------------------------------------- */

#define STORY_LENGTH 14u

static struct engine_update story(unsigned i) {
	struct engine_update split = terms("s7", ENGINE_EXEC_RESTATED, 200, 9);
	split.cum_quantity_lots = 120;
	struct engine_update limits = {.exec_type = ENGINE_EXEC_SET_LIMITS, .order_quantity_lots = 100};
	engine_state_set_text(limits.exec_id, sizeof limits.exec_id, "limits");
	struct engine_update resume = {.exec_type = ENGINE_EXEC_RESUME};
	engine_state_set_text(resume.exec_id, sizeof resume.exec_id, "resume");
	const struct engine_update updates[STORY_LENGTH] = {
	        orders_report("s1", "o1", ENGINE_EXEC_NEW),
	        limits,
	        with_commission(life_fill("s2", 20, 20, 90), "EUR", 4),
	        with_commission(life_fill("s3", 30, 50, 110), "USD", 2),
	        orders_report("s4", "o1", ENGINE_EXEC_PENDING_REPLACE),
	        with_commission(correction("s5", "s2", 30, 60, 91), "USD", 1),
	        orders_report("s6", "o2", ENGINE_EXEC_NEW),
	        split,
	        resume,
	        life_late("s8", ENGINE_EXEC_BUST, "s3", 90),
	        orders_report("s9", "o2", ENGINE_EXEC_CANCELED),
	        life_fill("s10", 10, 100, 100),
	        orders_report("s11", "o1", ENGINE_EXEC_STOPPED),
	        orders_report("s12", "o1", ENGINE_EXEC_EXPIRED),
	};

	return updates[i];
}

/* Every update of the story fails at every call of the VFS in turn, is delivered again, and the end
 * is the same. */
static uint64_t tell_story(const char *protocol, unsigned struck, unsigned nth, bool *reached) {
	struct engine_receipt receipt;

	orders_set_protocol(protocol);
	engine_close(life_engine);
	memory_vfs_reset();
	life_engine = orders_open("wal");
	for (unsigned i = 0; i < STORY_LENGTH; i++) {
		struct engine_update update = story(i);
		uint64_t before = orders_fingerprint(life_engine);
		if (i == struck) {
			memory_vfs_arm(nth % 2 == 0 ? MEMORY_VFS_BEFORE : MEMORY_VFS_AFTER, nth / 2 + 1, false);
		}
		engine_submit(life_engine, &update, &receipt);
		if (i == struck) {
			*reached = memory_vfs_struck();
			memory_vfs_disarm();
		}
		assert_true(receipt.outcome == ENGINE_APPLIED || orders_fingerprint(life_engine) == before);
		engine_check_assert(&life_engine->state);
		if (receipt.outcome != ENGINE_APPLIED || i % 3 == nth % 3) {
			memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
			engine_close(life_engine);
			memory_vfs_revive();
			life_engine = orders_open("wal");
			engine_submit(life_engine, &update, &receipt);
			assert_true(receipt.outcome == ENGINE_APPLIED || receipt.outcome == ENGINE_DUPLICATE);
		}
		assert_int_equal(engine_read_head(life_engine).version, i + 1);
		engine_check_assert(&life_engine->state);
	}
	return orders_fingerprint(life_engine);
}

/* Each update of the story struck at every call. */
static void strike_story(const char *protocol, uint64_t expected) {
	for (unsigned struck = 0; struck < STORY_LENGTH; struck++) {
		bool reached = true;
		for (unsigned nth = 0; reached; nth++) {
			assert_true(tell_story(protocol, struck, nth, &reached) == expected);
		}
	}
}

static void story_ends_the_same_whatever_fails_and_whoever_tells_it(void **context) {
	bool reached;
	uint64_t expected = tell_story("persist_first", STORY_LENGTH, 0, &reached);
	(void)context;

	strike_story("persist_first", expected);
	strike_story("rollback", expected);
	strike_story("journal", expected);
	orders_set_protocol(NULL);
}

/* R3: a venue that refuses a request for an order that it does not know says no quantity, and
 * others say none at all. */
static void a_report_may_come_without_a_quantity(void **context) {
	static const enum engine_exec_type types[] = {ENGINE_EXEC_CANCEL_REJECTED, ENGINE_EXEC_REPLACE_REJECTED,
	                                              ENGINE_EXEC_PENDING_CANCEL};
	(void)context;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct engine_state state;
		struct engine_update update = orders_report("e1", "o1", types[i]);
		update.order_quantity_lots = 0;
		engine_state_init(&state);
		assert_int_equal(orders_apply(&state, &update), ENGINE_APPLIED);
		engine_state_deinit(&state);
	}
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, life_set_up, life_tear_down)
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_report_may_come_without_a_quantity),
	        TEST(bust_leaves_the_position_that_the_other_fills_make),
	        TEST(correction_takes_the_place_of_its_fill),
	        TEST(fill_after_a_bust_applies_also_on_a_canceled_order),
	        TEST(bust_of_an_unseen_fill_waits_for_it),
	        TEST(bust_that_knows_of_more_fills_waits_for_them),
	        TEST(report_that_arrives_behind_a_bust_that_it_does_not_know_of_applies),
	        TEST(report_that_knows_of_more_than_was_ever_filled_waits_behind_a_bust_too),
	        TEST(bust_is_refused_of_what_is_no_fill_or_gone),
	        TEST(replace_below_what_is_filled_is_amended_to_it),
	        TEST(older_replace_that_arrives_late_changes_nothing),
	        TEST(pending_requests_show_until_they_are_answered),
	        TEST(refusal_about_an_unknown_order_needs_its_symbol),
	        TEST(reject_that_leaves_quantity_is_about_another_order),
	        TEST(orders_with_one_client_id_are_told_apart_by_order_id),
	        TEST(day_ends_an_order_or_lets_it_rest),
	        TEST(split_scales_quantity_and_keeps_cost),
	        TEST(split_of_what_cannot_be_split_is_refused),
	        TEST(limit_counts_what_is_open_beyond_64_bits),
	        TEST(command_about_an_order_or_a_symbol_is_none),
	        TEST(first_report_of_an_order_says_its_client_id),
	        TEST(status_report_tells_of_gaps_and_unknown_orders_only),
	        TEST(requests_without_exec_ids_are_told_apart),
	        TEST(early_reports_are_held_and_let_in_by_the_missing_one),
	        TEST(early_reports_are_not_held_unless_asked_for),
	        TEST(commissions_are_summed_by_currency_and_follow_corrections),
	        TEST(halt_is_lifted_by_a_recorded_command_only),
	        TEST(worst_case_position_latches_a_halt),
	        TEST(order_notional_and_open_orders_latch_a_halt),
	        TEST(story_ends_the_same_whatever_fails_and_whoever_tells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
