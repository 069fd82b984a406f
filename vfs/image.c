/* vfs/image.c: the content of a file as slots of shared blocks, copied on write.
 *
 * Invariants: V2 (bytes of a block beyond the end of the file are zero), V3 (`allocated` counts the slots that are not
 * holes), and V4: a block with more than one reference is never changed in place.
 */
#include "disk_internal.h"

#include <stdlib.h>
#include <string.h>

uint32_t vfs_image_block_count(uint64_t size_bytes) {
	return (uint32_t)((size_bytes + VFS_BLOCK_BYTES - 1) / VFS_BLOCK_BYTES);
}

bool vfs_image_reserve(struct vfs_image *image, uint32_t count) {
	if (count <= image->room)
		return true;
	uint32_t room = image->room < 8 ? 8 : image->room * 2;
	if (room < count)
		room = count;
	struct vfs_block **blocks = realloc(image->blocks, room * sizeof(struct vfs_block *));
	if (blocks == NULL)
		return false;
	image->blocks = blocks;
	image->room = room;
	return true;
}

void vfs_image_set_count(struct vfs_image *image, uint32_t count) {
	assert(count <= image->room);
	for (uint32_t index = count; index < image->count; index++) {
		image->allocated -= image->blocks[index] != NULL;
		vfs_block_release(image->blocks[index]);
	}
	for (uint32_t index = image->count; index < count; index++)
		image->blocks[index] = NULL;
	image->count = count;
}

/* A block of the slot that may be changed. Its bytes are those of the old block, or zeros, unless all will be overwritten. */
static uint8_t *writable(struct vfs_image *image, uint32_t index, uint32_t begin, uint32_t end) {
	struct vfs_block *old = image->blocks[index];
	if (old != NULL && old->references == 1)
		return old->bytes;
	struct vfs_block *block = vfs_block_take();
	if (old != NULL) {
		if (end - begin < VFS_BLOCK_BYTES)
			memcpy(block->bytes, old->bytes, VFS_BLOCK_BYTES);
		vfs_block_release(old);
	} else {
		memset(block->bytes, 0, begin);
		memset(block->bytes + end, 0, VFS_BLOCK_BYTES - end);
		image->allocated++;
	}
	image->blocks[index] = block;
	return block->bytes;
}

void vfs_image_write(struct vfs_image *image, uint64_t offset, const uint8_t *data, size_t size_bytes) {
	uint64_t end = offset + size_bytes;
	if (end > image->size_bytes) {
		uint32_t count = vfs_image_block_count(end);
		if (count > image->count)
			vfs_image_set_count(image, count);
		image->size_bytes = end;
	}
	uint32_t index = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t begin = (uint32_t)(offset % VFS_BLOCK_BYTES);
	while (size_bytes > 0) {
		size_t length = VFS_BLOCK_BYTES - begin;
		if (length > size_bytes)
			length = size_bytes;
		memcpy(writable(image, index, begin, begin + (uint32_t)length) + begin, data, length);
		data += length;
		size_bytes -= length;
		begin = 0;
		index++;
	}
}

void vfs_image_resize(struct vfs_image *image, uint64_t size_bytes) {
	vfs_image_set_count(image, vfs_image_block_count(size_bytes));
	uint32_t tail = (uint32_t)(size_bytes % VFS_BLOCK_BYTES);
	if (size_bytes < image->size_bytes && tail > 0 && image->blocks[image->count - 1] != NULL)
		memset(writable(image, image->count - 1, tail, VFS_BLOCK_BYTES) + tail, 0, VFS_BLOCK_BYTES - tail);
	image->size_bytes = size_bytes;
}

size_t vfs_image_read(const struct vfs_image *image, uint64_t offset, uint8_t *buffer, size_t size_bytes) {
	if (offset >= image->size_bytes)
		return 0;
	if (size_bytes > image->size_bytes - offset)
		size_bytes = (size_t)(image->size_bytes - offset);
	uint32_t index = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t begin = (uint32_t)(offset % VFS_BLOCK_BYTES);
	for (size_t left = size_bytes; left > 0; index++) {
		size_t length = VFS_BLOCK_BYTES - begin;
		if (length > left)
			length = left;
		const struct vfs_block *block = image->blocks[index];
		if (block != NULL)
			memcpy(buffer, block->bytes + begin, length);
		else
			memset(buffer, 0, length);
		buffer += length;
		left -= length;
		begin = 0;
	}
	return size_bytes;
}

uint32_t vfs_image_holes(const struct vfs_image *image, uint64_t offset, uint64_t size_bytes) {
	if (size_bytes == 0)
		return 0;
	uint32_t first = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t end = vfs_image_block_count(offset + size_bytes);
	uint32_t holes = end > image->count ? end - (first > image->count ? first : image->count) : 0;
	for (uint32_t index = first; index < end && index < image->count; index++)
		holes += image->blocks[index] == NULL;
	return holes;
}

void vfs_image_share(struct vfs_image *image, const struct vfs_image *from, uint32_t first, uint32_t end) {
	for (uint32_t index = first; index < end && index < from->count; index++) {
		struct vfs_block *block = from->blocks[index];
		struct vfs_block *old = image->blocks[index];
		if (block == old)
			continue;
		if (block != NULL)
			block->references++;
		image->allocated += block != NULL;
		image->allocated -= old != NULL;
		vfs_block_release(old);
		image->blocks[index] = block;
	}
}

void vfs_image_clear(struct vfs_image *image) {
	vfs_image_set_count(image, 0);
	image->size_bytes = 0;
}

void vfs_image_deinit(struct vfs_image *image) {
	vfs_image_clear(image);
	free(image->blocks);
	*image = (struct vfs_image){0};
}
