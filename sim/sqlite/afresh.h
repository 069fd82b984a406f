/* sim/sqlite/afresh.h: SQLite as it is in a program that has just been started. */
#ifndef AFTERSHOCK_SIM_AFRESH_H
#define AFTERSHOCK_SIM_AFRESH_H

#include "must_check.h"

#include <stdbool.h>

/* In a fork of a program that uses SQLite: takes back whatever that program has configured or
 * registered, and leaves SQLite shut down. Connections of that program are never to be used in this
 * process again; in that program itself they stay as they are. False when SQLite refuses. */
bool sim_afresh(void) SIM_MUST_CHECK;

/* Around a fork: no other thread is inside of what sim_afresh() goes through. */
void sim_afresh_hold(void);
void sim_afresh_release(void);

#endif
