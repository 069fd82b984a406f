/* sim/scenario/sql_file.c: see sql_file.h. */
#include "sql_file.h"

#include "suggest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIM_SQL_FILE_BYTES_MAX (64u << 20)

/* ---- the file -------------------------------------------------------------------------------- */

static bool sim_sql_file_refuse(struct sim_sql_check *check, const char *place, const struct sim_sql_file *file,
                                const char *why) {
	return sim_scenario_refuse(check->source, place, "%s %.200s: %s, expected a file of SQL", place, file->path,
	                           why);
}

static bool sim_sql_file_read(struct sim_sql_file *file, struct sim_sql_check *check, const char *place, FILE *from,
                              size_t size) {
	file->text = malloc(size + 1);
	if (file->text == NULL) {
		return sim_sql_file_refuse(check, place, file, "out of memory");
	}
	size_t got = fread(file->text, 1, size, from);
	file->text[got] = '\0';
	if (ferror(from)) {
		return sim_sql_file_refuse(check, place, file, strerror(errno));
	}
	if (strlen(file->text) != got) {
		return sim_sql_file_refuse(check, place, file,
		                           got > 15 && memcmp(file->text, "SQLite format 3", 15) == 0
		                                   ? "a database, which `aftershock init` can read"
		                                   : "has a byte of zero");
	}
	return true;
}

static bool sim_sql_file_open(struct sim_sql_file *file, struct sim_sql_check *check, const char *place) {
	struct stat status;
	if (stat(file->path, &status) != 0) {
		return sim_sql_file_refuse(check, place, file, strerror(errno));
	}
	if (!S_ISREG(status.st_mode)) {
		return sim_sql_file_refuse(check, place, file,
		                           S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
	}
	if (status.st_size > SIM_SQL_FILE_BYTES_MAX) {
		return sim_sql_file_refuse(check, place, file, "more than 64 MB");
	}
	FILE *from = fopen(file->path, "rb");
	if (from == NULL) {
		return sim_sql_file_refuse(check, place, file, strerror(errno));
	}
	bool read = sim_sql_file_read(file, check, place, from, (size_t)status.st_size);
	fclose(from);
	return read;
}

bool sim_sql_file_init(struct sim_sql_file *file, struct sim_sql_check *check, const char *place, const char *name) {
	*file = (struct sim_sql_file){.text = NULL};
	if (!sim_scenario_source_beside(check->source, name, file->path, sizeof file->path)) {
		return sim_sql_file_refuse(check, place, file, "a path that is too long");
	}
	return sim_sql_file_open(file, check, place);
}

void sim_sql_file_deinit(struct sim_sql_file *file) {
	free(file->text);
	file->text = NULL;
}

/* The first statement; an editor's byte-order mark says nothing. */
static struct sim_sql_cutter sim_sql_file_cut(const struct sim_sql_file *file) {
	bool marked = strncmp(file->text, "\xef\xbb\xbf", 3) == 0;
	return (struct sim_sql_cutter){.text = file->text + (marked ? 3 : 0), .line = 1};
}

/* Why there is no statement any more. */
static bool sim_sql_file_ends_well(struct sim_sql_check *check, const struct sim_sql_cutter *cutter) {
	return !cutter->out_of_memory || sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
}

/* What cannot be a statement, said in words that help more than SQLite's. */
static bool sim_sql_file_check_piece(struct sim_sql_check *check, const struct sim_sql_file *file,
                                     const struct sim_sql_cutter *cutter, const struct sim_sql_piece *piece) {
	if (piece->text[0] == '.') {
		return sim_scenario_refuse_file(check->source, file->path, piece->line,
		                                "%.*s is a command of the shell, expected SQL only",
		                                (int)(strcspn(piece->text, " \n") % 40), piece->text);
	}
	if (cutter->open) {
		return sim_scenario_refuse_file(check->source, file->path, piece->line,
		                                "a quote or comment of this statement has no end, expected one");
	}
	return true;
}

/* ---- lists of statements --------------------------------------------------------------------- */

static bool sim_sql_lines_grow(struct sim_sql_lines *lines, size_t room) {
	char **texts = realloc(lines->texts, room * sizeof *texts);
	if (texts == NULL) {
		return false;
	}
	lines->texts = texts;
	uint32_t *numbers = realloc(lines->lines, room * sizeof *numbers);
	if (numbers == NULL) {
		return false;
	}
	lines->lines = numbers;
	return true;
}

static bool sim_sql_lines_add(struct sim_sql_lines *lines, const char *text, size_t size, uint32_t line) {
	bool is_full = (lines->count & (lines->count - 1)) == 0;
	if (is_full && !sim_sql_lines_grow(lines, lines->count == 0 ? 1 : lines->count * 2ul)) {
		return false;
	}
	lines->texts[lines->count] = strndup(text, size);
	lines->lines[lines->count] = line;
	return lines->texts[lines->count++] != NULL;
}

void sim_sql_lines_deinit(struct sim_sql_lines *lines) {
	for (uint32_t i = 0; i < lines->count; i++) {
		free(lines->texts[i]);
	}
	free(lines->texts);
	free(lines->lines);
	*lines = (struct sim_sql_lines){0};
}

/* ---- setting up ------------------------------------------------------------------------------ */

/* What the scenario's settings say, what one transaction around all of it does, and what SQLite
 * makes by itself. */
static const char *const sim_sql_setup_left_out[] = {"begin",
                                                     "commit",
                                                     "end",
                                                     "create table sqlite_sequence",
                                                     "create table sqlite_stat1",
                                                     "create table sqlite_stat3",
                                                     "create table sqlite_stat4",
                                                     "pragma auto_vacuum",
                                                     "pragma automatic_index",
                                                     "pragma busy_timeout",
                                                     "pragma cache_size",
                                                     "pragma cache_spill",
                                                     "pragma defer_foreign_keys",
                                                     "pragma foreign_keys",
                                                     "pragma journal_mode",
                                                     "pragma journal_size_limit",
                                                     "pragma locking_mode",
                                                     "pragma mmap_size",
                                                     "pragma optimize",
                                                     "pragma page_size",
                                                     "pragma recursive_triggers",
                                                     "pragma secure_delete",
                                                     "pragma synchronous",
                                                     "pragma temp_store",
                                                     "pragma wal_autocheckpoint",
                                                     NULL};

bool sim_sql_setup_is_left_out(const struct sim_sql_piece *piece) {
	const char *const *words = sim_sql_setup_left_out;
	while (*words != NULL && !sim_sql_text_begins(piece->text, piece->size, *words)) {
		words++;
	}
	return *words != NULL;
}

/* The word behind the sign, without quotes. */
static void sim_sql_setup_take_encoding(const struct sim_sql_piece *piece, char encoding[SIM_SQL_NAME_SIZE]) {
	size_t used = 0;
	const char *end = piece->text + piece->size;
	const char *text = memchr(piece->text, '=', piece->size);
	for (; text != NULL && text < end && used + 1 < SIM_SQL_NAME_SIZE; text++) {
		if (isalnum((unsigned char)*text) || *text == '-') {
			encoding[used++] = *text;
		}
	}
	encoding[used] = '\0';
}

/* A dump with virtual tables writes the schema itself. */
bool sim_sql_setup_init(struct sim_sql_lines *setup, struct sim_sql_check *check, const struct sim_sql_file *file,
                        char encoding[SIM_SQL_NAME_SIZE]) {
	static const char reset[] = "PRAGMA writable_schema=RESET";
	struct sim_sql_cutter cutter = sim_sql_file_cut(file);
	struct sim_sql_piece piece;
	bool writes_schema = false;
	encoding[0] = '\0';
	*setup = (struct sim_sql_lines){0};
	bool fine = true;
	while (fine && sim_sql_cutter_next(&cutter, &piece)) {
		if (!sim_sql_file_check_piece(check, file, &cutter, &piece)) {
			return false;
		}
		if (sim_sql_text_begins(piece.text, piece.size, "pragma encoding")) {
			sim_sql_setup_take_encoding(&piece, encoding);
		} else if (!sim_sql_setup_is_left_out(&piece)) {
			fine = sim_sql_lines_add(setup, piece.text, piece.size, piece.line);
			writes_schema |= sim_sql_text_begins(piece.text, piece.size, "pragma writable_schema");
		}
	}
	fine = fine && (!writes_schema || sim_sql_lines_add(setup, reset, sizeof reset - 1, cutter.line));
	if (!fine) {
		return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
	}
	return sim_sql_file_ends_well(check, &cutter);
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* What stands behind "-- key:" in this line of a comment; NULL: it is another line. */
static const char *sim_sql_transactions_value(const char *line, const char *key) {
	const char *word = line + strspn(line, " \t");
	if (strncmp(word, "--", 2) != 0) {
		return NULL;
	}
	word += strspn(word, "-");
	word += strspn(word, " \t");
	size_t size = strlen(key);
	if (strncmp(word, key, size) != 0 || word[size] != ':') {
		return NULL;
	}
	return word + size + 1 + strspn(word + size + 1, " \t");
}

/* Of the comments before a statement; the last line counts. The size of the value, 0 if none. */
static size_t sim_sql_transactions_find_key(const struct sim_sql_piece *piece, const char *key, const char **value) {
	const char *end = piece->before + piece->before_size;
	size_t size = 0;
	for (const char *line = piece->before; line < end; line += line[0] == '\n') {
		const char *found = sim_sql_transactions_value(line, key);
		*value = found != NULL ? found : *value;
		size = found != NULL ? strcspn(found, "\r\n") : size;
		line += strcspn(line, "\n");
	}
	while (size > 0 && isspace((unsigned char)(*value)[size - 1])) {
		size--;
	}
	return size;
}

static const char *const sim_sql_transactions_keys[] = {"name", "weight", "values", NULL};

/* The key that the word before the colon of a comment is nearly; NULL: it is one, or is none. */
static const char *sim_sql_transactions_near_key(const char *line, char word[16]) {
	const char *at = line + strspn(line, " \t-");
	size_t size = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (at == line || size == 0 || size >= 16 || at[size] != ':') {
		return NULL;
	}
	snprintf(word, 16, "%.*s", (int)size, at);
	const char *key = sim_suggest_near(word, sim_sql_transactions_keys);
	return key != NULL && strcmp(key, word) != 0 ? key : NULL;
}

/* A comment may say anything, but what is nearly a key is one that was mistyped. */
static bool sim_sql_transactions_check_keys(struct sim_sql_check *check, const struct sim_sql_file *file,
                                            const struct sim_sql_piece *piece) {
	const char *end = piece->before + piece->before_size;
	for (const char *line = piece->before; line < end; line += strcspn(line, "\n") + 1) {
		char word[16];
		uint32_t behind = 0;
		const char *key = sim_sql_transactions_near_key(line, word);
		for (const char *next = line; key != NULL && next < end; next++) {
			behind += *next == '\n';
		}
		if (key != NULL) {
			return sim_scenario_refuse_file(check->source, file->path, piece->line - behind,
			                                "unknown word %s before a transaction; did you mean %s?", word,
			                                key);
		}
	}
	return true;
}

/* "a, b" as two words. */
static bool sim_sql_transactions_take_values(struct sim_sql_file_transaction *transaction, const char *value,
                                             size_t size) {
	static const char gaps[] = ", \t\r\n";
	struct sim_sql_texts *values = &transaction->values;
	const char *end = value + size;
	bool fine = true;
	values->texts = calloc(size + 1, sizeof *values->texts);
	value += size > 0 ? strspn(value, gaps) : 0;
	while (values->texts != NULL && fine && value < end) {
		size_t length = strcspn(value, gaps);
		values->texts[values->count] = strndup(value, length);
		fine = values->texts[values->count++] != NULL;
		value += length + strspn(value + length, gaps);
	}
	return values->texts != NULL && fine;
}

/* What the comments before it say. */
static bool sim_sql_transactions_take_comments(struct sim_sql_check *check, const struct sim_sql_file *file,
                                               const struct sim_sql_piece *piece, uint32_t number,
                                               struct sim_sql_file_transaction *transaction) {
	const char *value = "";
	if (!sim_sql_transactions_check_keys(check, file, piece)) {
		return false;
	}
	size_t size = sim_sql_transactions_find_key(piece, "name", &value);
	if (size == 0) {
		snprintf(transaction->name, sizeof transaction->name, "transaction-%u", number + 1);
	} else if (size < sizeof transaction->name) {
		snprintf(transaction->name, sizeof transaction->name, "%.*s", (int)size, value);
	} else {
		return sim_scenario_refuse_file(check->source, file->path, piece->line,
		                                "the name before it is too long, expected at most %d letters",
		                                SIM_SQL_NAME_SIZE - 2);
	}
	size = sim_sql_transactions_find_key(piece, "weight", &value);
	if (size > 0) {
		char *end = NULL;
		transaction->weight = strtoull(value, &end, 10);
		if (end != value + size || !isdigit((unsigned char)*value)) {
			return sim_scenario_refuse_file(check->source, file->path, piece->line,
			                                "the weight before it is %.*s, expected 1 to 1000",
			                                (int)(size < 40 ? size : 40), value);
		}
		transaction->raw.weight = &transaction->weight;
	}
	size = sim_sql_transactions_find_key(piece, "values", &value);
	return sim_sql_transactions_take_values(transaction, value, size) ||
	       sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
}

/* The word of the scenario that a BEGIN stands for; NULL: it is no BEGIN. */
static char *sim_sql_transactions_begin_word(const struct sim_sql_piece *piece) {
	static char words[][12] = {"immediate", "exclusive", "deferred"};
	static const char *const begins[] = {"begin immediate", "begin exclusive", "begin"};
	uint32_t i = 0;
	while (i < 3 && !sim_sql_text_begins(piece->text, piece->size, begins[i])) {
		i++;
	}
	return i < 3 ? words[i] : NULL;
}

/* COMMIT or ROLLBACK, but not ROLLBACK TO; NULL: neither. */
static char *sim_sql_transactions_end_word(const struct sim_sql_piece *piece) {
	static char commit[] = "commit";
	static char rollback[] = "rollback";
	if (sim_sql_text_begins(piece->text, piece->size, "commit") ||
	    sim_sql_text_begins(piece->text, piece->size, "end")) {
		return commit;
	}
	bool undoes = sim_sql_text_begins(piece->text, piece->size, "rollback to") ||
	              sim_sql_text_begins(piece->text, piece->size, "rollback transaction to");
	return !undoes && sim_sql_text_begins(piece->text, piece->size, "rollback") ? rollback : NULL;
}

/* A transaction begins with this statement, which is BEGIN, or stands alone. */
static struct sim_sql_file_transaction *sim_sql_transactions_add(struct sim_sql_file_transactions *transactions) {
	struct sim_sql_file_transaction *items =
	        realloc(transactions->items, (transactions->count + 1) * sizeof *items);
	if (items == NULL) {
		return NULL;
	}
	transactions->items = items;
	items[transactions->count] = (struct sim_sql_file_transaction){.line = 0};
	return &items[transactions->count++];
}

/* What is read of a file of transactions. */
struct sim_sql_transactions_reader {
	struct sim_sql_check *check;
	const struct sim_sql_file *file;
	struct sim_sql_file_transactions *transactions;
	struct sim_sql_file_transaction *open; /* has begun, and not ended */
};

static bool sim_sql_transactions_take_first(struct sim_sql_transactions_reader *reader,
                                            const struct sim_sql_piece *piece) {
	static char none[] = "none";
	struct sim_sql_file_transaction *transaction = sim_sql_transactions_add(reader->transactions);
	if (transaction == NULL) {
		return sim_scenario_refuse_line(reader->check->source, 0, "cannot be read: out of memory");
	}
	char *begin = sim_sql_transactions_begin_word(piece);
	transaction->line = piece->line;
	transaction->raw.begin = begin != NULL ? begin : none;
	if (!sim_sql_transactions_take_comments(reader->check, reader->file, piece, reader->transactions->count - 1,
	                                        transaction)) {
		return false;
	}
	if (begin != NULL) {
		reader->open = transaction;
		return true;
	}
	return sim_sql_lines_add(&transaction->statements, piece->text, piece->size, piece->line) ||
	       sim_scenario_refuse_line(reader->check->source, 0, "cannot be read: out of memory");
}

static bool sim_sql_transactions_take_piece(struct sim_sql_transactions_reader *reader,
                                            const struct sim_sql_piece *piece) {
	char *end = sim_sql_transactions_end_word(piece);
	if (reader->open == NULL) {
		return end == NULL ? sim_sql_transactions_take_first(reader, piece)
		                   : sim_scenario_refuse_file(reader->check->source, reader->file->path, piece->line,
		                                              "%s without BEGIN, expected BEGIN before it", end);
	}
	if (sim_sql_transactions_begin_word(piece) != NULL) {
		return sim_scenario_refuse_file(reader->check->source, reader->file->path, piece->line,
		                                "BEGIN within a transaction, expected COMMIT or ROLLBACK before it");
	}
	if (end == NULL) {
		return sim_sql_lines_add(&reader->open->statements, piece->text, piece->size, piece->line) ||
		       sim_scenario_refuse_line(reader->check->source, 0, "cannot be read: out of memory");
	}
	reader->open->raw.end = end;
	bool empty = reader->open->statements.count == 0;
	uint32_t line = reader->open->line;
	reader->open = NULL;
	return !empty || sim_scenario_refuse_file(reader->check->source, reader->file->path, line,
	                                          "a transaction of no statements, expected at least one");
}

/* The items do not move any more: they may point at themselves. */
static void sim_sql_transactions_tie(struct sim_sql_file_transactions *transactions) {
	for (uint32_t i = 0; i < transactions->count; i++) {
		struct sim_sql_file_transaction *item = &transactions->items[i];
		item->raw.name = item->name;
		item->raw.weight = item->raw.weight != NULL ? &item->weight : NULL;
		item->raw.statements = item->statements.texts;
		item->raw.statements_count = item->statements.count;
		item->raw.values = item->values.texts;
		item->raw.values_count = item->values.count;
	}
}

bool sim_sql_file_transactions_init(struct sim_sql_file_transactions *transactions, struct sim_sql_check *check,
                                    const struct sim_sql_file *file) {
	struct sim_sql_transactions_reader reader = {check, file, transactions, NULL};
	struct sim_sql_cutter cutter = sim_sql_file_cut(file);
	struct sim_sql_piece piece;
	*transactions = (struct sim_sql_file_transactions){0, NULL};
	while (sim_sql_cutter_next(&cutter, &piece)) {
		if (!sim_sql_file_check_piece(check, file, &cutter, &piece) ||
		    !sim_sql_transactions_take_piece(&reader, &piece)) {
			return false;
		}
	}
	sim_sql_transactions_tie(transactions);
	if (reader.open != NULL) {
		return sim_scenario_refuse_file(check->source, file->path, reader.open->line,
		                                "the transaction has no end, expected COMMIT or ROLLBACK");
	}
	if (transactions->count == 0) {
		return sim_scenario_refuse_file(check->source, file->path, 1,
		                                "no statement, expected transactions such as BEGIN; ...; COMMIT;");
	}
	return sim_sql_file_ends_well(check, &cutter);
}

void sim_sql_file_transactions_deinit(struct sim_sql_file_transactions *transactions) {
	for (uint32_t i = 0; i < transactions->count; i++) {
		sim_sql_lines_deinit(&transactions->items[i].statements);
		for (uint32_t value = 0; value < transactions->items[i].values.count; value++) {
			free(transactions->items[i].values.texts[value]);
		}
		free(transactions->items[i].values.texts);
	}
	free(transactions->items);
	*transactions = (struct sim_sql_file_transactions){0, NULL};
}
