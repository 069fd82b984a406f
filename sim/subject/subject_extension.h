/* sim/subject/subject_extension.h: loadable extensions of SQLite, which bring functions and
 * collations of a program (https://sqlite.org/loadext.html).
 *
 * A run gives them to every connection. Connections to the simulated disk have a copy whose static
 * data dies with its process (subject_memory.h). Databases in memory, such as the reference, have
 * another copy, which is loaded anew for each run: what it keeps is nobody's but the judge's.
 */
#ifndef AFTERSHOCK_SUBJECT_EXTENSION_H
#define AFTERSHOCK_SUBJECT_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUBJECT_EXTENSIONS_MAX 4u
#define SUBJECT_EXTENSION_WHY_SIZE 1300

struct sqlite3;
struct subject_extension;

typedef int (*subject_extension_entry)(struct sqlite3 *connection, char **message, const void *routines);

/* Loads it, once for each path; it is never unloaded. Nobody may live. It is tried in a process of
 * its own first (subject_trial.h). NULL with one line in `why`, which does not name the path. */
const struct subject_extension *subject_extension_load(const char *path, char *why, size_t why_size);
/* The same for whoever has tried it, or is such a process. */
const struct subject_extension *subject_extension_load_untried(const char *path, char *why, size_t why_size);
const char *subject_extension_path(const struct subject_extension *extension);
/* The function that SQLite calls: sqlite3_extension_init, or as it is named by the file. */
subject_extension_entry subject_extension_entry_of(const struct subject_extension *extension);

/* From here on each connection that is opened has them, until _uninstall. Not both, and not twice.
 * False with one line in `why` when one cannot be loaded once more. */
bool subject_extensions_install(const struct subject_extension *const *extensions, uint32_t count, char *why,
                                size_t why_size);
/* The connections that had them must be closed. */
void subject_extensions_uninstall(void);

#endif
