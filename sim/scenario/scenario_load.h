/* sim/scenario/scenario_load.h: reads and checks the YAML file of a scenario (schema:
 * scenarios/README.md). */
#ifndef AFTERSHOCK_SIM_SCENARIO_LOAD_H
#define AFTERSHOCK_SIM_SCENARIO_LOAD_H

#include "scenario.h"

/* Where to say what is wrong. */
struct sim_scenario_why {
	char *text;
	size_t size;
};

/* Takes one cell and owns it from then on. False, with the cell destroyed, ends the loading: no
 * room for it. */
typedef bool (*sim_scenario_taker)(void *context, struct sim_scenario *scenario);

/* Reads and checks one file, and gives each cell that `pattern` (sim_scenario_cell_matches) selects
 * to the taker, in the order of the axes, the last one fastest; a file without axes is one cell.
 * False with one line in `why`, "file:line: what is wrong, what was expected", when the file cannot
 * be read, is too large, is no valid scenario or has no such cell. */
bool sim_scenario_load_cells(const char *path, const char *pattern, sim_scenario_taker take, void *context,
                             struct sim_scenario_why *why);
/* The only cell of a file, or its first; NULL as above. Give the result to sim_scenario_destroy. */
struct sim_scenario *sim_scenario_load(const char *path, char *why, size_t why_size);

#endif
