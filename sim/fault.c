/* sim/fault.c: the table of faults and the sentence that prints and parses one. Everything that is
 * said about a fault anywhere (parser, printer, `list faults`, scenario checks) is read from
 * sim_fault_rows.
 */
#include "fault.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHOD(name) (1u << VFS_METHOD_##name)
#define FILE_KIND(name) (1u << VFS_FILE_##name)
#define EFFECT(name) (1u << VFS_EFFECT_##name)

/* Every method but the ones that only compute; a crash can strike at each of them. */
#define METHODS_ANY ((1u << VFS_METHOD_COUNT) - 2u)
/* docs/fault-model.md section 1: the methods whose failure SQLite knows how to report. */
#define METHODS_FALLIBLE                                                                                               \
	(METHOD(OPEN) | METHOD(DELETE) | METHOD(ACCESS) | METHOD(READ) | METHOD(WRITE) | METHOD(TRUNCATE) |            \
	 METHOD(SYNC) | METHOD(FILE_SIZE) | METHOD(LOCK) | METHOD(UNLOCK) | METHOD(CHECK_RESERVED_LOCK) |              \
	 METHOD(FILE_CONTROL) | METHOD(SHM_MAP) | METHOD(SHM_LOCK))
#define METHODS_LATENCY (METHOD(OPEN) | METHOD(DELETE) | METHOD(READ) | METHOD(WRITE) | METHOD(TRUNCATE) | METHOD(SYNC))
#define METHODS_OPEN_FILE (METHOD(READ) | METHOD(WRITE) | METHOD(SYNC))
/* The calls of a connection that is at work. */
#define METHODS_AT_WORK                                                                                                \
	(METHODS_OPEN_FILE | METHOD(TRUNCATE) | METHOD(LOCK) | METHOD(UNLOCK) | METHOD(SHM_LOCK) | METHOD(SHM_BARRIER))
#define METHODS_BUSY (METHOD(LOCK) | METHOD(SHM_LOCK) | METHOD(SHM_MAP))
#define FILES_ANY ((1u << VFS_FILE_COUNT) - 2u)
#define FILES_STORED (FILE_KIND(DB) | FILE_KIND(JOURNAL) | FILE_KIND(WAL) | FILE_KIND(SUPER_JOURNAL))
#define EFFECTS_ALL (EFFECT(BEFORE) | EFFECT(PARTIAL) | EFFECT(AFTER))

static const struct sim_fault_row sim_fault_rows[SIM_FAULT_KIND_COUNT] = {
        [SIM_FAULT_KILL] = {.place = SIM_PLACE_CALL,
                            .name = "kill",
                            .methods = METHODS_ANY,
                            .files = FILES_ANY,
                            .effects = EFFECTS_ALL,
                            .uses_bytes = true,
                            .within_assumptions = true,
                            .about = "the process dies at the operation; the page cache lives on"},
        [SIM_FAULT_POWER_LOSS] = {.place = SIM_PLACE_CALL,
                                  .name = "power_loss",
                                  .methods = METHODS_ANY,
                                  .files = FILES_ANY,
                                  .effects = EFFECTS_ALL,
                                  .uses_bytes = true,
                                  .within_assumptions = true,
                                  .about = "the machine loses power; unsynced writes survive in any legal part"},
        [SIM_FAULT_IO_ERROR] = {.place = SIM_PLACE_CALL,
                                .name = "io_error",
                                .methods = METHODS_FALLIBLE,
                                .files = FILES_ANY,
                                .effects = EFFECTS_ALL,
                                .uses_code = true,
                                .uses_times = true,
                                .uses_bytes = true,
                                .within_assumptions = true,
                                .about = "the operation returns an error of its own, before, in the middle of, or "
                                         "after its effect; a sync leaves what disk.fsync says"},
        [SIM_FAULT_DISK_FULL] = {.place = SIM_PLACE_CALL,
                                 .name = "disk_full",
                                 .methods = METHOD(WRITE) | METHOD(SYNC),
                                 .files = FILES_ANY,
                                 .effects = EFFECT(BEFORE) | EFFECT(PARTIAL),
                                 .uses_times = true,
                                 .uses_bytes = true,
                                 .within_assumptions = true,
                                 .about = "a write or sync returns SQLITE_FULL"},
        [SIM_FAULT_CAPACITY] = {.place = SIM_PLACE_CALL,
                                .name = "capacity",
                                .methods = METHODS_ANY,
                                .files = FILES_ANY,
                                .uses_duration = true,
                                .uses_bytes = true,
                                .within_assumptions = true,
                                .about = "the disk has that many bytes left, for a stretch of virtual time"},
        [SIM_FAULT_BUSY] = {.place = SIM_PLACE_CALL,
                            .name = "busy",
                            .methods = METHODS_BUSY,
                            .files = FILES_ANY,
                            .effects = EFFECT(BEFORE) | EFFECT(PARTIAL),
                            .uses_times = true,
                            .within_assumptions = true,
                            .about = "a lock is refused as if somebody else held it; in part: PENDING stays"},
        [SIM_FAULT_LOCK_HELD] = {.place = SIM_PLACE_CALL,
                                 .name = "lock_held",
                                 .methods = METHODS_ANY,
                                 .files = FILES_ANY,
                                 .uses_duration = true,
                                 .within_assumptions = true,
                                 .about = "another process takes the write lock for a stretch of virtual time"},
        [SIM_FAULT_LATENCY] = {.place = SIM_PLACE_CALL,
                               .name = "latency",
                               .methods = METHODS_LATENCY,
                               .files = FILES_ANY,
                               .uses_times = true,
                               .uses_duration = true,
                               .within_assumptions = true,
                               .about = "the operation takes that much longer"},
        [SIM_FAULT_BIT_FLIP] = {.place = SIM_PLACE_START,
                                .name = "bit_flip",
                                .files = FILES_STORED,
                                .uses_bytes = true,
                                .uses_mask = true,
                                .about = "bits of one byte on the medium change while no process runs"},
        [SIM_FAULT_ZERO] = {.place = SIM_PLACE_START,
                            .name = "zero",
                            .files = FILES_STORED,
                            .uses_bytes = true,
                            .about = "one sector on the medium turns to zeros while no process runs"},
        [SIM_FAULT_CUT] = {.place = SIM_PLACE_START,
                           .name = "cut",
                           .files = FILES_STORED,
                           .uses_bytes = true,
                           .about = "the file loses its end while no process runs"},
        [SIM_FAULT_UNREADABLE] = {.place = SIM_PLACE_START,
                                  .name = "unreadable",
                                  .files = FILES_STORED,
                                  .uses_bytes = true,
                                  .about = "one sector cannot be read any more, until it is written anew"},
        [SIM_FAULT_LYING_SYNC] = {.place = SIM_PLACE_CALL,
                                  .name = "lying_sync",
                                  .methods = METHOD(SYNC) | METHOD(DELETE),
                                  .files = FILES_ANY,
                                  .effects = EFFECT(LIE),
                                  .uses_times = true,
                                  .about = "a sync, or an xDelete that syncs the directory, reports success and makes "
                                           "nothing durable"},
        [SIM_FAULT_LOST_WRITE] = {.place = SIM_PLACE_CALL,
                                  .name = "lost_write",
                                  .methods = METHOD(WRITE),
                                  .files = FILES_ANY,
                                  .effects = EFFECT(LOST) | EFFECT(UNSTORED),
                                  .uses_times = true,
                                  .about = "a write reports success and is not done, or never gets to the medium"},
        [SIM_FAULT_MISDIRECTED_WRITE] = {.place = SIM_PLACE_CALL,
                                         .name = "misdirected_write",
                                         .methods = METHOD(WRITE),
                                         .files = FILES_ANY,
                                         .effects = EFFECT(MISDIRECTED),
                                         .uses_times = true,
                                         .uses_bytes = true,
                                         .about = "a write goes to another sector of the file"},
        [SIM_FAULT_FLIPPED_READ] = {.place = SIM_PLACE_CALL,
                                    .name = "flipped_read",
                                    .methods = METHOD(READ),
                                    .files = FILES_ANY,
                                    .effects = EFFECT(FLIPPED),
                                    .uses_times = true,
                                    .uses_bytes = true,
                                    .uses_mask = true,
                                    .about = "bits of one byte come wrong from a read; the medium is fine"},
        [SIM_FAULT_STALE_READ] = {.place = SIM_PLACE_CALL,
                                  .name = "stale_read",
                                  .methods = METHOD(READ),
                                  .files = FILES_ANY,
                                  .effects = EFFECT(STALE),
                                  .uses_times = true,
                                  .about = "a read returns what the file held when the fault's moment began"},
        [SIM_FAULT_READ_ONLY] = {.place = SIM_PLACE_CALL,
                                 .name = "read_only",
                                 .methods = METHOD(OPEN),
                                 .files = FILES_ANY,
                                 .effects = EFFECT(READ_ONLY),
                                 .uses_times = true,
                                 .within_assumptions = true,
                                 .about = "a file that is to be written opens for reading only"},
        [SIM_FAULT_EVICT] = {.place = SIM_PLACE_START,
                             .name = "evict",
                             .files = FILES_STORED,
                             .within_assumptions = true,
                             .about = "the kernel drops a file's clean pages while no process runs: what a failed sync "
                                      "left in memory alone is gone"},
        [SIM_FAULT_NO_MEMORY] = {.place = SIM_PLACE_ALLOCATION,
                                 .name = "no_memory",
                                 .uses_times = true,
                                 .within_assumptions = true,
                                 .about = "an allocation of SQLite fails"},
        [SIM_FAULT_EVICT_AT_READ] =
                {.place = SIM_PLACE_CALL,
                 .name = "evict_at_read",
                 .methods = METHOD(READ),
                 .files = FILES_STORED,
                 .uses_times = true,
                 .about = "as evict, while a process has the file open: it reads other bytes than before"},
        [SIM_FAULT_PAUSE] = {.place = SIM_PLACE_CALL,
                             .name = "pause",
                             .methods = METHODS_ANY,
                             .files = FILES_ANY,
                             .uses_duration = true,
                             .within_assumptions = true,
                             .about = "the process is stopped for so long, with all that it holds; others go on"},
        [SIM_FAULT_REMOVE] = {.place = SIM_PLACE_START,
                              .name = "remove",
                              .files = FILES_STORED,
                              .about = "somebody removes the file while no process runs"},
        [SIM_FAULT_EMPTY] = {.place = SIM_PLACE_START,
                             .name = "empty",
                             .files = FILES_STORED,
                             .about = "somebody cuts the file to no bytes while no process runs"},
        [SIM_FAULT_LEAVE_BEHIND] = {.place = SIM_PLACE_START,
                                    .name = "leave_behind",
                                    .files = FILE_KIND(DB),
                                    .about = "the database is carried over alone: WAL and journals stay behind"},
        [SIM_FAULT_RESTORE] = {.place = SIM_PLACE_COPY,
                               .name = "restore",
                               .files = FILES_STORED,
                               .about = "a copy of the file that was made at the moment takes its place, before the "
                                        "n-th start from then on"},
        [SIM_FAULT_RESTORE_ALL] = {.place = SIM_PLACE_COPY,
                                   .name = "restore_all",
                                   .files = FILE_KIND(DB),
                                   .about = "the same of the database and all files beside it: what is there now goes"},
        [SIM_FAULT_UNLINK] = {.place = SIM_PLACE_CALL,
                              .name = "unlink",
                              .methods = METHODS_OPEN_FILE,
                              .files = FILES_STORED,
                              .about = "somebody removes the name of a file that a process has open"},
        [SIM_FAULT_REPLACE] = {.place = SIM_PLACE_CALL,
                               .name = "replace",
                               .methods = METHODS_OPEN_FILE,
                               .files = FILES_STORED,
                               .about =
                                       "a copy of the file that was made at the moment takes its name, while a process "
                                       "has it open"},
        [SIM_FAULT_MISPAIR] = {.place = SIM_PLACE_START,
                               .name = "mispair",
                               .files = FILE_KIND(WAL) | FILE_KIND(JOURNAL),
                               .uses_bytes = true,
                               .about = "the file of a database that once was a copy of this one takes the place of "
                                        "its own"},
        [SIM_FAULT_RESTORE_TORN] = {.place = SIM_PLACE_COPY,
                                    .name = "restore_torn",
                                    .files = FILE_KIND(DB),
                                    .uses_bytes = true,
                                    .about = "as restore, of a copy that was made while the database was written: its "
                                             "first part is of the moment, the rest is of now"},
        [SIM_FAULT_OTHER_BOOK] = {.place = SIM_PLACE_START,
                                  .name = "other_book",
                                  .files = FILE_KIND(DB) | FILE_KIND(WAL),
                                  .about = "another book that is sound and has come at least as far takes the place "
                                           "of this one: its file, or its WAL, which holds every page"},
        [SIM_FAULT_DROP_LOCKS] = {.place = SIM_PLACE_CALL,
                                  .name = "drop_locks",
                                  .methods = METHODS_AT_WORK,
                                  .files = FILE_KIND(DB) | FILE_KIND(SHM),
                                  .uses_times = true,
                                  .about = "the process closes another descriptor of the file, and loses its POSIX "
                                           "locks on it; SQLite goes on to believe in them"},
        [SIM_FAULT_FORK] = {.place = SIM_PLACE_CALL,
                            .name = "fork",
                            .methods = METHODS_AT_WORK,
                            .files = FILE_KIND(DB) | FILE_KIND(SHM),
                            .about = "the process forks, its parent ends, and the child goes on with the open "
                                     "connection: it has none of the POSIX locks"},
};

const struct sim_fault_row *sim_fault_row(enum sim_fault_kind kind) {
	return kind > SIM_FAULT_NONE && kind < SIM_FAULT_KIND_COUNT ? &sim_fault_rows[kind] : NULL;
}

enum sim_fault_kind sim_fault_kind_of(const char *name) {
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		if (strcmp(sim_fault_rows[kind].name, name) == 0) {
			return (enum sim_fault_kind)kind;
		}
	}
	return SIM_FAULT_NONE;
}

bool sim_fault_is_of_bytes(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_BIT_FLIP || kind == SIM_FAULT_ZERO || kind == SIM_FAULT_CUT ||
	       kind == SIM_FAULT_UNREADABLE;
}

bool sim_fault_is_from_outside(enum sim_fault_kind kind) {
	return kind >= SIM_FAULT_REMOVE && kind <= SIM_FAULT_OTHER_BOOK;
}

bool sim_fault_takes_locks(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_DROP_LOCKS || kind == SIM_FAULT_FORK;
}

bool sim_fault_can_aim(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_BIT_FLIP || kind == SIM_FAULT_ZERO;
}
/* ---- what can be done to which method -------------------------------------------------------- */

static bool sim_fault_is_crash(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_KILL || kind == SIM_FAULT_POWER_LOSS;
}

bool sim_fault_effect_fits(enum sim_fault_kind kind, enum vfs_method method, enum vfs_effect effect) {
	const struct sim_fault_row *row = sim_fault_row(kind);
	if (row == NULL || (row->effects & (1u << effect)) == 0 || (row->methods & (1u << method)) == 0) {
		return false;
	}
	if (kind == SIM_FAULT_DISK_FULL && effect == VFS_EFFECT_PARTIAL) {
		return method == VFS_METHOD_WRITE;
	}
	const struct vfs_effect_row *can = vfs_effect_row(method);
	uint32_t effects = sim_fault_is_crash(kind) ? can->dying : can->failing | can->lying;
	return (effects & (1u << effect)) != 0;
}

bool sim_fault_phase_fits(enum sim_fault_kind kind, enum vfs_phase phase, uint32_t methods, uint32_t files) {
	const struct sim_fault_row *row = sim_fault_row(kind);
	const struct vfs_phase_row *where = vfs_phase_row(phase);
	uint32_t wanted = methods != 0 ? methods : row->methods;
	bool has_file = files == 0 || where->files == 0 || (files & where->files) != 0;
	return row->place == SIM_PLACE_CALL && (row->methods & wanted & where->methods) != 0 && has_file;
}

bool sim_fault_fails_wal_sync(enum sim_fault_kind kind, uint64_t phases, uint32_t methods, uint32_t files) {
	const uint64_t syncs = 1ull << VFS_PHASE_WAL_SYNC | 1ull << VFS_PHASE_CHECKPOINT_WAL_SYNC;
	return kind == SIM_FAULT_IO_ERROR && (phases == 0 || (phases & syncs) != 0) &&
	       (methods == 0 || (methods & 1u << VFS_METHOD_SYNC) != 0) &&
	       (files == 0 || (files & 1u << VFS_FILE_WAL) != 0);
}

struct sim_fault_code_row {
	int code;
	const char *name;
};

#define CODE(name)                                                                                                     \
	{ name, #name }
/* What an io_error can return; SQLITE_FULL and SQLITE_BUSY are kinds of their own. */
static const struct sim_fault_code_row sim_fault_codes[] = {
        CODE(SQLITE_CANTOPEN),      CODE(SQLITE_NOMEM),
        CODE(SQLITE_IOERR),         CODE(SQLITE_READONLY),
        CODE(SQLITE_IOERR_DELETE),  CODE(SQLITE_IOERR_DIR_FSYNC),
        CODE(SQLITE_IOERR_ACCESS),  CODE(SQLITE_IOERR_READ),
        CODE(SQLITE_IOERR_WRITE),   CODE(SQLITE_IOERR_TRUNCATE),
        CODE(SQLITE_IOERR_FSYNC),   CODE(SQLITE_IOERR_FSTAT),
        CODE(SQLITE_IOERR_LOCK),    CODE(SQLITE_IOERR_RDLOCK),
        CODE(SQLITE_IOERR_UNLOCK),  CODE(SQLITE_IOERR_SHMMAP),
        CODE(SQLITE_IOERR_SHMOPEN), CODE(SQLITE_IOERR_SHMSIZE),
        CODE(SQLITE_IOERR_SHMLOCK), CODE(SQLITE_IOERR_CHECKRESERVEDLOCK),
};

static const struct sim_fault_code_row *sim_fault_code_row(int code) {
	for (size_t i = 0; i < sizeof sim_fault_codes / sizeof sim_fault_codes[0]; i++) {
		if (sim_fault_codes[i].code == code) {
			return &sim_fault_codes[i];
		}
	}
	return NULL;
}

const char *sim_fault_code_name(int code) {
	const struct sim_fault_code_row *row = sim_fault_code_row(code);
	return row != NULL ? row->name : NULL;
}

int sim_fault_code_of(const char *name) {
	for (size_t i = 0; i < sizeof sim_fault_codes / sizeof sim_fault_codes[0]; i++) {
		if (strcmp(sim_fault_codes[i].name, name) == 0) {
			return sim_fault_codes[i].code;
		}
	}
	return 0;
}

static bool sim_fault_method_has_code(enum vfs_method method, int code) {
	const struct vfs_effect_row *row = vfs_effect_row(method);
	bool has = false;
	for (size_t i = 0; i < sizeof row->codes / sizeof row->codes[0] && row->codes[i] != 0; i++) {
		has = has || row->codes[i] == code;
	}
	return has;
}

uint32_t sim_fault_code_methods(int code) {
	uint32_t methods = 0;
	for (int method = VFS_METHOD_NONE + 1; sim_fault_code_row(code) != NULL && method < VFS_METHOD_COUNT;
	     method++) {
		methods |= sim_fault_method_has_code((enum vfs_method)method, code) ? 1u << method : 0u;
	}
	return methods;
}

int sim_fault_code(const struct sim_fault *fault, enum vfs_method method) {
	switch (fault->kind) {
	case SIM_FAULT_IO_ERROR:
		return fault->code != 0 ? fault->code : vfs_effect_row(method)->codes[0];
	case SIM_FAULT_DISK_FULL:
		return SQLITE_FULL;
	case SIM_FAULT_BUSY:
		return SQLITE_BUSY;
	case SIM_FAULT_KILL:
	case SIM_FAULT_POWER_LOSS:
		return SQLITE_IOERR;
	case SIM_FAULT_NONE:
	case SIM_FAULT_CAPACITY:
	case SIM_FAULT_LOCK_HELD:
	case SIM_FAULT_LATENCY:
	case SIM_FAULT_BIT_FLIP:
	case SIM_FAULT_ZERO:
	case SIM_FAULT_CUT:
	case SIM_FAULT_UNREADABLE:
	case SIM_FAULT_LYING_SYNC:
	case SIM_FAULT_LOST_WRITE:
	case SIM_FAULT_MISDIRECTED_WRITE:
	case SIM_FAULT_FLIPPED_READ:
	case SIM_FAULT_STALE_READ:
	case SIM_FAULT_READ_ONLY:
	case SIM_FAULT_EVICT:
	case SIM_FAULT_NO_MEMORY:
	case SIM_FAULT_EVICT_AT_READ:
	case SIM_FAULT_PAUSE:
	case SIM_FAULT_REMOVE:
	case SIM_FAULT_EMPTY:
	case SIM_FAULT_LEAVE_BEHIND:
	case SIM_FAULT_RESTORE:
	case SIM_FAULT_RESTORE_ALL:
	case SIM_FAULT_UNLINK:
	case SIM_FAULT_REPLACE:
	case SIM_FAULT_MISPAIR:
	case SIM_FAULT_RESTORE_TORN:
	case SIM_FAULT_OTHER_BOOK:
	case SIM_FAULT_DROP_LOCKS:
	case SIM_FAULT_FORK:
	case SIM_FAULT_KIND_COUNT:
		break;
	}
	return SQLITE_OK;
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool sim_fault_refuse(char *why, size_t why_size, const char *what, const char *name) {
	snprintf(why, why_size, "%s %s", what, name);
	return false;
}

static bool sim_fault_check_words(const struct sim_fault *fault, const struct sim_fault_row *row, char *why,
                                  size_t why_size) {
	if (fault->times == 0 || (!row->uses_times && fault->times != 1)) {
		return sim_fault_refuse(why, why_size, "this number of times cannot be for", row->name);
	}
	if (!row->uses_duration && fault->duration_ns != 0) {
		return sim_fault_refuse(why, why_size, "a duration cannot be for", row->name);
	}
	if ((!row->uses_bytes && fault->bytes != 0) || (fault->bytes > 65536 && fault->kind != SIM_FAULT_CAPACITY)) {
		return sim_fault_refuse(why, why_size, "these bytes cannot be for", row->name);
	}
	if (fault->aim != SIM_AIM_ANYWHERE && (!sim_fault_can_aim(fault->kind) || fault->file_kind != VFS_FILE_DB)) {
		return sim_fault_refuse(why, why_size, "this aim or file cannot be for", row->name);
	}
	if (row->uses_mask ? fault->mask == 0 || fault->mask > 255 : fault->mask != 0) {
		return sim_fault_refuse(why, why_size, "this mask cannot be for", row->name);
	}
	return true;
}

/* A code other than the usual one belongs to methods, and the one of a directory's sync comes after
 * the name is gone. */
static bool sim_fault_check_code(const struct sim_fault *fault, const struct sim_fault_row *row, char *why,
                                 size_t why_size) {
	if (fault->code == 0) {
		return true;
	}
	if (!row->uses_code || fault->method == VFS_METHOD_NONE ||
	    (sim_fault_code_methods(fault->code) & (1u << fault->method)) == 0) {
		return sim_fault_refuse(why, why_size, "this code cannot be given at the method of", row->name);
	}
	bool only_after = fault->code == SQLITE_IOERR_DIR_FSYNC || fault->code == SQLITE_READONLY;
	if (only_after && fault->effect != VFS_EFFECT_AFTER) {
		return sim_fault_refuse(why, why_size, "this code needs effect after in", row->name);
	}
	return true;
}

/* A phase needs a number of the calls in it, and a call that the fault can strike. */
static bool sim_fault_check_phase(const struct sim_fault *fault, const struct sim_fault_row *row, char *why,
                                  size_t why_size) {
	uint32_t methods = fault->method != VFS_METHOD_NONE ? 1u << fault->method : 0;
	uint32_t files = fault->file_kind != VFS_FILE_NONE ? 1u << fault->file_kind : 0;
	if (fault->phase == VFS_PHASE_NONE) {
		return fault->occurrence == 0 || sim_fault_refuse(why, why_size, "no phase is named in", row->name);
	}
	if (fault->occurrence == 0) {
		return sim_fault_refuse(why, why_size, "phase number 0 in", row->name);
	}
	return sim_fault_phase_fits(fault->kind, fault->phase, methods, files) ||
	       sim_fault_refuse(why, why_size, "this phase cannot be struck by", row->name);
}

bool sim_fault_check(const struct sim_fault *fault, char *why, size_t why_size) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	if (row == NULL) {
		return sim_fault_refuse(why, why_size, "no such kind of fault", "");
	}
	if (fault->method != VFS_METHOD_NONE && (row->methods & (1u << fault->method)) == 0) {
		return sim_fault_refuse(why, why_size, "this method cannot be struck by", row->name);
	}
	if (fault->file_kind != VFS_FILE_NONE && (row->files & (1u << fault->file_kind)) == 0) {
		return sim_fault_refuse(why, why_size, "this file cannot be struck by", row->name);
	}
	if (row->place == SIM_PLACE_START &&
	    (fault->moment != SIM_MOMENT_RESTART || fault->file_kind == VFS_FILE_NONE)) {
		return sim_fault_refuse(why, why_size, "a file and a restart are needed by", row->name);
	}
	if (row->place == SIM_PLACE_COPY && fault->file_kind == VFS_FILE_NONE) {
		return sim_fault_refuse(why, why_size, "a file is needed by", row->name);
	}
	if (row->place != SIM_PLACE_CALL && fault->method != VFS_METHOD_NONE) {
		return sim_fault_refuse(why, why_size, "a method cannot be struck by", row->name);
	}
	if (row->effects == 0 ? fault->effect != VFS_EFFECT_NONE : fault->effect == VFS_EFFECT_NONE) {
		return sim_fault_refuse(why, why_size, "this effect cannot be had by", row->name);
	}
	if (row->effects != 0 && fault->method != VFS_METHOD_NONE &&
	    !sim_fault_effect_fits(fault->kind, fault->method, fault->effect)) {
		return sim_fault_refuse(why, why_size, "this effect does not fit the method of", row->name);
	}
	bool counts = fault->operation > 0 || fault->phase != VFS_PHASE_NONE;
	if (fault->moment <= SIM_MOMENT_NONE || fault->moment >= SIM_MOMENT_COUNT || !counts) {
		return sim_fault_refuse(why, why_size, "no moment, or operation 0, in", row->name);
	}
	return sim_fault_check_phase(fault, row, why, why_size) && sim_fault_check_code(fault, row, why, why_size) &&
	       sim_fault_check_words(fault, row, why, why_size);
}

void sim_fault_print(const struct sim_fault *fault, char text[SIM_FAULT_TEXT_SIZE]) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	size_t used = 0;
	assert(row != NULL);
	used += (size_t)snprintf(text, SIM_FAULT_TEXT_SIZE, "%s %s %s at %s %u", row->name,
	                         fault->method == VFS_METHOD_NONE ? "any" : vfs_method_name(fault->method),
	                         fault->file_kind == VFS_FILE_NONE ? "any" : vfs_file_kind_name(fault->file_kind),
	                         fault->moment == SIM_MOMENT_STEP ? "step" : "restart", fault->moment_number);
	if (fault->phase != VFS_PHASE_NONE) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " phase %s %u",
		                         vfs_phase_name(fault->phase), fault->occurrence);
	}
	used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " operation %u", fault->operation);
	if (row->effects != 0) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " effect %s",
		                         vfs_effect_name(fault->effect));
	}
	if (fault->code != 0) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " code %s",
		                         sim_fault_code_name(fault->code));
	}
	if (row->uses_bytes) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " bytes %llu",
		                         (unsigned long long)fault->bytes);
	}
	if (row->uses_times) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " times %u", fault->times);
	}
	if (row->uses_duration) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " for %llu ns",
		                         (unsigned long long)fault->duration_ns);
	}
	if (row->uses_mask) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " mask %u", fault->mask);
	}
	if (fault->aim == SIM_AIM_ROWS) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " aim rows");
	}
	if (fault->process[0] != '\0') {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " process %s", fault->process);
	}
	assert(used < SIM_FAULT_TEXT_SIZE);
}

/* ---- parsing --------------------------------------------------------------------------------- */

struct sim_fault_words {
	char text[SIM_FAULT_TEXT_SIZE];
	char *next;
};

static const char *sim_fault_word(struct sim_fault_words *words) {
	char *word = words->next;
	while (*word == ' ') {
		word++;
	}
	if (*word == '\0') {
		words->next = word;
		return NULL;
	}
	char *end = word + strcspn(word, " ");
	words->next = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

static bool sim_fault_number(struct sim_fault_words *words, uint64_t max, uint64_t *number) {
	const char *word = sim_fault_word(words);
	char *end = NULL;
	if (word == NULL || word[0] < '0' || word[0] > '9') {
		return false;
	}
	errno = 0;
	*number = strtoull(word, &end, 10);
	return errno == 0 && *end == '\0' && *number <= max;
}

bool sim_fault_method_of(const char *name, enum vfs_method *method) {
	*method = VFS_METHOD_NONE;
	if (strcmp(name, "any") == 0) {
		return true;
	}
	for (int candidate = VFS_METHOD_NONE + 1; candidate < VFS_METHOD_COUNT; candidate++) {
		if (strcmp(vfs_method_name((enum vfs_method)candidate), name) == 0) {
			*method = (enum vfs_method)candidate;
			return true;
		}
	}
	return false;
}

bool sim_fault_phase_of(const char *name, enum vfs_phase *phase) {
	*phase = VFS_PHASE_NONE;
	for (int candidate = VFS_PHASE_NONE + 1; candidate < VFS_PHASE_COUNT; candidate++) {
		if (strcmp(vfs_phase_name((enum vfs_phase)candidate), name) == 0) {
			*phase = (enum vfs_phase)candidate;
			return true;
		}
	}
	return false;
}

bool sim_fault_file_kind_of(const char *name, enum vfs_file_kind *kind) {
	*kind = VFS_FILE_NONE;
	if (strcmp(name, "any") == 0) {
		return true;
	}
	for (int candidate = VFS_FILE_NONE + 1; candidate < VFS_FILE_COUNT; candidate++) {
		if (strcmp(vfs_file_kind_name((enum vfs_file_kind)candidate), name) == 0) {
			*kind = (enum vfs_file_kind)candidate;
			return true;
		}
	}
	return false;
}

bool sim_fault_effect_of(const char *name, enum vfs_effect *effect) {
	*effect = VFS_EFFECT_NONE;
	for (int candidate = VFS_EFFECT_NONE + 1; candidate < VFS_EFFECT_COUNT; candidate++) {
		if (strcmp(vfs_effect_name((enum vfs_effect)candidate), name) == 0) {
			*effect = (enum vfs_effect)candidate;
			return true;
		}
	}
	return false;
}

static bool sim_fault_parse_where(struct sim_fault_words *words, struct sim_fault *fault) {
	const char *kind = sim_fault_word(words);
	const char *method = sim_fault_word(words);
	const char *file = sim_fault_word(words);
	if (kind == NULL || method == NULL || file == NULL) {
		return false;
	}
	fault->kind = sim_fault_kind_of(kind);
	return fault->kind != SIM_FAULT_NONE && sim_fault_method_of(method, &fault->method) &&
	       sim_fault_file_kind_of(file, &fault->file_kind);
}

static bool sim_fault_parse_phase(struct sim_fault_words *words, struct sim_fault *fault) {
	uint64_t occurrence = 0;
	const char *name = sim_fault_word(words);
	if (name == NULL || !sim_fault_phase_of(name, &fault->phase) ||
	    !sim_fault_number(words, UINT32_MAX, &occurrence)) {
		return false;
	}
	fault->occurrence = (uint32_t)occurrence;
	return true;
}

static bool sim_fault_parse_when(struct sim_fault_words *words, struct sim_fault *fault) {
	uint64_t moment_number = 0;
	uint64_t operation = 0;
	const char *at = sim_fault_word(words);
	const char *moment = sim_fault_word(words);
	if (at == NULL || strcmp(at, "at") != 0 || moment == NULL ||
	    !sim_fault_number(words, UINT32_MAX, &moment_number)) {
		return false;
	}
	const char *word = sim_fault_word(words);
	if (word != NULL && strcmp(word, "phase") == 0) {
		if (!sim_fault_parse_phase(words, fault)) {
			return false;
		}
		word = sim_fault_word(words);
	}
	if (word == NULL || strcmp(word, "operation") != 0 || !sim_fault_number(words, UINT32_MAX, &operation)) {
		return false;
	}
	fault->moment = strcmp(moment, "step") == 0      ? SIM_MOMENT_STEP
	                : strcmp(moment, "restart") == 0 ? SIM_MOMENT_RESTART
	                                                 : SIM_MOMENT_NONE;
	fault->moment_number = (uint32_t)moment_number;
	fault->operation = (uint32_t)operation;
	return fault->moment != SIM_MOMENT_NONE;
}

static bool sim_fault_parse_option(struct sim_fault_words *words, const char *word, struct sim_fault *fault) {
	uint64_t number = 0;
	if (strcmp(word, "effect") == 0) {
		const char *effect = sim_fault_word(words);
		return effect != NULL && sim_fault_effect_of(effect, &fault->effect);
	}
	if (strcmp(word, "code") == 0) {
		const char *code = sim_fault_word(words);
		fault->code = code != NULL ? sim_fault_code_of(code) : 0;
		return fault->code != 0;
	}
	if (strcmp(word, "bytes") == 0) {
		return sim_fault_number(words, UINT64_MAX, &fault->bytes);
	}
	if (strcmp(word, "times") == 0 && sim_fault_number(words, UINT32_MAX, &number)) {
		fault->times = (uint32_t)number;
		return true;
	}
	if (strcmp(word, "mask") == 0 && sim_fault_number(words, 255, &number)) {
		fault->mask = (uint32_t)number;
		return true;
	}
	if (strcmp(word, "aim") == 0) {
		const char *aim = sim_fault_word(words);
		fault->aim = SIM_AIM_ROWS;
		return aim != NULL && strcmp(aim, "rows") == 0;
	}
	if (strcmp(word, "process") == 0) {
		const char *name = sim_fault_word(words);
		return name != NULL &&
		       (size_t)snprintf(fault->process, sizeof fault->process, "%s", name) < sizeof fault->process;
	}
	if (strcmp(word, "for") == 0 && sim_fault_number(words, UINT64_MAX, &fault->duration_ns)) {
		const char *unit = sim_fault_word(words);
		return unit != NULL && strcmp(unit, "ns") == 0;
	}
	return false;
}

bool sim_fault_parse(const char *text, struct sim_fault *fault, char *why, size_t why_size) {
	struct sim_fault_words words = {0};
	const char *word = NULL;
	*fault = (struct sim_fault){.times = 1};
	if (strlen(text) >= sizeof words.text) {
		return sim_fault_refuse(why, why_size, "too long for a fault:", "");
	}
	memcpy(words.text, text, strlen(text) + 1);
	words.next = words.text;
	if (!sim_fault_parse_where(&words, fault)) {
		return sim_fault_refuse(why, why_size, "expected KIND METHOD FILE at the beginning of", text);
	}
	if (!sim_fault_parse_when(&words, fault)) {
		return sim_fault_refuse(why, why_size, "expected `at step|restart N [phase PHASE N] operation N` in",
		                        text);
	}
	while ((word = sim_fault_word(&words)) != NULL) {
		if (!sim_fault_parse_option(&words, word, fault)) {
			return sim_fault_refuse(why, why_size, "unknown or incomplete word:", word);
		}
	}
	return sim_fault_check(fault, why, why_size);
}
