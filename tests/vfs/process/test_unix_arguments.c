/* tests/vfs/process/test_unix_arguments.c: every method with arguments of all kinds, beside the
 * unix VFS of the library that runs.
 *
 * A round has the same small tree on a simulated disk and in a temporary directory. It makes the
 * same random calls on both sides. Paths are empty, relative, dotted, too long, not UTF-8, or go
 * through a file or a missing directory. Flags are of all kinds, sizes go from nothing to more than
 * a simulated disk stores. Codes, flags, numbers and bytes must be equal, and so must the trees at
 * the end. Calls keep to what unixOpen() and its siblings assert of their callers (os_unix.c).
 *
 * What differs on purpose is a row of `declared`. A row says what the simulated side answers in
 * place of the unix VFS, and exactly that is demanded.
 *
 *     test_unix_arguments [ROUNDS [SEED]]
 */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 400u
#define MOVES 150u
#define HANDLES 4u
#define PATH_SIZE 640u
#define BUFFER_SIZE 8192u
/* What the simulated disk stores of a file (vfs/disk, VFS_FILE_BYTES_MAX). */
#define FILE_BYTES_MAX (INT64_C(1) << 30)

/* SQLite's VFSs look for URI parameters around a path, so zeros stand around it. */
struct path {
	char before[8];
	char text[PATH_SIZE];
};

enum method {
	OPEN,
	DELETE,
	ACCESS,
	FULL_PATHNAME,
	CLOSE,
	READ,
	WRITE,
	TRUNCATE,
	SYNC,
	FILE_SIZE,
	LOCK,
	UNLOCK,
	CHECK_RESERVED,
	CONTROL,
	SECTOR_SIZE,
	CHARACTERISTICS,
	FETCH,
	METHOD_COUNT
};

static const char *const method_names[METHOD_COUNT] = {"xOpen",
                                                       "xDelete",
                                                       "xAccess",
                                                       "xFullPathname",
                                                       "xClose",
                                                       "xRead",
                                                       "xWrite",
                                                       "xTruncate",
                                                       "xSync",
                                                       "xFileSize",
                                                       "xLock",
                                                       "xUnlock",
                                                       "xCheckReservedLock",
                                                       "xFileControl",
                                                       "xSectorSize",
                                                       "xDeviceCharacteristics",
                                                       "xFetch"};

/* One call, the same for both sides. */
struct move {
	enum method method;
	uint32_t handle;
	struct path path;
	bool is_nameless;  /* open: no path, a temporary file */
	bool is_directory; /* the path names one */
	bool is_reached;   /* all but the last name of the path are directories */
	int flags;         /* open, delete, access, sync; the level of a lock; the operation of a
	                    * control */
	int64_t offset;    /* read, write, fetch */
	int64_t number;    /* size of a read, write or file; argument of a control; room for a full
	                    * pathname */
};

/* What a side said. */
struct answer {
	int code;
	int64_t number; /* flags that came back, size, flag, argument that came back */
	char text[PATH_SIZE];
	uint8_t bytes[BUFFER_SIZE];
};

struct handle {
	sqlite3_file *files[2]; /* NULL: not open */
	struct path path;       /* SQLite's VFSs keep the pointer */
	int flags;              /* as they came back */
	int chunk_bytes;
	bool may_map;
};

struct both {
	struct fixture fixture;
	struct vfs_process *process;
	sqlite3_vfs *vfs[2]; /* simulated, unix */
	char root[64];
	uint64_t seed;
	struct handle handles[HANDLES];
};

static uint64_t compared[METHOD_COUNT];
static uint32_t rounds = ROUNDS;
static uint64_t first_seed = 1;

/* ---- what differs on purpose ----------------------------------------------------------------- */

/* Whether a row applies to a call that the unix VFS has answered. It turns the answer into that of
 * the simulated side. */
typedef bool (*difference)(const struct move *move, struct answer *answer);

static bool path_is_long(const struct move *move, struct answer *answer) {
	bool by_name = (move->method == OPEN && answer->code == SQLITE_OK) || move->method == DELETE;
	if (!by_name || move->is_nameless || !move->is_reached || strlen(move->path.text) <= VFS_PATH_MAX) {
		return false;
	}
	answer->code = move->method == DELETE ? SQLITE_IOERR_DELETE : SQLITE_CANTOPEN;
	answer->number = 0;
	return true;
}

static bool directory_is_opened(const struct move *move, struct answer *answer) {
	if (move->method != OPEN || move->is_nameless || !move->is_directory || answer->code != SQLITE_OK) {
		return false;
	}
	answer->code = SQLITE_CANTOPEN;
	answer->number = 0;
	return true;
}

static bool file_is_large(const struct move *move, struct answer *answer) {
	bool writes = move->method == WRITE && move->offset >= FILE_BYTES_MAX;
	bool cuts = move->method == TRUNCATE && move->number > FILE_BYTES_MAX;
	if ((!writes && !cuts) || answer->code != SQLITE_OK) {
		return false;
	}
	answer->code = writes ? SQLITE_FULL : SQLITE_IOERR_TRUNCATE;
	return true;
}

static bool vfs_is_named(const struct move *move, struct answer *answer) {
	if (move->method != CONTROL || move->flags != SQLITE_FCNTL_VFSNAME) {
		return false;
	}
	(void)snprintf(answer->text, sizeof answer->text, "simulated");
	return true;
}

static bool errno_is_asked(const struct move *move, struct answer *answer) {
	if (move->method != CONTROL || move->flags != SQLITE_FCNTL_LAST_ERRNO) {
		return false;
	}
	answer->number = 0;
	return true;
}

static struct {
	const char *what;
	const char *why;
	difference applies;
	uint64_t count;
} declared[] = {
        {"a path of more than 255 bytes", "VFS_PATH_MAX; the unix VFS takes 512", path_is_long, 0},
        {"a directory opened for reading", "the unix VFS opens it, and its first xRead fails", directory_is_opened, 0},
        {"a file beyond 1 GiB", "a file is an array of blocks in memory", file_is_large, 0},
        {"the name of the VFS", "each process has its own", vfs_is_named, 0},
        {"the last errno", "there is no operating system to have one", errno_is_asked, 0},
};
#define DECLARED_COUNT (sizeof declared / sizeof declared[0])

/* ---- the two trees --------------------------------------------------------------------------- */

static const char *const names[] = {
        "a",   "b",     "c",         "a-journal",     "a-wal",     "b-journal", "a-mj012345678",
        "d/a", "d/e/c", "x-journal", "\xff\xfe\x80!", "d/\xc3\x28"};
#define NAME_COUNT (sizeof names / sizeof names[0])
static const char *const directories[] = {"", "/d", "/d/e"};
#define DIRECTORY_COUNT (sizeof directories / sizeof directories[0])

static sqlite3_file *open_on(sqlite3_vfs *vfs, const char *path, int flags, struct answer *answer) {
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	int out_flags = 0;
	assert_non_null(file);
	answer->code = vfs->xOpen(vfs, path, file, flags, &out_flags);
	/* From 3.54 on the unix VFS gives none back for a file without a name, and nobody asks. */
	answer->number = answer->code == SQLITE_OK && path != NULL ? out_flags : 0;
	if (answer->code != SQLITE_OK) {
		assert_null(file->pMethods);
		free(file);
		return NULL;
	}
	return file;
}

static void close_on(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void set_path(const struct both *both, struct path *path, const char *name) {
	*path = (struct path){0};
	(void)snprintf(path->text, sizeof path->text, "%s/%s", both->root, name);
}

static void init_both(struct both *both, uint64_t seed) {
	const struct vfs_disk_options options = {.sector_size_bytes = 4096,
	                                         .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE};
	*both = (struct both){.seed = seed};
	fixture_init(&both->fixture, &options, seed);
	(void)snprintf(both->root, sizeof both->root, "/tmp/aftershock-arguments-XXXXXX");
	assert_non_null(mkdtemp(both->root));
	assert_int_equal(vfs_disk_make_directory(both->fixture.disk, "/tmp"), VFS_OK);
	for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
		char path[PATH_SIZE];
		(void)snprintf(path, sizeof path, "%s%s", both->root, directories[i]);
		assert_int_equal(vfs_disk_make_directory(both->fixture.disk, path), VFS_OK);
		assert_true(i == 0 || mkdir(path, 0700) == 0);
	}
	both->process = vfs_process_create(both->fixture.disk, "simulated", &both->fixture.hooks);
	assert_non_null(both->process);
	both->vfs[0] = sqlite3_vfs_find("simulated");
	both->vfs[1] = sqlite3_vfs_find("unix");
	assert_non_null(both->vfs[1]);
}

static void empty_directory(const char *path) {
	DIR *directory = opendir(path);
	const struct dirent *entry = NULL;
	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		(void)unlinkat(dirfd(directory), entry->d_name, 0); /* directories stay */
	}
	(void)closedir(directory);
}

static void deinit_both(struct both *both) {
	char path[PATH_SIZE];
	for (size_t i = DIRECTORY_COUNT; i > 0; i--) {
		(void)snprintf(path, sizeof path, "%s%s", both->root, directories[i - 1]);
		empty_directory(path);
		assert_int_equal(rmdir(path), 0);
	}
	vfs_process_destroy(both->process);
	fixture_deinit(&both->fixture);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static uint64_t below(struct both *both, uint64_t count) {
	return fixture_random_below(&both->fixture.random, count);
}

#define PICK(both, list) ((list)[below((both), sizeof(list) / sizeof(list)[0])])

/* Names that no tree has, because they are too long: as a component, or with their directories. */
static void draw_long_path(struct both *both, struct path *path) {
	size_t wanted = 200 + (size_t)below(both, 250);
	size_t used = strlen(path->text);
	bool is_one = below(both, 2) == 0;
	for (size_t i = 0; used < wanted; i++) {
		path->text[used++] = !is_one && i % 40 == 39 ? '/' : 'n';
	}
	path->text[used] = '\0';
}

/* Paths that are not those of a name. */
static void draw_odd_path(struct both *both, struct path *path) {
	static const char *const bare[] = {"", ".", "..", "/", "//", "./", "/..", "tmp/..", "/tmp/../.."};
	static const char *const below_root[] = {"",        "/",        "/d",        "/d/",          "/d/.",
	                                         "/d/e/..", "/missing", "/missing/", "/missing/.",   "/missing/../a",
	                                         "/a/../b", "/a/..",    "/a/.",      "/d/e/../../b", "/d/../d/a",
	                                         "/./d//a"};
	const char *tail = PICK(both, below_root);
	*path = (struct path){0};
	if (below(both, 3) == 0) {
		(void)snprintf(path->text, sizeof path->text, "%s", PICK(both, bare));
	} else {
		(void)snprintf(path->text, sizeof path->text, "%s%s", both->root, tail);
	}
}

static void draw_path(struct both *both, struct path *path) {
	static const char *const forms[] = {"%s/%s",   "%s/%s",      "%s/%s",  "%s/%s",         "%s/%s",   "%s//%s",
	                                    "%s/./%s", "%s/d/../%s", "%s/%s/", "%s/missing/%s", "%s/a/%s", "%s/d/%s"};
	const char *name = PICK(both, names);
	uint64_t form = below(both, 16);
	*path = (struct path){0};
	if (form < 12) {
		/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
		(void)snprintf(path->text, sizeof path->text, forms[form], both->root, name);
	} else if (form == 12) {
		(void)snprintf(path->text, sizeof path->text, "%s/", both->root);
		draw_long_path(both, path);
	} else if (form == 13) {
		(void)snprintf(path->text, sizeof path->text, "%s/%s", both->root + 1,
		               name); /* the test stands at "/" */
	} else {
		draw_odd_path(both, path);
	}
}

static int draw_open_flags(struct both *both) {
	static const int types[] = {0,
	                            SQLITE_OPEN_MAIN_DB,
	                            SQLITE_OPEN_MAIN_DB,
	                            SQLITE_OPEN_MAIN_JOURNAL,
	                            SQLITE_OPEN_WAL,
	                            SQLITE_OPEN_SUPER_JOURNAL,
	                            SQLITE_OPEN_TEMP_DB,
	                            SQLITE_OPEN_TEMP_JOURNAL,
	                            SQLITE_OPEN_SUBJOURNAL,
	                            SQLITE_OPEN_TRANSIENT_DB};
	const int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL;
	int flags = PICK(both, types);
	if (below(both, 4) == 0) {
		return flags | SQLITE_OPEN_READONLY;
	}
	flags |= SQLITE_OPEN_READWRITE;
	if (below(both, 4) > 0) {
		flags |= SQLITE_OPEN_CREATE;
		flags |= below(both, 4) == 0 ? SQLITE_OPEN_EXCLUSIVE : 0;
		flags |= below(both, 6) == 0 && (flags & kept) == 0 ? SQLITE_OPEN_DELETEONCLOSE : 0;
	}
	return flags;
}

static void draw_open(struct both *both, struct move *move) {
	move->flags = draw_open_flags(both);
	move->is_nameless = below(both, 20) == 0;
	if (move->is_nameless) {
		move->flags = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
		              SQLITE_OPEN_DELETEONCLOSE;
	}
}

static bool is_directory(const char *path) {
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_reached(struct path path) {
	char *slash = strrchr(path.text, '/');
	if (slash != NULL && slash != path.text) {
		*slash = '\0';
	}
	return is_directory(path.text);
}

static void draw_call_by_path(struct both *both, struct move *move) {
	static const int64_t rooms[] = {1, 8, 40, 60, 100, 256};
	draw_path(both, &move->path);
	move->is_directory = is_directory(move->path.text);
	move->is_reached = is_reached(move->path);
	switch ((unsigned)move->method) {
	case OPEN:
		draw_open(both, move);
		break;
	case DELETE:
		move->flags = (int)below(both, 3);
		break;
	case ACCESS:
		move->flags = below(both, 2) == 0 ? SQLITE_ACCESS_EXISTS : SQLITE_ACCESS_READWRITE;
		break;
	default:
		move->number = PICK(both, rooms);
		break;
	}
}

static int level_of(const struct handle *handle) {
	int level = -1;
	sqlite3_file *file = handle->files[1];
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	return level;
}

/* A lock that SQLite may ask for at the level that the handle has; 0: none. A file that was opened
 * for reading gets no lock to write. */
static int draw_lock(struct both *both, const struct handle *handle) {
	bool is_database = (handle->flags & SQLITE_OPEN_MAIN_DB) != 0;
	int level = level_of(handle);
	if (!is_database) {
		return (int)(1 + below(both, 4));
	}
	if (level == SQLITE_LOCK_NONE) {
		return SQLITE_LOCK_SHARED;
	}
	if ((handle->flags & SQLITE_OPEN_READONLY) != 0) {
		return SQLITE_LOCK_NONE;
	}
	return level == SQLITE_LOCK_SHARED && below(both, 2) == 0 ? SQLITE_LOCK_RESERVED : SQLITE_LOCK_EXCLUSIVE;
}

static void draw_control(struct both *both, struct move *move) {
	static const int operations[] = {
	        SQLITE_FCNTL_LOCKSTATE,       SQLITE_FCNTL_LAST_ERRNO,      SQLITE_FCNTL_CHUNK_SIZE,
	        SQLITE_FCNTL_SIZE_HINT,       SQLITE_FCNTL_PERSIST_WAL,     SQLITE_FCNTL_POWERSAFE_OVERWRITE,
	        SQLITE_FCNTL_VFSNAME,         SQLITE_FCNTL_TEMPFILENAME,    SQLITE_FCNTL_HAS_MOVED,
	        SQLITE_FCNTL_MMAP_SIZE,       SQLITE_FCNTL_EXTERNAL_READER, SQLITE_FCNTL_SYNC,
	        SQLITE_FCNTL_COMMIT_PHASETWO, SQLITE_FCNTL_OVERWRITE,       9999};
	static const int64_t sizes[] = {-1, 0, 1, 512, 5000, 20000};
	static const int64_t limits[] = {-1, 0, 65536, INT64_C(1) << 40};
	move->flags = PICK(both, operations);
	if (move->flags == SQLITE_FCNTL_CHUNK_SIZE || move->flags == SQLITE_FCNTL_SIZE_HINT) {
		move->number = PICK(both, sizes);
	} else if (move->flags == SQLITE_FCNTL_MMAP_SIZE) {
		move->number = PICK(both, limits);
	} else {
		move->number = (int64_t)below(both, 3) - 1;
	}
	if (move->flags == SQLITE_FCNTL_SIZE_HINT && move->number < 0) {
		move->number = 0;
	}
	/* With a limit the unix VFS maps the file at once, and nothing is mapped here
	 * (vfs/process/README.md). */
	if (move->flags == SQLITE_FCNTL_SIZE_HINT && both->handles[move->handle].may_map) {
		move->flags = SQLITE_FCNTL_LOCKSTATE;
	}
}

static void draw_extent(struct both *both, struct move *move) {
	static const int64_t sizes[] = {0, 1, 7, 512, 4096, 8192};
	static const int64_t offsets[] = {0, 1, 511, 4095, 4096, 10000, 65536};
	static const int64_t far[] = {FILE_BYTES_MAX, FILE_BYTES_MAX + 4096, INT64_C(1) << 33};
	const struct handle *handle = &both->handles[move->handle];
	/* With chunks, what the unix VFS alone has written could not be taken back. */
	bool is_far = below(both, 30) == 0 && (move->method == READ || handle->chunk_bytes <= 0);
	move->offset = is_far ? PICK(both, far) : PICK(both, offsets);
	move->number = PICK(both, sizes);
	if (move->method == TRUNCATE) {
		move->number = is_far ? move->offset + 1 : move->offset;
	} else if (is_far && move->number == 0) {
		move->number = 1;
	}
}

/* A call on an open file. */
static void draw_call_by_handle(struct both *both, struct move *move) {
	const struct handle *handle = &both->handles[move->handle];
	static const int syncs[] = {SQLITE_SYNC_NORMAL, SQLITE_SYNC_FULL, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY};
	move->method = (enum method)(CLOSE + below(both, METHOD_COUNT - CLOSE));
	bool is_database = (handle->flags & SQLITE_OPEN_MAIN_DB) != 0;
	if (move->method == READ || move->method == WRITE || move->method == TRUNCATE) {
		draw_extent(both, move);
	} else if (move->method == SYNC) {
		move->flags = PICK(both, syncs);
	} else if (move->method == LOCK) {
		move->flags = draw_lock(both, handle);
	} else if (move->method == UNLOCK) {
		move->flags = (int)below(both, 2);
	} else if (move->method == CONTROL) {
		draw_control(both, move);
	}
	/* The pager asks only where it has SHARED. */
	bool asks_in_vain = move->method == CHECK_RESERVED && is_database && level_of(handle) > SQLITE_LOCK_SHARED;
	bool locks_in_vain = move->method == LOCK && move->flags == SQLITE_LOCK_NONE;
	bool maps = move->method == FETCH && handle->may_map;
	if (asks_in_vain || locks_in_vain || maps) {
		move->method = FILE_SIZE;
	}
}

static void draw_move(struct both *both, struct move *move) {
	*move = (struct move){.handle = (uint32_t)below(both, HANDLES)};
	bool is_open = both->handles[move->handle].files[0] != NULL;
	if (is_open && below(both, 3) > 0) {
		draw_call_by_handle(both, move);
		return;
	}
	move->method = is_open ? (enum method)(DELETE + below(both, 3)) : (enum method)(OPEN + below(both, 4));
	draw_call_by_path(both, move);
}

/* ---- calling --------------------------------------------------------------------------------- */

static void call_by_path(struct both *both, const struct move *move, int side, struct answer *answer) {
	sqlite3_vfs *vfs = both->vfs[side];
	struct handle *handle = &both->handles[move->handle];
	int flag = -1;
	switch ((unsigned)move->method) {
	case OPEN:
		handle->files[side] = open_on(vfs, move->is_nameless ? NULL : handle->path.text, move->flags, answer);
		break;
	case DELETE:
		answer->code = vfs->xDelete(vfs, move->path.text, move->flags);
		break;
	case ACCESS:
		answer->code = vfs->xAccess(vfs, move->path.text, move->flags, &flag);
		answer->number = flag;
		break;
	default:
		answer->code = vfs->xFullPathname(vfs, move->path.text, (int)move->number, answer->text);
		if (answer->code != SQLITE_OK) {
			answer->text[0] = '\0';
		}
		break;
	}
}

/* The argument is a number of 32 or 64 bits, or comes back as a text. */
static void call_control(sqlite3_file *file, const struct move *move, struct answer *answer) {
	bool is_wide = move->flags == SQLITE_FCNTL_SIZE_HINT || move->flags == SQLITE_FCNTL_MMAP_SIZE;
	bool is_text = move->flags == SQLITE_FCNTL_VFSNAME || move->flags == SQLITE_FCNTL_TEMPFILENAME;
	sqlite3_int64 wide = move->number;
	int narrow = (int)move->number;
	char *text = NULL;
	void *argument = is_text ? (void *)&text : is_wide ? (void *)&wide : (void *)&narrow;
	answer->code = file->pMethods->xFileControl(file, move->flags, argument);
	answer->number = is_text ? text != NULL : is_wide ? wide : narrow;
	if (move->flags == SQLITE_FCNTL_VFSNAME && text != NULL) {
		(void)snprintf(answer->text, sizeof answer->text, "%s", text);
	}
	sqlite3_free(text);
}

static void call_lock(sqlite3_file *file, const struct move *move, struct answer *answer) {
	int flag = -1;
	if (move->method == LOCK) {
		answer->code = file->pMethods->xLock(file, move->flags);
	} else if (move->method == UNLOCK) {
		answer->code = file->pMethods->xUnlock(file, move->flags);
	} else {
		answer->code = file->pMethods->xCheckReservedLock(file, &flag);
	}
	answer->number = flag;
}

static void call_for_content(sqlite3_file *file, const struct move *move, struct answer *answer) {
	const sqlite3_io_methods *methods = file->pMethods;
	uint8_t content[BUFFER_SIZE];
	if (move->method == READ) {
		memset(answer->bytes, 0xaa, sizeof answer->bytes);
		answer->code = methods->xRead(file, answer->bytes, (int)move->number, move->offset);
		if (answer->code != SQLITE_OK && answer->code != SQLITE_IOERR_SHORT_READ) {
			memset(answer->bytes, 0, sizeof answer->bytes);
		}
	} else if (move->method == WRITE) {
		memset(content, (int)(move->offset + move->number) & 0xff, sizeof content);
		answer->code = methods->xWrite(file, content, (int)move->number, move->offset);
	} else {
		answer->code = methods->xTruncate(file, move->number);
	}
}

static void call_by_handle(struct both *both, const struct move *move, int side, struct answer *answer) {
	sqlite3_file *file = both->handles[move->handle].files[side];
	sqlite3_int64 size = -1;
	void *mapping = NULL;
	switch ((unsigned)move->method) {
	case CLOSE:
		close_on(file);
		both->handles[move->handle].files[side] = NULL;
		break;
	case SYNC:
		answer->code = file->pMethods->xSync(file, move->flags);
		break;
	case FILE_SIZE:
		answer->code = file->pMethods->xFileSize(file, &size);
		answer->number = size;
		break;
	case LOCK:
	case UNLOCK:
	case CHECK_RESERVED:
		call_lock(file, move, answer);
		break;
	case CONTROL:
		call_control(file, move, answer);
		break;
	case SECTOR_SIZE:
		answer->number = file->pMethods->xSectorSize(file);
		break;
	case CHARACTERISTICS:
		answer->number = file->pMethods->xDeviceCharacteristics(file);
		break;
	case FETCH:
		answer->code = file->pMethods->xFetch(file, move->offset, 512, &mapping);
		answer->number = mapping != NULL;
		break;
	default:
		call_for_content(file, move, answer);
		break;
	}
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare(const struct both *both, const struct move *move, const struct answer answers[2]) {
	bool is_equal = answers[0].code == answers[1].code && answers[0].number == answers[1].number &&
	                strcmp(answers[0].text, answers[1].text) == 0 &&
	                memcmp(answers[0].bytes, answers[1].bytes, BUFFER_SIZE) == 0;
	compared[move->method]++;
	if (!is_equal) {
		size_t at = 0;
		while (at < BUFFER_SIZE && answers[0].bytes[at] == answers[1].bytes[at]) {
			at++;
		}
		fail_msg("seed %llu: %s(\"%s\"%s, flags 0x%x, offset %lld, number %lld) of a file with flags 0x%x: "
		         "simulated %d, %lld, \"%s\"; unix %d, %lld, \"%s\"; bytes are equal up to %zu",
		         (unsigned long long)both->seed, method_names[move->method], move->path.text,
		         move->is_nameless ? ", nameless" : "", (unsigned)move->flags, (long long)move->offset,
		         (long long)move->number, (unsigned)both->handles[move->handle].flags, answers[0].code,
		         (long long)answers[0].number, answers[0].text, answers[1].code, (long long)answers[1].number,
		         answers[1].text, at);
	}
}

/* Turns what the unix VFS said into what the simulated side must say. */
static bool declare(const struct move *move, struct answer *answer) {
	bool applied = false;
	for (size_t i = 0; i < DECLARED_COUNT; i++) {
		if (declared[i].applies(move, answer)) {
			declared[i].count++;
			applied = true;
		}
	}
	return applied;
}

/* What only the unix VFS did is undone. */
static void take_back(struct both *both, const struct move *move, int64_t size) {
	struct handle *handle = &both->handles[move->handle];
	sqlite3_file *file = handle->files[1];
	if (move->method == OPEN && handle->files[0] == NULL && file != NULL) {
		close_on(file);
		handle->files[1] = NULL;
		(void)unlink(move->path.text);
	} else if (move->method == WRITE || move->method == TRUNCATE) {
		assert_int_equal(file->pMethods->xTruncate(file, size), SQLITE_OK);
	}
}

static void note(struct both *both, const struct move *move, const struct answer *answer) {
	struct handle *handle = &both->handles[move->handle];
	if (move->method == OPEN) {
		handle->flags = (int)answer->number;
		handle->chunk_bytes = 0;
		handle->may_map = false;
	} else if (move->method == CONTROL && move->flags == SQLITE_FCNTL_CHUNK_SIZE) {
		handle->chunk_bytes = (int)move->number;
	} else if (move->method == CONTROL && move->flags == SQLITE_FCNTL_MMAP_SIZE) {
		handle->may_map = handle->may_map || move->number > 0;
	}
}

/* The true size: xFileSize says 0 of a file of one byte, too. */
static int64_t size_of(sqlite3_file *file) {
	sqlite3_int64 size = 0;
	uint8_t byte = 0;
	assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	return size == 0 && file->pMethods->xRead(file, &byte, 1, 0) == SQLITE_OK ? 1 : size;
}

static void move_both(struct both *both, const struct move *move) {
	static struct answer answers[2];
	struct handle *handle = &both->handles[move->handle];
	int64_t size = 0;
	memset(answers, 0, sizeof answers);
	if (move->method == WRITE || move->method == TRUNCATE) {
		size = size_of(handle->files[1]);
	} else if (move->method == OPEN) {
		handle->path = move->path;
	}
	for (int side = 0; side < 2; side++) {
		if (move->method <= FULL_PATHNAME) {
			call_by_path(both, move, side, &answers[side]);
		} else {
			call_by_handle(both, move, side, &answers[side]);
		}
	}
	if (declare(move, &answers[1])) {
		take_back(both, move, size);
	}
	compare(both, move, answers);
	note(both, move, &answers[0]);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static void call_both(struct both *both, struct move move) {
	move_both(both, &move);
}

static void close_all(struct both *both) {
	for (uint32_t i = 0; i < HANDLES; i++) {
		if (both->handles[i].files[0] != NULL) {
			call_both(both, (struct move){.method = CLOSE, .handle = i});
		}
	}
}

/* What is there at the end, and the first bytes of it. */
static void compare_trees(struct both *both) {
	for (size_t i = 0; i < NAME_COUNT; i++) {
		struct move move = {.method = ACCESS, .flags = SQLITE_ACCESS_READWRITE};
		set_path(both, &move.path, names[i]);
		move_both(both, &move);
		move.method = OPEN;
		move.flags = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READONLY;
		move_both(both, &move);
		if (both->handles[0].files[0] != NULL) {
			call_both(both, (struct move){.method = FILE_SIZE});
			call_both(both, (struct move){.method = READ, .number = BUFFER_SIZE});
			call_both(both, (struct move){.method = CLOSE});
		}
	}
}

static void answers_are_those_of_the_unix_vfs(void **state) {
	static struct both both;
	struct move move;
	(void)state;
	for (uint32_t round = 0; round < rounds; round++) {
		init_both(&both, first_seed + round);
		for (uint32_t i = 0; i < MOVES; i++) {
			draw_move(&both, &move);
			move_both(&both, &move);
		}
		close_all(&both);
		compare_trees(&both);
		deinit_both(&both);
	}
}

/* The twin of the table: a row that never applies says something that is not so any more. */
static void every_declared_difference_was_met(void **state) {
	(void)state;
	for (size_t i = 0; i < DECLARED_COUNT; i++) {
		print_message("declared: %s (%s): %llu times\n", declared[i].what, declared[i].why,
		              (unsigned long long)declared[i].count);
		assert_true(declared[i].count > 0 || rounds < ROUNDS);
	}
	for (int method = 0; method < METHOD_COUNT; method++) {
		print_message("compared: %-22s %llu\n", method_names[method], (unsigned long long)compared[method]);
		assert_true(compared[method] > 0 || rounds < ROUNDS);
	}
}

/* What this was written for: SQLite 3.53.3 looks for a super-journal whose name was zeroed. */
static void the_empty_name_does_not_exist(void **state) {
	static struct both both;
	struct answer answer = {0};
	int exists = -1;
	(void)state;
	init_both(&both, 1);
	for (int side = 0; side < 2; side++) {
		sqlite3_vfs *vfs = both.vfs[side];
		assert_int_equal(vfs->xAccess(vfs, "", SQLITE_ACCESS_EXISTS, &exists), SQLITE_OK);
		assert_int_equal(exists, 0);
		assert_int_equal(vfs->xDelete(vfs, "", 0), SQLITE_IOERR_DELETE_NOENT);
		assert_null(open_on(vfs, "", SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READONLY, &answer));
		assert_int_equal(answer.code, SQLITE_CANTOPEN);
	}
	deinit_both(&both);
}

int main(int count, char **arguments) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_empty_name_does_not_exist),
	        cmocka_unit_test(answers_are_those_of_the_unix_vfs),
	        cmocka_unit_test(every_declared_difference_was_met),
	};
	rounds = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : ROUNDS;
	first_seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
	if (chdir("/") != 0) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
