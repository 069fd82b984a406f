/* The rules R1 to R9 of docs/order-updates.md, each kept and each broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apply.h"
#include "check.h"
#include "orders.h"

static const struct engine_scope no_scope;

static void expect_apply(struct engine_state *state, struct engine_update update) {
	uint64_t version = state->meta.version;

	assert_int_equal(orders_apply(state, &update), ENGINE_APPLIED);
	assert_int_equal(state->meta.version, version + 1);
	engine_check_assert(state);
}

static void expect_decline(struct engine_state *state, struct engine_update update, enum engine_outcome outcome,
                           enum engine_rule rule) {
	struct engine_change change;
	struct engine_meta before = state->meta;

	engine_apply_draft(state, &update, &change);
	assert_int_equal(change.outcome, outcome);
	assert_int_equal(change.rule, rule);
	assert_true(strlen(engine_apply_explain(change.rule)) > 0);
	assert_memory_equal(&before.digest, &state->meta.digest, sizeof before.digest);
	assert_int_equal(state->meta.version, before.version);
}

static void expect_order(struct engine_state *state, const char *order_id, enum engine_order_status status, int64_t cum,
                         int64_t leaves) {
	const struct engine_order *order = engine_state_find_order(state, order_id, 0);

	assert_non_null(order);
	assert_int_equal(order->status, status);
	assert_int_equal(order->cum_quantity_lots, cum);
	assert_int_equal(order->leaves_quantity_lots, leaves);
}

static void expect_quantity(struct engine_state *state, const char *symbol, int64_t quantity) {
	const struct engine_position *position = engine_state_find_position(state, symbol, &no_scope);

	assert_non_null(position);
	assert_int_equal(position->quantity_lots, quantity);
}

/* ---- form: R1 to R4 -------------------------------------------------------------------------- */

static void text_without_an_end_or_with_control_characters_is_malformed(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);
	size_t fields[] = {offsetof(struct engine_update, exec_id), offsetof(struct engine_update, order_id),
	                   offsetof(struct engine_update, cl_ord_id), offsetof(struct engine_update, symbol),
	                   offsetof(struct engine_update, comm_currency)};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct engine_update bad = update;
		((char *)&bad)[fields[i]] = '\n';
		expect_decline(*context, bad, ENGINE_MALFORMED, ENGINE_RULE_TEXT);
		((char *)&bad)[fields[i]] = 0x7f;
		expect_decline(*context, bad, ENGINE_MALFORMED, ENGINE_RULE_TEXT);
	}
	memset(update.exec_id, 'x', sizeof update.exec_id);
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_TEXT);
	update = orders_fill("e1", "o1", 10, 10);
	memset(update.comm_currency, 'x', sizeof update.comm_currency);
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_TEXT);
}

static void text_up_to_the_last_byte_and_beyond_ascii_is_kept(void **context) {
	struct engine_update update = orders_fill("", "o1", 10, 10);

	memset(update.exec_id, 'x', sizeof update.exec_id - 1);
	update.symbol[0] = (char)0xe5;
	expect_apply(*context, update);
	assert_non_null(engine_state_find_execution(*context, update.symbol, update.exec_id, 0));
}

static void empty_order_id_or_symbol_is_malformed(void **context) {
	expect_decline(*context, orders_fill("e1", "", 10, 10), ENGINE_MALFORMED, ENGINE_RULE_ORDER_ID);
	struct engine_update update = orders_fill("e1", "o1", 10, 10);
	update.symbol[0] = '\0';
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_SYMBOL);
}

static void bytes_after_the_end_of_a_text_do_not_count(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	expect_apply(*context, update);
	update.exec_id[20] = 'x';
	update.order_id[20] = 'y';
	update.symbol[10] = 'z';
	expect_decline(*context, update, ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
}

/* R2: kinds that nobody knows are malformed. */
static void unknown_kinds_are_malformed(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	update.exec_type = (enum engine_exec_type)19;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_EXEC_TYPE);
	update.exec_type = ENGINE_EXEC_NONE;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_EXEC_TYPE);
	update = orders_fill("e1", "o1", 10, 10);
	update.ord_status = (enum engine_order_status)12;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_ORD_STATUS);
	update = orders_fill("e1", "o1", 10, 10);
	update.side = ENGINE_SIDE_NONE;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_SIDE);
	update.side = (enum engine_side)3;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_SIDE);
}

/* R3: quantities that cannot be are malformed. */
static void impossible_quantities_are_malformed(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	update.order_quantity_lots = -1;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_ORDER_QUANTITY);
	update = orders_fill("e1", "o1", 10, 10);
	update.leaves_quantity_lots = -1;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_LEAVES_QUANTITY);
	expect_decline(*context, orders_fill("e1", "o1", 0, 10), ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY);
	expect_decline(*context, orders_fill("e1", "o1", -1, 10), ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY);
	expect_decline(*context, orders_fill("e1", "o1", INT64_MIN, 10), ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY);
	expect_decline(*context, orders_fill("e1", "o1", 10, 9), ENGINE_MALFORMED, ENGINE_RULE_CUM_QUANTITY);
	update = orders_report("e1", "o1", ENGINE_EXEC_NEW);
	update.last_quantity_lots = 1;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_LAST_QUANTITY);
	update = orders_report("e1", "o1", ENGINE_EXEC_CANCELED);
	update.cum_quantity_lots = -1;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_CUM_QUANTITY);
}

/* ---- seen: R5 -------------------------------------------------------------------------------- */

/* R3: the order keeps its own, or gets it from the first report that says it. */
static void an_order_quantity_of_0_says_nothing(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	update.order_quantity_lots = 0;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 0);
	expect_apply(*context, orders_fill("e2", "o1", 10, 20));
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 20, 80);
	update = orders_report("r1", "o1", ENGINE_EXEC_REPLACED);
	update.order_quantity_lots = 0;
	update.cum_quantity_lots = 20;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 20, 80);
	/* No split either, though 0 to 20 is any proportion. */
	update = orders_report("r2", "o1", ENGINE_EXEC_RESTATED);
	update.order_quantity_lots = 0;
	update.cum_quantity_lots = 10;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 20, 80);
	update = orders_report("x1", "o1", ENGINE_EXEC_CANCELED);
	update.order_quantity_lots = 0;
	update.cum_quantity_lots = 20;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_CANCELED, 20, 0);
}

static void equal_report_again_is_a_duplicate(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	expect_apply(*context, update);
	expect_decline(*context, update, ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	update.transact_time_ns = 7; /* the same event on another channel */
	update.ord_status = ENGINE_ORDER_FILLED;
	update.leaves_quantity_lots = 1;
	strcpy(update.cl_ord_id, "other");
	expect_decline(*context, update, ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	expect_quantity(*context, "AAA", 10);
}

static void other_content_under_a_seen_exec_id_is_a_conflict(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 10, 10);

	expect_apply(*context, update);
	int64_t *numbers[] = {&update.order_quantity_lots, &update.price_ticks, &update.last_price_ticks,
	                      &update.cum_quantity_lots, &update.commission_units};
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		(*numbers[i])++;
		expect_decline(*context, update, ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
		(*numbers[i])--;
	}
	update.side = ENGINE_SIDE_SELL;
	expect_decline(*context, update, ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
	expect_decline(*context, orders_fill("e1", "o2", 10, 10), ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
	expect_decline(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW), ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
}

static void same_exec_id_of_another_symbol_is_another_report(void **context) {
	struct engine_update update = orders_fill("e1", "o2", 10, 10);

	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
	strcpy(update.symbol, "BBB");
	expect_apply(*context, update);
	expect_quantity(*context, "AAA", 10);
	expect_quantity(*context, "BBB", 10);
}

static void report_without_exec_id_is_known_by_its_content(void **context) {
	expect_apply(*context, orders_fill("", "o1", 10, 10));
	expect_decline(*context, orders_fill("", "o1", 10, 10), ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
	expect_apply(*context, orders_fill("", "o1", 10, 20));
	struct engine_state *state = *context;
	const struct engine_execution *execution = engine_hash_table_at(&state->executions, 0);
	assert_int_equal(execution->exec_id[0], '~');
	assert_int_equal(strlen(execution->exec_id), 31);
}

/* ---- order and cumulative: R6, R7 ------------------------------------------------------------ */

static void other_symbol_or_side_of_a_known_order_is_malformed(void **context) {
	struct engine_update update = orders_fill("e2", "o1", 10, 20);

	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
	strcpy(update.symbol, "BBB");
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_ORDER_SYMBOL);
	update = orders_fill("e2", "o1", 10, 20);
	update.side = ENGINE_SIDE_SELL;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_ORDER_SIDE);
}

static void fill_is_next_stale_a_gap_or_a_contradiction(void **context) {
	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
	expect_decline(*context, orders_fill("e3", "o1", 10, 30), ENGINE_GAP, ENGINE_RULE_CUM_GAP);
	expect_decline(*context, orders_fill("e4", "o1", 10, 10), ENGINE_STALE, ENGINE_RULE_CUM_STALE);
	expect_decline(*context, orders_fill("e4", "o1", 2, 5), ENGINE_STALE, ENGINE_RULE_CUM_STALE);
	expect_decline(*context, orders_fill("e5", "o1", 10, 15), ENGINE_MALFORMED, ENGINE_RULE_CUM_OVERLAP);
	expect_apply(*context, orders_fill("e2", "o1", 10, 20));
	expect_apply(*context, orders_fill("e3", "o1", 10, 30)); /* what was a gap fits now */
	expect_quantity(*context, "AAA", 30);
}

static void first_fill_of_an_unknown_order_must_be_its_first(void **context) {
	expect_decline(*context, orders_fill("e2", "o1", 10, 20), ENGINE_GAP, ENGINE_RULE_CUM_GAP);
	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
}

static void closing_report_that_knows_of_more_fills_is_a_gap(void **context) {
	enum engine_exec_type types[] = {ENGINE_EXEC_CANCELED, ENGINE_EXEC_EXPIRED, ENGINE_EXEC_REJECTED,
	                                 ENGINE_EXEC_NEW};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct engine_update update = orders_report("e2", "o1", types[i]);
		update.cum_quantity_lots = 10;
		expect_decline(*context, update, ENGINE_GAP, ENGINE_RULE_CUM_GAP);
	}
	expect_apply(*context, orders_fill("e1", "o1", 10, 10));
	struct engine_update cancel = orders_report("e2", "o1", ENGINE_EXEC_CANCELED);
	cancel.cum_quantity_lots = 10;
	expect_apply(*context, cancel);
}

/* ---- orders: R8 ------------------------------------------------------------------------------ */

static void order_goes_from_new_to_filled(void **context) {
	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW));
	expect_order(*context, "o1", ENGINE_ORDER_NEW, 0, 100);
	expect_apply(*context, orders_fill("e2", "o1", 40, 40));
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
	expect_apply(*context, orders_fill("e3", "o1", 60, 100));
	expect_order(*context, "o1", ENGINE_ORDER_FILLED, 100, 0);
}

static void reported_status_and_leaves_are_not_believed(void **context) {
	struct engine_update update = orders_fill("e1", "o1", 40, 40);

	update.ord_status = ENGINE_ORDER_REJECTED;
	update.leaves_quantity_lots = 12345;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
}

static void acknowledgement_after_a_fill_is_recorded_and_moves_nothing_back(void **context) {
	expect_apply(*context, orders_fill("e2", "o1", 40, 40));
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->flags, ENGINE_FLAG_EXTERNAL);
	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW));
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 40, 60);
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->flags, 0);
	expect_decline(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW), ENGINE_DUPLICATE, ENGINE_RULE_EXEC_SEEN);
}

static void cancel_keeps_the_fills_and_a_fill_after_it_applies(void **context) {
	struct engine_update cancel = orders_report("e2", "o1", ENGINE_EXEC_CANCELED);

	cancel.cum_quantity_lots = 40;
	expect_apply(*context, orders_fill("e1", "o1", 40, 40));
	expect_apply(*context, cancel);
	expect_order(*context, "o1", ENGINE_ORDER_CANCELED, 40, 0);
	expect_quantity(*context, "AAA", 40);
	expect_apply(*context, orders_fill("e3", "o1", 10, 50));
	expect_order(*context, "o1", ENGINE_ORDER_CANCELED, 50, 0);
	expect_quantity(*context, "AAA", 50);
	expect_apply(*context, orders_fill("e4", "o1", 50, 100));
	expect_order(*context, "o1", ENGINE_ORDER_FILLED, 100, 0);
}

static void cancel_older_than_the_last_fill_still_cancels(void **context) {
	struct engine_update cancel = orders_report("e2", "o1", ENGINE_EXEC_CANCELED);

	cancel.cum_quantity_lots = 40;
	expect_apply(*context, orders_fill("e1", "o1", 40, 40));
	expect_apply(*context, orders_fill("e3", "o1", 10, 50));
	expect_apply(*context, cancel);
	expect_order(*context, "o1", ENGINE_ORDER_CANCELED, 50, 0);
}

static void reject_and_expiry_close_the_order(void **context) {
	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_REJECTED));
	expect_order(*context, "o1", ENGINE_ORDER_REJECTED, 0, 0);
	expect_apply(*context, orders_report("e2", "o2", ENGINE_EXEC_NEW));
	expect_apply(*context, orders_report("e3", "o2", ENGINE_EXEC_EXPIRED));
	expect_order(*context, "o2", ENGINE_ORDER_EXPIRED, 0, 0);
	assert_null(engine_state_find_position(*context, "AAA", &no_scope));
}

static void strongest_end_wins_in_any_order_of_arrival(void **context) {
	enum engine_exec_type types[] = {ENGINE_EXEC_CANCELED, ENGINE_EXEC_EXPIRED, ENGINE_EXEC_REJECTED};
	enum engine_order_status statuses[] = {ENGINE_ORDER_CANCELED, ENGINE_ORDER_EXPIRED, ENGINE_ORDER_REJECTED};

	for (size_t first = 0; first < 3; first++) {
		for (size_t second = 0; second < 3; second++) {
			char order_id[] = {'o', (char)('0' + first), (char)('0' + second), '\0'};
			char exec_id[] = {'e', (char)('0' + first), (char)('0' + second), 'a', '\0'};
			expect_apply(*context, orders_report(exec_id, order_id, types[first]));
			exec_id[3] = 'b';
			expect_apply(*context, orders_report(exec_id, order_id, types[second]));
			expect_order(*context, order_id, statuses[first < second ? first : second], 0, 0);
		}
	}
}

static void unknown_order_is_recorded_as_external(void **context) {
	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_CANCELED));
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->flags, ENGINE_FLAG_EXTERNAL);
	expect_apply(*context, orders_report("e2", "o2", ENGINE_EXEC_NEW));
	assert_int_equal(engine_state_find_order(*context, "o2", 0)->flags, 0);
}

static void overfill_is_applied_and_flagged(void **context) {
	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW));
	expect_apply(*context, orders_fill("e2", "o1", 100, 100));
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->flags, 0);
	expect_apply(*context, orders_fill("e3", "o1", 30, 130));
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->flags, ENGINE_FLAG_OVERFILLED);
	expect_order(*context, "o1", ENGINE_ORDER_FILLED, 130, 0);
	expect_quantity(*context, "AAA", 130);
}

static void later_reports_do_not_change_quantity_and_price_of_an_order(void **context) {
	struct engine_update update = orders_fill("e2", "o1", 10, 10);

	expect_apply(*context, orders_report("e1", "o1", ENGINE_EXEC_NEW));
	update.order_quantity_lots = 10;
	update.price_ticks = 1;
	expect_apply(*context, update);
	expect_order(*context, "o1", ENGINE_ORDER_PARTIALLY_FILLED, 10, 90);
	assert_int_equal(engine_state_find_order(*context, "o1", 0)->price_ticks, 50);
}

/* ---- overflow: R9 ---------------------------------------------------------------------------- */

/* E3: an update that is declined changes nothing, however far it got. */
static void fill_that_would_overflow_is_malformed_and_changes_nothing(void **context) {
	struct engine_update update = orders_fill("e1", "o1", INT64_MAX, INT64_MAX);

	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_OVERFLOW); /* the cost */
	update.last_price_ticks = 1;
	expect_apply(*context, update);
	update = orders_fill("e2", "o2", 1, 1);
	update.last_price_ticks = 0;
	expect_decline(*context, update, ENGINE_MALFORMED, ENGINE_RULE_OVERFLOW); /* the quantity */
	update.side = ENGINE_SIDE_SELL;
	expect_apply(*context, update);
}

static void version_at_its_end_refuses(void **context) {
	struct engine_state *state = *context;
	struct engine_update update = orders_fill("e1", "o1", 1, 1);

	state->meta.version = INT64_MAX;
	expect_decline(state, update, ENGINE_MALFORMED, ENGINE_RULE_OVERFLOW);
	state->meta.version = 0;
	expect_apply(state, update);
}

/* ---- all together ---------------------------------------------------------------------------- */

static void stream_in_any_order_of_delivery_ends_in_one_state(void **context) {
	struct engine_state *state = *context;
	struct engine_state other;

	engine_state_init(&other);
	for (unsigned i = 0; i < 240; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_apply(state, &update), ENGINE_APPLIED);
		engine_check_assert(state);
	}
	/* Backwards, again and again until nothing is new: gaps wait, the rest arrives in the wrong
	 * order, everything repeats. */
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 240; i > 0; i--) {
			struct engine_update update = orders_stream(i - 1);
			enum engine_outcome outcome = orders_apply(&other, &update);
			assert_true(outcome == ENGINE_APPLIED || outcome == ENGINE_GAP || outcome == ENGINE_DUPLICATE);
		}
	}
	engine_check_assert(&other);
	assert_int_equal(other.meta.version, 240);
	assert_int_equal(other.orders.count, state->orders.count);
	for (uint32_t i = 0; i < state->orders.count; i++) {
		const struct engine_order *order = engine_hash_table_at(&state->orders, i);
		expect_order(&other, order->order_id, order->status, order->cum_quantity_lots,
		             order->leaves_quantity_lots);
	}
	for (uint32_t i = 0; i < state->positions.count; i++) {
		const struct engine_position *position = engine_hash_table_at(&state->positions, i);
		expect_quantity(&other, position->symbol, position->quantity_lots);
	}
	engine_state_deinit(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, orders_set_up_state, orders_tear_down_state)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(text_without_an_end_or_with_control_characters_is_malformed),
	        TEST(text_up_to_the_last_byte_and_beyond_ascii_is_kept),
	        TEST(empty_order_id_or_symbol_is_malformed),
	        TEST(bytes_after_the_end_of_a_text_do_not_count),
	        TEST(unknown_kinds_are_malformed),
	        TEST(impossible_quantities_are_malformed),
	        TEST(an_order_quantity_of_0_says_nothing),
	        TEST(equal_report_again_is_a_duplicate),
	        TEST(other_content_under_a_seen_exec_id_is_a_conflict),
	        TEST(same_exec_id_of_another_symbol_is_another_report),
	        TEST(report_without_exec_id_is_known_by_its_content),
	        TEST(other_symbol_or_side_of_a_known_order_is_malformed),
	        TEST(fill_is_next_stale_a_gap_or_a_contradiction),
	        TEST(first_fill_of_an_unknown_order_must_be_its_first),
	        TEST(closing_report_that_knows_of_more_fills_is_a_gap),
	        TEST(order_goes_from_new_to_filled),
	        TEST(reported_status_and_leaves_are_not_believed),
	        TEST(acknowledgement_after_a_fill_is_recorded_and_moves_nothing_back),
	        TEST(cancel_keeps_the_fills_and_a_fill_after_it_applies),
	        TEST(cancel_older_than_the_last_fill_still_cancels),
	        TEST(reject_and_expiry_close_the_order),
	        TEST(strongest_end_wins_in_any_order_of_arrival),
	        TEST(unknown_order_is_recorded_as_external),
	        TEST(overfill_is_applied_and_flagged),
	        TEST(later_reports_do_not_change_quantity_and_price_of_an_order),
	        TEST(fill_that_would_overflow_is_malformed_and_changes_nothing),
	        TEST(version_at_its_end_refuses),
	        TEST(stream_in_any_order_of_delivery_ends_in_one_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
