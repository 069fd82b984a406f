/* sim/world/inject.h: faults of the plan meet the calls, allocations and files of the processes.
 *
 *   idle ──sim_inject_arm, sim_inject_damage──▶ armed ──a matching call is due──▶ injecting
 *        ──as often as it says──▶ done
 *
 * A fault that cannot have its effect at the call that it meets has it before the call. A call that
 * no operating system could fail in that way is passed over and not counted (S8).
 */
#ifndef AFTERSHOCK_SIM_INJECT_H
#define AFTERSHOCK_SIM_INJECT_H

#include "machine.h"

#define SIM_INJECT_CALL_SIZE 80u

/* "xSync of the db, database_sync". */
void sim_inject_name_call(const struct vfs_call *call, enum vfs_phase phase, char text[SIM_INJECT_CALL_SIZE]);

/* The moment has come: arms the faults that wait for it. */
void sim_inject_arm(struct sim_world *world, enum sim_moment moment, uint32_t number);
/* Damage that the plan does between two lives, before start `number`. */
void sim_inject_damage(struct sim_world *world, uint32_t number);
/* Every call of a process passes these two: the first decides what happens to it, the second traces
 * it. */
void sim_inject_before(struct sim_process *process, const struct vfs_call *call, struct vfs_answer *answer);
void sim_inject_after(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value);
/* On: SQLite's allocations are the process's, and count for the faults that fail them. Off: they
 * are the harness's. */
void sim_inject_watch_memory(struct sim_process *process, bool on);

#endif
