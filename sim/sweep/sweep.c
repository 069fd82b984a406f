/* sim/sweep/sweep.c: hands out seeds, collects results, and puts them back into order. Runs are
 * numbered through all scenarios. A job is a few neighbours. A result waits in a window until all
 * before it have arrived, so that listeners are told the same for any number of jobs. */
#include "sweep.h"

#include "cell.h"
#include "totals.h"
#include "worker.h"

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIM_SWEEP_WINDOW 8192u
#define SIM_SWEEP_JOB_RUNS 32u
#define SIM_SWEEP_EXTRAS_MAX 256u
/* One run in so many is run a second time, on other ground: 1.6 % of the work. */
#define SIM_SWEEP_TWICE_EVERY 64u
#define SIM_SWEEP_TWICE_MAX 65536u

volatile sig_atomic_t sim_sweep_stop;

/* A worker and the job it is on: runs [next, end) are still to come. */
struct sim_sweep_slot {
	struct sim_worker worker;
	bool alive;
	bool ready;
	bool running; /* `next` has begun */
	uint64_t next;
	uint64_t end;
	double heard_s;
	double processor_s; /* of this worker so far */
};

struct sim_sweep_entry {
	bool done;
	struct sim_run_result run;
	uint32_t species_count;
	uint32_t *species; /* owned */
};

/* A run that is to be run again, and what it came to at first. */
struct sim_sweep_sample {
	struct sim_sweep_key key;
	enum sim_verdict verdict;
	uint64_t trace_hash[2];
	char invariant[SIM_VERDICT_INVARIANT_SIZE];
};

struct sim_sweep {
	const struct sim_sweep_options *options;
	struct sim_sweep_result *result;
	struct sim_sweep_listeners listeners;
	bool deaf[SIM_SWEEP_LISTENERS_MAX]; /* the listener has returned false */
	uint64_t per_scenario;              /* runs of this partition per scenario */
	uint64_t first_ordinal;
	uint64_t regular; /* runs of all scenarios; after them come the seeds of known findings */
	uint64_t total;
	uint64_t handed_out; /* runs before this one are with a worker, or done */
	uint64_t emitted;    /* runs before this one are reported */
	uint32_t retry_count;
	uint64_t retry_begin[SIM_SWEEP_JOBS_MAX]; /* what dead workers left over */
	uint64_t retry_end[SIM_SWEEP_JOBS_MAX];
	uint32_t extra_count;
	struct sim_sweep_key extras[SIM_SWEEP_EXTRAS_MAX];
	double begin_s;
	double shown_s;
	bool failed; /* the test bed itself */
	bool sights; /* a listener asks for the species of the runs */
	bool twice;  /* the samples are run again; else the runs themselves */
	uint32_t sample_count;
	struct sim_sweep_sample *samples;
	struct sim_sweep_entry *window;
	struct sim_sweep_slot slots[SIM_SWEEP_JOBS_MAX];
};

static double sim_sweep_now_s(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Which run is at this place. */
static struct sim_sweep_key sim_sweep_key(const struct sim_sweep *sweep, uint64_t index) {
	assert(index < sweep->total);
	if (sweep->twice) {
		return sweep->samples[index].key;
	}
	if (index >= sweep->regular) {
		return sweep->extras[index - sweep->regular];
	}
	const struct sim_sweep_options *options = sweep->options;
	uint64_t of_scenario = options->by_seed ? index / options->scenario_count : index % sweep->per_scenario;
	uint64_t scenario = options->by_seed ? index % options->scenario_count : index / sweep->per_scenario;
	uint64_t ordinal = sweep->first_ordinal + of_scenario * options->partitions;
	return (struct sim_sweep_key){
	        .scenario = (uint32_t)scenario, .ordinal = ordinal, .seed = sweep->options->first_seed + ordinal};
}

/* What holds between two turns of the loop. */
static void sim_sweep_assert(const struct sim_sweep *sweep) {
	assert(sweep->emitted <= sweep->handed_out && sweep->handed_out <= sweep->total);
	assert(sweep->handed_out - sweep->emitted <= SIM_SWEEP_WINDOW);
	assert(sweep->total == (sweep->twice ? sweep->sample_count : sweep->regular + sweep->extra_count));
	assert(sweep->retry_count <= sweep->options->jobs);
	assert(sweep->failed == (sweep->result->broken[0] != '\0'));
	for (uint32_t i = 0; i < sweep->retry_count; i++) {
		assert(sweep->retry_begin[i] < sweep->retry_end[i] && sweep->retry_end[i] <= sweep->handed_out);
	}
	for (uint32_t i = 0; i < sweep->options->jobs; i++) {
		const struct sim_sweep_slot *slot = &sweep->slots[i];
		assert(slot->next <= slot->end && slot->end <= sweep->handed_out);
		assert(!slot->running || (slot->ready && slot->next < slot->end));
	}
}

/* ---- reporting, in order --------------------------------------------------------------------- */

/* Of several lines the first says why. */
static void sim_sweep_fail(struct sim_sweep *sweep, const char *why) {
	struct sim_sweep_result *result = sweep->result;
	assert(why[0] != '\0');
	if (!sweep->failed) {
		snprintf(result->broken, sizeof result->broken, "%s", why);
	}
	sweep->failed = true;
}

/* False: it cannot keep it. */
static bool sim_sweep_tell(const struct sim_sweep_listener *listener, const struct sim_sweep_key *key,
                           const struct sim_sweep_entry *entry, char why[SIM_SWEEP_WHY_SIZE]) {
	if (listener->run_ended != NULL && !listener->run_ended(listener->context, key, &entry->run, why)) {
		return false;
	}
	return listener->run_reached == NULL ||
	       listener->run_reached(listener->context, key, entry->species, entry->species_count, why);
}

static void sim_sweep_tell_run(struct sim_sweep *sweep, const struct sim_sweep_key *key,
                               const struct sim_sweep_entry *entry) {
	char why[SIM_SWEEP_WHY_SIZE] = "";
	for (uint32_t i = 0; i < sweep->listeners.count; i++) {
		if (sweep->deaf[i]) {
			continue;
		}
		sweep->deaf[i] = !sim_sweep_tell(&sweep->listeners.all[i], key, entry, why);
		if (sweep->deaf[i]) {
			sim_sweep_fail(sweep, why);
		}
	}
}

static void sim_sweep_tell_end(struct sim_sweep *sweep) {
	char why[SIM_SWEEP_WHY_SIZE] = "";
	for (uint32_t i = 0; i < sweep->listeners.count; i++) {
		const struct sim_sweep_listener *listener = &sweep->listeners.all[i];
		if (listener->sweep_ended != NULL && !listener->sweep_ended(listener->context, sweep->result, why)) {
			sim_sweep_fail(sweep, why);
			sweep->result->exit_status = sim_sweep_exit_status(sweep->result);
		}
	}
}

/* Every so many runs, one is kept to be run again. */
static void sim_sweep_take_sample(struct sim_sweep *sweep, uint64_t index, const struct sim_sweep_key *key,
                                  const struct sim_run_result *run) {
	if (index % SIM_SWEEP_TWICE_EVERY != 0 || sweep->sample_count == SIM_SWEEP_TWICE_MAX) {
		return;
	}
	struct sim_sweep_sample *sample = &sweep->samples[sweep->sample_count++];
	*sample = (struct sim_sweep_sample){.key = *key, .verdict = run->verdict};
	memcpy(sample->trace_hash, run->trace_hash, sizeof sample->trace_hash);
	memcpy(sample->invariant, run->invariant, sizeof sample->invariant);
}

/* What a run came to the second time: the same, or its subject depends on more than its seed. */
static void sim_sweep_compare(struct sim_sweep *sweep, uint64_t index, const struct sim_run_result *run) {
	const struct sim_sweep_sample *sample = &sweep->samples[index];
	struct sim_run_result differs = *run;
	sweep->result->twice++;
	if (sample->verdict == run->verdict && strcmp(sample->invariant, run->invariant) == 0 &&
	    memcmp(sample->trace_hash, run->trace_hash, sizeof run->trace_hash) == 0) {
		return;
	}
	snprintf(differs.invariant, sizeof differs.invariant, SIM_SWEEP_NONDETERMINISTIC);
	snprintf(differs.detail, sizeof differs.detail,
	         "trace hash %016" PRIx64 "%016" PRIx64 ", and %016" PRIx64 "%016" PRIx64 " with other memory",
	         sample->trace_hash[0], sample->trace_hash[1], run->trace_hash[0], run->trace_hash[1]);
	sim_sweep_note_failure(sweep->result, &sample->key, &differs);
}

bool sim_sweep_names_finding(const char *name, const char *finding) {
	size_t length = strlen(name);
	return strncmp(finding, name, length) == 0 && (finding[length] == '\0' || finding[length] == '-');
}

/* Whether a violation is what the sweep stops at. */
static bool sim_sweep_is_wanted(const struct sim_sweep_options *options, uint32_t scenario,
                                const struct sim_run_result *run) {
	const char *wanted = options->stop_at;
	if (wanted == NULL || strcmp(wanted, SIM_SWEEP_STOP_AT_VIOLATION) == 0) {
		return wanted != NULL && sim_cell_excuse(options, scenario, run) == SIM_SWEEP_NO_EXCUSE;
	}
	return sim_sweep_names_finding(wanted, sim_cell_excuse_name(options, scenario, run));
}

static void sim_sweep_emit(struct sim_sweep *sweep, uint64_t index, const struct sim_sweep_entry *entry) {
	const struct sim_run_result *run = &entry->run;
	if (sweep->twice) {
		sim_sweep_compare(sweep, index, run);
		return;
	}
	const struct sim_sweep_key key = sim_sweep_key(sweep, index);
	sim_sweep_take_sample(sweep, index, &key, run);
	const struct sim_sweep_case about = sim_sweep_case_of(&key, run);
	sim_sweep_count(sweep->options, sweep->result, &about, run);
	if (run->verdict == SIM_VIOLATED) {
		if (sim_cell_excuse(sweep->options, key.scenario, run) == SIM_SWEEP_NO_EXCUSE) {
			sim_sweep_note_failure(sweep->result, &key, run);
		}
		sweep->result->stopped = sim_sweep_is_wanted(sweep->options, key.scenario, run);
	} else if (run->verdict != SIM_HELD) {
		sim_sweep_fail(sweep, run->detail[0] != '\0' ? run->detail : "a run could not be set up");
	}
	sim_sweep_tell_run(sweep, &key, entry);
}

static void sim_sweep_clear(struct sim_sweep_entry *entry) {
	free(entry->species);
	entry->species = NULL;
	entry->species_count = 0;
	entry->done = false;
}

static void sim_sweep_emit_ready(struct sim_sweep *sweep) {
	while (!sweep->result->stopped && sweep->emitted < sweep->total &&
	       sweep->window[sweep->emitted % SIM_SWEEP_WINDOW].done) {
		struct sim_sweep_entry *entry = &sweep->window[sweep->emitted % SIM_SWEEP_WINDOW];
		sim_sweep_emit(sweep, sweep->emitted, entry);
		sim_sweep_clear(entry);
		sweep->emitted++;
	}
}

/* At an early end: what is finished counts, though runs before it are missing. Where the sweep has
 * stopped by itself, nothing comes behind that run, however many workers there are. */
static void sim_sweep_emit_rest(struct sim_sweep *sweep) {
	for (uint64_t index = sweep->emitted; index < sweep->handed_out && !sweep->result->stopped; index++) {
		struct sim_sweep_entry *entry = &sweep->window[index % SIM_SWEEP_WINDOW];
		if (entry->done) {
			sim_sweep_emit(sweep, index, entry);
			sim_sweep_clear(entry);
		}
	}
}

/* The species become the sweep's; NULL: none. */
static void sim_sweep_store(struct sim_sweep *sweep, uint64_t index, const struct sim_run_result *run,
                            uint32_t *species, uint32_t species_count) {
	struct sim_sweep_entry *entry = &sweep->window[index % SIM_SWEEP_WINDOW];
	assert(index >= sweep->emitted && index < sweep->handed_out);
	assert(!entry->done);
	entry->run = *run;
	entry->species = species;
	entry->species_count = species_count;
	entry->done = true;
	sim_sweep_emit_ready(sweep);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static bool sim_sweep_take(struct sim_sweep *sweep, uint64_t *begin, uint64_t *end) {
	if (sweep->retry_count > 0) {
		sweep->retry_count--;
		*begin = sweep->retry_begin[sweep->retry_count];
		*end = sweep->retry_end[sweep->retry_count];
		return true;
	}
	*begin = sweep->handed_out;
	*end = *begin + SIM_SWEEP_JOB_RUNS;
	/* A job is neighbours of one scenario; an extra seed or a sample is a job of its own. */
	bool alone = sweep->twice || sweep->options->by_seed || *begin >= sweep->regular;
	uint64_t last = alone ? *begin + 1 : (*begin / sweep->per_scenario + 1) * sweep->per_scenario;
	*end = *end > last ? last : *end;
	if (*begin >= sweep->total || *end > sweep->emitted + SIM_SWEEP_WINDOW) {
		return false;
	}
	sweep->handed_out = *end;
	return true;
}

static void sim_sweep_hand_out(struct sim_sweep *sweep, struct sim_sweep_slot *slot) {
	uint64_t begin = 0;
	uint64_t end = 0;
	if (!slot->ready || slot->next < slot->end || !sim_sweep_take(sweep, &begin, &end)) {
		return;
	}
	const struct sim_sweep_key key = sim_sweep_key(sweep, begin);
	struct sim_worker_job job = {.scenario = key.scenario,
	                             .count = (uint32_t)(end - begin),
	                             .index = begin,
	                             .seed = key.seed,
	                             .step = sweep->options->partitions,
	                             .sights = sweep->sights && !sweep->twice};
	if (key.plan > 0) {
		const struct sim_known *known = &sweep->options->scenarios[key.scenario]->known[key.plan - 1];
		memcpy(job.plan_path, known->plan, sizeof job.plan_path);
	}
	slot->next = begin;
	slot->end = end;
	slot->running = false;
	slot->heard_s = sim_sweep_now_s();
	/* A worker that is gone already shows as the end of its records: nothing to do about a
	 * failed write here. */
	if (write(slot->worker.jobs_fd, &job, sizeof job) != (ssize_t)sizeof job) {
		slot->heard_s = 0;
	}
}

static bool sim_sweep_start_worker(struct sim_sweep *sweep, struct sim_sweep_slot *slot) {
	const struct sim_worker_origin origin = {.home = sweep->options->home,
	                                         .subject_path = sweep->options->subject_path,
	                                         .vfs_path = sweep->options->vfs_path,
	                                         .specs = sweep->options->specs,
	                                         .spec_count = sweep->options->spec_count,
	                                         .branches_given = sweep->options->branches_given,
	                                         .branches = sweep->options->branches,
	                                         .on_other_ground = sweep->twice};
	memset(slot, 0, sizeof *slot);
	slot->alive = sim_worker_start(&slot->worker, &origin);
	slot->heard_s = sim_sweep_now_s();
	if (!slot->alive) {
		sim_sweep_fail(sweep, "a worker process cannot be started");
	}
	return slot->alive;
}

/* The worker is gone or silent: the run it was on is a violation, the rest of its job goes to
 * another. */
static void sim_sweep_lose_worker(struct sim_sweep *sweep, struct sim_sweep_slot *slot, bool hung) {
	struct sim_run_result run = {.verdict = SIM_VIOLATED};
	char how[SIM_VERDICT_DETAIL_SIZE];
	sim_worker_end(&slot->worker, true, how, sizeof how);
	slot->alive = false;
	if (!slot->ready || (!slot->running && slot->next >= slot->end)) {
		sim_sweep_fail(sweep, "a worker process ended before its first run");
		return;
	}
	snprintf(run.invariant, sizeof run.invariant, "%s", hung ? "subject_hung" : "subject_crashed");
	if (hung) {
		snprintf(run.detail, sizeof run.detail, "no end after %u seconds", sweep->options->hang_seconds);
	} else {
		snprintf(run.detail, sizeof run.detail, "%s", how);
	}
	uint64_t lost = slot->next;
	if (lost + 1 < slot->end) {
		assert(sweep->retry_count < SIM_SWEEP_JOBS_MAX);
		sweep->retry_begin[sweep->retry_count] = lost + 1;
		sweep->retry_end[sweep->retry_count] = slot->end;
		sweep->retry_count++;
	}
	sim_sweep_store(sweep, lost, &run, NULL, 0);
	sim_sweep_start_worker(sweep, slot);
}

static void sim_sweep_hear(struct sim_sweep *sweep, struct sim_sweep_slot *slot) {
	const struct sim_worker_record *record = &slot->worker.record;
	slot->heard_s = sim_sweep_now_s();
	switch (record->kind) {
	case SIM_WORKER_READY:
		slot->ready = record->text[0] == '\0';
		if (!slot->ready) {
			sim_sweep_fail(sweep, record->text);
		}
		break;
	case SIM_WORKER_BEGINS:
		slot->running = true;
		slot->worker.said_bytes = 0;
		break;
	case SIM_WORKER_ENDED:
		assert(record->index == slot->next && record->index < slot->end);
		slot->running = false;
		slot->next = record->index + 1;
		if (record->rss_kib > 0) {
			struct sim_sweep_result *result = sweep->result;
			result->rss_first_kib = result->rss_first_kib == 0 ? record->rss_kib : result->rss_first_kib;
			result->rss_last_kib = record->rss_kib;
		}
		sweep->result->processor_s += record->processor_s - slot->processor_s;
		slot->processor_s = record->processor_s;
		sim_sweep_store(sweep, record->index, &record->result, slot->worker.species, record->species_count);
		slot->worker.species = NULL;
		break;
	case SIM_WORKER_NONE:
	case SIM_WORKER_LOST:
		break;
	}
}

static void sim_sweep_listen(struct sim_sweep *sweep, struct sim_sweep_slot *slot) {
	int got = 1;
	while (got == 1 && slot->alive && !sweep->failed) {
		got = sim_worker_read(&slot->worker);
		if (got == 1) {
			sim_sweep_hear(sweep, slot);
		}
	}
	if (got < 0 && !sweep->failed) {
		sim_sweep_lose_worker(sweep, slot, false);
	}
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void sim_sweep_show_progress(struct sim_sweep *sweep) {
	double now_s = sim_sweep_now_s();
	if (sweep->options->progress && now_s - sweep->shown_s > 0.2) {
		sweep->shown_s = now_s;
		fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " runs, %" PRIu64 " violated, %.0f s ", sweep->emitted,
		        sweep->total, sweep->result->all.violated, now_s - sweep->begin_s);
	}
}

/* Silent for too long; or its process is gone, and somebody whom the subject forked keeps its pipes
 * open. */
static void sim_sweep_check_silent(struct sim_sweep *sweep, struct sim_sweep_slot *slot) {
	bool busy = slot->alive && (slot->next < slot->end || !slot->ready);
	if (busy && sim_sweep_now_s() - slot->heard_s > sweep->options->hang_seconds) {
		sim_sweep_lose_worker(sweep, slot, true);
	} else if (busy && sim_worker_has_ended(&slot->worker)) {
		pid_t ended = slot->worker.pid;
		/* What it has still said counts first. */
		sim_sweep_listen(sweep, slot);
		if (slot->alive && slot->worker.pid == ended && !sweep->failed) {
			sim_sweep_lose_worker(sweep, slot, false);
		}
	}
}

static void sim_sweep_wait(struct sim_sweep *sweep) {
	struct pollfd polls[2 * SIM_SWEEP_JOBS_MAX];
	uint32_t jobs = sweep->options->jobs;
	for (uint32_t i = 0; i < jobs; i++) {
		bool alive = sweep->slots[i].alive;
		polls[2 * i] = (struct pollfd){.fd = alive ? sweep->slots[i].worker.records_fd : -1, .events = POLLIN};
		polls[2 * i + 1] =
		        (struct pollfd){.fd = alive ? sweep->slots[i].worker.stderr_fd : -1, .events = POLLIN};
	}
	if (poll(polls, 2 * jobs, 200) <= 0) {
		memset(polls, 0, sizeof polls);
	}
	for (uint32_t i = 0; i < jobs && !sweep->failed; i++) {
		struct sim_sweep_slot *slot = &sweep->slots[i];
		bool recorded = polls[2 * i].revents != 0;
		bool said = polls[2 * i + 1].revents != 0;
		/* A run is told of before it can say anything. So it is heard of first, or what it
		 * has said would go with what the run before it had. */
		if (recorded || said) {
			sim_sweep_listen(sweep, slot);
		}
		if (said && slot->alive) {
			sim_worker_drain(&slot->worker);
		}
		if (!recorded) {
			sim_sweep_check_silent(sweep, slot);
		}
	}
}

static bool sim_sweep_goes_on(struct sim_sweep *sweep) {
	const struct sim_sweep_options *options = sweep->options;
	sweep->result->interrupted = sim_sweep_stop != 0;
	bool late = options->time_limit_s > 0 && sim_sweep_now_s() - sweep->begin_s > options->time_limit_s;
	bool spent = options->processor_limit_s > 0 && sweep->result->processor_s > options->processor_limit_s;
	sweep->result->out_of_time = sweep->result->out_of_time || late || spent;
	return sweep->emitted < sweep->total && !sweep->failed && !sweep->result->interrupted &&
	       !sweep->result->out_of_time && !sweep->result->stopped;
}

static void sim_sweep_work(struct sim_sweep *sweep) {
	for (uint32_t i = 0; i < sweep->options->jobs && !sweep->failed; i++) {
		sim_sweep_start_worker(sweep, &sweep->slots[i]);
	}
	while (sim_sweep_goes_on(sweep)) {
		sim_sweep_assert(sweep);
		for (uint32_t i = 0; i < sweep->options->jobs; i++) {
			sim_sweep_hand_out(sweep, &sweep->slots[i]);
		}
		sim_sweep_wait(sweep);
		sim_sweep_show_progress(sweep);
	}
	bool complete = sweep->emitted == sweep->total;
	for (uint32_t i = 0; i < sweep->options->jobs; i++) {
		if (sweep->slots[i].alive) {
			/* One at home has the pipes of its neighbours, too, so no end of a job
			 * tells it to go. */
			sim_worker_end(&sweep->slots[i].worker, !complete || sweep->options->home != NULL, NULL, 0);
		}
	}
	sim_sweep_emit_rest(sweep);
	if (sweep->options->progress) {
		fprintf(stderr, "\r%60s\r", "");
	}
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void sim_sweep_add_extra(struct sim_sweep *sweep, const struct sim_sweep_key *key) {
	if (sweep->options->partition == 1 && sweep->extra_count < SIM_SWEEP_EXTRAS_MAX) {
		struct sim_sweep_key *extra = &sweep->extras[sweep->extra_count];
		*extra = *key;
		extra->ordinal = sweep->options->seed_count + sweep->extra_count;
		sweep->extra_count++;
	}
}

/* Scenarios that know the same finding share its plan: the first of them runs it. */
static bool sim_sweep_runs_plan(const struct sim_sweep *sweep, const char *plan) {
	for (uint32_t i = 0; i < sweep->extra_count; i++) {
		const struct sim_sweep_key *key = &sweep->extras[i];
		const struct sim_scenario *scenario = sweep->options->scenarios[key->scenario];
		if (key->plan > 0 && strcmp(scenario->known[key->plan - 1].plan, plan) == 0) {
			return true;
		}
	}
	return false;
}

/* The seed of a known finding is run in every sweep with the build that it was recorded with,
 * unless it is among the others anyhow. Its plan is run on every version concerned. The first
 * partition does it. */
static void sim_sweep_add_known(struct sim_sweep *sweep, uint32_t scenario, uint32_t n) {
	const struct sim_sweep_options *options = sweep->options;
	const struct sim_known *known = &options->scenarios[scenario]->known[n];
	struct sim_sweep_key key = {.scenario = scenario, .seed = known->seed};
	bool regular = known->seed - options->first_seed < options->seed_count;
	if (!regular && known->seed != 0 && sim_cell_known_recorded_here(known)) {
		sim_sweep_add_extra(sweep, &key);
	}
	if (known->plan[0] != '\0' && sim_cell_known_here(known) && !sim_sweep_runs_plan(sweep, known->plan)) {
		key.plan = n + 1;
		sim_sweep_add_extra(sweep, &key);
	}
}

static void sim_sweep_add_extras(struct sim_sweep *sweep) {
	const struct sim_sweep_options *options = sweep->options;
	for (uint32_t i = 0; i < options->scenario_count && sim_sweep_is_of_product(options); i++) {
		for (uint32_t n = 0; n < options->scenarios[i]->known_count; n++) {
			sim_sweep_add_known(sweep, i, n);
		}
	}
}

static bool sim_sweep_set_up(struct sim_sweep *sweep) {
	const struct sim_sweep_options *options = sweep->options;
	uint64_t skipped = options->partition - 1;
	sweep->begin_s = sim_sweep_now_s();
	sweep->first_ordinal = skipped;
	sweep->per_scenario =
	        options->seed_count > skipped ? (options->seed_count - skipped - 1) / options->partitions + 1 : 0;
	sweep->regular = sweep->per_scenario * options->scenario_count;
	sim_sweep_add_extras(sweep);
	sweep->total = sweep->regular + sweep->extra_count;
	sweep->window = calloc(SIM_SWEEP_WINDOW, sizeof *sweep->window);
	if (sweep->window == NULL) {
		sim_sweep_fail(sweep, "out of memory");
	}
	sweep->samples = calloc(SIM_SWEEP_TWICE_MAX, sizeof *sweep->samples);
	if (sweep->samples == NULL) {
		sim_sweep_fail(sweep, "out of memory");
	}
	return sweep->window != NULL && sweep->samples != NULL;
}

/* Whether a run depends on its scenario and seed alone (S1): the samples again, in workers on other
 * ground. */
static void sim_sweep_run_twice(struct sim_sweep *sweep) {
	bool complete = sweep->emitted == sweep->total && !sweep->result->stopped;
	if (!complete || sweep->failed || sweep->sample_count == 0) {
		return;
	}
	sweep->twice = true;
	sweep->handed_out = sweep->emitted = 0;
	sweep->total = sweep->sample_count;
	assert(sweep->retry_count == 0);
	sim_sweep_work(sweep);
}

void sim_sweep_run(const struct sim_sweep_options *options, const struct sim_sweep_listeners *listeners,
                   struct sim_sweep_result *result) {
	static struct sim_sweep sweep;
	assert(options->partition >= 1 && options->partition <= options->partitions);
	assert(options->jobs >= 1 && options->jobs <= SIM_SWEEP_JOBS_MAX);
	assert(options->scenario_count <= SIM_SWEEP_SCENARIOS_MAX);
	memset(result, 0, sizeof *result);
	memset(&sweep, 0, sizeof sweep);
	sweep.options = options;
	sweep.result = result;
	if (listeners != NULL) {
		assert(listeners->count <= SIM_SWEEP_LISTENERS_MAX);
		sweep.listeners = *listeners;
	}
	for (uint32_t i = 0; i < sweep.listeners.count; i++) {
		sweep.sights = sweep.sights || sweep.listeners.all[i].run_reached != NULL;
	}
	if (sim_sweep_set_up(&sweep)) {
		sim_sweep_work(&sweep);
		sim_sweep_run_twice(&sweep);
		sim_cell_check_batch(options, result);
	}
	sim_worker_end_strays();
	for (uint32_t i = 0; sweep.window != NULL && i < SIM_SWEEP_WINDOW; i++) {
		sim_sweep_clear(&sweep.window[i]);
	}
	free(sweep.window);
	free(sweep.samples);
	result->wall_s = sim_sweep_now_s() - sweep.begin_s;
	result->exit_status = sim_sweep_exit_status(result);
	sim_sweep_tell_end(&sweep);
	assert(sweep.failed == (result->broken[0] != '\0'));
}
