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
		engines += group->role == SIM_ROLE_ENGINE && group->chance_percent == 100 ? 1 : 0;
	}
	return engines > 0 ||
	       sim_scenario_refuse(source, "processes",
	                           "no engine that every seed has, expected at least one process of that role");
}

static bool sim_engines_is_between(enum sim_contract contract) {
	return contract > SIM_CONTRACT_DURABLE && contract < SIM_CONTRACT_DETECT;
}

/* The judge of several engines demands that everything is there, or where a disk lies, that what is
 * wrong is detected: in between, the order in which they answered would matter. */
static bool sim_engines_check_contract(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		struct sim_contract_span span = sim_scenario_promise_of_settings(scenario, (enum sim_crash)crash);
		if (sim_engines_is_between(span.weakest) || sim_engines_is_between(span.strongest)) {
			return sim_scenario_refuse(source, "settings",
			                           "%s after %s with several engines, expected settings that promise "
			                           "durable, or a disk that lies",
			                           sim_contract_name(span.weakest),
			                           sim_contract_crash_name((enum sim_crash)crash));
		}
	}
	return true;
}

/* What is malformed is sent to one engine that runs; of several, nobody would know to which. */
static bool sim_engines_check_workload(struct sim_scenario_source *source, const struct sim_workload *workload) {
	return workload->rare_percent[SIM_RARE_MALFORMED] == 0 ||
	       sim_scenario_refuse(source, "workload.malformed", "workload.malformed with processes, expected none");
}

bool sim_engines_scenario_check(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	return sim_engines_check_roles(source, scenario->processes) &&
	       sim_engines_check_workload(source, &scenario->workload) && sim_engines_check_contract(source, scenario);
}
