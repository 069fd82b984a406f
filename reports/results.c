/* reports/results.c: adds results databases to the evidence. Their schema is the contract between
 * the coordinator of `aftershock run --results` and everything that shows results. */
#include "reports.h"

#include <sys/stat.h>

/* Sweep numbers of several databases collide: each database's are moved beyond those that are
 * there. */
static const char reports_results_merge[] =
        "INSERT INTO sweep SELECT id + ?1, subject, bug, seeds_first, seeds_count, jobs, sqlite_version, "
        "sqlite_source_id,"
        " compiler, version, wall_s, exit_status, sqlite_options, program FROM given.sweep;"
        /* "library" for scenarios/NAME.yaml, else the folder in scenarios/. */
        "INSERT OR REPLACE INTO scenario SELECT name, about, coalesce(criteria, ''),"
        " iif(instr(rest, '/') > 0, substr(rest, 1, instr(rest, '/') - 1), 'library')"
        " FROM (SELECT *, iif(instr(path, 'scenarios/') > 0, substr(path, instr(path, 'scenarios/') + 10), path) AS "
        "rest"
        " FROM given.scenario);"
        "INSERT INTO brought SELECT sweep_id + ?1, scenario, kind, what FROM given.brought;"
        "INSERT INTO run SELECT sweep_id + ?1, scenario, seed, ordinal,"
        " CASE WHEN coalesce(finding, '') = '' THEN verdict ELSE 'excused' END, invariant, detail, updates, faults, "
        "restarts,"
        " crash_states, replay, coalesce(cell, ''), trace_hash FROM given.run;"
        "INSERT INTO probe SELECT sweep_id + ?1, scenario, name, required, hits FROM given.probe;"
        "INSERT INTO demand SELECT sweep_id + ?1, scenario, kind, name, one_in, due, runs, reached, state FROM"
        " given.demand;"
        "INSERT INTO cell SELECT sweep_id + ?1, scenario, cell, contract, verdict, runs FROM given.cell;"
        "INSERT INTO failure SELECT sweep_id + ?1, scenario, invariant, count, detail FROM given.failure;"
        "INSERT INTO phase SELECT sweep_id + ?1, scenario, name, crashes, faults FROM given.phase;"
        "INSERT INTO scenario_sum SELECT scenario, count(*), sum(updates), sum(faults), sum(restarts), "
        "sum(crash_states),"
        " sum(verdict NOT IN ('held', 'excused')) FROM run WHERE sweep > ?1 AND sweep IN clean GROUP BY scenario"
        " ON CONFLICT(scenario) DO UPDATE SET runs = runs + excluded.runs, updates = updates + excluded.updates,"
        " faults = faults + excluded.faults, restarts = restarts + excluded.restarts,"
        " crash_states = crash_states + excluded.crash_states, violations = violations + excluded.violations;";

static bool reports_results_run_one(sqlite3 *db, const char *sql, sqlite3_int64 base, const char **tail) {
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, tail) != SQLITE_OK) {
		return false;
	}
	if (sqlite3_bind_parameter_count(statement) > 0) {
		sqlite3_bind_int64(statement, 1, base);
	}
	bool done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return done;
}

static bool reports_results_run_all(sqlite3 *db, const char *sql, sqlite3_int64 base) {
	while (*sql != '\0') {
		if (!reports_results_run_one(db, sql, base, &sql)) {
			return false;
		}
	}
	return true;
}

static bool reports_results_highest_sweep(sqlite3 *db, sqlite3_int64 *highest) {
	sqlite3_stmt *statement = NULL;
	bool done =
	        sqlite3_prepare_v2(db, "SELECT coalesce(max(id), 0) FROM sweep", -1, &statement, NULL) == SQLITE_OK &&
	        sqlite3_step(statement) == SQLITE_ROW;
	*highest = done ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return done;
}

static const char reports_results_expected[] =
        "INSERT INTO expected SELECT DISTINCT 'program', program, NULL FROM given.sweep;";

/* Runs the statements with the file attached. */
static bool reports_results_use_file(sqlite3 *db, const char *file, const char *sql, char *why) {
	sqlite3_int64 base = 0;
	char *attach = sqlite3_mprintf("ATTACH %Q AS given", file);
	bool attached = attach != NULL && sqlite3_exec(db, attach, NULL, NULL, NULL) == SQLITE_OK;
	bool done = attached && reports_results_highest_sweep(db, &base) && reports_results_run_all(db, sql, base);
	if (!done) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: not a results database: %s", file, sqlite3_errmsg(db));
	}
	if (attached) {
		sqlite3_exec(db, "DETACH given", NULL, NULL, NULL);
	}
	sqlite3_free(attach);
	return done;
}

static bool reports_results_use(sqlite3 *db, const char *path, const char *sql, char *why) {
	struct stat status;
	bool directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	char *file = sqlite3_mprintf("%s%s", path, directory ? "/results.db" : "");
	bool done = false;
	/* Asked first: ATTACH would create what is not there. */
	if (file == NULL || stat(file, &status) != 0) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: no results there", path);
	} else {
		done = reports_results_use_file(db, file, sql, why);
	}
	sqlite3_free(file);
	return done;
}

bool reports_results_load(sqlite3 *db, const char *path, char *why) {
	return reports_results_use(db, path, reports_results_merge, why);
}

bool reports_results_expect(sqlite3 *db, const char *path, char *why) {
	return reports_results_use(db, path, reports_results_expected, why);
}
