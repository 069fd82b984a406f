/* sim/orders/judge_former.h: an engine that was taken over from (takeover.h): what it may answer
 * and show, and what it may have applied all the same (S16).
 */
#ifndef AFTERSHOCK_SIM_JUDGE_FORMER_H
#define AFTERSHOCK_SIM_JUDGE_FORMER_H

#include "judge.h"

/* What is known of it. */
struct sim_judge_former {
	uint64_t length;                  /* of the chain when it was taken over from: what it shows
	                                   * for the rest of its life */
	uint32_t undone_count;            /* chains undone by then */
	enum sim_disturbance disturbance; /* of the step whose answer is judged */
	bool may_doubt;                   /* in the modes that cannot roll back, any failed write is
	                                   * in doubt */
};
/* It was given a report and answered: it may acknowledge nothing any more. */
bool sim_judge_former_answered(struct sim_judge *judge, const struct sim_judge_former *former, uint32_t report,
                               const struct subject_reply *reply);
/* What it shows is what it showed, and no later version than the owner's. */
bool sim_judge_former_memory(struct sim_judge *judge, const struct sim_judge_former *former,
                             const struct sim_view *view);
/* Where the claim of its successor may be lost, nobody can say whether it still serves. What it
 * shows beyond the state that it had is added to `applied`. A load may find any beginning of
 * that. */
void sim_judge_former_applied(struct sim_judge *judge, struct sim_judge_attempt *applied, const struct sim_view *view);
/* It was given a report on top, and nobody knows what became of it. */
void sim_judge_former_tried(struct sim_judge *judge, const struct sim_judge_attempt *applied, uint32_t report);

#endif
