/* sim/plan/plan_text_processes.c: the lines of a plan that are about several processes: who they
 * are, whose turn it is, what each does. */
#include "plan_text_sections.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PLAN_TEXT_SWITCHES_MAX 1000000u

/* ---- printing -------------------------------------------------------------------------------- */

void sim_plan_text_print_processes(const struct sim_plan *plan, FILE *out) {
	char text[SIM_SCHEDULE_TEXT_SIZE];
	const struct sim_processes_plan *processes = &plan->processes;
	if (processes->count == 0) {
		return;
	}
	for (uint32_t i = 0; i < processes->count; i++) {
		const struct sim_process_member *member = &processes->members[i];
		bool usual = member->access == SUBJECT_ACCESS_USUAL;
		fprintf(out, "process %u %s %s%s%s\n", i, member->name, sim_role_name(member->role), usual ? "" : " ",
		        usual ? "" : sim_access_name(member->access));
	}
	sim_schedule_print(&processes->schedule, text);
	fprintf(out, "schedule %s\n", text);
}

void sim_plan_text_print_switches(const struct sim_processes_plan *processes, FILE *out) {
	for (size_t i = 0; i < processes->switch_count; i++) {
		const struct sim_switch *entry = &processes->switches[i];
		fprintf(out, "switch %" PRIu64 " %s\n", entry->point, processes->members[entry->process].name);
	}
}

/* ---- reading --------------------------------------------------------------------------------- */

/* How it opens the database, if not in the usual way. */
static bool sim_plan_text_read_access(struct sim_plan_text_reader *reader, struct sim_process_member *member) {
	const char *words[SUBJECT_ACCESS_COUNT + 1] = {NULL};
	int access = 0;
	for (int i = 0; i < SUBJECT_ACCESS_COUNT; i++) {
		words[i] = sim_access_name((enum subject_access)i);
	}
	if (reader->next == NULL) {
		return true;
	}
	bool read = sim_plan_text_choice(reader, "way to open", words, 1, &access);
	member->access = (enum subject_access)access;
	return read && (sim_role_row(member->role)->only_reads ||
	                sim_plan_text_refuse(reader, "a %s that opens %s, expected a reader, checker, backup or copier",
	                                     sim_role_name(member->role), words[access]));
}

bool sim_plan_text_read_process(struct sim_plan_text_reader *reader) {
	struct sim_processes_plan *processes = &reader->plan->processes;
	const char *roles[SIM_ROLE_COUNT + 1] = {NULL};
	uint32_t number = 0;
	int role = 0;
	if (processes->count == SIM_PROCESSES_MAX) {
		return sim_plan_text_refuse(reader, "one more process, expected at most %u", SIM_PROCESSES_MAX);
	}
	for (int i = 0; i < SIM_ROLE_COUNT; i++) {
		roles[i] = sim_role_name((enum sim_role)i);
	}
	struct sim_process_member *member = &processes->members[processes->count];
	if (!sim_plan_text_small(reader, "process", processes->count, processes->count, &number) ||
	    !sim_plan_text_id(reader, "name", member->name, sizeof member->name) ||
	    !sim_plan_text_choice(reader, "role", roles, 1, &role)) {
		return false;
	}
	if (sim_plan_find_process(processes, member->name) != SIM_PROCESSES_MAX) {
		return sim_plan_text_refuse(reader, "a second process %s, expected another name", member->name);
	}
	member->role = (enum sim_role)role;
	processes->count++;
	return sim_plan_text_read_access(reader, member) && sim_plan_text_expect_end(reader);
}

bool sim_plan_text_read_schedule(struct sim_plan_text_reader *reader) {
	struct sim_processes_plan *processes = &reader->plan->processes;
	char why[SIM_SCENARIO_TEXT_SIZE];
	const char *text = reader->next != NULL ? reader->next : "";
	if (processes->count == 0 || processes->schedule.strategy != SIM_STRATEGY_NONE) {
		return sim_plan_text_refuse(reader, "a schedule %s, expected one behind the processes",
		                            processes->count == 0 ? "of no processes" : "more");
	}
	return sim_schedule_parse(text, &processes->schedule, why, sizeof why) ||
	       sim_plan_text_refuse(reader, "%s", why);
}

bool sim_plan_text_read_process_name(struct sim_plan_text_reader *reader, uint32_t *process) {
	const char *name = sim_plan_text_word(reader);
	*process = sim_plan_find_process(&reader->plan->processes, name);
	return *process < SIM_PROCESSES_MAX ||
	       sim_plan_text_refuse(reader, "unknown process %.60s, expected one of this plan",
	                            sim_plan_text_shown(name));
}

/* Room for one more, doubled when there is none. */
static struct sim_switch *sim_plan_add_switch(struct sim_processes_plan *processes) {
	size_t count = processes->switch_count;
	bool full = count == 0 || (count >= 64 && (count & (count - 1)) == 0);
	if (full) {
		struct sim_switch *grown =
		        realloc(processes->switches, (count == 0 ? 64 : count * 2) * sizeof *processes->switches);
		if (grown == NULL) {
			return NULL;
		}
		processes->switches = grown;
	}
	return &processes->switches[processes->switch_count++];
}

bool sim_plan_text_read_switch(struct sim_plan_text_reader *reader) {
	struct sim_processes_plan *processes = &reader->plan->processes;
	uint64_t last = processes->switch_count > 0 ? processes->switches[processes->switch_count - 1].point + 1 : 0;
	uint64_t point = 0;
	uint32_t process = 0;
	if (processes->schedule.strategy != SIM_STRATEGY_RECORDED ||
	    processes->switch_count == SIM_PLAN_TEXT_SWITCHES_MAX) {
		return sim_plan_text_refuse(reader, "a switch, expected `schedule recorded` before it, and at most %u",
		                            SIM_PLAN_TEXT_SWITCHES_MAX);
	}
	if (!sim_plan_text_number(reader, "point", (uint32_t)last, UINT32_MAX, &point) ||
	    !sim_plan_text_read_process_name(reader, &process) || !sim_plan_text_expect_end(reader)) {
		return false;
	}
	struct sim_switch *entry = sim_plan_add_switch(processes);
	if (entry == NULL) {
		return sim_plan_text_refuse(reader, "out of memory, expected fewer switches");
	}
	*entry = (struct sim_switch){.point = point, .process = process};
	return true;
}

/* What can be said only when all of it is there. */
bool sim_plan_text_check_processes(struct sim_plan_text_reader *reader) {
	const struct sim_plan *plan = reader->plan;
	if (plan->processes.count > 0 && plan->processes.schedule.strategy == SIM_STRATEGY_NONE) {
		return sim_plan_text_refuse(reader, "no schedule, expected one behind the processes");
	}
	if (plan->processes.count > 0 && (plan->settings.branches > 0 || plan->settings.all_branches)) {
		return sim_plan_text_refuse(reader, "crash states beside several processes, expected no branches");
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		const char *name = plan->faults[i].process;
		if (name[0] != '\0' && sim_plan_find_process(&plan->processes, name) == SIM_PROCESSES_MAX) {
			return sim_plan_text_refuse(reader, "a fault of process %s, expected one of this plan", name);
		}
	}
	return true;
}
