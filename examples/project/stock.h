/* stock.h: how much of each item a shop has, and what came and went: the program of this
 * example. */
#ifndef STOCK_H
#define STOCK_H

#include <sqlite3.h>

/* `vfs` NULL: SQLite's usual one. Returns a result code of SQLite; `db` is to be closed. */
int stock_open(const char *path, const char *vfs, sqlite3 **db);
/* So many of the item come, or go when negative. When it returns SQLITE_OK, that is durable. */
int stock_move(sqlite3 *db, int item, int count);

#endif
