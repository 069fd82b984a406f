/* sim/hunt/batch.h: some runs at once, in processes of their own. A subject that crashes or hangs
 * costs the run that it was in. What comes back is in the order of the runs, whatever the number of
 * processes. */
#ifndef AFTERSHOCK_SIM_BATCH_H
#define AFTERSHOCK_SIM_BATCH_H

#include "candidate.h"
#include "must_check.h"
#include "run.h"

#include <sys/types.h>

#define SIM_BATCH_RUNS_MAX 64u
#define SIM_BATCH_WHY_SIZE 300

/* What one run came to. */
struct sim_batch_run {
	struct sim_run_result result;
	uint64_t calls;    /* of the VFS: what the run cost, in a measure that is no time */
	uint32_t count;    /* of species */
	uint32_t *species; /* their numbers, ascending; owned */
};

/* A process that does one run after the other. */
struct sim_batch_lane {
	pid_t pid; /* 0: there is none */
	int jobs_fd;
	int records_fd;
	uint32_t run; /* that it is at; SIM_BATCH_RUNS_MAX: none */
	int64_t until_ms;
};

/* Set the first group, and zeros behind it. */
struct sim_batch {
	const struct sim_sweep_options *sweep; /* scenarios, subject, jobs, hang_seconds */

	uint32_t count; /* of runs, at most SIM_BATCH_RUNS_MAX */
	struct sim_candidate candidates[SIM_BATCH_RUNS_MAX];
	struct sim_batch_run runs[SIM_BATCH_RUNS_MAX];
	uint32_t next; /* run that nobody has begun */
	struct sim_batch_lane lanes[SIM_BATCH_RUNS_MAX];
};

/* Runs the candidates. SQLite must have been set up (sim_run_init). Once sim_sweep_stop is set no
 * run begins any more, those under way end, and `count` is how many there were. False with one line
 * in `why` when no process can be had. */
bool sim_batch_run(struct sim_batch *batch, char why[SIM_BATCH_WHY_SIZE]) SIM_MUST_CHECK;
/* Frees what runs and candidates own; the processes stay for the next ones. */
void sim_batch_clear(struct sim_batch *batch);
/* Ends the processes; the next batch begins others. */
void sim_batch_end(struct sim_batch *batch);

#endif
