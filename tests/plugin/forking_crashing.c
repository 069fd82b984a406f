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
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "forking_crashing",
	                                                  .start = broken_start,
	                                                  .step = forking_crashing_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
