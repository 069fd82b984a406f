/* vfs/power.c: what is left when the power goes.
 *
 * The crash model. Until a sync says so, the order in which things get to the medium is not the order in which they were
 * done: the kernel writes pages back when it likes, the drive reorders them, and each sector is written by itself. So every
 * pending write of a file is, independently of all others, lost, there, there in some of its sectors, or only the growth
 * of the file is there and the content is zeros. A sector being written when the power goes holds a prefix of the new
 * bytes and the rest of the old ones. Truncates are metadata: in the order of a journalling file system one that is lost
 * takes with it everything later in the same file (so that "keeps its place" can be seen); with truncate_free it is lost
 * or done by itself. Names likewise: the first so many operations of each directory (ordered), or any subset (free).
 *
 * The questions come in a fixed order: the tree from the root, depth first; for each directory first its names, in the
 * order in which they were done, then its surviving entries in the order of memcmp of their names: for a file all of its
 * questions (it is asked about at the first of its names), for a directory the same again. Nothing is asked about what is
 * certain: no pending operations, no question; a file whose names are all lost is not asked about.
 */
#include "disk_internal.h"

struct chooser {
	vfs_chooser choose;
	void *context;
};

static uint64_t ask(const struct chooser *chooser, enum vfs_choice choice, uint64_t count) {
	uint64_t answer = chooser->choose(chooser->context, choice, count);
	assert(answer < count);
	return answer;
}

/* ---- one file -------------------------------------------------------------------------------------------------------- */

/* The sectors of a write, each old, new, or new up to a byte. The file grows as far as there are new bytes. */
static void put_sectors(struct vfs_inode *inode, const struct vfs_pending *write, const struct chooser *chooser) {
	uint64_t sector_size = inode->disk->options.sector_size_bytes;
	uint64_t end = write->offset + write->size_bytes;
	for (uint64_t at = write->offset; at < end;) {
		uint64_t next = (at / sector_size + 1) * sector_size;
		uint64_t length = (next < end ? next : end) - at;
		uint64_t choice = ask(chooser, VFS_CHOICE_SECTOR, 3);
		uint64_t surviving = choice == 2 ? ask(chooser, VFS_CHOICE_PREFIX, length) : choice == 1 ? length : 0;
		vfs_inode_put(inode, write, &inode->durable, at, surviving);
		at += length;
	}
}

static void put_write(struct vfs_inode *inode, const struct vfs_pending *write, const struct chooser *chooser) {
	uint64_t end = write->offset + write->size_bytes;
	switch (ask(chooser, VFS_CHOICE_WRITE, write->grows ? 4 : 3)) {
	case 1:
		vfs_inode_put(inode, write, &inode->durable, write->offset, write->size_bytes);
		break;
	case 2:
		put_sectors(inode, write, chooser);
		break;
	case 3:
		if (end > inode->durable.size_bytes)
			vfs_inode_put_size(&inode->durable, end);
		break;
	default:
		break;
	}
}

/* Puts the chosen part of the pending operations on the durable image. */
static void put_chosen(struct vfs_inode *inode, const struct chooser *chooser) {
	for (size_t index = 0; index < inode->pending_count; index++) {
		const struct vfs_pending *pending = &inode->pending[index];
		if (!pending->truncate) {
			put_write(inode, pending, chooser);
			continue;
		}
		if (ask(chooser, VFS_CHOICE_TRUNCATE, 2) == 1)
			vfs_inode_put_size(&inode->durable, pending->offset);
		else if (!inode->disk->options.truncate_free)
			return;
	}
}

static void lose_file(struct vfs_inode *inode, const struct chooser *chooser) {
	if (inode->pending_count == 0)
		return;
	uint64_t choice = ask(chooser, VFS_CHOICE_FILE, 3);
	if (choice == 1) {
		vfs_inode_settle(inode, &inode->durable, &inode->now);
		return;
	}
	if (choice == 2)
		put_chosen(inode, chooser);
	vfs_inode_settle(inode, &inode->now, &inode->durable);
}

void vfs_power_sync_partly(struct vfs_inode *inode, vfs_chooser choose, void *context) {
	struct chooser chooser = {choose, context};
	if (inode->pending_count == 0)
		return;
	uint64_t choice = ask(&chooser, VFS_CHOICE_FILE, 3);
	if (choice == 1)
		vfs_inode_settle(inode, &inode->durable, &inode->now);
	else if (choice == 2)
		put_chosen(inode, &chooser);
}

/* ---- the whole disk -------------------------------------------------------------------------------------------------- */

static void lose_names(struct vfs_inode *directory, const struct chooser *chooser) {
	size_t count = directory->operation_count;
	if (directory->disk->options.names_free) {
		for (size_t index = 0; index < count; index++) {
			if (ask(chooser, VFS_CHOICE_NAME, 2) == 1)
				vfs_name_apply(directory, &directory->operations[index]);
		}
	} else if (count > 0) {
		uint64_t surviving = ask(chooser, VFS_CHOICE_NAMES, count + 1);
		for (size_t index = 0; index < surviving; index++)
			vfs_name_apply(directory, &directory->operations[index]);
	}
	vfs_name_sweep(directory);
	vfs_name_clear_operations(directory);
}

static void lose_directory(struct vfs_inode *directory, const struct chooser *chooser) { // NOLINT(misc-no-recursion)
	lose_names(directory, chooser);
	for (size_t index = 0; index < directory->entry_count; index++) {
		struct vfs_inode *inode = directory->entries[index].now;
		if (inode->is_directory)
			lose_directory(inode, chooser);
		else
			lose_file(inode, chooser);
	}
}

/* Handles end with the machine. What only they referred to is gone. */
static void drop_handles(struct vfs_disk *disk) {
	struct vfs_inode *next = NULL;
	for (struct vfs_inode *inode = disk->inodes; inode != NULL; inode = next) {
		next = inode->next;
		uint32_t handles = inode->handles;
		inode->handles = 0;
		for (uint32_t index = 0; index < handles; index++)
			vfs_inode_release_live(inode);
	}
}

void vfs_disk_power_loss(struct vfs_disk *disk, vfs_chooser choose, void *context) {
	struct chooser chooser = {choose, context};
	assert(disk->living == 0 && "a process of the disk is still alive");
	drop_handles(disk);
	lose_directory(disk->root, &chooser);
}
