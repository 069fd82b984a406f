/* A second SQLite that crashes when there is a journal. */
#include "second.h"

#include <stdlib.h>

static int crash(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
	int code = second_access(vfs, path, flags, answer);
	if (second_is_journal(path) && *answer != 0) {
		abort();
	}
	return code;
}

int sqlite3_vfs_register(sqlite3_vfs *vfs, int is_default) {
	return second_register(vfs, is_default, crash);
}
