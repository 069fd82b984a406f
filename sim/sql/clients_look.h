/* sim/sql/clients_look.h: the judge's own look at the database. */
#ifndef AFTERSHOCK_SIM_CLIENTS_LOOK_H
#define AFTERSHOCK_SIM_CLIENTS_LOOK_H

#include "clients.h"

/* A query of the scenario returned a row; an integrity check said a line. */
void sim_clients_judge_row(struct sim_world *world, uint32_t query, const char *text);
void sim_clients_judge_line(struct sim_world *world, const char *text);
/* What would be loaded from the disk if no process were left: the judge opens a copy of it. False
 * when the run has ended: it cannot be read, or the integrity check finds something. */
bool sim_clients_look(struct sim_world *world, uint64_t digest[2]);

#endif
