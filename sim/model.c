/* sim/model.c: the reference model. Straightforward rather than fast. */
#include "model.h"

#include <assert.h>

enum sim_model_answer sim_model_predict(const struct sim_model *model, const struct sim_plan *plan, uint32_t report) {
	const struct subject_order_update *update = &plan->reports[report].update;
	const struct sim_model_order *order = &model->orders[plan->reports[report].order];
	assert(report < plan->report_count);
	if (model->seen[report]) {
		return SIM_MODEL_UNCHANGED;
	}
	if (update->exec_type == SUBJECT_EXEC_TRADE) {
		int64_t before = update->cum_quantity_lots - update->last_quantity_lots;
		return before > order->cum_quantity_lots ? SIM_MODEL_GAP : SIM_MODEL_APPLIES;
	}
	return update->cum_quantity_lots > order->cum_quantity_lots ? SIM_MODEL_GAP : SIM_MODEL_APPLIES;
}

/* cost * part / whole, rounded half to even; part and whole are positive and part is below whole. */
static __int128 sim_model_share(__int128 cost, __int128 part, __int128 whole) {
	bool negative = cost < 0;
	__int128 product = (negative ? -cost : cost) * part;
	__int128 share = product / whole;
	__int128 twice_rest = 2 * (product - share * whole);
	if (twice_rest > whole || (twice_rest == whole && (share & 1) != 0)) {
		share++;
	}
	return negative ? -share : share;
}

/* Closing part of a position: its share of the cost leaves, and the difference to the money that comes in is profit. */
static void sim_model_close(struct sim_model_position *position, int64_t lots, int64_t ticks) {
	bool is_long = position->quantity_lots > 0;
	__int128 whole = is_long ? position->quantity_lots : -(__int128)position->quantity_lots;
	__int128 share =
	        lots == whole ? position->cost_tick_lots : sim_model_share(position->cost_tick_lots, lots, whole);
	__int128 cash = (__int128)lots * ticks * (is_long ? 1 : -1);
	position->quantity_lots += is_long ? -lots : lots;
	position->cost_tick_lots -= (int64_t)share;
	position->realised_tick_lots += (int64_t)(cash - share);
}

static void sim_model_fill(struct sim_model *model, uint32_t symbol, const struct subject_order_update *update) {
	struct sim_model_position *position = &model->positions[symbol];
	int64_t sign = update->side == SUBJECT_SIDE_BUY ? 1 : -1;
	int64_t left = update->last_quantity_lots;
	position->exists = true;
	bool opposite = position->quantity_lots != 0 && (position->quantity_lots > 0) != (sign > 0);
	if (opposite) {
		int64_t held = position->quantity_lots > 0 ? position->quantity_lots : -position->quantity_lots;
		int64_t closed = left < held ? left : held;
		sim_model_close(position, closed, update->last_price_ticks);
		left -= closed;
		model->flipped |= left > 0;
	}
	position->quantity_lots += sign * left;
	position->cost_tick_lots += sign * left * update->last_price_ticks;
}

/* Which of two ends of one order counts: a cancel before an expiry before a reject. */
static int sim_model_rank(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_CANCELED   ? 3
	       : type == SUBJECT_EXEC_EXPIRED  ? 2
	       : type == SUBJECT_EXEC_REJECTED ? 1
	                                       : 0;
}

void sim_model_apply(struct sim_model *model, const struct sim_plan *plan, uint32_t report) {
	const struct subject_order_update *update = &plan->reports[report].update;
	struct sim_model_order *order = &model->orders[plan->reports[report].order];
	assert(sim_model_predict(model, plan, report) == SIM_MODEL_APPLIES);
	model->version++;
	model->seen[report] = true;
	order->exists = true;
	order->quantity_lots = update->order_quantity_lots;
	order->price_ticks = update->price_ticks;
	if (update->exec_type == SUBJECT_EXEC_TRADE) {
		order->cum_quantity_lots = update->cum_quantity_lots;
		sim_model_fill(model, plan->reports[report].symbol, update);
	} else if (sim_model_rank(update->exec_type) > sim_model_rank(order->closed_by)) {
		order->closed_by = update->exec_type;
	}
}

enum subject_order_status sim_model_status(const struct sim_model_order *order) {
	if (order->cum_quantity_lots >= order->quantity_lots) {
		return SUBJECT_ORDER_FILLED;
	}
	switch (sim_model_rank(order->closed_by)) {
	case 3:
		return SUBJECT_ORDER_CANCELED;
	case 2:
		return SUBJECT_ORDER_EXPIRED;
	case 1:
		return SUBJECT_ORDER_REJECTED;
	default:
		return order->cum_quantity_lots > 0 ? SUBJECT_ORDER_PARTIALLY_FILLED : SUBJECT_ORDER_NEW;
	}
}

int64_t sim_model_leaves(const struct sim_model_order *order) {
	enum subject_order_status status = sim_model_status(order);
	bool open = status == SUBJECT_ORDER_NEW || status == SUBJECT_ORDER_PARTIALLY_FILLED;
	return open ? order->quantity_lots - order->cum_quantity_lots : 0;
}
