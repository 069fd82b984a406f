/* tests/bench_processes.c: `make bench`. What several processes cost: the same 64 commits on a
 * database in WAL mode by one process and by four, as whole runs with everything that belongs to
 * one; and what one switch between two of them costs, which is what the runs differ in, divided by
 * the switches. Rounds take turns, and the fastest of each counts, as in bench.c. Only ratios mean
 * anything beyond this machine.
 *
 * Four processes open the database four times, and wait for each other's locks: that is their work,
 * not the test bed's. With run_to_completion nobody waits, so that its ratio is the price of four
 * processes alone. */
#include "coroutine.h"
#include "plan.h"
#include "plan_make.h"
#include "run.h"
#include "scenario_load.h"
#include "subject_built_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUNDS 200
#define BENCH_SWITCHES 10000u
#define BENCH_STACK_SEEDS 50u

static struct sim_plan bench_plan;

static double bench_now_us(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static void bench_must(int condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "bench_processes: %s failed\n", what);
		exit(3);
	}
}

/* One way to do the work. */
struct bench_way {
	const char *name;
	uint32_t processes;
	struct sim_schedule_rule schedule;
	double least_us;
	struct sim_run_result result;
};

static void bench_prepare(const struct sim_scenario *scenario, const struct bench_way *way) {
	sim_plan_make(&bench_plan, scenario, 1);
	bench_plan.processes.count = way->processes;
	bench_plan.processes.schedule = way->schedule;
	for (uint32_t i = 0; i < bench_plan.step_count; i++) {
		bench_plan.steps[i].process %= way->processes;
	}
}

static void bench_measure(const struct sim_scenario *scenario, struct bench_way *way) {
	const struct sim_run_options options = {.plan = &bench_plan};
	bench_prepare(scenario, way);
	double begin_us = bench_now_us();
	sim_run(scenario, bench_plan.seed, sim_subject_sql(), &options, &way->result);
	double time_us = bench_now_us() - begin_us;
	bench_must(way->result.verdict == SIM_HELD, "a run");
	way->least_us = way->least_us == 0 || time_us < way->least_us ? time_us : way->least_us;
}

static void bench_yield(void *context) {
	(void)context;
	for (uint32_t i = 0; i < BENCH_SWITCHES; i++) {
		sim_coroutine_yield();
	}
}

/* From one stack to another, and nothing else. */
static double bench_bare_switch_us(void) {
	double least_us = 0;
	for (uint32_t round = 0; round < 20; round++) {
		struct sim_coroutine *coroutine = sim_coroutine_create(bench_yield, NULL);
		bench_must(coroutine != NULL, "a coroutine");
		double begin_us = bench_now_us();
		while (!sim_coroutine_has_returned(coroutine)) {
			sim_coroutine_resume(coroutine);
		}
		double time_us = (bench_now_us() - begin_us) / BENCH_SWITCHES;
		sim_coroutine_destroy(coroutine);
		least_us = round == 0 || time_us < least_us ? time_us : least_us;
	}
	return least_us;
}

static struct sim_scenario *bench_load(const char *name) {
	char path[SIM_SCENARIO_PATH_SIZE];
	char why[300];
	snprintf(path, sizeof path, "%s/%s.yaml", AFTERSHOCK_SOURCE_DIR, name);
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	bench_must(scenario != NULL, "reading a scenario");
	return scenario;
}

/* Every role at work, so that the deepest stack is that of any of them. */
static void bench_use_stacks(void) {
	static const char *const names[] = {"backup", "vacuum", "mode-switch", "checkpoint-kill", "late-openers"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "scenarios/processes/%s", names[i]);
		struct sim_scenario *scenario = bench_load(name);
		for (uint64_t seed = 0; seed < BENCH_STACK_SEEDS; seed++) {
			struct sim_run_result result;
			sim_run(scenario, seed, sim_subject_sql(), NULL, &result);
		}
		sim_scenario_destroy(scenario);
	}
}

int main(void) {
	struct bench_way ways[] = {
	        {.name = "one process", .processes = 1, .schedule = {.strategy = SIM_STRATEGY_RUN_TO_COMPLETION}},
	        {.name = "four, run_to_completion",
	         .processes = 4,
	         .schedule = {.strategy = SIM_STRATEGY_RUN_TO_COMPLETION}},
	        {.name = "four, uniform percent 5",
	         .processes = 4,
	         .schedule = {.strategy = SIM_STRATEGY_UNIFORM, .percent = 5}},
	        {.name = "four, round_robin quantum 1",
	         .processes = 4,
	         .schedule = {.strategy = SIM_STRATEGY_ROUND_ROBIN, .quantum = 1}},
	};
	const size_t count = sizeof ways / sizeof ways[0];
	bench_must(sim_run_init(), "SQLite's set-up");
	struct sim_scenario *scenario = bench_load("tests/sim/sql/work");
	for (uint32_t round = 0; round < BENCH_ROUNDS; round++) {
		for (size_t i = 0; i < count; i++) {
			bench_measure(scenario, &ways[i]);
		}
	}
	printf("64 commits in WAL mode, a whole run\n%-46s %12s %8s %7s\n", "what", "measured", "switches", "ratio");
	for (size_t i = 0; i < count; i++) {
		printf("%-46s %9.1f us %8llu %7.2f\n", ways[i].name, ways[i].least_us,
		       (unsigned long long)ways[i].result.switches, ways[i].least_us / ways[0].least_us);
	}
	double commit_us = ways[0].least_us / 64;
	double bare_us = bench_bare_switch_us();
	printf("%-46s %9.3f us %8s %7.3f   of one such commit\n", "there and back between two stacks", bare_us, "",
	       bare_us / commit_us);
	bench_use_stacks();
	printf("%-46s %9zu of %zu bytes\n", "stack used by any process, of all roles", sim_coroutine_stack_used_bytes(),
	       sim_coroutine_stack_bytes());
	sim_scenario_destroy(scenario);
	return 0;
}
