/* sim/scenario/processes.h: several simulated processes under one seed: who they are and what each does, as a scenario says it and as a
 * plan has it. How they run is in sim/sql/processes_world.h.
 *
 * Each process is on the one database with connections of its own, and works through its own steps of the plan, in their order. A
 * scenario names groups of processes by role (scenarios/processes.md); a seed draws how many there are of each, their steps, and
 * one schedule (sim/schedule.h).
 */
#ifndef AFTERSHOCK_SIM_PROCESSES_H
#define AFTERSHOCK_SIM_PROCESSES_H

#include "scenario.h"
#include "schedule.h"

#include <stdio.h>

#define SIM_PROCESSES_MAX 8u
#define SIM_PROCESS_GROUPS_MAX 8u
#define SIM_PROCESS_LOOKS_MAX 8u

struct sim_plan;

enum sim_role {
	SIM_ROLE_NONE = 0,
	SIM_ROLE_WRITER,       /* transactions of the scenario */
	SIM_ROLE_READER,       /* snapshots: BEGIN, one or more looks, END */
	SIM_ROLE_CHECKPOINTER, /* checkpoints of the listed modes; WAL only */
	SIM_ROLE_BACKUP,       /* sqlite3_backup, some pages at a time, to another file, which is then judged */
	SIM_ROLE_VACUUM,
	SIM_ROLE_CHECKER,  /* PRAGMA integrity_check */
	SIM_ROLE_SWITCHER, /* PRAGMA journal_mode to one of the listed modes */
	SIM_ROLE_ENGINE,   /* subject engine: the subject, which is given updates; beside it only readers */
	SIM_ROLE_OPENER,   /* opens, does one transaction or look, closes; again and again */
	SIM_ROLE_COUNT
};

/* Some processes of one role, as a scenario has them. All times are virtual. */
struct sim_process_group {
	char name[SIM_PROCESS_GROUP_SIZE];
	enum sim_role role;
	struct sim_range count;    /* of processes, from 1 */
	struct sim_range steps;    /* of each; not of writers, which share the transactions of the workload */
	struct sim_range pause_ms; /* before each step */
	struct sim_range hold_ms;  /* between two looks of a snapshot, or two parts of a backup */
	struct sim_range looks;    /* reader: in one snapshot */
	struct sim_range pages;    /* backup: at a time */
	struct sim_choices modes;  /* checkpointer: 1 + SQLITE_CHECKPOINT_*; switcher: enum sim_journal_mode */
};

struct sim_processes_scenario {
	uint32_t group_count;
	struct sim_process_group groups[SIM_PROCESS_GROUPS_MAX];
	uint32_t schedule_count; /* 0: any strategy (sim_schedule_draw) */
	struct sim_schedule_rule schedules[SIM_CHOICES_MAX];
};

struct sim_process_member {
	char name[SIM_PROCESS_NAME_SIZE]; /* "writer-2": that of its group, and a number from 1 */
	enum sim_role role;
};

/* The part of a plan that is about processes. */
struct sim_processes_plan {
	uint32_t count; /* 0: one process, as subject.h has it, and nothing of what follows */
	struct sim_process_member members[SIM_PROCESSES_MAX];
	struct sim_schedule_rule schedule;
	struct sim_switch
	        *switches; /* of a recorded schedule; owned by who read the plan (sim_plan_deinit), else NULL */
	size_t switch_count;
};

/* "writer"; NULL beyond the last. */
const char *sim_role_name(enum sim_role role);
enum sim_role sim_role_named(const char *name); /* SIM_ROLE_NONE when there is no such role */
/* "passive" of 1 + SQLITE_CHECKPOINT_PASSIVE and so on; NULL for anything else. */
const char *sim_processes_checkpoint_name(uint32_t mode);

/* sim/plan/processes_plan.c: replaces the steps of a plan of SQL by those of its processes, and draws the schedule. */
void sim_processes_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);
/* The process that a fault of the scenario aims at: the one of that name, or one drawn of the group of that name. */
void sim_processes_plan_aim(const struct sim_processes_plan *plan, const char *name, struct sim_pcg32 *chance,
                            char process[SIM_PROCESS_NAME_SIZE]);
/* sim/plan/rivals_plan.c: the same for engines, whose steps are those of the workload. `groups`: of each process. */
void sim_rivals_plan_make(struct sim_plan *plan, const struct sim_process_group *const *groups);
/* The number of a process in the plan; SIM_PROCESSES_MAX when there is none of that name. */
uint32_t sim_processes_find(const struct sim_processes_plan *plan, const char *name);

#endif
