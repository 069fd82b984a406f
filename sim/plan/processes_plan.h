/* sim/plan/processes_plan.h: which processes a seed has, what each of them does, and whose turn it is. */
#ifndef AFTERSHOCK_SIM_PROCESSES_PLAN_H
#define AFTERSHOCK_SIM_PROCESSES_PLAN_H

#include "processes.h"

struct sim_plan;

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

/* sim/plan/processes_plan.c: replaces the steps of a plan of SQL by those of its processes, and draws the schedule. */
void sim_processes_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario);
/* The process that a fault of the scenario aims at: the one of that name, or one drawn of the group of that name. */
void sim_processes_plan_aim(const struct sim_processes_plan *plan, const char *name, struct sim_pcg32 *chance,
                            char process[SIM_PROCESS_NAME_SIZE]);
/* sim/plan/engines_plan.c: the same for engines, whose steps are those of the workload. `groups`: of each process. */
void sim_engines_plan_make(struct sim_plan *plan, const struct sim_process_group *const *groups);
/* The number of a process in the plan; SIM_PROCESSES_MAX when there is none of that name. */
uint32_t sim_processes_plan_find(const struct sim_processes_plan *plan, const char *name);

#endif
