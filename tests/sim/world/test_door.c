/* The doors: two processes that meet are counted, and one that is alone is not. */
#include "door.h"

#include "process.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sim_run_result result;
static struct sim_world world;

static int begin(void **context) {
	(void)context;
	memset(&result, 0, sizeof result);
	memset(&world, 0, sizeof world);
	world.result = &result;
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	world.disk = vfs_disk_create(&options);
	for (uint32_t i = 0; i < 2; i++) {
		world.processes[i].world = &world;
		world.processes[i].number = i;
	}
	return world.disk != NULL ? 0 : -1;
}

static int end(void **context) {
	(void)context;
	vfs_disk_destroy(world.disk);
	return 0;
}

/* Process, slots of the WAL index, flags, answer. */
static void index_lock(uint32_t process, uint32_t first, uint32_t count, uint32_t flags, int answer) {
	const struct vfs_call call = {.method = VFS_METHOD_SHM_LOCK,
	                              .file_kind = VFS_FILE_SHM,
	                              .path = SIM_WORLD_PATH,
	                              .offset = first,
	                              .size = count,
	                              .flags = flags};
	sim_doors_note(&world.processes[process], &call, answer, 0);
}

#define TAKES (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)
#define GIVES (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE)
#define SHARES (SQLITE_SHM_LOCK | SQLITE_SHM_SHARED)
#define MARKS VFS_SHM_SLOT_READ_0 + 1, VFS_READ_MARKS - 1

static void database_lock(uint32_t process, uint32_t level, int answer) {
	const struct vfs_call call = {
	        .method = VFS_METHOD_LOCK, .file_kind = VFS_FILE_DB, .path = SIM_WORLD_PATH, .size = level};
	sim_doors_note(&world.processes[process], &call, answer, 0);
}

static uint32_t reached(void) {
	uint32_t sum = 0;
	for (int probe = SIM_PROBE_DOORS; probe < SIM_PROBE_COUNT; probe++) {
		sum += result.probes[probe];
	}
	return sum;
}

static void a_wal_begun_anew_beside_a_checkpoint(void **context) {
	(void)context;
	index_lock(0, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	index_lock(1, MARKS, TAKES, SQLITE_OK);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_BESIDE_CHECKPOINT], 1);
	index_lock(0, VFS_SHM_SLOT_CHECKPOINT, 1, GIVES, SQLITE_OK);
	index_lock(1, MARKS, TAKES, SQLITE_OK);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_BESIDE_CHECKPOINT], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_ANEW], 2);
	index_lock(0, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	index_lock(0, MARKS, TAKES, SQLITE_OK);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_CHECKPOINT_RESTARTS], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_ANEW], 2);
}

static void who_is_refused_has_met_somebody(void **context) {
	(void)context;
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_BUSY);
	index_lock(0, VFS_SHM_SLOT_RECOVER, 1, SHARES, SQLITE_BUSY);
	index_lock(0, VFS_SHM_SLOT_READ_0, 1, SHARES, SQLITE_BUSY);
	database_lock(0, SQLITE_LOCK_SHARED, SQLITE_BUSY);
	database_lock(0, SQLITE_LOCK_EXCLUSIVE, SQLITE_BUSY);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_WRITERS_MEET], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_RECOVERY_MET], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_READER_MEETS_RESET], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_READER_KEPT_OUT], 1);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_COMMIT_MEETS_READER], 1);
	assert_int_equal(reached(), 5);
}

static void who_is_alone_meets_nobody(void **context) {
	(void)context;
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_OK);
	index_lock(0, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	index_lock(0, VFS_SHM_SLOT_CHECKPOINT, 1, GIVES, SQLITE_OK);
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, GIVES, SQLITE_OK);
	database_lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	sim_doors_note_death(&world.processes[0]);
	assert_int_equal(reached(), 0);
}

static void a_death_counts_for_who_dies_at_it(void **context) {
	(void)context;
	index_lock(0, VFS_SHM_SLOT_RECOVER, 1, TAKES, SQLITE_OK);
	sim_doors_note_death(&world.processes[1]);
	assert_int_equal(reached(), 0);
	sim_doors_note_death(&world.processes[0]);
	sim_doors_note_death(&world.processes[0]);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_RECOVERY_DIES], 1);
}

/* A lock that a process outside holds, and a refusal that a fault has made up. */
static void who_is_refused_by_a_fault_has_met_nobody(void **context) {
	(void)context;
	for (int way = 0; way < 2; way++) {
		world.hold = way == 0 ? (struct vfs_hold *)&world : NULL;
		world.processes[0].is_struck = way == 1;
		world.doors.player = 2;
		index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_BUSY);
		index_lock(0, VFS_SHM_SLOT_READ_0, 1, SHARES, SQLITE_BUSY);
		database_lock(0, SQLITE_LOCK_SHARED, SQLITE_BUSY);
		database_lock(0, SQLITE_LOCK_EXCLUSIVE, SQLITE_BUSY);
	}
	const struct vfs_call call = {
	        .method = VFS_METHOD_OPEN, .file_kind = VFS_FILE_JOURNAL, .path = SIM_WORLD_PATH "-journal"};
	sim_doors_note(&world.processes[0], &call, SQLITE_CANTOPEN, 0);
	assert_int_equal(reached(), 0);
	world.processes[0].is_struck = false;
	sim_doors_note(&world.processes[0], &call, SQLITE_CANTOPEN, 0);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_JOURNAL_GONE], 1);
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_BUSY);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_WRITERS_MEET], 1);
}

/* ---- lives ----------------------------------------------------------------------------------- */

static struct sim_plan plan;
static const struct sim_work work;
static struct sim_violation violation;

/* Two live, and `fault` strikes in the first call of the first. */
static void begin_lives(const char *fault) {
	char why[256] = "";
	memset(&plan, 0, sizeof plan);
	plan.fault_count = fault != NULL ? 1 : 0;
	assert_true(fault == NULL || sim_fault_parse(fault, &plan.faults[0], why, sizeof why));
	world.plan = &plan;
	world.work = &work;
	world.violation = &violation;
	world.trace = sim_trace_create();
	assert_non_null(world.trace);
	assert_int_equal(sqlite3_initialize(), SQLITE_OK);
	sim_trace_begin(world.trace, NULL);
	assert_true(sim_process_begin(&world.processes[0]));
	assert_true(sim_process_begin(&world.processes[1]));
}

static void end_lives(void) {
	sim_process_abandon(&world.processes[0]);
	sim_process_abandon(&world.processes[1]);
	assert_string_equal(violation.detail, "");
	sim_trace_destroy(world.trace);
}

/* In a call of the first: it opens the database. */
static void die(void) {
	sqlite3 *connection = NULL;
	assert_int_not_equal(sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                                     vfs_process_name(world.processes[0].vfs)),
	                     SQLITE_OK);
	sqlite3_close(connection);
	assert_true(sim_process_is_dead(&world.processes[0]));
}

/* Whoever writes now is beside nobody. */
static void assert_that_nobody_is_there(void) {
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_OK);
	index_lock(0, MARKS, TAKES, SQLITE_OK);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_COMMIT_BESIDE_CHECKPOINT], 0);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_BESIDE_CHECKPOINT], 0);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_WAL_BEGUN_ANEW], 1);
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, GIVES, SQLITE_OK);
}

static void a_power_loss_ends_the_checkpoint_of_another(void **context) {
	(void)context;
	begin_lives("power_loss any any at restart 0 operation 1 effect before");
	index_lock(1, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	die();
	assert_true(sim_process_is_dead(&world.processes[1]));
	assert_int_equal(result.probes[SIM_PROBE_DOOR_CHECKPOINT_DIES], 1);
	assert_that_nobody_is_there();
	end_lives();
}

/* The twin: who is killed dies alone. */
static void a_kill_leaves_the_checkpoint_of_another(void **context) {
	(void)context;
	begin_lives("kill any any at restart 0 operation 1 effect before");
	index_lock(1, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	die();
	assert_false(sim_process_is_dead(&world.processes[1]));
	assert_int_equal(result.probes[SIM_PROBE_DOOR_CHECKPOINT_DIES], 0);
	index_lock(0, VFS_SHM_SLOT_WRITE, 1, TAKES, SQLITE_OK);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_COMMIT_BESIDE_CHECKPOINT], 1);
	end_lives();
}

static void a_kill_between_two_calls_ends_a_checkpoint(void **context) {
	(void)context;
	begin_lives(NULL);
	index_lock(1, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	sim_process_crash(&world.processes[1], SIM_CRASH_KILL);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_CHECKPOINT_DIES], 1);
	assert_that_nobody_is_there();
	end_lives();
}

/* Who ends without a death does not die at a door, and does not stay there either. */
static void an_end_of_another_kind_leaves_the_door_quietly(void **context) {
	(void)context;
	begin_lives(NULL);
	index_lock(1, VFS_SHM_SLOT_CHECKPOINT, 1, TAKES, SQLITE_OK);
	sim_process_abandon(&world.processes[1]);
	assert_int_equal(result.probes[SIM_PROBE_DOOR_CHECKPOINT_DIES], 0);
	assert_that_nobody_is_there();
	end_lives();
}

static void what_the_judge_does_does_not_count(void **context) {
	(void)context;
	world.injection_paused = true;
	database_lock(0, SQLITE_LOCK_SHARED, SQLITE_BUSY);
	assert_int_equal(reached(), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_wal_begun_anew_beside_a_checkpoint, begin, end),
	        cmocka_unit_test_setup_teardown(who_is_refused_has_met_somebody, begin, end),
	        cmocka_unit_test_setup_teardown(who_is_alone_meets_nobody, begin, end),
	        cmocka_unit_test_setup_teardown(a_death_counts_for_who_dies_at_it, begin, end),
	        cmocka_unit_test_setup_teardown(who_is_refused_by_a_fault_has_met_nobody, begin, end),
	        cmocka_unit_test_setup_teardown(a_power_loss_ends_the_checkpoint_of_another, begin, end),
	        cmocka_unit_test_setup_teardown(a_kill_leaves_the_checkpoint_of_another, begin, end),
	        cmocka_unit_test_setup_teardown(a_kill_between_two_calls_ends_a_checkpoint, begin, end),
	        cmocka_unit_test_setup_teardown(an_end_of_another_kind_leaves_the_door_quietly, begin, end),
	        cmocka_unit_test_setup_teardown(what_the_judge_does_does_not_count, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
