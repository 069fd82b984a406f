/* tests/vfs/process/test_holder.c: who holds which lock, told by the simulated machine, against
 * what SQLite is known to hold at that point. */
#include "fixture.h"

#include <string.h>

/* Two processes with a connection each, in WAL mode or not. */
struct pair {
	struct fixture fixture;
	struct vfs_process *processes[2];
	sqlite3 *databases[2];
};

static void begin(struct pair *pair, const char *mode) {
	static const char *const names[] = {"first", "second"};
	char pragma[64];
	memset(pair, 0, sizeof *pair);
	fixture_init(&pair->fixture, &fixture_options, 1);
	for (int i = 0; i < 2; i++) {
		pair->processes[i] = vfs_process_create(pair->fixture.disk, names[i], &pair->fixture.hooks);
		pair->databases[i] = fixture_open(pair->processes[i], "/db");
	}
	sqlite3_snprintf((int)sizeof pragma, pragma, "PRAGMA journal_mode=%s", mode);
	fixture_must_run(pair->databases[0], pragma);
	fixture_must_run(pair->databases[0], "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
}

static void end(struct pair *pair) {
	for (int i = 0; i < 2; i++) {
		sqlite3_close(pair->databases[i]);
		vfs_process_destroy(pair->processes[i]);
	}
	fixture_deinit(&pair->fixture);
}

struct seen {
	unsigned count;
	struct vfs_held_locks last;
};

static void see(void *context, const struct vfs_held_locks *held) {
	struct seen *seen = context;
	assert_string_equal(held->path, "/db");
	assert_int_equal(held->file_kind, VFS_FILE_DB);
	seen->count++;
	seen->last = *held;
}

static struct seen locks_of(const struct pair *pair, int which) {
	struct seen seen = {0};
	vfs_process_visit_locks(pair->processes[which], see, &seen);
	return seen;
}

static void an_idle_connection_holds_nothing_in_rollback_mode(void **state) {
	struct pair pair;
	(void)state;
	begin(&pair, "delete");
	assert_int_equal(locks_of(&pair, 0).count, 0);
	assert_int_equal(locks_of(&pair, 1).count, 0);
	end(&pair);
}

static void the_levels_of_reader_and_writer_are_told_apart(void **state) {
	struct pair pair;
	(void)state;
	begin(&pair, "delete");
	fixture_must_run(pair.databases[0], "BEGIN; SELECT * FROM t");
	fixture_must_run(pair.databases[1], "BEGIN IMMEDIATE; INSERT INTO t VALUES(2)");
	assert_int_equal(locks_of(&pair, 0).last.level, SQLITE_LOCK_SHARED);
	assert_int_equal(locks_of(&pair, 1).last.level, SQLITE_LOCK_RESERVED);
	assert_ptr_equal(locks_of(&pair, 1).last.process, pair.processes[1]);
	/* The reader stands in the way of COMMIT, which leaves PENDING. */
	assert_int_equal(fixture_run(pair.databases[1], "COMMIT"), SQLITE_BUSY);
	assert_int_equal(locks_of(&pair, 1).last.level, SQLITE_LOCK_PENDING);
	fixture_must_run(pair.databases[0], "COMMIT");
	fixture_must_run(pair.databases[1], "COMMIT");
	assert_int_equal(locks_of(&pair, 0).count + locks_of(&pair, 1).count, 0);
	end(&pair);
}

static void a_wal_writer_holds_the_write_slot_and_a_reader_its_read_mark(void **state) {
	struct pair pair;
	struct vfs_wal_index index;
	(void)state;
	begin(&pair, "wal");
	fixture_must_run(pair.databases[1], "BEGIN; SELECT * FROM t");
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	uint32_t frames = index.max_frame;
	assert_true(index.is_initialised && !index.is_torn && frames > 0);
	fixture_must_run(pair.databases[0], "BEGIN IMMEDIATE; INSERT INTO t VALUES(2)");
	assert_int_equal(locks_of(&pair, 0).last.shm_exclusive, 1u << VFS_SHM_SLOT_WRITE);
	fixture_must_run(pair.databases[0], "COMMIT");
	assert_int_equal(locks_of(&pair, 0).last.shm_exclusive, 0);

	/* The reader keeps its snapshot: its mark stays at the frame it began at, and the index has
	 * moved on. */
	uint32_t slots = locks_of(&pair, 1).last.shm_shared;
	uint32_t mark = 0;
	for (uint32_t i = 0; i < VFS_READ_MARKS; i++) {
		if ((slots & (1u << (VFS_SHM_SLOT_READ_0 + i))) != 0) {
			mark = i;
		}
	}
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	assert_int_equal(slots, 1u << (VFS_SHM_SLOT_READ_0 + mark));
	assert_int_equal(index.read_marks[mark], frames);
	assert_true(index.max_frame > frames);
	assert_int_equal(index.page_count, 2);

	/* A checkpoint copies no further than the oldest reader, and everything once it has
	 * gone. */
	fixture_must_run(pair.databases[0], "PRAGMA wal_checkpoint");
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	assert_int_equal(index.backfilled, frames);
	fixture_must_run(pair.databases[1], "COMMIT");
	fixture_must_run(pair.databases[0], "PRAGMA wal_checkpoint");
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	assert_int_equal(index.backfilled, index.max_frame);
	end(&pair);
}

static void the_dead_hold_nothing(void **state) {
	struct pair pair;
	struct vfs_wal_index index;
	(void)state;
	begin(&pair, "wal");
	fixture_must_run(pair.databases[1], "BEGIN IMMEDIATE; INSERT INTO t VALUES(2)");
	assert_int_equal(locks_of(&pair, 1).count, 1);
	vfs_process_kill(pair.processes[1]);
	assert_int_equal(locks_of(&pair, 1).count, 0);
	/* What the dead one writes to the shared memory while it unwinds is not what the living
	 * will see. */
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	uint32_t frames = index.max_frame;
	sqlite3_close(pair.databases[1]);
	pair.databases[1] = NULL;
	assert_true(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	assert_int_equal(index.max_frame, frames);
	vfs_process_kill(pair.processes[0]);
	assert_false(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	end(&pair);
}

static void there_is_no_wal_index_where_nobody_uses_one(void **state) {
	struct pair pair;
	struct vfs_wal_index index;
	(void)state;
	begin(&pair, "delete");
	assert_false(vfs_disk_read_wal_index(pair.fixture.disk, "/db", &index));
	assert_false(vfs_disk_read_wal_index(pair.fixture.disk, "/none", &index));
	assert_false(vfs_disk_read_wal_index(pair.fixture.disk, "/", &index));
	end(&pair);
}

static void every_level_and_slot_has_a_name_and_nothing_else_has(void **state) {
	(void)state;
	assert_string_equal(vfs_lock_level_name(SQLITE_LOCK_NONE), "none");
	assert_string_equal(vfs_lock_level_name(SQLITE_LOCK_PENDING), "pending");
	assert_string_equal(vfs_lock_level_name(SQLITE_LOCK_EXCLUSIVE), "exclusive");
	assert_string_equal(vfs_lock_level_name(SQLITE_LOCK_EXCLUSIVE + 1), "?");
	assert_string_equal(vfs_shm_slot_name(VFS_SHM_SLOT_WRITE), "WRITE");
	assert_string_equal(vfs_shm_slot_name((enum vfs_shm_slot)(VFS_SHM_SLOT_READ_0 + 4)), "READ_4");
	assert_string_equal(vfs_shm_slot_name(VFS_SHM_SLOT_COUNT), "?");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_idle_connection_holds_nothing_in_rollback_mode),
	        cmocka_unit_test(the_levels_of_reader_and_writer_are_told_apart),
	        cmocka_unit_test(a_wal_writer_holds_the_write_slot_and_a_reader_its_read_mark),
	        cmocka_unit_test(the_dead_hold_nothing),
	        cmocka_unit_test(there_is_no_wal_index_where_nobody_uses_one),
	        cmocka_unit_test(every_level_and_slot_has_a_name_and_nothing_else_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
