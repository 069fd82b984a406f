/* sim/sweep/worker.c: see worker.h. A worker begins as a fresh program image and shares nothing
 * with the coordinator; one at home is a copy of it. */
#include "worker.h"

#include "ended.h"
#include "fit.h"
#include "plan.h"
#include "plan_text.h"
#include "plugin.h"
#include "processor_time.h"
#include "scenario_load.h"
#include "sighting.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIM_WORKER_FD_MIN 10
#define SIM_WORKER_VARIABLES_MAX 64
#define SIM_WORKER_FILLER_SIZE 3001
#define SIM_WORKER_GAP_PAGES 4099
#define SIM_WORKER_GAP_BYTES 70001

extern char **environ; /* POSIX.1-2017, environ */

/* ---- the coordinator's side ------------------------------------------------------------------ */

/* Environment variables that say how a program is loaded and checked. */
static bool sim_worker_keeps(const char *variable) {
	static const char *const kept[] = {"LD_", "ASAN_", "UBSAN_", "LSAN_", "GCOV_", "LLVM_", NULL};
	const char *const *prefix = kept;
	while (*prefix != NULL && strncmp(variable, *prefix, strlen(*prefix)) != 0) {
		prefix++;
	}
	return *prefix != NULL;
}

/* An environment that shares nothing with this one that a subject may use. Its length moves the
 * stack. The C library fills memory that it gives away with another byte, and so does the address
 * sanitizer. */
static char **sim_worker_other_environment(void) {
	static char filler[SIM_WORKER_FILLER_SIZE];
	static char tunables[] = "GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";
	static char sanitizer[SIM_SCENARIO_PATH_SIZE];
	static char *other[SIM_WORKER_VARIABLES_MAX];
	size_t count = 0;
	const char *given = getenv("ASAN_OPTIONS");
	size_t used = (size_t)snprintf(filler, sizeof filler, "AFTERSHOCK_GROUND=");
	memset(filler + used, 'x', sizeof filler - used - 1);
	snprintf(sanitizer, sizeof sanitizer, "ASAN_OPTIONS=%s%smalloc_fill_byte=90", given != NULL ? given : "",
	         given != NULL ? ":" : "");
	other[count++] = filler;
	other[count++] = tunables;
	other[count++] = sanitizer;
	for (char **variable = environ; *variable != NULL && count + 1 < SIM_WORKER_VARIABLES_MAX; variable++) {
		if (sim_worker_keeps(*variable) && strncmp(*variable, "ASAN_OPTIONS=", 13) != 0) {
			other[count++] = *variable;
		}
	}
	other[count] = NULL;
	return other;
}

static int sim_worker_main_at_home(const struct sim_worker_home *home, bool on_other_ground);

/* In the child: pipes become stdin, stdout and stderr, and the program begins anew, at the head of
 * a group of its own. */
static void sim_worker_become(const int pipes[3][2], const char *const *arguments,
                              const struct sim_worker_origin *origin) {
	const bool on_other_ground = origin->on_other_ground;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(pipes[0][0], STDIN_FILENO);
	dup2(pipes[1][1], STDOUT_FILENO);
	dup2(pipes[2][1], STDERR_FILENO);
	if (origin->home != NULL) {
		for (int i = 0; i < 6; i++) {
			close(pipes[i / 2][i % 2]);
		}
		_exit(sim_worker_main_at_home(origin->home, on_other_ground));
	}
	/* execve() leaves the words as they are (POSIX.1-2017, exec); its type says otherwise for
	 * old programs. */
	union {
		const char *const *kept;
		char *const *as_declared;
	} words = {arguments};
	execve("/proc/self/exe", words.as_declared, on_other_ground ? sim_worker_other_environment() : environ);
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

static const char **sim_worker_arguments(const struct sim_worker_origin *origin) {
	static char branches[16];
	snprintf(branches, sizeof branches, "-");
	const char **arguments = calloc(origin->spec_count + 7u, sizeof *arguments);
	if (arguments != NULL) {
		arguments[0] = "aftershock";
		arguments[1] = "worker";
		arguments[2] = origin->subject_path != NULL ? origin->subject_path : "-";
		arguments[3] = origin->on_other_ground ? "other" : "same";
		if (origin->branches_given) {
			snprintf(branches, sizeof branches, "%u", origin->branches);
		}
		arguments[4] = branches;
		arguments[5] = origin->vfs_path != NULL ? origin->vfs_path : "-";
		for (uint32_t i = 0; i < origin->spec_count; i++) {
			arguments[6 + i] = origin->specs[i];
		}
	}
	return arguments;
}

bool sim_worker_start(struct sim_worker *worker, const struct sim_worker_origin *origin) {
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	const char **arguments = sim_worker_arguments(origin);
	bool started = false;
	*worker = (struct sim_worker){.pid = -1, .jobs_fd = -1, .records_fd = -1, .stderr_fd = -1};
	if (arguments == NULL || !sim_worker_open_pipes(pipes)) {
		goto out;
	}
	/* What a subject forks and a worker leaves behind comes to this process, which ends it. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	worker->pid = fork();
	if (worker->pid == 0) {
		sim_worker_become((const int(*)[2])pipes, arguments, origin);
	}
	started = worker->pid > 0;
	/* Whoever is first: the group must be there before anybody ends it. */
	setpgid(worker->pid, worker->pid);
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

void sim_worker_drain(struct sim_worker *worker) {
	char dropped[4096];
	ssize_t got = 1;
	while (got > 0) {
		size_t room = sizeof worker->said - worker->said_bytes;
		got = room > 0 ? read(worker->stderr_fd, worker->said + worker->said_bytes, room)
		               : read(worker->stderr_fd, dropped, sizeof dropped);
		worker->said_bytes += room > 0 && got > 0 ? (size_t)got : 0;
	}
}

/* A sanitizer begins its first line with the number of its process, and ends it with addresses.
 * What it has found stands between. */
static void sim_worker_trim_finding(char *line) {
	const char *mark = strstr(line, "==ERROR: ");
	if (mark != NULL && strspn(line, "0123456789") == (size_t)(mark - line)) {
		memmove(line, mark + strlen("==ERROR: "), strlen(mark + strlen("==ERROR: ")) + 1);
		line[strcspn(line, "(")] = '\0';
		char *address = strstr(line, " on ");
		if (address != NULL) {
			*address = '\0';
		}
	}
}

/* The first line that says what went wrong: sanitizers and assert() put it there, their stack
 * traces come after it. */
static void sim_worker_first_line(const struct sim_worker *worker, char *line, size_t size) {
	const char *begin = worker->said;
	size_t left = worker->said_bytes;
	while (left > 0 && (*begin == '=' || *begin == '\n')) {
		begin++;
		left--;
	}
	const char *end = left > 0 ? memchr(begin, '\n', left) : NULL;
	snprintf(line, size, "%.*s", (int)(end != NULL ? (size_t)(end - begin) : left), left > 0 ? begin : "");
	sim_worker_trim_finding(line);
}

bool sim_worker_has_ended(const struct sim_worker *worker) {
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == worker->pid;
}

void sim_worker_end(struct sim_worker *worker, bool kill_it, char *how, size_t how_size) {
	char line[160];
	char ended[SIM_ENDED_TEXT_SIZE];
	int status = 0;
	siginfo_t info;
	assert(worker->pid > 0);
	sim_worker_close(&worker->jobs_fd);
	if (kill_it) {
		kill(-worker->pid, SIGKILL);
	}
	/* Its number stays taken until it is reaped, so the group that is ended is its own. */
	while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
	}
	kill(-worker->pid, SIGKILL);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
	}
	sim_worker_drain(worker);
	sim_worker_first_line(worker, line, sizeof line);
	if (how_size > 0) {
		snprintf(how, how_size, "%s%s%s", sim_ended_text(status, ended), line[0] != '\0' ? ": " : "", line);
	}
	sim_worker_close(&worker->records_fd);
	sim_worker_close(&worker->stderr_fd);
	free(worker->species);
	worker->species = NULL;
	worker->pid = -1;
}

void sim_worker_end_strays(void) {
	char path[64];
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	FILE *children = fopen(path, "r");
	char word[24];
	while (children != NULL && fscanf(children, "%23s", word) == 1) {
		kill((pid_t)strtol(word, NULL, 10), SIGKILL);
	}
	if (children != NULL) {
		fclose(children);
	}
	/* Those that have ended by themselves were never anybody's. */
	while (children != NULL && (waitpid(-1, NULL, 0) > 0 || errno == EINTR)) {
	}
}

/* The record and its species. */
static size_t sim_worker_record_bytes(const struct sim_worker *worker) {
	bool known = worker->used_bytes >= sizeof worker->record;
	return sizeof worker->record + (known ? worker->record.species_count * sizeof worker->species[0] : 0);
}

/* Reads into the part that has not arrived whole. */
static ssize_t sim_worker_read_part(struct sim_worker *worker) {
	const size_t of_record = sizeof worker->record;
	if (worker->used_bytes < of_record) {
		return read(worker->records_fd, (char *)&worker->record + worker->used_bytes,
		            of_record - worker->used_bytes);
	}
	if (worker->species == NULL) {
		worker->species = malloc(worker->record.species_count * sizeof worker->species[0]);
		assert(worker->species != NULL);
	}
	return read(worker->records_fd, (char *)worker->species + (worker->used_bytes - of_record),
	            sim_worker_record_bytes(worker) - worker->used_bytes);
}

int sim_worker_read(struct sim_worker *worker) {
	ssize_t got = 1;
	assert(worker->used_bytes <= sim_worker_record_bytes(worker));
	if (worker->used_bytes == sim_worker_record_bytes(worker)) {
		worker->used_bytes = 0;
		free(worker->species);
		worker->species = NULL;
	}
	while (got > 0 && worker->used_bytes < sim_worker_record_bytes(worker)) {
		got = sim_worker_read_part(worker);
		worker->used_bytes += got > 0 ? (size_t)got : 0;
	}
	if (got < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	}
	return got > 0 ? 1 : -1;
}

/* ---- one job --------------------------------------------------------------------------------- */

static int64_t sim_worker_now_ms(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits for the next record: 1, or 0 when the time is over, or -1 at the end. */
static int sim_worker_wait(struct sim_worker *worker, int64_t until_ms) {
	int got = 0;
	while (got == 0 && (until_ms == 0 || sim_worker_now_ms() < until_ms)) {
		struct pollfd polls[2] = {{.fd = worker->records_fd, .events = POLLIN},
		                          {.fd = worker->stderr_fd, .events = POLLIN}};
		bool quiet = poll(polls, 2, 100) <= 0;
		sim_worker_drain(worker);
		got = sim_worker_read(worker);
		got = got == 0 && quiet && sim_worker_has_ended(worker) ? -1 : got;
	}
	return got;
}

/* What a run that never said its end came to. */
static void sim_worker_lost(bool hung, uint32_t limit_s, const char *how, struct sim_run_result *run) {
	memset(run, 0, sizeof *run);
	run->verdict = SIM_VIOLATED;
	snprintf(run->invariant, sizeof run->invariant, "%s", hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(run->detail, sizeof run->detail, "no end after %u seconds", limit_s);
	} else {
		snprintf(run->detail, sizeof run->detail, "%s", how);
	}
}

bool sim_worker_run(const struct sim_worker_origin *origin, const struct sim_worker_job *job, uint32_t limit_s,
                    struct sim_worker_record *record) {
	static struct sim_worker worker;
	char how[200] = "";
	if (!sim_worker_start(&worker, origin)) {
		return false;
	}
	int64_t until_ms = limit_s > 0 ? sim_worker_now_ms() + (int64_t)limit_s * 1000 : 0;
	int got = sim_worker_wait(&worker, until_ms);
	bool ready = got == 1 && worker.record.text[0] == '\0';
	if (ready) {
		/* A worker that is gone already shows as the end of its records. */
		bool sent = write(worker.jobs_fd, job, sizeof *job) == (ssize_t)sizeof *job;
		do {
			got = sent ? sim_worker_wait(&worker, until_ms) : -1;
		} while (got == 1 && worker.record.kind == SIM_WORKER_BEGINS);
	}
	*record = worker.record;
	sim_worker_end(&worker, true, how, sizeof how);
	sim_worker_end_strays();
	if (got < 0 && !ready) {
		return false; /* nothing has run, so this is nothing about the subject */
	}
	if (got != 1) {
		record->kind = SIM_WORKER_LOST;
		record->text[0] = '\0';
		sim_worker_lost(got == 0, limit_s, how, &record->result);
	}
	return true;
}

/* ---- the worker's side ----------------------------------------------------------------------- */

/* The two pipes to the coordinator, in places where a subject does not look for them. */
static int sim_worker_jobs_fd = -1;
static int sim_worker_records_fd = -1;

/* Standard input and output are the subject's own from here on: nothing to read, and what it prints
 * is nobody's protocol. */
static bool sim_worker_move_pipes(void) {
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	sim_worker_jobs_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, SIM_WORKER_FD_MIN);
	sim_worker_records_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, SIM_WORKER_FD_MIN);
	return nothing >= 0 && sim_worker_jobs_fd >= 0 && sim_worker_records_fd >= 0 &&
	       dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDOUT_FILENO) >= 0;
}

/* Memory that is taken before anything else moves what comes after it. */
static void sim_worker_move_addresses(void) {
	const size_t size = (size_t)SIM_WORKER_GAP_PAGES * (size_t)sysconf(_SC_PAGESIZE);
	void *mapped = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	static void *kept;
	kept = malloc(SIM_WORKER_GAP_BYTES);
	assert(mapped != NULL && kept != NULL);
}

static bool sim_worker_write_bytes(const void *bytes, size_t size) {
	size_t done = 0;
	while (done < size) {
		ssize_t wrote = write(sim_worker_records_fd, (const char *)bytes + done, size - done);
		if (wrote < 0 && errno != EINTR) {
			return false;
		}
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return true;
}

static bool sim_worker_write(const struct sim_worker_record *record) {
	assert(record->species_count == 0);
	return sim_worker_write_bytes(record, sizeof *record);
}

/* With the species that the run has reached. */
static bool sim_worker_write_sighted(struct sim_worker_record *record, const struct sim_sightings *sightings) {
	static uint32_t numbers[SIM_SPECIES_COUNT];
	record->species_count = sim_species_list(&sightings->species, numbers, SIM_SPECIES_COUNT);
	return sim_worker_write_bytes(record, sizeof *record) &&
	       sim_worker_write_bytes(numbers, record->species_count * sizeof numbers[0]);
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
 * worker stays as large as its largest run. What most runs need stays: to give it back and be given
 * it again, page by page, costs a run of SQL a fourth of its time. */
#define SIM_WORKER_IDLE_BYTES_MAX (24u << 20)
#define SIM_WORKER_GROWTH_BYTES (1u << 20)

static void sim_worker_keep_memory(void) {
	(void)mallopt(M_TRIM_THRESHOLD, (int)SIM_WORKER_IDLE_BYTES_MAX);
	(void)mallopt(M_MMAP_THRESHOLD, (int)SIM_WORKER_IDLE_BYTES_MAX);
	(void)mallopt(M_TOP_PAD, (int)SIM_WORKER_GROWTH_BYTES);
}

static void sim_worker_trim(void) {
	if (mallinfo2().fordblks > SIM_WORKER_IDLE_BYTES_MAX) {
		malloc_trim(0);
	}
}

/* What a job is done with. */
struct sim_worker_tools {
	const struct sim_scenario *scenario;      /* NULL: a plan says it all */
	const struct aftershock_subject *subject; /* NULL: the built-in one */
	const char *vfs_path;                     /* NULL: as the plan says */
};

static void sim_worker_fail_trace(const struct sim_worker_job *job, const char *why, struct sim_run_result *result) {
	result->verdict = SIM_HARNESS_FAILED;
	snprintf(result->detail, sizeof result->detail, "%.200s: the trace cannot be written: %s", job->trace_path,
	         why);
}

static void sim_worker_close_trace(const struct sim_worker_job *job, FILE *trace, struct sim_run_result *result) {
	bool is_whole = ferror(trace) == 0;
	is_whole = fclose(trace) == 0 && is_whole;
	if (!is_whole) {
		sim_worker_fail_trace(job, "it is not whole", result);
	}
}

/* A job about one run may name a plan, and a file for its trace. False, with a result that says so,
 * when they cannot be had. */
static bool sim_worker_open_job(const struct sim_worker_job *job, const struct sim_worker_tools *tools,
                                struct sim_run_options *options, struct sim_run_result *result) {
	static struct sim_plan plan;
	char why[SIM_SCENARIO_PATH_SIZE + 300] = "";
	options->until_event = job->until_event;
	if (job->plan_path[0] != '\0') {
		plan.sql_scenario = tools->scenario != NULL ? tools->scenario->sql : NULL;
		options->plan = &plan;
		if (!sim_plan_text_load(&plan, job->plan_path, why, sizeof why)) {
			result->verdict = SIM_HARNESS_FAILED;
			snprintf(result->detail, sizeof result->detail, "%.200s", why);
			return false;
		}
		if (tools->vfs_path != NULL) {
			snprintf(plan.vfs_path, sizeof plan.vfs_path, "%s", tools->vfs_path);
		}
	}
	options->trace = job->trace_path[0] != '\0' ? fopen(job->trace_path, "w") : NULL;
	if (job->trace_path[0] != '\0' && options->trace == NULL) {
		sim_worker_fail_trace(job, strerror(errno), result);
		return false;
	}
	return true;
}

/* What this worker had used before it became a run of its own. */
static double sim_worker_spent_s;

/* `sightings` may be NULL. */
static void sim_worker_run_one(const struct sim_worker_job *job, const struct sim_worker_tools *tools,
                               struct sim_sightings *sightings, struct sim_worker_record *record) {
	struct sim_run_options options = {.sightings = sightings};
	bool single = job->plan_path[0] != '\0' || job->trace_path[0] != '\0' || job->until_event != 0;
	if (single && !sim_worker_open_job(job, tools, &options, &record->result)) {
		return;
	}
	sim_run(tools->scenario, record->seed, tools->subject, &options, &record->result);
	if (options.trace != NULL) {
		sim_worker_close_trace(job, options.trace, &record->result);
	}
}

/* Run number `i` of a job, from the word that it begins to what came of it. False when the
 * coordinator is gone. */
static bool sim_worker_do_one(const struct sim_worker_job *job, uint32_t i, const struct sim_worker_tools *tools) {
	static struct sim_worker_record record;
	static struct sim_sightings sightings;
	memset(&record, 0, sizeof record);
	memset(&sightings, 0, job->sights ? sizeof sightings : 0);
	record.kind = SIM_WORKER_BEGINS;
	record.scenario = job->scenario;
	record.index = job->index + i;
	record.seed = job->seed + i * job->step;
	if (!sim_worker_write(&record)) {
		return false;
	}
	sim_worker_run_one(job, tools, job->sights ? &sightings : NULL, &record);
	record.kind = SIM_WORKER_ENDED;
	record.processor_s = sim_worker_spent_s + sim_processor_time_of_all_s();
	if (i + 1 == job->count) {
		sim_worker_trim();
		record.rss_kib = sim_worker_rss_kib();
	}
	return job->sights ? sim_worker_write_sighted(&record, &sightings) : sim_worker_write(&record);
}

static bool sim_worker_do(const struct sim_worker_job *job, const struct sim_worker_tools *tools) {
	bool done = true;
	assert(job->count > 0 && job->step > 0);
	for (uint32_t i = 0; i < job->count && done; i++) {
		done = sim_worker_do_one(job, i, tools);
	}
	return done;
}

static bool sim_worker_read_job(struct sim_worker_job *job) {
	size_t done = 0;
	while (done < sizeof *job) {
		ssize_t got = read(sim_worker_jobs_fd, (char *)job + done, sizeof *job - done);
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
	uint32_t takes;       /* what the subject takes: other cells are not loaded */
	const char *branches; /* crash states beside each run: a number, or "-" for what the
	                       * scenarios say */
	const char *vfs_path; /* for all; "-": as the scenarios say */
	struct sim_scenario *scenarios[SIM_WORKER_SCENARIOS_MAX];
};

static bool sim_worker_take(void *context, struct sim_scenario *scenario) {
	struct sim_worker_library *library = context;
	if ((sim_fit_of_scenario(scenario) & ~library->takes) != 0) {
		sim_scenario_destroy(scenario); /* nor does the sweep count it */
		return true;
	}
	if (library->count == SIM_WORKER_SCENARIOS_MAX) {
		sim_scenario_destroy(scenario);
		return false;
	}
	if (strcmp(library->branches, "-") != 0) {
		sim_scenario_set_branches(scenario, (uint32_t)strtoul(library->branches, NULL, 10));
	}
	if (strcmp(library->vfs_path, "-") != 0) {
		sim_scenario_set_vfs(scenario, library->vfs_path);
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
	library->takes = record.takes;
	for (int i = 0; i < count && ready; i++) {
		ready = sim_worker_load(library, specs[i], &why);
	}
	return sim_worker_write(&record) && ready;
}

/* A plan of orders needs no scenario. */
static bool sim_worker_can(const struct sim_worker_library *library, const struct sim_worker_job *job) {
	return job->scenario < library->count || job->plan_path[0] != '\0';
}

int sim_worker_main(int count, char **arguments) {
	static struct sim_worker_library library;
	static struct sim_worker_job job;
	if (count < 4 || !sim_worker_move_pipes()) {
		return 2;
	}
	if (strcmp(arguments[1], "other") == 0) {
		sim_worker_move_addresses();
	}
	const char *subject_path = strcmp(arguments[0], "-") == 0 ? NULL : arguments[0];
	/* Ctrl-C and a terminal that closes go to the whole group; the coordinator decides when its
	 * workers end. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sim_worker_keep_memory();
	library.branches = arguments[2];
	library.vfs_path = arguments[3];
	bool ready = sim_worker_get_ready(&library, subject_path, count - 4, arguments + 4);
	while (ready && sim_worker_read_job(&job) && sim_worker_can(&library, &job)) {
		const struct sim_worker_tools tools = {
		        .scenario = job.scenario < library.count ? library.scenarios[job.scenario] : NULL,
		        .subject = library.subject,
		        .vfs_path = strcmp(library.vfs_path, "-") != 0 ? library.vfs_path : NULL};
		ready = sim_worker_do(&job, &tools);
	}
	for (uint32_t i = 0; i < library.count; i++) {
		sim_scenario_destroy(library.scenarios[i]);
	}
	if (library.subject != NULL) {
		sim_plugin_exit(0);
	}
	return 0;
}

/* ---- at home --------------------------------------------------------------------------------- */

/* The exit status of a run that has told all. A subject that calls exit() ends with another. */
#define SIM_WORKER_RUN_TOLD 117

/* Exit handlers of the host are for the host's own end. */
static void sim_worker_leave_at_once(int status, void *context) {
	(void)context;
	_exit(status == SIM_WORKER_RUN_TOLD ? status + 1 : status);
}

/* What a subject throws must not arrive at the host's own handlers, above the frames of this
 * library. */
static void sim_worker_catch_all(const int *guard) {
	(void)guard;
	abort();
}

static void sim_worker_do_and_leave(const struct sim_worker_job *job, uint32_t i, const struct sim_worker_home *home) {
	__attribute__((cleanup(sim_worker_catch_all))) int guard = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)on_exit(sim_worker_leave_at_once, NULL);
	if (home->begin_run != NULL) {
		home->begin_run();
	}
	const struct sim_worker_tools tools = {.scenario = home->scenarios[job->scenario], .subject = home->subject};
	bool told = sim_worker_do_one(job, i, &tools);
	_exit(told ? SIM_WORKER_RUN_TOLD : guard + 1);
}

/* The worker ends as its run has ended, and leaves no second core file. */
static void sim_worker_end_as(int status) {
	if (WIFSIGNALED(status)) {
		prctl(PR_SET_DUMPABLE, 0);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/* That there is no process for a run says nothing about the subject. */
_Noreturn static void sim_worker_tell_no_process(const struct sim_worker_job *job, uint32_t i) {
	static struct sim_worker_record record;
	record = (struct sim_worker_record){.kind = SIM_WORKER_ENDED,
	                                    .scenario = job->scenario,
	                                    .index = job->index + i,
	                                    .seed = job->seed + i * job->step,
	                                    .processor_s = sim_worker_spent_s};
	record.result.verdict = SIM_HARNESS_FAILED;
	snprintf(record.result.detail, sizeof record.result.detail, "a process that runs the seed cannot be had");
	_exit(sim_worker_write(&record) ? 0 : 1);
}

/* A run in a fork of its own. */
static void sim_worker_do_apart(const struct sim_worker_job *job, uint32_t i, const struct sim_worker_home *home) {
	int status = 0;
	sim_worker_spent_s = sim_processor_time_of_all_s();
	pid_t pid = fork();
	if (pid == 0) {
		sim_worker_do_and_leave(job, i, home);
	}
	if (pid < 0) {
		sim_worker_tell_no_process(job, i);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != SIM_WORKER_RUN_TOLD) {
		sim_worker_end_as(status);
	}
}

static void sim_worker_move_to_other_ground(void) {
	char filler[SIM_WORKER_FILLER_SIZE];
	memset(filler, 'x', sizeof filler - 1);
	filler[sizeof filler - 1] = '\0';
	(void)mallopt(M_PERTURB, 165);
	(void)setenv("AFTERSHOCK_GROUND", filler, 1);
	sim_worker_move_addresses();
}

static int sim_worker_main_at_home(const struct sim_worker_home *home, bool on_other_ground) {
	static struct sim_worker_job job;
	static struct sim_worker_record record;
	if (!sim_worker_move_pipes()) {
		return 2;
	}
	if (on_other_ground) {
		sim_worker_move_to_other_ground();
	}
	record = (struct sim_worker_record){.kind = SIM_WORKER_READY, .takes = home->subject->takes};
	bool ready = sim_worker_write(&record);
	while (ready && sim_worker_read_job(&job) && job.scenario < home->scenario_count) {
		for (uint32_t i = 0; i < job.count; i++) {
			sim_worker_do_apart(&job, i, home);
		}
	}
	return 0;
}
