/* sim/world/loaded.h: what a load has shown, for the figures: what was lost legally, and by which
 * class of fault. */
#ifndef AFTERSHOCK_SIM_LOADED_H
#define AFTERSHOCK_SIM_LOADED_H

#include "process.h"

/* The probes of a load: whether it found an open attempt, or lost one that `was_open`, and how many
 * acknowledged ones it missed. */
void sim_loaded_reach(struct sim_process *process, bool attempt_found, bool was_open, uint64_t lost);

#endif
