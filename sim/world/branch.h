/* sim/world/branch.h: the crash states of a run, judged beside it.
 *
 * While a run of one process goes on, each of its moments (a start, a step, a stop) leaves points:
 * one where it begins, and one behind every call that changes something on the disk. A point is a
 * snapshot. When the moment is over and its answer is not judged yet, the judge still knows what it
 * knew in all of them. Then each state that a crash may leave at each point (crash_state.h) gets a
 * life: the subject starts on it and is judged by the very hooks of the run. After that the world,
 * the judge and SQLite's generator are what they were, so the run goes on as without it: its trace
 * hash is the same.
 *
 *     step 3 ──▶ begin ── wal_frame.1 ── wal_frame.2 ── wal_sync.1 ──▶ step 4
 *                             │ snapshot
 *                             ├── kill        start, load, judge ──┐ with depth 2 these starts
 *                             ├── none        start, load, judge   │ have points of their own
 *                             └── torn-1 ...                       └▶
 *
 * No state is judged twice: the same image, with the same admissible states, is a duplicate. All of
 * it is in memory of the run's own process. */
#ifndef AFTERSHOCK_SIM_BRANCH_H
#define AFTERSHOCK_SIM_BRANCH_H

#include "branch_totals.h"
#include "crash_state.h"
#include "machine.h"
#include "must_check.h"

#include <stdio.h>

struct sim_second; /* sim/second/second.h */

struct sim_branch_options {
	uint32_t depth; /* 1: crashes of the run; 2: also crashes in the starts that follow */
	struct sim_crash_state_bounds bounds;
	uint32_t part; /* only every `parts`-th moment is explored, from this one, 0 .. parts - 1 */
	uint32_t parts;
	const char *only;      /* POINT/STATE[/POINT/STATE]: that one alone; NULL: all */
	uint32_t sample;       /* only so many states, about (branch_sample.h); 0: all */
	bool writes_more;      /* each life goes on behind the load, where the work can */
	bool also_writes_more; /* each state has two lives, and the second one does */
	bool counts;           /* nothing is judged: only points and the states of their rules are
	                   * counted */
	bool shares;           /* of several runs: a moment is not explored again when it and all
	                        * before it have gone as in an earlier run */
	bool stops;            /* at the first violation */
	bool ends_run;         /* that violation is the run's */
	/* Asked before each state, and with "" before each moment of the run: false ends the
	 * exploration, and what is left is not looked at. NULL: nobody asks. */
	bool (*goes_on)(void *context, const char *path);
	/* The known finding that a violation shows; "" for none. Violations of different findings
	 * are not alike. NULL: nothing is known. */
	const char *(*excuse)(void *context, const char *invariant, const char *detail);
	void *context;
	struct sim_second *second; /* a second SQLite recovers each image, too; NULL: none */
};

/* Somebody who is told about one state. */
struct sim_branch_teller {
	void *context;
	sim_crash_teller say;     /* a line: what was pending, and what is kept of it */
	sim_trace_listener event; /* of the life on it */
};

struct sim_branches; /* of one run; may be used for one after the other */

/* NULL when out of memory. `options` is copied; its texts are borrowed. */
struct sim_branches *sim_branch_create(const struct sim_branch_options *options);
/* For another run, as if it was new. */
void sim_branch_reset(struct sim_branches *branches, const struct sim_branch_options *options);
/* For one more run: sums and images go on, and an image that is known is not asked about again.
 * What is found now is of run `run`. */
void sim_branch_next_run(struct sim_branches *branches, uint64_t run);
void sim_branch_destroy(struct sim_branches *branches);
/* With `only`: the events of the life of that state are printed there. */
void sim_branch_trace_to(struct sim_branches *branches, FILE *out);
/* With `only`: somebody is told the story of that state. Borrowed. */
void sim_branch_tell_to(struct sim_branches *branches, const struct sim_branch_teller *teller);
const struct sim_branch_totals *sim_branch_totals(const struct sim_branches *branches);
/* The hashes of all distinct images, totals->images of them, and of all that was recovered to,
 * totals->recovered of them; each in ascending order. Likewise of the images that were compared,
 * with what was seen in their last bits. NULL when out of memory; free() it. */
uint64_t *sim_branch_images(const struct sim_branches *branches);
uint64_t *sim_branch_recovered(const struct sim_branches *branches);
uint64_t *sim_branch_compared(const struct sim_branches *branches);

/* The run of this world is looked at from now on. NULL: it is not. With `ends_run` the first
 * violation is one of the run, and ends it. */
void sim_branch_attach(struct sim_world *world, struct sim_branches *branches);

#endif
