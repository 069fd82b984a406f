/* sim/world/inspection.h: somebody reads the files of the world, and leaves them as they are. */
#ifndef AFTERSHOCK_SIM_INSPECTION_H
#define AFTERSHOCK_SIM_INSPECTION_H

#include "machine.h"

/* Lets `look` read the files as they are now, through a VFS on a copy of the disk: whatever it
 * does, nobody sees it. Where the plan has a VFS of somebody's own, that lies on top. No process
 * may be alive. Does nothing when out of memory. */
void sim_inspect(struct sim_world *world, void (*look)(void *context, const char *vfs_name), void *context);
/* The same at what a power loss would leave if nothing survived that was not synced. */
void sim_inspect_durable(struct sim_world *world, void (*look)(void *context, const char *vfs_name), void *context);

#endif
