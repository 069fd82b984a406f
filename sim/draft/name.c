/* sim/draft/name.c: see name.h. */
#include "name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool sim_draft_is_of_name(char c) {
	return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

void sim_draft_word(const char *text, const char *ends, char *word, size_t size) {
	const size_t length = strcspn(text, ends);
	size_t used = 0;
	for (size_t i = 0; i < length && used + 1 < size; i++) {
		bool of_name = sim_draft_is_of_name(text[i]);
		if (of_name || (used > 0 && word[used - 1] != '-')) {
			int c = of_name ? tolower((unsigned char)text[i]) : '-';
			word[used++] = (char)c;
		}
	}
	while (used > 0 && word[used - 1] == '-') {
		used--;
	}
	word[used] = '\0';
}
