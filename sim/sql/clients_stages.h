/* sim/sql/clients_stages.h: what the instance of a client tells while a step lasts, and how it
 * waits. */
#ifndef AFTERSHOCK_SIM_CLIENTS_STAGES_H
#define AFTERSHOCK_SIM_CLIENTS_STAGES_H

#include "clients.h"

/* Fills in the table that the instances of this process are given. */
void sim_clients_stages_init(struct sim_process *process);
/* A step begins: nothing of it was told yet. */
void sim_clients_stages_begin(struct sim_process *process, const struct sim_step *step);
/* The transaction has its answer; told once, by the instance or by its reply. */
void sim_clients_answered(struct sim_process *process, const struct subject_reply *reply);
/* What a step that failed comes to; damage is a violation. */
enum sim_clients_result sim_clients_failed(struct sim_process *process, int code, const char *reason);

#endif
