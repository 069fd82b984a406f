/* sim/second/second.c: see second.h. The side of whoever asks. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "second.h"

#include "build.h"
#include "place.h"
#include "socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIM_SECOND_PROGRAM "second-sqlite"

struct sim_second {
	char library[PATH_MAX];
	uint32_t limit_ms;
	pid_t pid;   /* of the program; 0: it does not run */
	pid_t owner; /* whose child it is */
	int fd;
	struct sim_second_identity identity;
};

/* ---- the program ----------------------------------------------------------------------------- */

/* In the child. It keeps no file of ours open, and what the library prints is no result. */
static void sim_second_become(const char *program, const char *library, int fd) {
	char *const words[] = {(char[]){SIM_SECOND_PROGRAM}, strdup(library), NULL};
	int socket_fd = fcntl(fd, F_DUPFD, SIM_SECOND_FD + 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	bool ready = socket_fd >= 0 && words[1] != NULL && dup2(socket_fd, SIM_SECOND_FD) == SIM_SECOND_FD &&
	             dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
	if (ready && close_range(SIM_SECOND_FD + 1, UINT_MAX, 0) == 0) {
		execv(program, words);
	}
	_exit(127);
}

static void sim_second_end(struct sim_second *second) {
	if (second->pid > 0 && second->owner == getpid()) {
		close(second->fd);
		kill(second->pid, SIGKILL);
		while (waitpid(second->pid, NULL, 0) < 0 && errno == EINTR) {
		}
	}
	second->pid = 0;
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* HUNG when nothing comes for too long, CRASHED when the program has ended. */
static enum sim_second_result sim_second_receive(const struct sim_second *second, void *bytes, size_t size) {
	static const enum sim_second_result results[] = {[SIM_SOCKET_DONE] = SIM_SECOND_ANSWERED,
	                                                 [SIM_SOCKET_ENDED] = SIM_SECOND_CRASHED,
	                                                 [SIM_SOCKET_LATE] = SIM_SECOND_HUNG};
	return results[sim_socket_take(second->fd, bytes, size, (int)second->limit_ms)];
}

/* Starts the program, and hears what it is. */
static enum sim_second_result sim_second_begin(struct sim_second *second) {
	char program[PATH_MAX];
	int fds[2];
	if (!sim_place_find(&sim_place_second, program)) {
		snprintf(program, sizeof program, "%s", SIM_SECOND_PROGRAM);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return SIM_SECOND_FAILED;
	}
	pid_t pid = fork();
	if (pid == 0) {
		sim_second_become(program, second->library, fds[1]);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return SIM_SECOND_FAILED;
	}
	second->pid = pid;
	second->owner = getpid();
	second->fd = fds[0];
	return sim_second_receive(second, &second->identity, sizeof second->identity);
}

/* ---- for others ------------------------------------------------------------------------------ */

struct sim_second *sim_second_create(const char *library, uint32_t limit_ms) {
	struct sim_second *second = calloc(1, sizeof *second);
	assert(strlen(library) < PATH_MAX && limit_ms > 0 && limit_ms <= INT_MAX);
	if (second != NULL) {
		snprintf(second->library, sizeof second->library, "%s", library);
		second->limit_ms = limit_ms;
	}
	return second;
}

void sim_second_destroy(struct sim_second *second) {
	if (second != NULL) {
		sim_second_end(second);
		free(second);
	}
}

bool sim_second_identify(struct sim_second *second, char why[SIM_SECOND_WHY_SIZE]) {
	enum sim_second_result result = sim_second_begin(second);
	const struct sim_second_identity *identity = &second->identity;
	sim_second_end(second);
	if (result != SIM_SECOND_ANSWERED) {
		snprintf(why, SIM_SECOND_WHY_SIZE, "%.300s: %s", second->library,
		         result == SIM_SECOND_HUNG      ? "loading it does not end"
		         : result == SIM_SECOND_CRASHED ? "loading it ends the process"
		                                        : "a process for it cannot be started");
		return false;
	}
	if (identity->why[0] == '\0' && identity->number < SIM_BUILD_LOWEST) {
		snprintf(why, SIM_SECOND_WHY_SIZE, "%.300s: is SQLite %s, expected %s or newer", second->library,
		         identity->version, SIM_BUILD_LOWEST_TEXT);
		return false;
	}
	snprintf(why, SIM_SECOND_WHY_SIZE, "%s", identity->why);
	return identity->why[0] == '\0';
}

const struct sim_second_identity *sim_second_identity(const struct sim_second *second) {
	return &second->identity;
}

enum sim_second_result sim_second_ask(struct sim_second *second, const struct sim_second_bytes *image, const char *path,
                                      struct sim_second_answer *answer, struct sim_second_bytes *database) {
	struct sim_second_request request = {.size_bytes = image->size};
	snprintf(request.path, sizeof request.path, "%s", path);
	/* That of a process from which this one was forked is not ours. */
	if (second->pid == 0 || second->owner != getpid()) {
		enum sim_second_result begun = sim_second_begin(second);
		if (begun != SIM_SECOND_ANSWERED || second->identity.why[0] != '\0') {
			sim_second_end(second);
			return SIM_SECOND_FAILED;
		}
	}
	bool sent = sim_socket_give(second->fd, &request, sizeof request) &&
	            sim_socket_give(second->fd, image->bytes, image->size);
	enum sim_second_result result = sent ? sim_second_receive(second, answer, sizeof *answer) : SIM_SECOND_CRASHED;
	if (result == SIM_SECOND_ANSWERED && !sim_second_bytes_resize(database, (size_t)answer->size_bytes)) {
		result = SIM_SECOND_FAILED;
	}
	if (result == SIM_SECOND_ANSWERED) {
		result = sim_second_receive(second, database->bytes, database->size);
	}
	if (result != SIM_SECOND_ANSWERED) {
		sim_second_end(second);
	}
	return result;
}
