/* sim/plan/workload_day.h: a day at the exchange while it is made up: its orders, and the reports
 * on them. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_DAY_H
#define AFTERSHOCK_SIM_WORKLOAD_DAY_H

#include "pcg.h"
#include "plan.h"

#define SIM_WORKLOAD_OPEN_MAX 16u
#define SIM_WORKLOAD_CLOSED_MAX 8u
#define SIM_WORKLOAD_FILLS_MAX 8u

/* A fill that a bust or a correction may be about. */
struct sim_workload_fill {
	uint32_t report;
	uint32_t latest; /* the report that stands in its place */
	int64_t lots;
	bool busted;
};

struct sim_workload_order {
	uint32_t number;
	uint32_t symbol;
	enum subject_side side;
	int64_t quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
	bool closed;  /* with fills still to come, perhaps */
	bool resting; /* done for the day: has to be restated first */
	bool changed; /* a fill was busted or corrected: cumulative quantities may come again */
	char client[SUBJECT_ID_SIZE];
	uint32_t fill_count;
	struct sim_workload_fill fills[SIM_WORKLOAD_FILLS_MAX];
};

struct sim_workload_day {
	struct sim_plan *plan;
	const struct sim_workload *workload;
	struct sim_pcg32 chance;
	struct sim_pcg32 rare_chance; /* so that a day without rare things is what it was */
	uint32_t report_limit;
	uint32_t open_limit;
	uint32_t open_count;
	struct sim_workload_order open[SIM_WORKLOAD_OPEN_MAX];
	uint32_t closed_count;
	struct sim_workload_order closed[SIM_WORKLOAD_CLOSED_MAX]; /* the last ones */
	uint32_t tape_next;
	int64_t price_ticks[SIM_PLAN_SYMBOLS_MAX];
};

/* Adds a report about the order as it is now. NULL when the day is over. */
struct sim_report *sim_workload_day_report(struct sim_workload_day *day, struct sim_workload_order *order,
                                           enum subject_exec_type type, int64_t last_lots, int64_t last_ticks);
/* The side of a new order: as drawn, unless orders are split. A position follows a split only on
 * the side of the order, so all orders of a symbol are on one then. */
enum subject_side sim_workload_day_side(const struct sim_workload_day *day, uint32_t symbol, enum subject_side drawn);
/* Takes an order off the open ones. */
void sim_workload_day_close_order(struct sim_workload_day *day, uint32_t index);

/* Whether this happens now. Draws nothing where the scenario does not ask for it. */
bool sim_workload_day_draw_rare(struct sim_workload_day *day, enum sim_rare rare);
uint32_t sim_workload_day_rare_below(struct sim_workload_day *day, uint32_t bound);
bool sim_workload_day_rare_percent(struct sim_workload_day *day, uint32_t percent);
/* PREFIX and a decimal number; the texts are short enough for every id. */
void sim_workload_day_name(char *text, size_t size, char prefix, uint32_t number);

#endif
