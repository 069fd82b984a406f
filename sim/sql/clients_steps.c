/* sim/sql/clients_steps.c: the steps of a client but for its coming and going, as its instance is
 * given them, and what their answers come to. */
#include "clients_steps.h"

#include "clients_stages.h"
#include "sql_reason.h"
#include "subject_sql_outcome.h"
#include "sql_call.h"

#include <sqlite3.h>

#define SIM_CLIENTS_COPY_PATH_SIZE 32

/* ---- transactions ---------------------------------------------------------------------------- */

/* As the history has it. */
static enum sim_history_outcome sim_clients_of_history(enum subject_outcome outcome) {
	static const enum sim_history_outcome outcomes[] = {[SUBJECT_ACKNOWLEDGED] = SIM_HISTORY_ACKNOWLEDGED,
	                                                    [SUBJECT_UNCHANGED] = SIM_HISTORY_UNDONE,
	                                                    [SUBJECT_LATER] = SIM_HISTORY_UNDONE,
	                                                    [SUBJECT_STOPPED] = SIM_HISTORY_UNDONE,
	                                                    [SUBJECT_REFUSED] = SIM_HISTORY_REFUSED,
	                                                    [SUBJECT_IN_DOUBT] = SIM_HISTORY_OPEN};
	return outcomes[outcome];
}

/* It goes on with the connection that it has, or starts anew before the next step. SQLite says
 * nothing of a checkpoint that failed behind a commit, so a client may go on untold where pages
 * were taken back that the WAL index calls written back. */
static void sim_clients_take_reply(struct sim_process *process, const struct subject_reply *reply) {
	struct sim_world *world = process->world;
	sim_clients_member(process)->must_restart = reply->must_restart;
	bool untold = world->owed.took_back && !world->owed.wal_disregarded &&
	              world->plan->settings.journal_mode == SIM_JOURNAL_WAL;
	if (!reply->must_restart && (untold || subject_sql_is_failed_sync(reply->sqlite_code))) {
		sim_owed_note_going_on(&world->owed, &world->plan->settings);
	}
}

static enum sim_clients_result sim_clients_give(struct sim_process *process,
                                                const struct subject_transaction *transaction) {
	struct sim_clients_member *member = sim_clients_member(process);
	const struct subject_step step = {.kind = SUBJECT_STEP_SQL, .transaction = transaction};
	struct subject_reply reply = {0};
	member->transaction = transaction;
	bool lives = sim_process_step(process, &step, &reply);
	if (lives) {
		sim_clients_answered(process, &reply);
	}
	member->transaction = NULL;
	if (!lives) {
		return SIM_CLIENTS_DIED;
	}
	if (process->world->ended || !sim_sql_reason_of_answer(process, transaction->name, &reply)) {
		return SIM_CLIENTS_DONE;
	}
	sim_history_write_ended(&sim_clients_of(process->world)->history, process->number,
	                        sim_clients_of_history(member->outcome));
	sim_clients_take_reply(process, &reply);
	sim_world_reach_if(process->world, member->outcome == SUBJECT_IN_DOUBT && !reply.must_restart,
	                   SIM_PROBE_DOUBT_CONTINUED);
	bool again = member->outcome == SUBJECT_LATER || member->outcome == SUBJECT_STOPPED;
	return again ? SIM_CLIENTS_AGAIN : SIM_CLIENTS_DONE;
}

static enum sim_clients_result sim_clients_transact(struct sim_process *process, uint32_t number) {
	const struct sim_plan *plan = process->world->plan;
	struct sim_history *history = &sim_clients_of(process->world)->history;
	const struct sim_sql_transaction *drawn = &plan->sql.transactions[number];
	struct sim_sql_call call;
	if (!sim_sql_call_init(&call, plan->sql_scenario, drawn)) {
		history->failed = true;
		return SIM_CLIENTS_DONE;
	}
	call.transaction.reads_first = drawn->looks && call.transaction.begin == SUBJECT_BEGIN_DEFERRED;
	call.instant =
	        sim_instant_of(plan->seed, number, sim_clients_of(process->world)->attempts++, process->world->now_ns);
	sim_history_write_began(history, process->number, number);
	sim_history_write_at(history, process->number, call.instant);
	sim_instant_begin(&process->instant, call.instant);
	enum sim_clients_result result = sim_clients_give(process, &call.transaction);
	sim_instant_end(&process->instant);
	sim_sql_call_deinit(&call);
	return result;
}

/* ---- everything else ------------------------------------------------------------------------- */

/* That readers or writers are in its way is an answer like any other, where there is nothing to be
 * done about it: at a checkpoint, and at a switch from or to WAL. */
static bool sim_clients_takes_busy(enum sim_step_kind kind, const struct subject_reply *reply) {
	return (kind == SIM_STEP_CHECKPOINT || kind == SIM_STEP_SWITCH) && subject_sql_is_busy(reply->sqlite_code);
}

static void sim_clients_note_done(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = process->world;
	enum sim_step_kind kind = step->kind;
	if (kind == SIM_STEP_TUNE) {
		sim_tuned_note(&sim_clients_member(process)->tuned, world, step->tuning);
	}
	sim_world_reach_if(world, kind == SIM_STEP_CHECK, SIM_PROBE_INTEGRITY_CHECKED);
	sim_world_reach_if(world, kind == SIM_STEP_VACUUM, SIM_PROBE_VACUUMED);
	sim_world_reach_if(world, kind == SIM_STEP_VACUUM_INTO, SIM_PROBE_VACUUMED_INTO);
	sim_world_reach_if(world, kind == SIM_STEP_SWITCH, SIM_PROBE_JOURNAL_MODE_SWITCHED);
}

static enum sim_clients_result sim_clients_ask(struct sim_process *process, const struct subject_step *step) {
	struct sim_world *world = process->world;
	struct sim_clients_member *member = sim_clients_member(process);
	enum sim_step_kind kind = member->step->kind;
	struct subject_reply reply = {0};
	if (!sim_process_step(process, step, &reply)) {
		return SIM_CLIENTS_DIED;
	}
	if (process->world->ended || !sim_sql_reason_of_answer(process, sim_plan_step_row(kind)->name, &reply)) {
		return SIM_CLIENTS_DONE;
	}
	sim_clients_take_reply(process, &reply);
	bool done = reply.outcome == SUBJECT_UNCHANGED && !member->check_is_void;
	bool busy = !done && sim_clients_takes_busy(kind, &reply);
	if (done) {
		sim_clients_note_done(process, member->step);
	}
	sim_world_reach_if(world, !done && kind == SIM_STEP_LOOK, SIM_PROBE_VIEW_UNAVAILABLE);
	sim_world_reach_if(world, busy && kind == SIM_STEP_CHECKPOINT, SIM_PROBE_CHECKPOINT_HINDERED);
	return done || busy ? SIM_CLIENTS_DONE : sim_clients_failed(process, reply.sqlite_code, reply.reason);
}

enum sim_clients_result sim_clients_do(struct sim_process *process, const struct sim_step *step) {
	char copy_path[SIM_CLIENTS_COPY_PATH_SIZE];
	struct subject_step asked = {.hold_ns = (int64_t)step->hold_ms * 1000000};
	sim_clients_stages_begin(process, step);
	if (step->kind == SIM_STEP_TRANSACTION) {
		return sim_clients_transact(process, step->transaction);
	}
	if (step->kind == SIM_STEP_LOOK) {
		asked.kind = SUBJECT_STEP_LOOK;
		asked.looks = step->looks;
	} else if (step->kind == SIM_STEP_CHECKPOINT) {
		asked.kind = SUBJECT_STEP_CHECKPOINT;
		asked.checkpoint = (enum subject_checkpoint)(step->mode - 1);
	} else if (step->kind == SIM_STEP_BACKUP) {
		asked.kind = SUBJECT_STEP_BACKUP;
		asked.pages = step->pages;
		snprintf(copy_path, sizeof copy_path, "/backup-%u-%u.db", process->step, process->world->incarnation);
		asked.copy_path = copy_path;
	} else if (step->kind == SIM_STEP_VACUUM) {
		asked.kind = SUBJECT_STEP_VACUUM;
	} else if (step->kind == SIM_STEP_VACUUM_INTO) {
		asked.kind = SUBJECT_STEP_VACUUM_INTO;
		/* SQLite takes no file that is there, not even what a try has left. */
		snprintf(copy_path, sizeof copy_path, "/vacuum-%u.db", ++sim_clients_of(process->world)->copies);
		asked.copy_path = copy_path;
	} else if (step->kind == SIM_STEP_TUNE) {
		asked.kind = SUBJECT_STEP_PRAGMA;
		asked.pragma = process->world->plan->sql_scenario->tunings.texts[step->tuning];
	} else if (step->kind == SIM_STEP_CHECK) {
		asked.kind = SUBJECT_STEP_CHECK;
	} else if (step->kind == SIM_STEP_SWITCH) {
		asked.kind = SUBJECT_STEP_SWITCH;
		asked.journal_mode = sim_settings_journal_mode_name((enum sim_journal_mode)step->journal_mode);
	} else {
		return SIM_CLIENTS_DONE;
	}
	return sim_clients_ask(process, &asked);
}
