/* sim/sql/tuned.h: what pragmas have made of one connection since it was opened, as far as it
 * matters to who judges. Private to this room.
 */
#ifndef AFTERSHOCK_SIM_TUNED_H
#define AFTERSHOCK_SIM_TUNED_H

#include "machine.h"

struct sim_tuned {
	enum sim_synchronous synchronous; /* in force */
	bool keeps_locks;                 /* since a locking_mode = exclusive: it may have the write
	                                   * lock already */
	bool is_tuned;                    /* in any way */
};

/* A connection is opened: with what the settings say. */
void sim_tuned_begin(struct sim_tuned *tuned, const struct sim_world *world);
/* It was given the tuning of that number. Makes less owed where that is weaker. */
void sim_tuned_note(struct sim_tuned *tuned, struct sim_world *world, uint32_t number);
/* Whether a commit with that setting survives a power loss by itself, in a run whose commits may
 * have different ones. False where there is only one, or the journal mode may change. */
bool sim_tuned_is_durable(const struct sim_world *world, enum sim_synchronous synchronous);

#endif
