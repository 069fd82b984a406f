/* engine/agree.c: the hand-shake with the venue after a restart (docs/order-updates.md, R12).
 *
 *   open ──▶ none ──begin──▶ comparing ──end──▶ reached ──gap, conflict, stop──▶ none
 *             ▲                 │ │               │
 *             └── gap, ... ─────┘ └─end─▶ differences ──begin──▶ comparing
 */
#include "agree.h"

#include <assert.h>
#include <string.h>

#include "limit.h"

static void engine_agree_note(struct engine *engine, const char *what, const char *key) {
	struct engine_comparison *comparison = &engine->comparison;

	if (comparison->difference[0] == '\0') {
		sqlite3_snprintf((int)sizeof comparison->difference, comparison->difference, "%s %s", what, key);
	}
}

void engine_agree_notice(struct engine *engine, enum engine_outcome outcome) {
	if (outcome == ENGINE_GAP || outcome == ENGINE_CONFLICT || outcome == ENGINE_STOPPED ||
	    outcome == ENGINE_IN_DOUBT) {
		engine->comparison.agreement = ENGINE_AGREEMENT_NONE;
	}
}

struct engine_hello engine_read_hello(const struct engine *engine) {
	struct engine_hello hello = {.version = engine->state.meta.version, .epoch = engine->state.meta.epoch};
	const struct engine_hash_table *executions = &engine->state.executions;
	uint64_t newest = 0;

	for (uint32_t number = 0; number < executions->count; number++) {
		const struct engine_execution *execution = engine_hash_table_row(executions, number);
		bool is_report = execution->symbol[0] != '\0';
		hello.report_count += is_report;
		if (is_report && execution->version > newest) {
			newest = execution->version;
			memcpy(hello.symbol, execution->symbol, sizeof hello.symbol);
			memcpy(hello.exec_id, execution->exec_id, sizeof hello.exec_id);
		}
	}
	return hello;
}

void engine_agree_begin(struct engine *engine) {
	memset(&engine->comparison, 0, sizeof engine->comparison);
	if (!engine->is_stopped) {
		engine->comparison.agreement = ENGINE_AGREEMENT_COMPARING;
		engine->comparison.version = engine->state.meta.version;
	}
}

/* Each ascending key can occur only once. So the number of matches shows what the statement leaves
 * out. */
static void engine_agree_check_key(struct engine *engine, char *last, size_t size, const char *key) {
	char padded[ENGINE_ID_SIZE];

	assert(size <= sizeof padded);
	if (!engine_state_set_text(padded, size, key) || memcmp(last, padded, size) >= 0) {
		engine_agree_note(engine, "the statement is not in ascending order at", key);
	}
	memcpy(last, padded, size);
}

/* Of the orders with the id, the first that is open, else the first. */
static const struct engine_order *engine_agree_find_order(const struct engine_state *state, const char *order_id) {
	const struct engine_order *first = engine_state_find_order(state, order_id, 0);
	const struct engine_order *order = first;

	for (uint32_t again = 1; order != NULL && order->leaves_quantity_lots == 0; again++) {
		order = engine_state_find_order(state, order_id, again);
	}
	return order != NULL ? order : first;
}

void engine_agree_order(struct engine *engine, const char *order_id, int64_t cum_quantity_lots,
                        int64_t leaves_quantity_lots) {
	const struct engine_order *order = engine_agree_find_order(&engine->state, order_id);
	struct engine_comparison *comparison = &engine->comparison;

	engine_agree_check_key(engine, comparison->last_order_id, sizeof comparison->last_order_id, order_id);
	if (order == NULL) {
		engine_agree_note(engine, "the venue has an order that is not known:", order_id);
	} else if (order->cum_quantity_lots != cum_quantity_lots ||
	           order->leaves_quantity_lots != leaves_quantity_lots || leaves_quantity_lots <= 0) {
		engine_agree_note(engine, "quantities differ of order", order_id);
	} else {
		comparison->matched_orders++;
	}
}

void engine_agree_position(struct engine *engine, const char *symbol, int64_t quantity_lots) {
	static const struct engine_scope none;
	const struct engine_position *position = engine_state_find_position(&engine->state, symbol, &none);
	struct engine_comparison *comparison = &engine->comparison;

	engine_agree_check_key(engine, comparison->last_symbol, sizeof comparison->last_symbol, symbol);
	if (position == NULL || position->quantity_lots != quantity_lots || quantity_lots == 0) {
		engine_agree_note(engine, "quantity differs of position", symbol);
	} else {
		comparison->matched_positions++;
	}
}

/* What is held and was not stated. */
static void engine_agree_check_rest(struct engine *engine) {
	const struct engine_state *state = &engine->state;
	uint64_t orders = 0;
	uint64_t positions = 0;

	for (uint32_t number = 0; number < state->orders.count; number++) {
		const struct engine_order *order = engine_hash_table_row(&state->orders, number);
		orders += order->leaves_quantity_lots > 0;
	}
	for (uint32_t number = 0; number < state->positions.count; number++) {
		const struct engine_position *position = engine_hash_table_row(&state->positions, number);
		positions += position->quantity_lots != 0;
	}
	if (orders != engine->comparison.matched_orders) {
		engine_agree_note(engine, "the venue does not state all open orders", "");
	}
	if (positions != engine->comparison.matched_positions) {
		engine_agree_note(engine, "the venue does not state all positions", "");
	}
}

enum engine_agreement engine_agree_end(struct engine *engine, char reason[ENGINE_REASON_SIZE]) {
	struct engine_comparison *comparison = &engine->comparison;
	bool is_void = comparison->agreement != ENGINE_AGREEMENT_COMPARING ||
	               comparison->version != engine->state.meta.version;

	if (is_void) {
		engine_agree_note(engine, "the statement is void: an update came in between, or it was not begun", "");
		comparison->agreement = ENGINE_AGREEMENT_NONE;
	} else {
		engine_agree_check_rest(engine);
		comparison->agreement =
		        comparison->difference[0] == '\0' ? ENGINE_AGREEMENT_REACHED : ENGINE_AGREEMENT_DIFFERENCES;
	}
	if (reason != NULL) {
		memcpy(reason, comparison->difference, sizeof comparison->difference);
	}
	return comparison->agreement;
}

enum engine_agreement engine_read_agreement(const struct engine *engine) {
	return engine->comparison.agreement;
}

/* ---- permission ------------------------------------------------------------------------------ */

/* Looks at the limits as the update that acknowledges the order would. */
static enum engine_permission engine_agree_check_limits(struct engine *engine, const struct engine_order *order,
                                                        const char **why) {
	struct engine_order sent = *order;
	struct engine_update none = {.exec_type = ENGINE_EXEC_NEW};

	if (!engine_state_prepare(&engine->state, &none)) {
		*why = "out of memory";
		return ENGINE_FORBIDDEN_LATER;
	}
	sent.cum_quantity_lots = 0;
	sent.leaves_quantity_lots = order->order_quantity_lots;
	*why = engine_limit_explain(engine_limit_check(&engine->state, &sent));
	return (*why)[0] == '\0' ? ENGINE_PERMITTED : ENGINE_FORBIDDEN_LIMIT;
}

static enum engine_permission engine_agree_check(struct engine *engine, const struct engine_order *order,
                                                 const char **why) {
	bool is_sound = memchr(order->symbol, '\0', sizeof order->symbol) != NULL && order->symbol[0] != '\0' &&
	                (order->side == ENGINE_SIDE_BUY || order->side == ENGINE_SIDE_SELL) &&
	                order->order_quantity_lots > 0;

	if (engine->is_stopped) {
		*why = "the handle has stopped";
		return ENGINE_FORBIDDEN_STOPPED;
	}
	if (engine->comparison.agreement != ENGINE_AGREEMENT_REACHED) {
		*why = "no agreement with the venue";
		return ENGINE_FORBIDDEN_DISAGREEMENT;
	}
	if (engine->state.meta.halt != ENGINE_HALT_NONE) {
		*why = engine_limit_explain(engine->state.meta.halt);
		return ENGINE_FORBIDDEN_HALTED;
	}
	if (!is_sound) {
		*why = "not an order: symbol, side or quantity";
		return ENGINE_FORBIDDEN_ORDER;
	}
	return engine_agree_check_limits(engine, order, why);
}

enum engine_permission engine_check_order(struct engine *engine, const struct engine_order *order,
                                          char reason[ENGINE_REASON_SIZE]) {
	const char *why = "";
	enum engine_permission permission = engine_agree_check(engine, order, &why);

	if (reason != NULL) {
		sqlite3_snprintf(ENGINE_REASON_SIZE, reason, "%s", why);
	}
	return permission;
}
