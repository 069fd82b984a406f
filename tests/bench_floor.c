/* tests/bench_floor.c: see bench_floor.h. */
#include "bench_floor.h"

#include "run.h"
#include "trivial_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_FLOOR_OPENINGS 50

void bench_add(struct bench_samples *samples, double value) {
	assert(samples->count < BENCH_SAMPLES_MAX);
	samples->values[samples->count++] = value;
}

static int bench_compare(const void *left, const void *right) {
	double a = *(const double *)left;
	double b = *(const double *)right;
	return (a > b) - (a < b);
}

double bench_median(struct bench_samples *samples) {
	qsort(samples->values, samples->count, sizeof samples->values[0], bench_compare);
	return samples->count > 0 ? samples->values[samples->count / 2] : 0;
}

void bench_must(int condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "bench: %s failed\n", what);
		exit(3);
	}
}

double bench_processor_us(void) {
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static sqlite3 *bench_floor_open(void) {
	sqlite3 *connection = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	bench_must(sqlite3_open_v2("/floor.db", &connection, flags, BENCH_FLOOR_VFS) == SQLITE_OK, "open");
	return connection;
}

void bench_floor_init(void) {
	bench_must(sim_run_init() && trivial_vfs_register(BENCH_FLOOR_VFS) == SQLITE_OK, "SQLite's set-up");
	trivial_vfs_reset();
	sqlite3 *connection = bench_floor_open();
	const char *sql = "CREATE TABLE t(k INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES(1, 0);";
	bench_must(sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK, "set-up");
	sqlite3_close(connection);
}

double bench_floor_opening_us(void) {
	double begin = bench_processor_us();
	for (int i = 0; i < BENCH_FLOOR_OPENINGS; i++) {
		sqlite3 *connection = bench_floor_open();
		sqlite3_stmt *select = NULL;
		int code = sqlite3_prepare_v2(connection, "SELECT v FROM t WHERE k=1", -1, &select, NULL);
		bench_must(code == SQLITE_OK && sqlite3_step(select) == SQLITE_ROW, "row");
		sqlite3_finalize(select);
		sqlite3_close(connection);
	}
	return (bench_processor_us() - begin) / BENCH_FLOOR_OPENINGS;
}
