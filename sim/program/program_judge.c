/* sim/program/program_judge.c: see program_judge.h. */
#include "program_judge.h"

#include <assert.h>
#include <string.h>

#define SIM_PROGRAM_NOWHERE UINT32_MAX

/* ---- the model ------------------------------------------------------------------------------- */

static bool sim_program_is_done(const struct subject_reply *reply) {
	return reply->outcome == SUBJECT_ACKNOWLEDGED || reply->outcome == SUBJECT_UNCHANGED;
}

/* Takes the model to that entry: on from where it is, or from the beginning. */
static bool sim_program_judge_go_to(struct sim_program_judge *judge, uint32_t entry) {
	struct sim_program_reply reply;
	assert(entry <= judge->top);
	bool done = true;
	if (judge->position > entry) {
		judge->position = 0;
		done = sim_program_model_begin(&judge->model);
	}
	while (done && judge->position < entry) {
		const struct sim_program_deed *deed = &judge->entries[judge->position + 1].deed;
		sim_program_model_apply(&judge->model, deed->operation, deed->instant, &reply);
		done = sim_program_is_done(&reply.reply);
		judge->position++;
	}
	if (!done) {
		judge->position = SIM_PROGRAM_NOWHERE;
	}
	return done;
}

bool sim_program_judge_init(struct sim_program_judge *judge, struct sim_world *world) {
	judge->position = judge->top = judge->attempt_count = judge->holds_still = 0;
	judge->entries[0] = (struct sim_program_entry){.acknowledged = true, .changed = true};
	if (!sim_program_model_init(&judge->model, world) || !sim_program_model_begin(&judge->model) ||
	    !sim_program_model_show(&judge->model, &judge->wanted)) {
		return false;
	}
	memcpy(judge->entries[0].hash, judge->wanted.hash, sizeof judge->wanted.hash);
	return true;
}

void sim_program_judge_deinit(struct sim_program_judge *judge) {
	sim_program_model_deinit(&judge->model);
	sim_program_state_deinit(&judge->shown);
	sim_program_state_deinit(&judge->wanted);
}

/* ---- operations ------------------------------------------------------------------------------ */

void sim_program_judge_forget(struct sim_program_judge *judge, uint32_t from) {
	assert(from <= judge->attempt_count);
	judge->attempt_count = from;
}

static void sim_program_judge_forget_one(struct sim_program_judge *judge, uint32_t number) {
	assert(number < judge->attempt_count);
	memmove(&judge->attempts[number], &judge->attempts[number + 1],
	        (judge->attempt_count - number - 1) * sizeof judge->attempts[0]);
	judge->attempt_count--;
}

static void sim_program_judge_push(struct sim_program_judge *judge, const struct sim_program_entry *entry) {
	assert(judge->top + 1 < SIM_PROGRAM_ENTRIES_MAX);
	judge->entries[judge->top + 1] = *entry;
	judge->entries[judge->top + 1].changed = !sim_program_hash_equal(entry->hash, judge->entries[judge->top].hash);
	judge->top++;
}

bool sim_program_judge_do(struct sim_program_judge *judge, const struct sim_program_deed *deed, bool kept,
                          bool ends_doubts, struct sim_program_reply *reply) {
	struct sim_program_entry entry = {.deed = *deed, .acknowledged = true};
	if (!sim_program_judge_go_to(judge, judge->top)) {
		return false;
	}
	sim_program_model_apply(&judge->model, deed->operation, deed->instant, reply);
	judge->position = SIM_PROGRAM_NOWHERE;
	if (!sim_program_model_show(&judge->model, &judge->wanted)) {
		return false;
	}
	if (!kept || !sim_program_is_done(&reply->reply)) {
		bool same = sim_program_hash_equal(judge->wanted.hash, judge->entries[judge->top].hash);
		judge->position = same && !sim_program_is_done(&reply->reply) ? judge->top : SIM_PROGRAM_NOWHERE;
		return true;
	}
	memcpy(entry.hash, judge->wanted.hash, sizeof entry.hash);
	sim_program_judge_push(judge, &entry);
	judge->position = judge->top;
	/* What changed nothing has perhaps written nothing: it ends no doubt. */
	if (ends_doubts && judge->entries[judge->top].changed) {
		judge->attempt_count = 0;
	}
	return true;
}

void sim_program_judge_attempt(struct sim_program_judge *judge, const struct sim_program_deed *deed) {
	if (judge->attempt_count == SIM_PROGRAM_ATTEMPTS_MAX) {
		sim_program_judge_forget_one(judge, 0);
	}
	judge->attempts[judge->attempt_count++] =
	        (struct sim_program_attempt){.base = judge->top, .entry = {.deed = *deed}};
}

static bool sim_program_judge_evaluate(struct sim_program_judge *judge, struct sim_program_attempt *attempt) {
	struct sim_program_reply reply;
	if (attempt->evaluated) {
		return true;
	}
	if (!sim_program_judge_go_to(judge, attempt->base)) {
		return false;
	}
	const struct sim_program_deed *deed = &attempt->entry.deed;
	sim_program_model_apply(&judge->model, deed->operation, deed->instant, &reply);
	judge->position = SIM_PROGRAM_NOWHERE;
	attempt->refused = !sim_program_is_done(&reply.reply);
	attempt->evaluated = true;
	if (!sim_program_model_show(&judge->model, &judge->wanted)) {
		return false;
	}
	memcpy(attempt->entry.hash, judge->wanted.hash, sizeof attempt->entry.hash);
	return true;
}

/* ---- matching -------------------------------------------------------------------------------- */

/* Where a state was found. */
struct sim_program_match {
	bool found;
	uint32_t base;
	uint32_t attempt; /* number + 1 of the attempt on top of it; 0: none */
};

/* What made nothing durable may be lost with what comes before it. */
static uint32_t sim_program_judge_last_acknowledged(const struct sim_program_judge *judge) {
	uint32_t entry = judge->top;
	while (!judge->entries[entry].acknowledged || !judge->entries[entry].changed) {
		entry--;
	}
	return entry;
}

/* The lowest entry that the contract allows a load to show. */
static uint32_t sim_program_judge_lowest(const struct sim_program_judge *judge, const struct sim_program_terms *terms) {
	uint32_t last = sim_program_judge_last_acknowledged(judge);
	uint32_t shown = judge->top;
	while (!judge->entries[shown].changed) {
		shown--;
	}
	return sim_contract_lowest(terms->contract, terms->crash, last, shown);
}

static bool sim_program_attempt_fits(const struct sim_program_attempt *attempt, const struct sim_program_terms *terms) {
	return !(attempt->settled_living &&
	         sim_contract_read_settles(terms->contract, terms->crash, terms->rollback_modes));
}

/* Of the attempts on that entry, the newest that makes what is shown. */
static bool sim_program_judge_find_attempt(struct sim_program_judge *judge, uint32_t base,
                                           const struct sim_program_terms *terms, struct sim_program_match *match) {
	for (uint32_t i = judge->attempt_count; i > 0; i--) {
		struct sim_program_attempt *attempt = &judge->attempts[i - 1];
		if (attempt->base != base || !sim_program_attempt_fits(attempt, terms)) {
			continue;
		}
		if (!sim_program_judge_evaluate(judge, attempt)) {
			return false;
		}
		if (!attempt->refused && sim_program_hash_equal(attempt->entry.hash, judge->shown.hash)) {
			*match = (struct sim_program_match){.found = true, .base = base, .attempt = i};
			return true;
		}
	}
	return true;
}

/* From the newest to the oldest, so that of equal states the newest is found. */
static bool sim_program_judge_find(struct sim_program_judge *judge, const struct sim_program_terms *terms,
                                   struct sim_program_match *match) {
	bool done = true;
	for (uint32_t base = judge->top + 1; done && !match->found && base > 0; base--) {
		if (sim_program_hash_equal(judge->entries[base - 1].hash, judge->shown.hash)) {
			*match = (struct sim_program_match){.found = true, .base = base - 1};
		} else {
			done = sim_program_judge_find_attempt(judge, base - 1, terms, match);
		}
	}
	return done;
}

/* Everything above that entry is gone. */
static void sim_program_judge_cut(struct sim_program_judge *judge, uint32_t top) {
	assert(top <= judge->top);
	judge->position = judge->position > top ? SIM_PROGRAM_NOWHERE : judge->position;
	judge->top = top;
	for (uint32_t i = judge->attempt_count; i > 0; i--) {
		if (judge->attempts[i - 1].base > top) {
			sim_program_judge_forget_one(judge, i - 1);
		}
	}
}

static void sim_program_judge_count_lost(struct sim_program_judge *judge, uint32_t base) {
	for (uint32_t entry = judge->top; entry > base; entry--) {
		const struct sim_program_entry *gone = &judge->entries[entry];
		if (gone->acknowledged && gone->changed) {
			judge->lost++;
			memcpy(judge->lost_operation, gone->deed.operation, sizeof judge->lost_operation);
		}
	}
}

/* Makes what was found the top. An attempt moves to the chain: shown, but acknowledged by
 * nobody. */
static void sim_program_judge_adopt(struct sim_program_judge *judge, const struct sim_program_match *match) {
	sim_program_judge_count_lost(judge, match->base);
	judge->attempt_found = match->attempt > 0;
	if (judge->holds_still > 0) {
		return;
	}
	struct sim_program_entry entry = {0};
	if (match->attempt > 0) {
		entry = judge->attempts[match->attempt - 1].entry;
		sim_program_judge_forget_one(judge, match->attempt - 1);
	}
	sim_program_judge_cut(judge, match->base);
	if (match->attempt > 0) {
		sim_program_judge_push(judge, &entry);
	}
	for (uint32_t i = 0; i < judge->attempt_count; i++) {
		judge->attempts[i].settled_living = true;
	}
}

static void sim_program_judge_begin_match(struct sim_program_judge *judge) {
	judge->lost = 0;
	judge->lost_operation[0] = '\0';
	judge->found = judge->admissible = judge->attempt_found = false;
}

bool sim_program_judge_loaded(struct sim_program_judge *judge, const struct sim_program_terms *terms) {
	struct sim_program_match match = {0};
	uint32_t lowest = sim_program_judge_lowest(judge, terms);
	sim_program_judge_begin_match(judge);
	if (!sim_program_judge_find(judge, terms, &match)) {
		return false;
	}
	judge->found = match.found;
	judge->admissible = match.found && match.base >= lowest;
	if (match.found) {
		sim_program_judge_adopt(judge, &match);
	}
	return true;
}

bool sim_program_judge_live(struct sim_program_judge *judge, bool fresh) {
	const struct sim_program_terms terms = {.contract = SIM_CONTRACT_DURABLE};
	struct sim_program_match match = {.found = true, .base = judge->top};
	sim_program_judge_begin_match(judge);
	if (!sim_program_hash_equal(judge->entries[judge->top].hash, judge->shown.hash)) {
		match.found = false;
		if (fresh && !sim_program_judge_find_attempt(judge, judge->top, &terms, &match)) {
			return false;
		}
	}
	judge->found = judge->admissible = match.found;
	if (match.found) {
		sim_program_judge_adopt(judge, &match);
	}
	return true;
}

/* ---- for people ------------------------------------------------------------------------------ */

bool sim_program_judge_explains(struct sim_program_judge *judge, const struct sim_program_deed *deed) {
	struct sim_program_attempt attempt = {.base = judge->top, .entry = {.deed = *deed}};
	return sim_program_judge_evaluate(judge, &attempt) && !attempt.refused &&
	       sim_program_hash_equal(attempt.entry.hash, judge->shown.hash);
}

void sim_program_judge_difference(struct sim_program_judge *judge, char text[SIM_PROGRAM_DIFFERENCE_SIZE]) {
	text[0] = '\0';
	if (sim_program_judge_go_to(judge, judge->top) && sim_program_model_show(&judge->model, &judge->wanted)) {
		sim_program_state_difference(&judge->shown, &judge->wanted, text);
	}
}
