/* sim/verdict.h: how a run ends, and the invariants that it may violate. Judges of every kind of
 * work record into one struct sim_violation, through one function. */
#ifndef AFTERSHOCK_SIM_VERDICT_H
#define AFTERSHOCK_SIM_VERDICT_H

#include "fault.h"
#include "loss.h"
#include "probe.h"
#include "settings.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_VERDICT_INVARIANT_SIZE 40
#define SIM_VERDICT_DETAIL_SIZE 340
#define SIM_VERDICT_STATE_SIZE 240

enum sim_verdict {
	SIM_VERDICT_NONE = 0,
	SIM_HELD,
	SIM_VIOLATED,
	SIM_HARNESS_FAILED, /* the test bed itself: out of memory, an output that cannot be
	                     * written */
};

/* What struck in which phase of SQLite (vfs.h). */
struct sim_phase_counts {
	uint64_t crashes_in_starts;        /* of the crashes: while the subject was starting */
	uint64_t crashes[VFS_PHASE_COUNT]; /* kills and power losses */
	uint64_t faults[VFS_PHASE_COUNT];  /* everything else that struck at a call */
};

struct sim_run_result {
	enum sim_verdict verdict;
	char invariant[SIM_VERDICT_INVARIANT_SIZE]; /* empty unless violated */
	char detail[SIM_VERDICT_DETAIL_SIZE];       /* one line */
	char state[SIM_VERDICT_STATE_SIZE];         /* POINT/STATE of the crash state beside the
	                                             * run that was violated (world/branch.h);
	                                             * empty: the run itself was */
	char contract[SIM_CONTRACT_TEXT_SIZE];      /* what was demanded: "durable after kill,
	                                             * prefix after power loss" */
	uint64_t event;                             /* the number of the event at which it was
	                                             * violated */
	uint64_t trace_hash[2];                     /* XXH3-128 of all events: high, low */
	uint64_t steps;
	uint64_t updates; /* acknowledged */
	uint64_t faults;  /* that struck */
	uint64_t restarts;
	uint64_t crash_states; /* states that a crash left and a start loaded or refused */
	uint64_t branches;     /* of them: judged beside the run */
	uint64_t virtual_ns;
	uint64_t state_hash;    /* of the logical state at the end; 0: the run ended before, or has
	                         * none */
	uint64_t processes;     /* of several; 0: one, and no schedule */
	uint64_t switches;      /* of turns between them */
	uint64_t schedule_hash; /* of all switches */
	bool stopped;           /* by until_event, before the end: the hash is that of a part, and
	                         * held means not violated so far */
	/* What was measured, whatever the contract says of it; a run that broke no promise may
	 * still have any of these. */
	uint64_t lost;                    /* acknowledged updates or transactions that a load did
	                                   * not show any more, in total */
	uint64_t lost_most;               /* the same, at the one load that missed most */
	uint64_t corrupt;                 /* refused as damaged, integrity check not ok, or content
	                                   * that was never committed */
	uint32_t probes[SIM_PROBE_COUNT]; /* how often each was reached */
	uint32_t struck[SIM_FAULT_KIND_COUNT];
	struct sim_phase_counts phases;
	struct sim_loss losses[SIM_LOSSES_MAX]; /* those of `lost` that were legal, by class */
};

/* An invariant that a judge knows, and one line about it. */
struct sim_invariant {
	const char *name;
	const char *about;
};

/* All of them; the last one has no name (NULL). */
const struct sim_invariant *sim_verdict_invariants(void);

/* The first violation of a run. All zero: none, and nobody is told. */
struct sim_violation {
	char invariant[SIM_VERDICT_INVARIANT_SIZE]; /* empty: none */
	char detail[SIM_VERDICT_DETAIL_SIZE];       /* one line */
	char state[SIM_VERDICT_STATE_SIZE];         /* as in struct sim_run_result */
	void (*told)(void *context);                /* called when it is recorded; NULL: nobody */
	void *context;
};

/* Records a violation of an invariant of the table, unless there is one already, and tells of it.
 * Returns false. */
bool sim_verdict_violated(struct sim_violation *violation, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Makes one line of UTF-8 of any bytes, in place: what is none becomes '?'. */
void sim_verdict_clean(char *text);

#endif
