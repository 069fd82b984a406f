/* sim/sql/process.h: what sim/sql/process.c, the life of one of several processes, and sim/sql/process_work.c, its steps, share. */
#ifndef AFTERSHOCK_SIM_PROCESS_H
#define AFTERSHOCK_SIM_PROCESS_H

#include "processes_world.h"

enum sim_process_result {
	SIM_PROCESS_DONE = 0,
	SIM_PROCESS_AGAIN, /* busy, or the storage failed */
	SIM_PROCESS_DIED,
};

/* ---- sim/sql/process.c --------------------------------------------------------------------------------------------------------- */

struct sim_world *sim_process_world(const struct sim_process *process);
/* Whether its life has ended: looked at after every call of SQLite. */
bool sim_process_is_dead(const struct sim_process *process);
/* Run SQL without parameters on its connection; an SQLite result code. */
int sim_process_sql(const struct sim_process *process, const char *text);
int sim_process_format(const struct sim_process *process, const char *format, ...);
bool sim_process_is_damage(int code);
/* What a step that failed with this code comes to; damage is a violation. */
enum sim_process_result sim_process_failed(struct sim_process *process, int code);

/* ---- sim/sql/process_work.c ---------------------------------------------------------------------------------------------------- */

/* One try of a step, with a connection that is open. */
enum sim_process_result sim_process_do(struct sim_process *process, const struct sim_step *step);

#endif
