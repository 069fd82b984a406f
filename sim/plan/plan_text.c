/* sim/plan/plan_text.c: prints a plan, and reads it back. A plan may have been edited by hand or by
 * a program, so nothing that is read is trusted: every number has a range within which the rest of
 * sim/ can work with it. */
#include "plan_text.h"

#include "plan_text_sections.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PLAN_TEXT_VERSION 3

/* ---- printing -------------------------------------------------------------------------------- */

void sim_plan_text_print(const struct sim_plan *plan, FILE *out) {
	char text[SIM_FAULT_TEXT_SIZE];
	fprintf(out, "plan %d scenario %s seed 0x%016" PRIx64 "\n", SIM_PLAN_TEXT_VERSION, plan->scenario, plan->seed);
	sim_plan_text_print_settings(plan, out);
	sim_plan_text_print_vfs(plan, out);
	if (plan->sql_scenario != NULL) {
		sim_plan_text_print_sql(plan, out);
	} else if (plan->program.is_one) {
		sim_plan_text_print_program(plan, out);
	} else {
		sim_plan_text_print_workload(plan, out);
	}
	for (uint32_t i = 0; i < plan->report_count; i++) {
		sim_plan_text_print_report(&plan->reports[i], i, out);
	}
	sim_plan_text_print_processes(plan, out);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		sim_plan_text_print_step(plan, i, out);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		sim_fault_print(&plan->faults[i], text);
		fprintf(out, "fault %s\n", text);
	}
	sim_plan_text_print_switches(&plan->processes, out);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static bool sim_plan_check_fault(struct sim_plan_text_reader *reader, const struct sim_fault *fault) {
	const struct sim_plan *plan = reader->plan;
	bool at_step = fault->moment == SIM_MOMENT_STEP;
	if (at_step && fault->moment_number >= plan->step_count) {
		return sim_plan_text_refuse(reader, "at step %u, expected a step from 0 to %u", fault->moment_number,
		                            plan->step_count - 1);
	}
	if (fault->operation > SIM_PLAN_TEXT_NUMBER_MAX ||
	    (!at_step && fault->moment_number > SIM_PLAN_TEXT_NUMBER_MAX) ||
	    (fault->times > SIM_PLAN_TEXT_NUMBER_MAX && fault->times != SIM_FAULT_FOR_EVER)) {
		return sim_plan_text_refuse(reader, "a restart, operation or number of times above %u, expected less",
		                            SIM_PLAN_TEXT_NUMBER_MAX);
	}
	if (fault->duration_ns > SIM_PLAN_TEXT_DURATION_NS_MAX || fault->bytes > SIM_PLAN_TEXT_BYTES_MAX) {
		return sim_plan_text_refuse(reader, "a duration above one hour or more than 2^40 bytes, expected less");
	}
	return fault->kind != SIM_FAULT_OTHER_BOOK || plan->settings.vouches ||
	       sim_plan_text_refuse(reader, "other_book where nobody vouches, expected the setting `vouches on`");
}

static bool sim_plan_read_fault(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	char why[256];
	char again[SIM_FAULT_TEXT_SIZE];
	const char *text = reader->next != NULL ? reader->next : "";
	if (plan->fault_count == SIM_PLAN_FAULTS_MAX) {
		return sim_plan_text_refuse(reader, "one more fault, expected at most %u", SIM_PLAN_FAULTS_MAX);
	}
	struct sim_fault *fault = &plan->faults[plan->fault_count];
	if (!sim_fault_parse(text, fault, why, sizeof why)) {
		return sim_plan_text_refuse(reader,
		                            "%s, expected a fault such as `kill any any at step 0 operation 1 effect "
		                            "before bytes 0`",
		                            why);
	}
	sim_fault_print(fault, again);
	if (strcmp(again, text) != 0) {
		return sim_plan_text_refuse(reader, "another form of a fault, expected %s", again);
	}
	plan->fault_count++;
	return sim_plan_check_fault(reader, fault);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool sim_plan_read_header(struct sim_plan_text_reader *reader) {
	uint32_t version = 0;
	struct sim_plan *plan = reader->plan;
	if (!sim_plan_text_expect(reader, "plan") ||
	    !sim_plan_text_small(reader, "version of the text form", SIM_PLAN_TEXT_VERSION, SIM_PLAN_TEXT_VERSION,
	                         &version) ||
	    !sim_plan_text_expect(reader, "scenario") ||
	    !sim_plan_text_id(reader, "scenario", plan->scenario, sizeof plan->scenario) ||
	    !sim_plan_text_expect(reader, "seed")) {
		return false;
	}
	return sim_plan_text_hex(reader, "seed", 16, &plan->seed) && sim_plan_text_expect_end(reader);
}

/* A kind of line, in the order in which the kinds come. */
struct sim_plan_entry {
	const char *word;
	bool (*read)(struct sim_plan_text_reader *reader);
};

static const struct sim_plan_entry sim_plan_entries_of_orders[] = {{"report", sim_plan_text_read_report},
                                                                   {"process", sim_plan_text_read_process},
                                                                   {"schedule", sim_plan_text_read_schedule},
                                                                   {"step", sim_plan_text_read_step},
                                                                   {"fault", sim_plan_read_fault},
                                                                   {"switch", sim_plan_text_read_switch},
                                                                   {NULL, NULL}};
static const struct sim_plan_entry sim_plan_entries_of_sql[] = {{"transaction", sim_plan_text_read_transaction},
                                                                {"process", sim_plan_text_read_process},
                                                                {"schedule", sim_plan_text_read_schedule},
                                                                {"step", sim_plan_text_read_step},
                                                                {"fault", sim_plan_read_fault},
                                                                {"switch", sim_plan_text_read_switch},
                                                                {NULL, NULL}};

static const struct sim_plan_entry sim_plan_entries_of_program[] = {{"operation", sim_plan_text_read_operation},
                                                                    {"step", sim_plan_text_read_step},
                                                                    {"fault", sim_plan_read_fault},
                                                                    {NULL, NULL}};

static const struct sim_plan_entry *sim_plan_entries(const struct sim_plan *plan) {
	return plan->sql_scenario != NULL ? sim_plan_entries_of_sql
	       : plan->program.is_one     ? sim_plan_entries_of_program
	                                  : sim_plan_entries_of_orders;
}

/* Reports, transactions or operations, then steps, then faults. */
static bool sim_plan_read_entries(struct sim_plan_text_reader *reader) {
	const struct sim_plan *plan = reader->plan;
	const struct sim_plan_entry *entries = sim_plan_entries(plan);
	const char *kinds[8] = {NULL};
	int last = 0;
	for (int i = 0; entries[i].word != NULL; i++) {
		kinds[i] = entries[i].word;
	}
	while (sim_plan_text_next_line(reader) && reader->more) {
		int kind = 0;
		if (!sim_plan_text_choice(reader, "entry", kinds, 0, &kind)) {
			return false;
		}
		if (kind < last) {
			return sim_plan_text_refuse(reader, "a %s behind a %s, expected %ss, then steps, then faults",
			                            kinds[kind], kinds[last], kinds[0]);
		}
		last = kind;
		if (!entries[kind].read(reader)) {
			return false;
		}
	}
	uint32_t count = plan->report_count + plan->sql.transaction_count + plan->program.operation_count;
	if (count == 0 || plan->step_count == 0) {
		return sim_plan_text_refuse(reader, "no %ss or no steps, expected at least one of each", kinds[0]);
	}
	bool of_orders = sim_plan_is_of_orders(plan);
	return sim_plan_text_check_processes(reader) && (!of_orders || sim_plan_text_check_trader(reader)) &&
	       !reader->refused;
}

static bool sim_plan_read_work(struct sim_plan_text_reader *reader, bool of_program) {
	return of_program                           ? sim_plan_text_read_program(reader)
	       : reader->plan->sql_scenario != NULL ? sim_plan_text_read_sql(reader)
	                                            : sim_plan_text_read_workload(reader);
}

bool sim_plan_text_parse(struct sim_plan *plan, const char *text, const char *name, char *why, size_t why_size) {
	struct sim_plan_text_reader reader = {
	        .plan = plan, .name = name, .text = text, .why = why, .why_size = why_size};
	const struct sim_sql *sql = plan->sql_scenario;
	memset(plan, 0, sizeof *plan);
	plan->sql_scenario = sql;
	bool of_program = sql == NULL && strstr(text, "\nprogram made ") != NULL;
	bool parsed = sim_plan_text_next_line(&reader) && sim_plan_read_header(&reader) &&
	              sim_plan_text_read_settings(&reader) && sim_plan_text_read_vfs(&reader) &&
	              sim_plan_read_work(&reader, of_program) && sim_plan_read_entries(&reader);
	if (parsed) {
		sim_plan_assert(plan);
	}
	/* The words that are not understood are shown, whatever they are made of. */
	for (char *at = why; !parsed && *at != '\0'; at++) {
		*at = *at < ' ' || *at > '~' ? '?' : *at;
	}
	return parsed;
}

bool sim_plan_text_load(struct sim_plan *plan, const char *path, char *why, size_t why_size) {
	bool loaded = false;
	char *text = calloc(1, SIM_PLAN_FILE_BYTES_MAX + 2u);
	FILE *file = fopen(path, "rb");
	if (text == NULL || file == NULL) {
		snprintf(why, why_size, "%s:1: %s, expected a plan", path,
		         text == NULL ? "out of memory" : strerror(errno));
		goto out;
	}
	size_t size = fread(text, 1, SIM_PLAN_FILE_BYTES_MAX + 1u, file);
	if (ferror(file)) {
		snprintf(why, why_size, "%s:1: %s, expected a plan", path, strerror(errno));
	} else if (size > SIM_PLAN_FILE_BYTES_MAX) {
		snprintf(why, why_size, "%s:1: a file of more than %u bytes, expected a plan", path,
		         SIM_PLAN_FILE_BYTES_MAX);
	} else if (strlen(text) != size) {
		snprintf(why, why_size, "%s:1: a file with a NUL byte, expected text", path);
	} else {
		loaded = sim_plan_text_parse(plan, text, path, why, why_size);
	}
out:
	if (file != NULL) {
		fclose(file);
	}
	free(text);
	return loaded;
}

bool sim_plan_text_is_of_sql(const char *path) {
	char line[SIM_PLAN_TEXT_LINE_SIZE];
	bool found = false;
	FILE *file = fopen(path, "rb");
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
		found = strncmp(line, "sql ", 4) == 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	return found;
}
