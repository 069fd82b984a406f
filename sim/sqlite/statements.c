/* sim/sqlite/statements.c: see statements.h. They are few, so they are looked for one by one. */
#include "statements.h"

#include <sqlite3.h>
#include <string.h>

void sim_statements_init(struct sim_statements *statements, sqlite3 *connection) {
	statements->connection = connection;
	statements->count = statements->oldest = 0;
}

void sim_statements_deinit(struct sim_statements *statements) {
	while (statements->count > 0) {
		sqlite3_finalize(statements->kept[--statements->count]);
	}
}

static sqlite3_stmt *sim_statements_find(const struct sim_statements *statements, const char *text) {
	for (uint32_t i = 0; i < statements->count; i++) {
		if (strcmp(sqlite3_sql(statements->kept[i]), text) == 0) {
			return statements->kept[i];
		}
	}
	return NULL;
}

/* The place of one that is not in use. More than a few never are. */
static uint32_t sim_statements_make_room(struct sim_statements *statements) {
	if (statements->count < SIM_STATEMENTS_MAX) {
		return statements->count++;
	}
	do {
		statements->oldest = (statements->oldest + 1) % SIM_STATEMENTS_MAX;
	} while (sqlite3_stmt_busy(statements->kept[statements->oldest]) != 0);
	sqlite3_finalize(statements->kept[statements->oldest]);
	return statements->oldest;
}

int sim_statements_begin(struct sim_statements *statements, const char *text, sqlite3_stmt **statement) {
	*statement = sim_statements_find(statements, text);
	if (*statement != NULL) {
		return SQLITE_OK;
	}
	int code = sqlite3_prepare_v2(statements->connection, text, -1, statement, NULL);
	if (code == SQLITE_OK && *statement != NULL) {
		statements->kept[sim_statements_make_room(statements)] = *statement;
	}
	return code;
}

int sim_statements_end(sqlite3_stmt *statement) {
	int code = sqlite3_reset(statement);
	if (statement != NULL) {
		sqlite3_clear_bindings(statement);
		/* The progress handler goes by what one use has taken. */
		sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	}
	return code;
}
