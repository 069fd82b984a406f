/* sim/orders/exchange.c: see exchange.h. */
#include "exchange.h"

#include "delivery.h"
#include "process.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

/* ---- answers --------------------------------------------------------------------------------- */

static void sim_exchange_reach_applied(struct sim_orders *orders, uint32_t report) {
	struct sim_world *world = orders->world;
	const struct sim_report *sent = &orders->plan->reports[report];
	const struct sim_model_order *order = &orders->judge.model.orders[sent->order];
	sim_delivery_reach_applied(orders, report);
	sim_world_reach(world, SIM_PROBE_UPDATE_ACKNOWLEDGED);
	sim_world_reach_if(world, orders->plan->tape_used, SIM_PROBE_TAPE_USED);
	sim_world_reach_if(world, world->disk_was_full, SIM_PROBE_SAVE_AFTER_DISK_FULL);
	sim_world_reach_if(world, world->waited_for_lock, SIM_PROBE_BUSY_WAITED_OUT);
	sim_world_reach_if(world, orders->judge.model.flipped, SIM_PROBE_POSITION_FLIPPED);
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

static void sim_exchange_reach_answer(struct sim_orders *orders, uint32_t report, const struct subject_reply *reply) {
	struct sim_world *world = orders->world;
	if (orders->plan->trader.exchange_only) {
		world->result->updates += reply->outcome == SUBJECT_ACKNOWLEDGED;
		return; /* what it means nobody knows but the subject */
	}
	bool gap = sim_model_predict(&orders->judge.model, orders->plan, report) == SIM_MODEL_GAP;
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		world->result->updates++;
		sim_exchange_reach_applied(orders, report);
		break;
	case SUBJECT_UNCHANGED:
		sim_world_reach(world, SIM_PROBE_DUPLICATE_UNCHANGED);
		sim_delivery_reach_unchanged(orders, report);
		break;
	case SUBJECT_LATER:
		sim_world_reach(world, gap || reply->held ? SIM_PROBE_GAP_ASKED_FOR : SIM_PROBE_SAVE_FAILED);
		sim_world_reach_if(world, reply->held, SIM_PROBE_UPDATE_HELD);
		break;
	case SUBJECT_IN_DOUBT:
		world->in_flight = true;
		world->in_doubt = true;
		sim_world_reach(world, SIM_PROBE_IN_DOUBT);
		break;
	case SUBJECT_REFUSED:
		sim_delivery_reach_refused(orders, report);
		break;
	case SUBJECT_OUTCOME_NONE:
	case SUBJECT_STOPPED:
		break;
	}
}

/* What the answer means for the exchange. */
static void sim_exchange_note_answer(struct sim_orders *orders, uint32_t report, const struct subject_reply *reply) {
	int primary = reply->sqlite_code & 0xff;
	sim_exchange_reach_answer(orders, report, reply);
	orders->corruption_named |= primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
	orders->acknowledged[report] |= reply->outcome == SUBJECT_ACKNOWLEDGED || reply->outcome == SUBJECT_UNCHANGED ||
	                                reply->outcome == SUBJECT_REFUSED;
}

/* What was written to a journal of the subject's own, and acknowledged, is proof of it from now
 * on. */
static void sim_exchange_note_proof(struct sim_orders *orders, const struct subject_reply *replies, uint32_t count) {
	bool is_known = true;
	for (uint32_t i = 0; i < count; i++) {
		is_known = is_known && replies[i].outcome != SUBJECT_IN_DOUBT;
	}
	if (is_known) {
		sim_proof_answered(&orders->proof, orders->judge.chain_length);
	} else {
		sim_proof_forget_open(&orders->proof);
	}
}

/* What follows from the answers: for the judge, for the exchange, and for the process. */
static void sim_exchange_take_answers(struct sim_orders *orders, const uint32_t *reports,
                                      const struct subject_reply *replies, uint32_t count) {
	struct sim_world *world = orders->world;
	bool holds = orders->plan->held_updates > 0;
	uint64_t held_applied = orders->judge.held_applied;
	if (holds) {
		sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
	}
	sim_judge_show(&orders->judge, holds ? &orders->view : NULL);
	orders->judge.disturbance = sim_orders_disturbance(orders);
	if (!sim_judge_answered(&orders->judge, reports, replies, count)) {
		sim_orders_violated(orders);
		return;
	}
	sim_exchange_note_proof(orders, replies, count);
	sim_world_reach_if(world, orders->judge.held_applied > held_applied, SIM_PROBE_HELD_APPLIED);
	bool must_restart = false;
	for (uint32_t i = 0; i < count; i++) {
		sim_exchange_note_answer(orders, reports[i], &replies[i]);
		must_restart |= replies[i].must_restart;
	}
	sim_orders_judge_memory(orders);
	if (!world->ended && !sim_judge_versions(&orders->judge, reports, replies, count)) {
		sim_orders_violated(orders);
	}
	if (must_restart && !world->ended) {
		sim_world_reach(world, SIM_PROBE_HANDLE_STOPPED);
		sim_process_stop(orders->owner);
	}
}

void sim_exchange_died(struct sim_orders *orders) {
	sim_proof_forget_open(&orders->proof);
	if (orders->in_hand_count > 0) {
		sim_judge_attempt(&orders->judge, orders->in_hand, orders->in_hand_count);
		orders->in_hand_count = 0;
		orders->world->in_flight = true;
		orders->world->in_doubt = false;
	}
}

/* ---- sending --------------------------------------------------------------------------------- */

/* False when the engine died: then nobody has answered. */
static bool sim_exchange_step(struct sim_orders *orders, const uint32_t *reports, uint32_t count,
                              const struct subject_step *step, struct subject_reply *reply) {
	assert(count > 0 && count <= SUBJECT_BATCH_MAX && orders->in_hand_count == 0);
	memcpy(orders->in_hand, reports, count * sizeof reports[0]);
	memset(orders->gaps, 0, count * sizeof orders->gaps[0]);
	orders->in_hand_count = count;
	bool answered = sim_process_step(orders->owner, step, reply);
	orders->in_hand_count = 0;
	return answered;
}

void sim_exchange_send(struct sim_orders *orders, uint32_t report) {
	assert(report < orders->plan->report_count);
	struct subject_step step = sim_delivery_step(&orders->plan->reports[report]);
	struct subject_reply reply = {0};
	step.gaps = orders->gaps;
	orders->sent[report] = true;
	if (!sim_exchange_step(orders, &report, 1, &step, &reply)) {
		return;
	}
	sim_world_note(orders->world, SIM_EVENT_OUTCOME, (uint32_t)reply.outcome, reply.version, reply.reason);
	sim_exchange_take_answers(orders, &report, &reply, 1);
}

void sim_exchange_send_backlog(struct sim_orders *orders, uint32_t tries) {
	for (uint32_t report = 0; report < orders->plan->report_count && !orders->world->ended; report++) {
		if (!sim_delivery_is_due(orders, report)) {
			continue;
		}
		if (!sim_process_start(orders->owner, tries)) {
			return;
		}
		/* Asked again: a start may show that something before it was lost. */
		if (!orders->acknowledged[report] && sim_delivery_may_send(orders, report)) {
			sim_exchange_send(orders, report);
		}
	}
}

/* ---- batches --------------------------------------------------------------------------------- */

static void sim_exchange_reach_batch(struct sim_world *world, const struct subject_reply *replies, uint32_t count) {
	uint32_t applied = 0;
	uint32_t failed = 0;
	for (uint32_t i = 0; i < count; i++) {
		applied += replies[i].outcome == SUBJECT_ACKNOWLEDGED;
		failed += replies[i].outcome == SUBJECT_LATER && replies[i].sqlite_code != 0;
	}
	sim_world_reach_if(world, applied > 1, SIM_PROBE_BATCH_ACKNOWLEDGED);
	sim_world_reach_if(world, failed > 1, SIM_PROBE_BATCH_NOT_APPLIED);
}

static void sim_exchange_send_together(struct sim_orders *orders, const uint32_t *reports, uint32_t count) {
	assert(count > 1 && count <= SUBJECT_BATCH_MAX);
	struct subject_order_update updates[SUBJECT_BATCH_MAX];
	struct subject_scope scopes[SUBJECT_BATCH_MAX];
	struct subject_reply replies[SUBJECT_BATCH_MAX] = {{0}};
	struct subject_reply reply = {0};
	const struct subject_step step = {.kind = SUBJECT_STEP_BATCH,
	                                  .update_count = count,
	                                  .updates = updates,
	                                  .scopes = scopes,
	                                  .replies = replies,
	                                  .gaps = orders->gaps};
	for (uint32_t i = 0; i < count; i++) {
		updates[i] = orders->plan->reports[reports[i]].update;
		scopes[i] = orders->plan->reports[reports[i]].scope;
	}
	if (!sim_exchange_step(orders, reports, count, &step, &reply)) {
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		sim_world_note(orders->world, SIM_EVENT_OUTCOME, (uint32_t)replies[i].outcome, replies[i].version,
		               replies[i].reason);
		replies[i].must_restart |= reply.must_restart;
	}
	sim_exchange_reach_batch(orders->world, replies, count);
	sim_exchange_take_answers(orders, reports, replies, count);
	sim_orders_judge_version(orders, "a batch", reply.version);
}

uint32_t sim_exchange_collect(const struct sim_orders *orders, uint32_t *next, uint32_t reports[SUBJECT_BATCH_MAX]) {
	assert(*next <= orders->plan->report_count);
	uint32_t count = 0;
	for (; *next < orders->plan->report_count && count < SUBJECT_BATCH_MAX; ++*next) {
		bool alone = orders->plan->reports[*next].command.kind != SUBJECT_COMMAND_NONE;
		if (!sim_delivery_is_due(orders, *next)) {
			continue;
		}
		if (alone && count > 0) {
			break;
		}
		reports[count++] = *next;
		if (alone) {
			++*next;
			break;
		}
	}
	return count;
}

void sim_exchange_send_batch(struct sim_orders *orders, const struct sim_step *step) {
	uint32_t next = 0;
	for (uint32_t i = step->report; i < step->report + step->count && i < orders->plan->report_count; i++) {
		orders->sent[i] = true;
	}
	while (next < orders->plan->report_count && !orders->world->ended) {
		uint32_t reports[SUBJECT_BATCH_MAX];
		if (!sim_process_start(orders->owner, 2)) {
			return;
		}
		uint32_t count = sim_exchange_collect(orders, &next, reports);
		if (count == 1) {
			sim_exchange_send(orders, reports[0]);
		} else if (count > 1) {
			sim_exchange_send_together(orders, reports, count);
		}
	}
}
