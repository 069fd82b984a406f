/* sim/sweep/results.h: the results database, DIR/results.db on the real disk. Written by the coordinating process only. */
#ifndef AFTERSHOCK_SIM_RESULTS_H
#define AFTERSHOCK_SIM_RESULTS_H

#include "sweep.h"

#define SIM_RESULTS_WHY_SIZE 400

struct sim_results; /* opaque */

/* What is recorded of one run. */
struct sim_results_row {
	char verdict[SIM_VERDICT_INVARIANT_SIZE]; /* "held", or the invariant that was violated */
	char trace_hash[33];                      /* hexadecimal; only zeros for what crashed or hung */
};

/* Makes the directory when absent, opens or makes the database and begins a sweep in it. NULL with one line in `why`. */
struct sim_results *sim_results_open(const struct sim_sweep_options *options, char *why, size_t why_size);
/* Adds one run; committed every few hundred runs and at the end. False with one line in `why` when it cannot be stored: what was
 * added before is kept as far as it fits, and nothing more may be added. */
bool sim_results_add(struct sim_results *results, const struct sim_sweep_key *key, const struct sim_run_result *run,
                     char *why, size_t why_size);
/* Stores probes, failures and the end of the sweep, commits and closes. False as above. NULL is allowed. */
bool sim_results_close(struct sim_results *results, const struct sim_sweep_result *result, char *why, size_t why_size);
/* The newest recorded run of the first scenario of `options` with that seed and the same subject or bug. False with one line of
 * at most SIM_RESULTS_WHY_SIZE bytes in `why` when the database cannot be read or has none. */
bool sim_results_find(const char *directory, const struct sim_sweep_options *options, uint64_t seed,
                      struct sim_results_row *row, char *why);

#endif
