/* reports/evidence.c: the tables, and the view that says what a criterion lacks. */
#include "reports.h"

/* A run counts as evidence for the product when its sweep had the built-in engine without a planted
 * bug: `clean`. The ordinal is the position of the seed in its sweep, so that a bug found at
 * ordinal n took n + 1 seeds. */
static const char reports_evidence_schema_tables[] =
        "CREATE TABLE criterion(id TEXT PRIMARY KEY, text TEXT, needs_runs INT, needs_tests INT, needs_functions INT,"
        " needs_bugs INT);"
        "CREATE TABLE criterion_test(criterion TEXT, name TEXT);" /* '*': all */
        "CREATE TABLE criterion_function(criterion TEXT, name TEXT);"
        "CREATE TABLE criterion_bug(criterion TEXT, name TEXT, seeds_max INT);"
        "CREATE TABLE sweep(id INTEGER PRIMARY KEY, subject TEXT, bug TEXT, seeds_first TEXT, seeds_count INT, jobs "
        "INT,"
        " sqlite_version TEXT, sqlite_source_id TEXT, compiler TEXT, version TEXT, wall_s REAL, exit_status INT);"
        "CREATE TABLE scenario(name TEXT PRIMARY KEY, about TEXT, criteria TEXT);"
        "CREATE TABLE run(sweep INT, scenario TEXT, seed TEXT, ordinal INT, verdict TEXT, invariant TEXT, detail TEXT,"
        " updates INT, faults INT, restarts INT, crash_states INT, replay TEXT);"
        "CREATE TABLE probe(sweep INT, scenario TEXT, name TEXT, required INT, hits INT);"
        "CREATE TABLE phase(sweep INT, scenario TEXT, name TEXT, crashes INT, faults INT);"
        "CREATE TABLE test(name TEXT PRIMARY KEY, passed INT, status TEXT);"
        "CREATE TABLE function(file TEXT, name TEXT, line INT, hits INT, PRIMARY KEY(file, name));"
        "CREATE TABLE line(file TEXT, line INT, hits INT, PRIMARY KEY(file, line));";

static const char reports_evidence_schema_views[] =
        "CREATE VIEW clean AS SELECT id FROM sweep WHERE coalesce(bug, '') = '' AND subject = 'engine';"
        "CREATE VIEW served AS SELECT c.id AS criterion, s.name AS scenario FROM criterion c JOIN scenario s"
        " ON instr(' ' || s.criteria || ' ', ' ' || c.id || ' ') > 0;"
        "CREATE TABLE scenario_sum(scenario TEXT PRIMARY KEY, runs INT, updates INT, faults INT, restarts INT,"
        " crash_states INT, violations INT);"
        "CREATE VIEW criterion_test_found AS SELECT DISTINCT ct.criterion, t.name, t.passed, t.status FROM "
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
        " FROM run r JOIN sweep s ON s.id = r.sweep WHERE coalesce(s.bug, '') <> '' AND r.verdict = 'violated';"
        "CREATE VIEW bug_sum AS SELECT b.criterion, b.name, b.seeds_max,"
        " (SELECT count(DISTINCT r.seed) FROM run r JOIN sweep s ON s.id = r.sweep WHERE s.bug = b.name) AS seeds_run,"
        " c.seeds, c.scenario, c.invariant, c.replay"
        " FROM criterion_bug b LEFT JOIN catch c ON c.name = b.name AND c.place = 1;";

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

sqlite3 *reports_evidence_open(void) {
	sqlite3 *db = NULL;
	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_tables, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, reports_evidence_schema_views, NULL, NULL, NULL) != SQLITE_OK ||
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
