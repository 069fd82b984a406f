/* sim/cli/cli_hunt.h: the verb `hunt` searches with feedback (sim/hunt/hunt.h). */
#ifndef AFTERSHOCK_SIM_CLI_HUNT_H
#define AFTERSHOCK_SIM_CLI_HUNT_H

#include "cli.h"

int sim_cli_hunt(struct sim_cli *cli);

#endif
