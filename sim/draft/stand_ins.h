/* sim/draft/stand_ins.h: what a schema needs from its program, and a stand-in for it. SQLite says
 * what it does not know when it meets it. */
#ifndef AFTERSHOCK_SIM_DRAFT_STAND_INS_H
#define AFTERSHOCK_SIM_DRAFT_STAND_INS_H

#include <stdbool.h>

struct sqlite3;
struct sim_draft;

/* Runs SQL on a connection of the draft. What SQLite does not know gets a stand-in, on both
 * connections, and the SQL is run again. Returns an SQLite result code. */
int sim_draft_exec(struct sim_draft *draft, struct sqlite3 *connection, const char *sql);

#endif
