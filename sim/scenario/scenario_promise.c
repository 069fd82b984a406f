/* sim/scenario/scenario_promise.c: what the settings of a scenario promise after a crash, and what
 * its file says of that: the contract of a cell, and that it is a positive control.
 *
 * A contract in the file must be what sim/contract.c makes of the settings. A stronger one would be
 * an unfair demand; a weaker one would hide a broken promise. Only a positive control demands more
 * than the cell can give: that proves that the judge would see a broken promise. */
#include "scenario_promise.h"

#include "contract.h"
#include "processes.h"
#include "scenario_internal.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

/* ---- what the settings promise --------------------------------------------------------------- */

static bool sim_promise_has_crash(const struct sim_scenario *scenario, enum sim_crash crash) {
	enum sim_fault_kind kind = crash == SIM_CRASH_KILL ? SIM_FAULT_KILL : SIM_FAULT_POWER_LOSS;
	const struct sim_choices *branches = &scenario->settings[SIM_SETTING(branches)];
	/* What enumerates its workloads is there to be explored. */
	bool has = scenario->workload.crashes_percent[crash] > 0 || scenario->workload.enumerate > 0;
	for (uint32_t i = 0; i < branches->count; i++) {
		has = has || branches->values[i] > 0;
	}
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		has = has || (group->kind == kind && group->chance_percent > 0 && group->count.max > 0);
	}
	return has;
}

/* Takes the entry of a list that is this part of the number, and leaves the rest of the number. */
static uint64_t sim_promise_pick(const struct sim_choices *choices, uint32_t *number) {
	uint32_t count = choices->count > 0 ? choices->count : 1;
	uint64_t value = choices->values[*number % count];
	*number /= count;
	return value;
}

/* The n-th combination of those settings that a contract depends on; false when there are no
 * more. */
static bool sim_promise_combine(const struct sim_scenario *scenario, uint32_t number, struct sim_settings *settings) {
	memset(settings, 0, sizeof *settings);
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		if (row->in_contract) {
			sim_setting_row_set(row, settings, sim_promise_pick(&scenario->settings[i], &number));
		}
	}
	return number == 0;
}

static void sim_promise_widen(struct sim_contract_span *span, enum sim_contract contract) {
	bool is_first = span->strongest == SIM_CONTRACT_NONE;
	span->strongest = is_first || contract < span->strongest ? contract : span->strongest;
	span->weakest = contract > span->weakest ? contract : span->weakest;
}

/* The worst that failed syncs of a WAL can come to. False: the scenario has none. */
static bool sim_promise_find_gap(const struct sim_scenario *scenario, struct sim_contract_gap *gap) {
	bool fails = false;
	*gap = (struct sim_contract_gap){.copied = true, .goes_on = scenario->sql != NULL};
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		bool is_of_wal = group->files == 0 || (group->files & 1u << VFS_FILE_WAL) != 0;
		gap->dropped |= group->kind == SIM_FAULT_EVICT && is_of_wal;
		fails |= sim_fault_fails_wal_sync(group->kind, group->phases, group->methods, group->files);
	}
	return fails;
}

/* With every `synchronous` that may be in force in mid-run. */
static void sim_promise_widen_tuned(struct sim_contract_span *span, const struct sim_scenario *scenario,
                                    struct sim_settings settings, enum sim_crash crash,
                                    const struct sim_contract_gap *gap) {
	const struct sim_sql *sql = scenario->sql;
	for (uint32_t i = 0; i <= (sql != NULL ? sql->tunings.count : 0); i++) {
		bool is_tuned = i > 0 && sql->tuning_values[i - 1].synchronous != SIM_SYNCHRONOUS_NONE;
		if (i > 0 && !is_tuned) {
			continue;
		}
		settings.synchronous = is_tuned ? sql->tuning_values[i - 1].synchronous : settings.synchronous;
		enum sim_contract contract = sim_contract_of_settings(&settings, crash);
		enum sim_contract left = gap != NULL ? sim_contract_of_gap(&settings, crash, gap) : SIM_CONTRACT_NONE;
		sim_promise_widen(span, left > contract ? left : contract);
	}
}

struct sim_contract_span sim_scenario_promise_of_settings(const struct sim_scenario *scenario, enum sim_crash crash) {
	struct sim_contract_span span = {SIM_CONTRACT_NONE, SIM_CONTRACT_NONE};
	struct sim_settings settings;
	for (uint32_t n = 0; sim_promise_has_crash(scenario, crash) && sim_promise_combine(scenario, n, &settings);
	     n++) {
		sim_promise_widen_tuned(&span, scenario, settings, crash, NULL);
	}
	return span;
}

struct sim_contract_span sim_scenario_promise_after(const struct sim_scenario *scenario, enum sim_crash crash) {
	struct sim_contract_span span = {SIM_CONTRACT_NONE, SIM_CONTRACT_NONE};
	struct sim_contract_gap gap;
	struct sim_settings settings;
	bool fails = sim_promise_find_gap(scenario, &gap);
	if (!sim_promise_has_crash(scenario, crash)) {
		return span;
	}
	for (uint32_t n = 0; sim_promise_combine(scenario, n, &settings); n++) {
		sim_promise_widen_tuned(&span, scenario, settings, crash, fails ? &gap : NULL);
	}
	return span;
}

/* Every mode that a template may switch to counts beside the one of the settings. */
struct sim_scenario_promise_files sim_scenario_promise_files(const struct sim_scenario *scenario) {
	struct sim_scenario_promise_files files = {0, 0};
	struct sim_settings settings;
	uint32_t switched = 0;
	if (scenario->sql == NULL || scenario->sql->file_count < 2) {
		return files;
	}
	for (uint32_t i = 0; i < scenario->sql->template_count; i++) {
		switched |= 1u << scenario->sql->templates[i].journal_mode;
	}
	for (uint32_t n = 0; sim_promise_combine(scenario, n, &settings); n++) {
		uint32_t modes = (switched | 1u << settings.journal_mode) & ~(1u << SIM_JOURNAL_NONE);
		bool together = sim_contract_files_together(modes, settings.synchronous);
		files.together += together ? 1 : 0;
		files.one_by_one += together ? 0 : 1;
	}
	return files;
}

/* Of processes: how many combinations keep them off each other, and how many do not. Both are 0
 * when there is one process. */
struct sim_promise_locks {
	uint32_t kept;
	uint32_t lost;
};

static bool sim_promise_takes_locks(const struct sim_scenario *scenario) {
	bool takes = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		takes = takes ||
		        (sim_fault_takes_locks(group->kind) && group->chance_percent > 0 && group->count.max > 0);
	}
	return takes;
}

static bool sim_promise_opens_unlocked(const struct sim_scenario *scenario) {
	bool unlocked = false;
	for (uint32_t i = 0; i < scenario->processes->group_count; i++) {
		unlocked = unlocked || sim_access_is_unlocked(scenario->processes->groups[i].access);
	}
	return unlocked;
}

/* The modes that a switcher may bring, WAL among them or not. */
static uint32_t sim_promise_switched_modes(const struct sim_scenario *scenario) {
	uint32_t modes = 0;
	for (uint32_t i = 0; i < scenario->processes->group_count; i++) {
		const struct sim_process_group *group = &scenario->processes->groups[i];
		for (uint32_t mode = 0; group->role == SIM_ROLE_SWITCHER && mode < group->modes.count; mode++) {
			modes |= 1u << group->modes.values[mode];
		}
	}
	return modes;
}

static struct sim_promise_locks sim_promise_of_locks(const struct sim_scenario *scenario) {
	struct sim_promise_locks locks = {0, 0};
	struct sim_settings settings;
	if (scenario->processes == NULL) {
		return locks;
	}
	for (uint32_t n = 0; sim_promise_combine(scenario, n, &settings); n++) {
		uint32_t modes = sim_promise_switched_modes(scenario) | 1u << settings.journal_mode;
		bool loses = settings.locks != SIM_LOCKS_DOT_FILE && sim_promise_takes_locks(scenario);
		bool kept =
		        sim_contract_keeps_apart(&settings, modes) && !loses && !sim_promise_opens_unlocked(scenario);
		locks.kept += kept ? 1 : 0;
		locks.lost += kept ? 0 : 1;
	}
	return locks;
}

void sim_scenario_promise_print(const struct sim_scenario *scenario, char text[SIM_CONTRACT_TEXT_SIZE]) {
	struct sim_contract_line line = {.demanded = scenario->demanded};
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		line.spans[crash] = sim_scenario_promise_after(scenario, (enum sim_crash)crash);
	}
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		enum sim_fault_kind kind = scenario->fault_groups[i].kind;
		line.damage |= !sim_fault_row(kind)->within_assumptions && !sim_fault_takes_locks(kind);
	}
	struct sim_scenario_promise_files files = sim_scenario_promise_files(scenario);
	line.files = files.together + files.one_by_one == 0 ? NULL
	             : scenario->demands_files_together     ? "together demanded"
	             : files.one_by_one == 0                ? "together"
	             : files.together == 0                  ? "one by one"
	                                                    : "together or one by one";
	struct sim_promise_locks locks = sim_promise_of_locks(scenario);
	line.locks = scenario->demands_locks ? "demanded"
	             : locks.lost == 0       ? NULL
	             : locks.kept == 0       ? "void"
	                                     : "kept or void";
	sim_contract_print(&line, text);
}

/* ---- what the file says of it ---------------------------------------------------------------- */

static bool sim_promise_check_crash(struct sim_scenario_source *source, const char *place, const char *word,
                                    enum sim_crash crash, struct sim_scenario *scenario) {
	const char *name = sim_contract_crash_name(crash);
	enum sim_contract stated = sim_contract_named(word);
	struct sim_contract_span gives = sim_scenario_promise_after(scenario, crash);
	if (stated == SIM_CONTRACT_NONE) {
		return sim_scenario_refuse(
		        source, place,
		        "unknown contract %.80s, expected durable, last_may_roll_back, prefix, detect or may_corrupt",
		        word);
	}
	if (gives.weakest == SIM_CONTRACT_NONE) {
		return sim_scenario_refuse(source, place, "contract after %s%s%s, which no fault brings, expected none",
		                           name, scenario->cell[0] != '\0' ? " in cell " : "", scenario->cell);
	}
	if (scenario->must_violate_seeds > 0 && stated < gives.weakest) {
		scenario->demanded[crash] = stated;
		return true;
	}
	if (stated < gives.weakest) {
		return sim_scenario_refuse(source, place,
		                           "contract %s after %s is stronger than cell \"%s\" can give, expected %s",
		                           word, name, scenario->cell, sim_contract_name(gives.weakest));
	}
	return stated == gives.strongest ||
	       sim_scenario_refuse(source, place,
	                           "contract %s after %s is weaker than what cell \"%s\" gives, expected %s", word,
	                           name, scenario->cell, sim_contract_name(gives.strongest));
}

/* Whether a transaction over several files is there in all of them or in none, in spite of a
 * crash. */
static bool sim_promise_check_files(struct sim_scenario_source *source, const char *place, const char *word,
                                    struct sim_scenario *scenario) {
	struct sim_scenario_promise_files gives = sim_scenario_promise_files(scenario);
	bool together = strcmp(word, "together") == 0;
	if (!together && strcmp(word, "one_by_one") != 0) {
		return sim_scenario_refuse(source, place, "unknown word %.80s, expected together or one_by_one", word);
	}
	if (gives.together + gives.one_by_one == 0) {
		return sim_scenario_refuse(source, place, "%s of one file, expected sql.attached", word);
	}
	if (together && scenario->must_violate_seeds > 0 && gives.together == 0) {
		scenario->demands_files_together = true;
		return true;
	}
	return (together ? gives.one_by_one : gives.together) == 0 ||
	       sim_scenario_refuse(source, place, "files %s is %s than cell \"%s\" gives, expected %s", word,
	                           together ? "stronger" : "weaker", scenario->cell,
	                           together ? "one_by_one" : "together");
}

/* Whether the processes keep off each other. */
static bool sim_promise_check_locks(struct sim_scenario_source *source, const char *place, const char *word,
                                    struct sim_scenario *scenario) {
	struct sim_promise_locks gives = sim_promise_of_locks(scenario);
	bool kept = strcmp(word, "kept") == 0;
	if (!kept && strcmp(word, "void") != 0) {
		return sim_scenario_refuse(source, place, "unknown word %.80s, expected kept or void", word);
	}
	if (gives.kept + gives.lost == 0) {
		return sim_scenario_refuse(source, place, "locks %s of one process, expected `processes`", word);
	}
	if (kept && scenario->must_violate_seeds > 0 && gives.kept == 0) {
		scenario->demands_locks = true;
		return true;
	}
	return (kept ? gives.lost : gives.kept) == 0 ||
	       sim_scenario_refuse(source, place, "locks %s is %s than cell \"%s\" gives, expected %s", word,
	                           kept ? "stronger" : "weaker", scenario->cell, kept ? "void" : "kept");
}

static bool sim_promise_check_contract(struct sim_scenario_source *source, const char *place,
                                       const struct sim_raw_contract *raw, struct sim_scenario *scenario) {
	char key[SIM_SCENARIO_PLACE_SIZE + 16];
	snprintf(key, sizeof key, "%s.kill", place);
	if (raw->kill != NULL && !sim_promise_check_crash(source, key, raw->kill, SIM_CRASH_KILL, scenario)) {
		return false;
	}
	snprintf(key, sizeof key, "%s.power_loss", place);
	if (raw->power_loss != NULL &&
	    !sim_promise_check_crash(source, key, raw->power_loss, SIM_CRASH_POWER_LOSS, scenario)) {
		return false;
	}
	snprintf(key, sizeof key, "%s.files", place);
	if (raw->files != NULL && !sim_promise_check_files(source, key, raw->files, scenario)) {
		return false;
	}
	snprintf(key, sizeof key, "%s.locks", place);
	return raw->locks == NULL || sim_promise_check_locks(source, key, raw->locks, scenario);
}

static bool sim_promise_check_control(struct sim_scenario_source *source, const char *place, const uint64_t *raw,
                                      struct sim_scenario *scenario) {
	if (raw == NULL) {
		return true;
	}
	if (*raw == 0 || *raw > UINT32_MAX) {
		return sim_scenario_refuse(source, place, "must_violate is %llu seeds, expected 1 to %u",
		                           (unsigned long long)*raw, UINT32_MAX);
	}
	scenario->must_violate_seeds = (uint32_t)*raw;
	return true;
}

/* A control that demands no more than is promised would have to break a promise to be content. */
static bool sim_promise_check_demands(struct sim_scenario_source *source, const char *place,
                                      const struct sim_scenario *scenario) {
	bool demands = scenario->demands_files_together || scenario->demands_locks;
	for (uint32_t bound = 0; bound < SIM_BOUND_COUNT; bound++) {
		demands = demands || scenario->settings[SIM_SETTING(bounds) + bound].values[0] > 0;
	}
	for (int crash = 0; crash < SIM_CRASH_COUNT; crash++) {
		demands = demands || scenario->demanded[crash] != SIM_CONTRACT_NONE;
	}
	return demands ||
	       sim_scenario_refuse(
	               source, place,
	               "must_violate in cell \"%s\", expected a contract stronger than it can give, or a bound",
	               scenario->cell);
}

/* ---- traders, agreement ---------------------------------------------------------------------- */

/* A trader sends an order when its intent is acknowledged: where that may be lost, the exchange has
 * orders that nobody knows. */
static bool sim_promise_check_trader(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	bool fine = true;
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT && fine; crash++) {
		struct sim_contract_span span = sim_scenario_promise_after(scenario, (enum sim_crash)crash);
		fine = scenario->workload.trader == SIM_TRADER_NONE || span.weakest <= SIM_CONTRACT_DURABLE ||
		       sim_scenario_refuse(
		               source, "workload.trader",
		               "workload.trader with contract %s after %s, expected settings that give durable",
		               sim_contract_name(span.weakest), sim_contract_crash_name((enum sim_crash)crash));
	}
	return fine;
}

/* In which way a control must be violated. */
static bool sim_promise_check_shows(struct sim_scenario_source *source, const char *raw,
                                    struct sim_scenario *scenario) {
	if (raw == NULL) {
		return true;
	}
	if (strcmp(raw, "content") != 0) {
		return sim_scenario_refuse(source, "must_show", "must_show is %.80s, expected content", raw);
	}
	scenario->must_show = SIM_CONTROL_SHOWS_CONTENT;
	return scenario->must_violate_seeds > 0 ||
	       sim_scenario_refuse(source, "must_show", "must_show in cell \"%s\", expected must_violate, too",
	                           scenario->cell);
}

static bool sim_promise_check_agree(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                    struct sim_scenario *scenario) {
	scenario->must_agree = raw->must_agree != NULL;
	if (!scenario->must_agree) {
		return true;
	}
	if (strcmp(raw->must_agree, "final_state") != 0) {
		return sim_scenario_refuse(source, "must_agree", "must_agree is %.80s, expected final_state",
		                           raw->must_agree);
	}
	return (scenario->cell[0] != '\0' && raw->sql == NULL) ||
	       sim_scenario_refuse(source, "must_agree", "must_agree %s, expected axes and subject engine",
	                           raw->sql != NULL ? "with SQL" : "without axes");
}

/* Statements about all cells first, then those about some, in the order of the file: the last one
 * about must_violate stands. */
bool sim_scenario_check_promises(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                 struct sim_scenario *scenario) {
	char control[SIM_SCENARIO_PLACE_SIZE] = "must_violate";
	char place[SIM_SCENARIO_PLACE_SIZE];
	bool fine = sim_promise_check_control(source, control, raw->must_violate, scenario);
	for (uint32_t i = 0; i < raw->cells_count && fine; i++) {
		if (raw->cells[i].must_violate != NULL &&
		    sim_scenario_cell_matches(raw->cells[i].where, scenario->cell)) {
			snprintf(control, sizeof control, "cells[%u].must_violate", i);
			fine = sim_promise_check_control(source, control, raw->cells[i].must_violate, scenario);
		}
	}
	fine = fine && sim_promise_check_shows(source, raw->must_show, scenario) &&
	       sim_promise_check_contract(source, "contract", &raw->contract, scenario);
	for (uint32_t i = 0; i < raw->cells_count && fine; i++) {
		snprintf(place, sizeof place, "cells[%u].contract", i);
		fine = !sim_scenario_cell_matches(raw->cells[i].where, scenario->cell) ||
		       sim_promise_check_contract(source, place, &raw->cells[i].contract, scenario);
	}
	return fine && sim_promise_check_trader(source, scenario) && sim_promise_check_agree(source, raw, scenario) &&
	       sim_scenario_check_known(source, raw, scenario) &&
	       (scenario->must_violate_seeds == 0 || sim_promise_check_demands(source, control, scenario));
}
