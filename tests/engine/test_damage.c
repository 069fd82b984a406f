/* What is damaged is refused, by name, and left as it is; nothing wrong is ever served (E4, E5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "memory_vfs.h"
#include "orders.h"
#include "protocol.h"

static int set_up(void **context) {
	(void)context;
	memory_vfs_reset();
	return 0;
}

static enum engine_open_status try_open(const char *mode, struct engine_error *error, struct engine **engine) {
	struct engine_options options = orders_options(mode);

	return engine_open(&options, engine, error);
}

static void expect_damaged(const char *named) {
	struct engine_error error;
	struct engine *engine;

	assert_int_equal(try_open("delete", &error, &engine), ENGINE_OPEN_DAMAGED);
	assert_null(engine);
	if (strstr(error.reason, named) == NULL) {
		fail_msg("'%s' does not name %s", error.reason, named);
	}
}

/* A copy of a file, to damage and to compare with. */
struct image {
	unsigned char *content;
	size_t size;
};

static struct image image_take(const char *name) {
	struct image image;
	const unsigned char *content = memory_vfs_content(name, &image.size);

	assert_true(content != NULL && image.size > 0);
	image.content = malloc(image.size + 1);
	assert_non_null(image.content);
	memcpy(image.content, content, image.size);
	return image;
}

static void image_expect(const struct image *image, const char *name) {
	size_t size;
	const unsigned char *content = memory_vfs_content(name, &size);

	assert_int_equal(size, image->size);
	assert_memory_equal(content, image->content, size);
}

static void what_is_not_our_database_is_damage_and_left_alone(void **context) {
	(void)context;
	static const char *const strangers[] = {
	        "CREATE TABLE t(a)",
	        "CREATE TABLE meta(id INTEGER PRIMARY KEY,version,epoch,halt,digest,checksum)",
	        "PRAGMA application_id=1097225067;PRAGMA user_version=2;CREATE TABLE t(a)",
	        "PRAGMA application_id=1097225067;PRAGMA user_version=3;CREATE TABLE t(a)",
	        "CREATE TABLE t(a);DROP TABLE t",
	};

	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		memory_vfs_reset();
		orders_run_sql(strangers[i]);
		struct image image = image_take(ORDERS_PATH);
		expect_damaged("");
		image_expect(&image, ORDERS_PATH);
		free(image.content);
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
	assert_int_equal(try_open("delete", &error, &engine), ENGINE_OPENED);
	engine_close(engine);
}

/* Nothing that is stored can tell that a database was emptied, or that its WAL is gone: the caller
 * can, who knows what it held (least_version, least_epoch). */
static void database_older_than_the_caller_knows_is_damage(void **context) {
	static const char *const protocols[] = {"persist_first", "journal"};
	struct engine_options options = orders_options("wal");
	struct engine_error error;
	struct engine *engine;
	(void)context;

	for (size_t i = 0; i < 2; i++) {
		memory_vfs_reset();
		options.protocol = protocols[i];
		options.least_version = 1;
		options.least_epoch = 0;
		assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
		memory_vfs_set_content(ORDERS_PATH, "", 0);
		assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
		assert_non_null(strstr(error.reason, "missing or empty, it held version 1"));
		memory_vfs_reset();
		orders_make_database("wal", 5);
		struct image image = image_take(ORDERS_PATH);
		options.least_version = 6;
		assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
		options.least_version = 5;
		options.least_epoch = 2;
		assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
		assert_non_null(strstr(error.reason, "version 5 of epoch 1 is older than version 5 of epoch 2"));
		image_expect(&image, ORDERS_PATH);
		free(image.content);
		options.least_epoch = 1;
		assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
		engine_close(engine);
	}
}

/* Submits a report that no other test knows. */
static void test_submit_new(struct engine *engine, const char *id) {
	struct engine_update update = {.exec_type = ENGINE_EXEC_NEW, .side = ENGINE_SIDE_BUY, .order_quantity_lots = 5};
	struct engine_receipt receipt;

	snprintf(update.exec_id, sizeof update.exec_id, "x%s", id);
	snprintf(update.order_id, sizeof update.order_id, "o%s", id);
	snprintf(update.symbol, sizeof update.symbol, "ANOTHER");
	engine_submit(engine, &update, &receipt);
	assert_int_equal(receipt.outcome, ENGINE_APPLIED);
}

/* Goes on from the copy with a report of its own, until it has come as far. */
static struct image test_make_sibling(const struct image *copy, uint64_t version) {
	struct engine *engine;
	struct engine_error error;

	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH, copy->content, copy->size);
	assert_int_equal(try_open("delete", &error, &engine), ENGINE_OPENED);
	for (uint64_t v = engine_read_head(engine).version; v < version; v++) {
		char id[8];
		snprintf(id, sizeof id, "%llu", (unsigned long long)v);
		test_submit_new(engine, id);
	}
	engine_close(engine);
	return image_take(ORDERS_PATH);
}

/* Nothing that is stored can tell that another book lies where this one did: it is sound, and holds
 * as much. The caller can, who knows its history (E13). */
static void another_book_that_holds_as_much_is_damage(void **context) {
	struct engine_options options = orders_options("delete");
	struct engine_known known[2] = {{.version = 5}, {.version = 8}};
	struct engine_error error;
	struct engine *engine;
	(void)context;

	memory_vfs_reset();
	orders_make_database("delete", 5);
	struct image at_five = image_take(ORDERS_PATH);
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	known[0].history = engine_read_head(engine).history;
	for (int i = 0; i < 3; i++) {
		char id[8];
		snprintf(id, sizeof id, "own%d", i);
		test_submit_new(engine, id);
	}
	known[1].history = engine_read_head(engine).history;
	engine_close(engine);
	struct image own = image_take(ORDERS_PATH);
	struct image sibling = test_make_sibling(&at_five, 9);

	options.known = known;
	options.known_count = 1; /* up to the fifth version they are one book */
	options.least_version = 8;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	engine_close(engine);
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH, sibling.content, sibling.size);
	options.known_count = 2;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
	assert_string_equal(error.reason, "another book: it has not come to version 8 as this one did");
	image_expect(&sibling, ORDERS_PATH);
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH, own.content, own.size);
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPENED);
	engine_close(engine);
	/* A book that has not come so far is not the known one, either. */
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH, at_five.content, at_five.size);
	options.least_version = 0;
	assert_int_equal(engine_open(&options, &engine, &error), ENGINE_OPEN_DAMAGED);
	free(at_five.content);
	free(own.content);
	free(sibling.content);
}

static void wal_without_its_database_is_damage(void **context) {
	(void)context;
	memory_vfs_set_content(ORDERS_PATH "-wal", "remains", 7);
	expect_damaged("WAL");
	memory_vfs_set_content(ORDERS_PATH, "", 0);
	expect_damaged("WAL");
	memory_vfs_reset();
	memory_vfs_set_content(ORDERS_PATH "-wal", "", 0);
	orders_make_database("wal", 1);
}

/* Nobody begins anew because he could not look. */
static void wal_without_its_database_is_damage_also_where_looking_fails(void **context) {
	struct engine_options options = orders_options("wal");
	struct engine_error error;
	struct engine *engine;
	bool struck = true;
	unsigned put_off = 0;
	(void)context;

	for (unsigned nth = 1; struck; nth++) {
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH "-wal", "remains", 7);
		memory_vfs_arm(MEMORY_VFS_BEFORE, nth, false);
		enum engine_open_status status = engine_open(&options, &engine, &error);
		struck = memory_vfs_struck();
		memory_vfs_disarm();
		assert_int_equal(status, struck ? ENGINE_OPEN_LATER : ENGINE_OPEN_DAMAGED);
		put_off += struck;
	}
	assert_true(put_off > 1);
}

struct stored_table {
	const char *name;
	const char *columns[19]; /* the first is a key */
};

static const struct stored_table stored_tables[] = {
        {"meta",
         {"version", "epoch", "halt", "position_limit_lots", "order_notional_limit_tick_lots", "open_order_limit",
          "digest", "checksum"}},
        {"positions", {"symbol", "quantity_lots", "cost_tick_lots", "realised_tick_lots", "checksum"}},
        {"orders",
         {"order_id", "cl_ord_id", "symbol", "side", "status", "closed_by", "flags", "order_quantity_lots",
          "price_ticks", "cum_quantity_lots", "leaves_quantity_lots", "filled_tick_lots", "terms_time_ns",
          "pending_cancels", "pending_replaces", "checksum"}},
        {"executions",
         {"symbol", "exec_id", "order_id", "version", "exec_type", "side", "order_quantity_lots", "price_ticks",
          "last_quantity_lots", "last_price_ticks", "cum_quantity_lots", "commission_units", "comm_currency",
          "transact_time_ns", "exec_ref_id", "superseded_by", "moved_lots", "checksum"}},
};

/* Another value, another type, and NULL. */
static const char *const stored_damages[] = {
        ("CASE typeof(%s) WHEN 'integer' THEN CASE %s WHEN 1 THEN 2 ELSE 1 END WHEN 'blob' THEN "
         "CAST('0123456789abcdef' AS BLOB) ELSE %s||'x' END"),
        "CASE typeof(%s) WHEN 'integer' THEN 'text'||%s WHEN 'blob' THEN zeroblob(15) ELSE CAST(%s AS BLOB) END",
        "CASE WHEN %s IS %s THEN NULL ELSE %s END",
};

/* Returns how many kinds of damage could be done: a key cannot be NULL. */
static unsigned damage_column(const struct stored_table *table, const char *column) {
	unsigned done = 0;

	for (size_t i = 0; i < sizeof stored_damages / sizeof stored_damages[0]; i++) {
		struct image sound = image_take(ORDERS_PATH);
		const char *key = table->columns[0];
		char *value = sqlite3_mprintf(stored_damages[i], column, column, column);
		char *sql = sqlite3_mprintf("UPDATE %s SET %s=%s WHERE %s=(SELECT max(%s) FROM %s)", table->name,
		                            column, value, key, key, table->name);
		int changes;
		int code = orders_try_sql(sql, &changes);
		if (code == SQLITE_OK) {
			assert_true(changes > 0);
			expect_damaged(table->name);
			done++;
		}
		memory_vfs_set_content(ORDERS_PATH, sound.content, sound.size);
		sqlite3_free(value);
		sqlite3_free(sql);
		free(sound.content);
	}
	return done;
}

static void every_stored_column_is_verified(void **context) {
	unsigned done = 0;
	(void)context;

	orders_make_database("delete", 40);
	for (size_t i = 0; i < sizeof stored_tables / sizeof stored_tables[0]; i++) {
		const struct stored_table *table = &stored_tables[i];
		for (size_t column = 0; table->columns[column] != NULL; column++) {
			done += damage_column(table, table->columns[column]);
		}
	}
	assert_int_equal(done, 3 * 47 - 4); /* NULL in a key: positions, orders, two in
	                                     * executions */
	engine_close(orders_open("delete"));
}

static void missing_added_and_doubled_rows_are_damage(void **context) {
	static const char *const damages[] = {
	        "DELETE FROM meta",
	        ("INSERT INTO meta SELECT "
	         "2,version,epoch,halt,position_limit_lots,order_notional_limit_tick_lots,open_order_limit,digest,"
	         "checksum FROM meta"),
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
		orders_make_database("delete", 40);
		orders_run_sql(damages[i]);
		expect_damaged("");
	}
	memory_vfs_reset();
	orders_make_database("delete", 40);
	orders_run_sql("CREATE TABLE remark(text)"); /* people may add tables of their own */
	engine_close(orders_open("delete"));
}

static void older_row_with_a_right_checksum_is_damage(void **context) {
	(void)context;
	orders_make_database("delete", 40);
	orders_run_sql("CREATE TABLE old AS SELECT * FROM positions WHERE symbol='AAA'");
	struct engine *engine = orders_open("delete");
	orders_submit_stream(engine, 40, 60);
	engine_close(engine);
	orders_run_sql("REPLACE INTO positions SELECT * FROM old");
	expect_damaged("digest");
}

/* Opens with one bit of the file flipped. True when that was harmless; else it was detected and the
 * file left alone. */
static bool flip_is_harmless(const struct image *sound, size_t at, uint64_t fingerprint) {
	struct engine_error error;
	struct engine *engine;
	struct image flipped = *sound;
	bool is_harmless = false;

	memory_vfs_reset();
	flipped.content[at] ^= (unsigned char)(1u << (at % 8));
	memory_vfs_set_content(ORDERS_PATH, flipped.content, flipped.size);
	switch (try_open("delete", &error, &engine)) {
	case ENGINE_OPENED:
		assert_true(orders_fingerprint(engine) == fingerprint);
		engine_close(engine);
		is_harmless = true;
		break;
	case ENGINE_OPEN_DAMAGED:
		image_expect(&flipped, ORDERS_PATH);
		break;
	case ENGINE_OPEN_NONE:
	case ENGINE_OPEN_LATER:
	case ENGINE_OPEN_MISCONFIGURED:
		fail_msg("byte %zu: status %d, %s", at, (int)error.status, error.reason);
	}
	flipped.content[at] ^= (unsigned char)(1u << (at % 8));
	return is_harmless;
}

/* No byte can be changed so that a wrong state is served, or that damage is called a passing
 * trouble. */
static void every_flipped_byte_is_detected_or_harmless(void **context) {
	size_t harmless = 0;
	(void)context;
	uint64_t fingerprint = orders_make_database("delete", 20);
	struct image sound = image_take(ORDERS_PATH);

	for (size_t at = 0; at < sound.size; at++) {
		harmless += flip_is_harmless(&sound, at, fingerprint);
	}
	assert_true(harmless > 100 && sound.size - harmless > 2000);
	free(sound.content);
}

/* SQLite ends recovery at a frame that does not verify: what loads then is older, and must be a
 * state that was committed. */
static void flipped_bytes_of_the_wal_leave_a_committed_state(void **context) {
	enum { UPDATES = 6 };
	uint64_t fingerprints[UPDATES + 1];
	unsigned loaded[UPDATES + 1] = {0};
	struct engine *engine = orders_open("wal");
	(void)context;

	fingerprints[0] = orders_fingerprint(engine);
	for (unsigned i = 0; i < UPDATES; i++) {
		orders_submit_stream(engine, i, i + 1);
		fingerprints[i + 1] = orders_fingerprint(engine);
	}
	struct image database = image_take(ORDERS_PATH);
	struct image wal = image_take(ORDERS_PATH "-wal");
	engine_close(engine);
	for (size_t at = 0; at < wal.size; at += 5) {
		struct engine_error error;
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH, database.content, database.size);
		wal.content[at] ^= 0x10;
		memory_vfs_set_content(ORDERS_PATH "-wal", wal.content, wal.size);
		wal.content[at] ^= 0x10;
		assert_int_equal(try_open("wal", &error, &engine), ENGINE_OPENED);
		uint64_t version = engine_read_head(engine).version;
		assert_true(version <= UPDATES && orders_fingerprint(engine) == fingerprints[version]);
		loaded[version]++;
		engine_close(engine);
	}
	assert_true(loaded[0] > 0 && loaded[UPDATES - 1] > 0);
	free(database.content);
	free(wal.content);
}

static void every_cut_of_the_file_is_damage(void **context) {
	(void)context;
	orders_make_database("delete", 20);
	struct image sound = image_take(ORDERS_PATH);

	for (size_t cut = 1; cut < sound.size; cut += 101) {
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH, sound.content, cut);
		expect_damaged("");
	}
	free(sound.content);
}

static void expect_file_untouched_after_refusal(const char *mode, const char *named) {
	struct image database = image_take(ORDERS_PATH);
	struct image wal = image_take(ORDERS_PATH "-wal");
	struct engine_error error;
	struct engine *engine;

	assert_int_equal(try_open(mode, &error, &engine), ENGINE_OPEN_DAMAGED);
	assert_non_null(strstr(error.reason, named));
	image_expect(&database, ORDERS_PATH);
	image_expect(&wal, ORDERS_PATH "-wal");
	free(database.content);
	free(wal.content);
}

/* Such a database reads well; it is the claim that fails in it, behind a checkpoint. */
static void header_that_reserves_bytes_is_damage_before_a_byte_is_written(void **context) {
	size_t size;
	(void)context;
	struct engine *engine = orders_open("wal");
	orders_submit_stream(engine, 0, 10);
	assert_int_equal(engine_checkpoint(engine, NULL), ENGINE_CHECKPOINTED);
	orders_submit_stream(engine, 10, 12);
	memory_vfs_arm(MEMORY_VFS_KILL, 1, false);
	engine_close(engine);
	memory_vfs_revive();

	memory_vfs_content(ORDERS_PATH, &size)[20] = 130;
	/* With page 1 in the WAL it is that page's header which counts. */
	unsigned char *wal = memory_vfs_content(ORDERS_PATH "-wal", &size);
	assert_int_not_equal(wal[32 + 3], 1);
	expect_file_untouched_after_refusal("wal", "quick_check");
}

static void database_that_does_reserve_bytes_is_none(void **context) {
	int reserved_bytes = 8;
	sqlite3 *db;
	(void)context;
	uint64_t fingerprint = orders_make_database("delete", 10);

	assert_int_equal(sqlite3_open_v2(ORDERS_PATH, &db, SQLITE_OPEN_READWRITE, MEMORY_VFS_NAME), SQLITE_OK);
	assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved_bytes), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "VACUUM", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	size_t size;
	assert_int_equal(memory_vfs_content(ORDERS_PATH, &size)[20], 8);
	struct engine *engine = orders_open("delete");
	assert_true(orders_fingerprint(engine) == fingerprint);
	engine_close(engine);
}

/* Dies in a commit with the journal complete and the database half written, and damages the header
 * of the journal. */
static enum engine_open_status open_with_hot_journal(size_t at, unsigned char value, struct engine_error *error) {
	struct engine_update update = orders_stream(14);
	struct engine *engine = NULL;
	size_t size = 0;

	for (unsigned nth = 1; nth < 60 && size <= 512; nth++) {
		memory_vfs_reset();
		engine = orders_open("delete");
		orders_submit_stream(engine, 0, 14);
		struct image before = image_take(ORDERS_PATH);
		memory_vfs_arm(MEMORY_VFS_KILL, nth, false);
		(void)orders_submit(engine, &update);
		engine_close(engine);
		memory_vfs_revive();
		const unsigned char *content = memory_vfs_content(ORDERS_PATH, &size);
		bool same = size == before.size && memcmp(content, before.content, size) == 0;
		(void)memory_vfs_content(ORDERS_PATH "-journal", &size);
		size = same ? 0 : size;
		free(before.content);
	}
	assert_true(size > 512);
	memory_vfs_content(ORDERS_PATH "-journal", &size)[at] = value;
	enum engine_open_status status = try_open("delete", error, &engine);
	engine_close(engine);
	return status;
}

/* README.md, "Limits": nothing in a rollback journal vouches for the size that it says the database
 * had. */
static void journal_that_asks_for_a_larger_database_than_fits_is_called_a_full_disk(void **context) {
	struct engine_error error;
	(void)context;

	assert_int_equal(open_with_hot_journal(16, 0x40, &error), ENGINE_OPEN_LATER);
	assert_int_equal(error.sqlite_code & 0xff, SQLITE_FULL);
}

static void journal_that_asks_for_a_smaller_database_is_damage(void **context) {
	struct engine_error error;
	(void)context;

	assert_int_equal(open_with_hot_journal(19, 2, &error), ENGINE_OPEN_DAMAGED);
	assert_int_equal(open_with_hot_journal(0, 0xd9, &error), ENGINE_OPENED); /* as it was */
}

/* Dies at the nth call of a commit. False when the commit was over before. */
static bool die_in_commit(const char *mode, unsigned nth) {
	struct engine_update update = orders_stream(14);

	memory_vfs_reset();
	struct engine *engine = orders_open(mode);
	orders_submit_stream(engine, 0, 14);
	memory_vfs_arm(MEMORY_VFS_KILL, nth, false);
	(void)orders_submit(engine, &update);
	bool died = memory_vfs_struck();
	engine_close(engine);
	memory_vfs_revive();
	return died;
}

static bool has_hot_journal(void) {
	size_t size = 0;
	const unsigned char *content = memory_vfs_content(ORDERS_PATH "-journal", &size);

	return size >= 28 && (content[16] | content[17] | content[18] | content[19]) != 0;
}

/* Somebody empties the database. The open refuses, and leaves the journal there. */
static void expect_refused_beside_hot_journal(const char *mode) {
	struct image journal = image_take(ORDERS_PATH "-journal");
	struct engine_error error;
	struct engine *engine = NULL;

	memory_vfs_set_content(ORDERS_PATH, "", 0);
	assert_int_equal(try_open(mode, &error, &engine), ENGINE_OPEN_DAMAGED);
	assert_non_null(strstr(error.reason, "is missing or empty"));
	image_expect(&journal, ORDERS_PATH "-journal");
	free(journal.content);
}

static void expect_begun_anew(const char *mode) {
	struct engine_error error;
	struct engine *engine = NULL;

	memory_vfs_set_content(ORDERS_PATH, "", 0);
	assert_int_equal(try_open(mode, &error, &engine), ENGINE_OPENED);
	engine_close(engine);
}

/* E5: the header of a hot journal says that there were pages. SQLite would delete it. */
static void emptied_database_beside_its_hot_journal_is_damage(void **context) {
	static const char *const modes[] = {"delete", "truncate", "persist"};
	unsigned refused = 0;
	unsigned begun_anew = 0;
	(void)context;

	for (size_t mode = 0; mode < 3; mode++) {
		for (unsigned nth = 1; die_in_commit(modes[mode], nth); nth++) {
			bool is_hot = has_hot_journal();
			refused += is_hot;
			begun_anew += !is_hot;
			(is_hot ? expect_refused_beside_hot_journal : expect_begun_anew)(modes[mode]);
		}
	}
	assert_true(refused >= 30 && begun_anew >= 15);
}

/* The twin: the very first transaction died, and its journal says that there was no page. */
static void first_transaction_that_died_begins_anew(void **context) {
	struct engine_error error;
	unsigned beside_empty = 0;
	bool died = true;
	(void)context;

	for (unsigned nth = 1; died; nth++) {
		struct engine *engine = NULL;
		size_t size = 0;
		size_t journal_size = 0;
		memory_vfs_reset();
		memory_vfs_arm(MEMORY_VFS_KILL, nth, false);
		(void)try_open("delete", &error, &engine);
		died = memory_vfs_struck();
		engine_close(engine);
		memory_vfs_revive();
		(void)memory_vfs_content(ORDERS_PATH, &size);
		(void)memory_vfs_content(ORDERS_PATH "-journal", &journal_size);
		beside_empty += size == 0 && journal_size >= 28;
		assert_int_equal(try_open("delete", &error, &engine), ENGINE_OPENED);
		engine_close(engine);
	}
	assert_true(beside_empty >= 3);
}

/* What is no header of a journal proves nothing. */
static void remnant_that_is_no_journal_begins_anew(void **context) {
	static const size_t broken[] = {3, 21, 27};
	unsigned char header[28] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0, 0, 1, 0,  0,
	                            0,    0,    0,    0,    0,    8,    0,    0,    2, 0, 0, 0, 16, 0};
	(void)context;

	for (size_t i = 0; i < 5; i++) {
		struct engine_error error;
		struct engine *engine = NULL;
		size_t size = i == 4 ? 27 : 28;
		memory_vfs_reset();
		memory_vfs_set_content(ORDERS_PATH "-journal", header, size);
		if (i < 3) {
			memory_vfs_content(ORDERS_PATH "-journal", &size)[broken[i]] ^= 1;
		}
		assert_int_equal(try_open("delete", &error, &engine), i == 3 ? ENGINE_OPEN_DAMAGED : ENGINE_OPENED);
		engine_close(engine);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
	const struct CMUnitTest tests[] = {
	        TEST(what_is_not_our_database_is_damage_and_left_alone),
	        TEST(file_that_is_no_database_is_damage_but_an_empty_one_is_fresh),
	        TEST(database_older_than_the_caller_knows_is_damage),
	        TEST(another_book_that_holds_as_much_is_damage),
	        TEST(wal_without_its_database_is_damage),
	        TEST(wal_without_its_database_is_damage_also_where_looking_fails),
	        TEST(every_stored_column_is_verified),
	        TEST(missing_added_and_doubled_rows_are_damage),
	        TEST(older_row_with_a_right_checksum_is_damage),
	        TEST(every_flipped_byte_is_detected_or_harmless),
	        TEST(flipped_bytes_of_the_wal_leave_a_committed_state),
	        TEST(every_cut_of_the_file_is_damage),
	        TEST(header_that_reserves_bytes_is_damage_before_a_byte_is_written),
	        TEST(database_that_does_reserve_bytes_is_none),
	        TEST(journal_that_asks_for_a_larger_database_than_fits_is_called_a_full_disk),
	        TEST(journal_that_asks_for_a_smaller_database_is_damage),
	        TEST(emptied_database_beside_its_hot_journal_is_damage),
	        TEST(first_transaction_that_died_begins_anew),
	        TEST(remnant_that_is_no_journal_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
