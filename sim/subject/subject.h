/* sim/subject/subject.h: the interface between the test bed and what it tests.
 *
 * A subject is a program that keeps its state in SQLite, cut into four calls: start, step, observe,
 * stop. The built-in engine (sim/subject/subject_engine.c) and every plug-in (`--subject FILE.so`)
 * go through this header and through nothing else. A plug-in is a shared object that exports one
 * function, `aftershock_subject`, and links the same SQLite library as the test bed. This header
 * needs libc only.
 *
 * One instance is one simulated process. The test bed calls it on one thread and never enters it
 * twice at a time. An instance opens its database with the VFS it is told, and touches nothing else
 * of the machine: no clock, no randomness, no environment, no files. When its process is killed,
 * every SQLite call fails from then on; whatever the instance then answers is ignored, but `stop`
 * is still called and must free everything.
 *
 * Memory dies with its process. When a life begins, static variables of a plug-in are as they were
 * after loading, and `aftershock_subject` is called again. Each process has its own
 * (docs/your-program.md, "What dies with a process").
 *
 * The interface has two layers. This header is the one of any program: a step is an operation, a
 * line of text that the program understands, and what it holds is lines of text, too. The other
 * layer is two vocabularies with judges of their own: order updates (subject_of_orders.h) and the
 * SQL of a scenario (subject_of_sql.h). What is marked "orders:" or "SQL:" below belongs to them;
 * it is zero for all others, who need not look at it.
 *
 * Strings are NUL-terminated UTF-8. Structures are plain values: the callee copies what it wants to
 * keep.
 */
#ifndef AFTERSHOCK_SUBJECT_H
#define AFTERSHOCK_SUBJECT_H

#include "subject_of_orders.h"
#include "subject_of_sql.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows whenever a structure or a meaning below changes. Plug-ins of versions 3 to 8 are still
 * taken. Version 3 cannot say what it takes (SUBJECT_TAKES_ below), version 4 knows nothing of
 * several clients of SQL, version 5 nothing of whole ledger rows, of gaps, and of what the caller
 * vouches for, version 6 nothing of histories, version 7 nothing of operations, and version 8
 * nothing of accounts and trading days. The first three do not know of damage, and each is held to
 * notice it. Since version 3 structures have grown at their ends only. One of any other number is
 * refused. */
#define SUBJECT_INTERFACE_VERSION 9u

/* The size of a text with a reason in bytes, the terminating NUL included. */
#define SUBJECT_REASON_SIZE 120
/* The same of an operation. */
#define SUBJECT_OPERATION_SIZE 256

/* How an instance is to be run. Pointers are valid during start() only. */
struct subject_config {
	const char *vfs_name;                /* the registered sqlite3_vfs to open with */
	const char *path;                    /* the database file */
	const char *protocol;                /* orders: "persist_first", ... (docs/problem.md
	                                      * section 2) */
	const char *journal_mode;            /* "delete", "truncate", "persist", "memory", "off",
	                                      * "wal" */
	const char *synchronous;             /* "off", "normal", "full", "extra" */
	uint32_t page_size_bytes;            /* for a new database; power of two, 512 to 65536 */
	int32_t cache_pages;                 /* as PRAGMA cache_size: pages when positive */
	uint32_t checkpoint_frames;          /* WAL length that asks for a checkpoint; 0: never */
	uint32_t busy_timeout_ms;            /* how long to wait for another process's lock; 0: not
	                                      * at all */
	uint32_t held_updates;               /* orders: how many updates that came too early may be
	                                      * kept, see SUBJECT_LATER; 0: none */
	const struct subject_schema *schema; /* SQL: else NULL */
	const struct subject_client *client; /* SQL: one of several clients; else NULL */
	/* Orders: the caller knows that this version was acknowledged and is durable, whatever
	 * became of the files: a start refuses anything older as damaged (SUBJECT_TAKES_VOUCHED).
	 * 0: the caller knows nothing. */
	uint64_t least_version;
	/* The same of an epoch, and of the history (struct subject_head) that `least_version` had:
	 * a start refuses an older epoch and another book as damaged, however far that one has come
	 * (SUBJECT_TAKES_HISTORY). Zeros: the caller knows nothing. */
	uint64_t least_epoch;
	uint64_t least_history[2];
	enum subject_access access; /* SQL: with SUBJECT_TAKES_ACCESS; else the usual one */
};

enum subject_start_status {
	SUBJECT_START_NONE = 0,
	SUBJECT_STARTED,             /* loaded, verified, serving; what it shows is durable as far
	                              * as the settings promise */
	SUBJECT_START_LATER,         /* the storage failed or is busy; nothing was served; starting
	                              * again may work */
	SUBJECT_START_DAMAGED,       /* the stored state is damaged; named in the reason; the files
	                              * were left as they are */
	SUBJECT_START_MISCONFIGURED, /* the configuration cannot be; starting again will not work */
};

enum subject_step_kind {
	SUBJECT_STEP_NONE = 0,
	/* orders: the first, and those up to PERMISSION */
	SUBJECT_STEP_ORDER_UPDATE, /* `update` is set */
	SUBJECT_STEP_CHECKPOINT,   /* housekeeping the caller asks for; changes no state */
	SUBJECT_STEP_SQL,          /* `transaction` is set */
	SUBJECT_STEP_COMMAND,      /* `command` is set */
	/* `updates` are taken one upon the other, as if they came one by one, and are acknowledged
	 * together. Busts and corrections are committed by themselves; the updates between them
	 * belong together: after a crash or a doubt all of those are there or none; with protocol
	 * "journal", none, all, or the first few. */
	SUBJECT_STEP_BATCH,
	/* The three of an instance that asks before it trades (SUBJECT_TAKES_PERMISSION below).
	 * They change no state and need no storage. */
	SUBJECT_STEP_HELLO,      /* `hello` is to be filled */
	SUBJECT_STEP_STATEMENT,  /* `statement` is set: acknowledged when both agree, refused when
	                          * they do not, with the first difference in the reason, later when
	                          * the statement is not complete */
	SUBJECT_STEP_PERMISSION, /* `order` is set: the reply has `permission` */
	/* The rest is for several clients of SQL. The answer is UNCHANGED, or LATER with the result
	 * code. */
	/* One read transaction in which everything is read `looks` times, with pauses of `hold_ns`
	 * between. Each time the stages are READS (the first time), SHOWN. */
	SUBJECT_STEP_LOOK,
	/* The main database goes to a new file `copy_path`, `pages` at a time, with pauses of
	 * `hold_ns` between: READS, COPIED. Then the copy is read and checked: CHECKS, SHOWN. */
	SUBJECT_STEP_BACKUP,
	SUBJECT_STEP_VACUUM,
	SUBJECT_STEP_CHECK,  /* SQLite's integrity check: CHECKS */
	SUBJECT_STEP_SWITCH, /* to `journal_mode` */
	/* VACUUM INTO `copy_path`, a new file. Stages as with a backup. */
	SUBJECT_STEP_VACUUM_INTO,
	/* Of any program: `operation` is set. It is done and durable when it is acknowledged. */
	SUBJECT_STEP_OPERATION,
	/* SQL: one client or several: the statement `pragma`, which changes no content. */
	SUBJECT_STEP_PRAGMA,
};

struct subject_step {
	enum subject_step_kind kind;
	const struct subject_order_update *update;
	const struct subject_transaction *transaction;
	const struct subject_command *command;
	uint32_t update_count; /* of a batch */
	const struct subject_order_update *updates;
	/* Of a batch, one for each update, to be filled as step()'s own reply, which says nothing
	 * but `must_restart` and the version then. */
	struct subject_reply *replies;
	struct subject_hello *hello;
	const struct subject_statement *statement;
	const struct subject_order *order; /* symbol, side, order quantity and price count */
	enum subject_checkpoint checkpoint;
	uint32_t looks;
	uint32_t pages;
	int64_t hold_ns;
	const char *copy_path;
	const char *journal_mode;
	/* Of an update or a batch, one for each update, zeroed: to be filled where the answer is
	 * SUBJECT_LATER because an earlier update is missing (SUBJECT_TAKES_GAPS). */
	struct subject_gap *gaps;
	const char *operation; /* of SUBJECT_STEP_OPERATION: one line, without its end */
	/* Of an operation: room for SUBJECT_OPERATION_SIZE bytes, empty; to be filled with what the
	 * program answers, such as the value that was asked for. A model answers the same. */
	char *answer;
	const char *pragma; /* SQL: of SUBJECT_STEP_PRAGMA */
	/* Orders: one for each update of an update or a batch; NULL: none says anything
	 * (SUBJECT_TAKES_SCOPES) */
	const struct subject_scope *scopes;
};

enum subject_outcome {
	SUBJECT_OUTCOME_NONE = 0,
	SUBJECT_ACKNOWLEDGED, /* applied, and durable as far as the settings promise */
	SUBJECT_UNCHANGED,    /* done, and nothing changed: it was applied before, or only asks;
	                       * need not be sent again */
	SUBJECT_REFUSED,      /* not applied and never will be, for what it says: need not be sent
	                       * again */
	SUBJECT_LATER,        /* not applied: storage failed, busy, or an earlier update is missing;
	                       * send it again */
	SUBJECT_IN_DOUBT,     /* the commit failed in a way that leaves its outcome open; the next
	                       * start settles it */
	SUBJECT_STOPPED,      /* nothing was tried: the instance does not work any more; send it
	                       * again after a restart */
};

struct subject_reply {
	enum subject_outcome outcome;
	bool must_restart; /* the instance will answer SUBJECT_STOPPED from now on */
	int sqlite_code;   /* extended result code behind the outcome, 0 if none */
	uint64_t version;  /* number of updates in the state, after this step */
	/* Of SUBJECT_LATER because an earlier update is missing: the instance keeps this one in
	 * memory, and applies it by itself, and durably, within the step that lets it in. What is
	 * kept is gone through in the order in which it came. */
	bool held;
	enum subject_permission permission; /* of SUBJECT_STEP_PERMISSION */
	bool spilled;                       /* SQL: the cache overflowed into the files before the
	                                     * commit */
	char reason[SUBJECT_REASON_SIZE];
};

/* What observe() tells the state to. */
struct subject_sink {
	void *context;
	void (*head)(void *context, const struct subject_head *head); /* once, first */
	void (*position)(void *context, const struct subject_position *position);
	void (*order)(void *context, const struct subject_order *order);
	/* the seen set */
	void (*execution)(void *context, const struct subject_execution *execution);
	/* Zero totals may be left out. */
	void (*commission)(void *context, const struct subject_commission *commission);
	/* SQL only, and NULL otherwise. A digest of schema and rows per database file, in the order
	 * main, attached. */
	void (*digest)(void *context, uint32_t file, const uint64_t digest[2]);
	/* a query of the schema returned this row */
	void (*row)(void *context, uint32_t query, const char *text);
	/* integrity_check; NULL: is not wanted */
	void (*checked)(void *context, uint32_t file, const char *line);
	/* it could not be read */
	void (*unavailable)(void *context, int sqlite_code, const char *reason);
	/* Of operations: one line of the state, without its end; NULL otherwise. All that later
	 * answers depend on is shown, in an order that depends on nothing else. */
	void (*line)(void *context, const char *text);
	/* Orders: of the position, order or execution that is told next, if any of it is said. Of
	 * an order the day is that of its first report (SUBJECT_TAKES_SCOPES). */
	void (*scope)(void *context, const struct subject_scope *scope);
};

/* What a subject takes, bit by bit. A scenario that asks for anything else is not run with it:
 * refused when it was named, skipped by name when its folder or the whole library is run. */
enum subject_takes {
	/* SUBJECT_STEP_ORDER_UPDATE: orders are acknowledged, filled, canceled, rejected, and
	 * expire. SUBJECT_STEP_CHECKPOINT, too. */
	SUBJECT_TAKES_UPDATES = 1 << 0,
	/* The rest of an order's life: replaces, busts, corrections, restatements
	 * (splits among them, docs/order-updates.md, R8), pending
	 * requests, fills beyond the quantity or of unknown orders, reports without an id or with
	 * that of another. */
	SUBJECT_TAKES_LIFE = 1 << 1,
	SUBJECT_TAKES_COMMANDS = 1 << 2,   /* SUBJECT_STEP_COMMAND */
	SUBJECT_TAKES_BATCHES = 1 << 3,    /* SUBJECT_STEP_BATCH */
	SUBJECT_TAKES_PERMISSION = 1 << 4, /* SUBJECT_STEP_HELLO, SUBJECT_STEP_STATEMENT and
	                                    * SUBJECT_STEP_PERMISSION */
	/* Several instances on one database. The one that starts last owns it, and no other
	 * acknowledges anything from then on. */
	SUBJECT_TAKES_OWNERS = 1 << 5,
	SUBJECT_TAKES_READERS = 1 << 6, /* its tables are those of engine/README.md, and others read
	                                 * them meanwhile */
	SUBJECT_TAKES_SQL = 1 << 7,     /* SUBJECT_STEP_SQL and SUBJECT_STEP_CHECKPOINT */
	/* Several instances on one database, each a client of SQL: `client` of struct
	 * subject_config, SUBJECT_STEP_LOOK, and all modes of SUBJECT_STEP_CHECKPOINT. */
	SUBJECT_TAKES_CLIENTS = 1 << 8,
	/* What else a client may be asked to do: SUBJECT_STEP_BACKUP, SUBJECT_STEP_VACUUM,
	 * SUBJECT_STEP_CHECK and SUBJECT_STEP_SWITCH. */
	SUBJECT_TAKES_UPKEEP = 1 << 9,
	/* It shows the rows of each kind in bytewise order of their keys (symbol; order id; symbol
	 * and exec id; currency), and is held to it. */
	SUBJECT_TAKES_IN_ORDER = 1 << 10,
	/* It shows of each ledger row all that struct subject_execution has, and is held to it. */
	SUBJECT_TAKES_LEDGER = 1 << 11,
	SUBJECT_TAKES_GAPS = 1 << 12, /* It says what is missing (struct subject_gap), and is held
	                               * to it. */
	/* SUBJECT_STEP_ORDER_UPDATE and SUBJECT_STEP_COMMAND with what is malformed by
	 * docs/order-updates.md, R1 to R4, R6 and R11: texts that do not end or have control
	 * characters, unknown kinds, quantities that cannot be. So is a conflict (R5): any field of
	 * a report that was applied is another one. It is refused, and nothing changes. It is put
	 * off only when a call or an allocation fails before. */
	SUBJECT_TAKES_MALFORMED = 1 << 13,
	/* It notices what a disk beyond SQLite's assumptions, a change from outside or settings
	 * that may corrupt have done: it refuses to start as damaged, and changes no file then. */
	SUBJECT_TAKES_DAMAGE = 1 << 14,
	/* It serves nothing older than `least_version` of struct subject_config. */
	SUBJECT_TAKES_VOUCHED = 1 << 15,
	/* It shows `history` of struct subject_head, and serves nothing that goes against
	 * `least_epoch` and `least_history` of struct subject_config. */
	SUBJECT_TAKES_HISTORY = 1 << 16,
	/* With the protocol "journal" it keeps a file of its own beside the database, opened as a
	 * super-journal (SQLITE_OPEN_SUPER_JOURNAL), and acknowledges by it. Faults may be aimed at
	 * that file alone. */
	SUBJECT_TAKES_JOURNAL = 1 << 17,
	/* When it answers SUBJECT_STEP_CHECKPOINT with UNCHANGED and nothing failed meanwhile, all
	 * of the WAL is in the database, as far as no other process reads from it. It is held to
	 * it: its next commit begins the WAL anew. */
	SUBJECT_TAKES_CHECKPOINTS = 1 << 18,
	SUBJECT_TAKES_VALUES = 1 << 19, /* values of all kinds, NULL and reals among them */
	/* The two of several clients of SQL: SUBJECT_STEP_VACUUM_INTO, and `access` of struct
	 * subject_config. */
	SUBJECT_TAKES_VACUUM_INTO = 1 << 20,
	SUBJECT_TAKES_ACCESS = 1 << 21,
	SUBJECT_TAKES_OPERATIONS = 1 << 22, /* SUBJECT_STEP_OPERATION */
	SUBJECT_TAKES_PRAGMAS = 1 << 23,    /* SUBJECT_STEP_PRAGMA */
	/* Orders of several accounts, and ids that come again on another day: `scopes` of struct
	 * subject_step, `scope` of struct subject_sink. And reports that do not say the order
	 * quantity. */
	SUBJECT_TAKES_SCOPES = 1 << 24,
};

/* A kind of operation: text in which braces leave something to the seed.
 *
 *   {1-20}          a whole number from 1 to 20, each as likely
 *   {red|green|}    one of the words, which may be empty
 *   {letters 0-30}  so many lower-case letters
 *
 * `{{` stands for a brace. */
struct subject_operation {
	const char *text; /* "put {1-20} {letters 0-30}"; NULL: the end of the list */
	uint32_t weight;  /* how often it is drawn, beside the others; 0 is 1 */
};

/* A subject: four functions, none of which may be NULL, and what it is for. */
struct aftershock_subject {
	uint32_t interface_version; /* SUBJECT_INTERFACE_VERSION */
	const char *name;
	/* Opens, loads and verifies. On SUBJECT_STARTED stores the new instance, to be given to
	 * stop(); otherwise stores NULL. `reason` gets one line for anything but
	 * SUBJECT_STARTED. */
	enum subject_start_status (*start)(const struct subject_config *config, void **instance,
	                                   char reason[SUBJECT_REASON_SIZE]);
	/* Does one step and fills the whole reply. */
	void (*step)(void *instance, const struct subject_step *step, struct subject_reply *reply);
	/* Reports what the instance holds: of operations, its whole state in lines. Orders: what is
	 * in memory, without touching the database. SQL: what its connection reads. */
	void (*observe)(void *instance, const struct subject_sink *sink);
	/* Closes the database and frees the instance. Never fails. */
	void (*stop)(void *instance);
	uint32_t takes; /* mask of enum subject_takes */
	/* With SUBJECT_TAKES_OPERATIONS: what a scenario draws from that has no operations of its
	 * own. May be NULL: then only scenarios with operations are run. */
	const struct subject_operation *operations;
	/* With SUBJECT_TAKES_OPERATIONS: the same program without a disk, which says what is right.
	 * Its `config->vfs_name` and `config->path` are NULL, and it never fails. A pure function
	 * becomes one by subject_rule.h. NULL: the program itself is the model, on a disk without
	 * faults. Then a mistake that it makes without faults is not found. */
	const struct aftershock_subject *model;
};

/* The one symbol of a plug-in. Returns a structure that lives as long as the shared object. In C++
 * it has the name of a structure, which -Wshadow would complain of. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
const struct aftershock_subject *aftershock_subject(void);
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

#define SUBJECT_ENTRY_POINT "aftershock_subject"

#ifdef __cplusplus
}
#endif

#endif
