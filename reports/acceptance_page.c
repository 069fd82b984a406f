/* reports/acceptance_page.c: what the acceptance page shows, section by section, each a query. */
#include "reports.h"

#include <string.h>

struct reports_acceptance_section {
	const char *title;
	const char *needs; /* the column of the table criterion that says whether it is asked for */
	const char *sql;
};

static const char reports_acceptance_page_sql_sweeps[] =
        "SELECT CASE WHEN coalesce(bug, '') = '' THEN subject || coalesce((SELECT ' with a ' || group_concat(kind, "
        "' and a ')"
        " FROM (SELECT DISTINCT kind FROM brought b WHERE b.sweep = s.id ORDER BY kind)), '')"
        " ELSE 'planted bug: ' || bug END AS subject,"
        " (SELECT count(*) FROM run r WHERE r.sweep = s.id) AS runs, seeds_count AS seeds, exit_status AS 'exit "
        "status',"
        " version, compiler, sqlite_version AS SQLite FROM sweep s ORDER BY coalesce(bug, ''), subject, seeds_first, "
        "runs";

static const char reports_acceptance_page_sql_expected[] =
        "SELECT f.folder AS folder, f.scenarios || ' of ' || e.scenarios AS scenarios,"
        " coalesce(f.least_runs, 0) || ' of ' || e.runs AS 'runs of each, at least',"
        " f.crashes || ' of ' || e.crashes AS crashes, f.faults || ' of ' || e.faults AS faults,"
        " f.cells || ' of ' || e.cells AS cells, f.controls || ' of ' || e.controls AS 'controls gone red'"
        " FROM folder_sum f JOIN expected_sweep e USING (folder) ORDER BY e.rowid";

static const char reports_acceptance_page_sql_certificates[] =
        "SELECT e.scenario || '@' || e.seed AS run, coalesce(c.images, 0) || ' of ' || e.images AS 'distinct images',"
        " c.violations - c.known AS violations, c.complete AS explored FROM expected_certificate e"
        " LEFT JOIN certified c USING (scenario, seed) ORDER BY e.rowid";

/* No bound where something did not hold. */
static const char reports_acceptance_page_sql_phases[] =
        "SELECT name AS phase, sum(crashes) AS crashes, iif((SELECT sum(violations) FROM scenario_sum) = 0,"
        " upper_bound(sum(crashes)), '') AS 'failures below', sum(faults) AS 'other faults' FROM phase"
        " WHERE sweep IN clean GROUP BY name HAVING sum(crashes) + sum(faults) > 0 ORDER BY min(rowid)";

static const char reports_acceptance_page_sql_not_tested[] =
        "SELECT kind, e.name AS name, coalesce((SELECT reason FROM not_tested n WHERE n.name = e.name), 'no reason is "
        "known')"
        " AS why FROM expected e WHERE (kind = 'phase' AND NOT EXISTS (SELECT 1 FROM phase p WHERE p.name = e.name"
        " AND p.sweep IN clean AND p.crashes > 0)) OR (kind = 'fault' AND NOT EXISTS (SELECT 1 FROM demand d"
        " WHERE d.kind = 'fault' AND d.name = e.name AND d.sweep IN clean AND d.reached > 0)) ORDER BY kind, e.rowid";

static const char reports_acceptance_page_sql_skipped[] =
        "SELECT s.name AS test, m.reason AS why FROM test_state s JOIN may_skip m USING (name) WHERE s.state = "
        "'skipped'"
        " ORDER BY 1";

static const char reports_acceptance_page_sql_overview[] =
        "SELECT c.id AS id, iif(c.id IN (SELECT criterion FROM shortcoming), 'red', 'ok') AS state, c.text AS "
        "criterion,"
        " (SELECT count(*) FROM served v WHERE v.criterion = c.id) AS scenarios,"
        " (SELECT coalesce(sum(runs), 0) FROM served v JOIN scenario_sum USING (scenario) WHERE v.criterion = c.id) AS "
        "runs,"
        " (SELECT coalesce(sum(restarts), 0) FROM served v JOIN scenario_sum USING (scenario) WHERE v.criterion = c.id)"
        " AS restarts,"
        " (SELECT coalesce(sum(violations), 0) FROM served v JOIN scenario_sum USING (scenario) WHERE v.criterion = "
        "c.id)"
        " AS violations,"
        " (SELECT count(*) FROM criterion_test_found t WHERE t.criterion = c.id) AS tests,"
        " (SELECT iif(sum(lines) > 0, printf('%.1f %%', 100.0 * sum(covered) / sum(lines)), '') FROM "
        "criterion_function cf"
        " JOIN function_sum USING (name) WHERE cf.criterion = c.id) AS coverage,"
        " (SELECT iif(count(*) > 0, printf('%d of %d', count(seeds), count(*)), '') FROM bug_sum b WHERE b.criterion = "
        "c.id) AS 'bugs caught',"
        " (SELECT iif(sum(violations) = 0, upper_bound(sum(runs)), '') FROM served v JOIN scenario_sum USING (scenario)"
        "  WHERE v.criterion = c.id) AS 'failed runs below'"
        " FROM criterion c ORDER BY c.id";

/* The same of a page that asks for tests alone. */
static const char reports_acceptance_page_sql_requirements[] =
        "SELECT c.id AS id, iif(c.id IN (SELECT criterion FROM shortcoming), 'red', 'ok') AS state, c.text AS "
        "requirement,"
        " (SELECT count(*) FROM criterion_test_found t WHERE t.criterion = c.id AND t.passed) AS 'tests passed',"
        " (SELECT count(*) FROM criterion_test t WHERE t.criterion = c.id) AS 'tests named'"
        " FROM criterion c ORDER BY c.rowid";

static const struct reports_acceptance_section reports_acceptance_page_sections[] = {
        {"Scenarios", "needs_runs",
         "SELECT v.scenario AS scenario, iif(coalesce(s.runs, 0) = 0, 'not run', iif(s.violations > 0,"
         " 'violated', 'ok')) AS state, coalesce(s.runs, 0) AS runs, s.restarts AS restarts,"
         " s.crash_states AS 'crash states', s.faults AS faults, s.violations AS violations, a.about AS about"
         " FROM served v JOIN scenario a ON a.name = v.scenario LEFT JOIN scenario_sum s USING (scenario)"
         " WHERE v.criterion = ?1 ORDER BY v.scenario"},
        {"Violations", "needs_runs",
         "SELECT r.scenario AS scenario, r.verdict AS verdict, r.invariant AS invariant, count(*) AS runs,"
         " min(r.seed) AS seed, r.detail AS detail, r.replay AS replay FROM run r JOIN served v"
         " USING (scenario) WHERE v.criterion = ?1 AND r.sweep IN clean AND r.verdict <> 'held'"
         " GROUP BY r.scenario, r.verdict, r.invariant ORDER BY r.scenario, r.verdict, r.invariant"},
        {"Tests", "needs_tests",
         "SELECT name AS test, iif(passed, 'ok', status) AS state FROM criterion_test_found WHERE criterion = ?1"
         " UNION ALL SELECT name, 'not run' FROM criterion_test WHERE criterion = ?1 AND name <> '*'"
         " AND name NOT IN (SELECT name FROM test) ORDER BY 1"},
        {"Functions", "needs_functions",
         "SELECT f.name AS function, coalesce(f.file, '') AS file, iif(f.hits > 0, 'ok', 'never ran') AS state,"
         " f.hits AS calls, f.covered || ' of ' || f.lines AS lines,"
         " printf('%.1f %%', 100.0 * f.covered / max(f.lines, 1)) AS coverage FROM criterion_function c"
         " JOIN function_sum f USING (name) WHERE c.criterion = ?1"
         " UNION ALL SELECT name, '', 'unknown', NULL, '', '' FROM criterion_function WHERE criterion = ?1"
         " AND name NOT IN (SELECT name FROM function) ORDER BY 2, 1"},
        {"Planted bugs", "needs_bugs",
         "SELECT name AS bug, iif(seeds_run = 0, 'not run', iif(seeds IS NULL, 'not caught',"
         " iif(seeds > seeds_max, 'late', 'ok'))) AS state, seeds AS 'caught after seeds',"
         " seeds_run AS 'seeds run', scenario, invariant, replay FROM bug_sum WHERE criterion = ?1"
         " ORDER BY name"},
};

/* The other direction: what nobody asks for. */
static const char reports_acceptance_page_sql_unserving[] =
        "SELECT 'scenario' AS kind, name AS name FROM scenario WHERE criteria = '' UNION ALL"
        " SELECT DISTINCT 'planted bug', bug FROM sweep WHERE coalesce(bug, '') <> ''"
        " AND bug NOT IN (SELECT name FROM criterion_bug) ORDER BY 1 DESC, 2";

static const char reports_acceptance_page_sql_files[] =
        "SELECT file AS file, count(*) FILTER (WHERE name IN (SELECT name FROM criterion_function)) AS 'named by a "
        "criterion',"
        " count(*) AS functions, count(*) FILTER (WHERE hits = 0) AS 'never ran' FROM function GROUP BY file ORDER BY "
        "file";

/* From an invariant of the judge to what shows that it can fail, and to the criteria. Each has a
 * cheat of its own in the test. */
static const char reports_acceptance_page_sql_invariants[] =
        "SELECT e.name AS invariant, e.text AS 'what it says',"
        " (SELECT count(DISTINCT r.scenario || ':' || r.cell) FROM run r JOIN cell k ON k.sweep = r.sweep"
        "  AND k.scenario = r.scenario AND k.cell = r.cell WHERE k.verdict = 'red' AND r.sweep IN clean"
        "  AND r.verdict = 'excused' AND r.invariant = e.name) AS 'controls gone red',"
        " (SELECT count(*) FROM catch c WHERE c.place = 1 AND c.invariant = e.name) AS 'planted bugs found',"
        " coalesce((SELECT group_concat(id, ' ') FROM (SELECT DISTINCT b.criterion AS id FROM catch c JOIN "
        "criterion_bug b"
        "  USING (name) WHERE c.place = 1 AND c.invariant = e.name ORDER BY 1)), '') AS 'guards',"
        " coalesce((SELECT state FROM test_state WHERE name = 'sim/run/test_invariants'), 'not run') AS state"
        " FROM expected e WHERE e.kind = 'invariant' ORDER BY e.rowid";

static const char reports_acceptance_page_sql_reached[] =
        "SELECT part AS part, branches AS branches, branches - missed AS 'reached by scenarios',"
        " printf('%.1f %%', 100.0 * (branches - missed) / branches) AS share, argued AS argued, open AS open,"
        " allowed AS 'open at most' FROM reached_part ORDER BY part";

static const char reports_acceptance_page_sql_unreached[] =
        "SELECT substr(place, 1, instr(place, ':') - 1) AS file, sum(branches) AS branches,"
        " group_concat(substr(place, instr(place, ':') + 1) || ' ' || branches, ', ') AS functions FROM"
        " (SELECT * FROM unreached WHERE state = 'open' ORDER BY place) GROUP BY 1 ORDER BY 1";

static const char reports_acceptance_page_sql_argued[] =
        "SELECT reason AS reason, sum(branches) AS branches, group_concat(place || ' ' || branches, ', ') AS places "
        "FROM"
        " (SELECT * FROM unreached WHERE state = 'argued' ORDER BY place) GROUP BY 1 ORDER BY 1";

static const char reports_acceptance_page_sql_unnamed[] =
        "SELECT file AS file, count(*) AS functions, group_concat(name, ', ') AS names FROM (SELECT * FROM function"
        " WHERE name NOT IN (SELECT name FROM criterion_function) ORDER BY file, line) GROUP BY file ORDER BY file";

/* What is shown once, before the criteria. */
static const struct {
	const char *title;
	const char *text;
	const char *sql;
} reports_acceptance_page_common[] = {
        {"What was run", NULL, reports_acceptance_page_sql_sweeps},
        {"What was asked for, and is there", "Less than is asked for makes every criterion red.",
         reports_acceptance_page_sql_expected},
        {"Runs of which every crash state was judged", NULL, reports_acceptance_page_sql_certificates},
        {"What struck in which phase of SQLite",
         "If n crashes were drawn and none failed, the rate of failures lies below the bound with 95 % confidence, for "
         "crashes that are drawn in the same way. It says nothing of others.",
         reports_acceptance_page_sql_phases},
        {"What was not tested", "Phases in which no crash was drawn, and faults that struck nowhere.",
         reports_acceptance_page_sql_not_tested},
        {"Tests that were skipped", NULL, reports_acceptance_page_sql_skipped},
        {"What serves no criterion", "Scenarios and planted bugs that were run, and that no criterion asks for.",
         reports_acceptance_page_sql_unserving},
        {"Invariants, and what shows that they can fail",
         "Each has a subject of its own that breaks it and nothing else, in the test sim/run/test_invariants.",
         reports_acceptance_page_sql_invariants},
        {"Branches that scenarios reach", "Without unit tests. Assertions do not count.",
         reports_acceptance_page_sql_reached},
        {"Branches that no scenario reaches", "Nobody has argued that they cannot be reached.",
         reports_acceptance_page_sql_unreached},
        {"Branches that no scenario can reach", "As reports/unreached argues.", reports_acceptance_page_sql_argued},
        {"Functions by file", "Those that no criterion names are reached through those that one does, or by tests.",
         reports_acceptance_page_sql_files},
        {"Functions that no criterion names", NULL, reports_acceptance_page_sql_unnamed},
};

/* One number; 0 when there is none. */
static int reports_acceptance_page_number(sqlite3 *db, const char *sql, const char *parameter) {
	sqlite3_stmt *statement = NULL;
	int number = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    (parameter == NULL || sqlite3_bind_text(statement, 1, parameter, -1, SQLITE_STATIC) == SQLITE_OK) &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		number = sqlite3_column_int(statement, 0);
	}
	sqlite3_finalize(statement);
	return number;
}

static bool reports_acceptance_page_asks(sqlite3 *db, const char *id, const char *needs) {
	char sql[100];
	sqlite3_snprintf((int)sizeof sql, sql, "SELECT %s FROM criterion WHERE id = ?1", needs);
	return reports_acceptance_page_number(db, sql, id) != 0;
}

static bool reports_acceptance_page_write_criterion(const struct reports_page *page, sqlite3 *db, sqlite3_stmt *row,
                                                    char *why) {
	const char *id = (const char *)sqlite3_column_text(row, 0);
	const char *title = (const char *)sqlite3_column_text(row, 1);
	reports_page_heading(page, 2, title, id);
	if (sqlite3_column_int(row, 2) > 0) {
		reports_page_heading(page, 3, "What it lacks", NULL);
		static const char sql[] =
		        "SELECT 'red' AS state, reason FROM shortcoming WHERE criterion = ?1 ORDER BY reason";
		if (!reports_page_table(page, db, sql, id, why)) {
			return false;
		}
	}
	const char *note = (const char *)sqlite3_column_text(row, 3);
	if (note != NULL) {
		reports_page_paragraph(page, note);
	}
	for (size_t i = 0; i < sizeof(reports_acceptance_page_sections) / sizeof(reports_acceptance_page_sections[0]);
	     i++) {
		if (!reports_acceptance_page_asks(db, id, reports_acceptance_page_sections[i].needs)) {
			continue;
		}
		reports_page_heading(page, 3, reports_acceptance_page_sections[i].title, NULL);
		if (!reports_page_table(page, db, reports_acceptance_page_sections[i].sql, id, why)) {
			return false;
		}
	}
	return true;
}

static bool reports_acceptance_page_write_criteria(const struct reports_page *page, sqlite3 *db, char *why) {
	static const char sql[] =
	        "SELECT id, id || ': ' || text, (SELECT count(*) FROM shortcoming s WHERE s.criterion = c.id),"
	        " iif(needs_runs AND needs_tests AND needs_functions AND needs_bugs, NULL, 'By its nature this "
	        "criterion asks"
	        " for no evidence of these kinds:' || iif(needs_runs, '', ' runs') || iif(needs_tests, '', ' tests') ||"
	        " iif(needs_functions, '', ' functions') || iif(needs_bugs, '', ' bugs') || '.') FROM criterion c "
	        "ORDER BY id";
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	bool good = result == SQLITE_OK;
	while (good && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		good = reports_acceptance_page_write_criterion(page, db, statement, why);
	}
	if (good && result != SQLITE_DONE) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", sqlite3_errmsg(db));
		good = false;
	}
	sqlite3_finalize(statement);
	return good;
}

/* The title of another page than the acceptance page, or NULL. Give it to sqlite3_free. */
static char *reports_acceptance_page_title(sqlite3 *db) {
	sqlite3_stmt *statement = NULL;
	char *title = NULL;
	if (sqlite3_prepare_v2(db, "SELECT title FROM about", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		title = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(statement, 0));
	}
	sqlite3_finalize(statement);
	return title;
}

/* Before the criteria: what they rest on, or what is known not to be so. */
static bool reports_acceptance_page_write_common(const struct reports_page *page, sqlite3 *db, bool is_other,
                                                 char *why) {
	size_t count = sizeof(reports_acceptance_page_common) / sizeof(reports_acceptance_page_common[0]);
	if (is_other) {
		reports_page_heading(page, 2, "Known limits", NULL);
		return reports_page_table(
		        page, db, "SELECT text AS 'what it does not do' FROM known_limit ORDER BY rowid", NULL, why);
	}
	bool good = true;
	for (size_t i = 0; i < count && good; i++) {
		reports_page_heading(page, 2, reports_acceptance_page_common[i].title, NULL);
		if (reports_acceptance_page_common[i].text != NULL) {
			reports_page_paragraph(page, reports_acceptance_page_common[i].text);
		}
		good = reports_page_table(page, db, reports_acceptance_page_common[i].sql, NULL, why);
	}
	return good;
}

bool reports_acceptance_write(sqlite3 *db, FILE *file, enum reports_format format, char *why) {
	struct reports_page page = {file, format};
	char summary[160];
	int criteria = 0;
	int red = 0;
	if (!reports_evidence_count(db, &criteria, &red, why)) {
		return false;
	}
	char *title = reports_acceptance_page_title(db);
	sqlite3_snprintf((int)sizeof(summary), summary, "%d %s: %d with all the evidence they ask for, %d red.",
	                 criteria, title != NULL ? "requirements" : "acceptance criteria", criteria - red, red);
	reports_page_begin(&page, title != NULL ? title : "Aftershock: acceptance evidence");
	reports_page_paragraph(&page, summary);
	bool good = reports_page_table(&page, db,
	                               title != NULL ? reports_acceptance_page_sql_requirements
	                                             : reports_acceptance_page_sql_overview,
	                               NULL, why) &&
	            reports_acceptance_page_write_common(&page, db, title != NULL, why) &&
	            reports_acceptance_page_write_criteria(&page, db, why);
	sqlite3_free(title);
	reports_page_end(&page);
	if (good && (fflush(file) != 0 || ferror(file))) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "the page cannot be written");
		good = false;
	}
	return good;
}
