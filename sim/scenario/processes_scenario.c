/* sim/scenario/processes_scenario.c: the keys `processes` and `schedule` of a scenario, and
 * `process` of its faults. A role is refused where the journal mode gives it nothing to do, and a
 * fault where the judge of several processes could not say what it excuses. */
#include "processes.h"
#include "scenario_internal.h"
#include "sql.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PROCESSES_STEPS_MAX 64u
#define SIM_PROCESSES_MS_MAX 60000u
#define SIM_PROCESSES_PAGES_MAX 1000u

/* One group on its way. */
struct sim_processes_at {
	struct sim_scenario_source *source;
	const struct sim_raw_process *raw;
	struct sim_process_group *group;
	uint32_t number;
	char place[SIM_SCENARIO_PLACE_SIZE];
};

static const char *sim_processes_place(struct sim_processes_at *at, const char *key) {
	snprintf(at->place, sizeof at->place, "processes[%u].%s", at->number, key);
	return at->place;
}

/* ---- one group ------------------------------------------------------------------------------- */

static bool sim_processes_check_name(struct sim_processes_at *at, const struct sim_processes_scenario *processes) {
	const char *name = at->raw->name;
	if (name[0] < 'a' || name[0] > 'z' || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name) ||
	    strlen(name) >= sizeof at->group->name) {
		return sim_scenario_refuse(at->source, sim_processes_place(at, "name"),
		                           "name is \"%.40s\", expected lower-case letters and _, at most %zu", name,
		                           sizeof at->group->name - 1);
	}
	for (uint32_t i = 0; i < at->number; i++) {
		if (strcmp(processes->groups[i].name, name) == 0) {
			return sim_scenario_refuse(at->source, sim_processes_place(at, "name"),
			                           "name %s is there twice, expected another", name);
		}
	}
	snprintf(at->group->name, sizeof at->group->name, "%s", name);
	return true;
}

static bool sim_processes_check_role(struct sim_processes_at *at) {
	at->group->role = sim_role_named(at->raw->role);
	return at->group->role != SIM_ROLE_NONE ||
	       sim_scenario_refuse(
	               at->source, sim_processes_place(at, "role"),
	               "unknown role %.40s, expected writer, reader, checkpointer, backup, vacuum, checker, "
	               "switcher, opener, copier or engine",
	               at->raw->role);
}

/* Who writes without a lock, or under others that read what must not change, is no process of a
 * judge who tells one write from the other. */
static bool sim_processes_check_access(struct sim_processes_at *at) {
	const char *word = at->raw->opens;
	const char *place = sim_processes_place(at, "opens");
	if (word == NULL) {
		return true;
	}
	while (at->group->access < SUBJECT_ACCESS_COUNT && strcmp(sim_access_name(at->group->access), word) != 0) {
		at->group->access++;
	}
	if (at->group->access == SUBJECT_ACCESS_COUNT) {
		return sim_scenario_refuse(
		        at->source, place,
		        "unknown word %.40s, expected one of: read_write, read_only, immutable, nolock", word);
	}
	return at->group->access == SUBJECT_ACCESS_USUAL || sim_role_row(at->group->role)->only_reads ||
	       sim_scenario_refuse(at->source, place,
	                           "a %s that opens %s, expected a reader, checker, backup or copier",
	                           sim_role_row(at->group->role)->name, word);
}

/* How often a seed has the group, and how its numbers are drawn. */
static bool sim_processes_check_drawing(struct sim_processes_at *at) {
	return sim_scenario_value_percent(at->source, sim_processes_place(at, "chance"), at->raw->chance,
	                                  &at->group->chance_percent) &&
	       sim_scenario_value_draw(at->source, sim_processes_place(at, "draw"), at->raw->draw,
	                               &at->group->is_heavy);
}

static bool sim_processes_check_ranges(struct sim_processes_at *at) {
	const struct sim_role_row *role = sim_role_row(at->group->role);
	struct sim_process_group *group = at->group;
	const struct {
		const char *key;
		const struct sim_range *raw;
		struct sim_range *range;
		struct sim_scenario_limits limits;
		bool used;
	} rows[] = {
	        {"count", at->raw->count, &group->count, {1, SIM_PROCESSES_MAX}, true},
	        {"steps", at->raw->steps, &group->steps, {1, SIM_PROCESSES_STEPS_MAX}, role->steps},
	        {"pause_ms", at->raw->pause_ms, &group->pause_ms, {0, SIM_PROCESSES_MS_MAX}, true},
	        {"hold_ms", at->raw->hold_ms, &group->hold_ms, {0, SIM_PROCESSES_MS_MAX}, role->hold_ms},
	        {"looks", at->raw->looks, &group->looks, {1, SIM_PROCESS_LOOKS_MAX}, role->looks},
	        {"pages", at->raw->pages, &group->pages, {1, SIM_PROCESSES_PAGES_MAX}, role->pages},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *place = sim_processes_place(at, rows[i].key);
		if (rows[i].raw != NULL && !rows[i].used) {
			return sim_scenario_refuse(at->source, place, "a %s does not use %s, expected no such key",
			                           role->name, rows[i].key);
		}
		if (!sim_scenario_value_range(at->source, place, rows[i].raw, &rows[i].limits, rows[i].range)) {
			return false;
		}
	}
	return true;
}

/* 0 when the role cannot have it. */
static uint64_t sim_processes_mode_of(enum sim_role role, const char *word) {
	for (uint32_t mode = 1; role == SIM_ROLE_CHECKPOINTER && mode <= 4; mode++) {
		if (strcmp(sim_settings_checkpoint_name(mode), word) == 0) {
			return mode;
		}
	}
	const enum sim_journal_mode modes[] = {SIM_JOURNAL_DELETE, SIM_JOURNAL_TRUNCATE, SIM_JOURNAL_PERSIST,
	                                       SIM_JOURNAL_WAL};
	for (size_t i = 0; role == SIM_ROLE_SWITCHER && i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(sim_settings_journal_mode_name(modes[i]), word) == 0) {
			return modes[i];
		}
	}
	return 0;
}

static bool sim_processes_check_modes(struct sim_processes_at *at) {
	const struct sim_role_row *role = sim_role_row(at->group->role);
	struct sim_choices *modes = &at->group->modes;
	bool checkpointer = at->group->role == SIM_ROLE_CHECKPOINTER;
	if ((at->raw->modes_count > 0) != role->modes || at->raw->modes_count > SIM_CHOICES_MAX) {
		return sim_scenario_refuse(at->source, sim_processes_place(at, role->modes ? "role" : "modes"),
		                           "a %s with %u modes, expected %s", role->name, at->raw->modes_count,
		                           role->modes ? "1 to 8 in `modes`" : "no such key");
	}
	for (uint32_t i = 0; i < at->raw->modes_count; i++) {
		uint64_t mode = sim_processes_mode_of(at->group->role, at->raw->modes[i]);
		if (mode == 0) {
			snprintf(at->place, sizeof at->place, "processes[%u].modes[%u]", at->number, i);
			return sim_scenario_refuse(
			        at->source, at->place, "unknown mode %.40s, expected one of: %s", at->raw->modes[i],
			        checkpointer ? "passive, full, restart, truncate" : "delete, truncate, persist, wal");
		}
		modes->values[modes->count++] = mode;
	}
	return true;
}

/* ---- all groups ------------------------------------------------------------------------------ */

static bool sim_processes_has(const struct sim_choices *choices, uint64_t value) {
	bool has = false;
	for (uint32_t i = 0; i < choices->count; i++) {
		has |= choices->values[i] == value;
	}
	return has;
}

/* Whether all seeds are in WAL mode from the start, or may be switched to it. */
static bool sim_processes_may_checkpoint(const struct sim_scenario *scenario) {
	bool may = scenario->settings[SIM_SETTING(journal_mode)].count == 1 &&
	           scenario->settings[SIM_SETTING(journal_mode)].values[0] == SIM_JOURNAL_WAL;
	for (uint32_t i = 0; i < scenario->processes->group_count; i++) {
		const struct sim_process_group *group = &scenario->processes->groups[i];
		may |= group->role == SIM_ROLE_SWITCHER && sim_processes_has(&group->modes, SIM_JOURNAL_WAL);
	}
	return may;
}

static bool sim_processes_check_possible(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	const struct sim_processes_scenario *processes = scenario->processes;
	char place[SIM_SCENARIO_PLACE_SIZE];
	uint64_t most = 0;
	bool writes = false;
	const struct sim_choices *branches = &scenario->settings[SIM_SETTING(branches)];
	if (branches->count > 1 || branches->values[0] > 0) {
		return sim_scenario_refuse(source, "settings.branches",
		                           "crash states beside a run of several processes, expected 0");
	}
	for (uint32_t i = 0; i < processes->group_count; i++) {
		const struct sim_process_group *group = &processes->groups[i];
		snprintf(place, sizeof place, "processes[%u].role", i);
		if (group->role == SIM_ROLE_ENGINE && scenario->sql != NULL) {
			return sim_scenario_refuse(source, place, "an engine with SQL, expected subject: engine");
		}
		if (group->role == SIM_ROLE_CHECKPOINTER && !sim_processes_may_checkpoint(scenario)) {
			return sim_scenario_refuse(source, place,
			                           "a checkpointer in a rollback mode has nothing to do, expected "
			                           "settings.journal_mode: [wal], or a switcher to wal");
		}
		most += group->chance_percent == 100 ? group->count.max : 0;
		writes |= group->role == SIM_ROLE_WRITER && group->chance_percent == 100;
	}
	if (most > SIM_PROCESSES_MAX) {
		return sim_scenario_refuse(source, "processes",
		                           "up to %llu processes that every seed has, expected at most %u",
		                           (unsigned long long)most, SIM_PROCESSES_MAX);
	}
	if (scenario->sql == NULL) {
		return sim_engines_scenario_check(source, scenario);
	}
	return writes ||
	       sim_scenario_refuse(source, "processes",
	                           "no writer that every seed has, expected at least one process of that role");
}

static bool sim_processes_take_groups(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                      struct sim_processes_scenario *processes) {
	if (raw->processes_count > SIM_PROCESS_GROUPS_MAX) {
		return sim_scenario_refuse(source, "processes", "%u entries, expected at most %u", raw->processes_count,
		                           SIM_PROCESS_GROUPS_MAX);
	}
	for (uint32_t i = 0; i < raw->processes_count; i++) {
		struct sim_processes_at at = {
		        .source = source, .raw = &raw->processes[i], .group = &processes->groups[i], .number = i};
		*at.group = (struct sim_process_group){.chance_percent = 100,
		                                       .count = {.min = 1, .max = 1},
		                                       .steps = {.min = 3, .max = 10},
		                                       .pause_ms = {.min = 0, .max = 2},
		                                       .looks = {.min = 1, .max = 3},
		                                       .pages = {.min = 1, .max = 5}};
		if (!sim_processes_check_name(&at, processes) || !sim_processes_check_role(&at) ||
		    !sim_processes_check_access(&at) || !sim_processes_check_drawing(&at) ||
		    !sim_processes_check_ranges(&at) || !sim_processes_check_modes(&at)) {
			return false;
		}
		processes->group_count = i + 1;
	}
	return true;
}

static bool sim_processes_take_schedule(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                        struct sim_processes_scenario *processes) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	char why[SIM_SCENARIO_TEXT_SIZE];
	if (raw->schedule_count > SIM_CHOICES_MAX) {
		return sim_scenario_refuse(source, "schedule", "%u entries, expected at most %d", raw->schedule_count,
		                           SIM_CHOICES_MAX);
	}
	for (uint32_t i = 0; i < raw->schedule_count; i++) {
		struct sim_schedule_rule *rule = &processes->schedules[i];
		snprintf(place, sizeof place, "schedule[%u]", i);
		if (!sim_schedule_parse_open(raw->schedule[i], rule, why, sizeof why)) {
			return sim_scenario_refuse(source, place, "%s", why);
		}
		if (rule->strategy == SIM_STRATEGY_RECORDED) {
			return sim_scenario_refuse(source, place,
			                           "a recorded schedule belongs to a plan, expected another strategy");
		}
	}
	processes->schedule_count = raw->schedule_count;
	return true;
}

/* ---- what else the scenario says ------------------------------------------------------------- */

static bool sim_processes_check_settings(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < scenario->settings[SIM_SETTING(journal_mode)].count; i++) {
		uint64_t mode = scenario->settings[SIM_SETTING(journal_mode)].values[i];
		if (mode == SIM_JOURNAL_MEMORY || mode == SIM_JOURNAL_OFF) {
			snprintf(place, sizeof place, "settings.journal_mode[%u]", i);
			return sim_scenario_refuse(source, place,
			                           "mode %s with several processes: one that dies breaks the database "
			                           "for the others, expected delete, truncate, persist or wal",
			                           sim_settings_journal_mode_name((enum sim_journal_mode)mode));
		}
	}
	return true;
}

/* Locks that keep nobody off mean something to several clients of SQL only. */
static bool sim_processes_check_row(struct sim_scenario_source *source, const struct sim_scenario *scenario,
                                    uint32_t number) {
	const struct sim_setting_row *row = sim_setting_row(number);
	const struct sim_choices *choices = &scenario->settings[number];
	bool of_clients = scenario->processes != NULL && scenario->sql != NULL;
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "disk.%s", row->key);
	for (uint32_t i = 0; i < choices->count && !of_clients; i++) {
		if (choices->values[i] != row->usual) {
			return sim_scenario_refuse(source, place, "%s %s without several clients of SQL, expected %s",
			                           row->key, row->name((uint32_t)choices->values[i]),
			                           row->name((uint32_t)row->usual));
		}
	}
	return true;
}

/* A URI is of the main file only, and there is no shared memory without locks. */
static bool sim_processes_check_opens(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	bool may_be_wal = sim_processes_has(&scenario->settings[SIM_SETTING(journal_mode)], SIM_JOURNAL_WAL) ||
	                  sim_processes_may_checkpoint(scenario);
	for (uint32_t i = 0; i < scenario->processes->group_count; i++) {
		enum subject_access access = scenario->processes->groups[i].access;
		bool has_uri = access == SUBJECT_ACCESS_IMMUTABLE || access == SUBJECT_ACCESS_NO_LOCK;
		const char *expected = scenario->sql == NULL && access != SUBJECT_ACCESS_USUAL ? "subject: sql"
		                       : has_uri && scenario->sql->file_count > 1              ? "no attached files"
		                       : access == SUBJECT_ACCESS_NO_LOCK && may_be_wal ? "a rollback mode in all seeds"
		                                                                        : NULL;
		snprintf(place, sizeof place, "processes[%u].opens", i);
		if (expected != NULL) {
			return sim_scenario_refuse(source, place, "a process that opens %s, expected %s",
			                           sim_access_name(access), expected);
		}
	}
	return true;
}

static bool sim_processes_check_locks(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	const struct sim_choices *locks = &scenario->settings[SIM_SETTING(locks)];
	if (!sim_processes_check_row(source, scenario, SIM_SETTING(locks)) ||
	    !sim_processes_check_row(source, scenario, SIM_SETTING(own_wal_index))) {
		return false;
	}
	bool by_file = sim_processes_has(locks, SIM_LOCKS_DOT_FILE) || sim_processes_has(locks, SIM_LOCKS_MIXED);
	if (by_file && (sim_processes_has(&scenario->settings[SIM_SETTING(journal_mode)], SIM_JOURNAL_WAL) ||
	                sim_processes_may_checkpoint(scenario))) {
		return sim_scenario_refuse(
		        source, "disk.locks",
		        "dot-files in WAL mode, which needs shared memory, expected a rollback mode");
	}
	return true;
}

static bool sim_processes_check_fault_kind(struct sim_scenario_source *source, const struct sim_scenario *scenario,
                                           uint32_t number) {
	enum sim_fault_kind kind = scenario->fault_groups[number].kind;
	char place[SIM_SCENARIO_PLACE_SIZE];
	snprintf(place, sizeof place, "faults[%u].kind", number);
	return !sim_fault_takes_locks(kind) || (scenario->processes != NULL && scenario->sql != NULL) ||
	       sim_scenario_refuse(source, place, "%s without several clients of SQL, expected another kind",
	                           sim_fault_row(kind)->name);
}

/* The order of the writers is that in which they get the lock of the first file. So each of them
 * must take it before it writes, and all files must commit together; a copy of one file alone is no
 * moment of them all. */
static bool sim_processes_check_attached(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	char place[SIM_SCENARIO_PLACE_SIZE];
	for (uint32_t i = 0; i < scenario->sql->template_count; i++) {
		enum subject_begin begin = scenario->sql->templates[i].begin;
		if (begin != SUBJECT_BEGIN_IMMEDIATE && begin != SUBJECT_BEGIN_EXCLUSIVE) {
			snprintf(place, sizeof place, "sql.transactions[%u].begin", i);
			return sim_scenario_refuse(
			        source, place,
			        "attached files with several processes, expected begin: immediate or "
			        "exclusive, which take the locks of all files");
		}
	}
	for (uint32_t i = 0; i < scenario->settings[SIM_SETTING(journal_mode)].count; i++) {
		if (scenario->settings[SIM_SETTING(journal_mode)].values[i] == SIM_JOURNAL_WAL) {
			snprintf(place, sizeof place, "settings.journal_mode[%u]", i);
			return sim_scenario_refuse(
			        source, place,
			        "attached files in WAL mode with several processes: they commit one by "
			        "one, expected delete, truncate or persist");
		}
	}
	for (uint32_t i = 0; i < scenario->processes->group_count; i++) {
		enum sim_role role = scenario->processes->groups[i].role;
		if (role == SIM_ROLE_BACKUP || role == SIM_ROLE_SWITCHER || role == SIM_ROLE_COPIER) {
			snprintf(place, sizeof place, "processes[%u].role", i);
			return sim_scenario_refuse(source, place, "a %s with attached files, expected another role",
			                           sim_role_name(role));
		}
	}
	return true;
}

static bool sim_processes_check_sql(struct sim_scenario_source *source, const struct sim_scenario *scenario) {
	const struct sim_sql *sql = scenario->sql;
	char place[SIM_SCENARIO_PLACE_SIZE];
	if (sql->file_count > 1 && !sim_processes_check_attached(source, scenario)) {
		return false;
	}
	for (uint32_t i = 0; i < sql->template_count; i++) {
		if (sql->templates[i].maintains) {
			snprintf(place, sizeof place, "sql.transactions[%u].statements", i);
			return sim_scenario_refuse(source, place,
			                           "VACUUM or PRAGMA as a transaction with several processes, expected "
			                           "a process of such a role");
		}
	}
	return true;
}

/* A group, or one process that every seed has. */
static bool sim_processes_knows(const struct sim_processes_scenario *processes, const char *name) {
	bool known = false;
	for (uint32_t i = 0; i < processes->group_count; i++) {
		const struct sim_process_group *group = &processes->groups[i];
		size_t size = strlen(group->name);
		const char *rest = name + size;
		bool prefixed = strncmp(name, group->name, size) == 0;
		known |= prefixed && group->chance_percent == 100 &&
		         (*rest == '\0' || (rest[0] == '-' && rest[1] >= '1' &&
		                            rest[1] <= '0' + (int)group->count.min && rest[2] == '\0'));
	}
	return known;
}

static bool sim_processes_check_fault(struct sim_scenario_source *source, const struct sim_raw_fault *raw,
                                      uint32_t number, struct sim_scenario *scenario) {
	struct sim_fault_group *group = &scenario->fault_groups[number];
	char place[SIM_SCENARIO_PLACE_SIZE];
	if (raw->process == NULL) {
		return true;
	}
	snprintf(place, sizeof place, "faults[%u].process", number);
	if (scenario->processes == NULL || !sim_processes_knows(scenario->processes, raw->process) ||
	    (size_t)snprintf(group->process, sizeof group->process, "%s", raw->process) >= sizeof group->process) {
		return sim_scenario_refuse(
		        source, place,
		        "unknown process %.40s, expected a name of `processes` that every seed has, or one of its "
		        "processes, as in writer-1",
		        raw->process);
	}
	return true;
}

bool sim_processes_scenario_check(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                                  struct sim_scenario *scenario) {
	if (raw->processes_count == 0 && raw->schedule_count > 0) {
		return sim_scenario_refuse(source, "schedule", "a schedule of one process, expected `processes`");
	}
	if (raw->processes_count > 0) {
		scenario->processes = calloc(1, sizeof *scenario->processes);
		if (scenario->processes == NULL) {
			return sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
		}
		if (!sim_processes_take_groups(source, raw, scenario->processes) ||
		    !sim_processes_take_schedule(source, raw, scenario->processes) ||
		    !sim_processes_check_possible(source, scenario) ||
		    !sim_processes_check_settings(source, scenario) || !sim_processes_check_opens(source, scenario) ||
		    (scenario->sql != NULL && !sim_processes_check_sql(source, scenario))) {
			return false;
		}
	}
	if (!sim_processes_check_locks(source, scenario)) {
		return false;
	}
	for (uint32_t i = 0; i < raw->faults_count; i++) {
		if (!sim_processes_check_fault_kind(source, scenario, i) ||
		    !sim_processes_check_fault(source, &raw->faults[i], i, scenario)) {
			return false;
		}
	}
	return true;
}
