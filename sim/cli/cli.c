/* sim/cli/cli.c: verbs, their help, and the verb `run`. */
#include "cli.h"

#include "cell.h"
#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sim_cli_help =
        "aftershock VERB [OPTION...]\n"
        "\n"
        "  run [SCENARIO...]      runs seeds of the named scenarios, or of the whole library, and prints a table;\n"
        "                         NAME:wal,full only those cells; a folder's name: its scenarios (contracts)\n"
        "      --seeds N or A..B  N seeds from 1, or the seeds A to B (decimal or 0x); default 100\n"
        "      --jobs J           worker processes; default: one a core\n"
        "      --time 10m         ends after that time (s, m, h); status 5 when seeds were left\n"
        "      --partition I/N    only every N-th seed, from the I-th; all partitions together are the whole\n"
        "      --results DIR      adds every run to DIR/results.db\n"
        "      --json             JSON Lines: an object a run, and a summary last\n"
        "  replay SCENARIO@SEED   runs one seed twice; compares the two, and them with what is recorded: reproduced "
        "(same\n"
        "                         verdict and trace hash), fixed (was violated, holds now), stale (differs "
        "otherwise),\n"
        "                         nondeterministic (the two differ; status 3), unrecorded (nothing to compare with)\n"
        "      --expect-verdict V, --expect-hash H\n"
        "                         what is recorded, as the lines of `run` have it: held or an invariant; the trace "
        "hash\n"
        "      --results DIR      looks up in DIR/results.db what is recorded\n"
        "      --trace            prints every event\n"
        "      --print-plan       prints the plan, and runs nothing\n"
        "      --print-schedule   runs it once, and prints the plan with every switch of processes, as --plan reads "
        "it\n"
        "      --plan FILE        runs that plan, perhaps an edited one, in place of SCENARIO@SEED\n"
        "      --until EVENT      stops at the first step after that event, and compares nothing\n"
        "      --dump DIR         writes the simulated disk's files there, as they are at the end\n"
        "      --json             JSON Lines: the run with its `outcome`, and a summary\n"
        "  explain SCENARIO@SEED  tells a run as a story: what was done and answered, what struck, what was loaded; "
        "when it "
        "was\n"
        "                         violated, what was committed and who held which lock; --plan FILE, --json as replay\n"
        "  shrink SCENARIO@SEED   takes away what is not needed to fail in the same way (faults, steps, switches), and "
        "writes "
        "the rest "
        "as a\n"
        "                         plan for replay --plan; --plan FILE begins with that plan; --json\n"
        "      --output FILE      the plan; default: SCENARIO-SEED.plan\n"
        "      --runs N           ends after so many tries; default 2000\n"
        "  list [scenarios|faults|invariants|probes|bugs] [--json]\n"
        "  doctor [--json]        versions, and whether everything works here\n"
        "  help, --version\n"
        "\n"
        "  run, replay, explain and shrink also take\n"
        "      --subject FILE.so  tests this plug-in (sim/subject/subject.h) in place of the engine\n"
        "      --bug NAME         tests the engine, or the test bed, with that bug planted\n"
        "      --hang-seconds N   a run without an end after that time is a violation; default 20\n"
        "      --library DIR      where scenarios are; default: ./scenarios, else where this was built\n"
        "\n"
        "Exit status: 0 all held; 1 violated; 2 wrong usage; 3 the test bed failed; 4 nothing was run;\n"
        "5 out of time; 130 interrupted.\n";

static void sim_cli_on_signal(int number) {
	(void)number;
	sim_sweep_stop = 1;
}

static void sim_cli_catch_signals(void) {
	struct sigaction action = {.sa_handler = sim_cli_on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A worker that is gone shows as the end of its records. */
	signal(SIGPIPE, SIG_IGN);
}

/* Foreign code runs in a throw-away process first: what does not load is wrong usage, with one line, before anything starts. */
static bool sim_cli_try_subject(const char *path) {
	struct sim_worker worker;
	char how[200] = "";
	int got = 0;
	if (path == NULL) {
		return true;
	}
	if (!sim_worker_start(&worker, path, NULL, 0)) {
		fprintf(stderr, "aftershock: %s: a process to try it in cannot be started\n", path);
		return false;
	}
	for (int tries = 0; got == 0 && tries < 1000; tries++) {
		got = sim_worker_read(&worker);
		if (got == 0) {
			usleep(10000);
		}
	}
	sim_worker_end(&worker, true, how, sizeof how);
	if (got != 1) {
		fprintf(stderr, "aftershock: %s: crashes or hangs while it is loaded: %s\n", path, how);
		return false;
	}
	if (worker.record.text[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", worker.record.text);
	}
	return worker.record.text[0] == '\0';
}

static int sim_cli_run(struct sim_cli *cli) {
	static struct sim_sweep_result result;
	if (!sim_cli_load_scenarios(cli) || !sim_cli_try_subject(cli->sweep.subject_path)) {
		return SIM_CLI_USAGE;
	}
	if (cli->sweep.scenario_count == 0) {
		fprintf(stderr, "aftershock: %s: no scenarios there\n", sim_cli_library(cli));
		return SIM_CLI_NOTHING;
	}
	cli->sweep.cells = true;
	if (!cli->sweep.json) {
		sim_cell_print_contracts(&cli->sweep, stdout);
	}
	cli->sweep.progress = isatty(STDERR_FILENO) && !cli->sweep.json;
	sim_cli_catch_signals();
	sim_sweep_run(&cli->sweep, stdout, &result);
	/* Where nothing could even begin, a table of zeros would hide the one line that says why. */
	if (cli->sweep.json || result.exit_status != SIM_CLI_HARNESS || result.all.runs > 0) {
		sim_sweep_print(&cli->sweep, &result, stdout);
	}
	if (result.exit_status == SIM_CLI_NOTHING) {
		fprintf(stderr, "aftershock: no seed falls into this partition: nothing was run\n");
	}
	return result.exit_status;
}

static int sim_cli_help_or_complain(const char *verb) {
	static const char *const verbs[] = {"run", "replay", "explain", "shrink", "list", "doctor", "help", NULL};
	if (verb == NULL) {
		fputs(sim_cli_help, stderr);
		return SIM_CLI_USAGE;
	}
	if (strcmp(verb, "help") == 0 || strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
		fputs(sim_cli_help, stdout);
		return SIM_CLI_OK;
	}
	if (strcmp(verb, "--version") == 0) {
		printf("aftershock %s\n", AFTERSHOCK_VERSION);
		return SIM_CLI_OK;
	}
	fprintf(stderr, "aftershock: %s: no such verb; %s\n", verb, sim_cli_suggest(verb, verbs));
	return SIM_CLI_USAGE;
}

struct sim_cli_verb {
	const char *name;
	int (*run)(struct sim_cli *cli);
};

static const struct sim_cli_verb sim_cli_verbs[] = {{"run", sim_cli_run},
                                                    {"replay", sim_cli_replay},
                                                    {"explain", sim_cli_explain},
                                                    {"shrink", sim_cli_shrink},
                                                    {"list", sim_cli_list},
                                                    {"doctor", sim_cli_doctor},
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
	for (int i = 2; i < count; i++) {
		if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
			return sim_cli_help_or_complain("help");
		}
	}
	if (!sim_cli_hand_over(count, arguments)) {
		return SIM_CLI_HARNESS;
	}
	/* A file that may not grow any more is a failing write, which is reported, and not the end. */
	signal(SIGXFSZ, SIG_IGN);
	int status = sim_cli_parse(&cli, verb, count - 2, arguments + 2) ? known->run(&cli) : SIM_CLI_USAGE;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "aftershock: standard output cannot be written\n");
		status = SIM_CLI_HARNESS;
	}
	sim_cli_unload_scenarios(&cli);
	return status;
}
