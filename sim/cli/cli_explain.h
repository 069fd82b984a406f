/* sim/cli/cli_explain.h: the verb `explain`: one run as a story. */
#ifndef AFTERSHOCK_SIM_CLI_EXPLAIN_H
#define AFTERSHOCK_SIM_CLI_EXPLAIN_H

#include "cli.h"

/* The exit status. */
int sim_cli_explain(struct sim_cli *cli);

#endif
