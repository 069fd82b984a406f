/* sim/sql/clients_open.h: the connection of a client. */
#ifndef AFTERSHOCK_SIM_CLIENTS_OPEN_H
#define AFTERSHOCK_SIM_CLIENTS_OPEN_H

#include "clients.h"

/* Run SQL without parameters on its connection; an SQLite result code. */
int sim_clients_sql(const struct sim_process *process, const char *text);
int sim_clients_format(const struct sim_process *process, const char *format, ...);
/* What a step that failed with this code comes to; damage is a violation. */
enum sim_clients_result sim_clients_failed(struct sim_process *process, int code);
/* A life begins, if none is there, and a connection. */
enum sim_clients_result sim_clients_open(struct sim_process *process);
void sim_clients_close(struct sim_process *process);

#endif
