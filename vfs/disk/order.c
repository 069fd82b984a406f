/* vfs/disk/order.c: a disk that keeps SQLITE_IOCAP_SEQUENTIAL. At every moment the medium has a
 * prefix of all operations on all files and names, in the order in which they were done.
 *
 * So nothing becomes durable alone. A sync of a file, a sync of a directory, and the write-back of
 * V9 also sync everything older. For simplicity they sync what is younger, too, which is legal at
 * any moment.
 */
#include "disk_internal.h"

#include <stdlib.h>

static struct vfs_inode *vfs_order_find_directory_with_operations(const struct vfs_disk *disk) {
	struct vfs_inode *inode = disk->inodes;
	while (inode != NULL && inode->operation_count == 0) {
		inode = inode->next;
	}
	return inode;
}

void vfs_order_sync_all(struct vfs_disk *disk) {
	for (struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		if (inode->pending_count > 0) {
			vfs_inode_settle(inode, &inode->durable, &inode->now);
		}
	}
	/* A name that goes may take inodes with it, also the next one in the list. So each search
	 * begins anew. */
	for (;;) {
		struct vfs_inode *directory = vfs_order_find_directory_with_operations(disk);
		if (directory == NULL) {
			return;
		}
		vfs_entry_settle(directory);
	}
}

size_t vfs_disk_pending_count(const struct vfs_disk *disk) {
	size_t count = 0;
	for (const struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		count += inode->pending_count + inode->operation_count;
	}
	return count;
}

static int vfs_order_compare_numbers(const void *left, const void *right) {
	uint64_t first = *(const uint64_t *)left;
	uint64_t second = *(const uint64_t *)right;
	return first < second ? -1 : first > second;
}

uint64_t *vfs_order_numbers(const struct vfs_disk *disk, size_t *count) {
	uint64_t *numbers = malloc((vfs_disk_pending_count(disk) + 1) * sizeof *numbers);
	assert(numbers != NULL && "out of memory at a power loss");
	*count = 0;
	for (const struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		for (size_t index = 0; index < inode->pending_count; index++) {
			numbers[(*count)++] = inode->pending[index].number;
		}
		for (size_t index = 0; index < inode->operation_count; index++) {
			numbers[(*count)++] = inode->operations[index].number;
		}
	}
	qsort(numbers, *count, sizeof *numbers, vfs_order_compare_numbers);
	return numbers;
}
