/* sim/subject/subject_sql_client.h: what the SQL subject does as one of several clients. The
 * functions return SQLite result codes. */
#ifndef AFTERSHOCK_SIM_SUBJECT_SQL_CLIENT_H
#define AFTERSHOCK_SIM_SUBJECT_SQL_CLIENT_H

#include "subject_sql_instance.h"

/* How it waits, and when it gives up. */
void subject_sql_client_handlers(struct subject_sql *sql);
/* A read within a transaction, before it writes. */
int subject_sql_client_read(const struct subject_sql *sql);
/* COMMIT; also of one that is alone. */
int subject_sql_client_commit(const struct subject_sql *sql);
/* A step that only one of several clients is given. */
int subject_sql_client_step(const struct subject_sql *sql, const struct subject_step *step);

#endif
