/* sim/plan/shrink.h: the smallest plan that still fails in the same way. Parts of a plan are taken
 * away, large portions first, and put back when the failure goes with them: faults, steps (which
 * become `none`, so that the others keep their numbers), the switches of a recorded schedule of
 * several processes, and at the end the reports and steps that nobody needs any more.
 *
 * Deterministic: the same plan and the same answers give the same result. The result is smallest in
 * this sense only: no single part can be taken away from it, unless the number of runs came to its
 * end before.
 */
#ifndef AFTERSHOCK_SIM_SHRINK_H
#define AFTERSHOCK_SIM_SHRINK_H

#include "must_check.h"
#include "plan.h"

#include <stdbool.h>
#include <stdint.h>

/* How much there is of each part. */
struct sim_shrink_size {
	size_t faults;
	size_t steps;    /* that are not `none` */
	size_t switches; /* of a recorded schedule */
};

struct sim_shrink {
	struct sim_plan *plan; /* fails; made smaller in place */
	/* Runs a candidate: true when it fails in the same way. */
	bool (*fails)(void *context, const struct sim_plan *candidate);
	void *context;
	uint32_t runs_max;
	uint32_t runs;               /* so far; sim_shrink() counts on */
	struct sim_plan *candidate;  /* set by sim_shrink(), as is the next */
	struct sim_switch *switches; /* of the candidate */
};

/* False when out of memory; then the plan is as it was. */
bool sim_shrink(struct sim_shrink *shrink) SIM_MUST_CHECK;
struct sim_shrink_size sim_shrink_measure(const struct sim_plan *plan);

#endif
