/* sim/subject/subject_trial.c: see subject_trial.h. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "subject_trial.h"

#include "ended.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What takes longer hangs. */
#define SUBJECT_TRIAL_PATIENCE_MS 10000

/* The answer of the process is one write to a pipe, which is whole or not there. */
static void subject_trial_child(const struct subject_trial *trial, int fd) {
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing >= 0) {
		dup2(nothing, STDOUT_FILENO);
		dup2(nothing, STDERR_FILENO);
	}
	trial->run(trial->context, trial->answer);
	_exit(write(fd, trial->answer, trial->answer_size) == (ssize_t)trial->answer_size ? 0 : 3);
}

/* How a process without an answer ended. */
static void subject_trial_say(bool hangs, int status, char *why, size_t why_size) {
	char ended[SIM_ENDED_TEXT_SIZE];
	if (hangs) {
		snprintf(why, why_size, "hangs");
	} else if (WIFSIGNALED(status)) {
		snprintf(why, why_size, "crashes: %s", sim_ended_text(status, ended));
	} else {
		snprintf(why, why_size, "ends the process that loads it: %s", sim_ended_text(status, ended));
	}
}

static bool subject_trial_wait(const struct subject_trial *trial, pid_t pid, int fd) {
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int status = 0;
	bool hangs = poll(&wait, 1, SUBJECT_TRIAL_PATIENCE_MS) == 0;
	if (hangs) {
		kill(pid, SIGKILL);
	}
	bool answered = read(fd, trial->answer, trial->answer_size) == (ssize_t)trial->answer_size;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (!answered) {
		subject_trial_say(hangs, status, trial->why, trial->why_size);
	}
	return answered;
}

bool subject_trial(const struct subject_trial *trial) {
	int fds[2] = {-1, -1};
	bool answered = false;
	assert(trial->answer_size <= PIPE_BUF);
	fflush(NULL);
	pid_t pid = pipe2(fds, O_CLOEXEC) == 0 ? fork() : -1;
	if (pid == 0) {
		close(fds[0]);
		subject_trial_child(trial, fds[1]);
	}
	if (pid < 0) {
		snprintf(trial->why, trial->why_size, "a process to try it in cannot be started: %s", strerror(errno));
	}
	if (fds[1] >= 0) {
		close(fds[1]);
	}
	if (pid > 0) {
		answered = subject_trial_wait(trial, pid, fds[0]);
	}
	if (fds[0] >= 0) {
		close(fds[0]);
	}
	return answered;
}
