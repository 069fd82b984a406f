/* engine/journal.h: the engine's own write-ahead journal: the updates that are durable but not yet in the database.
 *
 * A file beside the database (ENGINE_JOURNAL_SUFFIX), written through the same sqlite3_vfs. It is opened as a super-journal,
 * because that is a file kind whose first sync also syncs the directory (os_unix.c 3.40), so the name is durable with the
 * first record. A header of 16 bytes that say nothing keeps the file from being empty, for xAccess calls an empty file absent;
 * it is written with the first batch, so that an engine that never appended leaves no file. Then records, back to back, each a multiple of 8 bytes:
 *
 *   0  checksum, XXH3-64 of all that follows     24  version that the update makes
 *   8  length in bytes, whole record             32  version that the first update of its batch makes
 *  12  "AfUp"                                    40  digest of the state it makes, 16 bytes
 *  16  epoch of the writer                       56  the update: seven texts (length and bytes), three kinds, eight integers
 *
 * Where a power loss may destroy the whole sectors that are being written, because the device does not say that it overwrites safely,
 * the last record of a batch is followed by zeros, counted in its length, up to the end of a sector: no batch shares one with the next.
 *
 * A batch is written with one call and synced before the next one is written. So whatever a crash leaves of an unfinished
 * batch belongs to one batch, and a broken record with an intact one of a later batch behind it is damage (J3).
 */
#ifndef AFTERSHOCK_ENGINE_JOURNAL_H
#define AFTERSHOCK_ENGINE_JOURNAL_H

#include "store.h"

#define ENGINE_JOURNAL_SUFFIX "-updates"
#define ENGINE_JOURNAL_HEADER_SIZE 16u

struct engine_journal {
	sqlite3_vfs *vfs;
	char *path;             /* SQLite's unix VFS keeps the pointer until xClose */
	sqlite3_file *file;     /* NULL: not open */
	uint64_t size_bytes;    /* where the next batch goes */
	uint64_t sound_bytes;   /* to where the replay went: a batch appended behind anything else would not be found */
	uint64_t replayed_hash; /* of all bytes that were replayed; 0: none were */
	uint32_t sector_bytes;  /* batches end at multiples of it; 8: a power loss spares what is around a write */
	bool does_sync;         /* false with synchronous=off */
	struct engine_meta stored;     /* what the database holds: the last checkpoint */
	struct engine_change *changes; /* applied since then, in the order of versions */
	uint32_t count;
	uint32_t capacity;
	unsigned char *batch; /* encoded records of the batch being written */
	size_t batch_capacity;
};

/* Finds the journal of an open database. *exists: there is a file of at least one byte. An SQLite result code. */
int engine_journal_find(struct engine_journal *journal, const struct engine_store *store, const char *vfs_name,
                        bool *exists);

/* Opens the file, and makes it when there is none, empty. To be appended to it must be opened with the write lock of the database
 * held. After a failure it is not open. */
int engine_journal_open(struct engine_journal *journal);
void engine_journal_close_file(struct engine_journal *journal);

/* Reads and verifies all records that the state does not have yet, and applies them: to the state, and to `changes`, from
 * where they can be written to the database. On failure fills `error` and the state is to be thrown away. */
bool engine_journal_replay(struct engine_journal *journal, struct engine_state *state, struct engine_error *error);

/* Whether the file still holds what was replayed; what was not there, or has no record, replays to nothing. An SQLite result
 * code. */
int engine_journal_compare(struct engine_journal *journal, bool *is_unchanged);

/* Makes room for `count` further changes and one batch of them. False when out of memory. */
bool engine_journal_reserve(struct engine_journal *journal, uint32_t count);

/* Appends a batch and syncs it, to a file that is made if need be; then keeps the changes. The write lock of the database must be held. */
struct engine_store_result engine_journal_append(struct engine_journal *journal,
                                                 const struct engine_update *const *updates,
                                                 const struct engine_change *changes, uint32_t count);

/* Drops all records, which the database must hold durably, and with `remove` the file. The write lock must be held. An
 * SQLite result code; after a failure the journal is still sound unless *must_stop. */
int engine_journal_reset(struct engine_journal *journal, bool remove, bool *must_stop);

/* Closes and frees; a zeroed journal is allowed. Touches no file. */
void engine_journal_close(struct engine_journal *journal);

/* Whether a journal with records lies beside a database that is missing or empty. An SQLite result code. */
int engine_journal_find_orphan(sqlite3_vfs *vfs, const char *full_path, bool *is_orphan);

#endif
