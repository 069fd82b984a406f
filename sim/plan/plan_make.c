/* sim/plan/plan_make.c: draws settings and faults, and has the rest drawn. Each concern has its own
 * stream of chance, so that a new draw in one place leaves all others as they are. */
#include "plan_make.h"

#include "pcg.h"
#include "plan_phase.h"
#include "processes_plan.h"
#include "program_plan.h"
#include "sql_plan.h"
#include "workload.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static uint64_t sim_plan_choose(struct sim_pcg32 *chance, const struct sim_choices *choices) {
	assert(choices->count > 0 && choices->count <= SIM_CHOICES_MAX);
	return choices->values[sim_pcg32_below(chance, choices->count)];
}

static void sim_plan_draw_settings(struct sim_plan *plan, const struct sim_scenario *scenario) {
	struct sim_pcg32 chance;
	struct sim_settings *settings = &plan->settings;
	sim_pcg32_derive(&chance, plan->seed, "settings");
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		const struct sim_setting_row *row = sim_setting_row(i);
		const struct sim_choices *choices = &scenario->settings[i];
		bool drawn = row->section != NULL && !row->single;
		sim_setting_row_set(row, settings, drawn ? sim_plan_choose(&chance, choices) : choices->values[0]);
	}
	memcpy(settings->demanded, scenario->demanded, sizeof settings->demanded);
	settings->demands_files_together = scenario->demands_files_together;
	settings->demands_locks = scenario->demands_locks;
}

/* The number of the n-th set bit drawn from a mask; 0 when the mask is empty. */
static uint32_t sim_plan_draw_bit(struct sim_pcg32 *chance, uint32_t mask) {
	uint32_t skip = sim_pcg32_below(chance, (uint32_t)__builtin_popcount(mask));
	for (uint32_t bit = 0; bit < 32; bit++) {
		if ((mask & (1u << bit)) != 0 && skip-- == 0) {
			return bit;
		}
	}
	return 0;
}

static enum vfs_effect sim_plan_draw_effect(struct sim_pcg32 *chance, const struct sim_fault_group *group,
                                            const struct sim_fault *fault) {
	const struct sim_fault_row *row = sim_fault_row(group->kind);
	uint32_t fitting = 0;
	for (uint32_t effect = VFS_EFFECT_BEFORE; effect < VFS_EFFECT_COUNT; effect++) {
		bool wanted = group->effects == 0 || (group->effects & (1u << effect)) != 0;
		bool fits = fault->method == VFS_METHOD_NONE
		                    ? (row->effects & (1u << effect)) != 0
		                    : sim_fault_effect_fits(group->kind, fault->method, (enum vfs_effect)effect);
		fitting |= wanted && fits ? 1u << effect : 0u;
	}
	return fitting == 0 ? VFS_EFFECT_BEFORE : (enum vfs_effect)sim_plan_draw_bit(chance, fitting);
}

/* The first start before which the group may strike, and the last. Damage needs a life before it,
 * so it never takes start 0. */
static void sim_plan_starts(const struct sim_fault_group *group, uint32_t *first, uint32_t *last) {
	enum sim_fault_place place = sim_fault_row(group->kind)->place;
	bool is_damage = place == SIM_PLACE_START && sim_fault_is_of_bytes(group->kind);
	*first = place == SIM_PLACE_START || place == SIM_PLACE_COPY ? 1 : 0;
	*last = is_damage ? 2 : 4;
}

/* The moment: any step, or one of the first starts. */
static void sim_plan_draw_moment(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                 const struct sim_fault_group *group, struct sim_fault *fault) {
	uint32_t first = 0;
	uint32_t last = 0;
	sim_plan_starts(group, &first, &last);
	fault->moment = (enum sim_moment)sim_plan_draw_bit(chance, group->moments);
	if (fault->moment == SIM_MOMENT_STEP) {
		fault->moment_number = sim_pcg32_below(chance, plan->step_count);
	} else {
		fault->moment_number = (uint32_t)sim_pcg32_between(chance, first, last);
	}
}

/* One of the codes of the group that the fault's method and effect can have. Nothing is drawn when
 * there is no choice. */
static int sim_plan_draw_code(struct sim_pcg32 *chance, const struct sim_fault_group *group,
                              const struct sim_fault *fault) {
	int fitting[SIM_CHOICES_MAX];
	uint32_t count = 0;
	char why[SIM_FAULT_TEXT_SIZE];
	for (uint32_t i = 0; i < group->codes.count; i++) {
		struct sim_fault candidate = *fault;
		candidate.code = (int)group->codes.values[i];
		if (sim_fault_check(&candidate, why, sizeof why)) {
			fitting[count++] = candidate.code;
		}
	}
	return count == 0 ? 0 : count == 1 ? fitting[0] : fitting[sim_pcg32_below(chance, count)];
}

static void sim_plan_draw_fault(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                const struct sim_fault_group *group, struct sim_fault *fault) {
	const struct sim_fault_row *row = sim_fault_row(group->kind);
	*fault = (struct sim_fault){.kind = group->kind, .times = 1, .aim = group->aim};
	fault->method = (enum vfs_method)sim_plan_draw_bit(chance, group->methods);
	bool needs_file = row->place == SIM_PLACE_START || row->place == SIM_PLACE_COPY;
	fault->file_kind = (enum vfs_file_kind)sim_plan_draw_bit(
	        chance, needs_file && group->files == 0 ? row->files : group->files);
	sim_plan_draw_moment(chance, plan, group, fault);
	fault->operation = (uint32_t)sim_settings_draw(chance, &group->operations);
	if (row->effects != 0) {
		fault->effect = sim_plan_draw_effect(chance, group, fault);
	}
	if (row->uses_times) {
		fault->times = (uint32_t)sim_settings_draw(chance, &group->times);
	}
	if (row->uses_duration) {
		fault->duration_ns = sim_settings_draw(chance, &group->duration_ms) * 1000000u;
	}
	if (group->kind == SIM_FAULT_CAPACITY) {
		fault->bytes = sim_settings_draw(chance, &group->bytes);
	} else if (row->uses_bytes) {
		fault->bytes = sim_pcg32_below(chance, 65536);
	}
	if (row->uses_mask) {
		fault->mask = 1u << sim_pcg32_below(chance, 8);
	}
	fault->code = sim_plan_draw_code(chance, group, fault);
	if (group->process[0] != '\0') {
		sim_processes_plan_aim(&plan->processes, group->process, chance, fault->process);
	}
}

static void sim_plan_draw_faults(struct sim_plan *plan, const struct sim_scenario *scenario) {
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		struct sim_pcg32 chance;
		struct sim_pcg32 phase_chance;
		char concern[32];
		snprintf(concern, sizeof concern, "faults/%u", i);
		sim_pcg32_derive(&chance, plan->seed, concern);
		snprintf(concern, sizeof concern, "phases/%u", i);
		sim_pcg32_derive(&phase_chance, plan->seed, concern);
		/* Another book is another one only to who vouches for this one. */
		bool is_known = group->kind != SIM_FAULT_OTHER_BOOK || plan->settings.vouches;
		bool on = sim_pcg32_percent(&chance, group->chance_percent) && is_known;
		uint64_t count = sim_settings_draw(&chance, &group->count);
		for (; on && count > 0 && plan->fault_count < SIM_PLAN_FAULTS_MAX; count--) {
			struct sim_fault *fault = &plan->faults[plan->fault_count++];
			sim_plan_draw_fault(&chance, plan, group, fault);
			sim_plan_phase_aim(&phase_chance, plan, group, fault);
		}
	}
}

bool sim_plan_add_fault(struct sim_plan *plan, const struct sim_scenario *scenario, struct sim_pcg32 *chance) {
	if (scenario->fault_group_count == 0 || plan->fault_count == SIM_PLAN_FAULTS_MAX) {
		return false;
	}
	uint32_t number = sim_pcg32_below(chance, scenario->fault_group_count);
	const struct sim_fault_group *group = &scenario->fault_groups[number];
	if (group->kind == SIM_FAULT_OTHER_BOOK && !plan->settings.vouches) {
		return false;
	}
	struct sim_fault *fault = &plan->faults[plan->fault_count++];
	sim_plan_draw_fault(chance, plan, group, fault);
	sim_plan_phase_aim(chance, plan, group, fault);
	return true;
}

/* Whether a scenario leaves the setting to the seed. */
static bool sim_plan_is_drawn(const struct sim_scenario *scenario, uint32_t number) {
	const struct sim_setting_row *row = sim_setting_row(number);
	return row->section != NULL && !row->single && scenario->settings[number].count > 1;
}

bool sim_plan_redraw_setting(struct sim_plan *plan, const struct sim_scenario *scenario, struct sim_pcg32 *chance) {
	uint32_t count = 0;
	uint32_t number = 0;
	for (uint32_t i = 0; i < sim_setting_row_count(); i++) {
		count += sim_plan_is_drawn(scenario, i);
	}
	if (count == 0) {
		return false;
	}
	for (uint32_t skip = sim_pcg32_below(chance, count); !sim_plan_is_drawn(scenario, number) || skip-- > 0;) {
		number++;
	}
	const struct sim_setting_row *row = sim_setting_row(number);
	uint64_t before = sim_setting_row_get(row, &plan->settings);
	sim_setting_row_set(row, &plan->settings, sim_plan_choose(chance, &scenario->settings[number]));
	return sim_setting_row_get(row, &plan->settings) != before;
}

void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed) {
	memset(plan->scenario, 0, sizeof plan->scenario);
	snprintf(plan->scenario, sizeof plan->scenario, "%s%s%s", scenario->name, scenario->cell[0] != '\0' ? ":" : "",
	         scenario->cell);
	struct sim_small small = {0};
	memcpy(plan->vfs_path, scenario->vfs_path, sizeof plan->vfs_path);
	plan->seed = seed;
	if (scenario->workload.enumerate > 0) {
		small = sim_small_of_seed(scenario, seed);
		plan->seed = sim_small_chance(scenario, seed);
	}
	plan->fault_count = 0;
	memset(&plan->processes, 0, sizeof plan->processes);
	memset(&plan->trader, 0, sizeof plan->trader);
	/* Nothing of the plan that was here before, of whatever kind it was. */
	plan->accounts = 0;
	plan->has_days = plan->reuses_orders = false;
	sim_plan_draw_settings(plan, scenario);
	plan->sql_scenario = NULL;
	if (plan->program.is_one) {
		memset(&plan->program, 0, sizeof plan->program);
	}
	if (scenario->sql != NULL) {
		sim_sql_plan_make(plan, scenario, &small);
	} else if (sim_scenario_is_of_program(scenario)) {
		sim_program_plan_make(plan, scenario);
	} else {
		sim_workload_make(plan, &scenario->workload, &small);
		plan->trader.exchange_only = scenario->exchange_judges;
	}
	if (scenario->processes != NULL) {
		sim_processes_plan_make(plan, scenario);
	}
	sim_plan_draw_faults(plan, scenario);
	sim_plan_assert(plan);
}
