/* sim/sweep/unseen.c: see unseen.h. */
#include "unseen.h"

#include <assert.h>
#include <math.h>

/* Of the normal distribution: 95 % lie between minus and plus so many standard deviations. */
#define SIM_UNSEEN_DEVIATIONS 1.959964
/* What was never seen in n trials has a chance below 3 / n, with 95 % (J. A. Hanley, A.
 * Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 249 (1983), 1743-1745). */
#define SIM_UNSEEN_RULE_OF_THREE 3.0

/* Species by the number of their blocks. */
struct sim_unseen_counts {
	double of[SIM_UNSEEN_BLOCKS_MAX + 1];
	double only[SIM_UNSEEN_BLOCKS_MAX];  /* that this block alone has */
	double pairs[SIM_UNSEEN_BLOCKS_MAX]; /* that this block has, and one other */
};

void sim_unseen_note(struct sim_unseen *unseen, uint32_t block, const uint32_t *species, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		sim_species_add(&unseen->reached, species[i]);
		unseen->blocks[species[i]] |= block < SIM_UNSEEN_BLOCKS_MAX ? (uint64_t)1 << block : 0;
	}
}

uint32_t sim_unseen_reached(const struct sim_unseen *unseen, uint32_t by_class[SIM_SPECIES_CLASS_COUNT]) {
	uint32_t sum = 0;
	for (int i = 0; i < SIM_SPECIES_CLASS_COUNT; i++) {
		by_class[i] = 0;
	}
	for (uint32_t i = 0; i < SIM_SPECIES_COUNT; i++) {
		if (sim_species_has(&unseen->reached, i)) {
			by_class[sim_species_class_of(i)]++;
			sum++;
		}
	}
	return sum;
}

static void sim_unseen_count(const struct sim_unseen *unseen, struct sim_unseen_counts *counts) {
	*counts = (struct sim_unseen_counts){0};
	for (uint32_t i = 0; i < SIM_SPECIES_COUNT; i++) {
		uint64_t blocks = unseen->blocks[i];
		int many = __builtin_popcountll(blocks);
		counts->of[many]++;
		if (many == 1 || many == 2) {
			uint64_t rest = blocks & (blocks - 1);
			double *tally = many == 1 ? counts->only : counts->pairs;
			tally[__builtin_ctzll(blocks)]++;
			tally[rest != 0 ? __builtin_ctzll(rest) : __builtin_ctzll(blocks)] += rest != 0;
		}
	}
}

/* The formula of the header. */
static double sim_unseen_expect(double q1, double q2, double blocks, double more) {
	double share = (blocks - 1) / blocks;
	double q0 = q2 > 0 ? share * q1 * q1 / (2 * q2) : share * q1 * (q1 - 1) / 2;
	return q0 > 0 ? q0 * (1 - pow(1 - q1 / (blocks * q0 + q1), more)) : 0;
}

/* Without block b its own species are seen by nobody, and its pairs by one block. Species of three
 * blocks become pairs: `triples` says how many. */
static double sim_unseen_without(const struct sim_unseen_counts *counts, double triples, uint32_t b, double blocks,
                                 double more) {
	double q1 = counts->of[1] - counts->only[b] + counts->pairs[b];
	double q2 = counts->of[2] - counts->pairs[b] + triples;
	return sim_unseen_expect(q1, q2, blocks - 1, more);
}

static void sim_unseen_count_triples(const struct sim_unseen *unseen, double triples[SIM_UNSEEN_BLOCKS_MAX]) {
	for (uint32_t b = 0; b < SIM_UNSEEN_BLOCKS_MAX; b++) {
		triples[b] = 0;
	}
	for (uint32_t i = 0; i < SIM_SPECIES_COUNT; i++) {
		uint64_t blocks = unseen->blocks[i];
		for (bool has = __builtin_popcountll(blocks) == 3; has && blocks != 0; blocks &= blocks - 1) {
			triples[__builtin_ctzll(blocks)]++;
		}
	}
}

/* Of the estimate: the jackknife (B. Efron, C. Stein, The jackknife estimate of variance, Annals of
 * Statistics 9 (1981), 586-596). */
static double sim_unseen_variance_of_estimate(const struct sim_unseen *unseen, const struct sim_unseen_counts *counts,
                                              uint32_t blocks, double more) {
	double triples[SIM_UNSEEN_BLOCKS_MAX];
	double without[SIM_UNSEEN_BLOCKS_MAX];
	double mean = 0;
	double sum = 0;
	sim_unseen_count_triples(unseen, triples);
	for (uint32_t b = 0; b < blocks; b++) {
		without[b] = sim_unseen_without(counts, triples[b], b, blocks, more);
		mean += without[b] / blocks;
	}
	for (uint32_t b = 0; b < blocks; b++) {
		sum += (without[b] - mean) * (without[b] - mean);
	}
	return sum * (blocks - 1) / blocks;
}

/* Of what `more` blocks bring, when they bring so many of what one block alone has now: later ones
 * bring less, and by as much as the estimate says. */
static double sim_unseen_variance_of_future(const struct sim_unseen_counts *counts, uint32_t blocks, double expected) {
	double mean = counts->of[1] / blocks;
	double sum = 0;
	for (uint32_t b = 0; b < blocks; b++) {
		sum += (counts->only[b] - mean) * (counts->only[b] - mean);
	}
	return sum / (blocks - 1) * expected / mean;
}

struct sim_unseen_estimate sim_unseen_estimate(const struct sim_unseen *unseen, uint32_t blocks, uint32_t more) {
	static struct sim_unseen_counts counts;
	assert(blocks >= SIM_UNSEEN_BLOCKS_LEAST && blocks <= SIM_UNSEEN_BLOCKS_MAX && more >= 1 && more <= blocks);
	sim_unseen_count(unseen, &counts);
	double expected = sim_unseen_expect(counts.of[1], counts.of[2], blocks, more);
	if (expected <= 0) {
		/* None, or one: no form of a distribution can be told from that. */
		return (struct sim_unseen_estimate){.expected = counts.of[1] * more / blocks,
		                                    .high = ceil(SIM_UNSEEN_RULE_OF_THREE * more / blocks) +
		                                            2 * counts.of[1]};
	}
	double variance = sim_unseen_variance_of_estimate(unseen, &counts, blocks, more) +
	                  sim_unseen_variance_of_future(&counts, blocks, expected);
	double factor = exp(SIM_UNSEEN_DEVIATIONS * sqrt(log(1 + variance / (expected * expected))));
	return (struct sim_unseen_estimate){.expected = round(expected * 1000) / 1000,
	                                    .low = floor(expected / factor),
	                                    .high = ceil(expected * factor)};
}
