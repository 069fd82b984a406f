/* sim/world/sibling.c: see sibling.h. The sibling lives on a copy of the disk while it is looked
 * at. */
#include "sibling.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct sim_sibling_making {
	enum vfs_file_kind kind;
	uint64_t choice;
	struct sim_sibling *made;
};

/* For each table: what takes its least rows away, and whether it has two. */
static const char sim_sibling_tables[] =
        "SELECT printf('DELETE FROM \"%w\" WHERE \"%w\" IS (SELECT min(\"%w\") FROM \"%w\")',"
        "t.name,c.name,c.name,t.name),printf('SELECT count(*)>1 FROM \"%w\"',t.name)"
        "FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type='table' AND c.cid=0 "
        "AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.rootpage>0 ORDER BY t.name";

static bool sim_sibling_asks(sqlite3 *connection, const char *sql) {
	sqlite3_stmt *statement = NULL;
	bool is_true = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK &&
	               sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
	sqlite3_finalize(statement);
	return is_true;
}

/* Counts the tables that have two rows. Copies the deletion of number `wanted`, from 0; NULL when
 * there is none. */
static uint64_t sim_sibling_count(sqlite3 *connection, uint64_t wanted, char **deletion) {
	sqlite3_stmt *statement = NULL;
	uint64_t count = 0;
	*deletion = NULL;
	if (sqlite3_prepare_v2(connection, sim_sibling_tables, -1, &statement, NULL) != SQLITE_OK) {
		return 0;
	}
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (!sim_sibling_asks(connection, (const char *)sqlite3_column_text(statement, 1))) {
			continue;
		}
		if (count == wanted) {
			*deletion = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
		}
		count++;
	}
	sqlite3_finalize(statement);
	return count;
}

static char *sim_sibling_deletion(sqlite3 *connection, uint64_t choice) {
	char *deletion = NULL;
	uint64_t count = sim_sibling_count(connection, UINT64_MAX, &deletion);
	if (count > 0) {
		(void)sim_sibling_count(connection, choice * count / 65536, &deletion);
	}
	return deletion;
}

/* The connection's rollback journal or WAL, as it stands. */
static void sim_sibling_take(sqlite3 *connection, struct sim_sibling *made) {
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
	if (code != SQLITE_OK || file == NULL || file->pMethods == NULL ||
	    file->pMethods->xFileSize(file, &size) != SQLITE_OK || size <= 0) {
		return;
	}
	made->bytes = malloc((size_t)size);
	if (made->bytes != NULL && file->pMethods->xRead(file, made->bytes, (int)size, 0) == SQLITE_OK) {
		made->size = (size_t)size;
	}
}

static bool sim_sibling_does(sqlite3 *connection, const char *sql) {
	return sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* In WAL mode it has a WAL of its own, with salts of its own. Else it commits one change, and is in
 * the middle of the next: its journal holds pages with the first. Without syncs, SQLite completes
 * the header at once. */
static void sim_sibling_live(sqlite3 *connection, const struct sim_sibling_making *making) {
	bool has_wal = making->kind == VFS_FILE_WAL;
	bool is_set = sim_sibling_does(connection, has_wal ? "PRAGMA synchronous=OFF;PRAGMA journal_mode=wal;"
	                                                     "PRAGMA wal_autocheckpoint=0;"
	                                                     "PRAGMA wal_checkpoint(TRUNCATE)"
	                                                   : "PRAGMA synchronous=OFF;PRAGMA journal_mode=delete");
	char *deletion = is_set ? sim_sibling_deletion(connection, making->choice) : NULL;
	bool differs = deletion != NULL && sim_sibling_does(connection, deletion) && sqlite3_changes(connection) > 0;
	if (differs && !has_wal) {
		differs = sim_sibling_does(connection, "BEGIN IMMEDIATE") && sim_sibling_does(connection, deletion) &&
		          sqlite3_changes(connection) > 0;
	}
	if (differs) {
		sim_sibling_take(connection, making->made);
	}
	sqlite3_free(deletion);
}

static void sim_sibling_begin(void *context, const char *vfs_name) {
	const struct sim_sibling_making *making = context;
	sqlite3 *connection = NULL;
	if (sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_name) == SQLITE_OK) {
		sim_sibling_live(connection, making);
	}
	sqlite3_close(connection); /* rolls back what is open */
}

bool sim_sibling_make(struct sim_world *world, enum vfs_file_kind kind, uint64_t choice, struct sim_sibling *sibling) {
	struct sim_sibling_making making = {.kind = kind, .choice = choice, .made = sibling};
	*sibling = (struct sim_sibling){0};
	sim_machine_look(world, sim_sibling_begin, &making);
	if (sibling->size == 0) {
		free(sibling->bytes);
		*sibling = (struct sim_sibling){0};
	}
	return sibling->size > 0;
}
