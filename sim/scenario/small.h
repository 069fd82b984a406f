/* sim/scenario/small.h: small workloads, one after the other. A scenario with `enumerate: N`
 * has as many workloads as there are sequences of one to N of its templates, times the values of
 * its pragmas. Seed 1 is the first of them, and so on; behind the last they begin anew, with other
 * chance. So `explore --all-small` knows when it has all (bounded exhaustive, as in ACE: Mohan et
 * al., OSDI 2018). Chance is the same in all workloads of one turn: what two of them begin with is
 * the same to the last byte, and need be explored in one of them only.
 *
 * The templates of SQL are the scenario's transactions. Those of orders are below; their steps are
 * in sim/plan/workload_small.c. */
#ifndef AFTERSHOCK_SIM_SMALL_H
#define AFTERSHOCK_SIM_SMALL_H

#include "scenario.h"
#include "sql.h"

#define SIM_SMALL_LENGTH_MAX 4u
#define SIM_SMALL_WORKLOADS_MAX 1000000u
#define SIM_SMALL_TEXT_SIZE 160

/* Templates of orders. */
enum sim_small_orders {
	SIM_SMALL_DELIVER = 0, /* the next report */
	SIM_SMALL_TWICE,       /* the next report, and the same once more */
	SIM_SMALL_BATCH,       /* the next two, to be committed together */
	SIM_SMALL_CHECKPOINT,  /* the next report, and a checkpoint */
	SIM_SMALL_RESTART,     /* the next report, and a clean stop and start */
	SIM_SMALL_ORDERS_COUNT
};

/* One of them. */
struct sim_small {
	uint32_t length; /* of the sequence, from 1 */
	uint32_t templates[SIM_SMALL_LENGTH_MAX];
	uint32_t pragmas; /* which combination of their values */
};

uint32_t sim_small_template_count(const struct sim_scenario *scenario);
/* How many workloads there are; 0: the scenario enumerates none. More than SIM_SMALL_WORKLOADS_MAX
 * are too many, however many they are. */
uint64_t sim_small_count(const struct sim_scenario *scenario);
/* The one of that seed. The scenario must have some. */
struct sim_small sim_small_of_seed(const struct sim_scenario *scenario, uint64_t seed);
/* The seed of its chance: which turn it is, from 1. */
uint64_t sim_small_chance(const struct sim_scenario *scenario, uint64_t seed);
/* "insert, vacuum; auto_vacuum = full": the pragmas that have several values. */
void sim_small_print(const struct sim_scenario *scenario, const struct sim_small *small,
                     char text[SIM_SMALL_TEXT_SIZE]);

/* The number, in sql->pragmas, of the value that pragma `number` has in this combination. */
uint32_t sim_small_pragma(const struct sim_sql *sql, uint32_t combination, uint32_t number);

#endif
