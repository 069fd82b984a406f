/* sim/sql/database.c: see database.h. */
#include "database.h"

#include "sql_digest.h"

#include <sqlite3.h>

bool sim_database_is_damage(int code) {
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

bool sim_database_make(struct sim_process *process, struct subject_schema *schema) {
	const struct sim_plan *plan = process->world->plan;
	const struct sim_sql *sql = plan->sql_scenario;
	*schema = (struct subject_schema){.make = true,
	                                  .reopens_after_doubt = plan->sql.after_doubt == SIM_SQL_DOUBT_REOPENS,
	                                  .attached_count = sql->file_count - 1,
	                                  .attached_names = sql->attached_names,
	                                  .attached_paths = sql->attached_paths,
	                                  .pragma_count = sql->pragmas.count,
	                                  .pragmas = (const char *const *)sql->pragmas.texts,
	                                  .setup_count = sql->setup.count,
	                                  .setup = (const char *const *)sql->setup.texts,
	                                  .query_count = sql->queries.count,
	                                  .queries = (const char *const *)sql->queries.texts,
	                                  .digest = sim_sql_digest};
	bool made = sim_process_make_database(process);
	schema->make = false;
	return made;
}
