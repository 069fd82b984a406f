/* sim/subject/subject_rule.h: a model as one pure function: from the state before and an operation
 * to the state after and an answer.
 *
 *   static enum subject_outcome rule(const char *before, const char *operation, char *after,
 *                                    char *answer) { ... }
 *   SUBJECT_MODEL_OF_RULE(counter_model, rule)
 *
 * A state is what `observe` shows, as one text: each line has its end, and an empty text is the
 * state of a new program. The function may look at nothing else, and keeps nothing.
 */
#ifndef AFTERSHOCK_SUBJECT_RULE_H
#define AFTERSHOCK_SUBJECT_RULE_H

#include "subject.h"

#include <stdlib.h>
#include <string.h>

/* Of a state in bytes, the terminating NUL included. */
#define SUBJECT_RULE_STATE_SIZE 65536

/* Writes the state after `operation` into `after`, which has room for SUBJECT_RULE_STATE_SIZE bytes
 * and is empty, and what the program answers into `answer`, with room for SUBJECT_OPERATION_SIZE,
 * empty, too. Unless it returns SUBJECT_ACKNOWLEDGED, the state stays as it was. */
typedef enum subject_outcome (*subject_rule)(const char *before, const char *operation, char *after, char *answer);

struct subject_rule_model {
	char states[2][SUBJECT_RULE_STATE_SIZE];
	int now; /* which of the two */
};

static inline enum subject_start_status subject_rule_start(const struct subject_config *config, void **instance,
                                                           char reason[SUBJECT_REASON_SIZE]) {
	(void)config;
	(void)reason;
	*instance = calloc(1, sizeof(struct subject_rule_model));
	return *instance != NULL ? SUBJECT_STARTED : SUBJECT_START_LATER;
}

static inline void subject_rule_step(subject_rule rule, void *instance, const struct subject_step *step,
                                     struct subject_reply *reply) {
	struct subject_rule_model *model = (struct subject_rule_model *)instance;
	char *after = model->states[1 - model->now];
	after[0] = '\0';
	reply->outcome = rule(model->states[model->now], step->operation, after, step->answer);
	if (reply->outcome == SUBJECT_ACKNOWLEDGED) {
		model->now = 1 - model->now;
	}
}

static inline void subject_rule_observe(void *instance, const struct subject_sink *sink) {
	struct subject_rule_model *model = (struct subject_rule_model *)instance;
	char *line = model->states[1 - model->now]; /* is written anew by the next step */
	const char *text = model->states[model->now];
	while (*text != '\0') {
		size_t size = strcspn(text, "\n");
		memcpy(line, text, size);
		line[size] = '\0';
		sink->line(sink->context, line);
		text += size + (text[size] == '\n' ? 1 : 0);
	}
}

static inline void subject_rule_stop(void *instance) {
	free(instance);
}

/* Defines the model `name`, for the field `model` of a subject. */
#define SUBJECT_MODEL_OF_RULE(name, rule)                                                                              \
	static void name##_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {        \
		subject_rule_step(rule, instance, step, reply);                                                        \
	}                                                                                                              \
	extern const struct aftershock_subject name;                                                                   \
	const struct aftershock_subject name = {SUBJECT_INTERFACE_VERSION,                                             \
	                                        #name,                                                                 \
	                                        subject_rule_start,                                                    \
	                                        name##_step,                                                           \
	                                        subject_rule_observe,                                                  \
	                                        subject_rule_stop,                                                     \
	                                        SUBJECT_TAKES_OPERATIONS,                                              \
	                                        NULL,                                                                  \
	                                        NULL};

#endif
