/* A second SQLite that does not end when there is a journal. */
#include "second.h"

#include <unistd.h>

static int hang(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
	int code = second_access(vfs, path, flags, answer);
	while (second_is_journal(path) && *answer != 0) {
		pause();
	}
	return code;
}

int sqlite3_vfs_register(sqlite3_vfs *vfs, int is_default) {
	return second_register(vfs, is_default, hang);
}
