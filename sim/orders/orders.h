/* sim/orders/orders.h: the work on order updates: what the exchange and the trader do, what is
 * true, and who judges: what both tables of hooks share, one_engine.h and engines.h. Private to
 * this room.
 *
 * With one engine, the judge (judge.h) knows the chain of committed updates and compares it with
 * what the engine shows. A second engine may take over from it (takeover.h). With several engines
 * at once, interleaved at every call, fencing (fencing.h) judges by epochs and versions. The
 * exchange (exchange.h) is the same for all: it lives on when the machine dies.
 */
#ifndef AFTERSHOCK_SIM_ORDERS_H
#define AFTERSHOCK_SIM_ORDERS_H

#include "fencing.h"
#include "judge.h"
#include "proof.h"
#include "view.h"
#include "world.h"

/* The engine that was taken over from: alive, idle, and not the owner any more. */
struct sim_orders_former {
	struct sim_process *process; /* NULL: there is none */
	bool replaced;               /* a start of another has succeeded since */
	/* On the chain as it was when it was taken over from: what it has applied since. Nothing,
	 * unless the claim of its successor may be lost. */
	struct sim_judge_attempt applied;
};

/* What whoever starts an engine knows of the book, with `vouches: on`. Zeros: nothing. */
struct sim_orders_vouched {
	uint64_t version;
	uint64_t epoch;
	uint64_t history[2];
};

struct sim_orders {
	struct sim_world *world;
	const struct sim_plan *plan;
	/* The exchange's book-keeping, by report. */
	bool sent[SIM_PLAN_REPORTS_MAX];         /* at least once */
	bool acknowledged[SIM_PLAN_REPORTS_MAX]; /* as far as the exchange knows */
	uint32_t in_hand_count;                  /* of the one engine, which has not answered yet */
	uint32_t in_hand[SUBJECT_BATCH_MAX];
	struct subject_gap gaps[SUBJECT_BATCH_MAX]; /* what it says is missing before each of
	                                             * them */
	bool claim_in_doubt; /* a second engine has tried to start in vain: its claim may be there
	                        * all the same */
	/* The owner has said that it made a checkpoint, with nothing in its way; and after that its
	 * WAL went on where it was. */
	bool is_checkpointed;
	bool wal_went_on;
	bool was_halted;       /* as the judge knew it after the last update */
	bool corruption_named; /* the engine refused an update because it found the database
	                        * damaged */

	/* The trader's, by order. */
	bool exchange_has[SIM_PLAN_REPORTS_MAX]; /* the exchange was sent it */
	bool decided[SIM_PLAN_REPORTS_MAX];      /* the trader remembers it since the start */
	bool agreed;                             /* the engine says that it agrees with the
	                                          * exchange */

	/* One engine: who it is, and from whom it took over. */
	struct sim_process *owner;
	struct sim_orders_former former;

	/* Several. */
	struct sqlite3 *readers[SIM_PROCESSES_MAX]; /* connections of readers beside the engines;
	                                             * NULL: none */
	bool concluding; /* they have ended: one more start is judged as that of one engine */

	struct sim_proved proved[SIM_PROCESSES_MAX]; /* by process: before its last start */
	/* by process: what its last start was told */
	struct sim_orders_vouched vouched[SIM_PROCESSES_MAX];
	/* By version: what an engine showed that had come to it. Zeros: none has, or it is gone. */
	uint64_t histories[SIM_PLAN_REPORTS_MAX + 1][2];

	/* The large parts, from here on, are begun by their own functions. */
	struct sim_judge judge;
	struct sim_fencing fencing;
	struct sim_proof proof;
	struct sim_view view; /* what the engine showed last */
};

static inline struct sim_orders *sim_orders_of(const struct sim_world *world) {
	return world->own;
}

/* The judge of one engine has found a violation: ends the run. Returns false. */
bool sim_orders_violated(struct sim_orders *orders);
/* What has happened to the owner since its step or start began (S42). */
enum sim_disturbance sim_orders_disturbance(const struct sim_orders *orders);
/* What the subject has said to be missing; NULL when it cannot say it. */
const struct subject_gap *sim_orders_said(const struct sim_world *world, const struct subject_gap *gaps);
/* Memory between two steps: ends the run when it is not what was committed. */
void sim_orders_judge_memory(struct sim_orders *orders);
/* The reply to a step that is no single report shows the version that is committed. */
void sim_orders_judge_version(struct sim_orders *orders, const char *step, uint64_t version);
/* Before a life begins: what the files prove, where the contract alone would allow too much. */
void sim_orders_look_at_files(struct sim_process *process);
/* After a call: what it means for what the files prove. */
void sim_orders_called(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value);
/* The owner says that a checkpoint was made, and nothing failed (S52). */
void sim_orders_checkpointed(struct sim_orders *orders);
/* The lowest version that the start of the process may serve, whatever the contract. */
uint64_t sim_orders_proved(const struct sim_process *process);
/* What is known at this moment. */
struct sim_orders_vouched sim_orders_known(const struct sim_world *world);
/* The same goes to a start of the process, which may not serve less. */
void sim_orders_vouch(struct sim_process *process, struct subject_config *config);
/* A start of the process shows the view, which is the version that counts from now on. False when
 * its epoch is not newer than what the start was told, and the run has ended. */
bool sim_orders_take_vouched(struct sim_process *process);
/* The history of the version that the view shows is known from now on. */
void sim_orders_note_history(struct sim_orders *orders);
/* Of a work: sim/orders/other_book.c. */
bool sim_orders_make_other(struct sim_world *world, const char *vfs_name);
/* Begins with nothing kept. The database is made by the first engine that comes. */
bool sim_orders_begin(struct sim_world *world);

#endif
