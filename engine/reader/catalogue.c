/* engine/reader/catalogue.c: the definitions of instruments and currencies, as text lines. */
#include "reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#define READER_CATALOGUE_WORDS_MAX 7
#define READER_CATALOGUE_INSTRUMENT "instrument SYMBOL TICK LOT [multiplier NUMBER] [no-legs]"
/* A byte-order mark, which editors put in front of UTF-8. */
#define READER_CATALOGUE_MARK "\xef\xbb\xbf"
#define READER_CATALOGUE_MARK_SIZE 3
#define READER_CATALOGUE_UNIT_DIGITS_MAX 999999999 /* see reader_decimal_print_product */

struct reader_catalogue_word {
	const char *text;
	size_t size;
};

struct reader_catalogue_line {
	size_t number;
	size_t word_count;
	struct reader_catalogue_word words[READER_CATALOGUE_WORDS_MAX];
};

/* False, to be returned. */
static bool reader_catalogue_fail(struct reader_catalogue_error *error, size_t line, const char *what,
                                  struct reader_catalogue_word word) {
	error->line = line;
	sqlite3_snprintf((int)sizeof error->text, error->text, "%s%s%.*s", what, word.size > 0 ? ": " : "",
	                 word.size > 40 ? 40 : (int)word.size, word.text != NULL ? word.text : "");
	return false;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool reader_catalogue_is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes a line apart. More words than fit are counted and not kept. */
static void reader_catalogue_split(const char *text, size_t size, struct reader_catalogue_line *line) {
	size_t at = 0;

	line->word_count = 0;
	for (;;) {
		while (at < size && reader_catalogue_is_blank(text[at])) {
			at++;
		}
		size_t from = at;
		while (at < size && !reader_catalogue_is_blank(text[at]) && text[at] != '#') {
			at++;
		}
		if (at == from) {
			return;
		}
		if (line->word_count < READER_CATALOGUE_WORDS_MAX) {
			line->words[line->word_count] = (struct reader_catalogue_word){text + from, at - from};
		}
		line->word_count++;
	}
}

static bool reader_catalogue_is(struct reader_catalogue_word word, const char *text) {
	return word.size == strlen(text) && memcmp(word.text, text, word.size) == 0;
}

static bool reader_catalogue_copy_name(struct reader_catalogue_word word, char *name, size_t size) {
	if (word.size >= size || memchr(word.text, '\0', word.size) != NULL) {
		return false;
	}
	memcpy(name, word.text, word.size);
	return true;
}

static bool reader_catalogue_copy_unit(struct reader_catalogue_word word, struct reader_decimal *unit) {
	return reader_decimal_parse(word.text, word.size, unit) == READER_REASON_NONE && unit->digits > 0 &&
	       unit->digits <= READER_CATALOGUE_UNIT_DIGITS_MAX;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Makes room for one more row; it allocates only at powers of two. */
static void *reader_catalogue_grow(void *rows, size_t count, size_t row_size) {
	return (count & (count - 1)) == 0 ? realloc(rows, (count == 0 ? 1 : 2 * count) * row_size) : rows;
}

/* What may stand behind the lot. */
static bool reader_catalogue_take_options(const struct reader_catalogue_line *line, struct reader_instrument *row,
                                          struct reader_catalogue_error *error) {
	size_t at = 4;

	row->multiplier = (struct reader_decimal){1, 0};
	if (at + 1 < line->word_count && reader_catalogue_is(line->words[at], "multiplier")) {
		if (!reader_catalogue_copy_unit(line->words[at + 1], &row->multiplier)) {
			return reader_catalogue_fail(error, line->number,
			                             "not a positive multiplier of at most 9 digits",
			                             line->words[at + 1]);
		}
		at += 2;
	}
	if (at < line->word_count && reader_catalogue_is(line->words[at], "no-legs")) {
		row->has_no_legs = true;
		at++;
	}
	if (at < line->word_count) {
		return reader_catalogue_fail(error, line->number, "expected " READER_CATALOGUE_INSTRUMENT,
		                             line->words[at]);
	}
	if (reader_decimal_multiply(row->tick, row->multiplier, &row->value) != READER_REASON_NONE ||
	    row->value.digits > READER_CATALOGUE_UNIT_DIGITS_MAX) {
		return reader_catalogue_fail(error, line->number, "tick times multiplier has more than 9 digits",
		                             line->words[1]);
	}
	return true;
}

static bool reader_catalogue_add_instrument(const struct reader_catalogue_line *line,
                                            struct reader_catalogue *catalogue, struct reader_catalogue_error *error) {
	struct reader_instrument row = {0};

	if (line->word_count < 4 || line->word_count > READER_CATALOGUE_WORDS_MAX) {
		return reader_catalogue_fail(error, line->number, "expected " READER_CATALOGUE_INSTRUMENT,
		                             line->words[0]);
	}
	if (!reader_catalogue_copy_name(line->words[1], row.symbol, sizeof row.symbol)) {
		return reader_catalogue_fail(error, line->number, "symbol is too long", line->words[1]);
	}
	if (!reader_catalogue_copy_unit(line->words[2], &row.tick)) {
		return reader_catalogue_fail(error, line->number, "not a positive tick of at most 9 digits",
		                             line->words[2]);
	}
	if (!reader_catalogue_copy_unit(line->words[3], &row.lot)) {
		return reader_catalogue_fail(error, line->number, "not a positive lot of at most 9 digits",
		                             line->words[3]);
	}
	if (!reader_catalogue_take_options(line, &row, error)) {
		return false;
	}
	struct reader_instrument *rows =
	        reader_catalogue_grow(catalogue->instruments, catalogue->instrument_count, sizeof row);
	if (rows == NULL) {
		return reader_catalogue_fail(error, 0, "out of memory", (struct reader_catalogue_word){0});
	}
	catalogue->instruments = rows;
	rows[catalogue->instrument_count++] = row;
	return true;
}

static bool reader_catalogue_add_currency(const struct reader_catalogue_line *line, struct reader_catalogue *catalogue,
                                          struct reader_catalogue_error *error) {
	struct reader_currency row = {0};

	if (line->word_count != 3) {
		return reader_catalogue_fail(error, line->number, "expected currency NAME UNIT", line->words[0]);
	}
	if (!reader_catalogue_copy_name(line->words[1], row.name, sizeof row.name)) {
		return reader_catalogue_fail(error, line->number, "currency is too long", line->words[1]);
	}
	if (!reader_catalogue_copy_unit(line->words[2], &row.unit)) {
		return reader_catalogue_fail(error, line->number, "not a positive unit of at most 9 digits",
		                             line->words[2]);
	}
	struct reader_currency *rows =
	        reader_catalogue_grow(catalogue->currencies, catalogue->currency_count, sizeof row);
	if (rows == NULL) {
		return reader_catalogue_fail(error, 0, "out of memory", (struct reader_catalogue_word){0});
	}
	catalogue->currencies = rows;
	rows[catalogue->currency_count++] = row;
	return true;
}

static bool reader_catalogue_add(const struct reader_catalogue_line *line, struct reader_catalogue *catalogue,
                                 struct reader_catalogue_error *error) {
	if (line->word_count == 0) {
		return true;
	}
	if (reader_catalogue_is(line->words[0], "instrument")) {
		return reader_catalogue_add_instrument(line, catalogue, error);
	}
	if (reader_catalogue_is(line->words[0], "currency")) {
		return reader_catalogue_add_currency(line, catalogue, error);
	}
	return reader_catalogue_fail(error, line->number, "expected instrument or currency", line->words[0]);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int reader_catalogue_compare_instruments(const void *a, const void *b) {
	return strcmp(((const struct reader_instrument *)a)->symbol, ((const struct reader_instrument *)b)->symbol);
}

static int reader_catalogue_compare_currencies(const void *a, const void *b) {
	return strcmp(((const struct reader_currency *)a)->name, ((const struct reader_currency *)b)->name);
}

/* Sorts, and refuses a name that is defined twice. */
static bool reader_catalogue_sort(struct reader_catalogue *catalogue, struct reader_catalogue_error *error) {
	if (catalogue->instrument_count > 0) {
		qsort(catalogue->instruments, catalogue->instrument_count, sizeof *catalogue->instruments,
		      reader_catalogue_compare_instruments);
	}
	if (catalogue->currency_count > 0) {
		qsort(catalogue->currencies, catalogue->currency_count, sizeof *catalogue->currencies,
		      reader_catalogue_compare_currencies);
	}
	for (size_t i = 1; i < catalogue->instrument_count; i++) {
		const char *symbol = catalogue->instruments[i].symbol;
		if (strcmp(catalogue->instruments[i - 1].symbol, symbol) == 0) {
			return reader_catalogue_fail(error, 0, "instrument is defined twice",
			                             (struct reader_catalogue_word){symbol, strlen(symbol)});
		}
	}
	for (size_t i = 1; i < catalogue->currency_count; i++) {
		const char *name = catalogue->currencies[i].name;
		if (strcmp(catalogue->currencies[i - 1].name, name) == 0) {
			return reader_catalogue_fail(error, 0, "currency is defined twice",
			                             (struct reader_catalogue_word){name, strlen(name)});
		}
	}
	return true;
}

bool reader_catalogue_parse(const char *text, size_t size, struct reader_catalogue *catalogue,
                            struct reader_catalogue_error *error) {
	struct reader_catalogue_line line = {0};
	size_t at = 0;
	bool is_good = true;

	*catalogue = (struct reader_catalogue){0};
	*error = (struct reader_catalogue_error){0};
	if (size >= READER_CATALOGUE_MARK_SIZE &&
	    memcmp(text, READER_CATALOGUE_MARK, READER_CATALOGUE_MARK_SIZE) == 0) {
		at = READER_CATALOGUE_MARK_SIZE;
	}
	while (at < size && is_good) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline != NULL ? (size_t)(newline - (text + at)) : size - at;
		line.number++;
		reader_catalogue_split(text + at, length, &line);
		is_good = reader_catalogue_add(&line, catalogue, error);
		at += length + 1;
	}
	is_good = is_good && reader_catalogue_sort(catalogue, error);
	if (!is_good) {
		reader_catalogue_deinit(catalogue);
	}
	return is_good;
}

void reader_catalogue_deinit(struct reader_catalogue *catalogue) {
	free(catalogue->instruments);
	free(catalogue->currencies);
	*catalogue = (struct reader_catalogue){0};
}

/* ---- look up --------------------------------------------------------------------------------- */

const struct reader_instrument *reader_catalogue_find_instrument(const struct reader_catalogue *catalogue,
                                                                 const char *symbol) {
	struct reader_instrument key = {0};
	size_t length = strlen(symbol);

	if (catalogue->instrument_count == 0 || length >= sizeof key.symbol) {
		return NULL;
	}
	memcpy(key.symbol, symbol, length);
	return bsearch(&key, catalogue->instruments, catalogue->instrument_count, sizeof key,
	               reader_catalogue_compare_instruments);
}

const struct reader_currency *reader_catalogue_find_currency(const struct reader_catalogue *catalogue,
                                                             const char *name) {
	struct reader_currency key = {0};
	size_t length = strlen(name);

	if (catalogue->currency_count == 0 || length >= sizeof key.name) {
		return NULL;
	}
	memcpy(key.name, name, length);
	return bsearch(&key, catalogue->currencies, catalogue->currency_count, sizeof key,
	               reader_catalogue_compare_currencies);
}
