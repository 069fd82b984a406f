/* sim/sweep/listener.h: whoever is told what a sweep finds. A sweep knows no listener by name: the
 * command line joins those that were asked for (sim/cli/cli_listeners.c). */
#ifndef AFTERSHOCK_SIM_LISTENER_H
#define AFTERSHOCK_SIM_LISTENER_H

#include "case.h"

#define SIM_SWEEP_LISTENERS_MAX 16u
#define SIM_SWEEP_WHY_SIZE SIM_SWEEP_BROKEN_SIZE

/* Functions may be NULL. Each returns false, with one line in `why`, when the listener cannot
 * keep what it was told: then the sweep ends with status 3. */
struct sim_sweep_listener {
	void *context;
	/* A run has ended, and is counted. Runs are told in the order of the sweep, whatever the
	 * number of jobs; a sweep that ends early leaves some out. A listener that has returned
	 * false is told of no more runs. */
	bool (*run_ended)(void *context, const struct sim_sweep_key *key, const struct sim_run_result *run,
	                  char why[SIM_SWEEP_WHY_SIZE]);
	/* The same run: the species that it has reached (sim/species.h), ascending. A run that
	 * crashed or hung has none. They are sighted when a listener has this function. */
	bool (*run_reached)(void *context, const struct sim_sweep_key *key, const uint32_t *species, uint32_t count,
	                    char why[SIM_SWEEP_WHY_SIZE]);
	/* The last run has been told, and the result is complete. Every listener is told, also one
	 * that has returned false. */
	bool (*sweep_ended)(void *context, const struct sim_sweep_result *result, char why[SIM_SWEEP_WHY_SIZE]);
};

/* They are told in this order. A listener that fails at the end of the sweep changes the status for
 * those behind it. */
struct sim_sweep_listeners {
	uint32_t count;
	struct sim_sweep_listener all[SIM_SWEEP_LISTENERS_MAX];
};

#endif
