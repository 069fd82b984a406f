/* sim/world/sibling.c: see sibling.h. The sibling lives on a copy of the disk while it is looked
 * at. */
#include "sibling.h"

#include "inspection.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct sim_sibling_making {
	struct sim_world *world;
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

/* The connection's database, or its rollback journal or WAL, as it stands. */
static void sim_sibling_take(sqlite3 *connection, int which, struct sim_sibling *made) {
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(connection, "main", which, &file);
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
		sim_sibling_take(connection, SQLITE_FCNTL_JOURNAL_POINTER, making->made);
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

static bool sim_sibling_is_made(struct sim_sibling *made) {
	if (made->size == 0) {
		free(made->bytes);
		*made = (struct sim_sibling){0};
	}
	return made->size > 0;
}

bool sim_sibling_make(struct sim_world *world, enum vfs_file_kind kind, uint64_t choice, struct sim_sibling *sibling) {
	struct sim_sibling_making making = {.kind = kind, .choice = choice, .made = sibling};
	*sibling = (struct sim_sibling){0};
	sim_inspect(world, sim_sibling_begin, &making);
	return sim_sibling_is_made(sibling);
}

/* VACUUM writes every page anew, and in WAL mode into the WAL. */
static void sim_sibling_begin_other(void *context, const char *vfs_name) {
	const struct sim_sibling_making *making = context;
	bool has_wal = making->kind == VFS_FILE_WAL;
	sqlite3 *connection = NULL;
	bool is_open = making->world->work->make_other(making->world, vfs_name) &&
	               sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_name) == SQLITE_OK;
	bool is_set = is_open && sim_sibling_does(connection, has_wal ? "PRAGMA journal_mode=wal;"
	                                                                "PRAGMA wal_autocheckpoint=0;VACUUM"
	                                                              : "PRAGMA journal_mode=delete");
	if (is_set) {
		sim_sibling_take(connection, has_wal ? SQLITE_FCNTL_JOURNAL_POINTER : SQLITE_FCNTL_FILE_POINTER,
		                 making->made);
	}
	sqlite3_close(connection);
}

bool sim_sibling_make_other(struct sim_world *world, enum vfs_file_kind kind, struct sim_sibling *other) {
	struct sim_sibling_making making = {.world = world, .kind = kind, .made = other};
	*other = (struct sim_sibling){0};
	if (world->work->make_other != NULL) {
		sim_inspect(world, sim_sibling_begin_other, &making);
	}
	return sim_sibling_is_made(other);
}
