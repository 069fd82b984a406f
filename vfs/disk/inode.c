/* vfs/disk/inode.c: the life of inodes, and the list of operations on a file that are not yet
 * durable.
 *
 * Inodes are pooled with their arrays, for the reason given in block.c: a rollback journal is one
 * inode per commit.
 */
#include "disk_internal.h"

#include <stdlib.h>
#include <string.h>

#define VFS_INODE_POOL_INODES_MAX 32u
/* The pool keeps no array larger than this. */
#define VFS_INODE_POOL_ARRAY_BYTES_MAX (1u << 13)

static struct vfs_inode *vfs_inode_pool;
static uint32_t vfs_inode_pool_count;

bool vfs_array_enlarge(void **items, size_t *room, size_t count, size_t item_size_bytes) {
	size_t new_room = *room < 8 ? 8 : *room * 2;
	if (new_room < count) {
		new_room = count;
	}
	void *grown = realloc(*items, new_room * item_size_bytes);
	if (grown == NULL) {
		return false;
	}
	*items = grown;
	*room = new_room;
	return true;
}

struct vfs_inode *vfs_inode_create(struct vfs_disk *disk, bool is_directory) {
	struct vfs_inode *inode = vfs_inode_pool;
	if (inode != NULL) {
		vfs_inode_pool = inode->next;
		vfs_inode_pool_count--;
	} else {
		inode = calloc(1, sizeof *inode);
		if (inode == NULL) {
			return NULL;
		}
	}
	inode->disk = disk;
	inode->is_directory = is_directory;
	inode->previous = NULL;
	inode->next = disk->inodes;
	if (disk->inodes != NULL) {
		disk->inodes->previous = inode;
	}
	disk->inodes = inode;
	return inode;
}

static void vfs_inode_free_arrays(struct vfs_inode *inode) {
	vfs_image_deinit(&inode->now);
	vfs_image_deinit(&inode->durable);
	free(inode->pending);
	free(inode->pinned);
	free(inode->entries);
	free(inode->operations);
}

static bool vfs_inode_is_worth_keeping(const struct vfs_inode *inode) {
	return VFS_POOLED && vfs_inode_pool_count < VFS_INODE_POOL_INODES_MAX &&
	       inode->pinned_room * sizeof(void *) <= VFS_INODE_POOL_ARRAY_BYTES_MAX &&
	       inode->now.room * sizeof(void *) <= VFS_INODE_POOL_ARRAY_BYTES_MAX &&
	       inode->pending_room * sizeof(struct vfs_pending) <= VFS_INODE_POOL_ARRAY_BYTES_MAX;
}

void vfs_inode_clear_operations(struct vfs_inode *directory) { // NOLINT(misc-no-recursion)
	for (size_t index = 0; index < directory->operation_count; index++) {
		struct vfs_name_operation *operation = &directory->operations[index];
		vfs_name_release(operation->name);
		vfs_name_release(operation->to);
		vfs_inode_release(operation->inode);
	}
	directory->operation_count = 0;
}

void vfs_inode_clear_entries(struct vfs_inode *directory) { // NOLINT(misc-no-recursion)
	vfs_inode_clear_operations(directory);
	for (size_t index = 0; index < directory->entry_count; index++) {
		struct vfs_entry *entry = &directory->entries[index];
		vfs_name_release(entry->name);
		vfs_inode_release_live(entry->now);
		vfs_inode_release(entry->durable);
	}
	directory->entry_count = 0;
}

/* The last reference has gone. A directory takes with it what only it refers to. The recursion is
 * as deep as paths are. */
static void vfs_inode_destroy(struct vfs_inode *inode) { // NOLINT(misc-no-recursion)
	assert(inode->live == 0 && inode->handles == 0);
	assert(inode->lock.shared_count == 0 && inode->lock.writer == NULL && inode->shm == NULL);
	assert(inode->dot_file == NULL);
	if (inode->previous != NULL) {
		inode->previous->next = inode->next;
	} else {
		inode->disk->inodes = inode->next;
	}
	if (inode->next != NULL) {
		inode->next->previous = inode->previous;
	}
	vfs_inode_clear_pending(inode);
	if (inode->is_directory) {
		vfs_inode_clear_entries(inode);
	}
	vfs_image_clear(&inode->now);
	vfs_image_clear(&inode->durable);
	inode->damaged = false;
	inode->diverged = false;
	inode->sync_error_is_unseen = false;
	inode->sync_errors = 0;
	if (inode->broken_count > 0) {
		vfs_inode_forget_broken(inode, 0, UINT64_MAX);
	}
	if (!vfs_inode_is_worth_keeping(inode)) {
		vfs_inode_free_arrays(inode);
		free(inode);
		return;
	}
	inode->next = vfs_inode_pool;
	vfs_inode_pool = inode;
	vfs_inode_pool_count++;
}

void vfs_inode_refer(struct vfs_inode *inode) {
	inode->references++;
}

void vfs_inode_release(struct vfs_inode *inode) { // NOLINT(misc-no-recursion)
	if (inode == NULL) {
		return;
	}
	assert(inode->references > 0);
	if (--inode->references == 0) {
		vfs_inode_destroy(inode);
	}
}

void vfs_inode_refer_live(struct vfs_inode *inode) {
	if (inode->live++ == 0) {
		inode->disk->used_blocks += inode->now.allocated;
	}
	inode->references++;
}

void vfs_inode_release_live(struct vfs_inode *inode) { // NOLINT(misc-no-recursion)
	if (inode == NULL) {
		return;
	}
	assert(inode->live > 0);
	if (--inode->live == 0) {
		inode->disk->used_blocks -= inode->now.allocated;
	}
	vfs_inode_release(inode);
}

void vfs_inode_forget_broken(struct vfs_inode *inode, uint64_t first, uint64_t end) {
	uint32_t kept = 0;
	for (uint32_t index = 0; index < inode->broken_count; index++) {
		uint64_t sector = inode->broken[index];
		if (sector < first || sector >= end) {
			inode->broken[kept++] = sector;
		}
	}
	inode->broken_count = kept;
	if (kept == 0) {
		free(inode->broken);
		inode->broken = NULL;
	}
}

void vfs_inode_clear_pending(struct vfs_inode *inode) {
	for (size_t index = 0; index < inode->pinned_count; index++) {
		vfs_block_unpin(inode->pinned[index]);
	}
	inode->pinned_count = 0;
	inode->pinned_end = 0;
	inode->pending_count = 0;
	inode->pending_bytes = 0;
}

void vfs_inode_put(const struct vfs_inode *inode, const struct vfs_pending *write, struct vfs_image *image, uint64_t at,
                   uint64_t size_bytes) {
	if (size_bytes == 0) {
		return;
	}
	uint32_t first = (uint32_t)(at / VFS_BLOCK_BYTES);
	uint32_t end = vfs_image_block_count(at + size_bytes);
	bool reserved = vfs_image_reserve(image, end) && vfs_block_reserve(end - first + 1);
	assert(reserved && "out of memory at a power loss");
	size_t pinned = write->first_pinned + first - (size_t)(write->offset / VFS_BLOCK_BYTES);
	while (size_bytes > 0) {
		uint64_t begin = at % VFS_BLOCK_BYTES;
		uint64_t length = VFS_BLOCK_BYTES - begin < size_bytes ? VFS_BLOCK_BYTES - begin : size_bytes;
		vfs_image_write(image, at, inode->pinned[pinned++]->bytes + begin, (size_t)length, VFS_PINNED_ANYWHERE);
		at += length;
		size_bytes -= length;
	}
}

void vfs_inode_put_size(struct vfs_image *image, uint64_t size_bytes) {
	bool reserved = vfs_image_reserve(image, vfs_image_block_count(size_bytes)) && vfs_block_reserve(1);
	assert(reserved && "out of memory at a power loss");
	vfs_image_resize(image, size_bytes, VFS_PINNED_ANYWHERE);
}

/* Makes an image share the blocks that pending operations touch. Operations that follow on each
 * other, as those of a journal do, are one range. */
static void vfs_inode_share_touched(const struct vfs_inode *inode, struct vfs_image *to, const struct vfs_image *from) {
	uint32_t first = 0;
	uint32_t end = 0;
	for (size_t index = 0; index < inode->pending_count; index++) {
		const struct vfs_pending *pending = &inode->pending[index];
		uint32_t begin = (uint32_t)(pending->touched_from / VFS_BLOCK_BYTES);
		uint32_t beyond =
		        pending->truncate ? UINT32_MAX : vfs_image_block_count(pending->offset + pending->size_bytes);
		if (begin < first || begin > end) {
			vfs_image_share(to, from, first, end);
			first = begin;
			end = beyond;
		} else if (beyond > end) {
			end = beyond;
		}
	}
	vfs_image_share(to, from, first, end);
}

void vfs_inode_settle(struct vfs_inode *inode, struct vfs_image *to, const struct vfs_image *from) {
	uint64_t used_before = inode->now.allocated;
	bool has_room = vfs_image_reserve(to, from->count);
	assert(has_room);
	if (inode->diverged && to->size_bytes < from->size_bytes) {
		vfs_inode_put_size(to, from->size_bytes); /* over bytes that no pending operation
		                                           * touches (V2) */
	}
	vfs_image_set_count(to, from->count);
	to->size_bytes = from->size_bytes;
	vfs_inode_share_touched(inode, to, from);
	if (inode->live > 0) {
		inode->disk->used_blocks += inode->now.allocated - used_before;
	}
	inode->damaged = false;
	vfs_inode_clear_pending(inode);
}

void vfs_inode_reload(struct vfs_inode *inode) {
	uint64_t used_before = inode->now.allocated;
	bool has_room = vfs_image_reserve(&inode->now, inode->durable.count);
	assert(has_room && "out of memory when a cache was dropped");
	vfs_image_set_count(&inode->now, inode->durable.count);
	inode->now.size_bytes = inode->durable.size_bytes;
	vfs_image_share(&inode->now, &inode->durable, 0, UINT32_MAX);
	if (inode->live > 0) {
		inode->disk->used_blocks += inode->now.allocated - used_before;
	}
	inode->damaged = false;
	inode->diverged = false;
	vfs_inode_clear_pending(inode);
}

struct vfs_inode *vfs_inode_open_nameless(struct vfs_disk *disk) {
	struct vfs_inode *inode = vfs_inode_create(disk, false);
	if (inode == NULL) {
		return NULL;
	}
	vfs_inode_refer_live(inode);
	inode->handles = 1;
	return inode;
}

size_t vfs_inode_read_durable(const struct vfs_inode *inode, uint64_t offset, void *buffer, size_t size_bytes) {
	return vfs_image_read(&inode->durable, offset, buffer, size_bytes);
}

size_t vfs_inode_fitting_bytes(const struct vfs_inode *inode, uint64_t offset, size_t size_bytes) {
	const struct vfs_disk *disk = inode->disk;
	uint64_t free_blocks =
	        disk->capacity_blocks > disk->used_blocks ? disk->capacity_blocks - disk->used_blocks : 0;
	size_t fitting = 0;
	while (fitting < size_bytes) {
		size_t step = VFS_BLOCK_BYTES - (size_t)((offset + fitting) % VFS_BLOCK_BYTES);
		if (step > size_bytes - fitting) {
			step = size_bytes - fitting;
		}
		if (offset + fitting + step > VFS_FILE_BYTES_MAX) {
			break;
		}
		uint32_t holes = vfs_image_holes(&inode->now, offset + fitting, step);
		if (holes > free_blocks) {
			break;
		}
		free_blocks -= holes;
		fitting += step;
	}
	return fitting;
}
