/* sim/sqlite/statements.h: statements of one connection that stay prepared from one use to the
 * next. Parsing is most of what a short statement costs. */
#ifndef AFTERSHOCK_SIM_STATEMENTS_H
#define AFTERSHOCK_SIM_STATEMENTS_H

#include <stdint.h>

#define SIM_STATEMENTS_MAX 64u

struct sqlite3;
struct sqlite3_stmt;

struct sim_statements {
	struct sqlite3 *connection;
	uint32_t count;
	uint32_t oldest; /* the next one to make room, when all are taken */
	struct sqlite3_stmt *kept[SIM_STATEMENTS_MAX];
};

/* Statements of a connection; none yet. */
void sim_statements_init(struct sim_statements *statements, struct sqlite3 *connection);
/* Call it before the connection is closed. */
void sim_statements_deinit(struct sim_statements *statements);
/* The statement of this text, ready to be bound and stepped. Returns an extended result code; NULL
 * unless it is OK. Each one must be given to _end before its text is asked for again. */
int sim_statements_begin(struct sim_statements *statements, const char *text, struct sqlite3_stmt **statement);
/* Returns what sqlite3_finalize() would. NULL-safe. */
int sim_statements_end(struct sqlite3_stmt *statement);

#endif
