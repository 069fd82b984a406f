/* sim/scenario/scenario.h: a scenario as a value. sim/scenario/scenario_load.h reads one from its
 * YAML file.
 *
 * A scenario is a distribution; with a seed it becomes a plan (sim/plan/plan.h). Lists of settings
 * are swarm options: each seed draws one entry of each list. Percentages are whole numbers from 0
 * to 100.
 */
#ifndef AFTERSHOCK_SIM_SCENARIO_H
#define AFTERSHOCK_SIM_SCENARIO_H

#include "fault.h"
#include "probe.h"
#include "setting_row.h"
#include "subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SCENARIO_NAME_SIZE 64
#define SIM_SCENARIO_TEXT_SIZE 256
#define SIM_SCENARIO_PATH_SIZE 1024
/* Of the path of a VFS: a plan has it in one line. */
#define SIM_SCENARIO_VFS_SIZE 600
#define SIM_FAULT_GROUPS_MAX 32
#define SIM_CRITERIA_COUNT 7
#define SIM_SCENARIO_FILE_BYTES_MAX (64u * 1024u)
#define SIM_TAPE_TRADES_MAX 4096
#define SIM_AXES_MAX 6
#define SIM_AXIS_ENTRIES_MAX 16
#define SIM_CELLS_MAX 512
#define SIM_CELL_SIZE 128
#define SIM_KNOWN_MAX 8
#define SIM_KNOWN_VERSIONS_MAX 8
#define SIM_KNOWN_BUILD_SIZE 64

struct sim_sql;
struct sim_processes_scenario;

/* One row of a recorded trade tape, in units of the tape's own decimals. */
struct sim_tape_trade {
	int64_t price_ticks;
	int64_t quantity_lots;
	bool buy;
};

struct sim_tape {
	uint32_t count;
	uint32_t price_decimals;
	uint32_t quantity_decimals;
	struct sim_tape_trade *trades; /* owned by the scenario */
};

/* What the exchange does beside opening, filling and closing orders, in percent: of what happens,
 * unless said otherwise. */
enum sim_rare {
	SIM_RARE_REPLACES = 0,                          /* an open order is replaced, or the request
	                                                 * is refused */
	SIM_RARE_BUSTS,                                 /* a fill is busted */
	SIM_RARE_CORRECTS,                              /* a fill is corrected */
	SIM_RARE_RESTATEMENTS,                          /* an open order is restated */
	SIM_RARE_DONE_FOR_DAY,                          /* an open order is done for the day */
	SIM_RARE_PENDINGS,                              /* requests are announced, refused or asked
	                                                 * about */
	SIM_RARE_STOPS,                                 /* a price is guaranteed */
	SIM_RARE_LATE_FILLS,                            /* a fill of an order that was closed */
	SIM_RARE_OVERFILLS,                             /* a fill beyond the order quantity */
	SIM_RARE_REUSED_IDS,                            /* another order with the same client id is
	                                                 * rejected */
	SIM_RARE_CONFLICTS,                             /* an exec id comes again with other
	                                                 * content */
	SIM_RARE_SECOND_CHANNEL,                        /* a report comes on another channel, too */
	SIM_RARE_LIMITS,                                /* the operator sets limits */
	SIM_RARE_HALTS,                                 /* the operator halts or resumes */
	SIM_RARE_BROKEN,                                /* a report that no state takes */
	SIM_RARE_SPLITS,                                /* an open order is split: its quantities
	                                                 * change in one proportion */
	SIM_RARE_EVENT_COUNT,                           /* those above share what happens: at most
	                                                 * 100 together */
	SIM_RARE_UNKNOWN_ORDERS = SIM_RARE_EVENT_COUNT, /* of the orders: nobody acknowledges
	                                                 * them */
	SIM_RARE_STATUS_LIES,                           /* of the reports: the order status is
	                                                 * any */
	SIM_RARE_NAMELESS,                              /* of the reports: without exec id */
	SIM_RARE_EARLY,                                 /* of the deliveries: one further on comes
	                                                 * first */
	SIM_RARE_BATCHES,                               /* of the deliveries: several together */
	SIM_RARE_LONG_IDS,                              /* of the runs: ids have up to as many
	                                                 * characters as they may */
	SIM_RARE_SHARED_IDS,                            /* of the reports: with the exec id of
	                                                 * another symbol's report */
	SIM_RARE_ODD_TIMES,                             /* of the reports: times go back, or are far
	                                                 * away */
	SIM_RARE_VAST_NUMBERS,                          /* of the runs: quantities, prices and
	                                                 * commissions are as large as 64 bits
	                                                 * allow */
	SIM_RARE_MALFORMED,                             /* of the deliveries: a spoiled one comes
	                                                 * first */
	SIM_RARE_CLIENTLESS,                            /* of the reports: without client ids */
	SIM_RARE_ACCOUNTS,                              /* of the runs: two accounts */
	SIM_RARE_REUSED_ORDERS,                         /* of the orders: with the id of one that
	                                                 * ended on an earlier day */
	SIM_RARE_BEGUN_DAYS,                            /* of the runs: from some report on, all say
	                                                 * their trading day */
	SIM_RARE_UNSAID_QUANTITIES,                     /* of the orders: reports do not say the
	                                                 * order quantity, some or all */
	SIM_RARE_COUNT
};

struct sim_workload {
	struct sim_range updates;     /* order updates per run */
	struct sim_range symbols;     /* 1 to 8 */
	struct sim_range open_orders; /* at a time, 1 to 16 */
	uint32_t duplicates_percent;  /* of the deliveries: one that was delivered before comes
	                               * again */
	uint32_t reorders_percent;    /* of the deliveries: a later one first */
	uint32_t restarts_percent;    /* of the steps: a clean stop and start */
	uint32_t tunings_percent;     /* of the transactions of SQL come after a pragma */
	uint32_t checkpoints_percent; /* of the steps: the caller asks for a checkpoint */
	/* Of the steps of one client of SQL, by kind of crash: it comes between two calls */
	uint32_t crashes_percent[SIM_CRASH_COUNT];
	uint32_t takeovers_percent; /* of the deliveries: a second process takes over, the first
	                               * stays alive */
	uint32_t wakes_percent;     /* of the deliveries after a takeover: the first is given a
	                               * report */
	uint32_t retires_percent;   /* of the deliveries after a takeover: the first is stopped */
	uint32_t rejects_percent;   /* of the orders: refused by the exchange */
	uint32_t cancels_percent;   /* of the orders: canceled, perhaps after fills */
	uint32_t expires_percent;   /* of the orders */
	uint32_t rare_percent[SIM_RARE_COUNT];
	uint32_t enumerate;    /* sequences of up to so many templates (small.h); 0: it is drawn */
	uint32_t held_updates; /* that came too early: how many the subject may keep; 0: none */
	enum sim_trader_kind trader;
	struct sim_range limit_lots;     /* of a trader: the position that the exchange allows */
	uint32_t query_failures_percent; /* of its orders: the exchange's first answer fails or is
	                                  * empty */
	struct sim_tape tape;            /* count 0: prices and sizes are synthetic */
};

/* One group of faults, switched on for `chance_percent` of the seeds as a whole. */
struct sim_fault_group {
	enum sim_fault_kind kind;
	uint32_t methods;         /* bit 1 << enum vfs_method; 0: any */
	uint32_t files;           /* bit 1 << enum vfs_file_kind; 0: any */
	uint32_t effects;         /* bit 1 << enum vfs_effect; 0: any that fit */
	uint32_t moments;         /* bit 1 << enum sim_moment */
	struct sim_choices codes; /* SQLite result codes; count 0: the usual one of kind and
	                           * method */
	uint32_t chance_percent;
	struct sim_range count;      /* faults per run */
	struct sim_range operations; /* strikes at one of these matching operations after its
	                              * moment, counted from 1 */
	struct sim_range times;
	struct sim_range duration_ms; /* virtual */
	struct sim_range bytes;
	uint64_t phases;              /* bit 1 << enum vfs_phase: strikes at a call in one of them;
	                               * 0: at any call */
	bool by_number;               /* none of its faults is aimed at a phase: `phase: any` */
	struct sim_range occurrences; /* with phases: at the n-th call in the phase after its
	                               * moment */
	bool has_operations;          /* with phases: if it waits too long, by `operations`; false:
	                               * it waits for ever */
	enum sim_aim aim;
	char process[SIM_PROCESS_NAME_SIZE]; /* of several: a group of them, or one; empty: any */
	uint32_t line;                       /* where the group stands in the file */
};

#define SIM_KNOWN_INVARIANTS_SIZE 160

/* A finding that is not ours: what SQLite itself does wrong on some of its versions. It excuses
 * violations of this invariant with this text in their detail, in this cell, on these versions, and
 * must be seen there: at its seed where that was recorded, and in its plan. */
struct sim_known {
	char id[SIM_SCENARIO_NAME_SIZE];
	char invariant[SIM_KNOWN_INVARIANTS_SIZE]; /* one name, or several joined by + */
	char detail[120];
	char link[SIM_SCENARIO_TEXT_SIZE];
	char fix[SIM_SCENARIO_TEXT_SIZE]; /* what draws the upper ends of `versions`; empty: nothing
	                                   * has yet */
	uint32_t one_in;                  /* at most one run in so many shows it; 0: nothing is
	                                   * said */
	uint64_t seed;                    /* 0: none is kept */
	/* The build of SQLite that the seed was recorded with (sim/sqlite/build.h): with another
	 * one the seed draws another run. Empty: any. */
	char recorded[SIM_KNOWN_BUILD_SIZE];
	char plan[SIM_SCENARIO_PATH_SIZE]; /* shows it on every version concerned; empty: none is
	                                    * kept */
	uint32_t version_count;
	struct sim_range versions[SIM_KNOWN_VERSIONS_MAX]; /* as sqlite3_libversion_number() gives
	                                                    * them */
};

/* In which way a positive control must be violated (sim/sweep/cell.h). */
enum sim_control_shows {
	SIM_CONTROL_SHOWS_ANY = 0,
	SIM_CONTROL_SHOWS_CONTENT, /* a content is wrong; a call that fails is not enough */
};

/* One file is one scenario, or, with `axes`, as many as it has cells: each cell is a value of its
 * own. */
struct sim_scenario {
	char name[SIM_SCENARIO_NAME_SIZE]; /* the file's name without .yaml */
	char cell[SIM_CELL_SIZE];          /* one word per axis, "wal,full,power_loss"; empty: no
	                                    * axes */
	bool selected;                     /* by a pattern: other cells of the file may not be
	                                    * there */
	char axes[SIM_CELL_SIZE];          /* their names, "journal_mode,synchronous,crash" */
	char about[SIM_SCENARIO_TEXT_SIZE];
	char path[SIM_SCENARIO_PATH_SIZE];
	char subject[SIM_SCENARIO_NAME_SIZE]; /* "engine", "sql" or "program" */
	struct sim_sql *sql;                  /* owned; NULL unless the subject is "sql"
	                                           * (sim/scenario/sql.h) */
	/* Of the subject "program": what its operations are drawn from, and text NULL behind the
	 * last; owned. NULL: the subject brings its own. */
	struct subject_operation *operations;
	char *operation_texts; /* owned; what they point at */
	uint32_t operation_count;
	struct sim_processes_scenario *processes; /* owned; NULL unless there are several
	                                           * (sim/scenario/processes.h) */
	/* Of a VFS of somebody's own, between SQLite and the disk; empty: there is none. And the
	 * line of the file that says so; 0: none does. */
	char vfs_path[SIM_SCENARIO_VFS_SIZE];
	uint32_t vfs_line;
	uint32_t criteria; /* bit 1 << n for ACn */
	struct sim_workload workload;
	struct sim_choices settings[SIM_SETTINGS_MAX]; /* by row; one of them:
	                                                * settings[SIM_SETTING(journal_mode)] */
	uint32_t fault_group_count;
	struct sim_fault_group fault_groups[SIM_FAULT_GROUPS_MAX];
	bool probes[SIM_PROBE_COUNT]; /* must be reached */
	uint32_t probe_seeds;         /* from so many runs on, each probe and fault without a rate
	                               * of its own is demanded */
	/* Stated rates (`rates`): at least one run in so many reaches it; 0: nothing is stated. */
	uint32_t probe_one_in[SIM_PROBE_COUNT];
	uint32_t fault_one_in[SIM_FAULT_KIND_COUNT];
	/* A positive control: demanded in place of what the settings promise; SIM_CONTRACT_NONE:
	 * what they promise. */
	enum sim_contract demanded[SIM_CRASH_COUNT];
	bool demands_files_together; /* the same, of a transaction over several files: wholly there
	                              * or not at all */
	bool demands_locks;          /* the same, of processes that do not keep off each other */
	bool exchange_judges;        /* and nobody else: what the subject holds in memory is not
	                              * looked at */
	uint32_t sqlite_lowest;      /* the oldest release that takes its SQL, as a number; 0:
	                              * any */
	bool must_agree;             /* runs of one seed end in the same state in all cells */
	uint32_t must_violate_seeds; /* a batch of at least so many seeds must break a demand; 0: no
	                              * control */
	/* And one of the batch must break it in this way. */
	enum sim_control_shows must_show;
	uint32_t known_count;
	struct sim_known known[SIM_KNOWN_MAX];
};

/* Whether a cell's name has, at each place, one of the words of the pattern: "wal,full+extra" is
 * any cell that begins with wal and then full or extra; an empty word, or one left out at the end,
 * is any. */
bool sim_scenario_cell_matches(const char *pattern, const char *cell);
/* So many crash states are judged beside each run, whatever the file says, unless it is about
 * several processes. */
void sim_scenario_set_branches(struct sim_scenario *scenario, uint32_t branches);
/* That VFS lies between SQLite and the disk, whatever the file says. */
void sim_scenario_set_vfs(struct sim_scenario *scenario, const char *path);
void sim_scenario_destroy(struct sim_scenario *scenario);
/* Whether its subject is a program with operations of its own. */
bool sim_scenario_is_of_program(const struct sim_scenario *scenario);

const char *sim_scenario_rare_name(enum sim_rare rare); /* its key in `workload` */

/* Whether the finding shows as a violation of that invariant. */
bool sim_scenario_known_shows_as(const struct sim_known *known, const char *invariant);

#endif
