/* tests/plugin/hanging.c: never comes back from its first step. */
#include "broken.h"

static void hanging_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	volatile int forever = 1;
	(void)instance;
	(void)step;
	broken_steps++;
	/* Counting in the loop would overflow within the watchdog's second, which sanitizers end as
	 * a crash. */
	while (broken_steps >= 1 && forever) {
	}
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "hanging",
	                                                  .start = broken_start,
	                                                  .step = hanging_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
