/* engine/reader/json.h: one JSON object taken apart into slices of the message (RFC 8259, strict).
 *
 * Not a JSON library, because those turn numbers into doubles: 0.1 would be gone before anybody could refuse it. Values stay
 * the bytes that were sent, with their position. Nothing is allocated.
 */
#ifndef AFTERSHOCK_ENGINE_READER_JSON_H
#define AFTERSHOCK_ENGINE_READER_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

#define READER_JSON_MEMBERS_MAX 96
#define READER_JSON_DEPTH_MAX 16

enum reader_json_kind {
	READER_JSON_NONE = 0,
	READER_JSON_STRING,
	READER_JSON_NUMBER,
	READER_JSON_TRUE,
	READER_JSON_FALSE,
	READER_JSON_NULL,
	READER_JSON_OBJECT,
	READER_JSON_ARRAY,
};

/* A slice: [from, to) of the message; strings without their quotes. */
struct reader_json_slice {
	enum reader_json_kind kind;
	size_t from;
	size_t to;
};

struct reader_json_member {
	struct reader_json_slice key;
	struct reader_json_slice value;
};

struct reader_json_object {
	const char *bytes; /* the message */
	size_t count;
	struct reader_json_member members[READER_JSON_MEMBERS_MAX];
};

struct reader_json_error {
	enum reader_reason reason; /* NOT_JSON or TOO_DEEP */
	size_t position;
};

/* What a source calls a field. Lists end with key NULL. */
struct reader_json_field {
	const char *key;
	enum reader_report_field field;
};

/* Takes apart the object that fills [from, to), white space around it allowed. Everything inside is checked, nested values
 * too; keys may repeat. */
bool reader_json_parse(const char *bytes, size_t from, size_t to, struct reader_json_object *object,
                       struct reader_json_error *error);

/* The value of the first member with this key (plain ASCII, compared as written); NULL when there is none. */
const struct reader_json_slice *reader_json_find(const struct reader_json_object *object, const char *key);

/* Whether a string or key is exactly this ASCII text, written without escapes. */
bool reader_json_is(const struct reader_json_object *object, const struct reader_json_slice *slice, const char *text);

/* The content of a string with its escapes resolved, or the text of a number. *size: bytes written to `text`; false when they
 * do not fit into `capacity`, or with half a surrogate pair. */
bool reader_json_text(const struct reader_json_object *object, const struct reader_json_slice *slice, char *text,
                      size_t capacity, size_t *size);

/* The field that a key stands for; NULL when it is not in the list. */
const struct reader_json_field *reader_json_find_field(const struct reader_json_object *object,
                                                       const struct reader_json_slice *key,
                                                       const struct reader_json_field *fields);

/* Puts a string or a number, as it was written, into a field of the report. null is as good as absent; a string that is empty
 * is there. */
bool reader_json_set(const struct reader_json_object *object, const struct reader_json_slice *slice,
                     struct reader_report *report, const struct reader_json_field *field,
                     struct reader_verdict *verdict);

#endif
