/* tests/bench_explore.c: `make bench`. What whole runs and `explore` come to: each measurement is
 * the program, started as a person starts it, with one worker. Counts are its own, and time is
 * the processor time of it and its workers. Between any two stands a slice of the floor, which is
 * SQLite in the test bed's set-up on a trivial VFS: it opens, reads one row, closes. What is
 * printed is the median, and the ratio of medians.
 *
 * `--against PROGRAM` compares exploring with the sampled runs of another build, one after the
 * other, scenario by scenario: how many distinct images `explore` recovers and judges in a second,
 * for each crash state that a run of that program loads in a second. */
#include "bench_floor.h"

#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BENCH_TEXT_SIZE 65536
#define BENCH_ARGUMENTS_MAX 12
#define BENCH_RUN_SEEDS 40u
#define BENCH_UPDATES_OF_SIZES 3u

/* ---- the program ----------------------------------------------------------------------------- */

static char bench_program[PATH_MAX];
static char bench_other[PATH_MAX];
static uint32_t bench_rounds = 5;

struct bench_child {
	double seconds; /* processor time, workers included */
	long peak_kib;
	char text[BENCH_TEXT_SIZE];
};

static void bench_exec(const char *const arguments[], int out) {
	dup2(out, STDOUT_FILENO);
	/* What execv() takes is not const, and it changes nothing. */
	union {
		const char *const *given;
		char *const *taken;
	} list = {.given = arguments};
	/* Away from any folder of scenarios: each program takes those that it was built with. */
	if (chdir("/") == 0) {
		execv(arguments[0], list.taken);
	}
	perror(arguments[0]);
	_exit(3);
}

/* Status 5 is one of a batch that is too short to show everything. */
static void bench_run(const char *const arguments[], struct bench_child *child) {
	int ends[2];
	int status = 0;
	size_t used = 0;
	struct rusage usage;
	bench_must(pipe(ends) == 0, "pipe");
	fflush(stdout);
	pid_t pid = fork();
	bench_must(pid >= 0, "fork");
	if (pid == 0) {
		bench_exec(arguments, ends[1]);
	}
	close(ends[1]);
	ssize_t got = 0;
	while (used < BENCH_TEXT_SIZE - 1 &&
	       (got = read(ends[0], child->text + used, BENCH_TEXT_SIZE - 1 - used)) > 0) {
		used += (size_t)got;
	}
	child->text[used] = '\0';
	close(ends[0]);
	bench_must(wait4(pid, &status, 0, &usage) == pid && WIFEXITED(status), arguments[0]);
	bench_must(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 5, child->text);
	child->seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	                 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	child->peak_kib = usage.ru_maxrss;
}

/* The number in a column of the line with that first word, from 1. */
static double bench_number(const char *text, const char *word, int column) {
	size_t length = strlen(word);
	const char *line = text;
	while (line != NULL && (strncmp(line, word, length) != 0 || line[length] != ' ')) {
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	bench_must(line != NULL, word);
	char *at = NULL;
	double number = 0;
	line += length;
	for (int i = 0; i < column; i++) {
		number = strtod(line, &at);
		line = at;
	}
	return number;
}

/* ---- what is measured ------------------------------------------------------------------------ */

/* Columns of the line `all` of a run. */
enum { BENCH_RUNS = 1, BENCH_RESTARTS = 4, BENCH_STATES = 5 };

static void bench_run_seeds(const char *program, const char *scenario, const char *branches, uint32_t round,
                            struct bench_child *child) {
	char seeds[60];
	uint32_t first = 1 + round * BENCH_RUN_SEEDS;
	snprintf(seeds, sizeof seeds, "%" PRIu32 "..%" PRIu32, first, first + BENCH_RUN_SEEDS - 1);
	const char *arguments[BENCH_ARGUMENTS_MAX] = {program, "run", scenario, "--seeds", seeds, "--jobs", "1"};
	if (branches != NULL) {
		arguments[7] = "--branches";
		arguments[8] = branches;
	}
	bench_run(arguments, child);
}

static void bench_run_explore(const char *scenario, uint32_t seed, struct bench_child *child) {
	char target[PATH_MAX];
	snprintf(target, sizeof target, "%s@%" PRIu32, scenario, seed);
	const char *const arguments[] = {bench_program, "explore", target, "--jobs", "1", NULL};
	bench_run(arguments, child);
}

/* ---- whole runs ------------------------------------------------------------------------------ */

static void bench_family_row(const char *scenario, const char *branches) {
	static struct bench_child child;
	struct bench_samples floor = {0};
	struct bench_samples seeds = {0};
	struct bench_samples restarts = {0};
	struct bench_samples states = {0};
	struct bench_samples restart_us = {0};
	long peak_kib = 0;
	for (uint32_t round = 0; round < bench_rounds; round++) {
		bench_add(&floor, bench_floor_opening_us());
		bench_run_seeds(bench_program, scenario, branches, round, &child);
		bench_add(&seeds, bench_number(child.text, "all", BENCH_RUNS) / child.seconds);
		bench_add(&restarts, bench_number(child.text, "all", BENCH_RESTARTS) / child.seconds);
		bench_add(&states, bench_number(child.text, "all", BENCH_STATES) / child.seconds);
		bench_add(&restart_us, 1e6 * child.seconds / bench_number(child.text, "all", BENCH_RESTARTS));
		peak_kib = child.peak_kib > peak_kib ? child.peak_kib : peak_kib;
	}
	printf("%-24s %8s %8.0f %10.0f %14.0f %10.1f %9ld\n", scenario, branches, bench_median(&seeds),
	       bench_median(&restarts), bench_median(&states), bench_median(&restart_us) / bench_median(&floor),
	       peak_kib);
}

static void bench_families(void) {
	static const char *const scenarios[] = {"power-loss-wal", "power-loss-delete", "differential",
	                                        "sql-bank",       "sql-queue",         "sql-attached"};
	printf("whole runs, of one processor second; ratio: a restart with all that belongs to it, over the floor\n");
	printf("%-24s %8s %8s %10s %14s %10s %9s\n", "scenario", "branches", "seeds", "restarts", "crash states",
	       "ratio", "KiB");
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		bench_family_row(scenarios[i], "0");
		bench_family_row(scenarios[i], "8");
	}
}

/* ---- exploring ------------------------------------------------------------------------------- */

static void bench_explore_row(const char *name, const char *scenario, uint32_t rounds) {
	static struct bench_child child;
	struct bench_samples floor = {0};
	struct bench_samples states = {0};
	struct bench_samples images = {0};
	struct bench_samples state_us = {0};
	double judged = 0;
	long peak_kib = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		bench_add(&floor, bench_floor_opening_us());
		bench_run_explore(scenario, 1 + round, &child);
		judged = bench_number(child.text, "states_judged", 1);
		bench_add(&states, judged / child.seconds);
		bench_add(&images, bench_number(child.text, "images", 1) / child.seconds);
		bench_add(&state_us, 1e6 * child.seconds / judged);
		peak_kib = child.peak_kib > peak_kib ? child.peak_kib : peak_kib;
	}
	printf("%-32s %14.0f %10.0f %10.1f %9ld\n", name, bench_median(&states), bench_median(&images),
	       bench_median(&state_us) / bench_median(&floor), peak_kib);
}

static void bench_explore_head(const char *what) {
	printf("\n%s\n%-32s %14s %10s %10s %9s\n", what, "of one processor second", "states judged", "images", "ratio",
	       "KiB");
}

static void bench_write_scenario(const char *path, uint32_t pages, uint32_t updates) {
	FILE *file = fopen(path, "w");
	bench_must(file != NULL, path);
	/* A row fills a page. */
	fprintf(file,
	        "name: pages\n"
	        "about: Rows of one page each.\n"
	        "criteria: [AC3]\n"
	        "subject: sql\n"
	        "sql:\n"
	        "  parameters:\n"
	        "    - {name: id, kind: integer, min: 1, max: %" PRIu32 "}\n"
	        "    - {name: word, kind: text, min: 400, max: 400}\n"
	        "  setup:\n"
	        "    - CREATE TABLE item(id INTEGER PRIMARY KEY, word TEXT)\n"
	        "    - \"INSERT INTO item WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
	        "%" PRIu32 ") SELECT i, printf('%%0400d', i) FROM n\"\n"
	        "  transactions:\n"
	        "    - name: change\n"
	        "      statements: [\"UPDATE item SET word = :word WHERE id = :id\"]\n"
	        "workload:\n"
	        "  updates: {min: %" PRIu32 ", max: %" PRIu32 "}\n"
	        "settings:\n"
	        "  journal_mode: [wal]\n"
	        "  synchronous: [full]\n"
	        "  page_size: [512]\n"
	        "  cache_pages: [100]\n"
	        "  checkpoint_frames: [1000]\n",
	        pages, pages, updates, updates);
	bench_must(fclose(file) == 0, path);
}

static void bench_sizes(const char *path) {
	static const uint32_t pages[] = {10, 100, 1000, 10000};
	static const uint32_t updates[] = {3, 10, 30, 100};
	char name[60];
	bench_explore_head("explore, by pages of the database: 512 bytes each, 3 updates, WAL");
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		bench_write_scenario(path, pages[i], BENCH_UPDATES_OF_SIZES);
		snprintf(name, sizeof name, "%" PRIu32 " pages", pages[i]);
		bench_explore_row(name, path, pages[i] > 1000 ? 1 : bench_rounds);
	}
	bench_explore_head("explore, by updates of the run: 10 pages, WAL");
	for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
		bench_write_scenario(path, 10, updates[i]);
		snprintf(name, sizeof name, "%" PRIu32 " updates", updates[i]);
		bench_explore_row(name, path, updates[i] > 10 ? 1 : bench_rounds);
	}
}

/* ---- exploring against sampling -------------------------------------------------------------- */

static const char *const bench_explored[] = {"power-loss-wal", "power-loss-delete", "sql-bank"};
#define BENCH_EXPLORED_COUNT (sizeof bench_explored / sizeof bench_explored[0])

static void bench_against_row(const char *other, const char *branches, const char *scenario) {
	static struct bench_child child;
	struct bench_samples sampled = {0};
	struct bench_samples images = {0};
	struct bench_samples ratio = {0};
	for (uint32_t round = 0; round < bench_rounds; round++) {
		bench_run_seeds(other, scenario, branches, round, &child);
		double states = bench_number(child.text, "all", BENCH_STATES) / child.seconds;
		bench_run_explore(scenario, 1 + round, &child);
		double found = bench_number(child.text, "images", 1) / child.seconds;
		bench_add(&sampled, states);
		bench_add(&images, found);
		bench_add(&ratio, found / states);
	}
	double middle = bench_median(&images) / bench_median(&sampled);
	bench_median(&ratio);
	printf("%-24s %14.0f %10.0f %7.2f   %.2f to %.2f\n", scenario, bench_median(&sampled), bench_median(&images),
	       middle, ratio.values[0], ratio.values[ratio.count - 1]);
}

static void bench_against(const char *other, const char *branches) {
	printf("%-24s %14s %10s %7s   %s\n", "of one processor second", "crash states", "images", "ratio",
	       "of a round");
	for (size_t i = 0; i < BENCH_EXPLORED_COUNT; i++) {
		bench_against_row(other, branches, bench_explored[i]);
	}
}

/* ---- main ------------------------------------------------------------------------------------ */

static void bench_usage(const char *argument) {
	fprintf(stderr, "bench_explore: %s: expected [--rounds N] [--against PROGRAM], N from 1 to 100\n", argument);
	exit(2);
}

static const char *bench_read_arguments(int count, char **arguments) {
	const char *against = NULL;
	for (int i = 1; i < count; i += 2) {
		const char *value = i + 1 < count ? arguments[i + 1] : "";
		if (strcmp(arguments[i], "--against") == 0 && value[0] != '\0') {
			against = value;
		} else if (strcmp(arguments[i], "--rounds") == 0 && strtoul(value, NULL, 10) - 1 < 100) {
			bench_rounds = (uint32_t)strtoul(value, NULL, 10);
		} else {
			bench_usage(arguments[i]);
		}
	}
	if (against != NULL && (realpath(against, bench_other) == NULL || access(bench_other, X_OK) != 0)) {
		bench_usage(against);
	}
	return against != NULL ? bench_other : NULL;
}

static void bench_all(void) {
	char folder[] = "/tmp/bench.XXXXXX";
	char path[sizeof folder + 20];
	bench_must(mkdtemp(folder) != NULL, folder);
	snprintf(path, sizeof path, "%s/pages.yaml", folder);
	bench_families();
	bench_explore_head("explore; ratio: a state with all that belongs to it, over the floor");
	for (size_t i = 0; i < BENCH_EXPLORED_COUNT; i++) {
		bench_explore_row(bench_explored[i], bench_explored[i], bench_rounds);
	}
	bench_sizes(path);
	printf("\ndistinct images of explore, for the crash states of runs of the same program without branches\n");
	bench_against(bench_program, "0");
	unlink(path);
	rmdir(folder);
}

int main(int count, char **arguments) {
	char own[PATH_MAX];
	char beside[PATH_MAX + 20];
	const char *against = bench_read_arguments(count, arguments);
	snprintf(own, sizeof own, "%s", arguments[0]);
	snprintf(beside, sizeof beside, "%s/aftershock", dirname(own));
	bench_must(realpath(beside, bench_program) != NULL, beside);
	bench_floor_init();
	printf("SQLite %s; floor: it opens, reads one row, closes, in %.2f us\n\n", sqlite3_libversion(),
	       bench_floor_opening_us());
	if (against != NULL) {
		bench_against(against, NULL);
	} else {
		bench_all();
	}
	return 0;
}
