/* sim/sweep/final.h: what a run ended in, and whether the runs of one seed in several cells ended in the same. */
#ifndef AFTERSHOCK_SIM_FINAL_H
#define AFTERSHOCK_SIM_FINAL_H

#include "judge.h"
#include "sweep.h"

/* A hash of the logical state: version, halt, limits, seen set, orders, and of each position its quantity and the sum of its cash flows
 * (realised profit minus open cost). What depends on the order of arrival is left out: how that sum is divided between profit and cost,
 * and the epoch. Never 0. */
uint64_t sim_final_hash(const struct sim_view *view);

/* What the seeds of a sweep ended in, per file of scenarios with `must_agree`. */
struct sim_final;

/* NULL when out of memory. `seed_count` is that of each scenario. */
struct sim_final *sim_final_create(const struct sim_sweep_options *options, uint64_t seed_count);
void sim_final_destroy(struct sim_final *final);
/* Compares a run of a regular seed, the `place`-th of its scenario, with the first of its seed in another cell, and counts. False, with what
 * differs in `detail`, when they did not end in the same state. Runs that ended in none are not compared. */
bool sim_final_compare(struct sim_final *final, uint32_t scenario, uint64_t place, const struct sim_run_result *run,
                       char detail[SIM_VERDICT_DETAIL_SIZE]);
/* Runs that were compared with another. */
uint64_t sim_final_compared(const struct sim_final *final);

#endif
