#include "identity.h"

#include <string.h>

/* ---- form ------------------------------------------------------------------------------------ */

/* The length of the word at the start of a text: up to a space, or to the end. */
static size_t engine_identity_word(const char *text) {
	return strcspn(text, " ");
}

static size_t engine_identity_name(const char *word) {
	return strcspn(word, "= ");
}

/* Whether the name of one attribute comes before that of another. */
static bool engine_identity_is_before(const char *a, const char *b) {
	size_t a_length = engine_identity_name(a);
	size_t b_length = engine_identity_name(b);
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order < 0 || (order == 0 && a_length < b_length);
}

/* NAME=VALUE, neither of them empty, the names in ascending order. */
static bool engine_identity_is_instrument(const char *text) {
	const char *before = NULL;

	if (text[0] == '\0') {
		return true;
	}
	while (true) {
		size_t name = engine_identity_name(text);
		size_t word = engine_identity_word(text);
		if (name == 0 || word < name + 2 || (before != NULL && !engine_identity_is_before(before, text))) {
			return false;
		}
		if (text[word] == '\0') {
			return true;
		}
		before = text;
		text += word + 1;
	}
}

static bool engine_identity_is_day(int32_t day) {
	int32_t month = day / 100 % 100;

	return day == 0 ||
	       (day >= 19000101 && day <= 99991231 && month >= 1 && month <= 12 && day % 100 >= 1 && day % 100 <= 31);
}

bool engine_identity_is_sound(const struct engine_update *update) {
	return (int)update->scope.position_side >= ENGINE_POSITION_SIDE_NONE &&
	       (int)update->scope.position_side <= ENGINE_POSITION_SIDE_SHORT &&
	       engine_identity_is_instrument(update->scope.instrument) && engine_identity_is_day(update->trading_day) &&
	       (update->ids_are_per & ~ENGINE_IDS_PER_SYMBOL) == 0;
}
