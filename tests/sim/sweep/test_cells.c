/* Axes: which cells a scenario has, what they are called, what is said of them, and what is refused
 * with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "build.h"
#include "cell.h"
#include "contract.h"
#include "plan.h"
#include "plan_make.h"
#include "scenario_load.h"
#include "scenario_promise.h"
#include "totals.h"

#include <sqlite3.h>

#define HEAD "name: a\nabout: text\ncriteria: [AC1]\nsubject: engine\n"
#define AXES HEAD "settings: {journal_mode: [delete, wal], synchronous: [\"off\", normal, full]}\n"
#define BOTH AXES "axes: [settings.journal_mode, settings.synchronous]\n"
#define VARIANTS                                                                                                       \
	AXES "axes: [settings.synchronous, crash]\nfaults: [{kind: latency}]\nvariants:\n"                             \
	     "  - {axis: crash, name: kill, faults: [{kind: kill}]}\n"                                                 \
	     "  - {axis: crash, name: power_loss, disk: {sector_size: [512]}, faults: [{kind: power_loss}]}\n"
#define CELLS_MAX 600u

static char directory[] = "/tmp/aftershock-cells-XXXXXX";
static char path[sizeof directory + 16];
static char why[1536];

struct cells {
	uint32_t count;
	struct sim_scenario *cells[CELLS_MAX];
};

static struct cells loaded;

static int make_directory(void **context) {
	(void)context;
	if (mkdtemp(directory) == NULL) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/a.yaml", directory);
	return 0;
}

static int remove_directory(void **context) {
	(void)context;
	unlink(path);
	return rmdir(directory);
}

static bool take(void *context, struct sim_scenario *cell) {
	struct cells *cells = context;
	assert_true(cells->count < CELLS_MAX);
	cells->cells[cells->count++] = cell;
	return true;
}

static void forget(void) {
	while (loaded.count > 0) {
		sim_scenario_destroy(loaded.cells[--loaded.count]);
	}
}

static bool load(const char *text, const char *pattern) {
	struct sim_scenario_why where = {why, sizeof why};
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	forget();
	why[0] = '\0';
	return sim_scenario_load_cells(path, pattern, take, &loaded, &where);
}

static void must_load(const char *text, const char *pattern, uint32_t count) {
	if (!load(text, pattern)) {
		fail_msg("%s", why);
	}
	assert_int_equal(loaded.count, count);
}

static void must_refuse(const char *text, unsigned line, const char *fragment) {
	char place[sizeof path + 16];
	snprintf(place, sizeof place, "%s:%u: ", path, line);
	if (load(text, "")) {
		fail_msg("was accepted, expected \"%s\":\n%s", fragment, text);
	}
	if (strncmp(why, place, strlen(place)) != 0 || strstr(why, fragment) == NULL) {
		fail_msg("expected %s...%s, got: %s", place, fragment, why);
	}
}

/* ---- expansion ------------------------------------------------------------------------------- */

static void without_axes_a_file_is_one_cell_without_a_name(void **context) {
	(void)context;
	must_load(AXES, "", 1);
	assert_string_equal(loaded.cells[0]->cell, "");
	assert_int_equal(loaded.cells[0]->settings[SIM_SETTING(synchronous)].count, 3);
	forget();
}

static void axes_make_every_combination_in_order(void **context) {
	(void)context;
	static const char *const names[] = {"delete,off", "delete,normal", "delete,full",
	                                    "wal,off",    "wal,normal",    "wal,full"};
	must_load(BOTH, "", 6);
	for (uint32_t i = 0; i < 6; i++) {
		const struct sim_scenario *cell = loaded.cells[i];
		assert_string_equal(cell->cell, names[i]);
		assert_string_equal(cell->axes, "journal_mode,synchronous");
		assert_int_equal(cell->settings[SIM_SETTING(journal_mode)].count, 1);
		assert_int_equal(cell->settings[SIM_SETTING(journal_mode)].values[0],
		                 i < 3 ? SIM_JOURNAL_DELETE : SIM_JOURNAL_WAL);
		assert_int_equal(cell->settings[SIM_SETTING(synchronous)].values[0], SIM_SYNCHRONOUS_OFF + i % 3);
	}
	forget();
}

static void numbers_are_axes_too(void **context) {
	(void)context;
	must_load(HEAD "settings: {page_size: [512, 4096]}\ndisk: {sector_size: [512, 4096]}\n"
	               "axes: [disk.sector_size, settings.page_size]\n",
	          "", 4);
	assert_string_equal(loaded.cells[1]->cell, "512,4096");
	assert_int_equal(loaded.cells[1]->settings[SIM_SETTING(sector_size_bytes)].values[0], 512);
	assert_int_equal(loaded.cells[1]->settings[SIM_SETTING(page_size_bytes)].values[0], 4096);
	forget();
}

static void a_variant_adds_faults_and_replaces_settings(void **context) {
	(void)context;
	must_load(VARIANTS, "full", 2);
	assert_string_equal(loaded.cells[0]->cell, "full,kill");
	assert_int_equal(loaded.cells[0]->fault_group_count, 2);
	assert_int_equal(loaded.cells[0]->fault_groups[0].kind, SIM_FAULT_LATENCY);
	assert_int_equal(loaded.cells[0]->fault_groups[1].kind, SIM_FAULT_KILL);
	assert_int_equal(loaded.cells[0]->fault_groups[1].line, 9);
	assert_int_equal(loaded.cells[0]->settings[SIM_SETTING(sector_size_bytes)].values[0], 4096);
	assert_int_equal(loaded.cells[1]->fault_groups[1].kind, SIM_FAULT_POWER_LOSS);
	assert_int_equal(loaded.cells[1]->fault_groups[1].line, 10);
	assert_int_equal(loaded.cells[1]->settings[SIM_SETTING(sector_size_bytes)].values[0], 512);
	assert_int_equal(loaded.cells[1]->settings[SIM_SETTING(journal_mode)].count, 2);
	forget();
}

static void a_pattern_selects_and_an_exclusion_takes_away(void **context) {
	(void)context;
	must_load(BOTH, "wal", 3);
	must_load(BOTH, ",full", 2);
	must_load(BOTH, "wal,off+full", 2);
	must_load(BOTH "exclude: [\"delete,off\", \",normal\"]\n", "", 3);
	assert_false(load(BOTH "exclude: [wal]\n", "wal"));
	assert_non_null(strstr(why, "names no cell"));
	forget();
}

static void patterns_match_place_by_place(void **context) {
	(void)context;
	assert_true(sim_scenario_cell_matches("", ""));
	assert_true(sim_scenario_cell_matches("", "wal,full"));
	assert_true(sim_scenario_cell_matches(",", "wal,full"));
	assert_true(sim_scenario_cell_matches("delete+wal,", "wal,full"));
	assert_false(sim_scenario_cell_matches("full", "wal,full"));
	assert_false(sim_scenario_cell_matches("wa", "wal,full"));
	assert_false(sim_scenario_cell_matches("wall", "wal,full"));
	assert_false(sim_scenario_cell_matches("wal,full,", "wal,full"));
	assert_false(sim_scenario_cell_matches("wal,full,x", "wal,full"));
	assert_false(sim_scenario_cell_matches("x", ""));
}

/* S9: a cell is a scenario like any other. */
static void a_cell_runs_the_plan_that_its_settings_alone_would_give(void **context) {
	(void)context;
	static struct sim_plan cell;
	static struct sim_plan alone;
	must_load(BOTH "faults: [{kind: kill, count: {min: 1, max: 3}}]\n", "wal,full", 1);
	sim_plan_make(&cell, loaded.cells[0], 7);
	must_load(HEAD "settings: {journal_mode: [wal], synchronous: [full]}\n"
	               "faults: [{kind: kill, count: {min: 1, max: 3}}]\n",
	          "", 1);
	sim_plan_make(&alone, loaded.cells[0], 7);
	assert_string_equal(cell.scenario, "a:wal,full");
	assert_string_equal(alone.scenario, "a");
	memset(cell.scenario, 0, sizeof cell.scenario);
	memset(alone.scenario, 0, sizeof alone.scenario);
	assert_memory_equal(&cell, &alone, sizeof cell);
	forget();
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void axes_that_make_no_sense_are_refused_with_their_line(void **context) {
	(void)context;
	must_refuse(AXES "axes: [settings.jornal_mode]\n", 6, "is unknown");
	must_refuse(AXES "axes: [workload.updates]\n", 6, "is unknown");
	must_refuse(AXES "axes: [crash]\n", 6, "is unknown");
	must_refuse(AXES "axes: []\n", 6, "is empty");
	must_refuse(AXES "must_agree: final_state\n", 6, "must_agree without axes");
	must_refuse(HEAD "workload: {trader: hoping}\n", 5, "workload.trader is hoping, expected one of");
	must_refuse(HEAD "workload: {trader: trusting, updates: {min: 3, max: 9}}\n", 5, "expected at least 4");
	must_refuse(HEAD "judged_by: exchange\n", 5, "expected a workload.trader");
	must_refuse(HEAD "workload: {trader: trusting}\nsettings: {synchronous: [normal]}\n"
	                 "faults: [{kind: power_loss}]\n",
	            5, "workload.trader with contract prefix after power_loss");
	must_refuse(BOTH "must_agree: memory\n", 7, "must_agree is memory, expected final_state");
	must_refuse(AXES "axes: [disk.names]\n", 6, "is unknown");
	must_refuse(AXES "axes: [settings.page_size]\n", 6, "is not in the file");
	must_refuse(AXES "axes: [settings.journal_mode, settings.journal_mode]\n", 6, "is there twice");
	must_refuse(HEAD "settings: {page_size: [512, 512]}\naxes: [settings.page_size]\n", 6, "has an entry twice");
	must_refuse(AXES "axes: [a, b, c, d, e, f, g]\n", 6, "7 axes, expected at most 6");
	must_refuse(HEAD "settings: {journal_mode: [wal, wall]}\naxes: [settings.journal_mode]\n", 5,
	            "unknown word wall");
}

static void too_many_cells_are_refused(void **context) {
	(void)context;
	must_refuse(HEAD "settings:\n  page_size: [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]\n"
	                 "  cache_pages: [1, 2, 3, 4, 5, 6, 7, 8]\n  busy_timeout_ms: [0, 1, 2, 3, 4, 5, 6, 7, 8]\n"
	                 "axes: [settings.page_size, settings.cache_pages, settings.busy_timeout_ms]\n",
	            9, "is too long");
	must_refuse(HEAD "settings:\n  page_size: [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]\n"
	                 "  cache_pages: [1, 2, 3, 4, 5, 6, 7, 8]\n  busy_timeout_ms: [0, 1, 2, 3, 4, 5, 6, 7]\n"
	                 "  synchronous: [full, normal]\n"
	                 "axes: [settings.page_size, settings.cache_pages, settings.busy_timeout_ms, "
	                 "settings.synchronous]\n",
	            10, "1024 cells, expected at most 512");
	must_load(HEAD "settings:\n  page_size: [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]\n"
	               "  cache_pages: [1, 2, 3, 4, 5, 6, 7, 8]\n  busy_timeout_ms: [0, 1, 2, 3, 4, 5, 6, 7]\n"
	               "axes: [settings.page_size, settings.cache_pages, settings.busy_timeout_ms]\n",
	          "", 512);
	forget();
}

static void variants_that_make_no_sense_are_refused_with_their_line(void **context) {
	(void)context;
	must_refuse(BOTH "variants:\n  - {axis: crash, name: kill}\n", 8, "axis crash is not in axes");
	must_refuse(AXES "axes: [crash]\nvariants:\n  - {axis: crash, name: Kill}\n", 8, "expected lower-case");
	must_refuse(AXES "axes: [crash]\nvariants:\n  - {axis: crash, name: \"k,l\"}\n", 8, "expected lower-case");
	must_refuse(AXES "axes: [settings.journal_mode, crash]\nvariants:\n"
	                 "  - {axis: crash, name: kill, settings: {journal_mode: [wal]}}\n",
	            8, "which is an axis itself");
	/* What a variant says is checked as if the scenario said it, at the variant's line. */
	must_refuse(AXES "axes: [crash]\nfaults: [{kind: kill}]\nvariants:\n"
	                 "  - {axis: crash, name: none}\n  - axis: crash\n    name: kill\n    faults:\n"
	                 "      - kind: kill\n        effects: [after]\n        methods: [xNone]\n",
	            15, "unknown method xNone");
	must_refuse(AXES
	            "axes: [disk]\nvariants:\n  - axis: disk\n    name: odd\n    disk:\n      sector_size: [513]\n",
	            11, "disk.sector_size is 513");
}

static void patterns_that_name_no_cell_are_refused_with_their_line(void **context) {
	(void)context;
	must_refuse(BOTH "exclude: [\"wal\", \"full\"]\n", 7, "\"full\" names no cell");
	must_refuse(BOTH "exclude: [\"\"]\n", 7, "all cells are excluded");
	must_refuse(BOTH "cells:\n  - {where: \"wal,ful\"}\n", 8, "\"wal,ful\" names no cell");
	must_refuse(BOTH "exclude: [wal]\ncells:\n  - {where: \"wal,full\"}\n", 9, "names no cell");
	must_refuse(AXES "cells:\n  - {where: \"wal\"}\n", 7, "\"wal\" names no cell, expected a scenario with axes");
}

/* ---- contracts ------------------------------------------------------------------------------- */

#define LOSS BOTH "faults: [{kind: power_loss}]\n"

static void a_stated_contract_is_the_one_that_the_cell_gives(void **context) {
	(void)context;
	must_load(LOSS "cells:\n  - {where: \"wal,normal\", contract: {power_loss: prefix}}\n"
	               "  - {where: \"wal,full\", contract: {power_loss: durable}}\n",
	          "", 6);
	must_refuse(LOSS "cells:\n  - where: \"wal,normal\"\n    contract: {power_loss: durable}\n", 10,
	            "stronger than cell \"wal,normal\" can give, expected prefix");
	must_refuse(LOSS "cells:\n  - {where: \"wal,full\", contract: {power_loss: prefix}}\n", 9,
	            "weaker than what cell \"wal,full\" gives, expected durable");
	must_refuse(LOSS "contract: {power_loss: durable}\n", 8, "stronger than cell \"delete,off\"");
	must_refuse(LOSS "contract: {power_loss: always}\n", 8, "unknown contract always");
	must_refuse(LOSS "contract: {kill: durable}\n", 8, "which no fault brings");
	must_refuse(LOSS "contract: {reboot: durable}\n", 8, "unknown key reboot");
	forget();
}

#define SQL_OF(attached)                                                                                               \
	"name: a\nabout: text\ncriteria: [AC1]\nsubject: sql\n"                                                        \
	"sql: {" attached                                                                                              \
	"setup: [CREATE TABLE t(a)], transactions: [{name: one, statements: [INSERT INTO t VALUES(1)]}]}\n"            \
	"settings: {journal_mode: [delete, wal], synchronous: [\"off\", full]}\n"                                      \
	"axes: [settings.journal_mode, settings.synchronous]\nfaults: [{kind: kill}]\n"
#define FILES SQL_OF("attached: [other], ")

static void what_is_said_of_several_files_must_be_what_the_modes_give(void **context) {
	char text[SIM_CONTRACT_TEXT_SIZE];
	(void)context;
	must_load(FILES "cells:\n  - {where: \"delete,full\", contract: {files: together}}\n"
	                "  - {where: \"wal+delete,off\", contract: {files: one_by_one}}\n"
	                "  - {where: \"wal\", contract: {files: one_by_one}}\n",
	          "", 4);
	sim_scenario_promise_print(loaded.cells[0], text);
	assert_string_equal(text, "durable after kill, files one by one");
	sim_scenario_promise_print(loaded.cells[1], text);
	assert_string_equal(text, "durable after kill, files together");
	must_refuse(FILES "cells:\n  - {where: \"wal,full\", contract: {files: together}}\n", 10,
	            "files together is stronger than cell \"wal,full\" gives, expected one_by_one");
	must_refuse(FILES "cells:\n  - {where: \"delete,full\", contract: {files: one_by_one}}\n", 10,
	            "files one_by_one is weaker than cell \"delete,full\" gives, expected together");
	must_refuse(FILES "contract: {files: apart}\n", 9, "unknown word apart, expected together or one_by_one");
	must_refuse(SQL_OF("") "contract: {files: together}\n", 9, "together of one file, expected sql.attached");
	forget();
}

static void a_control_may_demand_that_files_stay_together(void **context) {
	char text[SIM_CONTRACT_TEXT_SIZE];
	(void)context;
	must_load(FILES "contract: {files: together}\nmust_violate: 20\nexclude: [\"delete,full\"]\n", "", 3);
	assert_true(loaded.cells[2]->demands_files_together);
	sim_scenario_promise_print(loaded.cells[2], text);
	assert_string_equal(text, "durable after kill, files together demanded");
	must_refuse(FILES "contract: {files: together}\nmust_violate: 20\n", 10,
	            "must_violate in cell \"delete,full\", expected a contract stronger than it can give");
	must_refuse(FILES "contract: {files: one_by_one}\nmust_violate: 20\nexclude: [\"delete,full\"]\n", 10,
	            "expected a contract stronger than it can give");
	forget();
}

#define CLIENTS                                                                                                        \
	"name: a\nabout: text\ncriteria: [AC1]\nsubject: sql\n"                                                        \
	"sql: {setup: [CREATE TABLE t(a)], transactions: [{name: one, statements: [INSERT INTO t VALUES(1)]}]}\n"      \
	"processes: [{name: writer, role: writer, count: {min: 2, max: 2}}]\n"                                         \
	"axes: [settings.journal_mode, disk.locks]\n"
#define LOCKS CLIENTS "settings: {journal_mode: [delete, persist]}\ndisk: {locks: [posix, mixed]}\n"

static void what_is_said_of_locks_must_be_what_keeps_processes_apart(void **context) {
	char text[SIM_CONTRACT_TEXT_SIZE];
	(void)context;
	must_load(LOCKS "cells:\n  - {where: \",posix\", contract: {locks: kept}}\n"
	                "  - {where: \",mixed\", contract: {locks: void}}\n",
	          "", 4);
	sim_scenario_promise_print(loaded.cells[0], text);
	assert_string_equal(text, "durable");
	sim_scenario_promise_print(loaded.cells[1], text);
	assert_string_equal(text, "durable, locks void");
	must_load(LOCKS "faults: [{kind: fork}]\ncontract: {locks: void}\n", "", 4);
	must_load(CLIENTS "settings: {journal_mode: [delete, wal]}\ndisk: {locks: [posix], wal_index: [own]}\n"
	                  "cells: [{where: delete, contract: {locks: kept}}, {where: wal, contract: {locks: void}}]\n",
	          "", 2);
	must_load(CLIENTS
	          "settings: {journal_mode: [delete]}\ndisk: {locks: [dot_file]}\nfaults: [{kind: drop_locks}]\n"
	          "contract: {locks: kept}\n",
	          "", 1);
	must_refuse(LOCKS "contract: {locks: kept}\n", 10,
	            "locks kept is stronger than cell \"delete,mixed\" gives, expected void");
	must_refuse(LOCKS "contract: {locks: void}\n", 10,
	            "locks void is weaker than cell \"delete,posix\" gives, expected kept");
	must_refuse(LOCKS "contract: {locks: fast}\n", 10, "unknown word fast, expected kept or void");
	must_refuse(SQL_OF("") "contract: {locks: kept}\n", 9, "locks kept of one process, expected `processes`");
	must_refuse(CLIENTS "settings: {journal_mode: [wal]}\ndisk: {locks: [mixed]}\n", 9,
	            "dot-files in WAL mode, which needs shared memory, expected a rollback mode");
	forget();
}

static void a_control_may_demand_that_locks_are_kept(void **context) {
	char text[SIM_CONTRACT_TEXT_SIZE];
	(void)context;
	must_load(LOCKS "contract: {locks: kept}\nmust_violate: 20\nexclude: [\",posix\"]\n", "", 2);
	assert_true(loaded.cells[0]->demands_locks);
	sim_scenario_promise_print(loaded.cells[0], text);
	assert_string_equal(text, "durable, locks demanded");
	must_refuse(LOCKS "contract: {locks: kept}\nmust_violate: 20\n", 11,
	            "must_violate in cell \"delete,posix\", expected a contract stronger than it can give");
	forget();
}

/* The planted errors of a judge: too weak for WAL FULL, too strong for WAL NORMAL. The file that
 * states the table catches both. */
static void must_load_of_library(const char *name) {
	struct sim_scenario_why where = {why, sizeof why};
	char library_path[300];
	snprintf(library_path, sizeof library_path, TESTS_SOURCE_DIR "/scenarios/contracts/%s.yaml", name);
	if (!sim_scenario_load_cells(library_path, "", take, &loaded, &where)) {
		fail_msg("%s", why);
	}
	assert_int_equal(loaded.count, 48);
	forget();
}

static void the_library_states_the_contract_of_every_cell(void **context) {
	(void)context;
	must_load_of_library("honest-disk");
	must_load_of_library("sql-honest-disk");
	must_load_of_library("sql-files");
}

static void only_a_control_may_demand_more(void **context) {
	(void)context;
	must_load(LOSS "cells:\n  - {where: \",off\", contract: {power_loss: durable}, must_violate: 20}\n", ",off", 2);
	assert_int_equal(loaded.cells[0]->demanded[SIM_CRASH_POWER_LOSS], SIM_CONTRACT_DURABLE);
	assert_int_equal(loaded.cells[0]->must_violate_seeds, 20);
	must_load(LOSS "cells:\n  - {where: \",off\", contract: {power_loss: durable}, must_violate: 20}\n", ",full",
	          2);
	assert_int_equal(loaded.cells[0]->demanded[SIM_CRASH_POWER_LOSS], SIM_CONTRACT_NONE);
	assert_int_equal(loaded.cells[0]->must_violate_seeds, 0);
	must_refuse(LOSS "must_violate: 20\n", 8, "expected a contract stronger than it can give");
	must_refuse(LOSS "cells:\n  - {where: \"wal,full\", contract: {power_loss: durable}, must_violate: 20}\n", 9,
	            "expected a contract stronger than it can give");
	must_refuse(LOSS "cells:\n  - {where: \",off\", contract: {power_loss: durable}, must_violate: 0}\n", 9,
	            "must_violate is 0 seeds");
	forget();
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static enum sim_cell_verdict judge(const char *pattern, struct sim_sweep_totals totals) {
	must_load(LOSS "cells:\n  - {where: \"delete,off\", contract: {power_loss: durable}, must_violate: 20}\n",
	          pattern, 1);
	return sim_cell_judge(loaded.cells[0], &totals);
}

static void a_cell_is_judged_by_promise_and_measure(void **context) {
	(void)context;
	assert_int_equal(judge("wal,full", (struct sim_sweep_totals){0}), SIM_CELL_NONE);
	assert_int_equal(judge("wal,full", (struct sim_sweep_totals){.runs = 9, .held = 9}), SIM_CELL_KEPT);
	assert_int_equal(judge("wal,full", (struct sim_sweep_totals){.runs = 9, .violated = 1}), SIM_CELL_BROKEN);
	assert_int_equal(judge("wal,normal", (struct sim_sweep_totals){.runs = 9, .held = 9}), SIM_CELL_NOT_SHOWN);
	assert_int_equal(judge("wal,normal", (struct sim_sweep_totals){.runs = 9, .lost = 1}), SIM_CELL_SHOWN);
	assert_int_equal(judge("wal,off", (struct sim_sweep_totals){.runs = 9, .lost = 1}), SIM_CELL_NOT_SHOWN);
	assert_int_equal(judge("wal,off", (struct sim_sweep_totals){.runs = 9, .corrupt = 1}), SIM_CELL_SHOWN);
	assert_int_equal(judge("wal,off", (struct sim_sweep_totals){.runs = 9, .corrupt = 1, .violated = 1}),
	                 SIM_CELL_BROKEN);
	assert_int_equal(judge("delete,off", (struct sim_sweep_totals){.runs = 20, .excused = 1, .shown = 1}),
	                 SIM_CELL_RED);
	assert_int_equal(judge("delete,off", (struct sim_sweep_totals){.runs = 20}), SIM_CELL_GREEN);
	assert_int_equal(judge("delete,off", (struct sim_sweep_totals){.runs = 19}), SIM_CELL_UNDECIDED);
	assert_int_equal(
	        judge("delete,off", (struct sim_sweep_totals){.runs = 20, .excused = 1, .shown = 1, .violated = 1}),
	        SIM_CELL_BROKEN);
	forget();
}

/* ---- known findings -------------------------------------------------------------------------- */

#define KNOWN(keys) LOSS "known:\n  - {id: k, invariant: database_intact, detail: \"page 3\", " keys "}\n"
#define LINK "link: \"https://sqlite.org/src/info/x\""

static struct sim_sweep_options options;
static struct sim_sweep_result result;

static void know(const char *text) {
	memset(&options, 0, sizeof options);
	memset(&result, 0, sizeof result);
	must_load(text, "wal,full", 1);
	options.scenarios[0] = loaded.cells[0];
	options.scenario_count = 1;
}

static enum sim_sweep_excuse excuse(const char *invariant, const char *detail) {
	struct sim_run_result run = {.verdict = SIM_VIOLATED};
	snprintf(run.invariant, sizeof run.invariant, "%s", invariant);
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	return sim_cell_excuse(&options, 0, &run);
}

static const char known_here[] = KNOWN("seed: 5, versions: [3.0.0..], cell: \"wal,full\", " LINK);
static const char known_elsewhere[] = KNOWN("seed: 5, versions: [0.0.1..0.0.2], cell: \"wal,full\", " LINK);

static void a_known_finding_excuses_itself_and_nothing_else(void **context) {
	(void)context;
	know(known_here);
	assert_int_equal(loaded.cells[0]->known_count, 1);
	assert_int_equal(excuse("database_intact", "code 11, page 3 is wrong"), SIM_SWEEP_KNOWN);
	assert_int_equal(excuse("database_intact", "code 11, page 4 is wrong"), SIM_SWEEP_NO_EXCUSE);
	assert_int_equal(excuse("acknowledged_is_durable", "page 3"), SIM_SWEEP_NO_EXCUSE);
	/* A plug-in meets the same SQLite. */
	options.subject_path = "other.so";
	assert_int_equal(excuse("database_intact", "code 11, page 3 is wrong"), SIM_SWEEP_KNOWN);
	assert_int_equal(excuse("database_intact", "code 11, page 4 is wrong"), SIM_SWEEP_NO_EXCUSE);
	know(known_elsewhere);
	assert_int_equal(excuse("database_intact", "code 11, page 3 is wrong"), SIM_SWEEP_NO_EXCUSE);
	must_load(known_here, "wal,normal", 1);
	assert_int_equal(loaded.cells[0]->known_count, 0);
	forget();
}

static void count(uint64_t seed, const char *invariant, const char *detail) {
	struct sim_run_result run = {.verdict = invariant[0] != '\0' ? SIM_VIOLATED : SIM_HELD};
	const struct sim_sweep_case about = {.seed = seed};
	snprintf(run.invariant, sizeof run.invariant, "%s", invariant);
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	sim_sweep_count(&options, &result, &about, &run);
}

#define CONTROL LOCKS "contract: {locks: kept}\nmust_violate: 2\nexclude: [\",posix\"]\n"

/* A batch of two runs that violate the first invariant, or of one of each. */
static enum sim_cell_verdict shows(const char *text, const char *first, const char *second) {
	memset(&options, 0, sizeof options);
	memset(&result, 0, sizeof result);
	must_load(text, "", 2);
	options.scenarios[0] = loaded.cells[0];
	options.scenario_count = 1;
	count(1, first, "");
	count(2, second, "");
	assert_int_equal(result.all.excused, 2);
	sim_cell_check_batch(&options, &result);
	return sim_cell_judge(loaded.cells[0], &result.scenarios[0]);
}

static void a_control_may_have_to_show_content(void **context) {
	static const char failure[] = "no_needless_failure";
	static const char answer[] = "answer_follows_content";
	(void)context;
	assert_int_equal(shows(CONTROL, failure, answer), SIM_CELL_RED);
	assert_int_equal(result.failure_count, 0);
	assert_int_equal(shows(CONTROL "must_show: content\n", failure, answer), SIM_CELL_GREEN);
	assert_int_equal(result.failure_count, 1);
	assert_string_equal(result.failures[0].invariant, SIM_SWEEP_CONTROL_GREEN);
	assert_int_equal(shows(CONTROL "must_show: content\n", failure, "database_intact"), SIM_CELL_RED);
	assert_int_equal(shows(CONTROL "must_show: content\n", "snapshot_isolation", answer), SIM_CELL_RED);
	must_refuse(CONTROL "must_show: failure\n", 13, "must_show is failure, expected content");
	must_refuse(LOCKS "must_show: content\n", 10, "expected must_violate, too");
	forget();
}

static void a_known_finding_must_be_seen_at_its_seed(void **context) {
	(void)context;
	know(known_here);
	count(5, "database_intact", "page 3");
	count(6, "", "");
	assert_int_equal(result.all.excused, 1);
	assert_int_equal(result.all.violated, 0);
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 0);

	know(known_here);
	count(4, "database_intact", "page 3");
	count(5, "", "");
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 1);
	assert_string_equal(result.failures[0].invariant, SIM_SWEEP_KNOWN_UNSEEN);

	/* On a version that is not concerned it must not be seen: there it is a violation like any
	 * other. */
	know(known_elsewhere);
	count(5, "", "");
	count(6, "database_intact", "page 3");
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 0);
	assert_int_equal(result.all.violated, 1);
	forget();
}

/* Ten in a hundred are no luck where one in a hundred is the most; nine may be. */
static void a_known_finding_that_shows_too_often_fails(void **context) {
	(void)context;
	for (uint64_t shown = 9; shown <= 10; shown++) {
		know(KNOWN("seed: 5000, at_most: 1/100, versions: [3.0.0..], " LINK));
		for (uint64_t seed = 1; seed <= 99; seed++) {
			count(seed, seed <= shown ? "database_intact" : "", seed <= shown ? "page 3" : "");
		}
		count(5000, "database_intact", "page 3");
		sim_cell_check_batch(&options, &result);
		assert_int_equal(result.failure_count, shown == 10 ? 1 : 0);
	}
	assert_string_equal(result.failures[0].invariant, SIM_SWEEP_KNOWN_OFTEN);

	know(KNOWN("seed: 5000, versions: [3.0.0..], " LINK));
	for (uint64_t seed = 1; seed <= 99; seed++) {
		count(seed, "database_intact", "page 3");
	}
	count(5000, "database_intact", "page 3");
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 0);
	forget();
}

static void versions_are_a_set_of_intervals(void **context) {
	(void)context;
	char text[SIM_CELL_VERSIONS_SIZE];
	must_load(KNOWN("seed: 5, versions: [3.39.1..3.44.5, 3.45.0, 3.50.7..], " LINK), "", 6);
	const struct sim_known *known = &loaded.cells[5]->known[0];
	assert_int_equal(known->version_count, 3);
	assert_int_equal(known->versions[0].min, 3039001);
	assert_int_equal(known->versions[0].max, 3044005);
	sim_cell_versions_text(known, text);
	assert_string_equal(text, "3.39.1..3.44.5, 3.45.0, 3.50.7..");
	forget();
}

/* With another build the seed draws another run: nothing is demanded of it. */
static void a_seed_is_demanded_where_it_was_recorded(void **context) {
	(void)context;
	char text[1024];
	char build[SIM_BUILD_SIZE];
	sim_build_name(build);
	snprintf(text, sizeof text, KNOWN("seed: 5, versions: [3.0.0..], recorded: %s, " LINK), build);
	must_load(text, "wal,full", 1);
	assert_true(sim_cell_known_recorded_here(&loaded.cells[0]->known[0]));
	must_load(KNOWN("seed: 5, versions: [3.0.0..], recorded: 3.40.1-none-none, " LINK), "wal,full", 1);
	assert_false(sim_cell_known_recorded_here(&loaded.cells[0]->known[0]));
	forget();
}

/* Memory is the engine's own; what a connection of SQL shows is storage. */
static void a_control_of_sql_may_show_a_content_that_was_not_committed(void **context) {
	(void)context;
	static struct sim_sql sql;
	know(LOSS);
	must_load(LOSS "cells:\n  - {where: \"wal,off\", contract: {power_loss: durable}, must_violate: 2}\n",
	          "wal,off", 1);
	options.scenarios[0] = loaded.cells[0];
	assert_int_equal(excuse("acknowledged_is_durable", "lost"), SIM_SWEEP_CONTROL);
	assert_int_equal(excuse("memory_equals_committed", "shown"), SIM_SWEEP_NO_EXCUSE);
	loaded.cells[0]->sql = &sql;
	assert_int_equal(excuse("memory_equals_committed", "shown"), SIM_SWEEP_CONTROL);
	assert_int_equal(excuse("exactly_once", "twice"), SIM_SWEEP_NO_EXCUSE);
	/* Where nothing must be violated, it is no excuse. */
	loaded.cells[0]->must_violate_seeds = 0;
	assert_int_equal(excuse("memory_equals_committed", "shown"), SIM_SWEEP_NO_EXCUSE);
	loaded.cells[0]->sql = NULL;
	forget();
}

static void a_control_that_stays_green_fails(void **context) {
	(void)context;
	static const char text[] =
	        LOSS "cells:\n  - {where: \"wal,off\", contract: {power_loss: durable}, must_violate: 2}\n";
	know(LOSS);
	must_load(text, "wal,off", 1);
	options.scenarios[0] = loaded.cells[0];
	count(1, "", "");
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 0);
	count(2, "", "");
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 1);
	assert_string_equal(result.failures[0].invariant, SIM_SWEEP_CONTROL_GREEN);

	memset(&result, 0, sizeof result);
	count(1, "acknowledged_is_durable", "lost");
	count(2, "subject_crashed", "SIGSEGV");
	assert_int_equal(result.all.excused, 1);
	assert_int_equal(result.all.violated, 1);
	sim_cell_check_batch(&options, &result);
	assert_int_equal(result.failure_count, 0);
	forget();
}

static void known_findings_that_make_no_sense_are_refused_with_their_line(void **context) {
	(void)context;
	must_refuse(KNOWN("seed: 5, versions: [3.2.1..3.1.2], cell: \"wal,full\", " LINK), 9, "expected at most 8 of");
	must_refuse(KNOWN("seed: 5, versions: [3.2], cell: \"wal,full\", " LINK), 9, "expected at most 8 of");
	must_refuse(KNOWN("seed: 5, versions: [3.2.1], plan: none.plan, cell: \"wal,full\", " LINK), 9,
	            "none.plan cannot be read");
	must_refuse(KNOWN("seed: 5, versions: [0.0.1..0.0.2], cell: wal, " LINK), 9, "not exactly one cell");
	must_refuse(KNOWN("seed: 5, versions: [0.0.1..0.0.2], cell: \"wal,full\", link: \"\""), 9, "link has 0 bytes");
	must_refuse(KNOWN("versions: [0.0.1..0.0.2], cell: \"wal,full\", " LINK), 9, "nothing shows k");
	must_refuse(KNOWN("seed: 5, at_most: 1/1, versions: [0.0.1..0.0.2], " LINK), 9, "expected 1/N with N");
	must_refuse(KNOWN("seed: 5, at_most: often, versions: [0.0.1..0.0.2], " LINK), 9, "expected 1/N with N");
	must_refuse(LOSS "known:\n  - {id: k, invariant: none, detail: x, seed: 5, versions: [0.0.1..0.0.2], "
	                 "cell: \"wal,full\", " LINK "}\n",
	            9, "unknown invariant none");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_axes_a_file_is_one_cell_without_a_name),
	        cmocka_unit_test(axes_make_every_combination_in_order),
	        cmocka_unit_test(numbers_are_axes_too),
	        cmocka_unit_test(a_variant_adds_faults_and_replaces_settings),
	        cmocka_unit_test(a_pattern_selects_and_an_exclusion_takes_away),
	        cmocka_unit_test(patterns_match_place_by_place),
	        cmocka_unit_test(a_cell_runs_the_plan_that_its_settings_alone_would_give),
	        cmocka_unit_test(axes_that_make_no_sense_are_refused_with_their_line),
	        cmocka_unit_test(too_many_cells_are_refused),
	        cmocka_unit_test(variants_that_make_no_sense_are_refused_with_their_line),
	        cmocka_unit_test(patterns_that_name_no_cell_are_refused_with_their_line),
	        cmocka_unit_test(a_stated_contract_is_the_one_that_the_cell_gives),
	        cmocka_unit_test(the_library_states_the_contract_of_every_cell),
	        cmocka_unit_test(only_a_control_may_demand_more),
	        cmocka_unit_test(what_is_said_of_several_files_must_be_what_the_modes_give),
	        cmocka_unit_test(a_control_may_demand_that_files_stay_together),
	        cmocka_unit_test(what_is_said_of_locks_must_be_what_keeps_processes_apart),
	        cmocka_unit_test(a_control_may_demand_that_locks_are_kept),
	        cmocka_unit_test(a_cell_is_judged_by_promise_and_measure),
	        cmocka_unit_test(a_known_finding_excuses_itself_and_nothing_else),
	        cmocka_unit_test(a_control_may_have_to_show_content),
	        cmocka_unit_test(a_known_finding_must_be_seen_at_its_seed),
	        cmocka_unit_test(a_known_finding_that_shows_too_often_fails),
	        cmocka_unit_test(versions_are_a_set_of_intervals),
	        cmocka_unit_test(a_seed_is_demanded_where_it_was_recorded),
	        cmocka_unit_test(a_control_of_sql_may_show_a_content_that_was_not_committed),
	        cmocka_unit_test(a_control_that_stays_green_fails),
	        cmocka_unit_test(known_findings_that_make_no_sense_are_refused_with_their_line),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
