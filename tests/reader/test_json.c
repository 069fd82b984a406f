/* The JSON scanner takes what a JSON library takes and nothing else, and keeps numbers as they were
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "json.h"

static bool takes(const char *text, struct reader_json_object *object) {
	struct reader_json_error error;

	return reader_json_parse(text, 0, strlen(text), object, &error);
}

static bool library_takes(const char *text) {
	json_t *value = json_loads(text, JSON_ALLOW_NUL, NULL);
	bool is_object = json_is_object(value);

	json_decref(value);
	return is_object;
}

static const char *const documents[] = {
        "{}",
        " \t\r\n{ } ",
        "{\"a\":1}",
        "{\"a\":-0.5e+10,\"b\":[1,2,[3,{}]],\"c\":{\"d\":null},\"e\":true,\"f\":false}",
        "{\"\":\"\"}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"}",
        "{\"\xc3\xa4\":\"\xf0\x9f\x98\x80\"}",
        "{\"a\":0}",
        "{\"a\":10}",
        "{\"a\":\"\x7f\"}",
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "{",
        "}",
        "{}}",
        "{} {}",
        "{a:1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.1}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":NaN}",
        "{\"a\":nul}",
        "{\"a\":tru}",
        "{\"a\":'b'}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"b}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[}",
        "{\"a\":{\"b\"}}",
        "{\"a\":\"\xc3\"}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xf5\x80\x80\x80\"}",
        "{\"a\":\"\x80\"}",
        "{\"a\":1}x",
};

static void expect_same(const char *document, bool taken, bool expected) {
	if (taken != expected) {
		fail_msg("'%s': the library says %d", document, expected);
	}
}

static void every_document_is_taken_or_refused_as_by_a_library(void **context) {
	struct reader_json_object object;
	unsigned taken = 0;
	(void)context;

	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
		bool expected = library_takes(documents[i]);
		expect_same(documents[i], takes(documents[i], &object), expected);
		taken += expected;
	}
	assert_int_equal(taken, 10);
}

/* One byte changed at a time: thousands of documents that are nearly right. */
static void every_damaged_document_is_taken_or_refused_as_by_a_library(void **context) {
	static const char good[] = "{\"a\":-0.5e+1,\"b\":[1,{\"\\u00e4\":null}],\"c\":\"\xc3\xa4\\n\",\"d\":true}";
	static const char bytes[] = "{}[]\",:\\0159eE.+-tfnu /\x01\x80\xc3\xff";
	struct reader_json_object object;
	unsigned taken = 0;
	(void)context;

	for (size_t i = 0; i < sizeof good - 1; i++) {
		for (size_t j = 0; j < sizeof bytes - 1; j++) {
			char text[sizeof good];
			memcpy(text, good, sizeof good);
			text[i] = bytes[j];
			bool expected = library_takes(text);
			assert_true(takes(text, &object) == expected);
			taken += expected;
		}
	}
	assert_in_range(taken, 100, 1000);
}

static void depth_and_members_have_a_limit(void **context) {
	char text[4000] = "{\"a\":";
	struct reader_json_object object;
	struct reader_json_error error;
	size_t size = 5;
	(void)context;

	memset(text + size, '[', READER_JSON_DEPTH_MAX - 1);
	memset(text + size + READER_JSON_DEPTH_MAX - 1, ']', READER_JSON_DEPTH_MAX - 1);
	text[size + 2 * (size_t)(READER_JSON_DEPTH_MAX - 1)] = '}';
	assert_true(takes(text, &object));
	memset(text + size, '[', 1000);
	assert_false(reader_json_parse(text, 0, strlen(text), &object, &error));
	assert_int_equal(error.reason, READER_TOO_DEEP);

	size = (size_t)snprintf(text, sizeof text, "{\"m\":0");
	for (int i = 1; i < READER_JSON_MEMBERS_MAX; i++) {
		size += (size_t)snprintf(text + size, sizeof text - size, ",\"m%d\":%d", i, i);
	}
	(void)snprintf(text + size, sizeof text - size, "}");
	assert_true(takes(text, &object));
	assert_int_equal(object.count, READER_JSON_MEMBERS_MAX);
	(void)snprintf(text + size, sizeof text - size, ",\"z\":1}");
	assert_false(reader_json_parse(text, 0, strlen(text), &object, &error));
	assert_int_equal(error.reason, READER_TOO_DEEP);
}

static void text_has_its_escapes_resolved_and_numbers_stay_as_written(void **context) {
	static const char message[] =
	        "{\"t\":\"a\\\"\\\\\\/\\n\\u0041\\u00e4\\u20ac\\ud83d\\ude00\",\"n\":8.879999999999999,"
	        "\"h\":\"\\ud83d\",\"l\":\"\\ude00\",\"p\":\"\\ud83d\\u0041\"}";
	static const char expected[] = "a\"\\/\nA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	struct reader_json_object object;
	char text[80];
	size_t size;
	(void)context;

	assert_true(takes(message, &object));
	assert_true(reader_json_text(&object, reader_json_find(&object, "t"), text, sizeof text, &size));
	assert_int_equal(size, sizeof expected - 1);
	assert_memory_equal(text, expected, size);
	assert_false(reader_json_text(&object, reader_json_find(&object, "t"), text, sizeof expected - 2, &size));
	assert_true(reader_json_text(&object, reader_json_find(&object, "n"), text, sizeof text, &size));
	assert_int_equal(size, 17);
	assert_memory_equal(text, "8.879999999999999", size);
	assert_false(reader_json_text(&object, reader_json_find(&object, "h"), text, sizeof text, &size));
	assert_false(reader_json_text(&object, reader_json_find(&object, "l"), text, sizeof text, &size));
	assert_false(reader_json_text(&object, reader_json_find(&object, "p"), text, sizeof text, &size));
	assert_null(reader_json_find(&object, "x"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_document_is_taken_or_refused_as_by_a_library),
	        cmocka_unit_test(every_damaged_document_is_taken_or_refused_as_by_a_library),
	        cmocka_unit_test(depth_and_members_have_a_limit),
	        cmocka_unit_test(text_has_its_escapes_resolved_and_numbers_stay_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
