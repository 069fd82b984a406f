/* sim/hunt/hunt.c: see hunt.h. In turns: a batch of runs is chosen by what is known, run in
 * processes of its own, and what came of it is noted in the order of the runs. */
#include "hunt.h"

#include "batch.h"
#include "cell.h"
#include "exit_status.h"
#include "intake.h"
#include "processor_time.h"
#include "sweep.h"
#include "worker.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A batch: at first small, so that what is easily found ends the hunt early. */
#define SIM_HUNT_BATCH 48u
#define SIM_HUNT_BATCH_LEAST 8u
/* Before anything is changed, so many runs are drawn. */
#define SIM_HUNT_FIRST_RUNS 48u
/* So many species are looked at; the plan of the rarest is changed. */
#define SIM_HUNT_DRAWN 12u
/* Neither of the two ways is given up. */
#define SIM_HUNT_LEAST_PERCENT 25u
#define SIM_HUNT_MOST_PERCENT 75u
/* What was found long ago counts half after so many batches. */
#define SIM_HUNT_FADES 8u

/* What one of the two ways has brought: new species for calls. */
struct sim_hunt_yield {
	uint64_t fresh;
	uint64_t calls;
};

struct sim_hunt {
	const struct sim_hunt_options *options;
	struct sim_hunt_result *result;
	struct sim_corpus corpus;
	struct sim_batch batch;
	struct sim_hunt_yield drawn;
	struct sim_hunt_yield changed;
	uint64_t chosen;  /* runs so far, without those of loaded plans */
	uint32_t waiting; /* plans that it should have begun with, and were not run */
};

static const struct sim_scenario *sim_hunt_scenario(const struct sim_hunt *hunt, uint32_t number) {
	return hunt->options->sweep->scenarios[number];
}

/* ---- choosing -------------------------------------------------------------------------------- */

static uint64_t sim_hunt_draw64(struct sim_pcg32 *chance) {
	uint64_t high = sim_pcg32_next(chance);
	return high << 32 | sim_pcg32_next(chance);
}

/* Of the runs that are drawn anew, from both ways' new species for the same number of calls. */
static uint32_t sim_hunt_fresh_percent(const struct sim_hunt *hunt) {
	const struct sim_hunt_yield *drawn = &hunt->drawn;
	const struct sim_hunt_yield *changed = &hunt->changed;
	if (hunt->options->fresh_percent != SIM_HUNT_BY_YIELD) {
		return hunt->options->fresh_percent;
	}
	double of_drawn = (double)(drawn->fresh + 1) / (double)(drawn->calls + 1);
	double of_changed = (double)(changed->fresh + 1) / (double)(changed->calls + 1);
	uint32_t percent = (uint32_t)(100 * of_drawn / (of_drawn + of_changed));
	return percent < SIM_HUNT_LEAST_PERCENT  ? SIM_HUNT_LEAST_PERCENT
	       : percent > SIM_HUNT_MOST_PERCENT ? SIM_HUNT_MOST_PERCENT
	                                         : percent;
}

/* The champion of the rarest of some species. NULL: none of them has one. */
static const struct sim_corpus_plan *sim_hunt_choose_parent(const struct sim_hunt *hunt, struct sim_pcg32 *chance) {
	const struct sim_corpus *corpus = &hunt->corpus;
	const struct sim_corpus_plan *parent = NULL;
	uint32_t least = UINT32_MAX;
	for (uint32_t i = 0; i < SIM_HUNT_DRAWN && corpus->reached_count > 0; i++) {
		uint32_t species = corpus->reached[sim_pcg32_below(chance, corpus->reached_count)];
		const struct sim_corpus_plan *champion = sim_corpus_champion(corpus, species);
		if (champion != NULL && corpus->runs[species] < least) {
			least = corpus->runs[species];
			parent = champion;
		}
	}
	return parent;
}

/* Any plan of the scenario, from a place on that is drawn; the parent itself is one. */
static const struct sim_corpus_plan *sim_hunt_choose_donor(const struct sim_hunt *hunt,
                                                           const struct sim_corpus_plan *parent,
                                                           struct sim_pcg32 *chance) {
	const struct sim_corpus *corpus = &hunt->corpus;
	uint32_t first = sim_pcg32_below(chance, corpus->count);
	for (uint32_t i = 0; i < corpus->count; i++) {
		const struct sim_corpus_plan *donor = &corpus->plans[(first + i) % corpus->count];
		if (donor->text != NULL && donor->scenario == parent->scenario) {
			return donor;
		}
	}
	return parent;
}

static void sim_hunt_choose(struct sim_hunt *hunt, struct sim_candidate *candidate) {
	struct sim_pcg32 chance;
	char concern[40];
	snprintf(concern, sizeof concern, "hunt/%" PRIu64, hunt->chosen);
	sim_pcg32_derive(&chance, hunt->options->seed, concern);
	bool is_fresh = hunt->chosen < SIM_HUNT_FIRST_RUNS || sim_pcg32_percent(&chance, sim_hunt_fresh_percent(hunt));
	const struct sim_corpus_plan *parent = is_fresh ? NULL : sim_hunt_choose_parent(hunt, &chance);
	*candidate = (struct sim_candidate){.seed = sim_hunt_draw64(&chance)};
	if (parent != NULL) {
		/* Copies: the corpus may drop both before the batch is noted. */
		candidate->scenario = parent->scenario;
		candidate->parent = strdup(parent->text);
		candidate->donor = strdup(sim_hunt_choose_donor(hunt, parent, &chance)->text);
		assert(candidate->parent != NULL && candidate->donor != NULL);
	} else {
		candidate->scenario = (uint32_t)(hunt->result->fresh++ % hunt->options->sweep->scenario_count);
	}
	hunt->chosen++;
}

/* ---- findings -------------------------------------------------------------------------------- */

static struct sim_hunt_finding *sim_hunt_find(struct sim_hunt *hunt, uint32_t scenario,
                                              const struct sim_run_result *run, const char *excuse) {
	struct sim_hunt_result *result = hunt->result;
	for (uint32_t i = 0; i < result->finding_count; i++) {
		struct sim_hunt_finding *finding = &result->findings[i];
		bool is_same = excuse[0] != '\0' ? strcmp(finding->excuse, excuse) == 0
		                                 : strcmp(finding->result.invariant, run->invariant) == 0;
		if (finding->scenario == scenario && is_same && (excuse[0] == '\0') == (finding->excuse[0] == '\0')) {
			return finding;
		}
	}
	return NULL;
}

/* "findings/SCENARIO-CELL-WHAT-PLAN", where the plan is named as in the corpus: no two of them have
 * one name. */
static void sim_hunt_name_finding(const struct sim_hunt *hunt, const struct sim_hunt_finding *finding, const char *text,
                                  char name[SIM_CORPUS_PATH_SIZE]) {
	char scenario[SIM_SWEEP_NAME_SIZE];
	char plan[SIM_CORPUS_NAME_SIZE];
	sim_sweep_name(sim_hunt_scenario(hunt, finding->scenario), scenario);
	sim_corpus_name(text, plan);
	int size = snprintf(name, SIM_CORPUS_PATH_SIZE, "findings/%s-%s-%s", scenario,
	                    finding->excuse[0] != '\0' ? finding->excuse : finding->result.invariant, plan);
	for (int i = 0; i < size; i++) {
		name[i] = name[i] == ':' || name[i] == ',' ? '-' : name[i];
	}
}

/* Its plan once more, in a process that begins anew, on other ground. */
static void sim_hunt_confirm(struct sim_hunt *hunt, struct sim_hunt_finding *finding) {
	static struct sim_worker_record record;
	static struct sim_worker_job job;
	const struct sim_sweep_options *sweep = hunt->options->sweep;
	const struct sim_worker_origin origin = {.subject_path = sweep->subject_path,
	                                         .vfs_path = sweep->vfs_path,
	                                         .specs = sweep->specs,
	                                         .spec_count = sweep->spec_count,
	                                         .branches_given = sweep->branches_given,
	                                         .branches = sweep->branches,
	                                         .on_other_ground = true};
	/* What a worker leaves behind is ended, and so would be the processes of the batch. */
	sim_batch_end(&hunt->batch);
	job = (struct sim_worker_job){.scenario = finding->scenario, .count = 1, .seed = finding->seed, .step = 1};
	int size = snprintf(job.plan_path, sizeof job.plan_path, "%s", finding->path);
	bool ran = (size_t)size < sizeof job.plan_path && sim_worker_run(&origin, &job, sweep->hang_seconds, &record);
	const struct sim_run_result *again = &record.result;
	if (!ran) {
		snprintf(hunt->result->broken, sizeof hunt->result->broken, "%.560s: cannot be run again",
		         finding->path);
	} else if (strcmp(again->invariant, finding->result.invariant) != 0 ||
	           memcmp(again->trace_hash, finding->result.trace_hash, sizeof again->trace_hash) != 0) {
		snprintf(hunt->result->broken, sizeof hunt->result->broken,
		         "%.460s: nondeterministic: run again it is %.80s", finding->path,
		         again->verdict == SIM_VIOLATED ? again->invariant : sim_sweep_verdict_name(again->verdict));
	} else {
		finding->result = *again; /* says how it crashed, if it did */
	}
}

/* The hunt is to end at this one. */
static bool sim_hunt_is_wanted(const struct sim_hunt *hunt, const char *excuse) {
	const char *wanted = hunt->options->sweep->stop_at;
	if (wanted == NULL) {
		return false;
	}
	if (excuse[0] == '\0') {
		return strcmp(wanted, SIM_SWEEP_STOP_AT_VIOLATION) == 0;
	}
	return sim_sweep_names_finding(wanted, excuse);
}

/* Writes the plan of a candidate, and says where. */
static bool sim_hunt_write_finding(struct sim_hunt *hunt, const struct sim_candidate *candidate,
                                   struct sim_hunt_finding *finding) {
	struct sim_hunt_result *result = hunt->result;
	char name[SIM_CORPUS_PATH_SIZE];
	char *text = sim_candidate_text(hunt->options->sweep, candidate, &finding->seed);
	if (text == NULL) {
		snprintf(result->broken, sizeof result->broken, "out of memory for a plan");
		return false;
	}
	sim_hunt_name_finding(hunt, finding, text, name);
	int size = snprintf(finding->path, sizeof finding->path, "%s/%s", hunt->options->folder, name);
	assert(size > 0 && (size_t)size < sizeof finding->path);
	bool written = sim_corpus_write(hunt->options->folder, name, text, result->broken);
	free(text);
	return written;
}

/* A plan that the hunt began with, as it is. */
static bool sim_hunt_is_loaded(const struct sim_candidate *candidate) {
	return candidate->parent != NULL && candidate->donor == NULL;
}

/* One that shows what is known already, or for which there is no room. The corpus gives up a plan
 * that was in it, and may be the only one who has it. */
static void sim_hunt_note_again(struct sim_hunt *hunt, const struct sim_candidate *candidate,
                                struct sim_hunt_finding *known, struct sim_hunt_finding *found) {
	if (known != NULL) {
		known->count++;
	}
	if (sim_hunt_is_loaded(candidate) && !sim_hunt_write_finding(hunt, candidate, found)) {
		assert(hunt->result->broken[0] != '\0');
	}
}

static void sim_hunt_note_violation(struct sim_hunt *hunt, uint32_t number) {
	static struct sim_hunt_finding found;
	struct sim_hunt_result *result = hunt->result;
	const struct sim_candidate *candidate = &hunt->batch.candidates[number];
	const struct sim_run_result *run = &hunt->batch.runs[number].result;
	const char *excuse = sim_cell_excuse_name(hunt->options->sweep, candidate->scenario, run);
	struct sim_hunt_finding *known = sim_hunt_find(hunt, candidate->scenario, run, excuse);
	uint64_t *sum = excuse[0] == '\0' ? &result->violated : &result->excused;
	++*sum;
	result->stopped = result->stopped || sim_hunt_is_wanted(hunt, excuse);
	found = (struct sim_hunt_finding){
	        .scenario = candidate->scenario, .result = *run, .run = result->runs, .count = 1};
	snprintf(found.excuse, sizeof found.excuse, "%s", excuse);
	if (known != NULL || result->finding_count == SIM_HUNT_FINDINGS_MAX) {
		sim_hunt_note_again(hunt, candidate, known, &found);
		return;
	}
	known = &result->findings[result->finding_count++];
	*known = found;
	if (sim_hunt_write_finding(hunt, candidate, known)) {
		sim_hunt_confirm(hunt, known);
	}
}

/* ---- a batch --------------------------------------------------------------------------------- */

static void sim_hunt_keep(struct sim_hunt *hunt, uint32_t number) {
	const struct sim_batch_run *run = &hunt->batch.runs[number];
	uint64_t seed = 0;
	char *text = sim_candidate_text(hunt->options->sweep, &hunt->batch.candidates[number], &seed);
	const struct sim_corpus_plan plan = {.scenario = hunt->batch.candidates[number].scenario,
	                                     .text = text,
	                                     .calls = run->calls,
	                                     .count = run->count,
	                                     .species = run->species};
	if (text == NULL) {
		snprintf(hunt->result->broken, sizeof hunt->result->broken, "out of memory for a plan");
	} else if (!sim_corpus_keep(&hunt->corpus, &plan, hunt->result->broken)) {
		assert(hunt->result->broken[0] != '\0');
	}
	free(text);
}

static void sim_hunt_note(struct sim_hunt *hunt, uint32_t number) {
	const struct sim_batch_run *run = &hunt->batch.runs[number];
	const struct sim_candidate *candidate = &hunt->batch.candidates[number];
	hunt->result->runs++;
	hunt->result->calls += run->calls;
	if (run->result.verdict == SIM_HARNESS_FAILED) {
		snprintf(hunt->result->broken, sizeof hunt->result->broken, "%.500s", run->result.detail);
		return;
	}
	bool wanted = sim_corpus_wants(&hunt->corpus, run->species, run->count, run->calls);
	uint32_t fresh = sim_corpus_note(&hunt->corpus, run->species, run->count);
	if (!sim_hunt_is_loaded(candidate)) {
		struct sim_hunt_yield *yield = candidate->parent == NULL ? &hunt->drawn : &hunt->changed;
		yield->fresh += fresh;
		yield->calls += run->calls;
	}
	if (run->result.verdict == SIM_VIOLATED) {
		sim_hunt_note_violation(hunt, number);
	} else if (wanted) {
		sim_hunt_keep(hunt, number);
	}
}

/* Nothing more is noted. */
static bool sim_hunt_is_ended(const struct sim_hunt *hunt) {
	return hunt->result->broken[0] != '\0' || hunt->result->stopped;
}

/* Nothing more is begun. */
static bool sim_hunt_is_over(const struct sim_hunt *hunt) {
	return sim_hunt_is_ended(hunt) || sim_sweep_stop != 0;
}

static void sim_hunt_fade(struct sim_hunt_yield *yield) {
	yield->fresh -= yield->fresh / SIM_HUNT_FADES;
	yield->calls -= yield->calls / SIM_HUNT_FADES;
}

static void sim_hunt_run_batch(struct sim_hunt *hunt) {
	struct sim_hunt_result *result = hunt->result;
	char why[SIM_BATCH_WHY_SIZE];
	if (!sim_batch_run(&hunt->batch, why)) {
		snprintf(result->broken, sizeof result->broken, "%s", why);
	}
	for (uint32_t i = 0; i < hunt->batch.count && !sim_hunt_is_ended(hunt); i++) {
		sim_hunt_note(hunt, i);
	}
	sim_hunt_fade(&hunt->drawn);
	sim_hunt_fade(&hunt->changed);
}

/* ---- the hunt -------------------------------------------------------------------------------- */

static void sim_hunt_progress(const struct sim_hunt *hunt, uint32_t left) {
	if (hunt->options->progress) {
		fprintf(stderr, "\r%" PRIu64 " runs, %u left, %u species, %u plans, %u findings\033[K",
		        hunt->result->runs, left, hunt->corpus.reached_count, sim_corpus_size(&hunt->corpus),
		        hunt->result->finding_count);
	}
}

/* A file of the folder whose plan was run and noted. A plan that the corpus keeps has a file that
 * is named by its text, and a violated one lies in findings/. */
static void sim_hunt_settle(const struct sim_hunt *hunt, const struct sim_intake_plan *plan) {
	char name[SIM_CORPUS_NAME_SIZE];
	sim_corpus_name(plan->text, name);
	const char *file = plan->path != NULL ? strrchr(plan->path, '/') : NULL;
	bool kept = file != NULL && strcmp(file + 1, name) == 0 && sim_corpus_has(&hunt->corpus, plan->text);
	if (file != NULL && !kept) {
		unlink(plan->path);
	}
}

/* Some of the plans that it begins with. */
static void sim_hunt_load_batch(struct sim_hunt *hunt, const struct sim_intake_plan *plans, uint32_t count) {
	hunt->batch.count = count;
	for (uint32_t i = 0; i < count; i++) {
		hunt->batch.candidates[i] =
		        (struct sim_candidate){.scenario = plans[i].scenario, .parent = strdup(plans[i].text)};
		assert(hunt->batch.candidates[i].parent != NULL);
	}
	sim_hunt_run_batch(hunt);
	for (uint32_t i = 0; i < hunt->batch.count && !sim_hunt_is_ended(hunt); i++) {
		sim_hunt_settle(hunt, &plans[i]);
	}
	sim_batch_clear(&hunt->batch);
}

/* The plans that it begins with. */
static void sim_hunt_load(struct sim_hunt *hunt, FILE *said) {
	struct sim_hunt_result *result = hunt->result;
	struct sim_intake intake = {.sweep = hunt->options->sweep, .own = hunt->options->folder, .said = said};
	bool good = sim_intake_read(&intake, hunt->options->folder, result->broken);
	if (good && hunt->options->merged != NULL) {
		good = sim_intake_read(&intake, hunt->options->merged, result->broken);
	}
	for (uint32_t at = 0; good && at < intake.count && !sim_hunt_is_over(hunt); at += SIM_HUNT_BATCH) {
		uint32_t left = intake.count - at;
		sim_hunt_load_batch(hunt, &intake.plans[at], left < SIM_HUNT_BATCH ? left : SIM_HUNT_BATCH);
	}
	result->loaded = result->runs;
	result->foreign = intake.foreign;
	result->stale = intake.stale;
	result->unread = intake.unread;
	hunt->waiting = intake.count - (uint32_t)result->loaded;
	sim_intake_clear(&intake);
}

static uint32_t sim_hunt_batch_size(const struct sim_hunt *hunt, uint32_t left) {
	uint64_t size = hunt->chosen / 4;
	size = size < SIM_HUNT_BATCH_LEAST ? SIM_HUNT_BATCH_LEAST : size;
	size = size > SIM_HUNT_BATCH ? SIM_HUNT_BATCH : size;
	return size < left ? (uint32_t)size : left;
}

static void sim_hunt_search(struct sim_hunt *hunt) {
	uint32_t left = hunt->options->runs;
	while (left > 0 && !sim_hunt_is_over(hunt)) {
		hunt->batch.count = sim_hunt_batch_size(hunt, left);
		left -= hunt->batch.count;
		for (uint32_t i = 0; i < hunt->batch.count; i++) {
			sim_hunt_choose(hunt, &hunt->batch.candidates[i]);
		}
		sim_hunt_run_batch(hunt);
		sim_batch_clear(&hunt->batch);
		sim_hunt_progress(hunt, left);
	}
	if (hunt->options->progress) {
		fputs("\r\033[K", stderr);
	}
}

static void sim_hunt_say_interrupted(const struct sim_hunt *hunt, FILE *said) {
	fprintf(said, "aftershock: interrupted: what was under way was finished, and is kept");
	if (hunt->waiting > 0) {
		fprintf(said, "; %u plans of the corpus were not run, and stay", hunt->waiting);
	}
	fprintf(said, "\n");
}

/* What is reached again counts for nothing more: the corpus gets small. */
static void sim_hunt_conclude(struct sim_hunt *hunt) {
	struct sim_hunt_result *result = hunt->result;
	if (result->broken[0] == '\0' && !sim_corpus_minimise(&hunt->corpus, result->broken)) {
		assert(result->broken[0] != '\0');
	}
	result->species = hunt->corpus.reached_count;
	for (uint32_t i = 0; i < hunt->corpus.reached_count; i++) {
		result->by_class[sim_species_class_of(hunt->corpus.reached[i])]++;
	}
	result->plans = sim_corpus_size(&hunt->corpus);
	result->interrupted = sim_sweep_stop != 0;
	result->processor_s = sim_processor_time_of_all_s();
	result->exit_status = result->broken[0] != '\0' ? SIM_EXIT_HARNESS
	                      : result->interrupted     ? SIM_EXIT_INTERRUPTED
	                      : result->violated > 0    ? SIM_EXIT_VIOLATED
	                                                : SIM_EXIT_HELD;
}

/* Both folders are corpora, and the own one can be written. */
static bool sim_hunt_open(struct sim_hunt *hunt, FILE *said) {
	char other[SIM_CORPUS_WHY_SIZE];
	const struct sim_hunt_options *options = hunt->options;
	if (options->merged != NULL) {
		if (!sim_corpus_check(options->merged, other, hunt->result->broken)) {
			return false;
		}
		if (other[0] != '\0') {
			fprintf(said, "aftershock: %s; plans that still parse are taken\n", other);
		}
	}
	if (!sim_corpus_open(&hunt->corpus, options->folder, other, hunt->result->broken)) {
		return false;
	}
	if (other[0] != '\0') {
		fprintf(said, "aftershock: %s; plans that still parse are kept\n", other);
	}
	return true;
}

void sim_hunt(const struct sim_hunt_options *options, FILE *said, struct sim_hunt_result *result) {
	static struct sim_hunt hunt;
	memset(result, 0, sizeof *result);
	memset(&hunt, 0, sizeof hunt);
	hunt.options = options;
	hunt.result = result;
	hunt.batch.sweep = options->sweep;
	if (!sim_run_init()) {
		snprintf(result->broken, sizeof result->broken, "SQLite cannot be set up for simulation");
		result->exit_status = SIM_EXIT_HARNESS;
		return;
	}
	if (!sim_hunt_open(&hunt, said)) {
		result->exit_status = SIM_EXIT_USAGE;
		return;
	}
	sim_hunt_load(&hunt, said);
	sim_hunt_search(&hunt);
	sim_batch_end(&hunt.batch);
	if (sim_sweep_stop != 0) {
		sim_hunt_say_interrupted(&hunt, said);
	}
	sim_hunt_conclude(&hunt);
	sim_corpus_close(&hunt.corpus);
}
