/* sim/scenario/sql_scenario.c: from the `sql` mapping of a scenario's file to its value. Nothing is
 * believed: the schema is made in a database in memory, every statement is prepared against it, and
 * every transaction is tried once with its smallest values. */
#include "sql_check.h"
#include "sql_digest.h"
#include "sql_file.h"
#include "sql_text.h"
#include "subject_sql_statement.h"
#include "sql_call.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Settings of a connection, in `pragmas`. Not among them: what a scenario sets elsewhere, and what
 * makes SQLite see fewer faults. */
static const char *const sim_sql_pragmas_of_connection[] = {
        "auto_vacuum",        "automatic_index", "cache_spill",        "encoding",   "foreign_keys",
        "journal_size_limit", "locking_mode",    "recursive_triggers", "temp_store", NULL};
/* Statements of their own, in transactions with `begin: none`. */
static const char *const sim_sql_pragmas_of_maintenance[] = {"incremental_vacuum", "journal_mode",   "quick_check",
                                                             "shrink_memory",      "wal_checkpoint", NULL};

/* ---- files, pragmas, setup ------------------------------------------------------------------- */

static bool sim_sql_take_file(struct sim_sql_check *check, const char *name, uint32_t number) {
	struct sim_sql *sql = check->sql;
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "sql.attached[%u]", number);
	if (!sim_sql_check_word(check, place, name)) {
		return false;
	}
	uint32_t file = sql->file_count++;
	snprintf(sql->file_names[file], sizeof sql->file_names[file], "%s", name);
	snprintf(sql->file_paths[file], sizeof sql->file_paths[file], "/attached-%s.db", name);
	sql->attached_names[number] = sql->file_names[file];
	sql->attached_paths[number] = sql->file_paths[file];
	char *text = sqlite3_mprintf("ATTACH ':memory:' AS \"%w\"", name);
	bool done = text != NULL && sqlite3_exec(check->connection, text, NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_free(text);
	return done || sim_sql_refuse(check, place);
}

static bool sim_sql_take_files(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	struct sim_sql *sql = check->sql;
	snprintf(sql->file_names[0], sizeof sql->file_names[0], "main");
	sql->file_count = 1;
	if (!sim_sql_check_count(check, "sql.attached", raw->attached_count, SIM_SQL_FILES_MAX - 1)) {
		return false;
	}
	for (uint32_t i = 0; i < raw->attached_count; i++) {
		if (!sim_sql_take_file(check, raw->attached[i], i)) {
			return false;
		}
	}
	sqlite3_set_authorizer(check->connection, sim_sql_authorize, check);
	return true;
}

static bool sim_sql_perform_all(struct sim_sql_check *check, const char *place, char *const *texts, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if (!sim_sql_perform(check, place, texts[i])) {
			return false;
		}
	}
	return true;
}

/* Every value of every pragma. */
static bool sim_sql_take_pragmas(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	struct sim_sql *sql = check->sql;
	char place[SIM_SCENARIO_PLACE_SIZE];
	if (!sim_sql_check_count(check, "sql.pragmas", raw->pragmas_count, SIM_SQL_PRAGMAS_MAX)) {
		return false;
	}
	check->pragmas = sim_sql_pragmas_of_connection;
	for (uint32_t i = 0; i < raw->pragmas_count; i++) {
		const struct sim_sql_pragma *pragma = &sql->pragma_values[i];
		snprintf(place, sizeof place, "sql.pragmas[%u]", i);
		if (!sim_sql_add_pragma(sql, raw->pragmas[i])) {
			return sim_scenario_refuse(check->source, place,
			                           "%s cannot be taken, expected at most %u values and enough memory",
			                           place, SIM_SQL_PRAGMA_VALUES_MAX);
		}
		if (!sim_sql_perform_all(check, place, sql->pragmas.texts + pragma->first, pragma->count)) {
			return false;
		}
	}
	return true;
}

/* Not for a statement of the file: the check's own. */
static void sim_sql_run_own(struct sim_sql_check *check, const char *text) {
	sqlite3_set_authorizer(check->connection, NULL, NULL);
	sqlite3_exec(check->connection, text, NULL, NULL, NULL);
	sqlite3_set_authorizer(check->connection, sim_sql_authorize, check);
}

/* The statements of a file come first, then those of the scenario. */
static bool sim_sql_perform_setup(struct sim_sql_check *check, const struct sim_sql_file *file,
                                  const struct sim_sql_lines *lines) {
	const struct sim_sql_texts *texts = &check->sql->setup;
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < texts->count; i++) {
		bool of_file = i < lines->count;
		check->file = of_file ? file->path : NULL;
		check->line = of_file ? lines->lines[i] : 0;
		snprintf(place, sizeof place, "sql.setup[%u]", i - (of_file ? 0 : lines->count));
		if (!sim_sql_perform(check, place, texts->texts[i])) {
			return false;
		}
		check->reach.setup[i] = check->reaches;
	}
	check->file = NULL;
	sim_sql_run_own(check, "COMMIT");
	return true;
}

/* Foreign keys again, if they are on: the rows of a file come in the order of its tables. */
static bool sim_sql_check_keys(struct sim_sql_check *check) {
	const struct sim_sql_texts *pragmas = &check->sql->pragmas;
	sqlite3_stmt *rows = NULL;
	sqlite3_set_authorizer(check->connection, NULL, NULL);
	int code = SQLITE_OK;
	for (uint32_t i = 0; code == SQLITE_OK && i < pragmas->count; i++) {
		code = sim_sql_text_begins(pragmas->texts[i], strlen(pragmas->texts[i]), "pragma foreign_keys")
		               ? sqlite3_exec(check->connection, pragmas->texts[i], NULL, NULL, NULL)
		               : SQLITE_OK;
	}
	/* Keys that are off may fit nothing: they are looked at first. */
	static const char text[] = "SELECT \"table\", rowid, parent FROM pragma_foreign_keys "
	                           "CROSS JOIN pragma_foreign_key_check WHERE foreign_keys <> 0";
	code = code == SQLITE_OK ? sqlite3_prepare_v2(check->connection, text, -1, &rows, NULL) : code;
	code = code == SQLITE_OK ? sqlite3_step(rows) : code;
	bool fits = code == SQLITE_DONE;
	if (code == SQLITE_ROW) {
		(void)sim_scenario_refuse(
		        check->source, "sql.setup_file",
		        "sql.setup_file: row %lld of %.40s has no parent in %.40s, expected rows that "
		        "keep their foreign keys",
		        (long long)sqlite3_column_int64(rows, 1), sqlite3_column_text(rows, 0),
		        sqlite3_column_text(rows, 2));
	} else if (!fits) {
		(void)sim_scenario_refuse(check->source, "sql.setup_file",
		                          "sql.setup_file: %s, expected foreign keys that fit, or `foreign_keys = off`",
		                          sqlite3_errmsg(check->connection));
	}
	sqlite3_finalize(rows);
	sqlite3_set_authorizer(check->connection, sim_sql_authorize, check);
	return fits;
}

/* Both lists behind each other. */
static bool sim_sql_take_setup(struct sim_sql_check *check, const struct sim_raw_sql *raw,
                               const struct sim_sql_lines *lines) {
	struct sim_sql_texts *texts = &check->sql->setup;
	uint32_t count = lines->count + raw->setup_count;
	check->reach.setup = calloc(count + 1u, sizeof *check->reach.setup);
	texts->texts = calloc(count + 1u, sizeof *texts->texts);
	for (uint32_t i = 0; check->reach.setup != NULL && texts->texts != NULL && i < count; i++) {
		texts->texts[i] = strdup(i < lines->count ? lines->texts[i] : raw->setup[i - lines->count]);
		if (texts->texts[i] == NULL) {
			return false;
		}
		texts->count = i + 1;
	}
	return check->reach.setup != NULL && texts->texts != NULL;
}

/* What the file says of the encoding is a matter of each connection. */
static bool sim_sql_take_encoding(struct sim_sql_check *check, const char *encoding) {
	char text[2 * SIM_SQL_NAME_SIZE];
	snprintf(text, sizeof text, "encoding = '%s'", encoding);
	if (encoding[0] == '\0') {
		return true;
	}
	if (check->sql->pragma_count == SIM_SQL_PRAGMAS_MAX || !sim_sql_add_pragma(check->sql, text)) {
		return sim_scenario_refuse(check->source, "sql.setup_file",
		                           "sql.setup_file says PRAGMA encoding, expected at most %u pragmas with it",
		                           SIM_SQL_PRAGMAS_MAX);
	}
	return sim_sql_perform(check, "sql.setup_file", check->sql->pragmas.texts[check->sql->pragmas.count - 1]);
}

/* The judge reads every table after each transaction. */
static bool sim_sql_check_tables(struct sim_sql_check *check) {
	bool fine = true;
	sqlite3_set_authorizer(check->connection, NULL, NULL);
	for (uint32_t file = 0; fine && file < check->sql->file_count; file++) {
		uint64_t digest[2];
		struct sim_sql_digest *reader = sim_sql_digest_create(check->connection, check->sql->file_names[file]);
		fine = (reader != NULL && sim_sql_digest_take(reader, digest) == SQLITE_OK) ||
		       sim_scenario_refuse(check->source, "sql", "a table cannot be read: %s, expected those that can",
		                           sqlite3_errmsg(check->connection));
		sim_sql_digest_destroy(reader);
	}
	sqlite3_set_authorizer(check->connection, sim_sql_authorize, check);
	return fine;
}

static bool sim_sql_take_schema_of(struct sim_sql_check *check, const struct sim_raw_sql *raw,
                                   const struct sim_sql_file *file, const struct sim_sql_lines *lines,
                                   const char *encoding) {
	static const char *const of_setup[] = {"user_version", "application_id", "writable_schema", NULL};
	if (raw->setup_file == NULL && raw->setup_count == 0) {
		return sim_scenario_refuse(check->source, "sql", "neither setup nor setup_file, expected one of them");
	}
	if (!sim_sql_take_setup(check, raw, lines)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	if (!sim_sql_take_pragmas(check, raw) || !sim_sql_take_encoding(check, encoding)) {
		return false;
	}
	check->pragmas = of_setup;
	check->sql->loads_file = raw->setup_file != NULL;
	if (check->sql->loads_file) {
		sim_sql_run_own(check, "PRAGMA foreign_keys=OFF");
	}
	sim_sql_run_own(check, "BEGIN");
	return sim_sql_perform_setup(check, file, lines) && (!check->sql->loads_file || sim_sql_check_keys(check)) &&
	       sim_sql_check_tables(check);
}

static bool sim_sql_take_schema(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	struct sim_sql_file file = {.text = NULL};
	struct sim_sql_lines lines = {0};
	char encoding[SIM_SQL_NAME_SIZE] = "";
	bool has_file = raw->setup_file != NULL;
	bool fine = (!has_file || (sim_sql_file_init(&file, check, "sql.setup_file", raw->setup_file) &&
	                           sim_sql_setup_init(&lines, check, &file, encoding))) &&
	            sim_sql_take_schema_of(check, raw, &file, &lines, encoding);
	sim_sql_lines_deinit(&lines);
	sim_sql_file_deinit(&file);
	return fine;
}

/* A query has no instant. */
static const char *const sim_sql_functions_of_instant[] = {
        "random",   "randomblob", "date",         "time",         "datetime",          "julianday", "unixepoch",
        "strftime", "timediff",   "current_date", "current_time", "current_timestamp", NULL};

/* One row of EXPLAIN: opcode in column 1, P4 in column 5. A call is `Function` with `random(0)`;
 * in an index or a generated column it is `PureFunc`, which SQLite itself keeps from the time. */
static bool sim_sql_calls_instant(sqlite3_stmt *row, char *name, size_t size) {
	const char *opcode = (const char *)sqlite3_column_text(row, 1);
	const char *call = (const char *)sqlite3_column_text(row, 5);
	if (opcode == NULL || call == NULL || strcmp(opcode, "Function") != 0) {
		return false;
	}
	snprintf(name, size, "%.*s", (int)strcspn(call, "("), call);
	return sim_sql_is_one_of(name, sim_sql_functions_of_instant);
}

/* What a query may call stands in its program. The authorizer is no witness: since 3.54 it hears of
 * the functions in the defaults of the columns that are read, too, which no query calls. */
static bool sim_sql_check_instant(struct sim_sql_check *check, const char *place, const char *text) {
	char name[SIM_SQL_NAME_SIZE];
	sqlite3_stmt *rows = NULL;
	char *explain = sqlite3_mprintf("EXPLAIN %s", text);
	int code = explain != NULL ? sqlite3_prepare_v2(check->connection, explain, -1, &rows, NULL) : SQLITE_NOMEM;
	sqlite3_free(explain);
	bool calls = false;
	while (code == SQLITE_OK && !calls && sqlite3_step(rows) == SQLITE_ROW) {
		calls = sim_sql_calls_instant(rows, name, sizeof name);
	}
	int ended = sqlite3_finalize(rows);
	if (calls) {
		bool is_chance = sqlite3_strnicmp(name, "random", 6) == 0;
		return sim_sql_refuse_at(check, place,
		                         "%s, here or in a view, may depend on %s, expected a query that gives the "
		                         "same answer for the same content",
		                         name, is_chance ? "chance" : "the time");
	}
	return (code == SQLITE_OK && ended == SQLITE_OK) || sim_sql_refuse(check, place);
}

static bool sim_sql_take_query(struct sim_sql_check *check, const char *place, const char *text) {
	sqlite3_stmt *statement = sim_sql_prepare(check, place, text);
	if (statement == NULL) {
		return false;
	}
	bool reads = sqlite3_stmt_readonly(statement) != 0 && sqlite3_column_count(statement) > 0;
	bool bound = sqlite3_bind_parameter_count(statement) > 0;
	sqlite3_finalize(statement);
	if (!reads || bound) {
		return sim_scenario_refuse(check->source, place, "%s: %s, expected a query that only reads", place,
		                           bound ? "a parameter" : "it writes or returns nothing");
	}
	return sim_sql_check_instant(check, place, text);
}

static bool sim_sql_take_queries(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	if (!sim_sql_check_count(check, "sql.invariants", raw->invariants_count, SIM_SQL_QUERIES_MAX)) {
		return false;
	}
	if (!sim_sql_take_texts(&check->sql->queries, raw->invariants, raw->invariants_count)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	for (uint32_t i = 0; i < raw->invariants_count; i++) {
		snprintf(place, sizeof place, "sql.invariants[%u]", i);
		if (!sim_sql_take_query(check, place, raw->invariants[i])) {
			return false;
		}
		check->reach.queries |= check->reaches ? 1u << i : 0;
	}
	return true;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static bool sim_sql_use_parameters(struct sim_sql_check *check, const char *place, sqlite3_stmt *statement,
                                   struct sim_sql_template *template) {
	for (int number = 1; number <= sqlite3_bind_parameter_count(statement); number++) {
		const char *name = sqlite3_bind_parameter_name(statement, number);
		uint32_t i = 0;
		while (name != NULL && i < check->sql->parameter_count &&
		       strcmp(name, check->sql->parameters[i].name) != 0) {
			i++;
		}
		if (name == NULL || i == check->sql->parameter_count) {
			return sim_sql_refuse_at(check, place,
			                         "parameter %s is not declared, expected one of sql.parameters",
			                         name != NULL ? name : "?");
		}
		template->parameters |= 1u << i;
	}
	return true;
}

/* What stands alone is more than SQL that changes rows: VACUUM and some pragmas. */
static bool sim_sql_take_alone(struct sim_sql_check *check, const char *place, const char *text,
                               struct sim_sql_template *template) {
	const char *word = text + strspn(text, " ");
	template->vacuums = sqlite3_strnicmp(word, "VACUUM", 6) == 0;
	template->maintains = template->vacuums || sqlite3_strnicmp(word, "PRAGMA", 6) == 0;
	template->undoes |= sqlite3_strnicmp(word, "ROLLBACK", 8) == 0;
	template->journal_mode = check->journal_mode;
	/* The authorizer does not hear of it: a copy would be another file that nobody judges. */
	if (template->vacuums && sqlite3_strlike("%INTO%", word, 0) == 0) {
		return sim_sql_refuse_at(check, place, "VACUUM INTO, expected VACUUM");
	}
	if (template->begin != SUBJECT_BEGIN_NONE && template->maintains) {
		return sim_sql_refuse_at(check, place, "VACUUM or PRAGMA in a transaction, expected begin: none");
	}
	return true;
}

static bool sim_sql_take_statement(struct sim_sql_check *check, const char *place, const char *text,
                                   struct sim_sql_template *template) {
	sqlite3_stmt *statement = sim_sql_prepare(check, place, text);
	if (statement == NULL) {
		return false;
	}
	if (check->reaches) {
		sim_sql_set_add(&check->reach.templates, (uint32_t)(template - check->sql->templates));
	}
	bool fine = sim_sql_use_parameters(check, place, statement, template) &&
	            sim_sql_take_alone(check, place, text, template);
	sqlite3_finalize(statement);
	return fine;
}

/* Runs it with the smallest values, so that a table made by one statement is there for the next. */
static bool sim_sql_try_statement(struct sim_sql_check *check, const char *place, uint32_t number,
                                  const struct sim_sql_template *template) {
	struct sim_sql_transaction smallest = {.template_number = (uint32_t)(template - check->sql->templates)};
	struct sim_sql_call call;
	for (uint32_t i = 0; i < check->sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &check->sql->parameters[i];
		bool bytes = parameter->kind == SIM_SQL_TEXT || parameter->kind == SIM_SQL_BLOB;
		smallest.values[i].number = bytes ? 0 : parameter->range.min + (uint64_t)parameter->least;
		smallest.values[i].size_bytes = bytes ? (uint32_t)parameter->range.min : 0;
	}
	if (!sim_sql_call_init(&call, check->sql, &smallest)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	int code = subject_sql_statement_run(check->connection, template->statements.texts[number], &call.transaction);
	sim_sql_call_deinit(&call);
	return code == SQLITE_OK || (code & 0xff) == SQLITE_CONSTRAINT || sim_sql_refuse(check, place);
}

/* A connection's own tables are no content, and end with it. */
static bool sim_sql_leaves_nothing(struct sim_sql_check *check, const char *place) {
	sqlite3_stmt *rows = NULL;
	sqlite3_set_authorizer(check->connection, NULL, NULL);
	int code = sqlite3_prepare_v2(check->connection, "SELECT type, name FROM sqlite_temp_schema", -1, &rows, NULL);
	code = code == SQLITE_OK ? sqlite3_step(rows) : code;
	bool leaves = code == SQLITE_ROW;
	if (leaves) {
		(void)sim_sql_refuse_at(check, place,
		                        "leaves the temporary %s %.60s, expected that it is dropped at the end",
		                        sqlite3_column_text(rows, 0), sqlite3_column_text(rows, 1));
	}
	sqlite3_finalize(rows);
	sqlite3_set_authorizer(check->connection, sim_sql_authorize, check);
	return !leaves;
}

static bool sim_sql_take_statements(struct sim_sql_check *check, uint32_t number, struct sim_sql_template *template) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	bool alone = template->begin == SUBJECT_BEGIN_NONE;
	bool fine = true;
	sim_sql_run_own(check, "BEGIN");
	check->may_be_temporary = true;
	for (uint32_t i = 0; fine && i < template->statements.count; i++) {
		snprintf(place, sizeof place, "sql.transactions[%u].statements[%u]", number, i);
		check->line = check->lines != NULL ? check->lines[i] : check->line;
		fine = sim_sql_take_statement(check, place, template->statements.texts[i], template) &&
		       (template->maintains || sim_sql_try_statement(check, place, i, template));
	}
	check->may_be_temporary = false;
	snprintf(place, sizeof place, "sql.transactions[%u].statements", number);
	fine = fine && sim_sql_leaves_nothing(check, place);
	sim_sql_run_own(check, "ROLLBACK");
	if (fine && alone && template->statements.count != 1) {
		snprintf(place, sizeof place, "sql.transactions[%u].statements", number);
		return sim_sql_refuse_at(check, place, "%u statements with begin: none, expected one",
		                         template->statements.count);
	}
	return fine;
}

static bool sim_sql_take_ends(struct sim_sql_check *check, const struct sim_raw_transaction *raw, uint32_t number,
                              struct sim_sql_template *template) {
	static const char *const begins[] = {"none", "deferred", "immediate", "exclusive"};
	char place[SIM_SCENARIO_PLACE_SIZE];
	int begin = raw->begin == NULL ? SUBJECT_BEGIN_IMMEDIATE : SUBJECT_BEGIN_EXCLUSIVE;
	while (raw->begin != NULL && begin >= 0 && strcmp(begins[begin], raw->begin) != 0) {
		begin--;
	}
	if (begin < 0) {
		snprintf(place, sizeof place, "sql.transactions[%u].begin", number);
		return sim_scenario_refuse(check->source, place,
		                           "begin is %.40s, expected none, deferred, immediate or exclusive",
		                           raw->begin);
	}
	template->begin = (enum subject_begin)begin;
	template->rolls_back = raw->end != NULL &&strcmp(raw->end, "rollback") == 0;
	if (raw->end != NULL && ((!template->rolls_back && strcmp(raw->end, "commit") != 0) || begin == 0)) {
		snprintf(place, sizeof place, "sql.transactions[%u].end", number);
		return sim_scenario_refuse(check->source, place,
		                           "end is %.40s, expected commit or rollback, and none with begin: none",
		                           raw->end);
	}
	return true;
}

/* Each parameter under the name that it has in the plan. */
static bool sim_sql_name_parameters(struct sim_sql_check *check, const struct sim_raw_transaction *raw, uint32_t number,
                                    struct sim_sql_template *template) {
	struct sim_sql_positions positions = {raw->values, raw->values_count, 0};
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < template->statements.count; i++) {
		uint32_t missing = 0;
		char *named = sim_sql_text_name_parameters(template->statements.texts[i], &positions, &missing);
		snprintf(place, sizeof place, "sql.transactions[%u].statements[%u]", number, i);
		check->line = check->lines != NULL ? check->lines[i] : 0;
		if (missing > 0) {
			return sim_sql_refuse_at(
			        check, place,
			        "the parameter ? number %u has no name, expected it among the %u `values` of the "
			        "transaction",
			        missing, raw->values_count);
		}
		if (named == NULL) {
			return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
		}
		free(template->statements.texts[i]);
		template->statements.texts[i] = named;
	}
	return true;
}

static bool sim_sql_take_name(struct sim_sql_check *check, const char *name, uint32_t number,
                              struct sim_sql_template *template) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "sql.transactions[%u].name", number);
	if (!sim_sql_check_word(check, place, name)) {
		return false;
	}
	for (uint32_t i = 0; i < number; i++) {
		if (strcmp(check->sql->templates[i].name, name) == 0) {
			return sim_sql_refuse_at(check, place, "%s is the name of another one, expected its own", name);
		}
	}
	snprintf(template->name, sizeof template->name, "%s", name);
	return true;
}

static bool sim_sql_take_transaction(struct sim_sql_check *check, const struct sim_raw_transaction *raw,
                                     uint32_t number) {
	struct sim_sql_template *template = &check->sql->templates[number];
	char place[SIM_SCENARIO_PLACE_SIZE];
	check->sql->template_count = number + 1;
	if (!sim_sql_take_name(check, raw->name, number, template) ||
	    !sim_sql_take_ends(check, raw, number, template)) {
		return false;
	}
	snprintf(place, sizeof place, "sql.transactions[%u].weight", number);
	template->weight = 1;
	if (raw->weight != NULL && (*raw->weight == 0 || *raw->weight > 1000)) {
		return sim_sql_refuse_at(check, place, "weight is %llu, expected 1 to 1000",
		                         (unsigned long long)*raw->weight);
	}
	template->weight = raw->weight != NULL ? (uint32_t)*raw->weight : 1;
	snprintf(place, sizeof place, "sql.transactions[%u].statements", number);
	if (!sim_sql_check_count(check, place, raw->statements_count, SIM_SQL_STATEMENTS_MAX)) {
		return false;
	}
	if (!sim_sql_take_texts(&template->statements, raw->statements, raw->statements_count)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	return sim_sql_name_parameters(check, raw, number, template) &&
	       sim_sql_take_statements(check, number, template);
}

static bool sim_sql_take_transactions_of_file(struct sim_sql_check *check, const struct sim_sql_file *file,
                                              const struct sim_sql_file_transactions *transactions) {
	bool fine = true;
	check->file = file->path;
	for (uint32_t i = 0; fine && i < transactions->count; i++) {
		const struct sim_sql_file_transaction *item = &transactions->items[i];
		check->line = item->line;
		check->lines = item->statements.lines;
		fine = sim_sql_take_transaction(check, &item->raw, i);
	}
	check->file = NULL;
	check->lines = NULL;
	return fine;
}

/* Those of the file come first. */
static bool sim_sql_take_all_transactions(struct sim_sql_check *check, const struct sim_raw_sql *raw,
                                          const struct sim_sql_file *file,
                                          const struct sim_sql_file_transactions *transactions) {
	const uint32_t first = transactions->count;
	if (first + raw->transactions_count == 0) {
		return sim_scenario_refuse(check->source, "sql",
		                           "neither transactions nor transactions_file, expected one of them");
	}
	if (!sim_sql_check_count(check, first > 0 ? "sql.transactions_file" : "sql.transactions",
	                         first + raw->transactions_count, SIM_SQL_TEMPLATES_MAX)) {
		return false;
	}
	check->pragmas = sim_sql_pragmas_of_maintenance;
	if (!sim_sql_take_transactions_of_file(check, file, transactions)) {
		return false;
	}
	for (uint32_t i = 0; i < raw->transactions_count; i++) {
		if (!sim_sql_take_transaction(check, &raw->transactions[i], first + i)) {
			return false;
		}
	}
	return sim_sql_changes(check->sql) ||
	       sim_scenario_refuse(check->source, "sql.transactions",
	                           "no transaction commits anything, expected at least one that does");
}

static bool sim_sql_take_transactions(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	struct sim_sql_file file = {.text = NULL};
	struct sim_sql_file_transactions transactions = {0, NULL};
	bool fine = (raw->transactions_file == NULL ||
	             (sim_sql_file_init(&file, check, "sql.transactions_file", raw->transactions_file) &&
	              sim_sql_file_transactions_init(&transactions, check, &file))) &&
	            sim_sql_take_all_transactions(check, raw, &file, &transactions);
	sim_sql_file_transactions_deinit(&transactions);
	sim_sql_file_deinit(&file);
	return fine;
}

/* Files that some seeds do without. */
static bool sim_sql_take_attached_chance(struct sim_sql_check *check, const struct sim_raw_scenario *raw) {
	const char *place = "sql.attached_chance";
	struct sim_sql *sql = check->sql;
	sql->attached_percent = 100;
	if (raw->sql->attached_chance == NULL) {
		return true;
	}
	if (sql->file_count == 1 || raw->processes_count > 0) {
		return sim_scenario_refuse(check->source, place, "%s: %s, expected no such key", place,
		                           sql->file_count == 1 ? "no file is attached" : "with several processes");
	}
	if (!sim_scenario_value_percent(check->source, place, raw->sql->attached_chance, &sql->attached_percent)) {
		return false;
	}
	if (!sim_sql_make_alone(sql, &check->reach)) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	return sim_sql_changes(sql->alone) ||
	       sim_scenario_refuse(check->source, place,
	                           "no transaction commits anything without attached files, expected at least one");
}

static bool sim_sql_take_doubt(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	struct sim_choices *choices = &check->sql->after_doubt;
	*choices = (struct sim_choices){2, {SIM_SQL_DOUBT_REOPENS, SIM_SQL_DOUBT_CONTINUES}};
	if (!sim_sql_check_count(check, "sql.after_doubt", raw->after_doubt_count, 2)) {
		return false;
	}
	choices->count = raw->after_doubt_count > 0 ? raw->after_doubt_count : choices->count;
	for (uint32_t i = 0; i < raw->after_doubt_count; i++) {
		char place[SIM_SCENARIO_PLACE_SIZE];
		uint32_t after = SIM_SQL_DOUBT_COUNT - 1;
		while (after > 0 &&
		       strcmp(sim_sql_after_doubt_name((enum sim_sql_after_doubt)after), raw->after_doubt[i]) != 0) {
			after--;
		}
		snprintf(place, sizeof place, "sql.after_doubt[%u]", i);
		if (after == 0) {
			return sim_scenario_refuse(check->source, place,
			                           "unknown word %.40s, expected reopen or continue",
			                           raw->after_doubt[i]);
		}
		choices->values[i] = after;
	}
	return true;
}

bool sim_sql_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                            struct sim_scenario *scenario) {
	struct sim_sql_check check = {.source = source};
	if (raw->sql == NULL) {
		return true;
	}
	scenario->sql = calloc(1, sizeof *scenario->sql);
	check.sql = scenario->sql;
	if (check.sql == NULL) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
	}
	if (!sim_sql_connect(&check, raw->sql)) {
		sim_sql_disconnect(&check);
		return false;
	}
	sim_sql_begin_patience(&check);
	bool fine = sim_sql_take_stand_ins(&check, raw->sql) && sim_sql_take_files(&check, raw->sql) &&
	            sim_sql_take_schema(&check, raw->sql) && sim_sql_take_queries(&check, raw->sql) &&
	            sim_sql_take_parameters(&check, raw->sql) && sim_sql_take_transactions(&check, raw->sql) &&
	            sim_sql_take_doubt(&check, raw->sql) &&
	            sim_sql_take_tunings(&check, raw, &scenario->workload.tunings_percent) &&
	            sim_sql_take_attached_chance(&check, raw);
	free(check.reach.setup);
	sim_sql_disconnect(&check);
	return fine;
}
