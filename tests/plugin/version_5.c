/* tests/plugin/version_5.c: the ledger, built before a subject could show whole ledger rows and
 * say what is missing: the bits for them meant nothing. */
#include "around_ledger.h"

const struct aftershock_subject *aftershock_subject(void) {
	static const struct aftershock_subject subject = {5,
	                                                  "version_5",
	                                                  ledger_start,
	                                                  ledger_step,
	                                                  ledger_observe,
	                                                  ledger_stop,
	                                                  SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LEDGER |
	                                                          SUBJECT_TAKES_GAPS};
	return &subject;
}
