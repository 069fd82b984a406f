/* tests/plugin/forking_crashing.c: dies of SIGABRT at its first step, and leaves a process of its
 * group behind that keeps every pipe open. */
#include "broken.h"

#include <stdlib.h>
#include <unistd.h>

static void forking_crashing_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
	if (fork() != 0) {
		abort();
	}
	alarm(300);
	for (;;) {
		pause();
	}
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {SUBJECT_INTERFACE_VERSION, "forking_crashing", broken_start,
	                                                  forking_crashing_step,     broken_observe,     broken_stop,
	                                                  SUBJECT_TAKES_UPDATES};
	return &subject;
}
