/* sim/subject/subject_vfs.h: a VFS of somebody's own, between SQLite and the simulated disk: one
 * that counts checksums, compresses, encrypts.
 *
 * It comes as a loadable extension of SQLite, which registers one VFS on top of the default one.
 * What the default one is, each simulated process decides for itself: while the extension is
 * called, it is the VFS of that process. So it is called at the beginning of each life, on data
 * that is as it was after loading (subject_memory.h). Its VFS is registered for as long as its
 * process has the turn, since all processes know it by one name. */
#ifndef AFTERSHOCK_SUBJECT_VFS_H
#define AFTERSHOCK_SUBJECT_VFS_H

#include "subject_extension.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Loads the extension, which somebody has tried (subject_extension.h). */
const struct subject_extension *subject_vfs_load(const char *path, char *why, size_t why_size);

/* Whose turn it is: the VFS of that process is registered, and the one of the last is not. Between
 * _leave and _arrive nobody's is. */
uint32_t subject_vfs_process(void);
void subject_vfs_leave(void);
void subject_vfs_arrive(uint32_t process);

/* Calls the extension for the process that has the turn, on top of the registered VFS of that name.
 * False with one line in `why` when it fails, or registers another number of VFSes than one. */
bool subject_vfs_put(const struct subject_extension *own, const char *below, char *why, size_t why_size);
/* That process has ended: its VFS is taken away. It need not have one. */
void subject_vfs_take(uint32_t process);
/* The name to open with; NULL: that process has none. */
const char *subject_vfs_name(uint32_t process);

#endif
