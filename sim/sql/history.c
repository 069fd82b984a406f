/* sim/sql/history.c: see history.h. First what is told, then the branches, then reads and writes as
 * they are settled, then power losses. */
#include "history.h"

#include "contract.h"
#include "plan.h"
#include "sql_call.h"
#include "trace.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIM_HISTORY_NOWHERE UINT32_MAX

static bool sim_history_fine(const struct sim_history *history) {
	return !history->failed && history->violation.invariant[0] == '\0';
}

static bool sim_history_same(const uint64_t a[2], const uint64_t b[2]) {
	return a[0] == b[0] && a[1] == b[1];
}

static const char *sim_history_process(const struct sim_history *history, uint32_t process) {
	return process < history->plan->processes.count ? history->plan->processes.members[process].name : "the judge";
}

/* ---- what is told ---------------------------------------------------------------------------- */

void sim_history_write_began(struct sim_history *history, uint32_t process, uint32_t transaction) {
	assert(process < SIM_PROCESSES_MAX && !history->is_open[process]);
	history->open[process] = (struct sim_history_write){
	        .process = process, .transaction = transaction, .instant = SIM_INSTANT_OF_SETUP};
	history->is_open[process] = true;
	history->is_committing[process] = history->has_written[process] = false;
}

void sim_history_write_at(struct sim_history *history, uint32_t process, struct sim_instant instant) {
	assert(process < SIM_PROCESSES_MAX);
	history->open[process].instant = instant;
}

void sim_history_write_read(struct sim_history *history, uint32_t process, const uint64_t digest[2]) {
	assert(process < SIM_PROCESSES_MAX);
	history->open[process].has_read = true;
	memcpy(history->open[process].read, digest, sizeof history->open[process].read);
}

/* The place of a process's open write among those that wait; SIM_HISTORY_NOWHERE before it was
 * stamped. */
static uint32_t sim_history_find_open(const struct sim_history *history, uint32_t process) {
	for (uint32_t i = history->write_count; i > history->run_count; i--) {
		const struct sim_history_write *write = &history->writes[i - 1];
		if (write->process == process && write->outcome == SIM_HISTORY_PENDING) {
			return i - 1;
		}
	}
	return SIM_HISTORY_NOWHERE;
}

static void sim_history_remove(struct sim_history *history, uint32_t place) {
	assert(place >= history->run_count && place < history->write_count);
	history->write_count--;
	memmove(&history->writes[place], &history->writes[place + 1],
	        (history->write_count - place) * sizeof history->writes[0]);
}

void sim_history_write_locked(struct sim_history *history, uint32_t process) {
	assert(process < SIM_PROCESSES_MAX);
	if (!history->is_open[process] || history->has_written[process]) {
		return;
	}
	uint32_t place = sim_history_find_open(history, process);
	if (place != SIM_HISTORY_NOWHERE) {
		sim_history_remove(history, place);
	}
	if (history->write_count == SIM_HISTORY_WRITES_MAX) {
		history->failed = true;
		return;
	}
	history->open[process].stamp = ++history->stamp;
	history->writes[history->write_count++] = history->open[process];
}

void sim_history_write_writes(struct sim_history *history, uint32_t process) {
	history->has_written[process] |= history->is_open[process] && history->open[process].stamp != 0;
}

void sim_history_write_commits(struct sim_history *history, uint32_t process) {
	assert(process < SIM_PROCESSES_MAX);
	history->is_committing[process] = true;
}

void sim_history_write_synced(struct sim_history *history, uint32_t process, bool is_synced) {
	assert(process < SIM_PROCESSES_MAX);
	history->open[process].is_synced = is_synced;
}

void sim_history_write_ended(struct sim_history *history, uint32_t process, enum sim_history_outcome outcome) {
	assert(process < SIM_PROCESSES_MAX && outcome != SIM_HISTORY_PENDING);
	if (!history->is_open[process]) {
		return;
	}
	bool stamped = history->open[process].stamp != 0;
	/* What can be recovered takes more than one write to a journal or WAL, so that the first of
	 * them was seen. */
	if (outcome == SIM_HISTORY_OPEN && !history->has_written[process]) {
		outcome = SIM_HISTORY_UNDONE;
	}
	/* Acknowledged without the lock it must be one that changes nothing, at this place of the
	 * chain as at any other. */
	if (!stamped && outcome == SIM_HISTORY_ACKNOWLEDGED) {
		sim_history_write_locked(history, process);
	}
	uint32_t place = sim_history_find_open(history, process);
	history->is_open[process] = false;
	if (place == SIM_HISTORY_NOWHERE) {
		return;
	}
	struct sim_history_write *write = &history->writes[place];
	write->outcome = outcome;
	write->has_read = history->open[process].has_read;
	write->has_written = history->has_written[process];
	write->is_synced = history->open[process].is_synced;
	memcpy(write->read, history->open[process].read, sizeof write->read);
	write->stamp = stamped ? write->stamp : history->stamp;
	if (outcome == SIM_HISTORY_ACKNOWLEDGED && write->has_written && write->stamp > history->acknowledged_stamp) {
		history->acknowledged_stamp = write->stamp;
	}
}

bool sim_history_write_died(struct sim_history *history, uint32_t process) {
	bool open = history->is_open[process] && history->is_committing[process] && history->has_written[process];
	sim_history_write_ended(history, process, open ? SIM_HISTORY_OPEN : SIM_HISTORY_UNDONE);
	return open;
}

void sim_history_read_begins(const struct sim_history *history, struct sim_history_window *window) {
	*window = (struct sim_history_window){.low_stamp = history->acknowledged_stamp, .reads = history->read_count};
}

void sim_history_read_ended(struct sim_history *history, enum sim_history_reader kind, uint32_t process,
                            const struct sim_history_window *window, const uint64_t digest[2]) {
	if (history->read_count == SIM_HISTORY_READS_MAX) {
		history->failed = true;
		return;
	}
	history->reads[history->read_count++] = (struct sim_history_read){.kind = kind,
	                                                                  .process = process,
	                                                                  .digest = {digest[0], digest[1]},
	                                                                  .window = *window,
	                                                                  .high_stamp = history->stamp};
}

/* Writes and reads that have ended are counted, and never changed. */
uint64_t sim_history_admits(const struct sim_history *history) {
	uint64_t known[3 + SIM_PROCESSES_MAX][7] = {{history->write_count}, {history->read_count}, {history->stamp}};
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		const struct sim_history_write *write = &history->open[i];
		const uint64_t words[7] = {history->is_open[i], history->has_written[i], history->is_committing[i],
		                           write->stamp,        write->transaction,      write->is_synced,
		                           write->has_read};
		memcpy(known[3 + i], words, sizeof words);
	}
	return sim_trace_hash_bytes(known, sizeof known);
}

/* ---- branches -------------------------------------------------------------------------------- */

static struct sim_sql_reference *sim_history_take_reference(struct sim_history *history) {
	if (history->spare_count > 0) {
		return history->spares[--history->spare_count];
	}
	return sim_sql_reference_create(history->sql, &history->plan->sql.pragmas);
}

static void sim_history_give_reference(struct sim_history *history, struct sim_sql_reference *reference) {
	if (history->spare_count < SIM_HISTORY_BRANCHES_MAX) {
		history->spares[history->spare_count++] = reference;
	} else {
		sim_sql_reference_destroy(reference);
	}
}

/* A branch as this one is, with a reference of its own. NULL when out of memory. */
static struct sim_history_branch *sim_history_copy_branch(struct sim_history *history,
                                                          struct sim_history_branch *branch) {
	struct sim_history_branch *copy = malloc(sizeof *copy);
	if (copy == NULL) {
		return NULL;
	}
	*copy = *branch;
	copy->reference = sim_history_take_reference(history);
	if (copy->reference == NULL || !sim_sql_reference_copy_all(copy->reference, branch->reference)) {
		sim_sql_reference_destroy(copy->reference);
		free(copy);
		return NULL;
	}
	return copy;
}

/* Out of the way of the living, but not forgotten: the oldest one goes when there is no room. */
static void sim_history_drop(struct sim_history *history, struct sim_history_branch *branch) {
	assert(branch->reference != NULL);
	sim_history_give_reference(history, branch->reference);
	branch->reference = NULL;
	if (history->dropped_count == SIM_HISTORY_BRANCHES_MAX) {
		free(history->dropped[0]);
		history->dropped_count--;
		for (uint32_t i = 0; i < history->dropped_count; i++) {
			history->dropped[i] = history->dropped[i + 1];
		}
	}
	history->dropped[history->dropped_count++] = branch;
}

/* Keeps those of the branches, by their number. */
static void sim_history_keep(struct sim_history *history, const bool kept[SIM_HISTORY_BRANCHES_MAX]) {
	assert(history->branch_count <= SIM_HISTORY_BRANCHES_MAX);
	uint32_t count = 0;
	for (uint32_t i = 0; i < history->branch_count; i++) {
		if (kept[i]) {
			history->branches[count++] = history->branches[i];
		} else {
			sim_history_drop(history, history->branches[i]);
		}
	}
	history->branch_count = count;
}

static bool sim_history_digest(struct sim_history *history, struct sim_sql_reference *reference, uint64_t digest[2]) {
	struct sim_sql_state state;
	if (!sim_sql_reference_state(reference, &state)) {
		history->failed = true;
		return false;
	}
	sim_sql_state_digest(&state, history->sql->file_count, digest);
	return true;
}

bool sim_history_init(struct sim_history *history, const struct sim_plan *plan) {
	memset(history, 0, sizeof *history);
	history->plan = plan;
	history->sql = plan->sql_scenario;
	struct sim_history_branch *branch = calloc(1, sizeof *branch);
	if (branch == NULL) {
		return false;
	}
	history->branches[history->branch_count++] = branch;
	history->branches_most = 1;
	branch->reference = sim_sql_reference_create(history->sql, &history->plan->sql.pragmas);
	return branch->reference != NULL && sim_history_digest(history, branch->reference, branch->digests[0]);
}

void sim_history_deinit(struct sim_history *history) {
	for (uint32_t i = 0; i < history->branch_count; i++) {
		sim_sql_reference_destroy(history->branches[i]->reference);
		free(history->branches[i]);
	}
	for (uint32_t i = 0; i < history->dropped_count; i++) {
		free(history->dropped[i]);
	}
	for (uint32_t i = 0; i < history->spare_count; i++) {
		sim_sql_reference_destroy(history->spares[i]);
	}
	history->branch_count = history->dropped_count = history->spare_count = 0;
}

/* The reference of the first branch, which is at its top. */
static struct sim_sql_reference *sim_history_reference(struct sim_history *history) {
	assert(history->branch_count > 0);
	return history->branches[0]->reference;
}

/* ---- reads ----------------------------------------------------------------------------------- */

/* How many writes of the chain have a stamp up to this one. */
static uint32_t sim_history_position(const struct sim_history *history, uint64_t stamp) {
	uint32_t position = history->run_count;
	while (position > 0 && history->writes[position - 1].stamp > stamp) {
		position--;
	}
	return position;
}

/* The oldest state from `low` to `high` that is this one. */
static uint32_t sim_history_find(const struct sim_history_branch *branch, const uint64_t digest[2], uint32_t low,
                                 uint32_t high) {
	assert(high <= branch->top);
	for (uint32_t k = low; k <= high; k++) {
		if (sim_history_same(branch->digests[k], digest)) {
			return k;
		}
	}
	return SIM_HISTORY_NOWHERE;
}

/* The first write after state k that was acknowledged, for messages. */
static const char *sim_history_name_after(const struct sim_history *history, uint32_t k) {
	const struct sim_sql_transaction *transactions = history->plan->sql.transactions;
	for (uint32_t i = k; i < history->run_count; i++) {
		const struct sim_history_write *write = &history->writes[i];
		if (write->outcome == SIM_HISTORY_ACKNOWLEDGED) {
			return history->sql->templates[transactions[write->transaction].template_number].name;
		}
	}
	return "one in doubt that was shown before";
}

static void sim_history_read_is_wrong(struct sim_history *history, const struct sim_history_read *read, uint32_t low,
                                      uint32_t high) {
	const char *who = sim_history_process(history, read->process);
	bool crash = read->kind == SIM_HISTORY_OF_CRASH;
	const struct sim_history_branch *branch = history->branches[0];
	uint32_t found = sim_history_find(branch, read->digest, 0, history->run_count);
	if (found == SIM_HISTORY_NOWHERE) {
		sim_verdict_violated(&history->violation, crash ? "loaded_equals_committed" : "snapshot_isolation",
		                     "%s %s a content of no moment of the serial order (%u writes in it)", who,
		                     crash ? "would load" : "sees", history->run_count);
	} else if (found < low) {
		sim_verdict_violated(&history->violation, crash ? "acknowledged_is_durable" : "snapshot_isolation",
		                     "%s %s state %u, at least %u was acknowledged: the first that is missing is %s",
		                     who, crash ? "would load" : "sees", found, low,
		                     sim_history_name_after(history, found));
	} else if (found > high) {
		sim_verdict_violated(&history->violation, "snapshot_isolation",
		                     "%s sees state %u, and no write beyond %u had begun when it ended", who, found,
		                     high);
	} else {
		sim_verdict_violated(&history->violation, "snapshot_isolation",
		                     "%s goes back to state %u, %u was seen before", who, found,
		                     branch->seen[read->window.reads]);
	}
}

static void sim_history_judge_read(struct sim_history *history, const struct sim_history_read *read) {
	uint32_t low = sim_history_position(history, read->window.low_stamp);
	uint32_t high = sim_history_position(history, read->high_stamp);
	uint32_t number = history->judged_count;
	bool kept[SIM_HISTORY_BRANCHES_MAX] = {false};
	bool any = false;
	for (uint32_t i = 0; i < history->branch_count; i++) {
		struct sim_history_branch *branch = history->branches[i];
		uint32_t seen = branch->seen[read->window.reads];
		bool crash = read->kind == SIM_HISTORY_OF_CRASH;
		uint32_t found = sim_history_find(branch, read->digest, !crash && seen > low ? seen : low, high);
		kept[i] = found != SIM_HISTORY_NOWHERE;
		any |= kept[i];
		bool newer = !crash && found != SIM_HISTORY_NOWHERE && found > branch->seen[number];
		branch->seen[number + 1] = newer ? (uint16_t)found : branch->seen[number];
	}
	if (!any) {
		sim_history_read_is_wrong(history, read, low, high);
	} else if (read->kind == SIM_HISTORY_OF_PROCESS) {
		sim_history_keep(history, kept);
	}
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void sim_history_note_top(struct sim_history_branch *branch, bool effective, const uint64_t digest[2]) {
	branch->effective[branch->top] = effective;
	branch->top++;
	memcpy(branch->digests[branch->top], digest, sizeof branch->digests[0]);
}

/* The transaction of a write, at its instant. False when out of memory. */
static bool sim_history_call(struct sim_history *history, const struct sim_history_write *write,
                             struct sim_sql_call *call) {
	if (!sim_sql_call_init(call, history->sql, &history->plan->sql.transactions[write->transaction])) {
		return false;
	}
	call->instant = write->instant;
	return true;
}

/* Runs a write in a branch, up to its end. */
static enum sim_sql_answer sim_history_run(struct sim_history *history, struct sim_history_branch *branch,
                                           const struct sim_sql_call *call, uint64_t digest[2]) {
	enum sim_sql_answer answer = sim_sql_reference_begin(branch->reference, call);
	history->failed |= answer == SIM_SQL_ANSWER_NONE;
	if (answer == SIM_SQL_COMMITS && !sim_history_digest(history, branch->reference, digest)) {
		return SIM_SQL_ANSWER_NONE;
	}
	return answer;
}

static void sim_history_end_run(struct sim_history *history, struct sim_history_branch *branch, bool commits) {
	history->failed |= !sim_sql_reference_end(branch->reference, commits);
}

/* Whether the write can have been acknowledged in this branch; done if so. */
static bool sim_history_acknowledge(struct sim_history *history, struct sim_history_branch *branch,
                                    const struct sim_history_write *write, const struct sim_sql_call *call) {
	uint64_t digest[2];
	if (write->has_read && !sim_history_same(write->read, branch->digests[branch->top])) {
		return false;
	}
	if (sim_history_run(history, branch, call, digest) != SIM_SQL_COMMITS) {
		return false;
	}
	sim_history_end_run(history, branch, true);
	sim_history_note_top(branch, true, digest);
	return true;
}

static void sim_history_run_acknowledged(struct sim_history *history, const struct sim_history_write *write,
                                         const struct sim_sql_call *call) {
	bool kept[SIM_HISTORY_BRANCHES_MAX] = {false};
	bool any = false;
	bool read_wrong = false;
	for (uint32_t i = 0; i < history->branch_count && !history->failed; i++) {
		struct sim_history_branch *branch = history->branches[i];
		read_wrong |= write->has_read && !sim_history_same(write->read, branch->digests[branch->top]);
		kept[i] = sim_history_acknowledge(history, branch, write, call);
		any |= kept[i];
	}
	if (history->failed) {
		return;
	}
	const char *who = sim_history_process(history, write->process);
	if (any) {
		sim_history_keep(history, kept);
	} else if (read_wrong) {
		sim_verdict_violated(&history->violation, "serialisable_writers",
		                     "%s committed %s on top of a state that it had not read", who,
		                     call->transaction.name);
	} else {
		sim_verdict_violated(&history->violation, "answer_follows_content",
		                     "%s was accepted from %s, the reference refuses it: %.80s", call->transaction.name,
		                     who, sim_sql_reference_reason(sim_history_reference(history)));
	}
}

/* Whether a write that has changed nothing can have done so in this branch, which stays as it
 * is. */
static bool sim_history_explains(struct sim_history *history, struct sim_history_branch *branch,
                                 const struct sim_history_write *write, const struct sim_sql_call *call) {
	uint64_t digest[2];
	enum sim_sql_answer answer = sim_history_run(history, branch, call, digest);
	if (answer == SIM_SQL_COMMITS) {
		sim_history_end_run(history, branch, false);
	}
	return write->outcome == SIM_HISTORY_REFUSED
	               ? answer == SIM_SQL_REFUSES
	               : answer == SIM_SQL_COMMITS && sim_history_same(digest, branch->digests[branch->top]);
}

static void sim_history_run_idle(struct sim_history *history, const struct sim_history_write *write,
                                 const struct sim_sql_call *call) {
	bool explained = false;
	for (uint32_t i = 0; i < history->branch_count && !history->failed; i++) {
		explained |= sim_history_explains(history, history->branches[i], write, call);
	}
	if (explained || history->failed) {
		return;
	}
	bool refused = write->outcome == SIM_HISTORY_REFUSED;
	sim_verdict_violated(&history->violation, "answer_follows_content", "%s %s %s, the reference %s",
	                     call->transaction.name, refused ? "was refused to" : "was accepted without a write from",
	                     sim_history_process(history, write->process), refused ? "accepts it" : "does not");
}

/* Both ways, where they differ. */
static void sim_history_split(struct sim_history *history, struct sim_history_branch *branch,
                              const struct sim_history_write *write, const struct sim_sql_call *call) {
	uint64_t digest[2];
	bool read_wrong = write->has_read && !sim_history_same(write->read, branch->digests[branch->top]);
	struct sim_history_branch *without = NULL;
	enum sim_sql_answer answer = read_wrong ? SIM_SQL_REFUSES : sim_history_run(history, branch, call, digest);
	if (answer != SIM_SQL_COMMITS) {
		sim_history_note_top(branch, false, branch->digests[branch->top]);
		return;
	}
	bool changes = !sim_history_same(digest, branch->digests[branch->top]);
	sim_history_end_run(history, branch, false);
	if (changes) {
		without = history->branch_count < SIM_HISTORY_BRANCHES_MAX ? sim_history_copy_branch(history, branch)
		                                                           : NULL;
		history->failed |= without == NULL;
	}
	if (history->failed) {
		return;
	}
	if (sim_history_run(history, branch, call, digest) == SIM_SQL_COMMITS) {
		sim_history_end_run(history, branch, true);
		sim_history_note_top(branch, true, digest);
	}
	if (without != NULL) {
		sim_history_note_top(without, false, without->digests[without->top]);
		history->branches[history->branch_count++] = without;
	}
}

static void sim_history_run_open(struct sim_history *history, const struct sim_history_write *write,
                                 const struct sim_sql_call *call) {
	uint32_t count = history->branch_count;
	for (uint32_t i = 0; i < count && !history->failed; i++) {
		sim_history_split(history, history->branches[i], write, call);
	}
	history->branches_most =
	        history->branch_count > history->branches_most ? history->branch_count : history->branches_most;
}

/* The first write that was not run: it is settled. */
static void sim_history_run_next(struct sim_history *history) {
	assert(history->run_count < history->write_count);
	struct sim_sql_call call;
	struct sim_history_write write = history->writes[history->run_count];
	bool acknowledged = write.outcome == SIM_HISTORY_ACKNOWLEDGED && write.has_written;
	bool stays = acknowledged || write.outcome == SIM_HISTORY_OPEN;
	if (write.outcome == SIM_HISTORY_UNDONE) {
		sim_history_remove(history, history->run_count);
		return;
	}
	if (!sim_history_call(history, &write, &call)) {
		history->failed = true;
		return;
	}
	if (acknowledged) {
		sim_history_run_acknowledged(history, &write, &call);
	} else if (write.outcome == SIM_HISTORY_OPEN) {
		sim_history_run_open(history, &write, &call);
	} else {
		sim_history_run_idle(history, &write, &call);
	}
	sim_sql_call_deinit(&call);
	if (stays) {
		history->run_count++;
	} else {
		sim_history_remove(history, history->run_count);
	}
}

/* Reads that had ended before the next write was stamped come first. */
bool sim_history_settle(struct sim_history *history) {
	while (sim_history_fine(history)) {
		bool more = history->run_count < history->write_count;
		const struct sim_history_write *next = &history->writes[more ? history->run_count : 0];
		const struct sim_history_read *read = &history->reads[history->judged_count];
		if (history->judged_count < history->read_count && (!more || next->stamp > read->high_stamp)) {
			sim_history_judge_read(history, read);
			history->judged_count++;
		} else if (more && next->outcome != SIM_HISTORY_PENDING) {
			sim_history_run_next(history);
		} else {
			break;
		}
	}
	return sim_history_fine(history);
}

/* ---- power losses ---------------------------------------------------------------------------- */

/* Whether the k-th write, from 0, changed something and was acknowledged. */
static bool sim_history_counts(const struct sim_history *history, const struct sim_history_branch *branch, uint32_t k) {
	assert(k < branch->top);
	return history->writes[k].outcome == SIM_HISTORY_ACKNOWLEDGED &&
	       !sim_history_same(branch->digests[k], branch->digests[k + 1]);
}

static uint64_t sim_history_lost_after(const struct sim_history *history, const struct sim_history_branch *branch,
                                       uint32_t k) {
	uint64_t lost = 0;
	for (uint32_t i = k; i < branch->top; i++) {
		lost += sim_history_counts(history, branch, i);
	}
	return lost;
}

/* Of those that are lost after the first k: acknowledged, and durable by their own setting. */
static uint64_t sim_history_broken_after(const struct sim_history *history, const struct sim_history_branch *branch,
                                         uint32_t k) {
	uint64_t broken = 0;
	for (uint32_t i = k; history->by_commit && i < branch->top; i++) {
		broken += history->writes[i].is_synced && sim_history_counts(history, branch, i);
	}
	return broken;
}

static uint64_t sim_history_may_lose(enum sim_contract contract) {
	return contract == SIM_CONTRACT_DURABLE ? 0 : contract == SIM_CONTRACT_LAST_MAY_ROLL_BACK ? 1 : UINT64_MAX;
}

/* A state of some branch that is this one, where least is lost. */
struct sim_history_match {
	struct sim_history_branch *branch; /* NULL: none */
	uint32_t state;
	uint64_t broken;
	uint64_t lost;
};

static void sim_history_match_branch(const struct sim_history *history, struct sim_history_branch *branch,
                                     const uint64_t digest[2], struct sim_history_match *match) {
	for (uint32_t k = branch->top + 1; k > 0; k--) {
		uint64_t lost = sim_history_lost_after(history, branch, k - 1);
		uint64_t broken = sim_history_broken_after(history, branch, k - 1);
		bool better = match->branch == NULL || broken < match->broken ||
		              (broken == match->broken && lost < match->lost);
		if (better && sim_history_same(branch->digests[k - 1], digest)) {
			*match = (struct sim_history_match){
			        .branch = branch, .state = k - 1, .broken = broken, .lost = lost};
		}
	}
}

/* The branch up to its state k, with a reference that is there. */
static bool sim_history_cut(struct sim_history *history, struct sim_history_branch *branch, uint32_t k) {
	assert(k <= branch->top);
	struct sim_sql_reference *reference = sim_sql_reference_create(history->sql, &history->plan->sql.pragmas);
	bool done = reference != NULL;
	for (uint32_t i = 0; done && i < k; i++) {
		struct sim_sql_call call;
		if (!branch->effective[i]) {
			continue;
		}
		done = sim_history_call(history, &history->writes[i], &call);
		if (done) {
			done = sim_sql_reference_begin(reference, &call) == SIM_SQL_COMMITS &&
			       sim_sql_reference_end(reference, true);
			sim_sql_call_deinit(&call);
		}
	}
	sim_sql_reference_destroy(branch->reference);
	branch->reference = reference;
	branch->top = k;
	return done;
}

static void sim_history_forget_dropped(struct sim_history *history) {
	for (uint32_t i = 0; i < history->dropped_count; i++) {
		free(history->dropped[i]);
	}
	history->dropped_count = 0;
}

/* From here on only this branch is left, up to its state k: what is on the medium now stays
 * there. */
static void sim_history_go_on_from(struct sim_history *history, struct sim_history_branch *branch, uint32_t k) {
	assert(k <= branch->top);
	struct sim_history_branch *kept = malloc(sizeof *kept);
	if (kept == NULL) {
		history->failed = true;
		return;
	}
	*kept = *branch;
	kept->reference = NULL;
	history->open_found = history->open_lost = false;
	for (uint32_t i = 0; i < branch->top; i++) {
		struct sim_history_write *write = &history->writes[i];
		bool there = i < k && branch->effective[i];
		history->open_found |= write->outcome == SIM_HISTORY_OPEN && there;
		history->open_lost |= write->outcome == SIM_HISTORY_OPEN && !there;
		write->outcome = SIM_HISTORY_ACKNOWLEDGED;
	}
	static const bool none[SIM_HISTORY_BRANCHES_MAX] = {false};
	sim_history_keep(history, none);
	sim_history_forget_dropped(history);
	history->branches[history->branch_count++] = kept;
	history->failed |= !sim_history_cut(history, kept, k);
	memset(kept->seen, 0, sizeof kept->seen);
	history->write_count = history->run_count = k;
	history->read_count = history->judged_count = 0;
	history->acknowledged_stamp = history->stamp;
}

bool sim_history_power_lost(struct sim_history *history, enum sim_contract contract, const uint64_t digest[2]) {
	assert(contract < SIM_CONTRACT_COUNT);
	struct sim_history_match match = {0};
	if (!sim_history_settle(history)) {
		return false;
	}
	for (uint32_t i = 0; i < history->branch_count; i++) {
		sim_history_match_branch(history, history->branches[i], digest, &match);
	}
	for (uint32_t i = 0; match.branch == NULL && contract >= SIM_CONTRACT_PREFIX && i < history->dropped_count;
	     i++) {
		sim_history_match_branch(history, history->dropped[i], digest, &match);
	}
	if (match.branch == NULL) {
		return sim_verdict_violated(
		        &history->violation, "loaded_equals_committed",
		        "after the power loss: a content of no moment of the serial order (%u writes "
		        "in it)",
		        history->run_count);
	}
	history->lost = match.lost;
	if (match.broken > 0 && contract <= SIM_CONTRACT_PREFIX) {
		return sim_verdict_violated(&history->violation, "acknowledged_is_durable",
		                            "after the power loss: %" PRIu64 " acknowledged are lost, %" PRIu64
		                            " of them with a setting that is durable, first %s; contract %s",
		                            match.lost, match.broken, sim_history_name_after(history, match.state),
		                            sim_contract_name(contract));
	}
	if (match.lost > sim_history_may_lose(contract)) {
		return sim_verdict_violated(
		        &history->violation, "acknowledged_is_durable",
		        "after the power loss: %" PRIu64 " acknowledged are lost, first %s; contract %s", match.lost,
		        sim_history_name_after(history, match.state), sim_contract_name(contract));
	}
	sim_history_go_on_from(history, match.branch, match.state);
	return sim_history_fine(history);
}
