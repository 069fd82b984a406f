/* sim/draft/table.h: the tables of a schema, their columns, and an expression of SQL for a value of
 * each. */
#ifndef AFTERSHOCK_SIM_DRAFT_TABLE_H
#define AFTERSHOCK_SIM_DRAFT_TABLE_H

#include "must_check.h"

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_str;

#define SIM_DRAFT_TABLES_MAX 1024u

struct sim_draft_column {
	char *name; /* from sqlite3_malloc(), and so are all */
	char *type; /* as declared */
	bool has_default;
	bool is_unique;   /* alone or with others */
	bool is_rowid;    /* INTEGER PRIMARY KEY */
	bool is_made;     /* generated, or hidden */
	bool is_required; /* NOT NULL */
	int key;          /* place in the primary key, from 1; 0: none */
	char *parent;     /* table that it refers to; NULL: none */
	char *parent_key; /* column there; NULL: its primary key */
	char *namesake;   /* table that it is called after, and may mean; NULL: none */
};

struct sim_draft_table {
	char *name;
	char *sql;          /* that made it */
	char *first_insert; /* that worked before any other was tried; NULL: none did */
	bool has_rowid;
	bool is_shadow; /* belongs to a virtual table, or only indexes another: who writes it by
	                   * itself makes it wrong */
	uint32_t column_count;
	struct sim_draft_column *columns; /* from sqlite3_malloc() */
};

/* How a value is come by, from the freest to the safest. */
enum sim_draft_way {
	SIM_DRAFT_BY_TYPE = 0, /* by the declared type */
	SIM_DRAFT_BY_CHECK,    /* by `IN (...)` or `length() = N` of the column; else by type */
	SIM_DRAFT_BY_ROWS,     /* one that some row has; where none may be there twice, by type */
	SIM_DRAFT_BY_WORDS,    /* texts: one of the quoted words in the table's SQL */
	SIM_DRAFT_BY_LENGTH,   /* texts of 40 digits, as hashes are; else by type */
	SIM_DRAFT_BY_NOTHING,  /* NULL where no key or default is */
	SIM_DRAFT_BY_NAMES,    /* the key of a row of the table that it is called after */
	SIM_DRAFT_WAY_COUNT
};

/* All tables of the main database in the order in which they were made. The number of them;
 * SQLite's error code in `code`. Give each to _deinit. */
uint32_t sim_draft_tables(struct sqlite3 *connection, struct sim_draft_table *tables, uint32_t max,
                          int *code) SIM_MUST_CHECK;
void sim_draft_table_deinit(struct sim_draft_table *table);

/* An expression for one value of a column. */
void sim_draft_put_value(struct sqlite3_str *out, const struct sim_draft_table *table,
                         const struct sim_draft_column *column, enum sim_draft_way way);
/* "WHERE ..." that one row fits, whichever the seed draws. */
void sim_draft_put_choice(struct sqlite3_str *out, const struct sim_draft_table *table);
/* Whether an INSERT names this column. A whole one also names what has a default. */
bool sim_draft_is_inserted(const struct sim_draft_column *column, bool is_whole);

#endif
