/* sim/sqlite/instant.c: see instant.h. */
#define XXH_INLINE_ALL
#include "instant.h"

#include "given.h"

#include <endian.h>
#include <sqlite3.h>
#include <string.h>
#include <xxhash.h>

#define SIM_INSTANT_VFS_NAME "instant"
/* Milliseconds from noon in Greenwich on 24 November 4714 BC to 1970. */
#define SIM_INSTANT_EPOCH_MS INT64_C(210866760000000)

/* ---- instants -------------------------------------------------------------------------------- */

struct sim_instant sim_instant_of(uint64_t seed, uint32_t transaction, uint32_t attempt, int64_t now_ns) {
	const uint32_t words[2] = {htole32(transaction), htole32(attempt)};
	return (struct sim_instant){.now_ns = now_ns, .seed = XXH3_64bits_withSeed(words, sizeof words, seed)};
}

void sim_instant_begin(struct sim_instant_source *source, struct sim_instant instant) {
	source->stands = true;
	source->now_ns = instant.now_ns;
	sim_pcg32_derive(&source->chance, instant.seed, "sql/instant");
}

void sim_instant_end(struct sim_instant_source *source) {
	source->stands = false;
}

/* ---- functions of SQL ------------------------------------------------------------------------ */

int64_t sim_instant_draw(sqlite3_vfs *vfs) {
	unsigned char bytes[8];
	uint64_t word = 0;
	vfs->xRandomness(vfs, (int)sizeof bytes, (char *)bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		word |= (uint64_t)bytes[i] << (8 * i);
	}
	int64_t number = (int64_t)(word & INT64_MAX);
	return (word >> 63) != 0 ? -number : number;
}

static void sim_instant_random(sqlite3_context *context, int count, sqlite3_value **values) {
	(void)count;
	(void)values;
	sqlite3_result_int64(context, sim_instant_draw(sqlite3_user_data(context)));
}

static void sim_instant_randomblob(sqlite3_context *context, int count, sqlite3_value **values) {
	sqlite3_vfs *vfs = sqlite3_user_data(context);
	sqlite3_int64 size = sqlite3_value_int64(values[0]);
	(void)count;
	size = size < 1 ? 1 : size;
	if (size > sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1)) {
		sqlite3_result_error_toobig(context);
		return;
	}
	char *bytes = sqlite3_malloc64((sqlite3_uint64)size);
	if (bytes == NULL) {
		sqlite3_result_error_nomem(context);
		return;
	}
	vfs->xRandomness(vfs, (int)size, bytes);
	sqlite3_result_blob64(context, bytes, (sqlite3_uint64)size, sqlite3_free);
}

/* An extension, which every new connection loads. */
static int sim_instant_extend(sqlite3 *connection, char **error, const void *routines) {
	sqlite3_vfs *vfs = NULL;
	(void)error;
	(void)routines;
	int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	if (code == SQLITE_OK) {
		code = sqlite3_create_function_v2(connection, "random", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, vfs,
		                                  sim_instant_random, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_create_function_v2(connection, "randomblob", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS, vfs,
		                                  sim_instant_randomblob, NULL, NULL, NULL);
	}
	return code;
}

int sim_instant_install(void) {
	return sim_given_install(sim_instant_extend);
}

void sim_instant_uninstall(void) {
	sim_given_uninstall(sim_instant_extend);
}

/* ---- databases in memory --------------------------------------------------------------------- */

static struct sim_instant_source sim_instant_memory;

static int sim_instant_vfs_randomness(sqlite3_vfs *vfs, int size_bytes, char *buffer) {
	(void)vfs;
	sim_pcg32_fill(&sim_instant_memory.chance, buffer, (size_t)size_bytes);
	return size_bytes;
}

static int sim_instant_vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *time_ms) {
	(void)vfs;
	*time_ms = SIM_INSTANT_EPOCH_MS + sim_instant_memory.now_ns / 1000000;
	return SQLITE_OK;
}

struct sim_instant_source *sim_instant_vfs_source(void) {
	return &sim_instant_memory;
}

/* As the default one in everything else. */
const char *sim_instant_vfs(void) {
	static sqlite3_vfs vfs;
	if (sqlite3_vfs_find(SIM_INSTANT_VFS_NAME) != NULL) {
		return SIM_INSTANT_VFS_NAME;
	}
	const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	if (usual == NULL) {
		return NULL;
	}
	vfs = *usual;
	vfs.pNext = NULL;
	vfs.zName = SIM_INSTANT_VFS_NAME;
	vfs.xRandomness = sim_instant_vfs_randomness;
	vfs.xCurrentTimeInt64 = sim_instant_vfs_time;
	return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? SIM_INSTANT_VFS_NAME : NULL;
}
