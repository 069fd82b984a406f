/* sim/plan/workload.h: the reports of the exchange, and the steps that deliver them. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_H
#define AFTERSHOCK_SIM_WORKLOAD_H

#include "plan.h"
#include "small.h"

/* `small` of length 0: all is drawn. */
void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload, const struct sim_small *small);

#endif
