/* sim/orders/orders.c: see orders.h. */
#include "orders.h"

#include <stddef.h>
#include <string.h>

/* One run at a time: the large parts are made once per operating-system process. */
static struct sim_orders sim_orders_kept;

bool sim_orders_begin(struct sim_world *world) {
	struct sim_orders *orders = &sim_orders_kept;
	memset(orders, 0, offsetof(struct sim_orders, judge));
	orders->world = world;
	orders->plan = world->plan;
	orders->owner = &world->processes[0];
	sim_judge_begin(&orders->judge, world->plan);
	sim_fencing_begin(&orders->fencing, world->plan);
	world->own = orders;
	return true;
}

bool sim_orders_violated(struct sim_orders *orders) {
	const struct sim_violation *violation = &orders->judge.violation;
	return sim_world_violated(orders->world, violation->invariant, "%s", violation->detail);
}

void sim_orders_judge_memory(struct sim_orders *orders) {
	sim_view_take(&orders->view, orders->world->subject, orders->owner->instance);
	if (!sim_judge_memory(&orders->judge, &orders->view)) {
		sim_orders_violated(orders);
	}
}
