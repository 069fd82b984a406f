/* tests/vfs/process/test_locks.c: database locks, and the memory and locks of the WAL index,
 * between two processes. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define REGION 32768

/* Two processes with a handle each on one database. */
struct pair {
	struct fixture fixture;
	struct vfs_process *processes[2];
	sqlite3_file *files[2];
};

static sqlite3_file *open_handle(const char *vfs_name, const char *path) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	assert_non_null(vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	assert_int_equal(
	        vfs->xOpen(vfs, path, file, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	        SQLITE_OK);
	return file;
}

static void close_handle(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static int set_up(void **state) {
	struct pair *pair = calloc(1, sizeof *pair);
	fixture_init(&pair->fixture, &fixture_options, 1);
	pair->processes[0] = vfs_process_create(pair->fixture.disk, "first", &pair->fixture.hooks);
	pair->processes[1] = vfs_process_create(pair->fixture.disk, "second", &pair->fixture.hooks);
	pair->files[0] = open_handle("first", "/db");
	pair->files[1] = open_handle("second", "/db");
	*state = pair;
	return 0;
}

static int tear_down(void **state) {
	struct pair *pair = *state;
	for (int index = 0; index < 2; index++) {
		if (pair->files[index] != NULL) {
			close_handle(pair->files[index]);
		}
		vfs_process_destroy(pair->processes[index]);
	}
	fixture_deinit(&pair->fixture);
	free(pair);
	return 0;
}

static int lock(sqlite3_file *file, int level) {
	return file->pMethods->xLock(file, level);
}

static int unlock(sqlite3_file *file, int level) {
	return file->pMethods->xUnlock(file, level);
}

static int level_of(sqlite3_file *file) {
	int level = -1;
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	return level;
}

static bool is_reserved(sqlite3_file *file) {
	int answer = -1;
	assert_int_equal(file->pMethods->xCheckReservedLock(file, &answer), SQLITE_OK);
	return answer != 0;
}

/* Brings a handle to a level the way SQLite does. PENDING comes about only by wanting EXCLUSIVE
 * while `reader` reads. */
static void climb(sqlite3_file *file, int level, sqlite3_file *reader) {
	if (level >= SQLITE_LOCK_SHARED) {
		assert_int_equal(lock(file, SQLITE_LOCK_SHARED), SQLITE_OK);
	}
	if (level >= SQLITE_LOCK_RESERVED) {
		assert_int_equal(lock(file, SQLITE_LOCK_RESERVED), SQLITE_OK);
	}
	if (level == SQLITE_LOCK_PENDING) {
		assert_int_equal(lock(reader, SQLITE_LOCK_SHARED), SQLITE_OK);
		assert_int_equal(lock(file, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		assert_int_equal(lock(file, SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
	}
	assert_int_equal(level_of(file), level);
}

/* ---- database locks -------------------------------------------------------------------------- */

/* V7: at most one handle of a file is above SHARED. */
/* What the second handle gets while the first has a level: for SHARED; then RESERVED; then
 * EXCLUSIVE from RESERVED or from SHARED. -1: cannot be asked, because the step before failed. */
static void locks_are_compatible_as_the_table_says(void **state) {
	struct pair *pair = *state;
	static const struct {
		int held;
		int shared;
		int reserved;
		int exclusive;
	} table[] = {
	        {SQLITE_LOCK_NONE, SQLITE_OK, SQLITE_OK, SQLITE_OK},
	        {SQLITE_LOCK_SHARED, SQLITE_OK, SQLITE_OK, SQLITE_BUSY},
	        {SQLITE_LOCK_RESERVED, SQLITE_OK, SQLITE_BUSY, SQLITE_BUSY},
	        {SQLITE_LOCK_PENDING, SQLITE_BUSY, -1, -1},
	        {SQLITE_LOCK_EXCLUSIVE, SQLITE_BUSY, -1, -1},
	};
	for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
		sqlite3_file *reader = open_handle("second", "/db");
		climb(pair->files[0], table[row].held, reader);
		assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), table[row].shared);
		if (table[row].reserved >= 0) {
			assert_int_equal(lock(pair->files[1], SQLITE_LOCK_RESERVED), table[row].reserved);
		}
		if (table[row].exclusive >= 0) {
			assert_int_equal(lock(pair->files[1], SQLITE_LOCK_EXCLUSIVE), table[row].exclusive);
		}
		assert_int_equal(level_of(pair->files[0]), table[row].held);
		assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_NONE), SQLITE_OK);
		assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
		close_handle(reader);
	}
}

static void handles_of_one_process_exclude_each_other_too(void **state) {
	struct pair *pair = *state;
	sqlite3_file *sibling = open_handle("first", "/db");
	climb(pair->files[0], SQLITE_LOCK_RESERVED, pair->files[1]);
	assert_int_equal(lock(sibling, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(lock(sibling, SQLITE_LOCK_RESERVED), SQLITE_BUSY);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	close_handle(sibling); /* drops its lock */
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
}

static void locks_of_different_files_do_not_meet(void **state) {
	struct pair *pair = *state;
	sqlite3_file *other = open_handle("second", "/other");
	climb(pair->files[0], SQLITE_LOCK_EXCLUSIVE, pair->files[1]);
	climb(other, SQLITE_LOCK_EXCLUSIVE, pair->files[1]);
	close_handle(other);
}

static void pending_stays_held_though_busy_and_is_granted_once_readers_leave(void **state) {
	struct pair *pair = *state;
	climb(pair->files[0], SQLITE_LOCK_PENDING, pair->files[1]);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(level_of(pair->files[0]), SQLITE_LOCK_PENDING);
	assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_BUSY);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
}

/* Up to 3.40.1; test_unix_locks.c holds it against the unix VFS of whatever library runs. */
static bool pending_comes_from_shared(void) {
	return sqlite3_libversion_number() < 3041000;
}

static void exclusive_from_shared_leaves_pending_when_busy_up_to_3_40_1_and_shared_later(void **state) {
	struct pair *pair = *state;
	int left = pending_comes_from_shared() ? SQLITE_LOCK_PENDING : SQLITE_LOCK_SHARED;
	climb(pair->files[0], SQLITE_LOCK_SHARED, pair->files[1]);
	climb(pair->files[1], SQLITE_LOCK_SHARED, pair->files[0]);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(level_of(pair->files[0]), left);
	assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
	int expected = pending_comes_from_shared() ? SQLITE_BUSY : SQLITE_OK;
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), expected);
	assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
}

/* A lock that the hook refuses in part leaves what a lock that is refused leaves: PENDING, but not
 * where it does not come about. */
static void lock_refused_in_part_leaves_what_the_release_may_leave(void **state) {
	struct pair *pair = *state;
	pair->fixture.method = VFS_METHOD_LOCK;
	for (int level = SQLITE_LOCK_SHARED; level <= SQLITE_LOCK_RESERVED; level++) {
		bool pends = level == SQLITE_LOCK_RESERVED || pending_comes_from_shared();
		climb(pair->files[0], level, pair->files[1]);
		pair->fixture.answer = (struct vfs_answer){.effect = VFS_EFFECT_PARTIAL, .result = SQLITE_BUSY};
		pair->fixture.matched = 0;
		pair->fixture.inject_at = 1;
		assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
		pair->fixture.inject_at = 0;
		assert_int_equal(level_of(pair->files[0]), pends ? SQLITE_LOCK_PENDING : SQLITE_LOCK_SHARED);
		assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), pends ? SQLITE_BUSY : SQLITE_OK);
		assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_NONE), SQLITE_OK);
		assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
	}
}

static void exclusive_from_shared_beside_a_writer_changes_nothing(void **state) {
	struct pair *pair = *state;
	climb(pair->files[0], SQLITE_LOCK_SHARED, pair->files[1]);
	climb(pair->files[1], SQLITE_LOCK_RESERVED, pair->files[0]);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(level_of(pair->files[0]), SQLITE_LOCK_SHARED);
}

static void unlock_goes_down_from_every_level(void **state) {
	struct pair *pair = *state;
	static const int levels[] = {SQLITE_LOCK_SHARED, SQLITE_LOCK_RESERVED, SQLITE_LOCK_PENDING,
	                             SQLITE_LOCK_EXCLUSIVE};
	for (size_t index = 0; index < sizeof levels / sizeof *levels; index++) {
		climb(pair->files[0], levels[index], pair->files[1]);
		assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_SHARED), SQLITE_OK);
		assert_int_equal(level_of(pair->files[0]), SQLITE_LOCK_SHARED);
		assert_false(is_reserved(pair->files[1]));
		assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_OK);
		assert_int_equal(lock(pair->files[1], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
		assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_NONE), SQLITE_OK);
		assert_int_equal(level_of(pair->files[0]), SQLITE_LOCK_NONE);
		assert_int_equal(lock(pair->files[1], SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
		assert_int_equal(unlock(pair->files[1], SQLITE_LOCK_NONE), SQLITE_OK);
	}
}

static void reserved_is_seen_by_everybody(void **state) {
	struct pair *pair = *state;
	assert_false(is_reserved(pair->files[1]));
	climb(pair->files[0], SQLITE_LOCK_SHARED, pair->files[1]);
	assert_false(is_reserved(pair->files[1]));
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_RESERVED), SQLITE_OK);
	assert_true(is_reserved(pair->files[1]));
	assert_true(is_reserved(pair->files[0]));
}

/* Not what xUnlock is for, but what SQLite may do. */
static void unlock_to_reserved_goes_down_to_shared(void **state) {
	struct pair *pair = *state;
	climb(pair->files[0], SQLITE_LOCK_RESERVED, pair->files[1]);
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_RESERVED), SQLITE_OK);
	assert_int_equal(level_of(pair->files[0]), SQLITE_LOCK_SHARED);
	assert_false(is_reserved(pair->files[1]));
}

/* Two processes find a hot journal, and one has a try at EXCLUSIVE to play it back: to the other,
 * the journal is hot still, whether that leaves PENDING or not. */
static void pending_from_shared_is_not_reserved_to_other_processes(void **state) {
	struct pair *pair = *state;
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_false(is_reserved(pair->files[1]));
	assert_int_equal(is_reserved(pair->files[0]), pending_comes_from_shared());
}

static void pending_from_reserved_is_reserved_to_other_processes(void **state) {
	struct pair *pair = *state;
	climb(pair->files[0], SQLITE_LOCK_RESERVED, pair->files[1]);
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(lock(pair->files[0], SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_true(is_reserved(pair->files[1]));
}

static void locks_of_a_killed_process_drop(void **state) {
	struct pair *pair = *state;
	climb(pair->files[0], SQLITE_LOCK_EXCLUSIVE, pair->files[1]);
	assert_int_equal(lock(pair->files[1], SQLITE_LOCK_SHARED), SQLITE_BUSY);
	vfs_process_kill(pair->processes[0]);
	climb(pair->files[1], SQLITE_LOCK_EXCLUSIVE, pair->files[0]);
	assert_int_equal(unlock(pair->files[0], SQLITE_LOCK_NONE), SQLITE_OK);
	assert_int_equal(level_of(pair->files[1]), SQLITE_LOCK_EXCLUSIVE);
}

/* ---- the WAL index --------------------------------------------------------------------------- */

static int shm_lock(sqlite3_file *file, int slot, int count, int flags) {
	return file->pMethods->xShmLock(file, slot, count, flags);
}

static uint8_t *shm_map(sqlite3_file *file, int region, bool extend) {
	void volatile *memory = NULL;
	assert_int_equal(file->pMethods->xShmMap(file, region, REGION, extend, &memory), SQLITE_OK);
	return (uint8_t *)(uintptr_t)memory;
}

static void shared_memory_is_shared_between_processes(void **state) {
	struct pair *pair = *state;
	assert_null(shm_map(pair->files[0], 0, false));
	uint8_t *first = shm_map(pair->files[0], 1, true);
	uint8_t *second = shm_map(pair->files[1], 1, false);
	assert_non_null(first);
	assert_ptr_equal(first, second);
	for (int index = 0; index < REGION; index++) {
		assert_int_equal(first[index], 0);
	}
	assert_null(shm_map(pair->files[1], 2, false));
}

static void shared_memory_lives_as_long_as_somebody_maps_it(void **state) {
	struct pair *pair = *state;
	shm_map(pair->files[0], 0, true)[5] = 42;
	shm_map(pair->files[1], 0, true);
	assert_int_equal(pair->files[0]->pMethods->xShmUnmap(pair->files[0], 0), SQLITE_OK);
	assert_int_equal(shm_map(pair->files[0], 0, true)[5], 42);
	assert_int_equal(pair->files[0]->pMethods->xShmUnmap(pair->files[0], 0), SQLITE_OK);
	assert_int_equal(pair->files[1]->pMethods->xShmUnmap(pair->files[1], 1), SQLITE_OK);
	assert_int_equal(shm_map(pair->files[1], 0, true)[5], 0);
}

static void shared_memory_of_a_killed_process_survives_with_another(void **state) {
	struct pair *pair = *state;
	shm_map(pair->files[0], 0, true)[5] = 42;
	shm_map(pair->files[1], 0, true);
	vfs_process_kill(pair->processes[0]);
	assert_int_equal(shm_map(pair->files[1], 0, false)[5], 42);
}

static void shared_memory_of_a_killed_process_alone_is_discarded(void **state) {
	struct pair *pair = *state;
	uint8_t *old = shm_map(pair->files[0], 0, true);
	old[5] = 42;
	vfs_process_kill(pair->processes[0]);
	assert_int_equal(shm_map(pair->files[1], 0, true)[5], 0);
	old[5] = 43; /* SQLite in a dead process still has the pointer */
	assert_int_equal(shm_map(pair->files[1], 0, true)[5], 0);
}

static void what_a_dead_process_scribbles_is_not_seen(void **state) {
	struct pair *pair = *state;
	uint8_t *dead = shm_map(pair->files[0], 0, true);
	dead[5] = 42;
	uint8_t *living = shm_map(pair->files[1], 0, true);
	vfs_process_kill(pair->processes[0]);
	dead[5] = 99;
	pair->files[1]->pMethods->xShmBarrier(pair->files[1]);
	assert_int_equal(living[5], 42);
	living[5] = 50; /* what the living write afterwards stays */
	pair->files[1]->pMethods->xShmBarrier(pair->files[1]);
	assert_int_equal(living[5], 50);
}

static void slots_are_shared_or_exclusive(void **state) {
	struct pair *pair = *state;
	const int take_shared = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED;
	const int take_exclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
	const int drop_shared = SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED;
	const int drop_exclusive = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	shm_map(pair->files[0], 0, true);
	shm_map(pair->files[1], 0, true);
	for (int slot = 0; slot < 8; slot++) {
		assert_int_equal(shm_lock(pair->files[0], slot, 1, take_shared), SQLITE_OK);
		assert_int_equal(shm_lock(pair->files[1], slot, 1, take_shared), SQLITE_OK);
		assert_int_equal(shm_lock(pair->files[1], slot, 1, drop_shared), SQLITE_OK);
		assert_int_equal(shm_lock(pair->files[1], slot, 1, take_exclusive), SQLITE_BUSY);
		assert_int_equal(shm_lock(pair->files[0], slot, 1, drop_shared), SQLITE_OK);
		assert_int_equal(shm_lock(pair->files[1], slot, 1, take_exclusive), SQLITE_OK);
		assert_int_equal(shm_lock(pair->files[0], slot, 1, take_exclusive), SQLITE_BUSY);
		assert_int_equal(shm_lock(pair->files[0], slot, 1, take_shared), SQLITE_BUSY);
		assert_int_equal(shm_lock(pair->files[1], slot, 1, drop_exclusive), SQLITE_OK);
	}
}

static void several_slots_are_taken_all_or_none(void **state) {
	struct pair *pair = *state;
	shm_map(pair->files[0], 0, true);
	shm_map(pair->files[1], 0, true);
	assert_int_equal(shm_lock(pair->files[0], 4, 1, SQLITE_SHM_LOCK | SQLITE_SHM_SHARED), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[1], 1, 7, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(shm_lock(pair->files[0], 1, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[0], 1, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[1], 5, 3, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[0], 7, 1, SQLITE_SHM_LOCK | SQLITE_SHM_SHARED), SQLITE_BUSY);
}

static void slots_of_a_killed_process_drop(void **state) {
	struct pair *pair = *state;
	shm_map(pair->files[0], 0, true);
	shm_map(pair->files[1], 0, true);
	assert_int_equal(shm_lock(pair->files[0], 0, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[0], 3, 1, SQLITE_SHM_LOCK | SQLITE_SHM_SHARED), SQLITE_OK);
	assert_int_equal(shm_lock(pair->files[1], 0, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_BUSY);
	vfs_process_kill(pair->processes[0]);
	assert_int_equal(shm_lock(pair->files[1], 0, 8, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
}

/* ---- holds ----------------------------------------------------------------------------------- */

static void hold_keeps_a_writer_out_until_it_is_released(void **state) {
	struct pair *pair = *state;
	static const char *const modes[] = {"PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL"};
	for (int wal = 0; wal < 2; wal++) {
		sqlite3 *database = fixture_open(pair->processes[0], "/held");
		struct vfs_hold *hold = NULL;
		fixture_must_run(database, modes[wal]);
		fixture_must_run(database, "CREATE TABLE IF NOT EXISTS t(a); INSERT INTO t VALUES(1)");
		assert_int_equal(vfs_process_hold(pair->processes[1], "/held", SQLITE_LOCK_EXCLUSIVE, wal, &hold),
		                 SQLITE_OK);
		assert_int_equal(fixture_run(database, "INSERT INTO t VALUES(2)"), SQLITE_BUSY);
		/* In WAL mode readers get by. */
		assert_int_equal(fixture_run(database, "SELECT * FROM t"), wal ? SQLITE_OK : SQLITE_BUSY);
		vfs_process_release(hold);
		fixture_must_run(database, "INSERT INTO t VALUES(2)");
		sqlite3_close(database);
	}
}

static void hold_is_refused_while_somebody_else_writes(void **state) {
	struct pair *pair = *state;
	static const char *const modes[] = {"PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL"};
	for (int wal = 0; wal < 2; wal++) {
		sqlite3 *database = fixture_open(pair->processes[0], "/held");
		struct vfs_hold *hold = NULL;
		size_t open_files = vfs_process_open_files(pair->processes[1]);
		fixture_must_run(database, modes[wal]);
		fixture_must_run(database, "CREATE TABLE IF NOT EXISTS t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");
		assert_int_equal(vfs_process_hold(pair->processes[1], "/held", SQLITE_LOCK_EXCLUSIVE, wal, &hold),
		                 SQLITE_BUSY);
		assert_null(hold);
		assert_int_equal(vfs_process_open_files(pair->processes[1]), open_files);
		fixture_must_run(database, "COMMIT");
		sqlite3_close(database);
	}
}

static void hold_of_a_missing_file_is_refused(void **state) {
	struct pair *pair = *state;
	struct vfs_hold *hold = NULL;
	assert_int_equal(vfs_process_hold(pair->processes[1], "/none", SQLITE_LOCK_SHARED, false, &hold),
	                 SQLITE_CANTOPEN);
	assert_null(hold);
	vfs_process_release(NULL);
}

static void hold_of_a_killed_process_drops(void **state) {
	struct pair *pair = *state;
	struct vfs_hold *hold = NULL;
	assert_int_equal(vfs_process_hold(pair->processes[1], "/db", SQLITE_LOCK_RESERVED, false, &hold), SQLITE_OK);
	assert_true(is_reserved(pair->files[0]));
	vfs_process_kill(pair->processes[1]);
	assert_false(is_reserved(pair->files[0]));
	vfs_process_release(hold);
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        WITH_PAIR(locks_are_compatible_as_the_table_says),
	        WITH_PAIR(handles_of_one_process_exclude_each_other_too),
	        WITH_PAIR(locks_of_different_files_do_not_meet),
	        WITH_PAIR(pending_stays_held_though_busy_and_is_granted_once_readers_leave),
	        WITH_PAIR(exclusive_from_shared_leaves_pending_when_busy_up_to_3_40_1_and_shared_later),
	        WITH_PAIR(lock_refused_in_part_leaves_what_the_release_may_leave),
	        WITH_PAIR(exclusive_from_shared_beside_a_writer_changes_nothing),
	        WITH_PAIR(unlock_goes_down_from_every_level),
	        WITH_PAIR(reserved_is_seen_by_everybody),
	        WITH_PAIR(unlock_to_reserved_goes_down_to_shared),
	        WITH_PAIR(pending_from_shared_is_not_reserved_to_other_processes),
	        WITH_PAIR(pending_from_reserved_is_reserved_to_other_processes),
	        WITH_PAIR(locks_of_a_killed_process_drop),
	        WITH_PAIR(shared_memory_is_shared_between_processes),
	        WITH_PAIR(shared_memory_lives_as_long_as_somebody_maps_it),
	        WITH_PAIR(shared_memory_of_a_killed_process_survives_with_another),
	        WITH_PAIR(shared_memory_of_a_killed_process_alone_is_discarded),
	        WITH_PAIR(what_a_dead_process_scribbles_is_not_seen),
	        WITH_PAIR(slots_are_shared_or_exclusive),
	        WITH_PAIR(several_slots_are_taken_all_or_none),
	        WITH_PAIR(slots_of_a_killed_process_drop),
	        WITH_PAIR(hold_keeps_a_writer_out_until_it_is_released),
	        WITH_PAIR(hold_is_refused_while_somebody_else_writes),
	        WITH_PAIR(hold_of_a_missing_file_is_refused),
	        WITH_PAIR(hold_of_a_killed_process_drops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
