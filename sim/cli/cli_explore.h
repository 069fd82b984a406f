/* sim/cli/cli_explore.h: the verb `explore`: every crash state of one run, with a certificate. */
#ifndef AFTERSHOCK_SIM_CLI_EXPLORE_H
#define AFTERSHOCK_SIM_CLI_EXPLORE_H

#include "cli.h"
#include "must_check.h"

/* The exit statuses. */
int sim_cli_explore(struct sim_cli *cli);
/* One state by its name: SCENARIO@SEED/POINT/STATE, of `replay` too. */
int sim_cli_explore_one(struct sim_cli *cli);

/* Cuts the name of a state off SCENARIO@SEED/POINT/STATE, and notes it in cli->at. False when the
 * first name has none. */
bool sim_cli_cut_state(struct sim_cli *cli) SIM_MUST_CHECK;

#endif
