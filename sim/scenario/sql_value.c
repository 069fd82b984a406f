/* sim/scenario/sql_value.c: see sql_value.h. */
#include "sql_value.h"

#include "pcg.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_SQL_SECONDS_PER_DAY INT64_C(86400)

/* ---- numbers --------------------------------------------------------------------------------- */

bool sim_sql_read_whole(const char *word, int64_t *number) {
	char *end = NULL;
	errno = 0;
	*number = strtoll(word, &end, 10);
	return errno == 0 && end != word && *end == '\0' && strchr("-0123456789", word[0]) != NULL;
}

bool sim_sql_read_thousandths(const char *word, int64_t *thousandths) {
	const char *digits = word + (word[0] == '-');
	size_t whole = strspn(digits, "0123456789");
	const char *point = digits + whole;
	size_t behind = *point == '.' ? strspn(point + 1, "0123456789") : 0;
	if (whole == 0 || whole > 12 || behind > 3 || (*point == '.' && behind == 0) ||
	    point[behind > 0 ? behind + 1 : 0] != '\0') {
		return false;
	}
	*thousandths = strtoll(digits, NULL, 10) * 1000;
	int64_t scale = 100;
	for (size_t i = 1; i <= behind; i++, scale /= 10) {
		*thousandths += (point[i] - '0') * scale;
	}
	*thousandths = word[0] == '-' ? -*thousandths : *thousandths;
	return true;
}

/* ---- the calendar ---------------------------------------------------------------------------- */

static bool sim_sql_is_leap(int64_t year) {
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t sim_sql_days_of_month(int64_t year, int64_t month) {
	static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && sim_sql_is_leap(year));
}

/* Days from 0001-01-01 to the first of January of a year, from 1. */
static int64_t sim_sql_days_before(int64_t year) {
	int64_t past = year - 1;
	return past * 365 + past / 4 - past / 100 + past / 400;
}

static int64_t sim_sql_days_to_1970(void) {
	return sim_sql_days_before(1970);
}

bool sim_sql_read_day(const char *word, int64_t *day) {
	if (strlen(word) != 10 || strspn(word, "0123456789") != 4 || word[4] != '-' ||
	    strspn(word + 5, "0123456789") != 2 || word[7] != '-' || strspn(word + 8, "0123456789") != 2) {
		return false;
	}
	int64_t year = strtoll(word, NULL, 10);
	int64_t month = strtoll(word + 5, NULL, 10);
	int64_t of_month = strtoll(word + 8, NULL, 10);
	if (year < 1 || month < 1 || month > 12 || of_month < 1 || of_month > sim_sql_days_of_month(year, month)) {
		return false;
	}
	*day = sim_sql_days_before(year) - sim_sql_days_to_1970() + of_month - 1;
	while (--month > 0) {
		*day += sim_sql_days_of_month(year, month);
	}
	return true;
}

static void sim_sql_print_day(int64_t day, char word[11]) {
	int64_t left = day + sim_sql_days_to_1970();
	int64_t year = left / 366 + 1;
	int64_t month = 1;
	while (left >= sim_sql_days_before(year + 1)) {
		year++;
	}
	left -= sim_sql_days_before(year);
	while (left >= sim_sql_days_of_month(year, month)) {
		left -= sim_sql_days_of_month(year, month++);
	}
	char text[64];
	snprintf(text, sizeof text, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, left + 1);
	memcpy(word, text, 10);
	word[10] = '\0';
}

/* With `gap` between the day and the time. */
static void sim_sql_print_second(int64_t second, char gap, char word[20]) {
	int64_t day = second / SIM_SQL_SECONDS_PER_DAY - (second % SIM_SQL_SECONDS_PER_DAY < 0);
	int64_t of_day = second - day * SIM_SQL_SECONDS_PER_DAY;
	char text[80];
	sim_sql_print_day(day, word);
	snprintf(text, sizeof text, "%c%02" PRId64 ":%02" PRId64 ":%02" PRId64, gap, of_day / 3600, of_day / 60 % 60,
	         of_day % 60);
	memcpy(word + 10, text, 9);
	word[19] = '\0';
}

static bool sim_sql_read_second(const char *word, int64_t *second) {
	char day[11];
	int64_t date = 0;
	if (strlen(word) != 19 || word[10] != 'T' || word[13] != ':' || word[16] != ':' ||
	    strspn(word + 11, "0123456789") != 2 || strspn(word + 14, "0123456789") != 2 ||
	    strspn(word + 17, "0123456789") != 2) {
		return false;
	}
	memcpy(day, word, 10);
	day[10] = '\0';
	int64_t hour = strtoll(word + 11, NULL, 10);
	int64_t minute = strtoll(word + 14, NULL, 10);
	int64_t of_minute = strtoll(word + 17, NULL, 10);
	if (!sim_sql_read_day(day, &date) || hour > 23 || minute > 59 || of_minute > 59) {
		return false;
	}
	*second = date * SIM_SQL_SECONDS_PER_DAY + hour * 3600 + minute * 60 + of_minute;
	return true;
}

/* ---- in a plan ------------------------------------------------------------------------------- */

void sim_sql_print_value(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                         char word[SIM_SQL_WORD_SIZE]) {
	int64_t number = (int64_t)value->number;
	uint64_t size = number < 0 ? -value->number : value->number;
	if (parameter->kind == SIM_SQL_REAL) {
		snprintf(word, SIM_SQL_WORD_SIZE, "%s%" PRIu64 ".%03" PRIu64, number < 0 ? "-" : "", size / 1000,
		         size % 1000);
	} else if (parameter->kind == SIM_SQL_DATE) {
		sim_sql_print_day(number, word);
	} else if (parameter->kind == SIM_SQL_DATETIME) {
		sim_sql_print_second(number, 'T', word);
	} else {
		snprintf(word, SIM_SQL_WORD_SIZE, "%" PRId64, number);
	}
}

bool sim_sql_read_value(const struct sim_sql_parameter *parameter, const char *word, struct sim_sql_value *value) {
	int64_t number = 0;
	bool read = false;
	if (parameter->kind == SIM_SQL_REAL) {
		read = sim_sql_read_thousandths(word, &number) && number <= SIM_SQL_REAL_MAX &&
		       number >= -SIM_SQL_REAL_MAX;
	} else if (parameter->kind == SIM_SQL_DATE) {
		read = sim_sql_read_day(word, &number);
	} else if (parameter->kind == SIM_SQL_DATETIME) {
		read = sim_sql_read_second(word, &number);
	} else {
		bool chooses = parameter->kind == SIM_SQL_CHOICE;
		read = sim_sql_read_whole(word, &number) &&
		       (!chooses || (number >= 0 && number < (int64_t)parameter->choices.count));
	}
	value->number = (uint64_t)number;
	return read;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Letters of two, three and four bytes, among them a combining one and one that reads from right to
 * left. */
static const char *const sim_sql_letters_utf8[] = {"\xc3\xa9",     "\xc3\x9f",        "\xce\xa9",     "\xd1\x8f",
                                                   "\xd7\xa9",     "\xcc\x81",        "\xe4\xb8\xad", "\xe2\x82\xac",
                                                   "\xe0\xa4\x95", "\xf0\x9f\x98\x80"};

static const char sim_sql_letters[] = "abcdefghijklmnopqrstuvwxyz 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.";

/* Text is ASCII without quotes, so that a person can read it in a dump; of UTF-8 a quarter is
 * longer letters. */
static void sim_sql_value_fill(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                               unsigned char *bytes) {
	const uint32_t count = sizeof sim_sql_letters_utf8 / sizeof sim_sql_letters_utf8[0];
	struct sim_pcg32 chance;
	bool text = parameter->kind == SIM_SQL_TEXT;
	sim_pcg32_derive(&chance, value->number, text ? "sql/text" : "sql/blob");
	sim_pcg32_fill(&chance, bytes, value->size_bytes);
	for (uint32_t i = 0; text && i < value->size_bytes; i++) {
		const char *letter = sim_sql_letters_utf8[(bytes[i] >> 2) % count];
		bool is_longer = parameter->is_utf8 && bytes[i] % 4 == 0 && i + strlen(letter) <= value->size_bytes;
		bytes[i] = (unsigned char)sim_sql_letters[bytes[i] % (sizeof sim_sql_letters - 1)];
		if (is_longer) {
			memcpy(bytes + i, letter, strlen(letter));
			i += (uint32_t)strlen(letter) - 1;
		}
	}
}

/* A word as SQL would take it without quotes: a whole number, a number with a point, NULL; else a
 * text. */
static struct subject_value sim_sql_value_choose(const char *word, unsigned char *bytes) {
	int64_t number = 0;
	struct subject_value made = {.kind = SUBJECT_VALUE_TEXT, .bytes = bytes, .size_bytes = (uint32_t)strlen(word)};
	if (sim_sql_read_whole(word, &number)) {
		made.kind = SUBJECT_VALUE_INTEGER;
		made.integer = number;
	} else if (sim_sql_read_thousandths(word, &number)) {
		const double real = (double)number / 1000.0;
		memcpy(bytes, &real, sizeof real);
		made.kind = SUBJECT_VALUE_REAL;
		made.size_bytes = sizeof real;
	} else if (strcmp(word, "null") == 0 || strcmp(word, "NULL") == 0) {
		made.kind = SUBJECT_VALUE_NONE;
	} else {
		memcpy(bytes, word, made.size_bytes);
	}
	return made;
}

size_t sim_sql_value_size(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value) {
	if (parameter->kind == SIM_SQL_CHOICE && !value->is_null) {
		size_t size = strlen(parameter->choices.texts[value->number]);
		return size < sizeof(double) ? sizeof(double) : size;
	}
	return value->size_bytes + (size_t)SIM_SQL_WORD_SIZE;
}

struct subject_value sim_sql_value_make(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                                        unsigned char *bytes) {
	struct subject_value made = {.kind = SUBJECT_VALUE_TEXT,
	                             .integer = (int64_t)value->number,
	                             .bytes = bytes,
	                             .size_bytes = value->size_bytes};
	const double real = (double)(int64_t)value->number / 1000.0;
	switch (value->is_null ? SIM_SQL_KIND_NONE : parameter->kind) {
	case SIM_SQL_INTEGER:
		made.kind = SUBJECT_VALUE_INTEGER;
		break;
	case SIM_SQL_REAL:
		memcpy(bytes, &real, sizeof real);
		made.kind = SUBJECT_VALUE_REAL;
		made.size_bytes = sizeof real;
		break;
	case SIM_SQL_DATE:
		sim_sql_print_day((int64_t)value->number, (char *)bytes);
		made.size_bytes = 10;
		break;
	case SIM_SQL_DATETIME:
		sim_sql_print_second((int64_t)value->number, ' ', (char *)bytes);
		made.size_bytes = 19;
		break;
	case SIM_SQL_CHOICE:
		made = sim_sql_value_choose(parameter->choices.texts[value->number], bytes);
		break;
	case SIM_SQL_BLOB:
		made.kind = SUBJECT_VALUE_BLOB;
		sim_sql_value_fill(parameter, value, bytes);
		break;
	case SIM_SQL_TEXT:
		sim_sql_value_fill(parameter, value, bytes);
		break;
	case SIM_SQL_KIND_NONE:
	case SIM_SQL_KIND_COUNT:
		made.kind = SUBJECT_VALUE_NONE;
		break;
	}
	made.name = parameter->name;
	made.bytes = made.kind == SUBJECT_VALUE_NONE ? NULL : bytes;
	return made;
}
