/* sim/plan/workload.h: the reports of the exchange, and the steps that deliver them. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_H
#define AFTERSHOCK_SIM_WORKLOAD_H

#include "plan.h"

void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload);
/* sim/plan/workload_trader.c: the same for orders that a trader decides on. */
void sim_workload_make_trader(struct sim_plan *plan, const struct sim_workload *workload);

#endif
