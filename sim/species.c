/* sim/species.c: the table of classes. See species.h. */
#include "species.h"

#include <assert.h>

static const struct sim_species_row sim_species_rows[SIM_SPECIES_CLASS_COUNT] = {
        [SIM_SPECIES_CALL] = {"call",
                              {SIM_SPECIES_PLACES, SIM_SPECIES_OUTCOMES, SIM_SPECIES_STANCES, SIM_SPECIES_INDEXES}},
        [SIM_SPECIES_THEN] = {"then", {SIM_SPECIES_PLACES, SIM_SPECIES_PLACES, 1, 1}},
        [SIM_SPECIES_MEET] = {"meet",
                              {SIM_SPECIES_DEEDS, SIM_SPECIES_PLACES, SIM_SPECIES_STANCES, SIM_SPECIES_INDEXES}},
        [SIM_SPECIES_READ] = {"read",
                              {SIM_SPECIES_READERS, SIM_SPECIES_WRITERS, SIM_SPECIES_OWNERS, SIM_SPECIES_STANCES}},
        [SIM_SPECIES_DEATH] = {"death",
                               {SIM_SPECIES_CRASHES, SIM_SPECIES_PLACES, SIM_SPECIES_STANCES, SIM_SPECIES_INDEXES}},
        [SIM_SPECIES_AFTER] = {"after", {SIM_SPECIES_PLACES, SIM_SPECIES_PLACES, 1, 1}},
        [SIM_SPECIES_OFTEN] = {"often", {SIM_PROBE_COUNT, SIM_SPECIES_TIMES, 1, 1}},
};

const struct sim_species_row *sim_species_row(enum sim_species_class class) {
	assert((unsigned)class < SIM_SPECIES_CLASS_COUNT);
	return &sim_species_rows[class];
}

static uint32_t sim_species_size(enum sim_species_class class) {
	const uint32_t *sizes = sim_species_row(class)->sizes;
	return sizes[0] * sizes[1] * sizes[2] * sizes[3];
}

/* Of the class: the number of its first species. */
static uint32_t sim_species_first(enum sim_species_class class) {
	static uint32_t firsts[SIM_SPECIES_CLASS_COUNT];
	if (firsts[1] == 0) {
		for (int i = 1; i < SIM_SPECIES_CLASS_COUNT; i++) {
			firsts[i] = firsts[i - 1] + sim_species_size((enum sim_species_class)(i - 1));
		}
		const int last = SIM_SPECIES_CLASS_COUNT - 1;
		assert(firsts[last] + sim_species_size((enum sim_species_class)last) == SIM_SPECIES_COUNT);
	}
	return firsts[class];
}

uint32_t sim_species_number(enum sim_species_class class, const uint32_t at[SIM_SPECIES_DIMENSIONS]) {
	const struct sim_species_row *row = sim_species_row(class);
	uint32_t number = 0;
	for (uint32_t i = 0; i < SIM_SPECIES_DIMENSIONS; i++) {
		assert(at[i] < row->sizes[i]);
		number = number * row->sizes[i] + at[i];
	}
	return sim_species_first(class) + number;
}

enum sim_species_class sim_species_class_of(uint32_t number) {
	int class = SIM_SPECIES_CLASS_COUNT - 1;
	assert(number < SIM_SPECIES_COUNT);
	while (number < sim_species_first((enum sim_species_class) class)) {
		class --;
	}
	return (enum sim_species_class) class;
}

uint32_t sim_species_times(uint32_t count) {
	uint32_t times = 0;
	assert(count > 0);
	while (times + 1 < SIM_SPECIES_TIMES && count > 1u << times) {
		times++;
	}
	return times;
}

uint32_t sim_species_list(const struct sim_species *set, uint32_t *numbers, uint32_t max) {
	uint32_t count = 0;
	uint32_t word = 0;
	uint64_t left = set->words[0];
	while (word < SIM_SPECIES_WORDS) {
		if (left == 0) {
			left = ++word < SIM_SPECIES_WORDS ? set->words[word] : 0;
			continue;
		}
		if (count < max) {
			numbers[count] = word * 64 + (uint32_t)__builtin_ctzll(left);
		}
		count++;
		left &= left - 1;
	}
	return count;
}
