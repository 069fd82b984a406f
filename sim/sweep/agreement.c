/* sim/sweep/agreement.c: see agreement.h. */
#include "agreement.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct sim_agreement_first {
	uint64_t hash; /* 0: none yet */
	uint32_t scenario;
};

struct sim_agreement {
	const struct sim_sweep_options *options;
	struct sim_sweep_result *result;
	uint64_t seed_count;
	uint32_t groups[SIM_SWEEP_SCENARIOS_MAX]; /* by scenario: 1 + number of the group that must
	                                           * agree; 0: none */
	struct sim_agreement_first *firsts;       /* seed_count for each group */
};

struct sim_agreement *sim_agreement_create(const struct sim_sweep_options *options, struct sim_sweep_result *result) {
	uint32_t group_count = 0;
	assert(options->scenario_count <= SIM_SWEEP_SCENARIOS_MAX);
	struct sim_agreement *agreement = calloc(1, sizeof *agreement);
	if (agreement == NULL) {
		return NULL;
	}
	agreement->options = options;
	agreement->result = result;
	agreement->seed_count = options->seed_count / options->partitions + 1;
	for (uint32_t first = 0; first < options->scenario_count; first = sim_sweep_group_end(options, first)) {
		group_count += options->scenarios[first]->must_agree ? 1 : 0;
		for (uint32_t i = first; i < sim_sweep_group_end(options, first); i++) {
			agreement->groups[i] = options->scenarios[i]->must_agree ? group_count : 0;
		}
	}
	agreement->firsts = calloc(group_count * agreement->seed_count + 1, sizeof *agreement->firsts);
	if (agreement->firsts == NULL) {
		free(agreement);
		return NULL;
	}
	return agreement;
}

void sim_agreement_destroy(struct sim_agreement *agreement) {
	if (agreement != NULL) {
		free(agreement->firsts);
		free(agreement);
	}
}

static void sim_agreement_differ(struct sim_agreement *agreement, const struct sim_sweep_key *key,
                                 const struct sim_run_result *run, const struct sim_agreement_first *first) {
	struct sim_run_result differs = *run;
	assert(first->scenario != key->scenario);
	snprintf(differs.invariant, sizeof differs.invariant, SIM_SWEEP_CELLS_DIFFER);
	snprintf(differs.detail, sizeof differs.detail,
	         "ends in state %016" PRIx64 ", cell %s of the same seed in %016" PRIx64, run->state_hash,
	         agreement->options->scenarios[first->scenario]->cell, first->hash);
	sim_sweep_note_failure(agreement->result, key, &differs);
}

static bool sim_agreement_run_ended(void *context, const struct sim_sweep_key *key, const struct sim_run_result *run,
                                    char *why) {
	struct sim_agreement *agreement = context;
	assert(key->scenario < agreement->options->scenario_count);
	uint32_t group = agreement->groups[key->scenario];
	(void)why;
	/* The seed of a known finding is run in one cell only. */
	if (group == 0 || run->state_hash == 0 || key->ordinal >= agreement->options->seed_count) {
		return true;
	}
	uint64_t place = key->ordinal / agreement->options->partitions;
	assert(place < agreement->seed_count);
	struct sim_agreement_first *first = &agreement->firsts[(group - 1) * agreement->seed_count + place];
	if (first->hash == 0) {
		*first = (struct sim_agreement_first){.hash = run->state_hash, .scenario = key->scenario};
		return true;
	}
	agreement->result->compared++;
	if (first->hash != run->state_hash) {
		sim_agreement_differ(agreement, key, run, first);
	}
	return true;
}

struct sim_sweep_listener sim_agreement_listener(struct sim_agreement *agreement) {
	return (struct sim_sweep_listener){.context = agreement, .run_ended = sim_agreement_run_ended};
}
