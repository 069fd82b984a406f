/* sim/plan/plan_text_program.c: the lines of a plan that are about a program of any kind: what was
 * drawn, and each operation. */
#include "plan_text_sections.h"

#include "operation.h"

#include <inttypes.h>
#include <string.h>

void sim_plan_text_print_program(const struct sim_plan *plan, FILE *out) {
	const struct sim_program_plan *program = &plan->program;
	fprintf(out, "program made %s kinds 0x%08" PRIx32 "\n", program->made ? "yes" : "no", program->kinds_on);
	for (uint32_t i = 0; i < program->operation_count; i++) {
		const struct sim_operation *operation = &program->operations[i];
		if (operation->text[0] != '\0') {
			fprintf(out, "operation %u text %s\n", i, operation->text);
		} else {
			fprintf(out, "operation %u drawn 0x%016" PRIx64 "\n", i, operation->number);
		}
	}
}

bool sim_plan_text_read_program(struct sim_plan_text_reader *reader) {
	static const char *const answers[] = {"no", "yes", NULL};
	struct sim_program_plan *program = &reader->plan->program;
	int made = 0;
	uint64_t kinds = 0;
	if (!sim_plan_text_next_line(reader) || !sim_plan_text_expect(reader, "program") ||
	    !sim_plan_text_expect(reader, "made") || !sim_plan_text_choice(reader, "made", answers, 0, &made) ||
	    !sim_plan_text_expect(reader, "kinds") || !sim_plan_text_hex(reader, "kinds", 8, &kinds)) {
		return false;
	}
	program->is_one = true;
	program->made = made == 1;
	program->kinds_on = (uint32_t)kinds;
	return sim_plan_text_expect_end(reader);
}

/* All that is left of the line. */
static bool sim_plan_read_operation_text(struct sim_plan_text_reader *reader, char text[SUBJECT_OPERATION_SIZE]) {
	const char *rest = reader->next != NULL ? reader->next : "";
	bool is_line = true;
	for (const char *at = rest; *at != '\0'; at++) {
		is_line = is_line && (unsigned char)*at >= ' ' && *at != 0x7f;
	}
	if (rest[0] == '\0' || strlen(rest) >= SUBJECT_OPERATION_SIZE || !is_line) {
		return sim_plan_text_refuse(reader, "an operation of %zu bytes%s, expected one line of 1 to %d",
		                            strlen(rest), is_line ? "" : " with a control character",
		                            SUBJECT_OPERATION_SIZE - 1);
	}
	snprintf(text, SUBJECT_OPERATION_SIZE, "%s", rest);
	reader->next = NULL;
	return true;
}

bool sim_plan_text_read_operation(struct sim_plan_text_reader *reader) {
	static const char *const forms[] = {"text", "drawn", NULL};
	struct sim_program_plan *program = &reader->plan->program;
	uint32_t number = 0;
	int form = 0;
	if (program->operation_count == SIM_PLAN_OPERATIONS_MAX) {
		return sim_plan_text_refuse(reader, "one more operation, expected at most %u", SIM_PLAN_OPERATIONS_MAX);
	}
	struct sim_operation *operation = &program->operations[program->operation_count];
	if (!sim_plan_text_small(reader, "operation", program->operation_count, program->operation_count, &number) ||
	    !sim_plan_text_choice(reader, "form of an operation", forms, 0, &form)) {
		return false;
	}
	program->operation_count++;
	if (form == 0) {
		return sim_plan_read_operation_text(reader, operation->text);
	}
	return sim_plan_text_hex(reader, "operation", 16, &operation->number) && sim_plan_text_expect_end(reader);
}
