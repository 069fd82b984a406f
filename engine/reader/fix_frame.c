/* engine/reader/fix_frame.c: where the messages of a FIX stream begin and end (README.md, "FIX").
 *
 * A stream has messages back to back, as they were sent, or a log: lines with something in front of
 * each message, and another separator. The length in a message says where it ends; only that allows
 * separators and line ends in data. Where it is missing or wrong, the message ends where it looks
 * like an end, so that it takes no other one along.
 */
#include <string.h>

#include "fix.h"
#include "formats.h"

#define READER_FIX_FRAME_HEAD "8=FIX"
#define READER_FIX_FRAME_HEAD_SIZE (sizeof READER_FIX_FRAME_HEAD - 1)

enum reader_fix_frame_found {
	READER_FIX_FRAME_NONE = 0,
	READER_FIX_FRAME_WHOLE,
	READER_FIX_FRAME_MORE, /* the message has more bytes than there are */
	READER_FIX_FRAME_WRONG,
};

static bool reader_fix_frame_is_line_end(char c) {
	return c == '\n' || c == '\r';
}

static bool reader_fix_frame_is_head(const char *bytes, size_t size, size_t at) {
	return size - at >= READER_FIX_FRAME_HEAD_SIZE &&
	       memcmp(bytes + at, READER_FIX_FRAME_HEAD, READER_FIX_FRAME_HEAD_SIZE) == 0;
}

/* ---- by the length --------------------------------------------------------------------------- */

/* Reads `8=VERSION 9=LENGTH`. *body is where the length counts from. */
static enum reader_fix_frame_found reader_fix_frame_read_length(const char *bytes, size_t size,
                                                                const struct reader_fix_separator *separator,
                                                                size_t *body, size_t *length) {
	size_t at = reader_fix_find_end(separator, bytes, size, 0) + separator->size;
	int64_t number;

	if (size - at < 2) {
		return READER_FIX_FRAME_MORE;
	}
	if (memcmp(bytes + at, "9=", 2) != 0) {
		return READER_FIX_FRAME_WRONG;
	}
	size_t end = reader_fix_find_end(separator, bytes, size, at + 2);
	if (end == size) {
		return memchr(bytes + at, '\n', size - at) != NULL ? READER_FIX_FRAME_WRONG : READER_FIX_FRAME_MORE;
	}
	if (!reader_report_integer(bytes + at + 2, end - at - 2, 1, &number) || number < 0 ||
	    number > READER_MESSAGE_MAX) {
		return READER_FIX_FRAME_WRONG;
	}
	*body = end + separator->size;
	*length = (size_t)number;
	return READER_FIX_FRAME_WHOLE;
}

/* Whether more bytes could change what the trailer at `trailer` is. */
static bool reader_fix_frame_is_open(const char *bytes, size_t size, const struct reader_fix_separator *separator,
                                     size_t trailer) {
	size_t end = trailer + READER_FIX_SUM_SIZE;

	return end >= size || (end + separator->size > size && !reader_fix_frame_is_line_end(bytes[end]));
}

static enum reader_fix_frame_found reader_fix_frame_by_length(const char *bytes, size_t size, bool is_end,
                                                              const struct reader_fix_separator *separator,
                                                              size_t *end) {
	size_t body = 0;
	size_t length = 0;
	enum reader_fix_frame_found found = reader_fix_frame_read_length(bytes, size, separator, &body, &length);

	if (found != READER_FIX_FRAME_WHOLE) {
		return found;
	}
	size_t trailer = reader_fix_skip(separator, bytes, size, body, length);
	if (trailer == size || (!is_end && reader_fix_frame_is_open(bytes, size, separator, trailer))) {
		return READER_FIX_FRAME_MORE;
	}
	size_t trailer_size = reader_fix_trailer(separator, bytes, size, trailer);
	*end = trailer + trailer_size;
	return trailer_size > 0 ? READER_FIX_FRAME_WHOLE : READER_FIX_FRAME_WRONG;
}

/* ---- by looks -------------------------------------------------------------------------------- */

/* Finds the end of what has no length that is right: behind the first thing that looks like a
 * trailer, before the next message, or behind its line. 0: none is there. */
static size_t reader_fix_frame_by_looks(const char *bytes, size_t size, bool is_end,
                                        const struct reader_fix_separator *separator) {
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			return i + 1;
		}
		if (i > 0 && reader_fix_frame_is_head(bytes, size, i)) {
			return i;
		}
		if (!reader_fix_is_separator(separator, bytes, size, i)) {
			continue;
		}
		size_t next = i + separator->size;
		size_t trailer = reader_fix_trailer(separator, bytes, size, next);
		if (trailer > 0) {
			return is_end || !reader_fix_frame_is_open(bytes, size, separator, next) ? next + trailer : 0;
		}
	}
	return 0;
}

/* ---- what stands before a message ------------------------------------------------------------ */

/* What a log writes in front of a message has no fields. What has some is the rest of a message,
 * and must be refused. */
static bool reader_fix_frame_is_prefix(const char *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) {
		bool is_field = size - i >= 3 && (memcmp(bytes + i, "35=", 3) == 0 || memcmp(bytes + i, "10=", 3) == 0);
		if (bytes[i] == '\x01' || is_field) {
			return false;
		}
	}
	return true;
}

/* A quote or a bracket behind a message is no message. */
static bool reader_fix_frame_is_blank(const char *bytes, size_t from, size_t to) {
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c > 127;
		if (is_letter || (c >= '0' && c <= '9')) {
			return false;
		}
	}
	return true;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static size_t reader_fix_frame_message(const char *bytes, size_t size, bool is_end) {
	static const struct reader_fix_separator soh = {"\x01", 1};
	const struct reader_fix_separator *separator = reader_fix_find_separator(bytes, size);
	enum reader_fix_frame_found found = READER_FIX_FRAME_WRONG;
	size_t end = 0;

	if (separator != NULL) {
		found = reader_fix_frame_by_length(bytes, size, is_end, separator, &end);
	}
	if (found == READER_FIX_FRAME_WHOLE || (found == READER_FIX_FRAME_MORE && !is_end)) {
		return end;
	}
	return reader_fix_frame_by_looks(bytes, size, is_end, separator != NULL ? separator : &soh);
}

size_t reader_frame_fix(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to) {
	size_t start = 0;

	while (start < size && reader_fix_frame_is_line_end(bytes[start])) {
		start++;
	}
	*from = *to = start;
	if (start == size) {
		return size;
	}
	size_t end = reader_fix_frame_message(bytes + start, size - start, is_end);
	if (end == 0 && !is_end) {
		return 0;
	}
	size_t used = end == 0 ? size : start + end;
	*to = used;
	while (*to > start && reader_fix_frame_is_line_end(bytes[*to - 1])) {
		(*to)--;
	}
	bool is_message = size - start >= 2 && memcmp(bytes + start, "8=", 2) == 0;
	bool is_before = used < size && reader_fix_frame_is_head(bytes, size, used) && bytes[used - 1] != '\n';
	if (!is_message && (reader_fix_frame_is_blank(bytes, start, *to) ||
	                    (is_before && reader_fix_frame_is_prefix(bytes + start, *to - start)))) {
		*from = *to; /* nothing to read */
	}
	return used;
}
