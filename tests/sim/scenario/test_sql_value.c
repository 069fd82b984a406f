/* Values of parameters: as numbers, as words of a plan, and as they are bound. SQLite's own date
 * functions are the oracle of the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "sql_value.h"

static struct sim_sql_parameter parameter_of(enum sim_sql_kind kind) {
	return (struct sim_sql_parameter){.name = ":p", .kind = kind};
}

static void test_a_day_is_that_of_sqlite(void **context) {
	(void)context;
	sqlite3 *connection = NULL;
	sqlite3_stmt *rows = NULL;
	assert_int_equal(sqlite3_open(":memory:", &connection), SQLITE_OK);
	static const char text[] =
	        "WITH RECURSIVE n(d) AS (VALUES(-719162) UNION ALL SELECT d + 17 FROM n WHERE d < 2932879) "
	        "SELECT d, date(d * 86400, 'unixepoch'), datetime(d * 86400 + abs(d) % 86400, 'unixepoch') FROM n";
	assert_int_equal(sqlite3_prepare_v2(connection, text, -1, &rows, NULL), SQLITE_OK);
	const struct sim_sql_parameter date = parameter_of(SIM_SQL_DATE);
	const struct sim_sql_parameter datetime = parameter_of(SIM_SQL_DATETIME);
	uint32_t count = 0;
	while (sqlite3_step(rows) == SQLITE_ROW) {
		unsigned char bytes[SIM_SQL_WORD_SIZE];
		char word[SIM_SQL_WORD_SIZE];
		int64_t day = sqlite3_column_int64(rows, 0);
		int64_t read = 0;
		assert_true(sim_sql_read_day((const char *)sqlite3_column_text(rows, 1), &read));
		assert_int_equal(read, day);
		struct sim_sql_value value = {.number = (uint64_t)day};
		struct subject_value made = sim_sql_value_make(&date, &value, bytes);
		assert_int_equal(made.size_bytes, 10);
		assert_memory_equal(bytes, sqlite3_column_text(rows, 1), 10);
		value.number = (uint64_t)(day * 86400 + llabs(day) % 86400);
		made = sim_sql_value_make(&datetime, &value, bytes);
		assert_int_equal(made.size_bytes, 19);
		assert_memory_equal(bytes, sqlite3_column_text(rows, 2), 19);
		sim_sql_print_value(&datetime, &value, word);
		struct sim_sql_value again = {0};
		assert_true(sim_sql_read_value(&datetime, word, &again));
		assert_int_equal(again.number, value.number);
		count++;
	}
	assert_true(count > 200000);
	sqlite3_finalize(rows);
	sqlite3_close(connection);
}

static void test_what_is_no_date_is_refused(void **context) {
	(void)context;
	static const char *const words[] = {"",           "2023-02-29", "1900-02-29", "2024-00-01",  "2024-13-01",
	                                    "2024-01-32", "2024-1-01",  "0000-01-01", "2024-01-01 ", "20240101"};
	int64_t day = 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_false(sim_sql_read_day(words[i], &day));
	}
	assert_true(sim_sql_read_day("2000-02-29", &day));
	assert_int_equal(day, 11016);
}

static void test_reals_are_thousandths(void **context) {
	(void)context;
	static const struct {
		const char *word;
		int64_t number;
	} good[] = {{"0", 0},     {"-1.25", -1250}, {"3", 3000},
	            {"0.001", 1}, {"-0.5", -500},   {"999999999999.999", 999999999999999}};
	static const char *const bad[] = {"", "-", ".5", "1.", "1.2345", "1e3", "+1", "1.2 ", "0x1", "1234567890123"};
	int64_t number = 0;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(sim_sql_read_thousandths(good[i].word, &number));
		assert_int_equal(number, good[i].number);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(sim_sql_read_thousandths(bad[i], &number));
	}
	const struct sim_sql_parameter real = parameter_of(SIM_SQL_REAL);
	const struct sim_sql_value value = {.number = (uint64_t)INT64_C(-1250)};
	unsigned char bytes[SIM_SQL_WORD_SIZE];
	char word[SIM_SQL_WORD_SIZE];
	double bound = 0;
	assert_int_equal(sim_sql_value_make(&real, &value, bytes).kind, SUBJECT_VALUE_REAL);
	memcpy(&bound, bytes, sizeof bound);
	assert_true(bound == -1.25);
	sim_sql_print_value(&real, &value, word);
	assert_string_equal(word, "-1.250");
}

static void test_a_choice_has_the_kind_of_its_word(void **context) {
	(void)context;
	char words[][8] = {"open", "-3", "2.5", "null"};
	char *texts[] = {words[0], words[1], words[2], words[3]};
	struct sim_sql_parameter choice = parameter_of(SIM_SQL_CHOICE);
	choice.choices = (struct sim_sql_texts){4, texts};
	static const enum subject_value_kind kinds[] = {SUBJECT_VALUE_TEXT, SUBJECT_VALUE_INTEGER, SUBJECT_VALUE_REAL,
	                                                SUBJECT_VALUE_NONE};
	for (uint32_t i = 0; i < 4; i++) {
		const struct sim_sql_value value = {.number = i};
		unsigned char bytes[SIM_SQL_WORD_SIZE];
		assert_int_equal(sim_sql_value_make(&choice, &value, bytes).kind, kinds[i]);
	}
	struct sim_sql_value value = {0};
	assert_true(sim_sql_read_value(&choice, "3", &value));
	assert_false(sim_sql_read_value(&choice, "4", &value));
	assert_false(sim_sql_read_value(&choice, "-1", &value));
}

/* How many letters have more than one byte; each must be whole. */
static uint32_t count_longer(const unsigned char *bytes, uint32_t size) {
	uint32_t longer = 0;
	uint32_t length = 0;
	for (uint32_t i = 0; i < size; i += length) {
		length = bytes[i] < 0x80 ? 1 : bytes[i] < 0xe0 ? 2 : bytes[i] < 0xf0 ? 3 : 4;
		assert_true(bytes[i] < 0x80 || bytes[i] >= 0xc2);
		assert_true(i + length <= size);
		for (uint32_t j = 1; j < length; j++) {
			assert_int_equal(bytes[i + j] & 0xc0, 0x80);
		}
		longer += length > 1;
	}
	return longer;
}

static void test_text_of_utf8_is_utf8(void **context) {
	(void)context;
	struct sim_sql_parameter text = parameter_of(SIM_SQL_TEXT);
	unsigned char bytes[256];
	uint32_t longer = 0;
	text.is_utf8 = true;
	for (uint32_t size = 0; size <= 100; size++) {
		const struct sim_sql_value value = {.number = size * 7919u, .size_bytes = size};
		assert_true(sim_sql_value_size(&text, &value) <= sizeof bytes);
		assert_int_equal(sim_sql_value_make(&text, &value, bytes).size_bytes, size);
		longer += count_longer(bytes, size);
	}
	assert_true(longer > 300);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_day_is_that_of_sqlite),
	        cmocka_unit_test(test_what_is_no_date_is_refused),
	        cmocka_unit_test(test_reals_are_thousandths),
	        cmocka_unit_test(test_a_choice_has_the_kind_of_its_word),
	        cmocka_unit_test(test_text_of_utf8_is_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
