#include "memory_vfs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

/* The disk is full then: a damaged journal asks for pages terabytes away. */
#define MEMORY_FILES_MAX 8
#define MEMORY_REGIONS_MAX 8
#define MEMORY_NAME_SIZE 64
#define MEMORY_FILE_SIZE_MAX (64 << 20)

struct memory_file {
	bool exists;
	char name[MEMORY_NAME_SIZE];
	unsigned char *content;
	size_t size;
	void *regions[MEMORY_REGIONS_MAX];
	unsigned region_size;
};

struct memory_handle {
	sqlite3_file base;
	struct memory_file *file;
	bool delete_on_close;
};

static struct memory_file memory_files[MEMORY_FILES_MAX];
static struct {
	enum memory_vfs_failure failure;
	unsigned calls_left;
	bool full;
	bool struck;
	bool dead;
	const char *sync_suffix;
} memory_fault;
static struct {
	memory_vfs_recorder recorder;
	void *context;
} memory_record;

/* ---- faults ---------------------------------------------------------------------------------- */

/* What to do with a call: SQLITE_OK to do it and succeed; else `code` is to be returned after doing
 * what *failure says. */
static enum memory_vfs_failure memory_ask(void) {
	if (memory_fault.dead) {
		return MEMORY_VFS_KILL;
	}
	if (memory_fault.failure == MEMORY_VFS_NONE || --memory_fault.calls_left > 0) {
		return MEMORY_VFS_NONE;
	}
	enum memory_vfs_failure failure = memory_fault.failure;
	memory_fault.failure = MEMORY_VFS_NONE;
	memory_fault.struck = true;
	memory_fault.dead = failure == MEMORY_VFS_KILL;
	return failure;
}

void memory_vfs_arm(enum memory_vfs_failure failure, unsigned nth, bool full) {
	memory_vfs_disarm();
	memory_fault.failure = failure;
	memory_fault.calls_left = nth;
	memory_fault.full = full;
	memory_fault.struck = false;
}

void memory_vfs_disarm(void) {
	memory_fault.failure = MEMORY_VFS_NONE;
	memory_fault.sync_suffix = NULL;
}

void memory_vfs_arm_sync(const char *suffix) {
	memory_vfs_disarm();
	memory_fault.sync_suffix = suffix;
	memory_fault.struck = false;
}

bool memory_vfs_struck(void) {
	return memory_fault.struck;
}

/* ---- what is done to files ------------------------------------------------------------------- */

void memory_vfs_record(memory_vfs_recorder recorder, void *context) {
	memory_record.recorder = recorder;
	memory_record.context = context;
}

static void memory_tell(struct memory_vfs_change change) {
	if (memory_record.recorder != NULL) {
		memory_record.recorder(memory_record.context, &change);
	}
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct memory_file *memory_find(const char *name) {
	for (int i = 0; i < MEMORY_FILES_MAX; i++) {
		if (memory_files[i].exists && strcmp(memory_files[i].name, name) == 0) {
			return &memory_files[i];
		}
	}
	return NULL;
}

static void memory_drop_regions(struct memory_file *file) {
	for (int i = 0; i < MEMORY_REGIONS_MAX; i++) {
		free(file->regions[i]);
		file->regions[i] = NULL;
	}
}

static void memory_drop(struct memory_file *file) {
	memory_drop_regions(file);
	free(file->content);
	memset(file, 0, sizeof *file);
}

static struct memory_file *memory_create(const char *name) {
	struct memory_file *file = memory_files;

	while (file->exists) {
		file++;
		assert(file < memory_files + MEMORY_FILES_MAX);
	}
	file->exists = true;
	assert(strlen(name) < sizeof file->name);
	sqlite3_snprintf((int)sizeof file->name, file->name, "%s", name);
	return file;
}

static void memory_resize(struct memory_file *file, size_t size) {
	if (size > file->size) {
		file->content = realloc(file->content, size);
		assert(file->content != NULL);
		memset(file->content + file->size, 0, size - file->size);
	}
	file->size = size;
}

void memory_vfs_revive(void) {
	memory_vfs_disarm();
	memory_fault.dead = false;
	for (int i = 0; i < MEMORY_FILES_MAX; i++) {
		memory_drop_regions(&memory_files[i]);
	}
}

unsigned char *memory_vfs_content(const char *name, size_t *size_bytes) {
	struct memory_file *file = memory_find(name);

	*size_bytes = file != NULL ? file->size : 0;
	return file != NULL ? file->content : NULL;
}

void memory_vfs_set_content(const char *name, const void *content, size_t size_bytes) {
	struct memory_file *file = memory_find(name);

	file = file != NULL ? file : memory_create(name);
	memory_resize(file, size_bytes);
	if (size_bytes > 0) {
		memcpy(file->content, content, size_bytes);
	}
}

/* ---- sqlite3_io_methods ---------------------------------------------------------------------- */

static int memory_close(sqlite3_file *base) {
	struct memory_handle *handle = (struct memory_handle *)base;

	if (handle->delete_on_close) {
		memory_drop(handle->file);
	}
	return SQLITE_OK;
}

static int memory_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
	struct memory_file *file = ((struct memory_handle *)base)->file;

	if (memory_ask() != MEMORY_VFS_NONE) {
		return SQLITE_IOERR_READ;
	}
	size_t from = (size_t)offset < file->size ? (size_t)offset : file->size;
	size_t got = file->size - from < (size_t)amount ? file->size - from : (size_t)amount;
	if (got > 0) {
		memcpy(buffer, file->content + from, got);
	}
	memset((char *)buffer + got, 0, (size_t)amount - got);
	return got == (size_t)amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int memory_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset) {
	struct memory_file *file = ((struct memory_handle *)base)->file;
	enum memory_vfs_failure failure = memory_ask();
	size_t size = (size_t)amount;

	if (offset + amount > MEMORY_FILE_SIZE_MAX) {
		return SQLITE_FULL;
	}
	if (failure == MEMORY_VFS_PARTIAL) {
		size /= 2;
	}
	if (failure != MEMORY_VFS_BEFORE && failure != MEMORY_VFS_KILL) {
		if ((size_t)offset + size > file->size) {
			memory_resize(file, (size_t)offset + size);
		}
		memcpy(file->content + offset, data, size);
		memory_tell((struct memory_vfs_change){MEMORY_VFS_WRITTEN, file->name, data, (size_t)offset, size});
	}
	if (failure == MEMORY_VFS_NONE) {
		return SQLITE_OK;
	}
	return memory_fault.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int memory_truncate(sqlite3_file *base, sqlite3_int64 size) {
	struct memory_file *file = ((struct memory_handle *)base)->file;
	enum memory_vfs_failure failure = memory_ask();

	if (size > MEMORY_FILE_SIZE_MAX) {
		return SQLITE_FULL;
	}
	if (failure == MEMORY_VFS_NONE || failure == MEMORY_VFS_AFTER) {
		memory_resize(file, (size_t)size);
		memory_tell((struct memory_vfs_change){MEMORY_VFS_TRUNCATED, file->name, NULL, (size_t)size, 0});
	}
	return failure == MEMORY_VFS_NONE ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static bool memory_ends_with(const char *name, const char *suffix) {
	size_t length = strlen(name);
	size_t tail = strlen(suffix);

	return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

static int memory_sync(sqlite3_file *base, int flags) {
	struct memory_file *file = ((struct memory_handle *)base)->file;
	enum memory_vfs_failure failure = memory_ask();

	(void)flags;
	if (memory_fault.sync_suffix != NULL && memory_ends_with(file->name, memory_fault.sync_suffix)) {
		memory_fault.sync_suffix = NULL;
		memory_fault.struck = true;
		return SQLITE_IOERR_FSYNC;
	}
	if (failure == MEMORY_VFS_NONE) {
		return SQLITE_OK;
	}
	return memory_fault.full ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
}

static int memory_file_size(sqlite3_file *base, sqlite3_int64 *size) {
	*size = (sqlite3_int64)((struct memory_handle *)base)->file->size;
	return memory_ask() == MEMORY_VFS_NONE ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int memory_lock(sqlite3_file *base, int level) {
	(void)base;
	(void)level;
	if (memory_ask() == MEMORY_VFS_NONE) {
		return SQLITE_OK;
	}
	return memory_fault.full ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
}

static int memory_unlock(sqlite3_file *base, int level) {
	(void)base;
	(void)level;
	return memory_ask() == MEMORY_VFS_NONE ? SQLITE_OK : SQLITE_IOERR_UNLOCK;
}

static int memory_check_reserved_lock(sqlite3_file *base, int *is_reserved) {
	(void)base;
	*is_reserved = 0;
	return memory_ask() == MEMORY_VFS_NONE ? SQLITE_OK : SQLITE_IOERR_CHECKRESERVEDLOCK;
}

static int memory_file_control(sqlite3_file *base, int operation, void *argument) {
	(void)base;
	(void)operation;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int memory_sector_size(sqlite3_file *base) {
	(void)base;
	return 4096;
}

static int memory_device_characteristics(sqlite3_file *base) {
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int memory_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **memory) {
	struct memory_file *file = ((struct memory_handle *)base)->file;

	*memory = NULL;
	if (memory_ask() != MEMORY_VFS_NONE) {
		return SQLITE_IOERR_SHMMAP;
	}
	assert(region < MEMORY_REGIONS_MAX);
	if (file->regions[region] == NULL && extend) {
		file->regions[region] = calloc(1, (size_t)size);
		assert(file->regions[region] != NULL);
	}
	*memory = file->regions[region];
	return SQLITE_OK;
}

static int memory_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
	(void)base;
	(void)offset;
	(void)count;
	/* The real one cannot fail to unlock either. */
	if (memory_ask() == MEMORY_VFS_NONE || (flags & SQLITE_SHM_UNLOCK) != 0) {
		return SQLITE_OK;
	}
	return memory_fault.full ? SQLITE_BUSY : SQLITE_IOERR_SHMLOCK;
}

static void memory_shm_barrier(sqlite3_file *base) {
	(void)base;
}

static int memory_shm_unmap(sqlite3_file *base, int delete_flag) {
	if (delete_flag) {
		memory_drop_regions(((struct memory_handle *)base)->file);
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods memory_methods = {
        .iVersion = 2,
        .xClose = memory_close,
        .xRead = memory_read,
        .xWrite = memory_write,
        .xTruncate = memory_truncate,
        .xSync = memory_sync,
        .xFileSize = memory_file_size,
        .xLock = memory_lock,
        .xUnlock = memory_unlock,
        .xCheckReservedLock = memory_check_reserved_lock,
        .xFileControl = memory_file_control,
        .xSectorSize = memory_sector_size,
        .xDeviceCharacteristics = memory_device_characteristics,
        .xShmMap = memory_shm_map,
        .xShmLock = memory_shm_lock,
        .xShmBarrier = memory_shm_barrier,
        .xShmUnmap = memory_shm_unmap,
};

/* ---- sqlite3_vfs ----------------------------------------------------------------------------- */

static int memory_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *flags_out) {
	struct memory_handle *handle = (struct memory_handle *)base;
	struct memory_file *file = name != NULL ? memory_find(name) : NULL;

	(void)vfs;
	memset(handle, 0, sizeof *handle);
	if (memory_ask() != MEMORY_VFS_NONE || (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)) {
		return SQLITE_CANTOPEN;
	}
	handle->base.pMethods = &memory_methods;
	handle->file = file != NULL ? file : memory_create(name != NULL ? name : "/temporary");
	handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	if (flags_out != NULL) {
		*flags_out = flags;
	}
	return SQLITE_OK;
}

static int memory_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
	struct memory_file *file = memory_find(name);
	enum memory_vfs_failure failure = memory_ask();

	(void)vfs;
	if ((failure == MEMORY_VFS_NONE || failure == MEMORY_VFS_AFTER) && file != NULL) {
		memory_tell((struct memory_vfs_change){MEMORY_VFS_DELETED, name, NULL, 0, 0});
		memory_drop(file);
	}
	if (failure == MEMORY_VFS_NONE) {
		return file != NULL ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
	}
	return failure == MEMORY_VFS_AFTER && sync_directory ? SQLITE_IOERR_DIR_FSYNC : SQLITE_IOERR_DELETE;
}

static int memory_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
	struct memory_file *file = memory_find(name);

	(void)vfs;
	(void)flags;
	*result = file != NULL && file->size > 0;
	return memory_ask() == MEMORY_VFS_NONE ? SQLITE_OK : SQLITE_IOERR_ACCESS;
}

static int memory_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *full) {
	(void)vfs;
	sqlite3_snprintf(size, full, "%s", name);
	return SQLITE_OK;
}

static int memory_randomness(sqlite3_vfs *vfs, int size, char *buffer) {
	(void)vfs;
	memset(buffer, 0x5a, (size_t)size);
	return size;
}

static int memory_sleep(sqlite3_vfs *vfs, int microseconds) {
	(void)vfs;
	return microseconds;
}

static int memory_current_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
	(void)vfs;
	*milliseconds = 0;
	return SQLITE_OK;
}

static sqlite3_vfs memory_vfs = {
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct memory_handle),
        .mxPathname = MEMORY_NAME_SIZE - 1,
        .zName = MEMORY_VFS_NAME,
        .xOpen = memory_open,
        .xDelete = memory_delete,
        .xAccess = memory_access,
        .xFullPathname = memory_full_pathname,
        .xRandomness = memory_randomness,
        .xSleep = memory_sleep,
        .xCurrentTimeInt64 = memory_current_time,
};

void memory_vfs_reset(void) {
	if (sqlite3_vfs_find(MEMORY_VFS_NAME) == NULL) {
		int code = sqlite3_vfs_register(&memory_vfs, 0);
		assert(code == SQLITE_OK);
	}
	memset(&memory_fault, 0, sizeof memory_fault);
	memory_vfs_record(NULL, NULL);
	for (int i = 0; i < MEMORY_FILES_MAX; i++) {
		memory_drop(&memory_files[i]);
	}
}
