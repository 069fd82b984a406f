/* tests/sim/test_settings.c: numbers of a range, and which of them are drawn most. */
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DRAWS 4000

static uint32_t counts[1024];

static void count(const struct sim_range *range) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, 7, "test");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		counts[i] = 0;
	}
	for (int i = 0; i < DRAWS; i++) {
		uint64_t drawn = sim_settings_draw(&chance, range);
		assert_in_range(drawn, range->min, range->max);
		counts[drawn]++;
	}
}

static uint32_t sum(uint64_t first, uint64_t last) {
	uint32_t all = 0;
	for (uint64_t i = first; i <= last; i++) {
		all += counts[i];
	}
	return all;
}

static void all_numbers_are_drawn_alike(void **state) {
	(void)state;
	count(&(struct sim_range){.min = 3, .max = 10});
	for (uint64_t i = 3; i <= 10; i++) {
		assert_in_range(counts[i], DRAWS / 8 * 7 / 10, DRAWS / 8 * 13 / 10);
	}
}

/* Eight classes, the last of which is not whole. */
static void small_numbers_are_drawn_most(void **state) {
	static const uint64_t firsts[] = {0, 1, 3, 7, 15, 31, 63, 127, 201};
	(void)state;
	count(&(struct sim_range){.min = 5, .max = 205, .is_heavy = true});
	for (size_t i = 0; i < 8; i++) {
		uint32_t in_class = sum(5 + firsts[i], 4 + firsts[i + 1]);
		assert_in_range(in_class, DRAWS / 8 * 7 / 10, DRAWS / 8 * 13 / 10);
	}
}

static void both_ends_are_drawn(void **state) {
	(void)state;
	for (uint64_t span = 0; span < 20; span++) {
		count(&(struct sim_range){.min = 1, .max = 1 + span, .is_heavy = true});
		assert_true(counts[1] > 0 && counts[1 + span] > 0);
	}
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, 7, "test");
	const struct sim_range all = {.min = 0, .max = UINT64_MAX, .is_heavy = true};
	for (int i = 0; i < DRAWS; i++) {
		counts[0] += sim_settings_draw(&chance, &all) == 0;
	}
	assert_true(counts[0] > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_numbers_are_drawn_alike),
	                                   cmocka_unit_test(small_numbers_are_drawn_most),
	                                   cmocka_unit_test(both_ends_are_drawn)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
