/* tests/vfs/test_power_loss.c: SQLite over the disk through random power losses. The settings that
 * promise durability keep every acknowledged commit (docs/contracts.md section 1); the ones that do
 * not are seen to lose or corrupt, or else the test would prove nothing.
 *
 * Each round: a world from its seed, commits of random sizes, power loss at a random call, and then
 * again, up to three times, so that power is also lost during recovery. A failure prints the
 * round's seed. The number of rounds per test is the argument, 500 without.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static uint64_t round_count = 500;

struct settings {
	const char *journal_mode;
	const char *synchronous;
	struct vfs_disk_options options;
	uint32_t lies; /* 1 << file kind: syncs of these report success and do nothing */
	bool lies_about_deletes;
	int power_losses; /* in each round; 0: three */
};

struct outcome {
	uint64_t restarts;
	uint64_t lost;      /* acknowledged commits that were not there */
	uint64_t corrupted; /* databases that SQLite calls corrupt, or whose tables disagree */
	uint64_t settled;   /* commits in doubt that turned out to be there */
	uint64_t first_bad_seed;
};

struct round {
	struct fixture fixture;
	const struct settings *settings;
	struct vfs_process *process;
	sqlite3 *database;
	int64_t acknowledged; /* the number of the newest acknowledged commit */
	int64_t attempted;    /* of the newest that was tried */
};

static int run(struct round *round, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	char *sql = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	int result = fixture_run(round->database, sql);
	sqlite3_free(sql);
	return result;
}

static bool open_database(struct round *round) {
	round->process = vfs_process_create(round->fixture.disk, "process", &round->fixture.hooks);
	return sqlite3_open_v2("/db", &round->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "process") ==
	               SQLITE_OK &&
	       run(round,
	           "PRAGMA journal_mode=%s; PRAGMA synchronous=%s; PRAGMA cache_size=4; PRAGMA wal_autocheckpoint=7",
	           round->settings->journal_mode, round->settings->synchronous) == SQLITE_OK;
}

static void close_database(struct round *round) {
	sqlite3_close(round->database);
	round->database = NULL;
	vfs_process_destroy(round->process);
	round->process = NULL;
}

/* One transaction: a new number in both tables, and some rows changed. */
static int commit(struct round *round, int64_t number) {
	uint64_t bytes = fixture_random_below(&round->fixture.random, 9000);
	uint64_t key = fixture_random_below(&round->fixture.random, 40);
	return run(round,
	           "BEGIN; INSERT INTO numbers VALUES(%lld); UPDATE head SET number=%lld;"
	           "INSERT OR REPLACE INTO filler VALUES(%llu, zeroblob(%llu)); COMMIT",
	           (long long)number, (long long)number, (unsigned long long)key, (unsigned long long)bytes);
}

/* Commits up to twelve numbers, one after the other, until one fails. */
static void commit_some(struct round *round) {
	for (int count = 0; count < 12; count++) {
		round->attempted = round->acknowledged + 1;
		if (commit(round, round->attempted) != SQLITE_OK) {
			break;
		}
		round->acknowledged = round->attempted;
	}
}

static void work_until_death(struct round *round) {
	round->fixture.matched = 0;
	round->fixture.inject_at = 1 + fixture_random_below(&round->fixture.random, 150);
	round->fixture.lasting = false;
	round->fixture.method = VFS_METHOD_NONE;
	round->fixture.answer = (struct vfs_answer){.die = true};
	if (fixture_random_below(&round->fixture.random, 3) == 0) {
		round->fixture.method = VFS_METHOD_SYNC; /* the power goes in the middle of a
		                                          * sync */
		round->fixture.inject_at = 1 + fixture_random_below(&round->fixture.random, 8);
		round->fixture.answer.effect = VFS_EFFECT_PARTIAL;
	}
	int64_t head = open_database(round) ? fixture_query(round->database, "SELECT number FROM head") : -1;
	if (head >= round->acknowledged && head <= round->attempted) {
		round->acknowledged = head; /* a commit in doubt is settled by what was read */
		commit_some(round);
	}
	vfs_process_kill(round->process);
	close_database(round);
}

/* Looks at what is left. False when it is not what a sound database would be. */
static bool check(struct round *round, struct outcome *outcome) {
	bool intact = open_database(round) && fixture_is_intact(round->database);
	int64_t head = fixture_query(round->database, "SELECT number FROM head");
	int64_t rows = fixture_query(round->database, "SELECT count(*) FROM numbers");
	close_database(round);
	outcome->restarts++;
	if (!intact || head != rows || head < 0 || head > round->attempted) {
		outcome->corrupted++;
		return false;
	}
	if (head < round->acknowledged) {
		outcome->lost++;
		return false;
	}
	outcome->settled += head > round->acknowledged;
	round->acknowledged = head;
	round->attempted = head;
	return true;
}

static void create_schema(struct round *round) {
	assert_true(open_database(round));
	assert_int_equal(run(round,
	                     "CREATE TABLE head(number); INSERT INTO head VALUES(0); CREATE TABLE numbers(number);"
	                     "CREATE TABLE filler(key INTEGER PRIMARY KEY, bytes)"),
	                 SQLITE_OK);
	close_database(round);
	assert_int_equal(vfs_disk_sync_directory(round->fixture.disk, "/"), VFS_OK);
	struct vfs_inode *inode = NULL;
	bool created = false;
	assert_int_equal(vfs_disk_open(round->fixture.disk, "/db", false, &created, &inode), VFS_OK);
	vfs_disk_sync(round->fixture.disk, inode);
	vfs_disk_close(round->fixture.disk, inode);
}

static void play(const struct settings *settings, uint64_t seed, struct outcome *outcome) {
	struct round round = {.settings = settings};
	fixture_init(&round.fixture, &settings->options, seed);
	create_schema(&round);
	round.fixture.lying_syncs = settings->lies;
	round.fixture.lying_deletes = settings->lies_about_deletes;
	bool sound = true;
	int power_losses = settings->power_losses > 0 ? settings->power_losses : 3;
	for (int crash = 0; crash < power_losses && sound; crash++) {
		work_until_death(&round);
		round.fixture.inject_at = 0;
		vfs_disk_power_loss(round.fixture.disk, fixture_choose_random, &round.fixture.random);
		vfs_assert(round.fixture.disk);
		if (fixture_random_below(&round.fixture.random, 2) == 0) {
			continue; /* the next life recovers, and may lose power while it does */
		}
		sound = check(&round, outcome);
	}
	if (sound) {
		sound = check(&round, outcome);
	}
	if (!sound && outcome->first_bad_seed == 0) {
		outcome->first_bad_seed = seed;
	}
	fixture_deinit(&round.fixture);
}

static struct outcome play_rounds(const struct settings *settings) {
	struct outcome outcome = {0};
	for (uint64_t seed = 1; seed <= round_count; seed++) {
		play(settings, seed, &outcome);
	}
	print_message("%s %s: %llu restarts, %llu settled, %llu lost, %llu corrupted, first at seed %llu\n",
	              settings->journal_mode, settings->synchronous, (unsigned long long)outcome.restarts,
	              (unsigned long long)outcome.settled, (unsigned long long)outcome.lost,
	              (unsigned long long)outcome.corrupted, (unsigned long long)outcome.first_bad_seed);
	return outcome;
}

#define OPTIONS(...)                                                                                                   \
	{ .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE, __VA_ARGS__ }

static void assert_durable(const struct settings *settings) {
	struct outcome outcome = play_rounds(settings);
	assert_int_equal(outcome.corrupted, 0);
	assert_int_equal(outcome.lost, 0);
	assert_true(outcome.restarts > round_count);
	assert_true(outcome.settled > 0); /* commits in doubt did occur */
}

static void wal_full_loses_nothing(void **state) {
	(void)state;
	assert_durable(&(struct settings){"WAL", "FULL", OPTIONS(.sector_size_bytes = 512), .lies = 0});
}

static void wal_full_loses_nothing_with_large_sectors_and_free_names(void **state) {
	(void)state;
	assert_durable(
	        &(struct settings){"WAL", "FULL", OPTIONS(.sector_size_bytes = 4096, .names_free = true), .lies = 0});
}

static void delete_extra_loses_nothing(void **state) {
	(void)state;
	assert_durable(&(struct settings){"DELETE", "EXTRA", OPTIONS(.sector_size_bytes = 512), .lies = 0});
}

static void delete_extra_loses_nothing_with_large_sectors_and_free_names(void **state) {
	(void)state;
	assert_durable(&(struct settings){"DELETE", "EXTRA", OPTIONS(.sector_size_bytes = 4096, .names_free = true),
	                                  .lies = 0});
}

static void persist_full_loses_nothing(void **state) {
	(void)state;
	assert_durable(&(struct settings){"PERSIST", "FULL", OPTIONS(.sector_size_bytes = 512), .lies = 0});
}

static void truncate_full_loses_nothing(void **state) {
	(void)state;
	assert_durable(&(struct settings){"TRUNCATE", "FULL", OPTIONS(.sector_size_bytes = 512), .lies = 0});
}

static void wal_normal_loses_commits_but_never_corrupts(void **state) {
	(void)state;
	struct outcome outcome =
	        play_rounds(&(struct settings){"WAL", "NORMAL", OPTIONS(.sector_size_bytes = 512), .lies = 0});
	assert_int_equal(outcome.corrupted, 0);
	assert_true(outcome.lost > 0);
}

static void delete_full_rolls_commits_back_but_never_corrupts(void **state) {
	(void)state;
	struct outcome outcome =
	        play_rounds(&(struct settings){"DELETE", "FULL", OPTIONS(.sector_size_bytes = 512), .lies = 0});
	assert_int_equal(outcome.corrupted, 0);
	assert_true(outcome.lost > 0);
}

static void synchronous_off_corrupts(void **state) {
	(void)state;
	static const char *const modes[] = {"WAL", "DELETE"};
	for (int index = 0; index < 2; index++) {
		struct outcome outcome = play_rounds(
		        &(struct settings){modes[index], "OFF", OPTIONS(.sector_size_bytes = 512), .lies = 0});
		assert_true(outcome.corrupted > 0);
		assert_true(outcome.lost > 0);
	}
}

static struct outcome play_lies(const char *journal_mode, const char *synchronous, uint32_t lies, bool deletes) {
	return play_rounds(&(struct settings){journal_mode, synchronous, OPTIONS(.sector_size_bytes = 512),
	                                      .lies = lies, .lies_about_deletes = deletes});
}

static void lying_sync_of_any_file_loses_or_corrupts(void **state) {
	(void)state;
	const uint32_t db = 1u << VFS_FILE_DB;
	const uint32_t wal = 1u << VFS_FILE_WAL;
	const uint32_t journal = 1u << VFS_FILE_JOURNAL;
	struct outcome outcome = play_lies("WAL", "FULL", UINT32_MAX, true);
	assert_true(outcome.lost > 0 && outcome.corrupted > 0);
	assert_true(play_lies("WAL", "FULL", wal, false).lost > 0);
	outcome = play_lies("WAL", "FULL", db, false);
	assert_true(outcome.lost + outcome.corrupted > 0);
	outcome = play_lies("DELETE", "EXTRA", journal, false);
	assert_true(outcome.corrupted > 0);
	outcome = play_lies("DELETE", "EXTRA", db, false);
	assert_true(outcome.lost + outcome.corrupted > 0);
}

/* EXTRA is then no more than FULL. */
static void lying_sync_of_the_directory_rolls_back_but_never_corrupts(void **state) {
	(void)state;
	struct outcome outcome = play_lies("DELETE", "EXTRA", 0, true);
	assert_true(outcome.lost > 0);
	assert_int_equal(outcome.corrupted, 0);
}

/* ---- capabilities, reported truthfully and falsely ------------------------------------------- */

#define PSOW SQLITE_IOCAP_POWERSAFE_OVERWRITE

/* A disk that leaves garbage, reports some capabilities and keeps some. */
static struct settings with_capabilities(const char *journal_mode, uint32_t reported, uint32_t kept) {
	return (struct settings){journal_mode,
	                         journal_mode[0] == 'W' ? "FULL" : "EXTRA",
	                         {.sector_size_bytes = 4096,
	                          .garbage = true,
	                          .device_characteristics = reported,
	                          .kept_characteristics = kept},
	                         .lies = 0};
}

static void assert_broken(struct settings settings) {
	struct outcome outcome = play_rounds(&settings);
	assert_true(outcome.corrupted + outcome.lost > 0);
}

static void assert_kept(struct settings settings) {
	assert_durable(&settings);
}

static void garbage_in_what_is_written_harms_nobody(void **state) {
	(void)state;
	assert_kept(with_capabilities("WAL", PSOW, PSOW));
	assert_kept(with_capabilities("DELETE", PSOW, PSOW));
	assert_kept(with_capabilities("PERSIST", PSOW, PSOW));
}

static void powersafe_overwrite_that_is_not_kept_corrupts(void **state) {
	(void)state;
	assert_broken(with_capabilities("WAL", PSOW, 0));
}

static void powersafe_overwrite_that_is_not_reported_is_not_needed(void **state) {
	(void)state;
	assert_kept(with_capabilities("DELETE", 0, 0));
	assert_kept(with_capabilities("PERSIST", 0, 0));
	struct settings settings = with_capabilities("WAL", 0, 0);
	settings.power_losses = 1; /* see the next test */
	assert_kept(settings);
}

/* What is left after a second power loss, between the writing of a commit's frames and their sync,
 * with garbage in the sectors of the first frame's header; the first power loss took what it could.
 * The number of the newest commit there is. */
static int64_t lose_power_twice(uint32_t characteristics) {
	struct round round = {.settings = &(struct settings){"WAL",
	                                                     "FULL",
	                                                     {.sector_size_bytes = 4096,
	                                                      .garbage = true,
	                                                      .device_characteristics = characteristics,
	                                                      .kept_characteristics = characteristics},
	                                                     .lies = 0}};
	struct fixture_script first = {.answers = {0}};
	struct fixture_script second = {
	        .answers = {[VFS_CHOICE_FILE] = 2, [VFS_CHOICE_WRITE] = 2, [VFS_CHOICE_SECTOR] = 3}};
	fixture_init(&round.fixture, &round.settings->options, 1);
	create_schema(&round);
	assert_true(open_database(&round));
	assert_int_equal(run(&round, "UPDATE head SET number = 1"), SQLITE_OK);
	vfs_process_kill(round.process);
	close_database(&round);
	vfs_disk_power_loss(round.fixture.disk, fixture_choose_script, &first);
	assert_true(open_database(&round));
	assert_int_equal(fixture_query(round.database, "SELECT number FROM head"), 1);
	round.fixture.method = VFS_METHOD_WRITE;
	round.fixture.file_kind = VFS_FILE_WAL;
	round.fixture.matched = 0;
	round.fixture.inject_at = 1;
	round.fixture.answer = (struct vfs_answer){.die = true};
	assert_int_not_equal(run(&round, "UPDATE head SET number = 2"), SQLITE_OK);
	round.fixture.inject_at = 0;
	close_database(&round);
	vfs_disk_power_loss(round.fixture.disk, fixture_choose_script, &second);
	assert_true(open_database(&round));
	int64_t number = fixture_query(round.database, "SELECT number FROM head");
	close_database(&round);
	fixture_deinit(&round.fixture);
	return number;
}

/* SQLite's own (3.40.1): without powersafe overwrite COMMIT fills the sector of its last frame up
 * with copies of it, and writes what goes beyond the sector after the sync. A power loss takes
 * that, recovery stops at the incomplete copy, and the next transaction begins in the sector of the
 * acknowledged frame; if that is torn, the commit is gone. */
static void acknowledged_commit_is_lost_by_a_second_power_loss_without_powersafe_overwrite(void **state) {
	(void)state;
	assert_int_equal(lose_power_twice(SQLITE_IOCAP_POWERSAFE_OVERWRITE), 1);
	assert_int_equal(lose_power_twice(0), 0);
}

static void safe_append_that_is_not_kept_corrupts(void **state) {
	(void)state;
	assert_broken(with_capabilities("DELETE", PSOW | SQLITE_IOCAP_SAFE_APPEND, PSOW));
}

static void safe_append_that_is_kept_harms_nobody(void **state) {
	(void)state;
	assert_kept(with_capabilities("DELETE", PSOW | SQLITE_IOCAP_SAFE_APPEND, PSOW | SQLITE_IOCAP_SAFE_APPEND));
}

static void sequential_that_is_not_kept_corrupts(void **state) {
	(void)state;
	assert_broken(with_capabilities("DELETE", PSOW | SQLITE_IOCAP_SEQUENTIAL, PSOW));
}

static void sequential_that_is_kept_harms_nobody(void **state) {
	(void)state;
	assert_kept(with_capabilities("DELETE", PSOW | SQLITE_IOCAP_SEQUENTIAL, PSOW | SQLITE_IOCAP_SEQUENTIAL));
	assert_kept(with_capabilities("WAL", PSOW | SQLITE_IOCAP_SEQUENTIAL, PSOW | SQLITE_IOCAP_SEQUENTIAL));
}

int main(int argument_count, char **arguments) {
	if (argument_count > 1) {
		round_count = strtoull(arguments[1], NULL, 10);
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(wal_full_loses_nothing),
	        cmocka_unit_test(wal_full_loses_nothing_with_large_sectors_and_free_names),
	        cmocka_unit_test(delete_extra_loses_nothing),
	        cmocka_unit_test(delete_extra_loses_nothing_with_large_sectors_and_free_names),
	        cmocka_unit_test(persist_full_loses_nothing),
	        cmocka_unit_test(truncate_full_loses_nothing),
	        cmocka_unit_test(wal_normal_loses_commits_but_never_corrupts),
	        cmocka_unit_test(delete_full_rolls_commits_back_but_never_corrupts),
	        cmocka_unit_test(synchronous_off_corrupts),
	        cmocka_unit_test(lying_sync_of_any_file_loses_or_corrupts),
	        cmocka_unit_test(lying_sync_of_the_directory_rolls_back_but_never_corrupts),
	        cmocka_unit_test(garbage_in_what_is_written_harms_nobody),
	        cmocka_unit_test(powersafe_overwrite_that_is_not_kept_corrupts),
	        cmocka_unit_test(powersafe_overwrite_that_is_not_reported_is_not_needed),
	        cmocka_unit_test(acknowledged_commit_is_lost_by_a_second_power_loss_without_powersafe_overwrite),
	        cmocka_unit_test(safe_append_that_is_not_kept_corrupts),
	        cmocka_unit_test(safe_append_that_is_kept_harms_nobody),
	        cmocka_unit_test(sequential_that_is_not_kept_corrupts),
	        cmocka_unit_test(sequential_that_is_kept_harms_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
