/* sim/plan/plan_make.h: from scenario and seed to a plan. */
#ifndef AFTERSHOCK_SIM_PLAN_MAKE_H
#define AFTERSHOCK_SIM_PLAN_MAKE_H

#include "plan.h"

/* Fills the whole plan. Ranges beyond the maxima of plan.h are cut to them. */
void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed);

#endif
