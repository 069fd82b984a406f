/* stock.c: see stock.h. With STOCK_MISTAKE the two changes of a move are no transaction. */
#include "stock.h"

#include <stdio.h>

int stock_open(const char *path, const char *vfs, sqlite3 **db) {
	int code = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
	return code != SQLITE_OK
	               ? code
	               : sqlite3_exec(*db,
	                              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                              "CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, count INTEGER);"
	                              "CREATE TABLE IF NOT EXISTS move(item INTEGER, count INTEGER)",
	                              NULL, NULL, NULL);
}

int stock_move(sqlite3 *db, int item, int count) {
	char sql[300];
#ifdef STOCK_MISTAKE
	const char *begin = "";
	const char *commit = "";
#else
	const char *begin = "BEGIN IMMEDIATE;";
	const char *commit = "; COMMIT";
#endif
	snprintf(sql, sizeof sql,
	         "%sINSERT INTO move VALUES(%d, %d);"
	         "INSERT INTO item VALUES(%d, %d) ON CONFLICT(id) DO UPDATE SET count = count + excluded.count%s",
	         begin, item, count, item, count, commit);
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}
