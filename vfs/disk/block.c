/* vfs/disk/block.c: the pool of content blocks.
 *
 * Blocks come and go a million times a second, because every commit creates and drops a journal. A
 * malloc of 4 KiB costs as much as the copy into it.
 */
#include "disk_internal.h"

#include <stdlib.h>

/* Enough for an ordinary run. With a larger pool a worker would keep the memory of its largest run
 * for ever. */
#define VFS_BLOCK_POOL_BLOCKS_MAX 256u

struct vfs_block_pool vfs_block_pool;

bool vfs_block_fill(uint32_t count) {
	while (vfs_block_pool.count < count) {
		struct vfs_block *block = malloc(sizeof *block);
		if (block == NULL) {
			return false;
		}
		block->references = 0;
		block->next_free = vfs_block_pool.first;
		vfs_block_pool.first = block;
		vfs_block_pool.count++;
	}
	return true;
}

void vfs_block_recycle(struct vfs_block *block) {
	if (!VFS_POOLED || vfs_block_pool.count >= VFS_BLOCK_POOL_BLOCKS_MAX) {
		free(block);
		return;
	}
	block->next_free = vfs_block_pool.first;
	vfs_block_pool.first = block;
	vfs_block_pool.count++;
}
