/* sim/sweep/worker.h: the process that simulates, and how the coordinator talks to it: fixed-size
 * records over two pipes. */
#ifndef AFTERSHOCK_SIM_WORKER_H
#define AFTERSHOCK_SIM_WORKER_H

#include "must_check.h"
#include "run.h"

#include <stdint.h>
#include <sys/types.h>

#define SIM_WORKER_STDERR_SIZE 240
#define SIM_WORKER_SAID_SIZE 4096
#define SIM_WORKER_SCENARIOS_MAX 2048u

/* Coordinator to worker: run these seeds of one scenario, or one plan. */
struct sim_worker_job {
	uint32_t scenario; /* index into the list the worker was started with */
	uint32_t count;
	uint64_t index;                          /* of the first run in the sweep */
	uint64_t seed;                           /* of the first run */
	uint64_t step;                           /* from seed to seed */
	uint64_t until_event;                    /* 0: to the end */
	bool sights;                             /* what each run reaches is sent, too */
	char plan_path[SIM_SCENARIO_PATH_SIZE];  /* the one run is that of this plan; empty:
	                                          * scenario and seed say it */
	char trace_path[SIM_SCENARIO_PATH_SIZE]; /* every event of the one run is written there;
	                                          * empty: nowhere */
};

enum sim_worker_record_kind {
	SIM_WORKER_NONE = 0,
	SIM_WORKER_READY,  /* started; `text` is empty, or says what is wrong: then the worker
	                    * ends */
	SIM_WORKER_BEGINS, /* a run begins: from here on a crash or a silence belongs to it */
	SIM_WORKER_ENDED,  /* a run has ended */
	SIM_WORKER_LOST,   /* never sent: the worker has crashed or hung */
};

struct sim_worker_record {
	enum sim_worker_record_kind kind;
	uint32_t scenario;
	uint64_t index;
	uint64_t seed;
	uint64_t rss_kib;
	double processor_s; /* of the worker so far, and of what it has started */
	uint32_t takes;     /* of READY: what the subject takes (enum subject_takes, or
	                     * SIM_FIT_EVERYTHING) */
	char text[SIM_WORKER_STDERR_SIZE];
	uint32_t species_count; /* of ENDED: so many numbers of species follow, ascending */
	struct sim_run_result result;
};

/* A process whose own functions are the subject: sim_run_init() was called, and the scenarios are
 * loaded. */
struct sim_worker_home {
	const struct aftershock_subject *subject;
	const char *command;     /* how its user starts it, for replay lines */
	void (*begin_run)(void); /* called first in each run's process; NULL: nothing */
	struct sim_scenario *const *scenarios;
	uint32_t scenario_count;
};

/* What a worker is started with. */
struct sim_worker_origin {
	/* The worker is a fork of this process, and each of its runs a fork of the worker: a run
	 * begins with the memory that this process has now. NULL: it is this program again, and the
	 * next three say what it loads. */
	const struct sim_worker_home *home;
	const char *subject_path; /* of a plug-in; NULL: the built-in subjects */
	char *const *specs;       /* the scenarios, "PATH:PATTERN" each */
	uint32_t spec_count;
	const char *vfs_path; /* as in struct sim_sweep_options */
	bool branches_given;  /* as in struct sim_sweep_options, and so is: */
	uint32_t branches;
	/* On other ground: another environment, other addresses, and other bytes in memory that
	 * nobody has written yet. A run must not tell the difference (S1). */
	bool on_other_ground;
};

/* A worker as the coordinator sees it. It leads a group of processes: whatever its subject forks
 * ends with it. */
struct sim_worker {
	pid_t pid;
	int jobs_fd;
	int records_fd;
	int stderr_fd;
	size_t used_bytes; /* of `record` and `species` that have arrived */
	struct sim_worker_record record;
	uint32_t *species; /* that belong to the record; owned */
	size_t said_bytes; /* of what the run that is on has written to standard error */
	char said[SIM_WORKER_SAID_SIZE];
};

/* Starts a worker. False when the system cannot. */
bool sim_worker_start(struct sim_worker *worker, const struct sim_worker_origin *origin) SIM_MUST_CHECK;
/* Kills, if asked to, and reaps; ends what the subject has left behind. `how` gets one line about
 * how it ended, with the first line that its last run wrote to standard error. */
void sim_worker_end(struct sim_worker *worker, bool kill_it, char *how, size_t how_size);
/* Reads what has arrived: 1 when a whole record is in worker->record and its species are in
 * worker->species, 0 when not yet, -1 at the end or an error. */
int sim_worker_read(struct sim_worker *worker);
/* Reads what was written to standard error, so that nobody ever waits for room in that pipe. */
void sim_worker_drain(struct sim_worker *worker);
/* Whether the process has ended, though somebody whom it forked may hold its pipes. */
bool sim_worker_has_ended(const struct sim_worker *worker);
/* Runs one job in a worker of its own, for at most `limit_s` seconds, 0: no limit. `record` gets
 * its READY with a text when the worker cannot work, else its ENDED, or LOST with a violation for
 * a crash or a hang. False when no process can be had, or when it ends before it is ready. */
bool sim_worker_run(const struct sim_worker_origin *origin, const struct sim_worker_job *job, uint32_t limit_s,
                    struct sim_worker_record *record) SIM_MUST_CHECK;
/* Ends processes that a subject has forked and that have left its group. Only when no worker
 * lives. */
void sim_worker_end_strays(void);

/* The hidden verb: `worker SUBJECT_OR_- GROUND PATH:PATTERN...`. Never returns to the command
 * line's other verbs. Exit status. */
int sim_worker_main(int count, char **arguments);

#endif
