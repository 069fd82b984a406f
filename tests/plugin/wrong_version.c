/* tests/plugin/wrong_version.c: made for another interface. */
#include "broken.h"

static void wrong_version_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {SUBJECT_INTERFACE_VERSION + 1,
	                                                  "wrong_version",
	                                                  broken_start,
	                                                  wrong_version_step,
	                                                  broken_observe,
	                                                  broken_stop,
	                                                  SUBJECT_TAKES_UPDATES};
	return &subject;
}
