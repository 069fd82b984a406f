/* sim/plan/processes_plan.h: which processes a seed has, what each of them does, and whose turn it
 * is. */
#ifndef AFTERSHOCK_SIM_PROCESSES_PLAN_H
#define AFTERSHOCK_SIM_PROCESSES_PLAN_H

#include "pcg.h"
#include "plan.h"

/* Replaces the steps of a plan of SQL by those of its processes, and draws the schedule. */
void sim_processes_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);
/* The process that a fault of the scenario aims at: the one of that name, or one drawn of the group
 * of that name. */
void sim_processes_plan_aim(const struct sim_processes_plan *plan, const char *name, struct sim_pcg32 *chance,
                            char process[SIM_PROCESS_NAME_SIZE]);
/* One of the scenario's schedules; its numbers are drawn where it has none. */
void sim_processes_plan_draw_schedule(struct sim_plan *plan, const struct sim_processes_scenario *scenario,
                                      struct sim_pcg32 *chance);

#endif
