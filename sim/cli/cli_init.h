/* sim/cli/cli_init.h: the verb `init` writes a scenario to start from (sim/draft/draft.h). */
#ifndef AFTERSHOCK_SIM_CLI_INIT_H
#define AFTERSHOCK_SIM_CLI_INIT_H

#include "cli.h"

int sim_cli_init(struct sim_cli *cli);

#endif
