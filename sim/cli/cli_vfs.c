/* sim/cli/cli_vfs.c: see cli_vfs.h. */
#include "cli_vfs.h"

#include "conformance.h"
#include "run.h"

#include "subject_trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What it is to do: a check by its number, or only to try whether it can be used. */
#define SIM_CLI_VFS_TRIES UINT32_MAX

struct sim_cli_vfs_question {
	const char *path;
	uint32_t check;
};

struct sim_cli_vfs_answer {
	enum sim_conformance_verdict verdict;
	char why[SIM_CONFORMANCE_WHY_SIZE];
};

static void sim_cli_vfs_run(const void *context, void *said) {
	const struct sim_cli_vfs_question *question = context;
	struct sim_cli_vfs_answer *answer = said;
	if (!sim_run_init()) {
		snprintf(answer->why, sizeof answer->why, "SQLite cannot be set up for simulation");
	} else if (question->check == SIM_CLI_VFS_TRIES) {
		bool works = sim_conformance_try(question->path, answer->why, sizeof answer->why);
		answer->verdict = works ? SIM_CONFORMS : SIM_CONFORMS_NOT;
	} else {
		const struct subject_extension *own = subject_vfs_load(question->path, answer->why, sizeof answer->why);
		answer->verdict =
		        own != NULL ? sim_conformance_check(own, question->check, answer->why) : SIM_CONFORMS_NOT;
	}
}

static void sim_cli_vfs_ask(const char *path, uint32_t check, struct sim_cli_vfs_answer *answer) {
	char why[SIM_CONFORMANCE_WHY_SIZE] = "";
	const struct sim_cli_vfs_question question = {path, check};
	*answer = (struct sim_cli_vfs_answer){.verdict = SIM_CONFORMS_NOT};
	const struct subject_trial trial = {sim_cli_vfs_run, &question, answer, sizeof *answer, why, sizeof why};
	if (!subject_trial(&trial)) {
		*answer = (struct sim_cli_vfs_answer){.verdict = SIM_CONFORMS_NOT};
		memcpy(answer->why, why, sizeof why);
	}
}

/* ---- before a run ---------------------------------------------------------------------------- */

static bool sim_cli_vfs_works(const char *path, char why[SIM_CONFORMANCE_WHY_SIZE]) {
	static struct sim_cli_vfs_answer answer;
	sim_cli_vfs_ask(path, SIM_CLI_VFS_TRIES, &answer);
	snprintf(why, SIM_CONFORMANCE_WHY_SIZE, "%s", answer.why);
	return answer.verdict == SIM_CONFORMS;
}

bool sim_cli_try_vfs(const struct sim_cli *cli) {
	char why[SIM_CONFORMANCE_WHY_SIZE];
	const char *tried = "";
	for (uint32_t i = 0; i < cli->sweep.scenario_count; i++) {
		const struct sim_scenario *scenario = cli->sweep.scenarios[i];
		if (scenario->vfs_path[0] == '\0' || strcmp(scenario->vfs_path, tried) == 0) {
			continue;
		}
		tried = scenario->vfs_path;
		if (sim_cli_vfs_works(tried, why)) {
			continue;
		}
		if (scenario->vfs_line > 0) {
			fprintf(stderr, "aftershock: %s:%u: vfs: %s: %s\n", scenario->path, scenario->vfs_line, tried,
			        why);
		} else {
			fprintf(stderr, "aftershock: --vfs %s: %s\n", tried, why);
		}
		return false;
	}
	return true;
}

bool sim_cli_try_vfs_of_plan(const struct sim_cli *cli, const char *path) {
	char why[SIM_CONFORMANCE_WHY_SIZE];
	if (path[0] == '\0' || sim_cli_vfs_works(path, why)) {
		return true;
	}
	if (cli->sweep.vfs_path != NULL) {
		fprintf(stderr, "aftershock: --vfs %s: %s\n", path, why);
	} else {
		fprintf(stderr, "aftershock: %s: vfs %s: %s\n", cli->sweep.plan_path, path, why);
	}
	return false;
}

/* ---- check-vfs ------------------------------------------------------------------------------- */

int sim_cli_check_vfs(struct sim_cli *cli) {
	static struct sim_cli_vfs_answer answer;
	static const char *const words[] = {"holds", "FAILS", "without"};
	char why[SIM_CONFORMANCE_WHY_SIZE];
	char *path = cli->name_count == 1 ? realpath(cli->names[0], NULL) : NULL;
	uint32_t failed = 0;
	uint32_t count = 0;
	if (path == NULL) {
		fprintf(stderr, "aftershock: %s: %s\n", cli->name_count == 1 ? cli->names[0] : "check-vfs",
		        cli->name_count == 1 ? strerror(errno) : "expected one FILE.so");
		return SIM_CLI_USAGE;
	}
	if (!sim_cli_vfs_works(path, why)) {
		fprintf(stderr, "aftershock: %s: %s\n", cli->names[0], why);
		free(path);
		return SIM_CLI_USAGE;
	}
	for (; sim_conformance_name(count) != NULL; count++) {
		sim_cli_vfs_ask(path, count, &answer);
		failed += answer.verdict == SIM_CONFORMS_NOT;
		printf("%-37s %s%s%s\n", sim_conformance_name(count), words[answer.verdict],
		       answer.why[0] != '\0' && answer.verdict != SIM_CONFORMS ? ": " : "",
		       answer.verdict != SIM_CONFORMS ? answer.why : "");
	}
	printf("%s: %u of %u checks hold or do not apply\n", cli->names[0], count - failed, count);
	free(path);
	return failed == 0 ? SIM_CLI_OK : SIM_CLI_VIOLATED;
}
