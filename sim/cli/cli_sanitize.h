/* sim/cli/cli_sanitize.h: `--sanitize`: the same program, built with sanitizers. */
#ifndef AFTERSHOCK_SIM_CLI_SANITIZE_H
#define AFTERSHOCK_SIM_CLI_SANITIZE_H

#include "must_check.h"

#include <stdbool.h>

/* Of a program that was built with sanitizers, nothing. Any other, when the arguments ask for it,
 * becomes the one in `sanitize/` beside it, with the same arguments. False after one line on stderr
 * when that is not there. */
bool sim_cli_hand_over_to_sanitized(int count, char **arguments) SIM_MUST_CHECK;

#endif
