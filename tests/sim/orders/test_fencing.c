/* tests/sim/orders/test_fencing.c: the judge of several engines by itself: batches, loads that show
 * less than was served, and claims (S22); and what may fail beside a rival (S42). */
#include "fencing.h"
#include "library.h"
#include "plan_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_BATCH 3u

static struct sim_plan plan;
static struct sim_fencing fencing;
static struct sim_view view;

/* Two engines on an empty database: epoch 1 has started. */
static struct sim_fencing_engine *one_engine(void) {
	struct sim_scenario *scenario = library_load("processes/engine-rivals");
	sim_plan_make(&plan, scenario, 1);
	sim_scenario_destroy(scenario);
	sim_fencing_begin(&fencing, &plan);
	memset(&view, 0, sizeof view);
	view.epoch = 1;
	sim_fencing_start_begins(&fencing, 0, 0, 0);
	assert_true(sim_fencing_loaded(&fencing, &fencing.engines[0], &view, SIM_CONTRACT_DURABLE));
	return &fencing.engines[0];
}

/* The first reports, together; every reply acknowledges and bears `version`. */
static bool acknowledge(struct sim_fencing_engine *engine, uint64_t version) {
	static const uint32_t reports[TEST_BATCH] = {0, 1, 2};
	struct subject_reply replies[TEST_BATCH];
	memset(replies, 0, sizeof replies);
	for (uint32_t i = 0; i < TEST_BATCH; i++) {
		sim_fencing_sent(&fencing, reports[i]);
		replies[i].outcome = SUBJECT_ACKNOWLEDGED;
		replies[i].version = version;
	}
	return sim_fencing_answered(&fencing, engine, reports, replies, TEST_BATCH);
}

static bool load(uint64_t epoch, uint64_t version, enum sim_contract contract) {
	struct sim_fencing_engine *engine = &fencing.engines[1];
	memset(&view, 0, sizeof view);
	view.epoch = epoch;
	view.version = version;
	sim_fencing_start_begins(&fencing, 1, 1, 0);
	return sim_fencing_loaded(&fencing, engine, &view, contract);
}

static void all_replies_of_a_batch_bear_the_version_after_its_last_update(void **state) {
	(void)state;
	assert_true(acknowledge(one_engine(), TEST_BATCH));
	assert_int_equal(fencing.length, TEST_BATCH);
	assert_false(acknowledge(one_engine(), TEST_BATCH - 1));
	assert_string_equal(fencing.violation.invariant, "version_monotonic");
}

static void what_was_served_must_be_loaded(void **state) {
	(void)state;
	assert_true(acknowledge(one_engine(), TEST_BATCH));
	assert_false(load(2, 0, SIM_CONTRACT_DURABLE));
	assert_string_equal(fencing.violation.invariant, "acknowledged_is_durable");
}

static void where_only_detection_is_owed_the_chain_ends_where_it_is_found(void **state) {
	(void)state;
	assert_true(acknowledge(one_engine(), TEST_BATCH));
	assert_true(load(2, 0, SIM_CONTRACT_DETECT));
	assert_int_equal(fencing.lost, TEST_BATCH);
	assert_int_equal(fencing.length, 0);
	/* And goes on from there, under the newer epoch. */
	assert_true(acknowledge(&fencing.engines[1], TEST_BATCH));
	assert_int_equal(fencing.floor, TEST_BATCH);
}

static void an_epoch_is_claimed_once_unless_its_claim_may_be_lost(void **state) {
	(void)state;
	one_engine();
	assert_false(load(1, 0, SIM_CONTRACT_DURABLE));
	assert_string_equal(fencing.violation.invariant, "one_owner");
	one_engine();
	assert_true(load(1, 0, SIM_CONTRACT_DETECT));
}

static void a_former_owner_acknowledges_nothing_beyond_what_its_successor_loaded(void **state) {
	(void)state;
	struct sim_fencing_engine *former = one_engine();
	assert_true(load(2, 0, SIM_CONTRACT_DURABLE));
	assert_false(acknowledge(former, TEST_BATCH));
	assert_string_equal(fencing.violation.invariant, "one_owner");
}

/* What epoch 2 has loaded cannot have been made by epoch 3. */
static void a_start_has_loaded_nothing_of_a_later_epoch(void **state) {
	(void)state;
	struct sim_fencing_engine *engine = one_engine();
	fencing.starts[fencing.start_count++] = (struct sim_fencing_start){2, TEST_BATCH - 1};
	engine->epoch = 3;
	assert_false(acknowledge(engine, TEST_BATCH));
	assert_string_equal(fencing.violation.invariant, "one_owner");
}

static void a_start_shows_what_the_files_prove_whatever_is_owed(void **state) {
	(void)state;
	assert_true(acknowledge(one_engine(), TEST_BATCH));
	fencing.engines[1].proved = 1;
	assert_false(load(2, 0, SIM_CONTRACT_DETECT));
	assert_string_equal(fencing.violation.invariant, "corruption_detected");
	fencing.engines[1].proved = 0;
}

/* ---- reasons (S42) --------------------------------------------------------------------------- */

enum rival { NO_RIVAL, RIVAL_BEFORE, RIVAL_MEANWHILE, RIVAL_AFTER };

/* The first engine has started, and another one has, too: before it, during its start, or since. */
static bool answer(enum rival rival, enum sim_disturbance disturbance, struct subject_reply reply) {
	struct sim_fencing_engine *engine = one_engine();
	const uint32_t report = 0;
	if (rival != NO_RIVAL) {
		sim_fencing_start_begins(&fencing, 1, 1, 0);
	}
	if (rival == RIVAL_BEFORE || rival == RIVAL_MEANWHILE) {
		sim_fencing_start_begins(&fencing, 0, 2, rival == RIVAL_MEANWHILE ? 2 : 0);
	}
	engine->reason.disturbance = disturbance;
	sim_fencing_sent(&fencing, report);
	return sim_fencing_answered(&fencing, engine, &report, &reply, 1);
}

static void to_stop_takes_a_failure_or_a_rival_that_started_since(void **state) {
	const struct subject_reply stopped = {.outcome = SUBJECT_STOPPED, .must_restart = true};
	(void)state;
	for (enum rival rival = NO_RIVAL; rival <= RIVAL_AFTER; rival++) {
		bool contested = rival >= RIVAL_MEANWHILE;
		assert_int_equal(answer(rival, SIM_UNDISTURBED, stopped), contested);
		assert_int_equal(answer(rival, SIM_DISTURBED_BY_LOCK, stopped), contested);
		assert_true(answer(rival, SIM_DISTURBED, stopped));
	}
	assert_false(answer(RIVAL_BEFORE, SIM_UNDISTURBED, stopped));
	assert_string_equal(fencing.violation.invariant, "no_needless_failure");
}

static void no_rival_puts_an_update_off_or_in_doubt(void **state) {
	const struct subject_reply later = {.outcome = SUBJECT_LATER};
	const struct subject_reply in_doubt = {.outcome = SUBJECT_IN_DOUBT, .must_restart = true};
	(void)state;
	assert_false(answer(RIVAL_AFTER, SIM_UNDISTURBED, later));
	assert_string_equal(fencing.violation.invariant, "no_needless_failure");
	assert_true(answer(RIVAL_AFTER, SIM_DISTURBED_BY_LOCK, later));
	assert_false(answer(RIVAL_AFTER, SIM_DISTURBED_BY_LOCK, in_doubt));
	assert_true(answer(RIVAL_AFTER, SIM_DISTURBED, in_doubt));
}

static void a_checkpoint_fails_for_a_lock_and_stops_for_a_rival(void **state) {
	const struct subject_reply put_off = {.outcome = SUBJECT_LATER};
	const struct subject_reply stops = {.outcome = SUBJECT_LATER, .must_restart = true};
	struct sim_fencing_engine *engine = one_engine();
	(void)state;
	assert_false(sim_fencing_checkpointed(&fencing, engine, &put_off));
	engine->reason.disturbance = SIM_DISTURBED_BY_LOCK;
	assert_true(sim_fencing_checkpointed(&fencing, engine, &put_off));
	assert_false(sim_fencing_checkpointed(&fencing, engine, &stops));
	assert_string_equal(fencing.violation.invariant, "no_needless_failure");
	engine->reason.contested = true;
	assert_true(sim_fencing_checkpointed(&fencing, engine, &stops));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_replies_of_a_batch_bear_the_version_after_its_last_update),
	        cmocka_unit_test(what_was_served_must_be_loaded),
	        cmocka_unit_test(where_only_detection_is_owed_the_chain_ends_where_it_is_found),
	        cmocka_unit_test(an_epoch_is_claimed_once_unless_its_claim_may_be_lost),
	        cmocka_unit_test(a_former_owner_acknowledges_nothing_beyond_what_its_successor_loaded),
	        cmocka_unit_test(a_start_has_loaded_nothing_of_a_later_epoch),
	        cmocka_unit_test(a_start_shows_what_the_files_prove_whatever_is_owed),
	        cmocka_unit_test(to_stop_takes_a_failure_or_a_rival_that_started_since),
	        cmocka_unit_test(no_rival_puts_an_update_off_or_in_doubt),
	        cmocka_unit_test(a_checkpoint_fails_for_a_lock_and_stops_for_a_rival),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
