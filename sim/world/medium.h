/* sim/world/medium.h: what the settings of a plan make of the simulated disk. */
#ifndef AFTERSHOCK_SIM_MEDIUM_H
#define AFTERSHOCK_SIM_MEDIUM_H

#include "settings.h"

/* The disk that the vfs is to make. */
void sim_medium_options(const struct sim_settings *settings, struct vfs_disk_options *options);

#endif
