/* vfs/process/shm.c: the shared memory of the WAL index, and its eight locks.
 *
 * The memory belongs to the inode, and lives while a handle of a living process has it mapped. Then
 * it is discarded, and the next handle finds zeros and recovers. The unix VFS truncates the -shm
 * file in the same way, when nobody else holds its dead man switch.
 *
 * The memory is freed only with the last handle, because SQLite in a dead process still reads and
 * writes it while it unwinds. The living must not see these writes. So the content is saved when a
 * process dies beside others, and restored before any of them goes on. A dead process must be
 * closed before a living one runs (docs/architecture.md, section 4).
 *
 * A process may have its index in memory that nobody else sees, as on a file system that does not
 * keep mappings of several machines the same. Each handle of it has a vfs_shm of its own then. The
 * locks belong to the inode, and are the same for all.
 *
 * The dead man switch is a lock, too, and may be dropped like the others. Whoever maps the index
 * while nobody's holds takes it for a leftover, and truncates it (unixLockSharedMemory()).
 */
#include "process_internal.h"

#include <stdlib.h>
#include <string.h>

/* Regions are pooled, because every opening of a WAL database needs a cleared one. */
#define VFS_SHM_POOL_REGIONS_MAX 16u
static uint8_t *vfs_shm_pool[VFS_SHM_POOL_REGIONS_MAX];
static uint32_t vfs_shm_pool_count;

static uint8_t *vfs_shm_take_region(void) {
	uint8_t *region = vfs_shm_pool_count > 0 ? vfs_shm_pool[--vfs_shm_pool_count] : malloc(VFS_SHM_REGION_BYTES);
	if (region != NULL) {
		memset(region, 0, VFS_SHM_REGION_BYTES);
	}
	return region;
}

static void vfs_shm_release_region(uint8_t *region) {
	if (VFS_POOLED && vfs_shm_pool_count < VFS_SHM_POOL_REGIONS_MAX) {
		vfs_shm_pool[vfs_shm_pool_count++] = region;
	} else {
		free(region);
	}
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Nobody seems to be there: what is in the memory is a leftover. */
static void vfs_shm_clear(struct vfs_shm *shm) {
	for (uint32_t index = 0; index < shm->region_count; index++) {
		memset(shm->regions[index], 0, VFS_SHM_REGION_BYTES);
	}
}

int vfs_shm_attach(struct vfs_file *file) {
	struct vfs_inode *inode = file->inode;
	if (file->shm != NULL) {
		return SQLITE_OK;
	}
	struct vfs_shm *shm = file->process->has_own_index ? NULL : inode->shm;
	if (shm == NULL) {
		shm = calloc(1, sizeof *shm);
		if (shm == NULL) {
			return SQLITE_NOMEM;
		}
		shm->inode = inode;
		inode->shm = file->process->has_own_index ? inode->shm : shm;
	} else if (shm->guards == 0) {
		vfs_shm_clear(shm);
	}
	file->shm = shm;
	file->has_guard = file->process->lock_style == VFS_LOCKS_POSIX;
	shm->guards += file->has_guard ? 1 : 0;
	shm->living++;
	shm->references++;
	return SQLITE_OK;
}

static void vfs_shm_forget_saved(struct vfs_disk *disk, struct vfs_shm *shm) {
	struct vfs_shm **link = &disk->saved_shms;
	if (shm->saved == NULL) {
		return;
	}
	while (*link != shm) {
		link = &(*link)->next_saved;
	}
	*link = shm->next_saved;
	free(shm->saved);
	shm->saved = NULL;
}

static void vfs_shm_destroy(struct vfs_shm *shm) {
	for (uint32_t index = 0; index < shm->region_count; index++) {
		vfs_shm_release_region(shm->regions[index]);
	}
	free(shm->regions);
	free(shm);
}

static bool vfs_shm_has_slot(uint8_t mask, int slot) {
	return (mask & (1u << slot)) != 0;
}

/* What the system knows of them. */
static void vfs_shm_release_real(struct vfs_file *file, uint8_t mask) {
	struct vfs_index_lock *lock = &file->inode->index_lock;
	uint8_t real = file->shm_shared & (uint8_t)~file->shm_lost & mask;
	for (int slot = 0; slot < VFS_SHM_SLOTS; slot++) {
		lock->shared[slot] -= vfs_shm_has_slot(real, slot);
		if (vfs_shm_has_slot(mask, slot) && lock->exclusive[slot] == file) {
			lock->exclusive[slot] = NULL;
		}
	}
}

static void vfs_shm_unlock(struct vfs_file *file, uint8_t mask) {
	vfs_shm_release_real(file, mask);
	file->shm_shared &= (uint8_t)~mask;
	file->shm_exclusive &= (uint8_t)~mask;
	file->shm_lost &= (uint8_t)~mask;
}

bool vfs_shm_drop(struct vfs_file *file) {
	if (file->shm == NULL) {
		return false;
	}
	vfs_shm_release_real(file, UINT8_MAX);
	file->shm_lost = file->shm_shared | file->shm_exclusive;
	file->shm->guards -= file->has_guard ? 1 : 0;
	file->has_guard = false;
	return true;
}

/* Ends the share of a handle, as far as the living are concerned. */
static void vfs_shm_end_living(struct vfs_file *file) {
	struct vfs_shm *shm = file->shm;
	vfs_shm_unlock(file, UINT8_MAX);
	shm->guards -= file->has_guard ? 1 : 0;
	file->has_guard = false;
	if (--shm->living > 0) {
		return;
	}
	vfs_shm_forget_saved(shm->inode->disk, shm);
	if (shm->inode->shm == shm) {
		shm->inode->shm = NULL;
	}
	shm->inode = NULL;
}

static void vfs_shm_release_memory(struct vfs_file *file) {
	struct vfs_shm *shm = file->shm;
	assert(shm->references > 0);
	file->shm = NULL;
	if (--shm->references == 0) {
		vfs_shm_destroy(shm);
	}
}

/* A handle without an inode belongs to a dead process. Its living share has ended already. */
void vfs_shm_detach(struct vfs_file *file) {
	if (file->shm == NULL) {
		return;
	}
	if (file->inode != NULL) {
		vfs_shm_end_living(file);
	}
	vfs_shm_release_memory(file);
}

void vfs_shm_save(struct vfs_file *file) {
	struct vfs_shm *shm = file->shm;
	if (shm == NULL) {
		return;
	}
	struct vfs_disk *disk = shm->inode->disk;
	vfs_shm_end_living(file);
	if (shm->living == 0 || shm->saved != NULL || shm->region_count == 0) {
		return;
	}
	shm->saved = malloc((size_t)shm->region_count * VFS_SHM_REGION_BYTES);
	assert(shm->saved != NULL && "out of memory when a process died");
	shm->saved_count = shm->region_count;
	for (uint32_t index = 0; index < shm->region_count; index++) {
		memcpy(shm->saved + (size_t)index * VFS_SHM_REGION_BYTES, shm->regions[index], VFS_SHM_REGION_BYTES);
	}
	shm->next_saved = disk->saved_shms;
	disk->saved_shms = shm;
}

void vfs_shm_restore_all(struct vfs_disk *disk) {
	while (disk->saved_shms != NULL) {
		struct vfs_shm *shm = disk->saved_shms;
		for (uint32_t index = 0; index < shm->saved_count; index++) {
			memcpy(shm->regions[index], shm->saved + (size_t)index * VFS_SHM_REGION_BYTES,
			       VFS_SHM_REGION_BYTES);
		}
		vfs_shm_forget_saved(disk, shm);
	}
}

/* ---- regions --------------------------------------------------------------------------------- */

int vfs_shm_region(struct vfs_file *file, int region, bool extend, void volatile **memory) {
	*memory = NULL;
	if (vfs_shm_attach(file) != SQLITE_OK) {
		return SQLITE_NOMEM;
	}
	struct vfs_shm *shm = file->shm;
	uint32_t index = (uint32_t)region;
	if (index >= shm->region_count && !extend) {
		return SQLITE_OK;
	}
	while (shm->region_count <= index) {
		size_t room = shm->region_room;
		if (!vfs_array_reserve((void **)&shm->regions, &room, shm->region_count + 1u, sizeof(uint8_t *))) {
			return SQLITE_NOMEM;
		}
		shm->region_room = (uint32_t)room;
		uint8_t *bytes = vfs_shm_take_region();
		if (bytes == NULL) {
			return SQLITE_NOMEM;
		}
		shm->regions[shm->region_count++] = bytes;
	}
	*memory = shm->regions[index];
	return SQLITE_OK;
}

/* ---- locks ----------------------------------------------------------------------------------- */

static uint8_t vfs_shm_slot_mask(int offset, int count) {
	return (uint8_t)(((1u << count) - 1u) << offset);
}

static int vfs_shm_lock_shared(struct vfs_file *file, int slot) {
	struct vfs_index_lock *lock = &file->inode->index_lock;
	if (vfs_shm_has_slot(file->shm_shared, slot)) {
		return SQLITE_OK;
	}
	if (lock->exclusive[slot] != NULL) {
		return SQLITE_BUSY;
	}
	lock->shared[slot]++;
	file->shm_shared |= (uint8_t)(1u << slot);
	return SQLITE_OK;
}

static int vfs_shm_lock_exclusive(struct vfs_file *file, int offset, int count) {
	struct vfs_index_lock *lock = &file->inode->index_lock;
	for (int slot = offset; slot < offset + count; slot++) {
		if (lock->shared[slot] > 0 || (lock->exclusive[slot] != NULL && lock->exclusive[slot] != file)) {
			return SQLITE_BUSY;
		}
	}
	for (int slot = offset; slot < offset + count; slot++) {
		lock->exclusive[slot] = file;
	}
	file->shm_exclusive |= vfs_shm_slot_mask(offset, count);
	return SQLITE_OK;
}

/* Granted, and the system knows nothing of it. */
static int vfs_shm_lock_void(struct vfs_file *file, uint8_t mask, bool exclusive) {
	file->shm_exclusive |= exclusive ? mask : 0;
	file->shm_shared |= exclusive ? 0 : mask;
	file->shm_lost |= mask;
	return SQLITE_OK;
}

int vfs_shm_acquire(struct vfs_file *file, int offset, int count, int flags) {
	assert(offset >= 0 && count >= 1 && offset + count <= VFS_SHM_SLOTS);
	if (file->shm == NULL) {
		return SQLITE_IOERR_SHMLOCK; /* not mapped, or unmapped after an error */
	}
	if (flags & SQLITE_SHM_UNLOCK) {
		vfs_shm_unlock(file, vfs_shm_slot_mask(offset, count));
		return SQLITE_OK;
	}
	if (file->process->lock_style != VFS_LOCKS_POSIX) {
		return vfs_shm_lock_void(file, vfs_shm_slot_mask(offset, count), (flags & SQLITE_SHM_EXCLUSIVE) != 0);
	}
	if (flags & SQLITE_SHM_EXCLUSIVE) {
		return vfs_shm_lock_exclusive(file, offset, count);
	}
	assert(count == 1);
	return vfs_shm_lock_shared(file, offset);
}

/* ---- methods --------------------------------------------------------------------------------- */

int vfs_shm_map(sqlite3_file *base, int region, int region_bytes, int extend, void volatile **memory) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.offset = (uint64_t)region, .call.size = (uint64_t)region_bytes};
	assert(region_bytes == VFS_SHM_REGION_BYTES);
	*memory = NULL;
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_SHM_MAP)) {
		result = vfs_shm_region(file, region, extend != 0, memory);
	}
	result = vfs_call_end(&under_way, result, 0);
	if (result != SQLITE_OK && result != SQLITE_READONLY) {
		*memory = NULL;
	}
	return result;
}

int vfs_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {
	        .call.offset = (uint64_t)offset, .call.size = (uint64_t)count, .call.flags = (uint32_t)flags};
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_SHM_LOCK)) {
		result = vfs_shm_acquire(file, offset, count, flags);
	}
	return vfs_call_end(&under_way, result, 0);
}

void vfs_shm_barrier(sqlite3_file *base) {
	struct vfs_under_way under_way = {0};
	(void)vfs_file_begin(&under_way, (struct vfs_file *)base, VFS_METHOD_SHM_BARRIER);
	(void)vfs_call_end(&under_way, SQLITE_OK, 0);
}

/* Deleting the file behind the memory means nothing here: without a handle there is no memory. */
int vfs_shm_unmap(sqlite3_file *base, int delete_flag) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.flags = (uint32_t)delete_flag};
	if (file->process->is_dead) {
		vfs_shm_detach(file);
		return SQLITE_IOERR;
	}
	if (vfs_file_begin(&under_way, file, VFS_METHOD_SHM_UNMAP)) {
		vfs_shm_detach(file);
	}
	return vfs_call_end(&under_way, SQLITE_OK, 0);
}
