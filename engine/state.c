#include "state.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#define ENGINE_STATE_POSITION_KEY_SIZE (ENGINE_SYMBOL_SIZE + sizeof(struct engine_scope))
#define ENGINE_STATE_ORDER_KEY_SIZE (ENGINE_ID_SIZE + 4)
#define ENGINE_STATE_EXECUTION_KEY_SIZE (ENGINE_SYMBOL_SIZE + ENGINE_ID_SIZE + 4)

static_assert(offsetof(struct engine_position, symbol) == 0, "the key comes first");
static_assert(offsetof(struct engine_order, order_id) == 0, "the key comes first");
static_assert(offsetof(struct engine_execution, symbol) == 0, "the key comes first");
static_assert(offsetof(struct engine_execution, exec_id) == ENGINE_SYMBOL_SIZE, "the key is one piece");
static_assert(offsetof(struct engine_execution, again) == ENGINE_STATE_EXECUTION_KEY_SIZE - 4, "the key is one piece");
static_assert(offsetof(struct engine_order, again) == ENGINE_ID_SIZE, "the key is one piece");
static_assert(offsetof(struct engine_position, scope) == ENGINE_SYMBOL_SIZE, "the key is one piece");
static_assert(offsetof(struct engine_exposure, scope) == ENGINE_SYMBOL_SIZE, "the key is one piece");
static_assert(sizeof(struct engine_scope) == ENGINE_VENUE_SIZE + ENGINE_ACCOUNT_SIZE + ENGINE_INSTRUMENT_SIZE +
                                                     sizeof(enum engine_position_side),
              "a scope has no padding");

void engine_state_init(struct engine_state *state) {
	memset(state, 0, sizeof *state);
	engine_hash_table_init(&state->positions, sizeof(struct engine_position), ENGINE_STATE_POSITION_KEY_SIZE);
	engine_hash_table_init(&state->orders, sizeof(struct engine_order), ENGINE_STATE_ORDER_KEY_SIZE);
	engine_hash_table_init(&state->executions, sizeof(struct engine_execution), ENGINE_STATE_EXECUTION_KEY_SIZE);
	engine_hash_table_init(&state->commissions, sizeof(struct engine_commission), ENGINE_CURRENCY_SIZE);
	engine_hash_table_init(&state->exposures, sizeof(struct engine_exposure), ENGINE_STATE_POSITION_KEY_SIZE);
}

void engine_state_deinit(struct engine_state *state) {
	engine_hash_table_deinit(&state->positions);
	engine_hash_table_deinit(&state->orders);
	engine_hash_table_deinit(&state->executions);
	engine_hash_table_deinit(&state->commissions);
	engine_hash_table_deinit(&state->exposures);
	sqlite3_free(state->by_version);
	state->by_version = NULL;
}

/* ---- what is derived ------------------------------------------------------------------------- */

static bool engine_state_reserve_versions(struct engine_state *state, uint64_t count) {
	if (count <= state->by_version_capacity) {
		return true;
	}
	uint32_t *by_version = sqlite3_realloc64(state->by_version, 2 * count * sizeof *by_version);
	if (by_version == NULL) {
		return false;
	}
	state->by_version = by_version;
	state->by_version_capacity = (uint32_t)(2 * count);
	return true;
}

/* Costs a pass over the ledger, once. Busts and corrections are rare, and most handles never see
 * one. */
bool engine_state_index_versions(struct engine_state *state) {
	uint32_t count = state->executions.count;

	if (!engine_state_reserve_versions(state, (uint64_t)count + 1)) {
		return false;
	}
	assert(state->by_version != NULL);
	for (uint32_t number = 0; number < count; number++) {
		const struct engine_execution *execution = engine_hash_table_row(&state->executions, number);
		/* counted by ones (E8) */
		assert(execution->version >= 1 && execution->version <= count);
		state->by_version[execution->version - 1] = number;
	}
	return true;
}

static bool engine_state_add_exposure(struct engine_state *state, const struct engine_order *order) {
	struct engine_exposure exposure = {0};
	struct engine_digest leaves = {(uint64_t)order->leaves_quantity_lots, 0};

	if (order->leaves_quantity_lots == 0) {
		return true;
	}
	if (!engine_hash_table_reserve(&state->exposures)) {
		return false;
	}
	memcpy(exposure.symbol, order->symbol, sizeof exposure.symbol);
	exposure.scope = order->scope;
	const struct engine_exposure *had = engine_hash_table_find(&state->exposures, &exposure);
	exposure = had != NULL ? *had : exposure;
	assert(order->leaves_quantity_lots > 0);
	engine_digest_add(order->side == ENGINE_SIDE_BUY ? &exposure.buys : &exposure.sells, &leaves);
	engine_hash_table_put(&state->exposures, &exposure);
	state->open_orders++;
	return true;
}

bool engine_state_build_exposures(struct engine_state *state) {
	engine_hash_table_deinit(&state->exposures);
	state->open_orders = 0;
	for (uint32_t number = 0; number < state->orders.count; number++) {
		if (!engine_state_add_exposure(state, engine_hash_table_row(&state->orders, number))) {
			return false;
		}
	}
	state->has_exposures = true;
	return true;
}

bool engine_state_prepare(struct engine_state *state, const struct engine_update *update) {
	const struct engine_limits *limits = &engine_state_meta(state)->limits;
	bool is_late = update->exec_type == ENGINE_EXEC_BUST || update->exec_type == ENGINE_EXEC_CORRECT;
	bool is_limited = limits->position_lots > 0 || limits->order_notional_tick_lots > 0 || limits->open_orders > 0;

	if (is_late && state->by_version == NULL && !engine_state_index_versions(state)) {
		return false;
	}
	/* Never between drafts, which the exposures do not count yet. A draft that sets limits is
	 * committed before the next one. */
	return !is_limited || state->has_exposures || engine_state_build_exposures(state);
}

bool engine_state_count_commission(struct engine_state *state, const struct engine_execution *execution) {
	struct engine_commission sum = {0};

	if (execution->commission_units == 0 || execution->superseded_by != 0) {
		return true;
	}
	const struct engine_commission *had = engine_hash_table_find(&state->commissions, execution->comm_currency);
	memcpy(sum.comm_currency, execution->comm_currency, sizeof sum.comm_currency);
	sum = had != NULL ? *had : sum;
	/* Taken in another order than that of the versions, a sum may leave its range and come
	 * back. Unsigned arithmetic allows that. */
	sum.total_units = (int64_t)((uint64_t)sum.total_units + (uint64_t)execution->commission_units);
	if (!engine_hash_table_reserve(&state->commissions)) {
		return false;
	}
	engine_hash_table_put(&state->commissions, &sum);
	return true;
}

/* ---- publishing ------------------------------------------------------------------------------ */

bool engine_state_reserve(struct engine_state *state, uint32_t count) {
	return engine_hash_table_reserve_rows(&state->positions, count) &&
	       engine_hash_table_reserve_rows(&state->orders, count) &&
	       engine_hash_table_reserve_rows(&state->executions, count) &&
	       engine_hash_table_reserve_rows(&state->commissions, count * ENGINE_CHANGE_COMMISSIONS) &&
	       (!state->has_exposures || engine_hash_table_reserve_rows(&state->exposures, count)) &&
	       (state->by_version == NULL ||
	        engine_state_reserve_versions(state, (uint64_t)state->executions.count + count));
}

void engine_state_publish(struct engine_state *state, const struct engine_change *change) {
	assert(change->outcome == ENGINE_APPLIED);
	assert(change->after.version == change->before.version + 1); /* E8 */
	if (change->has_position) {
		engine_hash_table_put(&state->positions, &change->position);
		state->has_instruments = state->has_instruments || change->position.scope.instrument[0] != '\0';
	}
	if (change->has_order) {
		engine_hash_table_put(&state->orders, &change->order);
	}
	if (change->has_superseded) {
		engine_hash_table_put(&state->executions, &change->superseded);
	}
	engine_hash_table_put(&state->executions, &change->execution);
	if (state->by_version != NULL) {
		state->by_version[change->after.version - 1] = state->executions.count - 1;
	}
	for (uint8_t i = 0; i < change->commission_count; i++) {
		engine_hash_table_put(&state->commissions, &change->commissions[i]);
	}
	if (change->has_exposure) {
		engine_hash_table_put(&state->exposures, &change->exposure);
		state->open_orders = change->open_orders;
	}
	state->meta = change->after;
}

void engine_state_publish_with_undo(struct engine_state *state, const struct engine_change *change,
                                    struct engine_undo *undo) {
	assert(state->draft_count == 0);
	memset(undo, 0, sizeof *undo);
	undo->meta = state->meta;
	undo->open_orders = state->open_orders;
	if (change->has_position && !change->position_is_new) {
		undo->position = *engine_state_find_position(state, change->position.symbol, &change->position.scope);
	}
	if (change->has_order && !change->order_is_new) {
		undo->order = *(const struct engine_order *)engine_hash_table_find(&state->orders, &change->order);
	}
	if (change->has_superseded) {
		undo->superseded = *(const struct engine_execution *)engine_hash_table_find(&state->executions,
		                                                                            &change->superseded);
	}
	for (uint8_t i = 0; i < change->commission_count; i++) {
		const struct engine_commission *had =
		        engine_hash_table_find(&state->commissions, &change->commissions[i]);
		undo->commission_is_new[i] = had == NULL;
		undo->commissions[i] = had != NULL ? *had : undo->commissions[i];
	}
	if (change->has_exposure && !change->exposure_is_new) {
		undo->exposure =
		        *(const struct engine_exposure *)engine_hash_table_find(&state->exposures, &change->exposure);
	}
	engine_state_publish(state, change);
}

static void engine_state_restore_row(struct engine_hash_table *table, const void *row, bool is_new) {
	if (is_new) {
		engine_hash_table_drop_last(table);
	} else {
		engine_hash_table_put(table, row);
	}
}

void engine_state_take_back(struct engine_state *state, const struct engine_change *change,
                            const struct engine_undo *undo) {
	assert(state->meta.version == change->after.version);
	engine_hash_table_drop_last(&state->executions);
	if (change->has_superseded) {
		engine_hash_table_put(&state->executions, &undo->superseded);
	}
	if (change->has_order) {
		engine_state_restore_row(&state->orders, &undo->order, change->order_is_new);
	}
	if (change->has_position) {
		engine_state_restore_row(&state->positions, &undo->position, change->position_is_new);
	}
	assert(change->commission_count <= ENGINE_CHANGE_COMMISSIONS);
	for (uint8_t i = change->commission_count; i > 0; i--) {
		engine_state_restore_row(&state->commissions, &undo->commissions[i - 1],
		                         undo->commission_is_new[i - 1]);
	}
	if (change->has_exposure) {
		engine_state_restore_row(&state->exposures, &undo->exposure, change->exposure_is_new);
		state->open_orders = undo->open_orders;
	}
	state->meta = undo->meta;
}

bool engine_state_set_text(char *field, size_t size, const char *text) {
	assert(size > 0);
	size_t length = strnlen(text, size);
	bool fits = length < size;

	length = fits ? length : size - 1;
	memcpy(field, text, length);
	memset(field + length, 0, size - length);
	return fits;
}

const struct engine_meta *engine_state_meta(const struct engine_state *state) {
	return state->draft_count > 0 ? &state->drafts[state->draft_count - 1].after : &state->meta;
}

/* The key of a position. False when no position has such a symbol. */
static bool engine_state_position_key(char key[ENGINE_STATE_POSITION_KEY_SIZE], const char *symbol,
                                      const struct engine_scope *scope) {
	memcpy(key + ENGINE_SYMBOL_SIZE, scope, sizeof *scope);
	return engine_state_set_text(key, ENGINE_SYMBOL_SIZE, symbol);
}

const struct engine_position *engine_state_find_position(const struct engine_state *state, const char *symbol,
                                                         const struct engine_scope *scope) {
	char key[ENGINE_STATE_POSITION_KEY_SIZE];

	if (!engine_state_position_key(key, symbol, scope)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		const struct engine_change *draft = &state->drafts[i - 1];
		if (draft->has_position && memcmp(&draft->position, key, sizeof key) == 0) {
			return &draft->position;
		}
	}
	return engine_hash_table_find(&state->positions, key);
}

const struct engine_order *engine_state_find_order(const struct engine_state *state, const char *order_id,
                                                   uint32_t again) {
	struct engine_order key = {0};

	engine_row_set_number(key.again, again);
	if (!engine_state_set_text(key.order_id, sizeof key.order_id, order_id)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		const struct engine_change *draft = &state->drafts[i - 1];
		if (draft->has_order && memcmp(&draft->order, &key, ENGINE_STATE_ORDER_KEY_SIZE) == 0) {
			return &draft->order;
		}
	}
	return engine_hash_table_find(&state->orders, &key);
}

const struct engine_execution *engine_state_find_execution(const struct engine_state *state, const char *symbol,
                                                           const char *exec_id, uint32_t again) {
	struct engine_execution key = {0};

	engine_row_set_number(key.again, again);
	if (!engine_state_set_text(key.symbol, sizeof key.symbol, symbol) ||
	    !engine_state_set_text(key.exec_id, sizeof key.exec_id, exec_id)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		if (memcmp(&state->drafts[i - 1].execution, &key, ENGINE_STATE_EXECUTION_KEY_SIZE) == 0) {
			return &state->drafts[i - 1].execution;
		}
	}
	return engine_hash_table_find(&state->executions, &key);
}

const struct engine_commission *engine_state_find_commission(const struct engine_state *state, const char *currency) {
	char key[ENGINE_CURRENCY_SIZE];

	if (!engine_state_set_text(key, sizeof key, currency)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		const struct engine_change *draft = &state->drafts[i - 1];
		/* One commission is enough: no draft follows one that takes the place of a fill
		 * (engine_submit_batch). */
		if (draft->commission_count > 0 && memcmp(draft->commissions[0].comm_currency, key, sizeof key) == 0) {
			return &draft->commissions[0];
		}
	}
	return engine_hash_table_find(&state->commissions, key);
}

const struct engine_exposure *engine_state_find_exposure(const struct engine_state *state, const char *symbol,
                                                         const struct engine_scope *scope) {
	char key[ENGINE_STATE_POSITION_KEY_SIZE];

	if (!engine_state_position_key(key, symbol, scope)) {
		return NULL;
	}
	for (uint32_t i = state->draft_count; i > 0; i--) {
		const struct engine_change *draft = &state->drafts[i - 1];
		if (draft->has_exposure && memcmp(&draft->exposure, key, sizeof key) == 0) {
			return &draft->exposure;
		}
	}
	return engine_hash_table_find(&state->exposures, key);
}

int64_t engine_state_open_orders(const struct engine_state *state) {
	for (uint32_t i = state->draft_count; i > 0; i--) {
		if (state->drafts[i - 1].has_exposure) {
			return state->drafts[i - 1].open_orders;
		}
	}
	return state->open_orders;
}

bool engine_state_is_of_order(const struct engine_execution *execution, const struct engine_order *order) {
	return strcmp(execution->order_id, order->order_id) == 0 &&
	       memcmp(execution->order_again, order->again, sizeof order->again) == 0;
}

int64_t engine_state_taken_back(const struct engine_state *state, const struct engine_order *order) {
	int64_t taken_back = 0;

	for (uint32_t i = 0; i < state->executions.count; i++) {
		const struct engine_execution *execution = engine_hash_table_row(&state->executions, i);
		bool counts = execution->moved_lots < 0 && engine_state_is_of_order(execution, order);
		if (counts && __builtin_sub_overflow(taken_back, execution->moved_lots, &taken_back)) {
			return INT64_MAX;
		}
	}
	return taken_back;
}

const struct engine_execution *engine_state_execution_of(const struct engine_state *state, uint64_t version) {
	assert(state->by_version != NULL && state->draft_count == 0 && version >= 1 && version <= state->meta.version);
	return engine_hash_table_row(&state->executions, state->by_version[version - 1]);
}

struct engine_digest engine_state_digest(struct engine_state *state) {
	struct engine_digest digest = {0, 0};

	for (uint32_t i = 0; i < state->positions.count; i++) {
		struct engine_seal seal = engine_row_seal_position(engine_hash_table_at(&state->positions, i));
		engine_digest_add(&digest, &seal.part);
	}
	for (uint32_t i = 0; i < state->orders.count; i++) {
		struct engine_seal seal = engine_row_seal_order(engine_hash_table_at(&state->orders, i));
		engine_digest_add(&digest, &seal.part);
	}
	for (uint32_t i = 0; i < state->executions.count; i++) {
		struct engine_seal seal = engine_row_seal_execution(engine_hash_table_at(&state->executions, i));
		engine_digest_add(&digest, &seal.part);
	}
	return digest;
}

struct engine_digest engine_state_history(const struct engine_state *state, uint64_t version) {
	struct engine_digest history = {0, 0};

	for (uint32_t i = 0; i < state->executions.count; i++) {
		const struct engine_execution *execution = engine_hash_table_row(&state->executions, i);
		if (execution->version <= version) {
			struct engine_seal seal = engine_row_seal_history(execution);
			engine_digest_add(&history, &seal.part);
		}
	}
	return history;
}
