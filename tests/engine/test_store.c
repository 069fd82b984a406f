/* What is stored is what is loaded, who is overtaken is fenced, and a failed sync stops the handle
 * (E4 to E9). */
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

static const char *const modes[] = {"delete", "truncate", "persist", "memory", "off", "wal"};
#define MODE_COUNT (sizeof modes / sizeof modes[0])

static int set_up(void **context) {
	(void)context;
	memory_vfs_reset();
	return 0;
}

/* ---- round trip ------------------------------------------------------------------------------ */

static void missing_database_is_a_fresh_start(void **context) {
	(void)context;
	struct engine *engine = orders_open("wal");
	struct engine_head head = engine_read_head(engine);

	assert_int_equal(head.version, 0);
	assert_int_equal(head.epoch, 1);
	assert_false(head.halted);
	engine_close(engine);
	size_t size;
	unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
	/* the page size that was asked for */
	assert_int_equal(content[16] * 256 + content[17], 1024);
}

static void what_was_applied_is_loaded_in_every_journal_mode(void **context) {
	(void)context;
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		memory_vfs_reset();
		uint64_t fingerprint = orders_make_database(modes[mode], 100);
		struct engine *engine = orders_open(modes[mode]);
		assert_true(orders_fingerprint(engine) == fingerprint);
		assert_int_equal(engine_read_head(engine).version, 100);
		assert_int_equal(engine_read_head(engine).epoch, 2);
		engine_check_assert(&engine->state);
		orders_submit_stream(engine, 100, 110);
		engine_close(engine);
	}
}

static void journal_mode_may_change_between_opens(void **context) {
	(void)context;
	unsigned version = 0;

	for (size_t round = 0; round < 3 * MODE_COUNT; round++) {
		struct engine *engine = orders_open(modes[round * 5 % MODE_COUNT]);
		assert_int_equal(engine_read_head(engine).version, version);
		assert_int_equal(engine_read_head(engine).epoch, round + 1);
		orders_submit_stream(engine, version, version + 7);
		version += 7;
		engine_close(engine);
	}
}

static void duplicate_is_known_after_a_restart_and_counts_no_version(void **context) {
	(void)context;
	orders_make_database("wal", 10);
	struct engine *engine = orders_open("wal");

	for (unsigned i = 0; i < 10; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_DUPLICATE);
	}
	assert_int_equal(engine_read_head(engine).version, 10);
	engine_close(engine);
}

static void halt_flag_is_stored(void **context) {
	struct engine_meta meta = {.version = 0, .epoch = 1, .halt = ENGINE_HALT_COMMANDED};
	char sql[200];
	(void)context;

	orders_make_database("delete", 0);
	sqlite3_snprintf((int)sizeof sql, sql, "UPDATE meta SET halt=1,checksum=%lld",
	                 (sqlite3_int64)engine_row_checksum_meta(&meta));
	orders_run_sql(sql);
	struct engine *engine = orders_open("delete");
	assert_true(engine_read_head(engine).halted);
	orders_submit_stream(engine, 0, 3);
	engine_close(engine);
	engine = orders_open("delete");
	assert_true(engine_read_head(engine).halted);
	engine_close(engine);
}

static void readers_find_what_is_there_and_nothing_else(void **context) {
	struct engine_position position;
	struct engine_order order;
	(void)context;
	struct engine *engine = orders_open("wal");

	orders_submit_stream(engine, 0, 6);
	assert_true(engine_find_position(engine, "AAA", &position));
	assert_int_equal(position.quantity_lots, 100);
	assert_false(engine_find_position(engine, "BBB", &position));
	assert_true(engine_find_order(engine, "o0", &order));
	assert_int_equal(order.status, ENGINE_ORDER_FILLED);
	assert_false(engine_find_order(engine, "o0 and a text that is longer than any order id", &order));
	engine_close(engine);
}

/* ---- options --------------------------------------------------------------------------------- */

static void expect_misconfigured(struct engine_options options) {
	struct engine *engine;
	struct engine_error error;

	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_MISCONFIGURED);
	assert_int_equal(error.status, ENGINE_OPEN_MISCONFIGURED);
	assert_null(engine);
	assert_true(strlen(error.reason) > 0);
}

static void impossible_options_are_named(void **context) {
	struct engine_options options = orders_options("wal");
	(void)context;

	options.path = "";
	expect_misconfigured(options);
	options = orders_options("fast");
	expect_misconfigured(options);
	options = orders_options("wal");
	options.synchronous = "maybe";
	expect_misconfigured(options);
	options = orders_options("wal");
	options.protocol = "mutate_first";
	expect_misconfigured(options);
	options = orders_options("wal");
	options.page_size_bytes = 1000;
	expect_misconfigured(options);
	options = orders_options("wal");
	options.vfs_name = "no such VFS";
	expect_misconfigured(options);
}

static void absent_options_have_defaults(void **context) {
	struct engine_options options = {.vfs_name = MEMORY_VFS_NAME, .path = ORDERS_PATH};
	struct engine *engine;
	struct engine_error error;
	(void)context;

	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	assert_true(engine->store.is_wal);
	assert_string_equal(engine->protocol->name, "persist_first");
	engine_close(engine);
	engine_close(NULL);
}

/* ---- ownership ------------------------------------------------------------------------------- */

static void overtaken_handle_is_fenced_and_its_successor_is_not(void **context) {
	(void)context;
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		struct engine_update update = orders_stream(5);
		struct engine_receipt receipt;
		memory_vfs_reset();
		struct engine *old = orders_open(modes[mode]);
		orders_submit_stream(old, 0, 5);
		uint64_t fingerprint = orders_fingerprint(old);
		struct engine *new = orders_open(modes[mode]);
		assert_true(orders_fingerprint(new) == fingerprint);

		engine_submit(old, &update, &receipt);
		assert_int_equal(receipt.outcome, ENGINE_STOPPED);
		assert_true(receipt.must_reopen);
		assert_true(orders_fingerprint(old) == fingerprint);
		assert_int_equal(orders_submit(old, &update), ENGINE_STOPPED);
		assert_int_equal(engine_checkpoint(old, NULL), ENGINE_CHECKPOINT_STOPPED);
		assert_int_equal(orders_submit(new, &update), ENGINE_APPLIED);
		engine_close(old);
		orders_submit_stream(new, 6, 12);
		engine_close(new);
	}
}

/* A process with six updates dies; the salts of its WAL, zeros when there is none. */
static void make_and_kill(const char *journal_mode, unsigned char salts[8]) {
	size_t size = 0;
	memory_vfs_reset();
	struct engine *engine = orders_open(journal_mode);
	orders_submit_stream(engine, 0, 6);
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();
	const unsigned char *wal = memory_vfs_content(ORDERS_PATH "-wal", &size);
	memset(salts, 0, 8);
	if (wal != NULL && size >= 24) {
		memcpy(salts, wal + 16, 8);
	}
}

/* E7: who has opened is in the journal mode that was asked for, and has a WAL of his own. False
 * when the failing call was not reached. */
static bool claim_holds_though_a_call_fails(const char *from, unsigned nth, unsigned *opened) {
	struct engine_options options = orders_options("wal");
	struct engine_error error;
	struct engine *engine;
	unsigned char salts[8];
	size_t size = 0;

	make_and_kill(from, salts);
	memory_vfs_arm(MEMORY_VFS_BEFORE, nth, false);
	bool is_open = engine_open(&options, &engine, &error) == ENGINE_OPENED;
	bool struck = memory_vfs_struck();
	memory_vfs_disarm();
	if (is_open) {
		assert_int_equal(memory_vfs_content(ORDERS_PATH, &size)[18], 2);
		const unsigned char *wal = memory_vfs_content(ORDERS_PATH "-wal", &size);
		assert_non_null(wal);
		assert_memory_not_equal(wal + 16, salts, sizeof salts);
		(*opened)++;
	}
	engine_close(engine);
	return struck;
}

static void claim_changes_the_journal_mode_and_the_wal_or_fails(void **context) {
	static const char *const protocols[] = {"persist_first", "journal"};
	static const char *const from[] = {"delete", "wal"};
	(void)context;
	for (size_t i = 0; i < 4; i++) {
		unsigned opened = 0;
		unsigned nth = 1;
		orders_set_protocol(protocols[i / 2]);
		while (claim_holds_though_a_call_fails(from[i % 2], nth, &opened)) {
			nth++;
		}
		assert_in_range(opened, 1, nth - 1);
	}
	orders_set_protocol(NULL);
}

/* E8: a row that is not the expected one stops the handle. */
static void database_changed_behind_the_handle_stops_it(void **context) {
	static const char *const changes[] = {
	        "UPDATE positions SET quantity_lots=7,checksum=8 WHERE symbol='AAA'", "DELETE FROM orders",
	        "UPDATE meta SET version=99",
	        "INSERT INTO executions(symbol,exec_id) VALUES('AAA','e15838')", /* of update 2 */
	};
	(void)context;

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		memory_vfs_reset();
		struct engine *engine = orders_open("delete");
		orders_submit_stream(engine, 0, 2);
		orders_run_sql(changes[i]);
		struct engine_update update = orders_stream(2);
		enum engine_outcome outcome = orders_submit(engine, &update);
		assert_true(outcome == ENGINE_STOPPED || outcome == ENGINE_LATER);
		assert_true(engine_is_stopped(engine));
		assert_int_equal(engine_read_head(engine).version, 2);
		engine_check_assert(&engine->state);
		engine_close(engine);
	}
}

/* ---- sync errors and closing ----------------------------------------------------------------- */

static void failed_sync_of_the_wal_is_in_doubt_and_the_next_open_settles_it(void **context) {
	struct engine_update update = orders_stream(5);
	struct engine_receipt receipt;
	(void)context;
	struct engine *engine = orders_open("wal");

	orders_submit_stream(engine, 0, 5);
	uint64_t fingerprint = orders_fingerprint(engine);
	memory_vfs_arm_sync("-wal");
	engine_submit(engine, &update, &receipt);
	assert_true(memory_vfs_struck());
	assert_int_equal(receipt.outcome, ENGINE_IN_DOUBT);
	assert_int_equal(receipt.sqlite_code, SQLITE_IOERR_FSYNC);
	assert_true(orders_fingerprint(engine) == fingerprint);
	assert_int_equal(orders_submit(engine, &update), ENGINE_STOPPED);
	engine_close(engine);

	memory_vfs_revive(); /* the frames are in the file: recovery finds the transaction
	                      * (docs/contracts.md section 2) */
	engine = orders_open("wal");
	assert_int_equal(engine_read_head(engine).version, 6);
	assert_int_equal(orders_submit(engine, &update), ENGINE_DUPLICATE);
	orders_submit_stream(engine, 6, 12);
	engine_close(engine);
}

static void failed_sync_of_a_checkpoint_stops_the_handle_but_not_the_update(void **context) {
	struct engine_options options = orders_options("wal");
	struct engine_update update = orders_stream(0);
	struct engine_receipt receipt;
	struct engine *engine;
	struct engine_error error;
	(void)context;

	options.checkpoint_frames = 1;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	memory_vfs_arm_sync("engine.db");
	engine_submit(engine, &update, &receipt);
	assert_true(memory_vfs_struck());
	assert_int_equal(receipt.outcome, ENGINE_APPLIED);
	assert_int_equal(receipt.sqlite_code, SQLITE_IOERR_FSYNC);
	assert_true(receipt.must_reopen);
	engine_close(engine);
	memory_vfs_revive();
	engine = orders_open("wal");
	assert_int_equal(engine_read_head(engine).version, 1);
	engine_close(engine);
}

static void checkpoint_runs_when_the_wal_is_long_enough_only(void **context) {
	struct engine_options options = orders_options("wal");
	struct engine *engine;
	struct engine_error error;
	size_t size_before;
	size_t size;
	(void)context;

	options.checkpoint_frames = 40;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	unsigned char *content = memory_vfs_content(ORDERS_PATH, &size_before);
	unsigned char *before = malloc(size_before);
	memcpy(before, content, size_before);
	unsigned i = 0;
	for (; engine->store.wal_frames < 35; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
		assert_memory_equal(memory_vfs_content(ORDERS_PATH, &size), before, size_before);
	}
	orders_submit_stream(engine, i, i + 40);
	assert_true(engine->store.wal_frames < 45);
	memory_vfs_content(ORDERS_PATH, &size);
	assert_true(size > size_before);
	assert_int_equal(engine_checkpoint(engine, NULL), ENGINE_CHECKPOINTED);
	engine_close(engine);
	free(before);
}

/* E7: the WAL that a stopped handle leaves is checkpointed by the next open. */
static void healthy_close_removes_the_wal_and_a_stopped_one_leaves_it(void **context) {
	size_t size;
	(void)context;

	orders_make_database("wal", 5);
	assert_null(memory_vfs_content(ORDERS_PATH "-wal", &size));
	struct engine *engine = orders_open("wal");
	orders_submit_stream(engine, 5, 8);
	memory_vfs_arm_sync("-wal");
	struct engine_update update = orders_stream(8);
	assert_int_equal(orders_submit(engine, &update), ENGINE_IN_DOUBT);
	engine_close(engine);
	assert_non_null(memory_vfs_content(ORDERS_PATH "-wal", &size));
	assert_true(size > 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(missing_database_is_a_fresh_start),
	        TEST(what_was_applied_is_loaded_in_every_journal_mode),
	        TEST(journal_mode_may_change_between_opens),
	        TEST(duplicate_is_known_after_a_restart_and_counts_no_version),
	        TEST(halt_flag_is_stored),
	        TEST(readers_find_what_is_there_and_nothing_else),
	        TEST(impossible_options_are_named),
	        TEST(absent_options_have_defaults),
	        TEST(overtaken_handle_is_fenced_and_its_successor_is_not),
	        TEST(claim_changes_the_journal_mode_and_the_wal_or_fails),
	        TEST(database_changed_behind_the_handle_stops_it),
	        TEST(failed_sync_of_the_wal_is_in_doubt_and_the_next_open_settles_it),
	        TEST(failed_sync_of_a_checkpoint_stops_the_handle_but_not_the_update),
	        TEST(checkpoint_runs_when_the_wal_is_long_enough_only),
	        TEST(healthy_close_removes_the_wal_and_a_stopped_one_leaves_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
