/* vfs/disk/snapshot.c: an independent copy of a disk that shares its blocks.
 *
 * It has names, images and pending lists, but no handles, locks or shared memory. So a file that
 * lives by its handles alone is not in the copy, and its space is free there.
 */
#include "disk_internal.h"

#include <stdlib.h>
#include <string.h>

static bool vfs_snapshot_copy_image(struct vfs_image *to, const struct vfs_image *from) {
	assert(to != NULL);
	if (!vfs_image_reserve(to, from->count)) {
		return false;
	}
	vfs_image_set_count(to, from->count);
	vfs_image_share(to, from, 0, from->count);
	to->size_bytes = from->size_bytes;
	return true;
}

static bool vfs_snapshot_copy_broken(struct vfs_inode *to, const struct vfs_inode *from) {
	if (from->broken_count == 0) {
		return true;
	}
	to->broken = malloc(from->broken_count * sizeof *to->broken);
	if (to->broken == NULL) {
		return false;
	}
	memcpy(to->broken, from->broken, from->broken_count * sizeof *to->broken);
	to->broken_count = from->broken_count;
	return true;
}

static bool vfs_snapshot_copy_content(struct vfs_inode *to, const struct vfs_inode *from) {
	assert(to != NULL);
	/* The same room in both images: vfs_disk_reserve_images() relies on it. */
	uint32_t count = from->now.count > from->durable.count ? from->now.count : from->durable.count;
	if (!vfs_image_reserve(&to->now, count) || !vfs_snapshot_copy_image(&to->now, &from->now) ||
	    !vfs_image_reserve(&to->durable, count) || !vfs_snapshot_copy_image(&to->durable, &from->durable) ||
	    !vfs_array_reserve((void **)&to->pending, &to->pending_room, from->pending_count, sizeof *to->pending) ||
	    !vfs_array_reserve((void **)&to->pinned, &to->pinned_room, from->pinned_count, sizeof(void *))) {
		return false;
	}
	if (from->pending_count > 0) {
		memcpy(to->pending, from->pending, from->pending_count * sizeof *to->pending);
	}
	for (size_t index = 0; index < from->pinned_count; index++) {
		to->pinned[index] = from->pinned[index];
		to->pinned[index]->pins++;
	}
	to->pinned_count = from->pinned_count;
	to->pinned_end = from->pinned_end;
	to->pending_count = from->pending_count;
	to->pending_bytes = from->pending_bytes;
	to->damaged = from->damaged;
	to->diverged = from->diverged;
	to->sync_error_is_unseen = from->sync_error_is_unseen;
	to->sync_errors = from->sync_errors;
	return vfs_snapshot_copy_broken(to, from);
}

static bool vfs_snapshot_copy_directory(struct vfs_inode *to, const struct vfs_inode *from) {
	assert(to != NULL);
	if (!vfs_array_reserve((void **)&to->entries, &to->entry_room, from->entry_count, sizeof *to->entries) ||
	    !vfs_array_reserve((void **)&to->operations, &to->operation_room, from->operation_count,
	                       sizeof *to->operations)) {
		return false;
	}
	for (size_t index = 0; index < from->entry_count; index++) {
		const struct vfs_entry *entry = &from->entries[index];
		struct vfs_entry copy = {.name = entry->name};
		copy.name->references++;
		if (entry->now != NULL) {
			copy.now = entry->now->copy;
			vfs_inode_refer_live(copy.now);
		}
		if (entry->durable != NULL) {
			copy.durable = entry->durable->copy;
			vfs_inode_refer(copy.durable);
		}
		to->entries[to->entry_count++] = copy;
	}
	for (size_t index = 0; index < from->operation_count; index++) {
		struct vfs_name_operation copy = from->operations[index];
		copy.inode = copy.inode->copy;
		copy.name->references++;
		if (copy.to != NULL) {
			copy.to->references++;
		}
		vfs_inode_refer(copy.inode);
		to->operations[to->operation_count++] = copy;
	}
	return true;
}

/* The root has its twin already. */
static bool vfs_snapshot_create_twin(struct vfs_disk *to, const struct vfs_disk *from, struct vfs_inode *inode) {
	if (inode == from->root) {
		return true;
	}
	inode->copy = vfs_inode_create(to, inode->is_directory);
	if (inode->copy == NULL) {
		return false;
	}
	vfs_inode_refer(inode->copy);
	return true;
}

/* Makes the twin of each inode. The snapshot has one reference to each until everything is
 * linked. */
static bool vfs_snapshot_create_twins(struct vfs_disk *to, const struct vfs_disk *from) {
	to->root->copy = NULL;
	from->root->copy = to->root;
	vfs_inode_refer(to->root);
	for (struct vfs_inode *inode = from->inodes; inode != NULL; inode = inode->next) {
		if (!vfs_snapshot_create_twin(to, from, inode)) {
			return false;
		}
		if (!inode->is_directory && !vfs_snapshot_copy_content(inode->copy, inode)) {
			return false;
		}
	}
	return true;
}

struct vfs_disk *vfs_disk_snapshot(const struct vfs_disk *disk) {
	struct vfs_disk *snapshot = vfs_disk_create(&disk->options);
	if (snapshot == NULL) {
		return NULL;
	}
	for (struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		inode->copy = NULL;
	}
	bool complete = vfs_snapshot_create_twins(snapshot, disk);
	for (const struct vfs_inode *inode = disk->inodes; complete && inode != NULL; inode = inode->next) {
		if (inode->is_directory) {
			complete = vfs_snapshot_copy_directory(inode->copy, inode);
		}
	}
	snapshot->temp_count = disk->temp_count;
	snapshot->operation_number = disk->operation_number;
	for (struct vfs_inode *inode = disk->inodes; inode != NULL; inode = inode->next) {
		vfs_inode_release(inode->copy);
		inode->copy = NULL;
	}
	if (complete) {
		return snapshot;
	}
	vfs_disk_destroy(snapshot);
	return NULL;
}
