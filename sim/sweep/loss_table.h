/* sim/sweep/loss_table.h: a listener that prints what was lost legally, by scenario and by class
 * (sim/loss.h). */
#ifndef AFTERSHOCK_SIM_LOSS_TABLE_H
#define AFTERSHOCK_SIM_LOSS_TABLE_H

#include "listener.h"
#include "loss.h"

#define SIM_LOSS_TABLE_CLASSES_MAX 32u

/* All zero but for the first group, which the caller sets. */
struct sim_loss_table {
	const struct sim_sweep_options *options;
	FILE *out;

	struct sim_loss losses[SIM_SWEEP_SCENARIOS_MAX][SIM_LOSS_TABLE_CLASSES_MAX];
};

/* Prints at the end of the sweep. The table must outlive the listener. */
struct sim_sweep_listener sim_loss_table_listener(struct sim_loss_table *table);

#endif
