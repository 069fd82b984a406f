/* engine/reader/fix.c: FIX 4.4 ExecutionReport as tag=value (README.md, "FIX"; FIX 4.4 with Errata
 * 20030618, volumes 1 and 4).
 *
 * A message is `8=FIX.4.4 9=LENGTH 35=TYPE ... 10=SUM`, and SOH ends each field. LENGTH counts the
 * bytes behind its own field up to `10=`. SUM is the sum of all bytes before `10=`, modulo 256.
 * Both are verified before anything else is believed. Logs write '|' for SOH. That is the same
 * message with another separator, and its sum still counts SOH.
 */
#include <string.h>

#include "formats.h"
#include "report.h"

#define READER_FIX_SOH '\x01'
#define READER_FIX_TRAILER_SIZE 7 /* 10=ddd and the separator */
#define READER_FIX_TAG_MAX 99999

struct reader_fix_field {
	int64_t tag;
	size_t position; /* of the value */
	size_t size;
};

struct reader_fix_message {
	const char *bytes;
	size_t size;
	size_t at;
	char separator;
	int64_t data_tag; /* the next field has so many bytes, separators among them; 0: none */
	size_t data_size;
	struct reader_verdict *verdict;
};

static bool reader_fix_refuse(const struct reader_fix_message *message, enum reader_reason reason, const char *tag,
                              size_t position) {
	return reader_report_refuse(message->verdict, reason, tag, position, NULL);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Fields whose length the field before them tells. They may contain separators. */
static int64_t reader_fix_data_tag(int64_t length_tag) {
	static const struct {
		int64_t length_tag;
		int64_t data_tag;
	} pairs[] = {{90, 91},   {93, 89},   {95, 96},   {212, 213}, {348, 349}, {350, 351}, {352, 353}, {354, 355},
	             {356, 357}, {358, 359}, {360, 361}, {362, 363}, {364, 365}, {445, 446}, {618, 619}, {621, 622}};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		if (pairs[i].length_tag == length_tag) {
			return pairs[i].data_tag;
		}
	}
	return 0;
}

/* Where the value ends that begins at `from`; message->size when there is no separator. */
static size_t reader_fix_find_end(const struct reader_fix_message *message, int64_t tag, size_t from) {
	if (message->data_tag == tag) {
		bool fits = message->data_size <= message->size - from;
		size_t end = fits ? from + message->data_size : message->size;
		return end < message->size && message->bytes[end] == message->separator ? end : message->size;
	}
	const char *end = memchr(message->bytes + from, message->separator, message->size - from);
	return end != NULL ? (size_t)(end - message->bytes) : message->size;
}

/* Takes the next field. A value is never empty (FIX 4.4, volume 1, "tag=value"). */
static bool reader_fix_next(struct reader_fix_message *message, struct reader_fix_field *field) {
	size_t start = message->at;
	const char *equals = memchr(message->bytes + start, '=', message->size - start);

	*field = (struct reader_fix_field){0};
	if (equals == NULL ||
	    !reader_report_integer(message->bytes + start, (size_t)(equals - message->bytes) - start, 1, &field->tag)) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	field->position = (size_t)(equals - message->bytes) + 1;
	size_t end = reader_fix_find_end(message, field->tag, field->position);
	field->size = end - field->position;
	if (field->tag <= 0 || field->tag > READER_FIX_TAG_MAX || message->bytes[start] == '0' ||
	    end == message->size || field->size == 0) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	message->at = end + 1;
	message->data_tag = reader_fix_data_tag(field->tag);
	int64_t data_size = 0;
	if (message->data_tag != 0 &&
	    (!reader_report_integer(message->bytes + field->position, field->size, 1, &data_size) || data_size < 0)) {
		return reader_fix_refuse(message, READER_NOT_FIX, NULL, start);
	}
	message->data_size = (size_t)data_size;
	return true;
}

static bool reader_fix_is(const struct reader_fix_message *message, const struct reader_fix_field *field, int64_t tag,
                          const char *text) {
	return field->tag == tag && field->size == strlen(text) &&
	       memcmp(message->bytes + field->position, text, field->size) == 0;
}

/* ---- envelope -------------------------------------------------------------------------------- */

static bool reader_fix_is_digit(char c) {
	return c >= '0' && c <= '9';
}

/* Whether `10=ddd` and a separator stand at `at`. */
static bool reader_fix_is_trailer(const char *bytes, size_t size, size_t at, char separator) {
	return size - at >= READER_FIX_TRAILER_SIZE && memcmp(bytes + at, "10=", 3) == 0 &&
	       reader_fix_is_digit(bytes[at + 3]) && reader_fix_is_digit(bytes[at + 4]) &&
	       reader_fix_is_digit(bytes[at + 5]) && bytes[at + 6] == separator;
}

static bool reader_fix_check_sum(const struct reader_fix_message *message, size_t trailer) {
	const char *digits = message->bytes + trailer + 3;
	unsigned stated =
	        (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 + (unsigned)(digits[2] - '0');
	unsigned sum = 0;

	for (size_t i = 0; i < trailer; i++) {
		char c = message->bytes[i];
		sum += (unsigned char)(c == message->separator ? READER_FIX_SOH : c);
	}
	return sum % 256 == stated || reader_fix_refuse(message, READER_CHECKSUM, "10", trailer + 3);
}

/* Verifies 8, 9 and 10. Then the message is at its third field, and ends where the trailer
 * begins. */
static bool reader_fix_open(struct reader_fix_message *message) {
	struct reader_fix_field field;
	int64_t length = 0;

	if (!reader_fix_next(message, &field)) {
		return false;
	}
	if (!reader_fix_is(message, &field, 8, "FIX.4.4")) {
		enum reader_reason reason = field.tag == 8 ? READER_BEGIN_STRING : READER_NOT_FIX;
		return reader_fix_refuse(message, reason, "8", field.position);
	}
	if (!reader_fix_next(message, &field)) {
		return false;
	}
	if (field.tag != 9 || !reader_report_integer(message->bytes + field.position, field.size, 1, &length)) {
		return reader_fix_refuse(message, READER_NOT_FIX, "9", field.position);
	}
	bool fits = message->size >= message->at + READER_FIX_TRAILER_SIZE && length > 0 &&
	            (uint64_t)length == message->size - message->at - READER_FIX_TRAILER_SIZE;
	if (!fits || !reader_fix_is_trailer(message->bytes, message->size, message->size - READER_FIX_TRAILER_SIZE,
	                                    message->separator)) {
		return reader_fix_refuse(message, READER_BODY_LENGTH, "9", field.position);
	}
	message->size -= READER_FIX_TRAILER_SIZE;
	return reader_fix_check_sum(message, message->size);
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

/* YYYYMMDD-HH:MM:SS with up to 9 decimals. Second 60 is a leap second, and counts as the next
 * one. */
static bool reader_fix_parse_time(const char *text, size_t size, int64_t *time_ns) {
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
		unit /= 10;
		if (!reader_fix_is_digit(text[i]) || unit == 0) {
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

/* ---- ExecutionReport ------------------------------------------------------------------------- */

struct reader_fix_tag {
	int64_t tag;
	const char *name;
	enum reader_report_field field;
};

static const struct reader_fix_tag reader_fix_tags[] = {
        {17, "17", READER_REPORT_EXEC_ID},
        {19, "19", READER_REPORT_EXEC_REF_ID},
        {37, "37", READER_REPORT_ORDER_ID},
        {11, "11", READER_REPORT_CL_ORD_ID},
        {41, "41", READER_REPORT_ORIG_CL_ORD_ID},
        {55, "55", READER_REPORT_SYMBOL},
        {54, "54", READER_REPORT_SIDE},
        {150, "150", READER_REPORT_EXEC_TYPE},
        {39, "39", READER_REPORT_ORD_STATUS},
        {38, "38", READER_REPORT_ORDER_QUANTITY},
        {44, "44", READER_REPORT_PRICE},
        {32, "32", READER_REPORT_LAST_QUANTITY},
        {31, "31", READER_REPORT_LAST_PRICE},
        {14, "14", READER_REPORT_CUM_QUANTITY},
        {151, "151", READER_REPORT_LEAVES_QUANTITY},
        {12, "12", READER_REPORT_COMMISSION},
        {479, "479", READER_REPORT_COMM_CURRENCY},
        {137, "137", READER_REPORT_COMMISSION},
        {138, "138", READER_REPORT_COMM_CURRENCY},
};

static const struct reader_report_code reader_fix_sides[] = {
        {"1", ENGINE_SIDE_BUY},
        {"2", ENGINE_SIDE_SELL},
        {"3", ENGINE_SIDE_BUY},
        {"4", ENGINE_SIDE_SELL},
        {"5", ENGINE_SIDE_SELL},
        {"6", ENGINE_SIDE_SELL},
        {NULL, 0},
};

/* Suspended and calculated move no quantity. */
static const struct reader_report_code reader_fix_exec_types[] = {
        {"0", ENGINE_EXEC_NEW},
        {"F", ENGINE_EXEC_TRADE},
        {"8", ENGINE_EXEC_REJECTED},
        {"C", ENGINE_EXEC_EXPIRED},
        {"4", ENGINE_EXEC_CANCELED},
        {"3", ENGINE_EXEC_DONE_FOR_DAY},
        {"5", ENGINE_EXEC_REPLACED},
        {"6", ENGINE_EXEC_PENDING_CANCEL},
        {"7", ENGINE_EXEC_STOPPED},
        {"A", ENGINE_EXEC_PENDING_NEW},
        {"D", ENGINE_EXEC_RESTATED},
        {"E", ENGINE_EXEC_PENDING_REPLACE},
        {"G", ENGINE_EXEC_CORRECT},
        {"H", ENGINE_EXEC_BUST},
        {"I", ENGINE_EXEC_ORDER_STATUS},
        {"L", ENGINE_EXEC_TRIGGERED},
        {"9", -READER_NO_EFFECT},
        {"B", -READER_NO_EFFECT},
        {NULL, 0},
};

/* The engine derives the status. A status for which it has no number is left out. */
static const struct reader_report_code reader_fix_ord_statuses[] = {
        {"0", ENGINE_ORDER_NEW},
        {"1", ENGINE_ORDER_PARTIALLY_FILLED},
        {"2", ENGINE_ORDER_FILLED},
        {"3", ENGINE_ORDER_DONE_FOR_DAY},
        {"4", ENGINE_ORDER_CANCELED},
        {"6", ENGINE_ORDER_PENDING_CANCEL},
        {"7", ENGINE_ORDER_STOPPED},
        {"8", ENGINE_ORDER_REJECTED},
        {"A", ENGINE_ORDER_PENDING_NEW},
        {"C", ENGINE_ORDER_EXPIRED},
        {"E", ENGINE_ORDER_PENDING_REPLACE},
        {"5", ENGINE_ORDER_NONE},
        {"9", ENGINE_ORDER_NONE},
        {"B", ENGINE_ORDER_NONE},
        {"D", ENGINE_ORDER_NONE},
        {NULL, 0},
};

static const struct reader_report_codes reader_fix_codes = {reader_fix_sides, reader_fix_exec_types,
                                                            reader_fix_ord_statuses};

static bool reader_fix_set(const struct reader_fix_message *message, const struct reader_fix_field *field,
                           struct reader_report *report) {
	const char *text = message->bytes + field->position;

	if (field->tag == 60) {
		return reader_fix_parse_time(text, field->size, &report->transact_time_ns) ||
		       reader_fix_refuse(message, READER_BAD_TIME, "60", field->position);
	}
	/* 3: absolute, not per unit or in percent */
	if (field->tag == 13 && !reader_fix_is(message, field, 13, "3")) {
		return reader_fix_refuse(message, READER_NOT_EXPRESSIBLE, "13", field->position);
	}
	for (size_t i = 0; i < sizeof reader_fix_tags / sizeof reader_fix_tags[0]; i++) {
		if (reader_fix_tags[i].tag == field->tag) {
			const struct reader_report_text from = {reader_fix_tags[i].field, reader_fix_tags[i].name,
			                                        field->position, text, field->size};
			return reader_report_set(report, &from, message->verdict);
		}
	}
	return true;
}

/* The third field must be the type. A message that is no ExecutionReport is not read further. */
static bool reader_fix_check_type(struct reader_fix_message *message) {
	struct reader_fix_field field;

	if (!reader_fix_next(message, &field)) {
		return false;
	}
	if (field.tag != 35) {
		return reader_fix_refuse(message, READER_NOT_FIX, "35", field.position);
	}
	/* OrderCancelReject has neither symbol nor side; the order stays as it was. */
	if (reader_fix_is(message, &field, 35, "9")) {
		return reader_fix_refuse(message, READER_NO_EFFECT, "35", field.position);
	}
	return reader_fix_is(message, &field, 35, "8") ||
	       reader_fix_refuse(message, READER_OTHER_MESSAGE, "35", field.position);
}

static void reader_fix_read_message(struct reader_fix_message *message, const struct reader_catalogue *catalogue,
                                    struct engine_update *update) {
	struct reader_report report = {0};
	struct reader_fix_field field;

	memset(update, 0, sizeof *update);
	if (!reader_fix_open(message) || !reader_fix_check_type(message)) {
		return;
	}
	while (message->at < message->size) {
		if (!reader_fix_next(message, &field) || !reader_fix_set(message, &field, &report)) {
			return;
		}
	}
	reader_report_finish(&report, &reader_fix_codes, catalogue, update, message->verdict);
}

void reader_fix_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                     struct engine_update *update, struct reader_verdict *verdict) {
	struct reader_fix_message message = {
	        .bytes = bytes, .size = size, .separator = READER_FIX_SOH, .verdict = verdict};

	reader_fix_read_message(&message, catalogue, update);
}

void reader_fix_read_pipe(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                          struct engine_update *update, struct reader_verdict *verdict) {
	struct reader_fix_message message = {.bytes = bytes, .size = size, .separator = '|', .verdict = verdict};

	reader_fix_read_message(&message, catalogue, update);
}

/* ---- frames ---------------------------------------------------------------------------------- */

enum reader_fix_frame {
	FIX_FRAME_NONE = 0,
	FIX_FRAME_FOUND,
	FIX_FRAME_MORE, /* the length says that the message has more bytes */
	FIX_FRAME_WRONG,
};

/* Finds the end by the length in the message. Only that allows separators and line ends in data. */
static enum reader_fix_frame reader_fix_frame_by_length(const char *bytes, size_t size, char separator, size_t *end) {
	const char *first = memchr(bytes, separator, size);
	size_t at = first != NULL ? (size_t)(first - bytes) + 1 : size;
	const char *second = memchr(bytes + at, separator, size - at);
	int64_t length;

	if (size - at < 2 || second == NULL || bytes[0] != '8' || memchr(bytes, '\n', at) != NULL ||
	    memcmp(bytes + at, "9=", 2) != 0) {
		return FIX_FRAME_WRONG;
	}
	size_t from = at + 2;
	size_t body = (size_t)(second - bytes) + 1;
	if (!reader_report_integer(bytes + from, body - 1 - from, 1, &length) || length < 0 ||
	    length > READER_MESSAGE_MAX) {
		return FIX_FRAME_WRONG;
	}
	*end = body + (size_t)length + READER_FIX_TRAILER_SIZE;
	if (*end > size) {
		return FIX_FRAME_MORE;
	}
	return reader_fix_is_trailer(bytes, size, *end - READER_FIX_TRAILER_SIZE, separator) ? FIX_FRAME_FOUND
	                                                                                     : FIX_FRAME_WRONG;
}

/* Finds the end of a message whose length is missing or wrong: behind the first thing that looks
 * like a trailer, or at the end of its line. 0: neither is there. */
static size_t reader_fix_frame_by_looks(const char *bytes, size_t size, char separator) {
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			return i + 1;
		}
		if (bytes[i] == separator && reader_fix_is_trailer(bytes, size, i + 1, separator)) {
			return i + 1 + READER_FIX_TRAILER_SIZE;
		}
	}
	return 0;
}

static size_t reader_fix_frame(const char *bytes, size_t size, bool is_end, char separator, size_t bounds[2]) {
	size_t start = 0;
	size_t end = 0;

	while (start < size && (bytes[start] == '\n' || bytes[start] == '\r')) {
		start++;
	}
	bounds[0] = bounds[1] = start;
	if (start == size) {
		return size;
	}
	enum reader_fix_frame frame = reader_fix_frame_by_length(bytes + start, size - start, separator, &end);
	if (frame == FIX_FRAME_MORE && !is_end) {
		return 0;
	}
	if (frame != FIX_FRAME_FOUND) {
		end = reader_fix_frame_by_looks(bytes + start, size - start, separator);
	}
	if (end == 0 && !is_end) {
		return 0;
	}
	size_t used = end == 0 ? size : start + end;
	bounds[1] = used;
	while (bounds[1] > start && (bytes[bounds[1] - 1] == '\n' || bytes[bounds[1] - 1] == '\r')) {
		bounds[1]--;
	}
	return used;
}

size_t reader_frame_fix(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to) {
	size_t bounds[2];
	size_t used = reader_fix_frame(bytes, size, is_end, READER_FIX_SOH, bounds);

	*from = bounds[0];
	*to = bounds[1];
	return used;
}

size_t reader_frame_fix_pipe(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to) {
	size_t bounds[2];
	size_t used = reader_fix_frame(bytes, size, is_end, '|', bounds);

	*from = bounds[0];
	*to = bounds[1];
	return used;
}
