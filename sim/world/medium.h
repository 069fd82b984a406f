/* sim/world/medium.h: what the settings of a plan make of the simulated disk. Beside what it does, a disk reports what it can do: reports
 * that are false, and syncs that lie, are outside SQLite's assumptions: after a power loss no contract but may_corrupt is left. */
#ifndef AFTERSHOCK_SIM_MEDIUM_H
#define AFTERSHOCK_SIM_MEDIUM_H

#include "plan.h"

/* The disk that the vfs is to make. */
void sim_medium_options(const struct sim_settings *settings, struct vfs_disk_options *options);
/* Whether the disk breaks its word: a capability reported falsely, or syncs that lie. */
bool sim_medium_lies(const struct sim_settings *settings);

const char *sim_medium_capability_name(enum sim_capability capability); /* "absent", "kept", "false" */

#endif
