/* Where statements end, and how parameters are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql_text.h"

/* The statements of a text, as "LINE:TEXT|". */
static void cut(const char *text, char *out, size_t size) {
	struct sim_sql_cutter cutter = {.text = text, .line = 1};
	struct sim_sql_piece piece;
	out[0] = '\0';
	while (sim_sql_cutter_next(&cutter, &piece)) {
		size_t used = strlen(out);
		snprintf(out + used, size - used, "%u:%.*s|", piece.line, (int)piece.size, piece.text);
	}
}

static void assert_cut(const char *text, const char *expected) {
	char out[512];
	cut(text, out, sizeof out);
	assert_string_equal(out, expected);
}

static void test_a_statement_ends_with_its_semicolon(void **context) {
	(void)context;
	assert_cut("", "");
	assert_cut(" ;; -- nothing\n;/* ; */", "");
	assert_cut("a;b", "1:a|1:b|");
	assert_cut("\na 'x;''y;' \"q;\" `r;` [s;]\n;\nb -- c;\n/* d; */ e;",
	           "2:a 'x;''y;' \"q;\" `r;` [s;]\n|4:b -- c;\n/* d; */ e|");
	assert_cut("-- one\n-- two\nselect 1;", "3:select 1|");
}

static void test_a_trigger_has_semicolons(void **context) {
	(void)context;
	assert_cut(
	        "create temp trigger t after insert on a begin select 1; select case 1 when 1 then 2 end; end; b;",
	        "1:create temp trigger t after insert on a begin select 1; select case 1 when 1 then 2 end; end|1:b|");
	assert_cut("CREATE/**/TRIGGER t BEGIN x;\nEND;\nCREATE TABLE b(c);",
	           "1:CREATE/**/TRIGGER t BEGIN x;\nEND|3:CREATE TABLE b(c)|");
}

static void test_a_quote_without_end_is_told(void **context) {
	(void)context;
	static const char *const texts[] = {"a 'b", "a 'b''", "a \"b", "a [b", "a `", "a /* b"};
	struct sim_sql_piece piece;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct sim_sql_cutter cutter = {.text = texts[i], .line = 1};
		assert_true(sim_sql_cutter_next(&cutter, &piece));
		assert_true(cutter.open);
	}
	struct sim_sql_cutter closed = {.text = "a 'b''' \"c\" [d]", .line = 1};
	assert_true(sim_sql_cutter_next(&closed, &piece));
	assert_false(closed.open);
}

static void test_comments_stand_before_a_statement(void **context) {
	(void)context;
	struct sim_sql_cutter cutter = {.text = "a; -- name: b\nb", .line = 1};
	struct sim_sql_piece piece;
	assert_true(sim_sql_cutter_next(&cutter, &piece));
	assert_true(sim_sql_cutter_next(&cutter, &piece));
	assert_int_equal(piece.before_size, strlen(" -- name: b\n"));
	assert_memory_equal(piece.before, " -- name: b\n", piece.before_size);
}

static void assert_named(const char *text, const char *expected, uint32_t missing) {
	char first[] = "first";
	char second[] = "second";
	char *const names[] = {first, second};
	struct sim_sql_positions positions = {names, 2, 0};
	uint32_t found = 0;
	char *named = sim_sql_text_name_parameters(text, &positions, &found);
	assert_int_equal(found, missing);
	if (expected == NULL) {
		assert_null(named);
	} else {
		assert_non_null(named);
		assert_string_equal(named, expected);
	}
	free(named);
}

static void test_parameters_get_one_form(void **context) {
	(void)context;
	assert_named("f(:a, @b, $c, ?, ?1, ?)", "f(:a, :b, :c, :first, :first, :second)", 0);
	assert_named("'?' \"@b\" [$c] `?` -- ?\n/* @d */ a$b", "'?' \"@b\" [$c] `?` -- ?\n/* @d */ a$b", 0);
	assert_named("?, ?, ?", NULL, 3);
	assert_named("?9", NULL, 9);
	assert_named("?0", NULL, UINT32_MAX);
	assert_named("", "", 0);
}

static void test_words_are_compared_without_what_is_between(void **context) {
	(void)context;
	static const char text[] = "Begin /* x */ -- y\n IMMEDIATE;";
	assert_true(sim_sql_text_begins(text, sizeof text - 1, "begin"));
	assert_true(sim_sql_text_begins(text, sizeof text - 1, "begin immediate"));
	assert_false(sim_sql_text_begins(text, sizeof text - 1, "begin exclusive"));
	assert_false(sim_sql_text_begins(text, 5, "begin immediate"));
	assert_false(sim_sql_text_begins("beginning", 9, "begin"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_statement_ends_with_its_semicolon),
	        cmocka_unit_test(test_a_trigger_has_semicolons),
	        cmocka_unit_test(test_a_quote_without_end_is_told),
	        cmocka_unit_test(test_comments_stand_before_a_statement),
	        cmocka_unit_test(test_parameters_get_one_form),
	        cmocka_unit_test(test_words_are_compared_without_what_is_between),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
