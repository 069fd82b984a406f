/* sim/plan/plan_step.h: the steps of a plan: one row for each kind.
 *
 * The text form, the shrinker, what a plan asks of a subject and `aftershock list steps` go by the
 * rows. To add a kind, add an entry to enum sim_step_kind and a row in sim/plan/plan_step.c, draw
 * it (workload.c, sql_plan.c, program_plan.c, processes_plan.c or engines_plan.c), and do it in the
 * work that has it (sim/orders, sim/sql, sim/program).
 */
#ifndef AFTERSHOCK_SIM_PLAN_STEP_H
#define AFTERSHOCK_SIM_PLAN_STEP_H

#include "settings.h"

#include <stdbool.h>
#include <stdint.h>

enum sim_step_kind {
	SIM_STEP_NONE = 0,
	SIM_STEP_DELIVER,
	SIM_STEP_AGAIN,
	SIM_STEP_RESTART,
	SIM_STEP_CHECKPOINT,
	SIM_STEP_TRANSACTION,
	SIM_STEP_TAKEOVER,
	SIM_STEP_WAKE,
	SIM_STEP_RETIRE,
	SIM_STEP_BATCH,
	SIM_STEP_LOOK,
	SIM_STEP_BACKUP,
	SIM_STEP_VACUUM,
	SIM_STEP_CHECK,
	SIM_STEP_SWITCH,
	SIM_STEP_TRADE,
	SIM_STEP_MALFORMED,
	SIM_STEP_KILL,
	SIM_STEP_POWER_LOSS,
	SIM_STEP_AHEAD,
	SIM_STEP_VACUUM_INTO,
	SIM_STEP_OPERATION,
	SIM_STEP_TUNE,
	SIM_STEP_KIND_COUNT
};

/* How the exchange answers a trader that asks what it holds. WRONG: the answer is complete, and one
 * thing in it is not so. */
enum sim_query_answer { SIM_QUERY_WHOLE = 0, SIM_QUERY_FAILED, SIM_QUERY_EMPTY, SIM_QUERY_WRONG, SIM_QUERY_COUNT };

/* Its kind says which member of each union it has; the other unions are 0. */
struct sim_step {
	enum sim_step_kind kind;
	union {
		uint32_t argument;     /* whichever of these: for who copies or compares steps */
		uint32_t report;       /* number of a report of the plan */
		uint32_t transaction;  /* number of a transaction of the plan */
		uint32_t operation;    /* number of an operation of the plan */
		uint32_t looks;        /* for which a snapshot is held, from 1 */
		uint32_t pages;        /* of a backup, at a time */
		uint32_t mode;         /* of a checkpoint: 1 + SQLITE_CHECKPOINT_* */
		uint32_t journal_mode; /* enum sim_journal_mode */
		uint32_t tuning;       /* number of a tuning of the scenario */
	};
	union {
		uint32_t more;                /* whichever of these */
		uint32_t count;               /* of reports in a batch, from 1 */
		enum sim_query_answer answer; /* to a trader */
		uint32_t spoiling;            /* enum sim_spoiling */
	};
	uint32_t process;  /* of several: who does it */
	uint32_t pause_ms; /* of several: before it; virtual, as is the next */
	uint32_t hold_ms;  /* of several: between looks, or the parts of a backup */
};

/* What the argument of a kind is. */
enum sim_step_argument {
	SIM_STEP_NO_ARGUMENT = 0,
	SIM_STEP_REPORT,
	SIM_STEP_TRANSACTION_NUMBER,
	SIM_STEP_OPERATION_NUMBER,
	SIM_STEP_LOOKS,
	SIM_STEP_PAGES,
	SIM_STEP_CHECKPOINT_MODE,
	SIM_STEP_JOURNAL_MODE,
	SIM_STEP_TUNING_NUMBER
};

/* What follows the argument. */
enum sim_step_more { SIM_STEP_NO_MORE = 0, SIM_STEP_COUNT, SIM_STEP_ANSWER, SIM_STEP_SPOILING };

/* Who does a step: bits. */
enum sim_step_owner {
	SIM_STEP_OF_ENGINE = 1u << 0,  /* the one engine */
	SIM_STEP_OF_ENGINES = 1u << 1, /* one of several engines */
	SIM_STEP_OF_READERS = 1u << 2, /* a reader beside several engines */
	SIM_STEP_OF_CLIENT = 1u << 3,  /* the one client of SQL */
	SIM_STEP_OF_CLIENTS = 1u << 4, /* one of several clients of SQL */
	SIM_STEP_OF_PROGRAM = 1u << 5, /* the one program with operations of its own */
};
#define SIM_STEP_OF_ALL 0x3fu

struct sim_step_row {
	const char *name; /* in the text form */
	const char *about;
	const char *story; /* of a kind that sends a report: what a story says before the report */
	uint32_t owners;
	enum sim_step_argument argument;
	uint32_t argument_owners; /* those with whom it has the argument; 0: all */
	enum sim_step_more more;
	uint32_t asks; /* bits of SUBJECT_TAKES_*: a subject without them cannot do it */
};

const struct sim_step_row *sim_plan_step_row(enum sim_step_kind kind);
/* "deliver", as the text form has it. */
const char *sim_plan_step_name(enum sim_step_kind kind);
/* All of them, with NULL behind the last. */
const char *const *sim_plan_step_names(void);
/* What the argument of a step is when one of these owners does it. */
enum sim_step_argument sim_plan_step_argument(enum sim_step_kind kind, uint32_t owners);

#endif
