/* sim/subject/subject_sql_instance.h: an instance of the SQL subject, for its parts. Private to
 * this room. */
#ifndef AFTERSHOCK_SIM_SUBJECT_SQL_INSTANCE_H
#define AFTERSHOCK_SIM_SUBJECT_SQL_INSTANCE_H

#include "statements.h"
#include "subject.h"

#include <stddef.h>

#define SUBJECT_SQL_FILES_MAX 3u

struct sim_sql_digest;
struct sqlite3;

/* What stays prepared for as long as its connection is open. */
struct subject_sql_kept {
	struct sim_statements statements;
	struct sim_sql_digest *digests[SUBJECT_SQL_FILES_MAX]; /* NULL: not looked at yet */
};

struct subject_sql {
	struct sqlite3 *connection;
	const struct subject_schema *schema;
	const struct subject_client *client; /* NULL: it is alone with the database */
	bool stopped;
	struct subject_sql_kept *kept;
};

/* "main", or the name of an attached file. */
static inline const char *subject_sql_file(const struct subject_schema *schema, uint32_t file) {
	return file == 0 ? "main" : schema->attached_names[file - 1];
}

/* Nothing when it is alone. */
static inline void subject_sql_tell(const struct subject_sql *sql, enum subject_stage stage) {
	if (sql->client != NULL) {
		sql->client->tell(sql->client->context, stage);
	}
}

#endif
