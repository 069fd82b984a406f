/* sim/orders/gap.h: what a subject says is missing before an update that came too early (S48). */
#ifndef AFTERSHOCK_SIM_GAP_H
#define AFTERSHOCK_SIM_GAP_H

#include "machine.h"
#include "model.h"
#include "must_check.h"

/* What was said of one update. */
struct sim_gap {
	const struct sim_model *model; /* before the update */
	enum sim_model_answer answer;  /* what it says of it */
	enum sim_disturbance disturbance;
	const struct subject_gap *said; /* NULL: the subject cannot say it */
};

/* False when `gap_is_exact` is violated, which is recorded. */
bool sim_gap_check(struct sim_violation *violation, const struct sim_gap *gap, const struct sim_plan *plan,
                   uint32_t report, const struct subject_reply *reply) SIM_MUST_CHECK;

#endif
