/* vfs/disk/check.c: checks every invariant of the disk (README.md, V1 to V6, V9 and V10). */
#include "disk_internal.h"

#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* V10 */
static void vfs_check_assert_hash(const struct vfs_block *block) {
	bool is_kept = block != NULL && block->hashed_bytes > 0;
	assert(!is_kept || block->hash == XXH3_64bits(block->bytes, block->hashed_bytes));
}

static void vfs_check_assert_image(const struct vfs_image *image) {
	uint32_t allocated = 0;
	assert(image->count == vfs_image_block_count(image->size_bytes) && image->count <= image->room);
	for (uint32_t index = 0; index < image->count; index++) {
		allocated += image->blocks[index] != NULL;
		/* V4 */
		assert(image->blocks[index] == NULL || image->blocks[index]->references > 0);
		vfs_check_assert_hash(image->blocks[index]);
	}
	assert(allocated == image->allocated); /* V3 */
}

static void vfs_check_assert_images_equal(const struct vfs_image *left, const struct vfs_image *right) {
	uint8_t left_bytes[VFS_BLOCK_BYTES];
	uint8_t right_bytes[VFS_BLOCK_BYTES];
	assert(left->size_bytes == right->size_bytes);
	for (uint64_t offset = 0; offset < left->size_bytes; offset += VFS_BLOCK_BYTES) {
		uint64_t index = offset / VFS_BLOCK_BYTES;
		if (left->blocks[index] == right->blocks[index]) {
			continue; /* shared, or holes; a file with a wrong idea of its size has a
			           * million of them */
		}
		size_t length = vfs_image_read(left, offset, left_bytes, VFS_BLOCK_BYTES);
		assert(vfs_image_read(right, offset, right_bytes, VFS_BLOCK_BYTES) == length);
		assert(memcmp(left_bytes, right_bytes, length) == 0);
	}
}

/* V1: the durable image with all pending operations done in order is what programs see. */
static void vfs_check_assert_pending(const struct vfs_inode *inode) {
	struct vfs_image image = {0};
	bool reserved = vfs_image_reserve(&image, inode->durable.count);
	assert(reserved);
	vfs_image_set_count(&image, inode->durable.count);
	vfs_image_share(&image, &inode->durable, 0, inode->durable.count);
	image.size_bytes = inode->durable.size_bytes;
	for (size_t index = 0; index < inode->pending_count; index++) {
		const struct vfs_pending *pending = &inode->pending[index];
		if (pending->truncate) {
			vfs_inode_put_size(&image, pending->offset);
		} else {
			vfs_inode_put(inode, pending, &image, pending->offset, pending->size_bytes);
		}
	}
	vfs_check_assert_images_equal(&image, &inode->now);
	assert(inode->pending_bytes <= VFS_PENDING_BYTES_MAX); /* V9 */
	vfs_image_deinit(&image);
}

/* V6: the durable names with all pending operations done in order are what programs see. */
static void vfs_check_assert_names(const struct vfs_inode *directory) {
	struct vfs_inode model = {.disk = directory->disk, .is_directory = true};
	for (size_t index = 0; index < directory->entry_count; index++) {
		const struct vfs_entry *entry = &directory->entries[index];
		bool is_sorted = index == 0 || strcmp(entry[-1].name->text, entry->name->text) < 0;
		assert(entry->now != NULL || entry->durable != NULL);
		assert(is_sorted);
		if (entry->durable == NULL) {
			continue;
		}
		struct vfs_name_operation existing = {
		        .kind = VFS_NAME_LINK, .name = entry->name, .inode = entry->durable};
		vfs_entry_apply(&model, &existing);
	}
	for (size_t index = 0; index < directory->operation_count; index++) {
		vfs_entry_apply(&model, &directory->operations[index]);
	}
	for (size_t index = 0; index < directory->entry_count; index++) {
		const struct vfs_entry *entry = &directory->entries[index];
		const struct vfs_entry *found = vfs_entry_find(&model, entry->name->text, entry->name->length);
		assert((found == NULL ? NULL : found->durable) == entry->now);
	}
	vfs_inode_clear_entries(&model);
	free(model.entries);
}

/* V5: counts what refers to `inode`. */
static void vfs_check_assert_references(const struct vfs_disk *disk, const struct vfs_inode *inode) {
	uint32_t live = inode->handles + (inode == disk->root);
	uint32_t references = live;
	for (const struct vfs_inode *directory = disk->inodes; directory != NULL; directory = directory->next) {
		for (size_t index = 0; index < directory->entry_count; index++) {
			live += directory->entries[index].now == inode;
			references += directory->entries[index].now == inode;
			references += directory->entries[index].durable == inode;
		}
		for (size_t index = 0; index < directory->operation_count; index++) {
			references += directory->operations[index].inode == inode;
		}
	}
	assert(live == inode->live && references == inode->references && references > 0);
}

void vfs_disk_assert(const struct vfs_disk *disk) {
	uint64_t used = 0;
	for (const struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		assert(inode->disk == disk && (inode->next == NULL || inode->next->previous == inode));
		vfs_check_assert_references(disk, inode);
		if (inode->is_directory) {
			vfs_check_assert_names(inode);
			continue;
		}
		vfs_check_assert_image(&inode->now);
		vfs_check_assert_image(&inode->durable);
		assert((inode->broken == NULL) == (inode->broken_count == 0));
		if (inode->references > inode->handles && !inode->damaged && !inode->diverged) {
			vfs_check_assert_pending(inode);
		}
		if (inode->live > 0) {
			used += inode->now.allocated;
		}
	}
	assert(used == disk->used_blocks); /* V3 */
	assert(disk->root->is_directory && disk->root->references > 0);
}
