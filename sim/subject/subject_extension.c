/* sim/subject/subject_extension.c: see subject_extension.h. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "subject_extension.h"

#include "given.h"
#include "subject_memory.h"
#include "subject_trial.h"

#include <assert.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUBJECT_EXTENSION_LOADED_MAX 16u
#define SUBJECT_EXTENSION_PATH_SIZE 1024u
#define SUBJECT_EXTENSION_SYMBOL_SIZE 200u

struct subject_extension {
	char path[SUBJECT_EXTENSION_PATH_SIZE];
	subject_extension_entry entry; /* of the copy whose data belongs to processes */
};

/* Of a run. */
struct subject_extension_given {
	const struct subject_extension *extension;
	void *library; /* the judge's copy */
	subject_extension_entry entry;
};

static struct subject_extension_all {
	uint32_t loaded_count;
	struct subject_extension loaded[SUBJECT_EXTENSION_LOADED_MAX];
	uint32_t given_count;
	struct subject_extension_given given[SUBJECT_EXTENSIONS_MAX];
} subject_extension_all;

/* ---- the entry ------------------------------------------------------------------------------- */

/* As SQLite names it by the file: "sqlite3_text_init" of "libtext.so.0" (sqlite.org/loadext.html,
 * section 4). */
static void subject_extension_symbol(const char *path, char symbol[SUBJECT_EXTENSION_SYMBOL_SIZE]) {
	char letters[SUBJECT_EXTENSION_SYMBOL_SIZE / 2];
	size_t used = 0;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	name += strncmp(name, "lib", 3) == 0 ? 3 : 0;
	for (; *name != '\0' && *name != '.' && used + 1 < sizeof letters; name++) {
		letters[used] = (char)(*name | 0x20);
		used += letters[used] >= 'a' && letters[used] <= 'z' ? 1 : 0;
	}
	letters[used] = '\0';
	snprintf(symbol, SUBJECT_EXTENSION_SYMBOL_SIZE, "sqlite3_%s_init", letters);
}

static bool subject_extension_find_entry(void *library, const char *path, subject_extension_entry *entry, char *why,
                                         size_t why_size) {
	char symbol[SUBJECT_EXTENSION_SYMBOL_SIZE];
	void *found = dlsym(library, "sqlite3_extension_init");
	subject_extension_symbol(path, symbol);
	found = found != NULL ? found : dlsym(library, symbol);
	memcpy(entry, &found, sizeof *entry);
	if (found == NULL) {
		snprintf(why, why_size, "no loadable extension of SQLite: has no function sqlite3_extension_init or %s",
		         symbol);
	}
	return found != NULL;
}

/* ---- what a connection is given -------------------------------------------------------------- */

/* A database in memory has no name of a file. */
static bool subject_extension_is_judges(sqlite3 *connection) {
	const char *name = sqlite3_db_filename(connection, "main");
	return name == NULL || name[0] == '\0';
}

static int subject_extension_extend(sqlite3 *connection, char **error, const void *routines) {
	int code = SQLITE_OK;
	bool is_judges = subject_extension_is_judges(connection);
	for (uint32_t i = 0; code == SQLITE_OK && i < subject_extension_all.given_count; i++) {
		const struct subject_extension_given *given = &subject_extension_all.given[i];
		code = (is_judges ? given->entry : given->extension->entry)(connection, error, routines);
		code = code == SQLITE_OK_LOAD_PERMANENTLY ? SQLITE_OK : code;
	}
	return code;
}

/* ---- the judge's copy ------------------------------------------------------------------------ */

/* The loader knows a file by its device and number: a copy has data of its own. */
static int subject_extension_copy(const char *path) {
	struct stat status;
	off_t offset = 0;
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int copy = memfd_create("extension", MFD_CLOEXEC);
	bool done = from >= 0 && copy >= 0 && fstat(from, &status) == 0;
	while (done && offset < status.st_size) {
		done = sendfile(copy, from, &offset, (size_t)(status.st_size - offset)) > 0;
	}
	if (from >= 0) {
		close(from);
	}
	if (!done && copy >= 0) {
		close(copy);
	}
	return done ? copy : -1;
}

static void *subject_extension_open_copy(const char *path, char *why, size_t why_size) {
	char name[64];
	int copy = subject_extension_copy(path);
	if (copy < 0) {
		snprintf(why, why_size, "cannot be read, or there is no memory for a copy");
		return NULL;
	}
	snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		const char *error = dlerror();
		snprintf(why, why_size, "a copy of it cannot be loaded: %s", error != NULL ? error : "?");
	}
	close(copy);
	return library;
}

static bool subject_extension_give(const struct subject_extension *extension, char *why, size_t why_size) {
	struct subject_extension_given *given = &subject_extension_all.given[subject_extension_all.given_count];
	given->extension = extension;
	given->library = subject_extension_open_copy(extension->path, why, why_size);
	subject_extension_all.given_count += given->library != NULL;
	return given->library != NULL &&
	       subject_extension_find_entry(given->library, extension->path, &given->entry, why, why_size);
}

bool subject_extensions_install(const struct subject_extension *const *extensions, uint32_t count, char *why,
                                size_t why_size) {
	assert(subject_extension_all.given_count == 0 && count <= SUBJECT_EXTENSIONS_MAX);
	bool done = true;
	for (uint32_t i = 0; done && i < count; i++) {
		done = subject_extension_give(extensions[i], why, why_size);
	}
	if (done && count > 0 && sim_given_install(subject_extension_extend) != SQLITE_OK) {
		snprintf(why, why_size, "out of memory");
		done = false;
	}
	if (!done) {
		subject_extensions_uninstall();
	}
	return done;
}

void subject_extensions_uninstall(void) {
	sim_given_uninstall(subject_extension_extend);
	while (subject_extension_all.given_count > 0) {
		dlclose(subject_extension_all.given[--subject_extension_all.given_count].library);
	}
}

/* ---- loading --------------------------------------------------------------------------------- */

/* What a run does with it. An error is not told: whoever loads it meets the same one. */
static void subject_extension_try(const void *context, void *answer) {
	char why[SUBJECT_EXTENSION_WHY_SIZE];
	struct subject_extension extension = {.entry = NULL};
	const struct subject_extension *one = &extension;
	sqlite3 *connection = NULL;
	snprintf(extension.path, sizeof extension.path, "%s", (const char *)context);
	if (subject_extensions_install(&one, 1, why, sizeof why)) {
		sqlite3_open(":memory:", &connection);
		sqlite3_close(connection);
	}
	*(bool *)answer = true;
}

static bool subject_extension_fill(struct subject_extension *extension, const char *path, char *why, size_t why_size) {
	void *library = subject_memory_load(path, why, why_size);
	snprintf(extension->path, sizeof extension->path, "%s", path);
	return library != NULL && subject_extension_find_entry(library, path, &extension->entry, why, why_size);
}

static const struct subject_extension *subject_extension_find(const char *path) {
	for (uint32_t i = 0; i < subject_extension_all.loaded_count; i++) {
		if (strcmp(subject_extension_all.loaded[i].path, path) == 0) {
			return &subject_extension_all.loaded[i];
		}
	}
	return NULL;
}

const struct subject_extension *subject_extension_load_untried(const char *path, char *why, size_t why_size) {
	struct subject_extension_all *all = &subject_extension_all;
	const struct subject_extension *found = subject_extension_find(path);
	if (found != NULL) {
		return found;
	}
	if (all->loaded_count == SUBJECT_EXTENSION_LOADED_MAX || strlen(path) >= SUBJECT_EXTENSION_PATH_SIZE) {
		snprintf(why, why_size, "one extension too many, or a path too long, expected at most %u of %u bytes",
		         SUBJECT_EXTENSION_LOADED_MAX, SUBJECT_EXTENSION_PATH_SIZE - 1);
		return NULL;
	}
	struct subject_extension *extension = &all->loaded[all->loaded_count];
	if (!subject_extension_fill(extension, path, why, why_size)) {
		return NULL;
	}
	all->loaded_count++;
	return extension;
}

const struct subject_extension *subject_extension_load(const char *path, char *why, size_t why_size) {
	bool survives = false;
	const struct subject_trial trial = {subject_extension_try, path, &survives, sizeof survives, why, why_size};
	return subject_extension_find(path) != NULL || subject_trial(&trial)
	               ? subject_extension_load_untried(path, why, why_size)
	               : NULL;
}

const char *subject_extension_path(const struct subject_extension *extension) {
	return extension->path;
}

subject_extension_entry subject_extension_entry_of(const struct subject_extension *extension) {
	return extension->entry;
}
