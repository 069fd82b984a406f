/* Arbitrary bytes as a recording: refused with a line, or records that lie within it. */
#include <string.h>

#include "fuzz.h"
#include "recording.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct sim_recording recording;
	struct sim_record record;
	uint64_t position = 0;
	uint64_t hash = 0;
	char why[SIM_RECORDING_WHY_SIZE] = "";
	if (!sim_recording_open(&recording, fuzz_scratch(data, size), why)) {
		FUZZ_DEMAND(why[0] != '\0' && strchr(why, '\n') == NULL);
		return 0;
	}
	for (uint64_t before = 0; sim_recording_next(&recording, &position, &record); before = position) {
		FUZZ_DEMAND(position > before && position <= size);
		hash = sim_recording_hash(hash, record.content, record.bytes);
	}
	sim_recording_close(&recording);
	return hash == 0 && position > size ? 1 : 0;
}
