/* vfs/disk/damage.c: damage that SQLite assumes never happens: flipped bits, zeroed sectors, files
 * that lost their end.
 *
 * Damage hits what is seen and what is durable. Pending writes keep their bytes, so they may heal
 * it when they reach the medium. A file with pending operations is therefore marked: V1 can no
 * longer be recomputed.
 */
#include "disk_internal.h"

typedef void (*vfs_damage_function)(uint8_t *bytes, uint32_t begin, uint32_t end, uint8_t mask);

static void vfs_damage_flip_bytes(uint8_t *bytes, uint32_t begin, uint32_t end, uint8_t mask) {
	for (uint32_t index = begin; index < end; index++) {
		bytes[index] ^= mask;
	}
}

static void vfs_damage_zero_bytes(uint8_t *bytes, uint32_t begin, uint32_t end, uint8_t mask) {
	for (uint32_t index = begin; index < end; index++) {
		bytes[index] &= mask;
	}
}

struct vfs_damage {
	vfs_damage_function function;
	uint64_t offset;
	uint64_t size_bytes;
	uint8_t mask;
};

/* Damages one slot of an image, in a copy of its block if others share it. A hole is filled only by
 * a flip. */
static void vfs_damage_slot(struct vfs_image *image, uint32_t index, const struct vfs_damage *damage) {
	uint64_t start = (uint64_t)index * VFS_BLOCK_BYTES;
	uint64_t limit = start + VFS_BLOCK_BYTES < image->size_bytes ? start + VFS_BLOCK_BYTES : image->size_bytes;
	uint64_t from = damage->offset > start ? damage->offset : start;
	uint64_t to = damage->offset + damage->size_bytes < limit ? damage->offset + damage->size_bytes : limit;
	if (from >= to) {
		return;
	}
	uint8_t bytes[VFS_BLOCK_BYTES] = {0};
	uint32_t begin = (uint32_t)(from - start);
	uint32_t end = (uint32_t)(to - start);
	vfs_image_read(image, from, bytes + begin, end - begin);
	damage->function(bytes, begin, end, damage->mask);
	vfs_image_write(image, from, bytes + begin, end - begin, VFS_PINNED_ANYWHERE);
}

static void vfs_damage_block(struct vfs_inode *inode, uint32_t index, const struct vfs_damage *damage) {
	uint64_t end = ((uint64_t)index + 1) * VFS_BLOCK_BYTES;
	bool has_same_size = inode->now.size_bytes == inode->durable.size_bytes ||
	                     (end <= inode->now.size_bytes && end <= inode->durable.size_bytes);
	bool is_shared =
	        has_same_size && index < inode->now.count && inode->now.blocks[index] == inode->durable.blocks[index];
	vfs_damage_slot(&inode->now, index, damage);
	if (!is_shared) {
		vfs_damage_slot(&inode->durable, index, damage);
		return;
	}
	vfs_image_share(&inode->durable, &inode->now, index, index + 1);
}

static enum vfs_status vfs_damage_find_file(const struct vfs_disk *disk, const char *path, struct vfs_inode **inode) {
	*inode = vfs_name_lookup(disk, path);
	if (*inode == NULL) {
		return VFS_NOT_FOUND;
	}
	return (*inode)->is_directory ? VFS_NOT_A_FILE : VFS_OK;
}

static enum vfs_status vfs_damage_file(struct vfs_disk *disk, const char *path, struct vfs_damage damage) {
	struct vfs_inode *inode = NULL;
	enum vfs_status status = vfs_damage_find_file(disk, path, &inode);
	if (status != VFS_OK) {
		return status;
	}
	uint64_t size =
	        inode->now.size_bytes > inode->durable.size_bytes ? inode->now.size_bytes : inode->durable.size_bytes;
	if (damage.offset >= size) {
		return VFS_OK;
	}
	if (damage.size_bytes > size - damage.offset) {
		damage.size_bytes = size - damage.offset;
	}
	uint32_t end = vfs_image_block_count(damage.offset + damage.size_bytes);
	uint32_t allocated = inode->now.allocated;
	for (uint32_t index = (uint32_t)(damage.offset / VFS_BLOCK_BYTES); index < end; index++) {
		if (!vfs_block_reserve(2)) {
			return VFS_NO_MEMORY;
		}
		vfs_damage_block(inode, index, &damage);
	}
	disk->used_blocks += inode->now.allocated - allocated;
	inode->damaged = inode->pending_count > 0;
	return VFS_OK;
}

enum vfs_status vfs_disk_flip(struct vfs_disk *disk, const char *path, uint64_t offset, uint8_t xor_mask) {
	return vfs_damage_file(disk, path, (struct vfs_damage){vfs_damage_flip_bytes, offset, 1, xor_mask});
}

enum vfs_status vfs_disk_zero(struct vfs_disk *disk, const char *path, uint64_t offset, uint64_t size_bytes) {
	return vfs_damage_file(disk, path, (struct vfs_damage){vfs_damage_zero_bytes, offset, size_bytes, 0});
}

enum vfs_status vfs_disk_cut(struct vfs_disk *disk, const char *path, uint64_t size_bytes) {
	struct vfs_inode *inode = NULL;
	enum vfs_status status = vfs_damage_find_file(disk, path, &inode);
	if (status != VFS_OK) {
		return status;
	}
	uint32_t allocated = inode->now.allocated;
	if (!vfs_block_reserve(2)) {
		return VFS_NO_MEMORY;
	}
	uint32_t last = (uint32_t)(size_bytes / VFS_BLOCK_BYTES);
	bool shared = last < inode->now.count && last < inode->durable.count &&
	              inode->now.blocks[last] == inode->durable.blocks[last];
	if (size_bytes < inode->now.size_bytes) {
		vfs_image_resize(&inode->now, size_bytes, VFS_PINNED_ANYWHERE);
	}
	if (size_bytes < inode->durable.size_bytes) {
		vfs_image_resize(&inode->durable, size_bytes, VFS_PINNED_ANYWHERE);
	}
	if (shared && last < inode->now.count && last < inode->durable.count) {
		vfs_image_share(&inode->durable, &inode->now, last, last + 1);
	}
	disk->used_blocks -= allocated - inode->now.allocated;
	inode->damaged = inode->pending_count > 0;
	return VFS_OK;
}
