/* sim/cli/cli_verbs.c: see cli_verbs.h. */
#include "cli_verbs.h"

#include "cli_bugs.h"
#include "cli_doctor.h"
#include "cli_explain.h"
#include "cli_explore.h"
#include "cli_help.h"
#include "cli_hunt.h"
#include "cli_init.h"
#include "cli_list.h"
#include "cli_options.h"
#include "cli_record.h"
#include "cli_replay.h"
#include "cli_run.h"
#include "cli_sanitize.h"
#include "cli_scenarios.h"
#include "cli_shrink.h"
#include "suggest.h"
#include "cli_verify.h"
#include "cli_vfs.h"
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int sim_cli_help_or_complain(const char *verb) {
	static const char *const verbs[] = {"run",    "replay",    "explain", "explore", "verify-certificate",
	                                    "shrink", "hunt",      "init",    "record",  "list",
	                                    "doctor", "check-vfs", "help",    NULL};
	if (verb == NULL) {
		sim_cli_print_help(stderr);
		return SIM_CLI_USAGE;
	}
	if (strcmp(verb, "help") == 0 || strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
		sim_cli_print_help(stdout);
		return SIM_CLI_OK;
	}
	if (strcmp(verb, "--version") == 0) {
		printf("aftershock %s\n", AFTERSHOCK_VERSION);
		return SIM_CLI_OK;
	}
	fprintf(stderr, "aftershock: %s: no such verb; %s\n", verb, sim_suggest(verb, verbs));
	return SIM_CLI_USAGE;
}

struct sim_cli_verb {
	const char *name;
	int (*run)(struct sim_cli *cli);
};

static const struct sim_cli_verb sim_cli_verbs[] = {{"run", sim_cli_run},
                                                    {"replay", sim_cli_replay},
                                                    {"explain", sim_cli_explain},
                                                    {"explore", sim_cli_explore},
                                                    {"shrink", sim_cli_shrink},
                                                    {"hunt", sim_cli_hunt},
                                                    {"init", sim_cli_init},
                                                    {"record", sim_cli_record},
                                                    {"list", sim_cli_list},
                                                    {"doctor", sim_cli_doctor},
                                                    {"verify-certificate", sim_cli_verify_certificate},
                                                    {"check-vfs", sim_cli_check_vfs},
                                                    {NULL, NULL}};

int sim_cli_main(int count, char **arguments) {
	static struct sim_cli cli;
	const char *verb = count > 1 ? arguments[1] : NULL;
	if (verb != NULL && strcmp(verb, "worker") == 0) {
		return sim_worker_main(count - 2, arguments + 2);
	}
	const struct sim_cli_verb *known = sim_cli_verbs;
	while (known->name != NULL && (verb == NULL || strcmp(known->name, verb) != 0)) {
		known++;
	}
	if (known->name == NULL) {
		return sim_cli_help_or_complain(verb);
	}
	bool runs_another = known->run == sim_cli_record;
	for (int i = 2; i < count; i++) {
		/* The words of the program that is recorded are its own. */
		if (strcmp(arguments[i], "--") == 0 || (runs_another && arguments[i][0] != '-')) {
			break;
		}
		if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
			return sim_cli_help_or_complain("help");
		}
	}
	if (!runs_another && !sim_cli_hand_over_to_sanitized(count, arguments)) {
		return SIM_CLI_USAGE;
	}
	if (!runs_another && !sim_cli_hand_over(count, arguments)) {
		return SIM_CLI_HARNESS;
	}
	/* A file that may not grow any more is a failing write, which is reported, and not the
	 * end. */
	signal(SIGXFSZ, SIG_IGN);
	int status = sim_cli_parse(&cli, verb, count - 2, arguments + 2) ? known->run(&cli) : SIM_CLI_USAGE;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "aftershock: standard output cannot be written\n");
		status = SIM_CLI_HARNESS;
	}
	sim_cli_unload_scenarios(&cli);
	return status;
}
