/* sim/plan/plan.h: the explicit list of settings, exchange reports, steps and faults that scenario
 * and seed expand to. A pure function of the two: nothing that happens in a run changes its
 * plan. */
#ifndef AFTERSHOCK_SIM_PLAN_H
#define AFTERSHOCK_SIM_PLAN_H

#include "pcg.h"
#include "plan_step.h"
#include "processes.h"
#include "scenario.h"
#include "sql.h"
#include "subject.h"

#define SIM_PLAN_REPORTS_MAX 256u
#define SIM_PLAN_STEPS_MAX 640u
#define SIM_PLAN_SYMBOLS_MAX 8u
#define SIM_PLAN_HELD_MAX 64u
#define SIM_SQL_TRANSACTIONS_MAX 256u
#define SIM_PLAN_OPERATIONS_MAX 256u
#define SIM_PLAN_SCENARIO_SIZE (SIM_SCENARIO_NAME_SIZE + SIM_CELL_SIZE + 1)

/* What is wrong with a report that no state takes. It is what the exchange would have said, but for
 * one field. The last kind is refused for its sums (R9), all others for their form (R1 to R4). */
enum sim_broken {
	SIM_BROKEN_NONE = 0,
	SIM_BROKEN_LEAVES,
	SIM_BROKEN_SIDE,
	SIM_BROKEN_QUANTITY,
	SIM_BROKEN_LAST,
	SIM_BROKEN_CUM,
	SIM_BROKEN_ID,    /* a control character */
	SIM_BROKEN_VALUE, /* the price of a fill: it is worth more than 64 bits hold, or what its
	                   * order has filled is */
	SIM_BROKEN_COUNT
};

/* One report of the exchange. Order, symbol and report numbers are indices that the names in
 * `update` spell out. */
struct sim_report {
	struct subject_order_update update;
	struct subject_command command; /* not NONE: it is a command of the operator, and nothing
	                                 * else counts */
	uint32_t order;
	uint32_t symbol;
	/* 1 + number of the report whose exec id it bears; 0: it has one of its own, or none */
	uint32_t repeats;
	/* Of a bust or correction: 1 + number of the report that it is about; else 0 */
	uint32_t refers;
	/* 1 + number of the report of another symbol, or command, whose exec id it has: another
	 * key; 0: none */
	uint32_t borrows;
	/* What is said of it. Where there are several accounts, `symbol` counts symbols and
	 * accounts together: each pair is a position of its own. */
	struct subject_scope scope;
	/* 1 + number of the order of an earlier day whose id its order has; 0: its own */
	uint32_t named;
	enum sim_broken broken; /* it counts for nothing, and `update` is as it is sent */
};

#define SIM_PLAN_NO_KEY UINT32_MAX

/* The duplicate key of a report or command as a number: its own, or that of the one that it
 * repeats; SIM_PLAN_NO_KEY without exec id. Its exec id has that number, unless it is borrowed. */
static inline uint32_t sim_plan_key(const struct sim_report *report, uint32_t number) {
	if (report->command.kind == SUBJECT_COMMAND_NONE && report->update.exec_id[0] == '\0') {
		return SIM_PLAN_NO_KEY;
	}
	return report->repeats != 0 ? report->repeats - 1 : number;
}

/* Who decides on orders, and who judges (sim/orders/trader.h). */
struct sim_trader {
	enum sim_trader_kind kind;
	int64_t limit_lots; /* that the exchange holds the position to, long or short */
	bool exchange_only; /* nobody looks into the subject: only what the exchange sees is
	                     * judged */
};

/* The part of a plan that is about SQL. */
struct sim_sql_plan {
	enum sim_sql_after_doubt after_doubt;
	struct sim_sql_pragmas pragmas; /* of every connection */
	uint64_t checked_starts;        /* bit 1 << n % 64: the n-th start runs integrity_check */
	struct sim_sql_set templates_on;
	uint32_t transaction_count;
	struct sim_sql_transaction transactions[SIM_SQL_TRANSACTIONS_MAX];
};

/* What a program is told. */
struct sim_operation {
	/* empty: drawn by the number from what the subject has */
	char text[SUBJECT_OPERATION_SIZE];
	uint64_t number;
};

/* The part of a plan that is about a program of any kind. */
struct sim_program_plan {
	bool is_one; /* the plan is of a program */
	bool made;   /* its database is there before the first fault */
	/* bit 1 << number % 32 of the kinds that are drawn from; where that leaves none, all are */
	uint32_t kinds_on;
	uint32_t operation_count;
	struct sim_operation operations[SIM_PLAN_OPERATIONS_MAX];
};

struct sim_process_member {
	char name[SIM_PROCESS_NAME_SIZE]; /* "writer-2": that of its group, and a number from 1 */
	enum sim_role role;
	enum subject_access access;
};

/* The part of a plan that is about processes. */
struct sim_processes_plan {
	uint32_t count; /* 0: one process, as subject.h has it, and nothing of what follows */
	struct sim_process_member members[SIM_PROCESSES_MAX];
	struct sim_schedule_rule schedule;
	/* Of a recorded schedule; owned by who read the plan (sim_plan_deinit), else NULL */
	struct sim_switch *switches;
	size_t switch_count;
};

struct sim_plan {
	char scenario[SIM_PLAN_SCENARIO_SIZE]; /* that it was expanded from, NAME or NAME:CELL, for
	                                        * people */
	uint64_t seed;
	struct sim_settings settings;
	/* Of a VFS of somebody's own, between SQLite and the disk; empty: there is none. */
	char vfs_path[SIM_SCENARIO_VFS_SIZE];
	uint32_t symbol_count;
	uint32_t order_count;
	uint32_t report_count;
	uint32_t step_count;
	uint32_t fault_count;
	bool tape_used;
	uint32_t id_size;      /* characters of each id, as far as its field has room; 0: as few as
	                        * can be */
	uint32_t accounts;     /* that are told apart; 0: nobody says an account */
	bool has_days;         /* reports say their trading day */
	bool reuses_orders;    /* an order has the id of one of an earlier day */
	uint32_t held_updates; /* that came too early: how many the subject may keep */
	struct sim_trader trader;
	struct sim_sql_plan sql;            /* of a scenario of SQL; what it was drawn from is in
	                                     * scenario->sql */
	const struct sim_sql *sql_scenario; /* borrowed; NULL for order updates and programs */
	struct sim_program_plan program;
	struct sim_processes_plan processes;
	struct sim_report reports[SIM_PLAN_REPORTS_MAX];
	struct sim_step steps[SIM_PLAN_STEPS_MAX];
	struct sim_fault faults[SIM_PLAN_FAULTS_MAX];
};

/* One more step, as far as there is room. */
void sim_plan_add_step(struct sim_plan *plan, enum sim_step_kind kind, uint32_t argument);
/* A crash of an idle process, as often as the workload says. */
void sim_plan_add_crash(struct sim_plan *plan, const struct sim_workload *workload, struct sim_pcg32 *chance);
/* The trading day with a number, which is below 256. */
int32_t sim_plan_day(uint32_t number);
/* Names symbol, account and order in a report by their numbers. `number` is the report's. */
void sim_plan_name_report(const struct sim_plan *plan, struct sim_report *report);
/* Whether two reports may have one exec id and be two: of other positions, or of other days. */
bool sim_plan_is_elsewhere(const struct sim_report *a, const struct sim_report *b);
/* Whether the plan is of order updates. */
bool sim_plan_is_of_orders(const struct sim_plan *plan);
/* Whether the report is a split (R8): a restatement after which its order has another cumulative
 * quantity than the report of the order before it said. */
bool sim_plan_is_split(const struct sim_plan *plan, uint32_t report);
/* Breaks a report, or mends one that is broken so. */
void sim_plan_break(struct subject_order_update *update, enum sim_broken broken);
/* The exec id of a report, or the id of a command; an array of SUBJECT_ID_SIZE. */
const char *sim_plan_exec_id(const struct sim_report *report);
/* The name of an order, report or symbol: a letter, and a number with zeros before it where ids are
 * long. Fills the whole text. */
void sim_plan_name(const struct sim_plan *plan, char letter, uint32_t number, char *text, size_t size);

/* Who does the steps of this plan, as bits of enum sim_step_owner: one kind of process, or engines
 * and their readers. */
uint32_t sim_plan_owners(const struct sim_plan *plan);
/* Aborts unless all that is said of a plan holds: counts, references and the numbers of each
 * step. */
void sim_plan_assert(const struct sim_plan *plan);
/* The number of a process in the plan; SIM_PROCESSES_MAX when there is none of that name. */
uint32_t sim_plan_find_process(const struct sim_processes_plan *processes, const char *name);
/* Frees what reading a plan may have taken: its recorded schedule. A zeroed plan is fine. */
void sim_plan_deinit(struct sim_plan *plan);

#endif
