/* sim/cli/cli_signals.h: what interrupts a verb: Ctrl-C, SIGTERM, and a terminal that closes. */
#ifndef AFTERSHOCK_SIM_CLI_SIGNALS_H
#define AFTERSHOCK_SIM_CLI_SIGNALS_H

/* `handler` is called at each of them from now on. Under nohup a closed terminal says nothing. */
void sim_cli_on_interrupt(void (*handler)(int number));

#endif
