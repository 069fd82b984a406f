/* Decimal text becomes whole ticks and lots exactly, or is refused with a reason
 * (docs/order-updates.md, Money). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

static struct reader_decimal parsed(const char *text) {
	struct reader_decimal decimal;

	assert_int_equal(reader_decimal_parse(text, strlen(text), &decimal), READER_REASON_NONE);
	return decimal;
}

static void numbers_are_kept_exactly(void **context) {
	static const struct {
		const char *text;
		int64_t digits;
		uint32_t scale;
		const char *printed;
	} cases[] = {
	        {"0", 0, 0, "0"},
	        {"-0", 0, 0, "0"},
	        {"0.000", 0, 0, "0"},
	        {"1", 1, 0, "1"},
	        {"007", 7, 0, "7"},
	        {"1.50", 15, 1, "1.5"},
	        {"-0.001", -1, 3, "-0.001"},
	        {"100.00000000", 100, 0, "100"},
	        {"0.1", 1, 1, "0.1"},
	        {"123456789012345678", 123456789012345678, 0, "123456789012345678"},
	        {"0.123456789012345678", 123456789012345678, 18, "0.123456789012345678"},
	        {"-999999999.999999999", -999999999999999999, 9, "-999999999.999999999"},
	        {"1.0000000000000000000000000", 1, 0, "1"},
	        {"00000000000000000000000001", 1, 0, "1"},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[READER_DECIMAL_TEXT_SIZE];
		struct reader_decimal decimal = parsed(cases[i].text);
		assert_int_equal(decimal.digits, cases[i].digits);
		assert_int_equal(decimal.scale, cases[i].scale);
		reader_decimal_print(decimal, text);
		assert_string_equal(text, cases[i].printed);
	}
}

static void what_is_no_number_is_refused_with_its_reason(void **context) {
	static const struct {
		const char *text;
		enum reader_reason reason;
	} cases[] = {
	        {"", READER_EMPTY},
	        {" ", READER_NOT_A_NUMBER},
	        {"NaN", READER_NOT_A_NUMBER},
	        {"Infinity", READER_NOT_A_NUMBER},
	        {"-", READER_NOT_A_NUMBER},
	        {"+1", READER_NOT_A_NUMBER},
	        {"1.", READER_NOT_A_NUMBER},
	        {".5", READER_NOT_A_NUMBER},
	        {"1,5", READER_NOT_A_NUMBER},
	        {"1.5.5", READER_NOT_A_NUMBER},
	        {" 1", READER_NOT_A_NUMBER},
	        {"1 ", READER_NOT_A_NUMBER},
	        {"0x10", READER_NOT_A_NUMBER},
	        {"e5", READER_NOT_A_NUMBER},
	        {"1e5", READER_EXPONENT},
	        {"1.5E-8", READER_EXPONENT},
	        {"1234567890123456789", READER_OUT_OF_RANGE},
	        {"0.1234567890123456789", READER_OUT_OF_RANGE},
	        {"0.0000000000000000001", READER_OUT_OF_RANGE},
	        {"99999999999999999999999999999999", READER_OUT_OF_RANGE},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reader_decimal decimal;
		enum reader_reason reason = reader_decimal_parse(cases[i].text, strlen(cases[i].text), &decimal);
		assert_string_equal(reader_reason_name(reason), reader_reason_name(cases[i].reason));
		assert_int_equal(decimal.digits, 0);
	}
}

static void a_number_is_a_whole_multiple_of_its_unit_or_refused(void **context) {
	static const struct {
		const char *value;
		const char *unit;
		enum reader_reason reason;
		int64_t count;
	} cases[] = {
	        {"1.5", "0.001", READER_REASON_NONE, 1500},
	        {"1.500000", "0.5", READER_REASON_NONE, 3},
	        {"-100.25", "0.25", READER_REASON_NONE, -401},
	        {"15", "5", READER_REASON_NONE, 3},
	        {"0", "5", READER_REASON_NONE, 0},
	        {"1.0005", "0.001", READER_TOO_MANY_DECIMALS, 0},
	        {"0.3", "0.25", READER_WRONG_LOT, 0},
	        {"17", "5", READER_WRONG_LOT, 0},
	        {"0.5", "5", READER_TOO_MANY_DECIMALS, 0},
	        {"92233720368547758", "0.01", READER_REASON_NONE, 9223372036854775800},
	        {"92233720368547759", "0.01", READER_OUT_OF_RANGE, 0},
	        {"-92233720368547759", "0.01", READER_OUT_OF_RANGE, 0},
	        {"999999999999999999", "0.000000000000000001", READER_OUT_OF_RANGE, 0},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t count = -7;
		enum reader_reason reason =
		        reader_decimal_divide(parsed(cases[i].value), parsed(cases[i].unit), READER_WRONG_LOT, &count);
		assert_int_equal(reason, cases[i].reason);
		assert_int_equal(count, cases[i].count);
	}
}

/* 128 bits by hand: the product of the largest count and the largest units. */
static void amounts_of_money_are_printed_exactly(void **context) {
	static const struct {
		int64_t count;
		const char *unit;
		const char *other_unit;
		const char *printed;
	} cases[] = {
	        {0, "0.01", "0.001", "0"},
	        {1, "0.01", "0.001", "0.00001"},
	        {-123, "0.01", "1", "-1.23"},
	        {INT64_MAX, "999999999", "999999999", "9223372018408031742513820422854775807"},
	        {-INT64_MAX, "0.000000000000000001", "0.000000000000000001", "-0.000000000000000009223372036854775807"},
	        {250, "0.01", "0.001", "0.0025"},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[READER_DECIMAL_TEXT_SIZE];
		reader_decimal_print_product(cases[i].count, parsed(cases[i].unit), parsed(cases[i].other_unit), text);
		assert_string_equal(text, cases[i].printed);
	}
}

static void ratios_are_rounded_half_to_even_for_display(void **context) {
	static const struct {
		int64_t amount;
		int64_t count;
		const char *unit;
		const char *printed;
	} cases[] = {
	        {0, 0, "0.01", "0"},
	        {5, 0, "0.01", "0"},
	        {30, 2, "0.01", "0.15"},
	        {-30, -2, "0.01", "0.15"},
	        {-30, 2, "5", "-75"},
	        {1, 3, "1", "0.33333333"},
	        {2, 3, "1", "0.66666667"},
	        {1, 200000000, "1", "0"},
	        {3, 200000000, "1", "0.00000002"},
	        {-3, 200000000, "1", "-0.00000002"},
	        {INT64_MAX, 1, "999999999", "9223372027631403770145224193"},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[READER_DECIMAL_TEXT_SIZE];
		reader_decimal_print_ratio(cases[i].amount, cases[i].count, parsed(cases[i].unit), text);
		assert_string_equal(text, cases[i].printed);
	}
}

/* ---- the catalogue --------------------------------------------------------------------------- */

static void instruments_are_found_by_name(void **context) {
	struct reader_catalogue catalogue = reading_catalogue();
	(void)context;

	assert_int_equal(reader_catalogue_find_instrument(&catalogue, "BBB")->lot.digits, 5);
	assert_int_equal(reader_catalogue_find_instrument(&catalogue, "AAA")->tick.scale, 2);
	assert_int_equal(reader_catalogue_find_currency(&catalogue, "USDT")->unit.scale, 8);
	assert_null(reader_catalogue_find_instrument(&catalogue, "AA"));
	assert_null(reader_catalogue_find_instrument(&catalogue, "a name that is much too long"));
	assert_null(reader_catalogue_find_currency(&catalogue, "AAA"));
	reader_catalogue_deinit(&catalogue);
}

static void many_instruments_are_all_found(void **context) {
	char text[40000];
	char symbol[16];
	size_t size = 0;
	struct reader_catalogue catalogue;
	struct reader_catalogue_error error;
	(void)context;

	for (int i = 999; i >= 0; i--) {
		size += (size_t)snprintf(text + size, sizeof text - size, "instrument S%d 0.1 1\n", i);
	}
	assert_true(reader_catalogue_parse(text, size, &catalogue, &error));
	assert_int_equal(catalogue.instrument_count, 1000);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(symbol, sizeof symbol, "S%d", i);
		assert_non_null(reader_catalogue_find_instrument(&catalogue, symbol));
	}
	reader_catalogue_deinit(&catalogue);
}

static void wrong_definitions_are_refused_with_their_line(void **context) {
	static const struct {
		const char *text;
		size_t line;
		const char *said;
	} cases[] = {
	        {"instrument AAA 0.01 0.001\nthing X", 2, "thing"},
	        {"\n\ninstrument AAA 0.01", 3, "SYMBOL TICK LOT"},
	        {"instrument AAA 0.01 0.1 1", 1, "SYMBOL TICK LOT"},
	        {"instrument A1234567890123456789012345678901 0.01 1", 1, "too long"},
	        {"instrument AAA 0 1", 1, "tick"},
	        {"instrument AAA -1 1", 1, "tick"},
	        {"instrument AAA 1e-2 1", 1, "tick"},
	        {"instrument AAA 0.01 nan", 1, "lot"},
	        {"instrument AAA 0.01 1234567890.1", 1, "lot"},
	        {"currency EUR", 1, "NAME UNIT"},
	        {"currency EURO1234 1", 1, "too long"},
	        {"currency EUR 0", 1, "unit"},
	        {"instrument AAA 1 1\ninstrument BBB 1 1\ninstrument AAA 1 1", 0, "twice"},
	        {"currency EUR 1\ncurrency EUR 1", 0, "twice"},
	};
	(void)context;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reader_catalogue catalogue;
		struct reader_catalogue_error error;
		assert_false(reader_catalogue_parse(cases[i].text, strlen(cases[i].text), &catalogue, &error));
		assert_null(catalogue.instruments);
		assert_int_equal(error.line, cases[i].line);
		assert_non_null(strstr(error.text, cases[i].said));
		reader_catalogue_deinit(&catalogue);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_are_kept_exactly),
	        cmocka_unit_test(what_is_no_number_is_refused_with_its_reason),
	        cmocka_unit_test(a_number_is_a_whole_multiple_of_its_unit_or_refused),
	        cmocka_unit_test(amounts_of_money_are_printed_exactly),
	        cmocka_unit_test(ratios_are_rounded_half_to_even_for_display),
	        cmocka_unit_test(instruments_are_found_by_name),
	        cmocka_unit_test(many_instruments_are_all_found),
	        cmocka_unit_test(wrong_definitions_are_refused_with_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
