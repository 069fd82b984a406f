/* sim/recording/redo.c: see redo.h. */
#include "redo.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_REDO_FILES_MAX (1u << 20)

bool sim_redo_init(struct sim_redo *redo) {
	/* SQLite's unix VFS assumes that a write changes no byte beside it. So it is here. */
	const struct vfs_disk_options options = {.sector_size_bytes = 512,
	                                         .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE,
	                                         .kept_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE};
	*redo = (struct sim_redo){.disk = vfs_disk_create(&options)};
	return redo->disk != NULL;
}

static void sim_redo_close(struct sim_redo *redo, struct sim_redo_file *file) {
	if (file->inode != NULL) {
		vfs_disk_close(redo->disk, file->inode);
		file->inode = NULL;
	}
}

void sim_redo_deinit(struct sim_redo *redo) {
	for (uint32_t i = 0; i < redo->room; i++) {
		sim_redo_close(redo, &redo->files[i]);
	}
	free(redo->files);
	vfs_disk_destroy(redo->disk);
	*redo = (struct sim_redo){0};
}

struct sim_redo_file *sim_redo_file(const struct sim_redo *redo, const struct sim_record *record) {
	uint32_t number = record->head->file;
	return number > 0 && number < redo->room ? &redo->files[number] : NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Whether it went as it should: what else there is, is memory. */
static bool sim_redo_good(struct sim_redo *redo, enum vfs_status status) {
	redo->out_of_memory |= status == VFS_NO_MEMORY;
	return status == VFS_OK;
}

/* All directories of a path, durable. */
static void sim_redo_make_directories(struct sim_redo *redo, const char *path) {
	char name[RECORD_PATH_MAX + 1];
	char above[RECORD_PATH_MAX + 1] = "/";
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
		if (!vfs_disk_exists(redo->disk, name)) {
			(void)sim_redo_good(redo, vfs_disk_make_directory(redo->disk, name));
			(void)sim_redo_good(redo, vfs_disk_sync_directory(redo->disk, above));
		}
		snprintf(above, sizeof above, "%s", name);
	}
}

static void sim_redo_sync_directory_of(struct sim_redo *redo, const char *path) {
	char folder[RECORD_PATH_MAX + 1];
	const char *slash = strrchr(path, '/');
	size_t length = slash == path ? 1 : (size_t)(slash - path);
	snprintf(folder, sizeof folder, "%.*s", (int)length, path);
	(void)sim_redo_good(redo, vfs_disk_sync_directory(redo->disk, folder));
}

/* The file that has this name now gives it up. */
static void sim_redo_take_name(struct sim_redo *redo, const char *path) {
	for (uint32_t i = 0; i < redo->room; i++) {
		if (redo->files[i].inode != NULL && strcmp(redo->files[i].path, path) == 0) {
			sim_redo_close(redo, &redo->files[i]);
		}
	}
}

/* The database of a journal, a WAL or a super-journal is the one whose name it begins with. */
static uint32_t sim_redo_database_of(const struct sim_redo *redo, uint32_t number) {
	const char *path = redo->files[number].path;
	uint32_t found = number;
	for (uint32_t i = 0; i < redo->room; i++) {
		const struct sim_redo_file *file = &redo->files[i];
		size_t length = strlen(file->path);
		if (file->inode != NULL && file->kind == RECORD_FILE_DATABASE && i != number && length > 0 &&
		    strncmp(path, file->path, length) == 0 && path[length] == '-') {
			found = i;
		}
	}
	return found;
}

static bool sim_redo_has_room(struct sim_redo *redo, uint32_t number) {
	if (number < redo->room) {
		return true;
	}
	uint32_t room = number * 2 + 64;
	struct sim_redo_file *more =
	        number < SIM_REDO_FILES_MAX ? realloc(redo->files, room * sizeof redo->files[0]) : NULL;
	redo->out_of_memory |= more == NULL;
	if (more != NULL) {
		memset(more + redo->room, 0, (room - redo->room) * sizeof more[0]);
		redo->files = more;
		redo->room = room;
	}
	return more != NULL;
}

static void sim_redo_add_file(struct sim_redo *redo, const struct sim_record *record) {
	uint32_t number = record->head->file;
	bool is_new = (record->head->flags & RECORD_FLAG_CREATED) != 0;
	bool created = false;
	if (!sim_redo_has_room(redo, number) || record->bytes > RECORD_PATH_MAX || record->bytes == 0 ||
	    record->head->offset >= RECORD_FILE_KIND_COUNT) {
		return;
	}
	struct sim_redo_file *file = &redo->files[number];
	sim_redo_close(redo, file);
	file->kind = (enum record_file_kind)record->head->offset;
	snprintf(file->path, sizeof file->path, "%.*s", (int)record->bytes, (const char *)record->content);
	file->database = sim_redo_database_of(redo, number);
	if (file->kind == RECORD_FILE_SHM) {
		return;
	}
	if (vfs_disk_exists(redo->disk, file->path)) {
		sim_redo_take_name(redo, file->path);
		(void)sim_redo_good(redo, vfs_disk_unlink(redo->disk, file->path));
	}
	sim_redo_make_directories(redo, file->path);
	if (sim_redo_good(redo, vfs_disk_open(redo->disk, file->path, true, &created, &file->inode)) && !is_new) {
		sim_redo_sync_directory_of(redo, file->path);
	}
}

static void sim_redo_rename(struct sim_redo *redo, struct sim_redo_file *file, const struct sim_record *record) {
	char path[RECORD_PATH_MAX + 1];
	snprintf(path, sizeof path, "%.*s", (int)record->bytes, (const char *)record->content);
	sim_redo_take_name(redo, path);
	sim_redo_make_directories(redo, path);
	if (sim_redo_good(redo, vfs_disk_rename(redo->disk, file->path, path))) {
		snprintf(file->path, sizeof file->path, "%s", path);
	}
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void sim_redo_sync_all(struct sim_redo *redo) {
	for (uint32_t i = 0; i < redo->room; i++) {
		if (redo->files[i].inode != NULL) {
			vfs_disk_sync(redo->disk, redo->files[i].inode);
			sim_redo_sync_directory_of(redo, redo->files[i].path);
		}
	}
}

static void sim_redo_sync_directory(struct sim_redo *redo, const struct sim_record *record) {
	char path[RECORD_PATH_MAX + 1];
	snprintf(path, sizeof path, "%.*s", (int)record->bytes, (const char *)record->content);
	(void)sim_redo_good(redo, vfs_disk_sync_directory(redo->disk, path));
}

/* Of a file that has a name. */
static void sim_redo_file_call(struct sim_redo *redo, struct sim_redo_file *file, const struct sim_record *record) {
	uint64_t offset = record->head->offset;
	switch ((int)record->head->kind) {
	case RECORD_CONTENT:
		(void)sim_redo_good(redo,
		                    vfs_disk_write(redo->disk, file->inode, offset, record->content, record->bytes));
		vfs_disk_sync(redo->disk, file->inode);
		break;
	case RECORD_WRITE:
		(void)sim_redo_good(redo,
		                    vfs_disk_write(redo->disk, file->inode, offset, record->content, record->bytes));
		break;
	case RECORD_TRUNCATE:
		(void)sim_redo_good(redo, vfs_disk_truncate(redo->disk, file->inode, offset));
		break;
	case RECORD_SYNC:
		if ((record->head->flags & RECORD_FLAG_FAILED) == 0) {
			vfs_disk_sync(redo->disk, file->inode);
		}
		break;
	case RECORD_UNLINK:
		sim_redo_close(redo, file);
		(void)sim_redo_good(redo, vfs_disk_unlink(redo->disk, file->path));
		break;
	case RECORD_RENAME:
		sim_redo_rename(redo, file, record);
		break;
	default: /* locks, and the end of descriptors, change nothing on the disk */
		break;
	}
}

bool sim_redo_call(struct sim_redo *redo, const struct sim_record *record) {
	struct sim_redo_file *file = sim_redo_file(redo, record);
	switch ((int)record->head->kind) {
	case RECORD_FILE:
		sim_redo_add_file(redo, record);
		break;
	case RECORD_SYNC_ALL:
		sim_redo_sync_all(redo);
		break;
	case RECORD_SYNC_DIRECTORY:
		sim_redo_sync_directory(redo, record);
		break;
	default:
		if (file != NULL && file->inode != NULL) {
			sim_redo_file_call(redo, file, record);
		}
		break;
	}
	return !redo->out_of_memory;
}

bool sim_redo_changes(const struct sim_record *record) {
	switch ((int)record->head->kind) {
	case RECORD_FILE:
		return (record->head->flags & RECORD_FLAG_CREATED) != 0 && record->head->offset != RECORD_FILE_SHM;
	case RECORD_WRITE:
	case RECORD_TRUNCATE:
	case RECORD_SYNC:
	case RECORD_SYNC_DIRECTORY:
	case RECORD_SYNC_ALL:
	case RECORD_UNLINK:
	case RECORD_RENAME:
		return true;
	default:
		return false;
	}
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *sim_redo_base(const struct sim_redo_file *file) {
	const char *slash = file != NULL ? strrchr(file->path, '/') : NULL;
	return slash != NULL ? slash + 1 : "?";
}

void sim_redo_say(const struct sim_redo *redo, const struct sim_record *record, char *text, size_t size) {
	const struct record_head *head = record->head;
	const char *name = sim_redo_base(sim_redo_file(redo, record));
	switch ((int)head->kind) {
	case RECORD_FILE:
		snprintf(text, size, "%s is made", name);
		break;
	case RECORD_WRITE:
		snprintf(text, size, "write of %" PRIu32 " bytes at %" PRIu64 " of %s", record->bytes, head->offset,
		         name);
		break;
	case RECORD_TRUNCATE:
		snprintf(text, size, "%s gets a size of %" PRIu64 " bytes", name, head->offset);
		break;
	case RECORD_SYNC:
		snprintf(text, size, "sync of %s", name);
		break;
	case RECORD_SYNC_DIRECTORY:
	case RECORD_SYNC_ALL:
		snprintf(text, size, "sync of %s", head->kind == RECORD_SYNC_ALL ? "everything" : "the directory");
		break;
	case RECORD_UNLINK:
		snprintf(text, size, "%s is deleted", name);
		break;
	case RECORD_RENAME:
		snprintf(text, size, "a file becomes %s", name);
		break;
	case RECORD_LOCK:
		snprintf(text, size, "the lock on %s is given back", name);
		break;
	case RECORD_OUTPUT:
		snprintf(text, size, "the program prints");
		break;
	default:
		snprintf(text, size, "the end");
		break;
	}
}
