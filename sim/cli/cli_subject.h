/* sim/cli/cli_subject.h: what the subject that was asked for takes. */
#ifndef AFTERSHOCK_SIM_CLI_SUBJECT_H
#define AFTERSHOCK_SIM_CLI_SUBJECT_H

#include "cli.h"
#include "must_check.h"

/* Fills `cli->sweep.takes`. A plug-in is loaded in a process of its own, for it may crash or hang.
 * False after one line on stderr. */
bool sim_cli_learn_subject(struct sim_cli *cli) SIM_MUST_CHECK;

#endif
