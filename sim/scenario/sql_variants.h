/* sim/scenario/sql_variants.h: what a seed may draw of the SQL of a scenario beside transactions:
 * the value of a pragma, and whether there are attached files. */
#ifndef AFTERSHOCK_SIM_SQL_VARIANTS_H
#define AFTERSHOCK_SIM_SQL_VARIANTS_H

#include "must_check.h"
#include "sql.h"

/* What of the scenario reaches the attached files. */
struct sim_sql_reach {
	struct sim_sql_set templates;
	uint32_t queries; /* bit 1 << number */
	bool *setup;      /* by number of the statement */
};

/* "name = a | b" as "PRAGMA name=a" and "PRAGMA name=b", one pragma with two values; any other text
 * as one with one value. False when out of memory, or when there are more than
 * SIM_SQL_PRAGMA_VALUES_MAX of them. */
bool sim_sql_add_pragma(struct sim_sql *sql, const char *text) SIM_MUST_CHECK;
/* The same SQL without attached files and what reaches them, in `alone`; texts are shared. False
 * when out of memory. */
bool sim_sql_make_alone(struct sim_sql *sql, const struct sim_sql_reach *reach) SIM_MUST_CHECK;
/* Whether some transaction commits something. */
bool sim_sql_changes(const struct sim_sql *sql);

#endif
