/* sim/sqlite/build.c: see build.h. */
#include "build.h"

#define XXH_INLINE_ALL
#include <inttypes.h>
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

void sim_build_program(char text[SIM_BUILD_SIZE]) {
	static unsigned char block[1 << 16];
	static XXH3_state_t state;
	FILE *file = fopen("/proc/self/exe", "rb");
	size_t got = 0;
	text[0] = '\0';
	if (file == NULL) {
		return;
	}
	(void)XXH3_64bits_reset(&state);
	while ((got = fread(block, 1, sizeof block, file)) > 0) {
		(void)XXH3_64bits_update(&state, block, got);
	}
	if (ferror(file) == 0) {
		snprintf(text, SIM_BUILD_SIZE, "%016" PRIx64, (uint64_t)XXH3_64bits_digest(&state));
	}
	fclose(file);
}
