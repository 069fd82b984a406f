/* sim/plan/plan_text_words.c: see plan_text_words.h. */
#include "plan_text_words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sim_plan_text_refuse(struct sim_plan_text_reader *reader, const char *format, ...) {
	va_list arguments;
	if (reader->refused) {
		return false;
	}
	reader->refused = true;
	int used = snprintf(reader->why, reader->why_size, "%s:%u: ", reader->name, reader->line_number);
	if (used < 0 || (size_t)used >= reader->why_size) {
		return false;
	}
	va_start(arguments, format);
	vsnprintf(reader->why + used, reader->why_size - (size_t)used, format, arguments);
	va_end(arguments);
	return false;
}

/* Goes to the next line that says something. False when it cannot be one; at the end `more` is
 * false. */
bool sim_plan_text_next_line(struct sim_plan_text_reader *reader) {
	do {
		size_t size = strcspn(reader->text, "\n");
		reader->more = *reader->text != '\0';
		reader->line_number++;
		if (size >= sizeof reader->line) {
			return sim_plan_text_refuse(reader, "%zu characters in a line, expected at most %zu", size,
			                            sizeof reader->line - 1);
		}
		if (reader->more && reader->text[size] == '\0') {
			return sim_plan_text_refuse(reader, "a line that does not end, expected a line feed");
		}
		memcpy(reader->line, reader->text, size);
		reader->line[size] = '\0';
		reader->text += size + (reader->text[size] == '\n');
	} while (reader->more && (reader->line[0] == '\0' || reader->line[0] == '#'));
	if (strchr(reader->line, '\r') != NULL) {
		return sim_plan_text_refuse(reader,
		                            "a carriage return, expected lines that end with a line feed alone");
	}
	reader->next = reader->line;
	return true;
}

/* The next word, cut off; "" behind the last, and for a word that is empty because of a space too
 * many. */
const char *sim_plan_text_word(struct sim_plan_text_reader *reader) {
	char *word = reader->next;
	if (word == NULL) {
		return "";
	}
	char *space = strchr(word, ' ');
	reader->next = space != NULL ? space + 1 : NULL;
	if (space != NULL) {
		*space = '\0';
	}
	return word;
}

const char *sim_plan_text_shown(const char *word) {
	return word[0] != '\0' ? word : "nothing";
}

bool sim_plan_text_expect(struct sim_plan_text_reader *reader, const char *expected) {
	const char *word = sim_plan_text_word(reader);
	return strcmp(word, expected) == 0 ||
	       sim_plan_text_refuse(reader, "%.60s, expected %s", sim_plan_text_shown(word), expected);
}

bool sim_plan_text_expect_end(struct sim_plan_text_reader *reader) {
	return reader->next == NULL ||
	       sim_plan_text_refuse(reader, "%.60s, expected the end of the line", sim_plan_text_shown(reader->next));
}

/* A number as it is printed: no sign but a minus, no zeros in front. */
bool sim_plan_text_signed(struct sim_plan_text_reader *reader, const char *what, int64_t min, int64_t max,
                          int64_t *number) {
	char again[24];
	char *end = NULL;
	const char *word = sim_plan_text_word(reader);
	errno = 0;
	*number = strtoll(word, &end, 10);
	snprintf(again, sizeof again, "%" PRId64, *number);
	return (errno == 0 && strcmp(again, word) == 0 && *number >= min && *number <= max) ||
	       sim_plan_text_refuse(reader, "%s %.60s, expected a number from %" PRId64 " to %" PRId64, what,
	                            sim_plan_text_shown(word), min, max);
}

bool sim_plan_text_number(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint64_t max,
                          uint64_t *number) {
	int64_t got = 0;
	bool read = sim_plan_text_signed(reader, what, min, (int64_t)max, &got);
	*number = (uint64_t)got;
	return read;
}

bool sim_plan_text_small(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint32_t max,
                         uint32_t *number) {
	uint64_t got = 0;
	bool read = sim_plan_text_number(reader, what, min, max, &got);
	*number = (uint32_t)got;
	return read;
}

bool sim_plan_text_hex(struct sim_plan_text_reader *reader, const char *what, int digits, uint64_t *number) {
	char again[24];
	const char *word = sim_plan_text_word(reader);
	*number = strtoull(word, NULL, 16);
	snprintf(again, sizeof again, "0x%0*" PRIx64, digits, *number);
	return strcmp(again, word) == 0 ||
	       sim_plan_text_refuse(reader, "%s %.60s, expected 0x and %d of the digits 0 to 9 and a to f", what,
	                            sim_plan_text_shown(word), digits);
}

/* A letter and a number, as in S3. */
bool sim_plan_text_index(struct sim_plan_text_reader *reader, const char *what, char letter, uint32_t count,
                         uint32_t *number) {
	if (reader->next == NULL || reader->next[0] != letter) {
		return sim_plan_text_refuse(reader, "%s %.60s, expected %c and a number", what,
		                            sim_plan_text_shown(sim_plan_text_word(reader)), letter);
	}
	reader->next++;
	return sim_plan_text_small(reader, what, 0, count - 1, number);
}

/* One of a list; `first` is the number of the first entry that may be written. */
bool sim_plan_text_choice(struct sim_plan_text_reader *reader, const char *what, const char *const *list, int first,
                          int *choice) {
	char expected[SIM_PLAN_TEXT_EXPECTED_SIZE] = "";
	const char *word = sim_plan_text_word(reader);
	for (*choice = first; list[*choice] != NULL; ++*choice) {
		if (strcmp(list[*choice], word) == 0) {
			return true;
		}
	}
	for (int i = first; list[i] != NULL; i++) {
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof expected - used, "%s%s", i > first ? ", " : "", list[i]);
	}
	return sim_plan_text_refuse(reader, "%s %.60s, expected one of: %s", what, sim_plan_text_shown(word), expected);
}

/* Text that is carried along: an id, a currency. */
bool sim_plan_text_id(struct sim_plan_text_reader *reader, const char *what, char *text, size_t size) {
	const char *word = sim_plan_text_word(reader);
	snprintf(text, size, "%s", word);
	for (const char *at = word; *at != '\0'; at++) {
		if (*at < '!' || *at > '~') {
			return sim_plan_text_refuse(reader, "%s with a byte 0x%02x, expected printable ASCII", what,
			                            (unsigned)(unsigned char)*at);
		}
	}
	return (word[0] != '\0' && strlen(word) < size) ||
	       sim_plan_text_refuse(reader, "%s %.60s, expected 1 to %zu characters", what, sim_plan_text_shown(word),
	                            size - 1);
}
