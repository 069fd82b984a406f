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
/* Puts the VFS of somebody's own on top of the one of the process, where the plan has one. False
 * when it does not let itself be registered: the run has ended. */
bool sim_remains_put_vfs(const struct sim_process *process) SIM_MUST_CHECK;
/* The name that the process opens its files with; its static data is put in place. */
const char *sim_remains_vfs_name(const struct sim_process *process);
/* The process has ended, and has closed everything. */
void sim_remains_end(const struct sim_process *process);
/* Somebody reads through that VFS beside the processes: the name to open with. Static data is that
 * of nobody, until it has ended. */
const char *sim_remains_begin_look(struct sim_world *world, const struct vfs_process *vfs);
void sim_remains_end_look(struct sim_world *world);
/* A life has ended: once nobody is left, nothing of SQLite may be. */
void sim_remains_judge(struct sim_world *world);

#endif
