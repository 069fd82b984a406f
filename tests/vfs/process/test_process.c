/* tests/vfs/process/test_process.c: the methods of the sqlite3_vfs one by one, faults at each,
 * death at each, and failing the nth call of a workload through SQLite for every n.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 4096

struct world {
	struct fixture fixture;
	struct vfs_process *process;
	sqlite3_vfs *vfs;
};

static void start(struct world *world) {
	world->process = vfs_process_create(world->fixture.disk, "process", &world->fixture.hooks);
	assert_non_null(world->process);
	world->vfs = sqlite3_vfs_find("process");
}

static void init_world(struct world *world, const struct vfs_disk_options *options) {
	fixture_init(&world->fixture, options, 7);
	start(world);
}

static int set_up(void **state) {
	struct world *world = calloc(1, sizeof *world);
	init_world(world, &fixture_options);
	*state = world;
	return 0;
}

static int tear_down(void **state) {
	struct world *world = *state;
	vfs_process_destroy(world->process);
	fixture_deinit(&world->fixture);
	free(world);
	return 0;
}

#define OPEN_DB (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
#define OPEN_JOURNAL (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

/* NULL when the open failed with `expected`; else the flags are given back as `given`. */
static sqlite3_file *open_giving(struct world *world, const char *path, int flags, int expected, int given) {
	sqlite3_file *file = malloc((size_t)world->vfs->szOsFile);
	memset(file, 0xa5, (size_t)world->vfs->szOsFile);
	int out_flags = 0;
	assert_int_equal(world->vfs->xOpen(world->vfs, path, file, flags, &out_flags), expected);
	if (expected == SQLITE_OK) {
		assert_int_equal(out_flags, given);
		return file;
	}
	assert_null(file->pMethods);
	free(file);
	return NULL;
}

static sqlite3_file *open_with(struct world *world, const char *path, int flags, int expected) {
	return open_giving(world, path, flags, expected, flags);
}

static void close_file(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static int exists(struct world *world, const char *path) {
	int answer = -1;
	assert_int_equal(world->vfs->xAccess(world->vfs, path, SQLITE_ACCESS_EXISTS, &answer), SQLITE_OK);
	return answer;
}

static int write_bytes(sqlite3_file *file, const char *bytes, int64_t offset) {
	return file->pMethods->xWrite(file, bytes, (int)strlen(bytes), offset);
}

static int64_t size_of(sqlite3_file *file) {
	sqlite3_int64 size = -1;
	assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	return size;
}

static void inject_next(struct fixture *fixture, enum vfs_effect effect, int result, bool die) {
	fixture->method = VFS_METHOD_NONE;
	fixture->matched = 0;
	fixture->inject_at = 1;
	fixture->lasting = false;
	fixture->answer = (struct vfs_answer){.effect = effect, .result = result, .die = die};
}

/* ---- methods --------------------------------------------------------------------------------- */

static void open_finds_creates_and_refuses(void **state) {
	struct world *world = *state;
	open_with(world, "/a", SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE, SQLITE_CANTOPEN);
	open_with(world, "/none/a", OPEN_DB, SQLITE_CANTOPEN);
	open_with(world, "/", OPEN_DB, SQLITE_CANTOPEN);
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	assert_true(vfs_disk_exists(world->fixture.disk, "/a"));
	/* What may not be made anew opens for reading, as in the unix VFS. */
	sqlite3_file *old = open_giving(world, "/a", OPEN_DB | SQLITE_OPEN_EXCLUSIVE, SQLITE_OK,
	                                SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY | SQLITE_OPEN_EXCLUSIVE);
	assert_int_equal(write_bytes(old, "x", 0), SQLITE_IOERR_WRITE);
	close_file(old);
	sqlite3_file *again = open_with(world, "/a", SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY, SQLITE_OK);
	assert_int_equal(vfs_process_open_files(world->process), 2);
	assert_int_equal(write_bytes(again, "x", 0), SQLITE_IOERR_WRITE);
	close_file(again);
	close_file(file);
	assert_int_equal(vfs_process_open_files(world->process), 0);
}

static void temporary_files_have_names_of_their_own_and_leave_nothing(void **state) {
	struct world *world = *state;
	int flags = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_DELETEONCLOSE;
	sqlite3_file *first = open_with(world, NULL, flags, SQLITE_OK);
	sqlite3_file *second = open_with(world, NULL, flags, SQLITE_OK);
	assert_int_equal(write_bytes(first, "first", 0), SQLITE_OK);
	assert_int_equal(size_of(second), 0);
	assert_int_equal(vfs_disk_used_bytes(world->fixture.disk), BLOCK);
	assert_int_equal(vfs_disk_pending_count(world->fixture.disk), 0);
	close_file(first);
	close_file(second);
	assert_int_equal(vfs_disk_used_bytes(world->fixture.disk), 0);
}

static void file_to_delete_on_close_has_no_name_after_opening(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_JOURNAL | SQLITE_OPEN_DELETEONCLOSE, SQLITE_OK);
	assert_false(vfs_disk_exists(world->fixture.disk, "/a"));
	assert_int_equal(write_bytes(file, "text", 0), SQLITE_OK);
	assert_int_equal(size_of(file), 4);
	close_file(file);
}

static void read_fills_what_is_missing_with_zeros(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	char buffer[8];
	assert_int_equal(write_bytes(file, "abcdef", 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xRead(file, buffer, 4, 1), SQLITE_OK);
	assert_memory_equal(buffer, "bcde", 4);
	assert_true(world->fixture.last_value != 0);
	memset(buffer, 'x', sizeof buffer);
	assert_int_equal(file->pMethods->xRead(file, buffer, 8, 4), SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(buffer, "ef\0\0\0\0\0\0", 8);
	memset(buffer, 'x', sizeof buffer);
	assert_int_equal(file->pMethods->xRead(file, buffer, 8, 100), SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(buffer, "\0\0\0\0\0\0\0\0", 8);
	close_file(file);
}

static void empty_file_does_not_exist_for_access(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	int answer = -1;
	assert_int_equal(exists(world, "/a"), 0);
	assert_int_equal(world->vfs->xAccess(world->vfs, "/a", SQLITE_ACCESS_READWRITE, &answer), SQLITE_OK);
	assert_int_equal(answer, 1);
	assert_int_equal(write_bytes(file, "x", 0), SQLITE_OK);
	assert_int_equal(exists(world, "/a"), 1);
	assert_int_equal(exists(world, "/"), 1);
	assert_int_equal(exists(world, "/b"), 0);
	close_file(file);
}

static void file_of_one_byte_counts_as_empty(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	assert_int_equal(write_bytes(file, "x", 0), SQLITE_OK);
	assert_int_equal(size_of(file), 0); /* as unixFileSize has it */
	assert_int_equal(write_bytes(file, "xy", 0), SQLITE_OK);
	assert_int_equal(size_of(file), 2);
	close_file(file);
}

static void delete_of_a_missing_file_says_so(void **state) {
	struct world *world = *state;
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 1), SQLITE_IOERR_DELETE_NOENT);
	assert_int_equal(vfs_disk_make_directory(world->fixture.disk, "/d"), VFS_OK);
	assert_int_equal(world->vfs->xDelete(world->vfs, "/d", 1), SQLITE_IOERR_DELETE);
	close_file(open_with(world, "/a", OPEN_DB, SQLITE_OK));
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 0), SQLITE_OK);
	assert_false(vfs_disk_exists(world->fixture.disk, "/a"));
}

static void only_delete_with_sync_makes_itself_durable(void **state) {
	struct world *world = *state;
	for (int sync_directory = 0; sync_directory < 2; sync_directory++) {
		close_file(open_with(world, "/a", OPEN_DB, SQLITE_OK));
		assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
		assert_int_equal(world->vfs->xDelete(world->vfs, "/a", sync_directory), SQLITE_OK);
		struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
		vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
		assert_int_equal(vfs_disk_exists(snapshot, "/a"), !sync_directory);
		vfs_disk_destroy(snapshot);
	}
}

static void first_sync_of_a_new_journal_makes_its_name_durable_that_of_a_database_does_not(void **state) {
	struct world *world = *state;
	static const struct {
		const char *path;
		int flags;
		bool durable;
	} cases[] = {
	        {"/other", OPEN_DB, false},
	        {"/db-journal", OPEN_JOURNAL, true},
	        {"/db-wal", SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, true},
	        {"/db-mj123456789", SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, true},
	};
	close_file(open_with(world, "/db", OPEN_DB, SQLITE_OK));
	for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
		sqlite3_file *file = open_with(world, cases[index].path, cases[index].flags, SQLITE_OK);
		assert_int_equal(write_bytes(file, "text", 0), SQLITE_OK);
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
		close_file(file);
		struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
		vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
		assert_int_equal(vfs_disk_exists(snapshot, cases[index].path), cases[index].durable);
		vfs_disk_destroy(snapshot);
		assert_int_equal(vfs_disk_unlink(world->fixture.disk, cases[index].path), VFS_OK);
		assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
	}
}

static void full_pathname_normalises(void **state) {
	struct world *world = *state;
	static const char *const cases[][2] = {
	        {"a.db", "/a.db"}, {"/a.db", "/a.db"}, {"./x/../a", "/a"}, {"/x//y/./z", "/x/y/z"}, {"/../a", "/a"}};
	char full[VFS_PATH_MAX + 1];
	for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
		assert_int_equal(world->vfs->xFullPathname(world->vfs, cases[index][0], sizeof full, full), SQLITE_OK);
		assert_string_equal(full, cases[index][1]);
	}
	assert_int_equal(world->vfs->xFullPathname(world->vfs, "long", 6, full), SQLITE_CANTOPEN);
	assert_int_equal(world->vfs->xFullPathname(world->vfs, "", sizeof full, full), SQLITE_CANTOPEN);
}

static void write_on_a_nearly_full_disk_writes_what_fits(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	static const char data[3 * BLOCK] = {1};
	vfs_disk_set_capacity(world->fixture.disk, 2 * BLOCK);
	assert_int_equal(file->pMethods->xWrite(file, data, sizeof data, 100), SQLITE_FULL);
	assert_int_equal(size_of(file), 2 * BLOCK);
	assert_int_equal(file->pMethods->xWrite(file, data, 100, 2 * BLOCK), SQLITE_FULL);
	assert_int_equal(size_of(file), 2 * BLOCK);
	vfs_disk_set_capacity(world->fixture.disk, 0);
	assert_int_equal(file->pMethods->xWrite(file, data, sizeof data, 100), SQLITE_OK);
	close_file(file);
}

static void file_controls_are_those_of_the_unix_vfs(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	int (*control)(sqlite3_file *, int, void *) = file->pMethods->xFileControl;
	int number = -1;
	char *text = NULL;
	sqlite3_int64 size = 5000;
	assert_int_equal(control(file, SQLITE_FCNTL_PERSIST_WAL, &number), SQLITE_OK);
	assert_int_equal(number, 0);
	number = 1;
	assert_int_equal(control(file, SQLITE_FCNTL_PERSIST_WAL, &number), SQLITE_OK);
	number = -1;
	assert_int_equal(control(file, SQLITE_FCNTL_PERSIST_WAL, &number), SQLITE_OK);
	assert_int_equal(number, 1);
	number = 0;
	assert_int_equal(control(file, SQLITE_FCNTL_POWERSAFE_OVERWRITE, &number), SQLITE_OK);
	assert_false(file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE);
	number = 1; /* too late: the device is looked at once */
	assert_int_equal(control(file, SQLITE_FCNTL_POWERSAFE_OVERWRITE, &number), SQLITE_OK);
	assert_false(file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE);
	assert_int_equal(control(file, SQLITE_FCNTL_VFSNAME, &text), SQLITE_OK);
	assert_string_equal(text, "process");
	sqlite3_free(text);
	assert_int_equal(control(file, SQLITE_FCNTL_HAS_MOVED, &number), SQLITE_OK);
	assert_int_equal(number, 0);
	assert_int_equal(vfs_disk_rename(world->fixture.disk, "/a", "/b"), VFS_OK);
	assert_int_equal(control(file, SQLITE_FCNTL_HAS_MOVED, &number), SQLITE_OK);
	assert_int_equal(number, 1);
	assert_int_equal(control(file, SQLITE_FCNTL_SIZE_HINT, &size), SQLITE_OK);
	assert_int_equal(size_of(file), 0); /* without chunks a hint is nothing */
	number = 10000;
	assert_int_equal(control(file, SQLITE_FCNTL_CHUNK_SIZE, &number), SQLITE_OK);
	assert_int_equal(control(file, SQLITE_FCNTL_SIZE_HINT, &size), SQLITE_OK);
	assert_int_equal(size_of(file), 10000);
	assert_int_equal(file->pMethods->xTruncate(file, 1), SQLITE_OK);
	assert_int_equal(size_of(file), 10000);
	assert_int_equal(control(file, 4711, NULL), SQLITE_NOTFOUND);
	close_file(file);
}

static void time_is_virtual(void **state) {
	struct world *world = *state;
	sqlite3_int64 before = 0;
	sqlite3_int64 after = 0;
	assert_int_equal(world->vfs->xCurrentTimeInt64(world->vfs, &before), SQLITE_OK);
	assert_int_equal(before, INT64_C(210866760000000) + INT64_C(1700000000000));
	assert_int_equal(world->vfs->xSleep(world->vfs, 2500000), 2500000);
	assert_int_equal(world->vfs->xCurrentTimeInt64(world->vfs, &after), SQLITE_OK);
	assert_int_equal(after - before, 2500);
}

static void numbers_have_names(void **state) {
	(void)state;
	assert_string_equal(vfs_method_name(VFS_METHOD_WRITE), "xWrite");
	assert_string_equal(vfs_file_kind_name(VFS_FILE_WAL), "wal");
	assert_string_equal(vfs_effect_name(VFS_EFFECT_BEFORE), "before");
	for (int method = 0; method < VFS_METHOD_COUNT; method++) {
		assert_string_not_equal(vfs_method_name((enum vfs_method)method), "?");
	}
	assert_string_equal(vfs_method_name(VFS_METHOD_COUNT), "?");
	assert_string_equal(vfs_file_kind_name(VFS_FILE_COUNT), "?");
	assert_string_equal(vfs_effect_name(VFS_EFFECT_COUNT), "?");
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void failing_write_has_the_effect_that_was_asked_for(void **state) {
	struct world *world = *state;
	char buffer[9] = {0};
	for (enum vfs_effect effect = VFS_EFFECT_BEFORE; effect <= VFS_EFFECT_AFTER; effect++) {
		sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
		assert_int_equal(write_bytes(file, "oldoldol", 0), SQLITE_OK);
		inject_next(&world->fixture, effect, SQLITE_IOERR_WRITE, false);
		assert_int_equal(write_bytes(file, "NEWNEWNE", 0), SQLITE_IOERR_WRITE);
		assert_int_equal(world->fixture.last_result, SQLITE_IOERR_WRITE);
		assert_int_equal(file->pMethods->xRead(file, buffer, 8, 0), SQLITE_OK);
		size_t written = 0;
		while (written < 8 && buffer[written] == "NEWNEWNE"[written]) {
			written++;
		}
		assert_memory_equal(buffer + written, &"oldoldol"[written], 8 - written);
		if (effect == VFS_EFFECT_BEFORE) {
			assert_int_equal(written, 0);
		}
		if (effect == VFS_EFFECT_PARTIAL) {
			assert_true(written < 8);
		}
		if (effect == VFS_EFFECT_AFTER) {
			assert_int_equal(written, 8);
		}
		close_file(file);
	}
}

static void failing_sync_has_the_effect_that_was_asked_for(void **state) {
	struct world *world = *state;
	static const char data[64 * 512] = {1};
	uint64_t partly = 0;
	for (int round = 0; round < 30; round++) {
		enum vfs_effect effect = (enum vfs_effect)(VFS_EFFECT_BEFORE + round % 3);
		sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
		assert_int_equal(file->pMethods->xTruncate(file, 0), SQLITE_OK);
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
		assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
		assert_int_equal(file->pMethods->xWrite(file, data, sizeof data, 0), SQLITE_OK);
		assert_int_equal(file->pMethods->xWrite(file, data, sizeof data, sizeof data), SQLITE_OK);
		inject_next(&world->fixture, effect, SQLITE_IOERR_FSYNC, false);
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR_FSYNC);
		/* what programs see has not changed */
		assert_int_equal(size_of(file), 2 * sizeof data);
		vfs_assert(world->fixture.disk);
		struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
		vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
		uint64_t durable = vfs_disk_used_bytes(snapshot);
		vfs_disk_destroy(snapshot);
		if (effect == VFS_EFFECT_BEFORE) {
			assert_int_equal(durable, 0);
		}
		if (effect == VFS_EFFECT_AFTER) {
			assert_int_equal(durable, 2 * sizeof data);
		}
		partly += durable > 0 && durable < 2 * sizeof data;
		/* A retry that succeeds repairs everything. */
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
		assert_int_equal(vfs_disk_pending_count(world->fixture.disk), 0);
		close_file(file);
	}
	assert_true(partly > 0);
}

static void failing_open_may_leave_the_file_it_made(void **state) {
	struct world *world = *state;
	inject_next(&world->fixture, VFS_EFFECT_BEFORE, SQLITE_CANTOPEN, false);
	open_with(world, "/a", OPEN_DB, SQLITE_CANTOPEN);
	assert_false(vfs_disk_exists(world->fixture.disk, "/a"));
	inject_next(&world->fixture, VFS_EFFECT_AFTER, SQLITE_CANTOPEN, false);
	open_with(world, "/a", OPEN_DB, SQLITE_CANTOPEN);
	assert_true(vfs_disk_exists(world->fixture.disk, "/a"));
	assert_int_equal(vfs_process_open_files(world->process), 0);
}

static void failing_delete_leaves_the_file_or_its_durability_open(void **state) {
	struct world *world = *state;
	close_file(open_with(world, "/a", OPEN_DB, SQLITE_OK));
	assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
	inject_next(&world->fixture, VFS_EFFECT_BEFORE, SQLITE_IOERR_DELETE, false);
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 1), SQLITE_IOERR_DELETE);
	assert_true(vfs_disk_exists(world->fixture.disk, "/a"));
	inject_next(&world->fixture, VFS_EFFECT_AFTER, SQLITE_IOERR_DIR_FSYNC, false);
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 1), SQLITE_IOERR_DIR_FSYNC);
	assert_false(vfs_disk_exists(world->fixture.disk, "/a"));
	assert_int_equal(vfs_disk_pending_count(world->fixture.disk), 1);
}

static void failing_truncate_and_unlock_may_have_happened(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	int level = -1;
	assert_int_equal(write_bytes(file, "text", 0), SQLITE_OK);
	for (int after = 0; after < 2; after++) {
		enum vfs_effect effect = after ? VFS_EFFECT_AFTER : VFS_EFFECT_BEFORE;
		inject_next(&world->fixture, effect, SQLITE_IOERR_TRUNCATE, false);
		assert_int_equal(file->pMethods->xTruncate(file, 2), SQLITE_IOERR_TRUNCATE);
		assert_int_equal(size_of(file), after ? 2 : 4);
		assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_SHARED), SQLITE_OK);
		inject_next(&world->fixture, effect, SQLITE_IOERR_UNLOCK, false);
		assert_int_equal(file->pMethods->xUnlock(file, SQLITE_LOCK_NONE), SQLITE_IOERR_UNLOCK);
		assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
		assert_int_equal(level, after ? SQLITE_LOCK_NONE : SQLITE_LOCK_SHARED);
	}
	close_file(file);
}

static void failing_lock_takes_nothing_or_leaves_pending(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	sqlite3_file *other = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	int level = -1;
	inject_next(&world->fixture, VFS_EFFECT_BEFORE, SQLITE_IOERR_LOCK, false);
	assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_SHARED), SQLITE_IOERR_LOCK);
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	assert_int_equal(level, SQLITE_LOCK_NONE);
	assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_RESERVED), SQLITE_OK);
	inject_next(&world->fixture, VFS_EFFECT_PARTIAL, SQLITE_BUSY, false);
	assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	assert_int_equal(level, SQLITE_LOCK_PENDING);
	assert_int_equal(other->pMethods->xLock(other, SQLITE_LOCK_SHARED), SQLITE_BUSY);
	vfs_assert(world->fixture.disk);
	assert_int_equal(file->pMethods->xUnlock(file, SQLITE_LOCK_NONE), SQLITE_OK);
	assert_int_equal(other->pMethods->xLock(other, SQLITE_LOCK_SHARED), SQLITE_OK);
	close_file(other);
	close_file(file);
}

/* ---- death ----------------------------------------------------------------------------------- */

/* Calls every method of a dead process's file. */
static void call_everything(struct world *world, sqlite3_file *file) {
	const sqlite3_io_methods *methods = file->pMethods;
	char buffer[8] = "xxxxxxx";
	sqlite3_int64 size = 5;
	int number = 5;
	void volatile *memory = buffer;
	void *mapping = buffer;
	assert_int_equal(methods->xRead(file, buffer, 8, 0), SQLITE_IOERR);
	assert_int_equal(methods->xWrite(file, buffer, 8, 0), SQLITE_IOERR);
	assert_int_equal(methods->xTruncate(file, 0), SQLITE_IOERR);
	assert_int_equal(methods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR);
	assert_int_equal(methods->xFileSize(file, &size), SQLITE_IOERR);
	assert_int_equal(methods->xLock(file, SQLITE_LOCK_SHARED), SQLITE_IOERR);
	assert_int_equal(methods->xUnlock(file, SQLITE_LOCK_NONE), SQLITE_OK);
	assert_int_equal(methods->xCheckReservedLock(file, &number), SQLITE_IOERR);
	assert_int_equal(methods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &number), SQLITE_IOERR);
	assert_int_equal(methods->xShmMap(file, 0, 32768, 1, &memory), SQLITE_IOERR);
	assert_null((void *)(uintptr_t)memory);
	assert_int_equal(methods->xShmLock(file, 0, 1, SQLITE_SHM_LOCK | SQLITE_SHM_SHARED), SQLITE_IOERR);
	methods->xShmBarrier(file);
	assert_int_equal(methods->xShmUnmap(file, 1), SQLITE_IOERR);
	assert_int_equal(methods->xFetch(file, 0, 8, &mapping), SQLITE_IOERR);
	assert_int_equal(methods->xUnfetch(file, 0, NULL), SQLITE_IOERR);
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 1), SQLITE_IOERR);
	assert_int_equal(world->vfs->xAccess(world->vfs, "/a", SQLITE_ACCESS_EXISTS, &number), SQLITE_IOERR);
	open_with(world, "/b", OPEN_DB, SQLITE_IOERR);
	(void)world->vfs->xSleep(world->vfs, 1000);
	assert_int_equal(world->vfs->xRandomness(world->vfs, 8, buffer), 8);
}

/* V8: a dead process has nothing and changes nothing. */
static void dead_process_changes_nothing(void **state) {
	struct world *world = *state;
	sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
	assert_int_equal(write_bytes(file, "text", 0), SQLITE_OK);
	struct fixture before = world->fixture;
	size_t pending = vfs_disk_pending_count(world->fixture.disk);
	assert_false(vfs_process_is_dead(world->process));
	vfs_process_kill(world->process);
	vfs_process_kill(world->process);
	assert_true(vfs_process_is_dead(world->process));
	call_everything(world, file);
	assert_int_equal(vfs_process_open_files(world->process), 1);
	close_file(file);
	assert_int_equal(vfs_process_open_files(world->process), 0);
	/* No hook was called, no number drawn, no time passed. */
	assert_memory_equal(&before, &world->fixture, sizeof before);
	assert_int_equal(vfs_disk_pending_count(world->fixture.disk), pending);
	assert_int_equal(vfs_disk_used_bytes(world->fixture.disk), BLOCK);
	assert_true(vfs_disk_exists(world->fixture.disk, "/a"));
	assert_false(vfs_disk_exists(world->fixture.disk, "/b"));
}

static void death_comes_after_the_effect(void **state) {
	struct world *world = *state;
	static const enum vfs_effect effects[] = {VFS_EFFECT_NONE, VFS_EFFECT_BEFORE, VFS_EFFECT_PARTIAL,
	                                          VFS_EFFECT_AFTER};
	for (size_t index = 0; index < sizeof effects / sizeof *effects; index++) {
		sqlite3_file *file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
		assert_int_equal(file->pMethods->xTruncate(file, 0), SQLITE_OK);
		uint64_t told = world->fixture.told;
		inject_next(&world->fixture, effects[index], SQLITE_IOERR_WRITE, true);
		assert_int_equal(write_bytes(file, "text", 0), SQLITE_IOERR);
		assert_int_equal(world->fixture.deaths, index + 1);
		assert_int_equal(world->fixture.told, told);
		close_file(file);
		vfs_process_destroy(world->process);
		world->fixture.inject_at = 0;
		start(world);
		file = open_with(world, "/a", OPEN_DB, SQLITE_OK);
		int64_t size = size_of(file);
		if (effects[index] == VFS_EFFECT_BEFORE) {
			assert_int_equal(size, 0);
		} else if (effects[index] == VFS_EFFECT_PARTIAL) {
			assert_true(size < 4);
		} else {
			assert_int_equal(size, 4);
		}
		close_file(file);
	}
}

static void processes_share_a_database_and_one_survives_the_death_of_the_other(void **state) {
	struct world *world = *state;
	static const char *const modes[] = {"PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL"};
	for (int wal = 0; wal < 2; wal++) {
		struct vfs_process *victim = vfs_process_create(world->fixture.disk, "victim", &world->fixture.hooks);
		sqlite3 *survivor = fixture_open(world->process, "/shared");
		sqlite3 *other = fixture_open(victim, "/shared");
		fixture_must_run(survivor, modes[wal]);
		fixture_must_run(survivor,
		                 "DROP TABLE IF EXISTS t; CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'survivor')");
		fixture_must_run(other, "PRAGMA cache_size=3; INSERT INTO t VALUES(2, 'other')");
		assert_int_equal(fixture_query(survivor, "SELECT count(*) FROM t"), 2);
		/* A transaction that has spilled its cache: uncommitted pages are in the file, or
		 * frames in the WAL. */
		fixture_must_run(
		        other,
		        "BEGIN IMMEDIATE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<40) "
		        "INSERT INTO t SELECT i, zeroblob(3000) FROM n");
		assert_int_equal(fixture_run(survivor, "INSERT INTO t VALUES(3, 'busy')"), SQLITE_BUSY);
		vfs_process_kill(victim);
		sqlite3_close(other);
		vfs_process_destroy(victim);
		assert_int_equal(fixture_query(survivor, "SELECT count(*) FROM t"), 2);
		fixture_must_run(survivor, "INSERT INTO t VALUES(3, 'survivor')");
		assert_true(fixture_is_intact(survivor));
		assert_int_equal(fixture_query(survivor, "SELECT count(*) FROM t"), 3);
		sqlite3_close(survivor);
	}
}

/* ---- failing the nth call of a workload ------------------------------------------------------ */

enum { ROWS = 6 };

/* Commits rows one by one, the last two in one transaction over a small cache; returns the number
 * of acknowledged rows. The first may have been there before. */
static int run_workload(const char *mode, bool *in_doubt) {
	sqlite3 *database = NULL;
	char sql[200];
	int acknowledged = 0;
	*in_doubt = false;
	if (sqlite3_open_v2("/db", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "process") != SQLITE_OK) {
		goto out;
	}
	sqlite3_snprintf(sizeof sql, sql, "PRAGMA journal_mode=%s; PRAGMA cache_size=5; PRAGMA synchronous=FULL;",
	                 mode);
	if (fixture_run(database, sql) != SQLITE_OK) {
		goto out;
	}
	for (int row = 0; row < ROWS; row++) {
		sqlite3_snprintf(sizeof sql, sql,
		                 "BEGIN; INSERT INTO t VALUES(%d, randomblob(9000)); INSERT INTO u VALUES(%d); COMMIT",
		                 row, row);
		if (fixture_run(database, sql) != SQLITE_OK) {
			*in_doubt = true;
			break;
		}
		acknowledged++;
	}
out:
	sqlite3_close(database);
	return acknowledged;
}

static void prepare(struct world *world, const char *mode) {
	char sql[60];
	sqlite3 *database = fixture_open(world->process, "/db");
	sqlite3_snprintf(sizeof sql, sql, "PRAGMA journal_mode=%s", mode);
	fixture_must_run(database, sql);
	fixture_must_run(database, "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE TABLE u(a INTEGER PRIMARY KEY)");
	sqlite3_close(database);
}

/* After everything: the file is sound, both tables agree, all that was acknowledged is there, at
 * most one more. */
static void check_database(struct world *world, int acknowledged, bool in_doubt) {
	sqlite3 *database = fixture_open(world->process, "/db");
	assert_true(fixture_is_intact(database));
	int64_t rows = fixture_query(database, "SELECT count(*) FROM t");
	assert_int_equal(rows, fixture_query(database, "SELECT count(*) FROM u"));
	assert_in_range(rows, acknowledged, acknowledged + in_doubt);
	fixture_must_run(database, "INSERT INTO u VALUES(1000)");
	sqlite3_close(database);
}

/* One run with a fault in the nth call; false when there was no nth call. */
static bool run_injected(const struct vfs_disk *prepared, const char *mode, uint64_t nth, struct vfs_answer answer) {
	struct world world;
	bool in_doubt = false;
	fixture_init(&world.fixture, &fixture_options, nth);
	vfs_disk_destroy(world.fixture.disk);
	world.fixture.disk = vfs_disk_snapshot(prepared);
	start(&world);
	world.fixture.inject_at = nth;
	world.fixture.answer = answer;
	int acknowledged = run_workload(mode, &in_doubt);
	bool injected = world.fixture.injected;
	assert_int_equal(vfs_process_open_files(world.process), 0);
	world.fixture.inject_at = 0;
	if (!injected) {
		assert_int_equal(acknowledged, ROWS);
	}
	vfs_process_destroy(world.process);
	vfs_assert(world.fixture.disk);
	start(&world);
	check_database(&world, acknowledged, in_doubt);
	vfs_process_destroy(world.process);
	fixture_deinit(&world.fixture);
	return injected;
}

static struct vfs_disk *prepare_disk(const char *mode) {
	struct world world;
	init_world(&world, &fixture_options);
	prepare(&world, mode);
	vfs_process_destroy(world.process);
	struct vfs_disk *snapshot = vfs_disk_snapshot(world.fixture.disk);
	fixture_deinit(&world.fixture);
	return snapshot;
}

static const char *const workload_modes[] = {"DELETE", "TRUNCATE", "PERSIST", "WAL"};

/* How often the nth call existed. */
static uint64_t inject_in_every_call(struct vfs_answer answer) {
	uint64_t injections = 0;
	for (size_t mode = 0; mode < sizeof workload_modes / sizeof *workload_modes; mode++) {
		struct vfs_disk *prepared = prepare_disk(workload_modes[mode]);
		uint64_t nth = 1;
		while (run_injected(prepared, workload_modes[mode], nth, answer)) {
			nth++;
		}
		injections += nth - 1;
		vfs_disk_destroy(prepared);
	}
	return injections;
}

static void process_may_die_after_any_call(void **state) {
	(void)state;
	assert_true(inject_in_every_call((struct vfs_answer){.die = true}) > 1000);
}

static const enum vfs_method failing_methods[] = {
        VFS_METHOD_OPEN,     VFS_METHOD_DELETE,   VFS_METHOD_READ,   VFS_METHOD_WRITE,
        VFS_METHOD_TRUNCATE, VFS_METHOD_SYNC,     VFS_METHOD_LOCK,   VFS_METHOD_FILE_SIZE,
        VFS_METHOD_SHM_MAP,  VFS_METHOD_SHM_LOCK, VFS_METHOD_ACCESS, VFS_METHOD_CHECK_RESERVED_LOCK};

static bool is_legal(enum vfs_method method, enum vfs_effect effect) {
	return (vfs_effect_row(method)->failing & (1u << effect)) != 0;
}

/* One run with the nth call of one method failing. */
static bool run_failing(const struct vfs_disk *prepared, const char *mode, uint64_t nth, enum vfs_method method,
                        enum vfs_effect effect) {
	struct world world;
	bool in_doubt = false;
	fixture_init(&world.fixture, &fixture_options, nth);
	vfs_disk_destroy(world.fixture.disk);
	world.fixture.disk = vfs_disk_snapshot(prepared);
	start(&world);
	world.fixture.inject_at = nth;
	world.fixture.method = method;
	world.fixture.answer = (struct vfs_answer){.effect = effect, .result = fixture_usual_error(method)};
	int acknowledged = run_workload(mode, &in_doubt);
	bool injected = world.fixture.injected;
	world.fixture.inject_at = 0;
	vfs_process_destroy(world.process);
	start(&world);
	check_database(&world, acknowledged, in_doubt);
	vfs_process_destroy(world.process);
	fixture_deinit(&world.fixture);
	return injected;
}

/* How often the nth call of the method existed, over all effects. */
static uint64_t fail_every_call(const struct vfs_disk *prepared, const char *mode, enum vfs_method method) {
	uint64_t injections = 0;
	for (enum vfs_effect effect = VFS_EFFECT_BEFORE; effect < VFS_EFFECT_COUNT; effect++) {
		uint64_t nth = 1;
		while (is_legal(method, effect) && run_failing(prepared, mode, nth, method, effect)) {
			nth++;
		}
		injections += nth - 1;
	}
	return injections;
}

static void any_call_may_fail_before_or_after_its_effect(void **state) {
	(void)state;
	uint64_t injections = 0;
	for (size_t mode = 0; mode < sizeof workload_modes / sizeof *workload_modes; mode++) {
		struct vfs_disk *prepared = prepare_disk(workload_modes[mode]);
		for (size_t index = 0; index < sizeof failing_methods / sizeof *failing_methods; index++) {
			injections += fail_every_call(prepared, workload_modes[mode], failing_methods[index]);
		}
		vfs_disk_destroy(prepared);
	}
	assert_true(injections > 1000);
}

static void disk_may_be_full_at_any_size(void **state) {
	(void)state;
	int failures = 0;
	for (size_t mode = 0; mode < sizeof workload_modes / sizeof *workload_modes; mode++) {
		struct vfs_disk *prepared = prepare_disk(workload_modes[mode]);
		for (uint64_t blocks = 3; blocks < 60; blocks++) {
			struct world world;
			bool in_doubt = false;
			fixture_init(&world.fixture, &fixture_options, blocks);
			vfs_disk_destroy(world.fixture.disk);
			world.fixture.disk = vfs_disk_snapshot(prepared);
			start(&world);
			vfs_disk_set_capacity(world.fixture.disk, blocks * BLOCK);
			int acknowledged = run_workload(workload_modes[mode], &in_doubt);
			failures += acknowledged < ROWS;
			vfs_disk_set_capacity(world.fixture.disk, 0);
			check_database(&world, acknowledged, in_doubt);
			vfs_process_destroy(world.process);
			fixture_deinit(&world.fixture);
		}
		vfs_disk_destroy(prepared);
	}
	assert_in_range(failures, 30, 220);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        WITH_WORLD(open_finds_creates_and_refuses),
	        WITH_WORLD(temporary_files_have_names_of_their_own_and_leave_nothing),
	        WITH_WORLD(file_to_delete_on_close_has_no_name_after_opening),
	        WITH_WORLD(read_fills_what_is_missing_with_zeros),
	        WITH_WORLD(empty_file_does_not_exist_for_access),
	        WITH_WORLD(file_of_one_byte_counts_as_empty),
	        WITH_WORLD(delete_of_a_missing_file_says_so),
	        WITH_WORLD(only_delete_with_sync_makes_itself_durable),
	        WITH_WORLD(first_sync_of_a_new_journal_makes_its_name_durable_that_of_a_database_does_not),
	        WITH_WORLD(full_pathname_normalises),
	        WITH_WORLD(write_on_a_nearly_full_disk_writes_what_fits),
	        WITH_WORLD(file_controls_are_those_of_the_unix_vfs),
	        WITH_WORLD(time_is_virtual),
	        cmocka_unit_test(numbers_have_names),
	        WITH_WORLD(failing_write_has_the_effect_that_was_asked_for),
	        WITH_WORLD(failing_sync_has_the_effect_that_was_asked_for),
	        WITH_WORLD(failing_open_may_leave_the_file_it_made),
	        WITH_WORLD(failing_delete_leaves_the_file_or_its_durability_open),
	        WITH_WORLD(failing_truncate_and_unlock_may_have_happened),
	        WITH_WORLD(failing_lock_takes_nothing_or_leaves_pending),
	        WITH_WORLD(dead_process_changes_nothing),
	        WITH_WORLD(death_comes_after_the_effect),
	        WITH_WORLD(processes_share_a_database_and_one_survives_the_death_of_the_other),
	        cmocka_unit_test(process_may_die_after_any_call),
	        cmocka_unit_test(any_call_may_fail_before_or_after_its_effect),
	        cmocka_unit_test(disk_may_be_full_at_any_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
