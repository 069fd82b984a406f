/* vfs/process/handle.c: the life of an open handle, and what the methods of file.c and faulty.c do
 * to its file. */
#include "process_internal.h"

void vfs_handle_attach(struct vfs_file *file, struct vfs_process *process, struct vfs_inode *inode) {
	assert(!process->is_dead && file->process == NULL && inode->handles > 0);
	file->process = process;
	file->inode = inode;
	/* As errseq_sample() of Linux: whoever opens the file next also reports an error that
	 * nobody has reported. */
	file->sync_errors_seen = inode->sync_errors - inode->sync_error_is_unseen;
	file->next = process->files;
	if (process->files != NULL) {
		process->files->previous = file;
	}
	process->files = file;
	process->file_count++;
}

void vfs_handle_detach(struct vfs_file *file) {
	vfs_shm_detach(file);
	if (file->inode == NULL) {
		return;
	}
	(void)vfs_lock_release(file, SQLITE_LOCK_NONE);
	vfs_disk_close(file->inode->disk, file->inode);
	file->inode = NULL;
}

void vfs_handle_forget(struct vfs_file *file) {
	vfs_handle_detach(file);
	assert(file->process->file_count > 0);
	if (file->previous != NULL) {
		file->previous->next = file->next;
	} else {
		file->process->files = file->next;
	}
	if (file->next != NULL) {
		file->next->previous = file->previous;
	}
	file->process->file_count--;
}

int vfs_handle_code(enum vfs_status status, int other) {
	switch (status) {
	case VFS_OK:
		return SQLITE_OK;
	case VFS_FULL:
		return SQLITE_FULL;
	case VFS_NO_MEMORY:
		return SQLITE_NOMEM;
	case VFS_NOT_FOUND:
	case VFS_EXISTS:
	case VFS_NOT_A_FILE:
	case VFS_NOT_A_DIRECTORY:
	case VFS_NOT_EMPTY:
	case VFS_NAME_TOO_LONG:
		break;
	}
	return other;
}

int vfs_handle_write_fitting(struct vfs_file *file, uint64_t offset, const void *data, size_t size_bytes) {
	assert(file->inode != NULL && !file->is_read_only);
	struct vfs_disk *disk = file->inode->disk;
	enum vfs_status status = vfs_disk_write(disk, file->inode, offset, data, size_bytes);
	if (status == VFS_FULL) {
		size_t fitting = vfs_inode_fitting_bytes(file->inode, offset, size_bytes);
		(void)vfs_disk_write(disk, file->inode, offset, data, fitting);
	}
	return vfs_handle_code(status, SQLITE_IOERR_WRITE);
}

/* Reports no failure, as unixSync() reports none. */
void vfs_handle_sync_directory_once(struct vfs_file *file) {
	struct vfs_place place;
	if (!file->must_sync_directory) {
		return;
	}
	if (vfs_name_locate(file->inode->disk, file->path, &place) == VFS_OK) {
		vfs_name_sync(place.directory);
	}
	file->must_sync_directory = false;
}
