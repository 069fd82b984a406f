/* sim/sweep/cell_table.h: what each scenario is promised, before a sweep; promised against
 * measured, after it. */
#ifndef AFTERSHOCK_SIM_CELL_TABLE_H
#define AFTERSHOCK_SIM_CELL_TABLE_H

#include "case.h"

/* One line for each file of scenarios. */
void sim_cell_print_contracts(const struct sim_sweep_options *options, FILE *out);
/* A table for each file that has cells or positive controls, and a paragraph for each known
 * finding. */
void sim_cell_print(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out);

#endif
