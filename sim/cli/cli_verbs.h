/* sim/cli/cli_verbs.h: the program: finds the verb, parses its options, runs it. */
#ifndef AFTERSHOCK_SIM_CLI_VERBS_H
#define AFTERSHOCK_SIM_CLI_VERBS_H

#include "cli.h"

/* Runs one verb; the exit status. */
int sim_cli_main(int count, char **arguments);

#endif
