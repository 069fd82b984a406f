/* engine/store.c: the connection, its one kind of transaction, and what a failure of each step
 * means.
 *
 *   connect ──▶ (load.c) ──▶ claim ──▶ idle ──BEGIN IMMEDIATE──▶ writing ──COMMIT──▶ idle
 *                                       ▲                          │  │ └─error─▶ in doubt: stop
 *                                       └───────── ROLLBACK ◀──────┘  └─BUSY, still open─▶ ROLLBACK
 *
 * An error before COMMIT is certain: without a commit record, neither a rollback journal nor a WAL
 * lets the transaction reappear. An error of COMMIT is not certain (docs/contracts.md, section 2).
 * In WAL mode the frames may be complete in the file, and come back at the next recovery, though
 * this connection shows the old state. Only BUSY with the transaction still open is certain.
 */
#include "store.h"

#include <assert.h>
#include <string.h>

#include "upgrade.h"

static const char *const engine_store_sql[ENGINE_STORE_STATEMENT_COUNT] = {
        [ENGINE_STORE_BEGIN] = "BEGIN IMMEDIATE",
        [ENGINE_STORE_COMMIT] = "COMMIT",
        [ENGINE_STORE_ROLLBACK] = "ROLLBACK",
        [ENGINE_STORE_SELECT_META] = "SELECT version,epoch FROM meta",
        [ENGINE_STORE_UPDATE_META] = "UPDATE meta SET version=?1,epoch=?2,halt=?3,position_limit_lots=?4,"
                                     "order_notional_limit_tick_lots=?5,open_order_limit=?6,digest=?7,checksum=?8"
                                     " WHERE id=1 AND version=?9 AND epoch=?10",
        [ENGINE_STORE_INSERT_POSITION] = "INSERT INTO positions VALUES(?1,?2,?3,?4,?5)",
        [ENGINE_STORE_UPDATE_POSITION] = "UPDATE positions SET quantity_lots=?2,cost_tick_lots=?3,"
                                         "realised_tick_lots=?4,checksum=?5 WHERE symbol=?1 AND checksum=?6",
        [ENGINE_STORE_INSERT_ORDER] = "INSERT INTO orders VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
                                      "?15,?16)",
        [ENGINE_STORE_UPDATE_ORDER] = "UPDATE orders SET cl_ord_id=?2,symbol=?3,side=?4,status=?5,closed_by=?6,"
                                      "flags=?7,order_quantity_lots=?8,price_ticks=?9,cum_quantity_lots=?10,"
                                      "leaves_quantity_lots=?11,filled_tick_lots=?12,terms_time_ns=?13,"
                                      "pending_cancels=?14,pending_replaces=?15,checksum=?16"
                                      " WHERE order_id=?1 AND checksum=?17",
        [ENGINE_STORE_INSERT_EXECUTION] = "INSERT INTO executions VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,"
                                          "?14,?15,?16,?17,?18)",
        [ENGINE_STORE_SUPERSEDE_EXECUTION] = "UPDATE executions SET superseded_by=?3,checksum=?4"
                                             " WHERE symbol=?1 AND exec_id=?2 AND checksum=?5",
};

/* The statements on rows in format 3. What a row has more comes as the last parameters. */
static const char *const engine_store_scoped_sql[ENGINE_STORE_STATEMENT_COUNT] = {
        [ENGINE_STORE_INSERT_POSITION] = "INSERT INTO positions VALUES(?1,?6,?7,?8,?9,?2,?3,?4,?5)",
        [ENGINE_STORE_UPDATE_POSITION] = "UPDATE positions SET quantity_lots=?2,cost_tick_lots=?3,"
                                         "realised_tick_lots=?4,checksum=?5 WHERE symbol=?1 AND checksum=?6"
                                         " AND venue=?7 AND account=?8 AND instrument=?9 AND position_side=?10",
        [ENGINE_STORE_INSERT_ORDER] = "INSERT INTO orders VALUES(?1,?17,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
                                      "?15,?18,?19,?20,?21,?22,?23,?16)",
        [ENGINE_STORE_UPDATE_ORDER] = "UPDATE orders SET cl_ord_id=?2,symbol=?3,side=?4,status=?5,closed_by=?6,"
                                      "flags=?7,order_quantity_lots=?8,price_ticks=?9,cum_quantity_lots=?10,"
                                      "leaves_quantity_lots=?11,filled_tick_lots=?12,terms_time_ns=?13,"
                                      "pending_cancels=?14,pending_replaces=?15,checksum=?16,venue=?19,account=?20,"
                                      "instrument=?21,position_side=?22,first_day=?23,last_day=?24"
                                      " WHERE order_id=?1 AND checksum=?17 AND again=?18",
        [ENGINE_STORE_INSERT_EXECUTION] = "INSERT INTO executions VALUES(?1,?2,?19,?3,?20,?4,?5,?6,?7,?8,?9,?10,?11,"
                                          "?12,?13,?14,?15,?16,?17,?21,?22,?23,?24,?25,?18)",
        [ENGINE_STORE_SUPERSEDE_EXECUTION] = "UPDATE executions SET superseded_by=?3,checksum=?4"
                                             " WHERE symbol=?1 AND exec_id=?2 AND checksum=?5 AND again=?6",
};

/* ---- errors ---------------------------------------------------------------------------------- */

bool engine_store_fail(struct engine_error *error, enum engine_open_status status, int code, const char *format, ...) {
	va_list arguments;

	error->status = status;
	error->sqlite_code = code;
	va_start(arguments, format);
	sqlite3_vsnprintf((int)sizeof error->reason, error->reason, format, arguments);
	va_end(arguments);
	return false;
}

bool engine_store_is_transient(int code) {
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
		return false; /* the kernel may have dropped what it could not write:
		               * docs/fault-model.md, section 2 */
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_INTERRUPT:
		return true;
	/* SQLITE_PROTOCOL is not transient. Locks of the WAL index are stuck, perhaps our own. Only
	 * closing gives them back. */
	default:
		return false;
	}
}

bool engine_store_classify(struct engine_store *store, int code, const char *where, struct engine_error *error) {
	enum engine_open_status status = ENGINE_OPEN_LATER;

	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:  /* the schema is not ours, or not readable */
	case SQLITE_TOOBIG: /* a record that claims an impossible length */
	case SQLITE_MISMATCH:
	case SQLITE_CONSTRAINT:
	case SQLITE_FORMAT:
		status = ENGINE_OPEN_DAMAGED;
		break;
	default:
		break;
	}
	return engine_store_fail(error, status, code, "%s: %s", where,
	                         store->db != NULL ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
}

/* ---- statements ------------------------------------------------------------------------------ */

static int engine_store_prepare(struct engine_store *store, enum engine_store_statement id) {
	assert(id < ENGINE_STORE_STATEMENT_COUNT && engine_store_sql[id] != NULL);
	if (store->statements[id] != NULL) {
		return SQLITE_OK;
	}
	bool is_other = store->is_scoped && engine_store_scoped_sql[id] != NULL;
	const char *sql = is_other ? engine_store_scoped_sql[id] : engine_store_sql[id];
	return sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->statements[id], NULL);
}

static int engine_store_run(struct engine_store *store, enum engine_store_statement id) {
	int code = sqlite3_step(store->statements[id]);

	(void)sqlite3_reset(store->statements[id]); /* repeats the code of the step */
	assert(code != SQLITE_ROW && code != SQLITE_OK);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Binds parameters from left to right and keeps the first error. */
struct engine_store_binder {
	sqlite3_stmt *statement;
	int index;
	int code;
};

static void engine_store_bind_integer(struct engine_store_binder *binder, int64_t value) {
	int code = sqlite3_bind_int64(binder->statement, ++binder->index, value);

	binder->code = binder->code == SQLITE_OK ? code : binder->code;
}

/* The text outlives the step: it is part of the change being saved. */
static void engine_store_bind_text(struct engine_store_binder *binder, const char *text) {
	int code = sqlite3_bind_text(binder->statement, ++binder->index, text, -1, SQLITE_STATIC);

	binder->code = binder->code == SQLITE_OK ? code : binder->code;
}

static void engine_store_bind_scope(struct engine_store_binder *binder, const struct engine_scope *scope) {
	engine_store_bind_text(binder, scope->venue);
	engine_store_bind_text(binder, scope->account);
	engine_store_bind_text(binder, scope->instrument);
	engine_store_bind_integer(binder, scope->position_side);
}

/* ---- the transaction ------------------------------------------------------------------------- */

/* Runs a statement that must change exactly one row. Else the database does not hold what memory
 * says. */
static int engine_store_run_on_one_row(struct engine_store *store, enum engine_store_statement id, int bind_code,
                                       bool *is_fenced) {
	int code = bind_code == SQLITE_OK ? engine_store_run(store, id) : bind_code;

	*is_fenced = code == SQLITE_OK && sqlite3_changes(store->db) != 1;
	return code;
}

static int engine_store_write_meta(struct engine_store *store, const struct engine_meta *before,
                                   const struct engine_meta *after, bool *is_fenced) {
	struct engine_store_binder binder = {.statement = store->statements[ENGINE_STORE_UPDATE_META]};
	unsigned char digest[ENGINE_DIGEST_SIZE];

	engine_digest_encode(&after->digest, digest);
	engine_store_bind_integer(&binder, (int64_t)after->version);
	engine_store_bind_integer(&binder, (int64_t)after->epoch);
	engine_store_bind_integer(&binder, after->halt);
	engine_store_bind_integer(&binder, after->limits.position_lots);
	engine_store_bind_integer(&binder, after->limits.order_notional_tick_lots);
	engine_store_bind_integer(&binder, after->limits.open_orders);
	int blob_code = sqlite3_bind_blob(binder.statement, ++binder.index, digest, sizeof digest, SQLITE_STATIC);
	binder.code = binder.code == SQLITE_OK ? blob_code : binder.code;
	engine_store_bind_integer(&binder, (int64_t)engine_row_checksum_meta(after));
	engine_store_bind_integer(&binder, (int64_t)before->version);
	engine_store_bind_integer(&binder, (int64_t)before->epoch);
	return engine_store_run_on_one_row(store, ENGINE_STORE_UPDATE_META, binder.code, is_fenced);
}

static enum engine_store_statement engine_store_position_statement(const struct engine_change *change) {
	return change->position_is_new ? ENGINE_STORE_INSERT_POSITION : ENGINE_STORE_UPDATE_POSITION;
}

static enum engine_store_statement engine_store_order_statement(const struct engine_change *change) {
	return change->order_is_new ? ENGINE_STORE_INSERT_ORDER : ENGINE_STORE_UPDATE_ORDER;
}

static int engine_store_write_position(struct engine_store *store, const struct engine_change *change,
                                       bool *is_fenced) {
	enum engine_store_statement id = engine_store_position_statement(change);
	struct engine_store_binder binder = {.statement = store->statements[id]};
	const struct engine_position *position = &change->position;

	engine_store_bind_text(&binder, position->symbol);
	engine_store_bind_integer(&binder, position->quantity_lots);
	engine_store_bind_integer(&binder, position->cost_tick_lots);
	engine_store_bind_integer(&binder, position->realised_tick_lots);
	engine_store_bind_integer(&binder, (int64_t)engine_row_seal_position(position).checksum);
	if (!change->position_is_new) {
		engine_store_bind_integer(&binder, (int64_t)change->old_position_checksum);
	}
	if (store->is_scoped) {
		engine_store_bind_scope(&binder, &position->scope);
	}
	return engine_store_run_on_one_row(store, id, binder.code, is_fenced);
}

static int engine_store_write_order(struct engine_store *store, const struct engine_change *change, bool *is_fenced) {
	enum engine_store_statement id = engine_store_order_statement(change);
	struct engine_store_binder binder = {.statement = store->statements[id]};
	const struct engine_order *order = &change->order;

	engine_store_bind_text(&binder, order->order_id);
	engine_store_bind_text(&binder, order->cl_ord_id);
	engine_store_bind_text(&binder, order->symbol);
	engine_store_bind_integer(&binder, order->side);
	engine_store_bind_integer(&binder, order->status);
	engine_store_bind_integer(&binder, order->closed_by);
	engine_store_bind_integer(&binder, order->flags);
	engine_store_bind_integer(&binder, order->order_quantity_lots);
	engine_store_bind_integer(&binder, order->price_ticks);
	engine_store_bind_integer(&binder, order->cum_quantity_lots);
	engine_store_bind_integer(&binder, order->leaves_quantity_lots);
	engine_store_bind_integer(&binder, order->filled_tick_lots);
	engine_store_bind_integer(&binder, order->terms_time_ns);
	engine_store_bind_integer(&binder, order->pending_cancels);
	engine_store_bind_integer(&binder, order->pending_replaces);
	engine_store_bind_integer(&binder, (int64_t)engine_row_seal_order(order).checksum);
	if (!change->order_is_new) {
		engine_store_bind_integer(&binder, (int64_t)change->old_order_checksum);
	}
	if (store->is_scoped) {
		engine_store_bind_integer(&binder, engine_row_number(order->again));
		engine_store_bind_scope(&binder, &order->scope);
		engine_store_bind_integer(&binder, order->first_day);
		engine_store_bind_integer(&binder, order->last_day);
	}
	return engine_store_run_on_one_row(store, id, binder.code, is_fenced);
}

static int engine_store_write_execution(struct engine_store *store, const struct engine_change *change,
                                        bool *is_fenced) {
	struct engine_store_binder binder = {.statement = store->statements[ENGINE_STORE_INSERT_EXECUTION]};
	const struct engine_execution *execution = &change->execution;

	engine_store_bind_text(&binder, execution->symbol);
	engine_store_bind_text(&binder, execution->exec_id);
	engine_store_bind_text(&binder, execution->order_id);
	engine_store_bind_integer(&binder, (int64_t)execution->version);
	engine_store_bind_integer(&binder, execution->exec_type);
	engine_store_bind_integer(&binder, execution->side);
	engine_store_bind_integer(&binder, execution->order_quantity_lots);
	engine_store_bind_integer(&binder, execution->price_ticks);
	engine_store_bind_integer(&binder, execution->last_quantity_lots);
	engine_store_bind_integer(&binder, execution->last_price_ticks);
	engine_store_bind_integer(&binder, execution->cum_quantity_lots);
	engine_store_bind_integer(&binder, execution->commission_units);
	engine_store_bind_text(&binder, execution->comm_currency);
	engine_store_bind_integer(&binder, execution->transact_time_ns);
	engine_store_bind_text(&binder, execution->exec_ref_id);
	engine_store_bind_integer(&binder, (int64_t)execution->superseded_by);
	engine_store_bind_integer(&binder, execution->moved_lots);
	engine_store_bind_integer(&binder, (int64_t)engine_row_seal_execution(execution).checksum);
	if (store->is_scoped) {
		engine_store_bind_integer(&binder, engine_row_number(execution->again));
		engine_store_bind_integer(&binder, engine_row_number(execution->order_again));
		engine_store_bind_scope(&binder, &execution->scope);
		engine_store_bind_integer(&binder, execution->trading_day);
	}
	return engine_store_run_on_one_row(store, ENGINE_STORE_INSERT_EXECUTION, binder.code, is_fenced);
}

/* Marks the fill whose place a bust or correction takes. No other row of the ledger ever
 * changes. */
static int engine_store_supersede(struct engine_store *store, const struct engine_change *change, bool *is_fenced) {
	struct engine_store_binder binder = {.statement = store->statements[ENGINE_STORE_SUPERSEDE_EXECUTION]};
	const struct engine_execution *execution = &change->superseded;

	engine_store_bind_text(&binder, execution->symbol);
	engine_store_bind_text(&binder, execution->exec_id);
	engine_store_bind_integer(&binder, (int64_t)execution->superseded_by);
	engine_store_bind_integer(&binder, (int64_t)engine_row_seal_execution(execution).checksum);
	engine_store_bind_integer(&binder, (int64_t)change->old_superseded_checksum);
	if (store->is_scoped) {
		engine_store_bind_integer(&binder, engine_row_number(execution->again));
	}
	return engine_store_run_on_one_row(store, ENGINE_STORE_SUPERSEDE_EXECUTION, binder.code, is_fenced);
}

static int engine_store_write_rows(struct engine_store *store, const struct engine_change *change, bool *is_fenced) {
	int code = engine_store_write_execution(store, change, is_fenced);

	if (code == SQLITE_OK && !*is_fenced && change->has_superseded) {
		code = engine_store_supersede(store, change, is_fenced);
	}
	if (code == SQLITE_OK && !*is_fenced && change->has_order) {
		code = engine_store_write_order(store, change, is_fenced);
	}
	if (code == SQLITE_OK && !*is_fenced && change->has_position) {
		code = engine_store_write_position(store, change, is_fenced);
	}
	return code;
}

/* Writes `meta` first. Its guard tells an engine that was taken over from, before it has written a
 * row. */
static int engine_store_write_changes(struct engine_store *store, const struct engine_change *changes, uint32_t count,
                                      bool *is_fenced) {
	int code = engine_store_write_meta(store, &changes[0].before, &changes[count - 1].after, is_fenced);

	for (uint32_t i = 0; i < count && code == SQLITE_OK && !*is_fenced; i++) {
		code = engine_store_write_rows(store, &changes[i], is_fenced);
	}
	return code;
}

static int engine_store_prepare_all(struct engine_store *store, const enum engine_store_statement *ids, size_t count) {
	int code = SQLITE_OK;

	for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
		code = engine_store_prepare(store, ids[i]);
	}
	return code;
}

static int engine_store_prepare_rows(struct engine_store *store, const struct engine_change *change) {
	int code = engine_store_prepare(store, ENGINE_STORE_INSERT_EXECUTION);

	if (code == SQLITE_OK && change->has_superseded) {
		code = engine_store_prepare(store, ENGINE_STORE_SUPERSEDE_EXECUTION);
	}
	if (code == SQLITE_OK && change->has_order) {
		code = engine_store_prepare(store, engine_store_order_statement(change));
	}
	if (code == SQLITE_OK && change->has_position) {
		code = engine_store_prepare(store, engine_store_position_statement(change));
	}
	return code;
}

/* Prepares all statements. Whatever can fail for want of memory, or for the schema, fails before
 * the transaction begins. */
static int engine_store_prepare_changes(struct engine_store *store, const struct engine_change *changes,
                                        uint32_t count) {
	static const enum engine_store_statement needed[] = {ENGINE_STORE_BEGIN, ENGINE_STORE_COMMIT,
	                                                     ENGINE_STORE_ROLLBACK, ENGINE_STORE_UPDATE_META};
	int code = engine_store_prepare_all(store, needed, sizeof needed / sizeof needed[0]);

	for (uint32_t i = 0; i < count && code == SQLITE_OK; i++) {
		code = engine_store_prepare_rows(store, &changes[i]);
	}
	return code;
}

static struct engine_store_result engine_store_make_result(enum engine_store_outcome outcome, int code,
                                                           const char *where) {
	assert(outcome != ENGINE_STORE_NONE && where != NULL);
	assert(outcome != ENGINE_STORE_SAVED || code == SQLITE_OK);
	return (struct engine_store_result){
	        .outcome = outcome,
	        .must_stop = outcome != ENGINE_STORE_SAVED && !engine_store_is_transient(code),
	        .sqlite_code = code,
	        .where = where,
	};
}

/* Ends a transaction whose COMMIT has not run, or has answered BUSY. SQLite may have rolled it back
 * by itself. */
static struct engine_store_result engine_store_abandon(struct engine_store *store, struct engine_store_result result) {
	if (!sqlite3_get_autocommit(store->db)) {
		int code = engine_store_run(store, ENGINE_STORE_ROLLBACK);
		result.must_stop = result.must_stop || (code != SQLITE_OK && !engine_store_is_transient(code));
	}
	if (!sqlite3_get_autocommit(store->db)) {
		result.must_stop = true;
	}
	/* Without a journal on the medium, pages that reached the file stay there when the rollback
	 * fails. */
	if (!store->can_roll_back && result.outcome != ENGINE_STORE_FENCED &&
	    (result.sqlite_code & 0xff) != SQLITE_BUSY) {
		result.outcome = ENGINE_STORE_IN_DOUBT;
		result.must_stop = true;
	}
	return result;
}

static struct engine_store_result engine_store_commit(struct engine_store *store) {
	int code = engine_store_run(store, ENGINE_STORE_COMMIT);
	bool is_open = !sqlite3_get_autocommit(store->db);

	if (code == SQLITE_OK) {
		assert(!is_open);
		return engine_store_make_result(ENGINE_STORE_SAVED, SQLITE_OK, "COMMIT");
	}
	if ((code & 0xff) == SQLITE_BUSY && is_open) {
		return engine_store_abandon(store, engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "COMMIT"));
	}
	struct engine_store_result result = engine_store_make_result(ENGINE_STORE_IN_DOUBT, code, "COMMIT");
	result.must_stop = true;
	return result;
}

/* Runs BEGIN IMMEDIATE. SAVED: the transaction is open. */
static struct engine_store_result engine_store_begin(struct engine_store *store) {
	int code = engine_store_run(store, ENGINE_STORE_BEGIN);

	if (code == SQLITE_OK) {
		assert(!sqlite3_get_autocommit(store->db));
		return engine_store_make_result(ENGINE_STORE_SAVED, SQLITE_OK, "BEGIN IMMEDIATE");
	}
	struct engine_store_result result = engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "BEGIN IMMEDIATE");
	return sqlite3_get_autocommit(store->db) ? result : engine_store_abandon(store, result);
}

struct engine_store_result engine_store_save(struct engine_store *store, const struct engine_change *changes,
                                             uint32_t count) {
	bool is_fenced = false;
	assert(count > 0 && sqlite3_get_autocommit(store->db));
	int code = engine_store_prepare_changes(store, changes, count);

	if (code != SQLITE_OK) {
		return engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "prepare");
	}
	struct engine_store_result result = engine_store_begin(store);
	if (result.outcome != ENGINE_STORE_SAVED) {
		return result;
	}
	code = engine_store_write_changes(store, changes, count, &is_fenced);
	if (code != SQLITE_OK) {
		return engine_store_abandon(store, engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "write"));
	}
	if (is_fenced) {
		return engine_store_abandon(store, engine_store_make_result(ENGINE_STORE_FENCED, SQLITE_OK, "guard"));
	}
	return engine_store_commit(store);
}

/* ---- the lock without a transaction of one's own --------------------------------------------- */

static int engine_store_compare_meta(struct engine_store *store, const struct engine_meta *stored, bool *is_other) {
	sqlite3_stmt *statement = store->statements[ENGINE_STORE_SELECT_META];
	int code = sqlite3_step(statement);

	*is_other = false;
	if (code == SQLITE_ROW) {
		*is_other = (uint64_t)sqlite3_column_int64(statement, 0) != stored->version ||
		            (uint64_t)sqlite3_column_int64(statement, 1) != stored->epoch;
		code = SQLITE_OK;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_CORRUPT;
	}
	(void)sqlite3_reset(statement);
	return code;
}

/* Whether somebody has claimed the database. The data version of SQLite changes with every commit
 * of anybody. While it is the same, the row need not be read. */
static int engine_store_check_meta(struct engine_store *store, const struct engine_meta *stored, bool *is_fenced) {
	uint32_t data_version = 0;
	int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_DATA_VERSION, &data_version);

	*is_fenced = false;
	if (code != SQLITE_OK || data_version == store->data_version) {
		return code;
	}
	code = engine_store_compare_meta(store, stored, is_fenced);
	store->data_version = code == SQLITE_OK ? data_version : 0;
	return code;
}

int engine_store_has_moved(struct engine_store *store, const struct engine_meta *stored, bool *has_moved) {
	int code = engine_store_prepare(store, ENGINE_STORE_SELECT_META);

	*has_moved = false;
	return code == SQLITE_OK ? engine_store_compare_meta(store, stored, has_moved) : code;
}

struct engine_store_result engine_store_lock(struct engine_store *store, const struct engine_meta *stored) {
	static const enum engine_store_statement needed[] = {ENGINE_STORE_BEGIN, ENGINE_STORE_ROLLBACK,
	                                                     ENGINE_STORE_SELECT_META};
	bool is_fenced;
	int code = engine_store_prepare_all(store, needed, sizeof needed / sizeof needed[0]);

	if (code != SQLITE_OK) {
		return engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "prepare");
	}
	struct engine_store_result result = engine_store_begin(store);
	if (result.outcome != ENGINE_STORE_SAVED) {
		return result;
	}
	code = engine_store_check_meta(store, stored, &is_fenced);
	if (code != SQLITE_OK) {
		return engine_store_unlock(store, engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "guard"));
	}
	if (is_fenced) {
		return engine_store_unlock(store, engine_store_make_result(ENGINE_STORE_FENCED, SQLITE_OK, "guard"));
	}
	return result;
}

struct engine_store_result engine_store_unlock(struct engine_store *store, struct engine_store_result result) {
	int code = sqlite3_get_autocommit(store->db) ? SQLITE_OK : engine_store_run(store, ENGINE_STORE_ROLLBACK);

	if (!sqlite3_get_autocommit(store->db) || (code != SQLITE_OK && !engine_store_is_transient(code))) {
		result.must_stop = true;
		result.sqlite_code = result.sqlite_code == SQLITE_OK ? code : result.sqlite_code;
	}
	return result;
}

/* ---- the move to format 3 -------------------------------------------------------------------- */

/* The statements on rows are those of format 2. */
static void engine_store_enter_format(struct engine_store *store) {
	for (int i = ENGINE_STORE_INSERT_POSITION; i < ENGINE_STORE_STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
	store->is_scoped = true;
}

struct engine_store_result engine_store_move(struct engine_store *store, const struct engine_meta *stored) {
	int code = engine_store_prepare(store, ENGINE_STORE_COMMIT);

	if (code != SQLITE_OK) {
		return engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "prepare");
	}
	struct engine_store_result result = engine_store_lock(store, stored);
	if (result.outcome != ENGINE_STORE_SAVED) {
		return result;
	}
	code = engine_upgrade_run(store->db);
	if (code != SQLITE_OK) {
		return engine_store_abandon(store, engine_store_make_result(ENGINE_STORE_NOT_APPLIED, code, "upgrade"));
	}
	result = engine_store_commit(store);
	if (result.outcome == ENGINE_STORE_SAVED) {
		engine_store_enter_format(store);
	}
	return result;
}

/* Within the transaction of a claim, for the changes of a journal. */
static int engine_store_move_for(struct engine_store *store, const struct engine_change *changes, uint32_t count) {
	if (store->is_scoped || !engine_upgrade_is_needed(changes, count)) {
		return SQLITE_OK;
	}
	int code = engine_upgrade_run(store->db);
	if (code == SQLITE_OK) {
		engine_store_enter_format(store);
	}
	return code;
}

/* ---- opening and closing --------------------------------------------------------------------- */

/* Takes the place of SQLite's automatic checkpoint, which hides its errors behind a COMMIT that
 * returns OK. SQLite would take what this returns for the result of COMMIT, hence it always returns
 * OK. */
static int engine_store_note_wal_length(void *context, sqlite3 *db, const char *name, int frames) {
	struct engine_store *store = context;

	(void)db;
	(void)name;
	store->wal_frames = (uint32_t)frames;
	return SQLITE_OK;
}

int engine_store_set_synchronous(struct engine_store *store, const char *level) {
	char sql[40];

	assert(level != NULL);
	sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA synchronous=%s", level);
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

static int engine_store_set_pragmas(struct engine_store *store, const struct engine_options *options) {
	char sql[100];
	const char *level = store->lowers_synchronous ? "full" : options->synchronous;

	sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA synchronous=%s", level);
	if (options->cache_pages != 0) {
		size_t length = strlen(sql);
		sqlite3_snprintf((int)(sizeof sql - length), sql + length, ";PRAGMA cache_size=%d",
		                 options->cache_pages);
	}
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

bool engine_store_connect(struct engine_store *store, const struct engine_options *options,
                          struct engine_error *error) {
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	            SQLITE_OPEN_EXRESCODE;

	assert(store->db == NULL);
	*store = (struct engine_store){.can_roll_back = true};
	store->lowers_synchronous =
	        strcmp(options->journal_mode, "wal") == 0 && strcmp(options->synchronous, "normal") == 0;
	int code = sqlite3_open_v2(options->path, &store->db, flags, options->vfs_name);
	if (code != SQLITE_OK) {
		return engine_store_classify(store, code, "open", error);
	}
	/* From here on closing changes no file, whatever state it is in. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(store->db, engine_store_note_wal_length, store);
	if (options->busy_timeout_ms > 0) {
		int timeout = options->busy_timeout_ms > INT32_MAX ? INT32_MAX : (int)options->busy_timeout_ms;
		sqlite3_busy_timeout(store->db, timeout);
	}
	store->opened_read_only = sqlite3_db_readonly(store->db, "main") == 1;
	code = engine_store_set_pragmas(store, options);
	return code == SQLITE_OK || engine_store_classify(store, code, "pragmas", error);
}

/* *is_set: whether SQLite says that the mode is now the one asked for. */
static int engine_store_set_journal_mode(struct engine_store *store, const char *mode, bool *is_set) {
	char sql[40];
	sqlite3_stmt *statement = NULL;

	*is_set = false;
	sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA journal_mode=%s", mode);
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW) {
		const char *answer = (const char *)sqlite3_column_text(statement, 0);
		*is_set = answer != NULL && sqlite3_stricmp(answer, mode) == 0;
		code = answer == NULL ? SQLITE_NOMEM : SQLITE_OK;
	}
	int reset_code = sqlite3_finalize(statement);
	return code == SQLITE_OK ? reset_code : code;
}

static bool engine_store_enter_journal_mode(struct engine_store *store, const char *mode, struct engine_error *error) {
	bool is_set;
	int code = engine_store_set_journal_mode(store, mode, &is_set);

	if (code != SQLITE_OK) {
		return engine_store_classify(store, code, "journal_mode", error);
	}
	if (!is_set) {
		return engine_store_fail(error, ENGINE_OPEN_MISCONFIGURED, 0, "journal mode %s is not to be had here",
		                         mode);
	}
	store->is_wal = strcmp(mode, "wal") == 0;
	store->can_roll_back = strcmp(mode, "memory") != 0 && strcmp(mode, "off") != 0;
	code = store->lowers_synchronous ? engine_store_set_synchronous(store, "normal") : SQLITE_OK;
	return code == SQLITE_OK || engine_store_classify(store, code, "synchronous", error);
}

/* E7. The WAL of an earlier process may sit in a page cache that lost its dirty marks to a failed
 * sync. One more sync would report success and write nothing (docs/fault-model.md, section 2).
 * Copying it into the database writes every page anew, and the claim then starts the WAL afresh. */
static bool engine_store_settle_wal(struct engine_store *store, struct engine_error *error) {
	int code = engine_store_checkpoint(store);

	if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
		return engine_store_classify(store, code, "checkpoint", error);
	}
	return true;
}

bool engine_store_claim(struct engine_store *store, const char *journal_mode, struct engine_meta *meta,
                        struct engine_error *error) {
	struct engine_meta claimed = *meta;
	bool is_fenced = false;

	if (!engine_store_enter_journal_mode(store, journal_mode, error) || !engine_store_settle_wal(store, error)) {
		return false;
	}
	claimed.epoch++;
	int code = engine_store_prepare(store, ENGINE_STORE_UPDATE_META);
	if (code == SQLITE_OK) {
		/* its own transaction */
		code = engine_store_write_meta(store, meta, &claimed, &is_fenced);
	}
	if (code != SQLITE_OK) {
		return engine_store_classify(store, code, "claim", error);
	}
	if (is_fenced) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, 0,
		                         "claim: another engine opened the database meanwhile");
	}
	*meta = claimed;
	return true;
}

/* Raises synchronous whatever it is. The journal is dropped after this commit, so nothing may be
 * able to take the commit back. Deleting a rollback journal is durable only with EXTRA
 * (docs/contracts.md, section 1). */
bool engine_store_claim_begin(struct engine_store *store, const char *journal_mode, struct engine_error *error) {
	static const enum engine_store_statement needed[] = {ENGINE_STORE_BEGIN, ENGINE_STORE_COMMIT,
	                                                     ENGINE_STORE_ROLLBACK, ENGINE_STORE_UPDATE_META};

	if (!engine_store_enter_journal_mode(store, journal_mode, error) || !engine_store_settle_wal(store, error)) {
		return false;
	}
	int code = engine_store_set_synchronous(store, "extra");
	if (code == SQLITE_OK) {
		code = engine_store_prepare_all(store, needed, sizeof needed / sizeof needed[0]);
	}
	if (code == SQLITE_OK) {
		code = engine_store_run(store, ENGINE_STORE_BEGIN);
	}
	return code == SQLITE_OK || engine_store_classify(store, code, "claim", error);
}

static int engine_store_write_claim(struct engine_store *store, const struct engine_store_replay *replay,
                                    const struct engine_meta *claimed, bool *is_fenced) {
	int code = engine_store_move_for(store, replay->changes, replay->count);

	if (code == SQLITE_OK) {
		code = engine_store_prepare_changes(store, replay->changes, replay->count);
	}
	if (code == SQLITE_OK) {
		code = engine_store_write_meta(store, &replay->loaded, claimed, is_fenced);
	}
	for (uint32_t i = 0; i < replay->count && code == SQLITE_OK && !*is_fenced; i++) {
		code = engine_store_write_rows(store, &replay->changes[i], is_fenced);
	}
	return code == SQLITE_OK && !*is_fenced ? engine_store_run(store, ENGINE_STORE_COMMIT) : code;
}

bool engine_store_claim_end(struct engine_store *store, const struct engine_store_replay *replay,
                            struct engine_meta *meta, struct engine_error *error) {
	struct engine_meta claimed = *meta;
	bool is_fenced = false;

	claimed.epoch++;
	int code = engine_store_write_claim(store, replay, &claimed, &is_fenced);
	if (code != SQLITE_OK) {
		return engine_store_classify(store, code, "claim", error);
	}
	if (is_fenced) {
		return engine_store_fail(error, ENGINE_OPEN_LATER, 0,
		                         "claim: another engine opened the database meanwhile");
	}
	*meta = claimed;
	return true;
}

int engine_store_checkpoint(struct engine_store *store) {
	if (!store->is_wal) {
		return SQLITE_OK;
	}
	return sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void engine_store_close(struct engine_store *store, bool may_checkpoint) {
	for (int i = 0; i < ENGINE_STORE_STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
	}
	if (store->db != NULL && may_checkpoint) {
		sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	}
	int code = sqlite3_close(store->db);
	assert(code == SQLITE_OK);
	*store = (struct engine_store){0};
}
