/* sim/recording/transaction.c: see transaction.h. The order of SQLite's calls is that of pager.c
 * and wal.c, 3.40; the bytes that are locked are those of os_unix.c. */
#include "transaction.h"

#include <fcntl.h>
#include <string.h>

/* PENDING_BYTE of os.h: behind it lie RESERVED and the bytes of SHARED. */
#define SIM_TRANSACTION_PENDING 0x40000000u
#define SIM_TRANSACTION_RESERVED (SIM_TRANSACTION_PENDING + 1)
/* WAL_WRITE_LOCK, in the index. */
#define SIM_TRANSACTION_WAL_WRITE 120u
#define SIM_TRANSACTION_WAL_HEADER 32u
#define SIM_TRANSACTION_FRAME_HEADER 24u
#define SIM_TRANSACTION_JOURNAL_MAGIC 8u

static uint32_t sim_transaction_number(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Whether the write ends the last frame of a commit. */
static bool sim_transaction_ends_commit(const struct sim_redo_file *file, const struct sim_record *record) {
	unsigned char header[SIM_TRANSACTION_WAL_HEADER] = {0};
	unsigned char frame[SIM_TRANSACTION_FRAME_HEADER] = {0};
	size_t got = 0;
	uint64_t end = record->head->offset + record->bytes;
	if (file->inode == NULL) {
		return false;
	}
	vfs_disk_read(file->inode, 0, header, sizeof header, &got);
	uint64_t size = SIM_TRANSACTION_FRAME_HEADER + (uint64_t)sim_transaction_number(header + 8);
	if (got < sizeof header || end < SIM_TRANSACTION_WAL_HEADER + size ||
	    (end - SIM_TRANSACTION_WAL_HEADER) % size != 0) {
		return false;
	}
	vfs_disk_read(file->inode, end - size, frame, sizeof frame, &got);
	return got == sizeof frame && sim_transaction_number(frame + 4) != 0 &&
	       memcmp(frame + 8, header + 16, 8) == 0; /* the salts */
}

/* The journal is no more: how it ended, and what was synced, say how the program commits. A
 * playback writes without syncing a journal. */
static void sim_transaction_end_journal(struct sim_transaction *transaction, enum sim_journal_mode mode) {
	bool is_commit =
	        transaction->is_written && (transaction->journal_syncs > 0 || transaction->database_syncs == 0);
	transaction->is_candidate = true;
	transaction->has_journal = false;
	if (is_commit) {
		transaction->ended_mode = mode;
		transaction->ended_synchronous = transaction->journal_syncs == 0  ? SIM_SYNCHRONOUS_OFF
		                                 : transaction->journal_syncs < 2 ? SIM_SYNCHRONOUS_NORMAL
		                                                                  : SIM_SYNCHRONOUS_FULL;
	}
	transaction->journal_syncs = transaction->database_syncs = 0;
	transaction->is_written = false;
}

/* The transaction that has ended returns: what was synced up to here was synced for it. */
static void sim_transaction_return(struct sim_transaction *transaction) {
	if (transaction->ended_mode != SIM_JOURNAL_NONE) {
		transaction->journal_mode = transaction->ended_mode;
		transaction->synchronous = transaction->ended_synchronous;
		transaction->ended_mode = SIM_JOURNAL_NONE;
		transaction->journal_syncs = transaction->database_syncs = 0;
	}
}

/* The same of a commit in a WAL. */
static void sim_transaction_return_wal(struct sim_transaction *transaction) {
	if (transaction->commits_wal) {
		transaction->journal_mode = SIM_JOURNAL_WAL;
		transaction->synchronous = transaction->wal_is_dirty ? SIM_SYNCHRONOUS_NORMAL : SIM_SYNCHRONOUS_FULL;
		transaction->commits_wal = false;
	}
}

/* The next transaction begins, and the lock is still there: in locking mode EXCLUSIVE nobody gives
 * it back. Whoever begins one has returned from the last. Behind a commit in a WAL that is not
 * synced there may be frames that only fill a sector: these say nothing. */
static void sim_transaction_begin_next(struct sim_transaction *transaction) {
	bool has_ended = transaction->ended_mode != SIM_JOURNAL_NONE;
	bool is_in_wal = transaction->commits_wal && !transaction->wal_is_dirty;
	transaction->has_returned |= has_ended || is_in_wal;
	sim_transaction_return(transaction);
	if (is_in_wal) {
		sim_transaction_return_wal(transaction);
	}
}

static void sim_transaction_note_journal(struct sim_transaction *transaction, const struct sim_record *record) {
	static const unsigned char nothing[SIM_TRANSACTION_JOURNAL_MAGIC];
	const struct record_head *head = record->head;
	bool is_header = head->offset == 0 && record->bytes >= sizeof nothing;
	switch ((int)head->kind) {
	case RECORD_WRITE:
	case RECORD_CONTENT:
		/* A header comes as zeros first, and once more when its records are synced. */
		if (is_header && !transaction->has_journal) {
			sim_transaction_begin_next(transaction);
		}
		if (is_header && memcmp(record->content, nothing, sizeof nothing) != 0) {
			transaction->has_journal = true;
		} else if (is_header && transaction->has_journal) {
			sim_transaction_end_journal(transaction, SIM_JOURNAL_PERSIST);
		}
		break;
	case RECORD_SYNC:
		transaction->journal_syncs++;
		break;
	case RECORD_TRUNCATE:
		if (head->offset == 0 && transaction->has_journal) {
			sim_transaction_end_journal(transaction, SIM_JOURNAL_TRUNCATE);
		}
		break;
	case RECORD_UNLINK:
		sim_transaction_end_journal(transaction, SIM_JOURNAL_DELETE);
		break;
	default:
		break;
	}
}

static void sim_transaction_note_wal(struct sim_transaction *transaction, const struct sim_redo_file *file,
                                     const struct sim_record *record) {
	switch ((int)record->head->kind) {
	case RECORD_CONTENT:
		transaction->has_wal = true;
		break;
	case RECORD_WRITE:
		sim_transaction_begin_next(transaction);
		transaction->has_wal = transaction->wal_is_dirty = true;
		if (sim_transaction_ends_commit(file, record)) {
			transaction->is_candidate = transaction->commits_wal = true;
		}
		break;
	case RECORD_SYNC:
		transaction->wal_is_dirty = false;
		break;
	case RECORD_TRUNCATE:
	case RECORD_UNLINK:
		transaction->has_wal = record->head->kind == RECORD_TRUNCATE && record->head->offset > 0;
		transaction->is_candidate = true;
		break;
	default:
		break;
	}
}

/* A WAL that was not synced goes into the database: synchronous is off. */
static void sim_transaction_note_write(struct sim_transaction *transaction) {
	transaction->is_written = true;
	if (transaction->has_wal && !transaction->has_journal) {
		transaction->journal_mode = transaction->wal_is_dirty ? SIM_JOURNAL_WAL : transaction->journal_mode;
		transaction->synchronous = transaction->wal_is_dirty ? SIM_SYNCHRONOUS_OFF : transaction->synchronous;
	} else if (!transaction->has_journal) {
		transaction->is_bare = true;
		transaction->journal_mode = SIM_JOURNAL_OFF;
		transaction->synchronous = SIM_SYNCHRONOUS_OFF;
	}
}

static void sim_transaction_end_bare(struct sim_transaction *transaction) {
	transaction->is_candidate |= transaction->is_bare;
	transaction->is_bare = false;
}

static void sim_transaction_note_lock(struct sim_transaction *transaction, const struct sim_redo_file *file,
                                      const struct sim_record *record) {
	const struct record_head *head = record->head;
	uint64_t byte = file->kind == RECORD_FILE_SHM ? SIM_TRANSACTION_WAL_WRITE : SIM_TRANSACTION_RESERVED;
	bool covers = head->offset <= byte && (head->length == 0 || byte < head->offset + head->length);
	unsigned kind = head->flags & 0xffu;
	if (covers && kind == F_WRLCK) {
		transaction->writer = head->process;
	} else if (covers && kind == F_UNLCK) {
		transaction->writer = transaction->writer == head->process ? 0 : transaction->writer;
		transaction->has_returned = true;
		sim_transaction_return(transaction);
		sim_transaction_return_wal(transaction);
	}
	if (kind == F_UNLCK && file->kind == RECORD_FILE_DATABASE) {
		sim_transaction_end_bare(transaction);
	}
}

static void sim_transaction_note_database(struct sim_transaction *transaction, const struct sim_record *record) {
	switch ((int)record->head->kind) {
	case RECORD_WRITE:
	case RECORD_TRUNCATE:
		sim_transaction_note_write(transaction);
		break;
	case RECORD_SYNC:
		transaction->database_syncs++;
		break;
	case RECORD_CLOSE:
		sim_transaction_end_bare(transaction);
		break;
	case RECORD_UNLINK:
	case RECORD_RENAME:
		transaction->is_candidate = true;
		break;
	default:
		break;
	}
}

void sim_transaction_note(struct sim_transaction *transaction, const struct sim_redo_file *file,
                          const struct sim_record *record) {
	transaction->is_candidate = transaction->has_returned = false;
	transaction->journal_mode = SIM_JOURNAL_NONE;
	transaction->synchronous = SIM_SYNCHRONOUS_NONE;
	if (file == NULL) {
		bool is_extra = transaction->ended_mode == SIM_JOURNAL_DELETE &&
		                transaction->ended_synchronous == SIM_SYNCHRONOUS_FULL;
		transaction->ended_synchronous = is_extra ? SIM_SYNCHRONOUS_EXTRA : transaction->ended_synchronous;
	} else if (record->head->kind == RECORD_LOCK) {
		sim_transaction_note_lock(transaction, file, record);
	} else if (file->kind == RECORD_FILE_JOURNAL) {
		sim_transaction_note_journal(transaction, record);
	} else if (file->kind == RECORD_FILE_WAL) {
		sim_transaction_note_wal(transaction, file, record);
	} else if (file->kind == RECORD_FILE_DATABASE) {
		sim_transaction_note_database(transaction, record);
	} else if (file->kind == RECORD_FILE_SUPER) {
		transaction->is_candidate = record->head->kind == RECORD_UNLINK;
	}
}
