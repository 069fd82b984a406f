/* sim/sql/processes_world.h: several processes running. Private to sim/.
 *
 * Each process is a coroutine (sim/world/coroutine.h) that works through its steps (sim/sql/process.c). Every VFS call of any of them passes
 * sim/sql/processes_world.c, which asks the schedule whose turn it is, and lets faults strike (sim/world/strike.c) when the turn has come back.
 * A process that dies unwinds without losing its turn, because SQLite goes on writing to shared memory meanwhile (vfs/README.md).
 */
#ifndef AFTERSHOCK_SIM_PROCESSES_WORLD_H
#define AFTERSHOCK_SIM_PROCESSES_WORLD_H

#include "coroutine.h"
#include "history.h"
#include "world.h"

struct sqlite3;

/* One try of a step that needs more VFS calls than this is livelocked. */
#define SIM_PROCESS_CALLS_MAX 200000u
/* SQLite steps without any VFS call, after which a process has run away; counted in portions. */
#define SIM_PROCESS_PORTION_STEPS 20000
#define SIM_PROCESS_PORTIONS_MAX 1000u
/* A client gives up after so many tries; once faults have ended, after the larger number. */
#define SIM_PROCESS_TRIES 12u
#define SIM_PROCESS_TRIES_AT_END 200u
/* All wait for locks for so long, and nobody gets one. */
#define SIM_PROCESSES_STALL_NS INT64_C(120000000000)

enum sim_process_state {
	SIM_PROCESS_READY = 0,
	SIM_PROCESS_SLEEPS, /* until wake_ns */
	SIM_PROCESS_DOWN,   /* the power is gone */
	SIM_PROCESS_WAITS,  /* its steps are done; for all others to get there */
	SIM_PROCESS_ENDED
};

struct sim_processes_world;

struct sim_process {
	struct sim_processes_world *all;
	uint32_t number;
	const char *name;
	struct sim_coroutine *coroutine;
	struct vfs_process *vfs; /* NULL between two lives */
	struct sqlite3 *connection;
	enum sim_process_state state;
	int64_t wake_ns;
	bool watched;         /* its allocations may be struck */
	bool starting;        /* it opens the database */
	bool waits_for_lock;  /* in the busy handler */
	bool must_reopen;     /* its connection is not to be used any more */
	bool left_open;       /* it died with a commit open */
	int64_t waited_ns;    /* in the busy handler, this time */
	uint32_t calls;       /* of this try */
	uint32_t portions;    /* since the last VFS call */
	uint32_t step;        /* of the plan; the one it is at or was at last */
	struct vfs_call call; /* the one it is about to make, for people; its texts may be gone */
};

/* What the processes do: clients of SQLite (sim/sql/process.c), or engines (sim/orders/rivals.c). */
struct sim_processes_work {
	bool (*begin)(
	        struct sim_processes_world *all); /* what is kept of them, and the database. False: out of memory */
	void (*main)(void *context);              /* the body of each; the context is a struct sim_process */
	/* After every call of a living process; NULL: of no interest. */
	void (*called)(struct sim_process *process, const struct vfs_call *call, int result);
	void (*power_lost)(struct sim_processes_world *all,
	                   enum sim_contract contract);    /* all are dead: judges what is left */
	void (*conclude)(struct sim_processes_world *all); /* all have ended: the last word */
	void (*end)(struct sim_processes_world *all);      /* frees what was kept */
};

/* sim/sql/processes_world.c, of SQL; sim/orders/rivals.c. */
extern const struct sim_processes_work sim_processes_sql_work;
extern const struct sim_processes_work sim_rivals_work;

struct sim_rivals;

struct sim_processes_world {
	struct sim_world *world;
	const struct sim_processes_work *work;
	struct sim_rivals *rivals; /* of engines; NULL for SQL, which has the history below */
	struct vfs_hooks below;    /* of one process: faults, trace, time */
	struct sim_schedule schedule;
	struct sim_history history;
	uint32_t turn;
	bool down;          /* the power is gone, or the run has ended: whoever goes on unwinds */
	bool finishing;     /* faults have ended */
	int64_t stalled_ns; /* for so long all have waited for locks */
	uint32_t looks;     /* of the judge, on copies of the disk */
	/* What is special about a run in which SQLite's own faults can show (docs/findings.md), for the detail of a violation. */
	uint32_t checkpointer;        /* who has the checkpoint lock of the WAL index; SIM_PROCESSES_MAX: nobody */
	uint32_t recoverer;           /* the same of its recovery lock */
	bool wal_reset_at_checkpoint; /* a writer began the WAL anew while another process had begun a checkpoint */
	bool recovery_could_not_read; /* an error of xRead ended a recovery of the WAL index */
	bool left_wal_beside_others;  /* WAL mode was left without a look at a WAL that is empty, and open elsewhere */
	struct sim_process processes[SIM_PROCESSES_MAX];
};

/* Runs the plan of `world`, which has processes. */
void sim_processes_run(struct sim_world *world, struct sim_processes_world *all);

/* ---- sim/sql/processes_world.c, for processes ----------------------------------------------------------------------------------- */

void sim_processes_hooks(struct sim_processes_world *all, struct vfs_hooks *hooks);
/* The running process loses its turn for so long. At once again when it is to unwind. */
void sim_process_sleep(struct sim_process *process, int64_t duration_ns);
/* The running process gives up its turn until its state is READY again. */
void sim_process_yield(struct sim_process *process, enum sim_process_state state);
/* Violates an invariant, and ends the run. */
void sim_processes_violated(struct sim_processes_world *all, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Judges what can be judged; ends the run when something is wrong. */
void sim_processes_settle(struct sim_processes_world *all);
/* What would be loaded from the disk if no process were left: the judge opens a copy of it. False when the run has ended: it
 * cannot be read, or the integrity check finds something. */
bool sim_processes_look(struct sim_processes_world *all, uint64_t digest[2]);

/* ---- sim/sql/process.c ------------------------------------------------------------------------------------------------------------ */

/* A process for a life, if none is there. False when the run has ended for want of memory. */
bool sim_process_begin_life(struct sim_process *process);
/* Everything it had open must be closed. */
void sim_process_end_life(struct sim_process *process);
/* The body of the coroutine; the context is a struct sim_process. */
void sim_process_main(void *context);
/* Of sim/sql/process_work.c: SQLite's integrity check and the queries of the scenario, which must find nothing, and the digest. An SQLite
 * result code. */
int sim_process_inspect(struct sim_processes_world *all, struct sqlite3 *connection, uint64_t digest[2]);

#endif
