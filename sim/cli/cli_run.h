/* sim/cli/cli_run.h: the verb `run`: a sweep, told to those who were asked for. */
#ifndef AFTERSHOCK_SIM_CLI_RUN_H
#define AFTERSHOCK_SIM_CLI_RUN_H

#include "cli.h"
#include "must_check.h"

/* The exit status. */
int sim_cli_run(struct sim_cli *cli);
/* What another verb that runs many seeds shares: SIGINT and SIGTERM end it in an orderly way, and
 * what it is to stop at can come. The latter is false after one line on stderr. */
void sim_cli_catch_signals(void);
bool sim_cli_check_stop(const struct sim_cli *cli) SIM_MUST_CHECK;

#endif
