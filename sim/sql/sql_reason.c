/* sim/sql/sql_reason.c: see sql_reason.h. */
#include "sql_reason.h"

#include "subject_sql_outcome.h"

#include <sqlite3.h>

/* A lock that was refused is enough to be told "later", and to give up a connection that has waited
 * for its locks in vain. SQLITE_PROTOCOL says that locks are stuck, also when it is the answer to a
 * commit: whoever calls that in doubt is careful. */
static enum sim_disturbance sim_sql_reason_needed(const struct subject_reply *reply) {
	bool is_failure = reply->outcome == SUBJECT_LATER || reply->outcome == SUBJECT_IN_DOUBT ||
	                  reply->outcome == SUBJECT_STOPPED;
	if (!is_failure && !reply->must_restart) {
		return SIM_UNDISTURBED;
	}
	/* Who opened for reading only may not play back what others have left. */
	bool is_left = reply->sqlite_code == SQLITE_READONLY_ROLLBACK;
	bool is_refused = subject_sql_is_busy(reply->sqlite_code) && reply->outcome != SUBJECT_IN_DOUBT;
	return is_refused || is_left || reply->sqlite_code == SQLITE_PROTOCOL ? SIM_DISTURBED_BY_LOCK : SIM_DISTURBED;
}

bool sim_sql_reason_of_answer(struct sim_process *process, const char *what, const struct subject_reply *reply) {
	enum sim_disturbance disturbance = sim_process_disturbance_of_life(process);
	/* Damage is judged as such. */
	return subject_sql_is_damage(reply->sqlite_code) || disturbance >= sim_sql_reason_needed(reply) ||
	       sim_world_violated(process->world, "no_needless_failure",
	                          "%s fails%s, and %s failed in this life: %.80s (code %d)", what,
	                          reply->must_restart ? " and the client starts anew" : "",
	                          disturbance == SIM_UNDISTURBED ? "nothing" : "nothing but a lock", reply->reason,
	                          reply->sqlite_code);
}
