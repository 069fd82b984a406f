/* Each invariant of `aftershock list invariants` goes red in a whole run: a subject that breaks
 * that word and no other is made of the built-in one, and the judge calls it by that name. What
 * needs a process of its own (subject_crashed, subject_hung) is in tests/cli/failures.sh, and what
 * an exchange that is honest cannot show (the sums of exchange_converges) in test_judge.c. */
#include "branch.h"
#include "library.h"
#include "run.h"
#include "second.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sqlite3.h>

#define TEST_SEEDS 60u
#define RED_MAX 32u

/* Of the instance that runs: there is one at a time. */
static char vfs_name[64];
static char path[64];
static uint64_t shown_version;

static const char *red[RED_MAX];
static size_t red_count;

/* The first seed that is violated, with its result; 0 when all hold. */
static uint64_t first_violated(const char *name, const struct aftershock_subject *subject,
                               struct sim_run_result *result) {
	struct sim_scenario *scenario = library_load(name);
	uint64_t found = 0;
	for (uint64_t seed = 1; seed <= TEST_SEEDS && found == 0; seed++) {
		sim_run(scenario, seed, subject, NULL, result);
		assert_int_not_equal(result->verdict, SIM_HARNESS_FAILED);
		found = result->verdict == SIM_VIOLATED ? seed : 0;
	}
	sim_scenario_destroy(scenario);
	return found;
}

/* The cheat goes red by this name, and the honest subject does not go red at all. */
static void must_go_red(const char *name, const struct aftershock_subject *subject, const char *invariant) {
	struct sim_run_result result;
	if (first_violated(name, subject, &result) == 0) {
		fail_msg("%s stays green over %u seeds, expected %s", name, TEST_SEEDS, invariant);
	}
	if (strcmp(result.invariant, invariant) != 0) {
		fail_msg("%s violates %s, expected %s: %s", name, result.invariant, invariant, result.detail);
	}
	assert_int_equal(first_violated(name, NULL, &result), 0);
	assert_true(red_count < RED_MAX);
	red[red_count++] = invariant;
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static void see_head(void *context, const struct subject_head *head) {
	(void)context;
	shown_version = head->version;
}

static void see_position(void *context, const struct subject_position *position) {
	(void)context;
	(void)position;
}

static void see_order(void *context, const struct subject_order *order) {
	(void)context;
	(void)order;
}

static void see_execution(void *context, const struct subject_execution *execution) {
	(void)context;
	(void)execution;
}

static void see_commission(void *context, const struct subject_commission *commission) {
	(void)context;
	(void)commission;
}

static enum subject_start_status start_and_remember(const struct subject_config *config, void **instance,
                                                    char *reason) {
	const struct subject_sink sink = {.head = see_head,
	                                  .position = see_position,
	                                  .order = see_order,
	                                  .execution = see_execution,
	                                  .commission = see_commission};
	snprintf(vfs_name, sizeof vfs_name, "%s", config->vfs_name);
	snprintf(path, sizeof path, "%s", config->path);
	enum subject_start_status status = sim_subject_engine()->start(config, instance, reason);
	if (status == SUBJECT_STARTED) {
		sim_subject_engine()->observe(*instance, &sink);
	}
	return status;
}

/* Beside the subject's own connection, as a careless tool would. */
static void run_sql(const char *file, const char *sql) {
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_name) == SQLITE_OK) {
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	sqlite3_close(db);
}

static void stop_and_break_the_database(void *instance) {
	sim_subject_engine()->stop(instance);
	run_sql(path, "CREATE TABLE IF NOT EXISTS broken(n CHECK(n>0));PRAGMA ignore_check_constraints=ON;"
	              "INSERT INTO broken VALUES(0)");
}

/* While others run: each has a VFS of its own. */
static enum subject_start_status start_and_break_the_database(const struct subject_config *config, void **instance,
                                                              char *reason) {
	enum subject_start_status status = start_and_remember(config, instance, reason);
	if (status == SUBJECT_STARTED) {
		run_sql(path, "CREATE TABLE IF NOT EXISTS broken(n CHECK(n>0));PRAGMA ignore_check_constraints=ON;"
		              "INSERT INTO broken VALUES(0)");
	}
	return status;
}

static void stop_and_keep_the_database_whole(void *instance) {
	sim_subject_engine()->stop(instance);
	run_sql(path, "CREATE TABLE IF NOT EXISTS broken(n CHECK(n>0));INSERT INTO broken VALUES(1)");
}

static enum subject_start_status start_and_touch_what_is_damaged(const struct subject_config *config, void **instance,
                                                                 char *reason) {
	enum subject_start_status status = start_and_remember(config, instance, reason);
	if (status == SUBJECT_START_DAMAGED) {
		run_sql("/report.db", "CREATE TABLE damage(seen)");
	}
	return status;
}

static enum subject_start_status start_afresh_when_damaged(const struct subject_config *config, void **instance,
                                                           char *reason) {
	struct subject_config fresh = *config;
	enum subject_start_status status = start_and_remember(config, instance, reason);
	fresh.path = "/fresh.db";
	return status == SUBJECT_START_DAMAGED ? start_and_remember(&fresh, instance, reason) : status;
}

static enum subject_start_status start_afresh_always(const struct subject_config *config, void **instance,
                                                     char *reason) {
	static unsigned starts;
	char name[32];
	struct subject_config fresh = *config;
	snprintf(name, sizeof name, "/fresh-%u.db", starts++);
	fresh.path = name;
	return start_and_remember(&fresh, instance, reason);
}

static enum subject_start_status start_and_cry_wolf(const struct subject_config *config, void **instance,
                                                    char *reason) {
	enum subject_start_status status = start_and_remember(config, instance, reason);
	if (status != SUBJECT_STARTED || shown_version == 0) {
		return status;
	}
	sim_subject_engine()->stop(*instance);
	*instance = NULL;
	snprintf(reason, SUBJECT_REASON_SIZE, "wolf");
	return SUBJECT_START_DAMAGED;
}

static enum subject_start_status start_never(const struct subject_config *config, void **instance, char *reason) {
	(void)config;
	*instance = NULL;
	snprintf(reason, SUBJECT_REASON_SIZE, "not today");
	return SUBJECT_START_MISCONFIGURED;
}

static void step_for_ever(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	int there = 0;
	while (vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK) {
	}
	sim_subject_engine()->step(instance, step, reply);
}

static void step_counts_twice(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->version += reply->outcome == SUBJECT_ACKNOWLEDGED;
}

static void step_acknowledges_duplicates(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_UNCHANGED ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

static void step_calls_doubt_later(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_IN_DOUBT ? SUBJECT_LATER : reply->outcome;
}

static void step_acknowledges_what_it_leaves_out(void *instance, const struct subject_step *step,
                                                 struct subject_reply *reply) {
	if (step->kind != SUBJECT_STEP_ORDER_UPDATE) {
		sim_subject_engine()->step(instance, step, reply);
		return;
	}
	*reply = (struct subject_reply){.outcome = SUBJECT_ACKNOWLEDGED, .version = shown_version + 1};
}

static void step_leaves_checkpoints_out(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	const struct subject_step nothing = {.kind = SUBJECT_STEP_NONE};
	bool is_left_out = step->kind == SUBJECT_STEP_CHECKPOINT;
	sim_subject_engine()->step(instance, is_left_out ? &nothing : step, reply);
	reply->outcome = is_left_out ? SUBJECT_UNCHANGED : reply->outcome;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static struct aftershock_subject cheat(void) {
	struct aftershock_subject subject = *sim_subject_engine();
	subject.start = start_and_remember;
	return subject;
}

static void a_database_that_is_not_sound_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.stop = stop_and_break_the_database;
	must_go_red("steady-trading", &subject, "database_intact");
}

static void a_database_of_several_engines_that_is_not_sound_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_and_break_the_database;
	must_go_red("processes/engine-killed", &subject, "database_intact");
}

static void a_sound_table_of_somebody_else_does_not(void **state) {
	struct aftershock_subject subject = cheat();
	struct sim_run_result result;
	(void)state;
	subject.stop = stop_and_keep_the_database_whole;
	assert_int_equal(first_violated("steady-trading", &subject, &result), 0);
}

/* S7: a start that is refused leaves the files as they were. */
static void files_touched_by_a_refused_start_go_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_and_touch_what_is_damaged;
	must_go_red("damaged-at-start", &subject, "corruption_detected");
}

static void a_damaged_state_replaced_by_an_empty_one_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_afresh_when_damaged;
	must_go_red("damaged-at-start", &subject, "corruption_detected");
}

static void a_state_that_is_left_behind_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_afresh_always;
	must_go_red("steady-trading", &subject, "acknowledged_is_durable");
}

static void damage_that_is_not_there_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_and_cry_wolf;
	must_go_red("steady-trading", &subject, "loaded_equals_committed");
}

static void a_start_that_is_never_possible_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_never;
	must_go_red("steady-trading", &subject, "progress_after_faults");
}

static enum subject_start_status start_without_instance(const struct subject_config *config, void **instance,
                                                        char *reason) {
	(void)config;
	(void)reason;
	*instance = NULL;
	return SUBJECT_STARTED;
}

static void a_start_that_gives_nothing_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_without_instance;
	must_go_red("steady-trading", &subject, "interface_kept");
}

static void a_step_without_end_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	struct sim_run_result result;
	(void)state;
	subject.step = step_for_ever;
	assert_int_equal(first_violated("steady-trading", &subject, &result), 1);
	assert_string_equal(result.invariant, "progress_after_faults");
	assert_non_null(strstr(result.detail, "VFS calls"));
}

static void a_version_that_skips_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_counts_twice;
	must_go_red("steady-trading", &subject, "version_monotonic");
}

static void a_duplicate_that_counts_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_acknowledges_duplicates;
	must_go_red("duplicate-and-reordered", &subject, "exactly_once");
}

static void doubt_that_is_denied_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_calls_doubt_later;
	must_go_red("commit-in-doubt-wal", &subject, "refused_is_absent");
}

/* S52: and who never said that it makes any is not held to it. */
static void a_checkpoint_that_is_left_out_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	struct sim_run_result result;
	subject.step = step_leaves_checkpoints_out;
	must_go_red("steady-trading", &subject, "checkpoint_is_made");
	subject.takes &= ~(uint32_t)SUBJECT_TAKES_CHECKPOINTS;
	assert_int_equal(first_violated("steady-trading", &subject, &result), 0);
}

static void an_update_that_is_left_out_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_acknowledges_what_it_leaves_out;
	must_go_red("steady-trading", &subject, "memory_equals_committed");
}

static void step_accepts_what_sql_refuses(void *instance, const struct subject_step *step,
                                          struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_REFUSED ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

static void observe_shows_a_row_too_many(void *instance, const struct subject_sink *sink) {
	sim_subject_sql()->observe(instance, sink);
	sink->row(sink->context, 0, "42");
}

static void sql_that_is_accepted_against_a_constraint_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_sql();
	(void)state;
	subject.step = step_accepts_what_sql_refuses;
	must_go_red("sql-bank", &subject, "answer_follows_content");
}

static void a_query_that_returns_a_row_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_sql();
	(void)state;
	subject.observe = observe_shows_a_row_too_many;
	must_go_red("sql-bank", &subject, "query_returns_no_row");
}

/* What goes red elsewhere: see above; and what several processes do to each other, in
 * test_history.c, test_processes.c and test_engines.c. */
static bool is_red(const char *invariant) {
	static const char *const elsewhere[] = {
	        "subject_crashed",      "subject_hung", "exchange_converges", "snapshot_isolation",
	        "serialisable_writers", "no_deadlock",  "no_runaway",         "bound_kept"};
	for (size_t i = 0; i < red_count; i++) {
		if (strcmp(red[i], invariant) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
		if (strcmp(elsewhere[i], invariant) == 0) {
			return true;
		}
	}
	return false;
}

static void step_serves_though_fenced(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (reply->outcome == SUBJECT_STOPPED) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
		reply->must_restart = false;
	}
}

static void serving_after_a_takeover_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_serves_though_fenced;
	must_go_red("old-engine-wakes", &subject, "one_owner");
}

/* Whatever is forbidden for a limit or a halt is permitted. That the exchange breaches its limit is
 * in tests/cli/story.sh. */
static void step_looks_at_agreement_only(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_PERMISSION && reply->permission != SUBJECT_FORBIDDEN_DISAGREEMENT) {
		reply->permission = SUBJECT_PERMITTED;
	}
}

static void an_order_beyond_the_limit_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_looks_at_agreement_only;
	must_go_red("hand-shake", &subject, "risk_limit_kept");
}

/* Acknowledges the intent of a small order, and forgets it. */
static void step_forgets_small_intents(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	bool intent = step->kind == SUBJECT_STEP_ORDER_UPDATE && step->update->exec_type == SUBJECT_EXEC_PENDING_NEW;
	if (intent && step->update->order_quantity_lots < 8) {
		*reply = (struct subject_reply){.outcome = SUBJECT_ACKNOWLEDGED};
		return;
	}
	sim_subject_engine()->step(instance, step, reply);
}

static void an_order_without_a_stored_intent_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_forgets_small_intents;
	must_go_red("founding-story", &subject, "intent_before_order");
}

static void step_agrees_with_everything(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_STATEMENT) {
		reply->outcome = SUBJECT_ACKNOWLEDGED;
	}
}

static void an_agreement_that_is_none_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_agrees_with_everything;
	must_go_red("hand-shake", &subject, "trades_only_in_agreement");
}

static void step_agrees_with_nothing(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->kind == SUBJECT_STEP_STATEMENT) {
		reply->outcome = SUBJECT_REFUSED;
	}
}

static void an_honest_statement_that_is_no_agreement_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_agrees_with_nothing;
	must_go_red("hand-shake", &subject, "agreement_is_reached");
}

static void step_mends_quantities(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct subject_order_update update;
	struct subject_step mended = *step;
	if (step->kind == SUBJECT_STEP_ORDER_UPDATE && step->update->order_quantity_lots <= 0) {
		update = *step->update;
		update.order_quantity_lots = 1;
		mended.update = &update;
	}
	sim_subject_engine()->step(instance, &mended, reply);
}

static void a_malformed_report_that_is_taken_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.step = step_mends_quantities;
	must_go_red("malformed", &subject, "malformed_is_refused");
}

static void step_puts_every_update_off(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	if (step->kind == SUBJECT_STEP_ORDER_UPDATE) {
		*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
		return;
	}
	sim_subject_engine()->step(instance, step, reply);
}

/* An engine that is in its own way: while it does a step, it has the write lock by another
 * connection of its own. */
struct hindered {
	void *engine;
	char vfs_name[64];
	char path[64];
};

static enum subject_start_status start_hindered(const struct subject_config *config, void **instance, char *reason) {
	struct hindered *hindered = calloc(1, sizeof *hindered);
	assert_non_null(hindered);
	snprintf(hindered->vfs_name, sizeof hindered->vfs_name, "%s", config->vfs_name);
	snprintf(hindered->path, sizeof hindered->path, "%s", config->path);
	enum subject_start_status status = sim_subject_engine()->start(config, &hindered->engine, reason);
	*instance = hindered;
	if (status != SUBJECT_STARTED) {
		free(hindered);
		*instance = NULL;
	}
	return status;
}

static void step_hindered(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct hindered *hindered = instance;
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(hindered->path, &db, SQLITE_OPEN_READWRITE, hindered->vfs_name) == SQLITE_OK) {
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	}
	sim_subject_engine()->step(hindered->engine, step, reply);
	sqlite3_close(db);
}

static void observe_hindered(void *instance, const struct subject_sink *sink) {
	sim_subject_engine()->observe(((struct hindered *)instance)->engine, sink);
}

static void stop_hindered(void *instance) {
	struct hindered *hindered = instance;
	sim_subject_engine()->stop(hindered->engine);
	free(hindered);
}

static void a_rival_that_gets_nothing_done_goes_red(void **state) {
	struct aftershock_subject subject = *sim_subject_engine();
	(void)state;
	subject.start = start_hindered;
	subject.step = step_hindered;
	subject.observe = observe_hindered;
	subject.stop = stop_hindered;
	must_go_red("processes/engine-rivals", &subject, "no_starvation");
}

static void an_update_put_off_for_nothing_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_puts_every_update_off;
	must_go_red("steady-trading", &subject, "no_needless_failure");
}

static enum subject_start_status start_without_room(const struct subject_config *config, void **instance,
                                                    char *reason) {
	struct subject_config cheat = *config;
	cheat.held_updates = 0;
	return sim_subject_engine()->start(&cheat, instance, reason);
}

static void step_holds_nothing(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	reply->held = reply->outcome == SUBJECT_LATER && reply->sqlite_code == 0;
}

static void an_update_held_and_thrown_away_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.start = start_without_room;
	subject.step = step_holds_nothing;
	must_go_red("bust-and-correct", &subject, "held_is_applied");
}

/* Whoever asks for what is missing would ask for one fill less. */
static void step_misses_too_little(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_engine()->step(instance, step, reply);
	if (step->gaps != NULL && step->gaps[0].missing_to_lots > 0) {
		step->gaps[0].missing_to_lots--;
	}
}

static void a_gap_of_other_quantities_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.step = step_misses_too_little;
	must_go_red("duplicate-and-reordered", &subject, "gap_is_exact");
}

static void *left;

static void stop_and_leave_memory(void *instance) {
	sim_subject_engine()->stop(instance);
	left = left == NULL ? sqlite3_malloc(16) : left;
}

static void memory_that_is_left_behind_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.stop = stop_and_leave_memory;
	must_go_red("steady-trading", &subject, "nothing_left_open");
	sqlite3_free(left);
}

static void stop_and_leave_a_file(void *instance) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	left = calloc(1, (size_t)vfs->szOsFile);
	assert_non_null(left);
	sim_subject_engine()->stop(instance);
	(void)vfs->xOpen(vfs, path, left, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_DB, NULL);
}

static void a_file_that_is_left_open_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	subject.stop = stop_and_leave_a_file;
	must_go_red("steady-trading", &subject, "interface_kept");
	free(left);
}

/* In each connection of the comparison, and of nobody else: a recovery that changes a page. */
static int meddle(sqlite3 *connection, const char **why, const struct sqlite3_api_routines *api) {
	const sqlite3_vfs *vfs = NULL;
	(void)why;
	(void)api;
	sqlite3_file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	if (vfs == NULL || strcmp(vfs->zName, "recovery") != 0) {
		return SQLITE_OK;
	}
	return sqlite3_exec(connection, "PRAGMA user_version = 7", NULL, NULL, NULL);
}

static void step_and_meddle(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sqlite3_auto_extension((void (*)(void))meddle);
	sim_subject_engine()->step(instance, step, reply);
}

static void stop_meddling(void *instance) {
	sqlite3_reset_auto_extension();
	sim_subject_engine()->stop(instance);
}

/* S53 is looked at beside a run, and not in one. */
static uint64_t count_disagreements(const struct aftershock_subject *subject, struct sim_second *second,
                                    const char *invariant) {
	struct sim_scenario *scenario = library_load("steady-trading");
	const struct sim_branch_options options = {.depth = 1, .parts = 9, .second = second};
	struct sim_branches *branches = sim_branch_create(&options);
	struct sim_run_options run_options = {.branches = branches};
	struct sim_run_result result;
	assert_non_null(branches);
	sim_run(scenario, 1, subject, &run_options, &result);
	assert_int_equal(result.verdict, SIM_HELD);
	const struct sim_branch_totals *totals = sim_branch_totals(branches);
	uint64_t count = totals->violations;
	for (uint32_t i = 0; i < totals->found_count; i++) {
		assert_string_equal(totals->found[i].invariant, invariant);
	}
	sim_branch_destroy(branches);
	sim_scenario_destroy(scenario);
	return count;
}

static void a_recovery_to_another_page_goes_red(void **state) {
	struct aftershock_subject subject = cheat();
	(void)state;
	assert_int_equal(count_disagreements(&subject, NULL, ""), 0);
	subject.step = step_and_meddle;
	subject.stop = stop_meddling;
	assert_true(count_disagreements(&subject, NULL, "recovery_equals_reader") > 10);
	red[red_count++] = "recovery_equals_reader";
}

static uint64_t count_second(const char *library) {
	char why[SIM_SECOND_WHY_SIZE];
	struct sim_second *second = sim_second_create(library, 10000);
	assert_non_null(second);
	if (!sim_second_identify(second, why)) {
		fail_msg("%s", why);
	}
	uint64_t count = count_disagreements(sim_subject_engine(), second, "recovery_equals_second");
	sim_second_destroy(second);
	return count;
}

/* S65: tests/plugin/second.h says what the libraries are. */
static void a_second_sqlite_that_reads_other_rows_goes_red(void **state) {
	(void)state;
	assert_int_equal(count_second(TESTS_PLUGIN_DIR "/second_sound.so"), 0);
	assert_true(count_second(TESTS_PLUGIN_DIR "/second_unsound.so") > 10);
	red[red_count++] = "recovery_equals_second";
}

/* Last: a new invariant needs a cheat above. */
static void every_invariant_has_gone_red(void **state) {
	(void)state;
	const struct sim_invariant *invariant = sim_verdict_invariants();
	while (invariant->name != NULL && is_red(invariant->name)) {
		invariant++;
	}
	if (invariant->name != NULL) {
		fail_msg("no test turns %s red", invariant->name);
	}
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_database_that_is_not_sound_goes_red),
	        cmocka_unit_test(a_database_of_several_engines_that_is_not_sound_goes_red),
	        cmocka_unit_test(a_sound_table_of_somebody_else_does_not),
	        cmocka_unit_test(files_touched_by_a_refused_start_go_red),
	        cmocka_unit_test(a_damaged_state_replaced_by_an_empty_one_goes_red),
	        cmocka_unit_test(a_state_that_is_left_behind_goes_red),
	        cmocka_unit_test(damage_that_is_not_there_goes_red),
	        cmocka_unit_test(a_start_that_is_never_possible_goes_red),
	        cmocka_unit_test(a_start_that_gives_nothing_goes_red),
	        cmocka_unit_test(a_step_without_end_goes_red),
	        cmocka_unit_test(a_version_that_skips_goes_red),
	        cmocka_unit_test(a_duplicate_that_counts_goes_red),
	        cmocka_unit_test(doubt_that_is_denied_goes_red),
	        cmocka_unit_test(an_update_that_is_left_out_goes_red),
	        cmocka_unit_test(a_checkpoint_that_is_left_out_goes_red),
	        cmocka_unit_test(sql_that_is_accepted_against_a_constraint_goes_red),
	        cmocka_unit_test(a_query_that_returns_a_row_goes_red),
	        cmocka_unit_test(serving_after_a_takeover_goes_red),
	        cmocka_unit_test(an_order_beyond_the_limit_goes_red),
	        cmocka_unit_test(an_order_without_a_stored_intent_goes_red),
	        cmocka_unit_test(an_agreement_that_is_none_goes_red),
	        cmocka_unit_test(an_honest_statement_that_is_no_agreement_goes_red),
	        cmocka_unit_test(a_malformed_report_that_is_taken_goes_red),
	        cmocka_unit_test(a_rival_that_gets_nothing_done_goes_red),
	        cmocka_unit_test(an_update_put_off_for_nothing_goes_red),
	        cmocka_unit_test(an_update_held_and_thrown_away_goes_red),
	        cmocka_unit_test(a_gap_of_other_quantities_goes_red),
	        cmocka_unit_test(memory_that_is_left_behind_goes_red),
	        cmocka_unit_test(a_file_that_is_left_open_goes_red),
	        cmocka_unit_test(a_recovery_to_another_page_goes_red),
	        cmocka_unit_test(a_second_sqlite_that_reads_other_rows_goes_red),
	        cmocka_unit_test(every_invariant_has_gone_red),
	};
	return cmocka_run_group_tests_name("invariants", tests, set_up, NULL);
}
