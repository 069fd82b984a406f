/* sim/orders/gap.c: see gap.h. */
#include "gap.h"

#include <inttypes.h>

static bool sim_gap_is_nothing(const struct subject_gap *gap) {
	return gap->known_lots == 0 && gap->missing_to_lots == 0;
}

bool sim_gap_check(struct sim_violation *violation, const struct sim_gap *gap, const struct sim_plan *plan,
                   uint32_t report, const struct subject_reply *reply) {
	struct subject_gap want = {0};
	if (gap->said == NULL) {
		return true;
	}
	if (gap->answer == SIM_MODEL_GAP && reply->outcome == SUBJECT_LATER) {
		want = sim_model_gap(gap->model, plan, report);
	}
	bool is_exact = gap->said->known_lots == want.known_lots && gap->said->missing_to_lots == want.missing_to_lots;
	/* What failed may have failed before anybody looked. */
	bool is_excused = gap->disturbance != SIM_UNDISTURBED && sim_gap_is_nothing(gap->said);
	return is_exact || is_excused ||
	       sim_verdict_violated(violation, "gap_is_exact",
	                            "E%u: fills are said to be missing from %" PRId64 " to %" PRId64
	                            " lots, missing are those from %" PRId64 " to %" PRId64,
	                            report, gap->said->known_lots, gap->said->missing_to_lots, want.known_lots,
	                            want.missing_to_lots);
}
