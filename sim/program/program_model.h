/* sim/program/program_model.h: what says how the program under test must answer, and what it must
 * show: its model, or the program itself on a disk of its own without faults. It does what was
 * acknowledged, in that order. To go back, it begins again and does all of it anew.
 */
#ifndef AFTERSHOCK_SIM_PROGRAM_MODEL_H
#define AFTERSHOCK_SIM_PROGRAM_MODEL_H

#include "instant.h"
#include "machine.h"
#include "must_check.h"
#include "program_state.h"

struct sim_program_model {
	struct sim_world *world;
	const struct aftershock_subject *subject;
	struct sim_process process;        /* whose static data it has; nothing else of it counts */
	struct sim_instant_source instant; /* what it draws from time and chance */
	struct vfs_disk *disk;             /* owned; NULL: it needs none, and so: */
	struct vfs_process *vfs;           /* owned */
	void *instance;
	char reason[SUBJECT_REASON_SIZE]; /* of a start that failed */
};

/* False when out of memory. Give it to _deinit in any case. */
bool sim_program_model_init(struct sim_program_model *model, struct sim_world *world) SIM_MUST_CHECK;
void sim_program_model_deinit(struct sim_program_model *model);
/* Begins again, with nothing stored. False when it does not start: `reason` says why. */
bool sim_program_model_begin(struct sim_program_model *model) SIM_MUST_CHECK;
/* What was answered to an operation. */
struct sim_program_reply {
	struct subject_reply reply;
	char answer[SUBJECT_OPERATION_SIZE];
};

void sim_program_model_apply(struct sim_program_model *model, const char *operation, struct sim_instant instant,
                             struct sim_program_reply *reply);
/* False when out of memory. */
bool sim_program_model_show(struct sim_program_model *model, struct sim_program_state *state) SIM_MUST_CHECK;

#endif
