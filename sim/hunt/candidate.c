/* sim/hunt/candidate.c: see candidate.h. */
#include "candidate.h"

#include "fit.h"
#include "mutate.h"
#include "plan_make.h"
#include "plan_text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void sim_candidate_parse(const struct sim_scenario *scenario, const char *text, struct sim_plan *plan) {
	char why[300];
	memset(plan, 0, sizeof *plan);
	plan->sql_scenario = scenario->sql;
	bool parsed = sim_plan_text_parse(plan, text, "corpus", why, sizeof why);
	assert(parsed);
	(void)parsed;
}

static void sim_candidate_change(const struct sim_sweep_options *sweep, const struct sim_candidate *candidate,
                                 struct sim_plan *plan) {
	static struct sim_plan donor;
	const struct sim_scenario *scenario = sweep->scenarios[candidate->scenario];
	struct sim_mutation mutation = {.plan = plan, .scenario = scenario, .donor = &donor};
	sim_pcg32_derive(&mutation.chance, candidate->seed, "hunt/change");
	sim_candidate_parse(scenario, candidate->donor, &donor);
	sim_mutate(&mutation);
	sim_plan_deinit(&donor);
	if ((sim_fit_of_plan(plan) & ~sweep->takes) != 0) {
		sim_plan_deinit(plan);
		sim_candidate_parse(scenario, candidate->parent, plan);
	}
}

void sim_candidate_make(const struct sim_sweep_options *sweep, const struct sim_candidate *candidate,
                        struct sim_plan *plan) {
	const struct sim_scenario *scenario = sweep->scenarios[candidate->scenario];
	assert(candidate->scenario < sweep->scenario_count);
	if (candidate->parent == NULL) {
		sim_plan_make(plan, scenario, candidate->seed);
		return;
	}
	sim_candidate_parse(scenario, candidate->parent, plan);
	if (candidate->donor != NULL) {
		sim_candidate_change(sweep, candidate, plan);
	}
}

char *sim_candidate_text(const struct sim_sweep_options *sweep, const struct sim_candidate *candidate, uint64_t *seed) {
	static struct sim_plan plan;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL) {
		return NULL;
	}
	sim_candidate_make(sweep, candidate, &plan);
	sim_plan_text_print(&plan, out);
	*seed = plan.seed;
	sim_plan_deinit(&plan);
	fclose(out);
	return text;
}

void sim_candidate_clear(struct sim_candidate *candidate) {
	free(candidate->parent);
	free(candidate->donor);
	*candidate = (struct sim_candidate){0};
}
