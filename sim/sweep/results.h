/* sim/sweep/results.h: a listener that keeps a sweep in the results database, DIR/results.db on the
 * real disk. Only the coordinating process writes to it. */
#ifndef AFTERSHOCK_SIM_RESULTS_H
#define AFTERSHOCK_SIM_RESULTS_H

#include "listener.h"
#include "reach.h"

struct sim_results; /* opaque */

/* What is recorded of one run. */
struct sim_results_row {
	char verdict[SIM_VERDICT_INVARIANT_SIZE]; /* "held", or the invariant that was violated */
	char trace_hash[33];                      /* hexadecimal; only zeros for what crashed or
	                                           * hung */
	bool branches_given;                      /* as in struct sim_sweep_options, and so is: */
	uint32_t branches;
};

/* Makes the directory when absent, opens or makes the database and begins a sweep in it. `reach` is
 * stored at the end; NULL: nobody counts. All must outlive the results. NULL with one line in
 * `why`. */
struct sim_results *sim_results_open(const char *directory, const struct sim_sweep_options *options,
                                     const struct sim_reach *reach, char why[SIM_SWEEP_WHY_SIZE]);
/* Adds each run; committed every few hundred runs and at the end of the sweep, when probes,
 * failures and cells are stored, too. What does not fit ends it: what was added before is kept as
 * far as it fits. */
struct sim_sweep_listener sim_results_listener(struct sim_results *results);
/* Closes the database. NULL is allowed. */
void sim_results_close(struct sim_results *results);
/* The newest recorded run of the first scenario of `options` with that seed and the same subject or
 * bug. False with one line of at most SIM_RESULTS_WHY_SIZE bytes in `why` when the database cannot
 * be read or has none. */
bool sim_results_find(const char *directory, const struct sim_sweep_options *options, uint64_t seed,
                      struct sim_results_row *row, char *why);

#endif
