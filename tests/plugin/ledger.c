/* tests/plugin/ledger.c: a worked example of a subject: a position keeper that stores nothing but
 * the reports it applied, in their order, and folds them whenever it is asked: memory is a copy of
 * the table, extended after each commit.
 *
 *     aftershock run --subject build/tests/plugin/ledger.so
 */
#include "subject.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 ledger_int128;

#define LEDGER_ORDERS_MAX 512u
#define LEDGER_SYMBOLS_MAX 16u
#define LEDGER_REPORTS_MAX 1024u

struct ledger {
	sqlite3 *db;
	bool stopped;
	uint64_t version; /* number of reports */
	struct subject_order_update reports[LEDGER_REPORTS_MAX];
};

/* ---- start and stop -------------------------------------------------------------------------- */

/* False when the table cannot be read to its end, or holds what is no report. */
static bool ledger_load(struct ledger *ledger) {
	sqlite3_stmt *select = NULL;
	const size_t size = sizeof ledger->reports[0];
	bool fits = true;
	if (sqlite3_prepare_v2(ledger->db, "SELECT body FROM report ORDER BY n", -1, &select, NULL) != SQLITE_OK) {
		return false;
	}
	while (fits && sqlite3_step(select) == SQLITE_ROW) {
		fits = sqlite3_column_bytes(select, 0) == (int)size && ledger->version < LEDGER_REPORTS_MAX;
		if (fits) {
			memcpy(&ledger->reports[ledger->version++], sqlite3_column_blob(select, 0), size);
		}
	}
	return sqlite3_finalize(select) == SQLITE_OK && fits;
}

static bool ledger_open(struct ledger *ledger, const struct subject_config *config) {
	char sql[400];
	snprintf(sql, sizeof sql,
	         "PRAGMA page_size=%u; PRAGMA cache_size=%d; PRAGMA journal_mode=%s; PRAGMA synchronous=%s;"
	         "CREATE TABLE IF NOT EXISTS report(n INTEGER PRIMARY KEY, exec_id TEXT UNIQUE, body BLOB);"
	         "CREATE TABLE IF NOT EXISTS life(n INTEGER PRIMARY KEY);",
	         config->page_size_bytes, (int)config->cache_pages, config->journal_mode, config->synchronous);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (sqlite3_open_v2(config->path, &ledger->db, flags, config->vfs_name) != SQLITE_OK) {
		return false;
	}
	sqlite3_busy_timeout(ledger->db, (int)config->busy_timeout_ms);
	/* The row in `life` makes durable whatever an earlier life left in the page cache, before
	 * anything is served. */
	return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(ledger->db, "INSERT INTO life VALUES(NULL)", NULL, NULL, NULL) == SQLITE_OK &&
	       ledger_load(ledger);
}

static void ledger_stop(void *instance) {
	struct ledger *ledger = instance;
	sqlite3_close(ledger->db);
	free(ledger);
}

static enum subject_start_status ledger_start(const struct subject_config *config, void **instance, char *reason) {
	struct ledger *ledger = calloc(1, sizeof *ledger);
	*instance = NULL;
	if (ledger == NULL || !ledger_open(ledger, config)) {
		int code = ledger != NULL ? sqlite3_errcode(ledger->db) & 0xff : SQLITE_NOMEM;
		snprintf(reason, SUBJECT_REASON_SIZE, "%s",
		         ledger != NULL ? sqlite3_errmsg(ledger->db) : "out of memory");
		if (ledger != NULL) {
			ledger_stop(ledger);
		}
		return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? SUBJECT_START_DAMAGED : SUBJECT_START_LATER;
	}
	*instance = ledger;
	return SUBJECT_STARTED;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* The order's filled quantity, and whether the report is known. */
static int64_t ledger_look(const struct ledger *ledger, const struct subject_order_update *update, bool *known) {
	int64_t cum = 0;
	*known = false;
	for (uint64_t i = 0; i < ledger->version; i++) {
		const struct subject_order_update *row = &ledger->reports[i];
		*known |= strcmp(row->exec_id, update->exec_id) == 0;
		if (row->exec_type == SUBJECT_EXEC_TRADE && strcmp(row->order_id, update->order_id) == 0) {
			cum = row->cum_quantity_lots;
		}
	}
	return cum;
}

static enum subject_outcome ledger_save(struct ledger *ledger, const struct subject_order_update *update) {
	sqlite3_stmt *insert = NULL;
	bool written =
	        sqlite3_exec(ledger->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
	        sqlite3_prepare_v2(ledger->db, "INSERT INTO report VALUES(?,?,?)", -1, &insert, NULL) == SQLITE_OK &&
	        sqlite3_bind_int64(insert, 1, (sqlite3_int64)ledger->version + 1) == SQLITE_OK &&
	        sqlite3_bind_text(insert, 2, update->exec_id, -1, SQLITE_STATIC) == SQLITE_OK &&
	        sqlite3_bind_blob(insert, 3, update, sizeof *update, SQLITE_STATIC) == SQLITE_OK &&
	        sqlite3_step(insert) == SQLITE_DONE;
	sqlite3_finalize(insert);
	int code = written ? sqlite3_exec(ledger->db, "COMMIT", NULL, NULL, NULL) : SQLITE_OK;
	if (written && code == SQLITE_OK) {
		ledger->reports[ledger->version++] = *update;
		return SUBJECT_ACKNOWLEDGED;
	}
	bool busy = (sqlite3_errcode(ledger->db) & 0xff) == SQLITE_BUSY;
	bool in_doubt = written && !busy;
	sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
	/* A lock that was refused has changed nothing. After any other failure a new connection is
	 * the only one whose view can be trusted. */
	ledger->stopped = !busy;
	return in_doubt ? SUBJECT_IN_DOUBT : SUBJECT_LATER;
}

static enum subject_outcome ledger_apply(struct ledger *ledger, const struct subject_order_update *update) {
	bool known = false;
	if (ledger->stopped || ledger->version == LEDGER_REPORTS_MAX) {
		return SUBJECT_STOPPED;
	}
	int64_t cum = ledger_look(ledger, update, &known);
	if (known) {
		return SUBJECT_UNCHANGED;
	}
	return update->cum_quantity_lots - update->last_quantity_lots > cum ? SUBJECT_LATER
	                                                                    : ledger_save(ledger, update);
}

/* All of the WAL goes into the database. After an error other than a lock the next life begins with
 * a new connection. */
static enum subject_outcome ledger_checkpoint(struct ledger *ledger) {
	if (ledger->stopped) {
		return SUBJECT_STOPPED;
	}
	int code = sqlite3_wal_checkpoint_v2(ledger->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	ledger->stopped = code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY;
	return code == SQLITE_OK ? SUBJECT_UNCHANGED : SUBJECT_LATER;
}

static void ledger_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct ledger *ledger = instance;
	memset(reply, 0, sizeof *reply);
	reply->outcome = step->kind == SUBJECT_STEP_ORDER_UPDATE ? ledger_apply(ledger, step->update)
	                 : step->kind == SUBJECT_STEP_CHECKPOINT ? ledger_checkpoint(ledger)
	                                                         : SUBJECT_UNCHANGED;
	reply->must_restart = ledger->stopped;
	reply->version = ledger->version;
}

/* ---- observe: the fold ----------------------------------------------------------------------- */

struct ledger_fold {
	const struct subject_sink *sink;
	uint32_t position_count;
	uint32_t order_count;
	struct subject_position positions[LEDGER_SYMBOLS_MAX];
	struct subject_order orders[LEDGER_ORDERS_MAX];
};

static struct subject_position *ledger_position(struct ledger_fold *fold, const char *symbol) {
	uint32_t i = 0;
	while (i < fold->position_count && strcmp(fold->positions[i].symbol, symbol) != 0) {
		i++;
	}
	if (i == fold->position_count && i < LEDGER_SYMBOLS_MAX) {
		fold->position_count++;
		memcpy(fold->positions[i].symbol, symbol, sizeof fold->positions[i].symbol);
	}
	return &fold->positions[i];
}

static struct subject_order *ledger_order(struct ledger_fold *fold, const char *order_id) {
	uint32_t i = 0;
	while (i < fold->order_count && strcmp(fold->orders[i].order_id, order_id) != 0) {
		i++;
	}
	if (i == fold->order_count && i < LEDGER_ORDERS_MAX) {
		fold->order_count++;
		memcpy(fold->orders[i].order_id, order_id, sizeof fold->orders[i].order_id);
		fold->orders[i].is_external = true;
	}
	return &fold->orders[i];
}

/* cost * lots / held to the nearest whole, halves to even. */
static int64_t ledger_share(int64_t cost, int64_t lots, int64_t held) {
	ledger_int128 product = (ledger_int128)(cost < 0 ? -cost : cost) * lots;
	ledger_int128 share = product / held;
	ledger_int128 rest = product % held * 2;
	share += rest > held || (rest == held && share % 2 != 0);
	return (int64_t)(cost < 0 ? -share : share);
}

static void ledger_fill(struct subject_position *position, const struct subject_order_update *update) {
	int64_t sign = update->side == SUBJECT_SIDE_BUY ? 1 : -1;
	int64_t left = update->last_quantity_lots;
	int64_t held = -sign * position->quantity_lots;
	if (held > 0) {
		int64_t lots = left < held ? left : held;
		int64_t share = ledger_share(position->cost_tick_lots, lots, held);
		position->quantity_lots += sign * lots;
		position->cost_tick_lots -= share;
		position->realised_tick_lots -= sign * lots * update->last_price_ticks + share;
		left -= lots;
	}
	position->quantity_lots += sign * left;
	position->cost_tick_lots += sign * left * update->last_price_ticks;
}

/* A cancel counts before an expiry, an expiry before a reject; being filled counts before them
 * all. */
static int ledger_rank(enum subject_order_status status) {
	return status == SUBJECT_ORDER_CANCELED   ? 3
	       : status == SUBJECT_ORDER_EXPIRED  ? 2
	       : status == SUBJECT_ORDER_REJECTED ? 1
	                                          : 0;
}

static void ledger_row(struct ledger_fold *fold, const struct subject_order_update *update) {
	static const enum subject_order_status ends[] = {[SUBJECT_EXEC_CANCELED] = SUBJECT_ORDER_CANCELED,
	                                                 [SUBJECT_EXEC_REJECTED] = SUBJECT_ORDER_REJECTED,
	                                                 [SUBJECT_EXEC_EXPIRED] = SUBJECT_ORDER_EXPIRED};
	struct subject_order *order = ledger_order(fold, update->order_id);
	memcpy(order->symbol, update->symbol, sizeof order->symbol);
	order->side = update->side;
	order->order_quantity_lots = update->order_quantity_lots;
	order->price_ticks = update->price_ticks;
	memcpy(order->cl_ord_id, update->cl_ord_id, sizeof order->cl_ord_id);
	if (update->exec_type == SUBJECT_EXEC_TRADE) {
		order->cum_quantity_lots = update->cum_quantity_lots;
		order->filled_tick_lots += update->last_quantity_lots * update->last_price_ticks;
		ledger_fill(ledger_position(fold, update->symbol), update);
	} else if (ledger_rank(ends[update->exec_type]) > ledger_rank(order->status)) {
		order->status = ends[update->exec_type];
	}
	order->is_external = order->is_external && update->exec_type != SUBJECT_EXEC_NEW;
}

static void ledger_show_execution(const struct ledger *ledger, uint64_t row, const struct subject_sink *sink) {
	struct subject_execution execution = {.version = row + 1};
	memcpy(execution.symbol, ledger->reports[row].symbol, sizeof execution.symbol);
	memcpy(execution.exec_id, ledger->reports[row].exec_id, sizeof execution.exec_id);
	sink->execution(sink->context, &execution);
}

/* Commissions by currency, of which there are few. */
static void ledger_show_commissions(const struct ledger *ledger, const struct subject_sink *sink) {
	for (uint64_t i = 0; i < ledger->version; i++) {
		struct subject_commission commission = {{0}, 0};
		bool shown = false;
		memcpy(commission.comm_currency, ledger->reports[i].comm_currency, sizeof commission.comm_currency);
		for (uint64_t n = 0; n < ledger->version; n++) {
			bool same = strcmp(ledger->reports[n].comm_currency, commission.comm_currency) == 0;
			shown |= same && n < i;
			commission.total_units += same ? ledger->reports[n].commission_units : 0;
		}
		if (!shown) {
			sink->commission(sink->context, &commission);
		}
	}
}

static void ledger_show(const struct ledger_fold *fold) {
	for (uint32_t i = 0; i < fold->position_count; i++) {
		fold->sink->position(fold->sink->context, &fold->positions[i]);
	}
	for (uint32_t i = 0; i < fold->order_count; i++) {
		struct subject_order order = fold->orders[i];
		bool filled = order.cum_quantity_lots >= order.order_quantity_lots;
		bool closed = filled || ledger_rank(order.status) > 0;
		order.status = filled                        ? SUBJECT_ORDER_FILLED
		               : closed                      ? order.status
		               : order.cum_quantity_lots > 0 ? SUBJECT_ORDER_PARTIALLY_FILLED
		                                             : SUBJECT_ORDER_NEW;
		order.leaves_quantity_lots = closed ? 0 : order.order_quantity_lots - order.cum_quantity_lots;
		fold->sink->order(fold->sink->context, &order);
	}
}

static void ledger_observe(void *instance, const struct subject_sink *sink) {
	const struct ledger *ledger = instance;
	struct ledger_fold *fold = calloc(1, sizeof *fold);
	const struct subject_head head = {.version = ledger->version};
	sink->head(sink->context, &head);
	if (fold == NULL) {
		return;
	}
	fold->sink = sink;
	for (uint64_t i = 0; i < ledger->version; i++) {
		ledger_row(fold, &ledger->reports[i]);
		ledger_show_execution(ledger, i, sink);
	}
	ledger_show(fold);
	ledger_show_commissions(ledger, sink);
	free(fold);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "ledger",
	                                                  .start = ledger_start,
	                                                  .step = ledger_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_CHECKPOINTS};
	return &subject;
}
