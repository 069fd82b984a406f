/* sim/recording/check_command.h: the command of somebody who knows what must hold in his database.
 * The databases of an image, recovered, are written to a directory of their own. */
#ifndef AFTERSHOCK_SIM_CHECK_COMMAND_H
#define AFTERSHOCK_SIM_CHECK_COMMAND_H

#include "must_check.h"
#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_CHECK_COMMAND_SAID_SIZE 200

struct sim_check_command {
	char directory[64]; /* made for the purpose; "": none yet */
	const char *command;
};

/* False with errno when there is no place for files. */
bool sim_check_command_init(struct sim_check_command *check, const char *command) SIM_MUST_CHECK;
void sim_check_command_deinit(struct sim_check_command *check);
/* Runs it: {} is replaced by the first of the paths there. *status is its exit status, 128 and more
 * for a signal; `said` is the first line that it printed. False with errno when it could not be
 * run. */
bool sim_check_command_run(struct sim_check_command *check, struct vfs_disk *disk, const char *path, int *status,
                           char said[SIM_CHECK_COMMAND_SAID_SIZE]) SIM_MUST_CHECK;

#endif
