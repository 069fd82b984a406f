/* Arbitrary bytes as a plan: refused with a line that names file and line, or a plan that is
 * printed and read back as it was. */
#include <string.h>

#include "fuzz.h"
#include "plan_text.h"
#include "same_plan.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	static struct sim_plan plan;
	char why[1536] = "";
	memset(&plan, 0, sizeof plan);
	if (sim_plan_text_load(&plan, fuzz_scratch(data, size), why, sizeof why)) {
		fuzz_demand_same_plan(&plan);
	} else {
		FUZZ_DEMAND(fuzz_names_scratch(why));
	}
	return 0;
}
