/* sim/orders/judge_former.c: see judge_former.h. */
#include "judge_former.h"

#include "reason.h"

#include <inttypes.h>

/* ---- what it answers ------------------------------------------------------------------------- */

/* Whether a former engine may know by itself that a report is in, or must never be, from what it
 * has: the first of the chain. What it had before a crash that it outlived is not known any
 * more. */
static bool sim_judge_former_knows(const struct sim_judge *judge, const struct sim_judge_former *former,
                                   uint32_t report, enum sim_model_answer answer) {
	struct sim_model model;
	if (judge->undone_count != former->undone_count ||
	    !sim_judge_state(judge, former->undone_count, former->length, &model)) {
		return true;
	}
	return sim_model_predict(&model, judge->plan, report) == answer;
}

bool sim_judge_former_answered(struct sim_judge *judge, const struct sim_judge_former *former, uint32_t report,
                               const struct subject_reply *reply) {
	bool may = false;
	switch (reply->outcome) {
	case SUBJECT_STOPPED:
		return true;
	case SUBJECT_LATER:
		return former->disturbance >= SIM_DISTURBED_BY_LOCK ||
		       sim_judge_former_knows(judge, former, report, SIM_MODEL_GAP) ||
		       sim_verdict_violated(&judge->violation, "no_needless_failure",
		                            "E%u is put off by an engine that was taken over from, and nothing "
		                            "failed: %.80s",
		                            report, reply->reason);
	case SUBJECT_UNCHANGED:
		return sim_judge_former_knows(judge, former, report, SIM_MODEL_UNCHANGED) ||
		       sim_verdict_violated(&judge->violation, "exactly_once",
		                            "E%u is said to be applied already by an engine that never had it", report);
	case SUBJECT_REFUSED:
		may = sim_judge_former_knows(judge, former, report, SIM_MODEL_REFUSED);
		break;
	case SUBJECT_IN_DOUBT:
		may = former->may_doubt;
		break;
	case SUBJECT_ACKNOWLEDGED:
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return may || sim_verdict_violated(&judge->violation, "one_owner",
	                                   "E%u got outcome %d of an engine that was taken over from: %.80s", report,
	                                   (int)reply->outcome, reply->reason);
}

bool sim_judge_former_memory(struct sim_judge *judge, const struct sim_judge_former *former,
                             const struct sim_view *view) {
	char why[SIM_VIEW_WHY_SIZE];
	struct sim_model model;
	if (judge->undone_count != former->undone_count ||
	    !sim_judge_state(judge, former->undone_count, former->length, &model)) {
		return true; /* what it showed was undone by a crash that it outlived; it serves
		              * nobody */
	}
	if (view->version > judge->last_version) {
		return sim_verdict_violated(&judge->violation, "version_monotonic",
		                            "a former engine shows version %" PRIu64 ", the owner %" PRIu64,
		                            view->version, judge->last_version);
	}
	return sim_view_equals(view, &model, judge->plan, why) ||
	       sim_verdict_violated(&judge->violation, "memory_equals_committed", "former engine: %s", why);
}

/* ---- what it may have applied ---------------------------------------------------------------- */

static uint32_t sim_judge_former_next(const struct sim_judge *judge, const struct sim_judge_attempt *applied,
                                      const struct sim_view *view) {
	struct sim_model model;
	uint32_t report = 0;
	if (applied->count == SUBJECT_BATCH_MAX || !sim_judge_state(judge, applied->era, applied->base, &model)) {
		return UINT32_MAX;
	}
	for (uint32_t i = 0; i < applied->count; i++) {
		sim_model_apply(&model, judge->plan, applied->reports[i]);
	}
	while (report < judge->plan->report_count &&
	       !(sim_view_has(view, judge->plan, model.version + 1, report) &&
	         sim_model_predict(&model, judge->plan, report) == SIM_MODEL_APPLIES)) {
		report++;
	}
	return report < judge->plan->report_count ? report : UINT32_MAX;
}

void sim_judge_former_applied(struct sim_judge *judge, struct sim_judge_attempt *applied, const struct sim_view *view) {
	uint32_t report = 0;
	while ((report = sim_judge_former_next(judge, applied, view)) != UINT32_MAX) {
		applied->reports[applied->count++] = report;
		sim_judge_open(judge, applied);
	}
}

void sim_judge_former_tried(struct sim_judge *judge, const struct sim_judge_attempt *applied, uint32_t report) {
	struct sim_judge_attempt attempt = *applied;
	if (attempt.count < SUBJECT_BATCH_MAX) {
		attempt.reports[attempt.count++] = report;
		sim_judge_open(judge, &attempt);
	}
}
