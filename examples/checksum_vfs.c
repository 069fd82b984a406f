/* examples/checksum_vfs.c: a VFS that lies on top of the default one, and keeps a checksum at the
 * end of each page of a database. A page that is not what was written is noticed when it is read.
 *
 * The checksum is within the page, so no moment leaves one without the other but that in which a
 * page is torn, and then the journal or the WAL has it. SQLite leaves room for it: 8 reserved
 * bytes, which byte 20 of the header counts (sqlite.org/fileformat2.html, section 1.3.4). Journals
 * and WALs pass as they are. They have checksums of their own.
 *
 * Build it as a loadable extension:
 * cc -O2 -fPIC -shared examples/checksum_vfs.c -o checksum_vfs.so
 */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SUM_BYTES 8
#define PAGE_MAX 65536

static sqlite3_vfs checksum_vfs;
static sqlite3_vfs *below;

/* A database. The file below lies behind it. */
struct checked {
	sqlite3_file base;
	int page_bytes; /* 0: its pages have no sums, or nobody has read or written the first one */
};

static sqlite3_file *real(sqlite3_file *file) {
	return (sqlite3_file *)(void *)((struct checked *)(void *)file + 1);
}

/* Of a page at that place: one that went astray is noticed, too. */
static uint64_t sum_of(const unsigned char *page, int size, sqlite3_int64 at) {
	uint64_t sum = (uint64_t)at;
	for (int i = 0; i < size - SUM_BYTES; i++) {
		sum = (sum ^ page[i]) * UINT64_C(0x100000001b3);
	}
	return sum;
}

/* What its first page, or the beginning of it, says of all. */
static void learn(sqlite3_file *file, const unsigned char *header) {
	int bytes = header[16] << 8 | header[17] << 16;
	((struct checked *)(void *)file)->page_bytes = header[20] == SUM_BYTES ? bytes : 0;
}

/* Nobody has ever written a page of zeros. */
static bool is_sound(const unsigned char *page, int size, sqlite3_int64 at) {
	uint64_t sum = sum_of(page, size, at);
	bool is_empty = page[0] == 0 && memcmp(page, page + 1, (size_t)size - 1) == 0;
	return is_empty || memcmp(page + size - SUM_BYTES, &sum, SUM_BYTES) == 0;
}

static int write_with_sum(sqlite3_file *file, const unsigned char *bytes, int size, sqlite3_int64 at) {
	static unsigned char page[PAGE_MAX];
	memcpy(page, bytes, (size_t)size);
	uint64_t sum = sum_of(page, size, at);
	memcpy(page + size - SUM_BYTES, &sum, SUM_BYTES);
	return real(file)->pMethods->xWrite(real(file), page, size, at);
}

/* Of a new database pages may have been written before the first one. */
static int begin_sums(sqlite3_file *file, int size) {
	static unsigned char page[PAGE_MAX];
	sqlite3_int64 end = 0;
	int code = real(file)->pMethods->xFileSize(real(file), &end);
	for (sqlite3_int64 at = size; code == SQLITE_OK && at + size <= end; at += size) {
		code = real(file)->pMethods->xRead(real(file), page, size, at);
		code = code == SQLITE_OK ? write_with_sum(file, page, size, at) : code;
	}
	return code;
}

/* Whoever does not know the size of the pages yet may read the first one by another. */
static int checked_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 at) {
	const struct checked *own = (struct checked *)(void *)file;
	int code = real(file)->pMethods->xRead(real(file), bytes, size, at);
	if (code == SQLITE_OK && at == 0 && size >= 100) {
		learn(file, bytes);
	}
	return code == SQLITE_OK && size == own->page_bytes && !is_sound(bytes, size, at) ? SQLITE_CORRUPT : code;
}

static int checked_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at) {
	const struct checked *own = (struct checked *)(void *)file;
	bool had_sums = own->page_bytes != 0;
	int code = SQLITE_OK;
	if (at == 0 && size >= 100) {
		learn(file, bytes);
		code = own->page_bytes == size && !had_sums ? begin_sums(file, size) : SQLITE_OK;
	}
	if (code == SQLITE_OK && size == own->page_bytes) {
		return write_with_sum(file, bytes, size, at);
	}
	return code == SQLITE_OK ? real(file)->pMethods->xWrite(real(file), bytes, size, at) : code;
}

/* ---- what passes as it is -------------------------------------------------------------------- */

#define PASS(type, name, method, parameters, arguments)                                                                \
	static type checked_##name parameters {                                                                        \
		return real(file)->pMethods->method arguments;                                                         \
	}
PASS(int, close, xClose, (sqlite3_file * file), (real(file)))
PASS(int, truncate, xTruncate, (sqlite3_file * file, sqlite3_int64 size), (real(file), size))
PASS(int, sync, xSync, (sqlite3_file * file, int flags), (real(file), flags))
PASS(int, size, xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (real(file), size))
PASS(int, lock, xLock, (sqlite3_file * file, int level), (real(file), level))
PASS(int, unlock, xUnlock, (sqlite3_file * file, int level), (real(file), level))
PASS(int, reserved, xCheckReservedLock, (sqlite3_file * file, int *is), (real(file), is))
PASS(int, control, xFileControl, (sqlite3_file * file, int what, void *argument), (real(file), what, argument))
PASS(int, sector, xSectorSize, (sqlite3_file * file), (real(file)))
PASS(int, device, xDeviceCharacteristics, (sqlite3_file * file), (real(file)))
PASS(int, shm_map, xShmMap, (sqlite3_file * file, int n, int size, int extend, void volatile **at),
     (real(file), n, size, extend, at))
PASS(int, shm_lock, xShmLock, (sqlite3_file * file, int from, int n, int flags), (real(file), from, n, flags))

static void checked_shm_barrier(sqlite3_file *file) {
	real(file)->pMethods->xShmBarrier(real(file));
}

PASS(int, shm_unmap, xShmUnmap, (sqlite3_file * file, int deletes), (real(file), deletes))

/* Version 2: without xFetch, for what is mapped passes by. */
static const sqlite3_io_methods methods = {2,
                                           checked_close,
                                           checked_read,
                                           checked_write,
                                           checked_truncate,
                                           checked_sync,
                                           checked_size,
                                           checked_lock,
                                           checked_unlock,
                                           checked_reserved,
                                           checked_control,
                                           checked_sector,
                                           checked_device,
                                           checked_shm_map,
                                           checked_shm_lock,
                                           checked_shm_barrier,
                                           checked_shm_unmap,
                                           NULL,
                                           NULL};

static int checked_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
	(void)vfs;
	if ((flags & SQLITE_OPEN_MAIN_DB) == 0) {
		return below->xOpen(below, path, file, flags, out_flags);
	}
	memset(file, 0, sizeof(struct checked));
	int code = below->xOpen(below, path, real(file), flags, out_flags);
	file->pMethods = real(file)->pMethods != NULL ? &methods : NULL;
	return code;
}

/* Each new connection asks for the room: of a new database, it is there then. */
static int reserve(sqlite3 *connection, char **message, const sqlite3_api_routines *routines) {
	int bytes = SUM_BYTES;
	(void)message;
	(void)routines;
	sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
	return SQLITE_OK;
}

int sqlite3_extension_init(sqlite3 *connection, char **message, const sqlite3_api_routines *routines);

int sqlite3_extension_init(sqlite3 *connection, char **message, const sqlite3_api_routines *routines) {
	SQLITE_EXTENSION_INIT2(routines)
	(void)connection;
	(void)message;
	below = sqlite3_vfs_find(NULL);
	checksum_vfs = *below;
	checksum_vfs.pNext = NULL;
	checksum_vfs.zName = "checksum";
	checksum_vfs.szOsFile = (int)sizeof(struct checked) + below->szOsFile;
	checksum_vfs.xOpen = checked_open;
	int code = sqlite3_vfs_register(&checksum_vfs, 0);
	code = code == SQLITE_OK ? sqlite3_auto_extension((void (*)(void))reserve) : code;
	return code == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : code;
}
