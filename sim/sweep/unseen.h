/* sim/sweep/unseen.h: how many species (sim/species.h) runs have reached, and how many new ones the
 * next runs would still show.
 *
 * The runs are dealt to at most 64 *blocks* of equal size, and a species counts once for a block.
 * So what a run reaches together stays together. Q1 and Q2 are the numbers of species of one block
 * and of two. Of B blocks:
 *
 *     never seen      Q0 = (B - 1) / B * Q1^2 / (2 Q2), without Q2: (B - 1) / B * Q1 (Q1 - 1) / 2
 *     new in m more   Q0 * (1 - (1 - Q1 / (B Q0 + Q1))^m)
 *
 * The second is equation 18 of R. K. Colwell, A. Chao et al., Models and estimators linking
 * individual-based and sample-based rarefaction, extrapolation and comparison of assemblages,
 * Journal of Plant Ecology 5 (2012), 3-21. For one block it is nearly Q1 / B, the estimate of Good
 * and Turing: I. J. Good, The population frequencies of species and the estimation of population
 * parameters, Biometrika 40 (1953), 237-264. Q0 is from A. Chao, Estimating the population size for
 * capture-recapture data with unequal catchability, Biometrics 43 (1987), 783-791, and so is the
 * form of the interval: that of a log-normal distribution.
 *
 * Its variance is the sum of two. That of the estimate is its jackknife over the blocks. That of
 * what will be seen is that of the species that one block alone has, for m blocks.
 */
#ifndef AFTERSHOCK_SIM_UNSEEN_H
#define AFTERSHOCK_SIM_UNSEEN_H

#include "species.h"

#define SIM_UNSEEN_BLOCKS_MAX 64u
#define SIM_UNSEEN_BLOCKS_LEAST 20u /* with fewer nothing is estimated */

/* All zero: nothing was reached. */
struct sim_unseen {
	uint64_t blocks[SIM_SPECIES_COUNT]; /* bit b: a run of block b has reached it */
	struct sim_species reached;         /* by a run of any block, or of none */
};

struct sim_unseen_estimate {
	double expected; /* new species; to a thousandth */
	double low;      /* whole numbers: in 95 of 100 cases so many are new, or more, */
	double high;     /* and so many, or fewer */
};

/* A run of the block has reached these; SIM_UNSEEN_BLOCKS_MAX: it belongs to none. */
void sim_unseen_note(struct sim_unseen *unseen, uint32_t block, const uint32_t *species, uint32_t count);
/* How many species were reached, of each class; returns the sum. */
uint32_t sim_unseen_reached(const struct sim_unseen *unseen, uint32_t by_class[SIM_SPECIES_CLASS_COUNT]);
/* What `more` blocks, 1 to `blocks`, would still show after these; at least
 * SIM_UNSEEN_BLOCKS_LEAST of them. */
struct sim_unseen_estimate sim_unseen_estimate(const struct sim_unseen *unseen, uint32_t blocks, uint32_t more);

#endif
