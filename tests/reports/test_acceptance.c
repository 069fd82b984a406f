/* The acceptance page, from small inputs made here: one in which every criterion has its evidence,
 * and for each shortcoming a twin in which exactly that piece is missing or bad. */
#include "reports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CRITERION                                                                                                      \
	"bug_seeds_max: 200\n"                                                                                         \
	"criteria:\n"                                                                                                  \
	"  - id: AC1\n"                                                                                                \
	"    text: saved before it is shown\n"

static const char criteria_good[] = CRITERION "    tests: [engine/test_store]\n"
                                              "    functions: [engine_store_save]\n"
                                              "    bugs: [memory_before_save]\n";

static const char junit_good[] =
        "<?xml version=\"1.0\"?>\n<testsuite name=\"x\">\n"
        "<testcase name=\"engine/test_store\" classname=\"x\" time=\"0.1\" status=\"run\">\n"
        "<system-out>&lt;testcase name=&quot;fake&quot;</system-out></testcase>\n</testsuite>\n";

/* Two functions: the first has lines 10 and 11 (one of them ran), the second has line 20. */
static const char trace_good[] = "TN:\nSF:/any/where/engine/store.c\nFN:9,engine_store_save\nFN:19,engine_store_load\n"
                                 "FNDA:3,engine_store_save\nFNDA:0,engine_store_load\nDA:10,3\nDA:11,0\nDA:20,0\n"
                                 "end_of_record\n";

static const char schema[] =
        "CREATE TABLE sweep(id INTEGER PRIMARY KEY, subject TEXT, bug TEXT, seeds_first TEXT, seeds_count INTEGER,"
        " jobs INTEGER, partition_index INTEGER, partition_count INTEGER, sqlite_version TEXT, sqlite_source_id TEXT,"
        " compiler TEXT, version TEXT, wall_s REAL, exit_status INTEGER, sqlite_options TEXT, program TEXT);"
        "CREATE TABLE scenario(name TEXT PRIMARY KEY, about TEXT, path TEXT, criteria TEXT);"
        "CREATE TABLE brought(sweep_id INTEGER, scenario TEXT, kind TEXT, what TEXT);"
        "CREATE TABLE run(sweep_id INTEGER, scenario TEXT, seed TEXT, ordinal INTEGER, verdict TEXT, invariant TEXT,"
        " event INTEGER, detail TEXT, trace_hash TEXT, steps INTEGER, updates INTEGER, faults INTEGER, restarts "
        "INTEGER,"
        " crash_states INTEGER, virtual_ns INTEGER, replay TEXT, finding TEXT, cell TEXT);"
        "CREATE TABLE probe(sweep_id INTEGER, scenario TEXT, name TEXT, required INTEGER, hits INTEGER);"
        "CREATE TABLE demand(sweep_id INTEGER, scenario TEXT, kind TEXT, name TEXT, one_in INTEGER, due INTEGER,"
        " runs INTEGER, reached INTEGER, state TEXT);"
        "CREATE TABLE cell(sweep_id INTEGER, scenario TEXT, cell TEXT, contract TEXT, verdict TEXT, runs INTEGER);"
        "CREATE TABLE phase(sweep_id INTEGER, scenario TEXT, name TEXT, crashes INTEGER, faults INTEGER);"
        "CREATE TABLE failure(sweep_id INTEGER, scenario TEXT, invariant TEXT, seed TEXT, detail TEXT, replay TEXT,"
        " count INTEGER, first_ordinal INTEGER);";

static const char clean_rows[] =
        "INSERT INTO sweep(id, subject, bug, seeds_first, seeds_count, exit_status, sqlite_source_id, program)"
        " VALUES(1, 'engine', NULL, '0x1', 2, 0, 'source 1', '51f554bd9e26a582');"
        "INSERT INTO scenario VALUES('kill', 'dies anywhere', 'scenarios/kill.yaml', 'AC1 AC10');"
        "INSERT INTO run(sweep_id, scenario, seed, ordinal, verdict, restarts, faults, crash_states) VALUES"
        " (1, 'kill', '0x1', 0, 'held', 3, 2, 1), (1, 'kill', '0x2', 1, 'held', 4, 2, 1);"
        "INSERT INTO probe VALUES(1, 'kill', 'killed', 1, 2), (1, 'kill', 'optional', 0, 0);"
        "INSERT INTO demand VALUES(1, 'kill', 'fault', 'power_loss', 3, 35, 2, 2, 'reached');"
        "INSERT INTO cell VALUES(1, 'kill', 'wal', 'durable', 'kept', 1), (1, 'kill', 'off', 'durable', 'red', 1);"
        "INSERT INTO phase VALUES(1, 'kill', 'wal_sync', 4711, 17);";

static const char bug_rows[] =
        "INSERT INTO sweep(id, subject, bug, seeds_first, seeds_count) VALUES(1, 'engine', 'memory_before_save', "
        "'0x1', 9);"
        "INSERT INTO scenario VALUES('kill', 'dies anywhere', 'scenarios/kill.yaml', 'AC1 AC10');"
        "INSERT INTO run(sweep_id, scenario, seed, ordinal, verdict, invariant, replay) VALUES"
        " (1, 'kill', '0x1', 0, 'held', NULL, NULL),"
        " (1, 'kill', '0x3', 6, 'violated', 'memory_equals_committed', 'aftershock replay kill@0x3'),"
        " (1, 'kill', '0x2', 4, 'violated', 'exactly_once', 'aftershock replay kill@0x2');";

/* What one test gives to the program. NULL: not given. */
struct inputs {
	const char *criteria;
	const char *junit;
	const char *trace;
	const char *clean;      /* rows of the sweep of the product */
	const char *bug;        /* rows of the sweep with the planted bug */
	const char *adjustment; /* statements that spoil the clean sweep */
};

static const struct inputs good = {criteria_good, junit_good, trace_good, clean_rows, bug_rows, ""};

static char directory[64];

static const char *path_of(const char *name) {
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static const char *write_file(const char *name, const char *text) {
	FILE *file = fopen(path_of(name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path_of(name);
}

static const char *write_results(const char *name, const char *rows, const char *adjustment) {
	sqlite3 *db = NULL;
	unlink(path_of(name));
	assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, rows, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, adjustment, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return path_of(name);
}

static sqlite3 *load(const struct inputs *inputs) {
	char why[REPORTS_WHY_SIZE] = "";
	sqlite3 *db = reports_evidence_open();
	assert_non_null(db);
	if (!reports_criteria_load(db, write_file("acceptance.yaml", inputs->criteria), why)) {
		fail_msg("%s", why);
	}
	if (inputs->junit != NULL) {
		assert_true(reports_junit_load(db, write_file("junit.xml", inputs->junit), why));
	}
	if (inputs->trace != NULL) {
		assert_true(reports_tracefile_load(db, write_file("both.info", inputs->trace), why));
	}
	if (inputs->clean != NULL) {
		assert_true(
		        reports_results_load(db, write_results("clean.db", inputs->clean, inputs->adjustment), why));
	}
	if (inputs->bug != NULL) {
		assert_true(reports_results_load(db, write_results("bug.db", inputs->bug, ""), why));
	}
	return db;
}

static char *render(sqlite3 *db, enum reports_format format) {
	char why[REPORTS_WHY_SIZE] = "";
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	if (!reports_acceptance_write(db, file, format, why)) {
		fail_msg("%s", why);
	}
	fclose(file);
	return text;
}

/* Checks the number of red criteria and that the page, in both formats, says `expected`. */
static void expect(const struct inputs *inputs, int red_expected, const char *expected) {
	char why[REPORTS_WHY_SIZE] = "";
	int criteria = 0;
	int red = -1;
	sqlite3 *db = load(inputs);
	assert_true(reports_evidence_count(db, &criteria, &red, why));
	char *markdown = render(db, REPORTS_FORMAT_MARKDOWN);
	char *html = render(db, REPORTS_FORMAT_HTML);
	char *again = render(db, REPORTS_FORMAT_HTML);
	assert_string_equal(html, again); /* P5: the page is a function of its inputs */
	free(again);
	if (red != red_expected || strstr(html, expected) == NULL) {
		fail_msg("red %d, expected %d and \"%s\" in:\n%s", red, red_expected, expected, markdown);
	}
	assert_int_equal(strstr(markdown, "What it lacks") != NULL, red_expected > 0);
	free(markdown);
	free(html);
	sqlite3_close(db);
}

/* P1: without a shortcoming every criterion is green. */
static void complete_evidence_is_green(void **state) {
	(void)state;
	expect(&good, 0, "1 acceptance criteria: 1 with all the evidence they ask for, 0 red.");
}

/* What is run, and asked for by nobody, is named. */
static void what_serves_no_criterion_is_named(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.adjustment = "INSERT INTO scenario VALUES('idle', 'does nothing', 'scenarios/idle.yaml', '')";
	inputs.criteria =
	        CRITERION "    tests: [engine/test_store]\n    functions: [engine_store_save]\n    evidence: [runs, "
	                  "tests, functions]\n";
	sqlite3 *db = load(&inputs);
	char *text = render(db, REPORTS_FORMAT_MARKDOWN);
	assert_non_null(strstr(text, "| scenario | idle |\n| planted bug | memory\\_before\\_save |\n"));
	free(text);
	sqlite3_close(db);
}

static void page_shows_runs_coverage_and_the_first_catch(void **state) {
	(void)state;
	sqlite3 *db = load(&good);
	char *text = render(db, REPORTS_FORMAT_MARKDOWN);
	assert_non_null(strstr(text, "| engine/store.c | 1 | 2 | 1 |"));
	assert_non_null(strstr(text,
	                       "## What serves no criterion\n\nScenarios and planted bugs that were run, and that no "
	                       "criterion asks for.\n\nnone\n"));
	/* 3 + 4 restarts of the clean sweep only; one of two lines; ordinal 4 is the fifth seed and
	 * comes before ordinal 6. */
	assert_non_null(strstr(text, "| kill | **ok** | 2 | 7 | 2 | 4 | 0 | dies anywhere |"));
	assert_non_null(strstr(text, "| `engine_store_save` | engine/store.c | **ok** | 3 | 1 of 2 | 50.0 % |"));
	assert_non_null(strstr(text, "| memory\\_before\\_save | **ok** | 5 | 3 | kill | exactly\\_once |"
	                             " `aftershock replay kill@0x2` |"));
	assert_null(strstr(text, "fake"));
	free(text);
	sqlite3_close(db);
}

/* P2: absence is red. */
static void every_missing_piece_is_red(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.clean = NULL;
	expect(&inputs, 1, "scenario kill was not run");
	inputs = good;
	inputs.clean = NULL;
	inputs.bug = NULL;
	expect(&inputs, 1, "no scenario of the results serves it");
	inputs = good;
	inputs.bug = NULL;
	expect(&inputs, 1, "planted bug memory_before_save was not run");
	inputs = good;
	inputs.junit = NULL;
	expect(&inputs, 1, "test engine/test_store was not run");
	inputs = good;
	inputs.trace = NULL;
	expect(&inputs, 1, "function engine_store_save is not in the coverage data");
	inputs = good;
	inputs.criteria = CRITERION;
	expect(&inputs, 1, "no test is named for it");
	expect(&inputs, 1, "no function is named for it");
	expect(&inputs, 1, "no planted bug is named for it");
}

/* P4: a run that did not hold makes its criteria red. */
static void every_bad_piece_is_red(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.adjustment = "UPDATE run SET verdict = 'violated', invariant = 'exactly_once', detail = 'a < b | c',"
	                    " replay = 'aftershock replay kill@0x2' WHERE ordinal = 1";
	expect(&inputs, 1, "1 runs of scenario kill did not hold");
	expect(&inputs, 1, "a &lt; b | c");
	inputs.adjustment =
	        "UPDATE run SET verdict = 'violated', invariant = 'exactly_once', finding = '' WHERE ordinal = 1";
	expect(&inputs, 1, "1 runs of scenario kill did not hold");
	inputs.adjustment = "UPDATE run SET verdict = 'harness_failed' WHERE ordinal = 1";
	expect(&inputs, 1, "1 runs of scenario kill did not hold");
	inputs.adjustment = "UPDATE probe SET hits = 0";
	expect(&inputs, 1, "scenario kill never reached its probe killed");
	inputs.adjustment = "UPDATE scenario SET criteria = 'AC10'"; /* AC10 is not AC1 */
	inputs.bug = NULL;
	expect(&inputs, 1, "no scenario of the results serves it");
	inputs = good;
	inputs.junit = "<testsuite><testcase name=\"engine/test_store\" status=\"fail\"></testcase></testsuite>";
	expect(&inputs, 1, "test engine/test_store did not pass: fail");
	inputs = good;
	inputs.trace = "SF:engine/store.c\nFN:9,engine_store_save\nFNDA:0,engine_store_save\nDA:10,0\nend_of_record\n";
	expect(&inputs, 1, "function engine_store_save never ran");
	inputs = good;
	inputs.bug =
	        "INSERT INTO sweep(id, subject, bug) VALUES(1, 'engine', 'memory_before_save');"
	        "INSERT INTO run(sweep_id, scenario, seed, ordinal, verdict) VALUES (1, 'kill', '0x1', 0, 'held');";
	expect(&inputs, 1, "planted bug memory_before_save was not caught in 1 seeds");
	inputs.bug = "INSERT INTO sweep(id, subject, bug) VALUES(1, 'engine', 'memory_before_save');"
	             "INSERT INTO run(sweep_id, scenario, seed, ordinal, verdict) VALUES (1, 'kill', '0x1', 200, "
	             "'violated');";
	expect(&inputs, 1, "planted bug memory_before_save took 201 seeds, at most 200 are allowed");
}

/* A known finding in SQLite, or a positive control: it is shown, and nobody's fault. */
static void a_finding_that_is_not_ours_is_shown_and_not_red(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.adjustment = "UPDATE run SET verdict = 'violated', invariant = 'exactly_once', finding = 'wal-reset'"
	                    " WHERE ordinal = 1";
	expect(&inputs, 0, "excused");
}

/* ---- what is asked for of all criteria ------------------------------------------------------- */

/* With what is asked for of all criteria before them. */
#define ASKS(common)                                                                                                   \
	common CRITERION "    tests: [engine/test_store]\n    functions: [engine_store_save]\n"                        \
	                 "    bugs: [memory_before_save]\n"

static const char asks_for_all[] =
        ASKS("tests_min: 1\nsweeps:\n  - {folder: library, scenarios: 1, runs: 2, crashes: 4711, faults: 4, cells: 2, "
             "controls: 1}\n");

static void what_is_asked_for_is_there(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.criteria = asks_for_all;
	expect(&inputs, 0, "1 of 1");
	expect(&inputs, 0, "0.0636 %"); /* 1 - 0.05^(1/4711) */
}

/* P6 */
static void less_than_is_asked_for_is_red(void **state) {
	static const struct {
		const char *adjustment;
		const char *reason;
	} twins[] = {
	        {"UPDATE run SET scenario = 'other'", "of library, 0 scenarios were run, 1 are asked for"},
	        {"DELETE FROM run WHERE ordinal = 1", "of library, a scenario was run 1 times only, 2 are asked for"},
	        {"UPDATE phase SET crashes = 0", "of library, 0 crashes struck, 4711 are asked for"},
	        {"UPDATE run SET faults = 0", "of library, 0 faults struck, 4 are asked for"},
	        {"DELETE FROM cell WHERE cell = 'wal'", "of library, 1 cells were run, 2 are asked for"},
	        {"UPDATE cell SET verdict = 'kept'", "of library, 0 positive controls went red, 1 are asked for"},
	        {"UPDATE cell SET verdict = 'GREEN' WHERE cell = 'off'", "scenario kill, cell off: GREEN"},
	        {"UPDATE sweep SET exit_status = 1", "a sweep over 2 seeds ended with status 1, expected 0"},
	        {"UPDATE sweep SET exit_status = NULL", "a sweep over 2 seeds ended with status none, expected 0"},
	        {"UPDATE demand SET state = 'missed', reached = 0",
	         "scenario kill reached its fault power_loss in 0 of 2 runs"},
	        {"INSERT INTO failure VALUES(1, 'kill', 'cells_agree', '0x1', 'differ', '', 3, 0)",
	         "scenario kill: cells_agree, 3 times: differ"},
	        {"UPDATE sweep SET sqlite_source_id = 'source 2'; INSERT INTO sweep(id, subject, exit_status, "
	         "sqlite_source_id) VALUES(2, 'engine', 0, 'source 1')",
	         "results of several builds of SQLite"},
	};
	(void)state;
	struct inputs inputs = good;
	inputs.criteria = asks_for_all;
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		inputs.adjustment = twins[i].adjustment;
		expect(&inputs, 1, twins[i].reason);
	}
	inputs = good;
	inputs.criteria = ASKS("tests_min: 2\n");
	expect(&inputs, 1, "1 tests were run, at least 2 are asked for");
}

/* The reasons why the criterion is red, one on each line. */
static char *reasons(sqlite3 *db) {
	sqlite3_stmt *statement = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT coalesce(group_concat(reason, char(10)), '') FROM shortcoming",
	                                    -1, &statement, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	char *text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return text;
}

static void expect_reason(sqlite3 *db, const char *reason) {
	char *text = reasons(db);
	if (reason == NULL ? text[0] != '\0' : strstr(text, reason) == NULL) {
		fail_msg("expected \"%s\" in:\n%s", reason != NULL ? reason : "", text);
	}
	sqlite3_free(text);
}

/* P7: results must be of a program that is named by results which this build has just made. */
static void results_of_another_build_are_red(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	struct inputs inputs = good;
	inputs.bug = NULL;
	inputs.criteria = CRITERION "    evidence: [runs]\n";
	sqlite3 *db = load(&inputs);
	expect_reason(db, NULL);
	assert_true(reports_results_expect(
	        db, write_results("more.db", clean_rows, "UPDATE sweep SET program = 'other'"), why));
	expect_reason(db, "results of another build: program 51f554bd9e26a582");
	assert_true(reports_results_expect(db, write_results("more.db", clean_rows, ""), why));
	expect_reason(db, NULL);
	sqlite3_close(db);
}

static void tests_of_the_list_must_have_run(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	struct inputs inputs = good;
	inputs.criteria = CRITERION "    evidence: [tests]\n    tests: ['*']\n";
	sqlite3 *db = load(&inputs);
	assert_true(reports_expected_names(db, "test", write_file("tests", "engine/test_store\n"), why));
	expect_reason(db, NULL);
	assert_true(reports_expected_names(db, "test", write_file("tests", "engine/test_load\n"), why));
	expect_reason(db, "test engine/test_load was not run");
	sqlite3_close(db);
}

/* P8 */
static void a_skipped_test_is_red_unless_it_may_be(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.junit = "<testsuite><testcase name=\"engine/test_store\" status=\"notrun\"></testcase></testsuite>";
	expect(&inputs, 1, "test engine/test_store did not pass: notrun");
	inputs.criteria = ASKS("may_skip:\n  - {name: engine/test_store, reason: there is no disk}\n");
	expect(&inputs, 0, "there is no disk");
	inputs.junit = "<testsuite><testcase name=\"engine/test_store\" status=\"fail\"></testcase></testsuite>";
	expect(&inputs, 1, "test engine/test_store did not pass: fail");
}

static void coverage_of_other_sources_is_red(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	struct inputs inputs = good;
	inputs.criteria = CRITERION "    evidence: [functions]\n    functions: [engine_store_save]\n";
	sqlite3 *db = load(&inputs);
	assert_int_equal(mkdir(path_of("engine"), 0700), 0);
	write_file("engine/store.c", "\n\n\n\n\n\n\n\nvoid engine_store_save(void) {\n");
	assert_true(reports_expected_source(db, directory, why));
	expect_reason(db, NULL);
	write_file("engine/store.c", "\nvoid engine_store_save(void) {\n");
	assert_true(reports_expected_source(db, directory, why));
	expect_reason(db, "coverage of other sources: engine_store_save is not in line 9 of engine/store.c");
	unlink(path_of("engine/store.c"));
	rmdir(path_of("engine"));
	sqlite3_close(db);
}

/* P10 */
static void branches_that_scenarios_do_not_reach_are_red_beyond_what_is_allowed(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	struct inputs inputs = good;
	inputs.criteria = CRITERION "    evidence: [functions]\n    functions: [engine_store_save]\n";
	sqlite3 *db = load(&inputs);
	assert_true(reports_unreached_load(
	        db, write_file("tests", "open vfs/a.c:f 3\nargued vfs/a.c:g 2 memory runs out\npart vfs 100 5 2 3 3\n"),
	        why));
	expect_reason(db, NULL);
	char *text = render(db, REPORTS_FORMAT_MARKDOWN);
	assert_non_null(strstr(text, "| vfs | 100 | 95 | 95.0 % | 2 | 3 | 3 |"));
	assert_non_null(strstr(text, "| vfs/a.c | 3 | f 3 |"));
	assert_non_null(strstr(text, "| memory runs out | 2 | vfs/a.c:g 2 |"));
	free(text);
	assert_true(reports_unreached_load(db, write_file("tests", "part engine 100 5 2 3 2\n"), why));
	expect_reason(db, "of engine, 3 branches are reached by no scenario and not argued, at most 2 are allowed");
	sqlite3_close(db);
	db = load(&inputs);
	assert_true(reports_unreached_load(db, write_file("tests", "false vfs/a.c:g 2 1\n"), why));
	expect_reason(db, "of vfs/a.c:g, 2 branches are argued not to be reached, 1 are not");
	sqlite3_close(db);
}

static void an_invariant_shows_what_it_rests_on(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	sqlite3 *db = load(&good);
	assert_true(reports_expected_names(db, "invariant",
	                                   write_file("tests", "exactly_once  it counts once\nother  else\n"), why));
	char *text = render(db, REPORTS_FORMAT_MARKDOWN);
	assert_non_null(strstr(text, "| exactly\\_once | it counts once | 0 | 1 | AC1 | **not run** |"));
	assert_non_null(strstr(text, "| other | else | 0 | 0 |  | **not run** |"));
	free(text);
	sqlite3_close(db);
}

static void certificates_are_whole_and_of_this_sqlite(void **state) {
	static const struct {
		const char *certificate;
		const char *reason; /* NULL: none */
	} twins[] = {
	        {"seed  0x1\nsqlite  3, source 1\ncomplete  within these bounds\nimages  20\nviolations  1\n"
	         "violations_known  1\n",
	         NULL},
	        {"seed  0x2\nsqlite  3, source 1\ncomplete  within these bounds\nimages  20\n",
	         "no certificate of kill@0x1"},
	        {"seed  0x1\nsqlite  3, source 1\ncomplete  no, it was ended before\nimages  20\n",
	         "the certificate of kill@0x1 is partial"},
	        {"seed  0x1\nsqlite  3, source 1\ncomplete  within these bounds\nimages  19\n",
	         "the certificate of kill@0x1 has 19 images, 20 are asked for"},
	        {"seed  0x1\nsqlite  3, source 1\ncomplete  within these bounds\nimages  20\nviolations  2\n"
	         "violations_known  1\n",
	         "the certificate of kill@0x1 has 1 violations"},
	        {"seed  0x1\nsqlite  3, source 2\ncomplete  within these bounds\nimages  20\n",
	         "the certificate of kill@0x1 is of another SQLite"},
	        {"seed  0x1\nsqlite  3, source 1\ncomplete  within these bounds\nimages  20\nvfs  /there/checksum.so\n",
	         "the certificate of kill@0x1 is of a run with a VFS"},
	};
	(void)state;
	struct inputs inputs = good;
	inputs.bug = NULL;
	inputs.criteria =
	        "certificates:\n  - {scenario: kill, seed: 0x1, images: 20}\n" CRITERION "    evidence: [runs]\n";
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		char why[REPORTS_WHY_SIZE] = "";
		char text[400];
		sqlite3 *db = load(&inputs);
		expect_reason(db, "no certificate of kill@0x1");
		snprintf(text, sizeof(text), "scenario  kill\n%simages_hash  1\n", twins[i].certificate);
		assert_true(reports_certificate_load(db, write_file("certificate", text), why));
		expect_reason(db, twins[i].reason);
		sqlite3_close(db);
	}
}

static void what_struck_nowhere_is_named(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	struct inputs inputs = good;
	inputs.criteria = ASKS("not_tested:\n  - {name: pause, reason: of one process only}\n");
	sqlite3 *db = load(&inputs);
	assert_true(reports_expected_names(db, "phase", write_file("tests", "wal_sync  a\nwal_header  b\n"), why));
	assert_true(reports_expected_names(db, "fault", write_file("tests", "power_loss  a\npause  b\n"), why));
	char *text = render(db, REPORTS_FORMAT_MARKDOWN);
	assert_non_null(strstr(
	        text, "| fault | pause | of one process only |\n| phase | wal\\_header | no reason is known |\n"));
	assert_null(strstr(text, "| phase | wal\\_sync |"));
	assert_null(strstr(text, "| fault | power\\_loss |"));
	free(text);
	sqlite3_close(db);
}

/* P3: only sweeps of the product count. */
static void other_subjects_are_no_evidence(void **state) {
	(void)state;
	struct inputs inputs = good;
	inputs.adjustment = "UPDATE sweep SET subject = 'somebody-elses.so'";
	expect(&inputs, 1, "scenario kill was not run");
	inputs.adjustment = "INSERT INTO brought VALUES(1, 'kill', 'vfs', '/there/checksum.so')";
	expect(&inputs, 1, "scenario kill was not run");
	expect(&inputs, 1, "engine with a vfs");
	inputs.adjustment = "INSERT INTO brought VALUES(1, 'kill', 'stand-in', 'function f as one')";
	expect(&inputs, 1, "engine with a stand-in");
}

/* P3: what a VFS turns red was not found because of the planted bug. */
static void a_bug_is_caught_with_nothing_brought_in(void **state) {
	char bug[2048];
	(void)state;
	struct inputs inputs = good;
	snprintf(bug, sizeof bug, "%sINSERT INTO brought VALUES(1, 'kill', 'vfs', '/there/checksum.so');", bug_rows);
	inputs.bug = bug;
	expect(&inputs, 1, "planted bug memory_before_save was not run");
}

static void evidence_that_is_not_asked_for_is_not_missed(void **state) {
	(void)state;
	struct inputs inputs = {
	        CRITERION "    evidence: [tests]\n    tests: ['*']\n", junit_good, NULL, NULL, NULL, ""};
	expect(&inputs, 0, "asks for no evidence of these kinds: runs functions bugs.");
	inputs.junit = NULL;
	expect(&inputs, 1, "no test was run");
}

static void a_test_must_pass_in_every_file(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	int criteria = 0;
	int red = 0;
	static const char failed[] = "<testsuite><testcase name=\"engine/test_store\" status=\"fail\"/></testsuite>";
	sqlite3 *db = load(&good);
	assert_true(reports_junit_load(db, write_file("more.xml", junit_good), why));
	assert_true(reports_evidence_count(db, &criteria, &red, why));
	assert_int_equal(red, 0);
	assert_true(reports_junit_load(db, write_file("more.xml", failed), why));
	assert_true(reports_junit_load(db, write_file("more.xml", junit_good), why));
	assert_true(reports_evidence_count(db, &criteria, &red, why));
	assert_int_equal(red, 1);
	sqlite3_close(db);
}

static void unusable_inputs_are_named(void **state) {
	(void)state;
	char why[REPORTS_WHY_SIZE] = "";
	sqlite3 *db = reports_evidence_open();
	assert_false(reports_criteria_load(db, path_of("absent.yaml"), why));
	assert_non_null(strstr(why, "absent.yaml"));
	assert_false(reports_criteria_load(db, write_file("bad.yaml", CRITERION "    wishes: [x]\n"), why));
	assert_non_null(strstr(why, "bad.yaml"));
	assert_non_null(strstr(why, "wishes"));
	assert_false(reports_criteria_load(db, write_file("bad.yaml", ""), why));
	assert_non_null(strstr(why, "bad.yaml: empty, expected criteria"));
	assert_false(reports_criteria_load(
	        db, write_file("bad.yaml", "criteria:\n  - id: AC1\n    text: a\n    tests: [b\n  - id: AC2\n"), why));
	assert_non_null(strstr(why, "bad.yaml"));
	assert_false(reports_criteria_load(db, write_file("bad.yaml", "bug_seeds_max: 1\ntests_min: few\n"), why));
	assert_non_null(strstr(why, "bad.yaml:2: "));
	assert_false(reports_results_load(db, directory, why));
	assert_int_not_equal(access(path_of("results.db"), F_OK), 0);
	assert_false(reports_results_load(db, write_file("bad.db", "not a database, but long enough to be read as one"),
	                                  why));
	assert_non_null(strstr(why, "bad.db: not a results database"));
	assert_false(reports_junit_load(db, write_file("bad.xml", "{}"), why));
	assert_non_null(strstr(why, "bad.xml"));
	assert_false(reports_junit_load(db, write_file("bad.xml", "<testsuite><testcase name=\"a\"/>"), why));
	assert_non_null(strstr(why, "without name or status"));
	assert_false(reports_tracefile_load(db, write_file("bad.info", "nothing\n"), why));
	assert_non_null(strstr(why, "bad.info"));
	assert_false(reports_certificate_load(db, write_file("bad.info", "nothing\n"), why));
	assert_non_null(strstr(why, "bad.info: not a certificate"));
	assert_false(reports_expected_names(db, "test", path_of("absent"), why));
	assert_non_null(strstr(why, "absent: cannot be read"));
	assert_false(reports_unreached_load(db, write_file("tests", "open a.c:f 1\nopen\n"), why));
	assert_non_null(strstr(why, "tests:2: expected a line of unreached.sh"));
	assert_false(reports_unreached_load(db, path_of("absent"), why));
	assert_non_null(strstr(why, "absent: cannot be read"));
	assert_false(reports_results_expect(db, path_of("absent"), why));
	assert_non_null(strstr(why, "absent: no results there"));
	assert_false(reports_criteria_load(db, write_file("bad.yaml", "tests_min: many\n" CRITERION), why));
	assert_non_null(strstr(why, "bad.yaml"));
	sqlite3_close(db);
}

static int make_directory(void **state) {
	(void)state;
	snprintf(directory, sizeof(directory), "%s",
	         "acceptance-XXXXXX"); /* below the build directory, where ctest runs it */
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_directory(void **state) {
	static const char *const names[] = {"acceptance.yaml", "junit.xml", "both.info",  "clean.db", "bug.db",
	                                    "more.xml",        "bad.yaml",  "bad.db",     "bad.xml",  "bad.info",
	                                    "more.db",         "tests",     "certificate"};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unlink(path_of(names[i]));
	}
	return rmdir(directory);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(complete_evidence_is_green),
	        cmocka_unit_test(what_serves_no_criterion_is_named),
	        cmocka_unit_test(page_shows_runs_coverage_and_the_first_catch),
	        cmocka_unit_test(every_missing_piece_is_red),
	        cmocka_unit_test(every_bad_piece_is_red),
	        cmocka_unit_test(a_finding_that_is_not_ours_is_shown_and_not_red),
	        cmocka_unit_test(what_is_asked_for_is_there),
	        cmocka_unit_test(less_than_is_asked_for_is_red),
	        cmocka_unit_test(results_of_another_build_are_red),
	        cmocka_unit_test(tests_of_the_list_must_have_run),
	        cmocka_unit_test(a_skipped_test_is_red_unless_it_may_be),
	        cmocka_unit_test(coverage_of_other_sources_is_red),
	        cmocka_unit_test(branches_that_scenarios_do_not_reach_are_red_beyond_what_is_allowed),
	        cmocka_unit_test(an_invariant_shows_what_it_rests_on),
	        cmocka_unit_test(certificates_are_whole_and_of_this_sqlite),
	        cmocka_unit_test(what_struck_nowhere_is_named),
	        cmocka_unit_test(other_subjects_are_no_evidence),
	        cmocka_unit_test(a_bug_is_caught_with_nothing_brought_in),
	        cmocka_unit_test(evidence_that_is_not_asked_for_is_not_missed),
	        cmocka_unit_test(a_test_must_pass_in_every_file),
	        cmocka_unit_test(unusable_inputs_are_named),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
