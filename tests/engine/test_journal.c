/* The journal: what is replayed, what is dropped, what is refused; who may write to it; batches (J1
 * to J5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "check.h"
#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

#define JOURNAL_PATH ORDERS_PATH ENGINE_JOURNAL_SUFFIX

static const char *const protocols[] = {"persist_first", "rollback", "journal"};
#define PROTOCOL_COUNT (sizeof protocols / sizeof protocols[0])

static struct engine *open_with(const char *protocol, const char *journal_mode) {
	orders_set_protocol(protocol);
	struct engine *engine = orders_open(journal_mode);
	engine_check_assert(&engine->state);
	return engine;
}

/* The process dies: its files stay as they are. */
static void kill_engine(struct engine *engine) {
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
}

static uint64_t journal_size(void) {
	size_t size;

	(void)memory_vfs_content(JOURNAL_PATH, &size);
	return size;
}

/* A database with `stored` updates, and a journal with as many more as to make `all`, one a
 * record. */
static uint64_t make_journal_in(const char *journal_mode, unsigned stored, unsigned all) {
	memory_vfs_reset();
	struct engine *engine = open_with("journal", journal_mode);

	orders_submit_stream(engine, 0, stored);
	assert_int_equal(engine_checkpoint(engine, NULL), ENGINE_CHECKPOINTED);
	orders_submit_stream(engine, stored, all);
	uint64_t fingerprint = orders_fingerprint(engine);
	kill_engine(engine);
	return fingerprint;
}

static uint64_t make_journal(unsigned stored, unsigned all) {
	return make_journal_in("wal", stored, all);
}

static uint64_t fingerprint_of(unsigned count) {
	memory_vfs_reset();
	struct engine *engine = open_with("persist_first", "delete");

	orders_submit_stream(engine, 0, count);
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	return fingerprint;
}

/* Opens and expects the first `count` updates of the stream. */
static void expect_loaded(const char *protocol, unsigned count, uint64_t fingerprint) {
	struct engine *engine = open_with(protocol, "wal");

	assert_int_equal(engine_read_head(engine).version, count);
	assert_true(orders_fingerprint(engine) == fingerprint);
	engine_close(engine);
}

static void expect_refused(const char *named) {
	struct engine_options options = orders_options("wal");
	struct engine_error error;
	struct engine *engine;

	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
	if (strstr(error.reason, named) == NULL) {
		fail_msg("'%s' does not say %s", error.reason, named);
	}
}

/* ---- files of another moment ----------------------------------------------------------------- */

/* A copy of a file, to be put back later. */
struct kept_file {
	unsigned char *content;
	size_t size_bytes;
};

static struct kept_file keep(const char *path) {
	struct kept_file kept = {NULL, 0};
	const unsigned char *content = memory_vfs_content(path, &kept.size_bytes);

	kept.content = malloc(kept.size_bytes);
	assert_non_null(kept.content);
	memcpy(kept.content, content, kept.size_bytes);
	return kept;
}

static void put_back(const char *path, struct kept_file kept) {
	memory_vfs_set_content(path, kept.content, kept.size_bytes);
	free(kept.content);
}

/* A database with two updates, of the given epoch. */
static struct kept_file older_database(unsigned epoch) {
	memory_vfs_reset();
	for (unsigned i = 0; i < epoch; i++) {
		struct engine *engine = open_with("persist_first", "delete");
		orders_submit_stream(engine, engine_read_head(engine).version == 0 ? 0 : 2, 2);
		engine_close(engine);
	}
	return keep(ORDERS_PATH);
}

/* J3: the epochs of one database and of another say nothing about each other. Both are whole, and
 * the journal has acknowledged what the database has not. */
static void journal_of_another_database_is_not_thrown_away(void **context) {
	(void)context;
	for (unsigned epoch = 1; epoch <= 3; epoch++) {
		struct kept_file older = older_database(epoch);
		make_journal_in("delete", 4, 6);
		put_back(ORDERS_PATH, older);
		expect_refused("later bytes are there");
		assert_true(journal_size() > ENGINE_JOURNAL_HEADER_SIZE);
	}
}

/* The negative twin: what an owner left that was replaced is covered, and no damage. */
static void journal_of_an_earlier_moment_is_covered(void **context) {
	(void)context;
	make_journal_in("delete", 4, 6);
	struct kept_file journal = keep(JOURNAL_PATH);
	struct engine *engine = open_with("journal", "delete");
	orders_submit_stream(engine, 6, 9);
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	put_back(JOURNAL_PATH, journal);
	expect_loaded("journal", 9, fingerprint);
}

/* ---- replay ---------------------------------------------------------------------------------- */

static void journal_left_behind_is_replayed_by_every_protocol(void **context) {
	(void)context;
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		uint64_t fingerprint = make_journal(7, 20);
		assert_true(journal_size() > ENGINE_JOURNAL_HEADER_SIZE);
		expect_loaded(protocols[i], 20, fingerprint);
		assert_int_equal(journal_size(), 0);
		expect_loaded(protocols[i], 20, fingerprint); /* not twice */
	}
}

static void every_protocol_goes_on_where_another_stopped(void **context) {
	uint64_t expected = fingerprint_of(PROTOCOL_COUNT * PROTOCOL_COUNT * 4);
	unsigned count = 0;
	(void)context;

	memory_vfs_reset();
	for (size_t i = 0; i < PROTOCOL_COUNT * PROTOCOL_COUNT; i++) {
		struct engine *engine = open_with(protocols[(i / PROTOCOL_COUNT + i) % PROTOCOL_COUNT], "wal");
		assert_int_equal(engine_read_head(engine).version, count);
		orders_submit_stream(engine, count, count + 4);
		count += 4;
		if (i % 2 == 0) {
			kill_engine(engine);
		} else {
			engine_close(engine);
		}
	}
	expect_loaded("persist_first", count, expected);
}

static void protocols_end_in_the_same_state(void **context) {
	uint64_t expected = fingerprint_of(50);
	(void)context;

	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		memory_vfs_reset();
		struct engine *engine = open_with(protocols[i], "truncate");
		orders_submit_stream(engine, 0, 50);
		assert_true(orders_fingerprint(engine) == expected);
		engine_close(engine);
	}
}

/* ---- what a crash and what damage leaves ----------------------------------------------------- */

static void every_cut_of_the_last_record_drops_that_record_alone(void **context) {
	unsigned char whole[8192];
	size_t size;
	(void)context;

	uint64_t expected = fingerprint_of(11);
	make_journal(5, 11);
	uint64_t before_last = journal_size();
	make_journal(5, 12);
	memcpy(whole, memory_vfs_content(JOURNAL_PATH, &size), journal_size());
	for (uint64_t cut = before_last; cut < size; cut += 3) {
		make_journal(5, 12);
		memory_vfs_set_content(JOURNAL_PATH, whole, (size_t)cut);
		expect_loaded("journal", 11, expected);
	}
}

/* J3: what no crash of one unsynced batch leaves is damage. */
static void every_flipped_byte_but_of_the_last_record_is_refused(void **context) {
	size_t size;
	(void)context;

	make_journal(5, 11);
	uint64_t before_last = journal_size();
	for (uint64_t at = ENGINE_JOURNAL_HEADER_SIZE; at < before_last; at += 7) {
		make_journal(5, 12);
		memory_vfs_content(JOURNAL_PATH, &size)[at] ^= 0x10;
		expect_refused("is damaged or missing");
	}
	/* The negative twin: in the last record it looks like a torn tail. */
	make_journal(5, 12);
	memory_vfs_content(JOURNAL_PATH, &size)[before_last + 20] ^= 0x10;
	struct engine *engine = open_with("journal", "wal");
	assert_int_equal(engine_read_head(engine).version, 11);
	engine_close(engine);
}

/* Whatever a record says of its own length, nobody reads beyond the file. */
static void no_length_of_a_record_leads_astray(void **context) {
	static const uint32_t lengths[] = {0, 1, 7, 8, ENGINE_JOURNAL_HEADER_SIZE, 0x7ffffff8, UINT32_MAX};
	(void)context;

	make_journal(5, 11);
	uint64_t before_last = journal_size();
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		make_journal(5, 12);
		memcpy(memory_vfs_content(JOURNAL_PATH, &(size_t){0}) + ENGINE_JOURNAL_HEADER_SIZE + 8, &lengths[i], 4);
		expect_refused("is damaged or missing");
		make_journal(5, 12);
		memcpy(memory_vfs_content(JOURNAL_PATH, &(size_t){0}) + before_last + 8, &lengths[i], 4);
		struct engine *engine = open_with("journal", "wal");
		assert_int_equal(engine_read_head(engine).version, 11);
		engine_close(engine);
	}
}

static void journal_of_another_database_is_refused(void **context) {
	unsigned char foreign[8192];
	size_t size;
	(void)context;

	make_journal(3, 12);
	memcpy(foreign, memory_vfs_content(JOURNAL_PATH, &size), journal_size());
	memory_vfs_reset();
	struct engine *engine = open_with("journal", "wal");
	for (unsigned i = 0; i < 3; i++) {
		struct engine_update update = orders_stream(i + 6);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	assert_int_equal(engine_checkpoint(engine, NULL), ENGINE_CHECKPOINTED);
	kill_engine(engine);
	memory_vfs_set_content(JOURNAL_PATH, foreign, size);
	expect_refused("does not follow");
}

static void journal_without_its_database_is_damage(void **context) {
	(void)context;
	make_journal(3, 12);
	memory_vfs_set_content(ORDERS_PATH, "", 0);
	memory_vfs_set_content(ORDERS_PATH "-wal", "", 0);
	expect_refused("journal is there");
	/* The negative twin: a journal without records says nothing. */
	memory_vfs_set_content(JOURNAL_PATH, "0123456789012345", ENGINE_JOURNAL_HEADER_SIZE);
	struct engine *engine = open_with("journal", "wal");
	assert_int_equal(engine_read_head(engine).version, 0);
	engine_close(engine);
}

static void database_older_than_its_journal_is_refused(void **context) {
	unsigned char journal[8192];
	size_t size;
	(void)context;

	make_journal(9, 12);
	memcpy(journal, memory_vfs_content(JOURNAL_PATH, &size), journal_size());
	make_journal(5, 5);
	memory_vfs_set_content(JOURNAL_PATH, journal, size); /* records 10 to 12 on version 5 */
	expect_refused("is damaged or missing");
}

/* J2: only records that the database does not have yet count. */
/* A truncate that was lost leaves records that the database has. */
static void records_that_a_checkpoint_covers_are_skipped(void **context) {
	unsigned char journal[8192];
	size_t size;
	(void)context;

	uint64_t expected = make_journal(5, 12);
	memcpy(journal, memory_vfs_content(JOURNAL_PATH, &size), journal_size());
	make_journal(12, 12);
	assert_int_equal(journal_size(), ENGINE_JOURNAL_HEADER_SIZE);
	memory_vfs_set_content(JOURNAL_PATH, journal, size);
	expect_loaded("journal", 12, expected);
}

/* ---- who may write --------------------------------------------------------------------------- */

/* J4: an engine that was replaced is fenced before its first byte. */
static void engine_that_wakes_up_is_fenced_before_it_appends(void **context) {
	(void)context;
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		memory_vfs_reset();
		struct engine *old = open_with("journal", "wal");
		orders_submit_stream(old, 0, 5);
		struct engine *new = open_with(protocols[i], "wal");
		assert_int_equal(engine_read_head(new).version, 5);
		orders_submit_stream(new, 5, 8);
		uint64_t fingerprint = orders_fingerprint(new);
		struct engine_update update = orders_stream(5);
		assert_int_equal(orders_submit(old, &update), ENGINE_STOPPED);
		assert_true(engine_is_stopped(old));
		engine_close(old);
		orders_submit_stream(new, 8, 9);
		kill_engine(new);
		struct engine *last = open_with("persist_first", "wal");
		assert_int_equal(engine_read_head(last).version, 9);
		assert_true(orders_fingerprint(last) != fingerprint);
		engine_close(last);
	}
}

static void fenced_engine_neither_checkpoints_nor_tidies_up(void **context) {
	(void)context;
	memory_vfs_reset();
	struct engine *old = open_with("journal", "wal");
	orders_submit_stream(old, 0, 5);
	struct engine *new = open_with("journal", "wal");
	orders_submit_stream(new, 5, 8);
	uint64_t size = journal_size();
	engine_close(old); /* it believes to be healthy */
	assert_int_equal(journal_size(), size);
	old = new;
	new = open_with("journal", "wal");
	assert_int_equal(engine_checkpoint(old, NULL), ENGINE_CHECKPOINT_STOPPED);
	orders_submit_stream(new, 8, 10);
	engine_close(old);
	kill_engine(new);
	new = open_with("rollback", "wal");
	assert_int_equal(engine_read_head(new).version, 10);
	engine_close(new);
}

static void sync_error_of_the_journal_stops_the_handle(void **context) {
	(void)context;
	memory_vfs_reset();
	struct engine *engine = open_with("journal", "wal");
	orders_submit_stream(engine, 0, 3);
	memory_vfs_arm_sync(ENGINE_JOURNAL_SUFFIX);
	struct engine_update update = orders_stream(3);
	assert_int_equal(orders_submit(engine, &update), ENGINE_IN_DOUBT);
	assert_true(memory_vfs_struck() && engine_is_stopped(engine));
	assert_int_equal(engine_read_head(engine).version, 3);
	memory_vfs_disarm();
	assert_int_equal(orders_submit(engine, &update), ENGINE_STOPPED);
	engine_close(engine);
}

static void journal_is_cut_by_a_checkpoint_and_not_before(void **context) {
	(void)context;
	memory_vfs_reset();
	struct engine_options options = orders_options("wal");
	options.protocol = "journal";
	options.checkpoint_frames = 10;
	struct engine *engine;
	struct engine_error error;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	orders_submit_stream(engine, 0, 9);
	assert_true(journal_size() > 9 * 56);
	orders_submit_stream(engine, 9, 10);
	assert_int_equal(journal_size(), ENGINE_JOURNAL_HEADER_SIZE);
	engine_close(engine);
	assert_int_equal(journal_size(), 0);
}

/* ---- opens that fail ------------------------------------------------------------------------- */

/* One open of `protocol` with the nth call failing; false when it was not reached. */
static bool open_failing_at(const char *protocol, unsigned nth, struct engine_error *error) {
	struct engine_options options = orders_options("delete");
	struct engine *engine;

	options.protocol = protocol;
	options.cache_pages = 1;
	memory_vfs_arm(MEMORY_VFS_BEFORE, nth, false);
	(void)engine_open(&options, &engine, error);
	bool struck = memory_vfs_struck();
	memory_vfs_disarm();
	engine_close(engine);
	return struck;
}

static void open_that_fails_leaves_no_journal_behind(void **context) {
	struct engine_error error = {0};
	unsigned failed = 0;
	bool struck = true;
	(void)context;

	for (unsigned nth = 1; struck; nth++) {
		memory_vfs_reset();
		struct engine *engine = open_with("persist_first", "delete");
		orders_submit_stream(engine, 0, 5);
		engine_close(engine);
		struck = open_failing_at("journal", nth, &error);
		failed += error.status == ENGINE_OPENED ? 0 : 1;
		assert_null(memory_vfs_content(JOURNAL_PATH, &(size_t){0}));
	}
	assert_true(failed > 5);
}

/* One open of a journal whose last record is torn, with the nth call failing, then an update, then
 * death. What was acknowledged must be found, also where the torn record could not be cut off.
 * False when the call was not reached. */
static bool torn_tail_survives_failure_at(unsigned nth, bool full, unsigned *opened) {
	struct engine_options options = orders_options("wal");
	struct engine_error error;
	struct engine *engine;
	size_t size;
	unsigned char whole[8192];

	make_journal(5, 12);
	memcpy(whole, memory_vfs_content(JOURNAL_PATH, &size), journal_size());
	memory_vfs_set_content(JOURNAL_PATH, whole, size - 9);
	options.protocol = "journal";
	memory_vfs_arm(MEMORY_VFS_BEFORE, nth, full);
	enum engine_open_status status = engine_open(&options, &engine, &error);
	bool struck = memory_vfs_struck();
	memory_vfs_disarm();
	if (status != ENGINE_OPENED) {
		return struck;
	}
	*opened += struck ? 1 : 0;
	struct engine_update update = orders_stream(11);
	assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	uint64_t fingerprint = orders_fingerprint(engine);
	kill_engine(engine);
	expect_loaded("journal", 12, fingerprint);
	return struck;
}

/* J6: a batch is appended only where a replay will come to. */
static void update_behind_a_torn_record_is_found_again(void **context) {
	unsigned opened = 0;
	(void)context;

	for (int full = 0; full <= 1; full++) {
		for (unsigned nth = 1; torn_tail_survives_failure_at(nth, full == 1, &opened); nth++) {
		}
	}
	assert_true(opened > 0);
}

static void first_update_makes_the_journal(void **context) {
	(void)context;
	memory_vfs_reset();
	struct engine *engine = open_with("journal", "delete");
	assert_null(memory_vfs_content(JOURNAL_PATH, &(size_t){0}));
	orders_submit_stream(engine, 0, 1);
	assert_true(journal_size() > ENGINE_JOURNAL_HEADER_SIZE);
	engine_close(engine);
}

/* Before a journal is replayed the database is checked. SQLite tells of a page that it could not
 * read as of a damaged one. */
static void error_while_the_database_is_checked_is_not_damage(void **context) {
	struct engine_error error = {0};
	unsigned checks = 0;
	bool struck = true;
	(void)context;

	for (unsigned nth = 1; struck; nth++) {
		(void)make_journal(40, 50);
		struck = open_failing_at("journal", nth, &error);
		assert_true(error.status == ENGINE_OPEN_LATER || error.status == ENGINE_OPENED);
		assert_null(strchr(error.reason, '\n'));
		checks += strstr(error.reason, "quick_check") != NULL ? 1 : 0;
	}
	assert_true(checks > 0);
}

/* ---- batches --------------------------------------------------------------------------------- */

#define BATCH 30u

/* A VFS in front of that of the tests that lets something happen once when the journal is opened
 * (between what a load reads of the database and what it reads of the journal), or when a WAL is
 * looked for (before anything is opened). */
static sqlite3_vfs between;
static void (*meanwhile)(void);
static bool at_access;

static int open_between(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out) {
	sqlite3_vfs *below = sqlite3_vfs_find(MEMORY_VFS_NAME);
	void (*happens)(void) = meanwhile;

	(void)vfs;
	if (happens != NULL && !at_access && name != NULL && strcmp(name, JOURNAL_PATH) == 0) {
		meanwhile = NULL;
		happens();
	}
	return below->xOpen(below, name, file, flags, out);
}

static int access_between(sqlite3_vfs *vfs, const char *name, int flags, int *answer) {
	sqlite3_vfs *below = sqlite3_vfs_find(MEMORY_VFS_NAME);
	void (*happens)(void) = meanwhile;

	(void)vfs;
	if (happens != NULL && at_access && strcmp(name, ORDERS_PATH "-wal") == 0) {
		meanwhile = NULL;
		happens();
	}
	return below->xAccess(below, name, flags, answer);
}

static struct engine *successor;

/* Another engine claims the database and appends: its records are of an epoch that the load has not
 * seen. */
static void successor_takes_over(void) {
	successor = open_with("journal", "delete");
	orders_submit_stream(successor, 4, 6);
}

/* Somebody damages the journal: its first record stays, and says nothing that follows. */
static void journal_is_damaged(void) {
	size_t size;
	unsigned char *content = memory_vfs_content(JOURNAL_PATH, &size);

	content[ENGINE_JOURNAL_HEADER_SIZE + 20] ^= 1;
}

/* Not in WAL mode, for which the VFS of the tests has no locks. */
static struct engine *open_while(void (*happens)(void), bool accessing, struct engine_error *error) {
	struct engine_options options = orders_options("delete");
	struct engine *engine;

	between = *sqlite3_vfs_find(MEMORY_VFS_NAME);
	between.zName = "between";
	between.xOpen = open_between;
	between.xAccess = access_between;
	assert_int_equal(sqlite3_vfs_register(&between, 0), SQLITE_OK);
	options.vfs_name = between.zName;
	meanwhile = happens;
	at_access = accessing;
	(void)engine_open(&options, &engine, error);
	assert_null(meanwhile);
	return engine;
}

/* The VFS is in use for as long as the engine is open. */
static void end_between(void) {
	(void)sqlite3_vfs_unregister(&between);
}

static void records_of_a_successor_are_not_damage(void **context) {
	struct engine_error error;

	(void)context;
	make_journal_in("delete", 2, 4);
	assert_null(open_while(successor_takes_over, false, &error));
	end_between();
	assert_int_equal(error.status, ENGINE_OPEN_LATER);
	assert_string_equal(error.reason, "load: another engine opened the database meanwhile");
	orders_submit_stream(successor, 6, 7);
	kill_engine(successor);
	struct engine *engine = open_with("journal", "delete");
	assert_int_equal(engine_read_head(engine).version, 7);
	engine_close(engine);
}

static void damage_is_damage_when_nobody_else_is_there(void **context) {
	struct engine_error error;

	(void)context;
	make_journal_in("delete", 2, 4);
	assert_null(open_while(journal_is_damaged, false, &error));
	end_between();
	assert_int_equal(error.status, ENGINE_OPEN_DAMAGED);
}

/* Another engine makes the database and its journal after this one has looked for a database, and
 * before it looks for a journal. */
static void successor_begins(void) {
	successor = open_with("journal", "delete");
	orders_submit_stream(successor, 0, 2);
}

static void files_that_another_engine_makes_meanwhile_are_no_orphans(void **context) {
	struct engine_error error;

	(void)context;
	memory_vfs_reset();
	struct engine *engine = open_while(successor_begins, true, &error);
	assert_int_equal(error.status, ENGINE_OPENED);
	assert_int_equal(engine_read_head(engine).version, 2);
	engine_close(engine);
	end_between();
	engine_close(successor);
}

static void submit_batch(struct engine *engine, unsigned from, struct engine_receipt receipts[BATCH]) {
	struct engine_update updates[BATCH];

	for (unsigned i = 0; i < BATCH; i++) {
		updates[i] = orders_stream(from + i);
	}
	engine_submit_batch(engine, updates, BATCH, receipts);
}

/* R13: the updates of a batch are taken one upon the other. */
static void batch_ends_in_the_state_of_its_updates_one_by_one(void **context) {
	uint64_t expected = fingerprint_of(2 * BATCH);
	struct engine_receipt receipts[BATCH];
	(void)context;

	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		memory_vfs_reset();
		struct engine *engine = open_with(protocols[i], "wal");
		submit_batch(engine, 0, receipts);
		submit_batch(engine, BATCH, receipts);
		for (unsigned n = 0; n < BATCH; n++) {
			assert_int_equal(receipts[n].outcome, ENGINE_APPLIED);
			assert_int_equal(receipts[n].version, 2 * BATCH);
		}
		engine_check_assert(&engine->state);
		assert_true(orders_fingerprint(engine) == expected);
		submit_batch(engine, BATCH, receipts);
		assert_int_equal(receipts[BATCH - 1].outcome, ENGINE_DUPLICATE);
		kill_engine(engine);
		expect_loaded("persist_first", 2 * BATCH, expected);
	}
}

/* A command is a part of its own: what stands before it is told the version behind it, too. */
static void every_receipt_of_a_batch_shows_the_version_at_its_end(void **context) {
	struct engine_receipt receipts[3];
	(void)context;

	memory_vfs_reset();
	struct engine *engine = open_with("persist_first", "wal");
	struct engine_update updates[3] = {orders_fill("f1", "o1", 40, 40), orders_fill("h1", "o1", 40, 0),
	                                   orders_fill("f2", "o1", 10, 10)};
	updates[1].exec_type = ENGINE_EXEC_BUST;
	memcpy(updates[1].exec_ref_id, "f1", 3);
	engine_submit_batch(engine, updates, 3, receipts);
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(receipts[n].outcome, ENGINE_APPLIED);
		assert_int_equal(receipts[n].version, 3);
	}
	engine_close(engine);
}

/* Every receipt of a batch whose one sync fails says so: no part of it is acknowledged. */
static void batch_is_not_acknowledged_before_its_sync(void **context) {
	struct engine_receipt receipts[BATCH];
	(void)context;

	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		memory_vfs_reset();
		struct engine *engine = open_with(protocols[i], "wal");
		orders_submit_stream(engine, 0, 2);
		uint64_t before = orders_fingerprint(engine);
		memory_vfs_arm_sync(i == 2 ? ENGINE_JOURNAL_SUFFIX : "-wal");
		submit_batch(engine, 0, receipts);
		assert_int_equal(receipts[0].outcome, ENGINE_DUPLICATE);
		assert_int_equal(receipts[1].outcome, ENGINE_DUPLICATE);
		for (unsigned n = 2; n < BATCH; n++) {
			assert_int_equal(receipts[n].outcome, ENGINE_IN_DOUBT);
			assert_true(receipts[n].must_reopen && receipts[n].version == 2);
		}
		assert_true(orders_fingerprint(engine) == before);
		engine_check_assert(&engine->state);
		memory_vfs_disarm();
		kill_engine(engine);
	}
}

/* Whatever part of the bytes of an unsynced batch survives: a prefix of its updates, and never
 * called damage. */
static void torn_batch_leaves_a_prefix_of_it(void **context) {
	struct engine_receipt receipts[BATCH];
	size_t size;
	(void)context;

	for (unsigned hole = 0; hole < 40; hole++) {
		memory_vfs_reset();
		struct engine *engine = open_with("journal", "wal");
		orders_submit_stream(engine, 0, 6);
		uint64_t from = journal_size();
		submit_batch(engine, 6, receipts);
		kill_engine(engine);
		unsigned char *bytes = memory_vfs_content(JOURNAL_PATH, &size);
		uint64_t at = from + (size - from) * hole / 40;
		memset(bytes + at, 0, size - at < 100 ? size - at : 100);
		engine = open_with("journal", "wal");
		uint64_t version = engine_read_head(engine).version;
		assert_true(version >= 6 && version < 6 + BATCH);
		orders_submit_stream(engine, (unsigned)version, 6 + BATCH);
		engine_close(engine);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(journal_of_another_database_is_not_thrown_away),
	        cmocka_unit_test(journal_of_an_earlier_moment_is_covered),
	        cmocka_unit_test(journal_left_behind_is_replayed_by_every_protocol),
	        cmocka_unit_test(every_protocol_goes_on_where_another_stopped),
	        cmocka_unit_test(protocols_end_in_the_same_state),
	        cmocka_unit_test(every_cut_of_the_last_record_drops_that_record_alone),
	        cmocka_unit_test(every_flipped_byte_but_of_the_last_record_is_refused),
	        cmocka_unit_test(no_length_of_a_record_leads_astray),
	        cmocka_unit_test(journal_of_another_database_is_refused),
	        cmocka_unit_test(journal_without_its_database_is_damage),
	        cmocka_unit_test(database_older_than_its_journal_is_refused),
	        cmocka_unit_test(records_that_a_checkpoint_covers_are_skipped),
	        cmocka_unit_test(records_of_a_successor_are_not_damage),
	        cmocka_unit_test(damage_is_damage_when_nobody_else_is_there),
	        cmocka_unit_test(files_that_another_engine_makes_meanwhile_are_no_orphans),
	        cmocka_unit_test(engine_that_wakes_up_is_fenced_before_it_appends),
	        cmocka_unit_test(fenced_engine_neither_checkpoints_nor_tidies_up),
	        cmocka_unit_test(sync_error_of_the_journal_stops_the_handle),
	        cmocka_unit_test(journal_is_cut_by_a_checkpoint_and_not_before),
	        cmocka_unit_test(open_that_fails_leaves_no_journal_behind),
	        cmocka_unit_test(update_behind_a_torn_record_is_found_again),
	        cmocka_unit_test(first_update_makes_the_journal),
	        cmocka_unit_test(error_while_the_database_is_checked_is_not_damage),
	        cmocka_unit_test(batch_ends_in_the_state_of_its_updates_one_by_one),
	        cmocka_unit_test(every_receipt_of_a_batch_shows_the_version_at_its_end),
	        cmocka_unit_test(batch_is_not_acknowledged_before_its_sync),
	        cmocka_unit_test(torn_batch_leaves_a_prefix_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
