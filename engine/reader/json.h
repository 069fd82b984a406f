/* engine/reader/json.h: takes one JSON object apart into slices of the message (RFC 8259, strict).
 *
 * A JSON library would turn numbers into doubles, and 0.1 would be gone before anybody could refuse
 * it. Here values stay the bytes that were sent, with their position. Nothing is allocated.
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

/* The bytes [from, to) of the message. A string is without its quotes. */
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

/* What a source calls a field. Lists end with the key NULL. */
struct reader_json_field {
	const char *key;
	enum reader_report_field field;
};

/* Takes the object apart that fills [from, to); white space around it is allowed. Checks everything
 * inside, also nested values. Keys may repeat. On failure fills `error`. */
bool reader_json_parse(const char *bytes, size_t from, size_t to, struct reader_json_object *object,
                       struct reader_json_error *error);

/* The value of the first member with a key in plain ASCII, compared as written. NULL when there is
 * none. */
const struct reader_json_slice *reader_json_find(const struct reader_json_object *object, const char *key);

/* Whether a string or key is exactly an ASCII text, written without escapes. */
bool reader_json_is(const struct reader_json_object *object, const struct reader_json_slice *slice, const char *text);

/* Copies the content of a string with its escapes resolved, or the text of a number. *size is the
 * number of bytes. False when they do not fit into `capacity`, or for half a surrogate pair. */
bool reader_json_text(const struct reader_json_object *object, const struct reader_json_slice *slice, char *text,
                      size_t capacity, size_t *size);

/* The field that a key stands for. NULL when it is not in the list. */
const struct reader_json_field *reader_json_find_field(const struct reader_json_object *object,
                                                       const struct reader_json_slice *key,
                                                       const struct reader_json_field *fields);

/* Puts a string or a number, as it was written, into a field of the report. null means absent; an
 * empty string is there. False when the report refuses it, with the verdict. */
bool reader_json_set(const struct reader_json_object *object, const struct reader_json_slice *slice,
                     struct reader_report *report, const struct reader_json_field *field,
                     struct reader_verdict *verdict);

#endif
