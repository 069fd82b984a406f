/* examples/key_value.c: a key-value store on SQLite, as a program under test.
 *
 *   cc -O2 -fPIC -shared -Isim/subject examples/key_value.c -o key_value.so -lsqlite3
 *   aftershock run program --subject ./key_value.so
 *
 * It has no model: the same store on a disk without faults says what is right. */
#include "subject.h"

#include <sqlite3.h>
#include <stdio.h>

static enum subject_start_status store_start(const struct subject_config *config, void **instance,
                                             char reason[SUBJECT_REASON_SIZE]) {
	sqlite3 *db = NULL;
	char sql[200];
	snprintf(sql, sizeof sql,
	         "PRAGMA journal_mode = %s; PRAGMA synchronous = %s;"
	         "CREATE TABLE IF NOT EXISTS pair(key TEXT PRIMARY KEY, value TEXT)",
	         config->journal_mode, config->synchronous);
	int code = sqlite3_open_v2(config->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, config->vfs_name);
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(db, (int)config->busy_timeout_ms);
		sqlite3_extended_result_codes(db, 1);
		code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	*instance = code == SQLITE_OK ? db : NULL;
	if (code != SQLITE_OK) {
		snprintf(reason, SUBJECT_REASON_SIZE, "%s", sqlite3_errmsg(db));
		sqlite3_close(db);
	}
	return code == SQLITE_OK                                          ? SUBJECT_STARTED
	       : (code & 0xff) == SQLITE_CORRUPT || code == SQLITE_NOTADB ? SUBJECT_START_DAMAGED
	                                                                  : SUBJECT_START_LATER;
}

static int store_answer(void *context, int count, char **values, char **names) {
	(void)count;
	(void)names;
	snprintf(context, SUBJECT_OPERATION_SIZE, "%s", values[0]);
	return 0;
}

static void store_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	sqlite3 *db = instance;
	char key[SUBJECT_OPERATION_SIZE];
	char value[SUBJECT_OPERATION_SIZE];
	char *sql = NULL;
	if (sscanf(step->operation, "put %255s %255s", key, value) == 2) {
		sql = sqlite3_mprintf("INSERT OR REPLACE INTO pair VALUES(%Q, %Q)", key, value);
	} else if (sscanf(step->operation, "delete %255s", key) == 1) {
		sql = sqlite3_mprintf("DELETE FROM pair WHERE key = %Q", key);
	} else if (sscanf(step->operation, "get %255s", key) == 1) {
		sql = sqlite3_mprintf("SELECT value FROM pair WHERE key = %Q", key);
	}
	int code = sql != NULL ? sqlite3_exec(db, sql, store_answer, step->answer, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	/* A statement that stands alone is its own COMMIT: one that failed may be stored, unless
	 * its lock could not be had. */
	reply->outcome = code == SQLITE_OK              ? SUBJECT_ACKNOWLEDGED
	                 : sql == NULL                  ? SUBJECT_LATER
	                 : (code & 0xff) == SQLITE_BUSY ? SUBJECT_LATER
	                                                : SUBJECT_IN_DOUBT;
	reply->must_restart = reply->outcome == SUBJECT_IN_DOUBT;
	reply->sqlite_code = code;
	snprintf(reply->reason, sizeof reply->reason, "%s", code == SQLITE_OK ? "" : sqlite3_errmsg(db));
}

static int store_line(void *context, int count, char **values, char **names) {
	const struct subject_sink *sink = context;
	(void)count;
	(void)names;
	sink->line(sink->context, values[0]);
	return 0;
}

static void store_observe(void *instance, const struct subject_sink *sink) {
	struct subject_sink copy = *sink;
	int code = sqlite3_exec(instance, "SELECT key || ' ' || value FROM pair ORDER BY key", store_line, &copy, NULL);
	if (code != SQLITE_OK) {
		sink->unavailable(sink->context, code, sqlite3_errmsg(instance));
	}
}

static void store_stop(void *instance) {
	sqlite3_close(instance);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct subject_operation operations[] = {
	        {"put {1-20} {letters 1-40}", 6}, {"delete {1-20}", 2}, {"get {1-20}", 1}, {NULL, 0}};
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "key_value",
	                                                  .start = store_start,
	                                                  .step = store_step,
	                                                  .observe = store_observe,
	                                                  .stop = store_stop,
	                                                  .takes = SUBJECT_TAKES_OPERATIONS,
	                                                  .operations = operations};
	return &subject;
}
