/* sim/sqlite/given.c: see given.h. */
#include "given.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdint.h>

#define SIM_GIVEN_MAX 4u

static struct sim_given {
	uint32_t count;
	sim_given_extend all[SIM_GIVEN_MAX];
} sim_given;

int sim_given_install(sim_given_extend extend) {
	sim_given_uninstall(extend);
	assert(sim_given.count < SIM_GIVEN_MAX);
	sim_given.all[sim_given.count++] = extend;
	return sqlite3_auto_extension((void (*)(void))extend);
}

void sim_given_uninstall(sim_given_extend extend) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < sim_given.count; i++) {
		if (sim_given.all[i] != extend) {
			sim_given.all[kept++] = sim_given.all[i];
		} else {
			sqlite3_cancel_auto_extension((void (*)(void))extend);
		}
	}
	sim_given.count = kept;
}

int sim_given_keep_alone(void) {
	int code = SQLITE_OK;
	sqlite3_reset_auto_extension();
	for (uint32_t i = 0; code == SQLITE_OK && i < sim_given.count; i++) {
		code = sqlite3_auto_extension((void (*)(void))sim_given.all[i]);
	}
	return code;
}
