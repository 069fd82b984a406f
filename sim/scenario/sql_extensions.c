/* sim/scenario/sql_extensions.c: the key `extensions` of the `sql` mapping: loadable extensions of
 * SQLite, and the connection that the SQL of a scenario is checked with. */
#include "sql_check.h"

#include <sqlite3.h>
#include <stdio.h>

static bool sim_sql_take_extension(struct sim_sql_check *check, const char *name, uint32_t number) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	char path[SIM_SCENARIO_PATH_SIZE];
	char why[SUBJECT_EXTENSION_WHY_SIZE];
	struct sim_sql *sql = check->sql;
	snprintf(place, sizeof place, "sql.extensions[%u]", number);
	if (!sim_scenario_source_object(check->source, place, name, path, sizeof path)) {
		return false;
	}
	sql->extensions[sql->extension_count] = subject_extension_load(path, why, sizeof why);
	if (sql->extensions[sql->extension_count] == NULL) {
		return sim_scenario_refuse(check->source, place, "%s: %.160s: %.300s", place, name, why);
	}
	sql->extension_count++;
	return true;
}

static bool sim_sql_refuse_connection(struct sim_sql_check *check) {
	const char *why = check->connection != NULL ? sqlite3_errmsg(check->connection) : "out of memory";
	return check->sql->extension_count > 0
	               ? sim_scenario_refuse(check->source, "sql.extensions",
	                                     "sql.extensions: %.200s, expected extensions that a connection can load",
	                                     why)
	               : sim_scenario_refuse_line(check->source, 0, "cannot be read: out of memory");
}

bool sim_sql_connect(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	char why[SUBJECT_EXTENSION_WHY_SIZE];
	struct sim_sql *sql = check->sql;
	if (!sim_sql_check_count(check, "sql.extensions", raw->extensions_count, SUBJECT_EXTENSIONS_MAX)) {
		return false;
	}
	for (uint32_t i = 0; i < raw->extensions_count; i++) {
		if (!sim_sql_take_extension(check, raw->extensions[i], i)) {
			return false;
		}
	}
	const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	if (!subject_extensions_install(sql->extensions, sql->extension_count, why, sizeof why)) {
		return sim_scenario_refuse(check->source, "sql.extensions", "sql.extensions: %.300s", why);
	}
	int code = sqlite3_open(":memory:", &check->connection);
	if (code == SQLITE_OK && sqlite3_vfs_find(NULL) != usual) {
		return sim_scenario_refuse(check->source, "sql.extensions",
		                           "sql.extensions: one makes a VFS of its own the default one, expected it as "
		                           "`vfs`, or functions and collations only");
	}
	return code == SQLITE_OK || sim_sql_refuse_connection(check);
}

void sim_sql_disconnect(struct sim_sql_check *check) {
	sqlite3_close(check->connection);
	check->connection = NULL;
	subject_extensions_uninstall();
}
