/* vfs/process/process.c: a simulated process: its sqlite3_vfs, its life and death.
 *
 *   create ──▶ alive ──kill, or `die` in an answer──▶ dead ──destroy──▶ gone
 *                └─────────────────destroy─────────────────────────────▶
 *
 * At its death a process loses all locks, its shares in shared memory and all inodes at once (V8).
 * So nothing that SQLite does while it unwinds can reach the disk. The handles themselves belong to
 * SQLite, and go with xClose.
 */
#include "process_internal.h"
#include "quiet.h"

#include <stdlib.h>
#include <string.h>

/* ---- kinds of files -------------------------------------------------------------------------- */

static enum vfs_file_kind vfs_process_kind_of_flags(int flags) {
	if (flags & SQLITE_OPEN_MAIN_DB) {
		return VFS_FILE_DB;
	}
	if (flags & SQLITE_OPEN_MAIN_JOURNAL) {
		return VFS_FILE_JOURNAL;
	}
	if (flags & SQLITE_OPEN_WAL) {
		return VFS_FILE_WAL;
	}
	if (flags & SQLITE_OPEN_SUPER_JOURNAL) {
		return VFS_FILE_SUPER_JOURNAL;
	}
	if (flags &
	    (SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB | SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL)) {
		return VFS_FILE_TEMP;
	}
	return VFS_FILE_OTHER;
}

static bool vfs_process_ends_with(const char *path, size_t length, const char *suffix, size_t suffix_length) {
	return length > suffix_length && memcmp(path + length - suffix_length, suffix, suffix_length) == 0;
}

/* xDelete and xAccess get a path alone. The suffixes of SQLite tell the kind, and a path without
 * one is a database. The name of a super-journal ends in "-mj" and nine hexadecimal digits
 * (pager.c, vdbeaux.c, 3.40). */
static enum vfs_file_kind vfs_process_kind_of_path(const char *path) {
	size_t length = strlen(path);
	if (vfs_process_ends_with(path, length, "-journal", 8)) {
		return VFS_FILE_JOURNAL;
	}
	if (vfs_process_ends_with(path, length, "-wal", 4)) {
		return VFS_FILE_WAL;
	}
	if (vfs_process_ends_with(path, length, "-shm", 4)) {
		return VFS_FILE_SHM;
	}
	if (length > 12 && memcmp(path + length - 12, "-mj", 3) == 0) {
		return VFS_FILE_SUPER_JOURNAL;
	}
	return VFS_FILE_DB;
}

/* A rollback journal is one also to whoever opens it as what needs no database. */
static enum vfs_file_kind vfs_process_kind_of_open(const char *path, int flags) {
	enum vfs_file_kind kind = vfs_process_kind_of_flags(flags);
	bool is_journal = path != NULL && vfs_process_kind_of_path(path) == VFS_FILE_JOURNAL;
	return kind == VFS_FILE_SUPER_JOURNAL && is_journal ? VFS_FILE_JOURNAL : kind;
}

/* ---- methods --------------------------------------------------------------------------------- */

/* The unix VFS gives a journal or WAL the permissions of its database, whose name stands before the
 * last '-' of the path. Without that file it opens nothing (os_unix.c, findCreateFileMode()). */
static bool vfs_process_lacks_database(const struct vfs_process *process, const char *path, int flags) {
	char database[VFS_PATH_MAX + 1];
	size_t length = strlen(path);
	if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) == 0) {
		return false;
	}
	while (length > 0 && path[length - 1] != '-' && path[length - 1] != '.') {
		length--;
	}
	if (length < 2 || path[length - 1] == '.') {
		return false;
	}
	if (length > sizeof database) {
		return true;
	}
	memcpy(database, path, length - 1);
	database[length - 1] = '\0';
	return !vfs_disk_exists(process->disk, database);
}

/* Opens what the path names, and says in the flags how. On success sets the inode of the handle.
 * What may not be made anew, because it is there, opens for reading, as in unixOpen(). */
static int vfs_process_open_path(struct vfs_process *process, struct vfs_file *file, int *flags) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	if (vfs_process_lacks_database(process, file->path, *flags)) {
		return SQLITE_IOERR_FSTAT;
	}
	bool exclusive = (*flags & SQLITE_OPEN_EXCLUSIVE) && (*flags & SQLITE_OPEN_CREATE);
	if (exclusive && vfs_disk_exists(process->disk, file->path)) {
		*flags = (*flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
		file->is_read_only = true;
	}
	enum vfs_status status =
	        vfs_disk_open(process->disk, file->path, (*flags & SQLITE_OPEN_CREATE) != 0, &created, &inode);
	if (status != VFS_OK) {
		return vfs_handle_code(status, SQLITE_CANTOPEN);
	}
	if (*flags & SQLITE_OPEN_DELETEONCLOSE) {
		/* as unixOpen: the name goes at once */
		(void)vfs_disk_unlink(process->disk, file->path);
	}
	file->inode = inode;
	return SQLITE_OK;
}

static int vfs_process_open_inode(struct vfs_process *process, struct vfs_file *file, int *flags) {
	if (file->path != file->temp_name) {
		return vfs_process_open_path(process, file, flags);
	}
	file->inode = vfs_inode_open_nameless(process->disk);
	return file->inode != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

/* Opens for reading, as unixOpen() does when the file may not be written. A journal cannot be made
 * then. */
static int vfs_process_open_read_only(struct vfs_process *process, struct vfs_file *file, int *flags) {
	bool is_journal = file->must_sync_directory;
	if (!vfs_disk_exists(process->disk, file->path)) {
		return is_journal ? SQLITE_READONLY_DIRECTORY : SQLITE_CANTOPEN;
	}
	*flags = (*flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
	file->is_read_only = true;
	file->must_sync_directory = false;
	return vfs_process_open_path(process, file, flags);
}

static bool vfs_process_is_new_journal(int flags) {
	return (flags & SQLITE_OPEN_CREATE) &&
	       (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL));
}

static int vfs_process_open_file(sqlite3_vfs *base, const char *path, sqlite3_file *handle, int flags, int *out_flags) {
	struct vfs_process *process = base->pAppData;
	struct vfs_file *file = (struct vfs_file *)handle;
	memset(file, 0, sizeof *file);
	file->kind = vfs_process_kind_of_open(path, flags);
	file->path = path;
	if (path == NULL) {
		vfs_control_temp_name(process->disk, file->temp_name);
		file->path = file->temp_name;
	}
	file->is_read_only = (flags & SQLITE_OPEN_READONLY) != 0;
	file->must_sync_directory = vfs_process_is_new_journal(flags);
	file->was_created = (flags & SQLITE_OPEN_CREATE) != 0;
	file->has_powersafe_overwrite =
	        (process->disk->options.device_characteristics & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
	struct vfs_under_way under_way = {.call.process = process,
	                                  .call.method = VFS_METHOD_OPEN,
	                                  .call.file_kind = file->kind,
	                                  .call.path = file->path,
	                                  .call.flags = (uint32_t)flags};
	int result = SQLITE_OK;
	if (vfs_call_begin(&under_way)) {
		if (under_way.answer.effect == VFS_EFFECT_READ_ONLY) {
			result = vfs_process_open_read_only(process, file, &flags);
		} else {
			result = vfs_process_open_inode(process, file, &flags);
		}
		if (result == SQLITE_OK) {
			vfs_handle_attach(file, process, file->inode);
		}
	}
	result = vfs_call_end(&under_way, result, 0);
	if (result != SQLITE_OK) {
		if (file->process != NULL) {
			vfs_handle_forget(file);
		}
		return result; /* pMethods is NULL, so SQLite will not close it */
	}
	if (file->process == NULL) { /* an open that reports success and opened nothing */
		return SQLITE_CANTOPEN;
	}
	file->base.pMethods =
	        process->lock_style == VFS_LOCKS_DOT_FILE ? &vfs_file_methods_without_index : &vfs_file_methods;
	if (out_flags != NULL) {
		*out_flags = flags;
	}
	return SQLITE_OK;
}

static int vfs_process_delete_path(struct vfs_disk *disk, const char *path, bool sync_directory) {
	struct vfs_place place;
	enum vfs_status status = vfs_name_locate(disk, path, &place);
	if (status == VFS_OK) {
		status = vfs_name_unlink(&place, true);
	}
	if (status == VFS_OK && sync_directory) {
		vfs_name_sync(place.directory);
	}
	return status == VFS_NOT_FOUND ? SQLITE_IOERR_DELETE_NOENT : vfs_handle_code(status, SQLITE_IOERR_DELETE);
}

static int vfs_process_delete_file(sqlite3_vfs *base, const char *path, int sync_directory) {
	struct vfs_process *process = base->pAppData;
	struct vfs_under_way under_way = {.call.process = process,
	                                  .call.method = VFS_METHOD_DELETE,
	                                  .call.file_kind = vfs_process_kind_of_path(path),
	                                  .call.path = path,
	                                  .call.flags = (uint32_t)sync_directory};
	int result = SQLITE_OK;
	if (vfs_call_begin(&under_way)) {
		/* If the sync of the directory fails, the name is gone, and not yet durably. */
		bool sync_fails = under_way.answer.effect == VFS_EFFECT_LIE ||
		                  (under_way.answer.effect == VFS_EFFECT_AFTER &&
		                   under_way.answer.result == SQLITE_IOERR_DIR_FSYNC);
		result = vfs_process_delete_path(process->disk, path, (sync_directory & 1) && !sync_fails);
	}
	return vfs_call_end(&under_way, result, 0);
}

/* An empty file counts as absent, because such a journal has nothing to roll back (as in
 * unixAccess()). */
static int vfs_process_access_file(sqlite3_vfs *base, const char *path, int test, int *answer) {
	struct vfs_process *process = base->pAppData;
	struct vfs_under_way under_way = {.call.process = process,
	                                  .call.method = VFS_METHOD_ACCESS,
	                                  .call.file_kind = vfs_process_kind_of_path(path),
	                                  .call.path = path,
	                                  .call.flags = (uint32_t)test};
	*answer = 0;
	if (vfs_call_begin(&under_way)) {
		const struct vfs_inode *inode = vfs_name_lookup(process->disk, path);
		*answer = inode != NULL &&
		          (test != SQLITE_ACCESS_EXISTS || inode->is_directory || vfs_disk_size(inode) > 0);
	}
	return vfs_call_end(&under_way, SQLITE_OK, (uint64_t)*answer);
}

/* A full path that is being made. */
struct vfs_full_path {
	char *text;
	size_t length;
	size_t size_bytes;
};

static void vfs_process_drop_name(struct vfs_full_path *full) {
	while (full->length > 0 && full->text[--full->length] != '/') {
	}
}

/* False when the name does not fit, or when the path now goes through a file. The unix VFS asks
 * lstat() at each name. */
static bool vfs_process_append_name(const struct vfs_disk *disk, struct vfs_full_path *full, const char *name,
                                    size_t length) {
	struct vfs_place place;
	if (full->length + length + 2 >= full->size_bytes) {
		return false;
	}
	full->text[full->length++] = '/';
	memcpy(full->text + full->length, name, length);
	full->length += length;
	full->text[full->length] = '\0';
	enum vfs_status status = vfs_name_locate(disk, full->text, &place);
	return status == VFS_OK || status == VFS_NOT_FOUND;
}

/* The working directory is the root. "." and ".." and repeated slashes are resolved by their text.
 * The root itself is no name of a file (unixFullPathname()). */
static int vfs_process_full_pathname(sqlite3_vfs *base, const char *path, int size_bytes, char *text) {
	const struct vfs_process *process = base->pAppData;
	struct vfs_full_path full = {.text = text, .size_bytes = (size_t)size_bytes};
	text[0] = '\0';
	for (size_t name = 0; *path != '\0'; path += name + (path[name] == '/')) {
		name = strcspn(path, "/");
		if (name == 0 || (name == 1 && path[0] == '.')) {
			continue;
		}
		if (name == 2 && path[0] == '.' && path[1] == '.') {
			vfs_process_drop_name(&full);
		} else if (!vfs_process_append_name(process->disk, &full, path, name)) {
			return SQLITE_CANTOPEN;
		}
	}
	text[full.length] = '\0';
	return full.length > 1 ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_process_randomness(sqlite3_vfs *base, int size_bytes, char *buffer) {
	struct vfs_process *process = base->pAppData;
	if (process->is_dead) {
		memset(buffer, 0, (size_t)size_bytes);
	} else {
		process->hooks.random(process->hooks.context, buffer, (size_t)size_bytes);
	}
	return size_bytes;
}

static int vfs_process_sleep_for(sqlite3_vfs *base, int microseconds) {
	struct vfs_process *process = base->pAppData;
	struct vfs_under_way under_way = {
	        .call.process = process, .call.method = VFS_METHOD_SLEEP, .call.size = (uint64_t)microseconds};
	if (vfs_call_begin(&under_way)) {
		process->hooks.sleep(process->hooks.context, (int64_t)microseconds * 1000);
	}
	(void)vfs_call_end(&under_way, SQLITE_OK, 0);
	return microseconds;
}

/* Milliseconds since noon in Greenwich on 24 November 4714 BC. */
static int vfs_process_current_time_int64(sqlite3_vfs *base, sqlite3_int64 *time_ms) {
	struct vfs_process *process = base->pAppData;
	*time_ms = INT64_C(210866760000000) + process->hooks.now_ns(process->hooks.context) / 1000000;
	return SQLITE_OK;
}

static int vfs_process_current_time(sqlite3_vfs *base, double *time_days) {
	sqlite3_int64 time_ms = 0;
	int result = vfs_process_current_time_int64(base, &time_ms);
	*time_days = (double)time_ms / 86400000.0;
	return result;
}

static int vfs_process_get_last_error(sqlite3_vfs *base, int size_bytes, char *buffer) {
	(void)base;
	if (size_bytes > 0) {
		buffer[0] = '\0';
	}
	return 0;
}

/* SQLite calls these without checking that they are there. The simulated disk has nothing to
 * load. */
static void *vfs_process_dl_open(sqlite3_vfs *base, const char *path) {
	(void)base;
	(void)path;
	return NULL;
}

static void vfs_process_dl_error(sqlite3_vfs *base, int size_bytes, char *message) {
	(void)vfs_process_get_last_error(base, size_bytes, message);
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool vfs_process_is_name_free(const char *name) {
	const sqlite3_vfs *other = sqlite3_vfs_find(name);
	return other == NULL || (other->xOpen == vfs_process_open_file && vfs_process_is_dead(other->pAppData));
}

struct vfs_process *vfs_process_create(struct vfs_disk *disk, const char *name, const struct vfs_hooks *hooks) {
	size_t length = strlen(name);
	assert(vfs_process_is_name_free(name));
	struct vfs_process *process = calloc(1, sizeof *process + length + 1);
	if (process == NULL) {
		return NULL;
	}
	memcpy(process->name, name, length + 1);
	process->disk = disk;
	process->hooks = vfs_quiet_fill(hooks);
	process->base = (sqlite3_vfs){.iVersion = 2,
	                              .szOsFile = sizeof(struct vfs_file),
	                              .mxPathname = VFS_PATH_MAX,
	                              .zName = process->name,
	                              .pAppData = process,
	                              .xOpen = vfs_process_open_file,
	                              .xDelete = vfs_process_delete_file,
	                              .xAccess = vfs_process_access_file,
	                              .xFullPathname = vfs_process_full_pathname,
	                              .xDlOpen = vfs_process_dl_open,
	                              .xDlError = vfs_process_dl_error,
	                              .xRandomness = vfs_process_randomness,
	                              .xSleep = vfs_process_sleep_for,
	                              .xCurrentTime = vfs_process_current_time,
	                              .xGetLastError = vfs_process_get_last_error,
	                              .xCurrentTimeInt64 = vfs_process_current_time_int64};
	if (sqlite3_vfs_register(&process->base, 0) != SQLITE_OK) {
		free(process);
		return NULL;
	}
	disk->living++;
	return process;
}

void vfs_process_destroy(struct vfs_process *process) {
	if (process == NULL) {
		return;
	}
	assert(process->files == NULL && "a connection of the process is still open");
	vfs_process_kill(process);
	(void)sqlite3_vfs_unregister(&process->base);
	free(process);
}

void vfs_process_abandon(struct vfs_process *process) {
	vfs_process_kill(process);
	(void)sqlite3_vfs_unregister(&process->base);
}

void vfs_process_kill(struct vfs_process *process) {
	if (process->is_dead) {
		return;
	}
	assert(process->disk->living > 0);
	process->is_dead = true;
	process->disk->living--;
	for (struct vfs_file *file = process->files; file != NULL; file = file->next) {
		if (file->inode == NULL) {
			continue;
		}
		vfs_shm_save(file);
		(void)vfs_lock_release(file, SQLITE_LOCK_NONE);
		vfs_disk_close(file->inode->disk, file->inode);
		file->inode = NULL;
	}
}

bool vfs_process_is_dead(const struct vfs_process *process) {
	return process->is_dead;
}

const char *vfs_process_name(const struct vfs_process *process) {
	return process->name;
}

size_t vfs_process_open_files(const struct vfs_process *process) {
	return process->file_count;
}
