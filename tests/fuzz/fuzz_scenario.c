/* Arbitrary bytes as a scenario: refused with a line that names the file, or a scenario of which
 * plans can be made that are read back as they were printed. */
#include "fuzz.h"
#include "plan_make.h"
#include "run.h"
#include "same_plan.h"
#include "scenario_load.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	static struct sim_plan plan;
	static bool is_ready = false;
	char why[1536] = "";
	is_ready = is_ready || sim_run_init();
	FUZZ_DEMAND(is_ready);
	struct sim_scenario *scenario = sim_scenario_load(fuzz_scratch(data, size), why, sizeof why);
	if (scenario == NULL) {
		FUZZ_DEMAND(fuzz_names_scratch(why));
		return 0;
	}
	for (uint64_t seed = 1; seed <= 2; seed++) {
		sim_plan_make(&plan, scenario, seed);
		fuzz_demand_same_plan(&plan);
	}
	sim_scenario_destroy(scenario);
	return 0;
}
