/* tests/vfs/process/test_phase.c: the phases of SQLite, in the order in which atomiccommit.html and
 * walformat.html have them. Each test runs SQL and writes down the phase of every call; phases in a
 * row are one word. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 8192u

/* The hooks of the fixture take it from the same pointer, so it comes first. */
struct recorder {
	struct fixture fixture;
	struct vfs_process *process;
	enum vfs_phase last;
	enum vfs_phase die_in; /* kills the process at the first call in it */
	size_t used;
	char text[TEXT_SIZE];
};

/* What merely surrounds the protocol. */
static bool is_told(enum vfs_phase phase) {
	return phase != VFS_PHASE_LOCK && phase != VFS_PHASE_READ && phase != VFS_PHASE_OPEN &&
	       phase != VFS_PHASE_WAL_INDEX && phase != VFS_PHASE_HOT_JOURNAL_CHECK && phase != VFS_PHASE_SLEEP;
}

static void record(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct recorder *recorder = context;
	enum vfs_phase phase = vfs_phase_of(call);
	const struct vfs_phase_row *row = vfs_phase_row(phase);
	assert_true((row->methods & (1u << call->method)) != 0);
	assert_true(row->files == 0 ? call->file_kind == VFS_FILE_NONE : (row->files & (1u << call->file_kind)) != 0);
	if (phase == recorder->die_in) {
		answer->effect = VFS_EFFECT_BEFORE;
		answer->die = true;
	}
	if (is_told(phase) && phase != recorder->last) {
		size_t length = strlen(row->name);
		assert_true(recorder->used + length + 2 < TEXT_SIZE);
		memcpy(recorder->text + recorder->used, row->name, length);
		recorder->used += length;
		recorder->text[recorder->used++] = ' ';
		recorder->text[recorder->used] = '\0';
	}
	recorder->last = is_told(phase) ? phase : recorder->last;
}

static void forget(struct recorder *recorder) {
	recorder->used = 0;
	recorder->text[0] = '\0';
	recorder->last = VFS_PHASE_NONE;
}

static void start(struct recorder *recorder) {
	recorder->process = vfs_process_create(recorder->fixture.disk, "process", &recorder->fixture.hooks);
	assert_non_null(recorder->process);
	recorder->die_in = VFS_PHASE_NONE;
}

static int set_up(void **state) {
	struct recorder *recorder = calloc(1, sizeof *recorder);
	assert_non_null(recorder);
	fixture_init(&recorder->fixture, &fixture_options, 1);
	recorder->fixture.hooks.before = record;
	start(recorder);
	*state = recorder;
	return 0;
}

static int tear_down(void **state) {
	struct recorder *recorder = *state;
	vfs_process_destroy(recorder->process);
	fixture_deinit(&recorder->fixture);
	free(recorder);
	return 0;
}

/* A database with a table of some pages, and nothing recorded yet. */
static sqlite3 *open_filled(struct recorder *recorder, const char *pragmas) {
	sqlite3 *database = fixture_open(recorder->process, "/db");
	fixture_must_run(database, pragmas);
	fixture_must_run(database, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
	fixture_must_run(database, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
	                           " INSERT INTO t SELECT i, zeroblob(300) FROM n");
	forget(recorder);
	return database;
}

static void expect(const struct recorder *recorder, const char *expected) {
	assert_string_equal(recorder->text, expected);
}

static void expect_begin(const struct recorder *recorder, const char *expected) {
	if (strncmp(recorder->text, expected, strlen(expected)) != 0) {
		fail_msg("expected %s at the beginning of %s", expected, recorder->text);
	}
}

static void expect_within(const struct recorder *recorder, const char *expected) {
	if (strstr(recorder->text, expected) == NULL) {
		fail_msg("expected %s in %s", expected, recorder->text);
	}
}

/* ---- rollback journals ----------------------------------------------------------------------- */

#define BEFORE_THE_END                                                                                                 \
	"journal_creation journal_header journal_record directory_sync journal_count journal_sync "                    \
	"database_write database_sync "

static void a_commit_ends_with_the_deletion_of_the_journal(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=delete; PRAGMA synchronous=extra");
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a = 1");
	expect(recorder, BEFORE_THE_END "journal_deletion ");
	sqlite3_close(database);
}

static void a_commit_ends_with_a_truncation(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=truncate; PRAGMA synchronous=full");
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a = 1");
	expect(recorder, BEFORE_THE_END "journal_truncation journal_end_sync ");
	sqlite3_close(database);
}

static void a_commit_ends_with_zeros(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=persist; PRAGMA synchronous=full");
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a = 1");
	expect(recorder, BEFORE_THE_END "journal_zeroing journal_end_sync ");
	sqlite3_close(database);
}

static void several_files_have_a_super_journal(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=delete; PRAGMA synchronous=full");
	fixture_must_run(database, "ATTACH '/other' AS other; CREATE TABLE other.u(a)");
	forget(recorder);
	fixture_must_run(database, "BEGIN; UPDATE t SET b = 1 WHERE a = 1; INSERT INTO u VALUES(1); COMMIT");
	expect_within(recorder, "super_journal_write super_journal_sync journal_record super_journal_name ");
	expect_within(recorder, "database_sync super_journal_deletion journal_deletion ");
	sqlite3_close(database);
}

/* With spilled pages the directory is synced before, and the sync of the name is one of its own. */
static void the_sync_of_a_name_is_told_from_that_of_records(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database =
	        open_filled(recorder, "PRAGMA journal_mode=delete; PRAGMA synchronous=full; PRAGMA cache_size=1");
	fixture_must_run(database, "ATTACH '/other' AS other; CREATE TABLE other.u(a)");
	forget(recorder);
	fixture_must_run(database, "BEGIN; UPDATE t SET b = zeroblob(301); INSERT INTO u VALUES(1); COMMIT");
	expect_within(recorder, "journal_sync journal_count ");
	expect_within(recorder, "super_journal_name super_journal_sync ");
	sqlite3_close(database);
}

static void a_rollback_reads_its_own_journal(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=delete; PRAGMA cache_size=2");
	fixture_must_run(database, "BEGIN; UPDATE t SET b = zeroblob(301); ROLLBACK");
	expect_within(recorder, "rollback_read rollback_write ");
	assert_null(strstr(recorder->text, "recovery"));
	sqlite3_close(database);
}

static void a_hot_journal_is_played_back(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=delete; PRAGMA synchronous=full");
	recorder->die_in = VFS_PHASE_DATABASE_SYNC;
	assert_int_not_equal(fixture_run(database, "UPDATE t SET b = 1 WHERE a < 20"), SQLITE_OK);
	sqlite3_close(database);
	vfs_process_destroy(recorder->process);
	start(recorder);
	forget(recorder);
	database = fixture_open(recorder->process, "/db");
	assert_int_equal(fixture_query(database, "SELECT count(*) FROM t WHERE b = 1"), 0);
	expect_begin(recorder, "recovery_journal_sync recovery_read recovery_write recovery_read recovery_write ");
	expect_within(recorder, "recovery_read recovery_sync recovery_end ");
	sqlite3_close(database);
}

/* ---- the WAL --------------------------------------------------------------------------------- */

static void a_commit_appends_frames_and_syncs(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=wal; PRAGMA synchronous=full");
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a < 20");
	expect(recorder, "wal_frame wal_commit_frame wal_sync ");
	sqlite3_close(database);
}

static void a_checkpoint_syncs_the_wal_and_then_the_database(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=wal; PRAGMA synchronous=normal");
	fixture_must_run(database, "PRAGMA wal_checkpoint(restart)");
	expect_begin(recorder, "checkpoint_wal_sync checkpoint_read checkpoint_write ");
	expect_within(recorder, "checkpoint_truncation checkpoint_sync ");
	forget(recorder);
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a = 1");
	expect_begin(recorder, "wal_restart ");
	fixture_must_run(database, "PRAGMA wal_checkpoint(truncate)");
	expect_within(recorder, "wal_truncation ");
	sqlite3_close(database);
}

static void the_last_close_checkpoints_and_deletes_the_wal(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=wal; PRAGMA synchronous=full");
	sqlite3_close(database);
	expect_begin(recorder, "checkpoint_wal_sync checkpoint_read checkpoint_write ");
	expect_within(recorder, "checkpoint_sync wal_deletion ");
	forget(recorder);
	database = fixture_open(recorder->process, "/db");
	fixture_must_run(database, "UPDATE t SET b = 1 WHERE a = 1");
	expect_begin(recorder, "wal_recovery wal_header directory_sync wal_commit_frame ");
	sqlite3_close(database);
}

static void a_new_index_is_built_from_the_wal(void **state) {
	struct recorder *recorder = *state;
	sqlite3 *database = open_filled(recorder, "PRAGMA journal_mode=wal; PRAGMA synchronous=full");
	vfs_process_kill(recorder->process);
	sqlite3_close(database);
	vfs_process_destroy(recorder->process);
	start(recorder);
	forget(recorder);
	database = fixture_open(recorder->process, "/db");
	assert_int_equal(fixture_query(database, "SELECT count(*) FROM t"), 60);
	expect(recorder, "wal_recovery ");
	sqlite3_close(database);
}

/* ---- a journal of the program's own, and names ----------------------------------------------- */

static void a_journal_of_the_programs_own_is_no_super_journal(void **state) {
	struct recorder *recorder = *state;
	sqlite3_vfs *vfs = sqlite3_vfs_find("process");
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	assert_non_null(file);
	int flags = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	assert_int_equal(vfs->xOpen(vfs, "/db-updates", file, flags, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "text", 4, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(file->pMethods->xTruncate(file, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	assert_int_equal(vfs->xDelete(vfs, "/db-updates", 0), SQLITE_OK);
	expect(recorder, "own_journal_write own_journal_sync own_journal_truncation own_journal_deletion ");
	free(file);
}

/* Whoever looks at a rollback journal by himself opens it as what needs no database. */
static void a_rollback_journal_is_one_however_it_is_opened(void **state) {
	struct recorder *recorder = *state;
	sqlite3_vfs *vfs = sqlite3_vfs_find("process");
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	char byte = 0;
	assert_non_null(file);
	const int make = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	assert_int_equal(vfs->xOpen(vfs, "/db-journal", file, make, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "x", 1, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	forget(recorder);
	const int look = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READONLY;
	assert_int_equal(vfs->xOpen(vfs, "/db-journal", file, look, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xRead(file, &byte, 1, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	assert_int_equal(byte, 'x');
	expect(recorder, ""); /* hot_journal_check, which is not told; an own journal is */
	free(file);
}

static void phases_have_names_of_their_own(void **state) {
	(void)state;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		const struct vfs_phase_row *row = vfs_phase_row((enum vfs_phase)phase);
		assert_true(row->about[0] != '\0' && (row->methods != 0 || phase == VFS_PHASE_NONE));
		for (int other = 0; other < phase; other++) {
			assert_string_not_equal(row->name, vfs_phase_name((enum vfs_phase)other));
		}
	}
	assert_string_equal(vfs_phase_name(VFS_PHASE_COUNT), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(a_commit_ends_with_the_deletion_of_the_journal),
	        TEST(a_commit_ends_with_a_truncation),
	        TEST(a_commit_ends_with_zeros),
	        TEST(several_files_have_a_super_journal),
	        TEST(the_sync_of_a_name_is_told_from_that_of_records),
	        TEST(a_rollback_reads_its_own_journal),
	        TEST(a_hot_journal_is_played_back),
	        TEST(a_commit_appends_frames_and_syncs),
	        TEST(a_checkpoint_syncs_the_wal_and_then_the_database),
	        TEST(the_last_close_checkpoints_and_deletes_the_wal),
	        TEST(a_new_index_is_built_from_the_wal),
	        TEST(a_journal_of_the_programs_own_is_no_super_journal),
	        TEST(a_rollback_journal_is_one_however_it_is_opened),
	        cmocka_unit_test(phases_have_names_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
