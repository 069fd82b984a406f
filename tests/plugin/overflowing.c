/* tests/plugin/overflowing.c: the ledger, and after five updates it writes behind the end of what
 * it has allocated. Only a sanitizer sees that. */
#include "around_ledger.h"

static void overflowing_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	const struct ledger *ledger = instance;
	volatile size_t end = 8; /* no compiler is to see it either */
	char *text = malloc(8);
	if (text != NULL && ledger->version > 5) {
		((volatile char *)text)[end] = 'x';
	}
	free(text);
	ledger_step(instance, step, reply);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "overflowing",
	                                                  .start = ledger_start,
	                                                  .step = overflowing_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
