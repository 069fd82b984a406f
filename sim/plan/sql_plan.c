/* sim/plan/sql_plan.c: which templates are on, which transactions come in which order, with which
 * values. Each concern has its own stream. */
#include "sql_plan.h"

#include "pcg.h"

/* Chances that are no scenario's business: swarm works by leaving things out, and looking is itself
 * a kind of workload. */
#define SIM_SQL_PLAN_TEMPLATE_PERCENT 75
#define SIM_SQL_PLAN_LOOK_PERCENT 70
/* Of the seeds that never tune, where little or much is drawn first; of the tunings that another
 * seed has beside the one that is sure. */
#define SIM_SQL_PLAN_UNTUNED_PERCENT 75
#define SIM_SQL_PLAN_TUNING_PERCENT 40
#define SIM_SQL_PLAN_CHECK_PERCENT 30

static void sim_sql_plan_draw_templates(struct sim_sql_plan *plan, const struct sim_sql *sql, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "sql/templates");
	plan->templates_on = (struct sim_sql_set){{0}};
	for (uint32_t i = 0; i < sql->template_count; i++) {
		if (sim_pcg32_percent(&chance, SIM_SQL_PLAN_TEMPLATE_PERCENT)) {
			sim_sql_set_add(&plan->templates_on, i);
		}
	}
	/* At least one that changes something, or the run is about nothing. */
	uint32_t first = sim_pcg32_below(&chance, sql->template_count);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		uint32_t number = (first + i) % sql->template_count;
		if (!sql->templates[number].maintains && !sql->templates[number].rolls_back) {
			sim_sql_set_add(&plan->templates_on, number);
			return;
		}
	}
	sim_sql_set_add(&plan->templates_on, first);
}

static uint32_t sim_sql_plan_draw_template(struct sim_pcg32 *chance, const struct sim_sql_plan *plan,
                                           const struct sim_sql *sql) {
	uint32_t sum = 0;
	for (uint32_t i = 0; i < sql->template_count; i++) {
		sum += sim_sql_set_has(&plan->templates_on, i) ? sql->templates[i].weight : 0;
	}
	uint32_t pick = sim_pcg32_below(chance, sum);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		uint32_t weight = sim_sql_set_has(&plan->templates_on, i) ? sql->templates[i].weight : 0;
		if (pick < weight) {
			return i;
		}
		pick -= weight;
	}
	return 0;
}

static void sim_sql_plan_draw_values(struct sim_pcg32 *chance, const struct sim_sql *sql,
                                     struct sim_sql_transaction *transaction) {
	uint32_t used = sql->templates[transaction->template_number].parameters;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		struct sim_sql_value *value = &transaction->values[i];
		*value = (struct sim_sql_value){0};
		if ((used & (1u << i)) == 0) {
			continue;
		}
		uint64_t drawn = sim_settings_draw(chance, &parameter->range);
		bool bytes = parameter->kind == SIM_SQL_TEXT || parameter->kind == SIM_SQL_BLOB;
		value->size_bytes = bytes ? (uint32_t)drawn : 0;
		value->number = bytes ? sim_pcg32_below(chance, UINT32_MAX) : drawn + (uint64_t)parameter->least;
		value->is_null = parameter->nulls_percent > 0 && sim_pcg32_percent(chance, parameter->nulls_percent);
	}
}

static void sim_sql_plan_draw_pragmas(struct sim_sql_plan *plan, const struct sim_sql *sql, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "sql/pragmas");
	plan->pragmas.count = sql->pragma_count;
	for (uint32_t i = 0; i < sql->pragma_count; i++) {
		const struct sim_sql_pragma *pragma = &sql->pragma_values[i];
		plan->pragmas.texts[i] = sql->pragmas.texts[pragma->first + sim_pcg32_below(&chance, pragma->count)];
	}
}

/* With the files that it attaches, or without. */
static const struct sim_sql *sim_sql_plan_draw_sql(const struct sim_sql *sql, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "sql/attached");
	return sql->alone == NULL || sim_pcg32_percent(&chance, sql->attached_percent) ? sql : sql->alone;
}

static void sim_sql_plan_draw_switches(struct sim_sql_plan *plan, const struct sim_sql *sql, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "sql/doubt");
	plan->after_doubt =
	        (enum sim_sql_after_doubt)sql->after_doubt.values[sim_pcg32_below(&chance, sql->after_doubt.count)];
	sim_pcg32_derive(&chance, seed, "sql/looks");
	plan->checked_starts = 0;
	for (uint32_t i = 0; i < 64; i++) {
		plan->checked_starts |= sim_pcg32_percent(&chance, SIM_SQL_PLAN_CHECK_PERCENT) ? (uint64_t)1 << i : 0;
	}
	for (uint32_t i = 0; i < plan->transaction_count; i++) {
		plan->transactions[i].looks = sim_pcg32_percent(&chance, SIM_SQL_PLAN_LOOK_PERCENT);
	}
}

void sim_sql_plan_draw_tunings(const struct sim_plan *plan, const struct sim_workload *workload,
                               struct sim_sql_tunings *tunings) {
	uint32_t all = plan->sql_scenario->tunings.count;
	sim_pcg32_derive(&tunings->chance, plan->seed, "sql/tunings");
	tunings->percent = 0;
	tunings->count = 0;
	if (workload->tunings_percent == 0 ||
	    (workload->updates.is_heavy && sim_pcg32_percent(&tunings->chance, SIM_SQL_PLAN_UNTUNED_PERCENT))) {
		return;
	}
	uint32_t sure = sim_pcg32_below(&tunings->chance, all);
	for (uint32_t i = 0; i < all; i++) {
		if (i == sure || sim_pcg32_percent(&tunings->chance, SIM_SQL_PLAN_TUNING_PERCENT)) {
			tunings->numbers[tunings->count++] = i;
		}
	}
	tunings->percent = workload->tunings_percent;
}

bool sim_sql_plan_draw_tuning(struct sim_sql_tunings *tunings, uint32_t *number) {
	if (tunings->percent == 0 || !sim_pcg32_percent(&tunings->chance, tunings->percent)) {
		return false;
	}
	*number = tunings->numbers[sim_pcg32_below(&tunings->chance, tunings->count)];
	return true;
}

static void sim_sql_plan_draw_steps(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_pcg32 chance;
	struct sim_pcg32 crashes;
	struct sim_sql_tunings tunings;
	uint32_t tuning = 0;
	sim_sql_plan_draw_tunings(plan, workload, &tunings);
	sim_pcg32_derive(&chance, plan->seed, "sql/steps");
	sim_pcg32_derive(&crashes, plan->seed, "sql/crashes");
	for (uint32_t i = 0; i < plan->sql.transaction_count; i++) {
		if (sim_sql_plan_draw_tuning(&tunings, &tuning)) {
			sim_plan_add_step(plan, SIM_STEP_TUNE, tuning);
		}
		sim_plan_add_step(plan, SIM_STEP_TRANSACTION, i);
		if (sim_pcg32_percent(&chance, workload->checkpoints_percent)) {
			sim_plan_add_step(plan, SIM_STEP_CHECKPOINT, 0);
		}
		if (sim_pcg32_percent(&chance, workload->restarts_percent)) {
			sim_plan_add_step(plan, SIM_STEP_RESTART, 0);
		}
		sim_plan_add_crash(plan, workload, &crashes);
	}
}

/* In place of what was drawn. The values of parameters are left to the seed. */
static void sim_sql_plan_enumerate(struct sim_sql_plan *plan, const struct sim_sql *sql,
                                   const struct sim_small *small) {
	for (uint32_t i = 0; i < sql->template_count; i++) {
		sim_sql_set_add(&plan->templates_on, i);
	}
	plan->transaction_count = small->length;
	for (uint32_t i = 0; i < sql->pragma_count; i++) {
		plan->pragmas.texts[i] = sql->pragmas.texts[sim_small_pragma(sql, small->pragmas, i)];
	}
}

static void sim_sql_plan_draw_transactions(struct sim_plan *plan, const struct sim_small *small,
                                           struct sim_pcg32 *chance) {
	struct sim_sql_plan *drawn = &plan->sql;
	bool enumerates = small->length > 0;
	if (enumerates) {
		sim_sql_plan_enumerate(drawn, plan->sql_scenario, small);
	}
	for (uint32_t i = 0; i < drawn->transaction_count; i++) {
		struct sim_sql_transaction *transaction = &drawn->transactions[i];
		transaction->template_number = enumerates
		                                       ? small->templates[i]
		                                       : sim_sql_plan_draw_template(chance, drawn, plan->sql_scenario);
		transaction->looks |= enumerates;
		sim_sql_plan_draw_values(chance, plan->sql_scenario, transaction);
	}
}

void sim_sql_plan_draw_transaction(const struct sim_plan *plan, struct sim_pcg32 *chance,
                                   struct sim_sql_transaction *transaction) {
	transaction->template_number = sim_sql_plan_draw_template(chance, &plan->sql, plan->sql_scenario);
	transaction->looks = sim_pcg32_percent(chance, SIM_SQL_PLAN_LOOK_PERCENT);
	sim_sql_plan_draw_values(chance, plan->sql_scenario, transaction);
}

void sim_sql_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, const struct sim_small *small) {
	const struct sim_workload *workload = &scenario->workload;
	const struct sim_sql *sql = sim_sql_plan_draw_sql(scenario->sql, plan->seed);
	struct sim_sql_plan *drawn = &plan->sql;
	struct sim_pcg32 chance;
	plan->sql_scenario = sql;
	sim_pcg32_derive(&chance, plan->seed, "sql/transactions");
	plan->step_count = plan->report_count = plan->order_count = plan->symbol_count = 0;
	plan->tape_used = false;
	drawn->transaction_count = (uint32_t)sim_settings_draw(&chance, &workload->updates);
	sim_sql_plan_draw_templates(drawn, sql, plan->seed);
	sim_sql_plan_draw_pragmas(drawn, sql, plan->seed);
	sim_sql_plan_draw_switches(drawn, sql, plan->seed);
	sim_sql_plan_draw_transactions(plan, small, &chance);
	sim_sql_plan_draw_steps(plan, workload);
}
