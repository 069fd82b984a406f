/* sim/sweep/cell.h: promised against measured. A cell is one scenario of a sweep, also one without
 * axes. Its contract promises something, its runs showed something, and this file says whether the
 * two go together. */
#ifndef AFTERSHOCK_SIM_CELL_H
#define AFTERSHOCK_SIM_CELL_H

#include "case.h"

enum sim_cell_verdict {
	SIM_CELL_NONE = 0,  /* nothing was run */
	SIM_CELL_KEPT,      /* durable was promised and held */
	SIM_CELL_BROKEN,    /* a promise was broken: the sweep fails */
	SIM_CELL_SHOWN,     /* a weaker promise held, and the weakness that it documents was seen */
	SIM_CELL_NOT_SHOWN, /* it held, and the weakness was never seen: reported, not failed */
	SIM_CELL_RED,       /* a positive control was caught, as it must be */
	SIM_CELL_GREEN,     /* a positive control was not caught: the sweep fails */
	SIM_CELL_KNOWN,     /* the only promises that were broken are known findings in SQLite */
	SIM_CELL_UNDECIDED, /* a positive control was not caught, in fewer runs than it is given */
};

enum sim_cell_verdict sim_cell_judge(const struct sim_scenario *scenario, const struct sim_sweep_totals *totals);
/* "kept", "BROKEN", "shown", "not shown", "red", "GREEN", "known", "undecided"; "not run". */
const char *sim_cell_verdict_name(enum sim_cell_verdict verdict);

/* Whether the finding is one of the SQLite that this program runs with; and whether its seed was
 * recorded with this very build. */
bool sim_cell_known_here(const struct sim_known *known);
bool sim_cell_known_recorded_here(const struct sim_known *known);
/* Whether this violation is one that must be: of a positive control, or of a known finding on this
 * version of SQLite. */
enum sim_sweep_excuse sim_cell_excuse(const struct sim_sweep_options *options, uint32_t scenario,
                                      const struct sim_run_result *run);
/* "": none; "control"; or the id of the known finding. */
const char *sim_cell_excuse_name(const struct sim_sweep_options *options, uint32_t scenario,
                                 const struct sim_run_result *run);
/* Whether it shows what the positive control must show: content, or anything that excuses it. */
bool sim_cell_shows(const struct sim_sweep_options *options, uint32_t scenario, const struct sim_run_result *run);
void sim_cell_count_known(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                          const struct sim_run_result *run, struct sim_sweep_totals *totals);
/* After the last run: demands that were missed (demand.h), controls that stayed green, known
 * findings that were not seen. */
void sim_cell_check_batch(const struct sim_sweep_options *options, struct sim_sweep_result *result);

/* Whether the table of promised and measured has a row for this scenario. */
bool sim_cell_is_shown(const struct sim_scenario *scenario);
/* "3.40.1..3.49.2, 3.50.1": the versions that a finding concerns. */
#define SIM_CELL_VERSIONS_SIZE 256
void sim_cell_versions_text(const struct sim_known *known, char text[SIM_CELL_VERSIONS_SIZE]);
/* Of the n-th known finding of a scenario: "seen", "NOT SEEN", "not tried", "not concerned". */
const char *sim_cell_known_state(const struct sim_scenario *scenario, const struct sim_sweep_totals *totals,
                                 uint32_t n);
/* The line that replays known finding `number` of a scenario: its seed, or its plan. */
void sim_cell_known_line(const struct sim_sweep_options *options, uint32_t scenario, uint32_t number, char *line,
                         size_t size);

#endif
