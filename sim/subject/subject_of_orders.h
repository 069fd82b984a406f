/* sim/subject/subject_of_orders.h: what a subject of order updates is asked and shows: the
 * vocabulary of trading, on top of sim/subject/subject.h, which includes it. Other programs need
 * nothing of it.
 */
#ifndef AFTERSHOCK_SUBJECT_OF_ORDERS_H
#define AFTERSHOCK_SUBJECT_OF_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes of the text fields below in bytes, the terminating NUL included. */
#define SUBJECT_ID_SIZE 40
#define SUBJECT_SYMBOL_SIZE 24
#define SUBJECT_CURRENCY_SIZE 8
#define SUBJECT_ACCOUNT_SIZE 16

#define SUBJECT_BATCH_MAX 16u /* most updates of one batch */

struct subject_order;
struct subject_position;

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
	int64_t order_quantity_lots;          /* 38; 0: not said (SUBJECT_TAKES_SCOPES) */
	int64_t price_ticks;                  /* 44 */
	int64_t last_quantity_lots;           /* 32: this fill */
	int64_t last_price_ticks;             /* 31 */
	int64_t cum_quantity_lots;            /* 14: all fills of the order, this one included */
	int64_t leaves_quantity_lots;         /* 151 */
	int64_t commission_units;             /* 12 */
	int64_t transact_time_ns;             /* 60 */
};

/* What the source says of an update beyond its ids (docs/order-updates.md, "Identity"). Zeros: it
 * does not say. */
struct subject_scope {
	char account[SUBJECT_ACCOUNT_SIZE]; /* FIX 1 */
	int32_t trading_day;                /* FIX 75, as YYYYMMDD */
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

#ifdef __cplusplus
}
#endif

#endif
