/* sim/plan/plan.h: the explicit list of settings, exchange reports, steps and faults that scenario and seed expand to. A pure
 * function of the two: nothing that happens in a run changes its plan.
 *
 * Its text form is made to be kept, edited and run again (`aftershock replay --plan FILE`). A line an entry, words one space
 * apart, in this order; empty lines and lines that begin with # say nothing:
 *
 *     plan 3 scenario NAME seed 0xSIXTEEN_DIGITS
 *     setting NAME VALUE [UNIT]                    each of sim/plan/plan_text_settings.c once, in its order
 *     workload symbols N tape (yes|no) [holds N] [trader (trusting|agreeing) limit N lots judged_by (model|exchange)]
 *     report N EXEC_TYPE order ON client ID symbol SN side (buy|sell) quantity N lots price N ticks last N lots at N ticks
 *            cum N leaves N status STATUS commission N CURRENCY time N ns
 *            [original ID] [about EN] [nameless|as EN]                           (one line)
 *     report N (halt|resume|limits position N lots notional N tick_lots orders N) time N ns
 *     step N (deliver REPORT|again REPORT|wake REPORT|trade REPORT (whole|failed|empty)|
 *             batch REPORT count N|transaction NUMBER|restart|checkpoint|takeover|retire|none)
 *     fault SENTENCE                               of sim/fault.h
 *
 * Reports and steps are numbered from 0 without gaps; the exec id of report N is EN, unless it says that it has none, or bears
 * that of another: the same report on another channel, or one that contradicts it. To take a step away and leave the faults
 * of the others where they are, make it `none`. parse(print(x)) equals x for every plan, and print(parse(text)) equals text
 * for every text without comments: what could be written in two ways is accepted in one. */
#ifndef AFTERSHOCK_SIM_PLAN_H
#define AFTERSHOCK_SIM_PLAN_H

#include "processes.h"
#include "scenario.h"
#include "sql.h"
#include "subject.h"

#include <stdio.h>

#define SIM_PLAN_REPORTS_MAX 256u
#define SIM_PLAN_STEPS_MAX 640u
#define SIM_PLAN_SYMBOLS_MAX 8u
#define SIM_PLAN_HELD_MAX 64u
#define SIM_PLAN_SCENARIO_SIZE (SIM_SCENARIO_NAME_SIZE + SIM_CELL_SIZE + 1)
#define SIM_PLAN_FILE_BYTES_MAX (1024u * 1024u)

/* One report of the exchange. Order, symbol and report numbers are indices that the names in `update` spell out. */
struct sim_report {
	struct subject_order_update update;
	struct subject_command command; /* not NONE: it is a command of the operator, and nothing else counts */
	uint32_t order;
	uint32_t symbol;
	uint32_t repeats; /* 1 + number of the report whose exec id it bears; 0: it has one of its own, or none */
	uint32_t refers;  /* of a bust or correction: 1 + number of the report that it is about; else 0 */
};

#define SIM_PLAN_NO_KEY UINT32_MAX

/* The number in the id of a report or command: its own, or of the one that it repeats; SIM_PLAN_NO_KEY without exec id. */
static inline uint32_t sim_plan_key(const struct sim_report *report, uint32_t number) {
	if (report->command.kind == SUBJECT_COMMAND_NONE && report->update.exec_id[0] == '\0') {
		return SIM_PLAN_NO_KEY;
	}
	return report->repeats != 0 ? report->repeats - 1 : number;
}

enum sim_step_kind {
	SIM_STEP_NONE = 0,    /* nothing is done; holds the number of a step that was taken away */
	SIM_STEP_DELIVER,     /* the exchange sends report `report`, and before it whatever is not acknowledged yet */
	SIM_STEP_AGAIN,       /* the exchange sends report `report` once more */
	SIM_STEP_RESTART,     /* the process is stopped in the ordinary way and started again */
	SIM_STEP_CHECKPOINT,  /* the process is asked for a checkpoint */
	SIM_STEP_TRANSACTION, /* the process runs transaction `report` of the SQL plan */
	SIM_STEP_TAKEOVER,    /* a second process starts on the same database; the first is alive and idle */
	SIM_STEP_WAKE,        /* the exchange sends report `report` to the one that was taken over from */
	SIM_STEP_RETIRE,      /* the one that was taken over from is stopped in the ordinary way */
	SIM_STEP_BATCH,       /* as SIM_STEP_DELIVER for `report` and the `count` - 1 behind it, in batches */
	/* Of several processes only; of theirs are also restart, transaction, and checkpoint, with 1 + its mode in `report`. */
	SIM_STEP_LOOK,   /* a snapshot is held for `report` looks */
	SIM_STEP_BACKUP, /* `report` pages at a time */
	SIM_STEP_VACUUM,
	SIM_STEP_CHECK,  /* integrity_check */
	SIM_STEP_SWITCH, /* to the journal mode `report` */
	/* The trader decides on the order whose intent is report `report`. How the exchange answers: `count` 0 whole, 1 it fails, 2 empty. */
	SIM_STEP_TRADE,
};

struct sim_step {
	enum sim_step_kind kind;
	uint32_t report;
	uint32_t count;    /* of a batch */
	uint32_t process;  /* of several: who does it */
	uint32_t pause_ms; /* before it; virtual, as is the next */
	uint32_t hold_ms;  /* between looks, or the parts of a backup */
};

/* Who decides on orders, and who judges (sim/orders/trader.h). */
struct sim_trader {
	enum sim_trader_kind kind;
	int64_t limit_lots; /* that the exchange holds the position to, long or short */
	bool exchange_only; /* nobody looks into the subject: only what the exchange sees is judged */
};

struct sim_plan {
	char scenario[SIM_PLAN_SCENARIO_SIZE]; /* that it was expanded from, NAME or NAME:CELL, for people */
	uint64_t seed;
	struct sim_settings settings;
	uint32_t symbol_count;
	uint32_t order_count;
	uint32_t report_count;
	uint32_t step_count;
	uint32_t fault_count;
	bool tape_used;
	uint32_t held_updates; /* that came too early: how many the subject may keep */
	struct sim_trader trader;
	struct sim_sql_plan sql;            /* of a scenario of SQL; what it was drawn from is in scenario->sql */
	const struct sim_sql *sql_scenario; /* borrowed; NULL for order updates */
	struct sim_processes_plan processes;
	struct sim_report reports[SIM_PLAN_REPORTS_MAX];
	struct sim_step steps[SIM_PLAN_STEPS_MAX];
	struct sim_fault faults[SIM_PLAN_FAULTS_MAX];
};

/* Fills the whole plan. Ranges beyond the maxima above are cut to them. */
void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed);
/* "deliver", as the text form has it. */
const char *sim_plan_step_name(enum sim_step_kind kind);
/* Frees what reading a plan may have taken: its recorded schedule. A zeroed plan is fine. */
void sim_plan_deinit(struct sim_plan *plan);
/* Prints the text form. */
void sim_plan_print(const struct sim_plan *plan, FILE *out);
/* Reads the text form. `plan->sql_scenario` says what it is a plan of and stays; in one of SQL there is, in place of `workload`
 * and `report`:
 *
 *     sql after_doubt (reopen|continue)
 *     sql templates_on 0xMASK
 *     sql checked_starts 0xMASK
 *     transaction N NAME [look] [:PARAMETER NUMBER | :PARAMETER SIZE bytes from NUMBER]...
 *
 * and with several processes, between transactions and steps, who they are and whose turn it is; each step says by whom it is done, and a
 * recorded schedule (`replay --print-schedule`) comes last:
 *
 *     process N NAME ROLE
 *     schedule RULE                                of sim/schedule.h
 *     step N (transaction NUMBER|look COUNT|checkpoint MODE|backup PAGES|switch MODE|vacuum|check|restart|none) by NAME pause N ms hold N ms
 *     switch POINT NAME
 *
 * Engines, between reports and steps, have `deliver REPORT`, `again REPORT` and `checkpoint` without a mode; their readers `look COUNT`.
 *
 * The exchange of a plan is honest: the reports of an order agree with each other, and fills add up; the
 * judge relies on it. False with one line in `why`, "name:line: what is wrong, what was expected". */
bool sim_plan_parse(struct sim_plan *plan, const char *text, const char *name, char *why, size_t why_size);
/* The same from a file of at most SIM_PLAN_FILE_BYTES_MAX. */
bool sim_plan_load(struct sim_plan *plan, const char *path, char *why, size_t why_size);

/* Whether a file has a line of an SQL plan. */
bool sim_plan_is_of_sql(const char *path);

/* sim/plan/workload.c: the reports of the exchange and the steps that deliver them. */
void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload);
/* sim/plan/workload_trader.c: the same for orders that a trader decides on. */
void sim_workload_make_trader(struct sim_plan *plan, const struct sim_workload *workload);

#endif
