/* sim/sql/database.h: the database of a run of SQL: its schema as a start is told of it, and how it
 * is made. */
#ifndef AFTERSHOCK_SIM_DATABASE_H
#define AFTERSHOCK_SIM_DATABASE_H

#include "must_check.h"
#include "world.h"

/* Around a run: what SQL draws is a function of the instant of an attempt (sim/sqlite/instant.h).
 * False when out of memory. */
bool sim_database_begin(const struct sim_world *world);
void sim_database_end(const struct sim_world *world);
/* Fills in what a start is told, and makes the database by a life of the process. False when it
 * cannot be made. The work's hook `configure` must hand out `schema`. */
bool sim_database_make(struct sim_process *process, struct subject_schema *schema) SIM_MUST_CHECK;

#endif
