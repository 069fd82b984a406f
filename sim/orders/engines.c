/* sim/orders/engines.c: what one engine of several does: it starts, is given reports, is stopped
 * when it says so, and starts again. Beside the engines, readers look into the database file
 * (file_reader.c). See engines.h. */
#include "engines.h"

#include "delivery.h"
#include "exchange.h"
#include "file_reader.h"
#include "one_engine.h"
#include "loaded.h"

#include <assert.h>
#include <string.h>

/* An engine that is told "later", or does not start, tries so often in one step; at the end, so
 * often in all. */
#define SIM_ENGINES_TRIES 6u
#define SIM_ENGINES_TRIES_AT_END 200u

enum sim_engines_result {
	SIM_ENGINES_DONE = 0,
	SIM_ENGINES_AGAIN, /* later: busy, fenced, or the storage failed */
	SIM_ENGINES_DIED,
};

static struct sim_fencing_engine *sim_engines_of(const struct sim_process *process) {
	assert(process->number < SIM_PROCESSES_MAX);
	return &sim_orders_of(process->world)->fencing.engines[process->number];
}

/* Takes the word of the judge: false ends the run. An engine that was shown an old page by a lying
 * disk may take itself for the owner: then what it answers is measured. */
static bool sim_engines_hold(struct sim_world *world, bool held) {
	const struct sim_violation *violation = &sim_orders_of(world)->fencing.violation;
	if (held) {
		return true;
	}
	return world->owed.lied ? sim_world_corrupt(world, violation->invariant, "%s", violation->detail)
	                        : sim_world_violated(world, violation->invariant, "%s", violation->detail);
}

/* ---- lives ----------------------------------------------------------------------------------- */

static void sim_engines_configure(struct sim_process *process, struct subject_config *config) {
	const struct sim_world *world = process->world;
	uint32_t runs = 0;
	uint32_t starting = 0;
	sim_orders_vouch(process, config);
	for (uint32_t i = 0; i < world->process_count; i++) {
		const struct sim_process *other = &world->processes[i];
		starting |= other != process && other->starting ? 1u << i : 0;
		runs |= other != process && (other->starting || other->instance != NULL) ? 1u << i : 0;
	}
	sim_fencing_start_begins(&sim_orders_of(process->world)->fencing, process->number, runs, starting);
}

/* What a load has lost is sent again. */
static bool sim_engines_take_load(struct sim_process *process, enum sim_contract contract) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	struct sim_fencing *fencing = &orders->fencing;
	struct sim_fencing_engine *engine = sim_engines_of(process);
	engine->proved = sim_orders_proved(process);
	if (!sim_engines_hold(world, sim_fencing_loaded(fencing, engine, &orders->view, contract)) ||
	    !sim_orders_take_vouched(process)) {
		return false;
	}
	for (uint32_t i = 0; fencing->lost > 0 && i < orders->plan->report_count; i++) {
		orders->acknowledged[i] = orders->acknowledged[i] && sim_model_holds(&engine->model, orders->plan, i);
	}
	world->result->lost += fencing->lost;
	world->result->lost_most = fencing->lost > world->result->lost_most ? fencing->lost : world->result->lost_most;
	sim_loaded_reach(process, false, false, fencing->lost);
	return true;
}

static bool sim_engines_started(struct sim_process *process, enum sim_contract contract) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	if (orders->concluding) {
		return sim_one_engine_started(process, contract);
	}
	bool was_first = orders->fencing.start_count == 0;
	sim_view_take(&orders->view, sim_process_enter(process), process->instance);
	sim_world_note(world, SIM_EVENT_LOADED, orders->view.position_count, orders->view.version, NULL);
	sim_world_reach_if(world, !was_first, SIM_PROBE_TAKEOVER);
	return sim_engines_take_load(process, contract);
}

/* One try to start, if it does not run. */
static enum sim_engines_result sim_engines_start(struct sim_process *process) {
	if (process->instance != NULL) {
		return SIM_ENGINES_DONE;
	}
	switch (sim_process_try(process)) {
	case SIM_PROCESS_RUNS:
		return process->world->ended ? SIM_ENGINES_AGAIN : SIM_ENGINES_DONE;
	case SIM_PROCESS_DIED:
		return SIM_ENGINES_DIED;
	case SIM_PROCESS_LATER:
		break;
	}
	return SIM_ENGINES_AGAIN;
}

/* ---- reports --------------------------------------------------------------------------------- */

static void sim_engines_reach(struct sim_world *world, const struct subject_reply *reply) {
	static const enum sim_probe probes[] = {[SUBJECT_ACKNOWLEDGED] = SIM_PROBE_UPDATE_ACKNOWLEDGED,
	                                        [SUBJECT_UNCHANGED] = SIM_PROBE_DUPLICATE_UNCHANGED,
	                                        [SUBJECT_LATER] = SIM_PROBE_SAVE_FAILED,
	                                        [SUBJECT_IN_DOUBT] = SIM_PROBE_IN_DOUBT,
	                                        [SUBJECT_STOPPED] = SIM_PROBE_FORMER_FENCED};
	world->result->updates += reply->outcome == SUBJECT_ACKNOWLEDGED;
	sim_world_reach(world, probes[reply->outcome]);
}

static bool sim_engines_is_settled(const struct subject_reply *reply) {
	return reply->outcome == SUBJECT_ACKNOWLEDGED || reply->outcome == SUBJECT_UNCHANGED ||
	       reply->outcome == SUBJECT_REFUSED;
}

/* What it shows after a step. False when the run has ended. */
static bool sim_engines_judge_memory(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	sim_view_take(&orders->view, sim_process_enter(process), process->instance);
	if (!sim_engines_hold(world, sim_fencing_memory(&orders->fencing, sim_engines_of(process), &orders->view))) {
		return false;
	}
	sim_orders_note_history(orders);
	return true;
}

static void sim_engines_stop_if(struct sim_process *process, bool must_restart) {
	if (must_restart) {
		sim_world_reach(process->world, SIM_PROBE_HANDLE_STOPPED);
		sim_process_stop(process);
	}
}

/* The answers are there, and the process alive. */
static enum sim_engines_result sim_engines_take_answers(struct sim_process *process, const uint32_t *reports,
                                                        const struct subject_reply *replies, uint32_t count) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	bool settled = true;
	bool must_restart = false;
	for (uint32_t i = 0; i < count; i++) {
		sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)replies[i].outcome, replies[i].version,
		               replies[i].reason);
	}
	sim_engines_of(process)->reason.disturbance = sim_process_disturbance(process);
	bool held = sim_fencing_answered(&orders->fencing, sim_engines_of(process), reports, replies, count);
	if (!sim_engines_hold(world, held)) {
		return SIM_ENGINES_AGAIN;
	}
	for (uint32_t i = 0; i < count; i++) {
		sim_engines_reach(world, &replies[i]);
		must_restart |= replies[i].must_restart;
		settled = settled && sim_engines_is_settled(&replies[i]);
	}
	if (!sim_engines_judge_memory(process)) {
		return SIM_ENGINES_AGAIN;
	}
	for (uint32_t i = 0; i < count; i++) {
		orders->acknowledged[reports[i]] |= sim_engines_is_settled(&replies[i]);
	}
	sim_engines_stop_if(process, must_restart);
	return settled ? SIM_ENGINES_DONE : SIM_ENGINES_AGAIN;
}

static enum sim_engines_result sim_engines_send(struct sim_process *process, uint32_t report) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	struct subject_step step = sim_delivery_step(&orders->plan->reports[report]);
	struct subject_gap gap = {0};
	struct subject_reply reply = {0};
	step.gaps = &gap;
	enum sim_engines_result started = sim_engines_start(process);
	if (started != SIM_ENGINES_DONE) {
		return started;
	}
	sim_fencing_sent(&orders->fencing, report);
	if (!sim_process_step(process, &step, &reply)) {
		return SIM_ENGINES_DIED;
	}
	sim_engines_of(process)->gaps = sim_orders_said(world, &gap);
	return world->ended ? SIM_ENGINES_AGAIN : sim_engines_take_answers(process, &report, &reply, 1);
}

/* ---- batches --------------------------------------------------------------------------------- */

static void sim_engines_send_together(struct sim_process *process, const uint32_t *reports, uint32_t count) {
	assert(count > 1 && count <= SUBJECT_BATCH_MAX);
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	struct subject_order_update updates[SUBJECT_BATCH_MAX];
	struct subject_scope scopes[SUBJECT_BATCH_MAX];
	struct subject_reply replies[SUBJECT_BATCH_MAX] = {{0}};
	struct subject_gap gaps[SUBJECT_BATCH_MAX] = {{0}};
	struct subject_reply reply = {0};
	uint32_t applied = 0;
	const struct subject_step step = {.kind = SUBJECT_STEP_BATCH,
	                                  .update_count = count,
	                                  .updates = updates,
	                                  .scopes = scopes,
	                                  .replies = replies,
	                                  .gaps = gaps};
	for (uint32_t i = 0; i < count; i++) {
		updates[i] = orders->plan->reports[reports[i]].update;
		scopes[i] = orders->plan->reports[reports[i]].scope;
		sim_fencing_sent(&orders->fencing, reports[i]);
	}
	if (!sim_process_step(process, &step, &reply) || world->ended) {
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		replies[i].must_restart |= reply.must_restart;
		applied += replies[i].outcome == SUBJECT_ACKNOWLEDGED;
	}
	sim_world_reach_if(world, applied > 1, SIM_PROBE_BATCH_ACKNOWLEDGED);
	sim_engines_of(process)->gaps = sim_orders_said(world, gaps);
	sim_engines_take_answers(process, reports, replies, count);
}

/* ---- redelivery ------------------------------------------------------------------------------ */

/* An engine that says that fills are missing is sent all of the order, also what another one has
 * acknowledged. */
static void sim_engines_fill_gap(struct sim_process *process, uint32_t report) {
	const struct sim_plan *plan = process->world->plan;
	for (uint32_t i = 0; i < report && !process->world->ended; i++) {
		if (plan->reports[i].order == plan->reports[report].order) {
			sim_engines_send(process, i);
		}
	}
}

static bool sim_engines_has_gap(const struct sim_process *process, uint32_t report) {
	const struct sim_model *model = &sim_engines_of(process)->model;
	return process->instance != NULL && sim_model_predict(model, process->world->plan, report) == SIM_MODEL_GAP;
}

/* True when it is settled. */
static bool sim_engines_deliver(struct sim_process *process, uint32_t report) {
	if (sim_engines_send(process, report) == SIM_ENGINES_DONE) {
		return true;
	}
	if (sim_engines_has_gap(process, report)) {
		sim_engines_fill_gap(process, report);
	}
	return false;
}

/* What was sent and nobody has acknowledged goes out again, in its order. True when nothing is
 * left. */
static bool sim_engines_send_backlog(struct sim_process *process) {
	const struct sim_orders *orders = sim_orders_of(process->world);
	bool all = true;
	for (uint32_t report = 0; report < orders->plan->report_count && !process->world->ended; report++) {
		if (sim_delivery_is_due(orders, report)) {
			all = sim_engines_deliver(process, report) && all;
		}
	}
	return all;
}

static bool sim_engines_persist(struct sim_process *process, uint32_t tries) {
	for (uint32_t i = 0; i < tries && !process->world->ended; i++) {
		if (sim_engines_send_backlog(process)) {
			return true;
		}
		uint32_t factor = i < 16 ? i + 1 : 16;
		sim_process_sleep(process, (int64_t)factor * (3 + 2 * process->number) * 1000000);
	}
	return false;
}

/* Everything that is due goes out in batches, once; what is not settled then, goes out one by
 * one. */
static void sim_engines_send_batch(struct sim_process *process, const struct sim_step *step) {
	struct sim_orders *orders = sim_orders_of(process->world);
	uint32_t next = 0;
	uint32_t end = step->report + step->count;
	for (uint32_t i = step->report; i < end && i < orders->plan->report_count; i++) {
		orders->sent[i] = true;
	}
	while (next < orders->plan->report_count && !process->world->ended) {
		uint32_t reports[SUBJECT_BATCH_MAX];
		uint32_t count = sim_exchange_collect(orders, &next, reports);
		if (count > 1 && sim_engines_start(process) == SIM_ENGINES_DONE) {
			sim_engines_send_together(process, reports, count);
		} else if (count > 0) {
			sim_engines_send(process, reports[0]);
		}
	}
	sim_engines_persist(process, SIM_ENGINES_TRIES);
}

static void sim_engines_checkpoint(struct sim_process *process) {
	const struct subject_step step = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct sim_fencing *fencing = &sim_orders_of(process->world)->fencing;
	struct sim_fencing_engine *engine = sim_engines_of(process);
	struct subject_reply reply = {0};
	if (sim_engines_start(process) != SIM_ENGINES_DONE || !sim_process_step(process, &step, &reply)) {
		return;
	}
	if (process->world->ended) {
		return;
	}
	engine->reason.disturbance = sim_process_disturbance(process);
	if (!sim_engines_hold(process->world, sim_fencing_checkpointed(fencing, engine, &reply)) ||
	    !sim_engines_judge_memory(process)) {
		return;
	}
	sim_engines_stop_if(process, reply.must_restart);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* An engine that runs, and may have been taken over from, is given a report; one that does not run
 * sleeps on. */
static void sim_engines_wake(struct sim_process *process, uint32_t report) {
	struct sim_orders *orders = sim_orders_of(process->world);
	if (process->instance != NULL && sim_delivery_may_send(orders, report)) {
		orders->sent[report] = true;
		sim_engines_send(process, report);
	}
}

static void sim_engines_step(struct sim_process *process, const struct sim_step *step) {
	if (step->kind == SIM_STEP_DELIVER) {
		sim_orders_of(process->world)->sent[step->report] = true;
		sim_engines_persist(process, SIM_ENGINES_TRIES);
	} else if (step->kind == SIM_STEP_AGAIN) {
		sim_engines_send(process, step->report);
	} else if (step->kind == SIM_STEP_BATCH) {
		sim_engines_send_batch(process, step);
	} else if (step->kind == SIM_STEP_TAKEOVER) {
		sim_engines_start(process);
	} else if (step->kind == SIM_STEP_WAKE) {
		sim_engines_wake(process, step->report);
	} else if (step->kind == SIM_STEP_RESTART || step->kind == SIM_STEP_RETIRE) {
		sim_process_stop(process);
	} else if (step->kind == SIM_STEP_CHECKPOINT) {
		sim_engines_checkpoint(process);
	} else if (step->kind == SIM_STEP_LOOK) {
		sim_file_reader_look(process, step);
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

static uint32_t sim_engines_first(const struct sim_processes_plan *plan) {
	uint32_t first = 0;
	while (first + 1 < plan->count && plan->members[first].role != SIM_ROLE_ENGINE) {
		first++;
	}
	return first;
}

/* Faults have ended: the first engine must get everything through while the others close. */
static void sim_engines_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	if (process->number != sim_engines_first(&world->plan->processes)) {
		return;
	}
	memset(orders->sent, 1, orders->plan->report_count * sizeof orders->sent[0]);
	if (!sim_engines_persist(process, SIM_ENGINES_TRIES_AT_END)) {
		sim_world_corrupt(world, "no_starvation",
		                  "%s does not get everything acknowledged in %u tries after the faults", process->name,
		                  SIM_ENGINES_TRIES_AT_END);
	}
}

/* All engines have closed. One more start shows it all, under the eyes of the judge of one
 * engine. */
static void sim_engines_conclude(struct sim_world *world) {
	struct sim_orders *orders = sim_orders_of(world);
	struct sim_judge *judge = &orders->judge;
	const struct sim_fencing *fencing = &orders->fencing;
	for (uint64_t i = 0; i < fencing->length; i++) {
		judge->chain[i] = fencing->chain[i];
		judge->commit[i] = i;
		sim_model_apply(&judge->model, world->plan, fencing->chain[i]);
	}
	judge->chain_length = judge->floor = fencing->length;
	orders->concluding = true;
	if (!sim_process_start(orders->owner, SIM_WORLD_HEAL_ROUNDS)) {
		sim_world_corrupt(world, "progress_after_faults", "the subject does not start any more");
		return;
	}
	if (!sim_judge_converged(judge)) {
		/* What a damaged file has lost by now nobody sends again. */
		sim_world_corrupt(world, judge->violation.invariant, "%s", judge->violation.detail);
		return;
	}
	sim_process_stop(orders->owner);
	if (!world->ended && !world->owed.ever_damaged) {
		sim_process_check_database(orders->owner);
	}
}

const struct sim_work sim_engines_work = {.begin = sim_orders_begin,
                                          .configure = sim_engines_configure,
                                          .make_other = sim_orders_make_other,
                                          .keeps_refused = true,
                                          .judges_reasons = true,
                                          .owns_memory = true,
                                          .beginning = sim_orders_look_at_files,
                                          .started = sim_engines_started,
                                          .step = sim_engines_step,
                                          .close = sim_file_reader_close,
                                          .finish = sim_engines_finish,
                                          .conclude = sim_engines_conclude};
