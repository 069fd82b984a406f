/* sim/plan/engines_plan.h: which of several engines is given which report, and what readers beside
 * them do. */
#ifndef AFTERSHOCK_SIM_ENGINES_PLAN_H
#define AFTERSHOCK_SIM_ENGINES_PLAN_H

#include "plan.h"

/* Gives each step of the workload to one of the engines, and adds the looks of the readers.
 * `groups` has one entry for each process of the plan: the group that it was drawn from. */
void sim_engines_plan_make(struct sim_plan *plan, const struct sim_process_group *const *groups);

#endif
