/* sim/scenario/scenario_internal.h: a scenario between its text and its value. Private to
 * sim/scenario*.c.
 *
 * One file goes through four stages, each of which may refuse it: the text is read and must be
 * harmless YAML (sim/scenario/scenario_source.c); its shape must be that of the schema
 * (sim/scenario/scenario_schema.c); its words and numbers must make sense
 * (sim/scenario/scenario_check.c, sim/scenario/scenario_faults.c). Every refusal is one line with
 * the place in the file.
 */
#ifndef AFTERSHOCK_SIM_SCENARIO_INTERNAL_H
#define AFTERSHOCK_SIM_SCENARIO_INTERNAL_H

#include "must_check.h"
#include "scenario.h"

#include <yaml.h>

/* The place of a key or list entry, such as "faults[2].methods[0]". */
#define SIM_SCENARIO_PLACE_SIZE 96

/* The text of one file and where its parts stand. */
struct sim_scenario_source {
	const char *path;
	unsigned char *text; /* owned */
	size_t size;
	yaml_document_t document; /* owned when has_document */
	bool has_document;
	char *why;
	size_t why_size;
	/* The variants of the cell that is being checked: their settings, disk and faults stand
	 * elsewhere in the file. */
	uint32_t variant_count;
	uint32_t variants[SIM_AXES_MAX];
	uint32_t fault_counts[SIM_AXES_MAX];
	uint32_t base_fault_count;
};

/* ---- what libcyaml fills: what is optional is NULL when the file does not have it ------------ */

struct sim_raw_workload {
	char *draw;
	struct sim_range *updates;
	struct sim_range *symbols;
	struct sim_range *open_orders;
	uint64_t *duplicates;
	uint64_t *reorders;
	uint64_t *restarts;
	uint64_t *checkpoints;
	uint64_t *tunings;
	uint64_t *kills;
	uint64_t *power_losses;
	uint64_t *takeovers;
	uint64_t *wakes;
	uint64_t *retires;
	char *trader;
	struct sim_range *limit;
	uint64_t *query_failures;
	uint64_t *rejects;
	uint64_t *cancels;
	uint64_t *expires;
	uint64_t *rare[SIM_RARE_COUNT];
	uint64_t *holds;
	uint64_t *enumerate;
	char *tape;
};

/* What a file says of one setting: words (char *), numbers (uint64_t), or one word alone. */
struct sim_raw_setting {
	void *entries; /* NULL: nothing */
	uint32_t count;
};

/* The mappings `settings` and `disk`, by row of sim/setting_row.h. */
struct sim_raw_settings {
	struct sim_raw_setting rows[SIM_SETTINGS_MAX];
};

struct sim_raw_fault {
	char *kind;
	char **methods;
	uint32_t methods_count;
	char **files;
	uint32_t files_count;
	char **effects;
	uint32_t effects_count;
	char **codes;
	uint32_t codes_count;
	char **during;
	uint32_t during_count;
	uint64_t *chance;
	struct sim_range *count;
	struct sim_range *operations;
	struct sim_range *times;
	struct sim_range *duration_ms;
	struct sim_range *bytes;
	char *phase;
	struct sim_range *occurrences;
	char *aim;
	char *process;
};

struct sim_raw_contract {
	char *kill;
	char *power_loss;
	char *files;
	char *locks;
};

/* One entry of an axis that is no list of settings: what it adds to or puts in place of what the
 * scenario says. */
struct sim_raw_variant {
	char *axis;
	char *name;
	struct sim_raw_settings settings;
	struct sim_raw_fault *faults;
	uint32_t faults_count;
};

/* What is said of the cells that a pattern matches. */
struct sim_raw_cells {
	char *where;
	struct sim_raw_contract contract;
	uint64_t *must_violate;
};

struct sim_raw_known {
	char *id;
	char *invariant;
	char *detail;
	char *link;
	char *cell;
	char *recorded;
	char *plan;
	char *fix;
	char *at_most;
	uint64_t *seed;
	char **versions;
	uint32_t versions_count;
};

struct sim_raw_parameter {
	char *name;
	char *kind;
	char *min;
	char *max;
	bool is_heavy;
	uint64_t *nulls;
	char *letters;
	char **values;
	uint32_t values_count;
};

struct sim_raw_transaction {
	char *name;
	uint64_t *weight;
	char *begin;
	char *end;
	char **values;
	uint32_t values_count;
	char **statements;
	uint32_t statements_count;
};

struct sim_raw_sql {
	char **attached;
	uint32_t attached_count;
	uint64_t *attached_chance;
	char **pragmas;
	uint32_t pragmas_count;
	char **tunings;
	uint32_t tunings_count;
	char **extensions;
	uint32_t extensions_count;
	char **stand_ins;
	uint32_t stand_ins_count;
	char **after_doubt;
	uint32_t after_doubt_count;
	struct sim_raw_parameter *parameters;
	uint32_t parameters_count;
	char *setup_file;
	char **setup;
	uint32_t setup_count;
	char *transactions_file;
	struct sim_raw_transaction *transactions;
	uint32_t transactions_count;
	char **invariants;
	uint32_t invariants_count;
};

/* A kind of operation of a program. */
struct sim_raw_operation {
	char *text;
	uint64_t *weight;
};

struct sim_raw_process {
	char *name;
	char *role;
	uint64_t *chance;
	char *draw;
	char *opens;
	struct sim_range *count;
	struct sim_range *steps;
	struct sim_range *pause_ms;
	struct sim_range *hold_ms;
	struct sim_range *looks;
	struct sim_range *pages;
	char **modes;
	uint32_t modes_count;
};

struct sim_raw_scenario {
	char *name;
	char *about;
	char **criteria;
	uint32_t criteria_count;
	char *subject;
	char *vfs;
	struct sim_raw_sql *sql;
	struct sim_raw_operation *operations;
	uint32_t operations_count;
	struct sim_raw_process *processes;
	uint32_t processes_count;
	char **schedule;
	uint32_t schedule_count;
	struct sim_raw_workload workload;
	struct sim_raw_settings settings;
	struct sim_raw_fault *faults;
	uint32_t faults_count;
	char **probes;
	uint32_t probes_count;
	char **rates;
	uint32_t rates_count;
	uint64_t *probe_seeds;
	char **axes;
	uint32_t axes_count;
	struct sim_raw_variant *variants;
	uint32_t variants_count;
	char **exclude;
	uint32_t exclude_count;
	struct sim_raw_contract contract;
	uint64_t *must_violate;
	char *must_show;
	char *must_agree;
	char *judged_by;
	char *sqlite;
	struct sim_raw_cells *cells;
	uint32_t cells_count;
	struct sim_raw_known *known;
	uint32_t known_count;
};

/* ---- sim/scenario/scenario_source.c ---------------------------------------------------------- */

/* Reads the file and checks that it is one harmless YAML document. Call _deinit in any case. */
bool sim_scenario_source_init(struct sim_scenario_source *source, const char *path, char *why, size_t why_size);
void sim_scenario_source_deinit(struct sim_scenario_source *source);
/* The line of a place, from 1; of what is around it when there is no such place. */
uint32_t sim_scenario_source_line(struct sim_scenario_source *source, const char *place);
/* The path of a file whose name is relative to the scenario's directory. False: it is too long. */
bool sim_scenario_source_beside(const struct sim_scenario_source *source, const char *name, char *path,
                                size_t size) SIM_MUST_CHECK;
/* The whole path of a shared object with such a name. Whether it can be loaded is not tried. */
bool sim_scenario_source_object(struct sim_scenario_source *source, const char *place, const char *name, char *path,
                                size_t size) SIM_MUST_CHECK;
/* Writes "file:line: ..." to `why` and returns false. A line of 0 is left out. */
bool sim_scenario_refuse_line(struct sim_scenario_source *source, size_t line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
bool sim_scenario_refuse(struct sim_scenario_source *source, const char *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Of another file that the scenario names. */
bool sim_scenario_refuse_file(struct sim_scenario_source *source, const char *path, uint32_t line, const char *format,
                              ...) __attribute__((format(printf, 4, 5)));

/* ---- sim/scenario/scenario_schema.c ---------------------------------------------------------- */

/* Loads the text by the schema; NULL with the line in `why` when its shape is another. Give the
 * result to _free. */
struct sim_raw_scenario *sim_scenario_schema_load(struct sim_scenario_source *source);
void sim_scenario_schema_free(struct sim_raw_scenario *raw);

/* Finds the row of a list as `axes` names it, "settings.journal_mode"; false when there is no such
 * list. */
bool sim_scenario_schema_find_list(const char *place, uint32_t *row) SIM_MUST_CHECK;
/* The size of an entry of its list. */
size_t sim_scenario_schema_entry_size(uint32_t row);
/* Puts what `over` has in place of what the raw scenario has; both go on owning what they own. */
void sim_scenario_schema_overlay(struct sim_raw_scenario *raw, const struct sim_raw_variant *over);

/* ---- sim/scenario/scenario_cells.c: axes ----------------------------------------------------- */

/* Builds one cell from a raw scenario that has no axes any more; false ends. */
typedef bool (*sim_scenario_builder)(void *context, const struct sim_raw_scenario *raw, const char *axes,
                                     const char *cell);

/* Expands the axes and gives every cell that the pattern selects to the builder. */
bool sim_scenario_expand(struct sim_scenario_source *source, const struct sim_raw_scenario *raw, const char *pattern,
                         sim_scenario_builder build, void *context);

/* ---- sim/scenario/scenario_promise.c: contracts stated, positive controls, known findings ---- */

/* Whether every pattern of the file names a cell is checked elsewhere; this fills what is said of
 * this cell. Last of the checks. */
bool sim_scenario_check_promises(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                 struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_value.c: one number ----------------------------------------------- */

/* Limits of one number. */
struct sim_scenario_limits {
	uint64_t min;
	uint64_t max;
};

/* Takes a range if the file has it; the default stays otherwise. */
bool sim_scenario_value_range(struct sim_scenario_source *source, const char *place, const struct sim_range *raw,
                              const struct sim_scenario_limits *limits, struct sim_range *range);
/* Takes a percentage if the file has it. */
bool sim_scenario_value_percent(struct sim_scenario_source *source, const char *place, const uint64_t *raw,
                                uint32_t *percent);
/* `evenly`, also when it is not there, or `heavy`. */
bool sim_scenario_value_draw(struct sim_scenario_source *source, const char *place, const char *raw, bool *is_heavy);

/* ---- sim/scenario/scenario_check.c: what makes sense ----------------------------------------- */

/* Fills everything but settings, fault groups and tape. */
bool sim_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                        struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_settings.c -------------------------------------------------------- */

/* Fills the settings, each by its row. */
/* Who may have another journal mode in every second life: one engine at a time, because a switch
 * needs the database to itself, in modes that can undo. */
bool sim_scenario_check_lives(struct sim_scenario_source *source, const struct sim_scenario *scenario);
bool sim_scenario_check_settings(struct sim_scenario_source *source, const struct sim_raw_settings *raw,
                                 struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_small.c ----------------------------------------------------------- */

bool sim_scenario_check_enumerate(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                  struct sim_scenario *scenario);
/* What enumerates workloads draws nothing. Everything else must be filled. */
bool sim_scenario_check_small(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_known.c ----------------------------------------------------------- */

/* The findings that show in this cell. */
bool sim_scenario_check_known(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_rates.c ----------------------------------------------------------- */

/* How rare probes and kinds of faults are; both must be filled. */
bool sim_scenario_check_rates(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                              struct sim_scenario *scenario);

/* ---- sim/scenario/scenario_faults.c ---------------------------------------------------------- */

/* Fills the fault groups; the settings must be filled already. */
bool sim_scenario_check_faults(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                               struct sim_scenario *scenario);

/* ---- sim/scenario/sql_scenario.c ------------------------------------------------------------- */

/* Fills scenario->sql if the file has one: every statement is prepared against the schema in a
 * database in memory. */
/* program_scenario.c: the operations of a program; and nothing that it has no use for. */
bool sim_program_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                struct sim_scenario *scenario) SIM_MUST_CHECK;
bool sim_sql_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                            struct sim_scenario *scenario);

/* ---- sim/scenario/engines_scenario.c: what several engines may not do ------------------------ */

bool sim_engines_scenario_check(struct sim_scenario_source *source, const struct sim_scenario *scenario);

/* ---- sim/scenario/processes_scenario.c ------------------------------------------------------- */

/* Fills scenario->processes if the file has some, and the processes that faults name. Settings,
 * faults and SQL must be filled. */
bool sim_processes_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                  struct sim_scenario *scenario);

#endif
