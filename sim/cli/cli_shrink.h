/* sim/cli/cli_shrink.h: the verb `shrink`: the smallest plan that fails in the same way. */
#ifndef AFTERSHOCK_SIM_CLI_SHRINK_H
#define AFTERSHOCK_SIM_CLI_SHRINK_H

#include "cli.h"

/* The exit status. */
int sim_cli_shrink(struct sim_cli *cli);

#endif
