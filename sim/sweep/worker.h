/* sim/sweep/worker.h: the process that simulates, and how the coordinator talks to it: fixed-size
 * records over two pipes. */
#ifndef AFTERSHOCK_SIM_WORKER_H
#define AFTERSHOCK_SIM_WORKER_H

#include "must_check.h"
#include "run.h"

#include <stdint.h>
#include <sys/types.h>

#define SIM_WORKER_STDERR_SIZE 240
#define SIM_WORKER_SCENARIOS_MAX 2048u

/* Coordinator to worker: run these seeds of one scenario. */
struct sim_worker_job {
	uint32_t scenario; /* index into the list the worker was started with */
	uint32_t count;
	uint64_t index; /* of the first run in the sweep */
	uint64_t seed;  /* of the first run */
	uint64_t step;  /* from seed to seed */
};

enum sim_worker_record_kind {
	SIM_WORKER_NONE = 0,
	SIM_WORKER_READY,  /* started; `text` is empty, or says what is wrong: then the worker ends */
	SIM_WORKER_BEGINS, /* a run begins: from here on a crash or a silence belongs to it */
	SIM_WORKER_ENDED,  /* a run has ended */
};

struct sim_worker_record {
	enum sim_worker_record_kind kind;
	uint32_t scenario;
	uint64_t index;
	uint64_t seed;
	uint64_t rss_kib;
	uint32_t takes; /* of READY: what the subject takes (enum subject_takes, or SIM_FIT_EVERYTHING) */
	char text[SIM_WORKER_STDERR_SIZE];
	struct sim_run_result result;
};

/* A worker as the coordinator sees it. */
struct sim_worker {
	pid_t pid;
	int jobs_fd;
	int records_fd;
	int stderr_fd;
	size_t used_bytes; /* of `record` that have arrived */
	struct sim_worker_record record;
};

/* Starts this program again with the hidden verb `worker` and the scenarios "PATH:PATTERN" names.
 * False when the system cannot. */
bool sim_worker_start(struct sim_worker *worker, const char *subject_path, char *const *specs,
                      uint32_t spec_count) SIM_MUST_CHECK;
/* Kills and reaps. `how` gets one line about how it ended, with the last line it wrote on
 * stderr. */
void sim_worker_end(struct sim_worker *worker, bool kill_it, char *how, size_t how_size);
/* Reads what has arrived: 1 when a whole record is in worker->record, 0 when not yet, -1 at the end
 * or an error. */
int sim_worker_read(struct sim_worker *worker);

/* The hidden verb: `worker SUBJECT_OR_- PATH:PATTERN...`. Never returns to the command line's other
 * verbs. Exit status. */
int sim_worker_main(int count, char **arguments);

#endif
