/* sim/world/process.h: the lives of a process. One function begins a life, one starts the subject
 * in it, one stops it, one cleans up after a death; every kind of work uses these, with one process
 * and with several.
 *
 *            ┌──────────────── sim_process_stop, sim_process_reap ───────────────┐
 *            ▼                                                                   │
 *   no life ──sim_process_begin──▶ alive ──sim_process_try, _start──▶ the subject runs
 *
 * A process may die in any call. Its calls then fail without effect, and whoever made them looks
 * with sim_process_is_dead() when they have returned. sim_process_step() and sim_process_try() do
 * so themselves.
 */
#ifndef AFTERSHOCK_SIM_PROCESS_H
#define AFTERSHOCK_SIM_PROCESS_H

#include "machine.h"
#include "must_check.h"

enum sim_process_started {
	SIM_PROCESS_RUNS = 0, /* the subject runs, or the run has ended: world->ended says which */
	SIM_PROCESS_LATER,    /* the subject did not start; it may when asked again */
	SIM_PROCESS_DIED,     /* and is reaped */
};

/* The process loses its turn for so long. At once again when it is to unwind. */
void sim_process_sleep(struct sim_process *process, int64_t duration_ns);
/* Of several: the process gives up its turn until its state is READY again. */
void sim_process_yield(struct sim_process *process, enum sim_process_state state);
/* Of several: who could go on, bit 1 << number; sleepers that are due become READY. */
uint32_t sim_process_ready_mask(struct sim_world *world);
bool sim_process_is_dead(const struct sim_process *process);
/* How many processes live, of one engine also the one that was taken over from. */
uint32_t sim_process_count_alive(const struct sim_world *world);

/* What has happened to it since its step or start began: without a reason nothing may fail
 * (S42). */
enum sim_disturbance sim_process_disturbance(const struct sim_process *process);
/* The same since its life began: a connection may go on failing for what failed before. */
enum sim_disturbance sim_process_disturbance_of_life(const struct sim_process *process);

/* Whether the call asks for the write lock of the database, or of its WAL index. */
bool sim_process_is_write_lock(const struct vfs_call *call);

/* The subject, with the static data of that process in place: every call of it begins so. */
const struct aftershock_subject *sim_process_enter(const struct sim_process *process);

/* Around what the process does by itself: its calls are counted from here, and its allocations may
 * fail. */
void sim_process_watch(struct sim_process *process, bool on);

/* A life begins, if there is none: damage of the plan is done, faults of this start are armed.
 * False when the run has ended for want of memory. */
bool sim_process_begin(struct sim_process *process) SIM_MUST_CHECK;
/* One try to start the subject, in a life of its own. */
enum sim_process_started sim_process_try(struct sim_process *process);
/* Tries to start the subject up to `tries` times, if it does not run. False when it does not run
 * after that. */
bool sim_process_start(struct sim_process *process, uint32_t tries);
/* The subject does one step. False when the process died in it; it is reaped then. */
bool sim_process_step(struct sim_process *process, const struct subject_step *step, struct subject_reply *reply);
/* An ordinary end of the life, if there is one. The closing may be what the process dies in. */
void sim_process_stop(struct sim_process *process);
/* It dies in its call, or where a moment of it begins; of a power loss all others die, too. Whoever
 * runs in it unwinds. */
void sim_process_die(struct sim_process *process, enum sim_crash crash);
/* It dies while it is idle: the only process, between two calls of its subject. */
void sim_process_crash(struct sim_process *process, enum sim_crash crash);
/* The same, told of somebody by another name than that of the process. */
void sim_process_stop_as(struct sim_process *process, const char *who);
/* An ordinary stop and one try to start. */
void sim_process_restart(struct sim_process *process);
/* The process has died: closes what it had open, and tells the work. When the power is gone, waits
 * until it is back. */
void sim_process_reap(struct sim_process *process);
/* The run is over: ends whatever life there is, and tells nobody. */
void sim_process_abandon(struct sim_process *process);

/* The database is made by a life of its own, in which nothing is injected, and is durable. False
 * when it cannot be. */
bool sim_process_make_database(struct sim_process *process);
/* Likewise: makes the database one in WAL mode. */
bool sim_process_switch_to_wal(struct sim_process *process);
/* Of a subject that opened another file, or another VFS. */
#define SIM_PROCESS_NO_DATABASE "no database where config->path and config->vfs_name say"
/* The judge's own look: SQLite's integrity check. */
void sim_process_check_database(struct sim_process *process);

#endif
