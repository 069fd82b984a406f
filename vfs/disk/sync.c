/* vfs/disk/sync.c: syncs that fail: what reaches the medium, and what the cache keeps (enum
 * vfs_sync_model).
 *
 * Linux marks pages clean before it writes them, and does not mark them dirty again when the write
 * fails. So a second fsync has nothing to do and succeeds (fsync(2)). Since 4.13 each open file
 * hears of the error once (errseq_t, lib/errseq.c). Here EXT4 and EXT4_DATA forget what was
 * pending, while the medium has the old bytes. From then on the file is `diverged`. A later write
 * to the same block takes the whole block with it, because the kernel writes whole pages. Else only
 * a power loss or vfs_disk_evict() ends the state, and brings the old bytes back.
 *
 * The inode counts the errors, and each handle (struct vfs_file) remembers how many it has seen.
 */
#include "disk_internal.h"

/* Sizes are metadata, and the journal of the file system saves them. Blocks that failed and were
 * never on the medium read as zeros. */
static void vfs_sync_forget_pending(struct vfs_inode *inode) {
	vfs_inode_put_size(&inode->durable, inode->now.size_bytes);
	vfs_inode_clear_pending(inode);
	inode->diverged = true;
}

static void vfs_sync_put_truncates(struct vfs_inode *inode) {
	for (size_t index = 0; index < inode->pending_count; index++) {
		if (inode->pending[index].truncate) {
			vfs_inode_put_size(&inode->durable, inode->pending[index].offset);
		}
	}
}

static void vfs_sync_fail_and_mark_clean(struct vfs_inode *inode, enum vfs_effect effect, vfs_chooser chooser,
                                         void *context) {
	if (effect == VFS_EFFECT_BEFORE) {
		vfs_sync_put_truncates(inode);
	} else if (vfs_power_sync_partly(inode, true, chooser, context)) {
		return;
	}
	vfs_sync_forget_pending(inode);
}

void vfs_disk_fail_sync(struct vfs_disk *disk, struct vfs_inode *inode, enum vfs_effect effect, vfs_chooser chooser,
                        void *context) {
	assert(inode->disk == disk && effect >= VFS_EFFECT_BEFORE && effect <= VFS_EFFECT_AFTER);
	if (effect == VFS_EFFECT_AFTER) {
		vfs_disk_sync(disk, inode);
	}
	if (inode->pending_count == 0) {
		return;
	}
	switch (disk->options.sync_model) {
	case VFS_SYNC_EXT4:
	case VFS_SYNC_EXT4_DATA:
		vfs_sync_fail_and_mark_clean(inode, effect, chooser, context);
		break;
	/* Copies on write: what was not committed as a whole is not there at all. */
	case VFS_SYNC_BTRFS:
		vfs_inode_settle(inode, &inode->now, &inode->durable);
		break;
	case VFS_SYNC_STILL_DIRTY:
	case VFS_SYNC_MODEL_COUNT:
		if (effect == VFS_EFFECT_PARTIAL) {
			(void)vfs_power_sync_partly(inode, false, chooser, context);
		}
		break;
	}
}

enum vfs_status vfs_disk_evict(struct vfs_disk *disk, const char *path) {
	struct vfs_inode *inode = vfs_name_lookup(disk, path);
	if (inode == NULL) {
		return VFS_NOT_FOUND;
	}
	if (inode->is_directory) {
		return VFS_NOT_A_FILE;
	}
	if (inode->pending_count == 0 && inode->diverged) {
		vfs_inode_reload(inode);
	}
	return VFS_OK;
}

bool vfs_disk_can_evict(const struct vfs_disk *disk, const char *path) {
	const struct vfs_inode *inode = vfs_name_lookup(disk, path);
	return inode != NULL && !inode->is_directory && inode->pending_count == 0 && inode->diverged;
}
