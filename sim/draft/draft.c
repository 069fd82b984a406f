/* sim/draft/draft.c: see draft.h. */
#include "draft.h"

#include "name.h"
#include "stand_ins.h"
#include "sql_file.h"
#include "sql_text.h"
#include "table.h"
#include "transactions.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIM_DRAFT_SQL_BYTES_MAX (64u << 20)

static bool sim_draft_refuse(char why[SIM_DRAFT_WHY_SIZE], const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static bool sim_draft_refuse(char why[SIM_DRAFT_WHY_SIZE], const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why, SIM_DRAFT_WHY_SIZE, format, arguments);
	va_end(arguments);
	for (char *c = why; *c != '\0'; c++) {
		*c = (unsigned char)*c < ' ' ? ' ' : *c;
	}
	return false;
}

/* What is made while the draft is: what cannot be is a comment, and counted. */
struct sim_draft_writer {
	struct sim_draft *draft;
	sqlite3 *into;
	sqlite3_str *schema;
	uint32_t left_out;
};

static void sim_draft_leave_out(struct sim_draft_writer *writer, const char *sql) {
	if (writer->left_out++ == 0) {
		snprintf(writer->draft->left_out_why, sizeof writer->draft->left_out_why, "%s",
		         sqlite3_errmsg(writer->into));
	}
	sqlite3_str_appendf(writer->schema, "-- left out: %s\n-- ", sqlite3_errmsg(writer->into));
	for (const char *c = sql; *c != '\0'; c++) {
		sqlite3_str_appendf(writer->schema, *c == '\n' ? "\n-- " : "%c", *c);
	}
	sqlite3_str_appendall(writer->schema, "\n");
}

/* Makes one object in the copy, and in the text. */
static void sim_draft_make(struct sim_draft_writer *writer, const char *sql) {
	if (sim_draft_exec(writer->draft, writer->into, sql) == SQLITE_OK) {
		sqlite3_str_appendf(writer->schema, "%s;\n", sql);
	} else {
		sim_draft_leave_out(writer, sql);
	}
}

/* ---- from a database ------------------------------------------------------------------------- */

/* The one text that a query gives; "" if none. From sqlite3_malloc(). */
static char *sim_draft_one(sqlite3 *connection, const char *query) {
	sqlite3_stmt *row = NULL;
	char *text = NULL;
	if (sqlite3_prepare_v2(connection, query, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
		text = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(row, 0));
	}
	sqlite3_finalize(row);
	return text != NULL ? text : sqlite3_mprintf("");
}

static bool sim_draft_is_there(const char *path, const char *rest) {
	struct stat status;
	char *name = sqlite3_mprintf("%s%s", path, rest);
	bool is_there = name != NULL && stat(name, &status) == 0;
	sqlite3_free(name);
	return is_there;
}

/* A name for SQLite. Where no log belongs to the file, nothing beside it need be written to read it
 * (https://sqlite.org/uri.html, immutable). */
static char *sim_draft_address(const char *path) {
	sqlite3_str *out = sqlite3_str_new(NULL);
	bool is_alone = !sim_draft_is_there(path, "-wal") && !sim_draft_is_there(path, "-journal");
	sqlite3_str_appendall(out, "file:");
	for (const char *c = path; *c != '\0'; c++) {
		bool plain = *c != '%' && *c != '?' && *c != '#';
		sqlite3_str_appendf(out, plain ? "%c" : "%%%02x", (unsigned char)*c);
	}
	sqlite3_str_appendf(out, "?mode=ro%s", is_alone ? "&immutable=1" : "");
	return sqlite3_str_finish(out);
}

static bool sim_draft_open(struct sim_draft *draft, const char *path, char why[SIM_DRAFT_WHY_SIZE]) {
	char *address = sim_draft_address(path);
	sqlite3_stmt *rows = NULL;
	int code = address == NULL
	                   ? SQLITE_NOMEM
	                   : sqlite3_open_v2(address, &draft->source, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	sqlite3_free(address);
	code = code == SQLITE_OK ? sqlite3_busy_timeout(draft->source, 2000) : code;
	code = code == SQLITE_OK
	               ? sqlite3_prepare_v2(draft->source, "SELECT count(*) FROM sqlite_schema", -1, &rows, NULL)
	               : code;
	code = code == SQLITE_OK ? sqlite3_step(rows) : code;
	sqlite3_finalize(rows);
	return code == SQLITE_ROW || sim_draft_refuse(why, "%s: %s, expected a database that SQLite can read", path,
	                                              sqlite3_errmsg(draft->source));
}

/* The numbers in the header that are the program's own. */
static void sim_draft_copy_header(struct sim_draft_writer *writer) {
	static const char *const names[] = {"user_version", "application_id"};
	char *encoding = sim_draft_one(writer->draft->source, "PRAGMA encoding");
	if (encoding != NULL && encoding[0] != '\0' && strcmp(encoding, "UTF-8") != 0) {
		char *sql = sqlite3_mprintf("PRAGMA encoding='%s'", encoding);
		sim_draft_make(writer, sql != NULL ? sql : "");
		sqlite3_free(sql);
	}
	sqlite3_free(encoding);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *query = sqlite3_mprintf("PRAGMA %s", names[i]);
		char *value = query != NULL ? sim_draft_one(writer->draft->source, query) : NULL;
		if (value != NULL && value[0] != '\0' && strcmp(value, "0") != 0) {
			char *sql = sqlite3_mprintf("%s=%s", query, value);
			sim_draft_make(writer, sql != NULL ? sql : "");
			sqlite3_free(sql);
		}
		sqlite3_free(value);
		sqlite3_free(query);
	}
}

static bool sim_draft_copy_objects(struct sim_draft_writer *writer, const char *query, char why[SIM_DRAFT_WHY_SIZE]) {
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(writer->draft->source, query, -1, &rows, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		sim_draft_make(writer, (const char *)sqlite3_column_text(rows, 0));
		code = SQLITE_OK;
	}
	sqlite3_finalize(rows);
	return code == SQLITE_DONE ||
	       sim_draft_refuse(why, "%s: its schema cannot be read: %s, expected a sound database",
	                        sqlite3_db_filename(writer->draft->source, "main"),
	                        sqlite3_errmsg(writer->draft->source));
}

/* "INSERT INTO t(a, b) VALUES(" and a query that shows the values of rows as SQL. */
static char *sim_draft_rows_query(const struct sim_draft_table *table, uint32_t most, char **head) {
	sqlite3_str *names = sqlite3_str_new(NULL);
	sqlite3_str *query = sqlite3_str_new(NULL);
	const char *gap = "";
	sqlite3_str_appendf(names, "INSERT INTO \"%w\"(", table->name);
	sqlite3_str_appendall(query, "SELECT ");
	for (uint32_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].is_made) {
			sqlite3_str_appendf(names, "%s\"%w\"", gap, table->columns[i].name);
			sqlite3_str_appendf(query, "%squote(\"%w\")", gap[0] != '\0' ? " || ', ' || " : "",
			                    table->columns[i].name);
			gap = ", ";
		}
	}
	sqlite3_str_appendf(query, " FROM \"%w\" LIMIT %u", table->name, most);
	sqlite3_str_appendall(names, ") VALUES(");
	*head = sqlite3_str_finish(names);
	return sqlite3_str_finish(query);
}

/* One row, into the copy; of the copy itself, into the text. */
static void sim_draft_copy_row(struct sim_draft_writer *writer, bool to_text, const char *head, const char *values) {
	if (to_text) {
		sqlite3_str_appendf(writer->schema, "%s%s);\n", head, values);
		writer->draft->rows++;
		return;
	}
	char *sql = sqlite3_mprintf("%s%s)", head, values);
	sim_draft_exec(writer->draft, writer->draft->copy, sql);
	sqlite3_free(sql);
}

/* Rows of one table, from one connection, as INSERTs. */
static void sim_draft_copy_rows(struct sim_draft_writer *writer, sqlite3 *from, const struct sim_draft_table *table,
                                uint32_t most) {
	char *head = NULL;
	char *query = sim_draft_rows_query(table, most, &head);
	sqlite3_stmt *rows = NULL;
	int code = query != NULL && head != NULL ? sqlite3_prepare_v2(from, query, -1, &rows, NULL) : SQLITE_NOMEM;
	while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
		sim_draft_copy_row(writer, from == writer->draft->copy, head,
		                   (const char *)sqlite3_column_text(rows, 0));
	}
	sqlite3_finalize(rows);
	sqlite3_free(query);
	sqlite3_free(head);
}

/* Rows whose parents were not taken over, until all have some: a row may be a parent, too. */
static void sim_draft_drop_orphans(sqlite3 *copy, const struct sim_draft_table *tables, uint32_t count) {
	bool dropped = true;
	while (dropped) {
		int before = sqlite3_total_changes(copy);
		for (uint32_t i = 0; i < count; i++) {
			char *sql = sqlite3_mprintf(tables[i].has_rowid ? "DELETE FROM \"%w\" WHERE rowid IN (SELECT "
			                                                  "rowid FROM pragma_foreign_key_check(%Q))"
			                                                : "DELETE FROM \"%w\" WHERE EXISTS (SELECT 1 "
			                                                  "FROM pragma_foreign_key_check(%Q))",
			                            tables[i].name, tables[i].name);
			sqlite3_exec(copy, sql, NULL, NULL, NULL);
			sqlite3_free(sql);
		}
		dropped = sqlite3_total_changes(copy) > before;
	}
}

static void sim_draft_copy_all_rows(struct sim_draft_writer *writer, const struct sim_draft_table *tables,
                                    uint32_t count, uint32_t most) {
	sqlite3 *copy = writer->draft->copy;
	for (uint32_t i = 0; i < count; i++) {
		if (!tables[i].is_shadow) {
			sim_draft_copy_rows(writer, writer->draft->source, &tables[i], most);
		}
	}
	sim_draft_drop_orphans(copy, tables, count);
	for (uint32_t i = 0; i < count; i++) {
		if (!tables[i].is_shadow) {
			sim_draft_copy_rows(writer, copy, &tables[i], most);
		}
	}
}

/* ---- from SQL -------------------------------------------------------------------------------- */

/* What a text of SQL has come to. */
struct sim_draft_run {
	uint32_t count;  /* statements */
	uint32_t line;   /* of the first that could not be run */
	char first[256]; /* and why */
};

static void sim_draft_run_piece(struct sim_draft_writer *writer, const struct sim_sql_piece *piece,
                                struct sim_draft_run *run) {
	char *sql = sqlite3_mprintf("%.*s", (int)piece->size, piece->text);
	run->count++;
	if (sql != NULL && sim_draft_exec(writer->draft, writer->into, sql) != SQLITE_OK) {
		if (writer->left_out == 0) {
			run->line = writer->draft->left_out_line = piece->line;
			snprintf(run->first, sizeof run->first, "%s", sqlite3_errmsg(writer->into));
		}
		sim_draft_leave_out(writer, sql);
	}
	sqlite3_free(sql);
}

/* Into a database in memory, which is then as any other. */
static bool sim_draft_run_sql(struct sim_draft_writer *writer, const char *path, const char *text,
                              char why[SIM_DRAFT_WHY_SIZE]) {
	struct sim_sql_cutter cutter = {.text = text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0), .line = 1};
	struct sim_sql_piece piece;
	struct sim_draft_run run = {.line = 1, .first = "no statement"};
	while (sim_sql_cutter_next(&cutter, &piece)) {
		if (!sim_sql_setup_is_left_out(&piece)) {
			sim_draft_run_piece(writer, &piece, &run);
		}
	}
	/* Virtual tables of a dump stand in the schema as text: it is read again. */
	sim_draft_exec(writer->draft, writer->into, "PRAGMA writable_schema=RESET");
	return writer->left_out < run.count ||
	       sim_draft_refuse(why, "%s:%u: %s, expected a database of SQLite, or SQL that makes one", path, run.line,
	                        run.first);
}

/* The text of a file; NULL with the refusal said. A database is NULL with nothing said. Whether it
 * is in WAL mode, its header says (https://sqlite.org/fileformat2.html, section 1.3.3). */
static char *sim_draft_read(const char *path, bool *is_database, bool *is_wal, char why[SIM_DRAFT_WHY_SIZE]) {
	struct stat status;
	*is_database = *is_wal = false;
	if (stat(path, &status) != 0) {
		sim_draft_refuse(why, "%s: %s, expected a database or a file of SQL", path, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		sim_draft_refuse(why, "%s: not a regular file, expected a database or a file of SQL", path);
		return NULL;
	}
	FILE *file = fopen(path, "rb");
	char *text = file != NULL ? malloc(SIM_DRAFT_SQL_BYTES_MAX + 1u) : NULL;
	size_t got = text != NULL ? fread(text, 1, SIM_DRAFT_SQL_BYTES_MAX, file) : 0;
	bool fine = text != NULL && !ferror(file);
	*is_database = fine && got >= 20 && memcmp(text, "SQLite format 3", 16) == 0;
	*is_wal = *is_database && text[18] == 2;
	if (fine) {
		text[got] = '\0';
		fine = *is_database || (strlen(text) == got && (uint64_t)got == (uint64_t)status.st_size);
	}
	if (!fine) {
		sim_draft_refuse(why, "%s: %s, expected a database or a file of SQL of at most 64 MB", path,
		                 text == NULL ? strerror(errno) : "not text");
	}
	if (file != NULL) {
		fclose(file);
	}
	if (!fine || *is_database) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool sim_draft_of_source(struct sim_draft_writer *writer, uint32_t rows, struct sim_draft_table *tables,
                                uint32_t *count, char why[SIM_DRAFT_WHY_SIZE]) {
	int code = SQLITE_OK;
	writer->into = writer->draft->copy;
	sim_draft_copy_header(writer);
	if (!sim_draft_copy_objects(
	            writer,
	            "SELECT s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name "
	            "AND l.schema = 'main' WHERE s.type = 'table' AND s.sql IS NOT NULL "
	            "AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND l.type <> 'shadow' ORDER BY s.rowid",
	            why)) {
		return false;
	}
	*count = sim_draft_tables(writer->draft->copy, tables, SIM_DRAFT_TABLES_MAX, &code);
	if (*count == SIM_DRAFT_TABLES_MAX) {
		return sim_draft_refuse(why, "%u tables or more, expected fewer", SIM_DRAFT_TABLES_MAX);
	}
	sim_draft_copy_all_rows(writer, tables, *count, rows);
	return sim_draft_copy_objects(writer,
	                              "SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL "
	                              "ORDER BY rowid",
	                              why);
}

/* Opens the source, or makes it. */
static bool sim_draft_begin(struct sim_draft_writer *writer, const char *path, char why[SIM_DRAFT_WHY_SIZE]) {
	struct sim_draft *draft = writer->draft;
	bool is_database = false;
	bool is_wal = false;
	char *text = sim_draft_read(path, &is_database, &is_wal, why);
	bool fine = (text != NULL || is_database) && sqlite3_open(":memory:", &draft->copy) == SQLITE_OK;
	if (fine && is_database) {
		fine = sim_draft_open(draft, path, why);
		snprintf(draft->journal_mode, sizeof draft->journal_mode, is_wal ? "wal" : "delete");
	} else if (fine) {
		fine = sqlite3_open(":memory:", &draft->source) == SQLITE_OK;
		writer->into = draft->source;
		fine = fine && sim_draft_run_sql(writer, path, text, why);
	}
	free(text);
	return fine;
}

static void sim_draft_finish(struct sim_draft_writer *writer, const struct sim_draft_table *tables, uint32_t count) {
	struct sim_draft *draft = writer->draft;
	for (uint32_t i = 0; i < count; i++) {
		draft->tables += !tables[i].is_shadow;
		for (uint32_t column = 0; column < tables[i].column_count; column++) {
			draft->has_keys |= tables[i].columns[column].parent != NULL;
		}
	}
	/* Keys that do not fit what they refer to would let every change fail. */
	draft->has_keys =
	        draft->has_keys && sqlite3_exec(draft->copy, "PRAGMA foreign_key_check", NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_exec(draft->copy, draft->has_keys ? "PRAGMA foreign_keys=ON" : "", NULL, NULL, NULL);
	draft->schema = sqlite3_str_finish(writer->schema);
	draft->left_out = writer->left_out;
}

bool sim_draft_init(struct sim_draft *draft, const char *path, uint32_t rows, char why[SIM_DRAFT_WHY_SIZE]) {
	struct sim_draft_writer writer = {.draft = draft, .schema = sqlite3_str_new(NULL)};
	struct sim_draft_table *tables = calloc(SIM_DRAFT_TABLES_MAX, sizeof *tables);
	uint32_t count = 0;
	*draft = (struct sim_draft){.most = SIM_SQL_TEMPLATES_MAX};
	bool fine = tables != NULL && sim_draft_begin(&writer, path, why) &&
	            sim_draft_of_source(&writer, rows, tables, &count, why);
	sim_draft_finish(&writer, tables, count);
	if (fine && draft->tables == 0) {
		fine = sim_draft_refuse(why, "%s: no table, expected at least one", path);
	}
	fine = fine && (sim_draft_propose(draft, tables, count) || sim_draft_refuse(why, "%s: out of memory", path));
	for (uint32_t i = 0; i < count; i++) {
		sim_draft_table_deinit(&tables[i]);
	}
	free(tables);

	return fine;
}

void sim_draft_deinit(struct sim_draft *draft) {
	sqlite3_free(draft->schema);
	sqlite3_free(draft->transactions);
	sqlite3_close(draft->copy);
	sqlite3_close(draft->source);
	*draft = (struct sim_draft){.source = NULL};
}

void sim_draft_name(const char *path, char name[SIM_DRAFT_NAME_SIZE]) {
	const char *slash = strrchr(path, '/');
	sim_draft_word(slash != NULL ? slash + 1 : path, ".", name, SIM_DRAFT_NAME_SIZE);
	if (name[0] == '\0') {
		snprintf(name, SIM_DRAFT_NAME_SIZE, "own");
	}
}
