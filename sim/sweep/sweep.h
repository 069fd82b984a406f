/* sim/sweep/sweep.h: many seeds over many scenarios in worker processes. The coordinator runs no
 * simulation and loads no plug-in. A subject that crashes or hangs takes its worker with it. That
 * violates the one seed, and the sweep goes on. */
#ifndef AFTERSHOCK_SIM_SWEEP_H
#define AFTERSHOCK_SIM_SWEEP_H

#include "listener.h"

#include <signal.h>

#define SIM_SWEEP_JOBS_MAX 256u

/* Set by a signal handler: the sweep ends as soon as it can. */
extern volatile sig_atomic_t sim_sweep_stop;

/* Runs everything, tells the listeners, and fills the result. `listeners` may be NULL. What fails
 * in the test bed itself is one line in `result->broken`, and exit status 3. */
void sim_sweep_run(const struct sim_sweep_options *options, const struct sim_sweep_listeners *listeners,
                   struct sim_sweep_result *result);

/* Whether a known finding is the named one, or that one in another scenario: "wal-reset" names
 * "wal-reset-at-large", too. */
bool sim_sweep_names_finding(const char *name, const char *finding);

#endif
