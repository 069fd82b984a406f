/* sim/orders/malformed.c: see malformed.h. */
#include "malformed.h"

#include "delivery.h"
#include "process.h"
#include "spoiling.h"
#include "trader.h"

#include <assert.h>

static void sim_malformed_judge(struct sim_orders *orders, enum sim_spoiling spoiling,
                                const struct subject_reply *reply) {
	/* One may have failed before it has looked. */
	bool is_put_off =
	        reply->outcome == SUBJECT_LATER && !reply->held && sim_orders_disturbance(orders) == SIM_DISTURBED;
	if ((reply->outcome != SUBJECT_REFUSED && !is_put_off) || reply->must_restart) {
		sim_world_violated(orders->world, "malformed_is_refused", "%s: answered with outcome %d%s, %s",
		                   sim_spoiling_name(spoiling), (int)reply->outcome,
		                   reply->must_restart ? " and must restart" : "", reply->reason);
		return;
	}
	sim_world_reach_if(orders->world, !is_put_off, SIM_PROBE_MALFORMED_REFUSED);
	sim_orders_judge_memory(orders);
	sim_orders_judge_version(orders, "a malformed report", reply->version);
}

static bool sim_malformed_is_known(const struct sim_orders *orders, uint32_t report, enum sim_spoiling_needs needs) {
	const struct sim_model *model = &orders->judge.model;
	switch (needs) {
	case SIM_SPOILING_NEEDS_ORDER:
		return model->orders[orders->plan->reports[report].order].exists;
	case SIM_SPOILING_NEEDS_REPORT:
		return sim_model_holds(model, orders->plan, report);
	case SIM_SPOILING_NEEDS_NOTHING:
		break;
	}
	return true;
}

void sim_malformed_send(struct sim_orders *orders, const struct sim_step *step) {
	enum sim_spoiling spoiling = (enum sim_spoiling)step->spoiling;
	struct sim_report spoiled = orders->plan->reports[step->report];
	struct subject_reply reply = {0};
	bool is_spoiled = sim_spoiling_spoil(spoiling, &spoiled);
	assert(is_spoiled && orders->owner->instance != NULL);
	enum sim_spoiling_needs needs = sim_spoiling_needs(spoiling);
	if (!sim_malformed_is_known(orders, step->report, needs)) {
		return;
	}
	const struct subject_step sent = sim_delivery_step(&spoiled);
	if (sim_process_step(orders->owner, &sent, &reply)) {
		sim_world_note(orders->world, SIM_EVENT_OUTCOME, (uint32_t)reply.outcome, reply.version, reply.reason);
		sim_malformed_judge(orders, spoiling, &reply);
		if (needs == SIM_SPOILING_NEEDS_REPORT && reply.outcome == SUBJECT_REFUSED) {
			sim_world_reach(orders->world, SIM_PROBE_CONFLICT_REFUSED);
			sim_trader_disagreed(orders);
		}
	}
}
