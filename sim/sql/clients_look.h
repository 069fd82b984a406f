/* sim/sql/clients_look.h: what a connection shows. */
#ifndef AFTERSHOCK_SIM_CLIENTS_LOOK_H
#define AFTERSHOCK_SIM_CLIENTS_LOOK_H

#include "clients.h"

/* Attaches the other files of the scenario. An SQLite result code. */
int sim_clients_attach(const struct sim_world *world, struct sqlite3 *connection);
/* The content and the scenario's queries, in whatever transaction is open. An SQLite result
 * code. */
int sim_clients_view(struct sim_world *world, struct sqlite3 *connection, uint64_t digest[2]);
/* OK when the integrity check was made, and found nothing, or what it found has been said. */
int sim_clients_integrity(struct sim_world *world, struct sqlite3 *connection);
/* Both. */
int sim_clients_inspect(struct sim_world *world, struct sqlite3 *connection, uint64_t digest[2]);
/* What would be loaded from the disk if no process were left: the judge opens a copy of it. False
 * when the run has ended: it cannot be read, or the integrity check finds something. */
bool sim_clients_look(struct sim_world *world, uint64_t digest[2]);

#endif
