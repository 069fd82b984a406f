/* reports/criteria.c: reads acceptance.yaml (its schema is at the top of that file). */
#include "reports.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum reports_criteria_evidence_kind {
	EVIDENCE_RUNS = 1,
	EVIDENCE_TESTS = 2,
	EVIDENCE_FUNCTIONS = 4,
	EVIDENCE_BUGS = 8
};
#define REPORTS_CRITERIA_EVIDENCE_ALL (EVIDENCE_RUNS | EVIDENCE_TESTS | EVIDENCE_FUNCTIONS | EVIDENCE_BUGS)

struct reports_criterion {
	char *id;
	char *text;
	uint32_t evidence; /* 0: all kinds */
	char **tests;
	unsigned tests_count;
	char **functions;
	unsigned functions_count;
	char **bugs;
	unsigned bugs_count;
};

/* What must have been swept, of the scenarios of one folder. */
struct reports_expected_sweep {
	char *folder;
	uint32_t scenarios;
	uint32_t runs;
	uint32_t crashes;
	uint32_t faults;
	uint32_t cells;
	uint32_t controls;
};

struct reports_expected_certificate {
	char *scenario;
	char *seed;
	uint32_t images;
};

/* A test that may be skipped, or something that is not tested, and why. */
struct reports_reason {
	char *name;
	char *reason;
};

struct reports_criteria {
	char *title;
	char **limits;
	unsigned limits_count;
	uint32_t bug_seeds_max;
	uint32_t tests_min;
	struct reports_expected_sweep *sweeps;
	unsigned sweeps_count;
	struct reports_expected_certificate *certificates;
	unsigned certificates_count;
	struct reports_reason *may_skip;
	unsigned may_skip_count;
	struct reports_reason *not_tested;
	unsigned not_tested_count;
	struct reports_criterion *criteria;
	unsigned criteria_count;
};

static const cyaml_schema_value_t reports_criteria_name_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 200)};

static const cyaml_schema_value_t reports_criteria_text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 600)};

static const cyaml_strval_t reports_criteria_evidence_names[] = {
        {"runs", EVIDENCE_RUNS},
        {"tests", EVIDENCE_TESTS},
        {"functions", EVIDENCE_FUNCTIONS},
        {"bugs", EVIDENCE_BUGS},
};

#define REPORTS_CRITERIA_OPTIONAL_LIST (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

static const cyaml_schema_field_t reports_criteria_one_fields[] = {
        CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct reports_criterion, id, 1, 16),
        CYAML_FIELD_STRING_PTR("text", CYAML_FLAG_POINTER, struct reports_criterion, text, 1, 400),
        CYAML_FIELD_FLAGS("evidence", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct reports_criterion, evidence,
                          reports_criteria_evidence_names, 4),
        CYAML_FIELD_SEQUENCE("tests", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criterion, tests,
                             &reports_criteria_name_schema, 0, 200),
        CYAML_FIELD_SEQUENCE("functions", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criterion, functions,
                             &reports_criteria_name_schema, 0, 200),
        CYAML_FIELD_SEQUENCE("bugs", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criterion, bugs,
                             &reports_criteria_name_schema, 0, 200),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t reports_criteria_one_schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct reports_criterion, reports_criteria_one_fields)};

#define REPORTS_EXPECTED_NUMBER(name) CYAML_FIELD_UINT(#name, CYAML_FLAG_OPTIONAL, struct reports_expected_sweep, name)

static const cyaml_schema_field_t reports_expected_sweep_fields[] = {
        CYAML_FIELD_STRING_PTR("folder", CYAML_FLAG_POINTER, struct reports_expected_sweep, folder, 1, 40),
        REPORTS_EXPECTED_NUMBER(scenarios),
        REPORTS_EXPECTED_NUMBER(runs),
        REPORTS_EXPECTED_NUMBER(crashes),
        REPORTS_EXPECTED_NUMBER(faults),
        REPORTS_EXPECTED_NUMBER(cells),
        REPORTS_EXPECTED_NUMBER(controls),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t reports_expected_sweep_schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct reports_expected_sweep, reports_expected_sweep_fields)};

static const cyaml_schema_field_t reports_expected_certificate_fields[] = {
        CYAML_FIELD_STRING_PTR("scenario", CYAML_FLAG_POINTER, struct reports_expected_certificate, scenario, 1, 80),
        CYAML_FIELD_STRING_PTR("seed", CYAML_FLAG_POINTER, struct reports_expected_certificate, seed, 1, 20),
        CYAML_FIELD_UINT("images", CYAML_FLAG_DEFAULT, struct reports_expected_certificate, images),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t reports_expected_certificate_schema = {CYAML_VALUE_MAPPING(
        CYAML_FLAG_DEFAULT, struct reports_expected_certificate, reports_expected_certificate_fields)};

static const cyaml_schema_field_t reports_reason_fields[] = {
        CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct reports_reason, name, 1, 80),
        CYAML_FIELD_STRING_PTR("reason", CYAML_FLAG_POINTER, struct reports_reason, reason, 1, 200),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t reports_reason_schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct reports_reason, reports_reason_fields)};

static const cyaml_schema_field_t reports_criteria_fields[] = {
        CYAML_FIELD_STRING_PTR("title", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, title, 1, 80),
        CYAML_FIELD_SEQUENCE("limits", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, limits,
                             &reports_criteria_text_schema, 0, 100),
        CYAML_FIELD_UINT("bug_seeds_max", CYAML_FLAG_DEFAULT, struct reports_criteria, bug_seeds_max),
        CYAML_FIELD_UINT("tests_min", CYAML_FLAG_OPTIONAL, struct reports_criteria, tests_min),
        CYAML_FIELD_SEQUENCE("sweeps", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, sweeps,
                             &reports_expected_sweep_schema, 0, 20),
        CYAML_FIELD_SEQUENCE("certificates", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, certificates,
                             &reports_expected_certificate_schema, 0, 20),
        CYAML_FIELD_SEQUENCE("may_skip", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, may_skip,
                             &reports_reason_schema, 0, 40),
        CYAML_FIELD_SEQUENCE("not_tested", REPORTS_CRITERIA_OPTIONAL_LIST, struct reports_criteria, not_tested,
                             &reports_reason_schema, 0, 100),
        CYAML_FIELD_SEQUENCE("criteria", CYAML_FLAG_POINTER, struct reports_criteria, criteria,
                             &reports_criteria_one_schema, 1, 100),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t reports_criteria_schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct reports_criteria, reports_criteria_fields)};

#define REPORTS_CRITERIA_MESSAGE_SIZE 400

/* What libcyaml says: what is wrong, then a way out of the nested values, whose first line number
 * is that of the innermost. */
struct reports_criteria_complaint {
	char message[REPORTS_CRITERIA_MESSAGE_SIZE];
	unsigned long line; /* 0: none */
};

static void reports_criteria_complain(cyaml_log_t level, void *context, const char *format, va_list arguments) {
	struct reports_criteria_complaint *complaint = context;
	char text[REPORTS_CRITERIA_MESSAGE_SIZE];
	if (level < CYAML_LOG_ERROR) {
		return;
	}
	vsnprintf(text, sizeof text, format, arguments);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place != NULL && complaint->line == 0) {
		complaint->line = strtoul(place + strlen("(line: "), NULL, 10);
	}
	if (place == NULL && complaint->message[0] == '\0' && strstr(text, "Backtrace") == NULL) {
		static const char prefix[] = "Load: ";
		bool begins = strncmp(text, prefix, strlen(prefix)) == 0;
		snprintf(complaint->message, sizeof complaint->message, "%s", text + (begins ? strlen(prefix) : 0));
	}
}

/* "path:line: what is wrong". Always false. */
static bool reports_criteria_refuse(const char *path, const struct reports_criteria_complaint *complaint,
                                    const char *otherwise, char *why) {
	const char *message = complaint->message[0] != '\0' ? complaint->message : otherwise;
	char *text = complaint->line > 0 ? sqlite3_mprintf("%s:%d: %s", path, (int)complaint->line, message)
	                                 : sqlite3_mprintf("%s: %s", path, message);
	sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s", text != NULL ? text : "out of memory");
	sqlite3_free(text);
	return false;
}

/* Inserts one row per name: criterion, name, and `third` where the statement has a third
 * parameter. */
struct reports_criteria_names {
	const char *sql;
	int parameters;
	char **list;
	unsigned count;
	const char *third;
};

static bool reports_criteria_add_names(sqlite3 *db, const char *id, const struct reports_criteria_names *names,
                                       char *why) {
	for (unsigned i = 0; i < names->count; i++) {
		const char *const values[] = {id, names->list[i], names->third};
		if (!reports_evidence_insert(db, names->sql, names->parameters, values, why)) {
			return false;
		}
	}
	return true;
}

static bool reports_criteria_add_criterion(sqlite3 *db, const struct reports_criterion *criterion, uint32_t seeds_max,
                                           char *why) {
	uint32_t evidence = criterion->evidence != 0 ? criterion->evidence : REPORTS_CRITERIA_EVIDENCE_ALL;
	const char *const values[] = {
	        criterion->id,
	        criterion->text,
	        (evidence & EVIDENCE_RUNS) != 0 ? "1" : "0",
	        (evidence & EVIDENCE_TESTS) != 0 ? "1" : "0",
	        (evidence & EVIDENCE_FUNCTIONS) != 0 ? "1" : "0",
	        (evidence & EVIDENCE_BUGS) != 0 ? "1" : "0",
	};
	char number[16];
	sqlite3_snprintf((int)sizeof(number), number, "%u", seeds_max);
	const struct reports_criteria_names lists[] = {
	        {"INSERT INTO criterion_test VALUES(?,?)", 2, criterion->tests, criterion->tests_count, NULL},
	        {"INSERT INTO criterion_function VALUES(?,?)", 2, criterion->functions, criterion->functions_count,
	         NULL},
	        {"INSERT INTO criterion_bug VALUES(?,?,?)", 3, criterion->bugs, criterion->bugs_count, number},
	};
	bool added = reports_evidence_insert(db, "INSERT INTO criterion VALUES(?,?,?,?,?,?)", 6, values, why);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && added; i++) {
		added = reports_criteria_add_names(db, criterion->id, &lists[i], why);
	}
	return added;
}

/* The number of a statement's parameter as text, in one of few places. */
static const char *reports_criteria_number(uint32_t number) {
	static char texts[8][16];
	static unsigned next;
	char *text = texts[next++ % 8];
	sqlite3_snprintf((int)sizeof texts[0], text, "%u", number);
	return text;
}

static bool reports_criteria_add_sweep(sqlite3 *db, const struct reports_expected_sweep *sweep, char *why) {
	const char *const values[] = {sweep->folder,
	                              reports_criteria_number(sweep->scenarios),
	                              reports_criteria_number(sweep->runs),
	                              reports_criteria_number(sweep->crashes),
	                              reports_criteria_number(sweep->faults),
	                              reports_criteria_number(sweep->cells),
	                              reports_criteria_number(sweep->controls)};
	return reports_evidence_insert(db, "INSERT INTO expected_sweep VALUES(?,?+0,?+0,?+0,?+0,?+0,?+0)", 7, values,
	                               why);
}

/* What is asked for of all criteria together. */
static bool reports_criteria_add_common(sqlite3 *db, const struct reports_criteria *criteria, char *why) {
	const char *const tests_min = reports_criteria_number(criteria->tests_min);
	const char *const title = criteria->title;
	bool added = reports_evidence_insert(db, "INSERT INTO expected_tests VALUES(?+0)", 1, &tests_min, why) &&
	             (title == NULL || reports_evidence_insert(db, "INSERT INTO about VALUES(?)", 1, &title, why));
	for (unsigned i = 0; i < criteria->limits_count && added; i++) {
		const char *const text = criteria->limits[i];
		added = reports_evidence_insert(db, "INSERT INTO known_limit VALUES(?)", 1, &text, why);
	}
	for (unsigned i = 0; i < criteria->sweeps_count && added; i++) {
		added = reports_criteria_add_sweep(db, &criteria->sweeps[i], why);
	}
	for (unsigned i = 0; i < criteria->certificates_count && added; i++) {
		const struct reports_expected_certificate *about = &criteria->certificates[i];
		const char *const values[] = {about->scenario, about->seed, reports_criteria_number(about->images)};
		added = reports_evidence_insert(db, "INSERT INTO expected_certificate VALUES(?,?,?+0)", 3, values, why);
	}
	for (unsigned i = 0; i < criteria->may_skip_count && added; i++) {
		const char *const values[] = {criteria->may_skip[i].name, criteria->may_skip[i].reason};
		added = reports_evidence_insert(db, "INSERT INTO may_skip VALUES(?,?)", 2, values, why);
	}
	for (unsigned i = 0; i < criteria->not_tested_count && added; i++) {
		const char *const values[] = {criteria->not_tested[i].name, criteria->not_tested[i].reason};
		added = reports_evidence_insert(db, "INSERT INTO not_tested VALUES(?,?)", 2, values, why);
	}
	return added;
}

bool reports_criteria_load(sqlite3 *db, const char *path, char *why) {
	struct reports_criteria_complaint complaint = {"", 0};
	const cyaml_config_t config = {
	        .log_fn = reports_criteria_complain,
	        .log_ctx = &complaint,
	        .log_level = CYAML_LOG_ERROR,
	        .mem_fn = cyaml_mem,
	};
	struct reports_criteria *criteria = NULL;
	cyaml_err_t error = cyaml_load_file(path, &config, &reports_criteria_schema, (cyaml_data_t **)&criteria, NULL);
	if (error != CYAML_OK) {
		return reports_criteria_refuse(path, &complaint, cyaml_strerror(error), why);
	}
	if (criteria == NULL) {
		return reports_criteria_refuse(path, &complaint, "empty, expected criteria", why);
	}
	bool added = reports_criteria_add_common(db, criteria, why);
	for (unsigned i = 0; i < criteria->criteria_count && added; i++) {
		added = reports_criteria_add_criterion(db, &criteria->criteria[i], criteria->bug_seeds_max, why);
	}
	cyaml_free(&config, &reports_criteria_schema, criteria, 0);
	if (!added) {
		snprintf(complaint.message, sizeof complaint.message, "%s", why);
	}
	return added || reports_criteria_refuse(path, &complaint, "", why);
}
