/* sim/fault.h: the faults, one row of one table each (sim/fault.c), and the sentence that prints
 * and parses one.
 *
 * A fault is armed at a moment of the run and strikes at the n-th operation from then on that it
 * matches. Its text form is
 *
 *     KIND METHOD FILE at (step|restart) N [phase PHASE N] operation N [effect EFFECT] [code CODE]
 *         [bytes N] [times N] [for N ns] [mask N] [aim rows] [process NAME]
 *
 * e.g. `io_error xSync wal at step 4 operation 2 effect partial times 1`. A fault with a phase
 * (vfs.h) strikes at the n-th call in it since the moment. When it has waited for
 * SIM_FAULT_PATIENCE_CALLS, it goes by its operation. With operation 0 it waits for ever. Words
 * that a kind does not use are not printed and not accepted. parse(print(f)) equals f for every
 * fault that sim_fault_check() accepts. What can be done to which method is not said here but in
 * the one table of vfs/process/effect.c: a fault that it does not allow is no fault.
 */
#ifndef AFTERSHOCK_SIM_FAULT_H
#define AFTERSHOCK_SIM_FAULT_H

#include "must_check.h"
#include "vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_fault_kind {
	SIM_FAULT_NONE = 0,
	SIM_FAULT_KILL,              /* the process dies at the operation */
	SIM_FAULT_POWER_LOSS,        /* the machine loses power at the operation */
	SIM_FAULT_IO_ERROR,          /* the method's own error code */
	SIM_FAULT_DISK_FULL,         /* SQLITE_FULL from a write, though there is space */
	SIM_FAULT_CAPACITY,          /* the disk has `bytes` left from here on, for a stretch of
	                              * virtual time */
	SIM_FAULT_BUSY,              /* a lock that is refused though nobody holds it */
	SIM_FAULT_LOCK_HELD,         /* another process takes the database lock for a stretch of
	                              * virtual time */
	SIM_FAULT_LATENCY,           /* the operation takes longer */
	SIM_FAULT_BIT_FLIP,          /* damage between two lives of the process: bits of one byte of
	                              * a file */
	SIM_FAULT_ZERO,              /* damage: a sector of zeros */
	SIM_FAULT_CUT,               /* damage: the file ends early */
	SIM_FAULT_UNREADABLE,        /* damage: a sector that cannot be read until it is written
	                              * anew */
	SIM_FAULT_LYING_SYNC,        /* a sync that says it was done, and was not */
	SIM_FAULT_LOST_WRITE,        /* a write that says it was done, and was not, or did not reach
	                              * the medium */
	SIM_FAULT_MISDIRECTED_WRITE, /* a write that lands elsewhere in the file */
	SIM_FAULT_FLIPPED_READ,      /* bits of one byte that was read are wrong; the medium is
	                              * fine */
	SIM_FAULT_STALE_READ,        /* what the file held when the fault was armed is read */
	SIM_FAULT_READ_ONLY,         /* a file opens for reading only */
	SIM_FAULT_EVICT,             /* the kernel drops the clean pages of a file */
	SIM_FAULT_NO_MEMORY,         /* an allocation of SQLite fails */
	SIM_FAULT_PAUSE,             /* the process is stopped at the operation for a stretch of
	                              * virtual time */
	SIM_FAULT_EVICT_AT_READ,     /* the kernel drops clean pages of a file that is open, before
	                              * a read */
	SIM_FAULT_REMOVE,            /* from outside: a file is removed */
	SIM_FAULT_EMPTY,             /* from outside: a file is cut to no bytes */
	SIM_FAULT_LEAVE_BEHIND,      /* from outside: the database is carried over without what lies
	                              * beside it */
	SIM_FAULT_RESTORE,           /* from outside: one file gets its content of an earlier moment
	                              * back */
	SIM_FAULT_RESTORE_ALL,       /* from outside: all files do, and what was not there then is
	                              * gone */
	SIM_FAULT_UNLINK,            /* from outside: a file that is open loses its name */
	SIM_FAULT_REPLACE,           /* from outside: an older copy takes the name of a file that is
	                              * open */
	SIM_FAULT_MISPAIR,           /* from outside: the WAL or journal of another database lies
	                              * beside this one */
	SIM_FAULT_RESTORE_TORN,      /* from outside: a copy comes back that was made while the
	                              * database was written */
	SIM_FAULT_OTHER_BOOK,        /* from outside: another book that has come at least as far
	                              * takes this one's place */
	SIM_FAULT_DROP_LOCKS,        /* the process closes another descriptor of a file: its locks
	                              * on it are gone */
	SIM_FAULT_FORK,              /* the process goes on as its own child, without locks */
	SIM_FAULT_KIND_COUNT
};

/* What the n-th operation is that a fault counts to. */
enum sim_fault_place {
	SIM_PLACE_NONE = 0,
	SIM_PLACE_CALL,       /* the VFS calls that it matches */
	SIM_PLACE_START,      /* none: it is done to a file while no process runs, before a start */
	SIM_PLACE_ALLOCATION, /* the allocations of SQLite */
	SIM_PLACE_COPY,       /* starts: a copy is made at the moment, and put back before the n-th
	                       * start from then on */
};

/* What a scenario or a plan may say of a kind. */
struct sim_fault_row {
	enum sim_fault_place place;
	const char *name;
	uint32_t methods; /* bit 1 << enum vfs_method: where it can strike; 0 unless at a call */
	uint32_t files;   /* bit 1 << enum vfs_file_kind */
	uint32_t effects; /* bit 1 << enum vfs_effect; 0: the word is not used */
	bool uses_code;   /* may say which of the method's error codes */
	bool uses_times;
	bool uses_duration;
	bool uses_bytes;
	bool uses_mask;
	bool within_assumptions; /* of SQLite (docs/fault-model.md): the contract of the settings
	                          * holds in spite of it */
	const char *about;       /* one line for people */
};

enum sim_moment { SIM_MOMENT_NONE = 0, SIM_MOMENT_STEP, SIM_MOMENT_RESTART, SIM_MOMENT_COUNT };

/* What damage aims at. */
enum sim_aim {
	SIM_AIM_ANYWHERE = 0, /* any byte of the file */
	SIM_AIM_ROWS,         /* any byte of what is stored in rows; database files only */
};

/* Names of processes: that of a group ("writer"), and of one of its processes ("writer-2"). */
#define SIM_PROCESS_GROUP_SIZE 20
#define SIM_PROCESS_NAME_SIZE (SIM_PROCESS_GROUP_SIZE + 4)

/* So many matching calls does a fault wait for its phase. */
#define SIM_FAULT_PATIENCE_CALLS 300u
/* And in so many last steps it does not wait. */
#define SIM_FAULT_LAST_STEPS 2u

/* Times without end. */
#define SIM_FAULT_FOR_EVER UINT32_MAX

struct sim_fault {
	enum sim_fault_kind kind;
	enum vfs_method method;       /* VFS_METHOD_NONE: any that the kind can strike */
	enum vfs_file_kind file_kind; /* VFS_FILE_NONE: any */
	enum vfs_effect effect;
	int code; /* SQLite result code; 0: the usual one of kind and method */
	enum sim_moment moment;
	uint32_t moment_number; /* step: from 0; restart: from 1 (0 is the first start) */
	enum vfs_phase phase;   /* of calls: strikes in it; VFS_PHASE_NONE: goes by the operation
	                         * alone */
	uint32_t occurrence;    /* with a phase, from 1: at the n-th matching call in it since the
	                         * moment; else 0 */
	uint32_t operation;     /* from 1: the n-th matching operation since the moment; with a
	                         * phase also 0: none */
	uint32_t times;         /* so many matching operations in a row */
	/* Partial: a part in 65536ths of the write; capacity: what is left; mispair: which table;
	 * else an offset, in 65536ths of file, of read, or of what it aims at */
	uint64_t bytes;
	uint64_t duration_ns;
	uint32_t mask; /* bit_flip, flipped_read: which bits, 1 to 255 */
	enum sim_aim aim;
	char process[SIM_PROCESS_NAME_SIZE]; /* of several, the one whose operations count and are
	                                      * struck; empty: any */
};

#define SIM_FAULT_TEXT_SIZE 256

/* The row of a kind, NULL for no kind. */
const struct sim_fault_row *sim_fault_row(enum sim_fault_kind kind);

/* The kind of a name, SIM_FAULT_NONE when there is no such name. */
enum sim_fault_kind sim_fault_kind_of(const char *name);

/* Says whether the fault can be at all: a method, file and effect that exist together. `why` gets
 * one line if not. */
bool sim_fault_check(const struct sim_fault *fault, char *why, size_t why_size);
/* Whether an error of this effect makes sense at this method: e.g. no partial xLock. */
bool sim_fault_effect_fits(enum sim_fault_kind kind, enum vfs_method method, enum vfs_effect effect);
/* Whether the kind can strike a call in the phase, at one of the methods and files (masks; 0:
 * any). */
bool sim_fault_phase_fits(enum sim_fault_kind kind, enum vfs_phase phase, uint32_t methods,
                          uint32_t files) SIM_MUST_CHECK;
/* Whether an error of the kind can strike the sync of a WAL, at one of the phases, methods and
 * files (masks; 0: any). */
bool sim_fault_fails_wal_sync(enum sim_fault_kind kind, uint64_t phases, uint32_t methods, uint32_t files);
/* Whether the kind damages bytes of a file before a start. */
bool sim_fault_is_of_bytes(enum sim_fault_kind kind);
/* Whether the kind changes whole files from outside. */
bool sim_fault_is_from_outside(enum sim_fault_kind kind);
/* Whether the kind takes locks from a process that goes on to believe in them. */
bool sim_fault_takes_locks(enum sim_fault_kind kind);
/* Whether the kind can aim at rows. */
bool sim_fault_can_aim(enum sim_fault_kind kind);
/* The SQLite result code that the fault gives at a method: its own, or the usual one. */
int sim_fault_code(const struct sim_fault *fault, enum vfs_method method);
/* The methods that can give a code, as bits 1 << enum vfs_method; 0 when it is none that an
 * io_error can give. */
uint32_t sim_fault_code_methods(int code);
/* "SQLITE_IOERR_DIR_FSYNC" to the number and back; 0 and NULL when it is none that an io_error can
 * give. */
int sim_fault_code_of(const char *name);
const char *sim_fault_code_name(int code);
/* Prints the sentence that sim_fault_parse() reads. */
void sim_fault_print(const struct sim_fault *fault, char text[SIM_FAULT_TEXT_SIZE]);
/* Parses one sentence. False with one line in `why` when it is not one. */
bool sim_fault_parse(const char *text, struct sim_fault *fault, char *why, size_t why_size);

/* Names to numbers, as in vfs.h; "any" gives the NONE value. False when there is no such name. */
bool sim_fault_method_of(const char *name, enum vfs_method *method) SIM_MUST_CHECK;
bool sim_fault_phase_of(const char *name, enum vfs_phase *phase) SIM_MUST_CHECK;
bool sim_fault_file_kind_of(const char *name, enum vfs_file_kind *kind) SIM_MUST_CHECK;
bool sim_fault_effect_of(const char *name, enum vfs_effect *effect) SIM_MUST_CHECK;

#endif
