/* sim/cli/cli.h: the words of the command line. Results go to stdout, messages to stderr. */
#ifndef AFTERSHOCK_SIM_CLI_H
#define AFTERSHOCK_SIM_CLI_H

#include "case.h"

/* Exit statuses (docs/architecture.md section 5). A sweep has two more: 5 out of time, 130
 * interrupted. */
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
	bool json;
	const char *results_path; /* directory; NULL: none */
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

#endif
