/* sim/plan/workload_small.h: the steps of a small workload of orders (sim/scenario/small.h). */
#ifndef AFTERSHOCK_SIM_WORKLOAD_SMALL_H
#define AFTERSHOCK_SIM_WORKLOAD_SMALL_H

#include "plan.h"
#include "small.h"

/* How many reports it delivers. */
uint32_t sim_workload_small_reports(const struct sim_small *small);
/* Adds its steps to the plan. */
void sim_workload_small_add_steps(struct sim_plan *plan, const struct sim_small *small);

#endif
