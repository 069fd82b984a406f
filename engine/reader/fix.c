/* engine/reader/fix.c: FIX tag=value, the envelope and the fields (README.md, "FIX"; FIX 4.4 with
 * Errata 20030618, volume 1; FIXT 1.1).
 *
 * LENGTH counts the bytes behind its own field up to `10=`. SUM is the sum of all bytes before
 * `10=`, modulo 256. Both are verified before anything else is believed.
 */
#include "fix.h"

#include <string.h>

#define READER_FIX_SOH '\x01'
#define READER_FIX_TAG_MAX 999999999
#define READER_FIX_VERSION_MAX 16
#define READER_FIX_DECIMALS_MAX 12 /* picoseconds: FIX 5.0 SP2, UTCTimestamp */

static bool reader_fix_refuse(const struct reader_fix_message *message, enum reader_reason reason, const char *tag,
                              size_t position) {
	return reader_report_refuse(message->verdict, reason, tag, position, NULL);
}

/* ---- separators ------------------------------------------------------------------------------ */

static const struct reader_fix_separator reader_fix_separators[] = {
        {"\x01", 1}, {"|", 1}, {"^A", 2}, {"<SOH>", 5}, {"\\x01", 4}, {"\xe2\x90\x81", 3},
};

bool reader_fix_is_separator(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t at) {
	return size - at >= separator->size && memcmp(bytes + at, separator->text, separator->size) == 0;
}

static bool reader_fix_is_digit(char c) {
	return c >= '0' && c <= '9';
}

static bool reader_fix_is_version(char c) {
	return reader_fix_is_digit(c) || (c >= 'A' && c <= 'Z') || c == '.';
}

const struct reader_fix_separator *reader_fix_find_separator(const char *bytes, size_t size) {
	size_t at = 2;

	if (size < 2 || bytes[0] != '8' || bytes[1] != '=') {
		return NULL;
	}
	while (at < size && at < READER_FIX_VERSION_MAX && reader_fix_is_version(bytes[at])) {
		at++;
	}
	for (size_t i = 0; i < sizeof reader_fix_separators / sizeof reader_fix_separators[0]; i++) {
		if (reader_fix_is_separator(&reader_fix_separators[i], bytes, size, at)) {
			return &reader_fix_separators[i];
		}
	}
	return NULL;
}

size_t reader_fix_find_end(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t from) {
	while (from < size) {
		const char *found = memchr(bytes + from, separator->text[0], size - from);
		if (found == NULL) {
			return size;
		}
		from = (size_t)(found - bytes);
		if (reader_fix_is_separator(separator, bytes, size, from)) {
			return from;
		}
		from++;
	}
	return size;
}

size_t reader_fix_skip(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t from,
                       size_t count) {
	if (separator->size == 1) {
		return count <= size - from ? from + count : size;
	}
	while (count > 0 && from < size) {
		from += reader_fix_is_separator(separator, bytes, size, from) ? separator->size : 1;
		count--;
	}
	return from;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Fields whose length the field before them tells. They may contain separators. Taken from the
 * dictionaries of QuickFIX (spec/FIX42.xml to FIX50SP2.xml and FIXT11.xml, fields of type DATA). */
static const struct {
	int64_t length_tag;
	int64_t data_tag;
} reader_fix_pairs[] = {
        {90, 91},       {93, 89},       {95, 96},       {212, 213},     {348, 349},     {350, 351},     {352, 353},
        {354, 355},     {356, 357},     {358, 359},     {360, 361},     {362, 363},     {364, 365},     {445, 446},
        {618, 619},     {621, 622},     {1184, 1185},   {1277, 1278},   {1280, 1281},   {1282, 1283},   {1397, 1398},
        {1401, 1402},   {1403, 1404},   {1468, 1469},   {1525, 1527},   {1578, 1579},   {1620, 1621},   {1664, 1665},
        {1678, 1697},   {1733, 1734},   {1871, 1872},   {1874, 1875},   {2072, 2073},   {2074, 2075},   {2111, 2112},
        {2179, 2180},   {2287, 2288},   {2351, 2352},   {2372, 2371},   {2481, 2482},   {2494, 2493},   {2522, 2521},
        {2637, 2638},   {2651, 2652},   {2665, 2666},   {2715, 2716},   {2718, 2719},   {2721, 2722},   {2797, 2798},
        {2800, 2801},   {2802, 2801},   {2809, 2808},   {2813, 2814},   {2815, 2814},   {40004, 40005}, {40008, 40009},
        {40978, 40979}, {40980, 40981}, {40982, 40983}, {40984, 40985}, {40986, 40987}, {40988, 40989}, {41083, 41084},
        {41101, 41102}, {41107, 41108}, {41256, 41257}, {41320, 41321}, {41324, 41325}, {41458, 41459}, {41476, 41477},
        {41482, 41483}, {41653, 41654}, {41710, 41711}, {41806, 41807}, {41811, 41812}, {41873, 41874}, {41969, 41970},
        {42025, 42026}, {42171, 42172}, {42451, 42452}, {42652, 42653}, {42947, 42948}, {43109, 42684}, {43110, 42486},
        {43111, 42982},
};

static int64_t reader_fix_data_tag(int64_t length_tag) {
	for (size_t i = 0; i < sizeof reader_fix_pairs / sizeof reader_fix_pairs[0]; i++) {
		if (reader_fix_pairs[i].length_tag == length_tag) {
			return reader_fix_pairs[i].data_tag;
		}
	}
	return 0;
}

/* Where the value ends that begins at `from`; message->size when no separator follows it. */
static size_t reader_fix_find_value_end(const struct reader_fix_message *message, int64_t tag, size_t from) {
	if (message->data_tag == tag) {
		size_t end =
		        reader_fix_skip(message->separator, message->bytes, message->size, from, message->data_size);
		bool is_ended = reader_fix_is_separator(message->separator, message->bytes, message->size, end);
		return is_ended ? end : message->size;
	}
	return reader_fix_find_end(message->separator, message->bytes, message->size, from);
}

bool reader_fix_next(struct reader_fix_message *message, struct reader_fix_field *field) {
	size_t start = message->at;
	const char *equals = memchr(message->bytes + start, '=', message->size - start);

	*field = (struct reader_fix_field){0};
	if (equals == NULL ||
	    !reader_report_integer(message->bytes + start, (size_t)(equals - message->bytes) - start, 1, &field->tag)) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	field->position = (size_t)(equals - message->bytes) + 1;
	size_t end = reader_fix_find_value_end(message, field->tag, field->position);
	field->size = end - field->position;
	if (field->tag <= 0 || field->tag > READER_FIX_TAG_MAX || message->bytes[start] == '0' ||
	    end == message->size) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	message->at = end + message->separator->size;
	message->data_tag = reader_fix_data_tag(field->tag);
	int64_t data_size = 0;
	if (message->data_tag != 0 &&
	    (!reader_report_integer(message->bytes + field->position, field->size, 1, &data_size) || data_size < 0)) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	message->data_size = (size_t)data_size;
	return true;
}

bool reader_fix_is(const struct reader_fix_message *message, const struct reader_fix_field *field, int64_t tag,
                   const char *text) {
	return field->tag == tag && field->size == strlen(text) &&
	       memcmp(message->bytes + field->position, text, field->size) == 0;
}

/* ---- envelope -------------------------------------------------------------------------------- */

size_t reader_fix_trailer(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t at) {
	size_t end = at + READER_FIX_SUM_SIZE;

	if (size < end || memcmp(bytes + at, "10=", 3) != 0 || !reader_fix_is_digit(bytes[at + 3]) ||
	    !reader_fix_is_digit(bytes[at + 4]) || !reader_fix_is_digit(bytes[at + 5])) {
		return 0;
	}
	if (reader_fix_is_separator(separator, bytes, size, end)) {
		return READER_FIX_SUM_SIZE + separator->size;
	}
	bool is_end = end == size || bytes[end] == '\r' || bytes[end] == '\n';
	return is_end && separator->text[0] != READER_FIX_SOH ? READER_FIX_SUM_SIZE : 0;
}

static bool reader_fix_check_sum(const struct reader_fix_message *message, size_t trailer) {
	const char *digits = message->bytes + trailer + 3;
	unsigned stated =
	        (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 + (unsigned)(digits[2] - '0');
	unsigned sum = 0;

	for (size_t i = 0; i < trailer;) {
		bool is_separator = message->bytes[i] == message->separator->text[0] &&
		                    reader_fix_is_separator(message->separator, message->bytes, trailer, i);
		sum += is_separator ? (unsigned)READER_FIX_SOH : (unsigned char)message->bytes[i];
		i += is_separator ? message->separator->size : 1;
	}
	return sum % 256 == stated || reader_fix_refuse(message, READER_CHECKSUM, "10", trailer + 3);
}

/* The versions that have ExecType and LeavesQty. Of FIXT.1.1 the field 1128 tells more. */
static bool reader_fix_check_version(const struct reader_fix_message *message, const struct reader_fix_field *field) {
	static const char *const versions[] = {"FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"};

	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		if (reader_fix_is(message, field, 8, versions[i])) {
			return true;
		}
	}
	return reader_fix_refuse(message, READER_BEGIN_STRING, "8", field->position);
}

/* Finds the trailer that ends the message, if it is where tag 9 says. */
static bool reader_fix_find_trailer(const struct reader_fix_message *message, int64_t length, size_t *trailer) {
	if (length <= 0 || (uint64_t)length > message->size - message->at) {
		return false;
	}
	*trailer = reader_fix_skip(message->separator, message->bytes, message->size, message->at, (size_t)length);
	size_t size = reader_fix_trailer(message->separator, message->bytes, message->size, *trailer);
	return size > 0 && *trailer + size == message->size;
}

bool reader_fix_open(struct reader_fix_message *message) {
	struct reader_fix_field field;
	int64_t length = 0;
	size_t trailer = 0;

	message->separator = reader_fix_find_separator(message->bytes, message->size);
	if (message->separator == NULL) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, 0);
	}
	if (!reader_fix_next(message, &field) || !reader_fix_check_version(message, &field) ||
	    !reader_fix_next(message, &field)) {
		return false;
	}
	if (field.tag != 9 || !reader_report_integer(message->bytes + field.position, field.size, 1, &length)) {
		return reader_fix_refuse(message, READER_NOT_FIX, "9", field.position);
	}
	if (!reader_fix_find_trailer(message, length, &trailer)) {
		return reader_fix_refuse(message, READER_BODY_LENGTH, "9", field.position);
	}
	message->size = trailer;
	return reader_fix_check_sum(message, trailer);
}

/* ---- time ------------------------------------------------------------------------------------ */

/* Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March, so leap days are
 * their last. */
static int64_t reader_fix_days(int64_t year, int64_t month, int64_t day) {
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

	return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719468;
}

static bool reader_fix_is_date(int64_t year, int64_t month, int64_t day) {
	static const int64_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1970 && year < 2262 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] &&
	       (month != 2 || day < 29 || is_leap);
}

bool reader_fix_parse_time(const char *text, size_t size, int64_t *time_ns) {
	static const char form[] = "dddddddd-dd:dd:dd";
	int64_t n[6] = {0}; /* year, month, day, hour, minute, second */
	static const size_t part[] = {0, 0, 0, 0, 1, 1, 2, 2, 0, 3, 3, 0, 4, 4, 0, 5, 5};
	int64_t fraction = 0;
	int64_t unit = 1000000000;

	if (size < sizeof form - 1 || (size > sizeof form - 1 && text[sizeof form - 1] != '.')) {
		return false;
	}
	for (size_t i = 0; i < sizeof form - 1; i++) {
		if (form[i] == 'd' ? !reader_fix_is_digit(text[i]) : text[i] != form[i]) {
			return false;
		}
		n[part[i]] = form[i] == 'd' ? n[part[i]] * 10 + (text[i] - '0') : n[part[i]];
	}
	for (size_t i = sizeof form; i < size; i++) {
		unit /= 10; /* 0 behind the nanoseconds */
		if (!reader_fix_is_digit(text[i]) || i - sizeof form >= READER_FIX_DECIMALS_MAX) {
			return false;
		}
		fraction += (text[i] - '0') * unit;
	}
	if (!reader_fix_is_date(n[0], n[1], n[2]) || n[3] > 23 || n[4] > 59 || n[5] > 60 || size == sizeof form) {
		return false;
	}
	*time_ns = (((reader_fix_days(n[0], n[1], n[2]) * 24 + n[3]) * 60 + n[4]) * 60 + n[5]) * 1000000000 + fraction;
	return true;
}
