/* tests/sim/sweep/test_final.c: what a run ended in. Every protocol, with and without faults, ends in the same; what differs shows. */
#include "final.h"
#include "scenario_load.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 20u
#define TEST_CELLS 9u

static struct {
	uint32_t count;
	struct sim_scenario *cells[TEST_CELLS];
} loaded;

static bool take(void *context, struct sim_scenario *cell) {
	(void)context;
	assert_true(loaded.count < TEST_CELLS);
	loaded.cells[loaded.count++] = cell;
	return true;
}

static int load_cells(void **context) {
	char path[SIM_SCENARIO_PATH_SIZE];
	char text[300];
	struct sim_scenario_why why = {text, sizeof text};
	(void)context;
	snprintf(path, sizeof path, "%s/scenarios/differential.yaml", AFTERSHOCK_SOURCE_DIR);
	return sim_run_init() && sim_scenario_load_cells(path, "", take, NULL, &why) ? 0 : -1;
}

static int unload_cells(void **context) {
	(void)context;
	while (loaded.count > 0) {
		sim_scenario_destroy(loaded.cells[--loaded.count]);
	}
	return 0;
}

/* ---- runs -------------------------------------------------------------------------------------------------------------- */

static void all_cells_of_a_seed_end_in_the_same_state(void **context) {
	(void)context;
	assert_int_equal(loaded.count, TEST_CELLS);
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		uint64_t first = 0;
		for (uint32_t i = 0; i < loaded.count; i++) {
			struct sim_run_result result;
			sim_run(loaded.cells[i], seed, sim_subject_engine(), NULL, &result);
			assert_int_equal(result.verdict, SIM_HELD);
			assert_true(result.state_hash != 0);
			first = i == 0 ? result.state_hash : first;
			assert_true(result.state_hash == first);
		}
	}
}

static void other_seeds_end_in_other_states(void **context) {
	struct sim_run_result a;
	struct sim_run_result b;
	(void)context;
	sim_run(loaded.cells[0], 1, sim_subject_engine(), NULL, &a);
	sim_run(loaded.cells[0], 2, sim_subject_engine(), NULL, &b);
	assert_true(a.state_hash != b.state_hash);
}

static void step_never_does_anything(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

static void run_that_does_not_get_to_its_end_has_no_state(void **context) {
	struct aftershock_subject subject = *sim_subject_engine();
	struct sim_run_result result;
	(void)context;
	subject.step = step_never_does_anything;
	sim_run(loaded.cells[0], 1, &subject, NULL, &result);
	assert_int_equal(result.verdict, SIM_VIOLATED);
	assert_true(result.state_hash == 0);
}

/* ---- the hash ---------------------------------------------------------------------------------------------------------- */

static struct sim_view view;

static uint64_t hash_of_one(void) {
	memset(&view, 0, sizeof view);
	view.version = 3;
	view.position_seen[1] = true;
	view.positions[1] =
	        (struct subject_position){.quantity_lots = 5, .cost_tick_lots = 500, .realised_tick_lots = 20};
	view.order_seen[2] = true;
	view.orders[2].order_quantity_lots = 9;
	view.seen[4] = true;
	return sim_final_hash(&view);
}

static void everything_that_is_state_is_in_the_hash(void **context) {
	(void)context;
	uint64_t hash = hash_of_one();
	view.version = 4;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.halt = SUBJECT_HALT_POSITION;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.positions[1].quantity_lots = 6;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.positions[1].realised_tick_lots = 21;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.orders[2].cum_quantity_lots = 1;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.orders[2].status = SUBJECT_ORDER_FILLED;
	assert_true(sim_final_hash(&view) != hash);
	(void)hash_of_one();
	view.seen[5] = true;
	assert_true(sim_final_hash(&view) != hash);
}

static void order_of_arrival_and_number_of_starts_are_not(void **context) {
	(void)context;
	uint64_t hash = hash_of_one();
	view.epoch = 7;
	view.positions[1].cost_tick_lots += 3;
	view.positions[1].realised_tick_lots += 3;
	view.orders[7].cum_quantity_lots = 1; /* of no order that is there */
	assert_true(sim_final_hash(&view) == hash);
}

/* ---- comparing --------------------------------------------------------------------------------------------------------- */

static bool compares(struct sim_final *final, uint32_t scenario, uint64_t place, uint64_t hash) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	const struct sim_run_result run = {.verdict = SIM_HELD, .state_hash = hash};
	return sim_final_compare(final, scenario, place, &run, detail);
}

static void runs_of_one_seed_are_compared_and_no_others(void **context) {
	static struct sim_sweep_options options;
	(void)context;
	options.scenario_count = loaded.count;
	memcpy(options.scenarios, loaded.cells, sizeof loaded.cells);
	struct sim_final *final = sim_final_create(&options, 2);
	assert_non_null(final);
	assert_true(compares(final, 0, 0, 11));
	assert_true(compares(final, 0, 1, 13));
	assert_int_equal(sim_final_compared(final), 0);
	assert_true(compares(final, 1, 0, 11));
	assert_true(compares(final, 1, 1, 0));
	assert_int_equal(sim_final_compared(final), 1);
	assert_false(compares(final, 2, 0, 13));
	assert_false(compares(final, 8, 1, 11));
	assert_int_equal(sim_final_compared(final), 3);
	sim_final_destroy(final);
}

static void cells_that_need_not_agree_are_not_compared(void **context) {
	static struct sim_sweep_options options;
	static struct sim_scenario cells[2];
	(void)context;
	options.scenario_count = 2;
	options.scenarios[0] = &cells[0];
	options.scenarios[1] = &cells[1];
	struct sim_final *final = sim_final_create(&options, 1);
	assert_non_null(final);
	assert_true(compares(final, 0, 0, 11));
	assert_true(compares(final, 1, 0, 13));
	assert_int_equal(sim_final_compared(final), 0);
	sim_final_destroy(final);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_cells_of_a_seed_end_in_the_same_state),
	        cmocka_unit_test(other_seeds_end_in_other_states),
	        cmocka_unit_test(run_that_does_not_get_to_its_end_has_no_state),
	        cmocka_unit_test(everything_that_is_state_is_in_the_hash),
	        cmocka_unit_test(order_of_arrival_and_number_of_starts_are_not),
	        cmocka_unit_test(runs_of_one_seed_are_compared_and_no_others),
	        cmocka_unit_test(cells_that_need_not_agree_are_not_compared),
	};
	return cmocka_run_group_tests_name("final", tests, load_cells, unload_cells);
}
