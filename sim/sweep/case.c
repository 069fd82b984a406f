/* sim/sweep/case.c: see case.h. */
#include "case.h"

#include "place.h"
#include "worker.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- names ----------------------------------------------------------------------------------- */

void sim_sweep_name(const struct sim_scenario *scenario, char name[SIM_SWEEP_NAME_SIZE]) {
	snprintf(name, SIM_SWEEP_NAME_SIZE, "%s%s%s", scenario->name, scenario->cell[0] != '\0' ? ":" : "",
	         scenario->cell);
}

const char *sim_sweep_verdict_name(enum sim_verdict verdict) {
	return verdict == SIM_HELD ? "held" : verdict == SIM_VIOLATED ? "violated" : "harness_failed";
}

bool sim_sweep_is_of_product(const struct sim_sweep_options *options) {
	bool is_built_in = options->subject_path == NULL && options->home == NULL;
	return is_built_in && options->bug == NULL && options->vfs_path == NULL;
}

void sim_sweep_subject_name(const struct sim_sweep_options *options, char *name, size_t size) {
	if (options->home != NULL) {
		snprintf(name, size, "the subject %.100s", options->home->subject->name);
	} else if (options->subject_path == NULL) {
		snprintf(name, size, "the built-in subject");
	} else if (options->bug != NULL) {
		snprintf(name, size, "the engine with the bug %s", options->bug);
	} else {
		snprintf(name, size, "the plug-in %s", options->subject_path);
	}
}

uint32_t sim_sweep_group_end(const struct sim_sweep_options *options, uint32_t first) {
	assert(first < options->scenario_count);
	uint32_t end = first + 1;
	while (end < options->scenario_count &&
	       strcmp(options->scenarios[end]->path, options->scenarios[first]->path) == 0) {
		end++;
	}
	return end;
}

/* ---- lines that replay ----------------------------------------------------------------------- */

static void sim_sweep_append(char *line, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void sim_sweep_append(char *line, size_t size, const char *format, ...) {
	va_list arguments;
	size_t used = strlen(line);
	assert(used < size);
	va_start(arguments, format);
	vsnprintf(line + used, size - used, format, arguments);
	va_end(arguments);
}

/* A path that means the same from any directory. */
static void sim_sweep_absolute(const char *path, char absolute[SIM_SWEEP_REPLAY_SIZE]) {
	char here[SIM_SCENARIO_PATH_SIZE];
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
	}
	bool relative = path[0] != '/' && getcwd(here, sizeof here) != NULL;
	snprintf(absolute, SIM_SWEEP_REPLAY_SIZE, "%s%s%s", relative ? here : "", relative ? "/" : "", path);
}

void sim_sweep_append_word(char *line, size_t size, const char *word) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+=";
	if (word[strspn(word, plain)] == '\0') {
		sim_sweep_append(line, size, " %s", word);
		return;
	}
	sim_sweep_append(line, size, " '");
	for (const char *rest = word; *rest != '\0'; rest++) {
		if (*rest == '\'') {
			sim_sweep_append(line, size, "'\\''");
		} else {
			sim_sweep_append(line, size, "%c", *rest);
		}
	}
	sim_sweep_append(line, size, "'");
}

static void sim_sweep_append_path(char *line, size_t size, const char *option, const char *path) {
	char absolute[SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_absolute(path, absolute);
	sim_sweep_append(line, size, " %s", option);
	sim_sweep_append_word(line, size, absolute);
}

/* Whether the path is LIBRARY/NAME.yaml or LIBRARY/FOLDER/NAME.yaml. */
static bool sim_sweep_in_library(const char *library, const struct sim_scenario *about) {
	size_t size = strlen(library);
	char file[SIM_SCENARIO_NAME_SIZE + 8];
	snprintf(file, sizeof file, "%s.yaml", about->name);
	if (strncmp(about->path, library, size) != 0 || about->path[size] != '/') {
		return false;
	}
	const char *below = about->path + size + 1;
	const char *slash = strchr(below, '/');
	return strcmp(slash != NULL ? slash + 1 : below, file) == 0;
}

/* Whether plain names are looked up in the library that belongs to this program, wherever it is
 * started. */
static bool sim_sweep_library_is_own(const struct sim_sweep_options *options) {
	char own[SIM_PLACE_SIZE];
	char used[PATH_MAX];
	return !options->library_given && options->library != NULL && sim_place_find(&sim_place_scenarios, own) &&
	       realpath(options->library, used) != NULL && strcmp(own, used) == 0;
}

static bool sim_sweep_goes_by_name(const struct sim_sweep_options *options, const struct sim_scenario *about) {
	return about->path[0] == '\0' || (options->library != NULL && sim_sweep_in_library(options->library, about));
}

void sim_sweep_word(const struct sim_sweep_options *options, uint32_t number, char word[SIM_SWEEP_WORD_SIZE]) {
	const struct sim_scenario *scenario = options->scenarios[number];
	char name[SIM_SWEEP_REPLAY_SIZE];
	snprintf(name, sizeof name, "%s", scenario->name);
	if (!sim_sweep_goes_by_name(options, scenario)) {
		sim_sweep_absolute(scenario->path, name);
	}
	snprintf(word, SIM_SWEEP_WORD_SIZE, "%s%s%s", name, scenario->cell[0] != '\0' ? ":" : "", scenario->cell);
}

/* "NAME:CELL@SEED". */
static void sim_sweep_run_word(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                               char run[2 * SIM_SWEEP_REPLAY_SIZE]) {
	char word[SIM_SWEEP_WORD_SIZE];
	sim_sweep_word(options, about->scenario, word);
	snprintf(run, 2 * SIM_SWEEP_REPLAY_SIZE, "%s@0x%" PRIx64 "%s%s", word, about->seed,
	         about->state != NULL ? "/" : "", about->state != NULL ? about->state : "");
}

static void sim_sweep_append_run(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                                 char *line, size_t size) {
	char run[2 * SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_run_word(options, about, run);
	sim_sweep_append_word(line, size, run);
}

struct sim_sweep_case sim_sweep_case_of(const struct sim_sweep_key *key, const struct sim_run_result *run) {
	struct sim_sweep_case about = {.scenario = key->scenario, .seed = key->seed, .plan = key->plan};
	about.verdict = run->verdict == SIM_HELD       ? sim_sweep_verdict_name(SIM_HELD)
	                : run->verdict == SIM_VIOLATED ? run->invariant
	                                               : NULL;
	if (!run->stopped) {
		memcpy(about.trace_hash, run->trace_hash, sizeof about.trace_hash);
	}
	return about;
}

/* Where a plan finds the SQL of a scenario that is in no library: the folder of its file. */
static void sim_sweep_append_folder(const struct sim_scenario *about, char *line, size_t size) {
	char folder[SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_absolute(about->path, folder);
	char *slash = strrchr(folder, '/');
	if (slash != NULL) {
		*slash = '\0';
		sim_sweep_append_path(line, size, "--library", slash == folder ? "/" : folder);
	}
}

/* A plan needs the library only for the SQL of its scenario, and a path needs none. */
static bool sim_sweep_needs_library(const struct sim_sweep_options *options, const struct sim_scenario *about,
                                    bool by_plan) {
	bool looked_up = by_plan ? about->sql != NULL : sim_sweep_goes_by_name(options, about);
	return looked_up && options->library != NULL && !sim_sweep_library_is_own(options);
}

/* Of a host: its own command, which finds in the environment what to run. */
static void sim_sweep_home_line(const struct sim_sweep_options *options, const struct sim_sweep_case *about, char *line,
                                size_t size) {
	char run[2 * SIM_SWEEP_REPLAY_SIZE];
	char assigned[3 * SIM_SWEEP_REPLAY_SIZE];
	sim_sweep_run_word(options, about, run);
	snprintf(assigned, sizeof assigned, "AFTERSHOCK_REPLAY=%s", run);
	if (about->verdict != NULL) {
		sim_sweep_append(assigned, sizeof assigned, ",%s,%016" PRIx64 "%016" PRIx64, about->verdict,
		                 about->trace_hash[0], about->trace_hash[1]);
	}
	line[0] = '\0';
	sim_sweep_append_word(line, size, assigned);
	memmove(line, line + 1, strlen(line));
	sim_sweep_append(line, size, " %s", options->home->command);
}

void sim_sweep_replay_line(const struct sim_sweep_options *options, const struct sim_sweep_case *about, char *line,
                           size_t size) {
	assert(about->scenario < options->scenario_count);
	if (options->home != NULL) {
		sim_sweep_home_line(options, about, line, size);
		return;
	}
	const char *plan =
	        about->plan > 0 ? options->scenarios[about->scenario]->known[about->plan - 1].plan : options->plan_path;
	/* Of a plan one state alone is asked of `explore`. */
	bool explores = plan != NULL && about->state != NULL;
	snprintf(line, size, "aftershock %s", explores ? "explore" : "replay");
	if (plan != NULL) {
		sim_sweep_append_path(line, size, "--plan", plan);
	} else {
		sim_sweep_append_run(options, about, line, size);
	}
	if (options->bug != NULL) {
		sim_sweep_append(line, size, " --bug %s", options->bug);
	} else if (options->subject_path != NULL) {
		sim_sweep_append_path(line, size, "--subject", options->subject_path);
	}
	if (options->vfs_path != NULL) {
		sim_sweep_append_path(line, size, "--vfs", options->vfs_path);
	}
	if (explores) {
		sim_sweep_append(line, size, " --at %s", about->state);
	}
	bool says_branches = options->branches_given && plan == NULL && about->state == NULL &&
	                     options->scenarios[about->scenario]->processes == NULL;
	if (says_branches) {
		size_t used = strlen(line);
		snprintf(line + used, size - used, " --branches %u", options->branches);
	}
	if (options->sanitizes) {
		size_t used = strlen(line);
		snprintf(line + used, size - used, " --sanitize");
	}
	if (options->second_path != NULL && about->state != NULL) {
		sim_sweep_append_path(line, size, "--second-sqlite", options->second_path);
	}
	const struct sim_scenario *scenario = options->scenarios[about->scenario];
	if (plan != NULL && scenario->sql != NULL && !sim_sweep_goes_by_name(options, scenario)) {
		sim_sweep_append_folder(scenario, line, size);
	} else if (sim_sweep_needs_library(options, scenario, plan != NULL)) {
		sim_sweep_append_path(line, size, "--library", options->library);
	}
	if (about->verdict != NULL) {
		sim_sweep_append(line, size, " --expect-verdict %s", about->verdict);
	}
	if ((about->trace_hash[0] | about->trace_hash[1]) != 0) {
		sim_sweep_append(line, size, " --expect-hash %016" PRIx64 "%016" PRIx64, about->trace_hash[0],
		                 about->trace_hash[1]);
	}
}

/* A probe that was missed is a property of the batch, not of a run; so is a control that stays
 * green, or a difference between two runs. */
static bool sim_sweep_is_of_batch(const char *invariant) {
	static const char *const names[] = {
	        SIM_SWEEP_PROBE_MISSED, SIM_SWEEP_FAULT_UNSTRUCK, SIM_SWEEP_CONTROL_GREEN,    SIM_SWEEP_KNOWN_UNSEEN,
	        SIM_SWEEP_KNOWN_OFTEN,  SIM_SWEEP_CELLS_DIFFER,   SIM_SWEEP_NONDETERMINISTIC, NULL};
	const char *const *name = names;
	while (*name != NULL && strcmp(*name, invariant) != 0) {
		name++;
	}
	return *name != NULL;
}

void sim_sweep_failure_line(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                            char *line, size_t size) {
	struct sim_sweep_case about = {.scenario = failure->scenario, .seed = failure->seed, .plan = failure->plan};
	if (!sim_sweep_is_of_batch(failure->invariant)) {
		about.verdict = failure->invariant;
		memcpy(about.trace_hash, failure->trace_hash, sizeof about.trace_hash);
	}
	sim_sweep_replay_line(options, &about, line, size);
}

void sim_sweep_weak_line(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                         uint32_t number, char *line, size_t size) {
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	const struct sim_sweep_case about = {.scenario = number, .seed = totals->weak_seed};
	line[0] = '\0';
	if (totals->weak) {
		sim_sweep_replay_line(options, &about, line, size);
	}
}

/* ---- failures -------------------------------------------------------------------------------- */

void sim_sweep_note_failure(struct sim_sweep_result *result, const struct sim_sweep_key *key,
                            const struct sim_run_result *run) {
	assert(result->failure_count <= SIM_SWEEP_FAILURES_MAX);
	assert(run->invariant[0] != '\0');
	for (uint32_t i = 0; i < result->failure_count; i++) {
		struct sim_sweep_failure *known = &result->failures[i];
		if (known->scenario == key->scenario && strcmp(known->invariant, run->invariant) == 0) {
			known->count++;
			return;
		}
	}
	struct sim_sweep_failure failure = {
	        .scenario = key->scenario, .seed = key->seed, .ordinal = key->ordinal, .plan = key->plan, .count = 1};
	memcpy(failure.invariant, run->invariant, sizeof failure.invariant);
	memcpy(failure.detail, run->detail, sizeof failure.detail);
	memcpy(failure.state, run->state, sizeof failure.state);
	memcpy(failure.trace_hash, run->trace_hash, sizeof failure.trace_hash);
	sim_sweep_fail_batch(result, &failure);
}

void sim_sweep_fail_batch(struct sim_sweep_result *result, const struct sim_sweep_failure *failure) {
	assert(failure->invariant[0] != '\0');
	if (result->failure_count < SIM_SWEEP_FAILURES_MAX) {
		result->failures[result->failure_count++] = *failure;
	}
}

void sim_sweep_skipped_text(const struct sim_sweep_options *options, uint32_t number,
                            char text[SIM_SWEEP_SKIPPED_SIZE]) {
	assert(number < options->skipped_count);
	const struct sim_sweep_skipped *skipped = &options->skipped[number];
	bool is_whole = skipped->cells == skipped->of_cells;
	int length = is_whole ? 0
	                      : snprintf(text, SIM_SWEEP_SKIPPED_SIZE, "in %u of %u cells: ", skipped->cells,
	                                 skipped->of_cells);
	sim_fit_text(skipped->asked, options->takes, skipped->scenario->sqlite_lowest, text + length);
}
