/* engine/reader/format.c: the list of formats, and how a stream of them is cut into messages. */
#include <string.h>

#include "formats.h"

static const struct reader_format reader_format_all[] = {
        {"ndjson", "one JSON object per line, fields named after FIX", reader_ndjson_read, reader_frame_line, true},
        {"fix", "FIX 4.1 to 5.0 SP2 tag=value, as sent or from a log", reader_fix_read, reader_frame_fix, false},
        {"fix-pipe", "the same", reader_fix_read, reader_frame_fix, false},
        {"binance", "Binance executionReport and ORDER_TRADE_UPDATE events", reader_binance_read, reader_frame_object,
         false},
};

const struct reader_format *reader_format_at(size_t i) {
	return i < sizeof reader_format_all / sizeof reader_format_all[0] ? &reader_format_all[i] : NULL;
}

const struct reader_format *reader_format_find(const char *name) {
	for (size_t i = 0; i < sizeof reader_format_all / sizeof reader_format_all[0]; i++) {
		if (strcmp(reader_format_all[i].name, name) == 0) {
			return &reader_format_all[i];
		}
	}
	return NULL;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool reader_format_is_space(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Leaves out white space at both ends of [*from, *to). */
static void reader_format_trim(const char *bytes, size_t *from, size_t *to) {
	while (*from < *to && reader_format_is_space(bytes[*from])) {
		(*from)++;
	}
	while (*to > *from && reader_format_is_space(bytes[*to - 1])) {
		(*to)--;
	}
}

size_t reader_frame_line(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to) {
	const char *newline = size > 0 ? memchr(bytes, '\n', size) : NULL;
	size_t used = newline != NULL ? (size_t)(newline - bytes) + 1 : is_end ? size : 0;

	*from = 0;
	*to = used;
	reader_format_trim(bytes, from, to);
	return used;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* Follows braces outside of strings, only to know where an object ends. It does not decide whether
 * it is one. */
struct reader_format_braces {
	size_t depth;
	bool is_string;
	bool is_escaped;
};

/* Whether the object ends with this byte. */
static bool reader_format_follow(struct reader_format_braces *braces, char c) {
	if (braces->is_string) {
		bool ends = !braces->is_escaped && c == '"';
		braces->is_escaped = !braces->is_escaped && c == '\\';
		braces->is_string = !ends;
		return false;
	}
	braces->is_string = c == '"';
	braces->depth += c == '{';
	return c == '}' && --braces->depth == 0;
}

/* Two things mean that the message before was cut: a line end inside a string, and an object that
 * begins a line while another one is open. What follows is the next message, and must not be
 * swallowed. */
static bool reader_format_is_cut(const struct reader_format_braces *braces, const char *bytes, size_t size, size_t at) {
	return bytes[at] == '\n' && (braces->is_string || (at + 1 < size && bytes[at + 1] == '{'));
}

static size_t reader_format_find_object_end(const char *bytes, size_t size, size_t start) {
	struct reader_format_braces braces = {0};

	for (size_t i = start; i < size; i++) {
		if (reader_format_is_cut(&braces, bytes, size, i) || reader_format_follow(&braces, bytes[i])) {
			return i + 1;
		}
	}
	return 0;
}

size_t reader_frame_object(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to) {
	size_t start = 0;

	while (start < size && reader_format_is_space(bytes[start])) {
		start++;
	}
	*from = *to = start;
	if (start == size) {
		return size;
	}
	if (bytes[start] != '{') {
		size_t used = reader_frame_line(bytes + start, size - start, is_end, from, to);
		*from += start;
		*to += start;
		return used == 0 ? 0 : start + used;
	}
	size_t end = reader_format_find_object_end(bytes, size, start);
	if (end == 0 && !is_end) {
		return 0;
	}
	*to = end == 0 ? size : end;
	size_t used = *to;
	reader_format_trim(bytes, from, to);
	return used;
}
