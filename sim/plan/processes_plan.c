/* sim/plan/processes_plan.c: which processes a seed has, what each of them does, and whose turn it
 * is. Each concern has its own stream. */
#include "processes_plan.h"

#include "engines_plan.h"
#include "sql_plan.h"

#include <stdio.h>
#include <string.h>

/* Of the openers' visits: a look, else a transaction. */
#define SIM_PROCESSES_VISIT_LOOK_PERCENT 40
/* Of the seeds, where processes are drawn heavy-tailed: none of these ever pauses or holds. */
#define SIM_PROCESSES_NO_TIME_PERCENT 50
/* Of such processes: those that do all in one of their modes. */
#define SIM_PROCESSES_ONE_MODE_PERCENT 50

static uint32_t sim_processes_draw(struct sim_pcg32 *chance, const struct sim_range *range) {
	return (uint32_t)sim_settings_draw(chance, range);
}

static void sim_processes_add_step(struct sim_plan *plan, const struct sim_step *step) {
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] = *step;
	}
}

/* Who of the plan's processes comes from which group. */
struct sim_processes_cast {
	struct sim_plan *plan;
	const struct sim_processes_scenario *scenario;
	/* What the seed has of each process. */
	struct sim_process_group groups[SIM_PROCESSES_MAX];
};

/* A pause is long beside a call: where there are some, few processes meet in the middle of a
 * step. */
static bool sim_processes_have_no_time(const struct sim_plan *plan) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "processes/times");
	return sim_pcg32_percent(&chance, SIM_PROCESSES_NO_TIME_PERCENT);
}

/* Up to a most that is drawn first. */
static void sim_processes_thin_time(struct sim_pcg32 *chance, bool none, struct sim_range *range) {
	uint64_t most = sim_pcg32_heavy(chance, range->min, range->max);
	range->max = none ? range->min : most;
}

/* One of the modes, or each or not, but one at least. */
static void sim_processes_thin_modes(struct sim_pcg32 *chance, struct sim_choices *modes) {
	const struct sim_choices all = *modes;
	bool one = all.count == 0 || sim_pcg32_percent(chance, SIM_PROCESSES_ONE_MODE_PERCENT);
	uint32_t sure = sim_pcg32_below(chance, all.count);
	modes->count = 0;
	for (uint32_t i = 0; i < all.count; i++) {
		if (i == sure || (!one && sim_pcg32_percent(chance, 50))) {
			modes->values[modes->count++] = all.values[i];
		}
	}
}

/* How much a process does, in which ways, and how fast, is drawn before any of its steps: so some
 * do one thing over and over, and others nearly nothing. */
static void sim_processes_draw_sizes(struct sim_processes_cast *cast, uint32_t process) {
	struct sim_process_group *group = &cast->groups[process];
	struct sim_pcg32 chance;
	char concern[SIM_PROCESS_NAME_SIZE + 20];
	snprintf(concern, sizeof concern, "processes/%s/sizes", cast->plan->processes.members[process].name);
	sim_pcg32_derive(&chance, cast->plan->seed, concern);
	group->steps.min = group->steps.max = sim_pcg32_heavy(&chance, group->steps.min, group->steps.max);
	sim_processes_thin_time(&chance, sim_processes_have_no_time(cast->plan), &group->pause_ms);
	sim_processes_thin_time(&chance, sim_processes_have_no_time(cast->plan), &group->hold_ms);
	group->looks.max = sim_pcg32_heavy(&chance, group->looks.min, group->looks.max);
	group->pages.max = sim_pcg32_heavy(&chance, group->pages.min, group->pages.max);
	sim_processes_thin_modes(&chance, &group->modes);
}

/* How many there are of a group in this seed. */
static uint32_t sim_processes_draw_count(struct sim_pcg32 *chance, const struct sim_process_group *group) {
	if (group->chance_percent < 100 && !sim_pcg32_percent(chance, group->chance_percent)) {
		return 0;
	}
	return (uint32_t)sim_pcg32_draw(chance, group->is_heavy, group->count.min, group->count.max);
}

static void sim_processes_add_member(struct sim_processes_cast *cast, const struct sim_process_group *group,
                                     uint32_t number) {
	struct sim_processes_plan *plan = &cast->plan->processes;
	struct sim_process_member *member = &plan->members[plan->count];
	cast->groups[plan->count] = *group;
	member->role = group->role;
	member->access = group->access;
	snprintf(member->name, sizeof member->name, "%s-%u", group->name, number % 100);
	if (group->is_heavy) {
		sim_processes_draw_sizes(cast, plan->count);
	}
	plan->count++;
}

static void sim_processes_draw_members(struct sim_processes_cast *cast) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, cast->plan->seed, "processes/members");
	for (uint32_t i = 0; i < cast->scenario->group_count; i++) {
		const struct sim_process_group *group = &cast->scenario->groups[i];
		uint32_t count = sim_processes_draw_count(&chance, group);
		for (uint32_t n = 1; n <= count && cast->plan->processes.count < SIM_PROCESSES_MAX; n++) {
			sim_processes_add_member(cast, group, n);
		}
	}
}

/* Transactions go to the writers, and some of them to openers; each keeps the order of its own. */
static void sim_processes_draw_transactions(struct sim_processes_cast *cast, const struct sim_workload *workload) {
	struct sim_plan *plan = cast->plan;
	struct sim_pcg32 chance;
	struct sim_sql_tunings tunings;
	struct sim_step tune = {.kind = SIM_STEP_TUNE};
	sim_sql_plan_draw_tunings(plan, workload, &tunings);
	uint32_t writers[SIM_PROCESSES_MAX] = {0};
	uint32_t count = 0;
	sim_pcg32_derive(&chance, plan->seed, "processes/transactions");
	for (uint32_t i = 0; i < plan->processes.count; i++) {
		if (plan->processes.members[i].role == SIM_ROLE_WRITER) {
			writers[count++] = i;
		}
	}
	for (uint32_t i = 0; i < plan->sql.transaction_count; i++) {
		uint32_t process = writers[sim_pcg32_below(&chance, count)];
		const struct sim_process_group *group = &cast->groups[process];
		tune.process = process;
		if (sim_sql_plan_draw_tuning(&tunings, &tune.tuning)) {
			sim_processes_add_step(plan, &tune);
		}
		const struct sim_step step = {.kind = SIM_STEP_TRANSACTION,
		                              .transaction = i,
		                              .process = process,
		                              .pause_ms = sim_processes_draw(&chance, &group->pause_ms)};
		sim_processes_add_step(plan, &step);
	}
}

static uint32_t sim_processes_draw_mode(struct sim_pcg32 *chance, const struct sim_choices *modes) {
	return (uint32_t)modes->values[sim_pcg32_below(chance, modes->count)];
}

/* One transaction more, for an opener. */
static uint32_t sim_processes_copy_transaction(struct sim_plan *plan, struct sim_pcg32 *chance) {
	struct sim_sql_plan *sql = &plan->sql;
	uint32_t from = sim_pcg32_below(chance, sql->transaction_count);
	if (sql->transaction_count < SIM_SQL_TRANSACTIONS_MAX) {
		sql->transactions[sql->transaction_count] = sql->transactions[from];
		return sql->transaction_count++;
	}
	return from;
}

static void sim_processes_draw_visit(struct sim_plan *plan, struct sim_pcg32 *chance, struct sim_step *step) {
	const struct sim_step restart = {
	        .kind = SIM_STEP_RESTART, .process = step->process, .pause_ms = step->pause_ms};
	sim_processes_add_step(plan, &restart);
	step->pause_ms = 0;
	if (sim_pcg32_percent(chance, SIM_PROCESSES_VISIT_LOOK_PERCENT)) {
		step->kind = SIM_STEP_LOOK;
		step->looks = 1;
	} else {
		step->kind = SIM_STEP_TRANSACTION;
		step->transaction = sim_processes_copy_transaction(plan, chance);
	}
}

static void sim_processes_draw_step(struct sim_processes_cast *cast, struct sim_pcg32 *chance, uint32_t process) {
	const struct sim_process_group *group = &cast->groups[process];
	struct sim_step step = {.process = process,
	                        .pause_ms = sim_processes_draw(chance, &group->pause_ms),
	                        .hold_ms = sim_processes_draw(chance, &group->hold_ms)};
	switch (group->role) {
	case SIM_ROLE_READER:
		step.kind = SIM_STEP_LOOK;
		step.looks = sim_processes_draw(chance, &group->looks);
		break;
	case SIM_ROLE_CHECKPOINTER:
		step.kind = SIM_STEP_CHECKPOINT;
		step.mode = sim_processes_draw_mode(chance, &group->modes);
		break;
	case SIM_ROLE_BACKUP:
		step.kind = SIM_STEP_BACKUP;
		step.pages = sim_processes_draw(chance, &group->pages);
		break;
	case SIM_ROLE_VACUUM:
		step.kind = SIM_STEP_VACUUM;
		break;
	case SIM_ROLE_CHECKER:
		step.kind = SIM_STEP_CHECK;
		break;
	case SIM_ROLE_SWITCHER:
		step.kind = SIM_STEP_SWITCH;
		step.journal_mode = sim_processes_draw_mode(chance, &group->modes);
		break;
	case SIM_ROLE_OPENER:
		sim_processes_draw_visit(cast->plan, chance, &step);
		break;
	case SIM_ROLE_COPIER:
		step.kind = SIM_STEP_VACUUM_INTO;
		break;
	case SIM_ROLE_WRITER:
	case SIM_ROLE_ENGINE:
	case SIM_ROLE_NONE:
	case SIM_ROLE_COUNT:
		return;
	}
	sim_processes_add_step(cast->plan, &step);
}

static void sim_processes_draw_steps(struct sim_processes_cast *cast, uint32_t process) {
	const struct sim_process_group *group = &cast->groups[process];
	struct sim_pcg32 chance;
	char concern[SIM_PROCESS_NAME_SIZE + 20];
	snprintf(concern, sizeof concern, "processes/%s", cast->plan->processes.members[process].name);
	sim_pcg32_derive(&chance, cast->plan->seed, concern);
	if (group->role == SIM_ROLE_WRITER) {
		return;
	}
	for (uint32_t left = sim_processes_draw(&chance, &group->steps); left > 0; left--) {
		sim_processes_draw_step(cast, &chance, process);
	}
}

void sim_processes_plan_draw_schedule(struct sim_plan *plan, const struct sim_processes_scenario *scenario,
                                      struct sim_pcg32 *chance) {
	if (scenario->schedule_count == 0) {
		sim_schedule_draw(&plan->processes.schedule, chance);
	} else {
		plan->processes.schedule = scenario->schedules[sim_pcg32_below(chance, scenario->schedule_count)];
		sim_schedule_close(&plan->processes.schedule, chance);
	}
}

static void sim_processes_draw_schedule(struct sim_plan *plan, const struct sim_processes_scenario *scenario) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "processes/schedule");
	sim_processes_plan_draw_schedule(plan, scenario, &chance);
}

/* Engines: the workload has made the steps. */
static void sim_processes_make_engines(struct sim_processes_cast *cast) {
	const struct sim_process_group *groups[SIM_PROCESSES_MAX];
	for (uint32_t i = 0; i < cast->plan->processes.count; i++) {
		groups[i] = &cast->groups[i];
	}
	sim_engines_plan_make(cast->plan, groups);
	sim_processes_draw_schedule(cast->plan, cast->scenario);
}

void sim_processes_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario) {
	struct sim_processes_cast cast = {.plan = plan, .scenario = scenario->processes};
	sim_processes_draw_members(&cast);
	if (scenario->sql == NULL) {
		sim_processes_make_engines(&cast);
		return;
	}
	plan->step_count = 0;
	sim_processes_draw_transactions(&cast, &scenario->workload);
	for (uint32_t process = 0; process < plan->processes.count; process++) {
		sim_processes_draw_steps(&cast, process);
	}
	sim_processes_draw_schedule(plan, scenario->processes);
}

/* One of the processes of a group, or the one of that name. */
void sim_processes_plan_aim(const struct sim_processes_plan *plan, const char *name, struct sim_pcg32 *chance,
                            char process[SIM_PROCESS_NAME_SIZE]) {
	uint32_t fitting[SIM_PROCESSES_MAX];
	uint32_t count = 0;
	size_t size = strlen(name);
	for (uint32_t i = 0; i < plan->count; i++) {
		const char *member = plan->members[i].name;
		if (strcmp(member, name) == 0 || (strncmp(member, name, size) == 0 && member[size] == '-')) {
			fitting[count++] = i;
		}
	}
	uint32_t picked = count > 1 ? sim_pcg32_below(chance, count) : 0;
	snprintf(process, SIM_PROCESS_NAME_SIZE, "%s", count > 0 ? plan->members[fitting[picked]].name : "");
}
