/* sim/plan/plan_text_sections.h: the sections of the text form, each printed and read in a file of
 * its own. */
#ifndef AFTERSHOCK_SIM_PLAN_TEXT_SECTIONS_H
#define AFTERSHOCK_SIM_PLAN_TEXT_SECTIONS_H

#include "plan_text_words.h"

#include <stdio.h>

/* The `setting` lines. */
void sim_plan_text_print_settings(const struct sim_plan *plan, FILE *out);
bool sim_plan_text_read_settings(struct sim_plan_text_reader *reader);
/* The line `vfs`, which need not be there. */
void sim_plan_text_print_vfs(const struct sim_plan *plan, FILE *out);
bool sim_plan_text_read_vfs(struct sim_plan_text_reader *reader);
/* Of several processes: the lines `process`, `schedule` and `switch`; and whether what belongs
 * together is there. plan_text_processes.c. */
void sim_plan_text_print_processes(const struct sim_plan *plan, FILE *out);
void sim_plan_text_print_switches(const struct sim_processes_plan *processes, FILE *out);
bool sim_plan_text_read_process(struct sim_plan_text_reader *reader);
bool sim_plan_text_read_schedule(struct sim_plan_text_reader *reader);
/* The number of a process of the plan, by its name. */
bool sim_plan_text_read_process_name(struct sim_plan_text_reader *reader, uint32_t *process);
bool sim_plan_text_read_switch(struct sim_plan_text_reader *reader);
bool sim_plan_text_check_processes(struct sim_plan_text_reader *reader);
/* The `workload` line, and one `report`, of which the word itself was read. */
void sim_plan_text_print_workload(const struct sim_plan *plan, FILE *out);
bool sim_plan_text_read_workload(struct sim_plan_text_reader *reader);
void sim_plan_text_print_report(const struct sim_report *report, uint32_t number, FILE *out);
bool sim_plan_text_read_report(struct sim_plan_text_reader *reader);
/* plan_text_check.c: whether the report that is being read, all of whose words are known, is
 * honest. */
bool sim_plan_text_check_report(struct sim_plan_text_reader *reader, const struct sim_report *report);

/* plan_text_trader.c: at the end of the `workload` line; and of the whole. */
void sim_plan_text_print_trader(const struct sim_trader *trader, FILE *out);
bool sim_plan_text_read_trader(struct sim_plan_text_reader *reader);
bool sim_plan_text_check_trader(struct sim_plan_text_reader *reader);
/* Whether the trader may send the order that the report is the intent of. */
bool sim_plan_text_check_intent(struct sim_plan_text_reader *reader, const struct sim_report *report);

/* plan_text_sql.c: the lines `sql`, and the lines `transaction`, of which the word itself was
 * read. */
void sim_plan_text_print_sql(const struct sim_plan *plan, FILE *out);
bool sim_plan_text_read_sql(struct sim_plan_text_reader *reader);
bool sim_plan_text_read_transaction(struct sim_plan_text_reader *reader);

/* plan_text_program.c: the line `program`, and the lines `operation`, of which the word itself was
 * read. */
void sim_plan_text_print_program(const struct sim_plan *plan, FILE *out);
bool sim_plan_text_read_program(struct sim_plan_text_reader *reader);
bool sim_plan_text_read_operation(struct sim_plan_text_reader *reader);

/* plan_text_steps.c: the lines `step`, of which the word itself was read. */
void sim_plan_text_print_step(const struct sim_plan *plan, uint32_t number, FILE *out);
bool sim_plan_text_read_step(struct sim_plan_text_reader *reader);

#endif
