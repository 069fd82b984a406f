/* tests/plugin/client.c: a worked example of a client of SQL, one of several on one database.
 *
 *     aftershock run wal-kill --subject build/tests/plugin/client.so
 *
 * It runs the schema and the transactions of a scenario, looks, and makes checkpoints. After a
 * commit whose outcome is open it stops, and its caller starts it again.
 */
#include "subject.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	sqlite3 *db;
	const struct subject_schema *schema;
	const struct subject_client *beside; /* NULL: it is the only one */
	bool stopped;
	bool owes_commit; /* of a wrong twin only: it has acknowledged, and not committed yet */
};

static int client_sql(const struct client *client, const char *text) {
	return sqlite3_exec(client->db, text, NULL, NULL, NULL);
}

static void client_tell(const struct client *client, enum subject_stage stage) {
	if (client->beside != NULL) {
		client->beside->tell(client->beside->context, stage);
	}
}

static const char *client_file(const struct client *client, uint32_t file) {
	return file == 0 ? "main" : client->schema->attached_names[file - 1];
}

/* ---- start and stop -------------------------------------------------------------------------- */

static int client_wait(void *context, int count) {
	const struct client *client = context;
	return client->beside->wait(client->beside->context, (uint32_t)count);
}

static int client_progress(void *context) {
	const struct client *client = context;
	return !client->beside->goes_on(client->beside->context, "a statement");
}

/* The first text of the first row; "" when there is none. */
static int client_ask(sqlite3 *db, const char *text, char *answer, size_t size) {
	sqlite3_stmt *rows = NULL;
	answer[0] = '\0';
	int code = sqlite3_prepare_v2(db, text, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *value = (const char *)sqlite3_column_text(rows, 0);
		snprintf(answer, size, "%s", value != NULL ? value : "NULL");
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
}

/* Whether a database is in WAL mode is not a client's to change while others are there. */
static int client_set_up_file(const struct client *client, const struct subject_config *config, uint32_t file) {
	const char *name = client_file(client, file);
	bool makes = client->schema->make;
	char mode[20] = "";
	char text[400];
	int code = SQLITE_OK;
	if (file > 0) {
		snprintf(text, sizeof text, "ATTACH '%s' AS \"%s\"", client->schema->attached_paths[file - 1], name);
		code = client_sql(client, text);
	}
	snprintf(text, sizeof text,
	         "PRAGMA \"%s\".page_size=%u; PRAGMA \"%s\".cache_size=%d; PRAGMA \"%s\".synchronous=%s", name,
	         config->page_size_bytes, name, (int)config->cache_pages, name, makes ? "extra" : config->synchronous);
	code = code == SQLITE_OK ? client_sql(client, text) : code;
	for (uint32_t i = 0; code == SQLITE_OK && i < client->schema->pragma_count; i++) {
		code = client_sql(client, client->schema->pragmas[i]);
	}
	snprintf(text, sizeof text, "PRAGMA \"%s\".journal_mode", name);
	code = code == SQLITE_OK ? client_ask(client->db, text, mode, sizeof mode) : code;
	bool keeps = client->beside != NULL && (strcmp(mode, "wal") == 0 || strcmp(config->journal_mode, "wal") == 0);
	snprintf(text, sizeof text, "PRAGMA \"%s\".journal_mode=%s", name, makes ? "delete" : config->journal_mode);
	return code == SQLITE_OK && !keeps ? client_sql(client, text) : code;
}

static int client_make(const struct client *client) {
	int code = client_sql(client, "BEGIN IMMEDIATE");
	for (uint32_t i = 0; code == SQLITE_OK && i < client->schema->setup_count; i++) {
		code = client_sql(client, client->schema->setup[i]);
	}
	return code == SQLITE_OK ? client_sql(client, "COMMIT") : code;
}

static int client_open(struct client *client, const struct subject_config *config) {
	int flags = SQLITE_OPEN_READWRITE | (client->schema->make ? SQLITE_OPEN_CREATE : 0);
	int code = sqlite3_open_v2(config->path, &client->db, flags, config->vfs_name);
	if (code != SQLITE_OK) {
		return code;
	}
	sqlite3_extended_result_codes(client->db, 1);
	sqlite3_wal_autocheckpoint(client->db, (int)config->checkpoint_frames);
	if (client->beside != NULL) {
		sqlite3_busy_handler(client->db, client_wait, client);
		sqlite3_progress_handler(client->db, (int)client->beside->goes_on_steps, client_progress, client);
	} else {
		sqlite3_busy_timeout(client->db, (int)config->busy_timeout_ms);
	}
	for (uint32_t file = 0; code == SQLITE_OK && file <= client->schema->attached_count; file++) {
		code = client_set_up_file(client, config, file);
	}
	code = code == SQLITE_OK && client->schema->make ? client_make(client) : code;
	/* Nothing is served that cannot be read. */
	return code == SQLITE_OK ? client_sql(client, "SELECT count(*) FROM sqlite_schema") : code;
}

static void client_stop(void *instance) {
	struct client *client = instance;
	sqlite3_close(client->db);
	free(client);
}

static enum subject_start_status client_start(const struct subject_config *config, void **instance, char *reason) {
	struct client *client = calloc(1, sizeof *client);
	*instance = NULL;
	if (client == NULL || config->schema == NULL) {
		free(client);
		snprintf(reason, SUBJECT_REASON_SIZE, "%s", client == NULL ? "out of memory" : "no schema");
		return client == NULL ? SUBJECT_START_LATER : SUBJECT_START_MISCONFIGURED;
	}
	client->schema = config->schema;
	client->beside = config->client;
	int code = client_open(client, config);
	if (code == SQLITE_OK) {
		*instance = client;
		return SUBJECT_STARTED;
	}
	snprintf(reason, SUBJECT_REASON_SIZE, "%s (%d)", sqlite3_errmsg(client->db), code);
	client_stop(client);
	bool damaged = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
	return damaged ? SUBJECT_START_DAMAGED : SUBJECT_START_LATER;
}

/* ---- what it sees ---------------------------------------------------------------------------- */

static int client_show(const struct client *client, const struct subject_sink *sink) {
	char text[SUBJECT_REASON_SIZE];
	int code = SQLITE_OK;
	for (uint32_t file = 0; code == SQLITE_OK && file <= client->schema->attached_count; file++) {
		uint64_t digest[2];
		code = client->schema->digest(client->db, client_file(client, file), digest);
		if (code == SQLITE_OK) {
			sink->digest(sink->context, file, digest);
		}
	}
	for (uint32_t i = 0; code == SQLITE_OK && i < client->schema->query_count; i++) {
		code = client_ask(client->db, client->schema->queries[i], text, sizeof text);
		if (code == SQLITE_OK && text[0] != '\0') {
			sink->row(sink->context, i, text);
		}
	}
	return code;
}

static void client_observe(void *instance, const struct subject_sink *sink) {
	const struct client *client = instance;
	char line[SUBJECT_REASON_SIZE];
	int code = client_show(client, sink);
	if (code == SQLITE_OK && sink->checked != NULL) {
		code = client_ask(client->db, "PRAGMA integrity_check(1)", line, sizeof line);
		sink->checked(sink->context, 0, code == SQLITE_OK ? line : "ok");
	}
	if (code != SQLITE_OK) {
		sink->unavailable(sink->context, code, sqlite3_errmsg(client->db));
	}
}

static int client_show_beside(const struct client *client) {
	int code = client_show(client, client->beside->sink);
	if (code == SQLITE_OK) {
		client_tell(client, SUBJECT_STAGE_SHOWN);
	}
	return code;
}

static int client_look(const struct client *client, const struct subject_step *step) {
	client_tell(client, SUBJECT_STAGE_READS);
	int code = client_sql(client, "BEGIN");
	for (uint32_t i = 0; code == SQLITE_OK && i < step->looks; i++) {
		if (i > 0) {
			client->beside->pause(client->beside->context, step->hold_ns);
		}
		code = client_show_beside(client);
	}
	int ended = sqlite3_get_autocommit(client->db) == 0 ? client_sql(client, "ROLLBACK") : SQLITE_OK;
	return code == SQLITE_OK ? ended : code;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static void client_bind(sqlite3_stmt *statement, const struct subject_value *value) {
	int place = sqlite3_bind_parameter_index(statement, value->name);
	if (value->kind == SUBJECT_VALUE_NONE) {
		sqlite3_bind_null(statement, place);
	} else if (value->kind == SUBJECT_VALUE_INTEGER) {
		sqlite3_bind_int64(statement, place, value->integer);
	} else if (value->kind == SUBJECT_VALUE_REAL) {
		double real = 0;
		memcpy(&real, value->bytes, sizeof real);
		sqlite3_bind_double(statement, place, real);
	} else if (value->kind == SUBJECT_VALUE_TEXT) {
		sqlite3_bind_text(statement, place, value->bytes, (int)value->size_bytes, SQLITE_STATIC);
	} else {
		sqlite3_bind_blob(statement, place, value->bytes, (int)value->size_bytes, SQLITE_STATIC);
	}
}

static int client_run(const struct client *client, const struct subject_transaction *transaction, uint32_t number) {
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(client->db, transaction->statements[number], -1, &statement, NULL);
	for (uint32_t i = 0; code == SQLITE_OK && i < transaction->value_count; i++) {
		client_bind(statement, &transaction->values[i]);
	}
	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(statement);
	return code == SQLITE_DONE ? final : code;
}

static int client_run_all(const struct client *client, const struct subject_transaction *transaction) {
	static const char *const begins[] = {"", "BEGIN DEFERRED", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
	int code = client_sql(client, begins[transaction->begin]);
	if (code == SQLITE_OK && transaction->reads_first) {
		client_tell(client, SUBJECT_STAGE_READS);
		code = client_show_beside(client);
	}
	for (uint32_t i = 0; code == SQLITE_OK && i < transaction->statement_count; i++) {
		code = client_run(client, transaction, i);
	}
	return code;
}

/* A failed COMMIT may have happened all the same, unless the transaction is still there. A
 * statement that stands alone has its commit in it. */
static enum subject_outcome client_outcome(const struct client *client, int code, bool at_commit) {
	int primary = code & 0xff;
	bool open = sqlite3_get_autocommit(client->db) == 0;
	if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
		return SUBJECT_LATER;
	}
	if ((primary == SQLITE_CONSTRAINT || primary == SQLITE_ERROR) && (!at_commit || open)) {
		return SUBJECT_REFUSED;
	}
	return at_commit ? SUBJECT_IN_DOUBT : SUBJECT_LATER;
}

static void client_transact(struct client *client, const struct subject_transaction *transaction,
                            struct subject_reply *reply) {
	bool alone = transaction->begin == SUBJECT_BEGIN_NONE;
	if (alone) {
		client_tell(client, SUBJECT_STAGE_COMMITS);
	}
	int code = client_run_all(client, transaction);
	bool commits = code == SQLITE_OK && !alone && !transaction->rolls_back;
	reply->outcome = transaction->rolls_back ? SUBJECT_UNCHANGED : SUBJECT_ACKNOWLEDGED;
	if (commits) {
		client_tell(client, SUBJECT_STAGE_COMMITS);
	}
#ifdef CLIENT_ACKNOWLEDGES_EARLY
	client->owes_commit = commits;
	if (commits) {
		return;
	}
#endif
	code = commits ? client_sql(client, "COMMIT") : code;
	if (code != SQLITE_OK) {
		bool refused = alone && (code & 0xff) == SQLITE_CONSTRAINT;
		reply->outcome = refused ? SUBJECT_REFUSED : client_outcome(client, code, commits || alone);
		snprintf(reply->reason, sizeof reply->reason, "%s: %s (%d)", transaction->name,
		         sqlite3_errmsg(client->db), code);
	}
	reply->sqlite_code = code;
	if (sqlite3_get_autocommit(client->db) == 0) {
		client_sql(client, "ROLLBACK");
	}
}

/* ---- steps ----------------------------------------------------------------------------------- */

static int client_checkpoint(const struct client *client, const struct subject_step *step) {
	int frames = 0;
	int done = 0;
	int code = sqlite3_wal_checkpoint_v2(client->db, NULL, (int)step->checkpoint, &frames, &done);
	if (code == SQLITE_OK && client->beside != NULL) {
		client->beside->checkpointed(client->beside->context, frames, done);
	}
	return code;
}

static void client_do(struct client *client, const struct subject_step *step, struct subject_reply *reply) {
	if (step->kind == SUBJECT_STEP_SQL) {
		client_transact(client, step->transaction, reply);
#ifdef CLIENT_TRIES_A_DOUBT_AGAIN
		if (reply->outcome == SUBJECT_IN_DOUBT) {
			client_transact(client, step->transaction, reply);
		}
#endif
		return;
	}
	bool looks = step->kind == SUBJECT_STEP_LOOK;
	reply->sqlite_code = looks ? client_look(client, step) : client_checkpoint(client, step);
	reply->outcome = reply->sqlite_code == SQLITE_OK ? SUBJECT_UNCHANGED : SUBJECT_LATER;
	snprintf(reply->reason, sizeof reply->reason, "%s", sqlite3_errmsg(client->db));
}

static void client_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct client *client = instance;
	memset(reply, 0, sizeof *reply);
	if (client->owes_commit) {
		client->owes_commit = false;
		client_sql(client, "COMMIT");
	}
	if (client->stopped) {
		reply->outcome = SUBJECT_STOPPED;
	} else {
		client_do(client, step, reply);
	}
	bool failed = (reply->sqlite_code & 0xff) == SQLITE_IOERR || reply->sqlite_code == SQLITE_PROTOCOL;
	client->stopped |= reply->outcome == SUBJECT_IN_DOUBT || failed ||
	                   (sqlite3_get_autocommit(client->db) == 0 && !client->owes_commit);
	reply->must_restart = client->stopped;
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "client",
	                                                  .start = client_start,
	                                                  .step = client_step,
	                                                  .observe = client_observe,
	                                                  .stop = client_stop,
	                                                  .takes = SUBJECT_TAKES_SQL | SUBJECT_TAKES_CLIENTS |
	                                                           SUBJECT_TAKES_VALUES};
	return &subject;
}
