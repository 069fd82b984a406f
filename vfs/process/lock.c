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
 *
 * A stray close(2) of the file drops the locks of its process, and SQLite does not learn of it
 * (howtocorrupt, section 2.2). The handle then has a level that the system does not know. Each
 * later fcntl() takes its own bytes again, as those of unixLock() and posixUnlock() do: RESERVED
 * takes one byte, EXCLUSIVE all, and a return to SHARED reads SHARED anew (test_unix_drops.c). One
 * thing is not as there: RESERVED and PENDING are bytes of their own, so two handles may each have
 * one of them. Here one is the writer.
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

/* The system has its SHARED again. */
static void vfs_lock_count_shared(struct vfs_file *file) {
	file->inode->lock.shared_count += file->has_lost_shared ? 1 : 0;
	file->has_lost_shared = false;
}

static int vfs_lock_acquire_exclusive(struct vfs_file *file) {
	bool is_alone = file->inode->lock.shared_count == (file->has_lost_shared ? 0 : 1);
	/* Who takes itself to have PENDING does not ask for that byte again. */
	bool lost_pending = file->level == SQLITE_LOCK_PENDING && file->inode->lock.writer != file;
	if (!is_alone && (lost_pending || !vfs_lock_goes_by_pending(file))) {
		return SQLITE_BUSY;
	}
	file->inode->lock.writer = file;
	file->level = SQLITE_LOCK_PENDING;
	if (!is_alone) {
		return SQLITE_BUSY;
	}
	vfs_lock_count_shared(file);
	file->level = SQLITE_LOCK_EXCLUSIVE;
	return SQLITE_OK;
}

void vfs_lock_pend(struct vfs_file *file) {
	struct vfs_lock *lock = &file->inode->lock;
	/* Another style than POSIX has no such state between two. */
	if (file->process->lock_style != VFS_LOCKS_POSIX || file->level < SQLITE_LOCK_SHARED ||
	    file->level >= SQLITE_LOCK_PENDING) {
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
	if (file->process->lock_style != VFS_LOCKS_POSIX) {
		return vfs_lock_style_acquire(file, level);
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

static void vfs_lock_release_writer(struct vfs_file *file) {
	struct vfs_lock *lock = &file->inode->lock;
	if (lock->writer == file) {
		lock->writer = NULL;
		lock->is_reserved = false;
	}
}

static void vfs_lock_release_shared(struct vfs_file *file) {
	assert(file->has_lost_shared || file->inode->lock.shared_count > 0);
	file->inode->lock.shared_count -= file->has_lost_shared ? 0 : 1;
}

int vfs_lock_release(struct vfs_file *file, int level) {
	const struct vfs_lock *lock = &file->inode->lock;
	assert(level <= SQLITE_LOCK_SHARED);
	if (file->level <= level) {
		return SQLITE_OK;
	}
	if (file->process->lock_style != VFS_LOCKS_POSIX) {
		vfs_lock_style_release(file, level);
		return SQLITE_OK;
	}
	vfs_lock_release_writer(file);
	if (level == SQLITE_LOCK_NONE) {
		vfs_lock_release_shared(file);
		file->has_lost_shared = false;
	} else if (file->has_lost_shared && lock->writer != NULL && lock->writer->level == SQLITE_LOCK_EXCLUSIVE) {
		return SQLITE_IOERR_RDLOCK;
	} else {
		vfs_lock_count_shared(file);
	}
	file->level = level;
	return SQLITE_OK;
}

bool vfs_lock_drop(struct vfs_file *file) {
	if (file->level == SQLITE_LOCK_NONE) {
		return false;
	}
	vfs_lock_release_writer(file);
	vfs_lock_release_shared(file);
	file->has_lost_shared = true;
	return true;
}

/* A dot-file, and a lock that does nothing, let whoever asks be alone: others who hold nothing, or
 * nothing that he sees, are not asked. */
bool vfs_lock_is_reserved(const struct vfs_file *file) {
	const struct vfs_lock *lock = &file->inode->lock;
	if (file->process->lock_style != VFS_LOCKS_POSIX) {
		return file->level > SQLITE_LOCK_SHARED;
	}
	return lock->writer != NULL && (lock->is_reserved || lock->writer->process == file->process);
}
