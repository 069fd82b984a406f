/* sim/sqlite/generator.h: SQLite's generator of random numbers, which salts a WAL and names a
 * journal; and that of a guest (guest.h), which goes along. */
#ifndef AFTERSHOCK_SIM_GENERATOR_H
#define AFTERSHOCK_SIM_GENERATOR_H

/* From here on what is drawn is a function of the seed, which is not 0. */
void sim_generator_seed(int seed);
/* Notes where it is, and goes back there. One that was seeded with `seed` and not used yet takes
 * the seed at first use. */
void sim_generator_keep(void);
void sim_generator_put_back(int seed);

#endif
