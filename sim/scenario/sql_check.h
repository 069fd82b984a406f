/* sim/scenario/sql_check.h: the check of the `sql` mapping of one file. Private to
 * sim/scenario/sql*.c. */
#ifndef AFTERSHOCK_SIM_SQL_CHECK_H
#define AFTERSHOCK_SIM_SQL_CHECK_H

#include "must_check.h"
#include "scenario_internal.h"
#include "sql_variants.h"

#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

struct sim_sql_check {
	struct sim_scenario_source *source;
	struct sim_sql *sql;
	struct sqlite3 *connection;
	const char *const *pragmas;         /* that may be used now */
	char denied[96];                    /* what the authorizer did not like */
	enum sim_journal_mode journal_mode; /* that the statement switches to */
	int64_t until_ms;                   /* what still runs then does not end */
	bool may_be_temporary;              /* what is made now: its transaction drops it again */
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

/* From here on its statements must end within the patience that was set (sql.h). */
void sim_sql_begin_patience(struct sim_sql_check *check);
/* Whether a word is one of a list that ends with NULL, in any case. */
bool sim_sql_is_one_of(const char *word, const char *const *words);

/* What sqlite3_set_authorizer() is given: what no statement of a scenario may do. */
int sim_sql_authorize(void *context, int action, const char *first, const char *second, const char *database,
                      const char *inner);
/* Refuses the place for what SQLite says, or for what was denied. False. */
bool sim_sql_refuse(struct sim_sql_check *check, const char *place);
/* One statement, and no more than one. NULL with the refusal said. */
struct sqlite3_stmt *sim_sql_prepare(struct sim_sql_check *check, const char *place, const char *text) SIM_MUST_CHECK;
/* Runs a statement that has no parameters. */
bool sim_sql_perform(struct sim_sql_check *check, const char *place, const char *text) SIM_MUST_CHECK;

/* ---- sim/scenario/sql_tunings.c -------------------------------------------------------------- */

/* And how often: in percent of the transactions. */
bool sim_sql_take_tunings(struct sim_sql_check *check, const struct sim_raw_scenario *raw,
                          uint32_t *percent) SIM_MUST_CHECK;

/* ---- sim/scenario/sql_extensions.c ----------------------------------------------------------- */

/* Opens the connection, with the extensions of the scenario. Give it to _disconnect in any case. */
bool sim_sql_connect(struct sim_sql_check *check, const struct sim_raw_sql *raw) SIM_MUST_CHECK;
void sim_sql_disconnect(struct sim_sql_check *check);

/* ---- sim/scenario/sql_stand_ins.c ------------------------------------------------------------ */

bool sim_sql_take_stand_ins(struct sim_sql_check *check, const struct sim_raw_sql *raw) SIM_MUST_CHECK;

/* ---- sim/scenario/sql_parameters.c ----------------------------------------------------------- */

bool sim_sql_take_parameters(struct sim_sql_check *check, const struct sim_raw_sql *raw) SIM_MUST_CHECK;

#endif
