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
 * Strings are NUL-terminated UTF-8. Structures are plain values: the callee copies what it wants to
 * keep.
 */
#ifndef AFTERSHOCK_SUBJECT_H
#define AFTERSHOCK_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows whenever a structure or a meaning below changes. Plug-ins of versions 3 to 6 are still
 * taken. Version 3 cannot say what it takes (SUBJECT_TAKES_ below), version 4 knows nothing of
 * several clients of SQL, version 5 nothing of whole ledger rows, of gaps, and of what the caller
 * vouches for, and version 6 nothing of histories. The first three do not know of damage, and each
 * is held to notice it. Since version 3 structures have grown at their ends only. One of any other
 * number is refused. */
#define SUBJECT_INTERFACE_VERSION 7u

/* Sizes of the text fields below in bytes, the terminating NUL included. */
#define SUBJECT_ID_SIZE 40
#define SUBJECT_SYMBOL_SIZE 24
#define SUBJECT_CURRENCY_SIZE 8
#define SUBJECT_REASON_SIZE 120

#define SUBJECT_BATCH_MAX 16u /* most updates of one batch */

struct sqlite3;
struct subject_sink; /* below */
struct subject_reply;

/* Of the `sql` scenarios: the schema under test, and what is asked about it. Lives as long as the
 * instance. */
struct subject_schema {
	bool make;                /* this start makes the database: `setup` is to be run, and
	                           * nothing will strike */
	bool reopens_after_doubt; /* else the instance goes on with the connection whose commit is
	                           * in doubt */
	uint32_t attached_count;  /* database files beside the main one */
	const char *const *attached_names;
	const char *const *attached_paths;
	uint32_t pragma_count; /* run on every connection before anything else */
	const char *const *pragmas;
	uint32_t setup_count; /* statements, one transaction together */
	const char *const *setup;
	uint32_t query_count; /* queries that must return no row */
	const char *const *queries;
	/* What a connection shows of one of its files ("main", or an attached name), as the sink
	 * wants it. Returns an extended result code; the digest is valid when it is OK. */
	int (*digest)(struct sqlite3 *connection, const char *file, uint64_t digest[2]);
};

/* A stage that an instance has come to in a step. */
enum subject_stage {
	SUBJECT_STAGE_NONE = 0,
	SUBJECT_STAGE_READS,  /* a read begins: what it shows is not older than this moment */
	SUBJECT_STAGE_SHOWN,  /* the sink was told all that it shows */
	SUBJECT_STAGE_COPIED, /* a backup is complete, and closed; next it is read */
	SUBJECT_STAGE_CHECKS, /* an integrity check begins */
	/* COMMIT, or the statement that stands alone, begins: its effect may be durable at any
	 * moment from here on. */
	SUBJECT_STAGE_COMMITS,
	SUBJECT_STAGE_COMMITS_AGAIN, /* COMMIT was busy, and is to be tried once more */
};

/* For one of several clients of one database: how it waits, and what it tells while a step lasts.
 * Other clients go on at every call of the VFS, and whenever one waits. So whoever judges must hear
 * of a stage when it is reached. An instance need not know that its process was killed: then it is
 * told to go on no more, and what it tells is ignored. All of it lives as long as the instance. */
struct subject_client {
	void *context;
	const struct subject_sink *sink; /* digest, row and checked: of a read, a copy, a check */
	void (*tell)(void *context, enum subject_stage stage);
	/* A transaction has its answer, and what follows only tidies up. Need not be told: the
	 * reply of the step counts then. */
	void (*answers)(void *context, const struct subject_reply *reply);
	/* A checkpoint was made: frames of the WAL, and how many of them are in the database now;
	 * -1: there is no WAL. */
	void (*checkpointed)(void *context, int frames, int done);
	/* Waits. */
	void (*pause)(void *context, int64_t duration_ns);
	/* Waits for another's lock, as the busy handler of SQLite; `count` says how often it has
	 * for this lock. False: it is to give up. */
	bool (*wait)(void *context, uint32_t count);
	/* To be asked after so many steps of SQLite, as its progress handler, with the statement
	 * that runs. False: it is to give up. */
	bool (*goes_on)(void *context, const char *statement);
	uint32_t goes_on_steps;
};

/* How one of several clients of SQL opens the database. */
enum subject_access {
	SUBJECT_ACCESS_USUAL = 0,
	SUBJECT_ACCESS_READ_ONLY, /* SQLITE_OPEN_READONLY */
	/* The two of a URI: immutable=1 says that nobody writes, so there are no locks and no look
	 * for changes; nolock=1 that there are no locks. */
	SUBJECT_ACCESS_IMMUTABLE,
	SUBJECT_ACCESS_NO_LOCK,
	SUBJECT_ACCESS_COUNT
};

/* How an instance is to be run. Pointers are valid during start() only. */
struct subject_config {
	const char *vfs_name;                /* the registered sqlite3_vfs to open with */
	const char *path;                    /* the database file */
	const char *protocol;                /* "persist_first", ... (docs/problem.md section 2) */
	const char *journal_mode;            /* "delete", "truncate", "persist", "memory", "off",
	                                      * "wal" */
	const char *synchronous;             /* "off", "normal", "full", "extra" */
	uint32_t page_size_bytes;            /* for a new database; power of two, 512 to 65536 */
	int32_t cache_pages;                 /* as PRAGMA cache_size: pages when positive */
	uint32_t checkpoint_frames;          /* WAL length that asks for a checkpoint; 0: never */
	uint32_t busy_timeout_ms;            /* how long to wait for another process's lock; 0: not
	                                      * at all */
	uint32_t held_updates;               /* how many updates that came too early may be kept,
	                                      * see SUBJECT_LATER; 0: none */
	const struct subject_schema *schema; /* NULL unless the scenario is one of SQL */
	const struct subject_client *client; /* one of several clients of SQL; else NULL */
	/* The caller knows that this version was acknowledged and is durable, whatever became of
	 * the files: a start refuses anything older as damaged (SUBJECT_TAKES_VOUCHED). 0: the
	 * caller knows nothing. */
	uint64_t least_version;
	/* The same of an epoch, and of the history (struct subject_head) that `least_version` had:
	 * a start refuses an older epoch and another book as damaged, however far that one has come
	 * (SUBJECT_TAKES_HISTORY). Zeros: the caller knows nothing. */
	uint64_t least_epoch;
	uint64_t least_history[2];
	enum subject_access access; /* with SUBJECT_TAKES_ACCESS; else the usual one */
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

enum subject_exec_type {
	SUBJECT_EXEC_NONE = 0,
	SUBJECT_EXEC_NEW,              /* FIX 150=0: acknowledged */
	SUBJECT_EXEC_TRADE,            /* 150=F: a fill, partial or not */
	SUBJECT_EXEC_CANCELED,         /* 150=4 */
	SUBJECT_EXEC_REJECTED,         /* 150=8 */
	SUBJECT_EXEC_EXPIRED,          /* 150=C */
	SUBJECT_EXEC_REPLACED,         /* 150=5: order quantity, price and client id are those of
	                                * this report */
	SUBJECT_EXEC_BUST,             /* 150=H: the fill `exec_ref_id` never was */
	SUBJECT_EXEC_CORRECT,          /* 150=G: last quantity and price take the place of those of
	                                * `exec_ref_id` */
	SUBJECT_EXEC_RESTATED,         /* 150=D: the exchange changed the order by itself */
	SUBJECT_EXEC_DONE_FOR_DAY,     /* 150=3; with leaves 0 the order ended with its day */
	SUBJECT_EXEC_PENDING_NEW,      /* 150=A */
	SUBJECT_EXEC_PENDING_CANCEL,   /* 150=6 */
	SUBJECT_EXEC_PENDING_REPLACE,  /* 150=E */
	SUBJECT_EXEC_CANCEL_REJECTED,  /* 35=9 with 434=1: a cancel request was refused */
	SUBJECT_EXEC_REPLACE_REJECTED, /* 35=9 with 434=2: a replace request was refused */
	SUBJECT_EXEC_STOPPED,          /* 150=7: a guaranteed price, not a fill */
	SUBJECT_EXEC_TRIGGERED,        /* 150=L */
	SUBJECT_EXEC_ORDER_STATUS,     /* 150=I: an answer to a question */
};

enum subject_order_status {
	SUBJECT_ORDER_NONE = 0,
	SUBJECT_ORDER_NEW,
	SUBJECT_ORDER_PARTIALLY_FILLED,
	SUBJECT_ORDER_FILLED,
	SUBJECT_ORDER_CANCELED,
	SUBJECT_ORDER_REJECTED,
	SUBJECT_ORDER_EXPIRED,
	SUBJECT_ORDER_PENDING_NEW,
	SUBJECT_ORDER_PENDING_CANCEL,
	SUBJECT_ORDER_PENDING_REPLACE,
	SUBJECT_ORDER_DONE_FOR_DAY,
	SUBJECT_ORDER_STOPPED,
};

enum subject_side { SUBJECT_SIDE_NONE = 0, SUBJECT_SIDE_BUY, SUBJECT_SIDE_SELL };

/* One order update, named after the FIX 4.4 ExecutionReport (35=8). Quantities count lots, prices
 * count ticks, both of the symbol; the commission counts the smallest unit of its currency and may
 * be negative. */
struct subject_order_update {
	char exec_id[SUBJECT_ID_SIZE];        /* 17; may be empty: the logical content tells such
	                                       * reports apart */
	char order_id[SUBJECT_ID_SIZE];       /* 37 */
	char cl_ord_id[SUBJECT_ID_SIZE];      /* 11 */
	char orig_cl_ord_id[SUBJECT_ID_SIZE]; /* 41; may be empty */
	char exec_ref_id[SUBJECT_ID_SIZE];    /* 19: the fill that a bust or correction is about;
	                                       * else empty */
	char symbol[SUBJECT_SYMBOL_SIZE];     /* 55 */
	char comm_currency[SUBJECT_CURRENCY_SIZE];
	enum subject_exec_type exec_type;     /* 150 */
	enum subject_order_status ord_status; /* 39: annotation, not to be trusted for quantities */
	enum subject_side side;               /* 54 */
	int64_t order_quantity_lots;          /* 38 */
	int64_t price_ticks;                  /* 44 */
	int64_t last_quantity_lots;           /* 32: this fill */
	int64_t last_price_ticks;             /* 31 */
	int64_t cum_quantity_lots;            /* 14: all fills of the order, this one included */
	int64_t leaves_quantity_lots;         /* 151 */
	int64_t commission_units;             /* 12 */
	int64_t transact_time_ns;             /* 60 */
};

/* 0: no limit. Exposure is the worst case: the position with all open buys filled, or with all open
 * sells filled. */
struct subject_limits {
	int64_t position_lots;            /* of each symbol, long or short */
	int64_t order_notional_tick_lots; /* of each open order: quantity times price, without
	                                   * sign */
	int64_t open_orders;              /* orders with something left to fill, all symbols */
};

enum subject_halt {
	SUBJECT_HALT_NONE = 0,
	SUBJECT_HALT_OPEN_ORDERS, /* this limit and the next two are exceeded, in the worst case */
	SUBJECT_HALT_ORDER_NOTIONAL,
	SUBJECT_HALT_POSITION,
	SUBJECT_HALT_COMMANDED,
};

enum subject_command_kind {
	SUBJECT_COMMAND_NONE = 0,
	SUBJECT_COMMAND_HALT,
	SUBJECT_COMMAND_RESUME, /* lifts a halt, whatever its reason; nothing else does */
	SUBJECT_COMMAND_LIMITS, /* replaces the limits; they are looked at with the next update */
};

/* A command is recorded, durable, counted as a version, and done once, like an update: its id is in
 * the seen set under symbol "". */
struct subject_command {
	char command_id[SUBJECT_ID_SIZE];
	enum subject_command_kind kind;
	struct subject_limits limits; /* of SUBJECT_COMMAND_LIMITS */
	int64_t time_ns;
};

enum subject_value_kind {
	SUBJECT_VALUE_NONE = 0, /* NULL. With SUBJECT_TAKES_VALUES only */
	SUBJECT_VALUE_INTEGER,
	SUBJECT_VALUE_TEXT,
	SUBJECT_VALUE_BLOB,
	SUBJECT_VALUE_REAL, /* `bytes` are those of a double; need not be aligned. With
	                     * SUBJECT_TAKES_VALUES only */
};

/* A named parameter and what is bound to it. */
struct subject_value {
	const char *name; /* ":key" */
	enum subject_value_kind kind;
	int64_t integer;
	const void *bytes; /* of a text, blob or real */
	uint32_t size_bytes;
};

enum subject_begin {
	SUBJECT_BEGIN_NONE = 0, /* the one statement stands alone */
	SUBJECT_BEGIN_DEFERRED,
	SUBJECT_BEGIN_IMMEDIATE,
	SUBJECT_BEGIN_EXCLUSIVE,
};

/* BEGIN, the statements, COMMIT or ROLLBACK. A value is bound wherever its name stands. */
struct subject_transaction {
	const char *name;
	enum subject_begin begin;
	bool rolls_back;
	uint32_t statement_count;
	const char *const *statements;
	uint32_t value_count;
	const struct subject_value *values;
	bool reads_first; /* of several clients: between BEGIN and the first statement it reads all,
	                   * and tells so */
};

enum subject_step_kind {
	SUBJECT_STEP_NONE = 0,
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
};

/* As SQLite has them. */
enum subject_checkpoint {
	SUBJECT_CHECKPOINT_PASSIVE = 0,
	SUBJECT_CHECKPOINT_FULL,
	SUBJECT_CHECKPOINT_RESTART,
	SUBJECT_CHECKPOINT_TRUNCATE,
};

struct subject_order;
struct subject_position;

/* After a start: what the instance durably holds, for the exchange to send everything behind it
 * again. */
struct subject_hello {
	uint64_t version;
	uint64_t report_count;         /* applied reports, without commands */
	char exec_id[SUBJECT_ID_SIZE]; /* of the last of them; empty: there is none */
};

/* What the exchange answers when it is asked what it holds. */
struct subject_statement {
	bool complete;                            /* false: the query failed on the way, and what is
	                                           * not here may be there all the same */
	uint32_t order_count;                     /* open at the exchange */
	const struct subject_order *orders;       /* in bytewise order of ids; id, cumulative and
	                                           * leaves quantity count */
	uint32_t position_count;                  /* not flat at the exchange */
	const struct subject_position *positions; /* in bytewise order of symbols; symbol and
	                                           * quantity count */
};

/* Whether an order may be sent to the exchange. */
enum subject_permission {
	SUBJECT_PERMISSION_NONE = 0,
	SUBJECT_PERMITTED,
	SUBJECT_FORBIDDEN_STOPPED,
	SUBJECT_FORBIDDEN_DISAGREEMENT, /* no agreement with the exchange since the start, or none
	                                 * any more */
	SUBJECT_FORBIDDEN_HALTED,
	SUBJECT_FORBIDDEN_LIMIT,     /* the order would leave a limit exceeded, in the worst case */
	SUBJECT_FORBIDDEN_OTHERWISE, /* out of memory, or no order at all */
};

/* What is missing before an update that came too early: fills that raise the cumulative quantity of
 * its order from `known_lots`, which the instance has, to `missing_to_lots`. Both are 0 when
 * nothing is missing, and when it is not a quantity: the fill that a bust or correction is
 * about. */
struct subject_gap {
	int64_t known_lots;
	int64_t missing_to_lots;
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
};

enum subject_outcome {
	SUBJECT_OUTCOME_NONE = 0,
	SUBJECT_ACKNOWLEDGED, /* applied, and durable as far as the settings promise */
	SUBJECT_UNCHANGED,    /* applied before (duplicate or stale): nothing changed, need not be
	                       * sent again */
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

/* What observe() reports: the whole state in memory, in any order; or, for SQL, digests of what the
 * connection shows. */
struct subject_position {
	char symbol[SUBJECT_SYMBOL_SIZE];
	int64_t quantity_lots;      /* signed: short is negative */
	int64_t cost_tick_lots;     /* exact open cost, signed like the quantity */
	int64_t realised_tick_lots; /* exact realised profit */
};

struct subject_order {
	char order_id[SUBJECT_ID_SIZE];
	/* In force: of the last replace, else of the report that the order was first heard of in */
	char cl_ord_id[SUBJECT_ID_SIZE];
	char symbol[SUBJECT_SYMBOL_SIZE];
	enum subject_side side;
	enum subject_order_status status;
	int64_t order_quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
	int64_t leaves_quantity_lots;
	int64_t filled_tick_lots; /* sum of quantity times price of the fills that stand */
	bool is_external;         /* the exchange's acknowledgement of this order was never seen */
	bool is_overfilled;       /* filled beyond its quantity */
	bool has_reused_id;       /* another order with its client id was rejected */
};

/* An update or command that was applied, by its duplicate key. */
struct subject_execution {
	char symbol[SUBJECT_SYMBOL_SIZE]; /* empty: a command */
	/* As reported; of a report without one, anything that is no id of the exchange's */
	char exec_id[SUBJECT_ID_SIZE];
	uint64_t version; /* of the state that it made, from 1 */
	/* The rest counts of a subject with SUBJECT_TAKES_LEDGER. Of a command it is kind, limits
	 * and transact_time_ns, and everything else is 0. Of an update, all is as it was reported,
	 * and command_kind and limits are 0. */
	uint64_t superseded_by; /* version of the bust or correction that stands in its place; 0: it
	                         * stands */
	char order_id[SUBJECT_ID_SIZE];
	char exec_ref_id[SUBJECT_ID_SIZE];
	char comm_currency[SUBJECT_CURRENCY_SIZE];
	enum subject_exec_type exec_type;
	enum subject_side side;
	enum subject_command_kind command_kind;
	struct subject_limits limits; /* of SUBJECT_COMMAND_LIMITS */
	int64_t order_quantity_lots;
	int64_t price_ticks;
	int64_t last_quantity_lots;
	int64_t last_price_ticks;
	int64_t cum_quantity_lots;
	int64_t commission_units;
	int64_t transact_time_ns;
};

/* What a currency has cost: the sum over what stands, without fills that were busted or
 * corrected. */
struct subject_commission {
	char comm_currency[SUBJECT_CURRENCY_SIZE];
	int64_t total_units;
};

struct subject_head {
	uint64_t version;
	uint64_t epoch;
	enum subject_halt halt; /* why; the first reason stays until a RESUME */
	struct subject_limits limits;
	/* Stands for all that was applied up to the version, in its order (SUBJECT_TAKES_HISTORY).
	 * Two books share it only as far as one is a copy of the other. */
	uint64_t history[2];
};

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
	/* Reports what the instance holds in memory, without touching the database; for SQL, what
	 * its connection reads. */
	void (*observe)(void *instance, const struct subject_sink *sink);
	/* Closes the database and frees the instance. Never fails. */
	void (*stop)(void *instance);
	uint32_t takes; /* mask of enum subject_takes */
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
