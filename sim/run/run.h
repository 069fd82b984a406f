/* sim/run/run.h: one seed, one run: plan, world, judge, result. Everything above (workers, results, command line) sees a run
 * through this header only. */
#ifndef AFTERSHOCK_SIM_RUN_H
#define AFTERSHOCK_SIM_RUN_H

#include "scenario.h"
#include "subject.h"

#include <stdio.h>

#define SIM_RUN_INVARIANT_SIZE 40
#define SIM_RUN_DETAIL_SIZE 240

enum sim_verdict {
	SIM_VERDICT_NONE = 0,
	SIM_HELD,
	SIM_VIOLATED,
	SIM_HARNESS_FAILED, /* the test bed itself: out of memory, an output that cannot be written */
};

struct sim_plan;
struct sim_event;
struct sim_world;

/* Somebody who is told what happens, as it happens, and changes nothing. */
struct sim_run_listener {
	void *context;
	void (*event)(void *context, uint64_t number, const struct sim_event *event, const char *label,
	              const char *note);
	/* The first violation, at the moment it is found: nobody has been stopped or cleaned up since. */
	void (*violated)(void *context, const struct sim_world *world);
};

struct sim_run_options {
	FILE *trace;                             /* every event as one line, or NULL */
	const struct sim_run_listener *listener; /* NULL: nobody */
	const struct sim_plan *plan; /* run this one, whatever scenario and seed expand to; NULL: what they expand to */
	uint64_t until_event;        /* stop there; 0: run to the end */
	FILE *schedule; /* of several processes: the plan, with its schedule as it went, is printed here; or NULL */
	const char *dump_path; /* an existing directory: the disk's files are written there at the end, or NULL */
};

struct sim_run_result {
	enum sim_verdict verdict;
	char invariant[SIM_RUN_INVARIANT_SIZE]; /* empty unless violated */
	char detail[SIM_RUN_DETAIL_SIZE];       /* one line */
	char contract[SIM_CONTRACT_TEXT_SIZE];  /* what was demanded: "durable after kill, prefix after power loss" */
	uint64_t event;                         /* the number of the event at which it was violated */
	uint64_t trace_hash[2];                 /* XXH3-128 of all events: high, low */
	uint64_t steps;
	uint64_t updates; /* acknowledged */
	uint64_t faults;  /* that struck */
	uint64_t restarts;
	uint64_t crash_states; /* states that a crash left and a start loaded or refused */
	uint64_t virtual_ns;
	uint64_t
	        state_hash; /* of the logical state at the end (sim/sweep/final.h); 0: the run ended before, or has none */
	uint64_t processes;     /* of several; 0: one, and no schedule */
	uint64_t switches;      /* of turns between them */
	uint64_t schedule_hash; /* of all switches */
	bool stopped; /* by until_event, before the end: the hash is that of a part, and held means not violated so far */
	/* What was measured, whatever the contract says of it; a run that broke no promise may still have any of these. */
	uint64_t lost;      /* acknowledged updates or transactions that a load did not show any more, in total */
	uint64_t lost_most; /* the same, at the one load that missed most */
	uint64_t corrupt;   /* refused as damaged, integrity check not ok, or content that was never committed */
	uint32_t probes[SIM_PROBE_COUNT]; /* how often each was reached */
	uint32_t struck[SIM_FAULT_KIND_COUNT];
};

/* Once per operating-system process, before any other use of SQLite in it: sets SQLite up for simulation. False when SQLite
 * refuses. */
bool sim_run_init(void);

/* Runs one seed. Never fails: what goes wrong is in the verdict. `options` may be NULL. With a plan in the options, `scenario`
 * is not looked at, and `seed` must be the plan's. */
void sim_run(const struct sim_scenario *scenario, uint64_t seed, const struct aftershock_subject *subject,
             const struct sim_run_options *options, struct sim_run_result *result);

/* The built-in subjects (sim/subject/subject_engine.c, sim/subject/subject_sql.c). A scenario of SQL that is given a subject that does not run
 * SQL is run by the second. */
const struct aftershock_subject *sim_subject_engine(void);
const struct aftershock_subject *sim_subject_sql(void);

/* The names of the invariants that the judge knows, NULL-terminated, each followed by one line about it. */
struct sim_invariant {
	const char *name;
	const char *about;
};
const struct sim_invariant *sim_run_invariants(void);

#endif
