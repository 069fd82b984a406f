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
	return sim_world_violated(orders->world, violation->invariant, "%s%s", violation->detail,
	                          orders->owner->own_lock_hid ? ", its own lock hid a hot journal" : "");
}

void sim_orders_judge_memory(struct sim_orders *orders) {
	sim_view_take(&orders->view, sim_process_enter(orders->owner), orders->owner->instance);
	if (!sim_judge_memory(&orders->judge, &orders->view)) {
		sim_orders_violated(orders);
		return;
	}
	if (orders->wal_went_on) {
		sim_world_violated(orders->world, "checkpoint_is_made",
		                   "a checkpoint was said to be made, and the WAL goes on behind what it held");
		return;
	}
	sim_orders_note_history(orders);
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
	orders->is_checkpointed = orders->wal_went_on = false;
	sim_proof_begin_life(&orders->proof, world);
	if (is_alone && shows_tables && contract >= SIM_CONTRACT_PREFIX) {
		orders->proved[process->number] = sim_proof_look(&orders->proof, world);
	}
}

void sim_orders_checkpointed(struct sim_orders *orders) {
	const struct sim_world *world = orders->world;
	bool has_wal = sim_machine_journal_mode(world) == SIM_JOURNAL_WAL;
	bool is_held_to_it = (world->subject->takes & SUBJECT_TAKES_CHECKPOINTS) != 0;
	orders->is_checkpointed = is_held_to_it && has_wal && !world->several && sim_process_count_alive(world) == 1;
}

/* SQLite begins a WAL anew as soon as all of it is in the database and nobody reads from it. */
static void sim_orders_look_at_wal(struct sim_orders *orders, const struct sim_process *process,
                                   const struct vfs_call *call) {
	bool writes = call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_WAL;
	bool is_alone = process == orders->owner && sim_process_count_alive(process->world) == 1;
	bool is_disturbed = sim_process_disturbance(process) != SIM_UNDISTURBED;
	if (writes && orders->is_checkpointed) {
		orders->wal_went_on |= call->offset != 0 && is_alone && !is_disturbed;
		orders->is_checkpointed = false;
	}
}

void sim_orders_called(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value) {
	(void)value;
	struct sim_orders *orders = sim_orders_of(process->world);
	sim_orders_look_at_wal(orders, process, call);
	/* Of several engines nobody knows the order in which they answered. */
	sim_proof_called(&orders->proof, process, call, result,
	                 process->world->several ? 0 : orders->judge.chain_length);
}

uint64_t sim_orders_proved(const struct sim_process *process) {
	const struct sim_orders *orders = sim_orders_of(process->world);
	uint64_t proved = sim_proof_lowest(&orders->proved[process->number], process->doubted);
	uint64_t vouched = orders->vouched[process->number].version;
	return vouched > proved ? vouched : proved;
}

/* ---- what the caller knows ------------------------------------------------------------------- */

/* What is durable by the settings, and by what has become of them. The caller does not know what
 * somebody has done to the files, nor that the disk lies. */
static enum sim_contract sim_orders_contract_known(const struct sim_world *world) {
	struct sim_owed known = world->owed;
	known.older = known.damaged_log = known.lied = known.lied_sync = known.awaits_power = false;
	return sim_owed_after(&known, &world->plan->settings, SIM_CRASH_POWER_LOSS);
}

/* Of several engines nobody knows which commit was the last: all counts, or nothing. */
struct sim_orders_vouched sim_orders_known(const struct sim_world *world) {
	const struct sim_orders *orders = sim_orders_of(world);
	enum sim_contract contract = sim_orders_contract_known(world);
	bool is_durable = contract == SIM_CONTRACT_DURABLE;
	struct sim_orders_vouched known = {0};
	if (!world->plan->settings.vouches) {
		return known;
	}
	if (world->several) {
		known.version = is_durable ? orders->fencing.floor : 0;
		known.epoch = is_durable ? sim_fencing_newest_epoch(&orders->fencing) : 0;
	} else {
		known.version = sim_judge_lowest(&orders->judge, contract);
		known.epoch = is_durable ? orders->judge.epoch : 0;
	}
	if (known.version <= SIM_PLAN_REPORTS_MAX) {
		memcpy(known.history, orders->histories[known.version], sizeof known.history);
	}
	return known;
}

void sim_orders_vouch(struct sim_process *process, struct subject_config *config) {
	struct sim_orders_vouched *vouched = &sim_orders_of(process->world)->vouched[process->number];
	*vouched = sim_orders_known(process->world);
	if ((process->world->subject->takes & SUBJECT_TAKES_HISTORY) == 0) {
		vouched->epoch = 0;
	}
	config->least_version = vouched->version;
	config->least_epoch = vouched->epoch;
	memcpy(config->least_history, vouched->history, sizeof config->least_history);
}

bool sim_orders_take_vouched(struct sim_process *process) {
	struct sim_orders *orders = sim_orders_of(process->world);
	uint64_t epoch = orders->vouched[process->number].epoch;
	if (epoch > 0 && orders->view.epoch <= epoch) {
		return sim_world_violated(process->world, "corruption_detected",
		                          "loaded: epoch is %" PRIu64 ", and the caller knows of epoch %" PRIu64,
		                          orders->view.epoch, epoch);
	}
	/* What comes after this version is another history now. */
	for (uint64_t version = orders->view.version + 1; version <= SIM_PLAN_REPORTS_MAX; version++) {
		memset(orders->histories[version], 0, sizeof orders->histories[version]);
	}
	sim_orders_note_history(orders);
	return true;
}

void sim_orders_note_history(struct sim_orders *orders) {
	const struct sim_view *view = &orders->view;
	if (view->has_history && view->version <= SIM_PLAN_REPORTS_MAX) {
		memcpy(orders->histories[view->version], view->history, sizeof view->history);
	}
}
