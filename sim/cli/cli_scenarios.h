/* sim/cli/cli_scenarios.h: from the names on the command line to the scenarios of a sweep. */
#ifndef AFTERSHOCK_SIM_CLI_SCENARIOS_H
#define AFTERSHOCK_SIM_CLI_SCENARIOS_H

#include "cli.h"

/* Loads the scenarios that were named, or those of the library without its folders; false after one line on stderr. */
bool sim_cli_load_scenarios(struct sim_cli *cli);
void sim_cli_unload_scenarios(struct sim_cli *cli);
/* The library's directory. */
const char *sim_cli_library(const struct sim_cli *cli);

#endif
