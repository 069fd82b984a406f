/* tests/vfs/trivial_vfs.c: see trivial_vfs.h. */
#include "trivial_vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 16
#define NAME_SIZE 128
#define REGIONS_MAX 64

struct content {
	char name[NAME_SIZE]; /* "": the slot is free */
	uint8_t *bytes;
	size_t size;
	size_t room;
	void *regions[REGIONS_MAX];
};

struct trivial_file {
	sqlite3_file base;
	struct content *content;
	bool delete_on_close;
};

static struct content contents[FILES_MAX];

static struct content *find(const char *name) {
	for (int index = 0; index < FILES_MAX; index++) {
		if (strcmp(contents[index].name, name) == 0) {
			return &contents[index];
		}
	}
	return NULL;
}

/* The buffer stays with the slot: the floor is to be as low as it can be. */
static void drop(struct content *content) {
	content->name[0] = '\0';
	content->size = 0;
}

static void free_regions(struct content *content) {
	for (int index = 0; index < REGIONS_MAX; index++) {
		free(content->regions[index]);
		content->regions[index] = NULL;
	}
}

static int file_close(sqlite3_file *base) {
	struct trivial_file *file = (struct trivial_file *)base;
	if (file->delete_on_close) {
		drop(file->content);
	}
	return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
	const struct content *content = ((struct trivial_file *)base)->content;
	size_t size = (size_t)amount;
	size_t start = (size_t)offset;
	size_t have = start >= content->size ? 0 : content->size - start;
	if (have >= size) {
		memcpy(buffer, content->bytes + start, size);
		return SQLITE_OK;
	}
	if (have > 0) {
		memcpy(buffer, content->bytes + start, have);
	}
	memset((uint8_t *)buffer + have, 0, size - have);
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset) {
	struct content *content = ((struct trivial_file *)base)->content;
	size_t end = (size_t)offset + (size_t)amount;
	if (end > content->room) {
		size_t room = end * 2;
		uint8_t *bytes = realloc(content->bytes, room);
		if (bytes == NULL) {
			return SQLITE_NOMEM;
		}
		content->bytes = bytes;
		content->room = room;
	}
	if ((size_t)offset > content->size) {
		memset(content->bytes + content->size, 0, (size_t)offset - content->size);
	}
	memcpy(content->bytes + offset, data, (size_t)amount);
	if (end > content->size) {
		content->size = end;
	}
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
	struct content *content = ((struct trivial_file *)base)->content;
	if ((size_t)size < content->size) {
		content->size = (size_t)size;
	}
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
	*size = (sqlite3_int64)((struct trivial_file *)base)->content->size;
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags) {
	(void)base;
	(void)flags;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level) {
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *answer) {
	(void)base;
	*answer = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
	(void)base;
	(void)operation;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
	(void)base;
	return 4096;
}

static int file_characteristics(sqlite3_file *base) {
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **memory) {
	struct content *content = ((struct trivial_file *)base)->content;
	*memory = NULL;
	if (region >= REGIONS_MAX) {
		return SQLITE_NOMEM;
	}
	if (content->regions[region] == NULL && extend) {
		content->regions[region] = calloc(1, (size_t)size);
	}
	*memory = content->regions[region];
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
	(void)base;
	(void)offset;
	(void)count;
	(void)flags;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) {
	(void)base;
}

static int shm_unmap(sqlite3_file *base, int delete_flag) {
	(void)delete_flag;
	free_regions(((struct trivial_file *)base)->content);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_lock,
        .xCheckReservedLock = file_check_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector_size,
        .xDeviceCharacteristics = file_characteristics,
        .xShmMap = shm_map,
        .xShmLock = shm_lock,
        .xShmBarrier = shm_barrier,
        .xShmUnmap = shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
	struct trivial_file *file = (struct trivial_file *)base;
	(void)vfs;
	file->base.pMethods = NULL;
	const char *key = name != NULL ? name : "temporary";
	struct content *content = find(key);
	if (content == NULL) {
		content = flags & SQLITE_OPEN_CREATE ? find("") : NULL;
		if (content == NULL || strlen(key) >= NAME_SIZE) {
			return SQLITE_CANTOPEN;
		}
		memcpy(content->name, key, strlen(key) + 1);
	}
	file->content = content;
	file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	file->base.pMethods = &methods;
	if (out_flags != NULL) {
		*out_flags = flags;
	}
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
	struct content *content = find(name);
	(void)vfs;
	(void)sync_directory;
	if (content == NULL) {
		return SQLITE_IOERR_DELETE_NOENT;
	}
	drop(content);
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int test, int *answer) {
	const struct content *content = find(name);
	(void)vfs;
	(void)test;
	*answer = content != NULL && content->size > 0;
	return SQLITE_OK;
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *full) {
	size_t length = strlen(name);
	(void)vfs;
	if (length >= (size_t)size) {
		return SQLITE_CANTOPEN;
	}
	memcpy(full, name, length + 1);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *buffer) {
	(void)vfs;
	memset(buffer, 7, (size_t)size);
	return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
	(void)vfs;
	return microseconds;
}

static int vfs_current_time(sqlite3_vfs *vfs, double *days) {
	(void)vfs;
	*days = 2460000.5;
	return SQLITE_OK;
}

int trivial_vfs_register(const char *name) {
	static sqlite3_vfs vfs = {.iVersion = 1,
	                          .szOsFile = sizeof(struct trivial_file),
	                          .mxPathname = NAME_SIZE - 1,
	                          .xOpen = vfs_open,
	                          .xDelete = vfs_delete,
	                          .xAccess = vfs_access,
	                          .xFullPathname = vfs_full_pathname,
	                          .xRandomness = vfs_randomness,
	                          .xSleep = vfs_sleep,
	                          .xCurrentTime = vfs_current_time};
	vfs.zName = name;
	return sqlite3_vfs_register(&vfs, 0);
}

void trivial_vfs_reset(void) {
	for (int index = 0; index < FILES_MAX; index++) {
		free_regions(&contents[index]);
		free(contents[index].bytes);
		memset(&contents[index], 0, sizeof contents[index]);
	}
}
