/* sim/scenario/sql_check.h: the check of the `sql` mapping of one file. Private to
 * sim/scenario/sql*.c. */
#ifndef AFTERSHOCK_SIM_SQL_CHECK_H
#define AFTERSHOCK_SIM_SQL_CHECK_H

#include "must_check.h"
#include "scenario_internal.h"
#include "sql_variants.h"

#include <stdint.h>

struct sqlite3;

struct sim_sql_check {
	struct sim_scenario_source *source;
	struct sim_sql *sql;
	struct sqlite3 *connection;
	const char *const *pragmas;         /* that may be used now */
	char denied[96];                    /* what the authorizer did not like */
	enum sim_journal_mode journal_mode; /* that the statement switches to */
	int64_t until_ms;                   /* what still runs then does not end */
	bool reaches;                       /* the statement reaches attached files */
	struct sim_sql_reach reach;
	const char *file;      /* of SQL, which is being checked; NULL: it is the scenario's own */
	uint32_t line;         /* in that file */
	const uint32_t *lines; /* of its transaction's statements */
};

/* Refuses the place of the scenario, or the line of the file of SQL. False. */
bool sim_sql_refuse_at(struct sim_sql_check *check, const char *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* A name: lower-case letters, digits, _ and -. */
bool sim_sql_check_word(struct sim_sql_check *check, const char *place, const char *word) SIM_MUST_CHECK;
/* A list with a most. */
bool sim_sql_check_count(struct sim_sql_check *check, const char *place, uint32_t count, uint32_t most) SIM_MUST_CHECK;
/* Copies of these texts. False when out of memory. */
bool sim_sql_take_texts(struct sim_sql_texts *texts, char *const *raw, uint32_t count) SIM_MUST_CHECK;

/* ---- sim/scenario/sql_parameters.c ----------------------------------------------------------- */

bool sim_sql_take_parameters(struct sim_sql_check *check, const struct sim_raw_sql *raw) SIM_MUST_CHECK;

#endif
