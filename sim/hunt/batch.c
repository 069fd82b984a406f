/* sim/hunt/batch.c: see batch.h. A lane is a process that is forked once: it is sent a candidate,
 * makes its plan, runs it, and writes a record. It is sent the next one when the record is there.
 * Whoever the subject of a lane has forked may keep its pipes open when it is gone: so nobody waits
 * at a pipe without asking whether the lane has ended. */
#include "batch.h"

#include "ended.h"
#include "plugin.h"
#include "sighting.h"
#include "sweep.h"
#include "worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIM_BATCH_POLL_MS 100

/* What a lane is sent; the texts follow. */
struct sim_batch_order {
	uint32_t scenario;
	uint64_t seed;
	uint64_t parent_size; /* with the NUL; 0: there is none */
	uint64_t donor_size;
};

/* What it writes; the numbers of the species follow. */
struct sim_batch_record {
	struct sim_run_result result;
	uint64_t calls;
	uint32_t count;
};

/* ---- in the process of a lane ---------------------------------------------------------------- */

static bool sim_batch_write(int fd, const void *bytes, size_t size) {
	const char *at = bytes;
	while (size > 0) {
		ssize_t wrote = write(fd, at, size);
		if (wrote < 0 && errno != EINTR) {
			return false;
		}
		at += wrote > 0 ? wrote : 0;
		size -= wrote > 0 ? (size_t)wrote : 0;
	}
	return true;
}

static bool sim_batch_read(int fd, void *bytes, size_t size) {
	char *at = bytes;
	while (size > 0) {
		ssize_t got = read(fd, at, size);
		if (got == 0 || (got < 0 && errno != EINTR)) {
			return false;
		}
		at += got > 0 ? got : 0;
		size -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* Of `size` bytes; NULL: none was sent, or it cannot be had. */
static char *sim_batch_read_text(int fd, uint64_t size) {
	char *text = size > 0 ? malloc(size) : NULL;
	if (text != NULL && !sim_batch_read(fd, text, size)) {
		free(text);
		text = NULL;
	}
	return text;
}

static bool sim_batch_read_order(int fd, struct sim_candidate *candidate) {
	struct sim_batch_order order;
	if (!sim_batch_read(fd, &order, sizeof order)) {
		return false;
	}
	*candidate = (struct sim_candidate){.scenario = order.scenario, .seed = order.seed};
	candidate->parent = sim_batch_read_text(fd, order.parent_size);
	candidate->donor = sim_batch_read_text(fd, order.donor_size);
	return (candidate->parent != NULL) == (order.parent_size > 0) &&
	       (candidate->donor != NULL) == (order.donor_size > 0);
}

static bool sim_batch_run_one(const struct sim_batch *batch, const struct sim_candidate *candidate,
                              const struct aftershock_subject *subject, int fd) {
	static struct sim_plan plan;
	static struct sim_sightings sightings;
	static struct sim_batch_record record;
	static uint32_t numbers[SIM_SPECIES_COUNT];
	memset(&sightings, 0, sizeof sightings);
	memset(&record, 0, sizeof record);
	sim_candidate_make(batch->sweep, candidate, &plan);
	const struct sim_run_options options = {.plan = &plan, .sightings = &sightings};
	sim_run(NULL, plan.seed, subject, &options, &record.result);
	sim_plan_deinit(&plan);
	record.calls = sightings.calls;
	record.count = sim_species_list(&sightings.species, numbers, SIM_SPECIES_COUNT);
	return sim_batch_write(fd, &record, sizeof record) &&
	       sim_batch_write(fd, numbers, record.count * sizeof numbers[0]);
}

/* What a subject prints is nobody's protocol. */
static void sim_batch_silence(void) {
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing >= 0) {
		dup2(nothing, STDIN_FILENO);
		dup2(nothing, STDOUT_FILENO);
		dup2(nothing, STDERR_FILENO);
	}
}

static void sim_batch_lane_main(const struct sim_batch *batch, int jobs_fd, int records_fd) {
	static struct sim_candidate candidate;
	const struct aftershock_subject *subject = NULL;
	char why[SIM_BATCH_WHY_SIZE];
	bool ready = true;
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sim_batch_silence();
	if (batch->sweep->subject_path != NULL) {
		subject = sim_plugin_load(batch->sweep->subject_path, why, sizeof why);
		ready = subject != NULL;
	}
	while (ready && sim_batch_read_order(jobs_fd, &candidate)) {
		ready = sim_batch_run_one(batch, &candidate, subject, records_fd);
		sim_candidate_clear(&candidate);
	}
	_exit(ready ? 0 : 3);
}

/* ---- in this process ------------------------------------------------------------------------- */

static int64_t sim_batch_now_ms(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool sim_batch_has_ended(const struct sim_batch_lane *lane) {
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)lane->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == lane->pid;
}

/* Until the lane has written or has made room. False: it has ended, or its time is over. */
static bool sim_batch_wait(const struct sim_batch_lane *lane, int fd, short events) {
	bool over = false;
	int ready = 0;
	while (ready <= 0 && !over) {
		struct pollfd polls = {.fd = fd, .events = events};
		/* Asked first: what it wrote before its end is there by then. */
		over = sim_batch_has_ended(lane) || sim_batch_now_ms() > lane->until_ms;
		ready = poll(&polls, 1, over ? 0 : SIM_BATCH_POLL_MS);
	}
	return ready > 0;
}

static bool sim_batch_tell(const struct sim_batch_lane *lane, const void *bytes, size_t size) {
	const char *at = bytes;
	while (size > 0) {
		ssize_t wrote = write(lane->jobs_fd, at, size);
		bool later = wrote < 0 && (errno == EINTR || errno == EAGAIN);
		if (wrote < 0 && (!later || !sim_batch_wait(lane, lane->jobs_fd, POLLOUT))) {
			return false;
		}
		at += wrote > 0 ? wrote : 0;
		size -= wrote > 0 ? (size_t)wrote : 0;
	}
	return true;
}

static bool sim_batch_hear(const struct sim_batch_lane *lane, void *bytes, size_t size) {
	char *at = bytes;
	while (size > 0) {
		ssize_t got = read(lane->records_fd, at, size);
		bool later = got < 0 && (errno == EINTR || errno == EAGAIN);
		if (got == 0 || (got < 0 && (!later || !sim_batch_wait(lane, lane->records_fd, POLLIN)))) {
			return false;
		}
		at += got > 0 ? got : 0;
		size -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* Whoever holds the other ends of the pipes of another lane keeps them from ending. */
static void sim_batch_leave_others(const struct sim_batch *batch) {
	for (uint32_t i = 0; i < SIM_BATCH_RUNS_MAX; i++) {
		if (batch->lanes[i].pid > 0) {
			close(batch->lanes[i].jobs_fd);
			close(batch->lanes[i].records_fd);
		}
	}
}

static bool sim_batch_start(const struct sim_batch *batch, struct sim_batch_lane *lane) {
	int fds[2][2];
	if (pipe(fds[0]) != 0 || pipe(fds[1]) != 0) {
		return false;
	}
	for (int i = 0; i < 4; i++) {
		fcntl(fds[i / 2][i % 2], F_SETFD, FD_CLOEXEC);
	}
	fflush(NULL);
	lane->pid = fork();
	if (lane->pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sim_batch_leave_others(batch);
		close(fds[0][1]);
		close(fds[1][0]);
		sim_batch_lane_main(batch, fds[0][0], fds[1][1]);
	}
	close(fds[0][0]);
	close(fds[1][1]);
	lane->jobs_fd = fds[0][1];
	lane->records_fd = fds[1][0];
	fcntl(lane->jobs_fd, F_SETFL, O_NONBLOCK);
	fcntl(lane->records_fd, F_SETFL, O_NONBLOCK);
	lane->run = SIM_BATCH_RUNS_MAX;
	if (lane->pid < 0) {
		lane->pid = 0;
		close(lane->jobs_fd);
		close(lane->records_fd);
		return false;
	}
	setpgid(lane->pid, lane->pid);
	return true;
}

/* With everybody whom its subject has forked. */
static int sim_batch_stop(struct sim_batch_lane *lane) {
	siginfo_t info;
	int status = 0;
	close(lane->jobs_fd);
	close(lane->records_fd);
	while (waitid(P_PID, (id_t)lane->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
	}
	kill(-lane->pid, SIGKILL);
	waitpid(lane->pid, &status, 0);
	lane->pid = 0;
	return status;
}

/* The next run that nobody has begun goes to the lane, if there is one. A lane that is gone shows
 * when its record is waited for. False: no process can be had. */
static bool sim_batch_send(struct sim_batch *batch, struct sim_batch_lane *lane) {
	lane->run = SIM_BATCH_RUNS_MAX;
	if (batch->next == batch->count || sim_sweep_stop != 0) {
		return true;
	}
	if (lane->pid == 0 && !sim_batch_start(batch, lane)) {
		return false;
	}
	const struct sim_candidate *candidate = &batch->candidates[batch->next];
	const struct sim_batch_order order = {
	        .scenario = candidate->scenario,
	        .seed = candidate->seed,
	        .parent_size = candidate->parent != NULL ? strlen(candidate->parent) + 1 : 0,
	        .donor_size = candidate->donor != NULL ? strlen(candidate->donor) + 1 : 0};
	lane->run = batch->next++;
	lane->until_ms = sim_batch_now_ms() + (int64_t)batch->sweep->hang_seconds * 1000;
	bool sent = sim_batch_tell(lane, &order, sizeof order) &&
	            sim_batch_tell(lane, candidate->parent, order.parent_size) &&
	            sim_batch_tell(lane, candidate->donor, order.donor_size);
	(void)sent;
	return true;
}

/* False: the lane has ended in the middle of the run, or does not go on. */
static bool sim_batch_take(const struct sim_batch_lane *lane, struct sim_batch_run *run) {
	static struct sim_batch_record record;
	if (!sim_batch_hear(lane, &record, sizeof record) || record.count > SIM_SPECIES_COUNT) {
		return false;
	}
	uint32_t *species = malloc((record.count + 1u) * sizeof *species);
	if (species == NULL || !sim_batch_hear(lane, species, record.count * sizeof *species)) {
		free(species);
		return false;
	}
	*run = (struct sim_batch_run){
	        .result = record.result, .calls = record.calls, .count = record.count, .species = species};
	return true;
}

/* Its pipe has ended: so will it. False: its time is over. */
static bool sim_batch_ends(const struct sim_batch_lane *lane) {
	const struct timespec moment = {.tv_nsec = 1000000};
	while (!sim_batch_has_ended(lane) && sim_batch_now_ms() <= lane->until_ms) {
		nanosleep(&moment, NULL);
	}
	return sim_batch_has_ended(lane);
}

/* The run that the lane was in has crashed or hung. */
static void sim_batch_lose(struct sim_batch *batch, struct sim_batch_lane *lane) {
	struct sim_run_result *run = &batch->runs[lane->run].result;
	bool hung = !sim_batch_ends(lane);
	if (hung) {
		kill(-lane->pid, SIGKILL);
	}
	int status = sim_batch_stop(lane);
	memset(run, 0, sizeof *run);
	run->verdict = SIM_VIOLATED;
	snprintf(run->invariant, sizeof run->invariant, "%s", hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(run->detail, sizeof run->detail, "no end after %u seconds", batch->sweep->hang_seconds);
	} else {
		(void)sim_ended_text(status, run->detail);
	}
}

/* Waits for any lane that is at a run, and gives it the next one. False as above. */
static bool sim_batch_serve(struct sim_batch *batch) {
	struct pollfd polls[SIM_BATCH_RUNS_MAX];
	struct sim_batch_lane *whose[SIM_BATCH_RUNS_MAX] = {NULL};
	nfds_t count = 0;
	bool good = true;
	for (uint32_t i = 0; i < SIM_BATCH_RUNS_MAX; i++) {
		if (batch->lanes[i].pid > 0 && batch->lanes[i].run < SIM_BATCH_RUNS_MAX) {
			whose[count] = &batch->lanes[i];
			polls[count++] = (struct pollfd){.fd = batch->lanes[i].records_fd, .events = POLLIN};
		}
	}
	poll(polls, count, SIM_BATCH_POLL_MS);
	for (nfds_t i = 0; i < count && good; i++) {
		struct sim_batch_lane *lane = whose[i];
		bool over = polls[i].revents != 0 || sim_batch_has_ended(lane) || sim_batch_now_ms() > lane->until_ms;
		if (over && !sim_batch_take(lane, &batch->runs[lane->run])) {
			sim_batch_lose(batch, lane);
		}
		good = !over || sim_batch_send(batch, lane);
	}
	return good;
}

static bool sim_batch_is_open(const struct sim_batch *batch) {
	bool open = false;
	for (uint32_t i = 0; i < SIM_BATCH_RUNS_MAX; i++) {
		open = open || (batch->lanes[i].pid > 0 && batch->lanes[i].run < SIM_BATCH_RUNS_MAX);
	}
	return open;
}

bool sim_batch_run(struct sim_batch *batch, char why[SIM_BATCH_WHY_SIZE]) {
	bool good = true;
	assert(batch->count <= SIM_BATCH_RUNS_MAX && batch->sweep->jobs >= 1);
	memset(batch->runs, 0, sizeof batch->runs);
	batch->next = 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (uint32_t i = 0; i < batch->sweep->jobs && i < SIM_BATCH_RUNS_MAX && good; i++) {
		good = sim_batch_send(batch, &batch->lanes[i]);
	}
	while (good && sim_batch_is_open(batch)) {
		good = sim_batch_serve(batch);
	}
	batch->count = sim_sweep_stop != 0 ? batch->next : batch->count;
	if (!good) {
		snprintf(why, SIM_BATCH_WHY_SIZE, "a process for the runs cannot be started: %s", strerror(errno));
	}
	return good;
}

void sim_batch_clear(struct sim_batch *batch) {
	for (uint32_t i = 0; i < SIM_BATCH_RUNS_MAX; i++) {
		free(batch->runs[i].species);
		sim_candidate_clear(&batch->candidates[i]);
	}
	memset(batch->runs, 0, sizeof batch->runs);
}

void sim_batch_end(struct sim_batch *batch) {
	for (uint32_t i = 0; i < SIM_BATCH_RUNS_MAX; i++) {
		if (batch->lanes[i].pid > 0) {
			kill(-batch->lanes[i].pid, SIGKILL);
			sim_batch_stop(&batch->lanes[i]);
		}
	}
	sim_worker_end_strays();
}
