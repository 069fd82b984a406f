/* sim/sweep/totals.h: counting runs. Each run counts once for its scenario and once for all of
 * them. */
#ifndef AFTERSHOCK_SIM_TOTALS_H
#define AFTERSHOCK_SIM_TOTALS_H

#include "case.h"

/* Adds a run to the totals of its scenario and of all. */
void sim_sweep_count(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                     const struct sim_sweep_case *about, const struct sim_run_result *run);
/* The exit status that goes with a result (docs/architecture.md section 5). */
int sim_sweep_exit_status(const struct sim_sweep_result *result);

#endif
