/* sim/second/calls.h: SQLite's functions by name, out of the library that is loaded. */
#ifndef AFTERSHOCK_SIM_SECOND_CALLS_H
#define AFTERSHOCK_SIM_SECOND_CALLS_H

#include "must_check.h"

#include <stdbool.h>
#include <stddef.h>

/* Loads the library; from then on SQLite is what it has. Once. False with one line in `why`. */
bool sim_second_load(const char *library, char *why, size_t why_size) SIM_MUST_CHECK;

#endif
