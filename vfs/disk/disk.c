/* vfs/disk/disk.c: the simulated disk: files and their content, and what of it is durable.
 *
 * Each file has two images that share blocks. `now` is what programs see, and `durable` is what is
 * on the medium. The ordered list of pending operations lies between them (V1). A sync makes
 * durable equal to now in everything that the list touches, and empties the list. A power loss
 * (power.c) does the opposite, with a part of the list put back.
 */
#include "disk_internal.h"

#include <sqlite3.h>
#include <stdlib.h>

static uint64_t vfs_disk_capacity_in_blocks(uint64_t capacity_bytes) {
	return capacity_bytes == 0 ? UINT64_MAX : capacity_bytes / VFS_BLOCK_BYTES;
}

struct vfs_disk *vfs_disk_create(const struct vfs_disk_options *options) {
	struct vfs_disk *disk = calloc(1, sizeof *disk);
	if (disk == NULL) {
		return NULL;
	}
	disk->options = *options;
	if (disk->options.sector_size_bytes == 0) {
		disk->options.sector_size_bytes = 4096;
	}
	assert(disk->options.sector_size_bytes == 512 || disk->options.sector_size_bytes == 4096);
	assert((unsigned)options->sync_model < VFS_SYNC_MODEL_COUNT);
	disk->capacity_blocks = vfs_disk_capacity_in_blocks(options->capacity_bytes);
	disk->keeps_order = (options->kept_characteristics & SQLITE_IOCAP_SEQUENTIAL) != 0;
	disk->root = vfs_inode_create(disk, true);
	if (disk->root == NULL) {
		free(disk);
		return NULL;
	}
	vfs_inode_refer_live(disk->root);
	return disk;
}

void vfs_disk_destroy(struct vfs_disk *disk) {
	if (disk == NULL) {
		return;
	}
	vfs_inode_release_live(disk->root);
	assert(disk->inodes == NULL && "a file of the disk is still open");
	free(disk);
}

enum vfs_status vfs_disk_open(struct vfs_disk *disk, const char *path, bool create, bool *created,
                              struct vfs_inode **inode) {
	struct vfs_place place;
	*inode = NULL;
	*created = false;
	enum vfs_status status = vfs_name_locate(disk, path, &place);
	if (status != VFS_OK) {
		return status;
	}
	const struct vfs_entry *entry =
	        place.length > 0 ? vfs_entry_find(place.directory, place.name, place.length) : NULL;
	struct vfs_inode *found = place.length == 0 ? place.directory : entry != NULL ? entry->now : NULL;
	if (found == NULL) {
		if (!create) {
			return VFS_NOT_FOUND;
		}
		found = vfs_inode_create(disk, false);
		if (found == NULL) {
			return VFS_NO_MEMORY;
		}
		vfs_inode_refer(found);
		status = vfs_name_link(&place, found);
		if (status == VFS_OK) {
			vfs_inode_refer_live(found);
		}
		vfs_inode_release(found);
		if (status != VFS_OK) {
			return status;
		}
		*created = true;
	} else if (found->is_directory) {
		return VFS_NOT_A_FILE;
	} else {
		vfs_inode_refer_live(found);
	}
	found->handles++;
	*inode = found;
	return VFS_OK;
}

void vfs_disk_close(struct vfs_disk *disk, struct vfs_inode *inode) {
	assert(inode->disk == disk && inode->handles > 0);
	inode->handles--;
	vfs_inode_release_live(inode);
}

void vfs_disk_read(const struct vfs_inode *inode, uint64_t offset, void *buffer, size_t size_bytes,
                   size_t *read_bytes) {
	*read_bytes = vfs_image_read(&inode->now, offset, buffer, size_bytes);
}

uint64_t vfs_disk_hash_block(const struct vfs_inode *inode, uint32_t number) {
	return vfs_image_hash_slot(&inode->now, number);
}

uint64_t vfs_disk_size(const struct vfs_inode *inode) {
	return inode->now.size_bytes;
}

bool vfs_disk_is_durable(const struct vfs_inode *inode) {
	return inode->pending_count == 0 && !inode->diverged && inode->now.size_bytes == inode->durable.size_bytes;
}

/* Both images get the same room, so neither a sync nor a power loss can run out of memory for
 * slots. */
static inline bool vfs_disk_reserve_images(struct vfs_inode *inode, uint32_t count) {
	return vfs_image_reserve(&inode->now, count) && vfs_image_reserve(&inode->durable, count);
}

/* Whether a file has no name, and none that could come back at a power loss. Nothing of it can ever
 * be durable. */
static bool vfs_disk_is_nameless(const struct vfs_inode *inode) {
	return inode->references == inode->handles;
}

static inline bool vfs_disk_reserve_pending(struct vfs_inode *inode, size_t block_count) {
	return vfs_array_reserve((void **)&inode->pending, &inode->pending_room, inode->pending_count + 1,
	                         sizeof(struct vfs_pending)) &&
	       vfs_array_reserve((void **)&inode->pinned, &inode->pinned_room, inode->pinned_count + block_count,
	                         sizeof(struct vfs_block *));
}

/* Records a write that was done to the image. It pins the blocks, and no byte is copied. A write
 * that goes on in the block where the one before it ended shares the pin of that one. */
static void vfs_disk_record_write(struct vfs_inode *inode, uint64_t offset, size_t size_bytes,
                                  uint64_t old_size_bytes) {
	uint64_t end = offset + size_bytes;
	uint32_t first = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t count = vfs_image_block_count(end) - first;
	bool is_pinned = inode->pinned_count > 0 && inode->pinned[inode->pinned_count - 1] == inode->now.blocks[first];
	inode->pending[inode->pending_count++] =
	        (struct vfs_pending){.offset = offset,
	                             .size_bytes = size_bytes,
	                             .touched_from = offset < old_size_bytes ? offset : old_size_bytes,
	                             .first_pinned = inode->pinned_count - is_pinned,
	                             .number = inode->disk->operation_number++,
	                             .grows = end > old_size_bytes};
	for (uint32_t index = first + is_pinned; index < first + count; index++) {
		struct vfs_block *block = inode->now.blocks[index];
		block->pins++;
		inode->pinned[inode->pinned_count++] = block;
	}
	/* Appended bytes share blocks. Other writes cost a copy of each block that an earlier write
	 * has pinned. */
	inode->pending_bytes += offset >= inode->pinned_end ? size_bytes : (uint64_t)count * VFS_BLOCK_BYTES;
	if (end > inode->pinned_end) {
		inode->pinned_end = end;
	}
}

/* V9: writes back as a kernel does, so a file that is never synced does not cost memory for
 * ever. */
static void vfs_disk_write_back_if_long(struct vfs_inode *inode) {
	if (inode->pending_bytes > VFS_PENDING_BYTES_MAX || inode->pending_count > VFS_PENDING_COUNT_MAX) {
		vfs_disk_sync(inode->disk, inode);
	}
}

static bool vfs_disk_has_space(const struct vfs_inode *inode, uint64_t offset, size_t size_bytes) {
	const struct vfs_disk *disk = inode->disk;
	uint32_t holes = vfs_image_holes(&inode->now, offset, size_bytes);
	return holes == 0 || disk->used_blocks + holes <= disk->capacity_blocks;
}

enum vfs_status vfs_disk_write(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t offset, const void *data,
                               size_t size_bytes) {
	assert(!inode->is_directory && inode->disk == disk);
	if (size_bytes == 0) {
		return VFS_OK;
	}
	if (offset > VFS_FILE_BYTES_MAX || size_bytes > VFS_FILE_BYTES_MAX - offset) {
		return VFS_FULL;
	}
	if (disk->capacity_blocks != UINT64_MAX && !vfs_disk_has_space(inode, offset, size_bytes)) {
		return VFS_FULL;
	}
	uint32_t end = vfs_image_block_count(offset + size_bytes);
	uint32_t first = (uint32_t)(offset / VFS_BLOCK_BYTES);
	bool recorded = !vfs_disk_is_nameless(inode);
	if (!vfs_block_reserve(end - first + 1) || !vfs_disk_reserve_images(inode, end) ||
	    (recorded && !vfs_disk_reserve_pending(inode, end - first))) {
		return VFS_NO_MEMORY;
	}
	uint64_t old_size_bytes = inode->now.size_bytes;
	uint32_t allocated = inode->now.allocated;
	vfs_image_write(&inode->now, offset, data, size_bytes, inode->pinned_end);
	if (recorded) {
		vfs_disk_record_write(inode, offset, size_bytes, old_size_bytes);
	}
	if (inode->live > 0) {
		disk->used_blocks += inode->now.allocated - allocated;
	}
	if (inode->broken_count > 0) {
		vfs_medium_mend(inode, offset, size_bytes);
	}
	vfs_disk_write_back_if_long(inode);
	return VFS_OK;
}

enum vfs_status vfs_disk_truncate(struct vfs_disk *disk, struct vfs_inode *inode, uint64_t size_bytes) {
	assert(!inode->is_directory && inode->disk == disk);
	if (size_bytes > VFS_FILE_BYTES_MAX) {
		return VFS_FULL;
	}
	if (size_bytes == inode->now.size_bytes) {
		return VFS_OK;
	}
	bool recorded = !vfs_disk_is_nameless(inode);
	if (!vfs_block_reserve(1) || !vfs_disk_reserve_images(inode, vfs_image_block_count(size_bytes)) ||
	    (recorded && !vfs_disk_reserve_pending(inode, 0))) {
		return VFS_NO_MEMORY;
	}
	uint32_t allocated = inode->now.allocated;
	if (recorded) {
		inode->pending[inode->pending_count++] = (struct vfs_pending){
		        .offset = size_bytes,
		        .touched_from = size_bytes < inode->now.size_bytes ? size_bytes : inode->now.size_bytes,
		        .number = disk->operation_number++,
		        .truncate = true};
	}
	vfs_image_resize(&inode->now, size_bytes, inode->pinned_end);
	if (inode->live > 0) {
		disk->used_blocks -= allocated - inode->now.allocated;
	}
	if (inode->broken_count > 0) {
		vfs_medium_forget_beyond(inode, size_bytes);
	}
	vfs_disk_write_back_if_long(inode);
	return VFS_OK;
}

void vfs_disk_sync(struct vfs_disk *disk, struct vfs_inode *inode) {
	assert(inode->disk == disk);
	if (inode->pending_count == 0) {
		return;
	}
	if (disk->keeps_order) {
		vfs_order_sync_all(disk);
	} else {
		vfs_inode_settle(inode, &inode->durable, &inode->now);
	}
}

uint64_t vfs_disk_used_bytes(const struct vfs_disk *disk) {
	return disk->used_blocks * VFS_BLOCK_BYTES;
}

void vfs_disk_set_capacity(struct vfs_disk *disk, uint64_t capacity_bytes) {
	disk->options.capacity_bytes = capacity_bytes;
	disk->capacity_blocks = vfs_disk_capacity_in_blocks(capacity_bytes);
}
