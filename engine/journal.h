/* engine/journal.h: the engine's own write-ahead journal: updates that are durable, and not yet in
 * the database.
 *
 * It is a file beside the database (ENGINE_JOURNAL_SUFFIX), written through the same sqlite3_vfs.
 * It is opened as a super-journal: the first sync of such a file also syncs the directory
 * (os_unix.c 3.40), so its name is durable with the first record. A header of 16 bytes says
 * nothing. It only keeps the file from being empty, because xAccess calls an empty file absent. The
 * first batch writes it, so an engine that never appended leaves no file. Records follow back to
 * back, each a multiple of 8 bytes:
 *
 *    0  checksum: XXH3-64 of everything after it
 *    8  length in bytes of the whole record
 *   12  "AfUp"
 *   16  epoch of the writer
 *   24  version that the update makes
 *   32  version that the first update of its batch makes
 *   40  digest of the state that it makes, 16 bytes
 *   56  the update: seven texts (length and bytes), three kinds, eight integers; if it has a scope,
 *       three texts, two bytes and an integer more
 *
 * A device that does not promise powersafe overwrite may destroy whole sectors at a power loss.
 * There the last record of a batch is followed by zeros up to the end of a sector, counted in its
 * length. So no batch shares a sector with the next.
 *
 * A batch is written with one call, and synced before the next one is written. So a crash leaves an
 * unfinished part of one batch only. A broken record with an intact one of a later batch behind it
 * is damage (J3).
 */
#ifndef AFTERSHOCK_ENGINE_JOURNAL_H
#define AFTERSHOCK_ENGINE_JOURNAL_H

#include "store.h"

#define ENGINE_JOURNAL_SUFFIX "-updates"
#define ENGINE_JOURNAL_HEADER_SIZE 16u

/* A journal. Zero: there is none. */
struct engine_journal {
	sqlite3_vfs *vfs;
	char *path;                    /* owned; the unix VFS of SQLite keeps the pointer until
	                                * xClose */
	sqlite3_file *file;            /* NULL: not open */
	uint64_t size_bytes;           /* where the next batch goes */
	uint64_t sound_bytes;          /* where the replay ended; it would not find a batch behind
	                                * anything else (J6) */
	uint64_t replayed_hash;        /* of all bytes that were replayed; 0: none */
	uint32_t sector_bytes;         /* batches end at multiples of it; 8 with powersafe overwrite
	                                * (J1) */
	bool does_sync;                /* false with synchronous=off */
	struct engine_meta stored;     /* what the database holds: the last checkpoint */
	struct engine_change *changes; /* applied since then, in the order of versions */
	uint32_t count;
	uint32_t capacity;
	unsigned char *batch; /* encoded records of the batch being written */
	size_t batch_capacity;
};

/* Finds the journal of an open database. *exists says whether there is a file of at least one byte.
 * Returns an SQLite result code. */
int engine_journal_find(struct engine_journal *journal, const struct engine_store *store, const char *vfs_name,
                        bool *exists);

/* Opens the file, and makes an empty one when there is none. To append, open it under the write
 * lock of the database. After a failure it is not open. Returns an SQLite result code. */
int engine_journal_open(struct engine_journal *journal);
/* Closes the file and keeps the rest. */
void engine_journal_close_file(struct engine_journal *journal);

/* Reads and verifies all records that the state does not have yet. Applies them to the state, and
 * keeps them in `changes`, from where they can be written to the database. On failure fills
 * `error`, and the state is to be thrown away. */
bool engine_journal_replay(struct engine_journal *journal, struct engine_state *state, struct engine_error *error);

/* Says whether the file still holds what was replayed. A file that is absent, or has no record,
 * replays to nothing. Returns an SQLite result code. */
int engine_journal_compare(struct engine_journal *journal, bool *is_unchanged);

/* Makes room for `count` more changes, and one batch of them. False when out of memory. */
bool engine_journal_reserve(struct engine_journal *journal, uint32_t count);

/* Appends a batch, syncs it, and then keeps the changes. Makes the file when there is none.
 * Requires the write lock of the database, and reserved room. */
struct engine_store_result engine_journal_append(struct engine_journal *journal,
                                                 const struct engine_update *const *updates,
                                                 const struct engine_change *changes, uint32_t count);

/* Drops all records, which the database must hold durably (J5), and with `remove` the file.
 * Requires the write lock of the database. Returns an SQLite result code. After a failure the
 * journal is still sound, unless *must_stop. */
int engine_journal_reset(struct engine_journal *journal, bool remove, bool *must_stop);

/* Closes and frees. A zeroed journal is allowed. Changes no file. */
void engine_journal_close(struct engine_journal *journal);

/* Says whether a journal with records lies where the caller found no database. Returns an SQLite
 * result code. */
int engine_journal_find_orphan(sqlite3_vfs *vfs, const char *full_path, bool *is_orphan);

#endif
