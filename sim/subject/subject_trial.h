/* sim/subject/subject_trial.h: foreign code is tried in a process of its own first, in which it may
 * crash, hang, or end the process. */
#ifndef AFTERSHOCK_SUBJECT_TRIAL_H
#define AFTERSHOCK_SUBJECT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/* Fills in the answer. What it prints goes nowhere. */
typedef void (*subject_trial_run)(const void *context, void *answer);

/* Runs that in a fork. The answer has at most 4,096 bytes and no pointers. False with one line in
 * `why` when the process gives none. */
bool subject_trial(subject_trial_run run, const void *context, void *answer, size_t answer_size, char *why,
                   size_t why_size);

#endif
