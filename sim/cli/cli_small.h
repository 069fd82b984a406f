/* sim/cli/cli_small.h: `explore --all-small`: every workload of scenarios that enumerate them, and
 * of each every crash state. */
#ifndef AFTERSHOCK_SIM_CLI_SMALL_H
#define AFTERSHOCK_SIM_CLI_SMALL_H

#include "cli.h"
#include "must_check.h"

/* The line of a certificate that says which. */
#define SIM_CLI_SMALL_ROW "all_small"

/* The exit status. */
int sim_cli_small(struct sim_cli *cli);
/* Loads what a certificate of this verb is about: names with blanks between. False after one line
 * on stderr. */
bool sim_cli_small_load(struct sim_cli *cli, const char *names) SIM_MUST_CHECK;

#endif
