/* tests/plugin/promising.c: the ledger, which promises to show whole ledger rows and does not. */
#include "around_ledger.h"

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {SUBJECT_INTERFACE_VERSION,
	                                                  "promising",
	                                                  ledger_start,
	                                                  ledger_step,
	                                                  ledger_observe,
	                                                  ledger_stop,
	                                                  SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LEDGER};
	return &subject;
}
