/* sim/sql/clients_look.c: the judge's own look at a copy of the disk. It does not use the subject,
 * which may be wrong. */
#include "clients_look.h"

#include "remains.h"
#include "sql_digest.h"
#include "subject_sql_statement.h"

#include <sqlite3.h>
#include <string.h>

/* Each file of the scenario, and its journal, may have one failed sync to tell of. */
#define SIM_CLIENTS_LOOK_TRIES 8u

/* ---- what any look is judged by -------------------------------------------------------------- */

void sim_clients_judge_row(struct sim_world *world, uint32_t query, const char *text) {
	sim_clients_violated(world, "query_returns_no_row", "invariant %u returns %.60s", query, text);
}

void sim_clients_judge_line(struct sim_world *world, const char *text) {
	char line[SIM_VERDICT_DETAIL_SIZE];
	snprintf(line, sizeof line, "%s", text);
	for (char *at = line; *at != '\0'; at++) {
		*at = *at == '\n' ? ' ' : *at;
	}
	if (strcmp(line, "ok") != 0) {
		sim_clients_violated(world, "database_intact", "integrity check: %s", line);
	}
}

/* ---- content, queries, integrity ------------------------------------------------------------- */

static int sim_clients_attach(const struct sim_world *world, sqlite3 *connection) {
	const struct sim_sql *sql = world->plan->sql_scenario;
	int code = SQLITE_OK;
	for (uint32_t file = 1; code == SQLITE_OK && file < sql->file_count; file++) {
		code = subject_sql_statement_format(connection, "ATTACH %Q AS \"%w\"", sql->attached_paths[file - 1],
		                                    sql->file_names[file]);
	}
	return code;
}

static int sim_clients_query(struct sim_world *world, sqlite3 *connection, uint32_t query) {
	sqlite3_stmt *rows = NULL;
	const char *text = world->plan->sql_scenario->queries.texts[query];
	int code = sqlite3_prepare_v2(connection, text, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *row = (const char *)sqlite3_column_text(rows, 0);
		sim_clients_judge_row(world, query, row != NULL ? row : "NULL");
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
}

static int sim_clients_view(struct sim_world *world, sqlite3 *connection, uint64_t digest[2]) {
	const struct sim_sql *sql = world->plan->sql_scenario;
	struct sim_sql_state state = {{{0}}};
	int code = SQLITE_OK;
	for (uint32_t file = 0; code == SQLITE_OK && file < sql->file_count; file++) {
		code = sim_sql_digest(connection, sql->file_names[file], state.digests[file]);
	}
	sim_sql_state_digest(&state, sql->file_count, digest);
	for (uint32_t query = 0; code == SQLITE_OK && query < sql->queries.count; query++) {
		code = sim_clients_query(world, connection, query);
	}
	return code;
}

static int sim_clients_integrity(struct sim_world *world, sqlite3 *connection) {
	sqlite3_stmt *rows = NULL;
	char line[SIM_VERDICT_DETAIL_SIZE] = "ok";
	int code = sqlite3_prepare_v2(connection, "PRAGMA integrity_check(1)", -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(rows, 0);
		snprintf(line, sizeof line, "%s", text != NULL ? text : "NULL");
	}
	int final = sqlite3_finalize(rows);
	code = code == SQLITE_ROW || code == SQLITE_DONE ? final : code;
	if (code == SQLITE_OK) {
		sim_clients_judge_line(world, line);
	}
	return code;
}

/* ---- the judge's look at a copy -------------------------------------------------------------- */

static int64_t sim_clients_copy_now(void *context) {
	return ((struct sim_world *)context)->now_ns;
}

/* Nobody's secrets, and no stream of the run's is moved on. */
static void sim_clients_copy_random(void *context, void *buffer, size_t size_bytes) {
	const struct sim_world *world = context;
	memset(buffer, (int)(sim_clients_of(world)->looks & 0xff), size_bytes);
}

static int sim_clients_copy_at(struct sim_world *world, struct vfs_disk *disk, uint64_t digest[2]) {
	const struct vfs_hooks hooks = {.context = world,
	                                .now_ns = sim_clients_copy_now,
	                                .random = sim_clients_copy_random,
	                                .chooser = sim_machine_choose};
	sqlite3 *connection = NULL;
	char name[32];
	snprintf(name, sizeof name, "judge-%u", ++sim_clients_of(world)->looks);
	struct vfs_process *vfs = vfs_process_create(disk, name, &hooks);
	if (vfs == NULL) {
		return SQLITE_NOMEM;
	}
	int code =
	        sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, sim_remains_begin_look(world, vfs));
	code = code == SQLITE_OK ? sim_clients_attach(world, connection) : code;
	code = code == SQLITE_OK ? sim_clients_view(world, connection, digest) : code;
	code = code == SQLITE_OK ? sim_clients_integrity(world, connection) : code;
	sqlite3_close(connection);
	sim_remains_end_look(world);
	vfs_process_destroy(vfs);
	return code;
}

bool sim_clients_look(struct sim_world *world, uint64_t digest[2]) {
	struct vfs_disk *copy = vfs_disk_snapshot(world->disk);
	if (copy == NULL) {
		sim_world_harness_failed(world, "out of memory for a copy of the disk");
		return false;
	}
	vfs_disk_set_capacity(copy, 0);
	int code = sim_clients_copy_at(world, copy, digest);
	/* A sync that failed before may be told only now, once (VFS_SYNC_EXT4_DATA): whoever opens
	 * tries again. */
	for (uint32_t tries = 1; tries < SIM_CLIENTS_LOOK_TRIES && (code & 0xff) == SQLITE_IOERR; tries++) {
		code = sim_clients_copy_at(world, copy, digest);
	}
	vfs_disk_destroy(copy);
	sim_world_note(world, SIM_EVENT_LOADED, (uint32_t)code, code == SQLITE_OK ? digest[1] : 0, "the judge's look");
	if (code != SQLITE_OK) {
		sim_clients_violated(world, "loaded_equals_committed", "the judge cannot read the database: %s (%d)",
		                     sqlite3_errstr(code), code);
	}
	sim_world_reach(world, SIM_PROBE_INTEGRITY_CHECKED);
	return !world->ended;
}
