/* sim/sweep/sweep_json.c: see sweep_json.h. */
#include "sweep_json.h"

#include "cell.h"
#include "contract.h"
#include "sql.h"
#include "demand.h"
#include "fit.h"
#include "scenario_promise.h"
#include "totals.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

void sim_sweep_json_print(json_t *object, FILE *out) {
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	fprintf(out, "%s\n", text != NULL ? text : "{}");
	free(text);
	json_decref(object);
}

json_t *sim_sweep_json_bytes(const char *bytes) {
	json_t *string = json_string(bytes);
	char *text = string == NULL ? strdup(bytes) : NULL;
	if (text != NULL) {
		sim_verdict_clean(text);
		string = json_string(text);
	}
	free(text);
	return string;
}

json_t *sim_sweep_json_sqlite_options(void) {
	json_t *options = json_array();
	for (int i = 0; sqlite3_compileoption_get(i) != NULL; i++) {
		json_array_append_new(options, json_string(sqlite3_compileoption_get(i)));
	}
	return options;
}

/* ---- one run --------------------------------------------------------------------------------- */

/* Of SQL with stand-ins only: nobody shall take them for the real ones. */
static void sim_sweep_json_add_stand_ins(json_t *object, const struct sim_scenario *scenario) {
	char text[SIM_STAND_IN_TEXT_SIZE];
	if (scenario->sql == NULL || scenario->sql->stand_ins.count == 0) {
		return;
	}
	json_t *list = json_array();
	for (uint32_t i = 0; i < scenario->sql->stand_ins.count; i++) {
		sim_stand_in_print(&scenario->sql->stand_ins.items[i], text);
		json_array_append_new(list, sim_sweep_json_bytes(text));
	}
	json_object_set_new(object, "stand_ins", list);
}

/* What was promised, what was measured, and whether a violation fails the sweep. */
static void sim_sweep_json_add_promise(json_t *object, const struct sim_sweep_options *options, uint32_t scenario,
                                       const struct sim_run_result *run) {
	char state[24];
	json_object_set_new(object, "cell", json_string(options->scenarios[scenario]->cell));
	json_object_set_new(object, "contract", json_string(run->contract));
	sim_sweep_json_add_stand_ins(object, options->scenarios[scenario]);
	json_object_set_new(object, "lost", json_integer((json_int_t)run->lost));
	json_object_set_new(object, "lost_most", json_integer((json_int_t)run->lost_most));
	json_object_set_new(object, "corrupt", json_integer((json_int_t)run->corrupt));
	snprintf(state, sizeof state, "%016" PRIx64, run->state_hash);
	json_object_set_new(object, "state_hash", json_string(run->state_hash != 0 ? state : ""));
	json_object_set_new(object, "finding", json_string(sim_cell_excuse_name(options, scenario, run)));
}

/* Of several processes only. */
static void sim_sweep_json_add_processes(json_t *object, const struct sim_run_result *run) {
	char hash[24];
	if (run->processes == 0) {
		return;
	}
	snprintf(hash, sizeof hash, "%016" PRIx64, run->schedule_hash);
	json_object_set_new(object, "processes", json_integer((json_int_t)run->processes));
	json_object_set_new(object, "switches", json_integer((json_int_t)run->switches));
	json_object_set_new(object, "schedule_hash", json_string(hash));
}

/* Phases in which something struck, each with its crashes and other faults. */
static json_t *sim_sweep_json_phases(const struct sim_phase_counts *counts) {
	json_t *phases = json_object();
	for (int phase = VFS_PHASE_NONE + 1; phase < VFS_PHASE_COUNT; phase++) {
		if (counts->crashes[phase] > 0 || counts->faults[phase] > 0) {
			json_object_set_new(phases, vfs_phase_name((enum vfs_phase)phase),
			                    json_pack("{s:I,s:I}", "crashes", (json_int_t)counts->crashes[phase],
			                              "faults", (json_int_t)counts->faults[phase]));
		}
	}
	return phases;
}

static void sim_sweep_json_add_phases(json_t *object, const struct sim_phase_counts *counts) {
	json_object_set_new(object, "crashes_in_starts", json_integer((json_int_t)counts->crashes_in_starts));
	json_object_set_new(object, "phases", sim_sweep_json_phases(counts));
}

static void sim_sweep_json_run(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                               const struct sim_run_result *run, FILE *out) {
	assert(about->scenario < options->scenario_count);
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
		sim_sweep_json_add_promise(object, options, about->scenario, run);
		sim_sweep_json_add_processes(object, run);
		sim_sweep_json_add_phases(object, &run->phases);
		json_object_set_new(object, "branches", json_integer((json_int_t)run->branches));
		json_object_set_new(object, "state", json_string(run->state));
		json_object_set_new(object, "replay", sim_sweep_json_bytes(replay));
	}
	if (object != NULL && about->outcome != NULL) {
		json_object_set_new(object, "outcome", json_string(about->outcome));
	}
	sim_sweep_json_print(object, out);
}

/* ---- the end of a sweep ---------------------------------------------------------------------- */

void sim_sweep_json_summary(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out) {
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
		json_object_set_new(object, "run_twice", json_integer((json_int_t)result->twice));
		json_object_set_new(object, "skipped", json_integer((json_int_t)options->skipped_count));
		json_object_set_new(object, "excused", json_integer((json_int_t)all->excused));
		sim_sweep_json_add_phases(object, &all->phases);
		json_object_set_new(object, "too_few_seeds", json_integer((json_int_t)result->too_few));
		json_object_set_new(object, "processor_s", json_real(result->processor_s));
		json_object_set_new(object, "sqlite_options", sim_sweep_json_sqlite_options());
	}
	sim_sweep_json_print(object, out);
}

static void sim_sweep_json_cell(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                uint32_t number, FILE *out) {
	const struct sim_scenario *scenario = options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	char contract[SIM_CONTRACT_TEXT_SIZE];
	char line[SIM_SWEEP_REPLAY_SIZE];
	sim_scenario_promise_print(scenario, contract);
	sim_sweep_weak_line(options, result, number, line, sizeof line);
	sim_sweep_json_print(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "type", "cell",
	                               "scenario", scenario->name, "axes", scenario->axes, "cell", scenario->cell,
	                               "contract", contract, "verdict",
	                               sim_cell_verdict_name(sim_cell_judge(scenario, totals)), "runs",
	                               (json_int_t)totals->runs, "crash_states", (json_int_t)totals->crash_states,
	                               "violated", (json_int_t)totals->violated, "excused", (json_int_t)totals->excused,
	                               "lost", (json_int_t)totals->lost, "lost_most", (json_int_t)totals->lost_most,
	                               "corrupt", (json_int_t)totals->corrupt, "replay", sim_sweep_json_bytes(line)),
	                     out);
}

static void sim_sweep_json_known(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                 uint32_t scenario, FILE *out) {
	const struct sim_scenario *about = options->scenarios[scenario];
	const struct sim_sweep_totals *totals = &result->scenarios[scenario];
	for (uint32_t i = 0; i < about->known_count; i++) {
		const struct sim_known *known = &about->known[i];
		char line[SIM_SWEEP_REPLAY_SIZE];
		sim_cell_known_line(options, scenario, i, line, sizeof line);
		char versions[SIM_CELL_VERSIONS_SIZE];
		sim_cell_versions_text(known, versions);
		sim_sweep_json_print(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:I}", "type", "finding",
		                               "finding", known->id, "scenario", about->name, "cell", about->cell,
		                               "invariant", known->invariant, "versions", versions, "fix", known->fix,
		                               "link", known->link, "replay", sim_sweep_json_bytes(line), "state",
		                               sim_cell_known_state(about, totals, i), "runs",
		                               (json_int_t)totals->known_runs[i]),
		                     out);
	}
}

static void sim_sweep_json_cells(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                 FILE *out) {
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		if (sim_cell_is_shown(options->scenarios[i])) {
			sim_sweep_json_cell(options, result, i, out);
		}
		sim_sweep_json_known(options, result, i, out);
	}
}

/* What the runs of one file showed of what they must. */
static void sim_sweep_json_batch(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                 uint32_t first, FILE *out) {
	static struct sim_demands demands;
	json_t *faults = json_object();
	json_t *probes = json_object();
	json_t *too_few = json_array();
	json_t *missed = json_array();
	sim_demands_judge(options, result, first, &demands);
	for (uint32_t i = 0; i < demands.count; i++) {
		const struct sim_demand *demand = &demands.all[i];
		json_object_set_new(demand->of_fault ? faults : probes, demand->name,
		                    json_integer((json_int_t)demand->reached));
		json_t *list = demand->state == SIM_DEMAND_TOO_FEW  ? too_few
		               : demand->state == SIM_DEMAND_MISSED ? missed
		                                                    : NULL;
		if (list != NULL) {
			json_array_append_new(
			        list, json_sprintf("%s %s", demand->of_fault ? "fault" : "probe", demand->name));
		}
	}
	sim_sweep_json_print(json_pack("{s:s,s:s,s:I,s:s,s:o,s:o,s:o,s:o}", "type", "batch", "scenario",
	                               options->scenarios[first]->name, "runs", (json_int_t)demands.runs, "state",
	                               sim_demand_state_name(sim_demands_state(&demands)), "struck", faults, "probes",
	                               probes, "too_few_seeds", too_few, "missed", missed),
	                     out);
}

static void sim_sweep_json_batches(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                                   FILE *out) {
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		sim_sweep_json_batch(options, result, i, out);
	}
}

/* ---- the listener ---------------------------------------------------------------------------- */

static bool sim_sweep_json_run_ended(void *context, const struct sim_sweep_key *key, const struct sim_run_result *run,
                                     char *why) {
	const struct sim_sweep_json *json = context;
	const struct sim_sweep_case about = sim_sweep_case_of(key, run);
	(void)why;
	sim_sweep_json_run(json->options, &about, run, json->out);
	return true;
}

static void sim_sweep_json_skipped(const struct sim_sweep_options *options, FILE *out) {
	for (uint32_t i = 0; i < options->skipped_count; i++) {
		char text[SIM_SWEEP_SKIPPED_SIZE];
		sim_sweep_skipped_text(options, i, text);
		sim_sweep_json_print(json_pack("{s:s,s:s,s:s}", "type", "skipped", "scenario",
		                               options->skipped[i].scenario->name, "not_taken", text),
		                     out);
	}
}

/* The species that were reached, and what the next runs would still show. */
static void sim_sweep_json_reach(const struct sim_reach *reach, FILE *out) {
	json_t *classes = json_object();
	json_t *next = json_array();
	for (int i = 0; i < SIM_SPECIES_CLASS_COUNT; i++) {
		json_object_set_new(classes, sim_species_row((enum sim_species_class)i)->name,
		                    json_integer((json_int_t)reach->by_class[i]));
	}
	for (uint32_t i = 0; i < reach->next_count; i++) {
		const struct sim_unseen_estimate *estimate = &reach->next[i].estimate;
		json_array_append_new(next, json_pack("{s:I,s:f,s:I,s:I}", "runs", (json_int_t)reach->next[i].runs,
		                                      "expected", estimate->expected, "low", (json_int_t)estimate->low,
		                                      "high", (json_int_t)estimate->high));
	}
	sim_sweep_json_print(json_pack("{s:s,s:I,s:I,s:o,s:o,s:s}", "type", "species", "runs", (json_int_t)reach->runs,
	                               "species", (json_int_t)reach->species, "classes", classes, "next", next,
	                               "not_estimated", reach->why),
	                     out);
}

static bool sim_sweep_json_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	const struct sim_sweep_json *json = context;
	(void)why;
	sim_sweep_json_cells(json->options, result, json->out);
	sim_sweep_json_batches(json->options, result, json->out);
	sim_sweep_json_skipped(json->options, json->out);
	if (json->reach != NULL) {
		sim_sweep_json_reach(json->reach, json->out);
	}
	sim_sweep_json_summary(json->options, result, json->out);
	return true;
}

struct sim_sweep_listener sim_sweep_json_listener(struct sim_sweep_json *json) {
	return (struct sim_sweep_listener){
	        .context = json, .run_ended = sim_sweep_json_run_ended, .sweep_ended = sim_sweep_json_sweep_ended};
}

void sim_sweep_json_single(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                           const struct sim_run_result *run, int exit_status, FILE *out) {
	static struct sim_sweep_result result;
	memset(&result, 0, sizeof result);
	sim_sweep_count(options, &result, about, run);
	result.exit_status = exit_status;
	sim_sweep_json_run(options, about, run, out);
	sim_sweep_json_summary(options, &result, out);
}
