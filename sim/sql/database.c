/* sim/sql/database.c: see database.h. */
#include "database.h"

#include "sql_digest.h"

#include <sqlite3.h>

bool sim_database_begin(const struct sim_world *world) {
	const struct sim_sql *sql = world->plan->sql_scenario;
	char why[SUBJECT_EXTENSION_WHY_SIZE];
	return (!sql->draws || sim_instant_install() == SQLITE_OK) &&
	       subject_extensions_install(sql->extensions, sql->extension_count, why, sizeof why) &&
	       sim_stand_ins_install(&sql->stand_ins) == SQLITE_OK;
}

void sim_database_end(const struct sim_world *world) {
	if (world->plan->sql_scenario->draws) {
		sim_instant_uninstall();
	}
	sim_stand_ins_uninstall();
	subject_extensions_uninstall();
}

/* All but foreign_keys. */
static void sim_database_leave_keys(const struct sim_sql_pragmas *pragmas, struct sim_sql_pragmas *making) {
	static const char name[] = "PRAGMA foreign_keys";
	making->count = 0;
	for (uint32_t i = 0; i < pragmas->count; i++) {
		if (sqlite3_strnicmp(pragmas->texts[i], name, sizeof name - 1) != 0) {
			making->texts[making->count++] = pragmas->texts[i];
		}
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
	struct sim_sql_pragmas making;
	if (sql->loads_file) {
		sim_database_leave_keys(&plan->sql.pragmas, &making);
		schema->pragma_count = making.count;
		schema->pragmas = making.texts;
	}
	sim_instant_begin(&process->instant, SIM_INSTANT_OF_SETUP);
	bool made = sim_process_make_database(process);
	sim_instant_end(&process->instant);
	schema->pragma_count = plan->sql.pragmas.count;
	schema->pragmas = plan->sql.pragmas.texts;
	schema->make = false;
	return made;
}
