/* sim/sqlite/pool.h: where SQLite, and every subject that allocates through it, gets its memory in
 * a simulation. */
#ifndef AFTERSHOCK_SIM_POOL_H
#define AFTERSHOCK_SIM_POOL_H

#include "must_check.h"

#include <stdbool.h>

/* Gives SQLite pools of blocks of fixed sizes instead of malloc(), which took a quarter of the time
 * of an opening: 20.9 us with it, 15.1 us without (SQLite 3.40.1, glibc 2.36, `make bench`). What
 * was taken from the system is kept, sorted by size: small blocks for good, of those above 1 KiB a
 * quarter of a MiB of each size, so that a run with a large database does not leave it behind.
 * Before sqlite3_initialize(), once per program. Under the address sanitizer it does nothing, so
 * that each allocation stays the sanitizer's own. False when SQLite refuses. */
bool sim_pool_install(void) SIM_MUST_CHECK;

#endif
