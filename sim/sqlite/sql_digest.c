/* sim/sqlite/sql_digest.c: see sql_digest.h. The judge takes digests of the connection under test
 * and of the reference with the same code: two implementations would differ in taste, and each
 * difference would be a false alarm. */
#include "sql_digest.h"

#include <endian.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Blobs are most of the bytes. Where the library can, it picks the widest vectors of the machine;
 * the values are the same. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

#define SIM_SQL_DIGEST_TABLES_FIRST 16u

/* A query that shows rows; prepared when it is first run. */
struct sim_sql_digest_query {
	char *text; /* from sqlite3_mprintf() */
	sqlite3_stmt *rows;
};

struct sim_sql_digest_table {
	char *name; /* from sqlite3_mprintf() */
	bool without_rowid;
	struct sim_sql_digest_query rows;
	struct sim_sql_digest_query key; /* its primary key, when it has no rowid */
};

/* One database, and the queries that show its schema and, as long as that is the same, each of its
 * tables. */
struct sim_sql_digest {
	sqlite3 *connection;
	XXH3_state_t *state;
	const char *database;
	struct sim_sql_digest_query schema;
	XXH128_hash_t schema_hash; /* of the schema that the tables were found in */
	bool has_tables;
	uint32_t table_count;
	uint32_t table_room;
	struct sim_sql_digest_table *tables; /* from realloc() */
};

static void sim_sql_digest_query_clear(struct sim_sql_digest_query *query) {
	sqlite3_finalize(query->rows);
	sqlite3_free(query->text);
	*query = (struct sim_sql_digest_query){0};
}

static void sim_sql_digest_forget_tables(struct sim_sql_digest *digest) {
	while (digest->table_count > 0) {
		struct sim_sql_digest_table *table = &digest->tables[--digest->table_count];
		sim_sql_digest_query_clear(&table->rows);
		sim_sql_digest_query_clear(&table->key);
		sqlite3_free(table->name);
		*table = (struct sim_sql_digest_table){0};
	}
	digest->has_tables = false;
}

static void sim_sql_digest_number(XXH3_state_t *state, char kind, uint64_t number) {
	unsigned char encoded[9] = {(unsigned char)kind};
	number = htole64(number);
	memcpy(encoded + 1, &number, sizeof number);
	XXH3_128bits_update(state, encoded, sizeof encoded);
}

static void sim_sql_digest_bytes(XXH3_state_t *state, char kind, sqlite3_stmt *row, int column) {
	const void *bytes = sqlite3_column_blob(row, column);
	size_t size = (size_t)sqlite3_column_bytes(row, column);
	sim_sql_digest_number(state, kind, size);
	if (size > 0) {
		XXH3_128bits_update(state, bytes, size);
	}
}

/* Kind, then the value; texts and blobs with their length before them, so that no two rows run
 * together. */
static void sim_sql_digest_column(XXH3_state_t *state, sqlite3_stmt *row, int column) {
	double real = 0;
	uint64_t bits = 0;
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		sim_sql_digest_number(state, 'i', (uint64_t)sqlite3_column_int64(row, column));
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(row, column);
		memcpy(&bits, &real, sizeof bits);
		sim_sql_digest_number(state, 'f', bits);
		break;
	case SQLITE_TEXT:
		sim_sql_digest_bytes(state, 't', row, column);
		break;
	case SQLITE_BLOB:
		sim_sql_digest_bytes(state, 'b', row, column);
		break;
	default:
		sim_sql_digest_number(state, 'n', 0);
		break;
	}
}

static int sim_sql_digest_prepare(const struct sim_sql_digest *digest, struct sim_sql_digest_query *query) {
	if (query->text == NULL) {
		return SQLITE_NOMEM;
	}
	return query->rows != NULL ? SQLITE_OK
	                           : sqlite3_prepare_v2(digest->connection, query->text, -1, &query->rows, NULL);
}

static void sim_sql_digest_row(XXH3_state_t *state, sqlite3_stmt *row) {
	int columns = sqlite3_column_count(row);
	for (int column = 0; column < columns; column++) {
		sim_sql_digest_column(state, row, column);
	}
}

static int sim_sql_digest_run(struct sim_sql_digest *digest, struct sim_sql_digest_query *query) {
	uint64_t count = 0;
	int code = sim_sql_digest_prepare(digest, query);
	while (code == SQLITE_OK && (code = sqlite3_step(query->rows)) == SQLITE_ROW) {
		sim_sql_digest_row(digest->state, query->rows);
		count++;
		code = SQLITE_OK;
	}
	sim_sql_digest_number(digest->state, 'e', count);
	int final = sqlite3_reset(query->rows);
	return code == SQLITE_DONE ? final : code;
}

/* "a","b" of a primary key, for a table that has no rowid. NULL when out of memory or unreadable:
 * `code` tells. */
static char *sim_sql_digest_key(const struct sim_sql_digest *digest, struct sim_sql_digest_query *columns, int *code) {
	char *key = NULL;
	*code = sim_sql_digest_prepare(digest, columns);
	while (*code == SQLITE_OK && (*code = sqlite3_step(columns->rows)) == SQLITE_ROW) {
		char *longer = sqlite3_mprintf("%z%s\"%w\"", key, key == NULL ? "" : ",",
		                               (const char *)sqlite3_column_text(columns->rows, 0));
		key = longer;
		*code = longer == NULL ? SQLITE_NOMEM : SQLITE_OK;
	}
	*code = *code == SQLITE_DONE ? SQLITE_OK : *code;
	sqlite3_reset(columns->rows);
	return key;
}

/* ---- schema ---------------------------------------------------------------------------------- */

static const char *sim_sql_digest_text(sqlite3_stmt *row, int column) {
	const char *text = (const char *)sqlite3_column_text(row, column);
	return text != NULL ? text : "";
}

/* Statistics of ANALYZE are left out. */
static bool sim_sql_digest_is_statistic(const char *name) {
	return sqlite3_strnicmp(name, "sqlite_stat", sizeof "sqlite_stat" - 1) == 0;
}

/* Each object has a hash of its own, and they are added: in which order SQLite keeps them is its
 * own affair. */
static int sim_sql_digest_run_schema(struct sim_sql_digest *digest) {
	uint64_t sums[2] = {0};
	uint64_t count = 0;
	struct sim_sql_digest_query *query = &digest->schema;
	int code = sim_sql_digest_prepare(digest, query);
	while (code == SQLITE_OK && (code = sqlite3_step(query->rows)) == SQLITE_ROW) {
		code = SQLITE_OK;
		if (sim_sql_digest_is_statistic(sim_sql_digest_text(query->rows, 1))) {
			continue;
		}
		XXH3_128bits_reset(digest->state);
		sim_sql_digest_row(digest->state, query->rows);
		XXH128_hash_t hash = XXH3_128bits_digest(digest->state);
		sums[0] += hash.high64;
		sums[1] += hash.low64;
		count++;
	}
	XXH3_128bits_reset(digest->state);
	sim_sql_digest_number(digest->state, 'h', sums[0]);
	sim_sql_digest_number(digest->state, 'l', sums[1]);
	sim_sql_digest_number(digest->state, 'e', count);
	int final = sqlite3_reset(query->rows);
	return code == SQLITE_DONE ? final : code;
}

static int sim_sql_digest_add_table(struct sim_sql_digest *digest, const char *name, bool without_rowid) {
	if (digest->table_count == digest->table_room) {
		uint32_t room = digest->table_room == 0 ? SIM_SQL_DIGEST_TABLES_FIRST : digest->table_room * 2;
		struct sim_sql_digest_table *more = realloc(digest->tables, room * sizeof more[0]);
		if (more == NULL) {
			return SQLITE_NOMEM;
		}
		memset(more + digest->table_room, 0, (room - digest->table_room) * sizeof more[0]);
		digest->tables = more;
		digest->table_room = room;
	}
	struct sim_sql_digest_table *table = &digest->tables[digest->table_count++];
	table->name = sqlite3_mprintf("%s", name);
	table->without_rowid = without_rowid;
	return table->name == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

/* Whether the text of a table may say what the schema does not: that it has no rowid, or that it is
 * virtual, and others are its shadows. Words in names and comments say so, too. */
static bool sim_sql_digest_may_be_special(const char *text) {
	return sqlite3_strlike("%without%", text, 0) == 0 || sqlite3_strlike("%virtual%", text, 0) == 0;
}

/* From the schema, which has been read anyway. `plain` is false if SQLite must be asked. */
static int sim_sql_digest_collect_tables(struct sim_sql_digest *digest, bool *plain) {
	struct sim_sql_digest_query *query = &digest->schema;
	int code = SQLITE_OK;
	*plain = true;
	while (code == SQLITE_OK && (code = sqlite3_step(query->rows)) == SQLITE_ROW) {
		const char *name = sim_sql_digest_text(query->rows, 1);
		bool is_table = strcmp(sim_sql_digest_text(query->rows, 0), "table") == 0;
		*plain = *plain && !(is_table && sim_sql_digest_may_be_special(sim_sql_digest_text(query->rows, 3)));
		code = is_table && !sim_sql_digest_is_statistic(name) ? sim_sql_digest_add_table(digest, name, false)
		                                                      : SQLITE_OK;
	}
	sqlite3_reset(query->rows);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Virtual tables show their rows; the shadow tables behind them are their own affair. */
static int sim_sql_digest_ask_tables(struct sim_sql_digest *digest) {
	sqlite3_stmt *list = NULL;
	char *text = sqlite3_mprintf("SELECT name, wr FROM pragma_table_list WHERE schema = %Q AND type IN "
	                             "('table', 'virtual') AND name NOT LIKE 'sqlite\\_stat%%' ESCAPE '\\' AND "
	                             "name NOT IN ('sqlite_schema', 'sqlite_temp_schema')",
	                             digest->database);
	int code = text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(digest->connection, text, -1, &list, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(list)) == SQLITE_ROW) {
		code = sim_sql_digest_add_table(digest, sim_sql_digest_text(list, 0), sqlite3_column_int(list, 1) != 0);
	}
	sqlite3_finalize(list);
	sqlite3_free(text);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int sim_sql_digest_compare_tables(const void *a, const void *b) {
	const struct sim_sql_digest_table *left = a;
	const struct sim_sql_digest_table *right = b;
	return strcmp(left->name, right->name);
}

static int sim_sql_digest_say_query(struct sim_sql_digest *digest, struct sim_sql_digest_table *table) {
	int code = SQLITE_OK;
	char *key = NULL;
	if (table->without_rowid) {
		table->key.text = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q, %Q) WHERE pk > 0 ORDER BY pk",
		                                  table->name, digest->database);
		key = sim_sql_digest_key(digest, &table->key, &code);
	}
	if (code == SQLITE_OK) {
		table->rows.text = sqlite3_mprintf("SELECT %Q, * FROM \"%w\".\"%w\" ORDER BY %s", table->name,
		                                   digest->database, table->name, key != NULL ? key : "rowid");
		code = table->rows.text == NULL ? SQLITE_NOMEM : SQLITE_OK;
	}
	sqlite3_free(key);
	return code;
}

static int sim_sql_digest_find_tables(struct sim_sql_digest *digest) {
	bool plain = false;
	sim_sql_digest_forget_tables(digest);
	int code = sim_sql_digest_collect_tables(digest, &plain);
	if (code == SQLITE_OK && !plain) {
		sim_sql_digest_forget_tables(digest);
		code = sim_sql_digest_ask_tables(digest);
	}
	if (code != SQLITE_OK || digest->table_count == 0) {
		return code;
	}
	qsort(digest->tables, digest->table_count, sizeof digest->tables[0], sim_sql_digest_compare_tables);
	for (uint32_t i = 0; code == SQLITE_OK && i < digest->table_count; i++) {
		code = sim_sql_digest_say_query(digest, &digest->tables[i]);
	}
	return code;
}

/* Tables are looked for once per schema. */
static int sim_sql_digest_renew_tables(struct sim_sql_digest *digest) {
	XXH128_hash_t schema_hash = XXH3_128bits_digest(digest->state);
	if (digest->has_tables && XXH128_isEqual(schema_hash, digest->schema_hash)) {
		return SQLITE_OK;
	}
	int code = sim_sql_digest_find_tables(digest);
	digest->schema_hash = schema_hash;
	digest->has_tables = code == SQLITE_OK;
	return code;
}

int sim_sql_digest_take(struct sim_sql_digest *digest, uint64_t words[2]) {
	int code = sim_sql_digest_run_schema(digest);
	if (code == SQLITE_OK) {
		code = sim_sql_digest_renew_tables(digest);
	}
	for (uint32_t i = 0; code == SQLITE_OK && i < digest->table_count; i++) {
		code = sim_sql_digest_run(digest, &digest->tables[i].rows);
	}
	XXH128_hash_t hash = XXH3_128bits_digest(digest->state);
	words[0] = hash.high64;
	words[1] = hash.low64;
	return code;
}

struct sim_sql_digest *sim_sql_digest_create(struct sqlite3 *connection, const char *database) {
	struct sim_sql_digest *digest = calloc(1, sizeof *digest);
	if (digest == NULL) {
		return NULL;
	}
	digest->connection = connection;
	digest->database = database;
	digest->state = XXH3_createState();
	digest->schema.text = sqlite3_mprintf("SELECT type, name, tbl_name, sql FROM \"%w\".sqlite_schema", database);
	if (digest->state == NULL || digest->schema.text == NULL) {
		sim_sql_digest_destroy(digest);
		return NULL;
	}
	return digest;
}

void sim_sql_digest_destroy(struct sim_sql_digest *digest) {
	if (digest == NULL) {
		return;
	}
	sim_sql_digest_forget_tables(digest);
	sim_sql_digest_query_clear(&digest->schema);
	XXH3_freeState(digest->state);
	free(digest->tables);
	free(digest);
}

int sim_sql_digest(struct sqlite3 *connection, const char *database, uint64_t words[2]) {
	struct sim_sql_digest *digest = sim_sql_digest_create(connection, database);
	int code = digest == NULL ? SQLITE_NOMEM : sim_sql_digest_take(digest, words);
	sim_sql_digest_destroy(digest);
	return code;
}
