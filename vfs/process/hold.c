/* vfs/process/hold.c: a lock held without SQLite, for a process that only gets in the way. */
#include "process_internal.h"

#include <stdlib.h>
#include <string.h>

struct vfs_hold {
	struct vfs_file file;
	char path[];
};

/* Takes the locks of a connection that writes. In WAL mode these are SHARED on the file, and slot 0
 * of the WAL index, the write lock. */
static int vfs_hold_take_locks(struct vfs_file *file, int level, bool wal) {
	int result = vfs_lock_acquire(file, SQLITE_LOCK_SHARED);
	if (wal && level == SQLITE_LOCK_EXCLUSIVE) {
		if (result == SQLITE_OK) {
			result = vfs_shm_attach(file);
		}
		if (result == SQLITE_OK) {
			result = vfs_shm_acquire(file, 0, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
		}
		return result;
	}
	if (result == SQLITE_OK && level >= SQLITE_LOCK_RESERVED) {
		result = vfs_lock_acquire(file, SQLITE_LOCK_RESERVED);
	}
	if (result == SQLITE_OK && level == SQLITE_LOCK_EXCLUSIVE) {
		result = vfs_lock_acquire(file, SQLITE_LOCK_EXCLUSIVE);
	}
	return result;
}

int vfs_process_hold(struct vfs_process *process, const char *path, int level, bool wal, struct vfs_hold **hold) {
	*hold = NULL;
	assert(!process->is_dead && level > SQLITE_LOCK_NONE && level <= SQLITE_LOCK_EXCLUSIVE);
	struct vfs_inode *inode = NULL;
	bool created = false;
	enum vfs_status status = vfs_disk_open(process->disk, path, false, &created, &inode);
	if (status != VFS_OK) {
		return vfs_handle_code(status, SQLITE_CANTOPEN);
	}
	size_t size = strlen(path) + 1;
	struct vfs_hold *made = calloc(1, sizeof *made + size);
	if (made == NULL) {
		vfs_disk_close(process->disk, inode);
		return SQLITE_NOMEM;
	}
	memcpy(made->path, path, size);
	made->file.path = made->path;
	made->file.kind = VFS_FILE_DB;
	vfs_handle_attach(&made->file, process, inode);
	int result = vfs_hold_take_locks(&made->file, level, wal);
	if (result != SQLITE_OK) {
		vfs_process_release(made);
		return result;
	}
	*hold = made;
	return SQLITE_OK;
}

void vfs_process_release(struct vfs_hold *hold) {
	if (hold == NULL) {
		return;
	}
	vfs_handle_forget(&hold->file);
	free(hold);
}
