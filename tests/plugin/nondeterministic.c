/* tests/plugin/nondeterministic.c: its answers depend on the process that gives them. */
#include "broken.h"

#include <unistd.h>

static void nondeterministic_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER, .version = (uint64_t)getpid()};
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "nondeterministic",
	                                                  .start = broken_start,
	                                                  .step = nondeterministic_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
