/* tests/vfs/test_findings_beside.c: what several processes at once found in SQLite
 * (docs/findings.md, `known:` in scenarios/processes/), each as the smallest case that shows it,
 * beside a twin that differs in one thing and does not. One process goes on in the middle of a call
 * of another: from the hook before it. */
#include "fixture.h"

#include <string.h>

#define PATH "/db"

struct beside {
	struct fixture fixture; /* first: the hooks' context is both */
	struct vfs_process *processes[3];
	sqlite3 *databases[3];
	/* At the nth barrier of this process from now on, or at the call behind it, the other one
	 * does this. */
	const struct vfs_process *interrupted;
	uint32_t barriers;  /* to go; 0: none is waited for */
	bool behind;        /* the barrier has come: at the next call */
	bool before_header; /* at the barrier itself, before what it orders is read */
	const char *meanwhile;
};

static void (*fixture_before)(void *context, const struct vfs_call *call, struct vfs_answer *answer);

static void interrupt(struct beside *beside) {
	const char *sql = beside->meanwhile;
	beside->meanwhile = NULL;
	if (sql != NULL) {
		fixture_must_run(beside->databases[0], sql);
	}
}

static void before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct beside *beside = context;
	if (call->process == beside->interrupted) {
		bool barrier = call->method == VFS_METHOD_SHM_BARRIER;
		bool now = beside->behind || (barrier && beside->before_header);
		beside->behind = barrier;
		if (now) {
			interrupt(beside);
		}
	}
	fixture_before(context, call, answer);
}

/* Of the processes that are made from now on. */
static void (*hook_of_processes)(void *context, const struct vfs_call *call, struct vfs_answer *answer) = before;

static void open_process(struct beside *beside, int number, const char *name) {
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1000 + number, NULL);
	beside->processes[number] = vfs_process_create(beside->fixture.disk, name, &beside->fixture.hooks);
	assert_non_null(beside->processes[number]);
	beside->databases[number] = fixture_open(beside->processes[number], PATH);
	(void)fixture_run(beside->databases[number], "PRAGMA wal_autocheckpoint=0;PRAGMA cache_size=2");
}

static void close_process(struct beside *beside, int number) {
	sqlite3_close(beside->databases[number]);
	vfs_process_destroy(beside->processes[number]);
	beside->databases[number] = NULL;
	beside->processes[number] = NULL;
}

/* Forty rows of 400 bytes in pages of 512, written back, and a WAL that is empty. */
static void init_beside_on(struct beside *beside, enum vfs_sync_model sync_model) {
	struct vfs_disk_options options = fixture_options;
	options.sync_model = sync_model;
	memset(beside, 0, sizeof *beside);
	fixture_init(&beside->fixture, &options, 1);
	fixture_before = beside->fixture.hooks.before;
	beside->fixture.hooks.before = hook_of_processes;
	open_process(beside, 0, "first");
	fixture_must_run(beside->databases[0], "PRAGMA page_size=512;PRAGMA journal_mode=WAL;"
	                                       "CREATE TABLE t(id INTEGER PRIMARY KEY, b TEXT);"
	                                       "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
	                                       "INSERT INTO t SELECT i, printf('%.*c', 400, 'a') FROM n;"
	                                       "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void init_beside(struct beside *beside) {
	init_beside_on(beside, fixture_options.sync_model);
}

static void deinit_beside(struct beside *beside) {
	for (int number = 2; number >= 0; number--) {
		if (beside->processes[number] != NULL) {
			close_process(beside, number);
		}
	}
	fixture_deinit(&beside->fixture);
}

static int64_t rows_with(sqlite3 *database, const char *letter) {
	char sql[100];
	sqlite3_snprintf((int)sizeof sql, sql, "SELECT count(*) FROM t WHERE b LIKE '%s%%'", letter);
	return fixture_query(database, sql);
}

/* ---- wal-reset ------------------------------------------------------------------------------- */

/* A WAL that is wholly written back. A second process begins a checkpoint and reads the header of
 * the WAL index; before it goes on, or before it reads, the first one begins the WAL anew with a
 * commit that is shorter and makes the database longer. Of its frames the checkpoint leaves out
 * those of pages beyond the end that the old header says, and then calls all written back, so that
 * nobody looks for them in the WAL any more. The rows as one who comes then sees them; -1: an
 * error. */
static int64_t rows_after_checkpoint(bool before_header) {
	struct beside beside;
	init_beside(&beside);
	open_process(&beside, 1, "second");
	assert_int_equal(rows_with(beside.databases[1], "a"), 40);
	fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'b') WHERE id BETWEEN 1 AND 8;"
	                                      "PRAGMA wal_checkpoint(PASSIVE)");
	beside.interrupted = beside.processes[1];
	beside.before_header = before_header;
	beside.meanwhile = "INSERT INTO t VALUES(41, printf('%.*c', 400, 'c')), (42, printf('%.*c', 400, 'c'))";
	fixture_must_run(beside.databases[1], "PRAGMA wal_checkpoint(PASSIVE)");
	assert_null(beside.meanwhile);
	open_process(&beside, 2, "third");
	int64_t rows = rows_with(beside.databases[2], "c");
	deinit_beside(&beside);
	return rows;
}

static void a_commit_that_resets_the_wal_beside_a_checkpoint_is_lost(void **state) {
	(void)state;
	bool repaired = sqlite3_libversion_number() >= 3053002;
	if (!repaired && sqlite3_libversion_number() > 3050004) {
		skip(); /* not tried */
	}
	assert_int_equal(rows_after_checkpoint(true), 2);
	if (repaired) {
		assert_int_equal(rows_after_checkpoint(false), 2);
	} else {
		assert_int_not_equal(rows_after_checkpoint(false), 2);
	}
}

/* ---- wal-recovery-read ----------------------------------------------------------------------- */

/* A reader holds a snapshot that is wholly in the WAL. The writer dies between the two copies of
 * the header of the WAL index, so that the next one to come recovers, and `fails`: one of its reads
 * of the WAL. What the reader then sees of its snapshot. */
static int64_t rows_of_reader_after_recovery(bool fails, int64_t *rows_of_others) {
	struct beside beside;
	struct fixture *fixture = &beside.fixture;
	init_beside(&beside);
	fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'b')");
	open_process(&beside, 1, "reader");
	fixture_must_run(beside.databases[1], "BEGIN;SELECT * FROM t WHERE id = 1");
	fixture_must_run(beside.databases[0], "BEGIN IMMEDIATE;UPDATE t SET b = printf('%.*c', 400, 'c') WHERE id = 1");
	fixture->method = VFS_METHOD_SHM_BARRIER;
	fixture->matched = 0;
	fixture->inject_at = 1;
	fixture->answer = (struct vfs_answer){.die = true};
	assert_int_not_equal(fixture_run(beside.databases[0], "COMMIT"), SQLITE_OK);
	close_process(&beside, 0);
	fixture->method = VFS_METHOD_READ;
	fixture->file_kind = VFS_FILE_WAL;
	fixture->matched = 0;
	fixture->inject_at = fails ? 10 : 0;
	fixture->answer = (struct vfs_answer){.effect = VFS_EFFECT_BEFORE, .result = SQLITE_IOERR_READ};
	open_process(&beside, 2, "recoverer");
	fixture->inject_at = 0;
	int64_t rows = rows_with(beside.databases[1], "b");
	fixture_run(beside.databases[1], "ROLLBACK");
	*rows_of_others = rows_with(beside.databases[2], "b") + rows_with(beside.databases[2], "c");
	deinit_beside(&beside);
	return rows;
}

static void a_recovery_that_cannot_read_takes_pages_from_a_reader(void **state) {
	int64_t others = 0;
	(void)state;
	assert_int_equal(rows_of_reader_after_recovery(false, &others), 40);
	assert_int_equal(others, 40);
	assert_int_not_equal(rows_of_reader_after_recovery(true, &others), 40);
	assert_int_equal(others, 40); /* the file is whole */
}

/* ---- what has left WAL mode ------------------------------------------------------------------ */

/* What others do meanwhile: pages get into the database, and newer ones into the WAL. */
static const char go_on_in_wal_mode[] =
        "CREATE TABLE u(c);INSERT INTO u SELECT b FROM t;PRAGMA wal_checkpoint(PASSIVE);"
        "UPDATE t SET b = printf('%.*c', 400, 'd') WHERE id = 2";

static bool is_intact_for_a_third(struct beside *beside) {
	open_process(beside, 2, "third");
	bool intact = fixture_is_intact(beside->databases[2]) &&
	              fixture_query(beside->databases[2], "SELECT count(*) FROM u") == 40 &&
	              fixture_query(beside->databases[2], "SELECT count(*) FROM t") == 40;
	deinit_beside(beside);
	return intact;
}

/* ---- wal-left-beside-others ------------------------------------------------------------------ */

static void before_exclusive(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct beside *beside = context;
	bool exclusive = call->method == VFS_METHOD_LOCK && call->size == SQLITE_LOCK_EXCLUSIVE;
	if (call->process == beside->interrupted && exclusive && beside->meanwhile != NULL) {
		interrupt(beside);
		vfs_process_kill(beside->processes[0]);
		close_process(beside, 0);
	}
	fixture_before(context, call, answer);
}

/* A process makes the database one in WAL mode, another one opens it, and the first changes its
 * mind: it leaves the mode again. It asks whether there is a WAL, and xAccess says no of one that
 * is empty, as the unix VFS does; so it waits for the lock that a rollback journal needs, with page
 * 1 as it was in its cache, while the other one goes on in WAL mode, until it dies. Whether the
 * database is intact then. `empty`: the other one has not written before. */
static bool is_intact_after_change_of_mind(bool empty) {
	struct beside beside;
	init_beside(&beside);
	fixture_must_run(beside.databases[0], "PRAGMA journal_mode=DELETE");
	open_process(&beside, 1, "switcher");
	fixture_must_run(beside.databases[1], "PRAGMA journal_mode=WAL");
	close_process(&beside, 0);
	open_process(&beside, 0, "other");
	assert_int_equal(rows_with(beside.databases[0], "a"), 40);
	if (!empty) {
		fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'b') WHERE id = 1");
	}
	beside.interrupted = beside.processes[1];
	beside.meanwhile = go_on_in_wal_mode;
	(void)fixture_run(beside.databases[1], "PRAGMA journal_mode=DELETE");
	if (beside.processes[0] != NULL) {
		fixture_must_run(beside.databases[0], beside.meanwhile);
		vfs_process_kill(beside.processes[0]);
		close_process(&beside, 0);
	}
	return is_intact_for_a_third(&beside);
}

static void leaving_wal_mode_beside_others_with_an_empty_wal_destroys(void **state) {
	(void)state;
	void (*kept)(void *, const struct vfs_call *, struct vfs_answer *) = hook_of_processes;
	hook_of_processes = before_exclusive;
	assert_true(is_intact_after_change_of_mind(false));
	assert_false(is_intact_after_change_of_mind(true));
	hook_of_processes = kept;
}

/* ---- wal-left-after-closing ------------------------------------------------------------------ */

/* At the exclusive lock for closing the WAL, or at the one for writing page 1, another process
 * comes, commits, and closes. */
static void before_either_exclusive(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct beside *beside = context;
	bool exclusive = call->method == VFS_METHOD_LOCK && call->size == SQLITE_LOCK_EXCLUSIVE;
	if (call->process == beside->interrupted) {
		beside->behind |= call->method == VFS_METHOD_DELETE && call->file_kind == VFS_FILE_WAL;
		if (exclusive && (beside->behind || beside->before_header) && beside->meanwhile != NULL) {
			open_process(beside, 0, "other");
			interrupt(beside);
			close_process(beside, 0);
		}
	}
	fixture_before(context, call, answer);
}

/* A process dies and leaves a WAL. The next one leaves WAL mode. It closes the WAL under the
 * exclusive lock and deletes it. Then sqlite3PagerSharedLock() takes the lock that it holds for one
 * because of a hot journal, finds no journal, and goes back to a shared lock. The header still says
 * WAL. Whether the database is intact when another one has come in between, or before all that. */
static bool is_intact_after_closing(bool in_between) {
	struct beside beside;
	init_beside(&beside);
	fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'b') WHERE id = 1");
	vfs_process_kill(beside.processes[0]);
	close_process(&beside, 0);
	open_process(&beside, 1, "switcher");
	beside.interrupted = beside.processes[1];
	beside.before_header = !in_between;
	beside.meanwhile = go_on_in_wal_mode;
	fixture_must_run(beside.databases[1], "PRAGMA journal_mode=DELETE");
	assert_null(beside.meanwhile);
	return is_intact_for_a_third(&beside);
}

static void leaving_wal_mode_lets_others_in_before_the_header_says_so(void **state) {
	(void)state;
	void (*kept)(void *, const struct vfs_call *, struct vfs_answer *) = hook_of_processes;
	hook_of_processes = before_either_exclusive;
	assert_true(is_intact_after_closing(false));
	assert_false(is_intact_after_closing(true));
	hook_of_processes = kept;
}

/* ---- docs/contracts.md, section 3: a checkpoint that ends early ------------------------------ */

/* A reader keeps a checkpoint from its end. So it calls the pages of the first commit written back,
 * and syncs nothing. The sync of the next checkpoint fails. How many of the 39 rows of the first
 * commit whoever comes then sees: readers look into the database for them. */
static int64_t rows_after_a_failed_sync(enum vfs_sync_model sync_model) {
	struct beside beside;
	init_beside_on(&beside, sync_model);
	open_process(&beside, 1, "reader");
	fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'b')");
	fixture_must_run(beside.databases[1], "BEGIN");
	assert_int_equal(rows_with(beside.databases[1], "b"), 40);
	fixture_must_run(beside.databases[0], "UPDATE t SET b = printf('%.*c', 400, 'c') WHERE id = 1;"
	                                      "PRAGMA wal_checkpoint(PASSIVE)");
	fixture_must_run(beside.databases[1], "COMMIT");
	beside.fixture.method = VFS_METHOD_SYNC;
	beside.fixture.file_kind = VFS_FILE_DB;
	beside.fixture.matched = 0;
	beside.fixture.inject_at = 1;
	beside.fixture.answer = (struct vfs_answer){.effect = VFS_EFFECT_BEFORE, .result = SQLITE_IOERR_FSYNC};
	assert_int_equal(fixture_run(beside.databases[0], "PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_IOERR_FSYNC);
	open_process(&beside, 2, "third");
	int64_t rows = rows_with(beside.databases[2], "b");
	deinit_beside(&beside);
	return rows;
}

static void pages_that_btrfs_takes_back_are_called_written_back(void **state) {
	(void)state;
	assert_int_equal(rows_after_a_failed_sync(VFS_SYNC_STILL_DIRTY), 39);
	assert_int_not_equal(rows_after_a_failed_sync(VFS_SYNC_BTRFS), 39);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_commit_that_resets_the_wal_beside_a_checkpoint_is_lost),
	        cmocka_unit_test(a_recovery_that_cannot_read_takes_pages_from_a_reader),
	        cmocka_unit_test(leaving_wal_mode_beside_others_with_an_empty_wal_destroys),
	        cmocka_unit_test(leaving_wal_mode_lets_others_in_before_the_header_says_so),
	        cmocka_unit_test(pages_that_btrfs_takes_back_are_called_written_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
