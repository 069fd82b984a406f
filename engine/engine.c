/* engine/engine.c: the handle. engine.h says what each call means, and README.md why. */
#include "engine.h"

#include <assert.h>
#include <string.h>

#include "agree.h"
#include "apply.h"
#include "limit.h"
#include "load.h"
#include "protocol.h"

/* ---- open and close -------------------------------------------------------------------------- */

static bool engine_is_one_of(const char *word, const char *const *words) {
	for (; *words != NULL; words++) {
		if (strcmp(word, *words) == 0) {
			return true;
		}
	}
	return false;
}

static bool engine_is_page_size(uint32_t size_bytes) {
	return size_bytes == 0 || (size_bytes >= 512 && size_bytes <= 65536 && (size_bytes & (size_bytes - 1)) == 0);
}

/* Fills in the defaults and refuses options that are wrong. The words become parts of PRAGMA
 * statements. */
static bool engine_check_options(struct engine_options *options, struct engine_error *error) {
	static const char *const modes[] = {"delete", "truncate", "persist", "memory", "off", "wal", NULL};
	static const char *const levels[] = {"off", "normal", "full", "extra", NULL};

	options->protocol = options->protocol != NULL ? options->protocol : "persist_first";
	options->journal_mode = options->journal_mode != NULL ? options->journal_mode : "wal";
	options->synchronous = options->synchronous != NULL ? options->synchronous : "full";
	if (options->path == NULL || options->path[0] == '\0') {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "no path");
	}
	if (engine_protocol_find(options->protocol) == NULL) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "unknown protocol %s", options->protocol);
	}
	if (!engine_is_one_of(options->journal_mode, modes)) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "unknown journal mode %s",
		                         options->journal_mode);
	}
	if (!engine_is_one_of(options->synchronous, levels)) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "unknown synchronous %s",
		                         options->synchronous);
	}
	/* The journal acknowledges. So once it is cut, the database may not lose the updates any
	 * more (J5). */
	if (engine_protocol_find(options->protocol)->has_journal && strcmp(options->synchronous, "off") != 0) {
		options->synchronous = "extra";
	}
	if (!engine_is_page_size(options->page_size_bytes)) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0,
		                         "page size %u is not a power of two from 512 to 65536",
		                         options->page_size_bytes);
	}
	return true;
}

static void engine_destroy(struct engine *engine, bool may_checkpoint) {
	engine_journal_close(&engine->journal);
	sqlite3_free(engine->gaps.updates);
	engine_store_close(&engine->store, may_checkpoint);
	engine_state_deinit(&engine->state);
	sqlite3_free(engine);
}

static bool engine_start(struct engine *engine, const struct engine_options *options, struct engine_error *error) {
	return engine_load_check_orphan(options, error) && engine_store_connect(&engine->store, options, error) &&
	       engine_load(&engine->store, options, &engine->state, error) &&
	       engine_protocol_claim(engine, options, error);
}

enum engine_open_status engine_open(const struct engine_options *options, struct engine **engine,
                                    struct engine_error *error) {
	assert(options != NULL && engine != NULL && error != NULL);
	struct engine_options complete = *options;

	*engine = NULL;
	memset(error, 0, sizeof *error);
	if (!engine_check_options(&complete, error)) {
		return error->status;
	}
	struct engine *created = sqlite3_malloc64(sizeof *created);
	if (created == NULL) {
		(void)engine_store_fail(error, ENGINE_OPEN_LATER, SQLITE_NOMEM, "out of memory");
		return error->status;
	}
	memset(created, 0, sizeof *created);
	engine_state_init(&created->state);
	created->protocol = engine_protocol_find(complete.protocol);
	created->checkpoint_frames = complete.checkpoint_frames;
	created->gaps.capacity = complete.held_updates;
	if (!engine_start(created, &complete, error)) {
		assert(error->status != ENGINE_OPEN_NONE && error->status != ENGINE_OPENED);
		engine_destroy(created, false);
		return error->status;
	}
	assert(created->protocol != NULL && created->state.meta.epoch > 0); /* E6 */
	*engine = created;
	error->status = ENGINE_OPENED;
	return ENGINE_OPENED;
}

/* A healthy handle leaves its files tidy if it can. The journal keeps what cannot be written. */
void engine_close(struct engine *engine) {
	if (engine == NULL) {
		return;
	}
	bool is_tidy = !engine->is_stopped;
	if (is_tidy) {
		struct engine_store_result result = engine_protocol_checkpoint(engine, true);
		is_tidy = result.outcome == ENGINE_STORE_SAVED && !result.must_stop;
	}
	engine_destroy(engine, is_tidy);
}

bool engine_is_stopped(const struct engine *engine) {
	return engine->is_stopped;
}

static void engine_stop(struct engine *engine, int code, const char *where) {
	assert(where != NULL);
	engine->is_stopped = true;
	engine_agree_notice(engine, ENGINE_STOPPED);
	engine->stop_code = code;
	sqlite3_snprintf((int)sizeof engine->stop_reason, engine->stop_reason, "%s: %s", where,
	                 code == 0 ? "another engine has taken over the database" : sqlite3_errstr(code));
}

/* ---- updates --------------------------------------------------------------------------------- */

static void engine_explain(struct engine_receipt *receipt, const char *what, const char *why) {
	sqlite3_snprintf((int)sizeof receipt->reason, receipt->reason, "%s%s%s", what, why[0] != '\0' ? ": " : "", why);
}

static enum engine_outcome engine_outcome_of(const struct engine_store_result *result) {
	switch (result->outcome) {
	case ENGINE_STORE_SAVED:
		return ENGINE_APPLIED;
	case ENGINE_STORE_NOT_APPLIED:
		return ENGINE_LATER;
	case ENGINE_STORE_IN_DOUBT:
		return ENGINE_IN_DOUBT;
	case ENGINE_STORE_FENCED:
	case ENGINE_STORE_NONE:
		break;
	}
	return ENGINE_STOPPED;
}

static void engine_report_store(struct engine *engine, const struct engine_store_result *result,
                                struct engine_receipt *receipt) {
	receipt->outcome = engine_outcome_of(result);
	receipt->sqlite_code = result->sqlite_code;
	receipt->rule = ENGINE_RULE_NONE;
	/* it was judged on top of what has failed */
	receipt->known_lots = receipt->missing_to_lots = 0;
	if (engine->is_stopped) {
		engine_explain(receipt, engine->stop_reason, "");
	} else if (result->outcome != ENGINE_STORE_SAVED) {
		engine_explain(receipt, result->where, sqlite3_errstr(result->sqlite_code));
	}
}

/* E9: the updates stay acknowledged whatever happens here. They are in the WAL or in the
 * journal. */
static void engine_checkpoint_after_commit(struct engine *engine, struct engine_receipt *receipt) {
	uint32_t length = engine->protocol->has_journal ? engine->journal.count : engine->store.wal_frames;

	if (engine->checkpoint_frames == 0 || length < engine->checkpoint_frames || engine->is_stopped) {
		return;
	}
	int code = SQLITE_OK;
	if (engine_checkpoint(engine, &code) != ENGINE_CHECKPOINTED) {
		receipt->sqlite_code = code;
		engine_explain(receipt, "checkpoint", sqlite3_errstr(code));
	}
}

/* ---- batches --------------------------------------------------------------------------------- */

/* Updates that are drafted one upon the other, and then committed together. */
struct engine_batch {
	const struct engine_update *updates;
	struct engine_receipt *receipts;
	uint32_t count;
	uint32_t first; /* of the updates that apply; count: none */
	uint32_t draft_count;
	const struct engine_update **applied;
	struct engine_change *drafts;
};

static void engine_draft(struct engine *engine, struct engine_batch *batch, uint32_t i) {
	struct engine_change *draft = &batch->drafts[batch->draft_count];
	struct engine_receipt *receipt = &batch->receipts[i];

	assert(i < batch->count && batch->draft_count <= i);
	if (!engine_state_prepare(&engine->state, &batch->updates[i])) {
		receipt->outcome = ENGINE_LATER;
		receipt->sqlite_code = SQLITE_NOMEM;
		engine_explain(receipt, "prepare", sqlite3_errstr(SQLITE_NOMEM));
		return;
	}
	engine_apply_draft(&engine->state, &batch->updates[i], draft);
	receipt->outcome = draft->outcome;
	receipt->rule = draft->rule;
	receipt->known_lots = draft->known_lots;
	receipt->missing_to_lots = draft->missing_to_lots;
	assert(draft->outcome != ENGINE_OUTCOME_NONE);
	engine_explain(receipt, engine_apply_explain(draft->rule), draft->detail);
	if (draft->outcome == ENGINE_APPLIED) {
		bool is_new_halt = draft->before.halt == ENGINE_HALT_NONE;
		engine_explain(receipt, is_new_halt ? engine_limit_explain(draft->after.halt) : "", "");
		receipt->order_flags = draft->order.flags;
		batch->applied[batch->draft_count++] = &batch->updates[i];
		batch->first = i < batch->first ? i : batch->first;
		engine->state.draft_count = batch->draft_count;
	}
}

/* The updates after the first one that applied were judged on top of it. When it fails, so do
 * they. */
static void engine_commit(struct engine *engine, struct engine_batch *batch) {
	assert(batch->draft_count > 0 && batch->first < batch->count);
	struct engine_store_result result = engine_protocol_make_room(engine, batch->drafts, batch->draft_count);

	if (result.outcome == ENGINE_STORE_SAVED) {
		result = engine->protocol->commit(engine, batch->applied, batch->drafts, batch->draft_count);
	}

	if (result.must_stop || result.outcome == ENGINE_STORE_FENCED) {
		engine_stop(engine, result.sqlite_code, result.where);
	}
	for (uint32_t i = batch->first; i < batch->count && result.outcome != ENGINE_STORE_SAVED; i++) {
		batch->receipts[i].order_flags = 0;
		engine_report_store(engine, &result, &batch->receipts[i]);
	}
	if (result.outcome == ENGINE_STORE_SAVED) {
		engine_checkpoint_after_commit(engine, &batch->receipts[batch->count - 1]);
	}
}

static void engine_run_batch(struct engine *engine, struct engine_batch *batch) {
	assert(engine->state.drafts == NULL && engine->state.draft_count == 0);
	memset(batch->receipts, 0, batch->count * sizeof *batch->receipts);
	batch->first = batch->count;
	engine->state.drafts = batch->drafts;
	for (uint32_t i = 0; i < batch->count && !engine->is_stopped; i++) {
		engine_draft(engine, batch, i);
	}
	engine->state.drafts = NULL;
	engine->state.draft_count = 0;
	for (uint32_t i = 0; i < batch->count && engine->is_stopped; i++) {
		batch->receipts[i].outcome = ENGINE_STOPPED;
		batch->receipts[i].sqlite_code = engine->stop_code;
		engine_explain(&batch->receipts[i], "stopped before", engine->stop_reason);
	}
	if (batch->draft_count > 0) {
		engine_commit(engine, batch);
	}
	for (uint32_t i = 0; i < batch->count; i++) {
		engine_agree_notice(engine, batch->receipts[i].outcome);
		batch->receipts[i].must_reopen = engine->is_stopped;
		batch->receipts[i].version = engine->state.meta.version;
	}
}

static void engine_run_one(struct engine *engine, const struct engine_update *update, struct engine_receipt *receipt) {
	struct engine_change draft;
	const struct engine_update *applied;
	struct engine_batch batch = {
	        .updates = update, .receipts = receipt, .count = 1, .applied = &applied, .drafts = &draft};

	engine_run_batch(engine, &batch);
}

/* ---- updates that came too early ------------------------------------------------------------- */

/* Whether two updates are equal in everything that the rules look at. All texts are terminated
 * (R1). */
static bool engine_is_same_report(const struct engine_update *a, const struct engine_update *b) {
	bool is_same_name =
	        strcmp(a->exec_id, b->exec_id) == 0 && strcmp(a->order_id, b->order_id) == 0 &&
	        strcmp(a->cl_ord_id, b->cl_ord_id) == 0 && strcmp(a->symbol, b->symbol) == 0 &&
	        strcmp(a->exec_ref_id, b->exec_ref_id) == 0 && strcmp(a->orig_cl_ord_id, b->orig_cl_ord_id) == 0 &&
	        strcmp(a->comm_currency, b->comm_currency) == 0 && strcmp(a->scope.venue, b->scope.venue) == 0 &&
	        strcmp(a->scope.account, b->scope.account) == 0 &&
	        strcmp(a->scope.instrument, b->scope.instrument) == 0;
	bool is_same_kind = a->exec_type == b->exec_type && a->ord_status == b->ord_status && a->side == b->side &&
	                    a->leaves_quantity_lots == b->leaves_quantity_lots &&
	                    a->transact_time_ns == b->transact_time_ns && a->trading_day == b->trading_day &&
	                    a->scope.position_side == b->scope.position_side && a->ids_are_per == b->ids_are_per &&
	                    a->adopts == b->adopts;

	return is_same_name && is_same_kind && a->order_quantity_lots == b->order_quantity_lots &&
	       a->price_ticks == b->price_ticks && a->last_quantity_lots == b->last_quantity_lots &&
	       a->last_price_ticks == b->last_price_ticks && a->cum_quantity_lots == b->cum_quantity_lots &&
	       a->commission_units == b->commission_units;
}

/* Keeps an early update, once. False when there is no room. */
static bool engine_hold(struct engine *engine, const struct engine_update *update) {
	struct engine_gaps *gaps = &engine->gaps;

	assert(gaps->count <= gaps->capacity);
	for (uint32_t i = 0; i < gaps->count; i++) {
		if (engine_is_same_report(&gaps->updates[i], update)) {
			return true;
		}
	}
	if (gaps->updates == NULL && gaps->capacity > 0) {
		gaps->updates = sqlite3_malloc64(gaps->capacity * sizeof *gaps->updates);
	}
	if (gaps->updates == NULL || gaps->count == gaps->capacity) {
		return false;
	}
	gaps->updates[gaps->count++] = *update;
	return true;
}

/* Submits all early updates once. Whether any of them applied. An update stays early only after a
 * gap or a failure of the storage. Any other outcome settles it: it is a duplicate by now, or
 * refused, and whoever sends it again hears so. */
static bool engine_retry_held(struct engine *engine) {
	struct engine_gaps *gaps = &engine->gaps;
	uint32_t kept = 0;
	bool has_applied = false;

	for (uint32_t i = 0; i < gaps->count; i++) {
		struct engine_receipt receipt;
		engine_run_one(engine, &gaps->updates[i], &receipt);
		has_applied = has_applied || receipt.outcome == ENGINE_APPLIED;
		if (receipt.outcome == ENGINE_GAP || receipt.outcome == ENGINE_LATER) {
			gaps->updates[kept++] = gaps->updates[i];
		}
	}
	assert(kept <= gaps->count);
	gaps->count = kept;
	return has_applied;
}

/* After updates were submitted: keeps the early ones, and submits those again that may apply
 * now. */
static void engine_settle_gaps(struct engine *engine, const struct engine_update *updates, uint32_t count,
                               struct engine_receipt *receipts) {
	bool has_applied = false;

	for (uint32_t i = 0; i < count; i++) {
		receipts[i].is_held = receipts[i].outcome == ENGINE_GAP && engine_hold(engine, &updates[i]);
		has_applied = has_applied || receipts[i].outcome == ENGINE_APPLIED;
	}
	while (has_applied && engine->gaps.count > 0 && !engine->is_stopped) {
		has_applied = engine_retry_held(engine);
	}
	for (uint32_t i = 0; i < count; i++) {
		receipts[i].must_reopen = engine->is_stopped;
		receipts[i].version = engine->state.meta.version;
	}
}

uint32_t engine_read_held(const struct engine *engine) {
	return engine->gaps.count;
}

void engine_submit(struct engine *engine, const struct engine_update *update, struct engine_receipt *receipt) {
	engine_run_one(engine, update, receipt);
	engine_settle_gaps(engine, update, 1, receipt);
}

void engine_command(struct engine *engine, const struct engine_command *command, struct engine_receipt *receipt) {
	bool is_command = command->kind >= ENGINE_EXEC_HALT && command->kind <= ENGINE_EXEC_SET_LIMITS;
	struct engine_update update = {
	        /* No other kind can get in here. */
	        .exec_type = is_command ? command->kind : ENGINE_EXEC_NONE,
	        .transact_time_ns = command->time_ns,
	};

	memcpy(update.exec_id, command->command_id, sizeof update.exec_id);
	if (command->kind == ENGINE_EXEC_SET_LIMITS) {
		update.order_quantity_lots = command->limits.position_lots;
		update.price_ticks = command->limits.order_notional_tick_lots;
		update.last_quantity_lots = command->limits.open_orders;
	}
	engine_submit(engine, &update, receipt);
}

/* Busts and corrections fold the ledger. Commands change what later drafts look at. Each of them is
 * committed alone (R13). */
static bool engine_stands_alone(const struct engine_update *update) {
	return update->exec_type == ENGINE_EXEC_BUST || update->exec_type == ENGINE_EXEC_CORRECT ||
	       update->exec_type >= ENGINE_EXEC_HALT;
}

static uint32_t engine_measure_part(const struct engine_update *updates, uint32_t count) {
	uint32_t part = 1;

	while (part < count && part < ENGINE_BATCH_MAX && !engine_stands_alone(&updates[0]) &&
	       !engine_stands_alone(&updates[part])) {
		part++;
	}
	assert(part <= count && part <= ENGINE_BATCH_MAX);
	return part;
}

/* Without memory for their drafts, updates that belong together are not tried: one by one, some of
 * them could be stored and others not (R13). */
static void engine_put_off(struct engine *engine, uint32_t count, struct engine_receipt *receipts) {
	assert(count > 0);
	for (uint32_t i = 0; i < count; i++) {
		receipts[i] = (struct engine_receipt){.outcome = ENGINE_LATER, .sqlite_code = SQLITE_NOMEM};
		engine_explain(&receipts[i], "drafts", sqlite3_errstr(SQLITE_NOMEM));
		if (engine->is_stopped) {
			receipts[i].outcome = ENGINE_STOPPED;
			receipts[i].sqlite_code = engine->stop_code;
			engine_explain(&receipts[i], "stopped before", engine->stop_reason);
		}
	}
}

static void engine_submit_part(struct engine *engine, struct engine_batch *batch) {
	if (batch->count == 1) {
		engine_run_one(engine, batch->updates, batch->receipts);
	} else if (batch->drafts == NULL) {
		engine_put_off(engine, batch->count, batch->receipts);
	} else {
		engine_run_batch(engine, batch);
	}
	engine_settle_gaps(engine, batch->updates, batch->count, batch->receipts);
}

void engine_submit_batch(struct engine *engine, const struct engine_update *updates, uint32_t count,
                         struct engine_receipt *receipts) {
	struct engine_change *drafts = sqlite3_malloc64(ENGINE_BATCH_MAX * sizeof *drafts);
	const struct engine_update *applied[ENGINE_BATCH_MAX];

	for (uint32_t done = 0; done < count;) {
		struct engine_batch batch = {.updates = updates + done,
		                             .receipts = receipts + done,
		                             .count = engine_measure_part(updates + done, count - done),
		                             .applied = applied,
		                             .drafts = drafts};
		engine_submit_part(engine, &batch);
		done += batch.count;
	}
	for (uint32_t i = 0; i < count; i++) {
		receipts[i].must_reopen = engine->is_stopped;
		receipts[i].version = engine->state.meta.version;
	}
	sqlite3_free(drafts);
}

enum engine_checkpoint_status engine_checkpoint(struct engine *engine, int *sqlite_code) {
	struct engine_store_result result = {.outcome = ENGINE_STORE_SAVED, .where = "checkpoint"};
	int code = engine->stop_code;

	if (!engine->is_stopped) {
		result = engine_protocol_checkpoint(engine, false);
		code = result.sqlite_code;
		if (result.must_stop || result.outcome == ENGINE_STORE_FENCED) {
			engine_stop(engine, code, result.where);
		}
	}
	if (!engine->is_stopped && code == SQLITE_OK) {
		code = engine_store_checkpoint(&engine->store);
	}
	if (sqlite_code != NULL) {
		*sqlite_code = code;
	}
	if (!engine->is_stopped && code != SQLITE_OK && !engine_store_is_transient(code)) {
		engine_stop(engine, code, "checkpoint");
	}
	if (engine->is_stopped) {
		return ENGINE_CHECKPOINT_STOPPED;
	}
	return code == SQLITE_OK ? ENGINE_CHECKPOINTED : ENGINE_CHECKPOINT_LATER;
}

/* ---- readers --------------------------------------------------------------------------------- */

struct engine_head engine_read_head(const struct engine *engine) {
	const struct engine_meta *meta = &engine->state.meta;

	return (struct engine_head){.version = meta->version,
	                            .epoch = meta->epoch,
	                            .halted = meta->halt != ENGINE_HALT_NONE,
	                            .halt = meta->halt,
	                            .limits = meta->limits,
	                            .history = meta->history};
}

void engine_visit(struct engine *engine, const struct engine_visitor *visitor) {
	struct engine_state *state = &engine->state;

	assert(state->draft_count == 0);
	for (uint32_t i = 0; visitor->position != NULL && i < state->positions.count; i++) {
		visitor->position(visitor->context, engine_hash_table_at(&state->positions, i));
	}
	for (uint32_t i = 0; visitor->order != NULL && i < state->orders.count; i++) {
		visitor->order(visitor->context, engine_hash_table_at(&state->orders, i));
	}
	for (uint32_t i = 0; visitor->execution != NULL && i < state->executions.count; i++) {
		visitor->execution(visitor->context, engine_hash_table_at(&state->executions, i));
	}
	for (uint32_t i = 0; visitor->commission != NULL && i < state->commissions.count; i++) {
		visitor->commission(visitor->context, engine_hash_table_at(&state->commissions, i));
	}
}

bool engine_find_position(const struct engine *engine, const char *symbol, struct engine_position *position) {
	static const struct engine_scope none;
	const struct engine_position *found = engine_state_find_position(&engine->state, symbol, &none);

	if (found != NULL) {
		*position = *found;
	}
	return found != NULL;
}

bool engine_find_order(const struct engine *engine, const char *order_id, struct engine_order *order) {
	const struct engine_order *found = engine_state_find_order(&engine->state, order_id, 0);

	if (found != NULL) {
		*order = *found;
	}
	return found != NULL;
}
