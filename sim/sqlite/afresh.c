/* sim/sqlite/afresh.c: see afresh.h. A fork has a copy of SQLite's state and none of the other
 * threads, so what those held stays locked in it for ever. sqlite3_shutdown() takes two static
 * mutexes: the main one, for the list of automatic extensions, and that of the allocator (SQLite
 * 3.40.1, main.c and malloc.c). */
#include "afresh.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Where a build has others it says so (sqlite.org/compile.html). */
#define SIM_AFRESH_PAGES "DEFAULT_PCACHE_INITSZ="
#define SIM_AFRESH_PAGES_USUAL 20
#define SIM_AFRESH_LOOKASIDE "DEFAULT_LOOKASIDE="
#define SIM_AFRESH_LOOKASIDE_BYTES_USUAL 1200
#define SIM_AFRESH_LOOKASIDE_COUNT_USUAL 40

/* The numbers that this option was built with; those that are not there stay as they are. */
static void sim_afresh_ask(const char *option, int numbers[2]) {
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		const char *built = sqlite3_compileoption_get(i);
		if (strncmp(built, option, strlen(option)) == 0) {
			char *end = NULL;
			numbers[0] = (int)strtol(built + strlen(option), &end, 10);
			numbers[1] = *end == ',' ? (int)strtol(end + 1, NULL, 10) : numbers[1];
		}
	}
}

/* As it is built: whoever was single-threaded by choice is not here. */
static int sim_afresh_threads(void) {
	switch (sqlite3_threadsafe()) {
	case 1:
		return sqlite3_config(SQLITE_CONFIG_SERIALIZED);
	case 2:
		return sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	default:
		return SQLITE_OK;
	}
}

bool sim_afresh(void) {
	const sqlite3_pcache_methods2 usual = {0};
	int pages[2] = {SIM_AFRESH_PAGES_USUAL, 0};
	int lookaside[2] = {SIM_AFRESH_LOOKASIDE_BYTES_USUAL, SIM_AFRESH_LOOKASIDE_COUNT_USUAL};
	sim_afresh_ask(SIM_AFRESH_PAGES, pages);
	sim_afresh_ask(SIM_AFRESH_LOOKASIDE, lookaside);
	sqlite3_shutdown();
	sqlite3_temp_directory = NULL;
	sqlite3_data_directory = NULL;
	return sqlite3_config(SQLITE_CONFIG_LOG, NULL, NULL) == SQLITE_OK &&
	       sqlite3_config(SQLITE_CONFIG_PCACHE2, &usual) == SQLITE_OK &&
	       sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, pages[0]) == SQLITE_OK &&
	       sqlite3_config(SQLITE_CONFIG_LOOKASIDE, lookaside[0], lookaside[1]) == SQLITE_OK &&
	       sim_afresh_threads() == SQLITE_OK;
}

void sim_afresh_hold(void) {
	sqlite3_mutex_enter(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MAIN));
	sqlite3_mutex_enter(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MEM));
}

void sim_afresh_release(void) {
	sqlite3_mutex_leave(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MEM));
	sqlite3_mutex_leave(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MAIN));
}
