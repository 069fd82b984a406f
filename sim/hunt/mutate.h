/* sim/hunt/mutate.h: another plan from one that is there: one row of one table for each way
 * (sim/hunt/mutate.c). What comes of it can be printed, read again and run. The exchange of a plan
 * stays honest: reports are left as they are. */
#ifndef AFTERSHOCK_SIM_MUTATE_H
#define AFTERSHOCK_SIM_MUTATE_H

#include "pcg.h"
#include "plan.h"

struct sim_mutation {
	struct sim_plan *plan; /* is changed in place */
	const struct sim_scenario *scenario;
	const struct sim_plan *donor; /* another plan of this scenario, that parts may come from */
	struct sim_pcg32 chance;
};

/* Changes the plan in one to sixteen ways. A function of all that the mutation has. */
void sim_mutate(struct sim_mutation *mutation);

/* The names of the ways, with NULL behind the last. */
const char *const *sim_mutate_names(void);
/* That one way. False: it cannot be done to this plan, or nothing has changed. */
bool sim_mutate_in_way(struct sim_mutation *mutation, const char *name);

#endif
