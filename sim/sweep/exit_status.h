/* sim/sweep/exit_status.h: the exit statuses of the program, in one table. */
#ifndef AFTERSHOCK_SIM_EXIT_STATUS_H
#define AFTERSHOCK_SIM_EXIT_STATUS_H

enum sim_exit_status {
	SIM_EXIT_HELD = 0,
	SIM_EXIT_VIOLATED = 1,
	SIM_EXIT_USAGE = 2,
	SIM_EXIT_HARNESS = 3,
	SIM_EXIT_NOTHING = 4,
	SIM_EXIT_UNDECIDED = 5,
	SIM_EXIT_INTERRUPTED = 130,
};

struct sim_exit_status_row {
	enum sim_exit_status status;
	const char *meaning;
};

/* All of them; the last row has no meaning (NULL). */
const struct sim_exit_status_row *sim_exit_status_rows(void);

#endif
