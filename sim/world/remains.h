/* sim/world/remains.h: what dies with a process, and would remain in one that only plays it. Static
 * data of a plug-in is put back (subject_memory.h). Memory and VFSes of SQLite must be gone by
 * themselves.
 */
#ifndef AFTERSHOCK_SIM_REMAINS_H
#define AFTERSHOCK_SIM_REMAINS_H

#include "machine.h"
#include "must_check.h"

/* A life begins, and nothing of the last one is there: static data is as it was when the plug-in
 * was loaded. When nobody else lives, nothing is loaded into new connections, either. False when
 * SQLite has no memory. */
bool sim_remains_begin(const struct sim_process *process) SIM_MUST_CHECK;
/* That process goes on: its static data is put in place of another's. */
void sim_remains_enter(const struct sim_process *process);
/* A life has ended: once nobody is left, nothing of SQLite may be. */
void sim_remains_judge(struct sim_world *world);

#endif
