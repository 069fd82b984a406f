/* sim/cli/cli.h: the words of the command line. Results go to stdout, messages to stderr. */
#ifndef AFTERSHOCK_SIM_CLI_H
#define AFTERSHOCK_SIM_CLI_H

#include "case.h"
#include "exit_status.h"

struct sim_second; /* sim/second/second.h */

/* The exit statuses that a verb decides on itself (sim/sweep/exit_status.h). */
enum {
	SIM_CLI_OK = SIM_EXIT_HELD,
	SIM_CLI_VIOLATED = SIM_EXIT_VIOLATED,
	SIM_CLI_USAGE = SIM_EXIT_USAGE,
	SIM_CLI_HARNESS = SIM_EXIT_HARNESS,
	SIM_CLI_NOTHING = SIM_EXIT_NOTHING,
};

/* All subsets of so many pending operations are more than anybody waits for. */
#define SIM_CLI_SUBSETS_MAX 16u

/* Databases that are named by --database. */
#define SIM_CLI_DATABASES_MAX 16u

/* Everything that the options of all verbs can say. */
struct sim_cli {
	struct sim_sweep_options sweep;
	const char *library;
	bool json;
	bool phases;
	bool losses;
	bool doors;
	bool species;
	const char *results_path; /* directory; NULL: none */
	const char *junit_path;   /* NULL: none */
	char subject_path[SIM_SCENARIO_PATH_SIZE];
	char vfs_path[SIM_SCENARIO_VFS_SIZE];
	bool trace;
	bool print_plan;
	bool print_schedule;
	uint64_t until_event;
	const char *dump_path;
	const char *output_path;      /* of `shrink`, `record`; NULL: named after the run */
	const char *acknowledge;      /* of `record`: lines that acknowledge; NULL: none */
	bool force;                   /* of `record`: writes over a recording */
	const char *check;            /* of `explore` of a recording; NULL: none; and so are: */
	enum sim_contract after_kill; /* what is demanded; SIM_CONTRACT_NONE: what was seen */
	enum sim_contract after_power_loss;
	const char *databases[SIM_CLI_DATABASES_MAX]; /* of `record` */
	uint32_t database_count;
	uint32_t runs_max; /* of `shrink` and `hunt` */
	uint32_t rows_max; /* of `init`: of each table, that are taken over */
	uint64_t seed;     /* of `hunt`, and so are: */
	const char *corpus_path;
	const char *merge_path; /* NULL: none */
	uint32_t fresh_percent; /* SIM_HUNT_BY_YIELD: nobody says */
	bool minimise;
	const char *at;               /* of `explore`: POINT/STATE, that one alone; NULL: all */
	const char *certificate_path; /* NULL: none */
	uint32_t depth;               /* of `explore`, and so are: */
	uint32_t subsets;
	uint32_t drawn;
	uint32_t states_max;       /* 0: nobody says */
	struct sim_second *second; /* NULL: none */
	bool first;
	bool tells; /* of one crash state: its story */
	bool writes_more;
	bool all_small;             /* every workload of scenarios that enumerate them */
	const char *expect_verdict; /* "held" or an invariant; NULL: not known */
	const char *expect_hash;    /* 32 hexadecimal digits; NULL: not known */
	int name_count;
	char **names; /* what is no option */
};

#endif
