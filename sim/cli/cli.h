/* sim/cli/cli.h: the command line. Results on stdout, messages on stderr; exit statuses of docs/architecture.md section 5. */
#ifndef AFTERSHOCK_SIM_CLI_H
#define AFTERSHOCK_SIM_CLI_H

#include "plan.h"
#include "sweep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIM_CLI_OK = 0,
	SIM_CLI_VIOLATED = 1,
	SIM_CLI_USAGE = 2,
	SIM_CLI_HARNESS = 3,
	SIM_CLI_NOTHING = 4,
};

/* Everything that the options of all verbs can say. */
struct sim_cli {
	struct sim_sweep_options sweep;
	const char *library;
	bool seeds_given;
	char subject_path[SIM_SCENARIO_PATH_SIZE];
	bool trace;
	bool print_plan;
	bool print_schedule;
	uint64_t until_event;
	const char *dump_path;
	const char *output_path;    /* of `shrink`; NULL: named after the run */
	uint32_t runs_max;          /* of `shrink` */
	const char *expect_verdict; /* "held" or an invariant; NULL: not known */
	const char *expect_hash;    /* 32 hexadecimal digits; NULL: not known */
	int name_count;
	char **names; /* what is no option */
};

/* Runs one verb; the exit status. */
int sim_cli_main(int count, char **arguments);

/* sim/cli/cli_options.c: parses the options behind the verb; false after one line on stderr. */
bool sim_cli_parse(struct sim_cli *cli, const char *verb, int count, char **arguments);
/* "N" or "A..B", decimal or 0x. */
bool sim_cli_parse_seeds(const char *text, uint64_t *first, uint64_t *count);
bool sim_cli_parse_number(const char *text, uint64_t max, uint64_t *number);
/* "did you mean WORD?" when one of the list is near enough, otherwise "expected one of: ...". Valid until the next call. */
const char *sim_cli_suggest(const char *word, const char *const *list);

#define SIM_CLI_BUGS_MAX 96u
#define SIM_CLI_BUG_SIZE 64u
/* sim/cli/cli_bugs.c: the planted bugs beside the executable, by name; how many. */
uint32_t sim_cli_bugs(char names[SIM_CLI_BUGS_MAX][SIM_CLI_BUG_SIZE]);
/* The bug that is planted in this very program; NULL: none. */
const char *sim_cli_own_bug(void);
/* `--bug NAME`: false after one line on stderr. */
bool sim_cli_set_bug(struct sim_cli *cli, const char *name);
/* When the arguments ask for a bug that is a program of its own, becomes that program, with the same arguments. Returns when they do not;
 * false after one line on stderr when it cannot be started. */
bool sim_cli_hand_over(int count, char **arguments);

/* sim/cli/cli_scenarios.c: loads the scenarios that were named, or those of the library without its folders; false after one line
 * on stderr. */
bool sim_cli_load_scenarios(struct sim_cli *cli);
void sim_cli_unload_scenarios(struct sim_cli *cli);
/* The library's directory. */
const char *sim_cli_library(const struct sim_cli *cli);

/* What one run in a process of its own came to. */
struct sim_cli_outcome {
	bool ended;    /* a result came back; else the subject crashed or hung, which `run` says as a violation */
	char why[240]; /* the run could not begin */
	struct sim_run_result run;
};

struct sim_cli_job {
	struct sim_run_options options;
	uint32_t limit_s; /* 0: none */
	/* In the process of the run, after it; NULL: nothing. */
	void (*ended)(void *context);
	void *context;
};

/* sim/cli/cli_target.c: the one run that some verbs are about, SCENARIO@SEED or --plan FILE. */
/* One of the two is named; false after one line on stderr. */
bool sim_cli_check_target(const struct sim_cli *cli, const char *verb);
/* Loads the scenario, and makes or reads the plan. False after one line on stderr. */
bool sim_cli_load_target(struct sim_cli *cli, uint64_t *seed);
struct sim_plan *sim_cli_target_plan(void);
/* False when no process can be had. */
bool sim_cli_run_once(struct sim_cli *cli, uint64_t seed, const struct sim_cli_job *job,
                      struct sim_cli_outcome *outcome);
/* "held", or the invariant that was violated; and the exit status that goes with it. */
const char *sim_cli_verdict(const struct sim_run_result *run);
int sim_cli_status(const struct sim_run_result *run);

/* sim/cli/cli_replay.c, sim/cli/cli_explain.c, sim/cli/cli_shrink.c, sim/cli/cli_list.c: one verb each. */
int sim_cli_replay(struct sim_cli *cli);
int sim_cli_explain(struct sim_cli *cli);
int sim_cli_shrink(struct sim_cli *cli);
int sim_cli_list(struct sim_cli *cli);
int sim_cli_doctor(struct sim_cli *cli);

#endif
