/* vfs/block.c: the pool of content blocks.
 *
 * Blocks come and go a million times a second (every commit creates and drops a journal), and a malloc of 4 KiB is as dear
 * as the copy into it. The pool is per thread, because one disk and its snapshots, which share blocks, belong to one
 * thread (vfs.h). Under the address sanitizer nothing is kept, so that a use after release is seen.
 */
#include "disk_internal.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOL_BLOCKS_MAX 0u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_BLOCKS_MAX 0u
#endif
#endif
#ifndef POOL_BLOCKS_MAX
#define POOL_BLOCKS_MAX 8192u
#endif

static _Thread_local struct vfs_block *free_blocks;
static _Thread_local uint32_t free_count;

bool vfs_block_reserve(uint32_t count) {
	while (free_count < count) {
		struct vfs_block *block = malloc(sizeof *block);
		if (block == NULL)
			return false;
		block->references = 0;
		block->next_free = free_blocks;
		free_blocks = block;
		free_count++;
	}
	return true;
}

struct vfs_block *vfs_block_take(void) {
	struct vfs_block *block = free_blocks;
	assert(block != NULL);
	free_blocks = block->next_free;
	free_count--;
	block->references = 1;
	return block;
}

void vfs_block_release(struct vfs_block *block) {
	if (block == NULL)
		return;
	assert(block->references > 0);
	if (--block->references > 0)
		return;
	if (free_count >= POOL_BLOCKS_MAX) {
		free(block);
		return;
	}
	block->next_free = free_blocks;
	free_blocks = block;
	free_count++;
}
