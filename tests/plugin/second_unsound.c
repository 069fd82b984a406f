/* A second SQLite that is wrong on purpose: it recovers as the one under test, and reads other rows
 * out of the same pages. */
#include "second.h"

sqlite3_int64 sqlite3_column_int64(sqlite3_stmt *row, int column) {
	sqlite3_int64 (*next)(sqlite3_stmt *, int) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "sqlite3_column_int64");
	memcpy(&next, &symbol, sizeof next);
	return next(row, column) + (column > 0 ? 1 : 0);
}
