/* vfs/process/check.c: checks the invariants of locks and of shared memory (README.md, V7 and V8),
 * and those of the disk. */
#include "process_internal.h"

/* V7 */
static void vfs_check_assert_lock(const struct vfs_inode *inode) {
	const struct vfs_file *writer = inode->lock.writer;
	assert(inode->lock.shared_count <= inode->handles);
	if (writer == NULL) {
		assert(!inode->lock.is_reserved);
		return;
	}
	assert(writer->inode == inode && writer->level > SQLITE_LOCK_SHARED);
	assert(inode->lock.shared_count > 0 || writer->has_lost_shared);
	assert(writer->level != SQLITE_LOCK_EXCLUSIVE || inode->lock.shared_count == 1);
}

static void vfs_check_assert_shm(const struct vfs_inode *inode) {
	const struct vfs_shm *shm = inode->shm;
	if (shm == NULL) {
		return;
	}
	assert(shm->inode == inode && shm->living > 0 && shm->living <= shm->references); /* V8 */
	assert(shm->region_count <= shm->region_room && (shm->saved != NULL) == (shm->saved_count > 0));
	assert(shm->guards <= shm->living);
}

static void vfs_check_assert_index_lock(const struct vfs_inode *inode) {
	const struct vfs_index_lock *lock = &inode->index_lock;
	for (int slot = 0; slot < VFS_SHM_SLOTS; slot++) {
		const struct vfs_file *file = lock->exclusive[slot];
		assert(lock->shared[slot] <= inode->handles);
		assert(file == NULL || (lock->shared[slot] == 0 && file->inode == inode && file->shm != NULL));
		assert(file == NULL || (file->shm_exclusive & ~file->shm_lost & (1u << slot)) != 0);
	}
}

void vfs_assert(const struct vfs_disk *disk) {
	vfs_disk_assert(disk);
	for (const struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		vfs_check_assert_lock(inode);
		vfs_check_assert_shm(inode);
		vfs_check_assert_index_lock(inode);
	}
}
