/* FIX 4.4 tag=value: the envelope is verified first, then every field arrives or is refused. */
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
#define FILL "150=F|39=1|32=1.5|31=100.25|"

static void every_field_arrives(void **context) {
	static const char body[] =
	        HEADER ORDER FILL "41=c0|19=e0|44=-0.01|12=0.5|13=3|479=EUR|60=20231114-22:13:20.123456789|58=text|";
	(void)context;

	for (int i = 0; i < 2; i++) {
		struct engine_update update = i == 0 ? reading_update("fix-pipe", reading_fix(body))
		                                     : reading_update("fix", reading_fix_soh(body));
		assert_string_equal(update.exec_id, "e1");
		assert_string_equal(update.exec_ref_id, "e0");
		assert_string_equal(update.order_id, "o1");
		assert_string_equal(update.cl_ord_id, "c1");
		assert_string_equal(update.orig_cl_ord_id, "c0");
		assert_string_equal(update.symbol, "AAA");
		assert_string_equal(update.comm_currency, "EUR");
		assert_int_equal(update.exec_type, ENGINE_EXEC_TRADE);
		assert_int_equal(update.ord_status, ENGINE_ORDER_PARTIALLY_FILLED);
		assert_int_equal(update.side, ENGINE_SIDE_BUY);
		assert_int_equal(update.order_quantity_lots, 2000);
		assert_int_equal(update.price_ticks, -1);
		assert_int_equal(update.last_quantity_lots, 1500);
		assert_int_equal(update.last_price_ticks, 10025);
		assert_int_equal(update.cum_quantity_lots, 1500);
		assert_int_equal(update.leaves_quantity_lots, 500);
		assert_int_equal(update.commission_units, 50);
		assert_int_equal(update.transact_time_ns, 1700000000123456789);
	}
}

/* Worked out by hand: 8=FIX.4.4|9=5|35=0| sums to 1187 with SOH for |, and 1187 % 256 is 163. */
static void the_sum_counts_soh_whatever_the_separator_is(void **context) {
	(void)context;
	(void)reading_refusal("fix-pipe", "8=FIX.4.4|9=5|35=0|10=163|", READER_OTHER_MESSAGE);
	(void)reading_refusal("fix", "8=FIX.4.4\0019=5\00135=0\00110=163\001", READER_OTHER_MESSAGE);
	(void)reading_refusal("fix-pipe", "8=FIX.4.4|9=5|35=0|10=164|", READER_CHECKSUM);
}

/* A message with a byte changed is never taken: the sum or the form gives it away. */
static void one_changed_byte_is_never_taken(void **context) {
	char message[600];
	struct reader_catalogue catalogue = reading_catalogue();
	(void)context;

	(void)snprintf(message, sizeof message, "%s", reading_fix_soh(HEADER ORDER FILL));
	size_t size = strlen(message);
	for (size_t i = 0; i < size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct engine_update update;
			struct reader_verdict verdict;
			message[i] = (char)(message[i] ^ (1 << bit));
			reader_format_find("fix")->read(&catalogue, message, size, &update, &verdict);
			assert_int_equal(verdict.outcome, READER_REFUSED);
			message[i] = (char)(message[i] ^ (1 << bit));
		}
	}
	for (size_t cut = 0; cut < size; cut++) {
		struct engine_update update;
		struct reader_verdict verdict;
		reader_format_find("fix")->read(&catalogue, message, cut, &update, &verdict);
		assert_int_equal(verdict.outcome, READER_REFUSED);
	}
	reader_catalogue_deinit(&catalogue);
}

static void an_envelope_that_is_wrong_is_named(void **context) {
	static const struct {
		const char *message;
		enum reader_reason reason;
	} cases[] = {
	        {"", READER_NOT_FIX},
	        {"hello", READER_NOT_FIX},
	        {"9=5|8=FIX.4.4|35=0|10=163|", READER_NOT_FIX},
	        {"8=FIX.4.0|9=5|35=0|10=159|", READER_BEGIN_STRING},
	        {"8=FIX.5.0|9=5|35=0|10=160|", READER_BEGIN_STRING},
	        {"8=FIX.4.4;9=5;35=0;10=163;", READER_NOT_FIX},
	        {"8=FIX.4.4\0019=5\00135=0\00110=163", READER_BODY_LENGTH},
	        {"8=FIX.4.4|35=0|10=163|", READER_NOT_FIX},
	        {"8=FIX.4.4|9=x|35=0|10=163|", READER_NOT_FIX},
	        {"8=FIX.4.4|9=-5|35=0|10=163|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=4|35=0|10=163|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=6|35=0|10=163|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=99999999999|35=0|10=163|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=0|10=163|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=5|35=0|", READER_BODY_LENGTH},
	        {"8=FIX.4.4|9=5|35=0|10=1x3|", READER_BODY_LENGTH},
	};
	static const struct {
		const char *body;
		enum reader_reason reason;
	} bodies[] = {
	        {"34=7|35=8|", READER_NOT_FIX},
	        {"35=8|37|", READER_NOT_FIX},
	        {"35=8|=5|", READER_NOT_FIX},
	        {"35=8|037=5|", READER_NOT_FIX},
	        {"35=8|-37=5|", READER_NOT_FIX},
	        {"35=8|1000000000=5|", READER_NOT_FIX},
	        {"35=8|95=|96=y|", READER_NOT_FIX},
	        {"35=8|95=x|96=y|", READER_NOT_FIX},
	        {"35=8|95=99|96=y|", READER_NOT_FIX},
	        {"35=8|95=18446744073709551615|96=y|", READER_NOT_FIX},
	        {"35=8|95=9223372036854775807|96=y|", READER_NOT_FIX},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)reading_refusal("fix-pipe", cases[i].message, cases[i].reason);
	}
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		(void)reading_refusal("fix-pipe", reading_fix(bodies[i].body), bodies[i].reason);
	}
}

static void data_may_contain_separators(void **context) {
	struct engine_update update =
	        reading_update("fix-pipe", reading_fix(HEADER "95=13|96=a|55=BBB|10=0|" ORDER FILL));
	(void)context;

	assert_string_equal(update.symbol, "AAA");
	(void)reading_refusal("fix-pipe", reading_fix(HEADER "58=a|55=BBB|" ORDER FILL), READER_TWICE);
}

static void whatever_is_wrong_is_refused_with_its_tag(void **context) {
	static const struct {
		const char *body;
		const char *field;
		enum reader_reason reason;
		enum reader_outcome outcome;
	} cases[] = {
	        {"35=0|", "35", READER_OTHER_MESSAGE, READER_SKIPPED},
	        {"35=A|98=0|", "35", READER_OTHER_MESSAGE, READER_SKIPPED},
	        {"35=9|37=o1|11=c2|41=c1|39=0|", "434", READER_MISSING, READER_REFUSED},
	        {"35=9|37=o1|11=c2|41=c1|39=0|434=3|", "434", READER_UNKNOWN_CODE, READER_REFUSED},
	        {"35=9|37=NONE|11=c2|41=c1|39=8|434=1|102=1|", "37", READER_NOT_EXPRESSIBLE, READER_REFUSED},
	        {"35=9|11=c2|41=c1|39=0|434=1|", "order_id", READER_MISSING, READER_REFUSED},
	        {"35=8|1128=2|" ORDER FILL, "1128", READER_BEGIN_STRING, READER_REFUSED},
	        {HEADER ORDER "150=J|39=1|", "150", READER_NOT_EXPRESSIBLE, READER_REFUSED},
	        {HEADER ORDER "150=Z|39=1|", "150", READER_UNKNOWN_CODE, READER_REFUSED},
	        /* FIX 4.2 */
	        {HEADER ORDER "150=1|39=1|", "last_qty", READER_CUMULATIVE_ONLY, READER_REFUSED},
	        {HEADER ORDER FILL "20=1|", "exec_ref_id", READER_MISSING, READER_REFUSED},
	        {HEADER ORDER FILL "20=4|", "20", READER_UNKNOWN_CODE, READER_REFUSED},
	        {HEADER ORDER FILL "20=0|20=1|", "20", READER_TWICE, READER_REFUSED},
	        {HEADER ORDER "150=F|39=1|14=1|", "14", READER_TWICE, READER_REFUSED},
	        {HEADER ORDER "150=F|39=1|31=1|", "last_qty", READER_CUMULATIVE_ONLY, READER_REFUSED},
	        {HEADER ORDER "150=H|39=1|", "exec_ref_id", READER_MISSING, READER_REFUSED},
	        {HEADER ORDER FILL "44=1.005|", "44", READER_TOO_MANY_DECIMALS, READER_REFUSED},
	        {HEADER ORDER FILL "44=1e3|", "44", READER_EXPONENT, READER_REFUSED},
	        {HEADER ORDER FILL "44=NaN|", "44", READER_NOT_A_NUMBER, READER_REFUSED},
	        {HEADER ORDER FILL "44=12345678901234567890|", "44", READER_OUT_OF_RANGE, READER_REFUSED},
	        {HEADER ORDER FILL "19=a\tb|", "19", READER_BAD_TEXT, READER_REFUSED},
	        {HEADER ORDER FILL "37=|", "37", READER_TWICE, READER_REFUSED},
	        {HEADER "37=|11=c1|17=e1|55=AAA|54=1|38=15|14=0|151=15|150=0|39=0|", "37", READER_EMPTY,
	         READER_REFUSED},
	        {HEADER "37=o1|11=c1|17=e1|55=BBB|54=1|38=17|14=0|151=17|150=0|39=0|", "38", READER_WRONG_LOT,
	         READER_REFUSED},
	        {HEADER "37=o1|11=c1|17=e1|55=BBB|54=1|38=15|14=0|151=15|150=0|39=0|44=0.3|", "44", READER_WRONG_TICK,
	         READER_REFUSED},
	        {HEADER "37=o1|11=c1|17=e1|55=CCC|54=1|38=15|14=0|151=15|150=0|39=0|", "55", READER_UNKNOWN_SYMBOL,
	         READER_REFUSED},
	        {HEADER "37=o1|11=c1|17=e1|55=AAA|54=8|38=15|14=0|151=15|150=0|39=0|", "54", READER_NO_DIRECTION,
	         READER_REFUSED},
	        {HEADER "37=o1|11=c1|17=e1|55=AAA|54=Z|38=15|14=0|151=15|150=0|39=0|", "54", READER_UNKNOWN_CODE,
	         READER_REFUSED},
	        {HEADER "11=c1|17=e1|55=AAA|54=1|38=15|14=0|151=15|150=0|39=0|", "order_id", READER_MISSING,
	         READER_REFUSED},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reader_verdict verdict =
		        reading_refusal("fix-pipe", reading_fix(cases[i].body), cases[i].reason);
		assert_int_equal(verdict.outcome, cases[i].outcome);
		assert_string_equal(verdict.field, cases[i].field);
	}
}

/* `date -u -d ... +%s`. */
static void times_are_those_of_the_calendar(void **context) {
	static const struct {
		const char *text;
		int64_t time_ns;
	} good[] = {
	        {"19900101-00:00:00", 631152000000000000},
	        {"20000229-12:34:56", 951827696000000000},
	        {"20991231-23:59:59.999999999", 4102444799999999999},
	        {"20231114-22:13:20.5", 1700000000500000000},
	        {"20231114-22:13:20.123456789012", 1700000000123456789},
	        {"20161231-23:59:60", 1483228800000000000},
	};
	static const char *const bad[] = {"19691231-23:59:59",
	                                  "20230229-00:00:00",
	                                  "21000229-00:00:00",
	                                  "20231301-00:00:00",
	                                  "20231100-00:00:00",
	                                  "20231131-00:00:00",
	                                  "20231114-24:00:00",
	                                  "20231114-22:60:00",
	                                  "20231114-22:13:61",
	                                  "20231114-22:13",
	                                  "20231114 22:13:20",
	                                  "20231114-22:13:20.",
	                                  "20231114-22:13:20Z",
	                                  "20231114-22:13:2x",
	                                  "22620101-00:00:00",
	                                  "20231114-22:13:20.x",
	                                  "20231114-22:13:20.1234567890123",
	                                  "19700101-00:00:01",
	                                  "19891231-23:59:59.999999999",
	                                  "21000101-00:00:00",
	                                  "22611231-23:59:59"};
	char body[400];
	(void)context;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "60=%s|", good[i].text);
		assert_int_equal(reading_update("fix-pipe", reading_fix(body)).transact_time_ns, good[i].time_ns);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		(void)snprintf(body, sizeof body, HEADER ORDER FILL "60=%s|", bad[i]);
		struct engine_update update = reading_left_out("fix-pipe", reading_fix(body), "60", READER_BAD_TIME);
		assert_int_equal(update.transact_time_ns, 0);
		assert_int_equal(update.last_quantity_lots, 1500);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_arrives),
	        cmocka_unit_test(the_sum_counts_soh_whatever_the_separator_is),
	        cmocka_unit_test(one_changed_byte_is_never_taken),
	        cmocka_unit_test(an_envelope_that_is_wrong_is_named),
	        cmocka_unit_test(data_may_contain_separators),
	        cmocka_unit_test(whatever_is_wrong_is_refused_with_its_tag),
	        cmocka_unit_test(times_are_those_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
