/* sim/cli/cli_help.c: see cli_help.h. */
#include "cli_help.h"

#include "exit_status.h"

static const char sim_cli_help_text[] =
        "aftershock VERB [OPTION...]\n"
        "\n"
        "run [SCENARIO...]          runs many seeds, and prints a table; without a name, the whole library\n"
        "    NAME, FILE.yaml        one scenario; NAME:wal,full only those of its cells\n"
        "    FOLDER                 all scenarios of a folder of the library (contracts, processes, small)\n"
        "    --seeds N or A..B      N seeds from 1, or the seeds A to B, decimal or 0x; default 100\n"
        "    --jobs J               worker processes; default: one for each core\n"
        "    --time 10m             ends after that time (s, m, h), with status 5 when seeds are left\n"
        "    --processor-time 10m   the same, in processor time of the workers\n"
        "    --by-seed              runs every scenario with one seed, then with the next\n"
        "    --stop-at violation    ends at the first violation; `control`: at the first positive control\n"
        "                           that goes red; a name: at the first known finding of that name,\n"
        "                           or whose name begins with it and `-`\n"
        "    --partition I/N        every N-th seed, from the I-th; all partitions together are the whole\n"
        "    --results DIR          adds every run to DIR/results.db\n"
        "    --phases               prints in which phases of SQLite faults struck (list phases)\n"
        "    --doors                prints how often each narrow place of SQLite's protocols was come to\n"
        "    --species              prints how many species of states the sweep has reached, and how many\n"
        "                           new ones the next runs would still show\n"
        "    --losses               prints what was lost legally, by scenario and by class of fault\n"
        "    --junit FILE           writes a JUnit report: a test case for each scenario or cell\n"
        "    --json                 JSON Lines: an object for each run, and a summary last\n"
        "\n";

/* C99 promises no longer strings. */
static const char sim_cli_help_one_run[] =
        "replay SCENARIO@SEED       runs one seed twice, compares the two, and says one word:\n"
        "                             reproduced         verdict and trace hash are as recorded\n"
        "                             fixed              recorded as violated, holds now\n"
        "                             stale              differs in another way from what is recorded\n"
        "                             unrecorded         nothing is recorded to compare with\n"
        "                             nondeterministic   the two runs differ (status 3)\n"
        "    --expect-verdict V     what is recorded: held, or an invariant\n"
        "    --expect-hash H        what is recorded: the trace hash\n"
        "    --results DIR          looks up in DIR/results.db what is recorded\n"
        "    --plan FILE            runs that plan, perhaps an edited one, in place of SCENARIO@SEED\n"
        "    --trace                prints every event\n"
        "    --print-plan           prints the plan, and runs nothing\n"
        "    --print-schedule       prints the plan with every switch of processes, as --plan reads it\n"
        "    --until EVENT          stops at the first step after that event, and compares nothing\n"
        "    --dump DIR             writes the files of the simulated disk there, as they are at the end\n"
        "    --json                 JSON Lines: the run with its word as `outcome`, and a summary\n"
        "\n"
        "explain SCENARIO@SEED      tells a run as a story: what was done, what struck, what was loaded.\n"
        "                           At a violation: what was committed, and who held which lock\n"
        "explain SCENARIO@SEED/POINT/STATE\n"
        "                           tells the story of one crash state: what was pending, what is kept of it,\n"
        "                           what the recovery writes, and what is loaded\n"
        "    --plan FILE, --json    as for replay\n"
        "\n"
        "shrink SCENARIO@SEED       takes away faults, steps and switches that the failure does not need,\n"
        "                           and writes the rest as a plan for replay --plan\n"
        "    --output FILE          the plan; default: SCENARIO-SEED.plan\n"
        "    --runs N               ends after so many tries; default 2000\n"
        "    --plan FILE, --json    as for replay\n"
        "\n";

static const char sim_cli_help_search[] =
        "hunt [SCENARIO...] --corpus DIR\n"
        "                           searches with feedback: keeps plans that reach something new, and changes\n"
        "                           them; plans lie in DIR, and those that fail in DIR/findings\n"
        "    --runs N               ends after so many runs; default 2000\n"
        "    --seed S               another search; default 1\n"
        "    --merge DIR            takes the plans of another corpus in\n"
        "    --minimise             searches nothing: reads the corpora, and keeps the fewest plans\n"
        "    --fresh-percent N      so many of the runs are drawn anew; default: by what that brings\n"
        "    --stop-at, --jobs J, --json\n"
        "\n"
        "explore SCENARIO@SEED      judges every crash state of a run of one process: at each call that changes\n"
        "                           the disk, what a death or a power loss there may leave\n"
        "    --depth D              also crashes in the starts that follow, 1 to 3 deep; default 1\n"
        "    --subsets K            all subsets of up to K pending operations; default 4\n"
        "    --drawn N              so many states more at each point, drawn by chance; default 0\n"
        "    --states-max N         more states than that must be asked for; default 20000000, and of\n"
        "                           --all-small 100000000\n"
        "    --go-on                on each state more is written behind the load, and loaded again\n"
        "    --first                ends at the first violation\n"
        "    --certificate FILE     writes what was looked at, and the list of images to FILE.images\n"
        "    --second-sqlite LIBRARY  another release of SQLite (libsqlite3.so) recovers each image, too,\n"
        "                           and must come to the same pages and rows; also for --all-small, for one\n"
        "                           state of replay, and for verify-certificate\n"
        "    --at POINT/STATE       one state alone, as replay SCENARIO@SEED/POINT/STATE; --trace prints\n"
        "                           the events of its life\n"
        "    --jobs J, --plan FILE, --json\n"
        "explore --all-small [SCENARIO...]\n"
        "                           the same of every workload of scenarios that enumerate them; without a\n"
        "                           name, those of the folder small\n"
        "    --jobs J, --depth D, --subsets K, --drawn N, --go-on, --first, --certificate FILE, --json\n"
        "verify-certificate FILE    counts the images again, and explores one moment of a hundred again, or\n"
        "                           one workload of a hundred\n"
        "\n";

/* Of several verbs, and the end. */
static const char sim_cli_help_rest[] =
        "init DATABASE             writes a scenario to start from: the schema, a few rows of each table, and\n"
        "     FILE.sql              transactions that insert, update and delete; it only reads that file\n"
        "    --rows N               takes over at most N rows of each table; default 20\n"
        "\n"
        "list [scenarios|settings|steps|faults|phases|invariants|probes|bugs|pairs] [--json]\n"
        "doctor [--json]            versions, and whether everything works here\n"
        "help, --version\n"
        "\n"
        "run, replay, explain, explore, shrink and hunt also take\n"
        "    --subject FILE.so      tests this plug-in (sim/subject/subject.h) in place of the engine\n"
        "    --bug NAME             tests the engine, or the test bed, with that bug planted\n"
        "    --sanitize             as the program that `make sanitize` has built: what the address\n"
        "                           sanitizer finds violates the seed that it was found in\n"
        "    --branches N           judges about N crash states beside each run of one process, whatever\n"
        "                           the scenario says; not for explore and hunt\n"
        "    --hang-seconds N       a run that does not end in that time is violated, and SQL of a scenario\n"
        "                           that does not is refused; default 20\n"
        "    --library DIR          where scenarios are; default: ./scenarios, else where this was built\n"
        "\n"
        "A scenario that the subject does not take is refused when it is named, and skipped, with its\n"
        "name, when its folder or the library is run.\n"
        "\n"
        "exit status\n";

void sim_cli_print_help(FILE *out) {
	fputs(sim_cli_help_text, out);
	fputs(sim_cli_help_one_run, out);
	fputs(sim_cli_help_search, out);
	fputs(sim_cli_help_rest, out);
	for (const struct sim_exit_status_row *row = sim_exit_status_rows(); row->meaning != NULL; row++) {
		fprintf(out, "    %-4d %s\n", (int)row->status, row->meaning);
	}
}
