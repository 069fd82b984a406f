/* sim/sqlite/generator.c: see generator.h. */
#include "generator.h"

#include "guest.h"

#include <sqlite3.h>
#include <stddef.h>

void sim_generator_seed(int seed) {
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL);
	sim_guest_seed(seed);
}

void sim_generator_keep(void) {
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
	sim_guest_keep_generator();
}

void sim_generator_put_back(int seed) {
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL);
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
	sim_guest_put_generator_back(seed);
}
