/* sim/suggest.c: "did you mean", for whoever mistypes a word. */
#include "suggest.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Levenshtein's distance (1965), one row at a time. */
static size_t sim_distance(const char *left, const char *right) {
	size_t row[64];
	size_t width = strlen(right) < 63 ? strlen(right) : 63;
	for (size_t j = 0; j <= width; j++) {
		row[j] = j;
	}
	for (size_t i = 1; left[i - 1] != '\0'; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t change = corner + (left[i - 1] != right[j - 1]);
			corner = row[j];
			size_t gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			row[j] = change < gap ? change : gap;
		}
	}
	return row[width];
}

const char *sim_suggest_near(const char *word, const char *const *list) {
	const char *nearest = list[0];
	assert(word != NULL);
	for (size_t i = 0; list[i] != NULL; i++) {
		nearest = sim_distance(word, list[i]) < sim_distance(word, nearest) ? list[i] : nearest;
	}
	return nearest != NULL && sim_distance(word, nearest) <= (strlen(nearest) + 1) / 2 ? nearest : NULL;
}

const char *sim_suggest(const char *word, const char *const *list) {
	static char text[512];
	const char *nearest = sim_suggest_near(word, list);
	if (nearest != NULL) {
		snprintf(text, sizeof text, "did you mean %s?", nearest);
		return text;
	}
	size_t used = (size_t)snprintf(text, sizeof text, "expected one of:");
	for (size_t i = 0; list[i] != NULL; i++) {
		/* The last that fits leaves room for what says that there are more. */
		if (used + strlen(list[i]) + sizeof ", , ..." > sizeof text) {
			snprintf(text + used, sizeof text - used, ", ...");
			break;
		}
		used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", i == 0 ? "" : ",", list[i]);
	}
	return text;
}
