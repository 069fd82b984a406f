/* sim/plan.c: draws settings and faults. Each concern has its own stream, so that a new draw in one place leaves all others
 * as they are. */
#include "plan.h"

#include "pcg.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static uint64_t sim_plan_choose(struct sim_pcg32 *chance, const struct sim_choices *choices) {
	assert(choices->count > 0 && choices->count <= SIM_CHOICES_MAX);
	return choices->values[sim_pcg32_below(chance, choices->count)];
}

static void sim_plan_draw_settings(struct sim_plan *plan, const struct sim_scenario *scenario) {
	struct sim_pcg32 chance;
	struct sim_settings *settings = &plan->settings;
	sim_pcg32_derive(&chance, plan->seed, "settings");
	settings->protocol = (enum sim_protocol)sim_plan_choose(&chance, &scenario->protocol);
	settings->journal_mode = (enum sim_journal_mode)sim_plan_choose(&chance, &scenario->journal_mode);
	settings->synchronous = (enum sim_synchronous)sim_plan_choose(&chance, &scenario->synchronous);
	settings->page_size_bytes = (uint32_t)sim_plan_choose(&chance, &scenario->page_size_bytes);
	settings->cache_pages = (uint32_t)sim_plan_choose(&chance, &scenario->cache_pages);
	settings->checkpoint_frames = (uint32_t)sim_plan_choose(&chance, &scenario->checkpoint_frames);
	settings->busy_timeout_ms = (uint32_t)sim_plan_choose(&chance, &scenario->busy_timeout_ms);
	settings->sector_size_bytes = (uint32_t)sim_plan_choose(&chance, &scenario->sector_size_bytes);
	settings->capacity_bytes = sim_plan_choose(&chance, &scenario->capacity_bytes);
	settings->names_free = scenario->names_free;
	settings->truncate_free = scenario->truncate_free;
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

/* The moment: any step, or one of the first starts. Damage needs a life before it, so it never takes start 0. */
static void sim_plan_draw_moment(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                 const struct sim_fault_group *group, struct sim_fault *fault) {
	bool damage = sim_fault_row(group->kind)->methods == 0;
	fault->moment = (enum sim_moment)sim_plan_draw_bit(chance, group->moments);
	if (fault->moment == SIM_MOMENT_STEP) {
		fault->moment_number = sim_pcg32_below(chance, plan->step_count);
	} else {
		fault->moment_number = (uint32_t)sim_pcg32_between(chance, damage ? 1 : 0, damage ? 2 : 4);
	}
}

static void sim_plan_draw_fault(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                const struct sim_fault_group *group, struct sim_fault *fault) {
	const struct sim_fault_row *row = sim_fault_row(group->kind);
	*fault = (struct sim_fault){.kind = group->kind, .times = 1};
	fault->method = (enum vfs_method)sim_plan_draw_bit(chance, group->methods);
	fault->file_kind = (enum vfs_file_kind)sim_plan_draw_bit(
	        chance, row->methods == 0 && group->files == 0 ? row->files : group->files);
	sim_plan_draw_moment(chance, plan, group, fault);
	fault->operation = (uint32_t)sim_pcg32_between(chance, group->operations.min, group->operations.max);
	if (row->effects != 0) {
		fault->effect = sim_plan_draw_effect(chance, group, fault);
	}
	if (row->uses_times) {
		fault->times = (uint32_t)sim_pcg32_between(chance, group->times.min, group->times.max);
	}
	if (row->uses_duration) {
		fault->duration_ns =
		        sim_pcg32_between(chance, group->duration_ms.min, group->duration_ms.max) * 1000000u;
	}
	if (group->kind == SIM_FAULT_CAPACITY) {
		fault->bytes = sim_pcg32_between(chance, group->bytes.min, group->bytes.max);
	} else if (row->uses_bytes) {
		fault->bytes = sim_pcg32_below(chance, 65536);
	}
	if (row->uses_mask) {
		fault->mask = 1u << sim_pcg32_below(chance, 8);
	}
}

static void sim_plan_draw_faults(struct sim_plan *plan, const struct sim_scenario *scenario) {
	for (uint32_t i = 0; i < scenario->fault_group_count; i++) {
		const struct sim_fault_group *group = &scenario->fault_groups[i];
		struct sim_pcg32 chance;
		char concern[32];
		snprintf(concern, sizeof concern, "faults/%u", i);
		sim_pcg32_derive(&chance, plan->seed, concern);
		bool on = sim_pcg32_percent(&chance, group->chance_percent);
		uint64_t count = sim_pcg32_between(&chance, group->count.min, group->count.max);
		for (; on && count > 0 && plan->fault_count < SIM_PLAN_FAULTS_MAX; count--) {
			sim_plan_draw_fault(&chance, plan, group, &plan->faults[plan->fault_count++]);
		}
	}
}

void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed) {
	plan->seed = seed;
	plan->fault_count = 0;
	sim_plan_draw_settings(plan, scenario);
	sim_workload_make(plan, &scenario->workload);
	sim_plan_draw_faults(plan, scenario);
}

static void sim_plan_print_settings(const struct sim_plan *plan, FILE *out) {
	const struct sim_settings *settings = &plan->settings;
	fprintf(out, "setting protocol %s\n", sim_scenario_protocol_name(settings->protocol));
	fprintf(out, "setting journal_mode %s\n", sim_scenario_journal_mode_name(settings->journal_mode));
	fprintf(out, "setting synchronous %s\n", sim_scenario_synchronous_name(settings->synchronous));
	fprintf(out, "setting page_size %u bytes\n", settings->page_size_bytes);
	fprintf(out, "setting cache_pages %u\n", settings->cache_pages);
	fprintf(out, "setting checkpoint_frames %u\n", settings->checkpoint_frames);
	fprintf(out, "setting busy_timeout %u ms\n", settings->busy_timeout_ms);
	fprintf(out, "setting sector_size %u bytes\n", settings->sector_size_bytes);
	fprintf(out, "setting capacity %" PRIu64 " bytes\n", settings->capacity_bytes);
	fprintf(out, "setting names %s\n", settings->names_free ? "free" : "ordered");
	fprintf(out, "setting truncate %s\n", settings->truncate_free ? "free" : "ordered");
}

static void sim_plan_print_report(const struct sim_plan *plan, uint32_t number, FILE *out) {
	static const char *const exec_types[] = {"none", "new", "trade", "canceled", "rejected", "expired"};
	const struct subject_order_update *update = &plan->reports[number].update;
	fprintf(out,
	        "report %u %s exec %s order %s symbol %s side %s quantity %" PRId64 " lots price %" PRId64
	        " ticks last %" PRId64 " lots at %" PRId64 " ticks cum %" PRId64 " leaves %" PRId64 "\n",
	        number, exec_types[update->exec_type], update->exec_id, update->order_id, update->symbol,
	        update->side == SUBJECT_SIDE_BUY ? "buy" : "sell", update->order_quantity_lots, update->price_ticks,
	        update->last_quantity_lots, update->last_price_ticks, update->cum_quantity_lots,
	        update->leaves_quantity_lots);
}

void sim_plan_print(const struct sim_plan *plan, FILE *out) {
	static const char *const kinds[] = {"none", "deliver", "again", "restart", "checkpoint"};
	char text[SIM_FAULT_TEXT_SIZE];
	fprintf(out, "plan 1 seed 0x%016" PRIx64 "\n", plan->seed);
	sim_plan_print_settings(plan, out);
	for (uint32_t i = 0; i < plan->report_count; i++) {
		sim_plan_print_report(plan, i, out);
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		bool report = plan->steps[i].kind == SIM_STEP_DELIVER || plan->steps[i].kind == SIM_STEP_AGAIN;
		fprintf(out, "step %u %s", i, kinds[plan->steps[i].kind]);
		if (report) {
			fprintf(out, " %u", plan->steps[i].report);
		}
		fputc(0x0a, out);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		sim_fault_print(&plan->faults[i], text);
		fprintf(out, "fault %s\n", text);
	}
}
