/* sim/cli/cli_vfs.h: VFSes of somebody's own: whether they can be used, and `check-vfs`. */
#ifndef AFTERSHOCK_SIM_CLI_VFS_H
#define AFTERSHOCK_SIM_CLI_VFS_H

#include "cli.h"
#include "must_check.h"

/* Whether each VFS that the scenarios name can be used; false after one line on stderr, with the
 * place that names it. Foreign code runs in a process of its own. */
bool sim_cli_try_vfs(const struct sim_cli *cli) SIM_MUST_CHECK;
/* The same of the one that a plan names, if any. */
bool sim_cli_try_vfs_of_plan(const struct sim_cli *cli, const char *path) SIM_MUST_CHECK;
int sim_cli_check_vfs(struct sim_cli *cli);

#endif
