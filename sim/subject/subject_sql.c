/* sim/subject/subject_sql.c: SQLite itself as a subject: a schema and transactions from a scenario,
 * run as a careful program would.
 *
 * What a failure means, subject_sql_outcome.h says. After a doubt, or a sync that failed, the
 * instance stops or goes on, as the schema says. One that is stuck always stops.
 */
#include "sql_digest.h"
#include "subject_built_in.h"
#include "subject_sql_outcome.h"
#include "subject_sql_statement.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct subject_sql {
	sqlite3 *connection;
	const struct subject_schema *schema;
	bool stopped;
};

static const char *subject_sql_file(const struct subject_schema *schema, uint32_t file) {
	return file == 0 ? "main" : schema->attached_names[file - 1];
}

/* ---- start ----------------------------------------------------------------------------------- */

static int subject_sql_format(sqlite3 *connection, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	char *text = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	int code = text == NULL ? SQLITE_NOMEM : subject_sql_statement_run(connection, text, NULL);
	sqlite3_free(text);
	return code;
}

/* PRAGMA journal_mode answers with the mode before its transaction is committed: the answer counts
 * only when the statement has come to its end. */
static int subject_sql_set_mode(sqlite3 *connection, const char *file, const char *mode) {
	sqlite3_stmt *pragma = NULL;
	bool same = false;
	char *text = sqlite3_mprintf("PRAGMA \"%w\".journal_mode=%s", file, mode);
	int code = text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection, text, -1, &pragma, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(pragma)) == SQLITE_ROW) {
		const char *now = (const char *)sqlite3_column_text(pragma, 0);
		same = now != NULL && strcmp(now, mode) == 0;
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(pragma);
	sqlite3_free(text);
	code = code == SQLITE_DONE ? final : code;
	return code == SQLITE_OK && !same ? SQLITE_BUSY : code;
}

static int subject_sql_set_up_file(const struct subject_sql *sql, const struct subject_config *config, uint32_t file) {
	const struct subject_schema *schema = sql->schema;
	const char *name = subject_sql_file(schema, file);
	int code = SQLITE_OK;
	if (file > 0) {
		code = subject_sql_format(sql->connection, "ATTACH %Q AS \"%w\"", schema->attached_paths[file - 1],
		                          name);
	}
	if (code == SQLITE_OK && schema->make) {
		code = subject_sql_format(sql->connection, "PRAGMA \"%w\".page_size=%u", name, config->page_size_bytes);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_format(sql->connection, "PRAGMA \"%w\".cache_size=%d", name, config->cache_pages);
	}
	for (uint32_t i = 0; code == SQLITE_OK && i < schema->pragma_count; i++) {
		code = subject_sql_statement_run(sql->connection, schema->pragmas[i], NULL);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_set_mode(sql->connection, name, schema->make ? "delete" : config->journal_mode);
	}
	if (code == SQLITE_OK) {
		code = subject_sql_format(sql->connection, "PRAGMA \"%w\".synchronous=%s", name,
		                          schema->make ? "extra" : config->synchronous);
	}
	/* The first read plays back a hot journal or recovers a WAL. */
	if (code == SQLITE_OK) {
		code = subject_sql_format(sql->connection, "SELECT count(*) FROM \"%w\".sqlite_schema", name);
	}
	return code;
}

static int subject_sql_make(const struct subject_sql *sql) {
	int code = subject_sql_statement_run(sql->connection, "BEGIN IMMEDIATE", NULL);
	for (uint32_t i = 0; code == SQLITE_OK && i < sql->schema->setup_count; i++) {
		code = subject_sql_statement_run(sql->connection, sql->schema->setup[i], NULL);
	}
	return code == SQLITE_OK ? subject_sql_statement_run(sql->connection, "COMMIT", NULL) : code;
}

static int subject_sql_open(struct subject_sql *sql, const struct subject_config *config) {
	/* Only the start that makes it may make it: a file that is gone is damage, not a fresh
	 * database. */
	int flags = SQLITE_OPEN_READWRITE | (sql->schema->make ? SQLITE_OPEN_CREATE : 0);
	int code = sqlite3_open_v2(config->path, &sql->connection, flags, config->vfs_name);
	if (code != SQLITE_OK) {
		return code;
	}
	sqlite3_extended_result_codes(sql->connection, 1);
	sqlite3_busy_timeout(sql->connection, (int)config->busy_timeout_ms);
	sqlite3_wal_autocheckpoint(sql->connection, (int)config->checkpoint_frames);
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_set_up_file(sql, config, file);
	}
	return code == SQLITE_OK && sql->schema->make ? subject_sql_make(sql) : code;
}

static bool subject_sql_is_damage(int code) {
	int primary = code & 0xff;
	/* A broken header or schema is also reported as an error of the SQL that read it. */
	return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR;
}

static enum subject_start_status subject_sql_start(const struct subject_config *config, void **instance,
                                                   char reason[SUBJECT_REASON_SIZE]) {
	*instance = NULL;
	if (config->schema == NULL) {
		sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "no schema in the configuration");
		return SUBJECT_START_MISCONFIGURED;
	}
	struct subject_sql *sql = calloc(1, sizeof *sql);
	if (sql == NULL) {
		sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "out of memory");
		return SUBJECT_START_LATER;
	}
	sql->schema = config->schema;
	int code = subject_sql_open(sql, config);
	if (code == SQLITE_OK) {
		*instance = sql;
		return SUBJECT_STARTED;
	}
	sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "%s (%d)", sqlite3_errmsg(sql->connection), code);
	sqlite3_close(sql->connection);
	free(sql);
	return subject_sql_is_damage(code) && !config->schema->make ? SUBJECT_START_DAMAGED : SUBJECT_START_LATER;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static int subject_sql_begin(const struct subject_sql *sql, enum subject_begin begin) {
	static const char *const texts[] = {"", "BEGIN DEFERRED", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
	return begin == SUBJECT_BEGIN_NONE ? SQLITE_OK : subject_sql_statement_run(sql->connection, texts[begin], NULL);
}

/* Pages that left the cache for lack of room since the last call. */
static bool subject_sql_spilled(const struct subject_sql *sql) {
	int now = 0;
	int highest = 0;
	sqlite3_db_status(sql->connection, SQLITE_DBSTATUS_CACHE_SPILL, &now, &highest, 1);
	return now > 0;
}

static enum subject_sql_stage subject_sql_run(const struct subject_sql *sql,
                                              const struct subject_transaction *transaction, int *code, bool *spilled) {
	bool alone = transaction->begin == SUBJECT_BEGIN_NONE;
	*code = subject_sql_begin(sql, transaction->begin);
	for (uint32_t i = 0; *code == SQLITE_OK && i < transaction->statement_count; i++) {
		*code = subject_sql_statement_run(sql->connection, transaction->statements[i], transaction);
	}
	*spilled = subject_sql_spilled(sql);
	if (*code != SQLITE_OK || alone) {
		return alone ? SUBJECT_SQL_ALONE : SUBJECT_SQL_INSIDE;
	}
	*code = subject_sql_statement_run(sql->connection, transaction->rolls_back ? "ROLLBACK" : "COMMIT", NULL);
	return transaction->rolls_back ? SUBJECT_SQL_INSIDE : SUBJECT_SQL_AT_COMMIT;
}

static void subject_sql_transact(struct subject_sql *sql, const struct subject_transaction *transaction,
                                 struct subject_reply *reply) {
	int code = SQLITE_OK;
	enum subject_sql_stage stage = subject_sql_run(sql, transaction, &code, &reply->spilled);
	reply->sqlite_code = code;
	bool open = sqlite3_get_autocommit(sql->connection) == 0;
	reply->outcome = subject_sql_outcome(stage, code, transaction->rolls_back, open);
	if (code == SQLITE_OK) {
		return;
	}
	sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "%s: %s (%d)", transaction->name,
	                 sqlite3_errmsg(sql->connection), code);
	if (open) {
		subject_sql_statement_run(sql->connection, "ROLLBACK", NULL);
	}
	bool doubt = reply->outcome == SUBJECT_IN_DOUBT || subject_sql_is_failed_sync(code);
	bool stuck = subject_sql_is_stuck(code, sqlite3_get_autocommit(sql->connection) == 0);
	sql->stopped = stuck || (doubt && sql->schema->reopens_after_doubt);
}

static void subject_sql_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct subject_sql *sql = instance;
	memset(reply, 0, sizeof *reply);
	reply->outcome = SUBJECT_STOPPED;
	if (sql->stopped) {
		reply->must_restart = true;
		return;
	}
	switch (step->kind) {
	case SUBJECT_STEP_SQL:
		subject_sql_transact(sql, step->transaction, reply);
		break;
	case SUBJECT_STEP_CHECKPOINT:
		reply->sqlite_code =
		        sqlite3_wal_checkpoint_v2(sql->connection, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		reply->outcome = reply->sqlite_code == SQLITE_OK ? SUBJECT_UNCHANGED : SUBJECT_LATER;
		break;
	case SUBJECT_STEP_NONE:
	case SUBJECT_STEP_ORDER_UPDATE:
	case SUBJECT_STEP_COMMAND:
	case SUBJECT_STEP_BATCH:
	case SUBJECT_STEP_HELLO:
	case SUBJECT_STEP_STATEMENT:
	case SUBJECT_STEP_PERMISSION:
		reply->outcome = SUBJECT_REFUSED;
		sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "unknown step");
		break;
	}
	reply->must_restart = sql->stopped;
}

/* ---- observing ------------------------------------------------------------------------------- */

static int subject_sql_query(const struct subject_sql *sql, const struct subject_sink *sink, uint32_t query) {
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(sql->connection, sql->schema->queries[query], -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(rows, 0);
		sink->row(sink->context, query, text != NULL ? text : "NULL");
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
}

static int subject_sql_check(const struct subject_sql *sql, const struct subject_sink *sink, uint32_t file) {
	sqlite3_stmt *rows = NULL;
	char *text = sqlite3_mprintf("PRAGMA \"%w\".integrity_check(1)", subject_sql_file(sql->schema, file));
	int code = text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(sql->connection, text, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(rows, 0);
		sink->checked(sink->context, file, line != NULL ? line : "NULL");
	}
	int final = sqlite3_finalize(rows);
	sqlite3_free(text);
	return code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
}

static void subject_sql_observe(void *instance, const struct subject_sink *sink) {
	const struct subject_sql *sql = instance;
	int code = SQLITE_OK;
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		uint64_t digest[2];
		code = sim_sql_digest(sql->connection, subject_sql_file(sql->schema, file), digest);
		if (code == SQLITE_OK) {
			sink->digest(sink->context, file, digest);
		}
		if (code == SQLITE_OK && sink->checked != NULL) {
			code = subject_sql_check(sql, sink, file);
		}
	}
	for (uint32_t query = 0; code == SQLITE_OK && query < sql->schema->query_count; query++) {
		code = subject_sql_query(sql, sink, query);
	}
	if (code != SQLITE_OK) {
		sink->unavailable(sink->context, code, sqlite3_errmsg(sql->connection));
	}
	subject_sql_spilled(sql);
}

static void subject_sql_stop(void *instance) {
	struct subject_sql *sql = instance;
	int code = sqlite3_close(sql->connection);
	assert(code == SQLITE_OK);
	free(sql);
}

const struct aftershock_subject *sim_subject_sql(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "sql",
	                                                  .start = subject_sql_start,
	                                                  .step = subject_sql_step,
	                                                  .observe = subject_sql_observe,
	                                                  .stop = subject_sql_stop,
	                                                  .takes = SUBJECT_TAKES_SQL};
	return &subject;
}
