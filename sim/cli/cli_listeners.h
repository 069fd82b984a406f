/* sim/cli/cli_listeners.h: who listens to a sweep. */
#ifndef AFTERSHOCK_SIM_CLI_LISTENERS_H
#define AFTERSHOCK_SIM_CLI_LISTENERS_H

#include "cli.h"
#include "listener.h"

/* Makes and joins those that judge, and those that report as the options ask. False with one line
 * in `why`. `result` is the one that the sweep will fill. */
bool sim_cli_join(const struct sim_cli *cli, struct sim_sweep_result *result, struct sim_sweep_listeners *listeners,
                  char why[SIM_SWEEP_WHY_SIZE]);
/* Joins those that judge only: nobody reports the sweep. */
bool sim_cli_join_judges(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                         struct sim_sweep_listeners *listeners, char why[SIM_SWEEP_WHY_SIZE]);
void sim_cli_add_listener(struct sim_sweep_listeners *listeners, struct sim_sweep_listener listener);
/* Frees those that were made. */
void sim_cli_part(void);

#endif
