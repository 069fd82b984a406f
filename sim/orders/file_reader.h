/* sim/orders/file_reader.h: a reader of the database file beside the engines: what one snapshot of
 * the engine's tables shows. */
#ifndef AFTERSHOCK_SIM_FILE_READER_H
#define AFTERSHOCK_SIM_FILE_READER_H

#include "orders.h"

/* Step `look`: one snapshot, looked at as often as the step says. */
void sim_file_reader_look(struct sim_process *process, const struct sim_step *step);
/* Closes its connection, if it has one. */
void sim_file_reader_close(struct sim_process *process);

#endif
