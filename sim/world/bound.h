/* sim/world/bound.h: what a run may not exceed (S55): one row for each bound among the settings
 * (sim/setting_row.c, section "bound"). */
#ifndef AFTERSHOCK_SIM_BOUND_H
#define AFTERSHOCK_SIM_BOUND_H

#include "machine.h"

/* A call of a living process has ended: the size of what it wrote. What failed counts for
 * nothing. */
void sim_bounds_note_call(struct sim_process *process, const struct vfs_call *call, int result);
/* A step was answered: whether it, or a part of it, was put off. */
void sim_bounds_note_answer(struct sim_process *process, const struct subject_step *step,
                            const struct subject_reply *reply);
/* Everybody has got something through since the faults ended. */
void sim_bounds_note_healed(struct sim_world *world);

#endif
