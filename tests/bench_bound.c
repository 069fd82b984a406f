/* tests/bench_bound.c: see bench_bound.h. */
#include "bench_bound.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define BOUND_TABLES_MAX 4
#define BOUND_WRITES_MAX 4
#define BOUND_PACKED_BYTES 160

/* `+` as in engine/load.c: an expression's name is not looked up. Row 0 of `reads` is the guarded
 * one, as row 0 of `writes`. */
struct bound_statements {
	const char *reads[BOUND_TABLES_MAX];
	const char *writes[BOUND_WRITES_MAX];
};

static const struct bound_statements bound_columns = {
        {"SELECT +version,+epoch,+halt,+position_limit_lots,+order_notional_limit_tick_lots,+open_order_limit,+digest,"
         "+checksum FROM meta",
         "SELECT +symbol,+quantity_lots,+cost_tick_lots,+realised_tick_lots,+checksum FROM positions",
         "SELECT +order_id,+cl_ord_id,+symbol,+side,+status,+closed_by,+flags,+order_quantity_lots,+price_ticks,"
         "+cum_quantity_lots,+leaves_quantity_lots,+filled_tick_lots,+terms_time_ns,+pending_cancels,"
         "+pending_replaces,+checksum FROM orders",
         "SELECT +symbol,+exec_id,+order_id,+version,+exec_type,+side,+order_quantity_lots,+price_ticks,"
         "+last_quantity_lots,+last_price_ticks,+cum_quantity_lots,+commission_units,+comm_currency,"
         "+transact_time_ns,+exec_ref_id,+superseded_by,+moved_lots,+checksum FROM executions"},
        {"UPDATE meta SET version=?1,epoch=?2,checksum=?3 WHERE version=?4 AND epoch=?5",
         "INSERT INTO executions VALUES('S1','bound','O1',?1,?1,?1,?1,?1,?1,?1,?1,?1,'',?1,'',?1,?1,?1)",
         "UPDATE orders SET cum_quantity_lots=?1,checksum=?1 WHERE order_id='O1'",
         "UPDATE positions SET quantity_lots=?1,checksum=?1 WHERE symbol='S1'"}};

static const struct bound_statements bound_packed = {
        {"SELECT +version,+epoch,+checksum FROM meta", "SELECT +key,+packed,+checksum FROM rows", NULL, NULL},
        {"UPDATE meta SET version=?1,epoch=?2,checksum=?3 WHERE version=?4 AND epoch=?5",
         "REPLACE INTO rows VALUES(?1,zeroblob(160),?1)", NULL, NULL}};

static void bound_must(bool condition, sqlite3 *connection, const char *what) {
	if (!condition) {
		fprintf(stderr, "bench: %s failed: %s\n", what, sqlite3_errmsg(connection));
		exit(3);
	}
}

static sqlite3 *bound_open(const char *vfs) {
	sqlite3 *connection = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	bound_must(sqlite3_open_v2("/engine.db", &connection, flags, vfs) == SQLITE_OK, connection, "open");
	return connection;
}

static sqlite3_stmt *bound_prepare(sqlite3 *connection, const char *sql) {
	sqlite3_stmt *statement = NULL;
	bound_must(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK, connection, sql);
	return statement;
}

void bench_bound_make(const char *vfs, const char *journal_mode, unsigned rows) {
	char sql[400];
	sqlite3 *connection = bound_open(vfs);
	snprintf(sql, sizeof sql,
	         "PRAGMA journal_mode=%s;CREATE TABLE meta(id INTEGER PRIMARY KEY,version INTEGER,epoch "
	         "INTEGER,checksum INTEGER);"
	         "CREATE TABLE rows(key INTEGER PRIMARY KEY,packed BLOB,checksum INTEGER);INSERT INTO meta "
	         "VALUES(1,1,1,0);"
	         "WITH n(i) AS(SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%u)INSERT INTO rows SELECT "
	         "i,zeroblob(%d),i FROM n",
	         journal_mode, rows, BOUND_PACKED_BYTES);
	bound_must(sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK, connection, "making a state");
	sqlite3_close(connection);
}

/* The hash of the current row, column by column. */
static XXH64_hash_t bound_hash_row(sqlite3_stmt *statement, XXH64_hash_t seed) {
	int count = sqlite3_column_count(statement);
	for (int i = 0; i < count; i++) {
		sqlite3_value *value = sqlite3_column_value(statement, i);
		if (sqlite3_value_type(value) == SQLITE_INTEGER) {
			seed ^= (XXH64_hash_t)sqlite3_value_int64(value) * 0x9e3779b97f4a7c15u;
		} else {
			seed = XXH3_64bits_withSeed(sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value),
			                            seed);
		}
	}
	return seed;
}

static XXH64_hash_t bound_read(sqlite3 *connection, const char *sql, XXH64_hash_t seed, sqlite3_int64 guard[2]) {
	sqlite3_stmt *statement = bound_prepare(connection, sql);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (guard != NULL) {
			guard[0] = sqlite3_column_int64(statement, 0);
			guard[1] = sqlite3_column_int64(statement, 1);
		}
		seed = bound_hash_row(statement, seed);
	}
	bound_must(sqlite3_finalize(statement) == SQLITE_OK, connection, sql);
	return seed;
}

static int bound_move_guard(sqlite3_stmt *statement, const sqlite3_int64 from[2], const sqlite3_int64 to[2]) {
	sqlite3_bind_int64(statement, 1, to[0]);
	sqlite3_bind_int64(statement, 2, to[1]);
	sqlite3_bind_int64(statement, 3, to[0] + to[1]);
	sqlite3_bind_int64(statement, 4, from[0]);
	sqlite3_bind_int64(statement, 5, from[1]);
	(void)sqlite3_step(statement);
	return sqlite3_reset(statement);
}

/* The writes of an update in one transaction; packed, the three rows are one statement run three
 * times. */
static void bound_update(sqlite3 *connection, const struct bound_statements *sql,
                         sqlite3_stmt *writes[BOUND_WRITES_MAX]) {
	for (int i = 1; i < BOUND_WRITES_MAX; i++) {
		sqlite3_stmt *write = sql->writes[i] != NULL ? writes[i] : writes[1];
		sqlite3_bind_int64(write, 1, 1000 + i);
		bound_must(sqlite3_step(write) == SQLITE_DONE, connection, "an update");
		sqlite3_reset(write);
	}
}

unsigned long long bench_bound_live(const char *vfs, enum bench_bound bound, void (*before_update)(void *context),
                                    void *context) {
	const struct bound_statements *sql = bound == BENCH_BOUND_PACKED ? &bound_packed : &bound_columns;
	sqlite3 *connection = bound_open(vfs);
	sqlite3_stmt *writes[BOUND_WRITES_MAX] = {NULL};
	sqlite3_int64 guard[2] = {0, 0};
	XXH64_hash_t hash = 0;
	for (int i = 0; i < BOUND_TABLES_MAX && sql->reads[i] != NULL; i++) {
		hash = bound_read(connection, sql->reads[i], hash, i == 0 ? guard : NULL);
	}
	writes[0] = bound_prepare(connection, sql->writes[0]);
	const sqlite3_int64 claimed[2] = {guard[0], guard[1] + 1};
	bound_must(bound_move_guard(writes[0], guard, claimed) == SQLITE_OK && sqlite3_changes(connection) == 1,
	           connection, "the claim");
	for (int i = 1; i < BOUND_WRITES_MAX && sql->writes[i] != NULL; i++) {
		writes[i] = bound_prepare(connection, sql->writes[i]);
	}
	sqlite3_stmt *begin = bound_prepare(connection, "BEGIN IMMEDIATE");
	sqlite3_stmt *commit = bound_prepare(connection, "COMMIT");
	bound_must(sqlite3_step(begin) == SQLITE_DONE, connection, "BEGIN");
	const sqlite3_int64 next[2] = {claimed[0] + 1, claimed[1]};
	bound_must(bound_move_guard(writes[0], claimed, next) == SQLITE_OK, connection, "the guard");
	bound_update(connection, sql, writes);
	before_update(context);
	(void)sqlite3_step(commit);
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	for (int i = 0; i < BOUND_WRITES_MAX; i++) {
		sqlite3_finalize(writes[i]);
	}
	sqlite3_close(connection);
	return hash;
}
