/* sim/pcg.c: pcg32 (XSH RR 64/32) and pcg64 (XSL RR 128/64), written from the published
 * description. */
#define XXH_INLINE_ALL
#include "pcg.h"

#include <string.h>
#include <xxhash.h>

#define SIM_PCG32_MULTIPLIER 6364136223846793005u
#define SIM_PCG64_MULTIPLIER (((sim_uint128)2549297995355413924u << 64) | 4865540595714422341u)

uint32_t sim_pcg32_next(struct sim_pcg32 *pcg) {
	uint64_t old = pcg->state;
	pcg->state = old * SIM_PCG32_MULTIPLIER + pcg->increment;
	uint32_t word = (uint32_t)(((old >> 18) ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);
	return word >> turn | word << (-turn & 31);
}

void sim_pcg32_seed(struct sim_pcg32 *pcg, uint64_t state, uint64_t stream) {
	pcg->state = 0;
	pcg->increment = stream << 1 | 1;
	sim_pcg32_next(pcg);
	pcg->state += state;
	sim_pcg32_next(pcg);
}

uint64_t sim_pcg64_next(struct sim_pcg64 *pcg) {
	pcg->state = pcg->state * SIM_PCG64_MULTIPLIER + pcg->increment;
	uint64_t word = (uint64_t)(pcg->state >> 64) ^ (uint64_t)pcg->state;
	unsigned turn = (unsigned)(pcg->state >> 122);
	return word >> turn | word << (-turn & 63);
}

void sim_pcg64_seed(struct sim_pcg64 *pcg, sim_uint128 state, sim_uint128 stream) {
	pcg->state = 0;
	pcg->increment = stream << 1 | 1;
	sim_pcg64_next(pcg);
	pcg->state += state;
	sim_pcg64_next(pcg);
}

void sim_pcg32_derive(struct sim_pcg32 *pcg, uint64_t seed, const char *concern) {
	size_t size = strlen(concern);
	sim_pcg32_seed(pcg, XXH3_64bits_withSeed(concern, size, seed), XXH3_64bits_withSeed(concern, size, ~seed));
}

uint32_t sim_pcg32_below(struct sim_pcg32 *pcg, uint32_t bound) {
	if (bound == 0) {
		return 0;
	}
	/* The lowest 2^32 mod bound numbers would make some results likelier: draw again. */
	uint32_t threshold = -bound % bound;
	uint32_t number = sim_pcg32_next(pcg);
	while (number < threshold) {
		number = sim_pcg32_next(pcg);
	}
	return number % bound;
}

uint64_t sim_pcg32_between(struct sim_pcg32 *pcg, uint64_t min, uint64_t max) {
	uint64_t width = max - min;
	if (width < UINT32_MAX) {
		return min + sim_pcg32_below(pcg, (uint32_t)width + 1);
	}
	/* Wider than 32 bits: draw 64 bits and refuse what lies above the width, masked to its
	 * highest bit. */
	uint64_t mask = UINT64_MAX >> __builtin_clzll(width);
	uint64_t number = 0;
	do {
		number = ((uint64_t)sim_pcg32_next(pcg) << 32 | sim_pcg32_next(pcg)) & mask;
	} while (number > width);
	return min + number;
}

/* With n bits are the numbers from 2^(n-1) on; one more than how far is drawn, so that 0 has one
 * bit. */
uint64_t sim_pcg32_heavy(struct sim_pcg32 *pcg, uint64_t min, uint64_t max) {
	uint64_t most = max - min < UINT32_MAX ? max - min + 1 : UINT32_MAX;
	uint32_t bits = 64 - (uint32_t)__builtin_clzll(most);
	uint64_t first = UINT64_C(1) << sim_pcg32_below(pcg, bits);
	uint64_t last = first * 2 - 1 < most ? first * 2 - 1 : most;
	return min + sim_pcg32_between(pcg, first, last) - 1;
}

uint64_t sim_pcg32_draw(struct sim_pcg32 *pcg, bool is_heavy, uint64_t min, uint64_t max) {
	return is_heavy ? sim_pcg32_heavy(pcg, min, max) : sim_pcg32_between(pcg, min, max);
}

bool sim_pcg32_percent(struct sim_pcg32 *pcg, uint32_t percent) {
	return sim_pcg32_below(pcg, 100) < percent;
}

void sim_pcg32_fill(struct sim_pcg32 *pcg, void *buffer, size_t size_bytes) {
	unsigned char *bytes = buffer;
	uint32_t word = 0;
	for (size_t i = 0; i < size_bytes; i++) {
		word = i % 4 == 0 ? sim_pcg32_next(pcg) : word >> 8;
		bytes[i] = (unsigned char)word;
	}
}
