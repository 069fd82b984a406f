/* sim/plan/plan_phase.h: aims faults at phases of SQLite (vfs.h). A number of a call alone hits
 * what there is much of: reads, locks and starts. A share of the crashes and errors is therefore
 * drawn by phase first, and then by the n-th call in that phase. */
#ifndef AFTERSHOCK_SIM_PLAN_PHASE_H
#define AFTERSHOCK_SIM_PLAN_PHASE_H

#include "pcg.h"
#include "plan.h"

/* Aims a fault that is drawn otherwise: at a phase that its group names, or, for some of the faults
 * of a group that names nothing, at one that the settings of the plan can bring. Changes the moment
 * of the latter, since a recovery has no place in a step. */
void sim_plan_phase_aim(struct sim_pcg32 *chance, const struct sim_plan *plan, const struct sim_fault_group *group,
                        struct sim_fault *fault);

#endif
