/* sim/plan/shrink.c: see shrink.h. The order: faults, then steps, then switches, then all again for
 * as long as that takes anything away, because what one needed may have been there for the other.
 * After A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
 * Transactions on Software Engineering 28 (2002): portions are halved down to single parts. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

/* A kind of parts that a plan has a list of. */
struct sim_shrink_list {
	size_t (*count)(const struct sim_plan *plan);
	/* Takes `count` parts from number `first` on away. */
	void (*take)(struct sim_plan *plan, size_t first, size_t count);
};

/* A plan owns its switches: each of the two has an array of its own, which is never moved. */
static void sim_shrink_copy(struct sim_plan *to, struct sim_switch *switches, const struct sim_plan *from) {
	*to = *from;
	to->processes.switches = switches;
	if (from->processes.switch_count > 0) {
		memcpy(switches, from->processes.switches, from->processes.switch_count * sizeof *switches);
	}
}

static void sim_shrink_begin(struct sim_shrink *shrink) {
	sim_shrink_copy(shrink->candidate, shrink->switches, shrink->plan);
}

static bool sim_shrink_try(struct sim_shrink *shrink) {
	if (shrink->runs >= shrink->runs_max) {
		return false;
	}
	shrink->runs++;
	if (!shrink->fails(shrink->context, shrink->candidate)) {
		return false;
	}
	sim_shrink_copy(shrink->plan, shrink->plan->processes.switches, shrink->candidate);
	return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static size_t sim_shrink_count_faults(const struct sim_plan *plan) {
	return plan->fault_count;
}

static void sim_shrink_take_faults(struct sim_plan *plan, size_t first, size_t count) {
	memmove(plan->faults + first, plan->faults + first + count,
	        (plan->fault_count - first - count) * sizeof plan->faults[0]);
	plan->fault_count -= (uint32_t)count;
}

static size_t sim_shrink_count_steps(const struct sim_plan *plan) {
	size_t count = 0;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		count += plan->steps[i].kind != SIM_STEP_NONE ? 1 : 0;
	}
	return count;
}

static void sim_shrink_take_steps(struct sim_plan *plan, size_t first, size_t count) {
	size_t number = 0;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].kind == SIM_STEP_NONE) {
			continue;
		}
		if (number >= first && number < first + count) {
			plan->steps[i].kind = SIM_STEP_NONE;
			plan->steps[i].argument = 0;
			plan->steps[i].more = 0;
		}
		number++;
	}
}

static size_t sim_shrink_count_switches(const struct sim_plan *plan) {
	return plan->processes.switch_count;
}

static void sim_shrink_take_switches(struct sim_plan *plan, size_t first, size_t count) {
	struct sim_processes_plan *processes = &plan->processes;
	memmove(processes->switches + first, processes->switches + first + count,
	        (processes->switch_count - first - count) * sizeof processes->switches[0]);
	processes->switch_count -= count;
}

static const struct sim_shrink_list sim_shrink_lists[] = {
        {sim_shrink_count_faults, sim_shrink_take_faults},
        {sim_shrink_count_steps, sim_shrink_take_steps},
        {sim_shrink_count_switches, sim_shrink_take_switches},
};

struct sim_shrink_size sim_shrink_measure(const struct sim_plan *plan) {
	return (struct sim_shrink_size){sim_shrink_count_faults(plan), sim_shrink_count_steps(plan),
	                                sim_shrink_count_switches(plan)};
}

/* ---- the search ------------------------------------------------------------------------------ */

/* One pass over a list with portions of one size, from its end: what comes after the failure goes
 * first. */
static bool sim_shrink_pass(struct sim_shrink *shrink, const struct sim_shrink_list *list, size_t portion) {
	bool smaller = false;
	size_t end = list->count(shrink->plan);
	while (end > 0 && shrink->runs < shrink->runs_max) {
		size_t count = portion < end ? portion : end;
		sim_shrink_begin(shrink);
		list->take(shrink->candidate, end - count, count);
		smaller = sim_shrink_try(shrink) || smaller;
		end -= count;
	}
	return smaller;
}

static bool sim_shrink_one_list(struct sim_shrink *shrink, const struct sim_shrink_list *list) {
	bool smaller = false;
	size_t portion = list->count(shrink->plan);
	while (portion > 0) {
		smaller = sim_shrink_pass(shrink, list, portion) || smaller;
		portion /= 2;
	}
	return smaller;
}

/* ---- the ends of a plan ---------------------------------------------------------------------- */

/* How many steps there are up to the last that does something or that a fault waits for. */
static uint32_t sim_shrink_used_steps(const struct sim_plan *plan) {
	uint32_t used = 1;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		used = plan->steps[i].kind != SIM_STEP_NONE ? i + 1 : used;
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		const struct sim_fault *fault = &plan->faults[i];
		bool later = fault->moment == SIM_MOMENT_STEP && fault->moment_number >= used;
		used = later ? fault->moment_number + 1 : used;
	}
	return used < plan->step_count ? used : plan->step_count;
}

/* The same of the reports; those that no step sends are sent when the world heals. What else names
 * reports needs them all. */
static uint32_t sim_shrink_used_reports(const struct sim_plan *plan) {
	uint32_t used = 1;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct sim_step *step = &plan->steps[i];
		const struct sim_step_row *row = sim_plan_step_row(step->kind);
		bool alone = row->more == SIM_STEP_NO_MORE || row->more == SIM_STEP_SPOILING;
		bool sends = row->argument == SIM_STEP_REPORT && alone;
		bool names = row->argument == SIM_STEP_REPORT && !alone;
		used = sends && step->report >= used ? step->report + 1 : used;
		used = names ? plan->report_count : used;
	}
	return used < plan->report_count ? used : plan->report_count;
}

static void sim_shrink_cut_reports(struct sim_shrink *shrink) {
	struct sim_plan *candidate = shrink->candidate;
	sim_shrink_begin(shrink);
	candidate->report_count = sim_shrink_used_reports(shrink->plan);
	candidate->order_count = 0;
	for (uint32_t i = 0; i < candidate->report_count; i++) {
		uint32_t order = candidate->reports[i].order;
		candidate->order_count = order >= candidate->order_count ? order + 1 : candidate->order_count;
	}
	if (candidate->report_count < shrink->plan->report_count) {
		sim_shrink_try(shrink);
	}
}

/* Operations that no step does; the last that is left is the one that the world heals with. */
static void sim_shrink_cut_operations(struct sim_shrink *shrink) {
	const struct sim_program_plan *from = &shrink->plan->program;
	struct sim_plan *candidate = shrink->candidate;
	sim_shrink_begin(shrink);
	candidate->program.operation_count = 0;
	for (uint32_t i = 0; i < candidate->step_count; i++) {
		struct sim_step *step = &candidate->steps[i];
		if (step->kind == SIM_STEP_OPERATION) {
			candidate->program.operations[candidate->program.operation_count] =
			        from->operations[step->operation];
			step->operation = candidate->program.operation_count++;
		}
	}
	if (candidate->program.operation_count > 0 && candidate->program.operation_count < from->operation_count) {
		sim_shrink_try(shrink);
	}
}

static void sim_shrink_cut(struct sim_shrink *shrink) {
	sim_shrink_begin(shrink);
	shrink->candidate->step_count = sim_shrink_used_steps(shrink->plan);
	if (shrink->candidate->step_count < shrink->plan->step_count) {
		sim_shrink_try(shrink);
	}
	if (sim_plan_is_of_orders(shrink->plan)) {
		sim_shrink_cut_reports(shrink);
	} else if (shrink->plan->program.is_one) {
		sim_shrink_cut_operations(shrink);
	}
}

bool sim_shrink(struct sim_shrink *shrink) {
	bool smaller = true;
	size_t switches = shrink->plan->processes.switch_count;
	shrink->candidate = malloc(sizeof *shrink->candidate);
	shrink->switches = malloc((switches + 1) * sizeof *shrink->switches);
	if (shrink->candidate == NULL || shrink->switches == NULL) {
		smaller = false;
	}
	bool made = smaller;
	while (smaller && shrink->runs < shrink->runs_max) {
		smaller = false;
		for (size_t i = 0; i < sizeof sim_shrink_lists / sizeof sim_shrink_lists[0]; i++) {
			smaller = sim_shrink_one_list(shrink, &sim_shrink_lists[i]) || smaller;
		}
	}
	if (made) {
		sim_shrink_cut(shrink);
	}
	free(shrink->candidate);
	free(shrink->switches);
	shrink->candidate = NULL;
	shrink->switches = NULL;
	return made;
}
