/* tests/engine/memory_vfs.h: files in memory for one process, whose nth call can be made to fail.
 * Knows nothing of power losses, locks or other processes: vfs/ does, and the engine's tests must
 * not need it. */
#ifndef TESTS_ENGINE_MEMORY_VFS_H
#define TESTS_ENGINE_MEMORY_VFS_H

#include <stdbool.h>
#include <stddef.h>

#define MEMORY_VFS_NAME "memory_vfs"

enum memory_vfs_failure {
	MEMORY_VFS_NONE = 0,
	MEMORY_VFS_BEFORE,  /* the call fails and does nothing */
	MEMORY_VFS_AFTER,   /* the call does everything and fails */
	MEMORY_VFS_PARTIAL, /* a write writes its first half and fails; anything else as BEFORE */
	MEMORY_VFS_KILL,    /* this call and all after it do nothing and fail, until
	                     * memory_vfs_revive */
};

/* Registers the VFS at first use and removes all files. */
void memory_vfs_reset(void);

/* Makes call number `nth` from now (1: the next) fail once. Failing codes are the I/O error of the
 * method, or, with `full`, SQLITE_FULL for writes and syncs and SQLITE_BUSY for locks. */
void memory_vfs_arm(enum memory_vfs_failure failure, unsigned nth, bool full);
void memory_vfs_disarm(void);

/* Makes the next sync of a file whose name ends in `suffix` fail, before its effect. Ends with
 * memory_vfs_disarm. */
void memory_vfs_arm_sync(const char *suffix);

/* Whether the armed call was reached. */
bool memory_vfs_struck(void);

/* Ends a kill: calls work again, and shared memory is gone with the process that had it. */
void memory_vfs_revive(void);

/* What was done to the content of a file. */
enum memory_vfs_change_kind {
	MEMORY_VFS_WRITTEN = 1,
	MEMORY_VFS_TRUNCATED, /* to `offset` bytes */
	MEMORY_VFS_DELETED,
};

struct memory_vfs_change {
	enum memory_vfs_change_kind kind;
	const char *name;
	const void *data; /* of a write; valid during the call only */
	size_t offset;
	size_t size_bytes;
};

/* Tells every change from now on, in order; NULL ends that, as memory_vfs_reset does. */
typedef void (*memory_vfs_recorder)(void *context, const struct memory_vfs_change *change);
void memory_vfs_record(memory_vfs_recorder recorder, void *context);

/* The content of a file for reading and damaging; NULL when absent. Valid until the next call into
 * the VFS. */
unsigned char *memory_vfs_content(const char *name, size_t *size_bytes);
void memory_vfs_set_content(const char *name, const void *content, size_t size_bytes);

#endif
