/* sim/plan/workload_trader.h: the reports and steps of orders that a trader decides on. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_TRADER_H
#define AFTERSHOCK_SIM_WORKLOAD_TRADER_H

#include "plan.h"

void sim_workload_trader_make(struct sim_plan *plan, const struct sim_workload *workload);

#endif
