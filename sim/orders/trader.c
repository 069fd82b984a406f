/* sim/orders/trader.c: see trader.h. Invariant S17. */
#include "trader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How the exchange answers when it is asked what it holds: SIM_STEP_TRADE has one of them in `count`. */
enum sim_trader_query { SIM_TRADER_WHOLE = 0, SIM_TRADER_FAILED, SIM_TRADER_EMPTY };

static bool sim_trader_asks(const struct sim_world *world) {
	return world->plan->trader.kind == SIM_TRADER_AGREEING && world->subject->asks_permission;
}

/* ---- the exchange's books ---------------------------------------------------------------------------------------------- */

static int64_t sim_trader_signed(const struct subject_order_update *update, int64_t lots) {
	return update->side == SUBJECT_SIDE_BUY ? lots : -lots;
}

/* What the exchange holds for us: fills that happened, whether we know of them or not. */
static int64_t sim_trader_truth(const struct sim_world *world, uint32_t symbol) {
	int64_t lots = 0;
	for (uint32_t i = 0; i < world->plan->report_count; i++) {
		const struct sim_report *report = &world->plan->reports[i];
		if (world->sent[i] && report->symbol == symbol) {
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
static struct subject_order sim_trader_stated_order(const struct sim_world *world, uint32_t intent) {
	const struct sim_plan *plan = world->plan;
	struct subject_order order = {0};
	memcpy(order.order_id, plan->reports[intent].update.order_id, sizeof order.order_id);
	for (uint32_t i = intent + 1; i < plan->report_count && plan->reports[i].order == plan->reports[intent].order;
	     i++) {
		order.cum_quantity_lots += world->sent[i] ? plan->reports[i].update.last_quantity_lots : 0;
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

static void sim_trader_state(const struct sim_world *world, enum sim_trader_query query,
                             struct sim_trader_books *books) {
	struct subject_statement *statement = &books->statement;
	*statement = (struct subject_statement){
	        .complete = query != SIM_TRADER_FAILED, .orders = books->orders, .positions = books->positions};
	for (uint32_t i = 0; i < world->plan->report_count && query != SIM_TRADER_EMPTY; i++) {
		const struct sim_report *report = &world->plan->reports[i];
		if (!sim_trader_is_intent(report) || !world->exchange_has[report->order]) {
			continue;
		}
		struct subject_order order = sim_trader_stated_order(world, i);
		if (order.leaves_quantity_lots > 0) {
			books->orders[statement->order_count++] = order;
		}
	}
	for (uint32_t symbol = 0; symbol < world->plan->symbol_count && query != SIM_TRADER_EMPTY; symbol++) {
		int64_t lots = sim_trader_truth(world, symbol);
		if (lots != 0) {
			struct subject_position *position = &books->positions[statement->position_count++];
			*position = (struct subject_position){.quantity_lots = lots};
			snprintf(position->symbol, sizeof position->symbol, "S%u", symbol);
		}
	}
	qsort(books->orders, statement->order_count, sizeof books->orders[0], sim_trader_by_id);
}

/* ---- what the subject shows -------------------------------------------------------------------------------------------- */

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

/* Whether the statement says exactly what the subject shows: only then may it call that an agreement. */
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

/* ---- asking ------------------------------------------------------------------------------------------------------------ */

static void sim_trader_violated(struct sim_world *world, const char *detail) {
	sim_verdict_violated(&world->judge->violation, "trades_only_in_agreement", "%s", detail);
	world->ended = true;
}

static struct subject_reply sim_trader_converse(struct sim_world *world, const struct subject_step *step) {
	struct subject_reply reply = {0};
	world->subject->step(world->instance, step, &reply);
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply.outcome, (uint64_t)reply.permission, reply.reason);
	return reply;
}

/* Whether both agree now; `agrees` must be said exactly of a complete statement that equals what is shown. */
static bool sim_trader_agree(struct sim_world *world, enum sim_trader_query query) {
	static struct sim_trader_books books;
	const struct subject_step step = {.kind = SUBJECT_STEP_STATEMENT, .statement = &books.statement};
	sim_trader_state(world, query, &books);
	sim_view_take(world->view, world->subject, world->instance);
	bool equal = sim_trader_is_equal(world->view, &books.statement);
	struct subject_reply reply = sim_trader_converse(world, &step);
	world->agreed = reply.outcome == SUBJECT_ACKNOWLEDGED;
	if (world->agreed && !equal) {
		sim_trader_violated(world, query == SIM_TRADER_FAILED  ? "a query that failed is called an agreement"
		                           : query == SIM_TRADER_EMPTY ? "an empty answer is called an agreement"
		                                                       : "a statement that differs is called an "
		                                                         "agreement");
	}
	sim_world_reach(world, query == SIM_TRADER_FAILED  ? SIM_PROBE_QUERY_FAILED
	                       : query == SIM_TRADER_EMPTY ? SIM_PROBE_QUERY_EMPTY
	                       : world->agreed             ? SIM_PROBE_AGREEMENT
	                                                   : SIM_PROBE_DISAGREEMENT);
	return world->agreed && !world->ended;
}

static bool sim_trader_may_trade(struct sim_world *world, const struct subject_order *order) {
	static const enum sim_probe probes[] = {[SUBJECT_PERMITTED] = SIM_PROBE_ORDER_PERMITTED,
	                                        [SUBJECT_FORBIDDEN_DISAGREEMENT] =
	                                                SIM_PROBE_ORDER_FORBIDDEN_DISAGREEMENT,
	                                        [SUBJECT_FORBIDDEN_HALTED] = SIM_PROBE_ORDER_FORBIDDEN_HALTED,
	                                        [SUBJECT_FORBIDDEN_LIMIT] = SIM_PROBE_ORDER_FORBIDDEN_LIMIT};
	const struct subject_step step = {.kind = SUBJECT_STEP_PERMISSION, .order = order};
	struct subject_reply reply = sim_trader_converse(world, &step);
	bool permitted = reply.permission == SUBJECT_PERMITTED;
	if (permitted && !world->agreed) {
		sim_trader_violated(world, "an order is permitted without an agreement with the exchange");
	}
	sim_world_reach(world, (size_t)reply.permission < sizeof probes / sizeof probes[0] ? probes[reply.permission]
	                                                                                   : SIM_PROBE_NONE);
	return permitted && !world->ended;
}

/* Asks for what must not be: in a halt anything, and otherwise one lot more than the limit that the subject has. */
static void sim_trader_ask_too_much(struct sim_world *world) {
	const struct sim_model *model = &world->judge->model;
	int64_t limit = model->limits.position_lots;
	bool halted = model->halt != SUBJECT_HALT_NONE;
	struct subject_order order = {.symbol = "S0", .side = SUBJECT_SIDE_BUY, .price_ticks = 1};
	order.order_quantity_lots = halted ? 1 : limit - model->positions[0].quantity_lots + 1;
	if (world->plan->trader.exchange_only || (!halted && limit == 0) || world->ended) {
		return;
	}
	if (sim_trader_may_trade(world, &order)) {
		sim_verdict_violated(&world->judge->violation, "risk_limit_kept",
		                     "an order of %" PRId64 " lots is permitted %s", order.order_quantity_lots,
		                     halted ? "in a halt" : "beyond the limit");
		world->ended = true;
	}
}

/* ---- the hand-shake ---------------------------------------------------------------------------------------------------- */

/* What the subject says that it durably holds must be the end of the chain. */
static void sim_trader_judge_hello(struct sim_world *world, const struct subject_hello *hello) {
	const struct sim_model *model = &world->judge->model;
	const char *last = "";
	uint64_t reports = 0;
	for (uint64_t i = 0; i < model->version; i++) {
		const struct sim_report *report = &world->plan->reports[model->ledger[i].report];
		bool is_report = report->command.kind == SUBJECT_COMMAND_NONE;
		last = is_report ? report->update.exec_id : last;
		reports += is_report;
	}
	if (hello->version != model->version || hello->report_count != reports || strcmp(hello->exec_id, last) != 0) {
		sim_verdict_violated(&world->judge->violation, "loaded_equals_committed",
		                     "hand-shake: version %" PRIu64 ", %" PRIu64
		                     " reports, last %s; committed are %" PRIu64 ", %" PRIu64 ", %s",
		                     hello->version, hello->report_count, hello->exec_id, model->version, reports,
		                     last);
		world->ended = true;
	}
}

void sim_trader_loaded(struct sim_world *world) {
	struct subject_hello hello = {0};
	const struct subject_order order = {
	        .symbol = "S0", .side = SUBJECT_SIDE_BUY, .order_quantity_lots = 1, .price_ticks = 1};
	const struct subject_step step = {.kind = SUBJECT_STEP_HELLO, .hello = &hello};
	world->agreed = false;
	memset(world->decided, 0, sizeof world->decided);
	if (!sim_trader_asks(world)) {
		return;
	}
	sim_trader_converse(world, &step);
	if (!world->plan->trader.exchange_only) {
		sim_trader_judge_hello(world, &hello);
	}
	if (!world->ended && !sim_trader_may_trade(world, &order) && !world->ended) {
		sim_trader_agree(world, SIM_TRADER_WHOLE);
	}
}

/* ---- orders ------------------------------------------------------------------------------------------------------------ */

/* The exchange takes the order and applies its limit to what it holds, what is open, and this. Where the order is not the
 * plan's, the run ends: the subject was wrong, and the plan knows no more. */
static bool sim_trader_judge_order(struct sim_world *world, uint32_t intent, int64_t lots) {
	const struct sim_report *report = &world->plan->reports[intent];
	int64_t planned = sim_trader_signed(&report->update, report->update.order_quantity_lots);
	int64_t truth = sim_trader_truth(world, report->symbol);
	int64_t shown = sim_trader_shown(world->view, report->symbol);
	bool again = world->exchange_has[report->order];
	int64_t after = truth + lots + (again ? planned : 0);
	if (after > world->plan->trader.limit_lots || after < -world->plan->trader.limit_lots) {
		return sim_verdict_violated(&world->judge->violation, "risk_limit_kept",
		                            "shown are %" PRId64 " lots, the exchange holds %" PRId64
		                            ": the order of %" PRId64 " lots makes %" PRId64 ", the limit is %" PRId64,
		                            shown, truth, lots, after, world->plan->trader.limit_lots);
	}
	if (again) {
		return sim_verdict_violated(&world->judge->violation, "intent_before_order",
		                            "O%u is at the exchange, its intent is not shown: it is sent a second time",
		                            report->order);
	}
	return lots == planned || sim_verdict_violated(&world->judge->violation, "exchange_converges",
	                                               "everything is acknowledged, shown are %" PRId64
	                                               " lots, the exchange holds %" PRId64,
	                                               shown, truth);
}

/* From what is shown to the target, if that is allowed. */
static bool sim_trader_decide(struct sim_world *world, uint32_t intent, enum sim_trader_query query) {
	const struct sim_report *report = &world->plan->reports[intent];
	struct subject_order order = {.price_ticks = report->update.price_ticks};
	if (sim_trader_asks(world)) {
		sim_trader_agree(world, query);
		sim_trader_ask_too_much(world);
	}
	int64_t lots = sim_trader_target(world->plan, intent) - sim_trader_shown(world->view, report->symbol);
	memcpy(order.symbol, report->update.symbol, sizeof order.symbol);
	order.side = lots >= 0 ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
	order.order_quantity_lots = lots >= 0 ? lots : -lots;
	if (world->ended || (sim_trader_asks(world) && !sim_trader_may_trade(world, &order))) {
		return false;
	}
	world->ended = !sim_trader_judge_order(world, intent, lots);
	return !world->ended;
}

static bool sim_trader_all_acknowledged(const struct sim_world *world, uint32_t before) {
	uint32_t report = 0;
	while (report < before && world->acknowledged[report]) {
		report++;
	}
	return report == before;
}

/* Whether the exchange has the order then. The intent is stored before it is sent; one that is shown was decided on before. */
static bool sim_trader_trade(struct sim_world *world, uint32_t intent, enum sim_trader_query query) {
	uint32_t order = world->plan->reports[intent].order;
	sim_view_take(world->view, world->subject, world->instance);
	bool stored = world->view->order_seen[order] || world->decided[order];
	if (!stored && (!sim_trader_all_acknowledged(world, intent) || !sim_trader_decide(world, intent, query))) {
		return false;
	}
	if (!stored || !world->acknowledged[intent]) {
		sim_world_reach(world, stored ? SIM_PROBE_INTENT_FOUND : SIM_PROBE_NONE);
		sim_world_send(world, intent);
	}
	if (world->ended || !world->acknowledged[intent]) {
		return false;
	}
	if (!world->exchange_has[order]) {
		sim_world_note(world, SIM_EVENT_ORDER, order, 0, "the exchange has the order");
	}
	world->exchange_has[order] = true;
	world->decided[order] = true;
	return true;
}

/* One report of the exchange, or an intent with the order that follows from it. False: what comes behind it must wait. */
static bool sim_trader_catch_up_one(struct sim_world *world, uint32_t report, enum sim_trader_query query) {
	if (sim_trader_is_intent(&world->plan->reports[report])) {
		bool known = report + 1 < world->plan->report_count && world->acknowledged[report + 1];
		return (known && world->acknowledged[report]) || sim_trader_trade(world, report, query);
	}
	enum subject_command_kind command = world->plan->reports[report].command.kind;
	bool again = world->acknowledged[report];
	world->sent[report] = true;
	if (!again) {
		sim_world_send(world, report);
	}
	bool halts = command == SUBJECT_COMMAND_HALT && !again && world->acknowledged[report];
	if (halts && world->instance != NULL && !world->ended && sim_trader_asks(world)) {
		sim_trader_agree(world, SIM_TRADER_WHOLE);
		sim_trader_ask_too_much(world);
	}
	/* Who resumes has waited for the halt. */
	return command == SUBJECT_COMMAND_NONE || world->acknowledged[report];
}

static void sim_trader_catch_up_to(struct sim_world *world, uint32_t last, uint32_t tries,
                                   enum sim_trader_query query) {
	bool goes_on = true;
	for (uint32_t report = 0; report <= last && goes_on && !world->ended; report++) {
		goes_on = sim_life_start(world, tries) &&
		          sim_trader_catch_up_one(world, report, report == last ? query : SIM_TRADER_WHOLE);
	}
}

void sim_trader_catch_up(struct sim_world *world, uint32_t last, uint32_t tries) {
	sim_trader_catch_up_to(world, last, tries, SIM_TRADER_WHOLE);
}

bool sim_trader_step(struct sim_world *world, const struct sim_step *step) {
	if (step->kind == SIM_STEP_TRADE) {
		sim_trader_catch_up_to(world, step->report, 2, (enum sim_trader_query)step->count);
		return true;
	}
	if (world->plan->trader.kind == SIM_TRADER_NONE) {
		return false;
	}
	if (step->kind == SIM_STEP_DELIVER) {
		sim_trader_catch_up(world, step->report, 2);
		return true;
	}
	return step->kind == SIM_STEP_AGAIN && !world->sent[step->report];
}

bool sim_trader_converged(struct sim_world *world) {
	for (uint32_t symbol = 0; symbol < world->plan->symbol_count; symbol++) {
		int64_t truth = sim_trader_truth(world, symbol);
		sim_view_take(world->view, world->subject, world->instance);
		if (sim_trader_shown(world->view, symbol) != truth) {
			return sim_verdict_violated(&world->judge->violation, "exchange_converges",
			                            "position S%u is %" PRId64 " lots, the exchange holds %" PRId64,
			                            symbol, sim_trader_shown(world->view, symbol), truth);
		}
	}
	return true;
}
