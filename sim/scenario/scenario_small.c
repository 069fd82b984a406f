/* sim/scenario/scenario_small.c: whether a scenario that enumerates its workloads leaves nothing to
 * chance: a list with two values would be half explored, and be called complete. */
#include "scenario_internal.h"
#include "small.h"

#include <stdio.h>

/* What a cell was not given by its axes has one value. */
static bool sim_small_check_settings(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		if (scenario->settings[i].count > 1) {
			snprintf(place, sizeof place, "%s.%s", row->section, row->key);
			return sim_scenario_refuse(
			        source, place, "%s has %u values beside workload.enumerate, expected one, or an axis",
			        place, scenario->settings[i].count);
		}
	}
	return true;
}

static bool sim_small_check_count(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	uint64_t count = sim_small_count(scenario);
	return count <= SIM_SMALL_WORKLOADS_MAX ||
	       sim_scenario_refuse(source, "workload.enumerate",
	                           "more than %u workloads: %u templates in sequences of up to %u, expected fewer",
	                           SIM_SMALL_WORKLOADS_MAX, sim_small_template_count(scenario),
	                           scenario->workload.enumerate);
}

bool sim_scenario_check_enumerate(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                  struct sim_scenario *scenario) {
	const uint64_t *enumerate = raw->workload.enumerate;
	if (enumerate != NULL && (*enumerate == 0 || *enumerate > SIM_SMALL_LENGTH_MAX)) {
		return sim_scenario_refuse(source, "workload.enumerate", "workload.enumerate is %llu, expected 1 to %u",
		                           (unsigned long long)*enumerate, SIM_SMALL_LENGTH_MAX);
	}
	scenario->workload.enumerate = enumerate != NULL ? (uint32_t)*enumerate : 0;
	return true;
}

/* What a scenario may let happen by chance: one draw would decide for all workloads alike. The name
 * of the first such key; NULL: none. */
static const char *sim_small_by_chance(const struct sim_raw_workload *raw) {
	const struct {
		const char *name;
		const uint64_t *percent;
	} rows[] = {{"duplicates", raw->duplicates},   {"reorders", raw->reorders}, {"restarts", raw->restarts},
	            {"checkpoints", raw->checkpoints}, {"kills", raw->kills},       {"power_losses", raw->power_losses},
	            {"takeovers", raw->takeovers},     {"wakes", raw->wakes},       {"retires", raw->retires},
	            {"rejects", raw->rejects},         {"cancels", raw->cancels},   {"expires", raw->expires}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].percent != NULL && *rows[i].percent > 0) {
			return rows[i].name;
		}
	}
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		if (raw->rare[rare] != NULL && *raw->rare[rare] > 0) {
			return sim_scenario_rare_name((enum sim_rare)rare);
		}
	}
	return NULL;
}

bool sim_scenario_check_small(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario) {
	if (scenario->workload.enumerate == 0) {
		return true;
	}
	const struct {
		const char *place;
		bool is_there;
	} others[] = {{"faults", scenario->fault_group_count > 0},
	              {"processes", scenario->processes != NULL},
	              {"workload.trader", scenario->workload.trader != SIM_TRADER_NONE},
	              {"workload.updates", raw->workload.updates != NULL},
	              {"sql.attached_chance", scenario->sql != NULL && scenario->sql->alone != NULL}};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (others[i].is_there) {
			return sim_scenario_refuse(source, others[i].place,
			                           "%s beside workload.enumerate, expected none", others[i].place);
		}
	}
	const char *chance = sim_small_by_chance(&raw->workload);
	if (chance != NULL) {
		char place[64];
		snprintf(place, sizeof place, "workload.%s", chance);
		return sim_scenario_refuse(source, place,
		                           "%s beside workload.enumerate, which leaves nothing to chance", place);
	}
	return sim_small_check_settings(source, scenario) && sim_small_check_count(source, scenario);
}
