/* tests/vfs/test_in_doubt.c: what an error of COMMIT means: the rows of docs/contracts.md section
 * 2, each played three times: what is seen afterwards while all processes live, after the process
 * is killed, and after a power loss (under many choices of what survives).
 *
 * Each run: 20 rows of value 1 on several pages; a transaction sets all to 2; one call inside
 * COMMIT gets a fault. Anything but all old or all new fails.
 */
#include "fixture.h"

#include <string.h>

enum view { NONE = 0, OLD = 1, NEW = 2, EITHER = OLD | NEW };

static const char *const view_names[] = {"nothing", "old", "new", "either"};

struct row {
	const char *what;
	const char *journal_mode;
	const char *synchronous;
	bool is_warm;  /* the connection has committed before: in WAL mode the WAL has its header */
	bool is_large; /* so many frames that the WAL index must grow */
	enum vfs_method method;
	enum vfs_file_kind file_kind;
	uint64_t nth;   /* call of that kind in COMMIT */
	uint32_t flags; /* of the call, if not 0 */
	enum vfs_effect effect;
	int result;
	enum view live;
	enum view killed;
	enum view lost; /* after power loss: every view that occurs, no more and no less */
};

struct world {
	struct fixture fixture;
	struct vfs_process *first;
	struct vfs_process *second;
	sqlite3 *database; /* of the first */
};

/* ---- playing a row --------------------------------------------------------------------------- */

static enum view look(sqlite3 *database) {
	int64_t lowest = fixture_query(database, "SELECT min(a) FROM t");
	int64_t highest = fixture_query(database, "SELECT max(a) FROM t");
	return lowest != highest ? NONE : lowest == 1 ? OLD : lowest == 2 ? NEW : NONE;
}

static void set_modes(sqlite3 *database, const struct row *row) {
	char sql[160];
	sqlite3_snprintf(sizeof sql, sql,
	                 "PRAGMA page_size=512; PRAGMA journal_mode=%s; PRAGMA synchronous=%s;"
	                 "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=10000",
	                 row->journal_mode, row->synchronous);
	fixture_must_run(database, sql);
}

static void start(struct world *world) {
	world->first = vfs_process_create(world->fixture.disk, "first", &world->fixture.hooks);
	world->second = vfs_process_create(world->fixture.disk, "second", &world->fixture.hooks);
}

/* Everything is durable, and nobody has the database open. */
static void prepare(struct world *world, const struct row *row) {
	sqlite3 *database = fixture_open(world->first, "/db");
	struct vfs_inode *inode = NULL;
	bool created = false;
	set_modes(database, row);
	fixture_must_run(database, "CREATE TABLE t(a, b); CREATE TABLE large(b);"
	                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
	                           "INSERT INTO t SELECT 1, zeroblob(200) FROM n");
	sqlite3_close(database);
	assert_int_equal(vfs_disk_open(world->fixture.disk, "/db", false, &created, &inode), VFS_OK);
	vfs_disk_sync(world->fixture.disk, inode);
	vfs_disk_close(world->fixture.disk, inode);
	assert_int_equal(vfs_disk_sync_directory(world->fixture.disk, "/"), VFS_OK);
}

/* Up to and with the COMMIT that gets the fault. Its result. */
static int inject_into_commit(struct world *world, const struct row *row, bool dies) {
	fixture_init(&world->fixture, &fixture_options, 11);
	start(world);
	prepare(world, row);
	world->database = fixture_open(world->first, "/db");
	set_modes(world->database, row);
	if (row->is_warm) {
		fixture_must_run(world->database, "UPDATE t SET b = zeroblob(201)");
	}
	fixture_must_run(world->database, "BEGIN; UPDATE t SET a = 2");
	if (row->is_large) {
		fixture_must_run(world->database, "INSERT INTO large VALUES(zeroblob(2300000))");
	}
	world->fixture.matched = 0;
	world->fixture.method = row->method;
	world->fixture.file_kind = row->file_kind;
	world->fixture.flags = row->flags;
	world->fixture.inject_at = row->nth;
	world->fixture.answer = (struct vfs_answer){.effect = row->effect, .result = row->result, .die = dies};
	int result = fixture_run(world->database, "COMMIT");
	world->fixture.inject_at = 0;
	return result;
}

static void fail_commit(struct world *world, const struct row *row) {
	int result = inject_into_commit(world, row, false);
	if (!world->fixture.injected || result == SQLITE_OK) {
		fail_msg("%s: %s, COMMIT gives %d", row->what, world->fixture.injected ? "injected" : "not injected",
		         result);
	}
}

static void end(struct world *world) {
	sqlite3_close(world->database);
	vfs_process_destroy(world->first);
	vfs_process_destroy(world->second);
	fixture_deinit(&world->fixture);
}

static void kill_all(struct world *world) {
	vfs_process_kill(world->first);
	vfs_process_kill(world->second);
	sqlite3_close(world->database);
	world->database = NULL;
	vfs_process_destroy(world->first);
	vfs_process_destroy(world->second);
	world->first = NULL;
	world->second = NULL;
}

/* What a new process finds. */
static enum view find(struct world *world, const struct row *row) {
	start(world);
	sqlite3 *database = fixture_open(world->second, "/db");
	enum view view = look(database);
	if (!fixture_is_intact(database)) {
		fail_msg("%s: the database is corrupt", row->what);
	}
	sqlite3_close(database);
	return view;
}

static void expect(const struct row *row, const char *when, enum view expected, enum view found) {
	if (found != expected) {
		fail_msg("%s: %s expected %s, found %s", row->what, when, view_names[expected], view_names[found]);
	}
}

static void look_while_all_live(const struct row *row) {
	struct world world;
	fail_commit(&world, row);
	(void)fixture_run(world.database, "ROLLBACK"); /* most errors have done that already */
	expect(row, "the same connection", row->live, look(world.database));
	sqlite3 *other = fixture_open(world.second, "/db");
	enum view view = look(other);
	if (sqlite3_errcode(other) != SQLITE_BUSY) { /* when it was the unlock that failed */
		expect(row, "another connection", row->live, view);
	}
	sqlite3_close(other);
	if (strcmp(row->journal_mode, "WAL") != 0) { /* for kill the read has settled it */
		kill_all(&world);
		expect(row, "after a read and kill", row->live, find(&world, row));
	}
	end(&world);
}

static void look_after_kill(const struct row *row) {
	struct world world;
	fail_commit(&world, row);
	kill_all(&world);
	expect(row, "after kill", row->killed, find(&world, row));
	end(&world);
}

enum { POWER_LOSSES = 60 };

static enum view look_after_one_power_loss(const struct row *row, uint64_t seed) {
	struct world world;
	struct fixture_random random = {seed};
	vfs_chooser chooser = seed == 0   ? fixture_choose_nothing
	                      : seed == 1 ? fixture_choose_everything
	                                  : fixture_choose_random;
	fail_commit(&world, row);
	kill_all(&world);
	vfs_disk_power_loss(world.fixture.disk, chooser, &random);
	enum view view = find(&world, row);
	if (view == NONE) {
		fail_msg("%s: half a transaction after power loss %d", row->what, (int)seed);
	}
	end(&world);
	return view;
}

static void look_after_power_loss(const struct row *row) {
	enum view views = NONE;
	for (uint64_t seed = 0; seed < POWER_LOSSES; seed++) {
		views |= look_after_one_power_loss(row, seed);
	}
	expect(row, "after power loss", row->lost, views);
}

static void play(const struct row *rows, size_t count) {
	for (size_t index = 0; index < count; index++) {
		look_while_all_live(&rows[index]);
		look_after_kill(&rows[index]);
		look_after_power_loss(&rows[index]);
	}
}

/* ---- the rows -------------------------------------------------------------------------------- */

#define STRIKE(a_method, a_kind, a_number, an_effect, code)                                                            \
	.method = VFS_METHOD_##a_method, .file_kind = VFS_FILE_##a_kind, .nth = (a_number),                            \
	.effect = VFS_EFFECT_##an_effect, .result = (code)
#define VIEWS(a, b, c) .live = (a), .killed = (b), .lost = (c)
#define DELETE_FULL .journal_mode = "DELETE", .synchronous = "FULL"
#define DELETE_EXTRA .journal_mode = "DELETE", .synchronous = "EXTRA"
#define TRUNCATE_FULL .journal_mode = "TRUNCATE", .synchronous = "FULL"
#define PERSIST_FULL .journal_mode = "PERSIST", .synchronous = "FULL"
#define WAL_FULL .journal_mode = "WAL", .synchronous = "FULL"

static void rollback_journal_that_is_not_finished_rolls_back(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"DELETE, journal sync", DELETE_FULL, STRIKE(SYNC, JOURNAL, 1, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, OLD, OLD)},
	        {"DELETE, second journal sync", DELETE_FULL, STRIKE(SYNC, JOURNAL, 2, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, OLD, OLD)},
	        {"DELETE, database write", DELETE_FULL, STRIKE(WRITE, DB, 2, BEFORE, SQLITE_IOERR_WRITE),
	         VIEWS(OLD, OLD, OLD)},
	        {"DELETE, part of a database write", DELETE_FULL, STRIKE(WRITE, DB, 2, PARTIAL, SQLITE_FULL),
	         VIEWS(OLD, OLD, OLD)},
	        {"DELETE, database sync", DELETE_FULL, STRIKE(SYNC, DB, 1, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, OLD, OLD)},
	        {"DELETE, database sync that was one", DELETE_FULL, STRIKE(SYNC, DB, 1, AFTER, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, OLD, OLD)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

static void unlink_that_fails_decides_by_its_effect(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"DELETE, unlink, file still there", DELETE_FULL,
	         STRIKE(DELETE, JOURNAL, 1, BEFORE, SQLITE_IOERR_DELETE), VIEWS(OLD, OLD, OLD)},
	        {"DELETE, unlink, file gone", DELETE_FULL, STRIKE(DELETE, JOURNAL, 1, AFTER, SQLITE_IOERR_DELETE),
	         VIEWS(NEW, NEW, EITHER)},
	        {"DELETE EXTRA, directory sync", DELETE_EXTRA,
	         STRIKE(DELETE, JOURNAL, 1, AFTER, SQLITE_IOERR_DIR_FSYNC), VIEWS(NEW, NEW, EITHER)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

static void truncate_or_header_write_that_fails_decides_by_its_effect(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"TRUNCATE, truncate, before", TRUNCATE_FULL,
	         STRIKE(TRUNCATE, JOURNAL, 1, BEFORE, SQLITE_IOERR_TRUNCATE), VIEWS(OLD, OLD, OLD)},
	        {"TRUNCATE, truncate, after", TRUNCATE_FULL, STRIKE(TRUNCATE, JOURNAL, 1, AFTER, SQLITE_IOERR_TRUNCATE),
	         VIEWS(NEW, NEW, EITHER)},
	        {"TRUNCATE, sync after it", TRUNCATE_FULL, STRIKE(SYNC, JOURNAL, 3, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(NEW, NEW, EITHER)},
	        {"PERSIST, header write, before", PERSIST_FULL, STRIKE(WRITE, JOURNAL, 5, BEFORE, SQLITE_IOERR_WRITE),
	         VIEWS(OLD, OLD, OLD)},
	        {"PERSIST, header write, after", PERSIST_FULL, STRIKE(WRITE, JOURNAL, 5, AFTER, SQLITE_IOERR_WRITE),
	         VIEWS(NEW, NEW, EITHER)},
	        {"PERSIST, sync after it", PERSIST_FULL, STRIKE(SYNC, JOURNAL, 3, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(NEW, NEW, EITHER)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

static void unlock_that_fails_comes_after_the_commit(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"DELETE FULL, unlock", DELETE_FULL, STRIKE(UNLOCK, DB, 1, BEFORE, SQLITE_IOERR_UNLOCK),
	         VIEWS(NEW, NEW, EITHER)},
	        {"DELETE EXTRA, unlock", DELETE_EXTRA, STRIKE(UNLOCK, DB, 1, BEFORE, SQLITE_IOERR_UNLOCK),
	         VIEWS(NEW, NEW, NEW)},
	        {"DELETE EXTRA, unlock that was one", DELETE_EXTRA, STRIKE(UNLOCK, DB, 1, AFTER, SQLITE_IOERR_UNLOCK),
	         VIEWS(NEW, NEW, NEW)},
	        {"TRUNCATE FULL, unlock", TRUNCATE_FULL, STRIKE(UNLOCK, DB, 1, BEFORE, SQLITE_IOERR_UNLOCK),
	         VIEWS(NEW, NEW, NEW)},
	        {"PERSIST FULL, unlock", PERSIST_FULL, STRIKE(UNLOCK, DB, 1, BEFORE, SQLITE_IOERR_UNLOCK),
	         VIEWS(NEW, NEW, NEW)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

#define CONTROL(operation) .flags = SQLITE_FCNTL_##operation, STRIKE(FILE_CONTROL, DB, 1, BEFORE, SQLITE_IOERR)

static void control_that_fails_comes_before_or_after_the_commit(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"DELETE EXTRA, FCNTL_SYNC", DELETE_EXTRA, CONTROL(SYNC), VIEWS(OLD, OLD, OLD)},
	        {"DELETE EXTRA, FCNTL_COMMIT_PHASETWO", DELETE_EXTRA, CONTROL(COMMIT_PHASETWO), VIEWS(NEW, NEW, NEW)},
	        {"DELETE FULL, FCNTL_COMMIT_PHASETWO", DELETE_FULL, CONTROL(COMMIT_PHASETWO), VIEWS(NEW, NEW, EITHER)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

static void wal_sync_that_fails_leaves_the_commit_in_limbo(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"WAL, commit sync", WAL_FULL, .is_warm = true, STRIKE(SYNC, WAL, 1, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, NEW, EITHER)},
	        {"WAL, first commit sync", WAL_FULL, STRIKE(SYNC, WAL, 2, BEFORE, SQLITE_IOERR_FSYNC),
	         VIEWS(OLD, NEW, EITHER)},
	        {"WAL, commit sync that was one", WAL_FULL, .is_warm = true,
	         STRIKE(SYNC, WAL, 1, AFTER, SQLITE_IOERR_FSYNC), VIEWS(OLD, NEW, NEW)},
	        {"WAL, index that cannot grow", WAL_FULL, .is_warm = true, .is_large = true,
	         STRIKE(SHM_MAP, SHM, 1, BEFORE, SQLITE_IOERR_SHMMAP), VIEWS(OLD, NEW, NEW)},
	        {"WAL, index without memory", WAL_FULL, .is_warm = true, .is_large = true,
	         STRIKE(SHM_MAP, SHM, 1, BEFORE, SQLITE_NOMEM), VIEWS(OLD, NEW, NEW)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

static void wal_without_all_frames_rolls_back(void **state) {
	(void)state;
	static const struct row rows[] = {
	        {"WAL, header sync", WAL_FULL, STRIKE(SYNC, WAL, 1, BEFORE, SQLITE_IOERR_FSYNC), VIEWS(OLD, OLD, OLD)},
	        {"WAL, a frame", WAL_FULL, .is_warm = true, STRIKE(WRITE, WAL, 5, BEFORE, SQLITE_IOERR_WRITE),
	         VIEWS(OLD, OLD, OLD)},
	        {"WAL, part of a frame", WAL_FULL, .is_warm = true, STRIKE(WRITE, WAL, 6, PARTIAL, SQLITE_FULL),
	         VIEWS(OLD, OLD, OLD)},
	        {"WAL, first write", WAL_FULL, .is_warm = true, STRIKE(WRITE, WAL, 1, AFTER, SQLITE_IOERR_WRITE),
	         VIEWS(OLD, OLD, OLD)},
	};
	play(rows, sizeof rows / sizeof *rows);
}

/* ---- the limbo of the WAL -------------------------------------------------------------------- */

static const struct row limbo = {"WAL, limbo", WAL_FULL, .is_warm = true,
                                 STRIKE(SYNC, WAL, 1, BEFORE, SQLITE_IOERR_FSYNC), VIEWS(OLD, NEW, EITHER)};

static void limbo_survives_reads_and_a_checkpoint(void **state) {
	(void)state;
	struct world world;
	fail_commit(&world, &limbo);
	assert_int_equal(look(world.database), OLD);
	sqlite3 *other = fixture_open(world.second, "/db");
	assert_int_equal(look(other), OLD);
	assert_int_equal(sqlite3_wal_checkpoint_v2(world.database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
	                 SQLITE_OK);
	assert_int_equal(look(world.database), OLD);
	vfs_process_kill(world.second);
	sqlite3_close(other);
	kill_all(&world);
	assert_int_equal(find(&world, &limbo), NEW);
	end(&world);
}

static void limbo_ends_with_the_next_commit(void **state) {
	(void)state;
	struct world world;
	fail_commit(&world, &limbo);
	fixture_must_run(world.database, "INSERT INTO large VALUES(1)");
	kill_all(&world);
	assert_int_equal(find(&world, &limbo), OLD);
	end(&world);
}

static void limbo_ends_with_a_clean_close(void **state) {
	(void)state;
	struct world world;
	fail_commit(&world, &limbo);
	assert_int_equal(sqlite3_close(world.database), SQLITE_OK);
	world.database = NULL;
	kill_all(&world);
	assert_int_equal(find(&world, &limbo), OLD);
	end(&world);
}

/* ---- without a journal on the disk ----------------------------------------------------------- */

/* How often a process that dies in the nth database write of COMMIT leaves neither the old state
 * nor the new one. */
static int count_halves(const char *journal_mode) {
	int halves = 0;
	for (uint64_t nth = 1; nth <= 12; nth++) {
		struct row row = {.what = journal_mode,
		                  .journal_mode = journal_mode,
		                  .synchronous = "FULL",
		                  STRIKE(WRITE, DB, nth, PARTIAL, SQLITE_IOERR_WRITE)};
		struct world world;
		(void)inject_into_commit(&world, &row, true);
		kill_all(&world);
		start(&world);
		sqlite3 *database = fixture_open(world.second, "/db");
		halves += look(database) == NONE || !fixture_is_intact(database);
		sqlite3_close(database);
		end(&world);
	}
	return halves;
}

static void kill_corrupts_without_a_journal_on_the_disk_and_with_one_does_not(void **state) {
	(void)state;
	assert_true(count_halves("OFF") > 0);
	assert_true(count_halves("MEMORY") > 0);
	assert_int_equal(count_halves("DELETE"), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rollback_journal_that_is_not_finished_rolls_back),
	        cmocka_unit_test(unlink_that_fails_decides_by_its_effect),
	        cmocka_unit_test(truncate_or_header_write_that_fails_decides_by_its_effect),
	        cmocka_unit_test(unlock_that_fails_comes_after_the_commit),
	        cmocka_unit_test(control_that_fails_comes_before_or_after_the_commit),
	        cmocka_unit_test(wal_sync_that_fails_leaves_the_commit_in_limbo),
	        cmocka_unit_test(wal_without_all_frames_rolls_back),
	        cmocka_unit_test(limbo_survives_reads_and_a_checkpoint),
	        cmocka_unit_test(limbo_ends_with_the_next_commit),
	        cmocka_unit_test(limbo_ends_with_a_clean_close),
	        cmocka_unit_test(kill_corrupts_without_a_journal_on_the_disk_and_with_one_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
