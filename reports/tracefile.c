/* reports/tracefile.c: reads lcov's tracefiles (geninfo(1), section FILES): the records SF, FN,
 * FNDA and DA. */
#include "reports.h"

#include <stdlib.h>
#include <string.h>

#define REPORTS_TRACEFILE_FILE_NAME_SIZE 512

struct reports_tracefile {
	sqlite3 *db;
	sqlite3_stmt *line; /* prepared once: there are thousands */
	char source[REPORTS_TRACEFILE_FILE_NAME_SIZE];
	bool any;
	char *why;
};

/* "vfs/disk/power.c" of "/where/ever/vfs/disk/power.c": pages must not depend on where the tree was
 * built. */
static const char *reports_tracefile_part_and_name(const char *path) {
	static const char *const parts[] = {"/engine/", "/vfs/"};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *part = strstr(path, parts[i]);
		for (const char *next = part; next != NULL; next = strstr(next + 1, parts[i])) {
			part = next;
		}
		if (part != NULL) {
			return part + 1;
		}
	}
	const char *last = strrchr(path, '/');
	if (last == NULL) {
		return path;
	}
	while (last > path && last[-1] != '/') {
		last--;
	}
	return last;
}

/* Splits "first,second" in place; NULL when there is no comma. */
static char *reports_tracefile_split(char *text) {
	char *comma = strchr(text, ',');
	if (comma == NULL) {
		return NULL;
	}
	*comma = '\0';
	return comma + 1;
}

static bool reports_tracefile_add_function(struct reports_tracefile *trace, char *record) {
	char *name = reports_tracefile_split(record);
	if (name == NULL) {
		return false;
	}
	const char *const values[] = {trace->source, name, record};
	return reports_evidence_insert(trace->db, "INSERT OR IGNORE INTO function VALUES(?1,?2,?3 + 0,0)", 3, values,
	                               trace->why);
}

static bool reports_tracefile_add_function_hits(struct reports_tracefile *trace, char *record) {
	char *name = reports_tracefile_split(record);
	if (name == NULL) {
		return false;
	}
	const char *const values[] = {trace->source, name, record};
	return reports_evidence_insert(trace->db, "UPDATE function SET hits = hits + ?3 WHERE file = ?1 AND name = ?2",
	                               3, values, trace->why);
}

static bool reports_tracefile_add_line(struct reports_tracefile *trace, char *record) {
	char *hits = reports_tracefile_split(record);
	if (hits == NULL) {
		return false;
	}
	sqlite3_reset(trace->line);
	sqlite3_bind_text(trace->line, 1, trace->source, -1, SQLITE_STATIC);
	sqlite3_bind_int64(trace->line, 2, strtoll(record, NULL, 10));
	sqlite3_bind_int64(trace->line, 3, strtoll(hits, NULL, 10));
	return sqlite3_step(trace->line) == SQLITE_DONE;
}

static bool reports_tracefile_add_record(struct reports_tracefile *trace, char *text) {
	text[strcspn(text, "\r\n")] = '\0';
	if (strncmp(text, "SF:", 3) == 0) {
		trace->any = true;
		sqlite3_snprintf(REPORTS_TRACEFILE_FILE_NAME_SIZE, trace->source, "%s",
		                 reports_tracefile_part_and_name(text + 3));
		return true;
	}
	if (strncmp(text, "FN:", 3) == 0) {
		return reports_tracefile_add_function(trace, text + 3);
	}
	if (strncmp(text, "FNDA:", 5) == 0) {
		return reports_tracefile_add_function_hits(trace, text + 5);
	}
	return strncmp(text, "DA:", 3) != 0 || reports_tracefile_add_line(trace, text + 3);
}

static bool reports_tracefile_add_records(struct reports_tracefile *trace, FILE *file) {
	char *text = NULL;
	size_t size = 0;
	bool good = true;
	while (good && getline(&text, &size, file) >= 0) {
		good = reports_tracefile_add_record(trace, text);
	}
	free(text);
	return good && !ferror(file) && trace->any;
}

bool reports_tracefile_load(sqlite3 *db, const char *path, char *why) {
	static const char sql[] =
	        "INSERT INTO line VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET hits = hits + excluded.hits";
	struct reports_tracefile trace = {.db = db, .why = why};
	FILE *file = fopen(path, "r");
	bool done = file != NULL && sqlite3_prepare_v2(db, sql, -1, &trace.line, NULL) == SQLITE_OK &&
	            sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
	            reports_tracefile_add_records(&trace, file) &&
	            sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (!done) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: not readable as an lcov tracefile", path);
	}
	sqlite3_finalize(trace.line);
	if (file != NULL) {
		fclose(file);
	}
	return done;
}
