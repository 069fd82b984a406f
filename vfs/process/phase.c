/* vfs/process/phase.c: what SQLite, or a program's own journal, is doing at a call.
 *
 * A phase is named from the kind of the file, the bytes that are written, and the protocol of the
 * pager: fileformat2.html section 3 (rollback journal), atomiccommit.html section 3,
 * walformat.html. Nothing is recorded for it but how a journal was opened and whether it was read
 * last. So a phase costs nothing until somebody asks.
 *
 *   A journal that is opened without SQLITE_OPEN_CREATE is hot, or is asked whether it is. One that
 *   was created and is read again is played back by its own process: a ROLLBACK.
 *   In WAL mode nobody writes to the database but a checkpoint.
 */
#include "process_internal.h"

#include <string.h>

#define METHOD(name) (1u << VFS_METHOD_##name)
#define KIND(name) (1u << VFS_FILE_##name)
#define READS (METHOD(READ) | METHOD(FILE_SIZE))
#define OWN_FILES (KIND(SUPER_JOURNAL) | KIND(OTHER))
#define SYNCS_DIRECTORY (KIND(JOURNAL) | KIND(WAL))
#define ENDS_JOURNAL (METHOD(DELETE) | METHOD(TRUNCATE) | METHOD(WRITE) | METHOD(SYNC))

#define ROW(id, text, which, kinds, line) [VFS_PHASE_##id] = {text, line, which, kinds}

static const struct vfs_phase_row vfs_phase_rows[VFS_PHASE_COUNT] = {
        ROW(NONE, "none", 0, 0, "no call"),
        ROW(JOURNAL_CREATION, "journal_creation", METHOD(OPEN), KIND(JOURNAL),
            "a rollback journal is opened to be written, and made if it is not there"),
        ROW(JOURNAL_HEADER, "journal_header", METHOD(WRITE), KIND(JOURNAL), "the header of a rollback journal"),
        ROW(JOURNAL_RECORD, "journal_record", METHOD(WRITE), KIND(JOURNAL),
            "a page as it was: its number, its content, its checksum"),
        ROW(JOURNAL_COUNT, "journal_count", METHOD(WRITE), KIND(JOURNAL),
            "how many records count, written into the header once they are synced"),
        ROW(JOURNAL_SYNC, "journal_sync", METHOD(SYNC), KIND(JOURNAL),
            "the journal is synced before the database is written"),
        ROW(DIRECTORY_SYNC, "directory_sync", METHOD(SYNC), SYNCS_DIRECTORY,
            "the first sync of a new journal or WAL, which makes its name durable, too"),
        ROW(SUPER_JOURNAL_NAME, "super_journal_name", METHOD(WRITE) | METHOD(TRUNCATE), KIND(JOURNAL),
            "the name of the super-journal, at the end of the journal of one of its files"),
        ROW(SUPER_JOURNAL_WRITE, "super_journal_write", METHOD(WRITE) | METHOD(OPEN), KIND(SUPER_JOURNAL),
            "a super-journal is made: the names of the journals of several files"),
        ROW(SUPER_JOURNAL_SYNC, "super_journal_sync", METHOD(SYNC), KIND(SUPER_JOURNAL) | KIND(JOURNAL),
            "the super-journal and its name are synced"),
        ROW(SUPER_JOURNAL_DELETION, "super_journal_deletion", METHOD(DELETE), KIND(SUPER_JOURNAL),
            "the super-journal is deleted: that commits all files"),
        ROW(SUPER_JOURNAL_CHECK, "super_journal_check", METHOD(OPEN) | METHOD(ACCESS) | READS, KIND(SUPER_JOURNAL),
            "a super-journal is looked for, or read, in a recovery"),
        ROW(DATABASE_WRITE, "database_write", METHOD(WRITE), KIND(DB), "a page is written into the database"),
        ROW(DATABASE_SYNC, "database_sync", METHOD(SYNC), KIND(DB), "the database is synced"),
        ROW(DATABASE_TRUNCATION, "database_truncation", METHOD(TRUNCATE), KIND(DB), "the database gives up its end"),
        ROW(JOURNAL_DELETION, "journal_deletion", METHOD(DELETE), KIND(JOURNAL),
            "the journal is deleted, which commits; with EXTRA its directory is synced in the same call"),
        ROW(JOURNAL_TRUNCATION, "journal_truncation", METHOD(TRUNCATE), KIND(JOURNAL),
            "the journal is truncated, which commits"),
        ROW(JOURNAL_ZEROING, "journal_zeroing", METHOD(WRITE), KIND(JOURNAL),
            "the header of the journal is overwritten with zeros, which commits"),
        ROW(JOURNAL_END_SYNC, "journal_end_sync", METHOD(SYNC), KIND(JOURNAL),
            "the truncated or zeroed journal is synced"),
        ROW(ROLLBACK_READ, "rollback_read", METHOD(READ), KIND(JOURNAL),
            "a process reads its own journal to undo what it did"),
        ROW(ROLLBACK_WRITE, "rollback_write", METHOD(WRITE) | METHOD(TRUNCATE), KIND(DB),
            "what a process undoes goes back into the database"),
        ROW(ROLLBACK_SYNC, "rollback_sync", METHOD(SYNC), KIND(DB), "the database is synced after it was undone"),
        ROW(HOT_JOURNAL_CHECK, "hot_journal_check", METHOD(OPEN) | METHOD(ACCESS) | READS, KIND(JOURNAL),
            "whether there is a journal, and whether it is hot"),
        ROW(RECOVERY_JOURNAL_SYNC, "recovery_journal_sync", METHOD(SYNC), KIND(JOURNAL),
            "a hot journal is synced before it is played back"),
        ROW(RECOVERY_READ, "recovery_read", READS, KIND(JOURNAL), "a hot journal is read"),
        ROW(RECOVERY_WRITE, "recovery_write", METHOD(WRITE), KIND(DB),
            "a page of a hot journal goes into the database"),
        ROW(RECOVERY_TRUNCATION, "recovery_truncation", METHOD(TRUNCATE), KIND(DB),
            "the database gets the size that the hot journal says"),
        ROW(RECOVERY_SYNC, "recovery_sync", METHOD(SYNC), KIND(DB),
            "the database is synced after a hot journal was played back"),
        ROW(RECOVERY_END, "recovery_end", ENDS_JOURNAL, KIND(JOURNAL),
            "a hot journal is deleted, truncated or zeroed once it was played back"),
        ROW(WAL_HEADER, "wal_header", METHOD(WRITE), KIND(WAL), "the header of a new WAL"),
        ROW(WAL_RESTART, "wal_restart", METHOD(WRITE), KIND(WAL), "the header of a WAL that begins again at its start"),
        ROW(WAL_FRAME, "wal_frame", METHOD(WRITE), KIND(WAL), "a frame that is not the last of its transaction"),
        ROW(WAL_COMMIT_FRAME, "wal_commit_frame", METHOD(WRITE), KIND(WAL),
            "the frame that commits: its header or its page"),
        ROW(WAL_SYNC, "wal_sync", METHOD(SYNC), KIND(WAL), "the WAL is synced by a writer"),
        ROW(WAL_TRUNCATION, "wal_truncation", METHOD(TRUNCATE), KIND(WAL), "the WAL is cut to a size"),
        ROW(WAL_DELETION, "wal_deletion", METHOD(DELETE), KIND(WAL), "the last connection deletes the WAL"),
        ROW(WAL_RECOVERY, "wal_recovery", READS, KIND(WAL), "the WAL is read to build its index anew"),
        ROW(CHECKPOINT_READ, "checkpoint_read", READS, KIND(WAL), "a checkpoint reads a frame"),
        ROW(CHECKPOINT_WAL_SYNC, "checkpoint_wal_sync", METHOD(SYNC), KIND(WAL),
            "a checkpoint syncs the WAL before it writes the database"),
        ROW(CHECKPOINT_WRITE, "checkpoint_write", METHOD(WRITE), KIND(DB), "a checkpoint writes a page"),
        ROW(CHECKPOINT_TRUNCATION, "checkpoint_truncation", METHOD(TRUNCATE), KIND(DB),
            "a checkpoint gives the database its size"),
        ROW(CHECKPOINT_SYNC, "checkpoint_sync", METHOD(SYNC), KIND(DB), "a checkpoint syncs the database"),
        ROW(OWN_JOURNAL_WRITE, "own_journal_write", METHOD(WRITE), OWN_FILES,
            "the program writes to a journal of its own"),
        ROW(OWN_JOURNAL_SYNC, "own_journal_sync", METHOD(SYNC), OWN_FILES, "the program syncs it"),
        ROW(OWN_JOURNAL_TRUNCATION, "own_journal_truncation", METHOD(TRUNCATE), OWN_FILES,
            "the program empties it once a checkpoint covers it"),
        ROW(OWN_JOURNAL_DELETION, "own_journal_deletion", METHOD(DELETE), OWN_FILES | KIND(DB),
            "the program deletes it"),
        ROW(OWN_JOURNAL_READ, "own_journal_read", READS, OWN_FILES, "the program reads it"),
        ROW(LOCK, "lock", METHOD(LOCK) | METHOD(UNLOCK) | METHOD(CHECK_RESERVED_LOCK) | METHOD(SHM_LOCK),
            KIND(DB) | KIND(JOURNAL) | KIND(WAL) | OWN_FILES | KIND(SHM), "a lock of the database or of its WAL index"),
        ROW(WAL_INDEX, "wal_index", METHOD(SHM_MAP) | METHOD(SHM_BARRIER) | METHOD(SHM_UNMAP), KIND(SHM),
            "the WAL index is mapped, ordered or given up"),
        ROW(READ, "read", READS | METHOD(FETCH) | METHOD(UNFETCH), KIND(DB) | KIND(JOURNAL) | KIND(WAL),
            "a page or a size is read, and none of the above is going on"),
        ROW(OPEN, "open", METHOD(OPEN) | METHOD(CLOSE) | METHOD(ACCESS) | METHOD(FILE_CONTROL),
            KIND(DB) | KIND(JOURNAL) | KIND(WAL) | OWN_FILES, "a file is opened, closed, looked for or told something"),
        ROW(TEMP, "temp", UINT32_MAX & ~1u, KIND(TEMP), "any call of a temporary file"),
        ROW(SLEEP, "sleep", METHOD(SLEEP), 0, "the process waits"),
};

#undef ROW

const struct vfs_phase_row *vfs_phase_row(enum vfs_phase phase) {
	assert((unsigned)phase < VFS_PHASE_COUNT);
	return &vfs_phase_rows[phase];
}

/* ---- looking around -------------------------------------------------------------------------- */

static bool vfs_phase_is(const struct vfs_file *file, enum vfs_file_kind kind, const char *path, size_t length,
                         const char *suffix) {
	return file->kind == kind && strncmp(file->path, path, length) == 0 && strcmp(file->path + length, suffix) == 0;
}

/* The handle that the process has on a file beside another: that whose path is the first `length`
 * bytes of `path`, and the suffix. NULL when there is none. */
static struct vfs_file *vfs_phase_beside(const struct vfs_process *process, enum vfs_file_kind kind, const char *path,
                                         size_t length, const char *suffix) {
	struct vfs_file *file = process->files;
	while (file != NULL && !vfs_phase_is(file, kind, path, length, suffix)) {
		file = file->next;
	}
	return file;
}

/* The database that a journal or WAL belongs to. */
static struct vfs_file *vfs_phase_database(const struct vfs_process *process, const char *path, size_t suffix_length) {
	size_t length = strlen(path);
	return length > suffix_length ? vfs_phase_beside(process, VFS_FILE_DB, path, length - suffix_length, "") : NULL;
}

void vfs_phase_note_journal(const struct vfs_process *process, const struct vfs_file *journal) {
	struct vfs_file *database = vfs_phase_database(process, journal->path, strlen("-journal"));
	if (database != NULL) {
		database->had_hot_journal = !journal->was_created;
	}
}

static uint32_t vfs_phase_big_endian(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Four bytes of a file as programs see them; 0 where it has none. */
static uint32_t vfs_phase_stored(const struct vfs_inode *inode, uint64_t offset) {
	uint8_t bytes[4] = {0};
	size_t got = 0;
	vfs_disk_read(inode, offset, bytes, sizeof bytes, &got);
	return got == sizeof bytes ? vfs_phase_big_endian(bytes) : 0;
}

static bool vfs_phase_is_zero(const uint8_t *bytes, size_t size) {
	size_t i = 0;
	while (i < size && bytes[i] == 0) {
		i++;
	}
	return i == size;
}

/* ---- rollback journals ----------------------------------------------------------------------- */

#define VFS_PHASE_ZEROS_BYTES 28u
#define VFS_PHASE_COUNT_BYTES 12u
#define VFS_PHASE_SUPER_END_BYTES 8u
#define VFS_PHASE_SUPER_TAIL_BYTES 16u
#define VFS_PHASE_PAGE_BYTES_MIN 512u

static const uint8_t vfs_phase_journal_magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

/* The number that a super-journal's name stands under: the page with the lock bytes at 1 GiB, for
 * page sizes from 512 to 65536. */
static bool vfs_phase_is_lock_page(uint32_t number) {
	uint32_t pages = number - 1;
	return pages >= (1u << 14) && pages <= (1u << 21) && (pages & (pages - 1)) == 0;
}

/* The name of a super-journal is written in five pieces: a page number that no record has, the
 * name, its length, its checksum, the magic. */
static bool vfs_phase_is_super_number(const struct vfs_call *call, const struct vfs_inode *inode) {
	uint32_t number = vfs_phase_big_endian(call->data);
	uint64_t offset = call->offset;
	if (vfs_phase_is_lock_page(number)) {
		return true;
	}
	if (number <= VFS_PATH_MAX && offset >= number + 4 &&
	    vfs_phase_is_lock_page(vfs_phase_stored(inode, offset - number - 4))) {
		return true;
	}
	uint32_t length = offset >= 8 ? vfs_phase_stored(inode, offset - 4) : 0;
	return length > 0 && length <= VFS_PATH_MAX && offset >= length + 8 &&
	       vfs_phase_is_lock_page(vfs_phase_stored(inode, offset - length - 8));
}

static enum vfs_phase vfs_phase_of_journal_write(const struct vfs_call *call, const struct vfs_file *file) {
	const uint8_t *bytes = call->data;
	bool has_magic = call->size >= VFS_PHASE_SUPER_END_BYTES && memcmp(bytes, vfs_phase_journal_magic, 8) == 0;
	if (call->size == VFS_PHASE_ZEROS_BYTES && call->offset == 0 && vfs_phase_is_zero(bytes, call->size)) {
		return file->was_created ? VFS_PHASE_JOURNAL_ZEROING : VFS_PHASE_RECOVERY_END;
	}
	if ((call->size == VFS_PHASE_COUNT_BYTES && has_magic) || call->size == 1) {
		return VFS_PHASE_JOURNAL_COUNT;
	}
	if (call->size == VFS_PHASE_SUPER_END_BYTES && has_magic) {
		return VFS_PHASE_SUPER_JOURNAL_NAME;
	}
	if (call->size == 4) {
		bool is_super = vfs_phase_is_super_number(call, file->inode);
		return is_super ? VFS_PHASE_SUPER_JOURNAL_NAME : VFS_PHASE_JOURNAL_RECORD;
	}
	if (call->size < VFS_PHASE_PAGE_BYTES_MIN) {
		return VFS_PHASE_SUPER_JOURNAL_NAME;
	}
	/* Headers begin a sector; a record begins with four bytes, so its content never does. */
	return call->offset % VFS_PHASE_PAGE_BYTES_MIN == 0 ? VFS_PHASE_JOURNAL_HEADER : VFS_PHASE_JOURNAL_RECORD;
}

/* The end of a name: its length, its checksum, the magic. */
bool vfs_phase_ends_with_name(const struct vfs_call *call) {
	const struct vfs_inode *inode = call->file->inode;
	uint8_t end[VFS_PHASE_SUPER_END_BYTES] = {0};
	size_t got = 0;
	uint64_t size = vfs_disk_size(inode);
	if (size < VFS_PHASE_SUPER_TAIL_BYTES) {
		return false;
	}
	vfs_disk_read(inode, size - sizeof end, end, sizeof end, &got);
	uint32_t length = vfs_phase_stored(inode, size - VFS_PHASE_SUPER_TAIL_BYTES);
	return memcmp(end, vfs_phase_journal_magic, sizeof end) == 0 && length > 0 && length <= VFS_PATH_MAX &&
	       size >= length + VFS_PHASE_SUPER_TAIL_BYTES + 4 &&
	       vfs_phase_is_lock_page(vfs_phase_stored(inode, size - length - VFS_PHASE_SUPER_TAIL_BYTES - 4));
}

static enum vfs_phase vfs_phase_of_journal_sync(const struct vfs_call *call) {
	const struct vfs_file *file = call->file;
	uint8_t header[VFS_PHASE_ZEROS_BYTES] = {0};
	size_t got = 0;
	vfs_disk_read(file->inode, 0, header, sizeof header, &got);
	bool has_ended = vfs_phase_is_zero(header, sizeof header);
	if (!file->was_created) {
		return has_ended ? VFS_PHASE_RECOVERY_END : VFS_PHASE_RECOVERY_JOURNAL_SYNC;
	}
	if (file->must_sync_directory) {
		return VFS_PHASE_DIRECTORY_SYNC;
	}
	return has_ended                        ? VFS_PHASE_JOURNAL_END_SYNC
	       : vfs_phase_ends_with_name(call) ? VFS_PHASE_SUPER_JOURNAL_SYNC
	                                        : VFS_PHASE_JOURNAL_SYNC;
}

/* Before it syncs, a pager looks for an old header behind its records (syncJournal()), and spoils
 * it with one byte. Whoever plays a journal back begins with other reads. */
static bool vfs_phase_is_look_ahead(const struct vfs_call *call, const struct vfs_file *file) {
	return call->size == sizeof vfs_phase_journal_magic && !file->was_read_last;
}

/* Of a journal that was opened to be read: whether it is only asked, or played back. */
static enum vfs_phase vfs_phase_of_hot_journal(const struct vfs_file *file) {
	return file->is_read_only ? VFS_PHASE_HOT_JOURNAL_CHECK : VFS_PHASE_RECOVERY_READ;
}

static enum vfs_phase vfs_phase_of_journal(const struct vfs_call *call) {
	const struct vfs_file *file = call->file;
	const struct vfs_file *database = NULL;
	switch ((unsigned)call->method) {
	case VFS_METHOD_OPEN:
		return (call->flags & SQLITE_OPEN_CREATE) != 0 ? VFS_PHASE_JOURNAL_CREATION
		                                               : VFS_PHASE_HOT_JOURNAL_CHECK;
	case VFS_METHOD_ACCESS:
		return VFS_PHASE_HOT_JOURNAL_CHECK;
	case VFS_METHOD_READ:
		return !file->was_created                    ? vfs_phase_of_hot_journal(file)
		       : vfs_phase_is_look_ahead(call, file) ? VFS_PHASE_READ
		                                             : VFS_PHASE_ROLLBACK_READ;
	case VFS_METHOD_FILE_SIZE:
		return file->was_created ? VFS_PHASE_READ : vfs_phase_of_hot_journal(file);
	case VFS_METHOD_WRITE:
		return vfs_phase_of_journal_write(call, file);
	case VFS_METHOD_TRUNCATE:
		return !file->was_created ? VFS_PHASE_RECOVERY_END
		       : call->size == 0  ? VFS_PHASE_JOURNAL_TRUNCATION
		                          : VFS_PHASE_SUPER_JOURNAL_NAME;
	case VFS_METHOD_SYNC:
		return vfs_phase_of_journal_sync(call);
	case VFS_METHOD_DELETE:
		database = vfs_phase_database(call->process, call->path, strlen("-journal"));
		return database != NULL && database->had_hot_journal ? VFS_PHASE_RECOVERY_END
		                                                     : VFS_PHASE_JOURNAL_DELETION;
	default:
		return VFS_PHASE_OPEN;
	}
}

/* A super-journal of SQLite's, by its name: "-mj" and nine hexadecimal digits. Anything else that
 * is opened as one is a journal of the program's own. */
static bool vfs_phase_is_super_journal(const char *path) {
	size_t length = strlen(path);
	return length > 12 && memcmp(path + length - 12, "-mj", 3) == 0;
}

static enum vfs_phase vfs_phase_of_super_journal(const struct vfs_call *call) {
	switch ((unsigned)call->method) {
	case VFS_METHOD_WRITE:
		return VFS_PHASE_SUPER_JOURNAL_WRITE;
	case VFS_METHOD_OPEN:
		return (call->flags & SQLITE_OPEN_CREATE) != 0 ? VFS_PHASE_SUPER_JOURNAL_WRITE
		                                               : VFS_PHASE_SUPER_JOURNAL_CHECK;
	case VFS_METHOD_SYNC:
		return VFS_PHASE_SUPER_JOURNAL_SYNC;
	case VFS_METHOD_DELETE:
		return VFS_PHASE_SUPER_JOURNAL_DELETION;
	case VFS_METHOD_ACCESS:
	case VFS_METHOD_READ:
	case VFS_METHOD_FILE_SIZE:
		return VFS_PHASE_SUPER_JOURNAL_CHECK;
	default:
		return VFS_PHASE_OPEN;
	}
}

static enum vfs_phase vfs_phase_of_own_journal(const struct vfs_call *call) {
	switch ((unsigned)call->method) {
	case VFS_METHOD_WRITE:
		return VFS_PHASE_OWN_JOURNAL_WRITE;
	case VFS_METHOD_SYNC:
		return VFS_PHASE_OWN_JOURNAL_SYNC;
	case VFS_METHOD_TRUNCATE:
		return VFS_PHASE_OWN_JOURNAL_TRUNCATION;
	case VFS_METHOD_DELETE:
		return VFS_PHASE_OWN_JOURNAL_DELETION;
	case VFS_METHOD_READ:
	case VFS_METHOD_FILE_SIZE:
		return VFS_PHASE_OWN_JOURNAL_READ;
	default:
		return VFS_PHASE_OPEN;
	}
}

/* ---- the WAL --------------------------------------------------------------------------------- */

#define VFS_PHASE_WAL_HEADER_BYTES 32u
#define VFS_PHASE_WAL_FRAME_HEADER_BYTES 24u

/* Whether the frame that is being written commits: its header says how many pages the database then
 * has. The header is written before the page. */
static bool vfs_phase_is_commit_frame(const struct vfs_call *call, const struct vfs_inode *inode) {
	uint64_t page = vfs_phase_stored(inode, 8);
	uint64_t frame = page + VFS_PHASE_WAL_FRAME_HEADER_BYTES;
	if (call->offset < VFS_PHASE_WAL_HEADER_BYTES || page == 0) {
		return false;
	}
	uint64_t within = (call->offset - VFS_PHASE_WAL_HEADER_BYTES) % frame;
	if (within == 0 && call->size >= 8) {
		return vfs_phase_big_endian((const uint8_t *)call->data + 4) != 0;
	}
	return vfs_phase_stored(inode, call->offset - within + 4) != 0;
}

static enum vfs_phase vfs_phase_of_wal_write(const struct vfs_call *call) {
	if (call->offset == 0 && call->size == VFS_PHASE_WAL_HEADER_BYTES) {
		return vfs_disk_size(call->file->inode) > 0 ? VFS_PHASE_WAL_RESTART : VFS_PHASE_WAL_HEADER;
	}
	return vfs_phase_is_commit_frame(call, call->file->inode) ? VFS_PHASE_WAL_COMMIT_FRAME : VFS_PHASE_WAL_FRAME;
}

/* The checkpoint at the last close has the database to itself, and takes no lock in the WAL
 * index. */
static bool vfs_phase_is_checkpoint(const struct vfs_file *database) {
	bool has_slot = (database->shm_exclusive & (1u << VFS_SHM_SLOT_CHECKPOINT)) != 0;
	return has_slot || (database->shm != NULL && database->level == SQLITE_LOCK_EXCLUSIVE);
}

static enum vfs_phase vfs_phase_of_wal_read(const struct vfs_file *database) {
	if (database == NULL) {
		return VFS_PHASE_READ;
	}
	if ((database->shm_exclusive & (1u << VFS_SHM_SLOT_RECOVER)) != 0) {
		return VFS_PHASE_WAL_RECOVERY;
	}
	return vfs_phase_is_checkpoint(database) ? VFS_PHASE_CHECKPOINT_READ : VFS_PHASE_READ;
}

static enum vfs_phase vfs_phase_of_wal(const struct vfs_call *call) {
	const struct vfs_file *database = vfs_phase_database(call->process, call->path, strlen("-wal"));
	switch ((unsigned)call->method) {
	case VFS_METHOD_READ:
	case VFS_METHOD_FILE_SIZE:
		return vfs_phase_of_wal_read(database);
	case VFS_METHOD_WRITE:
		return vfs_phase_of_wal_write(call);
	case VFS_METHOD_TRUNCATE:
		return VFS_PHASE_WAL_TRUNCATION;
	case VFS_METHOD_SYNC:
		if (call->file->must_sync_directory) {
			return VFS_PHASE_DIRECTORY_SYNC;
		}
		return database != NULL && vfs_phase_is_checkpoint(database) ? VFS_PHASE_CHECKPOINT_WAL_SYNC
		                                                             : VFS_PHASE_WAL_SYNC;
	case VFS_METHOD_DELETE:
		return VFS_PHASE_WAL_DELETION;
	default:
		return VFS_PHASE_OPEN;
	}
}

/* ---- the database ---------------------------------------------------------------------------- */

/* Who changes the database, in the order of the phases of each. */
enum vfs_phase_writer { VFS_PHASE_COMMITS, VFS_PHASE_UNDOES, VFS_PHASE_RECOVERS, VFS_PHASE_CHECKPOINTS };

static enum vfs_phase_writer vfs_phase_writer(const struct vfs_file *database) {
	const struct vfs_process *process = database->process;
	size_t length = strlen(database->path);
	if (vfs_phase_beside(process, VFS_FILE_WAL, database->path, length, "-wal") != NULL) {
		return VFS_PHASE_CHECKPOINTS;
	}
	const struct vfs_file *journal =
	        vfs_phase_beside(process, VFS_FILE_JOURNAL, database->path, length, "-journal");
	if (journal == NULL) {
		return VFS_PHASE_COMMITS;
	}
	if (!journal->was_created) {
		return VFS_PHASE_RECOVERS;
	}
	return journal->was_read_last ? VFS_PHASE_UNDOES : VFS_PHASE_COMMITS;
}

static enum vfs_phase vfs_phase_of_database_change(const struct vfs_call *call) {
	static const enum vfs_phase writes[] = {VFS_PHASE_DATABASE_WRITE, VFS_PHASE_ROLLBACK_WRITE,
	                                        VFS_PHASE_RECOVERY_WRITE, VFS_PHASE_CHECKPOINT_WRITE};
	static const enum vfs_phase syncs[] = {VFS_PHASE_DATABASE_SYNC, VFS_PHASE_ROLLBACK_SYNC,
	                                       VFS_PHASE_RECOVERY_SYNC, VFS_PHASE_CHECKPOINT_SYNC};
	static const enum vfs_phase truncations[] = {VFS_PHASE_DATABASE_TRUNCATION, VFS_PHASE_ROLLBACK_WRITE,
	                                             VFS_PHASE_RECOVERY_TRUNCATION, VFS_PHASE_CHECKPOINT_TRUNCATION};
	enum vfs_phase_writer writer = vfs_phase_writer(call->file);
	return call->method == VFS_METHOD_WRITE  ? writes[writer]
	       : call->method == VFS_METHOD_SYNC ? syncs[writer]
	                                         : truncations[writer];
}

static enum vfs_phase vfs_phase_of_database(const struct vfs_call *call) {
	switch ((unsigned)call->method) {
	case VFS_METHOD_WRITE:
	case VFS_METHOD_SYNC:
	case VFS_METHOD_TRUNCATE:
		return vfs_phase_of_database_change(call);
	case VFS_METHOD_READ:
	case VFS_METHOD_FILE_SIZE:
	case VFS_METHOD_FETCH:
	case VFS_METHOD_UNFETCH:
		return VFS_PHASE_READ;
	case VFS_METHOD_DELETE: /* SQLite deletes no database: it is a name that no suffix tells */
		return VFS_PHASE_OWN_JOURNAL_DELETION;
	default:
		return VFS_PHASE_OPEN;
	}
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool vfs_phase_is_lock(enum vfs_method method) {
	return method == VFS_METHOD_LOCK || method == VFS_METHOD_UNLOCK || method == VFS_METHOD_CHECK_RESERVED_LOCK ||
	       method == VFS_METHOD_SHM_LOCK;
}

static bool vfs_phase_is_by_path(enum vfs_method method) {
	return method == VFS_METHOD_OPEN || method == VFS_METHOD_DELETE || method == VFS_METHOD_ACCESS ||
	       method == VFS_METHOD_SLEEP;
}

enum vfs_phase vfs_phase_of(const struct vfs_call *call) {
	assert(call->file != NULL || vfs_phase_is_by_path(call->method));
	bool is_closed = call->file != NULL && call->file->inode == NULL;
	if (call->file_kind == VFS_FILE_TEMP) {
		return VFS_PHASE_TEMP;
	}
	if (is_closed || vfs_phase_is_lock(call->method)) {
		return is_closed ? VFS_PHASE_OPEN : VFS_PHASE_LOCK;
	}
	switch (call->file_kind) {
	case VFS_FILE_DB:
		return vfs_phase_of_database(call);
	case VFS_FILE_JOURNAL:
		return vfs_phase_of_journal(call);
	case VFS_FILE_WAL:
		return vfs_phase_of_wal(call);
	case VFS_FILE_SUPER_JOURNAL:
		return vfs_phase_is_super_journal(call->path) ? vfs_phase_of_super_journal(call)
		                                              : vfs_phase_of_own_journal(call);
	case VFS_FILE_SHM:
		return VFS_PHASE_WAL_INDEX;
	case VFS_FILE_OTHER:
		return vfs_phase_of_own_journal(call);
	case VFS_FILE_TEMP:
	case VFS_FILE_NONE:
	case VFS_FILE_COUNT:
		break;
	}
	return VFS_PHASE_SLEEP;
}

const char *vfs_phase_name(enum vfs_phase phase) {
	return (unsigned)phase < VFS_PHASE_COUNT ? vfs_phase_rows[phase].name : "?";
}
