/* sim/plan/workload_trader.c: the orders of a trader, one after the other, each filled in parts,
 * and what the exchange reports on them. */
#include "workload_trader.h"

#include "pcg.h"
#include "spoiling.h"

#include <stdio.h>

#define SIM_WORKLOAD_FILLS_MAX 3u
/* An order has more lots than fills, of which there are at most SIM_WORKLOAD_FILLS_MAX and two. */
#define SIM_WORKLOAD_LOTS_MIN 6

struct sim_workload_orders {
	struct sim_plan *plan;
	const struct sim_workload *workload;
	struct sim_pcg32 chance;
	struct sim_pcg32 delivery;
	int64_t position_lots;
	int64_t price_ticks;
	struct subject_order_update order; /* what all reports of the order have in common */
};

static struct subject_order_update *sim_workload_trader_add(struct sim_workload_orders *orders,
                                                            enum subject_exec_type type) {
	struct sim_plan *plan = orders->plan;
	uint32_t number = plan->report_count++;
	struct sim_report *report = &plan->reports[number];
	*report = (struct sim_report){.order = plan->order_count - 1, .update = orders->order};
	snprintf(report->update.exec_id, sizeof report->update.exec_id, "E%u", number);
	report->update.exec_type = type;
	report->update.cum_quantity_lots = orders->order.cum_quantity_lots;
	report->update.leaves_quantity_lots = orders->order.order_quantity_lots - orders->order.cum_quantity_lots;
	report->update.transact_time_ns = 1700000000000000000 + (int64_t)number * 1000000;
	return &report->update;
}

static void sim_workload_trader_add_step(struct sim_workload_orders *orders, enum sim_step_kind kind, uint32_t report,
                                         uint32_t more) {
	struct sim_plan *plan = orders->plan;
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] = (struct sim_step){.kind = kind, .argument = report, .more = more};
	}
}

/* A spoiled copy of something before. Where it contradicts a report, an agreement ends. */
static void sim_workload_trader_spoil(struct sim_workload_orders *orders) {
	struct sim_pcg32 *chance = &orders->delivery;
	uint32_t percent = orders->workload->rare_percent[SIM_RARE_MALFORMED];
	if (percent == 0 || !sim_pcg32_percent(chance, percent)) {
		return;
	}
	uint32_t copied = sim_pcg32_below(chance, orders->plan->report_count);
	sim_workload_trader_add_step(orders, SIM_STEP_MALFORMED, copied,
	                             sim_spoiling_draw(chance, &orders->plan->reports[copied]));
}

/* The newest report goes out; then what happens between two deliveries. */
static void sim_workload_trader_deliver(struct sim_workload_orders *orders) {
	const struct sim_workload *workload = orders->workload;
	struct sim_pcg32 *chance = &orders->delivery;
	uint32_t last = orders->plan->report_count - 1;
	sim_workload_trader_add_step(orders, SIM_STEP_DELIVER, last, 0);
	if (sim_pcg32_percent(chance, workload->duplicates_percent)) {
		sim_workload_trader_add_step(orders, SIM_STEP_AGAIN, sim_pcg32_below(chance, last + 1), 0);
	}
	if (sim_pcg32_percent(chance, workload->checkpoints_percent)) {
		sim_workload_trader_add_step(orders, SIM_STEP_CHECKPOINT, 0, 0);
	}
	if (sim_pcg32_percent(chance, workload->restarts_percent)) {
		sim_workload_trader_add_step(orders, SIM_STEP_RESTART, 0, 0);
	}
	sim_workload_trader_spoil(orders);
}

/* The fill behind the one that is next comes first. */
static void sim_workload_trader_go_ahead(struct sim_workload_orders *orders) {
	uint32_t percent = orders->workload->rare_percent[SIM_RARE_EARLY];
	if (percent > 0 && sim_pcg32_percent(&orders->delivery, percent)) {
		sim_workload_trader_add_step(orders, SIM_STEP_AHEAD, orders->plan->report_count + 1, 0);
	}
}

/* The intent, and the step that decides on it; the exchange's first answer to the question what it
 * holds may fail, be empty, or be wrong. */
static void sim_workload_trader_intend(struct sim_workload_orders *orders) {
	uint32_t query = 0;
	struct subject_order_update *intent = sim_workload_trader_add(orders, SUBJECT_EXEC_PENDING_NEW);
	intent->ord_status = SUBJECT_ORDER_PENDING_NEW;
	if (sim_pcg32_percent(&orders->delivery, orders->workload->query_failures_percent)) {
		query = 1 + sim_pcg32_below(&orders->delivery, SIM_QUERY_COUNT - 1);
	}
	sim_workload_trader_add_step(orders, SIM_STEP_TRADE, orders->plan->report_count - 1, query);
}

static void sim_workload_trader_fill(struct sim_workload_orders *orders, int64_t lots) {
	int64_t ticks = orders->price_ticks + (int64_t)sim_pcg32_below(&orders->chance, 7) - 3;
	orders->order.cum_quantity_lots += lots;
	struct subject_order_update *fill = sim_workload_trader_add(orders, SUBJECT_EXEC_TRADE);
	fill->last_quantity_lots = lots;
	fill->last_price_ticks = ticks;
	fill->commission_units = lots;
	fill->ord_status = fill->leaves_quantity_lots == 0 ? SUBJECT_ORDER_FILLED : SUBJECT_ORDER_PARTIALLY_FILLED;
	sim_workload_trader_deliver(orders);
}

/* Anywhere within the limit, but mostly near it: that is where a wrong position hurts. */
static int64_t sim_workload_trader_target(struct sim_workload_orders *orders) {
	uint32_t limit = (uint32_t)orders->plan->trader.limit_lots;
	int64_t target = limit / 2 + (int64_t)sim_pcg32_below(&orders->chance, limit - limit / 2 + 1);
	if (sim_pcg32_percent(&orders->chance, 25)) {
		target = (int64_t)sim_pcg32_below(&orders->chance, 2 * limit + 1) - limit;
	}
	bool far = target - orders->position_lots > SIM_WORKLOAD_LOTS_MIN ||
	           orders->position_lots - target > SIM_WORKLOAD_LOTS_MIN;
	int64_t step = orders->position_lots > 0 ? -SIM_WORKLOAD_LOTS_MIN : SIM_WORKLOAD_LOTS_MIN;
	return far ? target : orders->position_lots + step;
}

/* Of `parts` fills, fewer than the order has lots. */
static void sim_workload_trader_order(struct sim_workload_orders *orders, uint32_t parts) {
	int64_t lots = sim_workload_trader_target(orders) - orders->position_lots;
	uint32_t number = orders->plan->order_count++;
	orders->price_ticks += (int64_t)sim_pcg32_below(&orders->chance, 11) - 5;
	orders->price_ticks = orders->price_ticks < 50 ? 50 : orders->price_ticks;
	orders->order = (struct subject_order_update){.side = lots > 0 ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL,
	                                              .order_quantity_lots = lots > 0 ? lots : -lots,
	                                              .price_ticks = orders->price_ticks,
	                                              .symbol = "S0",
	                                              .comm_currency = "USD"};
	snprintf(orders->order.order_id, sizeof orders->order.order_id, "O%u", number);
	snprintf(orders->order.cl_ord_id, sizeof orders->order.cl_ord_id, "C%u", number);
	sim_workload_trader_intend(orders);
	sim_workload_trader_add(orders, SUBJECT_EXEC_NEW)->ord_status = SUBJECT_ORDER_NEW;
	sim_workload_trader_deliver(orders);
	int64_t left = orders->order.order_quantity_lots;
	for (uint32_t part = parts; part > 0; part--) {
		uint32_t bound = (uint32_t)left - (part - 1);
		if (part > 1) {
			sim_workload_trader_go_ahead(orders);
		}
		int64_t fill = part == 1 ? left : 1 + (int64_t)sim_pcg32_below(&orders->chance, bound);
		sim_workload_trader_fill(orders, fill);
		left -= fill;
	}
	orders->position_lots += lots;
}

/* What the operator does: the limit of the exchange becomes the engine's own, trading is halted and
 * resumed. */
static void sim_workload_trader_command(struct sim_workload_orders *orders, enum subject_command_kind kind) {
	struct sim_plan *plan = orders->plan;
	uint32_t number = plan->report_count++;
	struct subject_command command = {.kind = kind, .time_ns = 1700000000000000000 + (int64_t)number * 1000000};
	if (kind == SUBJECT_COMMAND_LIMITS) {
		command.limits.position_lots = plan->trader.limit_lots;
	}
	snprintf(command.command_id, sizeof command.command_id, "E%u", number);
	plan->reports[number] = (struct sim_report){.command = command};
	sim_workload_trader_deliver(orders);
}

void sim_workload_trader_make(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_workload_orders orders = {.plan = plan, .workload = workload, .price_ticks = 1000};
	sim_pcg32_derive(&orders.chance, plan->seed, "workload");
	sim_pcg32_derive(&orders.delivery, plan->seed, "delivery");
	plan->symbol_count = 1;
	plan->trader.kind = workload->trader;
	plan->trader.limit_lots = (int64_t)sim_settings_draw(&orders.chance, &workload->limit_lots);
	uint64_t wanted = sim_settings_draw(&orders.chance, &workload->updates);
	if (workload->trader == SIM_TRADER_AGREEING) {
		sim_workload_trader_command(&orders, SUBJECT_COMMAND_LIMITS);
	}
	/* An order takes its intent, its acknowledgement and its fills; what is left at the end is
	 * no order, and is more fills. */
	while (plan->report_count < wanted) {
		if (plan->report_count + 5 <= wanted &&
		    sim_pcg32_percent(&orders.chance, workload->rare_percent[SIM_RARE_HALTS])) {
			sim_workload_trader_command(&orders, SUBJECT_COMMAND_HALT);
			sim_workload_trader_command(&orders, SUBJECT_COMMAND_RESUME);
		}
		uint32_t left = (uint32_t)wanted - plan->report_count - 2;
		uint32_t parts = 1 + sim_pcg32_below(&orders.chance, SIM_WORKLOAD_FILLS_MAX);
		parts = parts > left || left - parts < 3 ? left : parts;
		sim_workload_trader_order(&orders, parts);
	}
}
