/* reports/evidence.c: the tables, and the view that says what a criterion lacks. */
#include "reports.h"

#include <math.h>

/* A run counts as evidence for the product when its sweep had the built-in engine without a
 * planted bug, and nothing was brought in (a VFS, a stand-in, an extension): `clean`. The ordinal
 * is the position of the seed in its sweep, so that a bug found at ordinal n took n + 1 seeds. */
static const char reports_evidence_schema_tables[] =
        "CREATE TABLE about(title TEXT);" /* of a page that is not the acceptance page */
        "CREATE TABLE known_limit(text TEXT);"
        "CREATE TABLE criterion(id TEXT PRIMARY KEY, text TEXT, needs_runs INT, needs_tests INT, needs_functions INT,"
        " needs_bugs INT);"
        "CREATE TABLE criterion_test(criterion TEXT, name TEXT);" /* '*': all */
        "CREATE TABLE criterion_function(criterion TEXT, name TEXT);"
        "CREATE TABLE criterion_bug(criterion TEXT, name TEXT, seeds_max INT);"
        "CREATE TABLE sweep(id INTEGER PRIMARY KEY, subject TEXT, bug TEXT, seeds_first TEXT, seeds_count INT, jobs "
        "INT,"
        " sqlite_version TEXT, sqlite_source_id TEXT, compiler TEXT, version TEXT, wall_s REAL, exit_status INT,"
        " sqlite_options TEXT, program TEXT);"
        "CREATE TABLE brought(sweep INT, scenario TEXT, kind TEXT, what TEXT);"
        "CREATE TABLE scenario(name TEXT PRIMARY KEY, about TEXT, criteria TEXT, folder TEXT);"
        "CREATE TABLE run(sweep INT, scenario TEXT, seed TEXT, ordinal INT, verdict TEXT, invariant TEXT, detail TEXT,"
        " updates INT, faults INT, restarts INT, crash_states INT, replay TEXT, cell TEXT, trace_hash TEXT);"
        "CREATE INDEX run_of_sweep ON run(sweep);"
        "CREATE TABLE probe(sweep INT, scenario TEXT, name TEXT, required INT, hits INT);"
        "CREATE TABLE phase(sweep INT, scenario TEXT, name TEXT, crashes INT, faults INT);"
        "CREATE TABLE demand(sweep INT, scenario TEXT, kind TEXT, name TEXT, one_in INT, due INT, runs INT, reached "
        "INT,"
        " state TEXT);"
        "CREATE TABLE cell(sweep INT, scenario TEXT, cell TEXT, contract TEXT, verdict TEXT, runs INT);"
        "CREATE TABLE failure(sweep INT, scenario TEXT, invariant TEXT, count INT, detail TEXT);"
        "CREATE TABLE expected_sweep(folder TEXT, scenarios INT, runs INT, crashes INT, faults INT, cells INT,"
        " controls INT);"
        "CREATE TABLE expected_tests(least INT);"
        "CREATE TABLE expected_certificate(scenario TEXT, seed TEXT, images INT);"
        "CREATE TABLE expected(kind TEXT, name TEXT, text TEXT);"
        /* test, program, phase, fault, invariant */
        "CREATE TABLE unreached(state TEXT, place TEXT, branches INT, reason TEXT);"
        /* open, argued, false */
        "CREATE TABLE reached_part(part TEXT, branches INT, missed INT, argued INT, open INT, allowed INT, line TEXT);"
        "CREATE TABLE may_skip(name TEXT, reason TEXT);"
        "CREATE TABLE not_tested(name TEXT, reason TEXT);"
        "CREATE TABLE certificate(file TEXT, name TEXT, value TEXT);"
        "CREATE TABLE test(name TEXT PRIMARY KEY, passed INT, status TEXT);"
        "CREATE TABLE function(file TEXT, name TEXT, line INT, hits INT, PRIMARY KEY(file, name));"
        "CREATE TABLE line(file TEXT, line INT, hits INT, PRIMARY KEY(file, line));";

static const char reports_evidence_schema_views[] =
        "CREATE VIEW clean AS SELECT id FROM sweep WHERE coalesce(bug, '') = '' AND subject = 'engine'"
        " AND id NOT IN (SELECT sweep FROM brought);"
        "CREATE VIEW served AS SELECT c.id AS criterion, s.name AS scenario FROM criterion c JOIN scenario s"
        " ON instr(' ' || s.criteria || ' ', ' ' || c.id || ' ') > 0;"
        "CREATE TABLE scenario_sum(scenario TEXT PRIMARY KEY, runs INT, updates INT, faults INT, restarts INT,"
        " crash_states INT, violations INT);"
        "CREATE VIEW folder_sum AS SELECT e.folder, count(s.scenario) AS scenarios, min(s.runs) AS least_runs,"
        " (SELECT coalesce(sum(p.crashes), 0) FROM phase p JOIN scenario c ON c.name = p.scenario"
        "  WHERE c.folder = e.folder AND p.sweep IN clean) AS crashes, coalesce(sum(s.faults), 0) AS faults,"
        " (SELECT count(DISTINCT k.scenario || ':' || k.cell) FROM cell k JOIN scenario c ON c.name = k.scenario"
        "  WHERE c.folder = e.folder AND k.sweep IN clean) AS cells,"
        " (SELECT count(DISTINCT k.scenario || ':' || k.cell) FROM cell k JOIN scenario c ON c.name = k.scenario"
        "  WHERE c.folder = e.folder AND k.sweep IN clean AND k.verdict = 'red') AS controls"
        " FROM expected_sweep e LEFT JOIN scenario a ON a.folder = e.folder LEFT JOIN scenario_sum s ON s.scenario = "
        "a.name"
        " GROUP BY e.folder;"
        "CREATE VIEW certified AS SELECT file, max(value) FILTER (WHERE name = 'scenario') AS scenario,"
        " max(value) FILTER (WHERE name = 'seed') AS seed, max(value) FILTER (WHERE name = 'images') + 0 AS images,"
        " max(value) FILTER (WHERE name = 'violations') + 0 AS violations,"
        " max(value) FILTER (WHERE name = 'violations_known') + 0 AS known,"
        " max(value) FILTER (WHERE name = 'complete') AS complete,"
        " max(value) FILTER (WHERE name = 'sqlite') AS sqlite FROM certificate GROUP BY file;"
        "CREATE VIEW test_state AS SELECT name, iif(passed, 'ok', iif(name IN (SELECT name FROM may_skip) AND"
        " status IN ('notrun', 'skipped', 'disabled'), 'skipped', status)) AS state FROM test;"
        "CREATE VIEW criterion_test_found AS SELECT DISTINCT ct.criterion, t.name,"
        " (SELECT state IN ('ok', 'skipped') FROM test_state s WHERE s.name = t.name) AS passed,"
        " (SELECT state FROM test_state s WHERE s.name = t.name) AS status FROM "
        "criterion_test ct"
        " JOIN test t ON ct.name = t.name OR ct.name = '*';"
        /* lcov 1.16 knows where a function begins: it ends before the next one of its file. */
        "CREATE VIEW function_range AS SELECT file, name, hits, line AS first,"
        " lead(line, 1, 1 << 30) OVER (PARTITION BY file ORDER BY line) AS beyond FROM function;"
        "CREATE VIEW function_sum AS SELECT r.file, r.name, r.hits, count(l.line) AS lines,"
        " coalesce(sum(l.hits > 0), 0) AS covered FROM function_range r LEFT JOIN line l ON l.file = r.file"
        " AND l.line >= r.first AND l.line < r.beyond GROUP BY r.file, r.name;"
        "CREATE VIEW catch AS SELECT s.bug AS name, r.ordinal + 1 AS seeds, r.scenario, r.invariant, r.seed, r.replay,"
        " row_number() OVER (PARTITION BY s.bug ORDER BY r.ordinal, r.scenario) AS place"
        " FROM run r JOIN sweep s ON s.id = r.sweep WHERE coalesce(s.bug, '') <> '' AND r.verdict = 'violated'"
        " AND s.id NOT IN (SELECT sweep FROM brought);"
        "CREATE VIEW bug_sum AS SELECT b.criterion, b.name, b.seeds_max,"
        " (SELECT count(DISTINCT r.seed) FROM run r JOIN sweep s ON s.id = r.sweep WHERE s.bug = b.name"
        "  AND s.id NOT IN (SELECT sweep FROM brought)) AS seeds_run,"
        " c.seeds, c.scenario, c.invariant, c.replay"
        " FROM criterion_bug b LEFT JOIN catch c ON c.name = b.name AND c.place = 1;";

/* What all criteria lack that ask for evidence of this kind. */
static const char reports_evidence_schema_common[] =
        "CREATE VIEW common(kind, reason) AS"
        " SELECT 'runs', printf('of %s, %d scenarios were run, %d are asked for', f.folder, f.scenarios, e.scenarios)"
        "  FROM folder_sum f JOIN expected_sweep e USING (folder) WHERE f.scenarios < e.scenarios"
        " UNION ALL SELECT 'runs', printf('of %s, a scenario was run %d times only, %d are asked for', f.folder,"
        "  coalesce(f.least_runs, 0), e.runs) FROM folder_sum f JOIN expected_sweep e USING (folder)"
        "  WHERE coalesce(f.least_runs, 0) < e.runs"
        " UNION ALL SELECT 'runs', printf('of %s, %d crashes struck, %d are asked for', f.folder, f.crashes, e.crashes)"
        "  FROM folder_sum f JOIN expected_sweep e USING (folder) WHERE f.crashes < e.crashes"
        " UNION ALL SELECT 'runs', printf('of %s, %d faults struck, %d are asked for', f.folder, f.faults, e.faults)"
        "  FROM folder_sum f JOIN expected_sweep e USING (folder) WHERE f.faults < e.faults"
        " UNION ALL SELECT 'runs', printf('of %s, %d cells were run, %d are asked for', f.folder, f.cells, e.cells)"
        "  FROM folder_sum f JOIN expected_sweep e USING (folder) WHERE f.cells < e.cells"
        " UNION ALL SELECT 'runs', printf('of %s, %d positive controls went red, %d are asked for', f.folder,"
        "  f.controls, e.controls) FROM folder_sum f JOIN expected_sweep e USING (folder) WHERE f.controls < e.controls"
        " UNION ALL SELECT 'runs', printf('a sweep over %d seeds ended with status %s, expected 0', seeds_count,"
        "  coalesce(exit_status, 'none')) FROM sweep WHERE id IN clean AND exit_status IS NOT 0"
        " UNION ALL SELECT 'runs', 'results of another build: program ' || coalesce(program, 'unknown') FROM sweep"
        "  WHERE EXISTS (SELECT 1 FROM expected WHERE kind = 'program') AND coalesce(program, '') NOT IN"
        "  (SELECT name FROM expected WHERE kind = 'program') GROUP BY program"
        " UNION ALL SELECT 'runs', 'results of several builds of SQLite' WHERE"
        "  (SELECT count(DISTINCT sqlite_source_id || coalesce(sqlite_options, '')) FROM sweep) > 1"
        " UNION ALL SELECT 'runs', printf('no certificate of %s@%s', e.scenario, e.seed) FROM expected_certificate e"
        "  WHERE NOT EXISTS (SELECT 1 FROM certified c WHERE c.scenario = e.scenario AND c.seed = e.seed)"
        " UNION ALL SELECT 'runs', printf('the certificate of %s@%s has %d images, %d are asked for', c.scenario, "
        "c.seed,"
        "  c.images, e.images) FROM certified c JOIN expected_certificate e USING (scenario, seed)"
        "  WHERE c.images < e.images"
        " UNION ALL SELECT 'runs', printf('the certificate of %s@%s is partial', scenario, seed) FROM certified"
        "  WHERE coalesce(complete, 'no') LIKE 'no%'"
        " UNION ALL SELECT 'runs', printf('the certificate of %s@%s has %d violations', scenario, seed,"
        "  violations - known) FROM certified WHERE violations > known"
        " UNION ALL SELECT 'runs', printf('the certificate of %s@%s is of another SQLite', scenario, seed) FROM "
        "certified"
        "  WHERE EXISTS (SELECT 1 FROM sweep WHERE instr(coalesce(certified.sqlite, ''), sqlite_source_id) = 0)"
        " UNION ALL SELECT 'runs', printf('the certificate of %s@%s is of a run with a VFS', scenario, seed) FROM "
        "certified"
        "  WHERE EXISTS (SELECT 1 FROM certificate c WHERE c.file = certified.file AND c.name = 'vfs')"
        " UNION ALL SELECT 'tests', printf('%d tests were run, at least %d are asked for', (SELECT count(*) FROM test),"
        "  least) FROM expected_tests WHERE (SELECT count(*) FROM test) BETWEEN 1 AND least - 1"
        " UNION ALL SELECT 'tests', 'test ' || name || ' was not run' FROM expected WHERE kind = 'test'"
        "  AND name NOT IN (SELECT name FROM test) AND EXISTS (SELECT 1 FROM test)"
        " UNION ALL SELECT 'functions', printf('of %s, %d branches are reached by no scenario and not argued, at most "
        "%d"
        " are allowed', part, open, allowed) FROM reached_part WHERE open > allowed"
        " UNION ALL SELECT 'functions', printf('of %s, %d branches are argued not to be reached, %d are not', place,"
        "  branches, reason) FROM unreached WHERE state = 'false'"
        " UNION ALL SELECT 'functions', 'coverage of other sources: ' || name FROM expected WHERE kind = 'stale';";

/* One row per reason for red. The negative twin of each line is in
 * tests/reports/test_acceptance.c. */
static const char reports_evidence_schema_shortcomings[] =
        "CREATE VIEW shortcoming(criterion, reason) AS"
        " SELECT id, 'no scenario of the results serves it' FROM criterion WHERE needs_runs"
        "  AND id NOT IN (SELECT criterion FROM served)"
        " UNION ALL SELECT v.criterion, 'scenario ' || v.scenario || ' was not run' FROM served v"
        "  WHERE v.scenario NOT IN (SELECT scenario FROM scenario_sum)"
        " UNION ALL SELECT v.criterion, printf('%d runs of scenario %s did not hold', s.violations, s.scenario)"
        "  FROM served v JOIN scenario_sum s USING (scenario) WHERE s.violations > 0"
        " UNION ALL SELECT v.criterion, printf('scenario %s never reached its probe %s', p.scenario, p.name)"
        "  FROM served v JOIN probe p USING (scenario) WHERE p.sweep IN clean AND p.required"
        "  GROUP BY v.criterion, p.scenario, p.name HAVING sum(p.hits) = 0"
        " UNION ALL SELECT v.criterion, printf('scenario %s: %s, %d times: %s', f.scenario, f.invariant, f.count,"
        "  f.detail) FROM served v JOIN failure f USING (scenario) WHERE f.sweep IN clean"
        " UNION ALL SELECT v.criterion, printf('scenario %s reached its %s %s in %d of %d runs', d.scenario, d.kind,"
        "  d.name, d.reached, d.runs) FROM served v JOIN demand d USING (scenario) WHERE d.sweep IN clean"
        "  AND d.state IN ('missed', 'too few seeds')"
        " UNION ALL SELECT v.criterion, printf('scenario %s, cell %s: %s', k.scenario, k.cell, k.verdict)"
        "  FROM served v JOIN cell k USING (scenario) WHERE k.sweep IN clean AND k.verdict IN ('BROKEN', 'GREEN')"
        " UNION ALL SELECT id, reason FROM criterion JOIN common ON (kind = 'runs' AND needs_runs)"
        "  OR (kind = 'tests' AND needs_tests) OR (kind = 'functions' AND needs_functions)"
        " UNION ALL SELECT id, 'no test is named for it' FROM criterion WHERE needs_tests"
        "  AND id NOT IN (SELECT criterion FROM criterion_test)"
        " UNION ALL SELECT criterion, 'test ' || name || ' was not run' FROM criterion_test"
        "  WHERE name <> '*' AND name NOT IN (SELECT name FROM test)"
        " UNION ALL SELECT criterion, 'no test was run' FROM criterion_test"
        "  WHERE name = '*' AND NOT EXISTS (SELECT 1 FROM test)"
        " UNION ALL SELECT criterion, 'test ' || name || ' did not pass: ' || status FROM criterion_test_found WHERE "
        "NOT passed"
        " UNION ALL SELECT id, 'no function is named for it' FROM criterion WHERE needs_functions"
        "  AND id NOT IN (SELECT criterion FROM criterion_function)"
        " UNION ALL SELECT criterion, 'function ' || name || ' is not in the coverage data' FROM criterion_function"
        "  WHERE name NOT IN (SELECT name FROM function)"
        " UNION ALL SELECT cf.criterion, 'function ' || cf.name || ' never ran' FROM criterion_function cf"
        "  JOIN function f USING (name) GROUP BY cf.criterion, cf.name HAVING sum(f.hits) = 0"
        " UNION ALL SELECT id, 'no planted bug is named for it' FROM criterion WHERE needs_bugs"
        "  AND id NOT IN (SELECT criterion FROM criterion_bug)"
        " UNION ALL SELECT criterion, 'planted bug ' || name || ' was not run' FROM bug_sum WHERE seeds_run = 0"
        " UNION ALL SELECT criterion, printf('planted bug %s was not caught in %d seeds', name, seeds_run) FROM bug_sum"
        "  WHERE seeds_run > 0 AND seeds IS NULL"
        " UNION ALL SELECT criterion, printf('planted bug %s took %d seeds, at most %d are allowed', name, seeds, "
        "seeds_max)"
        "  FROM bug_sum WHERE seeds > seeds_max;";

/* upper_bound(n): of n tries none failed, each drawn as the others. The rate of failures in per
 * cent below which they lie with 95 % confidence: 1 - 0.05^(1/n). */
static void reports_evidence_upper_bound(sqlite3_context *context, int count, sqlite3_value **values) {
	double tries = sqlite3_value_double(values[0]);
	char text[32];
	(void)count;
	if (tries < 1) {
		return;
	}
	double bound = 100 * -expm1(log(0.05) / tries);
	sqlite3_snprintf((int)sizeof(text), text, bound < 0.1 ? "%.4f %%" : "%.1f %%", bound);
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

sqlite3 *reports_evidence_open(void) {
	sqlite3 *db = NULL;
	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_create_function(db, "upper_bound", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
	                            reports_evidence_upper_bound, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_tables, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_views, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_common, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_shortcomings, NULL, NULL, NULL) != SQLITE_OK) {
		sqlite3_close(db);
		return NULL;
	}
	return db;
}

bool reports_evidence_insert(sqlite3 *db, const char *sql, int count, const char *const values[], char *why) {
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	for (int i = 0; i < count && result == SQLITE_OK; i++) {
		result = sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
	}
	if (result == SQLITE_OK) {
		result = sqlite3_step(statement);
	}
	if (result != SQLITE_DONE) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(statement);
	return result == SQLITE_DONE;
}

bool reports_evidence_conclude(sqlite3 *db, char *why) {
	/* A name is looked up among temporary tables first, so pages read this one. */
	bool done = sqlite3_exec(db, "CREATE TEMP TABLE shortcoming AS SELECT * FROM main.shortcoming", NULL, NULL,
	                         NULL) == SQLITE_OK;
	if (!done) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", sqlite3_errmsg(db));
	}
	return done;
}

bool reports_evidence_count(sqlite3 *db, int *criteria, int *red, char *why) {
	static const char sql[] =
	        "SELECT (SELECT count(*) FROM criterion), (SELECT count(DISTINCT criterion) FROM shortcoming)";
	sqlite3_stmt *statement = NULL;
	bool done =
	        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
	if (done) {
		*criteria = sqlite3_column_int(statement, 0);
		*red = sqlite3_column_int(statement, 1);
	} else {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(statement);
	return done;
}
