/* sim/sql/client.c: see client.h. A client that is told "later" gives up, as one that shows its
 * user an error does; so a run never waits for a transaction, and what must heal at the end is the
 * database, not the backlog. */
#include "client.h"

#include "alone.h"
#include "database.h"
#include "plan_promise.h"
#include "sql_reason.h"
#include "subject_sql_outcome.h"
#include "loaded.h"
#include "sql_call.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

/* One run at a time: the large parts are made once per operating-system process. */
static struct sim_client sim_client_kept;

static struct sim_client *sim_client_of(const struct sim_world *world) {
	return world->own;
}

/* The one process. */
static struct sim_process *sim_client_process(struct sim_world *world) {
	return &world->processes[0];
}

/* What has happened in the run in which SQLite's own faults can show (docs/findings.md). */
static const char *sim_client_circumstance_of_files(const struct sim_world *world) {
	const struct sim_client *own = sim_client_of(world);
	const char *of_checksums = sim_wal_checksums_text(&own->wal_checksums);
	return of_checksums[0] != '\0' ? of_checksums : sim_super_names_text(&own->super_names);
}

static const char *sim_client_circumstance(const struct sim_world *world, bool of_pages) {
	const char *of_files = sim_client_circumstance_of_files(world);
	if (sim_owed_has_forgotten_wal(&world->owed)) {
		return ", a WAL whose sync had failed";
	}
	return of_files[0] != '\0' ? of_files : sim_owed_power_text(&world->owed, of_pages);
}

static bool sim_client_corrupt(struct sim_world *world, const char *invariant, const char *detail) {
	world->result->corrupt++;
	return sim_world_corrupt(world, invariant, "%s; last commit that spilled: %s, journal mode %s%s", detail,
	                         sim_sql_judge_last_spilled(&sim_client_of(world)->judge),
	                         sim_settings_journal_mode_name(world->plan->settings.journal_mode),
	                         sim_client_circumstance(world, strcmp(invariant, "database_intact") == 0));
}

static bool sim_client_harness(struct sim_world *world) {
	return sim_world_harness_failed(world, "the reference of SQL failed: out of memory?");
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void sim_client_end(struct sim_world *world) {
	sim_sql_judge_deinit(&sim_client_of(world)->judge);
	sim_database_end(world);
}

static void sim_client_called(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_client *own = sim_client_of(process->world);
	sim_super_names_note(&own->super_names, process->number, call, result, value);
	if (result == SQLITE_OK) {
		sim_wal_checksums_note(&own->wal_checksums, call);
	}
}

static bool sim_client_begin(struct sim_world *world) {
	const struct sim_settings *settings = &world->plan->settings;
	struct sim_client *own = &sim_client_kept;
	bool atomic = settings->demands_files_together ||
	              sim_contract_files_together(sim_plan_promise_modes(world->plan), settings->synchronous);
	world->own = own;
	memset(own->later, 0, sizeof own->later);
	own->finishing = false;
	own->in_hand = NULL;
	own->attempts = 0;
	own->super_names = (struct sim_super_names){0};
	own->wal_checksums = (struct sim_wal_checksums){0};
	return sim_database_begin(world) &&
	       sim_sql_judge_init(&own->judge, world->plan->sql_scenario, &world->plan->sql.pragmas, atomic) &&
	       sim_database_make(sim_client_process(world), &own->schema);
}

static void sim_client_configure(struct sim_process *process, struct subject_config *config) {
	config->schema = &sim_client_of(process->world)->schema;
	sim_tuned_begin(&sim_client_of(process->world)->tuned, process->world);
}

/* ---- looking --------------------------------------------------------------------------------- */

static void sim_sql_view_digest(void *context, uint32_t file, const uint64_t digest[2]) {
	struct sim_sql_view *view = context;
	if (file < SIM_SQL_FILES_MAX) {
		memcpy(view->state.digests[file], digest, sizeof view->state.digests[file]);
	}
}

static void sim_sql_view_row(void *context, uint32_t query, const char *text) {
	struct sim_sql_view *view = context;
	if (!view->broken) {
		view->broken = true;
		view->query = query;
		snprintf(view->row, sizeof view->row, "%s", text);
	}
}

static void sim_sql_view_checked(void *context, uint32_t file, const char *line) {
	struct sim_sql_view *view = context;
	if (strcmp(line, "ok") != 0 && !view->corrupt) {
		view->corrupt = true;
		snprintf(view->line, sizeof view->line, "file %u: %s", file, line);
	}
}

static void sim_sql_view_unavailable(void *context, int code, const char *reason) {
	struct sim_sql_view *view = context;
	view->unavailable = true;
	view->code = code;
	snprintf(view->reason, sizeof view->reason, "%s (%d)", reason, code);
}

/* The judge's look: nothing strikes in it, but what lasts, lasts. */
static void sim_client_look(struct sim_world *world, bool checks) {
	struct sim_sql_view *view = &sim_client_of(world)->view;
	const struct subject_sink sink = {.context = view,
	                                  .digest = sim_sql_view_digest,
	                                  .row = sim_sql_view_row,
	                                  .checked = checks ? sim_sql_view_checked : NULL,
	                                  .unavailable = sim_sql_view_unavailable};
	memset(view, 0, sizeof *view);
	sim_client_process(world)->calls = 0;
	world->injection_paused = true;
	sim_process_enter(sim_client_process(world))->observe(sim_client_process(world)->instance, &sink);
	world->injection_paused = false;
	sim_world_reach(world, view->unavailable ? SIM_PROBE_VIEW_UNAVAILABLE
	                       : checks          ? SIM_PROBE_INTEGRITY_CHECKED
	                                         : SIM_PROBE_NONE);
}

/* Integrity and queries: what must hold of any content. False when the run has ended. */
static bool sim_client_judge_view(struct sim_world *world) {
	const struct sim_sql_view *view = &sim_client_of(world)->view;
	struct sim_sql_judge *judge = &sim_client_of(world)->judge;
	if (view->corrupt) {
		return sim_client_corrupt(world, "database_intact", view->line);
	}
	if (!view->broken) {
		return true;
	}
	/* Where files commit one by one, a crash between them may break what spans both; the
	 * reference then says the same. */
	bool may_break = judge->group_count > 1 &&
	                 (judge->holds_still > 0 || sim_sql_reference_breaks(judge->reference, view->query));
	if (may_break) {
		return true;
	}
	return sim_world_corrupt(world, "query_returns_no_row", "invariant %u returns %s", view->query, view->row);
}

/* Whether a transaction that was said not to be applied explains what is shown. */
static bool sim_client_is_refused(struct sim_world *world) {
	struct sim_sql_judge *judge = &sim_client_of(world)->judge;
	const struct sim_sql_plan *plan = &world->plan->sql;
	bool explained = false;
	for (uint32_t i = 0; !explained && i < plan->transaction_count; i++) {
		struct sim_sql_call call;
		struct sim_sql_state state;
		bool maintains = world->plan->sql_scenario->templates[plan->transactions[i].template_number].maintains;
		if (!sim_client_of(world)->later[i] || maintains ||
		    !sim_sql_call_init(&call, world->plan->sql_scenario, &plan->transactions[i])) {
			continue;
		}
		call.instant = sim_client_of(world)->instants[i];
		if (sim_sql_reference_begin(judge->reference, &call) == SIM_SQL_COMMITS) {
			explained = sim_sql_reference_state(judge->reference, &state) &&
			            memcmp(&state, &sim_client_of(world)->view.state, sizeof state) == 0;
			sim_sql_reference_end(judge->reference, false);
		}
		sim_sql_call_deinit(&call);
	}
	return explained;
}

/* Reads the living connection. `fresh`: the last commit is in doubt, and may show now. */
static void sim_client_look_live(struct sim_world *world, bool fresh) {
	struct sim_client *own = sim_client_of(world);
	sim_client_look(world, false);
	if (own->view.unavailable) {
		if (subject_sql_is_damage(own->view.code)) {
			sim_client_corrupt(world, "database_intact", own->view.reason);
		} else if (fresh) {
			/* What cannot be read cannot be built upon. */
			sim_process_stop(sim_client_process(world));
		}
		return;
	}
	if (!sim_sql_judge_live(&own->judge, &own->view, fresh)) {
		sim_client_harness(world);
	} else if (!own->judge.found) {
		sim_client_corrupt(world,
		                   !world->owed.ever_damaged && sim_client_is_refused(world)
		                           ? "refused_is_absent"
		                           : "memory_equals_committed",
		                   "the connection shows a content that was not committed");
	} else if (sim_client_judge_view(world) && own->judge.attempt_found) {
		sim_world_reach(world, SIM_PROBE_DOUBT_SHOWN_LIVE);
	}
}

/* ---- loads ----------------------------------------------------------------------------------- */

static void sim_client_reach_loaded(struct sim_world *world) {
	const struct sim_sql_judge *judge = &sim_client_of(world)->judge;
	sim_loaded_reach(sim_client_process(world), judge->attempt_found, world->in_flight, judge->lost);
	sim_world_reach_if(world, judge->diverged, SIM_PROBE_FILES_DIVERGED);
}

/* It started, and yet cannot be read: as a start that failed. */
static bool sim_client_unreadable(struct sim_world *world) {
	const struct sim_sql_view *view = &sim_client_of(world)->view;
	if (subject_sql_is_damage(view->code)) {
		return sim_client_corrupt(world, "loaded_equals_committed", view->reason);
	}
	sim_process_stop(sim_client_process(world));
	world->now_ns += SIM_WORLD_RETRY_NS;
	sim_machine_end_due(world);
	return false;
}

/* Names the first commit that is gone: what is special about it is often the cause. */
static bool sim_client_lost(struct sim_world *world, enum sim_contract contract) {
	const struct sim_sql_judge *judge = &sim_client_of(world)->judge;
	return sim_world_corrupt(world, "acknowledged_is_durable",
	                         "%llu acknowledged are lost, first %s%s, journal mode %s%s; contract %s",
	                         (unsigned long long)judge->lost,
	                         judge->lost_name != NULL ? judge->lost_name : "one that was shown",
	                         judge->lost_spilled ? " that spilled" : "",
	                         sim_settings_journal_mode_name(world->plan->settings.journal_mode),
	                         sim_client_circumstance(world, false), sim_contract_name(contract));
}

static bool sim_client_started(struct sim_process *process, enum sim_contract contract) {
	struct sim_world *world = process->world;
	struct sim_client *own = sim_client_of(world);
	struct sim_run_result *result = world->result;
	bool checks = own->finishing || (world->plan->sql.checked_starts >> (world->incarnation % 64) & 1) != 0;
	const struct sim_sql_terms terms = {.contract = contract,
	                                    .crash = world->owed.crash,
	                                    .by_commit = sim_owed_goes_by_settings(&world->owed),
	                                    .rollback_modes = sim_owed_is_of_rollback(&world->owed)};
	sim_client_look(world, checks);
	sim_world_note(world, SIM_EVENT_LOADED, own->view.unavailable, own->view.state.digests[0][1], own->view.reason);
	if (own->view.unavailable) {
		return sim_client_unreadable(world);
	}
	if (!sim_sql_judge_loaded(&own->judge, &own->view, &terms)) {
		return sim_client_harness(world);
	}
	result->lost += own->judge.lost;
	result->lost_most = own->judge.lost > result->lost_most ? own->judge.lost : result->lost_most;
	if (!own->judge.found) {
		bool refused = !world->owed.ever_damaged && sim_client_is_refused(world);
		return sim_client_corrupt(world, refused ? "refused_is_absent" : "loaded_equals_committed",
		                          "loaded a content that was never committed");
	}
	if (!own->judge.admissible) {
		return sim_client_lost(world, contract);
	}
	sim_client_reach_loaded(world);
	return sim_client_judge_view(world);
}

/* ---- transactions ---------------------------------------------------------------------------- */

static void sim_client_reach_reply(struct sim_world *world, const struct sim_sql_template *template,
                                   const struct subject_reply *reply) {
	bool done = reply->outcome == SUBJECT_ACKNOWLEDGED;
	sim_world_reach_if(world, reply->spilled, SIM_PROBE_CACHE_SPILLED);
	sim_alone_reach_answer(world, reply->outcome);
	sim_world_reach_if(world, done && template->vacuums, SIM_PROBE_VACUUMED);
	sim_world_reach_if(world, done && template->journal_mode != SIM_JOURNAL_NONE, SIM_PROBE_JOURNAL_MODE_SWITCHED);
	sim_world_reach_if(world, reply->outcome == SUBJECT_UNCHANGED, SIM_PROBE_ROLLED_BACK);
}

bool sim_client_undid(const struct sim_sql_template *template, enum subject_outcome outcome) {
	bool was_run = outcome != SUBJECT_LATER && outcome != SUBJECT_STOPPED;
	return (template->undoes && was_run) || outcome == SUBJECT_REFUSED || outcome == SUBJECT_UNCHANGED;
}

/* Modes without a journal on the disk undo nothing that has failed half way (docs/contracts.md
 * section 2, last row), and ROLLBACK does not say so: what counts is whether something struck. OFF
 * cannot undo anything at all, nor go back to a savepoint. */
static void sim_client_note_undefined(struct sim_world *world, const struct sim_sql_template *template,
                                      const struct subject_reply *reply, uint64_t faults) {
	bool off = (world->owed.journal_modes & (1u << SIM_JOURNAL_OFF)) != 0;
	bool undoable = sim_owed_can_undo(&world->owed);
	bool struck = world->result->faults > faults || world->disk_was_full;
	if ((struck && !undoable && reply->outcome != SUBJECT_ACKNOWLEDGED) ||
	    (off && sim_client_undid(template, reply->outcome))) {
		sim_owed_note_not_undone(&world->owed);
	}
}

/* The subject's answer against the reference's. False when the run has ended. */
static bool sim_client_judge_reply(struct sim_world *world, uint32_t number, const struct sim_sql_call *call,
                                   const struct subject_reply *reply) {
	const struct sim_sql_template *template =
	        &world->plan->sql_scenario->templates[world->plan->sql.transactions[number].template_number];
	struct sim_sql_judge *judge = &sim_client_of(world)->judge;
	enum sim_sql_answer answer = SIM_SQL_ANSWER_NONE;
	if (template->maintains || reply->outcome == SUBJECT_LATER || reply->outcome == SUBJECT_STOPPED) {
		sim_client_of(world)->later[number] = reply->outcome != SUBJECT_ACKNOWLEDGED;
		return true;
	}
	if (reply->outcome == SUBJECT_ACKNOWLEDGED) {
		const struct sim_sql_commit commit = {
		        .ends_doubts = sim_owed_after(&world->owed, &world->plan->settings, SIM_CRASH_POWER_LOSS) <
		                       SIM_CONTRACT_PREFIX,
		        .spilled = reply->spilled,
		        .is_synced = sim_tuned_is_durable(world, sim_client_of(world)->tuned.synchronous)};
		answer = sim_sql_judge_committed(judge, call, &commit);
	} else if (reply->outcome == SUBJECT_IN_DOUBT) {
		answer = sim_sql_judge_attempted(judge, call);
	} else {
		answer = sim_sql_judge_predict(judge, call);
	}
	if (answer == SIM_SQL_ANSWER_NONE) {
		return sim_client_harness(world);
	}
	bool refused = reply->outcome == SUBJECT_REFUSED;
	/* A statement that stands alone may fail before it comes to its constraint. Its outcome is
	 * open for who has run it, and it cannot have been committed. */
	bool open = reply->outcome == SUBJECT_IN_DOUBT && call->transaction.begin == SUBJECT_BEGIN_NONE;
	if (!open && refused != (answer == SIM_SQL_REFUSES)) {
		return sim_world_corrupt(world, "answer_follows_content", "%s was %s, the reference %s it: %.80s",
		                         template->name, refused ? "refused" : "accepted",
		                         refused ? "accepts" : "refuses",
		                         refused ? reply->reason : sim_sql_reference_reason(judge->reference));
	}
	return true;
}

/* What it was told to commit may be there. */
static void sim_client_died(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_client *own = sim_client_of(world);
	sim_wal_checksums_look(&own->wal_checksums, world->disk);
	if (own->in_hand == NULL) {
		return;
	}
	if (sim_sql_judge_attempted(&own->judge, own->in_hand) == SIM_SQL_ANSWER_NONE) {
		sim_client_harness(world);
	}
	own->in_hand = NULL;
	world->in_flight = true;
	world->in_doubt = false;
}

static void sim_client_answered(struct sim_world *world, uint32_t number, const struct sim_sql_call *call,
                                const struct subject_reply *reply) {
	const struct sim_sql_transaction *drawn = &world->plan->sql.transactions[number];
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, (uint64_t)(unsigned)reply->sqlite_code,
	               reply->reason);
	sim_wal_checksums_look(&sim_client_of(world)->wal_checksums, world->disk);
	sim_client_reach_reply(world, &world->plan->sql_scenario->templates[drawn->template_number], reply);
	const char *what = world->plan->sql_scenario->templates[drawn->template_number].name;
	if (!sim_sql_reason_of_answer(sim_client_process(world), what, reply) ||
	    !sim_client_judge_reply(world, number, call, reply)) {
		return;
	}
	bool doubt = reply->outcome == SUBJECT_IN_DOUBT;
	if (doubt) {
		world->in_flight = world->in_doubt = true;
	}
	if (subject_sql_is_damage(reply->sqlite_code)) {
		sim_client_corrupt(world, "database_intact", reply->reason);
		return;
	}
	sim_alone_take_reply(sim_client_process(world), reply);
	if (!reply->must_restart && (doubt || drawn->looks)) {
		sim_world_reach_if(world, doubt, SIM_PROBE_DOUBT_CONTINUED);
		sim_client_look_live(world, doubt);
	}
}

/* A connection that could not be switched to WAL mode is left in DELETE, whatever it was in before
 * (sql-modes@0x4c64ae). */
static void sim_client_note_mode(struct sim_world *world, enum sim_journal_mode asked, bool acknowledged) {
	bool is_left = asked == SIM_JOURNAL_WAL && !acknowledged;
	world->owed.journal_modes |= is_left ? 1u << SIM_JOURNAL_DELETE : 0;
}

/* True when the subject has decided: done, or refused for what it says. */
static bool sim_client_transact(struct sim_world *world, uint32_t number) {
	assert(number < world->plan->sql.transaction_count);
	const struct sim_sql_transaction *drawn = &world->plan->sql.transactions[number];
	const struct sim_sql_template *template = &world->plan->sql_scenario->templates[drawn->template_number];
	struct sim_client *own = sim_client_of(world);
	struct sim_sql_call call;
	struct subject_reply reply = {0};
	if (!sim_sql_call_init(&call, world->plan->sql_scenario, drawn)) {
		return sim_client_harness(world);
	}
	const struct subject_step step = {.kind = SUBJECT_STEP_SQL, .transaction = &call.transaction};
	world->owed.journal_modes |= template->journal_mode != SIM_JOURNAL_NONE ? 1u << template->journal_mode : 0;
	uint64_t faults = world->result->faults;
	call.instant = sim_instant_of(world->plan->seed, number, own->attempts++, world->now_ns);
	own->instants[number] = call.instant;
	sim_instant_begin(&sim_client_process(world)->instant, call.instant);
	own->in_hand = !call.transaction.rolls_back && !template->maintains ? &call : NULL;
	bool died = !sim_process_step(sim_client_process(world), &step, &reply);
	sim_instant_end(&sim_client_process(world)->instant);
	own->in_hand = NULL;
	sim_client_note_mode(world, template->journal_mode, !died && reply.outcome == SUBJECT_ACKNOWLEDGED);
	sim_client_note_undefined(world, template, &reply, died ? UINT64_MAX : faults);
	if (!died) {
		sim_client_answered(world, number, &call, &reply);
	}
	sim_sql_call_deinit(&call);
	return !died && (reply.outcome == SUBJECT_ACKNOWLEDGED || reply.outcome == SUBJECT_UNCHANGED ||
	                 reply.outcome == SUBJECT_REFUSED);
}

static void sim_client_checkpoint(struct sim_world *world) {
	const struct subject_step step = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct subject_reply reply = {0};
	if (!sim_process_step(sim_client_process(world), &step, &reply)) {
		return;
	}
	if (!sim_sql_reason_of_answer(sim_client_process(world), "a checkpoint", &reply)) {
		return;
	}
	sim_alone_take_reply(sim_client_process(world), &reply);
	if (!reply.must_restart) {
		sim_client_look_live(world, false);
	}
}

static void sim_client_tune(struct sim_world *world, uint32_t number) {
	const struct subject_step step = {.kind = SUBJECT_STEP_PRAGMA,
	                                  .pragma = world->plan->sql_scenario->tunings.texts[number]};
	struct subject_reply reply = {0};
	if (!sim_process_step(sim_client_process(world), &step, &reply) ||
	    !sim_sql_reason_of_answer(sim_client_process(world), "a pragma", &reply)) {
		return;
	}
	if (reply.outcome == SUBJECT_UNCHANGED) {
		sim_tuned_note(&sim_client_of(world)->tuned, world, number);
	}
	sim_alone_take_reply(sim_client_process(world), &reply);
}

static void sim_client_step(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = process->world;
	if (!sim_process_start(process, 2) || sim_alone_step(process, step->kind)) {
		return;
	}
	if (step->kind == SIM_STEP_TRANSACTION) {
		sim_client_transact(world, step->transaction);
	} else if (step->kind == SIM_STEP_CHECKPOINT) {
		sim_client_checkpoint(world);
	} else if (step->kind == SIM_STEP_TUNE) {
		sim_client_tune(world, step->tuning);
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool sim_client_transact_last(struct sim_world *world) {
	return sim_client_transact(world, world->plan->sql.transaction_count - 1);
}

static void sim_client_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	if (sim_alone_heal(process, sim_client_transact_last)) {
		sim_client_of(world)->finishing = true;
		sim_alone_finish(process);
	} else if (!world->ended) {
		sim_world_corrupt(world, "progress_after_faults", "%s",
		                  process->instance == NULL ? "the database does not open any more"
		                                            : "transactions stay without effect");
	}
}

/* ---- crash states beside the run ------------------------------------------------------------- */

static bool sim_client_branch_begin(struct sim_world *world, uint32_t depth) {
	struct sim_client *own = sim_client_of(world);
	struct sim_client_kept *kept = &own->kept[depth];
	if (!sim_sql_judge_hold_still(&own->judge)) {
		return false;
	}
	for (uint32_t i = 0; i < own->judge.group_count; i++) {
		kept->attempts[i] = own->judge.groups[i].attempt_count;
	}
	kept->super_names = own->super_names;
	kept->wal_checksums = own->wal_checksums;
	kept->view = own->view;
	kept->in_hand = own->in_hand;
	kept->tuned = own->tuned;
	/* What it was told to commit may be there, at each point of the moment. */
	if (own->in_hand != NULL && sim_sql_judge_attempted(&own->judge, own->in_hand) == SIM_SQL_ANSWER_NONE) {
		return sim_client_harness(world);
	}
	own->in_hand = NULL;
	return true;
}

static void sim_client_branch_next(struct sim_world *world, uint32_t depth) {
	struct sim_client *own = sim_client_of(world);
	const struct sim_client_kept *kept = &own->kept[depth];
	own->super_names = kept->super_names;
	own->wal_checksums = kept->wal_checksums;
	sim_wal_checksums_look(&own->wal_checksums, world->disk);
	world->in_flight = world->in_flight || kept->in_hand != NULL;
	world->in_doubt = world->in_doubt && kept->in_hand == NULL;
}

static void sim_client_branch_end(struct sim_world *world, uint32_t depth) {
	struct sim_client *own = sim_client_of(world);
	const struct sim_client_kept *kept = &own->kept[depth];
	sim_sql_judge_go_on(&own->judge, kept->attempts);
	own->super_names = kept->super_names;
	own->wal_checksums = kept->wal_checksums;
	own->view = kept->view;
	own->in_hand = kept->in_hand;
	own->tuned = kept->tuned;
}

const struct sim_work sim_client_work = {.judges_reasons = true,
                                         .begin = sim_client_begin,
                                         .configure = sim_client_configure,
                                         .started = sim_client_started,
                                         .step = sim_client_step,
                                         .called = sim_client_called,
                                         .circumstance = sim_client_circumstance_of_files,
                                         .died = sim_client_died,
                                         .finish = sim_client_finish,
                                         .end = sim_client_end,
                                         .branch_begin = sim_client_branch_begin,
                                         .branch_next = sim_client_branch_next,
                                         .branch_end = sim_client_branch_end};
