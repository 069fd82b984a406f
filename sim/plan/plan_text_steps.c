/* sim/plan/plan_text_steps.c: the steps of a plan as text, by the rows of sim/plan/plan_step.c. */
#include "plan_text_sections.h"

#include "spoiling.h"

#define SIM_PLAN_TEXT_MS_MAX 60000u
#define SIM_PLAN_TEXT_PAGES_MAX 1000u

static const char *const sim_plan_answers[] = {"whole", "failed", "empty", "wrong", NULL};

/* ---- printing -------------------------------------------------------------------------------- */

static void sim_plan_print_argument(const struct sim_step *step, enum sim_step_argument argument, FILE *out) {
	switch (argument) {
	case SIM_STEP_NO_ARGUMENT:
		break;
	case SIM_STEP_CHECKPOINT_MODE:
		fprintf(out, " %s", sim_settings_checkpoint_name(step->mode));
		break;
	case SIM_STEP_JOURNAL_MODE:
		fprintf(out, " %s", sim_settings_journal_mode_name((enum sim_journal_mode)step->journal_mode));
		break;
	case SIM_STEP_REPORT:
	case SIM_STEP_TRANSACTION_NUMBER:
	case SIM_STEP_OPERATION_NUMBER:
	case SIM_STEP_LOOKS:
	case SIM_STEP_PAGES:
	case SIM_STEP_TUNING_NUMBER:
		fprintf(out, " %u", step->argument);
		break;
	}
}

void sim_plan_text_print_step(const struct sim_plan *plan, uint32_t number, FILE *out) {
	const struct sim_step *step = &plan->steps[number];
	const struct sim_step_row *row = sim_plan_step_row(step->kind);
	fprintf(out, "step %u %s", number, row->name);
	sim_plan_print_argument(step, sim_plan_step_argument(step->kind, sim_plan_owners(plan)), out);
	if (row->more == SIM_STEP_COUNT) {
		fprintf(out, " count %u", step->count);
	} else if (row->more == SIM_STEP_ANSWER) {
		fprintf(out, " %s", sim_plan_answers[step->answer]);
	} else if (row->more == SIM_STEP_SPOILING) {
		fprintf(out, " %s", sim_spoiling_name((enum sim_spoiling)step->spoiling));
	}
	if (plan->processes.count > 0) {
		fprintf(out, " by %s pause %u ms hold %u ms", plan->processes.members[step->process].name,
		        step->pause_ms, step->hold_ms);
	}
	fputc('\n', out);
}

/* ---- reading --------------------------------------------------------------------------------- */

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

static bool sim_plan_read_tuning(struct sim_plan_text_reader *reader, uint32_t *tuning) {
	uint32_t count = reader->plan->sql_scenario->tunings.count;
	return count > 0 ? sim_plan_text_small(reader, "tuning", 0, count - 1, tuning)
	                 : sim_plan_text_refuse(reader, "a step tune, expected `sql.tunings` in the scenario");
}

static bool sim_plan_read_argument(struct sim_plan_text_reader *reader, struct sim_step *step,
                                   enum sim_step_argument argument) {
	const struct sim_plan *plan = reader->plan;
	switch (argument) {
	case SIM_STEP_REPORT:
		return sim_plan_text_small(reader, "report", 0, plan->report_count - 1, &step->report);
	case SIM_STEP_TRANSACTION_NUMBER:
		return sim_plan_text_small(reader, "transaction", 0, plan->sql.transaction_count - 1,
		                           &step->transaction);
	case SIM_STEP_OPERATION_NUMBER:
		return sim_plan_text_small(reader, "operation", 0, plan->program.operation_count - 1, &step->operation);
	case SIM_STEP_TUNING_NUMBER:
		return sim_plan_read_tuning(reader, &step->tuning);
	case SIM_STEP_LOOKS:
		return sim_plan_text_small(reader, "looks", 1, SIM_PROCESS_LOOKS_MAX, &step->looks);
	case SIM_STEP_PAGES:
		return sim_plan_text_small(reader, "pages", 1, SIM_PLAN_TEXT_PAGES_MAX, &step->pages);
	case SIM_STEP_CHECKPOINT_MODE:
		return sim_plan_read_checkpoint_mode(reader, &step->mode);
	case SIM_STEP_JOURNAL_MODE:
		return sim_plan_read_journal_mode(reader, &step->journal_mode);
	case SIM_STEP_NO_ARGUMENT:
		break;
	}
	return true;
}

static bool sim_plan_read_answer(struct sim_plan_text_reader *reader, struct sim_step *step) {
	const struct sim_plan *plan = reader->plan;
	int answer = 0;
	if (plan->trader.kind == SIM_TRADER_NONE ||
	    plan->reports[step->report].update.exec_type != SUBJECT_EXEC_PENDING_NEW) {
		return sim_plan_text_refuse(reader, "trade %u, expected a report pending_new of a plan with a trader",
		                            step->report);
	}
	bool read = sim_plan_text_choice(reader, "answer", sim_plan_answers, 0, &answer);
	step->answer = (enum sim_query_answer)answer;
	return read;
}

static bool sim_plan_read_spoiling(struct sim_plan_text_reader *reader, struct sim_step *step) {
	struct sim_report spoiled = reader->plan->reports[step->report];
	int spoiling = 0;
	if (!sim_plan_text_choice(reader, "way to spoil a report", sim_spoiling_names(), 0, &spoiling)) {
		return false;
	}
	step->spoiling = (uint32_t)spoiling;
	return sim_spoiling_spoil((enum sim_spoiling)spoiling, &spoiled) ||
	       sim_plan_text_refuse(reader, "malformed %u %s, expected a report that can be spoiled so", step->report,
	                            sim_spoiling_name((enum sim_spoiling)spoiling));
}

static bool sim_plan_read_more(struct sim_plan_text_reader *reader, struct sim_step *step, enum sim_step_more more) {
	switch (more) {
	case SIM_STEP_COUNT:
		return sim_plan_text_expect(reader, "count") &&
		       sim_plan_text_small(reader, "count", 1, reader->plan->report_count - step->report, &step->count);
	case SIM_STEP_ANSWER:
		return sim_plan_read_answer(reader, step);
	case SIM_STEP_SPOILING:
		return sim_plan_read_spoiling(reader, step);
	case SIM_STEP_NO_MORE:
		break;
	}
	return true;
}

/* The kinds that these owners have, for a message. */
static bool sim_plan_refuse_kind(struct sim_plan_text_reader *reader, enum sim_step_kind kind, uint32_t owners,
                                 const char *who) {
	char expected[SIM_PLAN_TEXT_EXPECTED_SIZE] = "";
	size_t used = 0;
	for (int i = 0; i < SIM_STEP_KIND_COUNT && used < sizeof expected; i++) {
		const struct sim_step_row *row = sim_plan_step_row((enum sim_step_kind)i);
		if ((row->owners & owners) != 0) {
			used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", used > 0 ? ", " : "",
			                         row->name);
		}
	}
	return sim_plan_text_refuse(reader, "step %s by %s, expected one of: %s", sim_plan_step_name(kind), who,
	                            expected);
}

/* Who does it, of several; engines and their readers have different kinds. */
static bool sim_plan_read_process(struct sim_plan_text_reader *reader, struct sim_step *step) {
	const struct sim_plan *plan = reader->plan;
	bool read = sim_plan_text_expect(reader, "by") && sim_plan_text_read_process_name(reader, &step->process) &&
	            sim_plan_text_expect(reader, "pause") &&
	            sim_plan_text_small(reader, "pause", 0, SIM_PLAN_TEXT_MS_MAX, &step->pause_ms) &&
	            sim_plan_text_expect(reader, "ms") && sim_plan_text_expect(reader, "hold") &&
	            sim_plan_text_small(reader, "hold", 0, SIM_PLAN_TEXT_MS_MAX, &step->hold_ms) &&
	            sim_plan_text_expect(reader, "ms");
	if (!read || plan->sql_scenario != NULL) {
		return read;
	}
	bool reads = plan->processes.members[step->process].role == SIM_ROLE_READER;
	uint32_t owners = reads ? SIM_STEP_OF_READERS : SIM_STEP_OF_ENGINES;
	return (sim_plan_step_row(step->kind)->owners & owners) != 0 ||
	       sim_plan_refuse_kind(reader, step->kind, owners, reads ? "a reader" : "an engine");
}

static const char *sim_plan_who(uint32_t owners) {
	return (owners & SIM_STEP_OF_ENGINE) != 0    ? "one engine"
	       : (owners & SIM_STEP_OF_ENGINES) != 0 ? "engines and readers"
	       : (owners & SIM_STEP_OF_PROGRAM) != 0 ? "one program"
	       : (owners & SIM_STEP_OF_CLIENT) != 0  ? "one client of SQL"
	                                             : "clients of SQL";
}

bool sim_plan_text_read_step(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t owners = sim_plan_owners(plan);
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
	if ((sim_plan_step_row(step->kind)->owners & owners) == 0) {
		return sim_plan_refuse_kind(reader, step->kind, owners, sim_plan_who(owners));
	}
	plan->step_count++;
	return sim_plan_read_argument(reader, step, sim_plan_step_argument(step->kind, owners)) &&
	       sim_plan_read_more(reader, step, sim_plan_step_row(step->kind)->more) &&
	       (plan->processes.count == 0 || sim_plan_read_process(reader, step)) && sim_plan_text_expect_end(reader);
}
