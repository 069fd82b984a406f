/* sim/subject/subject_sql_statement.h: one SQL statement from text to its end, on any connection.
 * It stands here, not in sim/sqlite, because it binds the values that subject.h describes. */
#ifndef AFTERSHOCK_SIM_SUBJECT_SQL_STATEMENT_H
#define AFTERSHOCK_SIM_SUBJECT_SQL_STATEMENT_H

#include "subject.h"

struct sim_statements;
struct sqlite3;

/* Prepares the text, binds those of its parameters that the transaction has (NULL: none), and steps
 * to the end. Returns the extended result code, OK when done. */
int subject_sql_statement_run(struct sqlite3 *connection, const char *text,
                              const struct subject_transaction *transaction);
/* The same with a statement that stays prepared. Not for a pragma: some do their work when they are
 * prepared, and only then. */
int subject_sql_statement_repeat(struct sim_statements *statements, const char *text,
                                 const struct subject_transaction *transaction);
/* The same of a text that is made first, by sqlite3_mprintf(). */
int subject_sql_statement_format(struct sqlite3 *connection, const char *format, ...);

#endif
