/* sim/world/mutex.h: SQLite's mutexes, which exclude nobody, for there is one thread, but assert
 * that nobody would have to be excluded: that none is held by a coroutine that has lost its turn
 * when another one wants it (docs/architecture.md section 4). */
#ifndef AFTERSHOCK_SIM_MUTEX_H
#define AFTERSHOCK_SIM_MUTEX_H

/* Before sqlite3_initialize(), in place of SQLITE_CONFIG_SINGLETHREAD. Returns an SQLite result
 * code. A library that was built without mutexes is left as it is, and nothing is asserted. */
int sim_mutex_init(void);

#endif
