/* sim/orders/rival.c: what one engine of several does: it starts, is given reports, is stopped when it says so, and starts again; and what a
 * reader of the database file does beside them. Death shows after a call, in vfs_process_is_dead(). */
#include "rivals.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

enum sim_rival_result {
	SIM_RIVAL_DONE = 0,
	SIM_RIVAL_AGAIN, /* later: busy, fenced, or the storage failed */
	SIM_RIVAL_DIED,
};

static struct sim_world *sim_rival_world(const struct sim_process *process) {
	return process->all->world;
}

static struct sim_rival *sim_rival_of(const struct sim_process *process) {
	return &process->all->rivals->members[process->number];
}

static bool sim_rival_is_dead(const struct sim_process *process) {
	return process->vfs != NULL && vfs_process_is_dead(process->vfs);
}

/* Around what the subject does: it is its process that makes the calls, and its allocations can fail. */
static void sim_rival_watch(struct sim_process *process, bool on) {
	process->watched = on;
	process->calls = process->portions = 0;
	sim_strike_watch_memory(sim_rival_world(process), on);
}

/* ---- lives ----------------------------------------------------------------------------------------------------------------- */

/* When the power is gone, others have to be buried first. */
static void sim_rival_bury(struct sim_process *process) {
	struct sim_processes_world *all = process->all;
	struct sim_rival *rival = sim_rival_of(process);
	sim_rival_watch(process, false);
	if (rival->instance != NULL) {
		all->world->subject->stop(rival->instance);
		rival->instance = NULL;
	}
	sqlite3_close(process->connection);
	process->connection = NULL;
	process->starting = false;
	sim_process_end_life(process);
	if (all->down) {
		sim_process_yield(process, SIM_PROCESS_DOWN);
		return;
	}
	all->world->just_died = SIM_CRASH_NONE;
	all->world->result->crash_states++;
}

/* An ordinary end; the close may be what it dies in. */
static void sim_rival_stop(struct sim_process *process) {
	struct sim_rival *rival = sim_rival_of(process);
	if (process->vfs == NULL) {
		return;
	}
	if (rival->instance != NULL) {
		sim_rival_watch(process, true);
		sim_rival_world(process)->subject->stop(rival->instance);
		sim_rival_watch(process, false);
		rival->instance = NULL;
	}
	sqlite3_close(process->connection);
	process->connection = NULL;
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
		return;
	}
	sim_process_end_life(process);
	sim_world_note(sim_rival_world(process), SIM_EVENT_STOP, 0, process->number, process->name);
}

static bool sim_rival_judge_start(struct sim_process *process, uint64_t floor) {
	struct sim_world *world = sim_rival_world(process);
	bool was_first = process->all->rivals->start_count == 0;
	sim_view_take(world->view, world->subject, sim_rival_of(process)->instance);
	sim_world_note(world, SIM_EVENT_LOADED, world->view->position_count, world->view->version, NULL);
	sim_world_reach(world, was_first ? SIM_PROBE_NONE : SIM_PROBE_TAKEOVER);
	return sim_rivals_loaded(process->all, sim_rival_of(process), world->view, floor);
}

static enum sim_rival_result sim_rival_started(struct sim_process *process, enum subject_start_status status,
                                               uint64_t floor, const char *reason) {
	struct sim_world *world = sim_rival_world(process);
	sim_world_note(world, SIM_EVENT_START, (uint32_t)status, world->incarnation, reason);
	switch (status) {
	case SUBJECT_STARTED:
		sim_rival_judge_start(process, floor);
		return SIM_RIVAL_DONE;
	case SUBJECT_START_LATER:
		sim_world_reach(world, SIM_PROBE_START_FAILED);
		sim_process_end_life(process);
		return SIM_RIVAL_AGAIN;
	case SUBJECT_START_DAMAGED:
		sim_processes_violated(process->all, "loaded_equals_committed",
		                       "refused as damaged, and nothing damaged it: %.120s", reason);
		break;
	case SUBJECT_START_NONE:
	case SUBJECT_START_MISCONFIGURED:
		sim_processes_violated(process->all, "progress_after_faults", "start says %d: %.160s", (int)status,
		                       reason);
		break;
	}
	sim_process_end_life(process);
	return SIM_RIVAL_AGAIN;
}

static enum sim_rival_result sim_rival_start(struct sim_process *process) {
	struct sim_world *world = sim_rival_world(process);
	struct sim_rival *rival = sim_rival_of(process);
	struct subject_config config;
	char reason[SUBJECT_REASON_SIZE] = "";
	uint64_t floor = process->all->rivals->floor;
	if (rival->instance != NULL) {
		return SIM_RIVAL_DONE;
	}
	if (!sim_process_begin_life(process)) {
		return SIM_RIVAL_AGAIN;
	}
	sim_life_configure(world, process->vfs, &config);
	process->starting = true;
	sim_rival_watch(process, true);
	enum subject_start_status status = world->subject->start(&config, &rival->instance, reason);
	sim_rival_watch(process, false);
	process->starting = false;
	world->result->restarts++;
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
		return SIM_RIVAL_DIED;
	}
	return sim_rival_started(process, status, floor, reason);
}

/* ---- reports --------------------------------------------------------------------------------------------------------------- */

static void sim_rival_reach(struct sim_process *process, const struct subject_reply *reply) {
	struct sim_world *world = sim_rival_world(process);
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		world->result->updates++;
		sim_world_reach(world, SIM_PROBE_UPDATE_ACKNOWLEDGED);
		break;
	case SUBJECT_UNCHANGED:
		sim_world_reach(world, SIM_PROBE_DUPLICATE_UNCHANGED);
		break;
	case SUBJECT_LATER:
		sim_world_reach(world, SIM_PROBE_SAVE_FAILED);
		break;
	case SUBJECT_IN_DOUBT:
		sim_world_reach(world, SIM_PROBE_IN_DOUBT);
		break;
	case SUBJECT_STOPPED:
		sim_world_reach(world, SIM_PROBE_FORMER_FENCED);
		break;
	case SUBJECT_REFUSED:
	case SUBJECT_OUTCOME_NONE:
		break;
	}
}

/* The answer is there, and the process alive. */
static enum sim_rival_result sim_rival_take_answer(struct sim_process *process, uint32_t report,
                                                   const struct subject_reply *reply) {
	struct sim_world *world = sim_rival_world(process);
	struct sim_rival *rival = sim_rival_of(process);
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, reply->version, reply->reason);
	if (!sim_rivals_answered(process->all, rival, report, reply)) {
		return SIM_RIVAL_AGAIN;
	}
	sim_rival_reach(process, reply);
	sim_view_take(world->view, world->subject, rival->instance);
	if (!sim_rivals_memory(process->all, rival, world->view)) {
		return SIM_RIVAL_AGAIN;
	}
	bool settled = reply->outcome == SUBJECT_ACKNOWLEDGED || reply->outcome == SUBJECT_UNCHANGED ||
	               reply->outcome == SUBJECT_REFUSED;
	world->acknowledged[report] |= settled;
	if (reply->must_restart) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_rival_stop(process);
	}
	return settled ? SIM_RIVAL_DONE : SIM_RIVAL_AGAIN;
}

static enum sim_rival_result sim_rival_send(struct sim_process *process, uint32_t report) {
	struct sim_world *world = sim_rival_world(process);
	const struct subject_step step = sim_delivery_step(&world->plan->reports[report]);
	struct subject_reply reply = {0};
	enum sim_rival_result started = sim_rival_start(process);
	if (started != SIM_RIVAL_DONE || world->ended) {
		return started;
	}
	sim_rivals_sent(process->all->rivals, report);
	sim_rival_watch(process, true);
	world->subject->step(sim_rival_of(process)->instance, &step, &reply);
	sim_rival_watch(process, false);
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
		return SIM_RIVAL_DIED;
	}
	return world->ended ? SIM_RIVAL_AGAIN : sim_rival_take_answer(process, report, &reply);
}

/* An engine that says that fills are missing is sent all of the order, also what another one has acknowledged. */
static void sim_rival_fill_gap(struct sim_process *process, uint32_t report) {
	struct sim_world *world = sim_rival_world(process);
	for (uint32_t i = 0; i < report && !world->ended; i++) {
		if (world->plan->reports[i].order == world->plan->reports[report].order) {
			sim_rival_send(process, i);
		}
	}
}

static bool sim_rival_has_gap(const struct sim_process *process, uint32_t report) {
	const struct sim_rival *rival = sim_rival_of(process);
	return rival->instance != NULL &&
	       sim_model_predict(&rival->model, sim_rival_world(process)->plan, report) == SIM_MODEL_GAP;
}

/* True when it is settled. */
static bool sim_rival_deliver(struct sim_process *process, uint32_t report) {
	if (sim_rival_send(process, report) == SIM_RIVAL_DONE) {
		return true;
	}
	if (sim_rival_has_gap(process, report)) {
		sim_rival_fill_gap(process, report);
	}
	return false;
}

static bool sim_rival_is_due(const struct sim_world *world, uint32_t report) {
	return world->sent[report] && !world->acknowledged[report] && sim_delivery_may_send(world, report);
}

/* What was sent and nobody has acknowledged goes out again, in its order. True when nothing is left. */
static bool sim_rival_send_backlog(struct sim_process *process) {
	const struct sim_world *world = sim_rival_world(process);
	bool all = true;
	for (uint32_t report = 0; report < world->plan->report_count && !world->ended; report++) {
		if (sim_rival_is_due(world, report)) {
			all = sim_rival_deliver(process, report) && all;
		}
	}
	return all;
}

static void sim_rival_pause(struct sim_process *process, uint32_t tries) {
	uint32_t factor = tries < 16 ? tries + 1 : 16;
	sim_process_sleep(process, (int64_t)factor * (3 + 2 * process->number) * 1000000);
}

static bool sim_rival_persist(struct sim_process *process, uint32_t tries) {
	for (uint32_t i = 0; i < tries && !sim_rival_world(process)->ended; i++) {
		if (sim_rival_send_backlog(process)) {
			return true;
		}
		sim_rival_pause(process, i);
	}
	return false;
}

static void sim_rival_checkpoint(struct sim_process *process) {
	const struct subject_step step = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct sim_world *world = sim_rival_world(process);
	struct sim_rival *rival = sim_rival_of(process);
	struct subject_reply reply = {0};
	if (sim_rival_start(process) != SIM_RIVAL_DONE || world->ended) {
		return;
	}
	sim_rival_watch(process, true);
	world->subject->step(rival->instance, &step, &reply);
	sim_rival_watch(process, false);
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
		return;
	}
	if (!world->ended) {
		sim_view_take(world->view, world->subject, rival->instance);
		sim_rivals_memory(process->all, rival, world->view);
	}
	if (reply.must_restart) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_rival_stop(process);
	}
}

/* ---- a reader beside them ---------------------------------------------------------------------------------------------------- */

static int sim_rival_number(sqlite3 *connection, const char *sql, uint64_t numbers[2]) {
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(connection, sql, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		numbers[0] = (uint64_t)sqlite3_column_int64(rows, 0);
		numbers[1] = (uint64_t)sqlite3_column_int64(rows, 1);
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_ROW ? final : code == SQLITE_DONE ? SQLITE_EMPTY : code;
}

static int sim_rival_read(sqlite3 *connection, struct sim_rivals_look *look) {
	uint64_t numbers[2] = {0, 0};
	int code = sim_rival_number(connection, "SELECT version,epoch FROM meta", numbers);
	look->version = numbers[0];
	look->epoch = numbers[1];
	if (code == SQLITE_OK) {
		code = sim_rival_number(connection, "SELECT count(*),ifnull(max(version),0) FROM executions", numbers);
	}
	look->executions = numbers[0];
	look->newest = numbers[1];
	return code;
}

static bool sim_rival_same(const struct sim_rivals_look *a, const struct sim_rivals_look *b) {
	return a->version == b->version && a->epoch == b->epoch && a->executions == b->executions &&
	       a->newest == b->newest;
}

/* One snapshot, looked at again after a while. An SQLite result code. */
static int sim_rival_look_through(struct sim_process *process, const struct sim_step *step) {
	struct sim_processes_world *all = process->all;
	struct sim_rivals_look first;
	sim_rivals_look_begins(all->rivals, &first);
	int code = sqlite3_exec(process->connection, "BEGIN", NULL, NULL, NULL);
	code = code == SQLITE_OK ? sim_rival_read(process->connection, &first) : code;
	if (code == SQLITE_OK && !sim_rival_is_dead(process)) {
		sim_rivals_look_ended(all, &first, process->name);
	}
	for (uint32_t i = 1; code == SQLITE_OK && i < step->report && !all->world->ended; i++) {
		struct sim_rivals_look again = first;
		sim_process_sleep(process, (int64_t)step->hold_ms * 1000000);
		code = sim_rival_read(process->connection, &again);
		if (code == SQLITE_OK && !sim_rival_is_dead(process) && !sim_rival_same(&first, &again)) {
			sim_processes_violated(all, "snapshot_isolation",
			                       "%s sees another version at look %u of one snapshot", process->name,
			                       i + 1);
		}
		sim_world_reach(all->world, code == SQLITE_OK ? SIM_PROBE_SNAPSHOT_HELD : SIM_PROBE_NONE);
	}
	return code;
}

/* That there is no database yet, or that it is busy, is an answer. */
static void sim_rival_look(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = sim_rival_world(process);
	int code = SQLITE_OK;
	sim_rival_watch(process, true);
	if (process->connection == NULL && sim_process_begin_life(process)) {
		process->starting = true;
		code = sqlite3_open_v2(SIM_WORLD_PATH, &process->connection, SQLITE_OPEN_READWRITE,
		                       vfs_process_name(process->vfs));
		if (code == SQLITE_OK) {
			sqlite3_busy_timeout(process->connection, (int)world->plan->settings.busy_timeout_ms);
		}
		process->starting = false;
	}
	code = code == SQLITE_OK ? sim_rival_look_through(process, step) : code;
	if (process->connection != NULL && sqlite3_get_autocommit(process->connection) == 0) {
		sqlite3_exec(process->connection, "ROLLBACK", NULL, NULL, NULL);
	}
	sim_rival_watch(process, false);
	sim_world_reach(world, code == SQLITE_OK ? SIM_PROBE_NONE : SIM_PROBE_VIEW_UNAVAILABLE);
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
	} else if (code != SQLITE_OK) {
		sim_rival_stop(process);
	}
}

/* ---- steps ------------------------------------------------------------------------------------------------------------------- */

static void sim_rival_do(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = sim_rival_world(process);
	switch (step->kind) {
	case SIM_STEP_DELIVER:
		world->sent[step->report] = true;
		sim_rival_persist(process, SIM_RIVAL_TRIES);
		break;
	case SIM_STEP_AGAIN:
		sim_rival_send(process, step->report);
		break;
	case SIM_STEP_RESTART:
		sim_rival_stop(process);
		break;
	case SIM_STEP_CHECKPOINT:
		sim_rival_checkpoint(process);
		break;
	case SIM_STEP_LOOK:
		sim_rival_look(process, step);
		break;
	case SIM_STEP_NONE:
	case SIM_STEP_TRANSACTION:
	case SIM_STEP_TAKEOVER:
	case SIM_STEP_WAKE:
	case SIM_STEP_TRADE:
	case SIM_STEP_RETIRE:
	case SIM_STEP_BATCH:
	case SIM_STEP_BACKUP:
	case SIM_STEP_VACUUM:
	case SIM_STEP_CHECK:
	case SIM_STEP_SWITCH:
		break;
	}
}

static void sim_rival_step(struct sim_process *process, uint32_t number) {
	struct sim_world *world = sim_rival_world(process);
	const struct sim_step *step = &world->plan->steps[number];
	sim_process_sleep(process, (int64_t)step->pause_ms * 1000000);
	if (sim_rival_is_dead(process)) {
		sim_rival_bury(process);
	}
	if (world->ended) {
		return;
	}
	process->step = number;
	sim_strike_arm(world, SIM_MOMENT_STEP, number);
	sim_world_note(world, SIM_EVENT_STEP, (uint32_t)step->kind, number, process->name);
	world->result->steps++;
	sim_rival_do(process, step);
}

/* The power may go meanwhile. */
static void sim_rival_wait_for_all(struct sim_process *process) {
	while (!process->all->finishing && !sim_rival_world(process)->ended) {
		sim_process_yield(process, SIM_PROCESS_WAITS);
		if (sim_rival_is_dead(process)) {
			sim_rival_bury(process);
		}
	}
}

static uint32_t sim_rival_first(const struct sim_processes_plan *plan) {
	uint32_t first = 0;
	while (first + 1 < plan->count && plan->members[first].role != SIM_ROLE_ENGINE) {
		first++;
	}
	return first;
}

/* Faults have ended: the first engine must get everything through while the others close. */
static void sim_rival_finish(struct sim_process *process) {
	struct sim_world *world = sim_rival_world(process);
	if (process->number != sim_rival_first(&world->plan->processes)) {
		return;
	}
	memset(world->sent, 1, world->plan->report_count * sizeof world->sent[0]);
	if (!sim_rival_persist(process, SIM_RIVAL_TRIES_AT_END)) {
		sim_processes_violated(process->all, "no_starvation",
		                       "%s does not get everything acknowledged in %u tries after the faults",
		                       process->name, SIM_RIVAL_TRIES_AT_END);
	}
}

void sim_rival_main(void *context) {
	struct sim_process *process = context;
	const struct sim_plan *plan = sim_rival_world(process)->plan;
	for (uint32_t i = 0; i < plan->step_count && !sim_rival_world(process)->ended; i++) {
		if (plan->steps[i].process == process->number) {
			sim_rival_step(process, i);
		}
	}
	if (!sim_rival_world(process)->ended) {
		sim_rival_wait_for_all(process);
	}
	if (!sim_rival_world(process)->ended) {
		sim_rival_finish(process);
	}
	sim_rival_stop(process);
	process->state = SIM_PROCESS_ENDED;
}
