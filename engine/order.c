#include "order.h"

#include <assert.h>
#include <string.h>

__extension__ typedef __int128 order_wide;

/* Reports that say nothing about whether the venue accepted the order. */
static bool engine_order_is_pending_kind(enum engine_exec_type type) {
	return type == ENGINE_EXEC_PENDING_NEW || type == ENGINE_EXEC_PENDING_CANCEL ||
	       type == ENGINE_EXEC_PENDING_REPLACE || type == ENGINE_EXEC_ORDER_STATUS ||
	       type == ENGINE_EXEC_CANCEL_REJECTED || type == ENGINE_EXEC_REPLACE_REJECTED;
}

/* Reports that have the client id of a request about the order, not that of the order. */
static bool engine_order_is_about_request(enum engine_exec_type type) {
	return type == ENGINE_EXEC_PENDING_CANCEL || type == ENGINE_EXEC_PENDING_REPLACE ||
	       type == ENGINE_EXEC_CANCEL_REJECTED || type == ENGINE_EXEC_REPLACE_REJECTED ||
	       type == ENGINE_EXEC_CANCELED;
}

bool engine_order_is_trade(enum engine_exec_type type) {
	return type == ENGINE_EXEC_TRADE || type == ENGINE_EXEC_MULTILEG_TRADE;
}

bool engine_order_is_adoption(const struct engine_update *update) {
	return update->adopts && update->exec_type == ENGINE_EXEC_ORDER_STATUS;
}

/* Nothing else tells what became of the order before. Whether it is filled, its quantities say. */
static void engine_order_adopt(const struct engine_update *update, struct engine_order *order) {
	order->flags |= ENGINE_FLAG_ADOPTED;
	if (update->ord_status != ENGINE_ORDER_NONE && update->ord_status != ENGINE_ORDER_PENDING_NEW) {
		order->flags &= ~ENGINE_FLAG_PENDING_NEW;
	}
	switch (update->ord_status) {
	case ENGINE_ORDER_CANCELED:
		order->closed_by = ENGINE_EXEC_CANCELED;
		break;
	case ENGINE_ORDER_EXPIRED:
		order->closed_by = ENGINE_EXEC_EXPIRED;
		break;
	case ENGINE_ORDER_REJECTED:
		order->closed_by = ENGINE_EXEC_REJECTED;
		break;
	case ENGINE_ORDER_DONE_FOR_DAY:
		order->flags |= ENGINE_FLAG_DONE_FOR_DAY;
		order->flags |= update->leaves_quantity_lots == 0 ? ENGINE_FLAG_DAY_OVER : 0;
		break;
	case ENGINE_ORDER_STOPPED:
		order->flags |= ENGINE_FLAG_STOPPED;
		break;
	case ENGINE_ORDER_PENDING_CANCEL:
		order->pending_cancels = 1;
		break;
	case ENGINE_ORDER_PENDING_REPLACE:
		order->pending_replaces = 1;
		break;
	case ENGINE_ORDER_NONE:
	case ENGINE_ORDER_NEW:
	case ENGINE_ORDER_PARTIALLY_FILLED:
	case ENGINE_ORDER_FILLED:
	case ENGINE_ORDER_PENDING_NEW:
		break;
	}
}

void engine_order_begin(const struct engine_update *update, struct engine_order *order) {
	bool has_original = engine_order_is_about_request(update->exec_type) && update->orig_cl_ord_id[0] != '\0';
	const char *client_id = has_original ? update->orig_cl_ord_id : update->cl_ord_id;

	memset(order, 0, sizeof *order);
	order->side = update->side;
	order->flags = ENGINE_FLAG_EXTERNAL;
	order->order_quantity_lots = update->order_quantity_lots;
	order->price_ticks = update->price_ticks;
	/* R1 has checked that the texts end within their fields. The rest of the field stays
	 * zero. */
	memcpy(order->order_id, update->order_id, strlen(update->order_id));
	memcpy(order->cl_ord_id, client_id, strlen(client_id));
	memcpy(order->symbol, update->symbol, strlen(update->symbol));
	if (engine_order_is_pending_kind(update->exec_type)) {
		order->flags |= ENGINE_FLAG_PENDING_NEW;
	}
	/* A venue refuses to cancel an order that nobody else has heard of, and calls it rejected:
	 * there is none. */
	if (update->exec_type == ENGINE_EXEC_CANCEL_REJECTED && update->ord_status == ENGINE_ORDER_REJECTED) {
		order->closed_by = ENGINE_EXEC_REJECTED;
	}
	if (engine_order_is_adoption(update)) {
		engine_order_adopt(update, order);
	}
}

void engine_order_note_trading_day(int32_t day, struct engine_order *order) {
	if (day == 0) {
		return;
	}
	if (order->first_day == 0 || day < order->first_day) {
		order->first_day = day;
	}
	if (day > order->last_day) {
		order->last_day = day;
	}
}

static void engine_order_take_terms(const struct engine_update *update, struct engine_order *order) {
	if (update->order_quantity_lots > 0) {
		order->order_quantity_lots = update->order_quantity_lots;
	}
	order->price_ticks = update->price_ticks;
	order->terms_time_ns = update->transact_time_ns;
}

static void engine_order_replace(const struct engine_update *update, struct engine_order *order) {
	engine_order_take_terms(update, order);
	if (order->order_quantity_lots < order->cum_quantity_lots) {
		order->order_quantity_lots = order->cum_quantity_lots;
	}
	if (update->cl_ord_id[0] != '\0') {
		memset(order->cl_ord_id, 0, sizeof order->cl_ord_id);
		memcpy(order->cl_ord_id, update->cl_ord_id, strlen(update->cl_ord_id));
	}
	order->pending_replaces -= order->pending_replaces > 0;
}

/* The strongest end counts, not the last to arrive: reports do not arrive in the order of
 * events. */
static void engine_order_close(const struct engine_update *update, struct engine_order *order) {
	if (update->exec_type == ENGINE_EXEC_REJECTED && update->leaves_quantity_lots > 0) {
		order->flags |= ENGINE_FLAG_REUSED_CLIENT_ID; /* the venue means another order; this
		                                               * one lives on */
		return;
	}
	if (update->exec_type > order->closed_by) {
		order->closed_by = update->exec_type;
	}
}

static void engine_order_announce(const struct engine_update *update, struct engine_order *order) {
	if (update->exec_type == ENGINE_EXEC_PENDING_CANCEL) {
		order->pending_cancels += order->pending_cancels < UINT32_MAX;
		return;
	}
	/* A replace that is in force already was announced late. */
	bool is_late = update->cl_ord_id[0] != '\0' && strcmp(update->cl_ord_id, order->cl_ord_id) == 0;
	order->pending_replaces += !is_late && order->pending_replaces < UINT32_MAX;
}

static void engine_order_note_day(const struct engine_update *update, struct engine_order *order) {
	order->flags |= ENGINE_FLAG_DONE_FOR_DAY;
	if (update->leaves_quantity_lots == 0) {
		order->flags |= ENGINE_FLAG_DAY_OVER;
	}
}

static void engine_order_react(const struct engine_update *update, struct engine_order *order) {
	switch (update->exec_type) {
	case ENGINE_EXEC_NEW:
		order->flags &= ~ENGINE_FLAG_EXTERNAL;
		break;
	case ENGINE_EXEC_REJECTED:
	case ENGINE_EXEC_EXPIRED:
	case ENGINE_EXEC_CANCELED:
		engine_order_close(update, order);
		break;
	case ENGINE_EXEC_DONE_FOR_DAY:
		engine_order_note_day(update, order);
		break;
	case ENGINE_EXEC_REPLACED:
		engine_order_replace(update, order);
		break;
	case ENGINE_EXEC_RESTATED:
		engine_order_take_terms(update, order);
		order->flags &= ~(ENGINE_FLAG_DONE_FOR_DAY | ENGINE_FLAG_DAY_OVER);
		break;
	case ENGINE_EXEC_STOPPED:
		order->flags |= ENGINE_FLAG_STOPPED;
		break;
	case ENGINE_EXEC_PENDING_CANCEL:
	case ENGINE_EXEC_PENDING_REPLACE:
		engine_order_announce(update, order);
		break;
	case ENGINE_EXEC_CANCEL_REJECTED:
		order->pending_cancels -= order->pending_cancels > 0;
		break;
	case ENGINE_EXEC_REPLACE_REJECTED:
		order->pending_replaces -= order->pending_replaces > 0;
		break;
	case ENGINE_EXEC_NONE:
	case ENGINE_EXEC_TRADE:
	case ENGINE_EXEC_PENDING_NEW:
	case ENGINE_EXEC_CORRECT:
	case ENGINE_EXEC_BUST:
	case ENGINE_EXEC_ORDER_STATUS:
	case ENGINE_EXEC_TRIGGERED:
	case ENGINE_EXEC_HALT:
	case ENGINE_EXEC_RESUME:
	case ENGINE_EXEC_SET_LIMITS:
		break;
	case ENGINE_EXEC_MULTILEG_TRADE:
		order->flags |= ENGINE_FLAG_SPREAD;
		break;
	}
}

bool engine_order_advance(const struct engine_update *update, const struct engine_order_move *move,
                          struct engine_order *order) {
	assert(order->order_id[0] != '\0' && order->cum_quantity_lots >= 0);
	if (__builtin_add_overflow(order->cum_quantity_lots, move->quantity_lots, &order->cum_quantity_lots) ||
	    __builtin_add_overflow(order->filled_tick_lots, move->value_tick_lots, &order->filled_tick_lots) ||
	    order->cum_quantity_lots < 0 || order->filled_tick_lots == INT64_MIN) {
		return false;
	}
	if (order->order_quantity_lots == 0 && update->order_quantity_lots > 0) {
		order->order_quantity_lots = update->order_quantity_lots;
		order->price_ticks = update->price_ticks;
	}
	if (!engine_order_is_pending_kind(update->exec_type)) {
		order->flags &= ~ENGINE_FLAG_PENDING_NEW;
	}
	engine_order_react(update, order);
	if (order->closed_by != ENGINE_EXEC_NONE) {
		order->pending_cancels = 0;
		order->pending_replaces = 0;
	}
	engine_order_derive(order);
	return true;
}

static enum engine_order_status engine_order_closed_status(const struct engine_order *order) {
	if (order->closed_by == ENGINE_EXEC_CANCELED) {
		return ENGINE_ORDER_CANCELED;
	}
	return order->closed_by == ENGINE_EXEC_EXPIRED ? ENGINE_ORDER_EXPIRED : ENGINE_ORDER_REJECTED;
}

static enum engine_order_status engine_order_derive_status(const struct engine_order *order) {
	bool is_filled = order->order_quantity_lots > 0 && order->cum_quantity_lots >= order->order_quantity_lots;

	if (order->closed_by != ENGINE_EXEC_NONE) {
		return is_filled ? ENGINE_ORDER_FILLED : engine_order_closed_status(order);
	}
	if (order->pending_cancels > 0) {
		return ENGINE_ORDER_PENDING_CANCEL;
	}
	if (order->pending_replaces > 0) {
		return ENGINE_ORDER_PENDING_REPLACE;
	}
	if (is_filled) {
		return ENGINE_ORDER_FILLED;
	}
	if ((order->flags & ENGINE_FLAG_DONE_FOR_DAY) != 0) {
		return ENGINE_ORDER_DONE_FOR_DAY;
	}
	if ((order->flags & ENGINE_FLAG_STOPPED) != 0) {
		return ENGINE_ORDER_STOPPED;
	}
	if (order->cum_quantity_lots > 0) {
		return ENGINE_ORDER_PARTIALLY_FILLED;
	}
	return (order->flags & ENGINE_FLAG_PENDING_NEW) != 0 ? ENGINE_ORDER_PENDING_NEW : ENGINE_ORDER_NEW;
}

void engine_order_derive(struct engine_order *order) {
	bool is_over = order->closed_by != ENGINE_EXEC_NONE || (order->flags & ENGINE_FLAG_DAY_OVER) != 0 ||
	               order->cum_quantity_lots >= order->order_quantity_lots;

	order->status = engine_order_derive_status(order);
	order->leaves_quantity_lots = is_over ? 0 : order->order_quantity_lots - order->cum_quantity_lots;
	assert(order->leaves_quantity_lots >= 0);
	if (order->order_quantity_lots > 0 && order->cum_quantity_lots > order->order_quantity_lots) {
		order->flags |= ENGINE_FLAG_OVERFILLED;
	} else {
		order->flags &= ~ENGINE_FLAG_OVERFILLED;
	}
}

bool engine_order_is_split(const struct engine_order *order, const struct engine_update *update) {
	order_wide was = (order_wide)update->order_quantity_lots * order->cum_quantity_lots;
	order_wide is = (order_wide)order->order_quantity_lots * update->cum_quantity_lots;

	return update->exec_type == ENGINE_EXEC_RESTATED && was == is && update->order_quantity_lots > 0 &&
	       update->cum_quantity_lots > 0 && update->cum_quantity_lots != order->cum_quantity_lots;
}
