/* examples/job_queue.c: a queue of jobs on SQLite, as a program under test. Its model, in
 * job_queue_model.c, says what is right without SQLite.
 *
 *   cc -O2 -fPIC -shared -Isim/subject examples/job_queue*.c -o job_queue.so -lsqlite3
 *   aftershock run program --subject ./job_queue.so
 */
#include "subject.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

extern const struct aftershock_subject job_queue_model;

static enum subject_start_status queue_start(const struct subject_config *config, void **instance,
                                             char reason[SUBJECT_REASON_SIZE]) {
	char sql[240];
	sqlite3 *db = NULL;
	snprintf(sql, sizeof sql,
	         "PRAGMA journal_mode = %s; PRAGMA synchronous = %s; CREATE TABLE IF NOT EXISTS "
	         "job(id INTEGER PRIMARY KEY, urgency INTEGER, state TEXT DEFAULT 'waits')",
	         config->journal_mode, config->synchronous);
	int code = sqlite3_open_v2(config->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, config->vfs_name);
	code = code == SQLITE_OK ? sqlite3_exec(db, sql, NULL, NULL, NULL) : code;
	*instance = code == SQLITE_OK ? db : NULL;
	if (code != SQLITE_OK) {
		snprintf(reason, SUBJECT_REASON_SIZE, "%s", sqlite3_errmsg(db));
		sqlite3_close(db);
	}
	return code == SQLITE_OK        ? SUBJECT_STARTED
	       : code == SQLITE_CORRUPT ? SUBJECT_START_DAMAGED
	                                : SUBJECT_START_LATER;
}

static int queue_answer(void *answer, int count, char **values, char **names) {
	(void)count;
	(void)names;
	snprintf(answer, SUBJECT_OPERATION_SIZE, "%s", values[0]);
	return 0;
}

static void queue_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	char sql[200] = "UPDATE job SET state = 'runs' WHERE id = (SELECT id FROM job WHERE state = 'waits' "
	                "ORDER BY urgency DESC, id LIMIT 1) RETURNING id";
	const char *operation = step->operation; /* "add URGENCY", "done ID", or "take" */
	if (strncmp(operation, "add ", 4) == 0) {
		snprintf(sql, sizeof sql, "INSERT INTO job(urgency) VALUES(%.9s) RETURNING id", operation + 4);
	} else if (strncmp(operation, "done ", 5) == 0) {
		snprintf(sql, sizeof sql, "UPDATE job SET state = 'done' WHERE id = %.9s AND state = 'runs'",
		         operation + 5);
	}
	int code = sqlite3_exec(instance, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	code = code == SQLITE_OK ? sqlite3_exec(instance, sql, queue_answer, step->answer, NULL) : code;
	reply->outcome = code == SQLITE_OK ? SUBJECT_ACKNOWLEDGED : SUBJECT_LATER;
	if (code == SQLITE_OK && (code = sqlite3_exec(instance, "COMMIT", NULL, NULL, NULL)) != SQLITE_OK) {
		reply->outcome = SUBJECT_IN_DOUBT; /* the commit may be stored all the same */
	}
	reply->sqlite_code = sqlite3_extended_errcode(instance);
	if (code != SQLITE_OK) {
		reply->must_restart = true; /* a new connection knows best what is stored */
		snprintf(reply->reason, sizeof reply->reason, "%s", sqlite3_errmsg(instance));
	}
}

static int queue_line(void *sink, int count, char **values, char **names) {
	(void)count;
	(void)names;
	((struct subject_sink *)sink)->line(((struct subject_sink *)sink)->context, values[0]);
	return 0;
}

static void queue_observe(void *instance, const struct subject_sink *sink) {
	struct subject_sink copy = *sink;
	const char *sql = "SELECT id || ' ' || urgency || ' ' || state FROM job ORDER BY id";
	if (sqlite3_exec(instance, sql, queue_line, &copy, NULL) != SQLITE_OK) {
		sink->unavailable(sink->context, sqlite3_extended_errcode(instance), sqlite3_errmsg(instance));
	}
}

static void queue_stop(void *instance) {
	sqlite3_close(instance);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct subject_operation operations[] = {
	        {"add {1-3}", 3}, {"take", 2}, {"done {1-15}", 2}, {NULL, 0}};
	static const struct aftershock_subject queue = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                .name = "job_queue",
	                                                .start = queue_start,
	                                                .step = queue_step,
	                                                .observe = queue_observe,
	                                                .stop = queue_stop,
	                                                .takes = SUBJECT_TAKES_OPERATIONS,
	                                                .operations = operations,
	                                                .model = &job_queue_model};
	return &queue;
}
