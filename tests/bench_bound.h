/* tests/bench_bound.h: how little a restart can cost: the life that tests/bench.c measures of the
 * engine, done by hand with as few and as small SQL statements as it can be done with, and with
 * nothing else. It reads every column of every row and hashes it, claims the state by a guarded
 * commit, and begins an update of four rows that its caller lets die inside COMMIT. No PRAGMA, no
 * identification, no orphans, no types or ranges, no state in memory. */
#ifndef AFTERSHOCK_TESTS_BENCH_BOUND_H
#define AFTERSHOCK_TESTS_BENCH_BOUND_H

#include <stdbool.h>

/* Which tables the state is in. */
enum bench_bound {
	BENCH_BOUND_COLUMNS, /* the engine's own: four tables with 47 columns, made by the engine */
	BENCH_BOUND_PACKED   /* a table of keys, packed rows and checksums beside the guarded row,
	                      * made by bench_bound_make */
};

/* Makes a packed state of `rows` rows in "/engine.db". Exits with status 3 on failure. */
void bench_bound_make(const char *vfs, const char *journal_mode, unsigned rows);

/* What dies: opens, reads, claims; then, after `before_update`, an update. Exits with status 3 when
 * something other than the update fails. Gives what was read as one hash. */
unsigned long long bench_bound_live(const char *vfs, enum bench_bound bound, void (*before_update)(void *context),
                                    void *context);

#endif
