/* What is stored is what is loaded, what is damaged is refused, and who is overtaken is fenced (E4 to E8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

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

static void submit_stream(struct engine *engine, unsigned from, unsigned to) {
	for (unsigned i = from; i < to; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
	}
	engine_state_assert(&engine->state);
}

/* A closed database with `count` updates; its fingerprint. */
static uint64_t make_database(const char *mode, unsigned count) {
	struct engine *engine = orders_open(mode);

	submit_stream(engine, 0, count);
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	return fingerprint;
}

static enum engine_open_status try_open(struct engine_error *error, struct engine **engine) {
	struct engine_options options = orders_options("delete");

	return engine_open(&options, engine, error);
}

static void expect_damaged(const char *named) {
	struct engine_error error;
	struct engine *engine;

	assert_int_equal(try_open(&error, &engine), ENGINE_OPEN_DAMAGED);
	assert_null(engine);
	if (strstr(error.reason, named) == NULL) {
		fail_msg("'%s' does not name %s", error.reason, named);
	}
}

/* Runs SQL past the engine. */
static void run_sql(const char *sql) {
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(ORDERS_PATH, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, MEMORY_VFS_NAME),
	                 SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- round trip ---------------------------------------------------------------------------------------------------- */

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
	assert_int_equal(content[16] * 256 + content[17], 1024); /* the page size that was asked for */
}

static void what_was_applied_is_loaded_in_every_journal_mode(void **context) {
	(void)context;
	for (size_t mode = 0; mode < MODE_COUNT; mode++) {
		memory_vfs_reset();
		uint64_t fingerprint = make_database(modes[mode], 100);
		struct engine *engine = orders_open(modes[mode]);
		assert_true(orders_fingerprint(engine) == fingerprint);
		assert_int_equal(engine_read_head(engine).version, 100);
		assert_int_equal(engine_read_head(engine).epoch, 2);
		engine_state_assert(&engine->state);
		submit_stream(engine, 100, 110);
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
		submit_stream(engine, version, version + 7);
		version += 7;
		engine_close(engine);
	}
}

static void duplicate_is_known_after_a_restart_and_counts_no_version(void **context) {
	(void)context;
	make_database("wal", 10);
	struct engine *engine = orders_open("wal");

	for (unsigned i = 0; i < 10; i++) {
		struct engine_update update = orders_stream(i);
		assert_int_equal(orders_submit(engine, &update), ENGINE_DUPLICATE);
	}
	assert_int_equal(engine_read_head(engine).version, 10);
	engine_close(engine);
}

static void halt_flag_is_stored(void **context) {
	struct engine_meta meta = {.version = 0, .epoch = 1, .halted = true};
	char sql[200];
	(void)context;

	make_database("delete", 0);
	sqlite3_snprintf((int)sizeof sql, sql, "UPDATE meta SET halted=1,checksum=%lld",
	                 (sqlite3_int64)engine_row_checksum_meta(&meta));
	run_sql(sql);
	struct engine *engine = orders_open("delete");
	assert_true(engine_read_head(engine).halted);
	submit_stream(engine, 0, 3);
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

	submit_stream(engine, 0, 6);
	assert_true(engine_find_position(engine, "AAA", &position));
	assert_int_equal(position.quantity_lots, 100);
	assert_false(engine_find_position(engine, "BBB", &position));
	assert_true(engine_find_order(engine, "o0", &order));
	assert_int_equal(order.status, ENGINE_ORDER_FILLED);
	assert_false(engine_find_order(engine, "o0 and a text that is longer than any order id", &order));
	engine_close(engine);
}

/* ---- options ------------------------------------------------------------------------------------------------------- */

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
	assert_ptr_equal(engine->protocol, &engine_protocol_persist_first);
	engine_close(engine);
	engine_close(NULL);
}

/* ---- damage -------------------------------------------------------------------------------------------------------- */

static void what_is_not_our_database_is_damage_and_left_alone(void **context) {
	(void)context;
	static const char *const strangers[] = {
	        "CREATE TABLE t(a)",
	        "CREATE TABLE meta(id INTEGER PRIMARY KEY,version,epoch,halted,digest,checksum)",
	        "PRAGMA application_id=1097225067;PRAGMA user_version=1;CREATE TABLE t(a)",
	        "PRAGMA application_id=1097225067;PRAGMA user_version=2;CREATE TABLE t(a)",
	        "CREATE TABLE t(a);DROP TABLE t",
	};

	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		size_t size;
		size_t size_after;
		memory_vfs_reset();
		run_sql(strangers[i]);
		unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
		unsigned char *copy = malloc(size);
		memcpy(copy, content, size);
		expect_damaged("");
		content = memory_vfs_content(ORDERS_PATH, &size_after);
		assert_int_equal(size, size_after);
		assert_memory_equal(content, copy, size);
		free(copy);
	}
}

static void file_that_is_no_database_is_damage_but_an_empty_one_is_fresh(void **context) {
	char text[3000];
	struct engine_error error;
	struct engine *engine;
	(void)context;

	memset(text, 'x', sizeof text);
	size_t sizes[] = {1, 99, 100, 512, 3000};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH, text, sizes[i]);
		expect_damaged("");
	}
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH, text, 0);
	assert_int_equal(try_open(&error, &engine), ENGINE_OPENED);
	engine_close(engine);
}

static void wal_without_its_database_is_damage(void **context) {
	(void)context;
	memory_vfs_set_content(ORDERS_PATH "-wal", "remains", 7);
	expect_damaged("WAL");
	memory_vfs_set_content(ORDERS_PATH, "", 0);
	expect_damaged("WAL");
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH "-wal", "", 0);
	make_database("wal", 1);
}

/* Every column of every table: another value, text instead of a number, a number instead of text, NULL. */
static void every_stored_column_is_verified(void **context) {
	static const struct {
		const char *table;
		const char *columns[16];
	} tables[] = {
	        {"meta", {"version", "epoch", "halted", "digest", "checksum"}},
	        {"positions", {"symbol", "quantity_lots", "cost_tick_lots", "realised_tick_lots", "checksum"}},
	        {"orders",
	         {"order_id", "cl_ord_id", "symbol", "side", "status", "closed_by", "flags", "order_quantity_lots",
	          "price_ticks", "cum_quantity_lots", "leaves_quantity_lots", "checksum"}},
	        {"executions",
	         {"symbol", "exec_id", "order_id", "version", "exec_type", "side", "order_quantity_lots", "price_ticks",
	          "last_quantity_lots", "last_price_ticks", "cum_quantity_lots", "commission_units", "comm_currency",
	          "transact_time_ns", "checksum"}},
	};
	static const char *const values[] = {
	        ("CASE typeof(%s) WHEN 'integer' THEN CASE %s WHEN 1 THEN 2 ELSE 1 END WHEN 'blob' THEN "
	         "CAST('0123456789abcdef' AS BLOB) ELSE %s||'x' END"),
	        "CASE typeof(%s) WHEN 'integer' THEN 'text'||%s WHEN 'blob' THEN zeroblob(15) ELSE CAST(%s AS BLOB) "
	        "END",
	        "CASE WHEN %s IS %s THEN NULL ELSE %s END",
	};
	unsigned tried = 0;
	(void)context;

	make_database("delete", 40);
	size_t size;
	unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
	unsigned char *sound = malloc(size);
	memcpy(sound, content, size);
	for (size_t table = 0; table < sizeof tables / sizeof tables[0]; table++) {
		for (size_t column = 0; tables[table].columns[column] != NULL; column++) {
			for (size_t value = 0; value < sizeof values / sizeof values[0]; value++) {
				const char *name = tables[table].columns[column];
				char *expression = sqlite3_mprintf(values[value], name, name, name);
				char *sql =
				        sqlite3_mprintf("PRAGMA ignore_check_constraints=1;UPDATE %s SET %s=%s WHERE "
				                        "%s=(SELECT max(%s) "
				                        "FROM %s)",
				                        tables[table].table, name, expression, tables[table].columns[0],
				                        tables[table].columns[0], tables[table].table);
				sqlite3 *db;
				assert_int_equal(
				        sqlite3_open_v2(ORDERS_PATH, &db, SQLITE_OPEN_READWRITE, MEMORY_VFS_NAME),
				        SQLITE_OK);
				int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
				int changes = sqlite3_changes(db);
				assert_int_equal(sqlite3_close(db), SQLITE_OK);
				/* A key cannot be NULL; everything else can be written. */
				assert_true(code == SQLITE_OK || (value == 2 && code == SQLITE_CONSTRAINT));
				if (code == SQLITE_OK) {
					assert_true(changes > 0);
					expect_damaged(tables[table].table);
					tried++;
				}
				memory_vfs_set_content(ORDERS_PATH, sound, size);
				sqlite3_free(expression);
				sqlite3_free(sql);
			}
		}
	}
	assert_int_equal(tried, 3 * 37 - 4);
	struct engine *engine = orders_open("delete");
	engine_close(engine);
	free(sound);
}

static void missing_added_and_doubled_rows_are_damage(void **context) {
	static const char *const damages[] = {
	        "DELETE FROM meta",
	        "INSERT INTO meta SELECT 2,version,epoch,halted,digest,checksum FROM meta",
	        "UPDATE meta SET id=2",
	        "DELETE FROM positions WHERE symbol='AAA'",
	        "DELETE FROM orders WHERE order_id='o0'",
	        "DELETE FROM executions WHERE exec_id='e0'",
	        "DELETE FROM positions;DELETE FROM orders;DELETE FROM executions",
	        ("INSERT INTO positions SELECT 'ZZZ',quantity_lots,cost_tick_lots,realised_tick_lots,checksum FROM "
	         "positions "
	         "LIMIT 1"),
	        "DROP TABLE orders",
	        "ALTER TABLE orders RENAME COLUMN side TO edge",
	        "PRAGMA application_id=5",
	        "PRAGMA user_version=9",
	};
	(void)context;

	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		memory_vfs_reset();
		make_database("delete", 40);
		run_sql(damages[i]);
		expect_damaged("");
	}
	memory_vfs_reset();
	make_database("delete", 40);
	run_sql("CREATE TABLE remark(text)"); /* people may add tables of their own */
	engine_close(orders_open("delete"));
}

static void older_row_with_a_right_checksum_is_damage(void **context) {
	(void)context;
	make_database("delete", 40);
	run_sql("CREATE TABLE old AS SELECT * FROM positions WHERE symbol='AAA'");
	struct engine *engine = orders_open("delete");
	submit_stream(engine, 40, 60);
	engine_close(engine);
	run_sql("REPLACE INTO positions SELECT * FROM old");
	expect_damaged("digest");
}

/* E5: no byte of the file can be changed so that a wrong state is served, or the damage is called a passing trouble. */
static void every_flipped_byte_is_detected_or_harmless(void **context) {
	size_t size;
	unsigned harmless = 0;
	unsigned detected = 0;
	(void)context;

	uint64_t fingerprint = make_database("delete", 20);
	unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
	unsigned char *sound = malloc(size);
	memcpy(sound, content, size);
	for (size_t at = 0; at < size; at++) {
		struct engine_error error;
		struct engine *engine;
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH, sound, size);
		content = memory_vfs_content(ORDERS_PATH, &size);
		content[at] ^= (unsigned char)(1u << (at % 8));
		enum engine_open_status status = try_open(&error, &engine);
		if (status == ENGINE_OPENED) {
			assert_true(orders_fingerprint(engine) == fingerprint);
			engine_close(engine);
			harmless++;
		} else {
			if (status != ENGINE_OPEN_DAMAGED) {
				fail_msg("byte %zu: status %d, %s", at, (int)status, error.reason);
			}
			content = memory_vfs_content(ORDERS_PATH, &size);
			content[at] ^= (unsigned char)(1u << (at % 8));
			assert_memory_equal(content, sound, size); /* left as it was */
			detected++;
		}
	}
	assert_true(detected > 2000 && harmless > 0);
	free(sound);
}

static void every_cut_of_the_file_is_damage(void **context) {
	size_t size;
	(void)context;

	make_database("delete", 20);
	unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
	unsigned char *sound = malloc(size);
	memcpy(sound, content, size);
	for (size_t cut = 1; cut < size; cut += 101) {
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH, sound, cut);
		expect_damaged("");
	}
	free(sound);
}

/* ---- ownership ----------------------------------------------------------------------------------------------------- */

static void overtaken_handle_is_fenced_and_its_successor_is_not(void **context) {
	(void)context;
	for (size_t mode = 0; mode < MODE_COUNT; mode += MODE_COUNT - 1) {
		struct engine_update update = orders_stream(5);
		struct engine_receipt receipt;
		memory_vfs_reset();
		struct engine *old = orders_open(modes[mode]);
		submit_stream(old, 0, 5);
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
		submit_stream(new, 6, 12);
		engine_close(new);
	}
}

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
		submit_stream(engine, 0, 2);
		run_sql(changes[i]);
		struct engine_update update = orders_stream(2);
		enum engine_outcome outcome = orders_submit(engine, &update);
		assert_true(outcome == ENGINE_STOPPED || outcome == ENGINE_LATER);
		assert_true(engine_is_stopped(engine));
		assert_int_equal(engine_read_head(engine).version, 2);
		engine_state_assert(&engine->state);
		engine_close(engine);
	}
}

/* ---- sync errors and closing --------------------------------------------------------------------------------------- */

static void failed_sync_of_the_wal_is_in_doubt_and_the_next_open_settles_it(void **context) {
	struct engine_update update = orders_stream(5);
	struct engine_receipt receipt;
	(void)context;
	struct engine *engine = orders_open("wal");

	submit_stream(engine, 0, 5);
	uint64_t fingerprint = orders_fingerprint(engine);
	memory_vfs_arm_sync("-wal");
	engine_submit(engine, &update, &receipt);
	assert_true(memory_vfs_struck());
	assert_int_equal(receipt.outcome, ENGINE_IN_DOUBT);
	assert_int_equal(receipt.sqlite_code, SQLITE_IOERR_FSYNC);
	assert_true(orders_fingerprint(engine) == fingerprint);
	assert_int_equal(orders_submit(engine, &update), ENGINE_STOPPED);
	engine_close(engine);

	memory_vfs_revive(); /* the frames are in the file: recovery finds the transaction (FAULTS.md section 6) */
	engine = orders_open("wal");
	assert_int_equal(engine_read_head(engine).version, 6);
	assert_int_equal(orders_submit(engine, &update), ENGINE_DUPLICATE);
	submit_stream(engine, 6, 12);
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
	submit_stream(engine, i, i + 40);
	assert_true(engine->store.wal_frames < 45);
	memory_vfs_content(ORDERS_PATH, &size);
	assert_true(size > size_before);
	assert_int_equal(engine_checkpoint(engine, NULL), ENGINE_CHECKPOINTED);
	engine_close(engine);
	free(before);
}

static void healthy_close_removes_the_wal_and_a_stopped_one_leaves_it(void **context) {
	size_t size;
	(void)context;

	make_database("wal", 5);
	assert_null(memory_vfs_content(ORDERS_PATH "-wal", &size));
	struct engine *engine = orders_open("wal");
	submit_stream(engine, 5, 8);
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
	        TEST(what_is_not_our_database_is_damage_and_left_alone),
	        TEST(file_that_is_no_database_is_damage_but_an_empty_one_is_fresh),
	        TEST(wal_without_its_database_is_damage),
	        TEST(every_stored_column_is_verified),
	        TEST(missing_added_and_doubled_rows_are_damage),
	        TEST(older_row_with_a_right_checksum_is_damage),
	        TEST(every_flipped_byte_is_detected_or_harmless),
	        TEST(every_cut_of_the_file_is_damage),
	        TEST(overtaken_handle_is_fenced_and_its_successor_is_not),
	        TEST(database_changed_behind_the_handle_stops_it),
	        TEST(failed_sync_of_the_wal_is_in_doubt_and_the_next_open_settles_it),
	        TEST(failed_sync_of_a_checkpoint_stops_the_handle_but_not_the_update),
	        TEST(checkpoint_runs_when_the_wal_is_long_enough_only),
	        TEST(healthy_close_removes_the_wal_and_a_stopped_one_leaves_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
