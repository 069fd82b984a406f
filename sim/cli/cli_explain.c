/* sim/cli/cli_explain.c: one run as a story. The seed runs twice. The first run is silent and shows
 * how it ends, and whether it ends at all. In the second somebody listens (sim/run/story.h). */
#include "cli_explain.h"

#include "cell.h"
#include "cli_explore.h"
#include "cli_target.h"
#include "story.h"
#include "story_words.h"
#include "sweep_json.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

static const char *sim_cli_about_invariant(const char *name) {
	const struct sim_invariant *invariant = sim_verdict_invariants();
	while (invariant->name != NULL && strcmp(invariant->name, name) != 0) {
		invariant++;
	}
	return invariant->name != NULL ? invariant->about : "";
}

static void sim_cli_explain_head(const struct sim_cli *cli, uint64_t seed, const struct sim_run_result *run) {
	char name[SIM_SWEEP_NAME_SIZE];
	char settings[SIM_STORY_TEXT_SIZE];
	sim_sweep_name(cli->sweep.scenarios[0], name);
	sim_story_settings_text(sim_cli_target_plan(), settings, sizeof settings);
	printf("%s@0x%" PRIx64 ": %s\n", name, seed, sim_sweep_verdict_name(run->verdict));
	assert(run->verdict != SIM_VIOLATED || run->invariant[0] != '\0');
	if (run->verdict == SIM_VIOLATED) {
		printf("invariant  %s: %s\n", run->invariant, sim_cli_about_invariant(run->invariant));
		printf("found      %s\n", run->detail);
	}
	const char *excuse = sim_cell_excuse_name(&cli->sweep, 0, run);
	if (excuse[0] != '\0') {
		printf("finding    %s, known, and not ours\n", excuse);
	}
	printf("settings   %s\n", settings);
	if (run->contract[0] != '\0') {
		printf("promised   %s\n", run->contract);
	}
	printf("\n%7s %10s\n", "event", "ms");
}

static void sim_cli_explain_tail(const struct sim_cli *cli, uint64_t seed, const struct sim_cli_outcome *outcome) {
	char line[SIM_SWEEP_REPLAY_SIZE];
	const struct sim_run_result *run = &outcome->run;
	const struct sim_sweep_key key = {.seed = seed};
	struct sim_sweep_case about = sim_sweep_case_of(&key, run);
	sim_sweep_replay_line(&cli->sweep, &about, line, sizeof line);
	if (!outcome->ended) {
		printf("here the subject %s: %s\n", strcmp(run->invariant, "subject_hung") == 0 ? "hangs" : "crashes",
		       run->detail);
	}
	printf("\n%" PRIu64 " steps, %" PRIu64 " updates, %" PRIu64 " faults, %" PRIu64
	       " starts; every call: %s --trace\n",
	       run->steps, run->updates, run->faults, run->restarts, line);
	const struct sim_sweep_case alone = {.seed = seed, .state = run->state[0] != '\0' ? run->state : NULL};
	if (alone.state != NULL) {
		sim_sweep_replay_line(&cli->sweep, &alone, line, sizeof line);
		printf("that crash state, and no other: %s --trace\n", line);
	}
}

static void sim_cli_explain_json(const struct sim_cli *cli, uint64_t seed, const struct sim_run_result *run) {
	const struct sim_sweep_key key = {.seed = seed};
	struct sim_sweep_case about = sim_sweep_case_of(&key, run);
	sim_sweep_json_single(&cli->sweep, &about, run, sim_cli_status(run), stdout);
}

static void sim_cli_end_story(void *context) {
	sim_story_end(context);
}

static void sim_cli_redirect_story(void *context, FILE *out) {
	sim_story_redirect(context, out);
}

/* The run again, told. False when no process can be had for it, or no memory. */
static bool sim_cli_tell(struct sim_cli *cli, uint64_t seed, const struct sim_cli_job *silent,
                         const struct sim_cli_outcome *first, struct sim_cli_outcome *second) {
	struct sim_story *story = sim_story_create(sim_cli_target_plan(), stdout, cli->json, first->ended);
	struct sim_cli_job job = *silent;
	if (story == NULL) {
		return false;
	}
	job.options.listener = sim_story_listener(story);
	job.ended = sim_cli_end_story;
	job.redirect = sim_cli_redirect_story;
	job.context = story;
	job.limit_s = first->ended ? 0 : cli->sweep.hang_seconds;
	bool told = sim_cli_run_once(cli, seed, &job, second);
	sim_story_destroy(story);
	return told;
}

int sim_cli_explain(struct sim_cli *cli) {
	static struct sim_cli_outcome first;
	static struct sim_cli_outcome second;
	uint64_t seed = 0;
	if (sim_cli_cut_state(cli)) {
		if (cli->json) {
			fprintf(stderr,
			        "aftershock: explain: the story of a crash state is text, expected no --json\n");
			return SIM_CLI_USAGE;
		}
		cli->tells = true;
		return sim_cli_explore_one(cli);
	}
	if (!sim_cli_check_target(cli, "explain") || !sim_cli_load_target(cli, &seed)) {
		return SIM_CLI_USAGE;
	}
	/* Who reads the beginning only, as `head` does, must not end the run that is told. */
	signal(SIGPIPE, SIG_IGN);
	struct sim_cli_job job = {.limit_s = cli->sweep.hang_seconds};
	job.options.plan = cli->sweep.plan_path != NULL ? sim_cli_target_plan() : NULL;
	bool started = sim_cli_run_once(cli, seed, &job, &first);
	if (started && first.why[0] != '\0') {
		fprintf(stderr, "aftershock: %s\n", first.why);
		return SIM_CLI_USAGE;
	}
	if (started && !cli->json) {
		sim_cli_explain_head(cli, seed, &first.run);
	}
	if (!started || !sim_cli_tell(cli, seed, &job, &first, &second)) {
		fprintf(stderr, "aftershock: a process for the run cannot be started\n");
		return SIM_CLI_HARNESS;
	}
	if (!sim_cli_same(&first, &second)) {
		fprintf(stderr, "aftershock: the run that was told is another one: two runs of this seed differ\n");
		return SIM_CLI_HARNESS;
	}
	if (cli->json) {
		sim_cli_explain_json(cli, seed, &first.run);
	} else {
		sim_cli_explain_tail(cli, seed, &first);
	}
	return sim_cli_status(&first.run);
}
