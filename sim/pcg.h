/* sim/pcg.h: chance. PCG as published (M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient
 * Statistically Good Algorithms for Random Number Generation", 2014): pcg32 is XSH RR 64/32, pcg64
 * is XSL RR 128/64. One stream per concern, so that a new consumer in one place does not reshuffle
 * all others. */
#ifndef AFTERSHOCK_SIM_PCG_H
#define AFTERSHOCK_SIM_PCG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wide.h"

struct sim_pcg32 {
	uint64_t state;
	uint64_t increment; /* odd */
};

struct sim_pcg64 {
	sim_uint128 state;
	sim_uint128 increment; /* odd */
};

/* As pcg32_srandom_r and pcg64_srandom_r of the published C library. */
void sim_pcg32_seed(struct sim_pcg32 *pcg, uint64_t state, uint64_t stream);
uint32_t sim_pcg32_next(struct sim_pcg32 *pcg);
void sim_pcg64_seed(struct sim_pcg64 *pcg, sim_uint128 state, sim_uint128 stream);
uint64_t sim_pcg64_next(struct sim_pcg64 *pcg);

/* The stream of one concern: state and stream number are XXH3-64 hashes of seed and name. */
void sim_pcg32_derive(struct sim_pcg32 *pcg, uint64_t seed, const char *concern);

/* Uniform in [0, bound) without bias; bound 0 gives 0. Draws as often as needed. */
uint32_t sim_pcg32_below(struct sim_pcg32 *pcg, uint32_t bound);
/* Uniform in [min, max]; both ends included, max >= min. */
uint64_t sim_pcg32_between(struct sim_pcg32 *pcg, uint64_t min, uint64_t max);
/* In [min, max], heavy-tailed: how far above min is drawn by its number of bits, each as likely as
 * the next. So small numbers are usual, and the largest come, too. */
uint64_t sim_pcg32_heavy(struct sim_pcg32 *pcg, uint64_t min, uint64_t max);
/* One of the two. */
uint64_t sim_pcg32_draw(struct sim_pcg32 *pcg, bool is_heavy, uint64_t min, uint64_t max);
/* True in `percent` of 100 draws. */
bool sim_pcg32_percent(struct sim_pcg32 *pcg, uint32_t percent);
void sim_pcg32_fill(struct sim_pcg32 *pcg, void *buffer, size_t size_bytes);

#endif
