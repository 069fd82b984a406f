/* sim/orders/kept.c: see kept.h. Everything is a value without pointers of its own, so a copy is
 * enough. */
#include "kept.h"

#include "exchange.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One run at a time: the copies are made once per operating-system process. */
static struct sim_orders *sim_kept[SIM_BRANCH_DEPTH_MAX];

bool sim_kept_begin(struct sim_world *world, uint32_t depth) {
	struct sim_orders *orders = sim_orders_of(world);
	assert(depth < SIM_BRANCH_DEPTH_MAX);
	/* With a former engine alive, a crash of the owner leaves somebody. */
	if (orders->former.process != NULL || orders->owner != &world->processes[0]) {
		return false;
	}
	if (sim_kept[depth] == NULL) {
		sim_kept[depth] = malloc(sizeof *sim_kept[depth]);
	}
	if (sim_kept[depth] != NULL) {
		*sim_kept[depth] = *orders;
	}
	return sim_kept[depth] != NULL;
}

/* The view is taken anew before it is looked at, and there is one engine: nobody is fenced. */
static void sim_kept_copy_back(struct sim_orders *orders, uint32_t depth) {
	const struct sim_orders *kept = sim_kept[depth];
	memcpy(orders, kept, offsetof(struct sim_orders, judge));
	orders->judge = kept->judge;
	orders->proof = kept->proof;
}

void sim_kept_next(struct sim_world *world, uint32_t depth) {
	struct sim_orders *orders = sim_orders_of(world);
	sim_kept_copy_back(orders, depth);
	sim_exchange_died(orders);
	/* What the files prove was noted up to the end of the moment, and this is the middle. */
	orders->proof = (struct sim_proof){0};
}

void sim_kept_end(struct sim_world *world, uint32_t depth) {
	*sim_orders_of(world) = *sim_kept[depth];
}
