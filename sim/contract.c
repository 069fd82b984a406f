/* sim/contract.c: the table of FAULTS.md section 5, and what a disk that lies makes of it. */
#include "contract.h"

#include "medium.h"

#include <stdio.h>
#include <string.h>

static enum sim_contract sim_contract_of_power_loss(enum sim_journal_mode mode, enum sim_synchronous synchronous) {
	if (synchronous == SIM_SYNCHRONOUS_OFF) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	switch (mode) {
	case SIM_JOURNAL_WAL:
		return synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_PREFIX : SIM_CONTRACT_DURABLE;
	case SIM_JOURNAL_DELETE:
		return synchronous == SIM_SYNCHRONOUS_EXTRA    ? SIM_CONTRACT_DURABLE
		       : synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_MAY_CORRUPT
		                                               : SIM_CONTRACT_LAST_MAY_ROLL_BACK;
	case SIM_JOURNAL_TRUNCATE:
	case SIM_JOURNAL_PERSIST:
		/* NORMAL has a documented small chance of corruption in every rollback mode: the journal's header and content
		 * share one sync, and a record's checksum reads only every 200th byte of the page. */
		return synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_MAY_CORRUPT : SIM_CONTRACT_DURABLE;
	case SIM_JOURNAL_MEMORY:
	case SIM_JOURNAL_OFF:
	case SIM_JOURNAL_NONE:
	case SIM_JOURNAL_COUNT:
		break;
	}
	return SIM_CONTRACT_MAY_CORRUPT;
}

enum sim_contract sim_contract_of(enum sim_journal_mode mode, enum sim_synchronous synchronous, enum sim_crash crash) {
	if (crash == SIM_CRASH_POWER_LOSS) {
		return sim_contract_of_power_loss(mode, synchronous);
	}
	if (crash == SIM_CRASH_KILL && (mode == SIM_JOURNAL_MEMORY || mode == SIM_JOURNAL_OFF)) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	return SIM_CONTRACT_DURABLE;
}

enum sim_contract sim_contract_of_settings(const struct sim_settings *settings, enum sim_crash crash) {
	if (crash == SIM_CRASH_POWER_LOSS && sim_medium_lies(settings)) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	return sim_contract_of(settings->journal_mode, settings->synchronous, crash);
}

bool sim_contract_is_atomic_across_files(enum sim_journal_mode mode, enum sim_synchronous synchronous) {
	/* The super-journal is the rollback journals' own, and is not synced with OFF. */
	return synchronous != SIM_SYNCHRONOUS_OFF &&
	       (mode == SIM_JOURNAL_DELETE || mode == SIM_JOURNAL_TRUNCATE || mode == SIM_JOURNAL_PERSIST);
}

bool sim_contract_files_together(uint32_t modes, enum sim_synchronous synchronous) {
	bool together = true;
	for (int mode = SIM_JOURNAL_NONE + 1; mode < SIM_JOURNAL_COUNT; mode++) {
		bool used = (modes & (1u << mode)) != 0;
		together = together &&
		           (!used || sim_contract_is_atomic_across_files((enum sim_journal_mode)mode, synchronous));
	}
	return together;
}

static const char *const sim_contract_names[SIM_CONTRACT_COUNT] = {"none",   "durable", "last_may_roll_back",
                                                                   "prefix", "detect",  "may_corrupt"};

const char *sim_contract_name(enum sim_contract contract) {
	return contract < SIM_CONTRACT_COUNT ? sim_contract_names[contract] : "none";
}

enum sim_contract sim_contract_named(const char *name) {
	for (int contract = SIM_CONTRACT_NONE + 1; contract < SIM_CONTRACT_COUNT; contract++) {
		if (strcmp(sim_contract_names[contract], name) == 0) {
			return (enum sim_contract)contract;
		}
	}
	return SIM_CONTRACT_NONE;
}

const char *sim_contract_crash_name(enum sim_crash crash) {
	static const char *const names[SIM_CRASH_COUNT] = {"none", "kill", "power_loss"};
	return crash < SIM_CRASH_COUNT ? names[crash] : "none";
}

/* ---- of a whole scenario --------------------------------------------------------------------------------------------- */

static bool sim_contract_has_crash(const struct sim_scenario *scenario, enum sim_crash crash) {
	enum sim_fault_kind kind = crash == SIM_CRASH_KILL ? SIM_FAULT_KILL : SIM_FAULT_POWER_LOSS;
	bool has = false;
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		has = has || (group->kind == kind && group->chance_percent > 0 && group->count.max > 0);
	}
	return has;
}

/* Takes the entry of a list that is this part of the number, and leaves the rest of the number. */
static uint64_t sim_contract_pick(const struct sim_choices *choices, uint32_t *number) {
	uint32_t count = choices->count > 0 ? choices->count : 1;
	uint64_t value = choices->values[*number % count];
	*number /= count;
	return value;
}

/* The n-th combination of those settings that a contract depends on; false when there are no more. */
static bool sim_contract_combine(const struct sim_scenario *scenario, uint32_t number, struct sim_settings *settings) {
	memset(settings, 0, sizeof *settings);
	settings->journal_mode = (enum sim_journal_mode)sim_contract_pick(&scenario->journal_mode, &number);
	settings->synchronous = (enum sim_synchronous)sim_contract_pick(&scenario->synchronous, &number);
	settings->garbage = sim_contract_pick(&scenario->garbage, &number) == 2;
	settings->psow = (enum sim_capability)sim_contract_pick(&scenario->psow, &number);
	settings->sequential = (enum sim_capability)sim_contract_pick(&scenario->sequential, &number);
	settings->safe_append = (enum sim_capability)sim_contract_pick(&scenario->safe_append, &number);
	settings->lies_percent = (uint32_t)sim_contract_pick(&scenario->lies_percent, &number);
	return number == 0;
}

struct sim_contract_span sim_contract_of_scenario(const struct sim_scenario *scenario, enum sim_crash crash) {
	struct sim_contract_span span = {SIM_CONTRACT_NONE, SIM_CONTRACT_NONE};
	struct sim_settings settings;
	if (!sim_contract_has_crash(scenario, crash)) {
		return span;
	}
	for (uint32_t n = 0; sim_contract_combine(scenario, n, &settings); n++) {
		enum sim_contract contract = sim_contract_of_settings(&settings, crash);
		span.strongest =
		        span.strongest == SIM_CONTRACT_NONE || contract < span.strongest ? contract : span.strongest;
		span.weakest = contract > span.weakest ? contract : span.weakest;
	}
	return span;
}

/* Every mode that a template may switch to counts beside the one of the settings. */
struct sim_contract_files sim_contract_files_of_scenario(const struct sim_scenario *scenario) {
	struct sim_contract_files files = {0, 0};
	struct sim_settings settings;
	uint32_t switched = 0;
	if (scenario->sql == NULL || scenario->sql->file_count < 2) {
		return files;
	}
	for (uint32_t i = 0; i < scenario->sql->template_count; i++) {
		switched |= 1u << scenario->sql->templates[i].journal_mode;
	}
	for (uint32_t n = 0; sim_contract_combine(scenario, n, &settings); n++) {
		uint32_t modes = (switched | 1u << settings.journal_mode) & ~(1u << SIM_JOURNAL_NONE);
		bool together = sim_contract_files_together(modes, settings.synchronous);
		files.together += together ? 1 : 0;
		files.one_by_one += together ? 0 : 1;
	}
	return files;
}

/* What a line about contracts is made of. */
struct sim_contract_line {
	struct sim_contract_span spans[SIM_CRASH_COUNT];
	const enum sim_contract *demanded; /* by kind of crash */
	bool damage;
	const char *files; /* how several files commit; NULL: there is one only */
};

static void sim_contract_print(const struct sim_contract_line *line, char text[SIM_CONTRACT_TEXT_SIZE]) {
	static const char *const after[SIM_CRASH_COUNT] = {"", "kill", "power loss"};
	int used = 0;
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		const struct sim_contract_span *span = &line->spans[crash];
		bool demanded = line->demanded[crash] != SIM_CONTRACT_NONE;
		bool spread = !demanded && span->weakest != span->strongest;
		if (span->weakest == SIM_CONTRACT_NONE) {
			continue;
		}
		used += snprintf(
		        text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, "%s%s%s%s%s after %s", used > 0 ? ", " : "",
		        sim_contract_name(demanded ? line->demanded[crash] : span->strongest), spread ? " to " : "",
		        spread ? sim_contract_name(span->weakest) : "", demanded ? " demanded" : "", after[crash]);
	}
	if (line->damage) {
		used += snprintf(text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, "%sdetect after damage",
		                 used > 0 ? ", " : "");
	}
	if (used == 0) {
		used += snprintf(text, SIM_CONTRACT_TEXT_SIZE, "durable");
	}
	if (line->files != NULL) {
		snprintf(text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, ", files %s", line->files);
	}
}

void sim_contract_print_scenario(const struct sim_scenario *scenario, char text[SIM_CONTRACT_TEXT_SIZE]) {
	struct sim_contract_line line = {.demanded = scenario->demanded};
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		line.spans[crash] = sim_contract_of_scenario(scenario, (enum sim_crash)crash);
	}
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		line.damage |= !sim_fault_row(scenario->fault_groups[i].kind)->within_assumptions;
	}
	struct sim_contract_files files = sim_contract_files_of_scenario(scenario);
	line.files = files.together + files.one_by_one == 0 ? NULL
	             : scenario->demands_files_together     ? "together demanded"
	             : files.one_by_one == 0                ? "together"
	             : files.together == 0                  ? "one by one"
	                                                    : "together or one by one";
	sim_contract_print(&line, text);
}

uint32_t sim_contract_modes_of_plan(const struct sim_plan *plan) {
	const struct sim_sql *sql = plan->sql_scenario;
	uint32_t modes = 1u << plan->settings.journal_mode;
	for (uint32_t i = 0; sql != NULL && i < sql->template_count; i++) {
		bool on = (plan->sql.templates_on & (1u << i)) != 0;
		modes |= on ? 1u << sql->templates[i].journal_mode : 0;
	}
	/* Which rollback mode is a matter of the connection: those that others had in WAL mode are left in DELETE. */
	for (uint32_t i = 0; i < plan->step_count; i++) {
		bool switches = plan->steps[i].kind == SIM_STEP_SWITCH;
		modes |= switches ? 1u << plan->steps[i].report | 1u << SIM_JOURNAL_DELETE : 0;
	}
	return modes & ~(1u << SIM_JOURNAL_NONE);
}

void sim_contract_print_plan(const struct sim_plan *plan, char text[SIM_CONTRACT_TEXT_SIZE]) {
	struct sim_contract_line line = {.demanded = plan->settings.demanded};
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		enum sim_fault_kind kind = plan->faults[i].kind;
		enum sim_crash crash = kind == SIM_FAULT_KILL         ? SIM_CRASH_KILL
		                       : kind == SIM_FAULT_POWER_LOSS ? SIM_CRASH_POWER_LOSS
		                                                      : SIM_CRASH_NONE;
		enum sim_contract contract = sim_contract_of_settings(&plan->settings, crash);
		line.spans[crash] = (struct sim_contract_span){contract, contract};
		line.damage |= !sim_fault_row(kind)->within_assumptions;
	}
	if (plan->sql_scenario != NULL && plan->sql_scenario->file_count > 1) {
		uint32_t modes = sim_contract_modes_of_plan(plan);
		line.files = plan->settings.demands_files_together                            ? "together demanded"
		             : sim_contract_files_together(modes, plan->settings.synchronous) ? "together"
		                                                                              : "one by one";
	}
	sim_contract_print(&line, text);
}
