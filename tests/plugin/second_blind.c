/* A second SQLite that is wrong on purpose: it sees no journal, so it rolls nothing back. */
#include "second.h"

static int blind(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
	int code = second_access(vfs, path, flags, answer);
	*answer = second_is_journal(path) ? 0 : *answer;
	return code;
}

int sqlite3_vfs_register(sqlite3_vfs *vfs, int is_default) {
	return second_register(vfs, is_default, blind);
}
