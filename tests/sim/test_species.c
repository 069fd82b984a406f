/* Species: each number belongs to one class and one place in it, and sets keep what was put in. */
#include "species.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sim_species set;

/* All of a class, in turn: at[] goes through its dimensions. False at the end. */
static bool next(const struct sim_species_row *row, uint32_t at[SIM_SPECIES_DIMENSIONS]) {
	for (uint32_t i = SIM_SPECIES_DIMENSIONS; i-- > 0;) {
		if (++at[i] < row->sizes[i]) {
			return true;
		}
		at[i] = 0;
	}
	return false;
}

static void each_species_has_a_number_of_its_own(void **context) {
	uint32_t expected = 0;
	(void)context;
	for (int class = 0; class < SIM_SPECIES_CLASS_COUNT; class ++) {
		uint32_t at[SIM_SPECIES_DIMENSIONS] = {0};
		do {
			uint32_t number = sim_species_number((enum sim_species_class) class, at);
			assert_int_equal(number, expected++);
			assert_int_equal(sim_species_class_of(number), class);
		} while (next(sim_species_row((enum sim_species_class) class), at));
	}
	assert_int_equal(expected, SIM_SPECIES_COUNT);
}

static void a_set_lists_what_was_added_once_and_in_order(void **context) {
	uint32_t numbers[4] = {0};
	(void)context;
	memset(&set, 0, sizeof set);
	assert_int_equal(sim_species_list(&set, numbers, 4), 0);
	sim_species_add(&set, SIM_SPECIES_COUNT - 1);
	sim_species_add(&set, 64);
	sim_species_add(&set, 64);
	assert_int_equal(sim_species_list(&set, numbers, 4), 2);
	assert_int_equal(numbers[0], 64);
	assert_int_equal(numbers[1], SIM_SPECIES_COUNT - 1);
	assert_true(sim_species_has(&set, 64));
	assert_false(sim_species_has(&set, 63));
	assert_int_equal(sim_species_list(&set, numbers, 1), 2);
}

static void how_often_is_told_apart_by_powers_of_two(void **context) {
	(void)context;
	assert_int_equal(sim_species_times(1), 0);
	assert_int_equal(sim_species_times(2), 1);
	assert_int_equal(sim_species_times(4), 2);
	assert_int_equal(sim_species_times(5), 3);
	assert_int_equal(sim_species_times(UINT32_MAX), SIM_SPECIES_TIMES - 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_species_has_a_number_of_its_own),
	        cmocka_unit_test(a_set_lists_what_was_added_once_and_in_order),
	        cmocka_unit_test(how_often_is_told_apart_by_powers_of_two),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
