/* sim/sql/sql_judge.c: see sql_judge.h. */
#include "sql_judge.h"
#include "sql_call.h"

#include <assert.h>
#include <string.h>

/* ---- entries --------------------------------------------------------------------------------- */

static void sim_sql_entry_clear(struct sim_sql_entry *entry) {
	for (uint32_t file = 0; file < SIM_SQL_FILES_MAX; file++) {
		sim_sql_image_free(&entry->images[file]);
	}
}

static bool sim_sql_group_same(const struct sim_sql_group *group, const struct sim_sql_state *left,
                               const struct sim_sql_state *right) {
	return memcmp(left->digests[group->first_file], right->digests[group->first_file],
	              group->file_count * sizeof left->digests[0]) == 0;
}

/* The reference as it is now, as an entry on top of entry `base`. */
static bool sim_sql_group_take(struct sim_sql_judge *judge, const struct sim_sql_group *group, uint32_t base,
                               const struct sim_sql_state *state, struct sim_sql_entry *entry) {
	assert(base <= group->top);
	bool taken = true;
	/* `entry` may be the base itself: the first one of all. */
	bool changed = !sim_sql_group_same(group, &group->entries[base].state, state);
	*entry = (struct sim_sql_entry){.state = *state, .changed = changed};
	for (uint32_t i = 0; taken && entry->changed && i < group->file_count; i++) {
		uint32_t file = group->first_file + i;
		taken = sim_sql_reference_image(judge->reference, file, &entry->images[file]);
	}
	return taken;
}

static void sim_sql_group_forget_attempt(struct sim_sql_group *group, uint32_t number) {
	assert(number < group->attempt_count);
	sim_sql_entry_clear(&group->attempts[number].entry);
	memmove(&group->attempts[number], &group->attempts[number + 1],
	        (group->attempt_count - number - 1) * sizeof group->attempts[0]);
	group->attempt_count--;
}

static void sim_sql_group_cut(struct sim_sql_group *group, uint32_t top) {
	assert(top <= group->top);
	while (group->top > top) {
		sim_sql_entry_clear(&group->entries[group->top--]);
	}
	for (uint32_t i = group->attempt_count; i > 0; i--) {
		if (group->attempts[i - 1].base > top) {
			sim_sql_group_forget_attempt(group, i - 1);
		}
	}
}

static bool sim_sql_group_restore(struct sim_sql_judge *judge, const struct sim_sql_group *group) {
	const struct sim_sql_entry *top = &group->entries[group->top];
	bool restored = true;
	for (uint32_t i = 0; restored && i < group->file_count; i++) {
		uint32_t file = group->first_file + i;
		restored = sim_sql_reference_restore(judge->reference, file, &top->images[file]);
	}
	return restored;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

bool sim_sql_judge_init(struct sim_sql_judge *judge, const struct sim_sql *sql, const struct sim_sql_pragmas *pragmas,
                        bool atomic) {
	assert(sql->file_count > 0 && sql->file_count <= SIM_SQL_FILES_MAX);
	struct sim_sql_state state;
	judge->sql = sql;
	judge->group_count = atomic ? 1 : sql->file_count;
	judge->holds_still = 0;
	judge->reference = sim_sql_reference_create(sql, pragmas);
	bool done = judge->reference != NULL && sim_sql_reference_state(judge->reference, &state);
	for (uint32_t i = 0; i < judge->group_count; i++) {
		struct sim_sql_group *group = &judge->groups[i];
		group->first_file = i;
		group->file_count = atomic ? sql->file_count : 1;
		group->top = 0;
		group->attempt_count = 0;
		memset(&group->entries[0], 0, sizeof group->entries[0]);
		done = done && sim_sql_group_take(judge, group, 0, &state, &group->entries[0]);
		group->entries[0].acknowledged = true;
		group->entries[0].changed = true;
	}
	return done;
}

void sim_sql_judge_deinit(struct sim_sql_judge *judge) {
	for (uint32_t i = 0; i < judge->group_count; i++) {
		struct sim_sql_group *group = &judge->groups[i];
		sim_sql_group_cut(group, 0);
		while (group->attempt_count > 0) {
			sim_sql_group_forget_attempt(group, 0);
		}
		sim_sql_entry_clear(&group->entries[0]);
	}
	sim_sql_reference_destroy(judge->reference);
	judge->reference = NULL;
	judge->group_count = 0;
}

/* ---- transactions ---------------------------------------------------------------------------- */

enum sim_sql_answer sim_sql_judge_predict(struct sim_sql_judge *judge, const struct sim_sql_call *call) {
	enum sim_sql_answer answer = sim_sql_reference_begin(judge->reference, call);
	if (answer == SIM_SQL_COMMITS && !sim_sql_reference_end(judge->reference, false)) {
		return SIM_SQL_ANSWER_NONE;
	}
	return answer;
}

static void sim_sql_group_push(struct sim_sql_group *group, const struct sim_sql_entry *entry) {
	assert(group->top + 1 < sizeof group->entries / sizeof group->entries[0]);
	group->entries[++group->top] = *entry;
}

/* How a transaction has ended. */
struct sim_sql_end {
	bool acknowledged; /* else its outcome is open */
	struct sim_sql_commit commit;
	const char *name;
};

static void sim_sql_group_committed(struct sim_sql_group *group, struct sim_sql_entry *entry, bool ends_doubts) {
	entry->acknowledged = true;
	while (ends_doubts && group->attempt_count > 0) {
		sim_sql_group_forget_attempt(group, 0);
	}
	sim_sql_group_push(group, entry);
}

static void sim_sql_group_attempted(struct sim_sql_group *group, const struct sim_sql_entry *entry) {
	if (group->attempt_count == SIM_SQL_ATTEMPTS_MAX) {
		sim_sql_group_forget_attempt(group, 0);
	}
	group->attempts[group->attempt_count++] = (struct sim_sql_attempt){.base = group->top, .entry = *entry};
}

static bool sim_sql_group_end(struct sim_sql_judge *judge, struct sim_sql_group *group,
                              const struct sim_sql_state *state, const struct sim_sql_end *end) {
	struct sim_sql_entry entry;
	if (!sim_sql_group_take(judge, group, group->top, state, &entry)) {
		return false;
	}
	entry.name = end->name;
	entry.spilled = end->commit.spilled;
	entry.is_synced = end->commit.is_synced;
	/* A commit that changed nothing has written nothing: it makes nothing durable, and ends no
	 * doubt. */
	if (entry.changed && end->acknowledged) {
		sim_sql_group_committed(group, &entry, end->commit.ends_doubts);
	} else if (entry.changed) {
		sim_sql_group_attempted(group, &entry);
	}
	return true;
}

/* Runs the transaction and hands its state to every group. */
static enum sim_sql_answer sim_sql_judge_end(struct sim_sql_judge *judge, const struct sim_sql_call *call,
                                             const struct sim_sql_end *end) {
	struct sim_sql_state state;
	enum sim_sql_answer answer = sim_sql_reference_begin(judge->reference, call);
	if (answer != SIM_SQL_COMMITS) {
		return answer;
	}
	/* Committed before it is kept: until then a virtual table has a part in memory. */
	bool done = sim_sql_reference_end(judge->reference, true) && sim_sql_reference_state(judge->reference, &state);
	for (uint32_t i = 0; done && i < judge->group_count; i++) {
		done = sim_sql_group_end(judge, &judge->groups[i], &state, end) &&
		       (end->acknowledged || sim_sql_group_restore(judge, &judge->groups[i]));
	}
	return done ? SIM_SQL_COMMITS : SIM_SQL_ANSWER_NONE;
}

enum sim_sql_answer sim_sql_judge_committed(struct sim_sql_judge *judge, const struct sim_sql_call *call,
                                            const struct sim_sql_commit *commit) {
	const struct sim_sql_end end = {.acknowledged = true, .commit = *commit, .name = call->transaction.name};
	return sim_sql_judge_end(judge, call, &end);
}

enum sim_sql_answer sim_sql_judge_attempted(struct sim_sql_judge *judge, const struct sim_sql_call *call) {
	const struct sim_sql_end end = {.name = call->transaction.name};
	return sim_sql_judge_end(judge, call, &end);
}

/* ---- matching -------------------------------------------------------------------------------- */

/* Where in a group a state was found. */
struct sim_sql_match {
	bool found;
	uint32_t base;
	uint32_t attempt; /* number + 1 of the attempt on top of it; 0: none */
};

static uint32_t sim_sql_group_last_acknowledged(const struct sim_sql_group *group) {
	uint32_t entry = group->top;
	while (!group->entries[entry].acknowledged) {
		entry--;
	}
	return entry;
}

static uint32_t sim_sql_group_last_synced(const struct sim_sql_group *group) {
	uint32_t entry = group->top;
	while (entry > 0 && !(group->entries[entry].acknowledged && group->entries[entry].is_synced)) {
		entry--;
	}
	return entry;
}

/* The lowest entry that the contract allows a load to show. A commit that was synced is there, and
 * all before it, whatever those after it are worth. */
static uint32_t sim_sql_group_lowest(const struct sim_sql_group *group, const struct sim_sql_terms *terms) {
	uint32_t last = sim_sql_group_last_acknowledged(group);
	uint32_t lowest = sim_contract_lowest(terms->contract, terms->crash, last, group->top);
	bool counts = terms->by_commit && terms->crash == SIM_CRASH_POWER_LOSS &&
	              terms->contract > SIM_CONTRACT_DURABLE && terms->contract <= SIM_CONTRACT_PREFIX;
	uint32_t synced = counts ? sim_sql_group_last_synced(group) : 0;
	return synced > lowest ? synced : lowest;
}

static bool sim_sql_attempt_fits(const struct sim_sql_attempt *attempt, const struct sim_sql_terms *terms) {
	return !(attempt->settled_living &&
	         sim_contract_read_settles(terms->contract, terms->crash, terms->rollback_modes));
}

static uint32_t sim_sql_group_find_attempt(const struct sim_sql_group *group, const struct sim_sql_state *state,
                                           uint32_t base, const struct sim_sql_terms *terms) {
	for (uint32_t i = group->attempt_count; i > 0; i--) {
		const struct sim_sql_attempt *attempt = &group->attempts[i - 1];
		if (attempt->base == base && sim_sql_attempt_fits(attempt, terms) &&
		    sim_sql_group_same(group, &attempt->entry.state, state)) {
			return i;
		}
	}
	return 0;
}

/* From the newest to the oldest, so that of equal contents the newest is found. */
static struct sim_sql_match sim_sql_group_find(const struct sim_sql_group *group, const struct sim_sql_state *state,
                                               const struct sim_sql_terms *terms) {
	for (uint32_t base = group->top + 1; base > 0; base--) {
		if (sim_sql_group_same(group, &group->entries[base - 1].state, state)) {
			return (struct sim_sql_match){.found = true, .base = base - 1};
		}
		uint32_t attempt = sim_sql_group_find_attempt(group, state, base - 1, terms);
		if (attempt > 0) {
			return (struct sim_sql_match){.found = true, .base = base - 1, .attempt = attempt};
		}
	}
	return (struct sim_sql_match){0};
}

static uint64_t sim_sql_group_acknowledged_above(const struct sim_sql_group *group, uint32_t base) {
	assert(base <= group->top);
	uint64_t count = 0;
	for (uint32_t entry = base + 1; entry <= group->top; entry++) {
		count += group->entries[entry].acknowledged ? 1 : 0;
	}
	return count;
}

/* Makes what was found the top. The entry of an attempt moves to the chain: shown, but acknowledged
 * by nobody. */
static void sim_sql_group_adopt(struct sim_sql_group *group, const struct sim_sql_match *match) {
	assert(match->found && match->base <= group->top && match->attempt <= group->attempt_count);
	struct sim_sql_entry entry = {0};
	if (match->attempt > 0) {
		struct sim_sql_attempt *attempt = &group->attempts[match->attempt - 1];
		entry = attempt->entry;
		memset(attempt->entry.images, 0, sizeof attempt->entry.images);
		sim_sql_group_forget_attempt(group, match->attempt - 1);
	}
	sim_sql_group_cut(group, match->base);
	if (match->attempt > 0) {
		sim_sql_group_push(group, &entry);
	}
	for (uint32_t i = 0; i < group->attempt_count; i++) {
		group->attempts[i].settled_living = true;
	}
}

static bool sim_sql_judge_adopt(struct sim_sql_judge *judge, struct sim_sql_group *group,
                                const struct sim_sql_match *match) {
	bool same = match->base == group->top && match->attempt == 0;
	uint64_t lost = sim_sql_group_acknowledged_above(group, match->base);
	if (lost > judge->lost) {
		uint32_t first = match->base + 1;
		while (!group->entries[first].acknowledged) {
			first++;
		}
		judge->lost = lost;
		judge->lost_name = group->entries[first].name;
		judge->lost_spilled = group->entries[first].spilled;
	}
	judge->attempt_found |= match->attempt > 0;
	if (judge->holds_still > 0) {
		return true;
	}
	sim_sql_group_adopt(group, match);
	return same || sim_sql_group_restore(judge, group);
}

static void sim_sql_judge_begin_match(struct sim_sql_judge *judge) {
	judge->lost = 0;
	judge->lost_name = NULL;
	judge->lost_spilled = false;
	judge->found = judge->admissible = true;
	judge->attempt_found = judge->diverged = false;
}

bool sim_sql_judge_loaded(struct sim_sql_judge *judge, const struct sim_sql_view *view,
                          const struct sim_sql_terms *terms) {
	bool restored = true;
	uint32_t attempts = 0;
	sim_sql_judge_begin_match(judge);
	for (uint32_t i = 0; i < judge->group_count; i++) {
		struct sim_sql_group *group = &judge->groups[i];
		struct sim_sql_match match = sim_sql_group_find(group, &view->state, terms);
		judge->found &= match.found;
		judge->admissible &= match.found && match.base >= sim_sql_group_lowest(group, terms);
		if (match.found) {
			attempts += match.attempt > 0 ? 1 : 0;
			restored &= sim_sql_judge_adopt(judge, group, &match);
		}
	}
	judge->diverged = attempts > 0 && attempts < judge->group_count;
	return restored;
}

bool sim_sql_judge_live(struct sim_sql_judge *judge, const struct sim_sql_view *view, bool fresh) {
	const struct sim_sql_terms terms = {.contract = SIM_CONTRACT_DURABLE};
	bool restored = true;
	sim_sql_judge_begin_match(judge);
	for (uint32_t i = 0; i < judge->group_count; i++) {
		struct sim_sql_group *group = &judge->groups[i];
		struct sim_sql_match match = {.found = true, .base = group->top};
		if (!sim_sql_group_same(group, &group->entries[group->top].state, &view->state)) {
			match.attempt = fresh ? sim_sql_group_find_attempt(group, &view->state, group->top, &terms) : 0;
			match.found = match.attempt > 0;
		}
		judge->found &= match.found;
		if (match.found) {
			restored &= sim_sql_judge_adopt(judge, group, &match);
		}
	}
	judge->admissible = judge->found;
	return restored;
}

bool sim_sql_judge_hold_still(struct sim_sql_judge *judge) {
	for (uint32_t i = 0; i < judge->group_count; i++) {
		if (judge->groups[i].attempt_count == SIM_SQL_ATTEMPTS_MAX) {
			return false;
		}
	}
	judge->holds_still++;
	return true;
}

void sim_sql_judge_go_on(struct sim_sql_judge *judge, const uint32_t attempts[SIM_SQL_FILES_MAX]) {
	assert(judge->holds_still > 0);
	for (uint32_t i = 0; i < judge->group_count; i++) {
		struct sim_sql_group *group = &judge->groups[i];
		assert(group->attempt_count >= attempts[i]);
		while (group->attempt_count > attempts[i]) {
			sim_sql_group_forget_attempt(group, group->attempt_count - 1);
		}
	}
	judge->holds_still--;
}

const char *sim_sql_judge_last_spilled(const struct sim_sql_judge *judge) {
	const struct sim_sql_group *group = &judge->groups[0];
	uint32_t entry = group->top;
	while (entry > 0 && !group->entries[entry].spilled) {
		entry--;
	}
	return entry > 0 ? group->entries[entry].name : "none";
}
