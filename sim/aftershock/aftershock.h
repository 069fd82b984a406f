/* aftershock.h: seeds of a scenario, run from a test of your own suite.
 *
 *   struct aftershock_result result;
 *   aftershock_run(&subject, &(struct aftershock_options){.scenario = "program"}, &result);
 *   if (result.outcome != AFTERSHOCK_HELD) {
 *           fail_msg("%s\n%s", result.message, result.replay);
 *   }
 *
 * The subject is a structure of your program with the four functions of subject.h. Nothing runs in
 * your process: it forks, the copy runs the seeds in further copies, and the result comes back
 * through a pipe. What a run does to memory, or how it ends, does not concern your process.
 *
 * Of your SQLite nothing is configured, initialised or shut down. Connections may be open, in a
 * transaction, too. In the copies SQLite begins as in a program that has just started: what you
 * have configured or registered, automatic extensions among it, is not there. The subject opens
 * connections of its own, and uses none of yours. It must reach the same SQLite library as this
 * one, which is libsqlite3 unless your program has a SQLite of its own.
 *
 * Threads: you may have any number. A copy has only the thread that called. A lock that another
 * thread held at that moment stays locked in it for ever, so the subject takes no lock that it
 * shares with the rest of your program. This library takes SQLite's own locks for the moment of the
 * fork. Functions below may be called by several threads at once.
 *
 * Memory: each run begins with the memory that your process had when it called. What a subject
 * keeps in static variables or in other memory outside of its instances lasts from life to life
 * within a run, which a killed process would have lost. Keep all state in the instance. (A plug-in,
 * `aftershock run --subject FILE.so`, loses its static variables at each death.)
 *
 * Assertions of a test framework do not belong into the four functions: they would go on, by
 * longjmp(), in a copy of your tests. An exception that leaves one of them ends the run as crashed.
 *
 * All text is one line of UTF-8, and ends. Nothing here calls exit(), or prints.
 */
#ifndef AFTERSHOCK_H
#define AFTERSHOCK_H

#include "subject.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AFTERSHOCK_TEXT_SIZE 1600
#define AFTERSHOCK_REPLAY_SIZE 4096
#define AFTERSHOCK_NAME_SIZE 160

/* Zeros are the usual. Pointers are read during the call only. */
struct aftershock_options {
	/* A scenario of the library ("power-loss-wal"), a folder of it ("program"), or the path of
	 * a YAML file. A pattern behind a colon selects cells: "contracts:wal,full". NULL:
	 * "program". */
	const char *scenario;
	uint64_t first_seed;    /* 0: 1 */
	uint64_t seeds;         /* of each scenario; 0: 100 */
	uint32_t run_seconds;   /* a run that takes longer is hung; 0: 20; at most 86400 */
	uint32_t total_seconds; /* what has not run then is not run; 0: no limit */
	uint32_t processes;     /* that run seeds at a time; 0: one for each processor; at most
	                         * 256 */
	/* The folder of the library. NULL: the one that was installed with this library, or
	 * $AFTERSHOCK_SCENARIOS. A program that is linked to the static library, and installed
	 * somewhere else, must say it. */
	const char *library;
	/* How your suite runs this test again, for `replay` below: "pytest test_shop.py". NULL: the
	 * command line of this process. */
	const char *command;
	/* Called at first in the process of each run, on its one thread. What a language's own
	 * machinery must be told of a fork belongs here. NULL: nothing. */
	void (*begin_run)(void);
};

enum aftershock_outcome {
	AFTERSHOCK_NONE = 0,
	AFTERSHOCK_HELD,
	AFTERSHOCK_VIOLATED,
	/* Nothing was violated, and too little was shown: a fault never struck in so few seeds, or
	 * time ran out. */
	AFTERSHOCK_UNDECIDED,
	AFTERSHOCK_REFUSED, /* subject, options or scenario are wrong; nothing has run */
	AFTERSHOCK_FAILED,  /* the test bed itself: no memory, no process */
};

struct aftershock_result {
	enum aftershock_outcome outcome;
	/* "program-kill@0x5: violated acknowledged_is_durable in 3 of 100 runs: loaded version 0,
	 * ..."; of what is refused the place: "shop.yaml:4: ..." */
	char message[AFTERSHOCK_TEXT_SIZE];
	uint64_t runs;
	uint64_t held;
	uint64_t violated;
	uint64_t restarts;
	uint64_t crash_states; /* that were loaded or refused after a crash */
	uint64_t faults;       /* that struck */
	uint64_t steps;        /* that were acknowledged */
	/* Of the first violation; else empty and 0. */
	char scenario[AFTERSHOCK_NAME_SIZE]; /* "program-kill", or "contracts:wal,full" */
	uint64_t seed;
	char invariant[40]; /* `aftershock list invariants` names them */
	char detail[340];
	char trace_hash[33]; /* 32 hexadecimal digits that are the run's; empty: it crashed or
	                      * hung */
	/* A line for the shell that runs this one seed again, in this test. It sets
	 * AFTERSHOCK_REPLAY, which aftershock_run() obeys when it is about its scenario: it runs
	 * that seed alone, and its message says whether it is still the same run. Other calls run
	 * as ever. With $AFTERSHOCK_ONLY they run nothing, which is AFTERSHOCK_UNDECIDED. */
	char replay[AFTERSHOCK_REPLAY_SIZE];
};

/* Runs the seeds and fills the whole result. `subject` and its functions must be there in a fork of
 * this process. With $AFTERSHOCK_TRACE a replay writes every event to the file of that name. */
void aftershock_run(const struct aftershock_subject *subject, const struct aftershock_options *options,
                    struct aftershock_result *result);

/* Runs one seed of options->scenario, which must be one scenario, or one cell, and writes every
 * event of the run to `trace` as a line; NULL: nowhere. The hash is in the result whatever the
 * outcome. */
void aftershock_replay(const struct aftershock_subject *subject, const struct aftershock_options *options,
                       uint64_t seed, FILE *trace, struct aftershock_result *result);

/* "0.1.0". */
const char *aftershock_version(void);

#ifdef __cplusplus
}
#endif

#endif
