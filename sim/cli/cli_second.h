/* sim/cli/cli_second.h: the second SQLite of `explore --second-sqlite LIBRARY`. */
#ifndef AFTERSHOCK_SIM_CLI_SECOND_H
#define AFTERSHOCK_SIM_CLI_SECOND_H

#include "cli.h"
#include "must_check.h"

/* Sets cli->second when there is a library to load. False after one line on stderr: there is none,
 * it is no SQLite, or the one under test. */
bool sim_cli_load_second(struct sim_cli *cli) SIM_MUST_CHECK;

#endif
