/* sim/cli/cli_run.h: the verb `run`: a sweep, told to those who were asked for. */
#ifndef AFTERSHOCK_SIM_CLI_RUN_H
#define AFTERSHOCK_SIM_CLI_RUN_H

#include "cli.h"

/* The exit status. */
int sim_cli_run(struct sim_cli *cli);

#endif
