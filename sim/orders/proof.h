/* sim/orders/proof.h: what the files prove before a start. Where the contract allows an older
 * state, it does not allow one that is older than this (S41).
 *
 * Two things prove a version. First, what SQLite reads in the files as they lie there: a whole
 * state, whose ledger goes with its version. A copy of the disk is read, so nothing that the look
 * does is seen by anybody. Second, the journal of the subject's own: a write of it that was
 * acknowledged, and that still stands in the file byte for byte, shows that its version was
 * reached. So damage at the end of a journal excuses the loss of the end, and damage before intact
 * records excuses nothing.
 */
#ifndef AFTERSHOCK_SIM_PROOF_H
#define AFTERSHOCK_SIM_PROOF_H

#include "machine.h"

#define SIM_PROOF_WRITES_MAX 256u

/* A write to the subject's own journal. */
struct sim_proof_write {
	uint64_t offset;
	uint64_t size;
	uint64_t hash;    /* of its bytes */
	uint64_t version; /* acknowledged with it; 0: not yet */
};

struct sim_proof {
	uint64_t stored;       /* a version that SQLite was given: the database has it, with its
	                        * WAL */
	uint64_t checkpointed; /* a version that the database has by itself */
	bool began_in_start;   /* the WAL was begun anew by the life that is starting */
	uint32_t write_count;
	struct sim_proof_write writes[SIM_PROOF_WRITES_MAX]; /* those that the file may still have,
	                                                      * by offset */
};

/* What was proved before a start. */
struct sim_proved {
	uint64_t database;     /* the version that SQLite reads; 0: none, or no whole state */
	uint64_t journal;      /* the version that the subject's own journal vouches for; 0: none */
	uint64_t checkpointed; /* the version that the last checkpoint left in the database; 0: not
	                        * known */
	uint32_t orphans;      /* kinds of files (bit 1 << enum vfs_file_kind) that prove that a
	                        * database which is missing or empty had pages: nothing may be
	                        * served */
};

/* After a VFS call of any process. `acknowledged`: the version that was acknowledged last. */
void sim_proof_called(struct sim_proof *proof, const struct sim_process *process, const struct vfs_call *call,
                      int result, uint64_t acknowledged);
/* A load was judged: it shows this version. */
void sim_proof_loaded(struct sim_proof *proof, const struct sim_settings *settings, uint64_t version);
/* A step was answered without doubt, and made or left this version. */
void sim_proof_answered(struct sim_proof *proof, uint64_t version);
/* Nobody knows how the step ended: what it wrote proves nothing. */
void sim_proof_forget_open(struct sim_proof *proof);
/* A life is about to begin: forgets what a checkpoint has left where something has happened to
 * that. */
void sim_proof_begin_life(struct sim_proof *proof, const struct sim_world *world);
/* What the files prove as they are now, before a life. Nobody may have them open. What does not
 * stand in the journal any more is forgotten: the life may claim the database without it. */
struct sim_proved sim_proof_look(struct sim_proof *proof, struct sim_world *world);
/* The lowest version that a start may serve; UINT64_MAX: none. `doubted`: the kinds of files (bit 1
 * << enum vfs_file_kind) of which it may have read something older than what is there. */
uint64_t sim_proof_lowest(const struct sim_proved *proved, uint32_t doubted);

#endif
