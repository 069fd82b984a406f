/* sim/judge.c: see judge.h. Invariants are named in sim_judge_invariants. */
#include "judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct sim_invariant sim_judge_invariants[] = {
        {"memory_equals_committed", "after every step, memory shows exactly the updates that were committed"},
        {"loaded_equals_committed",
         "every load shows a state that was committed, or one with an update in doubt on top"},
        {"acknowledged_is_durable", "a load misses no acknowledged update that the contract of the settings protects"},
        {"refused_is_absent", "an update that was said not to be applied does not appear"},
        {"exactly_once", "an update counts once, however often it is delivered"},
        {"version_monotonic", "the version goes up by one for each update and never back within a process"},
        {"corruption_detected",
         "a damaged stored state is refused with its files untouched, or shows a committed state"},
        {"database_intact", "SQLite's integrity check finds nothing at the end"},
        {"one_owner", "an engine that was taken over from acknowledges nothing and changes no file"},
        {"query_returns_no_row", "SQL: an invariant query of the scenario returns no row"},
        {"answer_follows_content", "SQL: a transaction is accepted or refused as the committed content demands"},
        {"exchange_converges", "at the end, positions are the sums of the exchange's fills"},
        {"progress_after_faults", "once faults have ended, every update is acknowledged within a bounded virtual time"},
        {"subject_crashed", "the subject does not crash or abort"},
        {"subject_hung", "the subject does not hang"},
        {NULL, NULL},
};

const struct sim_invariant *sim_run_invariants(void) {
	return sim_judge_invariants;
}

bool sim_judge_violated(struct sim_judge *judge, const char *invariant, const char *format, ...) {
	va_list arguments;
	if (judge->invariant[0] != '\0') {
		return false;
	}
	snprintf(judge->invariant, sizeof judge->invariant, "%s", invariant);
	va_start(arguments, format);
	vsnprintf(judge->detail, sizeof judge->detail, format, arguments);
	va_end(arguments);
	if (judge->on_violation != NULL) {
		judge->on_violation(judge->on_violation_context);
	}
	return false;
}

void sim_judge_begin(struct sim_judge *judge, const struct sim_plan *plan) {
	memset(judge, 0, offsetof(struct sim_judge, undone));
	judge->plan = plan;
}

/* ---- the view -------------------------------------------------------------------------------------------------------- */

/* The number in a name of the workload such as "O12"; UINT32_MAX when it is none of a number below `limit`. */
static uint32_t sim_view_number(const char *name, char prefix, uint32_t limit) {
	char *end = NULL;
	if (name[0] != prefix || name[1] < '0' || name[1] > '9') {
		return UINT32_MAX;
	}
	unsigned long number = strtoul(name + 1, &end, 10);
	return *end == '\0' && number < limit ? (uint32_t)number : UINT32_MAX;
}

static void sim_view_head(void *context, uint64_t version, uint64_t epoch, bool halted) {
	struct sim_view *view = context;
	view->version = version;
	view->epoch = epoch;
	view->halted = halted;
}

static void sim_view_position(void *context, const struct subject_position *position) {
	struct sim_view *view = context;
	uint32_t symbol = sim_view_number(position->symbol, 'S', SIM_PLAN_SYMBOLS_MAX);
	if (symbol == UINT32_MAX || view->position_seen[symbol]) {
		view->overflow = true;
		return;
	}
	view->position_seen[symbol] = true;
	view->positions[symbol] = *position;
	view->position_count++;
}

static void sim_view_order(void *context, const struct subject_order *order) {
	struct sim_view *view = context;
	uint32_t number = sim_view_number(order->order_id, 'O', SIM_PLAN_REPORTS_MAX);
	if (number == UINT32_MAX || view->order_seen[number]) {
		view->overflow = true;
		return;
	}
	view->order_seen[number] = true;
	view->orders[number] = *order;
	view->order_count++;
}

static void sim_view_execution(void *context, const char *symbol, const char *exec_id) {
	struct sim_view *view = context;
	uint32_t report = sim_view_number(exec_id, 'E', SIM_PLAN_REPORTS_MAX);
	(void)symbol;
	if (report == UINT32_MAX || view->seen[report]) {
		view->overflow = true;
		return;
	}
	view->seen[report] = true;
	view->execution_count++;
}

void sim_view_take(struct sim_view *view, const struct aftershock_subject *subject, void *instance) {
	const struct subject_sink sink = {.context = view,
	                                  .head = sim_view_head,
	                                  .position = sim_view_position,
	                                  .order = sim_view_order,
	                                  .execution = sim_view_execution};
	view->version = 0;
	view->epoch = 0;
	view->halted = false;
	view->overflow = false;
	view->position_count = view->order_count = view->execution_count = 0;
	memset(view->seen, 0, sizeof view->seen);
	memset(view->position_seen, 0, sizeof view->position_seen);
	memset(view->order_seen, 0, sizeof view->order_seen);
	subject->observe(instance, &sink);
}

/* ---- comparing a view with the model --------------------------------------------------------------------------------- */

struct sim_judge_difference {
	char text[160];
};

static bool sim_judge_same_position(const struct sim_model_position *want, const struct sim_view *view, uint32_t symbol,
                                    struct sim_judge_difference *why) {
	const struct subject_position *got = &view->positions[symbol];
	if (!view->position_seen[symbol]) {
		if (!want->exists) {
			return true;
		}
		snprintf(why->text, sizeof why->text, "position S%u is missing", symbol);
		return false;
	}
	bool same = got->quantity_lots == want->quantity_lots && got->cost_tick_lots == want->cost_tick_lots &&
	            got->realised_tick_lots == want->realised_tick_lots;
	if (!same) {
		snprintf(why->text, sizeof why->text,
		         "position S%u is %" PRId64 " lots cost %" PRId64 " realised %" PRId64 ", committed is %" PRId64
		         " cost %" PRId64 " realised %" PRId64,
		         symbol, got->quantity_lots, got->cost_tick_lots, got->realised_tick_lots, want->quantity_lots,
		         want->cost_tick_lots, want->realised_tick_lots);
	}
	return same;
}

static bool sim_judge_same_order(const struct sim_model_order *want, const struct sim_view *view, uint32_t number,
                                 struct sim_judge_difference *why) {
	const struct subject_order *got = &view->orders[number];
	if (view->order_seen[number] != want->exists) {
		snprintf(why->text, sizeof why->text, "order O%u is %s", number, want->exists ? "missing" : "there");
		return false;
	}
	bool same = !want->exists ||
	            (got->cum_quantity_lots == want->cum_quantity_lots && got->status == sim_model_status(want) &&
	             got->leaves_quantity_lots == sim_model_leaves(want) &&
	             got->order_quantity_lots == want->quantity_lots && got->price_ticks == want->price_ticks);
	if (!same) {
		snprintf(why->text, sizeof why->text,
		         "order O%u has status %d cum %" PRId64 " leaves %" PRId64 ", committed is %d cum %" PRId64
		         " leaves %" PRId64,
		         number, (int)got->status, got->cum_quantity_lots, got->leaves_quantity_lots,
		         (int)sim_model_status(want), want->cum_quantity_lots, sim_model_leaves(want));
	}
	return same;
}

static bool sim_judge_same_seen(const struct sim_model *model, const struct sim_plan *plan, const struct sim_view *view,
                                struct sim_judge_difference *why) {
	for (uint32_t report = 0; report < plan->report_count; report++) {
		if (model->seen[report] != view->seen[report]) {
			snprintf(why->text, sizeof why->text, "execution E%u is %s", report,
			         model->seen[report] ? "missing" : "there");
			return false;
		}
	}
	return true;
}

static bool sim_judge_same(const struct sim_model *model, const struct sim_plan *plan, const struct sim_view *view,
                           struct sim_judge_difference *why) {
	why->text[0] = '\0';
	if (view->overflow) {
		snprintf(why->text, sizeof why->text, "a row twice, or of no known name");
		return false;
	}
	if (view->version != model->version) {
		snprintf(why->text, sizeof why->text, "version is %" PRIu64 ", committed is %" PRIu64, view->version,
		         model->version);
		return false;
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		if (!sim_judge_same_position(&model->positions[symbol], view, symbol, why)) {
			return false;
		}
	}
	for (uint32_t order = 0; order < plan->order_count; order++) {
		if (!sim_judge_same_order(&model->orders[order], view, order, why)) {
			return false;
		}
	}
	return sim_judge_same_seen(model, plan, view, why);
}

/* ---- loads ----------------------------------------------------------------------------------------------------------- */

static void sim_judge_rebuild(const struct sim_judge *judge, uint64_t length, struct sim_model *model) {
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

/* The state of the chain at the view's version, or an open attempt on top of the one before it. */
static bool sim_judge_find(struct sim_judge *judge, const struct sim_view *view, struct sim_judge_difference *why) {
	struct sim_model model;
	if (view->version <= judge->chain_length) {
		sim_judge_rebuild(judge, view->version, &model);
		if (sim_judge_same(&model, judge->plan, view, why)) {
			sim_judge_adopt(judge, view->version, &model);
			return true;
		}
	}
	for (uint32_t i = 0; i < judge->attempt_count; i++) {
		const struct sim_judge_attempt *attempt = &judge->attempts[i];
		if (attempt->base + 1 != view->version || attempt->base > judge->chain_length) {
			continue;
		}
		sim_judge_rebuild(judge, attempt->base, &model);
		if (sim_model_predict(&model, judge->plan, attempt->report) != SIM_MODEL_APPLIES) {
			continue;
		}
		sim_model_apply(&model, judge->plan, attempt->report);
		if (sim_judge_same(&model, judge->plan, view, why)) {
			uint32_t report = attempt->report;
			sim_judge_adopt(judge, view->version - 1, &model);
			judge->chain[judge->chain_length++] = report;
			judge->attempt_found = true;
			return true;
		}
	}
	if (why->text[0] == '\0') {
		snprintf(why->text, sizeof why->text, "version %" PRIu64 " was never committed, the last is %" PRIu64,
		         view->version, judge->chain_length);
	}
	return false;
}

/* Makes an undone chain, up to a length, the chain again. */
static void sim_judge_restore(struct sim_judge *judge, const struct sim_judge_undone *undone, uint64_t length,
                              const struct sim_model *model) {
	uint64_t lost = 0;
	for (uint64_t i = 0; i < judge->chain_length; i++) {
		lost += model->seen[judge->chain[i]] ? 0 : 1;
	}
	struct sim_judge_undone again = *undone;
	sim_judge_remember_undone(judge);
	memcpy(judge->chain, again.chain, length * sizeof judge->chain[0]);
	judge->chain_length = length;
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

/* An attempt that was open when its chain was undone: it may have been there all along. */
static bool sim_judge_find_undone_attempt(struct sim_judge *judge, const struct sim_view *view,
                                          const struct sim_judge_attempt *attempt) {
	struct sim_judge_difference why;
	struct sim_model model;
	const struct sim_judge_undone *undone = &judge->undone[attempt->era];
	uint32_t report = attempt->report;
	if (attempt->era >= judge->undone_count || attempt->base + 1 != view->version ||
	    attempt->base > undone->length) {
		return false;
	}
	sim_judge_fold_undone(judge, undone, attempt->base, &model);
	if (sim_model_predict(&model, judge->plan, report) != SIM_MODEL_APPLIES) {
		return false;
	}
	sim_model_apply(&model, judge->plan, report);
	if (!sim_judge_same(&model, judge->plan, view, &why)) {
		return false;
	}
	sim_judge_restore(judge, undone, attempt->base, &model);
	judge->chain[judge->chain_length++] = report;
	judge->attempt_found = true;
	return true;
}

/* A state that was committed and then undone by a crash, of which SQLite's own recovery was undone in turn: where syncs lie, the
 * writes of a rollback get lost like any others, and what they had taken back is there again. */
static bool sim_judge_find_undone(struct sim_judge *judge, const struct sim_view *view) {
	struct sim_judge_difference why;
	for (uint32_t i = judge->undone_count; i > 0; i--) {
		const struct sim_judge_undone *undone = &judge->undone[i - 1];
		struct sim_model model;
		if (view->version > undone->length) {
			continue;
		}
		sim_judge_fold_undone(judge, undone, view->version, &model);
		if (sim_judge_same(&model, judge->plan, view, &why)) {
			sim_judge_restore(judge, undone, view->version, &model);
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

/* Whether one update that was said not to be applied, on top of the chain, explains what was loaded. */
static bool sim_judge_explained_by(const struct sim_judge *judge, const struct sim_view *view, uint32_t report) {
	struct sim_judge_difference why;
	struct sim_model model = judge->model;
	if (!judge->refused[report] || sim_model_predict(&model, judge->plan, report) != SIM_MODEL_APPLIES) {
		return false;
	}
	sim_model_apply(&model, judge->plan, report);
	return sim_judge_same(&model, judge->plan, view, &why);
}

static bool sim_judge_explained_by_refused(const struct sim_judge *judge, const struct sim_view *view) {
	uint32_t report = 0;
	while (report < judge->plan->report_count && !sim_judge_explained_by(judge, view, report)) {
		report++;
	}
	return report < judge->plan->report_count;
}

static uint64_t sim_judge_lowest(const struct sim_judge *judge, enum sim_contract contract) {
	switch (contract) {
	case SIM_CONTRACT_DURABLE:
		return judge->chain_length;
	case SIM_CONTRACT_LAST_MAY_ROLL_BACK:
		return judge->chain_length > judge->floor ? judge->chain_length - 1 : judge->floor;
	case SIM_CONTRACT_PREFIX:
	case SIM_CONTRACT_DETECT:
	case SIM_CONTRACT_MAY_CORRUPT:
	case SIM_CONTRACT_NONE:
	case SIM_CONTRACT_COUNT:
		break;
	}
	return 0;
}

bool sim_judge_loaded(struct sim_judge *judge, const struct sim_view *view, enum sim_contract contract, bool damaged) {
	struct sim_judge_difference why = {{0}};
	uint64_t lowest = sim_judge_lowest(judge, contract);
	uint64_t length = judge->chain_length;
	judge->lost = 0;
	judge->attempt_found = false;
	judge->found = sim_judge_find(judge, view, &why) ||
	               (contract >= SIM_CONTRACT_DETECT && sim_judge_find_undone(judge, view));
	if (!judge->found) {
		const char *invariant = damaged                                       ? "corruption_detected"
		                        : sim_judge_explained_by_refused(judge, view) ? "refused_is_absent"
		                                                                      : "loaded_equals_committed";
		return sim_judge_violated(judge, invariant, "loaded: %s", why.text);
	}
	/* An attempt on top of an older state has thrown away what came after that state. */
	if (view->version - (judge->attempt_found ? 1 : 0) < lowest) {
		return sim_judge_violated(judge, damaged ? "corruption_detected" : "acknowledged_is_durable",
		                          "loaded version %" PRIu64 ", acknowledged %" PRIu64 ", contract %s",
		                          view->version, length, sim_contract_name(contract));
	}
	judge->last_version = view->version;
	judge->floor = judge->chain_length;
	return true;
}

/* ---- steps ----------------------------------------------------------------------------------------------------------- */

void sim_judge_attempt(struct sim_judge *judge, uint32_t report) {
	for (uint32_t i = 0; i < judge->attempt_count; i++) {
		const struct sim_judge_attempt *known = &judge->attempts[i];
		if (known->base == judge->chain_length && known->report == report &&
		    known->era == judge->undone_count) {
			return;
		}
	}
	if (sim_model_predict(&judge->model, judge->plan, report) != SIM_MODEL_APPLIES) {
		return;
	}
	if (judge->attempt_count == SIM_JUDGE_ATTEMPTS_MAX) {
		memmove(judge->attempts, judge->attempts + 1, sizeof judge->attempts - sizeof judge->attempts[0]);
		judge->attempt_count--;
	}
	judge->attempts[judge->attempt_count++] =
	        (struct sim_judge_attempt){.base = judge->chain_length, .report = report, .era = judge->undone_count};
}

static bool sim_judge_acknowledged(struct sim_judge *judge, uint32_t report, const struct subject_reply *reply) {
	enum sim_model_answer answer = sim_model_predict(&judge->model, judge->plan, report);
	if (answer == SIM_MODEL_UNCHANGED) {
		return sim_judge_violated(judge, "exactly_once", "E%u was applied again", report);
	}
	if (answer == SIM_MODEL_GAP) {
		return sim_judge_violated(judge, "exactly_once", "E%u was applied before an earlier fill of its order",
		                          report);
	}
	sim_model_apply(&judge->model, judge->plan, report);
	judge->chain[judge->chain_length++] = report;
	if (reply->version != judge->model.version) {
		return sim_judge_violated(judge, "version_monotonic", "E%u made version %" PRIu64 ", expected %" PRIu64,
		                          report, reply->version, judge->model.version);
	}
	return true;
}

bool sim_judge_answered(struct sim_judge *judge, uint32_t report, const struct subject_reply *reply) {
	enum sim_model_answer answer = sim_model_predict(&judge->model, judge->plan, report);
	switch (reply->outcome) {
	case SUBJECT_ACKNOWLEDGED:
		return sim_judge_acknowledged(judge, report, reply);
	case SUBJECT_UNCHANGED:
		return answer == SIM_MODEL_UNCHANGED ||
		       sim_judge_violated(judge, "exactly_once", "E%u is said to be applied already, and is not",
		                          report);
	case SUBJECT_REFUSED:
		return sim_judge_violated(judge, "exactly_once", "E%u is refused for good: %.80s", report,
		                          reply->reason);
	case SUBJECT_IN_DOUBT:
		sim_judge_attempt(judge, report);
		return true;
	case SUBJECT_LATER:
	case SUBJECT_STOPPED:
		judge->refused[report] = true;
		return true;
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return sim_judge_violated(judge, "exactly_once", "E%u got no outcome (%d)", report, (int)reply->outcome);
}

bool sim_judge_memory(struct sim_judge *judge, const struct sim_view *view) {
	struct sim_judge_difference why;
	if (view->version < judge->last_version) {
		return sim_judge_violated(judge, "version_monotonic", "version went from %" PRIu64 " back to %" PRIu64,
		                          judge->last_version, view->version);
	}
	if (!sim_judge_same(&judge->model, judge->plan, view, &why)) {
		return sim_judge_violated(judge, "memory_equals_committed", "memory: %s", why.text);
	}
	judge->last_version = view->version;
	return true;
}

/* ---- an engine that was taken over from ------------------------------------------------------------------------------ */

/* Whether a report is among the first of the chain. */
static bool sim_judge_is_in_chain(const struct sim_judge *judge, uint64_t length, uint32_t report) {
	bool found = false;
	for (uint64_t i = 0; i < length && i < judge->chain_length && !found; i++) {
		found = judge->chain[i] == report;
	}
	return found;
}

bool sim_judge_former_answered(struct sim_judge *judge, const struct sim_judge_former *former, uint32_t report,
                               const struct subject_reply *reply) {
	switch (reply->outcome) {
	case SUBJECT_STOPPED:
	case SUBJECT_LATER:
		return true;
	case SUBJECT_UNCHANGED:
		return sim_judge_is_in_chain(judge, former->length, report) ||
		       judge->undone_count != former->undone_count ||
		       sim_judge_violated(judge, "exactly_once",
		                          "E%u is said to be applied already by an engine that never had it", report);
	case SUBJECT_IN_DOUBT:
		if (former->may_doubt) {
			return true;
		}
		break;
	case SUBJECT_ACKNOWLEDGED:
	case SUBJECT_REFUSED:
	case SUBJECT_OUTCOME_NONE:
		break;
	}
	return sim_judge_violated(judge, "one_owner", "E%u got outcome %d of an engine that was taken over from: %.80s",
	                          report, (int)reply->outcome, reply->reason);
}

bool sim_judge_former_memory(struct sim_judge *judge, const struct sim_judge_former *former,
                             const struct sim_view *view) {
	struct sim_judge_difference why;
	struct sim_model model;
	if (judge->undone_count != former->undone_count || former->length > judge->chain_length) {
		return true; /* what it showed was undone by a crash that it outlived; it serves nobody */
	}
	if (view->version > judge->last_version) {
		return sim_judge_violated(judge, "version_monotonic",
		                          "a former engine shows version %" PRIu64 ", the owner %" PRIu64,
		                          view->version, judge->last_version);
	}
	sim_judge_rebuild(judge, former->length, &model);
	return sim_judge_same(&model, judge->plan, view, &why) ||
	       sim_judge_violated(judge, "memory_equals_committed", "former engine: %s", why.text);
}

bool sim_judge_converged(struct sim_judge *judge) {
	int64_t lots[SIM_PLAN_SYMBOLS_MAX] = {0};
	const struct sim_plan *plan = judge->plan;
	for (uint32_t i = 0; i < plan->report_count; i++) {
		const struct subject_order_update *update = &plan->reports[i].update;
		lots[plan->reports[i].symbol] +=
		        update->side == SUBJECT_SIDE_BUY ? update->last_quantity_lots : -update->last_quantity_lots;
	}
	if (judge->chain_length != plan->report_count) {
		return sim_judge_violated(judge, "exchange_converges", "%" PRIu64 " of %u reports were applied",
		                          judge->chain_length, plan->report_count);
	}
	for (uint32_t symbol = 0; symbol < SIM_PLAN_SYMBOLS_MAX; symbol++) {
		if (judge->model.positions[symbol].quantity_lots != lots[symbol]) {
			return sim_judge_violated(judge, "exchange_converges",
			                          "position S%u is %" PRId64 " lots, the exchange says %" PRId64,
			                          symbol, judge->model.positions[symbol].quantity_lots, lots[symbol]);
		}
	}
	return true;
}
