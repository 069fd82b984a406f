/* sim/plan/sql_plan.c: which templates are on, which transactions come in which order, with which values. Each concern has its own
 * stream. */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Chances that are no scenario's business: swarm works by leaving things out, and looking is itself a kind of workload. */
#define SIM_SQL_PLAN_TEMPLATE_PERCENT 75
#define SIM_SQL_PLAN_LOOK_PERCENT 70
#define SIM_SQL_PLAN_CHECK_PERCENT 30

static void sim_sql_plan_draw_templates(struct sim_sql_plan *plan, const struct sim_sql *sql, uint64_t seed) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, seed, "sql/templates");
	plan->templates_on = 0;
	for (uint32_t i = 0; i < sql->template_count; i++) {
		plan->templates_on |= sim_pcg32_percent(&chance, SIM_SQL_PLAN_TEMPLATE_PERCENT) ? 1u << i : 0;
	}
	/* At least one that changes something, or the run is about nothing. */
	uint32_t first = sim_pcg32_below(&chance, sql->template_count);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		uint32_t number = (first + i) % sql->template_count;
		if (!sql->templates[number].maintains && !sql->templates[number].rolls_back) {
			plan->templates_on |= 1u << number;
			return;
		}
	}
	plan->templates_on |= 1u << first;
}

static uint32_t sim_sql_plan_draw_template(struct sim_pcg32 *chance, const struct sim_sql_plan *plan,
                                           const struct sim_sql *sql) {
	uint32_t sum = 0;
	for (uint32_t i = 0; i < sql->template_count; i++) {
		sum += (plan->templates_on & (1u << i)) != 0 ? sql->templates[i].weight : 0;
	}
	uint32_t pick = sim_pcg32_below(chance, sum);
	for (uint32_t i = 0; i < sql->template_count; i++) {
		uint32_t weight = (plan->templates_on & (1u << i)) != 0 ? sql->templates[i].weight : 0;
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
		uint64_t drawn = sim_pcg32_between(chance, parameter->range.min, parameter->range.max);
		bool integer = parameter->kind == SUBJECT_VALUE_INTEGER;
		value->size_bytes = integer ? 0 : (uint32_t)drawn;
		value->number = integer ? drawn : sim_pcg32_below(chance, UINT32_MAX);
	}
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

static void sim_sql_plan_add_step(struct sim_plan *plan, enum sim_step_kind kind, uint32_t number) {
	if (plan->step_count < SIM_PLAN_STEPS_MAX) {
		plan->steps[plan->step_count++] = (struct sim_step){.kind = kind, .report = number};
	}
}

static void sim_sql_plan_draw_steps(struct sim_plan *plan, const struct sim_workload *workload) {
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "sql/steps");
	for (uint32_t i = 0; i < plan->sql.transaction_count; i++) {
		sim_sql_plan_add_step(plan, SIM_STEP_TRANSACTION, i);
		if (sim_pcg32_percent(&chance, workload->checkpoints_percent)) {
			sim_sql_plan_add_step(plan, SIM_STEP_CHECKPOINT, 0);
		}
		if (sim_pcg32_percent(&chance, workload->restarts_percent)) {
			sim_sql_plan_add_step(plan, SIM_STEP_RESTART, 0);
		}
	}
}

void sim_sql_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario) {
	const struct sim_workload *workload = &scenario->workload;
	struct sim_sql_plan *drawn = &plan->sql;
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, plan->seed, "sql/transactions");
	plan->step_count = plan->report_count = plan->order_count = plan->symbol_count = 0;
	plan->tape_used = false;
	drawn->transaction_count = (uint32_t)sim_pcg32_between(&chance, workload->updates.min, workload->updates.max);
	sim_sql_plan_draw_templates(drawn, scenario->sql, plan->seed);
	sim_sql_plan_draw_switches(drawn, scenario->sql, plan->seed);
	for (uint32_t i = 0; i < drawn->transaction_count; i++) {
		drawn->transactions[i].template_number = sim_sql_plan_draw_template(&chance, drawn, scenario->sql);
		sim_sql_plan_draw_values(&chance, scenario->sql, &drawn->transactions[i]);
	}
	sim_sql_plan_draw_steps(plan, workload);
}

/* ---- text -------------------------------------------------------------------------------------------------------------- */

const char *sim_sql_after_doubt_name(enum sim_sql_after_doubt after) {
	static const char *const names[SIM_SQL_DOUBT_COUNT] = {"none", "reopen", "continue"};
	return after < SIM_SQL_DOUBT_COUNT ? names[after] : "none";
}

static void sim_sql_plan_print_transaction(const struct sim_sql_transaction *transaction, const struct sim_sql *sql,
                                           FILE *out) {
	const struct sim_sql_template *template = &sql->templates[transaction->template_number];
	fprintf(out, " %s%s", template->name, transaction->looks ? " look" : "");
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		const struct sim_sql_value *value = &transaction->values[i];
		if ((template->parameters & (1u << i)) == 0) {
			continue;
		}
		if (parameter->kind == SUBJECT_VALUE_INTEGER) {
			fprintf(out, " %s %" PRIu64, parameter->name, value->number);
		} else {
			fprintf(out, " %s %u bytes from %" PRIu64, parameter->name, value->size_bytes, value->number);
		}
	}
	fputc('\n', out);
}

void sim_sql_plan_print(const struct sim_sql_plan *plan, const struct sim_sql *sql, FILE *out) {
	fprintf(out, "sql after_doubt %s\n", sim_sql_after_doubt_name(plan->after_doubt));
	fprintf(out, "sql templates_on 0x%016" PRIx64 "\n", (uint64_t)plan->templates_on);
	fprintf(out, "sql checked_starts 0x%016" PRIx64 "\n", plan->checked_starts);
	for (uint32_t i = 0; i < plan->transaction_count; i++) {
		fprintf(out, "transaction %u", i);
		sim_sql_plan_print_transaction(&plan->transactions[i], sql, out);
	}
}

/* ---- bytes ------------------------------------------------------------------------------------------------------------- */

/* Text is ASCII without quotes, so that a person can read it in a dump. */
static void sim_sql_plan_fill(const struct sim_sql_value *value, bool text, unsigned char *bytes) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.";
	struct sim_pcg32 chance;
	sim_pcg32_derive(&chance, value->number, text ? "sql/text" : "sql/blob");
	sim_pcg32_fill(&chance, bytes, value->size_bytes);
	for (uint32_t i = 0; text && i < value->size_bytes; i++) {
		bytes[i] = (unsigned char)letters[bytes[i] % (sizeof letters - 1)];
	}
}

bool sim_sql_call_init(struct sim_sql_call *call, const struct sim_sql *sql,
                       const struct sim_sql_transaction *transaction) {
	const struct sim_sql_template *template = &sql->templates[transaction->template_number];
	size_t size = 1;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		size += transaction->values[i].size_bytes;
	}
	call->bytes = malloc(size);
	if (call->bytes == NULL) {
		return false;
	}
	unsigned char *next = call->bytes;
	uint32_t count = 0;
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		const struct sim_sql_parameter *parameter = &sql->parameters[i];
		const struct sim_sql_value *value = &transaction->values[i];
		if ((template->parameters & (1u << i)) == 0) {
			continue;
		}
		sim_sql_plan_fill(value, parameter->kind == SUBJECT_VALUE_TEXT, next);
		call->values[count++] = (struct subject_value){.name = parameter->name,
		                                               .kind = parameter->kind,
		                                               .integer = (int64_t)value->number,
		                                               .bytes = next,
		                                               .size_bytes = value->size_bytes};
		next += value->size_bytes;
	}
	call->transaction = (struct subject_transaction){.name = template->name,
	                                                 .begin = template->begin,
	                                                 .rolls_back = template->rolls_back,
	                                                 .statement_count = template->statements.count,
	                                                 .statements = (const char *const *)template->statements.texts,
	                                                 .value_count = count,
	                                                 .values = call->values};
	return true;
}

void sim_sql_call_deinit(struct sim_sql_call *call) {
	free(call->bytes);
	call->bytes = NULL;
}
