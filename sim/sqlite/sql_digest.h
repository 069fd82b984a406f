/* sim/sqlite/sql_digest.h: the logical content of a database as 128 bits.
 *
 * The digest covers the schema texts, whatever their order, and the rows of every table in
 * the order of its key, with types and values. It leaves out rowids that nobody named (VACUUM
 * renumbers them), root pages, and the statistics of ANALYZE. */
#ifndef AFTERSHOCK_SIM_SQL_DIGEST_H
#define AFTERSHOCK_SIM_SQL_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;

/* Digest of what a connection shows of one of its databases. Returns the extended result code; the
 * digest is valid when it is OK. */
int sim_sql_digest(struct sqlite3 *connection, const char *database, uint64_t digest[2]);

/* The same for a caller that takes many digests of one connection: statements stay prepared, and
 * tables are looked for once per schema. NULL when out of memory. `database` must live as long as
 * the digest; destroy the digest before the connection is closed. */
struct sim_sql_digest;
struct sim_sql_digest *sim_sql_digest_create(struct sqlite3 *connection, const char *database);
int sim_sql_digest_take(struct sim_sql_digest *digest, uint64_t words[2]);
void sim_sql_digest_destroy(struct sim_sql_digest *digest); /* NULL-safe */

#endif
