/* sim/orders/delivery.c: in which order the exchange may send, and which of the rarer things were
 * done.
 *
 * The exchange mixes up its reports, with three exceptions, without which nobody could tell what is
 * meant: a bust or correction is not overtaken by later fills of its order, which would look stale
 * (R7); a restatement neither overtakes nor is overtaken, for with other fills around it, it would
 * look like a split (R8); and a report that contradicts another one with the same exec id comes
 * behind that. Where an order is split, a replacement and what moves the quantity keep their order
 * too: a replacement sets the order quantity to no less than what is filled when it comes, and the
 * split is known by its proportion to that (R8). */
#include "delivery.h"

#include <assert.h>
#include <string.h>

/* ---- order ----------------------------------------------------------------------------------- */

static bool sim_delivery_is_late(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT;
}

static bool sim_delivery_moves(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_TRADE || sim_delivery_is_late(type);
}

/* Whether `later` must not overtake `earlier`, both of one order. */
static bool sim_delivery_must_wait(const struct sim_report *earlier, const struct sim_report *later) {
	enum subject_exec_type first = earlier->update.exec_type;
	enum subject_exec_type second = later->update.exec_type;
	if (earlier->repeats != 0) {
		return false;
	}
	return first == SUBJECT_EXEC_RESTATED || second == SUBJECT_EXEC_RESTATED ||
	       (sim_delivery_is_late(first) && sim_delivery_moves(second));
}

static bool sim_delivery_is_split_later(const struct sim_plan *plan, const struct sim_report *report) {
	for (uint32_t i = (uint32_t)(report - plan->reports) + 1; i < plan->report_count; i++) {
		bool same_order = plan->reports[i].command.kind == SUBJECT_COMMAND_NONE &&
		                  plan->reports[i].order == report->order;
		if (same_order && sim_plan_is_split(plan, i)) {
			return true;
		}
	}
	return false;
}

/* Whether one of them is a replacement, and the other moves the quantity that it is held against,
 * in an order that is split behind them. */
static bool sim_delivery_keeps_terms(const struct sim_plan *plan, const struct sim_report *earlier,
                                     const struct sim_report *later) {
	enum subject_exec_type first = earlier->update.exec_type;
	enum subject_exec_type second = later->update.exec_type;
	bool is_pair = (first == SUBJECT_EXEC_REPLACED && sim_delivery_moves(second)) ||
	               (second == SUBJECT_EXEC_REPLACED && sim_delivery_moves(first));
	return is_pair && earlier->repeats == 0 && sim_delivery_is_split_later(plan, later);
}

static uint32_t sim_delivery_name(const struct sim_report *report) {
	return report->named != 0 ? report->named - 1 : report->order;
}

bool sim_delivery_may_send(const struct sim_orders *orders, uint32_t report) {
	assert(report < orders->plan->report_count);
	const struct sim_report *reports = orders->plan->reports;
	const struct sim_report *wanted = &reports[report];
	for (uint32_t i = 0; i < report; i++) {
		if (orders->acknowledged[i] || reports[i].command.kind != SUBJECT_COMMAND_NONE) {
			continue;
		}
		bool contradicted = wanted->repeats == i + 1 && !sim_model_same_content(&reports[i], wanted);
		bool same_order = wanted->command.kind == SUBJECT_COMMAND_NONE && reports[i].order == wanted->order;
		bool waits = same_order && (sim_delivery_must_wait(&reports[i], wanted) ||
		                            sim_delivery_keeps_terms(orders->plan, &reports[i], wanted));
		/* Nothing of an order goes out before the former one with its id is done with. */
		bool follows = wanted->command.kind == SUBJECT_COMMAND_NONE && !same_order &&
		               sim_delivery_name(&reports[i]) == sim_delivery_name(wanted);
		if (contradicted || waits || follows) {
			return false;
		}
	}
	return true;
}

bool sim_delivery_is_settled(const struct sim_orders *orders, uint32_t report) {
	return orders->judge.lost == 0 || sim_model_holds(&orders->judge.model, orders->plan, report);
}

bool sim_delivery_is_due(const struct sim_orders *orders, uint32_t report) {
	return orders->sent[report] && !orders->acknowledged[report] && sim_delivery_may_send(orders, report);
}

struct subject_step sim_delivery_step(const struct sim_report *report) {
	bool is_command = report->command.kind != SUBJECT_COMMAND_NONE;
	return (struct subject_step){.kind = is_command ? SUBJECT_STEP_COMMAND : SUBJECT_STEP_ORDER_UPDATE,
	                             .update = is_command ? NULL : &report->update,
	                             .command = is_command ? &report->command : NULL,
	                             .scopes = is_command ? NULL : &report->scope};
}

/* ---- probes ---------------------------------------------------------------------------------- */

static void sim_delivery_reach_command(struct sim_orders *orders, const struct subject_command *command) {
	enum subject_halt halt = orders->judge.model.halt;
	if (command->kind == SUBJECT_COMMAND_HALT && halt == SUBJECT_HALT_COMMANDED) {
		sim_world_reach(orders->world, SIM_PROBE_HALTED_BY_COMMAND);
	} else if (command->kind == SUBJECT_COMMAND_RESUME && orders->was_halted) {
		sim_world_reach(orders->world, SIM_PROBE_HALT_LIFTED);
	} else if (command->kind == SUBJECT_COMMAND_LIMITS) {
		sim_world_reach(orders->world, SIM_PROBE_LIMITS_SET);
	}
}

/* Whether the symbol had another fill behind the one that the bust or correction is about. */
static bool sim_delivery_was_followed(const struct sim_orders *orders, const struct sim_report *report) {
	const struct sim_model *model = &orders->judge.model;
	bool behind = false;
	for (uint32_t i = 0; i < model->version; i++) {
		const struct sim_report *entry = &orders->plan->reports[model->ledger[i].report];
		bool is_fill = entry->update.exec_type == SUBJECT_EXEC_TRADE && entry->symbol == report->symbol;
		if (behind && is_fill) {
			return true;
		}
		behind |= model->ledger[i].report + 1 == report->refers;
	}
	return false;
}

static enum sim_probe sim_delivery_probe_of(enum subject_exec_type type) {
	static const enum sim_probe probes[] = {
	        [SUBJECT_EXEC_REPLACED] = SIM_PROBE_ORDER_REPLACED,
	        [SUBJECT_EXEC_BUST] = SIM_PROBE_FILL_BUSTED,
	        [SUBJECT_EXEC_CORRECT] = SIM_PROBE_FILL_CORRECTED,
	        [SUBJECT_EXEC_RESTATED] = SIM_PROBE_ORDER_RESTATED,
	        [SUBJECT_EXEC_DONE_FOR_DAY] = SIM_PROBE_ORDER_DONE_FOR_DAY,
	        [SUBJECT_EXEC_STOPPED] = SIM_PROBE_ORDER_STOPPED,
	};
	return (size_t)type < sizeof probes / sizeof probes[0] ? probes[type] : SIM_PROBE_NONE;
}

/* Whether a report that says no day is in the ledger. */
static bool sim_delivery_was_dayless(const struct sim_orders *orders) {
	const struct sim_model *model = &orders->judge.model;
	for (uint32_t i = 0; i < model->version; i++) {
		const struct sim_report *entry = &orders->plan->reports[model->ledger[i].report];
		if (entry->command.kind == SUBJECT_COMMAND_NONE && entry->scope.trading_day == 0) {
			return true;
		}
	}
	return false;
}

static void sim_delivery_reach_scope(struct sim_orders *orders, const struct sim_report *report) {
	bool says_day = report->scope.trading_day != 0;
	sim_world_reach_if(orders->world, report->scope.account[0] != '\0', SIM_PROBE_ACCOUNT_SAID);
	sim_world_reach_if(orders->world, report->named != 0, SIM_PROBE_ORDER_ID_AGAIN);
	sim_world_reach_if(orders->world, says_day && sim_delivery_was_dayless(orders), SIM_PROBE_DAYS_BEGUN);
	sim_world_reach_if(orders->world, report->update.order_quantity_lots == 0, SIM_PROBE_QUANTITY_UNSAID);
}

static void sim_delivery_reach_order(struct sim_orders *orders, const struct sim_report *report) {
	const struct sim_model_order *order = &orders->judge.model.orders[report->order];
	const struct subject_order_update *update = &report->update;
	enum subject_order_status status = sim_model_status(order);
	bool pending = status == SUBJECT_ORDER_PENDING_NEW || status == SUBJECT_ORDER_PENDING_CANCEL ||
	               status == SUBJECT_ORDER_PENDING_REPLACE;
	bool filled_says = update->cum_quantity_lots >= update->order_quantity_lots;
	bool lied =
	        update->exec_type == SUBJECT_EXEC_TRADE && filled_says != (update->ord_status == SUBJECT_ORDER_FILLED);
	sim_world_reach_if(orders->world, pending, SIM_PROBE_REQUEST_PENDING);
	bool unknown = order->is_external && update->exec_type == SUBJECT_EXEC_TRADE;
	sim_world_reach_if(orders->world, unknown, SIM_PROBE_ORDER_EXTERNAL);
	bool is_split = sim_plan_is_split(orders->plan, (uint32_t)(report - orders->plan->reports));
	sim_world_reach_if(orders->world, is_split, SIM_PROBE_ORDER_SPLIT);
	sim_world_reach_if(orders->world, sim_model_is_overfilled(order), SIM_PROBE_ORDER_OVERFILLED);
	sim_world_reach_if(orders->world, order->has_reused_id, SIM_PROBE_CLIENT_ID_REUSED);
	sim_world_reach_if(orders->world, lied, SIM_PROBE_STATUS_LIED);
	sim_world_reach_if(orders->world, update->exec_id[0] == '\0', SIM_PROBE_NAMELESS_APPLIED);
	sim_world_reach_if(orders->world, report->borrows != 0, SIM_PROBE_SHARED_ID_APPLIED);
	sim_world_reach_if(orders->world, strlen(update->order_id) == SUBJECT_ID_SIZE - 1,
	                   SIM_PROBE_LONGEST_ID_APPLIED);
	bool is_vast = order->filled_tick_lots > INT64_MAX / 64 || order->filled_tick_lots < -(INT64_MAX / 64);
	sim_world_reach_if(orders->world, is_vast, SIM_PROBE_VAST_NUMBERS_APPLIED);
	bool is_odd = update->transact_time_ns <= 0 || update->transact_time_ns > INT64_MAX - 1000;
	sim_world_reach_if(orders->world, is_odd, SIM_PROBE_ODD_TIME_APPLIED);
	if (update->exec_type == SUBJECT_EXEC_TRADE && order->closed_by != SUBJECT_EXEC_NONE) {
		sim_world_reach(orders->world, SIM_PROBE_FILL_AFTER_END);
	}
	if (update->exec_type == SUBJECT_EXEC_REPLACED && update->order_quantity_lots < order->quantity_lots) {
		sim_world_reach(orders->world, SIM_PROBE_REPLACED_BELOW_FILLED);
	}
}

void sim_delivery_reach_applied(struct sim_orders *orders, uint32_t report) {
	assert(report < orders->plan->report_count);
	const struct sim_report *sent = &orders->plan->reports[report];
	const struct sim_model *model = &orders->judge.model;
	if (sent->command.kind != SUBJECT_COMMAND_NONE) {
		sim_delivery_reach_command(orders, &sent->command);
	} else {
		bool late = sim_delivery_is_late(sent->update.exec_type);
		bool by_limit = model->halt != SUBJECT_HALT_NONE && !orders->was_halted;
		sim_world_reach(orders->world, sim_delivery_probe_of(sent->update.exec_type));
		sim_world_reach_if(orders->world, late && sim_delivery_was_followed(orders, sent),
		                   SIM_PROBE_LATE_NEWS_AFTER_OTHERS);
		sim_world_reach_if(orders->world, by_limit, SIM_PROBE_HALTED_BY_LIMIT);
		sim_delivery_reach_order(orders, sent);
		sim_delivery_reach_scope(orders, sent);
	}
	orders->was_halted = model->halt != SUBJECT_HALT_NONE;
}

void sim_delivery_reach_refused(struct sim_orders *orders, uint32_t report) {
	const struct sim_report *sent = &orders->plan->reports[report];
	bool is_malformed = sent->broken != SIM_BROKEN_NONE && sent->broken != SIM_BROKEN_VALUE;
	sim_world_reach_if(orders->world, sent->repeats != 0, SIM_PROBE_CONFLICT_REFUSED);
	sim_world_reach_if(orders->world, is_malformed, SIM_PROBE_MALFORMED_REFUSED);
	sim_world_reach_if(orders->world, sent->broken == SIM_BROKEN_VALUE, SIM_PROBE_OVERFLOW_REFUSED);
}

void sim_delivery_reach_unchanged(struct sim_orders *orders, uint32_t report) {
	const struct sim_report *sent = &orders->plan->reports[report];
	bool is_command = sent->command.kind != SUBJECT_COMMAND_NONE;
	bool held = sim_model_holds(&orders->judge.model, orders->plan, report);
	bool has_terms = !is_command && (sent->update.exec_type == SUBJECT_EXEC_REPLACED ||
	                                 sent->update.exec_type == SUBJECT_EXEC_RESTATED);
	bool nameless = !is_command && sent->update.exec_id[0] == '\0';
	sim_world_reach_if(orders->world, held && sent->repeats != 0, SIM_PROBE_SECOND_CHANNEL_UNCHANGED);
	sim_world_reach_if(orders->world, held && nameless, SIM_PROBE_NAMELESS_UNCHANGED);
	sim_world_reach_if(orders->world, !held && has_terms, SIM_PROBE_REPLACE_OVERTAKEN);
}

void sim_delivery_reach_loaded(struct sim_orders *orders) {
	const struct sim_judge *judge = &orders->judge;
	orders->was_halted = judge->model.halt != SUBJECT_HALT_NONE;
	sim_world_reach_if(orders->world, orders->was_halted, SIM_PROBE_HALT_LOADED);
	sim_world_reach_if(orders->world, judge->found_count > 1, SIM_PROBE_BATCH_FOUND);
	sim_world_reach_if(orders->world, judge->found_count > 0 && judge->missing_count > 0,
	                   SIM_PROBE_BATCH_FOUND_IN_PART);
}
