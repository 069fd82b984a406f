/* sim/sweep/worker.c: see worker.h. A worker begins as a fresh program image and shares nothing
 * with the coordinator. */
#include "worker.h"

#include "fit.h"
#include "plugin.h"
#include "scenario_load.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the coordinator's side ------------------------------------------------------------------ */

/* In the child: pipes become stdin, stdout and stderr, and the program begins anew. */
static void sim_worker_become(const int pipes[3][2], const char *const *arguments) {
	dup2(pipes[0][0], STDIN_FILENO);
	dup2(pipes[1][1], STDOUT_FILENO);
	dup2(pipes[2][1], STDERR_FILENO);
	/* execv() leaves the words as they are (POSIX.1-2017, exec); its type says otherwise for
	 * old programs. */
	union {
		const char *const *kept;
		char *const *as_declared;
	} words = {arguments};
	execv("/proc/self/exe", words.as_declared);
	_exit(127);
}

static bool sim_worker_open_pipes(int pipes[3][2]) {
	for (int i = 0; i < 3; i++) {
		if (pipe(pipes[i]) != 0) {
			return false;
		}
		fcntl(pipes[i][0], F_SETFD, FD_CLOEXEC);
		fcntl(pipes[i][1], F_SETFD, FD_CLOEXEC);
	}
	return true;
}

static void sim_worker_close(int *fd) {
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

static const char **sim_worker_arguments(const char *subject_path, char *const *specs, uint32_t spec_count) {
	const char **arguments = calloc(spec_count + 4u, sizeof *arguments);
	if (arguments != NULL) {
		arguments[0] = "aftershock";
		arguments[1] = "worker";
		arguments[2] = subject_path != NULL ? subject_path : "-";
		for (uint32_t i = 0; i < spec_count; i++) {
			arguments[3 + i] = specs[i];
		}
	}
	return arguments;
}

bool sim_worker_start(struct sim_worker *worker, const char *subject_path, char *const *specs, uint32_t spec_count) {
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	const char **arguments = sim_worker_arguments(subject_path, specs, spec_count);
	bool started = false;
	*worker = (struct sim_worker){.pid = -1, .jobs_fd = -1, .records_fd = -1, .stderr_fd = -1};
	if (arguments == NULL || !sim_worker_open_pipes(pipes)) {
		goto out;
	}
	worker->pid = fork();
	if (worker->pid == 0) {
		sim_worker_become((const int(*)[2])pipes, arguments);
	}
	started = worker->pid > 0;
	worker->jobs_fd = pipes[0][1];
	worker->records_fd = pipes[1][0];
	worker->stderr_fd = pipes[2][0];
	pipes[0][1] = pipes[1][0] = pipes[2][0] = -1;
	fcntl(worker->records_fd, F_SETFL, O_NONBLOCK);
	fcntl(worker->stderr_fd, F_SETFL, O_NONBLOCK);
out:
	for (int i = 0; i < 3; i++) {
		sim_worker_close(&pipes[i][0]);
		sim_worker_close(&pipes[i][1]);
	}
	free(arguments);
	return started;
}

/* The first line that says what went wrong: sanitizers and assert() put it there, their stack
 * traces come after it. */
static void sim_worker_first_line(int fd, char *line, size_t size) {
	char text[4096];
	ssize_t got = read(fd, text, sizeof text - 1);
	line[0] = '\0';
	if (got <= 0) {
		return;
	}
	text[got] = '\0';
	const char *begin = text + strspn(text, "=\n");
	snprintf(line, size, "%.*s", (int)strcspn(begin, "\n"), begin);
}

void sim_worker_end(struct sim_worker *worker, bool kill_it, char *how, size_t how_size) {
	char line[160];
	int status = 0;
	assert(worker->pid > 0);
	sim_worker_close(&worker->jobs_fd);
	if (kill_it) {
		kill(worker->pid, SIGKILL);
	}
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
	}
	sim_worker_first_line(worker->stderr_fd, line, sizeof line);
	if (how_size > 0 && WIFSIGNALED(status)) {
		snprintf(how, how_size, "signal %d %s", WTERMSIG(status), line);
	} else if (how_size > 0) {
		snprintf(how, how_size, "exit status %d %s", WEXITSTATUS(status), line);
	}
	sim_worker_close(&worker->records_fd);
	sim_worker_close(&worker->stderr_fd);
	worker->pid = -1;
}

int sim_worker_read(struct sim_worker *worker) {
	assert(worker->used_bytes <= sizeof worker->record);
	if (worker->used_bytes == sizeof worker->record) {
		worker->used_bytes = 0;
	}
	ssize_t got = read(worker->records_fd, (char *)&worker->record + worker->used_bytes,
	                   sizeof worker->record - worker->used_bytes);
	if (got < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	}
	worker->used_bytes += (size_t)got;
	if (worker->used_bytes == sizeof worker->record) {
		return 1;
	}
	return got == 0 ? -1 : 0;
}

/* ---- the worker's side ----------------------------------------------------------------------- */

static bool sim_worker_write(const struct sim_worker_record *record) {
	const char *bytes = (const char *)record;
	size_t done = 0;
	while (done < sizeof *record) {
		ssize_t wrote = write(STDOUT_FILENO, bytes + done, sizeof *record - done);
		if (wrote < 0 && errno != EINTR) {
			return false;
		}
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return true;
}

/* Resident memory from /proc: the second number counts pages. */
static uint64_t sim_worker_rss_kib(void) {
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL) {
		return 0;
	}
	char line[128];
	char *end = line;
	if (fgets(line, sizeof line, file) != NULL) {
		strtoull(line, &end, 10);
		pages = strtoull(end, NULL, 10);
	}
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* Memory that a run frees stays with the process when a block in use lies above it. A run of SQL
 * keeps a copy of its database for each commit, 40 MiB in one run of a thousand. Without this a
 * worker stays as large as its largest run. */
#define SIM_WORKER_IDLE_BYTES_MAX (4u << 20)

static void sim_worker_trim(void) {
	if (mallinfo2().fordblks > SIM_WORKER_IDLE_BYTES_MAX) {
		malloc_trim(0);
	}
}

static bool sim_worker_do(const struct sim_worker_job *job, const struct sim_scenario *scenario,
                          const struct aftershock_subject *subject) {
	static struct sim_worker_record record;
	assert(job->count > 0 && job->step > 0);
	for (uint32_t i = 0; i < job->count; i++) {
		memset(&record, 0, sizeof record);
		record.kind = SIM_WORKER_BEGINS;
		record.scenario = job->scenario;
		record.index = job->index + i;
		record.seed = job->seed + i * job->step;
		if (!sim_worker_write(&record)) {
			return false;
		}
		sim_run(scenario, record.seed, subject, NULL, &record.result);
		record.kind = SIM_WORKER_ENDED;
		if (i + 1 == job->count) {
			sim_worker_trim();
			record.rss_kib = sim_worker_rss_kib();
		}
		if (!sim_worker_write(&record)) {
			return false;
		}
	}
	return true;
}

static bool sim_worker_read_job(struct sim_worker_job *job) {
	size_t done = 0;
	while (done < sizeof *job) {
		ssize_t got = read(STDIN_FILENO, (char *)job + done, sizeof *job - done);
		if (got == 0 || (got < 0 && errno != EINTR)) {
			return false;
		}
		done += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* What a worker can be asked to run. */
struct sim_worker_library {
	const struct aftershock_subject *subject; /* NULL: the built-in ones */
	uint32_t count;
	struct sim_scenario *scenarios[SIM_WORKER_SCENARIOS_MAX];
};

static bool sim_worker_take(void *context, struct sim_scenario *scenario) {
	struct sim_worker_library *library = context;
	if (library->count == SIM_WORKER_SCENARIOS_MAX) {
		sim_scenario_destroy(scenario);
		return false;
	}
	library->scenarios[library->count++] = scenario;
	return true;
}

/* "PATH:PATTERN"; a pattern has no colon. */
static bool sim_worker_load(struct sim_worker_library *library, char *spec, struct sim_scenario_why *why) {
	char *colon = strrchr(spec, ':');
	if (colon == NULL) {
		snprintf(why->text, why->size, "%s: expected PATH:PATTERN", spec);
		return false;
	}
	*colon = '\0';
	return sim_scenario_load_cells(spec, colon + 1, sim_worker_take, library, why);
}

/* Loads the plug-in, if any, and the scenarios, and says so. False when the worker cannot work. */
static bool sim_worker_get_ready(struct sim_worker_library *library, const char *subject_path, int count,
                                 char **specs) {
	static struct sim_worker_record record;
	struct sim_scenario_why why = {record.text, sizeof record.text};
	bool ready = sim_run_init();
	record.kind = SIM_WORKER_READY;
	record.takes = SIM_FIT_EVERYTHING;
	if (!ready) {
		snprintf(record.text, sizeof record.text, "SQLite cannot be set up for simulation");
	} else if (subject_path != NULL) {
		library->subject = sim_plugin_load(subject_path, record.text, sizeof record.text);
		ready = library->subject != NULL;
		record.takes = ready ? library->subject->takes : 0;
	}
	for (int i = 0; i < count && ready; i++) {
		ready = sim_worker_load(library, specs[i], &why);
	}
	return sim_worker_write(&record) && ready;
}

int sim_worker_main(int count, char **arguments) {
	static struct sim_worker_library library;
	struct sim_worker_job job;
	if (count < 1) {
		return 2;
	}
	const char *subject_path = strcmp(arguments[0], "-") == 0 ? NULL : arguments[0];
	/* Ctrl-C goes to the whole group; the coordinator decides when its workers end. */
	signal(SIGINT, SIG_IGN);
	bool ready = sim_worker_get_ready(&library, subject_path, count - 1, arguments + 1);
	while (ready && sim_worker_read_job(&job) && job.scenario < library.count) {
		ready = sim_worker_do(&job, library.scenarios[job.scenario], library.subject);
	}
	for (uint32_t i = 0; i < library.count; i++) {
		sim_scenario_destroy(library.scenarios[i]);
	}
	return 0;
}
