/* sim/cli/cli_doctor.h: the verb `doctor`: whether everything works here. */
#ifndef AFTERSHOCK_SIM_CLI_DOCTOR_H
#define AFTERSHOCK_SIM_CLI_DOCTOR_H

#include "cli.h"

/* The exit status. */
int sim_cli_doctor(struct sim_cli *cli);

#endif
