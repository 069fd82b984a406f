/* Chance: the published numbers, and draws within their bounds. The oracle is in
 * test_pcg_oracle.cc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pcg.h"

static void pcg32_gives_the_published_numbers(void **context) {
	(void)context;
	static const uint32_t published[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
	struct sim_pcg32 pcg;
	sim_pcg32_seed(&pcg, 42, 54);
	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
		assert_int_equal(sim_pcg32_next(&pcg), published[i]);
	}
}

static void pcg64_gives_the_published_numbers(void **context) {
	(void)context;
	static const uint64_t published[] = {0x86b1da1d72062b68, 0x1304aa46c9853d39, 0xa3670e9e0dd50358,
	                                     0xf9090e529a7dae00, 0xc85b9fd837996f2c, 0x606121f8e3919196};
	struct sim_pcg64 pcg;
	sim_pcg64_seed(&pcg, 42, 54);
	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
		assert_true(sim_pcg64_next(&pcg) == published[i]);
	}
}

static void draws_stay_below_their_bound_and_reach_every_number(void **context) {
	(void)context;
	struct sim_pcg32 pcg;
	unsigned counts[7] = {0};
	sim_pcg32_seed(&pcg, 1, 2);
	assert_int_equal(sim_pcg32_below(&pcg, 0), 0);
	assert_int_equal(sim_pcg32_below(&pcg, 1), 0);
	for (int i = 0; i < 70000; i++) {
		uint32_t number = sim_pcg32_below(&pcg, 7);
		assert_true(number < 7);
		counts[number]++;
	}
	for (size_t i = 0; i < 7; i++) {
		assert_in_range(counts[i], 9500, 10500);
	}
}

static void draws_between_two_ends_include_both(void **context) {
	(void)context;
	struct sim_pcg32 pcg;
	bool low = false;
	bool high = false;
	sim_pcg32_seed(&pcg, 3, 4);
	for (int i = 0; i < 1000; i++) {
		uint64_t number = sim_pcg32_between(&pcg, 10, 13);
		assert_in_range(number, 10, 13);
		low |= number == 10;
		high |= number == 13;
		number = sim_pcg32_between(&pcg, 5, 5 + ((uint64_t)3 << 40));
		assert_in_range(number, 5, 5 + ((uint64_t)3 << 40));
	}
	assert_true(low && high);
	assert_int_equal(sim_pcg32_between(&pcg, 8, 8), 8);
	(void)sim_pcg32_between(&pcg, 0, UINT64_MAX);
}

/* 10; 11 and 12; 13 to 16; 17 to 20, where there are eight to be had: each a quarter. */
static void heavy_draws_have_each_doubling_as_often_as_the_next(void **context) {
	(void)context;
	struct sim_pcg32 pcg;
	uint32_t counts[11] = {0};
	sim_pcg32_seed(&pcg, 3, 1);
	for (int i = 0; i < 40000; i++) {
		uint64_t number = sim_pcg32_heavy(&pcg, 10, 20);
		assert_in_range(number, 10, 20);
		counts[number - 10]++;
	}
	assert_in_range(counts[0], 9500, 10500);
	assert_in_range(counts[1], 4700, 5300);
	assert_in_range(counts[3], 2300, 2700);
	assert_in_range(counts[10], 2300, 2700);
	assert_int_equal(sim_pcg32_heavy(&pcg, 8, 8), 8);
	assert_in_range(sim_pcg32_heavy(&pcg, 0, UINT64_MAX), 0, UINT64_MAX);
}

static void percent_is_never_at_0_and_always_at_100(void **context) {
	(void)context;
	struct sim_pcg32 pcg;
	sim_pcg32_seed(&pcg, 5, 6);
	for (int i = 0; i < 1000; i++) {
		assert_false(sim_pcg32_percent(&pcg, 0));
		assert_true(sim_pcg32_percent(&pcg, 100));
	}
}

static void concerns_have_streams_of_their_own(void **context) {
	(void)context;
	struct sim_pcg32 a;
	struct sim_pcg32 b;
	struct sim_pcg32 c;
	sim_pcg32_derive(&a, 7, "faults/0");
	sim_pcg32_derive(&b, 7, "faults/0");
	assert_memory_equal(&a, &b, sizeof a);
	sim_pcg32_derive(&b, 7, "faults/1");
	sim_pcg32_derive(&c, 8, "faults/0");
	assert_true(a.state != b.state && a.increment != b.increment);
	assert_true(a.state != c.state && a.increment != c.increment);
}

static void fill_writes_the_bytes_asked_for_and_no_more(void **context) {
	(void)context;
	struct sim_pcg32 pcg;
	unsigned char bytes[9];
	memset(bytes, 0, sizeof bytes);
	sim_pcg32_seed(&pcg, 42, 54);
	sim_pcg32_fill(&pcg, bytes, 7);
	const unsigned char expected[9] = {0xb7, 0x02, 0x5c, 0xa1, 0x09, 0xf4, 0x47, 0, 0};
	assert_memory_equal(bytes, expected, sizeof bytes);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pcg32_gives_the_published_numbers),
	        cmocka_unit_test(pcg64_gives_the_published_numbers),
	        cmocka_unit_test(draws_stay_below_their_bound_and_reach_every_number),
	        cmocka_unit_test(draws_between_two_ends_include_both),
	        cmocka_unit_test(heavy_draws_have_each_doubling_as_often_as_the_next),
	        cmocka_unit_test(percent_is_never_at_0_and_always_at_100),
	        cmocka_unit_test(concerns_have_streams_of_their_own),
	        cmocka_unit_test(fill_writes_the_bytes_asked_for_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
