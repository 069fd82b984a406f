/* sim/subject/subject_trial.h: foreign code is tried in a process of its own first, in which it may
 * crash, hang, or end the process. */
#ifndef AFTERSHOCK_SUBJECT_TRIAL_H
#define AFTERSHOCK_SUBJECT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/* Fills in the answer. What it prints goes nowhere. */
typedef void (*subject_trial_run)(const void *context, void *answer);

struct subject_trial {
	subject_trial_run run;
	const void *context;
	void *answer; /* at most 4,096 bytes, and no pointers */
	size_t answer_size;
	char *why; /* one line, when there is no answer */
	size_t why_size;
};

/* Runs it in a fork. False when the process gives no answer. */
bool subject_trial(const struct subject_trial *trial);

#endif
