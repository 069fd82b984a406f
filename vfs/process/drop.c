/* vfs/process/drop.c: POSIX locks that go while SQLite holds them. */
#include "process_internal.h"

#include <string.h>

static bool vfs_drop_of(struct vfs_file *file, enum vfs_file_kind kind) {
	bool of_file = kind != VFS_FILE_SHM && file->level > SQLITE_LOCK_NONE;
	bool of_index = kind != VFS_FILE_DB && file->shm != NULL;
	if (file->process->lock_style != VFS_LOCKS_POSIX) {
		return of_file || of_index;
	}
	bool file_had = of_file && vfs_lock_drop(file);
	bool index_had = of_index && vfs_shm_drop(file);
	return file_had || index_had;
}

bool vfs_process_drop_locks(struct vfs_process *process, const char *path, enum vfs_file_kind kind) {
	bool had = false;
	for (struct vfs_file *file = process->files; file != NULL; file = file->next) {
		bool is_meant = file->inode != NULL && (path == NULL || strcmp(file->path, path) == 0);
		if (is_meant) {
			bool file_had = vfs_drop_of(file, kind);
			had = had || file_had;
		}
	}
	return had;
}
