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

#include "crash_state.h"
#include "machine.h"
#include "must_check.h"
#include "order_rule.h"

#include <stdio.h>

struct sim_second; /* sim/second/second.h */

#define SIM_BRANCH_PATH_SIZE 240
#define SIM_BRANCH_FOUND_MAX 32u

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

#define SIM_BRANCH_FINDING_SIZE 64

/* A violation, or several that are alike: of one invariant, at one kind of call, and of one known
 * finding or of none. */
struct sim_branch_found {
	char path[SIM_BRANCH_PATH_SIZE];  /* the first: POINT/STATE[/POINT/STATE] */
	char where[SIM_BRANCH_PATH_SIZE]; /* its call, for people */
	char invariant[SIM_VERDICT_INVARIANT_SIZE];
	char detail[SIM_VERDICT_DETAIL_SIZE];
	char finding[SIM_BRANCH_FINDING_SIZE]; /* "": none */
	uint64_t count;
	uint64_t run;   /* of the first, where several runs are explored; and within that: */
	uint64_t order; /* it was judged before all with a larger number */
};

struct sim_branch_totals {
	uint64_t moments;
	uint64_t points[VFS_PHASE_COUNT]; /* by phase of the call; NONE: where a moment begins */
	uint64_t shared;                  /* of the moments: explored in an earlier run */
	uint64_t passed_over;             /* moments in which a second engine is alive */
	uint64_t nested_points;
	uint64_t states;     /* that the rules list */
	uint64_t duplicates; /* of them: an image that was judged before, with the same admissible
	                      * states */
	uint64_t judged;
	uint64_t nested;      /* of the judged: states of crashes in a start */
	uint64_t kills;       /* of the judged; the others are power losses */
	uint64_t images;      /* distinct, whatever was admissible */
	uint64_t recovered;   /* distinct images of files after a start and a clean stop */
	uint64_t compared;    /* of the images: recovered by the reader of sim/format, too; and of
	                     * these: */
	uint64_t played;      /* a journal was played back */
	uint64_t replayed;    /* a WAL had something committed */
	uint64_t interrupted; /* SQLite's recovery was interrupted, and what was left compared */
	uint64_t no_database; /* a database was refused by both */
	uint64_t second;      /* a second SQLite has recovered it, too; and of these: */
	uint64_t pages_alone; /* one of the two does not know the SQL of the schema */
	uint64_t one_noticed; /* one of the two finds the same pages damaged, where they may be */
	uint64_t loaded;
	uint64_t refused;              /* as damaged, where that is owed */
	struct sim_order_counts order; /* of the calls of the run; none of a sample */
	uint64_t violations;
	uint64_t excused; /* of the violations: by known findings */
	uint32_t found_count;
	struct sim_branch_found found[SIM_BRANCH_FOUND_MAX]; /* by invariant and kind of point */
	bool is_partial;                                     /* ended before all was judged */
	bool out_of_memory;
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
const struct sim_branch_totals *sim_branch_totals(const struct sim_branches *branches);
/* The hashes of all distinct images, totals->images of them, and of all that was recovered to,
 * totals->recovered of them; each in ascending order. Likewise of the images that were compared,
 * with what was seen in their last bits. NULL when out of memory; free() it. */
uint64_t *sim_branch_images(const struct sim_branches *branches);
uint64_t *sim_branch_recovered(const struct sim_branches *branches);
uint64_t *sim_branch_compared(const struct sim_branches *branches);

/* Notes violations beside those that are alike, of which the first stays. When there is no room
 * left, only the sums tell of them, which are the caller's. */
void sim_branch_note(struct sim_branch_totals *totals, const struct sim_branch_found *found);
/* By run and order; for qsort(). */
int sim_branch_compare_found(const void *left, const void *right);

/* The run of this world is looked at from now on. NULL: it is not. With `ends_run` the first
 * violation is one of the run, and ends it. */
void sim_branch_attach(struct sim_world *world, struct sim_branches *branches);

#endif
