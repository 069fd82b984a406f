/* sim/conformance/conformance_files.c: reading, writing and the other methods of one file. */
#include "conformance_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_CHECK_PAGE_BYTES 4096
/* A database of some pages, the last of them of nothing but content. */
#define SIM_CHECK_SETUP                                                                                                \
	"PRAGMA page_size=4096; PRAGMA journal_mode=delete; CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(20000))"

/* What SQLite keeps at the end of a page for others. */
static int sim_check_usable(sqlite3_file *file) {
	unsigned char header[100] = {0};
	file->pMethods->xRead(file, header, sizeof header, 0);
	return SIM_CHECK_PAGE_BYTES - header[20];
}

static int64_t sim_check_size_of(sqlite3_file *file) {
	sqlite3_int64 size = -1;
	return file->pMethods->xFileSize(file, &size) == SQLITE_OK ? size : -1;
}

/* The journal of the database, opened as SQLite opens it. Free it with sim_check_close. */
struct sim_check_file {
	sqlite3_vfs *vfs;
	/* Of the database, by sqlite3_create_filename(); its type is one before 3.40, and the other
	 * one since. */
	union {
		const char *kept;
		char *freed;
	} name;
	sqlite3_file *file;
};

static bool sim_check_open_journal(struct sim_stage *stage, struct sim_check_file *about) {
	int flags = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_CREATE | SQLITE_OPEN_READWRITE;
	*about = (struct sim_check_file){.vfs = sim_stage_enter(stage, 0)};
	about->name.kept =
	        sqlite3_create_filename(SIM_STAGE_PATH, SIM_STAGE_PATH "-journal", SIM_STAGE_PATH "-wal", 0, NULL);
	about->file = calloc(1, (size_t)about->vfs->szOsFile);
	if (about->name.kept == NULL || about->file == NULL) {
		return sim_stage_refuse(stage, "out of memory");
	}
	int code =
	        about->vfs->xOpen(about->vfs, sqlite3_filename_journal(about->name.kept), about->file, flags, &flags);
	return code == SQLITE_OK || sim_stage_refuse(stage, "a journal cannot be opened: %d", code);
}

static void sim_check_close(const struct sim_check_file *about) {
	if (about->file != NULL && about->file->pMethods != NULL) {
		about->file->pMethods->xClose(about->file);
	}
	free(about->file);
	sqlite3_free_filename(about->name.freed);
}

/* ---- reading and writing --------------------------------------------------------------------- */

enum sim_conformance_verdict sim_check_page(struct sim_stage *stage) {
	unsigned char written[SIM_CHECK_PAGE_BYTES];
	unsigned char page[SIM_CHECK_PAGE_BYTES];
	unsigned char found[SIM_CHECK_PAGE_BYTES] = {0};
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	sqlite3_file *other = file != NULL ? sim_stage_open(stage, 1, "PRAGMA user_version") : NULL;
	if (other == NULL) {
		return SIM_CONFORMS_NOT;
	}
	int64_t at = 3 * SIM_CHECK_PAGE_BYTES;
	sim_stage_enter(stage, 0);
	int usable = sim_check_usable(file);
	int code = file->pMethods->xRead(file, written, SIM_CHECK_PAGE_BYTES, at);
	memset(written + 100, 0xa5, 1000);
	/* It may write into what it is given, as SQLite allows nobody. */
	memcpy(page, written, sizeof page);
	code = code == SQLITE_OK ? file->pMethods->xWrite(file, page, SIM_CHECK_PAGE_BYTES, at) : code;
	sim_stage_enter(stage, 1);
	code = code == SQLITE_OK ? other->pMethods->xRead(other, found, SIM_CHECK_PAGE_BYTES, at) : code;
	if (code != SQLITE_OK) {
		return sim_check_says(sim_stage_refuse(stage, "a page cannot be read or written: %d", code));
	}
	return sim_check_says(memcmp(written, found, (size_t)usable) == 0 ||
	                      sim_stage_refuse(stage, "another process reads another page than was written"));
}

static bool sim_check_zeros(const unsigned char *bytes, size_t size) {
	bool zeros = true;
	for (size_t i = 0; i < size; i++) {
		zeros = zeros && bytes[i] == 0;
	}
	return zeros;
}

static bool sim_check_short_journal(struct sim_stage *stage, sqlite3_file *file) {
	unsigned char bytes[32];
	memset(bytes, 0xff, sizeof bytes);
	int code = file->pMethods->xWrite(file, "0123456789", 10, 0);
	if (code != SQLITE_OK) {
		return sim_stage_refuse(stage, "a journal cannot be written: %d", code);
	}
	code = file->pMethods->xRead(file, bytes, sizeof bytes, 0);
	if (code != SQLITE_IOERR_SHORT_READ) {
		return sim_stage_refuse(stage, "32 bytes of a journal of 10: %d, expected SQLITE_IOERR_SHORT_READ",
		                        code);
	}
	return (memcmp(bytes, "0123456789", 10) == 0 && sim_check_zeros(bytes + 10, sizeof bytes - 10)) ||
	       sim_stage_refuse(stage, "32 bytes of a journal of 10, expected these and zeros");
}

enum sim_conformance_verdict sim_check_short_read(struct sim_stage *stage) {
	unsigned char page[SIM_CHECK_PAGE_BYTES];
	struct sim_check_file journal;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	memset(page, 0xff, sizeof page);
	int code = file->pMethods->xRead(file, page, SIM_CHECK_PAGE_BYTES, sim_check_size_of(file));
	if (code != SQLITE_IOERR_SHORT_READ || !sim_check_zeros(page, sizeof page)) {
		return sim_check_says(sim_stage_refuse(
		        stage, "a page behind the end: %d%s, expected SQLITE_IOERR_SHORT_READ and zeros", code,
		        sim_check_zeros(page, sizeof page) ? "" : " and other bytes than zeros"));
	}
	bool holds = sim_check_open_journal(stage, &journal) && sim_check_short_journal(stage, journal.file);
	sim_check_close(&journal);
	return sim_check_says(holds);
}

enum sim_conformance_verdict sim_check_size(struct sim_stage *stage) {
	struct sim_check_file journal;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	int64_t expected = sim_stage_ask(stage, 0, "PRAGMA page_count") * SIM_CHECK_PAGE_BYTES;
	if (sim_check_size_of(file) != expected) {
		return sim_check_says(sim_stage_refuse(stage, "a database of %lld bytes has %lld", (long long)expected,
		                                       (long long)sim_check_size_of(file)));
	}
	bool holds = sim_check_open_journal(stage, &journal);
	int code = holds ? journal.file->pMethods->xWrite(journal.file, "0123456789", 10, 0) : SQLITE_OK;
	if (holds && (code != SQLITE_OK || sim_check_size_of(journal.file) != 10)) {
		holds = sim_stage_refuse(stage, "a journal of 10 bytes has %lld",
		                         (long long)sim_check_size_of(journal.file));
	}
	sim_check_close(&journal);
	return sim_check_says(holds);
}

/* ---- the disk below -------------------------------------------------------------------------- */

static uint64_t sim_check_below(const struct sim_stage *stage, const char *path) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	uint64_t size = 0;
	if (vfs_disk_open(stage->disk, path, false, &created, &inode) == VFS_OK) {
		size = vfs_disk_size(inode);
		vfs_disk_close(stage->disk, inode);
	}
	return size;
}

static bool sim_check_cut(struct sim_stage *stage, sqlite3_file *file, const char *path, int64_t to) {
	uint64_t before = sim_check_below(stage, path);
	int code = file->pMethods->xTruncate(file, to);
	if (code != SQLITE_OK) {
		return sim_stage_refuse(stage, "%s cannot be truncated: %d", path, code);
	}
	return (sim_check_size_of(file) == to && sim_check_below(stage, path) < before) ||
	       sim_stage_refuse(stage, "%s, truncated to %lld bytes, has %lld; on the disk %llu, before %llu", path,
	                        (long long)to, (long long)sim_check_size_of(file),
	                        (unsigned long long)sim_check_below(stage, path), (unsigned long long)before);
}

enum sim_conformance_verdict sim_check_truncation(struct sim_stage *stage) {
	struct sim_check_file journal;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL ||
	    !sim_check_cut(stage, file, SIM_STAGE_PATH, sim_check_size_of(file) - (int64_t)SIM_CHECK_PAGE_BYTES)) {
		return SIM_CONFORMS_NOT;
	}
	bool holds = sim_check_open_journal(stage, &journal) &&
	             journal.file->pMethods->xWrite(journal.file, "0123456789", 10, 0) == SQLITE_OK &&
	             sim_check_cut(stage, journal.file, SIM_STAGE_PATH "-journal", 4);
	sim_check_close(&journal);
	return sim_check_says(holds);
}

static void sim_check_note_volatile(void *context, const char *path, const struct vfs_inode *inode) {
	(void)path;
	*(bool *)context = *(bool *)context || !vfs_disk_is_durable(inode);
}

static bool sim_check_synced(struct sim_stage *stage, sqlite3_file *file, int flags) {
	bool is_volatile = false;
	stage->calls[VFS_METHOD_SYNC] = 0;
	int code = file->pMethods->xSync(file, flags);
	vfs_disk_visit(stage->disk, sim_check_note_volatile, &is_volatile);
	if (code != SQLITE_OK || is_volatile) {
		return sim_stage_refuse(
		        stage, "behind xSync of flags %d: %d, %u syncs of the disk, and something is %s", flags, code,
		        stage->calls[VFS_METHOD_SYNC], is_volatile ? "not durable" : "durable");
	}
	return (stage->flags & 0xf) == (uint32_t)flags ||
	       sim_stage_refuse(stage, "xSync of flags %d comes to the disk with %u", flags, stage->flags);
}

enum sim_conformance_verdict sim_check_sync(struct sim_stage *stage) {
	unsigned char page[SIM_CHECK_PAGE_BYTES];
	struct sim_check_file journal;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	int64_t at = 3 * SIM_CHECK_PAGE_BYTES;
	bool holds = file->pMethods->xRead(file, page, SIM_CHECK_PAGE_BYTES, at) == SQLITE_OK &&
	             file->pMethods->xWrite(file, page, SIM_CHECK_PAGE_BYTES, at) == SQLITE_OK &&
	             sim_check_synced(stage, file, SQLITE_SYNC_FULL);
	if (!holds) {
		return SIM_CONFORMS_NOT;
	}
	holds = sim_check_open_journal(stage, &journal) &&
	        journal.file->pMethods->xWrite(journal.file, "0123456789", 10, 0) == SQLITE_OK &&
	        sim_check_synced(stage, journal.file, SQLITE_SYNC_NORMAL);
	sim_check_close(&journal);
	return sim_check_says(holds);
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* What a call gives when the disk fails it. */
static int sim_check_call(sqlite3_file *file, enum vfs_method method) {
	unsigned char page[SIM_CHECK_PAGE_BYTES];
	sqlite3_int64 size = 0;
	int code = SQLITE_OK;
	switch ((int)method) {
	case VFS_METHOD_READ:
		return file->pMethods->xRead(file, page, SIM_CHECK_PAGE_BYTES, 3 * SIM_CHECK_PAGE_BYTES);
	case VFS_METHOD_WRITE:
		memset(page, 0, sizeof page);
		return file->pMethods->xWrite(file, page, SIM_CHECK_PAGE_BYTES, 3 * SIM_CHECK_PAGE_BYTES);
	case VFS_METHOD_TRUNCATE:
		return file->pMethods->xTruncate(file, 5 * SIM_CHECK_PAGE_BYTES);
	case VFS_METHOD_SYNC:
		return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	case VFS_METHOD_FILE_SIZE:
		return file->pMethods->xFileSize(file, &size);
	default:
		code = file->pMethods->xLock(file, SQLITE_LOCK_SHARED);
		file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
		return code;
	}
}

enum sim_conformance_verdict sim_check_errors(struct sim_stage *stage) {
	static const struct {
		enum vfs_method method;
		int code;
		const char *name;
	} calls[] = {{VFS_METHOD_READ, SQLITE_IOERR_READ, "xRead"},
	             {VFS_METHOD_WRITE, SQLITE_FULL, "xWrite"},
	             {VFS_METHOD_TRUNCATE, SQLITE_IOERR_TRUNCATE, "xTruncate"},
	             {VFS_METHOD_SYNC, SQLITE_IOERR_FSYNC, "xSync"},
	             {VFS_METHOD_FILE_SIZE, SQLITE_IOERR_FSTAT, "xFileSize"},
	             {VFS_METHOD_LOCK, SQLITE_BUSY, "xLock"}};
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	bool holds = file != NULL;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0] && holds; i++) {
		stage->fails = calls[i].method;
		stage->fails_as = calls[i].code;
		int code = sim_check_call(file, calls[i].method);
		holds = code == calls[i].code || sim_stage_refuse(stage, "%s of the disk fails with %d, and gives %d",
		                                                  calls[i].name, calls[i].code, code);
		stage->fails = VFS_METHOD_NONE;
	}
	return sim_check_says(holds);
}

/* ---- the rest -------------------------------------------------------------------------------- */

enum sim_conformance_verdict sim_check_controls(struct sim_stage *stage) {
	int persists = 1;
	int told = -1;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	/* A number that SQLite leaves to applications. */
	int unknown = file->pMethods->xFileControl(file, 1000000, &told);
	stage->calls[VFS_METHOD_FILE_CONTROL] = 0;
	int code = file->pMethods->xFileControl(file, SQLITE_FCNTL_PERSIST_WAL, &persists);
	if (unknown != SQLITE_NOTFOUND) {
		return sim_check_says(
		        sim_stage_refuse(stage, "an unknown file control gives %d, expected SQLITE_NOTFOUND", unknown));
	}
	return sim_check_says((code == SQLITE_OK && stage->calls[VFS_METHOD_FILE_CONTROL] == 1) ||
	                      sim_stage_refuse(stage,
	                                       "SQLITE_FCNTL_PERSIST_WAL gives %d, and comes to the disk %u times",
	                                       code, stage->calls[VFS_METHOD_FILE_CONTROL]));
}

/* The disk of a check promises nothing. */
enum sim_conformance_verdict sim_check_characteristics(struct sim_stage *stage) {
	const int promises = SQLITE_IOCAP_ATOMIC | 0x1fe | SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_SEQUENTIAL |
	                     SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_BATCH_ATOMIC;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	int promised = file->pMethods->xDeviceCharacteristics(file) & promises;
	return sim_check_says(
	        promised == 0 ||
	        sim_stage_refuse(stage, "promises 0x%x of SQLITE_IOCAP, and the disk nothing", (unsigned int)promised));
}

enum sim_conformance_verdict sim_check_mapping(struct sim_stage *stage) {
	unsigned char page[SIM_CHECK_PAGE_BYTES];
	void *mapped = NULL;
	sqlite3_file *file = sim_stage_open(stage, 0, SIM_CHECK_SETUP);
	if (file == NULL) {
		return SIM_CONFORMS_NOT;
	}
	if (file->pMethods->iVersion < 3 || file->pMethods->xFetch == NULL) {
		sim_stage_refuse(stage, "has no xFetch");
		return SIM_CONFORMS_WITHOUT;
	}
	int64_t at = 3 * SIM_CHECK_PAGE_BYTES;
	int code = file->pMethods->xFetch(file, at, SIM_CHECK_PAGE_BYTES, &mapped);
	int read = file->pMethods->xRead(file, page, SIM_CHECK_PAGE_BYTES, at);
	bool same = mapped == NULL || (read == SQLITE_OK && memcmp(mapped, page, sizeof page) == 0);
	if (mapped != NULL) {
		file->pMethods->xUnfetch(file, at, mapped);
	}
	return sim_check_says(
	        (code == SQLITE_OK && same) ||
	        sim_stage_refuse(stage, "xFetch gives %d%s", code, same ? "" : ", and other bytes than xRead"));
}
