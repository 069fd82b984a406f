/* sim/hunt/candidate.h: how a run of a hunt comes by its plan. */
#ifndef AFTERSHOCK_SIM_CANDIDATE_H
#define AFTERSHOCK_SIM_CANDIDATE_H

#include "case.h"
#include "plan.h"

/* With a parent and a donor the parent is changed. With a parent alone it is run as it is.
 * With none, the run is drawn anew. Texts are in the form of plan_text.h, as this program prints
 * them. */
struct sim_candidate {
	uint32_t scenario; /* of the sweep */
	uint64_t seed;     /* of the run that is drawn anew, or of the change */
	char *parent;      /* owned */
	char *donor;       /* another plan of the scenario; owned */
};

/* Makes the plan, with memory that the last one may have left: give it to sim_plan_deinit(). A
 * function of the candidate. A change that the subject does not take is not made. */
void sim_candidate_make(const struct sim_sweep_options *sweep, const struct sim_candidate *candidate,
                        struct sim_plan *plan);
/* The text of its plan, and the plan's seed; NULL: no memory. To be freed. */
char *sim_candidate_text(const struct sim_sweep_options *sweep, const struct sim_candidate *candidate, uint64_t *seed);
void sim_candidate_clear(struct sim_candidate *candidate);

#endif
