// Chance against an independent implementation: the C++ library of PCG's author.
#include <cstdint>
#include <cstdio>

#include <pcg_random.hpp>

#include "wide.h"

extern "C" {
struct sim_pcg32 {
	uint64_t state;
	uint64_t increment;
};
struct sim_pcg64 {
	sim_uint128 state;
	sim_uint128 increment;
};
void sim_pcg32_seed(struct sim_pcg32 *pcg, uint64_t state, uint64_t stream);
uint32_t sim_pcg32_next(struct sim_pcg32 *pcg);
void sim_pcg64_seed(struct sim_pcg64 *pcg, sim_uint128 state, sim_uint128 stream);
uint64_t sim_pcg64_next(struct sim_pcg64 *pcg);
}

static bool streams_agree(uint64_t state, uint64_t stream) {
	pcg32 oracle32(state, stream);
	pcg64 oracle64(state, stream);
	struct sim_pcg32 ours32;
	struct sim_pcg64 ours64;
	sim_pcg32_seed(&ours32, state, stream);
	sim_pcg64_seed(&ours64, state, stream);
	for (int i = 0; i < 1000; i++) {
		if (sim_pcg32_next(&ours32) != oracle32() || sim_pcg64_next(&ours64) != oracle64()) {
			std::printf("differs at draw %d of seed %llu stream %llu\n", i, (unsigned long long)state,
			            (unsigned long long)stream);
			return false;
		}
	}
	return true;
}

int main() {
	pcg64 seeds(1, 1);
	for (int i = 0; i < 200; i++) {
		uint64_t state = seeds();
		// The increment of 64 bits has room for 63 bits of stream.
		if (!streams_agree(state, seeds() >> 1)) {
			return 1;
		}
	}
	return 0;
}
