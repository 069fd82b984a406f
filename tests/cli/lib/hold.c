/* hold DATABASE: takes the write lock of a database, says so, and holds it until standard input
 * ends. */
#include <stdio.h>

#include <sqlite3.h>

int main(int count, char **arguments) {
	sqlite3 *db = NULL;

	if (count != 2 || sqlite3_open_v2(arguments[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		(void)fprintf(stderr, "hold: %s\n", sqlite3_errmsg(db));
		(void)sqlite3_close(db);
		return 1;
	}
	(void)puts("held");
	(void)fflush(stdout);
	while (getchar() != EOF) {
	}
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
