/* sim/plan/plan_make.h: from scenario and seed to a plan. */
#ifndef AFTERSHOCK_SIM_PLAN_MAKE_H
#define AFTERSHOCK_SIM_PLAN_MAKE_H

#include "pcg.h"
#include "plan.h"

/* Fills the whole plan. Ranges beyond the maxima of plan.h are cut to them. */
void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed);
/* For whoever changes a plan: draws one fault more of the scenario's groups, or one setting again.
 * False: nothing has changed. */
bool sim_plan_add_fault(struct sim_plan *plan, const struct sim_scenario *scenario, struct sim_pcg32 *chance);
bool sim_plan_redraw_setting(struct sim_plan *plan, const struct sim_scenario *scenario, struct sim_pcg32 *chance);

#endif
