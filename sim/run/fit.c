/* sim/run/fit.c: see fit.h. */
#include "fit.h"

#include "processes.h"
#include "scenario_promise.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* ---- of a scenario --------------------------------------------------------------------------- */

static uint32_t sim_fit_of_processes(const struct sim_processes_scenario *processes) {
	uint32_t asked = 0;
	assert(processes->group_count <= SIM_PROCESS_GROUPS_MAX);
	for (uint32_t i = 0; i < processes->group_count; i++) {
		asked |= processes->groups[i].role == SIM_ROLE_ENGINE ? SUBJECT_TAKES_OWNERS : 0;
		asked |= processes->groups[i].role == SIM_ROLE_READER ? SUBJECT_TAKES_READERS : 0;
	}
	return asked;
}

/* Clients of SQL. */
static uint32_t sim_fit_of_clients(const struct sim_processes_scenario *processes) {
	uint32_t asked = SUBJECT_TAKES_SQL | SUBJECT_TAKES_CLIENTS;
	for (uint32_t i = 0; i < processes->group_count; i++) {
		asked |= sim_role_row(processes->groups[i].role)->asks;
		asked |= processes->groups[i].access != SUBJECT_ACCESS_USUAL ? SUBJECT_TAKES_ACCESS : 0;
	}
	return asked;
}

/* What the exchange and its operator do, beside opening, filling and closing orders. */
static uint32_t sim_fit_of_rare(enum sim_rare rare) {
	switch (rare) {
	case SIM_RARE_LIMITS:
	case SIM_RARE_HALTS:
		return SUBJECT_TAKES_COMMANDS;
	case SIM_RARE_BATCHES:
		return SUBJECT_TAKES_BATCHES;
	case SIM_RARE_MALFORMED:
		return SUBJECT_TAKES_MALFORMED;
	case SIM_RARE_ACCOUNTS:
	case SIM_RARE_REUSED_ORDERS:
	case SIM_RARE_BEGUN_DAYS:
	case SIM_RARE_UNSAID_QUANTITIES:
		return SUBJECT_TAKES_SCOPES;
	/* another order of arrival, or values that the interface has promised */
	case SIM_RARE_EARLY:
	case SIM_RARE_LONG_IDS:
	case SIM_RARE_ODD_TIMES:
	case SIM_RARE_VAST_NUMBERS:
		return 0;
	case SIM_RARE_REPLACES:
	case SIM_RARE_BUSTS:
	case SIM_RARE_CORRECTS:
	case SIM_RARE_RESTATEMENTS:
	case SIM_RARE_DONE_FOR_DAY:
	case SIM_RARE_PENDINGS:
	case SIM_RARE_STOPS:
	case SIM_RARE_LATE_FILLS:
	case SIM_RARE_OVERFILLS:
	case SIM_RARE_REUSED_IDS:
	case SIM_RARE_CONFLICTS:
	case SIM_RARE_SECOND_CHANNEL:
	case SIM_RARE_UNKNOWN_ORDERS:
	case SIM_RARE_STATUS_LIES:
	case SIM_RARE_NAMELESS:
	case SIM_RARE_CLIENTLESS:
	case SIM_RARE_BROKEN:
	case SIM_RARE_SHARED_IDS:
	case SIM_RARE_SPLITS:
		break;
	case SIM_RARE_COUNT:
		assert(false);
	}
	return SUBJECT_TAKES_LIFE;
}

/* Only what is noticed may be damaged. Of plain SQL nothing is demanded then. */
static uint32_t sim_fit_of_damage(const struct sim_scenario *scenario) {
	bool damages = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		damages = damages || !sim_fault_row(scenario->fault_groups[i].kind)->within_assumptions;
	}
	/* A cell in which SQLite itself is known to leave damage: what is excused there is a start
	 * that notices it. */
	for (uint32_t i = 0; i < scenario->known_count && scenario->cell[0] != '\0'; i++) {
		damages = damages || strstr(scenario->known[i].invariant, "loaded_equals_committed") != NULL;
	}
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		struct sim_contract_span span = sim_scenario_promise_after(scenario, (enum sim_crash)crash);
		damages = damages || span.weakest >= SIM_CONTRACT_DETECT;
	}
	return damages ? SUBJECT_TAKES_DAMAGE : 0;
}

/* A fault that can meet nothing but the subject's own journal never strikes without one. */
static bool sim_fit_is_of_own_journal(const struct sim_fault_group *group) {
	uint64_t phases = 0;
	for (int phase = VFS_PHASE_OWN_JOURNAL_WRITE; phase <= VFS_PHASE_OWN_JOURNAL_READ; phase++) {
		phases |= (uint64_t)1 << phase;
	}
	bool by_file = group->files == 1u << VFS_FILE_SUPER_JOURNAL;
	return by_file || (group->phases != 0 && (group->phases & ~phases) == 0);
}

/* What the faults ask for beside damage. */
static uint32_t sim_fit_of_faults(const struct sim_scenario *scenario) {
	uint32_t asked = 0;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		asked |= group->kind == SIM_FAULT_OTHER_BOOK ? SUBJECT_TAKES_HISTORY : 0;
		asked |= sim_fit_is_of_own_journal(group) ? SUBJECT_TAKES_JOURNAL : 0;
	}
	return asked;
}

static bool sim_fit_is_vouched_for(const struct sim_scenario *scenario) {
	const struct sim_choices *choices = &scenario->settings[SIM_SETTING(vouches)];
	bool is_on = false;
	for (uint32_t i = 0; i < choices->count; i++) {
		is_on = is_on || choices->values[i] != 0;
	}
	return is_on;
}

/* What is real or NULL; a choice may be either. */
static uint32_t sim_fit_of_parameters(const struct sim_sql *sql) {
	uint32_t asked = 0;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		bool is_any = parameter->kind == SIM_SQL_REAL || parameter->kind == SIM_SQL_CHOICE ||
		              parameter->nulls_percent > 0;
		asked |= is_any ? SUBJECT_TAKES_VALUES : 0;
	}
	return asked;
}

uint32_t sim_fit_of_scenario(const struct sim_scenario *scenario) {
	const struct sim_workload *workload = &scenario->workload;
	bool is_newer = scenario->sqlite_lowest > (uint32_t)sqlite3_libversion_number();
	uint32_t newer = is_newer ? SIM_FIT_NEWER_SQLITE : 0;
	uint32_t asked = SUBJECT_TAKES_UPDATES | newer;
	if (scenario->sql != NULL) {
		bool several = scenario->processes != NULL;
		return newer | sim_fit_of_parameters(scenario->sql) |
		       (workload->tunings_percent > 0 ? SUBJECT_TAKES_PRAGMAS : 0) |
		       (several ? sim_fit_of_clients(scenario->processes) : SUBJECT_TAKES_SQL);
	}
	if (sim_scenario_is_of_program(scenario)) {
		return newer | SUBJECT_TAKES_OPERATIONS | sim_fit_of_damage(scenario);
	}
	for (int rare = 0; rare < SIM_RARE_COUNT; rare++) {
		asked |= workload->rare_percent[rare] > 0 ? sim_fit_of_rare((enum sim_rare)rare) : 0;
	}
	asked |= sim_fit_of_damage(scenario);
	asked |= sim_fit_of_faults(scenario);
	asked |= workload->takeovers_percent > 0 ? SUBJECT_TAKES_OWNERS : 0;
	asked |= sim_fit_is_vouched_for(scenario) ? SUBJECT_TAKES_VOUCHED : 0;
	asked |= workload->trader == SIM_TRADER_AGREEING ? SUBJECT_TAKES_PERMISSION : 0;
	return asked | (scenario->processes != NULL ? sim_fit_of_processes(scenario->processes) : 0);
}

/* ---- of a plan ------------------------------------------------------------------------------- */

static bool sim_fit_is_plain(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_NEW || type == SUBJECT_EXEC_TRADE || type == SUBJECT_EXEC_CANCELED ||
	       type == SUBJECT_EXEC_REJECTED || type == SUBJECT_EXEC_EXPIRED;
}

static uint32_t sim_fit_of_report(const struct sim_report *report) {
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		return SUBJECT_TAKES_COMMANDS;
	}
	bool is_own = report->repeats == 0 && report->borrows == 0 && report->update.exec_id[0] != '\0';
	bool plain = sim_fit_is_plain(report->update.exec_type) && is_own && report->broken == SIM_BROKEN_NONE;
	return plain ? 0 : SUBJECT_TAKES_LIFE;
}

static uint32_t sim_fit_of_steps(const struct sim_plan *plan) {
	uint32_t asked = 0;
	assert(plan->step_count <= SIM_PLAN_STEPS_MAX);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		asked |= sim_plan_step_row(plan->steps[i].kind)->asks;
	}
	return asked;
}

static uint32_t sim_fit_of_access(const struct sim_processes_plan *processes) {
	uint32_t asked = 0;
	for (uint32_t i = 0; i < processes->count; i++) {
		asked |= processes->members[i].access != SUBJECT_ACCESS_USUAL ? SUBJECT_TAKES_ACCESS : 0;
	}
	return asked;
}

uint32_t sim_fit_of_plan(const struct sim_plan *plan) {
	uint32_t asked = SUBJECT_TAKES_UPDATES | sim_fit_of_steps(plan);
	assert(plan->report_count <= SIM_PLAN_REPORTS_MAX);
	if (plan->sql_scenario != NULL) {
		bool several = plan->processes.count > 0;
		return SUBJECT_TAKES_SQL | sim_fit_of_steps(plan) | sim_fit_of_parameters(plan->sql_scenario) |
		       (several ? SUBJECT_TAKES_CLIENTS | sim_fit_of_access(&plan->processes) : 0);
	}
	asked = plan->program.is_one ? SUBJECT_TAKES_OPERATIONS : asked;
	asked |= plan->accounts > 0 || plan->has_days ? SUBJECT_TAKES_SCOPES : 0;
	for (uint32_t i = 0; i < plan->report_count; i++) {
		asked |= sim_fit_of_report(&plan->reports[i]);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		asked |= sim_fault_row(plan->faults[i].kind)->within_assumptions ? 0 : SUBJECT_TAKES_DAMAGE;
		asked |= plan->faults[i].kind == SIM_FAULT_OTHER_BOOK ? SUBJECT_TAKES_HISTORY : 0;
	}
	for (uint32_t i = 0; i < plan->processes.count; i++) {
		bool reads = plan->processes.members[i].role == SIM_ROLE_READER;
		asked |= reads ? SUBJECT_TAKES_READERS : SUBJECT_TAKES_OWNERS;
	}
	asked |= plan->settings.vouches ? SUBJECT_TAKES_VOUCHED : 0;
	return asked | (plan->trader.kind == SIM_TRADER_AGREEING ? SUBJECT_TAKES_PERMISSION : 0);
}

/* ---- words ----------------------------------------------------------------------------------- */

void sim_fit_text(uint32_t asked, uint32_t takes, uint32_t sqlite_lowest, char text[SIM_FIT_TEXT_SIZE]) {
	char newer[SIM_FIT_TEXT_SIZE];
	const struct {
		uint32_t bit;
		const char *words;
	} rows[] = {
	        {SUBJECT_TAKES_UPDATES, "order updates"},
	        {SUBJECT_TAKES_LIFE, "the whole life of an order"},
	        {SUBJECT_TAKES_COMMANDS, "commands"},
	        {SUBJECT_TAKES_BATCHES, "batches"},
	        {SUBJECT_TAKES_PERMISSION, "questions for permission"},
	        {SUBJECT_TAKES_OWNERS, "several owners of one database"},
	        {SUBJECT_TAKES_READERS, "readers of its tables"},
	        {SUBJECT_TAKES_SQL, "SQL"},
	        {SUBJECT_TAKES_OPERATIONS, "operations"},
	        {SUBJECT_TAKES_CLIENTS, "several processes of SQL"},
	        {SUBJECT_TAKES_VALUES, "values that are real or NULL"},
	        {SUBJECT_TAKES_MALFORMED, "malformed reports"},
	        {SUBJECT_TAKES_UPKEEP, "backup, vacuum, check and switch of journal mode"},
	        {SUBJECT_TAKES_VACUUM_INTO, "VACUUM INTO"},
	        {SUBJECT_TAKES_ACCESS, "opening for reading only, immutable or without locks"},
	        {SUBJECT_TAKES_PRAGMAS, "pragmas between two transactions"},
	        {SUBJECT_TAKES_DAMAGE, "damage that it has to notice"},
	        {SUBJECT_TAKES_VOUCHED, "a version that its caller vouches for"},
	        {SUBJECT_TAKES_HISTORY, "histories, by which another book is told from its own"},
	        {SUBJECT_TAKES_JOURNAL, "faults of a journal of its own"},
	        {SUBJECT_TAKES_SCOPES, "accounts, ids that come again, and quantities that are not said"},
	        {SIM_FIT_NEWER_SQLITE, newer},
	};
	snprintf(newer, sizeof newer, "SQL that needs SQLite %u.%u.%u (this is %s)", sqlite_lowest / 1000000,
	         sqlite_lowest / 1000 % 1000, sqlite_lowest % 1000, sqlite3_libversion());
	uint32_t lacking = asked & ~takes;
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if ((lacking & rows[i].bit) == 0) {
			continue;
		}
		used += (size_t)snprintf(text + used, SIM_FIT_TEXT_SIZE - used, "%s%s", used > 0 ? ", " : "",
		                         rows[i].words);
		assert(used < SIM_FIT_TEXT_SIZE);
		lacking &= ~rows[i].bit;
	}
	assert(lacking == 0);
}
