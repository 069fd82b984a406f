/* sim/subject/subject_sql_open.c: the connection of the SQL subject: how it is opened and set up,
 * alone or beside others, and how the database is made. */
#include "subject_sql_open.h"

#include "subject_sql_client.h"
#include "subject_sql_statement.h"

#include <sqlite3.h>
#include <string.h>

#define SUBJECT_SQL_URI_SIZE 64

/* PRAGMA journal_mode answers with the mode before its transaction is committed: the answer counts
 * only when the statement has come to its end. Whether it is `expected`, which it also `sets`. */
static int subject_sql_ask_mode(sqlite3 *connection, const char *file, const char *expected, bool sets, bool *same) {
	sqlite3_stmt *pragma = NULL;
	char *text = sqlite3_mprintf("PRAGMA \"%w\".journal_mode%s%s", file, sets ? "=" : "", sets ? expected : "");
	int code = text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection, text, -1, &pragma, NULL);
	*same = false;
	while (code == SQLITE_OK && (code = sqlite3_step(pragma)) == SQLITE_ROW) {
		const char *now = (const char *)sqlite3_column_text(pragma, 0);
		*same = now != NULL && strcmp(now, expected) == 0;
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(pragma);
	sqlite3_free(text);
	return code == SQLITE_DONE ? final : code;
}

static int subject_sql_set_mode(sqlite3 *connection, const char *file, const char *mode) {
	bool same = false;
	int code = subject_sql_ask_mode(connection, file, mode, true, &same);
	return code == SQLITE_OK && !same ? SQLITE_BUSY : code;
}

static int subject_sql_run_pragmas(const struct subject_sql *sql) {
	int code = SQLITE_OK;
	for (uint32_t i = 0; code == SQLITE_OK && i < sql->schema->pragma_count; i++) {
		code = subject_sql_statement_run(sql->connection, sql->schema->pragmas[i], NULL);
	}
	return code;
}

static int subject_sql_attach(const struct subject_sql *sql, uint32_t file) {
	const struct subject_schema *schema = sql->schema;
	return subject_sql_statement_format(sql->connection, "ATTACH %Q AS \"%w\"", schema->attached_paths[file - 1],
	                                    subject_sql_file(schema, file));
}

/* The first read plays back a hot journal or recovers a WAL. */
static int subject_sql_read_schema(const struct subject_sql *sql, const char *name) {
	return subject_sql_statement_format(sql->connection, "SELECT count(*) FROM \"%w\".sqlite_schema", name);
}

/* ---- alone ----------------------------------------------------------------------------------- */

static int subject_sql_set_up_file(const struct subject_sql *sql, const struct subject_config *config, uint32_t file) {
	bool makes = sql->schema->make;
	const char *name = subject_sql_file(sql->schema, file);
	int code = file > 0 ? subject_sql_attach(sql, file) : SQLITE_OK;
	if (code == SQLITE_OK && makes) {
		code = subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".page_size=%u", name,
		                                    config->page_size_bytes);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".cache_size=%d", name,
		                                    config->cache_pages);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_run_pragmas(sql);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_set_mode(sql->connection, name, makes ? "delete" : config->journal_mode);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".synchronous=%s", name,
		                                    makes ? "extra" : config->synchronous);
	}
	return code == SQLITE_OK ? subject_sql_read_schema(sql, name) : code;
}

static int subject_sql_open_alone(const struct subject_sql *sql, const struct subject_config *config) {
	int code = SQLITE_OK;
	sqlite3_busy_timeout(sql->connection, (int)config->busy_timeout_ms);
	sqlite3_wal_autocheckpoint(sql->connection, (int)config->checkpoint_frames);
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_set_up_file(sql, config, file);
	}
	return code;
}

/* ---- beside others --------------------------------------------------------------------------- */

/* Which rollback mode is a matter of the connection; whether it is WAL, of the database, and not
 * touched. */
static int subject_sql_join_mode(const struct subject_sql *sql, const char *name, const char *mode) {
	bool is_wal = false;
	int code = subject_sql_ask_mode(sql->connection, name, "wal", false, &is_wal);
	if (code != SQLITE_OK || is_wal || strcmp(mode, "wal") == 0) {
		return code;
	}
	return subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".journal_mode=%s", name, mode);
}

/* The first read tells SQLite the mode of the database, too. */
static int subject_sql_join_file(const struct subject_sql *sql, const struct subject_config *config, uint32_t file) {
	const char *name = subject_sql_file(sql->schema, file);
	int code =
	        subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".cache_size=%d", name, config->cache_pages);
	if (code == SQLITE_OK) {
		code = subject_sql_run_pragmas(sql);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_statement_format(sql->connection, "PRAGMA \"%w\".synchronous=%s", name,
		                                    config->synchronous);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_read_schema(sql, name);
	}
	return code == SQLITE_OK ? subject_sql_join_mode(sql, name, config->journal_mode) : code;
}

static int subject_sql_open_beside(struct subject_sql *sql, const struct subject_config *config) {
	int code = SQLITE_OK;
	subject_sql_client_handlers(sql);
	sqlite3_wal_autocheckpoint(sql->connection, (int)config->checkpoint_frames);
	for (uint32_t file = 1; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_attach(sql, file);
	}
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_join_file(sql, config, file);
	}
	return code;
}

/* ---- either ---------------------------------------------------------------------------------- */

static int subject_sql_make(const struct subject_sql *sql) {
	int code = subject_sql_statement_run(sql->connection, "BEGIN IMMEDIATE", NULL);
	for (uint32_t i = 0; code == SQLITE_OK && i < sql->schema->setup_count; i++) {
		code = subject_sql_statement_run(sql->connection, sql->schema->setup[i], NULL);
	}
	return code == SQLITE_OK ? subject_sql_statement_run(sql->connection, "COMMIT", NULL) : code;
}

/* Only the start that makes it may make it: a file that is gone is damage, not a fresh database. */
static int subject_sql_open_database(struct subject_sql *sql, const struct subject_config *config) {
	static const char *const parameters[SUBJECT_ACCESS_COUNT] = {
	        [SUBJECT_ACCESS_IMMUTABLE] = "immutable=1", [SUBJECT_ACCESS_NO_LOCK] = "nolock=1"};
	char uri[SUBJECT_SQL_URI_SIZE];
	const char *parameter = parameters[config->access];
	int flags = config->access == SUBJECT_ACCESS_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	flags |= sql->schema->make ? SQLITE_OPEN_CREATE : 0;
	if (parameter == NULL) {
		return sqlite3_open_v2(config->path, &sql->connection, flags, config->vfs_name);
	}
	sqlite3_snprintf((int)sizeof uri, uri, "file:%s?%s", config->path, parameter);
	return sqlite3_open_v2(uri, &sql->connection, flags | SQLITE_OPEN_URI, config->vfs_name);
}

int subject_sql_open(struct subject_sql *sql, const struct subject_config *config) {
	int code = subject_sql_open_database(sql, config);
	if (code != SQLITE_OK) {
		return code;
	}
	sqlite3_extended_result_codes(sql->connection, 1);
	code = sql->client != NULL ? subject_sql_open_beside(sql, config) : subject_sql_open_alone(sql, config);
	return code == SQLITE_OK && sql->schema->make ? subject_sql_make(sql) : code;
}
