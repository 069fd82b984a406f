/* tests/sim/world/test_branch_sample.c: which points are drawn. */
#include "branch_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MOMENTS 40u
#define RUNS 400u

/* In each moment there are many calls of one phase, and in one of ten a single one of another.
 * Counts what is taken in all runs. */
struct taken {
	uint64_t often;
	uint64_t seldom;
	uint64_t in_starts;
	uint64_t first_calls; /* of those that are often: the first one of its moment */
	uint64_t last_calls;
};

static void draw_moment(struct sim_branch_sample *sample, uint32_t moment, struct taken *taken) {
	bool starts = moment % 8 == 0;
	uint32_t point = 0;
	sim_branch_sample_begin_moment(sample, starts);
	for (uint32_t call = 1; call <= 10; call++) {
		point = sim_branch_sample_takes(sample, VFS_PHASE_WAL_FRAME) ? call : point;
	}
	taken->often += point > 0;
	taken->first_calls += point == 1;
	taken->last_calls += point == 10;
	taken->in_starts += point > 0 && starts;
	taken->seldom += moment % 10 == 5 && sim_branch_sample_takes(sample, VFS_PHASE_WAL_RESTART);
}

static struct taken draw(uint32_t wanted, uint64_t first_seed) {
	static struct sim_branch_sample sample;
	struct taken taken = {0};
	for (uint64_t seed = first_seed; seed < first_seed + RUNS; seed++) {
		sim_branch_sample_begin(&sample, seed, wanted, MOMENTS);
		for (uint32_t moment = 0; moment < MOMENTS; moment++) {
			draw_moment(&sample, moment, &taken);
		}
	}
	return taken;
}

static void each_phase_gets_its_share(void **context) {
	struct taken few = draw(8, 1);
	struct taken many = draw(32, 1);
	(void)context;
	/* About one for each phase in a run with 8, and more with more. */
	assert_in_range(few.often, RUNS * 9 / 10, 4 * RUNS);
	assert_true(many.often > 2 * few.often);
	/* What comes four times is not passed over for what comes 400 times. */
	assert_true(few.seldom * 8 > few.often);
	assert_true(many.seldom > few.seldom);
	/* One moment of eight is a start, and counted by itself. */
	assert_true(few.in_starts * 5 > few.often);
}

/* Six of ten times each of ten calls is as likely, else it is the last one. */
static void the_last_call_of_a_moment_is_likeliest(void **context) {
	struct taken taken = draw(16, 7);
	(void)context;
	assert_in_range(taken.first_calls * 100 / taken.often, 4, 8);
	assert_in_range(taken.last_calls * 100 / taken.often, 40, 52);
}

static void the_seed_decides(void **context) {
	struct taken one = draw(8, 1);
	struct taken again = draw(8, 1);
	struct taken other = draw(8, 100001);
	(void)context;
	assert_memory_equal(&one, &again, sizeof one);
	assert_memory_not_equal(&one, &other, sizeof one);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_phase_gets_its_share),
	        cmocka_unit_test(the_last_call_of_a_moment_is_likeliest),
	        cmocka_unit_test(the_seed_decides),
	};
	return cmocka_run_group_tests_name("branch_sample", tests, NULL, NULL);
}
