/* sim/sql/database.c: see database.h. */
#include "database.h"

#include "sql_digest.h"

#include <sqlite3.h>

bool sim_database_is_damage(int code) {
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

bool sim_database_begin(const struct sim_world *world) {
	return !world->plan->sql_scenario->draws || sim_instant_install() == SQLITE_OK;
}

void sim_database_end(const struct sim_world *world) {
	if (world->plan->sql_scenario->draws) {
		sim_instant_uninstall();
	}
}

bool sim_database_make(struct sim_process *process, struct subject_schema *schema) {
	const struct sim_plan *plan = process->world->plan;
	const struct sim_sql *sql = plan->sql_scenario;
	*schema = (struct subject_schema){.make = true,
	                                  .reopens_after_doubt = plan->sql.after_doubt == SIM_SQL_DOUBT_REOPENS,
	                                  .attached_count = sql->file_count - 1,
	                                  .attached_names = sql->attached_names,
	                                  .attached_paths = sql->attached_paths,
	                                  .pragma_count = plan->sql.pragmas.count,
	                                  .pragmas = plan->sql.pragmas.texts,
	                                  .setup_count = sql->setup.count,
	                                  .setup = (const char *const *)sql->setup.texts,
	                                  .query_count = sql->queries.count,
	                                  .queries = (const char *const *)sql->queries.texts,
	                                  .digest = sim_sql_digest};
	sim_instant_begin(&process->instant, SIM_INSTANT_OF_SETUP);
	bool made = sim_process_make_database(process);
	sim_instant_end(&process->instant);
	schema->make = false;
	return made;
}
