/* sim/scenario/sql.c: see sql.h. */
#include "sql.h"

#include <stdlib.h>

static void sim_sql_free_texts(struct sim_sql_texts *texts) {
	for (uint32_t i = 0; i < texts->count; i++) {
		free(texts->texts[i]);
	}
	free(texts->texts);
}

void sim_sql_destroy(struct sim_sql *sql) {
	if (sql == NULL) {
		return;
	}
	if (sql->alone != NULL) {
		free(sql->alone->setup.texts);
		free(sql->alone->queries.texts);
		free(sql->alone);
	}
	sim_sql_free_texts(&sql->pragmas);
	sim_sql_free_texts(&sql->tunings);
	sim_sql_free_texts(&sql->setup);
	sim_sql_free_texts(&sql->queries);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		sim_sql_free_texts(&sql->templates[i].statements);
	}
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		sim_sql_free_texts(&sql->parameters[i].choices);
	}
	free(sql);
}

const char *sim_sql_after_doubt_name(enum sim_sql_after_doubt after) {
	static const char *const names[SIM_SQL_DOUBT_COUNT] = {"none", "reopen", "continue"};
	return after < SIM_SQL_DOUBT_COUNT ? names[after] : "none";
}
