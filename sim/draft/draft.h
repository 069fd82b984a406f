/* sim/draft/draft.h: a scenario to start from, drafted from somebody's database or schema: the
 * schema with a few rows of each table, and transactions that insert, update and delete.
 *
 * Nothing is guessed that was not tried: each transaction has run on the rows of the draft.
 */
#ifndef AFTERSHOCK_SIM_DRAFT_H
#define AFTERSHOCK_SIM_DRAFT_H

#include "must_check.h"
#include "stand_in.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_DRAFT_WHY_SIZE 512u
#define SIM_DRAFT_NAME_SIZE 32u

struct sqlite3;

struct sim_draft {
	struct sqlite3 *source;         /* the database; in memory if it came from SQL */
	struct sqlite3 *copy;           /* in memory: the schema and the rows that are taken over */
	char journal_mode[16];          /* of the source; "" if it came from SQL */
	bool has_keys;                  /* foreign keys, which the rows keep */
	struct sim_stand_ins stand_ins; /* for what the schema needs from its program */
	uint32_t tables;
	uint32_t rows;          /* taken over */
	uint32_t left_out;      /* statements that could not be run, which are comments */
	uint32_t left_out_line; /* of the first of them in a file of SQL; 0: it stands in none */
	char left_out_why[160]; /* what SQLite said of it */
	char *schema;           /* SQL that makes the copy; from sqlite3_malloc() */
	char *transactions;     /* SQL, likewise */
	uint32_t most;          /* transactions that a scenario has room for */
	uint32_t proposed;      /* transactions */
	uint32_t not_proposed;  /* tables without an insert */
	char refusal[160];      /* what SQLite said of the last one that it did not take */
};

/* Drafts from the file: a database, of which at most `rows` rows of each table are taken over, or
 * SQL. False, with one line in `why`: it is neither, or is damaged. Give it to _deinit in any case.
 * The file is only read. */
bool sim_draft_init(struct sim_draft *draft, const char *path, uint32_t rows,
                    char why[SIM_DRAFT_WHY_SIZE]) SIM_MUST_CHECK;
void sim_draft_deinit(struct sim_draft *draft);

/* Of a file's name the part that a scenario may have as its own: "My Shop.db" is "my-shop". */
void sim_draft_name(const char *path, char name[SIM_DRAFT_NAME_SIZE]);

#endif
