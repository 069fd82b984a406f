/* vfs/disk/medium.c: sectors that cannot be read, and writes that never reach the medium. SQLite
 * assumes that neither happens.
 *
 * Programs see an unreadable sector at once, as if nothing were cached. A drive gives a sector a
 * new place when all of it is written. Writing a part repairs nothing, because the drive cannot
 * read the rest.
 */
#include "disk_internal.h"

#include <stdlib.h>

void vfs_medium_mend(struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	uint64_t end = offset + size_bytes;
	uint64_t first = (offset + sector_size - 1) / sector_size;
	/* After a write that reaches the end of the file, nothing of its last sector is left to be
	 * read. */
	vfs_inode_forget_broken(inode, first, end >= inode->now.size_bytes ? UINT64_MAX : end / sector_size);
}

void vfs_medium_forget_beyond(struct vfs_inode *inode, uint64_t size_bytes) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	vfs_inode_forget_broken(inode, (size_bytes + sector_size - 1) / sector_size, UINT64_MAX);
}

static bool vfs_medium_is_broken(const struct vfs_inode *inode, uint64_t sector) {
	for (uint32_t index = 0; index < inode->broken_count; index++) {
		if (inode->broken[index] == sector) {
			return true;
		}
	}
	return false;
}

static enum vfs_status vfs_medium_break_sector(struct vfs_inode *inode, uint64_t sector) {
	if (vfs_medium_is_broken(inode, sector)) {
		return VFS_OK;
	}
	uint64_t *broken = realloc(inode->broken, (inode->broken_count + 1u) * sizeof *broken);
	if (broken == NULL) {
		return VFS_NO_MEMORY;
	}
	inode->broken = broken;
	inode->broken[inode->broken_count++] = sector;
	return VFS_OK;
}

enum vfs_status vfs_disk_break(struct vfs_disk *disk, const char *path, uint64_t offset, uint64_t size_bytes) {
	struct vfs_inode *inode = vfs_name_lookup(disk, path);
	if (inode == NULL) {
		return VFS_NOT_FOUND;
	}
	if (inode->is_directory) {
		return VFS_NOT_A_FILE;
	}
	if (offset >= inode->now.size_bytes) {
		return VFS_OK;
	}
	uint64_t sector_size = disk->options.sector_size_bytes;
	uint64_t rest = inode->now.size_bytes - offset;
	uint64_t end = offset + (size_bytes < rest ? size_bytes : rest);
	enum vfs_status status = VFS_OK;
	for (uint64_t at = offset / sector_size * sector_size; at < end && status == VFS_OK; at += sector_size) {
		status = vfs_medium_break_sector(inode, at / sector_size);
	}
	return status;
}

bool vfs_disk_is_readable(const struct vfs_inode *inode, uint64_t offset, uint64_t size_bytes) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	for (uint32_t index = 0; index < inode->broken_count; index++) {
		uint64_t begin = inode->broken[index] * sector_size;
		if (begin < offset + size_bytes && offset < begin + sector_size) {
			return false;
		}
	}
	return true;
}

enum vfs_status vfs_medium_write_unstored(struct vfs_inode *inode, uint64_t offset, const void *data,
                                          size_t size_bytes) {
	uint32_t end = vfs_image_block_count(offset + size_bytes);
	uint32_t first = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t allocated = inode->now.allocated;
	if (size_bytes == 0) {
		return VFS_OK;
	}
	if (vfs_inode_fitting_bytes(inode, offset, size_bytes) < size_bytes) {
		return VFS_FULL;
	}
	if (!vfs_block_reserve(end - first + 1) || !vfs_image_reserve(&inode->now, end) ||
	    !vfs_image_reserve(&inode->durable, end)) {
		return VFS_NO_MEMORY;
	}
	vfs_image_write(&inode->now, offset, data, size_bytes, VFS_PINNED_ANYWHERE);
	inode->diverged = true;
	if (inode->live > 0) {
		inode->disk->used_blocks += inode->now.allocated - allocated;
	}
	return VFS_OK;
}
