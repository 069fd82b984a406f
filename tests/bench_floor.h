/* tests/bench_floor.h: the floor of a restart, and medians. It is measured in slices between
 * slices of what is compared with it: a machine that is busy for a minute is so for both. */
#ifndef AFTERSHOCK_TESTS_BENCH_FLOOR_H
#define AFTERSHOCK_TESTS_BENCH_FLOOR_H

#include <stdint.h>

#define BENCH_SAMPLES_MAX 400u
/* There is one trivial VFS. */
#define BENCH_FLOOR_VFS "bench-floor"

/* What was measured of one thing, a number for each slice. */
struct bench_samples {
	double values[BENCH_SAMPLES_MAX];
	uint32_t count;
};

void bench_add(struct bench_samples *samples, double value);

/* 0 of none. Sorts them. */
double bench_median(struct bench_samples *samples);

/* Ends the program with status 3. */
void bench_must(int condition, const char *what);

/* SQLite in the test bed's own set-up (sim_run_init()), and the trivial VFS with a database of one
 * row. Once, before the first opening. */
void bench_floor_init(void);

/* Processor time in microseconds of one opening, read of one row, and closing: a mean of 50. */
double bench_floor_opening_us(void);

/* Processor time of this process. */
double bench_processor_us(void);

#endif
