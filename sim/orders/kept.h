/* sim/orders/kept.h: what the judge of one engine knows is kept while crash states are judged
 * beside the run (sim/world/branch.h). The hooks of the table. */
#ifndef AFTERSHOCK_SIM_KEPT_H
#define AFTERSHOCK_SIM_KEPT_H

#include "orders.h"

bool sim_kept_begin(struct sim_world *world, uint32_t depth);
void sim_kept_next(struct sim_world *world, uint32_t depth);
void sim_kept_go_on(struct sim_process *process);
void sim_kept_end(struct sim_world *world, uint32_t depth);

#endif
