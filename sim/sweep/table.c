/* sim/sweep/table.c: what a sweep shows: the table for people, the objects for programs. */
#include "cell.h"

#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void sim_table_append(char *line, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void sim_table_append(char *line, size_t size, const char *format, ...) {
	va_list arguments;
	size_t used = strlen(line);
	va_start(arguments, format);
	vsnprintf(line + used, size - used, format, arguments);
	va_end(arguments);
}

/* Whether the path is LIBRARY/NAME.yaml or LIBRARY/FOLDER/NAME.yaml. */
static bool sim_table_in_library(const char *library, const struct sim_scenario *about) {
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

/* A scenario of the library goes by its name, any other by its path. */
static const char *sim_table_scenario(const struct sim_sweep_options *options, uint32_t scenario) {
	const struct sim_scenario *about = options->scenarios[scenario];
	bool by_name =
	        about->path[0] == '\0' || sim_table_in_library(options->library != NULL ? options->library : "", about);
	return by_name ? about->name : about->path;
}

void sim_sweep_replay_line(const struct sim_sweep_options *options, const struct sim_sweep_case *about, char *line,
                           size_t size) {
	const char *cell = options->scenarios[about->scenario]->cell;
	if (options->plan_path != NULL) {
		snprintf(line, size, "aftershock replay --plan %s", options->plan_path);
	} else {
		snprintf(line, size, "aftershock replay %s%s%s@0x%" PRIx64,
		         sim_table_scenario(options, about->scenario), cell[0] != '\0' ? ":" : "", cell, about->seed);
	}
	if (options->bug != NULL) {
		sim_table_append(line, size, " --bug %s", options->bug);
	} else if (options->subject_path != NULL) {
		sim_table_append(line, size, " --subject %s", options->subject_path);
	}
	/* A plan needs the library only for the SQL of its scenario. */
	if (options->library_given &&
	    (options->plan_path == NULL || options->scenarios[about->scenario]->sql != NULL)) {
		sim_table_append(line, size, " --library %s", options->library);
	}
	if (about->verdict != NULL) {
		sim_table_append(line, size, " --expect-verdict %s", about->verdict);
	}
	if ((about->trace_hash[0] | about->trace_hash[1]) != 0) {
		sim_table_append(line, size, " --expect-hash %016" PRIx64 "%016" PRIx64, about->trace_hash[0],
		                 about->trace_hash[1]);
	}
}

struct sim_sweep_case sim_sweep_case_of(uint32_t scenario, uint64_t seed, const struct sim_run_result *run) {
	struct sim_sweep_case about = {.scenario = scenario, .seed = seed};
	about.verdict = run->verdict == SIM_HELD       ? sim_sweep_verdict_name(SIM_HELD)
	                : run->verdict == SIM_VIOLATED ? run->invariant
	                                               : NULL;
	if (!run->stopped) {
		memcpy(about.trace_hash, run->trace_hash, sizeof about.trace_hash);
	}
	return about;
}

void sim_sweep_failure_line(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                            char *line, size_t size) {
	struct sim_sweep_case about = {.scenario = failure->scenario, .seed = failure->seed};
	/* A probe that was missed is a property of the batch, not of a run; so is a control that stays green, or a difference between two. */
	if (strcmp(failure->invariant, SIM_SWEEP_PROBE_MISSED) != 0 &&
	    strcmp(failure->invariant, SIM_SWEEP_FAULT_UNSTRUCK) != 0 &&
	    strcmp(failure->invariant, SIM_SWEEP_CONTROL_GREEN) != 0 &&
	    strcmp(failure->invariant, SIM_SWEEP_CELLS_DIFFER) != 0 &&
	    strcmp(failure->invariant, SIM_SWEEP_KNOWN_UNSEEN) != 0) {
		about.verdict = failure->invariant;
		memcpy(about.trace_hash, failure->trace_hash, sizeof about.trace_hash);
	}
	sim_sweep_replay_line(options, &about, line, size);
}

static void sim_table_dump(json_t *object, FILE *out) {
	char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (text != NULL) {
		fprintf(out, "%s\n", text);
	}
	free(text);
	json_decref(object);
}

/* What was promised, what was measured, and whether a violation fails the sweep. */
static void sim_table_add_promise(json_t *object, const struct sim_sweep_options *options, uint32_t scenario,
                                  const struct sim_run_result *run) {
	char state[24];
	json_object_set_new(object, "cell", json_string(options->scenarios[scenario]->cell));
	json_object_set_new(object, "contract", json_string(run->contract));
	json_object_set_new(object, "lost", json_integer((json_int_t)run->lost));
	json_object_set_new(object, "lost_most", json_integer((json_int_t)run->lost_most));
	json_object_set_new(object, "corrupt", json_integer((json_int_t)run->corrupt));
	snprintf(state, sizeof state, "%016" PRIx64, run->state_hash);
	json_object_set_new(object, "state_hash", json_string(run->state_hash != 0 ? state : ""));
	json_object_set_new(object, "finding", json_string(sim_cell_excuse_name(options, scenario, run)));
}

/* Of several processes only. */
static void sim_table_add_processes(json_t *object, const struct sim_run_result *run) {
	char hash[24];
	if (run->processes == 0) {
		return;
	}
	snprintf(hash, sizeof hash, "%016" PRIx64, run->schedule_hash);
	json_object_set_new(object, "processes", json_integer((json_int_t)run->processes));
	json_object_set_new(object, "switches", json_integer((json_int_t)run->switches));
	json_object_set_new(object, "schedule_hash", json_string(hash));
}

void sim_sweep_json_run(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                        const struct sim_run_result *run, FILE *out) {
	char seed_text[24];
	char hash[40];
	char replay[SIM_SWEEP_REPLAY_SIZE];
	snprintf(seed_text, sizeof seed_text, "0x%016" PRIx64, about->seed);
	snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, run->trace_hash[0], run->trace_hash[1]);
	sim_sweep_replay_line(options, about, replay, sizeof replay);
	json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "type", "run",
	                           "scenario", options->scenarios[about->scenario]->name, "seed", seed_text, "verdict",
	                           sim_sweep_verdict_name(run->verdict), "invariant", run->invariant, "detail",
	                           run->detail, "event", (json_int_t)run->event, "trace_hash", hash, "steps",
	                           (json_int_t)run->steps, "updates", (json_int_t)run->updates, "faults",
	                           (json_int_t)run->faults, "restarts", (json_int_t)run->restarts, "crash_states",
	                           (json_int_t)run->crash_states, "virtual_ns", (json_int_t)run->virtual_ns);
	if (object != NULL) {
		sim_table_add_promise(object, options, about->scenario, run);
		sim_table_add_processes(object, run);
		json_object_set_new(object, "replay", json_string(replay));
	}
	if (object != NULL && about->outcome != NULL) {
		json_object_set_new(object, "outcome", json_string(about->outcome));
	}
	if (object != NULL) {
		sim_table_dump(object, out);
	}
}

static json_t *sim_table_options(void) {
	json_t *options = json_array();
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		json_array_append_new(options, json_string(sqlite3_compileoption_get(i)));
	}
	return options;
}

static void sim_table_json_summary(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                   FILE *out) {
	const struct sim_sweep_totals *all = &result->all;
	json_t *object = json_pack(
	        "{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:s,s:s,s:i,s:i,s:I,s:I}", "type", "summary", "runs",
	        (json_int_t)all->runs, "held", (json_int_t)all->held, "violated", (json_int_t)all->violated, "restarts",
	        (json_int_t)all->restarts, "crash_states", (json_int_t)all->crash_states, "faults",
	        (json_int_t)all->faults, "updates", (json_int_t)all->updates, "wall_s", result->wall_s,
	        "sqlite_version", sqlite3_libversion(), "sqlite_source_id", sqlite3_sourceid(), "jobs",
	        (int)options->jobs, "exit_status", result->exit_status, "worker_rss_first_kib",
	        (json_int_t)result->rss_first_kib, "worker_rss_last_kib", (json_int_t)result->rss_last_kib);
	if (object != NULL) {
		json_object_set_new(object, "compared", json_integer((json_int_t)result->compared));
		json_object_set_new(object, "excused", json_integer((json_int_t)all->excused));
		json_object_set_new(object, "sqlite_options", sim_table_options());
		sim_table_dump(object, out);
	}
}

static void sim_table_row(const char *name, const struct sim_sweep_totals *totals, FILE *out) {
	fprintf(out,
	        "%-26s %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %10" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64,
	        name, totals->runs, totals->held, totals->violated, totals->restarts, totals->crash_states,
	        totals->faults, totals->updates);
	if (totals->excused > 0) {
		fprintf(out, "  and %" PRIu64 " excused", totals->excused);
	}
	fputc('\n', out);
}

static void sim_table_rates(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out) {
	double wall_s = result->wall_s > 0 ? result->wall_s : 1e-9;
	const struct sim_sweep_totals *all = &result->all;
	fprintf(out,
	        "\n%.1f s with %u jobs: %.0f runs/s, %.0f restarts/s, %.0f faults/s; worker memory %" PRIu64
	        " KiB at first, %" PRIu64 " KiB at last; SQLite %s\n",
	        wall_s, options->jobs, (double)all->runs / wall_s, (double)all->restarts / wall_s,
	        (double)all->faults / wall_s, result->rss_first_kib, result->rss_last_kib, sqlite3_libversion());
}

/* One row for all cells of a file. */
static void sim_table_group(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                            uint32_t first, FILE *out) {
	struct sim_sweep_totals sum = {0};
	for (uint32_t i = first; i < sim_cell_group_end(options, first); i++) {
		const struct sim_sweep_totals *totals = &result->scenarios[i];
		sum.runs += totals->runs;
		sum.held += totals->held;
		sum.violated += totals->violated;
		sum.excused += totals->excused;
		sum.restarts += totals->restarts;
		sum.crash_states += totals->crash_states;
		sum.faults += totals->faults;
		sum.updates += totals->updates;
	}
	sim_table_row(options->scenarios[first]->name, &sum, out);
}

static void sim_table_failure(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                              FILE *out) {
	char replay[SIM_SWEEP_REPLAY_SIZE];
	char name[SIM_SWEEP_NAME_SIZE];
	sim_sweep_failure_line(options, failure, replay, sizeof replay);
	sim_sweep_name(options->scenarios[failure->scenario], name);
	fprintf(out, "\n%s violated %s in %" PRIu64 " runs\n  %s\n  %s\n", name, failure->invariant, failure->count,
	        failure->detail, replay);
}

void sim_sweep_print(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out) {
	if (options->json) {
		if (options->cells) {
			sim_cell_json(options, result, out);
		}
		sim_table_json_summary(options, result, out);
		return;
	}
	fprintf(out, "%-26s %9s %9s %8s %10s %12s %10s %10s\n", "scenario", "runs", "held", "violated", "restarts",
	        "crash states", "faults", "updates");
	for (uint32_t i = 0; i < options->scenario_count; i = sim_cell_group_end(options, i)) {
		sim_table_group(options, result, i, out);
	}
	sim_table_row("all", &result->all, out);
	if (options->cells) {
		sim_cell_print(options, result, out);
	}
	if (result->compared > 0) {
		fprintf(out,
		        "\n%" PRIu64
		        " runs were held against another cell's of their seed, which must end in the same state\n",
		        result->compared);
	}
	sim_table_rates(options, result, out);
	for (uint32_t i = 0; i < result->failure_count; i++) {
		sim_table_failure(options, &result->failures[i], out);
	}
	if (result->interrupted || result->out_of_time) {
		fprintf(out, "\n%s: what is above is what was finished\n",
		        result->interrupted ? "interrupted" : "out of time");
	}
}
