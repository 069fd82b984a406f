/* engine/program/digest.c: 128 bits as text. */
#include <stdio.h>

#include "program.h"

void program_digest_print(const struct engine_digest *digest, char text[PROGRAM_DIGEST_TEXT_SIZE]) {
	(void)snprintf(text, PROGRAM_DIGEST_TEXT_SIZE, "%016llx%016llx", (unsigned long long)digest->high,
	               (unsigned long long)digest->low);
}

static int program_digest_digit(char digit) {
	return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool program_digest_parse(const char *text, struct engine_digest *digest) {
	*digest = (struct engine_digest){0, 0};
	for (int i = 0; i < PROGRAM_DIGEST_TEXT_SIZE - 1; i++) {
		int digit = program_digest_digit(text[i]);
		if (digit < 0) {
			return false;
		}
		digest->high = digest->high << 4 | digest->low >> 60;
		digest->low = digest->low << 4 | (uint64_t)digit;
	}
	return true;
}
