/* sim/sweep/results.c: see results.h. A transaction stores a few hundred runs, and begins when they
 * are all there: between two of them other sweeps write to the same database. When one does not
 * fit, its runs are stored again one by one, so every finished run that there is room for is kept.
 * The journal is a rollback journal: a WAL on a full disk can neither be written back nor read,
 * because its index needs space too. */
#include "results.h"

#include "build.h"
#include "cell.h"
#include "contract.h"
#include "demand.h"
#include "scenario_promise.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIM_RESULTS_BATCH 256u
#define SIM_RESULTS_BUSY_MS 60000
#define SIM_RESULTS_OPTIONS_SIZE 4096

/* A run that is not stored yet. */
struct sim_results_held {
	struct sim_sweep_key key;
	struct sim_run_result run;
};

struct sim_results {
	sqlite3 *db;
	sqlite3_stmt *insert_run;
	const char *directory;
	const struct sim_sweep_options *options;
	const struct sim_reach *reach; /* NULL: nobody counts */
	sqlite3_int64 sweep;
	uint64_t kept; /* runs of this sweep that are committed */
	bool failed;
	uint32_t held_count;
	struct sim_results_held held[SIM_RESULTS_BATCH];
};

static const char *const sim_results_schema =
        "CREATE TABLE IF NOT EXISTS sweep(id INTEGER PRIMARY KEY, subject TEXT, bug TEXT, seeds_first TEXT,"
        " seeds_count INTEGER, jobs INTEGER, partition_index INTEGER, partition_count INTEGER, sqlite_version TEXT,"
        " sqlite_source_id TEXT, compiler TEXT, version TEXT, wall_s REAL, exit_status INTEGER, sqlite_options TEXT,"
        " program TEXT);"
        "CREATE TABLE IF NOT EXISTS scenario(name TEXT PRIMARY KEY, about TEXT, path TEXT, criteria TEXT);"
        "CREATE TABLE IF NOT EXISTS brought(sweep_id INTEGER, scenario TEXT, kind TEXT, what TEXT);"
        "CREATE TABLE IF NOT EXISTS run(sweep_id INTEGER, scenario TEXT, seed TEXT, ordinal INTEGER, verdict TEXT,"
        " invariant TEXT, event INTEGER, detail TEXT, trace_hash TEXT, steps INTEGER, updates INTEGER, faults INTEGER,"
        " restarts INTEGER, crash_states INTEGER, virtual_ns INTEGER, replay TEXT, cell TEXT, contract TEXT,"
        " finding TEXT, lost INTEGER, lost_most INTEGER, corrupt INTEGER, state_hash TEXT,"
        " processes INTEGER, switches INTEGER, schedule_hash TEXT, branches INTEGER, state TEXT);"
        "CREATE TABLE IF NOT EXISTS cell(sweep_id INTEGER, scenario TEXT, axes TEXT, cell TEXT, contract TEXT, verdict "
        "TEXT,"
        " replay TEXT, runs INTEGER, crash_states INTEGER, violated INTEGER, excused INTEGER, lost INTEGER,"
        " lost_most INTEGER, corrupt INTEGER);"
        "CREATE TABLE IF NOT EXISTS probe(sweep_id INTEGER, scenario TEXT, name TEXT, required INTEGER, hits INTEGER);"
        "CREATE TABLE IF NOT EXISTS demand(sweep_id INTEGER, scenario TEXT, kind TEXT, name TEXT, one_in INTEGER,"
        " due INTEGER, runs INTEGER, reached INTEGER, state TEXT);"
        "CREATE TABLE IF NOT EXISTS phase(sweep_id INTEGER, scenario TEXT, name TEXT, crashes INTEGER, faults INTEGER);"
        "CREATE TABLE IF NOT EXISTS failure(sweep_id INTEGER, scenario TEXT, invariant TEXT, seed TEXT, detail TEXT,"
        " replay TEXT, count INTEGER, first_ordinal INTEGER, cell TEXT);"
        "CREATE TABLE IF NOT EXISTS species(sweep_id INTEGER, number INTEGER, class TEXT);"
        "CREATE TABLE IF NOT EXISTS unseen(sweep_id INTEGER, runs INTEGER, expected REAL, low INTEGER, high INTEGER);"
        "PRAGMA application_id=1095136370;" /* "AFtr" */
        "PRAGMA user_version=10;";

static bool sim_results_fail(const struct sim_results *results, char *why) {
	snprintf(why, SIM_SWEEP_WHY_SIZE, "%s/results.db: %s", results->directory, sqlite3_errmsg(results->db));
	return false;
}

/* Binds by a format of one letter per parameter: t text, i integer, d double, x seed as hexadecimal
 * text. */
static bool sim_results_insert(struct sim_results *results, const char *sql, const char *text[],
                               const uint64_t *numbers, const char *format) {
	sqlite3_stmt *statement = NULL;
	bool done = sqlite3_prepare_v2(results->db, sql, -1, &statement, NULL) == SQLITE_OK;
	for (int i = 0; done && format[i] != '\0'; i++) {
		if (format[i] == 't') {
			sqlite3_bind_text(statement, i + 1, *text++, -1, SQLITE_TRANSIENT);
		} else if (format[i] == 'm') {
			sqlite3_bind_double(statement, i + 1, (double)*numbers++ / 1000);
		} else {
			sqlite3_bind_int64(statement, i + 1, (sqlite3_int64)*numbers++);
		}
	}
	done = done && sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return done;
}

static void sim_results_criteria(uint32_t mask, char *text, size_t size) {
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t n = 1; n <= SIM_CRITERIA_COUNT; n++) {
		if ((mask & (1u << n)) != 0 && used < size) {
			used += (size_t)snprintf(text + used, size - used, "%sAC%u", used > 0 ? " " : "", n);
		}
	}
}

static const char *sim_results_subject(const struct sim_sweep_options *options) {
	return options->subject_path != NULL && options->bug == NULL ? options->subject_path : "engine";
}

static void sim_results_options(char text[SIM_RESULTS_OPTIONS_SIZE]) {
	size_t used = 0;
	text[0] = '\0';
	for (int i = 0; sqlite3_compileoption_get(i) != NULL && used < SIM_RESULTS_OPTIONS_SIZE; i++) {
		used += (size_t)snprintf(text + used, SIM_RESULTS_OPTIONS_SIZE - used, "%s%s", i > 0 ? " " : "",
		                         sqlite3_compileoption_get(i));
	}
}

/* What is neither the product nor SQLite, and takes part all the same. */
static bool sim_results_add_one_brought(struct sim_results *results, const struct sim_scenario *scenario,
                                        const char *kind, const char *what) {
	const char *text[] = {scenario->name, kind, what};
	const uint64_t number = (uint64_t)results->sweep;
	return sim_results_insert(results, "INSERT INTO brought(sweep_id,scenario,kind,what) VALUES(?,?,?,?)", text,
	                          &number, "ittt");
}

static bool sim_results_add_brought(struct sim_results *results, const struct sim_scenario *scenario) {
	const struct sim_sql *sql = scenario->sql;
	char text[SIM_STAND_IN_TEXT_SIZE];
	bool added = scenario->vfs_path[0] == '\0' ||
	             sim_results_add_one_brought(results, scenario, "vfs", scenario->vfs_path);
	for (uint32_t i = 0; sql != NULL && i < sql->stand_ins.count && added; i++) {
		sim_stand_in_print(&sql->stand_ins.items[i], text);
		added = sim_results_add_one_brought(results, scenario, "stand-in", text);
	}
	for (uint32_t i = 0; sql != NULL && i < sql->extension_count && added; i++) {
		added = sim_results_add_one_brought(results, scenario, "extension",
		                                    subject_extension_path(sql->extensions[i]));
	}
	return added;
}

static bool sim_results_begin(struct sim_results *results) {
	const struct sim_sweep_options *options = results->options;
	char seed[24];
	snprintf(seed, sizeof seed, "0x%016llx", (unsigned long long)options->first_seed);
	const char *subject = sim_results_subject(options);
	char compiled[SIM_RESULTS_OPTIONS_SIZE];
	char program[SIM_BUILD_SIZE];
	sim_results_options(compiled);
	sim_build_program(program);
	const char *text[] = {subject,
	                      options->bug,
	                      seed,
	                      sqlite3_libversion(),
	                      sqlite3_sourceid(),
	                      AFTERSHOCK_COMPILER,
	                      AFTERSHOCK_VERSION,
	                      compiled,
	                      program};
	const uint64_t numbers[] = {options->seed_count, options->jobs, options->partition, options->partitions};
	if (!sim_results_insert(
	            results,
	            "INSERT INTO sweep(subject,bug,seeds_first,seeds_count,jobs,partition_index,partition_count,"
	            "sqlite_version,sqlite_source_id,compiler,version,sqlite_options,program) "
	            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
	            text, numbers, "tttiiiitttttt")) {
		return false;
	}
	results->sweep = sqlite3_last_insert_rowid(results->db);
	for (uint32_t i = 0; i < options->scenario_count; i++) {
		const struct sim_scenario *scenario = options->scenarios[i];
		char criteria[64];
		sim_results_criteria(scenario->criteria, criteria, sizeof criteria);
		const char *row[] = {scenario->name, scenario->about, scenario->path, criteria};
		if (!sim_results_insert(results, "INSERT OR REPLACE INTO scenario VALUES(?,?,?,?)", row, NULL,
		                        "tttt")) {
			return false;
		}
	}
	/* The cells of one file bring the same. */
	for (uint32_t i = 0; i < options->scenario_count; i = sim_sweep_group_end(options, i)) {
		if (!sim_results_add_brought(results, options->scenarios[i])) {
			return false;
		}
	}
	return sqlite3_prepare_v2(results->db,
	                          "INSERT INTO run VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1,
	                          &results->insert_run, NULL) == SQLITE_OK;
}

/* A database that an earlier version began has other columns: better said than mixed. */
static bool sim_results_is_ours(struct sim_results *results) {
	sqlite3_stmt *select = NULL;
	bool ours = sqlite3_prepare_v2(results->db,
	                               "SELECT (SELECT count(*) FROM sqlite_schema)=0 OR"
	                               " ((SELECT application_id FROM pragma_application_id)=1095136370 AND"
	                               " (SELECT user_version FROM pragma_user_version)=10)",
	                               -1, &select, NULL) == SQLITE_OK &&
	            sqlite3_step(select) == SQLITE_ROW && sqlite3_column_int(select, 0) != 0;
	sqlite3_finalize(select);
	return ours;
}

/* Tables and the row of this sweep, in one transaction, so that of two sweeps that begin at once
 * the second waits and finds a whole database. False when SQLite fails. Without `insert_run` the
 * database is no results of this version, and is left as it is. */
static bool sim_results_lay_out(struct sim_results *results) {
	bool done =
	        sqlite3_busy_timeout(results->db, SIM_RESULTS_BUSY_MS) == SQLITE_OK &&
	        sqlite3_exec(results->db, "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	if (done && !sim_results_is_ours(results)) {
		sqlite3_exec(results->db, "ROLLBACK", NULL, NULL, NULL);
		return true;
	}
	return done && sqlite3_exec(results->db, sim_results_schema, NULL, NULL, NULL) == SQLITE_OK &&
	       sim_results_begin(results) && sqlite3_exec(results->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

struct sim_results *sim_results_open(const char *directory, const struct sim_sweep_options *options,
                                     const struct sim_reach *reach, char why[SIM_SWEEP_WHY_SIZE]) {
	char path[SIM_SCENARIO_PATH_SIZE + 16];
	struct sim_results *results = calloc(1, sizeof *results);
	if (results == NULL) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "out of memory");
		return NULL;
	}
	results->directory = directory;
	results->options = options;
	results->reach = reach;
	if (mkdir(results->directory, 0777) != 0 && errno != EEXIST) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "%.300s: %s", directory, strerror(errno));
		sim_results_close(results);
		return NULL;
	}
	snprintf(path, sizeof path, "%s/results.db", results->directory);
	if (sqlite3_open(path, &results->db) != SQLITE_OK || !sim_results_lay_out(results)) {
		sim_results_fail(results, why);
		sim_results_close(results);
		return NULL;
	}
	if (results->insert_run == NULL) {
		snprintf(why, SIM_SWEEP_WHY_SIZE,
		         "%.300s: not results of this version of aftershock, expected a new directory", path);
		sim_results_close(results);
		return NULL;
	}
	return results;
}

static void sim_results_bind_numbers(struct sim_results *results, const struct sim_run_result *run) {
	const uint64_t numbers[] = {run->steps,    run->updates,      run->faults,
	                            run->restarts, run->crash_states, run->virtual_ns};
	for (int i = 0; i < 6; i++) {
		sqlite3_bind_int64(results->insert_run, 10 + i, (sqlite3_int64)numbers[i]);
	}
}

/* Zero and empty for one process. */
static void sim_results_bind_processes(struct sim_results *results, const struct sim_run_result *run) {
	char hash[24];
	snprintf(hash, sizeof hash, "%016llx", (unsigned long long)run->schedule_hash);
	sqlite3_bind_int64(results->insert_run, 24, (sqlite3_int64)run->processes);
	sqlite3_bind_int64(results->insert_run, 25, (sqlite3_int64)run->switches);
	sqlite3_bind_text(results->insert_run, 26, run->processes != 0 ? hash : "", -1, SQLITE_TRANSIENT);
}

/* Crash states beside the run, and the one that was violated. */
static void sim_results_bind_branches(struct sim_results *results, const struct sim_run_result *run) {
	sqlite3_bind_int64(results->insert_run, 27, (sqlite3_int64)run->branches);
	sqlite3_bind_text(results->insert_run, 28, run->state, -1, SQLITE_TRANSIENT);
}

static void sim_results_bind_promise(struct sim_results *results, const struct sim_sweep_key *key,
                                     const struct sim_run_result *run) {
	sqlite3_stmt *insert = results->insert_run;
	char state[24];
	const char *finding = sim_cell_excuse_name(results->options, key->scenario, run);
	sqlite3_bind_text(insert, 17, results->options->scenarios[key->scenario]->cell, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(insert, 18, run->contract, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(insert, 19, finding, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(insert, 20, (sqlite3_int64)run->lost);
	sqlite3_bind_int64(insert, 21, (sqlite3_int64)run->lost_most);
	sqlite3_bind_int64(insert, 22, (sqlite3_int64)run->corrupt);
	snprintf(state, sizeof state, "%016llx", (unsigned long long)run->state_hash);
	sqlite3_bind_text(insert, 23, run->state_hash != 0 ? state : "", -1, SQLITE_TRANSIENT);
}

/* What holds whenever somebody tells it something. */
static void sim_results_assert(const struct sim_results *results) {
	assert(results->db != NULL && results->insert_run != NULL && results->sweep > 0);
	assert(results->held_count <= SIM_RESULTS_BATCH);
	assert(!results->failed || results->held_count == 0);
	assert(sqlite3_get_autocommit(results->db) != 0);
}

static bool sim_results_insert_run(struct sim_results *results, const struct sim_results_held *held) {
	const struct sim_sweep_key *key = &held->key;
	const struct sim_run_result *run = &held->run;
	char replay[SIM_SWEEP_REPLAY_SIZE];
	char seed_text[24];
	char hash[40];
	sqlite3_stmt *insert = results->insert_run;
	const struct sim_sweep_case about = sim_sweep_case_of(key, run);
	sim_sweep_replay_line(results->options, &about, replay, sizeof replay);
	snprintf(seed_text, sizeof seed_text, "0x%016llx", (unsigned long long)key->seed);
	snprintf(hash, sizeof hash, "%016llx%016llx", (unsigned long long)run->trace_hash[0],
	         (unsigned long long)run->trace_hash[1]);
	sqlite3_bind_int64(insert, 1, results->sweep);
	sqlite3_bind_text(insert, 2, results->options->scenarios[key->scenario]->name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(insert, 3, seed_text, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(insert, 4, (sqlite3_int64)key->ordinal);
	sqlite3_bind_text(insert, 5, sim_sweep_verdict_name(run->verdict), -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(insert, 6, run->invariant, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(insert, 7, (sqlite3_int64)run->event);
	sqlite3_bind_text(insert, 8, run->detail, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(insert, 9, hash, -1, SQLITE_TRANSIENT);
	sim_results_bind_numbers(results, run);
	sqlite3_bind_text(insert, 16, replay, -1, SQLITE_TRANSIENT);
	sim_results_bind_promise(results, key, run);
	sim_results_bind_processes(results, run);
	sim_results_bind_branches(results, run);
	bool done = sqlite3_step(insert) == SQLITE_DONE;
	sqlite3_reset(insert);
	return done;
}

/* What SQLite says is wrong, before anything else is asked of it; then everything that still fits
 * is stored. */
static bool sim_results_rescue(struct sim_results *results, char *why) {
	char message[100];
	uint32_t saved = 0;
	snprintf(message, sizeof message, "%s", sqlite3_errmsg(results->db));
	/* Fails when SQLite has rolled back by itself. */
	sqlite3_exec(results->db, "ROLLBACK", NULL, NULL, NULL);
	while (saved < results->held_count && sim_results_insert_run(results, &results->held[saved])) {
		saved++;
	}
	results->kept += saved;
	results->held_count = 0;
	results->failed = true;
	snprintf(why, SIM_SWEEP_WHY_SIZE, "%.220s/results.db: %s; %llu runs are kept in it", results->directory,
	         message, (unsigned long long)results->kept);
	return false;
}

/* Stores what is held, in one transaction. */
static bool sim_results_store(struct sim_results *results, char *why) {
	uint32_t stored = 0;
	bool begun = sqlite3_exec(results->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	while (begun && stored < results->held_count && sim_results_insert_run(results, &results->held[stored])) {
		stored++;
	}
	if (!begun || stored < results->held_count ||
	    sqlite3_exec(results->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		return sim_results_rescue(results, why);
	}
	results->kept += results->held_count;
	results->held_count = 0;
	return true;
}

static bool sim_results_run_ended(void *context, const struct sim_sweep_key *key, const struct sim_run_result *run,
                                  char *why) {
	struct sim_results *results = context;
	sim_results_assert(results);
	assert(!results->failed && results->held_count < SIM_RESULTS_BATCH);
	struct sim_results_held *held = &results->held[results->held_count++];
	held->key = *key;
	held->run = *run;
	return results->held_count < SIM_RESULTS_BATCH || sim_results_store(results, why);
}

/* The cells of one file are one batch. */
static bool sim_results_add_probe(struct sim_results *results, const struct sim_sweep_result *result, uint32_t first,
                                  enum sim_probe probe) {
	const struct sim_scenario *about = results->options->scenarios[first];
	const char *text[] = {about->name, sim_probe_name(probe)};
	uint64_t reached = 0;
	for (uint32_t i = first; i < sim_sweep_group_end(results->options, first); i++) {
		reached += result->scenarios[i].probe_runs[probe];
	}
	const uint64_t numbers[] = {(uint64_t)results->sweep, about->probes[probe], reached};
	return sim_results_insert(results, "INSERT INTO probe(sweep_id,required,hits,scenario,name) VALUES(?,?,?,?,?)",
	                          text, numbers, "iiitt");
}

static bool sim_results_add_probes(struct sim_results *results, const struct sim_sweep_result *result) {
	const struct sim_sweep_options *options = results->options;
	bool added = true;
	for (uint32_t i = 0; i < options->scenario_count && added; i = sim_sweep_group_end(options, i)) {
		for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT && added; probe++) {
			added = sim_results_add_probe(results, result, i, (enum sim_probe)probe);
		}
	}
	return added;
}

/* What struck in which phase, of the cells of one file together. */
static bool sim_results_add_phase(struct sim_results *results, const struct sim_sweep_result *result, uint32_t first,
                                  enum vfs_phase phase) {
	uint64_t crashes = 0;
	uint64_t faults = 0;
	for (uint32_t i = first; i < sim_sweep_group_end(results->options, first); i++) {
		crashes += result->scenarios[i].phases.crashes[phase];
		faults += result->scenarios[i].phases.faults[phase];
	}
	const char *text[] = {results->options->scenarios[first]->name, vfs_phase_name(phase)};
	const uint64_t numbers[] = {(uint64_t)results->sweep, crashes, faults};
	return sim_results_insert(results, "INSERT INTO phase(sweep_id,crashes,faults,scenario,name) VALUES(?,?,?,?,?)",
	                          text, numbers, "iiitt");
}

static bool sim_results_add_phases(struct sim_results *results, const struct sim_sweep_result *result) {
	const struct sim_sweep_options *options = results->options;
	bool added = true;
	for (uint32_t i = 0; i < options->scenario_count && added; i = sim_sweep_group_end(options, i)) {
		for (int phase = VFS_PHASE_NONE + 1; phase < VFS_PHASE_COUNT && added; phase++) {
			added = sim_results_add_phase(results, result, i, (enum vfs_phase)phase);
		}
	}
	return added;
}

/* Each species that was reached, and what the next runs would still show. */
static bool sim_results_add_reach(struct sim_results *results) {
	const struct sim_reach *reach = results->reach;
	bool added = true;
	for (uint32_t i = 0; reach != NULL && i < SIM_SPECIES_COUNT && added; i++) {
		if (sim_species_has(&reach->unseen.reached, i)) {
			const char *text[] = {sim_species_row(sim_species_class_of(i))->name};
			const uint64_t numbers[] = {(uint64_t)results->sweep, i};
			added = sim_results_insert(results, "INSERT INTO species VALUES(?,?,?)", text, numbers, "iit");
		}
	}
	for (uint32_t i = 0; reach != NULL && i < reach->next_count && added; i++) {
		const struct sim_unseen_estimate *estimate = &reach->next[i].estimate;
		const uint64_t numbers[] = {(uint64_t)results->sweep, reach->next[i].runs,
		                            (uint64_t)(estimate->expected * 1000), (uint64_t)estimate->low,
		                            (uint64_t)estimate->high};
		added = sim_results_insert(results, "INSERT INTO unseen VALUES(?,?,?,?,?)", NULL, numbers, "iimii");
	}
	return added;
}

/* What each file demands of its batch, and what came of it (demand.h). */
static bool sim_results_add_demands(struct sim_results *results, const struct sim_sweep_result *result) {
	static struct sim_demands demands;
	const struct sim_sweep_options *options = results->options;
	bool added = true;
	for (uint32_t first = 0; first < options->scenario_count; first = sim_sweep_group_end(options, first)) {
		sim_demands_judge(options, result, first, &demands);
		for (uint32_t i = 0; i < demands.count && added; i++) {
			const struct sim_demand *demand = &demands.all[i];
			const char *text[] = {options->scenarios[first]->name, demand->of_fault ? "fault" : "probe",
			                      demand->name, sim_demand_state_name(demand->state)};
			const uint64_t numbers[] = {(uint64_t)results->sweep, demand->one_in, demand->due, demands.runs,
			                            demand->reached};
			added = sim_results_insert(results,
			                           "INSERT INTO demand(sweep_id,one_in,due,runs,reached,scenario,"
			                           "kind,name,state) VALUES(?,?,?,?,?,?,?,?,?)",
			                           text, numbers, "iiiiitttt");
		}
	}
	return added;
}

static bool sim_results_add_cell(struct sim_results *results, const struct sim_sweep_result *result, uint32_t number) {
	const struct sim_scenario *about = results->options->scenarios[number];
	const struct sim_sweep_totals *totals = &result->scenarios[number];
	char contract[SIM_CONTRACT_TEXT_SIZE];
	char replay[SIM_SWEEP_REPLAY_SIZE];
	sim_scenario_promise_print(about, contract);
	sim_sweep_weak_line(results->options, result, number, replay, sizeof replay);
	const char *text[] = {
	        about->name, about->axes, about->cell, contract, sim_cell_verdict_name(sim_cell_judge(about, totals)),
	        replay};
	const uint64_t numbers[] = {(uint64_t)results->sweep, totals->runs, totals->crash_states, totals->violated,
	                            totals->excused,          totals->lost, totals->lost_most,    totals->corrupt};
	return sim_results_insert(
	        results,
	        "INSERT INTO cell(sweep_id,scenario,axes,cell,contract,verdict,replay,runs,crash_states,"
	        "violated,excused,lost,lost_most,corrupt) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	        text, numbers, "ittttttiiiiiii");
}

static bool sim_results_add_cells(struct sim_results *results, const struct sim_sweep_result *result) {
	bool added = true;
	for (uint32_t i = 0; i < results->options->scenario_count && added; i++) {
		added = sim_results_add_cell(results, result, i);
	}
	return added;
}

static bool sim_results_add_failures(struct sim_results *results, const struct sim_sweep_result *result) {
	for (uint32_t i = 0; i < result->failure_count; i++) {
		const struct sim_sweep_failure *failure = &result->failures[i];
		char replay[SIM_SWEEP_REPLAY_SIZE];
		char seed[24];
		sim_sweep_failure_line(results->options, failure, replay, sizeof replay);
		snprintf(seed, sizeof seed, "0x%016llx", (unsigned long long)failure->seed);
		const char *text[] = {results->options->scenarios[failure->scenario]->name,
		                      failure->invariant,
		                      seed,
		                      failure->detail,
		                      replay,
		                      results->options->scenarios[failure->scenario]->cell};
		const uint64_t numbers[] = {(uint64_t)results->sweep, failure->count, failure->ordinal};
		if (!sim_results_insert(
		            results,
		            "INSERT INTO "
		            "failure(sweep_id,count,first_ordinal,scenario,invariant,seed,detail,replay,cell)"
		            " VALUES(?,?,?,?,?,?,?,?,?)",
		            text, numbers, "iiitttttt")) {
			return false;
		}
	}
	return true;
}

static bool sim_results_sweep_ended(void *context, const struct sim_sweep_result *result, char *why) {
	struct sim_results *results = context;
	const uint64_t numbers[] = {(uint64_t)(result->wall_s * 1000), (uint64_t)result->exit_status,
	                            (uint64_t)results->sweep};
	const char *end = "UPDATE sweep SET wall_s=?, exit_status=? WHERE id=?";
	bool failed_before = results->failed;
	sim_results_assert(results);
	if (!failed_before && sim_results_store(results, why)) {
		bool done = sqlite3_exec(results->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
		            sim_results_add_probes(results, result) && sim_results_add_phases(results, result) &&
		            sim_results_add_cells(results, result) && sim_results_add_demands(results, result) &&
		            sim_results_add_reach(results) && sim_results_add_failures(results, result) &&
		            sim_results_insert(results, end, NULL, numbers, "mii") &&
		            sqlite3_exec(results->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
		return done || sim_results_rescue(results, why);
	}
	if (!sim_results_insert(results, end, NULL, numbers, "mii")) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "%.220s/results.db: the end of the sweep cannot be stored",
		         results->directory);
		return false;
	}
	return failed_before;
}

struct sim_sweep_listener sim_results_listener(struct sim_results *results) {
	return (struct sim_sweep_listener){
	        .context = results, .run_ended = sim_results_run_ended, .sweep_ended = sim_results_sweep_ended};
}

void sim_results_close(struct sim_results *results) {
	if (results != NULL) {
		sqlite3_finalize(results->insert_run);
		sqlite3_close(results->db);
		free(results);
	}
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* In the line that replays a run (sim/sweep/case.c). */
#define SIM_RESULTS_BRANCHES " --branches "

static bool sim_results_read(sqlite3_stmt *select, struct sim_results_row *row) {
	if (sqlite3_step(select) != SQLITE_ROW) {
		return false;
	}
	const char *verdict = (const char *)sqlite3_column_text(select, 0);
	const char *hash = (const char *)sqlite3_column_text(select, 1);
	snprintf(row->verdict, sizeof row->verdict, "%s", verdict != NULL ? verdict : "");
	const char *replay = (const char *)sqlite3_column_text(select, 2);
	const char *branches = replay != NULL ? strstr(replay, SIM_RESULTS_BRANCHES) : NULL;
	snprintf(row->trace_hash, sizeof row->trace_hash, "%s", hash != NULL ? hash : "");
	row->branches_given = branches != NULL;
	row->branches = branches != NULL ? (uint32_t)strtoul(branches + strlen(SIM_RESULTS_BRANCHES), NULL, 10) : 0;
	return true;
}

/* With other crash states beside it, a run may end otherwise. */
static bool sim_results_is_comparable(const struct sim_sweep_options *options, const struct sim_results_row *row,
                                      char *why) {
	if (row->branches_given == options->branches_given && row->branches == options->branches) {
		return true;
	}
	if (row->branches_given) {
		snprintf(why, SIM_SWEEP_WHY_SIZE,
		         "--results: this run is recorded with --branches %u, expected the same here", row->branches);
	} else {
		snprintf(why, SIM_SWEEP_WHY_SIZE,
		         "--results: this run is recorded without --branches, expected the same here");
	}
	return false;
}

bool sim_results_find(const char *directory, const struct sim_sweep_options *options, uint64_t seed,
                      struct sim_results_row *row, char *why) {
	char path[SIM_SCENARIO_PATH_SIZE + 16];
	char seed_text[24];
	sqlite3 *db = NULL;
	sqlite3_stmt *select = NULL;
	snprintf(path, sizeof path, "%s/results.db", directory);
	snprintf(seed_text, sizeof seed_text, "0x%016llx", (unsigned long long)seed);
	bool opened = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	              sqlite3_prepare_v2(
	                      db,
	                      "SELECT CASE verdict WHEN 'violated' THEN invariant ELSE verdict "
	                      "END,trace_hash,run.replay FROM run"
	                      " JOIN sweep ON sweep.id=sweep_id WHERE scenario=? AND seed=? AND sweep.subject=? AND"
	                      " sweep.bug IS ? AND cell=? AND ?=coalesce((SELECT what FROM brought b WHERE"
	                      " b.sweep_id=run.sweep_id AND b.scenario=run.scenario AND kind='vfs'),'')"
	                      " ORDER BY sweep_id DESC LIMIT 1",
	                      -1, &select, NULL) == SQLITE_OK;
	if (!opened) {
		snprintf(why, SIM_SWEEP_WHY_SIZE, "%.300s: %.80s", path, sqlite3_errmsg(db));
		sqlite3_close(db);
		return false;
	}
	sqlite3_bind_text(select, 1, options->scenarios[0]->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(select, 2, seed_text, -1, SQLITE_STATIC);
	sqlite3_bind_text(select, 3, sim_results_subject(options), -1, SQLITE_STATIC);
	sqlite3_bind_text(select, 4, options->bug, -1, SQLITE_STATIC);
	sqlite3_bind_text(select, 5, options->scenarios[0]->cell, -1, SQLITE_STATIC);
	sqlite3_bind_text(select, 6, options->scenarios[0]->vfs_path, -1, SQLITE_STATIC);
	bool found = sim_results_read(select, row);
	if (!found) {
		char name[SIM_SWEEP_NAME_SIZE];
		sim_sweep_name(options->scenarios[0], name);
		snprintf(why, SIM_SWEEP_WHY_SIZE,
		         "%.100s: no run of %s@0x%llx with this subject and VFS is recorded there", path, name,
		         (unsigned long long)seed);
	}
	sqlite3_finalize(select);
	sqlite3_close(db);
	return found && sim_results_is_comparable(options, row, why);
}
