/* sim/sweep/sweep_table.h: a listener that prints a sweep for people: a row for each file of
 * scenarios, promised against measured, the rates, and each distinct failure with its line to
 * paste. */
#ifndef AFTERSHOCK_SIM_SWEEP_TABLE_H
#define AFTERSHOCK_SIM_SWEEP_TABLE_H

#include "listener.h"

/* Both must outlive the sweep. */
struct sim_sweep_table {
	const struct sim_sweep_options *options;
	FILE *out;
};

/* Prints at the end of the sweep; nothing when the test bed failed before the first run. */
struct sim_sweep_listener sim_sweep_table_listener(struct sim_sweep_table *table);

#endif
