/* tests/vfs/process/test_lock_style.c: locks of other styles, locks that go while SQLite holds
 * them, and a WAL index that nobody else sees. Each has a twin in which the locks do their work. */
#include "fixture.h"

#include <stdlib.h>

#define REGION 32768

/* Two processes, and a connection of each to one database; the third process comes later. */
struct trio {
	struct fixture fixture;
	struct vfs_process *processes[3];
	sqlite3 *connections[2];
};

static void connect_both(struct trio *trio, const char *journal_mode) {
	sqlite3 *first = fixture_open(trio->processes[0], "/db");
	fixture_must_run(first, journal_mode);
	fixture_must_run(first, "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
	trio->connections[0] = first;
	trio->connections[1] = fixture_open(trio->processes[1], "/db");
	fixture_must_run(trio->connections[1], "SELECT * FROM t");
}

static int set_up(void **state) {
	static const char *const names[] = {"first", "second", "third"};
	struct trio *trio = calloc(1, sizeof *trio);
	fixture_init(&trio->fixture, &fixture_options, 1);
	for (int i = 0; i < 3; i++) {
		trio->processes[i] = vfs_process_create(trio->fixture.disk, names[i], &trio->fixture.hooks);
	}
	*state = trio;
	return 0;
}

static int tear_down(void **state) {
	struct trio *trio = *state;
	vfs_assert(trio->fixture.disk);
	for (int i = 0; i < 3; i++) {
		sqlite3_close(i < 2 ? trio->connections[i] : NULL);
		vfs_process_destroy(trio->processes[i]);
	}
	fixture_deinit(&trio->fixture);
	free(trio);
	return 0;
}

#define DELETE_MODE "PRAGMA journal_mode=DELETE"
#define WAL_MODE "PRAGMA journal_mode=WAL"

/* ---- styles ---------------------------------------------------------------------------------- */

static void a_void_lock_keeps_nobody_off(void **state) {
	struct trio *trio = *state;
	for (int i = 0; i < 2; i++) {
		vfs_process_set_lock_style(trio->processes[i], VFS_LOCKS_VOID);
	}
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN EXCLUSIVE");
	fixture_must_run(trio->connections[1], "BEGIN EXCLUSIVE");
}

static void a_posix_lock_does(void **state) {
	struct trio *trio = *state;
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN EXCLUSIVE");
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN EXCLUSIVE"), SQLITE_BUSY);
}

static void a_dot_file_keeps_readers_off_too(void **state) {
	struct trio *trio = *state;
	for (int i = 0; i < 2; i++) {
		vfs_process_set_lock_style(trio->processes[i], VFS_LOCKS_DOT_FILE);
	}
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN; SELECT * FROM t");
	assert_int_equal(fixture_run(trio->connections[1], "SELECT * FROM t"), SQLITE_BUSY);
	fixture_must_run(trio->connections[0], "COMMIT");
	fixture_must_run(trio->connections[1], "INSERT INTO t VALUES(2)");
	/* No shared memory, no WAL. */
	fixture_must_run(trio->connections[1], WAL_MODE);
	assert_int_equal(fixture_query(trio->connections[0], "SELECT count(*) FROM t"), 2);
}

static void two_styles_see_nothing_of_each_other(void **state) {
	struct trio *trio = *state;
	vfs_process_set_lock_style(trio->processes[1], VFS_LOCKS_DOT_FILE);
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN EXCLUSIVE");
	fixture_must_run(trio->connections[1], "BEGIN EXCLUSIVE");
}

static void a_killed_process_leaves_no_dot_file(void **state) {
	struct trio *trio = *state;
	for (int i = 0; i < 2; i++) {
		vfs_process_set_lock_style(trio->processes[i], VFS_LOCKS_DOT_FILE);
	}
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN EXCLUSIVE");
	vfs_process_kill(trio->processes[0]);
	fixture_must_run(trio->connections[1], "INSERT INTO t VALUES(2)");
}

/* A call that does half of its work leaves PENDING of POSIX locks. Others have no such state, and
 * nobody would give it back. */
static void half_a_lock_of_another_style_is_none(void **state) {
	struct trio *trio = *state;
	static const enum vfs_lock_style styles[] = {VFS_LOCKS_DOT_FILE, VFS_LOCKS_VOID};
	for (int i = 0; i < 2; i++) {
		vfs_process_set_lock_style(trio->processes[i], styles[i]);
	}
	connect_both(trio, DELETE_MODE);
	for (int i = 0; i < 2; i++) {
		sqlite3_file *file = NULL;
		int level = -1;
		sqlite3_file_control(trio->connections[i], "main", SQLITE_FCNTL_FILE_POINTER, &file);
		fixture_must_run(trio->connections[i], "BEGIN IMMEDIATE");
		trio->fixture.matched = 0;
		trio->fixture.inject_at = 1;
		trio->fixture.answer = (struct vfs_answer){.effect = VFS_EFFECT_PARTIAL, .result = SQLITE_BUSY};
		assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
		file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level);
		assert_int_equal(level, SQLITE_LOCK_RESERVED);
		vfs_assert(trio->fixture.disk);
		fixture_must_run(trio->connections[i], "ROLLBACK");
	}
}

/* ---- locks that are dropped ------------------------------------------------------------------ */

static void a_close_lets_a_second_writer_in(void **state) {
	struct trio *trio = *state;
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_true(vfs_process_drop_locks(trio->processes[0], "/db", VFS_FILE_DB));
	vfs_assert(trio->fixture.disk);
	fixture_must_run(trio->connections[1], "BEGIN IMMEDIATE");
	/* Both write one journal, and who commits first takes it from the other. */
	fixture_must_run(trio->connections[0], "UPDATE t SET a = 2");
	fixture_must_run(trio->connections[1], "UPDATE t SET a = 3; COMMIT");
	assert_int_equal(fixture_run(trio->connections[0], "COMMIT"), SQLITE_IOERR_DELETE_NOENT);
}

static void a_close_of_another_file_takes_nothing(void **state) {
	struct trio *trio = *state;
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_false(vfs_process_drop_locks(trio->processes[0], "/other", VFS_FILE_DB));
	/* Nor from one that holds none. */
	assert_false(vfs_process_drop_locks(trio->processes[1], "/db", VFS_FILE_DB));
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
}

static void a_close_takes_no_dot_file(void **state) {
	struct trio *trio = *state;
	for (int i = 0; i < 2; i++) {
		vfs_process_set_lock_style(trio->processes[i], VFS_LOCKS_DOT_FILE);
	}
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_true(vfs_process_drop_locks(trio->processes[0], "/db", VFS_FILE_DB));
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
}

/* Each fcntl() takes its own bytes: RESERVED one, EXCLUSIVE all, and a return to SHARED its own. */
static void a_later_lock_is_a_real_one(void **state) {
	struct trio *trio = *state;
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN; SELECT * FROM t");
	assert_true(vfs_process_drop_locks(trio->processes[0], NULL, VFS_FILE_NONE));
	fixture_must_run(trio->connections[0], "INSERT INTO t VALUES(2)");
	vfs_assert(trio->fixture.disk);
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
	fixture_must_run(trio->connections[0], "COMMIT");
	vfs_assert(trio->fixture.disk);
	fixture_must_run(trio->connections[1], "BEGIN EXCLUSIVE; INSERT INTO t VALUES(3); COMMIT");
}

static sqlite3_file *file_of(sqlite3 *connection) {
	sqlite3_file *file = NULL;
	assert_int_equal(sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
	return file;
}

static void shared_cannot_be_had_again_beside_exclusive(void **state) {
	struct trio *trio = *state;
	connect_both(trio, DELETE_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_true(vfs_process_drop_locks(trio->processes[0], "/db", VFS_FILE_DB));
	fixture_must_run(trio->connections[1], "BEGIN EXCLUSIVE");
	sqlite3_file *file = file_of(trio->connections[0]);
	assert_int_equal(file->pMethods->xUnlock(file, SQLITE_LOCK_SHARED), SQLITE_IOERR_RDLOCK);
	fixture_must_run(trio->connections[1], "COMMIT");
	assert_int_equal(file->pMethods->xUnlock(file, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(file->pMethods->xLock(file, SQLITE_LOCK_RESERVED), SQLITE_OK);
}

/* ---- the WAL index --------------------------------------------------------------------------- */

static uint8_t *index_of(sqlite3 *connection) {
	void volatile *memory = NULL;
	sqlite3_file *file = file_of(connection);
	assert_int_equal(file->pMethods->xShmMap(file, 0, REGION, 1, &memory), SQLITE_OK);
	return (uint8_t *)(uintptr_t)memory;
}

static void a_dropped_write_lock_lets_a_second_writer_into_the_wal(void **state) {
	struct trio *trio = *state;
	connect_both(trio, WAL_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_true(vfs_process_drop_locks(trio->processes[0], "/db", VFS_FILE_DB));
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_true(vfs_process_drop_locks(trio->processes[0], "/db", VFS_FILE_SHM));
	vfs_assert(trio->fixture.disk);
	fixture_must_run(trio->connections[1], "BEGIN IMMEDIATE");
}

/* Nobody holds the switch any more: the next to come takes the index for a leftover. */
static void who_comes_while_no_switch_holds_clears_the_index(void **state) {
	struct trio *trio = *state;
	for (int dropped = 0; dropped <= 2; dropped++) {
		struct vfs_process *late = trio->processes[2];
		if (dropped == 0) {
			connect_both(trio, WAL_MODE);
		} else {
			assert_true(vfs_process_drop_locks(trio->processes[dropped - 1], NULL, VFS_FILE_NONE));
		}
		uint8_t *index = index_of(trio->connections[0]);
		sqlite3 *third = fixture_open(late, "/db");
		sqlite3_file *file = file_of(third);
		void volatile *memory = NULL;
		assert_int_not_equal(index[0], 0);
		assert_int_equal(file->pMethods->xShmMap(file, 0, REGION, 0, &memory), SQLITE_OK);
		assert_ptr_equal((uint8_t *)(uintptr_t)memory, index);
		assert_int_equal(index[0] == 0, dropped == 2);
		assert_int_equal(file->pMethods->xShmUnmap(file, 0), SQLITE_OK);
		sqlite3_close(third);
	}
}

static void an_index_of_ones_own_shows_nothing_of_others(void **state) {
	struct trio *trio = *state;
	for (int own = 0; own < 2; own++) {
		for (int i = 0; i < 2 && own; i++) {
			sqlite3_close(trio->connections[i]);
			vfs_process_set_own_index(trio->processes[i]);
		}
		if (own) {
			trio->connections[0] = fixture_open(trio->processes[0], "/db");
			trio->connections[1] = fixture_open(trio->processes[1], "/db");
			fixture_must_run(trio->connections[1], "SELECT * FROM t");
		} else {
			connect_both(trio, WAL_MODE);
		}
		fixture_must_run(trio->connections[0], "INSERT INTO t VALUES(7)");
		vfs_assert(trio->fixture.disk);
		assert_int_equal(fixture_query(trio->connections[1], "SELECT count(*) FROM t"), 2);
		assert_int_equal(fixture_query(trio->connections[0], "SELECT count(*) FROM t"), own ? 3 : 2);
	}
}

static void locks_on_indexes_of_ones_own_are_those_of_all(void **state) {
	struct trio *trio = *state;
	for (int i = 0; i < 2; i++) {
		vfs_process_set_own_index(trio->processes[i]);
	}
	connect_both(trio, WAL_MODE);
	fixture_must_run(trio->connections[0], "BEGIN IMMEDIATE");
	assert_int_equal(fixture_run(trio->connections[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
	vfs_process_kill(trio->processes[0]);
	fixture_must_run(trio->connections[1], "BEGIN IMMEDIATE");
}

#define WITH_TRIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        WITH_TRIO(a_void_lock_keeps_nobody_off),
	        WITH_TRIO(a_posix_lock_does),
	        WITH_TRIO(a_dot_file_keeps_readers_off_too),
	        WITH_TRIO(two_styles_see_nothing_of_each_other),
	        WITH_TRIO(a_killed_process_leaves_no_dot_file),
	        WITH_TRIO(half_a_lock_of_another_style_is_none),
	        WITH_TRIO(a_close_lets_a_second_writer_in),
	        WITH_TRIO(a_close_of_another_file_takes_nothing),
	        WITH_TRIO(a_close_takes_no_dot_file),
	        WITH_TRIO(a_later_lock_is_a_real_one),
	        WITH_TRIO(shared_cannot_be_had_again_beside_exclusive),
	        WITH_TRIO(a_dropped_write_lock_lets_a_second_writer_into_the_wal),
	        WITH_TRIO(who_comes_while_no_switch_holds_clears_the_index),
	        WITH_TRIO(an_index_of_ones_own_shows_nothing_of_others),
	        WITH_TRIO(locks_on_indexes_of_ones_own_are_those_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
