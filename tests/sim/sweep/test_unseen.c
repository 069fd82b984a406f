/* What the next runs would still show: the formulas by hand, and the interval against distributions
 * that are known: as many runs again show a number of new species that lies in it. */
#include "pcg.h"
#include "unseen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 50u
#define CHECKS 60u
#define PLACES 4000u

static struct sim_unseen unseen;

static int begin(void **context) {
	(void)context;
	memset(&unseen, 0, sizeof unseen);
	return 0;
}

static void note(uint32_t block, uint32_t species) {
	sim_unseen_note(&unseen, block, &species, 1);
}

static void what_was_reached_is_counted_once(void **context) {
	uint32_t by_class[SIM_SPECIES_CLASS_COUNT];
	(void)context;
	note(0, 7);
	note(0, 7);
	note(3, 7);
	note(SIM_UNSEEN_BLOCKS_MAX, SIM_SPECIES_COUNT - 1);
	assert_int_equal(sim_unseen_reached(&unseen, by_class), 2);
	assert_int_equal(by_class[SIM_SPECIES_CALL], 1);
	assert_int_equal(by_class[SIM_SPECIES_OFTEN], 1);
	assert_int_equal(unseen.blocks[7], 9);
	assert_int_equal(unseen.blocks[SIM_SPECIES_COUNT - 1], 0);
}

static void the_estimate_is_that_of_the_formula(void **context) {
	(void)context;
	/* Q1 = 6 and Q2 = 3 of 20 blocks: Q0 = 19/20 * 36/6 = 5.7, and one block of them more gives
	 * 5.7 * 6 / (20 * 5.7 + 6) = 0.285, nearly the 6 / 20 of Good and Turing. */
	for (uint32_t i = 0; i < 6; i++) {
		note(i, 100 + i);
	}
	for (uint32_t i = 0; i < 3; i++) {
		note(i, 200 + i);
		note(i + 7, 200 + i);
	}
	for (uint32_t block = 0; block < 20; block++) {
		note(block, 300);
	}
	struct sim_unseen_estimate one = sim_unseen_estimate(&unseen, 20, 1);
	struct sim_unseen_estimate all = sim_unseen_estimate(&unseen, 20, 20);
	assert_true(one.expected > 0.2845 && one.expected < 0.2855);
	/* 5.7 * (1 - 0.95^20) = 3.6566 */
	assert_true(all.expected > 3.656 && all.expected < 3.658);
	assert_true(all.low <= all.expected && all.expected <= all.high && one.high <= all.high);
}

static void when_all_was_seen_often_little_is_to_come(void **context) {
	(void)context;
	struct sim_unseen_estimate none = sim_unseen_estimate(&unseen, 20, 20);
	assert_true(none.expected <= 0 && none.low <= 0 && none.high <= 3);
	for (uint32_t block = 0; block < 20; block++) {
		note(block, 300);
	}
	struct sim_unseen_estimate common = sim_unseen_estimate(&unseen, 20, 20);
	assert_true(common.expected <= 0 && common.high <= 3);
	note(4, 301);
	struct sim_unseen_estimate one = sim_unseen_estimate(&unseen, 20, 20);
	assert_true(one.expected > 0.99 && one.expected < 1.01 && one.low <= 0 && one.high >= 1);
}

/* A run reaches place i with a chance of 1 in 1 + i^2 / `width`, and with it `clump` species. */
static void run(struct sim_pcg32 *chance, uint32_t block, uint32_t width, uint32_t clump, bool *reached) {
	for (uint32_t i = 0; i < PLACES; i++) {
		bool reaches = sim_pcg32_below(chance, 1 + i * i / width) == 0;
		reached[i] = reached[i] || reaches;
		for (uint32_t k = 0; k < clump && reaches && block < BLOCKS; k++) {
			note(block, i * clump + k);
		}
	}
}

/* Whether as many runs again show what was estimated. */
static bool holds(struct sim_pcg32 *chance, uint32_t width, uint32_t clump, uint32_t more) {
	static bool before[PLACES];
	static bool after[PLACES];
	uint32_t fresh = 0;
	memset(&unseen, 0, sizeof unseen);
	memset(before, 0, sizeof before);
	memset(after, 0, sizeof after);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		run(chance, i, width, clump, before);
	}
	for (uint32_t i = 0; i < more; i++) {
		run(chance, BLOCKS, width, clump, after);
	}
	for (uint32_t i = 0; i < PLACES; i++) {
		fresh += after[i] && !before[i] ? clump : 0;
	}
	struct sim_unseen_estimate estimate = sim_unseen_estimate(&unseen, BLOCKS, more);
	return fresh >= estimate.low && fresh <= estimate.high;
}

static void the_next_runs_lie_in_the_interval(void **context) {
	static const uint32_t widths[] = {4, 40};
	static const uint32_t clumps[] = {1, 7};
	static const uint32_t mores[] = {BLOCKS / 2, BLOCKS};
	(void)context;
	for (uint32_t kind = 0; kind < 8; kind++) {
		struct sim_pcg32 chance;
		uint32_t held = 0;
		sim_pcg32_derive(&chance, kind, "test/unseen");
		for (uint32_t i = 0; i < CHECKS; i++) {
			held += holds(&chance, widths[kind / 4], clumps[kind / 2 % 2], mores[kind % 2]);
		}
		printf("width %u, clumps of %u, %u more blocks: %u of %u\n", widths[kind / 4], clumps[kind / 2 % 2],
		       mores[kind % 2], held, CHECKS);
		assert_true(held * 10 >= CHECKS * 9);
	}
}

/* The negative twin. */
static void other_runs_do_not_lie_in_it(void **context) {
	struct sim_pcg32 chance;
	static bool reached[PLACES];
	(void)context;
	sim_pcg32_derive(&chance, 1, "test/unseen");
	for (uint32_t i = 0; i < BLOCKS; i++) {
		run(&chance, i, 4, 1, reached);
	}
	struct sim_unseen_estimate estimate = sim_unseen_estimate(&unseen, BLOCKS, BLOCKS);
	uint32_t before = 0;
	uint32_t after = 0;
	for (uint32_t i = 0; i < PLACES; i++) {
		before += reached[i];
	}
	/* Runs that reach four times as much are others. */
	for (uint32_t i = 0; i < BLOCKS; i++) {
		run(&chance, BLOCKS, 64, 1, reached);
	}
	for (uint32_t i = 0; i < PLACES; i++) {
		after += reached[i];
	}
	assert_true(after - before > estimate.high);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(what_was_reached_is_counted_once, begin),
	        cmocka_unit_test_setup(the_estimate_is_that_of_the_formula, begin),
	        cmocka_unit_test_setup(when_all_was_seen_often_little_is_to_come, begin),
	        cmocka_unit_test_setup(the_next_runs_lie_in_the_interval, begin),
	        cmocka_unit_test_setup(other_runs_do_not_lie_in_it, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
