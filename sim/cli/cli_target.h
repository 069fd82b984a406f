/* sim/cli/cli_target.h: the one run that some verbs are about, SCENARIO@SEED or --plan FILE. */
#ifndef AFTERSHOCK_SIM_CLI_TARGET_H
#define AFTERSHOCK_SIM_CLI_TARGET_H

#include "cli.h"
#include "must_check.h"
#include "plan.h"

/* What one run in a process of its own came to. */
struct sim_cli_outcome {
	bool ended;    /* a result came back; else the subject crashed or hung, which `run` says as
	                * a violation */
	char why[240]; /* the run could not begin */
	struct sim_run_result run;
};

struct sim_cli_job {
	struct sim_run_options options;
	uint32_t limit_s; /* 0: none */
	/* In the process of the run, after it; NULL: nothing. */
	void (*ended)(void *context);
	/* In that process, before the run: where results go, for standard output is the subject's;
	 * NULL: nobody wants to know. */
	void (*redirect)(void *context, FILE *out);
	void *context;
};

/* One of the two is named; false after one line on stderr. */
bool sim_cli_check_target(const struct sim_cli *cli, const char *verb) SIM_MUST_CHECK;
/* Loads the scenario, and makes or reads the plan. False after one line on stderr. */
bool sim_cli_load_target(struct sim_cli *cli, uint64_t *seed) SIM_MUST_CHECK;
struct sim_plan *sim_cli_target_plan(void);
/* False when no process can be had. */
bool sim_cli_run_once(struct sim_cli *cli, uint64_t seed, const struct sim_cli_job *job,
                      struct sim_cli_outcome *outcome) SIM_MUST_CHECK;
/* Whether two runs of one seed were the same: verdict and trace hash, or a crash or hang of
 * both. */
bool sim_cli_same(const struct sim_cli_outcome *first, const struct sim_cli_outcome *second);
/* "held", or the invariant that was violated; and the exit status that goes with it. */
const char *sim_cli_verdict(const struct sim_run_result *run);
int sim_cli_status(const struct sim_run_result *run);

#endif
