/* sim/sweep/reach.h: a listener that counts the species which a sweep has reached, and what the
 * next runs would still show (unseen.h). `run --species` prints it. */
#ifndef AFTERSHOCK_SIM_REACH_H
#define AFTERSHOCK_SIM_REACH_H

#include "listener.h"
#include "unseen.h"

#include <stdio.h>

#define SIM_REACH_NEXT_COUNT 2u
#define SIM_REACH_WHY_SIZE 120

struct sim_reach_next {
	uint64_t runs; /* so many more, of the same scenarios */
	struct sim_unseen_estimate estimate;
};

/* Set the first group; it must outlive the sweep. The second one is there at its end. */
struct sim_reach {
	const struct sim_sweep_options *options;
	FILE *out; /* of the table */

	uint64_t runs; /* without those of known findings, which are not drawn */
	uint32_t species;
	uint32_t by_class[SIM_SPECIES_CLASS_COUNT];
	uint32_t next_count; /* 0: `why` says why nothing is estimated */
	struct sim_reach_next next[SIM_REACH_NEXT_COUNT];
	char why[SIM_REACH_WHY_SIZE];

	struct sim_unseen unseen;
};

/* Joins before those that report it. */
struct sim_sweep_listener sim_reach_listener(struct sim_reach *reach);
/* Prints it for people, at the end. */
struct sim_sweep_listener sim_reach_table_listener(struct sim_reach *reach);

#endif
