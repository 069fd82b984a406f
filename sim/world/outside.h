/* sim/world/outside.h: what people and their tools do to files from outside: remove them, empty
 * them, put older copies or those of another database in their place, carry the database over alone
 * (docs/fault-model.md, section 5).
 *
 * Most of it is done while nobody has the files open, before a start. `unlink` and `replace` take
 * the name of a file away while a process goes on with the file that it has open.
 *
 * What is owed afterwards follows from what was taken, and not from the kind: SQLite reads a copy
 * of the disk before the change and after it.
 *
 *   the same content                              nothing was taken, and nothing less is owed
 *   another one, and the files are whole          an older state: `prefix`
 *   another one, of files that do not belong      a mixture: `detect`
 *     together
 */
#ifndef AFTERSHOCK_SIM_OUTSIDE_H
#define AFTERSHOCK_SIM_OUTSIDE_H

#include "machine.h"

/* The moment has come: copies are made that are put back later. */
void sim_outside_copy(struct sim_world *world, enum sim_moment moment, uint32_t number);
/* The copy that a fault at a call needs, when it is armed. */
void sim_outside_copy_for(struct sim_world *world, uint32_t fault_number);

/* Before start `number`. False when it cannot be done yet: the fault stays due. */
bool sim_outside_strike(struct sim_world *world, uint32_t fault_number);
/* A copy is put back before the n-th start from its moment on. Call it once before each start. */
bool sim_outside_is_due(struct sim_world *world, uint32_t fault_number);
/* While a process has the file of the call open. False when it cannot be done now. */
bool sim_outside_strike_open(struct sim_process *process, uint32_t fault_number, const struct vfs_call *call);

#endif
