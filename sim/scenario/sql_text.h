/* sim/scenario/sql_text.h: SQL as text: where statements end, and how parameters are written.
 *
 * What a quote, a comment and a parameter is says https://sqlite.org/lang_expr.html and
 * https://sqlite.org/lang_comment.html; that a trigger ends with END, sqlite3_complete().
 */
#ifndef AFTERSHOCK_SIM_SQL_TEXT_H
#define AFTERSHOCK_SIM_SQL_TEXT_H

#include "must_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One statement of a text. It points into the text. */
struct sim_sql_piece {
	const char *text; /* its first word; the semicolon is not part of it */
	size_t size;
	uint32_t line;      /* of its first word, from 1 */
	const char *before; /* the comments before it, behind the last statement */
	size_t before_size;
};

/* A text that is being cut. Set `text` and `line`, the line that it begins in. */
struct sim_sql_cutter {
	const char *text;
	uint32_t line;
	bool open;          /* the last piece ends with a quote or comment without end */
	bool out_of_memory; /* so it ended early */
};

/* The next statement; false behind the last one. */
bool sim_sql_cutter_next(struct sim_sql_cutter *cutter, struct sim_sql_piece *piece) SIM_MUST_CHECK;

/* Which names `?` and `?N` stand for. */
struct sim_sql_positions {
	char *const *names;
	uint32_t count;
	uint32_t next; /* of a bare `?`: so many came before it in the transaction */
};

/* The same text, in which `@name`, `$name`, `?` and `?N` are written `:name`. Owned by the caller,
 * who frees it. NULL when out of memory, or when a `?` has no name: then `missing` is its number,
 * from 1, and else 0. */
char *sim_sql_text_name_parameters(const char *text, struct sim_sql_positions *positions,
                                   uint32_t *missing) SIM_MUST_CHECK;

/* Whether the text begins with these words, which are separated by single spaces. Case does not
 * matter, nor how much space and which comments stand between them. */
bool sim_sql_text_begins(const char *text, size_t size, const char *words) SIM_MUST_CHECK;

#endif
