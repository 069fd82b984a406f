/* tests/plugin/wrong_version.c: made for another interface. */
#include "broken.h"

static void wrong_version_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION + 1,
	                                                  .name = "wrong_version",
	                                                  .start = broken_start,
	                                                  .step = wrong_version_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
