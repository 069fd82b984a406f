/* sim/recording/recordable.h: whether a program can be recorded. What LD_PRELOAD cannot reach is
 * refused before anything is run: a program that is linked statically, one that is setuid, one for
 * another machine. */
#ifndef AFTERSHOCK_SIM_RECORDABLE_H
#define AFTERSHOCK_SIM_RECORDABLE_H

#include "must_check.h"

#include <stdbool.h>

#define SIM_RECORDABLE_WHY_SIZE 1400

/* `name` as execvp() finds it. False with one line in `why`, which names it and what to do. */
bool sim_recordable_check(const char *name, char why[SIM_RECORDABLE_WHY_SIZE]) SIM_MUST_CHECK;

#endif
