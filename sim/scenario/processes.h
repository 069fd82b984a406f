/* sim/scenario/processes.h: several simulated processes under one seed, as a scenario has them:
 * groups of processes by role (scenarios/processes.md). A seed draws how many there are of each,
 * their steps, and one schedule (sim/plan/processes_plan.h).
 */
#ifndef AFTERSHOCK_SIM_PROCESSES_H
#define AFTERSHOCK_SIM_PROCESSES_H

#include "role.h"
#include "scenario.h"
#include "schedule.h"

#define SIM_PROCESSES_MAX 8u
#define SIM_PROCESS_GROUPS_MAX 10u
#define SIM_PROCESS_LOOKS_MAX 8u

/* Some processes of one role, as a scenario has them. All times are virtual. */
struct sim_process_group {
	char name[SIM_PROCESS_GROUP_SIZE];
	enum sim_role role;
	enum subject_access access; /* how it opens the database */
	uint32_t chance_percent;    /* of the seeds that have the group at all */
	bool is_heavy;              /* counts, steps and times are drawn heavy-tailed, see
	                            * processes_plan.c */
	struct sim_range count;     /* of processes, from 1 */
	struct sim_range steps;     /* of each; not of writers, which share the transactions of the
	                            * workload */
	struct sim_range pause_ms;  /* before each step */
	struct sim_range hold_ms;   /* between two looks of a snapshot, or two parts of a backup */
	struct sim_range looks;     /* reader: in one snapshot */
	struct sim_range pages;     /* backup: at a time */
	struct sim_choices modes;   /* checkpointer: 1 + SQLITE_CHECKPOINT_*; switcher: enum
	                            * sim_journal_mode */
};

struct sim_processes_scenario {
	uint32_t group_count;
	struct sim_process_group groups[SIM_PROCESS_GROUPS_MAX];
	uint32_t schedule_count; /* 0: any strategy (sim_schedule_draw) */
	struct sim_schedule_rule schedules[SIM_CHOICES_MAX];
};

#endif
