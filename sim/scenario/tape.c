/* sim/scenario/tape.c: see tape.h. */
#include "tape.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIM_TAPE_LINE_SIZE 160
#define SIM_TAPE_DECIMALS_MAX 18u
#define SIM_TAPE_HEADER "time,price,volume,side"

/* A decimal as it is written: 105433.60000 is digits 10543360000 with 5 decimals. */
struct sim_tape_decimal {
	int64_t digits;
	uint32_t decimals;
};

struct sim_tape_row {
	struct sim_tape_decimal price;
	struct sim_tape_decimal volume;
	bool buy;
};

struct sim_tape_reader {
	const char *path;
	FILE *file;
	size_t line;
	uint32_t count;
	struct sim_tape_row *rows; /* SIM_TAPE_TRADES_MAX of them */
	char *why;
	size_t why_size;
};

static bool sim_tape_refuse(struct sim_tape_reader *reader, const char *what) {
	if (reader->line > 0) {
		snprintf(reader->why, reader->why_size, "%s:%zu: %s", reader->path, reader->line, what);
	} else {
		snprintf(reader->why, reader->why_size, "%s: %s", reader->path, what);
	}
	return false;
}

/* Digits with at most one point between digits; nothing else, no sign, no exponent. */
static bool sim_tape_parse_decimal(const char *text, struct sim_tape_decimal *decimal) {
	bool point = false;
	*decimal = (struct sim_tape_decimal){0, 0};
	if (text[0] < '0' || text[0] > '9') {
		return false;
	}
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '.' && !point && c[1] != '\0') {
			point = true;
			continue;
		}
		if (*c < '0' || *c > '9' || __builtin_mul_overflow(decimal->digits, 10, &decimal->digits) ||
		    __builtin_add_overflow(decimal->digits, *c - '0', &decimal->digits)) {
			return false;
		}
		decimal->decimals += point;
	}
	return decimal->decimals <= SIM_TAPE_DECIMALS_MAX;
}

/* Cuts a line at its commas into exactly four fields. */
static bool sim_tape_split(char *line, char *fields[4]) {
	for (int i = 0; i < 4; i++) {
		fields[i] = line;
		line += strcspn(line, ",");
		if ((*line == ',') != (i < 3)) {
			return false;
		}
		*line++ = '\0';
	}
	return true;
}

static bool sim_tape_parse_row(struct sim_tape_reader *reader, char *line) {
	struct sim_tape_decimal time;
	char *fields[4];
	if (reader->count == SIM_TAPE_TRADES_MAX) {
		return sim_tape_refuse(reader, "too many trades, expected at most 4096");
	}
	struct sim_tape_row *row = &reader->rows[reader->count];
	if (!sim_tape_split(line, fields)) {
		return sim_tape_refuse(reader, "not four fields, expected " SIM_TAPE_HEADER);
	}
	if (!sim_tape_parse_decimal(fields[0], &time)) {
		return sim_tape_refuse(reader, "the time is no number, expected Unix seconds such as 1762795433.97");
	}
	if (!sim_tape_parse_decimal(fields[1], &row->price) || row->price.digits == 0) {
		return sim_tape_refuse(reader, "the price is no number above zero, expected one such as 105433.60000");
	}
	if (!sim_tape_parse_decimal(fields[2], &row->volume) || row->volume.digits == 0) {
		return sim_tape_refuse(reader, "the volume is no number above zero, expected one such as 0.00027625");
	}
	if (strcmp(fields[3], "b") != 0 && strcmp(fields[3], "s") != 0) {
		return sim_tape_refuse(reader, "unknown side, expected b or s");
	}
	row->buy = fields[3][0] == 'b';
	reader->count++;
	return true;
}

/* Reads the next line without its end; false at the end of the file or when it is refused (then
 * `refused` is set). */
static bool sim_tape_next_line(struct sim_tape_reader *reader, char line[SIM_TAPE_LINE_SIZE], bool *refused) {
	size_t size = 0;
	bool nul = false;
	int byte = getc(reader->file);
	if (byte == EOF) {
		if (ferror(reader->file)) {
			*refused = !sim_tape_refuse(reader, "cannot be read, expected a trade tape");
		}
		return false;
	}
	reader->line++;
	/* Byte by byte, because a NUL would hide what comes behind it from fgets and strlen. */
	for (; byte != EOF && byte != '\n' && size < SIM_TAPE_LINE_SIZE - 1; byte = getc(reader->file)) {
		nul = nul || byte == '\0';
		line[size++] = (char)byte;
	}
	line[size] = '\0';
	if (nul || size == SIM_TAPE_LINE_SIZE - 1) {
		*refused = !sim_tape_refuse(reader, nul ? "the line has a NUL byte, expected " SIM_TAPE_HEADER
		                                        : "the line is too long, expected " SIM_TAPE_HEADER);
		return false;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

static bool sim_tape_read_rows(struct sim_tape_reader *reader) {
	char line[SIM_TAPE_LINE_SIZE];
	bool refused = false;
	bool more = sim_tape_next_line(reader, line, &refused);
	if (refused) {
		return false;
	}
	if (!more || strcmp(line, SIM_TAPE_HEADER) != 0) {
		reader->line = 1;
		return sim_tape_refuse(reader, "another first line, expected " SIM_TAPE_HEADER);
	}
	while (sim_tape_next_line(reader, line, &refused)) {
		if (!sim_tape_parse_row(reader, line)) {
			return false;
		}
	}
	return !refused && (reader->count > 0 || sim_tape_refuse(reader, "no trades, expected at least one"));
}

/* ---- units ----------------------------------------------------------------------------------- */

/* The decimals that a number needs: those that are written without the zeros at their end. */
static uint32_t sim_tape_needed(struct sim_tape_decimal decimal) {
	while (decimal.decimals > 0 && decimal.digits % 10 == 0) {
		decimal.digits /= 10;
		decimal.decimals--;
	}
	return decimal.decimals;
}

/* The number in units of 10^-decimals; only zeros are dropped. False when it does not fit 64
 * bits. */
static bool sim_tape_scale(struct sim_tape_decimal decimal, uint32_t decimals, int64_t *units) {
	for (; decimal.decimals > decimals; decimal.decimals--) {
		decimal.digits /= 10;
	}
	for (; decimal.decimals < decimals; decimal.decimals++) {
		if (__builtin_mul_overflow(decimal.digits, 10, &decimal.digits)) {
			return false;
		}
	}
	*units = decimal.digits;
	return true;
}

static bool sim_tape_fill(struct sim_tape *tape, struct sim_tape_reader *reader) {
	assert(reader->count > 0);
	for (uint32_t i = 0; i < reader->count; i++) {
		uint32_t price = sim_tape_needed(reader->rows[i].price);
		uint32_t volume = sim_tape_needed(reader->rows[i].volume);
		tape->price_decimals = price > tape->price_decimals ? price : tape->price_decimals;
		tape->quantity_decimals = volume > tape->quantity_decimals ? volume : tape->quantity_decimals;
	}
	tape->trades = calloc(reader->count, sizeof *tape->trades);
	if (tape->trades == NULL) {
		return sim_tape_refuse(reader, "out of memory");
	}
	tape->count = reader->count;
	for (uint32_t i = 0; i < reader->count; i++) {
		struct sim_tape_trade *trade = &tape->trades[i];
		trade->buy = reader->rows[i].buy;
		if (!sim_tape_scale(reader->rows[i].price, tape->price_decimals, &trade->price_ticks) ||
		    !sim_tape_scale(reader->rows[i].volume, tape->quantity_decimals, &trade->quantity_lots)) {
			reader->line = i + 2;
			return sim_tape_refuse(
			        reader, "price or volume is too large, expected a number of 64 bits in units of the "
			                "tape's decimals");
		}
	}
	return true;
}

/* ---- the tape -------------------------------------------------------------------------------- */

static bool sim_tape_open(struct sim_tape_reader *reader) {
	struct stat status;
	char what[160];
	if (stat(reader->path, &status) == 0 && !S_ISREG(status.st_mode)) {
		return sim_tape_refuse(reader, "not a regular file, expected a trade tape");
	}
	reader->file = fopen(reader->path, "rb");
	if (reader->file == NULL) {
		snprintf(what, sizeof what, "cannot be read: %s, expected a trade tape", strerror(errno));
		return sim_tape_refuse(reader, what);
	}
	return true;
}

bool sim_tape_init(struct sim_tape *tape, const char *path, char *why, size_t why_size) {
	struct sim_tape_reader reader = {.path = path, .why = why, .why_size = why_size};
	bool fine = false;
	memset(tape, 0, sizeof *tape);
	reader.rows = calloc(SIM_TAPE_TRADES_MAX, sizeof *reader.rows);
	if (reader.rows == NULL) {
		sim_tape_refuse(&reader, "out of memory");
		goto out;
	}
	fine = sim_tape_open(&reader) && sim_tape_read_rows(&reader) && sim_tape_fill(tape, &reader);
out:
	if (!fine) {
		sim_tape_deinit(tape);
	}
	if (reader.file != NULL) {
		fclose(reader.file);
	}
	free(reader.rows);
	return fine;
}

void sim_tape_deinit(struct sim_tape *tape) {
	free(tape->trades);
	memset(tape, 0, sizeof *tape);
}
