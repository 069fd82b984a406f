/* sim/subject/subject_sql_show.c: see subject_sql_show.h. */
#include "subject_sql_show.h"

#include "sql_digest.h"

#include <sqlite3.h>

/* Room for a line of an integrity check. */
#define SUBJECT_SQL_LINE_SIZE 200

static int subject_sql_query(const struct subject_sql *sql, uint32_t query, const struct subject_sink *sink) {
	sqlite3_stmt *rows = NULL;
	int code = sim_statements_begin(&sql->kept->statements, sql->schema->queries[query], &rows);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(rows, 0);
		sink->row(sink->context, query, text != NULL ? text : "NULL");
	}
	int final = sim_statements_end(rows);
	return code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
}

int subject_sql_show_queries(const struct subject_sql *sql, const struct subject_sink *sink) {
	int code = SQLITE_OK;
	for (uint32_t query = 0; code == SQLITE_OK && query < sql->schema->query_count; query++) {
		code = subject_sql_query(sql, query, sink);
	}
	return code;
}

int subject_sql_show_file(const struct subject_sql *sql, uint32_t file, const struct subject_sink *sink) {
	struct sim_sql_digest **kept = &sql->kept->digests[file];
	uint64_t digest[2];
	if (*kept == NULL) {
		*kept = sim_sql_digest_create(sql->connection, subject_sql_file(sql->schema, file));
	}
	int code = *kept == NULL ? SQLITE_NOMEM : sim_sql_digest_take(*kept, digest);
	if (code == SQLITE_OK) {
		sink->digest(sink->context, file, digest);
	}
	return code;
}

int subject_sql_show(const struct subject_sql *sql, const struct subject_sink *sink) {
	int code = SQLITE_OK;
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_show_file(sql, file, sink);
	}
	return code == SQLITE_OK ? subject_sql_show_queries(sql, sink) : code;
}

void subject_sql_show_no_more(const struct subject_sql *sql) {
	for (uint32_t file = 0; file < SUBJECT_SQL_FILES_MAX; file++) {
		sim_sql_digest_destroy(sql->kept->digests[file]);
		sql->kept->digests[file] = NULL;
	}
	sim_statements_deinit(&sql->kept->statements);
}

int subject_sql_check(sqlite3 *connection, const char *pragma, uint32_t file, const struct subject_sink *sink) {
	sqlite3_stmt *rows = NULL;
	char line[SUBJECT_SQL_LINE_SIZE] = "ok";
	int code = pragma == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection, pragma, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(rows, 0);
		sqlite3_snprintf((int)sizeof line, line, "%s", text != NULL ? text : "NULL");
	}
	int final = sqlite3_finalize(rows);
	code = code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
	if (code == SQLITE_OK) {
		sink->checked(sink->context, file, line);
	}
	return code;
}
