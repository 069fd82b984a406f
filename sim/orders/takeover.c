/* sim/orders/takeover.c: see takeover.h. */
#include "takeover.h"

#include "delivery.h"
#include "exchange.h"
#include "judge_former.h"

#include <assert.h>

/* ---- what the former one may not do ---------------------------------------------------------- */

/* A write that lied may have lost the claim of the owner: then the former one cannot know that it
 * was replaced. Nor can it when it has a file open that has lost its name. */
static bool sim_takeover_may_serve(const struct sim_world *world) {
	return world->owed.lied || world->owed.changed_outside;
}

/* So may an error that no journal can undo. */
static bool sim_takeover_may_be_lost(const struct sim_world *world) {
	return world->owed.rollback_lost || sim_takeover_may_serve(world);
}

/* The files of an owner that is running are nobody else's, but for a hot journal, which is there
 * for whoever comes first. False when nothing can be demanded. */
static bool sim_takeover_look(const struct sim_orders *orders, struct sim_machine_files *files) {
	const struct sim_world *world = orders->world;
	*files = (struct sim_machine_files){0};
	if (!orders->former.replaced || orders->owner->instance == NULL || sim_takeover_may_be_lost(world)) {
		return false;
	}
	sim_machine_hash_files(world, true, files);
	return !files->hot_journal;
}

static void sim_takeover_judge_files(const struct sim_orders *orders, const struct sim_machine_files *before,
                                     const char *when) {
	struct sim_machine_files after = {0};
	if (!orders->world->ended && sim_takeover_look(orders, &after) && after.hash != before->hash) {
		sim_world_violated(orders->world, "one_owner", "the former engine changed files when it was %s", when);
	}
}

static void sim_takeover_reach(struct sim_world *world, enum subject_outcome outcome) {
	bool declined = outcome == SUBJECT_UNCHANGED || outcome == SUBJECT_LATER;
	sim_world_reach_if(world, outcome == SUBJECT_STOPPED, SIM_PROBE_FORMER_FENCED);
	sim_world_reach_if(world, declined, SIM_PROBE_FORMER_DECLINED);
}

/* The former one has answered. */
static void sim_takeover_judge_answer(struct sim_orders *orders, uint32_t report, const struct subject_reply *reply) {
	struct sim_world *world = orders->world;
	const struct sim_judge_former former = {
	        .length = orders->former.applied.base,
	        .undone_count = orders->former.applied.era,
	        .disturbance = sim_process_disturbance(orders->former.process),
	        .may_doubt = world->owed.rollback_lost,
	};
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, reply->version, reply->reason);
	sim_view_take(&orders->view, sim_process_enter(orders->former.process), orders->former.process->instance);
	if (sim_takeover_may_be_lost(world)) {
		sim_judge_former_applied(&orders->judge, &orders->former.applied, &orders->view);
	}
	if (sim_takeover_may_serve(world)) {
		return;
	}
	if (sim_judge_former_answered(&orders->judge, &former, report, reply) &&
	    sim_judge_former_memory(&orders->judge, &former, &orders->view)) {
		sim_takeover_reach(world, reply->outcome);
	} else {
		sim_orders_violated(orders);
	}
}

/* ---- steps ----------------------------------------------------------------------------------- */

void sim_takeover_started(struct sim_orders *orders) {
	orders->former.replaced = orders->former.process != NULL;
	orders->claim_in_doubt = false;
}

void sim_takeover_died(struct sim_orders *orders, const struct sim_process *process) {
	if (process == orders->former.process) {
		orders->former = (struct sim_orders_former){0};
	}
}

void sim_takeover_retire(struct sim_orders *orders) {
	struct sim_process *former = orders->former.process;
	struct sim_machine_files files = {0};
	if (former == NULL) {
		return;
	}
	bool compared = sim_takeover_look(orders, &files);
	bool replaced = orders->former.replaced;
	sim_process_stop_as(former, "the former engine");
	if (orders->former.process == NULL) {
		return; /* it died */
	}
	sim_world_reach_if(orders->world, replaced, SIM_PROBE_FORMER_RETIRED);
	if (compared) {
		sim_takeover_judge_files(orders, &files, "stopped");
	}
	orders->former = (struct sim_orders_former){0};
}

/* Of the two processes, the one that is not this. */
static struct sim_process *sim_takeover_other(struct sim_orders *orders, const struct sim_process *process) {
	assert(process->number < 2);
	return &orders->world->processes[process->number == 0 ? 1 : 0];
}

void sim_takeover_take_over(struct sim_orders *orders) {
	sim_takeover_retire(orders);
	if (orders->world->ended || !sim_process_start(orders->owner, 2)) {
		return;
	}
	assert(orders->former.process == NULL);
	orders->former = (struct sim_orders_former){
	        .process = orders->owner,
	        .applied = {.base = orders->judge.chain_length, .era = orders->judge.undone_count}};
	orders->owner = sim_takeover_other(orders, orders->owner);
	bool started = sim_process_start(orders->owner, 2);
	sim_world_reach_if(orders->world, started && orders->former.process != NULL, SIM_PROBE_TAKEOVER);
}

/* No start of the second engine succeeded: the first one is the owner still, and may serve. */
static void sim_takeover_give_back(struct sim_orders *orders, uint32_t report) {
	assert(orders->former.process != NULL && !orders->former.replaced);
	orders->owner = orders->former.process;
	orders->former = (struct sim_orders_former){0};
	orders->claim_in_doubt = true;
	sim_world_reach(orders->world, SIM_PROBE_FORMER_IS_OWNER);
	if (sim_delivery_may_send(orders, report)) {
		sim_exchange_send(orders, report);
	}
}

void sim_takeover_wake(struct sim_orders *orders, uint32_t report) {
	assert(report < orders->plan->report_count);
	const struct subject_step step = sim_delivery_step(&orders->plan->reports[report]);
	struct subject_reply reply = {0};
	struct sim_machine_files files = {0};
	if (orders->former.process == NULL) {
		return;
	}
	if (!orders->former.replaced) {
		sim_takeover_give_back(orders, report);
		return;
	}
	bool compared = sim_takeover_look(orders, &files);
	struct sim_judge_attempt applied = orders->former.applied;
	bool lives = sim_process_step(orders->former.process, &step, &reply);
	bool is_open = !lives || reply.outcome == SUBJECT_IN_DOUBT;
	if (is_open && sim_takeover_may_be_lost(orders->world)) {
		sim_judge_former_tried(&orders->judge, &applied, report);
	}
	if (!lives) {
		return;
	}
	sim_takeover_judge_answer(orders, report, &reply);
	if (compared) {
		sim_takeover_judge_files(orders, &files, "given an update");
	}
}
