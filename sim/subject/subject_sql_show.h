/* sim/subject/subject_sql_show.h: what a connection shows, told to a sink. The functions return
 * SQLite result codes. */
#ifndef AFTERSHOCK_SIM_SUBJECT_SQL_SHOW_H
#define AFTERSHOCK_SIM_SUBJECT_SQL_SHOW_H

#include "subject_sql_instance.h"

/* The digest of one file; the rows of the queries, of which there must be none. */
int subject_sql_show_file(const struct subject_sql *sql, uint32_t file, const struct subject_sink *sink);
int subject_sql_show_queries(const struct subject_sql *sql, const struct subject_sink *sink);
/* The digests of all files, then the queries. */
int subject_sql_show(const struct subject_sql *sql, const struct subject_sink *sink);
/* Call it before the connection is closed. */
void subject_sql_show_no_more(const struct subject_sql *sql);
/* The first line of an integrity check, which goes by the number of `file`. `pragma` NULL: out of
 * memory. */
int subject_sql_check(struct sqlite3 *connection, const char *pragma, uint32_t file, const struct subject_sink *sink);

#endif
