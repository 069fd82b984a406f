/* sim/draft/table.c: see table.h. */
#include "table.h"

#include <sqlite3.h>
#include <string.h>

/* ---- what there is --------------------------------------------------------------------------- */

static char *sim_draft_text(sqlite3_stmt *row, int column) {
	const char *text = (const char *)sqlite3_column_text(row, column);
	return text != NULL ? sqlite3_mprintf("%s", text) : NULL;
}

void sim_draft_table_deinit(struct sim_draft_table *table) {
	for (uint32_t i = 0; i < table->column_count; i++) {
		sqlite3_free(table->columns[i].name);
		sqlite3_free(table->columns[i].type);
		sqlite3_free(table->columns[i].parent);
		sqlite3_free(table->columns[i].parent_key);
		sqlite3_free(table->columns[i].namesake);
	}
	sqlite3_free(table->columns);
	sqlite3_free(table->name);
	sqlite3_free(table->sql);
	sqlite3_free(table->first_insert);
	memset(table, 0, sizeof *table);
}

static struct sim_draft_column *sim_draft_find_column(struct sim_draft_table *table, const char *name) {
	for (uint32_t i = 0; name != NULL && i < table->column_count; i++) {
		if (sqlite3_stricmp(table->columns[i].name, name) == 0) {
			return &table->columns[i];
		}
	}
	return NULL;
}

/* Calls `take` with each row of a query about the table. */
static int sim_draft_ask(sqlite3 *connection, struct sim_draft_table *table, const char *query,
                         void (*take)(struct sim_draft_table *table, sqlite3_stmt *row)) {
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(connection, query, -1, &rows, NULL);
	code = code == SQLITE_OK ? sqlite3_bind_text(rows, 1, table->name, -1, SQLITE_STATIC) : code;
	while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		take(table, rows);
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_DONE ? final : code;
}

static void sim_draft_take_column(struct sim_draft_table *table, sqlite3_stmt *row) {
	struct sim_draft_column *longer =
	        sqlite3_realloc64(table->columns, (table->column_count + 1ul) * sizeof *longer);
	if (longer == NULL) {
		return;
	}
	table->columns = longer;
	struct sim_draft_column *column = &table->columns[table->column_count++];
	*column = (struct sim_draft_column){.name = sim_draft_text(row, 0),
	                                    .type = sim_draft_text(row, 1),
	                                    .has_default = sqlite3_column_int(row, 2) != 0,
	                                    .key = sqlite3_column_int(row, 3),
	                                    .is_made = sqlite3_column_int(row, 4) != 0,
	                                    .is_required = sqlite3_column_int(row, 5) != 0};
	column->is_unique = column->key > 0;
}

static void sim_draft_take_parent(struct sim_draft_table *table, sqlite3_stmt *row) {
	struct sim_draft_column *column = sim_draft_find_column(table, (const char *)sqlite3_column_text(row, 0));
	if (column != NULL && column->parent == NULL) {
		column->parent = sim_draft_text(row, 1);
		column->parent_key = sim_draft_text(row, 2);
	}
}

static void sim_draft_take_unique(struct sim_draft_table *table, sqlite3_stmt *row) {
	struct sim_draft_column *column = sim_draft_find_column(table, (const char *)sqlite3_column_text(row, 0));
	if (column != NULL) {
		column->is_unique = true;
	}
}

static int sim_draft_fill(sqlite3 *connection, struct sim_draft_table *table) {
	int code = sim_draft_ask(
	        connection, table,
	        "SELECT name, type, dflt_value IS NOT NULL, pk, hidden, \"notnull\" FROM pragma_table_xinfo(?)",
	        sim_draft_take_column);
	if (code == SQLITE_OK) {
		code = sim_draft_ask(
		        connection, table,
		        "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq",
		        sim_draft_take_parent);
	}
	if (code == SQLITE_OK) {
		code = sim_draft_ask(connection, table,
		                     "SELECT i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i "
		                     "WHERE l.\"unique\"",
		                     sim_draft_take_unique);
	}
	uint32_t keys = 0;
	struct sim_draft_column *key = NULL;
	for (uint32_t i = 0; i < table->column_count; i++) {
		keys += table->columns[i].key > 0;
		key = table->columns[i].key > 0 ? &table->columns[i] : key;
	}
	if (keys == 1 && table->has_rowid && key->type != NULL && sqlite3_stricmp(key->type, "INTEGER") == 0) {
		key->is_rowid = true;
	}
	return code;
}

/* "book", "books", "book_id" and "bookId" are called after "book", and after "books". */
static bool sim_draft_is_called_after(const char *column, const char *table) {
	static const char *const ends[] = {"", "s", "_id", "id"};
	size_t stem = strlen(table);
	stem -= stem > 1 && (table[stem - 1] == 's' || table[stem - 1] == 'S');
	bool begins = sqlite3_strnicmp(column, table, (int)stem) == 0;
	bool is = false;
	for (size_t i = 0; begins && i < sizeof ends / sizeof ends[0]; i++) {
		is = is || sqlite3_stricmp(column + stem, ends[i]) == 0;
	}
	return is;
}

static const char *sim_draft_find_namesake(const struct sim_draft_table *tables, uint32_t count,
                                           const struct sim_draft_table *table, const char *column) {
	const char *found = NULL;
	for (uint32_t i = 0; i < count && found == NULL; i++) {
		bool is_other = &tables[i] != table && tables[i].has_rowid;
		found = is_other && sim_draft_is_called_after(column, tables[i].name) ? tables[i].name : NULL;
	}
	return found;
}

/* Programs refer to rows of other tables without saying so, and their triggers look. */
static void sim_draft_find_namesakes(const struct sim_draft_table *tables, uint32_t count,
                                     struct sim_draft_table *table) {
	for (uint32_t i = 0; i < table->column_count; i++) {
		const char *found = sim_draft_find_namesake(tables, count, table, table->columns[i].name);
		table->columns[i].namesake = found != NULL ? sqlite3_mprintf("%s", found) : NULL;
	}
}

/* Whether the text of a virtual table has the option `content`: its rows are another table's, or
 * nowhere, and triggers keep it (https://sqlite.org/fts5.html, section 4.4). */
static bool sim_draft_has_content_elsewhere(const char *sql) {
	static const char option[] = "content";
	const int size = (int)sizeof option - 1;
	bool has = false;
	if (sql == NULL || sqlite3_strlike("create%virtual%using%fts%", sql, 0) != 0) {
		return false;
	}
	for (const char *c = strpbrk(sql, "(,"); c != NULL && !has; c = strpbrk(c + 1, "(,")) {
		const char *word = c + 1 + strspn(c + 1, " \t\r\n");
		bool is_option = sqlite3_strnicmp(word, option, size) == 0;
		has = is_option && word[size + (int)strspn(word + size, " \t\r\n")] == '=';
	}
	return has;
}

uint32_t sim_draft_tables(sqlite3 *connection, struct sim_draft_table *tables, uint32_t max, int *code) {
	sqlite3_stmt *rows = NULL;
	uint32_t count = 0;
	*code = sqlite3_prepare_v2(
	        connection,
	        "SELECT s.name, s.sql, l.wr = 0, l.type = 'shadow' FROM sqlite_schema s "
	        "JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main' "
	        "WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid",
	        -1, &rows, NULL);
	while (*code == SQLITE_OK && count < max && (*code = sqlite3_step(rows)) == SQLITE_ROW) {
		struct sim_draft_table *table = &tables[count++];
		memset(table, 0, sizeof *table);
		table->name = sim_draft_text(rows, 0);
		table->sql = sim_draft_text(rows, 1);
		table->has_rowid = sqlite3_column_int(rows, 2) != 0;
		table->is_shadow = sqlite3_column_int(rows, 3) != 0 || sim_draft_has_content_elsewhere(table->sql);
		*code = table->name == NULL ? SQLITE_NOMEM : sim_draft_fill(connection, table);
	}
	sqlite3_finalize(rows);
	*code = *code == SQLITE_DONE ? SQLITE_OK : *code;
	for (uint32_t i = 0; *code == SQLITE_OK && i < count; i++) {
		sim_draft_find_namesakes(tables, count, &tables[i]);
	}
	return count;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* A name of the rowid that no column has. */
static const char *sim_draft_rowid(const struct sim_draft_table *table) {
	static const char *const names[] = {"rowid", "_rowid_", "oid"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		bool taken = false;
		for (uint32_t column = 0; column < table->column_count; column++) {
			taken |= sqlite3_stricmp(table->columns[column].name, names[i]) == 0;
		}
		if (!taken) {
			return names[i];
		}
	}
	return names[0];
}

/* What tells rows apart: "rowid", or the primary key. */
static void sim_draft_put_key(sqlite3_str *out, const struct sim_draft_table *table) {
	bool first = true;
	if (table->has_rowid) {
		sqlite3_str_appendall(out, sim_draft_rowid(table));
		return;
	}
	for (uint32_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].key > 0) {
			sqlite3_str_appendf(out, "%s\"%w\"", first ? "" : ", ", table->columns[i].name);
			first = false;
		}
	}
}

/* "ORDER BY ... LIMIT 1 OFFSET ...": one row of the table, whichever the seed draws. */
static void sim_draft_put_one(sqlite3_str *out, const char *name, const char *order) {
	sqlite3_str_appendf(
	        out, " FROM \"%w\" ORDER BY %s LIMIT 1 OFFSET abs(random() %% (SELECT max(count(*), 1) FROM \"%w\"))",
	        name, order, name);
}

void sim_draft_put_choice(sqlite3_str *out, const struct sim_draft_table *table) {
	sqlite3_str *key = sqlite3_str_new(NULL);
	sim_draft_put_key(key, table);
	char *order = sqlite3_str_finish(key);
	if (order != NULL) {
		sqlite3_str_appendf(out, "WHERE (%s) = (SELECT %s", order, order);
		sim_draft_put_one(out, table->name, order);
		sqlite3_str_appendall(out, ")");
	}
	sqlite3_free(order);
}

bool sim_draft_is_inserted(const struct sim_draft_column *column, bool is_whole) {
	bool is_left = column->has_default && column->parent == NULL && !is_whole;
	return !column->is_made && !column->is_rowid && !is_left;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Declared types contain such words (https://sqlite.org/datatype3.html, section 3.1, and what
 * people write beside them). The first that fits counts; `unique` is for columns that have no value
 * twice. */
static const struct sim_draft_type {
	const char *word;
	const char *expression;
	const char *unique;
} sim_draft_types[] = {
        {"%json%", "'{\"n\":' || abs(random() % 1000) || '}'", NULL},
        {"%date%time%", "datetime('2024-01-01', abs(random() % 100000000) || ' seconds')", NULL},
        {"%timestamp%", "datetime('2024-01-01', abs(random() % 100000000) || ' seconds')", NULL},
        {"%date%", "date('2024-01-01', abs(random() % 1000) || ' days')", NULL},
        {"%time%", "time(abs(random() % 86400), 'unixepoch')", NULL},
        {"%bool%", "abs(random() % 2)", NULL},
        {"%int%", "abs(random() % 1000)", "abs(random() % 1000000000)"},
        {"%char%", "substr(hex(randomblob(8)), 1, abs(random() % 8) + 1)", "hex(randomblob(8))"},
        {"%clob%", "hex(randomblob(abs(random() % 20) + 1))", "hex(randomblob(8))"},
        {"%text%", "hex(randomblob(abs(random() % 20) + 1))", "hex(randomblob(8))"},
        {"%blob%", "randomblob(abs(random() % 64))", "randomblob(8)"},
        {"%real%", "abs(random() % 100000) / 100.0", "abs(random() % 1000000000) / 100.0"},
        {"%floa%", "abs(random() % 100000) / 100.0", "abs(random() % 1000000000) / 100.0"},
        {"%double%", "abs(random() % 100000) / 100.0", "abs(random() % 1000000000) / 100.0"},
        {"%_%", "abs(random() % 1000)", "abs(random() % 1000000000)"},
        {"%", "hex(randomblob(abs(random() % 20) + 1))", "hex(randomblob(8))"},
};

static const struct sim_draft_type *sim_draft_type_of(const struct sim_draft_column *column) {
	const struct sim_draft_type *type = sim_draft_types;
	const char *declared = column->type != NULL ? column->type : "";
	while (sqlite3_strlike(type->word, declared, 0) != 0) {
		type++;
	}
	return type;
}

/* The quoted words of the table's SQL, as a choice; false when there is none. */
static bool sim_draft_put_words(sqlite3_str *out, const struct sim_draft_table *table) {
	sqlite3_str *cases = sqlite3_str_new(NULL);
	uint32_t count = 0;
	for (const char *text = table->sql != NULL ? strchr(table->sql, '\'') : NULL; text != NULL;) {
		const char *end = strchr(text + 1, '\'');
		if (end == NULL) {
			break;
		}
		sqlite3_str_appendf(cases, " WHEN %u THEN %.*s", count, (int)(end - text) + 1, text);
		count++;
		text = strchr(end + 1, '\'');
	}
	char *words = sqlite3_str_finish(cases);
	if (words != NULL && count > 0) {
		sqlite3_str_appendf(out, "CASE abs(random() %% %u)%s END", count, words);
	}
	sqlite3_free(words);
	return count > 0;
}

/* Where the column's name stands as a word; NULL: nowhere behind `from`. */
static const char *sim_draft_find_name(const char *from, const char *name) {
	int size = (int)strlen(name);
	for (; from != NULL && *from != '\0'; from++) {
		bool begins = from[-1] == ' ' || strchr("(\"[`\t\n,", from[-1]) != NULL;
		if (begins && sqlite3_strnicmp(from, name, size) == 0 && strchr(" )\"]`\t\n=<>!", from[size]) != NULL) {
			return from;
		}
	}
	return NULL;
}

/* `IN (...)` behind the name of a column. */
static bool sim_draft_put_list(sqlite3_str *out, const char *behind) {
	behind += strspn(behind, " \"]`\t\n");
	if (sqlite3_strnicmp(behind, "in", 2) != 0) {
		return false;
	}
	const char *list = behind + 2 + strspn(behind + 2, " \t\n");
	const char *end = *list == '(' ? strchr(list, ')') : NULL;
	uint32_t count = 1;
	for (const char *c = list; end != NULL && c < end; c++) {
		count += *c == ',';
	}
	if (end != NULL) {
		sqlite3_str_appendf(out, "CASE abs(random() %% %u)", count);
		for (uint32_t i = 0; i < count; i++) {
			size_t size = strcspn(list + 1, ",)");
			sqlite3_str_appendf(out, " WHEN %u THEN %.*s", i, (int)size, list + 1);
			list += size + 1;
		}
		sqlite3_str_appendall(out, " END");
	}
	return end != NULL;
}

/* `length(column)`, an operator, and a number. */
static bool sim_draft_put_length(sqlite3_str *out, const char *name, const char *behind) {
	static const char word[] = "length(";
	if (sqlite3_strnicmp(name - sizeof word + 1, word, sizeof word - 1) != 0 || *behind != ')') {
		return false;
	}
	const char *number = behind + 1 + strspn(behind + 1, " =<>!\t\n");
	size_t digits = strspn(number, "0123456789");
	bool is_small = digits > 0 && digits < 4;
	if (is_small) {
		sqlite3_str_appendf(out, "substr(lower(hex(randomblob(%.*s))), 1, %.*s)", (int)digits, number,
		                    (int)digits, number);
	}
	return is_small;
}

/* What a CHECK says of the column; false when it says nothing of these kinds. */
static bool sim_draft_put_checked(sqlite3_str *out, const struct sim_draft_table *table, const char *column) {
	bool put = false;
	const char *name = table->sql != NULL ? strchr(table->sql, '(') : NULL;
	name = name != NULL ? sim_draft_find_name(name + 1, column) : NULL;
	while (name != NULL && !put) {
		const char *behind = name + strlen(column);
		put = sim_draft_put_list(out, behind) ||
		      (name - table->sql > 8 && sim_draft_put_length(out, name, behind));
		name = sim_draft_find_name(behind, column);
	}
	return put;
}

/* Of what some row has. */
static void sim_draft_put_of_rows(sqlite3_str *out, const char *table, const char *column) {
	char *order = sqlite3_mprintf("\"%w\"", column);
	if (order != NULL) {
		sqlite3_str_appendf(out, "(SELECT %s", order);
		sim_draft_put_one(out, table, order);
		sqlite3_str_appendall(out, ")");
	}
	sqlite3_free(order);
}

void sim_draft_put_value(sqlite3_str *out, const struct sim_draft_table *table, const struct sim_draft_column *column,
                         enum sim_draft_way way) {
	const struct sim_draft_type *type = sim_draft_type_of(column);
	bool is_text = sqlite3_strlike("%text%", type->word, 0) == 0 || sqlite3_strlike("%char%", type->word, 0) == 0 ||
	               strcmp(type->word, "%") == 0;
	if (column->parent != NULL) {
		sim_draft_put_of_rows(out, column->parent, column->parent_key != NULL ? column->parent_key : "rowid");
	} else if (way == SIM_DRAFT_BY_NAMES && column->namesake != NULL) {
		sim_draft_put_of_rows(out, column->namesake, "rowid");
	} else if (way == SIM_DRAFT_BY_ROWS && !column->is_unique) {
		sim_draft_put_of_rows(out, table->name, column->name);
	} else if (way == SIM_DRAFT_BY_CHECK && sim_draft_put_checked(out, table, column->name)) {
		return;
	} else if (way == SIM_DRAFT_BY_LENGTH && is_text) {
		sqlite3_str_appendall(out, "lower(hex(randomblob(20)))");
	} else if (way == SIM_DRAFT_BY_NOTHING && !column->is_required) {
		sqlite3_str_appendall(out, "NULL");
	} else if (way != SIM_DRAFT_BY_WORDS || column->is_unique || !is_text || !sim_draft_put_words(out, table)) {
		sqlite3_str_appendall(out, column->is_unique && type->unique != NULL ? type->unique : type->expression);
	}
}
