/* tests/sim/world/test_outside.c: S43. What a change from outside takes away decides what is owed,
 * and not its kind. */
#include "outside.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct sim_plan plan;
static struct sim_run_result result;
static struct sim_violation violation;
static struct sim_world world;

static int begin(void **context) {
	(void)context;
	memset(&plan, 0, sizeof plan);
	memset(&result, 0, sizeof result);
	memset(&violation, 0, sizeof violation);
	memset(&world, 0, sizeof world);
	plan.settings = (struct sim_settings){.journal_mode = SIM_JOURNAL_WAL,
	                                      .synchronous = SIM_SYNCHRONOUS_FULL,
	                                      .psow = SIM_CAPABILITY_KEPT,
	                                      .sector_size_bytes = 512};
	world.plan = &plan;
	world.result = &result;
	world.violation = &violation;
	world.trace = sim_trace_create();
	world.owed.journal_modes = 1u << SIM_JOURNAL_WAL;
	return world.trace != NULL && sim_machine_init(&world) ? 0 : -1;
}

static int end(void **context) {
	(void)context;
	sim_machine_deinit(&world);
	sim_trace_destroy(world.trace);
	return 0;
}

/* Some process does this, and leaves everything as it stands: no checkpoint, no clean end. */
static void run(const char *sql) {
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open_v2("/engine.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                                 vfs_process_name(world.other)),
	                 SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A table with one row in the database, and a second one in the WAL. */
static void make_database(void) {
	run("PRAGMA journal_mode=wal;CREATE TABLE t(a);INSERT INTO t VALUES(1);PRAGMA wal_checkpoint(TRUNCATE)");
	world.owed.is_checkpointed_into = false;
	run("INSERT INTO t VALUES(2)");
}

static void plan_fault(const char *text) {
	char why[256] = "";
	if (!sim_fault_parse(text, &plan.faults[plan.fault_count++], why, sizeof why)) {
		fail_msg("%s: %s", text, why);
	}
}

/* Plans it, and does it at once. */
static bool strike(const char *text) {
	plan_fault(text);
	return sim_outside_strike(&world, plan.fault_count - 1);
}

static uint32_t reached(enum sim_probe probe) {
	return result.probes[probe];
}

static enum sim_contract owed(void) {
	return sim_owed_now(&world.owed, &plan.settings);
}

static void a_database_without_its_wal_is_older(void **context) {
	(void)context;
	make_database();
	assert_true(strike("remove any wal at restart 1 operation 1"));
	assert_false(vfs_disk_exists(world.disk, "/engine.db-wal"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_OLDER), 1);
	assert_int_equal(owed(), SIM_CONTRACT_PREFIX);
	assert_false(world.owed.ever_damaged);
}

static void in_a_checkpoint_it_may_be_a_mixture(void **context) {
	(void)context;
	make_database();
	world.owed.is_checkpointed_into = true;
	assert_true(strike("empty any wal at restart 1 operation 1"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_MIXTURE), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
	assert_true(world.owed.ever_damaged);
}

/* After a checkpoint the WAL has nothing that the database has not. */
static void a_wal_that_was_checkpointed_takes_nothing_with_it(void **context) {
	(void)context;
	make_database();
	run("PRAGMA wal_checkpoint(PASSIVE)");
	world.owed.is_checkpointed_into = true;
	assert_true(strike("remove any wal at restart 1 operation 1"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_TAKES_NOTHING), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE);
	assert_false(world.owed.damaged);
}

/* S43: what was undone once may come back, and is in no prefix of what is there now. */
/* What the WAL held is in the database, and its sync failed: memory has it, the medium has not. */
static void a_wal_that_alone_is_durable_is_missed_at_a_power_loss(void **context) {
	(void)context;
	make_database();
	run("PRAGMA synchronous=OFF;PRAGMA wal_checkpoint(PASSIVE)");
	assert_true(strike("empty any wal at restart 1 operation 1"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_TAKES_NOTHING), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE);
	assert_true(world.owed.awaits_power);
	assert_int_equal(sim_owed_after(&world.owed, &plan.settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DETECT);
	sim_owed_note_crash(&world.owed, &plan.settings, SIM_CRASH_KILL);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE);
	sim_owed_note_crash(&world.owed, &plan.settings, SIM_CRASH_POWER_LOSS);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
	assert_true(world.owed.damaged && !world.owed.awaits_power);
}

/* The twin: the sync has come before the change, or comes after it. */
static void a_database_that_is_synced_misses_no_wal(void **context) {
	const struct vfs_call sync = {.method = VFS_METHOD_SYNC, .file_kind = VFS_FILE_DB, .path = "/engine.db"};
	(void)context;
	make_database();
	run("PRAGMA wal_checkpoint(PASSIVE)");
	assert_true(strike("empty any wal at restart 1 operation 1"));
	assert_false(world.owed.awaits_power);
	sim_owed_note_awaiting_power(&world.owed, &plan.faults[0]);
	plan.settings.sync_model = VFS_SYNC_EXT4;
	sim_owed_note_call(&world.owed, &plan.settings, &sync, SQLITE_OK);
	assert_true(world.owed.awaits_power); /* its pages count as clean: it has stored nothing */
	plan.settings.sync_model = VFS_SYNC_STILL_DIRTY;
	sim_owed_note_call(&world.owed, &plan.settings, &sync, SQLITE_IOERR_FSYNC);
	assert_true(world.owed.awaits_power);
	sim_owed_note_call(&world.owed, &plan.settings, &sync, SQLITE_OK);
	assert_false(world.owed.awaits_power);
	sim_owed_note_crash(&world.owed, &plan.settings, SIM_CRASH_POWER_LOSS);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE);
}

static void where_updates_were_lost_before_an_older_state_is_no_prefix(void **context) {
	(void)context;
	make_database();
	world.owed.was_lost = true;
	assert_true(strike("leave_behind any db at restart 1 operation 1"));
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
}

static void a_hot_journal_that_is_taken_away_leaves_no_older_state(void **context) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	(void)context;
	plan.settings.journal_mode = SIM_JOURNAL_DELETE;
	plan.settings.synchronous = SIM_SYNCHRONOUS_EXTRA;
	world.owed.journal_modes = 1u << SIM_JOURNAL_DELETE;
	run("CREATE TABLE t(a);INSERT INTO t VALUES(1)");
	assert_int_equal(vfs_disk_open(world.disk, "/engine.db-journal", true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(world.disk, inode, 0, "not a journal", 13), VFS_OK);
	vfs_disk_close(world.disk, inode);
	assert_true(strike("remove any journal at restart 1 operation 1"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_TAKES_NOTHING), 1); /* it was none */
	const struct sim_fault fault = {.kind = SIM_FAULT_REMOVE, .file_kind = VFS_FILE_JOURNAL};
	sim_owed_note_outside(&world.owed, &plan.settings, &fault, SIM_OWED_MIXTURE);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE); /* or a refusal */
	assert_true(world.owed.ever_damaged);
}

static void what_is_not_there_cannot_be_taken(void **context) {
	(void)context;
	assert_false(strike("remove any wal at restart 1 operation 1"));
	run("CREATE TABLE t(a)");
	assert_false(strike("leave_behind any db at restart 1 operation 1"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_TAKES_NOTHING), 0);
}

/* Made at step 3, and put back before the second start from then on. */
static void a_copy_is_put_back_as_it_was_made(void **context) {
	(void)context;
	make_database();
	plan_fault("restore_all any db at step 3 operation 2");
	sim_outside_copy(&world, SIM_MOMENT_STEP, 2);
	assert_false(sim_outside_is_due(&world, 0));
	sim_outside_copy(&world, SIM_MOMENT_STEP, 3);
	run("INSERT INTO t VALUES(3);PRAGMA wal_checkpoint(TRUNCATE);INSERT INTO t VALUES(4)");
	assert_false(sim_outside_is_due(&world, 0));
	assert_true(sim_outside_is_due(&world, 0));
	assert_true(sim_outside_strike(&world, 0));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_OLDER), 1);
	run("CREATE TABLE found AS SELECT count(*) AS n FROM t;CREATE TABLE one(n CHECK(n=2));"
	    "INSERT INTO one SELECT n FROM found");
}

static void an_older_database_beside_a_newer_wal_is_a_mixture(void **context) {
	(void)context;
	make_database();
	plan_fault("restore any db at step 0 operation 1");
	sim_outside_copy(&world, SIM_MOMENT_STEP, 0);
	run("INSERT INTO t VALUES(3);PRAGMA wal_checkpoint(TRUNCATE);CREATE TABLE u(b)");
	assert_true(sim_outside_is_due(&world, 0));
	assert_true(sim_outside_strike(&world, 0));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_MIXTURE), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
}

/* Nobody could tell whether it was ever committed. */
static void no_copy_is_made_while_an_update_is_open(void **context) {
	(void)context;
	make_database();
	plan_fault("restore any db at step 0 operation 1");
	world.in_flight = true;
	sim_outside_copy(&world, SIM_MOMENT_STEP, 0);
	assert_false(sim_outside_is_due(&world, 0));
	world.in_flight = false;
	sim_outside_copy(&world, SIM_MOMENT_STEP, 1);
	assert_true(sim_outside_is_due(&world, 0));
}

static void a_file_that_is_open_loses_its_name_but_not_in_a_start(void **context) {
	struct sim_process process = {.world = &world, .starting = true};
	const struct vfs_call call = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL, .path = "/engine.db-wal"};
	(void)context;
	make_database();
	plan_fault("unlink any wal at step 0 operation 1");
	assert_false(sim_outside_strike_open(&process, 0, &call));
	process.starting = false;
	assert_true(sim_outside_strike_open(&process, 0, &call));
	assert_false(vfs_disk_exists(world.disk, "/engine.db-wal"));
	assert_int_equal(reached(SIM_PROBE_CHANGED_WHILE_OPEN), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
	assert_false(sim_outside_strike_open(&process, 0, &call)); /* it has none any more */
}

/* A fault at a call may name no file: then the file of the call is meant. */
static void any_file_that_is_open_may_be_replaced(void **context) {
	struct sim_process process = {.world = &world};
	const struct vfs_call temp = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_TEMP, .path = "/temp"};
	const struct vfs_call call = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL, .path = "/engine.db-wal"};
	(void)context;
	make_database();
	plan_fault("replace any any at step 0 operation 1");
	sim_outside_copy_for(&world, 0);
	assert_false(sim_outside_strike_open(&process, 0, &temp));
	assert_true(sim_outside_strike_open(&process, 0, &call));
	assert_int_equal(reached(SIM_PROBE_CHANGED_WHILE_OPEN), 1);
}

/* Fails unless t has so many rows. */
static void expect_rows(const char *count) {
	char *sql = sqlite3_mprintf("CREATE TABLE one(n CHECK(n=%s));INSERT INTO one SELECT count(*) FROM t", count);
	run(sql);
	sqlite3_free(sql);
}

static void begin_with_journal(void) {
	plan.settings.journal_mode = SIM_JOURNAL_DELETE;
	plan.settings.synchronous = SIM_SYNCHRONOUS_EXTRA;
	world.owed.journal_modes = 1u << SIM_JOURNAL_DELETE;
}

/* Nothing in a WAL names its database. The sibling has two rows, and takes one away. */
static void the_wal_of_a_sibling_is_played_in(void **context) {
	(void)context;
	make_database();
	assert_true(strike("mispair any wal at restart 1 operation 1 bytes 0"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_MIXTURE), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
	assert_true(world.owed.ever_damaged);
	expect_rows("1");
}

/* The sibling took one row away, and was about to take another. */
static void the_hot_journal_of_a_sibling_is_played_back_and_leaves_no_older_state(void **context) {
	(void)context;
	begin_with_journal();
	run("CREATE TABLE t(a);INSERT INTO t VALUES(1),(2),(3)");
	assert_true(strike("mispair any journal at restart 1 operation 1 bytes 0"));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_MIXTURE), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE); /* or a refusal */
	assert_true(world.owed.ever_damaged);
	expect_rows("2");
}

/* And what the fault names says in which table they differ. */
static void a_sibling_differs_in_the_table_that_was_chosen(void **context) {
	(void)context;
	begin_with_journal();
	run("CREATE TABLE t(a);INSERT INTO t VALUES(1),(2),(3);CREATE TABLE u(a);INSERT INTO u VALUES(1),(2),(3)");
	assert_true(strike("mispair any wal at restart 1 operation 1 bytes 32768"));
	expect_rows("3");
	run("CREATE TABLE two(n CHECK(n=2));INSERT INTO two SELECT count(*) FROM u");
}

static void a_database_whose_tables_have_no_two_rows_has_no_sibling(void **context) {
	(void)context;
	begin_with_journal();
	run("CREATE TABLE t(a);INSERT INTO t VALUES(1)");
	assert_false(strike("mispair any wal at restart 1 operation 1 bytes 0"));
	assert_false(strike("mispair any journal at restart 1 operation 1 bytes 0"));
	assert_false(vfs_disk_exists(world.disk, "/engine.db-wal"));
	assert_false(world.owed.damaged);
	expect_rows("1");
}

static void make_long_table(void) {
	begin_with_journal();
	run("PRAGMA page_size=512;CREATE TABLE t(a,b);"
	    "WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<60) INSERT INTO t SELECT i,zeroblob(100) FROM "
	    "n");
}

static void a_torn_copy_is_of_two_moments(void **context) {
	(void)context;
	make_long_table();
	plan_fault("restore_torn any db at step 0 operation 1 bytes 32768");
	sim_outside_copy(&world, SIM_MOMENT_STEP, 0);
	run("UPDATE t SET a=a+1000");
	assert_true(sim_outside_is_due(&world, 0));
	assert_true(sim_outside_strike(&world, 0));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_LEAVES_MIXTURE), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DETECT);
	run("CREATE TABLE two(n CHECK(n>10 AND n<50));INSERT INTO two SELECT count(*) FROM t WHERE a>1000");
}

static void a_torn_copy_of_what_stayed_the_same_takes_nothing(void **context) {
	(void)context;
	make_long_table();
	plan_fault("restore_torn any db at step 0 operation 1 bytes 32768");
	sim_outside_copy(&world, SIM_MOMENT_STEP, 0);
	assert_true(sim_outside_is_due(&world, 0));
	assert_true(sim_outside_strike(&world, 0));
	assert_int_equal(reached(SIM_PROBE_OUTSIDE_TAKES_NOTHING), 1);
	assert_int_equal(owed(), SIM_CONTRACT_DURABLE);
	expect_rows("60");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(a_database_without_its_wal_is_older),
	        TEST(in_a_checkpoint_it_may_be_a_mixture),
	        TEST(a_wal_that_was_checkpointed_takes_nothing_with_it),
	        TEST(a_wal_that_alone_is_durable_is_missed_at_a_power_loss),
	        TEST(a_database_that_is_synced_misses_no_wal),
	        TEST(where_updates_were_lost_before_an_older_state_is_no_prefix),
	        TEST(a_hot_journal_that_is_taken_away_leaves_no_older_state),
	        TEST(what_is_not_there_cannot_be_taken),
	        TEST(a_copy_is_put_back_as_it_was_made),
	        TEST(an_older_database_beside_a_newer_wal_is_a_mixture),
	        TEST(no_copy_is_made_while_an_update_is_open),
	        TEST(a_file_that_is_open_loses_its_name_but_not_in_a_start),
	        TEST(any_file_that_is_open_may_be_replaced),
	        TEST(the_wal_of_a_sibling_is_played_in),
	        TEST(the_hot_journal_of_a_sibling_is_played_back_and_leaves_no_older_state),
	        TEST(a_sibling_differs_in_the_table_that_was_chosen),
	        TEST(a_database_whose_tables_have_no_two_rows_has_no_sibling),
	        TEST(a_torn_copy_is_of_two_moments),
	        TEST(a_torn_copy_of_what_stayed_the_same_takes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
