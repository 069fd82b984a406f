/* engine/reader/decimal.c: turns decimal text into whole counts of ticks and lots, exactly or not
 * at all (docs/order-updates.md, "Money"). */
#include "reader.h"

#include <assert.h>
#include <string.h>

__extension__ typedef __int128 decimal_wide;

#define READER_DECIMAL_DIGITS_MAX 18

static bool reader_decimal_is_digit(char c) {
	return c >= '0' && c <= '9';
}

static int64_t reader_decimal_power(uint32_t exponent) {
	int64_t power = 1;

	assert(exponent <= READER_DECIMALS_MAX);
	for (uint32_t i = 0; i < exponent; i++) {
		power *= 10;
	}
	return power;
}

/* ---- parse ----------------------------------------------------------------------------------- */

/* Says what is wrong with text that is no number. An exponent has a reason of its own, as the one
 * mistake that looks right. */
static enum reader_reason reader_decimal_blame(const char *text, size_t size, size_t at) {
	bool has_digit = at > 0 && reader_decimal_is_digit(text[at - 1]);

	return has_digit && at < size && (text[at] == 'e' || text[at] == 'E') ? READER_EXPONENT : READER_NOT_A_NUMBER;
}

/* Skips digits from `at`. Returns where they end. */
static size_t reader_decimal_skip(const char *text, size_t size, size_t at) {
	while (at < size && reader_decimal_is_digit(text[at])) {
		at++;
	}
	return at;
}

/* Finds [-]digits[.digits]. *point is the place of the point, or the end. */
static enum reader_reason reader_decimal_scan(const char *text, size_t size, size_t *start, size_t *point) {
	*start = size > 0 && text[0] == '-' ? 1 : 0;
	*point = reader_decimal_skip(text, size, *start);
	if (size == 0) {
		return READER_EMPTY;
	}
	if (*point == *start) {
		return READER_NOT_A_NUMBER;
	}
	if (*point == size) {
		return READER_REASON_NONE;
	}
	size_t end = text[*point] == '.' ? reader_decimal_skip(text, size, *point + 1) : *point;
	return end == size && end > *point + 1 ? READER_REASON_NONE : reader_decimal_blame(text, size, end);
}

enum reader_reason reader_decimal_parse(const char *text, size_t size, struct reader_decimal *decimal) {
	size_t start;
	size_t point;
	enum reader_reason reason = reader_decimal_scan(text, size, &start, &point);

	*decimal = (struct reader_decimal){0};
	if (reason != READER_REASON_NONE) {
		return reason;
	}
	size_t end = size;
	while (end > point && (text[end - 1] == '0' || text[end - 1] == '.')) {
		end--;
	}
	uint32_t digit_count = 0;
	int64_t digits = 0;
	for (size_t i = start; i < end; i++) {
		if (i == point || (digits == 0 && text[i] == '0')) {
			continue;
		}
		if (++digit_count > READER_DECIMAL_DIGITS_MAX) {
			return READER_OUT_OF_RANGE;
		}
		digits = digits * 10 + (text[i] - '0');
	}
	size_t scale = end > point ? end - point - 1 : 0;
	if (scale > READER_DECIMALS_MAX) {
		return READER_OUT_OF_RANGE;
	}
	decimal->digits = start == 1 ? -digits : digits;
	decimal->scale = (uint32_t)scale;
	return READER_REASON_NONE;
}

/* ---- count ----------------------------------------------------------------------------------- */

enum reader_reason reader_decimal_divide(struct reader_decimal value, struct reader_decimal unit,
                                         enum reader_reason wrong, int64_t *count) {
	/* Both are below 10^36. */
	decimal_wide numerator = (decimal_wide)value.digits * reader_decimal_power(unit.scale);
	decimal_wide denominator = (decimal_wide)unit.digits * reader_decimal_power(value.scale);

	assert(unit.digits > 0);
	*count = 0;
	if (numerator % denominator != 0) {
		return value.scale > unit.scale ? READER_TOO_MANY_DECIMALS : wrong;
	}
	decimal_wide quotient = numerator / denominator;
	if (quotient > INT64_MAX || quotient < -INT64_MAX) {
		return READER_OUT_OF_RANGE;
	}
	*count = (int64_t)quotient;
	return READER_REASON_NONE;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* Takes off zeros at the end. OUT_OF_RANGE when more digits or decimals are left than fit. */
static enum reader_reason reader_decimal_fit(decimal_wide digits, uint32_t scale, struct reader_decimal *result) {
	const decimal_wide most = reader_decimal_power(READER_DECIMAL_DIGITS_MAX);

	*result = (struct reader_decimal){0};
	while (scale > 0 && digits % 10 == 0) {
		digits /= 10;
		scale--;
	}
	if (scale > READER_DECIMALS_MAX || digits >= most || digits <= -most) {
		return READER_OUT_OF_RANGE;
	}
	*result = (struct reader_decimal){(int64_t)digits, scale};
	return READER_REASON_NONE;
}

enum reader_reason reader_decimal_add(struct reader_decimal a, struct reader_decimal b, struct reader_decimal *result) {
	uint32_t scale = a.scale > b.scale ? a.scale : b.scale;

	/* Each is below 10^36. */
	return reader_decimal_fit((decimal_wide)a.digits * reader_decimal_power(scale - a.scale) +
	                                  (decimal_wide)b.digits * reader_decimal_power(scale - b.scale),
	                          scale, result);
}

enum reader_reason reader_decimal_multiply(struct reader_decimal a, struct reader_decimal b,
                                           struct reader_decimal *result) {
	return reader_decimal_fit((decimal_wide)a.digits * b.digits, a.scale + b.scale, result);
}

/* ---- print ----------------------------------------------------------------------------------- */

/* Writes digits / 10^scale from the right. 39 digits, a point, 36 zeros and a sign fit. */
static void reader_decimal_print_wide(decimal_wide digits, uint32_t scale, char text[READER_DECIMAL_TEXT_SIZE]) {
	char buffer[READER_DECIMAL_TEXT_SIZE];
	size_t at = sizeof buffer;
	bool is_negative = digits < 0;

	while (scale > 0 && digits % 10 == 0) {
		digits /= 10;
		scale--;
	}
	for (uint32_t written = 0; digits != 0 || written <= scale; written++) {
		int digit = (int)(digits % 10);
		if (written == scale && scale > 0) {
			buffer[--at] = '.';
		}
		buffer[--at] = (char)('0' + (digit < 0 ? -digit : digit));
		digits /= 10;
	}
	if (is_negative) {
		buffer[--at] = '-';
	}
	memcpy(text, buffer + at, sizeof buffer - at);
	text[sizeof buffer - at] = '\0';
}

void reader_decimal_print(struct reader_decimal decimal, char text[READER_DECIMAL_TEXT_SIZE]) {
	reader_decimal_print_wide(decimal.digits, decimal.scale, text);
}

void reader_decimal_print_product(int64_t count, struct reader_decimal unit, struct reader_decimal other_unit,
                                  char text[READER_DECIMAL_TEXT_SIZE]) {
	int64_t unit_digits;

	/* Each unit has at most 9 digits (reader_catalogue_parse). So both are below 10^18, and the
	 * product is below 2^123. */
	bool overflows = __builtin_mul_overflow(unit.digits, other_unit.digits, &unit_digits);
	assert(!overflows && unit_digits > 0);
	reader_decimal_print_wide((decimal_wide)count * unit_digits, unit.scale + other_unit.scale, text);
}

#define READER_DECIMAL_RATIO_DECIMALS 8u

void reader_decimal_print_ratio(int64_t amount, int64_t count, struct reader_decimal unit,
                                char text[READER_DECIMAL_TEXT_SIZE]) {
	if (count == 0) {
		reader_decimal_print_wide(0, 0, text);
		return;
	}
	/* This is below 2^63 * 10^9 * 10^8, and so below 2^127. */
	decimal_wide numerator =
	        (decimal_wide)amount * unit.digits * reader_decimal_power(READER_DECIMAL_RATIO_DECIMALS);
	bool is_negative = (numerator < 0) != (count < 0);
	decimal_wide dividend = numerator < 0 ? -numerator : numerator;
	decimal_wide divisor = count < 0 ? -(decimal_wide)count : count;
	decimal_wide quotient = dividend / divisor;
	decimal_wide twice = 2 * (dividend % divisor);
	quotient += twice > divisor || (twice == divisor && quotient % 2 == 1);
	reader_decimal_print_wide(is_negative ? -quotient : quotient, unit.scale + READER_DECIMAL_RATIO_DECIMALS, text);
}
