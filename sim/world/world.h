/* sim/world/world.h: a run: the bodies of the processes go through the steps of the plan, one after
 * the other or in turns; then faults end, and the world must heal.
 *
 * With one process its body runs on the stack of the run. With several each body is a coroutine
 * (sim/world/coroutine.h): every VFS call of any of them asks the schedule whose turn it is
 * (sim/schedule.h), and faults are injected when the turn has come back. A process that dies
 * unwinds without losing its turn, because SQLite goes on writing to shared memory meanwhile
 * (vfs/README.md).
 */
#ifndef AFTERSHOCK_SIM_WORLD_H
#define AFTERSHOCK_SIM_WORLD_H

#include "machine.h"
#include "process.h"

/* All wait for locks for so long, and nobody gets one. */
#define SIM_WORLD_STALL_NS INT64_C(120000000000)

/* Runs the plan of a world whose machine is set up. What came of it is in world->result and
 * world->violation. */
void sim_world_run(struct sim_world *world);
/* The end of the faults: nothing is injected any more, and what lasts ends. */
void sim_world_end_faults(struct sim_world *world);

#endif
