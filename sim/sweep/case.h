/* sim/sweep/case.h: the words of a sweep, which every file of this room names: what is run, which
 * run is meant, what came of it, and the line that replays it. */
#ifndef AFTERSHOCK_SIM_CASE_H
#define AFTERSHOCK_SIM_CASE_H

#include "fit.h"
#include "run.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_SWEEP_SCENARIOS_MAX 2048u /* as SIM_WORKER_SCENARIOS_MAX */
#define SIM_SWEEP_SPECS_MAX 512u
#define SIM_SWEEP_FAILURES_MAX 1024u
#define SIM_SWEEP_REPLAY_SIZE (4 * SIM_SCENARIO_PATH_SIZE)
#define SIM_SWEEP_NAME_SIZE (SIM_SCENARIO_NAME_SIZE + SIM_CELL_SIZE + 1)
#define SIM_SWEEP_BROKEN_SIZE 400
#define SIM_SWEEP_STOP_AT_VIOLATION "violation" /* the first that nothing excuses */
#define SIM_SWEEP_STOP_AT_CONTROL "control"     /* the first positive control that goes red */

/* Failures of a batch of runs. Each stands in the place of an invariant. */
#define SIM_SWEEP_PROBE_MISSED "probe_reached"         /* no seed reached a probe */
#define SIM_SWEEP_FAULT_UNSTRUCK "fault_strikes"       /* no seed was struck by a fault */
#define SIM_SWEEP_CONTROL_GREEN "control_goes_red"     /* a positive control stays green */
#define SIM_SWEEP_KNOWN_UNSEEN "known_finding_is_seen" /* a known finding is not shown any more */
#define SIM_SWEEP_KNOWN_OFTEN "known_finding_is_rare"  /* it shows more often than it may */
#define SIM_SWEEP_CELLS_DIFFER "cells_agree"           /* two cells of a seed end differently */
#define SIM_SWEEP_NONDETERMINISTIC "nondeterministic"  /* a run is another one with other memory */

struct sim_worker_home;

/* A scenario that the subject does not take, or cells of one (sim/run/fit.h). */
struct sim_sweep_skipped {
	struct sim_scenario *scenario; /* the first of the cells; borrowed */
	uint32_t asked;                /* mask of what they ask for */
	uint32_t cells;                /* so many of its file; the others are run */
	uint32_t of_cells;
};

struct sim_sweep_options {
	uint32_t scenario_count;
	/* the cells of one file are neighbours; borrowed */
	struct sim_scenario *scenarios[SIM_SWEEP_SCENARIOS_MAX];
	uint32_t spec_count;
	char *specs[SIM_SWEEP_SPECS_MAX]; /* "PATH:PATTERN": how the workers load the same ones;
	                                   * borrowed */
	uint32_t skipped_count;
	struct sim_sweep_skipped skipped[SIM_SWEEP_SPECS_MAX];
	uint32_t takes; /* what the subject takes: mask of enum subject_takes, or
	                 * SIM_FIT_EVERYTHING */
	uint64_t first_seed;
	uint64_t seed_count;
	uint32_t partition; /* 1 to partitions */
	uint32_t partitions;
	uint32_t jobs;
	uint32_t hang_seconds;
	double time_limit_s;      /* 0: none */
	double processor_limit_s; /* the same, of processor time */
	bool by_seed;             /* every scenario with one seed, then with the next; else one
	                           * scenario after the other */
	const char *stop_at;      /* one of SIM_SWEEP_STOP_AT_..., or the name of a known
	                           * finding (sim_sweep_names_finding); NULL: go on */
	const char *subject_path; /* of a plug-in; NULL: the built-in subjects */
	/* This process itself is the subject (sim/sweep/worker.h); NULL: the other two say it */
	const struct sim_worker_home *home;
	/* Of a VFS of somebody's own for all scenarios, an absolute path; NULL: as they say */
	const char *vfs_path;
	const char *bug;         /* name of the planted bug, for replay lines; NULL: none */
	bool sanitizes;          /* asked for by name, for replay lines */
	const char *second_path; /* of a second SQLite, for lines of crash states; NULL: none */
	const char *plan_path;   /* the file that a replay reads its plan from; NULL: scenario and
	                           * seed say it */
	const char *library;     /* the directory that plain names of scenarios are looked up in */
	bool library_given;      /* by the caller, so that replay lines must name it, too */
	bool branches_given;     /* by the caller, whatever the scenarios say: */
	uint32_t branches;       /* crash states beside each run */
	bool progress;           /* a line on stderr that is written over */
};

/* Which run: the position of its seed in the sweep, from 0, and the seed itself. */
struct sim_sweep_key {
	uint32_t scenario;
	uint64_t ordinal; /* from seed_count on: of a known finding, which runs beside the others */
	uint64_t seed;
	uint32_t plan; /* n: the plan of the scenario's known finding n - 1, in place of the seed;
	                * 0: none */
};

/* A run as a replay line or a JSON object names it. */
struct sim_sweep_case {
	uint32_t scenario;
	uint64_t seed;
	uint32_t plan;          /* as in struct sim_sweep_key */
	const char *verdict;    /* "held", or the invariant that was violated; NULL: not known */
	uint64_t trace_hash[2]; /* high, low; both 0: not known, for what crashes or hangs has
	                         * none */
	const char *state;      /* POINT/STATE: that crash state of the run alone; NULL: the run */
	const char *outcome;    /* of a replay: "reproduced", ...; NULL for a run of a sweep */
};

/* Why a violation does not fail the sweep (sim/sweep/cell.h). */
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
	char state[SIM_VERDICT_STATE_SIZE]; /* as in struct sim_run_result */
	uint64_t seed;                      /* the first */
	uint64_t ordinal;                   /* of that seed */
	uint32_t plan;                      /* as in struct sim_sweep_key */
	uint64_t count;
};

struct sim_sweep_totals {
	uint64_t runs, held, violated, restarts, crash_states, faults, updates;
	uint64_t excused;                           /* violations that fail nothing: neither held
	                                             * nor violated */
	uint64_t shown;                             /* of them: what a control must show */
	uint64_t lost, lost_most, corrupt;          /* as in sim_run_result */
	uint64_t probe_runs[SIM_PROBE_COUNT];       /* runs that reached it */
	uint64_t probe_times[SIM_PROBE_COUNT];      /* and how often in all */
	uint64_t struck_runs[SIM_FAULT_KIND_COUNT]; /* runs that such a fault struck */
	struct sim_phase_counts phases;
	bool weak;         /* something was lost or corrupt: */
	bool weak_corrupt; /* weak_seed is the first that was corrupt; false: that lost */
	uint64_t weak_seed;
	uint64_t known_runs[SIM_KNOWN_MAX]; /* runs that showed the scenario's n-th known finding */
	uint32_t known_tried;               /* bit n: its seed was run */
	uint32_t known_seen;                /* bit n: and showed it */
};

struct sim_sweep_result {
	struct sim_sweep_totals scenarios[SIM_SWEEP_SCENARIOS_MAX];
	struct sim_sweep_totals all;
	uint64_t twice;    /* runs that were run a second time, on other ground */
	uint64_t compared; /* runs whose final state was compared with that of another cell of their
	                    * seed */
	uint32_t too_few;  /* files whose batch is too small to tell (sim/sweep/demand.h) */
	uint32_t failure_count;
	struct sim_sweep_failure failures[SIM_SWEEP_FAILURES_MAX];
	uint64_t rss_first_kib; /* of the first worker to report, at its first run */
	uint64_t rss_last_kib;  /* the largest that any worker reported at its last */
	double wall_s;
	double processor_s; /* of the workers, when they reported last */
	bool interrupted;
	bool stopped; /* at what options->stop_at says */
	bool out_of_time;
	char broken[SIM_SWEEP_BROKEN_SIZE]; /* one line about what failed in the test bed itself;
	                                     * empty: nothing did */
	int exit_status;                    /* enum sim_exit_status */
};

/* ---- names ----------------------------------------------------------------------------------- */

/* "kill-anywhere", or with axes "contracts:wal,full". */
void sim_sweep_name(const struct sim_scenario *scenario, char name[SIM_SWEEP_NAME_SIZE]);
/* "held", "violated", "harness_failed". */
const char *sim_sweep_verdict_name(enum sim_verdict verdict);
/* Whether what is run is the product: the built-in subjects, and no planted bug. What is demanded
 * of a batch (probes, findings that must show) is demanded of it only. */
bool sim_sweep_is_of_product(const struct sim_sweep_options *options);
/* What is run, for messages: "the plug-in FILE.so", "the engine with the bug NAME", "the built-in
 * subject". */
void sim_sweep_subject_name(const struct sim_sweep_options *options, char *name, size_t size);
/* The first scenario beyond those that come from the same file as `first`. */
uint32_t sim_sweep_group_end(const struct sim_sweep_options *options, uint32_t first);

/* ---- lines that replay ----------------------------------------------------------------------- */

/* What replay lines and JSON say of a run. The case borrows from `run`. */
struct sim_sweep_case sim_sweep_case_of(const struct sim_sweep_key *key, const struct sim_run_result *run);
/* "aftershock replay NAME@0x..." with --bug, --subject or --library as needed, and with what is
 * known of the run, so that the replay can say whether it is still the same. Paths are absolute and
 * quoted: the line runs as it stands in any directory. */
void sim_sweep_replay_line(const struct sim_sweep_options *options, const struct sim_sweep_case *about, char *line,
                           size_t size);
void sim_sweep_failure_line(const struct sim_sweep_options *options, const struct sim_sweep_failure *failure,
                            char *line, size_t size);
/* "NAME" or "NAME:CELL", as a replay names the scenario: one of the library goes by its name, any
 * other by its path. */
#define SIM_SWEEP_WORD_SIZE (SIM_SWEEP_REPLAY_SIZE + SIM_CELL_SIZE + 1)
void sim_sweep_word(const struct sim_sweep_options *options, uint32_t number, char word[SIM_SWEEP_WORD_SIZE]);
/* A word for the shell, behind a space; in quotes where it needs them. */
void sim_sweep_append_word(char *line, size_t size, const char *word);
/* The line of a seed that loses or corrupts; empty when none did. */
void sim_sweep_weak_line(const struct sim_sweep_options *options, const struct sim_sweep_result *result,
                         uint32_t number, char *line, size_t size);

/* ---- failures -------------------------------------------------------------------------------- */

/* Notes that this run fails the sweep. Runs of one scenario that violate the same invariant are one
 * failure. */
void sim_sweep_note_failure(struct sim_sweep_result *result, const struct sim_sweep_key *key,
                            const struct sim_run_result *run);
/* Notes a failure of a batch, not of a run. */
void sim_sweep_fail_batch(struct sim_sweep_result *result, const struct sim_sweep_failure *failure);

/* What the subject does not take of a scenario that was skipped, or in how many of its cells. */
#define SIM_SWEEP_SKIPPED_SIZE (SIM_FIT_TEXT_SIZE + 40)
void sim_sweep_skipped_text(const struct sim_sweep_options *options, uint32_t number,
                            char text[SIM_SWEEP_SKIPPED_SIZE]);

#endif
