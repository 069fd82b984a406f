/* sim/orders/reason.h: what fails has a reason (S42). A call, an allocation or a lock has failed in
 * that very step; or, of several engines, another one has claimed the database since this one did.
 * So the failures of a run are bounded by what struck and by the starts of rivals.
 */
#ifndef AFTERSHOCK_SIM_REASON_H
#define AFTERSHOCK_SIM_REASON_H

#include "machine.h"
#include "model.h"
#include "must_check.h"

struct sim_reason {
	enum sim_disturbance disturbance; /* of the step */
	bool contested;                   /* another engine's start has begun, or was under way,
	                                   * since this one's start began */
};

/* Both return false when `no_needless_failure` is violated, which is recorded. */

/* An update was answered; `answer` is what the model says of it. */
bool sim_reason_of_answer(struct sim_violation *violation, const struct sim_reason *reason, uint32_t report,
                          enum sim_model_answer answer, const struct subject_reply *reply) SIM_MUST_CHECK;
bool sim_reason_of_checkpoint(struct sim_violation *violation, const struct sim_reason *reason,
                              const struct subject_reply *reply) SIM_MUST_CHECK;

#endif
