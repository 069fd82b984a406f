/* sim/plan/program_plan.h: draws the part of a plan that is about a program of any kind. */
#ifndef AFTERSHOCK_SIM_PROGRAM_PLAN_H
#define AFTERSHOCK_SIM_PROGRAM_PLAN_H

#include "plan.h"

/* Operations and steps. */
void sim_program_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);

#endif
