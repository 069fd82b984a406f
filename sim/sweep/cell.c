/* sim/sweep/cell.c: the verdict of a cell, and the violations that fail nothing. See cell.h. */
#include "cell.h"

#include "contract.h"
#include "scenario_promise.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

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
		return totals->excused > 0                            ? SIM_CELL_RED
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

/* A control may be caught by storage that does not keep what was demanded of it. Anything else,
 * such as a crash or an update that counts twice, is a failure there as anywhere. */
static bool sim_cell_is_about_storage(const char *invariant) {
	static const char *const invariants[] = {"acknowledged_is_durable", "loaded_equals_committed",
	                                         "refused_is_absent", "database_intact", NULL};
	const char *const *known = invariants;
	while (*known != NULL && strcmp(*known, invariant) != 0) {
		known++;
	}
	return *known != NULL;
}

/* Whether the finding is one of the SQLite that this program runs with. */
static bool sim_cell_known_here(const struct sim_known *known) {
	uint64_t version = (uint64_t)sqlite3_libversion_number();
	return version >= known->versions.min && version <= known->versions.max;
}

/* The number of the finding that this run shows; UINT32_MAX when it shows none. */
static uint32_t sim_cell_find_known(const struct sim_sweep_options *options, uint32_t scenario,
                                    const struct sim_run_result *run) {
	const struct sim_scenario *about = options->scenarios[scenario];
	/* What is known is known of the built-in subjects. A bug planted in the test bed leaves
	 * SQLite as it is. */
	bool possible = options->subject_path == NULL && run->verdict == SIM_VIOLATED;
	for (uint32_t i = 0; i < about->known_count && possible; i++) {
		const struct sim_known *known = &about->known[i];
		if (sim_cell_known_here(known) && strcmp(known->invariant, run->invariant) == 0 &&
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
	               sim_cell_is_about_storage(run->invariant);
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

void sim_cell_count_known(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                          const struct sim_run_result *run, struct sim_sweep_totals *totals) {
	const struct sim_scenario *scenario = options->scenarios[about->scenario];
	uint32_t seen = sim_cell_find_known(options, about->scenario, run);
	assert(scenario->known_count <= SIM_KNOWN_MAX);
	for (uint32_t i = 0; i < scenario->known_count; i++) {
		if (scenario->known[i].seed == about->seed) {
			totals->known_tried |= 1u << i;
			totals->known_seen |= seen == i ? 1u << i : 0u;
		}
	}
	if (seen != UINT32_MAX) {
		totals->known_runs[seen]++;
	}
}

/* ---- what is shown --------------------------------------------------------------------------- */

bool sim_cell_is_shown(const struct sim_scenario *scenario) {
	return scenario->cell[0] != '\0' || scenario->must_violate_seeds > 0;
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

static uint64_t sim_cell_group_runs(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                    uint32_t first) {
	uint64_t runs = 0;
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		runs += result->scenarios[i].runs;
	}
	return runs;
}

static void sim_cell_fail_group(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                uint32_t first, const char *invariant, const char *detail) {
	struct sim_sweep_failure failure = {.scenario = first, .seed = options->first_seed};
	failure.count = sim_cell_group_runs(options, result, first);
	snprintf(failure.invariant, sizeof failure.invariant, "%s", invariant);
	snprintf(failure.detail, sizeof failure.detail, "%s", detail);
	sim_sweep_fail_batch(result, &failure);
}

static void sim_cell_check_probe(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                 uint32_t first, enum sim_probe probe) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	uint64_t reached = 0;
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		reached += result->scenarios[i].probe_runs[probe];
	}
	if (options->scenarios[first]->probes[probe] && reached == 0) {
		snprintf(detail, sizeof detail, "no seed reached the probe %s", sim_probe_name(probe));
		sim_cell_fail_group(options, result, first, SIM_SWEEP_PROBE_MISSED, detail);
	}
}

static bool sim_cell_has_fault(const struct sim_scenario *scenario, enum sim_fault_kind kind) {
	bool has = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		has = has || scenario->fault_groups[i].kind == kind;
	}
	return has;
}

/* A fault that never struck proves nothing, whatever held. */
static void sim_cell_check_fault(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                 uint32_t first, enum sim_fault_kind kind) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	uint64_t struck = 0;
	bool has = false;
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		has = has || sim_cell_has_fault(options->scenarios[i], kind);
		struck += result->scenarios[i].struck_runs[kind];
	}
	if (has && struck == 0) {
		snprintf(detail, sizeof detail, "no seed was struck by %s", sim_fault_row(kind)->name);
		sim_cell_fail_group(options, result, first, SIM_SWEEP_FAULT_UNSTRUCK, detail);
	}
}

/* A probe that no seed of a large enough batch reached is a failure like any other. The cells of
 * one file are one batch. When only some of them were asked for, nobody knows which would reach
 * what. */
static void sim_cell_check_group(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                 uint32_t first) {
	const struct sim_scenario *scenario = options->scenarios[first];
	if (sim_cell_group_runs(options, result, first) < scenario->probe_seeds) {
		return;
	}
	for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT && !scenario->selected; probe++) {
		sim_cell_check_probe(options, result, first, (enum sim_probe)probe);
	}
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		sim_cell_check_fault(options, result, first, (enum sim_fault_kind)kind);
	}
}

static void sim_cell_check_control(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                   uint32_t number) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	if (scenario->must_violate_seeds == 0 || totals->excused > 0 || totals->runs < scenario->must_violate_seeds) {
		return;
	}
	struct sim_sweep_failure failure = {.scenario = number, .seed = options->first_seed, .count = totals->runs};
	snprintf(failure.invariant, sizeof failure.invariant, SIM_SWEEP_CONTROL_GREEN);
	snprintf(failure.detail, sizeof failure.detail,
	         "a positive control stays green: the judge would not see this either where it matters");
	sim_sweep_fail_batch(result, &failure);
}

static void sim_cell_check_known(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                                 uint32_t number) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	for (uint32_t i = 0; i < scenario->known_count; i++) {
		const struct sim_known *known = &scenario->known[i];
		bool tried = (totals->known_tried & 1u << i) != 0;
		bool seen = (totals->known_seen & 1u << i) != 0;
		if (!sim_cell_known_here(known) || !tried || seen) {
			continue;
		}
		struct sim_sweep_failure failure = {.scenario = number, .seed = known->seed, .count = 1};
		snprintf(failure.invariant, sizeof failure.invariant, SIM_SWEEP_KNOWN_UNSEEN);
		snprintf(failure.detail, sizeof failure.detail, "%s: its seed shows no %s with SQLite %s", known->id,
		         known->invariant, sqlite3_libversion());
		sim_sweep_fail_batch(result, &failure);
	}
}

void sim_cell_check_batch(const struct sim_sweep_options *options, struct sim_sweep_result *result) {
	if (!sim_sweep_is_of_product(options)) {
		return;
	}
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		if (i == 0 || sim_sweep_group_end(options, i - 1) == i) {
			sim_cell_check_group(options, result, i);
		}
		sim_cell_check_control(options, result, i);
		sim_cell_check_known(options, result, i);
	}
}
