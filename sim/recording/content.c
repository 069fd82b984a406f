/* sim/recording/content.c: see content.h. */
#include "content.h"

#include "sql_digest.h"
#include "trace.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_CONTENT_BLOCK_BYTES 4096u
#define SIM_CONTENT_ROOM 16384u

struct sim_content_known {
	uint64_t hash; /* of the database file; 0: none */
	struct sim_content content;
};

struct sim_content_reader {
	struct sim_content_known known[SIM_CONTENT_ROOM]; /* the last one with that hash */
};

struct sim_content_reader *sim_content_create(void) {
	return calloc(1, sizeof(struct sim_content_reader));
}

void sim_content_destroy(struct sim_content_reader *reader) {
	free(reader);
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static uint64_t sim_content_mix(uint64_t hash, uint64_t word) {
	return (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static uint64_t sim_content_hash_file(const struct vfs_inode *inode) {
	uint64_t size = vfs_disk_size(inode);
	uint64_t hash = sim_content_mix(1, size);
	for (uint64_t at = 0; at < size; at += SIM_CONTENT_BLOCK_BYTES) {
		hash = sim_content_mix(hash, vfs_disk_hash_block(inode, (uint32_t)(at / SIM_CONTENT_BLOCK_BYTES)));
	}
	return hash;
}

static void sim_content_visit(void *context, const char *path, const struct vfs_inode *inode) {
	uint64_t *hash = context;
	*hash = sim_content_mix(*hash, sim_trace_hash_bytes(path, strlen(path)));
	*hash = sim_content_mix(*hash, sim_content_hash_file(inode));
}

uint64_t sim_content_hash(const struct vfs_disk *disk) {
	uint64_t hash = 1;
	vfs_disk_visit(disk, sim_content_visit, &hash);
	return hash;
}

/* ---- SQLite ---------------------------------------------------------------------------------- */

static int sim_content_compare(void *context, int left_size, const void *left, int right_size, const void *right) {
	int least = left_size < right_size ? left_size : right_size;
	int order = memcmp(left, right, (size_t)least);
	(void)context;
	return order != 0 ? order : left_size - right_size;
}

/* A collation of the program's own is not there: bytes are compared in its place. */
static void sim_content_stand_in(void *context, sqlite3 *connection, int encoding, const char *name) {
	struct sim_content *content = context;
	content->used_stand_in = true;
	sqlite3_create_collation(connection, name, encoding, NULL, sim_content_compare);
}

static void sim_content_fail(struct sim_content *content, sqlite3 *connection) {
	content->is_read = false;
	content->lacks_module = sqlite3_errcode(connection) == SQLITE_ERROR;
	snprintf(content->text, sizeof content->text, "%.150s", sqlite3_errmsg(connection));
}

static int sim_content_take_text(void *context, int columns, char **values, char **names) {
	struct sim_content *content = context;
	(void)names;
	if (columns > 0 && values[0] != NULL && content->text[0] == '\0' && strcmp(values[0], "ok") != 0) {
		snprintf(content->text, sizeof content->text, "%.150s", values[0]);
		for (char *at = content->text; *at != '\0'; at++) {
			*at = *at == '\n' ? ' ' : *at;
		}
	}
	return 0;
}

/* Everything in the database. A stand-in orders an index in another way: its check would say so. */
static int sim_content_read_rows(sqlite3 *connection, struct sim_content *content) {
	int code = sim_sql_digest(connection, "main", content->digest);
	if (code == SQLITE_OK && !content->used_stand_in) {
		code = sqlite3_exec(connection, "PRAGMA integrity_check(1)", sim_content_take_text, content, NULL);
	}
	content->is_read = code == SQLITE_OK;
	return code;
}

/* Opens, recovers, and reads nothing else, or all of it. */
static int sim_content_open(const char *vfs_name, const char *path, bool all, struct sim_content *content) {
	sqlite3 *connection = NULL;
	int code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_name);
	if (connection == NULL) {
		return SQLITE_NOMEM;
	}
	sqlite3_collation_needed(connection, content, sim_content_stand_in);
	if (code == SQLITE_OK) {
		code = all ? sim_content_read_rows(connection, content)
		           : sqlite3_exec(connection, "PRAGMA user_version", NULL, NULL, NULL);
	}
	if (code != SQLITE_OK) {
		sim_content_fail(content, connection);
	}
	sqlite3_close(connection);
	return code;
}

/* The database file, behind its recovery. */
static uint64_t sim_content_file_hash(struct vfs_disk *disk, const char *path, uint64_t *size) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	uint64_t hash = 0;
	*size = 0;
	if (vfs_disk_open(disk, path, false, &created, &inode) == VFS_OK) {
		hash = sim_content_hash_file(inode);
		*size = vfs_disk_size(inode);
		vfs_disk_close(disk, inode);
	}
	return hash;
}

static bool sim_content_recover(struct sim_content_reader *reader, struct vfs_disk *disk, const char *path,
                                const char *vfs_name, struct sim_content *content) {
	uint64_t size = 0;
	int code = sim_content_open(vfs_name, path, false, content);
	if (code != SQLITE_OK) {
		return code != SQLITE_NOMEM;
	}
	uint64_t hash = sim_content_file_hash(disk, path, &size);
	content->is_read = true;
	if (size == 0) {
		return true; /* empty */
	}
	struct sim_content_known *known = &reader->known[hash % SIM_CONTENT_ROOM];
	if (known->hash != hash) {
		code = sim_content_open(vfs_name, path, true, content);
		*known = (struct sim_content_known){.hash = hash, .content = *content};
	}
	*content = known->content;
	return code != SQLITE_NOMEM;
}

bool sim_content_read(struct sim_content_reader *reader, struct vfs_disk *disk, const char *path,
                      struct sim_content *content) {
	const struct vfs_hooks hooks = {.context = NULL}; /* nobody looks, and time stands still */
	struct vfs_process *process = vfs_process_create(disk, "recording", &hooks);
	*content = (struct sim_content){0};
	if (process == NULL) {
		return false;
	}
	bool good = sim_content_recover(reader, disk, path, vfs_process_name(process), content);
	vfs_process_destroy(process);
	return good;
}
