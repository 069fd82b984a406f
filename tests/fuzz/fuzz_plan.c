/* Arbitrary bytes as a plan: refused with a line that names file and line, or a plan that is
 * printed and read back as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_text.h"
#include "scratch.h"

static char *print(const struct sim_plan *plan) {
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	FUZZ_DEMAND(file != NULL);
	sim_plan_text_print(plan, file);
	FUZZ_DEMAND(fclose(file) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	static struct sim_plan plan;
	static struct sim_plan again;
	char why[1536] = "";
	memset(&plan, 0, sizeof plan);
	memset(&again, 0, sizeof again);
	if (!sim_plan_text_load(&plan, fuzz_scratch(data, size), why, sizeof why)) {
		FUZZ_DEMAND(fuzz_names_scratch(why));
		return 0;
	}
	char *text = print(&plan);
	FUZZ_DEMAND(sim_plan_text_parse(&again, text, "again", why, sizeof why));
	char *second = print(&again);
	FUZZ_DEMAND(strcmp(text, second) == 0);
	free(second);
	free(text);
	return 0;
}
