/* reports/junit.c: reads what `ctest --output-junit FILE` (CMake 3.25) writes. Not an XML parser:
 * it wants the attributes name and status of every <testcase ...> tag. Text inside elements is
 * escaped, so that the tag cannot occur there. */
#include "reports.h"

#include <stdlib.h>
#include <string.h>

#define REPORTS_JUNIT_NAME_SIZE 256

/* One character of an attribute's value, entities resolved; moves `at` to its last byte. */
static char reports_junit_resolve(const char **at) {
	static const struct {
		const char *entity;
		char character;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t length = strlen(entities[i].entity);
		if (strncmp(*at, entities[i].entity, length) == 0) {
			*at += length - 1;
			return entities[i].character;
		}
	}
	return **at;
}

/* Copies the value of one attribute of a tag. False when it is absent or too long. */
static bool reports_junit_attribute(const char *tag, const char *end, const char *key,
                                    char value[REPORTS_JUNIT_NAME_SIZE]) {
	const char *at = strstr(tag, key);
	size_t used = 0;
	if (at == NULL || at >= end) {
		return false;
	}
	for (at += strlen(key); at < end && *at != '"' && used < REPORTS_JUNIT_NAME_SIZE - 1; at++) {
		value[used++] = reports_junit_resolve(&at);
	}
	value[used] = '\0';
	return at < end && *at == '"';
}

static bool reports_junit_add_tests(sqlite3 *db, const char *text, char *why) {
	static const char open_tag[] = "<testcase ";
	for (const char *tag = strstr(text, open_tag); tag != NULL; tag = strstr(tag + 1, open_tag)) {
		char name[REPORTS_JUNIT_NAME_SIZE];
		char status[REPORTS_JUNIT_NAME_SIZE];
		const char *end = strchr(tag, '>');
		if (end == NULL || !reports_junit_attribute(tag, end, " name=\"", name) ||
		    !reports_junit_attribute(tag, end, " status=\"", status)) {
			sqlite3_snprintf(REPORTS_WHY_SIZE, why, "a testcase without name or status");
			return false;
		}
		const char *const values[] = {name, strcmp(status, "run") == 0 ? "1" : "0", status};
		static const char sql[] = "INSERT INTO test VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET"
		                          " status = iif(passed, excluded.status, status),"
		                          " passed = passed AND excluded.passed";
		if (!reports_evidence_insert(db, sql, 3, values, why)) {
			return false;
		}
	}
	return true;
}

/* The whole file as one string, to be freed; NULL when it cannot be read. */
static char *reports_junit_read_file(const char *path) {
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size = 0;
	if (file == NULL) {
		return NULL;
	}
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		text = calloc((size_t)size + 1, 1);
	}
	if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

bool reports_junit_load(sqlite3 *db, const char *path, char *why) {
	char inner[REPORTS_WHY_SIZE] = "";
	char *text = reports_junit_read_file(path);
	bool done = false;
	if (text == NULL) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: cannot be read", path);
	} else if (strstr(text, "<testsuite") == NULL) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: not a JUnit file, expected <testsuite", path);
	} else if (!reports_junit_add_tests(db, text, inner)) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: %s", path, inner);
	} else {
		done = true;
	}
	free(text);
	return done;
}
