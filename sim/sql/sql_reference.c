/* sim/sql/sql_reference.c: see sql_reference.h. Images are made and put back by SQLite's serialize
 * and backup interfaces, from one database in memory to another. */
#include "sql_reference.h"

#include "sql_digest.h"
#include "statements.h"
#include "subject_sql_statement.h"
#include "sql_call.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_sql_reference {
	const struct sim_sql *sql;
	sqlite3 *connection;
	struct sim_statements statements; /* of its transactions and queries */
	struct sim_sql_digest *digests[SIM_SQL_FILES_MAX];
	char reason[SUBJECT_REASON_SIZE]; /* of the last refusal */
};

static bool sim_sql_reference_run_all(struct sim_sql_reference *reference, const char *const *texts, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if (subject_sql_statement_run(reference->connection, texts[i], NULL) != SQLITE_OK) {
			return false;
		}
	}
	return true;
}

/* The schema and its rows. The rows of a file come in any order, so foreign keys are off
 * meanwhile. */
static bool sim_sql_reference_load(struct sim_sql_reference *reference, const struct sim_sql_pragmas *pragmas) {
	const struct sim_sql *sql = reference->sql;
	sqlite3 *connection = reference->connection;
	if (!sql->loads_file) {
		return sim_sql_reference_run_all(reference, (const char *const *)sql->setup.texts, sql->setup.count);
	}
	return subject_sql_statement_run(connection, "PRAGMA foreign_keys=OFF", NULL) == SQLITE_OK &&
	       subject_sql_statement_run(connection, "BEGIN", NULL) == SQLITE_OK &&
	       sim_sql_reference_run_all(reference, (const char *const *)sql->setup.texts, sql->setup.count) &&
	       subject_sql_statement_run(connection, "COMMIT", NULL) == SQLITE_OK &&
	       sim_sql_reference_run_all(reference, pragmas->texts, pragmas->count) &&
	       subject_sql_statement_run(connection, "PRAGMA temp_store=memory", NULL) == SQLITE_OK;
}

static bool sim_sql_reference_set_up(struct sim_sql_reference *reference, const struct sim_sql_pragmas *pragmas) {
	const struct sim_sql *sql = reference->sql;
	/* A sort that spills would write a file of the machine. */
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	sim_instant_begin(sim_instant_vfs_source(), SIM_INSTANT_OF_SETUP);
	bool done = sqlite3_open_v2(":memory:", &reference->connection, flags, sim_instant_vfs()) == SQLITE_OK &&
	            sqlite3_extended_result_codes(reference->connection, 1) == SQLITE_OK &&
	            subject_sql_statement_run(reference->connection, "PRAGMA temp_store=memory", NULL) == SQLITE_OK &&
	            subject_sql_statement_run(reference->connection, "PRAGMA page_size=1024", NULL) == SQLITE_OK;
	for (uint32_t file = 1; done && file < sql->file_count; file++) {
		char *text = sqlite3_mprintf("ATTACH ':memory:' AS \"%w\"", sql->file_names[file]);
		done = text != NULL && subject_sql_statement_run(reference->connection, text, NULL) == SQLITE_OK;
		sqlite3_free(text);
	}
	sim_statements_init(&reference->statements, reference->connection);
	done = done && sim_sql_reference_run_all(reference, pragmas->texts, pragmas->count) &&
	       subject_sql_statement_run(reference->connection, "PRAGMA temp_store=memory", NULL) == SQLITE_OK &&
	       sim_sql_reference_load(reference, pragmas);
	for (uint32_t file = 0; done && file < sql->file_count; file++) {
		reference->digests[file] = sim_sql_digest_create(reference->connection, sql->file_names[file]);
		done = reference->digests[file] != NULL;
	}
	return done;
}

struct sim_sql_reference *sim_sql_reference_create(const struct sim_sql *sql, const struct sim_sql_pragmas *pragmas) {
	struct sim_sql_reference *reference = calloc(1, sizeof *reference);
	if (reference == NULL) {
		return NULL;
	}
	reference->sql = sql;
	if (!sim_sql_reference_set_up(reference, pragmas)) {
		sim_sql_reference_destroy(reference);
		return NULL;
	}
	return reference;
}

void sim_sql_reference_destroy(struct sim_sql_reference *reference) {
	if (reference == NULL) {
		return;
	}
	for (uint32_t file = 0; file < SIM_SQL_FILES_MAX; file++) {
		sim_sql_digest_destroy(reference->digests[file]);
	}
	sim_statements_deinit(&reference->statements);
	sqlite3_close(reference->connection);
	free(reference);
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* Foreign keys that are deferred are checked by COMMIT, which is not reached here. */
static bool sim_sql_reference_owes(const struct sim_sql_reference *reference) {
	int owed = 0;
	int highest = 0;
	sqlite3_db_status(reference->connection, SQLITE_DBSTATUS_DEFERRED_FKS, &owed, &highest, 0);
	return owed != 0;
}

enum sim_sql_answer sim_sql_reference_begin(struct sim_sql_reference *reference, const struct sim_sql_call *call) {
	assert(sqlite3_get_autocommit(reference->connection) != 0);
	const struct subject_transaction *transaction = &call->transaction;
	sim_instant_begin(sim_instant_vfs_source(), call->instant);
	int code = subject_sql_statement_repeat(&reference->statements, "BEGIN", NULL);
	for (uint32_t i = 0; code == SQLITE_OK && i < transaction->statement_count; i++) {
		code = subject_sql_statement_repeat(&reference->statements, transaction->statements[i], transaction);
	}
	if (code == SQLITE_OK && (transaction->rolls_back || !sim_sql_reference_owes(reference))) {
		return SIM_SQL_COMMITS;
	}
	snprintf(reference->reason, sizeof reference->reason, "%s",
	         code == SQLITE_OK ? "a deferred foreign key" : sqlite3_errmsg(reference->connection));
	sim_sql_reference_end(reference, false);
	return (code & 0xff) == SQLITE_NOMEM ? SIM_SQL_ANSWER_NONE : SIM_SQL_REFUSES;
}

const char *sim_sql_reference_reason(const struct sim_sql_reference *reference) {
	return reference->reason;
}

bool sim_sql_reference_end(struct sim_sql_reference *reference, bool commits) {
	/* A conflict clause such as OR ROLLBACK may have ended it already. */
	return sqlite3_get_autocommit(reference->connection) != 0 ||
	       subject_sql_statement_repeat(&reference->statements, commits ? "COMMIT" : "ROLLBACK", NULL) == SQLITE_OK;
}

bool sim_sql_reference_state(struct sim_sql_reference *reference, struct sim_sql_state *state) {
	memset(state, 0, sizeof *state);
	for (uint32_t file = 0; file < reference->sql->file_count; file++) {
		if (sim_sql_digest_take(reference->digests[file], state->digests[file]) != SQLITE_OK) {
			return false;
		}
	}
	return true;
}

void sim_sql_state_digest(const struct sim_sql_state *state, uint32_t file_count, uint64_t digest[2]) {
	assert(file_count > 0 && file_count <= SIM_SQL_FILES_MAX);
	memcpy(digest, state->digests[0], sizeof state->digests[0]);
	for (uint32_t file = 1; file < file_count; file++) {
		for (int i = 0; i < 2; i++) {
			digest[i] = (digest[i] * 0x9e3779b97f4a7c15u) ^ state->digests[file][i];
		}
	}
}

bool sim_sql_reference_breaks(struct sim_sql_reference *reference, uint32_t query) {
	assert(query < reference->sql->queries.count);
	sqlite3_stmt *rows = NULL;
	int code = sim_statements_begin(&reference->statements, reference->sql->queries.texts[query], &rows);
	bool breaks = code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW;
	(void)sim_statements_end(rows);
	return breaks;
}

/* ---- images ---------------------------------------------------------------------------------- */

void sim_sql_image_free(struct sim_sql_image *image) {
	sqlite3_free(image->bytes);
	image->bytes = NULL;
	image->size_bytes = 0;
}

bool sim_sql_reference_image(struct sim_sql_reference *reference, uint32_t file, struct sim_sql_image *image) {
	assert(file < reference->sql->file_count && image->bytes == NULL);
	sqlite3_int64 size = 0;
	image->bytes = sqlite3_serialize(reference->connection, reference->sql->file_names[file], &size, 0);
	image->size_bytes = size;
	return image->bytes != NULL;
}

static bool sim_sql_reference_copy(struct sim_sql_reference *reference, uint32_t file, sqlite3 *from) {
	sqlite3_backup *backup =
	        sqlite3_backup_init(reference->connection, reference->sql->file_names[file], from, "main");
	if (backup == NULL) {
		return false;
	}
	int code = sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup) == SQLITE_OK && code == SQLITE_DONE;
}

bool sim_sql_reference_restore(struct sim_sql_reference *reference, uint32_t file, const struct sim_sql_image *image) {
	assert(file < reference->sql->file_count && image->bytes != NULL);
	sqlite3 *from = NULL;
	bool done = sqlite3_open(":memory:", &from) == SQLITE_OK &&
	            sqlite3_deserialize(from, "main", image->bytes, image->size_bytes, image->size_bytes,
	                                SQLITE_DESERIALIZE_READONLY) == SQLITE_OK &&
	            sim_sql_reference_copy(reference, file, from);
	sqlite3_close(from);
	return done;
}

bool sim_sql_reference_copy_all(struct sim_sql_reference *reference, struct sim_sql_reference *from) {
	assert(reference->sql == from->sql);
	bool copied = true;
	for (uint32_t file = 0; copied && file < reference->sql->file_count; file++) {
		struct sim_sql_image image = {NULL, 0};
		copied = sim_sql_reference_image(from, file, &image) &&
		         sim_sql_reference_restore(reference, file, &image);
		sim_sql_image_free(&image);
	}
	return copied;
}
