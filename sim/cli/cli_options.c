/* sim/cli/cli_options.c: options and names on the command line. */
#include "cli_options.h"

#include "branch.h"
#include "cli_bugs.h"
#include "contract.h"
#include "fit.h"
#include "hunt.h"
#include "number.h"
#include "suggest.h"
#include "sweep.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIM_CLI_SEEDS_DEFAULT 100u
#define SIM_CLI_RUNS_DEFAULT 2000u
#define SIM_CLI_ROWS_DEFAULT 20u
#define SIM_CLI_DEPTH_DEFAULT 1u
#define SIM_CLI_SUBSETS_DEFAULT 4u

static bool sim_cli_complain(const char *what, const char *word) {
	fprintf(stderr, "aftershock: %s: %s\n", word, what);
	return false;
}

static bool sim_cli_refuse(const char *option, const char *value, const char *expected) {
	fprintf(stderr, "aftershock: %s %s: expected %s\n", option, value, expected);
	return false;
}

/* "N" or "A..B", decimal or 0x. */
static bool sim_cli_parse_seeds(const char *text, uint64_t *first, uint64_t *count) {
	char low[32];
	uint64_t last = 0;
	const char *dots = strstr(text, "..");
	if (dots == NULL) {
		*first = 1;
		return sim_number_parse(text, UINT32_MAX, count) && *count > 0;
	}
	if (dots - text >= (ptrdiff_t)sizeof low) {
		return false;
	}
	snprintf(low, sizeof low, "%.*s", (int)(dots - text), text);
	if (!sim_number_parse(low, UINT64_MAX, first) || !sim_number_parse(dots + 2, UINT64_MAX, &last)) {
		return false;
	}
	*count = last - *first + 1;
	return last >= *first && *count - 1 < UINT32_MAX;
}

static bool sim_cli_parse_time(const char *text, double *seconds) {
	char *end = NULL;
	if (text[0] < '0' || text[0] > '9') {
		return false;
	}
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	double unit = strcmp(end, "h") == 0 ? 3600 : strcmp(end, "m") == 0 ? 60 : strcmp(end, "s") == 0 ? 1 : 0;
	*seconds = (double)number * unit;
	return errno == 0 && *seconds > 0 && *seconds <= 3600000;
}

static bool sim_cli_parse_partition(const char *text, struct sim_sweep_options *sweep) {
	char first[16];
	uint64_t index = 0;
	uint64_t count = 0;
	const char *slash = strchr(text, '/');
	if (slash == NULL || slash - text >= (ptrdiff_t)sizeof first) {
		return false;
	}
	snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
	if (!sim_number_parse(first, UINT32_MAX, &index) || !sim_number_parse(slash + 1, UINT32_MAX, &count)) {
		return false;
	}
	sweep->partition = (uint32_t)index;
	sweep->partitions = (uint32_t)count;
	return index >= 1 && index <= count;
}

struct sim_cli_option {
	const char *name;
	const char *verbs; /* that have it: r run, p replay, e explain, s shrink, l list, d
	                    * doctor, x explore, v verify-certificate, h hunt,
	                    * i init, c record, k check-vfs */
	bool takes_value;
};

static const struct sim_cli_option sim_cli_options[] = {
        {"--seeds", "r", true},
        {"--jobs", "rxh", true},
        {"--time", "r", true},
        {"--partition", "r", true},
        {"--results", "rp", true},
        {"--json", "rpesldxh", false},
        {"--subject", "rpesxvh", true},
        {"--vfs", "rpesxvh", true},
        {"--bug", "rpesxvh", true},
        {"--sanitize", "rpesxh", false},
        {"--library", "rpesldxvh", true},
        {"--hang-seconds", "rpesxvh", true},
        {"--trace", "px", false},
        {"--plan", "pesx", true},
        {"--print-plan", "p", false},
        {"--print-schedule", "p", false},
        {"--until", "p", true},
        {"--dump", "p", true},
        {"--expect-hash", "p", true},
        {"--expect-verdict", "p", true},
        {"--output", "sc", true},
        {"-o", "sc", true},
        {"--force", "c", false},
        {"--ack", "c", true},
        {"--database", "c", true},
        {"--check", "x", true},
        {"--after-kill", "x", true},
        {"--after-power-loss", "x", true},
        {"--runs", "sh", true},
        {"--junit", "r", true},
        {"--phases", "r", false},
        {"--losses", "r", false},
        {"--doors", "r", false},
        {"--species", "r", false},
        {"--by-seed", "r", false},
        {"--processor-time", "r", true},
        {"--stop-at", "rh", true},
        {"--depth", "x", true},
        {"--subsets", "x", true},
        {"--drawn", "x", true},
        {"--states-max", "x", true},
        {"--first", "x", false},
        {"--go-on", "x", false},
        {"--all-small", "x", false},
        {"--at", "x", true},
        {"--branches", "rpes", true},
        {"--certificate", "x", true},
        {"--second-sqlite", "xpv", true},
        {"--seed", "h", true},
        {"--corpus", "h", true},
        {"--merge", "h", true},
        {"--minimise", "h", false},
        {"--fresh-percent", "h", true},
        {"--rows", "i", true},
        {NULL, NULL, false},
};

/* A whole number: where it goes, and its bounds. */
struct sim_cli_number {
	const char *name;
	uint64_t min;
	uint64_t max;
	size_t offset; /* in struct sim_cli, of a uint32_t */
};

static const struct sim_cli_number sim_cli_numbers[] = {
        {"--jobs", 1, SIM_SWEEP_JOBS_MAX, offsetof(struct sim_cli, sweep.jobs)},
        {"--runs", 1, UINT32_MAX, offsetof(struct sim_cli, runs_max)},
        {"--rows", 0, 100000, offsetof(struct sim_cli, rows_max)},
        {"--depth", 1, SIM_BRANCH_DEPTH_MAX, offsetof(struct sim_cli, depth)},
        {"--subsets", 0, SIM_CLI_SUBSETS_MAX, offsetof(struct sim_cli, subsets)},
        {"--drawn", 0, 1000000, offsetof(struct sim_cli, drawn)},
        {"--branches", 0, SIM_SETTING_BRANCHES_MAX, offsetof(struct sim_cli, sweep.branches)},
        {"--states-max", 1, UINT32_MAX, offsetof(struct sim_cli, states_max)},
        {"--hang-seconds", 1, 86400, offsetof(struct sim_cli, sweep.hang_seconds)},
        {"--fresh-percent", 0, 100, offsetof(struct sim_cli, fresh_percent)},
};

static bool sim_cli_set_seed(struct sim_cli *cli, const char *value) {
	return sim_number_parse(value, UINT64_MAX, &cli->seed) ||
	       sim_cli_refuse("--seed", value, "a whole number, decimal or 0x");
}

static bool sim_cli_set_until(struct sim_cli *cli, const char *value) {
	return (sim_number_parse(value, UINT64_MAX, &cli->until_event) && cli->until_event > 0) ||
	       sim_cli_refuse("--until", value, "a whole number from 1 to 18446744073709551615");
}

static bool sim_cli_set_number(struct sim_cli *cli, const char *name, const char *value) {
	const struct sim_cli_number *row = sim_cli_numbers;
	uint64_t number = 0;
	if (strcmp(name, "--until") == 0) {
		return sim_cli_set_until(cli, value);
	}
	if (strcmp(name, "--seed") == 0) {
		return sim_cli_set_seed(cli, value);
	}
	while (strcmp(row->name, name) != 0) {
		row++;
	}
	if (!sim_number_parse(value, row->max, &number) || number < row->min) {
		fprintf(stderr, "aftershock: %s %s: expected a whole number from %llu to %llu\n", name, value,
		        (unsigned long long)row->min, (unsigned long long)row->max);
		return false;
	}
	*(uint32_t *)(void *)((char *)cli + row->offset) = (uint32_t)number;
	return true;
}

static bool sim_cli_set_span(struct sim_cli *cli, const char *name, const char *value) {
	if (strcmp(name, "--seeds") == 0) {
		return sim_cli_parse_seeds(value, &cli->sweep.first_seed, &cli->sweep.seed_count) ||
		       sim_cli_refuse(name, value, "a number of seeds (--seeds 100) or a range (--seeds 1..100)");
	}
	if (strcmp(name, "--time") == 0) {
		return sim_cli_parse_time(value, &cli->sweep.time_limit_s) ||
		       sim_cli_refuse(name, value, "a whole number and a unit, such as 90s, 10m or 1h, at most 1000h");
	}
	if (strcmp(name, "--processor-time") == 0) {
		return sim_cli_parse_time(value, &cli->sweep.processor_limit_s) ||
		       sim_cli_refuse(name, value, "a whole number and a unit, such as 90s, 10m or 1h, at most 1000h");
	}
	return sim_cli_parse_partition(value, &cli->sweep) ||
	       sim_cli_refuse(name, value, "a partition I/N with I from 1 to N, such as 1/4");
}

static bool sim_cli_set_verdict(struct sim_cli *cli, const char *value) {
	const char *names[40] = {"held", NULL};
	size_t count = 1;
	cli->expect_verdict = value;
	for (const struct sim_invariant *invariant = sim_verdict_invariants(); invariant->name != NULL; invariant++) {
		assert(count + 1 < sizeof names / sizeof names[0]);
		names[count++] = invariant->name;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], value) == 0) {
			return true;
		}
	}
	fprintf(stderr, "aftershock: --expect-verdict %s: %s\n", value, sim_suggest(value, names));
	return false;
}

static bool sim_cli_set_hash(struct sim_cli *cli, const char *value) {
	cli->expect_hash = value;
	return (strlen(value) == 32 && strspn(value, "0123456789abcdef") == 32) ||
	       sim_cli_refuse("--expect-hash", value, "a trace hash, 32 of the digits 0 to 9 and a to f");
}

static bool sim_cli_set_contract(enum sim_contract *contract, const char *name, const char *value) {
	*contract = sim_contract_named(value);
	bool is_one = *contract != SIM_CONTRACT_NONE && *contract != SIM_CONTRACT_DETECT;
	return is_one || sim_cli_refuse(name, value, "durable, last_may_roll_back, prefix or may_corrupt");
}

static bool sim_cli_add_database(struct sim_cli *cli, const char *value) {
	if (cli->database_count == SIM_CLI_DATABASES_MAX) {
		return sim_cli_refuse("--database", value, "16 of them at most");
	}
	cli->databases[cli->database_count++] = value;
	return true;
}

/* A path that means the same from any directory. */
static bool sim_cli_set_vfs(struct sim_cli *cli, const char *value) {
	char path[PATH_MAX];
	cli->sweep.vfs_path = cli->vfs_path;
	if (realpath(value, path) == NULL) {
		fprintf(stderr, "aftershock: --vfs %s: %s, expected a shared object\n", value, strerror(errno));
		return false;
	}
	return (size_t)snprintf(cli->vfs_path, sizeof cli->vfs_path, "%s", path) < sizeof cli->vfs_path ||
	       sim_cli_refuse("--vfs", value, "a shorter path");
}

/* Options that say nothing but that they are there, and texts: where they go in struct sim_cli. */
struct sim_cli_place {
	const char *name;
	size_t offset;
};

static const struct sim_cli_place sim_cli_flags[] = {
        {"--json", offsetof(struct sim_cli, json)},
        {"--phases", offsetof(struct sim_cli, phases)},
        {"--losses", offsetof(struct sim_cli, losses)},
        {"--doors", offsetof(struct sim_cli, doors)},
        {"--species", offsetof(struct sim_cli, species)},
        {"--by-seed", offsetof(struct sim_cli, sweep.by_seed)},
        {"--sanitize", offsetof(struct sim_cli, sweep.sanitizes)},
        {"--force", offsetof(struct sim_cli, force)},
        {"--first", offsetof(struct sim_cli, first)},
        {"--minimise", offsetof(struct sim_cli, minimise)},
        {"--go-on", offsetof(struct sim_cli, writes_more)},
        {"--all-small", offsetof(struct sim_cli, all_small)},
        {"--trace", offsetof(struct sim_cli, trace)},
        {"--print-plan", offsetof(struct sim_cli, print_plan)},
        {"--print-schedule", offsetof(struct sim_cli, print_schedule)},
        {NULL, 0},
};

static const struct sim_cli_place sim_cli_texts[] = {
        {"--plan", offsetof(struct sim_cli, sweep.plan_path)},
        {"--corpus", offsetof(struct sim_cli, corpus_path)},
        {"--merge", offsetof(struct sim_cli, merge_path)},
        {"--at", offsetof(struct sim_cli, at)},
        {"--second-sqlite", offsetof(struct sim_cli, sweep.second_path)},
        {"--certificate", offsetof(struct sim_cli, certificate_path)},
        {"--results", offsetof(struct sim_cli, results_path)},
        {"--junit", offsetof(struct sim_cli, junit_path)},
        {"--library", offsetof(struct sim_cli, library)},
        {"--output", offsetof(struct sim_cli, output_path)},
        {"-o", offsetof(struct sim_cli, output_path)},
        {"--ack", offsetof(struct sim_cli, acknowledge)},
        {"--dump", offsetof(struct sim_cli, dump_path)},
        {"--stop-at", offsetof(struct sim_cli, sweep.stop_at)},
        {"--subject", offsetof(struct sim_cli, sweep.subject_path)},
        {NULL, 0},
};

/* A command that is told no database checks none. */
static bool sim_cli_set_check(struct sim_cli *cli, const char *value) {
	cli->check = value;
	return strstr(value, "{}") != NULL ||
	       sim_cli_refuse("--check", value, "a command with {} where the path of the database goes");
}

/* NULL when it is none of them. */
static void *sim_cli_place(struct sim_cli *cli, const struct sim_cli_place *places, const char *name) {
	while (places->name != NULL && strcmp(places->name, name) != 0) {
		places++;
	}
	return places->name != NULL ? (char *)cli + places->offset : NULL;
}

/* False after one line on stderr. */
static bool sim_cli_set_other(struct sim_cli *cli, const char *name, const char *value) {
	if (strcmp(name, "--expect-verdict") == 0) {
		return sim_cli_set_verdict(cli, value);
	}
	if (strcmp(name, "--expect-hash") == 0) {
		return sim_cli_set_hash(cli, value);
	}
	if (strcmp(name, "--bug") == 0) {
		return sim_cli_set_bug(cli, value);
	}
	if (strcmp(name, "--check") == 0) {
		return sim_cli_set_check(cli, value);
	}
	if (strcmp(name, "--after-kill") == 0) {
		return sim_cli_set_contract(&cli->after_kill, name, value);
	}
	if (strcmp(name, "--after-power-loss") == 0) {
		return sim_cli_set_contract(&cli->after_power_loss, name, value);
	}
	if (strcmp(name, "--database") == 0) {
		return sim_cli_add_database(cli, value);
	}
	if (strcmp(name, "--vfs") == 0) {
		return sim_cli_set_vfs(cli, value);
	}
	bool is_span = strcmp(name, "--seeds") == 0 || strcmp(name, "--time") == 0 ||
	               strcmp(name, "--processor-time") == 0 || strcmp(name, "--partition") == 0;
	return is_span ? sim_cli_set_span(cli, name, value) : sim_cli_set_number(cli, name, value);
}

static bool sim_cli_set(struct sim_cli *cli, const char *name, const char *value) {
	bool *flag = sim_cli_place(cli, sim_cli_flags, name);
	const char **text = sim_cli_place(cli, sim_cli_texts, name);
	cli->sweep.branches_given |= strcmp(name, "--branches") == 0;
	cli->sweep.library_given |= strcmp(name, "--library") == 0;
	if (flag != NULL) {
		*flag = true;
	} else if (text != NULL) {
		*text = value;
	}
	return flag != NULL || text != NULL || sim_cli_set_other(cli, name, value);
}

static const struct sim_cli_option *sim_cli_find_option(const char *word, char verb) {
	const char *names[sizeof sim_cli_options / sizeof sim_cli_options[0]] = {NULL};
	size_t count = 0;
	for (const struct sim_cli_option *option = sim_cli_options; option->name != NULL; option++) {
		if (strchr(option->verbs, verb) == NULL) {
			continue;
		}
		if (strcmp(option->name, word) == 0) {
			return option;
		}
		names[count++] = option->name;
	}
	fprintf(stderr, "aftershock: %s: no such option; %s\n", word, sim_suggest(word, names));
	return NULL;
}

static char sim_cli_letter(const char *verb) {
	static const struct {
		const char *verb;
		char letter;
	} letters[] = {{"replay", 'p'}, {"explore", 'x'}, {"record", 'c'}, {"check-vfs", 'k'}};
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (strcmp(letters[i].verb, verb) == 0) {
			return letters[i].letter;
		}
	}
	return verb[0];
}

/* `--name value` or `--name=value`; `i` goes to the last word of it. */
static bool sim_cli_parse_option(struct sim_cli *cli, const char *verb, int count, char **arguments, int *i) {
	char *equals = strchr(arguments[*i], '=');
	if (equals != NULL) {
		*equals = '\0';
	}
	const struct sim_cli_option *option = sim_cli_find_option(arguments[*i], sim_cli_letter(verb));
	if (option == NULL) {
		return false;
	}
	if (!option->takes_value && equals != NULL) {
		return sim_cli_complain("no value is expected behind this option", option->name);
	}
	if (option->takes_value && equals == NULL && *i + 1 == count) {
		return sim_cli_complain("a value is missing behind this option", option->name);
	}
	const char *value = equals != NULL ? equals + 1 : option->takes_value ? arguments[++*i] : "";
	return sim_cli_set(cli, option->name, value);
}

/* What every verb may rely on. */
static void sim_cli_assert(const struct sim_cli *cli) {
	assert(cli->sweep.seed_count > 0);
	assert(cli->sweep.first_seed + (cli->sweep.seed_count - 1) >= cli->sweep.first_seed);
	assert(cli->sweep.partition >= 1 && cli->sweep.partition <= cli->sweep.partitions);
	assert(cli->sweep.jobs >= 1 && cli->sweep.jobs <= SIM_SWEEP_JOBS_MAX);
	assert(cli->sweep.hang_seconds >= 1 && cli->runs_max >= 1);
	assert(cli->sweep.time_limit_s >= 0);
	assert(cli->name_count >= 0);
}

bool sim_cli_parse(struct sim_cli *cli, const char *verb, int count, char **arguments) {
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	memset(cli, 0, sizeof *cli);
	cli->sweep.first_seed = 1;
	cli->sweep.bug = sim_cli_own_bug();
	cli->sweep.takes = SIM_FIT_EVERYTHING;
	cli->sweep.seed_count = SIM_CLI_SEEDS_DEFAULT;
	cli->sweep.partition = cli->sweep.partitions = 1;
	cli->sweep.hang_seconds = 20;
	cli->runs_max = SIM_CLI_RUNS_DEFAULT;
	cli->rows_max = SIM_CLI_ROWS_DEFAULT;
	cli->seed = 1;
	cli->fresh_percent = SIM_HUNT_BY_YIELD;
	cli->depth = SIM_CLI_DEPTH_DEFAULT;
	cli->subsets = SIM_CLI_SUBSETS_DEFAULT;
	cli->sweep.jobs = cores > 0 && cores <= (long)SIM_SWEEP_JOBS_MAX ? (uint32_t)cores : 1;
	cli->names = arguments; /* compacted in place */
	bool runs_another = strcmp(verb, "record") == 0;
	for (int i = 0; i < count; i++) {
		if (runs_another && (strcmp(arguments[i], "--") == 0 || arguments[i][0] != '-')) {
			i += arguments[i][0] == '-' ? 1 : 0;
			cli->names = arguments + i;
			cli->name_count = count - i;
			break;
		}
		if (arguments[i][0] != '-') {
			cli->names[cli->name_count++] = arguments[i];
		} else if (!sim_cli_parse_option(cli, verb, count, arguments, &i)) {
			return false;
		}
	}
	sim_cli_assert(cli);
	return true;
}
