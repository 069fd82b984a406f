/* tests/sim/run/test_run.c: whole runs through sim_run(): the same seed gives the same run, an
 * honest subject holds, and each way to cheat goes red. The cheats wrap the built-in subject, so
 * that what they change is all that differs. */
#include "library.h"
#include "run.h"
#include "sighting.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SEEDS 60u

/* The first seed that is violated, with its result; 0 when all hold. */
static uint64_t first_violated(const char *name, const struct aftershock_subject *subject,
                               struct sim_run_result *result) {
	struct sim_scenario *scenario = library_load(name);
	uint64_t found = 0;
	for (uint64_t seed = 1; seed <= TEST_SEEDS && found == 0; seed++) {
		sim_run(scenario, seed, subject, NULL, result);
		assert_int_not_equal(result->verdict, SIM_HARNESS_FAILED);
		found = result->verdict == SIM_VIOLATED ? seed : 0;
	}
	sim_scenario_destroy(scenario);
	return found;
}

static void must_hold(const char *name, const struct aftershock_subject *subject) {
	struct sim_run_result result;
	uint64_t seed = first_violated(name, subject, &result);
	if (seed != 0) {
		fail_msg("%s@0x%016llx: %s: %s", name, (unsigned long long)seed, result.invariant, result.detail);
	}
}

static void must_go_red(const char *name, const struct aftershock_subject *subject, const char *invariant) {
	struct sim_run_result result;
	uint64_t seed = first_violated(name, subject, &result);
	if (seed == 0) {
		fail_msg("%s stays green over %u seeds", name, TEST_SEEDS);
	}
	if (invariant != NULL) {
		assert_string_equal(result.invariant, invariant);
	}
	assert_true(result.event > 0);
	assert_true(result.detail[0] != '\0');
}

/* Sums of what was measured over the test's seeds. */
static struct sim_run_result measured(const char *name, const struct aftershock_subject *subject) {
	struct sim_scenario *scenario = library_load(name);
	struct sim_run_result sum = {0};
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		struct sim_run_result result;
		sim_run(scenario, seed, subject, NULL, &result);
		assert_true(result.lost_most <= result.lost);
		assert_true(result.lost == 0 || result.lost_most > 0);
		sum.lost += result.lost;
		sum.corrupt += result.corrupt;
	}
	sim_scenario_destroy(scenario);
	return sum;
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static enum subject_start_status start_without_syncs(const struct subject_config *config, void **instance,
                                                     char *reason) {
	struct subject_config cheat = *config;
	cheat.synchronous = "off";
	return sim_subject_engine()->start(&cheat, instance, reason);
}

static enum subject_start_status start_with_normal(const struct subject_config *config, void **instance, char *reason) {
	struct subject_config cheat = *config;
	cheat.synchronous = "normal";
	return sim_subject_engine()->start(&cheat, instance, reason);
}

static enum subject_start_status start_in_memory(const struct subject_config *config, void **instance, char *reason) {
	struct subject_config cheat = *config;
	cheat.path = ":memory:";
	cheat.journal_mode = "memory";
	return sim_subject_engine()->start(&cheat, instance, reason);
}

static void step_calls_doubt_refused(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (reply->outcome == SUBJECT_IN_DOUBT) {
		reply->outcome = SUBJECT_LATER;
	}
}

static void step_acknowledges_failures(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (reply->outcome == SUBJECT_LATER) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
	}
}

static void step_never_does_anything(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

static struct aftershock_subject cheat(void) {
	return *sim_subject_engine();
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void same_seed_gives_the_same_run(void **state) {
	static const char *const names[] = {"crash-storm", "io-errors-anywhere", "locked-database", "damaged-at-start"};
	struct sim_run_result first;
	struct sim_run_result second;
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sim_scenario *scenario = library_load(names[i]);
		for (uint64_t seed = 1; seed <= 20; seed++) {
			sim_run(scenario, seed, sim_subject_engine(), NULL, &first);
			sim_run(scenario, seed, sim_subject_engine(), NULL, &second);
			assert_memory_equal(&first, &second, sizeof first);
		}
		sim_scenario_destroy(scenario);
	}
}

static void different_seeds_give_different_runs(void **state) {
	struct sim_run_result first;
	struct sim_run_result second;
	struct sim_scenario *scenario = library_load("crash-storm");
	(void)state;
	sim_run(scenario, 1, sim_subject_engine(), NULL, &first);
	sim_run(scenario, 2, sim_subject_engine(), NULL, &second);
	assert_memory_not_equal(first.trace_hash, second.trace_hash, sizeof first.trace_hash);
	sim_scenario_destroy(scenario);
}

static void engine_holds(void **state) {
	static const char *const names[] = {
	        "steady-trading", "disk-full",         "locked-database", "io-errors-anywhere", "kill-anywhere",
	        "power-loss-wal", "power-loss-delete", "crash-storm",     "damaged-at-start",   "commit-in-doubt-wal"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		must_hold(names[i], sim_subject_engine());
	}
}

static void faults_strike_and_are_counted(void **state) {
	struct sim_run_result result;
	struct sim_scenario *scenario = library_load("crash-storm");
	uint64_t faults = 0;
	uint64_t crash_states = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		sim_run(scenario, seed, sim_subject_engine(), NULL, &result);
		faults += result.faults;
		crash_states += result.crash_states;
		assert_true(result.steps > 0 && result.restarts > 0 && result.virtual_ns > 0);
	}
	assert_true(faults > 100 && crash_states > 50);
	sim_scenario_destroy(scenario);
}

static void missing_syncs_go_red_at_power_loss(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_without_syncs;
	must_go_red("power-loss-wal", &subject, NULL);
	must_go_red("power-loss-delete", &subject, NULL);
	must_go_red("power-loss-truncate", &subject, NULL);
	must_go_red("power-loss-persist", &subject, NULL);
}

static void missing_syncs_do_not_matter_to_kills(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_without_syncs;
	must_hold("kill-anywhere", &subject);
}

static void normal_in_place_of_full_goes_red_in_wal(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_with_normal;
	must_go_red("power-loss-wal", &subject, "acknowledged_is_durable");
}

static void losses_that_the_contract_allows_are_measured(void **state) {
	(void)state;
	assert_true(measured("power-loss-wal-normal", sim_subject_engine()).lost > 0);
}

static void nothing_is_measured_where_all_is_durable(void **state) {
	(void)state;
	struct sim_run_result sum = measured("power-loss-wal", sim_subject_engine());
	assert_int_equal(sum.lost, 0);
	assert_int_equal(sum.corrupt, 0);
}

static void damage_that_was_refused_is_measured(void **state) {
	(void)state;
	assert_true(measured("damaged-at-start", sim_subject_engine()).corrupt > 0);
}

static uint64_t runs_with_pages_evicted(enum vfs_sync_model model) {
	struct sim_scenario *scenario = library_load("pages-evicted");
	uint64_t runs = 0;
	scenario->settings[SIM_SETTING(sync_model)] = (struct sim_choices){.count = 1, .values = {(uint64_t)model}};
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		struct sim_run_result result;
		sim_run(scenario, seed, sim_subject_engine(), NULL, &result);
		assert_int_equal(result.verdict, SIM_HELD);
		runs += result.probes[SIM_PROBE_PAGES_EVICTED] > 0 ? 1 : 0;
	}
	sim_scenario_destroy(scenario);
	return runs;
}

/* S20: an eviction takes nothing that a living process has read. */
/* What is in memory and on the medium alike may be dropped at any time; only what is not makes an
 * eviction, and a weaker demand. */
static void pages_are_evicted_only_where_the_medium_has_others(void **state) {
	(void)state;
	assert_true(runs_with_pages_evicted(VFS_SYNC_EXT4) > 0);
	assert_int_equal(runs_with_pages_evicted(VFS_SYNC_STILL_DIRTY), 0);
}

static uint64_t virtual_time(struct sim_scenario *scenario, uint64_t call_us) {
	struct sim_run_result result;
	scenario->settings[SIM_SETTING(call_us)] = (struct sim_choices){1, {call_us}};
	sim_run(scenario, 1, sim_subject_engine(), NULL, &result);
	assert_int_equal(result.verdict, SIM_HELD);
	return result.virtual_ns;
}

static void calls_on_a_slow_disk_take_longer(void **state) {
	(void)state;
	struct sim_scenario *scenario = library_load("steady-trading");
	uint64_t fast_ns = virtual_time(scenario, 1);
	uint64_t slow_ns = virtual_time(scenario, 100);
	assert_true(slow_ns > 50 * fast_ns && slow_ns <= 100 * fast_ns);
	sim_scenario_destroy(scenario);
}

static void state_kept_in_memory_only_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_in_memory;
	must_go_red("steady-trading", &subject, "acknowledged_is_durable");
}

static void doubt_called_refused_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_calls_doubt_refused;
	must_go_red("commit-in-doubt-wal", &subject, "refused_is_absent");
}

static void acknowledged_failures_go_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_acknowledges_failures;
	must_go_red("disk-full", &subject, NULL);
}

static void no_progress_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_never_does_anything;
	must_go_red("steady-trading", &subject, "no_needless_failure");
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

/* S64 */
static void who_sights_species_changes_nothing(void **state) {
	static const char *const names[] = {"disk-full", "sql-swarm", "processes/wal-kill", "old-engine-wakes", NULL};
	static struct sim_sightings sightings;
	struct sim_run_result without;
	struct sim_run_result with;
	(void)state;
	for (const char *const *name = names; *name != NULL; name++) {
		struct sim_scenario *scenario = library_load(*name);
		memset(&sightings, 0, sizeof sightings);
		const struct sim_run_options options = {.sightings = &sightings};
		sim_run(scenario, 3, NULL, NULL, &without);
		sim_run(scenario, 3, NULL, &options, &with);
		assert_memory_equal(with.trace_hash, without.trace_hash, sizeof with.trace_hash);
		assert_in_range(sim_species_list(&sightings.species, NULL, 0), 100, SIM_SPECIES_COUNT);
		sim_scenario_destroy(scenario);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(same_seed_gives_the_same_run),
	        cmocka_unit_test(different_seeds_give_different_runs),
	        cmocka_unit_test(who_sights_species_changes_nothing),
	        cmocka_unit_test(engine_holds),
	        cmocka_unit_test(faults_strike_and_are_counted),
	        cmocka_unit_test(missing_syncs_go_red_at_power_loss),
	        cmocka_unit_test(missing_syncs_do_not_matter_to_kills),
	        cmocka_unit_test(normal_in_place_of_full_goes_red_in_wal),
	        cmocka_unit_test(state_kept_in_memory_only_goes_red),
	        cmocka_unit_test(pages_are_evicted_only_where_the_medium_has_others),
	        cmocka_unit_test(calls_on_a_slow_disk_take_longer),
	        cmocka_unit_test(doubt_called_refused_goes_red),
	        cmocka_unit_test(acknowledged_failures_go_red),
	        cmocka_unit_test(no_progress_goes_red),
	        cmocka_unit_test(losses_that_the_contract_allows_are_measured),
	        cmocka_unit_test(nothing_is_measured_where_all_is_durable),
	        cmocka_unit_test(damage_that_was_refused_is_measured),
	};
	return cmocka_run_group_tests_name("run", tests, set_up, NULL);
}
