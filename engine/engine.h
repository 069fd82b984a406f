/* engine/engine.h: a trading-engine core. Order updates go in, positions come out, SQLite keeps
 * them.
 *
 * One handle is the single writer of one database. It computes an update beside the state, makes it
 * durable, and only then acknowledges it. The protocol (engine_options) decides in which order
 * storage and memory learn of it. Whatever the storage does, every call ends in one named outcome,
 * and the readers show a state that was committed. README.md states the invariants E1 to E12.
 * docs/order-updates.md states the rules R1 to R13, by which an update changes the state.
 *
 * Call order: engine_open; then the other calls in any order; then engine_close. After an outcome
 * with must_reopen the handle only reads: close it, and open again.
 *
 * The engine has no clock, randomness, environment, threads or standard streams of its own. Its
 * memory comes from sqlite3_malloc64(), so an allocator given to SQLite sees all of it. One thread
 * owns a handle. Several handles are independent of each other, also on one database.
 *
 * All text is NUL-terminated inside fixed arrays and compared bytewise. Quantities count lots, and
 * prices count ticks, both of the symbol. Money counts ticks times lots. Commissions count the
 * smallest unit of their currency. All structures are plain values without pointers, except
 * engine_options and engine_visitor. Zero means "nothing" in all of them.
 */
#ifndef AFTERSHOCK_ENGINE_H
#define AFTERSHOCK_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

/* A result that must be looked at. clang warns of a caller that drops it, unless the caller says so
 * with a cast to void. gcc would warn of the cast, too, so it is not told. */
#ifdef __clang__
#define ENGINE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define ENGINE_MUST_CHECK
#endif

/* Sizes of text fields in bytes, the terminating NUL included. */
#define ENGINE_ID_SIZE 68 /* ids of 64 bytes fit */
#define ENGINE_SYMBOL_SIZE 32
#define ENGINE_VENUE_SIZE 16
#define ENGINE_ACCOUNT_SIZE 32
#define ENGINE_INSTRUMENT_SIZE 96
#define ENGINE_CURRENCY_SIZE 8
#define ENGINE_REASON_SIZE 120

/* What a database says it is: PRAGMA application_id ("AfSk") and PRAGMA user_version. */
#define ENGINE_APPLICATION_ID 0x4166536b
#define ENGINE_SCHEMA_VERSION 2        /* of a book in which nothing has a scope or a day */
#define ENGINE_SCHEMA_VERSION_SCOPED 3 /* of every other */

/* ---- input ----------------------------------------------------------------------------------- */

/* Why a report was sent (FIX tag 150). The numbers are stored: never renumber them. */
enum engine_exec_type {
	ENGINE_EXEC_NONE = 0,
	ENGINE_EXEC_NEW = 1,               /* 150=0: the venue acknowledged the order */
	ENGINE_EXEC_TRADE = 2,             /* 150=F: a fill, partial or complete */
	ENGINE_EXEC_REJECTED = 3,          /* 150=8 */
	ENGINE_EXEC_EXPIRED = 4,           /* 150=C */
	ENGINE_EXEC_CANCELED = 5,          /* 150=4 */
	ENGINE_EXEC_DONE_FOR_DAY = 6,      /* 150=3; with leaves 0 the order is over, else it rests
	                                    * until restated */
	ENGINE_EXEC_REPLACED = 7,          /* 150=5: the order gets quantity, price and client id of
	                                    * this report */
	ENGINE_EXEC_PENDING_CANCEL = 8,    /* 150=6 */
	ENGINE_EXEC_STOPPED = 9,           /* 150=7: a guaranteed price, no fill; last quantity and
	                                    * price are ignored */
	ENGINE_EXEC_PENDING_NEW = 10,      /* 150=A */
	ENGINE_EXEC_RESTATED = 11,         /* 150=D: the venue changed the order by itself */
	ENGINE_EXEC_PENDING_REPLACE = 12,  /* 150=E */
	ENGINE_EXEC_CORRECT = 13,          /* 150=G: the fill exec_ref_id had this last quantity and
	                                    * price */
	ENGINE_EXEC_BUST = 14,             /* 150=H: the fill exec_ref_id never was */
	ENGINE_EXEC_ORDER_STATUS = 15,     /* 150=I: an answer; news only if it shows a gap or an
	                                    * unknown order */
	ENGINE_EXEC_TRIGGERED = 16,        /* 150=L */
	ENGINE_EXEC_CANCEL_REJECTED = 17,  /* 35=9, 434=1: a cancel request was refused; quantities
	                                    * may be 0 */
	ENGINE_EXEC_REPLACE_REJECTED = 18, /* 35=9, 434=2: a replace request was refused; quantities
	                                    * may be 0 */
	ENGINE_EXEC_HALT = 19,             /* not a report: see engine_command */
	ENGINE_EXEC_RESUME = 20,           /* not a report */
	ENGINE_EXEC_SET_LIMITS = 21,       /* not a report */
	ENGINE_EXEC_MULTILEG_TRADE = 22,   /* 150=F with 442=3: a fill of an order whose legs are
	                                    * reported on their own; moves no position */
};

/* FIX tag 39. The numbers are stored: never renumber them. */
enum engine_order_status {
	ENGINE_ORDER_NONE = 0,
	ENGINE_ORDER_NEW = 1,
	ENGINE_ORDER_PARTIALLY_FILLED = 2,
	ENGINE_ORDER_FILLED = 3,
	ENGINE_ORDER_CANCELED = 4,
	ENGINE_ORDER_REJECTED = 5,
	ENGINE_ORDER_EXPIRED = 6,
	ENGINE_ORDER_DONE_FOR_DAY = 7,
	ENGINE_ORDER_PENDING_CANCEL = 8,
	ENGINE_ORDER_STOPPED = 9,
	ENGINE_ORDER_PENDING_NEW = 10,
	ENGINE_ORDER_PENDING_REPLACE = 11,
};

/* FIX tag 54. The numbers are stored: never renumber them. */
enum engine_side {
	ENGINE_SIDE_NONE = 0,
	ENGINE_SIDE_BUY = 1,
	ENGINE_SIDE_SELL = 2,
};

/* Which of the two positions of an account that has one on each side (hedge mode). The numbers are
 * stored: never renumber them. */
enum engine_position_side {
	ENGINE_POSITION_SIDE_NONE = 0, /* the account nets */
	ENGINE_POSITION_SIDE_LONG = 1,
	ENGINE_POSITION_SIDE_SHORT = 2,
};

/* Whose a position, an order or an execution is, and of what. All zeros: the source does not say,
 * and need not. */
struct engine_scope {
	char venue[ENGINE_VENUE_SIZE];     /* who gave the ids, if a book has reports of several */
	char account[ENGINE_ACCOUNT_SIZE]; /* 1 */
	/* What tells the instrument apart from others of its symbol: attributes as NAME=VALUE, in
	 * the order of their names, with one space between; values have no spaces. The names are
	 * free: "maturity=202403 type=FUT". */
	char instrument[ENGINE_INSTRUMENT_SIZE];
	enum engine_position_side position_side;
};

/* What else the ids of a source are unique within (R5, R6), as bits. */
#define ENGINE_IDS_PER_SYMBOL 1u /* order ids: each symbol counts its own (Binance) */

/* One order update. The fields are named after the FIX 4.4 ExecutionReport (35=8), and the comments
 * begin with their tags. docs/order-updates.md, R1 to R4, says which are required. */
struct engine_update {
	char exec_id[ENGINE_ID_SIZE];             /* 17; empty: the engine makes a key from the
	                                           * content (R5) */
	char order_id[ENGINE_ID_SIZE];            /* 37 */
	char cl_ord_id[ENGINE_ID_SIZE];           /* 11; kept with the order for people; orders are
	                                           * not found by it */
	char orig_cl_ord_id[ENGINE_ID_SIZE];      /* 41; checked for form only */
	char exec_ref_id[ENGINE_ID_SIZE];         /* 19; the fill that a bust or a correction is
	                                           * about; else ignored */
	char symbol[ENGINE_SYMBOL_SIZE];          /* 55 */
	char comm_currency[ENGINE_CURRENCY_SIZE]; /* currency of the commission */
	enum engine_exec_type exec_type;          /* 150 */
	enum engine_order_status ord_status;      /* 39; must be a known number, else ignored */
	enum engine_side side;                    /* 54 */
	int64_t order_quantity_lots;              /* 38; 0: not said, the order keeps its own */
	int64_t price_ticks;                      /* 44 */
	int64_t last_quantity_lots;               /* 32; of this fill, or of what corrects it; else
	                                           * 0 */
	int64_t last_price_ticks;                 /* 31 */
	int64_t cum_quantity_lots;                /* 14; all fills of the order, this one
	                                           * included */
	int64_t leaves_quantity_lots;             /* 151; must not be negative; used by DONE_FOR_DAY
	                                           * and REJECTED only */
	int64_t commission_units;                 /* 12; may be negative */
	int64_t transact_time_ns;                 /* 60; kept in the ledger; only tells an older
	                                           * replace from a newer one */
	struct engine_scope scope;                /* zeros: not said */
	int32_t trading_day;                      /* 75, or what the source calls its day, as
	                                           * YYYYMMDD; 0: not said */
	uint32_t ids_are_per;                     /* ENGINE_IDS_* */
	bool adopts;                              /* an ORDER_STATUS takes over an unknown order as
	                                           * it stands (R8); else ignored */
};

/* A number of 128 bits. */
struct engine_digest {
	uint64_t low;
	uint64_t high;
};

/* ---- outcomes -------------------------------------------------------------------------------- */

/* How an update ended. Only APPLIED changes anything. */
enum engine_outcome {
	ENGINE_OUTCOME_NONE = 0,
	ENGINE_APPLIED,   /* in the state, as durable as journal mode and synchronous promise; the
	                   * version went up by one */
	ENGINE_DUPLICATE, /* the ledger has this exec id with equal content: need not be sent
	                   * again */
	ENGINE_STALE,     /* what is known covers it (R7, R8): need not be sent again */
	ENGINE_CONFLICT,  /* the ledger has this exec id with other content: refused for good, a
	                   * person should look */
	ENGINE_MALFORMED, /* cannot be applied for what it says (see the rule): refused for good */
	ENGINE_GAP,       /* an earlier report of the order is missing: send that one, then this one
	                   * again */
	ENGINE_LATER,     /* the storage failed before the COMMIT: certainly not applied, send it
	                   * again */
	ENGINE_IN_DOUBT,  /* the COMMIT failed: applied wholly or not; the next engine_open settles
	                   * it. The handle stopped */
	ENGINE_STOPPED,   /* the handle had stopped before: nothing was tried. Open again and send
	                   * it again */
};

/* The rule that decided about an update. docs/order-updates.md explains each. */
enum engine_rule {
	ENGINE_RULE_NONE = 0,
	ENGINE_RULE_TEXT,            /* a text field is not terminated or has control characters */
	ENGINE_RULE_ORDER_ID,        /* order_id is empty */
	ENGINE_RULE_SYMBOL,          /* symbol is empty */
	ENGINE_RULE_EXEC_TYPE,       /* unknown exec_type */
	ENGINE_RULE_ORD_STATUS,      /* unknown ord_status */
	ENGINE_RULE_SIDE,            /* unknown side */
	ENGINE_RULE_ORDER_QUANTITY,  /* order_quantity_lots is negative */
	ENGINE_RULE_LEAVES_QUANTITY, /* leaves_quantity_lots is negative */
	ENGINE_RULE_LAST_QUANTITY,   /* last_quantity_lots is not positive in a trade, or not zero
	                              * in anything else */
	ENGINE_RULE_CUM_QUANTITY,    /* cum_quantity_lots is negative, or below
	                              * last_quantity_lots */
	ENGINE_RULE_EXEC_SEEN,       /* the exec id is in the ledger (duplicate or conflict) */
	ENGINE_RULE_ORDER_SYMBOL,    /* the known order is for another symbol */
	ENGINE_RULE_ORDER_SIDE,      /* the known order is for the other side */
	ENGINE_RULE_CUM_GAP,         /* fills of the order are missing */
	ENGINE_RULE_CUM_STALE,       /* the fill is covered already */
	ENGINE_RULE_CUM_OVERLAP,     /* the fill is covered in part: its quantities contradict what
	                              * is known */
	ENGINE_RULE_OVERFLOW,        /* a quantity, an amount or the version would leave the range
	                              * of int64 */
	ENGINE_RULE_NO_NEWS,         /* a status report of a known order: nothing that was not
	                              * known */
	ENGINE_RULE_TERMS_STALE,     /* a replace or restatement older than the one in force */
	ENGINE_RULE_REF_UNKNOWN,     /* the fill that a bust or a correction refers to has not been
	                              * seen */
	ENGINE_RULE_REF_OTHER,       /* it refers to something that is no fill of this order */
	ENGINE_RULE_REF_BUSTED,      /* it refers to a fill that was busted */
	ENGINE_RULE_SPLIT,           /* a split of an order whose position cannot be scaled */
	ENGINE_RULE_COMMAND,         /* a command without id, or with negative limits */
	ENGINE_RULE_SCOPE,           /* the scope or the trading day does not have its form */
	ENGINE_RULE_AMBIGUOUS,       /* it may be about either of two orders or instruments; the
	                              * reason names both */
};

/* Flags of an order. A receipt repeats those of the order that it touched. Stored: never renumber
 * them. */
#define ENGINE_FLAG_EXTERNAL 1u          /* no NEW of this order has applied so far */
#define ENGINE_FLAG_OVERFILLED 2u        /* filled beyond the order quantity */
#define ENGINE_FLAG_PENDING_NEW 4u       /* no report says yet that the venue accepted it */
#define ENGINE_FLAG_DONE_FOR_DAY 8u      /* done for the day, and not restated since */
#define ENGINE_FLAG_DAY_OVER 16u         /* done for the day with nothing left: a day order */
#define ENGINE_FLAG_STOPPED 32u          /* the venue guaranteed a price */
#define ENGINE_FLAG_REUSED_CLIENT_ID 64u /* another order with its client id was rejected */
/* taken over from a status: the position has nothing of what was filled before */
#define ENGINE_FLAG_ADOPTED 128u
#define ENGINE_FLAG_SPREAD 256u /* has fills whose legs are reported, which moved no position */

/* What became of an update. Every call fills every field. */
struct engine_receipt {
	enum engine_outcome outcome;
	enum engine_rule rule;           /* ENGINE_RULE_NONE: applied without remark, or the storage
	                                  * decided */
	uint32_t order_flags;            /* ENGINE_FLAG_*, of the order after an applied update;
	                                  * else 0 */
	int sqlite_code;                 /* extended code behind the outcome, or of a failed
	                                  * checkpoint after it; 0: none */
	bool must_reopen;                /* the handle has stopped: it answers ENGINE_STOPPED from
	                                  * now on */
	uint64_t version;                /* of the state that the readers show after this call */
	char reason[ENGINE_REASON_SIZE]; /* one line for people; empty when applied without
	                                  * remark */
	/* A gap in the fills of an order: those are missing that raise its cumulative quantity from
	 * known to missing_to. */
	int64_t known_lots;
	int64_t missing_to_lots;
	bool is_held; /* the engine keeps the early update and applies it later:
	               * engine_options.held_updates */
};

/* ---- limits and commands --------------------------------------------------------------------- */

/* Limits; 0: no limit. Exposure is the worst case: the position with all open buys filled, or with
 * all open sells filled. A fill is a fact, so limits never refuse an update. An update that leaves
 * a limit exceeded applies and halts the engine. */
struct engine_limits {
	int64_t position_lots;            /* of each position, long or short */
	int64_t order_notional_tick_lots; /* of each order: quantity times price, as an absolute
	                                   * value */
	int64_t open_orders;              /* orders with something left to fill, all symbols */
};

/* Why the engine is halted. The numbers are stored: never renumber them. */
enum engine_halt {
	ENGINE_HALT_NONE = 0,
	ENGINE_HALT_COMMANDED = 1,
	ENGINE_HALT_POSITION = 2,
	ENGINE_HALT_ORDER_NOTIONAL = 3,
	ENGINE_HALT_OPEN_ORDERS = 4,
};

/* A command is an update with the symbol "" and its id as key (R11). It is durable, recorded in the
 * ledger, counted as a version, and applied once. */
struct engine_command {
	char command_id[ENGINE_ID_SIZE]; /* the duplicate key; must not be empty */
	enum engine_exec_type kind;      /* HALT, RESUME or SET_LIMITS */
	struct engine_limits limits;     /* for SET_LIMITS */
	int64_t time_ns;                 /* kept in the ledger */
};

/* ---- life of a handle ------------------------------------------------------------------------ */

/* A handle: from engine_open, to engine_close. */
struct engine;

/* What a caller knows of a book: at that version, engine_head said that history. */
struct engine_known {
	uint64_t version;
	struct engine_digest history;
};

/* How to open a database. The engine uses the pointers during engine_open only. */
struct engine_options {
	const char *vfs_name; /* a registered sqlite3_vfs; NULL: SQLite's default */
	const char *path;     /* of the database file; made when absent; its directory must exist */
	/* In which order storage and memory learn of an update. All three acknowledge on the same
	 * terms, and each opens what another one wrote. NULL: "persist_first".
	 *   persist_first  writes a transaction, then changes memory
	 *   rollback       changes memory, writes, and restores memory exactly when that fails
	 *   journal        appends to a file of its own (the path and "-updates"), syncs it, and
	 *                  changes memory; checkpoints write the database
	 * "journal" raises synchronous to "extra", but never syncs when that is "off". */
	const char *protocol;
	const char *journal_mode; /* "delete", "truncate", "persist", "memory", "off" or "wal";
	                           * NULL: "wal" */
	const char *synchronous;  /* "off", "normal", "full" or "extra"; NULL: "full" */
	uint32_t page_size_bytes; /* of a new database: power of two, 512 to 65536; 0: SQLite's
	                           * default */
	int32_t cache_pages;      /* as PRAGMA cache_size: pages when positive, KiB when negative;
	                           * 0: SQLite's default */
	/* A commit that leaves the WAL at this many frames or more starts a checkpoint; with
	 * "journal", the journal at this many updates. 0: only engine_checkpoint and engine_close
	 * do */
	uint32_t checkpoint_frames;
	/* How many early updates (ENGINE_GAP) to keep in memory; 0: none. The engine submits each
	 * again after every update that applies, until nothing is missing before it. The receipt of
	 * the update that let it in shows the version after it. A kept update is not acknowledged,
	 * and goes with the handle. */
	uint32_t held_updates;
	uint32_t busy_timeout_ms; /* how long SQLite waits for another process's lock; 0: not at
	                           * all */
	/* What the caller knows that the database has durably held. One that is missing, empty or
	 * older is damaged: it was emptied, its log is gone, or an older copy was put in its place.
	 * Nothing that is stored can tell that. 0: nothing is known. */
	uint64_t least_version;
	uint64_t least_epoch;
	/* The same by content. One that holds as much, and has come to a known version in another
	 * way, is another book: its WAL or its file was put beside or in place of this one's. */
	const struct engine_known *known;
	uint32_t known_count; /* entries of `known`; 0: it may be NULL */
};

/* How an attempt to open ended. */
enum ENGINE_MUST_CHECK engine_open_status {
	ENGINE_OPEN_NONE = 0,
	ENGINE_OPENED,             /* loaded, verified and owned; what the readers show is
	                            * durable */
	ENGINE_OPEN_LATER,         /* storage or memory failed, busy, or another engine was faster:
	                            * try again */
	ENGINE_OPEN_DAMAGED,       /* the stored state is damaged; the files stay as they are, and
	                            * the reason names what */
	ENGINE_OPEN_MISCONFIGURED, /* the options are wrong: trying again does not help */
};

/* Why opening failed. */
struct engine_error {
	enum engine_open_status status;
	int sqlite_code; /* extended result code behind it; 0: none */
	char reason[ENGINE_REASON_SIZE];
};

/* Opens a database, verifies every row, and takes ownership. A committed transaction raises the
 * stored epoch by one: it fences every older handle, and makes durable what was loaded before it is
 * served (E6). A missing or empty file is a fresh start. On ENGINE_OPENED the caller owns *engine,
 * else *engine is NULL. Fills `error` in any case. */
enum engine_open_status engine_open(const struct engine_options *options, struct engine **engine,
                                    struct engine_error *error);

/* Applies one update or says why not. Fills the whole receipt. A checkpoint may follow
 * (checkpoint_frames); its failure never takes back the outcome (E9). On ENGINE_LATER nothing has
 * changed, and the same update may be sent again at once. */
void engine_submit(struct engine *engine, const struct engine_update *update, struct engine_receipt *receipt);

/* Carries out a command, as engine_submit an update. RESUME lifts a halt whatever its reason. New
 * limits are compared at the next update. */
void engine_command(struct engine *engine, const struct engine_command *command, struct engine_receipt *receipt);

/* The most updates that are committed together. */
#define ENGINE_BATCH_MAX 64u

/* Submits each update in turn, with one transaction or one sync for up to ENGINE_BATCH_MAX of them
 * (R13). Nothing is acknowledged before its sync. When a part fails, so do all its receipts from
 * the first update that applied on, also those of updates that were declined on top of it.
 * `receipts` has `count` entries, and all show the version at the end. */
void engine_submit_batch(struct engine *engine, const struct engine_update *updates, uint32_t count,
                         struct engine_receipt *receipts);

/* The number of early updates that are kept. */
uint32_t engine_read_held(const struct engine *engine);

/* How a checkpoint ended. */
enum ENGINE_MUST_CHECK engine_checkpoint_status {
	ENGINE_CHECKPOINT_NONE = 0,
	ENGINE_CHECKPOINTED,       /* as far as readers allow; without WAL and journal there is
	                            * nothing to do */
	ENGINE_CHECKPOINT_LATER,   /* busy or failed: no harm done, WAL and journal keep
	                            * everything */
	ENGINE_CHECKPOINT_STOPPED, /* the handle stopped, now or before */
};

/* Checkpoints. First writes what only the journal has into the database, and cuts the journal once
 * that is durable. Then copies the WAL into the database file, without waiting for anybody.
 * *sqlite_code gets the extended code; it may be NULL. */
enum engine_checkpoint_status engine_checkpoint(struct engine *engine, int *sqlite_code);

/* Whether the handle has stopped: a failed sync, a commit in doubt, another owner, damage. Readers
 * go on working. */
bool engine_is_stopped(const struct engine *engine);

/* Closes and frees a handle; NULL-safe. A healthy handle checkpoints, and removes journal and WAL
 * if it can. A stopped one leaves all files as they are, for the next engine_open to judge. */
void engine_close(struct engine *engine);

/* ---- agreeing with the venue ----------------------------------------------------------------- */

/* After opening nobody knows what the venue sent meanwhile (R12). Four steps lead to an agreement:
 *   1. tell the venue what the engine durably holds: engine_read_hello
 *   2. submit everything that the venue sends again
 *   3. state what the venue holds: engine_agree_begin, then one call for each open order and for
 *      each position that is not flat
 *   4. engine_agree_end
 * Do not end the statement of a query that failed. An empty statement agrees with an empty state
 * only. */
enum ENGINE_MUST_CHECK engine_agreement {
	ENGINE_AGREEMENT_NONE = 0,    /* after opening, and after a gap, a conflict or a stop */
	ENGINE_AGREEMENT_COMPARING,   /* between begin and end */
	ENGINE_AGREEMENT_REACHED,     /* the statement was complete and equal */
	ENGINE_AGREEMENT_DIFFERENCES, /* it was complete and not equal: ask for what is missing,
	                               * then begin again */
};

/* What the engine durably holds. */
struct engine_hello {
	uint64_t version;
	uint64_t epoch;
	uint64_t report_count;           /* entries of the ledger that are reports */
	char symbol[ENGINE_SYMBOL_SIZE]; /* key of the newest report; empty: there is none */
	char exec_id[ENGINE_ID_SIZE];
};

/* Tells what the engine durably holds. Costs a pass over the ledger. */
struct engine_hello engine_read_hello(const struct engine *engine);

/* Begins a statement of the venue. An update that applies before the end voids it. */
void engine_agree_begin(struct engine *engine);
/* States an open order of the venue. Order ids come in strictly ascending bytewise order. */
void engine_agree_order(struct engine *engine, const char *order_id, int64_t cum_quantity_lots,
                        int64_t leaves_quantity_lots);
/* States a position of the venue that is not flat. Symbols come in strictly ascending bytewise
 * order. */
void engine_agree_position(struct engine *engine, const char *symbol, int64_t quantity_lots);
/* Ends the statement. `reason` gets the first difference, or why the statement is void; it may be
 * NULL. */
enum engine_agreement engine_agree_end(struct engine *engine, char reason[ENGINE_REASON_SIZE]);
/* The state of the agreement now. */
enum engine_agreement engine_read_agreement(const struct engine *engine);

/* Whether an order may be sent. */
enum engine_permission {
	ENGINE_PERMISSION_NONE = 0,
	ENGINE_PERMITTED,
	ENGINE_FORBIDDEN_STOPPED,      /* the handle stopped */
	ENGINE_FORBIDDEN_DISAGREEMENT, /* no agreement with the venue, or none yet */
	ENGINE_FORBIDDEN_HALTED,
	ENGINE_FORBIDDEN_LIMIT, /* the order would leave a limit exceeded */
	ENGINE_FORBIDDEN_ORDER, /* no symbol, no side, no quantity, or out of range */
	ENGINE_FORBIDDEN_LATER, /* out of memory */
};

struct engine_order; /* below */

/* Judges an order that would be sent now: its symbol, side, order quantity and price. Changes
 * nothing. `reason` gets one line; it may be NULL. */
enum engine_permission engine_check_order(struct engine *engine, const struct engine_order *order,
                                          char reason[ENGINE_REASON_SIZE]);

/* ---- readers: what is in memory, without touching the database ------------------------------- */

/* The head of the state. */
struct engine_head {
	uint64_t version; /* number of applied updates */
	uint64_t epoch;   /* number of times the database was opened; 1 for the first */
	bool halted;
	enum engine_halt halt; /* why */
	struct engine_limits limits;
	/* Stands for all that was applied up to this version, in its order. It is computed from the
	 * ledger and not stored. Two books share it only as far as one is a copy of the other. */
	struct engine_digest history;
};

/* What is held of one instrument in one account. Symbol and scope are the key. */
struct engine_position {
	char symbol[ENGINE_SYMBOL_SIZE];
	struct engine_scope scope;
	int64_t quantity_lots;      /* signed: short is negative */
	int64_t cost_tick_lots;     /* exact open cost: the cash paid for what is held; of a short,
	                             * minus the cash received */
	int64_t realised_tick_lots; /* exact realised profit; realised - cost = sum of all cash
	                             * flows (E10) */
};

/* One order. Order id and number are the key. */
struct engine_order {
	char order_id[ENGINE_ID_SIZE];
	uint8_t again[4]; /* how many orders had this id before it, highest byte first */
	char cl_ord_id[ENGINE_ID_SIZE];
	char symbol[ENGINE_SYMBOL_SIZE];
	enum engine_side side;
	enum engine_order_status status; /* derived (docs/order-updates.md, "Order status") */
	enum engine_exec_type closed_by; /* the strongest end seen: CANCELED, EXPIRED, REJECTED, or
	                                  * NONE */
	uint32_t flags;                  /* ENGINE_FLAG_* */
	int64_t order_quantity_lots;
	int64_t price_ticks;
	int64_t cum_quantity_lots;
	int64_t leaves_quantity_lots; /* derived: what is left to fill; 0 when nothing more can
	                               * be */
	int64_t filled_tick_lots;     /* sum of quantity times price of the fills that stand */
	int64_t terms_time_ns;        /* transact time of the replace or restatement in force; 0:
	                               * none */
	uint32_t pending_cancels;     /* requests announced and not answered yet */
	uint32_t pending_replaces;
	struct engine_scope scope;
	int32_t first_day; /* trading days of its first and last reports; 0: none said a day */
	int32_t last_day;
};

/* One entry of the ledger: an applied update. Symbol, exec id and number are the key. */
struct engine_execution {
	char symbol[ENGINE_SYMBOL_SIZE];
	char exec_id[ENGINE_ID_SIZE]; /* as reported, or made from the content: '~' and 30
	                               * hexadecimal digits */
	uint8_t again[4];             /* how many executions of the symbol had this id before it,
	                               * highest byte first */
	char order_id[ENGINE_ID_SIZE];
	uint8_t order_again[4]; /* which of the orders with this id */
	char comm_currency[ENGINE_CURRENCY_SIZE];
	enum engine_exec_type exec_type;
	enum engine_side side;
	uint64_t version; /* of the state that this update made; the ledger is in this order */
	int64_t order_quantity_lots;
	int64_t price_ticks;
	int64_t last_quantity_lots;
	int64_t last_price_ticks;
	int64_t cum_quantity_lots;
	int64_t commission_units;
	int64_t transact_time_ns;
	char exec_ref_id[ENGINE_ID_SIZE]; /* of a bust or a correction: the fill it is about */
	uint64_t superseded_by;           /* version of the bust or correction that took its place;
	                                   * 0: the entry stands */
	int64_t moved_lots;               /* by how much it changed the cumulative quantity of its
	                                   * order */
	struct engine_scope scope;        /* the order's, as far as it was known */
	int32_t trading_day;
};

/* The sum of the commissions of one currency, over all ledger entries that stand. */
struct engine_commission {
	char comm_currency[ENGINE_CURRENCY_SIZE];
	int64_t total_units;
};

/* Functions for engine_visit; those that are NULL are not called. */
struct engine_visitor {
	void *context; /* their first argument */
	void (*position)(void *context, const struct engine_position *position);
	void (*order)(void *context, const struct engine_order *order);
	void (*execution)(void *context, const struct engine_execution *execution);
	void (*commission)(void *context, const struct engine_commission *commission);
};

/* Reads version, epoch, halt and limits. */
struct engine_head engine_read_head(const struct engine *engine);

/* Visits all positions, then orders, executions and commissions, each in the bytewise order of its
 * key. So the sequence is a function of the state, not of how it came about. A row is valid during
 * its call only, and the calls must not use the handle. Sorts the keys that are new since the last
 * visit, hence not const. */
void engine_visit(struct engine *engine, const struct engine_visitor *visitor);

/* Copies the position of a symbol that has no scope. False when there is none. */
bool engine_find_position(const struct engine *engine, const char *symbol, struct engine_position *position);
/* Copies the first order with an id. False when there is none. */
bool engine_find_order(const struct engine *engine, const char *order_id, struct engine_order *order);

#endif
