/* engine/apply.c: order updates to positions. The rules are numbered in README.md; R1.. below are those numbers. */
#include "apply.h"

#include <assert.h>
#include <string.h>

#include "money.h"

/* R1: terminated, and nothing that a terminal, a log or an SQL shell would choke on. Bytes above 127 are UTF-8. */
static bool apply_is_text(const char *field, size_t size) {
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)field[i];
		if (byte == '\0') {
			return true;
		}
		if (byte < 0x20 || byte == 0x7f) {
			return false;
		}
	}
	return false;
}

static enum engine_rule apply_check_names(const struct engine_update *update) {
	if (!apply_is_text(update->exec_id, sizeof update->exec_id) ||
	    !apply_is_text(update->order_id, sizeof update->order_id) ||
	    !apply_is_text(update->cl_ord_id, sizeof update->cl_ord_id) ||
	    !apply_is_text(update->orig_cl_ord_id, sizeof update->orig_cl_ord_id) ||
	    !apply_is_text(update->exec_ref_id, sizeof update->exec_ref_id) ||
	    !apply_is_text(update->symbol, sizeof update->symbol) ||
	    !apply_is_text(update->comm_currency, sizeof update->comm_currency)) {
		return ENGINE_RULE_TEXT;
	}
	if (update->order_id[0] == '\0') {
		return ENGINE_RULE_ORDER_ID;
	}
	return update->symbol[0] == '\0' ? ENGINE_RULE_SYMBOL : ENGINE_RULE_NONE;
}

static enum engine_rule apply_check_kinds(const struct engine_update *update) {
	if (update->exec_type < ENGINE_EXEC_NEW || update->exec_type > ENGINE_EXEC_REPLACE_REJECTED) {
		return ENGINE_RULE_EXEC_TYPE;
	}
	if (update->exec_type > ENGINE_EXEC_CANCELED) {
		return ENGINE_RULE_NOT_YET;
	}
	/* Compilers differ in whether an enum is signed. */
	if ((int)update->ord_status < ENGINE_ORDER_NONE || (int)update->ord_status > ENGINE_ORDER_PENDING_REPLACE) {
		return ENGINE_RULE_ORD_STATUS;
	}
	return update->side == ENGINE_SIDE_BUY || update->side == ENGINE_SIDE_SELL ? ENGINE_RULE_NONE
	                                                                           : ENGINE_RULE_SIDE;
}

static enum engine_rule apply_check_quantities(const struct engine_update *update) {
	bool is_trade = update->exec_type == ENGINE_EXEC_TRADE;

	if (update->order_quantity_lots <= 0) {
		return ENGINE_RULE_ORDER_QUANTITY;
	}
	if (update->leaves_quantity_lots < 0) {
		return ENGINE_RULE_LEAVES_QUANTITY;
	}
	if (is_trade ? update->last_quantity_lots <= 0 : update->last_quantity_lots != 0) {
		return ENGINE_RULE_LAST_QUANTITY;
	}
	return update->cum_quantity_lots < update->last_quantity_lots ? ENGINE_RULE_CUM_QUANTITY : ENGINE_RULE_NONE;
}

/* R1 to R4: what can be said without looking at the state. */
static enum engine_rule apply_check_form(const struct engine_update *update) {
	enum engine_rule rule = apply_check_names(update);

	if (rule == ENGINE_RULE_NONE) {
		rule = apply_check_kinds(update);
	}
	return rule == ENGINE_RULE_NONE ? apply_check_quantities(update) : rule;
}

/* The ledger row of an update. The version is set when it is known to apply. */
static void apply_make_execution(const struct engine_update *update, struct engine_execution *execution) {
	engine_state_set_text(execution->symbol, sizeof execution->symbol, update->symbol);
	engine_state_set_text(execution->exec_id, sizeof execution->exec_id, update->exec_id);
	engine_state_set_text(execution->order_id, sizeof execution->order_id, update->order_id);
	engine_state_set_text(execution->comm_currency, sizeof execution->comm_currency, update->comm_currency);
	execution->exec_type = update->exec_type;
	execution->side = update->side;
	execution->order_quantity_lots = update->order_quantity_lots;
	execution->price_ticks = update->price_ticks;
	execution->last_quantity_lots = update->last_quantity_lots;
	execution->last_price_ticks = update->last_price_ticks;
	execution->cum_quantity_lots = update->cum_quantity_lots;
	execution->commission_units = update->commission_units;
	execution->transact_time_ns = update->transact_time_ns;
	if (execution->exec_id[0] == '\0') {
		engine_row_make_exec_id(execution, execution->exec_id);
	}
}

/* Whether two reports with one key say the same. Compared in full and not by hash: a false "same" would lose a fill. */
static bool apply_is_same_content(const struct engine_execution *a, const struct engine_execution *b) {
	return memcmp(a->order_id, b->order_id, sizeof a->order_id) == 0 &&
	       memcmp(a->comm_currency, b->comm_currency, sizeof a->comm_currency) == 0 &&
	       a->exec_type == b->exec_type && a->side == b->side && a->order_quantity_lots == b->order_quantity_lots &&
	       a->price_ticks == b->price_ticks && a->last_quantity_lots == b->last_quantity_lots &&
	       a->last_price_ticks == b->last_price_ticks && a->cum_quantity_lots == b->cum_quantity_lots &&
	       a->commission_units == b->commission_units;
}

static bool apply_is_terminal(enum engine_exec_type type) {
	return type == ENGINE_EXEC_REJECTED || type == ENGINE_EXEC_EXPIRED || type == ENGINE_EXEC_CANCELED;
}

static enum engine_order_status apply_status(const struct engine_order *order) {
	if (order->cum_quantity_lots >= order->order_quantity_lots) {
		return ENGINE_ORDER_FILLED;
	}
	if (order->closed_by == ENGINE_EXEC_CANCELED) {
		return ENGINE_ORDER_CANCELED;
	}
	if (order->closed_by == ENGINE_EXEC_EXPIRED) {
		return ENGINE_ORDER_EXPIRED;
	}
	if (order->closed_by == ENGINE_EXEC_REJECTED) {
		return ENGINE_ORDER_REJECTED;
	}
	return order->cum_quantity_lots > 0 ? ENGINE_ORDER_PARTIALLY_FILLED : ENGINE_ORDER_NEW;
}

void engine_apply_derive(struct engine_order *order) {
	order->status = apply_status(order);
	bool is_open = order->status == ENGINE_ORDER_NEW || order->status == ENGINE_ORDER_PARTIALLY_FILLED;
	order->leaves_quantity_lots = is_open ? order->order_quantity_lots - order->cum_quantity_lots : 0;
	if (order->cum_quantity_lots > order->order_quantity_lots) {
		order->flags |= ENGINE_FLAG_OVERFILLED;
	} else {
		order->flags &= ~ENGINE_FLAG_OVERFILLED;
	}
}

/* R7: what the cumulative quantity says about the fills that are missing or known. */
static enum engine_rule apply_check_cumulative(const struct engine_update *update, int64_t stored) {
	int64_t before = update->cum_quantity_lots - update->last_quantity_lots; /* not negative: R4 */

	if (before > stored) {
		return ENGINE_RULE_CUM_GAP;
	}
	if (update->exec_type != ENGINE_EXEC_TRADE || before == stored) {
		return ENGINE_RULE_NONE;
	}
	return update->cum_quantity_lots <= stored ? ENGINE_RULE_CUM_STALE : ENGINE_RULE_CUM_OVERLAP;
}

/* R6 and R7. `known` is NULL for an unknown order. */
static enum engine_rule apply_check_order(const struct engine_order *known, const struct engine_update *update) {
	if (known != NULL && strcmp(known->symbol, update->symbol) != 0) {
		return ENGINE_RULE_ORDER_SYMBOL;
	}
	if (known != NULL && known->side != update->side) {
		return ENGINE_RULE_ORDER_SIDE;
	}
	return apply_check_cumulative(update, known != NULL ? known->cum_quantity_lots : 0);
}

/* R8: order quantity and price are those of the first report, only a replace changes them. */
static void apply_make_order(const struct engine_update *update, struct engine_order *order) {
	*order = (struct engine_order){
	        .side = update->side,
	        .flags = ENGINE_FLAG_EXTERNAL,
	        .order_quantity_lots = update->order_quantity_lots,
	        .price_ticks = update->price_ticks,
	};
	engine_state_set_text(order->order_id, sizeof order->order_id, update->order_id);
	engine_state_set_text(order->cl_ord_id, sizeof order->cl_ord_id, update->cl_ord_id);
	engine_state_set_text(order->symbol, sizeof order->symbol, update->symbol);
}

static void apply_advance_order(const struct engine_update *update, struct engine_order *order) {
	if (update->exec_type == ENGINE_EXEC_NEW) {
		order->flags &= ~ENGINE_FLAG_EXTERNAL;
	}
	if (update->exec_type == ENGINE_EXEC_TRADE) {
		order->cum_quantity_lots = update->cum_quantity_lots;
	}
	/* The strongest terminal event wins, not the last to arrive: the order of arrival is not the order of events. */
	if (apply_is_terminal(update->exec_type) && update->exec_type > order->closed_by) {
		order->closed_by = update->exec_type;
	}
	engine_apply_derive(order);
}

static void apply_replace_part(struct engine_digest *digest, const struct engine_seal *old,
                               const struct engine_seal *new) {
	if (old != NULL) {
		engine_digest_subtract(digest, &old->part);
	}
	engine_digest_add(digest, &new->part);
}

static void apply_draft_order(const struct engine_order *known, const struct engine_update *update,
                              struct engine_change *change) {
	change->order_is_new = known == NULL;
	if (known == NULL) {
		apply_make_order(update, &change->order);
		apply_advance_order(update, &change->order);
		struct engine_seal new = engine_row_seal_order(&change->order);
		apply_replace_part(&change->after.digest, NULL, &new);
		return;
	}
	change->order = *known;
	apply_advance_order(update, &change->order);
	struct engine_seal old = engine_row_seal_order(known);
	struct engine_seal new = engine_row_seal_order(&change->order);
	apply_replace_part(&change->after.digest, &old, &new);
	change->old_order_checksum = old.checksum;
}

/* R9. False on overflow. */
static bool apply_draft_position(const struct engine_state *state, const struct engine_update *update,
                                 struct engine_change *change) {
	const struct engine_position *known = engine_state_find_position(state, update->symbol);

	change->has_position = true;
	change->position_is_new = known == NULL;
	if (known != NULL) {
		change->position = *known;
	} else {
		engine_state_set_text(change->position.symbol, sizeof change->position.symbol, update->symbol);
	}
	if (!engine_money_fill(&change->position, update->side, update->last_quantity_lots, update->last_price_ticks)) {
		return false;
	}
	struct engine_seal new = engine_row_seal_position(&change->position);
	if (known == NULL) {
		apply_replace_part(&change->after.digest, NULL, &new);
		return true;
	}
	struct engine_seal old = engine_row_seal_position(known);
	apply_replace_part(&change->after.digest, &old, &new);
	change->old_position_checksum = old.checksum;
	return true;
}

static enum engine_rule apply_draft_rows(const struct engine_state *state, const struct engine_order *known,
                                         const struct engine_update *update, struct engine_change *change) {
	change->before = *engine_state_meta(state);
	change->after = change->before;
	if (change->before.version >= INT64_MAX) {
		return ENGINE_RULE_OVERFLOW;
	}
	change->after.version++;
	if (update->exec_type == ENGINE_EXEC_TRADE && !apply_draft_position(state, update, change)) {
		return ENGINE_RULE_OVERFLOW;
	}
	apply_draft_order(known, update, change);
	change->execution.version = change->after.version;
	struct engine_seal seal = engine_row_seal_execution(&change->execution);
	apply_replace_part(&change->after.digest, NULL, &seal);
	return ENGINE_RULE_NONE;
}

/* Ends a draft that changes nothing. */
static void apply_decline(struct engine_change *change, enum engine_outcome outcome, enum engine_rule rule) {
	memset(change, 0, sizeof *change);
	change->outcome = outcome;
	change->rule = rule;
}

static enum engine_outcome apply_outcome(enum engine_rule rule) {
	if (rule == ENGINE_RULE_CUM_GAP) {
		return ENGINE_GAP;
	}
	return rule == ENGINE_RULE_CUM_STALE ? ENGINE_STALE : ENGINE_MALFORMED;
}

void engine_apply_draft(const struct engine_state *state, const struct engine_update *update,
                        struct engine_change *change) {
	memset(change, 0, sizeof *change);
	enum engine_rule rule = apply_check_form(update);
	if (rule != ENGINE_RULE_NONE) {
		apply_decline(change, ENGINE_MALFORMED, rule);
		return;
	}

	apply_make_execution(update, &change->execution);
	const struct engine_execution *seen =
	        engine_state_find_execution(state, change->execution.symbol, change->execution.exec_id);
	if (seen != NULL) { /* R5 */
		bool is_same = apply_is_same_content(seen, &change->execution);
		apply_decline(change, is_same ? ENGINE_DUPLICATE : ENGINE_CONFLICT, ENGINE_RULE_EXEC_SEEN);
		return;
	}

	const struct engine_order *known = engine_state_find_order(state, update->order_id);
	rule = apply_check_order(known, update);
	if (rule == ENGINE_RULE_NONE) {
		rule = apply_draft_rows(state, known, update, change);
	}
	if (rule != ENGINE_RULE_NONE) {
		apply_decline(change, apply_outcome(rule), rule);
		return;
	}
	change->outcome = ENGINE_APPLIED;
}

const char *engine_apply_explain(enum engine_rule rule) {
	static const char *const texts[] = {
	        [ENGINE_RULE_NONE] = "",
	        [ENGINE_RULE_TEXT] = "a text field is not terminated or has control characters",
	        [ENGINE_RULE_ORDER_ID] = "order_id is empty",
	        [ENGINE_RULE_SYMBOL] = "symbol is empty",
	        [ENGINE_RULE_EXEC_TYPE] = "unknown exec_type",
	        [ENGINE_RULE_ORD_STATUS] = "unknown ord_status",
	        [ENGINE_RULE_SIDE] = "unknown side",
	        [ENGINE_RULE_ORDER_QUANTITY] = "order quantity is not positive",
	        [ENGINE_RULE_LEAVES_QUANTITY] = "leaves quantity is negative",
	        [ENGINE_RULE_LAST_QUANTITY] = "last quantity is not positive in a trade, or not zero in another report",
	        [ENGINE_RULE_CUM_QUANTITY] = "cumulative quantity is negative or below the last quantity",
	        [ENGINE_RULE_EXEC_SEEN] = "this exec id is in the ledger",
	        [ENGINE_RULE_ORDER_SYMBOL] = "the order is known for another symbol",
	        [ENGINE_RULE_ORDER_SIDE] = "the order is known for the other side",
	        [ENGINE_RULE_CUM_GAP] = "earlier fills of the order are missing",
	        [ENGINE_RULE_CUM_STALE] = "the fill is covered by the order's cumulative quantity",
	        [ENGINE_RULE_CUM_OVERLAP] = "the fill is covered in part: its quantities contradict the ledger",
	        [ENGINE_RULE_OVERFLOW] = "a quantity, an amount or the version would overflow",
	        [ENGINE_RULE_NOT_YET] = "this kind of report is not applied yet",
	};

	assert((size_t)rule < sizeof texts / sizeof texts[0] && texts[rule] != NULL);
	return texts[rule];
}
