/* sim/ended.h: how a process ended, in words: by the name of its signal, which is the same on every
 * machine and in every language, or by its exit status. */
#ifndef AFTERSHOCK_SIM_ENDED_H
#define AFTERSHOCK_SIM_ENDED_H

#include <sys/wait.h>

#define SIM_ENDED_TEXT_SIZE 40u

/* "SIGSEGV", "signal 40" for one without a name, or "exit status 3". `status` is of waitpid(), of a
 * process that has ended. Returns `text`. */
const char *sim_ended_text(int status, char text[SIM_ENDED_TEXT_SIZE]);

#endif
