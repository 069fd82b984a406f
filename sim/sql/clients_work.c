/* sim/sql/clients_work.c: see clients_work.h. What is followed of the clients' calls, their deaths
 * and steps, power losses, and the last word. A client that has died opens again at its next
 * step. */
#include "clients_work.h"

#include "clients_look.h"
#include "clients_stages.h"
#include "clients_steps.h"
#include "database.h"
#include "plan_promise.h"
#include "loaded.h"

#include <sqlite3.h>
#include <string.h>

/* A client gives up after so many tries; once faults have ended, after the larger number. A lock of
 * the WAL index that could not be given back lasts until its connection is closed, and SQLite waits
 * ten seconds before it says so (walTryBeginRead() in wal.c), first in who waits for the lock, then
 * in who has it. The tries of the first client last 28 seconds. */
#define SIM_CLIENTS_TRIES 12u
#define SIM_CLIENTS_TRIES_AT_END 600u

/* One run at a time: the large parts are made once per operating-system process. */
static struct sim_clients sim_clients_kept;

/* ---- what is followed of their calls --------------------------------------------------------- */

static bool sim_clients_covers(const struct vfs_call *call, enum vfs_shm_slot slot) {
	return call->offset <= (uint64_t)slot && call->offset + call->size > (uint64_t)slot;
}

/* Of the database itself or its WAL: the copy that a backup makes has locks and a WAL, too. */
static bool sim_clients_is_main(const struct vfs_call *call) {
	size_t length = strlen(SIM_WORLD_PATH);
	return call->path != NULL && strncmp(call->path, SIM_WORLD_PATH, length) == 0 &&
	       (call->path[length] == '\0' || call->path[length] == '-');
}

/* A WAL is begun anew in two steps: in the WAL index, for which all read marks are locked, and then
 * on the disk. */
static bool sim_clients_begins_anew(const struct vfs_call *call) {
	uint32_t locks = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
	if (call->method == VFS_METHOD_SHM_LOCK) {
		return (call->flags & locks) == locks && sim_clients_covers(call, VFS_SHM_SLOT_READ_0 + 1) &&
		       sim_clients_covers(call, VFS_SHM_SLOT_COUNT - 1);
	}
	return call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_WAL && call->offset == 0;
}

/* A checkpointer has read which frames there are, and a writer begins the WAL anew before it copies
 * the first: then the frames that it goes by are others. */
static void sim_clients_follow_reset(struct sim_clients *clients, uint32_t process, const struct vfs_call *call) {
	bool is_lock = call->method == VFS_METHOD_SHM_LOCK;
	if (sim_clients_begins_anew(call)) {
		clients->wal_reset_meanwhile |=
		        clients->checkpointer != SIM_PROCESSES_MAX && clients->checkpointer != process;
	} else if (is_lock && sim_clients_covers(call, VFS_SHM_SLOT_CHECKPOINT)) {
		clients->wal_reset_meanwhile = false;
	} else if (is_lock && clients->checkpointer == process && sim_clients_covers(call, VFS_SHM_SLOT_READ_0)) {
		clients->wal_reset_at_checkpoint |= clients->wal_reset_meanwhile;
	}
}

/* Follows two locks of the WAL index: who holds one, and what happens meanwhile. */
static void sim_clients_follow(struct sim_clients *clients, uint32_t process, const struct vfs_call *call, int result) {
	bool unlock = (call->flags & SQLITE_SHM_UNLOCK) != 0;
	if (!sim_clients_is_main(call)) {
		return;
	}
	if (result == SQLITE_OK) {
		sim_clients_follow_reset(clients, process, call);
	}
	if (call->method == VFS_METHOD_SHM_LOCK && result == SQLITE_OK && (call->flags & SQLITE_SHM_EXCLUSIVE) != 0) {
		uint32_t holder = unlock ? SIM_PROCESSES_MAX : process;
		clients->checkpointer =
		        sim_clients_covers(call, VFS_SHM_SLOT_CHECKPOINT) ? holder : clients->checkpointer;
		clients->recoverer = sim_clients_covers(call, VFS_SHM_SLOT_RECOVER) ? holder : clients->recoverer;
	} else if (call->method == VFS_METHOD_READ && call->file_kind == VFS_FILE_WAL &&
	           clients->recoverer == process) {
		clients->recovery_could_not_read |= result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ;
	}
}

/* A process leaves WAL mode in two steps: it gets rid of the WAL, and it writes into page 1 that
 * the mode is another. sqlite3PagerCloseWal() asks first whether there is a WAL, and xAccess says
 * no of an empty file, too. And sqlite3PagerSharedLock() gives the exclusive lock back in
 * between. */
static void sim_clients_follow_switch(const struct sim_process *process, const struct vfs_call *call, int result,
                                      uint64_t value) {
	const struct sim_world *world = process->world;
	struct sim_clients_member *member = sim_clients_member(process);
	bool is_wal = call->file_kind == VFS_FILE_WAL;
	if (world->plan->steps[process->step].kind != SIM_STEP_SWITCH) {
		member->leaving = SIM_CLIENTS_STAYS;
	} else if (is_wal && call->method == VFS_METHOD_DELETE && result == SQLITE_OK) {
		member->leaving = SIM_CLIENTS_LEFT_CLOSED;
		member->wal_went_on = false;
	} else if (is_wal && call->method == VFS_METHOD_ACCESS && value == 0 && member->leaving == SIM_CLIENTS_STAYS) {
		member->leaving = SIM_CLIENTS_LEFT_UNSEEN;
		member->wal_went_on = false;
	} else if (call->file_kind == VFS_FILE_DB && call->method == VFS_METHOD_WRITE && call->offset == 0) {
		sim_clients_of(world)->left_wal_beside_others[member->leaving] |= member->wal_went_on;
		member->leaving = SIM_CLIENTS_STAYS;
	}
}

/* Whoever has left by now, others go on in WAL mode. */
static void sim_clients_follow_wal(struct sim_clients *clients, uint32_t process, const struct vfs_call *call) {
	if (call->file_kind != VFS_FILE_WAL || call->method != VFS_METHOD_WRITE) {
		return;
	}
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		clients->members[i].wal_went_on |= i != process;
	}
}

/* Who keeps its locks asks for none: nobody else has had the write lock since, so it gets it at the
 * moment when it writes. */
static void sim_clients_note_kept_lock(struct sim_process *process) {
	struct sim_history *history = &sim_clients_of(process->world)->history;
	bool keeps = sim_clients_member(process)->tuned.keeps_locks;
	if (keeps && history->is_open[process->number] && history->open[process->number].stamp == 0) {
		sim_history_write_locked(history, process->number);
		sim_world_reach(process->world, SIM_PROBE_LOCK_KEPT);
	}
}

static void sim_clients_called(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_clients *clients = sim_clients_of(process->world);
	struct sim_history *history = &clients->history;
	sim_clients_follow_switch(process, call, result, value);
	sim_clients_follow_wal(clients, process->number, call);
	sim_super_names_note(&clients->super_names, process->number, call, result, value);
	if (call->method == VFS_METHOD_WRITE &&
	    (call->file_kind == VFS_FILE_WAL || call->file_kind == VFS_FILE_JOURNAL)) {
		sim_clients_note_kept_lock(process);
		sim_history_write_writes(history, process->number);
	}
	sim_clients_follow(clients, process->number, call, result);
	/* Whoever gets the write lock of the database is the next writer. */
	if (result == SQLITE_OK && sim_process_is_write_lock(call)) {
		sim_history_write_locked(history, process->number);
	}
}

/* ---- deaths ---------------------------------------------------------------------------------- */

/* It is dead, and closed: the judge looks at what it has left. When the power is gone, others have
 * to be closed first. */
static void sim_clients_died(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_clients *clients = sim_clients_of(world);
	struct sim_clients_member *member = sim_clients_member(process);
	struct sim_history_window window;
	uint64_t digest[2];
	clients->checkpointer = clients->checkpointer == process->number ? SIM_PROCESSES_MAX : clients->checkpointer;
	clients->recoverer = clients->recoverer == process->number ? SIM_PROCESSES_MAX : clients->recoverer;
	member->must_restart = false;
	member->leaving = SIM_CLIENTS_STAYS;
	member->left_open = sim_history_write_died(&clients->history, process->number);
	sim_world_reach_if(world, member->left_open, SIM_PROBE_COMMIT_LEFT_OPEN);
	if (world->down) {
		return;
	}
	world->result->crash_states++;
	sim_history_read_begins(&clients->history, &window);
	if (sim_clients_look(world, digest)) {
		sim_history_read_ended(&clients->history, SIM_HISTORY_OF_CRASH, SIM_PROCESSES_MAX, &window, digest);
		sim_clients_settle(world);
	}
}

/* What is left is judged at once, on a copy: so nobody's recovery is disturbed. */
static void sim_clients_power_lost(struct sim_world *world, enum sim_contract contract) {
	struct sim_history *history = &sim_clients_of(world)->history;
	struct sim_run_result *result = world->result;
	uint64_t digest[2];
	result->crash_states++;
	if (!sim_clients_look(world, digest)) {
		return;
	}
	history->by_commit = sim_owed_goes_by_settings(&world->owed);
	bool fine = sim_history_power_lost(history, contract, digest);
	result->lost += history->lost;
	result->lost_most = history->lost > result->lost_most ? history->lost : result->lost_most;
	if (!fine) {
		sim_clients_settle(world);
		return;
	}
	sim_loaded_reach(&world->processes[0], history->open_found, history->open_lost, history->lost);
	sim_owed_note_load(&world->owed, true);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* One try to start, if it does not run; one that works no more is stopped before. */
static enum sim_clients_result sim_clients_start(struct sim_process *process) {
	struct sim_clients_member *member = sim_clients_member(process);
	if (member->must_restart) {
		member->must_restart = false;
		sim_process_stop(process);
	}
	if (process->instance != NULL) {
		return SIM_CLIENTS_DONE;
	}
	switch (sim_process_try(process)) {
	case SIM_PROCESS_RUNS:
		return process->world->ended ? SIM_CLIENTS_AGAIN : SIM_CLIENTS_DONE;
	case SIM_PROCESS_DIED:
		return SIM_CLIENTS_DIED;
	case SIM_PROCESS_LATER:
		break;
	}
	return SIM_CLIENTS_AGAIN;
}

static enum sim_clients_result sim_clients_try(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = process->world;
	sim_clients_member(process)->left_open = false;
	enum sim_clients_result result = sim_clients_start(process);
	if (result == SIM_CLIENTS_DONE) {
		result = sim_clients_do(process, step);
	}
	world->stalled_ns = 0;
	sim_clients_settle(world);
	return result;
}

/* A commit that was left open is not tried again: it may have been done. True when the step is done
 * with. */
static bool sim_clients_persist(struct sim_process *process, const struct sim_step *step, uint32_t tries) {
	for (uint32_t i = 0; i < tries && !process->world->ended; i++) {
		enum sim_clients_result result = sim_clients_try(process, step);
		if (result == SIM_CLIENTS_DONE ||
		    (result == SIM_CLIENTS_DIED && sim_clients_member(process)->left_open)) {
			return true;
		}
		if (result == SIM_CLIENTS_AGAIN) {
			uint32_t factor = i < 16 ? i + 1 : 16;
			sim_process_sleep(process, (int64_t)factor * (3 + 2 * process->number) * 1000000);
		}
	}
	return false;
}

static void sim_clients_step(struct sim_process *process, const struct sim_step *step) {
	struct sim_clients_member *member = sim_clients_member(process);
	member->last = step->kind == SIM_STEP_TRANSACTION ? step->transaction : member->last;
	if (step->kind == SIM_STEP_RESTART) {
		sim_process_stop(process);
	} else if (!sim_clients_persist(process, step, SIM_CLIENTS_TRIES)) {
		sim_world_reach(process->world, SIM_PROBE_GAVE_UP);
	}
}

/* Faults have ended, and all others are here, too: what it did last, or a look, must now get
 * through. */
static void sim_clients_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	const struct sim_clients_member *member = sim_clients_member(process);
	const struct sim_step look = {.kind = SIM_STEP_LOOK, .looks = 1};
	const struct sim_step write = {.kind = SIM_STEP_TRANSACTION, .transaction = member->last};
	bool writes = member->last != UINT32_MAX;
	/* It may have locks that it keeps. */
	if (member->tuned.is_tuned) {
		sim_process_stop(process);
	}
	if (sim_clients_persist(process, writes ? &write : &look, SIM_CLIENTS_TRIES_AT_END) || world->ended) {
		return;
	}
	sim_clients_violated(world, "no_starvation", "%s does not get %s through in %u tries after the faults",
	                     process->name, writes ? "a transaction" : "a look", SIM_CLIENTS_TRIES_AT_END);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* A database in WAL mode is so before the processes come. */
static bool sim_clients_make_database(struct sim_world *world) {
	struct sim_process *first = &world->processes[0];
	world->owed.journal_modes = sim_plan_promise_modes(world->plan);
	if (!sim_contract_keeps_apart(&world->plan->settings, world->owed.journal_modes) ||
	    sim_plan_promise_is_unlocked(world->plan)) {
		sim_owed_note_unlocked(&world->owed, &world->plan->settings);
	}
	return sim_database_make(first, &sim_clients_of(world)->schema) &&
	       (world->plan->settings.journal_mode != SIM_JOURNAL_WAL || sim_process_switch_to_wal(first));
}

static bool sim_clients_begin(struct sim_world *world) {
	struct sim_clients *clients = &sim_clients_kept;
	memset(clients, 0, sizeof *clients);
	clients->checkpointer = clients->recoverer = SIM_PROCESSES_MAX;
	world->own = clients;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		clients->members[i].last = UINT32_MAX;
		sim_clients_stages_init(&world->processes[i]);
	}
	return sim_database_begin(world) && sim_history_init(&clients->history, world->plan) &&
	       sim_clients_make_database(world);
}

static void sim_clients_configure(struct sim_process *process, struct subject_config *config) {
	struct subject_schema *schema = &sim_clients_of(process->world)->schema;
	config->schema = schema;
	sim_tuned_begin(&sim_clients_member(process)->tuned, process->world);
	config->client = schema->make ? NULL : &sim_clients_member(process)->client;
	config->access =
	        schema->make ? SUBJECT_ACCESS_USUAL : process->world->plan->processes.members[process->number].access;
}

/* Nothing that strikes these processes may damage it. */
static void sim_clients_refused(struct sim_process *process, const char *reason) {
	sim_clients_violated(process->world, "database_intact", "%s finds the database damaged: %s", process->name,
	                     reason);
}

/* Nobody is left: the last word is that of the judge. */
static void sim_clients_conclude(struct sim_world *world) {
	struct sim_history *history = &sim_clients_of(world)->history;
	struct sim_history_window window;
	uint64_t digest[2];
	sim_history_read_begins(history, &window);
	if (sim_clients_look(world, digest)) {
		sim_history_read_ended(history, SIM_HISTORY_OF_PROCESS, SIM_PROCESSES_MAX, &window, digest);
		sim_clients_settle(world);
	}
}

static uint64_t sim_clients_admits(const struct sim_world *world) {
	return sim_history_admits(&sim_clients_of(world)->history);
}

static void sim_clients_end(struct sim_world *world) {
	sim_history_deinit(&sim_clients_of(world)->history);
	sim_database_end(world);
}

const struct sim_work sim_clients_work = {.judges_reasons = true,
                                          .begin = sim_clients_begin,
                                          .configure = sim_clients_configure,
                                          .refused = sim_clients_refused,
                                          .step = sim_clients_step,
                                          .called = sim_clients_called,
                                          .died = sim_clients_died,
                                          .power_lost = sim_clients_power_lost,
                                          .finish = sim_clients_finish,
                                          .conclude = sim_clients_conclude,
                                          .end = sim_clients_end,
                                          .admits = sim_clients_admits};
