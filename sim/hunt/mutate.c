/* sim/hunt/mutate.c: see mutate.h. Settings, faults, steps, transactions, pauses and schedule; then
 * what comes from a donor. */
#include "mutate.h"

#include "plan_make.h"
#include "processes_plan.h"
#include "sql_plan.h"

#include <assert.h>
#include <string.h>

#define SIM_MUTATE_WAYS_MOST 16u
#define SIM_MUTATE_REPEATED_MOST 32u

static uint32_t sim_mutate_below(struct sim_mutation *mutation, uint32_t bound) {
	return sim_pcg32_below(&mutation->chance, bound);
}

static bool sim_mutate_has_processes(const struct sim_mutation *mutation) {
	return mutation->plan->processes.count > 0;
}

/* ---- chance, settings ------------------------------------------------------------------------ */

/* What the run draws while it goes on: turns, what survives, SQLite's own. */
static bool sim_mutate_seed(struct sim_mutation *mutation) {
	uint64_t high = sim_pcg32_next(&mutation->chance);
	mutation->plan->seed = high << 32 | sim_pcg32_next(&mutation->chance);
	return true;
}

static bool sim_mutate_setting(struct sim_mutation *mutation) {
	return sim_plan_redraw_setting(mutation->plan, mutation->scenario, &mutation->chance);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static struct sim_fault *sim_mutate_any_fault(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	return plan->fault_count == 0 ? NULL : &plan->faults[sim_mutate_below(mutation, plan->fault_count)];
}

static bool sim_mutate_fault_new(struct sim_mutation *mutation) {
	return sim_plan_add_fault(mutation->plan, mutation->scenario, &mutation->chance);
}

static bool sim_mutate_fault_gone(struct sim_mutation *mutation) {
	struct sim_fault *fault = sim_mutate_any_fault(mutation);
	if (fault != NULL) {
		*fault = mutation->plan->faults[--mutation->plan->fault_count];
	}
	return fault != NULL;
}

/* At another of its operations. */
static bool sim_mutate_fault_place(struct sim_mutation *mutation) {
	struct sim_fault *fault = sim_mutate_any_fault(mutation);
	if (fault == NULL) {
		return false;
	}
	uint32_t *number =
	        fault->phase != VFS_PHASE_NONE && fault->occurrence > 0 ? &fault->occurrence : &fault->operation;
	uint32_t before = *number;
	uint32_t change = (uint32_t)sim_pcg32_heavy(&mutation->chance, 1, 64);
	*number = sim_pcg32_percent(&mutation->chance, 50) ? before + change : before > change ? before - change : 1;
	return *number != before;
}

static bool sim_mutate_fault_moment(struct sim_mutation *mutation) {
	struct sim_fault *fault = sim_mutate_any_fault(mutation);
	if (fault == NULL || fault->moment != SIM_MOMENT_STEP) {
		return false;
	}
	fault->moment_number = sim_mutate_below(mutation, mutation->plan->step_count);
	return true;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Steps that may be done once more, and anywhere: what the exchange sends has its order. */
static bool sim_mutate_is_free(const struct sim_mutation *mutation, const struct sim_step *step) {
	if (mutation->plan->sql_scenario == NULL) {
		return step->kind == SIM_STEP_RESTART || step->kind == SIM_STEP_CHECKPOINT ||
		       step->kind == SIM_STEP_LOOK;
	}
	return step->kind != SIM_STEP_NONE;
}

/* Room for `count` steps at `at`; the faults of those behind it go with them. */
static bool sim_mutate_make_room(struct sim_plan *plan, uint32_t at, uint32_t count) {
	if (plan->step_count + count > SIM_PLAN_STEPS_MAX) {
		return false;
	}
	memmove(plan->steps + at + count, plan->steps + at, (plan->step_count - at) * sizeof plan->steps[0]);
	plan->step_count += count;
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		bool behind = plan->faults[i].moment == SIM_MOMENT_STEP && plan->faults[i].moment_number >= at;
		plan->faults[i].moment_number += behind ? count : 0;
	}
	return true;
}

/* Some steps in a row, of whomever. */
static bool sim_mutate_steps_gone(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	uint32_t first = sim_mutate_below(mutation, plan->step_count);
	uint32_t count = (uint32_t)sim_pcg32_heavy(&mutation->chance, 1, plan->step_count);
	bool changed = false;
	for (uint32_t i = first; i < plan->step_count && i - first < count; i++) {
		changed = changed || plan->steps[i].kind != SIM_STEP_NONE;
		plan->steps[i] = (struct sim_step){.process = plan->steps[i].process};
	}
	return changed;
}

/* One step over and over: so upkeep is done when there is nothing to do. */
static bool sim_mutate_step_again(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	uint32_t from = sim_mutate_below(mutation, plan->step_count);
	struct sim_step step = plan->steps[from];
	uint32_t count = (uint32_t)sim_pcg32_heavy(&mutation->chance, 1, SIM_MUTATE_REPEATED_MOST);
	uint32_t at = sim_pcg32_percent(&mutation->chance, 50) ? from : sim_mutate_below(mutation, plan->step_count);
	if (!sim_mutate_is_free(mutation, &step) || !sim_mutate_make_room(plan, at, count)) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		plan->steps[at + i] = step;
	}
	return true;
}

/* By another process of the same role. */
static bool sim_mutate_step_by(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	struct sim_step *step = &plan->steps[sim_mutate_below(mutation, plan->step_count)];
	if (!sim_mutate_has_processes(mutation) || plan->sql_scenario == NULL) {
		return false;
	}
	uint32_t other = sim_mutate_below(mutation, plan->processes.count);
	bool fits = plan->processes.members[other].role == plan->processes.members[step->process].role;
	bool changed = fits && other != step->process;
	step->process = fits ? other : step->process;
	return changed;
}

/* What one step does, as another step of that kind does it: a mode, a number of looks or pages. */
static bool sim_mutate_step_argument(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	struct sim_step *step = &plan->steps[sim_mutate_below(mutation, plan->step_count)];
	const struct sim_plan *from = sim_pcg32_percent(&mutation->chance, 50) ? mutation->donor : plan;
	const struct sim_step *other = &from->steps[sim_mutate_below(mutation, from->step_count)];
	enum sim_step_argument argument = sim_plan_step_argument(step->kind, sim_plan_owners(plan));
	bool is_number = argument == SIM_STEP_LOOKS || argument == SIM_STEP_PAGES ||
	                 argument == SIM_STEP_CHECKPOINT_MODE || argument == SIM_STEP_JOURNAL_MODE;
	if (!is_number || other->kind != step->kind || other->argument == step->argument) {
		return false;
	}
	step->argument = other->argument;
	return true;
}

/* The first steps alone: a short run is a cheap one. */
static bool sim_mutate_end_gone(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	uint32_t count = plan->step_count / 2 + 1 + sim_mutate_below(mutation, plan->step_count / 2 + 1);
	if (count >= plan->step_count) {
		return false;
	}
	plan->step_count = count;
	for (uint32_t i = plan->fault_count; i-- > 0;) {
		if (plan->faults[i].moment == SIM_MOMENT_STEP && plan->faults[i].moment_number >= count) {
			plan->faults[i] = plan->faults[--plan->fault_count];
		}
	}
	return true;
}

/* ---- transactions of SQL --------------------------------------------------------------------- */

static bool sim_mutate_transaction(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	if (plan->sql_scenario == NULL) {
		return false;
	}
	uint32_t number = sim_mutate_below(mutation, plan->sql.transaction_count);
	sim_sql_plan_draw_transaction(plan, &mutation->chance, &plan->sql.transactions[number]);
	return true;
}

static bool sim_mutate_transaction_new(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	uint32_t at = sim_mutate_below(mutation, plan->step_count);
	struct sim_step step = {.kind = SIM_STEP_TRANSACTION, .process = plan->steps[at].process};
	enum sim_role role = plan->processes.members[step.process].role;
	bool fits = !sim_mutate_has_processes(mutation) || role == SIM_ROLE_WRITER || role == SIM_ROLE_OPENER;
	if (plan->sql_scenario == NULL || !fits || plan->sql.transaction_count == SIM_SQL_TRANSACTIONS_MAX ||
	    !sim_mutate_make_room(plan, at, 1)) {
		return false;
	}
	step.transaction = plan->sql.transaction_count++;
	plan->sql.transactions[step.transaction] = (struct sim_sql_transaction){0};
	sim_sql_plan_draw_transaction(plan, &mutation->chance, &plan->sql.transactions[step.transaction]);
	plan->steps[at] = step;
	return true;
}

/* Each commit is looked at, and each start checked: what nobody reads is not seen. */
static bool sim_mutate_looks(struct sim_mutation *mutation) {
	struct sim_sql_plan *sql = &mutation->plan->sql;
	bool changed = mutation->plan->sql_scenario != NULL && sql->checked_starts != UINT64_MAX;
	for (uint32_t i = 0; changed && i < sql->transaction_count; i++) {
		sql->transactions[i].looks = true;
	}
	sql->checked_starts = changed ? UINT64_MAX : sql->checked_starts;
	return changed;
}

/* ---- times and turns of several processes ---------------------------------------------------- */

/* Of one process, or of all: they meet more often without. */
static bool sim_mutate_pauses(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	uint32_t one = sim_mutate_below(mutation, plan->processes.count + 1);
	uint32_t most = sim_pcg32_percent(&mutation->chance, 50) ? 0 : 8;
	bool changed = false;
	for (uint32_t i = 0; sim_mutate_has_processes(mutation) && i < plan->step_count; i++) {
		struct sim_step *step = &plan->steps[i];
		uint32_t pause_ms = step->kind == SIM_STEP_NONE ? 0 : sim_mutate_below(mutation, most + 1);
		if (one == plan->processes.count || step->process == one) {
			changed = changed || step->pause_ms != pause_ms;
			step->pause_ms = pause_ms;
		}
	}
	return changed;
}

static bool sim_mutate_schedule(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	if (!sim_mutate_has_processes(mutation) || plan->processes.schedule.strategy == SIM_STRATEGY_RECORDED) {
		return false;
	}
	sim_processes_plan_draw_schedule(plan, mutation->scenario->processes, &mutation->chance);
	return true;
}

/* ---- from a donor ---------------------------------------------------------------------------- */

static bool sim_mutate_donor_settings(struct sim_mutation *mutation) {
	mutation->plan->settings = mutation->donor->settings;
	return true;
}

/* Some of its faults, at the steps that they have there. */
static bool sim_mutate_donor_faults(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	const struct sim_plan *donor = mutation->donor;
	bool changed = false;
	for (uint32_t i = 0; i < donor->fault_count && plan->fault_count < SIM_PLAN_FAULTS_MAX; i++) {
		if (sim_pcg32_percent(&mutation->chance, 50)) {
			plan->faults[plan->fault_count++] = donor->faults[i];
			changed = true;
		}
	}
	return changed;
}

static bool sim_mutate_donor_schedule(struct sim_mutation *mutation) {
	const struct sim_processes_plan *donor = &mutation->donor->processes;
	struct sim_processes_plan *own = &mutation->plan->processes;
	if (own->count == 0 || own->schedule.strategy == SIM_STRATEGY_RECORDED ||
	    donor->schedule.strategy == SIM_STRATEGY_RECORDED) {
		return false;
	}
	own->schedule = donor->schedule;
	mutation->plan->seed = mutation->donor->seed;
	return true;
}

/* Whether both have the same processes. */
static bool sim_mutate_is_same_cast(const struct sim_plan *plan, const struct sim_plan *donor) {
	bool same = plan->processes.count == donor->processes.count;
	for (uint32_t i = 0; same && i < plan->processes.count; i++) {
		same = strcmp(plan->processes.members[i].name, donor->processes.members[i].name) == 0;
	}
	return same;
}

/* A step of the donor as one of this plan. False: there is no room for its transaction. */
static bool sim_mutate_take_step(struct sim_plan *plan, const struct sim_plan *donor, struct sim_step step,
                                 uint32_t at) {
	struct sim_sql_plan *sql = &plan->sql;
	if (step.kind == SIM_STEP_TRANSACTION) {
		if (sql->transaction_count == SIM_SQL_TRANSACTIONS_MAX) {
			return false;
		}
		sql->transactions[sql->transaction_count] = donor->sql.transactions[step.transaction];
		step.transaction = sql->transaction_count++;
	}
	plan->steps[at] = step;
	return true;
}

/* The end of the donor's steps behind the beginning of these. */
static bool sim_mutate_donor_steps(struct sim_mutation *mutation) {
	struct sim_plan *plan = mutation->plan;
	const struct sim_plan *donor = mutation->donor;
	bool fits = plan->sql_scenario != NULL && plan->sql_scenario == donor->sql_scenario &&
	            sim_mutate_is_same_cast(plan, donor);
	if (!fits) {
		return false;
	}
	uint32_t kept = sim_mutate_below(mutation, plan->step_count + 1);
	uint32_t next = sim_mutate_below(mutation, donor->step_count);
	while (next < donor->step_count && kept < SIM_PLAN_STEPS_MAX &&
	       sim_mutate_take_step(plan, donor, donor->steps[next], kept)) {
		next++;
		kept++;
	}
	plan->step_count = kept > 0 ? kept : plan->step_count;
	return kept > 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

struct sim_mutate_way {
	const char *name;
	bool (*apply)(struct sim_mutation *mutation);
	uint32_t weight;
};

static const struct sim_mutate_way sim_mutate_ways[] = {
        {"seed", sim_mutate_seed, 6},
        {"setting", sim_mutate_setting, 2},
        {"fault-new", sim_mutate_fault_new, 3},
        {"fault-gone", sim_mutate_fault_gone, 2},
        {"fault-place", sim_mutate_fault_place, 3},
        {"fault-moment", sim_mutate_fault_moment, 3},
        {"steps-gone", sim_mutate_steps_gone, 2},
        {"step-again", sim_mutate_step_again, 3},
        {"step-by", sim_mutate_step_by, 1},
        {"step-argument", sim_mutate_step_argument, 2},
        {"end-gone", sim_mutate_end_gone, 2},
        {"transaction", sim_mutate_transaction, 3},
        {"transaction-new", sim_mutate_transaction_new, 3},
        {"looks", sim_mutate_looks, 1},
        {"pauses", sim_mutate_pauses, 2},
        {"schedule", sim_mutate_schedule, 3},
        {"donor-settings", sim_mutate_donor_settings, 1},
        {"donor-faults", sim_mutate_donor_faults, 1},
        {"donor-schedule", sim_mutate_donor_schedule, 1},
        {"donor-steps", sim_mutate_donor_steps, 3},
};
#define SIM_MUTATE_WAYS (sizeof sim_mutate_ways / sizeof sim_mutate_ways[0])

/* A fault names a step that there is, a process of this plan, and what the settings allow. Branches
 * are for one process. */
static void sim_mutate_mend(struct sim_plan *plan) {
	for (uint32_t i = plan->fault_count; i-- > 0;) {
		const struct sim_fault *fault = &plan->faults[i];
		bool is_there = fault->moment != SIM_MOMENT_STEP || fault->moment_number < plan->step_count;
		bool is_named = fault->process[0] == '\0' ||
		                sim_plan_find_process(&plan->processes, fault->process) != SIM_PROCESSES_MAX;
		bool is_known = fault->kind != SIM_FAULT_OTHER_BOOK || plan->settings.vouches;
		if (!is_there || !is_named || !is_known) {
			plan->faults[i] = plan->faults[--plan->fault_count];
		}
	}
	sim_plan_assert(plan);
}

static const struct sim_mutate_way *sim_mutate_draw_way(struct sim_mutation *mutation) {
	uint32_t sum = 0;
	for (size_t i = 0; i < SIM_MUTATE_WAYS; i++) {
		sum += sim_mutate_ways[i].weight;
	}
	uint32_t pick = sim_mutate_below(mutation, sum);
	const struct sim_mutate_way *way = sim_mutate_ways;
	while (pick >= way->weight) {
		pick -= way->weight;
		way++;
	}
	return way;
}

void sim_mutate(struct sim_mutation *mutation) {
	assert(mutation->plan->step_count > 0 && mutation->donor->step_count > 0);
	for (uint64_t ways = sim_pcg32_heavy(&mutation->chance, 1, SIM_MUTATE_WAYS_MOST); ways > 0; ways--) {
		sim_mutate_draw_way(mutation)->apply(mutation);
		sim_mutate_mend(mutation->plan);
	}
}

const char *const *sim_mutate_names(void) {
	static const char *names[SIM_MUTATE_WAYS + 1];
	for (size_t i = 0; i < SIM_MUTATE_WAYS; i++) {
		names[i] = sim_mutate_ways[i].name;
	}
	return names;
}

bool sim_mutate_in_way(struct sim_mutation *mutation, const char *name) {
	for (size_t i = 0; i < SIM_MUTATE_WAYS; i++) {
		if (strcmp(sim_mutate_ways[i].name, name) == 0) {
			bool changed = sim_mutate_ways[i].apply(mutation);
			sim_mutate_mend(mutation->plan);
			return changed;
		}
	}
	return false;
}
