/* sim/orders/tables.h: what a connection reads of the engine's tables (engine/README.md). */
#ifndef AFTERSHOCK_SIM_TABLES_H
#define AFTERSHOCK_SIM_TABLES_H

#include "fencing.h"

#include <sqlite3.h>

/* Reads version, epoch and the size of the ledger. An SQLite result code. */
int sim_tables_read(sqlite3 *connection, struct sim_fencing_look *look);

#endif
