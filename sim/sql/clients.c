/* sim/sql/clients.c: see clients.h. */
#include "clients.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- what is wrong --------------------------------------------------------------------------- */

void sim_clients_violated(struct sim_world *world, const char *invariant, const char *format, ...) {
	const struct sim_clients *clients = sim_clients_of(world);
	char detail[SIM_VERDICT_DETAIL_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	bool counts = world->owed.ever_damaged || world->plan->settings.demands_locks;
	world->result->corrupt += !world->ended && counts;
	sim_world_corrupt(world, invariant, "%.150s%s%s%s%s%s", detail,
	                  clients->wal_reset_at_checkpoint ? "; the WAL began anew beside a checkpoint" : "",
	                  clients->recovery_could_not_read ? "; a recovery could not read the WAL" : "",
	                  clients->left_wal_beside_others[SIM_CLIENTS_LEFT_UNSEEN] ? "; WAL mode was left beside others"
	                                                                           : "",
	                  clients->left_wal_beside_others[SIM_CLIENTS_LEFT_CLOSED]
	                          ? "; others went on in WAL mode after its WAL was closed"
	                          : "",
	                  sim_super_names_text(&clients->super_names));
}

void sim_clients_settle(struct sim_world *world) {
	struct sim_history *history = &sim_clients_of(world)->history;
	if (world->ended || sim_history_settle(history)) {
		return;
	}
	if (history->failed) {
		sim_world_harness_failed(world, "the history of several processes: out of memory, or of room");
	} else {
		sim_clients_violated(world, history->violation.invariant, "%s", history->violation.detail);
	}
}
