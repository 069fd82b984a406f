/* record/watch.c: see watch.h. */
#include "watch.h"

#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define RECORD_DESCRIPTORS_MAX 16384
#define RECORD_INHERITED_MAX 10
/* In what pieces the content of a file that was there is stored: a page is found again. */
#define RECORD_PIECE_BYTES 4096u
#define RECORD_MAGIC "SQLite format 3"
/* "-mj" and nine hexadecimal digits (pager.c, main.c of SQLite 3.40). */
#define RECORD_SUPER_LENGTH 12u
/* What SQLite calls its temporary files (os_unix.c). */
#define RECORD_TEMPORARY "etilqs_"

static struct record_watched record_descriptors[RECORD_DESCRIPTORS_MAX];

struct record_watched *record_watch(int descriptor) {
	bool is_one = descriptor >= 0 && descriptor < RECORD_DESCRIPTORS_MAX &&
	              record_descriptors[descriptor].kind != RECORD_FILE_NONE;
	return is_one ? &record_descriptors[descriptor] : NULL;
}

void record_watch_forget(int descriptor) {
	struct record_watched *watched = record_watch(descriptor);
	if (watched != NULL && record_is_own_memory()) {
		*watched = (struct record_watched){0};
	}
}

void record_watch_copy(int from, int to) {
	const struct record_watched *watched = record_watch(from);
	record_watch_forget(to);
	if (watched != NULL && to >= 0 && to < RECORD_DESCRIPTORS_MAX && record_is_own_memory()) {
		record_descriptors[to] = *watched;
	}
}

/* ---- paths ----------------------------------------------------------------------------------- */

bool record_real_path(int descriptor, char path[RECORD_PATH_MAX + 1]) {
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
	ssize_t length = readlink(link, path, RECORD_PATH_MAX + 1);
	if (length <= 0 || length > (ssize_t)RECORD_PATH_MAX || path[0] != '/') {
		return false;
	}
	path[length] = '\0';
	return true;
}

bool record_real_name(int directory, const char *name, char path[RECORD_PATH_MAX + 1]) {
	char folder[RECORD_PATH_MAX + 1];
	const char *slash = strrchr(name, '/');
	const char *base = slash != NULL ? slash + 1 : name;
	size_t length = slash == NULL ? 0 : (size_t)(slash - name);
	if (length > RECORD_PATH_MAX) {
		return false;
	}
	snprintf(folder, sizeof folder, "%.*s", (int)length, name);
	const char *opened = slash == NULL ? "." : length == 0 ? "/" : folder;
	int descriptor = record_kernel_open(directory, opened, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	bool good = descriptor >= 0 && record_real_path(descriptor, path);
	if (descriptor >= 0) {
		record_kernel_close(descriptor);
	}
	size_t used = good ? strlen(path) : 0;
	size_t more = strlen(base);
	if (!good || used + 1 + more > RECORD_PATH_MAX) {
		return false;
	}
	if (path[used - 1] != '/') {
		path[used++] = '/';
	}
	memcpy(path + used, base, more + 1);
	return true;
}

static bool record_ends(const char *path, size_t length, const char *suffix) {
	size_t more = strlen(suffix);
	return length > more && strcmp(path + length - more, suffix) == 0;
}

/* What a file with that name is; how long the name of its database is. */
static enum record_file_kind record_kind_of(const char *path, size_t *base) {
	size_t length = strlen(path);
	const char *name = strrchr(path, '/');
	const struct {
		const char *suffix;
		enum record_file_kind kind;
	} suffixes[] = {{"-journal", RECORD_FILE_JOURNAL}, {"-wal", RECORD_FILE_WAL}, {"-shm", RECORD_FILE_SHM}};
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		if (record_ends(path, length, suffixes[i].suffix)) {
			*base = length - strlen(suffixes[i].suffix);
			return suffixes[i].kind;
		}
	}
	*base = length;
	if (length > RECORD_SUPER_LENGTH && strncmp(path + length - RECORD_SUPER_LENGTH, "-mj", 3) == 0 &&
	    strspn(path + length - RECORD_SUPER_LENGTH + 3, "0123456789ABCDEF") == RECORD_SUPER_LENGTH - 3) {
		*base = length - RECORD_SUPER_LENGTH;
		return RECORD_FILE_SUPER;
	}
	bool is_temporary = name != NULL && strncmp(name + 1, RECORD_TEMPORARY, strlen(RECORD_TEMPORARY)) == 0;
	return is_temporary ? RECORD_FILE_NONE : RECORD_FILE_UNDECIDED;
}

static bool record_is_named(const char *path) {
	const char *list = getenv(RECORD_ENVIRONMENT_DATABASES);
	size_t length = strlen(path);
	while (list != NULL && *list != '\0') {
		size_t one = strcspn(list, "\n");
		if (one == length && strncmp(list, path, one) == 0) {
			return true;
		}
		list += one + (list[one] == '\n' ? 1 : 0);
	}
	return false;
}

/* ---- files with numbers ---------------------------------------------------------------------- */

static struct record_file *record_find(const struct stat *status) {
	struct record_control *control = record_control();
	for (uint32_t i = 0; i < control->file_count; i++) {
		struct record_file *file = &control->files[i];
		if (file->inode == (uint64_t)status->st_ino && file->device == (uint64_t)status->st_dev) {
			return file;
		}
	}
	return NULL;
}

static uint64_t record_hash(const char *path, size_t length) {
	return XXH3_64bits(path, length);
}

/* By its real path. */
static struct record_file *record_find_path(const char *path, size_t length) {
	struct record_control *control = record_control();
	uint64_t hash = record_hash(path, length);
	for (uint32_t i = 0; i < control->file_count; i++) {
		if (control->files[i].path_hash == hash) {
			return &control->files[i];
		}
	}
	return NULL;
}

void record_watch_renamed(uint32_t number, const char *path) {
	struct record_control *control = record_control();
	for (uint32_t i = 0; i < control->file_count; i++) {
		if (control->files[i].number == number) {
			control->files[i].path_hash = record_hash(path, strlen(path));
		}
	}
}

void record_watch_unlinked(struct record_file *file) {
	struct record_control *control = record_control();
	*file = control->files[--control->file_count];
}

/* What is in the file already. */
static void record_store_content(int descriptor, uint32_t number, enum record_kind kind) {
	static unsigned char piece[RECORD_PIECE_BYTES];
	uint64_t offset = 0;
	ssize_t got = record_kernel_pread(descriptor, piece, sizeof piece, 0);
	while (got > 0) {
		struct record_head *head = record_add_once(kind, number, piece, (uint32_t)got);
		if (head == NULL) {
			return;
		}
		head->offset = offset;
		record_keep(head);
		offset += (uint64_t)got;
		got = record_kernel_pread(descriptor, piece, sizeof piece, offset);
	}
}

static void record_say_text(enum record_unseen what, const char *text) {
	record_say(RECORD_UNSEEN, 0, what, text, (uint32_t)strlen(text));
}

static struct record_file *record_register(int descriptor, const struct stat *status, const char *path,
                                           enum record_file_kind kind, bool was_created) {
	struct record_control *control = record_control();
	if (control->file_count == RECORD_FILES_MAX) {
		record_say_text(RECORD_UNSEEN_TOO_MANY, path);
		return NULL;
	}
	struct record_file *file = &control->files[control->file_count++];
	*file = (struct record_file){.device = (uint64_t)status->st_dev,
	                             .inode = (uint64_t)status->st_ino,
	                             .path_hash = record_hash(path, strlen(path)),
	                             .number = ++control->files_made,
	                             .kind = kind};
	struct record_head *head = record_add(RECORD_FILE, file->number, path, (uint32_t)strlen(path));
	if (head != NULL) {
		head->flags |= was_created ? RECORD_FLAG_CREATED : 0;
		head->offset = kind;
		record_keep(head);
	}
	if (kind != RECORD_FILE_SHM && status->st_size > 0) {
		record_store_content(descriptor, file->number, was_created ? RECORD_WRITE : RECORD_CONTENT);
	}
	return file;
}

/* Of a database that was there: a journal or a WAL that it was left with. Nobody has locks on
 * these, so they can be opened and closed. */
static void record_register_siblings(const char *path) {
	static const char *const suffixes[] = {"-journal", "-wal"};
	static const enum record_file_kind kinds[] = {RECORD_FILE_JOURNAL, RECORD_FILE_WAL};
	char name[RECORD_PATH_MAX + 16];
	for (size_t i = 0; i < 2; i++) {
		struct stat status;
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		int descriptor = record_kernel_open(AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
		if (descriptor >= 0 && fstat(descriptor, &status) == 0 && record_find(&status) == NULL &&
		    strlen(name) <= RECORD_PATH_MAX) {
			record_register(descriptor, &status, name, kinds[i], false);
		}
		if (descriptor >= 0) {
			record_kernel_close(descriptor);
		}
	}
}

static bool record_has_magic(int descriptor) {
	char bytes[sizeof RECORD_MAGIC];
	return record_kernel_pread(descriptor, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes &&
	       memcmp(bytes, RECORD_MAGIC, sizeof bytes) == 0;
}

static struct record_file *record_register_database(int descriptor, const struct stat *status, const char *path,
                                                    bool was_created) {
	struct record_file *file = record_register(descriptor, status, path, RECORD_FILE_DATABASE, was_created);
	if (file != NULL && !was_created) {
		record_register_siblings(path);
	}
	return file;
}

/* An undecided file is a database. */
static struct record_file *record_promote(int descriptor, struct record_watched *watched) {
	char path[RECORD_PATH_MAX + 1];
	struct stat status;
	if (fstat(descriptor, &status) != 0 || !record_real_path(descriptor, path)) {
		return NULL;
	}
	struct record_file *file = record_find(&status);
	if (file == NULL) {
		file = record_register_database(descriptor, &status, path, watched->was_created);
	}
	for (int i = 0; file != NULL && i < RECORD_DESCRIPTORS_MAX; i++) {
		struct record_watched *other = &record_descriptors[i];
		if (other->kind == RECORD_FILE_UNDECIDED && other->inode == watched->inode &&
		    other->device == watched->device && other != watched) {
			other->number = file->number;
			other->kind = RECORD_FILE_DATABASE;
		}
	}
	if (file != NULL) {
		watched->number = file->number;
		watched->kind = RECORD_FILE_DATABASE;
	}
	return file;
}

/* Whether the file of that name is a database; it has a number then. One that is open here is never
 * opened once more: closing it would take the locks away that this process has on it. */
static bool record_is_database(const char *path) {
	struct stat status;
	if (fstatat(AT_FDCWD, path, &status, 0) != 0 || !S_ISREG(status.st_mode)) {
		return false;
	}
	const struct record_file *file = record_find(&status);
	if (file != NULL) {
		return file->kind == RECORD_FILE_DATABASE;
	}
	for (int i = 0; i < RECORD_DESCRIPTORS_MAX; i++) {
		struct record_watched *watched = &record_descriptors[i];
		if (watched->kind == RECORD_FILE_UNDECIDED && watched->inode == (uint64_t)status.st_ino &&
		    watched->device == (uint64_t)status.st_dev) {
			return record_promote(i, watched) != NULL;
		}
	}
	int descriptor = record_kernel_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	bool is_one = descriptor >= 0 && record_has_magic(descriptor);
	if (is_one) {
		is_one = record_register_database(descriptor, &status, path, false) != NULL;
	}
	if (descriptor >= 0) {
		record_kernel_close(descriptor);
	}
	return is_one;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Its content goes: it is stored before. */
static void record_before_truncation(int directory, const char *path, const struct stat *status) {
	char real[RECORD_PATH_MAX + 1];
	if (status->st_size == 0 || record_find(status) != NULL) {
		return;
	}
	int descriptor = record_kernel_open(directory, path, O_RDONLY | O_CLOEXEC, 0);
	if (descriptor >= 0 && record_has_magic(descriptor) && record_real_path(descriptor, real)) {
		record_register_database(descriptor, status, real, false);
	}
	if (descriptor >= 0) {
		record_kernel_close(descriptor);
	}
}

bool record_watch_may_open(int directory, struct record_opening *opening) {
	struct stat status;
	size_t base = 0;
	const char *path = opening->path;
	if (path == NULL) {
		return false;
	}
	if (path[0] == '/' && strlen(path) <= RECORD_PATH_MAX) {
		enum record_file_kind kind = record_kind_of(path, &base);
		const struct record_file *file = kind > RECORD_FILE_UNDECIDED ? record_find_path(path, base) : NULL;
		if (file != NULL && file->kind == RECORD_FILE_DATABASE && (opening->flags & O_TRUNC) == 0) {
			opening->kind = kind;
			return true;
		}
	}
	opening->existed = fstatat(directory, path, &status, 0) == 0;
	if (!opening->existed) {
		return (opening->flags & O_CREAT) != 0;
	}
	if (S_ISREG(status.st_mode) && (opening->flags & O_TRUNC) != 0) {
		record_before_truncation(directory, path, &status);
	}
	return S_ISREG(status.st_mode);
}

/* A file that nobody has opened before. */
static void record_opened_first(int descriptor, const struct stat *status, struct record_watched *watched) {
	char path[RECORD_PATH_MAX + 1];
	char base_path[RECORD_PATH_MAX + 1];
	size_t base = 0;
	const struct record_control *control = record_control();
	bool is_known = record_real_path(descriptor, path);
	if (!is_known || (control->has_output && strcmp(path, control->output_path) == 0)) {
		watched->kind = RECORD_FILE_NONE;
		return;
	}
	enum record_file_kind kind = record_kind_of(path, &base);
	snprintf(base_path, sizeof base_path, "%.*s", (int)base, path);
	if (kind > RECORD_FILE_UNDECIDED && !record_is_database(base_path)) {
		kind = kind == RECORD_FILE_SHM ? RECORD_FILE_NONE : RECORD_FILE_UNDECIDED;
	}
	bool is_database = kind == RECORD_FILE_UNDECIDED && (record_is_named(path) || record_has_magic(descriptor));
	watched->kind = (uint8_t)kind;
	if (is_database) {
		record_promote(descriptor, watched);
	} else if (kind > RECORD_FILE_UNDECIDED) {
		/* Its database may just have been registered, and the file with it. */
		const struct record_file *file = record_find(status);
		if (file == NULL) {
			file = record_register(descriptor, status, path, kind, watched->was_created);
		}
		watched->number = file != NULL ? file->number : 0;
		watched->kind = (uint8_t)(file != NULL ? kind : RECORD_FILE_NONE);
	}
}

void record_watch_opened(int descriptor, const struct record_opening *opening) {
	struct stat status;
	if (descriptor >= RECORD_DESCRIPTORS_MAX) {
		record_say_text(RECORD_UNSEEN_TOO_MANY, "a descriptor above 16383");
		return;
	}
	struct record_watched *watched = &record_descriptors[descriptor];
	*watched = (struct record_watched){0};
	if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
		return;
	}
	*watched = (struct record_watched){.device = (uint64_t)status.st_dev,
	                                   .inode = (uint64_t)status.st_ino,
	                                   .kind = RECORD_FILE_UNDECIDED,
	                                   .was_created = !opening->existed};
	const struct record_file *file = record_find(&status);
	if (file == NULL && opening->kind != RECORD_FILE_NONE) {
		file = record_register(descriptor, &status, opening->path, opening->kind, status.st_size == 0);
	} else if (file == NULL) {
		record_opened_first(descriptor, &status, watched);
		return;
	}
	watched->number = file != NULL ? file->number : 0;
	watched->kind = (uint8_t)(file != NULL ? file->kind : RECORD_FILE_NONE);
	if (file != NULL && opening->existed && (opening->flags & O_TRUNC) != 0) {
		record_say(RECORD_TRUNCATE, file->number, 0, NULL, 0);
	}
}

void record_watch_inherited(void) {
	for (int descriptor = 0; descriptor < RECORD_INHERITED_MAX; descriptor++) {
		int flags = record_kernel_fcntl(descriptor, F_GETFL, NULL);
		if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0) {
			const struct record_opening opening = {.existed = true};
			record_watch_opened(descriptor, &opening);
		}
	}
}

/* ---- what happens to them -------------------------------------------------------------------- */

bool record_watch_verify(int descriptor, struct record_watched *watched, struct stat *status) {
	bool same = fstat(descriptor, status) == 0 && (uint64_t)status->st_ino == watched->inode &&
	            (uint64_t)status->st_dev == watched->device;
	if (!same) {
		record_watch_forget(descriptor);
	}
	return same;
}

void record_watch_decide(int descriptor, struct record_watched *watched, const void *bytes, size_t size,
                         uint64_t offset) {
	char path[RECORD_PATH_MAX + 1];
	bool is_database =
	        offset == 0 && size >= sizeof RECORD_MAGIC && memcmp(bytes, RECORD_MAGIC, sizeof RECORD_MAGIC) == 0;
	if (is_database) {
		record_promote(descriptor, watched);
	} else if (!watched->was_said && record_real_path(descriptor, path)) {
		watched->was_said = true;
		record_say_text(RECORD_UNSEEN_FILE, path);
	}
}

struct record_file *record_watch_named(int directory, const char *path) {
	struct stat status;
	struct record_file *file = path != NULL && path[0] == '/' ? record_find_path(path, strlen(path)) : NULL;
	if (file != NULL) {
		return file;
	}
	bool is_file =
	        path != NULL && fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
	return is_file ? record_find(&status) : NULL;
}

struct record_file *record_watch_adopt(int directory, const char *path) {
	char real[RECORD_PATH_MAX + 1];
	struct stat status;
	struct record_file *file = NULL;
	int descriptor = record_kernel_open(directory, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (descriptor >= 0 && fstat(descriptor, &status) == 0 && record_real_path(descriptor, real)) {
		file = record_register_database(descriptor, &status, real, false);
	}
	if (descriptor >= 0) {
		record_kernel_close(descriptor);
	}
	return file;
}
