/* sim/species.h: what a run has come to, as a set of species. A species is a number that a table of
 * classes computes, never a hash: so the set is bounded, and there is a last new one. Whoever
 * searches keeps what reached a new species, and whoever sweeps counts what was reached
 * (sim/world/sighting.h sights them).
 *
 * Words of the table. A *place* is where a process is: what SQLite does at the call under way. A
 * *stance* is what it holds: locks of the database and of the WAL index. The *index* is what the
 * WAL index says.
 */
#ifndef AFTERSHOCK_SIM_SPECIES_H
#define AFTERSHOCK_SIM_SPECIES_H

#include "probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SPECIES_PLACES 112u
#define SIM_SPECIES_OUTCOMES 3u /* it succeeded, it was refused a lock, it failed */
#define SIM_SPECIES_STANCES 10u
#define SIM_SPECIES_INDEXES 6u
#define SIM_SPECIES_DEEDS 16u
#define SIM_SPECIES_READERS 8u
#define SIM_SPECIES_WRITERS 12u
#define SIM_SPECIES_OWNERS 4u
#define SIM_SPECIES_CRASHES 2u
#define SIM_SPECIES_TIMES 8u
#define SIM_SPECIES_DIMENSIONS 4u

enum sim_species_class {
	SIM_SPECIES_CALL = 0, /* place, outcome, stance, index */
	SIM_SPECIES_THEN,     /* the place before, and the place */
	SIM_SPECIES_MEET,     /* what one does; place and stance of one that rests; index */
	SIM_SPECIES_READ,     /* who reads, who wrote that, whose it was, stance */
	SIM_SPECIES_DEATH,    /* crash, place, stance, index */
	SIM_SPECIES_AFTER,    /* place of the last death, and of the recovery after it */
	SIM_SPECIES_OFTEN,    /* probe, how often: 1, 2, 3 to 4, 5 to 8, ... */
	SIM_SPECIES_CLASS_COUNT
};

/* A row of the table. */
struct sim_species_row {
	const char *name;
	uint32_t sizes[SIM_SPECIES_DIMENSIONS]; /* of each dimension; 1: not used */
};

#define SIM_SPECIES_COUNT                                                                                              \
	(SIM_SPECIES_PLACES * SIM_SPECIES_OUTCOMES * SIM_SPECIES_STANCES * SIM_SPECIES_INDEXES +                       \
	 SIM_SPECIES_PLACES * SIM_SPECIES_PLACES +                                                                     \
	 SIM_SPECIES_DEEDS * SIM_SPECIES_PLACES * SIM_SPECIES_STANCES * SIM_SPECIES_INDEXES +                          \
	 SIM_SPECIES_READERS * SIM_SPECIES_WRITERS * SIM_SPECIES_OWNERS * SIM_SPECIES_STANCES +                        \
	 SIM_SPECIES_CRASHES * SIM_SPECIES_PLACES * SIM_SPECIES_STANCES * SIM_SPECIES_INDEXES +                        \
	 SIM_SPECIES_PLACES * SIM_SPECIES_PLACES + (uint32_t)SIM_PROBE_COUNT * SIM_SPECIES_TIMES)
#define SIM_SPECIES_WORDS ((SIM_SPECIES_COUNT + 63u) / 64u)

/* A set. All zero: empty. */
struct sim_species {
	uint64_t words[SIM_SPECIES_WORDS];
};

const struct sim_species_row *sim_species_row(enum sim_species_class class);
/* The number of the species, from 0; the dimensions that a class does not use are 0. Aborts for
 * what is beyond a dimension. */
uint32_t sim_species_number(enum sim_species_class class, const uint32_t at[SIM_SPECIES_DIMENSIONS]);
/* The class of a number below SIM_SPECIES_COUNT. */
enum sim_species_class sim_species_class_of(uint32_t number);
/* The last dimension of OFTEN: 0 for once, 1 for twice, 2 for 3 or 4, 3 for 5 to 8 ... */
uint32_t sim_species_times(uint32_t count);

static inline void sim_species_add(struct sim_species *set, uint32_t number) {
	set->words[number / 64] |= (uint64_t)1 << number % 64;
}
static inline bool sim_species_has(const struct sim_species *set, uint32_t number) {
	return (set->words[number / 64] >> number % 64 & 1) != 0;
}
/* Writes up to `max` of its numbers, ascending. Returns how many there are. */
uint32_t sim_species_list(const struct sim_species *set, uint32_t *numbers, uint32_t max);

#endif
