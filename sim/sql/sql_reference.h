/* sim/sql/sql_reference.h: what the database must hold, worked out on a database in memory that no
 * fault can reach. It runs what was acknowledged, in that order; its content can be taken as an
 * image per file, and put back from one. */
#ifndef AFTERSHOCK_SIM_SQL_REFERENCE_H
#define AFTERSHOCK_SIM_SQL_REFERENCE_H

#include "must_check.h"
#include "sql.h"
#include "sql_call.h"

/* The pages of one file of the reference. */
struct sim_sql_image {
	unsigned char *bytes; /* from sqlite3_malloc(); NULL: none */
	int64_t size_bytes;
};

/* The content of all files. */
struct sim_sql_state {
	uint64_t digests[SIM_SQL_FILES_MAX][2];
};

enum SIM_MUST_CHECK sim_sql_answer {
	SIM_SQL_ANSWER_NONE = 0, /* the reference itself failed: the test bed's own fault */
	SIM_SQL_COMMITS,
	SIM_SQL_REFUSES, /* a constraint, or an error of the SQL */
};

struct sim_sql_reference;

/* With the schema set up. NULL when out of memory. */
struct sim_sql_reference *sim_sql_reference_create(const struct sim_sql *sql, const struct sim_sql_pragmas *pragmas);
void sim_sql_reference_destroy(struct sim_sql_reference *reference);

/* Runs a transaction up to its end. After SIM_SQL_COMMITS it is open, to be ended by _end; else
 * nothing is. */
enum sim_sql_answer sim_sql_reference_begin(struct sim_sql_reference *reference, const struct sim_sql_call *call);
/* Why the last one that was refused was. */
const char *sim_sql_reference_reason(const struct sim_sql_reference *reference);
bool sim_sql_reference_end(struct sim_sql_reference *reference, bool commits);
/* The content now, also within a transaction. */
bool sim_sql_reference_state(struct sim_sql_reference *reference, struct sim_sql_state *state);
bool sim_sql_reference_image(struct sim_sql_reference *reference, uint32_t file, struct sim_sql_image *image);
bool sim_sql_reference_restore(struct sim_sql_reference *reference, uint32_t file, const struct sim_sql_image *image);
/* All files as one digest; that of the file, where there is one only. */
void sim_sql_state_digest(const struct sim_sql_state *state, uint32_t file_count, uint64_t digest[2]);
/* A copy of all files from another reference of the same schema. */
bool sim_sql_reference_copy_all(struct sim_sql_reference *reference, struct sim_sql_reference *from);
/* Whether a query that must return no row does return one here. */
bool sim_sql_reference_breaks(struct sim_sql_reference *reference, uint32_t query);
void sim_sql_image_free(struct sim_sql_image *image);

#endif
