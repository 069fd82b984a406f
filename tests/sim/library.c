/* tests/sim/library.c: see library.h. */
#include "library.h"
#include "scenario_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct sim_scenario *library_load(const char *name) {
	char path[SIM_SCENARIO_PATH_SIZE];
	char why[300];
	snprintf(path, sizeof path, "%s/scenarios/%s.yaml", AFTERSHOCK_SOURCE_DIR, name);
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
	}
	return scenario;
}

struct sim_run_result library_run(const char *name, const struct aftershock_subject *subject, uint64_t seeds) {
	struct sim_scenario *scenario = library_load(name);
	struct sim_run_result sum = {.verdict = SIM_HELD};
	for (uint64_t seed = 1; seed <= seeds && sum.verdict == SIM_HELD; seed++) {
		struct sim_run_result result;
		sim_run(scenario, seed, subject, NULL, &result);
		sum.verdict = result.verdict;
		memcpy(sum.invariant, result.invariant, sizeof sum.invariant);
		memcpy(sum.detail, result.detail, sizeof sum.detail);
		sum.updates += result.updates;
		for (int kind = 0; kind < SIM_FAULT_KIND_COUNT; kind++) {
			sum.struck[kind] += result.struck[kind];
		}
		for (int probe = 0; probe < SIM_PROBE_COUNT; probe++) {
			sum.probes[probe] += result.probes[probe];
		}
	}
	sim_scenario_destroy(scenario);
	return sum;
}
