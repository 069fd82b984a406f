/* vfs/process/faulty.c: reads, writes and syncs with a fault injected.
 *
 * They are not in file.c, so that the ordinary methods stay short. vfs/disk/sync.c has the models
 * of a failing sync. This file decides who reports it. An error raises the count of the inode, and
 * each handle remembers how many it has seen. Its next sync makes up for the difference, as
 * file_check_and_advance_wb_err() of Linux does. Two errors before a handle reported the first are
 * one.
 */
#include "process_internal.h"

/* ---- reads ----------------------------------------------------------------------------------- */

/* Reads the bytes that the file had on an earlier disk, or has on the medium. It stays within the
 * file as it is: a read is short at its true end and nowhere else. */
static void vfs_faulty_read_stale(const struct vfs_file *file, const struct vfs_under_way *under_way, uint8_t *buffer,
                                  size_t got) {
	const struct vfs_disk *past = under_way->answer.past;
	uint64_t offset = under_way->call.offset;
	if (past == NULL) {
		(void)vfs_inode_read_durable(file->inode, offset, buffer, got);
		return;
	}
	const struct vfs_inode *inode = vfs_name_lookup(past, file->path);
	if (inode != NULL && !inode->is_directory) {
		vfs_disk_read(inode, offset, buffer, got, &got);
	}
}

int vfs_faulty_read(struct vfs_file *file, const struct vfs_under_way *under_way, void *buffer, size_t *read_bytes) {
	const struct vfs_call *call = &under_way->call;
	if (!vfs_disk_is_readable(file->inode, call->offset, call->size)) {
		return SQLITE_IOERR_READ;
	}
	vfs_disk_read(file->inode, call->offset, buffer, (size_t)call->size, read_bytes);
	size_t got = *read_bytes;
	if (under_way->answer.effect == VFS_EFFECT_STALE) {
		vfs_faulty_read_stale(file, under_way, buffer, got);
	} else if (under_way->answer.effect == VFS_EFFECT_FLIPPED && got > 0) {
		((uint8_t *)buffer)[under_way->answer.offset % got] ^= under_way->answer.mask;
	}
	return SQLITE_OK;
}

/* ---- writes ---------------------------------------------------------------------------------- */

static int vfs_faulty_write_elsewhere(const struct vfs_file *file, const struct vfs_under_way *under_way) {
	const struct vfs_answer *answer = &under_way->answer;
	struct vfs_disk *disk = file->inode->disk;
	struct vfs_inode *target = answer->path == NULL ? file->inode : vfs_name_lookup(disk, answer->path);
	assert(target != NULL && !target->is_directory && "a write misdirected to no file");
	/* A drive has no place for what lies beyond its end. Such a write is lost. */
	(void)vfs_disk_write(disk, target, answer->offset, under_way->call.data, (size_t)under_way->call.size);
	return SQLITE_OK;
}

int vfs_faulty_write(struct vfs_file *file, const struct vfs_under_way *under_way) {
	const struct vfs_call *call = &under_way->call;
	switch ((unsigned)under_way->answer.effect) {
	case VFS_EFFECT_LOST:
		return SQLITE_OK;
	case VFS_EFFECT_UNSTORED:
		return vfs_handle_code(
		        vfs_medium_write_unstored(file->inode, call->offset, call->data, (size_t)call->size),
		        SQLITE_IOERR_WRITE);
	case VFS_EFFECT_MISDIRECTED:
		return vfs_faulty_write_elsewhere(file, under_way);
	case VFS_EFFECT_PARTIAL:
		return vfs_handle_write_fitting(file, call->offset, call->data, under_way->answer.partial_bytes);
	default:
		return vfs_handle_write_fitting(file, call->offset, call->data, (size_t)call->size);
	}
}

/* ---- syncs ----------------------------------------------------------------------------------- */

static void vfs_faulty_mark_reported(struct vfs_file *file) {
	file->sync_errors_seen = file->inode->sync_errors;
	file->inode->sync_error_is_unseen = false;
}

/* A sync in which the process dies. As much reaches the medium as the effect says, and nobody is
 * left to report. Nothing has failed, so everything pending stays pending. */
static void vfs_faulty_sync_and_die(struct vfs_file *file, enum vfs_effect effect) {
	const struct vfs_hooks *hooks = &file->process->hooks;
	if (effect == VFS_EFFECT_PARTIAL) {
		(void)vfs_power_sync_partly(file->inode, false, hooks->chooser, hooks->context);
	} else if (effect == VFS_EFFECT_AFTER) {
		vfs_disk_sync(file->inode->disk, file->inode);
		vfs_handle_sync_directory_once(file);
	}
}

static void vfs_faulty_fail_sync(struct vfs_file *file, struct vfs_under_way *under_way) {
	const struct vfs_hooks *hooks = &file->process->hooks;
	struct vfs_inode *inode = file->inode;
	enum vfs_effect effect = under_way->answer.effect;
	enum vfs_sync_model model = inode->disk->options.sync_model;
	vfs_disk_fail_sync(inode->disk, inode, effect, hooks->chooser, hooks->context);
	if (model != VFS_SYNC_STILL_DIRTY) {
		inode->sync_errors++;
	}
	if (model == VFS_SYNC_EXT4_DATA) {
		inode->sync_error_is_unseen = true;
		under_way->answer.result = SQLITE_OK;
	} else {
		vfs_faulty_mark_reported(file);
	}
	if (effect == VFS_EFFECT_AFTER || model == VFS_SYNC_EXT4_DATA) {
		vfs_handle_sync_directory_once(file);
	}
}

/* Reports an earlier error late. Except with EXT4_DATA, what is pending by now is written all the
 * same. */
static int vfs_faulty_report_late(struct vfs_file *file) {
	struct vfs_disk *disk = file->inode->disk;
	vfs_faulty_mark_reported(file);
	if (disk->options.sync_model != VFS_SYNC_EXT4_DATA) {
		vfs_disk_sync(disk, file->inode);
	}
	return SQLITE_IOERR_FSYNC;
}

int vfs_faulty_sync(struct vfs_file *file, struct vfs_under_way *under_way) {
	enum vfs_effect effect = under_way->answer.effect;
	if (effect == VFS_EFFECT_NONE) {
		return vfs_faulty_report_late(file);
	}
	if (effect == VFS_EFFECT_LIE) {
		file->must_sync_directory = false; /* to everybody it looks synced */
		return SQLITE_OK;
	}
	if (under_way->answer.die) {
		vfs_faulty_sync_and_die(file, effect);
	} else {
		vfs_faulty_fail_sync(file, under_way);
	}
	return SQLITE_OK;
}
