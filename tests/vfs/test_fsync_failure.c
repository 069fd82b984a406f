/* tests/vfs/test_fsync_failure.c: syncs that fail, after each model of the disk
 * (docs/fault-model.md section 2): what is in the cache, what is on the medium, who is told; and
 * what SQLite makes of it.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 4096
#define OPEN_DB (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

struct world {
	struct fixture fixture; /* first: the hooks' context is both */
	struct vfs_process *processes[2];
	uint64_t good_writes; /* of a sync that fails: so many get to the medium, then the device is
	                       * broken */
};

static void init_world(struct world *world, enum vfs_sync_model model, uint64_t seed) {
	struct vfs_disk_options options = fixture_options;
	options.sync_model = model;
	fixture_init(&world->fixture, &options, seed);
	world->processes[0] = vfs_process_create(world->fixture.disk, "first", &world->fixture.hooks);
	world->processes[1] = vfs_process_create(world->fixture.disk, "second", &world->fixture.hooks);
}

static void deinit_world(struct world *world) {
	vfs_process_destroy(world->processes[0]);
	vfs_process_destroy(world->processes[1]);
	fixture_deinit(&world->fixture);
}

static sqlite3_file *open_file(const struct world *world, int process) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_process_name(world->processes[process]));
	sqlite3_file *file = malloc((size_t)vfs->szOsFile);
	assert_int_equal(vfs->xOpen(vfs, "/a", file, OPEN_DB, NULL), SQLITE_OK);
	return file;
}

static void close_file(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void fill(sqlite3_file *file, int block, char value) {
	char bytes[BLOCK];
	memset(bytes, value, sizeof bytes);
	assert_int_equal(file->pMethods->xWrite(file, bytes, BLOCK, (sqlite3_int64)block * BLOCK), SQLITE_OK);
}

static int sync_file(sqlite3_file *file) {
	return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

/* The first byte of a block as programs see it; 0 beyond the end. */
static char seen(sqlite3_file *file, int block) {
	char byte = 0;
	(void)file->pMethods->xRead(file, &byte, 1, (sqlite3_int64)block * BLOCK);
	return byte;
}

/* The same after a power loss at which everything that is pending survives; 'x' beyond the end. */
static char stored(const struct world *world, int block) {
	struct vfs_disk *snapshot = vfs_disk_snapshot(world->fixture.disk);
	struct vfs_inode *inode = NULL;
	bool created = false;
	char byte = 'x';
	size_t got = 0;
	vfs_disk_power_loss(snapshot, fixture_choose_everything, NULL);
	vfs_assert(snapshot);
	assert_int_equal(vfs_disk_open(snapshot, "/a", false, &created, &inode), VFS_OK);
	vfs_disk_read(inode, (uint64_t)block * BLOCK, &byte, 1, &got);
	vfs_disk_close(snapshot, inode);
	vfs_disk_destroy(snapshot);
	return byte;
}

static void fail_next_sync(struct world *world, enum vfs_effect effect) {
	world->fixture.method = VFS_METHOD_SYNC;
	world->fixture.matched = 0;
	world->fixture.inject_at = 1;
	world->fixture.answer = (struct vfs_answer){.effect = effect, .result = SQLITE_IOERR_FSYNC};
}

/* A file of blocks 'o', 'o', durable, of which block 1 is overwritten and block 2 appended with
 * 'n'. */
static sqlite3_file *open_changed(const struct world *world) {
	sqlite3_file *file = open_file(world, 0);
	fill(file, 0, 'o');
	fill(file, 1, 'o');
	assert_int_equal(sync_file(file), SQLITE_OK);
	fill(file, 1, 'n');
	fill(file, 2, 'n');
	return file;
}

/* ---- cache and medium ------------------------------------------------------------------------ */

static void still_dirty_retry_repairs_everything(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_STILL_DIRTY, 1);
	sqlite3_file *file = open_changed(&world);
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
	assert_int_equal(seen(file, 1), 'n');
	assert_true(vfs_disk_pending_count(world.fixture.disk) > 1);
	assert_int_equal(sync_file(file), SQLITE_OK);
	assert_int_equal(stored(&world, 1), 'n');
	assert_int_equal(stored(&world, 2), 'n');
	close_file(file);
	deinit_world(&world);
}

static void ext4_retry_succeeds_and_writes_nothing(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_EXT4, 1);
	sqlite3_file *file = open_changed(&world);
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
	assert_int_equal(seen(file, 1), 'n');
	assert_int_equal(seen(file, 2), 'n');
	assert_int_equal(sync_file(file), SQLITE_OK);
	assert_int_equal(stored(&world, 0), 'o');
	assert_int_equal(stored(&world, 1), 'o');
	assert_int_equal(stored(&world, 2), 0); /* the size is metadata, and there */
	vfs_assert(world.fixture.disk);
	close_file(file);
	deinit_world(&world);
}

static void ext4_block_that_is_written_again_is_repaired_as_a_whole(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_EXT4, 1);
	sqlite3_file *file = open_changed(&world);
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
	assert_int_equal(file->pMethods->xWrite(file, "m", 1, BLOCK + 100), SQLITE_OK);
	assert_int_equal(sync_file(file), SQLITE_OK);
	assert_int_equal(stored(&world, 1), 'n');
	assert_int_equal(stored(&world, 2), 0);
	close_file(file);
	deinit_world(&world);
}

static void ext4_fails_block_by_block(void **state) {
	(void)state;
	int mixed = 0;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct world world;
		init_world(&world, VFS_SYNC_EXT4, seed);
		sqlite3_file *file = open_changed(&world);
		fail_next_sync(&world, VFS_EFFECT_PARTIAL);
		assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
		assert_int_equal(seen(file, 1), 'n');
		mixed += (stored(&world, 1) == 'n') != (stored(&world, 2) == 'n');
		vfs_assert(world.fixture.disk);
		close_file(file);
		deinit_world(&world);
	}
	assert_in_range(mixed, 1, 39);
}

static void ext4_old_bytes_come_back_when_the_cache_is_dropped(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_EXT4, 1);
	sqlite3_file *file = open_changed(&world);
	assert_false(vfs_disk_can_evict(world.fixture.disk, "/a"));
	assert_int_equal(vfs_disk_evict(world.fixture.disk, "/a"), VFS_OK);
	assert_int_equal(seen(file, 1), 'n'); /* dirty pages stay */
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
	assert_true(vfs_disk_can_evict(world.fixture.disk, "/a"));
	assert_int_equal(vfs_disk_evict(world.fixture.disk, "/a"), VFS_OK);
	assert_int_equal(seen(file, 1), 'o');
	assert_false(vfs_disk_can_evict(world.fixture.disk, "/a"));
	assert_false(vfs_disk_can_evict(world.fixture.disk, "/none"));
	vfs_assert(world.fixture.disk);
	assert_int_equal(vfs_disk_evict(world.fixture.disk, "/none"), VFS_NOT_FOUND);
	close_file(file);
	deinit_world(&world);
}

static void ext4_data_says_so_at_the_next_sync_which_writes_nothing(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_EXT4_DATA, 1);
	sqlite3_file *file = open_changed(&world);
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	assert_int_equal(sync_file(file), SQLITE_OK);
	assert_int_equal(world.fixture.last_result, SQLITE_OK);
	assert_int_equal(seen(file, 1), 'n');
	assert_int_equal(stored(&world, 1), 'o');
	fill(file, 0, 'm');
	size_t pending = vfs_disk_pending_count(world.fixture.disk);
	assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
	assert_int_equal(vfs_disk_pending_count(world.fixture.disk), pending);
	assert_int_equal(sync_file(file), SQLITE_OK);
	assert_int_equal(stored(&world, 0), 'm');
	assert_int_equal(stored(&world, 1), 'o');
	close_file(file);
	deinit_world(&world);
}

static void btrfs_takes_content_and_size_back(void **state) {
	(void)state;
	struct world world;
	for (enum vfs_effect effect = VFS_EFFECT_BEFORE; effect <= VFS_EFFECT_PARTIAL; effect++) {
		init_world(&world, VFS_SYNC_BTRFS, 1);
		sqlite3_file *file = open_changed(&world);
		sqlite3_int64 size = 0;
		fail_next_sync(&world, effect);
		assert_int_equal(sync_file(file), SQLITE_IOERR_FSYNC);
		assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
		assert_int_equal(size, 2 * BLOCK);
		assert_int_equal(seen(file, 1), 'o');
		assert_int_equal(stored(&world, 1), 'o');
		vfs_assert(world.fixture.disk);
		close_file(file);
		deinit_world(&world);
	}
}

static void sync_that_fails_after_its_effect_leaves_nothing_behind(void **state) {
	(void)state;
	for (int model = 0; model < VFS_SYNC_MODEL_COUNT; model++) {
		struct world world;
		init_world(&world, (enum vfs_sync_model)model, 1);
		sqlite3_file *file = open_changed(&world);
		fail_next_sync(&world, VFS_EFFECT_AFTER);
		assert_int_equal(sync_file(file), model == VFS_SYNC_EXT4_DATA ? SQLITE_OK : SQLITE_IOERR_FSYNC);
		assert_int_equal(seen(file, 2), 'n');
		assert_int_equal(stored(&world, 2), 'n');
		close_file(file);
		deinit_world(&world);
	}
}

static void process_that_dies_in_a_sync_has_seen_no_failure(void **state) {
	(void)state;
	for (int model = 0; model < VFS_SYNC_MODEL_COUNT; model++) {
		struct world world;
		init_world(&world, (enum vfs_sync_model)model, 1);
		sqlite3_file *file = open_changed(&world);
		fail_next_sync(&world, VFS_EFFECT_BEFORE);
		world.fixture.answer.die = true;
		assert_int_equal(sync_file(file), SQLITE_IOERR);
		close_file(file);
		file = open_file(&world, 1);
		assert_int_equal(seen(file, 1), 'n');
		assert_int_equal(sync_file(file), SQLITE_OK);
		assert_int_equal(stored(&world, 1), 'n');
		close_file(file);
		deinit_world(&world);
	}
}

/* ---- who is told ----------------------------------------------------------------------------- */

/* Handles: the caller, one of the same process, one of another process, one opened after the
 * failure. Each syncs twice. */
static void count_told(enum vfs_sync_model model, const int expected[4]) {
	struct world world;
	init_world(&world, model, 1);
	sqlite3_file *files[4] = {open_changed(&world), open_file(&world, 0), open_file(&world, 1), NULL};
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	int told[4] = {sync_file(files[0]) == SQLITE_IOERR_FSYNC, 0, 0, 0};
	files[3] = open_file(&world, 1);
	for (int round = 0; round < 2; round++) {
		for (int index = 0; index < 4; index++) {
			told[index] += sync_file(files[index]) == SQLITE_IOERR_FSYNC;
		}
	}
	for (int index = 0; index < 4; index++) {
		assert_int_equal(told[index], expected[index]);
		close_file(files[index]);
	}
	deinit_world(&world);
}

static void each_open_handle_is_told_once_but_with_still_dirty_only_the_caller(void **state) {
	(void)state;
	count_told(VFS_SYNC_STILL_DIRTY, (int[]){1, 0, 0, 0});
	count_told(VFS_SYNC_EXT4, (int[]){1, 1, 1, 0});
	count_told(VFS_SYNC_BTRFS, (int[]){1, 1, 1, 0});
	/* Nobody had been told when the last one was opened, so it is told as well. */
	count_told(VFS_SYNC_EXT4_DATA, (int[]){1, 1, 1, 1});
}

/* ---- SQLite ---------------------------------------------------------------------------------- */

enum { TRANSACTIONS = 12 };

struct story {
	enum vfs_sync_model model;
	enum vfs_file_kind file_kind; /* whose sync fails in the first checkpoint */
	bool reopens;                 /* between the two checkpoints */
};

struct count {
	int corrupt; /* integrity_check is not content */
	int told;    /* of these: writing to the table gives SQLITE_CORRUPT */
	int lost;    /* sound, but older than the checkpoint that succeeded */
	int whole;
};

/* Power loss in which everything that is still pending survives. The database is open anew. */
static sqlite3 *restart(struct world *world, sqlite3 *database) {
	for (int index = 0; index < 2; index++) {
		vfs_process_kill(world->processes[index]);
	}
	sqlite3_close(database);
	for (int index = 0; index < 2; index++) {
		vfs_process_destroy(world->processes[index]);
	}
	vfs_disk_power_loss(world->fixture.disk, fixture_choose_everything, NULL);
	vfs_assert(world->fixture.disk);
	world->processes[0] = vfs_process_create(world->fixture.disk, "first", &world->fixture.hooks);
	world->processes[1] = vfs_process_create(world->fixture.disk, "second", &world->fixture.hooks);
	return fixture_open(world->processes[0], "/db");
}

static uint64_t choose_good_writes(void *context, enum vfs_choice choice, uint64_t count) {
	struct world *world = context;
	(void)count;
	if (choice == VFS_CHOICE_FILE) {
		return 2;
	}
	if (world->good_writes == 0) {
		return 0;
	}
	world->good_writes--;
	return 1;
}

/* Commits, a checkpoint in which a sync fails, one that reports success, power loss. */
static void play_checkpoint(const struct story *story, uint64_t seed, struct count *count) {
	struct world world;
	init_world(&world, story->model, seed);
	vfs_process_destroy(world.processes[0]);
	world.good_writes = seed;
	world.fixture.hooks.chooser = choose_good_writes;
	world.processes[0] = vfs_process_create(world.fixture.disk, "first", &world.fixture.hooks);
	sqlite3 *database = fixture_open(world.processes[0], "/db");
	fixture_must_run(database, "PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
	                           "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
	                           "CREATE INDEX i ON t(b); CREATE TABLE head(number); INSERT INTO head VALUES(0);"
	                           "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 60)"
	                           "INSERT INTO t SELECT a, randomblob(150) FROM n; PRAGMA wal_checkpoint");
	assert_int_equal(vfs_disk_sync_directory(world.fixture.disk, "/"), VFS_OK);
	for (int number = 0; number < TRANSACTIONS; number++) {
		fixture_must_run(database, "BEGIN; UPDATE head SET number = number + 1;"
		                           "UPDATE t SET b = randomblob(150) WHERE a = 1 + abs(random() % 60); COMMIT");
	}
	fail_next_sync(&world, VFS_EFFECT_PARTIAL);
	world.fixture.file_kind = story->file_kind;
	assert_int_equal(sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
	                 story->model == VFS_SYNC_EXT4_DATA ? SQLITE_OK : SQLITE_IOERR_FSYNC);
	if (story->reopens) { /* without another checkpoint on closing */
		vfs_process_kill(world.processes[0]);
		sqlite3_close(database);
		database = fixture_open(world.processes[1], "/db");
		fixture_must_run(database, "PRAGMA synchronous=NORMAL");
	}
	assert_int_equal(sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
	assert_int_equal(fixture_query(database, "SELECT number FROM head"), TRANSACTIONS);
	database = restart(&world, database);
	int64_t number = fixture_query(database, "SELECT number FROM head");
	bool intact = fixture_is_intact(database);
	count->corrupt += !intact;
	count->told += (fixture_run(database, "UPDATE t SET b = a") & 0xff) == SQLITE_CORRUPT;
	count->lost += intact && number < TRANSACTIONS;
	count->whole += intact && number == TRANSACTIONS;
	sqlite3_close(database);
	deinit_world(&world);
}

static struct count play_checkpoints(struct story story) {
	struct count count = {0};
	for (uint64_t seed = 1; seed <= 100; seed++) {
		play_checkpoint(&story, seed, &count);
	}
	print_message("%s, sync of the %s fails in a checkpoint, %s, the next succeeds, power loss: %d corrupt "
	              "(%d SQLITE_CORRUPT), %d lost, %d whole\n",
	              vfs_sync_model_name(story.model), vfs_file_kind_name(story.file_kind),
	              story.reopens ? "the process restarts" : "it goes on", count.corrupt, count.told, count.lost,
	              count.whole);
	return count;
}

/* The frames that the kernel has given up are not on the medium, but the pages that the second
 * checkpoint copied from them are, and so is the old end of the WAL: recovery puts old pages over
 * newer ones. */
static void wal_sync_that_fails_in_a_checkpoint_corrupts_on_ext4(void **state) {
	(void)state;
	struct count count = play_checkpoints((struct story){VFS_SYNC_EXT4, VFS_FILE_WAL, false});
	assert_true(count.corrupt > 0);
	assert_true(count.told > 0);
	count = play_checkpoints((struct story){VFS_SYNC_EXT4_DATA, VFS_FILE_WAL, false});
	assert_true(count.corrupt > 0);
}

static void wal_sync_that_fails_in_a_checkpoint_is_harmless_when_a_retry_writes(void **state) {
	(void)state;
	struct count count = play_checkpoints((struct story){VFS_SYNC_STILL_DIRTY, VFS_FILE_WAL, false});
	assert_int_equal(count.whole, 100);
}

/* The second checkpoint writes all pages again, which makes them dirty again. */
static void database_sync_that_fails_in_a_checkpoint_is_repaired_by_the_next(void **state) {
	(void)state;
	struct count count = play_checkpoints((struct story){VFS_SYNC_EXT4, VFS_FILE_DB, false});
	assert_int_equal(count.whole, 100);
}

/* The page cache outlives the process, and so does what it believes of the WAL. */
static void wal_sync_that_fails_in_a_checkpoint_corrupts_on_ext4_in_spite_of_a_restart(void **state) {
	(void)state;
	struct count count = play_checkpoints((struct story){VFS_SYNC_EXT4, VFS_FILE_WAL, true});
	assert_true(count.corrupt > 0);
}

static void automatic_checkpoint_keeps_its_errors_to_itself(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_EXT4, 1);
	sqlite3 *database = fixture_open(world.processes[0], "/db");
	fixture_must_run(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t(a);"
	                           "PRAGMA wal_autocheckpoint=1");
	fail_next_sync(&world, VFS_EFFECT_BEFORE);
	world.fixture.file_kind = VFS_FILE_WAL;
	assert_int_equal(fixture_run(database, "INSERT INTO t VALUES(1)"), SQLITE_OK);
	assert_true(world.fixture.injected);
	sqlite3_close(database);
	deinit_world(&world);
}

/* Starts a transaction of which the sync of the journal fails, and gives up; 2 is what it would
 * have put in place of 1. */
static sqlite3 *fail_commit(struct world *world, const char *setting) {
	sqlite3 *database = fixture_open(world->processes[0], "/db");
	fixture_must_run(database, setting);
	fixture_must_run(database, "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
	fixture_must_run(database, "BEGIN; UPDATE t SET a = 2");
	fail_next_sync(world, VFS_EFFECT_BEFORE);
	world->fixture.file_kind = VFS_FILE_JOURNAL;
	assert_int_equal(fixture_run(database, "COMMIT"), SQLITE_IOERR_FSYNC);
	assert_true(world->fixture.injected);
	(void)fixture_run(database, "ROLLBACK");
	return database;
}

/* The rollback reads the journal, of which nothing is left, so it restores nothing in the cache. */
static void cache_goes_bad_on_btrfs_while_the_file_is_fine(void **state) {
	(void)state;
	struct world world;
	init_world(&world, VFS_SYNC_BTRFS, 1);
	sqlite3 *database = fail_commit(&world, "PRAGMA journal_mode=DELETE");
	sqlite3 *other = fixture_open(world.processes[1], "/db");
	assert_int_equal(fixture_query(other, "SELECT a FROM t"), 1);
	assert_true(fixture_is_intact(other));
	assert_int_equal(fixture_query(database, "SELECT a FROM t"), 2);
	sqlite3_close(other);
	sqlite3_close(database);
	deinit_world(&world);
}

static void cache_is_rolled_back_where_the_journal_can_be_read(void **state) {
	(void)state;
	for (int model = 0; model < VFS_SYNC_MODEL_COUNT; model++) {
		struct world world;
		if (model == VFS_SYNC_BTRFS || model == VFS_SYNC_EXT4_DATA) {
			continue; /* the former: see above; in the latter no sync of this
			           * transaction fails */
		}
		init_world(&world, (enum vfs_sync_model)model, 1);
		sqlite3 *database = fail_commit(&world, "PRAGMA journal_mode=DELETE");
		assert_int_equal(fixture_query(database, "SELECT a FROM t"), 1);
		sqlite3_close(database);
		deinit_world(&world);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(still_dirty_retry_repairs_everything),
	        cmocka_unit_test(ext4_retry_succeeds_and_writes_nothing),
	        cmocka_unit_test(ext4_block_that_is_written_again_is_repaired_as_a_whole),
	        cmocka_unit_test(ext4_fails_block_by_block),
	        cmocka_unit_test(ext4_old_bytes_come_back_when_the_cache_is_dropped),
	        cmocka_unit_test(ext4_data_says_so_at_the_next_sync_which_writes_nothing),
	        cmocka_unit_test(btrfs_takes_content_and_size_back),
	        cmocka_unit_test(sync_that_fails_after_its_effect_leaves_nothing_behind),
	        cmocka_unit_test(process_that_dies_in_a_sync_has_seen_no_failure),
	        cmocka_unit_test(each_open_handle_is_told_once_but_with_still_dirty_only_the_caller),
	        cmocka_unit_test(wal_sync_that_fails_in_a_checkpoint_corrupts_on_ext4),
	        cmocka_unit_test(wal_sync_that_fails_in_a_checkpoint_corrupts_on_ext4_in_spite_of_a_restart),
	        cmocka_unit_test(wal_sync_that_fails_in_a_checkpoint_is_harmless_when_a_retry_writes),
	        cmocka_unit_test(database_sync_that_fails_in_a_checkpoint_is_repaired_by_the_next),
	        cmocka_unit_test(automatic_checkpoint_keeps_its_errors_to_itself),
	        cmocka_unit_test(cache_goes_bad_on_btrfs_while_the_file_is_fine),
	        cmocka_unit_test(cache_is_rolled_back_where_the_journal_can_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
