/* sim/orders/judge.c: see judge.h. Invariants are named in sim/verdict.c. */
#include "judge.h"

#include "gap.h"
#include "reason.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sim_judge_begin(struct sim_judge *judge, const struct sim_plan *plan) {
	assert(plan->report_count <= SIM_PLAN_REPORTS_MAX);
	memset(judge, 0, offsetof(struct sim_judge, undone));
	judge->plan = plan;
}

/* ---- loads ----------------------------------------------------------------------------------- */

static void sim_judge_rebuild(const struct sim_judge *judge, uint64_t length, struct sim_model *model) {
	assert(length <= judge->chain_length);
	memset(model, 0, sizeof *model);
	for (uint64_t i = 0; i < length; i++) {
		sim_model_apply(model, judge->plan, judge->chain[i]);
	}
}

static void sim_judge_remember_undone(struct sim_judge *judge) {
	uint32_t last = judge->undone_count < SIM_JUDGE_UNDONE_MAX ? judge->undone_count++ : SIM_JUDGE_UNDONE_MAX - 1;
	judge->undone[last].length = judge->chain_length;
	memcpy(judge->undone[last].chain, judge->chain, judge->chain_length * sizeof judge->chain[0]);
}

static void sim_judge_adopt(struct sim_judge *judge, uint64_t length, const struct sim_model *model) {
	if (length < judge->chain_length) {
		sim_judge_remember_undone(judge);
	}
	judge->lost = judge->chain_length > length ? judge->chain_length - length : 0;
	judge->chain_length = length;
	judge->model = *model;
}

/* ---- attempts -------------------------------------------------------------------------------- */

/* Of an attempt, while it is looked for in a view. */
struct sim_judge_search {
	const struct sim_judge_attempt *attempt;
	uint32_t applied; /* of this part */
	uint32_t missing; /* of this part: would have applied */
	uint32_t missing_count;
	bool cut; /* a part is there in part: nothing may follow */
	uint32_t found_count;
	uint32_t found[SIM_JUDGE_FOUND_MAX];  /* reports */
	uint32_t commit[SIM_JUDGE_FOUND_MAX]; /* by report found: the first one that was committed
	                                       * with it */
};

/* Busts and corrections are committed by themselves (subject.h). */
static bool sim_judge_stands_alone(const struct sim_plan *plan, uint32_t report) {
	enum subject_exec_type type = plan->reports[report].update.exec_type;
	return type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT;
}

static bool sim_judge_begins_part(const struct sim_judge *judge, const uint32_t *reports, uint32_t i) {
	return i == 0 || sim_judge_stands_alone(judge->plan, reports[i]) ||
	       sim_judge_stands_alone(judge->plan, reports[i - 1]);
}

/* A journal may end anywhere. */
static bool sim_judge_may_be_cut(const struct sim_judge *judge) {
	return judge->plan->settings.protocol == SIM_PROTOCOL_JOURNAL;
}

/* Puts a report on the chain, committed together with what begins at `commit`. */
static void sim_judge_extend(struct sim_judge *judge, uint32_t report, uint64_t commit) {
	assert(judge->chain_length < SIM_PLAN_REPORTS_MAX && commit <= judge->chain_length);
	judge->commit[judge->chain_length] = sim_judge_may_be_cut(judge) ? judge->chain_length : commit;
	judge->chain[judge->chain_length++] = report;
}

/* ---- updates that are held ------------------------------------------------------------------- */

/* The update that the view has next, if it is one that came too early, was kept, and would apply
 * now. The process goes through what it keeps in the order in which it came, again and again:
 * `from` is where it stands. Ids alone do not tell: some have none. */
static uint32_t sim_judge_next_held(const struct sim_judge *judge, const struct sim_view *view,
                                    const struct sim_model *model, uint32_t *from) {
	uint32_t found = UINT32_MAX;
	uint32_t begin = *from;
	for (uint32_t i = 0; i < judge->held_count; i++) {
		uint32_t place = (begin + i) % judge->held_count;
		uint32_t report = judge->held[place];
		if (!sim_view_has_key(view, judge->plan, model->version + 1, report) ||
		    sim_model_predict(model, judge->plan, report) != SIM_MODEL_APPLIES) {
			continue;
		}
		/* Of two with one key, the one whose row it is. A row that is of none is told by
		 * whoever compares rows. */
		bool is_it = sim_view_has(view, judge->plan, model->version + 1, report);
		if (is_it || found == UINT32_MAX) {
			found = report;
			*from = place + 1;
		}
		if (is_it) {
			break;
		}
	}
	return found;
}

static void sim_judge_hold(struct sim_judge *judge, uint32_t report) {
	assert(report < judge->plan->report_count);
	for (uint32_t i = 0; i < judge->held_count; i++) {
		if (judge->held[i] == report) {
			return;
		}
	}
	judge->held_settled[judge->held_count] = false;
	judge->held[judge->held_count++] = report;
}

/* What is held and came to nothing in this state may be dropped, though it would apply in a later
 * one. */
static void sim_judge_settle_held(struct sim_judge *judge) {
	for (uint32_t i = 0; i < judge->held_count; i++) {
		enum sim_model_answer answer = sim_model_predict(&judge->model, judge->plan, judge->held[i]);
		judge->held_settled[i] |= answer == SIM_MODEL_UNCHANGED || answer == SIM_MODEL_REFUSED;
	}
}

/* A step that nothing disturbed has let in whatever was held for it. */
static bool sim_judge_all_let_in(struct sim_judge *judge) {
	for (uint32_t i = 0; i < judge->held_count; i++) {
		if (!judge->held_settled[i] &&
		    sim_model_predict(&judge->model, judge->plan, judge->held[i]) == SIM_MODEL_APPLIES) {
			return sim_verdict_violated(&judge->violation, "held_is_applied",
			                            "E%u was said to be held, nothing is missing before it, and it is "
			                            "not applied",
			                            judge->held[i]);
		}
	}
	return true;
}

void sim_judge_show(struct sim_judge *judge, const struct sim_view *view) {
	judge->shown = view;
}

/* Whether one of the reports that are said to be applied may be what memory shows next. */
static bool sim_judge_is_said(const struct sim_judge *judge, const uint32_t *reports,
                              const struct subject_reply *replies, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if (replies[i].outcome == SUBJECT_ACKNOWLEDGED &&
		    sim_view_has(judge->shown, judge->plan, judge->model.version + 1, reports[i]) &&
		    sim_model_predict(&judge->model, judge->plan, reports[i]) == SIM_MODEL_APPLIES) {
			return true;
		}
	}
	return false;
}

/* After a commit the process may have let in what it held, each with a commit of its own. What the
 * replies that are still to be judged say to be applied was not let in so. */
static void sim_judge_let_in(struct sim_judge *judge, const uint32_t *reports, const struct subject_reply *replies,
                             uint32_t count) {
	uint32_t from = 0;
	uint32_t held = 0;
	while (judge->shown != NULL && held != UINT32_MAX) {
		held = sim_judge_is_said(judge, reports, replies, count)
		               ? UINT32_MAX
		               : sim_judge_next_held(judge, judge->shown, &judge->model, &from);
		if (held != UINT32_MAX) {
			sim_model_apply(&judge->model, judge->plan, held);
			sim_judge_extend(judge, held, judge->chain_length);
			sim_judge_settle_held(judge);
			judge->held_applied++;
		}
	}
}

/* The same in a search. */
static void sim_judge_search_held(const struct sim_judge *judge, const struct sim_view *view,
                                  struct sim_judge_search *search, struct sim_model *model) {
	uint32_t from = 0;
	uint32_t held = sim_judge_next_held(judge, view, model, &from);
	while (held != UINT32_MAX && search->found_count < SIM_JUDGE_FOUND_MAX) {
		sim_model_apply(model, judge->plan, held);
		search->commit[search->found_count] = search->found_count;
		search->found[search->found_count++] = held;
		held = sim_judge_next_held(judge, view, model, &from);
	}
}

/* ---- searching ------------------------------------------------------------------------------- */

/* One report of the attempt on top of the model: is it in the view? False when the view cannot come
 * from this attempt. */
static bool sim_judge_search_one(const struct sim_judge *judge, const struct sim_view *view, uint32_t report,
                                 struct sim_judge_search *search, struct sim_model *model) {
	if (sim_model_predict(model, judge->plan, report) != SIM_MODEL_APPLIES) {
		return true;
	}
	if (!sim_view_has(view, judge->plan, model->version + 1, report)) {
		search->missing++;
		search->missing_count++;
		search->cut |= search->applied > 0;
		return search->applied == 0 || sim_judge_may_be_cut(judge);
	}
	if (search->cut || search->missing > 0) {
		return false;
	}
	sim_model_apply(model, judge->plan, report);
	search->commit[search->found_count] = search->found_count - search->applied++;
	search->found[search->found_count++] = report;
	return true;
}

/* Whether the view is the model's state with the attempt on top: parts that are there wholly or not
 * at all; with a journal the last one that is there may be there in part. */
static bool sim_judge_search(const struct sim_judge *judge, const struct sim_view *view,
                             struct sim_judge_search *search, struct sim_model *model) {
	char why[SIM_VIEW_WHY_SIZE];
	const struct sim_judge_attempt *attempt = search->attempt;
	search->applied = search->missing = search->missing_count = search->found_count = 0;
	search->cut = false;
	for (uint32_t i = 0; i < attempt->count; i++) {
		bool begins = sim_judge_begins_part(judge, attempt->reports, i);
		if (begins) {
			search->applied = search->missing = 0;
		}
		if (begins && i > 0) {
			sim_judge_search_held(judge, view, search, model);
		}
		if (!sim_judge_search_one(judge, view, attempt->reports[i], search, model)) {
			return false;
		}
	}
	sim_judge_search_held(judge, view, search, model);
	return search->found_count > 0 && sim_view_equals(view, model, judge->plan, why);
}

/* What was found of an attempt is on the chain from now on. */
static void sim_judge_settle(struct sim_judge *judge, const struct sim_judge_search *search) {
	assert(search->attempt->base == judge->chain_length && search->found_count > 0);
	uint64_t base = judge->chain_length;
	for (uint32_t i = 0; i < search->found_count; i++) {
		sim_judge_extend(judge, search->found[i], base + search->commit[i]);
	}
	judge->found_base = search->attempt->base;
	judge->found_count = search->found_count;
	judge->missing_count = search->missing_count;
	judge->attempt_found = true;
}

static bool sim_judge_may_be(const struct sim_judge_attempt *attempt, uint64_t version, uint64_t length) {
	return attempt->base < version && version <= attempt->base + SIM_JUDGE_FOUND_MAX && attempt->base <= length;
}

/* The state of the chain at the view's version, or an open attempt on top of the one that it was
 * tried on. */
static bool sim_judge_find(struct sim_judge *judge, const struct sim_view *view, char *why) {
	struct sim_model model;
	bool is_cut = view->version < judge->chain_length && judge->commit[view->version] < view->version;
	if (is_cut) {
		snprintf(why, SIM_VIEW_WHY_SIZE, "version %" PRIu64 " is in the middle of a batch", view->version);
	} else if (view->version <= judge->chain_length) {
		sim_judge_rebuild(judge, view->version, &model);
		if (sim_view_equals(view, &model, judge->plan, why)) {
			sim_judge_adopt(judge, view->version, &model);
			judge->found_base = view->version;
			return true;
		}
	}
	/* but what is held may be there */
	const struct sim_judge_attempt none = {.base = judge->chain_length};
	/* The newest first: an older one may be on the chain by now, having been sent again. */
	for (uint32_t i = judge->attempt_count + 1; i > 0; i--) {
		struct sim_judge_search search = {.attempt =
		                                          i > judge->attempt_count ? &none : &judge->attempts[i - 1]};
		if (!sim_judge_may_be(search.attempt, view->version, judge->chain_length)) {
			continue;
		}
		sim_judge_rebuild(judge, search.attempt->base, &model);
		if (sim_judge_search(judge, view, &search, &model)) {
			sim_judge_adopt(judge, search.attempt->base, &model);
			sim_judge_settle(judge, &search);
			return true;
		}
	}
	if (why[0] == '\0') {
		snprintf(why, SIM_VIEW_WHY_SIZE, "version %" PRIu64 " was never committed, the last is %" PRIu64,
		         view->version, judge->chain_length);
	}
	return false;
}

/* Makes an undone chain, up to a length, the chain again. */
static void sim_judge_restore(struct sim_judge *judge, const struct sim_judge_undone *undone, uint64_t length,
                              const struct sim_model *model) {
	uint64_t lost = 0;
	for (uint64_t i = 0; i < judge->chain_length; i++) {
		lost += sim_model_holds(model, judge->plan, judge->chain[i]) ? 0 : 1;
	}
	struct sim_judge_undone again = *undone;
	sim_judge_remember_undone(judge);
	judge->chain_length = 0;
	while (judge->chain_length < length) {
		sim_judge_extend(judge, again.chain[judge->chain_length], judge->chain_length);
	}
	judge->model = *model;
	judge->lost = lost;
}

static void sim_judge_fold_undone(const struct sim_judge *judge, const struct sim_judge_undone *undone, uint64_t length,
                                  struct sim_model *model) {
	memset(model, 0, sizeof *model);
	for (uint64_t n = 0; n < length; n++) {
		sim_model_apply(model, judge->plan, undone->chain[n]);
	}
}

bool sim_judge_state(const struct sim_judge *judge, uint32_t era, uint64_t length, struct sim_model *model) {
	bool is_undone = era < judge->undone_count;
	uint64_t most = is_undone ? judge->undone[era].length : judge->chain_length;
	if (era > judge->undone_count || length > most) {
		return false;
	}
	if (is_undone) {
		sim_judge_fold_undone(judge, &judge->undone[era], length, model);
	} else {
		sim_judge_rebuild(judge, length, model);
	}
	return true;
}

/* An attempt that was open when its chain was undone: it may have been there all along. */
static bool sim_judge_find_undone_attempt(struct sim_judge *judge, const struct sim_view *view,
                                          const struct sim_judge_attempt *attempt) {
	struct sim_judge_search search = {.attempt = attempt};
	struct sim_model model;
	const struct sim_judge_undone *undone = &judge->undone[attempt->era];
	if (attempt->era >= judge->undone_count || !sim_judge_may_be(attempt, view->version, undone->length)) {
		return false;
	}
	sim_judge_fold_undone(judge, undone, attempt->base, &model);
	if (!sim_judge_search(judge, view, &search, &model)) {
		return false;
	}
	sim_judge_restore(judge, undone, attempt->base, &model);
	sim_judge_settle(judge, &search);
	return true;
}

/* A state that was committed and then undone by a crash, of which SQLite's own recovery was undone
 * in turn: where syncs lie, the writes of a rollback get lost like any others, and what they had
 * taken back is there again. */
static bool sim_judge_find_undone(struct sim_judge *judge, const struct sim_view *view) {
	char why[SIM_VIEW_WHY_SIZE];
	for (uint32_t i = judge->undone_count; i > 0; i--) {
		const struct sim_judge_undone *undone = &judge->undone[i - 1];
		struct sim_model model;
		if (view->version > undone->length) {
			continue;
		}
		sim_judge_fold_undone(judge, undone, view->version, &model);
		if (sim_view_equals(view, &model, judge->plan, why)) {
			sim_judge_restore(judge, undone, view->version, &model);
			judge->found_base = view->version;
			return true;
		}
	}
	for (uint32_t i = 0; i < judge->attempt_count; i++) {
		if (sim_judge_find_undone_attempt(judge, view, &judge->attempts[i])) {
			return true;
		}
	}
	return false;
}

/* Whether one update that was said not to be applied, on top of the chain, explains what was
 * loaded. */
static bool sim_judge_explained_by(const struct sim_judge *judge, const struct sim_view *view, uint32_t report) {
	char why[SIM_VIEW_WHY_SIZE];
	struct sim_model model = judge->model;
	if (!judge->refused[report] || sim_model_predict(&model, judge->plan, report) != SIM_MODEL_APPLIES) {
		return false;
	}
	sim_model_apply(&model, judge->plan, report);
	return sim_view_equals(view, &model, judge->plan, why);
}

static bool sim_judge_explained_by_refused(const struct sim_judge *judge, const struct sim_view *view) {
	uint32_t report = 0;
	while (report < judge->plan->report_count && !sim_judge_explained_by(judge, view, report)) {
		report++;
	}
	return report < judge->plan->report_count;
}

uint64_t sim_judge_lowest(const struct sim_judge *judge, enum sim_contract contract) {
	switch (contract) {
	case SIM_CONTRACT_DURABLE:
		return judge->chain_length;
	case SIM_CONTRACT_LAST_MAY_ROLL_BACK:
		return judge->chain_length > judge->floor && judge->commit[judge->chain_length - 1] > judge->floor
		               ? judge->commit[judge->chain_length - 1]
		               : judge->floor;
	case SIM_CONTRACT_PREFIX:
	case SIM_CONTRACT_DETECT:
	case SIM_CONTRACT_MAY_CORRUPT:
	case SIM_CONTRACT_NONE:
	case SIM_CONTRACT_COUNT:
		break;
	}
	return 0;
}

/* Each start raises the epoch, durably. A claim is a commit: where the last may roll back, so may
 * the claim, and one that is gone is a commit that was lost. */
static bool sim_judge_epoch(struct sim_judge *judge, uint64_t epoch, enum sim_contract contract) {
	uint64_t lowest = contract == SIM_CONTRACT_DURABLE              ? judge->epoch + 1
	                  : contract == SIM_CONTRACT_LAST_MAY_ROLL_BACK ? judge->epoch
	                                                                : 0;
	bool has_epochs = epoch != 0 || judge->epoch != 0;
	if (has_epochs && epoch < lowest) {
		return sim_verdict_violated(&judge->violation, "acknowledged_is_durable",
		                            "a start has epoch %" PRIu64 ", the one before had %" PRIu64, epoch,
		                            judge->epoch);
	}
	judge->epoch = epoch;
	return true;
}

bool sim_judge_loaded(struct sim_judge *judge, const struct sim_view *view, enum sim_contract contract, bool damaged) {
	assert(contract < SIM_CONTRACT_COUNT);
	char why[SIM_VIEW_WHY_SIZE] = "";
	uint64_t lowest = sim_judge_lowest(judge, contract);
	uint64_t length = judge->chain_length;
	judge->lost = 0;
	judge->attempt_found = false;
	judge->found_count = judge->missing_count = 0;
	if (judge->plan->trader.exchange_only) {
		judge->found = true;
		return true;
	}
	judge->found = sim_judge_find(judge, view, why) ||
	               (contract >= SIM_CONTRACT_DETECT && sim_judge_find_undone(judge, view));
	if (!judge->found) {
		const char *invariant = damaged                                       ? "corruption_detected"
		                        : sim_judge_explained_by_refused(judge, view) ? "refused_is_absent"
		                                                                      : "loaded_equals_committed";
		return sim_verdict_violated(&judge->violation, invariant, "loaded: %s", why);
	}
	/* An attempt on top of an older state has thrown away what came after that state. */
	if (judge->found_base < lowest) {
		return sim_verdict_violated(&judge->violation,
		                            damaged ? "corruption_detected" : "acknowledged_is_durable",
		                            "loaded version %" PRIu64 ", acknowledged %" PRIu64 ", contract %s",
		                            view->version, length, sim_contract_name(contract));
	}
	if (judge->proved == UINT64_MAX) {
		return sim_verdict_violated(&judge->violation, "corruption_detected",
		                            "loaded version %" PRIu64
		                            " of a database that is missing or empty, beside its WAL or journal",
		                            view->version);
	}
	if (view->version < judge->proved) {
		return sim_verdict_violated(&judge->violation,
		                            contract >= SIM_CONTRACT_DETECT ? "corruption_detected"
		                                                            : "acknowledged_is_durable",
		                            "loaded version %" PRIu64
		                            ", and the files or the caller prove version %" PRIu64 ", contract %s",
		                            view->version, judge->proved, sim_contract_name(contract));
	}
	if (!sim_judge_epoch(judge, view->epoch, contract)) {
		return false;
	}
	if (judge->lost > 0) { /* what overtook it may be gone */
		memset(judge->overtaken, 0, sizeof judge->overtaken);
	}
	judge->held_count = 0; /* it was in the memory of the process that is gone */
	judge->last_version = view->version;
	judge->floor = judge->chain_length;
	return true;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Whether the attempt would change anything. */
static bool sim_judge_would_apply(const struct sim_judge *judge, const uint32_t *reports, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if (sim_model_predict(&judge->model, judge->plan, reports[i]) == SIM_MODEL_APPLIES) {
			return true;
		}
	}
	return false;
}

/* The oldest one gives way when there are too many. */
void sim_judge_open(struct sim_judge *judge, const struct sim_judge_attempt *attempt) {
	for (uint32_t i = 0; i < judge->attempt_count; i++) {
		if (memcmp(&judge->attempts[i], attempt, sizeof *attempt) == 0) {
			return;
		}
	}
	if (judge->attempt_count == SIM_JUDGE_ATTEMPTS_MAX) {
		memmove(judge->attempts, judge->attempts + 1, sizeof judge->attempts - sizeof judge->attempts[0]);
		judge->attempt_count--;
	}
	judge->attempts[judge->attempt_count++] = *attempt;
}

void sim_judge_attempt(struct sim_judge *judge, const uint32_t *reports, uint32_t count) {
	assert(count > 0 && count <= SUBJECT_BATCH_MAX);
	struct sim_judge_attempt attempt = {.base = judge->chain_length, .count = count, .era = judge->undone_count};
	memcpy(attempt.reports, reports, count * sizeof reports[0]);
	if (sim_judge_would_apply(judge, reports, count)) {
		sim_judge_open(judge, &attempt);
	}
}

static bool sim_judge_acknowledged(struct sim_judge *judge, uint32_t report, uint64_t commit) {
	switch (sim_model_predict(&judge->model, judge->plan, report)) {
	case SIM_MODEL_APPLIES:
		sim_model_apply(&judge->model, judge->plan, report);
		sim_judge_extend(judge, report, commit);
		sim_judge_settle_held(judge);
		return true;
	case SIM_MODEL_GAP:
		return sim_verdict_violated(&judge->violation, "exactly_once",
		                            "E%u was applied before an earlier fill of its order", report);
	case SIM_MODEL_REFUSED:
		return sim_verdict_violated(&judge->violation, "exactly_once", "E%u was applied against what is known",
		                            report);
	case SIM_MODEL_UNCHANGED:
	case SIM_MODEL_NONE:
		break;
	}
	return sim_verdict_violated(&judge->violation, "exactly_once", "E%u was applied again", report);
}

/* What is said in other words than the outcome: why it failed, and what is missing. */
static bool sim_judge_explained(struct sim_judge *judge, uint32_t report, enum sim_model_answer answer,
                                const struct subject_reply *reply, const struct subject_gap *said) {
	const struct sim_reason reason = {.disturbance = judge->disturbance};
	const struct sim_gap gap = {&judge->model, answer, judge->disturbance, said};
	return sim_reason_of_answer(&judge->violation, &reason, report, answer, reply) &&
	       sim_gap_check(&judge->violation, &gap, judge->plan, report, reply);
}

static bool sim_judge_answered_one(struct sim_judge *judge, uint32_t report, const struct subject_reply *reply,
                                   const struct subject_gap *said, uint64_t commit) {
	enum sim_model_answer answer = sim_model_predict(&judge->model, judge->plan, report);
	if (!sim_judge_explained(judge, report, answer, reply, said)) {
		return false;
	}
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		return sim_judge_acknowledged(judge, report, commit);
	case SUBJECT_UNCHANGED:
		judge->overtaken[report] = true;
		return answer == SIM_MODEL_UNCHANGED ||
		       sim_verdict_violated(&judge->violation, "exactly_once",
		                            "E%u is said to be applied already, and is not", report);
	case SUBJECT_REFUSED:
		return answer == SIM_MODEL_REFUSED ||
		       sim_verdict_violated(&judge->violation, "exactly_once", "E%u is refused for good: %.80s", report,
		                            reply->reason);
	case SUBJECT_IN_DOUBT:
		return true;
	case SUBJECT_LATER:
	case SUBJECT_STOPPED:
		judge->refused[report] = true;
		if (reply->held) {
			sim_judge_hold(judge, report);
		}
		return true;
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return sim_verdict_violated(&judge->violation, "exactly_once", "E%u got no outcome (%d)", report,
	                            (int)reply->outcome);
}

bool sim_judge_answered(struct sim_judge *judge, const uint32_t *reports, const struct subject_reply *replies,
                        uint32_t count) {
	uint32_t doubts[SUBJECT_BATCH_MAX];
	uint32_t doubt_count = 0;
	uint64_t commit = 0;
	uint64_t before = judge->chain_length;
	if (judge->plan->trader.exchange_only) {
		return true;
	}
	for (uint32_t i = 0; i < count; i++) {
		bool begins = sim_judge_begins_part(judge, reports, i);
		/* Nothing is let in before the first commit of a step. */
		if (begins && i > 0) {
			sim_judge_let_in(judge, reports + i, replies + i, count - i);
		}
		commit = begins ? judge->chain_length : commit;
		const struct subject_gap *said = judge->gaps != NULL ? &judge->gaps[i] : NULL;
		if (!sim_judge_answered_one(judge, reports[i], &replies[i], said, commit)) {
			return false;
		}
		if (replies[i].outcome == SUBJECT_IN_DOUBT) {
			doubts[doubt_count++] = reports[i];
		}
		if (count == 1 && judge->shown == NULL && replies[i].outcome == SUBJECT_ACKNOWLEDGED &&
		    replies[i].version != judge->model.version) {
			return sim_verdict_violated(&judge->violation, "version_monotonic",
			                            "E%u made version %" PRIu64 ", expected %" PRIu64, reports[i],
			                            replies[i].version, judge->model.version);
		}
	}
	sim_judge_let_in(judge, NULL, NULL, 0);
	if (doubt_count > 0) {
		sim_judge_attempt(judge, doubts, doubt_count);
	}
	bool is_quiet = judge->disturbance == SIM_UNDISTURBED && judge->shown != NULL;
	return !is_quiet || judge->chain_length == before || sim_judge_all_let_in(judge);
}

bool sim_judge_versions(struct sim_judge *judge, const uint32_t *reports, const struct subject_reply *replies,
                        uint32_t count) {
	uint32_t i = 0;
	while (i < count && replies[i].version == judge->model.version) {
		i++;
	}
	return i == count || judge->plan->trader.exchange_only ||
	       sim_verdict_violated(&judge->violation, "version_monotonic",
	                            "the reply to E%u shows version %" PRIu64 ", committed is %" PRIu64, reports[i],
	                            replies[i].version, judge->model.version);
}

bool sim_judge_memory(struct sim_judge *judge, const struct sim_view *view) {
	char why[SIM_VIEW_WHY_SIZE];
	if (judge->plan->trader.exchange_only) {
		return true;
	}
	if (view->version < judge->last_version) {
		return sim_verdict_violated(&judge->violation, "version_monotonic",
		                            "version went from %" PRIu64 " back to %" PRIu64, judge->last_version,
		                            view->version);
	}
	if (view->epoch != judge->epoch) {
		return sim_verdict_violated(&judge->violation, "version_monotonic",
		                            "epoch went from %" PRIu64 " to %" PRIu64 " without a start", judge->epoch,
		                            view->epoch);
	}
	if (!sim_view_equals(view, &judge->model, judge->plan, why)) {
		return sim_verdict_violated(&judge->violation, "memory_equals_committed", "memory: %s", why);
	}
	judge->last_version = view->version;
	return true;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* What the exchange itself says, added up from its reports: no order of arrival comes into it. */
struct sim_judge_truth {
	int64_t position_lots[SIM_PLAN_SYMBOLS_MAX];
	int64_t order_lots[SIM_PLAN_REPORTS_MAX];
};

static void sim_judge_tell_truth(const struct sim_plan *plan, struct sim_judge_truth *truth) {
	int64_t stands[SIM_PLAN_REPORTS_MAX] = {0}; /* lots, by the report of the fill */
	uint32_t fill[SIM_PLAN_REPORTS_MAX];        /* by report: of a correction, the fill that it
	                                             * is about in the end */
	memset(truth, 0, sizeof *truth);
	for (uint32_t i = 0; i < plan->report_count; i++) {
		const struct sim_report *report = &plan->reports[i];
		enum subject_exec_type type = report->update.exec_type;
		bool tells = report->command.kind == SUBJECT_COMMAND_NONE && report->repeats == 0 &&
		             report->broken == SIM_BROKEN_NONE;
		fill[i] = report->refers != 0 ? fill[report->refers - 1] : i;
		if (tells && sim_plan_is_split(plan, i)) {
			int64_t moved = report->update.cum_quantity_lots - truth->order_lots[report->order];
			truth->order_lots[report->order] += moved;
			truth->position_lots[report->symbol] +=
			        report->update.side == SUBJECT_SIDE_BUY ? moved : -moved;
		}
		if (tells && (type == SUBJECT_EXEC_TRADE || sim_judge_stands_alone(plan, i))) {
			int64_t lots = type == SUBJECT_EXEC_BUST ? 0 : report->update.last_quantity_lots;
			int64_t moved = lots - stands[fill[i]];
			stands[fill[i]] = lots;
			truth->order_lots[report->order] += moved;
			truth->position_lots[report->symbol] +=
			        report->update.side == SUBJECT_SIDE_BUY ? moved : -moved;
		}
	}
}

/* Every fill, bust, correction and command counts once. Other reports may have been overtaken by
 * newer ones, or were so when they came: terms without a time take the place of any. */
static bool sim_judge_all_settled(struct sim_judge *judge) {
	uint32_t settled = 0;
	for (uint32_t i = 0; i < judge->plan->report_count; i++) {
		enum sim_model_answer answer = sim_model_predict(&judge->model, judge->plan, i);
		const struct sim_report *report = &judge->plan->reports[i];
		bool is_fill = report->update.exec_type == SUBJECT_EXEC_TRADE && report->repeats == 0 &&
		               report->broken == SIM_BROKEN_NONE;
		bool is_overtaken = answer == SIM_MODEL_UNCHANGED || answer == SIM_MODEL_REFUSED || judge->overtaken[i];
		settled += sim_model_holds(&judge->model, judge->plan, i) || (!is_fill && is_overtaken);
	}
	return settled == judge->plan->report_count ||
	       sim_verdict_violated(&judge->violation, "exchange_converges", "%u of %u reports were applied", settled,
	                            judge->plan->report_count);
}

bool sim_judge_converged(struct sim_judge *judge) {
	struct sim_judge_truth truth;
	const struct sim_model *model = &judge->model;
	if (judge->plan->trader.exchange_only) {
		return true;
	}
	if (!sim_judge_all_settled(judge)) {
		return false;
	}
	sim_judge_tell_truth(judge->plan, &truth);
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		if (model->positions[symbol].quantity_lots != truth.position_lots[symbol]) {
			return sim_verdict_violated(&judge->violation, "exchange_converges",
			                            "position S%u is %" PRId64 " lots, the exchange says %" PRId64,
			                            symbol, model->positions[symbol].quantity_lots,
			                            truth.position_lots[symbol]);
		}
	}
	for (uint32_t order = 0; order < judge->plan->order_count; order++) {
		if (model->orders[order].cum_quantity_lots != truth.order_lots[order]) {
			return sim_verdict_violated(&judge->violation, "exchange_converges",
			                            "order O%u has filled %" PRId64 ", the exchange says %" PRId64,
			                            order, model->orders[order].cum_quantity_lots,
			                            truth.order_lots[order]);
		}
	}
	return true;
}
