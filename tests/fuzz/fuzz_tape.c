/* Arbitrary bytes as a tape of trades: refused with a line that names the file, or trades above
 * zero. */
#include "fuzz.h"
#include "scratch.h"
#include "tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct sim_tape tape;
	char why[1536] = "";
	if (!sim_tape_init(&tape, fuzz_scratch(data, size), why, sizeof why)) {
		FUZZ_DEMAND(fuzz_names_scratch(why) && tape.count == 0);
	}
	for (uint32_t i = 0; i < tape.count; i++) {
		FUZZ_DEMAND(tape.trades[i].price_ticks > 0 && tape.trades[i].quantity_lots > 0);
	}
	sim_tape_deinit(&tape);
	return 0;
}
