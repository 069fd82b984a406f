/* tests/sim/test_setting_row.c: the rows of settings agree with struct sim_settings and with each
 * other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "setting_row.h"

#include <string.h>

static void the_value_of_a_row_is_that_of_its_field(void **context) {
	(void)context;
	struct sim_settings settings = {0};
	settings.lies_percent = 7;
	settings.capacity_bytes = (uint64_t)1 << 40;
	settings.garbage = true;
	settings.journal_mode = SIM_JOURNAL_WAL;
	assert_int_equal(sim_setting_row_get(sim_setting_row(SIM_SETTING(lies_percent)), &settings), 7);
	assert_int_equal(sim_setting_row_get(sim_setting_row(SIM_SETTING(capacity_bytes)), &settings),
	                 (uint64_t)1 << 40);
	assert_int_equal(sim_setting_row_get(sim_setting_row(SIM_SETTING(garbage)), &settings), 1);
	assert_int_equal(sim_setting_row_get(sim_setting_row(SIM_SETTING(journal_mode)), &settings), SIM_JOURNAL_WAL);
}

static void what_is_set_is_got_and_no_other_row_changes(void **context) {
	(void)context;
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		struct sim_settings settings = {0};
		sim_setting_row_set(sim_setting_row(i), &settings, 1);
		for (uint32_t j = 0; j < sim_setting_row_count(); j++) {
			assert_int_equal(sim_setting_row_get(sim_setting_row(j), &settings), i == j);
		}
	}
}

/* A key that a file has twice would be read once. */
static void keys_and_words_are_there_once(void **context) {
	(void)context;
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		for (uint32_t j = 0; j < i; j++) {
			const struct sim_setting_row *other = sim_setting_row(j);
			bool same_key = row->section != NULL && other->section != NULL &&
			                strcmp(row->section, other->section) == 0 && strcmp(row->key, other->key) == 0;
			assert_false(same_key);
			assert_string_not_equal(row->word, other->word);
		}
	}
}

static void what_is_usual_may_be_written(void **context) {
	(void)context;
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		uint64_t value = UINT64_MAX;
		char expected[SIM_SETTING_EXPECTED_SIZE];
		sim_setting_row_expected(row, expected);
		assert_true(strlen(expected) > 0 && strlen(expected) + 1 < sizeof expected);
		if (row->name == NULL) {
			assert_true(sim_setting_row_fits(row, row->usual));
			assert_false(sim_setting_row_fits(row, row->max + 1));
			continue;
		}
		assert_true(sim_setting_row_named(row, row->name((uint32_t)row->usual), &value));
		assert_int_equal(value, row->usual);
		assert_false(sim_setting_row_named(row, "no such word", &value));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_value_of_a_row_is_that_of_its_field),
	        cmocka_unit_test(what_is_set_is_got_and_no_other_row_changes),
	        cmocka_unit_test(keys_and_words_are_there_once),
	        cmocka_unit_test(what_is_usual_may_be_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
