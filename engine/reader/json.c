#include "json.h"

#include <assert.h>
#include <string.h>

/* The grammar as functions. Each moves `at` past what it found. After the first failure all do
 * nothing. */
struct reader_json_scanner {
	const char *bytes;
	size_t at;
	size_t to;
	unsigned depth;
	struct reader_json_error *error;
};

static bool reader_json_fail(struct reader_json_scanner *scanner, enum reader_reason reason) {
	scanner->error->reason = reason;
	scanner->error->position = scanner->at;
	return false;
}

/* The byte at the scanner. At the end it is 0, which no grammar rule takes. */
static char reader_json_peek(const struct reader_json_scanner *scanner) {
	return scanner->at < scanner->to ? scanner->bytes[scanner->at] : '\0';
}

static void reader_json_skip_space(struct reader_json_scanner *scanner) {
	char c = reader_json_peek(scanner);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
		scanner->at++;
		c = reader_json_peek(scanner);
	}
}

static bool reader_json_take(struct reader_json_scanner *scanner, char c) {
	if (reader_json_peek(scanner) != c || scanner->at >= scanner->to) {
		return reader_json_fail(scanner, READER_NOT_JSON);
	}
	scanner->at++;
	return true;
}

/* ---- scalars --------------------------------------------------------------------------------- */

/* The value of a hexadecimal digit, or -1. */
static int reader_json_hex(char c) {
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool reader_json_skip_escape(struct reader_json_scanner *scanner) {
	scanner->at++; /* the backslash */
	char c = reader_json_peek(scanner);
	if (c == '\0' || strchr("\"\\/bfnrtu", c) == NULL) {
		return reader_json_fail(scanner, READER_NOT_JSON);
	}
	scanner->at++;
	for (int i = 0; c == 'u' && i < 4; i++, scanner->at++) {
		if (reader_json_hex(reader_json_peek(scanner)) < 0) {
			return reader_json_fail(scanner, READER_NOT_JSON);
		}
	}
	return true;
}

/* UTF-8 is checked at the end in one go. 0x7f is legal JSON, and is refused where it matters. */
static bool reader_json_skip_string(struct reader_json_scanner *scanner, struct reader_json_slice *slice) {
	if (!reader_json_take(scanner, '"')) {
		return false;
	}
	slice->kind = READER_JSON_STRING;
	slice->from = scanner->at;
	while (scanner->at < scanner->to && scanner->bytes[scanner->at] != '"') {
		unsigned char c = (unsigned char)scanner->bytes[scanner->at];
		if (c < 0x20) {
			return reader_json_fail(scanner, READER_NOT_JSON);
		}
		if (c != '\\') {
			scanner->at++;
		} else if (!reader_json_skip_escape(scanner)) {
			return false;
		}
	}
	slice->to = scanner->at;
	return reader_json_take(scanner, '"');
}

static bool reader_json_skip_digits(struct reader_json_scanner *scanner) {
	size_t from = scanner->at;

	while (reader_json_peek(scanner) >= '0' && reader_json_peek(scanner) <= '9') {
		scanner->at++;
	}
	return scanner->at > from || reader_json_fail(scanner, READER_NOT_JSON);
}

static bool reader_json_skip_number(struct reader_json_scanner *scanner) {
	if (reader_json_peek(scanner) == '-') {
		scanner->at++;
	}
	bool is_zero = reader_json_peek(scanner) == '0';
	size_t from = scanner->at;
	if (!reader_json_skip_digits(scanner)) {
		return false;
	}
	if (is_zero && scanner->at > from + 1) {
		scanner->at = from + 1;
		return reader_json_fail(scanner, READER_NOT_JSON);
	}
	if (reader_json_peek(scanner) == '.') {
		scanner->at++;
		if (!reader_json_skip_digits(scanner)) {
			return false;
		}
	}
	if (reader_json_peek(scanner) != 'e' && reader_json_peek(scanner) != 'E') {
		return true;
	}
	scanner->at++;
	if (reader_json_peek(scanner) == '+' || reader_json_peek(scanner) == '-') {
		scanner->at++;
	}
	return reader_json_skip_digits(scanner);
}

static bool reader_json_skip_word(struct reader_json_scanner *scanner, const char *word) {
	size_t length = strlen(word);

	if (scanner->to - scanner->at < length || memcmp(scanner->bytes + scanner->at, word, length) != 0) {
		return reader_json_fail(scanner, READER_NOT_JSON);
	}
	scanner->at += length;
	return true;
}

/* ---- structures ------------------------------------------------------------------------------ */

static bool reader_json_skip_value(struct reader_json_scanner *scanner, struct reader_json_slice *slice);

/* Checks objects inside the object, and arrays. They are not kept. */
static bool reader_json_skip_nested(struct reader_json_scanner *scanner, char open, char close) {
	struct reader_json_slice ignored;

	if (++scanner->depth > READER_JSON_DEPTH_MAX) {
		return reader_json_fail(scanner, READER_TOO_DEEP);
	}
	if (!reader_json_take(scanner, open)) {
		return false;
	}
	reader_json_skip_space(scanner);
	for (bool is_first = true; reader_json_peek(scanner) != close; is_first = false) {
		if (!is_first && !reader_json_take(scanner, ',')) {
			return false;
		}
		reader_json_skip_space(scanner);
		if (open == '{' && !reader_json_skip_string(scanner, &ignored)) {
			return false;
		}
		reader_json_skip_space(scanner);
		if ((open == '{' && !reader_json_take(scanner, ':')) || !reader_json_skip_value(scanner, &ignored)) {
			return false;
		}
		reader_json_skip_space(scanner);
	}
	scanner->depth--;
	return reader_json_take(scanner, close);
}

static bool reader_json_skip_scalar(struct reader_json_scanner *scanner, struct reader_json_slice *slice) {
	switch (reader_json_peek(scanner)) {
	case 't':
		slice->kind = READER_JSON_TRUE;
		return reader_json_skip_word(scanner, "true");
	case 'f':
		slice->kind = READER_JSON_FALSE;
		return reader_json_skip_word(scanner, "false");
	case 'n':
		slice->kind = READER_JSON_NULL;
		return reader_json_skip_word(scanner, "null");
	default:
		slice->kind = READER_JSON_NUMBER;
		return reader_json_skip_number(scanner);
	}
}

/* Recursive, to a fixed depth. */
static bool reader_json_skip_value(struct reader_json_scanner *scanner, struct reader_json_slice *slice) {
	reader_json_skip_space(scanner);
	if (reader_json_peek(scanner) == '"') {
		return reader_json_skip_string(scanner, slice);
	}
	bool is_good;
	slice->from = scanner->at;
	if (reader_json_peek(scanner) == '{') {
		slice->kind = READER_JSON_OBJECT;
		is_good = reader_json_skip_nested(scanner, '{', '}');
	} else if (reader_json_peek(scanner) == '[') {
		slice->kind = READER_JSON_ARRAY;
		is_good = reader_json_skip_nested(scanner, '[', ']');
	} else {
		is_good = reader_json_skip_scalar(scanner, slice);
	}
	slice->to = scanner->at;
	return is_good;
}

/* Reads key, colon and value of one member, and keeps them. */
static bool reader_json_take_member(struct reader_json_scanner *scanner, struct reader_json_object *object) {
	struct reader_json_member *member = &object->members[object->count];

	if (object->count == READER_JSON_MEMBERS_MAX) {
		return reader_json_fail(scanner, READER_TOO_DEEP);
	}
	reader_json_skip_space(scanner);
	if (!reader_json_skip_string(scanner, &member->key)) {
		return false;
	}
	reader_json_skip_space(scanner);
	if (!reader_json_take(scanner, ':') || !reader_json_skip_value(scanner, &member->value)) {
		return false;
	}
	reader_json_skip_space(scanner);
	object->count++;
	return true;
}

/* Where bytes begin that are no UTF-8; `size` when there are none. Escapes and white space are
 * ASCII and pass. */
static size_t reader_json_find_bad_text(const char *bytes, size_t from, size_t to) {
	for (size_t at = from; at < to;) {
		size_t length = 1;
		while ((unsigned char)bytes[at] >= 0x80 && length <= 4 && at + length <= to &&
		       !reader_report_is_text(bytes + at, length)) {
			length++;
		}
		if (length > 4 || at + length > to) {
			return at;
		}
		at += length;
	}
	return to;
}

bool reader_json_parse(const char *bytes, size_t from, size_t to, struct reader_json_object *object,
                       struct reader_json_error *error) {
	struct reader_json_scanner scanner = {.bytes = bytes, .at = from, .to = to, .depth = 1, .error = error};

	object->bytes = bytes;
	object->count = 0;
	reader_json_skip_space(&scanner);
	if (!reader_json_take(&scanner, '{')) {
		return false;
	}
	reader_json_skip_space(&scanner);
	while (reader_json_peek(&scanner) != '}') {
		if ((object->count > 0 && !reader_json_take(&scanner, ',')) ||
		    !reader_json_take_member(&scanner, object)) {
			return false;
		}
	}
	scanner.at++;
	reader_json_skip_space(&scanner);
	if (scanner.at != to) {
		return reader_json_fail(&scanner, READER_NOT_JSON);
	}
	scanner.at = reader_json_find_bad_text(bytes, from, to);
	return scanner.at == to || reader_json_fail(&scanner, READER_NOT_JSON);
}

/* ---- values ---------------------------------------------------------------------------------- */

bool reader_json_is(const struct reader_json_object *object, const struct reader_json_slice *slice, const char *text) {
	size_t length = strlen(text);

	return slice->kind == READER_JSON_STRING && slice->to - slice->from == length &&
	       memcmp(object->bytes + slice->from, text, length) == 0;
}

const struct reader_json_slice *reader_json_find(const struct reader_json_object *object, const char *key) {
	for (size_t i = 0; i < object->count; i++) {
		if (reader_json_is(object, &object->members[i].key, key)) {
			return &object->members[i].value;
		}
	}
	return NULL;
}

static unsigned reader_json_unicode(const char *digits) {
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		value = value * 16 + (unsigned)reader_json_hex(digits[i]);
	}
	return value;
}

/* Encodes a code point as UTF-8, at most 4 bytes. */
static size_t reader_json_encode(unsigned code, char bytes[4]) {
	if (code < 0x80) {
		bytes[0] = (char)code;
		return 1;
	}
	size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--, code >>= 6) {
		bytes[i] = (char)(0x80 | (code & 0x3f));
	}
	bytes[0] = (char)((0xf00u >> length) | code);
	return length;
}

/* Resolves the escape at `escape`, which is behind its backslash. *used is the number of bytes of
 * the message; 0 for half a pair. */
static size_t reader_json_decode_escape(const char *escape, size_t size, char bytes[4], size_t *used) {
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	*used = 1;
	for (size_t i = 0; i + 1 < sizeof plain; i += 2) {
		if (plain[i] == escape[0]) {
			bytes[0] = plain[i + 1];
			return 1;
		}
	}
	unsigned code = reader_json_unicode(escape + 1);
	*used = 5;
	if (code < 0xd800 || code > 0xdfff) {
		return reader_json_encode(code, bytes);
	}
	bool has_second = code < 0xdc00 && size >= 11 && escape[5] == '\\' && escape[6] == 'u';
	unsigned second = has_second ? reader_json_unicode(escape + 7) : 0;
	if (second < 0xdc00 || second > 0xdfff) {
		*used = 0;
		return 0;
	}
	*used = 11;
	return reader_json_encode(0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00), bytes);
}

/* One character of a text at a byte: what it stands for, how many bytes that has, how many it
 * takes. False: no escape. */
static bool reader_json_decode_character(const struct reader_json_object *object, const struct reader_json_slice *slice,
                                         size_t at, char decoded[4], size_t lengths[2]) {
	decoded[0] = object->bytes[at];
	lengths[0] = 1;
	lengths[1] = 1;
	if (object->bytes[at] != '\\' || slice->kind != READER_JSON_STRING) {
		return true;
	}
	lengths[0] = reader_json_decode_escape(object->bytes + at + 1, slice->to - at - 1, decoded, &lengths[1]);
	return lengths[1]++ != 0;
}

bool reader_json_text(const struct reader_json_object *object, const struct reader_json_slice *slice, char *text,
                      size_t capacity, size_t *size) {
	size_t at = slice->from;

	assert(slice->kind == READER_JSON_STRING || slice->kind == READER_JSON_NUMBER);
	*size = 0;
	while (at < slice->to) {
		char decoded[4];
		size_t lengths[2];
		if (!reader_json_decode_character(object, slice, at, decoded, lengths) ||
		    *size + lengths[0] > capacity) {
			return false;
		}
		memcpy(text + *size, decoded, lengths[0]);
		*size += lengths[0];
		at += lengths[1];
	}
	return true;
}

const struct reader_json_field *reader_json_find_field(const struct reader_json_object *object,
                                                       const struct reader_json_slice *key,
                                                       const struct reader_json_field *fields) {
	while (fields->key != NULL && !reader_json_is(object, key, fields->key)) {
		fields++;
	}
	return fields->key != NULL ? fields : NULL;
}

bool reader_json_set(const struct reader_json_object *object, const struct reader_json_slice *slice,
                     struct reader_report *report, const struct reader_json_field *field,
                     struct reader_verdict *verdict) {
	char text[READER_REPORT_TEXT_SIZE];
	const struct reader_report_text nothing = {field->field, field->key, slice->from, NULL, 0};
	size_t size;

	if (slice->kind == READER_JSON_NULL) {
		return true;
	}
	if (slice->kind != READER_JSON_STRING && slice->kind != READER_JSON_NUMBER) {
		return reader_report_reject(&nothing, READER_WRONG_TYPE, verdict);
	}
	if (!reader_json_text(object, slice, text, sizeof text, &size)) {
		/* It does not fit, or is half a surrogate pair. */
		enum reader_reason reason = slice->to - slice->from >= sizeof text ? READER_TOO_LONG : READER_BAD_TEXT;
		return reader_report_reject(&nothing, reason, verdict);
	}
	const struct reader_report_text from = {field->field, field->key, slice->from, text, size};
	return reader_report_set(report, &from, verdict);
}
