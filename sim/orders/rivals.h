/* sim/orders/rivals.h: several engines on one database, each a process of its own (sim/sql/processes_world.h), interleaved at every VFS call: one
 * that was started by mistake, one that is paused in the middle of a call and wakes up after its successor took over. Beside them readers
 * of the file. Private to sim/.
 *
 * There is one exchange. It sends a report to the engine that the plan says, with everything that was sent and nobody has acknowledged;
 * so two engines may have the same report in hand at once.
 *
 * The judge knows one chain: version n was made by one report, whoever applied it. Every start that succeeds shows a beginning of it,
 * with reports on top whose outcome was open; every acknowledgement is an entry of it. Starts and acknowledgements have epochs: what
 * was acknowledged under an older one must be below the version that any newer start has loaded, and what was under a newer one above
 * what any older start has loaded (S22). That is fencing, whatever the order in which the answers came back.
 */
#ifndef AFTERSHOCK_SIM_RIVALS_H
#define AFTERSHOCK_SIM_RIVALS_H

#include "processes_world.h"

#define SIM_RIVALS_STARTS_MAX 1024u
/* An engine that is told "later", or does not start, tries so often in one step; at the end, so often in all. */
#define SIM_RIVAL_TRIES 6u
#define SIM_RIVAL_TRIES_AT_END 200u

/* An engine. */
struct sim_rival {
	void *instance;         /* of the subject; NULL when it does not run */
	uint64_t epoch;         /* of its last start that succeeded */
	struct sim_model model; /* what it holds */
};

struct sim_rivals_start {
	uint64_t epoch;
	uint64_t length; /* version that it loaded */
};

struct sim_rivals {
	uint64_t length;                       /* of the chain, as far as anybody has shown it */
	uint32_t chain[SIM_PLAN_REPORTS_MAX];  /* by version - 1: the report */
	uint64_t epochs[SIM_PLAN_REPORTS_MAX]; /* of who acknowledged it; 0: nobody has */
	uint64_t floor; /* acknowledged, or served by a start: a start that begins now must show it */
	uint32_t open[SIM_PLAN_REPORTS_MAX]; /* tries of a report that may have been applied, for all one knows */
	uint32_t start_count;
	struct sim_rivals_start starts[SIM_RIVALS_STARTS_MAX];
	uint64_t read_version; /* the newest that a reader beside the engines has shown */
	uint64_t read_epoch;
	struct sim_rival members[SIM_PROCESSES_MAX];
};

/* What the processes of an engine's scenario do (sim/orders/rivals.c). */
extern const struct sim_processes_work sim_rivals_work;

/* ---- sim/orders/rival.c --------------------------------------------------------------------------------------------------------- */

/* The body of the coroutine of an engine or a reader; the context is a struct sim_process. */
void sim_rival_main(void *context);

/* ---- sim/orders/rivals_judge.c: false when an invariant is violated, which ends the run -------------------------------------------- */

/* A start succeeded; `floor` was the floor when it began. */
bool sim_rivals_loaded(struct sim_processes_world *all, struct sim_rival *rival, const struct sim_view *view,
                       uint64_t floor);
/* A report goes out; from now on, until an answer says otherwise, it may be there. */
void sim_rivals_sent(struct sim_rivals *rivals, uint32_t report);
/* It was answered, and this is what the engine shows now. */
bool sim_rivals_answered(struct sim_processes_world *all, struct sim_rival *rival, uint32_t report,
                         const struct subject_reply *reply);
bool sim_rivals_memory(struct sim_processes_world *all, const struct sim_rival *rival, const struct sim_view *view);

/* What a reader of the database file has seen in one snapshot. */
struct sim_rivals_look {
	uint64_t version;
	uint64_t epoch;
	uint64_t executions; /* rows of the ledger */
	uint64_t newest;     /* the highest version in it */
	/* when it began */
	uint64_t floor;
	uint64_t read_version;
	uint64_t read_epoch;
};
void sim_rivals_look_begins(const struct sim_rivals *rivals, struct sim_rivals_look *look);
bool sim_rivals_look_ended(struct sim_processes_world *all, const struct sim_rivals_look *look, const char *name);

#endif
