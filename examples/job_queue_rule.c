/* examples/job_queue_rule.c: what the queue of job_queue.c must do, as one pure function of the
 * state before and an operation. It may take the place of job_queue_model.c.
 */
#include "subject_rule.h"

#include <stdio.h>
#include <stdlib.h>

struct job {
	int id;
	int urgency;
	char state[8];
};

/* The job of the next line; false behind the last one. */
static bool next(const char **text, struct job *job) {
	char *rest = NULL;
	if (**text == '\0') {
		return false;
	}
	job->id = (int)strtol(*text, &rest, 10);
	job->urgency = (int)strtol(rest, &rest, 10);
	int length = (int)strcspn(rest + 1, "\n");
	snprintf(job->state, sizeof job->state, "%.*s", length, rest + 1);
	*text = rest + 1 + length + 1;
	return true;
}

static enum subject_outcome rule(const char *before, const char *operation, char *after, char *answer) {
	struct job job = {0};
	struct job urgent = {0};
	int chosen = strncmp(operation, "done ", 5) == 0 ? (int)strtol(operation + 5, NULL, 10) : 0;
	const char *text = before;
	size_t used = 0;
	bool takes = strcmp(operation, "take") == 0;
	while (next(&text, &job)) {
		urgent = job.state[0] == 'w' && job.urgency > urgent.urgency ? job : urgent;
	}
	text = before;
	job.id = 0;
	while (next(&text, &job)) {
		bool is_taken = takes && job.id == urgent.id;
		bool is_done = job.id == chosen && job.state[0] == 'r';
		used += (size_t)snprintf(after + used, SUBJECT_RULE_STATE_SIZE - used, "%d %d %s\n", job.id,
		                         job.urgency,
		                         is_taken  ? "runs"
		                         : is_done ? "done"
		                                   : job.state);
	}
	if (takes && urgent.id > 0) {
		snprintf(answer, SUBJECT_OPERATION_SIZE, "%d", urgent.id);
	}
	if (strncmp(operation, "add ", 4) == 0) {
		int urgency = (int)strtol(operation + 4, NULL, 10);
		snprintf(after + used, SUBJECT_RULE_STATE_SIZE - used, "%d %d waits\n", job.id + 1, urgency);
		snprintf(answer, SUBJECT_OPERATION_SIZE, "%d", job.id + 1);
	}
	return SUBJECT_ACKNOWLEDGED;
}

SUBJECT_MODEL_OF_RULE(job_queue_model, rule)
