#include "orders.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <sqlite3.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "apply.h"
#include "check.h"
#include "memory_vfs.h"
#include "protocol.h"

static void orders_set(char *field, size_t size, const char *text) {
	bool fits = engine_state_set_text(field, size, text);

	assert(fits);
}

struct engine_update orders_report(const char *exec_id, const char *order_id, enum engine_exec_type type) {
	struct engine_update update = {
	        .exec_type = type,
	        .side = ENGINE_SIDE_BUY,
	        .order_quantity_lots = 100,
	        .price_ticks = 50,
	};

	orders_set(update.exec_id, sizeof update.exec_id, exec_id);
	orders_set(update.order_id, sizeof update.order_id, order_id);
	orders_set(update.symbol, sizeof update.symbol, "AAA");
	return update;
}

struct engine_update orders_fill(const char *exec_id, const char *order_id, int64_t last, int64_t cum) {
	struct engine_update update = orders_report(exec_id, order_id, ENGINE_EXEC_TRADE);

	update.last_quantity_lots = last;
	update.last_price_ticks = 50;
	update.cum_quantity_lots = cum;
	return update;
}

static unsigned orders_scopes_from = UINT_MAX;

void orders_say_scopes_from(unsigned first) {
	orders_scopes_from = first;
}

static void orders_say_scope(unsigned i, unsigned order, struct engine_update *update) {
	if (i >= orders_scopes_from) {
		update->trading_day = 20240102 + (int32_t)order % 3;
		orders_set(update->scope.account, sizeof update->scope.account, order % 2 == 0 ? "A" : "B");
	}
}

struct engine_update orders_stream(unsigned i) {
	static const char *const symbols[] = {"AAA", "BBB", "CCC"};
	unsigned order = i / 6;
	unsigned step = i % 6;
	struct engine_update update = orders_report("", "", ENGINE_EXEC_NEW);

	sqlite3_snprintf(ENGINE_ID_SIZE, update.exec_id, "e%u",
	                 i * 7919 % 100003); /* neither ascending nor repeating */
	sqlite3_snprintf(ENGINE_ID_SIZE, update.order_id, "o%u", order * 104729 % 100003);
	orders_set(update.cl_ord_id, sizeof update.cl_ord_id, "client");
	orders_set(update.symbol, sizeof update.symbol, symbols[order % 3]);
	update.side = order % 5 < 3 ? ENGINE_SIDE_BUY : ENGINE_SIDE_SELL;
	update.price_ticks = 1000 + (order * 37) % 101;
	update.cum_quantity_lots = step < 5 ? 25 * step : 100;
	update.transact_time_ns = 1000 * (int64_t)i;
	if (step > 0 && step < 5) {
		update.exec_type = ENGINE_EXEC_TRADE;
		update.last_quantity_lots = 25;
		update.last_price_ticks = update.price_ticks + step;
		update.commission_units = -3;
		orders_set(update.comm_currency, sizeof update.comm_currency, "EUR");
	} else if (step == 5) {
		update.exec_type = ENGINE_EXEC_CANCELED;
	}
	orders_say_scope(i, order, &update);
	return update;
}

int orders_set_up_state(void **context) {
	struct engine_state *state = malloc(sizeof *state);

	engine_state_init(state);
	*context = state;
	return 0;
}

int orders_tear_down_state(void **context) {
	struct engine_state *state = *context;

	engine_check_assert(state);
	engine_state_deinit(state);
	free(state);
	return 0;
}

enum engine_outcome orders_apply(struct engine_state *state, const struct engine_update *update) {
	struct engine_change change;

	bool prepared = engine_state_prepare(state, update);
	assert(prepared);
	engine_apply_draft(state, update, &change);
	if (change.outcome == ENGINE_APPLIED) {
		bool reserved = engine_state_reserve(state, 1);
		assert(reserved);
		engine_state_publish(state, &change);
	}
	return change.outcome;
}

static const char *orders_protocol;

void orders_set_protocol(const char *protocol) {
	orders_protocol = protocol;
}

struct engine_options orders_options(const char *journal_mode) {
	return (struct engine_options){
	        .vfs_name = MEMORY_VFS_NAME,
	        .path = ORDERS_PATH,
	        .protocol = orders_protocol,
	        .journal_mode = journal_mode,
	        .synchronous = "full",
	        .page_size_bytes = 1024,
	};
}

struct engine *orders_open(const char *journal_mode) {
	struct engine_options options = orders_options(journal_mode);
	struct engine *engine;
	struct engine_error error;

	enum engine_open_status status = engine_open(&options, &engine, &error);
	assert(status == ENGINE_OPENED);
	return engine;
}

enum engine_outcome orders_submit(struct engine *engine, const struct engine_update *update) {
	struct engine_receipt receipt;

	engine_submit(engine, update, &receipt);
	assert(receipt.must_reopen == engine_is_stopped(engine));
	assert(receipt.version == engine_read_head(engine).version);
	return receipt.outcome;
}

static void orders_mix(uint64_t *hash, const void *bytes, size_t size) {
	*hash = XXH3_64bits_withSeed(bytes, size, *hash);
}

static void orders_mix_position(void *context, const struct engine_position *position) {
	orders_mix(context, position, sizeof *position);
}

static void orders_mix_order(void *context, const struct engine_order *order) {
	orders_mix(context, order, sizeof *order);
}

static void orders_mix_execution(void *context, const struct engine_execution *execution) {
	orders_mix(context, execution, sizeof *execution);
}

static void orders_mix_commission(void *context, const struct engine_commission *commission) {
	orders_mix(context, commission, sizeof *commission);
}

uint64_t orders_fingerprint(struct engine *engine) {
	uint64_t hash = engine_read_head(engine).version;
	struct engine_visitor visitor = {&hash, orders_mix_position, orders_mix_order, orders_mix_execution,
	                                 orders_mix_commission};

	engine_visit(engine, &visitor);
	return hash;
}

void orders_submit_stream(struct engine *engine, unsigned from, unsigned to) {
	for (unsigned i = from; i < to; i++) {
		struct engine_update update = orders_stream(i);
		enum engine_outcome outcome = orders_submit(engine, &update);
		assert(outcome == ENGINE_APPLIED);
	}
	engine_check_assert(&engine->state);
}

uint64_t orders_make_database(const char *journal_mode, unsigned count) {
	struct engine *engine = orders_open(journal_mode);

	orders_submit_stream(engine, 0, count);
	uint64_t fingerprint = orders_fingerprint(engine);
	engine_close(engine);
	return fingerprint;
}

int orders_try_sql(const char *sql, int *changes) {
	sqlite3 *db;
	int code = sqlite3_open_v2(ORDERS_PATH, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, MEMORY_VFS_NAME);

	assert(code == SQLITE_OK);
	code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (changes != NULL) {
		*changes = sqlite3_changes(db);
	}
	int close_code = sqlite3_close(db);
	assert(close_code == SQLITE_OK);
	return code;
}

void orders_run_sql(const char *sql) {
	int code = orders_try_sql(sql, NULL);

	assert(code == SQLITE_OK);
}
