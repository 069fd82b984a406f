/* sim/scenario/engines_scenario.c: what a scenario of several engines may say. */
#include "contract.h"
#include "processes.h"
#include "scenario_internal.h"
#include "scenario_promise.h"

static bool sim_engines_check_roles(struct sim_scenario_source *source,
                                    const struct sim_processes_scenario *processes) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	uint32_t engines = 0;
	for (uint32_t i = 0; i < processes->group_count; i++) {
		const struct sim_process_group *group = &processes->groups[i];
		if (group->role != SIM_ROLE_ENGINE && group->role != SIM_ROLE_READER) {
			snprintf(place, sizeof place, "processes[%u].role", i);
			return sim_scenario_refuse(source, place,
			                           "a %s beside engines, expected engine or reader, or subject: sql",
			                           sim_role_name(group->role));
		}
		engines += group->role == SIM_ROLE_ENGINE ? group->count.min > 0 : 0;
	}
	return engines > 0 ||
	       sim_scenario_refuse(source, "processes", "no engine, expected at least one process of that role");
}

/* The judge of several engines demands that everything is there: with less, the order in which they answered would matter. */
static bool sim_engines_check_contract(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		struct sim_contract_span span = sim_scenario_promise_after(scenario, (enum sim_crash)crash);
		if (span.weakest > SIM_CONTRACT_DURABLE) {
			return sim_scenario_refuse(
			        source, "settings",
			        "%s after %s with several engines, expected settings that promise durable",
			        sim_contract_name(span.weakest), sim_contract_crash_name((enum sim_crash)crash));
		}
	}
	return true;
}

static bool sim_engines_check_workload(struct sim_scenario_source *source, const struct sim_workload *workload) {
	if (workload->takeovers_percent + workload->wakes_percent + workload->retires_percent +
	            workload->rare_percent[SIM_RARE_BATCHES] >
	    0) {
		return sim_scenario_refuse(source, "workload",
		                           "takeovers, wakes, retires or batches with several engines, expected none: "
		                           "they take over from each other by themselves");
	}
	return true;
}

bool sim_engines_scenario_check(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	return sim_engines_check_roles(source, scenario->processes) && sim_engines_check_contract(source, scenario) &&
	       sim_engines_check_workload(source, &scenario->workload);
}
