/* tests/sim/world/test_recovery.c: what SQLite leaves when it is killed at any call, in every
 * journal mode, it recovers to the pages that the reader computes (S53). */
#include "recovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#define DEATHS_MAX 400u

static struct sim_plan plan;
static struct sim_world world = {.plan = &plan};

/* The disk behind each call that changes it. */
static struct vfs_disk *deaths[DEATHS_MAX];
static uint32_t death_count;
static bool remembers;

static void before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)context;
	(void)call;
	(void)answer;
}

static void after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	(void)value;
	bool changes = call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE ||
	               call->method == VFS_METHOD_DELETE;
	if (remembers && changes && result == SQLITE_OK && death_count < DEATHS_MAX) {
		deaths[death_count] = vfs_disk_snapshot(context);
		assert_non_null(deaths[death_count]);
		death_count++;
	}
}

static void died(void *context, struct vfs_process *process) {
	(void)context;
	(void)process;
}

static int64_t now_ns(void *context) {
	(void)context;
	return INT64_C(1700000000000000000);
}

static void sleep_ns(void *context, int64_t duration_ns) {
	(void)context;
	(void)duration_ns;
}

static void random_bytes(void *context, void *buffer, size_t size_bytes) {
	(void)context;
	memset(buffer, 0x17, size_bytes);
}

static uint64_t choose(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	return count - 1;
}

static void run(sqlite3 *connection, const char *text) {
	char *why = NULL;
	if (sqlite3_exec(connection, text, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", text, why);
	}
}

/* All images of a connection that runs `made`, and then `watched`, and dies. */
static void collect(const struct vfs_disk_options *options, const char *made, const char *watched) {
	struct vfs_disk *disk = vfs_disk_create(options);
	const struct vfs_hooks hooks = {.context = disk,
	                                .before = before,
	                                .after = after,
	                                .died = died,
	                                .now_ns = now_ns,
	                                .sleep = sleep_ns,
	                                .random = random_bytes,
	                                .chooser = choose};
	struct vfs_process *process = vfs_process_create(disk, "writer", &hooks);
	sqlite3 *connection = NULL;
	assert_non_null(process);
	assert_int_equal(sqlite3_open_v2("/a.db", &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "writer"),
	                 SQLITE_OK);
	death_count = 0;
	run(connection, made);
	remembers = true;
	run(connection, watched);
	remembers = false;
	vfs_process_kill(process);
	sqlite3_close(connection);
	vfs_process_destroy(process);
	vfs_disk_destroy(disk);
	assert_true(death_count > 5);
}

/* What the reader has seen in any of them. Each must agree. */
static uint32_t compare_all(const char *about) {
	uint32_t seen = 0;
	for (uint32_t i = 0; i < death_count; i++) {
		struct sim_recovery recovery = {.chance = i * UINT64_C(0x9e3779b97f4a7c15)};
		world.disk = deaths[i];
		sim_recovery_compare(&world, &recovery);
		if (recovery.text[0] != '\0') {
			print_error("%s, death %u:\n", about, i);
		}
		assert_string_equal(recovery.text, "");
		assert_true(recovery.is_compared);
		seen |= recovery.seen;
		vfs_disk_destroy(deaths[i]);
	}
	death_count = 0;
	return seen;
}

static const char rows[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                           " INSERT INTO t SELECT NULL, zeroblob(i * 20) FROM n;";

static void test_journal_modes(void **state) {
	(void)state;
	const char *const modes[] = {"delete", "truncate", "persist", "wal"};
	const uint32_t sizes[] = {512, 4096, 65536};
	char made[600];
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
			const struct vfs_disk_options options = {.sector_size_bytes = j == 1 ? 4096 : 512};
			/* A small cache spills, so the journal has several segments. */
			snprintf(made, sizeof made,
			         "PRAGMA page_size=%u; PRAGMA journal_mode=%s; PRAGMA cache_size=5;"
			         "CREATE TABLE t (id INTEGER PRIMARY KEY, b); %s",
			         sizes[j], modes[i], rows);
			collect(&options, made,
			        "BEGIN; UPDATE t SET b = zeroblob(50 + id) WHERE id % 3 = 0; DELETE FROM t WHERE id > "
			        "40; "
			        "COMMIT; UPDATE t SET b = 'x' WHERE id = 7;");
			uint32_t seen = compare_all(made);
			assert_true((seen & (i == 3 ? SIM_RECOVERY_REPLAYED : SIM_RECOVERY_PLAYED)) != 0);
		}
	}
}

static void test_first_transaction(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	collect(&options, "PRAGMA page_size=1024;",
	        "CREATE TABLE t (id INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 2);");
	compare_all("a new database");
}

/* The size of a database changes, and its pages move. */
static void test_vacuum(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	char made[600];
	for (int mode = 0; mode < 3; mode++) {
		snprintf(made, sizeof made,
		         "PRAGMA auto_vacuum=%d; PRAGMA page_size=1024; CREATE TABLE t (id INTEGER PRIMARY KEY, b); %s",
		         mode, rows);
		collect(&options, made, "DELETE FROM t WHERE id % 2 = 0; PRAGMA incremental_vacuum; VACUUM;");
		assert_true((compare_all("vacuum") & SIM_RECOVERY_PLAYED) != 0);
		collect(&options, made,
		        "PRAGMA page_size=512; VACUUM; DELETE FROM t WHERE id > 9; PRAGMA page_size=4096; VACUUM;");
		assert_true((compare_all("another page size") & SIM_RECOVERY_PLAYED) != 0);
	}
}

static void test_several_files(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	collect(&options,
	        "ATTACH '/b.db' AS b; ATTACH '/c.db' AS c; CREATE TABLE t (x); CREATE TABLE b.u (x); CREATE TABLE c.v "
	        "(x);"
	        "INSERT INTO t VALUES (1); INSERT INTO u VALUES (1); INSERT INTO v VALUES (1);",
	        "BEGIN; UPDATE t SET x = 2; UPDATE u SET x = 2; UPDATE v SET x = 2; COMMIT;");
	assert_true((compare_all("several files") & SIM_RECOVERY_PLAYED) != 0);
}

static void test_wal_begins_anew(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	collect(&options, "PRAGMA page_size=512; PRAGMA journal_mode=wal; CREATE TABLE t (id INTEGER PRIMARY KEY, b);",
	        "INSERT INTO t VALUES (1, zeroblob(3000)); INSERT INTO t VALUES (2, zeroblob(3000)); PRAGMA "
	        "wal_checkpoint; "
	        "INSERT INTO t VALUES (3, 'x'); INSERT INTO t VALUES (4, 'y'); DELETE FROM t WHERE id = 1; "
	        "PRAGMA wal_checkpoint(truncate); INSERT INTO t VALUES (5, 'z'); PRAGMA journal_mode=delete; "
	        "INSERT INTO t VALUES (6, 'u'); PRAGMA journal_mode=wal; INSERT INTO t VALUES (7, 'v');");
	uint32_t seen = compare_all("a WAL that begins anew");
	assert_true((seen & SIM_RECOVERY_REPLAYED) != 0 && (seen & SIM_RECOVERY_PLAYED) != 0);
}

/* ---- twins ----------------------------------------------------------------------------------- */

/* In every connection, before anybody else uses it. */
static int meddle(sqlite3 *connection, const char **why, const struct sqlite3_api_routines *api) {
	(void)why;
	(void)api;
	return sqlite3_exec(connection, "UPDATE t SET b = 'meddled' WHERE id = 7", NULL, NULL, NULL);
}

/* A recovery that comes to another content is seen, and so is one that leaves something behind. */
static void test_twins(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	char made[600];
	struct sim_recovery recovery = {0};
	snprintf(made, sizeof made, "PRAGMA page_size=512; CREATE TABLE t (id INTEGER PRIMARY KEY, b); %s", rows);
	collect(&options, made, "UPDATE t SET b = zeroblob(30) WHERE id < 30;");
	world.disk = deaths[death_count - 1];
	sqlite3_auto_extension((void (*)(void))meddle);
	sim_recovery_compare(&world, &recovery);
	sqlite3_cancel_auto_extension((void (*)(void))meddle);
	assert_true(recovery.is_compared);
	assert_non_null(strstr(recovery.text, "/a.db: page "));
	assert_non_null(strstr(recovery.text, "differs from byte "));
	compare_all("the same without it");
}

static int lack_memory(sqlite3 *connection, const char **why, const struct sqlite3_api_routines *api) {
	(void)connection;
	(void)why;
	(void)api;
	return SQLITE_NOMEM;
}

/* Without memory nothing is compared, and nothing of the image is remembered as agreed. */
static void test_out_of_memory(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct sim_recovery recovery = {0};
	collect(&options, "CREATE TABLE t (x);", "INSERT INTO t VALUES (1);");
	world.disk = deaths[death_count - 1];
	sqlite3_auto_extension((void (*)(void))lack_memory);
	sim_recovery_compare(&world, &recovery);
	sqlite3_cancel_auto_extension((void (*)(void))lack_memory);
	assert_true(recovery.out_of_memory);
	assert_false(recovery.is_compared);
	assert_string_equal(recovery.text, "");
	recovery = (struct sim_recovery){0};
	sim_recovery_compare(&world, &recovery);
	assert_false(recovery.out_of_memory);
	compare_all("the same with memory");
}

static void test_unreadable(void **state) {
	(void)state;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct sim_recovery recovery = {0};
	collect(&options, "CREATE TABLE t (x);", "INSERT INTO t VALUES (1);");
	world.disk = deaths[death_count - 1];
	assert_int_equal(vfs_disk_break(world.disk, "/a.db", 600, 1), VFS_OK);
	sim_recovery_compare(&world, &recovery);
	assert_false(recovery.is_compared);
	assert_string_equal(recovery.text, "");
	while (death_count > 0) {
		vfs_disk_destroy(deaths[--death_count]);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_out_of_memory),
	        cmocka_unit_test(test_journal_modes),
	        cmocka_unit_test(test_first_transaction),
	        cmocka_unit_test(test_vacuum),
	        cmocka_unit_test(test_several_files),
	        cmocka_unit_test(test_wal_begins_anew),
	        cmocka_unit_test(test_twins),
	        cmocka_unit_test(test_unreadable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
