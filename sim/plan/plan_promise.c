/* sim/plan/plan_promise.c: see plan_promise.h. */
#include "plan_promise.h"

uint32_t sim_plan_promise_modes(const struct sim_plan *plan) {
	const struct sim_sql *sql = plan->sql_scenario;
	uint32_t modes = 1u << plan->settings.journal_mode | 1u << sim_settings_journal_mode_of(&plan->settings, 2);
	for (uint32_t i = 0; sql != NULL && i < sql->template_count; i++) {
		bool on = sim_sql_set_has(&plan->sql.templates_on, i);
		modes |= on ? 1u << sql->templates[i].journal_mode : 0;
	}
	/* Which rollback mode is a matter of the connection: those that others had in WAL mode are
	 * left in DELETE. */
	for (uint32_t i = 0; i < plan->step_count; i++) {
		bool switches = plan->steps[i].kind == SIM_STEP_SWITCH;
		modes |= switches ? 1u << plan->steps[i].journal_mode | 1u << SIM_JOURNAL_DELETE : 0;
	}
	return modes & ~(1u << SIM_JOURNAL_NONE);
}

/* The worst that failed syncs of a WAL can come to. False: the plan has none. */
static bool sim_plan_promise_find_gap(const struct sim_plan *plan, struct sim_contract_gap *gap) {
	bool fails = false;
	*gap = (struct sim_contract_gap){.copied = true, .goes_on = plan->sql_scenario != NULL};
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		const struct sim_fault *fault = &plan->faults[i];
		uint64_t phases = fault->phase != VFS_PHASE_NONE ? 1ull << fault->phase : 0;
		uint32_t methods = fault->method != VFS_METHOD_NONE ? 1u << fault->method : 0;
		uint32_t files = fault->file_kind != VFS_FILE_NONE ? 1u << fault->file_kind : 0;
		gap->dropped |= fault->kind == SIM_FAULT_EVICT && fault->file_kind == VFS_FILE_WAL;
		fails |= sim_fault_fails_wal_sync(fault->kind, phases, methods, files);
	}
	return fails;
}

/* With these settings in force. `gap` may be NULL. */
static void sim_plan_promise_widen(struct sim_contract_span *span, const struct sim_settings *settings,
                                   enum sim_crash crash, const struct sim_contract_gap *gap) {
	enum sim_contract contract = sim_contract_of_settings(settings, crash);
	enum sim_contract left = gap != NULL ? sim_contract_of_gap(settings, crash, gap) : SIM_CONTRACT_NONE;
	bool is_first = span->strongest == SIM_CONTRACT_NONE;
	span->strongest = is_first || contract < span->strongest ? contract : span->strongest;
	span->weakest = contract > span->weakest ? contract : span->weakest;
	span->weakest = left > span->weakest ? left : span->weakest;
}

/* What a crash of this kind may leave, whatever `synchronous` was in force. */
static void sim_plan_promise_add(struct sim_contract_line *line, const struct sim_plan *plan, enum sim_crash crash) {
	struct sim_contract_gap gap;
	struct sim_settings settings = plan->settings;
	const struct sim_contract_gap *found = sim_plan_promise_find_gap(plan, &gap) ? &gap : NULL;
	sim_plan_promise_widen(&line->spans[crash], &settings, crash, found);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct sim_step *step = &plan->steps[i];
		if (step->kind == SIM_STEP_TUNE &&
		    plan->sql_scenario->tuning_values[step->tuning].synchronous != SIM_SYNCHRONOUS_NONE) {
			settings.synchronous = plan->sql_scenario->tuning_values[step->tuning].synchronous;
			sim_plan_promise_widen(&line->spans[crash], &settings, crash, found);
		}
	}
}

bool sim_plan_promise_is_unlocked(const struct sim_plan *plan) {
	bool unlocked = false;
	for (uint32_t i = 0; i < plan->processes.count; i++) {
		unlocked = unlocked || sim_access_is_unlocked(plan->processes.members[i].access);
	}
	return unlocked;
}

static bool sim_plan_promise_keeps_apart(const struct sim_plan *plan) {
	bool keeps = sim_contract_keeps_apart(&plan->settings, sim_plan_promise_modes(plan)) &&
	             !sim_plan_promise_is_unlocked(plan);
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		bool takes = sim_fault_takes_locks(plan->faults[i].kind);
		keeps = keeps && !(takes && plan->settings.locks != SIM_LOCKS_DOT_FILE);
	}
	return keeps;
}

void sim_plan_promise_print(const struct sim_plan *plan, char text[SIM_CONTRACT_TEXT_SIZE]) {
	struct sim_contract_line line = {.demanded = plan->settings.demanded};
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		enum sim_fault_kind kind = plan->faults[i].kind;
		enum sim_crash crash = kind == SIM_FAULT_KILL         ? SIM_CRASH_KILL
		                       : kind == SIM_FAULT_POWER_LOSS ? SIM_CRASH_POWER_LOSS
		                                                      : SIM_CRASH_NONE;
		sim_plan_promise_add(&line, plan, crash);
		line.damage |= !sim_fault_row(kind)->within_assumptions && !sim_fault_takes_locks(kind);
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		enum sim_step_kind kind = plan->steps[i].kind;
		if (kind == SIM_STEP_KILL || kind == SIM_STEP_POWER_LOSS) {
			sim_plan_promise_add(&line, plan,
			                     kind == SIM_STEP_KILL ? SIM_CRASH_KILL : SIM_CRASH_POWER_LOSS);
		}
	}
	if (plan->settings.branches > 0 || plan->settings.all_branches) {
		sim_plan_promise_add(&line, plan, SIM_CRASH_KILL);
		sim_plan_promise_add(&line, plan, SIM_CRASH_POWER_LOSS);
	}
	if (plan->sql_scenario != NULL && plan->sql_scenario->file_count > 1) {
		uint32_t modes = sim_plan_promise_modes(plan);
		line.files = plan->settings.demands_files_together                            ? "together demanded"
		             : sim_contract_files_together(modes, plan->settings.synchronous) ? "together"
		                                                                              : "one by one";
	}
	line.locks = plan->settings.demands_locks ? "demanded" : sim_plan_promise_keeps_apart(plan) ? NULL : "void";
	sim_contract_print(&line, text);
}
