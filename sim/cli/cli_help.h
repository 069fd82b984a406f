/* sim/cli/cli_help.h: what `help` prints. */
#ifndef AFTERSHOCK_SIM_CLI_HELP_H
#define AFTERSHOCK_SIM_CLI_HELP_H

#include <stdio.h>

void sim_cli_print_help(FILE *out);

#endif
