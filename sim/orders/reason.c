/* sim/orders/reason.c: see reason.h. */
#include "reason.h"

#include <sqlite3.h>

/* To stop takes more than a lock that was refused, which proves that nothing was committed
 * (docs/contracts.md, section 2). Locks that are stuck do, and so does a rival. */
static enum sim_disturbance sim_reason_to_stop(const struct sim_reason *reason, const struct subject_reply *reply) {
	if (reason->contested && reply->outcome != SUBJECT_IN_DOUBT) {
		return SIM_UNDISTURBED;
	}
	return (reply->sqlite_code & 0xff) == SQLITE_PROTOCOL ? SIM_DISTURBED_BY_LOCK : SIM_DISTURBED;
}

static const char *sim_reason_failed(const struct sim_reason *reason) {
	return reason->disturbance == SIM_UNDISTURBED ? "nothing" : "nothing but a lock";
}

bool sim_reason_of_answer(struct sim_violation *violation, const struct sim_reason *reason, uint32_t report,
                          enum sim_model_answer answer, const struct subject_reply *reply) {
	static const char *const words[] = {[SUBJECT_LATER] = "put off",
	                                    [SUBJECT_IN_DOUBT] = "said to be in doubt",
	                                    [SUBJECT_STOPPED] = "not tried"};
	bool is_put_off = reply->outcome == SUBJECT_LATER;
	bool is_failure = is_put_off || reply->outcome == SUBJECT_IN_DOUBT || reply->outcome == SUBJECT_STOPPED;
	bool is_end = reply->must_restart || (is_failure && !is_put_off);
	enum sim_disturbance needed = is_end                                  ? sim_reason_to_stop(reason, reply)
	                              : is_put_off && answer != SIM_MODEL_GAP ? SIM_DISTURBED_BY_LOCK
	                                                                      : SIM_UNDISTURBED;
	return reason->disturbance >= needed ||
	       sim_verdict_violated(violation, "no_needless_failure", "E%u is %s%s, and %s failed: %.80s", report,
	                            is_failure ? words[reply->outcome] : "answered",
	                            reply->must_restart ? ", and the subject stops" : "", sim_reason_failed(reason),
	                            reply->reason);
}

bool sim_reason_of_checkpoint(struct sim_violation *violation, const struct sim_reason *reason,
                              const struct subject_reply *reply) {
	bool is_late = reply->outcome == SUBJECT_LATER || reply->outcome == SUBJECT_STOPPED;
	enum sim_disturbance needed = reply->must_restart ? sim_reason_to_stop(reason, reply)
	                              : is_late           ? SIM_DISTURBED_BY_LOCK
	                                                  : SIM_UNDISTURBED;
	return reason->disturbance >= needed ||
	       sim_verdict_violated(violation, "no_needless_failure", "a checkpoint %s, and %s failed: %.80s",
	                            reply->must_restart ? "stops the subject" : "is put off", sim_reason_failed(reason),
	                            reply->reason);
}
