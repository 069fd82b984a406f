/* sim/orders/one_engine.c: see one_engine.h. What a load shows, the steps of a plan, and the
 * healing at the end. */
#include "one_engine.h"

#include "delivery.h"
#include "end_state.h"
#include "exchange.h"
#include "kept.h"
#include "malformed.h"
#include "takeover.h"
#include "trader.h"
#include "loaded.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

/* ---- loads ----------------------------------------------------------------------------------- */

/* Measured, not judged: also what the contract allows. */
static void sim_one_engine_measure_loaded(const struct sim_orders *orders) {
	const struct sim_judge *judge = &orders->judge;
	struct sim_run_result *result = orders->world->result;
	result->lost += judge->lost;
	result->lost_most = judge->lost > result->lost_most ? judge->lost : result->lost_most;
	result->corrupt += judge->found ? 0 : 1;
}

/* The load was admissible: what of the exchange's book-keeping still holds. */
static void sim_one_engine_take_load(struct sim_process *process, bool was_open, enum sim_contract contract) {
	struct sim_orders *orders = sim_orders_of(process->world);
	struct sim_judge *judge = &orders->judge;
	sim_delivery_reach_loaded(orders);
	sim_loaded_reach(process, judge->attempt_found, was_open, judge->lost);
	for (uint32_t report = 0; report < orders->plan->report_count; report++) {
		orders->acknowledged[report] = orders->acknowledged[report] && sim_delivery_is_settled(orders, report);
	}
	/* Serving is preceded by a durable commit of the subject's own, which ends the limbo of
	 * what came before. */
	if (contract < SIM_CONTRACT_PREFIX) {
		judge->attempt_count = 0;
	}
}

bool sim_one_engine_started(struct sim_process *process, enum sim_contract contract) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	struct sim_judge *judge = &orders->judge;
	bool was_open = judge->attempt_count > 0 && world->in_flight;
	sim_view_take(&orders->view, sim_process_enter(process), process->instance);
	sim_world_note(world, SIM_EVENT_LOADED, orders->view.position_count, orders->view.version, NULL);
	judge->proved = sim_orders_proved(process);
	bool admissible = sim_judge_loaded(judge, &orders->view, contract, world->owed.damaged);
	sim_one_engine_measure_loaded(orders);
	if (!admissible) {
		return sim_orders_violated(orders);
	}
	if (!sim_orders_take_vouched(process)) {
		return false;
	}
	sim_proof_loaded(&orders->proof, &world->plan->settings, orders->view.version);
	sim_trader_loaded(orders);
	if (!world->ended && !orders->plan->trader.exchange_only) {
		sim_one_engine_take_load(process, was_open, contract);
	}
	if (!world->ended) {
		sim_takeover_started(orders);
	}
	return !world->ended;
}

static void sim_one_engine_died(struct sim_process *process) {
	struct sim_orders *orders = sim_orders_of(process->world);
	if (process == orders->owner) {
		sim_exchange_died(orders);
	}
	sim_takeover_died(orders, process);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void sim_one_engine_judge_checkpoint(struct sim_orders *orders, const struct subject_reply *reply) {
	const struct sim_reason reason = {.disturbance = sim_orders_disturbance(orders)};
	if (!sim_reason_of_checkpoint(&orders->judge.violation, &reason, reply)) {
		sim_orders_violated(orders);
	}
}

static void sim_one_engine_checkpoint(struct sim_orders *orders) {
	const struct subject_step step = {.kind = SUBJECT_STEP_CHECKPOINT};
	struct subject_reply reply = {0};
	if (!sim_process_step(orders->owner, &step, &reply)) {
		return;
	}
	sim_orders_judge_memory(orders);
	sim_one_engine_judge_checkpoint(orders, &reply);
	if (reply.outcome == SUBJECT_UNCHANGED && sim_orders_disturbance(orders) == SIM_UNDISTURBED) {
		sim_orders_checkpointed(orders);
	}
	sim_orders_judge_version(orders, "a checkpoint", reply.version);
	if (reply.must_restart && !orders->world->ended) {
		sim_world_reach(orders->world, SIM_PROBE_HANDLE_STOPPED);
		sim_process_stop(orders->owner);
	}
}

static void sim_one_engine_deliver(struct sim_orders *orders, uint32_t report) {
	orders->sent[report] = true;
	sim_exchange_send_backlog(orders, 2);
}

/* A step that needs an engine that runs. */
static void sim_one_engine_step_running(struct sim_orders *orders, const struct sim_step *step) {
	if (step->kind == SIM_STEP_AGAIN || step->kind == SIM_STEP_AHEAD) {
		if (sim_delivery_may_send(orders, step->report)) {
			sim_exchange_send(orders, step->report);
		}
	} else if (step->kind == SIM_STEP_BATCH) {
		sim_exchange_send_batch(orders, step);
	} else if (step->kind == SIM_STEP_MALFORMED) {
		sim_malformed_send(orders, step);
	} else if (step->kind == SIM_STEP_RESTART) {
		sim_process_restart(orders->owner);
	} else if (step->kind == SIM_STEP_CHECKPOINT) {
		sim_one_engine_checkpoint(orders);
	} else if (step->kind == SIM_STEP_TAKEOVER) {
		sim_takeover_take_over(orders);
	}
}

static void sim_one_engine_step(struct sim_process *process, const struct sim_step *step) {
	struct sim_orders *orders = sim_orders_of(process->world);
	if (sim_trader_step(orders, step)) {
		return;
	}
	if (step->kind == SIM_STEP_DELIVER) {
		sim_one_engine_deliver(orders, step->report);
	} else if (step->kind == SIM_STEP_WAKE) {
		sim_takeover_wake(orders, step->report);
	} else if (step->kind == SIM_STEP_RETIRE) {
		sim_takeover_retire(orders);
	} else if (sim_process_start(orders->owner, 2)) {
		sim_one_engine_step_running(orders, step);
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool sim_one_engine_all_acknowledged(const struct sim_orders *orders) {
	for (uint32_t report = 0; report < orders->plan->report_count; report++) {
		if (!orders->acknowledged[report]) {
			return false;
		}
	}
	return true;
}

/* One round of redelivery, after which everything should be acknowledged. */
static bool sim_one_engine_heal_once(struct sim_orders *orders) {
	if (orders->plan->trader.kind != SIM_TRADER_NONE) {
		sim_trader_catch_up(orders, orders->plan->report_count - 1, SIM_WORLD_HEAL_ROUNDS);
	} else if (sim_process_start(orders->owner, SIM_WORLD_HEAL_ROUNDS)) {
		sim_exchange_send_backlog(orders, SIM_WORLD_HEAL_ROUNDS);
	}
	return sim_one_engine_all_acknowledged(orders) && orders->owner->instance != NULL;
}

/* Faults have ended: the world must heal, and then everything must be where the exchange says it
 * is. */
static void sim_one_engine_heal(struct sim_orders *orders) {
	struct sim_world *world = orders->world;
	bool healed = false;
	sim_world_end_faults(world);
	sim_takeover_retire(orders);
	/* What was damaged beside an engine that lived ends with a start that nobody is beside. */
	if (!world->ended && (world->owed.damaged || world->owed.took_back)) {
		sim_process_stop(orders->owner);
	}
	if (orders->plan->trader.kind == SIM_TRADER_NONE) {
		memset(orders->sent, 1, orders->plan->report_count * sizeof orders->sent[0]);
	}
	for (uint32_t round = 0; round < SIM_WORLD_HEAL_ROUNDS && !world->ended && !healed; round++) {
		healed = sim_one_engine_heal_once(orders);
	}
	/* Damage in a page that holds no state (the free list) shows when it is used: refusing by
	 * name is all one can ask. A sector that cannot be read is named by each I/O error. */
	if (!world->ended && world->owed.ever_damaged && (orders->corruption_named || world->owed.unreadable)) {
		sim_world_reach(world, SIM_PROBE_DAMAGE_DETECTED);
		world->result->corrupt++;
		world->ended = true;
	}
	if (!world->ended && !healed) {
		sim_world_violated(world, "progress_after_faults", "%s",
		                   orders->owner->instance == NULL ? "the subject does not start any more"
		                                                   : "updates stay without acknowledgement");
	}
}

static bool sim_one_engine_converged(struct sim_orders *orders) {
	if (!sim_judge_converged(&orders->judge)) {
		return sim_orders_violated(orders);
	}
	return !orders->plan->trader.exchange_only || sim_trader_converged(orders);
}

static void sim_one_engine_finish(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	sim_one_engine_heal(orders);
	if (world->ended || !sim_one_engine_converged(orders)) {
		return;
	}
	sim_process_restart(orders->owner);
	if (!world->ended && orders->owner->instance != NULL) {
		world->result->state_hash = sim_end_state_hash(&orders->view);
	}
	if (!world->ended) {
		sim_process_stop(orders->owner);
	}
	if (!world->ended && !world->owed.ever_damaged) {
		sim_process_check_database(orders->owner);
	}
}

static void sim_one_engine_tell(const struct sim_world *world, char *text, size_t size) {
	const struct sim_judge *judge = &sim_orders_of(world)->judge;
	if (!world->plan->trader.exchange_only) {
		snprintf(text, size, "; version %" PRIu64 "; %u in doubt", judge->model.version, judge->attempt_count);
	}
}

const struct sim_work sim_one_engine_work = {.begin = sim_orders_begin,
                                             .judges_reasons = true,
                                             .keeps_refused = true,
                                             .owns_memory = true,
                                             .configure = sim_orders_vouch,
                                             .make_other = sim_orders_make_other,
                                             .beginning = sim_orders_look_at_files,
                                             .started = sim_one_engine_started,
                                             .step = sim_one_engine_step,
                                             .called = sim_orders_called,
                                             .died = sim_one_engine_died,
                                             .finish = sim_one_engine_finish,
                                             .tell = sim_one_engine_tell,
                                             .branch_begin = sim_kept_begin,
                                             .branch_next = sim_kept_next,
                                             .branch_go_on = sim_kept_go_on,
                                             .branch_end = sim_kept_end};
