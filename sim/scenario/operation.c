/* sim/scenario/operation.c: see operation.h. A text is read from its beginning to its end; each gap
 * is read into a value, which the check measures and the drawing fills. */
#include "operation.h"

#include "pcg.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sim_gap_kind {
	SIM_GAP_NONE = 0, /* it is no gap */
	SIM_GAP_NUMBER,
	SIM_GAP_LETTERS,
	SIM_GAP_WORD
};

struct sim_gap {
	enum sim_gap_kind kind;
	int64_t least;
	int64_t most;
	const char *begin; /* of the words */
	const char *end;
};

static const char sim_gap_letters[] = "letters ";

/* "1-20" or "-5--1". */
static bool sim_gap_read_range(const char *begin, const char *end, struct sim_gap *gap) {
	char *rest = NULL;
	errno = 0;
	gap->least = strtoll(begin, &rest, 10);
	if (rest == begin || rest >= end || *rest != '-' || *begin == ' ' || *begin == '+') {
		return false;
	}
	begin = rest + 1;
	gap->most = strtoll(begin, &rest, 10);
	return rest == end && rest > begin && *begin != ' ' && *begin != '+' && errno == 0 && gap->least <= gap->most;
}

static void sim_gap_read(const char *begin, const char *end, struct sim_gap *gap) {
	const size_t word = sizeof sim_gap_letters - 1;
	*gap = (struct sim_gap){.begin = begin, .end = end};
	if ((size_t)(end - begin) > word && strncmp(begin, sim_gap_letters, word) == 0) {
		bool good = sim_gap_read_range(begin + word, end, gap) && gap->least >= 0 &&
		            gap->most < SUBJECT_OPERATION_SIZE;
		gap->kind = good ? SIM_GAP_LETTERS : SIM_GAP_NONE;
	} else if (memchr(begin, '|', (size_t)(end - begin)) != NULL) {
		gap->kind = memchr(begin, '{', (size_t)(end - begin)) == NULL ? SIM_GAP_WORD : SIM_GAP_NONE;
	} else {
		gap->kind = sim_gap_read_range(begin, end, gap) ? SIM_GAP_NUMBER : SIM_GAP_NONE;
	}
}

/* ---- checking -------------------------------------------------------------------------------- */

/* How few and how many bytes something is filled with. */
struct sim_gap_size {
	size_t least;
	size_t most;
};

static void sim_gap_size_of_words(const struct sim_gap *gap, struct sim_gap_size *size) {
	*size = (struct sim_gap_size){SUBJECT_OPERATION_SIZE, 0};
	for (const char *at = gap->begin; at <= gap->end; at++) {
		size_t word = strcspn(at, "|}");
		size->least = word < size->least ? word : size->least;
		size->most = word > size->most ? word : size->most;
		at += word;
	}
}

static void sim_gap_size(const struct sim_gap *gap, struct sim_gap_size *size) {
	char number[24];
	if (gap->kind == SIM_GAP_LETTERS) {
		*size = (struct sim_gap_size){(size_t)gap->least, (size_t)gap->most};
	} else if (gap->kind == SIM_GAP_WORD) {
		sim_gap_size_of_words(gap, size);
	} else {
		int least = snprintf(number, sizeof number, "%" PRId64, gap->least);
		int most = snprintf(number, sizeof number, "%" PRId64, gap->most);
		*size = (struct sim_gap_size){1, (size_t)(least > most ? least : most)};
	}
}

/* The gap that begins there. Its last byte, or NULL after one line in `why`. */
static const char *sim_operation_gap(const char *at, struct sim_gap *gap, char why[SIM_OPERATION_WHY_SIZE]) {
	const char *end = strchr(at, '}');
	*gap = (struct sim_gap){0};
	if (end != NULL) {
		sim_gap_read(at + 1, end, gap);
	}
	if (gap->kind == SIM_GAP_NONE) {
		snprintf(why, SIM_OPERATION_WHY_SIZE,
		         "%.60s, expected a gap such as {1-20}, {red|green} or {letters 0-30}, or {{ for a brace", at);
		return NULL;
	}
	return end;
}

static bool sim_operation_measure(const char *text, struct sim_gap_size *size, char why[SIM_OPERATION_WHY_SIZE]) {
	*size = (struct sim_gap_size){0};
	for (const char *at = text; *at != '\0'; at++) {
		struct sim_gap gap;
		struct sim_gap_size more = {1, 1};
		bool is_gap = *at == '{' && at[1] != '{';
		at = is_gap ? sim_operation_gap(at, &gap, why) : at + (*at == '{');
		if (at == NULL) {
			return false;
		}
		if (is_gap) {
			sim_gap_size(&gap, &more);
		}
		size->least += more.least;
		size->most += more.most;
	}
	return true;
}

bool sim_operation_check(const char *text, char why[SIM_OPERATION_WHY_SIZE]) {
	struct sim_gap_size size;
	for (const char *at = text; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			snprintf(why, SIM_OPERATION_WHY_SIZE, "a control character, expected one line of text");
			return false;
		}
	}
	if (!sim_operation_measure(text, &size, why)) {
		return false;
	}
	if (size.least == 0 || size.most >= SUBJECT_OPERATION_SIZE) {
		snprintf(why, SIM_OPERATION_WHY_SIZE, "%.60s may have %zu bytes, expected 1 to %d", text,
		         size.least == 0 ? 0 : size.most, SUBJECT_OPERATION_SIZE - 1);
		return false;
	}
	return true;
}

bool sim_operations_check(const struct subject_operation *operations, char why[SIM_OPERATION_WHY_SIZE]) {
	char one[SIM_OPERATION_WHY_SIZE];
	uint32_t count = 0;
	while (operations != NULL && operations[count].text != NULL) {
		if (count == SIM_OPERATIONS_MAX) {
			snprintf(why, SIM_OPERATION_WHY_SIZE, "more kinds of operation than %u, expected less", count);
			return false;
		}
		if (operations[count].weight > SIM_OPERATION_WEIGHT_MAX) {
			snprintf(why, SIM_OPERATION_WHY_SIZE, "operation %u has weight %u, expected at most %u", count,
			         operations[count].weight, SIM_OPERATION_WEIGHT_MAX);
			return false;
		}
		if (!sim_operation_check(operations[count].text, one)) {
			snprintf(why, SIM_OPERATION_WHY_SIZE, "operation %u: %.220s", count, one);
			return false;
		}
		count++;
	}
	if (operations != NULL && count == 0) {
		snprintf(why, SIM_OPERATION_WHY_SIZE, "no operation, expected one");
		return false;
	}
	return true;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static uint32_t sim_operation_weight(const struct subject_operation *operations, uint32_t number, uint32_t on) {
	uint32_t weight = operations[number].weight > 0 ? operations[number].weight : 1;
	return (on >> number % 32 & 1) != 0 ? weight : 0;
}

static uint32_t sim_operation_sum(const struct subject_operation *operations, uint32_t on) {
	uint32_t sum = 0;
	for (uint32_t i = 0; operations[i].text != NULL; i++) {
		sum += sim_operation_weight(operations, i, on);
	}
	return sum;
}

static const char *sim_operation_pick(const struct subject_operation *operations, uint32_t on,
                                      struct sim_pcg32 *chance) {
	on = sim_operation_sum(operations, on) > 0 ? on : UINT32_MAX;
	uint32_t pick = sim_pcg32_below(chance, sim_operation_sum(operations, on));
	uint32_t number = 0;
	while (pick >= sim_operation_weight(operations, number, on)) {
		pick -= sim_operation_weight(operations, number, on);
		number++;
	}
	return operations[number].text;
}

static size_t sim_gap_fill_word(const struct sim_gap *gap, struct sim_pcg32 *chance, char *text) {
	uint32_t count = 1;
	for (const char *at = gap->begin; at < gap->end; at++) {
		count += *at == '|';
	}
	const char *begin = gap->begin;
	for (uint32_t skip = sim_pcg32_below(chance, count); skip > 0; skip--) {
		begin = strchr(begin, '|') + 1;
	}
	size_t size = strcspn(begin, "|}");
	memcpy(text, begin, size);
	return size;
}

static size_t sim_gap_fill(const struct sim_gap *gap, struct sim_pcg32 *chance, char *text) {
	if (gap->kind == SIM_GAP_WORD) {
		return sim_gap_fill_word(gap, chance, text);
	}
	uint64_t above = sim_pcg32_between(chance, 0, (uint64_t)gap->most - (uint64_t)gap->least);
	int64_t drawn = (int64_t)((uint64_t)gap->least + above);
	if (gap->kind == SIM_GAP_NUMBER) {
		return (size_t)sprintf(text, "%" PRId64, drawn);
	}
	for (int64_t i = 0; i < drawn; i++) {
		text[i] = (char)('a' + sim_pcg32_below(chance, 26));
	}
	return (size_t)drawn;
}

void sim_operation_draw(const struct subject_operation *operations, uint32_t on, uint64_t number,
                        char text[SUBJECT_OPERATION_SIZE]) {
	struct sim_pcg32 chance;
	size_t used = 0;
	assert(operations != NULL && operations[0].text != NULL);
	sim_pcg32_derive(&chance, number, "operation");
	memset(text, 0, SUBJECT_OPERATION_SIZE);
	for (const char *at = sim_operation_pick(operations, on, &chance); *at != '\0'; at++) {
		if (*at != '{' || at[1] == '{') {
			at += *at == '{' ? 1 : 0;
			text[used++] = *at;
			continue;
		}
		struct sim_gap gap = {0};
		const char *end = strchr(at, '}');
		sim_gap_read(at + 1, end, &gap);
		used += sim_gap_fill(&gap, &chance, text + used);
		at = end;
	}
	assert(used < SUBJECT_OPERATION_SIZE);
	text[used] = '\0';
}
