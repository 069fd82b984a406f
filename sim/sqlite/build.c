/* sim/sqlite/build.c: see build.h. */
#include "build.h"

#define XXH_INLINE_ALL
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

const char *sim_build_kind(void) {
	return sqlite3_threadsafe() == 0 ? ", lean" : "";
}

void sim_build_name(char text[SIM_BUILD_SIZE]) {
	const char *source = sqlite3_sourceid();
	const char *check_in = strrchr(source, ' ');
	XXH32_hash_t options = 0;
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		const char *option = sqlite3_compileoption_get(i);
		if (strncmp(option, "COMPILER=", 9) != 0) {
			options = XXH32(option, strlen(option), options);
		}
	}
	snprintf(text, SIM_BUILD_SIZE, "%.12s-%.12s-%08x%s", sqlite3_libversion(),
	         check_in != NULL ? check_in + 1 : source, (unsigned)options, sqlite3_threadsafe() == 0 ? "-lean" : "");
}
