/* sim/plan/plan_step.c: see plan_step.h. */
#include "plan_step.h"

#include "subject.h"

#include <assert.h>
#include <stddef.h>

static const struct sim_step_row sim_step_rows[SIM_STEP_KIND_COUNT] = {
        [SIM_STEP_NONE] = {.name = "none",
                           .about = "nothing; holds the number of a step that was taken away",
                           .owners = SIM_STEP_OF_ALL},
        [SIM_STEP_DELIVER] = {.name = "deliver",
                              .about = "the exchange sends a report, and before it what is not acknowledged yet",
                              .story = "the exchange sends ",
                              .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES,
                              .argument = SIM_STEP_REPORT},
        [SIM_STEP_AGAIN] = {.name = "again",
                            .about = "the exchange sends a report once more",
                            .story = "the exchange sends once more ",
                            .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES,
                            .argument = SIM_STEP_REPORT},
        [SIM_STEP_RESTART] = {.name = "restart",
                              .about = "the process is stopped in the ordinary way and started again",
                              .owners = SIM_STEP_OF_ALL},
        [SIM_STEP_CHECKPOINT] = {.name = "checkpoint",
                                 .about = "the process is asked for a checkpoint",
                                 .owners = SIM_STEP_OF_ALL ^ SIM_STEP_OF_PROGRAM,
                                 .argument = SIM_STEP_CHECKPOINT_MODE,
                                 .argument_owners = SIM_STEP_OF_CLIENTS},
        [SIM_STEP_TRANSACTION] = {.name = "transaction",
                                  .about = "the process runs a transaction of the plan",
                                  .owners = SIM_STEP_OF_CLIENT | SIM_STEP_OF_CLIENTS,
                                  .argument = SIM_STEP_TRANSACTION_NUMBER},
        [SIM_STEP_TAKEOVER] = {.name = "takeover",
                               .about = "a second process starts on the same database; the first is alive and idle",
                               .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES,
                               .asks = SUBJECT_TAKES_OWNERS},
        [SIM_STEP_WAKE] = {.name = "wake",
                           .about = "the exchange sends a report to the process that was taken over from",
                           .story = "the engine that was taken over from wakes up with ",
                           .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES,
                           .argument = SIM_STEP_REPORT},
        [SIM_STEP_RETIRE] = {.name = "retire",
                             .about = "the process that was taken over from is stopped in the ordinary way",
                             .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES},
        [SIM_STEP_BATCH] = {.name = "batch",
                            .about = "the exchange sends a report and those behind it, in batches",
                            .owners = SIM_STEP_OF_ENGINE | SIM_STEP_OF_ENGINES,
                            .argument = SIM_STEP_REPORT,
                            .more = SIM_STEP_COUNT,
                            .asks = SUBJECT_TAKES_BATCHES},
        [SIM_STEP_LOOK] = {.name = "look",
                           .about = "the process holds a snapshot for some looks",
                           .owners = SIM_STEP_OF_READERS | SIM_STEP_OF_CLIENTS,
                           .argument = SIM_STEP_LOOKS},
        [SIM_STEP_BACKUP] = {.name = "backup",
                             .about = "the process copies the database, some pages at a time",
                             .owners = SIM_STEP_OF_CLIENTS,
                             .argument = SIM_STEP_PAGES,
                             .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_STEP_VACUUM] = {.name = "vacuum",
                             .about = "the process runs VACUUM",
                             .owners = SIM_STEP_OF_CLIENTS,
                             .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_STEP_CHECK] = {.name = "check",
                            .about = "the process runs PRAGMA integrity_check",
                            .owners = SIM_STEP_OF_CLIENTS,
                            .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_STEP_SWITCH] = {.name = "switch",
                             .about = "the process switches the database to a journal mode",
                             .owners = SIM_STEP_OF_CLIENTS,
                             .argument = SIM_STEP_JOURNAL_MODE,
                             .asks = SUBJECT_TAKES_UPKEEP},
        [SIM_STEP_TRADE] = {.name = "trade",
                            .about = "the trader decides on the order whose intent is a report",
                            .owners = SIM_STEP_OF_ENGINE,
                            .argument = SIM_STEP_REPORT,
                            .more = SIM_STEP_ANSWER},
        [SIM_STEP_MALFORMED] = {.name = "malformed",
                                .about = "somebody sends a report that is spoiled in one way",
                                .story = "somebody sends a malformed copy of ",
                                .owners = SIM_STEP_OF_ENGINE,
                                .argument = SIM_STEP_REPORT,
                                .more = SIM_STEP_SPOILING,
                                .asks = SUBJECT_TAKES_MALFORMED},
        [SIM_STEP_KILL] = {.name = "kill",
                           .about = "the process is killed between two calls",
                           .owners = SIM_STEP_OF_CLIENT | SIM_STEP_OF_PROGRAM},
        [SIM_STEP_POWER_LOSS] = {.name = "power_loss",
                                 .about = "the power fails between two calls",
                                 .owners = SIM_STEP_OF_CLIENT | SIM_STEP_OF_PROGRAM},
        [SIM_STEP_AHEAD] = {.name = "ahead",
                            .about = "the exchange sends a report ahead of those before it",
                            .story = "the exchange sends, ahead of what comes before it, ",
                            .owners = SIM_STEP_OF_ENGINE,
                            .argument = SIM_STEP_REPORT},
        [SIM_STEP_VACUUM_INTO] = {.name = "vacuum_into",
                                  .about = "the process copies the database by VACUUM INTO",
                                  .owners = SIM_STEP_OF_CLIENTS,
                                  .asks = SUBJECT_TAKES_VACUUM_INTO},
        [SIM_STEP_OPERATION] = {.name = "operation",
                                .about = "the program does an operation of the plan",
                                .owners = SIM_STEP_OF_PROGRAM,
                                .argument = SIM_STEP_OPERATION_NUMBER},
        [SIM_STEP_TUNE] = {.name = "tune",
                           .about = "the process runs one of the pragmas of `sql.tunings`",
                           .owners = SIM_STEP_OF_CLIENT | SIM_STEP_OF_CLIENTS,
                           .argument = SIM_STEP_TUNING_NUMBER,
                           .asks = SUBJECT_TAKES_PRAGMAS},
};

const struct sim_step_row *sim_plan_step_row(enum sim_step_kind kind) {
	assert((unsigned)kind < SIM_STEP_KIND_COUNT && sim_step_rows[kind].name != NULL);
	return &sim_step_rows[kind];
}

const char *sim_plan_step_name(enum sim_step_kind kind) {
	return sim_plan_step_row(kind)->name;
}

const char *const *sim_plan_step_names(void) {
	static const char *names[SIM_STEP_KIND_COUNT + 1];
	for (int kind = 0; kind < SIM_STEP_KIND_COUNT; kind++) {
		names[kind] = sim_plan_step_name((enum sim_step_kind)kind);
	}
	return names;
}

enum sim_step_argument sim_plan_step_argument(enum sim_step_kind kind, uint32_t owners) {
	const struct sim_step_row *row = sim_plan_step_row(kind);
	bool has = row->argument_owners == 0 || (row->argument_owners & owners) != 0;
	return has ? row->argument : SIM_STEP_NO_ARGUMENT;
}
