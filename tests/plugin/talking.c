/* tests/plugin/talking.c: the ledger, and it talks: more than a pipe holds, to both streams, in
 * every run; and it reads what nobody has written to it. Its runs are the ledger's. */
#include "around_ledger.h"

static void talking_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	for (int i = 0; i < 100; i++) {
		printf("stdout: a line of a program that has something to say, and does not know to whom\n");
		fprintf(stderr, "stderr: a line of a program that has something to say, and does not know to whom\n");
	}
	fflush(stdout);
	while (getchar() != EOF) {
	}
	ledger_step(instance, step, reply);
}

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {.interface_version = SUBJECT_INTERFACE_VERSION,
	                                                  .name = "talking",
	                                                  .start = ledger_start,
	                                                  .step = talking_step,
	                                                  .observe = ledger_observe,
	                                                  .stop = ledger_stop,
	                                                  .takes = SUBJECT_TAKES_UPDATES};
	return &subject;
}
