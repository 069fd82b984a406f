/* sim/cli/cli_recording.c: see cli_recording.h. */
#include "cli_recording.h"

#include "build.h"
#include "certificate.h"
#include "exploration.h"
#include "processor_time.h"
#include "run.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* More states are not tried, unless --states-max says so. */
#define SIM_CLI_RECORDING_STATES 20000000u

/* Of a certificate, one point of so many is explored again. */
#define SIM_CLI_RECORDING_PARTS 100u

/* One recording, explored. */
struct sim_cli_recording {
	const char *path;
	struct sim_recording recording;
	struct sim_commits commits;
	struct sim_content_reader *reader;
	struct sim_exploration_options options;
	struct sim_exploration *exploration;
	uint32_t jobs; /* processes that share the work */
	double processor_s;
};

bool sim_cli_names_recording(const struct sim_cli *cli) {
	char words[sizeof RECORD_FIRST_WORDS] = "";
	FILE *file = cli->name_count == 1 && !cli->all_small ? fopen(cli->names[0], "rb") : NULL;
	if (file == NULL) {
		return false;
	}
	size_t got = fread(words, 1, sizeof words - 1, file);
	fclose(file);
	return got > 0 && strncmp(words, RECORD_FIRST_WORDS, got) == 0;
}

/* The line of a certificate that says what was demanded on the command line. */
static const char *sim_cli_recording_demand(int crash) {
	return crash == SIM_CRASH_KILL ? "demanded_after_kill" : "demanded_after_power_loss";
}

/* ---- the certificate ------------------------------------------------------------------------- */

/* The words of the bits of a set: "delete, wal". */
static const char *sim_cli_recording_words(uint32_t bits, bool are_modes, char text[80]) {
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 1; i < 32; i++) {
		if ((bits >> i & 1) != 0) {
			const char *word = are_modes ? sim_settings_journal_mode_name((enum sim_journal_mode)i)
			                             : sim_settings_synchronous_name((enum sim_synchronous)i);
			used += (size_t)snprintf(text + used, 80 - used, "%s%s", used > 0 ? "+" : "", word);
		}
	}
	return used > 0 ? text : "not seen";
}

static void sim_cli_recording_add_databases(const struct sim_cli_recording *one, struct sim_certificate *certificate) {
	static const enum sim_crash crashes[] = {SIM_CRASH_KILL, SIM_CRASH_POWER_LOSS};
	for (uint32_t i = 0; i < one->commits.count; i++) {
		char modes[80];
		char syncs[80];
		const struct sim_commits_database *database = &one->commits.databases[i];
		const bool is_off = (database->journal_modes >> SIM_JOURNAL_OFF & 1) != 0;
		sim_certificate_add(certificate, "database",
		                    "%s: %" PRIu32 " commits, journal mode %s%s, synchronous %s", database->path,
		                    database->count - 1, sim_cli_recording_words(database->journal_modes, true, modes),
		                    is_off ? " or memory" : "",
		                    sim_cli_recording_words(database->synchronous, false, syncs));
		for (size_t j = 0; j < 2; j++) {
			enum sim_contract demanded = sim_exploration_demanded(&one->options, database, crashes[j]);
			sim_certificate_add(certificate, "owed", "after %s: %s is promised, %s is demanded",
			                    crashes[j] == SIM_CRASH_KILL ? "kill" : "power loss",
			                    sim_contract_name(database->contract[crashes[j]]),
			                    sim_contract_name(demanded));
		}
	}
}

static void sim_cli_recording_add_unseen(const struct sim_cli_recording *one, struct sim_certificate *certificate) {
	const struct sim_commits *commits = &one->commits;
	for (uint32_t i = 0; i < commits->unseen_count && i < SIM_COMMITS_UNSEEN_MAX; i++) {
		sim_certificate_add(certificate, "not_seen", "%s", commits->unseen[i]);
	}
	if (commits->unseen_count > SIM_COMMITS_UNSEEN_MAX) {
		sim_certificate_add(certificate, "not_seen", "%" PRIu32 " more",
		                    commits->unseen_count - SIM_COMMITS_UNSEEN_MAX);
	}
	if (commits->used_stand_in) {
		sim_certificate_add(certificate, "not_seen",
		                    "the integrity check, where a collation of the program is not known here");
	}
	if (one->recording.is_cut) {
		sim_certificate_add(certificate, "not_seen", "what came behind the cut");
	}
}

static void sim_cli_recording_add_totals(const struct sim_cli_recording *one, struct sim_certificate *certificate) {
	const struct sim_exploration_totals *totals = sim_exploration_totals(one->exploration);
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"points", totals->points},
	               {"states", totals->states},
	               {"states_duplicate", totals->duplicates},
	               {"states_judged", totals->judged},
	               {"states_after_kill", totals->kills},
	               {"states_after_power_loss", totals->judged - totals->kills},
	               {"images", totals->images},
	               {"contents", totals->contents},
	               {"checks", totals->checks},
	               {"violations", totals->violations}};
	sim_certificate_add(certificate, "subsets", "%" PRIu32, one->options.bounds.subsets_of);
	sim_certificate_add(certificate, "drawn", "%" PRIu32, one->options.bounds.drawn);
	sim_certificate_add(certificate, "complete", "%s",
	                    totals->is_partial || one->recording.is_cut ? "no" : "within these bounds");
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sim_certificate_add(certificate, numbers[i].name, "%" PRIu64, numbers[i].number);
	}
	for (uint32_t i = 0; i < totals->found_count; i++) {
		const struct sim_exploration_found *found = &totals->found[i];
		sim_certificate_add(certificate, "violation", "%s: %s: %s (%s; %" PRIu64 " states)", found->path,
		                    found->invariant, found->detail, found->where, found->count);
	}
}

/* What was said on the command line, so that it can be said again. */
static void sim_cli_recording_add_demands(const struct sim_exploration_options *options,
                                          struct sim_certificate *certificate) {
	for (int crash = 0; crash < SIM_CRASH_COUNT; crash++) {
		if (options->demanded[crash] != SIM_CONTRACT_NONE) {
			sim_certificate_add(certificate, sim_cli_recording_demand(crash), "%s",
			                    sim_contract_name(options->demanded[crash]));
		}
	}
}

static void sim_cli_recording_certify(const struct sim_cli_recording *one, const uint64_t *images,
                                      struct sim_certificate *certificate) {
	const struct sim_commits *commits = &one->commits;
	sim_certificate_begin(certificate);
	sim_certificate_add(certificate, "recording", "%s", one->path);
	sim_certificate_add(certificate, "program", "%s", commits->program[0] != '\0' ? commits->program : "?");
	sim_certificate_add(certificate, "aftershock", "%s", AFTERSHOCK_VERSION);
	sim_certificate_add(certificate, "sqlite", "%s, %s%s", sqlite3_libversion(), sqlite3_sourceid(),
	                    sim_build_kind());
	sim_certificate_add(certificate, "records", "%" PRIu64 "%s", one->recording.records,
	                    one->recording.is_cut ? ", cut short behind them" : "");
	sim_certificate_add(certificate, "processes", "%" PRIu32, commits->processes);
	sim_certificate_add(certificate, "threads_that_write", "%" PRIu32, commits->writers);
	sim_certificate_add(certificate, "calls_in_doubt", "%" PRIu32, commits->in_doubt);
	sim_certificate_add(certificate, "syncs_failed", "%" PRIu32, commits->failed_syncs);
	sim_cli_recording_add_databases(one, certificate);
	sim_certificate_add(certificate, "acknowledged", "%s",
	                    commits->has_lines ? "by lines of the program" : "commits that returned");
	sim_certificate_add(certificate, "lines", "%" PRIu64, commits->lines);
	sim_certificate_add(certificate, "check_command", "%s",
	                    one->options.check != NULL ? one->options.check : "none");
	sim_cli_recording_add_demands(&one->options, certificate);
	sim_cli_recording_add_unseen(one, certificate);
	sim_cli_recording_add_totals(one, certificate);
	sim_certificate_add(certificate, "images_hash", "%016" PRIx64,
	                    sim_certificate_hash(images, sim_exploration_totals(one->exploration)->images));
	sim_certificate_add(certificate, "processor_seconds", "%.2f", one->processor_s);
	sim_certificate_end(certificate);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void sim_cli_recording_tell_found(const struct sim_cli_recording *one) {
	const struct sim_exploration_totals *totals = sim_exploration_totals(one->exploration);
	for (uint32_t i = 0; i < totals->found_count; i++) {
		const struct sim_exploration_found *found = &totals->found[i];
		printf("VIOLATED of %" PRIu64 " states: %s: %s\n", found->count, found->invariant, found->detail);
		printf("  first behind call %s: %s\n", found->path, found->where);
		printf("  aftershock explore %s --at %s\n", one->path, found->path);
	}
}

static int sim_cli_recording_tell(const struct sim_cli *cli, const struct sim_cli_recording *one) {
	static struct sim_certificate certificate;
	const struct sim_exploration_totals *totals = sim_exploration_totals(one->exploration);
	uint64_t *images = sim_exploration_images(one->exploration);
	if (images == NULL) {
		fprintf(stderr, "aftershock: out of memory\n");
		return SIM_CLI_HARNESS;
	}
	sim_cli_recording_certify(one, images, &certificate);
	if (cli->json) {
		sim_certificate_print_json(&certificate, stdout);
	} else {
		sim_certificate_print(&certificate, NULL, stdout);
		printf("\n");
		sim_cli_recording_tell_found(one);
		printf("%s: %s\n", one->path,
		       totals->violations > 0  ? "violated"
		       : totals->is_partial    ? "held, and was ended before all was judged"
		       : one->recording.is_cut ? "held up to the cut"
		                               : "held in every crash state within these bounds");
	}
	bool written = cli->certificate_path == NULL ||
	               sim_certificate_write(&certificate, cli->certificate_path, images, totals->images);
	free(images);
	return !written ? SIM_CLI_HARNESS : totals->violations > 0 ? SIM_CLI_VIOLATED : SIM_CLI_OK;
}

static void sim_cli_recording_say(void *context, const char *text) {
	(void)context;
	printf("  %s\n", text);
}

/* One state alone. */
static int sim_cli_recording_tell_one(const struct sim_cli_recording *one) {
	const struct sim_exploration_totals *totals = sim_exploration_totals(one->exploration);
	if (totals->judged == 0) {
		fprintf(stderr, "aftershock: %s: --at %s: no such state, expected one that explore names, as 12/kill\n",
		        one->path, one->options.only);
		return SIM_CLI_USAGE;
	}
	for (uint32_t i = 0; i < totals->found_count; i++) {
		printf("behind: %s\n%s: %s\n", totals->found[i].where, totals->found[i].invariant,
		       totals->found[i].detail);
	}
	printf("%s --at %s: %s\n", one->path, one->options.only, totals->violations > 0 ? "violated" : "held");
	return totals->violations > 0 ? SIM_CLI_VIOLATED : SIM_CLI_OK;
}

/* ---- the verb -------------------------------------------------------------------------------- */

/* False after one line on stderr. */
static bool sim_cli_recording_fail(const char *why) {
	fprintf(stderr, "aftershock: %s\n", why);
	return false;
}

static bool sim_cli_recording_read(struct sim_cli_recording *one) {
	char why[SIM_RECORDING_WHY_SIZE];
	if (!sim_recording_open(&one->recording, one->path, why)) {
		return sim_cli_recording_fail(why);
	}
	if (one->recording.is_cut) {
		fprintf(stderr, "aftershock: %s: cut short after %" PRIu64 " records; these are explored\n", one->path,
		        one->recording.records);
	}
	if (!sim_commits_read(&one->commits, &one->recording, one->reader, why)) {
		return sim_cli_recording_fail(why);
	}
	if (one->commits.count == 0) {
		snprintf(why, sizeof why, "%.400s: no database in it, expected one at least", one->path);
		return sim_cli_recording_fail(why);
	}
	return true;
}

/* An exit status; 0: it was explored. */
static int sim_cli_recording_explore(struct sim_cli_recording *one) {
	char why[SIM_COMMITS_WHY_SIZE];
	double begin_s = sim_processor_time_of_all_s();
	one->reader = sim_content_create();
	if (!sim_run_init() || one->reader == NULL) {
		(void)sim_cli_recording_fail("SQLite cannot be set up");
		return SIM_CLI_HARNESS;
	}
	if (!sim_cli_recording_read(one)) {
		return SIM_CLI_USAGE;
	}
	one->exploration = sim_exploration_create(&one->recording, &one->commits, one->reader, &one->options);
	if (one->exploration == NULL) {
		(void)sim_cli_recording_fail("there is no memory, or no directory for temporary files");
		return SIM_CLI_HARNESS;
	}
	if (one->options.check != NULL && !sim_exploration_check_sound(one->exploration, why)) {
		(void)sim_cli_recording_fail(why);
		return SIM_CLI_USAGE;
	}
	bool is_shared = one->jobs > 1 && !one->options.stops && one->options.only == NULL && one->options.parts == 0 &&
	                 one->options.states_max == SIM_CLI_RECORDING_STATES;
	bool explored = is_shared ? sim_exploration_run_shared(one->exploration, one->jobs)
	                          : sim_exploration_run(one->exploration);
	if (!explored) {
		(void)sim_cli_recording_fail("out of memory, or the check could not be run");
		return SIM_CLI_HARNESS;
	}
	one->processor_s = sim_processor_time_of_all_s() - begin_s;
	return SIM_CLI_OK;
}

static void sim_cli_recording_close(struct sim_cli_recording *one) {
	sim_exploration_destroy(one->exploration);
	sim_commits_free(&one->commits);
	sim_content_destroy(one->reader);
	sim_recording_close(&one->recording);
}

/* Options of `explore` that mean nothing here: NULL when none was given. */
static const char *sim_cli_recording_odd_option(const struct sim_cli *cli) {
	return cli->depth > 1                    ? "--depth"
	       : cli->writes_more                ? "--go-on"
	       : cli->trace                      ? "--trace"
	       : cli->sweep.second_path != NULL  ? "--second-sqlite"
	       : cli->sweep.plan_path != NULL    ? "--plan"
	       : cli->sweep.subject_path != NULL ? "--subject"
	       : cli->sweep.vfs_path != NULL     ? "--vfs"
	                                         : NULL;
}

bool sim_cli_has_recording_options(const struct sim_cli *cli) {
	bool has = cli->check != NULL || cli->after_kill != SIM_CONTRACT_NONE ||
	           cli->after_power_loss != SIM_CONTRACT_NONE;
	if (has) {
		fprintf(stderr, "aftershock: --check, --after-kill, --after-power-loss: expected a recording, which "
		                "`aftershock record` writes\n");
	}
	return has;
}

int sim_cli_explore_recording(struct sim_cli *cli) {
	static struct sim_cli_recording one;
	const char *odd = sim_cli_recording_odd_option(cli);
	if (odd != NULL) {
		fprintf(stderr, "aftershock: %s: %s is for scenarios, and not for a recording\n", cli->names[0], odd);
		return SIM_CLI_USAGE;
	}
	one = (struct sim_cli_recording){
	        .path = cli->names[0],
	        .jobs = cli->sweep.jobs < SIM_EXPLORATION_PROCESSES_MAX ? cli->sweep.jobs
	                                                                : SIM_EXPLORATION_PROCESSES_MAX,
	        .options = {
	                .bounds = {.subsets_of = cli->subsets, .drawn = cli->drawn},
	                .states_max = cli->states_max > 0 ? cli->states_max : SIM_CLI_RECORDING_STATES,
	                .stops = cli->first,
	                .demanded =
	                        {[SIM_CRASH_KILL] = cli->after_kill, [SIM_CRASH_POWER_LOSS] = cli->after_power_loss},
	                .check = cli->check,
	                .only = cli->at,
	                .teller = cli->at != NULL ? sim_cli_recording_say : NULL}};
	int status = sim_cli_recording_explore(&one);
	if (status == SIM_CLI_OK) {
		status = cli->at != NULL ? sim_cli_recording_tell_one(&one) : sim_cli_recording_tell(cli, &one);
	}
	sim_cli_recording_close(&one);
	return status;
}

/* ---- once more ------------------------------------------------------------------------------- */

static uint64_t sim_cli_recording_said(const struct sim_certificate *certificate, const char *name) {
	const char *value = sim_certificate_value(certificate, name);
	return value != NULL ? strtoull(value, NULL, 0) : 0;
}

/* How it was explored. What runs commands is not run again: a file says them. */
static void sim_cli_recording_options_of(const struct sim_certificate *certificate, uint64_t chance,
                                         struct sim_exploration_options *options) {
	uint64_t points = sim_cli_recording_said(certificate, "points");
	uint32_t parts = points > 0 && points < SIM_CLI_RECORDING_PARTS ? (uint32_t)points : SIM_CLI_RECORDING_PARTS;
	*options = (struct sim_exploration_options){
	        .bounds = {.subsets_of = (uint32_t)sim_cli_recording_said(certificate, "subsets"),
	                   .drawn = (uint32_t)sim_cli_recording_said(certificate, "drawn")},
	        .states_max = UINT64_MAX,
	        .parts = parts,
	        .part = (uint32_t)(chance % parts)};
	for (int crash = 0; crash < SIM_CRASH_COUNT; crash++) {
		const char *said = sim_certificate_value(certificate, sim_cli_recording_demand(crash));
		options->demanded[crash] = said != NULL ? sim_contract_named(said) : SIM_CONTRACT_NONE;
	}
}

int sim_cli_recording_again(const struct sim_certificate *certificate, uint64_t chance,
                            struct sim_cli_recording_part *part) {
	static struct sim_cli_recording one;
	*part = (struct sim_cli_recording_part){0};
	one = (struct sim_cli_recording){.path = sim_certificate_value(certificate, "recording")};
	sim_cli_recording_options_of(certificate, chance, &one.options);
	int status =
	        one.options.bounds.subsets_of > SIM_CLI_SUBSETS_MAX ? SIM_CLI_USAGE : sim_cli_recording_explore(&one);
	if (status == SIM_CLI_OK) {
		const struct sim_exploration_totals *totals = sim_exploration_totals(one.exploration);
		part->records = one.recording.records;
		part->totals.judged = totals->judged;
		part->totals.violations = totals->violations;
		snprintf(part->totals.found[0].path, sizeof part->totals.found[0].path, "%s", totals->found[0].path);
		snprintf(part->totals.found[0].invariant, sizeof part->totals.found[0].invariant, "%s",
		         totals->found_count > 0 ? totals->found[0].invariant : "");
		part->images = sim_exploration_images(one.exploration);
		part->image_count = totals->images;
		status = part->images != NULL ? SIM_CLI_OK : SIM_CLI_HARNESS;
	}
	sim_cli_recording_close(&one);
	return status;
}
