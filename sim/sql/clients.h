/* sim/sql/clients.h: the work on SQL with several clients, each a process of its own, interleaved
 * at every call and judged by their history (history.h). Each is a careful client of SQLite: it
 * opens, works, and closes; it waits a little and tries again when it is told that the database is
 * busy, or that the storage failed; and it gives up after a while. What its parts share. Private to
 * this room.
 */
#ifndef AFTERSHOCK_SIM_CLIENTS_H
#define AFTERSHOCK_SIM_CLIENTS_H

#include "history.h"
#include "must_check.h"
#include "super_names.h"
#include "tuned.h"
#include "world.h"

/* SQLite steps without any VFS call, after which a process has run away; counted in portions. */
#define SIM_CLIENTS_PORTION_STEPS 20000
#define SIM_CLIENTS_PORTIONS_MAX 1000u

/* How a client has come out of WAL mode, while the header of the database still says WAL: others
 * may go on in it. */
enum sim_clients_leaving {
	SIM_CLIENTS_STAYS = 0,
	SIM_CLIENTS_LEFT_UNSEEN, /* xAccess has said that there is no WAL, perhaps of an empty
	                          * one */
	SIM_CLIENTS_LEFT_CLOSED, /* it has closed and deleted the WAL */
};

/* What one client has: first what lasts from step to step, then what its instance has told in the
 * step that it is at. */
struct sim_clients_member {
	struct subject_client client; /* that its instances are given */
	struct subject_sink sink;
	struct sim_tuned tuned; /* its connection */
	enum sim_clients_leaving leaving;
	bool wal_went_on;  /* others have written a WAL since it left */
	bool must_restart; /* its instance does not work any more */
	bool left_open;    /* it died with a commit open */
	int64_t waited_ns; /* in the busy handler, this time */
	uint32_t last;     /* transaction that it tried last; UINT32_MAX: none */
	const struct sim_step *step;
	struct sim_history_window window; /* of the read that has begun */
	uint64_t stamp;                   /* the last one given when it began */
	struct sim_sql_state state;       /* that the sink was told */
	uint32_t shown;                   /* looks of one snapshot */
	uint64_t first[2];                /* what the first of them showed */
	uint64_t acknowledged_stamp;      /* when it had */
	uint64_t faults;                  /* that had struck when an integrity check began */
	bool check_is_void;               /* more have struck since */
	const struct subject_transaction *transaction;
	bool answered;
	enum subject_outcome outcome;
};

struct sim_clients {
	struct subject_schema schema;
	struct sim_history history;
	uint32_t attempts; /* at transactions */
	uint32_t copies;   /* by VACUUM INTO */
	uint32_t looks;    /* of the judge, on copies of the disk */
	/* What is special about a run in which SQLite's own faults can show (docs/findings.md), for
	 * the detail of a violation. */
	uint32_t checkpointer;              /* who has the checkpoint lock of the WAL index;
	                                     * SIM_PROCESSES_MAX: nobody */
	uint32_t recoverer;                 /* the same of its recovery lock */
	bool wal_reset_meanwhile;           /* a writer has begun the WAL anew since the
	                                     * checkpointer has its lock */
	bool wal_reset_at_checkpoint;       /* and the checkpointer went on to copy pages all the
	                                     * same: for that it takes READ_0 */
	bool recovery_could_not_read;       /* an error of xRead ended a recovery of the WAL
	                                     * index */
	struct sim_super_names super_names; /* a journal was taken for committed */
	/* A switch out of WAL mode wrote its page 1, and others had written a WAL since it left:
	 * in one of the two ways of leaving, by enum sim_clients_leaving. */
	bool left_wal_beside_others[SIM_CLIENTS_LEFT_CLOSED + 1];
	struct sim_clients_member members[SIM_PROCESSES_MAX];
};

static inline struct sim_clients *sim_clients_of(const struct sim_world *world) {
	return world->own;
}

static inline struct sim_clients_member *sim_clients_member(const struct sim_process *process) {
	return &sim_clients_of(process->world)->members[process->number];
}

enum SIM_MUST_CHECK sim_clients_result {
	SIM_CLIENTS_DONE = 0,
	SIM_CLIENTS_AGAIN, /* busy, or the storage failed */
	SIM_CLIENTS_DIED,
};

/* ---- sim/sql/clients.c ----------------------------------------------------------------------- */

/* Violates an invariant and ends the run, or measures corruption where the contract allows it. */
void sim_clients_violated(struct sim_world *world, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Judges what can be judged; ends the run when something is wrong. */
void sim_clients_settle(struct sim_world *world);

#endif
