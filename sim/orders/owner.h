/* sim/orders/owner.h: two engines on one database: the one that owns it, and the former one that was taken over from. Private to sim/. */
#ifndef AFTERSHOCK_SIM_OWNER_H
#define AFTERSHOCK_SIM_OWNER_H

#include "world.h"

/* Step `takeover`: a second process starts on the database while the first is alive and idle. The first becomes the former one; one
 * that is there already is stopped before. */
void sim_owner_take_over(struct sim_world *world);
/* Step `wake`: the former one is given a report. Nothing when there is none. While no start of another has succeeded it is the
 * owner still, and goes on as the process. */
void sim_owner_wake(struct sim_world *world, uint32_t report);
/* Step `retire`: the former one is stopped in the ordinary way. Nothing when there is none. */
void sim_owner_retire(struct sim_world *world);
/* A start has succeeded: from now on the former one owns nothing. */
void sim_owner_started(struct sim_world *world);
/* The machine stops: the former one dies. */
void sim_owner_end(struct sim_world *world);

#endif
