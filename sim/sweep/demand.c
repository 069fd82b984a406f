/* sim/sweep/demand.c: see demand.h. */
#include "demand.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIM_DEMAND_LUCK 1e-6

/* The smallest batch that misses something of this rate by luck less often than once in a
 * million. */
static uint64_t sim_demand_due(uint32_t one_in) {
	assert(one_in >= 2);
	return (uint64_t)ceil(log(SIM_DEMAND_LUCK) / log1p(-1.0 / one_in));
}

const char *sim_demand_state_name(enum sim_demand_state state) {
	static const char *const names[] = {"none", "reached", "not yet", "too few seeds", "missed"};
	assert((size_t)state < sizeof names / sizeof names[0]);
	return names[state];
}

/* ---- the demands of a file ------------------------------------------------------------------- */

static bool sim_demand_has_fault(const struct sim_scenario *scenario, enum sim_fault_kind kind) {
	bool has = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		has = has || scenario->fault_groups[i].kind == kind;
	}
	return has;
}

static void sim_demands_add(struct sim_demands *demands, const struct sim_scenario *scenario,
                            const struct sim_demand *demand) {
	assert(demands->count < SIM_DEMANDS_MAX);
	struct sim_demand *added = &demands->all[demands->count++];
	*added = *demand;
	added->due = demand->one_in > 0 ? sim_demand_due(demand->one_in) : scenario->probe_seeds;
}

static void sim_demands_add_probe(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                  uint32_t first, enum sim_probe probe, struct sim_demands *demands) {
	const struct sim_scenario *scenario = options->scenarios[first];
	struct sim_demand demand = {.name = sim_probe_name(probe), .one_in = scenario->probe_one_in[probe]};
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		demand.reached += result->scenarios[i].probe_runs[probe];
	}
	/* When only some cells were asked for, nobody knows which would reach what. */
	if (scenario->probes[probe] && !scenario->selected) {
		sim_demands_add(demands, scenario, &demand);
	}
}

static void sim_demands_add_fault(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                  uint32_t first, enum sim_fault_kind kind, struct sim_demands *demands) {
	const struct sim_scenario *scenario = options->scenarios[first];
	struct sim_demand demand = {
	        .name = sim_fault_row(kind)->name, .of_fault = true, .one_in = scenario->fault_one_in[kind]};
	bool has = false;
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		has = has || sim_demand_has_fault(options->scenarios[i], kind);
		demand.reached += result->scenarios[i].struck_runs[kind];
	}
	if (has) {
		sim_demands_add(demands, scenario, &demand);
	}
}

/* ---- judging --------------------------------------------------------------------------------- */

/* Where faults are listed and none of any kind struck, nothing was tried, whatever is rare. */
static bool sim_demands_nothing_struck(const struct sim_demands *demands) {
	bool listed = false;
	bool struck = false;
	for (uint32_t i = 0; i < demands->count; i++) {
		listed = listed || demands->all[i].of_fault;
		struck = struck || (demands->all[i].of_fault && demands->all[i].reached > 0);
	}
	return listed && !struck;
}

/* A probe can lie beyond what somebody else's program, or VFS, ever does. Then its scenario proves
 * little, and nothing is broken. */
static bool sim_demand_may_be_missed(const struct sim_sweep_options *options, const struct sim_demand *demand) {
	bool is_ours = options->subject_path == NULL || options->bug != NULL;
	return demand->of_fault || (is_ours && options->vfs_path == NULL);
}

static enum sim_demand_state sim_demand_judge(const struct sim_sweep_options *options,
                                              const struct sim_demands *demands, const struct sim_demand *demand) {
	if (demand->reached > 0) {
		return SIM_DEMAND_REACHED;
	}
	if (demands->runs >= demand->due) {
		return sim_demand_may_be_missed(options, demand) ? SIM_DEMAND_MISSED : SIM_DEMAND_TOO_FEW;
	}
	bool explained = demand->one_in > 0 && !(demand->of_fault && sim_demands_nothing_struck(demands));
	/* Who asks for one seed asks about that seed. */
	return explained || options->seed_count == 1 ? SIM_DEMAND_NOT_YET : SIM_DEMAND_TOO_FEW;
}

/* What a scenario demands is what all its cells together reach. */
static bool sim_demands_lack_cells(const struct sim_sweep_options *options, uint32_t first) {
	bool lacks = false;
	for (uint32_t i = 0; i < options->skipped_count; i++) {
		lacks = lacks || strcmp(options->skipped[i].scenario->name, options->scenarios[first]->name) == 0;
	}
	return lacks;
}

void sim_demands_judge(const struct sim_sweep_options *options, const struct sim_sweep_result *result, uint32_t first,
                       struct sim_demands *demands) {
	memset(demands, 0, sizeof *demands);
	uint64_t violated = 0;
	for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
		demands->runs += result->scenarios[i].runs;
		violated += result->scenarios[i].violated;
	}
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		sim_demands_add_fault(options, result, first, (enum sim_fault_kind)kind, demands);
	}
	for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT; probe++) {
		sim_demands_add_probe(options, result, first, (enum sim_probe)probe, demands);
	}
	for (uint32_t i = 0; i < demands->count; i++) {
		struct sim_demand *demand = &demands->all[i];
		enum sim_demand_state state = sim_demand_judge(options, demands, demand);
		/* A run ends where it is violated. What it would have reached is unknown, and the
		 * sweep is red in any case. */
		bool is_unknown = violated > 0 || demands->runs == 0 || sim_demands_lack_cells(options, first);
		bool moot = state != SIM_DEMAND_REACHED && is_unknown;
		demand->state = moot ? SIM_DEMAND_NOT_YET : state;
		demands->states[demand->state]++;
	}
}

enum sim_demand_state sim_demands_state(const struct sim_demands *demands) {
	enum sim_demand_state worst = SIM_DEMAND_REACHED;
	for (uint32_t i = 0; i < demands->count; i++) {
		worst = demands->all[i].state > worst ? demands->all[i].state : worst;
	}
	return worst;
}

/* ---- words ----------------------------------------------------------------------------------- */

uint32_t sim_demands_text(const struct sim_demands *demands, enum sim_demand_state state,
                          char text[SIM_DEMAND_TEXT_SIZE]) {
	size_t used = 0;
	uint32_t count = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < demands->count && used < SIM_DEMAND_TEXT_SIZE; i++) {
		const struct sim_demand *demand = &demands->all[i];
		if (demand->state != state) {
			continue;
		}
		used += (size_t)snprintf(text + used, SIM_DEMAND_TEXT_SIZE - used, "%s%s %s", count > 0 ? ", " : "",
		                         demand->of_fault ? "fault" : "probe", demand->name);
		count++;
	}
	return count;
}

void sim_demands_struck(const struct sim_demands *demands, char text[SIM_DEMAND_TEXT_SIZE]) {
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < demands->count && used < SIM_DEMAND_TEXT_SIZE; i++) {
		const struct sim_demand *demand = &demands->all[i];
		if (demand->of_fault) {
			used += (size_t)snprintf(text + used, SIM_DEMAND_TEXT_SIZE - used, "%s%s %llu",
			                         used > 0 ? ", " : "", demand->name,
			                         (unsigned long long)demand->reached);
		}
	}
}

/* ---- after the last run ---------------------------------------------------------------------- */

static void sim_demands_fail(const struct sim_sweep_options *options, struct sim_sweep_result *result, uint32_t first,
                             const struct sim_demands *demands) {
	for (uint32_t i = 0; i < demands->count; i++) {
		const struct sim_demand *demand = &demands->all[i];
		struct sim_sweep_failure failure = {
		        .scenario = first, .seed = options->first_seed, .count = demands->runs};
		if (demand->state != SIM_DEMAND_MISSED) {
			continue;
		}
		snprintf(failure.invariant, sizeof failure.invariant, "%s",
		         demand->of_fault ? SIM_SWEEP_FAULT_UNSTRUCK : SIM_SWEEP_PROBE_MISSED);
		snprintf(failure.detail, sizeof failure.detail,
		         demand->of_fault ? "no seed was struck by %s" : "no seed reached the probe %s", demand->name);
		sim_sweep_fail_batch(result, &failure);
	}
}

void sim_demands_check(const struct sim_sweep_options *options, struct sim_sweep_result *result) {
	static struct sim_demands demands;
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_demands_judge(options, result, i, &demands);
		sim_demands_fail(options, result, i, &demands);
		result->too_few += demands.states[SIM_DEMAND_TOO_FEW] > 0 ? 1 : 0;
	}
}
