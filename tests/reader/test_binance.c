/* Binance events, and the traps in them: what looks like a fill and is none, one fill twice, keys
 * that collide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

#define HEAD "{\"e\":\"executionReport\",\"E\":1700000000001,\"s\":\"AAA\",\"c\":\"c1\",\"i\":77,\"C\":\"\","
#define BUY "\"S\":\"BUY\",\"q\":\"2.000000\",\"p\":\"100.25000000\","
#define FILL                                                                                                           \
	"\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"l\":\"1.5\",\"z\":\"1.5\",\"L\":\"100.25\",\"n\":\"0.001\","     \
	"\"N\":\"USDT\","
#define NONE "\"l\":\"0.0\",\"z\":\"0.0\",\"L\":\"0.0\",\"n\":\"0\",\"N\":null,\"t\":-1,"
#define TAIL "\"T\":1700000000123}"

static void every_field_arrives(void **context) {
	struct engine_update update =
	        reading_update("binance", HEAD BUY FILL "\"t\":98,\"I\":4,\"Y\":\"150.375\"," TAIL);
	(void)context;

	assert_string_equal(update.exec_id, "t98B");
	assert_string_equal(update.order_id, "77");
	assert_string_equal(update.cl_ord_id, "c1");
	assert_string_equal(update.symbol, "AAA");
	assert_string_equal(update.comm_currency, "USDT");
	assert_int_equal(update.exec_type, ENGINE_EXEC_TRADE);
	assert_int_equal(update.ord_status, ENGINE_ORDER_PARTIALLY_FILLED);
	assert_int_equal(update.side, ENGINE_SIDE_BUY);
	assert_int_equal(update.order_quantity_lots, 2000);
	assert_int_equal(update.price_ticks, 10025);
	assert_int_equal(update.last_quantity_lots, 1500);
	assert_int_equal(update.last_price_ticks, 10025);
	assert_int_equal(update.cum_quantity_lots, 1500);
	assert_int_equal(update.commission_units, 100000);
	assert_int_equal(update.transact_time_ns, 1700000000123000000);
}

static void an_event_is_found_in_each_of_its_envelopes(void **context) {
	static const char *const forms[] = {"%s", "{\"stream\":\"x\",\"data\":%s}",
	                                    "{\"subscriptionId\":0,\"event\":%s}"};
	char message[1000];
	(void)context;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		(void)snprintf(message, sizeof message, forms[i], HEAD BUY FILL "\"t\":98," TAIL);
		assert_int_equal(reading_update("binance", message).last_quantity_lots, 1500);
	}
	struct engine_update update = reading_update(
	        "binance",
	        "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1,\"o\":{\"s\":\"AAA\",\"i\":77," BUY FILL "\"t\":98," TAIL "}");
	assert_string_equal(update.exec_id, "t98B");
}

/* Both sides of a trade with oneself have one trade id, on one symbol. */
static void the_key_of_a_fill_is_its_trade_id_and_side_on_every_channel(void **context) {
	struct engine_update with_execution_id = reading_update("binance", HEAD BUY FILL "\"t\":98,\"I\":4," TAIL);
	struct engine_update without = reading_update("binance", HEAD BUY FILL "\"t\":98," TAIL);
	struct engine_update sold =
	        reading_update("binance", HEAD "\"S\":\"SELL\",\"q\":2,\"p\":1," FILL "\"t\":98,\"I\":5," TAIL);
	(void)context;

	assert_string_equal(with_execution_id.exec_id, without.exec_id);
	assert_string_not_equal(with_execution_id.exec_id, sold.exec_id);
	(void)reading_refusal("binance", HEAD BUY FILL TAIL, READER_MISSING);
	(void)reading_refusal("binance", HEAD BUY FILL "\"t\":-1," TAIL, READER_CONTRADICTION);
}

static void what_is_no_fill_is_keyed_by_execution_id_or_by_content(void **context) {
	(void)context;
	assert_string_equal(
	        reading_update("binance", HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\",\"I\":44," NONE TAIL).exec_id, "I44");
	assert_string_equal(reading_update("binance", HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL).exec_id, "");
}

static void a_prevented_trade_ends_the_order_and_is_no_fill(void **context) {
	struct engine_update update = reading_update(
	        "binance",
	        HEAD BUY "\"x\":\"TRADE_PREVENTION\",\"X\":\"EXPIRED_IN_MATCH\",\"l\":\"0.5\",\"z\":\"0\",\"L\":\"9\","
	                 "\"n\":\"0\",\"N\":null,\"t\":-1,\"I\":9," TAIL);
	(void)context;

	assert_int_equal(update.exec_type, ENGINE_EXEC_EXPIRED);
	assert_int_equal(update.last_quantity_lots, 0);
	assert_int_equal(update.last_price_ticks, 0);
	(void)reading_refusal(
	        "binance",
	        HEAD BUY
	        "\"x\":\"TRADE_PREVENTION\",\"X\":\"NEW\",\"l\":\"0.5\",\"z\":\"0\",\"L\":\"9\",\"t\":-1," TAIL,
	        READER_NOT_EXPRESSIBLE);
}

#define FILL_AT(price, money)                                                                                          \
	HEAD BUY "\"x\":\"TRADE\",\"X\":\"FILLED\",\"l\":\"2\",\"z\":\"2\",\"L\":\"" price "\",\"Y\":\"" money         \
	         "\",\"t\":3," TAIL

static void a_fill_at_price_zero_is_a_fact_only_when_no_money_moved(void **context) {
	(void)context;
	assert_int_equal(reading_update("binance", FILL_AT("0.00", "0.000")).last_price_ticks, 0);
	assert_int_equal(reading_update("binance", FILL_AT("0.00", "0.000")).last_quantity_lots, 2000);
	(void)reading_refusal("binance", FILL_AT("0.00", "5.000"), READER_CONTRADICTION);
	(void)reading_refusal("binance", FILL_AT("2.50", "0.000"), READER_CONTRADICTION);
}

static void liquidation_is_a_fill_and_amendment_a_replace(void **context) {
	struct engine_update update = reading_update(
	        "binance",
	        HEAD BUY "\"x\":\"CALCULATED\",\"X\":\"NEW_ADL\",\"l\":\"2\",\"z\":\"2\",\"L\":\"1\",\"t\":3," TAIL);
	(void)context;

	assert_int_equal(update.exec_type, ENGINE_EXEC_TRADE);
	assert_string_equal(update.exec_id, "t3B");
	update = reading_update("binance", HEAD BUY "\"x\":\"REPLACED\",\"X\":\"NEW\",\"I\":9," NONE TAIL);
	assert_int_equal(update.exec_type, ENGINE_EXEC_REPLACED);
}

static void what_is_not_about_an_order_is_skipped(void **context) {
	static const char *const others[] = {"{\"e\":\"outboundAccountPosition\",\"B\":[]}",
	                                     "{\"stream\":\"x\",\"data\":{\"e\":\"balanceUpdate\"}}"};
	(void)context;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(reading_refusal("binance", others[i], READER_OTHER_MESSAGE).outcome, READER_SKIPPED);
	}
	assert_int_equal(
	        reading_refusal("binance", "{\"e\":\"TRADE_LITE\",\"s\":\"AAA\",\"q\":\"1\",\"t\":3}", READER_NO_EFFECT)
	                .outcome,
	        READER_SKIPPED);
}

static void whatever_is_wrong_is_refused_with_its_key(void **context) {
	static const struct {
		const char *message;
		const char *field;
		enum reader_reason reason;
	} cases[] = {
	        {"{\"s\":\"AAA\"}", "e", READER_MISSING},
	        {"{\"e\":7}", "e", READER_MISSING},
	        {"{\"e\":\"ORDER_TRADE_UPDATE\"}", "o", READER_MISSING},
	        {"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}", "o", READER_MISSING},
	        {"{\"data\":[{}]}", "e", READER_MISSING},
	        {"[1]", "", READER_NOT_JSON},
	        {HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE "\"q\":\"2\"," TAIL, "q", READER_TWICE},
	        {HEAD BUY "\"x\":\"OTHER\",\"X\":\"NEW\"," NONE TAIL, "x", READER_UNKNOWN_CODE},
	        {HEAD "\"S\":\"BOTH\",\"q\":1,\"p\":1,\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL, "S",
	         READER_UNKNOWN_CODE},
	        {HEAD "\"S\":\"BUY\",\"q\":\"1e-3\",\"p\":1,\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL, "q",
	         READER_EXPONENT},
	        {HEAD "\"S\":\"BUY\",\"q\":1,\"p\":\"0.001\",\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL, "p",
	         READER_TOO_MANY_DECIMALS},
	        {HEAD "\"S\":\"BUY\",\"q\":1,\"p\":\"\",\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL, "p", READER_EMPTY},
	        {HEAD "\"S\":\"BUY\",\"q\":[1],\"p\":\"1\",\"x\":\"NEW\",\"X\":\"NEW\"," NONE TAIL, "q",
	         READER_WRONG_TYPE},
	        {HEAD BUY FILL "\"t\":[1]," TAIL, "t", READER_WRONG_TYPE},
	        {HEAD BUY FILL "\"t\":1,\"Y\":{}," TAIL, "Y", READER_WRONG_TYPE},
	        {HEAD BUY "\"x\":\"TRADE\",\"X\":\"NEW\",\"z\":1,\"t\":5," TAIL, "last_qty", READER_CUMULATIVE_ONLY},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reader_verdict verdict = reading_refusal("binance", cases[i].message, cases[i].reason);
		assert_int_equal(verdict.outcome, READER_REFUSED);
		assert_string_equal(verdict.field, cases[i].field);
	}
}

/* Status, commission and time refuse nothing. */
static void what_is_no_quantity_is_left_out_with_its_key(void **context) {
	static const char other[] = HEAD BUY "\"x\":\"NEW\",\"X\":\"OTHER\"," NONE TAIL;
	static const char *const times[] = {
	        HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE "\"T\":\"now\"}",
	        HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE "\"T\":9223372036855}",
	        HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE "\"T\":1700000000}",
	};
	(void)context;

	assert_int_equal(reading_left_out("binance", other, "X", READER_UNKNOWN_CODE).ord_status, ENGINE_ORDER_NONE);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		assert_int_equal(reading_left_out("binance", times[i], "T", READER_BAD_TIME).transact_time_ns, 0);
	}
}

/* Order ids are counted per symbol, and futures may have a position on each side. */
static void ids_are_per_symbol_and_a_hedge_has_two_sides(void **context) {
	static const struct {
		const char *rest;
		enum engine_position_side side;
	} cases[] = {{"", ENGINE_POSITION_SIDE_NONE},
	             {"\"ps\":\"BOTH\",", ENGINE_POSITION_SIDE_NONE},
	             {"\"ps\":\"LONG\",", ENGINE_POSITION_SIDE_LONG},
	             {"\"ps\":\"SHORT\",", ENGINE_POSITION_SIDE_SHORT}};
	char message[600];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(message, sizeof message, HEAD BUY "\"x\":\"NEW\",\"X\":\"NEW\"," NONE "%s" TAIL,
		               cases[i].rest);
		struct engine_update update = reading_update("binance", message);
		assert_int_equal(update.ids_are_per, ENGINE_IDS_PER_SYMBOL);
		assert_int_equal(update.scope.position_side, cases[i].side);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_arrives),
	        cmocka_unit_test(an_event_is_found_in_each_of_its_envelopes),
	        cmocka_unit_test(the_key_of_a_fill_is_its_trade_id_and_side_on_every_channel),
	        cmocka_unit_test(what_is_no_fill_is_keyed_by_execution_id_or_by_content),
	        cmocka_unit_test(a_prevented_trade_ends_the_order_and_is_no_fill),
	        cmocka_unit_test(a_fill_at_price_zero_is_a_fact_only_when_no_money_moved),
	        cmocka_unit_test(liquidation_is_a_fill_and_amendment_a_replace),
	        cmocka_unit_test(what_is_not_about_an_order_is_skipped),
	        cmocka_unit_test(whatever_is_wrong_is_refused_with_its_key),
	        cmocka_unit_test(ids_are_per_symbol_and_a_hedge_has_two_sides),
	        cmocka_unit_test(what_is_no_quantity_is_left_out_with_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
