/* sim/sql/process.c: what one of several processes does, as a careful client of SQLite would: it opens, works, and closes; waits a
 * little and tries again when it is told that the database is busy, or that the storage failed; and gives up after a while.
 *
 * What a failure means is as in sim/subject/subject_sql.c. Death shows after a call, in vfs_process_is_dead(): then everything is closed
 * before anything else is done, and the next step opens again. */
#include "process.h"

#include "subject_sql_statement.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

struct sim_world *sim_process_world(const struct sim_process *process) {
	return process->all->world;
}

bool sim_process_is_dead(const struct sim_process *process) {
	return process->vfs != NULL && vfs_process_is_dead(process->vfs);
}

/* Around what SQLite does for the process: its allocations can fail. */
static void sim_process_watch(struct sim_process *process, bool on) {
	process->watched = on;
	sim_strike_watch_memory(sim_process_world(process), on);
}

int sim_process_sql(const struct sim_process *process, const char *text) {
	return subject_sql_statement_run(process->connection, text, NULL);
}

int sim_process_format(const struct sim_process *process, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	char *text = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	int code = text == NULL ? SQLITE_NOMEM : sim_process_sql(process, text);
	sqlite3_free(text);
	return code;
}

bool sim_process_is_damage(int code) {
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* Damage is a violation: nothing that strikes these processes may bring it about. The locking protocol is how a lock of the WAL index
 * shows that could not be given back: SQLite ignores that error, and then waits for itself until the connection is closed. */
enum sim_process_result sim_process_failed(struct sim_process *process, int code) {
	process->must_reopen |= code == SQLITE_PROTOCOL;
	if (!sim_process_is_dead(process) && sim_process_is_damage(code)) {
		sim_processes_violated(process->all, "database_intact", "%s finds the database damaged: %s (%d)",
		                       process->name, sqlite3_errmsg(process->connection), code);
	}
	return SIM_PROCESS_AGAIN;
}

/* ---- handlers -------------------------------------------------------------------------------------------------------------- */

/* SQLite's own handler, but that it sleeps in all builds of SQLite (without HAVE_USLEEP it does not below a second). */
static int sim_process_busy(void *context, int count) {
	static const int64_t delays_ms[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	static const int last = (int)(sizeof delays_ms / sizeof delays_ms[0]) - 1;
	struct sim_process *process = context;
	int64_t limit_ns = (int64_t)sim_process_world(process)->plan->settings.busy_timeout_ms * 1000000;
	int64_t delay_ns = delays_ms[count < last ? count : last] * 1000000;
	process->waited_ns = count == 0 ? 0 : process->waited_ns;
	delay_ns = process->waited_ns + delay_ns > limit_ns ? limit_ns - process->waited_ns : delay_ns;
	if (delay_ns <= 0 || sim_process_is_dead(process)) {
		return 0;
	}
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_process_name(process->vfs));
	process->waits_for_lock = true;
	vfs->xSleep(vfs, (int)(delay_ns / 1000));
	process->waits_for_lock = false;
	process->waited_ns += delay_ns;
	sim_world_reach(sim_process_world(process), SIM_PROBE_PROCESS_WAITED);
	return 1;
}

/* The text of the statement that runs, for people. */
static const char *sim_process_running(const struct sim_process *process) {
	sqlite3_stmt *statement = NULL;
	while ((statement = sqlite3_next_stmt(process->connection, statement)) != NULL) {
		if (sqlite3_stmt_busy(statement) != 0) {
			return sqlite3_sql(statement);
		}
	}
	return "no statement";
}

static int sim_process_progress(void *context) {
	struct sim_process *process = context;
	if (++process->portions <= SIM_PROCESS_PORTIONS_MAX || sim_process_world(process)->ended) {
		return sim_process_world(process)->ended;
	}
	sim_processes_violated(process->all, "no_runaway",
	                       "%s ran %u steps of SQLite without a VFS call, in step %u: %.120s", process->name,
	                       SIM_PROCESS_PORTIONS_MAX * SIM_PROCESS_PORTION_STEPS, process->step,
	                       sim_process_running(process));
	return 1;
}

/* ---- lives ----------------------------------------------------------------------------------------------------------------- */

static int sim_process_set_up(struct sim_process *process) {
	const struct sim_plan *plan = sim_process_world(process)->plan;
	const struct sim_settings *settings = &plan->settings;
	sqlite3_extended_result_codes(process->connection, 1);
	sqlite3_busy_handler(process->connection, sim_process_busy, process);
	sqlite3_progress_handler(process->connection, SIM_PROCESS_PORTION_STEPS, sim_process_progress, process);
	sqlite3_wal_autocheckpoint(process->connection, (int)settings->checkpoint_frames);
	int code = sim_process_format(process, "PRAGMA cache_size=%d", (int)settings->cache_pages);
	for (uint32_t i = 0; code == SQLITE_OK && i < plan->sql_scenario->pragmas.count; i++) {
		code = sim_process_sql(process, plan->sql_scenario->pragmas.texts[i]);
	}
	if (code == SQLITE_OK) {
		code = sim_process_format(process, "PRAGMA synchronous=%s",
		                          sim_settings_synchronous_name(settings->synchronous));
	}
	/* Plays back a hot journal or recovers a WAL, and tells SQLite the mode of the database. */
	return code == SQLITE_OK ? sim_process_sql(process, "SELECT count(*) FROM sqlite_schema") : code;
}

/* Which rollback mode is a matter of the connection; whether it is WAL, of the database, and not touched. */
static int sim_process_set_mode(struct sim_process *process) {
	enum sim_journal_mode mode = sim_process_world(process)->plan->settings.journal_mode;
	sqlite3_stmt *pragma = NULL;
	bool wal = false;
	int code = sqlite3_prepare_v2(process->connection, "PRAGMA journal_mode", -1, &pragma, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(pragma)) == SQLITE_ROW) {
		const char *now = (const char *)sqlite3_column_text(pragma, 0);
		wal = now != NULL && strcmp(now, "wal") == 0;
		code = SQLITE_OK;
	}
	int final = sqlite3_finalize(pragma);
	code = code == SQLITE_DONE ? final : code;
	if (code != SQLITE_OK || wal || mode == SIM_JOURNAL_WAL) {
		return code;
	}
	return sim_process_format(process, "PRAGMA journal_mode=%s", sim_settings_journal_mode_name(mode));
}

static int sim_process_open(struct sim_process *process) {
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &process->connection, SQLITE_OPEN_READWRITE,
	                           vfs_process_name(process->vfs));
	code = code == SQLITE_OK ? sim_process_set_up(process) : code;
	return code == SQLITE_OK ? sim_process_set_mode(process) : code;
}

static void sim_process_close(struct sim_process *process) {
	int code = sqlite3_close(process->connection);
	assert(code == SQLITE_OK);
	process->connection = NULL;
	process->must_reopen = false;
}

void sim_process_end_life(struct sim_process *process) {
	assert(vfs_process_open_files(process->vfs) == 0);
	vfs_process_destroy(process->vfs);
	process->vfs = NULL;
}

/* It is dead: closes what it had, and looks at what it has left. When the power is gone, others have to be buried first. */
static void sim_process_bury(struct sim_process *process) {
	struct sim_processes_world *all = process->all;
	struct sim_history_window window;
	uint64_t digest[2];
	sim_process_watch(process, false);
	sqlite3_close(process->connection);
	process->connection = NULL;
	process->must_reopen = process->starting = process->waits_for_lock = false;
	sim_process_end_life(process);
	process->left_open = sim_history_write_died(&all->history, process->number);
	sim_world_reach(all->world, process->left_open ? SIM_PROBE_COMMIT_LEFT_OPEN : SIM_PROBE_NONE);
	if (all->down) {
		sim_process_yield(process, SIM_PROCESS_DOWN);
		return;
	}
	all->world->just_died = SIM_CRASH_NONE;
	all->world->result->crash_states++;
	sim_history_read_begins(&all->history, &window);
	if (sim_processes_look(all, digest)) {
		sim_history_read_ended(&all->history, SIM_HISTORY_OF_CRASH, SIM_PROCESSES_MAX, &window, digest);
		sim_processes_settle(all);
	}
}

/* An ordinary end; the close may be what the process dies in. */
static void sim_process_stop(struct sim_process *process) {
	if (process->vfs == NULL) {
		return;
	}
	if (process->connection != NULL) {
		sim_process_close(process);
	}
	if (sim_process_is_dead(process)) {
		sim_process_bury(process);
		return;
	}
	sim_process_end_life(process);
	sim_world_note(sim_process_world(process), SIM_EVENT_STOP, 0, process->number, process->name);
}

bool sim_process_begin_life(struct sim_process *process) {
	struct sim_world *world = sim_process_world(process);
	if (process->vfs != NULL) {
		return true;
	}
	struct vfs_hooks hooks;
	char name[SIM_PROCESS_NAME_SIZE + 16];
	sim_processes_hooks(process->all, &hooks);
	snprintf(name, sizeof name, "%s/%u", process->name, world->incarnation);
	sim_strike_arm(world, SIM_MOMENT_RESTART, world->incarnation);
	process->vfs = vfs_process_create(world->disk, name, &hooks);
	if (process->vfs == NULL) {
		world->result->verdict = SIM_HARNESS_FAILED;
		world->ended = true;
		return false;
	}
	sim_life_seed_sqlite(world);
	world->incarnation++;
	return true;
}

/* A life begins, if none is there, and a connection. */
static enum sim_process_result sim_process_start(struct sim_process *process) {
	struct sim_world *world = sim_process_world(process);
	if (!sim_process_begin_life(process)) {
		return SIM_PROCESS_AGAIN;
	}
	process->starting = true;
	int code = sim_process_open(process);
	process->starting = false;
	world->result->restarts++;
	if (sim_process_is_dead(process)) {
		return SIM_PROCESS_DIED;
	}
	sim_world_note(world, SIM_EVENT_START, (uint32_t)code, process->number,
	               code == SQLITE_OK ? process->name : sqlite3_errmsg(process->connection));
	if (code != SQLITE_OK) {
		sim_process_failed(process, code);
		process->must_reopen = true;
		sim_world_reach(world, SIM_PROBE_START_FAILED);
		return SIM_PROCESS_AGAIN;
	}
	return SIM_PROCESS_DONE;
}

/* ---- steps ----------------------------------------------------------------------------------------------------------------- */

static enum sim_process_result sim_process_try(struct sim_process *process, const struct sim_step *step) {
	enum sim_process_result result = SIM_PROCESS_DONE;
	process->calls = process->portions = 0;
	process->left_open = false;
	sim_process_watch(process, true);
	if (process->must_reopen && process->connection != NULL) {
		sim_process_close(process);
	}
	if (process->connection == NULL) {
		result = sim_process_start(process);
	}
	if (result == SIM_PROCESS_DONE && !sim_process_is_dead(process)) {
		result = sim_process_do(process, step);
	}
	sim_process_watch(process, false);
	if (sim_process_is_dead(process)) {
		sim_process_bury(process);
		result = SIM_PROCESS_DIED;
	}
	process->all->stalled_ns = 0;
	sim_processes_settle(process->all);
	return result;
}

/* A commit that was left open is not tried again: it may have been done. True when the step is done with. */
static bool sim_process_persist(struct sim_process *process, const struct sim_step *step, uint32_t tries) {
	for (uint32_t i = 0; i < tries && !sim_process_world(process)->ended; i++) {
		enum sim_process_result result = sim_process_try(process, step);
		if (result == SIM_PROCESS_DONE || (result == SIM_PROCESS_DIED && process->left_open)) {
			return true;
		}
		if (result == SIM_PROCESS_AGAIN) {
			uint32_t factor = i < 16 ? i + 1 : 16;
			sim_process_sleep(process, (int64_t)factor * (3 + 2 * process->number) * 1000000);
		}
	}
	return false;
}

static void sim_process_step(struct sim_process *process, uint32_t number) {
	struct sim_world *world = sim_process_world(process);
	const struct sim_step *step = &world->plan->steps[number];
	sim_process_sleep(process, (int64_t)step->pause_ms * 1000000);
	if (world->ended) {
		return;
	}
	process->step = number;
	sim_strike_arm(world, SIM_MOMENT_STEP, number);
	sim_world_note(world, SIM_EVENT_STEP, (uint32_t)step->kind, number, process->name);
	world->result->steps++;
	if (step->kind == SIM_STEP_RESTART) {
		sim_process_stop(process);
	} else if (step->kind != SIM_STEP_NONE && !sim_process_persist(process, step, SIM_PROCESS_TRIES)) {
		sim_world_reach(world, SIM_PROBE_GAVE_UP);
	}
}

/* Faults have ended, and all others are here, too: what it did last, or a look, must now get through. */
static void sim_process_finish(struct sim_process *process, uint32_t transaction) {
	struct sim_world *world = sim_process_world(process);
	const struct sim_step look = {.kind = SIM_STEP_LOOK, .report = 1};
	const struct sim_step write = {.kind = SIM_STEP_TRANSACTION, .report = transaction};
	bool writes = transaction != UINT32_MAX;
	if (sim_process_persist(process, writes ? &write : &look, SIM_PROCESS_TRIES_AT_END) || world->ended) {
		return;
	}
	sim_processes_violated(process->all, "no_starvation", "%s does not get %s through in %u tries after the faults",
	                       process->name, writes ? "a transaction" : "a look", SIM_PROCESS_TRIES_AT_END);
}

/* The power may go meanwhile. */
static void sim_process_wait_for_all(struct sim_process *process) {
	while (!process->all->finishing && !sim_process_world(process)->ended) {
		sim_process_yield(process, SIM_PROCESS_WAITS);
		if (sim_process_is_dead(process)) {
			sim_process_bury(process);
		}
	}
}

void sim_process_main(void *context) {
	struct sim_process *process = context;
	const struct sim_plan *plan = sim_process_world(process)->plan;
	uint32_t last = UINT32_MAX;
	for (uint32_t i = 0; i < plan->step_count && !sim_process_world(process)->ended; i++) {
		if (plan->steps[i].process == process->number) {
			last = plan->steps[i].kind == SIM_STEP_TRANSACTION ? plan->steps[i].report : last;
			sim_process_step(process, i);
		}
	}
	if (!sim_process_world(process)->ended) {
		sim_process_wait_for_all(process);
	}
	if (!sim_process_world(process)->ended) {
		sim_process_finish(process, last);
	}
	sim_process_stop(process);
	process->state = SIM_PROCESS_ENDED;
}
