/* Arbitrary bytes as a scenario: refused with a line that names the file, or a scenario of which a
 * plan can be made that is read back as it was printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_make.h"
#include "plan_text.h"
#include "run.h"
#include "scenario_load.h"
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

static void demand_plan(const struct sim_scenario *scenario, uint64_t seed) {
	static struct sim_plan plan;
	static struct sim_plan again;
	char why[1536] = "";
	sim_plan_make(&plan, scenario, seed);
	char *text = print(&plan);
	again.sql_scenario = plan.sql_scenario;
	if (strlen(text) <= SIM_PLAN_FILE_BYTES_MAX) {
		FUZZ_DEMAND(sim_plan_text_parse(&again, text, "plan", why, sizeof why));
		char *second = print(&again);
		FUZZ_DEMAND(strcmp(text, second) == 0);
		free(second);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	static int is_ready = 0;
	char why[1536] = "";
	if (is_ready == 0) {
		FUZZ_DEMAND(sim_run_init());
		is_ready = 1;
	}
	const char *path = fuzz_scratch(data, size);
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	if (scenario == NULL) {
		FUZZ_DEMAND(fuzz_names_scratch(why));
		return 0;
	}
	demand_plan(scenario, 1);
	demand_plan(scenario, 2);
	sim_scenario_destroy(scenario);
	return 0;
}
