/* sim/sweep/totals.c: see totals.h. */
#include "totals.h"

#include "cell.h"
#include "exit_status.h"

#include <assert.h>

/* The first seed that shows a weakness; one that corrupts says more than one that loses. */
static void sim_sweep_measure(struct sim_sweep_totals *totals, uint64_t seed, const struct sim_run_result *run) {
	bool corrupt = run->corrupt > 0;
	if ((corrupt && !totals->weak_corrupt) || (run->lost > 0 && !totals->weak)) {
		totals->weak = true;
		totals->weak_corrupt = corrupt;
		totals->weak_seed = seed;
	}
	totals->lost += run->lost;
	totals->lost_most = run->lost_most > totals->lost_most ? run->lost_most : totals->lost_most;
	totals->corrupt += run->corrupt;
}

static void sim_sweep_add(struct sim_sweep_totals *totals, const struct sim_run_result *run, bool excused) {
	assert(!excused || run->verdict == SIM_VIOLATED);
	totals->runs++;
	totals->held += run->verdict == SIM_HELD;
	totals->violated += run->verdict == SIM_VIOLATED && !excused;
	totals->excused += excused;
	totals->restarts += run->restarts;
	totals->crash_states += run->crash_states;
	totals->faults += run->faults;
	totals->updates += run->updates;
	for (int probe = 0; probe < SIM_PROBE_COUNT; probe++) {
		totals->probe_runs[probe] += run->probes[probe] > 0;
		totals->probe_times[probe] += run->probes[probe];
	}
	totals->phases.crashes_in_starts += run->phases.crashes_in_starts;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		totals->phases.crashes[phase] += run->phases.crashes[phase];
		totals->phases.faults[phase] += run->phases.faults[phase];
	}
	for (int kind = 0; kind < SIM_FAULT_KIND_COUNT; kind++) {
		totals->struck_runs[kind] += run->struck[kind] > 0;
	}
	assert(totals->held + totals->violated + totals->excused <= totals->runs);
}

void sim_sweep_count(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                     const struct sim_sweep_case *about, const struct sim_run_result *run) {
	assert(about->scenario < options->scenario_count);
	struct sim_sweep_totals *totals = &result->scenarios[about->scenario];
	bool excused = sim_cell_excuse(options, about->scenario, run) != SIM_SWEEP_NO_EXCUSE;
	sim_sweep_add(totals, run, excused);
	sim_sweep_add(&result->all, run, excused);
	totals->shown += sim_cell_shows(options, about->scenario, run);
	sim_sweep_measure(totals, about->seed, run);
	sim_sweep_measure(&result->all, about->seed, run);
	sim_cell_count_known(options, about, run, totals);
	assert(totals->runs <= result->all.runs);
}

int sim_sweep_exit_status(const struct sim_sweep_result *result) {
	if (result->broken[0] != '\0') {
		return SIM_EXIT_HARNESS;
	}
	if (result->interrupted) {
		return SIM_EXIT_INTERRUPTED;
	}
	if (result->failure_count > 0) {
		return SIM_EXIT_VIOLATED;
	}
	if (result->out_of_time) {
		return SIM_EXIT_UNDECIDED;
	}
	if (result->all.runs == 0) {
		return SIM_EXIT_NOTHING;
	}
	return result->too_few > 0 ? SIM_EXIT_UNDECIDED : SIM_EXIT_HELD;
}
