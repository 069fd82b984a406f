/* tests/sim/sql/test_sql.c: SQL as a subject. An honest SQLite holds; settings that lose, judged as
 * if they did not, go red; a subject that lies about an outcome goes red; a scenario that makes no
 * sense is refused at its line. */
#include "client.h"
#include "plan.h"
#include "plan_make.h"
#include "library.h"
#include "run.h"
#include "scenario_load.h"
#include "sql.h"
#include "sql_digest.h"
#include "subject_built_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define TEST_SEEDS 40u
/* Some lies show in few runs only. */
#define TEST_SEEDS_RARE 400u

static uint64_t first_violated(const struct sim_scenario *scenario, const struct aftershock_subject *subject,
                               uint64_t seeds, struct sim_run_result *result) {
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		sim_run(scenario, seed, subject, NULL, result);
		assert_int_not_equal(result->verdict, SIM_HARNESS_FAILED);
		if (result->verdict == SIM_VIOLATED) {
			return seed;
		}
	}
	return 0;
}

static void must_hold(struct sim_scenario *scenario, const struct aftershock_subject *subject) {
	struct sim_run_result result;
	uint64_t seed = first_violated(scenario, subject, TEST_SEEDS, &result);
	if (seed != 0) {
		fail_msg("%s@0x%llx: %s: %s", scenario->name, (unsigned long long)seed, result.invariant,
		         result.detail);
	}
	sim_scenario_destroy(scenario);
}

static void must_go_red(struct sim_scenario *scenario, const struct aftershock_subject *subject,
                        const char *invariant) {
	struct sim_run_result result;
	if (first_violated(scenario, subject, TEST_SEEDS_RARE, &result) == 0) {
		fail_msg("%s stays green over %u seeds", scenario->name, TEST_SEEDS_RARE);
	}
	if (invariant != NULL) {
		assert_string_equal(result.invariant, invariant);
	}
	sim_scenario_destroy(scenario);
}

/* ---- the library holds ----------------------------------------------------------------------- */

static void sqlite_holds(void **state) {
	static const char *const names[] = {"sql-bank", "sql-vacuum", "sql-attached", "sql-modes"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		must_hold(library_load(names[i]), sim_subject_sql());
	}
}

static struct sim_scenario *load_here(const char *name) {
	char path[512];
	char why[512];
	snprintf(path, sizeof path, "%s/tests/sim/sql/%s.yaml", TESTS_SOURCE_DIR, name);
	struct sim_scenario *scenario = sim_scenario_load(path, why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
	}
	return scenario;
}

/* What is drawn from time and chance is that of the attempt that counted. A statement that stands
 * alone, and failed before its constraint, is not accepted. A connection that was opened read-only
 * is given up. A small disk is given room at the end. */
static void ordinary_schemas_and_machines_hold(void **state) {
	static const char *const names[] = {"times", "alone", "read-only", "read-only-beside", "small-disk", "words"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		must_hold(load_here(names[i]), sim_subject_sql());
	}
}

static void no_subject_means_the_built_in_one(void **state) {
	struct sim_scenario *scenario = library_load("sql-bank");
	struct sim_run_result one;
	struct sim_run_result other;
	(void)state;
	sim_run(scenario, 7, NULL, NULL, &one);
	sim_run(scenario, 7, sim_subject_sql(), NULL, &other);
	assert_memory_equal(one.trace_hash, other.trace_hash, sizeof one.trace_hash);
	assert_int_equal(one.verdict, SIM_HELD);
	sim_scenario_destroy(scenario);
}

/* Nor is another run in its place. */
static void a_subject_that_does_not_take_sql_runs_none(void **state) {
	struct sim_scenario *scenario = library_load("sql-bank");
	struct sim_run_result result;
	(void)state;
	sim_run(scenario, 7, sim_subject_engine(), NULL, &result);
	assert_int_equal(result.verdict, SIM_HARNESS_FAILED);
	assert_string_equal(result.detail, "the subject engine does not take SQL");
	assert_int_equal(result.steps, 0);
	sim_scenario_destroy(scenario);
}

/* ---- positive controls: weak settings, judged as strong ones --------------------------------- */

static enum subject_start_status start_with(const struct subject_config *config, void **instance, char *reason,
                                            const char *synchronous) {
	struct subject_config cheat = *config;
	cheat.synchronous = synchronous;
	return sim_subject_sql()->start(&cheat, instance, reason);
}

static enum subject_start_status start_with_off(const struct subject_config *config, void **instance, char *reason) {
	return start_with(config, instance, reason, "off");
}

static enum subject_start_status start_with_normal(const struct subject_config *config, void **instance, char *reason) {
	return start_with(config, instance, reason, "normal");
}

static enum subject_start_status start_with_full(const struct subject_config *config, void **instance, char *reason) {
	return start_with(config, instance, reason, "full");
}

static struct sim_scenario *load_in(const char *name, enum sim_journal_mode mode, enum sim_synchronous synchronous) {
	struct sim_scenario *scenario = library_load(name);
	scenario->settings[SIM_SETTING(journal_mode)] = (struct sim_choices){1, {mode}};
	scenario->settings[SIM_SETTING(synchronous)] = (struct sim_choices){1, {synchronous}};
	return scenario;
}

static void synchronous_off_judged_as_full_goes_red_in_every_mode(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.start = start_with_off;
	must_go_red(load_in("sql-bank", SIM_JOURNAL_WAL, SIM_SYNCHRONOUS_FULL), &cheat, NULL);
	must_go_red(load_in("sql-bank", SIM_JOURNAL_DELETE, SIM_SYNCHRONOUS_EXTRA), &cheat, NULL);
	must_go_red(load_in("sql-bank", SIM_JOURNAL_TRUNCATE, SIM_SYNCHRONOUS_FULL), &cheat, NULL);
	must_go_red(load_in("sql-bank", SIM_JOURNAL_PERSIST, SIM_SYNCHRONOUS_FULL), &cheat, NULL);
}

static void normal_judged_as_full_goes_red_in_wal(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.start = start_with_normal;
	must_go_red(load_in("sql-bank", SIM_JOURNAL_WAL, SIM_SYNCHRONOUS_FULL), &cheat, "acknowledged_is_durable");
}

static void full_judged_as_extra_goes_red_in_delete_mode(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.start = start_with_full;
	must_go_red(load_in("sql-bank", SIM_JOURNAL_DELETE, SIM_SYNCHRONOUS_EXTRA), &cheat, "acknowledged_is_durable");
}

static void several_files_in_wal_judged_as_one_go_red(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.start = start_with_off;
	must_go_red(load_in("sql-attached", SIM_JOURNAL_DELETE, SIM_SYNCHRONOUS_EXTRA), &cheat, NULL);
}

/* A process that dies between two calls: what was acknowledged is kept, or is missed. */
static void crashes_of_an_idle_process_are_judged(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.start = start_with_normal;
	for (int i = 0; i < 2; i++) {
		struct sim_scenario *scenario = load_in("sql-bank", SIM_JOURNAL_WAL, SIM_SYNCHRONOUS_FULL);
		scenario->fault_group_count = 0;
		scenario->workload.crashes_percent[SIM_CRASH_KILL] = 10;
		scenario->workload.crashes_percent[SIM_CRASH_POWER_LOSS] = 20;
		if (i == 0) {
			must_hold(scenario, sim_subject_sql());
		} else {
			must_go_red(scenario, &cheat, "acknowledged_is_durable");
		}
	}
}

static struct sim_run_result run_that_holds(const struct sim_scenario *scenario, uint64_t seed) {
	struct sim_run_result result;
	sim_run(scenario, seed, sim_subject_sql(), NULL, &result);
	if (result.verdict != SIM_HELD) {
		fail_msg("seed %llu: %s: %s", (unsigned long long)seed, result.invariant, result.detail);
	}
	return result;
}

/* The same settings, honestly declared, hold; and what they lose is measured. */
static void weak_settings_are_measured_and_hold(void **state) {
	static const enum sim_journal_mode modes[] = {SIM_JOURNAL_WAL, SIM_JOURNAL_DELETE, SIM_JOURNAL_MEMORY,
	                                              SIM_JOURNAL_OFF};
	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		struct sim_scenario *scenario = load_in("sql-bank", modes[i], SIM_SYNCHRONOUS_OFF);
		uint64_t lost = 0;
		uint64_t corrupt = 0;
		for (uint64_t seed = 1; seed <= 3 * TEST_SEEDS; seed++) {
			struct sim_run_result result = run_that_holds(scenario, seed);
			assert_true(result.lost_most <= result.lost);
			lost += result.lost;
			corrupt += result.corrupt;
		}
		assert_true(lost > 0);
		assert_true(corrupt > 0 || modes[i] == SIM_JOURNAL_WAL);
		sim_scenario_destroy(scenario);
	}
}

static void nothing_is_lost_or_corrupt_where_all_is_durable(void **state) {
	struct sim_scenario *scenario = load_in("sql-bank", SIM_JOURNAL_WAL, SIM_SYNCHRONOUS_FULL);
	(void)state;
	for (uint64_t seed = 1; seed <= TEST_SEEDS; seed++) {
		struct sim_run_result result;
		sim_run(scenario, seed, sim_subject_sql(), NULL, &result);
		assert_int_equal(result.verdict, SIM_HELD);
		assert_int_equal(result.lost + result.corrupt, 0);
	}
	sim_scenario_destroy(scenario);
}

/* ---- cheats ---------------------------------------------------------------------------------- */

static void step_calls_doubt_refused(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_IN_DOUBT ? SUBJECT_LATER : reply->outcome;
}

static void step_acknowledges_failures(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_LATER ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

static void step_accepts_what_is_refused(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_REFUSED ? SUBJECT_ACKNOWLEDGED : reply->outcome;
}

/* It draws once before it begins, so that all it draws then is another. */
static void step_runs_at_another_instant(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	static const char *const draws[] = {"SELECT randomblob(3)"};
	const struct subject_transaction other = {
	        .name = "other", .begin = SUBJECT_BEGIN_NONE, .statement_count = 1, .statements = draws};
	const struct subject_step before = {.kind = SUBJECT_STEP_SQL, .transaction = &other};
	sim_subject_sql()->step(instance, &before, reply);
	sim_subject_sql()->step(instance, step, reply);
}

static void step_does_nothing(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

/* A lock that nobody has. */
static void step_is_busy(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER, .sqlite_code = SQLITE_BUSY};
}

static void step_doubts_what_is_done(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->outcome = reply->outcome == SUBJECT_ACKNOWLEDGED ? SUBJECT_IN_DOUBT : reply->outcome;
}

static void step_starts_anew(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sim_subject_sql()->step(instance, step, reply);
	reply->must_restart = true;
}

static enum subject_start_status start_fails(const struct subject_config *config, void **instance, char *reason) {
	if (config->schema->make) {
		return sim_subject_sql()->start(config, instance, reason);
	}
	snprintf(reason, SUBJECT_REASON_SIZE, "not today");
	*instance = NULL;
	return SUBJECT_START_LATER;
}

/* Without a journal what was undone is lost, and that excuses what is shown from then on. So it may
 * not excuse a transaction that has undone nothing. */
static void what_was_never_run_has_undone_nothing(void **state) {
	static const struct {
		bool undoes;
		enum subject_outcome outcome;
		bool undid;
	} rows[] = {
	        {true, SUBJECT_ACKNOWLEDGED, true},   {true, SUBJECT_IN_DOUBT, true},
	        {true, SUBJECT_OUTCOME_NONE, true},   {true, SUBJECT_LATER, false},
	        {true, SUBJECT_STOPPED, false},       {true, SUBJECT_REFUSED, true},
	        {false, SUBJECT_ACKNOWLEDGED, false}, {false, SUBJECT_LATER, false},
	        {false, SUBJECT_REFUSED, true},       {false, SUBJECT_UNCHANGED, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct sim_sql_template template = {.undoes = rows[i].undoes};
		assert_int_equal(sim_client_undid(&template, rows[i].outcome), rows[i].undid);
	}
}

/* What fails must have a reason (S42). */
static void failing_for_nothing_goes_red(void **state) {
	void (*const steps[])(void *, const struct subject_step *, struct subject_reply *) = {
	        step_does_nothing, step_is_busy, step_doubts_what_is_done, step_starts_anew};
	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct aftershock_subject cheat = *sim_subject_sql();
		cheat.step = steps[i];
		must_go_red(library_load("sql-bank"), &cheat, "no_needless_failure");
	}
	struct aftershock_subject cheat = *sim_subject_sql();
	cheat.start = start_fails;
	must_go_red(library_load("sql-bank"), &cheat, "no_needless_failure");
	must_go_red(library_load("processes/wal-readers"), &cheat, "no_needless_failure");
	cheat = *sim_subject_sql();
	cheat.step = step_does_nothing;
	must_go_red(library_load("processes/wal-readers"), &cheat, "no_needless_failure");
}

static void a_lying_subject_goes_red(void **state) {
	static const struct {
		void (*step)(void *instance, const struct subject_step *step, struct subject_reply *reply);
		const char *invariant;
	} lies[] = {{step_calls_doubt_refused, "refused_is_absent"},
	            {step_acknowledges_failures, NULL},
	            {step_accepts_what_is_refused, "answer_follows_content"}};
	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		struct aftershock_subject cheat = *sim_subject_sql();
		cheat.step = lies[i].step;
		must_go_red(library_load("sql-bank"), &cheat, lies[i].invariant);
	}
}

/* The same lies where what was called wrong before is called right now. */
static void a_lying_subject_goes_red_on_ordinary_schemas(void **state) {
	struct aftershock_subject cheat = *sim_subject_sql();
	(void)state;
	cheat.step = step_accepts_what_is_refused;
	must_go_red(load_here("alone"), &cheat, "answer_follows_content");
	cheat.step = step_does_nothing;
	must_go_red(load_here("read-only"), &cheat, "no_needless_failure");
	must_go_red(load_here("small-disk"), &cheat, "no_needless_failure");
	cheat.step = step_runs_at_another_instant;
	must_go_red(load_here("times"), &cheat, NULL);
}

/* ---- digests --------------------------------------------------------------------------------- */

static sqlite3 *made(const char *sql) {
	sqlite3 *connection = NULL;
	assert_int_equal(sqlite3_open(":memory:", &connection), SQLITE_OK);
	assert_int_equal(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
	return connection;
}

static bool same_digest(const char *left_sql, const char *right_sql) {
	sqlite3 *left = made(left_sql);
	sqlite3 *right = made(right_sql);
	uint64_t digests[2][2];
	assert_int_equal(sim_sql_digest(left, "main", digests[0]), SQLITE_OK);
	assert_int_equal(sim_sql_digest(right, "main", digests[1]), SQLITE_OK);
	sqlite3_close(left);
	sqlite3_close(right);
	return memcmp(digests[0], digests[1], sizeof digests[0]) == 0;
}

static void digest_sees_values_types_order_and_schema(void **state) {
	(void)state;
	assert_false(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(1)",
	                         "CREATE TABLE t(a); INSERT INTO t VALUES(2)"));
	assert_false(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(1)",
	                         "CREATE TABLE t(a); INSERT INTO t VALUES('1')"));
	assert_false(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(1)",
	                         "CREATE TABLE t(a); INSERT INTO t VALUES(1.0)"));
	assert_false(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(x'61')",
	                         "CREATE TABLE t(a); INSERT INTO t VALUES('a')"));
	assert_false(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)",
	                         "CREATE TABLE t(a); INSERT INTO t VALUES(2),(1)"));
	assert_false(same_digest("CREATE TABLE t(a,b); INSERT INTO t VALUES('ab','c')",
	                         "CREATE TABLE t(a,b); INSERT INTO t VALUES('a','bc')"));
	assert_false(same_digest("CREATE TABLE t(a)", "CREATE TABLE t(a, b)"));
	assert_false(same_digest("CREATE TABLE t(a)", "CREATE TABLE t(a); CREATE INDEX i ON t(a)"));
	assert_false(same_digest("CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES(1)",
	                         "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID"));
}

static void digest_does_not_see_the_way_to_the_content(void **state) {
	(void)state;
	assert_true(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(0),(1),(2); DELETE FROM t WHERE a = 0",
	                        "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)"));
	assert_true(same_digest("CREATE TABLE t(a); INSERT INTO t VALUES(0),(1); DELETE FROM t WHERE a = 0; VACUUM",
	                        "CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
	assert_true(same_digest(
	        "CREATE TABLE t(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID; INSERT INTO t VALUES(1, 2),(2, 1)",
	        "CREATE TABLE t(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID; INSERT INTO t VALUES(2, 1),(1, 2)"));
	assert_true(same_digest("CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1); ANALYZE",
	                        "CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1)"));
	assert_true(same_digest("CREATE TABLE t(a); CREATE TABLE s(a)", "CREATE TABLE s(a); CREATE TABLE t(a)"));
	assert_true(same_digest("CREATE TABLE s(a); CREATE TABLE t(a) /* without, virtual */",
	                        "CREATE TABLE t(a) /* without, virtual */; CREATE TABLE s(a)"));
}

#define MANY_TABLES 1000

/* A table more in each round, and a row in the last one. */
static void digest_sees_each_of_many_tables(void **state) {
	sqlite3 *connection = made("BEGIN");
	uint64_t without[2];
	uint64_t with[2];
	char text[64];
	(void)state;
	for (int i = 0; i < MANY_TABLES; i++) {
		snprintf(text, sizeof text, "CREATE TABLE t%d(a)", i);
		assert_int_equal(sqlite3_exec(connection, text, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(sim_sql_digest(connection, "main", without), SQLITE_OK);
	snprintf(text, sizeof text, "INSERT INTO t%d VALUES(1)", MANY_TABLES - 1);
	assert_int_equal(sqlite3_exec(connection, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sim_sql_digest(connection, "main", with), SQLITE_OK);
	assert_memory_not_equal(with, without, sizeof with);
	assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

/* A digest that is kept and taken after each of these must be the one that is made anew, whatever
 * has become of the tables it knew. */
static void kept_digest_follows_rows_and_schema(void **state) {
	static const char *const changes[] = {
	        "INSERT INTO t VALUES(1, 2),(2, 1)",
	        "BEGIN; UPDATE t SET b = 3 WHERE a = 1",
	        "ROLLBACK",
	        "CREATE TABLE u(x); INSERT INTO u VALUES('new')",
	        "DROP TABLE t; CREATE TABLE t(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID; INSERT INTO t VALUES(1, 2)",
	        "ALTER TABLE u ADD COLUMN y DEFAULT 7",
	        "DROP TABLE u",
	        "CREATE TABLE z(a); CREATE TABLE c(a); INSERT INTO z VALUES(1); INSERT INTO c VALUES(2)",
	        "DROP TABLE t",
	        "DELETE FROM z",
	        "CREATE TABLE w(x, y, PRIMARY KEY(y)) without rowid; INSERT INTO w VALUES(1, 2),(3, 1)",
	        "CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES('word')",
	        "DELETE FROM f",
	};
	sqlite3 *connection = made("CREATE TABLE t(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID");
	struct sim_sql_digest *digest = sim_sql_digest_create(connection, "main");
	uint64_t before[2];
	uint64_t kept[2];
	uint64_t anew[2];
	uint64_t again[2];
	(void)state;
	assert_non_null(digest);
	assert_int_equal(sim_sql_digest_take(digest, before), SQLITE_OK);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		assert_int_equal(sqlite3_exec(connection, changes[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sim_sql_digest_take(digest, kept), SQLITE_OK);
		assert_int_equal(sim_sql_digest(connection, "main", anew), SQLITE_OK);
		assert_memory_equal(kept, anew, sizeof kept);
		assert_int_equal(sim_sql_digest_take(digest, again), SQLITE_OK);
		assert_memory_equal(again, anew, sizeof again);
		assert_memory_not_equal(kept, before, sizeof kept);
		memcpy(before, kept, sizeof before);
	}
	sim_sql_digest_destroy(digest);
	assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static const char bad_head[] = "name: bad\nabout: x\ncriteria: [AC3]\nsubject: sql\nsql:\n"
                               "  parameters: [{name: key, kind: integer, min: 1, max: 9}]\n"
                               "  setup: [CREATE TABLE t(a INTEGER CHECK(a < 100))]\n  transactions:\n"
                               "    - name: one\n      statements: [\"INSERT INTO t VALUES(:key)\"]\n";

/* The file has line 11 on as given; it must be refused with that line and these words, or be taken
 * when the line is 0. */
static void refused(const char *rest, uint32_t line, const char *words) {
	char why[600] = "";
	char expected[24];
	FILE *file = fopen("bad.yaml", "w");
	assert_non_null(file);
	fputs(bad_head, file);
	fputs(rest, file);
	fclose(file);
	struct sim_scenario *scenario = sim_scenario_load("bad.yaml", why, sizeof why);
	unlink("bad.yaml");
	snprintf(expected, sizeof expected, "bad.yaml:%u:", line);
	if (line == 0 ? scenario == NULL
	              : scenario != NULL || strstr(why, expected) == NULL || strstr(why, words) == NULL) {
		fail_msg("%s\nexpected %s %s, got: %s", rest, expected, words, why);
	}
	sim_scenario_destroy(scenario);
}

static void sql_that_makes_no_sense_is_refused_at_its_line(void **state) {
	(void)state;
	refused("", 0, "");
	refused("    - name: two\n      statements: [INSERT INTO u VALUES(1)]\n", 12, "no such table: u");
	refused("    - name: two\n      statements: [\"INSERT INTO t VALUES(:other)\"]\n", 12,
	        ":other is not declared");
	refused("    - name: two\n      statements: [\"INSERT INTO t VALUES(?)\"]\n", 12, "has no name");
	refused("    - name: two\n      statements: [DELETE FROM t; DELETE FROM t]\n", 12, "expected one statement");
	refused("    - name: two\n      statements: [BEGIN]\n", 12, "expected `begin` and `end`");
	refused("    - name: two\n      statements: [COMMIT]\n", 12, "expected `begin` and `end`");
	refused("    - name: two\n      statements: [ROLLBACK TO nowhere]\n", 12, "no such savepoint");
	refused("    - name: two\n      statements: [INSERT INTO t VALUES(total_changes())]\n", 12, "total_changes");
	refused("    - name: two\n      statements: [\"INSERT INTO t SELECT strftime('%s', 'now', 'localtime')\"]\n",
	        12, "localtime");
	refused("  invariants: [SELECT a FROM t WHERE a > abs(random())]\n", 11, "random");
	refused("  invariants: [\"SELECT a FROM t WHERE a > unixepoch('now')\"]\n", 11, "unixepoch");
	refused("    - name: two\n      statements: [\"ATTACH 'x' AS x\"]\n", 12, "ATTACH");
	refused("    - name: two\n      statements: [VACUUM]\n", 12, "expected begin: none");
	refused("    - name: two\n      begin: none\n      statements: [VACUUM INTO 'x']\n", 13, "VACUUM INTO");
	refused("    - name: two\n      begin: none\n      statements: [PRAGMA synchronous = off]\n", 13,
	        "not a pragma");
	refused("    - name: two\n      begin: none\n      end: commit\n      statements: [VACUUM]\n", 13,
	        "end is commit");
	refused("    - name: two\n      begin: soon\n      statements: [DELETE FROM t]\n", 12, "begin is soon");
	refused("    - name: two\n      weight: 0\n      statements: [DELETE FROM t]\n", 12, "weight is 0");
	refused("    - name: two\n      words: [DELETE FROM t]\n", 12, "unknown key words");
	refused("  invariants: [DELETE FROM t RETURNING a]\n", 11, "only reads");
	refused("  invariants: [SELECT b FROM t]\n", 11, "no such column");
	refused("  invariants: [\"SELECT a FROM t WHERE a = :key\"]\n", 11, "a parameter");
	refused("  pragmas: [synchronous = off]\n", 11, "not a pragma");
	refused("  attached: [Other]\n", 11, "lower-case");
	refused("  after_doubt: [guess]\n", 11, "reopen or continue");
}

static void pragmas_and_files_that_cannot_be_drawn_are_refused(void **state) {
	(void)state;
	refused("  pragmas: [foreign_keys = on | off, synchronous = off | full]\n", 11, "not a pragma");
	refused("  pragmas: [auto_vacuum = 0|1|2|0|1|2|0|1|2]\n", 11, "at most 8 values");
	refused("  attached_chance: 20\n", 11, "no file is attached");
	refused("  attached: [other]\n  attached_chance: 101\n", 12, "expected 0 to 100");
	refused("  attached: [other]\n  attached_chance: 20\n", 0, "");
	refused("  pragmas: [foreign_keys = on | off]\n", 0, "");
	refused("  attached: [t]\n  attached_chance: 20\nworkload: {kills: 101}\n", 13, "expected 0 to 100");
	refused("workload: {kills: 5, power_losses: 5, updates: {min: 1, max: 9, draw: heavy}}\n", 0, "");
	refused("workload: {updates: {min: 1, max: 9, draw: large}}\n", 11, "draw is large, expected evenly or heavy");
}

/* What a seed draws of the SQL is in its plan, and is what the plan's reader draws. */
static void what_is_drawn_of_the_sql_is_in_the_plan(void **state) {
	static struct sim_plan plan;
	struct sim_scenario *scenario = library_load("sql-swarm");
	uint32_t alone = 0;
	uint32_t full = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		sim_plan_make(&plan, scenario, seed);
		alone += plan.sql_scenario->file_count == 1;
		full += strcmp(plan.sql.pragmas.texts[0], "PRAGMA auto_vacuum=full") == 0;
		assert_int_equal(plan.sql_scenario == scenario->sql, plan.sql_scenario->file_count == 3);
		for (uint32_t i = 0; plan.sql_scenario != scenario->sql && i < plan.sql_scenario->template_count; i++) {
			assert_null(strstr(plan.sql_scenario->templates[i].statements.texts[0], "side."));
		}
	}
	assert_in_range(alone, 30, 58);
	assert_in_range(full, 5, 35);
	sim_scenario_destroy(scenario);
}

static void sql_that_makes_sense_is_taken(void **state) {
	(void)state;
	refused("    - name: two\n      begin: none\n      statements: [VACUUM]\n  invariants: [SELECT a FROM t WHERE "
	        "a > 100]\n",
	        0, "");
	refused("    - name: two\n      end: rollback\n      statements: [SAVEPOINT s, DELETE FROM t, ROLLBACK TO s, "
	        "RELEASE s]\n",
	        0, "");
	refused("    - name: two\n      begin: none\n      statements: [PRAGMA journal_mode = delete]\n  after_doubt: "
	        "[reopen]\n",
	        0, "");
	refused("  attached: [other]\n  pragmas: [foreign_keys = on]\n", 0, "");
	refused("    - name: two\n      statements: [\"INSERT INTO t SELECT abs(random()) % 100 + "
	        "length(date('now'))\"]\n",
	        0, "");
}

static int set_up(void **state) {
	(void)state;
	return sim_run_init() ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sqlite_holds),
	        cmocka_unit_test(ordinary_schemas_and_machines_hold),
	        cmocka_unit_test(no_subject_means_the_built_in_one),
	        cmocka_unit_test(a_subject_that_does_not_take_sql_runs_none),
	        cmocka_unit_test(synchronous_off_judged_as_full_goes_red_in_every_mode),
	        cmocka_unit_test(normal_judged_as_full_goes_red_in_wal),
	        cmocka_unit_test(full_judged_as_extra_goes_red_in_delete_mode),
	        cmocka_unit_test(several_files_in_wal_judged_as_one_go_red),
	        cmocka_unit_test(crashes_of_an_idle_process_are_judged),
	        cmocka_unit_test(weak_settings_are_measured_and_hold),
	        cmocka_unit_test(nothing_is_lost_or_corrupt_where_all_is_durable),
	        cmocka_unit_test(what_was_never_run_has_undone_nothing),
	        cmocka_unit_test(failing_for_nothing_goes_red),
	        cmocka_unit_test(a_lying_subject_goes_red),
	        cmocka_unit_test(a_lying_subject_goes_red_on_ordinary_schemas),
	        cmocka_unit_test(digest_sees_values_types_order_and_schema),
	        cmocka_unit_test(digest_does_not_see_the_way_to_the_content),
	        cmocka_unit_test(digest_sees_each_of_many_tables),
	        cmocka_unit_test(kept_digest_follows_rows_and_schema),
	        cmocka_unit_test(sql_that_makes_no_sense_is_refused_at_its_line),
	        cmocka_unit_test(pragmas_and_files_that_cannot_be_drawn_are_refused),
	        cmocka_unit_test(what_is_drawn_of_the_sql_is_in_the_plan),
	        cmocka_unit_test(sql_that_makes_sense_is_taken),
	};
	return cmocka_run_group_tests_name("sql", tests, set_up, NULL);
}
