/* sim/number.c: see number.h. */
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool sim_number_parse(const char *text, uint64_t max, uint64_t *number) {
	char *end = NULL;
	if (text[0] < '0' || text[0] > '9') {
		return false;
	}
	errno = 0;
	*number = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	return errno == 0 && *end == '\0' && *number <= max;
}

const char *sim_number_plural(uint64_t count) {
	return count == 1 ? "" : "s";
}

const char *sim_number_singular(uint64_t count) {
	return count == 1 ? "s" : "";
}
