/* engine/program/show.c: shows what is stored, to people and to programs. */
#include <stdio.h>
#include <string.h>

#include "program.h"

struct program_show_listing {
	struct program_output output;
	struct program_database database;
	bool is_json;
	size_t positions;
	size_t orders;
	size_t executions;
};

static const struct reader_decimal program_show_one = {1, 0};

/* ---- numbers --------------------------------------------------------------------------------- */

/* `,"name":"1.5"`, or null where the unit is not known. */
static void program_show_json_amount(struct program_show_listing *show, const char *name, bool is_known,
                                     const char *text) {
	program_output_print(&show->output, is_known ? ",\"%s\":\"%s\"" : ",\"%s\":null", name, text);
}

/* The numbers of a symbol as text. They are in its units; or bare counts with a mark, if the units
 * are not known. */
struct program_show_amounts {
	const struct reader_instrument *instrument; /* NULL: not known */
	char text[4][READER_DECIMAL_TEXT_SIZE];
};

static struct program_show_amounts program_show_begin_amounts(const struct program_show_listing *show,
                                                              const char *symbol) {
	return (struct program_show_amounts){
	        .instrument = reader_catalogue_find_instrument(&show->database.catalogue, symbol)};
}

static void program_show_lots(struct program_show_amounts *amounts, int i, int64_t lots) {
	struct reader_decimal lot = amounts->instrument != NULL ? amounts->instrument->lot : program_show_one;

	reader_decimal_print_product(lots, lot, program_show_one, amounts->text[i]);
}

static void program_show_ticks(struct program_show_amounts *amounts, int i, int64_t ticks) {
	struct reader_decimal tick = amounts->instrument != NULL ? amounts->instrument->tick : program_show_one;

	reader_decimal_print_product(ticks, tick, program_show_one, amounts->text[i]);
}

static void program_show_money(struct program_show_amounts *amounts, int i, int64_t tick_lots) {
	bool is_known = amounts->instrument != NULL;

	reader_decimal_print_product(tick_lots, is_known ? amounts->instrument->value : program_show_one,
	                             is_known ? amounts->instrument->lot : program_show_one, amounts->text[i]);
}

static const char *program_show_mark(const struct program_show_amounts *amounts) {
	return amounts->instrument != NULL ? "" : "  (lots and ticks: instrument not defined)";
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static const char *program_show_position_side(enum engine_position_side side) {
	return side == ENGINE_POSITION_SIDE_LONG ? "long" : side == ENGINE_POSITION_SIDE_SHORT ? "short" : "";
}

/* Whatever the source said of it. */
static void program_show_scope(struct program_show_listing *show, const struct engine_scope *scope) {
	const struct {
		const char *name;
		const char *text;
	} parts[] = {{"venue", scope->venue},
	             {"account", scope->account},
	             {"instrument", scope->instrument},
	             {"position_side", program_show_position_side(scope->position_side)}};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i].text[0] == '\0') {
			continue;
		}
		if (show->is_json) {
			program_output_print(&show->output, ",\"%s\":", parts[i].name);
			program_output_json(&show->output, parts[i].text);
		} else if (scope->instrument == parts[i].text) {
			program_output_print(&show->output, "  %s", parts[i].text);
		} else {
			program_output_print(&show->output, "  %s=%s", parts[i].name, parts[i].text);
		}
	}
}

/* ---- positions ------------------------------------------------------------------------------- */

static void program_show_position(void *context, const struct engine_position *position) {
	struct program_show_listing *show = context;
	struct program_show_amounts amounts = program_show_begin_amounts(show, position->symbol);
	bool is_known = amounts.instrument != NULL;

	show->positions++;
	program_show_lots(&amounts, 0, position->quantity_lots);
	program_show_money(&amounts, 1, position->cost_tick_lots);
	program_show_money(&amounts, 2, position->realised_tick_lots);
	reader_decimal_print_ratio(position->cost_tick_lots, position->quantity_lots,
	                           is_known ? amounts.instrument->tick : program_show_one, amounts.text[3]);
	if (!show->is_json) {
		program_output_print(&show->output, "%-23s %18s %18s %22s %22s%s", position->symbol, amounts.text[0],
		                     amounts.text[3], amounts.text[1], amounts.text[2], program_show_mark(&amounts));
		program_show_scope(show, &position->scope);
		program_output_print(&show->output, "\n");
		return;
	}
	program_output_print(&show->output, "{\"symbol\":");
	program_output_json(&show->output, position->symbol);
	program_show_scope(show, &position->scope);
	program_show_json_amount(show, "quantity", is_known, amounts.text[0]);
	program_show_json_amount(show, "average_price", is_known && position->quantity_lots != 0, amounts.text[3]);
	program_show_json_amount(show, "cost", is_known, amounts.text[1]);
	program_show_json_amount(show, "realised", is_known, amounts.text[2]);
	program_output_print(&show->output,
	                     ",\"quantity_lots\":%lld,\"cost_tick_lots\":%lld,\"realised_tick_lots\":%lld}\n",
	                     (long long)position->quantity_lots, (long long)position->cost_tick_lots,
	                     (long long)position->realised_tick_lots);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static const char *program_show_status(enum engine_order_status status) {
	static const char *const names[] = {
	        [ENGINE_ORDER_NONE] = "none",
	        [ENGINE_ORDER_NEW] = "new",
	        [ENGINE_ORDER_PARTIALLY_FILLED] = "partially_filled",
	        [ENGINE_ORDER_FILLED] = "filled",
	        [ENGINE_ORDER_CANCELED] = "canceled",
	        [ENGINE_ORDER_REJECTED] = "rejected",
	        [ENGINE_ORDER_EXPIRED] = "expired",
	        [ENGINE_ORDER_DONE_FOR_DAY] = "done_for_day",
	        [ENGINE_ORDER_PENDING_CANCEL] = "pending_cancel",
	        [ENGINE_ORDER_STOPPED] = "stopped",
	        [ENGINE_ORDER_PENDING_NEW] = "pending_new",
	        [ENGINE_ORDER_PENDING_REPLACE] = "pending_replace",
	};

	return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "unknown";
}

static void program_show_order_json(struct program_show_listing *show, const struct engine_order *order,
                                    const struct program_show_amounts *amounts) {
	struct program_output *output = &show->output;
	bool is_known = amounts->instrument != NULL;

	program_output_print(output, "{\"order_id\":");
	program_output_json(output, order->order_id);
	program_output_print(output, ",\"cl_ord_id\":");
	program_output_json(output, order->cl_ord_id);
	program_output_print(output, ",\"symbol\":");
	program_output_json(output, order->symbol);
	program_show_scope(show, &order->scope);
	program_output_print(output, ",\"side\":\"%s\",\"status\":\"%s\"",
	                     order->side == ENGINE_SIDE_BUY ? "buy" : "sell", program_show_status(order->status));
	program_show_json_amount(show, "order_qty", is_known, amounts->text[0]);
	program_show_json_amount(show, "price", is_known, amounts->text[1]);
	program_show_json_amount(show, "cum_qty", is_known, amounts->text[2]);
	program_show_json_amount(show, "leaves_qty", is_known, amounts->text[3]);
	program_output_print(output, ",\"order_quantity_lots\":%lld,\"price_ticks\":%lld,\"cum_quantity_lots\":%lld",
	                     (long long)order->order_quantity_lots, (long long)order->price_ticks,
	                     (long long)order->cum_quantity_lots);
	program_output_print(
	        output, ",\"leaves_quantity_lots\":%lld,\"external\":%s,\"overfilled\":%s,\"adopted\":%s}\n",
	        (long long)order->leaves_quantity_lots, (order->flags & ENGINE_FLAG_EXTERNAL) != 0 ? "true" : "false",
	        (order->flags & ENGINE_FLAG_OVERFILLED) != 0 ? "true" : "false",
	        (order->flags & ENGINE_FLAG_ADOPTED) != 0 ? "true" : "false");
}

static void program_show_order(void *context, const struct engine_order *order) {
	struct program_show_listing *show = context;
	struct program_show_amounts amounts = program_show_begin_amounts(show, order->symbol);

	show->orders++;
	program_show_lots(&amounts, 0, order->order_quantity_lots);
	program_show_ticks(&amounts, 1, order->price_ticks);
	program_show_lots(&amounts, 2, order->cum_quantity_lots);
	program_show_lots(&amounts, 3, order->leaves_quantity_lots);
	if (show->is_json) {
		program_show_order_json(show, order, &amounts);
		return;
	}
	program_output_print(&show->output, "%-39s %-23s %-4s %14s %14s %14s %14s  %s%s%s%s%s", order->order_id,
	                     order->symbol, order->side == ENGINE_SIDE_BUY ? "buy" : "sell", amounts.text[0],
	                     amounts.text[1], amounts.text[2], amounts.text[3], program_show_status(order->status),
	                     (order->flags & ENGINE_FLAG_ADOPTED) != 0 ? " adopted" : "",
	                     (order->flags & ENGINE_FLAG_EXTERNAL) != 0 ? " external" : "",
	                     (order->flags & ENGINE_FLAG_OVERFILLED) != 0 ? " overfilled" : "",
	                     program_show_mark(&amounts));
	program_show_scope(show, &order->scope);
	program_output_print(&show->output, "\n");
}

/* ---- commissions ----------------------------------------------------------------------------- */

static void program_show_commission(void *context, const struct engine_commission *commission) {
	struct program_show_listing *show = context;
	const struct reader_currency *currency =
	        reader_catalogue_find_currency(&show->database.catalogue, commission->comm_currency);
	char total[READER_DECIMAL_TEXT_SIZE];

	reader_decimal_print_product(commission->total_units, currency != NULL ? currency->unit : program_show_one,
	                             program_show_one, total);
	if (!show->is_json) {
		program_output_print(&show->output, "%-23s %22s%s\n", commission->comm_currency, total,
		                     currency != NULL ? "" : "  (units: currency not defined)");
		return;
	}
	program_output_print(&show->output, "{\"currency\":");
	program_output_json(&show->output, commission->comm_currency);
	program_show_json_amount(show, "total", currency != NULL, total);
	program_output_print(&show->output, ",\"total_units\":%lld}\n", (long long)commission->total_units);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static void program_show_title(struct program_show_listing *show, enum program_verb verb) {
	if (show->is_json) {
		return;
	}
	if (verb == PROGRAM_POSITIONS) {
		program_output_print(&show->output, "%-23s %18s %18s %22s %22s\n", "symbol", "quantity",
		                     "average price", "cost", "realised");
	} else if (verb == PROGRAM_ORDERS) {
		program_output_print(&show->output, "%-39s %-23s %-4s %14s %14s %14s %14s  %s\n", "order", "symbol",
		                     "side", "quantity", "price", "filled", "leaves", "status");
	} else {
		program_output_print(&show->output, "%-23s %22s\n", "currency", "commissions");
	}
}

int program_show(const struct program_options *options) {
	static struct program_show_listing show; /* large, and there is one */

	show = (struct program_show_listing){.is_json = options->is_json};
	int status = program_database_open(&show.database, options);
	if (status == PROGRAM_OK) {
		struct engine_visitor visitor = {
		        .context = &show,
		        .position = options->verb == PROGRAM_POSITIONS ? program_show_position : NULL,
		        .order = options->verb == PROGRAM_ORDERS ? program_show_order : NULL,
		        .commission = options->verb == PROGRAM_COMMISSIONS ? program_show_commission : NULL};
		program_show_title(&show, options->verb);
		engine_visit(show.database.engine, &visitor);
		status = program_output_finish(&show.output, PROGRAM_OK);
	}
	program_database_close(&show.database);
	return status;
}

static const char *program_show_halt(const struct engine_head *head) {
	static const char *const names[] = {
	        [ENGINE_HALT_NONE] = "no",
	        [ENGINE_HALT_COMMANDED] = "commanded",
	        [ENGINE_HALT_POSITION] = "position",
	        [ENGINE_HALT_ORDER_NOTIONAL] = "order_notional",
	        [ENGINE_HALT_OPEN_ORDERS] = "open_orders",
	};

	return (size_t)head->halt < sizeof names / sizeof names[0] ? names[head->halt] : "unknown";
}

static void program_show_count_position(void *context, const struct engine_position *position) {
	(void)position;
	((struct program_show_listing *)context)->positions++;
}

static void program_show_count_order(void *context, const struct engine_order *order) {
	(void)order;
	((struct program_show_listing *)context)->orders++;
}

static void program_show_count_execution(void *context, const struct engine_execution *execution) {
	(void)execution;
	((struct program_show_listing *)context)->executions++;
}

int program_verify(const struct program_options *options) {
	static struct program_show_listing show;

	show = (struct program_show_listing){.is_json = options->is_json};
	int status = program_database_open(&show.database, options);
	if (status == PROGRAM_OK) {
		status = program_database_check(&show.database, options);
	}
	if (status == PROGRAM_OK) {
		struct engine_head head = engine_read_head(show.database.engine);
		char history[PROGRAM_DIGEST_TEXT_SIZE];
		struct engine_visitor visitor = {.context = &show,
		                                 .position = program_show_count_position,
		                                 .order = program_show_count_order,
		                                 .execution = program_show_count_execution};
		engine_visit(show.database.engine, &visitor);
		program_digest_print(&head.history, history);
		program_output_print(&show.output,
		                     show.is_json ? "{\"version\":%llu,\"epoch\":%llu,\"history\":\"%s\",\"halted\":\"%"
		                                    "s\",\"positions\":%zu,\"orders\":%zu,"
		                                    "\"executions\":%zu}\n"
		                                  : "verified: version %llu, epoch %llu, history %s, halted %s, %zu "
		                                    "positions, %zu orders, "
		                                    "%zu executions\n",
		                     (unsigned long long)head.version, (unsigned long long)head.epoch, history,
		                     program_show_halt(&head), show.positions, show.orders, show.executions);
		status = program_output_finish(&show.output, PROGRAM_OK);
	}
	program_database_close(&show.database);
	return status;
}
