/* sim/sweep/door_table.h: a listener that prints how often a sweep came to each of the narrow
 * places of SQLite's protocols (sim/world/door.h): times, and runs, of 1,000 runs. */
#ifndef AFTERSHOCK_SIM_DOOR_TABLE_H
#define AFTERSHOCK_SIM_DOOR_TABLE_H

#include "listener.h"

/* Prints at the end of the sweep. */
struct sim_sweep_listener sim_door_table_listener(FILE *out);

#endif
