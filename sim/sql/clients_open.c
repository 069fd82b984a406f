/* sim/sql/clients_open.c: the connection of a client: how it is opened and set up, what it does
 * while it waits, and what a failure means. */
#include "clients_open.h"

#include "clients_look.h"
#include "database.h"
#include "subject_sql_statement.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

int sim_clients_sql(const struct sim_process *process, const char *text) {
	return subject_sql_statement_run(sim_clients_member(process)->connection, text, NULL);
}

int sim_clients_format(const struct sim_process *process, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	char *text = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	int code = text == NULL ? SQLITE_NOMEM : sim_clients_sql(process, text);
	sqlite3_free(text);
	return code;
}

/* Damage is a violation: nothing that strikes these processes may bring it about. The locking
 * protocol is how a lock of the WAL index shows that could not be given back: SQLite ignores that
 * error, and then waits for itself until the connection is closed. */
enum sim_clients_result sim_clients_failed(struct sim_process *process, int code) {
	sim_clients_member(process)->must_reopen |= code == SQLITE_PROTOCOL;
	if (!sim_process_is_dead(process) && sim_database_is_damage(code)) {
		sim_clients_violated(process->world, "database_intact", "%s finds the database damaged: %s (%d)",
		                     process->name, sqlite3_errmsg(sim_clients_member(process)->connection), code);
	}
	return SIM_CLIENTS_AGAIN;
}

/* ---- handlers -------------------------------------------------------------------------------- */

/* SQLite's own handler, but that it sleeps in all builds of SQLite (without HAVE_USLEEP it does not
 * below a second). */
static int sim_clients_busy(void *context, int count) {
	static const int64_t delays_ms[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	static const int last = (int)(sizeof delays_ms / sizeof delays_ms[0]) - 1;
	struct sim_process *process = context;
	int64_t limit_ns = (int64_t)process->world->plan->settings.busy_timeout_ms * 1000000;
	int64_t delay_ns = delays_ms[count < last ? count : last] * 1000000;
	sim_clients_member(process)->waited_ns = count == 0 ? 0 : sim_clients_member(process)->waited_ns;
	delay_ns = sim_clients_member(process)->waited_ns + delay_ns > limit_ns
	                   ? limit_ns - sim_clients_member(process)->waited_ns
	                   : delay_ns;
	if (delay_ns <= 0 || sim_process_is_dead(process)) {
		return 0;
	}
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_process_name(process->vfs));
	process->waits_for_lock = true;
	vfs->xSleep(vfs, (int)(delay_ns / 1000));
	process->waits_for_lock = false;
	sim_clients_member(process)->waited_ns += delay_ns;
	sim_world_reach(process->world, SIM_PROBE_PROCESS_WAITED);
	return 1;
}

/* The text of the statement that runs, for people. */
static const char *sim_clients_running(const struct sim_process *process) {
	sqlite3_stmt *statement = NULL;
	while ((statement = sqlite3_next_stmt(sim_clients_member(process)->connection, statement)) != NULL) {
		if (sqlite3_stmt_busy(statement) != 0) {
			return sqlite3_sql(statement);
		}
	}
	return "no statement";
}

static int sim_clients_progress(void *context) {
	struct sim_process *process = context;
	if (++process->portions <= SIM_CLIENTS_PORTIONS_MAX || process->world->ended) {
		return process->world->ended;
	}
	sim_clients_violated(process->world, "no_runaway",
	                     "%s ran %u steps of SQLite without a VFS call, in step %u: %.120s", process->name,
	                     SIM_CLIENTS_PORTIONS_MAX * SIM_CLIENTS_PORTION_STEPS, process->step,
	                     sim_clients_running(process));
	return 1;
}

/* ---- opening and closing --------------------------------------------------------------------- */

/* Which rollback mode is a matter of the connection; whether it is WAL, of the database, and not
 * touched. */
static int sim_clients_set_mode(struct sim_process *process, const char *file) {
	enum sim_journal_mode mode = process->world->plan->settings.journal_mode;
	sqlite3_stmt *pragma = NULL;
	bool wal = false;
	char *text = sqlite3_mprintf("PRAGMA \"%w\".journal_mode", file);
	int code = text == NULL ? SQLITE_NOMEM
	                        : sqlite3_prepare_v2(sim_clients_member(process)->connection, text, -1, &pragma, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(pragma)) == SQLITE_ROW) {
		const char *now = (const char *)sqlite3_column_text(pragma, 0);
		wal = now != NULL && strcmp(now, "wal") == 0;
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(pragma);
	sqlite3_free(text);
	code = code == SQLITE_DONE ? final : code;
	if (code != SQLITE_OK || wal || mode == SIM_JOURNAL_WAL) {
		return code;
	}
	return sim_clients_format(process, "PRAGMA \"%w\".journal_mode=%s", file, sim_settings_journal_mode_name(mode));
}

/* One file, which is attached. Its first read plays back a hot journal or recovers a WAL, and tells
 * SQLite the mode of the database. */
static int sim_clients_set_up_file(struct sim_process *process, const char *file) {
	const struct sim_plan *plan = process->world->plan;
	const struct sim_settings *settings = &plan->settings;
	int code = sim_clients_format(process, "PRAGMA \"%w\".cache_size=%d", file, (int)settings->cache_pages);
	for (uint32_t i = 0; code == SQLITE_OK && i < plan->sql_scenario->pragmas.count; i++) {
		code = sim_clients_sql(process, plan->sql_scenario->pragmas.texts[i]);
	}
	if (code == SQLITE_OK) {
		code = sim_clients_format(process, "PRAGMA \"%w\".synchronous=%s", file,
		                          sim_settings_synchronous_name(settings->synchronous));
	}
	if (code == SQLITE_OK) {
		code = sim_clients_format(process, "SELECT count(*) FROM \"%w\".sqlite_schema", file);
	}
	return code == SQLITE_OK ? sim_clients_set_mode(process, file) : code;
}

static int sim_clients_connect(struct sim_process *process) {
	const struct sim_plan *plan = process->world->plan;
	struct sim_clients_member *member = sim_clients_member(process);
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &member->connection, SQLITE_OPEN_READWRITE,
	                           vfs_process_name(process->vfs));
	if (code != SQLITE_OK) {
		return code;
	}
	sqlite3_extended_result_codes(member->connection, 1);
	sqlite3_busy_handler(member->connection, sim_clients_busy, process);
	sqlite3_progress_handler(member->connection, SIM_CLIENTS_PORTION_STEPS, sim_clients_progress, process);
	sqlite3_wal_autocheckpoint(member->connection, (int)plan->settings.checkpoint_frames);
	code = sim_clients_attach(process->world, member->connection);
	for (uint32_t file = 0; code == SQLITE_OK && file < plan->sql_scenario->file_count; file++) {
		code = sim_clients_set_up_file(process, plan->sql_scenario->file_names[file]);
	}
	return code;
}

void sim_clients_close(struct sim_process *process) {
	struct sim_clients_member *member = sim_clients_member(process);
	int code = sqlite3_close(member->connection);
	assert(code == SQLITE_OK);
	member->connection = NULL;
	member->must_reopen = false;
}

enum sim_clients_result sim_clients_open(struct sim_process *process) {
	struct sim_world *world = process->world;
	if (!sim_process_begin(process)) {
		return SIM_CLIENTS_AGAIN;
	}
	process->starting = true;
	int code = sim_clients_connect(process);
	process->starting = false;
	world->result->restarts++;
	if (sim_process_is_dead(process)) {
		return SIM_CLIENTS_DIED;
	}
	sim_world_note(world, SIM_EVENT_START, (uint32_t)code, process->number,
	               code == SQLITE_OK ? process->name : sqlite3_errmsg(sim_clients_member(process)->connection));
	if (code != SQLITE_OK) {
		(void)sim_clients_failed(process, code);
		sim_clients_member(process)->must_reopen = true;
		sim_world_reach(world, SIM_PROBE_START_FAILED);
		return SIM_CLIENTS_AGAIN;
	}
	return SIM_CLIENTS_DONE;
}
