/* vfs/process/lock_style.c: locks of other styles than POSIX. Handles of one style exclude each
 * other, and see nothing of another style.
 *
 * A dot-file stands beside the database and locks it as a whole, SHARED too (os_unix.c,
 * dotlockLock(), 3.40.1). No close(2) takes it away. Two things differ. That of a dead process
 * stays there for ever; here it goes, as if somebody had tidied up. And it stands for a file, not
 * for a name.
 *
 * A lock that does nothing is what some network file systems give: fcntl() succeeds, and nobody is
 * kept off (howtocorrupt, section 2.1).
 */
#include "process_internal.h"

int vfs_lock_style_acquire(struct vfs_file *file, int level) {
	struct vfs_inode *inode = file->inode;
	if (file->process->lock_style == VFS_LOCKS_DOT_FILE) {
		if (inode->dot_file != NULL && inode->dot_file != file) {
			return SQLITE_BUSY;
		}
		inode->dot_file = file;
	}
	file->level = level;
	return SQLITE_OK;
}

void vfs_lock_style_release(struct vfs_file *file, int level) {
	if (level == SQLITE_LOCK_NONE && file->inode->dot_file == file) {
		file->inode->dot_file = NULL;
	}
	file->level = level;
}

void vfs_process_set_lock_style(struct vfs_process *process, enum vfs_lock_style style) {
	assert(process->files == NULL && (unsigned)style < VFS_LOCK_STYLE_COUNT);
	process->lock_style = style;
}

void vfs_process_set_own_index(struct vfs_process *process) {
	assert(process->files == NULL);
	process->has_own_index = true;
}
