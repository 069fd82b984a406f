/* sim/cli/cli_recording.h: `explore` of a recording. */
#ifndef AFTERSHOCK_SIM_CLI_RECORDING_H
#define AFTERSHOCK_SIM_CLI_RECORDING_H

#include "cli.h"
#include "must_check.h"

/* Whether the one name on the command line is that of a recording. */
bool sim_cli_names_recording(const struct sim_cli *cli) SIM_MUST_CHECK;
/* Whether there are options that only a recording takes; one line on stderr says so. */
bool sim_cli_has_recording_options(const struct sim_cli *cli) SIM_MUST_CHECK;
/* Judges its crash states. The exit status. */
int sim_cli_explore_recording(struct sim_cli *cli);

#endif
