/* tests/plugin/owners_by_static.c: a static variable says who is the owner. No two processes share
 * one, so the former owner never hears of the next. */
#include "owners.h"

static int64_t owners_claim;

static void owners_claimed(int64_t claim) {
	owners_claim = claim;
}

static bool owners_last(const struct owners *owners, int64_t *claim) {
	(void)owners;
	*claim = owners_claim;
	return true;
}
