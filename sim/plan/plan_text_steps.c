/* sim/plan/plan_text_steps.c: the steps of a plan as text. */
#include "plan_text_sections.h"

#define SIM_PLAN_TEXT_MS_MAX 60000u
#define SIM_PLAN_TEXT_PAGES_MAX 1000u

static const char *const sim_plan_queries[] = {"whole", "failed", "empty", NULL};

static bool sim_plan_has_report(enum sim_step_kind kind) {
	return kind == SIM_STEP_DELIVER || kind == SIM_STEP_AGAIN || kind == SIM_STEP_TRANSACTION ||
	       kind == SIM_STEP_WAKE || kind == SIM_STEP_BATCH || kind == SIM_STEP_TRADE;
}

/* ---- printing -------------------------------------------------------------------------------------------------------------- */

static void sim_plan_print_query(const struct sim_step *step, FILE *out) {
	fprintf(out, " %s", sim_plan_queries[step->count]);
}

static void sim_plan_print_process_step(const struct sim_plan *plan, uint32_t number, FILE *out) {
	const struct sim_step *step = &plan->steps[number];
	fprintf(out, "step %u %s", number, sim_plan_step_name(step->kind));
	bool counts = step->kind == SIM_STEP_TRANSACTION || step->kind == SIM_STEP_LOOK ||
	              step->kind == SIM_STEP_BACKUP || step->kind == SIM_STEP_DELIVER || step->kind == SIM_STEP_AGAIN;
	if (counts) {
		fprintf(out, " %u", step->report);
	} else if (step->kind == SIM_STEP_CHECKPOINT && plan->sql_scenario != NULL) {
		fprintf(out, " %s", sim_settings_checkpoint_name(step->report));
	} else if (step->kind == SIM_STEP_SWITCH) {
		fprintf(out, " %s", sim_settings_journal_mode_name((enum sim_journal_mode)step->report));
	}
	fprintf(out, " by %s pause %u ms hold %u ms\n", plan->processes.members[step->process].name, step->pause_ms,
	        step->hold_ms);
}

void sim_plan_text_print_step(const struct sim_plan *plan, uint32_t number, FILE *out) {
	const struct sim_step *step = &plan->steps[number];
	if (plan->processes.count > 0) {
		sim_plan_print_process_step(plan, number, out);
		return;
	}
	fprintf(out, "step %u %s", number, sim_plan_step_name(step->kind));
	if (sim_plan_has_report(step->kind)) {
		fprintf(out, " %u", step->report);
	}
	if (step->kind == SIM_STEP_BATCH) {
		fprintf(out, " count %u", step->count);
	} else if (step->kind == SIM_STEP_TRADE) {
		sim_plan_print_query(step, out);
	}
	fputc('\n', out);
}

/* ---- reading --------------------------------------------------------------------------------------------------------------- */

static bool sim_plan_read_checkpoint_mode(struct sim_plan_text_reader *reader, uint32_t *mode) {
	const char *modes[6] = {"none"};
	int chosen = 0;
	for (uint32_t i = 1; i < 5; i++) {
		modes[i] = sim_settings_checkpoint_name(i);
	}
	bool read = sim_plan_text_choice(reader, "mode", modes, 1, &chosen);
	*mode = (uint32_t)chosen;
	return read;
}

static bool sim_plan_read_journal_mode(struct sim_plan_text_reader *reader, uint32_t *mode) {
	const char *modes[SIM_JOURNAL_COUNT + 1] = {NULL};
	int chosen = 0;
	for (int i = 0; i < SIM_JOURNAL_COUNT; i++) {
		modes[i] = sim_settings_journal_mode_name((enum sim_journal_mode)i);
	}
	bool read = sim_plan_text_choice(reader, "journal mode", modes, 1, &chosen);
	*mode = (uint32_t)chosen;
	return read && ((chosen != SIM_JOURNAL_MEMORY && chosen != SIM_JOURNAL_OFF) ||
	                sim_plan_text_refuse(reader, "journal mode %s, expected delete, truncate, persist or wal",
	                                     modes[chosen]));
}

/* What engines do, and readers beside them. */
static bool sim_plan_read_engine_argument(struct sim_plan_text_reader *reader, struct sim_step *step) {
	if (step->kind == SIM_STEP_DELIVER || step->kind == SIM_STEP_AGAIN) {
		return sim_plan_text_small(reader, "report", 0, reader->plan->report_count - 1, &step->report);
	}
	if (step->kind == SIM_STEP_LOOK) {
		return sim_plan_text_small(reader, "looks", 1, SIM_PROCESS_LOOKS_MAX, &step->report);
	}
	return step->kind == SIM_STEP_RESTART || step->kind == SIM_STEP_CHECKPOINT || step->kind == SIM_STEP_NONE ||
	       sim_plan_text_refuse(reader, "step %s, expected one that engines or their readers do",
	                            sim_plan_step_name(step->kind));
}

/* What follows the kind. */
static bool sim_plan_read_argument(struct sim_plan_text_reader *reader, struct sim_step *step) {
	if (reader->plan->sql_scenario == NULL) {
		return sim_plan_read_engine_argument(reader, step);
	}
	switch (step->kind) {
	case SIM_STEP_TRANSACTION:
		return sim_plan_text_small(reader, "transaction", 0, reader->plan->sql.transaction_count - 1,
		                           &step->report);
	case SIM_STEP_LOOK:
		return sim_plan_text_small(reader, "looks", 1, SIM_PROCESS_LOOKS_MAX, &step->report);
	case SIM_STEP_BACKUP:
		return sim_plan_text_small(reader, "pages", 1, SIM_PLAN_TEXT_PAGES_MAX, &step->report);
	case SIM_STEP_CHECKPOINT:
		return sim_plan_read_checkpoint_mode(reader, &step->report);
	case SIM_STEP_SWITCH:
		return sim_plan_read_journal_mode(reader, &step->report);
	case SIM_STEP_VACUUM:
	case SIM_STEP_CHECK:
	case SIM_STEP_RESTART:
	case SIM_STEP_NONE:
		return true;
	case SIM_STEP_DELIVER:
	case SIM_STEP_AGAIN:
	case SIM_STEP_TAKEOVER:
	case SIM_STEP_WAKE:
	case SIM_STEP_RETIRE:
	case SIM_STEP_BATCH:
	case SIM_STEP_TRADE:
		break;
	}
	return sim_plan_text_refuse(reader, "step %s, expected one that processes of SQL do",
	                            sim_plan_step_name(step->kind));
}

static bool sim_plan_read_process_step(struct sim_plan_text_reader *reader, struct sim_step *step) {
	return sim_plan_read_argument(reader, step) && sim_plan_text_expect(reader, "by") &&
	       sim_plan_text_read_process_name(reader, &step->process) && sim_plan_text_expect(reader, "pause") &&
	       sim_plan_text_small(reader, "pause", 0, SIM_PLAN_TEXT_MS_MAX, &step->pause_ms) &&
	       sim_plan_text_expect(reader, "ms") && sim_plan_text_expect(reader, "hold") &&
	       sim_plan_text_small(reader, "hold", 0, SIM_PLAN_TEXT_MS_MAX, &step->hold_ms) &&
	       sim_plan_text_expect(reader, "ms") && sim_plan_text_expect_end(reader);
}

static bool sim_plan_read_query(struct sim_plan_text_reader *reader, struct sim_step *step) {
	const struct sim_plan *plan = reader->plan;
	int query = 0;
	if (plan->trader.kind == SIM_TRADER_NONE ||
	    plan->reports[step->report].update.exec_type != SUBJECT_EXEC_PENDING_NEW) {
		return sim_plan_text_refuse(reader, "trade %u, expected a report pending_new of a plan with a trader",
		                            step->report);
	}
	bool read = sim_plan_text_choice(reader, "answer", sim_plan_queries, 0, &query);
	step->count = (uint32_t)query;
	return read;
}

bool sim_plan_text_read_step(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	int kind = 0;
	if (plan->step_count == SIM_PLAN_STEPS_MAX) {
		return sim_plan_text_refuse(reader, "one more step, expected at most %u", SIM_PLAN_STEPS_MAX);
	}
	struct sim_step *step = &plan->steps[plan->step_count];
	if (!sim_plan_text_small(reader, "step", plan->step_count, plan->step_count, &number) ||
	    !sim_plan_text_choice(reader, "kind of step", sim_plan_step_names(), 0, &kind)) {
		return false;
	}
	step->kind = (enum sim_step_kind)kind;
	if (plan->processes.count > 0) {
		plan->step_count++;
		return sim_plan_read_process_step(reader, step);
	}
	bool sql = plan->sql_scenario != NULL;
	bool of_orders = step->kind == SIM_STEP_TAKEOVER || step->kind == SIM_STEP_RETIRE ||
	                 (sim_plan_has_report(step->kind) && step->kind != SIM_STEP_TRANSACTION);
	if (step->kind >= SIM_STEP_LOOK && step->kind <= SIM_STEP_SWITCH) {
		return sim_plan_text_refuse(reader, "step %s, expected it in a plan with processes",
		                            sim_plan_step_name(step->kind));
	}
	if (sql ? of_orders : step->kind == SIM_STEP_TRANSACTION) {
		return sim_plan_text_refuse(reader, "step %s, expected %s", sim_plan_step_name(step->kind),
		                            sql ? "a transaction in a plan of SQL" : "no transaction without SQL");
	}
	uint32_t count = sql ? plan->sql.transaction_count : plan->report_count;
	if (sim_plan_has_report(step->kind) &&
	    !sim_plan_text_small(reader, sql ? "transaction" : "report", 0, count - 1, &step->report)) {
		return false;
	}
	if (step->kind == SIM_STEP_BATCH &&
	    (!sim_plan_text_expect(reader, "count") ||
	     !sim_plan_text_small(reader, "count", 1, count - step->report, &step->count))) {
		return false;
	}
	if (step->kind == SIM_STEP_TRADE && !sim_plan_read_query(reader, step)) {
		return false;
	}
	plan->step_count++;
	return sim_plan_text_expect_end(reader);
}
