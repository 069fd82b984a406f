/* sim/run/fit.h: whether a subject takes what a scenario or a plan asks of it. What does not fit is
 * not run: a verdict about another subject than the one that was given would be worse than none. */
#ifndef AFTERSHOCK_SIM_FIT_H
#define AFTERSHOCK_SIM_FIT_H

#include "plan.h"
#include "scenario.h"
#include "subject.h"

#include <stddef.h>
#include <stdint.h>

#define SIM_FIT_TEXT_SIZE 400

/* What the built-in subjects take: everything, because each scenario names the one that it is
 * for. */
#define SIM_FIT_EVERYTHING (UINT32_MAX & ~SIM_FIT_NEWER_SQLITE)
/* Asked of the program, not of the subject, and never taken: a release of SQLite that it does not
 * run with. */
#define SIM_FIT_NEWER_SQLITE (1u << 31)

/* Masks of what is asked: by any plan of the scenario, and by this plan. */
uint32_t sim_fit_of_scenario(const struct sim_scenario *scenario);
uint32_t sim_fit_of_plan(const struct sim_plan *plan);
/* What is asked and not taken, in words: "commands, batches"; empty when it fits. `sqlite_lowest`:
 * the release that SIM_FIT_NEWER_SQLITE is about, as a number; any without it. */
void sim_fit_text(uint32_t asked, uint32_t takes, uint32_t sqlite_lowest, char text[SIM_FIT_TEXT_SIZE]);

#endif
