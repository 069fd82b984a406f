/* vfs/block.c: the pool of content blocks.
 *
 * Blocks come and go a million times a second (every commit creates and drops a journal), and a malloc of 4 KiB is as dear
 * as the copy into it.
 */
#include "disk_internal.h"

#include <stdlib.h>

/* Enough for an ordinary run. More would keep the largest run's memory for ever: a worker grew by what its worst seed needed. */
#define POOL_BLOCKS_MAX 256u

static struct vfs_block *free_blocks;
static uint32_t free_count;

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
	block->held = 0;
	return block;
}

void vfs_block_recycle(struct vfs_block *block) {
	assert(block->held == 0);
	if (!VFS_POOLED || free_count >= POOL_BLOCKS_MAX) {
		free(block);
		return;
	}
	block->next_free = free_blocks;
	free_blocks = block;
	free_count++;
}
