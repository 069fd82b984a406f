/* sim/orders/tables.c: see tables.h. */
#include "tables.h"

/* Two numbers of one row. An SQLite result code; EMPTY: there is no row. */
static int sim_tables_numbers(sqlite3 *connection, const char *sql, uint64_t numbers[2]) {
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(connection, sql, -1, &rows, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		numbers[0] = (uint64_t)sqlite3_column_int64(rows, 0);
		numbers[1] = (uint64_t)sqlite3_column_int64(rows, 1);
	}
	int final = sqlite3_finalize(rows);
	return code == SQLITE_ROW ? final : code == SQLITE_DONE ? SQLITE_EMPTY : code;
}

int sim_tables_read(sqlite3 *connection, struct sim_fencing_look *look) {
	uint64_t numbers[2] = {0, 0};
	int code = sim_tables_numbers(connection, "SELECT version,epoch FROM meta", numbers);
	look->version = numbers[0];
	look->epoch = numbers[1];
	if (code == SQLITE_OK) {
		code = sim_tables_numbers(connection, "SELECT count(*),ifnull(max(version),0) FROM executions",
		                          numbers);
	}
	look->executions = numbers[0];
	look->newest = numbers[1];
	return code;
}
