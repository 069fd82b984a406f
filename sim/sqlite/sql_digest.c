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

#define SIM_SQL_DIGEST_TABLES_MAX 64u

/* A query that shows rows; prepared when it is first run. */
struct sim_sql_digest_query {
	char *text; /* from sqlite3_mprintf() */
	sqlite3_stmt *rows;
};

struct sim_sql_digest_table {
	struct sim_sql_digest_query rows;
	struct sim_sql_digest_query key; /* its primary key, when it has no rowid */
};

/* One database, and the queries that show its schema and, as long as that is the same, each of its
 * tables. */
struct sim_sql_digest {
	sqlite3 *connection;
	XXH3_state_t *state;
	const char *database;
	bool asks_always; /* for the tables, though the schema is the same */
	struct sim_sql_digest_query schema;
	struct sim_sql_digest_query list;
	XXH128_hash_t schema_hash; /* of the schema that the tables were found in */
	bool has_tables;
	uint32_t table_count;
	struct sim_sql_digest_table tables[SIM_SQL_DIGEST_TABLES_MAX];
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

static int sim_sql_digest_run(struct sim_sql_digest *digest, struct sim_sql_digest_query *query) {
	uint64_t count = 0;
	int code = sim_sql_digest_prepare(digest, query);
	while (code == SQLITE_OK && (code = sqlite3_step(query->rows)) == SQLITE_ROW) {
		int columns = sqlite3_column_count(query->rows);
		for (int column = 0; column < columns; column++) {
			sim_sql_digest_column(digest->state, query->rows, column);
		}
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

static int sim_sql_digest_add_table(struct sim_sql_digest *digest, const char *name, bool without_rowid) {
	int code = SQLITE_OK;
	char *key = NULL;
	if (digest->table_count == SIM_SQL_DIGEST_TABLES_MAX) {
		return SQLITE_TOOBIG;
	}
	struct sim_sql_digest_table *table = &digest->tables[digest->table_count++];
	if (without_rowid) {
		table->key.text = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q, %Q) WHERE pk > 0 ORDER BY pk",
		                                  name, digest->database);
		key = sim_sql_digest_key(digest, &table->key, &code);
	}
	if (code == SQLITE_OK) {
		table->rows.text = sqlite3_mprintf("SELECT %Q, * FROM \"%w\".\"%w\" ORDER BY %s", name,
		                                   digest->database, name, key != NULL ? key : "rowid");
		code = table->rows.text == NULL ? SQLITE_NOMEM : SQLITE_OK;
	}
	sqlite3_free(key);
	return code;
}

/* Asks as if for the first time. The answer is known. */
static int sim_sql_digest_ask_table(struct sim_sql_digest *digest, uint32_t number) {
	int code = SQLITE_OK;
	if (number < digest->table_count && digest->tables[number].key.text != NULL) {
		sqlite3_free(sim_sql_digest_key(digest, &digest->tables[number].key, &code));
	}
	return code;
}

/* Virtual tables show their rows; the shadow tables behind them are their own affair. */
static int sim_sql_digest_find_tables(struct sim_sql_digest *digest) {
	bool known = digest->has_tables;
	uint32_t number = 0;
	int code = sim_sql_digest_prepare(digest, &digest->list);
	while (code == SQLITE_OK && (code = sqlite3_step(digest->list.rows)) == SQLITE_ROW) {
		code = known ? sim_sql_digest_ask_table(digest, number)
		             : sim_sql_digest_add_table(digest, (const char *)sqlite3_column_text(digest->list.rows, 0),
		                                        sqlite3_column_int(digest->list.rows, 1) != 0);
		number++;
	}
	sqlite3_reset(digest->list.rows);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Tables are looked for once per schema. */
static int sim_sql_digest_renew_tables(struct sim_sql_digest *digest) {
	XXH128_hash_t schema_hash = XXH3_128bits_digest(digest->state);
	bool known = digest->has_tables && XXH128_isEqual(schema_hash, digest->schema_hash);
	if (known && !digest->asks_always) {
		return SQLITE_OK;
	}
	if (!known) {
		sim_sql_digest_forget_tables(digest);
	}
	int code = sim_sql_digest_find_tables(digest);
	digest->schema_hash = schema_hash;
	digest->has_tables = code == SQLITE_OK;
	return code;
}

int sim_sql_digest_take(struct sim_sql_digest *digest, uint64_t words[2]) {
	XXH3_128bits_reset(digest->state);
	int code = sim_sql_digest_run(digest, &digest->schema);
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

struct sim_sql_digest *sim_sql_digest_create(struct sqlite3 *connection, const char *database, bool asks_always) {
	struct sim_sql_digest *digest = calloc(1, sizeof *digest);
	if (digest == NULL) {
		return NULL;
	}
	digest->connection = connection;
	digest->database = database;
	digest->asks_always = asks_always;
	digest->state = XXH3_createState();
	digest->schema.text =
	        sqlite3_mprintf("SELECT type, name, tbl_name, sql FROM \"%w\".sqlite_schema WHERE name NOT LIKE "
	                        "'sqlite\\_stat%%' ESCAPE '\\' ORDER BY type, name",
	                        database);
	digest->list.text = sqlite3_mprintf("SELECT name, wr FROM pragma_table_list WHERE schema = %Q AND type IN "
	                                    "('table', 'virtual') AND name NOT LIKE 'sqlite\\_stat%%' ESCAPE '\\' AND "
	                                    "name NOT IN ('sqlite_schema', 'sqlite_temp_schema') ORDER BY name",
	                                    database);
	if (digest->state == NULL || digest->schema.text == NULL || digest->list.text == NULL) {
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
	sim_sql_digest_query_clear(&digest->list);
	XXH3_freeState(digest->state);
	free(digest);
}

int sim_sql_digest(struct sqlite3 *connection, const char *database, uint64_t words[2]) {
	struct sim_sql_digest *digest = sim_sql_digest_create(connection, database, false);
	int code = digest == NULL ? SQLITE_NOMEM : sim_sql_digest_take(digest, words);
	sim_sql_digest_destroy(digest);
	return code;
}
