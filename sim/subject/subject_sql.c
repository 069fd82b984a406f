/* sim/subject/subject_sql.c: SQLite itself as a subject: a schema and transactions from a scenario,
 * run as a careful program would.
 *
 * What a failure means, subject_sql_outcome.h says. After a doubt, or a sync that failed, the
 * instance stops or goes on, as the schema says. One that is stuck always stops.
 */
#include "subject_built_in.h"
#include "subject_sql_client.h"
#include "subject_sql_open.h"
#include "subject_sql_outcome.h"
#include "subject_sql_show.h"
#include "subject_sql_statement.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* ---- start ----------------------------------------------------------------------------------- */

static bool subject_sql_is_damaged_start(int code) {
	/* A broken header or schema is also reported as an error of the SQL that read it. */
	return subject_sql_is_damage(code) || (code & 0xff) == SQLITE_ERROR;
}

static enum subject_start_status subject_sql_start(const struct subject_config *config, void **instance,
                                                   char reason[SUBJECT_REASON_SIZE]) {
	*instance = NULL;
	if (config->schema == NULL) {
		sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "no schema in the configuration");
		return SUBJECT_START_MISCONFIGURED;
	}
	struct subject_sql *sql = calloc(1, sizeof *sql);
	struct subject_sql_kept *kept = calloc(1, sizeof *kept);
	if (sql == NULL || kept == NULL) {
		free(kept);
		free(sql);
		sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "out of memory");
		return SUBJECT_START_LATER;
	}
	sql->schema = config->schema;
	sql->client = config->client;
	sql->kept = kept;
	int code = subject_sql_open(sql, config);
	sim_statements_init(&kept->statements, sql->connection);
	if (code == SQLITE_OK) {
		*instance = sql;
		return SUBJECT_STARTED;
	}
	sqlite3_snprintf(SUBJECT_REASON_SIZE, reason, "%s (%d)", sqlite3_errmsg(sql->connection), code);
	sqlite3_close(sql->connection);
	free(kept);
	free(sql);
	return subject_sql_is_damaged_start(code) && !config->schema->make ? SUBJECT_START_DAMAGED
	                                                                   : SUBJECT_START_LATER;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static int subject_sql_begin(const struct subject_sql *sql, enum subject_begin begin) {
	static const char *const texts[] = {"", "BEGIN DEFERRED", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
	return begin == SUBJECT_BEGIN_NONE ? SQLITE_OK
	                                   : subject_sql_statement_repeat(&sql->kept->statements, texts[begin], NULL);
}

/* Pages that left the cache for lack of room since the last call. */
static bool subject_sql_spilled(const struct subject_sql *sql) {
	int now = 0;
	int highest = 0;
	sqlite3_db_status(sql->connection, SQLITE_DBSTATUS_CACHE_SPILL, &now, &highest, 1);
	return now > 0;
}

/* As far as it comes, and where it stopped. */
static enum subject_sql_stage subject_sql_run(const struct subject_sql *sql,
                                              const struct subject_transaction *transaction, int *code, bool *spilled) {
	bool alone = transaction->begin == SUBJECT_BEGIN_NONE;
	if (alone) {
		subject_sql_tell(sql, SUBJECT_STAGE_COMMITS);
	}
	*code = subject_sql_begin(sql, transaction->begin);
	if (*code == SQLITE_OK && transaction->reads_first) {
		*code = subject_sql_client_read(sql);
	}
	for (uint32_t i = 0; *code == SQLITE_OK && i < transaction->statement_count; i++) {
		/* What stands alone may be a pragma. */
		*code = alone ? subject_sql_statement_run(sql->connection, transaction->statements[i], transaction)
		              : subject_sql_statement_repeat(&sql->kept->statements, transaction->statements[i],
		                                             transaction);
	}
	*spilled = subject_sql_spilled(sql);
	if (*code != SQLITE_OK || alone) {
		return alone ? SUBJECT_SQL_ALONE : SUBJECT_SQL_INSIDE;
	}
	if (transaction->rolls_back) {
		*code = subject_sql_statement_repeat(&sql->kept->statements, "ROLLBACK", NULL);
		return SUBJECT_SQL_INSIDE;
	}
	subject_sql_tell(sql, SUBJECT_STAGE_COMMITS);
	*code = subject_sql_client_commit(sql);
	return SUBJECT_SQL_AT_COMMIT;
}

static void subject_sql_reply(const struct subject_sql *sql, const struct subject_reply *reply) {
	if (sql->client != NULL) {
		sql->client->answers(sql->client->context, reply);
	}
}

static void subject_sql_transact(struct subject_sql *sql, const struct subject_transaction *transaction,
                                 struct subject_reply *reply) {
	int code = SQLITE_OK;
	enum subject_sql_stage stage = subject_sql_run(sql, transaction, &code, &reply->spilled);
	reply->sqlite_code = code;
	bool open = sqlite3_get_autocommit(sql->connection) == 0;
	reply->outcome = subject_sql_outcome(stage, code, transaction->rolls_back, open);
	if (code != SQLITE_OK) {
		sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "%s: %s (%d)", transaction->name,
		                 sqlite3_errmsg(sql->connection), code);
	}
	subject_sql_reply(sql, reply);
	if (code == SQLITE_OK) {
		return;
	}
	if (open) {
		subject_sql_statement_repeat(&sql->kept->statements, "ROLLBACK", NULL);
	}
	bool doubt = reply->outcome == SUBJECT_IN_DOUBT || subject_sql_is_failed_sync(code);
	bool stuck = subject_sql_is_stuck(code, sqlite3_get_autocommit(sql->connection) == 0);
	sql->stopped = stuck || (doubt && sql->schema->reopens_after_doubt);
}

/* ---- other steps ----------------------------------------------------------------------------- */

static int subject_sql_checkpoint(const struct subject_sql *sql, enum subject_checkpoint mode) {
	int frames = 0;
	int done = 0;
	int code = sqlite3_wal_checkpoint_v2(sql->connection, NULL, (int)mode, &frames, &done);
	if (code == SQLITE_OK && sql->client != NULL) {
		sql->client->checkpointed(sql->client->context, frames, done);
	}
	return code;
}

/* Of a step that changes no content. */
static void subject_sql_answer(struct subject_sql *sql, int code, struct subject_reply *reply) {
	reply->sqlite_code = code;
	reply->outcome = code == SQLITE_OK ? SUBJECT_UNCHANGED : SUBJECT_LATER;
	if (code != SQLITE_OK) {
		sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "%s (%d)", sqlite3_errmsg(sql->connection),
		                 code);
		sql->stopped = subject_sql_is_stuck(code, sqlite3_get_autocommit(sql->connection) == 0);
	}
}

static void subject_sql_refuse(struct subject_reply *reply) {
	reply->outcome = SUBJECT_REFUSED;
	sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "unknown step");
}

static void subject_sql_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	struct subject_sql *sql = instance;
	memset(reply, 0, sizeof *reply);
	reply->outcome = SUBJECT_STOPPED;
	if (sql->stopped) {
		reply->must_restart = true;
		return;
	}
	switch (step->kind) {
	case SUBJECT_STEP_SQL:
		subject_sql_transact(sql, step->transaction, reply);
		break;
	case SUBJECT_STEP_CHECKPOINT:
		subject_sql_answer(sql, subject_sql_checkpoint(sql, step->checkpoint), reply);
		break;
	case SUBJECT_STEP_PRAGMA:
		subject_sql_answer(sql, subject_sql_statement_run(sql->connection, step->pragma, NULL), reply);
		break;
	case SUBJECT_STEP_LOOK:
	case SUBJECT_STEP_BACKUP:
	case SUBJECT_STEP_VACUUM:
	case SUBJECT_STEP_CHECK:
	case SUBJECT_STEP_SWITCH:
	case SUBJECT_STEP_VACUUM_INTO:
		if (sql->client == NULL) {
			subject_sql_refuse(reply);
		} else {
			subject_sql_answer(sql, subject_sql_client_step(sql, step), reply);
		}
		break;
	case SUBJECT_STEP_NONE:
	case SUBJECT_STEP_ORDER_UPDATE:
	case SUBJECT_STEP_COMMAND:
	case SUBJECT_STEP_BATCH:
	case SUBJECT_STEP_HELLO:
	case SUBJECT_STEP_STATEMENT:
	case SUBJECT_STEP_PERMISSION:
	case SUBJECT_STEP_OPERATION:
		subject_sql_refuse(reply);
		break;
	}
	reply->must_restart = sql->stopped;
}

/* ---- observing ------------------------------------------------------------------------------- */

static int subject_sql_check_file(const struct subject_sql *sql, uint32_t file, const struct subject_sink *sink) {
	char *pragma = sqlite3_mprintf("PRAGMA \"%w\".integrity_check(1)", subject_sql_file(sql->schema, file));
	int code = subject_sql_check(sql->connection, pragma, file, sink);
	sqlite3_free(pragma);
	return code;
}

static int subject_sql_observe_files(const struct subject_sql *sql, const struct subject_sink *sink) {
	int code = SQLITE_OK;
	for (uint32_t file = 0; code == SQLITE_OK && file <= sql->schema->attached_count; file++) {
		code = subject_sql_show_file(sql, file, sink);
		if (code == SQLITE_OK && sink->checked != NULL) {
			code = subject_sql_check_file(sql, file, sink);
		}
	}
	return code == SQLITE_OK ? subject_sql_show_queries(sql, sink) : code;
}

/* In one transaction: each statement for itself would take and give up the locks. */
static void subject_sql_observe(void *instance, const struct subject_sink *sink) {
	const struct subject_sql *sql = instance;
	struct sim_statements *statements = &sql->kept->statements;
	bool begins = sqlite3_get_autocommit(sql->connection) != 0;
	int code = begins ? subject_sql_statement_repeat(statements, "BEGIN", NULL) : SQLITE_OK;
	code = code == SQLITE_OK ? subject_sql_observe_files(sql, sink) : code;
	if (code != SQLITE_OK) {
		sink->unavailable(sink->context, code, sqlite3_errmsg(sql->connection));
	}
	/* What was read is not undone, so its code says nothing. */
	if (begins && sqlite3_get_autocommit(sql->connection) == 0) {
		(void)subject_sql_statement_repeat(statements, "ROLLBACK", NULL);
	}
	subject_sql_spilled(sql);
}

static void subject_sql_stop(void *instance) {
	struct subject_sql *sql = instance;
	subject_sql_show_no_more(sql);
	int code = sqlite3_close(sql->connection);
	assert(code == SQLITE_OK);
	free(sql->kept);
	free(sql);
}

const struct aftershock_subject *sim_subject_sql(void) {
	static const struct aftershock_subject subject = {
	        .interface_version = SUBJECT_INTERFACE_VERSION,
	        .name = "sql",
	        .start = subject_sql_start,
	        .step = subject_sql_step,
	        .observe = subject_sql_observe,
	        .stop = subject_sql_stop,
	        .takes = SUBJECT_TAKES_SQL | SUBJECT_TAKES_CLIENTS | SUBJECT_TAKES_UPKEEP | SUBJECT_TAKES_VALUES |
	                 SUBJECT_TAKES_VACUUM_INTO | SUBJECT_TAKES_ACCESS | SUBJECT_TAKES_PRAGMAS};
	return &subject;
}
