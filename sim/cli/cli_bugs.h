/* sim/cli/cli_bugs.h: the planted bugs beside the executable. */
#ifndef AFTERSHOCK_SIM_CLI_BUGS_H
#define AFTERSHOCK_SIM_CLI_BUGS_H

#include "cli.h"
#include "must_check.h"

#define SIM_CLI_BUGS_MAX 192u
#define SIM_CLI_BUG_SIZE 64u

/* Their names; how many. */
uint32_t sim_cli_bugs(char names[SIM_CLI_BUGS_MAX][SIM_CLI_BUG_SIZE]);
/* The bug that is planted in this very program; NULL: none. */
const char *sim_cli_own_bug(void);
/* `--bug NAME`: false after one line on stderr. */
bool sim_cli_set_bug(struct sim_cli *cli, const char *name) SIM_MUST_CHECK;
/* When the arguments ask for a bug that is a program of its own, becomes that program, with the
 * same arguments. Returns when they do not; false after one line on stderr when it cannot be
 * started. */
bool sim_cli_hand_over(int count, char **arguments) SIM_MUST_CHECK;

#endif
