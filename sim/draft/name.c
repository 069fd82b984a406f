/* sim/draft/name.c: see name.h. */
#include "name.h"

#include <stdbool.h>
#include <string.h>

/* As a name has it; 0: a name does not have it. */
static char sim_draft_letter(char c) {
	bool is_upper = c >= 'A' && c <= 'Z';
	bool is_taken = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
	return (char)(is_upper ? c - 'A' + 'a' : is_taken ? c : 0);
}

void sim_draft_word(const char *text, const char *ends, char *word, size_t size) {
	const size_t length = strcspn(text, ends);
	size_t used = 0;
	for (size_t i = 0; i < length && used + 1 < size; i++) {
		char letter = sim_draft_letter(text[i]);
		if (letter != 0 || (used > 0 && word[used - 1] != '-')) {
			word[used++] = (char)(letter != 0 ? letter : '-');
		}
	}
	while (used > 0 && word[used - 1] == '-') {
		used--;
	}
	word[used] = '\0';
}
