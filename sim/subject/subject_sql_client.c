/* sim/subject/subject_sql_client.c: what the SQL subject does as one of several clients: how it
 * waits, looks, backups, maintenance. */
#include "subject_sql_client.h"

#include "subject_sql_outcome.h"
#include "subject_sql_show.h"
#include "subject_sql_statement.h"

#include <sqlite3.h>

#define SUBJECT_SQL_COMMIT_TRIES 4u
/* A writer that is always faster would let a backup begin anew for ever. */
#define SUBJECT_SQL_PARTS_MAX 1000u

/* ---- handlers -------------------------------------------------------------------------------- */

static int subject_sql_wait(void *context, int count) {
	const struct subject_sql *sql = context;
	return sql->client->wait(sql->client->context, (uint32_t)count);
}

/* The text of the statement that runs, for people. */
static const char *subject_sql_running(sqlite3 *connection) {
	sqlite3_stmt *statement = NULL;
	while ((statement = sqlite3_next_stmt(connection, statement)) != NULL) {
		if (sqlite3_stmt_busy(statement) != 0) {
			return sqlite3_sql(statement);
		}
	}
	return "no statement";
}

static int subject_sql_progress(void *context) {
	const struct subject_sql *sql = context;
	return !sql->client->goes_on(sql->client->context, subject_sql_running(sql->connection));
}

void subject_sql_client_handlers(struct subject_sql *sql) {
	sqlite3_busy_handler(sql->connection, subject_sql_wait, sql);
	sqlite3_progress_handler(sql->connection, (int)sql->client->goes_on_steps, subject_sql_progress, sql);
}

static void subject_sql_pause(const struct subject_sql *sql, int64_t duration_ns) {
	sql->client->pause(sql->client->context, duration_ns);
}

/* ---- within a transaction -------------------------------------------------------------------- */

static int subject_sql_show_all(const struct subject_sql *sql) {
	int code = subject_sql_show(sql, sql->client->sink);
	if (code == SQLITE_OK) {
		subject_sql_tell(sql, SUBJECT_STAGE_SHOWN);
	}
	return code;
}

int subject_sql_client_read(const struct subject_sql *sql) {
	subject_sql_tell(sql, SUBJECT_STAGE_READS);
	return subject_sql_show_all(sql);
}

/* BUSY at COMMIT leaves the transaction open, and the lock that keeps new readers out. Alone there
 * is nobody to wait for. */
int subject_sql_client_commit(const struct subject_sql *sql) {
	uint32_t tries = sql->client != NULL ? SUBJECT_SQL_COMMIT_TRIES : 1;
	int code = SQLITE_BUSY;
	for (uint32_t i = 0; i < tries && subject_sql_is_busy(code); i++) {
		if (i > 0) {
			subject_sql_tell(sql, SUBJECT_STAGE_COMMITS_AGAIN);
			subject_sql_pause(sql, 1000000 << i);
		}
		code = subject_sql_statement_repeat(&sql->kept->statements, "COMMIT", NULL);
	}
	return code;
}

/* ---- looks ----------------------------------------------------------------------------------- */

static int subject_sql_look_on(const struct subject_sql *sql, const struct subject_step *step) {
	int code = subject_sql_show_all(sql);
	for (uint32_t i = 1; code == SQLITE_OK && i < step->looks; i++) {
		subject_sql_pause(sql, step->hold_ns);
		code = subject_sql_show_all(sql);
	}
	return code;
}

/* Ends the read transaction, whatever became of it. */
static int subject_sql_look(const struct subject_sql *sql, const struct subject_step *step) {
	subject_sql_tell(sql, SUBJECT_STAGE_READS);
	int code = subject_sql_statement_repeat(&sql->kept->statements, "BEGIN", NULL);
	code = code == SQLITE_OK ? subject_sql_look_on(sql, step) : code;
	if (sqlite3_get_autocommit(sql->connection) == 0) {
		int ended = subject_sql_statement_repeat(&sql->kept->statements,
		                                         code == SQLITE_OK ? "COMMIT" : "ROLLBACK", NULL);
		code = code == SQLITE_OK ? ended : code;
	}
	return code;
}

static int subject_sql_integrity(const struct subject_sql *sql, sqlite3 *connection) {
	subject_sql_tell(sql, SUBJECT_STAGE_CHECKS);
	return subject_sql_check(connection, "PRAGMA integrity_check(1)", 0, sql->client->sink);
}

/* ---- backups --------------------------------------------------------------------------------- */

static int subject_sql_copy_parts(const struct subject_sql *sql, const struct subject_step *step, sqlite3 *copy) {
	sqlite3_backup *backup = sqlite3_backup_init(copy, "main", sql->connection, "main");
	if (backup == NULL) {
		return sqlite3_errcode(copy);
	}
	int code = SQLITE_OK;
	for (uint32_t parts = 0; code == SQLITE_OK; parts++) {
		code = sqlite3_backup_step(backup, (int)step->pages);
		if (code == SQLITE_OK) {
			subject_sql_pause(sql, step->hold_ns);
		}
		code = code == SQLITE_OK && parts > SUBJECT_SQL_PARTS_MAX ? SQLITE_BUSY : code;
	}
	int final = sqlite3_backup_finish(backup);
	return code == SQLITE_DONE ? final : code;
}

static int subject_sql_copy(const struct subject_sql *sql, const struct subject_step *step, const char *vfs) {
	sqlite3 *copy = NULL;
	int code = sqlite3_open_v2(step->copy_path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
	code = code == SQLITE_OK ? subject_sql_copy_parts(sql, step, copy) : code;
	sqlite3_close(copy);
	return code;
}

static int subject_sql_show_copy(const struct subject_sql *sql, const char *path, const char *vfs) {
	sqlite3 *copy = NULL;
	int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, vfs);
	struct subject_sql_kept kept = {{.connection = copy}, {NULL}};
	const struct subject_sql shown = {.connection = copy, .schema = sql->schema, .kept = &kept};
	code = code == SQLITE_OK ? subject_sql_show(&shown, sql->client->sink) : code;
	code = code == SQLITE_OK ? subject_sql_integrity(sql, copy) : code;
	subject_sql_show_no_more(&shown);
	sqlite3_close(copy);
	if (code == SQLITE_OK) {
		subject_sql_tell(sql, SUBJECT_STAGE_SHOWN);
	}
	return code;
}

static int subject_sql_backup(const struct subject_sql *sql, const struct subject_step *step) {
	sqlite3_vfs *vfs = NULL;
	sqlite3_file_control(sql->connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	subject_sql_tell(sql, SUBJECT_STAGE_READS);
	int code = subject_sql_copy(sql, step, vfs->zName);
	if (code == SQLITE_OK) {
		subject_sql_tell(sql, SUBJECT_STAGE_COPIED);
		code = subject_sql_show_copy(sql, step->copy_path, vfs->zName);
	}
	return code;
}

/* The copy is closed when the statement has ended. */
static int subject_sql_vacuum_into(const struct subject_sql *sql, const struct subject_step *step) {
	sqlite3_vfs *vfs = NULL;
	sqlite3_file_control(sql->connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	subject_sql_tell(sql, SUBJECT_STAGE_READS);
	int code = subject_sql_statement_format(sql->connection, "VACUUM INTO %Q", step->copy_path);
	if (code == SQLITE_OK) {
		subject_sql_tell(sql, SUBJECT_STAGE_COPIED);
		code = subject_sql_show_copy(sql, step->copy_path, vfs->zName);
	}
	return code;
}

/* ---- any step -------------------------------------------------------------------------------- */

int subject_sql_client_step(const struct subject_sql *sql, const struct subject_step *step) {
	switch (step->kind) {
	case SUBJECT_STEP_LOOK:
		return subject_sql_look(sql, step);
	case SUBJECT_STEP_BACKUP:
		return subject_sql_backup(sql, step);
	case SUBJECT_STEP_VACUUM:
		return subject_sql_statement_run(sql->connection, "VACUUM", NULL);
	case SUBJECT_STEP_CHECK:
		return subject_sql_integrity(sql, sql->connection);
	case SUBJECT_STEP_SWITCH:
		return subject_sql_statement_format(sql->connection, "PRAGMA journal_mode=%s", step->journal_mode);
	case SUBJECT_STEP_VACUUM_INTO:
		return subject_sql_vacuum_into(sql, step);
	case SUBJECT_STEP_NONE:
	case SUBJECT_STEP_ORDER_UPDATE:
	case SUBJECT_STEP_CHECKPOINT:
	case SUBJECT_STEP_SQL:
	case SUBJECT_STEP_COMMAND:
	case SUBJECT_STEP_BATCH:
	case SUBJECT_STEP_HELLO:
	case SUBJECT_STEP_STATEMENT:
	case SUBJECT_STEP_PERMISSION:
	case SUBJECT_STEP_OPERATION:
	case SUBJECT_STEP_PRAGMA:
		break;
	}
	return SQLITE_MISUSE;
}
