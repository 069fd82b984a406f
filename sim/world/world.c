/* sim/world/world.c: the steps of the plan, the exchange that sends and sends again, and the healing at the end. */
#include "end_state.h"
#include "owner.h"
#include "trader.h"

#include <sqlite3.h>
#include <string.h>

void sim_world_reach(struct sim_world *world, enum sim_probe probe) {
	if (probe != SIM_PROBE_NONE) {
		world->result->probes[probe]++;
	}
}

void sim_world_note(struct sim_world *world, enum sim_event_kind kind, uint32_t code, uint64_t number,
                    const char *note) {
	struct sim_event event = {.kind = kind, .code = code, .time_ns = (uint64_t)world->now_ns, .numbers = {number}};
	sim_trace_add(world->trace, &event, note);
}

/* ---- one delivery ---------------------------------------------------------------------------------------------------- */

static void sim_world_reach_applied(struct sim_world *world, uint32_t report) {
	const struct sim_report *sent = &world->plan->reports[report];
	const struct sim_model_order *order = &world->judge->model.orders[sent->order];
	sim_delivery_reach_applied(world, report);
	sim_world_reach(world, SIM_PROBE_UPDATE_ACKNOWLEDGED);
	sim_world_reach(world, world->plan->tape_used ? SIM_PROBE_TAPE_USED : SIM_PROBE_NONE);
	sim_world_reach(world, world->disk_was_full ? SIM_PROBE_SAVE_AFTER_DISK_FULL : SIM_PROBE_NONE);
	sim_world_reach(world, world->waited_for_lock ? SIM_PROBE_BUSY_WAITED_OUT : SIM_PROBE_NONE);
	sim_world_reach(world, world->judge->model.flipped ? SIM_PROBE_POSITION_FLIPPED : SIM_PROBE_NONE);
	if (sent->command.kind != SUBJECT_COMMAND_NONE) {
		return;
	}
	switch (sim_model_status(order)) {
	case SUBJECT_ORDER_FILLED:
		sim_world_reach(world, SIM_PROBE_ORDER_FILLED);
		break;
	case SUBJECT_ORDER_CANCELED:
		sim_world_reach(world, SIM_PROBE_ORDER_CANCELED);
		break;
	case SUBJECT_ORDER_REJECTED:
		sim_world_reach(world, SIM_PROBE_ORDER_REJECTED);
		break;
	case SUBJECT_ORDER_EXPIRED:
		sim_world_reach(world, SIM_PROBE_ORDER_EXPIRED);
		break;
	case SUBJECT_ORDER_NONE:
	case SUBJECT_ORDER_NEW:
	case SUBJECT_ORDER_PARTIALLY_FILLED:
	case SUBJECT_ORDER_PENDING_NEW:
	case SUBJECT_ORDER_PENDING_CANCEL:
	case SUBJECT_ORDER_PENDING_REPLACE:
	case SUBJECT_ORDER_DONE_FOR_DAY:
	case SUBJECT_ORDER_STOPPED:
		break;
	}
}

static void sim_world_reach_answer(struct sim_world *world, uint32_t report, const struct subject_reply *reply) {
	if (world->plan->trader.exchange_only) {
		world->result->updates += reply->outcome == SUBJECT_ACKNOWLEDGED;
		return; /* what it means nobody knows but the subject */
	}
	bool gap = sim_model_predict(&world->judge->model, world->plan, report) == SIM_MODEL_GAP;
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		world->result->updates++;
		sim_world_reach_applied(world, report);
		break;
	case SUBJECT_UNCHANGED:
		sim_world_reach(world, SIM_PROBE_DUPLICATE_UNCHANGED);
		sim_delivery_reach_unchanged(world, report);
		break;
	case SUBJECT_LATER:
		sim_world_reach(world, gap || reply->held ? SIM_PROBE_GAP_ASKED_FOR : SIM_PROBE_SAVE_FAILED);
		sim_world_reach(world, reply->held ? SIM_PROBE_UPDATE_HELD : SIM_PROBE_NONE);
		break;
	case SUBJECT_IN_DOUBT:
		world->in_flight = true;
		world->doubt = true;
		sim_world_reach(world, SIM_PROBE_IN_DOUBT);
		break;
	case SUBJECT_REFUSED:
		sim_delivery_reach_refused(world, report);
		break;
	case SUBJECT_OUTCOME_NONE:
	case SUBJECT_STOPPED:
		break;
	}
}

void sim_world_judge_memory(struct sim_world *world) {
	sim_view_take(world->view, world->subject, world->instance);
	if (!sim_judge_memory(world->judge, world->view)) {
		world->ended = true;
	}
}

void sim_world_crashed_in_flight(struct sim_world *world, const uint32_t *reports, uint32_t count) {
	sim_judge_attempt(world->judge, reports, count);
	world->in_flight = true;
	world->doubt = false;
	sim_life_bury(world);
}

/* What follows from the answers: for the judge, for the exchange, and for the process. */
void sim_world_take_answers(struct sim_world *world, const uint32_t *reports, const struct subject_reply *replies,
                            uint32_t count) {
	bool holds = world->plan->held_updates > 0;
	uint64_t held_applied = world->judge->held_applied;
	if (holds) {
		sim_view_take(world->view, world->subject, world->instance);
	}
	sim_judge_show(world->judge, holds ? world->view : NULL);
	if (!sim_judge_answered(world->judge, reports, replies, count)) {
		world->ended = true;
		return;
	}
	sim_world_reach(world, world->judge->held_applied > held_applied ? SIM_PROBE_HELD_APPLIED : SIM_PROBE_NONE);
	bool must_restart = false;
	for (uint32_t i = 0; i < count; i++) {
		const struct subject_reply *reply = &replies[i];
		sim_world_reach_answer(world, reports[i], reply);
		world->corruption_named |=
		        (reply->sqlite_code & 0xff) == SQLITE_CORRUPT || (reply->sqlite_code & 0xff) == SQLITE_NOTADB;
		world->acknowledged[reports[i]] |= reply->outcome == SUBJECT_ACKNOWLEDGED ||
		                                   reply->outcome == SUBJECT_UNCHANGED ||
		                                   reply->outcome == SUBJECT_REFUSED;
		must_restart |= reply->must_restart;
	}
	sim_world_judge_memory(world);
	if (must_restart && !world->ended) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_life_stop(world);
	}
}

/* The exchange sends one report, or the operator a command, to a running subject. */
void sim_world_send(struct sim_world *world, uint32_t report) {
	const struct subject_step step = sim_delivery_step(&world->plan->reports[report]);
	struct subject_reply reply = {0};
	world->sent[report] = true;
	world->calls = 0;
	world->waited_for_lock = false;
	sim_strike_watch_memory(world, true);
	world->subject->step(world->instance, &step, &reply);
	sim_strike_watch_memory(world, false);
	if (vfs_process_is_dead(world->process)) {
		sim_world_crashed_in_flight(world, &report, 1);
		return;
	}
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply.outcome, reply.version, reply.reason);
	sim_world_take_answers(world, &report, &reply, 1);
}

/* Everything that was sent and is not acknowledged goes out again, in its order. */
static void sim_world_send_backlog(struct sim_world *world, uint32_t tries) {
	for (uint32_t report = 0; report < world->plan->report_count && !world->ended; report++) {
		if (!world->sent[report] || world->acknowledged[report] || !sim_delivery_may_send(world, report)) {
			continue;
		}
		if (!sim_life_start(world, tries)) {
			return;
		}
		/* Asked again: a start may show that something before it was lost. */
		if (!world->acknowledged[report] && sim_delivery_may_send(world, report)) {
			sim_world_send(world, report);
		}
	}
}

/* ---- loads ----------------------------------------------------------------------------------------------------------- */

void sim_world_reach_loaded(struct sim_world *world, bool attempt_found, bool was_open, uint64_t lost) {
	if (attempt_found) {
		sim_world_reach(world, world->doubt ? SIM_PROBE_IN_DOUBT_COMMITTED : SIM_PROBE_CRASH_COMMITTED);
	} else if (was_open) {
		sim_world_reach(world, world->doubt ? SIM_PROBE_IN_DOUBT_LOST : SIM_PROBE_CRASH_LOST);
	}
	if (lost > 0) {
		sim_world_reach(world,
		                world->damaged ? SIM_PROBE_DAMAGE_OLDER_STATE : SIM_PROBE_ACKNOWLEDGED_LOST_LEGALLY);
	} else if (world->damaged) {
		sim_world_reach(world, SIM_PROBE_DAMAGE_HARMLESS);
	}
}

/* Measured, not judged: also what the contract allows. */
static void sim_world_measure_loaded(struct sim_world *world) {
	const struct sim_judge *judge = world->judge;
	struct sim_run_result *result = world->result;
	result->lost += judge->lost;
	result->lost_most = judge->lost > result->lost_most ? judge->lost : result->lost_most;
	result->corrupt += judge->found ? 0 : 1;
}

static bool sim_world_orders_loaded(struct sim_world *world, enum sim_contract contract) {
	struct sim_judge *judge = world->judge;
	uint64_t attempts = judge->attempt_count;
	sim_view_take(world->view, world->subject, world->instance);
	sim_world_note(world, SIM_EVENT_LOADED, (uint32_t)world->view->position_count, world->view->version, NULL);
	bool admissible = sim_judge_loaded(judge, world->view, contract, world->damaged);
	sim_world_measure_loaded(world);
	if (!admissible) {
		world->ended = true;
		return false;
	}
	sim_trader_loaded(world);
	if (world->ended || world->plan->trader.exchange_only) {
		return !world->ended;
	}
	sim_delivery_reach_loaded(world);
	sim_world_reach_loaded(world, judge->attempt_found, attempts > 0 && world->in_flight, judge->lost);
	for (uint32_t report = 0; report < world->plan->report_count; report++) {
		world->acknowledged[report] = world->acknowledged[report] && sim_delivery_is_settled(world, report);
	}
	/* Serving is preceded by a durable commit of the subject's own, which ends the limbo of what came before. */
	if (contract < SIM_CONTRACT_PREFIX) {
		judge->attempt_count = 0;
	}
	return true;
}

/* ---- steps ----------------------------------------------------------------------------------------------------------- */

static void sim_world_checkpoint(struct sim_world *world) {
	const struct subject_step step = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct subject_reply reply = {0};
	world->calls = 0;
	sim_strike_watch_memory(world, true);
	world->subject->step(world->instance, &step, &reply);
	sim_strike_watch_memory(world, false);
	if (vfs_process_is_dead(world->process)) {
		sim_life_bury(world);
		return;
	}
	sim_world_judge_memory(world);
	if (reply.must_restart && !world->ended) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_life_stop(world);
	}
}

void sim_world_restart(struct sim_world *world) {
	if (world->instance != NULL) {
		sim_world_reach(world, SIM_PROBE_CLEAN_RESTART);
		sim_life_stop(world);
	}
	sim_life_start(world, 1);
}

static void sim_world_step_former(struct sim_world *world, const struct sim_step *step) {
	if (step->kind == SIM_STEP_WAKE) {
		sim_owner_wake(world, step->report);
	} else {
		sim_owner_retire(world);
	}
}

static void sim_world_orders_step(struct sim_world *world, const struct sim_step *step) {
	if (sim_trader_step(world, step)) {
		return;
	}
	if (step->kind == SIM_STEP_DELIVER) {
		world->sent[step->report] = true;
		sim_world_send_backlog(world, 2);
		return;
	}
	if (step->kind == SIM_STEP_WAKE || step->kind == SIM_STEP_RETIRE) {
		sim_world_step_former(world, step);
		return;
	}
	if (!sim_life_start(world, 2)) {
		return;
	}
	switch (step->kind) {
	case SIM_STEP_AGAIN:
		if (sim_delivery_may_send(world, step->report)) {
			sim_world_send(world, step->report);
		}
		break;
	case SIM_STEP_BATCH:
		sim_delivery_send_batch(world, step);
		break;
	case SIM_STEP_RESTART:
		sim_world_restart(world);
		break;
	case SIM_STEP_CHECKPOINT:
		sim_world_checkpoint(world);
		break;
	case SIM_STEP_TAKEOVER:
		sim_owner_take_over(world);
		break;
	case SIM_STEP_TRADE:
	case SIM_STEP_DELIVER:
	case SIM_STEP_WAKE:
	case SIM_STEP_RETIRE:
	case SIM_STEP_TRANSACTION:
	case SIM_STEP_LOOK:
	case SIM_STEP_BACKUP:
	case SIM_STEP_VACUUM:
	case SIM_STEP_CHECK:
	case SIM_STEP_SWITCH:
	case SIM_STEP_NONE:
		break;
	}
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

static bool sim_world_all_acknowledged(const struct sim_world *world) {
	for (uint32_t report = 0; report < world->plan->report_count; report++) {
		if (!world->acknowledged[report]) {
			return false;
		}
	}
	return true;
}

/* Faults have ended: the world must heal, and then everything must be where the exchange says it is. */
static void sim_world_heal(struct sim_world *world) {
	world->faults_over = true;
	sim_strike_end_lasting(world);
	sim_owner_retire(world);
	bool trader = world->plan->trader.kind != SIM_TRADER_NONE;
	for (uint32_t i = 0; i < world->plan->report_count && !trader; i++) {
		world->sent[i] = true;
	}
	for (uint32_t round = 0; round < SIM_WORLD_HEAL_ROUNDS && !world->ended; round++) {
		if (trader) {
			sim_trader_catch_up(world, world->plan->report_count - 1, SIM_WORLD_HEAL_ROUNDS);
		} else if (sim_life_start(world, SIM_WORLD_HEAL_ROUNDS)) {
			sim_world_send_backlog(world, SIM_WORLD_HEAL_ROUNDS);
		}
		if (sim_world_all_acknowledged(world) && world->instance != NULL) {
			break;
		}
	}
	/* Damage in a page that holds no state (the free list) shows when it is used: refusing by name is all one can ask. A sector
	 * that cannot be read is named by each I/O error. */
	if (!world->ended && world->ever_damaged && (world->corruption_named || world->unreadable)) {
		sim_world_reach(world, SIM_PROBE_DAMAGE_DETECTED);
		world->result->corrupt++;
		world->ended = true;
	}
	if (!world->ended && (world->instance == NULL || !sim_world_all_acknowledged(world))) {
		sim_verdict_violated(&world->judge->violation, "progress_after_faults", "%s",
		                     world->instance == NULL ? "the subject does not start any more"
		                                             : "updates stay without acknowledgement");
		world->ended = true;
	}
}

static void sim_world_orders_finish(struct sim_world *world) {
	sim_world_heal(world);
	if (world->ended) {
		return;
	}
	if (!sim_judge_converged(world->judge) || (world->plan->trader.exchange_only && !sim_trader_converged(world))) {
		world->ended = true;
		return;
	}
	sim_world_restart(world);
	if (!world->ended && world->instance != NULL) {
		world->result->state_hash = sim_end_state_hash(world->view);
	}
	if (!world->ended) {
		sim_life_stop(world);
	}
	if (!world->ended && !world->ever_damaged) {
		sim_life_check_database(world);
	}
}

static bool sim_world_orders_begin(struct sim_world *world) {
	(void)world;
	return true;
}

const struct sim_work sim_world_orders = {.begin = sim_world_orders_begin,
                                          .loaded = sim_world_orders_loaded,
                                          .step = sim_world_orders_step,
                                          .finish = sim_world_orders_finish};

/* ---- any work -------------------------------------------------------------------------------------------------------- */

static void sim_world_step(struct sim_world *world, uint32_t number) {
	const struct sim_step *step = &world->plan->steps[number];
	sim_strike_arm(world, SIM_MOMENT_STEP, number);
	sim_world_note(world, SIM_EVENT_STEP, (uint32_t)step->kind, number, NULL);
	world->result->steps++;
	if (step->kind != SIM_STEP_NONE) {
		world->work->step(world, step);
	}
}

void sim_world_run(struct sim_world *world) {
	world->journal_modes = 1u << world->plan->settings.journal_mode;
	if (!world->work->begin(world)) {
		world->result->verdict = SIM_HARNESS_FAILED;
		return;
	}
	sim_life_start(world, 2);
	for (uint32_t number = 0; number < world->plan->step_count && !world->ended; number++) {
		sim_world_step(world, number);
		if (!world->ended && world->options != NULL && world->options->until_event != 0 &&
		    sim_trace_count(world->trace) >= world->options->until_event) {
			world->ended = true;
			world->result->stopped = true;
		}
	}
	if (!world->ended) {
		world->work->finish(world);
	}
}
