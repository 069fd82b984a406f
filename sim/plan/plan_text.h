/* sim/plan/plan_text.h: the text form of a plan.
 *
 * It is made to be kept, edited and run again (`aftershock replay --plan FILE`). A line an entry,
 * words one space apart, in this order; empty lines and lines that begin with # say nothing:
 *
 *     plan 3 scenario NAME seed 0xSIXTEEN_DIGITS
 *     setting NAME VALUE [UNIT]                    each of sim/plan/plan_text_settings.c in order
 *     workload symbols N tape (yes|no) [holds N] [ids N]
 *            [trader (trusting|agreeing) limit N lots judged_by (model|exchange)]
 *     report N EXEC_TYPE order ON client ID symbol SN side (buy|sell) quantity N lots price N ticks
 *            last N lots at N ticks
 *            cum N leaves N status STATUS commission N CURRENCY time N ns
 *            [original ID] [about EN] [nameless|as EN|id EN] [broken WHAT]       (one line)
 *     report N (halt|resume|limits position N lots notional N tick_lots orders N) time N ns
 *     step N (deliver REPORT|again REPORT|wake REPORT|trade REPORT (whole|failed|empty)|
 *             batch REPORT count N|transaction NUMBER|restart|checkpoint|takeover|retire|none)
 *     fault SENTENCE                               of sim/fault.h
 *
 * Reports and steps are numbered from 0 without gaps; the exec id of report N is EN, unless it
 * says that it has none, or bears that of another: the same report on another channel, or one that
 * contradicts it. `id` is the exec id of a report of another symbol. With `ids N` each name has N
 * characters. A broken report is printed as it was before it was broken. To take a step away and
 * leave the faults of the others where they are, make it `none`. parse(print(x)) equals x for
 * every plan, and print(parse(text)) equals text for every text without comments: what could be
 * written in two ways is accepted in one. */
#ifndef AFTERSHOCK_SIM_PLAN_TEXT_H
#define AFTERSHOCK_SIM_PLAN_TEXT_H

#include "plan.h"

#include <stdio.h>

#define SIM_PLAN_FILE_BYTES_MAX (1024u * 1024u)

void sim_plan_text_print(const struct sim_plan *plan, FILE *out);
/* Reads the text form. `plan->sql_scenario` says what it is a plan of and stays; in one of SQL
 * there is, in place of `workload` and `report`:
 *
 *     sql after_doubt (reopen|continue)
 *     sql templates_on 0xMASK...                     a mask for every 64 templates
 *     sql checked_starts 0xMASK
 *     transaction N NAME [look] [:PARAMETER NUMBER | :PARAMETER SIZE bytes from NUMBER]...
 *
 * and with several processes, between transactions and steps, who they are and whose turn it is;
 * each step says by whom it is done, and a recorded schedule (`replay --print-schedule`) comes
 * last:
 *
 *     process N NAME ROLE
 *     schedule RULE                                of sim/schedule.h
 *     step N (transaction NUMBER|look COUNT|checkpoint MODE|backup PAGES|switch MODE|
 *            vacuum|check|restart|none) by NAME pause N ms hold N ms
 *     switch POINT NAME
 *
 * Engines, between reports and steps, have `deliver REPORT`, `again REPORT` and `checkpoint`
 * without a mode; their readers `look COUNT`.
 *
 * The exchange of a plan is honest: the reports of an order agree with each other, and fills add
 * up; the judge relies on it. False with one line in `why`, "name:line: what is wrong, what was
 * expected". */
bool sim_plan_text_parse(struct sim_plan *plan, const char *text, const char *name, char *why, size_t why_size);
/* The same from a file of at most SIM_PLAN_FILE_BYTES_MAX. */
bool sim_plan_text_load(struct sim_plan *plan, const char *path, char *why, size_t why_size);
/* Whether a file has a line of an SQL plan. */
bool sim_plan_text_is_of_sql(const char *path);

#endif
