/* sim/cli/cli_record.h: the verb record. */
#ifndef AFTERSHOCK_SIM_CLI_RECORD_H
#define AFTERSHOCK_SIM_CLI_RECORD_H

#include "cli.h"

int sim_cli_record(struct sim_cli *cli);

#endif
