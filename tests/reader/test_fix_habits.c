/* FIX as it is spoken: versions, habits of older versions in newer envelopes, fees in groups, logs.
 * Each stands for a kind of report that a public bug report or a document of a venue shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

#define HEADER "35=8|49=VENUE|56=US|34=7|52=20231114-22:13:20.123|"
#define ORDER "37=o1|11=c1|17=e1|55=AAA|54=1|38=2|14=1.5|151=0.5|"
#define LAST "32=1.5|31=100.25|"
#define FILL "150=F|39=1|" LAST

static struct engine_update read_body(const char *body) {
	return reading_update("fix", reading_fix(body));
}

static struct reader_verdict judge(const char *message, struct engine_update *update) {
	struct reader_catalogue catalogue = reading_catalogue();
	struct reader_verdict verdict;

	reader_format_find("fix")->read(&catalogue, message, strlen(message), update, &verdict);
	reader_catalogue_deinit(&catalogue);
	return verdict;
}

static void every_version_from_4_1_on_is_read(void **context) {
	static const char *const versions[] = {"FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
	(void)context;

	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		struct engine_update update = reading_update("fix", reading_fix_of(versions[i], HEADER ORDER FILL));
		assert_int_equal(update.last_quantity_lots, 1500);
	}
	(void)reading_update("fix", reading_fix_of("FIXT.1.1", "35=8|1128=9|34=7|" ORDER FILL));
	(void)reading_update("fix", reading_fix_of("FIXT.1.1", "35=8|1128=4|34=7|" ORDER FILL));
}

/* ExecTransType goes before the exec type, whatever the envelope says. */
static void the_transaction_type_says_what_a_report_does(void **context) {
	static const struct {
		const char *rest;
		enum engine_exec_type type;
	} cases[] = {
	        {"150=1|39=1|" LAST "20=0|", ENGINE_EXEC_TRADE},
	        {"150=2|39=2|" LAST, ENGINE_EXEC_TRADE},
	        {"150=F|39=1|" LAST "20=1|19=e0|", ENGINE_EXEC_BUST},
	        {"150=4|39=4|" LAST "20=1|19=e0|", ENGINE_EXEC_BUST},
	        {"150=1|39=1|" LAST "20=2|19=e0|", ENGINE_EXEC_CORRECT},
	        {"150=1|39=1|" LAST "20=3|", ENGINE_EXEC_ORDER_STATUS},
	        {"150=9|39=9|", ENGINE_EXEC_ORDER_STATUS},
	        {"150=B|39=B|", ENGINE_EXEC_ORDER_STATUS},
	        {"150=M|39=1|", ENGINE_EXEC_ORDER_STATUS},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(body, sizeof body, "%s%s%s", HEADER, ORDER, cases[i].rest);
		assert_int_equal(read_body(body).exec_type, cases[i].type);
		assert_int_equal(reading_update("fix", reading_fix_of("FIX.4.2", body)).exec_type, cases[i].type);
	}
}

/* An ExecID of 0 is none; anywhere else it is an id like others. */
static void a_status_has_no_execution_id(void **context) {
	(void)context;
	assert_string_equal(read_body("35=8|37=o1|17=0|55=AAA|54=1|38=2|14=0|151=2|150=I|39=0|").exec_id, "");
	assert_string_equal(read_body("35=8|37=o1|17=0|55=AAA|54=1|38=2|14=0|151=2|150=0|20=3|39=0|").exec_id, "");
	assert_string_equal(read_body("35=8|37=o1|17=s1|55=AAA|54=1|38=2|14=0|151=2|150=I|39=0|").exec_id, "s1");
	assert_string_equal(read_body("35=8|37=o1|17=0|55=AAA|54=1|38=2|14=0|151=2|150=0|39=0|").exec_id, "0");
}

static void a_last_quantity_outside_of_a_fill_is_a_repetition(void **context) {
	static const char *const kinds[] = {"0", "4", "5", "6", "8", "A", "C", "D", "E", "3"};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER "150=%s|39=1|32=1.5|31=100.255555|", kinds[i]);
		struct engine_update update = read_body(body);
		assert_int_equal(update.last_quantity_lots, 0);
		assert_int_equal(update.last_price_ticks, 0);
		assert_int_equal(update.cum_quantity_lots, 1500);
	}
}

static void a_refused_request_reaches_the_engine(void **context) {
	struct engine_update update = read_body("35=9|34=9|37=o1|11=c2|41=c1|39=1|434=1|102=0|60=20231114-22:13:20|");
	(void)context;

	assert_int_equal(update.exec_type, ENGINE_EXEC_CANCEL_REJECTED);
	assert_int_equal(update.ord_status, ENGINE_ORDER_PARTIALLY_FILLED);
	assert_string_equal(update.order_id, "o1");
	assert_string_equal(update.cl_ord_id, "c2");
	assert_string_equal(update.orig_cl_ord_id, "c1");
	assert_string_equal(update.symbol, "");
	assert_string_equal(update.exec_id, "");
	assert_int_equal(update.transact_time_ns, 1700000000000000000);
	assert_int_equal(read_body("35=9|37=o1|11=c2|41=c1|39=1|434=2|").exec_type, ENGINE_EXEC_REPLACE_REJECTED);
	/* Some venues send more than they must. */
	update = read_body("35=9|37=o1|11=c2|41=c1|39=1|434=1|55=AAA|54=2|14=1|");
	assert_string_equal(update.symbol, "AAA");
	assert_int_equal(update.side, ENGINE_SIDE_SELL);
	assert_int_equal(update.cum_quantity_lots, 1000);
}

/* A fill and the end of its order in one message. */
static void a_fill_may_end_its_order(void **context) {
	static const struct {
		const char *rest;
		enum engine_exec_type end;
	} cases[] = {
	        {"150=F|39=4|", ENGINE_EXEC_CANCELED}, {"150=1|39=4|", ENGINE_EXEC_CANCELED},
	        {"150=F|39=C|", ENGINE_EXEC_EXPIRED},  {"150=F|39=1|", ENGINE_EXEC_NONE},
	        {"150=F|39=2|", ENGINE_EXEC_NONE},     {"150=4|39=4|", ENGINE_EXEC_NONE},
	        {"150=I|39=4|", ENGINE_EXEC_NONE},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct engine_update update;
		(void)snprintf(body, sizeof body, HEADER ORDER LAST "12=1|479=EUR|%s", cases[i].rest);
		struct reader_verdict verdict = judge(reading_fix(body), &update);
		assert_int_equal(verdict.outcome, READER_UPDATE);
		assert_int_equal(verdict.end, cases[i].end);
		if (verdict.end == ENGINE_EXEC_NONE) {
			continue;
		}
		struct engine_update end;
		reader_make_end(&update, verdict.end, &end);
		assert_int_equal(end.exec_type, cases[i].end);
		assert_string_equal(end.exec_id, "");
		assert_string_equal(end.order_id, "o1");
		assert_int_equal(end.last_quantity_lots, 0);
		assert_int_equal(end.cum_quantity_lots, 1500);
		assert_int_equal(end.commission_units, 0);
	}
}

static void a_number_may_leave_out_digits_beside_its_point(void **context) {
	struct engine_update update = read_body(
	        HEADER "37=o1|17=e1|55=AAA|54=1|150=F|39=1|38=2.|32=1.5|31=.25|14=1.50|151=.5|44=-.01|12=.5|479=EUR|");
	(void)context;

	assert_int_equal(update.order_quantity_lots, 2000);
	assert_int_equal(update.last_price_ticks, 25);
	assert_int_equal(update.leaves_quantity_lots, 500);
	assert_int_equal(update.price_ticks, -1);
	assert_int_equal(update.commission_units, 50);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "44=.|"), READER_NOT_A_NUMBER);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "44=-.|"), READER_NOT_A_NUMBER);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "44=1..|"), READER_NOT_A_NUMBER);
}

static void foreign_tags_are_no_matter(void **context) {
	struct engine_update update = read_body(HEADER ORDER FILL "100010=mylabel|58=|20001=|44=|41=|");
	(void)context;

	assert_int_equal(update.last_quantity_lots, 1500);
	assert_int_equal(update.price_ticks, 0);
	/* The same once more says nothing new. */
	assert_int_equal(read_body(HEADER ORDER FILL "55=AAA|38=2|39=1|").last_quantity_lots, 1500);
}

/* Pairs of FIX 5.0 SP2, and the signature, which stands in the trailer. */
static void data_of_every_version_may_contain_separators(void **context) {
	static const char *const data[] = {"1184=6|1185=a|31=9|", "1401=6|1402=a|31=9|", "93=6|89=a|31=9|",
	                                   "212=6|213=a|31=9|", "43109=6|42684=a|31=9|"};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "%s", data[i]);
		assert_int_equal(read_body(body).last_price_ticks, 10025);
	}
}

static void fees_of_one_currency_are_summed(void **context) {
	static const struct {
		const char *fees;
		int64_t units;
	} cases[] = {
	        {"136=2|137=0.50|138=EUR|139=4|137=0.25|138=EUR|139=2|", 75},
	        {"12=1.00|13=3|479=EUR|136=1|137=0.50|138=EUR|139=4|", 150},
	        {"12=1.00|479=EUR|136=1|137=-0.50|138=EUR|139=4|", 50},
	        {"15=EUR|12=1.00|", 100},
	        {"15=EUR|136=2|137=1|139=4|137=.5|139=4|", 150},
	        {"12=0|136=1|137=0.50|138=EUR|", 50},
	        {"12=-0|", 0},
	        {"12=0.02|13=1|479=EUR|", 3}, /* for each of 1.5 */
	        {"12=0.02|13=1|479=EUR|137=1|138=EUR|891=0|", 103},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "%s", cases[i].fees);
		struct engine_update update = read_body(body);
		assert_int_equal(update.commission_units, cases[i].units);
		assert_string_equal(update.comm_currency, cases[i].units != 0 ? "EUR" : "");
	}
}

/* A fill is a fact. What is not taken is named, and the rest counts. */
static void what_is_no_quantity_is_left_out_with_its_tag(void **context) {
	static const struct {
		const char *rest;
		const char *field;
		enum reader_reason reason;
		int64_t units;
	} cases[] = {
	        {"12=1|", "12", READER_NO_CURRENCY, 0},
	        {"12=1|479=GBP|", "479", READER_UNKNOWN_CURRENCY, 0},
	        {"12=1|479=EUROPEAN|", "479", READER_UNKNOWN_CURRENCY, 0},
	        {"12=1|15=GBP|", "15", READER_UNKNOWN_CURRENCY, 0},
	        {"12=0.001|479=EUR|", "12", READER_TOO_MANY_DECIMALS, 0},
	        {"12=free|479=EUR|", "12", READER_NOT_A_NUMBER, 0},
	        {"12=1|13=2|479=EUR|", "12", READER_NOT_EXPRESSIBLE, 0},
	        {"12=1|13=2|479=EUR|137=2|138=EUR|", "12", READER_NOT_EXPRESSIBLE, 200},
	        {"137=2|138=EUR|137=3|138=USDT|", "137", READER_OTHER_CURRENCY, 200},
	        {"137=2|138=EUR|137=3|138=EUR|891=2|", "137", READER_NOT_EXPRESSIBLE, 200},
	        {"12=1|12=2|479=EUR|", "12", READER_TWICE, 0},
	        {"39=Z|", "39", READER_TWICE, 0},
	        {"11=c2|", "11", READER_TWICE, 0},
	        {"41=a\tb|", "41", READER_BAD_TEXT, 0},
	        {"60=2023-11-14|", "60", READER_BAD_TIME, 0},
	        {"60=20231114-22:13:20|60=20231114-22:13:21|", "60", READER_TWICE, 0},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "%s", cases[i].rest);
		struct engine_update update =
		        reading_left_out("fix", reading_fix(body), cases[i].field, cases[i].reason);
		assert_int_equal(update.last_quantity_lots, 1500);
		assert_int_equal(update.commission_units, cases[i].units);
	}
	struct engine_update update;
	struct reader_verdict verdict = judge(reading_fix(HEADER ORDER FILL "12=1|60=soon|"), &update);
	assert_string_equal(verdict.text, "60 is not a time; 12 1 has no currency");
}

/* Only who was asked may take over an order. */
static void only_the_answer_to_a_question_adopts(void **context) {
	(void)context;
	assert_true(read_body(HEADER ORDER "150=I|39=1|").adopts);
	assert_true(read_body(HEADER ORDER "150=1|39=1|20=3|").adopts);
	assert_false(read_body(HEADER ORDER "150=9|39=9|").adopts);
	assert_false(read_body(HEADER ORDER FILL).adopts);
}

/* The whole moves the order, its legs the positions. */
static void a_leg_is_an_order_of_its_own(void **context) {
	char body[400];
	(void)context;

	assert_int_equal(read_body(HEADER ORDER FILL "442=1|").exec_type, ENGINE_EXEC_TRADE);
	struct engine_update whole = read_body(HEADER ORDER FILL "442=3|");
	assert_int_equal(whole.exec_type, ENGINE_EXEC_MULTILEG_TRADE);
	assert_string_equal(whole.order_id, "o1");
	struct engine_update leg = read_body(HEADER ORDER FILL "442=2|");
	assert_int_equal(leg.exec_type, ENGINE_EXEC_TRADE);
	assert_string_equal(leg.order_id, "o1/AAA");
	/* a bust of it is about the same order */
	assert_string_equal(read_body(HEADER ORDER "150=H|39=0|19=e0|442=2|").order_id, "o1/AAA");
	assert_int_equal(read_body(HEADER ORDER "150=0|39=0|442=3|").exec_type, ENGINE_EXEC_NEW);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "442=4|"), READER_UNKNOWN_CODE);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "442=2|442=3|"), READER_TWICE);
	(void)snprintf(body, sizeof body, "%s37=%064d|17=e1|55=AAA|54=1|38=2|14=1.5|151=0.5|%s442=2|", HEADER, 1, FILL);
	(void)reading_refusal("fix", reading_fix(body), READER_TOO_LONG);
}

static void the_message_and_the_order_are_named(void **context) {
	struct engine_update update;
	struct reader_verdict verdict = judge(reading_fix(HEADER ORDER FILL), &update);
	(void)context;

	assert_int_equal(verdict.sequence, 7);
	assert_string_equal(verdict.order_id, "o1");
	verdict = judge(reading_fix(HEADER "54=8|" FILL "37=o9|55=AAA|14=1.5|"), &update);
	assert_int_equal(verdict.outcome, READER_REFUSED);
	assert_int_equal(verdict.sequence, 7);
	assert_string_equal(verdict.order_id, "o9");
	verdict = judge(reading_fix("35=0|34=12|"), &update);
	assert_int_equal(verdict.outcome, READER_SKIPPED);
	assert_int_equal(verdict.sequence, 12);
}

/* Whose it is, of which instrument and day (docs/order-updates.md, "Identity"). */
static void a_report_says_whose_it_is(void **context) {
	static const struct {
		const char *tags;
		const char *instrument;
	} cases[] = {
	        {"", ""},
	        {"207=XNAS|167=CS|", "exchange=XNAS type=CS"},
	        {"48=ESH4|22=8|167=FUT|200=202403|", "id=8:ESH4 maturity=202403 type=FUT"},
	        {"48=ESH4|541=20240315|", "id=ESH4 maturity_date=20240315"},
	        {"200=202403|541=20240315|", "maturity=202403"},
	        {"207=XCBO|48=SPX 240315C|22=8|200=202403|202=5000.00|201=1|167=OPT|",
	         "exchange=XCBO id=8:SPX_240315C maturity=202403 strike=5000C type=OPT"},
	        {"202=.5|201=0|", "strike=0.5P"},
	        {"201=0|", "right=P"},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "1=FUND_A|%s", cases[i].tags);
		struct engine_update update = read_body(body);
		assert_string_equal(update.scope.instrument, cases[i].instrument);
		assert_string_equal(update.scope.account, "FUND_A");
		assert_string_equal(update.scope.venue, "");
		assert_int_equal(update.ids_are_per, 0);
	}
	/* Who is meant is never guessed. */
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "201=2|"), READER_UNKNOWN_CODE);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "202=high|"), READER_NOT_A_NUMBER);
	(void)reading_refusal("fix", reading_fix(HEADER ORDER FILL "1=012345678901234567890123456789012345|"),
	                      READER_TOO_LONG);
	/* Without a symbol the security id is the name. */
	assert_string_equal(read_body("35=8|37=o1|17=e1|48=AAA|54=1|38=2|14=0|151=2|150=0|39=0|").symbol, "AAA");
}

static void the_day_is_that_of_the_trade_or_else_of_its_time(void **context) {
	static const struct {
		const char *tags;
		int32_t day;
	} cases[] = {
	        {"", 0},
	        {"60=20231114-22:13:20|", 20231114},
	        {"60=20240229-23:59:59.999|", 20240229},
	        {"60=20231231-00:00:00|", 20231231},
	        {"60=20240101-00:00:00|", 20240101},
	        {"60=20231114-22:13:20|75=20231115|", 20231115},
	        {"75=20231115|", 20231115},
	};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "%s", cases[i].tags);
		assert_int_equal(read_body(body).trading_day, cases[i].day);
	}
	assert_int_equal(reading_left_out("fix", reading_fix(HEADER ORDER FILL "75=20231315|60=20231114-22:13:20|"),
	                                  "75", READER_BAD_TIME)
	                         .trading_day,
	                 20231114);
}

/* ---- logs ------------------------------------------------------------------------------------ */

/* The message with another text for each separator. */
static const char *separate(const char *message, const char *separator) {
	static char text[4096];
	size_t used = 0;

	for (; *message != '\0'; message++) {
		const char *piece = *message == '|' ? separator : NULL;
		int length = snprintf(text + used, sizeof text - used, "%s%.1s", piece != NULL ? piece : "",
		                      piece != NULL ? "" : message);
		used += (size_t)length;
	}
	return text;
}

/* Cuts a stream that has arrived, and reads the fills in it. Returns what became of the messages:
 * u, s or r each. */
static const char *read_stream(const char *stream) {
	static char outcomes[64];
	const struct reader_format *format = reader_format_find("fix");
	size_t size = strlen(stream);
	size_t at = 0;
	size_t count = 0;

	while (at < size && count < sizeof outcomes - 1) {
		struct engine_update update;
		struct reader_catalogue catalogue = reading_catalogue();
		struct reader_verdict verdict;
		size_t from;
		size_t to;
		size_t used = format->frame(stream + at, size - at, true, &from, &to);
		assert_true(used > 0);
		if (to > from) {
			format->read(&catalogue, stream + at + from, to - from, &update, &verdict);
			outcomes[count++] = "?usr"[verdict.outcome];
		}
		reader_catalogue_deinit(&catalogue);
		at += used;
	}
	outcomes[count] = '\0';
	return outcomes;
}

static void every_separator_of_logs_is_one_soh(void **context) {
	static const char *const separators[] = {"\x01", "|", "^A", "<SOH>", "\\x01", "\xe2\x90\x81"};
	char one[1000];
	char stream[4000];
	(void)context;

	for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
		(void)snprintf(one, sizeof one, "%.999s",
		               separate(reading_fix(HEADER ORDER FILL "95=3|96=a|b|"), separators[i]));
		assert_int_equal(reading_update("fix", one).last_quantity_lots, 1500);
		(void)snprintf(stream, sizeof stream, "%s%s\n%s\r\n", one, one, one);
		assert_string_equal(read_stream(stream), "uuu");
	}
}

static void what_a_log_writes_around_a_message_is_no_message(void **context) {
	char one[1000];
	char stream[4000];
	(void)context;

	(void)snprintf(one, sizeof one, "%s", reading_fix(HEADER ORDER FILL));
	(void)snprintf(stream, sizeof stream, "20231114-22:13:20.123 : %s\n<in, S1> \"%s\"\n[8:30] INFO|%s\n", one, one,
	               one);
	assert_string_equal(read_stream(stream), "uuu");
	/* The last separator is often cut off. */
	one[strlen(one) - 1] = '\0';
	(void)snprintf(stream, sizeof stream, "a: %s\nb: %s", one, one);
	assert_string_equal(read_stream(stream), "uu");
}

/* What has lost its beginning or its end is refused, and costs no other message. */
static void a_part_of_a_message_is_refused_alone(void **context) {
	char one[1000];
	char stream[4000];
	(void)context;

	(void)snprintf(one, sizeof one, "%s", reading_fix_soh(HEADER ORDER FILL));
	(void)snprintf(stream, sizeof stream, "%s%s", one + 5, one);
	assert_string_equal(read_stream(stream), "ru");
	(void)snprintf(stream, sizeof stream, "%.60s%s%s", one, one, one);
	assert_string_equal(read_stream(stream), "ruu");
	(void)snprintf(stream, sizeof stream, "35=8|37=o1|8=FIX.4.4|9=2|\n%s", one);
	assert_string_equal(read_stream(stream), "rru");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_version_from_4_1_on_is_read),
	        cmocka_unit_test(the_transaction_type_says_what_a_report_does),
	        cmocka_unit_test(a_status_has_no_execution_id),
	        cmocka_unit_test(a_last_quantity_outside_of_a_fill_is_a_repetition),
	        cmocka_unit_test(a_refused_request_reaches_the_engine),
	        cmocka_unit_test(a_fill_may_end_its_order),
	        cmocka_unit_test(a_number_may_leave_out_digits_beside_its_point),
	        cmocka_unit_test(foreign_tags_are_no_matter),
	        cmocka_unit_test(data_of_every_version_may_contain_separators),
	        cmocka_unit_test(fees_of_one_currency_are_summed),
	        cmocka_unit_test(what_is_no_quantity_is_left_out_with_its_tag),
	        cmocka_unit_test(only_the_answer_to_a_question_adopts),
	        cmocka_unit_test(a_leg_is_an_order_of_its_own),
	        cmocka_unit_test(the_message_and_the_order_are_named),
	        cmocka_unit_test(a_report_says_whose_it_is),
	        cmocka_unit_test(the_day_is_that_of_the_trade_or_else_of_its_time),
	        cmocka_unit_test(every_separator_of_logs_is_one_soh),
	        cmocka_unit_test(what_a_log_writes_around_a_message_is_no_message),
	        cmocka_unit_test(a_part_of_a_message_is_refused_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
