/* sim/schedule.h: which simulated process runs next. A schedule is asked at every point at which a
 * process may lose its turn: every VFS call. It is part of the plan: a strategy by name with its
 * numbers, drawn by swarm, or a recorded list of switches.
 *
 * Whatever strategy made them, switches are recorded as (point, process): the recording replays the
 * run without the strategy, can be printed, edited and parsed back, and made smaller (fewest
 * switches that still fail).
 */
#ifndef AFTERSHOCK_SIM_SCHEDULE_H
#define AFTERSHOCK_SIM_SCHEDULE_H

#include "pcg.h"
#include "vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SCHEDULE_PROCESSES_MAX 16u
#define SIM_SCHEDULE_CHANGES_MAX 8u
#define SIM_SCHEDULE_TEXT_SIZE 128

enum sim_strategy {
	SIM_STRATEGY_NONE = 0,
	SIM_STRATEGY_UNIFORM,           /* at each point, with `percent`, to a process drawn from
	                                 * all that can run */
	SIM_STRATEGY_PRIORITIES,        /* the highest priority that can run; at `changes` points
	                                 * the running one falls to the lowest (S. Burckhardt et
	                                 * al., "A Randomized Scheduler with Probabilistic
	                                 * Guarantees of Finding Bugs", ASPLOS 2010) */
	SIM_STRATEGY_ROUND_ROBIN,       /* each in turn for `quantum` points */
	SIM_STRATEGY_RUN_TO_COMPLETION, /* until it sleeps or ends; then one drawn from all that can
	                                 * run */
	SIM_STRATEGY_TARGETED,          /* as uniform, but with `percent` only around the named
	                                 * operations, and 2 percent elsewhere */
	SIM_STRATEGY_STEPS,             /* between two steps with `percent` to another process.
	                                 * `interrupted` percent of the steps lose the turn once in
	                                 * the middle, at a place drawn by method or phase, and then
	                                 * by number; whoever is interrupted there rests until the
	                                 * others have made up to `rest` calls */
	SIM_STRATEGY_PARTIAL_ORDER,     /* each pending call has a random priority, and the highest
	                                 * goes on; those that race with it get another one (X. Yuan
	                                 * et al., "Partial Order Aware Concurrency Sampling", CAV
	                                 * 2018) */
	SIM_STRATEGY_RECORDED,          /* the switches of a list, and none but these */
	SIM_STRATEGY_COUNT
};

/* Operations that a targeted schedule switches around. */
enum sim_schedule_target {
	SIM_TARGET_NONE = 0,
	SIM_TARGET_CHECKPOINT,    /* the database is written or synced while a WAL is in use, and
	                           * the locks around it */
	SIM_TARGET_WAL_INDEX,     /* shared memory is mapped, locked or unlocked */
	SIM_TARGET_COMMIT,        /* a journal is synced, truncated or deleted; the WAL is written
	                           * or synced */
	SIM_TARGET_DATABASE_LOCK, /* xLock, xUnlock, xCheckReservedLock */
	SIM_TARGET_OPEN,          /* files are opened, closed, deleted or looked for */
	SIM_TARGET_COUNT
};

/* What a plan says of a schedule: plain numbers, 0 where a strategy does not use one. */
struct sim_schedule_rule {
	enum sim_strategy strategy;
	enum sim_schedule_target target;
	uint32_t percent;      /* 1 to 100: uniform, targeted, steps */
	uint32_t quantum;      /* from 1: round_robin */
	uint32_t changes;      /* 0 to SIM_SCHEDULE_CHANGES_MAX: priorities */
	uint32_t points_guess; /* from 1: priorities; change points are drawn below this number */
	uint32_t interrupted;  /* 0 to 100 percent: steps */
	uint32_t rest;         /* from 1: steps */
};

/* From `point` (counted from 0) on, `process` runs. */
struct sim_switch {
	uint64_t point;
	uint32_t process;
};

/* The places of a step: a method each, and behind them a phase each. */
#define SIM_SCHEDULE_PLACES ((uint32_t)VFS_METHOD_COUNT + (uint32_t)VFS_PHASE_COUNT)

/* Of one process, how often it has come to each place in the step before this one, and in this one;
 * where it is to be interrupted. */
struct sim_schedule_step {
	uint32_t before[SIM_SCHEDULE_PLACES];
	uint32_t now[SIM_SCHEDULE_PLACES];
	uint32_t place; /* SIM_SCHEDULE_PLACES: nowhere */
	uint32_t occurrence;
	uint64_t rests_until; /* a point */
};

/* What a call is about. */
enum sim_schedule_thing { SIM_SCHEDULE_FILE = 0, SIM_SCHEDULE_LOCK, SIM_SCHEDULE_INDEX };

/* The call that a process is about to make. */
struct sim_schedule_pending {
	enum sim_schedule_thing thing;
	uint64_t file;  /* a hash of its path; 0: it races with nothing */
	uint32_t first; /* of a lock of the WAL index: slots; else all */
	uint32_t count;
	bool changes;
};

struct sim_schedule {
	struct sim_schedule_rule rule;
	struct sim_pcg32 chance;
	uint32_t process_count;
	uint64_t point; /* of the next question */
	uint32_t used;  /* of a quantum */
	uint32_t priorities[SIM_SCHEDULE_PROCESSES_MAX];
	uint32_t lowest; /* priority so far */
	uint32_t changes_done;
	uint64_t change_points[SIM_SCHEDULE_CHANGES_MAX]; /* ascending */
	struct sim_schedule_step steps[SIM_SCHEDULE_PROCESSES_MAX];
	struct sim_schedule_pending pending[SIM_SCHEDULE_PROCESSES_MAX];
	/* what happened */
	struct sim_switch *switches; /* owned */
	size_t switch_count;
	size_t switch_capacity;
	bool out_of_memory; /* the recording is incomplete */
	/* SIM_STRATEGY_RECORDED */
	const struct sim_switch *recorded; /* borrowed, ascending */
	size_t recorded_count;
	size_t recorded_next;
};

/* Begins a schedule of `process_count` processes (1 to SIM_SCHEDULE_PROCESSES_MAX). Chance is the
 * stream "schedule" of the seed. `recorded` is used by SIM_STRATEGY_RECORDED only and must outlive
 * the schedule. */
void sim_schedule_init(struct sim_schedule *schedule, const struct sim_schedule_rule *rule, uint32_t process_count,
                       uint64_t seed);
void sim_schedule_replay(struct sim_schedule *schedule, const struct sim_switch *recorded, size_t count);
void sim_schedule_deinit(struct sim_schedule *schedule);

/* What `running` is about to do at a point. */
struct sim_schedule_point {
	const struct vfs_call *call; /* NULL when it sleeps or has ended */
	bool begins_step;            /* its first call of a step, of a start or of a stop */
};

/* One point. `running` is who has the turn, `can_run` has bit 1 << n for each process that could go
 * on (never 0). Returns who runs now and records it if that is a switch. */
uint32_t sim_schedule_next(struct sim_schedule *schedule, uint32_t running, uint32_t can_run,
                           struct sim_schedule_point at);

/* Draws one of the strategies for a seed (swarm); never SIM_STRATEGY_RECORDED. */
void sim_schedule_draw(struct sim_schedule_rule *rule, struct sim_pcg32 *chance);
/* Draws the numbers and the target of a rule that was named without any. */
void sim_schedule_close(struct sim_schedule_rule *rule, struct sim_pcg32 *chance);

/* "uniform percent 20", "priorities changes 3 points 1000", "round_robin quantum 4",
 * "run_to_completion", "targeted checkpoint percent 50",
 * "steps percent 50 interrupted 20 rest 64", "partial_order", "recorded". */
void sim_schedule_print(const struct sim_schedule_rule *rule, char text[SIM_SCHEDULE_TEXT_SIZE]);
/* The inverse. False with one line in `why`. */
bool sim_schedule_parse(const char *text, struct sim_schedule_rule *rule, char *why, size_t why_size);
/* As a scenario has it: a strategy may stand alone, and its numbers are drawn. */
bool sim_schedule_parse_open(const char *text, struct sim_schedule_rule *rule, char *why, size_t why_size);

#endif
