/* sim/orders/file_reader.c: see reader.h. */
#include "file_reader.h"

#include "remains.h"
#include "tables.h"

#include <sqlite3.h>

static sqlite3 **sim_file_reader_connection(const struct sim_process *process) {
	return &sim_orders_of(process->world)->readers[process->number];
}

static bool sim_file_reader_same(const struct sim_fencing_look *a, const struct sim_fencing_look *b) {
	return a->version == b->version && a->epoch == b->epoch && a->executions == b->executions &&
	       a->newest == b->newest;
}

/* The later looks of a snapshot must show what the first one did. */
static int sim_file_reader_look_again(struct sim_process *process, const struct sim_step *step,
                                      const struct sim_fencing_look *first) {
	struct sim_world *world = process->world;
	int code = SQLITE_OK;
	for (uint32_t i = 1; code == SQLITE_OK && i < step->looks && !world->ended; i++) {
		struct sim_fencing_look again = *first;
		sim_process_sleep(process, (int64_t)step->hold_ms * 1000000);
		code = sim_tables_read(*sim_file_reader_connection(process), &again);
		if (code == SQLITE_OK && !sim_process_is_dead(process) && !sim_file_reader_same(first, &again)) {
			sim_world_corrupt(world, "snapshot_isolation",
			                  "%s sees another version at look %u of one snapshot", process->name, i + 1);
		}
		sim_world_reach_if(world, code == SQLITE_OK, SIM_PROBE_SNAPSHOT_HELD);
	}
	return code;
}

/* One snapshot, looked at again after a while. An SQLite result code. */
static int sim_file_reader_look_through(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = process->world;
	struct sim_fencing *fencing = &sim_orders_of(world)->fencing;
	struct sim_fencing_look first;
	sim_fencing_look_begins(fencing, &first);
	int code = sqlite3_exec(*sim_file_reader_connection(process), "BEGIN", NULL, NULL, NULL);
	code = code == SQLITE_OK ? sim_tables_read(*sim_file_reader_connection(process), &first) : code;
	if (code == SQLITE_OK && !sim_process_is_dead(process) &&
	    !sim_fencing_look_ended(fencing, &first, process->name)) {
		sim_world_corrupt(world, fencing->violation.invariant, "%s", fencing->violation.detail);
	}
	return code == SQLITE_OK ? sim_file_reader_look_again(process, step, &first) : code;
}

static int sim_file_reader_open(struct sim_process *process) {
	sqlite3 **connection = sim_file_reader_connection(process);
	if (*connection != NULL || !sim_process_begin(process)) {
		return SQLITE_OK;
	}
	process->starting = true;
	int code = sqlite3_open_v2(SIM_WORLD_PATH, connection, SQLITE_OPEN_READWRITE, sim_remains_vfs_name(process));
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(*connection, (int)process->world->plan->settings.busy_timeout_ms);
	}
	process->starting = false;
	return code;
}

/* That there is no database yet, or that it is busy, is an answer. */
void sim_file_reader_look(struct sim_process *process, const struct sim_step *step) {
	struct sim_world *world = process->world;
	sqlite3 **connection = sim_file_reader_connection(process);
	sim_process_watch(process, true);
	int code = sim_file_reader_open(process);
	code = code == SQLITE_OK ? sim_file_reader_look_through(process, step) : code;
	if (*connection != NULL && sqlite3_get_autocommit(*connection) == 0) {
		sqlite3_exec(*connection, "ROLLBACK", NULL, NULL, NULL);
	}
	sim_process_watch(process, false);
	sim_world_reach_if(world, code != SQLITE_OK, SIM_PROBE_VIEW_UNAVAILABLE);
	if (sim_process_is_dead(process)) {
		sim_process_reap(process);
	} else if (code != SQLITE_OK) {
		sim_process_stop(process);
	}
}

void sim_file_reader_close(struct sim_process *process) {
	sqlite3 **connection = sim_file_reader_connection(process);
	sqlite3_close(*connection);
	*connection = NULL;
}
