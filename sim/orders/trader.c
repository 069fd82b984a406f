/* sim/orders/trader.c: see trader.h. Invariant S17. */
#include "trader.h"

#include "exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool sim_trader_asks(const struct sim_orders *orders) {
	return orders->plan->trader.kind == SIM_TRADER_AGREEING &&
	       (orders->world->subject->takes & SUBJECT_TAKES_PERMISSION) != 0;
}

/* ---- the exchange's books -------------------------------------------------------------------- */

static int64_t sim_trader_signed(const struct subject_order_update *update, int64_t lots) {
	return update->side == SUBJECT_SIDE_BUY ? lots : -lots;
}

/* What the exchange holds for us: fills that happened, whether we know of them or not. */
static int64_t sim_trader_truth(const struct sim_orders *orders, uint32_t symbol) {
	int64_t lots = 0;
	for (uint32_t i = 0; i < orders->plan->report_count; i++) {
		const struct sim_report *report = &orders->plan->reports[i];
		if (orders->sent[i] && report->symbol == symbol) {
			lots += sim_trader_signed(&report->update, report->update.last_quantity_lots);
		}
	}
	return lots;
}

static bool sim_trader_is_intent(const struct sim_report *report) {
	return report->command.kind == SUBJECT_COMMAND_NONE && report->update.exec_type == SUBJECT_EXEC_PENDING_NEW;
}

/* The position that an order is to make: that of all orders up to it, filled. */
static int64_t sim_trader_target(const struct sim_plan *plan, uint32_t intent) {
	const struct sim_report *wanted = &plan->reports[intent];
	int64_t lots = 0;
	for (uint32_t i = 0; i <= intent; i++) {
		const struct sim_report *report = &plan->reports[i];
		if (sim_trader_is_intent(report) && report->symbol == wanted->symbol) {
			lots += sim_trader_signed(&report->update, report->update.order_quantity_lots);
		}
	}
	return lots;
}

/* An order that the exchange has: how much of it is filled and how much is left. */
static struct subject_order sim_trader_stated_order(const struct sim_orders *orders, uint32_t intent) {
	const struct sim_plan *plan = orders->plan;
	struct subject_order order = {0};
	memcpy(order.order_id, plan->reports[intent].update.order_id, sizeof order.order_id);
	for (uint32_t i = intent + 1; i < plan->report_count && plan->reports[i].order == plan->reports[intent].order;
	     i++) {
		order.cum_quantity_lots += orders->sent[i] ? plan->reports[i].update.last_quantity_lots : 0;
	}
	order.leaves_quantity_lots = plan->reports[intent].update.order_quantity_lots - order.cum_quantity_lots;
	return order;
}

struct sim_trader_books {
	struct subject_order orders[SIM_PLAN_REPORTS_MAX];
	struct subject_position positions[SIM_PLAN_SYMBOLS_MAX];
	struct subject_statement statement;
};

static int sim_trader_by_id(const void *a, const void *b) {
	return strcmp(((const struct subject_order *)a)->order_id, ((const struct subject_order *)b)->order_id);
}

static void sim_trader_state(const struct sim_orders *orders, enum sim_query_answer query,
                             struct sim_trader_books *books) {
	struct subject_statement *statement = &books->statement;
	*statement = (struct subject_statement){
	        .complete = query != SIM_QUERY_FAILED, .orders = books->orders, .positions = books->positions};
	for (uint32_t i = 0; i < orders->plan->report_count && query != SIM_QUERY_EMPTY; i++) {
		const struct sim_report *report = &orders->plan->reports[i];
		if (!sim_trader_is_intent(report) || !orders->exchange_has[report->order]) {
			continue;
		}
		struct subject_order order = sim_trader_stated_order(orders, i);
		if (order.leaves_quantity_lots > 0) {
			books->orders[statement->order_count++] = order;
		}
	}
	for (uint32_t symbol = 0; symbol < orders->plan->symbol_count && query != SIM_QUERY_EMPTY; symbol++) {
		int64_t lots = sim_trader_truth(orders, symbol);
		if (lots != 0) {
			struct subject_position *position = &books->positions[statement->position_count++];
			*position = (struct subject_position){.quantity_lots = lots};
			snprintf(position->symbol, sizeof position->symbol, "S%u", symbol);
		}
	}
	qsort(books->orders, statement->order_count, sizeof books->orders[0], sim_trader_by_id);
}

/* Makes one thing of a statement wrong: by turns an order too few, one with other quantities, one
 * too many, a position too few, one with another quantity, one too many. What there is none of,
 * there is one too many of. */
static void sim_trader_falsify(const struct sim_plan *plan, uint32_t turn, struct sim_trader_books *books) {
	struct subject_statement *statement = &books->statement;
	uint32_t kind = turn % 6;
	kind = kind < 2 && statement->order_count == 0 ? 2 : kind;
	kind = kind >= 3 && kind < 5 && statement->position_count == 0 ? 2 : kind;
	kind = kind == 5 && plan->symbol_count == SIM_PLAN_SYMBOLS_MAX ? 2 : kind;
	if (kind == 0) {
		statement->order_count--;
	} else if (kind == 1) {
		struct subject_order *order = &books->orders[turn % statement->order_count];
		int64_t *lots = turn / 6 % 2 == 0 ? &order->cum_quantity_lots : &order->leaves_quantity_lots;
		*lots += 1;
	} else if (kind == 2) {
		books->orders[statement->order_count++] =
		        (struct subject_order){.order_id = "never-sent", .leaves_quantity_lots = 1};
	} else if (kind == 3) {
		statement->position_count--;
	} else if (kind == 4) {
		books->positions[turn % statement->position_count].quantity_lots++;
	} else {
		struct subject_position *position = &books->positions[statement->position_count++];
		*position = (struct subject_position){.quantity_lots = 1};
		snprintf(position->symbol, sizeof position->symbol, "S%u", SIM_PLAN_SYMBOLS_MAX - 1);
	}
	qsort(books->orders, statement->order_count, sizeof books->orders[0], sim_trader_by_id);
}

/* ---- what the subject shows ------------------------------------------------------------------ */

static int64_t sim_trader_shown(const struct sim_view *view, uint32_t symbol) {
	return view->position_seen[symbol] ? view->positions[symbol].quantity_lots : 0;
}

static bool sim_trader_same_order(const struct sim_view *view, const struct subject_order *stated) {
	for (uint32_t i = 0; i < SIM_PLAN_REPORTS_MAX; i++) {
		const struct subject_order *order = &view->orders[i];
		if (view->order_seen[i] && strcmp(order->order_id, stated->order_id) == 0) {
			return order->cum_quantity_lots == stated->cum_quantity_lots &&
			       order->leaves_quantity_lots == stated->leaves_quantity_lots;
		}
	}
	return false;
}

/* Whether the statement says exactly what the subject shows: only then may it call that an
 * agreement. */
static bool sim_trader_is_equal(const struct sim_view *view, const struct subject_statement *statement) {
	uint32_t open_orders = 0;
	uint32_t positions = 0;
	bool equal = statement->complete;
	for (uint32_t i = 0; i < SIM_PLAN_REPORTS_MAX; i++) {
		open_orders += view->order_seen[i] && view->orders[i].leaves_quantity_lots > 0;
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		positions += sim_trader_shown(view, symbol) != 0;
	}
	for (uint32_t i = 0; i < statement->order_count; i++) {
		equal = equal && sim_trader_same_order(view, &statement->orders[i]);
	}
	for (uint32_t i = 0; i < statement->position_count; i++) {
		uint32_t symbol = (uint32_t)strtoul(statement->positions[i].symbol + 1, NULL, 10);
		equal = equal && sim_trader_shown(view, symbol) == statement->positions[i].quantity_lots;
	}
	return equal && open_orders == statement->order_count && positions == statement->position_count;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void sim_trader_violated(struct sim_orders *orders, const char *detail) {
	sim_world_violated(orders->world, "trades_only_in_agreement", "%s", detail);
}

static struct subject_reply sim_trader_converse(struct sim_orders *orders, const struct subject_step *step) {
	struct subject_reply reply = {0};
	sim_process_enter(orders->owner)->step(orders->owner->instance, step, &reply);
	sim_world_note(orders->world, SIM_EVENT_OUTCOME, (uint32_t)reply.outcome, (uint64_t)reply.permission,
	               reply.reason);
	return reply;
}

/* Who always says that both differ never trades: that is safe, and useless. */
static void sim_trader_judge_agreement(struct sim_orders *orders, enum sim_query_answer query, bool equal,
                                       const struct subject_reply *reply) {
	if (orders->agreed && !equal) {
		sim_trader_violated(orders, query == SIM_QUERY_FAILED  ? "a query that failed is called an agreement"
		                            : query == SIM_QUERY_EMPTY ? "an empty answer is called an agreement"
		                                                       : "a statement that differs is called an "
		                                                         "agreement");
	}
	if (!orders->agreed && equal && !reply->must_restart) {
		sim_world_violated(orders->world, "agreement_is_reached",
		                   "a statement that says what is shown is no agreement: %s", reply->reason);
	}
}

/* Whether both agree now; `agrees` must be said exactly of a complete statement that equals what is
 * shown. */
static bool sim_trader_agree(struct sim_orders *orders, enum sim_query_answer query) {
	static struct sim_trader_books books;
	const struct subject_step step = {.kind = SUBJECT_STEP_STATEMENT, .statement = &books.statement};
	sim_trader_state(orders, query, &books);
	if (query == SIM_QUERY_WRONG) {
		sim_trader_falsify(orders->plan, orders->world->result->probes[SIM_PROBE_QUERY_WRONG], &books);
	}
	sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
	bool equal = sim_trader_is_equal(&orders->view, &books.statement);
	struct subject_reply reply = sim_trader_converse(orders, &step);
	orders->agreed = reply.outcome == SUBJECT_ACKNOWLEDGED;
	sim_trader_judge_agreement(orders, query, equal, &reply);
	sim_world_reach(orders->world, query == SIM_QUERY_FAILED  ? SIM_PROBE_QUERY_FAILED
	                               : query == SIM_QUERY_EMPTY ? SIM_PROBE_QUERY_EMPTY
	                               : query == SIM_QUERY_WRONG ? SIM_PROBE_QUERY_WRONG
	                               : orders->agreed           ? SIM_PROBE_AGREEMENT
	                                                          : SIM_PROBE_DISAGREEMENT);
	return orders->agreed && !orders->world->ended;
}

static bool sim_trader_may_trade(struct sim_orders *orders, const struct subject_order *order) {
	static const enum sim_probe probes[] = {[SUBJECT_PERMITTED] = SIM_PROBE_ORDER_PERMITTED,
	                                        [SUBJECT_FORBIDDEN_DISAGREEMENT] =
	                                                SIM_PROBE_ORDER_FORBIDDEN_DISAGREEMENT,
	                                        [SUBJECT_FORBIDDEN_HALTED] = SIM_PROBE_ORDER_FORBIDDEN_HALTED,
	                                        [SUBJECT_FORBIDDEN_LIMIT] = SIM_PROBE_ORDER_FORBIDDEN_LIMIT};
	const struct subject_step step = {.kind = SUBJECT_STEP_PERMISSION, .order = order};
	struct subject_reply reply = sim_trader_converse(orders, &step);
	bool permitted = reply.permission == SUBJECT_PERMITTED;
	if (permitted && !orders->agreed) {
		sim_trader_violated(orders, "an order is permitted without an agreement with the exchange");
	}
	sim_world_reach(orders->world, (size_t)reply.permission < sizeof probes / sizeof probes[0]
	                                       ? probes[reply.permission]
	                                       : SIM_PROBE_NONE);
	return permitted && !orders->world->ended;
}

/* Asks for what must not be: in a halt anything, and otherwise one lot more than the limit that the
 * subject has. */
static void sim_trader_ask_too_much(struct sim_orders *orders) {
	const struct sim_model *model = &orders->judge.model;
	int64_t limit = model->limits.position_lots;
	bool halted = model->halt != SUBJECT_HALT_NONE;
	struct subject_order order = {.symbol = "S0", .side = SUBJECT_SIDE_BUY, .price_ticks = 1};
	order.order_quantity_lots = halted ? 1 : limit - model->positions[0].quantity_lots + 1;
	if (orders->plan->trader.exchange_only || (!halted && limit == 0) || orders->world->ended) {
		return;
	}
	if (sim_trader_may_trade(orders, &order)) {
		sim_world_violated(orders->world, "risk_limit_kept", "an order of %" PRId64 " lots is permitted %s",
		                   order.order_quantity_lots, halted ? "in a halt" : "beyond the limit");
	}
}

void sim_trader_disagreed(struct sim_orders *orders) {
	struct subject_order order = {.symbol = "S0", .order_quantity_lots = 1, .price_ticks = 1};
	bool asks = sim_trader_asks(orders) && orders->owner->instance != NULL && !orders->world->ended;
	if (asks && orders->agreed) {
		/* Nothing but the agreement can be in the way of this one, unless trading is
		 * halted. */
		order.side = orders->judge.model.positions[0].quantity_lots > 0 ? SUBJECT_SIDE_SELL : SUBJECT_SIDE_BUY;
		orders->agreed = false;
		sim_world_reach(orders->world, SIM_PROBE_AGREEMENT_ENDED);
		sim_trader_may_trade(orders, &order);
	}
}

/* ---- the hand-shake -------------------------------------------------------------------------- */

/* What the subject says that it durably holds must be the end of the chain. */
static void sim_trader_judge_hello(struct sim_orders *orders, const struct subject_hello *hello) {
	const struct sim_model *model = &orders->judge.model;
	const char *last = "";
	uint64_t reports = 0;
	for (uint64_t i = 0; i < model->version; i++) {
		const struct sim_report *report = &orders->plan->reports[model->ledger[i].report];
		bool is_report = report->command.kind == SUBJECT_COMMAND_NONE;
		last = is_report ? report->update.exec_id : last;
		reports += is_report;
	}
	if (hello->version != model->version || hello->report_count != reports || strcmp(hello->exec_id, last) != 0) {
		sim_world_violated(orders->world, "loaded_equals_committed",
		                   "hand-shake: version %" PRIu64 ", %" PRIu64
		                   " reports, last %s; committed are %" PRIu64 ", %" PRIu64 ", %s",
		                   hello->version, hello->report_count, hello->exec_id, model->version, reports, last);
	}
}

void sim_trader_loaded(struct sim_orders *orders) {
	struct subject_hello hello = {0};
	const struct subject_order order = {
	        .symbol = "S0", .side = SUBJECT_SIDE_BUY, .order_quantity_lots = 1, .price_ticks = 1};
	const struct subject_step step = {.kind = SUBJECT_STEP_HELLO, .hello = &hello};
	orders->agreed = false;
	memset(orders->decided, 0, sizeof orders->decided);
	if (!sim_trader_asks(orders)) {
		return;
	}
	sim_trader_converse(orders, &step);
	if (!orders->plan->trader.exchange_only) {
		sim_trader_judge_hello(orders, &hello);
	}
	/* Orders are open mostly now: a wrong statement first. */
	if (!orders->world->ended && !sim_trader_may_trade(orders, &order) && !orders->world->ended) {
		sim_trader_agree(orders, SIM_QUERY_WRONG);
	}
	if (!orders->world->ended) {
		sim_trader_agree(orders, SIM_QUERY_WHOLE);
	}
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* The exchange takes the order and applies its limit to what it holds, what is open, and this.
 * Where the order is not the plan's, the run ends: the subject was wrong, and the plan knows no
 * more. */
static bool sim_trader_judge_order(struct sim_orders *orders, uint32_t intent, int64_t lots) {
	const struct sim_report *report = &orders->plan->reports[intent];
	int64_t planned = sim_trader_signed(&report->update, report->update.order_quantity_lots);
	int64_t truth = sim_trader_truth(orders, report->symbol);
	int64_t shown = sim_trader_shown(&orders->view, report->symbol);
	bool again = orders->exchange_has[report->order];
	int64_t after = truth + lots + (again ? planned : 0);
	if (after > orders->plan->trader.limit_lots || after < -orders->plan->trader.limit_lots) {
		return sim_world_violated(orders->world, "risk_limit_kept",
		                          "shown are %" PRId64 " lots, the exchange holds %" PRId64
		                          ": the order of %" PRId64 " lots makes %" PRId64 ", the limit is %" PRId64,
		                          shown, truth, lots, after, orders->plan->trader.limit_lots);
	}
	if (again) {
		return sim_world_violated(orders->world, "intent_before_order",
		                          "O%u is at the exchange, its intent is not shown: it is sent a second time",
		                          report->order);
	}
	return lots == planned ||
	       sim_world_violated(orders->world, "exchange_converges",
	                          "everything is acknowledged, shown are %" PRId64 " lots, the exchange holds %" PRId64,
	                          shown, truth);
}

/* From what is shown to the target, if that is allowed. */
static bool sim_trader_decide(struct sim_orders *orders, uint32_t intent, enum sim_query_answer query) {
	const struct sim_report *report = &orders->plan->reports[intent];
	struct subject_order order = {.price_ticks = report->update.price_ticks};
	if (sim_trader_asks(orders)) {
		sim_trader_agree(orders, query);
		sim_trader_ask_too_much(orders);
	}
	int64_t lots = sim_trader_target(orders->plan, intent) - sim_trader_shown(&orders->view, report->symbol);
	memcpy(order.symbol, report->update.symbol, sizeof order.symbol);
	order.side = lots >= 0 ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
	order.order_quantity_lots = lots >= 0 ? lots : -lots;
	if (orders->world->ended || (sim_trader_asks(orders) && !sim_trader_may_trade(orders, &order))) {
		return false;
	}
	return sim_trader_judge_order(orders, intent, lots);
}

static bool sim_trader_all_acknowledged(const struct sim_orders *orders, uint32_t before) {
	uint32_t report = 0;
	while (report < before && orders->acknowledged[report]) {
		report++;
	}
	return report == before;
}

/* Whether the exchange has the order then. The intent is stored before it is sent; one that is
 * shown was decided on before. */
static bool sim_trader_trade(struct sim_orders *orders, uint32_t intent, enum sim_query_answer query) {
	uint32_t order = orders->plan->reports[intent].order;
	sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
	bool stored = orders->view.order_seen[order] || orders->decided[order];
	if (!stored && (!sim_trader_all_acknowledged(orders, intent) || !sim_trader_decide(orders, intent, query))) {
		return false;
	}
	if (!stored || !orders->acknowledged[intent]) {
		sim_world_reach_if(orders->world, stored, SIM_PROBE_INTENT_FOUND);
		sim_exchange_send(orders, intent);
	}
	if (orders->world->ended || !orders->acknowledged[intent]) {
		return false;
	}
	if (!orders->exchange_has[order]) {
		sim_world_note(orders->world, SIM_EVENT_ORDER, order, 0, "the exchange has the order");
	}
	orders->exchange_has[order] = true;
	orders->decided[order] = true;
	return true;
}

/* One report of the exchange, or an intent with the order that follows from it. False: what comes
 * behind it must wait. */
static bool sim_trader_catch_up_one(struct sim_orders *orders, uint32_t report, enum sim_query_answer query) {
	if (sim_trader_is_intent(&orders->plan->reports[report])) {
		bool known = report + 1 < orders->plan->report_count && orders->acknowledged[report + 1];
		return (known && orders->acknowledged[report]) || sim_trader_trade(orders, report, query);
	}
	enum subject_command_kind command = orders->plan->reports[report].command.kind;
	bool again = orders->acknowledged[report];
	orders->sent[report] = true;
	if (!again) {
		sim_exchange_send(orders, report);
	}
	bool halts = command == SUBJECT_COMMAND_HALT && !again && orders->acknowledged[report];
	if (halts && orders->owner->instance != NULL && !orders->world->ended && sim_trader_asks(orders)) {
		sim_trader_agree(orders, SIM_QUERY_WHOLE);
		sim_trader_ask_too_much(orders);
	}
	/* Who resumes has waited for the halt. */
	return command == SUBJECT_COMMAND_NONE || orders->acknowledged[report];
}

static void sim_trader_catch_up_to(struct sim_orders *orders, uint32_t last, uint32_t tries,
                                   enum sim_query_answer query) {
	bool goes_on = true;
	for (uint32_t report = 0; report <= last && goes_on && !orders->world->ended; report++) {
		goes_on = sim_process_start(orders->owner, tries) &&
		          sim_trader_catch_up_one(orders, report, report == last ? query : SIM_QUERY_WHOLE);
	}
}

void sim_trader_catch_up(struct sim_orders *orders, uint32_t last, uint32_t tries) {
	sim_trader_catch_up_to(orders, last, tries, SIM_QUERY_WHOLE);
}

/* A report comes ahead of those before it; all of them have happened. */
static void sim_trader_ahead(struct sim_orders *orders, uint32_t report) {
	const struct sim_plan *plan = orders->plan;
	uint32_t order = plan->reports[report].order;
	bool is_news = plan->reports[report].command.kind == SUBJECT_COMMAND_NONE && orders->exchange_has[order] &&
	               !sim_trader_is_intent(&plan->reports[report]) && !orders->acknowledged[report];
	if (!is_news || !sim_process_start(orders->owner, 2) || orders->world->ended) {
		return;
	}
	bool is_gap = sim_model_predict(&orders->judge.model, plan, report) == SIM_MODEL_GAP;
	for (uint32_t i = 0; i < report; i++) {
		orders->sent[i] |=
		        plan->reports[i].command.kind == SUBJECT_COMMAND_NONE && plan->reports[i].order == order;
	}
	sim_exchange_send(orders, report);
	/* After a failure nobody knows whether it was looked at. */
	if (is_gap && sim_orders_disturbance(orders) == SIM_UNDISTURBED) {
		sim_trader_disagreed(orders);
	}
}

bool sim_trader_step(struct sim_orders *orders, const struct sim_step *step) {
	if (step->kind == SIM_STEP_TRADE) {
		sim_trader_catch_up_to(orders, step->report, 2, step->answer);
		return true;
	}
	if (orders->plan->trader.kind == SIM_TRADER_NONE) {
		return false;
	}
	if (step->kind == SIM_STEP_DELIVER) {
		sim_trader_catch_up(orders, step->report, 2);
		return true;
	}
	if (step->kind == SIM_STEP_AHEAD) {
		sim_trader_ahead(orders, step->report);
		return true;
	}
	return step->kind == SIM_STEP_AGAIN && !orders->sent[step->report];
}

bool sim_trader_converged(struct sim_orders *orders) {
	for (uint32_t symbol = 0; symbol < orders->plan->symbol_count; symbol++) {
		int64_t truth = sim_trader_truth(orders, symbol);
		sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
		if (sim_trader_shown(&orders->view, symbol) != truth) {
			return sim_world_violated(orders->world, "exchange_converges",
			                          "position S%u is %" PRId64 " lots, the exchange holds %" PRId64,
			                          symbol, sim_trader_shown(&orders->view, symbol), truth);
		}
	}
	return true;
}
