/* sim/world/branch_sample.c: see branch_sample.h. */
#include "branch_sample.h"

#include <assert.h>
#include <string.h>

/* A run usually passes through so many phases in which something changes. */
#define SIM_BRANCH_SAMPLE_PHASES 8u
/* How often it is the last call of its phase. */
#define SIM_BRANCH_SAMPLE_LATE_PERCENT 40u

void sim_branch_sample_begin(struct sim_branch_sample *sample, uint64_t seed, uint32_t wanted, uint32_t moments) {
	assert(wanted >= 1);
	memset(sample, 0, sizeof *sample);
	sim_pcg32_derive(&sample->chance, seed, "branches");
	sample->wanted = wanted;
	sample->moments = moments;
}

void sim_branch_sample_begin_moment(struct sim_branch_sample *sample, bool starts) {
	memset(sample->calls, 0, sizeof sample->calls);
	memset(sample->taken, 0, sizeof sample->taken);
	sample->starts = starts;
}

/* How many moments on. Half of the draws are uniform: they reach all of the run alike. The others
 * are heavy-tailed: they reach what comes once or twice. */
static uint32_t sim_branch_sample_gap(struct sim_branch_sample *sample) {
	uint64_t uniform = UINT64_C(2) * SIM_BRANCH_SAMPLE_PHASES * sample->moments / sample->wanted;
	uint64_t heavy = UINT64_C(8) * SIM_BRANCH_SAMPLE_PHASES * sample->moments / sample->wanted;
	bool is_heavy = sim_pcg32_percent(&sample->chance, 50);
	return (uint32_t)sim_pcg32_draw(&sample->chance, is_heavy, 1, 1 + (is_heavy ? heavy : uniform));
}

bool sim_branch_sample_takes(struct sim_branch_sample *sample, enum vfs_phase phase) {
	uint32_t *seen = &sample->seen[sample->starts ? 1 : 0][phase];
	uint32_t *next = &sample->next[sample->starts ? 1 : 0][phase];
	uint32_t call = ++sample->calls[phase];
	if (call == 1) {
		*next = *next == 0 ? sim_branch_sample_gap(sample) : *next;
		sample->taken[phase] = ++*seen == *next;
		*next += sample->taken[phase] ? sim_branch_sample_gap(sample) : 0;
		sample->late[phase] =
		        sample->taken[phase] && sim_pcg32_percent(&sample->chance, SIM_BRANCH_SAMPLE_LATE_PERCENT);
	}
	return sample->taken[phase] && (sample->late[phase] || sim_pcg32_below(&sample->chance, call) == 0);
}
