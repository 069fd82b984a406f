/* sim/orders/orders.c: see orders.h. */
#include "orders.h"

#include "process.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

const struct subject_gap *sim_orders_said(const struct sim_world *world, const struct subject_gap *gaps) {
	return (world->subject->takes & SUBJECT_TAKES_GAPS) != 0 ? gaps : NULL;
}

/* One run at a time: the large parts are made once per operating-system process. */
static struct sim_orders sim_orders_kept;

bool sim_orders_begin(struct sim_world *world) {
	struct sim_orders *orders = &sim_orders_kept;
	memset(orders, 0, offsetof(struct sim_orders, judge));
	orders->world = world;
	orders->plan = world->plan;
	orders->owner = &world->processes[0];
	sim_judge_begin(&orders->judge, world->plan);
	orders->judge.gaps = sim_orders_said(world, orders->gaps);
	sim_fencing_begin(&orders->fencing, world->plan);
	sim_view_begin(&orders->view, world->plan);
	memset(&orders->proof, 0, offsetof(struct sim_proof, writes));
	world->own = orders;
	return true;
}

enum sim_disturbance sim_orders_disturbance(const struct sim_orders *orders) {
	return orders->claim_in_doubt ? SIM_DISTURBED : sim_process_disturbance(orders->owner);
}

bool sim_orders_violated(struct sim_orders *orders) {
	const struct sim_violation *violation = &orders->judge.violation;
	return sim_world_violated(orders->world, violation->invariant, "%s", violation->detail);
}

void sim_orders_judge_memory(struct sim_orders *orders) {
	sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
	if (!sim_judge_memory(&orders->judge, &orders->view)) {
		sim_orders_violated(orders);
	}
}

void sim_orders_judge_version(struct sim_orders *orders, const char *step, uint64_t version) {
	uint64_t committed = orders->judge.model.version;
	if (!orders->world->ended && !orders->plan->trader.exchange_only && version != committed) {
		sim_world_violated(orders->world, "version_monotonic",
		                   "the reply to %s shows version %" PRIu64 ", committed is %" PRIu64, step, version,
		                   committed);
	}
}

void sim_orders_look_at_files(struct sim_process *process) {
	struct sim_world *world = process->world;
	struct sim_orders *orders = sim_orders_of(world);
	enum sim_contract contract = sim_owed_now(&world->owed, &world->plan->settings);
	/* Beside others a start goes by their index of the WAL, and not by what the files say. */
	bool is_alone = sim_process_count_alive(world) == 0;
	bool shows_tables = (world->subject->takes & SUBJECT_TAKES_READERS) != 0;
	orders->proved[process->number] = (struct sim_proved){0};
	sim_proof_begin_life(&orders->proof, world);
	if (is_alone && shows_tables && contract >= SIM_CONTRACT_PREFIX) {
		orders->proved[process->number] = sim_proof_look(&orders->proof, world);
	}
}

void sim_orders_called(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	(void)value;
	struct sim_orders *orders = sim_orders_of(process->world);
	/* Of several engines nobody knows the order in which they answered. */
	sim_proof_called(&orders->proof, process, call, result,
	                 process->world->several ? 0 : orders->judge.chain_length);
}

uint64_t sim_orders_proved(const struct sim_process *process) {
	return sim_proof_lowest(&sim_orders_of(process->world)->proved[process->number], process->doubted);
}
