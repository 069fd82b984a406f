/* sim/scenario/sql_tunings.c: `sql.tunings`, the pragmas that a connection may be given between two
 * transactions. They change how it works, and no content. */
#include "sql_check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const sim_sql_pragmas_of_tuning[] = {"cache_size",         "cache_spill", "journal_size_limit",
                                                        "locking_mode",       "synchronous", "temp_store",
                                                        "wal_autocheckpoint", NULL};

/* What a text says of a pragma: the word behind `=`; NULL when it is about another one. */
static const char *sim_sql_tuning_value(const char *text, const char *pragma) {
	const char *at = text + strspn(text, " ");
	size_t size = strlen(pragma);
	if (sqlite3_strnicmp(at, pragma, (int)size) != 0) {
		return NULL;
	}
	at += size;
	at += strspn(at, " ");
	return *at == '=' ? at + 1 + strspn(at + 1, " ") : NULL;
}

static enum sim_synchronous sim_sql_tuning_synchronous(const char *word) {
	int found = SIM_SYNCHRONOUS_COUNT - 1;
	while (found > SIM_SYNCHRONOUS_NONE &&
	       sqlite3_stricmp(sim_settings_synchronous_name((enum sim_synchronous)found), word) != 0) {
		found--;
	}
	return (enum sim_synchronous)found;
}

static bool sim_sql_take_tuning(struct sim_sql_check *check, const char *place, const char *text,
                                struct sim_sql_tuning *tuning) {
	const char *synchronous = sim_sql_tuning_value(text, "synchronous");
	const char *locking = sim_sql_tuning_value(text, "locking_mode");
	tuning->keeps_locks = locking != NULL && sqlite3_stricmp(locking, "exclusive") == 0;
	tuning->synchronous = synchronous != NULL ? sim_sql_tuning_synchronous(synchronous) : SIM_SYNCHRONOUS_NONE;
	if (strchr(text, '=') == NULL) {
		return sim_scenario_refuse(check->source, place, "%s: %.60s sets nothing, expected PRAGMA = VALUE",
		                           place, text);
	}
	if (synchronous != NULL && tuning->synchronous == SIM_SYNCHRONOUS_NONE) {
		return sim_scenario_refuse(check->source, place,
		                           "%s: unknown word %.40s, expected one of: off, normal, full, extra", place,
		                           synchronous);
	}
	/* The super-journal is not synced then, and which files commit together is a matter of the
	 * whole run. */
	return tuning->synchronous != SIM_SYNCHRONOUS_OFF || check->sql->file_count == 1 ||
	       sim_scenario_refuse(check->source, place, "%s: synchronous = off with attached files, expected another",
	                           place);
}

static bool sim_sql_take_chance(struct sim_sql_check *check, const struct sim_raw_scenario *raw, uint32_t *percent) {
	const char *place = "workload.tunings";
	if (!sim_scenario_value_percent(check->source, place, raw->workload.tunings, percent)) {
		return false;
	}
	if (raw->workload.enumerate != NULL && *percent > 0) {
		return sim_scenario_refuse(check->source, place, "%s beside enumerate, expected 0", place);
	}
	return (*percent > 0) == (check->sql->tunings.count > 0) ||
	       sim_scenario_refuse(check->source, *percent > 0 ? place : "sql.tunings", "%s without %s, expected both",
	                           *percent > 0 ? place : "sql.tunings", *percent > 0 ? "sql.tunings" : place);
}

bool sim_sql_take_tunings(struct sim_sql_check *check, const struct sim_raw_scenario *raw, uint32_t *percent) {
	struct sim_sql *sql = check->sql;
	char place[SIM_SCENARIO_PLACE_SIZE];
	if (!sim_sql_check_count(check, "sql.tunings", raw->sql->tunings_count, SIM_SQL_TUNINGS_MAX)) {
		return false;
	}
	sql->tunings.texts = calloc(raw->sql->tunings_count + 1u, sizeof *sql->tunings.texts);
	check->pragmas = sim_sql_pragmas_of_tuning;
	for (uint32_t i = 0; i < raw->sql->tunings_count; i++) {
		char *text =
		        sql->tunings.texts != NULL ? malloc(strlen(raw->sql->tunings[i]) + sizeof "PRAGMA ") : NULL;
		if (text == NULL) {
			return sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
		}
		sprintf(text, "PRAGMA %s", raw->sql->tunings[i]);
		sql->tunings.texts[sql->tunings.count++] = text;
		snprintf(place, sizeof place, "sql.tunings[%u]", i);
		if (!sim_sql_take_tuning(check, place, raw->sql->tunings[i], &sql->tuning_values[i]) ||
		    !sim_sql_perform(check, place, text)) {
			return false;
		}
	}
	return sim_sql_take_chance(check, raw, percent);
}
