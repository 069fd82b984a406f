/* sim/orders/model_order.c: an order's terms, requests and ends, and the status that is derived
 * from them (R8, "Order status"). */
#include "model_order.h"

#include <string.h>

/* Reports that do not say that the exchange has accepted the order. */
static bool sim_model_order_is_about_nothing(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_PENDING_NEW || type == SUBJECT_EXEC_PENDING_CANCEL ||
	       type == SUBJECT_EXEC_PENDING_REPLACE || type == SUBJECT_EXEC_ORDER_STATUS ||
	       type == SUBJECT_EXEC_CANCEL_REJECTED || type == SUBJECT_EXEC_REPLACE_REJECTED;
}

/* Reports with the client id of a request, whose original id is the order's. */
static bool sim_model_order_is_answer(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_PENDING_CANCEL || type == SUBJECT_EXEC_PENDING_REPLACE ||
	       type == SUBJECT_EXEC_CANCEL_REJECTED || type == SUBJECT_EXEC_REPLACE_REJECTED ||
	       type == SUBJECT_EXEC_CANCELED;
}

static void sim_model_order_begin(struct sim_model_order *order, const struct subject_order_update *update,
                                  uint32_t number) {
	order->exists = true;
	order->is_external = true;
	order->quantity_lots = update->order_quantity_lots;
	order->price_ticks = update->price_ticks;
	order->client_report = number;
	order->client_is_original = sim_model_order_is_answer(update->exec_type) && update->orig_cl_ord_id[0] != '\0';
	if (update->exec_type == SUBJECT_EXEC_CANCEL_REJECTED && update->ord_status == SUBJECT_ORDER_REJECTED) {
		order->closed_by = SUBJECT_EXEC_REJECTED;
	}
}

/* Which of two ends of one order counts: a cancel before an expiry before a reject. */
static int sim_model_order_rank(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_CANCELED   ? 3
	       : type == SUBJECT_EXEC_EXPIRED  ? 2
	       : type == SUBJECT_EXEC_REJECTED ? 1
	                                       : 0;
}

static void sim_model_order_end(struct sim_model_order *order, const struct subject_order_update *update) {
	if (update->exec_type == SUBJECT_EXEC_REJECTED && update->leaves_quantity_lots > 0) {
		order->has_reused_id = true;
	} else if (sim_model_order_rank(update->exec_type) > sim_model_order_rank(order->closed_by)) {
		order->closed_by = update->exec_type;
	}
}

static void sim_model_order_take_terms(struct sim_model_order *order, const struct subject_order_update *update) {
	if (update->order_quantity_lots > 0) {
		order->quantity_lots = update->order_quantity_lots;
	}
	order->price_ticks = update->price_ticks;
	order->terms_time_ns = update->transact_time_ns;
}

static void sim_model_order_replace(struct sim_model_order *order, const struct subject_order_update *update,
                                    uint32_t number) {
	sim_model_order_take_terms(order, update);
	if (order->quantity_lots < order->cum_quantity_lots) {
		order->quantity_lots = order->cum_quantity_lots;
	}
	if (update->cl_ord_id[0] != '\0') {
		order->client_report = number;
		order->client_is_original = false;
	}
	order->pending_replaces = order->pending_replaces > 0 ? order->pending_replaces - 1 : 0;
}

static void sim_model_order_note_day(struct sim_model_order *order, const struct subject_order_update *update) {
	order->is_day_done = true;
	order->is_day_over = order->is_day_over || update->leaves_quantity_lots == 0;
}

/* Requests that were announced, and those that were refused. `in_force`: the client id of the
 * request is the order's by now. */
static void sim_model_order_count_requests(struct sim_model_order *order, enum subject_exec_type type, bool in_force) {
	if (type == SUBJECT_EXEC_PENDING_CANCEL) {
		order->pending_cancels++;
	} else if (type == SUBJECT_EXEC_PENDING_REPLACE && !in_force) {
		order->pending_replaces++;
	} else if (type == SUBJECT_EXEC_CANCEL_REJECTED && order->pending_cancels > 0) {
		order->pending_cancels--;
	} else if (type == SUBJECT_EXEC_REPLACE_REJECTED && order->pending_replaces > 0) {
		order->pending_replaces--;
	}
}

static void sim_model_order_change(struct sim_model_order *order, const struct sim_plan *plan, uint32_t number) {
	const struct subject_order_update *update = &plan->reports[number].update;
	bool in_force =
	        update->cl_ord_id[0] != '\0' && strcmp(update->cl_ord_id, sim_model_client_id(order, plan)) == 0;
	switch (update->exec_type) {
	case SUBJECT_EXEC_NEW:
		order->is_external = false;
		break;
	case SUBJECT_EXEC_CANCELED:
	case SUBJECT_EXEC_REJECTED:
	case SUBJECT_EXEC_EXPIRED:
		sim_model_order_end(order, update);
		break;
	case SUBJECT_EXEC_REPLACED:
		sim_model_order_replace(order, update, number);
		break;
	case SUBJECT_EXEC_RESTATED:
		sim_model_order_take_terms(order, update);
		order->is_day_done = false;
		order->is_day_over = false;
		break;
	case SUBJECT_EXEC_DONE_FOR_DAY:
		sim_model_order_note_day(order, update);
		break;
	case SUBJECT_EXEC_STOPPED:
		order->is_stopped = true;
		break;
	case SUBJECT_EXEC_PENDING_CANCEL:
	case SUBJECT_EXEC_PENDING_REPLACE:
	case SUBJECT_EXEC_CANCEL_REJECTED:
	case SUBJECT_EXEC_REPLACE_REJECTED:
		sim_model_order_count_requests(order, update->exec_type, in_force);
		break;
	case SUBJECT_EXEC_NONE:
	case SUBJECT_EXEC_TRADE:
	case SUBJECT_EXEC_BUST:
	case SUBJECT_EXEC_CORRECT:
	case SUBJECT_EXEC_PENDING_NEW:
	case SUBJECT_EXEC_TRIGGERED:
	case SUBJECT_EXEC_ORDER_STATUS:
		break;
	}
}

void sim_model_order_react(struct sim_model_order *order, const struct sim_plan *plan, uint32_t number) {
	const struct subject_order_update *update = &plan->reports[number].update;
	if (!order->exists) {
		sim_model_order_begin(order, update, number);
	}
	if (order->quantity_lots == 0 && update->order_quantity_lots > 0) {
		order->quantity_lots = update->order_quantity_lots;
		order->price_ticks = update->price_ticks;
	}
	order->is_accepted = order->is_accepted || !sim_model_order_is_about_nothing(update->exec_type);
	sim_model_order_change(order, plan, number);
	if (order->closed_by != SUBJECT_EXEC_NONE) {
		order->pending_cancels = 0;
		order->pending_replaces = 0;
	}
}

/* ---- what follows from it -------------------------------------------------------------------- */

static bool sim_model_order_is_filled(const struct sim_model_order *order) {
	return order->quantity_lots > 0 && order->cum_quantity_lots >= order->quantity_lots;
}

static enum subject_order_status sim_model_order_closed_status(const struct sim_model_order *order) {
	if (sim_model_order_is_filled(order)) {
		return SUBJECT_ORDER_FILLED;
	}
	return order->closed_by == SUBJECT_EXEC_CANCELED  ? SUBJECT_ORDER_CANCELED
	       : order->closed_by == SUBJECT_EXEC_EXPIRED ? SUBJECT_ORDER_EXPIRED
	                                                  : SUBJECT_ORDER_REJECTED;
}

enum subject_order_status sim_model_status(const struct sim_model_order *order) {
	if (order->closed_by != SUBJECT_EXEC_NONE) {
		return sim_model_order_closed_status(order);
	}
	if (order->pending_cancels > 0) {
		return SUBJECT_ORDER_PENDING_CANCEL;
	}
	if (order->pending_replaces > 0) {
		return SUBJECT_ORDER_PENDING_REPLACE;
	}
	if (sim_model_order_is_filled(order)) {
		return SUBJECT_ORDER_FILLED;
	}
	if (order->is_day_done) {
		return SUBJECT_ORDER_DONE_FOR_DAY;
	}
	if (order->is_stopped) {
		return SUBJECT_ORDER_STOPPED;
	}
	if (order->cum_quantity_lots > 0) {
		return SUBJECT_ORDER_PARTIALLY_FILLED;
	}
	return order->is_accepted ? SUBJECT_ORDER_NEW : SUBJECT_ORDER_PENDING_NEW;
}

int64_t sim_model_leaves(const struct sim_model_order *order) {
	bool over = order->closed_by != SUBJECT_EXEC_NONE || order->is_day_over ||
	            order->cum_quantity_lots >= order->quantity_lots;
	return over ? 0 : order->quantity_lots - order->cum_quantity_lots;
}

bool sim_model_is_overfilled(const struct sim_model_order *order) {
	return order->quantity_lots > 0 && order->cum_quantity_lots > order->quantity_lots;
}

const char *sim_model_client_id(const struct sim_model_order *order, const struct sim_plan *plan) {
	const struct subject_order_update *update = &plan->reports[order->client_report].update;
	return order->client_is_original ? update->orig_cl_ord_id : update->cl_ord_id;
}
