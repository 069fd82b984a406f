/* sim/sweep/agreement.h: a listener that compares what the runs of one seed end in, over the cells
 * of a scenario with `must_agree`. */
#ifndef AFTERSHOCK_SIM_AGREEMENT_H
#define AFTERSHOCK_SIM_AGREEMENT_H

#include "listener.h"

struct sim_agreement;

/* NULL when out of memory. Both must outlive it: `options` say what is run, and to `result` its
 * failures are added. Give the agreement to sim_agreement_destroy. */
struct sim_agreement *sim_agreement_create(const struct sim_sweep_options *options, struct sim_sweep_result *result);
/* NULL is allowed. */
void sim_agreement_destroy(struct sim_agreement *agreement);
/* Compares each run of a regular seed with the first of its seed in another cell, and counts it in
 * `result->compared`. A run that ends in another state fails the sweep (SIM_SWEEP_CELLS_DIFFER). A
 * run that ends in no state is not compared. */
struct sim_sweep_listener sim_agreement_listener(struct sim_agreement *agreement);

#endif
