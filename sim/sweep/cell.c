/* sim/sweep/cell.c: the verdict of a cell, and the violations that fail nothing. See cell.h. */
#include "cell.h"

#include "contract.h"
#include "build.h"
#include "demand.h"
#include "scenario_promise.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define SIM_CELL_LUCK 1e-6

/* ---- verdicts -------------------------------------------------------------------------------- */

static enum sim_contract sim_cell_weakest(const struct sim_scenario *scenario) {
	enum sim_contract weakest = SIM_CONTRACT_NONE;
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		struct sim_contract_span span = sim_scenario_promise_after(scenario, (enum sim_crash)crash);
		weakest = span.weakest > weakest ? span.weakest : weakest;
	}
	return weakest;
}

/* On an honest disk, after any crash: then it is the disk's lie that loses. */
static bool sim_cell_would_be_durable(const struct sim_scenario *scenario) {
	return sim_contract_of((enum sim_journal_mode)scenario->settings[SIM_SETTING(journal_mode)].values[0],
	                       (enum sim_synchronous)scenario->settings[SIM_SETTING(synchronous)].values[0],
	                       SIM_CRASH_POWER_LOSS) == SIM_CONTRACT_DURABLE;
}

enum sim_cell_verdict sim_cell_judge(const struct sim_scenario *scenario, const struct sim_sweep_totals *totals) {
	enum sim_contract weakest = sim_cell_weakest(scenario);
	if (totals->runs == 0) {
		return SIM_CELL_NONE;
	}
	if (totals->violated > 0) {
		return SIM_CELL_BROKEN;
	}
	if (scenario->must_violate_seeds > 0) {
		return totals->shown > 0                              ? SIM_CELL_RED
		       : totals->runs >= scenario->must_violate_seeds ? SIM_CELL_GREEN
		                                                      : SIM_CELL_UNDECIDED;
	}
	if (totals->excused > 0) {
		return SIM_CELL_KNOWN;
	}
	if (weakest <= SIM_CONTRACT_DURABLE) {
		return SIM_CELL_KEPT;
	}
	bool loss_counts = weakest < SIM_CONTRACT_DETECT || sim_cell_would_be_durable(scenario);
	bool shown = totals->corrupt > 0 || (loss_counts && totals->lost > 0);
	return shown ? SIM_CELL_SHOWN : SIM_CELL_NOT_SHOWN;
}

const char *sim_cell_verdict_name(enum sim_cell_verdict verdict) {
	static const char *const names[] = {"not run", "kept",  "BROKEN", "shown",    "not shown",
	                                    "red",     "GREEN", "known",  "undecided"};
	assert((size_t)verdict < sizeof names / sizeof names[0]);
	return names[verdict];
}

/* ---- excuses --------------------------------------------------------------------------------- */

/* A control demands more of storage than is promised, or sets a bound that cannot be kept. Only
 * what it demands may be broken. */
static bool sim_cell_demands_storage(const struct sim_scenario *scenario) {
	bool demands = scenario->demands_files_together || scenario->demands_locks;
	for (int crash = 0; crash < SIM_CRASH_COUNT; crash++) {
		demands = demands || scenario->demanded[crash] != SIM_CONTRACT_NONE;
	}
	return demands;
}

static bool sim_cell_has_bound(const struct sim_scenario *scenario) {
	bool has = false;
	for (uint32_t bound = 0; bound < SIM_BOUND_COUNT; bound++) {
		has = has || scenario->settings[SIM_SETTING(bounds) + bound].values[0] > 0;
	}
	return has;
}

/* A control may be caught by storage that does not keep what was demanded of it. Anything else,
 * such as a crash or an update that counts twice, is a failure there as anywhere. What a connection
 * of SQL shows is storage, too: a statement on a damaged index leaves another content. */
static bool sim_cell_is_about_storage(const struct sim_scenario *scenario, const char *invariant) {
	static const char *const invariants[] = {"acknowledged_is_durable", "loaded_equals_committed",
	                                         "refused_is_absent", "database_intact", NULL};
	/* What processes do to each other whose locks keep nobody off: also a call that fails,
	 * because somebody has deleted or cut a file meanwhile. */
	static const char *const of_locks[] = {"snapshot_isolation", "serialisable_writers", "answer_follows_content",
	                                       "query_returns_no_row", "no_needless_failure"};
	const char *const *known = invariants;
	if (strcmp(invariant, "bound_kept") == 0) {
		return sim_cell_has_bound(scenario);
	}
	if (!sim_cell_demands_storage(scenario)) {
		return false;
	}
	for (size_t i = 0; scenario->demands_locks && i < sizeof of_locks / sizeof of_locks[0]; i++) {
		if (strcmp(of_locks[i], invariant) == 0) {
			return true;
		}
	}
	bool shows_database = scenario->sql != NULL || sim_scenario_is_of_program(scenario);
	if (shows_database && strcmp(invariant, "memory_equals_committed") == 0) {
		return true;
	}
	while (*known != NULL && strcmp(*known, invariant) != 0) {
		known++;
	}
	return *known != NULL;
}

bool sim_cell_known_here(const struct sim_known *known) {
	uint64_t version = (uint64_t)sqlite3_libversion_number();
	bool here = false;
	for (uint32_t i = 0; i < known->version_count; i++) {
		here = here || (version >= known->versions[i].min && version <= known->versions[i].max);
	}
	return here;
}

bool sim_cell_known_recorded_here(const struct sim_known *known) {
	char build[SIM_BUILD_SIZE];
	sim_build_name(build);
	return known->recorded[0] == '\0' || strcmp(known->recorded, build) == 0;
}

/* The number of the finding that this run shows; UINT32_MAX when it shows none. */
static uint32_t sim_cell_find_known(const struct sim_sweep_options *options, uint32_t scenario,
                                    const struct sim_run_result *run) {
	const struct sim_scenario *about = options->scenarios[scenario];
	/* SQLite is the same under every subject: a plug-in and a planted bug meet its bugs,
	 * too. */
	bool possible = run->verdict == SIM_VIOLATED;
	for (uint32_t i = 0; i < about->known_count && possible; i++) {
		const struct sim_known *known = &about->known[i];
		if (sim_cell_known_here(known) && sim_scenario_known_shows_as(known, run->invariant) &&
		    strstr(run->detail, known->detail) != NULL) {
			return i;
		}
	}
	return UINT32_MAX;
}

enum sim_sweep_excuse sim_cell_excuse(const struct sim_sweep_options *options, uint32_t scenario,
                                      const struct sim_run_result *run) {
	if (sim_cell_find_known(options, scenario, run) != UINT32_MAX) {
		return SIM_SWEEP_KNOWN;
	}
	bool control = options->scenarios[scenario]->must_violate_seeds > 0 && run->verdict == SIM_VIOLATED &&
	               sim_cell_is_about_storage(options->scenarios[scenario], run->invariant);
	return control ? SIM_SWEEP_CONTROL : SIM_SWEEP_NO_EXCUSE;
}

const char *sim_cell_excuse_name(const struct sim_sweep_options *options, uint32_t scenario,
                                 const struct sim_run_result *run) {
	switch (sim_cell_excuse(options, scenario, run)) {
	case SIM_SWEEP_KNOWN:
		return options->scenarios[scenario]->known[sim_cell_find_known(options, scenario, run)].id;
	case SIM_SWEEP_CONTROL:
		return "control";
	case SIM_SWEEP_NO_EXCUSE:
		break;
	}
	return "";
}

/* What processes or a machine have made of the content. That a call fails, or says another thing
 * than what it has done, is seen without a look at it. */
static bool sim_cell_is_about_content(const char *invariant) {
	return strcmp(invariant, "no_needless_failure") != 0 && strcmp(invariant, "answer_follows_content") != 0 &&
	       strcmp(invariant, "bound_kept") != 0;
}

bool sim_cell_shows(const struct sim_sweep_options *options, uint32_t scenario, const struct sim_run_result *run) {
	enum sim_sweep_excuse excuse = sim_cell_excuse(options, scenario, run);
	if (options->scenarios[scenario]->must_show == SIM_CONTROL_SHOWS_CONTENT) {
		return excuse == SIM_SWEEP_CONTROL && sim_cell_is_about_content(run->invariant);
	}
	return excuse != SIM_SWEEP_NO_EXCUSE;
}

void sim_cell_count_known(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                          const struct sim_run_result *run, struct sim_sweep_totals *totals) {
	const struct sim_scenario *scenario = options->scenarios[about->scenario];
	uint32_t seen = sim_cell_find_known(options, about->scenario, run);
	assert(scenario->known_count <= SIM_KNOWN_MAX);
	for (uint32_t i = 0; i < scenario->known_count; i++) {
		const struct sim_known *known = &scenario->known[i];
		bool by_seed = about->plan == 0 && known->seed == about->seed && sim_cell_known_recorded_here(known);
		if (by_seed || about->plan == i + 1) {
			totals->known_tried |= 1u << i;
			totals->known_seen |= seen == i ? 1u << i : 0u;
		}
	}
	if (seen != UINT32_MAX) {
		totals->known_runs[seen]++;
	}
}

/* ---- what is shown --------------------------------------------------------------------------- */

void sim_cell_known_line(const struct sim_sweep_options *options, uint32_t scenario, uint32_t number, char *line,
                         size_t size) {
	const struct sim_known *known = &options->scenarios[scenario]->known[number];
	const struct sim_sweep_case shown = {
	        .scenario = scenario, .seed = known->seed, .plan = known->seed != 0 ? 0 : number + 1};
	assert(number < options->scenarios[scenario]->known_count);
	sim_sweep_replay_line(options, &shown, line, size);
}

bool sim_cell_is_shown(const struct sim_scenario *scenario) {
	return scenario->cell[0] != '\0' || scenario->must_violate_seeds > 0;
}

static size_t sim_cell_version_text(uint64_t version, char *text, size_t size) {
	return (size_t)snprintf(text, size, "%u.%u.%u", (unsigned)(version / 1000000),
	                        (unsigned)(version / 1000 % 1000), (unsigned)(version % 1000));
}

void sim_cell_versions_text(const struct sim_known *known, char text[SIM_CELL_VERSIONS_SIZE]) {
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < known->version_count && used < SIM_CELL_VERSIONS_SIZE - 40; i++) {
		const struct sim_range *range = &known->versions[i];
		used += (size_t)snprintf(text + used, SIM_CELL_VERSIONS_SIZE - used, "%s", i > 0 ? ", " : "");
		used += sim_cell_version_text(range->min, text + used, SIM_CELL_VERSIONS_SIZE - used);
		if (range->max != range->min) {
			used += (size_t)snprintf(text + used, SIM_CELL_VERSIONS_SIZE - used, "..");
		}
		if (range->max != range->min && range->max != UINT64_MAX) {
			used += sim_cell_version_text(range->max, text + used, SIM_CELL_VERSIONS_SIZE - used);
		}
	}
}

const char *sim_cell_known_state(const struct sim_scenario *scenario, const struct sim_sweep_totals *totals,
                                 uint32_t n) {
	assert(n < scenario->known_count);
	bool tried = (totals->known_tried & 1u << n) != 0;
	bool seen = (totals->known_seen & 1u << n) != 0 || totals->known_runs[n] > 0;
	if (!sim_cell_known_here(&scenario->known[n])) {
		return "not concerned";
	}
	return seen ? "seen" : tried ? "NOT SEEN" : "not tried";
}

/* ---- after the last run ---------------------------------------------------------------------- */

static void sim_cell_check_control(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                   uint32_t number) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	if (scenario->must_violate_seeds == 0 || totals->shown > 0 || totals->runs < scenario->must_violate_seeds) {
		return;
	}
	struct sim_sweep_failure failure = {.scenario = number, .seed = options->first_seed, .count = totals->runs};
	snprintf(failure.invariant, sizeof failure.invariant, SIM_SWEEP_CONTROL_GREEN);
	snprintf(failure.detail, sizeof failure.detail,
	         "a positive control stays green%s: the judge would not see this either where it matters",
	         totals->excused > 0 ? " of wrong content" : "");
	sim_sweep_fail_batch(result, &failure);
}

static void sim_cell_check_known(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                 uint32_t number) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	/* Where a seed shows it, another number of crash states beside the run may show something
	 * else before. */
	bool may_differ = options->branches_given && scenario->processes == NULL;
	for (uint32_t i = 0; i < scenario->known_count; i++) {
		const struct sim_known *known = &scenario->known[i];
		if (may_differ && known->seed != 0) {
			continue;
		}
		bool tried = (totals->known_tried & 1u << i) != 0;
		bool seen = (totals->known_seen & 1u << i) != 0;
		if (!sim_cell_known_here(known) || !tried || seen) {
			continue;
		}
		struct sim_sweep_failure failure = {
		        .scenario = number, .seed = known->seed, .plan = known->seed != 0 ? 0 : i + 1, .count = 1};
		snprintf(failure.invariant, sizeof failure.invariant, SIM_SWEEP_KNOWN_UNSEEN);
		snprintf(failure.detail, sizeof failure.detail, "%s: neither seed nor plan shows %s with SQLite %s",
		         known->id, known->invariant, sqlite3_libversion());
		sim_sweep_fail_batch(result, &failure);
	}
}

/* How unlikely so many are by luck (Chernoff's bound of Poisson's tail). */
static bool sim_cell_is_too_often(uint64_t shown, uint64_t runs, uint32_t one_in) {
	double mean = (double)runs / one_in;
	double count = (double)shown;
	return count > mean && count - mean + count * log(mean / count) < log(SIM_CELL_LUCK);
}

/* An excuse that is needed more often than the finding ever was hides something else. */
static void sim_cell_check_rare(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                uint32_t number) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	for (uint32_t i = 0; i < scenario->known_count; i++) {
		const struct sim_known *known = &scenario->known[i];
		/* Its own seed and plan are no evidence. */
		uint64_t own = (known->seed != 0 ? 1u : 0u) + (known->plan[0] != '\0' ? 1u : 0u);
		uint64_t shown = totals->known_runs[i] > own ? totals->known_runs[i] - own : 0;
		if (known->one_in == 0 || !sim_cell_is_too_often(shown, totals->runs, known->one_in)) {
			continue;
		}
		struct sim_sweep_failure failure = {.scenario = number, .seed = options->first_seed, .count = shown};
		snprintf(failure.invariant, sizeof failure.invariant, SIM_SWEEP_KNOWN_OFTEN);
		snprintf(failure.detail, sizeof failure.detail,
		         "%s: shown in %" PRIu64 " of %" PRIu64 " runs, expected at most one in %" PRIu32, known->id,
		         shown, totals->runs, known->one_in);
		sim_sweep_fail_batch(result, &failure);
	}
}

void sim_cell_check_batch(const struct sim_sweep_options *options, struct sim_sweep_result *result) {
	sim_demands_check(options, result);
	for (uint32_t i = 0; i < options->scenario_count && sim_sweep_is_of_product(options); i++) {
		sim_cell_check_control(options, result, i);
		sim_cell_check_known(options, result, i);
		sim_cell_check_rare(options, result, i);
	}
}
