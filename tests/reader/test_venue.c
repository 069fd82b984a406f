/* Real messages of twelve venue interfaces (39 files that lie beside the project, with a page on
 * where each is from; skipped and said so when they do not). Binance's go through their adapter as
 * they are. The others have none: their fields are renamed, values as they were written, to the
 * NDJSON form, which shows what the normal form can hold and what it refuses. Every report has one
 * right answer, written down here; the last lines are the table of counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "memory_vfs.h"
#include "orders.h"
#include "reading.h"

#define EXIT_SKIPPED 77

static const char venue_instruments[] = "instrument EURUSD-PERP 0.01 1\n"
                                        "instrument BTCUSDT 0.01 0.00001\n"
                                        "instrument ETHUSDT 0.01 0.0001\n"
                                        "instrument ETHBTC 0.0000001 0.001\n"
                                        "instrument XBTUSD 0.5 100\n"
                                        "instrument ICPUSDT 0.001 1\n"
                                        "instrument BTC-USD 0.01 0.00001\n"
                                        "instrument ETH-USD 0.01 0.0001\n"
                                        "instrument PI_XBTUSD 0.5 1\n"
                                        "instrument PI_ETHUSD 0.05 1\n"
                                        "instrument BTC-USDT-SWAP 0.1 0.01\n"
                                        "instrument BTC-USDT 0.1 0.00001\n"
                                        "instrument ETH_USDC-PERPETUAL 0.01 0.001\n"
                                        "instrument 1.180604981 0.01 0.01\n"
                                        "currency USDT 0.000000001\n"
                                        "currency ETH 0.00000001\n"
                                        "currency XBt 1\n";

/* ---- renaming -------------------------------------------------------------------------------- */

struct rename {
	const char *ours;
	const char *theirs; /* path of keys and indices; '=' and a word: always that; '?' behind it:
	                     * empty is absent */
};

struct recode {
	const char *ours;
	const char *value;
	const char *word;
};

struct mapping {
	const struct rename *renames;
	const struct recode *recodes;
};

#define END                                                                                                            \
	{ NULL, NULL }
#define END_CODES                                                                                                      \
	{ NULL, NULL, NULL }

static const struct mapping architect = {
        (const struct rename[]){{"exec_id", "xs.tid"},
                                {"exec_id", "eid"},
                                {"order_id", "o.oid"},
                                {"symbol", "o.s"},
                                {"side", "o.d"},
                                {"exec_type", "t"},
                                {"order_qty", "o.q"},
                                {"price", "o.p"},
                                {"last_qty", "xs.q"},
                                {"last_px", "xs.p"},
                                {"cum_qty", "o.xq"},
                                {"leaves_qty", "o.rq"},
                                END},
        (const struct recode[]){{"side", "B", "buy"},
                                {"exec_type", "n", "new"},
                                {"exec_type", "c", "canceled"},
                                {"exec_type", "f", "trade"},
                                {"exec_type", "p", "trade"},
                                {"exec_type", "j", "rejected"},
                                {"exec_type", "r", "replaced"},
                                END_CODES},
};

static const struct mapping betfair = {
        (const struct rename[]){{"order_id", "oc.0.orc.0.uo.0.id"},
                                {"symbol", "oc.0.id"},
                                {"side", "oc.0.orc.0.uo.0.side"},
                                {"exec_type", "=trade"},
                                {"order_qty", "oc.0.orc.0.uo.0.s"},
                                {"price", "oc.0.orc.0.uo.0.p"},
                                {"cum_qty", "oc.0.orc.0.uo.0.sm"},
                                END},
        (const struct recode[]){{"side", "L", "sell"}, {"side", "B", "buy"}, END_CODES},
};

static const struct mapping bitmex = {
        (const struct rename[]){{"exec_id", "execID"},
                                {"order_id", "orderID"},
                                {"symbol", "symbol"},
                                {"side", "side"},
                                {"exec_type", "execType"},
                                {"exec_type", "=order_status"},
                                {"order_qty", "orderQty"},
                                {"price", "price"},
                                {"last_qty", "lastQty"},
                                {"last_px", "lastPx"},
                                {"cum_qty", "cumQty"},
                                {"leaves_qty", "leavesQty"},
                                {"commission", "execComm"},
                                {"comm_currency", "settlCurrency"},
                                END},
        (const struct recode[]){{"side", "Sell", "sell"},
                                {"side", "Buy", "buy"},
                                {"exec_type", "Trade", "trade"},
                                {"comm_currency", "XBT", "XBt"},
                                END_CODES},
};

static const struct mapping bybit = {
        (const struct rename[]){{"exec_id", "data.0.execId"},
                                {"order_id", "data.0.orderId"},
                                {"symbol", "data.0.symbol"},
                                {"side", "data.0.side"},
                                {"exec_type", "data.0.orderStatus"},
                                {"exec_type", "=trade"},
                                {"order_qty", "data.0.orderQty"},
                                {"order_qty", "data.0.qty"},
                                {"price", "data.0.price"},
                                {"last_qty", "data.0.execQty"},
                                {"last_px", "data.0.execPrice"},
                                {"cum_qty", "data.0.cumExecQty"},
                                {"leaves_qty", "data.0.leavesQty"},
                                END},
        (const struct recode[]){{"side", "Sell", "sell"},
                                {"side", "Buy", "buy"},
                                {"exec_type", "Cancelled", "canceled"},
                                {"exec_type", "Filled", "trade"},
                                END_CODES},
};

static const struct mapping coinbase_fills = {
        (const struct rename[]){{"exec_id", "trade_id"},
                                {"order_id", "order_id"},
                                {"symbol", "product_id"},
                                {"side", "side"},
                                {"exec_type", "=trade"},
                                {"last_qty", "size"},
                                {"last_px", "price"},
                                END},
        (const struct recode[]){{"side", "BUY", "buy"}, {"side", "SELL", "sell"}, END_CODES},
};

static const struct mapping coinbase_orders = {
        (const struct rename[]){{"order_id", "events.0.orders.0.order_id"},
                                {"symbol", "events.0.orders.0.product_id"},
                                {"side", "events.0.orders.0.order_side"},
                                {"exec_type", "events.0.orders.0.status"},
                                {"cum_qty", "events.0.orders.0.cumulative_quantity"},
                                {"leaves_qty", "events.0.orders.0.leaves_quantity"},
                                END},
        (const struct recode[]){{"side", "BUY", "buy"}, {"exec_type", "OPEN", "new"}, END_CODES},
};

static const struct recode deribit_codes[] = {
        {"exec_type", "open", "new"}, {"exec_type", "cancelled", "canceled"}, END_CODES};
static const struct mapping deribit = {
        (const struct rename[]){{"order_id", "result.order.order_id"},
                                {"symbol", "result.order.instrument_name"},
                                {"side", "result.order.direction"},
                                {"exec_type", "result.order.order_state"},
                                {"order_qty", "result.order.amount"},
                                {"price", "result.order.price"},
                                {"cum_qty", "result.order.filled_amount"},
                                END},
        deribit_codes,
};
static const struct mapping deribit_cancel = {
        (const struct rename[]){{"order_id", "result.order_id"},
                                {"symbol", "result.instrument_name"},
                                {"side", "result.direction"},
                                {"exec_type", "result.order_state"},
                                {"order_qty", "result.amount"},
                                {"price", "result.price"},
                                {"cum_qty", "result.filled_amount"},
                                END},
        deribit_codes,
};

static const struct recode kraken_codes[] = {{"side", "true", "buy"},
                                             {"side", "1", "sell"},
                                             {"exec_type", "true", "canceled"},
                                             {"exec_type", "false", "new"},
                                             END_CODES};
static const struct mapping kraken_fills = {
        (const struct rename[]){{"exec_id", "fill_id"},
                                {"order_id", "order_id"},
                                {"symbol", "instrument"},
                                {"side", "buy"},
                                {"exec_type", "=trade"},
                                {"last_qty", "qty"},
                                {"last_px", "price"},
                                {"leaves_qty", "remaining_order_qty"},
                                END},
        kraken_codes,
};
static const struct mapping kraken_orders = {
        (const struct rename[]){{"order_id", "order.order_id"},
                                {"order_id", "order_id"},
                                {"symbol", "order.instrument"},
                                {"side", "order.direction"},
                                {"exec_type", "is_cancel"},
                                {"order_qty", "order.qty"},
                                {"price", "order.limit_price"},
                                {"cum_qty", "order.filled"},
                                END},
        kraken_codes,
};

static const struct mapping okx = {
        (const struct rename[]){{"exec_id", "data.0.tradeId"},
                                {"order_id", "data.0.ordId"},
                                {"cl_ord_id", "data.0.clOrdId?"},
                                {"symbol", "data.0.instId"},
                                {"side", "data.0.side"},
                                {"exec_type", "data.0.state"},
                                {"order_qty", "data.0.sz"},
                                {"price", "data.0.px?"},
                                {"last_qty", "data.0.fillSz"},
                                {"last_px", "data.0.fillPx"},
                                {"cum_qty", "data.0.accFillSz"},
                                {"commission", "data.0.fee"},
                                {"comm_currency", "data.0.feeCcy"},
                                END},
        (const struct recode[]){
                {"exec_type", "filled", "trade"}, {"exec_type", "partially_filled", "trade"}, END_CODES},
};

/* ---- finding values -------------------------------------------------------------------------- */

/* Element `index` of an array: what stands between its commas. */
static bool find_element(const char *bytes, struct reader_json_slice array, size_t index,
                         struct reader_json_slice *element) {
	size_t from = array.from + 1;
	int depth = 0;
	bool is_string = false;

	for (size_t at = from; at < array.to; at++) {
		char c = bytes[at];
		is_string = c == '"' && bytes[at - 1] != '\\' ? !is_string : is_string;
		bool ends = !is_string && depth == 0 && (c == ',' || at == array.to - 1);
		depth += is_string ? 0 : (c == '{' || c == '[') - (c == '}' || c == ']');
		if (ends && index-- == 0) {
			*element = (struct reader_json_slice){READER_JSON_OBJECT, from, at};
			return strspn(bytes + from, " \n\r\t") < at - from;
		}
		from = ends ? at + 1 : from;
	}
	return false;
}

/* The value at a path of keys and indices. */
static bool find_value(const char *bytes, struct reader_json_slice at, const char *path,
                       struct reader_json_slice *value) {
	struct reader_json_object object;
	struct reader_json_error error;
	char key[40];

	size_t length = strcspn(path, ".?");
	(void)snprintf(key, sizeof key, "%.*s", (int)length, path);
	if (at.kind == READER_JSON_ARRAY) {
		if (!find_element(bytes, at, (size_t)strtoul(key, NULL, 10), value)) {
			return false;
		}
	} else {
		assert_true(reader_json_parse(bytes, at.from, at.to, &object, &error));
		const struct reader_json_slice *found = reader_json_find(&object, key);
		if (found == NULL) {
			return false;
		}
		*value = *found;
	}
	return path[length] != '.' || find_value(bytes, *value, path + length + 1, value);
}

/* Appends "ours":"value" with the value as it was written, or its word. */
static void append_renamed(const struct mapping *mapping, const char *bytes, struct reader_json_slice report,
                           char *line, size_t capacity) {
	for (const struct rename *rename = mapping->renames; rename->ours != NULL; rename++) {
		struct reader_json_slice value = {READER_JSON_STRING, 0, 0};
		char text[100];
		char name[40];
		(void)snprintf(name, sizeof name, "\"%s\":", rename->ours);
		bool is_there = rename->theirs[0] == '=' || find_value(bytes, report, rename->theirs, &value);
		if (!is_there || value.kind == READER_JSON_NULL || strstr(line, name) != NULL ||
		    (strchr(rename->theirs, '?') != NULL && value.from == value.to)) {
			continue;
		}
		(void)snprintf(text, sizeof text, "%.*s", (int)(value.to - value.from), bytes + value.from);
		const char *word = rename->theirs[0] == '=' ? rename->theirs + 1 : text;
		for (const struct recode *recode = mapping->recodes; recode->ours != NULL; recode++) {
			bool is_it = strcmp(recode->ours, rename->ours) == 0 && strcmp(recode->value, text) == 0;
			word = is_it ? recode->word : word;
		}
		size_t length = strlen(line);
		(void)snprintf(line + length, capacity - length, "%s%s\"%s\"", length > 1 ? "," : "", name, word);
	}
}

/* ---- the files ------------------------------------------------------------------------------- */

struct source {
	const char *file;
	const struct mapping *mapping; /* NULL: Binance's own adapter */
	const char *list;              /* path of the array of reports, "" for the document; NULL:
	                                * one report */
	const char *expected[4];       /* per report: outcome of the engine, or the reader's
	                                * reason */
};

static const struct source sources[] = {
        {"binance-spot/execution_report_new.json", NULL, NULL, {"applied"}},
        {"binance-spot/execution_report_trade.json", NULL, NULL, {"applied"}},
        {"binance-spot/execution_report_canceled.json",
         NULL,
         NULL,
         {"applied"}}, /* z 0 after z 1: an old report; the fill stays */
        {"binance-spot/execution_report_wrapped.json", NULL, NULL, {"applied"}},
        {"binance-spot/ws_spot_execution_report_rejected.json", NULL, NULL, {"applied"}},
        /* trade 98765432 of another order: one of the two cannot be */
        {"binance-spot/ws_spot_execution_report_trade.json", NULL, NULL, {"conflict"}},
        /* order 1234567890, seen for BTCUSDT above: another order, ids are per symbol */
        {"binance-spot/ws_spot_execution_report_trade_l_zero.json", NULL, NULL, {"applied"}},
        {"binance-spot/ws_spot_execution_report_trade_prevention.json", NULL, NULL, {"applied"}},
        /* An answer, not an event. */
        {"binance-spot/new_order_full_response.json", NULL, NULL, {"missing"}},
        {"binance-futures/order_update_new.json", NULL, NULL, {"applied"}},
        {"binance-futures/order_update_trade_partial.json", NULL, NULL, {"applied"}},
        /* The same fill on its second channel. */
        {"binance-futures/trade_lite.json", NULL, NULL, {"no_effect"}},
        {"binance-futures/order_update_adl.json", NULL, NULL, {"applied"}},
        {"binance-futures/order_update_calculated.json", NULL, NULL, {"applied"}},
        {"architect_ax/ws_order_acknowledged.json", &architect, NULL, {"applied"}},
        {"architect_ax/ws_order_partially_filled.json", &architect, NULL, {"applied"}},
        /* One trade id, two quantities. */
        {"architect_ax/ws_order_filled.json", &architect, NULL, {"conflict"}},
        {"architect_ax/ws_order_canceled.json", &architect, NULL, {"conflict"}},
        {"architect_ax/ws_order_rejected.json", &architect, NULL, {"conflict"}},
        {"architect_ax/ws_order_replaced.json", &architect, NULL, {"conflict"}},
        {"betfair/ocm_DUPLICATE_EXECUTION.json",
         &betfair,
         "",
         {"cumulative_only", "cumulative_only", "cumulative_only", "cumulative_only"}},
        {"bitmex/http_get_executions.json", &bitmex, "", {"applied", "applied"}},
        /* The first of them once more. */
        {"bitmex/ws_execution.json", &bitmex, NULL, {"duplicate"}},
        {"bitmex/ws_order.json", &bitmex, NULL, {"applied"}},
        {"bybit/ws_account_execution.json", &bybit, NULL, {"missing"}}, /* no cumulative quantity */
        {"bybit/ws_account_execution_fast.json", &bybit, NULL, {"missing"}},
        /* Cancelled, with leaves 0.010. */
        {"bybit/ws_account_order.json", &bybit, NULL, {"applied"}},
        {"bybit/ws_account_order_filled.json", &bybit, NULL, {"cumulative_only"}},
        {"coinbase/http_fills.json", &coinbase_fills, "fills", {"missing", "missing"}},
        {"coinbase/ws_user.json", &coinbase_orders, NULL, {"applied"}}, /* no order quantity */
        {"deribit/ws_order_buy_response.json", &deribit, NULL, {"applied"}},
        {"deribit/ws_order_edit_response.json", &deribit, NULL, {"applied"}},
        {"deribit/ws_order_cancel_response.json", &deribit_cancel, NULL, {"applied"}},
        {"kraken/ws_futures_fills_snapshot.json", &kraken_fills, "fills", {"missing", "missing"}},
        {"kraken/ws_futures_open_orders_cancel.json", &kraken_orders, NULL, {"missing"}},
        {"kraken/ws_futures_open_orders_delta.json", &kraken_orders, NULL, {"applied"}},
        {"okx/ws_orders.json", &okx, NULL, {"applied"}},
        {"okx/ws_orders_ioc.json", &okx, NULL, {"applied"}},
        {"okx/ws_orders_liquidation.json", &okx, NULL, {"applied"}},
};

static const char *venue_directory;

static char *read_file(const char *name, size_t *size) {
	char path[600];
	char *bytes = calloc(1, 10000);

	assert_non_null(bytes);
	(void)snprintf(path, sizeof path, "%s/%s", venue_directory, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		fail_msg("%s cannot be read", path);
	}
	*size = fread(bytes, 1, 9999, file);
	(void)fclose(file);
	return bytes;
}

/* ---- counting -------------------------------------------------------------------------------- */

static const char *const outcome_names[] = {
        [ENGINE_APPLIED] = "applied",   [ENGINE_DUPLICATE] = "duplicate", [ENGINE_STALE] = "stale",
        [ENGINE_CONFLICT] = "conflict", [ENGINE_MALFORMED] = "malformed", [ENGINE_GAP] = "gap",
};

struct tally {
	char venue[20];
	unsigned reports, updates, skipped, refused;
	unsigned applied, duplicate, conflict, malformed;
};

static struct tally tallies[12];
static size_t tally_count;

static struct tally *tally_of(const char *file) {
	int length = (int)strcspn(file, "/");

	if (tally_count == 0 || strncmp(tallies[tally_count - 1].venue, file, (size_t)length) != 0) {
		assert_true(tally_count < sizeof tallies / sizeof tallies[0]);
		(void)snprintf(tallies[tally_count++].venue, sizeof tallies[0].venue, "%.*s", length, file);
	}
	return &tallies[tally_count - 1];
}

static void count(struct tally *tally, const struct reader_verdict *verdict, enum engine_outcome outcome) {
	tally->reports++;
	tally->updates += verdict->outcome == READER_UPDATE;
	tally->skipped += verdict->outcome == READER_SKIPPED;
	tally->refused += verdict->outcome == READER_REFUSED;
	tally->applied += outcome == ENGINE_APPLIED;
	tally->duplicate += outcome == ENGINE_DUPLICATE;
	tally->conflict += outcome == ENGINE_CONFLICT;
	tally->malformed += outcome == ENGINE_MALFORMED;
}

/* ---- the test -------------------------------------------------------------------------------- */

struct run {
	struct reader_catalogue catalogue;
	struct engine *engine;
	struct tally *tally;
};

static void take(struct run *run, const struct source *source, const char *format, const char *message, size_t index) {
	struct engine_update update;
	struct reader_verdict verdict;
	struct engine_receipt receipt = {.outcome = ENGINE_OUTCOME_NONE};

	reader_format_find(format)->read(&run->catalogue, message, strlen(message), &update, &verdict);
	if (verdict.outcome == READER_UPDATE) {
		engine_submit(run->engine, &update, &receipt);
	}
	count(run->tally, &verdict, receipt.outcome);
	bool is_update = verdict.outcome == READER_UPDATE;
	const char *answer = is_update ? outcome_names[receipt.outcome] : reader_reason_name(verdict.reason);
	printf("%-58s %zu %-16s %s\n", source->file, index, answer, is_update ? receipt.reason : verdict.text);
	assert_string_equal(answer, source->expected[index]);
}

static void take_file(struct run *run, const struct source *source) {
	size_t size;
	char *bytes = read_file(source->file, &size);
	struct reader_json_slice whole = {
	        source->list != NULL && source->list[0] == '\0' ? READER_JSON_ARRAY : READER_JSON_OBJECT, 0, size};

	if (source->mapping == NULL) {
		take(run, source, "binance", bytes, 0);
	}
	while (whole.to > 0 && bytes[whole.to - 1] == '\n') {
		whole.to--;
	}
	if (source->list != NULL && source->list[0] != '\0') {
		assert_true(find_value(bytes, whole, source->list, &whole));
	}
	size_t index = 0;
	struct reader_json_slice report = whole;
	for (;
	     source->mapping != NULL && (source->list == NULL ? index < 1 : find_element(bytes, whole, index, &report));
	     index++) {
		char line[2000] = "{";
		append_renamed(source->mapping, bytes, report, line, sizeof line - 1);
		(void)snprintf(line + strlen(line), 2, "}");
		assert_true(index < 4 && source->expected[index] != NULL);
		take(run, source, "ndjson", line, index);
	}
	assert_true(source->mapping == NULL || index == 4 || source->expected[index] == NULL);
	free(bytes);
}

static void every_real_message_is_taken_or_refused_with_the_right_reason(void **context) {
	struct run run = {0};
	struct reader_catalogue_error error;
	(void)context;

	assert_true(reader_catalogue_parse(venue_instruments, sizeof venue_instruments - 1, &run.catalogue, &error));
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct tally *tally = tally_of(sources[i].file);
		if (tally != run.tally) { /* every interface has an engine of its own */
			engine_close(run.engine);
			memory_vfs_reset();
			run.engine = orders_open("wal");
			run.tally = tally;
		}
		take_file(&run, &sources[i]);
	}
	engine_close(run.engine);
	reader_catalogue_deinit(&run.catalogue);
}

/* The traps of one order cannot be seen behind one another: each alone, on an empty engine. */
static void traps_alone_do_what_they_should(void **context) {
	static const struct {
		const char *file;
		const char *symbol;
		int64_t quantity_lots;
		int64_t cost_tick_lots;
	} traps[] = {
	        {"binance-spot/ws_spot_execution_report_trade.json", "ETHUSDT", 5000, 5000 * (int64_t)249950},
	        {"binance-spot/ws_spot_execution_report_trade_l_zero.json", "ETHUSDT", 10, 0},
	        {"binance-spot/ws_spot_execution_report_trade_prevention.json", "ETHUSDT", 0, 0},
	};
	struct reader_catalogue catalogue;
	struct reader_catalogue_error error;
	(void)context;

	assert_true(reader_catalogue_parse(venue_instruments, sizeof venue_instruments - 1, &catalogue, &error));
	for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
		struct engine_update update;
		struct reader_verdict verdict;
		struct engine_position position = {.quantity_lots = 0};
		size_t size;
		memory_vfs_reset();
		struct engine *engine = orders_open("wal");
		char *bytes = read_file(traps[i].file, &size);
		reader_format_find("binance")->read(&catalogue, bytes, size, &update, &verdict);
		assert_int_equal(verdict.outcome, READER_UPDATE);
		assert_int_equal(orders_submit(engine, &update), ENGINE_APPLIED);
		assert_true(engine_find_position(engine, traps[i].symbol, &position) == (traps[i].quantity_lots != 0));
		assert_int_equal(position.quantity_lots, traps[i].quantity_lots);
		assert_int_equal(position.cost_tick_lots, traps[i].cost_tick_lots);
		engine_close(engine);
		free(bytes);
	}
	reader_catalogue_deinit(&catalogue);
}

static void print_tallies(void) {
	struct tally all = {.venue = "all"};

	printf("\n%-16s %7s %7s %7s %7s | %7s %9s %8s %9s\n", "interface", "reports", "updates", "skipped", "refused",
	       "applied", "duplicate", "conflict", "malformed");
	for (size_t i = 0; i <= tally_count; i++) {
		const struct tally *t = i < tally_count ? &tallies[i] : &all;
		printf("%-16s %7u %7u %7u %7u | %7u %9u %8u %9u\n", t->venue, t->reports, t->updates, t->skipped,
		       t->refused, t->applied, t->duplicate, t->conflict, t->malformed);
		all.reports += t->reports;
		all.updates += t->updates;
		all.skipped += t->skipped;
		all.refused += t->refused;
		all.applied += t->applied;
		all.duplicate += t->duplicate;
		all.conflict += t->conflict;
		all.malformed += t->malformed;
	}
}

int main(int count, char **arguments) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_real_message_is_taken_or_refused_with_the_right_reason),
	        cmocka_unit_test(traps_alone_do_what_they_should),
	};

	venue_directory = count > 1 ? arguments[1] : TESTS_SOURCE_DIR "/../shared/data/venue";
	char provenance[600];
	(void)snprintf(provenance, sizeof provenance, "%s/PROVENANCE.md", venue_directory);
	FILE *file = fopen(provenance, "rb");
	if (file == NULL) {
		printf("skipped: no venue messages in %s\n", venue_directory);
		return EXIT_SKIPPED;
	}
	(void)fclose(file);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	print_tallies();
	return failed;
}
