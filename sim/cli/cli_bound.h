/* sim/cli/cli_bound.h: how many crash states there are, and whether so many were asked for: before
 * any is judged. */
#ifndef AFTERSHOCK_SIM_CLI_BOUND_H
#define AFTERSHOCK_SIM_CLI_BOUND_H

#include "cli.h"
#include "must_check.h"

/* Counts the states with all subsets of up to `subsets` pending operations, and judges none. False
 * after one line on stderr. */
typedef bool (*sim_cli_bound_counter)(void *context, uint32_t subsets, uint64_t *states);

/* The exit status. Where there are more than --states-max, one line on stderr says how many, and
 * which --subsets would fit. `by_default` is what fits unless --states-max is said. */
int sim_cli_bound_check(const struct sim_cli *cli, uint32_t by_default, sim_cli_bound_counter counter,
                        void *context) SIM_MUST_CHECK;

#endif
