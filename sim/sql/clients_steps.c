/* sim/sql/clients_steps.c: the steps of a client but for its coming and going: looks, transactions,
 * maintenance, backups. What a failure means is as in sim/subject/subject_sql.c. */
#include "clients_steps.h"

#include "clients_look.h"
#include "clients_open.h"
#include "database.h"
#include "subject_sql_outcome.h"
#include "subject_sql_statement.h"

#include <sqlite3.h>
#include <string.h>

#define SIM_CLIENTS_BACKUP_PATH_SIZE 32
#define SIM_CLIENTS_COMMIT_TRIES 4u

/* ---- looks ----------------------------------------------------------------------------------- */

/* Ends a read transaction, whatever became of it. */
static int sim_clients_end_read(struct sim_process *process, int code) {
	if (sqlite3_get_autocommit(sim_clients_member(process)->connection) == 0) {
		int ended = sim_clients_sql(process, code == SQLITE_OK ? "COMMIT" : "ROLLBACK");
		code = code == SQLITE_OK ? ended : code;
	}
	return code;
}

/* The first look of a snapshot is judged, and the later ones must be the same. */
static int sim_clients_look_again(struct sim_process *process, const struct sim_step *step, const uint64_t first[2]) {
	int code = SQLITE_OK;
	uint64_t stamp = sim_clients_of(process->world)->history.acknowledged_stamp;
	for (uint32_t i = 1; code == SQLITE_OK && i < step->looks; i++) {
		uint64_t digest[2];
		sim_process_sleep(process, (int64_t)step->hold_ms * 1000000);
		code = sim_clients_view(process->world, sim_clients_member(process)->connection, digest);
		if (code == SQLITE_OK && !sim_process_is_dead(process) && memcmp(digest, first, sizeof digest) != 0) {
			sim_clients_violated(process->world, "snapshot_isolation",
			                     "%s sees another content at look %u of one snapshot, in step %u",
			                     process->name, i + 1, process->step);
		}
		bool old = sim_clients_of(process->world)->history.acknowledged_stamp != stamp;
		sim_world_reach(process->world, code != SQLITE_OK ? SIM_PROBE_NONE
		                                : old             ? SIM_PROBE_SNAPSHOT_OLD
		                                                  : SIM_PROBE_SNAPSHOT_HELD);
	}
	return code;
}

static enum sim_clients_result sim_clients_look_step(struct sim_process *process, const struct sim_step *step) {
	struct sim_history *history = &sim_clients_of(process->world)->history;
	struct sim_history_window window;
	uint64_t digest[2];
	sim_history_read_begins(history, &window);
	int code = sim_clients_sql(process, "BEGIN");
	code = code == SQLITE_OK ? sim_clients_view(process->world, sim_clients_member(process)->connection, digest)
	                         : code;
	if (code == SQLITE_OK && !sim_process_is_dead(process)) {
		sim_history_read_ended(history, SIM_HISTORY_OF_PROCESS, process->number, &window, digest);
		code = sim_clients_look_again(process, step, digest);
	}
	code = sim_clients_end_read(process, code);
	sim_world_reach_if(process->world, code != SQLITE_OK, SIM_PROBE_VIEW_UNAVAILABLE);
	return code == SQLITE_OK ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

static enum sim_clients_result sim_clients_check(struct sim_process *process) {
	int code = sim_clients_integrity(process->world, sim_clients_member(process)->connection);
	sim_world_reach_if(process->world, code == SQLITE_OK, SIM_PROBE_INTEGRITY_CHECKED);
	return code == SQLITE_OK ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* The one transaction that is being run. */
struct sim_clients_transacting {
	const struct subject_transaction *transaction;
	bool reads_first;
	enum subject_sql_stage stage;
	int code;
};

static int sim_clients_read_first(struct sim_process *process) {
	struct sim_history *history = &sim_clients_of(process->world)->history;
	struct sim_history_window window;
	uint64_t digest[2];
	sim_history_read_begins(history, &window);
	int code = sim_clients_view(process->world, sim_clients_member(process)->connection, digest);
	if (code == SQLITE_OK && !sim_process_is_dead(process)) {
		sim_history_read_ended(history, SIM_HISTORY_OF_PROCESS, process->number, &window, digest);
		sim_history_write_read(history, process->number, digest);
	}
	return code;
}

/* BUSY at COMMIT leaves the transaction open, and the lock that keeps new readers out. */
static int sim_clients_commit(struct sim_process *process) {
	int code = SQLITE_BUSY;
	for (uint32_t i = 0; i < SIM_CLIENTS_COMMIT_TRIES && subject_sql_is_busy(code) && !sim_process_is_dead(process);
	     i++) {
		if (i > 0) {
			sim_world_reach(process->world, SIM_PROBE_COMMIT_RETRIED);
			sim_process_sleep(process, 1000000 << i);
		}
		code = sim_clients_sql(process, "COMMIT");
	}
	return code;
}

static void sim_clients_run_work(struct sim_process *process, struct sim_clients_transacting *work) {
	static const char *const begins[] = {"", "BEGIN DEFERRED", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
	const struct subject_transaction *transaction = work->transaction;
	bool alone = transaction->begin == SUBJECT_BEGIN_NONE;
	work->stage = alone ? SUBJECT_SQL_ALONE : SUBJECT_SQL_INSIDE;
	work->code = alone ? SQLITE_OK : sim_clients_sql(process, begins[transaction->begin]);
	if (alone) {
		sim_history_write_commits(&sim_clients_of(process->world)->history, process->number);
	}
	if (work->code == SQLITE_OK && work->reads_first) {
		work->code = sim_clients_read_first(process);
	}
	for (uint32_t i = 0; work->code == SQLITE_OK && i < transaction->statement_count; i++) {
		work->code = subject_sql_statement_run(sim_clients_member(process)->connection,
		                                       transaction->statements[i], transaction);
	}
	if (work->code != SQLITE_OK || alone) {
		return;
	}
	if (transaction->rolls_back) {
		work->code = sim_clients_sql(process, "ROLLBACK");
		return;
	}
	work->stage = SUBJECT_SQL_AT_COMMIT;
	sim_history_write_commits(&sim_clients_of(process->world)->history, process->number);
	work->code = sim_clients_commit(process);
}

static enum subject_outcome sim_clients_outcome(const struct sim_process *process,
                                                const struct sim_clients_transacting *work) {
	bool open = sqlite3_get_autocommit(sim_clients_member(process)->connection) == 0;
	return subject_sql_outcome(work->stage, work->code, work->transaction->rolls_back, open);
}

/* As the history has it. */
static enum sim_history_outcome sim_clients_of_history(enum subject_outcome outcome) {
	static const enum sim_history_outcome outcomes[] = {[SUBJECT_ACKNOWLEDGED] = SIM_HISTORY_ACKNOWLEDGED,
	                                                    [SUBJECT_UNCHANGED] = SIM_HISTORY_UNDONE,
	                                                    [SUBJECT_LATER] = SIM_HISTORY_UNDONE,
	                                                    [SUBJECT_REFUSED] = SIM_HISTORY_REFUSED,
	                                                    [SUBJECT_IN_DOUBT] = SIM_HISTORY_OPEN};
	return outcomes[outcome];
}

static void sim_clients_reach_outcome(struct sim_process *process, const struct sim_clients_transacting *work,
                                      enum subject_outcome outcome) {
	static const enum sim_probe probes[] = {[SUBJECT_ACKNOWLEDGED] = SIM_PROBE_UPDATE_ACKNOWLEDGED,
	                                        [SUBJECT_UNCHANGED] = SIM_PROBE_ROLLED_BACK,
	                                        [SUBJECT_REFUSED] = SIM_PROBE_CONSTRAINT_REFUSED,
	                                        [SUBJECT_IN_DOUBT] = SIM_PROBE_IN_DOUBT};
	struct sim_world *world = process->world;
	bool fine = work->code == SQLITE_OK;
	world->result->updates += outcome == SUBJECT_ACKNOWLEDGED;
	if (outcome != SUBJECT_LATER) {
		sim_world_reach(world, probes[outcome]);
	} else {
		sim_world_reach(world, work->code == SQLITE_BUSY_SNAPSHOT ? SIM_PROBE_SNAPSHOT_TOO_OLD
		                       : subject_sql_is_busy(work->code)  ? SIM_PROBE_BUSY
		                                                          : SIM_PROBE_SAVE_FAILED);
	}
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)outcome, (uint64_t)(unsigned)work->code,
	               fine ? work->transaction->name : sqlite3_errmsg(sim_clients_member(process)->connection));
}

/* After a doubt or a failed sync as the plan says; a connection that cannot end its transaction is
 * of no use any more. */
static void sim_clients_after(struct sim_process *process, int code, bool doubt) {
	const struct sim_plan *plan = process->world->plan;
	bool sync_failed = subject_sql_is_failed_sync(code);
	bool open = sqlite3_get_autocommit(sim_clients_member(process)->connection) == 0;
	bool stuck = subject_sql_is_stuck(code, open);
	bool reopens = (doubt || sync_failed) && plan->sql.after_doubt == SIM_SQL_DOUBT_REOPENS;
	/* What its cache holds may be neither in memory nor on the medium any more: only who opens
	 * anew is promised something. */
	if (sync_failed && !reopens && plan->settings.sync_model != VFS_SYNC_STILL_DIRTY) {
		process->world->owed.lied = process->world->owed.ever_damaged = true;
	}
	sim_clients_member(process)->must_reopen = stuck || reopens;
	sim_world_reach_if(process->world, doubt && !reopens, SIM_PROBE_DOUBT_CONTINUED);
}

static enum sim_clients_result sim_clients_work_through(struct sim_process *process,
                                                        struct sim_clients_transacting *work) {
	struct sim_history *history = &sim_clients_of(process->world)->history;
	sim_clients_run_work(process, work);
	if (sim_process_is_dead(process)) {
		return SIM_CLIENTS_DIED;
	}
	enum subject_outcome answer = sim_clients_outcome(process, work);
	enum sim_history_outcome outcome = sim_clients_of_history(answer);
	sim_clients_reach_outcome(process, work, answer);
	if (sim_database_is_damage(work->code)) {
		(void)sim_clients_failed(process, work->code);
	}
	if (outcome == SIM_HISTORY_OPEN) {
		sim_history_write_ended(history, process->number, outcome);
	}
	if (sqlite3_get_autocommit(sim_clients_member(process)->connection) == 0) {
		sim_clients_sql(process, "ROLLBACK");
	}
	if (sim_process_is_dead(process)) {
		return SIM_CLIENTS_DIED;
	}
	sim_history_write_ended(history, process->number, outcome);
	sim_clients_after(process, work->code, outcome == SIM_HISTORY_OPEN);
	return answer == SUBJECT_LATER ? SIM_CLIENTS_AGAIN : SIM_CLIENTS_DONE;
}

static enum sim_clients_result sim_clients_transact(struct sim_process *process, uint32_t number) {
	const struct sim_plan *plan = process->world->plan;
	const struct sim_sql_transaction *drawn = &plan->sql.transactions[number];
	struct sim_sql_call call;
	if (!sim_sql_call_init(&call, plan->sql_scenario, drawn)) {
		sim_clients_of(process->world)->history.failed = true;
		return SIM_CLIENTS_DONE;
	}
	struct sim_clients_transacting work = {.transaction = &call.transaction,
	                                       .reads_first = drawn->looks &&
	                                                      call.transaction.begin == SUBJECT_BEGIN_DEFERRED};
	sim_history_write_began(&sim_clients_of(process->world)->history, process->number, number);
	enum sim_clients_result result = sim_clients_work_through(process, &work);
	sim_sql_call_deinit(&call);
	return result;
}

/* ---- maintenance ----------------------------------------------------------------------------- */

/* That readers or writers are in its way is an answer like any other. */
static enum sim_clients_result sim_clients_checkpoint(struct sim_process *process, uint32_t mode) {
	int frames = 0;
	int done = 0;
	int code =
	        sqlite3_wal_checkpoint_v2(sim_clients_member(process)->connection, NULL, (int)mode - 1, &frames, &done);
	struct sim_world *world = process->world;
	if (code == SQLITE_OK) {
		sim_world_reach(world, frames > 0 && done == frames ? SIM_PROBE_CHECKPOINT_COMPLETE
		                       : done >= 0 && done < frames ? SIM_PROBE_CHECKPOINT_HINDERED
		                                                    : SIM_PROBE_NONE);
		return SIM_CLIENTS_DONE;
	}
	sim_world_reach_if(world, subject_sql_is_busy(code), SIM_PROBE_CHECKPOINT_HINDERED);
	return subject_sql_is_busy(code) ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

static enum sim_clients_result sim_clients_vacuum(struct sim_process *process) {
	int code = sim_clients_sql(process, "VACUUM");
	sim_world_reach_if(process->world, code == SQLITE_OK, SIM_PROBE_VACUUMED);
	return code == SQLITE_OK ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

/* Others in the way of a switch from or to WAL make it busy; that is an answer, too. */
static enum sim_clients_result sim_clients_switch(struct sim_process *process, uint32_t mode) {
	const char *name = sim_settings_journal_mode_name((enum sim_journal_mode)mode);
	int code = sim_clients_format(process, "PRAGMA journal_mode=%s", name);
	sim_world_reach_if(process->world, code == SQLITE_OK, SIM_PROBE_JOURNAL_MODE_SWITCHED);
	return code == SQLITE_OK || subject_sql_is_busy(code) ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

/* ---- backups --------------------------------------------------------------------------------- */

static int sim_clients_copy(struct sim_process *process, const struct sim_step *step, sqlite3 *copy) {
	sqlite3_backup *backup = sqlite3_backup_init(copy, "main", sim_clients_member(process)->connection, "main");
	int code = backup == NULL ? sqlite3_errcode(copy) : SQLITE_OK;
	for (uint32_t parts = 0; backup != NULL && code == SQLITE_OK && !sim_process_is_dead(process); parts++) {
		code = sqlite3_backup_step(backup, (int)step->pages);
		if (code == SQLITE_OK) {
			sim_process_sleep(process, (int64_t)step->hold_ms * 1000000);
		}
		/* A writer that is always faster would let it begin anew for ever. */
		code = code == SQLITE_OK && parts > 1000 ? SQLITE_BUSY : code;
	}
	int final = backup != NULL ? sqlite3_backup_finish(backup) : SQLITE_OK;
	return code == SQLITE_DONE ? final : code == SQLITE_OK ? SQLITE_IOERR : code;
}

/* The copy holds a content of the time between its first and its last part: a read that took
 * long. */
static int sim_clients_judge_copy(struct sim_process *process, const char *path,
                                  const struct sim_history_window *window) {
	sqlite3 *copy = NULL;
	uint64_t digest[2];
	int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, vfs_process_name(process->vfs));
	code = code == SQLITE_OK ? sim_clients_inspect(process->world, copy, digest) : code;
	sqlite3_close(copy);
	if (code == SQLITE_OK && !sim_process_is_dead(process)) {
		sim_history_read_ended(&sim_clients_of(process->world)->history, SIM_HISTORY_OF_PROCESS,
		                       process->number, window, digest);
		sim_world_reach(process->world, SIM_PROBE_BACKUP_CHECKED);
	}
	return code;
}

static enum sim_clients_result sim_clients_backup(struct sim_process *process, const struct sim_step *step) {
	struct sim_history_window window;
	char path[SIM_CLIENTS_BACKUP_PATH_SIZE];
	sqlite3 *copy = NULL;
	uint64_t stamp = sim_clients_of(process->world)->history.stamp;
	snprintf(path, sizeof path, "/backup-%u-%u.db", process->step, process->world->incarnation);
	sim_history_read_begins(&sim_clients_of(process->world)->history, &window);
	int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                           vfs_process_name(process->vfs));
	code = code == SQLITE_OK ? sim_clients_copy(process, step, copy) : code;
	sqlite3_close(copy);
	if (code == SQLITE_OK && !sim_process_is_dead(process)) {
		bool beside = sim_clients_of(process->world)->history.stamp != stamp;
		sim_world_reach_if(process->world, beside, SIM_PROBE_BACKUP_BESIDE_WRITER);
		code = sim_clients_judge_copy(process, path, &window);
	}
	return code == SQLITE_OK ? SIM_CLIENTS_DONE : sim_clients_failed(process, code);
}

/* ---- any step -------------------------------------------------------------------------------- */

enum sim_clients_result sim_clients_do(struct sim_process *process, const struct sim_step *step) {
	if (step->kind == SIM_STEP_TRANSACTION) {
		return sim_clients_transact(process, step->transaction);
	}
	if (step->kind == SIM_STEP_LOOK) {
		return sim_clients_look_step(process, step);
	}
	if (step->kind == SIM_STEP_CHECKPOINT) {
		return sim_clients_checkpoint(process, step->mode);
	}
	if (step->kind == SIM_STEP_BACKUP) {
		return sim_clients_backup(process, step);
	}
	if (step->kind == SIM_STEP_VACUUM) {
		return sim_clients_vacuum(process);
	}
	if (step->kind == SIM_STEP_CHECK) {
		return sim_clients_check(process);
	}
	if (step->kind == SIM_STEP_SWITCH) {
		return sim_clients_switch(process, step->journal_mode);
	}
	return SIM_CLIENTS_DONE;
}
