/* sim/sweep/reach.c: see reach.h. A *round* is one seed of all scenarios: rounds are drawn alike,
 * runs are not. Round after round is dealt to the blocks. */
#include "reach.h"

#include <inttypes.h>
#include <stdio.h>

/* A sweep by seed that ended early has done so many rounds of each block: one more or less is
 * little. */
#define SIM_REACH_ROUNDS_LEAST 8u

/* Rounds of this partition. */
static uint64_t sim_reach_planned(const struct sim_sweep_options *options) {
	uint64_t skipped = options->partition - 1;
	return options->seed_count > skipped ? (options->seed_count - skipped - 1) / options->partitions + 1 : 0;
}

/* What a block has, and how many there are; rounds beyond the last block belong to none. */
static uint64_t sim_reach_block_rounds(const struct sim_sweep_options *options) {
	return (sim_reach_planned(options) + SIM_UNSEEN_BLOCKS_MAX - 1) / SIM_UNSEEN_BLOCKS_MAX;
}

static uint32_t sim_reach_blocks(const struct sim_sweep_options *options) {
	uint64_t rounds = sim_reach_block_rounds(options);
	return rounds > 0 ? (uint32_t)(sim_reach_planned(options) / rounds) : 0;
}

static bool sim_reach_run_reached(void *context, const struct sim_sweep_key *key, const uint32_t *species,
                                  uint32_t count, char *why) {
	struct sim_reach *reach = context;
	const struct sim_sweep_options *options = reach->options;
	(void)why;
	if (key->ordinal >= options->seed_count) {
		return true;
	}
	uint64_t round = key->ordinal / options->partitions;
	uint32_t blocks = sim_reach_blocks(options);
	bool is_in = round < blocks * sim_reach_block_rounds(options);
	reach->runs++;
	sim_unseen_note(&reach->unseen, is_in ? (uint32_t)(round % blocks) : SIM_UNSEEN_BLOCKS_MAX, species, count);
	return true;
}

/* So many rounds were done of each block; 0: nobody knows. */
static uint64_t sim_reach_done(const struct sim_reach *reach, const struct sim_sweep_result *result) {
	const struct sim_sweep_options *options = reach->options;
	bool early = result->interrupted || result->stopped || result->out_of_time || result->broken[0] != '\0';
	if (!early) {
		return sim_reach_block_rounds(options);
	}
	uint64_t rounds = options->by_seed ? reach->runs / options->scenario_count : 0;
	uint32_t blocks = sim_reach_blocks(options);
	return blocks > 0 && rounds / blocks >= SIM_REACH_ROUNDS_LEAST ? rounds / blocks : 0;
}

static bool sim_reach_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	struct sim_reach *reach = context;
	uint32_t blocks = sim_reach_blocks(reach->options);
	uint64_t rounds = reach->runs > 0 ? sim_reach_done(reach, result) : 0;
	(void)why;
	reach->species = sim_unseen_reached(&reach->unseen, reach->by_class);
	if (reach->runs > 0 && blocks < SIM_UNSEEN_BLOCKS_LEAST) {
		snprintf(reach->why, sizeof reach->why, "%u seeds are too few, expected at least %u", blocks,
		         SIM_UNSEEN_BLOCKS_LEAST);
	} else if (rounds == 0) {
		snprintf(reach->why, sizeof reach->why, "the sweep has ended early");
	} else {
		for (uint32_t i = 0; i < SIM_REACH_NEXT_COUNT; i++) {
			uint32_t more = i == 0 ? blocks / 2 : blocks;
			reach->next[i].runs = rounds * more * reach->options->scenario_count;
			reach->next[i].estimate = sim_unseen_estimate(&reach->unseen, blocks, more);
		}
		reach->next_count = SIM_REACH_NEXT_COUNT;
	}
	return true;
}

struct sim_sweep_listener sim_reach_listener(struct sim_reach *reach) {
	return (struct sim_sweep_listener){
	        .context = reach, .run_reached = sim_reach_run_reached, .sweep_ended = sim_reach_sweep_ended};
}

static bool sim_reach_print(void *context, const struct sim_sweep_result *result, char *why) {
	const struct sim_reach *reach = context;
	(void)result;
	(void)why;
	fprintf(reach->out, "\n%u species in %" PRIu64 " runs:", reach->species, reach->runs);
	for (int i = 0; i < SIM_SPECIES_CLASS_COUNT; i++) {
		fprintf(reach->out, "%s %u %s", i == 0 ? "" : ",", reach->by_class[i],
		        sim_species_row((enum sim_species_class)i)->name);
	}
	fprintf(reach->out, "\n");
	for (uint32_t i = 0; i < reach->next_count; i++) {
		const struct sim_unseen_estimate *estimate = &reach->next[i].estimate;
		fprintf(reach->out, "the next %" PRIu64 " runs: %.1f new ones expected, 95 %% interval %.0f to %.0f\n",
		        reach->next[i].runs, estimate->expected, estimate->low, estimate->high);
	}
	if (reach->next_count == 0) {
		fprintf(reach->out, "nothing is estimated: %s\n", reach->why);
	}
	return true;
}

struct sim_sweep_listener sim_reach_table_listener(struct sim_reach *reach) {
	return (struct sim_sweep_listener){.context = reach, .sweep_ended = sim_reach_print};
}
