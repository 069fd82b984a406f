/* sim/ended.c: see ended.h. The table is our own: sigabbrev_np() is of glibc only, and strsignal()
 * speaks the language of the user. */
#include "ended.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

/* Those of POSIX.1-2017 that end a process. */
static const struct {
	int number;
	const char *name;
} sim_ended_signals[] = {
        {SIGABRT, "SIGABRT"}, {SIGALRM, "SIGALRM"},     {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
        {SIGHUP, "SIGHUP"},   {SIGILL, "SIGILL"},       {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"},
        {SIGPIPE, "SIGPIPE"}, {SIGQUIT, "SIGQUIT"},     {SIGSEGV, "SIGSEGV"}, {SIGSYS, "SIGSYS"},
        {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"},     {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"},
        {SIGXCPU, "SIGXCPU"}, {SIGVTALRM, "SIGVTALRM"}, {SIGXFSZ, "SIGXFSZ"},
};

static const char *sim_ended_signal(int number) {
	for (size_t i = 0; i < sizeof sim_ended_signals / sizeof sim_ended_signals[0]; i++) {
		if (sim_ended_signals[i].number == number) {
			return sim_ended_signals[i].name;
		}
	}
	return NULL;
}

const char *sim_ended_text(int status, char text[SIM_ENDED_TEXT_SIZE]) {
	const char *name = WIFSIGNALED(status) ? sim_ended_signal(WTERMSIG(status)) : NULL;
	if (name != NULL) {
		snprintf(text, SIM_ENDED_TEXT_SIZE, "%s", name);
	} else if (WIFSIGNALED(status)) {
		snprintf(text, SIM_ENDED_TEXT_SIZE, "signal %d", WTERMSIG(status));
	} else {
		snprintf(text, SIM_ENDED_TEXT_SIZE, "exit status %d", WEXITSTATUS(status));
	}
	return text;
}
