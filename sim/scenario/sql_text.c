/* sim/scenario/sql_text.c: see sql_text.h. */
#include "sql_text.h"

#include <assert.h>
#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

static bool sim_sql_text_is_of_word(char c) {
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind a quote that `closes`; two of them stand for one. `text` is behind its beginning. NULL: it
 * has no end. */
static const char *sim_sql_text_find_quote_end(const char *text, char closes) {
	for (; *text != '\0'; text++) {
		if (*text == closes && (closes == ']' || text[1] != closes)) {
			return text + 1;
		}
		text += *text == closes;
	}
	return NULL;
}

/* That of one line ends with the text, too. */
static const char *sim_sql_text_find_comment_end(const char *text) {
	if (text[0] == '-') {
		return text + strcspn(text, "\n");
	}
	const char *end = strstr(text + 2, "*/");
	return end != NULL ? end + 2 : NULL;
}

static bool sim_sql_text_is_comment(const char *text) {
	return (text[0] == '-' && text[1] == '-') || (text[0] == '/' && text[1] == '*');
}

/* Behind what belongs together: a quote, a comment, a word, or one character. NULL: it has no
 * end. */
static const char *sim_sql_text_find_end(const char *text) {
	if (*text == '\'' || *text == '"' || *text == '`' || *text == '[') {
		return sim_sql_text_find_quote_end(text + 1, (char)(*text == '[' ? ']' : *text));
	}
	if (sim_sql_text_is_comment(text)) {
		return sim_sql_text_find_comment_end(text);
	}
	if (!sim_sql_text_is_of_word(*text)) {
		return text + 1;
	}
	while (sim_sql_text_is_of_word(*text) || *text == '$') {
		text++;
	}
	return text;
}

/* The same; what has no end goes to the end of the text. */
static const char *sim_sql_text_skip(const char *text) {
	const char *end = sim_sql_text_find_end(text);
	return end != NULL ? end : text + strlen(text);
}

static const char *sim_sql_text_skip_space(const char *text) {
	while (isspace((unsigned char)*text) || sim_sql_text_is_comment(text)) {
		text = isspace((unsigned char)*text) ? text + 1 : sim_sql_text_skip(text);
	}
	return text;
}

bool sim_sql_text_begins(const char *text, size_t size, const char *words) {
	const char *end = text + size;
	for (text = sim_sql_text_skip_space(text); *words != '\0'; text = sim_sql_text_skip_space(text)) {
		size_t length = strcspn(words, " ");
		const char *behind = sim_sql_text_skip(text);
		if (text >= end || (size_t)(behind - text) != length ||
		    sqlite3_strnicmp(text, words, (int)length) != 0) {
			return false;
		}
		text = behind;
		words += length;
		words += *words == ' ';
	}
	return true;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Whether a statement ends with this semicolon. That of a trigger has others in it. */
static bool sim_sql_cutter_is_complete(struct sim_sql_cutter *cutter, const char *begin, const char *semicolon) {
	if (!sim_sql_text_begins(begin, (size_t)(semicolon - begin), "create")) {
		return true;
	}
	char *copy = strndup(begin, (size_t)(semicolon - begin) + 1);
	cutter->out_of_memory |= copy == NULL;
	bool complete = copy == NULL || sqlite3_complete(copy) != 0;
	free(copy);
	return complete;
}

static uint32_t sim_sql_cutter_lines(const char *from, const char *to) {
	uint32_t lines = 0;
	for (; from < to; from++) {
		lines += *from == '\n';
	}
	return lines;
}

bool sim_sql_cutter_next(struct sim_sql_cutter *cutter, struct sim_sql_piece *piece) {
	const char *before = cutter->text;
	const char *begin = sim_sql_text_skip_space(before);
	while (*begin == ';') {
		begin = sim_sql_text_skip_space(begin + 1);
	}
	const char *end = begin;
	while (*end != '\0' && (*end != ';' || !sim_sql_cutter_is_complete(cutter, begin, end))) {
		cutter->open = sim_sql_text_find_end(end) == NULL;
		end = sim_sql_text_skip(end);
	}
	*piece = (struct sim_sql_piece){.text = begin,
	                                .size = (size_t)(end - begin),
	                                .line = cutter->line + sim_sql_cutter_lines(before, begin),
	                                .before = before,
	                                .before_size = (size_t)(begin - before)};
	cutter->line = piece->line + sim_sql_cutter_lines(begin, end);
	cutter->text = end + (*end == ';');
	return end > begin && !cutter->out_of_memory;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* A text that grows. */
struct sim_sql_text_out {
	char *text;
	size_t size;
	bool failed;
};

static void sim_sql_text_put(struct sim_sql_text_out *out, const char *text, size_t size) {
	char *longer = out->failed ? NULL : realloc(out->text, out->size + size + 1);
	if (longer == NULL) {
		out->failed = true;
		return;
	}
	memcpy(longer + out->size, text, size);
	out->text = longer;
	out->size += size;
	longer[out->size] = '\0';
}

/* A parameter that begins here, written `:name`; behind it. Zero in `missing`: it has a name. */
static const char *sim_sql_text_put_parameter(struct sim_sql_text_out *out, const char *text,
                                              struct sim_sql_positions *positions, uint32_t *missing) {
	const char *end = text + 1;
	while (sim_sql_text_is_of_word(*end)) {
		end++;
	}
	sim_sql_text_put(out, ":", 1);
	if (*text != '?') {
		sim_sql_text_put(out, text + 1, (size_t)(end - text) - 1);
		return end;
	}
	unsigned long number = end > text + 1 ? strtoul(text + 1, NULL, 10) : positions->next++ + 1ul;
	if (number == 0 || number > positions->count) {
		*missing = number == 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
		return end;
	}
	const char *name = positions->names[number - 1];
	sim_sql_text_put(out, name, strlen(name));
	return end;
}

char *sim_sql_text_name_parameters(const char *text, struct sim_sql_positions *positions, uint32_t *missing) {
	struct sim_sql_text_out out = {NULL, 0, false};
	*missing = 0;
	sim_sql_text_put(&out, "", 0);
	while (*text != '\0' && *missing == 0) {
		bool named = (*text == '@' || *text == '$') && sim_sql_text_is_of_word(text[1]);
		if (named || *text == '?') {
			text = sim_sql_text_put_parameter(&out, text, positions, missing);
			continue;
		}
		const char *end = sim_sql_text_skip(text);
		sim_sql_text_put(&out, text, (size_t)(end - text));
		text = end;
	}
	if (out.failed || *missing != 0) {
		free(out.text);
		return NULL;
	}
	return out.text;
}
