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

/* A copy without what cannot differ or does not mean anything: of what was undone there is mostly
 * nothing, and nobody is fenced where there is one engine. */
static void sim_kept_copy(struct sim_orders *to, const struct sim_orders *from) {
	memcpy(to, from, offsetof(struct sim_orders, judge));
	memcpy(&to->judge, &from->judge, offsetof(struct sim_judge, undone));
	memcpy(to->judge.undone, from->judge.undone, from->judge.undone_count * sizeof to->judge.undone[0]);
	to->proof = from->proof;
}

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
		sim_kept_copy(sim_kept[depth], orders);
		sim_kept[depth]->view = orders->view;
	}
	return sim_kept[depth] != NULL;
}

void sim_kept_next(struct sim_world *world, uint32_t depth) {
	struct sim_orders *orders = sim_orders_of(world);
	/* The view is taken anew before it is looked at. */
	sim_kept_copy(orders, sim_kept[depth]);
	sim_exchange_died(orders);
	/* What the files prove was noted up to the end of the moment, and this is the middle. */
	orders->proof = (struct sim_proof){0};
}

/* What is not acknowledged, and one report more. */
void sim_kept_go_on(struct sim_process *process) {
	struct sim_orders *orders = sim_orders_of(process->world);
	uint32_t next = 0;
	while (next < orders->plan->report_count && orders->sent[next]) {
		next++;
	}
	if (next < orders->plan->report_count && orders->plan->trader.kind == SIM_TRADER_NONE) {
		orders->sent[next] = true;
	}
	sim_exchange_send_backlog(orders, 2);
}

void sim_kept_end(struct sim_world *world, uint32_t depth) {
	sim_kept_copy(sim_orders_of(world), sim_kept[depth]);
	sim_orders_of(world)->view = sim_kept[depth]->view;
}
