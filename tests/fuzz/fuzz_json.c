/* The JSON scanner takes what a JSON library takes, and nothing else. Known differences: numbers
 * beyond a double and half surrogate pairs, which the library refuses early and the scanner where
 * they are used; depth and members, which the scanner limits; and a NUL byte behind a number, which
 * jansson 2.14 overlooks and RFC 8259 allows nowhere. */
#include <string.h>

#include <jansson.h>

#include "fuzz.h"
#include "json.h"

static bool is_number_overflow(const json_error_t *error) {
	return json_error_code(error) == json_error_numeric_overflow;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct reader_json_object object;
	struct reader_json_error error = {READER_REASON_NONE, 0};
	json_error_t library_error;
	const char *bytes = (const char *)data;
	char text[80];

	if (size == 0) {
		return 0;
	}
	bool is_taken = reader_json_parse(bytes, 0, size, &object, &error);
	json_t *value = json_loadb(bytes, size, JSON_ALLOW_NUL, &library_error);
	bool is_surrogate = value == NULL && strstr(library_error.text, "surrogate") != NULL;
	is_surrogate = is_surrogate || (value == NULL && strstr(library_error.text, "Unicode") != NULL);
	if (memchr(bytes, '\0', size) != NULL) {
		FUZZ_DEMAND(!is_taken);
	} else if (error.reason != READER_TOO_DEEP && !is_surrogate &&
	           (value != NULL || !is_number_overflow(&library_error))) {
		FUZZ_DEMAND(is_taken == json_is_object(value));
	}
	FUZZ_DEMAND(is_taken || error.position <= size);
	for (size_t i = 0; is_taken && i < object.count; i++) {
		const struct reader_json_slice *slice = &object.members[i].value;
		size_t text_size;
		FUZZ_DEMAND(slice->from <= slice->to && slice->to <= size);
		if (slice->kind == READER_JSON_STRING || slice->kind == READER_JSON_NUMBER) {
			(void)reader_json_text(&object, slice, text, sizeof text, &text_size);
			FUZZ_DEMAND(text_size <= sizeof text);
		}
	}
	json_decref(value);
	return 0;
}
