/* sim/second/look.c: see look.h. */
#include "look.h"

#include "sql_digest.h"

#define XXH_INLINE_ALL
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* So many contents are remembered: many images recover to one. */
#define SIM_SECOND_REMEMBERED 4096u

/* ---- SQLite on that disk --------------------------------------------------------------------- */

static struct vfs_process *sim_second_process(struct vfs_disk *disk) {
	const struct vfs_hooks hooks = {.context = NULL}; /* nobody looks, and time stands still */
	return vfs_process_create(disk, "second", &hooks);
}

/* NULL when out of memory. */
static sqlite3 *sim_second_open(const struct vfs_process *process, const char *path, int *code) {
	sqlite3 *connection = NULL;
	*code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                        vfs_process_name(process));
	sqlite3_extended_result_codes(connection, 1);
	return connection;
}

static int sim_second_take_text(void *context, int columns, char **values, char **names) {
	struct sim_second_answer *answer = context;
	(void)names;
	if (columns > 0 && values[0] != NULL && answer->text[0] == '\0') {
		snprintf(answer->text, sizeof answer->text, "%s", values[0]);
	}
	return 0;
}

static bool sim_second_is_no_memory(int code) {
	return code == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM;
}

/* ---- the two halves -------------------------------------------------------------------------- */

static void sim_second_recover(const struct vfs_process *process, const char *path, struct sim_second_answer *answer) {
	int code = SQLITE_NOMEM;
	sqlite3 *connection = sim_second_open(process, path, &code);
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, "PRAGMA page_count", NULL, NULL, NULL);
	}
	answer->code = answer->content_code = code;
	if (connection != NULL && code != SQLITE_OK) {
		snprintf(answer->text, sizeof answer->text, "%s", sqlite3_errmsg(connection));
	}
	sqlite3_close(connection);
}

static void sim_second_read(const struct vfs_process *process, const char *path, struct sim_second_answer *answer) {
	int code = SQLITE_NOMEM;
	sqlite3 *connection = sim_second_open(process, path, &code);
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, "PRAGMA integrity_check(1)", sim_second_take_text, answer, NULL);
	}
	answer->is_sound = code == SQLITE_OK && strcmp(answer->text, "ok") == 0;
	if (answer->is_sound) {
		answer->text[0] = '\0';
		code = sim_sql_digest(connection, "main", answer->rows);
	}
	if (connection != NULL && code != SQLITE_OK) {
		snprintf(answer->text, sizeof answer->text, "%s", sqlite3_errmsg(connection));
	}
	answer->content_code = code;
	sqlite3_close(connection);
}

/* ---- what was read before -------------------------------------------------------------------- */

struct sim_second_remembered {
	uint64_t hash; /* of the whole file; 0: none */
	struct sim_second_answer answer;
};

static struct sim_second_remembered *sim_second_slot(const struct sim_second_bytes *database, uint64_t *hash) {
	static struct sim_second_remembered remembered[SIM_SECOND_REMEMBERED];
	*hash = database->size > 0 ? XXH3_64bits(database->bytes, database->size) : 1;
	return &remembered[*hash % SIM_SECOND_REMEMBERED];
}

static void sim_second_read_once(const struct vfs_process *process, const char *path,
                                 const struct sim_second_bytes *database, struct sim_second_answer *answer) {
	uint64_t hash = 0;
	struct sim_second_remembered *slot = sim_second_slot(database, &hash);
	if (slot->hash != hash) {
		sim_second_read(process, path, answer);
		*slot = (struct sim_second_remembered){.hash = hash, .answer = *answer};
		slot->hash = sim_second_is_no_memory(answer->content_code) ? 0 : hash;
	}
	*answer = slot->answer;
}

bool sim_second_look(const struct sim_second_bytes *image, const char *path, struct sim_second_answer *answer,
                     struct sim_second_bytes *database) {
	struct vfs_disk *disk = sim_second_image_unpack(image);
	struct vfs_process *process = disk != NULL ? sim_second_process(disk) : NULL;
	*answer = (struct sim_second_answer){.code = SQLITE_NOMEM, .content_code = SQLITE_NOMEM};
	database->size = 0;
	bool fits = process != NULL;
	if (fits) {
		sim_second_recover(process, path, answer);
		fits = sim_second_image_read(disk, path, database);
	}
	if (fits && answer->code == SQLITE_OK) {
		sim_second_read_once(process, path, database, answer);
	}
	answer->size_bytes = database->size;
	vfs_process_destroy(process);
	vfs_disk_destroy(disk);
	return fits && !sim_second_is_no_memory(answer->code) && !sim_second_is_no_memory(answer->content_code);
}
