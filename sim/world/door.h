/* sim/world/door.h: the narrow places of SQLite's protocols, at which two processes meet or one
 * dies. Each is a probe whose name begins with "door_" (sim/probe.c). Nothing of a run goes by
 * them. Private to the rooms that make up a run. */
#ifndef AFTERSHOCK_SIM_DOOR_H
#define AFTERSHOCK_SIM_DOOR_H

#include "machine.h"

/* After each call of a process. */
void sim_doors_note(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value);
/* It has died, in a call, between two calls, or with somebody else for want of power: whoever was
 * at a door has left it so. Once is enough, and more often does no harm. */
void sim_doors_note_death(struct sim_process *process);
/* Its life is over, by whatever end: it is at no door any more. */
void sim_doors_note_end(struct sim_process *process);
/* Whether a call is about the database itself: the copy that a backup makes has locks and a WAL,
 * too. */
bool sim_doors_is_main(const struct vfs_call *call);

#endif
