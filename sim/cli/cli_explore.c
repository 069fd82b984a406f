/* sim/cli/cli_explore.c: see cli_explore.h. First how many states there are, which costs one run;
 * then all of them; then the certificate. */
#include "cli_explore.h"

#include "build.h"
#include "cell.h"
#include "certificate.h"
#include "cli_bound.h"
#include "cli_explored.h"
#include "cli_recording.h"
#include "cli_second.h"
#include "cli_small.h"
#include "sweep_json.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many states are judged unless --states-max is said. */
#define SIM_CLI_STATES_DEFAULT 20000000u

bool sim_cli_cut_state(struct sim_cli *cli) {
	char *at = cli->name_count == 1 ? strrchr(cli->names[0], '@') : NULL;
	char *slash = at != NULL ? strchr(at, '/') : NULL;
	if (slash == NULL) {
		return false;
	}
	*slash = '\0';
	cli->at = slash + 1;
	return true;
}

/* ---- the certificate ------------------------------------------------------------------------- */

static void sim_cli_certify(const struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                            const struct sim_cli_explored *explored, struct sim_certificate *certificate) {
	char name[SIM_SWEEP_NAME_SIZE];
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	const struct sim_run_result *run = &explored->outcome.run;
	sim_sweep_name(cli->sweep.scenarios[0], name);
	sim_sweep_subject_name(&cli->sweep, subject, sizeof subject);
	sim_certificate_begin(certificate);
	sim_certificate_add(certificate, "scenario", "%s", name);
	sim_certificate_add(certificate, "seed", "0x%" PRIx64, seed);
	sim_certificate_add(certificate, "subject", "%s", subject);
	sim_certificate_add_vfs(certificate, sim_cli_target_plan()->vfs_path);
	sim_certificate_add(certificate, "aftershock", "%s", AFTERSHOCK_VERSION);
	sim_certificate_add(certificate, "sqlite", "%s, %s%s", sqlite3_libversion(), sqlite3_sourceid(),
	                    sim_build_kind());
	sim_certificate_add(certificate, "contract", "%s", run->contract[0] != '\0' ? run->contract : "none");
	sim_certificate_add(certificate, "trace_hash", "%016" PRIx64 "%016" PRIx64, run->trace_hash[0],
	                    run->trace_hash[1]);
	sim_certificate_add_totals(certificate, options, &explored->totals, explored->images);
	sim_certificate_add(certificate, "processor_seconds", "%.2f", explored->processor_s);
	sim_certificate_end(certificate);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void sim_cli_print_state_line(const struct sim_cli *cli, uint64_t seed, const char *path) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	const struct sim_sweep_case about = {.seed = seed, .state = path};
	sim_sweep_replay_line(&cli->sweep, &about, line, sizeof line);
	printf("  %s\n", line);
}

static void sim_cli_tell_found(const struct sim_cli *cli, uint64_t seed, const struct sim_cli_explored *explored) {
	for (uint32_t i = 0; i < explored->totals.found_count; i++) {
		const struct sim_branch_found *found = &explored->totals.found[i];
		bool is_known = found->finding[0] != '\0';
		printf("%s of %" PRIu64 " states%s%s: %s: %s\n", is_known ? "known finding" : "VIOLATED", found->count,
		       is_known ? " " : "", found->finding, found->invariant, found->detail);
		printf("  first in %s\n", found->where);
		sim_cli_print_state_line(cli, seed, found->path);
	}
}

static const char *sim_cli_explore_word(const struct sim_cli_explored *explored, bool violated) {
	if (violated) {
		return "violated";
	}
	return explored->totals.is_partial ? "held, and was ended before all was judged"
	                                   : "held in every crash state within these bounds";
}

static int sim_cli_tell_explored(const struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                 const struct sim_cli_explored *explored) {
	static struct sim_certificate certificate;
	char name[SIM_SWEEP_NAME_SIZE];
	const struct sim_run_result *run = &explored->outcome.run;
	sim_sweep_name(cli->sweep.scenarios[0], name);
	sim_cli_certify(cli, seed, options, explored, &certificate);
	if (cli->json) {
		sim_certificate_print_json(&certificate, stdout);
	} else {
		sim_certificate_print(&certificate, NULL, stdout);
		printf("\n");
		sim_cli_tell_found(cli, seed, explored);
	}
	bool violated = explored->totals.violations > explored->totals.excused ||
	                (run->verdict == SIM_VIOLATED && sim_cell_excuse_name(&cli->sweep, 0, run)[0] == '\0');
	if (!cli->json && run->verdict == SIM_VIOLATED) {
		printf("the run itself: %s: %s%s%s\n", run->invariant, run->detail,
		       explored->at[0] != '\0' ? ", in " : "", explored->at);
	}
	if (!cli->json) {
		printf("%s@0x%" PRIx64 ": %s\n", name, seed, sim_cli_explore_word(explored, violated));
	}
	if (cli->certificate_path != NULL &&
	    !sim_certificate_write(&certificate, cli->certificate_path, explored->images, explored->totals.images)) {
		return SIM_CLI_HARNESS;
	}
	return explored->interrupted ? SIM_EXIT_INTERRUPTED : violated ? SIM_CLI_VIOLATED : SIM_CLI_OK;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static struct sim_branch_options sim_cli_branch_options(const struct sim_cli *cli) {
	return (struct sim_branch_options){.depth = cli->depth,
	                                   .bounds = {.subsets_of = cli->subsets, .drawn = cli->drawn},
	                                   .writes_more = cli->writes_more,
	                                   .parts = cli->sweep.jobs,
	                                   .stops = cli->first,
	                                   .second = cli->second};
}

static bool sim_cli_explore_fits(struct sim_cli *cli) {
	const struct sim_plan *plan = sim_cli_target_plan();
	bool several = plan->processes.count > 0;
	bool writes_more = cli->writes_more || (cli->at != NULL && strchr(cli->at, '+') != NULL);
	if (plan->sql_scenario != NULL && writes_more && !several) {
		fprintf(stderr, "aftershock: explore: nothing is written behind a load of SQL, expected %s\n",
		        cli->writes_more ? "no --go-on" : "a state without +1");
		return false;
	}
	if (several && cli->depth > 1) {
		fprintf(stderr,
		        "aftershock: explore: %s has several processes, and no crashes in starts behind a crash are "
		        "tried there, expected --depth 1\n",
		        cli->sweep.scenarios[0]->name);
		return false;
	}
	return true;
}

/* The run that is counted. */
struct sim_cli_counting {
	struct sim_cli *cli;
	uint64_t seed;
	struct sim_branch_options options;
	struct sim_cli_explored *counted;
};

static bool sim_cli_explore_count(void *context, uint32_t subsets, uint64_t *states) {
	struct sim_cli_counting *counting = context;
	counting->options.bounds.subsets_of = subsets;
	sim_cli_explored_free(counting->counted);
	bool good = sim_cli_explore_all(counting->cli, counting->seed, &counting->options, counting->counted);
	*states = counting->counted->totals.states;
	return good;
}

/* One run that judges nothing tells how many states it would take, and is the run to compare with.
 * The exit status of what is wrong. */
static int sim_cli_explore_counted(struct sim_cli *cli, uint64_t seed, const struct sim_branch_options *options,
                                   struct sim_cli_explored *counted) {
	struct sim_cli_counting counting = {.cli = cli, .seed = seed, .options = *options, .counted = counted};
	counting.options.counts = true;
	counting.options.parts = 1;
	return sim_cli_bound_check(cli, SIM_CLI_STATES_DEFAULT, sim_cli_explore_count, &counting);
}

static bool sim_cli_explore_same(const struct sim_cli_explored *counted, const struct sim_cli_explored *explored) {
	if (!explored->outcome.ended || sim_cli_same(&counted->outcome, &explored->outcome)) {
		return true;
	}
	fprintf(stderr, "aftershock: explore: the run beside its crash states is another one than by itself\n");
	return false;
}

/* A name without a seed was to be a recording. */
static bool sim_cli_names_neither(const struct sim_cli *cli) {
	bool is_neither = cli->name_count == 1 && !cli->all_small && strchr(cli->names[0], '@') == NULL;
	if (is_neither) {
		bool is_there = access(cli->names[0], R_OK) == 0;
		fprintf(stderr, "aftershock: %s: %s, expected a recording, or SCENARIO@SEED, e.g. kill-anywhere@0x2a\n",
		        cli->names[0], is_there ? "is no recording" : "no such recording");
	}
	return is_neither;
}

int sim_cli_explore(struct sim_cli *cli) {
	static struct sim_cli_explored counted;
	static struct sim_cli_explored explored;
	uint64_t seed = 0;
	if (sim_cli_names_recording(cli)) {
		return sim_cli_explore_recording(cli);
	}
	if (sim_cli_has_recording_options(cli) || sim_cli_names_neither(cli)) {
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_load_second(cli)) {
		return SIM_CLI_USAGE;
	}
	if (cli->all_small) {
		return sim_cli_small(cli);
	}
	if (sim_cli_cut_state(cli) || cli->at != NULL) {
		return sim_cli_explore_one(cli);
	}
	if (!sim_cli_check_target(cli, "explore") || !sim_cli_load_target(cli, &seed) || !sim_cli_explore_fits(cli)) {
		return SIM_CLI_USAGE;
	}
	const struct sim_branch_options options = sim_cli_branch_options(cli);
	int status = sim_cli_explore_counted(cli, seed, &options, &counted);
	if (status != SIM_CLI_OK) {
		sim_cli_explored_free(&counted);
		return status;
	}
	status = SIM_CLI_HARNESS;
	if (counted.outcome.why[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", counted.outcome.why);
		status = SIM_CLI_USAGE;
	} else if (sim_cli_explore_all(cli, seed, &options, &explored) && sim_cli_explore_same(&counted, &explored)) {
		status = sim_cli_tell_explored(cli, seed, &options, &explored);
	}
	sim_cli_explored_free(&counted);
	sim_cli_explored_free(&explored);
	return status;
}

/* ---- one state ------------------------------------------------------------------------------- */

static int sim_cli_tell_one(const struct sim_cli *cli, uint64_t seed, const struct sim_cli_explored *explored) {
	char name[SIM_SWEEP_NAME_SIZE];
	const struct sim_branch_totals *totals = &explored->totals;
	sim_sweep_name(cli->sweep.scenarios[0], name);
	if (explored->at[0] != '\0') {
		printf("%s@0x%" PRIx64 "/%s: %s: %s\n", name, seed, cli->at, explored->outcome.run.invariant,
		       explored->outcome.run.detail);
		return SIM_CLI_VIOLATED;
	}
	if (totals->judged == 0) {
		fprintf(stderr,
		        "aftershock: %s@0x%" PRIx64
		        "/%s: no such state; explore names those that it finds violated, and "
		        "docs/crash-states.md says how they are named\n",
		        name, seed, cli->at);
		return SIM_CLI_USAGE;
	}
	if (totals->found_count == 0) {
		printf("%s@0x%" PRIx64 "/%s: held, %s\n", name, seed, cli->at,
		       totals->loaded > 0 ? "it was loaded" : "its start was refused as damaged, as is owed");
		return SIM_CLI_OK;
	}
	const char *excuse = totals->found[0].finding;
	printf("%s@0x%" PRIx64 "/%s: violated\n%s: %s\n%s%s%s", name, seed, cli->at, totals->found[0].invariant,
	       totals->found[0].detail, excuse[0] != '\0' ? "finding " : "", excuse,
	       excuse[0] != '\0' ? ", known, and not ours\n" : "");
	return excuse[0] != '\0' ? SIM_CLI_OK : SIM_CLI_VIOLATED;
}

/* The states of a start inside a start lie as deep as the name. */
static uint32_t sim_cli_depth_of(const char *path) {
	uint32_t slashes = 0;
	for (const char *at = path; *at != '\0'; at++) {
		slashes += *at == '/' ? 1 : 0;
	}
	return (slashes + 1) / 2;
}

int sim_cli_explore_one(struct sim_cli *cli) {
	static struct sim_cli_explored explored;
	uint64_t seed = 0;
	uint32_t depth = sim_cli_depth_of(cli->at);
	if (depth == 0 || depth > SIM_BRANCH_DEPTH_MAX) {
		fprintf(stderr, "aftershock: %s: expected POINT/STATE, e.g. step3.wal_frame.1/kill\n", cli->at);
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_check_target(cli, "explore") || !sim_cli_load_second(cli) || !sim_cli_load_target(cli, &seed) ||
	    !sim_cli_explore_fits(cli)) {
		return SIM_CLI_USAGE;
	}
	struct sim_branch_options options = sim_cli_branch_options(cli);
	options.depth = depth;
	options.parts = 1;
	options.only = cli->at;
	int status = SIM_CLI_HARNESS;
	if (sim_cli_explore_all(cli, seed, &options, &explored)) {
		status = sim_cli_tell_one(cli, seed, &explored);
		if (cli->tells && status != SIM_CLI_USAGE) {
			printf("every call, with --trace behind it:\n");
			sim_cli_print_state_line(cli, seed, cli->at);
		}
	}
	sim_cli_explored_free(&explored);
	return status;
}
