/* sim/sweep/sweep.h: many seeds over many scenarios in worker processes. The coordinator runs no simulation and loads no plug-in: a
 * subject that crashes or hangs takes its worker with it, which is a violation of that one seed, and the sweep goes on. */
#ifndef AFTERSHOCK_SIM_SWEEP_H
#define AFTERSHOCK_SIM_SWEEP_H

#include "run.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SIM_SWEEP_SCENARIOS_MAX 2048u /* as SIM_WORKER_SCENARIOS_MAX */
#define SIM_SWEEP_SPECS_MAX 512u
#define SIM_SWEEP_FAILURES_MAX 1024u
#define SIM_SWEEP_JOBS_MAX 256u
#define SIM_SWEEP_REPLAY_SIZE (4 * SIM_SCENARIO_PATH_SIZE)
/* Stands in the place of an invariant when no seed of a batch reached a probe. */
#define SIM_SWEEP_PROBE_MISSED "probe_reached"
/* The same for a fault that never struck, for a positive control that stays green, and for a known finding that its seed does not show any more. */
#define SIM_SWEEP_FAULT_UNSTRUCK "fault_strikes"
#define SIM_SWEEP_CONTROL_GREEN "control_goes_red"
#define SIM_SWEEP_KNOWN_UNSEEN "known_finding_is_seen"
/* And for a run that did not end in the same state as another cell's of the same seed. */
#define SIM_SWEEP_CELLS_DIFFER "cells_agree"
#define SIM_SWEEP_NAME_SIZE (SIM_SCENARIO_NAME_SIZE + SIM_CELL_SIZE + 1)

struct sim_sweep_options {
	uint32_t scenario_count;
	struct sim_scenario *scenarios[SIM_SWEEP_SCENARIOS_MAX]; /* the cells of one file are neighbours; borrowed */
	uint32_t spec_count;
	char *specs[SIM_SWEEP_SPECS_MAX]; /* "PATH:PATTERN": how the workers load the same ones; borrowed */
	uint64_t first_seed;
	uint64_t seed_count;
	uint32_t partition; /* 1 to partitions */
	uint32_t partitions;
	uint32_t jobs;
	uint32_t hang_seconds;
	double time_limit_s;      /* 0: none */
	const char *subject_path; /* of a plug-in; NULL: the built-in engine */
	const char *bug;          /* name of the planted bug, for replay lines; NULL: none */
	const char *plan_path;    /* the file that a replay reads its plan from; NULL: scenario and seed say it */
	const char *results_path; /* directory; NULL: none */
	const char *library;      /* the directory that plain names of scenarios are looked up in */
	bool library_given;       /* by the caller, so that replay lines must name it, too */
	bool json;
	bool cells;    /* at the end, the promised/measured table of scenarios with axes and with known findings */
	bool progress; /* a line on stderr that is written over */
};

/* Which run: the position of its seed in the sweep, from 0, and the seed itself. */
struct sim_sweep_key {
	uint32_t scenario;
	uint64_t ordinal;
	uint64_t seed;
};

/* A run as a replay line or a JSON object names it. */
struct sim_sweep_case {
	uint32_t scenario;
	uint64_t seed;
	const char *verdict;    /* "held", or the invariant that was violated; NULL: not known */
	uint64_t trace_hash[2]; /* high, low; both 0: not known, for what crashes or hangs has none */
	const char *outcome;    /* of a replay: "reproduced", ...; NULL for a run of a sweep */
};

/* Why a violation does not fail the sweep (sim/sweep/cell.c). */
enum sim_sweep_excuse {
	SIM_SWEEP_NO_EXCUSE = 0,
	SIM_SWEEP_CONTROL, /* a positive control went red, as it must */
	SIM_SWEEP_KNOWN,   /* a known finding in SQLite */
};

/* One distinct way to fail: scenario and invariant. */
struct sim_sweep_failure {
	uint32_t scenario;
	uint64_t trace_hash[2]; /* of the first seed */
	char invariant[SIM_VERDICT_INVARIANT_SIZE];
	char detail[SIM_VERDICT_DETAIL_SIZE];
	uint64_t seed;    /* the first */
	uint64_t ordinal; /* of that seed */
	uint64_t count;
};

struct sim_sweep_totals {
	uint64_t runs, held, violated, restarts, crash_states, faults, updates;
	uint64_t excused;                           /* violations that fail nothing: neither held nor violated */
	uint64_t lost, lost_most, corrupt;          /* as in sim_run_result */
	uint64_t probe_runs[SIM_PROBE_COUNT];       /* runs that reached it */
	uint64_t struck_runs[SIM_FAULT_KIND_COUNT]; /* runs that such a fault struck */
	bool weak;                                  /* something was lost or corrupt: */
	bool weak_corrupt;                          /* weak_seed is the first that was corrupt; false: that lost */
	uint64_t weak_seed;
	uint64_t known_runs[SIM_KNOWN_MAX]; /* runs that showed the scenario's n-th known finding */
	uint32_t known_tried;               /* bit n: its seed was run */
	uint32_t known_seen;                /* bit n: and showed it */
};

struct sim_sweep_result {
	struct sim_sweep_totals scenarios[SIM_SWEEP_SCENARIOS_MAX];
	struct sim_sweep_totals all;
	uint64_t compared; /* runs whose final state was compared with that of another cell of their seed */
	uint32_t failure_count;
	struct sim_sweep_failure failures[SIM_SWEEP_FAILURES_MAX];
	uint64_t rss_first_kib; /* of the first worker to report, at its first run */
	uint64_t rss_last_kib;  /* the largest that any worker reported at its last */
	double wall_s;
	bool interrupted;
	bool out_of_time;
	int exit_status; /* docs/architecture.md section 5 */
};

/* Set by a signal handler: the sweep ends as soon as it can. */
extern volatile sig_atomic_t sim_sweep_stop;

/* Runs everything, prints JSON lines to `out` when asked to, and fills the result. Problems of the test bed itself are one line on
 * stderr and exit status 3. */
void sim_sweep_run(const struct sim_sweep_options *options, FILE *out, struct sim_sweep_result *result);
/* The table, the rates, and each distinct failure with its line to paste. */
void sim_sweep_print(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out);
/* Whether what is run is the product: the built-in subjects, and no planted bug. What is demanded of a batch (probes, findings that
 * must show) is demanded of it only. */
bool sim_sweep_is_of_product(const struct sim_sweep_options *options);
/* "aftershock replay NAME@0x..." with --bug, --subject or --library as needed, and with what is known of the run, so that the
 * replay can say whether it is still the same. */
void sim_sweep_replay_line(const struct sim_sweep_options *options, const struct sim_sweep_case *about, char *line,
                           size_t size);
void sim_sweep_failure_line(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                            char *line, size_t size);
/* One JSON object, as docs/architecture.md section 6 lists its fields. */
void sim_sweep_json_run(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                        const struct sim_run_result *run, FILE *out);
/* What replay lines and JSON say of a run. */
struct sim_sweep_case sim_sweep_case_of(uint32_t scenario, uint64_t seed, const struct sim_run_result *run);
/* Adds a run to the totals of its scenario and of all. */
void sim_sweep_count(const struct sim_sweep_options *options, struct sim_sweep_result *result,
                     const struct sim_sweep_case *about, const struct sim_run_result *run);
/* "kill-anywhere", or with axes "contracts:wal,full". */
void sim_sweep_name(const struct sim_scenario *scenario, char name[SIM_SWEEP_NAME_SIZE]);
/* Notes a failure of a batch, not of a run. */
void sim_sweep_fail_batch(struct sim_sweep_result *result, const struct sim_sweep_failure *failure);
const char *sim_sweep_verdict_name(enum sim_verdict verdict);

#endif
