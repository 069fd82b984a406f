/* sim/scenario/sql_file.h: files of SQL beside a scenario: a schema as `.schema` or `.dump` prints
 * it, and transactions. */
#ifndef AFTERSHOCK_SIM_SQL_FILE_H
#define AFTERSHOCK_SIM_SQL_FILE_H

#include "must_check.h"
#include "sql_check.h"
#include "sql_text.h"

/* A file of SQL. */
struct sim_sql_file {
	char path[SIM_SCENARIO_PATH_SIZE];
	char *text; /* owned */
};

/* Reads the file that the key `place` names; relative to the scenario's folder. Give it to _deinit
 * in any case. */
bool sim_sql_file_init(struct sim_sql_file *file, struct sim_sql_check *check, const char *place,
                       const char *name) SIM_MUST_CHECK;
void sim_sql_file_deinit(struct sim_sql_file *file);

/* Whether a statement that sets up a database is not for it: see sim_sql_setup_init(). */
bool sim_sql_setup_is_left_out(const struct sim_sql_piece *piece) SIM_MUST_CHECK;

/* Statements of a file, and the line of each. All is owned. */
struct sim_sql_lines {
	char **texts;
	uint32_t *lines;
	uint32_t count;
};

/* What sets up a database. BEGIN and COMMIT are left out, and so are pragmas that the scenario's
 * settings stand for, and tables that SQLite makes by itself. The value of `PRAGMA encoding` goes
 * to `encoding`. Give it to _deinit in any case. */
bool sim_sql_setup_init(struct sim_sql_lines *setup, struct sim_sql_check *check, const struct sim_sql_file *file,
                        char encoding[SIM_SQL_NAME_SIZE]) SIM_MUST_CHECK;
void sim_sql_lines_deinit(struct sim_sql_lines *lines);

/* One transaction of a file: what the scenario could have said of it, and the line it begins in. */
struct sim_sql_file_transaction {
	struct sim_raw_transaction raw;
	uint64_t weight;
	struct sim_sql_lines statements;
	struct sim_sql_texts values;
	char name[SIM_SQL_NAME_SIZE];
	uint32_t line;
};

struct sim_sql_file_transactions {
	uint32_t count;
	struct sim_sql_file_transaction *items; /* owned */
};

/* Give it to _deinit in any case. */
bool sim_sql_file_transactions_init(struct sim_sql_file_transactions *transactions, struct sim_sql_check *check,
                                    const struct sim_sql_file *file) SIM_MUST_CHECK;
void sim_sql_file_transactions_deinit(struct sim_sql_file_transactions *transactions);

#endif
