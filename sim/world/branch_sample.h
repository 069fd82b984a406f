/* sim/world/branch_sample.h: which points of a run are looked at, when not all are. Calls of one
 * phase are alike, and a run has hundreds of some and one of others. So for each phase, in starts
 * and elsewhere, it is drawn how many moments with that phase are passed over before one is taken.
 * In that moment each call of the phase is as likely as the others, or it is the last one: behind
 * that, most is pending. Nothing of the run itself is drawn from this. */
#ifndef AFTERSHOCK_SIM_BRANCH_SAMPLE_H
#define AFTERSHOCK_SIM_BRANCH_SAMPLE_H

#include "pcg.h"
#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_branch_sample {
	struct sim_pcg32 chance;
	uint32_t wanted;                   /* points of a run, about */
	uint32_t moments;                  /* of a run, about */
	bool starts;                       /* this moment is a start */
	uint32_t seen[2][VFS_PHASE_COUNT]; /* moments that had the phase; of starts apart */
	uint32_t next[2][VFS_PHASE_COUNT]; /* the one that is taken; 0: not drawn yet */
	uint32_t calls[VFS_PHASE_COUNT];   /* of the phase in this moment */
	bool taken[VFS_PHASE_COUNT];       /* this moment is */
	bool late[VFS_PHASE_COUNT];        /* and of it the last call */
};

/* `wanted` >= 1. */
void sim_branch_sample_begin(struct sim_branch_sample *sample, uint64_t seed, uint32_t wanted, uint32_t moments);
void sim_branch_sample_begin_moment(struct sim_branch_sample *sample, bool starts);
/* A call of that phase has changed something. True: it is the point of its phase in this moment, in
 * place of an earlier one. */
bool sim_branch_sample_takes(struct sim_branch_sample *sample, enum vfs_phase phase);

#endif
