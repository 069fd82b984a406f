/* sim/orders/view.c: see view.h. */
#include "view.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- collecting ------------------------------------------------------------------------------ */

/* The number in a name of the workload such as "O12", or "O0012" where ids are long; UINT32_MAX
 * when it is none of a number below `limit`. Another spelling of that number is another name. */
static uint32_t sim_view_number(const struct sim_plan *plan, const char *name, size_t size, uint32_t limit) {
	uint32_t number = 0;
	size_t length = 1;
	while (length < size && name[length] >= '0' && name[length] <= '9') {
		number = number * 10 + (uint32_t)(name[length++] - '0');
		if (number >= limit) {
			return UINT32_MAX;
		}
	}
	size_t wanted = plan->id_size < size ? plan->id_size : size - 1;
	bool is_padded = length > 2 && name[1] == '0';
	bool is_whole = length > 1 && length < size && name[length] == '\0';
	return is_whole && length >= wanted && (!is_padded || length == wanted) ? number : UINT32_MAX;
}

/* A symbol, or a symbol and an account. */
static uint32_t sim_view_symbol(const struct sim_plan *plan, const char *symbol, const struct subject_scope *scope) {
	if (symbol[0] != 'S' || (scope->account[0] != '\0') != (plan->accounts > 0)) {
		return UINT32_MAX;
	}
	uint32_t number = sim_view_number(plan, symbol, SUBJECT_SYMBOL_SIZE, SIM_PLAN_SYMBOLS_MAX);
	if (plan->accounts == 0 || number == UINT32_MAX) {
		return number;
	}
	uint32_t account = (uint32_t)(scope->account[1] - '0');
	bool is_account = scope->account[0] == 'A' && account < plan->accounts && scope->account[2] == '\0';
	number = number * plan->accounts + account;
	return is_account && number < SIM_PLAN_SYMBOLS_MAX ? number : UINT32_MAX;
}

static uint32_t sim_view_id(const struct sim_plan *plan, char letter, const char *id) {
	return id[0] != letter ? UINT32_MAX : sim_view_number(plan, id, SUBJECT_ID_SIZE, SIM_PLAN_REPORTS_MAX);
}

static uint32_t sim_view_symbol_of(const struct sim_report *report) {
	return report->command.kind != SUBJECT_COMMAND_NONE ? UINT32_MAX : report->symbol;
}

/* The duplicate key of a symbol and an exec id: the number in the id, or the report of that symbol
 * that has borrowed the id. */
static uint32_t sim_view_key(const struct sim_plan *plan, uint32_t symbol, int32_t day, const char *exec_id) {
	uint32_t number = sim_view_id(plan, 'E', exec_id);
	if (number >= plan->report_count ||
	    (sim_view_symbol_of(&plan->reports[number]) == symbol && plan->reports[number].scope.trading_day == day)) {
		return number;
	}
	for (uint32_t i = number + 1; i < plan->report_count; i++) {
		if (plan->reports[i].borrows == number + 1 && plan->reports[i].symbol == symbol &&
		    plan->reports[i].scope.trading_day == day) {
			return i;
		}
	}
	return number;
}

static void sim_view_head(void *context, const struct subject_head *head) {
	struct sim_view *view = context;
	view->version = head->version;
	view->epoch = head->epoch;
	view->halt = head->halt;
	view->limits = head->limits;
	if (view->has_history) {
		memcpy(view->history, head->history, sizeof view->history);
	}
}

/* The rows of a table come by key, each above the last one (engine, E12). A key is one text or two
 * of a row that the view keeps: nothing is copied for it. */
static void sim_view_follow(struct sim_view *view, enum sim_view_table table, const char *first, const char *second) {
	struct sim_view_key *last = &view->last_keys[table];
	if (view->in_order && last->first != NULL) {
		int order = strcmp(last->first, first);
		order = order == 0 ? strcmp(last->second, second) : order;
		/* Rows of several accounts or days may share the texts. */
		bool may_share = view->plan->accounts > 0 || view->plan->has_days;
		view->disordered |= order > 0 || (order == 0 && !may_share);
	}
	*last = (struct sim_view_key){first, second};
}

/* A text of a subject may have no end. */
static void sim_view_end_text(char *text, size_t size) {
	text[size - 1] = '\0';
}

static void sim_view_scope(void *context, const struct subject_scope *scope) {
	struct sim_view *view = context;
	view->scope = *scope;
}

/* What was said of this row is not said of the next. */
static struct subject_scope sim_view_take_scope(struct sim_view *view) {
	struct subject_scope scope = view->scope;
	memset(&view->scope, 0, sizeof view->scope);
	return scope;
}

/* The order that has this id on its day. */
static uint32_t sim_view_order_of(const struct sim_plan *plan, const char *order_id, int32_t day) {
	uint32_t name = sim_view_id(plan, 'O', order_id);
	for (uint32_t i = 0; plan->reuses_orders && i < plan->report_count; i++) {
		const struct sim_report *report = &plan->reports[i];
		uint32_t has = report->named != 0 ? report->named - 1 : report->order;
		if (report->command.kind == SUBJECT_COMMAND_NONE && has == name && report->scope.trading_day == day) {
			return report->order;
		}
	}
	return plan->reuses_orders ? UINT32_MAX : name;
}

static void sim_view_position(void *context, const struct subject_position *position) {
	struct sim_view *view = context;
	const struct subject_scope scope = sim_view_take_scope(view);
	uint32_t symbol = sim_view_symbol(view->plan, position->symbol, &scope);
	if (symbol == UINT32_MAX || view->position_seen[symbol]) {
		view->overflow = true;
		return;
	}
	struct subject_position *kept = &view->positions[symbol];
	view->position_seen[symbol] = true;
	*kept = *position;
	view->position_count++;
	sim_view_follow(view, SIM_VIEW_POSITIONS, kept->symbol, "");
}

static void sim_view_order(void *context, const struct subject_order *order) {
	struct sim_view *view = context;
	const struct subject_scope scope = sim_view_take_scope(view);
	uint32_t number = sim_view_order_of(view->plan, order->order_id, scope.trading_day);
	if (number == UINT32_MAX || view->order_seen[number]) {
		view->overflow = true;
		return;
	}
	struct subject_order *kept = &view->orders[number];
	view->order_symbols[number] = sim_view_symbol(view->plan, order->symbol, &scope);
	view->order_seen[number] = true;
	*kept = *order;
	sim_view_end_text(kept->symbol, sizeof kept->symbol);
	sim_view_end_text(kept->cl_ord_id, sizeof kept->cl_ord_id);
	view->order_count++;
	sim_view_follow(view, SIM_VIEW_ORDERS, kept->order_id, "");
}

/* All of it, or what a subject of an older interface has of it: its structure is smaller. */
static void sim_view_keep_row(const struct sim_view *view, const struct subject_execution *execution,
                              struct subject_execution *kept) {
	if (view->whole_ledger) {
		*kept = *execution;
		sim_view_end_text(kept->order_id, sizeof kept->order_id);
		sim_view_end_text(kept->exec_ref_id, sizeof kept->exec_ref_id);
		sim_view_end_text(kept->comm_currency, sizeof kept->comm_currency);
	} else {
		memcpy(kept->symbol, execution->symbol, sizeof kept->symbol);
		memcpy(kept->exec_id, execution->exec_id, sizeof kept->exec_id);
	}
	sim_view_end_text(kept->symbol, sizeof kept->symbol);
	sim_view_end_text(kept->exec_id, sizeof kept->exec_id);
}

static void sim_view_execution(void *context, const struct subject_execution *execution) {
	struct sim_view *view = context;
	const struct subject_scope scope = sim_view_take_scope(view);
	uint32_t symbol = sim_view_symbol(view->plan, execution->symbol, &scope);
	uint32_t key = sim_view_key(view->plan, symbol, scope.trading_day, execution->exec_id);
	uint64_t entry = execution->version - 1;
	if (execution->version == 0 || entry >= SIM_PLAN_REPORTS_MAX || view->ledger[entry].exists ||
	    (key != SIM_PLAN_NO_KEY && view->seen[key])) {
		view->overflow = true;
		return;
	}
	view->ledger[entry] = (struct sim_view_entry){true, key, symbol, scope.trading_day};
	if (key != SIM_PLAN_NO_KEY) {
		view->seen[key] = true;
	}
	struct subject_execution *kept = &view->rows[entry];
	sim_view_keep_row(view, execution, kept);
	view->execution_count++;
	sim_view_follow(view, SIM_VIEW_EXECUTIONS, kept->symbol, kept->exec_id);
}

static void sim_view_commission(void *context, const struct subject_commission *commission) {
	struct sim_view *view = context;
	bool overflow = view->commission_count == SIM_VIEW_CURRENCIES_MAX;
	for (uint32_t i = 0; i < view->commission_count; i++) {
		overflow |= strcmp(view->commissions[i].comm_currency, commission->comm_currency) == 0;
	}
	view->overflow |= overflow;
	if (!overflow) {
		struct subject_commission *kept = &view->commissions[view->commission_count++];
		*kept = *commission;
		sim_view_follow(view, SIM_VIEW_COMMISSIONS, kept->comm_currency, "");
	}
}

void sim_view_begin(struct sim_view *view, const struct sim_plan *plan) {
	view->plan = plan;
}

void sim_view_take(struct sim_view *view, const struct aftershock_subject *subject, void *instance) {
	const struct subject_sink sink = {.context = view,
	                                  .head = sim_view_head,
	                                  .position = sim_view_position,
	                                  .order = sim_view_order,
	                                  .execution = sim_view_execution,
	                                  .commission = sim_view_commission,
	                                  .scope = sim_view_scope};
	view->version = 0;
	view->epoch = 0;
	view->halt = SUBJECT_HALT_NONE;
	memset(&view->limits, 0, sizeof view->limits);
	view->overflow = view->disordered = false;
	memset(&view->scope, 0, sizeof view->scope);
	view->in_order = (subject->takes & SUBJECT_TAKES_IN_ORDER) != 0;
	view->whole_ledger = (subject->takes & SUBJECT_TAKES_LEDGER) != 0;
	view->has_history = (subject->takes & SUBJECT_TAKES_HISTORY) != 0;
	memset(view->last_keys, 0, sizeof view->last_keys);
	view->position_count = view->order_count = view->execution_count = view->commission_count = 0;
	memset(view->seen, 0, sizeof view->seen);
	memset(view->ledger, 0, sizeof view->ledger);
	memset(view->position_seen, 0, sizeof view->position_seen);
	memset(view->order_seen, 0, sizeof view->order_seen);
	subject->observe(instance, &sink);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Most texts of a row are empty or differ in their first letters. */
static bool sim_view_same_text(const char *a, const char *b) {
	return a[0] == b[0] && (a[0] == '\0' || strcmp(a, b) == 0);
}

static bool sim_view_is_reported(const struct subject_execution *row, const struct subject_order_update *update) {
	return row->command_kind == SUBJECT_COMMAND_NONE && row->exec_type == update->exec_type &&
	       row->side == update->side && row->order_quantity_lots == update->order_quantity_lots &&
	       row->price_ticks == update->price_ticks && row->last_quantity_lots == update->last_quantity_lots &&
	       row->last_price_ticks == update->last_price_ticks &&
	       row->cum_quantity_lots == update->cum_quantity_lots &&
	       row->commission_units == update->commission_units && row->transact_time_ns == update->transact_time_ns &&
	       sim_view_same_text(row->order_id, update->order_id) &&
	       sim_view_same_text(row->exec_ref_id, update->exec_ref_id) &&
	       sim_view_same_text(row->comm_currency, update->comm_currency);
}

static bool sim_view_same_limits(const struct subject_limits *a, const struct subject_limits *b) {
	return a->position_lots == b->position_lots && a->order_notional_tick_lots == b->order_notional_tick_lots &&
	       a->open_orders == b->open_orders;
}

static bool sim_view_is_commanded(const struct subject_execution *row, const struct subject_command *command) {
	return row->command_kind == command->kind && row->transact_time_ns == command->time_ns &&
	       sim_view_same_limits(&row->limits, &command->limits);
}

/* Whether a ledger row keeps what the report or command said. */
static bool sim_view_keeps(const struct subject_execution *row, const struct sim_report *report) {
	return report->command.kind != SUBJECT_COMMAND_NONE ? sim_view_is_commanded(row, &report->command)
	                                                    : sim_view_is_reported(row, &report->update);
}

bool sim_view_has_key(const struct sim_view *view, const struct sim_plan *plan, uint64_t version, uint32_t report) {
	assert(report < plan->report_count);
	if (version == 0 || version > SIM_PLAN_REPORTS_MAX) {
		return false;
	}
	const struct sim_report *wanted = &plan->reports[report];
	const struct sim_view_entry *entry = &view->ledger[version - 1];
	return entry->exists && entry->key == sim_plan_key(wanted, report) &&
	       entry->symbol == sim_view_symbol_of(wanted) && entry->day == wanted->scope.trading_day;
}

bool sim_view_has(const struct sim_view *view, const struct sim_plan *plan, uint64_t version, uint32_t report) {
	return sim_view_has_key(view, plan, version, report) &&
	       (!view->whole_ledger || sim_view_keeps(&view->rows[version - 1], &plan->reports[report]));
}

static const char *sim_view_halt(enum subject_halt halt) {
	static const char *const names[] = {
	        [SUBJECT_HALT_NONE] = "none",
	        [SUBJECT_HALT_OPEN_ORDERS] = "open orders",
	        [SUBJECT_HALT_ORDER_NOTIONAL] = "order notional",
	        [SUBJECT_HALT_POSITION] = "position",
	        [SUBJECT_HALT_COMMANDED] = "by command",
	};
	return (size_t)halt < sizeof names / sizeof names[0] ? names[halt] : "?";
}

static bool sim_view_same_head(const struct sim_view *view, const struct sim_model *model, char *why) {
	const struct subject_limits *got = &view->limits;
	const struct subject_limits *want = &model->limits;
	if (view->version != model->version) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "version is %" PRIu64 ", committed is %" PRIu64, view->version,
		         model->version);
		return false;
	}
	if (view->halt != model->halt) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "halt is %s, committed is %s", sim_view_halt(view->halt),
		         sim_view_halt(model->halt));
		return false;
	}
	if (!sim_view_same_limits(got, want)) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "limits are %" PRId64 " lots %" PRId64 " notional %" PRId64 " orders, committed are %" PRId64
		         ", %" PRId64 ", %" PRId64,
		         got->position_lots, got->order_notional_tick_lots, got->open_orders, want->position_lots,
		         want->order_notional_tick_lots, want->open_orders);
		return false;
	}
	return true;
}

static bool sim_view_same_position(const struct sim_model_position *want, const struct sim_view *view, uint32_t symbol,
                                   char *why) {
	const struct subject_position *got = &view->positions[symbol];
	if (!view->position_seen[symbol]) {
		if (!want->exists) {
			return true;
		}
		snprintf(why, SIM_VIEW_WHY_SIZE, "position S%u is missing", symbol);
		return false;
	}
	bool same = got->quantity_lots == want->quantity_lots && got->cost_tick_lots == want->cost_tick_lots &&
	            got->realised_tick_lots == want->realised_tick_lots;
	if (!same) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "position S%u is %" PRId64 " lots cost %" PRId64 " realised %" PRId64 ", committed is %" PRId64
		         " cost %" PRId64 " realised %" PRId64,
		         symbol, got->quantity_lots, got->cost_tick_lots, got->realised_tick_lots, want->quantity_lots,
		         want->cost_tick_lots, want->realised_tick_lots);
	}
	return same;
}

/* Terms, flags and money of an order whose quantities agree. */
static bool sim_view_same_terms(const struct sim_model_order *want, const struct subject_order *got,
                                const struct sim_plan *plan, uint32_t number, char *why) {
	const char *client = sim_model_client_id(want, plan);
	if (got->order_quantity_lots != want->quantity_lots || got->price_ticks != want->price_ticks ||
	    got->filled_tick_lots != want->filled_tick_lots) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "order O%u is for %" PRId64 " at %" PRId64 " filled %" PRId64 ", committed is %" PRId64
		         " at %" PRId64 " filled %" PRId64,
		         number, got->order_quantity_lots, got->price_ticks, got->filled_tick_lots, want->quantity_lots,
		         want->price_ticks, want->filled_tick_lots);
		return false;
	}
	if (strcmp(got->cl_ord_id, client) != 0) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "order O%u has client id %.40s, committed is %.40s", number,
		         got->cl_ord_id, client);
		return false;
	}
	bool same = got->is_external == want->is_external && got->has_reused_id == want->has_reused_id &&
	            got->is_overfilled == sim_model_is_overfilled(want);
	if (!same) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "order O%u is external %d overfilled %d reused id %d, committed is %d %d %d", number,
		         got->is_external, got->is_overfilled, got->has_reused_id, want->is_external,
		         sim_model_is_overfilled(want), want->has_reused_id);
	}
	return same;
}

/* What an order is in and on which side never changes. */
static bool sim_view_same_kind(const struct sim_view *view, const struct sim_model_order *want,
                               const struct sim_plan *plan, uint32_t number, char *why) {
	const struct sim_report *report = &plan->reports[want->client_report];
	const struct subject_order *got = &view->orders[number];
	bool same = view->order_symbols[number] == report->symbol && got->side == report->update.side;
	if (!same) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "order O%u is of %.24s on side %d, committed is S%u on side %d",
		         number, got->symbol, (int)got->side, report->symbol, (int)report->update.side);
	}
	return same;
}

static bool sim_view_same_order(const struct sim_view *view, const struct sim_model_order *want,
                                const struct sim_plan *plan, uint32_t number, char *why) {
	const struct subject_order *got = &view->orders[number];
	if (view->order_seen[number] != want->exists) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "order O%u is %s", number, want->exists ? "missing" : "there");
		return false;
	}
	if (!want->exists) {
		return true;
	}
	if (got->cum_quantity_lots != want->cum_quantity_lots || got->status != sim_model_status(want) ||
	    got->leaves_quantity_lots != sim_model_leaves(want)) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "order O%u has status %d cum %" PRId64 " leaves %" PRId64 ", committed is %d cum %" PRId64
		         " leaves %" PRId64,
		         number, (int)got->status, got->cum_quantity_lots, got->leaves_quantity_lots,
		         (int)sim_model_status(want), want->cum_quantity_lots, sim_model_leaves(want));
		return false;
	}
	return sim_view_same_kind(view, want, plan, number, why) && sim_view_same_terms(want, got, plan, number, why);
}

/* The row of version i + 1. */
static bool sim_view_same_row(const struct sim_view *view, const struct sim_model *model, const struct sim_plan *plan,
                              uint32_t i, char *why) {
	const struct sim_model_entry *want = &model->ledger[i];
	const struct subject_execution *got = &view->rows[i];
	if (!sim_view_has(view, plan, i + 1, want->report)) {
		bool is_it = sim_view_has_key(view, plan, i + 1, want->report);
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         is_it ? "the execution of version %u keeps something else than what report %u said"
		               : "the execution of version %u is not report %u",
		         i + 1, want->report);
		return false;
	}
	if (view->whole_ledger && got->superseded_by != want->superseded_by) {
		snprintf(why, SIM_VIEW_WHY_SIZE,
		         "the execution of version %u is superseded by version %" PRIu64 ", committed is %u", i + 1,
		         got->superseded_by, want->superseded_by);
		return false;
	}
	return true;
}

static bool sim_view_same_ledger(const struct sim_view *view, const struct sim_model *model,
                                 const struct sim_plan *plan, char *why) {
	for (uint32_t report = 0; report < plan->report_count; report++) {
		if (model->seen[report] != view->seen[report]) {
			snprintf(why, SIM_VIEW_WHY_SIZE, "execution E%u is %s", report,
			         model->seen[report] ? "missing" : "there");
			return false;
		}
	}
	for (uint32_t i = 0; i < model->version; i++) {
		if (!sim_view_same_row(view, model, plan, i, why)) {
			return false;
		}
	}
	if (view->execution_count != model->version) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "%u executions, committed are %" PRIu64, view->execution_count,
		         model->version);
		return false;
	}
	return true;
}

static bool sim_view_same_commission(const struct sim_view *view, const char *currency, int64_t want, char *why) {
	int64_t got = 0;
	for (uint32_t i = 0; i < view->commission_count; i++) {
		bool same = strcmp(view->commissions[i].comm_currency, currency) == 0;
		got += same ? view->commissions[i].total_units : 0;
	}
	if (got != want) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "commissions in %.8s are %" PRId64 ", committed are %" PRId64,
		         currency, got, want);
	}
	return got == want;
}

/* Every currency that one of the two has. */
static bool sim_view_same_commissions(const struct sim_view *view, const struct sim_model *model,
                                      const struct sim_plan *plan, char *why) {
	for (uint32_t i = 0; i < view->commission_count; i++) {
		const char *currency = view->commissions[i].comm_currency;
		if (!sim_view_same_commission(view, currency, sim_model_commission(model, plan, currency), why)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < model->version; i++) {
		const struct subject_order_update *update = &plan->reports[model->ledger[i].report].update;
		bool shown = update->commission_units == 0;
		for (uint32_t n = 0; n < view->commission_count && !shown; n++) {
			shown = strcmp(view->commissions[n].comm_currency, update->comm_currency) == 0;
		}
		if (!shown &&
		    !sim_view_same_commission(view, update->comm_currency,
		                              sim_model_commission(model, plan, update->comm_currency), why)) {
			return false;
		}
	}
	return true;
}

bool sim_view_equals(const struct sim_view *view, const struct sim_model *model, const struct sim_plan *plan,
                     char why[SIM_VIEW_WHY_SIZE]) {
	why[0] = '\0';
	if (view->overflow) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "a row twice, or of no known name");
		return false;
	}
	if (view->disordered) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "rows are not shown in the order of their keys");
		return false;
	}
	if (!sim_view_same_head(view, model, why)) {
		return false;
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		if (!sim_view_same_position(&model->positions[symbol], view, symbol, why)) {
			return false;
		}
	}
	for (uint32_t order = 0; order < plan->order_count; order++) {
		if (!sim_view_same_order(view, &model->orders[order], plan, order, why)) {
			return false;
		}
	}
	return sim_view_same_ledger(view, model, plan, why) && sim_view_same_commissions(view, model, plan, why);
}
