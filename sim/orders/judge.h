/* sim/orders/judge.h: what happened so far, which states are admissible, and whether what the
 * subject shows is one of them.
 *
 * The judge keeps the chain of updates that are known to be in the state, in order, and the
 * attempts whose outcome is open: updates in flight at a crash or said to be in doubt, each with
 * the version it was tried on. Every load must show a state of the chain, or one attempt on top of
 * one. How far back from the end of the chain is the contract's business (S4). What a start has
 * loaded and served is a floor from then on, unless the contract is `prefix` or weaker.
 */
#ifndef AFTERSHOCK_SIM_JUDGE_H
#define AFTERSHOCK_SIM_JUDGE_H

#include "contract.h"
#include "machine.h"
#include "model.h"
#include "must_check.h"
#include "verdict.h"
#include "view.h"

#define SIM_JUDGE_ATTEMPTS_MAX 64u
#define SIM_JUDGE_UNDONE_MAX 64u
#define SIM_JUDGE_FOUND_MAX (SUBJECT_BATCH_MAX + SIM_PLAN_HELD_MAX)

/* Updates that were tried together: one, or a batch. */
struct sim_judge_attempt {
	uint64_t base; /* version of the state that they were tried on */
	/* Chains undone before: the chain that they were tried on is the next to be undone,
	 * undone[era] */
	uint32_t era;
	uint32_t count;
	uint32_t reports[SUBJECT_BATCH_MAX];
};

/* A chain that was shorter, or another, after a load: what it had beyond was acknowledged and is
 * undone. */
struct sim_judge_undone {
	uint64_t length;
	uint32_t chain[SIM_PLAN_REPORTS_MAX];
};

struct sim_judge {
	const struct sim_plan *plan;
	const struct sim_view *shown; /* by sim_judge_show(); NULL but while answers are judged */
	/* What is said to be missing before each update whose answers are judged next; NULL: the
	 * subject cannot say it */
	const struct subject_gap *gaps;
	struct sim_model model; /* of the whole chain */
	uint64_t chain_length;
	uint32_t chain[SIM_PLAN_REPORTS_MAX];
	uint64_t commit[SIM_PLAN_REPORTS_MAX]; /* by entry of the chain: the first one that was
	                                        * committed with it */
	uint64_t floor;                        /* no load may show less, whatever the contract but
	                                        * prefix and weaker */
	uint64_t proved;                       /* by the files, before the start that is judged next
	                                        * (proof.h): none may show less */
	uint32_t attempt_count;
	struct sim_judge_attempt attempts[SIM_JUDGE_ATTEMPTS_MAX];
	/* Reports that came too early and that the process keeps, in the order in which they
	 * came */
	uint32_t held_count;
	uint32_t held[SIM_PLAN_REPORTS_MAX];
	uint64_t held_applied;                   /* such updates that were applied by the process
	                                          * itself */
	bool held_settled[SIM_PLAN_REPORTS_MAX]; /* by place in `held`: it came to nothing
	                                          * meanwhile, and may be gone */
	enum sim_disturbance disturbance;        /* of the step whose answers are judged next */
	bool refused[SIM_PLAN_REPORTS_MAX];      /* tried, and said not to be applied */
	bool overtaken[SIM_PLAN_REPORTS_MAX];    /* came when there was nothing new in it, since the
	                                          * last loss */
	uint64_t last_version;                   /* that this process showed */
	uint64_t epoch;                          /* of the last start; 0: the subject has none */
	struct sim_violation violation;
	/* what the last sim_judge_loaded() found */
	bool found;             /* it showed a state that was committed, or an open attempt on top
	                         * of one */
	uint64_t lost;          /* acknowledged updates that are gone */
	bool attempt_found;     /* an open attempt turned out to be there */
	uint32_t found_count;   /* updates of that attempt that are there, */
	uint32_t missing_count; /* and that are not, though they would apply */
	uint64_t found_base;    /* version of the state of the chain that was found, below the
	                         * attempt */
	/* Where SQLite may corrupt, what was undone may come back: the writes that undid it may be
	 * lost themselves. */
	uint32_t undone_count;
	struct sim_judge_undone undone[SIM_JUDGE_UNDONE_MAX]; /* only the first undone_count mean
	                                                       * anything */
};

void sim_judge_begin(struct sim_judge *judge, const struct sim_plan *plan);

/* All of these return false when an invariant is violated, which is recorded in
 * judge->violation. */
/* A start succeeded: the view must be admissible under the contract. Moves the chain to what was
 * loaded. */
bool sim_judge_loaded(struct sim_judge *judge, const struct sim_view *view, enum sim_contract contract,
                      bool damaged) SIM_MUST_CHECK;
/* The lowest version of the chain that a load may show under the contract. */
uint64_t sim_judge_lowest(const struct sim_judge *judge, enum sim_contract contract);
/* The subject answered an update or a command, or the updates of a batch, without a crash. */
bool sim_judge_answered(struct sim_judge *judge, const uint32_t *reports, const struct subject_reply *replies,
                        uint32_t count);
/* After those answers, and the memory: whatever became of a report, its reply shows the version at
 * the end of its step. */
bool sim_judge_versions(struct sim_judge *judge, const uint32_t *reports, const struct subject_reply *replies,
                        uint32_t count);
/* What memory shows after the answers that sim_judge_answered() is given next; it says which of the
 * updates that are held were applied, and when. NULL: nothing can be held. */
void sim_judge_show(struct sim_judge *judge, const struct sim_view *view);
/* Memory between two steps must equal the chain. */
bool sim_judge_memory(struct sim_judge *judge, const struct sim_view *view);
/* The outcome of reports that were sent together is open: in flight at a crash, or said to be in
 * doubt. */
void sim_judge_attempt(struct sim_judge *judge, const uint32_t *reports, uint32_t count);
/* The same of an attempt that is described in full. */
void sim_judge_open(struct sim_judge *judge, const struct sim_judge_attempt *attempt);
/* The first `length` updates of the chain that was in force when so many had been undone (`era`).
 * False when that is not known any more. */
bool sim_judge_state(const struct sim_judge *judge, uint32_t era, uint64_t length, struct sim_model *model);
/* At the end: every report is in the chain once, or was overtaken, and positions and orders are the
 * sums of their fills. */
bool sim_judge_converged(struct sim_judge *judge);

#endif
