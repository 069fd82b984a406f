/* sim/sql/history.h: what several processes did to one database and saw of it, and whether that can
 * be: serialisable writers, snapshot isolation for readers, nothing acknowledged lost.
 *
 * With one database file, writers are serial in the order in which they get the write lock
 * (RESERVED, or the write lock of the WAL index): nobody gets it before the last one has given it
 * back, and what is committed is committed while it is held. So each write that gets the lock is
 * *stamped*, and the writes in the order of their stamps, without those that were undone, are the
 * chain. A state is the content after the first k writes of the chain.
 *
 * Whether a write whose process was killed, or whose COMMIT failed in doubt, is in the chain nobody
 * says at the time. Both cases are followed, each as a *branch* with a reference of its own
 * (sim/sql/sql_reference.h); what is read later decides. Something is wrong when no branch is left
 * that explains it.
 *
 * A read must show a state that is not older than what was acknowledged when it began, nor than
 * what any read that ended before it began has shown, and not newer than the last write that was
 * stamped when it ended.
 *
 * A write that was refused, or acknowledged without having written anything, is no part of the
 * chain: in WAL mode a commit that failed stays in limbo beside it, unseen, and may come after it.
 * Some branch must explain it, and none is given up for it.
 *
 * Writes are run, and reads judged, when everything before them is settled; _settle() says what
 * came of it.
 */
#ifndef AFTERSHOCK_SIM_HISTORY_H
#define AFTERSHOCK_SIM_HISTORY_H

#include "must_check.h"
#include "processes.h"
#include "sql_reference.h"
#include "verdict.h"

#define SIM_HISTORY_WRITES_MAX 1024u
#define SIM_HISTORY_READS_MAX 2048u
#define SIM_HISTORY_BRANCHES_MAX 128u

enum sim_history_outcome {
	SIM_HISTORY_PENDING = 0,
	SIM_HISTORY_ACKNOWLEDGED,
	SIM_HISTORY_UNDONE,  /* rolled back, or never begun: it must not be seen */
	SIM_HISTORY_REFUSED, /* undone, for what it says: the reference must refuse it, too */
	SIM_HISTORY_OPEN,    /* killed in, or in doubt after, its commit */
};

struct sim_history_write {
	uint64_t stamp; /* 0: it never had the write lock */
	uint32_t process;
	uint32_t transaction;       /* of the plan */
	struct sim_instant instant; /* at which it was tried */
	enum sim_history_outcome outcome;
	bool has_written; /* to a journal or WAL; else it has changed nothing */
	bool is_synced;   /* the setting in force at its commit makes it durable */
	bool has_read;    /* the transaction read before it wrote: that must be the state just
	                   * before it */
	uint64_t read[2];
};

/* What is known when a read begins. */
struct sim_history_window {
	uint64_t low_stamp; /* the newest acknowledged write */
	uint64_t reads;     /* that had ended */
};

enum sim_history_reader {
	SIM_HISTORY_OF_PROCESS = 0,
	SIM_HISTORY_OF_CRASH, /* what would be loaded if all processes were dead now: decides
	                       * nothing about what lives */
};

struct sim_history_read {
	enum sim_history_reader kind;
	uint32_t process;
	uint64_t digest[2];
	struct sim_history_window window;
	uint64_t high_stamp;
};

/* One way in which the open writes may have turned out. */
struct sim_history_branch {
	struct sim_sql_reference *reference; /* at its top */
	uint32_t top;                        /* writes that were run */
	bool effective[SIM_HISTORY_WRITES_MAX];
	uint64_t digests[SIM_HISTORY_WRITES_MAX + 1][2]; /* [k]: after the first k writes */
	uint16_t seen[SIM_HISTORY_READS_MAX + 1];        /* [r]: the newest state that one of the
	                                                  * first r reads showed */
};

struct sim_history {
	const struct sim_sql *sql;
	const struct sim_plan *plan;
	uint64_t stamp;              /* the last one given */
	uint64_t acknowledged_stamp; /* the newest of an acknowledged write */
	struct sim_history_write open[SIM_PROCESSES_MAX];
	bool is_open[SIM_PROCESSES_MAX];
	bool has_written[SIM_PROCESSES_MAX];
	bool is_committing[SIM_PROCESSES_MAX];
	uint32_t write_count;
	uint32_t run_count; /* of the writes; those before it are the chain */
	struct sim_history_write writes[SIM_HISTORY_WRITES_MAX];
	uint32_t read_count;
	uint32_t judged_count; /* of the reads */
	struct sim_history_read reads[SIM_HISTORY_READS_MAX];
	uint32_t branch_count;
	struct sim_history_branch *branches[SIM_HISTORY_BRANCHES_MAX]; /* owned */
	/* Branches that a read has ruled out; where a power loss may undo commits they may come
	 * back */
	uint32_t dropped_count;
	struct sim_history_branch *dropped[SIM_HISTORY_BRANCHES_MAX]; /* owned; without reference */
	uint32_t spare_count;
	struct sim_sql_reference *spares[SIM_HISTORY_BRANCHES_MAX]; /* owned */
	uint64_t branches_most;                                     /* at a time */
	bool by_commit; /* at a power loss: nothing but settings makes less owed, so that what was
	                 * synced is owed */
	/* what is wrong */
	bool failed; /* the test bed's own fault: out of memory, or more than there is room for */
	struct sim_violation violation;
	/* what the last sim_history_power_lost() found */
	uint64_t lost;   /* acknowledged writes that are gone */
	bool open_found; /* of the writes whose outcome was open when it came, one that is there */
	bool open_lost;  /* and one that is not */
};

/* Begins with the schema as it was set up. False when out of memory. Give it to _deinit, which
 * takes a zeroed one, too. */
bool sim_history_init(struct sim_history *history, const struct sim_plan *plan) SIM_MUST_CHECK;
void sim_history_deinit(struct sim_history *history);

/* ---- writes: in this order, per process ------------------------------------------------------ */

void sim_history_write_began(struct sim_history *history, uint32_t process, uint32_t transaction);
/* The instant at which it is tried; without that, that of the set-up. */
void sim_history_write_at(struct sim_history *history, uint32_t process, struct sim_instant instant);
/* It reads before it writes. */
void sim_history_write_read(struct sim_history *history, uint32_t process, const uint64_t digest[2]);
/* The process has got the write lock. Ignored when no write has begun. Recovery and a look at a
 * torn header of the WAL index take the lock, too, before the transaction does and after its commit
 * (walIndexReadHdr() in wal.c of 3.40): what counts is the last time before it first writes to a
 * journal or WAL. */
void sim_history_write_locked(struct sim_history *history, uint32_t process);
void sim_history_write_writes(struct sim_history *history, uint32_t process);
/* From here on it may be committed at any moment. */
void sim_history_write_commits(struct sim_history *history, uint32_t process);
/* With a setting that makes it durable, whatever the contract of the run. */
void sim_history_write_synced(struct sim_history *history, uint32_t process, bool is_synced);
/* OPEN without having written is UNDONE. */
void sim_history_write_ended(struct sim_history *history, uint32_t process, enum sim_history_outcome outcome);
/* The process is dead: what it had not begun to commit, or written, is undone, anything else open.
 * True when it is open. */
bool sim_history_write_died(struct sim_history *history, uint32_t process);

/* ---- reads ----------------------------------------------------------------------------------- */

void sim_history_read_begins(const struct sim_history *history, struct sim_history_window *window);
/* The read that began with `window` has shown a content. */
void sim_history_read_ended(struct sim_history *history, enum sim_history_reader kind, uint32_t process,
                            const struct sim_history_window *window, const uint64_t digest[2]);

/* A number that is another one when what may be shown now has become another. */
uint64_t sim_history_admits(const struct sim_history *history);

/* Runs and judges what can be. False when something is wrong. */
bool sim_history_settle(struct sim_history *history) SIM_MUST_CHECK;
/* All processes are dead, and this is what the power loss has left, by the contract. False when it
 * must not be. What it has left is the end of the chain from now on. */
bool sim_history_power_lost(struct sim_history *history, enum sim_contract contract,
                            const uint64_t digest[2]) SIM_MUST_CHECK;

#endif
