/* sim/sql/sql_world.h: the part of a running simulation that is about SQL. Private to sim/. */
#ifndef AFTERSHOCK_SIM_SQL_WORLD_H
#define AFTERSHOCK_SIM_SQL_WORLD_H

#include "sql_judge.h"

struct sim_sql_world {
	struct subject_schema schema;
	struct sim_sql_judge judge;
	struct sim_sql_view view;
	bool finishing;                       /* the last restart: everything is checked */
	bool later[SIM_SQL_TRANSACTIONS_MAX]; /* tried, and said not to be applied */
};

/* Frees what a run has left in it. A zeroed structure is fine. */
void sim_sql_world_deinit(struct sim_sql_world *sql);

#endif
