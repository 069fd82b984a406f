/* tests/plugin/second.h: a second SQLite that is the one under test under another name. The library
 * depends on that one, so whoever looks for a function in it finds its own first, and all others
 * there. */
#ifndef AFTERSHOCK_TESTS_SECOND_H
#define AFTERSHOCK_TESTS_SECOND_H

#ifndef _GNU_SOURCE
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <sqlite3.h>
#include <string.h>

const char *sqlite3_libversion(void) {
	return "3.99.0";
}

/* By which the library is told from the one under test. */
const char *sqlite3_sourceid(void) {
	return sqlite3_threadsafe() >= 0 ? "2099-01-01 00:00:00 second" : "";
}

static int (*second_access)(sqlite3_vfs *vfs, const char *path, int flags, int *answer);

static inline int second_is_journal(const char *path) {
	size_t length = strlen(path);
	return length > 8 && strcmp(path + length - 8, "-journal") == 0;
}

/* Registers the VFS with another xAccess. */
static inline int second_register(sqlite3_vfs *vfs, int is_default,
                                  int (*access)(sqlite3_vfs *, const char *, int, int *)) {
	int (*next)(sqlite3_vfs *, int) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "sqlite3_vfs_register");
	memcpy(&next, &symbol, sizeof next);
	second_access = vfs->xAccess;
	vfs->xAccess = access;
	return next(vfs, is_default);
}

#endif
