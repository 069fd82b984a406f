/* sim/orders/rivals_judge.c: what several engines on one database may show and answer. See rivals.h. */
#include "rivals.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const struct sim_plan *sim_rivals_plan(const struct sim_processes_world *all) {
	return all->world->plan;
}

static bool sim_rivals_violated(struct sim_processes_world *all, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static bool sim_rivals_violated(struct sim_processes_world *all, const char *invariant, const char *format, ...) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	sim_processes_violated(all, invariant, "%s", detail);
	return false;
}

/* ---- fencing (S22) --------------------------------------------------------------------------------------------------------- */

static bool sim_rivals_check_pair(struct sim_processes_world *all, const struct sim_rivals_start *start,
                                  uint64_t version) {
	uint64_t epoch = all->rivals->epochs[version - 1];
	if (epoch == 0 || epoch == start->epoch) {
		return true;
	}
	if (epoch < start->epoch && version > start->length) {
		return sim_rivals_violated(all, "one_owner",
		                           "E%u was acknowledged as version %" PRIu64 " under epoch %" PRIu64
		                           ", and epoch %" PRIu64 " began with version %" PRIu64,
		                           all->rivals->chain[version - 1], version, epoch, start->epoch,
		                           start->length);
	}
	if (epoch > start->epoch && version <= start->length) {
		return sim_rivals_violated(all, "one_owner",
		                           "epoch %" PRIu64 " began with version %" PRIu64 ", of which version %" PRIu64
		                           " was made under the later epoch %" PRIu64,
		                           start->epoch, start->length, version, epoch);
	}
	return true;
}

static bool sim_rivals_check_acknowledged(struct sim_processes_world *all, uint64_t version) {
	const struct sim_rivals *rivals = all->rivals;
	for (uint32_t i = 0; i < rivals->start_count; i++) {
		if (!sim_rivals_check_pair(all, &rivals->starts[i], version)) {
			return false;
		}
	}
	return true;
}

static bool sim_rivals_check_start(struct sim_processes_world *all, const struct sim_rivals_start *start) {
	const struct sim_rivals *rivals = all->rivals;
	for (uint32_t i = 0; i < rivals->start_count; i++) {
		if (rivals->starts[i].epoch == start->epoch) {
			return sim_rivals_violated(all, "one_owner", "two starts have claimed epoch %" PRIu64,
			                           start->epoch);
		}
	}
	for (uint64_t version = 1; version <= rivals->length; version++) {
		if (!sim_rivals_check_pair(all, start, version)) {
			return false;
		}
	}
	return true;
}

/* ---- loads ----------------------------------------------------------------------------------------------------------------- */

/* The report behind an entry of the ledger that nobody has shown before. */
static uint32_t sim_rivals_find(const struct sim_processes_world *all, const struct sim_view *view, uint64_t version) {
	const struct sim_plan *plan = sim_rivals_plan(all);
	uint32_t report = 0;
	while (report < plan->report_count && !sim_view_has(view, plan, version, report)) {
		report++;
	}
	return report;
}

/* What is beyond the chain must be reports whose outcome was open. */
static bool sim_rivals_extend(struct sim_processes_world *all, const struct sim_view *view) {
	struct sim_rivals *rivals = all->rivals;
	while (rivals->length < view->version) {
		uint64_t version = rivals->length + 1;
		uint32_t report = sim_rivals_find(all, view, version);
		if (report == sim_rivals_plan(all)->report_count) {
			return sim_rivals_violated(all, "loaded_equals_committed",
			                           "loaded: version %" PRIu64 " is no report of the exchange", version);
		}
		if (rivals->open[report] == 0) {
			return sim_rivals_violated(all, "refused_is_absent",
			                           "loaded: version %" PRIu64 " is E%u, which nobody has in hand",
			                           version, report);
		}
		rivals->chain[rivals->length] = report;
		rivals->epochs[rivals->length++] = 0;
	}
	return true;
}

/* The view is a beginning of the chain; its model is left in the rival. */
static bool sim_rivals_fold(struct sim_processes_world *all, struct sim_rival *rival, const struct sim_view *view) {
	const struct sim_rivals *rivals = all->rivals;
	const struct sim_plan *plan = sim_rivals_plan(all);
	char why[SIM_VIEW_WHY_SIZE] = "";
	memset(&rival->model, 0, sizeof rival->model);
	for (uint64_t i = 0; i < view->version; i++) {
		if (!sim_view_has(view, plan, i + 1, rivals->chain[i])) {
			return sim_rivals_violated(all, "loaded_equals_committed",
			                           "loaded: version %" PRIu64 " was E%u, and is another now", i + 1,
			                           rivals->chain[i]);
		}
		if (sim_model_predict(&rival->model, plan, rivals->chain[i]) != SIM_MODEL_APPLIES) {
			return sim_rivals_violated(all, "exactly_once",
			                           "loaded: version %" PRIu64 " is E%u, which does not apply", i + 1,
			                           rivals->chain[i]);
		}
		sim_model_apply(&rival->model, plan, rivals->chain[i]);
	}
	return sim_view_equals(view, &rival->model, plan, why) ||
	       sim_rivals_violated(all, "loaded_equals_committed", "loaded: %s", why);
}

bool sim_rivals_loaded(struct sim_processes_world *all, struct sim_rival *rival, const struct sim_view *view,
                       uint64_t floor) {
	struct sim_rivals *rivals = all->rivals;
	const struct sim_rivals_start start = {view->epoch, view->version};
	if (view->version > SIM_PLAN_REPORTS_MAX || view->overflow) {
		return sim_rivals_violated(all, "loaded_equals_committed", "loaded: more than the exchange ever sent");
	}
	if (view->version < floor) {
		return sim_rivals_violated(all, "acknowledged_is_durable",
		                           "loaded version %" PRIu64 ", and %" PRIu64 " was served before it began",
		                           view->version, floor);
	}
	if (!sim_rivals_extend(all, view) || !sim_rivals_fold(all, rival, view) ||
	    !sim_rivals_check_start(all, &start)) {
		return false;
	}
	rival->epoch = start.epoch;
	rivals->floor = start.length > rivals->floor ? start.length : rivals->floor;
	if (rivals->start_count < SIM_RIVALS_STARTS_MAX) {
		rivals->starts[rivals->start_count++] = start;
	}
	return true;
}

/* ---- answers --------------------------------------------------------------------------------------------------------------- */

void sim_rivals_sent(struct sim_rivals *rivals, uint32_t report) {
	rivals->open[report]++;
}

static bool sim_rivals_acknowledged(struct sim_processes_world *all, struct sim_rival *rival, uint32_t report,
                                    const struct subject_reply *reply) {
	struct sim_rivals *rivals = all->rivals;
	const struct sim_plan *plan = sim_rivals_plan(all);
	uint64_t version = rival->model.version + 1;
	if (sim_model_predict(&rival->model, plan, report) != SIM_MODEL_APPLIES) {
		return sim_rivals_violated(all, "exactly_once", "E%u was acknowledged, and does not apply", report);
	}
	if (reply->version != version) {
		return sim_rivals_violated(all, "version_monotonic",
		                           "E%u was acknowledged as version %" PRIu64 ", after version %" PRIu64,
		                           report, reply->version, version - 1);
	}
	if (version <= rivals->length && rivals->chain[version - 1] != report) {
		return sim_rivals_violated(all, "one_owner",
		                           "version %" PRIu64 " is E%u for one engine and E%u for another", version,
		                           report, rivals->chain[version - 1]);
	}
	rivals->length = version > rivals->length ? version : rivals->length;
	rivals->chain[version - 1] = report;
	rivals->epochs[version - 1] = rival->epoch;
	rivals->floor = version > rivals->floor ? version : rivals->floor;
	sim_model_apply(&rival->model, plan, report);
	return sim_rivals_check_acknowledged(all, version);
}

bool sim_rivals_answered(struct sim_processes_world *all, struct sim_rival *rival, uint32_t report,
                         const struct subject_reply *reply) {
	enum sim_model_answer answer = sim_model_predict(&rival->model, sim_rivals_plan(all), report);
	all->rivals->open[report] -= reply->outcome != SUBJECT_IN_DOUBT;
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		return sim_rivals_acknowledged(all, rival, report, reply);
	case SUBJECT_UNCHANGED:
		return answer == SIM_MODEL_UNCHANGED ||
		       sim_rivals_violated(all, "exactly_once", "E%u is said to be applied already, and is not",
		                           report);
	case SUBJECT_REFUSED:
		return answer == SIM_MODEL_REFUSED ||
		       sim_rivals_violated(all, "exactly_once", "E%u is refused for good: %.80s", report,
		                           reply->reason);
	case SUBJECT_IN_DOUBT:
	case SUBJECT_LATER:
	case SUBJECT_STOPPED:
		return true;
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return sim_rivals_violated(all, "exactly_once", "E%u got no outcome (%d)", report, (int)reply->outcome);
}

bool sim_rivals_memory(struct sim_processes_world *all, const struct sim_rival *rival, const struct sim_view *view) {
	char why[SIM_VIEW_WHY_SIZE] = "";
	if (view->epoch != rival->epoch) {
		return sim_rivals_violated(all, "memory_equals_committed", "memory: epoch is %" PRIu64 ", was %" PRIu64,
		                           view->epoch, rival->epoch);
	}
	return sim_view_equals(view, &rival->model, sim_rivals_plan(all), why) ||
	       sim_rivals_violated(all, "memory_equals_committed", "memory: %s", why);
}

/* ---- readers beside the engines --------------------------------------------------------------------------------------------- */

void sim_rivals_look_begins(const struct sim_rivals *rivals, struct sim_rivals_look *look) {
	*look = (struct sim_rivals_look){
	        .floor = rivals->floor, .read_version = rivals->read_version, .read_epoch = rivals->read_epoch};
}

bool sim_rivals_look_ended(struct sim_processes_world *all, const struct sim_rivals_look *look, const char *name) {
	struct sim_rivals *rivals = all->rivals;
	/* With a journal of its own the engine serves what is not in the database yet. */
	bool journal = sim_rivals_plan(all)->settings.protocol == SIM_PROTOCOL_JOURNAL;
	uint64_t lowest = journal || look->floor < look->read_version ? look->read_version : look->floor;
	if (look->version < lowest || look->epoch < look->read_epoch) {
		return sim_rivals_violated(all, "version_monotonic",
		                           "%s reads version %" PRIu64 " of epoch %" PRIu64 ", after version %" PRIu64
		                           " of epoch %" PRIu64,
		                           name, look->version, look->epoch, lowest, look->read_epoch);
	}
	if (look->executions != look->version || look->newest != look->version) {
		return sim_rivals_violated(all, "snapshot_isolation",
		                           "%s reads version %" PRIu64 " beside a ledger of %" PRIu64
		                           " entries up to version %" PRIu64,
		                           name, look->version, look->executions, look->newest);
	}
	rivals->read_version = look->version > rivals->read_version ? look->version : rivals->read_version;
	rivals->read_epoch = look->epoch > rivals->read_epoch ? look->epoch : rivals->read_epoch;
	return true;
}
