/* sim/sql/clients_work.h: the work on SQL with several clients, each a process of its own. */
#ifndef AFTERSHOCK_SIM_CLIENTS_WORK_H
#define AFTERSHOCK_SIM_CLIENTS_WORK_H

#include "clients.h"

extern const struct sim_work sim_clients_work;

#endif
