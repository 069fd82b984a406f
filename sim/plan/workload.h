/* sim/plan/workload.h: a day at the exchange while it is made up. workload.c has what is common and the deliveries,
 * workload_rare.c what is rare. */
#ifndef AFTERSHOCK_SIM_WORKLOAD_H
#define AFTERSHOCK_SIM_WORKLOAD_H

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
struct sim_report *sim_workload_report(struct sim_workload_day *day, struct sim_workload_order *order,
                                       enum subject_exec_type type, int64_t last_lots, int64_t last_ticks);
/* Takes an order off the open ones. */
void sim_workload_close_order(struct sim_workload_day *day, uint32_t index);

/* Whether this happens now. Draws nothing where the scenario does not ask for it. */
bool sim_workload_rare_draw(struct sim_workload_day *day, enum sim_rare rare);
/* Something rare happens, or nothing, in which case it returns false. */
bool sim_workload_rare_event(struct sim_workload_day *day);
/* An order begins in a way that is not the usual one. False: it begins as usual. */
bool sim_workload_rare_opening(struct sim_workload_day *day, struct sim_workload_order *order);
/* What is said of any report: a status that lies, no exec id. */
void sim_workload_rare_wording(struct sim_workload_day *day, struct sim_workload_order *order,
                               struct sim_report *report);

#endif
