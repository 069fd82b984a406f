/* sim/cli/cli_signals.c: see cli_signals.h. */
#include "cli_signals.h"

#include <signal.h>
#include <stddef.h>

void sim_cli_on_interrupt(void (*handler)(int number)) {
	struct sigaction action = {.sa_handler = handler};
	struct sigaction hang_up;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (sigaction(SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN) {
		sigaction(SIGHUP, &action, NULL);
	}
}
