/* sim/cli/cli_replay.h: the verb `replay`: one seed again, twice. */
#ifndef AFTERSHOCK_SIM_CLI_REPLAY_H
#define AFTERSHOCK_SIM_CLI_REPLAY_H

#include "cli.h"

/* The exit status. */
int sim_cli_replay(struct sim_cli *cli);

#endif
