/* vfs/process/file.c: the methods of an open file on the simulated disk. SQLite's unix VFS is the
 * model (os_unix.c, 3.40). */
#include "process_internal.h"

#include <string.h>

/* This header picks the widest vectors of the machine, where the library has it. The values are the
 * same everywhere (xxhash 0.8). */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>
#endif

static int vfs_file_close(sqlite3_file *base) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {0};
	if (vfs_file_begin(&under_way, file, VFS_METHOD_CLOSE)) {
		vfs_handle_detach(file);
	}
	if (file->kind == VFS_FILE_JOURNAL) {
		vfs_phase_note_journal(file->process, file);
	}
	(void)vfs_call_end(&under_way, SQLITE_OK, 0);
	vfs_handle_forget(file);
	return SQLITE_OK;
}

/* ---- content --------------------------------------------------------------------------------- */

static int vfs_file_read(sqlite3_file *base, void *buffer, int size_bytes, sqlite3_int64 offset) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.offset = (uint64_t)offset, .call.size = (uint64_t)size_bytes};
	size_t wanted = (size_t)size_bytes;
	size_t got = 0;
	int result = SQLITE_OK;
	uint64_t value = 0;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_READ)) {
		file->was_read_last = true;
		if (under_way.answer.effect == VFS_EFFECT_NONE && file->inode->broken_count == 0) {
			vfs_disk_read(file->inode, (uint64_t)offset, buffer, wanted, &got);
		} else {
			result = vfs_faulty_read(file, &under_way, buffer, &got);
		}
		if (got < wanted && result == SQLITE_OK) {
			result = SQLITE_IOERR_SHORT_READ;
		}
		value = XXH3_64bits(buffer, got);
	}
	/* Also after an error: what SQLite does then must not depend on what was in its buffer. */
	if (got < wanted) {
		memset((uint8_t *)buffer + got, 0, wanted - got);
	}
	return vfs_call_end(&under_way, result, value);
}

static int vfs_file_write(sqlite3_file *base, const void *data, int size_bytes, sqlite3_int64 offset) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {
	        .call.offset = (uint64_t)offset, .call.size = (uint64_t)size_bytes, .call.data = data};
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_WRITE)) {
		file->was_read_last = false;
		if (file->is_read_only) {
			result = SQLITE_IOERR_WRITE;
		} else if (under_way.answer.effect == VFS_EFFECT_NONE) {
			result = vfs_handle_write_fitting(file, (uint64_t)offset, data, (size_t)size_bytes);
		} else {
			result = vfs_faulty_write(file, &under_way);
		}
	}
	return vfs_call_end(&under_way, result, 0);
}

static int vfs_file_truncate(sqlite3_file *base, sqlite3_int64 size_bytes) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.size = (uint64_t)size_bytes};
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_TRUNCATE)) {
		uint64_t size = (uint64_t)size_bytes;
		if (file->chunk_bytes > 0) {
			uint64_t chunk = (uint64_t)file->chunk_bytes;
			size = (size + chunk - 1) / chunk * chunk;
		}
		bool done = !file->is_read_only && vfs_disk_truncate(file->inode->disk, file->inode, size) == VFS_OK;
		result = done ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
	}
	return vfs_call_end(&under_way, result, 0);
}

static int vfs_file_sync(sqlite3_file *base, int flags) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.flags = (uint32_t)flags};
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_SYNC)) {
		if (under_way.answer.effect == VFS_EFFECT_NONE && !vfs_faulty_has_unreported_error(file)) {
			vfs_disk_sync(file->inode->disk, file->inode);
			vfs_handle_sync_directory_once(file);
		} else {
			result = vfs_faulty_sync(file, &under_way);
		}
	}
	return vfs_call_end(&under_way, result, 0);
}

static int vfs_file_size(sqlite3_file *base, sqlite3_int64 *size_bytes) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {0};
	*size_bytes = 0;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_FILE_SIZE)) {
		*size_bytes = (sqlite3_int64)vfs_disk_size(file->inode);
		if (*size_bytes == 1) {
			/* As unixFileSize: some systems cannot lock an empty file, and get a byte
			 * for it. */
			*size_bytes = 0;
		}
	}
	return vfs_call_end(&under_way, SQLITE_OK, (uint64_t)*size_bytes);
}

/* ---- locks ----------------------------------------------------------------------------------- */

/* The unix VFS locks database files only: to all others its lock methods do nothing, and say that
 * all is well (nolockLock()). */
static bool vfs_file_has_locks(const struct vfs_file *file) {
	return file->kind == VFS_FILE_DB;
}

static int vfs_file_lock(sqlite3_file *base, int level) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.size = (uint64_t)level};
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_LOCK)) {
		if (under_way.answer.effect == VFS_EFFECT_PARTIAL) {
			vfs_lock_pend(file);
		} else if (vfs_file_has_locks(file)) {
			result = vfs_lock_acquire(file, level);
		}
	}
	return vfs_call_end(&under_way, result, 0);
}

static int vfs_file_unlock(sqlite3_file *base, int level) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {.call.size = (uint64_t)level};
	if (file->process->is_dead) {
		return SQLITE_OK;
	}
	/* A pager that has a WAL open beside RESERVED goes back to RESERVED when it does not get
	 * EXCLUSIVE (pagerExclusiveLock(), 3.54.1). It should not have one (docs/findings.md,
	 * wal-left-beside-others). The unix VFS then gives up PENDING and RESERVED. */
	int result = SQLITE_OK;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_UNLOCK)) {
		result = vfs_lock_release(file, level > SQLITE_LOCK_SHARED ? SQLITE_LOCK_SHARED : level);
	}
	return vfs_call_end(&under_way, result, 0);
}

static int vfs_file_check_reserved_lock(sqlite3_file *base, int *is_reserved) {
	struct vfs_file *file = (struct vfs_file *)base;
	struct vfs_under_way under_way = {0};
	*is_reserved = 0;
	if (vfs_file_begin(&under_way, file, VFS_METHOD_CHECK_RESERVED_LOCK)) {
		*is_reserved = vfs_file_has_locks(file) && vfs_lock_is_reserved(file);
	}
	return vfs_call_end(&under_way, SQLITE_OK, (uint64_t)*is_reserved);
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* The unix VFS looks at the device when it is asked for the first time, and never again
 * (setDeviceCharacteristics()). What SQLITE_FCNTL_POWERSAFE_OVERWRITE says later comes too late. */
static void vfs_file_look_at_device(struct vfs_file *file) {
	if (!file->is_device_known) {
		file->is_device_known = true;
		file->reports_powersafe_overwrite = file->has_powersafe_overwrite;
	}
}

static int vfs_file_sector_size(sqlite3_file *base) {
	struct vfs_file *file = (struct vfs_file *)base;
	vfs_file_look_at_device(file);
	return (int)file->process->disk->options.sector_size_bytes;
}

/* A file may be read in parts of a page. The unix VFS says so from 3.47.1 on, and no header of an
 * older release has the name. */
#define VFS_FILE_IOCAP_SUBPAGE_READ 0x8000u
#define VFS_FILE_SUBPAGE_READ_SINCE 3047001

static int vfs_file_device_characteristics(sqlite3_file *base) {
	struct vfs_file *file = (struct vfs_file *)base;
	vfs_file_look_at_device(file);
	uint32_t disk =
	        file->process->disk->options.device_characteristics & ~(uint32_t)SQLITE_IOCAP_POWERSAFE_OVERWRITE;
	disk |= sqlite3_libversion_number() >= VFS_FILE_SUBPAGE_READ_SINCE ? VFS_FILE_IOCAP_SUBPAGE_READ : 0u;
	return (int)(disk | (file->reports_powersafe_overwrite ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0u));
}

/* No mapping is always a legal answer, and every access stays visible. */
static int vfs_file_fetch(sqlite3_file *base, sqlite3_int64 offset, int size_bytes, void **mapping) {
	struct vfs_under_way under_way = {.call.offset = (uint64_t)offset, .call.size = (uint64_t)size_bytes};
	*mapping = NULL;
	(void)vfs_file_begin(&under_way, (struct vfs_file *)base, VFS_METHOD_FETCH);
	return vfs_call_end(&under_way, SQLITE_OK, 0);
}

static int vfs_file_unfetch(sqlite3_file *base, sqlite3_int64 offset, void *mapping) {
	struct vfs_under_way under_way = {.call.offset = (uint64_t)offset};
	assert(mapping == NULL);
	(void)vfs_file_begin(&under_way, (struct vfs_file *)base, VFS_METHOD_UNFETCH);
	return vfs_call_end(&under_way, SQLITE_OK, 0);
}

/* What a file has without shared memory (dotlockIoMethods). */
const sqlite3_io_methods vfs_file_methods_without_index = {
        .iVersion = 1,
        .xClose = vfs_file_close,
        .xRead = vfs_file_read,
        .xWrite = vfs_file_write,
        .xTruncate = vfs_file_truncate,
        .xSync = vfs_file_sync,
        .xFileSize = vfs_file_size,
        .xLock = vfs_file_lock,
        .xUnlock = vfs_file_unlock,
        .xCheckReservedLock = vfs_file_check_reserved_lock,
        .xFileControl = vfs_control_file,
        .xSectorSize = vfs_file_sector_size,
        .xDeviceCharacteristics = vfs_file_device_characteristics,
};

const sqlite3_io_methods vfs_file_methods = {
        .iVersion = 3,
        .xClose = vfs_file_close,
        .xRead = vfs_file_read,
        .xWrite = vfs_file_write,
        .xTruncate = vfs_file_truncate,
        .xSync = vfs_file_sync,
        .xFileSize = vfs_file_size,
        .xLock = vfs_file_lock,
        .xUnlock = vfs_file_unlock,
        .xCheckReservedLock = vfs_file_check_reserved_lock,
        .xFileControl = vfs_control_file,
        .xSectorSize = vfs_file_sector_size,
        .xDeviceCharacteristics = vfs_file_device_characteristics,
        .xShmMap = vfs_shm_map,
        .xShmLock = vfs_shm_lock,
        .xShmBarrier = vfs_shm_barrier,
        .xShmUnmap = vfs_shm_unmap,
        .xFetch = vfs_file_fetch,
        .xUnfetch = vfs_file_unfetch,
};
