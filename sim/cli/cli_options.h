/* sim/cli/cli_options.h: the options behind the verb. */
#ifndef AFTERSHOCK_SIM_CLI_OPTIONS_H
#define AFTERSHOCK_SIM_CLI_OPTIONS_H

#include "cli.h"
#include "must_check.h"

/* False after one line on stderr. */
bool sim_cli_parse(struct sim_cli *cli, const char *verb, int count, char **arguments) SIM_MUST_CHECK;

#endif
