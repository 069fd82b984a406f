/* sim/orders/engines.h: the work on order updates with several engines at once, and readers of the
 * database file beside them. */
#ifndef AFTERSHOCK_SIM_ENGINES_H
#define AFTERSHOCK_SIM_ENGINES_H

#include "orders.h"

extern const struct sim_work sim_engines_work;

#endif
