#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

void fuzz_fail(const char *condition, const char *file, int line) {
	(void)fprintf(stderr, "%s:%d: demanded: %s\n", file, line, condition);
	abort();
}
