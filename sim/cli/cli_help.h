/* sim/cli/cli_help.h: what `help` prints. */
#ifndef AFTERSHOCK_SIM_CLI_HELP_H
#define AFTERSHOCK_SIM_CLI_HELP_H

extern const char sim_cli_help[];

#endif
