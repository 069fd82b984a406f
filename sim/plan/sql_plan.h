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

#endif
