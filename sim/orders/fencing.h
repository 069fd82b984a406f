/* sim/orders/fencing.h: what several engines on one database may show and answer, interleaved at
 * every call.
 *
 * The judge knows one chain: version n was made by one report, whoever applied it. Every start that
 * succeeds shows a beginning of it, with reports on top whose outcome was open. Every
 * acknowledgement is an entry of it. Starts and acknowledgements have epochs: what was acknowledged
 * under an older epoch must be below the version that any newer start has loaded; what was
 * acknowledged under a newer one must be above what any older start has loaded (S22). That is
 * fencing, whatever the order in which the answers came back.
 *
 * Where only detection is owed (docs/contracts.md), a start may show less than was served. Then the
 * chain ends where that start found it, and what it no longer has may be sent again.
 */
#ifndef AFTERSHOCK_SIM_FENCING_H
#define AFTERSHOCK_SIM_FENCING_H

#include "contract.h"
#include "model.h"
#include "reason.h"
#include "verdict.h"
#include "view.h"

#define SIM_FENCING_STARTS_MAX 1024u

/* An engine. */
struct sim_fencing_engine {
	uint64_t epoch;                 /* of its last start that succeeded */
	uint64_t floor;                 /* of the fencing, when its last start began */
	uint64_t proved;                /* by the files before that start (proof.h): it may not show
	                           * less */
	struct sim_reason reason;       /* of what it answers next */
	const struct subject_gap *gaps; /* what it says is missing before each of those updates;
	                                 * NULL: it cannot say it */
	struct sim_model model;         /* what it holds */
};

struct sim_fencing_start {
	uint64_t epoch;
	uint64_t length; /* version that it loaded */
};

/* What a reader of the database file has seen in one snapshot. */
struct sim_fencing_look {
	uint64_t version;
	uint64_t epoch;
	uint64_t executions; /* rows of the ledger */
	uint64_t newest;     /* the highest version in it */
	/* when it began */
	uint64_t floor;
	uint64_t read_version;
	uint64_t read_epoch;
};

struct sim_fencing {
	const struct sim_plan *plan;
	struct sim_violation violation;
	uint64_t length;                       /* of the chain, as far as anybody has shown it */
	uint32_t chain[SIM_PLAN_REPORTS_MAX];  /* by version - 1: the report */
	uint64_t epochs[SIM_PLAN_REPORTS_MAX]; /* of who acknowledged it; 0: nobody has */
	uint64_t floor;                        /* acknowledged, or served by a start: a start that
	                                        * begins now must show it */
	uint32_t open[SIM_PLAN_REPORTS_MAX];   /* tries of a report that may have been applied, for
	                                        * all one knows */
	uint32_t start_count;
	uint64_t lost;         /* acknowledged updates that the last start did not show any more */
	uint64_t read_version; /* the newest that a reader beside the engines has shown */
	uint64_t read_epoch;
	/* Of the starts, the first start_count mean anything; of an engine, what its start has
	 * set. */
	struct sim_fencing_start starts[SIM_FENCING_STARTS_MAX];
	struct sim_fencing_engine engines[SIM_PROCESSES_MAX];
};

void sim_fencing_begin(struct sim_fencing *fencing, const struct sim_plan *plan);

/* All of these return false when an invariant is violated, which is recorded in
 * fencing->violation. */

/* An engine begins a start; `runs`: the engines that run or are starting, bit 1 << number, without
 * this one, and `starting`: those of them that are starting. */
void sim_fencing_start_begins(struct sim_fencing *fencing, uint32_t number, uint32_t runs, uint32_t starting);
/* It succeeded, and shows this; the contract says whether it may be less than was served. */
bool sim_fencing_loaded(struct sim_fencing *fencing, struct sim_fencing_engine *engine, const struct sim_view *view,
                        enum sim_contract contract);
/* The newest that a start has claimed and shown; 0: none. */
uint64_t sim_fencing_newest_epoch(const struct sim_fencing *fencing);
/* A report goes out; from now on, until an answer says otherwise, it may be there. */
void sim_fencing_sent(struct sim_fencing *fencing, uint32_t report);
/* Reports that were sent together were answered. All replies that acknowledge bear the version
 * after the last of them. */
bool sim_fencing_answered(struct sim_fencing *fencing, struct sim_fencing_engine *engine, const uint32_t *reports,
                          const struct subject_reply *replies, uint32_t count);
/* A checkpoint was made, or not. */
bool sim_fencing_checkpointed(struct sim_fencing *fencing, const struct sim_fencing_engine *engine,
                              const struct subject_reply *reply);
/* What the engine shows between two steps. */
bool sim_fencing_memory(struct sim_fencing *fencing, const struct sim_fencing_engine *engine,
                        const struct sim_view *view);
/* A reader beside the engines looks into the database file, and has seen this. */
void sim_fencing_look_begins(const struct sim_fencing *fencing, struct sim_fencing_look *look);
bool sim_fencing_look_ended(struct sim_fencing *fencing, const struct sim_fencing_look *look, const char *name);

#endif
