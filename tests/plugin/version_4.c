/* tests/plugin/version_4.c: built before there were several clients of SQL: the bits for them meant
 * nothing. */
#include "broken.h"

static void version_4_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	*reply = (struct subject_reply){.outcome = SUBJECT_LATER};
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = 4,
	                                                  .name = "version_4",
	                                                  .start = broken_start,
	                                                  .step = version_4_step,
	                                                  .observe = broken_observe,
	                                                  .stop = broken_stop,
	                                                  .takes = UINT32_MAX};
	return &subject;
}
