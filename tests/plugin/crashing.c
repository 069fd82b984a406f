/* tests/plugin/crashing.c: dies of SIGABRT at its first step. */
#include "broken.h"

#include <stdlib.h>

static void crashing_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	if (++broken_steps == 1) {
		abort();
	}
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "crashing",
	                                                  .start = broken_start,
	                                                  .step = crashing_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
