/* sim/plan/sql_plan.h: which templates are on, and which transactions run in which order with which
 * values. */
#ifndef AFTERSHOCK_SIM_SQL_PLAN_H
#define AFTERSHOCK_SIM_SQL_PLAN_H

#include "plan.h"

/* Draws templates, transactions and their values, and the steps that run them. */
void sim_sql_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);

#endif
