/* engine/reader/fix.h: the envelope and the fields of a FIX message, for the files that read its
 * meaning (fix_report.c) and find its ends (fix_frame.c).
 *
 * A message is `8=VERSION 9=LENGTH 35=TYPE ... 10=SUM`. SOH ends each field. Logs write something
 * else for SOH; that is the same message, and its length and sum still count one SOH.
 */
#ifndef AFTERSHOCK_ENGINE_READER_FIX_H
#define AFTERSHOCK_ENGINE_READER_FIX_H

#include "report.h"

#define READER_FIX_SUM_SIZE 6 /* 10=ddd */

/* What ends a field. */
struct reader_fix_separator {
	const char *text;
	size_t size;
};

struct reader_fix_field {
	int64_t tag;
	size_t position; /* of the value */
	size_t size;
};

struct reader_fix_message {
	const char *bytes;
	size_t size; /* without the trailer, once it is open */
	size_t at;
	const struct reader_fix_separator *separator;
	int64_t data_tag; /* the next field has so many bytes, separators among them; 0: none */
	size_t data_size;
	struct reader_verdict *verdict;
};

/* Verifies 8, 9 and 10. Then the message is at its third field. False with the verdict. */
bool reader_fix_open(struct reader_fix_message *message);

/* Takes the next field. The value may be empty. False with the verdict. */
bool reader_fix_next(struct reader_fix_message *message, struct reader_fix_field *field);

/* Whether a field has that tag and value. */
bool reader_fix_is(const struct reader_fix_message *message, const struct reader_fix_field *field, int64_t tag,
                   const char *text);

/* Finds what ends the first field, which is 8. NULL when the bytes do not begin with one. */
const struct reader_fix_separator *reader_fix_find_separator(const char *bytes, size_t size);

/* Whether the separator stands at `at`. */
bool reader_fix_is_separator(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t at);

/* The first separator from `from`; `size` when there is none. */
size_t reader_fix_find_end(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t from);

/* Moves over `count` bytes of the message as it was sent, in which a separator is one byte. `size`
 * when there are fewer. */
size_t reader_fix_skip(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t from,
                       size_t count);

/* The size of the trailer `10=ddd` and the separator at `at`. 0: there is none. What is no SOH may
 * be missing where the bytes or the line end. */
size_t reader_fix_trailer(const struct reader_fix_separator *separator, const char *bytes, size_t size, size_t at);

/* YYYYMMDD-HH:MM:SS with up to 12 decimals, of which 9 count. Second 60 is a leap second, and
 * counts as the next one. */
bool reader_fix_parse_time(const char *text, size_t size, int64_t *time_ns);

#endif
