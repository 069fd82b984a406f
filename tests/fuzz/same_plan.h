/* tests/fuzz/same_plan.h: what is printed of a plan is read back as the same plan. */
#ifndef TESTS_FUZZ_SAME_PLAN_H
#define TESTS_FUZZ_SAME_PLAN_H

#include "plan.h"

/* Aborts unless it is. */
void fuzz_demand_same_plan(const struct sim_plan *plan);

#endif
