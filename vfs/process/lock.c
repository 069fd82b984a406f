/* vfs/process/lock.c: the five database locks, between all handles on a file, of whatever process.
 *
 *   NONE ──SHARED──▶ SHARED ──RESERVED──▶ RESERVED ──EXCLUSIVE──▶ PENDING ──▶ EXCLUSIVE
 *                       └───────────────EXCLUSIVE (hot journal)──────────────────▲
 *
 * SQLite's unix VFS grants them so (documentation: lockingv3). Any number of handles have SHARED.
 * At most one handle, the writer, is above SHARED (V7). RESERVED lets new readers in, PENDING does
 * not, and EXCLUSIVE means that there are none. A request for EXCLUSIVE beside readers gives BUSY
 * and leaves PENDING, so that writers do not starve.
 *
 * The rollback of a hot journal asks for EXCLUSIVE from SHARED, and so does locking_mode=EXCLUSIVE
 * in WAL mode. Then unixLock() leaves PENDING up to 3.40.1, and SHARED from 3.41.0 on. The number
 * of the library that runs decides, so its pager meets the states that its own VFS would give.
 *
 * One thing differs from POSIX locks: handles of one process exclude each other as those of two do.
 * The unix VFS takes pains to make it so; here nothing else exists.
 *
 * Whether RESERVED is held is asked of another process's lock byte, and within one process of its
 * highest level (unixCheckReservedLock(), 3.40.1). So PENDING taken from SHARED shows only within
 * the process. If it showed to others, they would take a hot journal that somebody is about to play
 * back for a live one, and read what it should have undone.
 */
#include "process_internal.h"

/* The first release whose unixLock() takes PENDING only on the way from RESERVED. */
#define VFS_LOCK_PENDING_FROM_RESERVED_ONLY 3041000

/* Whether a request for EXCLUSIVE, from the present level of the handle, goes by way of PENDING. */
static bool vfs_lock_goes_by_pending(const struct vfs_file *file) {
	return file->level > SQLITE_LOCK_SHARED || sqlite3_libversion_number() < VFS_LOCK_PENDING_FROM_RESERVED_ONLY;
}

static int vfs_lock_acquire_shared(struct vfs_file *file) {
	struct vfs_lock *lock = &file->inode->lock;
	if (lock->writer != NULL && lock->writer->level >= SQLITE_LOCK_PENDING) {
		return SQLITE_BUSY;
	}
	lock->shared_count++;
	file->level = SQLITE_LOCK_SHARED;
	return SQLITE_OK;
}

static int vfs_lock_acquire_exclusive(struct vfs_file *file) {
	bool is_alone = file->inode->lock.shared_count == 1;
	if (!is_alone && !vfs_lock_goes_by_pending(file)) {
		return SQLITE_BUSY;
	}
	file->inode->lock.writer = file;
	file->level = SQLITE_LOCK_PENDING;
	if (!is_alone) {
		return SQLITE_BUSY;
	}
	file->level = SQLITE_LOCK_EXCLUSIVE;
	return SQLITE_OK;
}

void vfs_lock_pend(struct vfs_file *file) {
	struct vfs_lock *lock = &file->inode->lock;
	if (file->level < SQLITE_LOCK_SHARED || file->level >= SQLITE_LOCK_PENDING) {
		return;
	}
	if ((lock->writer != NULL && lock->writer != file) || !vfs_lock_goes_by_pending(file)) {
		return;
	}
	lock->writer = file;
	file->level = SQLITE_LOCK_PENDING;
}

int vfs_lock_acquire(struct vfs_file *file, int level) {
	struct vfs_lock *lock = &file->inode->lock;
	if (file->level >= level) {
		return SQLITE_OK;
	}
	if (level == SQLITE_LOCK_SHARED) {
		return vfs_lock_acquire_shared(file);
	}
	assert(file->level >= SQLITE_LOCK_SHARED && level != SQLITE_LOCK_PENDING);
	if (lock->writer != NULL && lock->writer != file) {
		return SQLITE_BUSY;
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		return vfs_lock_acquire_exclusive(file);
	}
	lock->writer = file;
	lock->is_reserved = true;
	file->level = SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

void vfs_lock_release(struct vfs_file *file, int level) {
	struct vfs_lock *lock = &file->inode->lock;
	assert(level <= SQLITE_LOCK_SHARED && (file->level == SQLITE_LOCK_NONE || lock->shared_count > 0));
	if (file->level <= level) {
		return;
	}
	if (lock->writer == file) {
		lock->writer = NULL;
		lock->is_reserved = false;
	}
	if (level == SQLITE_LOCK_NONE) {
		lock->shared_count--;
	}
	file->level = level;
}

bool vfs_lock_is_reserved(const struct vfs_file *file) {
	const struct vfs_lock *lock = &file->inode->lock;
	return lock->writer != NULL && (lock->is_reserved || lock->writer->process == file->process);
}
