/* tests/sim/world/test_owed.c: what is owed after what has happened. Facts make a contract weaker,
 * never stronger (S11). */
#include "owed.h"
#include "vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

static const struct sim_settings wal_full = {
        .journal_mode = SIM_JOURNAL_WAL, .synchronous = SIM_SYNCHRONOUS_FULL, .psow = SIM_CAPABILITY_KEPT};

static const struct vfs_call of_wal = {.method = VFS_METHOD_SYNC, .file_kind = VFS_FILE_WAL, .path = "/db-wal"};
static const struct vfs_call of_db = {.method = VFS_METHOD_SYNC, .file_kind = VFS_FILE_DB, .path = "/db"};

static struct sim_owed fresh(void) {
	return (struct sim_owed){.journal_modes = 1u << SIM_JOURNAL_WAL};
}

static void nothing_has_happened_the_settings_decide(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	assert_int_equal(sim_owed_now(&owed, &wal_full), SIM_CONTRACT_DURABLE);
}

/* A demand that differs from what the settings promise is a positive control's. */
static void a_power_loss_owes_no_more_unless_the_kill_owes_less(void **state) {
	static const struct {
		enum sim_contract kill, power_loss;
		bool no_more;
	} rows[] = {
	        {SIM_CONTRACT_DURABLE, SIM_CONTRACT_DURABLE, true},
	        {SIM_CONTRACT_DURABLE, SIM_CONTRACT_PREFIX, true},
	        {SIM_CONTRACT_DURABLE, SIM_CONTRACT_MAY_CORRUPT, true},
	        {SIM_CONTRACT_MAY_CORRUPT, SIM_CONTRACT_MAY_CORRUPT, true},
	        {SIM_CONTRACT_LAST_MAY_ROLL_BACK, SIM_CONTRACT_DURABLE, false},
	        {SIM_CONTRACT_MAY_CORRUPT, SIM_CONTRACT_DURABLE, false},
	        {SIM_CONTRACT_MAY_CORRUPT, SIM_CONTRACT_DETECT, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_owed owed = fresh();
		struct sim_settings settings = wal_full;
		settings.demanded[SIM_CRASH_KILL] = rows[i].kill;
		settings.demanded[SIM_CRASH_POWER_LOSS] = rows[i].power_loss;
		assert_int_equal(sim_owed_no_more(&owed, &settings), rows[i].no_more);
	}
}

#define FAILS UINT64_MAX

/* What call it was, on a disk where the journal begins with these bytes. */
static void note_journal(struct sim_owed *owed, enum vfs_method method, uint64_t size, const char *begins) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	struct vfs_disk *disk = vfs_disk_create(&options);
	struct vfs_inode *inode = NULL;
	bool created = false;
	const struct vfs_call call = {
	        .method = method, .file_kind = VFS_FILE_JOURNAL, .path = "/db-journal", .size = size};
	assert_int_equal(vfs_disk_open(disk, "/db-journal", true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(disk, inode, 0, begins, 8), VFS_OK);
	vfs_disk_close(disk, inode);
	sim_owed_note_journal(owed, disk, &call, size != FAILS);
	vfs_disk_destroy(disk);
}

static void the_end_of_a_journal_is_lost_when_nobody_syncs_it(void **state) {
	/* One byte of them is enough. */
	static const char zeros[8] = "\0eader..";
	static const struct {
		bool ends, goes_on, syncs, fails, loses_power, is_lost;
	} rows[] = {
	        {.ends = true, .goes_on = true, .loses_power = true, .is_lost = true},
	        {.ends = true, .syncs = true, .fails = true, .goes_on = true, .loses_power = true, .is_lost = true},
	        {.ends = true, .syncs = true, .goes_on = true, .loses_power = true},
	        {.ends = true, .loses_power = true}, /* and nobody wrote behind it */
	        {.goes_on = true, .loses_power = true},
	        {.ends = true, .goes_on = true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_owed owed = fresh();
		/* A journal that begins has zeros, too. */
		note_journal(&owed, VFS_METHOD_WRITE, 512, zeros);
		note_journal(&owed, VFS_METHOD_WRITE, 28, rows[i].ends ? zeros : "header..");
		if (rows[i].syncs) {
			note_journal(&owed, VFS_METHOD_SYNC, rows[i].fails ? FAILS : 0, zeros);
		}
		if (rows[i].goes_on) {
			note_journal(&owed, VFS_METHOD_WRITE, 512, zeros);
		}
		if (rows[i].loses_power) {
			sim_owed_note_crash(&owed, &wal_full, SIM_CRASH_POWER_LOSS);
		}
		assert_int_equal(sim_owed_power_text(&owed, false)[0] != '\0', rows[i].is_lost);
	}
}

static void a_database_is_cut_beside_a_journal_that_may_be_back(void **state) {
	static const struct vfs_call cut = {.method = VFS_METHOD_TRUNCATE, .file_kind = VFS_FILE_DB, .path = "/db"};
	static const struct {
		bool deletes, fails, dir_synced, cuts, begins_anew, is_beside;
	} rows[] = {
	        {.deletes = true, .cuts = true, .is_beside = true},
	        {.deletes = true, .dir_synced = true, .cuts = true},
	        {.deletes = true, .fails = true, .cuts = true},
	        {.deletes = true, .cuts = true, .begins_anew = true},
	        {.deletes = true},
	        {.cuts = true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_owed owed = fresh();
		const struct vfs_call deletion = {.method = VFS_METHOD_DELETE,
		                                  .file_kind = VFS_FILE_JOURNAL,
		                                  .path = "/db-journal",
		                                  .flags = rows[i].dir_synced ? 1 : 0};
		if (rows[i].deletes) {
			sim_owed_note_journal(&owed, NULL, &deletion, !rows[i].fails);
		}
		if (rows[i].cuts) {
			sim_owed_note_journal(&owed, NULL, &cut, true);
		}
		if (rows[i].begins_anew) {
			note_journal(&owed, VFS_METHOD_SYNC, 0, "header..");
		}
		sim_owed_note_crash(&owed, &wal_full, SIM_CRASH_POWER_LOSS);
		assert_int_equal(sim_owed_power_text(&owed, false)[0] != '\0', rows[i].is_beside);
		/* A load shows nothing of it, and does not read every page. */
		sim_owed_note_load(&owed, true);
		assert_string_equal(sim_owed_power_text(&owed, false), "");
		assert_int_equal(sim_owed_power_text(&owed, true)[0] != '\0', rows[i].is_beside);
	}
}

static void a_lie_leaves_detection_for_the_rest_of_the_run(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	owed.lied = true;
	sim_owed_note_load(&owed, true);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_KILL), SIM_CONTRACT_DETECT);
}

static void a_sync_that_lied_shows_at_a_power_loss_only(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	owed.lied_sync = true;
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_KILL), SIM_CONTRACT_DURABLE);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DETECT);
	sim_owed_note_crash(&owed, &wal_full, SIM_CRASH_KILL);
	assert_false(owed.ever_damaged);
	sim_owed_note_crash(&owed, &wal_full, SIM_CRASH_POWER_LOSS);
	assert_true(owed.ever_damaged);
}

/* S11: only who opens anew keeps the contract, unless the disk keeps what it could not sync. */
static void who_goes_on_after_a_failed_sync_keeps_detection(void **state) {
	static const struct {
		enum vfs_sync_model model;
		enum sim_contract contract;
	} rows[] = {{VFS_SYNC_STILL_DIRTY, SIM_CONTRACT_DURABLE},
	            {VFS_SYNC_EXT4, SIM_CONTRACT_DETECT},
	            {VFS_SYNC_EXT4_DATA, SIM_CONTRACT_DETECT},
	            {VFS_SYNC_BTRFS, SIM_CONTRACT_DETECT}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_owed owed = fresh();
		struct sim_settings settings = wal_full;
		settings.sync_model = rows[i].model;
		sim_owed_note_going_on(&owed, &settings);
		assert_int_equal(sim_owed_now(&owed, &settings), rows[i].contract);
		assert_int_equal(owed.ever_damaged, rows[i].contract == SIM_CONTRACT_DETECT);
	}
}

static void damage_of_a_log_ends_with_a_load_that_nobody_was_beside(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	owed.damaged = owed.damaged_log = true;
	sim_owed_note_load(&owed, false);
	assert_int_equal(sim_owed_now(&owed, &wal_full), SIM_CONTRACT_DETECT);
	sim_owed_note_load(&owed, true);
	assert_int_equal(sim_owed_now(&owed, &wal_full), SIM_CONTRACT_DURABLE);
}

static void a_failed_sync_of_btrfs_takes_back_what_a_power_loss_would(void **state) {
	struct sim_settings settings = wal_full;
	struct sim_owed owed = fresh();
	(void)state;
	settings.synchronous = SIM_SYNCHRONOUS_NORMAL;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DURABLE);
	settings.sync_model = VFS_SYNC_BTRFS;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_PREFIX);
	/* Whoever reads beside others goes by their index of the WAL. */
	sim_owed_note_load(&owed, false);
	assert_true(owed.took_back);
	sim_owed_note_load(&owed, true);
	assert_false(owed.took_back);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DURABLE);
}

static void a_failed_sync_of_btrfs_shows_what_an_earlier_one_lied_about(void **state) {
	struct sim_settings settings = wal_full;
	struct sim_owed owed = fresh();
	(void)state;
	owed.lied_sync = true;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	assert_false(owed.lied || owed.wal_forgotten);
	settings.sync_model = VFS_SYNC_BTRFS;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	assert_true(owed.lied);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DETECT);
}

static void a_wal_is_forgotten_until_it_is_begun_anew_and_synced(void **state) {
	const struct vfs_call frame = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL, .offset = 32};
	const struct vfs_call header = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL};
	const struct vfs_call sync = {.method = VFS_METHOD_SYNC, .file_kind = VFS_FILE_WAL};
	struct sim_settings settings = wal_full;
	struct sim_owed owed = fresh();
	(void)state;
	settings.sync_model = VFS_SYNC_EXT4;
	sim_owed_note_failed_sync(&owed, &settings, &of_db);
	assert_false(owed.wal_forgotten);
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	sim_owed_note_wal(&owed, &frame);
	sim_owed_note_wal(&owed, &sync);
	assert_true(owed.wal_forgotten);
	sim_owed_note_wal(&owed, &header);
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	sim_owed_note_wal(&owed, &sync);
	assert_true(owed.wal_forgotten);
	sim_owed_note_wal(&owed, &header);
	sim_owed_note_wal(&owed, &sync);
	assert_false(owed.wal_forgotten);
}

/* A program that is told of a failed sync and writes the database all the same is not excused. */
static void a_sync_that_is_disregarded_is_no_excuse(void **state) {
	const struct vfs_call sync = {.method = VFS_METHOD_SYNC, .file_kind = VFS_FILE_WAL, .path = "/db-wal"};
	const struct vfs_call page = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/db"};
	const struct vfs_call other = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/d"};
	struct sim_settings settings = wal_full;
	struct sim_owed owed = fresh();
	(void)state;
	settings.sync_model = VFS_SYNC_EXT4;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	sim_owed_note_call(&owed, &wal_full, &sync, 10);
	sim_owed_note_call(&owed, &wal_full, &other, 0);
	assert_true(sim_owed_has_forgotten_wal(&owed));
	/* It found nothing to do, and nobody can know. */
	sim_owed_note_call(&owed, &wal_full, &sync, 0);
	sim_owed_note_call(&owed, &wal_full, &page, 0);
	assert_true(sim_owed_has_forgotten_wal(&owed));
	sim_owed_note_call(&owed, &wal_full, &sync, 10);
	sim_owed_note_call(&owed, &wal_full, &page, 0);
	assert_false(sim_owed_has_forgotten_wal(&owed));
}

static struct sim_settings wal_normal_on(enum vfs_sync_model model) {
	struct sim_settings settings = wal_full;
	settings.synchronous = SIM_SYNCHRONOUS_NORMAL;
	settings.sync_model = model;
	return settings;
}

/* S11: what NORMAL loses when a sync of its WAL fails shows at a power loss or an eviction, and not
 * before, and is over once a load has shown it. */
static void a_gap_shows_when_memory_goes(void **state) {
	const struct vfs_call page = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/db"};
	const struct sim_settings settings = wal_normal_on(VFS_SYNC_EXT4);
	struct sim_owed owed = fresh();
	(void)state;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	assert_int_equal(sim_owed_after(&owed, &settings, SIM_CRASH_KILL), SIM_CONTRACT_DURABLE);
	sim_owed_note_eviction(&owed, &settings, VFS_FILE_DB);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DURABLE);
	sim_owed_note_eviction(&owed, &settings, VFS_FILE_WAL);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_PREFIX);
	assert_false(owed.ever_damaged);
	sim_owed_note_writing(&owed, &page);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DETECT);
	sim_owed_note_load(&owed, false);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DETECT);
	sim_owed_note_load(&owed, true);
	assert_int_equal(sim_owed_now(&owed, &settings), SIM_CONTRACT_DURABLE);
}

/* A start begins the WAL anew before it is judged. */
static void a_gap_that_shows_outlasts_the_wal_that_is_begun_anew(void **state) {
	const struct vfs_call header = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_WAL};
	const struct sim_settings settings = wal_normal_on(VFS_SYNC_EXT4);
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		struct sim_owed owed = fresh();
		sim_owed_note_failed_sync(&owed, &settings, &of_wal);
		sim_owed_note_crash(&owed, &settings, lost ? SIM_CRASH_POWER_LOSS : SIM_CRASH_KILL);
		sim_owed_note_wal(&owed, &header);
		sim_owed_note_wal(&owed, &of_wal);
		assert_int_equal(owed.has_gap, lost);
	}
}

/* Who disregards a failed sync keeps the contract, and is violated. */
static void a_gap_takes_nothing_from_who_disregards_it(void **state) {
	const struct vfs_call page = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/db"};
	const struct sim_settings settings = wal_normal_on(VFS_SYNC_EXT4);
	struct sim_owed owed = fresh();
	(void)state;
	sim_owed_note_failed_sync(&owed, &settings, &of_wal);
	sim_owed_note_call(&owed, &wal_full, &of_wal, 10);
	sim_owed_note_writing(&owed, &page);
	assert_int_equal(sim_owed_after(&owed, &settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DETECT);
	sim_owed_note_call(&owed, &wal_full, &page, 0);
	assert_int_equal(sim_owed_after(&owed, &settings, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_PREFIX);
}

/* SQLite tells nobody of a checkpoint that failed behind a commit. */
static void who_was_not_told_keeps_detection_on_btrfs_with_normal(void **state) {
	static const enum vfs_sync_model models[] = {VFS_SYNC_STILL_DIRTY, VFS_SYNC_EXT4, VFS_SYNC_BTRFS};
	(void)state;
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
		struct sim_settings settings = wal_normal_on(models[i]);
		struct sim_owed owed = fresh();
		sim_owed_note_untold(&owed, &settings);
		assert_false(owed.ever_damaged);
		sim_owed_note_failed_sync(&owed, &settings, &of_wal);
		sim_owed_note_untold(&owed, &settings);
		assert_int_equal(owed.ever_damaged, models[i] == VFS_SYNC_BTRFS);
		assert_int_equal(sim_owed_now(&owed, &settings) == SIM_CONTRACT_DETECT, models[i] == VFS_SYNC_BTRFS);
	}
	struct sim_settings full = wal_normal_on(VFS_SYNC_BTRFS);
	struct sim_owed owed = fresh();
	full.synchronous = SIM_SYNCHRONOUS_FULL;
	sim_owed_note_failed_sync(&owed, &full, &of_wal);
	sim_owed_note_untold(&owed, &full);
	assert_false(owed.ever_damaged);
}

/* What a checkpoint that ended early has copied is never copied again. */
static void a_failed_sync_after_a_checkpoint_that_ended_early_has_lied(void **state) {
	const struct vfs_call page = {.method = VFS_METHOD_WRITE, .file_kind = VFS_FILE_DB, .path = "/db"};
	const struct vfs_call release = {.method = VFS_METHOD_SHM_LOCK,
	                                 .offset = VFS_SHM_SLOT_CHECKPOINT,
	                                 .flags = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE};
	struct sim_settings settings = wal_full;
	(void)state;
	settings.sync_model = VFS_SYNC_EXT4;
	for (int early = 0; early < 2; early++) {
		struct sim_owed owed = fresh();
		sim_owed_note_call(&owed, &wal_full, &page, 0);
		sim_owed_note_call(&owed, &wal_full, early ? &release : &of_db, 0);
		sim_owed_note_call(&owed, &wal_full, early ? &page : &release, 0);
		sim_owed_note_failed_sync(&owed, &settings, &of_db);
		assert_int_equal(owed.lied_sync, early);
		assert_int_equal(sim_owed_after(&owed, &settings, SIM_CRASH_POWER_LOSS) == SIM_CONTRACT_DETECT, early);
	}
	struct sim_owed owed = fresh();
	sim_owed_note_call(&owed, &wal_full, &page, 0);
	/* This checkpoint has failed: nothing of it counts. */
	sim_owed_note_call(&owed, &wal_full, &of_db, 10);
	sim_owed_note_call(&owed, &wal_full, &release, 0);
	sim_owed_note_failed_sync(&owed, &settings, &of_db);
	assert_false(owed.lied_sync);
}

static void the_weakest_journal_mode_that_was_in_force_counts(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	owed.journal_modes |= 1u << SIM_JOURNAL_DELETE;
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_LAST_MAY_ROLL_BACK);
}

static void an_error_that_no_journal_can_undo_leaves_nothing(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	owed.rollback_lost = true;
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_KILL), SIM_CONTRACT_MAY_CORRUPT);
}

static void a_positive_control_demands_what_it_says(void **state) {
	struct sim_owed owed = fresh();
	struct sim_settings control = wal_full;
	(void)state;
	control.demanded[SIM_CRASH_POWER_LOSS] = SIM_CONTRACT_DURABLE;
	owed.lied = true;
	assert_int_equal(sim_owed_after(&owed, &control, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	control.sync_model = VFS_SYNC_EXT4;
	owed.lied_sync = true;
	sim_owed_note_going_on(&owed, &control);
	sim_owed_note_eviction(&owed, &control, VFS_FILE_WAL);
	assert_false(owed.ever_damaged);
}

/* S56. What was written with it may be what is lost, until a power loss has shown what is left. */
static void the_weakest_synchronous_that_was_in_force_counts(void **state) {
	struct sim_owed owed = fresh();
	(void)state;
	sim_owed_note_synchronous(&owed, SIM_SYNCHRONOUS_NONE);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	sim_owed_note_synchronous(&owed, SIM_SYNCHRONOUS_NORMAL);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_PREFIX);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_KILL), SIM_CONTRACT_DURABLE);
	assert_true(sim_owed_goes_by_settings(&owed));
	sim_owed_note_synchronous(&owed, SIM_SYNCHRONOUS_OFF);
	sim_owed_note_synchronous(&owed, SIM_SYNCHRONOUS_EXTRA);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_MAY_CORRUPT);
	owed.crash = SIM_CRASH_KILL;
	sim_owed_note_load(&owed, true);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_MAY_CORRUPT);
	owed.crash = SIM_CRASH_POWER_LOSS;
	sim_owed_note_load(&owed, true);
	assert_int_equal(sim_owed_after(&owed, &wal_full, SIM_CRASH_POWER_LOSS), SIM_CONTRACT_DURABLE);
	owed.lied = true;
	assert_false(sim_owed_goes_by_settings(&owed));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_has_happened_the_settings_decide),
	        cmocka_unit_test(a_power_loss_owes_no_more_unless_the_kill_owes_less),
	        cmocka_unit_test(the_end_of_a_journal_is_lost_when_nobody_syncs_it),
	        cmocka_unit_test(a_database_is_cut_beside_a_journal_that_may_be_back),
	        cmocka_unit_test(a_lie_leaves_detection_for_the_rest_of_the_run),
	        cmocka_unit_test(a_sync_that_lied_shows_at_a_power_loss_only),
	        cmocka_unit_test(who_goes_on_after_a_failed_sync_keeps_detection),
	        cmocka_unit_test(damage_of_a_log_ends_with_a_load_that_nobody_was_beside),
	        cmocka_unit_test(a_failed_sync_of_btrfs_takes_back_what_a_power_loss_would),
	        cmocka_unit_test(a_failed_sync_of_btrfs_shows_what_an_earlier_one_lied_about),
	        cmocka_unit_test(a_wal_is_forgotten_until_it_is_begun_anew_and_synced),
	        cmocka_unit_test(a_sync_that_is_disregarded_is_no_excuse),
	        cmocka_unit_test(a_gap_shows_when_memory_goes),
	        cmocka_unit_test(a_gap_that_shows_outlasts_the_wal_that_is_begun_anew),
	        cmocka_unit_test(a_gap_takes_nothing_from_who_disregards_it),
	        cmocka_unit_test(who_was_not_told_keeps_detection_on_btrfs_with_normal),
	        cmocka_unit_test(a_failed_sync_after_a_checkpoint_that_ended_early_has_lied),
	        cmocka_unit_test(the_weakest_journal_mode_that_was_in_force_counts),
	        cmocka_unit_test(the_weakest_synchronous_that_was_in_force_counts),
	        cmocka_unit_test(an_error_that_no_journal_can_undo_leaves_nothing),
	        cmocka_unit_test(a_positive_control_demands_what_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
