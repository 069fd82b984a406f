/* sim/subject/subject_sql_outcome.h: what an SQLite result code means for a transaction, by where
 * in it the code came (docs/contracts.md section 2). One rule, for the built-in subject and for
 * clients beside others.
 *
 *   where                         | code                                 | answer
 *   BEGIN, a statement            | constraint, error of the SQL         | refused
 *   BEGIN, a statement            | anything else                        | later
 *   COMMIT                        | BUSY; constraint, with it still open | later; refused
 *   COMMIT                        | anything else                        | in doubt
 *   a statement that stands alone | BUSY; constraint, error of the SQL   | later; refused
 *   a statement that stands alone | anything else: its commit is in it   | in doubt
 */
#ifndef AFTERSHOCK_SUBJECT_SQL_OUTCOME_H
#define AFTERSHOCK_SUBJECT_SQL_OUTCOME_H

#include "subject.h"

#include <stdbool.h>

/* Where in a transaction something failed. */
enum subject_sql_stage { SUBJECT_SQL_NOWHERE = 0, SUBJECT_SQL_INSIDE, SUBJECT_SQL_AT_COMMIT, SUBJECT_SQL_ALONE };

/* The answer to a transaction. `open`: it is not over yet, and will be rolled back. */
enum subject_outcome subject_sql_outcome(enum subject_sql_stage stage, int code, bool rolls_back, bool open);
/* Somebody else has the lock. */
bool subject_sql_is_busy(int code);
/* The database is damaged, or none. */
bool subject_sql_is_damage(int code);
/* A sync that failed, of a file or of a directory. */
bool subject_sql_is_failed_sync(int code);
/* Whether the connection can be used no more: its transaction does not end, it was opened
 * read-only, because nothing else could be had at that moment, and stays so; or SQLite speaks of
 * the locking protocol. That is how a shared-memory lock shows that could not be given back: SQLite
 * ignores the error, and then waits for itself until the connection is closed. */
bool subject_sql_is_stuck(int code, bool open);

#endif
