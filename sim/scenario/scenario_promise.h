/* sim/scenario/scenario_promise.h: what the seeds of one scenario, or of one cell of it, are
 * promised after a crash. */
#ifndef AFTERSHOCK_SIM_SCENARIO_PROMISE_H
#define AFTERSHOCK_SIM_SCENARIO_PROMISE_H

#include "contract.h"
#include "scenario.h"

/* From the strongest contract to the weakest over the lists of settings. Both are SIM_CONTRACT_NONE
 * when no fault of the scenario brings such a crash. */
struct sim_contract_span sim_scenario_promise_of_settings(const struct sim_scenario *scenario, enum sim_crash crash);
/* The same, and what failed syncs of a WAL leave of it, where the scenario has such faults. */
struct sim_contract_span sim_scenario_promise_after(const struct sim_scenario *scenario, enum sim_crash crash);

/* Of the combinations of journal mode and synchronous level: how many keep the files of a scenario
 * of SQL together, and how many do not. Both are 0 when it has one file only. */
struct sim_scenario_promise_files {
	uint32_t together;
	uint32_t one_by_one;
};
struct sim_scenario_promise_files sim_scenario_promise_files(const struct sim_scenario *scenario);

/* One line: "durable after kill, durable to prefix after power loss". */
void sim_scenario_promise_print(const struct sim_scenario *scenario, char text[SIM_CONTRACT_TEXT_SIZE]);

#endif
