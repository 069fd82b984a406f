/* sim/cli/cli_list.h: the verb `list`: what there is. */
#ifndef AFTERSHOCK_SIM_CLI_LIST_H
#define AFTERSHOCK_SIM_CLI_LIST_H

#include "cli.h"

/* The exit status. */
int sim_cli_list(struct sim_cli *cli);

#endif
