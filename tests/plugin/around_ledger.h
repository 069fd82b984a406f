/* tests/plugin/around_ledger.h: the ledger under another name, for plug-ins that do one thing
 * differently. */
#ifndef AFTERSHOCK_TESTS_AROUND_LEDGER_H
#define AFTERSHOCK_TESTS_AROUND_LEDGER_H

/* NOLINTNEXTLINE(readability-identifier-naming) */
#define aftershock_subject(nothing) ledger_subject(nothing)
#include "ledger.c"
#undef aftershock_subject

const struct aftershock_subject *aftershock_subject(void);

#endif
