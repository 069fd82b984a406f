/* sim/aftershock/host.c: the side of the host: a fork, a pipe, and a result. See aftershock.h. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "aftershock.h"

#include "afresh.h"
#include "child.h"
#include "ended.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Setting up takes milliseconds. */
#define AFTERSHOCK_SET_UP_MS 60000

static void aftershock_fail(struct aftershock_result *result, const char *why) {
	memset(result, 0, sizeof *result);
	result->outcome = AFTERSHOCK_FAILED;
	snprintf(result->message, sizeof result->message, "%s", why);
}

/* A whole result; false when there is none. */
static bool aftershock_receive(int fd, struct aftershock_result *result) {
	size_t done = 0;
	ssize_t got = 1;
	while (done < sizeof *result && (got > 0 || (got < 0 && errno == EINTR))) {
		got = read(fd, (char *)result + done, sizeof *result - done);
		done += got > 0 ? (size_t)got : 0;
	}
	return done == sizeof *result;
}

/* Whether the pipe says something, be it its end. */
static bool aftershock_speaks(int fd) {
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	int got = -1;
	while (got < 0) {
		got = poll(&polled, 1, AFTERSHOCK_SET_UP_MS);
		if (got < 0 && errno != EINTR) {
			return true;
		}
	}
	return got > 0;
}

static void aftershock_reap(pid_t pid, bool has_result, struct aftershock_result *result) {
	int status = 0;
	pid_t reaped = -1;
	char ended[SIM_ENDED_TEXT_SIZE];
	char why[100];
	do {
		reaped = waitpid(pid, &status, 0);
	} while (reaped < 0 && errno == EINTR);
	if (!has_result) {
		/* A host that reaps all children itself leaves no status. */
		snprintf(why, sizeof why, "the process that runs the seeds has ended without a result: %s",
		         reaped == pid ? sim_ended_text(status, ended) : "exit status -1");
		aftershock_fail(result, why);
	}
}

static void aftershock_await(pid_t pid, int fd, struct aftershock_result *result) {
	bool set_up = aftershock_speaks(fd);
	bool received = false;
	if (!set_up) {
		kill(pid, SIGKILL);
	}
	do {
		received = aftershock_receive(fd, result);
	} while (received && result->outcome == AFTERSHOCK_NONE);
	aftershock_reap(pid, received, result);
	if (!set_up) {
		aftershock_fail(result,
		                "SQLite cannot be set up in a fork of this process: another thread held a lock");
	}
}

static void aftershock_do(const struct aftershock_call *call, struct aftershock_result *result) {
	int fds[2];
	memset(result, 0, sizeof *result);
	if (aftershock_child_is_one()) {
		static const char complaint[] = "a test goes on in a copy of its process: no assertions in a subject\n";
		ssize_t wrote = write(STDERR_FILENO, complaint, sizeof complaint - 1);
		_exit(wrote > 0 ? 3 : 4);
	}
	if (pipe2(fds, O_CLOEXEC) != 0) {
		aftershock_fail(result, "a pipe cannot be had");
		return;
	}
	sim_afresh_hold();
	pid_t pid = fork();
	sim_afresh_release();
	if (pid == 0) {
		close(fds[0]);
		aftershock_child_main(call, fds[1]);
	}
	close(fds[1]);
	if (pid > 0) {
		aftershock_await(pid, fds[0], result);
	} else {
		aftershock_fail(result, "a process cannot be had");
	}
	close(fds[0]);
}

void aftershock_run(const struct aftershock_subject *subject, const struct aftershock_options *options,
                    struct aftershock_result *result) {
	const struct aftershock_call call = {.subject = subject, .options = options};
	aftershock_do(&call, result);
}

/* What was traced, for whoever asked. */
static bool aftershock_hand_on(FILE *from, FILE *to) {
	char bytes[4096];
	size_t got = 0;
	bool kept = true;
	while (kept && (got = fread(bytes, 1, sizeof bytes, from)) > 0) {
		kept = fwrite(bytes, 1, got, to) == got;
	}
	return kept && ferror(from) == 0 && fflush(to) == 0;
}

void aftershock_replay(const struct aftershock_subject *subject, const struct aftershock_options *options,
                       uint64_t seed, FILE *trace, struct aftershock_result *result) {
	char path[32];
	struct aftershock_call call = {.subject = subject, .options = options, .replays = true, .seed = seed};
	FILE *written = trace != NULL ? tmpfile() : NULL;
	if (written != NULL) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(written));
		call.trace_path = path;
	}
	aftershock_do(&call, result);
	if (trace != NULL && (written == NULL || !aftershock_hand_on(written, trace))) {
		aftershock_fail(result, "the trace cannot be written");
	}
	if (written != NULL) {
		fclose(written);
	}
}

const char *aftershock_version(void) {
	return AFTERSHOCK_VERSION;
}
