/* sim/orders/proof.c: see proof.h. */
#include "proof.h"

#include "inspection.h"
#include "tables.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* ---- the subject's own journal --------------------------------------------------------------- */

/* Takes out what lies at or behind the offset, or reaches beyond it. */
static void sim_proof_cut(struct sim_proof *proof, uint64_t size_bytes) {
	uint32_t kept = 0;
	while (kept < proof->write_count && proof->writes[kept].offset + proof->writes[kept].size <= size_bytes) {
		kept++;
	}
	proof->write_count = kept;
}

/* It is written at its end only: what lay there is gone. */
static void sim_proof_written(struct sim_proof *proof, const struct vfs_call *call) {
	sim_proof_cut(proof, call->offset);
	if (proof->write_count < SIM_PROOF_WRITES_MAX) {
		proof->writes[proof->write_count++] =
		        (struct sim_proof_write){.offset = call->offset,
		                                 .size = call->size,
		                                 .hash = sim_trace_hash_bytes(call->data, (size_t)call->size)};
	}
}

static void sim_proof_journal_called(struct sim_proof *proof, const struct vfs_call *call, int result) {
	if (call->method == VFS_METHOD_WRITE && result == SQLITE_OK) {
		sim_proof_written(proof, call);
	} else if (call->method == VFS_METHOD_WRITE) {
		sim_proof_cut(proof, call->offset);
	} else if (call->method == VFS_METHOD_TRUNCATE) {
		sim_proof_cut(proof, call->size);
	} else if (call->method == VFS_METHOD_DELETE) {
		proof->write_count = 0;
	}
}

/* SQLite begins a WAL anew only when the database holds all of the former one. In the protocol with
 * a journal of its own, the database gets updates later than they are acknowledged: before the
 * journal gives them up. */
void sim_proof_called(struct sim_proof *proof, const struct sim_process *process, const struct vfs_call *call,
                      int result, uint64_t acknowledged) {
	bool has_journal = process->world->plan->settings.protocol == SIM_PROTOCOL_JOURNAL;
	bool gives_up = call->method == VFS_METHOD_TRUNCATE || call->method == VFS_METHOD_DELETE;
	bool begins_wal = call->file_kind == VFS_FILE_WAL && call->method == VFS_METHOD_WRITE && call->offset == 0;
	if (call->file_kind == VFS_FILE_SUPER_JOURNAL) {
		sim_proof_journal_called(proof, call, result);
		proof->stored = gives_up && result == SQLITE_OK && !process->starting ? acknowledged : proof->stored;
	} else if (begins_wal && result == SQLITE_OK && process->starting) {
		proof->began_in_start = true;
	} else if (begins_wal && result == SQLITE_OK) {
		proof->checkpointed = has_journal ? proof->stored : acknowledged;
	}
}

/* The claim of a start begins the WAL anew, and writes what its journal had. */
void sim_proof_loaded(struct sim_proof *proof, const struct sim_settings *settings, uint64_t version) {
	bool has_journal = settings->protocol == SIM_PROTOCOL_JOURNAL;
	if (proof->began_in_start && !has_journal) {
		proof->checkpointed = version;
	}
	proof->checkpointed = version < proof->checkpointed ? version : proof->checkpointed;
	proof->stored = version;
	proof->began_in_start = false;
}

/* The last write of the step made the version. Those before it made an older one, and nobody said
 * which. */
void sim_proof_answered(struct sim_proof *proof, uint64_t version) {
	uint32_t last = proof->write_count;
	if (last == 0 || proof->writes[last - 1].version != 0) {
		return;
	}
	struct sim_proof_write made = proof->writes[last - 1];
	sim_proof_forget_open(proof);
	assert(proof->write_count < SIM_PROOF_WRITES_MAX);
	made.version = version;
	proof->writes[proof->write_count++] = made;
}

void sim_proof_forget_open(struct sim_proof *proof) {
	while (proof->write_count > 0 && proof->writes[proof->write_count - 1].version == 0) {
		proof->write_count--;
	}
}

struct sim_proof_search {
	const struct sim_proof *proof;
	bool is_intact[SIM_PROOF_WRITES_MAX];
	uint64_t version; /* of the last one that is intact */
};

static bool sim_proof_is_intact(const struct sim_proof_write *written, const struct vfs_inode *inode) {
	size_t got = 0;
	unsigned char *bytes = malloc((size_t)written->size);
	if (bytes == NULL) {
		return false;
	}
	vfs_disk_read(inode, written->offset, bytes, (size_t)written->size, &got);
	bool is_intact = got == written->size && sim_trace_hash_bytes(bytes, got) == written->hash &&
	                 vfs_disk_is_readable(inode, written->offset, written->size);
	free(bytes);
	return is_intact;
}

static void sim_proof_search_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_proof_search *search = context;
	if (strcmp(path, SIM_WORLD_PATH "-updates") != 0) {
		return;
	}
	for (uint32_t i = 0; i < search->proof->write_count; i++) {
		const struct sim_proof_write *written = &search->proof->writes[i];
		search->is_intact[i] = sim_proof_is_intact(written, inode);
		search->version = search->is_intact[i] && written->version != 0 ? written->version : search->version;
	}
}

/* What is not there when a life begins proves nothing any more, even if somebody puts it back: that
 * life may have claimed the database without it. */
static void sim_proof_keep_intact(struct sim_proof *proof, const bool *is_intact) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < proof->write_count; i++) {
		if (is_intact[i]) {
			proof->writes[kept++] = proof->writes[i];
		}
	}
	proof->write_count = kept;
}

/* ---- what SQLite reads ----------------------------------------------------------------------- */

static void sim_proof_read(void *context, const char *vfs_name) {
	uint64_t *version = context;
	struct sim_fencing_look look = {0};
	sqlite3 *connection = NULL;
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_name);
	code = code == SQLITE_OK ? sqlite3_exec(connection, "BEGIN", NULL, NULL, NULL) : code;
	code = code == SQLITE_OK ? sim_tables_read(connection, &look) : code;
	sqlite3_close(connection);
	bool is_whole = code == SQLITE_OK && look.executions == look.version && look.newest == look.version;
	*version = is_whole ? look.version : 0;
}

/* What lies beside a database that is missing or has no byte. */
struct sim_proof_beside {
	bool has_database;
	bool has_wal;
	bool has_journal; /* of a database that had pages */
};

#define SIM_PROOF_HEADER_SIZE 28u

static uint64_t sim_proof_big_endian(const unsigned char *bytes, size_t size) {
	uint64_t number = 0;
	for (size_t i = 0; i < size; i++) {
		number = number << 8 | bytes[i];
	}
	return number;
}

/* SQLite's file format, section 3: magic, count of records, nonce, pages of the database before the
 * transaction, sector size, page size. Magic and count are zeros until the journal is synced, and
 * everything is once it has done its work. */
static bool sim_proof_is_of_a_database(const struct vfs_inode *inode) {
	unsigned char header[SIM_PROOF_HEADER_SIZE];
	size_t got = 0;
	vfs_disk_read(inode, 0, header, sizeof header, &got);
	uint64_t magic = sim_proof_big_endian(header, 8);
	uint64_t sector_size = sim_proof_big_endian(header + 20, 4);
	uint64_t page_size = sim_proof_big_endian(header + 24, 4);
	bool is_begun = magic == 0xd9d505f920a163d7u || (magic == 0 && sim_proof_big_endian(header + 8, 4) == 0);
	bool has_sizes = sector_size >= 32 && sector_size <= 65536 && (sector_size & (sector_size - 1)) == 0 &&
	                 page_size >= 512 && page_size <= 65536 && (page_size & (page_size - 1)) == 0;
	return got == sizeof header && is_begun && has_sizes && sim_proof_big_endian(header + 16, 4) > 0;
}

static void sim_proof_look_beside(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_proof_beside *beside = context;
	bool has_bytes = vfs_disk_size(inode) > 0;
	beside->has_database |= has_bytes && strcmp(path, SIM_WORLD_PATH) == 0;
	beside->has_wal |= has_bytes && strcmp(path, SIM_WORLD_PATH "-wal") == 0;
	beside->has_journal |= strcmp(path, SIM_WORLD_PATH "-journal") == 0 && sim_proof_is_of_a_database(inode);
}

/* Whether nothing has happened to the database itself, and its disk keeps what was synced. */
static bool sim_proof_keeps_checkpoints(const struct sim_world *world) {
	const struct sim_owed *owed = &world->owed;
	bool is_hit = (owed->damaged_files & 1u << VFS_FILE_DB) != 0 || owed->was_put_back || owed->lied ||
	              owed->lied_sync || owed->took_back || owed->rollback_lost;
	bool is_synced = sim_contract_of_settings(&world->plan->settings, SIM_CRASH_POWER_LOSS) <= SIM_CONTRACT_PREFIX;
	return !is_hit && is_synced && world->result->probes[SIM_PROBE_SYNC_FAILED] == 0;
}

void sim_proof_begin_life(struct sim_proof *proof, const struct sim_world *world) {
	proof->began_in_start = false;
	proof->checkpointed = sim_proof_keeps_checkpoints(world) ? proof->checkpointed : 0;
}

struct sim_proved sim_proof_look(struct sim_proof *proof, struct sim_world *world) {
	struct sim_proved proved = {0};
	struct sim_proof_search search = {.proof = proof};
	struct sim_proof_beside beside = {0};
	vfs_disk_visit(world->disk, sim_proof_search_file, &search);
	proved.journal = search.version;
	sim_proof_keep_intact(proof, search.is_intact);
	sim_inspect(world, sim_proof_read, &proved.database);
	vfs_disk_visit(world->disk, sim_proof_look_beside, &beside);
	proved.checkpointed = proof->checkpointed;
	proved.orphans |= !beside.has_database && beside.has_wal ? 1u << VFS_FILE_WAL : 0;
	proved.orphans |= !beside.has_database && beside.has_journal ? 1u << VFS_FILE_JOURNAL : 0;
	return proved;
}

uint64_t sim_proof_lowest(const struct sim_proved *proved, uint32_t doubted) {
	/* A journal is read where it is hot. Who has misread it may have left the database as it
	 * was: older, where the power took what was written since. */
	const uint32_t database = 1u << VFS_FILE_DB | 1u << VFS_FILE_WAL | 1u << VFS_FILE_JOURNAL;
	/* That a WAL is there needs no reading. */
	if ((proved->orphans & ~(doubted & 1u << VFS_FILE_JOURNAL)) != 0) {
		return UINT64_MAX;
	}
	uint64_t lowest = (doubted & database) == 0 ? proved->database : 0;
	if ((doubted & 1u << VFS_FILE_DB) == 0 && proved->checkpointed > lowest) {
		lowest = proved->checkpointed;
	}
	bool vouches = (doubted & 1u << VFS_FILE_SUPER_JOURNAL) == 0 && proved->journal > lowest;
	return vouches ? proved->journal : lowest;
}
