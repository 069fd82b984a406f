/* reports/reports.h: from results to the acceptance page.
 *
 * All evidence is loaded into one SQLite database in memory: the criteria
 * (reports/acceptance.yaml), results databases of `aftershock run --results DIR`, ctest's JUnit
 * files, lcov's tracefiles. What a criterion lacks is a view over these tables (evidence.c), and
 * the pages are queries. So nothing is counted twice in two ways, and a reader who doubts a number
 * finds the one statement that made it.
 *
 * Every loader returns false with one line in `why` when its input cannot be used, and then has
 * added an unspecified part of it: give up.
 */
#ifndef AFTERSHOCK_REPORTS_H
#define AFTERSHOCK_REPORTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>

#define REPORTS_WHY_SIZE 512

/* Opens the empty evidence database. NULL when out of memory. Give it to sqlite3_close. */
sqlite3 *reports_evidence_open(void);
/* Runs one INSERT whose parameters are texts, in order; NULL entries stay NULL. */
bool reports_evidence_insert(sqlite3 *db, const char *sql, int count, const char *const values[], char *why);
/* Works out once what each criterion lacks, when all evidence is there: pages ask for it often.
 * Call it at most once, and add nothing afterwards. */
bool reports_evidence_conclude(sqlite3 *db, char *why);
/* The number of criteria, and of those that lack something: criteria without a shortcoming are
 * green. */
bool reports_evidence_count(sqlite3 *db, int *criteria, int *red, char *why);

/* Reads the criteria. Errors name file and line. */
bool reports_criteria_load(sqlite3 *db, const char *path, char *why);

/* Adds one results database: a file, or a directory with results.db. Several add up; the same one
 * must not be given twice. */
bool reports_results_load(sqlite3 *db, const char *path, char *why);

/* Results must be of the programs of this results database, which this build has just made. Without
 * it, results of any program are taken. */
bool reports_results_expect(sqlite3 *db, const char *path, char *why);

/* Adds the tests of one JUnit file as ctest --output-junit writes it. A test that is in several
 * files passed if it passed in all of them. */
bool reports_junit_load(sqlite3 *db, const char *path, char *why);

/* Adds functions and lines of one lcov tracefile. Counts of several add up. */
bool reports_tracefile_load(sqlite3 *db, const char *path, char *why);

/* ---- expected.c: what must be there, and of this build -------------------------------------- */

/* Adds names of a kind, "test", "phase", "fault" or "invariant": the first word of each line, and
 * what follows as its text. A test of the list must have been run; what struck nowhere is shown as
 * not tested, and what an invariant rests on is shown. */
bool reports_expected_names(sqlite3 *db, const char *kind, const char *path, char *why);
/* Adds one certificate that `aftershock explore --certificate` wrote. Whether it was edited is for
 * `aftershock verify-certificate` to say. */
bool reports_certificate_load(sqlite3 *db, const char *path, char *why);
/* Adds what reports/unreached.sh has printed. More open branches than it allows are red. Errors
 * name file and line. */
bool reports_unreached_load(sqlite3 *db, const char *path, char *why);
/* Behind criteria and tracefiles: each function that a criterion names must stand in these sources
 * where the coverage says. */
bool reports_expected_source(sqlite3 *db, const char *directory, char *why);

enum reports_format { REPORTS_FORMAT_NONE = 0, REPORTS_FORMAT_MARKDOWN, REPORTS_FORMAT_HTML };

/* Writes the acceptance page. The result depends on the evidence only: no date, no path, no order
 * of loading. */
bool reports_acceptance_write(sqlite3 *db, FILE *file, enum reports_format format, char *why);

/* ---- page.c: headings, paragraphs and tables in either format -------------------------------- */

struct reports_page {
	FILE *file;
	enum reports_format format;
};

void reports_page_begin(const struct reports_page *page, const char *title);
void reports_page_end(const struct reports_page *page);
/* `level` 1 to 3. `anchor` is the fragment that links to the heading, or NULL. */
void reports_page_heading(const struct reports_page *page, int level, const char *text, const char *anchor);
void reports_page_paragraph(const struct reports_page *page, const char *text);
/* The rows of a query as a table under its column names, or "none". Parameter 1 is `parameter`
 * (NULL: none). Numbers are set right; a column "state" is a coloured mark, "replay", "function"
 * and "reason" are set as what they are. */
bool reports_page_table(const struct reports_page *page, sqlite3 *db, const char *sql, const char *parameter,
                        char *why);

#endif
