/* sim/sql/clients_steps.h: the steps of a client. */
#ifndef AFTERSHOCK_SIM_CLIENTS_STEPS_H
#define AFTERSHOCK_SIM_CLIENTS_STEPS_H

#include "clients.h"

/* One try of a step, with a connection that is open. */
enum sim_clients_result sim_clients_do(struct sim_process *process, const struct sim_step *step);

#endif
