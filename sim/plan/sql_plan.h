/* sim/plan/sql_plan.h: which templates are on, and which transactions run in which order with which values. */
#ifndef AFTERSHOCK_SIM_SQL_PLAN_H
#define AFTERSHOCK_SIM_SQL_PLAN_H

#include "sql.h"

#define SIM_SQL_TRANSACTIONS_MAX 256u

struct sim_plan;

/* The part of a plan that is about SQL. */
struct sim_sql_plan {
	enum sim_sql_after_doubt after_doubt;
	uint64_t checked_starts; /* bit 1 << n % 64: the n-th start runs integrity_check */
	uint32_t templates_on;   /* bit 1 << number */
	uint32_t transaction_count;
	struct sim_sql_transaction transactions[SIM_SQL_TRANSACTIONS_MAX];
};

/* Draws templates, transactions and their values, and the steps that run them. */
void sim_sql_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);

#endif
