/* sim/cli/cli_scenarios.h: from the names on the command line to the scenarios of a sweep. */
#ifndef AFTERSHOCK_SIM_CLI_SCENARIOS_H
#define AFTERSHOCK_SIM_CLI_SCENARIOS_H

#include "cli.h"
#include "must_check.h"

/* Loads the scenarios that were named (sim/sweep/library.h); false after one line on stderr. What
 * the subject takes must be known (sim/cli/cli_subject.h). */
bool sim_cli_load_scenarios(struct sim_cli *cli) SIM_MUST_CHECK;
void sim_cli_unload_scenarios(struct sim_cli *cli);
/* The library's directory: the one that was given, one where the program was started, or its
 * own. */
const char *sim_cli_library(const struct sim_cli *cli);

#endif
