/* sim/plan/workload_wide.c: see workload_wide.h.
 *
 * The day stays the same honest day: cumulative quantities add up, and whoever applies the reports
 * in some order comes to the same orders. Ids are only longer, quantities and prices only
 * larger. */
#include "workload_wide.h"

#include "wide.h"

#include <assert.h>
#include <string.h>

/* What all fills together are worth, and all lots: half of what 64 bits hold, as in a plan. */
#define SIM_WORKLOAD_WIDE_MOST ((sim_int128)(INT64_MAX / 2))
#define SIM_WORKLOAD_WIDE_ID_MIN 6u

/* ---- broken reports -------------------------------------------------------------------------- */

static void sim_workload_wide_add_broken(struct sim_workload_day *day, struct sim_workload_order *order, int64_t lots,
                                         enum sim_broken broken) {
	order->cum_quantity_lots += lots;
	struct sim_report *report = sim_workload_day_report(day, order, SUBJECT_EXEC_TRADE, lots, order->price_ticks);
	if (report != NULL) {
		report->broken = broken;
		sim_plan_break(&report->update, broken);
	}
}

/* Its value is more than 64 bits hold; or it is not, and the sum with the first fill is. The order
 * has no other reports, so there is no state in which that is not so. */
static void sim_workload_wide_overflow(struct sim_workload_day *day) {
	struct sim_workload_order order = {.number = day->plan->order_count++};
	order.symbol = sim_workload_day_rare_below(day, day->plan->symbol_count);
	order.side = sim_workload_day_rare_percent(day, 50) ? SUBJECT_SIDE_BUY : SUBJECT_SIDE_SELL;
	order.side = sim_workload_day_side(day, order.symbol, order.side);
	order.price_ticks = day->price_ticks[order.symbol];
	order.quantity_lots = 4 + sim_workload_day_rare_below(day, 300);
	sim_workload_day_name(order.client, sizeof order.client, 'C', order.number % 7);
	if (sim_workload_day_rare_percent(day, 50)) {
		order.cum_quantity_lots = 2;
		sim_workload_day_report(day, &order, SUBJECT_EXEC_TRADE, 2, order.price_ticks);
		sim_workload_wide_add_broken(day, &order, 1, SIM_BROKEN_VALUE);
	} else {
		sim_workload_wide_add_broken(day, &order, 3, SIM_BROKEN_VALUE);
	}
}

bool sim_workload_wide_break(struct sim_workload_day *day) {
	enum sim_broken broken = 1 + sim_workload_day_rare_below(day, SIM_BROKEN_COUNT - 1);
	if (broken == SIM_BROKEN_VALUE) {
		sim_workload_wide_overflow(day);
		return true;
	}
	if (day->open_count == 0) {
		return false;
	}
	/* The order itself knows nothing of it. */
	struct sim_workload_order order = day->open[sim_workload_day_rare_below(day, day->open_count)];
	sim_workload_wide_add_broken(day, &order, 1 + sim_workload_day_rare_below(day, 20), broken);
	return true;
}

/* ---- ids ------------------------------------------------------------------------------------- */

/* A letter and a number get zeros between them. */
static void sim_workload_wide_id(char *text, size_t size, uint32_t id_size) {
	size_t length = strnlen(text, size);
	size_t wanted = id_size < size - 1 ? id_size : size - 1;
	if (length < 2 || length >= wanted) {
		return;
	}
	memmove(text + 1 + (wanted - length), text + 1, length - 1);
	memset(text + 1, '0', wanted - length);
	text[wanted] = '\0';
}

static void sim_workload_wide_ids(struct sim_plan *plan) {
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct subject_order_update *update = &plan->reports[i].update;
		struct subject_command *command = &plan->reports[i].command;
		sim_workload_wide_id(update->exec_id, sizeof update->exec_id, plan->id_size);
		sim_workload_wide_id(update->order_id, sizeof update->order_id, plan->id_size);
		sim_workload_wide_id(update->cl_ord_id, sizeof update->cl_ord_id, plan->id_size);
		sim_workload_wide_id(update->orig_cl_ord_id, sizeof update->orig_cl_ord_id, plan->id_size);
		sim_workload_wide_id(update->exec_ref_id, sizeof update->exec_ref_id, plan->id_size);
		sim_workload_wide_id(update->symbol, sizeof update->symbol, plan->id_size);
		sim_workload_wide_id(command->command_id, sizeof command->command_id, plan->id_size);
	}
}

/* Some channels leave client ids out. Of answers to requests without exec id nobody could tell two
 * apart then. On another channel, a report with terms says the same. */
static void sim_workload_wide_drop_clients(struct sim_plan *plan, struct sim_pcg32 *chance, uint32_t percent) {
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		struct subject_order_update *update = &report->update;
		bool is_nameless = update->exec_id[0] == '\0';
		bool drops = sim_pcg32_percent(chance, percent) && !is_nameless;
		if (report->repeats != 0) {
			drops = plan->reports[report->repeats - 1].update.cl_ord_id[0] == '\0';
		}
		if (drops && report->command.kind == SUBJECT_COMMAND_NONE) {
			memset(update->cl_ord_id, 0, sizeof update->cl_ord_id);
			memset(update->orig_cl_ord_id, 0, sizeof update->orig_cl_ord_id);
		}
	}
}

static bool sim_workload_wide_is_taken(const struct sim_plan *plan, uint32_t lender, const struct sim_report *report) {
	bool taken = false;
	for (uint32_t i = 0; i < plan->report_count; i++) {
		taken |= plan->reports[i].borrows == lender + 1 && !sim_plan_is_elsewhere(&plan->reports[i], report);
	}
	return taken;
}

static bool sim_workload_wide_has_own_id(const struct sim_report *report) {
	return report->repeats == 0 && report->borrows == 0 && sim_plan_exec_id(report)[0] != '\0';
}

/* A report of another position or another day, or a command, has an exec id of its own, and this
 * one gets the same. */
static void sim_workload_wide_borrow(struct sim_plan *plan, uint32_t number, uint32_t lender) {
	assert(lender < number && number < SIM_PLAN_REPORTS_MAX);
	struct sim_report *report = &plan->reports[number];
	const struct sim_report *from = &plan->reports[lender];
	bool is_own = sim_workload_wide_has_own_id(report) && report->command.kind == SUBJECT_COMMAND_NONE;
	bool is_command = from->command.kind != SUBJECT_COMMAND_NONE;
	bool lends = sim_workload_wide_has_own_id(from) && (is_command || sim_plan_is_elsewhere(from, report)) &&
	             from->broken == SIM_BROKEN_NONE;
	if (!is_own || !lends || sim_workload_wide_is_taken(plan, lender, report)) {
		return;
	}
	report->borrows = lender + 1;
	memcpy(report->update.exec_id, sim_plan_exec_id(from), sizeof report->update.exec_id);
}

/* Those that bear the id of another, or are about it, follow. */
static void sim_workload_wide_follow(struct sim_plan *plan) {
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		if (report->repeats != 0) {
			memcpy(report->update.exec_id, sim_plan_exec_id(&plan->reports[report->repeats - 1]),
			       sizeof report->update.exec_id);
		}
		if (report->refers != 0) {
			memcpy(report->update.exec_ref_id, plan->reports[report->refers - 1].update.exec_id,
			       sizeof report->update.exec_ref_id);
		}
	}
}

static void sim_workload_wide_share_ids(struct sim_plan *plan, struct sim_pcg32 *chance, uint32_t percent) {
	for (uint32_t i = 1; i < plan->report_count; i++) {
		if (sim_pcg32_percent(chance, percent)) {
			sim_workload_wide_borrow(plan, i, sim_pcg32_below(chance, i));
		}
	}
	sim_workload_wide_follow(plan);
}

/* ---- accounts and days ----------------------------------------------------------------------- */

/* What is known of an order when all reports are there. */
struct sim_workload_life {
	uint32_t first; /* reports */
	uint32_t last;
	bool exists;
	bool is_over;
	bool is_followed; /* another order has its id on a later day */
	uint32_t name;
	uint32_t day;
};

/* Whether the order has ended with this report, whatever comes after it. */
static bool sim_workload_wide_ends(const struct sim_report *report) {
	enum subject_exec_type type = report->update.exec_type;
	return report->repeats == 0 && report->broken == SIM_BROKEN_NONE &&
	       (type == SUBJECT_EXEC_CANCELED || type == SUBJECT_EXEC_EXPIRED ||
	        (type == SUBJECT_EXEC_REJECTED && report->update.leaves_quantity_lots == 0));
}

static void sim_workload_wide_live(const struct sim_plan *plan, struct sim_workload_life *lives) {
	for (uint32_t i = 0; i < plan->report_count; i++) {
		const struct sim_report *report = &plan->reports[i];
		struct sim_workload_life *life = &lives[report->order];
		if (report->command.kind == SUBJECT_COMMAND_NONE) {
			life->first = life->exists ? life->first : i;
			life->last = i;
			life->exists = true;
			life->is_over |= sim_workload_wide_ends(report);
			life->name = report->order;
		}
	}
}

/* Gives the order the id of one that was over before it began, on the day after that one's. */
static void sim_workload_wide_reuse(struct sim_workload_life *lives, uint32_t order, struct sim_pcg32 *chance) {
	uint32_t start = order == 0 ? 0 : sim_pcg32_below(chance, order);
	for (uint32_t i = 0; i < order; i++) {
		struct sim_workload_life *former = &lives[(start + i) % order];
		if (former->exists && former->is_over && !former->is_followed && former->last < lives[order].first) {
			former->is_followed = true;
			lives[order].name = former->name;
			lives[order].day = former->day + 1;
			return;
		}
	}
}

static void sim_workload_wide_begin_days(struct sim_plan *plan, struct sim_pcg32 *chance, uint32_t percent) {
	struct sim_workload_life lives[SIM_PLAN_REPORTS_MAX] = {{0}};
	sim_workload_wide_live(plan, lives);
	for (uint32_t order = 0; order < plan->order_count; order++) {
		if (lives[order].exists && sim_pcg32_percent(chance, percent)) {
			sim_workload_wide_reuse(lives, order, chance);
		}
	}
	plan->has_days = true;
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		const struct sim_workload_life *life = &lives[report->order];
		if (report->command.kind == SUBJECT_COMMAND_NONE) {
			report->named = life->name != report->order ? life->name + 1 : 0;
			plan->reuses_orders |= report->named != 0;
			report->scope.trading_day = sim_plan_day(life->day);
		}
	}
}

/* A source that begins to say the day: a book that was without goes on with it. */
static void sim_workload_wide_say_days(struct sim_plan *plan, struct sim_pcg32 *chance) {
	uint32_t first = sim_pcg32_below(chance, plan->report_count);
	plan->has_days = true;
	for (uint32_t i = first; i < plan->report_count; i++) {
		bool is_command = plan->reports[i].command.kind != SUBJECT_COMMAND_NONE;
		plan->reports[i].scope.trading_day = is_command ? 0 : sim_plan_day(0);
	}
}

static void sim_workload_wide_name(struct sim_plan *plan) {
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		bool is_command = report->command.kind != SUBJECT_COMMAND_NONE;
		if (!is_command) {
			sim_plan_name_report(plan, report);
		}
		/* One is sent with an id that is spoiled. */
		if (!is_command && report->broken == SIM_BROKEN_ID) {
			sim_plan_break(&report->update, report->broken);
		}
	}
}

/* ---- quantities that are not said ------------------------------------------------------------ */

/* Some sources leave the order quantity out of some reports, or of all (R3). Terms that change are
 * said. */
static void sim_workload_wide_unsay(struct sim_plan *plan, struct sim_pcg32 *chance, uint32_t percent) {
	uint32_t unsaid_percent[SIM_PLAN_REPORTS_MAX] = {0}; /* of the reports of each order */
	int64_t was_lots[SIM_PLAN_REPORTS_MAX];
	for (uint32_t order = 0; order < plan->order_count; order++) {
		bool is_one = sim_pcg32_percent(chance, percent);
		bool is_all = sim_pcg32_percent(chance, 25);
		unsaid_percent[order] = !is_one ? 0 : is_all ? 100 : 60;
	}
	/* A split is told by the proportion of two quantities (R8). */
	for (uint32_t i = 0; i < plan->report_count; i++) {
		if (sim_plan_is_split(plan, i)) {
			unsaid_percent[plan->reports[i].order] = 0;
		}
	}
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		enum subject_exec_type type = report->update.exec_type;
		bool may = report->command.kind == SUBJECT_COMMAND_NONE && report->broken == SIM_BROKEN_NONE &&
		           type != SUBJECT_EXEC_REPLACED && type != SUBJECT_EXEC_RESTATED;
		bool unsays = may && sim_pcg32_percent(chance, unsaid_percent[report->order]);
		was_lots[i] = report->update.order_quantity_lots;
		if (report->repeats != 0) { /* it says what its original does, or contradicts it */
			uint32_t original = report->repeats - 1;
			unsays = plan->reports[original].update.order_quantity_lots == 0 &&
			         was_lots[original] == was_lots[i];
		}
		report->update.order_quantity_lots = unsays ? 0 : was_lots[i];
	}
}

/* ---- times ----------------------------------------------------------------------------------- */

static int64_t sim_workload_wide_time(struct sim_pcg32 *chance, int64_t time_ns) {
	switch (sim_pcg32_below(chance, 6)) {
	case 0:
		return 0;
	case 1:
		return INT64_MAX - sim_pcg32_below(chance, 3);
	case 2:
		return -(int64_t)sim_pcg32_below(chance, 1000000);
	case 3:
		return time_ns + sim_pcg32_below(chance, 1000000);
	default: /* back by up to four seconds: longer than a day here */
		return time_ns - sim_pcg32_below(chance, UINT32_MAX);
	}
}

static bool sim_workload_wide_has_terms(const struct sim_report *report) {
	return report->update.exec_type == SUBJECT_EXEC_REPLACED || report->update.exec_type == SUBJECT_EXEC_RESTATED;
}

/* A report on another channel says the same time where the rules look at it. Where orders are
 * split, terms have their true times: a split is known by its proportion to the terms in force. */
static void sim_workload_wide_turn_clocks(struct sim_plan *plan, struct sim_pcg32 *chance,
                                          const struct sim_workload *workload) {
	const uint32_t percent = workload->rare_percent[SIM_RARE_ODD_TIMES];
	const bool has_splits = workload->rare_percent[SIM_RARE_SPLITS] > 0;
	for (uint32_t i = 0; i < plan->report_count; i++) {
		struct sim_report *report = &plan->reports[i];
		struct subject_order_update *update = &report->update;
		bool turns = sim_pcg32_percent(chance, percent);
		if (report->command.kind != SUBJECT_COMMAND_NONE) {
			int64_t *time_ns = &report->command.time_ns;
			*time_ns = turns ? sim_workload_wide_time(chance, *time_ns) : *time_ns;
		} else if (report->repeats != 0) {
			const struct sim_report *original = &plan->reports[report->repeats - 1];
			update->transact_time_ns = sim_workload_wide_has_terms(report)
			                                   ? original->update.transact_time_ns
			                                   : update->transact_time_ns;
		} else if (turns && (!has_splits || !sim_workload_wide_has_terms(report))) {
			update->transact_time_ns = sim_workload_wide_time(chance, update->transact_time_ns);
		}
	}
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* All quantities times `lots`; all prices times `ticks`, and something on top; all commissions
 * times `units`. */
struct sim_workload_scale {
	int64_t lots;
	int64_t ticks;
	int64_t more_ticks;
	int64_t units;
};

static sim_int128 sim_workload_wide_size(sim_int128 number) {
	return number < 0 ? -number : number;
}

static sim_int128 sim_workload_wide_scale_price(const struct sim_workload_scale *scale, int64_t ticks) {
	return (sim_int128)ticks * scale->ticks + scale->more_ticks;
}

/* What one report comes to. */
struct sim_workload_sums {
	sim_int128 lots;
	sim_int128 worth;    /* of all fills */
	sim_int128 notional; /* of the largest order */
	sim_int128 units;
};

/* False when one report alone is too much. */
static bool sim_workload_wide_add(struct sim_workload_sums *sums, const struct sim_report *report,
                                  const struct sim_workload_scale *scale) {
	struct subject_order_update update = report->update;
	sim_plan_break(&update, report->broken);
	sim_int128 last = (sim_int128)update.last_quantity_lots * scale->lots;
	sim_int128 whole = (sim_int128)update.order_quantity_lots * scale->lots;
	sim_int128 price = sim_workload_wide_size(sim_workload_wide_scale_price(scale, update.price_ticks));
	sim_int128 last_price = sim_workload_wide_size(sim_workload_wide_scale_price(scale, update.last_price_ticks));
	if (last + whole > SIM_WORKLOAD_WIDE_MOST || price > SIM_WORKLOAD_WIDE_MOST ||
	    last_price > SIM_WORKLOAD_WIDE_MOST) {
		return false;
	}
	sums->lots += last + whole;
	sums->worth += last * last_price;
	sums->notional = whole * price > sums->notional ? whole * price : sums->notional;
	sums->units += sim_workload_wide_size((sim_int128)update.commission_units * scale->units);
	return sums->worth + sums->notional <= SIM_WORKLOAD_WIDE_MOST;
}

/* Whether nothing that anybody adds up or multiplies is too much for 64 bits. */
static bool sim_workload_wide_fits(const struct sim_plan *plan, const struct sim_workload_scale *scale) {
	struct sim_workload_sums sums = {0};
	for (uint32_t i = 0; i < plan->report_count; i++) {
		if (!sim_workload_wide_add(&sums, &plan->reports[i], scale)) {
			return false;
		}
	}
	return sums.lots <= SIM_WORKLOAD_WIDE_MOST && sums.units <= SIM_WORKLOAD_WIDE_MOST;
}

/* Doubles one of the three for as long as everything fits. */
static void sim_workload_wide_grow(const struct sim_plan *plan, struct sim_workload_scale *scale, int64_t *factor,
                                   uint32_t most) {
	/* Where there is nothing to multiply, everything fits. */
	for (uint32_t i = 0; i < most && *factor <= SIM_WORKLOAD_WIDE_MOST / 2; i++) {
		*factor *= 2;
		if (!sim_workload_wide_fits(plan, scale)) {
			*factor /= 2;
			return;
		}
	}
}

static int64_t sim_workload_wide_scale_limit(int64_t limit, sim_int128 factor) {
	sim_int128 scaled = limit * factor;
	return scaled > SIM_WORKLOAD_WIDE_MOST ? (int64_t)SIM_WORKLOAD_WIDE_MOST : (int64_t)scaled;
}

static void sim_workload_wide_scale(struct sim_report *report, const struct sim_workload_scale *scale) {
	struct subject_order_update *update = &report->update;
	struct subject_limits *limits = &report->command.limits;
	limits->position_lots = sim_workload_wide_scale_limit(limits->position_lots, scale->lots);
	limits->order_notional_tick_lots = sim_workload_wide_scale_limit(
	        limits->order_notional_tick_lots, sim_workload_wide_size((sim_int128)scale->lots * scale->ticks));
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		return;
	}
	sim_plan_break(update, report->broken);
	update->order_quantity_lots *= scale->lots;
	update->last_quantity_lots *= scale->lots;
	update->cum_quantity_lots *= scale->lots;
	update->leaves_quantity_lots *= scale->lots;
	update->commission_units *= scale->units;
	update->price_ticks = (int64_t)sim_workload_wide_scale_price(scale, update->price_ticks);
	if (update->last_price_ticks != 0) {
		update->last_price_ticks = (int64_t)sim_workload_wide_scale_price(scale, update->last_price_ticks);
	}
	sim_plan_break(update, report->broken);
}

static void sim_workload_wide_grow_numbers(struct sim_plan *plan, struct sim_pcg32 *chance) {
	struct sim_workload_scale scale = {.lots = 1, .ticks = 1, .units = 1};
	scale.lots = 1 + sim_pcg32_below(chance, 15);
	scale.more_ticks = sim_pcg32_below(chance, 50);
	if (!sim_workload_wide_fits(plan, &scale)) {
		return; /* a tape may have large numbers of its own */
	}
	/* Quantities grow, or prices, or both. */
	sim_workload_wide_grow(plan, &scale, &scale.lots, sim_pcg32_below(chance, 64));
	sim_workload_wide_grow(plan, &scale, &scale.ticks, 64);
	sim_workload_wide_grow(plan, &scale, &scale.units, 64);
	if (sim_pcg32_percent(chance, 25)) { /* prices may be negative (R3) */
		scale.ticks = -scale.ticks;
		scale.more_ticks = -scale.more_ticks;
	}
	for (uint32_t i = 0; i < plan->report_count; i++) {
		sim_workload_wide_scale(&plan->reports[i], &scale);
	}
}

void sim_workload_wide_make(struct sim_plan *plan, const struct sim_workload *workload) {
	const uint32_t *percent = workload->rare_percent;
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "wide");
	if (sim_pcg32_percent(&chance, percent[SIM_RARE_LONG_IDS])) {
		const uint32_t most = SUBJECT_ID_SIZE - 1;
		uint32_t fewer =
		        sim_pcg32_percent(&chance, 50) ? sim_pcg32_below(&chance, most - SIM_WORKLOAD_WIDE_ID_MIN) : 0;
		plan->id_size = most - fewer;
		sim_workload_wide_ids(plan);
	}
	if (percent[SIM_RARE_ACCOUNTS] > 0 && sim_pcg32_percent(&chance, percent[SIM_RARE_ACCOUNTS])) {
		plan->accounts = 2;
	}
	if (percent[SIM_RARE_REUSED_ORDERS] > 0) {
		sim_workload_wide_begin_days(plan, &chance, percent[SIM_RARE_REUSED_ORDERS]);
	}
	bool may_begin = percent[SIM_RARE_BEGUN_DAYS] > 0 && !plan->has_days && plan->report_count > 0;
	if (may_begin && sim_pcg32_percent(&chance, percent[SIM_RARE_BEGUN_DAYS])) {
		sim_workload_wide_say_days(plan, &chance);
	}
	if (plan->accounts > 0 || plan->has_days) {
		sim_workload_wide_name(plan);
	}
	if (percent[SIM_RARE_CLIENTLESS] > 0) {
		sim_workload_wide_drop_clients(plan, &chance, percent[SIM_RARE_CLIENTLESS]);
	}
	if (percent[SIM_RARE_SHARED_IDS] > 0) {
		sim_workload_wide_share_ids(plan, &chance, percent[SIM_RARE_SHARED_IDS]);
	}
	if (percent[SIM_RARE_UNSAID_QUANTITIES] > 0) {
		sim_workload_wide_unsay(plan, &chance, percent[SIM_RARE_UNSAID_QUANTITIES]);
	}
	if (percent[SIM_RARE_ODD_TIMES] > 0) {
		sim_workload_wide_turn_clocks(plan, &chance, workload);
	}
	if (sim_pcg32_percent(&chance, percent[SIM_RARE_VAST_NUMBERS])) {
		sim_workload_wide_grow_numbers(plan, &chance);
	}
}
