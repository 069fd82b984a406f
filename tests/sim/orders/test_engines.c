/* tests/sim/orders/test_engines.c: several engines on one database, interleaved at every call. The
 * honest engine is fenced, whatever is killed, paused or cut off; engines that cheat go red, and so
 * do readers that see what cannot be (S22). */
#include "fencing.h"
#include "library.h"
#include "run.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

static void must_hold(const char *name) {
	struct sim_run_result sum = library_run(name, sim_subject_engine(), TEST_SEEDS);
	if (sum.verdict != SIM_HELD) {
		fail_msg("%s: %s: %s", name, sum.invariant, sum.detail);
	}
	assert_true(sum.updates > 0);
	assert_true(sum.probes[SIM_PROBE_TAKEOVER] > 0);
	assert_true(sum.probes[SIM_PROBE_FORMER_FENCED] > 0);
	assert_true(sum.probes[SIM_PROBE_SNAPSHOT_HELD] > 0);
}

static void honest_engines_hold_and_are_fenced(void **state) {
	(void)state;
	must_hold("processes/engine-rivals");
	must_hold("processes/engine-paused");
	must_hold("processes/engine-killed");
	must_hold("processes/engine-power-loss");
	must_hold("processes/engine-errors");
	must_hold("processes/engine-wal-index");
	must_hold("processes/engine-batches");
	must_hold("processes/engine-damage");
}

/* Each is another false alarm that engines once raised while another one made the database or took
 * it over. */
static void seeds_that_once_went_red_hold(void **state) {
	static const struct {
		const char *name;
		uint64_t seed;
	} rows[] = {{"processes/engine-rivals", 0x12a},
	            {"processes/engine-rivals", 0x4ef},
	            {"processes/engine-rivals", 0x1b2e},
	            {"processes/engine-paused", 0x765},
	            {"processes/engine-power-loss", 0xd52}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_run_result result;
		struct sim_scenario *scenario = library_load(rows[i].name);
		sim_run(scenario, rows[i].seed, sim_subject_engine(), NULL, &result);
		sim_scenario_destroy(scenario);
		assert_string_equal(result.invariant, "");
	}
}

static void one_seed_is_one_run(void **state) {
	struct sim_run_result runs[2];
	struct sim_scenario *scenario = library_load("processes/engine-errors");
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		for (int i = 0; i < 2; i++) {
			sim_run(scenario, seed, sim_subject_engine(), NULL, &runs[i]);
		}
		assert_memory_equal(runs[0].trace_hash, runs[1].trace_hash, sizeof runs[0].trace_hash);
		assert_true(runs[0].schedule_hash == runs[1].schedule_hash && runs[0].switches > 0);
	}
	sim_scenario_destroy(scenario);
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static void step_acknowledges_though_fenced(void *instance, const struct subject_step *step,
                                            struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (reply->outcome == SUBJECT_STOPPED) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
		reply->version++;
	}
}

static void step_counts_two(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->version += reply->outcome == SUBJECT_ACKNOWLEDGED && reply->version > 3;
}

static void step_acknowledges_a_duplicate(void *instance, const struct subject_step *step,
                                          struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_UNCHANGED ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

/* Every engine shows the same epoch. */
static const struct subject_sink *real_sink;

static void show_one_epoch(void *context, const struct subject_head *head) {
	struct subject_head changed = *head;
	changed.epoch = 1;
	real_sink->head(context, &changed);
}

static void observe_one_epoch(void *instance, const struct subject_sink *sink) {
	struct subject_sink changed = *sink;
	real_sink = sink;
	changed.head = show_one_epoch;
	sim_subject_engine()->observe(instance, &changed);
}

static void must_go_red(void (*step)(void *, const struct subject_step *, struct subject_reply *),
                        const char *invariant) {
	struct aftershock_subject subject = *sim_subject_engine();
	subject.step = step;
	assert_string_equal(library_run("processes/engine-rivals", &subject, TEST_SEEDS).invariant, invariant);
}

static void acknowledging_after_a_takeover_goes_red(void **state) {
	(void)state;
	must_go_red(step_acknowledges_though_fenced, "one_owner");
}

static void versions_that_skip_one_go_red(void **state) {
	(void)state;
	must_go_red(step_counts_two, "version_monotonic");
}

static void acknowledging_twice_goes_red(void **state) {
	(void)state;
	must_go_red(step_acknowledges_a_duplicate, "exactly_once");
}

static void two_owners_of_one_epoch_go_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.observe = observe_one_epoch;
	assert_string_equal(library_run("processes/engine-rivals", &subject, TEST_SEEDS).invariant, "one_owner");
}

/* ---- readers beside the engines -------------------------------------------------------------- */

/* A world in which version 5 of epoch 2 was acknowledged, and a reader has seen version 3 of epoch
 * 2. */
static const char *read_by(enum sim_protocol protocol, uint64_t version, uint64_t epoch, uint64_t executions) {
	static struct sim_plan plan;
	static struct sim_fencing fencing;
	struct sim_fencing_look look;
	plan.settings.protocol = protocol;
	sim_fencing_begin(&fencing, &plan);
	fencing.floor = 5;
	fencing.read_version = 3;
	fencing.read_epoch = 2;
	sim_fencing_look_begins(&fencing, &look);
	look.version = look.newest = version;
	look.epoch = epoch;
	look.executions = executions;
	bool held = sim_fencing_look_ended(&fencing, &look, "reader-1");
	assert_int_equal(held, fencing.violation.invariant[0] == '\0');
	return fencing.violation.invariant;
}

static void readers_see_what_was_acknowledged_or_more(void **state) {
	(void)state;
	assert_string_equal(read_by(SIM_PROTOCOL_PERSIST_FIRST, 5, 2, 5), "");
	assert_string_equal(read_by(SIM_PROTOCOL_ROLLBACK, 7, 3, 7), "");
	assert_string_equal(read_by(SIM_PROTOCOL_PERSIST_FIRST, 4, 2, 4), "version_monotonic");
	assert_string_equal(read_by(SIM_PROTOCOL_PERSIST_FIRST, 6, 1, 6), "version_monotonic");
}

static void with_a_journal_the_file_may_lag_but_not_go_back(void **state) {
	(void)state;
	assert_string_equal(read_by(SIM_PROTOCOL_JOURNAL, 3, 2, 3), "");
	assert_string_equal(read_by(SIM_PROTOCOL_JOURNAL, 2, 2, 2), "version_monotonic");
}

static void a_version_without_its_ledger_goes_red(void **state) {
	(void)state;
	assert_string_equal(read_by(SIM_PROTOCOL_PERSIST_FIRST, 6, 2, 5), "snapshot_isolation");
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(honest_engines_hold_and_are_fenced),
	        cmocka_unit_test(seeds_that_once_went_red_hold),
	        cmocka_unit_test(one_seed_is_one_run),
	        cmocka_unit_test(acknowledging_after_a_takeover_goes_red),
	        cmocka_unit_test(versions_that_skip_one_go_red),
	        cmocka_unit_test(acknowledging_twice_goes_red),
	        cmocka_unit_test(two_owners_of_one_epoch_go_red),
	        cmocka_unit_test(readers_see_what_was_acknowledged_or_more),
	        cmocka_unit_test(with_a_journal_the_file_may_lag_but_not_go_back),
	        cmocka_unit_test(a_version_without_its_ledger_goes_red),
	};
	return cmocka_run_group_tests_name("rivals", tests, set_up, NULL);
}
