/* tests/vfs/test_lies.c: disks that do not do what they say: effects that report success, and
 * sectors that cannot be read; and which answers of the hook are legal at all.
 */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096
#define OPEN_DB (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
#define OPEN_JOURNAL (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

struct world {
	struct fixture fixture;
	struct vfs_process *process;
	sqlite3_vfs *vfs;
	sqlite3_file *file; /* "/a": a durable block of 'o' */
};

static sqlite3_file *open_file(struct world *world, const char *path, int flags, int *out_flags) {
	sqlite3_file *file = malloc((size_t)world->vfs->szOsFile);
	assert_int_equal(world->vfs->xOpen(world->vfs, path, file, flags, out_flags), SQLITE_OK);
	return file;
}

static void close_file(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static int fill(sqlite3_file *file, int64_t offset, char value) {
	char bytes[BLOCK];
	memset(bytes, value, sizeof bytes);
	return file->pMethods->xWrite(file, bytes, BLOCK, offset);
}

static int set_up(void **state) {
	struct world *world = calloc(1, sizeof *world);
	fixture_init(&world->fixture, &fixture_options, 3);
	world->process = vfs_process_create(world->fixture.disk, "process", &world->fixture.hooks);
	world->vfs = sqlite3_vfs_find("process");
	world->file = open_file(world, "/a", OPEN_DB, NULL);
	assert_int_equal(fill(world->file, 0, 'o'), SQLITE_OK);
	assert_int_equal(world->file->pMethods->xSync(world->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
	*state = world;
	return 0;
}

static int tear_down(void **state) {
	struct world *world = *state;
	close_file(world->file);
	vfs_process_destroy(world->process);
	fixture_deinit(&world->fixture);
	free(world);
	return 0;
}

static void inject_next(struct world *world, struct vfs_answer answer) {
	world->fixture.matched = 0;
	world->fixture.inject_at = 1;
	world->fixture.answer = answer;
}

static int sync_file(sqlite3_file *file) {
	return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

static char seen(sqlite3_file *file, int64_t offset) {
	char byte = 0;
	(void)file->pMethods->xRead(file, &byte, 1, offset);
	return byte;
}

/* The first byte of "/a" after a power loss that takes nothing of what is pending; 0 when there is
 * none. */
static char stored(const struct world *world) {
	struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
	struct vfs_inode *inode = NULL;
	bool created = false;
	char byte = 0;
	size_t got = 0;
	vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
	vfs_assert(snapshot);
	if (vfs_disk_open(snapshot, "/a", false, &created, &inode) == VFS_OK) {
		vfs_disk_read(inode, 0, &byte, 1, &got);
		vfs_disk_close(snapshot, inode);
	}
	vfs_disk_destroy(snapshot);
	return byte;
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void lost_write_is_neither_seen_nor_stored(void **state) {
	struct world *world = *state;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_LOST});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(seen(world->file, 0), 'o');
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	assert_int_equal(stored(world), 'o');
}

static void unstored_write_is_seen_until_the_cache_is_gone(void **state) {
	struct world *world = *state;
	sqlite3_int64 size = 0;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_UNSTORED});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_UNSTORED});
	assert_int_equal(fill(world->file, 10000, 'n'), SQLITE_OK);
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	assert_int_equal(seen(world->file, 0), 'n');
	assert_int_equal(stored(world), 'o');
	vfs_assert(world->fixture.disk);
	assert_int_equal(vfs_disk_evict(world->fixture.disk, "/a"), VFS_OK);
	assert_int_equal(seen(world->file, 0), 'o');
	assert_int_equal(world->file->pMethods->xFileSize(world->file, &size), SQLITE_OK);
	assert_int_equal(size, BLOCK);
	assert_int_equal(vfs_disk_used_bytes(world->fixture.disk), BLOCK);
}

static void unstored_write_is_repaired_by_writing_again(void **state) {
	struct world *world = *state;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_UNSTORED});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(fill(world->file, 0, 'm'), SQLITE_OK);
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	assert_int_equal(stored(world), 'm');
}

/* A write over the end of a file whose size only the cache knows: what lies between reads as zeros,
 * not as what was there. */
static void size_that_was_not_stored_leaves_zeros_below_a_later_write(void **state) {
	struct world *world = *state;
	char bytes[3 * BLOCK];
	size_t got = 0;
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(world->file->pMethods->xTruncate(world->file, 100), SQLITE_OK);
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_UNSTORED});
	assert_int_equal(fill(world->file, 100, 'n'), SQLITE_OK);
	assert_int_equal(fill(world->file, 2 * BLOCK, 'm'), SQLITE_OK);
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
	vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
	vfs_assert(snapshot);
	assert_int_equal(vfs_disk_open(snapshot, "/a", false, &created, &inode), VFS_OK);
	vfs_disk_read(inode, 0, bytes, sizeof bytes, &got);
	assert_int_equal(got, sizeof bytes);
	assert_int_equal(bytes[99], 'o');
	for (int index = 100; index < BLOCK; index++) {
		assert_int_equal(bytes[index], 0);
	}
	assert_int_equal(bytes[2 * BLOCK], 'm');
	vfs_disk_close(snapshot, inode);
	vfs_disk_destroy(snapshot);
}

static void misdirected_write_leaves_its_place_alone_and_hits_another(void **state) {
	struct world *world = *state;
	assert_int_equal(fill(world->file, BLOCK, 'o'), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_MISDIRECTED, .offset = BLOCK});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(seen(world->file, 0), 'o');
	assert_int_equal(seen(world->file, BLOCK), 'n');
	sqlite3_file *other = open_file(world, "/b", OPEN_DB, NULL);
	assert_int_equal(fill(other, 0, 'b'), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_MISDIRECTED, .offset = 5, .path = "/b"});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(seen(world->file, 0), 'o');
	assert_int_equal(seen(other, 4), 'b');
	assert_int_equal(seen(other, 5), 'n');
	vfs_assert(world->fixture.disk);
	close_file(other);
}

/* ---- reads ----------------------------------------------------------------------------------- */

static void flipped_read_is_wrong_once_and_the_medium_is_fine(void **state) {
	struct world *world = *state;
	char bytes[8];
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_FLIPPED, .offset = 11, .mask = 1});
	assert_int_equal(world->file->pMethods->xRead(world->file, bytes, 8, 0), SQLITE_OK);
	assert_memory_equal(bytes, "ooonoooo", 8); /* 11 modulo 8; 'o' and 'n' differ in the last
	                                            * bit */
	assert_int_equal(world->file->pMethods->xRead(world->file, bytes, 8, 0), SQLITE_OK);
	assert_memory_equal(bytes, "oooooooo", 8);
}

static void flipped_read_at_the_end_of_the_file_is_still_short(void **state) {
	struct world *world = *state;
	char bytes[8];
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_FLIPPED, .offset = 1, .mask = 1});
	assert_int_equal(world->file->pMethods->xRead(world->file, bytes, 8, BLOCK - 2), SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(bytes, "on\0\0\0\0\0\0", 8);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_FLIPPED, .offset = 1, .mask = 1});
	assert_int_equal(world->file->pMethods->xRead(world->file, bytes, 8, BLOCK), SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(bytes, "\0\0\0\0\0\0\0\0", 8);
}

static void stale_read_gives_what_was_there(void **state) {
	struct world *world = *state;
	char bytes[4];
	struct vfs_disk *past = vfs_disk_snapshot(world->fixture.disk);
	assert_int_equal(fill(world->file, 0, 'm'), SQLITE_OK);
	assert_int_equal(sync_file(world->file), SQLITE_OK);
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(fill(world->file, BLOCK, 'n'), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_STALE});
	assert_int_equal(seen(world->file, 0), 'm');
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_STALE, .past = past});
	assert_int_equal(seen(world->file, 0), 'o');
	assert_int_equal(seen(world->file, 0), 'n');
	/* Beyond the end of then, the bytes of now: a short read there would be a true end that is
	 * not. */
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_STALE, .past = past});
	assert_int_equal(world->file->pMethods->xRead(world->file, bytes, 4, BLOCK - 2), SQLITE_OK);
	assert_memory_equal(bytes, "oonn", 4);
	vfs_disk_destroy(past);
}

static int read_at(struct world *world, int64_t offset) {
	char byte = 0;
	return world->file->pMethods->xRead(world->file, &byte, 1, offset);
}

static void broken_sector_cannot_be_read_until_it_is_written_as_a_whole(void **state) {
	struct world *world = *state;
	struct vfs_disk *disk = world->fixture.disk;
	char sector[512] = {'n'};
	assert_int_equal(vfs_disk_break(disk, "/a", 1000, 100), VFS_OK); /* sectors 1 and 2 */
	assert_int_equal(read_at(world, 511), SQLITE_OK);
	assert_int_equal(read_at(world, 512), SQLITE_IOERR_READ);
	assert_int_equal(read_at(world, 1535), SQLITE_IOERR_READ);
	assert_int_equal(read_at(world, 1536), SQLITE_OK);
	assert_int_equal(world->file->pMethods->xWrite(world->file, sector, 511, 512), SQLITE_OK);
	assert_int_equal(read_at(world, 512), SQLITE_IOERR_READ);
	struct vfs_disk *snapshot = vfs_disk_snapshot(disk);
	assert_int_equal(world->file->pMethods->xWrite(world->file, sector, 512, 512), SQLITE_OK);
	assert_int_equal(read_at(world, 512), SQLITE_OK);
	assert_int_equal(read_at(world, 1024), SQLITE_IOERR_READ);
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_OK);
	assert_int_equal(read_at(world, 1024), SQLITE_OK);
	vfs_assert(disk);
	/* Power off and on heals nothing, and a snapshot has its own. */
	vfs_disk_power_loss(snapshot, fixture_choose_nothing, NULL);
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(vfs_disk_open(snapshot, "/a", false, &created, &inode), VFS_OK);
	assert_false(vfs_disk_is_readable(inode, 0, BLOCK));
	assert_true(vfs_disk_is_readable(inode, 0, 512));
	vfs_disk_close(snapshot, inode);
	vfs_disk_destroy(snapshot);
}

static void broken_sector_beyond_a_truncate_is_forgotten(void **state) {
	struct world *world = *state;
	assert_int_equal(vfs_disk_break(world->fixture.disk, "/a", 0, UINT64_MAX), VFS_OK);
	assert_int_equal(world->file->pMethods->xTruncate(world->file, 600), SQLITE_OK);
	assert_int_equal(world->file->pMethods->xTruncate(world->file, BLOCK), SQLITE_OK);
	assert_int_equal(read_at(world, 600), SQLITE_IOERR_READ);
	assert_int_equal(read_at(world, 1024), SQLITE_OK);
	assert_int_equal(vfs_disk_break(world->fixture.disk, "/none", 0, 1), VFS_NOT_FOUND);
	assert_int_equal(vfs_disk_break(world->fixture.disk, "/", 0, 1), VFS_NOT_A_FILE);
	assert_int_equal(vfs_disk_break(world->fixture.disk, "/a", BLOCK, 1), VFS_OK);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void lying_sync_of_a_new_journal_stores_neither_content_nor_name(void **state) {
	struct world *world = *state;
	sqlite3_file *journal = open_file(world, "/a-journal", OPEN_JOURNAL, NULL);
	assert_int_equal(fill(journal, 0, 'j'), SQLITE_OK);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_LIE});
	assert_int_equal(sync_file(journal), SQLITE_OK);
	assert_int_equal(vfs_disk_pending_count(world->fixture.disk), 2);
	/* An honest sync later stores the content, but nobody thinks of the name any more. */
	assert_int_equal(sync_file(journal), SQLITE_OK);
	assert_int_equal(vfs_disk_pending_count(world->fixture.disk), 1);
	close_file(journal);
}

static void lying_delete_leaves_the_unlink_pending(void **state) {
	struct world *world = *state;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_LIE});
	assert_int_equal(world->vfs->xDelete(world->vfs, "/a", 1), SQLITE_OK);
	assert_false(vfs_disk_exists(world->fixture.disk, "/a"));
	assert_int_equal(stored(world), 'o');
}

static void open_without_permission_to_write_opens_for_reading(void **state) {
	struct world *world = *state;
	int flags = 0;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_READ_ONLY});
	sqlite3_file *file = open_file(world, "/a", OPEN_DB, &flags);
	assert_int_equal(flags, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY);
	assert_int_equal(seen(file, 0), 'o');
	assert_int_equal(fill(file, 0, 'n'), SQLITE_IOERR_WRITE);
	close_file(file);
	char *memory = calloc(1, (size_t)world->vfs->szOsFile);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_READ_ONLY});
	assert_int_equal(world->vfs->xOpen(world->vfs, "/b", (sqlite3_file *)memory, OPEN_DB, NULL), SQLITE_CANTOPEN);
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_READ_ONLY});
	assert_int_equal(world->vfs->xOpen(world->vfs, "/b", (sqlite3_file *)memory, OPEN_JOURNAL, NULL),
	                 SQLITE_READONLY_DIRECTORY);
	free(memory);
}

static void database_without_permission_is_read_only_for_sqlite(void **state) {
	struct world *world = *state;
	sqlite3 *database = fixture_open(world->process, "/db");
	fixture_must_run(database, "CREATE TABLE t(a); INSERT INTO t VALUES(5)");
	sqlite3_close(database);
	world->fixture.method = VFS_METHOD_OPEN;
	world->fixture.file_kind = VFS_FILE_DB;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_READ_ONLY});
	database = fixture_open(world->process, "/db");
	assert_int_equal(sqlite3_db_readonly(database, "main"), 1);
	assert_int_equal(fixture_query(database, "SELECT a FROM t"), 5);
	assert_int_equal(fixture_run(database, "INSERT INTO t VALUES(6)"), SQLITE_READONLY);
	sqlite3_close(database);
}

static void region_may_exist_though_mapping_it_failed(void **state) {
	struct world *world = *state;
	const sqlite3_io_methods *methods = world->file->pMethods;
	void volatile *memory = NULL;
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_BEFORE, .result = SQLITE_IOERR_SHMSIZE});
	assert_int_equal(methods->xShmMap(world->file, 0, 32768, 1, &memory), SQLITE_IOERR_SHMSIZE);
	assert_int_equal(methods->xShmMap(world->file, 0, 32768, 0, &memory), SQLITE_OK);
	assert_null(memory); /* nobody has made it */
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_AFTER, .result = SQLITE_IOERR_SHMSIZE});
	assert_int_equal(methods->xShmMap(world->file, 0, 32768, 1, &memory), SQLITE_IOERR_SHMSIZE);
	assert_null(memory);
	assert_int_equal(methods->xShmMap(world->file, 0, 32768, 0, &memory), SQLITE_OK);
	assert_non_null(memory);
}

static void size_hint_that_fails_may_have_grown_the_file(void **state) {
	struct world *world = *state;
	const sqlite3_io_methods *methods = world->file->pMethods;
	int chunk = 2 * BLOCK;
	sqlite3_int64 hint = BLOCK + 1;
	sqlite3_int64 size = 0;
	assert_int_equal(methods->xFileControl(world->file, SQLITE_FCNTL_CHUNK_SIZE, &chunk), SQLITE_OK);
	for (enum vfs_effect effect = VFS_EFFECT_BEFORE; effect <= VFS_EFFECT_AFTER; effect += 2) {
		inject_next(world, (struct vfs_answer){.effect = effect, .result = SQLITE_FULL});
		assert_int_equal(methods->xFileControl(world->file, SQLITE_FCNTL_SIZE_HINT, &hint), SQLITE_FULL);
		assert_int_equal(methods->xFileSize(world->file, &size), SQLITE_OK);
		assert_int_equal(size, effect == VFS_EFFECT_AFTER ? 2 * BLOCK : BLOCK);
	}
}

static void kill_in_the_middle_of_a_write_leaves_a_prefix_in_the_cache(void **state) {
	struct world *world = *state;
	char bytes[BLOCK];
	inject_next(world, (struct vfs_answer){.effect = VFS_EFFECT_PARTIAL, .die = true});
	assert_int_equal(fill(world->file, 0, 'n'), SQLITE_IOERR);
	vfs_assert(world->fixture.disk);
	struct vfs_inode *inode = NULL;
	bool created = false;
	size_t got = 0;
	size_t fresh = 0;
	assert_int_equal(vfs_disk_open(world->fixture.disk, "/a", false, &created, &inode), VFS_OK);
	vfs_disk_read(inode, 0, bytes, BLOCK, &got);
	vfs_disk_close(world->fixture.disk, inode);
	while (fresh < BLOCK && bytes[fresh] == 'n') {
		fresh++;
	}
	assert_in_range(fresh, 1, BLOCK - 1); /* with this seed */
	for (size_t index = fresh; index < BLOCK; index++) {
		assert_int_equal(bytes[index], 'o');
	}
	assert_int_equal(stored(world), 'o');
}

/* ---- legality -------------------------------------------------------------------------------- */

struct judgement {
	const char *what;
	struct vfs_call call;
	struct vfs_answer answer;
	bool is_legal;
};

#define EXCLUSIVE .size = SQLITE_LOCK_EXCLUSIVE
#define ANSWER(an_effect, code) .answer = {.effect = VFS_EFFECT_##an_effect, .result = (code)}

static const struct judgement judgements[] = {
        {"an ordinary call", {.method = VFS_METHOD_CLOSE}, {0}, true},
        {"a failing close", {.method = VFS_METHOD_CLOSE}, ANSWER(BEFORE, SQLITE_IOERR), false},
        {"busy from a write", {.method = VFS_METHOD_WRITE, .size = 9}, ANSWER(BEFORE, SQLITE_BUSY), false},
        {"a full disk in a write", {.method = VFS_METHOD_WRITE, .size = 9}, ANSWER(PARTIAL, SQLITE_FULL), true},
        {"all of a write as a part", {.method = VFS_METHOD_WRITE}, ANSWER(PARTIAL, SQLITE_FULL), false},
        {"success of a part", {.method = VFS_METHOD_WRITE, .size = 9}, ANSWER(PARTIAL, SQLITE_OK), false},
        {"an error of a lie", {.method = VFS_METHOD_WRITE, .size = 9}, ANSWER(LOST, SQLITE_IOERR_WRITE), false},
        {"a lost write", {.method = VFS_METHOD_WRITE, .size = 9}, ANSWER(LOST, SQLITE_OK), true},
        {"a lost sync", {.method = VFS_METHOD_SYNC}, ANSWER(LOST, SQLITE_OK), false},
        {"a lying sync", {.method = VFS_METHOD_SYNC}, ANSWER(LIE, SQLITE_OK), true},
        {"a sync that did nothing, unsaid", {.method = VFS_METHOD_SYNC}, ANSWER(BEFORE, SQLITE_OK), false},
        {"a short read in mid-file", {.method = VFS_METHOD_READ}, ANSWER(BEFORE, SQLITE_IOERR_SHORT_READ), false},
        {"a read that fails and reads", {.method = VFS_METHOD_READ}, ANSWER(AFTER, SQLITE_IOERR_READ), false},
        {"pending kept", {.method = VFS_METHOD_LOCK, EXCLUSIVE}, ANSWER(PARTIAL, SQLITE_BUSY), true},
        {"pending for shared", {.method = VFS_METHOD_LOCK, .size = 1}, ANSWER(PARTIAL, SQLITE_BUSY), false},
        {"a lock in spite of it", {.method = VFS_METHOD_LOCK, EXCLUSIVE}, ANSWER(AFTER, SQLITE_BUSY), false},
        {"busy from unlock", {.method = VFS_METHOD_UNLOCK}, ANSWER(BEFORE, SQLITE_BUSY), false},
        {"a slot that is busy",
         {.method = VFS_METHOD_SHM_LOCK, .flags = SQLITE_SHM_LOCK},
         ANSWER(BEFORE, SQLITE_BUSY),
         true},
        {"a slot that is busy when given back",
         {.method = VFS_METHOD_SHM_LOCK, .flags = SQLITE_SHM_UNLOCK},
         ANSWER(BEFORE, SQLITE_BUSY),
         false},
        {"memory for reading", {.method = VFS_METHOD_SHM_MAP}, ANSWER(AFTER, SQLITE_READONLY), true},
        {"no memory for reading", {.method = VFS_METHOD_SHM_MAP}, ANSWER(BEFORE, SQLITE_READONLY), false},
        {"a directory that is not synced",
         {.method = VFS_METHOD_DELETE, .flags = 1},
         ANSWER(AFTER, SQLITE_IOERR_DIR_FSYNC),
         true},
        {"a directory that nobody asked to sync",
         {.method = VFS_METHOD_DELETE},
         ANSWER(AFTER, SQLITE_IOERR_DIR_FSYNC),
         false},
        {"a directory that is synced first",
         {.method = VFS_METHOD_DELETE, .flags = 1},
         ANSWER(BEFORE, SQLITE_IOERR_DIR_FSYNC),
         false},
        {"a lie about nothing", {.method = VFS_METHOD_DELETE}, ANSWER(LIE, SQLITE_OK), false},
        {"an error after the commit",
         {.method = VFS_METHOD_FILE_CONTROL, .flags = SQLITE_FCNTL_COMMIT_PHASETWO},
         ANSWER(BEFORE, SQLITE_IOERR),
         true},
        {"an error of a notice",
         {.method = VFS_METHOD_FILE_CONTROL, .flags = SQLITE_FCNTL_LOCKSTATE},
         ANSWER(BEFORE, SQLITE_IOERR),
         false},
        {"reading only what was to be written",
         {.method = VFS_METHOD_OPEN, .file_kind = VFS_FILE_DB, .flags = SQLITE_OPEN_READWRITE},
         ANSWER(READ_ONLY, SQLITE_OK),
         true},
        {"reading only what was to be read",
         {.method = VFS_METHOD_OPEN, .file_kind = VFS_FILE_DB, .flags = SQLITE_OPEN_READONLY},
         ANSWER(READ_ONLY, SQLITE_OK),
         false},
};

static void must_be_judged_so(const struct judgement *judgement) {
	if (vfs_answer_is_legal(&judgement->call, &judgement->answer) != judgement->is_legal) {
		fail_msg("%s: expected to be %s", judgement->what, judgement->is_legal ? "legal" : "illegal");
	}
}

static void answers_are_legal_or_not(void **state) {
	(void)state;
	for (size_t index = 0; index < sizeof judgements / sizeof *judgements; index++) {
		must_be_judged_so(&judgements[index]);
	}
}

static void rows_of_the_table_make_sense(void **state) {
	(void)state;
	const uint32_t errors = 1u << VFS_EFFECT_BEFORE | 1u << VFS_EFFECT_PARTIAL | 1u << VFS_EFFECT_AFTER;
	for (int method = VFS_METHOD_NONE + 1; method < VFS_METHOD_COUNT; method++) {
		const struct vfs_effect_row *row = vfs_effect_row((enum vfs_method)method);
		assert_int_equal(row->failing & ~errors, 0);
		assert_int_equal(row->dying & ~errors, 0);
		assert_int_equal(row->lying & (errors | 1u), 0);
		assert_int_equal(row->failing & ~row->dying, 0); /* where it can fail it can die */
		assert_int_equal(row->failing != 0, row->codes[0] != SQLITE_OK);
	}
}

/* Whether injecting this effect aborts; in a process of its own. */
static bool does_abort(struct world *world, enum vfs_method method, struct vfs_answer answer) {
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char buffer[4];
		(void)close(STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		inject_next(world, answer);
		if (method == VFS_METHOD_READ) {
			(void)world->file->pMethods->xRead(world->file, buffer, 4, 0);
		} else if (method == VFS_METHOD_SLEEP) {
			(void)world->vfs->xSleep(world->vfs, 1);
		} else {
			(void)world->file->pMethods->xSync(world->file, SQLITE_SYNC_NORMAL);
		}
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* S8: an effect that no operating system could have is never asked for. */
static void illegal_effect_aborts_and_a_legal_one_does_not(void **state) {
	struct world *world = *state;
	struct vfs_answer before = {.effect = VFS_EFFECT_BEFORE, .result = SQLITE_IOERR_READ};
	struct vfs_answer partial = {.effect = VFS_EFFECT_PARTIAL, .result = SQLITE_IOERR_READ};
	assert_false(does_abort(world, VFS_METHOD_READ, before));
	assert_true(does_abort(world, VFS_METHOD_READ, partial));
	before.result = SQLITE_IOERR_SHORT_READ; /* not at the end of the file: SQLite would take it
	                                          * as zeros */
	assert_true(does_abort(world, VFS_METHOD_READ, before));
	before.result = SQLITE_IOERR;
	assert_true(does_abort(world, VFS_METHOD_SLEEP, before));
	partial.result = SQLITE_IOERR_FSYNC;
	assert_false(does_abort(world, VFS_METHOD_SYNC, partial));
	partial.result = SQLITE_BUSY;
	assert_true(does_abort(world, VFS_METHOD_SYNC, partial));
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        WITH_WORLD(lost_write_is_neither_seen_nor_stored),
	        WITH_WORLD(unstored_write_is_seen_until_the_cache_is_gone),
	        WITH_WORLD(unstored_write_is_repaired_by_writing_again),
	        WITH_WORLD(size_that_was_not_stored_leaves_zeros_below_a_later_write),
	        WITH_WORLD(misdirected_write_leaves_its_place_alone_and_hits_another),
	        WITH_WORLD(flipped_read_is_wrong_once_and_the_medium_is_fine),
	        WITH_WORLD(flipped_read_at_the_end_of_the_file_is_still_short),
	        WITH_WORLD(stale_read_gives_what_was_there),
	        WITH_WORLD(broken_sector_cannot_be_read_until_it_is_written_as_a_whole),
	        WITH_WORLD(broken_sector_beyond_a_truncate_is_forgotten),
	        WITH_WORLD(lying_sync_of_a_new_journal_stores_neither_content_nor_name),
	        WITH_WORLD(lying_delete_leaves_the_unlink_pending),
	        WITH_WORLD(open_without_permission_to_write_opens_for_reading),
	        WITH_WORLD(database_without_permission_is_read_only_for_sqlite),
	        WITH_WORLD(region_may_exist_though_mapping_it_failed),
	        WITH_WORLD(size_hint_that_fails_may_have_grown_the_file),
	        WITH_WORLD(kill_in_the_middle_of_a_write_leaves_a_prefix_in_the_cache),
	        WITH_WORLD(illegal_effect_aborts_and_a_legal_one_does_not),
	        cmocka_unit_test(answers_are_legal_or_not),
	        cmocka_unit_test(rows_of_the_table_make_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
