/* sim/cli/cli_vfs.c: see cli_vfs.h. */
#include "cli_vfs.h"

#include "conformance.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A check, or the loading, that takes longer hangs. */
#define SIM_CLI_VFS_PATIENCE_MS 10000

/* What the process that runs foreign code has to say. */
struct sim_cli_vfs_answer {
	bool ended;
	enum sim_conformance_verdict verdict;
	char why[SIM_CONFORMANCE_WHY_SIZE];
};

/* What it is to do: a check by its number, or only to try whether it can be used. */
#define SIM_CLI_VFS_TRIES UINT32_MAX

static void sim_cli_vfs_child(const char *path, uint32_t check, int fd) {
	struct sim_cli_vfs_answer answer = {.ended = true, .verdict = SIM_CONFORMS_NOT};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing >= 0) {
		dup2(nothing, STDOUT_FILENO);
		dup2(nothing, STDERR_FILENO);
	}
	if (!sim_run_init()) {
		snprintf(answer.why, sizeof answer.why, "SQLite cannot be set up for simulation");
	} else if (check == SIM_CLI_VFS_TRIES) {
		bool works = sim_conformance_try(path, answer.why, sizeof answer.why);
		answer.verdict = works ? SIM_CONFORMS : SIM_CONFORMS_NOT;
	} else {
		const struct subject_vfs *own = subject_vfs_load(path, answer.why, sizeof answer.why);
		answer.verdict = own != NULL ? sim_conformance_check(own, check, answer.why) : SIM_CONFORMS_NOT;
	}
	ssize_t wrote = write(fd, &answer, sizeof answer);
	_exit(wrote == (ssize_t)sizeof answer ? 0 : 3);
}

static void sim_cli_vfs_ask(const char *path, uint32_t check, struct sim_cli_vfs_answer *answer) {
	int fds[2];
	int status = 0;
	*answer = (struct sim_cli_vfs_answer){.verdict = SIM_CONFORMS_NOT};
	fflush(stdout);
	if (pipe(fds) != 0) {
		snprintf(answer->why, sizeof answer->why, "a process to try it in cannot be started: %s",
		         strerror(errno));
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sim_cli_vfs_child(path, check, fds[1]);
	}
	close(fds[1]);
	struct pollfd wait = {.fd = fds[0], .events = POLLIN};
	bool hangs = pid > 0 && poll(&wait, 1, SIM_CLI_VFS_PATIENCE_MS) == 0;
	if (hangs) {
		kill(pid, SIGKILL);
	}
	ssize_t got = read(fds[0], answer, sizeof *answer);
	close(fds[0]);
	if (pid > 0) {
		waitpid(pid, &status, 0);
	}
	if (got != (ssize_t)sizeof *answer) {
		*answer = (struct sim_cli_vfs_answer){.verdict = SIM_CONFORMS_NOT};
		snprintf(answer->why, sizeof answer->why, hangs ? "hangs" : "crashes: %s %d",
		         WIFSIGNALED(status) ? "signal" : "exit status",
		         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
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
