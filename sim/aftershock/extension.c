/* sim/aftershock/extension.c: libaftershock as a loadable extension of SQLite. A program whose
 * SQLite is another one than this library's loads it in a run, and finds the simulated disk in its
 * own (sim/sqlite/guest.h). SQLite makes the name of the function from that of the file: lib,
 * letters, a dot (https://sqlite.org/loadext.html). */
#define SQLITE_CORE 1
#include "guest.h"

#include <sqlite3.h>
#include <sqlite3ext.h>

int sqlite3_aftershock_init(sqlite3 *connection, char **message, const struct sqlite3_api_routines *routines);

int sqlite3_aftershock_init(sqlite3 *connection, char **message, const struct sqlite3_api_routines *routines) {
	char why[SIM_GUEST_WHY_SIZE];
	(void)connection;
	if (!sim_guest_join(routines, why)) {
		*message = routines->mprintf("%s", why);
		return SQLITE_ERROR;
	}
	return SQLITE_OK_LOAD_PERMANENTLY;
}
