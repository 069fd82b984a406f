/* sim/shrink.c: see shrink.h. The order: faults, then steps, then both again for as long as that takes anything away, because what one
 * needed may have been there for the other. After A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
 * IEEE Transactions on Software Engineering 28 (2002): portions are halved down to single parts. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

/* A kind of parts that a plan has a list of. */
struct sim_shrink_list {
	size_t (*count)(const struct sim_plan *plan);
	/* Takes `count` parts from number `first` on away. */
	void (*take)(struct sim_plan *plan, size_t first, size_t count);
};

static bool sim_shrink_try(struct sim_shrink *shrink) {
	if (shrink->runs >= shrink->runs_max) {
		return false;
	}
	shrink->runs++;
	if (!shrink->fails(shrink->context, shrink->candidate)) {
		return false;
	}
	*shrink->plan = *shrink->candidate;
	return true;
}

/* ---- lists ----------------------------------------------------------------------------------------------------------- */

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
			plan->steps[i].report = 0;
			plan->steps[i].count = 0;
		}
		number++;
	}
}

static const struct sim_shrink_list sim_shrink_lists[] = {
        {sim_shrink_count_faults, sim_shrink_take_faults},
        {sim_shrink_count_steps, sim_shrink_take_steps},
};

struct sim_shrink_size sim_shrink_measure(const struct sim_plan *plan) {
	return (struct sim_shrink_size){sim_shrink_count_faults(plan), sim_shrink_count_steps(plan)};
}

/* ---- the search ------------------------------------------------------------------------------------------------------ */

/* One pass over a list with portions of one size, from its end: what comes after the failure goes first. */
static bool sim_shrink_pass(struct sim_shrink *shrink, const struct sim_shrink_list *list, size_t portion) {
	bool smaller = false;
	size_t end = list->count(shrink->plan);
	while (end > 0 && shrink->runs < shrink->runs_max) {
		size_t count = portion < end ? portion : end;
		*shrink->candidate = *shrink->plan;
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

/* ---- the ends of a plan ---------------------------------------------------------------------------------------------- */

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

/* The same of the reports; those that no step sends are sent when the world heals. */
static uint32_t sim_shrink_used_reports(const struct sim_plan *plan) {
	uint32_t used = 1;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct sim_step *step = &plan->steps[i];
		bool sends = step->kind == SIM_STEP_DELIVER || step->kind == SIM_STEP_AGAIN ||
		             step->kind == SIM_STEP_WAKE || step->kind == SIM_STEP_TRADE;
		used = sends && step->report >= used ? step->report + 1 : used;
		/* A batch says by itself how many it sends. */
		used = step->kind == SIM_STEP_BATCH ? plan->report_count : used;
	}
	return used < plan->report_count ? used : plan->report_count;
}

static void sim_shrink_cut(struct sim_shrink *shrink) {
	*shrink->candidate = *shrink->plan;
	shrink->candidate->step_count = sim_shrink_used_steps(shrink->plan);
	if (shrink->candidate->step_count < shrink->plan->step_count) {
		sim_shrink_try(shrink);
	}
	if (shrink->plan->sql_scenario != NULL) {
		return;
	}
	*shrink->candidate = *shrink->plan;
	shrink->candidate->report_count = sim_shrink_used_reports(shrink->plan);
	if (shrink->candidate->report_count < shrink->plan->report_count) {
		sim_shrink_try(shrink);
	}
}

bool sim_shrink(struct sim_shrink *shrink) {
	bool smaller = true;
	shrink->runs = 0;
	shrink->candidate = malloc(sizeof *shrink->candidate);
	if (shrink->candidate == NULL) {
		return false;
	}
	while (smaller && shrink->runs < shrink->runs_max) {
		smaller = false;
		for (size_t i = 0; i < sizeof sim_shrink_lists / sizeof sim_shrink_lists[0]; i++) {
			smaller = sim_shrink_one_list(shrink, &sim_shrink_lists[i]) || smaller;
		}
	}
	sim_shrink_cut(shrink);
	free(shrink->candidate);
	shrink->candidate = NULL;
	return true;
}
