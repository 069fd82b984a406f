/* reports/expected.c: what must be there, and of this build: lists of names (tests, phases, faults,
 * invariants), certificates of explored crash states, branches that scenarios do not reach, and the
 * sources that coverage is about. */
#include "reports.h"

#include <stdlib.h>
#include <string.h>

static bool reports_expected_add(sqlite3 *db, const char *kind, const char *name, const char *text, char *why) {
	const char *const values[] = {kind, name, text};
	return reports_evidence_insert(db, "INSERT INTO expected VALUES(?,?,?)", 3, values, why);
}

static bool reports_expected_cannot(const char *path, char *why) {
	sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: cannot be read", path);
	return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

bool reports_expected_names(sqlite3 *db, const char *kind, const char *path, char *why) {
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool done = file != NULL;
	while (done && getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		size_t name = strcspn(line, " \t");
		const char *text = line + name + strspn(line + name, " \t");
		line[name] = '\0';
		done = name == 0 || reports_expected_add(db, kind, line, text, why);
	}
	free(line);
	if (file == NULL) {
		return reports_expected_cannot(path, why);
	}
	fclose(file);
	return done;
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* Lines of a name, blanks, and a value. */
bool reports_certificate_load(sqlite3 *db, const char *path, char *why) {
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool any = false;
	bool done = file != NULL;
	while (done && getline(&line, &size, file) >= 0) {
		size_t name = strcspn(line, " \n");
		char *value = line + name + strspn(line + name, " ");
		value[strcspn(value, "\n")] = '\0';
		line[name] = '\0';
		const char *const values[] = {path, line, value};
		any |= strcmp(line, "images_hash") == 0;
		done = reports_evidence_insert(db, "INSERT INTO certificate VALUES(?,?,?)", 3, values, why);
	}
	free(line);
	if (file == NULL) {
		return reports_expected_cannot(path, why);
	}
	fclose(file);
	if (done && !any) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: not a certificate, expected a line images_hash", path);
	}
	return done && any;
}

/* ---- what scenarios do not reach ------------------------------------------------------------- */

/* Lines "open PLACE BRANCHES", "argued PLACE BRANCHES REASON", "false PLACE ARGUED UNREACHED" and
 * "part PART BRANCHES UNREACHED ARGUED OPEN ALLOWED", as unreached.sh prints them. */
static bool reports_unreached_add(sqlite3 *db, char *line, char *why) {
	const char *values[7] = {NULL};
	char *rest = line;
	char *word = NULL;
	int count = 0;
	while (count < 7 && (word = strsep(&rest, count == 3 && line[0] == 'a' ? "\n" : " \n")) != NULL &&
	       word[0] != '\0') {
		values[count++] = word;
	}
	if (count == 7 && strcmp(values[0], "part") == 0) {
		return reports_evidence_insert(db, "INSERT INTO reached_part VALUES(?2,?3,?4,?5,?6,?7,?1)", 7, values,
		                               why);
	}
	if (count >= 3 &&
	    (strcmp(values[0], "open") == 0 || strcmp(values[0], "argued") == 0 || strcmp(values[0], "false") == 0)) {
		return reports_evidence_insert(db, "INSERT INTO unreached VALUES(?1,?2,?3 + 0,?4)", 4, values, why);
	}
	sqlite3_snprintf(REPORTS_WHY_SIZE, why, "expected a line of unreached.sh");
	return false;
}

bool reports_unreached_load(sqlite3 *db, const char *path, char *why) {
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int number = 0;
	bool done = file != NULL;
	while (done && getline(&line, &size, file) >= 0) {
		number++;
		done = reports_unreached_add(db, line, why);
	}
	free(line);
	if (file == NULL) {
		return reports_expected_cannot(path, why);
	}
	fclose(file);
	if (!done) {
		char *text = sqlite3_mprintf("%s:%d: %s", path, number, why);
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", text != NULL ? text : "out of memory");
		sqlite3_free(text);
	}
	return done;
}

/* ---- sources --------------------------------------------------------------------------------- */

/* Whether that line of the file has the name. */
static bool reports_expected_has(const char *path, int number, const char *name) {
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool has = false;
	for (int i = 1; file != NULL && i <= number && getline(&line, &size, file) >= 0; i++) {
		has = i == number && strstr(line, name) != NULL;
	}
	free(line);
	if (file != NULL) {
		fclose(file);
	}
	return has;
}

/* Each function that a criterion names must be where the coverage says. */
bool reports_expected_source(sqlite3 *db, const char *directory, char *why) {
	static const char sql[] = "SELECT DISTINCT f.name, f.file, f.line FROM function f"
	                          " JOIN criterion_function c USING (name) ORDER BY f.name, f.file";
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	bool done = result == SQLITE_OK;
	while (done && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(statement, 0);
		const char *source = (const char *)sqlite3_column_text(statement, 1);
		int line = sqlite3_column_int(statement, 2);
		char *path = sqlite3_mprintf("%s/%s", directory, source);
		char *text = sqlite3_mprintf("%s is not in line %d of %s", name, line, source);
		done = path != NULL && text != NULL &&
		       (reports_expected_has(path, line, name) || reports_expected_add(db, "stale", text, NULL, why));
		sqlite3_free(path);
		sqlite3_free(text);
	}
	sqlite3_finalize(statement);
	if (done && result != SQLITE_DONE) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", sqlite3_errmsg(db));
	}
	return done && result == SQLITE_DONE;
}
