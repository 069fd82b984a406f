#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>

#include "program.h"

static volatile sig_atomic_t program_signals_last;

static void program_signals_note(int number) {
	program_signals_last = number;
}

void program_signals_install(void) {
	/* There is no SA_RESTART, so a signal ends a write to somebody who does not read. */
	struct sigaction note = {.sa_handler = program_signals_note};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGINT, &note, NULL);
	(void)sigaction(SIGTERM, &note, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL); /* write() then fails with EFBIG */
}

int program_signals_caught(void) {
	return program_signals_last;
}

/* Signals are blocked between looking and waiting, so none is missed. */
bool program_signals_wait(int descriptor) {
	fd_set wanted;
	sigset_t held;
	sigset_t before;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	do {
		FD_ZERO(&wanted);
		FD_SET(descriptor, &wanted);
	} while (program_signals_last == 0 && pselect(descriptor + 1, &wanted, NULL, NULL, NULL, &before) < 0 &&
	         errno == EINTR);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return program_signals_last == 0;
}
