/* sim/subject/subject_vfs.c: see subject_vfs.h. */
#include "subject_vfs.h"

#include "memory.h"
#include "subject_extension.h"
#include "subject_memory.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define SUBJECT_VFS_KNOWN_MAX 64u
/* What it registers and is shown, when there are too many. */
#define SUBJECT_VFS_NAMES_SIZE 200u

static struct subject_vfs_all {
	sqlite3 *connection;  /* that an extension is called with; to a database in memory */
	const void *routines; /* the functions of SQLite, as SQLite hands them to an extension */
	uint32_t process;     /* that has the turn */
	sqlite3_vfs *of_process[SUBJECT_MEMORY_PROCESSES_MAX];
} subject_vfs_all;

/* ---- loading --------------------------------------------------------------------------------- */

/* SQLite hands its functions to what each new connection loads. */
static int subject_vfs_learn(sqlite3 *connection, char **message, const void *routines) {
	(void)connection;
	(void)message;
	subject_vfs_all.routines = routines;
	return SQLITE_OK;
}

static bool subject_vfs_connect(void) {
	if (subject_vfs_all.connection != NULL) {
		return true;
	}
	int code = sqlite3_auto_extension((void (*)(void))subject_vfs_learn);
	code = code == SQLITE_OK ? sqlite3_open(":memory:", &subject_vfs_all.connection) : code;
	sqlite3_cancel_auto_extension((void (*)(void))subject_vfs_learn);
	return code == SQLITE_OK && subject_vfs_all.routines != NULL;
}

const struct subject_extension *subject_vfs_load(const char *path, char *why, size_t why_size) {
	if (!subject_vfs_connect()) {
		snprintf(why, why_size, "SQLite has no memory, or was built without loadable extensions");
		return NULL;
	}
	return subject_extension_load_untried(path, why, why_size);
}

/* ---- turns ----------------------------------------------------------------------------------- */

uint32_t subject_vfs_process(void) {
	return subject_vfs_all.process;
}

void subject_vfs_leave(void) {
	sqlite3_vfs *vfs = subject_vfs_all.of_process[subject_vfs_all.process];
	if (vfs != NULL) {
		sqlite3_vfs_unregister(vfs);
	}
}

void subject_vfs_arrive(uint32_t process) {
	assert(process < SUBJECT_MEMORY_PROCESSES_MAX);
	sqlite3_vfs *vfs = subject_vfs_all.of_process[process];
	subject_vfs_all.process = process;
	if (vfs != NULL) {
		sqlite3_vfs_register(vfs, 0);
	}
}

const char *subject_vfs_name(uint32_t process) {
	const sqlite3_vfs *vfs = subject_vfs_all.of_process[process];
	return vfs != NULL ? vfs->zName : NULL;
}

void subject_vfs_take(uint32_t process) {
	if (process == subject_vfs_all.process) {
		subject_vfs_leave();
	}
	subject_vfs_all.of_process[process] = NULL;
}

/* ---- registering ----------------------------------------------------------------------------- */

/* What SQLite knows. */
struct subject_vfs_known {
	sqlite3_vfs *all[SUBJECT_VFS_KNOWN_MAX];
	uint32_t count;
};

static void subject_vfs_note_known(struct subject_vfs_known *known) {
	known->count = 0;
	for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = vfs->pNext) {
		assert(known->count < SUBJECT_VFS_KNOWN_MAX);
		known->all[known->count++] = vfs;
	}
}

static bool subject_vfs_is_known(const struct subject_vfs_known *known, const sqlite3_vfs *vfs) {
	bool is_known = false;
	for (uint32_t i = 0; i < known->count; i++) {
		is_known = is_known || known->all[i] == vfs;
	}
	return is_known;
}

/* What has been registered since then: must be one. */
static bool subject_vfs_take_new(const struct subject_vfs_known *before, char *why, size_t why_size) {
	struct subject_vfs_known now;
	char names[SUBJECT_VFS_NAMES_SIZE] = "";
	size_t used = 0;
	uint32_t count = 0;
	sqlite3_vfs *added[SUBJECT_VFS_KNOWN_MAX];
	subject_vfs_note_known(&now);
	for (uint32_t i = 0; i < now.count; i++) {
		if (!subject_vfs_is_known(before, now.all[i])) {
			added[count++] = now.all[i];
		}
	}
	if (count == 1) {
		subject_vfs_all.of_process[subject_vfs_all.process] = added[0];
		return true;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (used < sizeof names) {
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : ": ",
			                         added[i]->zName);
		}
		sqlite3_vfs_unregister(added[i]);
	}
	snprintf(why, why_size, "registers %s%s, expected one VFS on top of the default one",
	         count == 0 ? "no VFS" : "several VFSes", names);
	return false;
}

static int subject_vfs_nothing(sqlite3 *connection, char **message, const void *routines) {
	(void)connection;
	(void)message;
	(void)routines;
	return SQLITE_OK;
}

/* What it allocates stays with its VFS, which outlives no process. Nobody gives it back. That the
 * list of what each new connection loads is there, too, is not its doing. */
static int subject_vfs_call(const struct subject_extension *own, char *why, size_t why_size) {
	char *message = NULL;
	sqlite3_auto_extension((void (*)(void))subject_vfs_nothing);
	size_t blocks = sim_memory_blocks();
	int code = subject_extension_entry_of(own)(subject_vfs_all.connection, &message, subject_vfs_all.routines);
	if (code != SQLITE_OK && code != SQLITE_OK_LOAD_PERMANENTLY) {
		snprintf(why, why_size, "its extension fails: %.200s (%d)",
		         message != NULL ? message : sqlite3_errstr(code), code);
	}
	sqlite3_free(message);
	size_t now = sim_memory_blocks();
	sim_memory_forget(now > blocks ? now - blocks : 0);
	sqlite3_cancel_auto_extension((void (*)(void))subject_vfs_nothing);
	return code == SQLITE_OK_LOAD_PERMANENTLY ? SQLITE_OK : code;
}

bool subject_vfs_put(const struct subject_extension *own, const char *below, char *why, size_t why_size) {
	struct subject_vfs_known before;
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	sqlite3_vfs *base = sqlite3_vfs_find(below);
	assert(base != NULL && subject_vfs_all.of_process[subject_vfs_all.process] == NULL);
	subject_vfs_note_known(&before);
	sqlite3_vfs_register(base, 1);
	int code = subject_vfs_call(own, why, why_size);
	sqlite3_vfs_register(usual, 1);
	bool is_one = subject_vfs_take_new(&before, code == SQLITE_OK ? why : NULL, code == SQLITE_OK ? why_size : 0);
	if (code != SQLITE_OK) {
		subject_vfs_take(subject_vfs_all.process);
	}
	return code == SQLITE_OK && is_one;
}
