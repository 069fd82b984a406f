/* sim/subject/subject_sql_open.h: the connection of the SQL subject. */
#ifndef AFTERSHOCK_SIM_SUBJECT_SQL_OPEN_H
#define AFTERSHOCK_SIM_SUBJECT_SQL_OPEN_H

#include "subject_sql_instance.h"

/* Opens and sets up; the database is made, when the schema says so. An SQLite result code. */
int subject_sql_open(struct subject_sql *sql, const struct subject_config *config);

#endif
