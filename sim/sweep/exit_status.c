/* sim/sweep/exit_status.c: see exit_status.h. */
#include "exit_status.h"

#include <stddef.h>

static const struct sim_exit_status_row sim_exit_status_table[] = {
        {SIM_EXIT_HELD, "everything held"},
        {SIM_EXIT_VIOLATED, "an invariant was violated"},
        {SIM_EXIT_USAGE, "the usage, a scenario or a configuration is wrong"},
        {SIM_EXIT_HARNESS, "the test bed itself failed, or results cannot be written"},
        {SIM_EXIT_NOTHING, "nothing was run"},
        {SIM_EXIT_UNDECIDED, "what was run held and proves too little: too few seeds to tell, or out of time"},
        {SIM_EXIT_INTERRUPTED, "interrupted; what was finished is reported"},
        {SIM_EXIT_HELD, NULL},
};

const struct sim_exit_status_row *sim_exit_status_rows(void) {
	return sim_exit_status_table;
}
