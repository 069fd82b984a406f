/* A stream falls into its messages however it arrives, and one bad message costs no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

/* Cuts a stream as it arrives in pieces of `piece` bytes, and joins the messages with " / ". */
static void cut(const char *format, const char *stream, size_t piece, char *joined, size_t capacity) {
	reader_frame_function frame = reader_format_find(format)->frame;
	size_t size = strlen(stream);
	size_t seen = 0;
	size_t at = 0;

	joined[0] = '\0';
	while (at < size) {
		size_t from;
		size_t to;
		size_t used = frame(stream + at, seen - at, seen == size, &from, &to);
		if (used == 0) {
			assert_true(seen < size);
			seen = seen + piece < size ? seen + piece : size;
			continue;
		}
		assert_true(from <= to && to <= used && used <= seen - at);
		size_t length = strlen(joined);
		if (to > from) {
			(void)snprintf(joined + length, capacity - length, "%s%.*s", length > 0 ? " / " : "",
			               (int)(to - from), stream + at + from);
		}
		at += used;
	}
}

static void expect_cut(const char *format, const char *stream, const char *expected) {
	char joined[2000];

	for (size_t piece = 1; piece <= strlen(stream) + 1; piece++) {
		cut(format, stream, piece, joined, sizeof joined);
		assert_string_equal(joined, expected);
	}
}

static void lines_end_with_their_line(void **context) {
	(void)context;
	expect_cut("ndjson", "", "");
	expect_cut("ndjson", "{1}\n{2}\r\n\n  {3} \n{4}", "{1} / {2} / {3} / {4}");
	expect_cut("ndjson", "\n\n", "");
}

static void objects_may_stand_on_several_lines(void **context) {
	(void)context;
	expect_cut("binance", "{\"a\":{}}\n", "{\"a\":{}}");
	expect_cut("binance", "{\n \"a\": {\n }\n}\n{}{} {}", "{\n \"a\": {\n }\n} / {} / {} / {}");
	expect_cut("binance", "{\"a\":\"}\\\"}\\\\\"}{}", "{\"a\":\"}\\\"}\\\\\"} / {}");
}

static void an_object_that_is_cut_does_not_swallow_the_next(void **context) {
	(void)context;
	expect_cut("binance", "{\"a\":{\n{\"b\":1}\n", "{\"a\":{ / {\"b\":1}");
	expect_cut("binance", "{\"a\":\"x\n{\"b\":1}\n", "{\"a\":\"x / {\"b\":1}");
	expect_cut("binance", "rubbish }{\n{\"b\":1}", "rubbish }{ / {\"b\":1}");
	expect_cut("binance", "[{\"c\":1}]\n{\"b\":1}", "[{\"c\":1}] / {\"b\":1}");
}

static void fix_messages_need_no_line_ends(void **context) {
	char first[300];
	char second[300];
	char stream[1000];
	char expected[1000];
	(void)context;

	(void)snprintf(first, sizeof first, "%s", reading_fix("35=8|37=1|"));
	(void)snprintf(second, sizeof second, "%s", reading_fix("35=8|95=9|96=a|10=000||"));
	(void)snprintf(stream, sizeof stream, "%s%s\n%s\r\n\n", first, second, first);
	(void)snprintf(expected, sizeof expected, "%s / %s / %s", first, second, first);
	expect_cut("fix-pipe", stream, expected);
}

static void a_fix_message_with_a_wrong_length_does_not_swallow_the_next(void **context) {
	static const char good[] = "8=FIX.4.4|9=5|35=0|10=163|";
	static const char *const bad[] = {
	        "8=FIX.4.4|9=4|35=0|10=162|", "8=FIX.4.4|9=50|35=0|10=163|",    "8=FIX.4.4|9=x|35=0|10=163|",
	        "8=FIX.4.4|35=0|10=163|",     "8=FIX.4.4|9=9999999999|10=000|", "rubbish\n",
	        "8=FIX.4.4|9=5|35=0\n"};
	char stream[200];
	char expected[200];
	(void)context;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		(void)snprintf(stream, sizeof stream, "%s%s%s", bad[i], good, good);
		(void)snprintf(expected, sizeof expected, "%.*s / %s / %s", (int)strcspn(bad[i], "\n"), bad[i], good,
		               good);
		expect_cut("fix-pipe", stream, expected);
	}
}

static void every_format_has_a_name_and_no_other_has(void **context) {
	size_t count = 0;
	(void)context;

	for (; reader_format_at(count) != NULL; count++) {
		assert_ptr_equal(reader_format_find(reader_format_at(count)->name), reader_format_at(count));
	}
	assert_int_equal(count, 4);
	assert_null(reader_format_find("xml"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines_end_with_their_line),
	        cmocka_unit_test(objects_may_stand_on_several_lines),
	        cmocka_unit_test(an_object_that_is_cut_does_not_swallow_the_next),
	        cmocka_unit_test(fix_messages_need_no_line_ends),
	        cmocka_unit_test(a_fix_message_with_a_wrong_length_does_not_swallow_the_next),
	        cmocka_unit_test(every_format_has_a_name_and_no_other_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
