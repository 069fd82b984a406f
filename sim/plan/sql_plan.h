/* sim/plan/sql_plan.h: which templates are on, and which transactions run in which order with which
 * values. */
#ifndef AFTERSHOCK_SIM_SQL_PLAN_H
#define AFTERSHOCK_SIM_SQL_PLAN_H

#include "pcg.h"
#include "plan.h"
#include "small.h"

/* Draws templates, transactions and their values, and the steps that run them. `small` of length 0:
 * all is drawn. */
void sim_sql_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, const struct sim_small *small);
/* For whoever changes a plan: another transaction of the templates that are on. */
void sim_sql_plan_draw_transaction(const struct sim_plan *plan, struct sim_pcg32 *chance,
                                   struct sim_sql_transaction *transaction);

/* The tunings of the scenario that a seed has, and how often: in percent of the transactions. */
struct sim_sql_tunings {
	struct sim_pcg32 chance;
	uint32_t percent;
	uint32_t count;
	uint32_t numbers[SIM_SQL_TUNINGS_MAX];
};
void sim_sql_plan_draw_tunings(const struct sim_plan *plan, const struct sim_workload *workload,
                               struct sim_sql_tunings *tunings);
/* Whether one comes before the next transaction, and which. */
bool sim_sql_plan_draw_tuning(struct sim_sql_tunings *tunings, uint32_t *number);

#endif
