/* Our own form: every field arrives, and whatever is wrong is refused with field, reason and
 * position. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

#define ORDER "\"order_id\":\"o1\",\"symbol\":\"AAA\",\"side\":\"buy\",\"order_qty\":\"2\",\"cum_qty\":\"1.5\""
#define FILL "\"exec_type\":\"trade\",\"last_qty\":\"1.5\",\"last_px\":\"100.25\""

static void every_field_arrives(void **context) {
	struct engine_update update = reading_update(
	        "ndjson",
	        " {\"exec_id\":\"e1\",\"exec_ref_id\":\"e0\",\"cl_ord_id\":\"c1\",\"orig_cl_ord_id\":\"c0\"," ORDER
	        "," FILL
	        ",\"ord_status\":\"partially_filled\",\"price\":-0.01,\"leaves_qty\":0.5,\"commission\":\"-0.001\","
	        "\"comm_currency\":\"USDT\",\"transact_time\":1700000000123456789} ");
	(void)context;

	assert_string_equal(update.exec_id, "e1");
	assert_string_equal(update.exec_ref_id, "e0");
	assert_string_equal(update.order_id, "o1");
	assert_string_equal(update.cl_ord_id, "c1");
	assert_string_equal(update.orig_cl_ord_id, "c0");
	assert_string_equal(update.symbol, "AAA");
	assert_string_equal(update.comm_currency, "USDT");
	assert_int_equal(update.exec_type, ENGINE_EXEC_TRADE);
	assert_int_equal(update.ord_status, ENGINE_ORDER_PARTIALLY_FILLED);
	assert_int_equal(update.side, ENGINE_SIDE_BUY);
	assert_int_equal(update.order_quantity_lots, 2000);
	assert_int_equal(update.price_ticks, -1);
	assert_int_equal(update.last_quantity_lots, 1500);
	assert_int_equal(update.last_price_ticks, 10025);
	assert_int_equal(update.cum_quantity_lots, 1500);
	assert_int_equal(update.leaves_quantity_lots, 500);
	assert_int_equal(update.commission_units, -100000);
	assert_int_equal(update.transact_time_ns, 1700000000123456789);
}

static void what_may_be_absent_may_be_null_too(void **context) {
	struct engine_update update = reading_update(
	        "ndjson", "{" ORDER ",\"exec_type\":\"new\",\"exec_id\":null,\"price\":null,\"commission\":0,"
	                  "\"comm_currency\":null,\"transact_time\":null,\"last_px\":null}");
	(void)context;

	assert_string_equal(update.exec_id, "");
	assert_int_equal(update.exec_type, ENGINE_EXEC_NEW);
	assert_int_equal(update.transact_time_ns, 0);
}

static void every_kind_and_status_has_a_word(void **context) {
	static const char *const kinds[] = {
	        "new",      "trade",          "rejected",     "expired",     "canceled",        "done_for_day",
	        "replaced", "pending_cancel", "stopped",      "pending_new", "restated",        "pending_replace",
	        "correct",  "bust",           "order_status", "triggered",   "cancel_rejected", "replace_rejected"};
	static const char *const statuses[] = {"new",      "partially_filled", "filled",         "canceled",
	                                       "rejected", "expired",          "done_for_day",   "pending_cancel",
	                                       "stopped",  "pending_new",      "pending_replace"};
	char message[400];
	(void)context;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		(void)snprintf(
		        message, sizeof message,
		        "{" ORDER
		        ",\"exec_type\":\"%s\",\"exec_ref_id\":\"e0\",\"last_qty\":0,\"last_px\":0,\"leaves_qty\":0}",
		        kinds[i]);
		assert_int_equal(reading_update("ndjson", message).exec_type, i + 1);
	}
	assert_int_equal(
	        reading_update("ndjson", "{" ORDER ",\"exec_type\":\"multileg_trade\",\"last_qty\":0,\"last_px\":0}")
	                .exec_type,
	        ENGINE_EXEC_MULTILEG_TRADE);
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		(void)snprintf(message, sizeof message, "{" ORDER ",\"exec_type\":\"new\",\"ord_status\":\"%s\"}",
		               statuses[i]);
		assert_int_equal(reading_update("ndjson", message).ord_status, i + 1);
	}
}

struct wrong {
	const char *message;
	const char *field;
	enum reader_reason reason;
};

static const struct wrong wrongs[] = {
        {"{" FILL "," ORDER, "", READER_NOT_JSON},
        {"not json", "", READER_NOT_JSON},
        {"[{" FILL "," ORDER "}]", "", READER_NOT_JSON},
        {"{" FILL "," ORDER ",\"lastqty\":1}", "lastqty", READER_UNKNOWN_FIELD},
        {"{" FILL "," ORDER ",\"a name that is longer than the field for it\":1}", "a name that is longer t",
         READER_UNKNOWN_FIELD},
        {"{" FILL "," ORDER ",\"cum_qty\":\"1.5\"}", "cum_qty", READER_TWICE},
        {"{" FILL "," ORDER ",\"price\":true}", "price", READER_WRONG_TYPE},
        {"{" FILL "," ORDER ",\"price\":[1]}", "price", READER_WRONG_TYPE},
        {"{" FILL "," ORDER ",\"price\":\"\"}", "price", READER_EMPTY},
        {"{" FILL "," ORDER ",\"price\":\"nan\"}", "price", READER_NOT_A_NUMBER},
        {"{" FILL "," ORDER ",\"price\":1e2}", "price", READER_EXPONENT},
        {"{" FILL "," ORDER ",\"price\":\"1E+2\"}", "price", READER_EXPONENT},
        {"{" FILL "," ORDER ",\"price\":\"12345678901234567890\"}", "price", READER_OUT_OF_RANGE},
        {"{" FILL "," ORDER ",\"price\":\"99999999999999999.9\"}", "price", READER_OUT_OF_RANGE},
        {"{" FILL "," ORDER ",\"price\":0.001}", "price", READER_TOO_MANY_DECIMALS},
        {"{" FILL "," ORDER ",\"leaves_qty\":0.0001}", "leaves_qty", READER_TOO_MANY_DECIMALS},
        {"{" FILL "," ORDER ",\"leaves_qty\":-1}", "leaves_qty", READER_OUT_OF_RANGE},
        {"{" FILL "," ORDER ",\"exec_id\":\"a\\nb\"}", "exec_id", READER_BAD_TEXT},
        {"{" FILL "," ORDER ",\"exec_id\":\"a\\u0000\"}", "exec_id", READER_BAD_TEXT},
        {"{" FILL "," ORDER ",\"exec_id\":\"\\ud800\"}", "exec_id", READER_BAD_TEXT},
        {"{" FILL "," ORDER ",\"exec_id\":\"01234567890123456789012345678901234567890123456789012345678901234567\"}",
         "exec_id", READER_TOO_LONG},
        {"{\"symbol\":\"BBB\",\"order_id\":\"o\",\"side\":\"buy\",\"order_qty\":17,\"cum_qty\":0,\"exec_type\":"
         "\"new\"}",
         "order_qty", READER_WRONG_LOT},
        {"{\"symbol\":\"BBB\",\"order_id\":\"o\",\"side\":\"buy\",\"order_qty\":15,\"cum_qty\":0,\"exec_type\":\"new\","
         "\"price\":0.3}",
         "price", READER_WRONG_TICK},
        {"{\"symbol\":\"CCC\",\"order_id\":\"o\",\"side\":\"buy\",\"order_qty\":17,\"cum_qty\":0,\"exec_type\":"
         "\"new\"}",
         "symbol", READER_UNKNOWN_SYMBOL},
        {"{\"symbol\":\"AAA\",\"order_id\":\"\",\"side\":\"buy\",\"order_qty\":17,\"cum_qty\":0,\"exec_type\":\"new\"}",
         "order_id", READER_EMPTY},
        {"{\"symbol\":\"AAA\",\"side\":\"buy\",\"order_qty\":17,\"cum_qty\":0,\"exec_type\":\"new\"}", "order_id",
         READER_MISSING},
        {"{\"symbol\":\"AAA\",\"order_id\":\"o\",\"side\":\"long\",\"order_qty\":17,\"cum_qty\":0,\"exec_type\":"
         "\"new\"}",
         "side", READER_UNKNOWN_CODE},
        {"{\"symbol\":\"AAA\",\"order_id\":\"o\",\"side\":\"buy\",\"order_qty\":17,\"exec_type\":\"new\"}", "cum_qty",
         READER_MISSING},
        {"{" ORDER ",\"exec_type\":\"fill\"}", "exec_type", READER_UNKNOWN_CODE},
        {"{" ORDER ",\"exec_type\":\"trade\",\"last_px\":1}", "last_qty", READER_CUMULATIVE_ONLY},
        {"{" ORDER ",\"exec_type\":\"trade\",\"last_qty\":1}", "last_px", READER_MISSING},
        {"{" ORDER ",\"exec_type\":\"bust\"}", "exec_ref_id", READER_MISSING},
        {"{" ORDER ",\"exec_type\":\"correct\",\"last_qty\":1,\"last_px\":1}", "exec_ref_id", READER_MISSING},
        {"{" ORDER ",\"exec_type\":\"done_for_day\"}", "leaves_qty", READER_MISSING},
        {"{}", "order_id", READER_MISSING},
};

static void whatever_is_wrong_is_refused_with_field_and_reason(void **context) {
	(void)context;
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		struct reader_verdict verdict = reading_refusal("ndjson", wrongs[i].message, wrongs[i].reason);
		assert_int_equal(verdict.outcome, READER_REFUSED);
		assert_string_equal(verdict.field, wrongs[i].field);
	}
}

/* What is neither quantity nor price refuses no fill. */
static const struct wrong left_out[] = {
        {"{" FILL "," ORDER ",\"commission\":1,\"comm_currency\":\"XXX\"}", "comm_currency", READER_UNKNOWN_CURRENCY},
        {"{" FILL "," ORDER ",\"commission\":1}", "commission", READER_NO_CURRENCY},
        {"{" FILL "," ORDER ",\"commission\":0.001,\"comm_currency\":\"EUR\"}", "commission", READER_TOO_MANY_DECIMALS},
        {"{" FILL "," ORDER ",\"commission\":\"1e-8\",\"comm_currency\":\"EUR\"}", "commission", READER_EXPONENT},
        {"{" FILL "," ORDER ",\"comm_currency\":\"EURO5678\"}", "comm_currency", READER_TOO_LONG},
        {"{" FILL "," ORDER ",\"transact_time\":1.5}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"transact_time\":\"9223372036854775808\"}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"transact_time\":{}}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"ord_status\":\"FILLED\"}", "ord_status", READER_UNKNOWN_CODE},
        {"{" FILL "," ORDER ",\"commission\":[1]}", "commission", READER_WRONG_TYPE},
        {"{" FILL "," ORDER ",\"transact_time\":1700000002000}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"transact_time\":-1}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"transact_time\":631151999999999999}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER ",\"transact_time\":4102444800000000000}", "transact_time", READER_BAD_TIME},
        {"{" FILL "," ORDER
         ",\"cl_ord_id\":\"01234567890123456789012345678901234567890123456789012345678901234567890\"}",
         "cl_ord_id", READER_TOO_LONG},
        {"{" FILL "," ORDER ",\"orig_cl_ord_id\":\"a\\nb\"}", "orig_cl_ord_id", READER_BAD_TEXT},
};

static void what_is_no_quantity_is_left_out_with_field_and_reason(void **context) {
	(void)context;
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
		struct engine_update update =
		        reading_left_out("ndjson", left_out[i].message, left_out[i].field, left_out[i].reason);
		assert_int_equal(update.last_quantity_lots, 1500);
		assert_int_equal(update.commission_units, 0);
		assert_int_equal(update.transact_time_ns, 0);
		assert_string_equal(update.comm_currency, "");
		assert_string_equal(update.cl_ord_id, "");
	}
	assert_int_equal(
	        reading_update("ndjson", "{" FILL "," ORDER ",\"transact_time\":631152000000000000}").transact_time_ns,
	        631152000000000000);
}

/* A request may be answered with two long ids that would look the same when they are left out. */
static void a_client_id_that_tells_answers_apart_is_never_left_out(void **context) {
	(void)context;
	(void)reading_refusal("ndjson",
	                      "{\"order_id\":\"o1\",\"exec_type\":\"cancel_rejected\",\"cl_ord_id\":"
	                      "\"01234567890123456789012345678901234567890123456789012345678901234567890\"}",
	                      READER_TOO_LONG);
}

/* Leaves and what is filled make up the quantity of an order that goes on. */
static void an_order_quantity_that_is_not_said_follows_from_what_is_left(void **context) {
	static const char head[] = "{\"symbol\":\"AAA\",\"order_id\":\"o\",\"side\":\"buy\",\"cum_qty\":2,";
	static const struct {
		const char *rest;
		int64_t lots;
	} cases[] = {
	        {"\"leaves_qty\":3,\"exec_type\":\"new\"}", 5000},
	        {"\"leaves_qty\":0,\"exec_type\":\"trade\",\"last_qty\":1,\"last_px\":1}", 2000},
	        {"\"leaves_qty\":0,\"exec_type\":\"canceled\"}", 0},
	        {"\"leaves_qty\":0,\"exec_type\":\"order_status\",\"ord_status\":\"canceled\"}", 0},
	        {"\"exec_type\":\"new\"}", 0},
	        {"\"order_qty\":9,\"leaves_qty\":3,\"exec_type\":\"new\"}", 9000},
	};
	char message[300];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(message, sizeof message, "%s%s", head, cases[i].rest);
		assert_int_equal(reading_update("ndjson", message).order_quantity_lots, cases[i].lots);
	}
}

static void a_report_says_whose_it_is(void **context) {
	struct engine_update update = reading_update(
	        "ndjson", "{" FILL "," ORDER ",\"venue\":\"V\",\"account\":\"A\",\"position_side\":\"short\","
	                  "\"trading_day\":20231114,\"exchange\":\"X\",\"security_id\":\"I\",\"maturity\":202403,"
	                  "\"strike\":\"50.0\",\"put_or_call\":\"P\",\"security_type\":\"OPT\"}");
	(void)context;

	assert_string_equal(update.scope.venue, "V");
	assert_string_equal(update.scope.account, "A");
	assert_int_equal(update.scope.position_side, ENGINE_POSITION_SIDE_SHORT);
	assert_string_equal(update.scope.instrument, "exchange=X id=I maturity=202403 strike=50P type=OPT");
	assert_int_equal(update.trading_day, 20231114);
	(void)reading_refusal("ndjson", "{" FILL "," ORDER ",\"position_side\":\"both\"}", READER_UNKNOWN_CODE);
	/* The day is not that of the time: our own form says it. */
	assert_int_equal(
	        reading_update("ndjson", "{" FILL "," ORDER ",\"transact_time\":1700000000000000000}").trading_day, 0);
}

static void the_position_is_that_of_the_offending_value(void **context) {
	static const char message[] = "{" ORDER "," FILL ",\"price\":\"0.001\"}";
	struct reader_verdict verdict = reading_refusal("ndjson", message, READER_TOO_MANY_DECIMALS);
	(void)context;

	assert_int_equal(verdict.position, strstr(message, "0.001") - message);
	assert_string_equal(verdict.text, "price 0.001 has more decimals than its unit");
	verdict = reading_refusal("ndjson", "{\"order_id\":x}", READER_NOT_JSON);
	assert_int_equal(verdict.position, 12);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_arrives),
	        cmocka_unit_test(what_may_be_absent_may_be_null_too),
	        cmocka_unit_test(every_kind_and_status_has_a_word),
	        cmocka_unit_test(whatever_is_wrong_is_refused_with_field_and_reason),
	        cmocka_unit_test(what_is_no_quantity_is_left_out_with_field_and_reason),
	        cmocka_unit_test(a_client_id_that_tells_answers_apart_is_never_left_out),
	        cmocka_unit_test(an_order_quantity_that_is_not_said_follows_from_what_is_left),
	        cmocka_unit_test(a_report_says_whose_it_is),
	        cmocka_unit_test(the_position_is_that_of_the_offending_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
