/* vfs/process/quiet.h: the hooks that nobody gives (struct vfs_hooks). */
#ifndef AFTERSHOCK_VFS_QUIET_H
#define AFTERSHOCK_VFS_QUIET_H

#include "vfs.h"

/* The same hooks, with one that does nothing in place of each that is NULL. */
struct vfs_hooks vfs_quiet_fill(const struct vfs_hooks *hooks);

#endif
