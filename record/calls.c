/* record/calls.c: the C library's calls that change a file, under their names. Each does what it
 * does, and is recorded when the file is SQLite's (watch.h). What cannot be recorded is passed on:
 * the program never notices.
 *
 * A sync is recorded where it begins: what was written before is durable then. It is not held up by
 * the lock. A lock that is taken is recorded behind the call, one that is given back before it. */
#include "kernel.h"
#include "watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define RECORD_VISIBLE __attribute__((visibility("default")))
#define RECORD_COPY_BYTES 65536u

/* ---- the beginning --------------------------------------------------------------------------- */

static void record_before_fork(void) {
	(void)record_begin();
}

static void record_after_fork(void) {
	if (record_control() != NULL && record_is_inside_call()) {
		record_end();
	}
}

__attribute__((constructor)) static void record_start(void) {
	if (record_control() == NULL) {
		return;
	}
	pthread_atfork(record_before_fork, record_after_fork, record_control_forked);
	if (record_begin()) {
		const char *name = program_invocation_short_name;
		record_control()->processes++;
		record_say(RECORD_PROCESS, 0, 0, name, (uint32_t)strlen(name));
		record_watch_inherited();
		record_end();
	}
}

static bool record_is_seen(const struct record_watched *watched) {
	return watched->number != 0 && watched->kind != RECORD_FILE_SHM;
}

/* ---- open and close -------------------------------------------------------------------------- */

static int record_open(int directory, const char *path, int flags, unsigned mode) {
	struct record_opening opening = {.path = path, .flags = flags};
	bool writes = (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0 && (flags & O_TMPFILE) != O_TMPFILE;
	bool is_recorded = writes && record_begin();
	if (is_recorded && !record_watch_may_open(directory, &opening)) {
		record_end(); /* it may wait for somebody, as a pipe does */
		is_recorded = false;
	}
	int descriptor = record_kernel_open(directory, path, flags, mode);
	int kept = errno;
	if (is_recorded) {
		if (descriptor >= 0) {
			record_watch_opened(descriptor, &opening);
		}
		record_end();
	} else if (descriptor >= 0) {
		record_watch_forget(descriptor);
	}
	errno = kept;
	return descriptor;
}

#define RECORD_MODE(last)                                                                                              \
	unsigned mode = 0;                                                                                             \
	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, last);                                                                             \
		mode = va_arg(arguments, unsigned);                                                                    \
		va_end(arguments);                                                                                     \
	}

RECORD_VISIBLE int open(const char *path, int flags, ...) {
	RECORD_MODE(flags)
	return record_open(AT_FDCWD, path, flags, mode);
}

RECORD_VISIBLE int open64(const char *path, int flags, ...) {
	RECORD_MODE(flags)
	return record_open(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

RECORD_VISIBLE int openat(int directory, const char *path, int flags, ...) {
	RECORD_MODE(flags)
	return record_open(directory, path, flags, mode);
}

RECORD_VISIBLE int openat64(int directory, const char *path, int flags, ...) {
	RECORD_MODE(flags)
	return record_open(directory, path, flags | O_LARGEFILE, mode);
}

/* What _FORTIFY_SOURCE makes of calls without a mode. The names are those of the C library. */
/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming) */
RECORD_VISIBLE int __open_2(const char *path, int flags);
RECORD_VISIBLE int __open64_2(const char *path, int flags);
RECORD_VISIBLE int __openat_2(int directory, const char *path, int flags);
RECORD_VISIBLE int __openat64_2(int directory, const char *path, int flags);

RECORD_VISIBLE int __open_2(const char *path, int flags) {
	return record_open(AT_FDCWD, path, flags, 0);
}

RECORD_VISIBLE int __open64_2(const char *path, int flags) {
	return record_open(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

RECORD_VISIBLE int __openat_2(int directory, const char *path, int flags) {
	return record_open(directory, path, flags, 0);
}

RECORD_VISIBLE int __openat64_2(int directory, const char *path, int flags) {
	return record_open(directory, path, flags | O_LARGEFILE, 0);
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

RECORD_VISIBLE int creat(const char *path, mode_t mode) {
	return record_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

RECORD_VISIBLE int creat64(const char *path, mode_t mode) {
	return record_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* What a stream writes passes by: a database that is written to in this way is named. */
static FILE *record_stream(const char *name, const char *path, const char *mode) {
	FILE *(*real)(const char *, const char *) = NULL;
	void *found = dlsym(RTLD_NEXT, name);
	memcpy(&real, &found, sizeof real);
	FILE *stream = real != NULL ? real(path, mode) : NULL;
	char text[RECORD_PATH_MAX + 1];
	if (stream == NULL || strpbrk(mode, "wa+") == NULL || !record_begin()) {
		return stream;
	}
	struct stat status;
	int descriptor = fileno(stream);
	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && record_real_path(descriptor, text)) {
		bool is_ours = record_watch_named(AT_FDCWD, text) != NULL;
		record_say(RECORD_UNSEEN, 0, is_ours ? RECORD_UNSEEN_STREAM : RECORD_UNSEEN_FILE, text,
		           (uint32_t)strlen(text));
	}
	record_watch_forget(descriptor);
	record_end();
	return stream;
}

RECORD_VISIBLE FILE *fopen(const char *path, const char *mode) {
	return record_stream("fopen", path, mode);
}

RECORD_VISIBLE FILE *fopen64(const char *path, const char *mode) {
	return record_stream("fopen64", path, mode);
}

RECORD_VISIBLE int close(int descriptor) {
	struct record_watched *watched = record_watch(descriptor);
	if (watched != NULL && record_is_own_memory()) {
		if (record_is_seen(watched) && record_begin()) {
			record_say(RECORD_CLOSE, watched->number, 0, NULL, 0);
			record_end();
		}
		*watched = (struct record_watched){0};
	}
	return record_kernel_close(descriptor);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Behind a call that has written these bytes. */
static void record_written(uint32_t number, const void *bytes, size_t size, uint64_t offset) {
	for (size_t done = 0; done < size; done += RECORD_CONTENT_MAX) {
		size_t left = size - done;
		size_t one = left < RECORD_CONTENT_MAX ? left : RECORD_CONTENT_MAX;
		struct record_head *head =
		        record_add_once(RECORD_WRITE, number, (const char *)bytes + done, (uint32_t)one);
		if (head != NULL) {
			head->offset = offset + done;
			record_keep(head);
		}
	}
}

/* The record is filled before the call, so that it is there when the process dies in it. */
static ssize_t record_write_one(int descriptor, uint32_t number, const void *bytes, size_t size, uint64_t offset) {
	if (size == 0 || size > RECORD_CONTENT_MAX) {
		ssize_t written = record_kernel_pwrite(descriptor, bytes, size, offset);
		if (written > 0) {
			record_written(number, bytes, (size_t)written, offset);
		}
		return written;
	}
	struct record_head *head = record_add_once(RECORD_WRITE, number, bytes, (uint32_t)size);
	if (head != NULL) {
		head->offset = offset;
	}
	ssize_t written = record_kernel_pwrite(descriptor, bytes, size, offset);
	int kept = errno;
	if (written == (ssize_t)size) {
		record_keep(head);
	} else {
		record_drop(head);
		if (written > 0) {
			record_written(number, bytes, (size_t)written, offset);
		}
	}
	errno = kept;
	return written;
}

/* Begins a call on a descriptor that is watched. NULL: it is passed on. */
static struct record_watched *record_begin_call(int descriptor) {
	struct record_watched *watched = record_watch(descriptor);
	return watched != NULL && record_begin() ? watched : NULL;
}

static ssize_t record_pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
	struct record_watched *watched = record_begin_call(descriptor);
	if (watched == NULL) {
		return record_kernel_pwrite(descriptor, bytes, size, (uint64_t)offset);
	}
	if (watched->kind == RECORD_FILE_UNDECIDED) {
		record_watch_decide(descriptor, watched, bytes, size, (uint64_t)offset);
	}
	ssize_t written = record_is_seen(watched)
	                          ? record_write_one(descriptor, watched->number, bytes, size, (uint64_t)offset)
	                          : record_kernel_pwrite(descriptor, bytes, size, (uint64_t)offset);
	record_end();
	return written;
}

RECORD_VISIBLE ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
	return record_pwrite(descriptor, bytes, size, offset);
}

RECORD_VISIBLE ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
	return record_pwrite(descriptor, bytes, size, offset);
}

/* Where the next write of a descriptor goes. */
static uint64_t record_position(int descriptor, const struct stat *status) {
	int flags = record_kernel_fcntl(descriptor, F_GETFL, NULL);
	return flags >= 0 && (flags & O_APPEND) != 0 ? (uint64_t)status->st_size
	                                             : (uint64_t)lseek(descriptor, 0, SEEK_CUR);
}

/* Pieces that are written by one call, and recorded one by one. `offset` NULL: where it stands. */
static ssize_t record_write_pieces(int descriptor, const struct iovec *pieces, int count, const off_t *offset) {
	struct stat status;
	struct record_watched *watched = record_begin_call(descriptor);
	uint64_t at = 0;
	/* A descriptor may have been closed by who is not seen, and lead to a socket now. */
	if (watched != NULL && !record_watch_verify(descriptor, watched, &status)) {
		record_end();
		watched = NULL;
	}
	if (watched != NULL) {
		at = offset != NULL ? (uint64_t)*offset : record_position(descriptor, &status);
		if (watched->kind == RECORD_FILE_UNDECIDED && count > 0) {
			record_watch_decide(descriptor, watched, pieces[0].iov_base, pieces[0].iov_len, at);
		}
	}
	ssize_t written = offset != NULL ? syscall(SYS_pwritev, descriptor, pieces, (long)count, (long)*offset, 0L)
	                                 : syscall(SYS_writev, descriptor, pieces, (long)count);
	if (watched == NULL) {
		return written;
	}
	int kept = errno;
	size_t left = written > 0 && record_is_seen(watched) ? (size_t)written : 0;
	for (int i = 0; i < count && left > 0; i++) {
		size_t one = pieces[i].iov_len < left ? pieces[i].iov_len : left;
		record_written(watched->number, pieces[i].iov_base, one, at);
		at += one;
		left -= one;
	}
	record_end();
	errno = kept;
	return written;
}

RECORD_VISIBLE ssize_t write(int descriptor, const void *bytes, size_t size) {
	if (record_watch(descriptor) == NULL) {
		return record_kernel_write(descriptor, bytes, size);
	}
	const struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
	return record_write_pieces(descriptor, &piece, 1, NULL);
}

RECORD_VISIBLE ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
	return record_write_pieces(descriptor, pieces, count, NULL);
}

RECORD_VISIBLE ssize_t pwritev(int descriptor, const struct iovec *pieces, int count, off_t offset) {
	return record_write_pieces(descriptor, pieces, count, &offset);
}

RECORD_VISIBLE ssize_t pwritev64(int descriptor, const struct iovec *pieces, int count, off64_t offset) {
	return record_write_pieces(descriptor, pieces, count, &offset);
}

/* ---- copying --------------------------------------------------------------------------------- */

/* From one descriptor to one that is watched: by reading and writing, which is seen. */
static ssize_t record_copy(int to, off64_t *to_offset, int from, off64_t *from_offset, size_t size) {
	char bytes[RECORD_COPY_BYTES];
	size_t wanted = size < sizeof bytes ? size : sizeof bytes;
	ssize_t got = from_offset != NULL ? record_kernel_pread(from, bytes, wanted, (uint64_t)*from_offset)
	                                  : syscall(SYS_read, from, bytes, wanted);
	if (got <= 0) {
		return got;
	}
	ssize_t written =
	        to_offset != NULL ? pwrite(to, bytes, (size_t)got, *to_offset) : write(to, bytes, (size_t)got);
	size_t gone = written > 0 ? (size_t)written : 0;
	if (from_offset != NULL) {
		*from_offset += (off64_t)gone;
	} else if (gone < (size_t)got) {
		(void)lseek(from, -(off_t)((size_t)got - gone), SEEK_CUR);
	}
	if (to_offset != NULL) {
		*to_offset += (off64_t)gone;
	}
	return written;
}

RECORD_VISIBLE ssize_t sendfile(int to, int from, off_t *offset, size_t size) {
	return record_watch(to) != NULL ? record_copy(to, NULL, from, offset, size)
	                                : syscall(SYS_sendfile, to, from, offset, size);
}

RECORD_VISIBLE ssize_t sendfile64(int to, int from, off64_t *offset, size_t size) {
	return sendfile(to, from, offset, size);
}

/* NOLINTNEXTLINE(readability-function-size): the C library's six */
RECORD_VISIBLE ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size,
                                       unsigned flags) {
	return record_watch(to) != NULL ? record_copy(to, to_offset, from, from_offset, size)
	                                : syscall(SYS_copy_file_range, from, from_offset, to, to_offset, size, flags);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static int record_truncate(int descriptor, off_t size) {
	const struct record_watched *watched = record_begin_call(descriptor);
	int result = record_kernel_truncate(descriptor, (uint64_t)size);
	if (watched != NULL) {
		int kept = errno;
		if (result == 0 && record_is_seen(watched)) {
			record_say(RECORD_TRUNCATE, watched->number, (uint64_t)size, NULL, 0);
		}
		record_end();
		errno = kept;
	}
	return result;
}

RECORD_VISIBLE int ftruncate(int descriptor, off_t size) {
	return record_truncate(descriptor, size);
}

RECORD_VISIBLE int ftruncate64(int descriptor, off64_t size) {
	return record_truncate(descriptor, size);
}

static int record_truncate_path(const char *path, off_t size) {
	bool begun = record_begin();
	const struct record_file *file = begun ? record_watch_named(AT_FDCWD, path) : NULL;
	int result = (int)syscall(SYS_truncate, path, size);
	int kept = errno;
	if (result == 0 && file != NULL && file->kind != RECORD_FILE_SHM) {
		record_say(RECORD_TRUNCATE, file->number, (uint64_t)size, NULL, 0);
	}
	if (begun) {
		record_end();
	}
	errno = kept;
	return result;
}

RECORD_VISIBLE int truncate(const char *path, off_t size) {
	return record_truncate_path(path, size);
}

RECORD_VISIBLE int truncate64(const char *path, off64_t size) {
	return record_truncate_path(path, size);
}

/* 0, or -1 with errno. What the file system cannot allocate, a longer file is as good as. */
static int record_allocate(int descriptor, int mode, off_t offset, off_t size) {
	struct stat status;
	const struct record_watched *watched = record_begin_call(descriptor);
	off_t before = watched != NULL && fstat(descriptor, &status) == 0 ? status.st_size : 0;
	int result = (int)syscall(SYS_fallocate, descriptor, mode, offset, size);
	if (watched != NULL) {
		int kept = errno;
		bool grows = mode == 0 && offset + size > before;
		if (result == 0 && record_is_seen(watched) && grows) {
			record_say(RECORD_TRUNCATE, watched->number, (uint64_t)(offset + size), NULL, 0);
		}
		record_end();
		errno = kept;
	}
	return result;
}

RECORD_VISIBLE int fallocate(int descriptor, int mode, off_t offset, off_t size) {
	return record_allocate(descriptor, mode, offset, size);
}

RECORD_VISIBLE int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
	return record_allocate(descriptor, mode, offset, size);
}

static int record_posix_allocate(int descriptor, off_t offset, off_t size) {
	struct stat status;
	int kept = errno;
	int result = record_allocate(descriptor, 0, offset, size);
	bool cannot = result != 0 && errno == EOPNOTSUPP && fstat(descriptor, &status) == 0;
	if (cannot) {
		result = offset + size > status.st_size ? record_truncate(descriptor, offset + size) : 0;
	}
	int reason = result == 0 ? 0 : errno;
	errno = kept;
	return reason;
}

RECORD_VISIBLE int posix_fallocate(int descriptor, off_t offset, off_t size) {
	return record_posix_allocate(descriptor, offset, size);
}

RECORD_VISIBLE int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
	return record_posix_allocate(descriptor, offset, size);
}

/* ---- syncs ----------------------------------------------------------------------------------- */

/* The number of the file; 0 when it is not SQLite's. */
static uint32_t record_sync_begins(int descriptor) {
	char path[RECORD_PATH_MAX + 1];
	struct stat status;
	uint32_t number = 0;
	int kept = errno;
	const struct record_watched *watched = record_watch(descriptor);
	if (watched != NULL && watched->kind != RECORD_FILE_SHM && watched->number != 0) {
		number = watched->number;
		if (record_begin()) {
			record_say(RECORD_SYNC, number, 0, NULL, 0);
			record_end();
		}
	} else if (watched == NULL && record_control() != NULL && fstat(descriptor, &status) == 0 &&
	           S_ISDIR(status.st_mode) && record_real_path(descriptor, path) && record_begin()) {
		record_say(RECORD_SYNC_DIRECTORY, 0, 0, path, (uint32_t)strlen(path));
		record_end();
	}
	errno = kept;
	return number;
}

static int record_sync(int descriptor, long number_of_call) {
	uint32_t file = record_sync_begins(descriptor);
	int result = (int)syscall(number_of_call, descriptor);
	int kept = errno;
	if (result != 0 && file != 0 && record_begin()) {
		struct record_head *head = record_add(RECORD_SYNC, file, NULL, 0);
		if (head != NULL) {
			head->flags |= RECORD_FLAG_FAILED;
			record_keep(head);
		}
		record_end();
	}
	errno = kept;
	return result;
}

RECORD_VISIBLE int fsync(int descriptor) {
	return record_sync(descriptor, SYS_fsync);
}

RECORD_VISIBLE int fdatasync(int descriptor) {
	return record_sync(descriptor, SYS_fdatasync);
}

static void record_sync_everything(void) {
	if (record_begin()) {
		record_say(RECORD_SYNC_ALL, 0, 0, NULL, 0);
		record_end();
	}
}

RECORD_VISIBLE void sync(void) {
	record_sync_everything();
	(void)syscall(SYS_sync);
}

RECORD_VISIBLE int syncfs(int descriptor) {
	record_sync_everything();
	return (int)syscall(SYS_syncfs, descriptor);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int record_unlink(int directory, const char *path, int flags) {
	bool begun = (flags & AT_REMOVEDIR) == 0 && record_begin();
	int kept = errno;
	struct record_file *file = begun ? record_watch_named(directory, path) : NULL;
	errno = kept;
	int result = (int)syscall(SYS_unlinkat, directory, path, flags);
	kept = errno;
	if (result == 0 && file != NULL) {
		if (file->kind != RECORD_FILE_SHM) {
			record_say(RECORD_UNLINK, file->number, 0, NULL, 0);
		}
		record_watch_unlinked(file);
	}
	if (begun) {
		record_end();
	}
	errno = kept;
	return result;
}

RECORD_VISIBLE int unlink(const char *path) {
	return record_unlink(AT_FDCWD, path, 0);
}

RECORD_VISIBLE int unlinkat(int directory, const char *path, int flags) {
	return record_unlink(directory, path, flags);
}

RECORD_VISIBLE int remove(const char *path) {
	int result = record_unlink(AT_FDCWD, path, 0);
	return result != 0 && (errno == EISDIR || errno == EPERM)
	               ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)
	               : result;
}

struct record_renaming {
	int from_directory;
	const char *from;
	int to_directory;
	const char *to;
};

/* Behind the call. */
static void record_say_renamed(const struct record_renaming *about, const struct record_file *from,
                               struct record_file *over) {
	char path[RECORD_PATH_MAX + 1];
	if (over != NULL && over->number != from->number) {
		record_watch_unlinked(over);
	}
	if (record_real_name(about->to_directory, about->to, path)) {
		record_watch_renamed(from->number, path);
		record_say(RECORD_RENAME, from->number, 0, path, (uint32_t)strlen(path));
	}
}

static int record_rename(const struct record_renaming *about, unsigned flags) {
	bool begun = record_begin();
	int kept = errno;
	struct record_file *from = begun ? record_watch_named(about->from_directory, about->from) : NULL;
	struct record_file *over = begun ? record_watch_named(about->to_directory, about->to) : NULL;
	if (from == NULL && over != NULL && over->kind == RECORD_FILE_DATABASE) {
		from = record_watch_adopt(about->from_directory, about->from);
		over = record_watch_named(about->to_directory, about->to);
	}
	errno = kept;
	int result =
	        (int)syscall(SYS_renameat2, about->from_directory, about->from, about->to_directory, about->to, flags);
	kept = errno;
	if (result == 0 && from != NULL && from->kind != RECORD_FILE_SHM) {
		/* The entry of `over` is the last one's then: that may be `from`. */
		const struct record_file copy = *from;
		record_say_renamed(about, &copy, over);
	}
	if (begun) {
		record_end();
	}
	errno = kept;
	return result;
}

RECORD_VISIBLE int rename(const char *from, const char *to) {
	const struct record_renaming about = {AT_FDCWD, from, AT_FDCWD, to};
	return record_rename(&about, 0);
}

RECORD_VISIBLE int renameat(int from_directory, const char *from, int to_directory, const char *to) {
	const struct record_renaming about = {from_directory, from, to_directory, to};
	return record_rename(&about, 0);
}

RECORD_VISIBLE int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
	const struct record_renaming about = {from_directory, from, to_directory, to};
	return record_rename(&about, flags);
}

static int record_link(const struct record_renaming *about, int flags) {
	if (record_begin()) {
		const struct record_file *file = record_watch_named(about->from_directory, about->from);
		if (file != NULL) {
			size_t length = strnlen(about->to, RECORD_PATH_MAX);
			record_say(RECORD_UNSEEN, file->number, RECORD_UNSEEN_LINK, about->to, (uint32_t)length);
		}
		record_end();
	}
	return (int)syscall(SYS_linkat, about->from_directory, about->from, about->to_directory, about->to, flags);
}

RECORD_VISIBLE int link(const char *from, const char *to) {
	const struct record_renaming about = {AT_FDCWD, from, AT_FDCWD, to};
	return record_link(&about, 0);
}

RECORD_VISIBLE int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
	const struct record_renaming about = {from_directory, from, to_directory, to};
	return record_link(&about, flags);
}

/* ---- locks, and other descriptors ------------------------------------------------------------ */

static bool record_is_lock(int command) {
	return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

static void record_say_lock(uint32_t number, const struct flock *lock) {
	struct record_head *head = record_add(RECORD_LOCK, number, NULL, 0);
	if (head != NULL) {
		head->flags |= (uint16_t)lock->l_type;
		head->offset = (uint64_t)lock->l_start;
		head->length = (uint64_t)lock->l_len;
		record_keep(head);
	}
}

static int record_lock(int descriptor, int command, struct flock *lock, uint32_t number) {
	bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
	int result = waits && lock->l_type != F_UNLCK ? record_kernel_fcntl(descriptor, command, lock) : 0;
	if (result != 0 || !record_begin()) {
		bool done = waits && lock->l_type != F_UNLCK;
		return done ? result : record_kernel_fcntl(descriptor, command, lock);
	}
	int kept = errno;
	if (lock->l_type == F_UNLCK) {
		record_say_lock(number, lock);
	}
	if (!waits || lock->l_type == F_UNLCK) {
		errno = kept;
		result = record_kernel_fcntl(descriptor, command, lock);
		kept = errno;
	}
	if (result == 0 && lock->l_type != F_UNLCK) {
		record_say_lock(number, lock);
	}
	record_end();
	errno = kept;
	return result;
}

static int record_fcntl(int descriptor, int command, void *argument) {
	const struct record_watched *watched = record_watch(descriptor);
	if (watched != NULL && watched->number != 0 && record_is_lock(command) && argument != NULL) {
		return record_lock(descriptor, command, argument, watched->number);
	}
	int result = record_kernel_fcntl(descriptor, command, argument);
	if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) {
		record_watch_copy(descriptor, result);
	}
	return result;
}

RECORD_VISIBLE int fcntl(int descriptor, int command, ...) {
	va_list arguments;
	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	return record_fcntl(descriptor, command, argument);
}

RECORD_VISIBLE int fcntl64(int descriptor, int command, ...);

RECORD_VISIBLE int fcntl64(int descriptor, int command, ...) {
	va_list arguments;
	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	return record_fcntl(descriptor, command, argument);
}

RECORD_VISIBLE int dup(int descriptor) {
	int result = (int)syscall(SYS_dup, descriptor);
	if (result >= 0) {
		record_watch_copy(descriptor, result);
	}
	return result;
}

RECORD_VISIBLE int dup3(int from, int to, int flags) {
	int result = (int)syscall(SYS_dup3, from, to, flags);
	if (result >= 0) {
		record_watch_copy(from, to);
	}
	return result;
}

RECORD_VISIBLE int dup2(int from, int to) {
	if (from == to) {
		return record_kernel_fcntl(from, F_GETFD, NULL) < 0 ? -1 : to;
	}
	return dup3(from, to, 0);
}

static void *record_map_file(void *address, size_t size, int protection, int flags, const struct iovec *file) {
	int descriptor = (int)(intptr_t)file->iov_base;
	const struct record_watched *watched = record_watch(descriptor);
	bool writes = (protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0;
	if (writes && watched != NULL && watched->kind != RECORD_FILE_SHM) {
		char path[RECORD_PATH_MAX + 1];
		if (record_real_path(descriptor, path) && record_begin()) {
			record_say(RECORD_UNSEEN, watched->number, RECORD_UNSEEN_MAPPED, path, (uint32_t)strlen(path));
			record_end();
		}
	}
	return (void *)syscall(SYS_mmap, address, size, protection, flags, descriptor, (off_t)file->iov_len);
}

/* NOLINTNEXTLINE(readability-function-size): the C library's six */
RECORD_VISIBLE void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
	const struct iovec file = {.iov_base = (void *)(intptr_t)descriptor, .iov_len = (size_t)offset};
	return record_map_file(address, size, protection, flags, &file);
}

/* NOLINTNEXTLINE(readability-function-size): the C library's six */
RECORD_VISIBLE void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off64_t offset) {
	return mmap(address, size, protection, flags, descriptor, offset);
}
