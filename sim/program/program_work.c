/* sim/program/program_work.c: see program_work.h. A program that says "later" has not done the
 * operation, and is not asked again: what must heal at the end is the program, not a backlog. */
#define XXH_INLINE_ALL
#include "program_work.h"

#include "alone.h"
#include "generator.h"
#include "loaded.h"
#include "operation.h"
#include "process.h"
#include "program_judge.h"
#include "subject_sql_outcome.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>
#include <xxhash.h>

/* What is kept while crash states are judged beside the run (sim/world/branch.h). */
struct sim_program_kept {
	uint32_t attempt_count;
	bool in_hand;
};

struct sim_program {
	struct sim_program_judge judge;
	bool in_hand; /* `deed` has no answer yet, and its end can commit something */
	struct sim_program_deed deed;
	bool unreadable; /* the last start succeeded, and showed nothing */
	uint32_t tries;
	/* Said not to be applied, the last few. */
	uint32_t later_count;
	struct sim_program_deed later[SIM_PLAN_OPERATIONS_MAX];
	struct sim_program_kept kept[SIM_BRANCH_DEPTH_MAX]; /* by depth */
};

/* One run at a time: the large parts are made once per operating-system process. */
static struct sim_program sim_program_run;

static struct sim_program *sim_program_of(const struct sim_world *world) {
	return world->own;
}

static struct sim_process *sim_program_process(struct sim_world *world) {
	return &world->processes[0];
}

/* The model draws from SQLite's one generator when it will, so the program's part begins anew
 * behind each place where the model may have been asked. */
static void sim_program_reseed(struct sim_world *world) {
	uint64_t at = sim_trace_count(world->trace);
	uint64_t mixed = XXH3_64bits_withSeed(&at, sizeof at, (uint64_t)(unsigned)world->sqlite_seed);
	sim_generator_seed((int)(mixed & 0x7fffffff) | 1);
}

static bool sim_program_corrupt(struct sim_world *world, const char *invariant, const char *detail) {
	world->result->corrupt++;
	return sim_world_corrupt(world, invariant, "%s; journal mode %s%s", detail,
	                         sim_settings_journal_mode_name(world->plan->settings.journal_mode),
	                         sim_owed_power_text(&world->owed, strcmp(invariant, "database_intact") == 0));
}

/* The model, which nothing disturbs, does not do what the program has done. */
static bool sim_program_model_failed(struct sim_world *world) {
	struct sim_program *own = sim_program_of(world);
	return sim_world_violated(world, "answer_follows_content",
	                          "%s does not do again, without faults, what was acknowledged%s%s",
	                          world->subject->model != NULL ? "the model" : "the program",
	                          own->judge.model.reason[0] != '\0' ? ": " : "", own->judge.model.reason);
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* What the subject has to draw from is known only now. */
static void sim_program_resolve(struct sim_world *world) {
	struct sim_program_plan *plan = &world->plan->program;
	for (uint32_t i = 0; i < plan->operation_count; i++) {
		struct sim_operation *operation = &plan->operations[i];
		if (operation->text[0] == '\0') {
			sim_operation_draw(world->subject->operations, plan->kinds_on, operation->number,
			                   operation->text);
		}
	}
}

static bool sim_program_begin(struct sim_world *world) {
	struct sim_program *own = &sim_program_run;
	world->own = own;
	own->in_hand = false;
	own->tries = own->later_count = 0;
	sim_program_resolve(world);
	if (sim_instant_install() != SQLITE_OK) {
		return false;
	}
	if (!sim_program_judge_init(&own->judge, world)) {
		return sim_world_violated(world, "progress_after_faults",
		                          "no start on an empty disk without faults: %s", own->judge.model.reason) ||
		       true;
	}
	struct sim_process *process = sim_program_process(world);
	bool made = true;
	if (world->plan->program.made) {
		sim_instant_begin(&process->instant, SIM_INSTANT_OF_SETUP);
		made = sim_process_make_database(process);
		sim_instant_end(&process->instant);
	}
	if (!made && !world->ended) {
		sim_world_violated(world, "progress_after_faults", "the first start fails, and nothing has failed");
	}
	return true;
}

static void sim_program_end(struct sim_world *world) {
	sim_program_judge_deinit(&sim_program_of(world)->judge);
	sim_instant_uninstall();
}

/* What a start makes of an empty disk is a function of the instant, as for the model. */
static void sim_program_configure(struct sim_process *process, struct subject_config *config) {
	(void)config;
	sim_program_of(process->world)->unreadable = false;
	if (!process->world->ever_started) {
		sim_instant_begin(&process->instant, SIM_INSTANT_OF_SETUP);
	}
}

/* ---- looking --------------------------------------------------------------------------------- */

/* The judge's look: nothing strikes in it, but what lasts, lasts. False when the run has ended. */
static bool sim_program_look(struct sim_world *world) {
	struct sim_program *own = sim_program_of(world);
	struct sim_process *process = sim_program_process(world);
	process->calls = 0;
	world->injection_paused = true;
	bool taken = sim_program_state_take(&own->judge.shown, sim_process_enter(process), process->instance);
	world->injection_paused = false;
	sim_world_reach_if(world, own->judge.shown.unavailable, SIM_PROBE_VIEW_UNAVAILABLE);
	return taken || sim_world_harness_failed(world, "out of memory for a state");
}

/* Whether an operation that was said not to be applied explains what is shown. */
static bool sim_program_is_refused(struct sim_world *world) {
	struct sim_program *own = sim_program_of(world);
	bool explained = false;
	for (uint32_t i = own->later_count; !world->owed.ever_damaged && !explained && i > 0; i--) {
		explained = sim_program_judge_explains(&own->judge, &own->later[i - 1]);
	}
	return explained;
}

static bool sim_program_wrong(struct sim_world *world, const char *invariant, const char *what) {
	struct sim_program *own = sim_program_of(world);
	char difference[SIM_PROGRAM_DIFFERENCE_SIZE];
	char detail[SIM_PROGRAM_DIFFERENCE_SIZE + 80];
	bool refused = sim_program_is_refused(world);
	sim_program_judge_difference(&own->judge, difference);
	snprintf(detail, sizeof detail, "%s: %s", what, difference);
	return sim_program_corrupt(world, refused ? "refused_is_absent" : invariant, detail);
}

/* `fresh`: the last operation is in doubt, and may show now. */
static void sim_program_look_live(struct sim_world *world, bool fresh) {
	struct sim_program *own = sim_program_of(world);
	const struct sim_program_state *shown = &own->judge.shown;
	if (!sim_program_look(world)) {
		return;
	}
	if (shown->unavailable) {
		if (subject_sql_is_damage(shown->code)) {
			sim_program_corrupt(world, "database_intact", shown->reason);
		} else if (fresh) {
			sim_process_stop(sim_program_process(world));
		}
	} else if (!sim_program_judge_live(&own->judge, fresh)) {
		sim_program_model_failed(world);
	} else if (!own->judge.found) {
		sim_program_wrong(world, "memory_equals_committed", "a state that was not committed");
	} else {
		sim_world_reach_if(world, own->judge.attempt_found, SIM_PROBE_DOUBT_SHOWN_LIVE);
	}
}

/* ---- loads ----------------------------------------------------------------------------------- */

/* It started, and yet cannot be read: as a start that failed. */
static bool sim_program_unreadable(struct sim_world *world) {
	const struct sim_program_state *shown = &sim_program_of(world)->judge.shown;
	if (subject_sql_is_damage(shown->code)) {
		return sim_program_corrupt(world, "loaded_equals_committed", shown->reason);
	}
	sim_program_of(world)->unreadable = true;
	sim_process_stop(sim_program_process(world));
	world->now_ns += SIM_WORLD_RETRY_NS;
	sim_machine_end_due(world);
	return false;
}

static bool sim_program_lost(struct sim_world *world, enum sim_contract contract) {
	const struct sim_program_judge *judge = &sim_program_of(world)->judge;
	return sim_world_corrupt(world, "acknowledged_is_durable",
	                         "%llu acknowledged are lost, first \"%.60s\", journal mode %s%s; contract %s",
	                         (unsigned long long)judge->lost, judge->lost_operation,
	                         sim_settings_journal_mode_name(world->plan->settings.journal_mode),
	                         sim_owed_power_text(&world->owed, false), sim_contract_name(contract));
}

static bool sim_program_judge_load(struct sim_world *world, enum sim_contract contract) {
	struct sim_program *own = sim_program_of(world);
	struct sim_run_result *result = world->result;
	const struct sim_program_terms terms = {.contract = contract,
	                                        .crash = world->owed.crash,
	                                        .rollback_modes = sim_owed_is_of_rollback(&world->owed)};
	if (!sim_program_judge_loaded(&own->judge, &terms)) {
		return sim_program_model_failed(world);
	}
	result->lost += own->judge.lost;
	result->lost_most = own->judge.lost > result->lost_most ? own->judge.lost : result->lost_most;
	if (!own->judge.found) {
		return sim_program_wrong(world, "loaded_equals_committed", "a state that was never committed");
	}
	if (!own->judge.admissible) {
		return sim_program_lost(world, contract);
	}
	sim_loaded_reach(sim_program_process(world), own->judge.attempt_found, world->in_flight, own->judge.lost);
	return true;
}

static bool sim_program_started(struct sim_process *process, enum sim_contract contract) {
	struct sim_world *world = process->world;
	const struct sim_program_state *shown = &sim_program_of(world)->judge.shown;
	sim_instant_end(&process->instant);
	if (!sim_program_look(world)) {
		return false;
	}
	sim_world_note(world, SIM_EVENT_LOADED, shown->unavailable, shown->hash[1], shown->reason);
	bool good = shown->unavailable ? sim_program_unreadable(world) : sim_program_judge_load(world, contract);
	sim_program_reseed(world);
	return good;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* Modes without a journal on the disk undo nothing that has failed half way (docs/contracts.md
 * section 2, last row). OFF cannot undo anything at all. */
static void sim_program_note_undefined(struct sim_world *world, const struct subject_reply *reply, uint64_t faults) {
	bool off = (world->owed.journal_modes & (1u << SIM_JOURNAL_OFF)) != 0;
	bool undoable = sim_owed_can_undo(&world->owed);
	bool struck = world->result->faults > faults || world->disk_was_full;
	if (reply->outcome != SUBJECT_ACKNOWLEDGED && (off || (struck && !undoable))) {
		sim_owed_note_not_undone(&world->owed);
	}
}

/* What fails has a reason (S42). A program need not say which. */
static bool sim_program_has_reason(struct sim_world *world, const struct subject_reply *reply) {
	bool failed = reply->outcome == SUBJECT_LATER || reply->outcome == SUBJECT_IN_DOUBT ||
	              reply->outcome == SUBJECT_STOPPED || reply->must_restart;
	return !failed || subject_sql_is_damage(reply->sqlite_code) ||
	       sim_process_disturbance_of_life(sim_program_process(world)) != SIM_UNDISTURBED ||
	       sim_world_violated(world, "no_needless_failure",
	                          "\"%.60s\" fails%s, and nothing failed in this life: %.80s (code %d)",
	                          sim_program_of(world)->deed.operation,
	                          reply->must_restart ? " and the program starts anew" : "", reply->reason,
	                          reply->sqlite_code);
}

static const char *sim_program_outcome(enum subject_outcome outcome) {
	static const char *const words[] = {"not answered", "acknowledged", "unchanged", "refused",
	                                    "later",        "in doubt",     "stopped"};
	return (unsigned)outcome < sizeof words / sizeof words[0] ? words[outcome] : "answered by no outcome";
}

static bool sim_program_answers_differ(const struct sim_program_reply *reply, const struct sim_program_reply *wanted) {
	enum subject_outcome outcome = wanted->reply.outcome;
	bool both = (reply->reply.outcome == SUBJECT_REFUSED) == (outcome == SUBJECT_REFUSED);
	bool known = outcome == SUBJECT_ACKNOWLEDGED || outcome == SUBJECT_UNCHANGED || outcome == SUBJECT_REFUSED;
	return !both || !known || (outcome != SUBJECT_REFUSED && strcmp(reply->answer, wanted->answer) != 0);
}

/* An operation that was decided, against what the model says of it. False when the run has
 * ended. */
static bool sim_program_judge_answer(struct sim_world *world, const struct sim_program_reply *reply) {
	struct sim_program *own = sim_program_of(world);
	struct sim_program_reply wanted;
	bool kept = reply->reply.outcome != SUBJECT_REFUSED;
	bool ends_doubts =
	        sim_owed_after(&world->owed, &world->plan->settings, SIM_CRASH_POWER_LOSS) < SIM_CONTRACT_PREFIX;
	if (!sim_program_judge_do(&own->judge, &own->deed, kept, ends_doubts, &wanted)) {
		return sim_program_model_failed(world);
	}
	return !sim_program_answers_differ(reply, &wanted) ||
	       sim_world_corrupt(world, "answer_follows_content", "\"%.50s\" was %s%s%.40s, expected %s%s%.40s",
	                         own->deed.operation, sim_program_outcome(reply->reply.outcome),
	                         reply->answer[0] != '\0' ? ": " : "", reply->answer,
	                         sim_program_outcome(wanted.reply.outcome), wanted.answer[0] != '\0' ? ": " : "",
	                         wanted.answer);
}

static void sim_program_answered(struct sim_world *world, const struct sim_program_reply *answered) {
	const struct subject_reply *reply = &answered->reply;
	struct sim_program *own = sim_program_of(world);
	bool doubt = reply->outcome == SUBJECT_IN_DOUBT;
	bool decided = reply->outcome == SUBJECT_ACKNOWLEDGED || reply->outcome == SUBJECT_UNCHANGED ||
	               reply->outcome == SUBJECT_REFUSED;
	bool later = reply->outcome == SUBJECT_LATER || reply->outcome == SUBJECT_STOPPED;
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, (uint64_t)(unsigned)reply->sqlite_code,
	               reply->reason);
	sim_alone_reach_answer(world, reply->outcome);
	if (!decided && !doubt && !later) {
		sim_world_violated(world, "interface_kept", "\"%.60s\" was %s", own->deed.operation,
		                   sim_program_outcome(reply->outcome));
		return;
	}
	if (subject_sql_is_damage(reply->sqlite_code)) {
		sim_program_corrupt(world, "database_intact", reply->reason);
		return;
	}
	if (!sim_program_has_reason(world, reply) || (decided && !sim_program_judge_answer(world, answered))) {
		return;
	}
	if (later && own->later_count < SIM_PLAN_OPERATIONS_MAX) {
		own->later[own->later_count++] = own->deed;
	}
	if (doubt) {
		sim_program_judge_attempt(&own->judge, &own->deed);
		world->in_flight = world->in_doubt = true;
	}
	sim_alone_take_reply(sim_program_process(world), reply);
	if (!reply->must_restart) {
		sim_world_reach_if(world, doubt, SIM_PROBE_DOUBT_CONTINUED);
		sim_program_look_live(world, doubt);
	}
}

/* True when the program has decided: done, or refused for what it says. */
static bool sim_program_do(struct sim_world *world, uint32_t number) {
	struct sim_program *own = sim_program_of(world);
	struct sim_process *process = sim_program_process(world);
	struct sim_program_reply reply = {0};
	const enum subject_outcome *outcome = &reply.reply.outcome;
	memcpy(own->deed.operation, world->plan->program.operations[number].text, sizeof own->deed.operation);
	own->deed.instant = sim_instant_of(world->plan->seed, number, own->tries++, world->now_ns);
	const struct subject_step step = {
	        .kind = SUBJECT_STEP_OPERATION, .operation = own->deed.operation, .answer = reply.answer};
	uint64_t faults = world->result->faults;
	sim_instant_begin(&process->instant, own->deed.instant);
	own->in_hand = true;
	bool died = !sim_process_step(process, &step, &reply.reply);
	sim_instant_end(&process->instant);
	own->in_hand = false;
	sim_program_note_undefined(world, &reply.reply, died ? UINT64_MAX : faults);
	if (!died) {
		reply.answer[SUBJECT_OPERATION_SIZE - 1] = '\0';
		sim_program_answered(world, &reply);
	}
	sim_program_reseed(world);
	return !died &&
	       (*outcome == SUBJECT_ACKNOWLEDGED || *outcome == SUBJECT_UNCHANGED || *outcome == SUBJECT_REFUSED);
}

/* What it was told to do may be there. */
static void sim_program_died(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_program *own = sim_program_of(world);
	if (own->in_hand) {
		sim_program_judge_attempt(&own->judge, &own->deed);
		own->in_hand = false;
		world->in_flight = true;
		world->in_doubt = false;
	}
}

static void sim_program_step(struct sim_process *process, const struct sim_step *step) {
	if (sim_process_start(process, 2) && !sim_alone_step(process, step->kind) && step->kind == SIM_STEP_OPERATION) {
		sim_program_do(process->world, step->operation);
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool sim_program_do_last(struct sim_world *world) {
	return sim_program_do(world, world->plan->program.operation_count - 1);
}

/* Why operations cannot go on once nothing strikes any more. */
static void sim_program_stuck(struct sim_process *process) {
	struct sim_program *own = sim_program_of(process->world);
	char detail[SIM_VERDICT_DETAIL_SIZE];
	if (process->instance != NULL) {
		snprintf(detail, sizeof detail, "operations stay without effect");
	} else if (own->unreadable) {
		snprintf(detail, sizeof detail, "the program starts, and its observe() fails: %.120s",
		         own->judge.shown.reason);
	} else {
		snprintf(detail, sizeof detail, "the program does not start any more");
	}
	sim_program_corrupt(process->world, "progress_after_faults", detail);
}

static void sim_program_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	if (sim_alone_heal(process, sim_program_do_last)) {
		sim_alone_finish(process);
	} else if (!world->ended) {
		sim_program_stuck(process);
	}
}

/* ---- crash states beside the run ------------------------------------------------------------- */

static bool sim_program_branch_begin(struct sim_world *world, uint32_t depth) {
	struct sim_program *own = sim_program_of(world);
	struct sim_program_kept *kept = &own->kept[depth];
	if (own->judge.attempt_count == SIM_PROGRAM_ATTEMPTS_MAX) {
		return false;
	}
	*kept = (struct sim_program_kept){own->judge.attempt_count, own->in_hand};
	own->judge.holds_still++;
	/* What it was told to do may be there, at each point of the moment. */
	if (own->in_hand) {
		sim_program_judge_attempt(&own->judge, &own->deed);
	}
	own->in_hand = false;
	return true;
}

static void sim_program_branch_next(struct sim_world *world, uint32_t depth) {
	const struct sim_program_kept *kept = &sim_program_of(world)->kept[depth];
	world->in_flight = world->in_flight || kept->in_hand;
	world->in_doubt = world->in_doubt && !kept->in_hand;
}

static void sim_program_branch_end(struct sim_world *world, uint32_t depth) {
	struct sim_program *own = sim_program_of(world);
	const struct sim_program_kept *kept = &own->kept[depth];
	assert(own->judge.holds_still > 0);
	own->judge.holds_still--;
	sim_program_judge_forget(&own->judge, kept->attempt_count);
	own->in_hand = kept->in_hand;
}

const struct sim_work sim_program_work = {.judges_reasons = true,
                                          .begin = sim_program_begin,
                                          .configure = sim_program_configure,
                                          .started = sim_program_started,
                                          .step = sim_program_step,
                                          .died = sim_program_died,
                                          .finish = sim_program_finish,
                                          .end = sim_program_end,
                                          .branch_begin = sim_program_branch_begin,
                                          .branch_next = sim_program_branch_next,
                                          .branch_end = sim_program_branch_end};
