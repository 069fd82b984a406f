/* sim/cli/cli_verify.h: the verb `verify-certificate`: recounts the list of images of a
 * certificate, and rebuilds a part of it. */
#ifndef AFTERSHOCK_SIM_CLI_VERIFY_H
#define AFTERSHOCK_SIM_CLI_VERIFY_H

#include "cli.h"

/* The exit status. */
int sim_cli_verify_certificate(struct sim_cli *cli);

#endif
