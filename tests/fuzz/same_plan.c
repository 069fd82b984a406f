/* tests/fuzz/same_plan.c: see same_plan.h. */
#include "same_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_text.h"

/* Give it to free(). */
static char *fuzz_print_plan(const struct sim_plan *plan) {
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	FUZZ_DEMAND(file != NULL);
	sim_plan_text_print(plan, file);
	FUZZ_DEMAND(fclose(file) == 0);
	return text;
}

void fuzz_demand_same_plan(const struct sim_plan *plan) {
	static struct sim_plan again;
	char why[1536] = "";
	char *text = fuzz_print_plan(plan);
	memset(&again, 0, sizeof again);
	again.sql_scenario = plan->sql_scenario;
	/* A longer one is no file that may be read. */
	if (strlen(text) <= SIM_PLAN_FILE_BYTES_MAX) {
		FUZZ_DEMAND(sim_plan_text_parse(&again, text, "again", why, sizeof why));
		char *second = fuzz_print_plan(&again);
		FUZZ_DEMAND(strcmp(text, second) == 0);
		free(second);
	}
	free(text);
}
