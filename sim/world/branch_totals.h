/* sim/world/branch_totals.h: what judging the crash states of a run, or of several, came to. */
#ifndef AFTERSHOCK_SIM_BRANCH_TOTALS_H
#define AFTERSHOCK_SIM_BRANCH_TOTALS_H

#include "order_rule.h"
#include "verdict.h"
#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_BRANCH_PATH_SIZE 240
#define SIM_BRANCH_FOUND_MAX 32u
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
	bool is_of_several;   /* processes; then: */
	uint64_t beside;      /* of the kills: others live on */
	uint64_t alike;       /* of the judged: recovered to what was judged before, with the same
	                       * admissible states; so the recovery was looked at, and no more */
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

/* Notes violations beside those that are alike, of which the first stays. When there is no room
 * left, only the sums tell of them, which are the caller's. */
void sim_branch_note(struct sim_branch_totals *totals, const struct sim_branch_found *found);
/* By run and order; for qsort(). */
int sim_branch_compare_found(const void *left, const void *right);

#endif
