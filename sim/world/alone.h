/* sim/world/alone.h: what each kind of work does with a process that is alone on its database: one
 * client of SQL, or a program. Private to the rooms that make up a run.
 */
#ifndef AFTERSHOCK_SIM_ALONE_H
#define AFTERSHOCK_SIM_ALONE_H

#include "process.h"

/* Whether the step is a restart or a crash between two calls; then it is done. */
bool sim_alone_step(struct sim_process *process, enum sim_step_kind kind);
/* The figures and probes of an answer. */
void sim_alone_reach_answer(struct sim_world *world, enum subject_outcome outcome);
/* It is to be started anew, or goes on with the connection that it has. */
void sim_alone_take_reply(struct sim_process *process, const struct subject_reply *reply);
/* Faults end. From here on a start must succeed, and `tries` must have something decided, one way
 * or the other. False when that does not come, and when the run has ended. */
bool sim_alone_heal(struct sim_process *process, bool (*tries)(struct sim_world *world));
/* The last words: it is started and stopped once more, and the database is intact. */
void sim_alone_finish(struct sim_process *process);

#endif
