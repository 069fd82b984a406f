/* tests/sim/sweep/test_agreement.c: what the runs of one seed end in. Every protocol, with and
 * without faults, ends in the same state. */
#include "agreement.h"
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

/* ---- runs ------------------------------------------------------------------------------------ */

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

/* ---- comparing ------------------------------------------------------------------------------- */

#define SEEDS 2u

/* A run of the seed at that place in the sweep. */
static void ends(struct sim_agreement *agreement, uint32_t scenario, uint64_t ordinal, uint64_t hash) {
	char why[SIM_SWEEP_WHY_SIZE];
	const struct sim_sweep_key key = {.scenario = scenario, .ordinal = ordinal, .seed = 100 + ordinal};
	const struct sim_run_result run = {.verdict = SIM_HELD, .state_hash = hash};
	struct sim_sweep_listener listener = sim_agreement_listener(agreement);
	assert_true(listener.run_ended(listener.context, &key, &run, why));
}

static struct sim_sweep_options options;
static struct sim_sweep_result result;

static struct sim_agreement *begin(uint32_t count, struct sim_scenario *const *cells) {
	memset(&options, 0, sizeof options);
	memset(&result, 0, sizeof result);
	options.seed_count = SEEDS;
	options.partitions = 1;
	options.scenario_count = count;
	for (uint32_t i = 0; i < count; i++) {
		options.scenarios[i] = cells[i];
	}
	struct sim_agreement *agreement = sim_agreement_create(&options, &result);
	assert_non_null(agreement);
	return agreement;
}

static void runs_of_one_seed_are_compared_and_no_others(void **context) {
	struct sim_agreement *agreement = begin(loaded.count, loaded.cells);
	(void)context;
	ends(agreement, 0, 0, 11);
	ends(agreement, 0, 1, 13);
	assert_int_equal(result.compared, 0);
	ends(agreement, 1, 0, 11);
	ends(agreement, 1, 1, 0);
	assert_int_equal(result.compared, 1);
	assert_int_equal(result.failure_count, 0);
	ends(agreement, 2, 0, 13);
	ends(agreement, 8, 1, 11);
	assert_int_equal(result.compared, 3);
	assert_int_equal(result.failure_count, 2);
	assert_string_equal(result.failures[0].invariant, SIM_SWEEP_CELLS_DIFFER);
	assert_int_equal(result.failures[1].seed, 101);
	sim_agreement_destroy(agreement);
}

static void seed_of_a_known_finding_is_not_compared(void **context) {
	struct sim_agreement *agreement = begin(loaded.count, loaded.cells);
	(void)context;
	ends(agreement, 0, SEEDS, 11);
	ends(agreement, 1, SEEDS, 13);
	assert_int_equal(result.compared, 0);
	sim_agreement_destroy(agreement);
}

static void cells_that_need_not_agree_are_not_compared(void **context) {
	static struct sim_scenario cells[2];
	struct sim_scenario *const pointers[] = {&cells[0], &cells[1]};
	struct sim_agreement *agreement = begin(2, pointers);
	(void)context;
	ends(agreement, 0, 0, 11);
	ends(agreement, 1, 0, 13);
	assert_int_equal(result.compared, 0);
	sim_agreement_destroy(agreement);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_cells_of_a_seed_end_in_the_same_state),
	        cmocka_unit_test(other_seeds_end_in_other_states),
	        cmocka_unit_test(run_that_does_not_get_to_its_end_has_no_state),
	        cmocka_unit_test(runs_of_one_seed_are_compared_and_no_others),
	        cmocka_unit_test(seed_of_a_known_finding_is_not_compared),
	        cmocka_unit_test(cells_that_need_not_agree_are_not_compared),
	};
	return cmocka_run_group_tests_name("agreement", tests, load_cells, unload_cells);
}
