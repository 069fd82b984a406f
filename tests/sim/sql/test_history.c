/* Whether the judge of several processes takes what can be for right, and nothing else: each rule
 * of sim/sql/history.h has a history that keeps it and one that breaks it. The database is played
 * by a reference of its own. */
#include "contract.h"
#include "history.h"
#include "plan.h"
#include "plan_make.h"
#include "run.h"
#include "scenario_load.h"
#include "sql_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define COUNTER TESTS_SOURCE_DIR "/tests/sim/sql/counter.yaml"
#define CONTENTS_MAX 16

/* Transactions 0 to 7 of the plan add 1, 2, 3, ...; 8 is refused; 9 changes only what 0 to 7 have
 * made. `contents[k]` is what the first k of them make, all done. */
struct story {
	struct sim_scenario *scenario;
	struct sim_plan plan;
	struct sim_history history;
	uint64_t contents[CONTENTS_MAX][2];
};

static void run_on(struct sim_sql_reference *reference, const struct story *story, uint32_t number,
                   uint64_t digest[2]) {
	struct sim_sql_call call;
	struct sim_sql_state state;
	assert_true(sim_sql_call_init(&call, story->scenario->sql, &story->plan.sql.transactions[number]));
	assert_int_equal(sim_sql_reference_begin(reference, &call), SIM_SQL_COMMITS);
	assert_true(sim_sql_reference_end(reference, true));
	assert_true(sim_sql_reference_state(reference, &state));
	memcpy(digest, state.digests[0], sizeof state.digests[0]);
	sim_sql_call_deinit(&call);
}

/* What transactions of the list make, in this order. */
static void content_of(const struct story *story, const uint32_t *numbers, uint32_t count, uint64_t digest[2]) {
	struct sim_sql_reference *reference = sim_sql_reference_create(story->scenario->sql, &story->plan.sql.pragmas);
	struct sim_sql_state state;
	assert_true(sim_sql_reference_state(reference, &state));
	memcpy(digest, state.digests[0], sizeof state.digests[0]);
	for (uint32_t i = 0; i < count; i++) {
		run_on(reference, story, numbers[i], digest);
	}
	sim_sql_reference_destroy(reference);
}

static int set_up(void **state) {
	char why[512];
	static struct story story;
	static const uint32_t in_order[] = {0, 1, 2, 3, 4, 5, 6, 7};
	assert_true(sim_run_init());
	memset(&story, 0, sizeof story);
	story.scenario = sim_scenario_load(COUNTER, why, sizeof why);
	if (story.scenario == NULL) {
		fail_msg("%s", why);
	}
	sim_plan_make(&story.plan, story.scenario, 1);
	for (uint32_t i = 0; i < 9; i++) {
		story.plan.sql.transactions[i] =
		        (struct sim_sql_transaction){.template_number = 0, .values = {{.number = i + 1}}};
	}
	story.plan.sql.transactions[8].values[0].number = 1000;
	story.plan.sql.transactions[9] = (struct sim_sql_transaction){.template_number = 1};
	story.plan.sql.transaction_count = 10;
	assert_true(sim_history_init(&story.history, &story.plan));
	for (uint32_t k = 0; k <= 8; k++) {
		content_of(&story, in_order, k, story.contents[k]);
	}
	*state = &story;
	return 0;
}

static int tear_down(void **state) {
	struct story *story = *state;
	sim_history_deinit(&story->history);
	sim_scenario_destroy(story->scenario);
	return 0;
}

/* ---- words of the stories -------------------------------------------------------------------- */

static void begins(struct story *story, uint32_t process, uint32_t transaction) {
	sim_history_write_began(&story->history, process, transaction);
	sim_history_write_locked(&story->history, process);
	sim_history_write_writes(&story->history, process);
}

static void ends(struct story *story, uint32_t process, enum sim_history_outcome outcome) {
	sim_history_write_commits(&story->history, process);
	sim_history_write_ended(&story->history, process, outcome);
}

static void commits(struct story *story, uint32_t process, uint32_t transaction) {
	begins(story, process, transaction);
	ends(story, process, SIM_HISTORY_ACKNOWLEDGED);
}

static void dies_in_commit(struct story *story, uint32_t process, uint32_t transaction) {
	begins(story, process, transaction);
	sim_history_write_commits(&story->history, process);
	assert_true(sim_history_write_died(&story->history, process));
}

static struct sim_history_window looks(const struct story *story) {
	struct sim_history_window window;
	sim_history_read_begins(&story->history, &window);
	return window;
}

static void sees(struct story *story, uint32_t process, const struct sim_history_window *window,
                 const uint64_t content[2]) {
	sim_history_read_ended(&story->history, SIM_HISTORY_OF_PROCESS, process, window, content);
}

static void looks_and_sees(struct story *story, uint32_t process, const uint64_t content[2]) {
	struct sim_history_window window = looks(story);
	sees(story, process, &window, content);
}

static void is_right(struct story *story) {
	if (!sim_history_settle(&story->history)) {
		fail_msg("%s: %s", story->history.violation.invariant, story->history.violation.detail);
	}
}

static void is_wrong(struct story *story, const char *invariant) {
	assert_false(sim_history_settle(&story->history));
	assert_false(story->history.failed);
	assert_string_equal(story->history.violation.invariant, invariant);
}

/* ---- reads ----------------------------------------------------------------------------------- */

static void a_read_sees_what_was_acknowledged(void **state) {
	struct story *story = *state;
	commits(story, 0, 0);
	commits(story, 1, 1);
	looks_and_sees(story, 2, story->contents[2]);
	is_right(story);
}

static void a_read_that_misses_an_acknowledged_write_is_wrong(void **state) {
	struct story *story = *state;
	commits(story, 0, 0);
	commits(story, 1, 1);
	looks_and_sees(story, 2, story->contents[1]);
	is_wrong(story, "snapshot_isolation");
}

static void a_read_may_or_may_not_see_what_commits_meanwhile(void **state) {
	struct story *story = *state;
	struct sim_history_window first = looks(story);
	struct sim_history_window second = looks(story);
	begins(story, 0, 0);
	sees(story, 2, &first, story->contents[0]);
	sees(story, 3, &second, story->contents[1]);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	is_right(story);
}

static void a_read_of_half_a_transaction_is_wrong(void **state) {
	struct story *story = *state;
	const uint64_t half[2] = {1, 2};
	begins(story, 0, 0);
	looks_and_sees(story, 2, half);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	is_wrong(story, "snapshot_isolation");
}

static void a_read_before_the_writer_had_the_lock_is_wrong(void **state) {
	struct story *story = *state;
	looks_and_sees(story, 2, story->contents[1]);
	commits(story, 0, 0);
	is_wrong(story, "snapshot_isolation");
}

static void reads_that_go_back_are_wrong(void **state) {
	struct story *story = *state;
	begins(story, 0, 0);
	looks_and_sees(story, 2, story->contents[1]);
	looks_and_sees(story, 3, story->contents[0]);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	is_wrong(story, "snapshot_isolation");
}

static void a_long_read_may_show_what_was_there_when_it_began(void **state) {
	struct story *story = *state;
	struct sim_history_window before = looks(story);
	commits(story, 0, 0);
	looks_and_sees(story, 3, story->contents[1]);
	sees(story, 2, &before, story->contents[0]);
	is_right(story);
}

/* ---- writers --------------------------------------------------------------------------------- */

static void the_order_of_the_lock_counts_not_that_of_the_answers(void **state) {
	struct story *story = *state;
	const uint32_t order[] = {1, 0};
	uint64_t content[2];
	begins(story, 0, 1);
	begins(story, 1, 0);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	content_of(story, order, 2, content);
	looks_and_sees(story, 2, content);
	is_right(story);
}

static void another_order_is_wrong(void **state) {
	struct story *story = *state;
	begins(story, 0, 1);
	begins(story, 1, 0);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	looks_and_sees(story, 2, story->contents[2]);
	is_wrong(story, "snapshot_isolation");
}

static void a_lock_that_was_given_back_unused_does_not_count(void **state) {
	struct story *story = *state;
	const uint32_t order[] = {1, 0};
	uint64_t content[2];
	sim_history_write_began(&story->history, 0, 0);
	sim_history_write_locked(&story->history, 0); /* recovery */
	commits(story, 1, 1);
	sim_history_write_locked(&story->history, 0);
	sim_history_write_writes(&story->history, 0);
	sim_history_write_locked(&story->history, 0); /* a torn header, after the commit */
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	content_of(story, order, 2, content);
	looks_and_sees(story, 2, content);
	is_right(story);
}

static void what_was_rolled_back_must_not_be_seen(void **state) {
	struct story *story = *state;
	begins(story, 0, 0);
	ends(story, 0, SIM_HISTORY_UNDONE);
	looks_and_sees(story, 2, story->contents[0]);
	is_right(story);
	looks_and_sees(story, 2, story->contents[1]);
	is_wrong(story, "snapshot_isolation");
}

static void a_transaction_that_read_the_newest_state_may_write(void **state) {
	struct story *story = *state;
	commits(story, 0, 0);
	sim_history_write_began(&story->history, 1, 1);
	sim_history_write_read(&story->history, 1, story->contents[1]);
	sim_history_write_locked(&story->history, 1);
	sim_history_write_writes(&story->history, 1);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	is_right(story);
}

static void a_transaction_that_read_an_older_state_must_not_write(void **state) {
	struct story *story = *state;
	sim_history_write_began(&story->history, 1, 1);
	sim_history_write_read(&story->history, 1, story->contents[0]);
	commits(story, 0, 0);
	sim_history_write_locked(&story->history, 1);
	sim_history_write_writes(&story->history, 1);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	is_wrong(story, "serialisable_writers");
}

static void what_the_reference_refuses_may_be_refused(void **state) {
	struct story *story = *state;
	begins(story, 0, 8);
	ends(story, 0, SIM_HISTORY_REFUSED);
	is_right(story);
}

/* S15: a transaction is refused exactly when the reference refuses it. */
static void what_the_reference_accepts_must_not_be_refused(void **state) {
	struct story *story = *state;
	begins(story, 0, 0);
	ends(story, 0, SIM_HISTORY_REFUSED);
	is_wrong(story, "answer_follows_content");
}

static void what_the_reference_refuses_must_not_be_accepted(void **state) {
	struct story *story = *state;
	commits(story, 0, 8);
	is_wrong(story, "answer_follows_content");
}

static void what_writes_nothing_must_change_nothing(void **state) {
	struct story *story = *state;
	sim_history_write_began(&story->history, 0, 0);
	sim_history_write_locked(&story->history, 0);
	ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
	is_wrong(story, "answer_follows_content");
}

/* Transaction 9 adds to a counter only when something is in its history: nothing, until the open
 * commit shows. */
static void what_wrote_nothing_beside_a_commit_in_limbo_stays_nothing(void **state) {
	struct story *story = *state;
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[0]);
	sim_history_write_began(&story->history, 1, 9);
	sim_history_write_locked(&story->history, 1);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	looks_and_sees(story, 2, story->contents[1]);
	is_right(story);
}

static void the_same_after_the_commit_was_seen_is_wrong(void **state) {
	struct story *story = *state;
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[1]);
	sim_history_write_began(&story->history, 1, 9);
	sim_history_write_locked(&story->history, 1);
	ends(story, 1, SIM_HISTORY_ACKNOWLEDGED);
	is_wrong(story, "answer_follows_content");
}

/* ---- commits that were left open ------------------------------------------------------------- */

static void an_open_commit_may_be_there(void **state) {
	struct story *story = *state;
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[1]);
	commits(story, 1, 1);
	looks_and_sees(story, 2, story->contents[2]);
	is_right(story);
}

static void an_open_commit_may_be_gone(void **state) {
	struct story *story = *state;
	const uint32_t without[] = {1};
	uint64_t content[2];
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[0]);
	commits(story, 1, 1);
	content_of(story, without, 1, content);
	looks_and_sees(story, 2, content);
	is_right(story);
}

/* S13: an attempt stays open until a later commit. */
/* In WAL mode it shows only when somebody recovers the WAL. */
static void an_open_commit_may_come_late(void **state) {
	struct story *story = *state;
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[0]);
	looks_and_sees(story, 3, story->contents[1]);
	is_right(story);
}

/* S14: what a living connection showed of an attempt is on the chain. */
static void an_open_commit_that_was_seen_must_stay(void **state) {
	struct story *story = *state;
	dies_in_commit(story, 0, 0);
	looks_and_sees(story, 2, story->contents[1]);
	looks_and_sees(story, 3, story->contents[0]);
	is_wrong(story, "snapshot_isolation");
}

static void an_open_commit_must_not_come_back_below_a_later_one(void **state) {
	struct story *story = *state;
	const uint32_t without[] = {1};
	uint64_t content[2];
	dies_in_commit(story, 0, 0);
	commits(story, 1, 1);
	content_of(story, without, 1, content);
	looks_and_sees(story, 2, content);
	looks_and_sees(story, 2, story->contents[2]);
	is_wrong(story, "snapshot_isolation");
}

static void what_had_not_begun_to_commit_is_gone(void **state) {
	struct story *story = *state;
	begins(story, 0, 0);
	assert_false(sim_history_write_died(&story->history, 0));
	looks_and_sees(story, 2, story->contents[1]);
	is_wrong(story, "snapshot_isolation");
}

static void what_had_written_nothing_is_gone(void **state) {
	struct story *story = *state;
	sim_history_write_began(&story->history, 0, 0);
	sim_history_write_locked(&story->history, 0);
	ends(story, 0, SIM_HISTORY_OPEN);
	looks_and_sees(story, 2, story->contents[0]);
	is_right(story);
	assert_int_equal(story->history.branches_most, 1);
	looks_and_sees(story, 2, story->contents[1]);
	is_wrong(story, "snapshot_isolation");
}

/* ---- crashes --------------------------------------------------------------------------------- */

static void what_would_be_loaded_decides_nothing_for_the_living(void **state) {
	struct story *story = *state;
	struct sim_history_window window;
	dies_in_commit(story, 0, 0);
	window = looks(story);
	sim_history_read_ended(&story->history, SIM_HISTORY_OF_CRASH, SIM_PROCESSES_MAX, &window, story->contents[1]);
	looks_and_sees(story, 2, story->contents[0]);
	is_right(story);
}

static void what_would_be_loaded_must_have_all_that_was_acknowledged(void **state) {
	struct story *story = *state;
	commits(story, 0, 0);
	struct sim_history_window window = looks(story);
	sim_history_read_ended(&story->history, SIM_HISTORY_OF_CRASH, SIM_PROCESSES_MAX, &window, story->contents[0]);
	is_wrong(story, "acknowledged_is_durable");
}

/* S12: a load lies at or above the contract's lowest content. */
static void a_power_loss_goes_as_far_back_as_the_contract(void **state) {
	static const struct {
		enum sim_contract contract;
		uint32_t left; /* of three */
		bool right;
	} rows[] = {
	        {SIM_CONTRACT_DURABLE, 3, true},
	        {SIM_CONTRACT_DURABLE, 2, false},
	        {SIM_CONTRACT_LAST_MAY_ROLL_BACK, 2, true},
	        {SIM_CONTRACT_LAST_MAY_ROLL_BACK, 1, false},
	        {SIM_CONTRACT_PREFIX, 0, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct story *story = *state;
		for (uint32_t number = 0; number < 3; number++) {
			commits(story, 0, number);
		}
		bool right = sim_history_power_lost(&story->history, rows[i].contract, story->contents[rows[i].left]);
		assert_int_equal(right, rows[i].right);
		assert_int_equal(story->history.lost, 3 - rows[i].left);
		if (!right) {
			assert_string_equal(story->history.violation.invariant, "acknowledged_is_durable");
		}
		tear_down(state);
		set_up(state);
	}
}

/* S56: of three commits the second was made with a durable setting, the others were not. */
static void a_commit_goes_by_the_setting_in_force(void **state) {
	static const struct {
		bool by_commit; /* else something else has made less owed, too */
		uint32_t left;
		bool right;
	} rows[] = {{true, 3, true}, {true, 2, true}, {true, 1, false}, {true, 0, false}, {false, 1, true}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct story *story = *state;
		for (uint32_t number = 0; number < 3; number++) {
			begins(story, 0, number);
			sim_history_write_synced(&story->history, 0, number == 1);
			ends(story, 0, SIM_HISTORY_ACKNOWLEDGED);
		}
		story->history.by_commit = rows[i].by_commit;
		bool right =
		        sim_history_power_lost(&story->history, SIM_CONTRACT_PREFIX, story->contents[rows[i].left]);
		assert_int_equal(right, rows[i].right);
		if (!right) {
			assert_string_equal(story->history.violation.invariant, "acknowledged_is_durable");
		}
		tear_down(state);
		set_up(state);
	}
}

static void after_a_power_loss_the_chain_goes_on_from_what_was_left(void **state) {
	struct story *story = *state;
	const uint32_t order[] = {0, 3};
	uint64_t content[2];
	commits(story, 0, 0);
	commits(story, 0, 1);
	assert_true(sim_history_power_lost(&story->history, SIM_CONTRACT_LAST_MAY_ROLL_BACK, story->contents[1]));
	commits(story, 0, 3);
	content_of(story, order, 2, content);
	looks_and_sees(story, 2, content);
	is_right(story);
}

static void what_a_power_loss_took_must_not_come_back(void **state) {
	struct story *story = *state;
	commits(story, 0, 0);
	commits(story, 0, 1);
	assert_true(sim_history_power_lost(&story->history, SIM_CONTRACT_LAST_MAY_ROLL_BACK, story->contents[1]));
	looks_and_sees(story, 2, story->contents[2]);
	is_wrong(story, "snapshot_isolation");
}

static void a_power_loss_must_not_leave_what_never_was(void **state) {
	struct story *story = *state;
	const uint64_t other[2] = {1, 2};
	commits(story, 0, 0);
	assert_false(sim_history_power_lost(&story->history, SIM_CONTRACT_PREFIX, other));
	assert_string_equal(story->history.violation.invariant, "loaded_equals_committed");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
	        STORY(a_read_sees_what_was_acknowledged),
	        STORY(a_read_that_misses_an_acknowledged_write_is_wrong),
	        STORY(a_read_may_or_may_not_see_what_commits_meanwhile),
	        STORY(a_read_of_half_a_transaction_is_wrong),
	        STORY(a_read_before_the_writer_had_the_lock_is_wrong),
	        STORY(reads_that_go_back_are_wrong),
	        STORY(a_long_read_may_show_what_was_there_when_it_began),
	        STORY(the_order_of_the_lock_counts_not_that_of_the_answers),
	        STORY(another_order_is_wrong),
	        STORY(a_lock_that_was_given_back_unused_does_not_count),
	        STORY(what_was_rolled_back_must_not_be_seen),
	        STORY(a_transaction_that_read_the_newest_state_may_write),
	        STORY(a_transaction_that_read_an_older_state_must_not_write),
	        STORY(what_the_reference_refuses_may_be_refused),
	        STORY(what_the_reference_accepts_must_not_be_refused),
	        STORY(what_the_reference_refuses_must_not_be_accepted),
	        STORY(what_writes_nothing_must_change_nothing),
	        STORY(what_wrote_nothing_beside_a_commit_in_limbo_stays_nothing),
	        STORY(the_same_after_the_commit_was_seen_is_wrong),
	        STORY(an_open_commit_may_be_there),
	        STORY(an_open_commit_may_be_gone),
	        STORY(an_open_commit_may_come_late),
	        STORY(an_open_commit_that_was_seen_must_stay),
	        STORY(an_open_commit_must_not_come_back_below_a_later_one),
	        STORY(what_had_not_begun_to_commit_is_gone),
	        STORY(what_had_written_nothing_is_gone),
	        STORY(what_would_be_loaded_decides_nothing_for_the_living),
	        STORY(what_would_be_loaded_must_have_all_that_was_acknowledged),
	        STORY(a_power_loss_goes_as_far_back_as_the_contract),
	        STORY(a_commit_goes_by_the_setting_in_force),
	        STORY(after_a_power_loss_the_chain_goes_on_from_what_was_left),
	        STORY(what_a_power_loss_took_must_not_come_back),
	        STORY(a_power_loss_must_not_leave_what_never_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
