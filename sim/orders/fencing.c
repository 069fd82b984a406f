/* sim/orders/fencing.c: see fencing.h. */
#include "fencing.h"

#include "gap.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* ---- fencing (S22) --------------------------------------------------------------------------- */

static bool sim_fencing_check_pair(struct sim_fencing *fencing, const struct sim_fencing_start *start,
                                   uint64_t version) {
	assert(version > 0 && version <= fencing->length);
	uint64_t epoch = fencing->epochs[version - 1];
	if (epoch == 0 || epoch == start->epoch) {
		return true;
	}
	if (epoch < start->epoch && version > start->length) {
		return sim_verdict_violated(&fencing->violation, "one_owner",
		                            "E%u was acknowledged as version %" PRIu64 " under epoch %" PRIu64
		                            ", and epoch %" PRIu64 " began with version %" PRIu64,
		                            fencing->chain[version - 1], version, epoch, start->epoch, start->length);
	}
	if (epoch > start->epoch && version <= start->length) {
		return sim_verdict_violated(&fencing->violation, "one_owner",
		                            "epoch %" PRIu64 " began with version %" PRIu64
		                            ", of which version %" PRIu64 " was made under the later epoch %" PRIu64,
		                            start->epoch, start->length, version, epoch);
	}
	return true;
}

static bool sim_fencing_check_acknowledged(struct sim_fencing *fencing, uint64_t version) {
	for (uint32_t i = 0; i < fencing->start_count; i++) {
		if (!sim_fencing_check_pair(fencing, &fencing->starts[i], version)) {
			return false;
		}
	}
	return true;
}

static bool sim_fencing_check_start(struct sim_fencing *fencing, const struct sim_fencing_start *start) {
	for (uint32_t i = 0; i < fencing->start_count; i++) {
		if (fencing->starts[i].epoch == start->epoch) {
			return sim_verdict_violated(&fencing->violation, "one_owner",
			                            "two starts have claimed epoch %" PRIu64, start->epoch);
		}
	}
	for (uint64_t version = 1; version <= fencing->length; version++) {
		if (!sim_fencing_check_pair(fencing, start, version)) {
			return false;
		}
	}
	return true;
}

/* ---- loads ----------------------------------------------------------------------------------- */

/* The report behind an entry of the ledger that nobody has shown before. */
static uint32_t sim_fencing_find(const struct sim_fencing *fencing, const struct sim_view *view, uint64_t version) {
	const struct sim_plan *plan = fencing->plan;
	uint32_t report = 0;
	while (report < plan->report_count && !sim_view_has(view, plan, version, report)) {
		report++;
	}
	return report;
}

/* What is beyond the chain must be reports whose outcome was open. */
static bool sim_fencing_extend(struct sim_fencing *fencing, const struct sim_view *view) {
	while (fencing->length < view->version) {
		uint64_t version = fencing->length + 1;
		uint32_t report = sim_fencing_find(fencing, view, version);
		if (report == fencing->plan->report_count) {
			return sim_verdict_violated(&fencing->violation, "loaded_equals_committed",
			                            "loaded: version %" PRIu64 " is no report of the exchange",
			                            version);
		}
		if (fencing->open[report] == 0) {
			return sim_verdict_violated(&fencing->violation, "refused_is_absent",
			                            "loaded: version %" PRIu64 " is E%u, which nobody has in hand",
			                            version, report);
		}
		assert(fencing->length < SIM_PLAN_REPORTS_MAX);
		fencing->chain[fencing->length] = report;
		fencing->epochs[fencing->length++] = 0;
	}
	return true;
}

/* The view is a beginning of the chain; its model is left in the engine. */
static bool sim_fencing_fold(struct sim_fencing *fencing, struct sim_fencing_engine *engine,
                             const struct sim_view *view) {
	assert(view->version <= fencing->length);
	const struct sim_plan *plan = fencing->plan;
	char why[SIM_VIEW_WHY_SIZE] = "";
	memset(&engine->model, 0, sizeof engine->model);
	for (uint64_t i = 0; i < view->version; i++) {
		if (!sim_view_has(view, plan, i + 1, fencing->chain[i])) {
			return sim_verdict_violated(&fencing->violation, "loaded_equals_committed",
			                            "loaded: version %" PRIu64 " was E%u, and is another now", i + 1,
			                            fencing->chain[i]);
		}
		if (sim_model_predict(&engine->model, plan, fencing->chain[i]) != SIM_MODEL_APPLIES) {
			return sim_verdict_violated(&fencing->violation, "exactly_once",
			                            "loaded: version %" PRIu64 " is E%u, which does not apply", i + 1,
			                            fencing->chain[i]);
		}
		sim_model_apply(&engine->model, plan, fencing->chain[i]);
	}
	return sim_view_equals(view, &engine->model, plan, why) ||
	       sim_verdict_violated(&fencing->violation, "loaded_equals_committed", "loaded: %s", why);
}

void sim_fencing_begin(struct sim_fencing *fencing, const struct sim_plan *plan) {
	assert(plan->report_count <= SIM_PLAN_REPORTS_MAX);
	memset(fencing, 0, offsetof(struct sim_fencing, starts));
	fencing->plan = plan;
}

void sim_fencing_start_begins(struct sim_fencing *fencing, uint32_t number, uint32_t runs, uint32_t starting) {
	struct sim_fencing_engine *engine = &fencing->engines[number];
	engine->floor = fencing->floor;
	engine->reason = (struct sim_reason){.contested = starting != 0};
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		fencing->engines[i].reason.contested |= (runs & 1u << i) != 0;
	}
}

/* The chain ends here now: what stood beyond is lost, and what comes instead has nothing to do with
 * it. */
static void sim_fencing_cut(struct sim_fencing *fencing, uint64_t length) {
	assert(length < fencing->floor);
	for (uint64_t version = length; version < fencing->length; version++) {
		fencing->lost += fencing->epochs[version] != 0;
	}
	fencing->length = length;
	fencing->floor = length;
	fencing->read_version = length < fencing->read_version ? length : fencing->read_version;
	for (uint32_t i = 0; i < fencing->start_count; i++) {
		struct sim_fencing_start *start = &fencing->starts[i];
		start->length = length < start->length ? length : start->length;
	}
}

/* Claims of epochs can be lost like anything else: then they are claimed again. */
static void sim_fencing_forget_claims(struct sim_fencing *fencing, uint64_t epoch) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < fencing->start_count; i++) {
		if (fencing->starts[i].epoch < epoch) {
			fencing->starts[kept++] = fencing->starts[i];
		}
	}
	fencing->start_count = kept;
}

bool sim_fencing_loaded(struct sim_fencing *fencing, struct sim_fencing_engine *engine, const struct sim_view *view,
                        enum sim_contract contract) {
	const struct sim_fencing_start start = {view->epoch, view->version};
	fencing->lost = 0;
	if (view->version > SIM_PLAN_REPORTS_MAX || view->overflow) {
		return sim_verdict_violated(&fencing->violation, "loaded_equals_committed",
		                            "loaded: more than the exchange ever sent");
	}
	if (view->version < engine->floor && contract < SIM_CONTRACT_PREFIX) {
		return sim_verdict_violated(&fencing->violation, "acknowledged_is_durable",
		                            "loaded version %" PRIu64 ", and %" PRIu64 " was served before it began",
		                            view->version, engine->floor);
	}
	if (view->version < engine->proved) {
		return sim_verdict_violated(&fencing->violation, "corruption_detected",
		                            "loaded version %" PRIu64 ", and the files prove version %" PRIu64,
		                            view->version, engine->proved);
	}
	if (view->version < engine->floor) {
		sim_fencing_cut(fencing, view->version);
	}
	if (contract >= SIM_CONTRACT_PREFIX) {
		sim_fencing_forget_claims(fencing, start.epoch);
	}
	if (!sim_fencing_extend(fencing, view) || !sim_fencing_fold(fencing, engine, view) ||
	    !sim_fencing_check_start(fencing, &start)) {
		return false;
	}
	engine->epoch = start.epoch;
	fencing->floor = start.length > fencing->floor ? start.length : fencing->floor;
	if (fencing->start_count < SIM_FENCING_STARTS_MAX) {
		fencing->starts[fencing->start_count++] = start;
	}
	return true;
}

uint64_t sim_fencing_newest_epoch(const struct sim_fencing *fencing) {
	uint64_t newest = 0;
	for (uint32_t i = 0; i < fencing->start_count; i++) {
		newest = fencing->starts[i].epoch > newest ? fencing->starts[i].epoch : newest;
	}
	return newest;
}

/* ---- answers --------------------------------------------------------------------------------- */

void sim_fencing_sent(struct sim_fencing *fencing, uint32_t report) {
	assert(report < fencing->plan->report_count);
	fencing->open[report]++;
}

static bool sim_fencing_acknowledged(struct sim_fencing *fencing, struct sim_fencing_engine *engine, uint32_t report) {
	const struct sim_plan *plan = fencing->plan;
	uint64_t version = engine->model.version + 1;
	if (sim_model_predict(&engine->model, plan, report) != SIM_MODEL_APPLIES) {
		return sim_verdict_violated(&fencing->violation, "exactly_once",
		                            "E%u was acknowledged, and does not apply", report);
	}
	if (version <= fencing->length && fencing->chain[version - 1] != report) {
		return sim_verdict_violated(&fencing->violation, "one_owner",
		                            "version %" PRIu64 " is E%u for one engine and E%u for another", version,
		                            report, fencing->chain[version - 1]);
	}
	fencing->length = version > fencing->length ? version : fencing->length;
	fencing->chain[version - 1] = report;
	fencing->epochs[version - 1] = engine->epoch;
	fencing->floor = version > fencing->floor ? version : fencing->floor;
	sim_model_apply(&engine->model, plan, report);
	return sim_fencing_check_acknowledged(fencing, version);
}

static bool sim_fencing_answered_one(struct sim_fencing *fencing, struct sim_fencing_engine *engine, uint32_t report,
                                     const struct subject_reply *reply, const struct subject_gap *said) {
	enum sim_model_answer answer = sim_model_predict(&engine->model, fencing->plan, report);
	const struct sim_gap gap = {&engine->model, answer, engine->reason.disturbance, said};
	fencing->open[report] -= reply->outcome != SUBJECT_IN_DOUBT;
	if (!sim_reason_of_answer(&fencing->violation, &engine->reason, report, answer, reply) ||
	    !sim_gap_check(&fencing->violation, &gap, fencing->plan, report, reply)) {
		return false;
	}
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		return sim_fencing_acknowledged(fencing, engine, report);
	case SUBJECT_UNCHANGED:
		return answer == SIM_MODEL_UNCHANGED ||
		       sim_verdict_violated(&fencing->violation, "exactly_once",
		                            "E%u is said to be applied already, and is not", report);
	case SUBJECT_REFUSED:
		return answer == SIM_MODEL_REFUSED ||
		       sim_verdict_violated(&fencing->violation, "exactly_once", "E%u is refused for good: %.80s",
		                            report, reply->reason);
	case SUBJECT_IN_DOUBT:
	case SUBJECT_LATER:
	case SUBJECT_STOPPED:
		return true;
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return sim_verdict_violated(&fencing->violation, "exactly_once", "E%u got no outcome (%d)", report,
	                            (int)reply->outcome);
}

bool sim_fencing_answered(struct sim_fencing *fencing, struct sim_fencing_engine *engine, const uint32_t *reports,
                          const struct subject_reply *replies, uint32_t count) {
	uint64_t before = engine->model.version;
	for (uint32_t i = 0; i < count; i++) {
		const struct subject_gap *said = engine->gaps != NULL ? &engine->gaps[i] : NULL;
		if (!sim_fencing_answered_one(fencing, engine, reports[i], &replies[i], said)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		if (replies[i].outcome == SUBJECT_ACKNOWLEDGED && replies[i].version != engine->model.version) {
			return sim_verdict_violated(&fencing->violation, "version_monotonic",
			                            "E%u was acknowledged as version %" PRIu64
			                            ", after version %" PRIu64 " and %u updates",
			                            reports[i], replies[i].version, before, count);
		}
	}
	return true;
}

bool sim_fencing_checkpointed(struct sim_fencing *fencing, const struct sim_fencing_engine *engine,
                              const struct subject_reply *reply) {
	return sim_reason_of_checkpoint(&fencing->violation, &engine->reason, reply);
}

bool sim_fencing_memory(struct sim_fencing *fencing, const struct sim_fencing_engine *engine,
                        const struct sim_view *view) {
	char why[SIM_VIEW_WHY_SIZE] = "";
	if (view->epoch != engine->epoch) {
		return sim_verdict_violated(&fencing->violation, "memory_equals_committed",
		                            "memory: epoch is %" PRIu64 ", was %" PRIu64, view->epoch, engine->epoch);
	}
	return sim_view_equals(view, &engine->model, fencing->plan, why) ||
	       sim_verdict_violated(&fencing->violation, "memory_equals_committed", "memory: %s", why);
}

/* ---- readers beside the engines -------------------------------------------------------------- */

void sim_fencing_look_begins(const struct sim_fencing *fencing, struct sim_fencing_look *look) {
	*look = (struct sim_fencing_look){
	        .floor = fencing->floor, .read_version = fencing->read_version, .read_epoch = fencing->read_epoch};
}

bool sim_fencing_look_ended(struct sim_fencing *fencing, const struct sim_fencing_look *look, const char *name) {
	/* With a journal of its own the engine serves what is not in the database yet. */
	bool journal = fencing->plan->settings.protocol == SIM_PROTOCOL_JOURNAL;
	uint64_t lowest = journal || look->floor < look->read_version ? look->read_version : look->floor;
	if (look->version < lowest || look->epoch < look->read_epoch) {
		return sim_verdict_violated(&fencing->violation, "version_monotonic",
		                            "%s reads version %" PRIu64 " of epoch %" PRIu64 ", after version %" PRIu64
		                            " of epoch %" PRIu64,
		                            name, look->version, look->epoch, lowest, look->read_epoch);
	}
	if (look->executions != look->version || look->newest != look->version) {
		return sim_verdict_violated(&fencing->violation, "snapshot_isolation",
		                            "%s reads version %" PRIu64 " beside a ledger of %" PRIu64
		                            " entries up to version %" PRIu64,
		                            name, look->version, look->executions, look->newest);
	}
	fencing->read_version = look->version > fencing->read_version ? look->version : fencing->read_version;
	fencing->read_epoch = look->epoch > fencing->read_epoch ? look->epoch : fencing->read_epoch;
	return true;
}
