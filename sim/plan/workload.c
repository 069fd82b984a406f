/* sim/plan/workload.c: a day at the exchange. Orders are opened, filled in parts, canceled,
 * rejected, or expire; each event is a report. Then the deliveries: in order, some repeated, some
 * swapped, with restarts and checkpoints in between.
 *
 * The exchange is honest: cumulative quantities add up, no exec id is used twice for different
 * things. What is unkind is the order of arrival. */
#include "workload.h"

#include "pcg.h"
#include "spoiling.h"
#include "workload_rare.h"
#include "workload_small.h"
#include "workload_trader.h"
#include "workload_wide.h"

#include <assert.h>
#include <string.h>

static void sim_workload_open_order(struct sim_workload_day *day) {
	const struct sim_tape *tape = &day->workload->tape;
	struct sim_workload_order order = {.number = day->plan->order_count++};
	order.symbol = sim_pcg32_below(&day->chance, day->plan->symbol_count);
	if (tape->count > 0) {
		const struct sim_tape_trade *trade = &tape->trades[day->tape_next++ % tape->count];
		order.side = trade->buy ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
		order.quantity_lots = trade->quantity_lots;
		order.price_ticks = trade->price_ticks;
	} else {
		int64_t *price = &day->price_ticks[order.symbol];
		*price += (int64_t)sim_pcg32_below(&day->chance, 21) - 10;
		*price = *price < 50 ? 50 : *price;
		order.side = sim_pcg32_percent(&day->chance, 50) ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
		order.quantity_lots = 1 + (int64_t)sim_pcg32_below(&day->chance, 300);
		order.price_ticks = *price;
	}
	order.side = sim_workload_day_side(day, order.symbol, order.side);
	sim_workload_day_name(order.client, sizeof order.client, 'C', order.number % 7);
	if (sim_pcg32_percent(&day->chance, day->workload->rejects_percent)) {
		sim_workload_day_report(day, &order, SUBJECT_EXEC_REJECTED, 0, 0);
		return;
	}
	if (!sim_workload_rare_opening(day, &order)) {
		sim_workload_day_report(day, &order, SUBJECT_EXEC_NEW, 0, 0);
	}
	day->open[day->open_count++] = order;
}

static void sim_workload_go_on(struct sim_workload_day *day, uint32_t index) {
	struct sim_workload_order *order = &day->open[index];
	if (order->cum_quantity_lots >= order->quantity_lots) { /* a correction has filled it */
		sim_workload_day_close_order(day, index);
		return;
	}
	if (order->resting) {
		order->resting = false;
		sim_workload_day_report(day, order, SUBJECT_EXEC_RESTATED, 0, 0);
		return;
	}
	uint32_t dice = sim_pcg32_below(&day->chance, 100);
	const struct sim_workload *workload = day->workload;
	if (dice < workload->cancels_percent || dice < workload->cancels_percent + workload->expires_percent) {
		bool cancel = dice < workload->cancels_percent;
		sim_workload_day_report(day, order, cancel ? SUBJECT_EXEC_CANCELED : SUBJECT_EXEC_EXPIRED, 0, 0);
		sim_workload_day_close_order(day, index);
		return;
	}
	int64_t left = order->quantity_lots - order->cum_quantity_lots;
	uint32_t bound = left > 1000000000 ? 1000000000u : (uint32_t)left;
	bool all = sim_pcg32_percent(&day->chance, 40);
	int64_t lots = all ? left : 1 + (int64_t)sim_pcg32_below(&day->chance, bound);
	int64_t ticks = order->price_ticks + (int64_t)sim_pcg32_below(&day->chance, 7) - 3;
	order->cum_quantity_lots += lots;
	sim_workload_day_report(day, order, SUBJECT_EXEC_TRADE, lots, ticks);
	if (order->cum_quantity_lots >= order->quantity_lots) {
		sim_workload_day_close_order(day, index);
	}
}

static void sim_workload_make_reports(struct sim_workload_day *day, const struct sim_small *small) {
	uint64_t wanted = sim_settings_draw(&day->chance, &day->workload->updates);
	wanted = small->length > 0 ? sim_workload_small_reports(small) : wanted;
	wanted = wanted > SIM_PLAN_REPORTS_MAX ? SIM_PLAN_REPORTS_MAX : wanted;
	day->report_limit = (uint32_t)wanted;
	while (day->plan->report_count < wanted) {
		if (sim_workload_rare_event(day)) {
			continue;
		}
		bool may_open = day->open_count < day->open_limit;
		if (day->open_count == 0 || (may_open && sim_pcg32_percent(&day->chance, 35))) {
			sim_workload_open_order(day);
		} else {
			sim_workload_go_on(day, sim_pcg32_below(&day->chance, day->open_count));
		}
	}
}

/* The engine that was taken over from is given what was just delivered or what is to come next. */
static void sim_workload_wake(struct sim_plan *plan, const struct sim_workload *workload, struct sim_pcg32 *chance,
                              uint32_t report) {
	if (sim_pcg32_percent(chance, workload->wakes_percent)) {
		bool next = report + 1 < plan->report_count && sim_pcg32_percent(chance, 50);
		sim_plan_add_step(plan, SIM_STEP_WAKE, report + (next ? 1 : 0));
	}
}

/* After delivery `report`: a second engine takes over, and the first may wake up at once; or it
 * wakes up later, or is stopped. */
static void sim_workload_change_owner(struct sim_plan *plan, const struct sim_workload *workload,
                                      struct sim_pcg32 *chance, uint32_t report, bool *has_former) {
	if (*has_former) {
		sim_workload_wake(plan, workload, chance, report);
	}
	if (*has_former && sim_pcg32_percent(chance, workload->retires_percent)) {
		sim_plan_add_step(plan, SIM_STEP_RETIRE, 0);
		*has_former = false;
	}
	if (sim_pcg32_percent(chance, workload->takeovers_percent)) {
		sim_plan_add_step(plan, SIM_STEP_TAKEOVER, 0);
		*has_former = true;
		sim_workload_wake(plan, workload, chance, report);
	}
}

/* One that is up to six further on comes first. */
static void sim_workload_deliver_early(struct sim_workload_day *day, uint32_t report, bool *delivered) {
	if (sim_workload_day_draw_rare(day, SIM_RARE_EARLY)) {
		uint32_t early = report + 2 + sim_pcg32_below(&day->rare_chance, 5);
		if (early < day->plan->report_count && !delivered[early]) {
			delivered[early] = true;
			sim_plan_add_step(day->plan, SIM_STEP_DELIVER, early);
		}
	}
}

/* Several at once: up to eight of those that are next. Returns the last. */
static uint32_t sim_workload_deliver_batch(struct sim_workload_day *day, uint32_t report, bool *delivered) {
	struct sim_plan *plan = day->plan;
	uint32_t most = 2 + sim_pcg32_below(&day->rare_chance, 7);
	uint32_t count = 0;
	while (count < most && report + count < plan->report_count && !delivered[report + count]) {
		delivered[report + count++] = true;
	}
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] =
		        (struct sim_step){.kind = SIM_STEP_BATCH, .report = report, .count = count};
	}
	return report + count - 1;
}

/* Somebody sends what is malformed: a spoiled copy of a report that is next or was sent before. */
static void sim_workload_deliver_malformed(struct sim_workload_day *day, uint32_t report) {
	struct sim_plan *plan = day->plan;
	if (!sim_workload_day_draw_rare(day, SIM_RARE_MALFORMED) || plan->step_count == SIM_PLAN_STEPS_MAX) {
		return;
	}
	uint32_t copied = sim_pcg32_below(&day->rare_chance, report + 1);
	uint32_t chosen = sim_spoiling_draw(&day->rare_chance, &plan->reports[copied]);
	plan->steps[plan->step_count++] =
	        (struct sim_step){.kind = SIM_STEP_MALFORMED, .report = copied, .spoiling = chosen};
}

/* The delivery of report `report`, perhaps with others around it. Returns the last of those that
 * are next. */
static uint32_t sim_workload_deliver(struct sim_workload_day *day, struct sim_pcg32 *chance, uint32_t report,
                                     bool *delivered) {
	struct sim_plan *plan = day->plan;
	sim_workload_deliver_malformed(day, report);
	sim_workload_deliver_early(day, report, delivered);
	if (sim_workload_day_draw_rare(day, SIM_RARE_BATCHES)) {
		return sim_workload_deliver_batch(day, report, delivered);
	}
	bool swapped = report + 1 < plan->report_count && sim_pcg32_percent(chance, day->workload->reorders_percent) &&
	               !delivered[report + 1];
	if (swapped) {
		delivered[report + 1] = true;
		sim_plan_add_step(plan, SIM_STEP_DELIVER, report + 1);
	}
	delivered[report] = true;
	sim_plan_add_step(plan, SIM_STEP_DELIVER, report);
	return swapped ? report + 1 : report;
}

static void sim_workload_make_steps(struct sim_workload_day *day) {
	struct sim_plan *plan = day->plan;
	const struct sim_workload *workload = day->workload;
	bool delivered[SIM_PLAN_REPORTS_MAX] = {false};
	struct sim_pcg32 chance;
	struct sim_pcg32 owner_chance;
	bool has_former = false;
	sim_pcg32_derive(&chance, plan->seed, "delivery");
	sim_pcg32_derive(&owner_chance, plan->seed, "owner");
	for (uint32_t i = 0; i < plan->report_count; i++) {
		if (delivered[i]) {
			continue;
		}
		i = sim_workload_deliver(day, &chance, i, delivered);
		if (sim_pcg32_percent(&chance, workload->duplicates_percent)) {
			sim_plan_add_step(plan, SIM_STEP_AGAIN, sim_pcg32_below(&chance, i + 1));
		}
		if (sim_pcg32_percent(&chance, workload->checkpoints_percent)) {
			sim_plan_add_step(plan, SIM_STEP_CHECKPOINT, 0);
		}
		if (sim_pcg32_percent(&chance, workload->restarts_percent)) {
			sim_plan_add_step(plan, SIM_STEP_RESTART, 0);
		}
		sim_workload_change_owner(plan, workload, &owner_chance, i, &has_former);
	}
}

void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload, const struct sim_small *small) {
	struct sim_workload_day day = {.plan = plan, .workload = workload};
	plan->report_count = 0;
	plan->order_count = 0;
	plan->step_count = 0;
	plan->id_size = 0;
	plan->tape_used = workload->tape.count > 0;
	plan->held_updates = workload->held_updates;
	if (workload->trader != SIM_TRADER_NONE) {
		sim_workload_trader_make(plan, workload);
		return;
	}
	sim_pcg32_derive(&day.chance, plan->seed, "workload");
	sim_pcg32_derive(&day.rare_chance, plan->seed, "rare");
	plan->symbol_count = (uint32_t)sim_settings_draw(&day.chance, &workload->symbols);
	if (plan->symbol_count > SIM_PLAN_SYMBOLS_MAX) {
		plan->symbol_count = SIM_PLAN_SYMBOLS_MAX;
	}
	day.open_limit = (uint32_t)sim_settings_draw(&day.chance, &workload->open_orders);
	if (day.open_limit > SIM_WORKLOAD_OPEN_MAX) {
		day.open_limit = SIM_WORKLOAD_OPEN_MAX;
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		day.price_ticks[symbol] = 100 + (int64_t)sim_pcg32_below(&day.chance, 20000);
	}
	if (workload->tape.count > 0) {
		day.tape_next = sim_pcg32_below(&day.chance, workload->tape.count);
	}
	sim_workload_make_reports(&day, small);
	sim_workload_wide_make(plan, workload);
	if (small->length > 0) {
		sim_workload_small_add_steps(plan, small);
	} else {
		sim_workload_make_steps(&day);
	}
}
