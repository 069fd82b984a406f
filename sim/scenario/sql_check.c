/* sim/scenario/sql_check.c: see sql_check.h. */
#include "sql_check.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIM_SQL_PATIENCE_STEPS 1000 /* of SQLite's machine, between two looks at the clock */
static uint32_t sim_sql_patience_s = 20;

void sim_sql_set_patience(uint32_t seconds) {
	sim_sql_patience_s = seconds;
}

static int64_t sim_sql_now_ms(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int sim_sql_lose_patience(void *context) {
	const struct sim_sql_check *check = context;
	return sim_sql_now_ms() >= check->until_ms;
}

void sim_sql_begin_patience(struct sim_sql_check *check) {
	check->until_ms = sim_sql_now_ms() + (int64_t)sim_sql_patience_s * 1000;
	sqlite3_progress_handler(check->connection, SIM_SQL_PATIENCE_STEPS, sim_sql_lose_patience, check);
}

bool sim_sql_refuse_at(struct sim_sql_check *check, const char *place, const char *format, ...) {
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return check->file != NULL ? sim_scenario_refuse_file(check->source, check->file, check->line, "%s", text)
	                           : sim_scenario_refuse(check->source, place, "%s: %s", place, text);
}

bool sim_sql_take_texts(struct sim_sql_texts *texts, char *const *raw, uint32_t count) {
	texts->texts = calloc(count + 1u, sizeof *texts->texts);
	for (uint32_t i = 0; texts->texts != NULL && i < count; i++) {
		texts->texts[i] = strdup(raw[i]);
		if (texts->texts[i] == NULL) {
			return false;
		}
		texts->count = i + 1;
	}
	return texts->texts != NULL;
}

/* A list with a most. */
bool sim_sql_check_count(struct sim_sql_check *check, const char *place, uint32_t count, uint32_t most) {
	return count <= most ||
	       sim_scenario_refuse(check->source, place, "%s has %u entries, expected at most %u", place, count, most);
}

bool sim_sql_check_word(struct sim_sql_check *check, const char *place, const char *word) {
	return (word[0] != '\0' && strlen(word) < SIM_SQL_NAME_SIZE - 1 &&
	        strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(word)) ||
	       sim_sql_refuse_at(check, place, "\"%.40s\", expected lower-case letters, digits, _ and -, at most %d",
	                         word, SIM_SQL_NAME_SIZE - 2);
}

/* ---- one statement --------------------------------------------------------------------------- */

/* What FTS5 and R-Tree ask for by themselves. */
static const char *const sim_sql_pragmas_of_modules[] = {"data_version", "page_size", NULL};

bool sim_sql_is_one_of(const char *word, const char *const *words) {
	while (*words != NULL && sqlite3_stricmp(word, *words) != 0) {
		words++;
	}
	return *words != NULL;
}

static enum sim_journal_mode sim_sql_journal_mode_of(const char *word) {
	for (int mode = SIM_JOURNAL_NONE + 1; word != NULL && mode < SIM_JOURNAL_COUNT; mode++) {
		if (sqlite3_stricmp(word, sim_settings_journal_mode_name((enum sim_journal_mode)mode)) == 0) {
			return (enum sim_journal_mode)mode;
		}
	}
	return SIM_JOURNAL_NONE;
}

/* What must be the same on the disk and in the reference may depend on nothing but the plan, and
 * the instant of an attempt (sim/sqlite/instant.h). */
static const char *const sim_sql_functions_refused[] = {"total_changes", "load_extension", NULL};
static const char sim_sql_free_function[] = "a function that does not depend on the plan alone:";

/* Keeps why something is denied. SQLITE_DENY. */
static int sim_sql_deny(struct sim_sql_check *check, const char *what, const char *name) {
	snprintf(check->denied, sizeof check->denied, "%s %s", what, name != NULL ? name : "");
	return SQLITE_DENY;
}

/* Six parameters are what sqlite3_set_authorizer() calls with. */
/* NOLINTNEXTLINE(readability-function-size) */
int sim_sql_authorize(void *context, int action, const char *first, const char *second, const char *database,
                      const char *inner) {
	struct sim_sql_check *check = context;
	(void)inner;
	check->reaches |=
	        database != NULL && sqlite3_stricmp(database, "main") != 0 && sqlite3_stricmp(database, "temp") != 0;
	switch (action) {
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return sim_sql_deny(check, "ATTACH and DETACH are not for statements, expected `attached`", NULL);
	case SQLITE_TRANSACTION:
		return sim_sql_deny(check, "expected `begin` and `end` in place of", first);
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_CREATE_TEMP_VIEW:
	case SQLITE_CREATE_TEMP_TRIGGER:
		return check->may_be_temporary ? SQLITE_OK
		                               : sim_sql_deny(check, "nothing temporary is compared:", first);
	case SQLITE_FUNCTION:
		return sim_sql_is_one_of(second, sim_sql_functions_refused)
		               ? sim_sql_deny(check, sim_sql_free_function, second)
		               : SQLITE_OK;
	case SQLITE_PRAGMA:
		if (!sim_sql_is_one_of(first, check->pragmas) &&
		    (second != NULL || !sim_sql_is_one_of(first, sim_sql_pragmas_of_modules))) {
			return sim_sql_deny(check, "not a pragma for this place:", first);
		}
		check->journal_mode = sqlite3_stricmp(first, "journal_mode") == 0 ? sim_sql_journal_mode_of(second)
		                                                                  : SIM_JOURNAL_NONE;
		return SQLITE_OK;
	default:
		return SQLITE_OK;
	}
}

bool sim_sql_refuse(struct sim_sql_check *check, const char *place) {
	if (sqlite3_errcode(check->connection) == SQLITE_INTERRUPT) {
		return sim_sql_refuse_at(check, place, "has no end after %u seconds, expected a statement that ends",
		                         sim_sql_patience_s);
	}
	return sim_sql_refuse_at(check, place, "%s, expected SQL that prepares",
	                         check->denied[0] != '\0' ? check->denied : sqlite3_errmsg(check->connection));
}

/* In a file of SQL, the line that SQLite stumbled over, and the statement that it is in. */
static void sim_sql_refuse_text(struct sim_sql_check *check, const char *place, const char *text) {
	const int offset = sqlite3_error_offset(check->connection);
	const size_t words = strcspn(text, "\r\n");
	if (check->file == NULL || check->denied[0] != '\0') {
		(void)sim_sql_refuse(check, place);
		return;
	}
	for (int i = 0; i < offset && text[i] != '\0'; i++) {
		check->line += text[i] == '\n';
	}
	(void)sim_sql_refuse_at(check, place, "%s, in \"%.*s\", expected SQL that prepares",
	                        sqlite3_errmsg(check->connection), (int)(words < 60 ? words : 60), text);
}

sqlite3_stmt *sim_sql_prepare(struct sim_sql_check *check, const char *place, const char *text) {
	sqlite3_stmt *statement = NULL;
	const char *tail = NULL;
	check->denied[0] = '\0';
	check->reaches = false;
	check->journal_mode = SIM_JOURNAL_NONE;
	check->sql->draws |= sqlite3_strlike("%random%", text, 0) == 0;
	if (sqlite3_strlike("%localtime%", text, 0) == 0) {
		sim_sql_deny(check, "the zone of the machine, expected UTC in place of", "localtime");
		sim_sql_refuse(check, place);
		return NULL;
	}
	if (sqlite3_prepare_v2(check->connection, text, -1, &statement, &tail) != SQLITE_OK) {
		sim_sql_refuse_text(check, place, text);
		return NULL;
	}
	if (statement == NULL || tail[strspn(tail, " ;")] != '\0') {
		(void)sim_sql_refuse_at(check, place, "expected one statement");
		sqlite3_finalize(statement);
		return NULL;
	}
	return statement;
}

bool sim_sql_perform(struct sim_sql_check *check, const char *place, const char *text) {
	sqlite3_stmt *statement = sim_sql_prepare(check, place, text);
	if (statement == NULL) {
		return false;
	}
	if (sqlite3_bind_parameter_count(statement) > 0) {
		sqlite3_finalize(statement);
		return sim_sql_refuse_at(check, place, "a parameter, expected none here");
	}
	while (sqlite3_step(statement) == SQLITE_ROW) {
	}
	return sqlite3_finalize(statement) == SQLITE_OK || sim_sql_refuse(check, place);
}
