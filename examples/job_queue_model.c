/* examples/job_queue_model.c: what the queue of job_queue.c must do, in memory. It is the same four
 * functions, and never fails.
 */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
	int count;
	int urgency[1000];
	const char *state[1000];
};

static enum subject_start_status model_start(const struct subject_config *config, void **instance,
                                             char reason[SUBJECT_REASON_SIZE]) {
	(void)config;
	(void)reason;
	*instance = calloc(1, sizeof(struct model));
	return *instance != NULL ? SUBJECT_STARTED : SUBJECT_START_LATER;
}

static void model_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct model *model = instance;
	const char *operation = step->operation;
	int best = -1;
	reply->outcome = SUBJECT_ACKNOWLEDGED;
	if (strncmp(operation, "add ", 4) == 0) {
		model->urgency[model->count] = (int)strtol(operation + 4, NULL, 10);
		model->state[model->count] = "waits";
		snprintf(step->answer, SUBJECT_OPERATION_SIZE, "%d", ++model->count);
	} else if (strncmp(operation, "done ", 5) == 0) {
		long number = strtol(operation + 5, NULL, 10);
		if (number <= model->count && model->state[number - 1][0] == 'r') {
			model->state[number - 1] = "done";
		}
	} else {
		for (int i = 0; i < model->count; i++) {
			bool better = best < 0 || model->urgency[i] > model->urgency[best];
			best = model->state[i][0] == 'w' && better ? i : best;
		}
		if (best >= 0) {
			model->state[best] = "runs";
			snprintf(step->answer, SUBJECT_OPERATION_SIZE, "%d", best + 1);
		}
	}
}

static void model_observe(void *instance, const struct subject_sink *sink) {
	const struct model *model = instance;
	char line[60];
	for (int i = 0; i < model->count; i++) {
		snprintf(line, sizeof line, "%d %d %s", i + 1, model->urgency[i], model->state[i]);
		sink->line(sink->context, line);
	}
}

extern const struct aftershock_subject job_queue_model;
const struct aftershock_subject job_queue_model = {.interface_version = SUBJECT_INTERFACE_VERSION,
                                                   .name = "job_queue_model",
                                                   .start = model_start,
                                                   .step = model_step,
                                                   .observe = model_observe,
                                                   .stop = free,
                                                   .takes = SUBJECT_TAKES_OPERATIONS,
                                                   .operations = NULL,
                                                   .model = NULL};
