/* sim/sweep/phase_table.h: a listener that prints in which phases of SQLite a sweep was struck
 * (vfs.h): one row for each, with the crashes and the other faults, and how many crashes fell into
 * starts. */
#ifndef AFTERSHOCK_SIM_PHASE_TABLE_H
#define AFTERSHOCK_SIM_PHASE_TABLE_H

#include "listener.h"

/* Prints at the end of the sweep. */
struct sim_sweep_listener sim_phase_table_listener(FILE *out);

#endif
