/* vfs/disk/image.c: the content of a file as slots of shared blocks, copied on write.
 *
 * V2: bytes beyond the end of the file are cleared only when the file grows over them. That spares
 * clearing each new block of a file that grows bit by bit, as journals do. V3: `allocated` counts
 * the slots that are not holes. V4: a shared block is never changed in place. In a pinned block
 * only bytes beyond all pending writes change, so appending copies nothing. V10: whoever may write
 * into a block forgets its hash.
 */
#include "disk_internal.h"

#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

bool vfs_image_enlarge(struct vfs_image *image, uint32_t count) {
	uint32_t room = image->room < 8 ? 8 : image->room * 2;
	if (room < count) {
		room = count;
	}
	struct vfs_block **blocks = realloc(image->blocks, room * sizeof(struct vfs_block *));
	if (blocks == NULL) {
		return false;
	}
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
	for (uint32_t index = image->count; index < count; index++) {
		image->blocks[index] = NULL;
	}
	image->count = count;
}

/* The number of bytes of a block that lie within the file. */
static uint32_t vfs_image_valid_bytes(const struct vfs_image *image, uint32_t index) {
	uint64_t start = (uint64_t)index * VFS_BLOCK_BYTES;
	return image->size_bytes - start < VFS_BLOCK_BYTES ? (uint32_t)(image->size_bytes - start) : VFS_BLOCK_BYTES;
}

/* Fills a part of a new block with the bytes of the old one, or with zeros where there was a
 * hole. */
static void vfs_image_put_bytes(struct vfs_block *block, const struct vfs_block *old, uint32_t begin,
                                uint32_t size_bytes) {
	if (old != NULL) {
		vfs_copy_bytes(block->bytes + begin, old->bytes + begin, size_bytes);
	} else {
		vfs_zero_bytes(block->bytes + begin, size_bytes);
	}
}

/* Puts a new block into a slot. It gets the bytes of the old one except [begin, end), which the
 * caller overwrites. */
static uint8_t *vfs_image_replace_block(struct vfs_image *image, uint32_t index, uint32_t begin, uint32_t end) {
	struct vfs_block *old = image->blocks[index];
	struct vfs_block *block = vfs_block_take();
	uint32_t valid = vfs_image_valid_bytes(image, index);
	uint32_t rest = end < valid ? valid - end : 0;
	if (begin > 0) {
		vfs_image_put_bytes(block, old, 0, begin);
	}
	if (rest > 0) {
		vfs_image_put_bytes(block, old, end, rest);
	}
	image->allocated += old == NULL;
	vfs_block_release(old);
	image->blocks[index] = block;
	return block->bytes;
}

/* The bytes of a slot, so that the caller can overwrite [begin, end): those of the present block
 * or, where V4 asks for it, of a new one. */
static inline uint8_t *vfs_image_writable_block(struct vfs_image *image, uint32_t index, uint32_t begin, uint32_t end,
                                                bool is_beyond_pinned) {
	struct vfs_block *old = image->blocks[index];
	if (old != NULL && old->references == 1 && (old->pins == 0 || is_beyond_pinned)) {
		old->hashed_bytes = 0;
		return old->bytes;
	}
	return vfs_image_replace_block(image, index, begin, end);
}

/* Clears what the last block has beyond the old end, before the file grows beyond `offset` (V2). */
static void vfs_image_zero_gap(struct vfs_image *image, uint64_t offset, uint64_t pinned_end) {
	uint32_t begin = (uint32_t)(image->size_bytes % VFS_BLOCK_BYTES);
	if (begin == 0 || offset <= image->size_bytes || image->blocks[image->count - 1] == NULL) {
		return;
	}
	uint64_t gap = offset - image->size_bytes;
	uint32_t end = gap < VFS_BLOCK_BYTES - begin ? begin + (uint32_t)gap : VFS_BLOCK_BYTES;
	uint8_t *bytes = vfs_image_writable_block(image, image->count - 1, begin, end, image->size_bytes >= pinned_end);
	vfs_zero_bytes(bytes + begin, end - begin);
}

static void vfs_image_grow(struct vfs_image *image, uint64_t size_bytes) {
	uint32_t count = vfs_image_block_count(size_bytes);
	if (count > image->count) {
		vfs_image_set_count(image, count);
	}
	image->size_bytes = size_bytes;
}

void vfs_image_write(struct vfs_image *image, uint64_t offset, const uint8_t *data, size_t size_bytes,
                     uint64_t pinned_end) {
	uint64_t end = offset + size_bytes;
	if (end > image->size_bytes) {
		vfs_image_zero_gap(image, offset, pinned_end);
		vfs_image_grow(image, end);
	}
	uint32_t index = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t begin = (uint32_t)(offset % VFS_BLOCK_BYTES);
	bool is_beyond_pinned = offset >= pinned_end;
	while (size_bytes > 0) {
		size_t length = VFS_BLOCK_BYTES - begin;
		if (length > size_bytes) {
			length = size_bytes;
		}
		uint8_t *bytes =
		        vfs_image_writable_block(image, index, begin, begin + (uint32_t)length, is_beyond_pinned);
		vfs_copy_bytes(bytes + begin, data, length);
		data += length;
		size_bytes -= length;
		begin = 0;
		index++;
	}
}

void vfs_image_resize(struct vfs_image *image, uint64_t size_bytes, uint64_t pinned_end) {
	if (size_bytes > image->size_bytes) {
		vfs_image_zero_gap(image, size_bytes, pinned_end);
		vfs_image_grow(image, size_bytes);
		return;
	}
	vfs_image_set_count(image, vfs_image_block_count(size_bytes));
	image->size_bytes = size_bytes;
}

size_t vfs_image_read(const struct vfs_image *image, uint64_t offset, uint8_t *buffer, size_t size_bytes) {
	if (offset >= image->size_bytes) {
		return 0;
	}
	if (size_bytes > image->size_bytes - offset) {
		size_bytes = (size_t)(image->size_bytes - offset);
	}
	uint32_t index = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t begin = (uint32_t)(offset % VFS_BLOCK_BYTES);
	for (size_t left = size_bytes; left > 0; index++) {
		size_t length = VFS_BLOCK_BYTES - begin;
		if (length > left) {
			length = left;
		}
		const struct vfs_block *block = image->blocks[index];
		if (block != NULL) {
			vfs_copy_bytes(buffer, block->bytes + begin, length);
		} else {
			vfs_zero_bytes(buffer, length);
		}
		buffer += length;
		left -= length;
		begin = 0;
	}
	return size_bytes;
}

uint64_t vfs_image_hash_slot(const struct vfs_image *image, uint32_t index) {
	static const uint8_t hole[VFS_BLOCK_BYTES];
	struct vfs_block *block = image->blocks[index];
	uint32_t valid = vfs_image_valid_bytes(image, index);
	assert(index < image->count && valid > 0);
	if (block == NULL) {
		return XXH3_64bits(hole, valid);
	}
	if (block->hashed_bytes != valid) {
		block->hash = XXH3_64bits(block->bytes, valid);
		block->hashed_bytes = valid;
	}
	return block->hash;
}

uint32_t vfs_image_holes(const struct vfs_image *image, uint64_t offset, uint64_t size_bytes) {
	if (size_bytes == 0) {
		return 0;
	}
	uint32_t first = (uint32_t)(offset / VFS_BLOCK_BYTES);
	uint32_t end = vfs_image_block_count(offset + size_bytes);
	uint32_t holes = end > image->count ? end - (first > image->count ? first : image->count) : 0;
	for (uint32_t index = first; index < end && index < image->count; index++) {
		holes += image->blocks[index] == NULL;
	}
	return holes;
}

void vfs_image_share(struct vfs_image *image, const struct vfs_image *from, uint32_t first, uint32_t end) {
	for (uint32_t index = first; index < end && index < from->count; index++) {
		struct vfs_block *block = from->blocks[index];
		struct vfs_block *old = image->blocks[index];
		if (block == old) {
			continue;
		}
		if (block != NULL) {
			block->references++;
		}
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
