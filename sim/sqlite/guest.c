/* sim/sqlite/guest.c: see guest.h. A file system is registered in one SQLite only, which links it
 * into a list, so the guest gets a copy of the structure. Its methods are the same functions: what
 * they need they find by pAppData, and by handles. */
#define SQLITE_CORE 1 /* the names of functions are those of this SQLite */
#include "guest.h"

#include "instant.h"

#include <sqlite3.h>
#include <sqlite3ext.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SIM_GUEST_FILE_SYSTEMS_MAX 32u
#define SIM_GUEST_NAME_SIZE 64u
#define SIM_GUEST_PROBE_SEED 4711

struct sim_guest_file_system {
	bool is_on;
	sqlite3_vfs vfs;
	char name[SIM_GUEST_NAME_SIZE];
};

/* One for each process. */
static struct sim_guest {
	const struct sqlite3_api_routines *api; /* NULL: there is none */
	int seed;
	struct sim_guest_file_system all[SIM_GUEST_FILE_SYSTEMS_MAX];
} sim_guest;

static bool sim_guest_refuse(char why[SIM_GUEST_WHY_SIZE], const char *reason) {
	snprintf(why, SIM_GUEST_WHY_SIZE, "%s", reason);
	return false;
}

/* ---- chance ---------------------------------------------------------------------------------- */

void sim_guest_seed(int seed) {
	sim_guest.seed = seed;
	if (sim_guest.api != NULL) {
		sim_guest.api->test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL);
	}
}

void sim_guest_keep_generator(void) {
	if (sim_guest.api != NULL) {
		sim_guest.api->test_control(SQLITE_TESTCTRL_PRNG_SAVE);
	}
}

void sim_guest_put_generator_back(int seed) {
	if (sim_guest.api != NULL) {
		sim_guest.api->test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL);
		sim_guest.api->test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
	}
}

/* Built with SQLITE_UNTESTABLE, it takes no seed (https://sqlite.org/compile.html). */
static bool sim_guest_takes_a_seed(const struct sqlite3_api_routines *api) {
	uint64_t drawn[2] = {0, 0};
	for (int i = 0; i < 2; i++) {
		api->test_control(SQLITE_TESTCTRL_PRNG_SEED, SIM_GUEST_PROBE_SEED, NULL);
		api->randomness((int)sizeof drawn[i], &drawn[i]);
	}
	return drawn[0] == drawn[1];
}

/* random() and randomblob() draw from the file system, as in instant.c. */
static void sim_guest_random(sqlite3_context *context, int count, sqlite3_value **values) {
	(void)count;
	(void)values;
	sim_guest.api->result_int64(context, sim_instant_draw(sim_guest.api->user_data(context)));
}

static void sim_guest_randomblob(sqlite3_context *context, int count, sqlite3_value **values) {
	const struct sqlite3_api_routines *api = sim_guest.api;
	sqlite3_vfs *vfs = api->user_data(context);
	sqlite3_int64 size = api->value_int64(values[0]);
	(void)count;
	size = size < 1 ? 1 : size;
	if (size > api->limit(api->context_db_handle(context), SQLITE_LIMIT_LENGTH, -1)) {
		api->result_error_toobig(context);
		return;
	}
	char *bytes = api->malloc64((sqlite3_uint64)size);
	if (bytes == NULL) {
		api->result_error_nomem(context);
		return;
	}
	vfs->xRandomness(vfs, (int)size, bytes);
	api->result_blob64(context, bytes, (sqlite3_uint64)size, api->free);
}

static bool sim_guest_has(const sqlite3_vfs *vfs) {
	for (uint32_t i = 0; i < SIM_GUEST_FILE_SYSTEMS_MAX; i++) {
		if (sim_guest.all[i].is_on && &sim_guest.all[i].vfs == vfs) {
			return true;
		}
	}
	return false;
}

/* Each new connection of the guest; those to files of the real disk are left alone. */
static int sim_guest_extend(sqlite3 *connection, char **error, const void *routines) {
	const struct sqlite3_api_routines *api = sim_guest.api;
	sqlite3_vfs *vfs = NULL;
	(void)error;
	(void)routines;
	int code = api->file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	if (code == SQLITE_OK && sim_guest_has(vfs)) {
		code = api->create_function_v2(connection, "random", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, vfs,
		                               sim_guest_random, NULL, NULL, NULL);
		code = code != SQLITE_OK
		               ? code
		               : api->create_function_v2(connection, "randomblob", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS,
		                                         vfs, sim_guest_randomblob, NULL, NULL, NULL);
	}
	return code;
}

/* ---- file systems ---------------------------------------------------------------------------- */

static void sim_guest_take_away(struct sim_guest_file_system *given) {
	sim_guest.api->vfs_unregister(&given->vfs);
	given->is_on = false;
}

/* Those that are gone here, or are others of the same name. */
static void sim_guest_take_away_gone(void) {
	for (uint32_t i = 0; i < SIM_GUEST_FILE_SYSTEMS_MAX; i++) {
		struct sim_guest_file_system *given = &sim_guest.all[i];
		const sqlite3_vfs *real = given->is_on ? sqlite3_vfs_find(given->name) : NULL;
		if (given->is_on && (real == NULL || real->pAppData != given->vfs.pAppData)) {
			sim_guest_take_away(given);
		}
	}
}

static bool sim_guest_give(const sqlite3_vfs *vfs) {
	uint32_t i = 0;
	while (i < SIM_GUEST_FILE_SYSTEMS_MAX && sim_guest.all[i].is_on) {
		i++;
	}
	if (i == SIM_GUEST_FILE_SYSTEMS_MAX || strlen(vfs->zName) >= SIM_GUEST_NAME_SIZE) {
		return false;
	}
	struct sim_guest_file_system *given = &sim_guest.all[i];
	snprintf(given->name, sizeof given->name, "%s", vfs->zName);
	given->vfs = *vfs;
	given->vfs.pNext = NULL;
	given->vfs.zName = given->name;
	given->is_on = sim_guest.api->vfs_register(&given->vfs, 0) == SQLITE_OK;
	return given->is_on;
}

static bool sim_guest_give_all(void) {
	for (const sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = vfs->pNext) {
		if (sim_guest.api->vfs_find(vfs->zName) == NULL && !sim_guest_give(vfs)) {
			return false;
		}
	}
	return true;
}

/* ---- joining --------------------------------------------------------------------------------- */

static bool sim_guest_meet(const struct sqlite3_api_routines *api, char why[SIM_GUEST_WHY_SIZE]) {
	if (api->vfs_register == sqlite3_vfs_register) {
		return sim_guest_refuse(why, "it is the SQLite of libaftershock itself");
	}
	if (!sim_guest_takes_a_seed(api)) {
		return sim_guest_refuse(why, "it is built with SQLITE_UNTESTABLE, so its chance cannot be seeded");
	}
	if (api->auto_extension((void (*)(void))sim_guest_extend) != SQLITE_OK) {
		return sim_guest_refuse(why, "it takes no automatic extension");
	}
	sim_guest.api = api;
	sim_guest_seed(sim_guest.seed);
	return true;
}

bool sim_guest_join(const void *routines, char why[SIM_GUEST_WHY_SIZE]) {
	const struct sqlite3_api_routines *api = routines;
	if (sim_guest.api == NULL && !sim_guest_meet(api, why)) {
		return false;
	}
	if (sim_guest.api->vfs_register != api->vfs_register) {
		return sim_guest_refuse(why, "it is the third SQLite of this process, expected two");
	}
	sim_guest_take_away_gone();
	return sim_guest_give_all() || sim_guest_refuse(why, "it takes no file system");
}
