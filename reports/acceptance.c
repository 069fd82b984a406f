/* reports/acceptance.c: the program that writes the acceptance page.
 *
 * acceptance --criteria FILE [--results DIR]... [--junit FILE]... [--tracefile FILE]...
 *            [--certificate FILE]... [--build DIR] [--tests FILE] [--phases FILE]
 *            [--faults FILE] [--invariants FILE] [--unreached FILE] [--source DIR] [--name NAME]
 *            --out DIR
 * acceptance --results DIR... --runs FILE
 *
 * With --runs it writes the runs of the product into FILE, in order: scenario and cell, seed, trace
 * hash.
 *
 * Exit status: 0 no criterion is red, 1 at least one is, 2 wrong usage or an input or output that
 * cannot be used. */
#include "reports.h"

#include <string.h>

static const char reports_acceptance_usage[] =
        "usage: acceptance --criteria FILE [--results DIR]... [--junit FILE]... [--tracefile FILE]...\n"
        "                  [--certificate FILE]... [--build DIR] [--tests FILE] [--phases FILE] [--faults FILE]\n"
        "                  [--invariants FILE] [--unreached FILE] [--source DIR] [--name NAME] --out DIR\n"
        "       acceptance --results DIR... --runs FILE\n";

struct reports_acceptance_options {
	const char *out;
	const char *runs;
	const char *name; /* of the page, without its ending; NULL: acceptance */
};

static int reports_acceptance_fail(const char *why) {
	fprintf(stderr, "acceptance: %s\n", why);
	return 2;
}

/* Takes one option with its value. */
static bool reports_acceptance_take(sqlite3 *db, const char *option, const char *value,
                                    struct reports_acceptance_options *options, char *why) {
	if (strcmp(option, "--out") == 0) {
		options->out = value;
		return true;
	}
	if (strcmp(option, "--name") == 0) {
		options->name = value;
		return true;
	}
	if (strcmp(option, "--runs") == 0) {
		options->runs = value;
		return true;
	}
	static const struct {
		const char *option;
		bool (*load)(sqlite3 *db, const char *path, char *why);
	} loaders[] = {{"--criteria", reports_criteria_load},
	               {"--results", reports_results_load},
	               {"--junit", reports_junit_load},
	               {"--tracefile", reports_tracefile_load},
	               {"--certificate", reports_certificate_load},
	               {"--unreached", reports_unreached_load},
	               {"--build", reports_results_expect},
	               {"--source", reports_expected_source}};
	static const struct {
		const char *option;
		const char *kind;
	} lists[] = {{"--tests", "test"}, {"--phases", "phase"}, {"--faults", "fault"}, {"--invariants", "invariant"}};
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
		if (strcmp(option, loaders[i].option) == 0) {
			return loaders[i].load(db, value, why);
		}
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(option, lists[i].option) == 0) {
			return reports_expected_names(db, lists[i].kind, value, why);
		}
	}
	sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: unknown option\n%s", option, reports_acceptance_usage);
	return false;
}

static bool reports_acceptance_write_page(sqlite3 *db, const char *directory, const char *name,
                                          enum reports_format format, char *why) {
	char *path = sqlite3_mprintf("%s/%s", directory, name);
	FILE *file = path != NULL ? fopen(path, "w") : NULL;
	if (file == NULL) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s/%s: cannot be written", directory, name);
		sqlite3_free(path);
		return false;
	}
	bool done = reports_acceptance_write(db, file, format, why);
	if (fclose(file) != 0 && done) {
		sqlite3_snprintf(REPORTS_WHY_SIZE, why, "%s: cannot be written", path);
		done = false;
	}
	sqlite3_free(path);
	return done;
}

static int reports_acceptance_report(sqlite3 *db, const struct reports_acceptance_options *options) {
	char why[REPORTS_WHY_SIZE] = "";
	char markdown[80];
	char html[80];
	const char *out = options->out;
	const char *name = options->name != NULL ? options->name : "acceptance";
	int criteria = 0;
	int red = 0;
	if (!reports_evidence_conclude(db, why) || !reports_evidence_count(db, &criteria, &red, why)) {
		return reports_acceptance_fail(why);
	}
	if (criteria == 0 || out == NULL) {
		return reports_acceptance_fail(reports_acceptance_usage);
	}
	sqlite3_snprintf((int)sizeof markdown, markdown, "%s.md", name);
	sqlite3_snprintf((int)sizeof html, html, "%s.html", name);
	if (!reports_acceptance_write_page(db, out, markdown, REPORTS_FORMAT_MARKDOWN, why) ||
	    !reports_acceptance_write_page(db, out, html, REPORTS_FORMAT_HTML, why)) {
		return reports_acceptance_fail(why);
	}
	printf("%d criteria, %d red: %s/%s\n", criteria, red, out, html);
	return red > 0 ? 1 : 0;
}

static int reports_acceptance_print_run(void *file, int columns, char **values, char **names) {
	(void)columns;
	(void)names;
	return fprintf(file, "%s%s%s %s %s\n", values[0], values[1][0] != '\0' ? ":" : "", values[1], values[2],
	               values[3]) < 0;
}

/* Runs that a plan has repeated are no runs of a seed. */
static int reports_acceptance_print_runs(sqlite3 *db, const char *path) {
	static const char sql[] = "SELECT scenario, cell, seed, trace_hash FROM run WHERE sweep IN clean"
	                          " AND coalesce(replay, '') NOT LIKE '%--plan%' ORDER BY 1, 2, 3";
	FILE *file = fopen(path, "w");
	bool done = file != NULL && sqlite3_exec(db, sql, reports_acceptance_print_run, file, NULL) == SQLITE_OK;
	done = file != NULL && fclose(file) == 0 && done;
	char *why = sqlite3_mprintf("%s: cannot be written", path);
	int status = done ? 0 : reports_acceptance_fail(why != NULL ? why : path);
	sqlite3_free(why);
	return status;
}

int main(int argc, char **argv) {
	char why[REPORTS_WHY_SIZE] = "";
	struct reports_acceptance_options options = {NULL, NULL, NULL};
	sqlite3 *db = reports_evidence_open();
	if (db == NULL) {
		return reports_acceptance_fail("out of memory");
	}
	int status = 0;
	for (int i = 1; i < argc && status == 0; i += 2) {
		if (i + 1 == argc) {
			status = reports_acceptance_fail(reports_acceptance_usage);
		} else if (!reports_acceptance_take(db, argv[i], argv[i + 1], &options, why)) {
			status = reports_acceptance_fail(why);
		}
	}
	if (status == 0) {
		status = options.runs != NULL ? reports_acceptance_print_runs(db, options.runs)
		                              : reports_acceptance_report(db, &options);
	}
	sqlite3_close(db);
	return status;
}
