/* sim/plan/plan.c: see plan.h. */
#include "plan.h"

#include "spoiling.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_plan_deinit(struct sim_plan *plan) {
	free(plan->processes.switches);
	plan->processes.switches = NULL;
	plan->processes.switch_count = 0;
}

bool sim_plan_is_split(const struct sim_plan *plan, uint32_t number) {
	const struct sim_report *report = &plan->reports[number];
	if (report->command.kind != SUBJECT_COMMAND_NONE || report->update.exec_type != SUBJECT_EXEC_RESTATED ||
	    report->repeats != 0) {
		return false;
	}
	for (uint32_t i = number; i > 0; i--) {
		const struct sim_report *before = &plan->reports[i - 1];
		bool tells = before->command.kind == SUBJECT_COMMAND_NONE && before->repeats == 0 &&
		             before->broken == SIM_BROKEN_NONE;
		if (tells && before->order == report->order) {
			return before->update.cum_quantity_lots != report->update.cum_quantity_lots;
		}
	}
	return false;
}

void sim_plan_break(struct subject_order_update *update, enum sim_broken broken) {
	switch (broken) {
	case SIM_BROKEN_LEAVES:
		update->leaves_quantity_lots = -1 - update->leaves_quantity_lots;
		break;
	case SIM_BROKEN_SIDE:
		update->side = (enum subject_side)(7 - (int)update->side);
		break;
	case SIM_BROKEN_QUANTITY:
		update->order_quantity_lots = -update->order_quantity_lots;
		break;
	case SIM_BROKEN_LAST:
		update->last_quantity_lots = -update->last_quantity_lots;
		break;
	case SIM_BROKEN_CUM:
		update->cum_quantity_lots = -1 - update->cum_quantity_lots;
		break;
	case SIM_BROKEN_ID:
		update->order_id[0] = (char)(update->order_id[0] ^ 0x40);
		break;
	case SIM_BROKEN_VALUE:
		update->last_price_ticks =
		        (update->last_price_ticks < 0 ? -INT64_MAX : INT64_MAX) - update->last_price_ticks;
		break;
	case SIM_BROKEN_NONE:
	case SIM_BROKEN_COUNT:
		break;
	}
}

const char *sim_plan_exec_id(const struct sim_report *report) {
	return report->command.kind != SUBJECT_COMMAND_NONE ? report->command.command_id : report->update.exec_id;
}

void sim_plan_name(const struct sim_plan *plan, char letter, uint32_t number, char *text, size_t size) {
	size_t wanted = plan->id_size < size ? plan->id_size : size - 1;
	int digits = wanted > 1 ? (int)wanted - 1 : 1;
	memset(text, 0, size);
	snprintf(text, size, "%c%0*u", letter, digits, number);
}

int32_t sim_plan_day(uint32_t number) {
	return 20240101 + (int32_t)(number / 28) * 100 + (int32_t)(number % 28);
}

void sim_plan_name_report(const struct sim_plan *plan, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	uint32_t accounts = plan->accounts > 0 ? plan->accounts : 1;
	uint32_t order = report->named != 0 ? report->named - 1 : report->order;
	sim_plan_name(plan, 'O', order, update->order_id, sizeof update->order_id);
	sim_plan_name(plan, 'S', report->symbol / accounts, update->symbol, sizeof update->symbol);
	memset(report->scope.account, 0, sizeof report->scope.account);
	if (plan->accounts > 0) {
		snprintf(report->scope.account, sizeof report->scope.account, "A%u", report->symbol % accounts);
	}
}

bool sim_plan_is_elsewhere(const struct sim_report *a, const struct sim_report *b) {
	bool says_days = a->scope.trading_day != 0 && b->scope.trading_day != 0;
	return a->symbol != b->symbol || (says_days && a->scope.trading_day != b->scope.trading_day);
}

uint32_t sim_plan_find_process(const struct sim_processes_plan *processes, const char *name) {
	for (uint32_t i = 0; i < processes->count; i++) {
		if (strcmp(processes->members[i].name, name) == 0) {
			return i;
		}
	}
	return SIM_PROCESSES_MAX;
}

void sim_plan_add_step(struct sim_plan *plan, enum sim_step_kind kind, uint32_t argument) {
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] = (struct sim_step){.kind = kind, .argument = argument};
	}
}

void sim_plan_add_crash(struct sim_plan *plan, const struct sim_workload *workload, struct sim_pcg32 *chance) {
	if (sim_pcg32_percent(chance, workload->crashes_percent[SIM_CRASH_KILL])) {
		sim_plan_add_step(plan, SIM_STEP_KILL, 0);
	} else if (sim_pcg32_percent(chance, workload->crashes_percent[SIM_CRASH_POWER_LOSS])) {
		sim_plan_add_step(plan, SIM_STEP_POWER_LOSS, 0);
	}
}

bool sim_plan_is_of_orders(const struct sim_plan *plan) {
	return plan->sql_scenario == NULL && !plan->program.is_one;
}

uint32_t sim_plan_owners(const struct sim_plan *plan) {
	if (plan->program.is_one) {
		return SIM_STEP_OF_PROGRAM;
	}
	if (plan->processes.count == 0) {
		return plan->sql_scenario != NULL ? SIM_STEP_OF_CLIENT : SIM_STEP_OF_ENGINE;
	}
	return plan->sql_scenario != NULL ? SIM_STEP_OF_CLIENTS : SIM_STEP_OF_ENGINES | SIM_STEP_OF_READERS;
}

/* ---- what is true of every plan -------------------------------------------------------------- */

static void sim_plan_assert_step(const struct sim_plan *plan, const struct sim_step *step) {
	const struct sim_step_row *row = sim_plan_step_row(step->kind);
	enum sim_step_argument argument = sim_plan_step_argument(step->kind, sim_plan_owners(plan));
	assert((row->owners & sim_plan_owners(plan)) != 0);
	assert(argument != SIM_STEP_NO_ARGUMENT || step->argument == 0);
	assert(argument != SIM_STEP_REPORT || step->report < plan->report_count);
	assert(argument != SIM_STEP_TRANSACTION_NUMBER || step->transaction < plan->sql.transaction_count);
	assert(argument != SIM_STEP_OPERATION_NUMBER || step->operation < plan->program.operation_count);
	assert(argument != SIM_STEP_LOOKS || (step->looks >= 1 && step->looks <= SIM_PROCESS_LOOKS_MAX));
	assert(argument != SIM_STEP_PAGES || step->pages >= 1);
	assert(argument != SIM_STEP_CHECKPOINT_MODE || sim_settings_checkpoint_name(step->mode) != NULL);
	assert(argument != SIM_STEP_JOURNAL_MODE || step->journal_mode < SIM_JOURNAL_COUNT);
	assert(argument != SIM_STEP_TUNING_NUMBER || step->tuning < plan->sql_scenario->tunings.count);
	assert(row->more != SIM_STEP_NO_MORE || step->more == 0);
	assert(row->more != SIM_STEP_COUNT || (step->count >= 1 && step->report + step->count <= plan->report_count));
	assert(row->more != SIM_STEP_ANSWER || step->answer < SIM_QUERY_COUNT);
	assert(row->more != SIM_STEP_SPOILING || step->spoiling < SIM_SPOILING_COUNT);
	assert(step->process == 0 || step->process < plan->processes.count);
}

void sim_plan_assert(const struct sim_plan *plan) {
	assert(plan->report_count <= SIM_PLAN_REPORTS_MAX && plan->order_count <= SIM_PLAN_REPORTS_MAX);
	assert(plan->step_count <= SIM_PLAN_STEPS_MAX && plan->fault_count <= SIM_PLAN_FAULTS_MAX);
	assert(plan->symbol_count <= SIM_PLAN_SYMBOLS_MAX && plan->processes.count <= SIM_PROCESSES_MAX);
	assert(plan->sql_scenario == NULL || (plan->report_count == 0 && plan->trader.kind == SIM_TRADER_NONE));
	assert(!plan->program.is_one || (plan->report_count == 0 && plan->processes.count == 0));
	assert(plan->program.operation_count <= SIM_PLAN_OPERATIONS_MAX);
	assert(plan->processes.switches != NULL || plan->processes.switch_count == 0);
	for (uint32_t i = 0; i < plan->report_count; i++) {
		const struct sim_report *report = &plan->reports[i];
		assert(report->command.kind != SUBJECT_COMMAND_NONE || report->order < plan->order_count);
		assert(report->repeats <= i && report->refers <= i && report->borrows <= i);
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		sim_plan_assert_step(plan, &plan->steps[i]);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		assert(sim_fault_row(plan->faults[i].kind) != NULL);
	}
}
